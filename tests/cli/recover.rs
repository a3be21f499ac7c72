//! Creations that were interrupted, and `api-key-recover`.

use std::process::{Command, Stdio};

use snapbox::str;

use crate::support::relay::Fake;
use crate::support::{Outcome, Process, Server, World, finish, wait_until};

/// Runs a creation whose result cannot be checked: the request was processed or not, and every response was lost.
fn lost(world: &World, carried_out: bool) {
    let url = world.server.url.clone();
    let relay =
        Fake::relay_unless(&url.clone(), move |head| head.starts_with("GET /v1/apikeys/details").then(Vec::new));
    let through = relay.url();
    let cut = Fake::start_with_body(&through, move |head, body| {
        let creation = head.starts_with("POST /v1/apikeys");
        if creation && carried_out {
            crate::support::relay::send(&url, head, body);
        }
        creation.then(Vec::new)
    });
    let mut command = world.command(&["api-key-create", "k", "--file", "key_file"]);
    let lost = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", cut.url()).spawn().unwrap());
    assert_eq!(lost.status, 6, "{lost}");
    assert!(lost.stderr.contains("Its value is saved."), "{lost}");
    assert!(lost.stderr.contains("ibmiam api-key-recover key_file"), "{lost}");
    assert!(!world.path("key_file").exists());
}

fn recover(world: &World) -> Outcome {
    // The record contains the address of the relay, which no longer runs.
    world.run(&["api-key-recover", "key_file", "--endpoint", &world.server.url])
}

#[track_caller]
fn assert_finished(world: &World) {
    assert_eq!(world.names(), ["k"]);
    let names: Vec<_> = std::fs::read_dir(world.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["key_file"]);
    let mut login = world.bare_command(&["target"]);
    login.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url).env("IBMCLOUD_API_KEY", "@key_file");
    assert!(login.status().unwrap().success(), "the value in the file logs in");
}

