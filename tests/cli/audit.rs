//! `api-key-audit`

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::support::relay::Fake;
use crate::support::{Process, Server, World, feed, finish, wait_until};

/// Two hundred owners with ten keys each, five of them with 18, and the expected number of each finding.
fn seeded() -> (String, BTreeMap<&'static str, u64>) {
    let mut setup = String::new();
    let mut expected = BTreeMap::new();
    let mut count = |finding| *expected.entry(finding).or_insert(0) += 1;
    for owner in 0..200 {
        setup.push_str(&format!("[[users]]\niam_id = \"IBMid-{owner}\"\nemail = \"u{owner}@example.com\"\n"));
        // The first five owners are close to the limit of keys.
        let keys = if owner < 5 { 18 } else { 10 };
        if owner < 5 {
            count("near-limit");
        }
        for number in 0..keys {
            let age = [0, 10, 40, 100, 400, 800][(owner + number) % 6];
            setup.push_str(&format!("[[users.keys]]\nage = \"{age}d\"\n"));
            // None of the keys was ever used.
            if age > 1 {
                count("never-used");
            }
            if age > 90 {
                count("old");
            }
            match number {
                1 => {
                    setup.push_str("disabled = true\n");
                    count("disabled");
                }
                2 => {
                    setup.push_str("expires = \"48h\"\n");
                    count("expiring");
                }
                _ => {}
            }
            setup.push_str(&format!("name = \"key-{number}\"\n"));
        }
    }
    (setup, expected)
}

#[test]
fn two_thousand_keys_are_audited_with_a_request_each_and_what_was_seeded_is_found() {
    let (setup, mut expected) = seeded();
    let world = World::at(Server::set_up(&setup));
    (0..2).for_each(|_| drop(world.key("twin")));
    expected.insert("duplicate", 2);
    let relay = Fake::relay(&world.server.url);
    let run = |options: &[&str]| {
        let mut command = world.command(&[&["api-key-audit", "--all", "-o", "json"], options].concat());
        finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap())
    };
    let audit = run(&["--html", "audit.html"]).json();
    let keys = audit["keys"].as_array().unwrap().len();
    assert_eq!(keys, 2043);
    for (finding, count) in &expected {
        assert_eq!(audit["summary"]["findings"][finding], *count, "{finding}");
    }
    let activity = || relay.requests().iter().filter(|line| line.contains("include_activity")).count();
    assert_eq!(activity(), keys);
    let page = std::fs::read_to_string(world.path("audit.html")).unwrap();
    assert_eq!(page.matches("<tr><th scope=\"row\">").count(), keys);
    // Responses are cached for an hour, and `--fresh` does not use the cache.
    assert_eq!(run(&[]).json()["summary"], audit["summary"]);
    assert_eq!(activity(), keys);
    assert_eq!(run(&["--fresh", "--match", "twin"]).json()["summary"]["keys"], 2);
    assert_eq!(activity(), keys + 2);
}

#[test]
fn what_was_asked_about_decides_the_exit_status() {
    let world = World::new();
    world.key_with("soon", &["-e", "12h"]);
    for (fail_on, status) in [("leaked", 0), ("leaked,expired", 0), ("expiring", 10), ("leaked,Expiring", 10)] {
        let audit = world.run(&["api-key-audit", "--fail-on", fail_on]);
        assert_eq!(audit.status, status, "{fail_on}: {audit}");
        assert!(audit.stdout.contains("expiring"), "{audit}");
    }
    assert_eq!(world.run(&["api-key-audit", "--fail-on", "nosuch"]).status, 2);
    let csv = world.run(&["api-key-audit", "-o", "csv"]);
    let header = "id,name,iam_id,account_id,created_at,expires_at,last_used,logins,age_days,locked,disabled,leaked,findings,session\n";
    assert!(csv.stdout.starts_with(header) && csv.stdout.lines().count() == 3, "{csv}");
    let none = world.run(&["api-key-audit", "--match", "nosuch"]);
    assert!(none.status == 0 && none.stderr.contains("No API keys found."), "{none}");
    // A report is replaced; any other file is not.
    std::fs::write(world.path("my.key"), "value").unwrap();
    for (file, status) in [("audit.html", 0), ("my.key", 5), ("-", 2)] {
        let audit = world.run(&["api-key-audit", "--html", file]);
        assert_eq!(audit.status, status, "{file}: {audit}");
    }
    assert_eq!(std::fs::read_to_string(world.path("my.key")).unwrap(), "value");
    let none = world.run(&["api-key-audit", "--all", "--match", "nosuch", "--fail-on", "near-limit"]);
    assert_eq!(none.status, 0, "{none}");
    let refused = world.run(&["api-key-audit", "--html", "nosuch/page.html"]);
    assert!(refused.status == 1 && refused.stderr.contains("Cannot write nosuch/page.html"), "{refused}");
}

