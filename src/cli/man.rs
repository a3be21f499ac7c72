//! Man pages, generated from the definition of the command line.

use clap::{Arg, Command};
use roff::{Inline, Roff, bold, italic, roman};

use super::topics::{self, Entry};

/// The date on the pages; it changes with every release.
const DATE: &str = "2026-11-25";

/// Returns all pages, each with its file name and its text.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let root = super::command();
    let mut pages = Vec::new();
    add("ibmiam", &root, &mut pages);
    pages
}

/// The headings of options in the help, as `next_help_heading` sets them.
const SELECTION: &str = "Selection";
const GLOBAL: &str = "Global options";

/// Adds the pages of a command and its subcommands. `name` is for example `ibmiam-sandbox-serve`.
fn add(name: &str, command: &Command, pages: &mut Vec<(String, String)>) {
    let shown = || command.get_subcommands().filter(|inner| !inner.is_hide_set());
    for inner in shown() {
        add(&format!("{name}-{}", inner.get_name()), inner, pages);
    }
    let mut roff = Roff::new();
    let version = format!("ibmiam {}", env!("CARGO_PKG_VERSION"));
    roff.control("TH", [name.to_uppercase().as_str(), "1", DATE, version.as_str(), "ibmiam manual"]);
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    section(&mut roff, "NAME", [roman(format!("{name} - {about}"))]);
    roff.control("SH", ["SYNOPSIS"]);
    synopsis(&mut roff, name, command);
    roff.control("SH", ["DESCRIPTION"]);
    let long = command.get_long_about().map_or(about, ToString::to_string);
    paragraphs(&mut roff, &long);
    let arguments = |heading: Option<&str>| {
        let all = command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help");
        all.filter(move |arg| arg.get_help_heading() == heading).collect::<Vec<_>>()
    };
    options(&mut roff, "OPTIONS", &arguments(None));
    options(&mut roff, "SELECTION OPTIONS", &arguments(Some(SELECTION)));
    if shown().next().is_some() {
        roff.control("SH", ["COMMANDS"]);
        for inner in shown() {
            let page = format!("{name}-{}(1)", inner.get_name());
            item(&mut roff, [bold(page)], &inner.get_about().map(ToString::to_string).unwrap_or_default());
        }
    }
    options(&mut roff, "GLOBAL OPTIONS", &arguments(Some(GLOBAL)));
    after_help(&mut roff, command);
    table(&mut roff, "EXIT STATUS", &topics::EXIT_STATUS);
    if name == "ibmiam" {
        table(&mut roff, "ENVIRONMENT", &topics::ENVIRONMENT);
        section(&mut roff, "FILES", [roman(topics::FOLDERS)]);
        for (file, meaning) in topics::FILES {
            item(&mut roff, [italic(file)], meaning);
        }
    }
    see_also(&mut roff, name);
    pages.push((format!("{name}.1"), roff.to_roff()));
}

fn section(roff: &mut Roff, title: &str, text: impl Into<Vec<Inline>>) {
    roff.control("SH", [title]).text(text);
}

/// Adds a term on a separate line, and its meaning.
fn item(roff: &mut Roff, term: impl Into<Vec<Inline>>, meaning: &str) {
    roff.control("TP", []).text(term).text([roman(meaning)]);
}

fn table(roff: &mut Roff, title: &str, entries: &[Entry]) {
    roff.control("SH", [title]);
    for (term, meaning) in entries {
        item(roff, [bold(*term)], meaning);
    }
}

fn paragraphs(roff: &mut Roff, text: &str) {
    for (index, paragraph) in text.split("\n\n").enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(paragraph)]);
    }
}

/// Adds the command, its own options with their values, and its operands. Options that have a heading are not listed:
/// each heading stands for its options, as in `[global options]`.
fn synopsis(roff: &mut Roff, name: &str, command: &Command) {
    let typed = command.get_bin_name().unwrap_or(name);
    let mut line = vec![bold(typed)];
    let is_own = |arg: &&Arg| !arg.is_hide_set() && arg.get_id() != "help" && arg.get_help_heading().is_none();
    for arg in command.get_arguments().filter(is_own).filter(|arg| !arg.is_positional()) {
        line.push(roman(" ["));
        line.extend(flags(arg, "|"));
        line.extend(value(arg));
        line.push(roman("]"));
    }
    let has = |heading: &str| command.get_arguments().any(|arg| arg.get_help_heading() == Some(heading));
    for (heading, placeholder) in [(SELECTION, " [selection options]"), (GLOBAL, " [global options]")] {
        if has(heading) {
            line.push(roman(placeholder));
        }
    }
    for arg in command.get_positionals().filter(is_own) {
        let many = arg.get_num_args().is_some_and(|count| count.max_values() > 1);
        // clap does not require the name of a new key, because it can also be after `--`.
        let is_required = arg.is_required_set() || name.ends_with("api-key-create");
        let (open, close) = match (arg.is_last_set(), is_required) {
            (true, _) => ("[-- ", "]"),
            (false, true) => ("", ""),
            (false, false) => ("[", "]"),
        };
        line.extend([
            roman(format!(" {open}")),
            italic(value_name(arg)),
            roman(if many { "..." } else { "" }),
            roman(close),
        ]);
    }
    if command.get_positionals().any(Arg::is_hide_set) {
        // The command's own usage shows the operands, because clap does not know their form.
        let usage = command.clone().render_usage().to_string();
        let operands = usage.split_once("[OPTIONS]").map(|(_, operands)| operands.to_owned());
        line.push(italic(operands.unwrap_or_default()));
    }
    if command.get_subcommands().next().is_some() {
        let open = if command.is_subcommand_required_set() { " " } else { " [" };
        line.extend([roman(open), italic("COMMAND"), roman(if open == " [" { "]" } else { "" })]);
    }
    roff.text(line);
}

