//! Completion in real shells on a terminal: a completion inserts exactly one argument, and the right one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use expectrl::{Expect, Session};

use crate::support::limits::seconds;
use crate::support::relay::Fake;
use crate::support::{Outcome, Server, World, binary, finish, wait_until};

/// Key names that a colleague could have chosen; each begins with two letters that no other name begins with.
const NAMES: [&str; 26] = [
    "aa-plain",
    "bb key",
    "cc'it",
    "dd\"q",
    "ee:colon",
    "ff$HOME",
    "gg`touch ran`x",
    "hh;touch ran",
    "ii&touch ran",
    "jj|tee ran",
    "kk*glob",
    "ll?x",
    "mm[ab]",
    "nn{a,b}",
    "oo(sub)",
    "pp<in",
    "qq>ran",
    "rr#c",
    "ss~t",
    "tt!h",
    "uu\\b",
    "vvüñ",
    "ww鍵",
    "xx=eq",
    "yy%p",
    "zz  two$(touch ran)",
];

/// A world with these keys, which were listed once, and a program that prints its arguments.
struct Shells {
    world: World,
}

impl Shells {
    fn new() -> Self {
        let setup = "[limits]\nkeys_per_identity = 100\n";
        let world = World::at(Server::set_up(setup));
        for name in NAMES {
            world.key(name);
        }
        world.key_with("locked one", &["--lock"]);
        assert_eq!(world.run(&["api-key-list", "-q"]).status, 0);
        fs::create_dir(world.path("bin")).unwrap();
        let script = format!(
            "#!/bin/sh\n[ -n \"$IBMIAM_COMPLETE\" ] && exec '{}' \"$@\"\n\
             {{ for word in \"$@\"; do printf '%s\\n' \"$word\"; done; echo '<end>'; }} > arguments.new\n\
             mv arguments.new arguments\n",
            binary().display()
        );
        let path = world.path("bin/ibmiam");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { world }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        let environment = self.world.command(&[]);
        command.args(arguments).env_clear().current_dir(self.world.path(""));
        command.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let path = format!("{}:/usr/bin:/bin", self.world.path("bin").display());
        command.env("PATH", path).env("HOME", self.world.path("")).env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        command
    }

    /// Types each line and TAB, and returns the arguments that the program received.
    fn typed(&self, shell: &str, lines: &[String]) -> Vec<Vec<String>> {
        let script = |shell: &str| finish(self.world.bare_command(&["completion", shell]).spawn().unwrap()).stdout;
        fs::write(self.world.path("script"), script(shell)).unwrap();
        let (arguments, setup): (&[&str], &str) = match shell {
            "bash" => (&["--noprofile", "--norc", "-i"], "PS1='ready> '; . ./script; bind 'set bell-style none'"),
            "zsh" => (&["-f", "-i"], "PS1='ready> '; autoload -U compinit; compinit -u -D; . ./script"),
            _ => (&["--no-config", "-i"], "function fish_prompt; echo 'ready> '; end; source ./script"),
        };
        let mut session = Session::spawn(self.command(shell, arguments)).unwrap();
        session.set_expect_timeout(Some(seconds(20)));
        session.send_line(setup).unwrap();
        session.send_line("echo set''up").unwrap();
        session.expect("setup").unwrap();
        let mut all = Vec::new();
        let path: PathBuf = self.world.path("arguments");
        for line in lines {
            fs::remove_file(&path).ok();
            session.send(format!("{line}\t")).unwrap();
            // If the line opened a quote, the completion has closed it.
            session.send("\r").unwrap();
            let begun = std::time::Instant::now();
            wait_until(|| path.exists() || begun.elapsed() > seconds(8));
            assert!(path.exists(), "{shell} did not run: {line}");
            let text = fs::read_to_string(&path).unwrap();
            all.push(text.lines().take_while(|word| *word != "<end>").map(str::to_owned).collect());
        }
        session.send("exit\r").unwrap();
        session.expect(expectrl::Eof).unwrap();
        all
    }

