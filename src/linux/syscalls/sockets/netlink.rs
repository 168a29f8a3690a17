//! Netlink, for guests of the other byte order: its messages are made of numbers in the kernel's.
//!
//! What `NETLINK_ROUTE` tells and is told about links, addresses, routes, neighbours and rules is
//! rewritten: rtnetlink(7). An attribute that is not known here keeps its contents.

use super::order::{Field, HOST, turn};
use crate::errno::Errno;
use crate::host::calls;
use crate::host::message::Room;
use crate::layout::Shape;
use crate::syscalls::Context;
use Content::{Nested, Numbers};

const ROUTE: i32 = 0;
const USERSOCK: i32 = 2;
const KOBJECT_UEVENT: i32 = 15;

/// More bytes than a message can have.
pub const LONGEST: u64 = 1 << 20;

/// Whether a guest can use a protocol: what goes through others than these is not known here.
pub fn is_offered(protocol: i32) -> bool {
    // Programs agree on what they send each other, and events are text.
    matches!(protocol, ROUTE | USERSOCK | KOBJECT_UEVENT)
}

/// Whether what goes through a socket has to be rewritten.
pub fn is_foreign(context: &Context<'_>, fd: i32) -> bool {
    let option = |option| {
        let mut value = Room::new(4);
        let asked = calls::getsockopt(fd, libc::SOL_SOCKET, option, &mut value).now();
        asked.ok().map(|_| HOST.decode(value.filled()) as i32)
    };
    context.user().shape.order != HOST.order
        && option(libc::SO_DOMAIN) == Some(libc::AF_NETLINK)
        && option(libc::SO_PROTOCOL) == Some(ROUTE)
}

/// Rewrites what the guest sends.
pub fn to_host(context: &Context<'_>, bytes: &mut [u8]) {
    let guest = context.user().shape;
    let rewriting = Rewriting {
        guest,
        source: guest,
        error: &|number| number,
    };
    rewriting.messages(bytes);
}

/// Rewrites what the guest received.
pub fn to_guest(context: &Context<'_>, bytes: &mut [u8]) {
    let personality = context.personality();
    let rewriting = Rewriting {
        guest: context.user().shape,
        source: HOST,
        error: &|number: i32| -i32::from(personality.error(Errno::from_host(-number))),
    };
    rewriting.messages(bytes);
}

/// What an attribute holds, if numbers.
#[derive(Clone, Copy)]
enum Content {
    /// Numbers of this width.
    Numbers(usize),
    /// Fields of several widths.
    Fields(&'static [Field]),
    /// Other attributes.
    Nested(Attributes),
}

/// Contents by the types of attributes that have them.
type Attributes = &'static [(&'static [u16], Content)];

/// A kind of messages: the structure that they begin with, its length, and their attributes.
struct Family(&'static [Field], usize, Attributes);

/// RTM_NEWLINK and the three after it, and so on.
const FAMILIES: [Family; 5] = [
    // struct ifinfomsg
    Family(
        &[Field::Bytes(2), Field::Numbers(2, 1), Field::Numbers(4, 3)],
        16,
        LINK,
    ),
    // struct ifaddrmsg
    Family(
        &[Field::Bytes(4), Field::Numbers(4, 1)],
        8,
        &[(&[6, 8, 9], Numbers(4))],
    ),
    // struct rtmsg
    Family(
        &[Field::Bytes(8), Field::Numbers(4, 1)],
        12,
        &[
            (&[3, 4, 6, 11, 12, 15, 16, 23, 25, 30], Numbers(4)),
            (&[8], Nested(METRICS)),
            (&[21], Numbers(2)),
        ],
    ),
    // struct ndmsg
    Family(
        &[
            Field::Bytes(2),
            Field::Numbers(2, 1),
            Field::Numbers(4, 1),
            Field::Numbers(2, 1),
        ],
        12,
        &[(&[3, 4, 7, 8, 9], Numbers(4)), (&[5], Numbers(2))],
    ),
    // struct fib_rule_hdr
    Family(
        &[Field::Bytes(8), Field::Numbers(4, 1)],
        12,
        &[(&[4, 6, 10, 11, 13, 14, 15, 16], Numbers(4))],
    ),
];

/// `IFLA_*`.
const LINK: Attributes = &[
    (
        &[
            4, 5, 7, 8, 10, 13, 15, 19, 21, 27, 28, 29, 30, 31, 32, 35, 37, 40, 41, 44, 45, 46, 47,
            48, 49, 50, 51, 58, 59, 60, 61,
        ],
        Numbers(4),
    ),
    (
        &[14],
        Content::Fields(&[Field::Numbers(8, 3), Field::Numbers(2, 1)]),
    ),
    (&[18, 43], Nested(&[])),
    (&[23], Numbers(8)),
    (&[26], Nested(LINK_BY_FAMILY)),
];

/// What IFLA_AF_SPEC has for AF_INET and AF_INET6.
const LINK_BY_FAMILY: Attributes = &[
    (&[2], Nested(&[(&[1], Numbers(4))])),
    (
        &[10],
        Nested(&[(&[1, 2, 5], Numbers(4)), (&[3, 6], Numbers(8))]),
    ),
];

/// `RTAX_*`, of which one is a name.
const METRICS: Attributes = &[(
    &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17],
    Numbers(4),
)];

/// Bytes of `struct nlmsghdr`.
const HEADER: usize = 16;
/// Bytes of `struct rtattr`.
const ATTRIBUTE: usize = 4;

