//! A connection whose HTTP errors have bodies: hyper responds to unreadable requests by itself, with an empty body, but
//! the service sends its error format and a transaction ID.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::HeaderMap;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::app::App;
use super::call::About;
use super::error::Refusal;

/// A connection to a client.
pub(super) struct Wire<S> {
    stream: S,
    app: Arc<App>,
    /// The unwritten bytes of a response that was completed.
    rest: Vec<u8>,
}

impl<S> Wire<S> {
    pub(super) fn new(stream: S, app: Arc<App>) -> Self {
        Self { stream, app, rest: Vec::new() }
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.rest.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_rest(context))?;
        if let Some(completed) = completed(bytes, &self.app) {
            self.rest = completed;
            // All bytes count as written; the next write or flush sends the rest.
            return match self.poll_rest(context) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ => Poll::Ready(Ok(bytes.len())),
            };
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_rest(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Adds the service's headers and body to an empty response to an unreadable request; `None` for other responses.
fn completed(bytes: &[u8], app: &App) -> Option<Vec<u8>> {
    let head = bytes.strip_prefix(b"HTTP/1.1 4")?.strip_suffix(b"\r\n\r\n")?;
    let head = std::str::from_utf8(head).ok()?;
    let own = ["\r\ntransaction-id:", "\r\ntransfer-encoding:"];
    if !head.contains("\r\ncontent-length: 0") || own.iter().any(|own| head.contains(own)) {
        return None;
    }
    let status: u16 = format!("4{}", head.get(..2)?).parse().ok()?;
    Some(answer(app, status, head.split("\r\n").find(|line| line.starts_with("date:"))))
}

/// Returns the bytes of a response to a request that was not read. The response closes the connection.
pub(super) fn answer(app: &App, status: u16, date: Option<&str>) -> Vec<u8> {
    let about = About::new("/", HeaderMap::new(), app, 0);
    let (status, headers, body) = about.refusal(app, &Refusal::of_connection(status));
    let mut text = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in &headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
    }
    let date = date.map(|date| format!("{date}\r\n")).unwrap_or_default();
    text.push_str(&format!("content-length: {}\r\nconnection: close\r\n{date}\r\n{body}", body.len()));
    text.into_bytes()
}
