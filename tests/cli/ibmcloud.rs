//! An existing session of `ibmcloud`: used unchanged, rejected with a message, and never written to.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use ibmiam::sandbox::{Options, Setup};
use serde_json::{Value, json};

use crate::support::relay::Fake;
use crate::support::{Outcome, Server, World, feed, finish};

/// A world with a login of `ibmcloud` at this address.
struct Foreign {
    world: World,
    access_token: String,
    refresh_token: String,
    url: String,
}

impl Foreign {
    fn at(server: Server) -> Self {
        let world = World::at(server);
        let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
        assert_eq!(feed(world.bare_command(&login), &world.server.key).status, 0);
        let read =
            |path: &str| -> Value { serde_json::from_slice(&fs::read(world.home().join(path)).unwrap()).unwrap() };
        let access_token = read("cache/tokens/default")["access_token"].as_str().unwrap().to_owned();
        let refresh_token = read("sessions/default.json")["refresh_token"].as_str().unwrap().to_owned();
        assert_eq!(finish(world.bare_command(&["logout"]).spawn().unwrap()).status, 0);
        fs::create_dir_all(world.path("desk/.bluemix")).unwrap();
        let url = world.server.url.clone();
        Self { world, access_token, refresh_token, url }
    }

    fn new() -> Self {
        Self::at(Server::start(None))
    }

    fn config(&self) -> PathBuf {
        self.world.path("desk/.bluemix/config.json")
    }

    fn sample(&self) -> Value {
        json!({
            "APIEndpoint": "https://cloud.ibm.com", "IAMEndpoint": self.url, "Region": "us-south",
            "IAMToken": format!("Bearer {}", self.access_token), "IAMRefreshToken": self.refresh_token,
            "Account": {"GUID": "0123456789abcdef0123456789abcdef", "Name": "Sandbox", "Owner": "you@example.com"},
            "SDKVersion": "1.12.1",
        })
    }

    fn write(&self, config: &Value) {
        fs::write(self.config(), serde_json::to_string_pretty(config).unwrap()).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.bare_command(arguments);
        command.env("HOME", self.world.path("desk")).env("PATH", self.world.path("bin"));
        command
    }

    /// Runs a command and checks that it changes nothing in the folder of `ibmcloud`.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Outcome {
        let before = state(&self.world.path("desk"));
        let outcome = finish(self.command(arguments).spawn().unwrap());
        assert_eq!(state(&self.world.path("desk")), before, "{outcome}");
        outcome
    }

    /// Creates a program named `ibmcloud` on the search path.
    fn tool(&self, script: &str) {
        fs::create_dir_all(self.world.path("bin")).unwrap();
        let path = self.world.path("bin/ibmcloud");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
}

/// All entries below a folder, with times and contents.
fn state(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let found = path.symlink_metadata().unwrap();
            let contents = if found.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            let (mode, seconds, nanos) = (found.mode(), found.mtime(), found.mtime_nsec());
            all.push(format!("{} {mode:o} {seconds}.{nanos} {contents:?}", path.display()));
            if found.is_dir() {
                folders.push(path);
            }
        }
    }
    all.sort();
    all
}

