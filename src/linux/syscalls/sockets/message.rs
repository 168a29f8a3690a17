//! sendmsg, recvmsg, and many of them at once.

use super::address::{self, Use};
use super::{check_socket, control, netlink, receive_netlink, socket_first};
use crate::errno::Errno;
use crate::host::message::{Message, Room};
use crate::host::{Plain, Vectors, calls};
use crate::scheduler::Wait;
use crate::syscalls::time::{self, Width};
use crate::syscalls::transfer::filled;
use crate::syscalls::{Arguments, Context, Reply, random};
use libc::timespec;
use portolan_machine::memory::Intent;

/// `UIO_MAXIOV`: buffers of a message, and messages of sendmmsg.
const MOST: u64 = 1024;
/// More control bytes than any kernel is set to take.
const MOST_CONTROL: u64 = 1 << 20;

/// A guest's `struct msghdr`.
pub(crate) struct Header {
    pub(crate) name: u64,
    pub(crate) name_length: i32,
    pub(crate) vectors: u64,
    pub(crate) count: u64,
    pub(crate) control: u64,
    pub(crate) control_length: u64,
    pub(crate) flags: u32,
}

/// The fields of `struct msghdr`, each in a word of its own.
const NAME_LENGTH: u64 = 1;
const CONTROL_LENGTH: u64 = 5;
const FLAGS: u64 = 6;
/// Words of `struct msghdr`; behind it in `struct mmsghdr` follows the length.
pub(crate) const WORDS: u64 = 7;

impl Header {
    pub(crate) fn read(user: &crate::user::User<'_>, address: u64) -> Result<Header, Errno> {
        let word = usize::from(user.shape.word);
        user.get(address, WORDS as usize * word, |r| Header {
            name: r.long(),
            name_length: r.i32(),
            vectors: r.long(),
            count: r.long(),
            control: r.long(),
            control_length: r.long(),
            flags: r.u32(),
        })
    }

    /// The contents, and their length as the guest gave it.
    fn contents<'a>(&self, context: &Context<'a>, intent: Intent) -> Result<Vectors<'a>, Errno> {
        if self.count > MOST {
            return Err(Errno::EMSGSIZE);
        }
        context.user().vectors(self.vectors, self.count, intent)
    }

    fn checked_name_length(&self) -> Result<usize, Errno> {
        let length = usize::try_from(self.name_length).map_err(|_| Errno::EINVAL)?;
        Ok(length.min(address::LONGEST))
    }
}

/// sendmsg(fd, message, flags)
pub fn sendmsg(context: &mut Context<'_>, a: &Arguments) -> Reply {
    send(context, a.int(0), a.word(1), a.int(2))
}

fn send(context: &Context<'_>, fd: i32, address: u64, flags: i32) -> Reply {
    let header = socket_first(fd, Header::read(&context.user(), address))?;
    let length = header.checked_name_length()?;
    let mut name = match (header.name, length) {
        (0, _) | (_, 0) => None,
        (address, length) => Some(address::read(context, address, length as u64, Use::Reach)?),
    };
    let contents = header.contents(context, Intent::Read)?;
    let mut control = match header.control_length {
        0 => Vec::new(),
        MOST_CONTROL.. => return Err(Errno::ENOBUFS),
        length => {
            let bytes = context.user().bytes(header.control, length as usize)?;
            control::to_host(context, &bytes)?
        }
    };
    if netlink::is_foreign(context, fd) {
        let parts = random::parts(context, header.vectors, header.count)?;
        let total = parts.iter().map(|(_, length)| *length);
        if total.fold(0, u64::saturating_add) > netlink::LONGEST {
            return Err(Errno::EMSGSIZE);
        }
        let mut bytes = context.user().gather(&parts)?;
        netlink::to_host(context, &mut bytes);
        let name = name.as_ref().map(|name| name.bytes.as_slice());
        let call = calls::sendto_own(fd, &bytes, flags, name);
        return context.block(Wait::Writable(fd), &call);
    }
    let name = name.as_mut().map(|name| name.bytes.as_mut_slice());
    let mut message = Message::new(name, &contents, &mut control);
    context.block(Wait::Writable(fd), &calls::sendmsg(fd, &mut message, flags))
}

/// recvmsg(fd, message, flags)
pub fn recvmsg(context: &mut Context<'_>, a: &Arguments) -> Reply {
    receive(context, a.int(0), a.word(1), a.int(2)).map(|(length, _)| length)
}

