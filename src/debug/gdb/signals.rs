//! gdb's numbers of signals, which are its own whatever the system: only names translate.

use gdbstub::common::Signal;
use portolan_linux::personality::Personality;

const NAMES: &[(&str, Signal)] = &[
    ("SIGHUP", Signal::SIGHUP),
    ("SIGINT", Signal::SIGINT),
    ("SIGQUIT", Signal::SIGQUIT),
    ("SIGILL", Signal::SIGILL),
    ("SIGTRAP", Signal::SIGTRAP),
    ("SIGABRT", Signal::SIGABRT),
    ("SIGEMT", Signal::SIGEMT),
    ("SIGFPE", Signal::SIGFPE),
    ("SIGKILL", Signal::SIGKILL),
    ("SIGBUS", Signal::SIGBUS),
    ("SIGSEGV", Signal::SIGSEGV),
    ("SIGSYS", Signal::SIGSYS),
    ("SIGPIPE", Signal::SIGPIPE),
    ("SIGALRM", Signal::SIGALRM),
    ("SIGTERM", Signal::SIGTERM),
    ("SIGURG", Signal::SIGURG),
    ("SIGSTOP", Signal::SIGSTOP),
    ("SIGTSTP", Signal::SIGTSTP),
    ("SIGCONT", Signal::SIGCONT),
    ("SIGCHLD", Signal::SIGCHLD),
    ("SIGTTIN", Signal::SIGTTIN),
    ("SIGTTOU", Signal::SIGTTOU),
    ("SIGIO", Signal::SIGIO),
    ("SIGXCPU", Signal::SIGXCPU),
    ("SIGXFSZ", Signal::SIGXFSZ),
    ("SIGVTALRM", Signal::SIGVTALRM),
    ("SIGPROF", Signal::SIGPROF),
    ("SIGWINCH", Signal::SIGWINCH),
    ("SIGUSR1", Signal::SIGUSR1),
    ("SIGUSR2", Signal::SIGUSR2),
    ("SIGPWR", Signal::SIGPWR),
];

/// gdb's number of a guest's signal.
pub fn to_gdb(personality: &Personality, guest: i32) -> Signal {
    match guest {
        32 => Signal::SIG32,
        33..=63 => Signal(Signal::SIG33.0 + (guest - 33) as u8),
        64..=127 => Signal(Signal::SIG64.0 + (guest - 64) as u8),
        _ => {
            let name = personality.signal_name(guest);
            let found = NAMES.iter().find(|(other, _)| *other == name);
            found.map_or(Signal::UNKNOWN, |(_, signal)| *signal)
        }
    }
}

/// The guest's number of gdb's signal, if the guest has it.
pub fn to_guest(personality: &Personality, signal: Signal) -> Option<i32> {
    (1..=127).find(|&guest| {
        to_gdb(personality, guest) == signal && personality.host_signal(guest).is_some()
    })
}
