//! The house: who may know whom, read from the source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each layer, and the layers it may name.
const ARROWS: [(&str, &[&str]); 19] = [
    (
        "commands",
        &[
            "blocking", "cli", "config", "context", "creation", "error", "files", "iam", "keyfile", "output",
            "programs", "sandbox", "secret", "session", "signals", "terminal", "time",
        ],
    ),
    ("session", &["config", "context", "error", "files", "iam", "secret"]),
    ("creation", &["blocking", "files", "iam", "keyfile", "secret", "time"]),
    ("keyfile", &["error", "files", "iam", "output", "secret"]),
    ("iam", &["error", "mask", "secret"]),
    ("terminal", &["blocking", "error", "files", "mask", "output", "secret"]),
    ("output", &["iam", "terminal"]),
    ("sandbox", &["files"]),
    ("cli", &["error", "secret", "time"]),
    ("config", &["cli", "error", "iam", "mask", "output", "programs", "secret", "terminal"]),
    ("context", &["config", "error", "signals", "terminal"]),
    ("blocking", &[]),
    ("error", &["signals"]),
    ("files", &[]),
    ("hardening", &[]),
    ("mask", &["secret"]),
    ("programs", &[]),
    ("signals", &[]),
    ("time", &[]),
];

/// Crates that only these may name.
const FENCES: [(&str, &[&str]); 16] = [
    ("reqwest", &["iam/http.rs"]),
    ("rustls", &["iam/http.rs"]),
    ("axum", &["sandbox/"]),
    ("hyper", &["sandbox/server.rs"]),
    ("rcgen", &["sandbox/tls.rs"]),
    ("tokio_rustls", &["sandbox/server.rs", "sandbox/tls.rs"]),
    ("toml", &["sandbox/setup.rs"]),
    ("rusqlite", &["sandbox/"]),
    ("ring", &["sandbox/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["commands/completion.rs"]),
    ("comfy_table", &["output/table.rs"]),
    ("dialoguer", &["terminal/input.rs", "terminal/prompt.rs"]),
    ("directories", &["config/mod.rs"]),
    ("dbus_secret_service", &["session/keyring/secret_service.rs"]),
    ("open", &["terminal/prompt.rs"]),
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
        "commands/acting.rs",
        "commands/delivery.rs",
        "commands/exec.rs",
        "commands/login.rs",
        "commands/sandbox.rs",
        "commands/whoami.rs",
        "iam/http.rs",
        "iam/identity.rs",
        "creation/load.rs",
        "creation/record.rs",
        "creation/register.rs",
        "keyfile/format.rs",
        "mask.rs",
        "secret.rs",
        "session/claims.rs",
        "session/file.rs",
        "session/foreign.rs",
        "session/keyring/native.rs",
        "session/keyring/secret_service.rs",
        "session/mod.rs",
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

/// Whether a path of this library is named, and not one that merely ends alike.
fn uses(text: &str, library: &str) -> bool {
    let code = code(text);
    code.match_indices(&format!("{library}::"))
        .any(|(start, _)| !code[..start].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)))
}

/// Without comments, and without the tests at a file's end, which may use what they like.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// All source files, by their path below `src`.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}
