//! Where a key file can be written, and where not; checked before a key is created.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use crate::support::{Outcome, World, finish};

fn create(world: &World, file: &str, options: &[&str]) -> Outcome {
    let mut arguments = vec!["api-key-create", "k", "--file", file];
    arguments.extend(options);
    world.run(&arguments)
}

#[track_caller]
fn assert_refused(world: &World, file: &str, status: i32, sentence: &str) {
    let refused = create(world, file, &[]);
    assert_eq!(refused.status, status, "{refused}");
    assert!(refused.stderr.contains(sentence), "{refused}");
    assert_eq!(refused.stdout, "", "nothing is announced: {refused}");
    assert_eq!(world.names(), [] as [&str; 0], "no key is made");
}

#[test]
fn a_file_that_exists_is_refused_and_stays_as_it_is() {
    let world = World::new();
    fs::write(world.path("key_file"), "mine").unwrap();
    assert_refused(&world, "key_file", 2, "key_file already exists.");
    assert_eq!(fs::read_to_string(world.path("key_file")).unwrap(), "mine");
}

#[test]
fn places_that_can_hold_no_file_are_refused() {
    let world = World::new();
    fs::create_dir(world.path("folder")).unwrap();
    fs::write(world.path("file"), "").unwrap();
    symlink("nowhere", world.path("dangling")).unwrap();
    symlink("file", world.path("link")).unwrap();
    assert_refused(&world, "folder", 2, "folder is a folder");
    assert_refused(&world, "folder/", 2, "folder/ is a folder");
    assert_refused(&world, "new/", 2, "new/ is the name of a folder");
    assert_refused(&world, &"n".repeat(300), 1, "Cannot write");
    assert_refused(&world, "missing/key_file", 1, "Create the folder first.");
    assert_refused(&world, "file/key_file", 1, "Cannot write file/key_file");
    assert_refused(&world, "dangling", 2, "dangling is a symbolic link");
    assert_refused(&world, "link", 2, "link is a symbolic link");
    assert_refused(&world, "", 2, "A value is required for '--file <FILE>'");
    assert_refused(&world, "..", 2, ".. is a folder");
    assert_refused(&world, "/", 2, "/ is a folder");
    assert_refused(&world, "/proc/key_file", 1, "Cannot write /proc/key_file");
    assert!(!world.path("nowhere").exists());
}

#[test]
fn a_pipe_that_nobody_reads_is_refused_at_once() {
    let world = World::new();
    let made = Command::new("mkfifo").arg(world.path("pipe")).status().unwrap();
    assert!(made.success());
    assert_refused(&world, "pipe", 1, "No program reads from the pipe pipe.");
}

#[test]
fn a_pipe_with_a_reader_gets_the_key_and_stays_a_pipe() {
    let world = World::new();
    let pipe = world.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    // The creation fails until the reader has opened the pipe, as the test above shows.
    let mut made = create(&world, "pipe", &["--file-format", "raw"]);
    while made.stderr.contains("No program reads from the pipe") {
        made = create(&world, "pipe", &["--file-format", "raw"]);
    }
    assert_eq!(made.status, 0, "{made}");
    let mut text = String::new();
    reader.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    reader.wait().unwrap();
    assert_eq!(text.trim().len(), 44);
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&fs::metadata(pipe).unwrap().file_type()));
}

#[test]
fn standard_output_as_the_file_carries_the_file_alone() {
    let world = World::new();
    let made = create(&world, "-", &["--file-format", "env"]);
    assert_eq!(made.status, 0, "{made}");
    assert!(made.stdout.starts_with("IBMCLOUD_API_KEY="), "{made}");
    assert_eq!(made.stdout.lines().count(), 1, "{made}");
    assert!(made.stderr.contains("API key k was created"), "{made}");
    let made = create(&world, "/dev/stdout", &["-o", "json"]);
    assert_eq!(made.json()["apikey"].as_str().unwrap().len(), 44, "{made}");
    let redirected = fs::File::create(world.path("redirected")).unwrap();
    let mut command = world.command(&["api-key-create", "k", "--file", "/dev/stdout", "--file-format", "raw"]);
    let made = finish(command.stdout(redirected).spawn().unwrap());
    assert_eq!(made.status, 0, "{made}");
    assert_eq!(fs::read_to_string(world.path("redirected")).unwrap().trim().len(), 44);
}