fn value_name(arg: &Arg) -> String {
    arg.get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string)
}

/// Returns the flags of an option, for example `-f`, `--file`.
fn flags(arg: &Arg, between: &str) -> Vec<Inline> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let mut parts = Vec::new();
    for flag in short.into_iter().chain(long) {
        if !parts.is_empty() {
            parts.push(roman(between));
        }
        parts.push(bold(flag));
    }
    parts
}

/// Returns the value of an option, if it takes one.
fn value(arg: &Arg) -> Vec<Inline> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    let name = italic(value_name(arg));
    if arg.get_num_args().is_some_and(|count| count.min_values() == 0) {
        vec![roman("[="), name, roman("]")]
    } else {
        vec![roman(" "), name]
    }
}

fn options(roff: &mut Roff, title: &str, arguments: &[&Arg]) {
    if arguments.is_empty() {
        return;
    }
    roff.control("SH", [title]);
    for arg in arguments {
        let term = if arg.is_positional() {
            vec![italic(value_name(arg))]
        } else {
            flags(arg, ", ").into_iter().chain(value(arg)).collect()
        };
        let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let default = arg.get_default_values().first().filter(|_| arg.get_action().takes_values());
        let default = default.map(|value| format!(" [default: {}]", value.to_string_lossy())).unwrap_or_default();
        item(roff, term, &format!("{help}{default}"));
        let values = if arg.is_hide_possible_values_set() { Vec::new() } else { arg.get_possible_values() };
        let values: Vec<_> = values.iter().filter(|value| !value.is_hide_set()).collect();
        if !arg.get_action().takes_values() || values.is_empty() {
            continue;
        }
        roff.control("RS", []);
        for value in values {
            let meaning = value.get_help().map(ToString::to_string).unwrap_or_default();
            if meaning.is_empty() {
                roff.control("IP", [value.get_name()]);
            } else {
                item(roff, [bold(value.get_name())], &meaning);
            }
        }
        roff.control("RE", []);
    }
}

/// Adds the paragraphs after the options. A paragraph of a heading and indented lines becomes a separate section.
fn after_help(roff: &mut Roff, command: &Command) {
    let text = command.get_after_long_help().or_else(|| command.get_after_help()).map(ToString::to_string);
    let text = text.filter(|text| !text.starts_with("Exit status:")).unwrap_or_default();
    for part in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
        let (heading, rest) = part.split_once('\n').unwrap_or((part, ""));
        match heading.strip_suffix(':').filter(|_| rest.starts_with("  ")) {
            Some(heading) => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
                lines(roff, rest);
            }
            None => {
                let (text, indented) = part.find("\n  ").map_or((part, ""), |at| (&part[..at], &part[at + 1..]));
                roff.control("PP", []).text([roman(text)]);
                lines(roff, indented);
            }
        }
    }
}

/// Adds lines without filling them.
fn lines(roff: &mut Roff, text: &str) {
    if text.is_empty() {
        return;
    }
    roff.control("nf", []);
    for line in text.lines() {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
}

fn see_also(roff: &mut Roff, name: &str) {
    let outer = name.rsplit_once('-').map(|(outer, _)| outer);
    let outer = outer
        .filter(|outer| ["ibmiam-completion", "ibmiam-sandbox", "ibmiam-session", "ibmiam-stand-in"].contains(outer));
    let mut others: Vec<String> = outer.into_iter().map(str::to_owned).collect();
    if name.starts_with("ibmiam-api-key-") {
        others.extend(["create", "list", "recover"].map(|verb| format!("ibmiam-api-key-{verb}")));
    }
    if name == "ibmiam" {
        others.extend(["api-key-create", "login", "completion"].map(|page| format!("ibmiam-{page}")));
    } else {
        others.push("ibmiam".to_owned());
    }
    others.retain(|other| other != name);
    others.sort();
    let mut line = Vec::new();
    for (index, other) in others.iter().enumerate() {
        line.extend([bold(other.as_str()), roman(if index + 1 < others.len() { "(1), " } else { "(1)" })]);
    }
    section(roff, "SEE ALSO", line);
}
