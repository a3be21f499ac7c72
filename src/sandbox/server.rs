//! Accepts connections, performs TLS handshakes, and selects the faults for each request.

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

use super::app::App;
use super::call::About;
use super::fault::Fault;
use super::host_check;
use super::log::Entry;
use super::misbehave::Gateway;
use super::pieces::Cut;
use super::wire::{self, Wire};

/// File descriptors that are reserved for other uses than connections: data, log, signals, and rejected connections.
const RESERVED: u64 = 32;

/// The maximum number of connections at the same time, even if more file descriptors are available.
const MOST: u64 = 10_000;

/// The maximum number of connections that get an error response at the same time; others are closed without a response.
const REFUSALS: usize = 8;

/// The time limit for rejecting a connection.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves requests until the task is aborted, which also ends its connections and the late work of their requests.
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
                // Most likely, no file descriptors are left: wait until connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(work) = late_work.recv() => {
                tasks.spawn(work);
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// Returns the maximum number of connections, according to the limit on file descriptors.
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

/// Rejects a connection that exceeds the limit with a response, so that its client does not have to wait for a timeout.
async fn refuse(stream: TcpStream, tls: Option<TlsAcceptor>, app: &App) -> std::io::Result<()> {
    let answer = wire::answer(app, 503, Some("retry-after: 1"));
    match tls {
        None => write_to_end(stream, &answer).await,
        Some(tls) => write_to_end(tls.accept(stream).await?, &answer).await,
    }
}

/// Writes a response, and reads the rest of the request: if a connection is closed while it has unread bytes, the
/// system resets it, and the client does not see the response.
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
    // An error here means that the client disconnected, or that a fault cut the connection.
    let _ = http.serve_connection(TokioIo::new(wire), service).await;
}

async fn answer(request: Request<Body>, gateway: &Gateway) -> Result<Response<Body>, Cut> {
    let app = &gateway.app;
    if let Some(fault) = host_check::refusal(&request, &app.url) {
        let mut entry = Entry::new(app.log.as_ref(), &request, &[]);
        let about = About::new(request.uri().path(), request.headers().clone(), app, 0);
        let answer = about.refuse(app, &fault);
        entry.ended(Some(&answer));
        return Ok(answer);
    }
    let faults = app.faults.iter();
    let hits: Vec<&Fault> =
        faults.filter(|fault| fault.hits(request.method().as_str(), request.uri().path())).collect();
    let mut entry = Entry::new(app.log.as_ref(), &request, &hits);
    let answer = gateway.answer(request, &hits).await;
    entry.ended(answer.as_ref().ok());
    answer
}
