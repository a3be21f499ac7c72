//! Creations that were interrupted, and `api-key-recover`.

use std::process::{Command, Stdio};

use snapbox::str;

use crate::support::relay::Fake;
use crate::support::{Outcome, Process, Server, World, finish};

/// A creation that nobody could ask after: its request was carried out or not, and every answer was lost.
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
    assert!(lost.stderr.contains("Its value is kept."), "{lost}");
    assert!(lost.stderr.contains("ibmiam api-key-recover 'key_file'"), "{lost}");
    assert!(!world.path("key_file").exists());
}

fn recover(world: &World) -> Outcome {
    // The record knows the relay's address, which is gone.
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
Recovering API key k under 0123456789abcdef0123456789abcdef as you@example.com...
OK
API key k was created
Successfully save API key information to key_file
--- stderr

"#]]
        );
        assert_finished(&world);
        let again = recover(&world);
        assert_eq!(again.stdout, "OK\nNothing is pending for key_file\n", "{again}");
    }
}

#[test]
fn until_it_is_finished_no_other_key_goes_to_the_same_file() {
    let world = World::new();
    lost(&world, true);
    let refused = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_eq!(refused.status, 5, "{refused}");
    assert!(refused.stderr.contains("ibmiam api-key-recover 'key_file'"), "{refused}");
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
    assert!(refused.stderr.contains("was begun by you@example.com"), "{refused}");
    assert_eq!(recover(&world).status, 0);
    assert_finished(&world);
}

#[test]
fn ctrl_c_in_the_middle_of_a_creation_can_be_recovered_from() {
    let world = World::at(Server::faulty(&["POST /v1/apikeys nth=1 delay-after=60s"]));
    let mut creation = Process::start(&mut world.command(&["api-key-create", "k", "--file", "key_file"]));
    while world.names().is_empty() {}
    let running = world.run(&["api-key-recover", "key_file"]);
    assert_eq!(running.status, 5, "{running}");
    assert!(running.stderr.contains("still under way"), "{running}");
    creation.interrupt();
    let interrupted = creation.finish();
    assert_eq!(interrupted.status, 130, "{interrupted}");
    assert!(interrupted.stderr.contains("ibmiam api-key-recover 'key_file'"), "{interrupted}");
    assert_eq!(recover(&world).status, 0);
    assert_finished(&world);
}

#[test]
fn a_value_that_is_taken_after_a_lost_answer_is_ours_and_no_second_key_is_made() {
    // The service finds a value only after an hour, and cuts the first answer.
    let world = World::at(Server::start_with(|options| {
        let setup = ibmiam::sandbox::Setup::read("choices.details_after = 3600").unwrap();
        let faults = vec!["POST /v1/apikeys nth=1 drop=after".parse().unwrap()];
        ibmiam::sandbox::Options { setup, faults, ..options }
    }));
    let unsure = world.run(&["api-key-create", "k", "--file", "key_file"]);
    assert_ne!(unsure.status, 0, "{unsure}");
    assert!(unsure.stderr.contains("Its value is kept."), "{unsure}");
    assert_eq!(recover(&world).status, 1);
    assert_eq!(world.names(), ["k"]);
    assert!(world.path(".ibmiam-key_file.pending").exists());
}

/// Runs a creation under strace, with something done to it at one of its system calls; true if it succeeded.
fn create_under_strace(world: &World, call: &str, inject: &str) -> bool {
    let create = world.command(&["api-key-create", "k", "--file", "key_file"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &format!("inject={call}:{inject}")]);
    strace.arg(create.get_program()).args(create.get_args()).current_dir(world.path("")).env_clear();
    strace.envs(create.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().unwrap().success()
}

#[test]
#[ignore = "needs strace and the right to trace; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_creation_killed_at_any_step_is_finished_or_was_never_begun() {
    let (mut killed, mut finished, mut unbegun) = (0, 0, 0);
    let calls = [
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
    for call in calls {
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
                // What was told to be pending is finished; where nothing is, nothing happens.
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
