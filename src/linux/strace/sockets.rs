//! How sockets' addresses, options and messages are written.

use super::format::{pointer, quote, quote_whole};
use super::structures::{elements, vectors};
use crate::constants::{self, spell};
use crate::layout::Reader;
use crate::process::Process;
use crate::syscalls::Arguments;
use crate::syscalls::sockets::address::{self, LONGEST};
use crate::syscalls::sockets::control::{self, Control};
use crate::syscalls::sockets::message::{Header, WORDS};
use crate::syscalls::sockets::names;
use crate::syscalls::sockets::options::{self, Value};
use crate::syscalls::sockets::order::{Field, HOST, turn};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Messages of a list that are shown.
const LISTED: u64 = 8;
/// Bytes of control messages that are read to be shown.
const CONTROL: u64 = 4096;

fn named(set: &[constants::Constant], number: i32) -> String {
    let name = constants::name(set, number as u64);
    name.map_or_else(|| format!("{number:#x}"), str::to_owned)
}

/// A protocol of a family.
pub(super) fn protocol(family: i32, protocol: i32) -> String {
    match family {
        libc::AF_INET | libc::AF_INET6 => named(names::PROTOCOL, protocol),
        libc::AF_NETLINK => named(names::NETLINK_PROTOCOL, protocol),
        _ => protocol.to_string(),
    }
}

/// A pointer to a length that was `before` before the call.
pub(super) fn length(process: &Process, address: u64, before: Option<i32>) -> String {
    let after = process.user().read_u32(address).map(u32::cast_signed);
    match (before, after) {
        (Some(before), Ok(after)) if before != after => format!("[{before} => {after}]"),
        (_, Ok(after)) => format!("[{after}]"),
        _ => pointer(address),
    }
}

/// A socket address in guest memory.
pub(super) fn address(process: &Process, address: u64, length: u64) -> String {
    let length = usize::try_from(length as i32).unwrap_or(0);
    if address == 0 || length < 2 {
        return pointer(address);
    }
    match process.user().bytes(address, length.min(LONGEST)) {
        Ok(bytes) => address_text(process, bytes),
        Err(_) => pointer(address),
    }
}

fn address_text(process: &Process, mut bytes: Vec<u8>) -> String {
    address::to_host(process.shape(), &mut bytes);
    let mut r = Reader::new(HOST, &bytes);
    let family = i32::from(r.u16());
    let name = named(names::FAMILY, family);
    let body = match family {
        libc::AF_UNIX => unix_path(&bytes[2..]),
        libc::AF_INET if bytes.len() >= 8 => {
            let (port, ip) = (port(r.raw(2)), r.raw(4));
            let ip = Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]);
            format!(", sin_port=htons({port}), sin_addr=inet_addr(\"{ip}\")")
        }
        libc::AF_INET6 if bytes.len() >= 24 => {
            let (port, flow) = (port(r.raw(2)), r.raw(4));
            let flow = u32::from_be_bytes([flow[0], flow[1], flow[2], flow[3]]);
            let ip = ipv6(r.raw(16));
            let scope = r.u32();
            format!(
                ", sin6_port=htons({port}), sin6_flowinfo=htonl({flow}), inet_pton(AF_INET6, \
                 \"{ip}\", &sin6_addr), sin6_scope_id={scope}"
            )
        }
        libc::AF_NETLINK if bytes.len() >= 12 => {
            r.u16();
            let (pid, groups) = (r.i32(), r.u32());
            format!(", nl_pid={pid}, nl_groups={groups:08x}")
        }
        _ if bytes.len() > 2 => format!(", sa_data={}", quote(&bytes[2..])),
        _ => String::new(),
    };
    format!("{{sa_family={name}{body}}}")
}

fn port(bytes: &[u8]) -> u16 {
    u16::from(bytes[0]) << 8 | u16::from(bytes[1])
}

