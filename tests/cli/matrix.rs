//! Every change under every fault, where the fault happens once or always: checks the messages, the disk, and the
//! service.

use std::path::Path;

use serde_json::Value;

use ibmiam::sandbox::{Options, Setup};

use crate::support::limits::timeout_under;
use crate::support::{Outcome, SERVICE_ID, Server, World, closed_pipe, finish, in_parallel};

/// The faults, and what each fault means for the change.
const FAULTS: [(&str, Meaning); 17] = [
    ("status=403", Meaning::Refused),
    ("status=429 retry-after=0", Meaning::RefusedForNow),
    ("drop=before", Meaning::Lost),
    ("drop=after", Meaning::DoneAllTheSame),
    ("drop=half", Meaning::DoneAllTheSame),
    ("garbage", Meaning::DoneAllTheSame),
    ("status=500", Meaning::Lost),
    ("status=502 body=html", Meaning::Lost),
    ("delay=3600s", Meaning::Lost),
    // A gateway that repeats the request, and errors that the client gets although the service made the change.
    ("repeat", Meaning::DoneAllTheSame),
    ("status-after=429 retry-after=0", Meaning::DoneAllTheSame),
    ("status-after=400", Meaning::DoneAllTheSame),
    ("status-after=403 body=html", Meaning::DoneAllTheSame),
    ("status-after=409", Meaning::DoneAllTheSame),
    // Pages from proxies.
    ("status=403 body=html", Meaning::RefusedOnTheWay),
    ("status=200 body=html", Meaning::Lost),
    ("status-after=200 body=html", Meaning::DoneAllTheSame),
];

/// All faults that can happen to a request.
pub(crate) fn faults() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().map(|(fault, _)| *fault)
}

#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    /// Not made, and a retry does not make it.
    Refused,
    /// Not made; the response comes from another system than the service.
    RefusedOnTheWay,
    /// Not made, but a retry can make it.
    RefusedForNow,
    /// Not made, but the client cannot know this.
    Lost,
    /// Made, but the client cannot know this.
    DoneAllTheSame,
}

/// One cell of the matrix: a world with a key `k`, where requests of this kind get the fault.
struct Cell {
    world: World,
    id: String,
    name: String,
    /// Whether the change is made.
    made: bool,
    /// Whether the change is not made, but this stays uncertain to the end.
    open: bool,
    /// Whether a retry makes the change, while the first request can still arrive.
    late: bool,
    /// The exit status if the change is not made.
    status: i32,
}

impl Cell {
    fn new(request: &str, fault: &str, once: bool, meaning: Meaning, is_of_user: bool) -> Self {
        // A test of a creation creates another key first.
        let when = match (once, request) {
            (true, "POST /v1/apikeys") => "nth=2",
            (true, _) => "nth=1",
            (false, _) => "",
        };
        let faults = vec![format!("{request} {when} {fault}").parse().unwrap()];
        let setup = Setup::read(SERVICE_ID).unwrap();
        let server = Server::start_with(move |options| Options { faults, setup, ..options });
        let world = if is_of_user { World::at(server) } else { World::of_service_id(server) };
        let owner = if is_of_user { "user" } else { "service ID" };
        let name = format!("{request}{fault}, {owner}, {}", if once { "once" } else { "always" });
        let is_refused = matches!(meaning, Meaning::Refused | Meaning::RefusedOnTheWay);
        let made = meaning == Meaning::DoneAllTheSame || once && !is_refused;
        // A request for a new key can still arrive; for any other change, the client can look at the key again.
        let may_arrive = meaning == Meaning::RefusedOnTheWay && request == "POST /v1/apikeys";
        let open = !made && (meaning == Meaning::Lost || may_arrive);
        let status = match fault.get(..8) {
            Some("status=4") if is_refused => 4,
            Some("status=5" | "status=2") => 1,
            _ => 6,
        };
        let late = made && meaning == Meaning::Lost;
        Self { world, id: String::new(), name, made, open, late, status }
    }

    /// Creates the key that is to be changed.
    fn with_key(mut self) -> Self {
        self.id = self.world.key_with("k", &["-d", "old"]);
        self
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.world.run(&[arguments, &timeout_under(&self.name)].concat())
    }

    #[track_caller]
    fn check(&self, outcome: &Outcome) {
        assert_eq!(outcome.status == 0, self.made, "{}: {outcome}", self.name);
        if !self.made {
            let said = ["is not changed yet", "has not found the new API key"]
                .iter()
                .any(|said| outcome.stderr.contains(said));
            assert_eq!(said, self.open, "{}: {outcome}", self.name);
            assert_eq!(outcome.status, self.status, "{}: {outcome}", self.name);
        }
    }

