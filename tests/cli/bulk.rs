//! Keys that filters select, in lists and in changes of many at once.

use ibmiam::sandbox;

use crate::support::{Outcome, Process, Server, World, wait_until};
use crate::terminal::{end, start};

/// A world where the user has these keys.
fn with_keys(names: &[&str]) -> World {
    let world = World::new();
    for name in names {
        world.key(name);
    }
    world
}

fn lines(outcome: &Outcome) -> Vec<String> {
    assert_eq!(outcome.status, 0, "{outcome}");
    outcome.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_list_is_narrowed_by_name_state_age_and_owner() {
    let world = with_keys(&["ci-1", "ci-2", "prod"]);
    world.key_with("locked", &["--lock"]);
    world.key_with("soon", &["-e", "12h"]);
    let names = |options: &[&str]| lines(&world.run(&[&["api-key-list", "--columns", "name"], options].concat()));
    assert_eq!(names(&["--match", "ci-?"]), ["ci-1", "ci-2"]);
    assert_eq!(names(&["--match", "[lp]*"]), ["prod", "locked"]);
    assert_eq!(names(&["--state", "locked"]), ["locked"]);
    assert_eq!(names(&["--state", "active"]), names(&["--state", "enabled"]));
    assert_eq!(names(&["--expires-within", "1d"]), ["soon"]);
    assert_eq!(names(&["--match", "ci-*", "--state", "unlocked"]), ["ci-1", "ci-2"]);
    for none in [&["--older-than", "1h"][..], &["--expired"], &["--state", "leaked"], &["--unused-for", "1h"]] {
        let listed = world.run(&[&["api-key-list"], none].concat());
        assert!(listed.status == 0 && listed.stderr.contains("No API keys found."), "{listed}");
    }
    assert_eq!(names(&["--all", "--owner", "IBMid-5500SANDBX", "--match", "prod"]), ["prod"]);
    assert_eq!(world.run(&["api-key-list", "--owner", "IBMid-1"]).status, 2);
    assert_eq!(world.run(&["api-key-list", "--match", "[a"]).status, 2);
}

#[test]
fn selected_keys_are_shown_with_their_number_and_more_than_ten_deletions_need_it() {
    let names: Vec<String> = (10..22).map(|number| format!("ci-{number}")).collect();
    let world = with_keys(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let shown = world.run(&["api-key-delete", "--match", "ci-*", "--dry-run"]);
    assert!(shown.status == 0 && shown.stdout.lines().count() == 13, "{shown}");
    assert!(shown.stderr.contains("12 API keys would be deleted. Nothing was changed (--dry-run)."), "{shown}");
    for answer in ["y\n", "11\n", "\n", ""] {
        let refused = world.run_with(&["api-key-delete", "--match", "ci-*"], answer);
        assert!(matches!(refused.status, 2 | 130) && world.names().len() == 12, "{answer:?}: {refused}");
        assert!(refused.stderr.contains("Enter the number of keys (12) to confirm"), "{refused}");
    }
    let locked = world.run_with(&["api-key-lock", "--match", "ci-*"], "y\n");
    assert!(locked.status == 0 && locked.stderr.contains("12 API keys were locked"), "{locked}");
    let only_locked = world.run(&["api-key-delete", "--match", "ci-*"]);
    assert!(only_locked.status == 5 && !only_locked.stderr.contains("Deleting"), "{only_locked}");
    assert!(only_locked.stderr.contains("12 API keys are locked, and will not be deleted."), "{only_locked}");
    assert!(only_locked.stderr.contains("12 of 12 API keys were not deleted."), "{only_locked}");
    let unlocked = world.run(&["api-key-unlock", "--match", "ci-*", "-f", "-o", "json"]);
    assert_eq!((unlocked.json().as_array().unwrap().len(), unlocked.stderr.as_str()), (12, ""));
    let mut session = start(&world.command(&["api-key-delete", "--match", "ci-*"]));
    expectrl::Expect::expect(&mut session, "or press Enter to cancel> ").unwrap();
    expectrl::Expect::send_line(&mut session, "7").unwrap();
    expectrl::Expect::expect(&mut session, "Enter 12, or press Enter to cancel> ").unwrap();
    expectrl::Expect::send_line(&mut session, "12").unwrap();
    let (screen, status) = end(session);
    assert!(status == 0 && screen.contains("12 API keys were deleted"), "{screen}");
    assert_eq!(world.names(), [] as [&str; 0]);
}

#[test]
fn names_and_filters_do_not_mix_and_a_whole_account_is_not_selected() {
    let world = with_keys(&["ci"]);
    for (arguments, said) in [
        (&["ci", "--match", "ci"][..], "cannot be combined"),
        (&["--all"], "would select every key of the account"),
        (&["--owner", "IBMid-1"], "--all"),
    ] {
        let refused = world.run(&[&["api-key-delete", "-f"], arguments].concat());
        assert!(refused.status == 2 && refused.stderr.contains(said), "{refused}");
    }
    let none = world.run(&["api-key-delete", "-f", "--match", "nosuch*"]);
    assert!(none.status == 0 && none.stderr.contains("No API keys match."), "{none}");
    assert_eq!(world.names(), ["ci"]);
}

#[test]
fn five_hundred_keys_are_deleted_in_spite_of_refusals_and_each_failure_is_told() {
    let faults = [
        "DELETE /v1/apikeys/* chance=0.02 status=429 retry-after=0",
        "DELETE /v1/apikeys/* chance=0.02 status=503",
        "DELETE /v1/apikeys/* chance=0.02 status-after=503",
    ];
    let world = World::at(Server::start_with(move |options| sandbox::Options {
        seed: Some(511),
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..options
    }));
    let delete = ["api-key-delete", "--all", "--match", "seeded-*", "--force", "-o", "json"];
    let deleted = world.run(&delete);
    let outcomes = deleted.json();
    let outcomes = outcomes.as_array().unwrap();
    let failed = outcomes.iter().filter(|outcome| outcome["outcome"] == "failed").count();
    let left = world.run(&["api-key-list", "--all", "--match", "seeded-*", "--uuid"]).stdout.lines().count();
    assert_eq!((outcomes.len(), failed), (510, left), "{deleted}");
    assert_eq!(deleted.status == 0, failed == 0, "{deleted}");
    assert_eq!(deleted.stderr.lines().filter(|line| line.starts_with("{\"error\"")).count(), failed, "{deleted}");
}

#[test]
fn ctrl_c_in_the_middle_says_how_many_were_done_and_which_were_not_reached() {
    let world = World::at(Server::start_with(|options| sandbox::Options {
        seed: Some(100),
        faults: vec!["DELETE /v1/apikeys/* every=20 delay=60s".parse().unwrap()],
        ..options
    }));
    let mut command = world.command(&["api-key-delete", "--all", "--match", "seeded-*", "--force"]);
    let mut running = Process::start(&mut command);
    let left = || world.run(&["api-key-list", "--all", "--match", "seeded-*", "--uuid"]).stdout.lines().count();
    wait_until(|| left() <= 60);
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.status, 130, "{ended}");
    assert!(
        ended.stderr.contains("API keys were deleted.") && ended.stderr.contains("Not processed: seeded-"),
        "{ended}"
    );
}
