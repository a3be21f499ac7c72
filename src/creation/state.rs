//! Derives the state of an interrupted creation from what is on the disk. Pure functions.

use jiff::{SignedDuration, Timestamp};

use super::log::Step;

/// After this time, a request on its way to the service has arrived, or never will.
pub const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// The traces of a creation on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Traces {
    pub(super) pending: PendingTrace,
    /// The log entry, if there is one.
    pub(super) log: Option<Progress>,
    /// Whether the requested file exists and has the value of the pending file.
    pub(super) file_has_value: bool,
    /// Whether the new key replaces another one.
    pub(super) is_rotation: bool,
}

/// What is found beside the requested file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PendingTrace {
    /// No pending file of this creation.
    Absent,
    /// A pending file with an incomplete record.
    BrokenOff,
    /// A record with the key's value.
    WithValue,
    /// A record without a value, because the service was to make it.
    WithoutValue,
    /// A pending file that is not trusted, cannot be read, or is invalid.
    Unusable,
}

/// How far a creation got, according to the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Whether the key was to be written to a file.
    pub(super) to_file: bool,
    /// The steps of the entry, in their order.
    pub(super) steps: Vec<Step>,
}

impl Progress {
    pub(super) fn has(&self, step: &Step) -> bool {
        self.steps.contains(step)
    }

    /// Returns the key's ID, if it is known and the key was not deleted since.
    pub(super) fn key_id(&self) -> Option<&str> {
        match self.steps.iter().rfind(|step| matches!(step, Step::Made(_) | Step::Deleted)) {
            Some(Step::Made(id)) => Some(id),
            _ => None,
        }
    }
}

/// The state of an interrupted creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// No request was sent, so there is no key.
    NotSent,
    /// The value is stored, so the creation can be finished.
    Resumable,
    /// There may be a key whose value is lost.
    Orphan {
        /// The key's ID, if it is known.
        id: Option<String>,
        /// Whether the value may have reached standard output, a pipe, a device or a program.
        maybe_delivered: bool,
    },
    /// The value was stored beside a file, but the pending file is missing: its folder was moved, or its disk is not
    /// mounted.
    Missing,
    /// The pending file exists, but cannot be used.
    Unusable,
    /// The key is delivered, but the key that it replaces may not be retired yet.
    Delivered,
    /// The key is delivered, or there is no key.
    Complete,
}

impl Traces {
    /// Returns the state; `None` if there are no traces at all.
    pub(super) fn state(&self) -> Option<State> {
        let orphan = |log: &Progress| State::Orphan {
            id: log.key_id().map(str::to_owned),
            maybe_delivered: log.has(&Step::Delivering),
        };
        Some(match (self.pending, &self.log) {
            (PendingTrace::Absent, None) => return None,
            (_, Some(log)) if log.has(&Step::Finished) => State::Complete,
            (_, Some(log)) if log.has(&Step::Delivered) && self.is_rotation => State::Delivered,
            (_, Some(log)) if log.has(&Step::Altered) => orphan(log),
            (PendingTrace::Unusable, _) => State::Unusable,
            // The process ended just before it could record the delivery.
            (PendingTrace::WithValue, _) if self.file_has_value && self.is_rotation => State::Delivered,
            (PendingTrace::WithValue, _) if self.file_has_value => State::Complete,
            (PendingTrace::WithValue, _) => State::Resumable,
            (PendingTrace::WithoutValue, None) => State::Orphan { id: None, maybe_delivered: false },
            (PendingTrace::WithoutValue, Some(log)) => orphan(log),
            (_, Some(log)) if !log.to_file || log.has(&Step::ServiceMade) && !log.has(&Step::Kept) => orphan(log),
            // Its pending file was empty, and has made room for a later one.
            (PendingTrace::Absent, Some(log)) if !log.has(&Step::Recorded) => State::NotSent,
            (PendingTrace::Absent, Some(_)) => State::Missing,
            (PendingTrace::BrokenOff, _) => State::NotSent,
        })
    }
}