#[test]
fn a_page_for_a_pipe_that_nobody_reads_is_an_error_at_once() {
    let world = World::new();
    assert!(Command::new("mkfifo").arg(world.path("pipe")).status().unwrap().success());
    let mut audit = Process::start(&mut world.command(&["api-key-audit", "--html", "pipe"]));
    wait_until(|| audit.child().try_wait().unwrap().is_some());
    let refused = audit.finish();
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""), "{refused}");
    assert!(refused.stderr.contains("No program reads from the pipe pipe."), "{refused}");
    assert!(refused.stderr.contains("Start the reader first."), "{refused}");
}

#[test]
fn a_page_goes_to_the_reader_of_a_pipe_and_to_devices() {
    let world = World::new();
    let pipe = world.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    // The audit fails until the reader has opened the pipe, as the test above shows.
    let audit = loop {
        let audit = world.run(&["api-key-audit", "--html", "pipe"]);
        if !audit.stderr.contains("No program reads from the pipe") {
            break audit;
        }
    };
    assert_eq!(audit.status, 0, "{audit}");
    let mut page = String::new();
    reader.stdout.take().unwrap().read_to_string(&mut page).unwrap();
    reader.wait().unwrap();
    assert!(page.starts_with("<!") && page.ends_with("</html>\n"), "{page}");
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&pipe.metadata().unwrap().file_type()));
    let shown = world.run(&["api-key-audit", "--html", "/dev/stdout"]);
    assert!(shown.status == 0 && shown.stdout.ends_with("</html>\n"), "{shown}");
    let discarded = world.run(&["api-key-audit", "--html", "/dev/null"]);
    assert!(discarded.status == 0 && !discarded.stdout.contains("<html"), "{discarded}");
}

#[test]
fn all_sessions_are_audited_and_one_that_has_ended_does_not_hide_the_others() {
    let value = "a-value-of-ann-with-32-characters-or-more";
    let world = World::at(Server::set_up(&format!(
        "users = [{{ iam_id = \"IBMid-ANN\", email = \"ann@example.com\", keys = [{{ name = \"anns\", value = \"{value}\" }}] }}]"
    )));
    for (session, key) in [("ann", value), ("own", &world.server.key)] {
        let url = &world.server.url;
        let login = ["login", "--session", session, "--store", "file", "--endpoint", url, "--apikey", "-"];
        assert_eq!(feed(world.bare_command(&login), key).status, 0);
    }
    let audit = || finish(world.bare_command(&["api-key-audit", "--all-sessions", "-o", "csv"]).spawn().unwrap());
    let both = audit();
    assert!(both.status == 0 && both.stdout.contains("anns,IBMid-ANN") && both.stdout.contains(",own\n"), "{both}");
    // A second session of the same user sees no other keys.
    let login = ["login", "--session", "own2", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
    assert_eq!(feed(world.bare_command(&login), &world.server.key).status, 0);
    let twice = finish(
        world
            .bare_command(&["api-key-audit", "--all-sessions", "-o", "json", "--fail-on", "duplicate"])
            .spawn()
            .unwrap(),
    );
    assert_eq!((twice.status, twice.json()["summary"]["keys"].as_u64()), (0, Some(2)), "{twice}");
    let file = world.home().join("sessions/ann.json");
    std::fs::write(&file, "damaged").unwrap();
    let one = audit();
    assert!(one.status != 0 && one.stdout.contains(",own own2\n") && one.stderr.contains("ann.json"), "{one}");
}

#[test]
fn a_use_that_is_not_told_is_not_taken_for_none() {
    let world = World::at(Server::set_up(
        "users = [{ iam_id = \"IBMid-OLD\", email = \"o@example.com\", keys = [{ name = \"old\", age = \"400d\" }] }]",
    ));
    let relay = Fake::relay_unless(&world.server.url, {
        let url = world.server.url.clone();
        move |head| {
            // A system on the way to the service removes the parameter.
            let (line, rest) = head.split_once('\n')?;
            let line = line.contains("include_activity").then(|| line.replace("?include_activity=true", ""))?;
            Some(crate::support::relay::send(&url, &format!("{line}\n{rest}"), ""))
        }
    });
    let run = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap())
    };
    let selected = run(&["api-key-delete", "--all", "--unused-for", "30d", "--dry-run"]);
    assert!(selected.status == 0 && selected.stderr.contains("0 API keys would be deleted"), "{selected}");
    let audit = run(&["api-key-audit", "--all", "-o", "json"]).json();
    assert_eq!(
        (&audit["summary"]["findings"]["never-used"], &audit["summary"]["findings"]["old"]),
        (&0.into(), &1.into())
    );
    // With the parameter, the key is found.
    let selected = world.run(&["api-key-delete", "--all", "--unused-for", "30d", "--dry-run"]);
    assert!(selected.stderr.contains("1 API key would be deleted"), "{selected}");
}
