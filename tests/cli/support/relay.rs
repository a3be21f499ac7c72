//! Servers for tests: one that passes requests on and records them, and one that gives prepared responses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Listens on loopback until it is dropped, and records the first line of each request.
pub(crate) struct Fake {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Handles a request: takes its head and body, and returns the whole response.
type Answer = dyn Fn(&str, &str) -> Vec<u8> + Send + Sync;

impl Fake {
    /// Passes every request on to another server.
    pub(crate) fn relay(to: &str) -> Self {
        Self::relay_unless(to, |_| None)
    }

    /// Calls a function for each request, then passes the request on.
    pub(crate) fn relay_after(to: &str, first: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self::relay_unless(to, move |head| {
            first(head);
            None
        })
    }

    /// Passes a request on unless `own` returns a response to it.
    pub(crate) fn relay_unless(to: &str, own: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self::start_with_body(to, move |head, _| own(head))
    }

    /// Like [`Fake::relay_unless`], but `own` also gets the body.
    pub(crate) fn start_with_body(
        to: &str,
        own: impl Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let to: SocketAddr = to.trim_start_matches("http://").parse().unwrap();
        Self::start(move |head, body| own(head, body).unwrap_or_else(|| pass_on(to, head, body)))
    }

    /// Responds with the result of a function of head and body.
    pub(crate) fn start(answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let answer: Arc<Answer> = Arc::new(answer);
        let (seen, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &*answer, &seen));
            }
        });
        Self { address, requests, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first lines of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Sends a request to a server and returns the response.
pub(crate) fn send(to: &str, head: &str, body: &str) -> Vec<u8> {
    pass_on(to.trim_start_matches("http://").parse().unwrap(), head, body)
}

fn pass_on(to: SocketAddr, head: &str, body: &str) -> Vec<u8> {
    let mut upstream = TcpStream::connect(to).unwrap();
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    upstream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).unwrap();
    answer
}

/// Reads the head and body of one request; `None` if the client disconnects before the end.
pub(crate) fn read_request(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

/// Serves one request per connection; the client opens a new connection for the next request.
fn serve(mut stream: TcpStream, answer: &Answer, requests: &Mutex<Vec<String>>) {
    let Some((head, body)) = read_request(&stream) else {
        return;
    };
    requests.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
    // A write error is ignored, because in some tests the client disconnects early.
    stream.write_all(&answer(&head, &body)).ok();
    stream.shutdown(Shutdown::Both).ok();
}

/// Builds a response with a body.
pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
