//! Responses that are slow, or that end early.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use http_body::Frame;

/// The number of bytes between two pauses of a slow response.
const DROP_SIZE: usize = 64;

/// A connection that is closed on purpose before its response ends.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
pub(super) struct Cut;

/// Returns the response in small pieces, or without its second half.
pub(super) async fn slowly(answer: Response<Body>, pause: Duration, half: bool) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert("content-length", bytes.len().into());
    let sent = if half { bytes.slice(..bytes.len() / 2) } else { bytes };
    let pieces = sent.chunks(DROP_SIZE).map(|piece| sent.slice_ref(piece)).collect();
    Response::from_parts(parts, Body::new(Pieces { pieces, pause, sleep: None, cut: half, sent: false }))
}

/// A body that is sent slowly.
struct Pieces {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    /// Whether the body ends with an error.
    cut: bool,
    /// Whether the connection had a chance to flush the pieces before the error.
    sent: bool,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(sleep) = &mut self.sleep {
            std::task::ready!(sleep.as_mut().poll(context));
            self.sleep = None;
        }
        let piece = self.pieces.pop_front();
        if piece.is_none() && self.cut && !std::mem::replace(&mut self.sent, true) {
            // The connection flushes when the body is pending, but not when the body fails.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if piece.is_some() && !self.pause.is_zero() {
            self.sleep = Some(Box::pin(tokio::time::sleep(self.pause)));
        }
        Poll::Ready(match piece {
            Some(piece) => Some(Ok(Frame::data(piece))),
            None if std::mem::take(&mut self.cut) => Some(Err(Cut)),
            None => None,
        })
    }
}
