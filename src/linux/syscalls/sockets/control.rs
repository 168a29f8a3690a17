//! Control messages, what `struct cmsghdr` heads: rights, credentials, addresses, timestamps.

use super::address;
use super::order::{BYTES, Field, HOST, INT, turn};
use crate::errno::Errno;
use crate::host::calls;
use crate::layout::{Reader, Shape, Writer};
use crate::syscalls::Context;

/// The level `SOL_SOCKET` on the host, and its types of control messages that do not share a
/// number with an option.
const SOCKET: i32 = libc::SOL_SOCKET;
const SCM_PIDFD: i32 = 4;
const SCM_TIMESTAMP_OLD: i32 = 29;
const SCM_TIMESTAMPNS_OLD: i32 = 35;
const SCM_TIMESTAMPING_OLD: i32 = 37;

/// Bytes of the head of a control message.
fn head(shape: Shape) -> usize {
    usize::from(shape.word) + 8
}

/// Control messages start at multiples of a word.
fn aligned(shape: Shape, length: usize) -> usize {
    length.next_multiple_of(usize::from(shape.word))
}

/// One control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control<'a> {
    /// The level as its side numbers it.
    pub level: i32,
    /// `SCM_*`, or the option that asked for it.
    pub kind: i32,
    /// What it says.
    pub data: &'a [u8],
}

/// The control messages in a buffer laid out by `shape`.
pub fn list(shape: Shape, bytes: &[u8]) -> Result<Vec<Control<'_>>, Errno> {
    let (mut out, mut start, head) = (Vec::new(), 0, head(shape));
    while bytes.len().saturating_sub(start) >= head {
        let rest = &bytes[start..];
        let mut reader = Reader::new(shape, rest);
        let length = usize::try_from(reader.long()).unwrap_or(usize::MAX);
        let (level, kind) = (reader.i32(), reader.i32());
        if length < head || length > rest.len() {
            return Err(Errno::EINVAL);
        }
        out.push(Control {
            level,
            kind,
            data: &rest[head..length],
        });
        start += aligned(shape, length);
    }
    Ok(out)
}

/// Appends a control message, with zeros up to where the next one starts.
fn append(shape: Shape, out: &mut Vec<u8>, control: &Control<'_>) {
    let length = head(shape) + control.data.len();
    let bytes = Writer::new(shape)
        .long(length as u64)
        .i32(control.level)
        .i32(control.kind)
        .raw(control.data)
        .pad(aligned(shape, length))
        .finish();
    out.extend(bytes);
}

/// How the data of a control message is made up; levels and types in the host's numbers.
fn fields(level: i32, kind: i32) -> &'static [Field] {
    use Field::{Bytes, Numbers, Rest};
    const SCM_SECURITY: i32 = 3;
    const SO_TXTIME: i32 = 61;
    const NEW_TIMES: std::ops::RangeInclusive<i32> = 63..=65;
    const UDP_SEGMENT: i32 = 103;
    const ALG_SET_AEAD_ASSOCLEN: i32 = 4;
    match (level, kind) {
        (SOCKET, SCM_SECURITY) => BYTES,
        (SOCKET, SO_TXTIME) => &[Numbers(8, 1)],
        (SOCKET, kind) if NEW_TIMES.contains(&kind) => &[Rest(8)],
        // Descriptors, credentials, marks, counts.
        (SOCKET, _) => &[Rest(4)],
        (libc::IPPROTO_IP, libc::IP_TTL | libc::IP_TOS) => INT,
        (libc::IPPROTO_IP, libc::IP_PKTINFO) => INT,
        (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => &[Bytes(16), Numbers(4, 1)],
        (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT | libc::IPV6_TCLASS) => INT,
        (libc::IPPROTO_UDP, UDP_SEGMENT) => &[Numbers(2, 1)],
        (libc::IPPROTO_UDP, _) => INT,
        (libc::SOL_NETLINK, _) => INT,
        // struct tpacket_auxdata
        (libc::SOL_PACKET, _) => &[Numbers(4, 3), Numbers(2, 4)],
        (libc::SOL_ALG, kind) if kind <= ALG_SET_AEAD_ASSOCLEN => INT,
        _ => BYTES,
    }
}

