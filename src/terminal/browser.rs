//! Opens pages in the user's browser.

use std::io;

use crate::programs;

/// Opens a page in the user's browser, and does not wait for it.
///
/// # Errors
/// Why the last program that could open the page did not start.
pub fn open_page(url: &str) -> io::Result<()> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for mut command in open::commands(url) {
        programs::without_secrets(&mut command);
        let silent = std::process::Stdio::null;
        match command.stdin(silent()).stdout(silent()).stderr(silent()).spawn() {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}
