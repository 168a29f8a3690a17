//! setsockopt and getsockopt: what the value of each option is.

use super::address;
use super::order::{BYTES, Field, HOST, INT, turn};
use super::{check_socket, control, names, socket_first};
use crate::constants;
use crate::errno::Errno;
use crate::host::calls;
use crate::host::message::{Filter, Room};
use crate::layout::{Reader, Shape, Writer};
use crate::syscalls::{Arguments, Context, Reply};

/// The value of an option.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    /// Fields that are alike for every guest but for the byte order.
    Fields(&'static [Field]),
    /// `struct timeval` in words.
    Time,
    /// `struct group_req` or `group_source_req`: an interface, then so many addresses.
    Group(usize),
    /// `struct sock_fprog`.
    Filter,
    /// A type of sockets.
    Type,
    /// An error.
    Error,
    /// A socket address.
    Address,
    /// `struct ucred`.
    Credentials,
}

/// Bytes of an option's value that are not counted by the kernel, at most.
const LONGEST: usize = 1 << 16;

const LINGER: &[Field] = &[Field::Numbers(4, 2)];
const CREDENTIALS: &[Field] = &[Field::Numbers(4, 3)];
/// `struct tcp_info`, as far as kernels have grown it.
const TCP_INFO: &[Field] = &[
    Field::Bytes(8),
    Field::Numbers(4, 24),
    Field::Numbers(8, 4),
    Field::Numbers(4, 6),
    Field::Numbers(8, 4),
    Field::Numbers(4, 2),
    Field::Numbers(8, 2),
    Field::Numbers(4, 6),
    Field::Numbers(2, 2),
    Field::Numbers(4, 1),
];

/// The value of an option of the level `SOL_SOCKET`, by its name.
pub(crate) fn socket_value(name: &str) -> Value {
    use Field::{Bytes, Numbers, Rest};
    Value::Fields(match name {
        "SO_TYPE" => return Value::Type,
        "SO_ERROR" => return Value::Error,
        "SO_PEERCRED" => return Value::Credentials,
        "SO_PEERNAME" => return Value::Address,
        "SO_RCVTIMEO_OLD" | "SO_SNDTIMEO_OLD" => return Value::Time,
        "SO_ATTACH_FILTER" | "SO_ATTACH_REUSEPORT_CBPF" => return Value::Filter,
        "SO_LINGER" => LINGER,
        "SO_RCVTIMEO_NEW" | "SO_SNDTIMEO_NEW" => &[Numbers(8, 2)],
        "SO_COOKIE" | "SO_NETNS_COOKIE" => &[Numbers(8, 1)],
        "SO_TXTIME" | "SO_TIMESTAMPING_OLD" | "SO_TIMESTAMPING_NEW" => &[Numbers(4, 2)],
        "SO_PEERGROUPS" | "SO_MEMINFO" => &[Rest(4)],
        // A name that is filled up with zeros.
        "SO_BINDTODEVICE" | "SO_PEERSEC" => &[Bytes(1)],
        _ => INT,
    })
}

