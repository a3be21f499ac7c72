//! The binary, run against a sandbox over HTTP with a cleared environment.

mod support;

mod create;
mod list;