    /// The names in a folder; empty if there is no folder.
    fn names_in(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Checks that the log has an entry for a pending creation, and no other entry.
    #[track_caller]
    fn check_notes(&self, is_pending: bool) {
        let noted = Self::names_in(&self.world.home().join("pending"));
        assert_eq!(noted.len(), usize::from(is_pending), "{}: {noted:?}", self.name);
    }

    fn key(&self) -> Option<Value> {
        self.world.look(&self.id)
    }
}

/// Runs all cells of one kind of request in parallel, for keys of a user and of a service ID.
fn cells(request: &str, try_one: impl Fn(Cell) + Sync) {
    let kinds = [(true, true), (true, false), (false, true), (false, false)];
    let cells = FAULTS.iter().flat_map(|fault| kinds.map(|kind| (*fault, kind))).collect();
    in_parallel(cells, |((fault, meaning), (once, is_of_user))| {
        try_one(Cell::new(request, fault, once, meaning, is_of_user));
    });
}

#[test]
fn a_creation_into_a_file_makes_one_key_or_none_and_says_which() {
    cells("POST /v1/apikeys", |cell| {
        // The first creation succeeds, so that a fault that happens once hits the creation under test.
        let before = if cell.name.ends_with("once") { vec![cell.world.key("first")] } else { Vec::new() };
        let outcome = cell.run(&["api-key-create", "k", "--file", "key_file"]);
        cell.check(&outcome);
        let names = cell.world.names();
        assert_eq!(names.len() - before.len(), usize::from(cell.made), "{}: {names:?}", cell.name);
        let left = Cell::names_in(&cell.world.path(""));
        let expected = match (cell.made, cell.open) {
            (true, _) => vec!["key_file"],
            (false, true) => vec![".ibmiam-key_file.pending"],
            (false, false) => vec![],
        };
        assert_eq!(left, expected, "{}", cell.name);
        cell.check_notes(cell.open);
        if cell.made {
            let mut command = cell.world.command(&["target"]);
            let login = command.env("IBMCLOUD_API_KEY", "@key_file").status().unwrap();
            assert!(login.success(), "{}: the value in the file logs in", cell.name);
        }
    });
}

#[test]
fn a_creation_onto_standard_output_makes_one_key_or_none_and_says_which() {
    for format in ["table", "json"] {
        cells("POST /v1/apikeys", |cell| {
            let before = if cell.name.ends_with("once") { vec![cell.world.key("first")] } else { Vec::new() };
            let outcome = cell.run(&["api-key-create", "k", "-o", format]);
            cell.check(&outcome);
            assert_eq!(cell.world.names().len() - before.len(), usize::from(cell.made), "{}", cell.name);
            let value = outcome.stdout.split(['"', ' ', '\n']).find(|word| word.len() == 44 && !word.contains(':'));
            assert_eq!(value.is_some(), cell.made, "{}: {outcome}", cell.name);
            cell.check_notes(cell.open);
        });
    }
}

#[test]
fn a_creation_into_a_closed_pipe_leaves_no_key() {
    cells("POST /v1/apikeys", |cell| {
        let before = if cell.name.ends_with("once") { vec![cell.world.key("first")] } else { Vec::new() };
        let mut command = cell.world.command(&["api-key-create", "k", "-o", "json"]);
        command.args(timeout_under(&cell.name));
        let outcome = finish(command.stdout(closed_pipe()).spawn().unwrap());
        assert_eq!(outcome.status, if cell.made { 1 } else { cell.status }, "{}: {outcome}", cell.name);
        assert_eq!(outcome.stderr.contains("ibmiam deleted the new"), cell.made, "{}: {outcome}", cell.name);
        assert_eq!(cell.world.names().len(), before.len(), "{}", cell.name);
        // The key is deleted, but a request that can still arrive would create it again.
        assert_eq!(outcome.stderr.contains("a delayed copy of the request may"), cell.late, "{}: {outcome}", cell.name);
        cell.check_notes(cell.open || cell.late);
    });
}

#[test]
fn an_update_is_made_once_or_not_and_says_which() {
    cells("PUT", |cell| {
        let cell = cell.with_key();
        let outcome = cell.run(&["api-key-update", "k", "-d", "new", "-e", "2099-01-01T10:00:30Z"]);
        cell.check(&outcome);
        let key = cell.key().unwrap();
        assert_eq!(key["description"], if cell.made { "new" } else { "old" }, "{}", cell.name);
        let revision = if cell.made { "2-" } else { "1-" };
        assert!(key["entity_tag"].as_str().unwrap().starts_with(revision), "{}: {key}", cell.name);
    });
}

#[test]
fn a_lock_is_made_or_not_and_says_which() {
    cells("POST /v1/apikeys/*", |cell| {
        let cell = cell.with_key();
        let outcome = cell.run(&["api-key-lock", "k", "-f"]);
        cell.check(&outcome);
        assert_eq!(cell.key().unwrap()["locked"], cell.made, "{}", cell.name);
    });
}

#[test]
fn a_key_is_disabled_or_not_and_it_is_said_which() {
    cells("POST /v1/apikeys/*", |cell| {
        let cell = cell.with_key();
        let outcome = cell.run(&["api-key-disable", "k", "-f"]);
        cell.check(&outcome);
        assert_eq!(cell.key().unwrap()["disabled"], cell.made, "{}", cell.name);
    });
}

#[test]
fn a_key_is_enabled_or_not_and_it_is_said_which() {
    cells("DELETE /v1/apikeys/*", |cell| {
        let cell = Cell { id: cell.world.key_with("k", &["--disabled"]), ..cell };
        let outcome = cell.run(&["api-key-enable", "k", "-f"]);
        cell.check(&outcome);
        assert_eq!(cell.key().unwrap()["disabled"], !cell.made, "{}", cell.name);
    });
}

#[test]
fn a_deletion_is_made_or_not_and_says_which() {
    cells("DELETE /v1/apikeys/*", |cell| {
        let cell = cell.with_key();
        let outcome = cell.run(&["api-key-delete", "k", "-f"]);
        cell.check(&outcome);
        assert_eq!(cell.key().is_none(), cell.made, "{}", cell.name);
    });
}
