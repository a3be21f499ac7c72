//! Reports creations that were interrupted, each of them once.

use crate::commands::support::{log, messages};
use crate::context::Context;
use crate::creation::{self, State};
use crate::hint::{Hint, Note};
use crate::text;
use crate::time;

/// Reports interrupted creations in commands other than `api-key-recover`.
pub(crate) fn remind(context: &mut Context<'_>) {
    if context.ui.is_quiet() {
        return;
    }
    let Ok(log) = log(&context.settings) else { return };
    for logged in creation::logged(&log) {
        // A later command reports a creation that another process has locked now.
        let Ok(Some(mut found)) = logged.load(false) else { continue };
        if found.is_over() {
            // If the creation cannot be removed now, a later command removes it.
            let _ = found.forget();
            continue;
        }
        // A creation in the sandbox can only be finished and reported there, and the same applies outside of the
        // sandbox.
        if found.subject.endpoint.is_empty() != context.settings.sandbox || !found.mark_reported() {
            continue;
        }
        let subject = &found.subject;
        let (name, begun_at) = (text::name(&subject.name), time::wire(subject.begun_at));
        let of = messages::of_owner(subject);
        let note = match (&found.state, &subject.file) {
            _ if let Some(rotation) = &subject.rotation => messages::interrupted_rotation(subject, rotation, &found.state),
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
