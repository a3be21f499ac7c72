//! The binary, run against a sandbox over HTTP with a cleared environment.

mod support;

mod change;
mod create;
mod generated;
mod keyfile;
mod layers;
mod list;
mod names;
mod streams;
