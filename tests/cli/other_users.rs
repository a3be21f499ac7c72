//! Other users on the same machine: files that are swapped between check and use, planted files, files of another user.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::Command;

use crate::support::relay::Fake;
use crate::support::{Outcome, World, feed, finish};

/// Creates `key_file` in a folder that all users may write to, and calls a function just before the service gets the
/// request.
fn create_while(world: &World, meanwhile: impl Fn() + Send + Sync + 'static) -> Outcome {
    fs::set_permissions(world.path(""), PermissionsExt::from_mode(0o777)).unwrap();
    let relay = Fake::relay_after(&world.server.url, move |head| {
        if head.starts_with("POST /v1/apikeys") {
            meanwhile();
        }
    });
    let mut command = world.command(&["api-key-create", "k", "--file", "key_file"]);
    finish(command.env("IBMCLOUD_IAM_API_ENDPOINT", relay.url()).spawn().unwrap())
}

fn victim(world: &World) -> std::path::PathBuf {
    let victim = world.path("victim");
    fs::write(&victim, "as it was").unwrap();
    victim
}

#[test]
fn a_link_that_appears_in_the_files_place_is_not_followed() {
    let world = World::new();
    let (victim, link) = (victim(&world), world.path("key_file"));
    let to = victim.clone();
    let refused = create_while(&world, move || symlink(&to, &link).unwrap());
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("ibmiam deleted the new"), "{refused}");
    assert_eq!(fs::read_to_string(victim).unwrap(), "as it was");
    assert!(world.names().is_empty());
}

#[test]
fn a_link_under_the_files_other_name_is_removed_and_not_followed() {
    let world = World::new();
    let (victim, link) = (victim(&world), world.path(".ibmiam-key_file.new"));
    let to = victim.clone();
    let made = create_while(&world, move || symlink(&to, &link).unwrap());
    assert_eq!(made.status, 0, "{made}");
    assert_eq!(fs::read_to_string(victim).unwrap(), "as it was");
    assert_eq!(fs::metadata(world.path("key_file")).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Creates something where it does not belong.
type Plant<'a> = Box<dyn Fn() + 'a>;

#[test]
fn a_pending_file_that_somebody_planted_is_neither_used_nor_removed() {
    let world = World::new();
    let pending = world.path(".ibmiam-key_file.pending");
    let record = format!(
        "{{\"version\":2,\"plan\":{{\"run\":\"0a\",\"place\":{{\"at\":\"{}\"}},\"target\":\"stream\",\"user\":\"u\",\
         \"iam_id\":\"i\",\"draft\":{{\"name\":\"k\",\"locked\":false,\"disabled\":false}},\"format\":\"json\",\
         \"overwrite\":false,\"begun_at\":\"2026-01-01T00:00:00Z\",\"purpose\":\"create\"}},\
         \"apikey\":\"a-value-that-its-planter-knows-0123456789\"}}\n",
        world.server.url
    );
    let plants: [(&str, Plant); 4] = [
        ("for all to read", Box::new(|| fs::write(&pending, &record).unwrap())),
        ("a link", Box::new(|| symlink("/etc/passwd", &pending).unwrap())),
        ("a folder", Box::new(|| fs::create_dir(&pending).unwrap())),
        ("a pipe", Box::new(|| assert!(Command::new("mkfifo").arg(&pending).status().unwrap().success()))),
    ];
    for (what, plant) in plants {
        plant();
        for arguments in [&["api-key-recover", "key_file"][..], &["api-key-create", "k", "--file", "key_file"]] {
            let refused = world.run(arguments);
            assert!([1, 5].contains(&refused.status), "{what}: {refused}");
        }
        assert!(pending.symlink_metadata().is_ok(), "{what}");
        assert!(world.names().is_empty() && !world.path("key_file").exists());
        fs::remove_file(&pending).or_else(|_| fs::remove_dir(&pending)).unwrap();
    }
}

/// Gives a file to another user; false if this user does not have the right to do so. `.ci/run` runs as root.
fn give_away(path: &std::path::Path) -> bool {
    std::os::unix::fs::lchown(path, Some(65534), None).is_ok()
}

#[test]
fn a_pipe_or_a_link_of_another_user_does_not_get_the_key() {
    let world = World::new();
    let pipe = world.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::set_permissions(&pipe, PermissionsExt::from_mode(0o666)).unwrap();
    if !give_away(&pipe) {
        return;
    }
    // A pipe that is open for reading and writing has a reader.
    let _reader = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    symlink(&pipe, world.path("own_link")).unwrap();
    let (own_pipe, foreign_link) = (world.path("own_pipe"), world.path("foreign_link"));
    assert!(Command::new("mkfifo").arg(&own_pipe).status().unwrap().success());
    let _other_reader = fs::OpenOptions::new().read(true).write(true).open(&own_pipe).unwrap();
    symlink(&own_pipe, &foreign_link).unwrap();
    assert!(give_away(&foreign_link));
    for place in ["pipe", "own_link", "foreign_link"] {
        let refused = world.run(&["api-key-create", "k", "--file", place]);
        assert_eq!(refused.status, 2, "{place}: {refused}");
        assert!(refused.stderr.contains("belongs to another user"), "{place}: {refused}");
    }
    assert!(world.names().is_empty());
    assert_eq!(world.run(&["api-key-create", "k", "--file", "own_pipe"]).status, 0);
}

#[test]
fn the_stand_in_follows_links_of_its_user_and_no_planted_ones() {
    let world = World::new();
    let victim = victim(&world);
    symlink(crate::support::binary(), world.path("ibmcloud")).unwrap();
    let create = |file: &str| {
        let template = world.command(&["iam", "api-key-create", "k", "--file", file]);
        let mut command = Command::new(world.path("ibmcloud"));
        command.args(template.get_args()).env_clear().current_dir(world.path(""));
        command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        finish(command.stderr(std::process::Stdio::piped()).spawn().unwrap())
    };
    symlink(&victim, world.path("planted")).unwrap();
    if !give_away(&world.path("planted")) {
        return;
    }
    let refused = create("planted");
    assert_eq!(refused.status, 2, "{refused}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "as it was");
    symlink(&victim, world.path("own")).unwrap();
    let followed = create("own");
    assert_eq!(followed.status, 0, "{followed}");
    assert!(fs::read_to_string(&victim).unwrap().contains("apikey") && world.path("own").is_symlink());
}

#[test]
fn files_of_another_user_are_not_trusted() {
    let world = World::new();
    let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
    assert_eq!(feed(world.bare_command(&login), &world.server.key).status, 0);
    let session = world.home().join("sessions/default.json");
    if chown(&session, Some(65534), None).is_err() {
        // Only root can give a file away; .ci/run runs as root.
        return;
    }
    let refused = finish(world.bare_command(&["api-key-list"]).spawn().unwrap());
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("is not a private file of yours"), "{refused}");
    chown(&session, Some(0), None).unwrap();
    let token = world.home().join("cache/tokens/default");
    chown(&token, Some(65534), None).unwrap();
    assert_eq!(finish(world.bare_command(&["api-key-list"]).spawn().unwrap()).status, 0);
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&fs::metadata(token).unwrap()), 0, "it was fetched anew");
}

