//! A real keyring, gnome-keyring under dbus-run-session, and all the cases in which there is no usable keyring.

use std::fmt::Write as _;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::support::limits::seconds;
use crate::support::relay::Fake;
use crate::support::{Outcome, Server, World, binary, finish};

/// The state of the keyring.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Keyring {
    Unlocked,
    Locked,
    /// A bus without a service that stores secrets.
    NoProvider,
    NoBus,
    /// A bus that accepts connections and sends nothing.
    Silent,
}

/// The folders of a desktop session.
struct Desktop {
    world: World,
    keyring: Keyring,
    // The listener never accepts a connection.
    _silent: UnixListener,
}

impl Desktop {
    fn new() -> Self {
        let world = World::new();
        for name in ["rt", "data", "desk"] {
            std::fs::DirBuilder::new().mode(0o700).create(world.path("").join("..").join(name)).unwrap();
        }
        let silent = UnixListener::bind(world.path("../silent")).unwrap();
        let services = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>\
                        <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
                        <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>";
        std::fs::write(world.path("../bus.conf"), services).unwrap();
        Self { world, keyring: Keyring::Unlocked, _silent: silent }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.world.path("").parent().unwrap().join(name)
    }

    /// Runs a shell script, in which `$B` is the program, with the keyring in this state.
    fn run(&self, script: &str) -> Outcome {
        let start = match self.keyring {
            Keyring::Unlocked => "printf test | gnome-keyring-daemon --foreground --unlock --components=secrets",
            Keyring::Locked => "gnome-keyring-daemon --foreground --start --components=secrets",
            Keyring::NoProvider | Keyring::NoBus | Keyring::Silent => "",
        };
        let script = if start.is_empty() {
            script.to_owned()
        } else {
            // The keyring runs in the foreground, so that the script can end it: it does not always end with the bus.
            let owner = "dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
                         org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets";
            format!(
                "{start} >/dev/null 2>&1 & keyring=$!; until {owner} >/dev/null 2>&1; do :; done\n\
                 ({script}\n); status=$?; kill $keyring; wait $keyring 2>/dev/null; exit $status"
            )
        };
        let shell = ["/bin/sh", "-c", &script];
        let configured = format!("--config-file={}", self.folder("bus.conf").display());
        let mut command = match self.keyring {
            Keyring::Unlocked | Keyring::Locked => Command::new("dbus-run-session"),
            Keyring::NoProvider => {
                let mut command = Command::new("dbus-run-session");
                command.arg(configured);
                command
            }
            Keyring::NoBus | Keyring::Silent => Command::new("env"),
        };
        if matches!(self.keyring, Keyring::Unlocked | Keyring::Locked | Keyring::NoProvider) {
            command.arg("--");
        }
        command.args(shell).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.folder("desk")).env("B", binary());
        command.env("XDG_DATA_HOME", self.folder("data")).env("XDG_RUNTIME_DIR", self.folder("rt"));
        if self.keyring == Keyring::Silent {
            let address = format!("unix:path={}", self.folder("silent").display());
            command.env("DBUS_SESSION_BUS_ADDRESS", address);
        }
        command.env("IBMIAM_HOME", self.world.home()).env("KEY", &self.world.server.key);
        command.env("URL", &self.world.server.url).current_dir(self.world.path(""));
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        finish(command.spawn().unwrap())
    }

    fn session(&self) -> String {
        std::fs::read_to_string(self.world.home().join("sessions/default.json")).unwrap()
    }

    fn expire(&self) {
        std::fs::remove_file(self.world.home().join("cache/tokens/default")).unwrap();
    }
}

