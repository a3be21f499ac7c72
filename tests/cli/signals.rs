//! Signals that end a command: the messages, the exit status, and what is left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;

use expectrl::Expect;

use crate::support::relay::Fake;
use crate::support::{Process, Server, World, wait_until};
use crate::terminal::{end, start};

/// Each signal that ends a command, and the resulting exit status.
const ENDS: [(&str, i32); 4] = [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)];

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("/bin/kill").args([format!("-{signal}").as_str(), pid]).status().unwrap().success());
}

/// The files below a folder whose names are those of temporary files.
fn temporary(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(temporary(&path));
        }
        if path.file_name().unwrap().to_string_lossy().starts_with(".tmp") {
            found.push(path);
        }
    }
    found
}

/// Asserts that the work folder is empty and that the home contains no temporary file.
#[track_caller]
fn assert_nothing_is_left(world: &World) {
    assert_eq!(fs::read_dir(world.path("")).unwrap().count(), 0);
    assert_eq!(temporary(&world.home()), Vec::<PathBuf>::new());
}

fn make_pipe(world: &World, name: &str) -> PathBuf {
    let path = world.path(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[test]
fn a_signal_while_a_question_is_open_changes_nothing() {
    let world = World::new();
    let id = world.key("k");
    for (signal, status) in ENDS {
        let mut session = start(&world.command(&["api-key-delete", "k"]));
        session.expect("? [y/N]> ").unwrap();
        kill(signal, &session.get_process().pid().to_string());
        let (screen, found) = end(session);
        assert_eq!(found, status, "{screen}");
        assert!(screen.contains("Cancelled; nothing was changed.") && !screen.contains("FAILED"), "{screen}");
        assert!(world.look(&id).is_some());
    }
    assert_nothing_is_left(&world);
}

#[test]
fn a_signal_while_a_secret_is_typed_gives_the_terminal_its_echo_back() {
    let world = World::new();
    for (signal, status) in ENDS {
        // The shell still runs after the program has ended, and prints the state of the terminal.
        let script = "/bin/sh -c 'echo pid=$$=; exec \"$@\"' sh \"$@\"; echo status $?; stty -a";
        let login = world.bare_command(&["login"]);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh"]).arg(login.get_program()).args(login.get_args());
        command.env("IBMIAM_HOME", world.home()).current_dir(world.path(""));
        let mut session = start(&command);
        let found = session.expect(expectrl::Regex("pid=([0-9]+)=")).unwrap();
        let pid = String::from_utf8(found.get(1).unwrap().to_vec()).unwrap();
        session.expect("API key: ").unwrap();
        wait_until(|| !session.get_process().get_echo().unwrap());
        kill(signal, &pid);
        let (screen, _) = end(session);
        assert!(screen.contains(&format!("status {status}")), "{screen}");
        assert!(screen.contains("Cancelled; nothing was changed."), "{screen}");
        assert!(screen.contains(" echo ") && screen.contains(" icanon "), "{screen}");
    }
    assert_nothing_is_left(&world);
}

#[test]
fn a_signal_in_the_middle_of_a_change_says_that_it_may_have_been_made() {
    for (signal, status) in ENDS {
        let world = World::at(Server::faulty(&["PUT /v1/apikeys/* delay-after=60s"]));
        let id = world.key("k");
        let mut command = world.command(&["api-key-update", "k", "-d", "new"]);
        let mut process = Process::start(command.env("TMPDIR", world.path("")));
        wait_until(|| world.look(&id).unwrap()["description"] == "new");
        process.signal(signal);
        let interrupted = process.finish();
        assert_eq!(interrupted.status, status, "{interrupted}");
        let expected = format!(
            "Interrupted. The request to update API key k ({id}) may have completed.\n\
             To check the key, run: ibmiam api-key-show {id}\n"
        );
        assert!(interrupted.stderr.ends_with(&expected), "{interrupted}");
        assert_nothing_is_left(&world);
    }
}

#[test]
fn a_signal_in_the_middle_of_a_batch_names_the_key_in_progress_and_those_not_reached() {
    for (signal, status) in ENDS {
        for format in ["table", "json"] {
            let world = World::at(Server::faulty(&["DELETE /v1/apikeys/* nth=2 delay-after=60s"]));
            let (a, b, c) = (world.key("a"), world.key("b\x1b[2J"), world.key("c"));
            let mut command = world.command(&["api-key-delete", "--force", "-o", format, &a, &b, &c]);
            let mut process = Process::start(command.env("TMPDIR", world.path("")));
            wait_until(|| world.look(&b).is_none());
            process.signal(signal);
            let interrupted = process.finish();
            assert_eq!(interrupted.status, status, "{interrupted}");
            let message = format!(
                "Interrupted. The request to delete API key b\\x1b[2J ({b}) may have completed.\n\
                 Not processed: c ({c})."
            );
            let hint = format!("To check the key, run: ibmiam api-key-show {b}");
            if format == "json" {
                let error = interrupted.error();
                let word = if signal == "INT" { "cancelled" } else { "interrupted" };
                assert_eq!((&error["kind"], &error["message"]), (&word.into(), &message.into()));
                assert_eq!(error["hint"], hint);
            } else {
                assert!(interrupted.stderr.ends_with(&format!("{message}\n{hint}\n")), "{interrupted}");
                assert!(interrupted.stderr.contains("OK\nAPI key a was deleted\nDeleting API key b"), "{interrupted}");
            }
            assert_eq!((world.look(&a), world.names()), (None, vec!["c".to_owned()]));
            assert_nothing_is_left(&world);
        }
    }
}

#[test]
fn a_signal_after_a_refusal_that_is_not_checked_yet_does_not_take_it_at_its_word() {
    let (arrived, waiting) = channel();
    let arrived = Mutex::new(arrived);
    let refused = Mutex::new(false);
    let world = World::new();
    let (id, other) = (world.key("k"), world.key("other"));
    // Another system rejects the change, and the service does not respond when the program checks the key.
    let fake = Fake::relay_unless(&world.server.url, move |head| {
        let mut refused = refused.lock().unwrap();
        if head.starts_with("POST /v1/apikeys/") {
            *refused = true;
            return Some(crate::support::relay::answer(409, "application/json", "{}"));
        }
        if *refused {
            arrived.lock().unwrap().send(()).unwrap();
            loop {
                std::thread::park();
            }
        }
        None
    });
    let mut command = world.command(&["api-key-lock", "--force", "k", "other"]);
    let mut process = Process::start(command.env("IBMCLOUD_IAM_API_ENDPOINT", fake.url()));
    waiting.recv().unwrap();
    process.signal("TERM");
    let interrupted = process.finish();
    assert_eq!(interrupted.status, 143, "{interrupted}");
    let expected = format!(
        "Interrupted. The request to lock API key k ({id}) may have completed.\nNot processed: other ({other}).\n\
         To check the key, run: ibmiam api-key-show {id}\n"
    );
    assert!(interrupted.stderr.ends_with(&expected), "{interrupted}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let (arrived, waiting) = channel();
    let (release, released) = channel::<()>();
    let (arrived, released) = (Mutex::new(arrived), Mutex::new(released));
    let world = World::new();
    let id = world.key("k");
    let fake = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("DELETE ") {
            arrived.lock().unwrap().send(()).unwrap();
            released.lock().unwrap().recv().ok();
        }
    });
    let run = || {
        let deaf = format!("trap '' HUP; exec {} api-key-delete --force k", crate::support::binary().display());
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &deaf]).env_clear().current_dir(world.path(""));
        command.env("IBMIAM_HOME", world.home()).env("IBMCLOUD_API_KEY", &world.server.key);
        command.env("IBMCLOUD_IAM_API_ENDPOINT", fake.url()).env("TMPDIR", world.path(""));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process::start(&mut command);
        waiting.recv().unwrap();
        process.signal("HUP");
        let status = fs::read_to_string(format!("/proc/{}/status", process.child().id())).unwrap();
        let mask = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            u64::from_str_radix(line.trim(), 16).unwrap()
        };
        assert_eq!((mask("SigIgn:") & 1, mask("SigCgt:") & 1), (1, 0), "{status}");
        process
    };
    // The other signals still end the command.
    let mut process = run();
    process.signal("TERM");
    let interrupted = process.finish();
    assert_eq!(interrupted.status, 143, "{interrupted}");
    release.send(()).unwrap();
    wait_until(|| world.look(&id).is_none());
    world.key("k");
    let process = run();
    release.send(()).unwrap();
    let done = process.finish();
    assert!(done.status == 0 && done.stderr.ends_with("was deleted\n"), "{done}");
    assert_nothing_is_left(&world);
}

