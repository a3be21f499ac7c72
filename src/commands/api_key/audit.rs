//! `api-key-audit`

use crate::audit::{Audit, Finding, Limits};
use crate::cli::audit::{Audit as Options, FindingName};
use crate::commands::support::activity;
use crate::commands::support::login::ActiveLogin;
use crate::commands::support::select::Selector;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::files;
use crate::iam::ApiKey;
use crate::output::audit::AuditReport;
use crate::output::audit_page;
use crate::session::Stores;
use crate::text::reason;

pub(crate) async fn run(context: &mut Context<'_>, options: Options) -> Result<u8, Error> {
    options.selection.check(options.all)?;
    let mut keys = Vec::new();
    let mut first_failure = None;
    if options.all_sessions {
        for name in Stores::of(&context.settings)?.files.names()? {
            context.settings.session = Some(name.clone());
            match read(context, &options).await {
                Ok(found) => keys.extend(found.into_iter().map(|key| (Some(name.clone()), key))),
                // One session that has ended does not hide the others.
                Err(error) => {
                    context.ui.error(&error);
                    first_failure.get_or_insert(error.kind.exit_status());
                }
            }
        }
        if keys.is_empty() && first_failure.is_none() {
            return Err(Error::new(Kind::NotAuthorised, "There are no stored sessions."));
        }
    } else {
        keys.extend(read(context, &options).await?.into_iter().map(|key| (None, key)));
    }
    let limits = Limits { max_age: options.max_age.0, unused: options.unused.0, expiring: options.expiring.0 };
    let audit = Audit::of(keys, limits, (context.now)());
    context.ui.ok();
    context.ui.render(&AuditReport { audit: &audit })?;
    if let Some(path) = &options.html {
        let page = audit_page::page(&audit);
        files::replace(path, page.as_bytes())
            .map_err(|error| Error::failed(format!("Cannot write {}: {}.", path.display(), reason(&error))))?;
        let shown = context.ui.name(&path.to_string_lossy());
        context.ui.say(&format!("The report was written to {shown}"));
    }
    if let Some(status) = first_failure {
        return Ok(status);
    }
    let is_found = |name: &FindingName| {
        let finding = Finding::ALL.into_iter().find(|finding| finding.word() == name.word());
        finding.is_some_and(|finding| audit.count(finding) > 0)
    };
    Ok(if options.fail_on.iter().any(is_found) { FOUND } else { 0 })
}

/// The exit status if something was found that was asked about.
const FOUND: u8 = 10;

/// The selected keys of a login, with their activity.
async fn read(context: &mut Context<'_>, options: &Options) -> Result<Vec<ApiKey>, Error> {
    let active = ActiveLogin::open(context).await?;
    context.ui.say(&format!("Checking API keys {}...", active.under_as(context.ui)));
    let keys = Selector::own(&active).selected(context, &options.selection, options.all, options.fresh).await?;
    activity::read(context, &active, keys, options.fresh).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_knows_each_finding() {
        let words: Vec<String> = FindingName::all().iter().map(|name| name.word()).collect();
        assert_eq!(words, Finding::ALL.map(Finding::word));
    }
}
