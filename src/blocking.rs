//! Work that blocks for as long as a person or another process likes.

use std::io;

/// Does it on a thread of its own, so that signals are handled meanwhile.
///
/// Not on one of the runtime's threads: the runtime's end would wait for it.
///
/// # Errors
/// Why there is no such thread.
pub async fn on_a_thread<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned());
    // Nobody listens any more if the command was interrupted.
    thread.spawn(move || drop(sender.send(work())))?;
    receiver.await.map_err(|_| io::ErrorKind::BrokenPipe.into())
}
