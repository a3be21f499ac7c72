//! Tells of creations that were interrupted, of each one once.

use crate::commands::support::{log, messages};
use crate::context::Context;
use crate::creation::{self, State};
use crate::hint::{Hint, Note};
use crate::text;
use crate::time;

/// What other commands than `api-key-recover` say.
pub(crate) fn remind(context: &mut Context<'_>) {
    if context.ui.is_quiet() {
        return;
    }
    let Ok(log) = log(&context.settings) else { return };
    for logged in creation::logged(&log) {
        // What another process has at the moment is told of by a later command.
        let Ok(Some(mut found)) = logged.load(false) else { continue };
        if found.is_over() {
            // What cannot be removed stays until it can.
            let _ = found.forget();
            continue;
        }
        // What was begun elsewhere cannot be finished here, and is told of there.
        if found.subject.endpoint.is_empty() != context.settings.sandbox || !found.mark_reported() {
            continue;
        }
        let subject = &found.subject;
        let (name, begun_at) = (text::name(&subject.name), time::wire(subject.begun_at));
        let of = messages::of_owner(subject);
        let note = match (&found.state, &subject.file) {
            _ if let Some(rotation) = &subject.rotation => messages::interrupted_rotation(subject, rotation),
            (State::Resumable | State::Missing | State::Unusable, Some(file)) => {
                let shown = file.to_string_lossy();
                let shown = text::name(&shown);
                Note::from(format!(
                    "The creation of API key {name}{of} into {shown}, started at {begun_at}, was interrupted."
                ))
                .hint(Hint::run("To finish it, run", messages::recover_words(file)))
            }
            _ => Note::from(format!(
                "The creation of API key {name}{of}, started at {begun_at}, was interrupted. The key may exist, but its \
                 value is lost."
            ))
            .hint(Hint::run("To check, run", ["api-key-recover"])),
        };
        context.ui.note(note);
    }
}
