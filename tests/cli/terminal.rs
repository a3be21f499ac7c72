//! Tests that need a terminal: questions that are asked again, a list to choose from, Ctrl-C.

use std::process::Command;

use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};

use crate::support::limits::seconds;
use crate::support::{Server, World, wait_until};

fn on_terminal(world: &World, arguments: &[&str]) -> OsSession {
    start(&world.command(arguments))
}

/// Runs a command on a terminal that echoes its input, which the terminals of the library do not do by default.
pub(crate) fn start(command: &Command) -> OsSession {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "[ -z \"$WIDTH\" ] || { read go; stty cols $WIDTH; }; stty echo; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let terminal = if shell.get_envs().any(|(name, _)| name == "DUMB") { "dumb" } else { "xterm-256color" };
    shell.env("TERM", terminal).env("PATH", "/usr/bin:/bin").current_dir(command.get_current_dir().unwrap());
    let mut session = Session::spawn(shell).unwrap();
    session.set_expect_timeout(Some(seconds(20)));
    if command.get_envs().any(|(name, _)| name == "WIDTH") {
        // The library sets its own width at the start.
        session.send_line("go").unwrap();
    }
    session
}

/// Returns the rest of the screen, and the exit status.
pub(crate) fn end(mut session: OsSession) -> (String, i32) {
    let rest = session.expect(Eof).unwrap();
    let screen = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    let status = session.get_process().wait().unwrap();
    match status {
        expectrl::process::unix::WaitStatus::Exited(_, code) => (screen, code),
        other => panic!("{other:?}: {screen}"),
    }
}

#[test]
fn a_person_is_asked_again_until_the_answer_is_one() {
    let world = World::new();
    let id = world.key("k");
    let mut session = on_terminal(&world, &["api-key-delete", "k"]);
    session.expect("? [y/N]> ").unwrap();
    session.send_line("maybe").unwrap();
    session.expect("Please enter 'y', 'n', 'yes' or 'no'.").unwrap();
    session.expect("? [y/N]> ").unwrap();
    session.send_line("Y").unwrap();
    session.expect("was deleted").unwrap();
    assert_eq!(end(session).1, 0);
    assert_eq!(world.look(&id), None);
}

#[test]
fn no_an_empty_line_end_of_input_and_ctrl_c_all_cancel() {
    let world = World::new();
    let id = world.key("k");
    for answer in ["n\r", "\r", "\x04", "\x03"] {
        let mut session = on_terminal(&world, &["api-key-delete", "k"]);
        session.expect("? [y/N]> ").unwrap();
        session.send(answer).unwrap();
        let (screen, status) = end(session);
        assert_eq!(status, 130, "{answer:?}: {screen}");
        assert!(world.look(&id).is_some());
    }
}

#[test]
fn one_of_several_keys_of_a_name_is_selected_with_arrows_or_by_typing() {
    let world = World::new();
    for (keys, chosen) in [("\x1b[B\x1b[B\r", "second"), ("second\r", "second"), ("\x1b[A\r", "second")] {
        let first = world.key_with("twin", &["-d", "first"]);
        let second = world.key_with("twin", &["-d", chosen]);
        let mut session = on_terminal(&world, &["api-key-delete", "twin"]);
        session.expect("2 API keys are named twin:").unwrap();
        session.expect("second").unwrap();
        // No key is selected at the start.
        session.send("\r").unwrap();
        session.send(keys).unwrap();
        session.expect(format!("({second})? [y/N]> ")).unwrap();
        session.send_line("y").unwrap();
        assert_eq!(end(session).1, 0);
        assert_eq!(world.look(&second), None);
        assert!(world.look(&first).is_some());
        world.run(&["api-key-delete", "-f", &first]);
    }
}

#[test]
fn without_an_operand_one_or_several_keys_are_selected_among_those_that_make_sense() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.key(name);
    }
    world.key_with("l", &["--lock"]);
    let mut session = on_terminal(&world, &["api-key-delete", "-f"]);
    session.expect("Select one or more API keys:").unwrap();
    session.expect("[ ] sandbox").unwrap();
    for keys in ["b", "c"] {
        // Each selection clears the typed filter.
        session.send(format!("] {keys} ")).unwrap();
        session.send("\r").unwrap();
        session.expect(format!("[x] {keys}")).unwrap();
    }
    session.send("Done\r").unwrap();
    let (screen, status) = end(session);
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(" l "), "it is locked: {screen}");
    assert_eq!(world.names(), ["a", "l"]);
    let mut session = on_terminal(&world, &["api-key-show", "--uuid"]);
    session.expect("Select an API key:").unwrap();
    session.expect("l [locked]").unwrap();
    session.send("locked\r").unwrap();
    session.expect("ApiKey-").unwrap();
    assert_eq!(end(session).1, 0);
    let unasked = world.run(&["api-key-unlock", "-f"]);
    assert!(unasked.status == 2 && unasked.stderr.contains("Missing argument"), "{unasked}");
}

