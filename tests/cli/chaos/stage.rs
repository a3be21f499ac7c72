//! The environment of a trial: its folders, its processes, and what was seen so far.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process};
use tempfile::TempDir;

use super::relay::Relay;
use super::scenario::{Ending, FILE, Obstacle, Scenario};
use super::tally::{Report, Wrong};
use super::truth::{Key, Truth};
use crate::support::{Outcome, Process, binary};

/// The time limit of a run, whatever goes wrong.
const LONGEST: Duration = Duration::from_secs(90);

/// The relay and the service of a trial.
pub(super) struct Site<'a> {
    pub(super) relay: &'a Relay,
    pub(super) truth: &'a Truth,
}

/// One creation with its recoveries.
pub(super) struct Trial<'a> {
    pub(super) site: &'a Site<'a>,
    pub(super) scenario: Scenario,
    pub(super) folder: TempDir,
    pub(super) report: Report,
    /// Texts that the file had at some time and that belong to the user or to another process.
    pub(super) precious: Vec<String>,
    /// The number of processes so far; each process has its own random numbers.
    pub(super) processes: u64,
}

impl Trial<'_> {
    /// Runs the program; returns the outcome, and whether the process was killed.
    pub(super) fn process(
        &mut self,
        arguments: &[&str],
        endpoint: &str,
        input: &str,
        ending: Option<&Ending>,
    ) -> (Outcome, bool) {
        let mut command = Command::new(binary());
        command.env_clear().env("IBMIAM_HOME", self.home()).env("IBMCLOUD_IAM_API_ENDPOINT", endpoint);
        command.env("IBMCLOUD_IAM_TOKEN", &self.site.truth.token).current_dir(self.work());
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.processes == 0 && self.scenario.obstacle == Some(Obstacle::ClosedPipe) {
            command.stdout(crate::support::closed_pipe());
        }
        let begun = Instant::now();
        let mut process = Process::start(&mut command);
        // A program that does not read its input is not an error.
        process.child().stdin.take().unwrap().write_all(input.as_bytes()).ok();
        let is_killed = self.wait(&mut process, begun, ending);
        let outcome = process.finish();
        self.processes += 1;
        self.report.kills += u32::from(is_killed);
        let (took, end) = (begun.elapsed().as_millis(), ending.filter(|_| is_killed));
        self.tell(&format!("$ ibmiam {} (after {took} ms, ended by {end:?})\n{outcome}", arguments.join(" ")));
        (outcome, is_killed)
    }

    /// Waits until the process ends, or ends it; returns whether it ended the process.
    fn wait(&mut self, process: &mut Process, begun: Instant, ending: Option<&Ending>) -> bool {
        let mut requests = Vec::new();
        let mut is_killed = false;
        while process.child().try_wait().unwrap().is_none() {
            while requests.len() < self.site.relay.requests() as usize {
                requests.push(Instant::now());
            }
            let since = |number: u32| requests.get(number as usize - 1).map(Instant::elapsed);
            if let Some(ending) = ending.filter(|ending| !is_killed && ending.is_due(begun.elapsed(), since)) {
                // The process has not been waited for, so no other process can have its PID.
                kill_process(Pid::from_child(process.child()), ending.signal).unwrap();
                is_killed = true;
            }
            if begun.elapsed() > LONGEST {
                self.wrong(Wrong::Other, "a run that takes too long");
                process.child().kill().unwrap();
                return true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        is_killed
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.site.truth.keys(&self.scenario.name)
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(super) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(super) fn file(&self) -> PathBuf {
        self.work().join(FILE)
    }

    pub(super) fn contents(&self) -> Option<String> {
        std::fs::read_to_string(self.file()).ok()
    }

    pub(super) fn tell(&mut self, what: &str) {
        self.report.story.push_str(what);
        self.report.story.push('\n');
    }

    pub(super) fn wrong(&mut self, wrong: Wrong, what: &'static str) {
        if !self.report.wrongs.contains(&(wrong, what)) {
            self.report.wrongs.push((wrong, what));
        }
        self.tell(&format!("!! {wrong:?}: {what}"));
    }

    pub(super) fn wrong_if(&mut self, is_so: bool, wrong: Wrong, what: &'static str) {
        if is_so {
            self.wrong(wrong, what);
        }
    }
}
