//! Many creations and recoveries on an unreliable network, killed at any moment, against one service: in the end, the
//! messages, the disk and the service agree.
//!
//! `IBMIAM_CHAOS_SECONDS=600 cargo test --test cli -- --ignored --nocapture chaos` runs for ten minutes. A failure
//! shows the seed of its trial: with `IBMIAM_CHAOS_RUN=SEED` only that trial runs, again and again until it fails or
//! the time is over, because the seed does not determine the moment of a kill to the microsecond. `IBMIAM_CHAOS_SEED`
//! is the seed of all trials together, `IBMIAM_CHAOS_SHOW` the number of failures that are shown.

mod draw;
mod fault;
mod judge;
mod relay;
mod scenario;
mod stage;
mod tally;
mod trial;
mod truth;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::Server;
use draw::Draw;
use relay::Relay;
use stage::Site;
use tally::Tally;
use truth::Truth;

const WORKERS: u64 = 4;

/// Ten minutes; a token is valid for an hour.
const TOKEN_AGE: Duration = Duration::from_secs(600);

/// Every `cargo test` runs the trials of these seeds: few, but with every destination, obstacle and kind of fault.
const SEEDS: [u64; 40] = [
    20, 38, 63, 71, 74, 129, 135, 144, 167, 194, 203, 209, 211, 214, 220, 234, 241, 248, 263, 292, 299, 319, 324, 354,
    364, 370, 379, 391, 393, 423, 428, 433, 434, 439, 462, 469, 478, 481, 484, 488,
];

#[test]
#[ignore = "takes a minute; .ci/run has it and runs this"]
#[expect(clippy::print_stdout, reason = "what was tried is worth knowing")]
fn no_key_is_lost_or_made_twice_whatever_the_network_does() {
    let number = |name: &str, base| read_variable(name).map(|text| u64::from_str_radix(&text, base).unwrap());
    let seconds = number("IBMIAM_CHAOS_SECONDS", 10).unwrap_or(60);
    let clock = || ibmiam::context::system_clock().as_millisecond().unsigned_abs();
    let seed = number("IBMIAM_CHAOS_SEED", 16).unwrap_or_else(clock);
    println!("IBMIAM_CHAOS_SEED={seed:x}");
    let end = Instant::now() + Duration::from_secs(seconds);
    let failed = AtomicBool::new(false);
    let only = number("IBMIAM_CHAOS_RUN", 16);
    let next = |worker, turn| match only {
        _ if Instant::now() >= end => None,
        // One at a time, because all runs of the trial use the same key name.
        Some(_) if worker > 0 || failed.load(Ordering::SeqCst) => None,
        Some(only) => Some(only),
        None => Some(Draw::of(seed, worker << 32 | turn).number()),
    };
    let tally = trials(next, &failed);
    println!("chaos: {tally}");
    let shown = number("IBMIAM_CHAOS_SHOW", 10).unwrap_or(10);
    let failures = tally.failures(usize::try_from(shown).unwrap());
    assert!(tally.failures.is_empty(), "{} trials failed; the first of them:\n{failures}", tally.failures.len());
}

#[test]
fn a_few_trials_of_chaos_go_well() {
    let next = AtomicUsize::new(0);
    let tally = trials(|_, _| SEEDS.get(next.fetch_add(1, Ordering::SeqCst)).copied(), &AtomicBool::new(false));
    assert!(tally.failures.is_empty(), "{tally}{}", tally.failures(10));
}

/// Runs the trials of the seeds that `next` returns for each worker and turn, until it returns none.
fn trials(next: impl Fn(u64, u64) -> Option<u64> + Sync, failed: &AtomicBool) -> Tally {
    let server = Server::set_up("limits.keys_per_identity = 100000");
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (server, tally, next) = (&server, &tally, &next);
            scope.spawn(move || {
                let relay = Relay::to(&server.url);
                let mut truth = Truth::log_in(&server.url, &server.key);
                let mut logged_in = Instant::now();
                for turn in 0.. {
                    let Some(run) = next(worker, turn) else { break };
                    if logged_in.elapsed() > TOKEN_AGE {
                        (truth, logged_in) = (Truth::log_in(&server.url, &server.key), Instant::now());
                    }
                    let report = trial::run(run, &Site { relay: &relay, truth: &truth });
                    if !report.wrongs.is_empty() {
                        failed.store(true, Ordering::SeqCst);
                    }
                    tally.lock().unwrap().add(report);
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

/// An environment variable that configures the trials.
#[expect(clippy::disallowed_methods, reason = "tests have no settings of their own")]
fn read_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
