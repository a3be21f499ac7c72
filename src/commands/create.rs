//! `api-key-create`

use std::cell::Cell;

use jiff::Timestamp;

use super::acting::Acting;
use super::certain::{Failure, certainly};
use super::errors::called;
use crate::cli::keys::{Create, FileFormat};
use crate::cli::when::When;
use crate::context::Context;
use crate::error::Error;
use crate::iam::{CreatedKey, KeyDraft};
use crate::keyfile::pending::Record;
use crate::keyfile::{self, Target, Unwritten};
use crate::output::{Format, json, keys, table};
use crate::secret::{self, ExposeSecret, SecretString};
use crate::session::{Login, Source};
use crate::terminal::text::visible;
use crate::time;

pub(super) async fn run(context: &mut Context<'_>, options: Create) -> Result<u8, Error> {
    let expires_at = options.expires.map(|when| expiry(when, (context.now)())).transpose()?.flatten();
    // A place that cannot take the key is found out before there is one.
    let keep = || Ok(context.settings.data_folder()?.join("replaced"));
    let target = options.file.as_deref().map(|path| Target::prepare(path, options.overwrite, keep)).transpose()?;
    let to_standard_output = target.as_ref().is_none_or(Target::is_standard_output);
    if to_standard_output && context.ui.is_discarded() {
        return Err(Error::usage("Standard output is closed or /dev/null, so nobody would get the key's value.")
            .hint("Pass --file FILE. No key was created."));
    }
    if target.as_ref().is_some_and(Target::is_standard_output) {
        context.ui.keep_out_free();
    }
    let acting = Acting::open(context).await?;
    let login = &acting.login;
    let name = context.ui.name(&options.name);
    context.ui.say(&format!("Creating API key {name} {}...", acting.under_as(context.ui)));
    if let Some(moment) = &expires_at {
        context.ui.note(&format!("It will expire at {moment}."));
    }
    if target.is_none() {
        // The value will have nowhere to go if nobody reads by now.
        context.ui.deliver("").map_err(|error| undelivered(&error).hint("No key was created."))?;
    }
    let draft = KeyDraft {
        name: options.name,
        iam_id: login.iam_id().to_owned(),
        account_id: login.account_id.clone(),
        description: options.description.filter(|text| !text.is_empty()),
        action_when_leaked: options.action_if_leaked.map(|action| action.word().to_owned()),
        expires_at,
        support_sessions: options.support_sessions,
        locked: options.lock,
        disabled: options.disabled,
    };
    let asked_at = (context.now)();
    let value = if options.server_generated { None } else { Some(secret::generate().map_err(no_random)?) };
    let format = format_of(options.file_format);
    let mut target = target;
    if let (Some(target), Some(value)) = (&mut target, &value) {
        target.begin(&Record {
            endpoint: if login.source == Source::Sandbox { String::new() } else { login.client.endpoint().to_string() },
            account_id: login.account_id.clone(),
            user: login.user().to_owned(),
            draft: draft.clone(),
            format,
            overwrite: options.overwrite,
            begun_at: asked_at,
            value: value.clone(),
        })?;
        context.if_interrupted = target.is_recoverable().then(|| recover_hint(target));
    }
    let created = match register(login, &draft, value.as_ref(), false).await {
        Ok(created) => created,
        Err(failure) => return Err(unsure(failure, &draft.name, asked_at, target)),
    };
    let handed_over = match target {
        Some(target) => save(context, target, &created, format),
        None => print(context, &created).map_err(|error| Box::new(Unwritten { error, pending: None })),
    };
    context.if_interrupted = None;
    match handed_over {
        Ok(()) => Ok(0),
        Err(unwritten) => Err(take_back(login, &created, *unwritten).await),
    }
}

fn no_random(error: std::io::Error) -> Error {
    Error::failed(format!("No value can be drawn for the key: {error}.")).caused_by(error)
}

fn recover_hint(target: &Target) -> String {
    format!("Finish it with: ibmiam api-key-recover '{}'", target.path().display())
}

/// Registers a value of ours, so that a lost answer can be asked for by that value, and a key is never made twice.
///
/// A service that takes no values of others is asked to make one, unless `known` says that this one may be there.
pub(super) async fn register(
    login: &Login,
    draft: &KeyDraft,
    value: Option<&SecretString>,
    known: bool,
) -> Result<CreatedKey, Failure> {
    let client = &login.client;
    if let Some(value) = value {
        let tries = Cell::new(0);
        let create = async || {
            tries.set(tries.get() + 1);
            client.create_api_key(draft, Some(value)).await
        };
        let find = async || match client.get_api_keys_details(value).await {
            Ok(key) => CreatedKey::found(key, value).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        };
        match certainly(create, find).await {
            // It says so in no way that is known; or else something is wrong that will be wrong again.
            Err(Failure::NotMade(error)) if error.refused_with(400).is_some() && tries.get() == 1 && !known => {}
            // After a lost answer a refusal may mean that the value is there already, by our own doing.
            Err(Failure::NotMade(error)) if !error.leaves_open() && (tries.get() > 1 || known) => {
                return Err(Failure::Unknown(error));
            }
            other => return other,
        }
    }
    client
        .create_api_key(draft, None)
        .await
        .map_err(|error| if error.leaves_open() { Failure::Orphaned(error) } else { Failure::NotMade(error) })
}

