//! One key on standard output.

use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::iam::ApiKey;
use crate::output::{json, keys, table};

/// A key in the format asked for.
pub(crate) fn show_key(context: &mut Context<'_>, key: &ApiKey) -> Result<(), Error> {
    match context.ui.format() {
        Format::Table => {
            let lines = keys::details(key);
            let lines: Vec<(&str, &str)> = lines.iter().map(|(label, text)| (*label, text.as_str())).collect();
            context.ui.say("");
            context.ui.table(&table::record(&lines, keys::LABELS), false);
        }
        Format::Json => context.ui.data(&json::pretty(&key.fields()?)),
        Format::Csv => context.ui.data(&keys::details_csv(key, None)),
    }
    Ok(())
}
