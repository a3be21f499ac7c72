//! `ibmiam` manages IBM Cloud API keys of users and service IDs from the terminal.
//!
//! The layers, and which may know which; `tests/cli/layers.rs` keeps them:
//!
//! | layer | knows |
//! | --- | --- |
//! | `main` | everything: parses, makes a [`context::Context`], runs, exits |
//! | [`commands`] | all below; neither clap's builders nor reqwest |
//! | [`session`] | [`iam`], [`config`]: whose token a command uses |
//! | [`creation`] | [`iam`], [`keyfile`]: one new key from its plan to its place |
//! | [`keyfile`] | [`iam`]'s types: formats, and a file written whole |
//! | [`iam`] | the remote service: nothing of sessions, terminals or flags |
//! | [`terminal`], [`output`] | what people and programs read |
//! | [`sandbox`] | nothing of ours but [`files`]: an IAM of one's own |
//! | [`cli`] | clap: flags and help, nothing that acts |
//! | [`config`] | the only reader of the environment |
//! | [`context`] | the only reader of the clock |
//! | [`blocking`], [`error`], [`files`], [`mod@format`], [`hardening`], [`mask`], [`programs`], [`secret`], [`signals`], [`text`], [`time`] | leaves |

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
pub mod format;
pub mod hardening;
pub mod hint;
pub mod iam;
pub mod keyfile;
pub mod mask;
pub mod names;
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