struct Rewriting<'a> {
    guest: Shape,
    /// In whose order the numbers are before.
    source: Shape,
    /// A negative error number of a reply.
    error: &'a dyn Fn(i32) -> i32,
}

impl Rewriting<'_> {
    fn number(&self, bytes: &[u8]) -> usize {
        self.source.decode(bytes) as usize
    }

    fn messages(&self, mut bytes: &mut [u8]) {
        while bytes.len() >= HEADER {
            let length = self.number(&bytes[..4]);
            if !(HEADER..=bytes.len()).contains(&length) {
                return;
            }
            self.message(&mut bytes[..length]);
            let next = length.next_multiple_of(4).min(bytes.len());
            bytes = &mut bytes[next..];
        }
    }

    /// Rewrites a message, or as much of one as is there.
    fn message(&self, bytes: &mut [u8]) {
        const ERROR: usize = 2;
        const DONE: usize = 3;
        const FIRST: usize = 16;
        let Some((header, payload)) = bytes.split_at_mut_checked(HEADER) else {
            return;
        };
        let kind = self.number(&header[4..6]);
        let fields = [
            Field::Numbers(4, 1),
            Field::Numbers(2, 2),
            Field::Numbers(4, 2),
        ];
        turn(self.guest, &fields, header);
        match kind {
            ERROR | DONE => {
                let Some((error, rest)) = payload.split_at_mut_checked(4) else {
                    return;
                };
                let number = (self.error)(self.source.decode(error) as i32);
                let number = self.source.encode(u64::from(number.cast_unsigned()), 4);
                error.copy_from_slice(&number[..4]);
                turn(self.guest, &[Field::Numbers(4, 1)], error);
                if kind == ERROR {
                    // What the error is about.
                    self.message(rest);
                }
            }
            FIRST.. => {
                let Some(Family(fields, length, attributes)) = FAMILIES.get((kind - FIRST) / 4)
                else {
                    return;
                };
                let (head, rest) = payload.split_at_mut((*length).min(payload.len()));
                turn(self.guest, fields, head);
                self.attributes(attributes, rest);
            }
            _ => {}
        }
    }

    fn attributes(&self, known: Attributes, mut bytes: &mut [u8]) {
        const FLAGS: u16 = 0xc000;
        while bytes.len() >= ATTRIBUTE {
            let length = self.number(&bytes[..2]);
            let kind = self.number(&bytes[2..4]) as u16 & !FLAGS;
            if !(ATTRIBUTE..=bytes.len()).contains(&length) {
                return;
            }
            let (head, content) = bytes[..length].split_at_mut(ATTRIBUTE);
            turn(self.guest, &[Field::Numbers(2, 2)], head);
            let found = known.iter().find(|(kinds, _)| kinds.contains(&kind));
            match found.map(|(_, content)| *content) {
                Some(Numbers(width)) => turn(self.guest, &[Field::Rest(width)], content),
                Some(Content::Fields(fields)) => turn(self.guest, fields, content),
                Some(Nested(known)) => self.attributes(known, content),
                None => {}
            }
            let next = length.next_multiple_of(4).min(bytes.len());
            bytes = &mut bytes[next..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Writer;
    use portolan_machine::memory::Order;

    const OTHER: Shape = Shape {
        word: 4,
        order: match HOST.order {
            Order::Little => Order::Big,
            Order::Big => Order::Little,
        },
    };

    /// RTM_NEWLINK with a name, a size, and what is nested for AF_INET.
    fn link(shape: Shape) -> Vec<u8> {
        let out = Writer::new(shape).u32(64).u16(16).u16(0).u32(7).u32(8);
        let out = out.u8(0).u8(0).u16(1).u32(2).u32(0x1_1043).u32(0);
        let out = out.u16(7).u16(3).raw(b"lo\0\0").u16(8).u16(4).u32(1500);
        let out = out.u16(16).u16(26).u16(12).u16(2).u16(8).u16(1).u32(9);
        out.finish()
    }

    fn rewriting(source: Shape) -> Rewriting<'static> {
        Rewriting {
            guest: OTHER,
            source,
            error: &|number| number - 100,
        }
    }

    #[test]
    fn messages_are_rewritten_to_the_last_number() {
        let mut bytes = link(OTHER);
        rewriting(OTHER).messages(&mut bytes);
        assert_eq!(bytes, link(HOST));
        rewriting(HOST).messages(&mut bytes);
        assert_eq!(bytes, link(OTHER));
    }

    #[test]
    fn an_error_has_the_guests_number_and_the_message_it_is_about() {
        let reply = |shape, number| {
            let out = Writer::new(shape).u32(36).u16(2).u16(0).u32(7).u32(8);
            let out = out.i32(number).u32(64).u16(16).u16(0).u32(7).u32(8);
            out.finish()
        };
        let mut bytes = reply(HOST, -1);
        rewriting(HOST).messages(&mut bytes);
        assert_eq!(bytes, reply(OTHER, -101));
    }

    #[test]
    fn what_is_cut_off_or_no_message_stays() {
        let mut bytes = link(OTHER);
        bytes.truncate(40);
        let before = bytes.clone();
        rewriting(OTHER).messages(&mut bytes);
        assert_eq!(bytes, before);
        let mut bytes = vec![0xff; 32];
        rewriting(HOST).messages(&mut bytes);
        assert_eq!(bytes, [0xff; 32]);
    }
}
