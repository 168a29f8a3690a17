//! The host's numbers of what the guest's tables name, from the C library's headers.

use crate::constants::{Constant, choice, flag, number};

macro_rules! names {
    ($(#[$doc:meta])* $set:ident = $kind:ident: $($name:ident),* $(,)?) => {
        $(#[$doc])*
        pub const $set: &[Constant] = &[$($kind(stringify!($name), libc::$name as u64)),*];
    };
}

/// The bit that the kernel sets in the flags of every open file on 64-bit hosts; the C library
/// hides it.
const O_LARGEFILE: u64 = if cfg!(target_arch = "aarch64") {
    0o400000
} else {
    0o100000
};
const O_SYNC: u64 = libc::O_SYNC as u64;

/// Flags of open.
pub const OPEN: &[Constant] = &[
    choice("O_RDONLY", libc::O_RDONLY as u64, 3),
    choice("O_WRONLY", libc::O_WRONLY as u64, 3),
    choice("O_RDWR", libc::O_RDWR as u64, 3),
    flag("O_CREAT", libc::O_CREAT as u64),
    flag("O_EXCL", libc::O_EXCL as u64),
    flag("O_NOCTTY", libc::O_NOCTTY as u64),
    flag("O_TRUNC", libc::O_TRUNC as u64),
    flag("O_APPEND", libc::O_APPEND as u64),
    flag("O_NONBLOCK", libc::O_NONBLOCK as u64),
    choice("O_SYNC", O_SYNC, O_SYNC),
    choice("O_DSYNC", libc::O_DSYNC as u64, O_SYNC),
    flag("O_ASYNC", libc::O_ASYNC as u64),
    flag("O_DIRECT", libc::O_DIRECT as u64),
    flag("O_LARGEFILE", O_LARGEFILE),
    flag("O_TMPFILE", libc::O_TMPFILE as u64),
    flag("O_DIRECTORY", libc::O_DIRECTORY as u64),
    flag("O_NOFOLLOW", libc::O_NOFOLLOW as u64),
    flag("O_NOATIME", libc::O_NOATIME as u64),
    flag("O_CLOEXEC", libc::O_CLOEXEC as u64),
    flag("O_PATH", libc::O_PATH as u64),
];

/// Commands of fcntl.
pub const FCNTL: &[Constant] = &[
    number("F_DUPFD", libc::F_DUPFD as u64),
    number("F_GETFD", libc::F_GETFD as u64),
    number("F_SETFD", libc::F_SETFD as u64),
    number("F_GETFL", libc::F_GETFL as u64),
    number("F_SETFL", libc::F_SETFL as u64),
    number("F_GETLK", libc::F_GETLK as u64),
    number("F_SETLK", libc::F_SETLK as u64),
    number("F_SETLKW", libc::F_SETLKW as u64),
    number("F_SETOWN", libc::F_SETOWN as u64),
    number("F_GETOWN", libc::F_GETOWN as u64),
    number("F_OFD_GETLK", libc::F_OFD_GETLK as u64),
    number("F_OFD_SETLK", libc::F_OFD_SETLK as u64),
    number("F_OFD_SETLKW", libc::F_OFD_SETLKW as u64),
    number("F_SETLEASE", libc::F_SETLEASE as u64),
    number("F_GETLEASE", libc::F_GETLEASE as u64),
    number("F_NOTIFY", libc::F_NOTIFY as u64),
    number("F_DUPFD_CLOEXEC", libc::F_DUPFD_CLOEXEC as u64),
    number("F_SETPIPE_SZ", libc::F_SETPIPE_SZ as u64),
    number("F_GETPIPE_SZ", libc::F_GETPIPE_SZ as u64),
    number("F_ADD_SEALS", libc::F_ADD_SEALS as u64),
    number("F_GET_SEALS", libc::F_GET_SEALS as u64),
    // Not in the C library's bindings; alike everywhere.
    number("F_SETSIG", 10),
    number("F_GETSIG", 11),
    number("F_SETOWN_EX", 15),
    number("F_GETOWN_EX", 16),
];

/// Codes of signals, which hosts number as asm-generic does.
pub const SIGNAL_CODES: &[Constant] = crate::generic::SIGNAL_CODES;

names! {
    /// Signals below the real-time ones.
    SIGNAL_NUMBERS = number: SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
    SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT,
    SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH,
    SIGIO, SIGPWR, SIGSYS
}

/// What a guest has instead of a signal of the host's that it does not have.
pub const SIGEMT: Constant = number("SIGEMT", libc::SIGSTKFLT as u64);

names! {
    /// Flags of sigaction that matter to the host's kernel.
    SIGNAL_ACTION = flag: SA_NOCLDSTOP, SA_NOCLDWAIT
}

names! {
    /// Resources of getrlimit.
    LIMITS = number: RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS,
    RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING,
    RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME
}

/// Events of poll.
pub const POLL: &[Constant] = &[
    flag("POLLIN", libc::POLLIN as u64),
    flag("POLLPRI", libc::POLLPRI as u64),
    flag("POLLOUT", libc::POLLOUT as u64),
    flag("POLLERR", libc::POLLERR as u64),
    flag("POLLHUP", libc::POLLHUP as u64),
    flag("POLLNVAL", libc::POLLNVAL as u64),
    flag("POLLRDNORM", libc::POLLRDNORM as u64),
    flag("POLLRDBAND", libc::POLLRDBAND as u64),
    flag("POLLWRNORM", libc::POLLWRNORM as u64),
    flag("POLLWRBAND", libc::POLLWRBAND as u64),
    flag("POLLMSG", 0x400),
    flag("POLLRDHUP", libc::POLLRDHUP as u64),
];

/// Types of sockets. The host is taken to number what follows as asm-generic does.
pub const SOCKET_TYPES: &[Constant] = crate::generic::SOCKET_TYPES;
/// Options of sockets.
pub const SOCKET_OPTIONS: &[Constant] = crate::generic::SOCKET_OPTIONS;

/// Requests of ioctl. Hosts that Portolan runs on number them as asm-generic does.
pub const IOCTL: &[Constant] = crate::generic::IOCTL;

/// Input modes of termios. The host is taken to follow asm-generic, as x86-64, AArch64 and
/// RISC-V do; so in the sets below.
pub const TERMINAL_INPUT: &[Constant] = crate::generic::TERMINAL_INPUT;
/// Output modes of termios.
pub const TERMINAL_OUTPUT: &[Constant] = crate::generic::TERMINAL_OUTPUT;
/// Control modes of termios.
pub const TERMINAL_CONTROL: &[Constant] = crate::generic::TERMINAL_CONTROL;
/// Local modes of termios.
pub const TERMINAL_LOCAL: &[Constant] = crate::generic::TERMINAL_LOCAL;
/// Indexes of termios' control characters.
pub const TERMINAL_CHARACTERS: &[Constant] = crate::generic::TERMINAL_CHARACTERS;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generic;

    names! {
        /// Requests of ioctl with names in the C library.
        IOCTL_NAMED = number: TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCXONC, TCFLSH, TIOCEXCL,
        TIOCNXCL, TIOCSCTTY, TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCSTI, TIOCGWINSZ, TIOCSWINSZ,
        TIOCMGET, TIOCMBIS, TIOCMBIC, TIOCMSET, FIONREAD, TIOCCONS, FIONBIO, FIOCLEX, FIONCLEX
    }

    names! {
        /// Types and options of sockets with names in the C library.
        SOCKETS_NAMED = number: SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET,
        SOCK_NONBLOCK, SOCK_CLOEXEC, SO_DEBUG, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE,
        SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_LINGER,
        SO_REUSEPORT, SO_PASSCRED, SO_PEERCRED, SO_RCVLOWAT, SO_SNDLOWAT, SO_BINDTODEVICE,
        SO_ACCEPTCONN, SO_PEERSEC, SO_MARK, SO_PROTOCOL, SO_DOMAIN, SO_COOKIE, SO_ZEROCOPY
    }

    #[test]
    fn the_host_numbers_what_is_generic_as_asm_generic_does() {
        assert_eq!(generic::SOCKET_LEVEL, libc::SOL_SOCKET);
        let sets = [IOCTL, SOCKET_TYPES, SOCKET_OPTIONS];
        for constant in IOCTL_NAMED.iter().chain(SOCKETS_NAMED) {
            let mut found = sets
                .iter()
                .filter_map(|set| crate::constants::value(set, constant.name));
            assert_eq!(found.next(), Some(constant.value), "{}", constant.name);
        }
    }

    #[test]
    fn every_name_of_the_generic_sets_is_known_on_the_host() {
        let sets = [
            (generic::OPEN, OPEN),
            (generic::FCNTL, FCNTL),
            (generic::SIGNALS, SIGNAL_NUMBERS),
            (generic::LIMITS, LIMITS),
            (generic::POLL, POLL),
        ];
        for (guest, host) in sets {
            for constant in guest {
                assert!(
                    host.iter().any(|h| h.name == constant.name),
                    "{}",
                    constant.name
                );
            }
        }
    }
}
