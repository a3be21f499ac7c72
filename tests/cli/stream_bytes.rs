//! The number of bytes that each command writes to each stream: under its own name and as the stand-in, in pipes and on
//! terminals.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use snapbox::str;

use crate::support::{World, finish};

/// Commands in an order in which each one can succeed. The second text is for the stand-in; `None` if it has no such
/// command.
const COMMANDS: [(&str, Option<&str>); 29] = [
    ("login", Some("login -r us-south")),
    ("target", Some("target")),
    ("session list", None),
    ("oauth-tokens", Some("iam oauth-tokens")),
    ("bearer-token", Some("iam bearer-token")),
    ("api", Some("api")),
    ("api-key-create k", Some("iam api-key-create k")),
    ("api-key-create f --file FILE", Some("iam api-key-create f --file FILE")),
    ("api-key-create j -o json", Some("iam api-key-create j --output json")),
    ("api-key-update k -d text", Some("iam api-key-update k -d text")),
    ("api-key-lock k -f", Some("iam api-key-lock k -f")),
    ("api-key-unlock k -f", Some("iam api-key-unlock k -f")),
    ("api-key-disable k -f", Some("iam api-key-disable k -f")),
    ("api-key-enable k -f", Some("iam api-key-enable k -f")),
    ("api-key-list", Some("iam api-keys")),
    ("api-key-list --all", None),
    ("api-key-list --uuid", None),
    ("api-key-list -o json", Some("iam api-keys --output json")),
    ("api-key-list -o csv", None),
    ("api-key-list -n nosuch", None),
    ("api-key-list -q", Some("iam api-keys -q")),
    ("api-key-show k", Some("iam api-key k")),
    ("api-key-delete k", Some("iam api-key-delete k")),
    ("api-key-delete f j -f", Some("iam api-key-delete f j -f")),
    ("api-key-delete nosuch -f", Some("iam api-key-delete nosuch -f")),
    ("api-key-recover", None),
    ("api-key-list --nosuch", Some("iam api-keys --nosuch")),
    ("--version", Some("--version")),
    ("logout", Some("logout")),
];

