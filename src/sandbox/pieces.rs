//! Answers that take their time, or break off.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use http_body::Frame;

/// Bytes between two pauses of a dripping answer.
const DROP_SIZE: usize = 64;

/// A connection that ends on purpose before its answer does.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
pub(super) struct Cut;

/// The same answer in little pieces, or with its second half missing.
pub(super) async fn slowly(answer: Response<Body>, pause: Duration, half: bool) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert("content-length", bytes.len().into());
    let sent = if half { bytes.slice(..bytes.len() / 2) } else { bytes };
    let pieces = sent.chunks(DROP_SIZE).map(|piece| sent.slice_ref(piece)).collect();
    Response::from_parts(parts, Body::new(Pieces { pieces, pause, sleep: None, cut: half, sent: false }))
}

/// A body that takes its time.
struct Pieces {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    /// Ends in an error and not in an end.
    cut: bool,
    /// What came before the cut has had its chance to leave.
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
            // The connection flushes when a body has to be waited for, and not when it fails.
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
