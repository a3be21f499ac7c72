//! Completion scripts, man pages and help texts must equal what the code generates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{World, finish};

/// If this variable is set, the files are rewritten instead of compared.
const UPDATE: &str = "UPDATE_GENERATED";

#[test]
fn completion_scripts_are_those_of_the_program() {
    let world = World::new();
    let files = [
        ("bash", "ibmiam.bash"),
        ("zsh", "_ibmiam"),
        ("fish", "ibmiam.fish"),
        ("powershell", "_ibmiam.ps1"),
        ("elvish", "ibmiam.elv"),
    ];
    let generated = files.map(|(shell, file)| {
        let printed = finish(world.bare_command(&["completion", shell]).spawn().unwrap());
        assert_eq!((printed.status, printed.stderr.as_str()), (0, ""));
        (file.to_owned(), printed.stdout)
    });
    compare("completions", &generated.into());
}

#[test]
fn there_is_a_man_page_for_each_command() {
    compare("man", &ibmiam::cli::man::pages().into_iter().collect());
}

#[test]
fn man_pages_are_without_a_warning() {
    let pages = std::fs::read_dir(root().join("man")).unwrap().map(|page| page.unwrap().path());
    // The test skips a missing formatter. `.ci/run` installs it.
    match Command::new("mandoc").args(["-Tlint", "-Wwarning"]).args(pages).output() {
        Ok(read) => assert_eq!(String::from_utf8_lossy(&read.stdout), ""),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}

#[test]
fn readme_has_each_exit_status_variable_and_file() {
    use ibmiam::cli::topics::{ENVIRONMENT, EXIT_STATUS, FILES};
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (term, _) in ENVIRONMENT.iter().chain(&FILES) {
        assert!(readme.contains(&format!("`{term}`")), "{term}");
    }
    for (status, meaning) in EXIT_STATUS {
        assert!(readme.contains(&format!("| {status} | {meaning}")), "{status}");
    }
}

#[test]
fn the_help_of_each_command_begins_with_what_the_list_of_commands_says() {
    let world = World::new();
    for command in ibmiam::cli::command().get_subcommands() {
        let shown = finish(world.bare_command(&[command.get_name(), "-h"]).spawn().unwrap());
        let listed = finish(world.bare_command(&["-h"]).spawn().unwrap()).stdout;
        let first = shown.stdout.lines().next().unwrap();
        assert!(listed.contains(&first[..first.len().min(40)]), "{}: {first}", command.get_name());
    }
}

#[test]
fn help_is_as_it_was_when_it_was_last_looked_at() {
    let world = World::new();
    let mut texts = BTreeMap::new();
    for (name, _) in commands() {
        let mut words: Vec<String> = words(&name);
        words.push("--help".to_owned());
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        let shown = finish(world.bare_command(&arguments).spawn().unwrap());
        assert_eq!((shown.status, shown.stderr.as_str()), (0, ""), "{name}");
        texts.insert(format!("{name}.txt"), shown.stdout);
    }
    compare("tests/fixtures/help", &texts);
}

#[test]
fn bash_zsh_and_fish_can_read_their_scripts() {
    for (shell, file) in [("bash", "ibmiam.bash"), ("zsh", "_ibmiam"), ("fish", "ibmiam.fish")] {
        let path = root().join("completions").join(file);
        let mut command = Command::new(shell);
        // The test skips a missing shell. `.ci/run` installs all three.
        match command.arg("-n").arg(path).output() {
            Ok(read) => assert!(read.status.success(), "{shell}: {}", String::from_utf8_lossy(&read.stderr)),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{shell}"),
        }
    }
}

/// Every command with its full name, such as `ibmiam-sandbox-serve`, including commands that have subcommands.
fn commands() -> Vec<(String, clap::Command)> {
    let mut root = ibmiam::cli::command();
    root.build();
    let mut all = Vec::new();
    collect("ibmiam", root, &mut all);
    all
}

fn collect(name: &str, command: clap::Command, all: &mut Vec<(String, clap::Command)>) {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(&format!("{name}-{}", inner.get_name()), inner.clone(), all);
    }
    all.push((name.to_owned(), command));
}

/// The words of a command such as `ibmiam-sandbox-serve`, without the program.
fn words(name: &str) -> Vec<String> {
    let rest = name.trim_start_matches("ibmiam").trim_start_matches('-');
    let with_commands = ["completion", "sandbox", "session", "stand-in"];
    let outer = with_commands.iter().find_map(|outer| Some((outer, rest.strip_prefix(outer)?.strip_prefix('-')?)));
    match outer {
        Some((outer, inner)) => vec![(*outer).to_owned(), inner.to_owned()],
        None if rest.is_empty() => Vec::new(),
        None => vec![rest.to_owned()],
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Compares a folder with its expected content, or writes that content.
#[expect(clippy::disallowed_methods, reason = "a switch for the tests themselves")]
fn compare(folder: &str, expected: &BTreeMap<String, String>) {
    let folder = root().join(folder);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in expected {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let there: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !expected.contains_key(name))
        .collect();
    assert!(there.is_empty(), "{} holds files too many: {there:?}", folder.display());
    for (name, text) in expected {
        let path = folder.join(name);
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == *text,
            "{} is not what the code makes; {UPDATE}=1 rewrites it, and you look at the difference",
            path.display()
        );
    }
}
