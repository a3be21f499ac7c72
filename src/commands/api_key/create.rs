//! `api-key-create`

use jiff::Timestamp;

use crate::cli::keys::{Create, FileFormat};
use crate::commands::support::delivery::{self, deliver, unregistered};
use crate::commands::support::expiry::expiry;
use crate::commands::support::log;
use crate::commands::support::login::ActiveLogin;
use crate::context::Context;
use crate::creation::{Destination, Plan};
use crate::error::Error;
use crate::files;
use crate::iam::KeyDraft;
use crate::keyfile;
use crate::secret;
use crate::session::{Login, Source};
use crate::text::reason;

pub(crate) async fn run(context: &mut Context<'_>, mut options: Create) -> Result<u8, Error> {
    // Scripts for the tool that is stood in for expect a file to be replaced; what was in it is kept.
    options.overwrite |= context.settings.stand_in.is_some();
    let expires_at = options.expires.map(|when| expiry(when, (context.now)())).transpose()?.flatten();
    // A place that cannot take the key is found out before there is one.
    let destination = destination(context, &options)?;
    let active = ActiveLogin::open(context).await?;
    let name = context.ui.name(&options.name);
    context.ui.say(&format!("Creating API key {name} {}...", active.under_as(context.ui)));
    if let Some(moment) = &expires_at {
        context.ui.note(format!("The key expires at {moment}."));
    }
    if destination.path().as_os_str().is_empty() {
        // The value will have nowhere to go if nobody reads by now.
        context.ui.deliver("").map_err(|error| delivery::unshown(&error).hint("No key was created."))?;
    }
    let had_value = !options.server_generated;
    let value = if had_value { Some(secret::generate().map_err(|error| no_random(&error))?) } else { None };
    let plan = plan(&active.login, options, expires_at, (context.now)());
    let log = log(&context.settings)?;
    let recorded = plan.prepare(destination).record(&log, value)?;
    context.in_progress = Some(delivery::in_progress(&recorded));
    let plan = recorded.plan().clone();
    let registered = match recorded.register(&active.login.client).await {
        Ok(registered) => registered,
        Err(failure) => return Err(unregistered(failure, &plan, had_value, &active.login.client).await),
    };
    deliver(context, &active, registered, true).await?;
    Ok(0)
}

/// Where the key is to go.
fn destination(context: &mut Context<'_>, options: &Create) -> Result<Destination, Error> {
    let destination = match &options.file {
        None => Destination::shown(),
        Some(file) => {
            // And to be written through a link.
            let is_stand_in = context.settings.stand_in.is_some();
            let names_open_file = file.starts_with("/dev") || file.starts_with("/proc");
            let file = match files::through_own_links(file) {
                Ok(Some(to)) if is_stand_in && !names_open_file => to,
                _ => file.clone(),
            };
            let replaced = || context.settings.replaced_folder().ok();
            Destination::reserve(&file, options.overwrite, replaced)?
        }
    };
    if destination.is_standard_output() && context.ui.is_discarded() {
        return Err(Error::usage("Standard output is closed or /dev/null, so the value of the key would be lost.")
            .hint("Pass --file FILE. No key was created."));
    }
    if destination.is_standard_output() && options.file.is_some() {
        context.ui.keep_out_free();
    }
    Ok(destination)
}

fn plan(login: &Login, options: Create, expires_at: Option<String>, begun_at: Timestamp) -> Plan {
    Plan {
        run: Plan::new_run(),
        // The sandbox has another address each time.
        endpoint: match login.source {
            Source::Sandbox => String::new(),
            _ => login.client.endpoint().to_string(),
        },
        account_id: login.account_id.clone(),
        user: login.user().to_owned(),
        iam_id: login.iam_id().to_owned(),
        draft: KeyDraft {
            name: options.name,
            iam_id: login.iam_id().to_owned(),
            account_id: login.account_id.clone(),
            description: options.description.filter(|text| !text.is_empty()),
            action_when_leaked: options.action_if_leaked.map(|action| action.word().to_owned()),
            expires_at,
            support_sessions: options.support_sessions,
            locked: options.lock,
            disabled: options.disabled,
        },
        format: match options.file_format {
            FileFormat::Json => keyfile::Format::Json,
            FileFormat::Env => keyfile::Format::Env,
            FileFormat::Raw => keyfile::Format::Raw,
        },
        overwrite: options.overwrite,
        begun_at,
    }
}

fn no_random(error: &std::io::Error) -> Error {
    Error::failed(format!("Cannot generate a random value for the key: {}.", reason(&error)))
}
