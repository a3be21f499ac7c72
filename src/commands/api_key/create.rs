//! `api-key-create`

use crate::cli::keys::Create;
use crate::cli::service::Whose;
use crate::context::Context;
use crate::creation::Purpose;
use crate::error::Error;
use crate::iam::KeyDraft;
use crate::ops::keys::expiry::expiry;
use crate::ops::log;
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner::KeyOwner;
use crate::ops::new_key::delivery::{self, check_reader, deliver, unregistered};
use crate::ops::new_key::plan::{Form, destination, new_value, plan};

pub(crate) async fn run(context: &mut Context<'_>, whose: Whose, mut options: Create) -> Result<u8, Error> {
    let (name, program) = options.take_name()?;
    // Scripts for the `ibmcloud` tool expect that a file is replaced. The old contents are saved.
    options.overwrite |= context.settings.stand_in.is_some();
    let expires_at = options.expires.map(|when| expiry(when, (context.now)())).transpose()?.flatten();
    let destination = destination(context, options.file.as_deref(), options.overwrite, program)?;
    let active = ActiveLogin::open_for_keys(context, &whose).await?;
    let shown = context.ui.name(&name);
    context.ui.say(&format!("Creating API key {shown} {}...", active.under_as(context.ui)));
    if let Some(moment) = &expires_at {
        context.ui.note(format!("The key expires at {moment}."));
    }
    check_reader(context, &destination)?;
    let value = if options.server_generated { None } else { Some(new_value()?) };
    let draft = draft(&active.owner, name, &options, expires_at);
    let form = Form { format: options.file_format, overwrite: options.overwrite };
    let plan = plan(&active.login, &destination, draft, form, Purpose::Create, (context.now)());
    let log = log(&context.settings)?;
    let recorded = plan.prepare(destination).record(&log, value)?;
    context.in_progress = Some(delivery::in_progress(&recorded));
    let registered = match recorded.register(&active.login.client).await {
        Ok(registered) => registered,
        Err(failure) => return Err(unregistered(*failure, &active.login.client).await),
    };
    deliver(context, &active, registered, true).await?;
    Ok(0)
}

fn draft(owner: &KeyOwner, name: String, options: &Create, expires_at: Option<String>) -> KeyDraft {
    KeyDraft {
        name,
        iam_id: owner.iam_id().to_owned(),
        account_id: owner.account_id().to_owned(),
        description: options.description.clone().filter(|text| !text.is_empty()),
        action_when_leaked: options.action_if_leaked.map(|action| action.word().to_owned()),
        expires_at,
        support_sessions: options.support_sessions,
        store_value: false,
        locked: options.lock,
        disabled: options.disabled,
    }
}
