//! The arguments of the stand-in for `ibmcloud`, one per line.
#![no_main]

use std::ffi::OsString;

use ibmiam::cli;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let words: Vec<OsString> =
        std::iter::once("ibmcloud").chain(text.split('\n').take(12)).map(OsString::from).collect();
    for other in [true, false] {
        let _ = cli::parse(&words, || other);
    }
});
