//! `api-key-identify`: finds the keys that values belong to.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use futures_util::StreamExt;
use futures_util::stream;

use crate::blocking::on_a_thread;
use crate::cli::identify::Identify;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::format::Format;
use crate::iam::ApiKey;
use crate::iam::verified::KeyChange;
use crate::ops::PARALLEL;
use crate::ops::keys::bulk::{self, Reporting};
use crate::ops::keys::confirm::confirm;
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner::KeyOwner;
use crate::output::report::List;
use crate::output::{Cell, Column};
use crate::scan::{Candidate, Scan, scan};
use crate::terminal::input::standard_input;
use crate::text::reason;

/// The maximum number of requests without a confirmation.
const MOST_UNASKED: usize = 100;

/// Lines of this length in bytes, with the line end, or longer are rejected.
const LONGEST_LINE: usize = 4096;

/// A value, and the key that it belongs to.
struct Identified {
    line: u64,
    prefix: String,
    key: Option<ApiKey>,
    /// Whether the service said whether it is a key.
    is_checked: bool,
    is_deleted: bool,
    /// The error of the request, until it is reported.
    failure: Option<Error>,
}

pub(crate) async fn run(context: &mut Context<'_>, options: Identify) -> Result<u8, Error> {
    let change = match (options.disable, options.delete) {
        (true, _) => Some(KeyChange::Disable),
        (_, true) => Some(KeyChange::Delete),
        _ => None,
    };
    if change.is_some() && options.source == "-" && !options.force {
        return Err(Error::usage("ibmiam cannot ask for confirmation, because standard input contains the values.")
            .hint("Pass the values as @FILE, or pass --force."));
    }
    let Scan { candidates, is_cut, .. } = read(context, &options).await?;
    if candidates.is_empty() && !options.scan {
        return Err(Error::usage("The input contains no value."));
    }
    let count = candidates.len();
    if count > MOST_UNASKED && !options.force {
        let what = if options.scan { "strings that look like an API key" } else { "values" };
        if options.source == "-" && !context.prompt.can_ask() {
            let message = format!(
                "Confirmation required to send {count} {what}, but standard input contains the \
                                   values."
            );
            return Err(Error::usage(message).hint("Pass --force, or pass the input as @FILE."));
        }
        let question = format!("Really send {count} {what} to the service?");
        context.prompt.confirm(context.ui, &question, &format!("to send {count} {what}")).await?;
    }
    let active = ActiveLogin::open(context).await?;
    context.ui.say(&format!(
        "Identifying {count} {} {}...",
        if count == 1 { "value" } else { "values" },
        active.under_as(context.ui)
    ));
    let mut found = identify(context, &active, candidates).await;
    if options.scan {
        found.retain(|one| one.key.is_some() || one.failure.is_some());
    }
    context.ui.ok();
    // Programs get the state after the change; a user sees the keys before the question.
    let is_shown_first = change.is_none() || context.ui.format() == Format::Table;
    if is_shown_first {
        show(context, &found)?;
    }
    let mut status = None;
    for (line, error) in found.iter_mut().filter_map(|one| Some((one.line, one.failure.take()?))) {
        let error = error.context(format!("The value in line {line} was not checked."));
        status.get_or_insert(error.kind.exit_status());
        context.report(&error);
    }
    if is_cut {
        let error = Error::failed(format!("The input contains more than {count} values. The others were not checked."));
        context.report(&error);
        status.get_or_insert(error.kind.exit_status());
    }
    let has_unknown = !options.scan && found.iter().any(|one| one.key.is_none());
    let acted = match change {
        Some(change) => act(context, &active, &mut found, change, options.force).await,
        None => Ok(None),
    };
    if !is_shown_first {
        show(context, &found)?;
    }
    if let Some(kind) = acted? {
        status.get_or_insert(kind.exit_status());
    }
    Ok(status.unwrap_or(if has_unknown { Kind::NotFound.exit_status() } else { 0 }))
}

fn show(context: &mut Context<'_>, found: &[Identified]) -> Result<(), Error> {
    Ok(context.ui.render(&List::new(&COLUMNS, found, "No API keys found."))?)
}

/// Reads the values, or the texts that may be values.
async fn read(context: &Context<'_>, options: &Identify) -> Result<Scan, Error> {
    let path: Option<PathBuf> = match options.source.as_str() {
        "-" => None,
        source => match source.strip_prefix('@') {
            Some(path) => Some(context.settings.expand(path)),
            None => {
                return Err(Error::usage("Pass a file with values as @FILE, or - to read standard input.")
                    .hint("Do not pass a value itself: other users can see it."));
            }
        },
    };
    let shown = path.as_ref().map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let scans = options.scan;
    let read = on_a_thread("values", move || -> io::Result<Scan> {
        let input: Box<dyn Read> = match path {
            Some(path) => Box::new(File::open(path)?),
            None => Box::new(standard_input()),
        };
        let mut input = BufReader::new(input);
        if scans || is_key_file(input.fill_buf()?) { scan(input) } else { lines(input) }
    });
    read.await.flatten().map_err(|error| Error::usage(format!("Cannot read {shown}: {}.", reason(&error))))
}

