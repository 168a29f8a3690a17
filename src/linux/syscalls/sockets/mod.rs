//! Sockets: making, naming and connecting them, sending and receiving.

pub(crate) mod address;
pub(crate) mod control;
mod interfaces;
pub(crate) mod message;
pub(crate) mod names;
mod netlink;
pub(crate) mod options;
pub(crate) mod order;

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::host::message::Room;
use crate::scheduler::Wait;
use address::Use;
use order::HOST;

pub use interfaces::interface_request;
#[cfg(test)]
pub use interfaces::is_interface_request;
pub use message::{recvmmsg, recvmmsg64, recvmsg, sendmmsg, sendmsg};
pub use options::{getsockopt, setsockopt};

/// The type of a socket and the flags beside it, for the host.
fn kind(context: &Context<'_>, bits: u64) -> Result<i32, Errno> {
    const TYPE: u64 = 0xf;
    let flags = flags(context, bits & !TYPE)?;
    let kind = context
        .personality()
        .socket_types
        .flags_to_host(bits & TYPE);
    Ok(kind as i32 | flags)
}

/// `SOCK_CLOEXEC` and `SOCK_NONBLOCK` for the host; nothing else.
fn flags(context: &Context<'_>, bits: u64) -> Result<i32, Errno> {
    let names = context.personality().abi.constants.socket_types;
    let known = ["SOCK_CLOEXEC", "SOCK_NONBLOCK"]
        .into_iter()
        .filter_map(|name| crate::constants::value(names, name))
        .fold(0, |all, flag| all | flag);
    if bits & !known != 0 {
        return Err(Errno::EINVAL);
    }
    Ok(context.personality().socket_types.flags_to_host(bits) as i32)
}

/// What goes through a netlink socket is made of numbers in the host's byte order, at places that
/// only its protocol knows: guests of the other order have a kernel without most of them.
fn offered(context: &Context<'_>, family: i32, protocol: i32) -> Result<(), Errno> {
    let foreign = family == libc::AF_NETLINK && context.user().shape.order != HOST.order;
    match foreign && !netlink::is_offered(protocol) {
        true => Err(Errno::EPROTONOSUPPORT),
        false => Ok(()),
    }
}

/// socket(family, type, protocol)
pub fn socket(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let kind = kind(context, a.word(1))?;
    offered(context, a.int(0), a.int(2))?;
    calls::socket(a.int(0), kind, a.int(2)).now()
}

/// socketpair(family, type, protocol, pair)
pub fn socketpair(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let kind = kind(context, a.word(1))?;
    offered(context, a.int(0), a.int(2))?;
    let mut pair = [0; 2];
    calls::socketpair(a.int(0), kind, a.int(2), &mut pair).now()?;
    let user = context.user();
    let stored = user.put(a.word(3), user.writer().i32(pair[0]).i32(pair[1]));
    if let Err(errno) = stored {
        for fd in pair {
            calls::close(fd).now()?;
        }
        return Err(errno);
    }
    Ok(0)
}

/// Says whether a descriptor is open and a socket.
fn check_socket(fd: i32) -> Result<(), Errno> {
    let mut kind = Room::new(4);
    calls::getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE, &mut kind).now()?;
    Ok(())
}

/// The kernel looks at the descriptor before it looks at memory: if it is not a socket, that is
/// the error.
fn socket_first<T>(fd: i32, result: Result<T, Errno>) -> Result<T, Errno> {
    if result.is_err() {
        check_socket(fd)?;
    }
    result
}

/// bind(fd, name, length)
pub fn bind(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let name = address::read(context, a.word(1), a.word(2), Use::Bind);
    let name = socket_first(a.int(0), name)?;
    calls::bind(a.int(0), &name.bytes).now()
}

/// listen(fd, backlog)
pub fn listen(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::listen(a.int(0), a.int(1)).now()
}

/// connect(fd, name, length)
pub fn connect(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let name = address::read(context, a.word(1), a.word(2), Use::Reach);
    let name = socket_first(a.int(0), name)?;
    context.block(
        Wait::Writable(a.int(0)),
        &calls::connect(a.int(0), &name.bytes),
    )
}

/// accept(fd, name, length)
pub fn accept(context: &mut Context<'_>, a: &Arguments) -> Reply {
    take_connection(context, a, 0)
}

/// accept4(fd, name, length, flags)
pub fn accept4(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let flags = flags(context, a.word(3))?;
    take_connection(context, a, flags)
}

