//! The line that shows what a command waits for.

use std::io::Write;
use std::sync::Arc;

use super::input::fitting;
use crate::text::visible;

/// Shows a line on standard error; `None` clears it. Only for terminals.
pub type Show = dyn Fn(Option<&str>) + Send + Sync;

/// Writes the line directly to standard error, because the waiting command holds [`super::ui::Ui`].
#[must_use]
pub fn line() -> Arc<Show> {
    Arc::new(|line| {
        let text = line.map(visible).unwrap_or_default();
        let text = fitting(&text, 1);
        let mut err = std::io::stderr();
        // An error is ignored, because a closed terminal has no reader.
        let _ = write!(err, "\r\x1b[K{text}").and_then(|()| err.flush());
    })
}