/// Whether the input starts like a key file, which contains the value among other text.
fn is_key_file(start: &[u8]) -> bool {
    start.starts_with(b"{") || start.starts_with(b"[") || start.starts_with(b"IBMCLOUD_API_KEY=")
}

/// Reads one value per line.
fn lines(mut input: impl BufRead) -> io::Result<Scan> {
    let mut found = Scan::default();
    let mut line = zeroize::Zeroizing::new(Vec::new());
    for number in 1.. {
        zeroize::Zeroize::zeroize(&mut *line);
        let limit = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 || found.is_cut {
            break;
        }
        if line.len() == LONGEST_LINE {
            return Err(io::Error::other(format!("line {number} is too long for the value of a key")));
        }
        let text = str::from_utf8(&line).map_err(|_| io::Error::other(format!("line {number} is not UTF-8 text")))?;
        // Some editors write a byte order mark at the start of a file.
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() {
            found.add(number, text);
        }
    }
    Ok(found)
}

/// Asks the service about each value.
async fn identify(context: &mut Context<'_>, active: &ActiveLogin, candidates: Vec<Candidate>) -> Vec<Identified> {
    let client = &active.login.client;
    let count = candidates.len();
    let requests = candidates.iter().map(|candidate| client.get_api_keys_details(&candidate.value));
    let mut answers = stream::iter(requests).buffered(PARALLEL).zip(stream::iter(&candidates));
    let mut found = Vec::with_capacity(count);
    while let Some((answer, candidate)) = answers.next().await {
        let (key, failure) = match answer {
            Ok(key) => (Some(key), None),
            // The service rejects a value that does not have the form of a key with status 400.
            Err(error) if error.is_not_found() || error.refused_with(400).is_some() => (None, None),
            Err(error) => (None, Some(Error::from(error))),
        };
        found.push(Identified {
            line: candidate.line,
            prefix: candidate.prefix(),
            key,
            is_checked: failure.is_none(),
            is_deleted: false,
            failure,
        });
        context.ui.count(&format!("Identifying: {} of {count}...", found.len()));
    }
    found
}

/// Disables or deletes the keys that were found, and updates their states.
async fn act(
    context: &mut Context<'_>,
    active: &ActiveLogin,
    found: &mut [Identified],
    change: KeyChange,
    force: bool,
) -> Result<Option<Kind>, Error> {
    let mut keys = Vec::<ApiKey>::new();
    for key in found.iter().filter_map(|one| one.key.as_ref()) {
        if keys.iter().all(|known| known.id != key.id) {
            keys.push(key.clone());
        }
    }
    let known = keys.len();
    keys.retain(|key| !change.is_done(key));
    if keys.len() < known {
        context.ui.say(&bulk::already_done(known - keys.len(), change));
    }
    if keys.is_empty() {
        return Ok(None);
    }
    let references = bulk::possible(context, &keys, change, !force);
    active.warn_about_own_key(context.ui, &references, !force).await;
    if !force && !references.is_empty() {
        let owner = KeyOwner::user_of(&active.login);
        confirm(context, &owner, &references, change.verb(), "", change == KeyChange::Delete).await?;
    }
    let outcomes = bulk::change_all(context, active, &keys, change, Reporting::Total).await;
    for (key, _) in keys.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()) {
        for one in found.iter_mut().filter(|one| one.key.as_ref().is_some_and(|known| known.id == key.id)) {
            one.is_deleted = change == KeyChange::Delete;
            one.key = Some(change.applied_to(key));
        }
    }
    Ok(bulk::first_failure(&outcomes))
}

const COLUMNS: [Column<Identified>; 7] = [
    Column::new("Line", "line", |one| Cell::number(Some(one.line))),
    Column::new("Starts with", "prefix", |one| (&one.prefix).into()),
    Column::new("ID", "id", |one| one.key.as_ref().map(|key| &*key.id).into()),
    Column::new("Name", "name", |one| one.key.as_ref().map(|key| &*key.name).into()),
    Column::new("Owner", "iam_id", |one| one.key.as_ref().map(|key| &*key.iam_id).into()),
    Column::new("Account", "account_id", |one| one.key.as_ref().map(|key| &*key.account_id).into()),
    Column::new("State", "state", |one| Cell::new(state(one), one.key.as_ref().map(|_| state(one)))),
];

/// Returns the states of a key as one text.
fn state(one: &Identified) -> String {
    let Some(key) = &one.key else {
        return if one.is_checked { "not a key" } else { "not checked" }.to_owned();
    };
    if one.is_deleted {
        return "deleted".to_owned();
    }
    let states = [(key.leaked, "leaked"), (key.disabled, "disabled"), (key.locked, "locked")];
    let words: Vec<&str> = states.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
    if words.is_empty() { "active".to_owned() } else { words.join(" ") }
}