fn take_connection(context: &mut Context<'_>, a: &Arguments, flags: i32) -> Reply {
    let mut name = (a.word(1) != 0).then(|| Room::new(address::LONGEST));
    let fd = context.block(
        Wait::Readable(a.int(0)),
        &calls::accept4(a.int(0), name.as_mut(), flags),
    )?;
    if let Some(name) = name
        && let Err(errno) = address::put(context, &name, a.word(1), a.word(2))
    {
        calls::close(fd as i32).now()?;
        return Err(errno);
    }
    Ok(fd)
}

/// getsockname(fd, name, length)
pub fn getsockname(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut name = Room::new(address::LONGEST);
    calls::getsockname(a.int(0), &mut name).now()?;
    address::put(context, &name, a.word(1), a.word(2))?;
    Ok(0)
}

/// getpeername(fd, name, length)
pub fn getpeername(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut name = Room::new(address::LONGEST);
    calls::getpeername(a.int(0), &mut name).now()?;
    address::put(context, &name, a.word(1), a.word(2))?;
    Ok(0)
}

/// sendto(fd, buffer, length, flags, name, name_length)
pub fn sendto(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let fd = a.int(0);
    let buffer = socket_first(fd, context.user().input(a.word(1), a.word(2)))?;
    // A datagram is sent whole or not at all.
    const MOST: usize = 0x7fff_f000;
    if buffer.len() < a.size(2).min(MOST) {
        return Err(Errno::EFAULT);
    }
    let name = match a.word(4) {
        0 => None,
        address => {
            let name = address::read(context, address, a.word(5), Use::Reach);
            Some(socket_first(fd, name)?)
        }
    };
    let name = name.as_ref().map(|name| name.bytes.as_slice());
    if netlink::is_foreign(context, fd) {
        if buffer.len() as u64 > netlink::LONGEST {
            return Err(Errno::EMSGSIZE);
        }
        let mut bytes = context.user().bytes(a.word(1), buffer.len())?;
        netlink::to_host(context, &mut bytes);
        let call = calls::sendto_own(fd, &bytes, a.int(3), name);
        return context.block(Wait::Writable(fd), &call);
    }
    context.block(
        Wait::Writable(fd),
        &calls::sendto(fd, buffer, a.int(3), name),
    )
}

/// send(fd, buffer, length, flags)
pub fn send(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let [fd, buffer, length, flags, ..] = a.0;
    sendto(context, &Arguments([fd, buffer, length, flags, 0, 0]))
}

/// recvfrom(fd, buffer, length, flags, name, name_length)
pub fn recvfrom(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let fd = a.int(0);
    let buffer = socket_first(fd, context.user().output(a.word(1), a.word(2)))?;
    let foreign = netlink::is_foreign(context, fd);
    let mut name = (a.word(4) != 0).then(|| Room::new(address::LONGEST));
    let received = context.block(
        Wait::Readable(fd),
        &calls::recvfrom(fd, buffer, a.int(3), name.as_mut()),
    )?;
    if foreign {
        receive_netlink(context, &[(a.word(1), received.min(a.word(2)))])?;
    }
    if let Some(name) = name {
        address::put(context, &name, a.word(4), a.word(5))?;
    }
    Ok(received)
}

/// Rewrites netlink messages that were received into these places.
fn receive_netlink(context: &Context<'_>, places: &[(u64, u64)]) -> Result<(), Errno> {
    let mut bytes = context.user().gather(places)?;
    netlink::to_guest(context, &mut bytes);
    context.user().scatter(places, &bytes)
}

/// recv(fd, buffer, length, flags)
pub fn recv(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let [fd, buffer, length, flags, ..] = a.0;
    recvfrom(context, &Arguments([fd, buffer, length, flags, 0, 0]))
}

/// shutdown(fd, how)
pub fn shutdown(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::shutdown(a.int(0), a.int(1)).now()
}

/// Whether a socket has a timeout for receiving or sending, which makes a signal end the wait for
/// good: signal(7).
pub(super) fn has_timeout(fd: i32, option: i32) -> bool {
    let mut time = Room::new(size_of::<libc::timeval>());
    let asked = calls::getsockopt(fd, libc::SOL_SOCKET, option, &mut time).now();
    asked.is_ok() && time.filled().iter().any(|byte| *byte != 0)
}
