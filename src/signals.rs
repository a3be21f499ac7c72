//! Signals that ask the process to end, and signals that are forwarded to a child.

use std::io;

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal was closed.
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
}

impl EndSignals {
    /// Starts to watch for the signals. A signal that was ignored when the process started stays ignored.
    ///
    /// # Errors
    /// The error from the operating system.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the other systems' form"))]
    pub fn watch() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            watched: unix::Watched::new(&unix::ENDS, unix::ignored())?,
        })
    }

    /// Waits for the next signal.
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

/// The signals on which a child must act, and not this process.
#[cfg(feature = "sandbox")]
pub struct ForwardedSignals {
    #[cfg(unix)]
    watched: unix::Watched<rustix::process::Signal>,
}

#[cfg(feature = "sandbox")]
impl ForwardedSignals {
    /// Starts to watch for the signals. A signal that was ignored when the process started stays ignored, also by the
    /// child.
    ///
    /// # Errors
    /// The error from the operating system.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the other systems' form"))]
    pub fn watch() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            watched: unix::Watched::new(&unix::FORWARDED, unix::ignored())?,
        })
    }

    /// Waits for a signal and sends it to the child with this process ID, unless the terminal has sent it already.
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
    use std::fs::File;
    use std::future::poll_fn;
    use std::io::{self, Read};
    use std::task::Poll;

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

    /// The receivers of signals, each with the value that it stands for.
    pub(super) struct Watched<T>(Vec<(tokio::signal::unix::Signal, T)>);

    impl<T: Copy> Watched<T> {
        /// Watches all signals except for the ignored ones, which are bits in `ignored`.
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

    /// Returns the signals that this process ignores, one bit each, because nohup or a shell without job control
    /// started it so. Signals with a handler are not included, so the result does not change when handlers are
    /// installed.
    pub(super) fn ignored() -> u64 {
        // On other systems, this cannot be read without unsafe code.
        if !cfg!(target_os = "linux") {
            return 0;
        }
        // The file does not report its size. A buffer larger than the file allows one read instead of ten.
        let mut status = String::with_capacity(8 << 10);
        let read = File::open("/proc/self/status").and_then(|mut file| file.read_to_string(&mut status));
        read.ok().and_then(|_| mask(&status)).unwrap_or(0)
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
            // An error is ignored: the child may have ended, which the wait for it reports.
            let _ = kill_process(pid, sent);
        }
    }

    /// Whether this process is in the foreground of the terminal, so that the terminal sends signals to it and its
    /// child.
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
