//! Signals that ask the process to end, and signals that are forwarded to a child.

use std::io;
use std::sync::{Arc, OnceLock};

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal is gone.
    Hangup,
    /// Ctrl-C.
    Interrupt,
    /// `Ctrl-\`.
    Quit,
    /// What `kill`, `timeout` and service managers send.
    Terminate,
}

/// The signals that ask this process to end.
pub struct EndSignals {
    #[cfg(unix)]
    watched: unix::Watched<Signal>,
    /// Set when an output stream was closed.
    closed_output: Arc<OnceLock<Signal>>,
}

impl EndSignals {
    /// Watches from now on. A signal that was ignored when the process started stays ignored.
    ///
    /// # Errors
    /// What the system said.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the other systems' form"))]
    pub fn watch() -> io::Result<Self> {
        let closed_output = Arc::default();
        #[cfg(unix)]
        let ignored = unix::ignored();
        #[cfg(unix)]
        unix::close_unread_output(&closed_output, ignored);
        Ok(Self {
            #[cfg(unix)]
            watched: unix::Watched::new(&unix::ENDS, ignored)?,
            closed_output,
        })
    }

    /// The signal after which an output stream was closed because nobody read it. The command may have ended before it
    /// saw the signal, but its output is not complete.
    #[must_use]
    pub fn closed_output(&self) -> Option<Signal> {
        self.closed_output.get().copied()
    }

