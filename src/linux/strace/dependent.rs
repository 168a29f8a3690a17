//! Arguments whose meaning another argument decides: those of fcntl, ioctl, futexes, prctl, clone.
//! What a call does not look at is not written.

use super::format::{mode_text, pointer, quote};
use super::structures;
use crate::abi::CloneOrder;
use crate::constants::{name, spell};
use crate::process::Process;
use crate::syscalls::{Arguments, Reply, names};
use crate::thread::Thread;

/// Of an argument: it is written after the call, or not at all.
pub(super) type Early = Option<String>;

fn none() -> Early {
    Some(String::new())
}

/// The argument of fcntl.
pub(super) fn fcntl(process: &Process, arguments: &Arguments) -> Early {
    let constants = &process.abi().constants;
    let value = arguments.word(2);
    let Some(command) = name(constants.fcntl, arguments.word(1)) else {
        return Some(format!("{value:#x}"));
    };
    Some(match command {
        "F_GETFD" | "F_GETFL" | "F_GETOWN" | "F_GETSIG" | "F_GETLEASE" | "F_GETPIPE_SZ"
        | "F_GET_SEALS" => return none(),
        "F_SETFD" => match value {
            1 => "FD_CLOEXEC".to_owned(),
            other => format!("{other:#x}").replace("0x0", "0"),
        },
        "F_SETFL" => spell(constants.open, value),
        "F_GETLK" | "F_GETLK64" | "F_OFD_GETLK" => return None,
        "F_SETLK" | "F_SETLKW" | "F_SETLK64" | "F_SETLKW64" | "F_OFD_SETLK" | "F_OFD_SETLKW" => {
            structures::flock(process, value, false)
        }
        "F_SETSIG" => match value {
            0 => "0".to_owned(),
            signal => process.personality.signal_name(signal as i32),
        },
        "F_DUPFD" | "F_DUPFD_CLOEXEC" | "F_SETOWN" | "F_SETPIPE_SZ" => {
            i64::from(value as i32).to_string()
        }
        _ => format!("{value:#x}"),
    })
}

/// What ioctl was told, if the request tells the guest nothing.
pub(super) fn ioctl(process: &Process, arguments: &Arguments) -> Early {
    let value = arguments.word(2);
    match name(process.abi().constants.ioctl, arguments.word(1)) {
        Some(
            "TCGETS" | "TCGETS2" | "TIOCGWINSZ" | "FIONREAD" | "TIOCGPGRP" | "TIOCGSID"
            | "TIOCOUTQ" | "TIOCGPTN" | "TIOCGETD",
        ) => None,
        Some("TIOCSPGRP" | "FIONBIO" | "FIOASYNC" | "TIOCSPTLCK" | "TIOCSETD") => {
            Some(structures::int(process, value))
        }
        Some("TIOCSWINSZ") => Some(structures::window_size(process, value)),
        Some("FIOCLEX" | "FIONCLEX" | "TIOCNOTTY" | "TIOCEXCL" | "TIOCNXCL") => none(),
        Some("TIOCSCTTY" | "TCSBRK" | "TCXONC" | "TCFLSH") => Some((value as i32).to_string()),
        Some(request) if request.starts_with("TCSETS") => Some(structures::termios(process, value)),
        _ => Some(format!("{value:#x}").replace("0x0", "0")),
    }
}

/// What ioctl has told.
pub(super) fn ioctl_after(process: &Process, arguments: &Arguments) -> String {
    let value = arguments.word(2);
    match name(process.abi().constants.ioctl, arguments.word(1)) {
        Some("TCGETS" | "TCGETS2") => structures::termios(process, value),
        Some("TIOCGWINSZ") => structures::window_size(process, value),
        _ => structures::int(process, value),
    }
}

/// The arguments of a futex operation after its number: by their index.
pub(super) fn futex(process: &Process, arguments: &Arguments, index: usize) -> String {
    let value = arguments.word(index);
    let any = |value: u64| match value as u32 {
        u32::MAX => "FUTEX_BITSET_MATCH_ANY".to_owned(),
        bits => format!("{bits:#x}"),
    };
    let number = || (value as u32).to_string();
    let timeout = || structures::timespec(process, value);
    match (arguments.int(1) & 0x7f, index) {
        (libc::FUTEX_WAIT | libc::FUTEX_LOCK_PI | libc::FUTEX_WAIT_BITSET | 11 | 13, 3) => {
            timeout()
        }
        (libc::FUTEX_WAIT_BITSET | libc::FUTEX_WAKE_BITSET, 5) => any(value),
        (libc::FUTEX_REQUEUE | libc::FUTEX_CMP_REQUEUE | libc::FUTEX_WAKE_OP | 12, 3) => number(),
        (libc::FUTEX_REQUEUE | libc::FUTEX_CMP_REQUEUE | libc::FUTEX_WAKE_OP | 11 | 12, 4) => {
            pointer(value)
        }
        (libc::FUTEX_CMP_REQUEUE | 12, 5) => number(),
        (libc::FUTEX_WAKE_OP, 5) => format!("{value:#x}"),
        _ => String::new(),
    }
}