/// Whether the data is `struct sock_extended_err` and an address.
fn is_error(level: i32, kind: i32) -> bool {
    matches!(
        (level, kind),
        (libc::IPPROTO_IP, libc::IP_RECVERR) | (libc::IPPROTO_IPV6, libc::IPV6_RECVERR)
    )
}

/// Whether the data is an address.
fn is_address(level: i32, kind: i32) -> bool {
    const ORIGINAL6: i32 = 74;
    matches!(
        (level, kind),
        (libc::IPPROTO_IP, libc::IP_ORIGDSTADDR) | (libc::IPPROTO_IPV6, ORIGINAL6)
    )
}

/// A guest's control messages for the host.
pub fn to_host(context: &Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Errno> {
    let shape = context.user().shape;
    let mut out = Vec::new();
    for control in list(shape, bytes)? {
        let level = level_to_host(context, control.level);
        let mut data = control.data.to_vec();
        turn(shape, fields(level, control.kind), &mut data);
        if (level, control.kind) == (SOCKET, libc::SCM_CREDENTIALS) {
            rename(&mut data, |pid| context.process.host_pid(pid));
        }
        let control = Control {
            level,
            kind: control.kind,
            data: &data,
        };
        append(HOST, &mut out, &control);
    }
    Ok(out)
}

/// Gives the process in a `struct ucred` of the host's another number.
pub fn rename(credentials: &mut [u8], name: impl FnOnce(i32) -> i32) {
    if let Some(pid) = credentials.get_mut(..4) {
        let renamed = name(HOST.decode(pid) as i32);
        pid.copy_from_slice(&HOST.encode(u64::from(renamed.cast_unsigned()), 4)[..4]);
    }
}

/// The host's number of a guest's level.
pub fn level_to_host(context: &Context<'_>, level: i32) -> i32 {
    match context.personality().abi.constants.socket_level {
        own if level == own => SOCKET,
        // A level that is not `SOL_SOCKET` here, whatever the host calls so.
        _ if level == SOCKET => -1,
        _ => level,
    }
}

fn level_to_guest(context: &Context<'_>, level: i32) -> i32 {
    match level {
        SOCKET => context.personality().abi.constants.socket_level,
        level => level,
    }
}

/// How much room the host needs for what fits into a guest's buffer of so many bytes.
pub fn room(context: &Context<'_>, guest: usize) -> usize {
    // Heads and times of 32-bit guests are up to half as long.
    const HEAD: usize = 32;
    match context.user().shape.word {
        word if word == HOST.word => guest,
        _ if guest == 0 => 0,
        _ => 2 * guest + HEAD,
    }
}

/// What became of the control messages received.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The guest's buffer.
    pub bytes: Vec<u8>,
    /// Something did not fit.
    pub truncated: bool,
}

/// The host's control messages for a guest that has so much room. Descriptors that do not fit are
/// closed, as the kernel does not even open them.
pub fn to_guest(context: &Context<'_>, bytes: &[u8], room: usize) -> Result<Received, Errno> {
    let shape = context.user().shape;
    let mut received = Received::default();
    for control in list(HOST, bytes)? {
        let left = room - received.bytes.len();
        let mut data = data_to_guest(context, &control);
        let fits = left.saturating_sub(head(shape));
        if data.len() > fits || left < head(shape) {
            received.truncated = true;
            if control.level == SOCKET && control.kind == libc::SCM_RIGHTS {
                let kept = fits / 4 * 4;
                close_all(&control.data[kept.min(data.len())..])?;
                data.truncate(kept);
            } else if control.level == SOCKET && control.kind == SCM_PIDFD {
                close_all(control.data)?;
                data.clear();
            }
            data.truncate(fits);
            let nothing = data.is_empty() && !control.data.is_empty();
            if left < head(shape) || nothing {
                continue;
            }
        }
        let control = Control {
            level: level_to_guest(context, control.level),
            kind: control.kind,
            data: &data,
        };
        append(shape, &mut received.bytes, &control);
        received.bytes.truncate(room);
    }
    Ok(received)
}

