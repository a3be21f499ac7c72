//! Commands for service IDs.

pub(super) mod list;
pub(super) mod show;

use serde_json::Value;

use crate::iam::service_ids::ServiceId;
use crate::output::Column;

const ID: Column<ServiceId> = Column::new("ID", "id", |found| (&found.id).into());
const NAME: Column<ServiceId> = Column::new("Name", "name", |found| (&found.name).into());
const DESCRIPTION: Column<ServiceId> =
    Column::new("Description", "description", |found| sent(found, "description").into());
const CREATED: Column<ServiceId> = Column::new("Created At", "created_at", |found| (&found.created_at).into());
const MODIFIED: Column<ServiceId> = Column::new("Last Updated", "modified_at", |found| (&found.modified_at).into());
const LOCKED: Column<ServiceId> = Column::new("Locked", "locked", |found| found.locked.into());

/// Returns a text as it was sent.
fn sent<'a>(found: &'a ServiceId, field: &str) -> Option<&'a str> {
    found.fields.get(field).and_then(Value::as_str)
}
