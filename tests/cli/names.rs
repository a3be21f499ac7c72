//! NAME|UUID, and the questions before a change.

use snapbox::str;

use crate::support::relay::{Fake, answer};
use crate::support::{World, finish};

#[test]
fn a_name_that_several_keys_have_is_never_guessed_at() {
    let world = World::new();
    let (first, second) = (world.key("twin"), world.key_with("twin", &["-d", "second"]));
    for arguments in [
        &["api-key-delete", "--force", "twin"][..],
        &["api-key-lock", "-f", "twin"],
        &["api-key-update", "twin", "-d", "x"],
        &["api-key-show", "twin"],
    ] {
        let refused = world.run(arguments);
        assert_eq!(refused.status, 2, "{refused}");
        assert!(refused.stderr.contains(&first) && refused.stderr.contains(&second), "{refused}");
    }
    assert_eq!(world.names(), ["twin", "twin"]);
    let deleted = world.run(&["api-key-delete", "--force", &first]);
    assert_eq!(deleted.status, 0, "{deleted}");
    assert!(world.look(&second).is_some());
}

#[test]
fn a_key_named_like_an_id_is_found_by_that_name_and_an_id_goes_first() {
    let world = World::new();
    let id = world.key("plain");
    let unused = "ApiKey-00000000-0000-4000-8000-000000000000";
    let like_an_id = world.key(unused);
    let like_the_other = world.key(&id);
    assert_eq!(world.run(&["api-key-show", "--uuid", unused]).stdout, format!("{like_an_id}\n"));
    assert_eq!(world.run(&["api-key-show", "--uuid", &id]).stdout, format!("{id}\n"));
    assert!(world.look(&like_the_other).is_some());
}

#[test]
fn an_id_alone_is_printed_in_each_format() {
    let world = World::new();
    let id = world.key("k");
    let shown = |format: &str| world.run(&["api-key-show", "k", "--uuid", "-o", format]).stdout;
    assert_eq!(shown("table"), format!("{id}\n"));
    assert_eq!(shown("json"), format!("\"{id}\"\n"));
    assert_eq!(shown("csv"), format!("id\n{id}\n"));
}

#[test]
fn a_prefix_or_another_case_of_a_name_is_not_the_name() {
    let world = World::new();
    world.key("MyKey");
    for name in ["MyKe", "mykey", "MyKey ", "yKey", "MyKey2"] {
        let shown = world.run(&["api-key-show", name]);
        assert_eq!(shown.status, 3, "{name:?}: {shown}");
    }
}

#[test]
fn one_request_finds_a_name_and_an_id() {
    let world = World::seeded(10);
    let relay = Fake::relay(&world.server.url);
    for operand in ["seeded-0003", world.key("k").as_str()] {
        let before = relay.requests().len();
        let mut command = world.command(&["api-key-show", operand]);
        let shown = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
        assert_eq!(shown.status, 0, "{shown}");
        // One request for the token, and one for the key.
        assert_eq!(relay.requests().len() - before, 2, "{:?}", relay.requests());
    }
}

