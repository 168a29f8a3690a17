//! Calls behind one number: socketcall, which old instruction sets have.

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