/// The arguments of prctl after the option.
pub(super) fn prctl(process: &Process, arguments: &Arguments, index: usize) -> String {
    let value = arguments.word(index);
    let option = name(names::PRCTL, arguments.word(0)).unwrap_or_default();
    let signal = |number: u64| match number {
        0 => "0".to_owned(),
        number => process.personality.signal_name(number as i32),
    };
    match (option, index) {
        ("PR_SET_NAME", 1) => process.memory.read_cstring(value, 16).map_or_else(
            |_| pointer(value),
            |bytes| quote(&bytes[..bytes.len().min(15)]),
        ),
        ("PR_SET_PDEATHSIG", 1) => signal(value),
        ("PR_SET_VMA", _) | ("", _) | ("PR_CAP_AMBIENT", _) => {
            format!("{value:#x}").replace("0x0", "0")
        }
        ("PR_GET_PDEATHSIG" | "PR_GET_TID_ADDRESS" | "PR_GET_CHILD_SUBREAPER", 1) => pointer(value),
        ("PR_SET_NO_NEW_PRIVS" | "PR_SET_SECCOMP", _) => value.to_string(),
        ("PR_GET_NO_NEW_PRIVS" | "PR_SET_THP_DISABLE" | "PR_GET_THP_DISABLE", _) => {
            value.to_string()
        }
        (option, 1) if option.starts_with("PR_SET") || option.starts_with("PR_CAPBSET") => {
            value.to_string()
        }
        _ => String::new(),
    }
}

/// The arguments of clone, named as strace names them; those that the flags ask for.
pub(super) fn clone(process: &Process, arguments: &Arguments, index: usize) -> Early {
    let flags = arguments.word(0);
    let (tls, child) = match process.abi().clone_order {
        CloneOrder::TlsFirst => (3, 4),
        CloneOrder::TidFirst => (4, 3),
    };
    let asks = |flag: i32| flags & flag as u32 as u64 != 0;
    let child_flags = libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID;
    Some(match index {
        0 => format!("child_stack={}", pointer(arguments.word(1))),
        1 => format!("flags={}", clone_flags(process, flags)),
        2 if asks(libc::CLONE_PARENT_SETTID) => return None,
        3 if asks(libc::CLONE_SETTLS) => format!("tls={}", pointer(arguments.word(tls))),
        4 if asks(child_flags) => format!("child_tidptr={}", pointer(arguments.word(child))),
        _ => String::new(),
    })
}

/// What pipe made, where it returns both descriptors.
pub(super) fn pipe_after(thread: &Thread, reply: Reply) -> String {
    let second = thread.process().abi().registers.second_result;
    let second = second.map_or(0, |slot| thread.core().register(slot));
    format!("[{}, {}]", reply.unwrap_or(0), second as i32)
}

/// The number that clone has told the parent.
pub(super) fn clone_after(process: &Process, arguments: &Arguments, reply: Reply) -> String {
    match reply {
        Ok(_) => format!("parent_tid={}", structures::int(process, arguments.word(2))),
        Err(_) => format!("parent_tid={}", pointer(arguments.word(2))),
    }
}

/// Flags of clone, and the signal that tells the parent of the end.
pub(super) fn clone_flags(process: &Process, value: u64) -> String {
    let bits = spell(names::CLONE_BITS, value & !0xff);
    match (value & 0xff) as i32 {
        0 => bits,
        signal if value & !0xff == 0 => process.personality.signal_name(signal),
        signal => format!("{bits}|{}", process.personality.signal_name(signal)),
    }
}

/// A device that mknod makes.
pub(super) fn device(kind: u64, value: u64) -> String {
    match kind & 0o170000 {
        0o020000 | 0o060000 => structures::device(value),
        _ => String::new(),
    }
}

/// Permissions with the type of a file.
pub(super) fn file_mode(mode: u64) -> String {
    let kind = spell(names::FILE_TYPE, mode & 0o170000);
    format!("{kind}|{}", mode_text(mode & 0o7777))
}
