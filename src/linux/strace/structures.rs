//! How structures are written: the fields that matter, as strace does without `-v`.

use super::format::{pointer, quote};
use crate::constants::{self, spell};
use crate::layout::Reader;
use crate::process::Process;
use crate::signals::{DEFAULT, IGNORE};
use crate::syscalls::names;
use crate::user::User;

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
        (seconds, rest) => format!("{{tv_sec={seconds}, tv_nsec={rest}}}"),
    }
}

pub(super) fn timespec(process: &Process, address: u64) -> String {
    read(process, address, 2 * word(process), time)
}

pub(super) fn itimerspec(process: &Process, address: u64) -> String {
    read(process, address, 4 * word(process), |r| {
        format!("{{it_interval={}, it_value={}}}", time(r), time(r))
    })
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
    let permissions = format!("{:03o}", flags & PERMISSIONS);
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
        format!("[{}, {}]", time(r), time(r))
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
    let layout = &process.abi().layouts.stat;
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
            let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & !0xff);
            format!("st_rdev=makedev({major:#x}, {minor:#x})")
        }
        _ => format!("st_size={}", get("st_size")),
    };
    let kind = spell(names::FILE_TYPE, kind);
    format!("{{st_mode={kind}|0{:o}, {size}, ...}}", mode & 0o7777)
}

fn set_text(process: &Process, set: u64) -> String {
    let members = |set: u64| -> Vec<String> {
        let signals = (1..=64).filter(|signal| set >> (signal - 1) & 1 != 0);
        let name = |signal| {
            process
                .personality
                .signal_name(signal)
                .replacen("SIG", "", 1)
        };
        signals.map(name).collect()
    };
    // Nearly full sets are shorter by what they lack.
    match set.count_ones() {
        33.. => format!("~[{}]", members(!set).join(" ")),
        _ => format!("[{}]", members(set).join(" ")),
    }
}

fn set_at(user: &User<'_>, address: u64) -> Option<u64> {
    let read = |r: &mut Reader<'_>| match user.shape.word {
        4 => r.long() | r.long() << 32,
        _ => r.long(),
    };
    user.get(address, 8, read).ok()
}

pub(super) fn signal_set(process: &Process, address: u64) -> String {
    match address {
        0 => pointer(0),
        _ => set_at(&process.user(), address)
            .map_or_else(|| pointer(address), |set| set_text(process, set)),
    }
}

pub(super) fn sigaction(process: &Process, address: u64) -> String {
    let (layout, user) = (&process.abi().layouts.sigaction, process.user());
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
    let mask = set_at(&user, address.wrapping_add(offset)).unwrap_or(0);
    let flags = spell(process.abi().constants.signal_action, get("sa_flags"));
    let mask = set_text(process, mask);
    format!("{{sa_handler={handler}, sa_mask={mask}, sa_flags={flags}}}")
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
            let text = bytes.map_or_else(|_| pointer(base), |bytes| quote(&bytes));
            format!("{{iov_base={text}, iov_len={length}}}")
        })
        .collect();
    elements(out, count > shown)
}

/// The descriptors of poll; after the call with what happened to them.
pub(super) fn poll_list(process: &Process, address: u64, count: u64, happened: bool) -> String {
    let names = process.abi().constants.poll;
    let shown = count.min(LISTED);
    let list = process.user().get(address, shown as usize * 8, |r| {
        (0..shown)
            .map(|_| {
                let (fd, events, revents) = (r.i32(), u64::from(r.u16()), u64::from(r.u16()));
                let events = spell(names, events);
                match (happened, revents) {
                    (true, 1..) => {
                        let revents = spell(names, revents);
                        format!("{{fd={fd}, events={events}, revents={revents}}}")
                    }
                    _ => format!("{{fd={fd}, events={events}}}"),
                }
            })
            .collect::<Vec<_>>()
    });
    list.map_or_else(
        |_| pointer(address),
        |list| format!("[{}]", list.join(", ")),
    )
}
