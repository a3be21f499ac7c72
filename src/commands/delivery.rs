//! A new key's way to whoever asked for it: into its file, or onto standard output. A value that gets nowhere is
//! worth nothing, and its key is deleted again.

use super::change::{self, Change};
use super::errors::called;
use crate::context::Context;
use crate::error::Error;
use crate::iam::CreatedKey;
use crate::keyfile::{self, Target, Unwritten};
use crate::output::{Format, json, keys, table};
use crate::secret::ExposeSecret;
use crate::session::Login;

/// Writes the file and says so.
pub(super) fn save(
    context: &mut Context<'_>,
    target: Target,
    created: &CreatedKey,
    format: keyfile::Format,
) -> Result<(), Box<Unwritten>> {
    let path = target.path().display().to_string();
    let to_standard_output = target.is_standard_output();
    let contents = keyfile::render(created, format);
    let ui = &mut *context.ui;
    let written = target.commit(contents.as_bytes(), |text| ui.deliver(text))?;
    if let Some(kept) = written.kept_as {
        ui.note(&format!("The file that was {path} is kept as {}.", kept.display()));
    }
    if let Some(error) = written.unsynced {
        ui.note(&format!("{path} is written, but the disk did not confirm it: {error}."));
    }
    announce(context, created);
    if !to_standard_output {
        let path = context.ui.name(&path);
        context.ui.say(&format!("Successfully save API key information to {path}"));
        match context.ui.format() {
            Format::Table => {}
            Format::Json => context.ui.data(&json::pretty(&created.fields)),
            Format::Csv => context.ui.data(&keys::details_csv(&created.key, None)),
        }
    }
    Ok(())
}

pub(super) fn print(context: &mut Context<'_>, created: &CreatedKey) -> Result<(), Error> {
    let value = created.value.expose_secret();
    let text = match context.ui.format() {
        Format::Table => {
            announce(context, created);
            context.ui.say("");
            context.ui.note("Please preserve the API key! It cannot be retrieved after it's created.");
            context.ui.say("");
            let lines = keys::details(&created.key);
            let mut lines: Vec<(&str, &str)> = lines.iter().map(|(label, text)| (*label, text.as_str())).collect();
            lines.push(("API Key", value));
            format!("{}\n", table::record(&lines, keys::LABELS))
        }
        Format::Json => {
            let mut fields = created.fields.clone();
            fields.insert("apikey".to_owned(), value.into());
            json::pretty(&fields)
        }
        Format::Csv => keys::details_csv(&created.key, Some(value)),
    };
    context.ui.deliver(&text).map_err(|error| undelivered(&error))
}

fn announce(context: &mut Context<'_>, created: &CreatedKey) {
    context.ui.ok();
    let name = context.ui.name(&created.key.name);
    context.ui.say(&format!("API key {name} was created"));
}

pub(super) fn undelivered(error: &std::io::Error) -> Error {
    Error::failed(format!("The API key could not be written to standard output: {error}."))
}

/// Removes a key whose value nobody got; says so, or that it is still there. True if it is gone.
pub(super) async fn take_back(login: &Login, created: &CreatedKey, unwritten: Unwritten) -> (Error, bool) {
    let Unwritten { mut error, pending } = unwritten;
    let key = &created.key;
    let mut removed = change::apply(&login.client, key, Change::Delete).await;
    if removed.is_err() && key.locked {
        removed = match change::apply(&login.client, key, Change::Unlock).await {
            Ok(()) => change::apply(&login.client, key, Change::Delete).await,
            Err(refused) => Err(refused),
        };
    }
    let pending = match (&removed, pending) {
        (Ok(()), Some(pending)) => {
            // A value without a key is worth nothing to anybody.
            let _ = pending.remove();
            None
        }
        (_, pending) => pending,
    };
    let (called, id) = (called(key), &key.id);
    let gone = removed.is_ok();
    match removed {
        Ok(()) => error.message.push_str(&format!(" The new {called} was deleted again.")),
        Err(failure) => {
            let refused = Error::from(failure.into_error()).message;
            error.message.push_str(&format!(" The new {called} could not be deleted again: {refused}"));
        }
    }
    error.hint = Some(match pending {
        _ if gone => "Once that is mended, create the key again.".to_owned(),
        Some(_) => "Its value is kept; once that is mended, run api-key-recover.".to_owned(),
        None => format!("Nobody has its value; delete it: ibmiam api-key-delete {id}"),
    });
    (error, gone)
}
