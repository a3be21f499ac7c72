//! Connections: accepting them, TLS, and which faults hit their requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::App;
use super::call::About;
use super::fault::Fault;
use super::log::Entry;
use super::misbehave::Gateway;
use super::neighbours;
use super::pieces::Cut;

/// Answers until the task is aborted; its connections end with it, and so does what they left to be done late.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router, app: Arc<App>) {
    let (late, mut late_work) = mpsc::unbounded_channel();
    let gateway = Gateway { router, app, late };
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let (tls, gateway) = (tls.clone(), gateway.clone());
                    tasks.spawn(async move {
                        match tls {
                            None => connection(stream, gateway).await,
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    connection(stream, gateway).await;
                                }
                            }
                        }
                    });
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

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send, gateway: Gateway) {
    let service = service_fn(move |request| {
        let gateway = gateway.clone();
        async move { answer(request.map(Body::new), &gateway).await }
    });
    // An error here is a client that went away, or a fault that cut the connection.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
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