fn ipv6(bytes: &[u8]) -> Ipv6Addr {
    let mut octets = [0; 16];
    octets.copy_from_slice(bytes);
    Ipv6Addr::from(octets)
}

fn unix_path(path: &[u8]) -> String {
    match path {
        [] => String::new(),
        [0, abstract_name @ ..] => format!(", sun_path=@{}", quote_whole(abstract_name)),
        _ => {
            let end = path.iter().position(|byte| *byte == 0);
            format!(
                ", sun_path={}",
                quote_whole(&path[..end.unwrap_or(path.len())])
            )
        }
    }
}

/// The level of an option.
pub(super) fn level(process: &Process, level: i32) -> String {
    match process.abi().constants.socket_level {
        own if own == level => "SOL_SOCKET".to_owned(),
        _ => named(names::LEVEL, level),
    }
}

/// The options of a level.
fn options(process: &Process, level: i32) -> &'static [constants::Constant] {
    let constants = &process.abi().constants;
    match level {
        _ if level == constants.socket_level => constants.socket_options,
        _ => names::options(level).unwrap_or_default(),
    }
}

/// An option of the level before it.
pub(super) fn option(process: &Process, arguments: &Arguments, index: usize) -> String {
    let level = arguments.int(index - 1);
    named(options(process, level), arguments.int(index))
}

/// The value of the option before it.
pub(super) fn value(process: &Process, arguments: &Arguments, index: usize, length: u64) -> String {
    const SHOWN: u64 = 256;
    let address = arguments.word(index);
    // A length is an int.
    let length = u64::try_from(length as i32).unwrap_or(0);
    let bytes = process.user().bytes(address, length.min(SHOWN) as usize);
    let (Ok(mut bytes), true) = (bytes, address != 0 && length != 0) else {
        return pointer(address);
    };
    let (level, number) = (arguments.int(index - 2), arguments.int(index - 1));
    let name = constants::name(options(process, level), number as u64).unwrap_or_default();
    let own = level == process.abi().constants.socket_level;
    let value = match own {
        true => options::socket_value(name),
        false => options::value(level, number),
    };
    let shape = process.shape();
    match value {
        Value::Type if bytes.len() == 4 => return format!("[{}]", shape.decode(&bytes)),
        Value::Error if bytes.len() == 4 => {
            let number = shape.decode(&bytes) as u16;
            let errno = process.personality.errors.errno(number);
            let name = errno.name().filter(|_| number != 0);
            return name.map_or_else(|| format!("[{number}]"), |name| format!("[{name}]"));
        }
        Value::Time if bytes.len() >= 2 * usize::from(shape.word) => {
            let mut r = Reader::new(shape, &bytes);
            let (seconds, rest) = (r.signed_long(), r.signed_long());
            return format!("{{tv_sec={seconds}, tv_usec={rest}}}");
        }
        Value::Address => return address_text(process, bytes),
        Value::Credentials => turn(shape, &[Field::Rest(4)], &mut bytes),
        Value::Fields(fields) => turn(shape, fields, &mut bytes),
        _ => {}
    }
    let mut r = Reader::new(HOST, &bytes);
    match name {
        "SO_LINGER" if bytes.len() >= 8 => {
            format!("{{l_onoff={}, l_linger={}}}", r.i32(), r.i32())
        }
        "SO_PEERCRED" if bytes.len() >= 12 => credentials(&bytes),
        "IP_ADD_MEMBERSHIP" | "IP_DROP_MEMBERSHIP" if bytes.len() >= 8 => {
            let mut ip = || {
                let ip = r.raw(4);
                Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3])
            };
            let (group, interface) = (ip(), ip());
            format!(
                "{{imr_multiaddr=inet_addr(\"{group}\"), imr_interface=inet_addr(\"{interface}\")}}"
            )
        }
        "IPV6_ADD_MEMBERSHIP" | "IPV6_DROP_MEMBERSHIP" if bytes.len() >= 20 => {
            let group = ipv6(r.raw(16));
            let interface = r.u32();
            format!(
                "{{inet_pton(AF_INET6, \"{group}\", &ipv6mr_multiaddr), \
                 ipv6mr_interface={interface}}}"
            )
        }
        "SO_BINDTODEVICE" | "TCP_CONGESTION" | "TCP_ULP" => {
            let end = bytes.iter().position(|byte| *byte == 0);
            quote(&bytes[..end.unwrap_or(bytes.len())])
        }
        _ if bytes.len() == 4 => format!("[{}]", r.i32()),
        _ => quote(&bytes),
    }
}