/// Whether a request that may have been on its way at `since` has arrived by `now`, or never will.
#[must_use]
pub fn is_settled(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) > SETTLED_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_disk_says_what_a_creation_has_come_to() {
        use PendingTrace::{Absent, BrokenOff, Unusable, WithValue, WithoutValue};
        let then = |before: &Progress, steps: &[Step]| Progress {
            steps: [&before.steps[..], steps].concat(),
            ..before.clone()
        };
        let has_id = Step::Made("ApiKey-1".to_owned());
        let begun = Progress { to_file: true, ..Progress::default() };
        let entry = then(&begun, &[Step::Recorded]);
        let asked = then(&begun, &[Step::ServiceMade, Step::Recorded]);
        let made = then(&asked, std::slice::from_ref(&has_id));
        let kept = then(&made, &[Step::Kept]);
        let altered = then(&entry, &[has_id.clone(), Step::Altered]);
        let returned = then(&altered, &[Step::Deleted]);
        let shown = Progress::default();
        let shown_made = then(&shown, &[has_id]);
        let showing = then(&shown_made, &[Step::Delivering]);
        let delivered = |progress: &Progress| then(progress, &[Step::Delivered]);
        let finished = |progress: &Progress| then(progress, &[Step::Finished]);
        let orphan =
            |id: Option<&str>, maybe_delivered| Some(State::Orphan { id: id.map(str::to_owned), maybe_delivered });
        let id = Some("ApiKey-1");
        // What a kill or a crash leaves after each step, in the order of the steps, and then all other cases.
        for (what, pending, log, file_has_value, state) in [
            ("nothing", Absent, None, false, None),
            // Into a file, with a value that this program made.
            ("the place is reserved", BrokenOff, None, false, Some(State::NotSent)),
            ("the log knows it", BrokenOff, Some(begun.clone()), false, Some(State::NotSent)),
            ("a later creation has its place", Absent, Some(begun.clone()), false, Some(State::NotSent)),
            ("the value is kept, the log not told so", WithValue, Some(begun), false, Some(State::Resumable)),
            ("the value is kept, and may be sent", WithValue, Some(entry.clone()), false, Some(State::Resumable)),
            ("the file is there", WithValue, Some(entry.clone()), true, Some(State::Complete)),
            ("the log is finished", WithValue, Some(finished(&entry)), true, Some(State::Complete)),
            ("the pending file is gone", Absent, Some(finished(&entry)), false, Some(State::Complete)),
            // Into a file, with a value that the service makes.
            ("the log says so", BrokenOff, Some(asked.clone()), false, orphan(None, false)),
            ("it may be sent", WithoutValue, Some(asked.clone()), false, orphan(None, false)),
            ("the id is known", WithoutValue, Some(made.clone()), false, orphan(id, false)),
            ("the value is kept, the log not told", WithValue, Some(made.clone()), false, Some(State::Resumable)),
            ("the value is kept", WithValue, Some(kept.clone()), false, Some(State::Resumable)),
            ("that file is there", WithValue, Some(kept.clone()), true, Some(State::Complete)),
            // To standard output.
            ("it may be sent, or was", Absent, Some(shown.clone()), false, orphan(None, false)),
            ("its id is known", Absent, Some(shown_made.clone()), false, orphan(id, false)),
            ("it is being shown", Absent, Some(showing.clone()), false, orphan(id, true)),
            ("it was shown", Absent, Some(finished(&showing)), false, Some(State::Complete)),
            // A rotation.
            ("the old key is still to be retired", Absent, Some(delivered(&showing)), false, Some(State::Delivered)),
            ("the same, with a file", WithValue, Some(delivered(&entry)), true, Some(State::Delivered)),
            ("the old key is retired", Absent, Some(finished(&delivered(&entry))), false, Some(State::Complete)),
            // The value was altered in transit, and the key was deleted again.
            ("the log says so, and its id", WithValue, Some(altered.clone()), false, orphan(id, false)),
            ("the worthless value is gone", Absent, Some(altered), false, orphan(id, false)),
            ("a copy may still create it", Absent, Some(returned), false, orphan(None, false)),
            // Moved folders, unmounted disks, restored backups, lost logs.
            ("the pending file is elsewhere", Absent, Some(entry.clone()), false, Some(State::Missing)),
            ("a kept one is elsewhere", Absent, Some(kept), false, Some(State::Missing)),
            ("the empty one is elsewhere", Absent, Some(asked), false, orphan(None, false)),
            ("the file was removed since", WithValue, Some(finished(&entry)), false, Some(State::Complete)),
            ("a pending file without a log", WithValue, None, false, Some(State::Resumable)),
            ("the same, and the file is there", WithValue, None, true, Some(State::Complete)),
            ("a pending file of another mode", Unusable, Some(entry.clone()), false, Some(State::Unusable)),
            ("the same without a log", Unusable, None, false, Some(State::Unusable)),
            ("a record without a value or a log", WithoutValue, None, false, orphan(None, false)),
        ] {
            let is_rotation = log.as_ref().is_some_and(|log| log.has(&Step::Delivered));
            assert_eq!(Traces { pending, log, file_has_value, is_rotation }.state(), state, "{what}");
        }
        for (what, log, state) in [
            ("a rotation whose file is there", Some(entry.clone()), State::Delivered),
            ("the same without a log", None, State::Delivered),
            ("the same, and the log is finished", Some(finished(&entry)), State::Complete),
        ] {
            let traces = Traces { pending: WithValue, log, file_has_value: true, is_rotation: true };
            assert_eq!(traces.state(), Some(state), "{what}");
        }
    }

    #[test]
    fn ten_minutes_settle_what_was_on_its_way() {
        let since: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        assert!(!is_settled(since, since + SETTLED_AFTER));
        assert!(is_settled(since, since + SETTLED_AFTER + SignedDuration::from_secs(1)));
        assert!(!is_settled(since, since - SignedDuration::from_hours(9)), "a clock that was set back");
    }
}
