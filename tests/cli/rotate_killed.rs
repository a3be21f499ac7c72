//! `api-key-rotate` killed at each relevant system call, and run again: at every moment, some key works and there are
//! at most two, and the second run has the same result as a single run.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;

use crate::support::curl::ask;
use crate::support::killed::survived;
use crate::support::{Server, World};

/// All system calls of a rotation that use the disk, the network or other programs.
const STEPS: [&str; 14] = [
    "openat", "write", "writev", "sendto", "recvfrom", "connect", "fsync", "renameat", "rename", "unlink", "flock",
    "fchmod", "clone3", "wait4",
];

/// A consumer of the key: repeatedly reads the key where it is stored, and logs in. If a rotation is killed while it is
/// unknown whether the program has stored the value, the next run replaces the new key: then the stored value fails,
/// but the old key still works.
struct Consumer {
    stop: Arc<AtomicBool>,
    logins: Arc<AtomicU32>,
    fallbacks: Arc<AtomicU32>,
    thread: Option<JoinHandle<()>>,
}

impl Consumer {
    fn start(url: &str, file: PathBuf, old_still_works: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (logins, fallbacks) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (stopped, counted, url) = (Arc::clone(&stop), Arc::clone(&logins), format!("{url}/identity/token"));
        let fell_back = Arc::clone(&fallbacks);
        let old = fs::read_to_string(&file).unwrap();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                let value = fs::read_to_string(&file).unwrap();
                let log_in = |value: &str| {
                    let form = format!("apikey={}", value.trim());
                    let grant = "grant_type=urn:ibm:params:oauth:grant-type:apikey";
                    ask(&["--data-urlencode", grant, "--data-urlencode", &form, &url]).status
                };
                // A value that was replaced after the read may no longer work.
                let works = log_in(&value) == 200;
                if !works && fs::read_to_string(&file).unwrap() == value {
                    assert!(old_still_works && log_in(&old) == 200, "no key works");
                    fell_back.fetch_add(1, Ordering::SeqCst);
                }
                counted.fetch_add(u32::from(works), Ordering::SeqCst);
            }
        });
        Self { stop, logins, fallbacks, thread: Some(thread) }
    }

    /// The number of logins with the stored key, and with the old key instead.
    fn end(mut self) -> (u32, u32) {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap();
        (self.logins.load(Ordering::SeqCst), self.fallbacks.load(Ordering::SeqCst))
    }
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "what the kills led to is worth knowing")]
fn a_rotation_killed_at_any_step_is_finished_by_the_next_run() {
    let (mut killed, mut logins, mut fallbacks) = (0, 0, 0);
    let mut left = BTreeMap::<String, u32>::new();
    let store = ["--", "sh", "-c", "cat > store.new && mv store.new store"];
    let modes: [(&str, &[&str], &str); 3] = [
        ("file, old key deleted", &["--file", "store", "--file-format", "raw", "--delete-old", "--force"], "store"),
        ("file, old key expires", &["--file", "store", "--file-format", "raw"], "store"),
        ("program, old key expires", &store, "store"),
    ];
    for (mode, options, file) in modes {
        for call in STEPS {
            for number in 1.. {
                // The sandbox's first key, the old key and the new key: one more key would be rejected.
                let world = World::at(Server::set_up("limits.keys_per_identity = 3"));
                let made = world.run(&["api-key-create", "ci", "--file", file, "--file-format", "raw"]);
                assert_eq!(made.status, 0, "{made}");
                let consumer = Consumer::start(&world.server.url, world.path(file), mode.contains("program"));
                let rotate = [&["api-key-rotate", "ci"], options].concat();
                let mut command = world.command(&rotate);
                command.env("PATH", "/usr/bin:/bin");
                if survived(&command, "", call, number) {
                    consumer.end();
                    break;
                }
                killed += 1;
                let names = world.names();
                let state = format!("{mode}: {} keys, {} in the log", names.len(), world.logged());
                *left.entry(state).or_default() += 1;
                assert!((1..=2).contains(&names.len()), "{mode} {call} {number}: {names:?}");
                let is_done = world.logged() == 0
                    && (names.iter().any(|name| name.contains("rotated"))
                        || mode.contains("deleted") && names.len() == 1);
                if !is_done || mode.contains("deleted") {
                    let mut again = world.command(&rotate);
                    let again = crate::support::finish(again.env("PATH", "/usr/bin:/bin").spawn().unwrap());
                    assert_eq!(again.status, 0, "{mode} {call} {number}, left {names:?}: {again}");
                }
                let (with_kept, with_old) = consumer.end();
                (logins, fallbacks) = (logins + with_kept, fallbacks + with_old);
                let mut names = world.names();
                names.sort();
                let expected = if mode.contains("deleted") { 1 } else { 2 };
                assert_eq!((names.len(), names[0].as_str()), (expected, "ci"), "{mode} {call} {number}: {names:?}");
                // A request that was perhaps sent stays in the log for a while if no value shows whether it arrived.
                let remembered = usize::from(mode.contains("program"));
                assert!(world.logged() <= remembered, "{mode} {call} {number}");
                let listed = world.run(&["api-key-list"]);
                assert!(!listed.stderr.contains("interrupted"), "{mode} {call} {number}: {listed}");
                let hidden = fs::read_dir(world.path("")).unwrap().filter_map(Result::ok);
                let hidden: Vec<_> = hidden.map(|entry| entry.file_name()).filter(|name| name != file).collect();
                assert!(hidden.iter().all(|name| name == "store.new"), "{mode} {call} {number}: {hidden:?}");
            }
        }
    }
    println!("{killed} rotations killed, {logins} logins meanwhile, {fallbacks} more with the old key alone");
    for (state, count) in left {
        println!("{count:4} left: {state}");
    }
    assert!(killed > 100, "{killed}");
}
