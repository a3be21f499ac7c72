//! `service-ids`

use super::{CREATED, DESCRIPTION, ID, LOCKED, MODIFIED, NAME};
use crate::cli::service::ServiceIds;
use crate::context::Context;
use crate::error::Error;
use crate::iam::service_ids::ServiceId;
use crate::ops::keys::completion;
use crate::ops::login::ActiveLogin;
use crate::ops::messages::note_coverage;
use crate::output::Column;
use crate::output::report::{Ids, List};

pub(crate) async fn run(context: &mut Context<'_>, options: ServiceIds) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    if !options.uuid {
        context.ui.say(&format!("Getting all service IDs {}...", active.under_as(context.ui)));
    }
    let (mut found, coverage) = active.login.client.list_service_ids(&active.login.account_id, None).await?;
    note_coverage(context.ui, coverage);
    completion::saw_service_ids(context, &found);
    let contains = |text: &str, part: &Option<String>| part.as_ref().is_none_or(|part| text.contains(part));
    found.retain(|found| contains(&found.name, &options.name) && contains(&found.description, &options.description));
    if options.uuid {
        context.ui.render(&Ids::Many(found.iter().map(|found| found.id.as_str()).collect()))?;
        return Ok(0);
    }
    context.ui.ok();
    let list = List::new(&COLUMNS, &found, "No service IDs found.");
    context.ui.render(&List { object: Some(|found: &ServiceId| &found.fields), ..list })?;
    Ok(0)
}

const COLUMNS: [Column<ServiceId>; 6] = [ID, NAME, DESCRIPTION, CREATED, MODIFIED, LOCKED];