/// Returns the token with an expiration time long in the past.
fn expired(token: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    claims["exp"] = 1_000_000_000.into();
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

#[test]
fn a_session_in_each_of_its_shapes_is_used() {
    let foreign = Foreign::new();
    let sample = foreign.sample();
    let mixed: serde_json::Map<String, Value> =
        sample.as_object().unwrap().iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect();
    let only = json!({"IAMEndpoint": foreign.url, "IAMToken": sample["IAMToken"]});
    let nulls = json!({"IAMEndpoint": foreign.url, "IAMToken": sample["IAMToken"], "Account": null, "PluginRepos": null,
        "IAMRefreshToken": null, "Region": null});
    for (shape, config) in
        [("as it is", sample.clone()), ("mixed case", mixed.into()), ("missing", only), ("null", nulls)]
    {
        foreign.write(&config);
        let listed = foreign.run(&["api-key-list"]);
        assert_eq!(listed.status, 0, "{shape}: {listed}");
    }
    foreign.write(&sample);
    fs::set_permissions(foreign.config(), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(foreign.run(&["api-key-list"]).status, 0);
    let elsewhere = foreign.world.path("mounted.json");
    fs::rename(foreign.config(), &elsewhere).unwrap();
    symlink(&elsewhere, foreign.config()).unwrap();
    assert_eq!(foreign.run(&["api-key-list"]).status, 0);
    let target = foreign.run(&["target", "-o", "json"]).json();
    assert_eq!(target["session"]["name"], "ibmcloud");
    let switched = foreign.run(&["target", "-c", "0123456789abcdef0123456789abcdef"]);
    assert!(switched.status == 2 && switched.stderr.contains("Only a stored session"), "{switched}");
}

#[test]
fn a_session_that_cannot_be_used_is_refused_with_a_sentence() {
    let foreign = Foreign::new();
    let with = |name: &str, value: Value| {
        let mut config = foreign.sample();
        config[name] = value;
        serde_json::to_string(&config).unwrap()
    };
    let whole = with("Region", "eu-de".into());
    for (text, said) in [
        (with("IAMEndpoint", "https://iam.cloud.ibm.com.evil.example".into()), "is not IBM's"),
        (with("IAMEndpoint", "http://iam.cloud.ibm.com".into()), "is not IBM's"),
        (with("IAMEndpoint", "https://example.com".into()), "is not IBM's"),
        (with("IAMEndpoint", "".into()), "is not a valid endpoint"),
        (whole[..whole.len() / 2].to_owned(), "Cannot read the session of ibmcloud"),
        (String::new(), "Cannot read the session of ibmcloud"),
        ("null".to_owned(), "Cannot read the session of ibmcloud"),
    ] {
        fs::write(foreign.config(), &text).unwrap();
        let refused = foreign.run(&["api-key-list"]);
        assert_eq!(refused.status, 4, "{text}: {refused}");
        assert!(
            refused.stderr.contains(said) && refused.stderr.contains("ibmiam did not change it."),
            "{text}: {refused}"
        );
        assert!(!refused.stderr.contains(&foreign.refresh_token));
    }
    for text in ["{}", "{\"IAMEndpoint\": \"https://example.com\"}"] {
        fs::write(foreign.config(), text).unwrap();
        let nobody = foreign.run(&["api-key-list"]);
        assert!(nobody.status == 4 && nobody.stderr.contains("Not logged in."), "{text}: {nobody}");
    }
    foreign.write(&foreign.sample());
    let elsewhere = foreign.run(&["api-key-list", "--endpoint", "http://127.0.0.1:1"]);
    assert!(elsewhere.status == 4 && elsewhere.stderr.contains("ibmiam does not send its tokens to"), "{elsewhere}");
}

#[test]
fn a_session_of_our_own_goes_before_it_and_so_does_the_environment() {
    let foreign = Foreign::new();
    fs::write(foreign.config(), "broken").unwrap();
    let mut by_key = foreign.command(&["api-key-list"]);
    by_key.env("IBMCLOUD_API_KEY", &foreign.world.server.key).env("IBMCLOUD_IAM_API_ENDPOINT", &foreign.url);
    assert_eq!(finish(by_key.spawn().unwrap()).status, 0);
    let login = ["login", "--store", "file", "--endpoint", &foreign.url, "--apikey", "-"];
    assert_eq!(feed(foreign.command(&login), &foreign.world.server.key).status, 0);
    assert_eq!(foreign.run(&["api-key-list"]).status, 0);
}

#[test]
fn an_expired_session_is_renewed_by_the_tool_itself_where_that_is_there() {
    let foreign = Foreign::new();
    let mut config = foreign.sample();
    config["IAMToken"] = format!("Bearer {}", expired(&foreign.access_token)).into();
    foreign.write(&config);
    let asked = foreign.world.path("asked");
    let answer = format!("{{\"iam_token\": \"Bearer {}\"}}", foreign.access_token);
    foreign.tool(&format!("echo \"$@\" > {}; echo '{answer}'", asked.display()));
    assert_eq!(foreign.run(&["api-key-list"]).status, 0);
    assert_eq!(fs::read_to_string(&asked).unwrap(), "iam oauth-tokens --output json\n");
    for useless in ["exit 1", "echo nonsense", "echo '{\"iam_token\": \"Bearer x\"}'"] {
        foreign.tool(useless);
        fs::remove_dir_all(foreign.world.home().join("cache")).ok();
        assert_eq!(foreign.run(&["api-key-list"]).status, 0, "{useless}: by its refresh token");
    }
}

#[test]
fn an_expired_session_is_renewed_once_into_our_own_cache_where_the_tool_is_not() {
    let mut foreign = Foreign::new();
    let relay = Fake::relay(&foreign.url);
    foreign.url = relay.url();
    let mut config = foreign.sample();
    config["IAMToken"] = format!("Bearer {}", expired(&foreign.access_token)).into();
    foreign.write(&config);
    let before = state(&foreign.world.path("desk"));
    let running: Vec<_> = (0..20).map(|_| foreign.command(&["api-key-list", "-q"]).spawn().unwrap()).collect();
    for child in running {
        let listed = finish(child);
        assert_eq!(listed.status, 0, "{listed}");
    }
    assert_eq!(state(&foreign.world.path("desk")), before);
    let tokens = || relay.requests().iter().filter(|line| line.starts_with("POST /identity/token")).count();
    assert_eq!(tokens(), 1);
    // Another login with `ibmcloud` is another session, which does not use the cached token of the first one.
    config["IAMRefreshToken"] = "over".into();
    foreign.write(&config);
    let ended = foreign.run(&["api-key-list"]);
    assert!(ended.status == 4 && ended.stderr.contains("ibmcloud login"), "{ended}");
    assert!(ended.stderr.contains("BXNIM0407E"), "{ended}");
    config["IAMRefreshToken"] = "".into();
    foreign.write(&config);
    let over = foreign.run(&["api-key-list"]);
    assert!(over.status == 4 && over.stderr.contains("has expired"), "{over}");
}

#[test]
fn a_token_that_is_refused_though_it_looked_good_is_renewed_once() {
    let mut foreign = Foreign::at(Server::faulty(&["GET /v1/apikeys nth=1 expired", "GET /v1/apikeys nth=3 expired"]));
    let relay = Fake::relay(&foreign.url);
    foreign.url = relay.url();
    foreign.write(&foreign.sample());
    let tokens = || relay.requests().iter().filter(|line| line.starts_with("POST /identity/token")).count();
    // A fake `ibmcloud` that still returns its rejected token, because the token has not expired.
    let asked = foreign.world.path("asked");
    let answer = format!("{{\"iam_token\": \"Bearer {}\"}}", foreign.access_token);
    foreign.tool(&format!("echo \"$@\" >> {}; echo '{answer}'", asked.display()));
    let listed = foreign.run(&["api-key-list"]);
    assert_eq!((listed.status, tokens()), (0, 1), "{listed}");
    assert_eq!(fs::read_to_string(&asked).unwrap(), "iam oauth-tokens --output json\n");
    // A command uses the token that another process renewed.
    let listed = foreign.run(&["api-key-list"]);
    assert_eq!((listed.status, tokens()), (0, 1), "{listed}");
    assert_eq!(relay.requests().iter().filter(|line| line.starts_with("GET /v1/apikeys")).count(), 4);
}

#[test]
fn a_refused_token_is_not_renewed_as_somebody_else_and_a_failed_renewal_says_why() {
    let value = "a-value-of-ann-with-32-characters-or-more";
    let ann = format!("users = [{{ iam_id = \"IBMid-ANN\", keys = [{{ name = \"k\", value = \"{value}\" }}] }}]");
    let foreign = Foreign::at(Server::start_with(move |options| Options {
        setup: Setup::read(&ann).unwrap(),
        faults: vec!["GET /v1/apikeys expired".parse().unwrap()],
        ..options
    }));
    foreign.write(&foreign.sample());
    let mut bearer = foreign.world.bare_command(&["bearer-token", "--endpoint", &foreign.url]);
    let of_ann = finish(bearer.env("IBMCLOUD_API_KEY", value).spawn().unwrap()).stdout;
    foreign.tool(&format!("echo '{{\"iam_token\": \"Bearer {}\"}}'", of_ann.trim()));
    let refused = foreign.run(&["api-key-list"]);
    assert_eq!(refused.status, 4, "{refused}");
    fs::remove_dir_all(foreign.world.path("bin")).unwrap();
    let mut config = foreign.sample();
    config["IAMRefreshToken"] = "over".into();
    foreign.write(&config);
    let ended = foreign.run(&["api-key-list"]);
    assert!(ended.status == 4 && ended.stderr.contains("BXNIM0407E"), "{ended}");
    assert!(ended.stderr.contains("ibmcloud login"), "{ended}");
}