    /// Completes each name from its first two letters: without quotes, in single quotes and in double quotes.
    fn each_start(&self, shell: &str) {
        let Some(starts) = has(shell).then_some(["", "'", "\""]) else { return };
        for start in starts {
            let fits = |name: &&str| shell != "bash" || start != "\"" || !name.contains('!');
            let names: Vec<&str> = NAMES.into_iter().filter(fits).collect();
            let line = |name: &&str| format!("ibmiam api-key-delete -f {start}{}", &name[..2]);
            let lines: Vec<String> = names.iter().map(line).collect();
            for (name, arguments) in names.iter().zip(self.typed(shell, &lines)) {
                assert_eq!(arguments, ["api-key-delete", "-f", name], "{shell} {start}");
            }
        }
        assert!(!self.world.path("ran").exists(), "{shell} ran a part of a name");
    }
}

/// Whether this shell is installed; tests skip a missing shell. `.ci/run` installs all three.
fn has(shell: &str) -> bool {
    Command::new(shell).arg("--version").output().is_ok()
}

#[test]
fn bash_inserts_every_name_as_one_word_and_runs_none() {
    Shells::new().each_start("bash");
}

#[test]
fn zsh_inserts_every_name_as_one_word_and_runs_none() {
    Shells::new().each_start("zsh");
}

#[test]
fn fish_inserts_every_name_as_one_word_and_runs_none() {
    Shells::new().each_start("fish");
}

/// The completions of a line, requested in the way of the shell's script.
fn asked(world: &World, line: &str) -> Vec<String> {
    let mut command = world.command(&["--", line, " \t\n\"'><=;|&(:"]);
    let answer: Outcome = finish(command.env("IBMIAM_COMPLETE", "bash").spawn().unwrap());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{answer}");
    answer.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn only_keys_for_which_the_command_makes_sense_are_offered_and_no_files() {
    let world = World::new();
    world.key("open");
    world.key_with("locked", &["--lock"]);
    world.key_with("disabled", &["--disabled"]);
    world.key_with("-dash", &[]);
    fs::write(world.path("a file"), "").unwrap();
    world.run(&["api-key-list", "-q"]);
    let names = |command: &str| {
        let mut found = asked(&world, &format!("ibmiam {command} "));
        found.retain(|name| !name.starts_with("ApiKey-"));
        found
    };
    assert_eq!(names("api-key-unlock"), ["locked"]);
    assert_eq!(names("api-key-lock"), ["disabled", "open", "sandbox"]);
    assert_eq!(names("api-key-enable"), ["disabled"]);
    assert_eq!(names("api-key-delete"), ["disabled", "open", "sandbox"]);
    assert_eq!(names("api-key-show"), ["disabled", "locked", "open", "sandbox"]);
    assert_eq!(names("api-key"), ["disabled", "locked", "open", "sandbox"], "its other name");
    let ids = asked(&world, "ibmiam api-key-unlock ApiKey-");
    assert_eq!(ids.len(), 1, "{ids:?}");
    let dashes = asked(&world, "ibmiam api-key-show ");
    assert!(dashes.iter().any(|id| id.starts_with("ApiKey-")) && !dashes.contains(&"-dash".to_owned()), "{dashes:?}");
    assert!(asked(&world, "ibmiam api-key-create --file ").contains(&"a\\ file".to_owned()));
    assert!(asked(&world, "ibmiam api-key-li").contains(&"api-key-list".to_owned()));
    assert_eq!(asked(&world, "ibmiam api-key-list --sort c"), ["created"]);
}

#[test]
fn names_follow_what_commands_do_and_what_the_service_says_later() {
    let world = World::new();
    world.key("first");
    let names = || asked(&world, "ibmiam api-key-show f");
    assert_eq!(names(), ["first"], "nothing is stored yet, so the service is asked");
    world.run(&["api-key-update", "first", "-n", "further"]);
    assert_eq!(names(), ["further"]);
    world.run(&["api-key-lock", "-f", "further"]);
    assert_eq!(asked(&world, "ibmiam api-key-unlock f"), ["further"]);
    world.run(&["api-key-unlock", "-f", "further"]);
    world.key("fresh");
    assert_eq!(names(), ["fresh", "further"]);
    world.run(&["api-key-delete", "-f", "further"]);
    assert_eq!(names(), ["fresh"]);
    for entry in fs::read_dir(world.home().join("cache/names")).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!fs::read_to_string(entry.path()).unwrap().contains(&world.server.key));
    }
}

