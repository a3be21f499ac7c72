//! Reads the source of the program: which file imports which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// Returns all source files, with their paths below `src`.
pub(crate) fn sources() -> Vec<(String, String)> {
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

/// Returns a text without comments, and without the tests at the end of a file, which may use any module.
pub(crate) fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns where a text stands in the code, except as the end of another name or path.
pub(crate) fn places(code: &str, text: &str) -> Vec<usize> {
    let is_part = |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || "_:".contains(last));
    code.match_indices(text).map(|(place, _)| place).filter(|place| !is_part(&code[..*place])).collect()
}

/// For each file, returns the files that it imports, by `use` or by a path in its code. A name that a file only exports
/// again counts for the file that it is from.
pub(crate) fn imports(sources: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<String, &str> = sources.iter().map(|(file, _)| (module(file), file.as_str())).collect();
    let mut exports = BTreeMap::new();
    let mut named = Vec::new();
    for (file, text) in sources {
        let (module, code) = (module(file), code(text));
        let below = files.keys().filter_map(|other| Some(format!("{}::", other.strip_prefix(&format!("{module}::"))?)));
        let starts = ["crate::", "super::", "self::"].map(str::to_owned).into_iter().chain(below);
        for place in starts.flat_map(|start| places(&code, &start)) {
            let is_export = declaration(&code[..place]).is_some_and(|words| words.starts_with("pub"));
            for path in paths(&code[place..]).0 {
                let name = path.rsplit("::").next().unwrap_or_default();
                let path = absolute(&module, &path);
                if is_export {
                    exports.insert(format!("{module}::{name}"), path.clone());
                }
                if !is_export || is_used(&code, name) {
                    named.push((file, path));
                }
            }
        }
    }
    let mut imports: BTreeMap<_, _> = sources.iter().map(|(file, _)| (file.clone(), BTreeSet::new())).collect();
    for (file, path) in named {
        let imported = source_of(&path, &files, &exports).filter(|imported| *imported != file);
        imports.entry(file.clone()).or_default().extend(imported.map(str::to_owned));
    }
    imports
}

/// Returns the shortest circle of imports through each file that is in one: `a.rs -> b.rs -> a.rs`.
pub(crate) fn circles(imports: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let circle_of = |start: &String| {
        // Each file that was reached, and the file that imports it.
        let mut reached: BTreeMap<&String, &String> = BTreeMap::new();
        let mut next = VecDeque::from([start]);
        while let Some(file) = next.pop_front() {
            for imported in &imports[file] {
                if !reached.contains_key(imported) {
                    reached.insert(imported, file);
                    next.push_back(imported);
                }
            }
        }
        let mut circle = VecDeque::from([*reached.get(start)?]);
        while circle[0] != start {
            circle.push_front(reached[circle[0]]);
        }
        // The same circle is found from each of its files.
        let first = (0..circle.len()).min_by_key(|index| circle[*index])?;
        circle.rotate_left(first);
        circle.push_back(circle[0]);
        Some(circle.into_iter().map(String::as_str).collect::<Vec<_>>().join(" -> "))
    };
    imports.keys().filter_map(circle_of).collect()
}

/// Returns the path of a file's module in the crate.
fn module(file: &str) -> String {
    file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
}

/// Returns the file of the longest part of a path that is a module, or that another file exports again.
fn source_of<'a>(path: &str, files: &BTreeMap<String, &'a str>, exports: &BTreeMap<String, String>) -> Option<&'a str> {
    let mut path = path;
    loop {
        if let Some(file) = files.get(path) {
            return Some(file);
        }
        path = match exports.get(path) {
            Some(source) => source,
            None => path.rsplit_once("::")?.0,
        };
    }
}

/// Returns the paths at the start of a text, one for each item of a group in braces, and the rest of the text.
fn paths(text: &str) -> (Vec<String>, &str) {
    let end = text.find(|next: char| !(next.is_alphanumeric() || "_:".contains(next))).unwrap_or(text.len());
    let (path, mut rest) = text.split_at(end);
    if !(path.ends_with("::") && rest.starts_with('{')) {
        return (vec![path.to_owned()], rest);
    }
    let mut found = Vec::new();
    while !rest.starts_with('}') {
        let (items, after) = paths(rest[1..].trim_start());
        found.extend(items.into_iter().filter(|item| !item.is_empty()).map(|item| format!("{path}{item}")));
        rest = &after[after.find([',', '}']).unwrap()..];
    }
    (found, &rest[1..])
}

/// Returns a path in a module from the root of the crate.
fn absolute(module: &str, path: &str) -> String {
    let mut parts: Vec<&str> = module.split("::").collect();
    for part in path.split("::") {
        match part {
            "crate" => parts.clear(),
            "super" => drop(parts.pop()),
            "self" | "" => {}
            name => parts.push(name),
        }
    }
    parts.join("::")
}

/// Returns the declaration, such as `pub use`, that a text ends in.
fn declaration(text: &str) -> Option<&str> {
    let is_declaration = |line: &&str| {
        let words =
            line.strip_prefix("pub").map_or(*line, |rest| rest.trim_start_matches(|next| next != ' ').trim_start());
        words.starts_with("use ") || words.starts_with("mod ")
    };
    text.rsplit(';').next()?.lines().map(str::trim_start).find(is_declaration)
}

/// Whether a name is used other than in a declaration, or as the name of a method or field.
fn is_used(code: &str, name: &str) -> bool {
    places(code, name).into_iter().any(|place| {
        let (before, after) = (&code[..place], &code[place + name.len()..]);
        let is_whole = !before.ends_with('.') && !after.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        is_whole && declaration(before).is_none()
    })
}
