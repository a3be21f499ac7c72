//! `api-key-audit`

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::audit::{Audit, Counted, Finding, Limits};
use crate::cli::audit::Audit as Options;
use crate::cli::selection::Selection;
use crate::cli::service::Whose;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::files;
use crate::hint::Hint;
use crate::iam::{ApiKey, Scope};
use crate::ops::keys::activity;
use crate::ops::keys::criteria::Criteria;
use crate::ops::keys::select::Selector;
use crate::ops::login::ActiveLogin;
use crate::output::audit::AuditReport;
use crate::output::audit_page;
use crate::session::Stores;
use crate::text::reason;

pub(crate) async fn run(context: &mut Context<'_>, whose: Whose, options: Options) -> Result<u8, Error> {
    options.selection.check(options.all)?;
    let page = options.html.as_deref().map(Page::prepare).transpose()?;
    let (mut keys, mut all) = (Vec::new(), Vec::new());
    let mut first_failure = None;
    if options.all_sessions {
        let names = Stores::of(&context.settings)?.files.names()?;
        if names.is_empty() {
            return Err(Error::new(Kind::NotAuthorised, "There are no stored sessions.")
                .hint(Hint::run("Log in", ["login", "--apikey", "@FILE"])));
        }
        for name in names {
            context.settings.session = Some(name.clone());
            match read(context, &whose, &options, &mut all).await {
                Ok(found) => keys.extend(found.into_iter().map(|key| (Some(name.clone()), key))),
                // A session with an error does not stop the audit of the others.
                Err(error) => {
                    context.report(&error);
                    first_failure.get_or_insert(error.kind.exit_status());
                }
            }
        }
    } else {
        keys.extend(read(context, &whose, &options, &mut all).await?.into_iter().map(|key| (None, key)));
    }
    let limits = Limits { max_age: options.max_age.0, unused: options.unused.0, expiring: options.expiring.0 };
    let audit = Audit::of(keys, &all, limits, (context.now)());
    context.ui.ok();
    context.ui.render(&AuditReport { audit: &audit })?;
    if let Some(page) = page {
        let shown = context.ui.name(&page.shown.to_string_lossy());
        page.write(&audit_page::page(&audit))?;
        context.ui.say(&format!("The report was written to {shown}"));
    }
    if let Some(status) = first_failure {
        return Ok(status);
    }
    let is_found = |finding: &Finding| audit.count(*finding) > 0;
    Ok(if options.fail_on.iter().any(is_found) { FOUND } else { 0 })
}

/// The exit status if a finding in `--fail-on` was found.
const FOUND: u8 = 10;

/// The destination of the web page.
struct Page {
    /// As it was given.
    shown: PathBuf,
    path: PathBuf,
    /// The destination if it is not a regular file. It is written to, and not replaced.
    stream: Option<File>,
}

impl Page {
    /// Checks whether the page can be written, before the service is asked about each key.
    fn prepare(shown: &Path) -> Result<Self, Error> {
        if shown == Path::new("-") {
            return Err(Error::usage("--html does not write to standard output.")
                .hint("Pass a file, for example --html audit.html."));
        }
        let unwritable = |error: io::Error| {
            let refused = Error::failed(format!("Cannot write {}: {}.", shown.display(), reason(&error)));
            if error.kind() == ErrorKind::NotFound { refused.hint("Create the folder first.") } else { refused }
        };
        // Resolves a link, so that the link is not replaced by the page.
        let path = shown.canonicalize().unwrap_or_else(|_| shown.to_owned());
        let stream = match path.metadata() {
            Ok(found) if found.is_file() => {
                let mut head = Vec::new();
                File::open(&path).and_then(|file| file.take(1024).read_to_end(&mut head)).map_err(unwritable)?;
                if !head.is_empty() && !audit_page::is_page(&head) {
                    let message = format!("{} exists, and is not an audit report.", shown.display());
                    return Err(Error::new(Kind::Conflict, message).hint("Pass another file, or delete it first."));
                }
                None
            }
            Ok(_) => {
                let opened = files::open_stream(&path).map_err(unwritable)?;
                Some(opened.ok_or_else(|| {
                    Error::failed(format!("No program reads from the pipe {}.", shown.display()))
                        .hint("Start the reader first.")
                })?)
            }
            Err(_) => None,
        };
        if stream.is_none() {
            files::temporary_beside(&path).map_err(unwritable)?;
        }
        Ok(Self { shown: shown.to_owned(), path, stream })
    }

    fn write(self, text: &str) -> Result<(), Error> {
        let written = match self.stream {
            Some(mut stream) => stream.write_all(text.as_bytes()),
            None => files::replace(&self.path, text.as_bytes()),
        };
        written.map_err(|error| Error::failed(format!("Cannot write {}: {}.", self.shown.display(), reason(&error))))
    }
}

/// Returns the selected keys of a login, with their activity. Adds all keys of the login to `all`.
async fn read(
    context: &mut Context<'_>,
    whose: &Whose,
    options: &Options,
    all: &mut Vec<Counted>,
) -> Result<Vec<ApiKey>, Error> {
    let active = ActiveLogin::open_for_keys(context, whose).await?;
    context.ui.say(&format!("Checking API keys {}...", active.under_as(context.ui)));
    let mut keys = Selector::of(&active)
        .selected(context, &Selection::default(), options.all.then_some(Scope::Account), false)
        .await?;
    all.extend(keys.iter().map(Counted::from));
    let criteria = Criteria::new(&options.selection, (context.now)());
    keys.retain(|key| criteria.matches(key));
    let keys = criteria.retain_unused(context, &active, keys, options.fresh).await?;
    // They are fresh already if the selection asked for them.
    activity::read(context, &active, keys, options.fresh && options.selection.unused_for.is_none()).await
}
