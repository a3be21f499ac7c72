//! Closed pipes, full disks, quiet and colour.

use std::fs::File;
use std::process::Stdio;

use crate::support::{Outcome, World, closed_pipe, finish};

/// Runs a command whose standard output is a pipe without a reader.
fn into_closed_pipe(world: &World, arguments: &[&str]) -> Outcome {
    finish(world.command(arguments).stdout(closed_pipe()).spawn().unwrap())
}

fn into_full_disk(world: &World, arguments: &[&str]) -> Outcome {
    let full = File::options().write(true).open("/dev/full").unwrap();
    finish(world.command(arguments).stdout(full).spawn().unwrap())
}

#[test]
fn a_closed_pipe_ends_a_list_quietly() {
    let world = World::seeded(1000);
    let listed = into_closed_pipe(&world, &["api-key-list", "--all"]);
    assert!(listed.status == 0 && listed.stderr.ends_with("...\nOK\n"), "{listed}");
}

#[test]
fn a_full_disk_is_an_error_and_not_silence() {
    let world = World::new();
    for format in ["table", "json", "csv"] {
        let listed = into_full_disk(&world, &["api-key-list", "-o", format]);
        assert_eq!(listed.status, 1, "{listed}");
        assert!(listed.stderr.contains("Cannot write to standard output"), "{listed}");
    }
}

#[test]
fn a_value_that_cannot_be_delivered_leaves_no_key_behind() {
    let world = World::new();
    for format in ["table", "json", "csv"] {
        for run in [into_closed_pipe, into_full_disk] {
            let made = run(&world, &["api-key-create", "k", "-o", format]);
            assert_eq!(made.status, 1, "{made}");
            assert!(made.stderr.contains("Cannot write the API key to standard output"), "{made}");
            assert_eq!(world.names(), [] as [&str; 0], "{made}");
        }
    }
}

