//! Reports creations that were interrupted, each of them once.

use crate::context::Context;
use crate::creation::{Leftover, Place, Scanned, Wait, leftovers};
use crate::hint::{Hint, Note};
use crate::ops::log;
use crate::ops::messages;
use crate::text;
use crate::time;

/// Reports interrupted creations in commands other than `api-key-recover`.
pub(crate) fn remind(context: &mut Context<'_>) {
    if context.ui.is_quiet() {
        return;
    }
    let Ok(log) = log(&context.settings) else { return };
    // A creation in the sandbox can only be finished and reported there, and the same applies outside of the sandbox.
    let is_here = |left: &Leftover| (left.creation().plan.place == Place::Sandbox) == context.settings.sandbox;
    for scanned in leftovers(&log, Wait::No, |_| true) {
        let note = match scanned {
            Scanned::Left(left) if is_here(&left) && left.creation().mark_reported() => note(&left),
            Scanned::Unreadable(entry) if entry.mark_reported() => messages::as_note(entry.error),
            // A later command reports a creation that another process has now.
            _ => continue,
        };
        context.ui.note(note);
    }
}

fn note(left: &Leftover) -> Note {
    let plan = &left.creation().plan;
    if let Some(rotation) = plan.rotation() {
        return messages::interrupted_rotation(left, rotation);
    }
    let (name, begun_at) = (text::name(&plan.draft.name), time::wire(plan.begun_at));
    let of = messages::of_owner(plan);
    match (left, plan.file()) {
        (Leftover::Resumable(_) | Leftover::Missing(..) | Leftover::Unusable(..), Some(file)) => {
            let shown = file.to_string_lossy();
            let shown = text::name(&shown);
            let text =
                format!("The creation of API key {name}{of} into {shown}, started at {begun_at}, was interrupted.");
            Note::from(text).hint(Hint::run("To finish it, run", messages::recover_words(file)))
        }
        _ => Note::from(format!(
            "The creation of API key {name}{of}, started at {begun_at}, was interrupted. The key may exist, but its \
             value is lost."
        ))
        .hint(Hint::run("To check, run", ["api-key-recover"])),
    }
}