/// The value of an option of another level.
pub(crate) fn value(level: i32, number: i32) -> Value {
    use Field::{Bytes, Numbers, Rest};
    let name = names::options(level).and_then(|set| constants::name(set, number as u64));
    Value::Fields(match name.unwrap_or_default() {
        "MCAST_JOIN_GROUP" | "MCAST_LEAVE_GROUP" => return Value::Group(1),
        "MCAST_BLOCK_SOURCE"
        | "MCAST_UNBLOCK_SOURCE"
        | "MCAST_JOIN_SOURCE_GROUP"
        | "MCAST_LEAVE_SOURCE_GROUP" => return Value::Group(2),
        // struct ip_mreqn, of which the last may be missing
        "IP_MULTICAST_IF" | "IP_ADD_MEMBERSHIP" | "IP_DROP_MEMBERSHIP" => {
            &[Bytes(8), Numbers(4, 1)]
        }
        "IP_UNBLOCK_SOURCE"
        | "IP_BLOCK_SOURCE"
        | "IP_ADD_SOURCE_MEMBERSHIP"
        | "IP_DROP_SOURCE_MEMBERSHIP"
        | "IP_OPTIONS" => BYTES,
        // struct ip_msfilter
        "IP_MSFILTER" => &[Bytes(8), Numbers(4, 2)],
        "IPV6_ADD_MEMBERSHIP"
        | "IPV6_DROP_MEMBERSHIP"
        | "IPV6_JOIN_ANYCAST"
        | "IPV6_LEAVE_ANYCAST"
        | "IPV6_PKTINFO" => &[Bytes(16), Numbers(4, 1)],
        "IPV6_HOPOPTS" | "IPV6_DSTOPTS" | "IPV6_RTHDR" | "IPV6_RTHDRDSTOPTS" | "IPV6_NEXTHOP" => {
            BYTES
        }
        "TCP_INFO" => TCP_INFO,
        "TCP_CONGESTION" | "TCP_ULP" | "TCP_FASTOPEN_KEY" | "TCP_SAVED_SYN" | "TCP_MD5SIG" => BYTES,
        "TCP_REPAIR_OPTIONS" | "TCP_REPAIR_WINDOW" | "NETLINK_LIST_MEMBERSHIPS" => &[Rest(4)],
        "PACKET_ADD_MEMBERSHIP" | "PACKET_DROP_MEMBERSHIP" => &[Numbers(4, 1), Numbers(2, 2)],
        _ => match (level, number) {
            // struct icmp6_filter, struct icmp_filter
            (libc::IPPROTO_ICMPV6 | libc::SOL_RAW, 1) => &[Rest(4)],
            (libc::SOL_ALG, _) => BYTES,
            _ => INT,
        },
    })
}

/// An option on the host, and its value.
struct HostOption {
    level: i32,
    number: i32,
    value: Value,
}

fn find(context: &Context<'_>, a: &Arguments) -> Result<HostOption, Errno> {
    let (level, number) = (control::level_to_host(context, a.int(1)), a.int(2));
    if level != libc::SOL_SOCKET {
        let value = value(level, number);
        return Ok(HostOption {
            level,
            number,
            value,
        });
    }
    let personality = context.personality();
    let options = personality.abi.constants.socket_options;
    let name = constants::name(options, number as u64);
    let host = personality.socket_options.number_to_host(number as u64);
    let Some((name, host)) = name.zip(host) else {
        check_socket(a.int(0))?;
        return Err(Errno::ENOPROTOOPT);
    };
    Ok(HostOption {
        level,
        number: host as i32,
        value: socket_value(name),
    })
}

/// Bytes before the addresses of a `struct group_req`.
fn group_head(shape: Shape) -> usize {
    4usize.next_multiple_of(usize::from(shape.word))
}

/// setsockopt(fd, level, name, value, length)
pub fn setsockopt(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (fd, address) = (a.int(0), a.word(3));
    let option = find(context, a)?;
    let set = |bytes: &[u8]| {
        let value = match (address, bytes) {
            // No value at all, which a few options take.
            (0, []) => None,
            (_, bytes) => Some(bytes),
        };
        calls::setsockopt(fd, option.level, option.number, value).now()
    };
    let length = usize::try_from(a.int(4)).map_err(|_| {
        socket_first::<()>(fd, Err(Errno::EINVAL))
            .err()
            .unwrap_or(Errno::EINVAL)
    })?;
    let mut bytes = socket_first(fd, context.user().bytes(address, length.min(LONGEST)))?;
    let shape = context.user().shape;
    match option.value {
        Value::Time if shape.word != HOST.word => {
            if bytes.len() < 2 * usize::from(shape.word) {
                return Err(Errno::EINVAL);
            }
            let mut reader = Reader::new(shape, &bytes);
            let time = Writer::new(HOST)
                .signed_long(reader.signed_long())
                .signed_long(reader.signed_long());
            set(&time.finish())
        }
        Value::Time => {
            turn(shape, &[Field::Rest(HOST.word as usize)], &mut bytes);
            set(&bytes)
        }
        Value::Group(addresses) => {
            let head = group_head(shape);
            if bytes.len() < head + addresses * address::LONGEST {
                return Err(Errno::EINVAL);
            }
            let interface = Reader::new(shape, &bytes).u32();
            let mut out = Writer::new(HOST).u32(interface).pad(group_head(HOST));
            for address in bytes[head..]
                .chunks_exact_mut(address::LONGEST)
                .take(addresses)
            {
                address::to_host(shape, address);
                out = out.raw(address);
            }
            set(&out.finish())
        }
        Value::Filter => set_filter(context, fd, &option, &bytes),
        Value::Address => set(&bytes),
        Value::Type | Value::Error | Value::Credentials => {
            turn(shape, INT, &mut bytes);
            set(&bytes)
        }
        Value::Fields(fields) => {
            turn(shape, fields, &mut bytes);
            set(&bytes)
        }
    }
}

