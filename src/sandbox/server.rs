//! Connections: accepting them, TLS, and which faults hit their requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::App;
use super::call::About;
use super::fault::Fault;
use super::log::Entry;
use super::misbehave::Gateway;
use super::neighbours;
use super::pieces::Cut;
use super::wire::{self, Wire};

/// Descriptors that are not for connections: data, log, signals, and refusals.
const RESERVED: u64 = 32;

/// Connections at once, however many descriptors there are.
const MOST: u64 = 10_000;

/// Connections that are being refused at once; more are closed without a word.
const REFUSALS: usize = 8;

/// How long the refusal of a connection may take.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

/// Answers until the task is aborted; its connections end with it, and so does what they left to be done late.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, app: Arc<App>) {
    let (late, mut late_work) = mpsc::unbounded_channel();
    let gateway = Gateway { router, app, late };
    let places = Arc::new(Semaphore::new(most_connections()));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let (tls, gateway) = (tls.clone(), gateway.clone());
                    if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                        tasks.spawn(async move {
                            serve_client(stream, tls, gateway).await;
                            drop(place);
                        });
                    } else if let Ok(place) = Arc::clone(&refusals).try_acquire_owned() {
                        tasks.spawn(async move {
                            let _ = tokio::time::timeout(REFUSAL_TIMEOUT, refuse(stream, tls, &gateway.app)).await;
                            drop(place);
                        });
                    }
                }
                // Out of file descriptors, most likely: wait for connections to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(work) = late_work.recv() => {
                tasks.spawn(work);
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// As many as there are descriptors for.
fn most_connections() -> usize {
    #[cfg(unix)]
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(MOST);
    #[cfg(not(unix))]
    let descriptors = MOST;
    usize::try_from(descriptors.saturating_sub(RESERVED).clamp(4, MOST)).unwrap_or(4)
}

async fn serve_client(stream: TcpStream, tls: Option<TlsAcceptor>, gateway: Gateway) {
    match tls {
        None => connection(stream, gateway).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(gateway.app.request_timeout(), tls.accept(stream)).await {
                connection(stream, gateway).await;
            }
        }
    }
}

/// Answers a connection too many, so that its client need not wait for nothing.
async fn refuse(stream: TcpStream, tls: Option<TlsAcceptor>, app: &App) -> std::io::Result<()> {
    let answer = wire::answer(app, 503, Some("retry-after: 1"));
    match tls {
        None => write_to_end(stream, &answer).await,
        Some(tls) => write_to_end(tls.accept(stream).await?, &answer).await,
    }
}

/// Writes an answer, and reads what the client sent: a connection that is closed with unread bytes in it is reset, and the
/// client does not see the answer.
async fn write_to_end(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> std::io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send, gateway: Gateway) {
    let wire = Wire::new(stream, Arc::clone(&gateway.app));
    let timeout = gateway.app.request_timeout();
    let service = service_fn(move |request| {
        let gateway = gateway.clone();
        async move { answer(request.map(Body::new), &gateway).await }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeout);
    // An error here is a client that went away, or a fault that cut the connection.
    let _ = http.serve_connection(TokioIo::new(wire), service).await;
}

async fn answer(request: Request<Body>, gateway: &Gateway) -> Result<Response<Body>, Cut> {
    let app = &gateway.app;
    if let Some(fault) = neighbours::refusal(&request, &app.url) {
        let mut entry = Entry::new(app, &request, &[]);
        let about = About::new(request.uri().path(), request.headers().clone(), app, 0);
        let answer = about.refuse(app, &fault);
        entry.ended(Some(&answer));
        return Ok(answer);
    }
    let faults = app.faults.iter();
    let hits: Vec<&Fault> =
        faults.filter(|fault| fault.hits(request.method().as_str(), request.uri().path())).collect();
    let mut entry = Entry::new(&gateway.app, &request, &hits);
    let answer = gateway.answer(request, &hits).await;
    entry.ended(answer.as_ref().ok());
    answer
}
