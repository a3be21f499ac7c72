//! Checks in the source which modules and libraries each module may use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each layer, and the layers that it may name.
const ARROWS: [(&str, &[&str]); 27] = [
    (
        "commands",
        &[
            "audit", "blocking", "cli", "complete", "config", "context", "creation", "error", "files", "format",
            "hint", "iam", "keyfile", "names", "output", "programs", "sandbox", "scan", "secret", "session", "signals",
            "terminal", "text", "time",
        ],
    ),
    ("session", &["config", "context", "error", "files", "iam", "programs", "secret", "text"]),
    ("creation", &["blocking", "files", "iam", "keyfile", "secret", "text", "time"]),
    ("keyfile", &["error", "files", "iam", "output", "secret", "text"]),
    ("iam", &["error", "mask", "secret", "text"]),
    (
        "terminal",
        &["blocking", "error", "files", "format", "hint", "iam", "mask", "output", "programs", "secret", "text"],
    ),
    ("output", &["audit", "format", "iam", "text", "time"]),
    ("audit", &["finding", "iam", "time"]),
    ("scan", &["secret"]),
    ("sandbox", &["files", "text"]),
    ("cli", &["error", "finding", "hint", "secret", "text", "time"]),
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
    ("clap", &["cli/", "complete/names.rs"]),
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
        in_folder && !file.starts_with("commands/support/") && !file.ends_with("/mod.rs") && !SHARED.contains(&file)
    };
    let mut checked = 0;
    for (file, imported) in imports() {
        if file.starts_with("commands/") && !file.ends_with("/mod.rs") {
            checked += 1;
            let others: Vec<&String> = imported.iter().filter(|other| is_command(other)).collect();
            assert!(others.is_empty(), "{file} imports the commands {others:?}");
        }
    }
    assert!(checked > 25, "only {checked} files were found; does the test still read the source?");
}

#[test]
fn no_two_files_import_each_other() {
    let imports = imports();
    let circles: Vec<_> = imports
        .iter()
        .flat_map(|(file, imported)| imported.iter().map(move |other| (file, other)))
        .filter(|(file, other)| file < other && imports.get(*other).is_some_and(|back| back.contains(*file)))
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
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
        "commands/support/login.rs",
        "commands/support/program.rs",
        "commands/support/delivery.rs",
        "commands/session/exec.rs",
        "commands/session/login.rs",
        "commands/sandbox/passcode.rs",
        "commands/session/tokens.rs",
        "iam/http.rs",
        "iam/identity.rs",
        "iam/request.rs",
        "creation/record.rs",
        "creation/register.rs",
        "keyfile/format.rs",
        "mask.rs",
        "scan.rs",
        "secret.rs",
        "session/claims.rs",
        "session/ibmcloud_login.rs",
        "session/keyring/native.rs",
        "session/keyring/secret_service.rs",
        "session/name.rs",
        "session/open.rs",
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

/// For each source file, the files that it imports, by `use` or by a path in its code. A module's own file may name the
/// modules below it. A re-export counts as its source file only if the path names that file.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let sources = sources();
    let files: BTreeSet<&str> = sources.iter().map(|(file, _)| file.as_str()).collect();
    let of = |file: &str, text: &str| {
        let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
        let parent = module.rsplit_once('/').map_or("", |(parent, _)| parent);
        let code = one_path_a_line(&code(text));
        let named = |path: &str| {
            let (start, rest) = path.split_once("::")?;
            let full = match start {
                "crate" => rest.replace("::", "/"),
                "super" => format!("{parent}/{}", rest.replace("::", "/")),
                _ => return None,
            };
            // The longest prefix that is a file.
            let mut path = full.trim_start_matches('/');
            loop {
                let found = [format!("{path}.rs"), format!("{path}/mod.rs")];
                if let Some(found) = found.iter().find(|found| files.contains(found.as_str())) {
                    return Some(found.clone());
                }
                path = path.rsplit_once('/')?.0;
            }
        };
        let mut found: BTreeSet<String> = code.iter().filter_map(|path| named(path)).collect();
        found.remove(file);
        found
    };
    sources.iter().map(|(file, text)| (file.clone(), of(file, text))).collect()
}

/// Every path that begins with `crate::` or `super::`; a group in braces becomes one path per item.
fn one_path_a_line(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let starts = ["crate::", "super::"].iter().flat_map(|start| code.match_indices(start));
    for (at, _) in starts {
        let is_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
        let path: String = code[at..].chars().take_while(|character| is_path(*character)).collect();
        match code[at + path.len()..].strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((group, _)) if path.ends_with("::") => {
                paths.extend(group.split(',').map(|item| format!("{path}{}", item.trim())));
            }
            _ => paths.push(path),
        }
    }
    paths
}

/// Whether the text uses a path of this library, and not a path that only ends with the same name.
fn uses(text: &str, library: &str) -> bool {
    let code = code(text);
    code.match_indices(&format!("{library}::"))
        .any(|(start, _)| !code[..start].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)))
}

/// The text without comments, and without the tests at the end of a file, which may use any module.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// All source files, with their paths below `src`.
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
