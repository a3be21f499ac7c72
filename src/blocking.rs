//! Work that blocks for an unlimited time, because it waits for the user or another process.

use std::io;

/// Runs blocking work on a new thread, so that signals are handled in the meantime.
///
/// It does not use a thread of the runtime, because the runtime waits for its threads when it shuts down.
///
/// # Errors
/// Why the thread could not be started, or `BrokenPipe` if the work panicked.
pub async fn on_a_thread<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned());
    // The receiver is dropped if the command was interrupted.
    thread.spawn(move || drop(sender.send(work())))?;
    receiver.await.map_err(|_| io::ErrorKind::BrokenPipe.into())
}
