//! Checks in the source which modules and libraries each module may use.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::source::{circles, code, imports, places, sources};

/// Each layer, and the layers that it may name.
const ARROWS: [(&str, &[&str]); 28] = [
    (
        "commands",
        &[
            "audit", "blocking", "cli", "complete", "config", "context", "creation", "error", "files", "format",
            "hint", "iam", "keyfile", "names", "ops", "output", "programs", "sandbox", "scan", "secret", "session",
            "signals", "terminal", "text", "time",
        ],
    ),
    (
        "ops",
        &[
            "blocking", "cli", "config", "context", "creation", "error", "files", "format", "hint", "iam", "keyfile",
            "names", "output", "sandbox", "secret", "session", "signals", "terminal", "text", "time",
        ],
    ),
    ("session", &["config", "context", "error", "files", "iam", "programs", "secret", "text"]),
    ("creation", &["blocking", "files", "iam", "keyfile", "secret", "text", "time"]),
    ("keyfile", &["error", "files", "format", "iam", "output", "secret", "text"]),
    ("iam", &["error", "mask", "secret", "text"]),
    (
        "terminal",
        &["blocking", "error", "files", "format", "hint", "iam", "mask", "output", "programs", "secret", "text"],
    ),
    ("output", &["audit", "format", "iam", "text", "time"]),
    ("audit", &["finding", "iam", "time"]),
    ("scan", &["secret"]),
    ("sandbox", &["files", "text"]),
    ("cli", &["error", "finding", "format", "hint", "secret", "text", "time"]),
    ("complete", &["cli", "names", "text"]),
    ("names", &["files", "text"]),
    ("config", &["cli", "error", "format", "hint", "iam", "mask", "programs", "secret", "terminal"]),
    ("context", &["config", "error", "hint", "signals", "terminal", "text"]),
    ("blocking", &[]),
    ("error", &["hint", "signals"]),
    ("files", &[]),
    ("finding", &[]),
    ("format", &[]),
    ("hardening", &[]),
    ("hint", &["text"]),
    ("mask", &["secret"]),
    ("programs", &[]),
    ("signals", &[]),
    ("text", &[]),
    ("time", &[]),
];

/// Crates that only these files may name.
const FENCES: [(&str, &[&str]); 17] = [
    ("reqwest", &["iam/certificates.rs", "iam/http.rs", "iam/request.rs"]),
    ("rustls", &["iam/http.rs"]),
    ("axum", &["sandbox/"]),
    ("hyper", &["sandbox/server.rs"]),
    ("rcgen", &["sandbox/tls.rs"]),
    ("tokio_rustls", &["sandbox/server.rs", "sandbox/tls.rs"]),
    ("toml", &["sandbox/check.rs"]),
    ("rusqlite", &["sandbox/"]),
    ("ring", &["sandbox/"]),
    ("clap", &["cli/", "complete/names.rs", "format.rs"]),
    ("clap_complete", &["complete/mod.rs", "complete/names.rs"]),
    ("roff", &["cli/man.rs"]),
    ("comfy_table", &["output/screen.rs", "output/table.rs"]),
    ("dialoguer", &["terminal/input.rs"]),
    ("directories", &["config/folders.rs"]),
    ("dbus_secret_service", &["session/keyring/secret_service.rs"]),
    ("open", &["terminal/browser.rs"]),
];

#[test]
fn a_layer_names_only_the_layers_below_it() {
    let mut checked = 0;
    for (file, text) in sources() {
        let layer = file.split(['/', '.']).next().unwrap();
        if matches!(layer, "main" | "lib") {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == layer) else {
            assert!(layer == "secret", "{file} belongs to no layer");
            assert!(named(&text).is_empty(), "{file} is a leaf");
            continue;
        };
        for other in named(&text) {
            checked += 1;
            let known = other == layer || allowed.contains(&other.as_str());
            assert!(known, "{file} names crate::{other}, which {layer} must not know");
        }
    }
    assert!(checked > 100, "only {checked} paths were found; does the test still read the source?");
}

/// Files of `commands/` that are not commands, but code that the commands of a folder share.
const SHARED: [&str; 3] = ["commands/sandbox/start.rs", "commands/session/account.rs", "commands/session/view.rs"];

#[test]
fn a_command_imports_what_commands_share_and_no_other_command() {
    let is_command = |file: &str| {
        let in_folder = file.starts_with("commands/") && file.matches('/').count() == 2;
        in_folder && !file.ends_with("/mod.rs") && !SHARED.contains(&file)
    };
    let mut checked = 0;
    for (file, imported) in imports(&sources()) {
        if file.starts_with("commands/") && !file.ends_with("/mod.rs") {
            checked += 1;
            let others: Vec<&String> = imported.iter().filter(|other| is_command(other)).collect();
            assert!(others.is_empty(), "{file} imports the commands {others:?}");
        }
    }
    assert!(checked > 25, "only {checked} files were found; does the test still read the source?");
}

/// The rooms of `ops/`, from the lowest one. A room uses lower rooms only, and not those beside it.
const ROOMS: [&[&str]; 6] =
    [&["messages.rs", "mod.rs"], &["errors.rs"], &["login/"], &["keys/"], &["new_key/", "recovery/"], &["rotation/"]];