const LOGIN: &str = "echo $KEY | $B login --endpoint $URL --apikey - -q";
const LIST: &str = "$B api-key-list -q";

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
fn a_login_lives_in_the_keyring_and_leaves_nothing_there() {
    let desktop = Desktop::new();
    let login = desktop.run(&format!("{LOGIN} && {LIST}"));
    assert_eq!((login.status, login.stderr.contains("plain file")), (0, false), "{login}");
    assert!(login.stdout.contains("Stored in:        the system's keyring"), "{login}");
    assert!(desktop.session().contains("\"refresh_token\": null"), "{}", desktop.session());
    desktop.expire();
    let renewed = desktop.run(&format!("{LIST} && $B session list"));
    assert_eq!(renewed.status, 0, "{renewed}");
    assert!(renewed.stdout.contains("   keyring   "), "{renewed}");
    let before = desktop.session();
    let logout = desktop.run("$B logout");
    assert_eq!(logout.status, 0, "{logout}");
    // With the session file restored, the session would find a secret that is still in the keyring.
    std::fs::write(desktop.world.home().join("sessions/default.json"), &before).unwrap();
    let gone = desktop.run(LIST);
    assert_eq!(gone.status, 1, "a file with a wide mode is not trusted: {gone}");
    let chmod = format!("chmod 600 $IBMIAM_HOME/sessions/default.json; {LIST}");
    let gone = desktop.run(&chmod);
    assert!(gone.status == 4 && gone.stderr.contains("has expired"), "{gone}");
}

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
fn moving_between_stores_removes_the_other_copy() {
    let desktop = Desktop::new();
    assert_eq!(desktop.run(LOGIN).status, 0);
    let in_keyring = desktop.session();
    let moved = desktop.run(&format!("{LOGIN} --store file"));
    assert_eq!(moved.status, 0, "{moved}");
    assert!(!desktop.session().contains("\"refresh_token\": null"));
    let in_file = desktop.session();
    let back = format!("cat > $IBMIAM_HOME/sessions/default.json <<'E'\n{in_keyring}\nE\n{LIST}");
    desktop.expire();
    let gone = desktop.run(&back);
    assert!(gone.status == 4 && gone.stderr.contains("has expired"), "the keyring's copy is gone: {gone}");
    std::fs::write(desktop.world.home().join("sessions/default.json"), in_file).unwrap();
    let again = desktop.run(&format!("{LOGIN} --store keyring --keep-key"));
    assert_eq!(again.status, 0, "{again}");
    assert!(desktop.session().contains("\"refresh_token\": null"));
    assert!(!desktop.session().contains(&desktop.world.server.key));
}

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
fn a_kept_key_goes_on_where_the_login_has_ended() {
    let desktop = Desktop::new();
    assert_eq!(desktop.run(&format!("{LOGIN} --keep-key --store none")).status, 0);
    desktop.expire();
    let renewed = desktop.run(LIST);
    assert_eq!(renewed.status, 0, "{renewed}");
    let refused = desktop.run("$B login --endpoint $URL --passcode 1 --keep-key");
    assert!(refused.status == 2 && refused.stderr.contains("requires a login with an API key"), "{refused}");
}

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
fn a_kept_key_stays_with_its_account_and_is_removed_with_a_note_where_the_session_leaves_it() {
    let (home, staging) = ("0123456789abcdef0123456789abcdef", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    let mut desktop = Desktop::new();
    let accounts = format!("[[accounts]]\nid = \"{staging}\"\nname = \"Staging\"\nmembers = [\"IBMid-5500SANDBX\"]\n");
    let other = World::at(Server::set_up(&accounts));
    let passcode = other.server.sandbox.passcode("IBMid-5500SANDBX").unwrap();
    let login = ["login", "--store", "file", "--endpoint", &other.server.url, "--passcode", &passcode, "-c", staging];
    assert_eq!(finish(other.bare_command(&login).spawn().unwrap()).status, 0);
    let token = finish(other.bare_command(&["bearer-token"]).spawn().unwrap()).stdout;
    // A service that accepts the login of a key for another account.
    let relay = Fake::start_with_body(&desktop.world.server.url, move |_, body| {
        let body = body.contains("account=eeee").then(|| format!("{{\"access_token\": \"{}\"}}", token.trim()))?;
        Some(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes())
    });
    desktop.world.server.url = relay.url();
    assert_eq!(desktop.run(&format!("{LOGIN} --keep-key")).status, 0);
    let stays = desktop.run(&format!("$B target -c {home}"));
    assert!(stays.status == 0 && !stays.stderr.contains("was removed"), "{stays}");
    assert!(desktop.session().contains("\"keeps_key\": true"), "{}", desktop.session());
    let leaves = desktop.run(&format!("$B target -c {staging}"));
    assert!(leaves.status == 0 && leaves.stderr.contains("was removed, because"), "{leaves}");
    assert!(desktop.session().contains("\"keeps_key\": false"), "{}", desktop.session());
}

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
fn a_hundred_processes_renew_a_session_in_the_keyring_once() {
    let mut desktop = Desktop::new();
    let relay = Fake::relay(&desktop.world.server.url);
    desktop.world.server.url = relay.url();
    assert_eq!(desktop.run(LOGIN).status, 0);
    desktop.expire();
    let all = "for i in $(seq 100); do $B api-key-list -q >/dev/null & p=\"$p $!\"; done; for i in $p; do wait $i || exit 9; done";
    let listed = desktop.run(all);
    assert_eq!(listed.status, 0, "{listed}");
    let renewals = relay.requests().iter().filter(|line| line.starts_with("POST /identity/token")).count();
    assert_eq!(renewals, 2, "one for the login and one for all of them");
}

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
#[expect(clippy::print_stdout, reason = "the table of results and times is worth knowing")]
fn where_the_keyring_cannot_be_used_nothing_hangs_and_everything_says_so() {
    let mut table =
        String::from("keyring | login auto | login --store keyring | cached token | expired token | logout\n");
    for (keyring, why, slow) in [
        (Keyring::Locked, "the keyring is locked", false),
        (Keyring::NoProvider, "there is no keyring", false),
        (Keyring::NoBus, "there is no session bus", false),
        (Keyring::Silent, "did not respond within 3 seconds", true),
    ] {
        let mut desktop = Desktop::new();
        assert_eq!(desktop.run(LOGIN).status, 0);
        let in_keyring = desktop.session();
        desktop.keyring = keyring;
        let _ = write!(table, "{keyring:?}");
        let mut timed = |script: &str, status: i32, said: &str, may_wait: bool| {
            let began = Instant::now();
            let outcome = desktop.run(script);
            let took = began.elapsed();
            assert_eq!(outcome.status, status, "{keyring:?} {script}: {outcome}");
            assert!(outcome.stderr.contains(said), "{keyring:?} {script}: {outcome}");
            let limit = seconds(if may_wait { 12 } else { 3 });
            assert!(took < limit, "{keyring:?} {script}: {took:?}");
            let _ = write!(table, " | {status} in {:.1} s", took.as_secs_f64());
        };
        timed(
            &format!("{LOGIN} --session auto --no-input 2>&1 | cat >&2; $B session list -q | grep -q file"),
            0,
            "",
            slow,
        );
        let strict = "echo $KEY | $B login --endpoint $URL --apikey - --session strict --store keyring";
        timed(strict, 4, &capitalised(why), slow);
        timed(LIST, 0, "", false);
        desktop.expire();
        let mut timed = |script: &str, status: i32, said: &str| {
            let began = Instant::now();
            let outcome = desktop.run(script);
            assert_eq!(outcome.status, status, "{keyring:?} {script}: {outcome}");
            assert!(outcome.stderr.contains(said), "{keyring:?} {script}: {outcome}");
            let took = began.elapsed();
            assert!(took < seconds(12), "{keyring:?} {script}: {took:?}");
            let _ = write!(table, " | {status} in {:.1} s", took.as_secs_f64());
        };
        timed(LIST, 4, &capitalised(why));
        timed("$B logout", 1, "its secret is still in the keyring");
        table.push('\n');
        assert!(!desktop.world.home().join("sessions/default.json").exists());
        // The next logout with a working keyring deletes a secret that this logout could not delete.
        desktop.keyring = Keyring::Unlocked;
        assert_eq!(desktop.run("$B logout").status, 0);
        let back = format!("umask 077; cat > $IBMIAM_HOME/sessions/default.json <<'E'\n{in_keyring}\nE\n{LIST}");
        let gone = desktop.run(&back);
        assert!(gone.status == 4 && gone.stderr.contains("has expired"), "{keyring:?}: {gone}");
    }
    println!("{table}");
}

#[test]
#[ignore = "needs gnome-keyring, dbus and strace; .ci/run has them and runs this"]
#[expect(clippy::print_stdout, reason = "how many steps there were is worth knowing")]
fn a_login_or_renewal_killed_at_any_step_is_the_old_session_or_the_new_one_in_the_keyring_too() {
    let desktop = Desktop::new();
    assert_eq!(desktop.run(LOGIN).status, 0);
    let (mut logins, mut renewals) = (0, 0);
    for call in ["sendmsg", "write", "writev", "sendto", "fsync", "renameat"] {
        for number in 1.. {
            let strace = format!("strace -f -o /dev/null -e trace={call} -e inject={call}:signal=KILL:when={number}");
            let login = format!(
                "echo $KEY | {strace} $B login --endpoint $URL --apikey - -q >/dev/null; echo killed $?; \
                 rm -f $IBMIAM_HOME/cache/tokens/default; {LIST} >/dev/null; echo $?; \
                 rm -f $IBMIAM_HOME/cache/tokens/default; {strace} {LIST} >/dev/null; echo killed $?; \
                 rm -f $IBMIAM_HOME/cache/tokens/default; {LIST} >/dev/null; echo $?"
            );
            let outcome = desktop.run(&login);
            let lines: Vec<&str> = outcome.stdout.lines().collect();
            assert_eq!((lines[1], lines[3]), ("0", "0"), "{call} {number}: {outcome}");
            logins += u32::from(lines[0] != "killed 0");
            renewals += u32::from(lines[2] != "killed 0");
            if lines[0] == "killed 0" && lines[2] == "killed 0" {
                break;
            }
        }
    }
    println!("{logins} logins and {renewals} renewals killed");
    assert!(logins > 15 && renewals > 10, "{logins} {renewals}");
}

fn capitalised(why: &str) -> String {
    why.trim_start_matches("the ").trim_start_matches("there ").to_owned()
}

#[test]
#[ignore = "needs gnome-keyring and dbus; .ci/run has both and runs this"]
fn a_rotation_of_the_kept_key_leaves_the_new_one_in_the_keyring() {
    let desktop = Desktop::new();
    assert_eq!(desktop.run(&format!("{LOGIN} --store none --keep-key")).status, 0);
    let rotated = desktop.run("$B api-key-rotate sandbox --delete-old --force --file new.key");
    assert!(rotated.status == 0 && rotated.stderr.contains("The session 'default' now uses the new key"), "{rotated}");
    // Only the kept key can renew this session, and the old key is deleted.
    desktop.expire();
    let listed = desktop.run(LIST);
    assert_eq!(listed.status, 0, "{listed}");
    let old =
        desktop.run("IBMCLOUD_IAM_API_ENDPOINT=$URL IBMCLOUD_API_KEY=$KEY IBMIAM_HOME=$PWD/other $B api-key-list");
    assert_eq!(old.status, 4, "{old}");
}