#[test]
fn a_device_that_takes_nothing_costs_no_key() {
    let world = World::new();
    let refused = create(&world, "/dev/full", &[]);
    assert_eq!(refused.status, 1, "{refused}");
    assert!(refused.stderr.contains("Cannot write /dev/full"), "{refused}");
    assert!(refused.stderr.contains("ibmiam deleted the new API key"), "{refused}");
    assert_eq!(world.names(), [] as [&str; 0]);
    let locked = create(&world, "/dev/full", &["--lock"]);
    assert!(locked.stderr.contains("ibmiam deleted the new API key"), "{locked}");
    assert_eq!(world.names(), [] as [&str; 0]);
}

#[test]
fn overwriting_keeps_the_old_key_in_our_own_folder() {
    let world = World::new();
    assert_eq!(create(&world, "key_file", &[]).status, 0);
    let old = fs::read(world.path("key_file")).unwrap();
    let again = create(&world, "key_file", &["--overwrite"]);
    assert_eq!(again.status, 0, "{again}");
    let kept: Vec<_> = fs::read_dir(world.home().join("replaced")).unwrap().map(Result::unwrap).collect();
    assert_eq!(kept.len(), 1);
    let path = kept[0].path();
    assert!(again.stderr.contains(path.to_str().unwrap()), "{again}");
    assert_eq!(fs::read(&path).unwrap(), old);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_ne!(fs::read(world.path("key_file")).unwrap(), old);
    assert_eq!(mode(&world.path("key_file")), 0o600);
}

#[test]
fn a_file_with_the_longest_name_there_can_be_is_overwritten_too() {
    let world = World::new();
    let longest = "n".repeat(255);
    assert_eq!(create(&world, &longest, &[]).status, 0);
    let again = create(&world, &longest, &["--overwrite"]);
    assert_eq!(again.status, 0, "{again}");
}

#[test]
fn the_mode_is_0600_whatever_the_umask() {
    let world = World::new();
    let binary = crate::support::binary().display();
    for umask in ["000", "077", "777"] {
        let file = format!("key_{umask}");
        let script = format!("umask {umask}; exec {binary} api-key-create k --file {file}");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script]).env_clear().current_dir(world.path(""));
        command.env("IBMIAM_HOME", world.home()).env("IBMCLOUD_API_KEY", &world.server.key);
        command.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url).stdin(Stdio::null());
        let made = finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        assert_eq!(made.status, 0, "{made}");
        let mode = fs::metadata(world.path(&file)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "umask {umask}");
    }
}

#[test]
fn login_takes_every_format_back() {
    let world = World::new();
    for format in ["json", "env", "raw"] {
        assert_eq!(create(&world, format, &["--file-format", format]).status, 0);
        let mut login = world.bare_command(&["login", "--apikey", &format!("@{format}")]);
        let login = finish(login.env("IBMCLOUD_IAM_API_ENDPOINT", &world.server.url).spawn().unwrap());
        assert_eq!(login.status, 0, "{login}");
    }
}

#[test]
fn a_file_by_the_name_of_an_open_one_is_not_written_over() {
    let world = World::new();
    std::fs::write(world.path("out"), "EXISTING=1\n").unwrap();
    let script = "\"$0\" api-key-create k --file /dev/fd/3 3>>out";
    let create = world.command(&[]);
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", script]).arg(create.get_program()).current_dir(world.path("")).env_clear();
    shell.envs(create.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let refused = crate::support::finish(shell.spawn().unwrap());
    assert_eq!(refused.status, 2, "{refused}");
    assert_eq!(std::fs::read_to_string(world.path("out")).unwrap(), "EXISTING=1\n");
    assert!(world.names().is_empty());
    let null = world.run(&["api-key-create", "k", "--file", "/dev/null"]);
    assert!(null.status == 2 && null.stderr.contains("discards its input"), "{null}");
}
