//! `ibmiam` manages IBM Cloud API keys of users and service IDs from the terminal.
//!
//! The layers, and what each of them may use. `tests/cli/layers.rs` checks this:
//!
//! | layer | knows |
//! | --- | --- |
//! | `main` | everything: parses, creates a [`context::Context`], runs, exits |
//! | [`commands`] | `ops` and all below; neither clap's builders nor reqwest |
//! | `ops` | what several commands do; no command |
//! | [`session`] | [`iam`], [`config`]: the token that a command uses |
//! | [`creation`] | [`iam`], [`keyfile`]: a new key from its plan to its destination |
//! | [`keyfile`] | [`iam`]'s types: file formats, and atomic writes |
//! | [`iam`] | the remote service: not sessions, terminals or flags |
//! | [`terminal`], [`output`] | what users and programs read |
//! | [`sandbox`] | no other layer but [`files`] and [`text`]: a built-in IAM server |
//! | [`cli`] | clap: flags and help, no actions |
//! | [`config`] | the only reader of the environment |
//! | [`context`] | the only reader of the clock |
//! | [`blocking`], [`error`], [`files`], [`finding`], [`mod@format`], [`hardening`], [`mask`], [`programs`], [`secret`], [`signals`], [`text`], [`time`] | leaves |

pub mod audit;
pub mod blocking;
pub mod cli;
pub mod commands;
pub mod complete;
pub mod config;
pub mod context;
pub mod creation;
pub mod error;
pub mod files;
pub mod finding;
pub mod format;
pub mod hardening;
pub mod hint;
pub mod iam;
pub mod keyfile;
pub mod mask;
pub mod names;
mod ops;
pub mod output;
pub mod programs;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod scan;
pub mod secret;
pub mod session;
pub mod signals;
pub mod terminal;
pub mod text;
pub mod time;
