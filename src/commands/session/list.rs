//! `session list` and `session use`

use std::borrow::Cow;

use serde_json::json;

use crate::cli::session::SessionCommand;
use crate::context::Context;
use crate::error::Error;
use crate::output::Column;
use crate::output::report::List;
use crate::session::claims::Claims;
use crate::session::store::{Place, Session, StoreError};
use crate::session::{self, Places};
use crate::text::visible;
use crate::time;

/// A stored session, as people see it.
struct Row {
    name: String,
    is_current: bool,
    session: Session,
    token_until: String,
}

const COLUMNS: [Column<Row>; 7] = [
    Column { title: "Name", field: "name", cell: |row| Cow::Borrowed(&row.name) },
    Column { title: "Used", field: "used", cell: |row| if row.is_current { "yes" } else { "" }.into() },
    Column { title: "Account", field: "account", cell: |row| Cow::Borrowed(&row.session.account_id) },
    Column { title: "User", field: "user", cell: |row| Cow::Borrowed(&row.session.user) },
    Column { title: "Endpoint", field: "endpoint", cell: |row| Cow::Borrowed(&row.session.endpoint) },
    Column { title: "Kept In", field: "kept_in", cell: |row| word(row.session.place).into() },
    Column { title: "Token Until", field: "token_until", cell: |row| Cow::Borrowed(&row.token_until) },
];

/// The word for a place, as `--store` has it.
pub(crate) fn word(place: Place) -> &'static str {
    match place {
        Place::File => "file",
        Place::Keyring => "keyring",
        Place::Nowhere => "none",
    }
}

pub(crate) fn run(context: &mut Context<'_>, command: SessionCommand) -> Result<u8, Error> {
    if context.settings.sandbox {
        return Err(Error::usage("The sandbox has no sessions: its user is always logged in.")
            .hint("Omit --sandbox (IBMIAM_SANDBOX) to list the stored sessions."));
    }
    let places = Places::of(&context.settings)?;
    match command {
        SessionCommand::List => list(context, &places),
        SessionCommand::Use { name } => choose(context, &places, &name),
    }
}

fn list(context: &mut Context<'_>, places: &Places) -> Result<u8, Error> {
    let current = places.name(&context.settings)?;
    let mut rows = Vec::new();
    for name in places.files.names()? {
        let session = match places.files.load(&name) {
            Ok(Some(session)) => session,
            Ok(None) => continue,
            // One that cannot be read does not hide the others.
            Err(error) => {
                context.ui.note(error.to_string());
                continue;
            }
        };
        let token = places.files.access_token(&name).filter(|kept| kept.login_id == session.login_id);
        let claims = token.and_then(|kept| Claims::read(&kept.access_token).ok());
        let token_until = claims.and_then(|claims| claims.end()).map(time::wire).unwrap_or_default();
        rows.push(Row { is_current: name == current, name, session, token_until });
    }
    context.ui.ok();
    let columns = &COLUMNS.each_ref();
    context.ui.render(&List { columns, items: &rows, empty: "No session found.", object })?;
    Ok(0)
}

fn object(row: &Row) -> serde_json::Value {
    json!({
        "name": row.name, "used": row.is_current, "account_id": row.session.account_id, "user": row.session.user,
        "endpoint": row.session.endpoint, "kept_in": word(row.session.place), "keeps_key": row.session.keeps_key,
        "logged_in_at": time::wire(row.session.logged_in_at), "token_until": row.token_until,
    })
}

fn choose(context: &mut Context<'_>, places: &Places, name: &str) -> Result<u8, Error> {
    match places.files.load(name) {
        Ok(None) => return Err(session::Error::NoSuchSession(name.to_owned()).into()),
        Err(error @ StoreError::BadName(_)) => return Err(error.into()),
        // It is there; what is wrong with it is told by the command that needs it.
        _ => {}
    }
    places.files.choose(name)?;
    context.ui.ok();
    let name = visible(name).into_owned();
    context.ui.say(&format!("Default session is now '{name}'."));
    Ok(0)
}