#[test]
fn a_service_without_filters_is_asked_for_all_pages_instead() {
    let world = World::seeded(10);
    let id = world.key("the one");
    let relay = Fake::relay_unless(&world.server.url, |head| {
        head.contains("filter=").then(|| answer(400, "application/json", r#"{"errors":[{"message":"no filters"}]}"#))
    });
    for arguments in [&["api-key-show", "--uuid", "the one"][..], &["api-key-list", "--uuid", "-n", "the one"]] {
        let mut command = world.command(arguments);
        let found = finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap());
        assert_eq!(found.stdout, format!("{id}\n"), "{found}");
    }
}

#[test]
fn the_answer_to_the_question_decides() {
    let world = World::new();
    let id = world.key("k");
    for (input, status, still_there) in [
        ("", 2, true),
        ("\n", 130, true),
        ("n\n", 130, true),
        ("NO\n", 130, true),
        ("maybe\n", 2, true),
        ("yess\n", 2, true),
        (" Yes \nrest\n", 2, true),
        ("y\nn\n", 2, true),
        (" Yes \n", 0, false),
    ] {
        let asked = world.run_with(&["api-key-delete", "k"], input);
        assert_eq!(asked.status, status, "{input:?}: {asked}");
        assert!(asked.stderr.starts_with(&format!("Really delete API key k ({id})? [y/N]> ")), "{asked}");
        let named = format!("Confirmation required to delete API key k ({id}), but standard input contains");
        let unanswered = matches!(input, "" | " Yes \nrest\n" | "y\nn\n");
        assert_eq!(asked.stderr.contains(&named), unanswered, "{asked}");
        assert_eq!(world.look(&id).is_some(), still_there, "{input:?}");
    }
    let id = world.key("k");
    let unasked = world.run_with(&["api-key-delete", "k", "--no-input", "--color", "always"], "y\n");
    assert_eq!(unasked.status, 2, "{unasked}");
    assert!(unasked.stderr.contains("Confirmation required to delete API key k ("), "{unasked}");
    assert!(unasked.stderr.contains("Pass --force"), "{unasked}");
    assert!(world.look(&id).is_some());
}

#[test]
fn a_loop_over_names_gives_no_answers_and_with_force_nothing_is_read() {
    let world = World::new();
    for name in ["a", "b", "c", "y", "yes"] {
        world.key(name);
    }
    let binary = crate::support::binary().display();
    let rest = |script: &str, input: &str| {
        let mut command = world.command(&[]);
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", script]).envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(world.path("")).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.env_clear();
        crate::support::feed(shell, input)
    };
    // Two of the names could be taken as answers to the question.
    let list = "printf '%s\\n' a y b yes c";
    let delete = format!("while read key; do {binary} api-key-delete $key; done");
    for script in [format!("{list} | {delete}"), format!("{list} > list; {delete} < list; rm list")] {
        let asked = rest(&script, "");
        assert!(asked.stderr.contains("Confirmation required to delete API key a ("), "{asked}");
        assert!(!asked.stderr.contains("was deleted"), "{asked}");
    }
    assert_eq!(world.names(), ["a", "b", "c", "y", "yes"]);
    for (script, deleted) in [("echo y |", "a"), ("yes |", "y"), ("yes yes |", "yes")] {
        let asked = rest(&format!("{script} {binary} api-key-delete {deleted}"), "");
        assert!(asked.status == 0 && asked.stderr.contains("was deleted"), "{asked}");
    }
    let open = rest(&format!("mkfifo pipe; exec 3<>pipe; echo y >&3; {binary} api-key-delete b < pipe"), "");
    assert!(open.status == 2 && open.stderr.contains("is still open"), "{open}");
    world.key("a");
    let forced = rest(&format!("while read key; do {binary} api-key-delete -f $key || exit; done"), "b\nc\n");
    assert_eq!(forced.stderr.matches("was deleted").count(), 2, "{forced}");
}

#[test]
fn questions_leave_standard_output_to_the_data() {
    let world = World::new();
    world.key("k");
    let asked = world.run_with(&["api-key-lock", "k", "-o", "json"], "y\n");
    assert_eq!(asked.json()[0]["outcome"], "locked");
    assert!(asked.stderr.starts_with("Really lock API key k ("), "{asked}");
}

#[test]
fn somebody_elses_key_is_reached_by_id_alone_and_the_question_names_the_owner() {
    let world = World::seeded(40);
    let all = world.run(&["api-key-list", "--all", "-o", "json"]).json();
    let foreign = all.as_array().unwrap().iter().find(|key| key["name"] == "seeded-0020").unwrap();
    assert_eq!(world.run(&["api-key-show", "seeded-0020"]).status, 3);
    let id = foreign["id"].as_str().unwrap();
    let asked = world.run_with(&["api-key-disable", id], "n\n");
    crate::assert_outcome!(
        asked,
        str![[r#"
exit 130
--- stdout
--- stderr
Really disable API key seeded-0020 (ApiKey-[..]) of IBMid-55SEED0000? [y/N]> n
Cancelled; nothing was changed.

"#]]
    );
}
