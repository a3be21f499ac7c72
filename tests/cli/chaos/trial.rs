//! One creation and its recoveries, and the checks of the result.

use std::path::PathBuf;

use tempfile::TempDir;

use super::draw::Draw;
use super::judge::says_that_there_is_none;
use super::relay::Plan;
use super::scenario::{Ending, FILE, Obstacle, Scenario, Weather};
use super::stage::{Site, Trial};
use super::tally::{Report, Wrong};
use super::truth::Key;
use crate::support::Outcome;

const NO: &str = "n\nn\nn\nn\n";
const YES: &str = "y\ny\ny\ny\n";

/// Runs and judges the trial of a seed.
pub(super) fn run(seed: u64, site: &Site<'_>) -> Report {
    let scenario = Scenario::draw(seed);
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("work")).unwrap();
    site.relay.reset();
    let report = Report { seed, story: format!("{scenario:?}\n"), ..Report::default() };
    let mut trial = Trial { site, folder, report, precious: Vec::new(), processes: 0, scenario };
    trial.go();
    for key in trial.keys() {
        site.truth.remove(&key);
    }
    let seen = site.relay.seen();
    trial.report.requests = seen.labels.len();
    trial.report.faults = seen.labels.into_iter().filter(|label| *label != "none").collect();
    trial.report
}

impl Trial<'_> {
    fn go(&mut self) {
        let scenario = self.scenario.clone();
        if let Some(old) = &scenario.old {
            std::fs::write(self.file(), old).unwrap();
            self.precious.push(old.clone());
        }
        let created = self.create();
        let is_delivered = created.status == 0;
        if is_delivered {
            self.judge_delivery(&created);
        }
        let is_refused = created.status > 0 && says_that_there_is_none(&created.stderr);
        if is_refused {
            self.site.relay.settle();
            self.wrong_if(!self.keys().is_empty(), Wrong::Words, "said that there is no key, and there is one");
        } else {
            for recovery in &scenario.recoveries {
                self.recover(recovery.by_file, recovery.ending.as_ref());
            }
        }
        self.site.relay.settle();
        let seen = self.site.relay.seen();
        self.tell(&format!("all through the relay:\n{}", seen.story.join("\n")));
        self.wrong_if(seen.most_keys > 1, Wrong::SecondKey, "two keys at a time");
        self.judge_what_was_there();
        self.heal(&created);
        self.judge_end(&created);
    }

    fn create(&mut self) -> Outcome {
        let scenario = self.scenario.clone();
        let foreign = (scenario.obstacle == Some(Obstacle::ForeignFile))
            .then(|| (self.file(), format!("somebody else's: {:016x}\n", scenario.seed)));
        let mut arguments = scenario.arguments();
        // Without faults nothing may fail, even if this machine is busy, so the timeout is long.
        arguments.extend(["--timeout", if scenario.weather == Weather::Calm { "30" } else { "1" }]);
        let plan = self.plan(foreign.clone());
        let created = self.through_relay(&arguments, "", plan, scenario.ending.as_ref());
        if self.site.relay.seen().foreign_file {
            self.precious.extend(foreign.map(|(_, text)| text));
        }
        let calm = scenario.weather == Weather::Calm && !scenario.gateway;
        let calm = calm && scenario.obstacle.is_none() && scenario.ending.is_none();
        self.wrong_if(calm && created.status != 0, Wrong::Other, "failed though nothing went wrong");
        created
    }

    fn recover(&mut self, by_file: bool, ending: Option<&Ending>) {
        self.report.recoveries += 1;
        let file = if by_file { &[FILE][..] } else { &[] };
        let arguments = [&["api-key-recover"], file, &["--timeout", "1"]].concat();
        let plan = self.plan(None);
        self.through_relay(&arguments, if by_file { "" } else { YES }, plan, ending);
    }

    /// Removes the foreign file, and recovers without faults until nothing is pending.
    fn heal(&mut self, created: &Outcome) {
        if self.contents().is_some_and(|text| text.starts_with("somebody else's")) {
            std::fs::remove_file(self.file()).unwrap();
            self.precious.clear();
        }
        if self.scenario.destination.is_file() {
            let settled = (0..4).any(|_| self.directly(&["api-key-recover", FILE], "").status == 0);
            // If the service generated the value and the value is lost, recovery can only report the key.
            self.wrong_if(!settled && !self.scenario.service_made, Wrong::Other, "recovery comes to no end");
        }
        let keys = self.keys();
        if created.status == 0 {
            self.directly(&["api-key-recover"], YES);
            self.wrong_if(self.keys().is_empty(), Wrong::KeyLost, "a key that was delivered is no longer there");
        } else if let [key] = &keys[..]
            && !self.is_in_hand(key, created)
        {
            self.heal_orphan(key);
        }
        self.wrong_if(keys.len() > 1, Wrong::SecondKey, "two keys in the end");
    }

    /// Checks that recovery offers to delete a key whose value is lost, unless the key should have its file.
    fn heal_orphan(&mut self, key: &Key) {
        let shown = self.directly(&["api-key-recover"], NO);
        let shows_it = shown.stdout.contains(&key.id) || shown.stderr.contains(&key.id);
        if self.scenario.destination.is_file() && !self.scenario.service_made {
            self.wrong(Wrong::KeyLost, "a key without its file");
        } else if !shows_it {
            self.wrong(Wrong::KeyLost, "a key that nobody has the value of is not offered");
        } else if !key.locked {
            self.directly(&["api-key-recover"], YES);
            self.wrong_if(!self.keys().is_empty(), Wrong::Other, "an orphan is not deleted on yes");
        }
    }

    fn plan(&self, foreign_file: Option<(PathBuf, String)>) -> Plan {
        let (chance, most) = self.scenario.weather.faults();
        let draw = Draw::of(self.scenario.seed, self.processes + 1);
        let Scenario { gateway, taken_status, .. } = self.scenario;
        Plan { draw, chance, most, gateway, taken_status, foreign_file }
    }

    fn through_relay(&mut self, arguments: &[&str], input: &str, plan: Plan, ending: Option<&Ending>) -> Outcome {
        self.site.relay.follow(plan);
        let (outcome, is_killed) = self.process(arguments, &self.site.relay.url(), input, ending);
        self.judge_process(&outcome, is_killed);
        outcome
    }

    /// Runs a command that talks to the service directly, without faults.
    fn directly(&mut self, arguments: &[&str], input: &str) -> Outcome {
        let url = self.site.truth.url.clone();
        let arguments = [arguments, &["--endpoint", &url]].concat();
        let (outcome, is_killed) = self.process(&arguments, &url, input, None);
        self.judge_process(&outcome, is_killed);
        outcome
    }
}