/// `struct sock_fprog`: the number of instructions, and where they are.
fn set_filter(context: &Context<'_>, fd: i32, option: &HostOption, bytes: &[u8]) -> Reply {
    const INSTRUCTION: &[Field] = &[Field::Numbers(2, 1), Field::Bytes(2), Field::Numbers(4, 1)];
    let user = context.user();
    let word = usize::from(user.shape.word);
    if bytes.len() != 2 * word {
        return Err(Errno::EINVAL);
    }
    let mut reader = Reader::new(user.shape, bytes);
    let (count, address) = (reader.u16(), reader.long());
    let mut code = user.bytes(address, usize::from(count) * 8)?;
    let mut program: Vec<u64> = code
        .chunks_exact_mut(8)
        .map(|instruction| {
            turn(user.shape, INSTRUCTION, instruction);
            let mut bytes = [0; 8];
            bytes.copy_from_slice(instruction);
            u64::from_ne_bytes(bytes)
        })
        .collect();
    let filter = Filter::new(&mut program);
    calls::setsockopt_filter(fd, option.level, option.number, &filter).now()
}

/// getsockopt(fd, level, name, value, length)
pub fn getsockopt(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, fd) = (context.user(), a.int(0));
    let option = find(context, a)?;
    let length = socket_first(fd, user.read_u32(a.word(4)))?.cast_signed();
    let Ok(length) = usize::try_from(length) else {
        check_socket(fd)?;
        return Err(Errno::EINVAL);
    };
    let narrow = matches!(option.value, Value::Time) && user.shape.word != HOST.word;
    let asked = match option.value {
        _ if narrow => 2 * usize::from(HOST.word),
        _ => length.min(LONGEST),
    };
    let mut room = Room::with(user.bytes(a.word(3), asked.min(length)).map_or_else(
        |_| vec![0; asked],
        |mut bytes| {
            bytes.resize(asked, 0);
            bytes
        },
    ));
    calls::getsockopt(fd, option.level, option.number, &mut room).now()?;
    let mut bytes = to_guest(context, &option, room.filled());
    bytes.truncate(length);
    user.write(a.word(3), &bytes)?;
    user.write_u32(a.word(4), bytes.len() as u32)?;
    Ok(0)
}

/// The host's value of an option, as the guest has it.
fn to_guest(context: &Context<'_>, option: &HostOption, host: &[u8]) -> Vec<u8> {
    let shape = context.user().shape;
    let mut bytes = host.to_vec();
    let number = |guest: u64, length: usize| {
        let bytes = shape.encode(guest, 4);
        bytes[..length.min(4)].to_vec()
    };
    let int = || HOST.decode(host) as i32;
    match option.value {
        Value::Type if host.len() == 4 => {
            let types = &context.personality().socket_types;
            return number(types.flags_to_guest(int() as u64), 4);
        }
        Value::Error if host.len() == 4 => {
            let error = match int() {
                0 => 0,
                errno => context.personality().error(Errno::from_host(errno)),
            };
            return number(u64::from(error), 4);
        }
        Value::Time if host.len() == 2 * usize::from(HOST.word) => {
            let mut reader = Reader::new(HOST, host);
            let out = Writer::new(shape)
                .signed_long(reader.signed_long())
                .signed_long(reader.signed_long());
            return out.finish();
        }
        Value::Address => return address::to_guest(context, host),
        Value::Credentials => {
            control::rename(&mut bytes, |pid| context.process.guest_pid(pid));
            turn(shape, CREDENTIALS, &mut bytes);
        }
        Value::Fields(fields) => turn(shape, fields, &mut bytes),
        _ => {}
    }
    bytes
}
