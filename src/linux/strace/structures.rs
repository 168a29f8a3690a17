//! How structures are written: the fields that matter, as strace does without `-v`.

use super::format::{pointer, quote};
use crate::constants::{self, spell};
use crate::layout::{Layout, Reader};
use crate::process::Process;
use crate::signals::{self, AlternateStack, DEFAULT, IGNORE, Set};
use crate::syscalls::names;

/// Elements of a list that are shown.
const LISTED: u64 = 16;

/// What a structure of `length` bytes is written as; the bare pointer if it cannot be read.
fn read(
    process: &Process,
    address: u64,
    length: usize,
    show: impl FnOnce(&mut Reader<'_>) -> String,
) -> String {
    if address == 0 {
        return pointer(0);
    }
    process
        .user()
        .get(address, length, show)
        .unwrap_or_else(|_| pointer(address))
}

/// The same for a structure whose words have 64 bits in every guest.
fn read_wide(
    process: &Process,
    address: u64,
    length: usize,
    show: impl FnOnce(&mut Reader<'_>) -> String,
) -> String {
    let mut user = process.user();
    user.shape.word = 8;
    match address {
        0 => pointer(0),
        _ => user
            .get(address, length, show)
            .unwrap_or_else(|_| pointer(address)),
    }
}

/// A list in brackets, with dots for what is not shown.
pub(super) fn elements(mut shown: Vec<String>, more: bool) -> String {
    if more {
        shown.push("...".to_owned());
    }
    format!("[{}]", shown.join(", "))
}

fn word(process: &Process) -> usize {
    usize::from(process.shape().word)
}

pub(super) fn int(process: &Process, address: u64) -> String {
    read(process, address, 4, |r| format!("[{}]", r.i32()))
}

pub(super) fn pipe(process: &Process, address: u64) -> String {
    read(process, address, 8, |r| {
        format!("[{}, {}]", r.i32(), r.i32())
    })
}

fn time(r: &mut Reader<'_>) -> String {
    match (r.signed_long(), r.signed_long()) {
        (_, libc::UTIME_NOW) => "UTIME_NOW".to_owned(),
        (_, libc::UTIME_OMIT) => "UTIME_OMIT".to_owned(),
        (seconds, rest) => {
            // As the kernel declares it.
            let rest = rest.cast_unsigned();
            format!("{{tv_sec={seconds}, tv_nsec={rest}}}")
        }
    }
}

/// A point in time, with its date.
fn dated(r: &mut Reader<'_>) -> String {
    match (r.signed_long(), r.signed_long()) {
        (_, libc::UTIME_NOW) => "UTIME_NOW".to_owned(),
        (_, libc::UTIME_OMIT) => "UTIME_OMIT".to_owned(),
        (seconds, rest) => {
            let date = date(seconds, rest);
            format!("{{tv_sec={seconds}, tv_nsec={rest}}} /* {date} */")
        }
    }
}

pub(super) fn timespec(process: &Process, address: u64) -> String {
    read(process, address, 2 * word(process), time)
}

pub(super) fn timespec_wide(process: &Process, address: u64) -> String {
    read_wide(process, address, 16, time)
}

pub(super) fn itimerspec_wide(process: &Process, address: u64) -> String {
    read_wide(process, address, 32, timer)
}

pub(super) fn itimerspec(process: &Process, address: u64) -> String {
    read(process, address, 4 * word(process), timer)
}

fn timer(r: &mut Reader<'_>) -> String {
    format!("{{it_interval={}, it_value={}}}", time(r), time(r))
}

pub(super) fn signal_event(process: &Process, address: u64) -> String {
    const NOTIFY: [&str; 3] = ["SIGEV_SIGNAL", "SIGEV_NONE", "SIGEV_THREAD"];
    const THREAD_ID: usize = 4;
    let size = word(process) + 12;
    read(process, address, size, |r| {
        let (value, signal, notify) = (r.long(), r.i32(), r.i32());
        let integer = match process.shape().order {
            portolan_machine::memory::Order::Big if word(process) == 8 => value >> 32,
            _ => value,
        };
        let value = format!(
            "{{sival_int={}, sival_ptr={}}}",
            integer as i32,
            pointer(value)
        );
        let name = process.personality.signal_name(signal);
        let (notify, thread) = match usize::try_from(notify) {
            Ok(THREAD_ID) => (
                "SIGEV_THREAD_ID".to_owned(),
                format!(", sigev_notify_thread_id={}", r.i32()),
            ),
            Ok(index) if index < NOTIFY.len() => (NOTIFY[index].to_owned(), String::new()),
            _ => (format!("{notify:#x}"), String::new()),
        };
        format!("{{sigev_value={value}, sigev_signo={name}, sigev_notify={notify}{thread}}}")
    })
}

pub(super) fn ipc_key(key: i32) -> String {
    match key {
        0 => "IPC_PRIVATE".to_owned(),
        key => format!("{key:#x}"),
    }
}

/// Flags of shmget and its like, with permissions in octal.
pub(super) fn ipc_flags(flags: u64) -> String {
    const PERMISSIONS: u64 = 0o777;
    let permissions = match flags & PERMISSIONS {
        0 => "000".to_owned(),
        bits => format!("0{bits:o}"),
    };
    match flags & !PERMISSIONS {
        0 => permissions,
        flags => format!("{}|{permissions}", spell(names::IPC_GET, flags)),
    }
}

/// A command of shmctl, semctl or msgctl.
pub(super) fn ipc_command(prefix: &str, command: i32) -> String {
    const IPC_64: i32 = 0x100;
    let own = match prefix {
        "SHM" => names::SHM_COMMAND,
        "SEM" => names::SEM_COMMAND,
        _ => names::MSG_COMMAND,
    };
    let number = (command & !IPC_64) as u64;
    let name = constants::name(names::IPC_COMMAND, number).or(constants::name(own, number));
    let version = if command & IPC_64 == 0 { "" } else { "IPC_64|" };
    match name {
        Some(name) => format!("{version}{name}"),
        None => format!("{command:#x}"),
    }
}

pub(super) fn semaphores(process: &Process, address: u64, count: u64) -> String {
    let shown = count.min(LISTED);
    read(process, address, shown as usize * 6, |r| {
        let list = (0..shown).map(|_| {
            let (number, operation) = (r.u16(), r.u16().cast_signed());
            let flags = spell(names::SEM_OPERATION, u64::from(r.u16()));
            format!("{{sem_num={number}, sem_op={operation}, sem_flg={flags}}}")
        });
        elements(list.collect(), count > shown)
    })
}

pub(super) fn queue(process: &Process, address: u64) -> String {
    let open = process.abi().constants.open;
    read(process, address, 4 * word(process), |r| {
        let choices = open.iter().filter(|flag| flag.value != 0).copied();
        let flags = spell(&choices.collect::<Vec<_>>(), r.long());
        let (most, size, now) = (r.signed_long(), r.signed_long(), r.signed_long());
        format!("{{mq_flags={flags}, mq_maxmsg={most}, mq_msgsize={size}, mq_curmsgs={now}}}")
    })
}

pub(super) fn timespec_pair(process: &Process, address: u64) -> String {
    read(process, address, 4 * word(process), |r| {
        format!("[{}, {}]", dated(r), dated(r))
    })
}

pub(super) fn timespec_wide_pair(process: &Process, address: u64) -> String {
    read_wide(process, address, 32, |r| {
        format!("[{}, {}]", dated(r), dated(r))
    })
}

pub(super) fn timeval(process: &Process, address: u64) -> String {
    read(process, address, 2 * word(process), |r| {
        format!(
            "{{tv_sec={}, tv_usec={}}}",
            r.signed_long(),
            r.signed_long()
        )
    })
}

pub(super) fn rlimit(process: &Process, address: u64) -> String {
    let amount = |value: u64| match value {
        u64::MAX => "RLIM64_INFINITY".to_owned(),
        value if value != 0 && value.is_multiple_of(1024) => format!("{}*1024", value / 1024),
        value => value.to_string(),
    };
    read(process, address, 16, |r| {
        format!(
            "{{rlim_cur={}, rlim_max={}}}",
            amount(r.u64()),
            amount(r.u64())
        )
    })
}

pub(super) fn status(process: &Process, address: u64) -> String {
    let name = |number: i32| process.personality.signal_name(number);
    read(process, address, 4, |r| {
        let status = r.i32();
        let text = if libc::WIFEXITED(status) {
            let code = libc::WEXITSTATUS(status);
            format!("WIFEXITED(s) && WEXITSTATUS(s) == {code}")
        } else if libc::WIFSTOPPED(status) {
            format!(
                "WIFSTOPPED(s) && WSTOPSIG(s) == {}",
                name(libc::WSTOPSIG(status))
            )
        } else if libc::WIFCONTINUED(status) {
            "WIFCONTINUED(s)".to_owned()
        } else {
            format!(
                "WIFSIGNALED(s) && WTERMSIG(s) == {}",
                name(libc::WTERMSIG(status))
            )
        };
        format!("[{{{text}}}]")
    })
}

pub(super) fn utsname(process: &Process, address: u64) -> String {
    const FIELD: usize = 65;
    read(process, address, 2 * FIELD, |r| {
        let mut field = || {
            let bytes = r.raw(FIELD);
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(FIELD);
            quote(&bytes[..end])
        };
        format!("{{sysname={}, nodename={}, ...}}", field(), field())
    })
}

pub(super) fn stat(process: &Process, address: u64) -> String {
    stat_as(process, address, &process.abi().layouts.stat)
}

/// `struct stat64`.
pub(super) fn stat64(process: &Process, address: u64) -> String {
    stat_as(process, address, &process.abi().layouts.stat64)
}

fn stat_as(process: &Process, address: u64, layout: &Layout) -> String {
    let user = process.user();
    let Ok(bytes) = user.structure(address, layout) else {
        return pointer(address);
    };
    let get = |name| layout.decode(user.shape, &bytes, name);
    let mode = get("st_mode");
    let kind = mode & 0o170000;
    let size = match kind {
        0o060000 | 0o020000 => {
            let device = get("st_rdev");
            format!("st_rdev={}", self::device(device))
        }
        _ => format!("st_size={}", get("st_size")),
    };
    let mode = super::dependent::file_mode(mode);
    format!("{{st_mode={mode}, {size}, ...}}")
}

/// A set of signals.
pub(super) fn set_text(process: &Process, set: Set) -> String {
    let all = process.personality.signals();
    let members = |set: Set| -> Vec<String> {
        let signals = (1..=all).filter(|signal| set & signals::only(*signal) != 0);
        let name = |signal| {
            process
                .personality
                .signal_name(signal)
                .replacen("SIG", "", 1)
        };
        signals.map(name).collect()
    };
    // Nearly full sets are shorter by what they lack.
    match set.count_ones() as i32 > all / 2 {
        true => format!("~[{}]", members(!set).join(" ")),
        false => format!("[{}]", members(set).join(" ")),
    }
}

fn set_at(process: &Process, address: u64) -> Option<Set> {
    let (user, size) = (process.user(), process.abi().signals.set_bytes);
    let bytes = user.bytes(address, usize::from(size)).ok()?;
    Some(signals::decode_set(user.shape, &bytes))
}

pub(super) fn signal_set(process: &Process, address: u64) -> String {
    match address {
        0 => pointer(0),
        _ => {
            set_at(process, address).map_or_else(|| pointer(address), |set| set_text(process, set))
        }
    }
}

/// A set of signals in one word.
pub(super) fn old_signal_set(process: &Process, address: u64) -> String {
    read(process, address, word(process), |r| {
        set_text(process, r.long().into())
    })
}

/// The `struct sigaction` of the older call.
pub(super) fn old_sigaction(process: &Process, address: u64) -> String {
    sigaction_as(process, address, &process.abi().layouts.old_sigaction)
}

pub(super) fn sigaction(process: &Process, address: u64) -> String {
    sigaction_as(process, address, &process.abi().layouts.sigaction)
}

fn sigaction_as(process: &Process, address: u64, layout: &Layout) -> String {
    let user = process.user();
    if address == 0 {
        return pointer(0);
    }
    let Ok(bytes) = user.structure(address, layout) else {
        return pointer(address);
    };
    let get = |name| layout.decode(user.shape, &bytes, name);
    let handler = match get("sa_handler") {
        DEFAULT => "SIG_DFL".to_owned(),
        IGNORE => "SIG_IGN".to_owned(),
        address => pointer(address),
    };
    let offset = layout
        .field("sa_mask")
        .map_or(0, |field| u64::from(field.offset));
    let mask = set_at(process, address.wrapping_add(offset)).unwrap_or(0);
    let flags = spell(process.abi().constants.signal_action, get("sa_flags"));
    let mask = set_text(process, mask);
    let restorer = match get("sa_restorer") {
        0 => String::new(),
        address => format!(", sa_restorer={}", pointer(address)),
    };
    format!("{{sa_handler={handler}, sa_mask={mask}, sa_flags={flags}{restorer}}}")
}

/// A scatter list, of whose buffers `total` bytes are in use.
pub(super) fn vectors(process: &Process, address: u64, count: u64, total: u64) -> String {
    let entry = 2 * word(process);
    let shown = count.min(LISTED);
    let mut rest = total;
    let list = process.user().get(address, shown as usize * entry, |r| {
        (0..shown).map(|_| (r.long(), r.long())).collect::<Vec<_>>()
    });
    let Ok(list) = list else {
        return pointer(address);
    };
    let out = list
        .into_iter()
        .map(|(base, length)| {
            let used = length.min(rest);
            rest -= used;
            let bytes = process.user().bytes(base, used.min(64) as usize);
            let text = match bytes {
                Ok(bytes) if base != 0 => quote(&bytes),
                _ => pointer(base),
            };
            format!("{{iov_base={text}, iov_len={length}}}")
        })
        .collect();
    elements(out, count > shown)
}

struct Polled {
    fd: i32,
    events: u64,
    happened: u64,
}

fn polled(process: &Process, address: u64, count: u64) -> Option<Vec<Polled>> {
    process
        .user()
        .get(address, count.min(LISTED) as usize * 8, |r| {
            let read = |_| Polled {
                fd: r.i32(),
                events: u64::from(r.u16()),
                happened: u64::from(r.u16()),
            };
            (0..count.min(LISTED)).map(read).collect()
        })
        .ok()
}

/// The descriptors of poll.
pub(super) fn poll_list(process: &Process, address: u64, count: u64) -> String {
    let Some(list) = polled(process, address, count) else {
        return pointer(address);
    };
    let entries = list.iter().map(|entry| match entry.fd {
        // The kernel ignores what events such an entry has.
        fd if fd < 0 => format!("{{fd={fd}}}"),
        fd => format!(
            "{{fd={fd}, events={}}}",
            spell(process.abi().constants.poll, entry.events)
        ),
    });
    let more = (count > LISTED).then(|| "...".to_owned());
    format!("[{}]", entries.chain(more).collect::<Vec<_>>().join(", "))
}

/// What happened to them.
pub(super) fn poll_results(process: &Process, address: u64, count: u64) -> Option<String> {
    let list = polled(process, address, count)?;
    let happened = list
        .iter()
        .filter(|entry| entry.happened != 0)
        .map(|entry| {
            let events = spell(process.abi().constants.poll, entry.happened);
            format!("{{fd={}, revents={events}}}", entry.fd)
        });
    Some(format!("[{}]", happened.collect::<Vec<_>>().join(", ")))
}

/// A device's number of 32 bits.
pub(super) fn device(number: u64) -> String {
    let (major, minor) = (number >> 8 & 0xfff, number & 0xff | number >> 12 & 0xf_ff00);
    format!("makedev({major:#x}, {minor:#x})")
}

/// `struct statx`, which is the same everywhere.
pub(super) fn statx(process: &Process, address: u64) -> String {
    read(process, address, 0x30, |r| {
        let (mask, _, attributes) = (r.u32(), r.u32(), r.u64());
        let (_, _, _) = (r.u32(), r.u32(), r.u32());
        let mode = u64::from(r.u16());
        r.u16();
        let (_, size) = (r.u64(), r.u64());
        let mask = spell(names::STATX_MASK, u64::from(mask));
        let mode = super::dependent::file_mode(mode);
        let attributes = match attributes {
            0 => "0".to_owned(),
            bits => format!("{bits:#x}"),
        };
        format!(
            "{{stx_mask={mask}, stx_attributes={attributes}, stx_mode={mode}, stx_size={size}, ...}}"
        )
    })
}

/// `struct statfs`.
pub(super) fn statfs(process: &Process, address: u64) -> String {
    statfs_as(process, address, &process.abi().layouts.statfs)
}

/// `struct statfs64`.
pub(super) fn statfs64(process: &Process, address: u64) -> String {
    statfs_as(process, address, &process.abi().layouts.statfs64)
}

fn statfs_as(process: &Process, address: u64, layout: &Layout) -> String {
    let user = process.user();
    let Ok(bytes) = user.structure(address, layout) else {
        return pointer(address);
    };
    let get = |name| layout.decode(user.shape, &bytes, name);
    let kind = get("f_type");
    let kind = crate::constants::name(names::FILE_SYSTEM, kind)
        .map_or_else(|| format!("{kind:#x}"), str::to_owned);
    let counts = [
        "f_bsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree",
    ];
    let counts: String = counts
        .iter()
        .map(|name| format!("{name}={}, ", get(name)))
        .collect();
    let id = |name| match get(name) {
        0 => "0".to_owned(),
        part => format!("{part:#x}"),
    };
    format!(
        "{{f_type={kind}, {counts}f_fsid={{val=[{}, {}]}}, f_namelen={}, f_frsize={}, f_flags={}}}",
        id("f_fsid"),
        id("f_fsid_high"),
        get("f_namelen"),
        get("f_frsize"),
        spell(names::MOUNT, get("f_flags")),
    )
}

/// Directory entries: their number.
pub(super) fn entries(process: &Process, address: u64, length: u64) -> String {
    /// Where the length of an entry is in `struct linux_dirent64`.
    const LENGTH: u64 = 16;
    let (mut at, mut count) = (0, 0);
    while at < length {
        let start = address.wrapping_add(at + LENGTH);
        let Ok(step @ 1..) = process.user().get(start, 2, |r| u64::from(r.u16())) else {
            break;
        };
        (at, count) = (at + step, count + 1);
    }
    let plural = if count == 1 { "y" } else { "ies" };
    format!("{} /* {count} entr{plural} */", pointer(address))
}

/// `struct itimerval`.
pub(super) fn interval(process: &Process, address: u64) -> String {
    read(process, address, 4 * word(process), |r| {
        let mut part = || {
            let (seconds, rest) = (r.signed_long(), r.signed_long());
            format!("{{tv_sec={seconds}, tv_usec={rest}}}")
        };
        format!("{{it_interval={}, it_value={}}}", part(), part())
    })
}

/// The descriptors in a set of select, of the first `count`.
pub(super) fn fd_set(process: &Process, address: u64, count: u64) -> String {
    let bits = u64::from(process.shape().word) * 8;
    let words = count.min(1024).div_ceil(bits);
    read(process, address, (words * bits / 8) as usize, |r| {
        let words: Vec<u64> = (0..words).map(|_| r.long()).collect();
        let set = |fd: &u64| words[(fd / bits) as usize] >> (fd % bits) & 1 != 0;
        let members: Vec<_> = (0..count.min(1024))
            .filter(set)
            .map(|fd| fd.to_string())
            .collect();
        format!("[{}]", members.join(" "))
    })
}

/// The mask of pselect6, which comes with its size.
pub(super) fn sized_mask(process: &Process, address: u64) -> String {
    let parts = process
        .user()
        .get(address, 2 * word(process), |r| (r.long(), r.long()));
    match parts {
        Ok((set, size)) if address != 0 => {
            format!(
                "{{sigmask={}, sigsetsize={size}}}",
                signal_set(process, set)
            )
        }
        _ => pointer(address),
    }
}

/// `struct epoll_event`.
pub(super) fn epoll_event(process: &Process, address: u64) -> String {
    let (layout, user) = (&process.abi().layouts.epoll_event, process.user());
    if address == 0 {
        return pointer(0);
    }
    let Ok(bytes) = user.structure(address, layout) else {
        return pointer(address);
    };
    let get = |name| layout.decode(user.shape, &bytes, name);
    let (events, data) = (spell(names::EPOLL_EVENTS, get("events")), get("data"));
    format!(
        "{{events={events}, data={{u32={}, u64={data}}}}}",
        data as u32
    )
}

/// The events that epoll has told.
pub(super) fn epoll_events(process: &Process, address: u64, count: u64) -> String {
    let size = u64::from(process.abi().layouts.epoll_event.size);
    let at = |index: u64| epoll_event(process, address.wrapping_add(index * size));
    let more = (count > LISTED).then(|| "...".to_owned());
    let list: Vec<_> = (0..count.min(LISTED)).map(at).chain(more).collect();
    format!("[{}]", list.join(", "))
}

/// `siginfo_t`.
pub(super) fn siginfo(process: &Process, address: u64) -> String {
    let words = word(process);
    read(process, address, 12 + words + 12 + 3 * words, |r| {
        let (number, second, third) = (r.i32(), r.i32(), r.i32());
        let code = match process.abi().signals.code_first {
            true => second,
            false => third,
        };
        let code = process.personality.code_to_host(code);
        let name = process.personality.signal_name(number);
        let named = super::codes::name(&name, code);
        if words == 8 {
            r.u32();
        }
        let more = match (name.as_str(), code) {
            (_, 0x80) => String::new(),
            ("SIGCHLD", 1..) => {
                let (pid, uid, status) = (r.i32(), r.u32(), r.i32());
                let status = match code {
                    libc::CLD_EXITED => status.to_string(),
                    _ => process.personality.signal_name(status),
                };
                format!(", si_pid={pid}, si_uid={uid}, si_status={status}")
                    + &format!(
                        ", si_utime={}, si_stime={}",
                        r.signed_long(),
                        r.signed_long()
                    )
            }
            (_, 1..) => format!(", si_addr={}", pointer(r.long())),
            (_, 0 | libc::SI_TKILL) => format!(", si_pid={}, si_uid={}", r.i32(), r.u32()),
            _ => {
                let (pid, uid, value) = (r.i32(), r.u32(), r.long());
                let int = value as i32;
                format!(
                    ", si_pid={pid}, si_uid={uid}, si_int={int}, si_ptr={}",
                    pointer(value)
                )
            }
        };
        match number {
            0 => "{}".to_owned(),
            _ => format!("{{si_signo={name}, si_code={named}{more}}}"),
        }
    })
}

/// `stack_t`.
pub(super) fn stack(process: &Process, address: u64) -> String {
    let layout = &process.abi().layouts.stack;
    match AlternateStack::read(&process.user(), layout, address) {
        Ok(stack) => format!(
            "{{ss_sp={}, ss_flags={}, ss_size={}}}",
            pointer(stack.start),
            spell(names::STACK, u64::from(stack.flags)),
            stack.size
        ),
        Err(_) => pointer(address),
    }
}

/// `struct rusage`.
pub(super) fn usage(process: &Process, address: u64) -> String {
    read(process, address, 4 * word(process), |r| {
        let mut part = || {
            let (seconds, rest) = (r.signed_long(), r.signed_long());
            format!("{{tv_sec={seconds}, tv_usec={rest}}}")
        };
        format!("{{ru_utime={}, ru_stime={}, ...}}", part(), part())
    })
}

/// `struct tms`.
pub(super) fn times(process: &Process, address: u64) -> String {
    read(process, address, 4 * word(process), |r| {
        let names = ["tms_utime", "tms_stime", "tms_cutime", "tms_cstime"];
        let parts = names.map(|name| format!("{name}={}", r.signed_long()));
        format!("{{{}}}", parts.join(", "))
    })
}

/// `struct winsize`.
pub(super) fn window_size(process: &Process, address: u64) -> String {
    read(process, address, 8, |r| {
        let names = ["ws_row", "ws_col", "ws_xpixel", "ws_ypixel"];
        let parts = names.map(|name| format!("{name}={}", r.u16()));
        format!("{{{}}}", parts.join(", "))
    })
}

/// `struct termios`, without its control characters.
pub(super) fn termios(process: &Process, address: u64) -> String {
    let (layout, user) = (&process.abi().layouts.termios, process.user());
    let Ok(bytes) = user.structure(address, layout) else {
        return pointer(address);
    };
    let constants = &process.abi().constants;
    let sets = [
        ("c_iflag", constants.terminal_input),
        ("c_oflag", constants.terminal_output),
        ("c_cflag", constants.terminal_control),
        ("c_lflag", constants.terminal_local),
    ];
    let parts = sets.map(|(name, set)| {
        format!(
            "{name}={}",
            spell(set, layout.decode(user.shape, &bytes, name))
        )
    });
    format!("{{{}, ...}}", parts.join(", "))
}

/// `struct flock`; with the owner that F_GETLK tells.
pub(super) fn flock(process: &Process, address: u64, owner: bool) -> String {
    let (layout, user) = (&process.abi().layouts.flock, process.user());
    let Ok(bytes) = user.structure(address, layout) else {
        return pointer(address);
    };
    let get = |name| layout.decode(user.shape, &bytes, name);
    let text = |set, name| spell(set, get(name));
    let owner = match owner {
        true => format!(", l_pid={}", get("l_pid") as i32),
        false => String::new(),
    };
    format!(
        "{{l_type={}, l_whence={}, l_start={}, l_len={}{owner}}}",
        text(names::LOCK_KIND, "l_type"),
        text(names::WHENCE, "l_whence"),
        get("l_start").cast_signed(),
        get("l_len").cast_signed(),
    )
}

/// The day and time of a point in time, as strace notes it.
fn date(seconds: i64, nanoseconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years that begin with March have their leap day last; 146097 days are 400 of them.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let fraction = match nanoseconds {
        0 => String::new(),
        nanoseconds => format!(".{nanoseconds:09}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_have_dates() {
        assert_eq!(date(1_000_000_000, 5), "2001-09-09T01:46:40.000000005+0000");
        assert_eq!(date(951_782_400, 0), "2000-02-29T00:00:00+0000");
        assert_eq!(date(-1, 0), "1969-12-31T23:59:59+0000");
    }
}
