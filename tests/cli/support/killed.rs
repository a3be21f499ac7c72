//! Kills a process at a system call.

use std::process::{Command, Stdio};

/// Runs a command and kills it at its `number`-th call of a system call; returns true if it makes fewer calls.
pub(crate) fn survived(command: &Command, input: &str, call: &str, number: u32) -> bool {
    let mut strace = Command::new("strace");
    let inject = format!("inject={call}:signal=KILL:when={number}");
    strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
    strace.arg(command.get_program()).args(command.get_args()).current_dir(command.get_current_dir().unwrap());
    strace.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.env("PATH", "/usr/bin:/bin").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = strace.stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).ok();
    child.wait().unwrap().success()
}