#[test]
fn on_a_dumb_terminal_a_key_is_chosen_by_its_number() {
    let world = World::new();
    let (first, second) = (world.key_with("twin", &["-d", "first"]), world.key_with("twin", &["-d", "second"]));
    let mut command = world.command(&["api-key-delete", "twin"]);
    command.env("DUMB", "1");
    let mut session = start(&command);
    session.expect("2 API keys are named twin:").unwrap();
    session.expect(format!("2. {second}   second")).unwrap();
    session.expect("Enter a number, or press Enter to cancel> ").unwrap();
    for wrong in ["0", "3", "second", "-1"] {
        session.send_line(wrong).unwrap();
        session.expect("Please enter a number from 1 to 2.").unwrap();
    }
    session.send_line("2").unwrap();
    session.expect(format!("({second})")).unwrap();
    session.expect("? [y/N]> ").unwrap();
    session.send_line("y").unwrap();
    assert_eq!(end(session).1, 0);
    assert_eq!(world.look(&second), None);
    assert!(world.look(&first).is_some());
}

#[test]
fn leaving_the_list_changes_nothing() {
    let world = World::new();
    world.key("twin");
    world.key("twin");
    for (dumb, keys) in
        [(true, "\x03"), (true, "\r"), (true, "\x04"), (false, "\x03"), (false, "\x1b"), (false, "tw\x03")]
    {
        let mut command = world.command(&["api-key-delete", "-f", "twin"]);
        if dumb {
            command.env("DUMB", "1");
        }
        let mut session = start(&command);
        session.expect(if dumb { "Enter a number, or press Enter to cancel> " } else { "2  ApiKey-" }).unwrap();
        session.send(keys).unwrap();
        let (screen, status) = end(session);
        assert_eq!(status, 130, "{screen}");
        assert!(screen.contains("Cancelled; nothing was changed."), "{screen:?}");
        // The list hides the cursor, and the program shows the cursor again when it ends.
        assert!(dumb || screen.contains("\x1b[?25h"), "{screen:?}");
    }
    assert_eq!(world.names(), ["twin", "twin"]);
}

#[test]
fn a_key_is_typed_unseen_and_ctrl_c_leaves() {
    let world = World::new();
    let log_in = || {
        let mut command = world.bare_command(&["login"]);
        command.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url);
        start(&command)
    };
    let mut session = log_in();
    session.expect("API key: ").unwrap();
    // Input that is typed before the echo is off would be shown, and discarded.
    wait_until(|| !session.get_process().get_echo().unwrap());
    session.send_line(&world.server.key).unwrap();
    let (screen, status) = end(session);
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(&world.server.key), "{screen}");
    // The shell still runs after the program has ended, and prints the state of the terminal.
    let script = "trap '' INT; (trap - INT; exec \"$@\"); echo status $?; stty -a";
    let login = world.bare_command(&["login"]);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "sh"]).arg(login.get_program()).args(login.get_args());
    command.env("IBMIAM_HOME", world.home()).current_dir(world.path(""));
    let mut session = start(&command);
    session.expect("API key: ").unwrap();
    wait_until(|| !session.get_process().get_echo().unwrap());
    session.send("\x03").unwrap();
    let (screen, _) = end(session);
    assert!(screen.contains("status 130"), "{screen}");
    assert!(screen.contains(" echo ") && screen.contains(" icanon "), "{screen}");
}

#[test]
fn ctrl_c_reaches_the_command_of_a_sandbox_and_nothing_is_left() {
    let world = World::new();
    let script = "echo \"home=$IBMIAM_HOME=\"; read never";
    let mut session = on_terminal(&world, &["sandbox", "run", "--tls", "--", "/bin/sh", "-c", script]);
    let found = session.expect(expectrl::Regex("home=(/[^=]*)=")).unwrap();
    let home = String::from_utf8(found.get(1).unwrap().to_vec()).unwrap();
    assert!(std::path::Path::new(&home).exists());
    session.send("\x03").unwrap();
    assert_eq!(end(session).1, 130);
    assert!(!std::path::Path::new(&home).exists());
}

#[test]
fn colours_are_for_the_terminal() {
    let world = World::new();
    let mut session = on_terminal(&world, &["api-key-list"]);
    session.expect("\x1b[1m\x1b[32mOK\x1b[0m").unwrap();
    assert_eq!(end(session).1, 0);
}

#[test]
fn a_wait_is_shown_on_a_terminal_and_gone_when_it_is_over() {
    let world = World::at(Server::faulty(&["GET /v1/apikeys nth=1 status=429 retry-after=2"]));
    let mut session = on_terminal(&world, &["api-key-list"]);
    session.expect("responded with 429; attempt 2 in 2 s...").unwrap();
    session.expect("responded with 429; attempt 2 in 1 s...").unwrap();
    session.expect("\r\x1b[K").unwrap();
    session.expect("sandbox").unwrap();
    assert_eq!(end(session).1, 0);
    let piped = World::at(Server::faulty(&["GET /v1/apikeys nth=1 status=429 retry-after=1"]));
    let listed = piped.run(&["api-key-list"]);
    assert!(listed.status == 0 && !listed.stderr.contains("429"), "{listed}");
}

