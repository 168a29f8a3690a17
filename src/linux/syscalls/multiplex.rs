//! Calls behind one number, which old instruction sets have: socketcall, and the one by which every
//! other can be made.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;

/// A call in disguise: its name and its arguments as registers would hold them.
pub type Member = (&'static str, [u64; Arguments::RAW]);

/// Finds the call that another one stands for.
pub type Find = fn(&Context<'_>, &Arguments) -> Result<Member, Errno>;

/// The calls of socketcall, `SYS_SOCKET` and so on, with the number of their arguments.
const SOCKETS: [(&str, usize); 20] = [
    ("socket", 3),
    ("bind", 3),
    ("connect", 3),
    ("listen", 2),
    ("accept", 3),
    ("getsockname", 3),
    ("getpeername", 3),
    ("socketpair", 4),
    ("send", 4),
    ("recv", 4),
    ("sendto", 6),
    ("recvfrom", 6),
    ("shutdown", 2),
    ("setsockopt", 5),
    ("getsockopt", 5),
    ("sendmsg", 3),
    ("recvmsg", 3),
    ("accept4", 4),
    ("recvmmsg", 5),
    ("sendmmsg", 4),
];

/// The call that a socketcall(call, arguments) stands for.
pub fn socketcall_member(context: &Context<'_>, a: &Arguments) -> Result<Member, Errno> {
    let index = (a.unsigned(0) as usize).checked_sub(1);
    let (name, count) = index
        .and_then(|index| SOCKETS.get(index))
        .ok_or(Errno::EINVAL)?;
    let word = usize::from(context.user().shape.word);
    let raw = context.user().get(a.word(1), count * word, |r| {
        let mut raw = [0; Arguments::RAW];
        raw[..*count].fill_with(|| r.long());
        raw
    })?;
    Ok((name, raw))
}

/// socketcall(call, arguments), when it stands for no call.
pub fn socketcall(context: &mut Context<'_>, a: &Arguments) -> Reply {
    socketcall_member(context, a).and(Err(Errno::ENOSYS))
}

/// The call that a syscall(number, ...) stands for.
pub fn indirect_member(context: &Context<'_>, _: &Arguments) -> Result<Member, Errno> {
    let [number, rest @ ..] = context.thread.raw_arguments();
    let personality = context.personality();
    let number = match context.user().shape.word {
        4 => u64::from(number as u32),
        _ => number,
    };
    let name = personality.call(number).map(|numbered| numbered.name);
    let name = name.filter(|name| *name != INDIRECT).ok_or(Errno::ENOSYS)?;
    let mut raw = [0; Arguments::RAW];
    raw[..rest.len()].copy_from_slice(&rest);
    Ok((name, raw))
}

/// The name of the call that can be every other one, but not itself.
pub const INDIRECT: &str = "syscall";

/// syscall(number, ...), when it stands for no call.
pub fn indirect(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let pc = context.thread.core().pc();
    context.process.note_missing(a.word(0), pc);
    Err(Errno::ENOSYS)
}
