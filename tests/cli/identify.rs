//! `api-key-identify`

use std::fs;
use std::process::{Command, Stdio};

use crate::support::relay::Fake;
use crate::support::{World, feed, finish};

/// Creates a key; returns its ID and its value.
fn planted(world: &World, name: &str) -> (String, String) {
    let made = world.run(&["api-key-create", name, "-o", "json"]).json();
    (made["id"].as_str().unwrap().to_owned(), made["apikey"].as_str().unwrap().to_owned())
}

/// Random text with the form of a key's value.
fn look_alike() -> String {
    use ibmiam::secret::{ExposeSecret, generate};
    generate().unwrap().expose_secret().to_owned()
}

#[test]
fn a_value_is_told_by_its_line_and_first_characters_and_never_shown() {
    let world = World::new();
    let (id, value) = planted(&world, "ci");
    let input = format!("{value}\n\n  {}  \n{}\nshort\n", world.server.key, look_alike());
    let told = world.run_with(&["api-key-identify", "-", "-o", "json"], &input);
    assert_eq!(told.status, 3, "two of them are no keys: {told}");
    let found = told.json();
    assert_eq!((found[0]["id"].as_str(), found[0]["line"].as_u64()), (Some(id.as_str()), Some(1)));
    assert_eq!((found[1]["name"].as_str(), found[1]["line"].as_u64()), (Some("sandbox"), Some(3)));
    assert_eq!((&found[2]["id"], found[0]["prefix"].as_str()), (&serde_json::Value::Null, Some(&value[..4])));
    for secret in [&value, &world.server.key] {
        assert!(!told.stdout.contains(secret.as_str()) && !told.stderr.contains(secret.as_str()), "{told}");
    }
    fs::write(world.path("values"), &value).unwrap();
    let table = world.run(&["api-key-identify", "@values"]);
    assert!(table.status == 0 && table.stdout.contains("ci") && table.stdout.ends_with("active\n"), "{table}");
    let wrong = world.run(&["api-key-identify", &value]);
    assert!(wrong.status == 2 && !wrong.stderr.contains(&value), "{wrong}");
    assert_eq!(world.run_with(&["api-key-identify", "-"], "\n").status, 2);
    assert_eq!(world.run(&["api-key-identify", "@nosuch"]).status, 2);
}

#[test]
fn a_key_file_is_read_in_any_format() {
    let world = World::new();
    for format in ["json", "env", "raw"] {
        let name = format!("in-{format}");
        let made = world.run(&["api-key-create", &name, "--file", &name, "--file-format", format]);
        assert_eq!(made.status, 0, "{made}");
        let told = world.run(&["api-key-identify", &format!("@{name}"), "-o", "json"]);
        assert_eq!((told.status, told.json().as_array().unwrap().len()), (0, 1), "{told}");
        assert_eq!(told.json()[0]["name"], name.as_str(), "{told}");
    }
}

#[test]
fn leaked_keys_are_disabled_or_deleted_after_a_question() {
    let world = World::new();
    let (first, value) = planted(&world, "a");
    let (second, other) = planted(&world, "b");
    fs::write(world.path("values"), format!("{value}\n{other}\n{value}\n")).unwrap();
    let asked = world.run_with(&["api-key-identify", "@values", "--disable"], "n\n");
    assert!(asked.status == 130 && asked.stderr.contains("Really disable these 2 API keys?"), "{asked}");
    let piped = world.run_with(&["api-key-identify", "-", "--disable"], &value);
    assert!(piped.status == 2 && piped.stderr.contains("Pass the values as @FILE"), "{piped}");
    let disabled = world.run(&["api-key-identify", "@values", "--disable", "--force"]);
    assert!(disabled.status == 0 && disabled.stderr.contains("2 API keys were disabled"), "{disabled}");
    assert_eq!(world.look(&first).unwrap()["disabled"], true);
    for id in [&first, &second] {
        assert_eq!(world.run(&["api-key-lock", "-f", id]).status, 0);
    }
    let locked = world.run(&["api-key-identify", "@values", "--delete"]);
    assert!(
        locked.status == 5 && locked.stderr.contains("2 API keys are locked, and will not be deleted."),
        "{locked}"
    );
    assert_eq!(world.run(&["api-key-unlock", "-f", &first, &second]).status, 0);
    let again = world.run(&["api-key-identify", "@values", "--disable", "--force"]);
    assert!(again.stderr.contains("2 API keys were already disabled"), "{again}");
    let deleted = world.run(&["api-key-identify", "@values", "--delete", "--force", "-o", "json"]);
    let states: Vec<_> = deleted.json().as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!((deleted.status, states), (0, vec!["deleted".into(); 2]), "{deleted}");
    assert_eq!((world.look(&first), world.look(&second)), (None, None));
    let gone = world.run(&["api-key-identify", "@values", "-o", "csv"]);
    assert!(gone.status == 3 && gone.stdout.lines().skip(1).all(|line| line.ends_with(",,,,,not a key")), "{gone}");
}

#[test]
fn planted_keys_are_found_in_the_history_of_a_repository_among_ten_thousand_look_alikes() {
    let world = World::new();
    let values: Vec<(String, String)> = (0..3).map(|number| planted(&world, &format!("planted-{number}"))).collect();
    let repository = world.path("repository");
    fs::create_dir(&repository).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=n", "-c", "user.email=e@example.com"]).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").current_dir(&repository);
        let done = finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        assert_eq!(done.status, 0, "{done}");
        done.stdout
    };
    git(&["init", "-q"]);
    let commit = |file: &str, text: &str| {
        fs::write(repository.join(file), text).unwrap();
        git(&["add", "."]);
        git(&["commit", "-q", "-m", "change"]);
    };
    let others: String = (0..10_000).map(|_| format!("token = {}\n", look_alike())).collect();
    commit("many", &others);
    commit("env", &format!("export IBMCLOUD_API_KEY='{}'\n", values[0].1));
    // A file that contains only the value, and that the next commit removes.
    commit("raw", &values[1].1);
    fs::remove_file(repository.join("raw")).unwrap();
    commit("config.json", &format!("{{\"text\": \"first\\n{}\\nlast\"}}\n", values[2].1));
    let history = git(&["log", "-p"]);
    let relay = Fake::relay(&world.server.url);
    let scan = |options: &[&str]| {
        let mut command = world.command(&[&["api-key-identify", "-", "--scan", "-o", "csv"], options].concat());
        command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url());
        feed(command, &history)
    };
    let asked = scan(&[]);
    assert!(asked.status == 2 && asked.stderr.contains("10003 strings"), "{asked}");
    let found = scan(&["--force"]);
    assert_eq!((found.status, found.stdout.lines().count()), (0, 4), "{found}");
    for (id, value) in &values {
        assert!(found.stdout.contains(id) && found.stdout.contains(&value[..4]), "{found}");
        assert!(!found.stdout.contains(value) && !found.stderr.contains(value), "{found}");
    }
    assert_eq!(relay.requests().iter().filter(|line| line.contains("/details")).count(), 10_003);
}
