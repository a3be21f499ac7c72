//! The line that says what is being waited for.

use std::io::Write;
use std::sync::Arc;

use super::input::fitting;
use crate::text::visible;

/// Shows a line on standard error, or clears it again. For terminals only.
pub type Show = dyn Fn(Option<&str>) + Send + Sync;

/// Standard error's own line: the command that waits has [`super::ui::Ui`] to itself meanwhile.
#[must_use]
pub fn line() -> Arc<Show> {
    Arc::new(|line| {
        let text = line.map(visible).unwrap_or_default();
        let text = fitting(&text, 1);
        let mut err = std::io::stderr();
        // A terminal that is gone has nobody to wait.
        let _ = write!(err, "\r\x1b[K{text}").and_then(|()| err.flush());
    })
}
