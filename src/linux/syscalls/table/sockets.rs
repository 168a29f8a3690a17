//! Sockets.

use crate::syscalls::Kind::{
    Address, Choice, Fd, Flags, Input, Int, Message, MessageOut, Messages, Output, PipeOut,
    Protocol, Size, SocketAddress, SocketAddressOut, SocketLevel, SocketOption, SocketType,
    SocketValue, SocketValueOut, Timespec, TimespecWide, Unsigned, ValueLength,
};
use crate::syscalls::sockets::names::{FAMILY, MESSAGE, SHUTDOWN};
use crate::syscalls::{Call, Kind, call, multiplex, sockets};

const SOCKET_FAMILY: Kind = Choice(FAMILY);
const MESSAGE_FLAGS: Kind = Flags(MESSAGE);

pub(super) const CALLS: &[Call] = &[
    call(
        "socket",
        sockets::socket,
        &[SOCKET_FAMILY, SocketType, Protocol],
    ),
    call(
        "socketpair",
        sockets::socketpair,
        &[SOCKET_FAMILY, SocketType, Protocol, PipeOut],
    ),
    call("bind", sockets::bind, &[Fd, SocketAddress, Int]),
    call("listen", sockets::listen, &[Fd, Int]),
    call(
        "accept",
        sockets::accept,
        &[Fd, SocketAddressOut, ValueLength],
    ),
    call(
        "accept4",
        sockets::accept4,
        &[Fd, SocketAddressOut, ValueLength, SocketType],
    ),
    call("connect", sockets::connect, &[Fd, SocketAddress, Int]),
    call(
        "getsockname",
        sockets::getsockname,
        &[Fd, SocketAddressOut, ValueLength],
    ),
    call(
        "getpeername",
        sockets::getpeername,
        &[Fd, SocketAddressOut, ValueLength],
    ),
    call("send", sockets::send, &[Fd, Input, Size, MESSAGE_FLAGS]),
    call(
        "sendto",
        sockets::sendto,
        &[Fd, Input, Size, MESSAGE_FLAGS, SocketAddress, Int],
    ),
    call("recv", sockets::recv, &[Fd, Output, Size, MESSAGE_FLAGS]),
    call(
        "recvfrom",
        sockets::recvfrom,
        &[
            Fd,
            Output,
            Size,
            MESSAGE_FLAGS,
            SocketAddressOut,
            ValueLength,
        ],
    ),
    call("sendmsg", sockets::sendmsg, &[Fd, Message, MESSAGE_FLAGS]),
    call(
        "recvmsg",
        sockets::recvmsg,
        &[Fd, MessageOut, MESSAGE_FLAGS],
    ),
    call(
        "sendmmsg",
        sockets::sendmmsg,
        &[Fd, Messages, Unsigned, MESSAGE_FLAGS],
    ),
    call(
        "recvmmsg",
        sockets::recvmmsg,
        &[Fd, Messages, Unsigned, MESSAGE_FLAGS, Timespec],
    ),
    call(
        "recvmmsg_time64",
        sockets::recvmmsg64,
        &[Fd, Messages, Unsigned, MESSAGE_FLAGS, TimespecWide],
    ),
    call(
        "setsockopt",
        sockets::setsockopt,
        &[Fd, SocketLevel, SocketOption, SocketValue, Int],
    ),
    call(
        "getsockopt",
        sockets::getsockopt,
        &[Fd, SocketLevel, SocketOption, SocketValueOut, ValueLength],
    ),
    call("shutdown", sockets::shutdown, &[Fd, Choice(SHUTDOWN)]),
    Call {
        member: Some(multiplex::socketcall_member),
        ..call("socketcall", multiplex::socketcall, &[Int, Address])
    },
];
