//! `session list` and `session use`

use super::view::describe_account;
use crate::cli::session::SessionCommand;
use crate::context::Context;
use crate::error::Error;
use crate::format::Format;
use crate::output::Column;
use crate::output::report::List;
use crate::session::claims::Claims;
use crate::session::store::{Session, Storage, StoreError};
use crate::session::{self, Stores};
use crate::text::visible;
use crate::time;

/// A stored session, as shown in the list.
struct Row {
    name: String,
    is_current: bool,
    session: Session,
    token_until: String,
    has_ended: bool,
}

const COLUMNS: [Column<Row>; 12] = [
    Column::new("Name", "name", |row| (&row.name).into()),
    Column::new("Used", "used", |row| row.is_current.into()),
    Column::new("State", "state", |row| row.state().into()),
    Column::of(&[Format::Table, Format::Csv], "Account", "account", |row| {
        describe_account(&row.session.account_name, &row.session.account_id).into()
    }),
    Column::of(&[Format::Json], "", "account_id", |row| (&row.session.account_id).into()),
    Column::of(&[Format::Json], "", "account_name", |row| (&row.session.account_name).into()),
    Column::new("User", "user", |row| (&row.session.user).into()),
    Column::new("Endpoint", "endpoint", |row| (&row.session.endpoint).into()),
    Column::new("Stored In", "stored_in", |row| row.session.storage.word().into()),
    Column::of(&[Format::Json], "", "keeps_key", |row| row.session.keeps_key.into()),
    Column::of(&[Format::Json], "", "logged_in_at", |row| time::wire(row.session.logged_in_at).into()),
    Column::new("Token Expires", "token_until", |row| (&row.token_until).into()),
];

impl Row {
    /// Returns whether commands can still use the session.
    fn state(&self) -> &'static str {
        if self.has_ended { "ended" } else { "active" }
    }
}

pub(crate) fn run(context: &mut Context<'_>, command: SessionCommand) -> Result<u8, Error> {
    if context.settings.sandbox {
        return Err(Error::usage("The sandbox has no sessions: its user is always logged in.")
            .hint("To work with stored sessions, leave out --sandbox (IBMIAM_SANDBOX)."));
    }
    let stores = Stores::of(&context.settings)?;
    match command {
        SessionCommand::List => list(context, &stores),
        SessionCommand::Use { name } => choose(context, &stores, &name),
    }
}

fn list(context: &mut Context<'_>, stores: &Stores) -> Result<u8, Error> {
    let current = stores.name(&context.settings)?;
    let mut rows = Vec::new();
    for name in stores.files.names()? {
        let session = match stores.files.load(&name) {
            Ok(Some(session)) => session,
            Ok(None) => continue,
            // A session that cannot be read does not hide the others.
            Err(error) => {
                context.ui.note(error.to_string());
                continue;
            }
        };
        let token = stores.files.access_token(&name).filter(|kept| kept.login_id == session.login_id);
        let claims = token.and_then(|kept| Claims::read(&kept.access_token).ok());
        let end = claims.and_then(|claims| claims.end());
        let is_renewable = session.storage != Storage::Nowhere || session.keeps_key;
        let is_over = end.is_none_or(|end| end <= (context.now)());
        let has_ended = session.ended || !is_renewable && is_over;
        let token_until = end.map(time::wire).unwrap_or_default();
        rows.push(Row { is_current: name == current, name, session, token_until, has_ended });
    }
    context.ui.ok();
    context.ui.render(&List::new(&COLUMNS, &rows, "No sessions found."))?;
    Ok(0)
}

fn choose(context: &mut Context<'_>, stores: &Stores, name: &str) -> Result<u8, Error> {
    match stores.files.load(name) {
        Ok(None) => return Err(session::Error::NoSuchSession(name.to_owned()).into()),
        Err(error @ StoreError::BadName(_)) => return Err(error.into()),
        // The session exists. If it is invalid, the command that uses it reports the error.
        _ => {}
    }
    stores.files.choose(name)?;
    context.ui.ok();
    let name = visible(name).into_owned();
    context.ui.say(&format!("Default session is now '{name}'."));
    Ok(0)
}