#[test]
fn ctrl_c_in_the_middle_of_a_wait_leaves_the_terminal_sane() {
    let world = World::at(Server::faulty(&["GET /v1/apikeys status=429 retry-after=50"]));
    let mut session = on_terminal(&world, &["api-key-list"]);
    session.expect("attempt 2 in 50 s...").unwrap();
    session.send("\x03").unwrap();
    let (screen, status) = end(session);
    assert_eq!(status, 130, "{screen}");
    assert!(screen.contains("\r\x1b[K"), "the line is cleared: {screen:?}");
}

#[test]
fn csv_on_a_terminal_cannot_act_on_it_and_is_exact_in_a_pipe() {
    let world = World::new();
    let name = "ev\x1b[31mil\x1b]0;x\x07\u{202e}";
    world.key(name);
    let (screen, status) = end(on_terminal(&world, &["api-key-list", "-o", "csv"]));
    assert_eq!(status, 0);
    assert!(screen.contains("ev\\x1b[31mil") && !screen.contains('\x1b') && !screen.contains('\x07'), "{screen:?}");
    assert!(world.run(&["api-key-list", "-o", "csv"]).stdout.contains(name));
}

#[test]
fn a_list_has_one_line_a_key_at_any_width() {
    let world = World::new();
    world.key_with("expires", &["-e", "12d"]);
    world.key_with("both", &["--lock", "--disabled", "-d", "a description of more than a few words"]);
    world.key(&"n".repeat(255));
    world.key_with("日本語の鍵", &["-d", &"説明".repeat(50)]);
    for (width, shows, hides) in [
        (40, "State", "Created"),
        (80, "Description", "ApiKey-"),
        (120, "ApiKey-", "crn:"),
        (200, "a description of more than a few words", "crn:"),
    ] {
        let mut command = world.command(&["api-key-list"]);
        command.env("WIDTH", width.to_string());
        let (screen, status) = end(start(&command));
        assert_eq!(status, 0, "{screen}");
        let (_, table) = screen.split_once("OK").unwrap();
        let (_, table) = table.split_once('\n').unwrap();
        let plain = strip(table);
        assert_eq!(plain.lines().count(), 6, "{width}:\n{plain}");
        let width_of = |line: &str| line.chars().map(|one| if one > '\u{2e80}' { 2 } else { 1 }).sum::<usize>();
        assert!(plain.lines().all(|line| width_of(line.trim_end()) <= width), "{width}:\n{plain}");
        assert!(plain.contains(shows) && !plain.contains(hides), "{width}:\n{plain}");
        assert!(plain.contains("disabled, locked") && plain.contains("in 11 days"), "{width}:\n{plain}");
        assert!(table.contains("\x1b[33mdisabled, locked") && table.contains("\x1b[32mactive"), "{table:?}");
    }
    let (screen, _) = end(on_terminal(&world, &["api-key-list", "--all"]));
    assert!(strip(&screen).contains("Owner"), "{screen}");
    // Columns and formats that the user requests are not cut off.
    for options in [&["--wide"][..], &["--columns", "name,expires"], &["-o", "csv"]] {
        let (screen, _) = end(on_terminal(&world, &[&["api-key-list"], options].concat()));
        assert!(screen.contains(&"n".repeat(255)), "{options:?}: {screen}");
    }
}

/// The text of a screen without its colours.
fn strip(screen: &str) -> String {
    let mut parts = screen.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn a_list_whose_names_try_to_escape_stays_a_table() {
    let world = World::new();
    for name in [
        "\x1b[2J\x1b[H",
        "a\r\nb",
        "\u{9b}31m",
        "\u{202e}drowssap",
        "wide 鍵鍵鍵",
        "e\u{301}\u{200b}",
        "\x1b]52;c;ZXZpbA==\x07",
    ] {
        world.key(name);
    }
    let columns = "--columns=id,name,locked";
    for (options, start, last) in [(&[columns][..], "ApiKey-", "false"), (&[], "", "-")] {
        let arguments = [&["api-key-list", "--color", "never"], options].concat();
        let (screen, status) = end(on_terminal(&world, &arguments));
        assert_eq!(status, 0, "{screen}");
        assert!(!screen.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}']), "{screen:?}");
        let rows = screen.lines().map(str::trim_end).filter(|line| line.starts_with(start) && line.ends_with(last));
        assert!(rows.count() >= 7, "{screen}");
    }
}

#[test]
fn what_is_too_long_for_an_answer_does_not_answer_the_next_question() {
    let world = World::new();
    let id = world.key("k");
    let mut command = world.command(&["api-key-delete", "k"]);
    let mut child = crate::support::Process::start(command.stdin(std::process::Stdio::piped()));
    let answer = format!("{}y\ny\n", "x".repeat(5000));
    std::io::Write::write_all(child.child().stdin.as_mut().unwrap(), answer.as_bytes()).unwrap();
    let refused = child.finish();
    assert_eq!(refused.status, 2, "{refused}");
    assert!(world.look(&id).is_some());
}