#[test]
fn a_creation_whose_answers_were_all_lost_is_finished_with_the_same_value() {
    for carried_out in [true, false] {
        let world = World::new();
        lost(&world, carried_out);
        assert_eq!(world.names().len(), usize::from(carried_out));
        let pending = std::os::unix::fs::MetadataExt::mode(&world.path(".ibmiam-key_file.pending").metadata().unwrap());
        assert_eq!(pending & 0o7777, 0o600);
        crate::assert_outcome!(
            recover(&world),
            str![[r#"
exit 0
--- stdout
--- stderr
Recovering API key k under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key k was created
Successfully saved API key information to key_file

"#]]
        );
        assert_finished(&world);
        let again = recover(&world);
        assert_eq!(again.stderr, "OK\nNo interrupted creation found for key_file\n", "{again}");
    }
}

#[test]
fn a_key_that_was_renamed_since_is_finished_too() {
    let world = World::new();
    lost(&world, true);
    assert_eq!(world.run(&["api-key-update", "k", "-n", "renamed"]).status, 0);
    let url = world.server.url.clone();
    let kept = world.run(&["api-key-recover", "key_file", "--discard", "--endpoint", &url]);
    assert!(kept.status == 5 && kept.stderr.contains("exists, and its value is saved."), "{kept}");
    let recovered = recover(&world);
    assert_eq!((recovered.status, world.names()), (0, vec!["renamed".to_owned()]), "{recovered}");
}

#[test]
fn until_it_is_finished_no_other_key_goes_to_the_same_file() {
    let world = World::new();
    lost(&world, true);
    let refused = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_eq!(refused.status, 5, "{refused}");
    assert!(refused.stderr.contains("ibmiam api-key-recover key_file"), "{refused}");
    assert_eq!(world.names(), ["k"]);
}

#[test]
fn somebody_else_cannot_finish_it() {
    let ann = "a-value-of-ann-with-32-characters-or-more";
    let setup = format!("users = [{{ iam_id = \"IBMid-ANN\", keys = [{{ name = \"a\", value = \"{ann}\" }}] }}]");
    let world = World::at(Server::set_up(&setup));
    lost(&world, false);
    let mut command = world.command(&["api-key-recover", "key_file", "--endpoint", &world.server.url]);
    let refused = finish(command.env("IBMCLOUD_API_KEY", ann).spawn().unwrap());
    assert_eq!(refused.status, 4, "{refused}");
    assert!(refused.stderr.contains("you@example.com started the creation"), "{refused}");
    assert_eq!(recover(&world).status, 0);
    assert_finished(&world);
}

#[test]
fn ctrl_c_in_the_middle_of_a_creation_can_be_recovered_from() {
    let world = World::at(Server::faulty(&["POST /v1/apikeys nth=1 delay-after=60s"]));
    let mut creation = Process::start(&mut world.command(&["api-key-create", "k", "--file", "key_file"]));
    wait_until(|| !world.names().is_empty());
    let running = world.run(&["api-key-recover", "key_file"]);
    assert_eq!(running.status, 5, "{running}");
    assert!(running.stderr.contains("Another process is creating an API key in key_file."), "{running}");
    creation.interrupt();
    let interrupted = creation.finish();
    assert_eq!(interrupted.status, 130, "{interrupted}");
    assert!(interrupted.stderr.contains("ibmiam api-key-recover key_file"), "{interrupted}");
    assert_eq!(recover(&world).status, 0);
    assert_finished(&world);
}

#[test]
fn a_value_that_is_taken_after_a_lost_answer_is_ours_and_no_second_key_is_made() {
    // The service finds a value only after an hour, and drops the connection after it has processed the first request.
    let world = World::at(Server::start_with(|options| {
        let setup = ibmiam::sandbox::Setup::read("choices.details_after = 3600").unwrap();
        let faults = vec!["POST /v1/apikeys nth=1 drop=after".parse().unwrap()];
        ibmiam::sandbox::Options { setup, faults, ..options }
    }));
    let unsure = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_ne!(unsure.status, 0, "{unsure}");
    assert!(unsure.stderr.contains("Its value is saved."), "{unsure}");
    assert_eq!(recover(&world).status, 1);
    assert_eq!(world.names(), ["k"]);
    assert!(world.path(".ibmiam-key_file.pending").exists());
}

/// Runs a creation into a file under strace, which injects something at one of its system calls; returns true if the
/// creation succeeded.
fn create_under_strace(world: &World, call: &str, inject: &str) -> bool {
    under_strace(world, &["api-key-create", "k", "--file", "key_file"], call, inject)
}

/// Runs a command under strace, with its output in a separate file.
fn under_strace(world: &World, arguments: &[&str], call: &str, inject: &str) -> bool {
    let create = world.command(arguments);
    let output = std::fs::File::create(world.output()).unwrap();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &format!("inject={call}:{inject}")]);
    strace.arg(create.get_program()).args(create.get_args()).current_dir(world.path("")).env_clear();
    strace.envs(create.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    strace.status().unwrap().success()
}

/// All system calls of a creation that use the network or the disk.
const STEPS: [&str; 14] = [
    "openat",
    "write",
    "writev",
    "sendto",
    "recvfrom",
    "connect",
    "fsync",
    "linkat",
    "renameat",
    "renameat2",
    "rename",
    "unlink",
    "unlinkat",
    "flock",
];

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_creation_killed_at_any_step_is_finished_or_was_never_begun() {
    let (mut killed, mut finished, mut unbegun) = (0, 0, 0);
    for call in STEPS {
        for number in 1.. {
            let world = World::new();
            if create_under_strace(&world, call, &format!("signal=KILL:when={number}")) {
                break;
            }
            killed += 1;
            let recovered = world.run(&["api-key-recover", "key_file"]);
            assert_eq!(recovered.status, 0, "{call} {number}: {recovered}");
            let keys = world.names();
            let there = std::fs::read_dir(world.path("")).unwrap().count();
            assert_eq!(keys.len(), there, "{call} {number}: keys and files, {recovered}");
            if keys.is_empty() {
                unbegun += 1;
            } else {
                finished += 1;
                assert_finished(&world);
            }
        }
    }
    println!("{killed} killed: {finished} finished, {unbegun} never begun");
    assert!(finished > 5 && unbegun > 5, "{finished} finished, {unbegun} never begun");
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_creation_onto_standard_output_killed_at_any_step_leaves_no_key_whose_value_nobody_has() {
    let (mut killed, mut delivered, mut deleted, mut unbegun) = (0, 0, 0, 0);
    for call in STEPS {
        for number in 1.. {
            let world = World::new();
            let create = ["api-key-create", "k", "-o", "json"];
            if under_strace(&world, &create, call, &format!("signal=KILL:when={number}")) {
                break;
            }
            killed += 1;
            let printed = std::fs::read_to_string(world.output()).unwrap();
            let there = world.names().len();
            if printed.ends_with("}\n") {
                delivered += 1;
                assert_eq!(there, 1, "{call} {number}: {printed}");
                continue;
            }
            let recovered = world.run_with(&["api-key-recover"], "yes\n");
            assert_eq!(recovered.status, 0, "{call} {number}: {recovered}");
            assert_eq!(world.names().len(), 0, "{call} {number}: {recovered}");
            *(if there == 1 { &mut deleted } else { &mut unbegun }) += 1;
        }
    }
    println!("{killed} killed: {delivered} had delivered, {deleted} orphans deleted, {unbegun} without a key");
    assert!(deleted > 3 && unbegun > 5, "{deleted} deleted, {unbegun} without a key");
}

#[test]
#[ignore = "needs the right to mount; .ci/run has it and runs this"]
fn a_full_disk_leaves_a_key_in_its_file_or_no_key() {
    // Free pages on a disk with four pages: none, one for the pending file, two or more for both files.
    for (left, status, files) in [(0, 1, ""), (1, 1, ""), (2, 0, "key_file\n"), (4, 0, "key_file\n")] {
        let world = World::new();
        let create = world.command(&["api-key-create", "k", "--file", "disk/key_file"]);
        let script = "mkdir disk && mount -t tmpfs -o size=16k tmpfs disk || exit 99\n\
                      head -c $(((4 - $LEFT) * 4096)) /dev/zero > ../fill && cat ../fill > disk/fill\n\
                      \"$@\" 2> ../stderr; echo $?; rm disk/fill; ls -A disk";
        let mut shell = Command::new("unshare");
        shell.args(["--mount", "--map-root-user", "/bin/sh", "-c", script, "sh"]).arg(create.get_program());
        shell.args(create.get_args()).current_dir(world.path("")).env_clear();
        shell.envs(create.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("PATH", "/usr/bin:/bin").env("LEFT", left.to_string());
        let output = shell.stdin(Stdio::null()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let stderr = std::fs::read_to_string(world.path("../stderr")).unwrap_or_default();
        let ended = format!("{status}\n{files}");
        assert!(printed.ends_with(&ended), "{left}: {printed}{stderr}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(world.names().len(), usize::from(status == 0), "{left}: {stderr}");
        let said = if left == 0 { "Cannot write" } else { "ibmiam deleted the new" };
        assert!(status == 0 || stderr.contains(said), "{left}: {stderr}");
        assert_eq!(world.run(&["api-key-recover", "--no-input"]).stderr, "OK\nNo interrupted creations found\n");
    }
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_disk_that_fails_at_any_step_leaves_a_key_in_its_file_or_no_key() {
    let (mut succeeded, mut failed) = (0, 0);
    for (call, steps) in [("write", 8), ("fsync", 6), ("openat", 40), ("linkat", 2), ("renameat2", 2), ("unlink", 4)] {
        for error in ["ENOSPC", "EIO", "EACCES"] {
            for number in 1..=steps {
                let world = World::new();
                let good = create_under_strace(&world, call, &format!("error={error}:when={number}"));
                if good {
                    succeeded += 1;
                } else {
                    failed += 1;
                }
                // Recovery finishes a creation that was reported as pending, and does nothing if none is pending.
                let recovered = world.run(&["api-key-recover", "key_file"]);
                assert_eq!(recovered.status, 0, "{call} {error} {number}: {recovered}");
                let there = std::fs::read_dir(world.path("")).unwrap().count();
                assert_eq!(world.names().len(), there, "{call} {error} {number}: keys and files, {recovered}");
                assert!(!good || there == 1, "{call} {error} {number}: success without a file");
            }
        }
    }
    println!("{} disturbed: {succeeded} succeeded all the same, {failed} failed", succeeded + failed);
    assert!(failed > 20 && succeeded > 20);
}
