//! Requests of ioctl about network interfaces: `struct ifreq` and `struct ifconf`.

use super::address;
use super::order::{Field, HOST, turn};
use crate::errno::Errno;
use crate::host::calls;
use crate::host::message::{INTERFACE_REQUEST, InterfaceList};
use crate::layout::Shape;
use crate::syscalls::{Context, Reply};

/// Bytes of an interface's name, with which a `struct ifreq` begins.
const NAME: usize = 16;
/// Bytes of `struct sockaddr`, all of which a request can hold.
const ADDRESS: usize = 16;
/// More interfaces than any list of ours tells about.
const MOST: usize = 4096;

/// What follows the name.
#[derive(Clone, Copy)]
enum Content {
    /// An `int`.
    Int,
    /// A `short`.
    Short,
    /// `struct sockaddr`.
    Address,
    /// Another name.
    Name,
}

fn content(request: &str) -> Option<Content> {
    Some(match request {
        "SIOCGIFFLAGS" | "SIOCSIFFLAGS" => Content::Short,
        "SIOCGIFNAME" | "SIOCGIFMETRIC" | "SIOCSIFMETRIC" | "SIOCGIFMTU" | "SIOCSIFMTU"
        | "SIOCGIFINDEX" | "SIOCGIFTXQLEN" | "SIOCSIFTXQLEN" => Content::Int,
        "SIOCGIFADDR" | "SIOCSIFADDR" | "SIOCGIFDSTADDR" | "SIOCSIFDSTADDR" | "SIOCGIFBRDADDR"
        | "SIOCSIFBRDADDR" | "SIOCGIFNETMASK" | "SIOCSIFNETMASK" | "SIOCGIFHWADDR"
        | "SIOCSIFHWADDR" => Content::Address,
        "SIOCSIFNAME" => Content::Name,
        _ => return None,
    })
}

/// Bytes of a guest's `struct ifreq`, whose largest member has two words.
fn size(shape: Shape) -> usize {
    NAME + 8 + 2 * usize::from(shape.word)
}

/// Whether a request is about network interfaces.
#[cfg(test)]
pub fn is_interface_request(name: &str) -> bool {
    name == "SIOCGIFCONF" || content(name).is_some()
}

/// Answers a request about network interfaces; `None` if it is another one.
pub fn interface_request(
    context: &Context<'_>,
    (fd, request): (i32, u32),
    name: &str,
    argument: u64,
) -> Option<Reply> {
    if name == "SIOCGIFCONF" {
        return Some(all(context, fd, request, argument));
    }
    content(name).map(|content| one(context, (fd, request), content, argument))
}

fn one(context: &Context<'_>, (fd, request): (i32, u32), content: Content, argument: u64) -> Reply {
    let user = context.user();
    let size = size(user.shape);
    let mut guest = user.bytes(argument, size)?;
    to_host(context, content, &mut guest[NAME..]);
    let mut host = [0; INTERFACE_REQUEST];
    let length = size.min(host.len());
    host[..length].copy_from_slice(&guest[..length]);
    let reply = calls::ioctl_interface(fd, request, &mut host).now()?;
    to_guest(context, content, &mut host[NAME..]);
    guest[..length].copy_from_slice(&host[..length]);
    user.write(argument, &guest)?;
    Ok(reply)
}

fn to_host(context: &Context<'_>, content: Content, bytes: &mut [u8]) {
    match content {
        Content::Address => address::to_host(context.user().shape, &mut bytes[..ADDRESS]),
        other => turn_number(context, other, bytes),
    }
}

fn to_guest(context: &Context<'_>, content: Content, bytes: &mut [u8]) {
    match content {
        Content::Address => {
            let address = address::to_guest(context, &bytes[..ADDRESS]);
            bytes[..ADDRESS].copy_from_slice(&address[..ADDRESS]);
        }
        other => turn_number(context, other, bytes),
    }
}

fn turn_number(context: &Context<'_>, content: Content, bytes: &mut [u8]) {
    let width = match content {
        Content::Int => 4,
        Content::Short => 2,
        _ => return,
    };
    turn(context.user().shape, &[Field::Numbers(width, 1)], bytes);
}

/// SIOCGIFCONF: the interfaces that have an address, or only the size of the list.
fn all(context: &Context<'_>, fd: i32, request: u32, argument: u64) -> Reply {
    let user = context.user();
    let word = usize::from(user.shape.word);
    let (length, pointer) = user.get(argument, 2 * word, |r| (r.i32(), r.long()))?;
    let entry = size(user.shape);
    let wanted = match pointer {
        0 => 0,
        _ => usize::try_from(length).map_err(|_| Errno::EINVAL)? / entry,
    };
    let mut room = vec![0; wanted.min(MOST) * INTERFACE_REQUEST];
    let (reply, filled) = {
        let mut list = InterfaceList::new(&mut room);
        let reply = calls::ioctl_interfaces(fd, request, &mut list).now()?;
        (reply, list.length() / INTERFACE_REQUEST)
    };
    if pointer != 0 {
        let mut out = Vec::new();
        for host in room.chunks_exact_mut(INTERFACE_REQUEST).take(filled) {
            to_guest(context, Content::Address, &mut host[NAME..]);
            let mut guest = host.to_vec();
            guest.resize(entry, 0);
            out.extend(guest);
        }
        user.write(pointer, &out)?;
    }
    let told = match (pointer, room.is_empty()) {
        // No room for a single one: the host was asked for the size, which is not the answer.
        (1.., true) => 0,
        _ => filled * entry,
    };
    user.write_u32(argument, told as u32)?;
    Ok(reply)
}

const _: () = assert!(INTERFACE_REQUEST == NAME + 8 + 2 * HOST.word as usize);
