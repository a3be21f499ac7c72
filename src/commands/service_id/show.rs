//! `service-id`

use serde_json::Value;

use crate::cli::service::ServiceIdShow;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::ops::login::ActiveLogin;
use crate::ops::login::owner;
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
    let none = if context.ui.format() == Format::Table { "-" } else { "" };
    let text = |name: &str| found.fields.get(name).and_then(Value::as_str).unwrap_or(none).to_owned();
    let fields = vec![
        ("ID", "id", found.id.clone()),
        ("Name", "name", found.name.clone()),
        ("Description", "description", text("description")),
        ("Locked", "locked", found.locked.to_string()),
        ("IAM ID", "iam_id", found.iam_id.clone()),
        ("CRN", "crn", text("crn")),
        ("Created At", "created_at", found.created_at.clone()),
        ("Last Updated", "modified_at", found.modified_at.clone()),
        ("Version", "entity_tag", text("entity_tag")),
    ];
    context.ui.render(&Record { fields, width: LABELS, object: Value::Object(found.fields.clone()) })?;
    Ok(0)
}