/// Checks a moment and puts it in the service's form; `None` for never.
pub(super) fn expiry(when: When, now: Timestamp) -> Result<Option<String>, Error> {
    if when == When::Never {
        return Ok(None);
    }
    let moment = when.moment(now).ok_or_else(|| Error::usage("The expiry lies beyond the calendar."))?;
    // The service counts whole minutes.
    let written = time::wire(moment);
    if time::parse(&written).is_none_or(|moment| moment <= now) {
        return Err(Error::usage(format!("The expiry {written} is in the past."))
            .hint("To stop a key from working now, use 'ibmiam api-key-disable'."));
    }
    Ok(Some(written))
}

fn format_of(format: FileFormat) -> keyfile::Format {
    match format {
        FileFormat::Json => keyfile::Format::Json,
        FileFormat::Env => keyfile::Format::Env,
        FileFormat::Raw => keyfile::Format::Raw,
    }
}

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

fn print(context: &mut Context<'_>, created: &CreatedKey) -> Result<(), Error> {
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

fn undelivered(error: &std::io::Error) -> Error {
    Error::failed(format!("The API key could not be written to standard output: {error}."))
}

/// Removes a key whose value nobody got; says so, or that it is still there.
async fn take_back(login: &Login, created: &CreatedKey, unwritten: Unwritten) -> Error {
    let Unwritten { mut error, pending } = unwritten;
    let id = &created.key.id;
    let mut removed = login.client.delete_api_key(id).await;
    if removed.is_err() && created.key.locked {
        removed = match login.client.unlock_api_key(id).await {
            Ok(()) => login.client.delete_api_key(id).await,
            Err(refused) => Err(refused),
        };
    }
    let called = called(&created.key);
    let pending = match (&removed, pending) {
        (Ok(()), Some(pending)) => {
            // A value without a key is worth nothing to anybody.
            let _ = pending.remove();
            None
        }
        (_, pending) => pending,
    };
    error.message.push_str(&match &removed {
        Ok(()) => format!(" The new {called} was deleted again."),
        Err(refused) => format!(" The new {called} is still there and could not be deleted: {refused}"),
    });
    error.hint = Some(match removed {
        Ok(()) => "Once that is mended, create the key again.".to_owned(),
        Err(_) if pending.is_some() => "Its value is kept; once that is mended, run api-key-recover.".to_owned(),
        Err(_) => format!("Nobody has its value; delete it: ibmiam api-key-delete {id}"),
    });
    error
}

const NOT_KNOWN: &str = " Whether the key was created is not known.";

/// Says whether there may be a key now. Older keys may have the same name.
fn unsure(failure: Failure, name: &str, asked_at: Timestamp, target: Option<Target>) -> Error {
    let mut error = match failure {
        Failure::NotMade(error) => {
            let open = error.leaves_open();
            let mut error = Error::from(error);
            if open {
                error.message.push_str(" No key was created.");
            }
            if let Some(target) = target {
                target.abandon();
            }
            return error;
        }
        Failure::Unknown(error) => {
            let mut error = Error::from(error);
            error.message.push_str(NOT_KNOWN);
            if let Some(target) = target.filter(Target::is_recoverable) {
                error.message.push_str(" Its value is kept.");
                return error.hint(recover_hint(&target));
            }
            error
        }
        Failure::Orphaned(error) => {
            if let Some(target) = target {
                // The value that is kept, if one is, is not that of the key that there may be.
                target.abandon();
            }
            let mut error = Error::from(error);
            error.message.push_str(NOT_KNOWN);
            error
        }
    };
    let (name, since) = (visible(name), time::wire(asked_at));
    error.hint = Some(format!(
        "Look with: ibmiam api-key-list --sort created --name '{name}'. If there is one created at {since} or \
         later, nobody has its value: delete that one by its id, and no older one of that name."
    ));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_counts_in_whole_minutes_and_lies_ahead() {
        let now: Timestamp = "2026-11-23T09:00:30Z".parse().unwrap();
        let at = |text: &str| expiry(When::At(text.parse().unwrap()), now);
        assert!(at("2026-11-23T09:00:59Z").is_err());
        assert_eq!(at("2026-11-23T09:01:00Z").unwrap().as_deref(), Some("2026-11-23T09:01+0000"));
        assert!(expiry(When::In(jiff::SignedDuration::MAX), now).is_err());
        assert_eq!(expiry(When::Never, now).unwrap(), None);
    }
}
