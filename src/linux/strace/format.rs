//! How single arguments are written.

use super::{dependent, sockets, structures};
use crate::constants::{self, spell};
use crate::process::Process;
use crate::syscalls::{Arguments, Call, Kind, Reply, names};
use std::fmt::Write;

/// Bytes of a string or buffer that are shown.
const SHOWN: usize = 32;
/// Elements of a list that are shown.
const LISTED: usize = 32;

/// Bytes as a C string literal: strace's way, with octal escapes; the first ones of many.
pub fn quote(bytes: &[u8]) -> String {
    let dots = if bytes.len() > SHOWN { "..." } else { "" };
    quote_whole(&bytes[..bytes.len().min(SHOWN)]) + dots
}

/// All bytes as a C string literal.
pub(super) fn quote_whole(shown: &[u8]) -> String {
    let mut out = String::from("\"");
    for (index, byte) in shown.iter().enumerate() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            0x20..0x7f => out.push(char::from(*byte)),
            _ => {
                // A digit that follows must not be taken for a part of the escape.
                let digit = shown.get(index + 1).is_some_and(u8::is_ascii_digit);
                // Writing to a string cannot fail.
                let _ = match digit {
                    true => write!(out, "\\{byte:03o}"),
                    false => write!(out, "\\{byte:o}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// Permissions.
pub(super) fn mode_text(mode: u64) -> String {
    format!("{:0>3}", format!("0{mode:o}"))
}

/// What strace says about a result besides the number.
pub(super) fn note(
    process: &Process,
    call: &Call,
    arguments: &Arguments,
    value: u64,
) -> Option<String> {
    let waits = [
        "poll",
        "ppoll",
        "ppoll_time64",
        "select",
        "_newselect",
        "pselect6",
        "pselect6_time64",
    ];
    match call.name {
        name if waits.contains(&name) && value == 0 => Some("Timeout".to_owned()),
        "poll" | "ppoll" | "ppoll_time64" => {
            let (list, count) = (arguments.word(0), arguments.word(1));
            let happened = structures::poll_results(process, list, count)?;
            let left = match call.name {
                "ppoll" if arguments.word(2) != 0 => {
                    format!(
                        ", left {}",
                        structures::timespec(process, arguments.word(2))
                    )
                }
                _ => String::new(),
            };
            Some(format!("{happened}{left}"))
        }
        "pselect6" | "select" | "_newselect" => {
            let sets = [("in", 1), ("out", 2), ("exc", 3)].map(|(name, index)| {
                let address = arguments.word(index);
                let set = structures::fd_set(process, address, arguments.word(0));
                (address != 0 && set != "[]").then(|| format!("{name} {set}"))
            });
            let left = match (call.name, arguments.word(4)) {
                ("pselect6", address @ 1..) => {
                    Some(format!("left {}", structures::timespec(process, address)))
                }
                _ => None,
            };
            let parts: Vec<_> = sets.into_iter().chain([left]).flatten().collect();
            Some(parts.join(", "))
        }
        "rt_sigtimedwait" | "rt_sigtimedwait_time64" => {
            Some(process.personality.signal_name(value as i32))
        }
        "prctl" if arguments.int(0) == libc::PR_GET_DUMPABLE => {
            let names = ["SUID_DUMP_DISABLE", "SUID_DUMP_USER", "SUID_DUMP_ROOT"];
            names.get(value as usize).map(|name| (*name).to_owned())
        }
        "sched_getscheduler" => constants::name(names::POLICY, value).map(str::to_owned),
        "fcntl" | "fcntl64" => {
            let constants = &process.abi().constants;
            match constants::name(constants.fcntl, arguments.word(1))? {
                "F_GETFD" if value == 1 => Some("flags FD_CLOEXEC".to_owned()),
                "F_GETFL" => Some(format!("flags {}", spell(constants.open, value))),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A pointer.
pub fn pointer(address: u64) -> String {
    if address == 0 {
        "NULL".to_owned()
    } else {
        format!("{address:#x}")
    }
}

/// What is known of an argument before the call.
#[derive(Clone, Debug)]
pub(super) enum Early {
    /// How it is written.
    Written(String),
    /// The number that it points to and that the call will change.
    Number(i32),
    /// Nothing: the call fills it in.
    Unknown,
}

impl Early {
    pub(super) fn written(&self) -> Option<&str> {
        match self {
            Early::Written(text) => Some(text),
            _ => None,
        }
    }
}

/// An argument as it is before the call.
pub(super) fn early(
    process: &Process,
    kinds: &[Kind],
    arguments: &Arguments,
    index: usize,
) -> Early {
    if matches!(kinds[index], Kind::ValueLength) {
        let number = process.user().read_u32(arguments.word(index));
        return number.map_or(Early::Unknown, |number| Early::Number(number.cast_signed()));
    }
    before(process, kinds, arguments, index).map_or(Early::Unknown, Early::Written)
}

/// An argument as it can be written before the call; `None` for what the call fills in.
fn before(
    process: &Process,
    kinds: &[Kind],
    arguments: &Arguments,
    index: usize,
) -> Option<String> {
    let value = arguments.word(index);
    let next = arguments.0.get(index + 1).copied().unwrap_or(0);
    let abi = process.abi();
    let constants = &abi.constants;
    Some(match kinds[index] {
        Kind::Int | Kind::Long | Kind::Wide | Kind::Pid | Kind::Fd => {
            value.cast_signed().to_string()
        }
        Kind::Unsigned => (value as u32).to_string(),
        Kind::Size => value.to_string(),
        Kind::Hex => {
            if value == 0 {
                "0".to_owned()
            } else {
                format!("{value:#x}")
            }
        }
        Kind::Address => pointer(value),
        Kind::DirFd if value as i32 == libc::AT_FDCWD => "AT_FDCWD".to_owned(),
        Kind::DirFd => (value as i32).to_string(),
        Kind::Path => string(process, value, crate::user::PATH_MAX, usize::MAX),
        Kind::Text => string(process, value, crate::user::PATH_MAX, SHOWN),
        Kind::Input => buffer(process, value, next),
        Kind::InputVectors => structures::vectors(process, value, next, u64::MAX),
        Kind::Strings => strings(process, value),
        Kind::Environment => environment(process, value),
        Kind::Mode => mode(kinds, arguments, index, process)?,
        Kind::OpenFlags => spell(constants.open, value),
        Kind::DescriptorFlags => {
            let flags = constants.open.iter().filter(|flag| flag.value != 0);
            spell(&flags.copied().collect::<Vec<_>>(), value)
        }
        Kind::MmapFlags => spell(constants.mmap, value),
        Kind::CloneFlags => dependent::clone_flags(process, value),
        Kind::FcntlArgument => return dependent::fcntl(process, arguments),
        Kind::IoctlArgument => return dependent::ioctl(process, arguments),
        Kind::FutexOperation => spell(names::FUTEX, value),
        Kind::FutexArgument => dependent::futex(process, arguments, index),
        Kind::PrctlArgument => dependent::prctl(process, arguments, index),
        Kind::Device => dependent::device(arguments.word(index - 1), value),
        Kind::MremapAddress => match arguments.word(index - 1) & 6 {
            0 => String::new(),
            _ => pointer(value),
        },
        Kind::OpenLike(prefix) => open_like(constants.open, value, prefix),
        Kind::IntervalIn => structures::interval(process, value),
        Kind::FdSet => structures::fd_set(process, value, arguments.word(0)),
        Kind::SizedMask => structures::sized_mask(process, value),
        Kind::EpollEvent => structures::epoll_event(process, value),
        Kind::SiginfoIn => structures::siginfo(process, value),
        Kind::StackIn => structures::stack(process, value),
        Kind::FcntlCommand => named(constants.fcntl, value),
        Kind::IoctlRequest => named(constants.ioctl, value),
        Kind::Limit => named(constants.limits, value),
        Kind::MaskCommand => named(constants.signal_mask, value),
        Kind::Signal if value == 0 => "0".to_owned(),
        Kind::Signal => process.personality.signal_name(value as i32),
        Kind::Flags(set) => spell(set, value),
        Kind::Choice(set) => named(set, value),
        Kind::SignalSet => structures::signal_set(process, value),
        Kind::PollList => structures::poll_list(process, value, next),
        Kind::Sigaction => structures::sigaction(process, value),
        Kind::Timespec => structures::timespec(process, value),
        Kind::TimespecPair => structures::timespec_pair(process, value),
        Kind::TimespecWide => structures::timespec_wide(process, value),
        Kind::TimespecWidePair => structures::timespec_wide_pair(process, value),
        Kind::ItimerspecWide => structures::itimerspec_wide(process, value),
        Kind::OldSignalSet => structures::old_signal_set(process, value),
        Kind::OldSigaction => structures::old_sigaction(process, value),
        Kind::PageOffset if value == 0 => "0".to_owned(),
        Kind::PageOffset => pointer(value << 12),
        Kind::RlimitIn => structures::rlimit(process, value),
        Kind::Itimerspec => structures::itimerspec(process, value),
        Kind::SignalEvent => structures::signal_event(process, value),
        Kind::IpcKey => structures::ipc_key(value as i32),
        Kind::IpcFlags => structures::ipc_flags(value),
        Kind::IpcCommand(prefix) => structures::ipc_command(prefix, value as i32),
        Kind::SemaphoreOperations => structures::semaphores(process, value, next),
        Kind::QueueAttributes => structures::queue(process, value),
        Kind::SocketType => spell(constants.socket_types, value),
        Kind::Protocol => sockets::protocol(arguments.int(0), arguments.int(index)),
        Kind::SocketAddress => sockets::address(process, value, next),
        Kind::SocketLevel => sockets::level(process, arguments.int(index)),
        Kind::SocketOption => sockets::option(process, arguments, index),
        Kind::SocketValue => sockets::value(process, arguments, index, next),
        Kind::Message => sockets::message(process, value, u64::MAX),
        Kind::ItimerspecOut
        | Kind::QueueAttributesOut
        | Kind::SocketAddressOut
        | Kind::SocketValueOut
        | Kind::ValueLength
        | Kind::MessageOut
        | Kind::Messages
        | Kind::Output
        | Kind::OutputText
        | Kind::OutputPath
        | Kind::OutputVectors
        | Kind::SignalSetOut
        | Kind::SigactionOut
        | Kind::TimespecOut
        | Kind::TimespecWideOut
        | Kind::ItimerspecWideOut
        | Kind::Stat64Out
        | Kind::Statfs64Out
        | Kind::OldSignalSetOut
        | Kind::OldSigactionOut
        | Kind::TimevalOut
        | Kind::StatOut
        | Kind::RlimitOut
        | Kind::PipeOut
        | Kind::StatusOut
        | Kind::UtsnameOut
        | Kind::StatxOut
        | Kind::StatfsOut
        | Kind::EntriesOut
        | Kind::IntervalOut
        | Kind::EpollEventsOut
        | Kind::SiginfoOut
        | Kind::StackOut
        | Kind::UsageOut
        | Kind::TimesOut
        | Kind::IntOut => return None,
    })
}

/// An argument that the call has filled in.
pub(super) fn after(
    process: &Process,
    kinds: &[Kind],
    arguments: &Arguments,
    index: usize,
    early: &[Early],
    reply: Reply,
) -> String {
    let address = arguments.word(index);
    let next = arguments.0.get(index + 1).copied().unwrap_or(0);
    if address == 0 {
        return pointer(0);
    }
    let length = |index: usize| match early.get(index) {
        Some(Early::Number(before)) => Some(*before),
        _ => None,
    };
    let Ok(result) = reply else {
        // Nothing was filled in; but a length was read.
        return match kinds[index] {
            Kind::ValueLength => {
                length(index).map_or_else(|| pointer(address), |before| format!("[{before}]"))
            }
            _ => pointer(address),
        };
    };
    // Of what a call wrote there is as much as there was room for and as it says.
    let written = || match (length(index + 1), process.user().read_u32(next)) {
        (Some(before), Ok(after)) => before.max(0).min(after.cast_signed()).max(0) as u64,
        _ => 0,
    };
    match kinds[index] {
        Kind::Output => buffer(process, address, result.min(next)),
        Kind::QueueAttributesOut => structures::queue(process, address),
        Kind::ItimerspecOut => structures::itimerspec(process, address),
        Kind::SocketAddressOut => sockets::address(process, address, written()),
        Kind::SocketValueOut => sockets::value(process, arguments, index, written()),
        Kind::ValueLength => sockets::length(process, address, length(index)),
        Kind::MessageOut => sockets::message(process, address, result),
        Kind::Messages => sockets::messages(process, address, result),
        Kind::OutputText => {
            let bytes = process
                .user()
                .bytes(address, (result as usize).min(SHOWN + 1));
            bytes.map_or_else(
                |_| pointer(address),
                |bytes| quote(bytes.strip_suffix(b"\0").unwrap_or(&bytes)),
            )
        }
        Kind::OutputPath => string(process, address, crate::user::PATH_MAX, usize::MAX),
        Kind::OutputVectors => structures::vectors(process, address, next, result),
        Kind::SignalSetOut => structures::signal_set(process, address),
        Kind::SigactionOut => structures::sigaction(process, address),
        Kind::TimespecOut => structures::timespec(process, address),
        Kind::TimespecWideOut => structures::timespec_wide(process, address),
        Kind::ItimerspecWideOut => structures::itimerspec_wide(process, address),
        Kind::Stat64Out => structures::stat64(process, address),
        Kind::Statfs64Out => structures::statfs64(process, address),
        Kind::OldSignalSetOut => structures::old_signal_set(process, address),
        Kind::OldSigactionOut => structures::old_sigaction(process, address),
        Kind::TimevalOut => structures::timeval(process, address),
        Kind::StatOut => structures::stat(process, address),
        Kind::RlimitOut => structures::rlimit(process, address),
        Kind::PipeOut => structures::pipe(process, address),
        Kind::StatusOut if result == 0 => pointer(address),
        Kind::StatusOut => structures::status(process, address),
        Kind::UtsnameOut => structures::utsname(process, address),
        Kind::IntOut => structures::int(process, address),
        Kind::StatxOut => structures::statx(process, address),
        Kind::StatfsOut => structures::statfs(process, address),
        Kind::EntriesOut => structures::entries(process, address, result),
        Kind::IntervalOut => structures::interval(process, address),
        Kind::EpollEventsOut => structures::epoll_events(process, address, result),
        Kind::SiginfoOut => structures::siginfo(process, address),
        Kind::StackOut => structures::stack(process, address),
        Kind::UsageOut => structures::usage(process, address),
        Kind::TimesOut => structures::times(process, address),
        Kind::FcntlArgument => structures::flock(process, address, true),
        Kind::IoctlArgument => dependent::ioctl_after(process, arguments),
        _ => pointer(address),
    }
}

/// The name of a number, or the number.
fn named(set: &[constants::Constant], value: u64) -> String {
    match constants::name(set, value) {
        Some(name) => name.to_owned(),
        // Numbers that may be in flags as well.
        None if set.iter().any(|constant| constant.mask != u64::MAX) => spell(set, value),
        None => {
            let prefix = set.first().and_then(|first| first.name.split_once('_'));
            let prefix = prefix.map_or("", |(prefix, _)| prefix);
            format!("{value:#x} /* {prefix}_??? */")
        }
    }
}

/// Flags that have the numbers of open's, and names of their own.
fn open_like(open: &[constants::Constant], value: u64, prefix: &str) -> String {
    let flag = |name: &str| constants::value(open, name).unwrap_or(0);
    let mut rest = value;
    let mut names = Vec::new();
    // eventfd has one that open has not.
    if prefix == "EFD" && value & 1 != 0 {
        names.push("EFD_SEMAPHORE".to_owned());
        rest &= !1;
    }
    for name in ["CLOEXEC", "NONBLOCK"] {
        let bit = flag(&format!("O_{name}"));
        if bit != 0 && value & bit == bit {
            names.push(format!("{prefix}_{name}"));
            rest &= !bit;
        }
    }
    if rest != 0 || names.is_empty() {
        names.push(format!("{rest:#x}").replace("0x0", "0"));
    }
    names.join("|")
}

fn string(process: &Process, address: u64, longest: usize, shown: usize) -> String {
    if address == 0 {
        return "NULL".to_owned();
    }
    match process.memory.read_cstring(address, longest) {
        Err(_) => pointer(address),
        // Paths are never cut.
        Ok(bytes) if shown == usize::MAX => quote_whole(&bytes),
        Ok(bytes) => quote(&bytes),
    }
}

fn buffer(process: &Process, address: u64, length: u64) -> String {
    let shown = length.min(SHOWN as u64 + 1) as usize;
    match process.user().bytes(address, shown) {
        Ok(bytes) => quote(&bytes),
        Err(_) => pointer(address),
    }
}

/// Permissions, in octal; nothing where open does not use them.
fn mode(kinds: &[Kind], arguments: &Arguments, index: usize, process: &Process) -> Option<String> {
    let flags = index
        .checked_sub(1)
        .filter(|before| matches!(kinds[*before], Kind::OpenFlags));
    if let Some(flags) = flags {
        let flags = process
            .personality
            .open
            .flags_to_host(arguments.word(flags)) as i32;
        if flags & (libc::O_CREAT | libc::O_TMPFILE & !libc::O_DIRECTORY) == 0 {
            return Some(String::new());
        }
    }
    let mode = arguments.unsigned(index);
    let kind = mode & 0o170000;
    Some(match kind {
        0 => mode_text(u64::from(mode)),
        _ => dependent::file_mode(u64::from(mode)),
    })
}

fn strings(process: &Process, address: u64) -> String {
    if address == 0 {
        return pointer(0);
    }
    match process.user().strings(address) {
        Ok(list) => {
            let mut shown: Vec<String> = list
                .iter()
                .take(LISTED)
                .map(|string| quote(string.as_bytes()))
                .collect();
            if list.len() > LISTED {
                shown.push("...".to_owned());
            }
            format!("[{}]", shown.join(", "))
        }
        Err(_) => pointer(address),
    }
}

fn environment(process: &Process, address: u64) -> String {
    if address == 0 {
        return pointer(0);
    }
    let count = process.user().strings(address).map_or(0, |list| list.len());
    let plural = if count == 1 { "" } else { "s" };
    format!("{} /* {count} var{plural} */", pointer(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_strace_does() {
        assert_eq!(quote(b"a\"b\\c\n"), r#""a\"b\\c\n""#);
        assert_eq!(quote(b"\x7fELF\x02\x01"), r#""\177ELF\2\1""#);
        assert_eq!(quote(b"\x007"), r#""\0007""#);
        assert_eq!(quote(&[b'x'; 40]), format!("\"{}\"...", "x".repeat(32)));
    }
}
