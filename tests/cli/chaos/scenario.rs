//! What one trial does. The seed determines all of it, except for the requests that get faults.

use std::time::Duration;

use rustix::process::Signal;

use super::draw::Draw;

/// The destination of the key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Destination {
    Json,
    Env,
    Raw,
    TableOnStdout,
    JsonOnStdout,
}

impl Destination {
    pub(super) fn is_file(self) -> bool {
        matches!(self, Self::Json | Self::Env | Self::Raw)
    }
}

/// How a process is ended early.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) signal: Signal,
    when: When,
}

#[derive(Clone, Debug)]
enum When {
    /// This long after its start.
    After(Duration),
    /// This long after its request with this number.
    Request(u32, Duration),
}

impl Ending {
    fn draw(draw: &mut Draw) -> Option<Self> {
        let signal = match draw.below(100) {
            0..33 => Signal::KILL,
            33..38 => Signal::INT,
            38..42 => Signal::TERM,
            _ => return None,
        };
        let when = if draw.percent(50) {
            // Most processes end long before 300 ms.
            let end = if draw.percent(50) { 60 } else { 300 };
            When::After(draw.millis(end))
        } else {
            When::Request(draw.pick(&[1, 1, 2, 3]), draw.millis(15))
        };
        Some(Self { signal, when })
    }

    /// Whether the time has come, given the time since the start and since each request.
    pub(super) fn is_due(&self, since_start: Duration, since_request: impl Fn(u32) -> Option<Duration>) -> bool {
        match self.when {
            When::After(wait) => since_start >= wait,
            When::Request(number, wait) => since_request(number).is_some_and(|since| since >= wait),
        }
    }
}

/// How unreliable the network is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Weather {
    Calm,
    Light,
    Heavy,
}

impl Weather {
    /// The percentage of requests that get a fault, and the maximum number of faults per process.
    pub(super) fn faults(self) -> (u64, u32) {
        match self {
            Self::Calm => (0, 0),
            Self::Light => (40, 2),
            Self::Heavy => (65, 6),
        }
    }
}

/// Another problem for the creation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Obstacle {
    /// Another process creates the file while the key is created.
    ForeignFile,
    /// Standard output is a pipe without a reader.
    ClosedPipe,
}

/// One run of `api-key-recover`.
#[derive(Clone, Debug)]
pub(super) struct Recovery {
    /// Whether FILE is given; without it, all questions are answered with yes.
    pub(super) by_file: bool,
    pub(super) ending: Option<Ending>,
}

#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) name: String,
    pub(super) destination: Destination,
    /// The text of the file before the creation, if the file exists.
    pub(super) old: Option<String>,
    /// Whether a creation into a file prints the key without its value as JSON.
    json: bool,
    pub(super) locked: bool,
    /// `--server-generated`
    pub(super) service_made: bool,
    pub(super) weather: Weather,
    pub(super) gateway: bool,
    /// The status of the service for a value that is already in use.
    pub(super) taken_status: u16,
    pub(super) obstacle: Option<Obstacle>,
    pub(super) ending: Option<Ending>,
    pub(super) recoveries: Vec<Recovery>,
}

/// The name of the file in every trial.
pub(super) const FILE: &str = "key_file";

impl Scenario {
    pub(super) fn draw(seed: u64) -> Self {
        let draw = &mut Draw::of(seed, 0);
        let destination = match draw.below(10) {
            0..2 => Destination::Json,
            2..4 => Destination::Env,
            4..6 => Destination::Raw,
            6..8 => Destination::TableOnStdout,
            _ => Destination::JsonOnStdout,
        };
        let old = (destination.is_file() && draw.percent(25)).then(|| format!("what stood there: {seed:016x}\n"));
        let json = destination.is_file() && draw.percent(20);
        let locked = draw.percent(15);
        let service_made = draw.percent(10);
        let weather = draw.pick(&[Weather::Calm, Weather::Light, Weather::Light, Weather::Heavy]);
        let gateway = draw.percent(25);
        let taken_status = draw.pick(&[400, 409, 422]);
        let possible = if destination.is_file() { Obstacle::ForeignFile } else { Obstacle::ClosedPipe };
        let obstacle = (draw.percent(12) && old.is_none()).then_some(possible);
        // A kill is the best way to lose a value from the service, so such a trial draws an ending twice.
        let ending = Ending::draw(draw).or_else(|| if service_made { Ending::draw(draw) } else { None });
        let recoveries = (0..draw.below(4)).map(|_| Recovery {
            by_file: destination.is_file() && !(service_made && draw.percent(50)),
            ending: Ending::draw(draw),
        });
        let recoveries = recoveries.collect();
        let name = format!("chaos-{seed:016x}");
        Self {
            seed,
            name,
            destination,
            old,
            json,
            locked,
            service_made,
            weather,
            gateway,
            taken_status,
            obstacle,
            ending,
            recoveries,
        }
    }

    /// The command line of the creation.
    pub(super) fn arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["api-key-create", &self.name];
        arguments.extend(match self.destination {
            Destination::Json => &["--file", FILE][..],
            Destination::Env => &["--file", FILE, "--file-format", "env"],
            Destination::Raw => &["--file", FILE, "--file-format", "raw"],
            Destination::TableOnStdout => &[],
            Destination::JsonOnStdout => &["-o", "json"],
        });
        if self.json {
            arguments.extend(["-o", "json"]);
        }
        let flags =
            [("--overwrite", self.old.is_some()), ("--lock", self.locked), ("--server-generated", self.service_made)];
        arguments.extend(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| *flag));
        arguments
    }
}
