//! The binary, run against a sandbox over HTTP with a cleared environment.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;
mod switch;

mod accounts;
mod api;
mod canary;
mod change;
mod chaos;
mod client;
mod completion;
mod create;
mod durability;
mod economy;
mod faults;
mod faults_in_time;
mod gateway;
mod generated;
mod hostile;
mod ibmcloud;
mod idioms;
mod interrupted;
mod keyfile;
mod keyring;
mod layers;
mod list;
mod login;
mod login_methods;
mod matrix;
mod names;
mod other_users;
mod parsers;
mod pending;
mod recover;
mod renewal;
mod responses;
mod sandbox;
mod sdk;
mod setup;
mod signals;
mod stand_in;
mod stream_bytes;
mod streams;
mod terminal;
mod tokens;
mod tree;