#[test]
fn a_room_of_ops_uses_the_rooms_below_it_only() {
    let place = |file: &str| {
        let file = file.strip_prefix("ops/")?;
        let of = |rooms: &[&'static str]| rooms.iter().find(|room| file.starts_with(**room)).copied();
        ROOMS.iter().enumerate().find_map(|(level, rooms)| Some((level, of(rooms)?)))
    };
    let (mut checked, mut upward) = (0, Vec::new());
    for (file, imported) in imports(&sources()) {
        assert!(!file.starts_with("ops/") || place(&file).is_some(), "{file} is in no room of ops");
        let Some((level, room)) = place(&file).filter(|_| file != "ops/mod.rs") else { continue };
        for other in imported.iter().filter(|other| *other != "ops/mod.rs") {
            checked += 1;
            let is_lower =
                place(other).is_none_or(|(other_level, other_room)| other_level < level || other_room == room);
            upward.extend((!is_lower).then(|| format!("{file} -> {other}")));
        }
    }
    assert!(upward.is_empty(), "imports of rooms that are not below: {upward:#?}");
    assert!(checked > 50, "only {checked} imports were found; does the test still read the source?");
}

/// Folders inside which files still import each other in a circle.
const CIRCLES: [&str; 1] = ["creation/"];

#[test]
fn no_imports_of_a_file_lead_back_to_it() {
    let imports = imports(&sources());
    assert!(imports.values().flatten().count() > 500, "does the test still read the source?");
    let is_inside = |circle: &str, folder: &str| circle.split(" -> ").all(|file| file.starts_with(folder));
    let mut circles = circles(&imports);
    circles.retain(|circle| !CIRCLES.iter().any(|folder| is_inside(circle, folder)));
    assert!(circles.is_empty(), "files import each other in a circle: {circles:#?}");
}

#[test]
fn a_circle_of_any_length_is_found() {
    let sources = [
        ("room/mod.rs", "mod a;\nmod b;\nmod c;\npub use b::B;\npub use c::{C, start};\nfn f(_: C) {}"),
        ("room/a.rs", "use super::{\n    B,\n    d::{D, E},\n};"),
        ("room/b.rs", "use super::c;\npub struct B;"),
        ("room/c.rs", "fn f() -> crate::room::a::A {}"),
        ("room/d.rs", "use super::Room;"),
        // A file that exports names of another one again does not import it.
        ("other/mod.rs", "pub mod a;\npub use a::start;"),
        ("other/a.rs", "use super::Other;"),
    ];
    let found = circles(&imports(&sources.map(|(file, text)| (file.to_owned(), text.to_owned()))));
    let long = "room/a.rs -> room/d.rs -> room/mod.rs -> room/c.rs -> room/a.rs";
    assert_eq!(Vec::from_iter(found), ["room/a.rs -> room/b.rs -> room/c.rs -> room/a.rs", long]);
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_module = path.extension().is_some_and(|extension| extension == "rs") && name != "main";
        assert!(!is_module || main.lines().any(|line| line == format!("mod {name};")), "{name} is not in main.rs");
    }
}

#[test]
fn a_library_is_used_in_its_room_only() {
    let mut found = BTreeSet::new();
    for (file, text) in sources() {
        for (library, rooms) in FENCES {
            let used = uses(&text, library);
            if used {
                found.insert(library);
                let at_home = rooms.iter().any(|room| file.starts_with(room));
                assert!(at_home, "{file} uses {library}, which belongs into {rooms:?}");
            }
        }
    }
    assert_eq!(found.len(), FENCES.len(), "libraries that nobody uses: {found:?} are those that are");
}

#[test]
fn secrets_have_one_way_out_and_it_is_used_in_few_places() {
    let mut places = BTreeSet::new();
    for (file, text) in sources() {
        if code(&text).contains("expose_secret") {
            places.insert(file);
        }
    }
    let known = [
        "commands/session/exec.rs",
        "commands/session/login.rs",
        "commands/sandbox/passcode.rs",
        "commands/session/tokens.rs",
        "iam/http.rs",
        "iam/identity.rs",
        "iam/request.rs",
        "creation/register.rs",
        "keyfile/format.rs",
        "mask.rs",
        "ops/login/mod.rs",
        "ops/new_key/delivery.rs",
        "ops/new_key/program.rs",
        "scan.rs",
        "secret.rs",
        "session/claims.rs",
        "session/find.rs",
        "session/ibmcloud_login.rs",
        "session/keyring/native.rs",
        "session/keyring/secret_service.rs",
        "session/name.rs",
        "session/token.rs",
    ];
    assert_eq!(places, known.map(str::to_owned).into());
}

/// The modules of this crate that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::<String>::new();
    let code = code(text);
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        names.insert(rest.chars().take_while(|next| next.is_ascii_lowercase() || *next == '_').collect());
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Whether the text uses a path of this library.
fn uses(text: &str, library: &str) -> bool {
    !places(&code(text), &format!("{library}::")).is_empty()
}