#[test]
fn each_command_writes_data_to_one_stream_and_messages_to_the_other() {
    let mut table = String::from("COMMAND                          OWN NAME                        STAND-IN\n");
    table.push_str("                                 pipe            terminal        pipe            terminal\n");
    let worlds: Vec<World> = (0..4).map(|_| World::new()).collect();
    for (own, stand_in) in COMMANDS {
        let mut line = format!("{own:<33}");
        for (world, terminal, arguments) in [
            (&worlds[0], false, Some(own)),
            (&worlds[1], true, Some(own)),
            (&worlds[2], false, stand_in),
            (&worlds[3], true, stand_in),
        ] {
            let is_stand_in = std::ptr::eq(world, &raw const worlds[2]) || std::ptr::eq(world, &raw const worlds[3]);
            let cell = arguments.map_or_else(String::new, |arguments| {
                let (out, err) = run(world, is_stand_in, arguments, terminal);
                format!("{} | {}", out.len(), err.len())
            });
            line.push_str(&format!("{cell:<16}"));
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    // `[..]`: on a terminal, a list shows "1 minute ago", whose length can differ on a slow machine.
    snapbox::assert_data_eq!(
        table,
        str![[r#"
COMMAND                          OWN NAME                        STAND-IN
                                 pipe            terminal        pipe            terminal
login                            178 | 218       188 | 228       313 | 127       313 | 127
target                           218 | 0         228 | 0         212 | 0         212 | 0
session list                     249 | 3         269 | 3
oauth-tokens                     35 | 0          35 | 0          35 | 0          35 | 0
bearer-token                     16 | 0          16 | 0          16 | 0          16 | 0
api                              18 | 60         18 | 60         18 | 60         18 | 60
api-key-create k                 557 | 179       557 | 189       664 | 72        664 | 72
api-key-create f --file FILE     0 | 156         0 | 166         155 | 0         155 | 0
api-key-create j -o json         657 | 0         657 | 0         657 | 0         657 | 0
api-key-update k -d text         494 | 106       494 | 116       600 | 0         600 | 0
api-key-lock k -f                0 | 103         0 | 113         103 | 0         103 | 0
api-key-unlock k -f              0 | 107         0 | 117         107 | 0         107 | 0
api-key-disable k -f             0 | 107         0 | 117         107 | 0         107 | 0
api-key-enable k -f              0 | 105         0 | 115         105 | 0         105 | 0
api-key-list                     746 | 85        [..] | 95        831 | 0         831 | 0
api-key-list --all               746 | 85        [..] | 95
api-key-list --uuid              176 | 0         176 | 0
api-key-list -o json             2727 | 0        2727 | 0        2727 | 0        2727 | 0
api-key-list -o csv              484 | 0         484 | 0
api-key-list -n nosuch           0 | 104         0 | 114
api-key-list -q                  746 | 0         [..] | 0         828 | 0         828 | 0
api-key-show k                   494 | 83        494 | 93        577 | 0         577 | 0
api-key-delete k                 0 | 185         0 | 193         105 | 80        183 | 0
api-key-delete f j -f            0 | 210         0 | 230         210 | 0         210 | 0
api-key-delete nosuch -f         0 | 97          0 | 97          0 | 103         0 | 103
api-key-recover                  0 | 34          0 | 34
api-key-list --nosuch            0 | 87          0 | 87          0 | 132         0 | 132
--version                        13 | 0          13 | 0          64 | 0          64 | 0
logout                           0 | 98          0 | 98          18 | 80         18 | 80

"#]]
    );
}

/// The output of a command, without colours, and with a length that depends on neither place nor time.
fn run(world: &World, is_stand_in: bool, arguments: &str, terminal: bool) -> (String, String) {
    let words: Vec<String> =
        arguments.split(' ').map(|word| if word == "FILE" { "key_file".to_owned() } else { word.to_owned() }).collect();
    let link = world.path("ibmcloud");
    let mut command = if is_stand_in {
        symlink(crate::support::binary(), &link).ok();
        Command::new(&link)
    } else {
        Command::new(crate::support::binary())
    };
    command.env_clear().env("IBMIAM_HOME", world.home()).env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url);
    command.env("TERM", "xterm").current_dir(world.path("")).args(words);
    if arguments.starts_with("login") {
        command.env("IBMCLOUD_API_KEY", &world.server.key);
    }
    let (out, err) = if terminal { on_terminals(command) } else { in_pipes(command) };
    let shown = |text: String| {
        let text = text.replace("\r\n", "\n").replace(&world.server.url, "URL");
        let text = text.replace(&world.home().display().to_string(), "HOME");
        without_tokens(&without_colours(&without_counters(&text)))
    };
    (shown(out), shown(err))
}

/// Runs a command in pipes, and answers a question with yes.
fn in_pipes(mut command: Command) -> (String, String) {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"y\n").ok();
    let done = finish(child);
    (done.stdout, done.stderr)
}

/// Runs a command with a terminal per output stream; standard input is the terminal of standard error.
fn on_terminals(mut command: Command) -> (String, String) {
    let (out, out_end) = terminal();
    let (err, err_end) = terminal();
    std::io::Write::write_all(&mut &err, b"y\n").unwrap();
    command.stdin(err_end.try_clone().unwrap()).stdout(out_end).stderr(err_end);
    // Ctrl-C and the like on the terminal of the tests must not reach the command.
    command.process_group(0);
    let mut child = command.spawn().unwrap();
    drop(command);
    let readers = [out, err].map(|mut end| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            // On Linux, the last close of the other end is a read error.
            end.read_to_end(&mut text).ok();
            String::from_utf8(text).unwrap()
        })
    });
    let [out, err] = readers.map(|reader| reader.join().unwrap());
    child.wait().unwrap();
    // The terminal echoes the typed answer.
    (out, err.replacen("y\r\n", "", 1))
}

/// Opens both ends of a terminal.
fn terminal() -> (File, File) {
    let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&end).unwrap();
    unlockpt(&end).unwrap();
    let name = ptsname(&end, Vec::new()).unwrap();
    let path = std::path::Path::new(std::str::from_utf8(name.as_bytes()).unwrap()).to_owned();
    (File::from(end), File::options().read(true).write(true).open(path).unwrap())
}

/// Removes lines that count or wait, which are shown only for a moment.
fn without_counters(text: &str) -> String {
    let pieces: Vec<&str> = text.split("\r\x1b[K").collect();
    let last = pieces.len() - 1;
    let is_counter = |index: usize, piece: &str| index > 0 && index < last && !piece.contains('\n');
    pieces.iter().enumerate().filter(|(index, piece)| !is_counter(*index, piece)).map(|(_, piece)| *piece).collect()
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).get(1..).unwrap_or("")
    })
}

/// Replaces tokens, whose length depends on the port of the endpoint (four or five digits).
fn without_tokens(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let mut parts = text.split("eyJ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "TOKEN" + part.trim_start_matches(is_part))
}