#[test]
fn a_service_that_does_not_answer_delays_a_completion_by_a_third_of_a_second_at_most() {
    let world = World::at(Server::faulty(&["GET /v1/apikeys delay=60s"]));
    let relay = Fake::relay_unless(&world.server.url, |_| None);
    let asked = || {
        let mut command = world.command(&["--", "ibmiam api-key-show s", " "]);
        command.env("IBMIAM_COMPLETE", "bash").env("IBMCLOUD_IAM_API_ENDPOINT", relay.url());
        finish(command.spawn().unwrap()).stdout
    };
    let begun = std::time::Instant::now();
    assert_eq!(asked(), "");
    assert!(begun.elapsed() < seconds(5), "{:?}", begun.elapsed());
    let requests = relay.requests().len();
    assert!(requests > 0);
    asked();
    assert_eq!(relay.requests().len(), requests, "the next completion does not try again");
}

#[test]
fn sessions_and_accounts_are_offered() {
    let world = crate::login_methods::two_accounts();
    let passcode = || world.server.sandbox.passcode(crate::login_methods::OWNER).unwrap();
    for (name, account) in [("default", "Staging"), ("work", "Staging")] {
        let arguments = ["login", "--session", name, "--passcode", &passcode(), "-c", account, "--store", "file"];
        assert_eq!(crate::login_methods::run(&world, &arguments).status, 0);
    }
    let asked = |line: &str| {
        let mut command = crate::login_methods::command(&world, &["--", line, " \t\n\"'><=;|&(:"]);
        let answer = finish(command.env("IBMIAM_COMPLETE", "bash").spawn().unwrap());
        answer.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(asked("ibmiam session use "), ["default", "work"]);
    assert_eq!(asked("ibmiam --session w"), ["work"]);
    assert_eq!(asked("ibmiam target -c Sta"), ["Staging"]);
}

#[test]
fn a_damaged_cache_and_odd_requests_are_silent() {
    let world = World::new();
    world.run(&["api-key-list", "-q"]);
    for entry in fs::read_dir(world.home().join("cache/names")).unwrap() {
        fs::write(entry.unwrap().path(), "ibmiam names 1 9999999999 0\nk\n\u{fffd}").unwrap();
    }
    assert_eq!(asked(&world, "ibmiam api-key-show s"), [] as [&str; 0]);
    for (shell, arguments) in [
        ("bash", &["--"][..]),
        ("bash", &["--", ""]),
        ("fish", &["--", "ibmiam", "api-key-show", "'"]),
        ("zsh", &["--", "ibmiam", "--timeout", "x", ""]),
        ("powershell", &["--", "ibmiam", "api-key-show", "'"]),
        ("elvish", &["--", "ibmiam", "api-key-show", "\u{1b}"]),
    ] {
        let mut command = world.command(arguments);
        let answer = finish(command.env("IBMIAM_COMPLETE", shell).spawn().unwrap());
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{shell} {arguments:?}: {answer}");
    }
}

#[test]
fn scripts_and_pages_are_installed_where_the_shell_looks_and_removed_again() {
    let world = World::new();
    let home = world.path("home of a user");
    let run = |arguments: &[&str], shell: &str| {
        let mut command = world.bare_command(&[&["completion", "install"], arguments].concat());
        finish(command.env("HOME", &home).env("SHELL", shell).spawn().unwrap())
    };
    for (shell, path) in [
        ("/bin/bash", ".local/share/bash-completion/completions/ibmiam"),
        ("/usr/bin/zsh", ".local/share/zsh/site-functions/_ibmiam"),
        ("/usr/bin/fish", ".config/fish/completions/ibmiam.fish"),
    ] {
        let path = home.join(path);
        for _ in 0..2 {
            let installed = run(&["--man"], shell);
            assert_eq!(installed.status, 0, "{installed}");
            assert!(installed.stderr.contains(&format!("Installed '{}'", path.display())), "{installed}");
        }
        assert!(fs::read_to_string(&path).unwrap().contains("IBMIAM_COMPLETE"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        let page = home.join(".local/share/man/man1/ibmiam-api-key-create.1");
        assert!(page.exists());
        assert_eq!(run(&["--man", "--remove"], shell).status, 0);
        assert!(!path.exists() && !page.exists());
        assert_eq!(run(&["--remove"], shell).status, 0, "also where there is none");
        fs::write(&path, "complete -c other").unwrap();
        for arguments in [&[][..], &["--remove"]] {
            let refused = run(arguments, shell);
            assert!(refused.status == 5 && refused.stderr.contains("Nothing was changed"), "{refused}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "complete -c other");
    }
    let unknown = run(&[], "/bin/tcsh");
    assert!(unknown.status == 2 && unknown.stderr.contains("ibmiam completion install bash"), "{unknown}");
    let printed = run(&["powershell"], "");
    assert!(printed.status == 2 && printed.stderr.contains("ibmiam completion powershell"), "{printed}");
    assert_eq!(finish(world.bare_command(&["completion"]).spawn().unwrap()).status, 2);
}

#[test]
fn a_name_like_another_keys_id_is_offered_by_its_own_id() {
    let world = World::new();
    let id = world.key("victim");
    let own = world.key_with(&id, &[]);
    world.run(&["api-key-list", "-q"]);
    let offered = asked(&world, "ibmiam api-key-delete ");
    assert!(offered.contains(&own) && offered.contains(&"victim".to_owned()) && !offered.contains(&id), "{offered:?}");
}

#[test]
fn a_completion_renews_no_session() {
    let world = World::at(Server::faulty(&["GET /v1/apikeys nth=1 status=401"]));
    let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
    assert_eq!(crate::support::feed(world.bare_command(&login), &world.server.key).status, 0);
    let session = || fs::read_to_string(world.home().join("sessions/default.json")).unwrap();
    let before = session();
    let mut command = world.bare_command(&["--", "ibmiam api-key-show s", " "]);
    let answer = finish(command.env("IBMIAM_COMPLETE", "bash").spawn().unwrap());
    assert_eq!((answer.status, answer.stdout.as_str(), answer.stderr.as_str()), (0, "", ""));
    assert_eq!(session(), before);
}

#[test]
fn the_variable_alone_silences_no_command() {
    let world = World::new();
    for shell in ["1", "bash", "nosuch"] {
        let mut command = world.command(&["api-key-delete", "-f", "nosuch"]);
        let refused = finish(command.env("IBMIAM_COMPLETE", shell).spawn().unwrap());
        assert!(refused.status == 3 && refused.stderr.contains("nosuch"), "{shell}: {refused}");
    }
}

#[test]
fn of_many_names_no_more_is_inserted_than_all_have_in_common() {
    let world = World::at(Server::set_up("[limits]\nkeys_per_identity = 400\n"));
    for number in 0..201 {
        world.key(&format!("a-{number:03}"));
    }
    world.key("zebra");
    world.run(&["api-key-list", "-q"]);
    let offered = asked(&world, "ibmiam api-key-show ");
    assert_eq!((offered.len(), offered.last().map(String::as_str)), (200, Some("zebra")));
}
