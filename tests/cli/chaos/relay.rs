//! A relay between the program and the service: draws what happens to each request, and records what the service did.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::draw::Draw;
use super::fault::{Fault, Kind};
use crate::support::relay::{read_request, send};

/// How the relay treats the requests of one process.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) draw: Draw,
    /// The percentage of requests that get a fault, until `most` faults have happened.
    pub(super) chance: u64,
    pub(super) most: u32,
    /// Whether there is a gateway that repeats some requests.
    pub(super) gateway: bool,
    /// The status of the service for a value that is already in use, which its documentation leaves open.
    pub(super) taken_status: u16,
    /// The path and text of a file that appears when the first creation arrives, as if another process created it.
    pub(super) foreign_file: Option<(PathBuf, String)>,
}

/// What happened in one trial.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    /// The number of requests of this process.
    pub(super) requests: u32,
    /// What was drawn and what the service did, in order.
    pub(super) story: Vec<String>,
    pub(super) labels: Vec<&'static str>,
    /// The values of keys, which may appear only at the destination.
    pub(super) values: Vec<String>,
    /// Whether the foreign file was created.
    pub(super) foreign_file: bool,
    /// The IDs of the existing keys.
    keys: Vec<String>,
    /// The highest number of keys that existed at one time.
    pub(super) most_keys: usize,
}

#[derive(Debug)]
struct State {
    plan: Option<Plan>,
    seen: Seen,
    /// The number of connections that are being served, including those whose client has disconnected.
    open: u32,
    stopped: bool,
}

struct Shared {
    upstream: String,
    state: Mutex<State>,
    changed: Condvar,
}

