//! What a command must not do: open sockets, certificates and sessions that it does not need. strace shows the calls.

use std::process::{Command, Stdio};

use crate::support::{World, feed, finish};

/// The system calls of a command, one a line, without those of the dynamic loader.
fn calls(world: &World, command: &Command) -> Vec<String> {
    let log = world.output();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-s", "200", "-o"]).arg(&log).arg(command.get_program()).args(command.get_args());
    strace.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.current_dir(command.get_current_dir().unwrap()).stdin(Stdio::null());
    strace.stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(strace.spawn().unwrap());
    let text = std::fs::read_to_string(log).unwrap();
    // The dynamic loader opens files in folders of libraries and in /etc/ld.so*.
    text.lines().filter(|line| !line.contains("/lib/") && !line.contains("/etc/ld.so")).map(str::to_owned).collect()
}

fn has(calls: &[String], text: &str) -> bool {
    calls.iter().any(|line| line.contains(text))
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
fn help_version_completion_and_wrong_command_lines_open_no_socket_certificate_or_session() {
    let world = World::new();
    let login = world.bare_command(&["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"]);
    assert_eq!(feed(login, &world.server.key).status, 0);
    for arguments in [
        &["--version"][..],
        &["--help"],
        &["help", "files"],
        &["api-key-create", "--help"],
        &["completion", "bash"],
        &["api-key-list", "--nosuch"],
        &["api-key-lits"],
        &["api-key-show"],
        &["api-key-update", "k"],
        &["api-key-create", "k", "--expires", "yesterday"],
    ] {
        let calls = calls(&world, &world.bare_command(arguments));
        assert!(has(&calls, "write(") && has(&calls, "exit_group"), "{arguments:?}: {calls:#?}");
        for opened in ["socket(", "/etc/ssl", ".pem", "/sessions", "/tokens"] {
            assert!(!has(&calls, opened), "{arguments:?}: {opened} in {calls:#?}");
        }
    }
    // The completion of a name reads the cached names, and makes no connection if the cache is new.
    assert_eq!(finish(world.bare_command(&["api-key-list"]).spawn().unwrap()).status, 0);
    let mut completion = world.bare_command(&["--", "ibmiam api-key-show sand"]);
    completion.env("IBMIAM_COMPLETE", "bash");
    let calls = calls(&world, &completion);
    assert!(has(&calls, "/names/"), "{calls:#?}");
    for opened in ["socket(", "/etc/ssl", "epoll_create"] {
        assert!(!has(&calls, opened), "{opened} in {calls:#?}");
    }
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "the number of system calls is worth knowing")]
fn a_warm_listing_is_one_connection_and_one_request_and_reads_no_certificate() {
    let world = World::new();
    let login = world.bare_command(&["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"]);
    assert_eq!(feed(login, &world.server.key).status, 0);
    assert_eq!(finish(world.bare_command(&["api-key-list"]).spawn().unwrap()).status, 0);
    let calls = calls(&world, &world.bare_command(&["api-key-list"]));
    let count = |text: &str| calls.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("connect("), 1, "{calls:#?}");
    assert_eq!(count("GET /v1/apikeys?"), 1, "{calls:#?}");
    for opened in ["/etc/ssl", ".pem", "/etc/resolv.conf", "clone", "fsync"] {
        assert!(!has(&calls, opened), "{opened} in {calls:#?}");
    }
    println!("{} system calls", calls.len());
    assert!(calls.len() < 200, "{calls:#?}");
}