/// `struct ucred` in the host's order.
fn credentials(bytes: &[u8]) -> String {
    let mut r = Reader::new(HOST, bytes);
    let (pid, uid, gid) = (r.i32(), r.i32(), r.i32());
    format!("{{pid={pid}, uid={uid}, gid={gid}}}")
}

/// A `struct msghdr`, of whose contents `total` bytes are in use.
pub(super) fn message(process: &Process, address: u64, total: u64) -> String {
    let Ok(header) = Header::read(&process.user(), address) else {
        return pointer(address);
    };
    let name = self::address(process, header.name, header.name_length as u64);
    let contents = vectors(process, header.vectors, header.count, total);
    let control = match (header.control, header.control_length) {
        (0, _) | (_, 0) => String::new(),
        (address, length) => format!(" msg_control={},", control_text(process, address, length)),
    };
    format!(
        "{{msg_name={name}, msg_namelen={}, msg_iov={contents}, msg_iovlen={},{control} \
         msg_controllen={}, msg_flags={}}}",
        header.name_length,
        header.count,
        header.control_length,
        spell(names::MESSAGE, u64::from(header.flags)),
    )
}

fn control_text(process: &Process, address: u64, length: u64) -> String {
    let bytes = process.user().bytes(address, length.min(CONTROL) as usize);
    let Ok(bytes) = bytes else {
        return pointer(address);
    };
    match control::list(process.shape(), &bytes) {
        Ok(list) => {
            let shown = list.iter().map(|control| one_control(process, control));
            elements(shown.collect(), false)
        }
        Err(_) => pointer(address),
    }
}

fn one_control(process: &Process, control: &Control<'_>) -> String {
    let own = control.level == process.abi().constants.socket_level;
    let shape = process.shape();
    let head = usize::from(shape.word) + 8;
    let length = head + control.data.len();
    let kind = match own {
        true => named(names::CONTROL, control.kind),
        false => named(options(process, control.level), control.kind),
    };
    let numbers = || {
        let numbers = control.data.chunks_exact(4).map(|bytes| {
            let number = shape.decode(bytes) as i32;
            number.to_string()
        });
        elements(numbers.collect(), false)
    };
    let data = match (own, control.kind) {
        (true, libc::SCM_RIGHTS) => numbers(),
        (true, libc::SCM_CREDENTIALS) if control.data.len() == 12 => {
            let mut bytes = control.data.to_vec();
            turn(shape, &[Field::Rest(4)], &mut bytes);
            credentials(&bytes)
        }
        _ if control.data.len() == 4 => numbers(),
        _ => quote(control.data),
    };
    let level = level(process, control.level);
    format!("{{cmsg_len={length}, cmsg_level={level}, cmsg_type={kind}, cmsg_data={data}}}")
}

/// A list of `struct mmsghdr`, of which `count` are in use.
pub(super) fn messages(process: &Process, address: u64, count: u64) -> String {
    let word = u64::from(process.shape().word);
    let shown = (0..count.min(LISTED)).map(|index| {
        let start = address.wrapping_add(index * (WORDS + 1) * word);
        let length = process.user().read_u32(start.wrapping_add(WORDS * word));
        let length = u64::from(length.unwrap_or(0));
        let header = message(process, start, length);
        format!("{{msg_hdr={header}, msg_len={length}}}")
    });
    elements(shown.collect(), count > LISTED)
}