/// Listens on loopback until it is dropped.
pub(super) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    pub(super) fn to(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { plan: None, seen: Seen::default(), open: 0, stopped: false };
        let shared = Shared { upstream: upstream.to_owned(), state: Mutex::new(state), changed: Condvar::new() };
        let shared = Arc::new(shared);
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let mut state = serving.state.lock().unwrap();
                if state.stopped {
                    break;
                }
                state.open += 1;
                drop(state);
                let open = Open(Arc::clone(&serving));
                std::thread::spawn(move || open.0.serve(stream));
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts a trial.
    pub(super) fn reset(&self) {
        self.shared.state.lock().unwrap().seen = Seen::default();
    }

    /// Treats requests by this plan from now on.
    pub(super) fn follow(&self, plan: Plan) {
        let mut state = self.shared.state.lock().unwrap();
        state.seen.requests = 0;
        state.plan = Some(plan);
    }

    pub(super) fn requests(&self) -> u32 {
        self.shared.state.lock().unwrap().seen.requests
    }

    pub(super) fn seen(&self) -> Seen {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// Waits until no request is on its way to the service.
    pub(super) fn settle(&self) {
        // Connections are accepted in order: when this one is answered, all connections made before it are counted.
        let mut marker = TcpStream::connect(self.address).unwrap();
        marker.write_all(format!("GET {MARKER} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
        marker.read_to_end(&mut Vec::new()).ok();
        let state = self.shared.state.lock().unwrap();
        let settled = self.shared.changed.wait_while(state, |state| state.open > 0);
        drop(settled.unwrap());
    }
}

const MARKER: &str = "/marker";

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().stopped = true;
        TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
        // Connections that are still being served end within a second or two, and leave no port and no process behind.
    }
}

/// A connection that counts as open until its thread ends, even if the thread panics.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().open -= 1;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        // A client that was stopped in the middle of its request must not block the trial.
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let Some((head, body)) = read_request(&stream) else {
            return;
        };
        if head.starts_with(&format!("GET {MARKER} ")) {
            return;
        }
        let kind = Kind::of(&head, &body);
        let (fault, [before, after]) = self.draw(kind, &head, &body);
        std::thread::sleep(before);
        let done = || {
            let answer = self.carry_out(kind, &head, &body);
            std::thread::sleep(after);
            answer
        };
        let answer = match fault {
            Fault::Pass => done(),
            Fault::CutBefore => Vec::new(),
            Fault::CutAfter => {
                done();
                Vec::new()
            }
            Fault::Half => {
                let answer = done();
                answer[..answer.len() - body_of(&answer).len() / 2 - 1].to_vec()
            }
            Fault::Garbage => with_body(&done(), "{\"garbage\": [1, 2,"),
            Fault::Slow => {
                done();
                std::thread::sleep(Duration::from_millis(1200));
                Vec::new()
            }
            Fault::Late { at_once, after } => {
                if at_once {
                    stream.shutdown(Shutdown::Both).ok();
                }
                std::thread::sleep(after);
                done();
                Vec::new()
            }
            Fault::GivenUp { reply, after } => {
                stream.write_all(&reply.to_bytes()).ok();
                stream.shutdown(Shutdown::Both).ok();
                std::thread::sleep(after);
                done();
                Vec::new()
            }
            Fault::MadeUp(reply) => reply.to_bytes(),
            Fault::Instead(reply) => {
                done();
                reply.to_bytes()
            }
            Fault::Twice => {
                done();
                done()
            }
            Fault::Altered(value) => {
                let answer = done();
                if answer.starts_with(CREATED) { with_body(&answer, &value.alter(body_of(&answer))) } else { answer }
            }
        };
        // A write error is ignored, because some faults and signals make the client disconnect early.
        stream.write_all(&answer).ok();
        stream.shutdown(Shutdown::Both).ok();
    }

    /// Draws the fault of a request, and the delays before and after the service processes it.
    fn draw(&self, kind: Kind, head: &str, body: &str) -> (Fault, [Duration; 2]) {
        let mut state = self.state.lock().unwrap();
        let State { plan: Some(plan), seen, .. } = &mut *state else {
            return (Fault::Pass, [Duration::ZERO; 2]);
        };
        // The delays are long enough to kill a process while it waits.
        let waits = [plan.draw.millis(6), plan.draw.millis(12)];
        if let Some(value) = value_in(body) {
            seen.values.push(value);
        }
        if let (Kind::Creation { .. }, Some((path, text))) =
            (kind, plan.foreign_file.take_if(|(path, _)| !path.exists()))
        {
            std::fs::write(path, text).unwrap();
            seen.foreign_file = true;
        }
        let fault = if kind == Kind::Other {
            Fault::Pass
        } else if plan.most > 0 && plan.draw.percent(plan.chance) {
            plan.most -= 1;
            Fault::draw(&mut plan.draw, kind)
        } else if plan.gateway && kind != (Kind::Creation { with_value: false }) && plan.draw.percent(50) {
            // A creation with a value from the service is excluded: its repetition creates two keys, and no client can
            // prevent it.
            Fault::Twice
        } else {
            Fault::Pass
        };
        seen.requests += 1;
        seen.labels.push(fault.label());
        seen.story.push(format!("{}: {fault:?}", head.lines().next().unwrap_or_default()));
        (fault, waits)
    }

    /// Passes a request on, and records what the service did.
    fn carry_out(&self, kind: Kind, head: &str, body: &str) -> Vec<u8> {
        let mut answer = send(&self.upstream, head, body);
        let mut state = self.state.lock().unwrap();
        if let (Kind::Creation { .. }, Some(plan), true) = (kind, &state.plan, answer.starts_with(b"HTTP/1.1 400")) {
            answer = with_taken_status(&answer, plan.taken_status);
        }
        let seen = &mut state.seen;
        let path = head.split(' ').nth(1).unwrap_or_default();
        if matches!(kind, Kind::Creation { .. }) && answer.starts_with(CREATED) {
            let key: serde_json::Value = serde_json::from_str(body_of(&answer)).unwrap();
            seen.values.extend(value_in(body_of(&answer)));
            seen.keys.push(key["id"].as_str().unwrap().to_owned());
            seen.most_keys = seen.most_keys.max(seen.keys.len());
        } else if head.starts_with("DELETE ") && answer.starts_with(b"HTTP/1.1 204") {
            seen.keys.retain(|id| path != format!("/v1/apikeys/{id}"));
        }
        let status = String::from_utf8_lossy(answer.get(9..12).unwrap_or_default()).into_owned();
        seen.story.push(format!("    the service: {status} to {}", head.lines().next().unwrap_or_default()));
        answer
    }
}

const CREATED: &[u8] = b"HTTP/1.1 201";

fn value_in(body: &str) -> Option<String> {
    let fields: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(fields.get("apikey")?.as_str()?.to_owned())
}

fn body_of(answer: &[u8]) -> &str {
    let text = std::str::from_utf8(answer).unwrap();
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Changes the status of a response that says that the value is already in use.
fn with_taken_status(answer: &[u8], status: u16) -> Vec<u8> {
    let text = std::str::from_utf8(answer).unwrap();
    if !text.contains("'apikey' is not unique") {
        return answer.to_vec();
    }
    let text = text.replacen("HTTP/1.1 400", &format!("HTTP/1.1 {status}"), 1);
    text.replacen("\"status_code\":400", &format!("\"status_code\":{status}"), 1).into_bytes()
}

/// The same response with another body.
fn with_body(answer: &[u8], body: &str) -> Vec<u8> {
    let status = String::from_utf8_lossy(answer.get(9..12).unwrap_or(b"200")).into_owned();
    crate::support::relay::answer(status.parse().unwrap(), "application/json", body)
}