/// Receives a message; the result is its length and flags.
fn receive(context: &Context<'_>, fd: i32, address: u64, flags: i32) -> Result<(u64, i32), Errno> {
    let user = context.user();
    let header = socket_first(fd, Header::read(&user, address))?;
    header.checked_name_length()?;
    let contents = header.contents(context, Intent::Write)?;
    let foreign = netlink::is_foreign(context, fd);
    let room = header.control_length.min(MOST_CONTROL) as usize;
    let mut control = vec![0; control::room(context, room)];
    let mut name = vec![0; address::LONGEST];
    let (length, name_length, control_length, mut flags) = {
        let name = (header.name != 0).then_some(name.as_mut_slice());
        let mut message = Message::new(name, &contents, &mut control);
        let call = calls::recvmsg(fd, &mut message, flags);
        let length = context.block(Wait::Readable(fd), &call)?;
        (
            length,
            message.name_length(),
            message.control_length(),
            message.flags(),
        )
    };

    if foreign {
        let parts = random::parts(context, header.vectors, header.count)?;
        receive_netlink(context, &filled(parts, length))?;
    }
    let word = u64::from(user.shape.word);
    let field = |index: u64| address.wrapping_add(index * word);
    let received = control::to_guest(context, &control[..control_length], room)?;
    if header.name != 0 {
        name.truncate(name_length);
        address::put(context, &Room::with(name), header.name, field(NAME_LENGTH))?;
    }
    if received.truncated {
        flags |= libc::MSG_CTRUNC;
    }
    if !received.bytes.is_empty() {
        user.write(header.control, &received.bytes)?;
    }
    user.write_u32(field(FLAGS), flags.cast_unsigned())?;
    user.write_long(field(CONTROL_LENGTH), received.bytes.len() as u64)?;
    Ok((length, flags))
}

/// The places of a message of `struct mmsghdr` and of its length.
fn entry(context: &Context<'_>, list: u64, index: u64) -> (u64, u64) {
    let word = u64::from(context.user().shape.word);
    let size = (WORDS + 1) * word;
    let start = list.wrapping_add(index * size);
    (start, start.wrapping_add(WORDS * word))
}

/// sendmmsg(fd, messages, count, flags)
pub fn sendmmsg(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let fd = a.int(0);
    check_socket(fd)?;
    let mut sent = 0;
    while sent < u64::from(a.unsigned(2)).min(MOST) {
        let (message, length_address) = entry(context, a.word(1), sent);
        let stored = send(context, fd, message, a.int(3))
            .and_then(|length| context.user().write_u32(length_address, length as u32));
        match stored {
            Ok(()) => sent += 1,
            Err(errno) if sent == 0 => return Err(errno),
            Err(_) => break,
        }
    }
    Ok(sent)
}

/// recvmmsg(fd, messages, count, flags, timeout)
pub fn recvmmsg(context: &mut Context<'_>, a: &Arguments) -> Reply {
    receive_many(context, a, Width::Word)
}

/// recvmmsg_time64(fd, messages, count, flags, timeout)
pub fn recvmmsg64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    receive_many(context, a, Width::Wide)
}

fn receive_many(context: &mut Context<'_>, a: &Arguments, width: Width) -> Reply {
    let (fd, timeout) = (a.int(0), a.word(4));
    let deadline = match time::read_optional(context, timeout, width)? {
        None => None,
        Some(time) if time.tv_sec < 0 || !(0..1_000_000_000).contains(&time.tv_nsec) => {
            return Err(Errno::EINVAL);
        }
        Some(time) => Some(nanoseconds(&time).saturating_add(nanoseconds(&now()?))),
    };
    check_socket(fd)?;
    let mut flags = a.int(3);
    let wait_for_one = flags & libc::MSG_WAITFORONE != 0;
    flags &= !libc::MSG_WAITFORONE;
    let mut count = 0;
    while count < u64::from(a.unsigned(2)) {
        let (message, length_address) = entry(context, a.word(1), count);
        let received = receive(context, fd, message, flags).and_then(|(length, told)| {
            context
                .user()
                .write_u32(length_address, length as u32)
                .map(|()| told)
        });
        match received {
            Ok(told) => {
                count += 1;
                if told & libc::MSG_OOB != 0 {
                    break;
                }
            }
            Err(errno) if count == 0 => return Err(errno),
            Err(_) => break,
        }
        if wait_for_one {
            flags |= libc::MSG_DONTWAIT;
        }
        // As in the kernel, time is only looked at between messages.
        if let Some(deadline) = deadline
            && left(deadline)? == 0
        {
            break;
        }
    }
    if let Some(deadline) = deadline
        && count > 0
    {
        let left = left(deadline)?;
        let left = timespec {
            tv_sec: (left / 1_000_000_000) as i64,
            tv_nsec: (left % 1_000_000_000) as i64,
        };
        time::write(context, timeout, &left, width)?;
    }
    Ok(count)
}

fn now() -> Result<timespec, Errno> {
    let mut time = timespec::zeroed();
    calls::clock_gettime(libc::CLOCK_MONOTONIC, &mut time).now()?;
    Ok(time)
}

fn nanoseconds(time: &timespec) -> u128 {
    time.tv_sec.max(0) as u128 * 1_000_000_000 + time.tv_nsec.max(0) as u128
}

fn left(deadline: u128) -> Result<u128, Errno> {
    Ok(deadline.saturating_sub(nanoseconds(&now()?)))
}