#[test]
fn no_key_is_made_whose_value_goes_nowhere() {
    let world = World::new();
    let binary = crate::support::binary().display();
    for redirection in [">/dev/null", ">&-"] {
        let run = |arguments: &str| {
            let mut command = world.command(&[]);
            let mut shell = std::process::Command::new("/bin/sh");
            shell.args(["-c", &format!("{binary} {arguments} {redirection}")]).current_dir(world.path(""));
            shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command.env_clear();
            finish(shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
        };
        let refused = run("api-key-create k");
        assert_eq!(refused.status, 2, "{refused}");
        assert_eq!(world.names(), [] as [&str; 0]);
        assert_eq!(run("api-key-create k --file key_file --overwrite").status, 0);
        assert_eq!(run("api-key-delete -f k").status, 0);
        assert_eq!(run("api-key-list").status, 0);
    }
}

#[test]
fn a_key_that_goes_to_a_file_does_not_mind_a_closed_pipe() {
    let world = World::new();
    let made = into_closed_pipe(&world, &["api-key-create", "k", "--file", "key_file"]);
    assert!(made.status == 0 && made.stderr.ends_with("to key_file\n"), "{made}");
    assert!(world.path("key_file").exists());
    assert_eq!(world.names(), ["k"]);
}

#[test]
fn a_change_is_finished_though_nobody_reads() {
    let world = World::new();
    let (first, second) = (world.key("a"), world.key("b"));
    let deleted = into_closed_pipe(&world, &["api-key-delete", "--force", "a", "b"]);
    assert!(deleted.status == 0 && deleted.stderr.ends_with("API key b was deleted\n"), "{deleted}");
    assert_eq!((world.look(&first), world.look(&second)), (None, None));
}

#[test]
fn quiet_leaves_data_questions_and_errors() {
    let world = World::new();
    let made = world.run(&["api-key-create", "a", "--file", "b.key", "--quiet"]);
    assert_eq!((made.stdout.as_str(), made.stderr.as_str()), ("", ""));
    let shown = world.run(&["api-key-create", "b", "--quiet"]);
    assert!(shown.stdout.starts_with("ID     ") && shown.stderr.is_empty(), "{shown}");
    let listed = world.run(&["api-key-list", "--quiet"]);
    assert!(listed.stdout.starts_with("ID     ") && listed.stderr.is_empty(), "{listed}");
    let asked = world.run_with(&["api-key-delete", "a", "--quiet"], "y\n");
    assert!(asked.stderr.ends_with("? [y/N]> y\n") && asked.stdout.is_empty(), "{asked}");
    let refused = world.run(&["-q", "api-key-show", "nosuch"]);
    assert!(refused.stderr.starts_with("FAILED\nNo API key found with the name or ID 'nosuch'"), "{refused}");
    let wrong = world.run(&["-q", "api-key-show"]);
    assert!(wrong.stderr.starts_with("FAILED\nMissing argument"), "{wrong}");
    let mut command = world.command(&["api-key-lock", "sandbox", "-f"]);
    let by_variable = finish(command.env("IBMCLOUD_QUIET", "true").spawn().unwrap());
    assert_eq!(by_variable.stderr, "");
}

#[test]
fn a_pipe_gets_data_and_nothing_else() {
    let world = World::new();
    world.key("k");
    for (arguments, first) in [
        (&["api-key-create", "new"][..], "ID       "),
        (&["api-key-list"], "ID       "),
        (&["api-key-show", "k"], "ID       "),
        (&["api-key-update", "k", "-d", "text"], "ID       "),
        (&["target"], "API endpoint:"),
        (&["api"], "API endpoint: http"),
        (&["oauth-tokens"], "IAM token:  Bearer "),
        (&["bearer-token"], "ey"),
    ] {
        let said = world.run(arguments);
        assert!(said.status == 0 && said.stdout.starts_with(first), "{arguments:?}: {said}");
    }
    let history = world.run(&["api-key-show", "k", "--history"]);
    assert!(history.stdout.contains("\n\nTimestamp "), "two tables: {history}");
    for arguments in [
        &["api-key-create", "file", "--file", "f"][..],
        &["api-key-lock", "-f", "k"],
        &["api-key-unlock", "-f", "k"],
        &["api-key-delete", "-f", "k"],
        &["api-key-list", "-n", "nosuch"],
        &["api-key-recover"],
        &["session", "list"],
        &["logout"],
    ] {
        let said = world.run(arguments);
        assert!(said.status == 0 && said.stdout.is_empty() && !said.stderr.is_empty(), "{arguments:?}: {said}");
    }
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let world = World::new();
    let run = |arguments: &[&str], variable: (&str, &str)| {
        finish(world.command(arguments).env(variable.0, variable.1).spawn().unwrap()).stdout
    };
    let none = ("UNUSED", "");
    assert!(!run(&["api-key-list"], none).contains('\x1b'));
    assert!(run(&["api-key-list", "--color", "always"], none).contains("\x1b[1mID "));
    assert!(run(&["api-key-list"], ("CLICOLOR_FORCE", "1")).contains('\x1b'));
    assert!(run(&["api-key-list"], ("IBMCLOUD_COLOR", "true")).contains('\x1b'));
    assert!(!run(&["api-key-list", "--color", "never"], ("IBMCLOUD_COLOR", "true")).contains('\x1b'));
    assert!(!run(&["api-key-list", "-o", "json", "--color", "always"], none).contains('\x1b'));
}

#[test]
fn errors_are_one_json_object_where_json_is_asked_for() {
    let world = World::new();
    let refused = world.run(&["api-key-show", "nosuch", "-o", "json"]);
    let error = refused.error();
    assert_eq!((refused.status, refused.stdout.as_str()), (3, ""));
    assert_eq!(error["kind"], "not_found");
    let wrong = world.run(&["api-key-show", "--nosuch", "-o", "json"]);
    assert_eq!((wrong.status, wrong.error()["kind"].as_str()), (2, Some("usage")));
    let mut setting = world.command(&["api-key-list", "-o", "json"]);
    let wrong = finish(setting.env("IBMCLOUD_HTTP_TIMEOUT", "soon").spawn().unwrap());
    assert_eq!((wrong.status, wrong.error()["kind"].as_str()), (2, Some("usage")));
    let mut command = world.command(&["api-key-list", "-o", "json"]);
    let rejected = finish(command.env("IBMCLOUD_API_KEY", "wrong").stdin(Stdio::null()).spawn().unwrap());
    let error = rejected.error();
    assert_eq!((rejected.status, error["code"].as_str()), (4, Some("BXNIM0415E")));
    assert!(!error["transaction_id"].as_str().unwrap().is_empty());
}

#[test]
fn errors_of_the_system_are_sentences_without_numbers() {
    let world = World::new();
    for arguments in [
        &["api-key-create", "k", "--file", "nosuch/file"][..],
        &["api-key-list", "--trace=nosuch/file"],
        &["api-key-list", "--ca-file", "nosuch", "--endpoint", "https://127.0.0.1:1"],
        &["api-key-list", "--endpoint", "http://127.0.0.1:1"],
        &["login", "--apikey", "@nosuch"],
        &["exec", "--", "./nosuch"],
        &["sandbox", "run", "--", "./nosuch"],
        &["sandbox", "serve", "--config", "nosuch"],
        &["sandbox", "serve", "--log", "nosuch/file"],
        &["completion", "install", "bash"],
    ] {
        let mut command = world.command(arguments);
        // A file in place of a folder.
        command.env("XDG_DATA_HOME", crate::support::binary()).env("TMPDIR", "nosuch");
        let failed = finish(command.spawn().unwrap());
        assert!(failed.status != 0 && failed.stderr.contains("FAILED\n"), "{arguments:?}: {failed}");
        assert!(!failed.stderr.contains("os error"), "{arguments:?}: {failed}");
    }
}

#[test]
fn a_trace_that_its_disk_cannot_take_is_reported_and_the_command_goes_on() {
    let world = World::new();
    let mut command = world.command(&[]);
    let mut shell = std::process::Command::new("/bin/bash");
    // A limit on the file size simulates a full disk.
    let script =
        format!("trap '' XFSZ; ulimit -f 1; exec {} api-key-list --trace=trace", crate::support::binary().display());
    shell.args(["-c", &script]).current_dir(world.path(""));
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env_clear();
    let listed = finish(shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(listed.status == 0 && listed.stdout.contains("sandbox"), "{listed}");
    assert!(listed.stderr.ends_with("The trace in trace is incomplete: File too large.\n"), "{listed}");
}