#[test]
fn a_signal_is_acted_upon_while_a_pipe_is_opened_and_while_it_is_read() {
    let world = World::new();
    let pipe = make_pipe(&world, "pipe");
    let endpoint = &world.server.url;
    for (arguments, variable) in [
        (&["login", "--apikey", "@pipe"][..], None),
        (&["login", "--cr-token", "@pipe", "--profile", "p"], None),
        (&["api-key-list"], Some("IBMCLOUD_API_KEY")),
        (&["login", "--profile", "p"], Some("IBMCLOUD_CR_TOKEN")),
    ] {
        for is_opened in [false, true] {
            let mut command = world.bare_command(arguments);
            command.envs(variable.map(|name| (name, "@pipe"))).env("IBMCLOUD_IAM_API_ENDPOINT", endpoint);
            let mut process = Process::start(&mut command);
            let writer = if is_opened {
                // Waits until the program opens the pipe for reading.
                Some(fs::OpenOptions::new().write(true).open(&pipe).unwrap())
            } else {
                wait_for_thread(process.child().id(), "file");
                None
            };
            process.signal("TERM");
            let ended = process.finish();
            assert_eq!(ended.status, 143, "{ended}");
            assert!(ended.stderr.ends_with("Cancelled; nothing was changed.\n"), "{ended}");
            drop(writer);
        }
    }
    // The program accepts a key that arrives through the pipe.
    let mut command = world.bare_command(&["api-key-list", "--uuid"]);
    command.env("IBMCLOUD_API_KEY", "@pipe").env("IBMCLOUD_IAM_API_ENDPOINT", endpoint);
    let process = Process::start(&mut command);
    fs::write(&pipe, &world.server.key).unwrap();
    let listed = process.finish();
    assert_eq!((listed.status, listed.stdout.lines().count()), (0, 1), "{listed}");
}

/// Waits until the process has a thread with this name; outside Linux, where the test cannot see threads, does not
/// wait.
fn wait_for_thread(pid: u32, name: &str) {
    let is_there = || {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().map(|thread| thread.unwrap().path());
        threads.into_iter().any(|thread| fs::read_to_string(thread.join("comm")).is_ok_and(|comm| comm.trim() == name))
    };
    if cfg!(target_os = "linux") {
        wait_until(is_there);
    }
}
