//! `api-key-create`

use std::cell::Cell;
use std::path::PathBuf;

use jiff::Timestamp;

use super::acting::Acting;
use super::certain::{Failure, certainly};
use super::delivery::{print, save, take_back, undelivered};
use crate::cli::keys::{Create, FileFormat};
use crate::cli::when::When;
use crate::context::{Context, InProgress};
use crate::error::Error;
use crate::iam::{self, CreatedKey, KeyDraft};
use crate::keyfile::journal::{self, Begun, Entry, Journal};
use crate::keyfile::{self, Record, Target, Unwritten};
use crate::secret::{self, SecretString};
use crate::session::{Login, Source};
use crate::terminal::text::visible;
use crate::time;

pub(super) async fn run(context: &mut Context<'_>, mut options: Create) -> Result<u8, Error> {
    // Scripts for the tool that is stood in for expect a file to be replaced; what was in it is kept.
    if context.settings.stand_in.is_some() {
        options.overwrite = true;
        // Through a link, but not through the names of open files, which are written to as they are.
        let is_link = |file: &PathBuf| file.is_symlink() && !file.starts_with("/dev") && !file.starts_with("/proc");
        options.file = options.file.map(|file| if is_link(&file) { file.canonicalize().unwrap_or(file) } else { file });
    }
    let expires_at = options.expires.map(|when| expiry(when, (context.now)())).transpose()?.flatten();
    let mut target = place(context, &options)?;
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
    let mut record = Record {
        endpoint: recorded_endpoint(login),
        account_id: login.account_id.clone(),
        user: login.user().to_owned(),
        draft: draft.clone(),
        format,
        overwrite: options.overwrite,
        begun_at: asked_at,
        value: value.clone(),
        unknown_since: None,
    };
    if let (Some(target), Some(_)) = (&mut target, &value) {
        target.begin(&record)?;
    }
    let recoverable = target.as_ref().filter(|target| target.is_recoverable());
    context.in_progress = Some(in_progress(&draft.name, recover_hint(recoverable)));
    let is_kept = recoverable.is_some();
    let file = target.as_ref().and_then(Target::file).map(journal::absolute);
    let mut begun = begin(context, login, &draft.name, file, is_kept, asked_at);
    if let (Some(begun), true) = (&mut begun, options.server_generated) {
        begun.service_made();
    }
    // Where neither can tell of a key of the service's own, none is asked for.
    let void = || begun.as_mut().is_some_and(Begun::service_made) && target.as_mut().is_none_or(Target::note_void);
    let created = match register(login, &draft, value.as_ref(), Fallback::After(void)).await {
        Ok(created) => {
            if let Some(target) = target.as_mut().filter(|target| !target.is_recoverable()) {
                record.value = Some(created.value.clone());
                let is_kept = target.note_value(&record);
                if let Some(begun) = &mut begun {
                    begun.made(&created.key.id);
                    if is_kept {
                        begun.kept();
                    }
                }
            }
            created
        }
        Err(failure) => {
            let (error, open) = unsure(failure, &draft.name, asked_at, target);
            if let (Some(begun), false) = (begun, open) {
                begun.done();
            }
            return Err(error);
        }
    };
    if let Some(begun) = begun.as_mut().filter(|_| target.as_ref().is_none_or(|target| !target.is_recoverable())) {
        begun.made(&created.key.id);
        begun.delivering();
    }
    let handed_over = match target {
        Some(target) => save(context, target, &created, format),
        None => print(context, &created).map_err(|error| Box::new(Unwritten { error, pending: None })),
    };
    let (result, settled) = match handed_over {
        Ok(()) => (Ok(0), true),
        Err(unwritten) => {
            let (error, gone) = take_back(login, &created, *unwritten).await;
            (Err(error), gone)
        }
    };
    if let (Some(begun), true) = (begun, settled) {
        begun.done();
    }
    result
}

/// Where the key is to go; `None` for standard output, as text.
fn place(context: &mut Context<'_>, options: &Create) -> Result<Option<Target>, Error> {
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
    Ok(target)
}

/// Notes the creation in our own folder. A pending file that has the value tells more, and need not be told of here.
fn begin(
    context: &mut Context<'_>,
    login: &Login,
    name: &str,
    file: Option<PathBuf>,
    is_kept: bool,
    begun_at: Timestamp,
) -> Option<Begun> {
    let entry = Entry {
        name: name.to_owned(),
        endpoint: recorded_endpoint(login),
        account_id: login.account_id.clone(),
        user: login.user().to_owned(),
        iam_id: login.iam_id().to_owned(),
        begun_at,
        file,
    };
    let begun = context.settings.data_folder().and_then(|folder| {
        let kept = Journal::new(&folder).begin(&entry);
        kept.map_err(|error| Error::failed(format!("{} cannot be written: {error}.", folder.display())))
    });
    if let (Err(error), false) = (&begun, is_kept) {
        context.ui.note(&format!("Should this command be cut off, nothing will tell of its key: {error}"));
    }
    begun.ok()
}