fn close_all(descriptors: &[u8]) -> Result<(), Errno> {
    for fd in descriptors.chunks_exact(4) {
        calls::close(HOST.decode(fd) as i32).now()?;
    }
    Ok(())
}

fn data_to_guest(context: &Context<'_>, control: &Control<'_>) -> Vec<u8> {
    let shape = context.user().shape;
    let (level, kind) = (control.level, control.kind);
    if level == SOCKET
        && matches!(
            kind,
            SCM_TIMESTAMP_OLD | SCM_TIMESTAMPNS_OLD | SCM_TIMESTAMPING_OLD
        )
    {
        return times(shape, control.data);
    }
    if is_address(level, kind) {
        return address::to_guest(context, control.data);
    }
    let mut data = control.data.to_vec();
    if is_error(level, kind) {
        const ERROR: &[Field] = &[Field::Numbers(4, 1), Field::Bytes(4), Field::Numbers(4, 2)];
        const ERROR_BYTES: usize = 16;
        if let Some(number) = data.get(..4).map(|bytes| HOST.decode(bytes) as i32) {
            let number = context.personality().error(Errno::from_host(number));
            let bytes = HOST.encode(u64::from(number), 4);
            data[..4].copy_from_slice(&bytes[..4]);
        }
        let from = data.split_off(data.len().min(ERROR_BYTES));
        turn(shape, ERROR, &mut data);
        data.extend(address::to_guest(context, &from));
        return data;
    }
    if (level, kind) == (SOCKET, libc::SCM_CREDENTIALS) {
        rename(&mut data, |pid| context.process.guest_pid(pid));
    }
    turn(shape, fields(level, kind), &mut data);
    data
}

/// Times in words: seconds and their parts.
fn times(shape: Shape, data: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(HOST, data);
    let words = data.len() / usize::from(HOST.word);
    (0..words)
        .fold(Writer::new(shape), |out, _| {
            out.signed_long(reader.signed_long())
        })
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portolan_machine::memory::Order;

    const BIG32: Shape = Shape {
        word: 4,
        order: Order::Big,
    };

    #[test]
    fn control_messages_are_listed_as_they_were_appended() {
        for shape in [HOST, BIG32] {
            let mut bytes = Vec::new();
            let first = Control {
                level: 1,
                kind: 2,
                data: b"12345",
            };
            let second = Control {
                level: 41,
                kind: 50,
                data: &[],
            };
            append(shape, &mut bytes, &first);
            append(shape, &mut bytes, &second);
            assert_eq!(list(shape, &bytes), Ok(vec![first, second]));
            // Too short for another head: the end.
            bytes.extend([0; 3]);
            assert_eq!(list(shape, &bytes).map(|list| list.len()), Ok(2));
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_refused() {
        let short = [0, 0, 0, 11, 0, 0, 0, 1, 0, 0, 0, 1];
        assert_eq!(list(BIG32, &short), Err(Errno::EINVAL));
        let long = [0, 0, 0, 13, 0, 0, 0, 1, 0, 0, 0, 1];
        assert_eq!(list(BIG32, &long), Err(Errno::EINVAL));
    }

    #[test]
    fn times_are_words_of_the_guest() {
        let host = Writer::new(HOST).signed_long(5).signed_long(-1).finish();
        assert_eq!(times(BIG32, &host), [0, 0, 0, 5, 255, 255, 255, 255]);
    }
}
