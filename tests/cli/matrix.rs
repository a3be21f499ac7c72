//! Every change under every fault, once and for good: what is said, what is on disk, and what is at the service.

use serde_json::Value;

use crate::support::{Outcome, Server, World};

/// What goes wrong, and whether the work is done all the same.
const FAULTS: [(&str, bool); 8] = [
    ("drop=before", false),
    ("drop=after", true),
    ("drop=half", true),
    ("garbage", true),
    ("status=429 retry-after=0", false),
    ("status=500", false),
    ("status=502 body=html", false),
    ("delay=3s", false),
];

/// One cell of the matrix: a world with a key `k`, where requests of this kind go wrong.
struct Cell {
    world: World,
    id: String,
    name: String,
    /// The work comes about.
    made: bool,
}

impl Cell {
    fn new(request: &str, fault: &str, once: bool, done_all_the_same: bool) -> Self {
        // Where a creation is tried, another one goes before it.
        let when = match (once, request) {
            (true, "POST /v1/apikeys") => "nth=2",
            (true, _) => "nth=1",
            (false, _) => "",
        };
        let server = Server::faulty(&[&format!("{request} {when} {fault}")]);
        let world = World::at(server);
        let name = format!("{request}{fault}, {}", if once { "once" } else { "always" });
        let made = once || done_all_the_same;
        Self { world, id: String::new(), name, made }
    }

    /// Makes the key that is to be changed.
    fn with_key(mut self) -> Self {
        self.id = self.world.key_with("k", &["-d", "old"]);
        self
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.world.run(&[arguments, &["--timeout", "1"]].concat())
    }

    #[track_caller]
    fn check(&self, outcome: &Outcome) {
        assert_eq!(outcome.status == 0, self.made, "{}: {outcome}", self.name);
        if !self.made {
            let refused = self.name.contains("429");
            let said = outcome.stderr.contains("was not made.") || outcome.stderr.contains("No key was created.");
            assert!(said || refused, "{}: {outcome}", self.name);
            let expected = if self.name.contains("status=5") { 1 } else { 6 };
            assert_eq!(outcome.status, expected, "{}: {outcome}", self.name);
        }
    }

    fn key(&self) -> Option<Value> {
        self.world.look(&self.id)
    }
}

/// All cells of one kind of request, side by side.
fn cells(request: &str, try_one: impl Fn(Cell) + Sync) {
    std::thread::scope(|scope| {
        for (fault, done_all_the_same) in FAULTS {
            for once in [true, false] {
                let try_one = &try_one;
                scope.spawn(move || try_one(Cell::new(request, fault, once, done_all_the_same)));
            }
        }
    });
}

#[test]
fn a_creation_into_a_file_makes_one_key_or_none_and_says_which() {
    cells("POST /v1/apikeys", |cell| {
        // The first creation goes through, so that the fault that comes once hits the one that is tried.
        let before = if cell.name.ends_with("once") { vec![cell.world.key("first")] } else { Vec::new() };
        let outcome = cell.run(&["api-key-create", "k", "--file", "key_file"]);
        cell.check(&outcome);
        let names = cell.world.names();
        assert_eq!(names.len() - before.len(), usize::from(cell.made), "{}: {names:?}", cell.name);
        let left: Vec<_> = std::fs::read_dir(cell.world.path("")).unwrap().collect();
        assert_eq!(left.len(), usize::from(cell.made), "{}", cell.name);
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
        });
    }
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
