//! Structures whose fields have the same width and place for every guest, so that only the byte
//! order of their numbers differs from the host's.

use crate::layout::Shape;
use portolan_machine::memory::Order;

/// A run of fields.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    /// So many bytes without a byte order of the processor's: strings, what travels on the wire.
    Bytes(usize),
    /// Numbers of this width, so many of them.
    Numbers(usize, usize),
    /// Numbers of this width up to the end.
    Rest(usize),
}

/// C's `int`.
pub const INT: &[Field] = &[Field::Numbers(4, 1)];
/// No numbers at all.
pub const BYTES: &[Field] = &[];

/// The host's words.
pub const HOST: Shape = Shape {
    word: size_of::<usize>() as u8,
    order: if cfg!(target_endian = "big") {
        Order::Big
    } else {
        Order::Little
    },
};

/// Turns a structure from the guest's byte order to the host's or back: the same step either way.
/// What is cut off at the end stays as it is.
pub fn turn(guest: Shape, fields: &[Field], bytes: &mut [u8]) {
    if guest.order == HOST.order {
        return;
    }
    let mut rest = bytes;
    for field in fields {
        let (width, length) = match *field {
            Field::Bytes(length) => (1, length),
            Field::Numbers(width, count) => (width, width * count),
            Field::Rest(width) => (width, rest.len()),
        };
        let (run, after) = rest.split_at_mut(length.min(rest.len()));
        for number in run.chunks_exact_mut(width) {
            number.reverse();
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_turned_and_bytes_are_not() {
        let other = Shape {
            word: 4,
            order: match HOST.order {
                Order::Little => Order::Big,
                Order::Big => Order::Little,
            },
        };
        let fields = [Field::Numbers(2, 1), Field::Bytes(2), Field::Rest(4)];
        let mut bytes = *b"ab..1234567";
        turn(other, &fields, &mut bytes);
        assert_eq!(&bytes, b"ba..4321567", "the last number is cut off");
        turn(HOST, &fields, &mut bytes);
        assert_eq!(&bytes, b"ba..4321567");
    }
}
