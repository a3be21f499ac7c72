//! `service-id`

use super::{CREATED, DESCRIPTION, ID, LOCKED, MODIFIED, NAME, sent};
use crate::cli::service::ServiceIdShow;
use crate::context::Context;
use crate::error::Error;
use crate::iam::service_ids::ServiceId;
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner;
use crate::output::Column;
use crate::output::keys::LABELS;
use crate::output::report::{Ids, Record};

pub(crate) async fn run(context: &mut Context<'_>, options: ServiceIdShow) -> Result<u8, Error> {
    let active = ActiveLogin::open(context).await?;
    if !options.uuid {
        let name = context.ui.name(&options.service_id);
        context.ui.say(&format!("Getting service ID {name} {}...", active.under_as(context.ui)));
    }
    let found = owner::find(&active.login, &options.service_id).await?;
    if options.uuid {
        context.ui.render(&Ids::One(&found.id))?;
        return Ok(0);
    }
    context.ui.ok();
    context.ui.say("");
    let object = Some(found.fields.clone());
    context.ui.render(&Record { missing: "-", object, ..Record::new(&COLUMNS, &found, LABELS) })?;
    Ok(0)
}

const COLUMNS: [Column<ServiceId>; 9] = [
    ID,
    NAME,
    DESCRIPTION,
    LOCKED,
    Column::new("IAM ID", "iam_id", |found| (&found.iam_id).into()),
    Column::new("CRN", "crn", |found| sent(found, "crn").into()),
    CREATED,
    MODIFIED,
    Column::new("Version", "entity_tag", |found| sent(found, "entity_tag").into()),
];