#[test]
fn sessions_that_others_could_have_put_there_are_not_trusted() {
    let world = World::new();
    let login = ["login", "--store", "file", "--endpoint", &world.server.url, "--apikey", "-"];
    assert_eq!(feed(world.bare_command(&login), &world.server.key).status, 0);
    let sessions = world.home().join("sessions");
    for mode in [0o777, 0o770, 0o702] {
        fs::set_permissions(&sessions, PermissionsExt::from_mode(mode)).unwrap();
        for command in [&["api-key-list"][..], &login] {
            let refused = feed(world.bare_command(command), &world.server.key);
            assert_eq!(refused.status, 1, "{mode:o}: {refused}");
            assert!(refused.stderr.contains("run: chmod 700 /"), "{mode:o}: {refused}");
        }
    }
    fs::set_permissions(&sessions, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(finish(world.bare_command(&["api-key-list"]).spawn().unwrap()).status, 0);
    // Each command that changes the session creates the lock file.
    let lock = sessions.join("default.lock");
    fs::remove_file(&lock).unwrap();
    symlink(victim(&world), &lock).unwrap();
    let refused = feed(world.bare_command(&login), &world.server.key);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("default.lock is not a private file of yours"), "{refused}");
    if !give_away(&sessions) {
        return;
    }
    let refused = finish(world.bare_command(&["api-key-list"]).spawn().unwrap());
    assert_eq!(refused.status, 1, "{refused}");
}

#[test]
fn a_home_that_depends_on_the_current_folder_is_refused() {
    let world = World::new();
    for home in [".", "home", "../home"] {
        let refused = finish(world.command(&["api-key-list"]).env("IBMIAM_HOME", home).spawn().unwrap());
        assert_eq!(refused.status, 2, "{refused}");
        assert!(refused.stderr.contains("is not an absolute path"), "{refused}");
    }
}

#[test]
fn the_current_folder_is_not_searched_for_programs() {
    let world = World::new();
    let marker = world.path("ran");
    fs::write(world.path("ibmcloud"), format!("#!/bin/sh\ntouch {}\n", marker.display())).unwrap();
    fs::set_permissions(world.path("ibmcloud"), PermissionsExt::from_mode(0o755)).unwrap();
    symlink(crate::support::binary(), world.path("bx")).unwrap();
    for search_path in [":", ".", "", ".:/nosuch"] {
        let mut command = Command::new(world.path("bx"));
        command.env_clear().env("PATH", search_path).env("IBMIAM_HOME", world.home()).current_dir(world.path(""));
        let status = command.args(["plugin", "list"]).stderr(std::process::Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2));
        assert!(!marker.exists(), "{search_path}");
    }
}