/// The sandbox has another address each time.
fn recorded_endpoint(login: &Login) -> String {
    if login.source == Source::Sandbox { String::new() } else { login.client.endpoint().to_string() }
}

/// Whether the service may be asked to make a value instead of ours.
pub(super) enum Fallback<P> {
    /// Once this was done, and said that it may be.
    After(P),
    /// Our value may be there already.
    Never,
}

fn no_random(error: std::io::Error) -> Error {
    Error::failed(format!("No value can be drawn for the key: {error}.")).caused_by(error)
}

/// A key that was asked for, and may be there.
pub(super) fn in_progress(name: &str, hint: impl Into<String>) -> InProgress {
    let name = visible(name);
    InProgress::new(format!("The request to create API key '{name}' may have completed.")).hint(hint)
}

fn recover_hint(target: Option<&Target>) -> String {
    match target {
        Some(target) => format!("Finish it with: ibmiam api-key-recover '{}'", target.path().display()),
        None => "Whether there is a key now is told by: ibmiam api-key-recover".to_owned(),
    }
}

/// Registers a value of ours, so that a lost answer can be asked for by that value, and a key is never made twice.
///
/// A service that takes no values of others is asked to make one, if that is allowed.
pub(super) async fn register(
    login: &Login,
    draft: &KeyDraft,
    value: Option<&SecretString>,
    fallback: Fallback<impl FnOnce() -> bool>,
) -> Result<CreatedKey, Failure> {
    let client = &login.client;
    if let Some(value) = value {
        let lost = Cell::new(false);
        let create = async || {
            let made = client.create_api_key(draft, Some(value)).await;
            if made.as_ref().is_err_and(iam::Error::leaves_open) {
                lost.set(true);
            }
            made
        };
        let find = async || match client.get_api_keys_details(value).await {
            Ok(key) => CreatedKey::found(key, value).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        };
        let may_be_there = || matches!(fallback, Fallback::Never) || lost.get();
        match certainly(client, create, find).await {
            // It says so in no way that is known; or else something is wrong that will be wrong again.
            Err(Failure::NotMade(error)) if error.refused_with(400).is_some() && !may_be_there() => {
                if let Fallback::After(prepare) = fallback
                    && !prepare()
                {
                    return Err(Failure::NotMade(error));
                }
            }
            // After a lost answer a refusal may mean that the value is there already, by our own doing.
            Err(Failure::NotMade(error)) if !error.leaves_open() && may_be_there() => {
                return Err(Failure::Unknown(error));
            }
            other => return other,
        }
    }
    // Without a value there is nothing to ask for.
    let find = async || Err(());
    certainly(client, async || client.create_api_key(draft, None).await, find).await.map_err(|failure| match failure {
        Failure::Unknown(error) => Failure::Orphaned(error),
        other => other,
    })
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

const NOT_KNOWN: &str = " Whether the key was created is not known.";

/// Says whether there may be a key now; older keys may have the same name. True as long as that is open.
fn unsure(failure: Failure, name: &str, asked_at: Timestamp, target: Option<Target>) -> (Error, bool) {
    let (error, known, target) = match failure {
        Failure::NotMade(error) if !error.leaves_open() => {
            if let Some(target) = target {
                target.abandon();
            }
            return (error.into(), false);
        }
        // What was asked for may still be under way to the service, which does not know it so far.
        Failure::NotMade(error) => (error, " The service knows no such key so far.", target),
        Failure::Unknown(error) => (error, NOT_KNOWN, target),
        Failure::Orphaned(error) => {
            if let Some(target) = target {
                // The value that is kept, if one is, is not that of the key that there may be.
                target.abandon();
            }
            (error, NOT_KNOWN, None)
        }
    };
    let mut error = Error::from(error);
    error.message.push_str(known);
    if let Some(target) = target.filter(Target::is_recoverable) {
        error.message.push_str(" Its value is kept.");
        let hint = recover_hint(Some(&target));
        return (error.hint(format!("{hint}\nOr give it up with the same command and --discard.")), true);
    }
    let (name, since) = (visible(name), time::wire(asked_at));
    let hint = format!(
        "{}\nIt may be one named '{name}' that was created at {since} or later: nobody has its value.",
        recover_hint(None)
    );
    (error.hint(hint), true)
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