    /// Waits for one.
    pub async fn next(&mut self) -> Signal {
        #[cfg(unix)]
        return self.watched.next().await;
        #[cfg(not(unix))]
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}

/// The signals that a child acts on, and not this process.
#[cfg(feature = "sandbox")]
pub struct ForwardedSignals {
    #[cfg(unix)]
    watched: unix::Watched<rustix::process::Signal>,
}

#[cfg(feature = "sandbox")]
impl ForwardedSignals {
    /// Watches from now on. A signal that was ignored when the process started stays ignored, by the child too.
    ///
    /// # Errors
    /// What the system said.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the other systems' form"))]
    pub fn watch() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            watched: unix::Watched::new(&unix::FORWARDED, unix::ignored())?,
        })
    }

    /// Waits for one and sends it to the child of that id, unless the terminal has done so already.
    pub async fn forward(&mut self, id: Option<u32>) {
        #[cfg(unix)]
        unix::send(self.watched.next().await, id);
        #[cfg(not(unix))]
        {
            let (_, _) = (id, tokio::signal::ctrl_c().await);
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::future::poll_fn;
    use std::io;
    use std::os::fd::AsFd;
    use std::sync::{Arc, OnceLock};
    use std::task::Poll;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec};
    use tokio::signal::unix::{SignalKind, signal};

    use super::Signal;

    pub(super) const ENDS: [(SignalKind, Signal); 4] = [
        (SignalKind::terminate(), Signal::Terminate),
        (SignalKind::hangup(), Signal::Hangup),
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::quit(), Signal::Quit),
    ];

    #[cfg(feature = "sandbox")]
    pub(super) const FORWARDED: [(SignalKind, rustix::process::Signal); 6] = {
        use rustix::process::Signal;
        [
            (SignalKind::terminate(), Signal::TERM),
            (SignalKind::hangup(), Signal::HUP),
            (SignalKind::interrupt(), Signal::INT),
            (SignalKind::quit(), Signal::QUIT),
            (SignalKind::user_defined1(), Signal::USR1),
            (SignalKind::user_defined2(), Signal::USR2),
        ]
    };

    /// The receivers of signals, each with what it stands for.
    pub(super) struct Watched<T>(Vec<(tokio::signal::unix::Signal, T)>);

    impl<T: Copy> Watched<T> {
        /// All but those that are ignored, a bit each.
        pub(super) fn new(kinds: &[(SignalKind, T)], ignored: u64) -> io::Result<Self> {
            let handled = kinds.iter().filter(|(kind, _)| ignored >> (kind.as_raw_value() - 1) & 1 == 0);
            handled.map(|(kind, name)| Ok((signal(*kind)?, *name))).collect::<io::Result<_>>().map(Self)
        }

        pub(super) async fn next(&mut self) -> T {
            poll_fn(|context| {
                let came = |(signal, name): &mut (tokio::signal::unix::Signal, T)| {
                    signal.poll_recv(context).is_ready().then_some(*name)
                };
                self.0.iter_mut().find_map(came).map_or(Poll::Pending, Poll::Ready)
            })
            .await
        }
    }

    /// How long after a signal a reader has to go on reading.
    const GRACE: Duration = Duration::from_millis(500);

    /// Watches for the signals on a thread of its own: the runtime's thread sees none of them while it writes to a pipe
    /// that nobody reads. Such a stream is closed then, and the command goes on to where it sees the signal.
    pub(super) fn close_unread_output(closed_output: &Arc<OnceLock<Signal>>, ignored: u64) {
        let closed_output = Arc::clone(closed_output);
        let thread = std::thread::Builder::new().name("signals".to_owned());
        // Without the thread, a signal takes effect once the output is read.
        let _ = thread.spawn(move || close_after_signal(&closed_output, ignored));
    }

    fn close_after_signal(closed_output: &OnceLock<Signal>, ignored: u64) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let signal = runtime.block_on(async { io::Result::Ok(Watched::new(&ENDS, ignored)?.next().await) })?;
        loop {
            // Until the process ends, which ends this thread.
            std::thread::sleep(GRACE);
            let (out, err) = (is_unread(io::stdout())?, is_unread(io::stderr())?);
            if !out && !err && closed_output.get().is_none() {
                continue;
            }
            let _ = closed_output.set(signal);
            // Not /dev/null, where a key's value would pass for delivered.
            let (_, broken) = io::pipe()?;
            if out {
                rustix::stdio::dup2_stdout(&broken)?;
            }
            if err {
                rustix::stdio::dup2_stderr(&broken)?;
            }
            // Interrupts the write, which the system then repeats on the broken pipe.
            rustix::process::kill_process(rustix::process::getpid(), signal.of_system())?;
        }
    }

    fn is_unread(stream: impl AsFd) -> io::Result<bool> {
        let mut asked = [PollFd::new(&stream, PollFlags::OUT)];
        let ready = rustix::event::poll(&mut asked, Some(&Timespec::default()))?;
        Ok(ready == 0)
    }

    impl Signal {
        fn of_system(self) -> rustix::process::Signal {
            match self {
                Self::Hangup => rustix::process::Signal::HUP,
                Self::Interrupt => rustix::process::Signal::INT,
                Self::Quit => rustix::process::Signal::QUIT,
                Self::Terminate => rustix::process::Signal::TERM,
            }
        }
    }

    /// The signals that this process ignores, a bit each: nohup and shells without job control start it so. Signals with
    /// a handler do not count, so the answer stays the same.
    pub(super) fn ignored() -> u64 {
        // Elsewhere there is no way to ask without unsafe code.
        let status = if cfg!(target_os = "linux") { std::fs::read_to_string("/proc/self/status") } else { return 0 };
        status.ok().and_then(|status| mask(&status)).unwrap_or(0)
    }

    fn mask(status: &str) -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(line.trim(), 16).ok()
    }

    #[cfg(feature = "sandbox")]
    pub(super) fn send(sent: rustix::process::Signal, id: Option<u32>) {
        use rustix::process::{Pid, Signal, kill_process};
        if matches!(sent, Signal::INT | Signal::QUIT) && is_in_foreground() {
            return;
        }
        if let Some(pid) = id.and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended meanwhile, which the wait for it will tell.
            let _ = kill_process(pid, sent);
        }
    }

    /// Whether the keys of a terminal reach this process, and so its child too.
    #[cfg(feature = "sandbox")]
    fn is_in_foreground() -> bool {
        let terminal = std::fs::File::open("/dev/tty");
        let foreground = terminal.ok().and_then(|terminal| rustix::termios::tcgetpgrp(terminal).ok());
        foreground == Some(rustix::process::getpgrp())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_mask_of_ignored_signals_is_read_from_what_linux_says() {
            let status = "Name:\tibmiam\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001003\nSigCgt:\t0\n";
            assert_eq!(mask(status), Some(0b1_0000_0000_0011));
            assert_eq!(mask("Name:\tibmiam\nSigIgn:\tnone\n"), None);
            assert_eq!(mask(""), None);
        }
    }
}
