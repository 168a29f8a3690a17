//! Structures as a guest lays them out, written and read field by field.
//!
//! Nothing of the host's layout is ever copied to a guest: width, order and place of each field
//! come from the [`Shape`] of the guest's words or, where instruction sets differ in more than
//! that, from a [`Layout`] that the [`Abi`](crate::Abi) brings.

use portolan_machine::memory::Order;

/// The words of a guest: what C's `long` and pointers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Bytes of a `long` and of a pointer: 4 or 8.
    pub word: u8,
    /// The byte order.
    pub order: Order,
}

impl Shape {
    /// The bytes of an unsigned number of `bytes` bytes, cut to fit.
    pub fn encode(self, value: u64, bytes: usize) -> [u8; 8] {
        let mut out = [0; 8];
        match self.order {
            Order::Little => out.copy_from_slice(&value.to_le_bytes()),
            Order::Big => out[..bytes].copy_from_slice(&value.to_be_bytes()[8 - bytes..]),
        }
        out
    }

    /// The unsigned number in `bytes`, which are at most eight.
    pub fn decode(self, bytes: &[u8]) -> u64 {
        let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        match self.order {
            Order::Little => bytes.iter().rev().fold(0, join),
            Order::Big => bytes.iter().fold(0, join),
        }
    }
}

/// One field of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the kernel's headers.
    pub name: &'static str,
    /// Bytes from the start of the structure.
    pub offset: u16,
    /// Bytes of the field: 1, 2, 4 or 8.
    pub bytes: u8,
}

/// Shorthand for one row of a [`Layout`].
pub const fn field(name: &'static str, offset: u16, bytes: u8) -> Field {
    Field {
        name,
        offset,
        bytes,
    }
}

/// A structure as data.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Bytes of the whole structure, trailing padding included.
    pub size: u16,
    /// The fields, in any order.
    pub fields: &'static [Field],
}

impl Layout {
    /// The field with a name, if this guest's structure has it.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The bytes of a structure with these fields; what the structure does not have is left out.
    pub fn encode(&self, shape: Shape, values: &[(&str, u64)]) -> Vec<u8> {
        let mut out = vec![0; usize::from(self.size)];
        for (name, value) in values {
            if let Some(field) = self.field(name) {
                let (start, bytes) = (usize::from(field.offset), usize::from(field.bytes));
                out[start..start + bytes].copy_from_slice(&shape.encode(*value, bytes)[..bytes]);
            }
        }
        out
    }

    /// The value of a field, zero-extended; 0 where the structure does not have it.
    pub fn decode(&self, shape: Shape, bytes: &[u8], name: &str) -> u64 {
        self.field(name).map_or(0, |field| {
            let (start, length) = (usize::from(field.offset), usize::from(field.bytes));
            bytes
                .get(start..start + length)
                .map_or(0, |bytes| shape.decode(bytes))
        })
    }
}

/// Writes a structure that every instruction set lays out by C's rules.
#[derive(Clone, Debug)]
pub struct Writer {
    shape: Shape,
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty structure.
    pub fn new(shape: Shape) -> Writer {
        Writer {
            shape,
            bytes: Vec::new(),
        }
    }

    fn number(mut self, value: u64, bytes: usize) -> Writer {
        self = self.align(bytes);
        self.bytes
            .extend_from_slice(&self.shape.encode(value, bytes)[..bytes]);
        self
    }

    /// One byte.
    pub fn u8(self, value: u8) -> Writer {
        self.number(u64::from(value), 1)
    }

    /// Two bytes.
    pub fn u16(self, value: u16) -> Writer {
        self.number(u64::from(value), 2)
    }

    /// Four bytes: C's `int`.
    pub fn u32(self, value: u32) -> Writer {
        self.number(u64::from(value), 4)
    }

    /// Four bytes, signed.
    pub fn i32(self, value: i32) -> Writer {
        self.u32(value.cast_unsigned())
    }

    /// Eight bytes: C's `long long`.
    pub fn u64(self, value: u64) -> Writer {
        self.number(value, 8)
    }

    /// C's `long` or a pointer, cut to the guest's width.
    pub fn long(self, value: u64) -> Writer {
        let word = usize::from(self.shape.word);
        self.number(value, word)
    }

    /// C's `long`, signed.
    pub fn signed_long(self, value: i64) -> Writer {
        self.long(value.cast_unsigned())
    }

    /// Bytes as they are.
    pub fn raw(mut self, bytes: &[u8]) -> Writer {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Bytes in an array of `length`, cut or filled with zeros.
    pub fn array(mut self, bytes: &[u8], length: usize) -> Writer {
        let end = self.bytes.len() + length;
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(length)]);
        self.bytes.resize(end, 0);
        self
    }

    /// Zeros up to a multiple of `alignment`.
    pub fn align(mut self, alignment: usize) -> Writer {
        self.bytes
            .resize(self.bytes.len().next_multiple_of(alignment), 0);
        self
    }

    /// Zeros up to a length.
    pub fn pad(mut self, length: usize) -> Writer {
        self.bytes.resize(self.bytes.len().max(length), 0);
        self
    }

    /// The structure's bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads a structure that every instruction set lays out by C's rules. Past the end it reads
/// zeros.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    shape: Shape,
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the structure's first field.
    pub fn new(shape: Shape, bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            shape,
            bytes,
            position: 0,
        }
    }

    fn number(&mut self, bytes: usize) -> u64 {
        let start = self.position.next_multiple_of(bytes);
        self.position = start + bytes;
        self.bytes
            .get(start..start + bytes)
            .map_or(0, |bytes| self.shape.decode(bytes))
    }

    /// Two bytes.
    pub fn u16(&mut self) -> u16 {
        self.number(2) as u16
    }

    /// Four bytes.
    pub fn u32(&mut self) -> u32 {
        self.number(4) as u32
    }

    /// Four bytes, signed.
    pub fn i32(&mut self) -> i32 {
        self.u32().cast_signed()
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> u64 {
        self.number(8)
    }

    /// C's `unsigned long` or a pointer, zero-extended.
    pub fn long(&mut self) -> u64 {
        self.number(usize::from(self.shape.word))
    }

    /// C's `long`, sign-extended.
    pub fn signed_long(&mut self) -> i64 {
        let value = self.long();
        match self.shape.word {
            4 => i64::from((value as u32).cast_signed()),
            _ => value.cast_signed(),
        }
    }

    /// Bytes as they are.
    pub fn raw(&mut self, length: usize) -> &'a [u8] {
        let start = self.position.min(self.bytes.len());
        self.position += length;
        &self.bytes[start..self.position.min(self.bytes.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG32: Shape = Shape {
        word: 4,
        order: Order::Big,
    };
    const LITTLE64: Shape = Shape {
        word: 8,
        order: Order::Little,
    };

    #[test]
    fn fields_are_aligned_to_their_size() {
        let bytes = Writer::new(LITTLE64).u8(1).u32(2).u16(3).long(4).finish();
        assert_eq!(
            bytes,
            [
                1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0
            ]
        );
    }

    #[test]
    fn words_have_the_guests_width_and_order() {
        let bytes = Writer::new(BIG32).long(0x1_2345_6789).u16(0xabcd).finish();
        assert_eq!(bytes, [0x23, 0x45, 0x67, 0x89, 0xab, 0xcd]);
        let mut reader = Reader::new(BIG32, &[0xff, 0xff, 0xff, 0xfe, 0, 1]);
        assert_eq!(reader.signed_long(), -2);
        assert_eq!(reader.u16(), 1);
        assert_eq!(reader.u32(), 0, "past the end");
    }

    #[test]
    fn a_layout_places_fields_by_name() {
        const LAYOUT: Layout = Layout {
            size: 8,
            fields: &[field("a", 4, 2), field("b", 0, 4)],
        };
        let bytes = LAYOUT.encode(BIG32, &[("a", 0x1_0203), ("b", 1), ("c", 9)]);
        assert_eq!(bytes, [0, 0, 0, 1, 2, 3, 0, 0]);
        assert_eq!(LAYOUT.decode(BIG32, &bytes, "a"), 0x0203);
        assert_eq!(LAYOUT.decode(BIG32, &bytes, "c"), 0);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(a: u32, b: u64, c: u16, big: bool, wide: bool) {
            let shape = Shape {
                word: if wide { 8 } else { 4 },
                order: if big { Order::Big } else { Order::Little },
            };
            let bytes = Writer::new(shape).u16(c).u64(b).u32(a).finish();
            let mut reader = Reader::new(shape, &bytes);
            assert_eq!((reader.u16(), reader.u64(), reader.u32()), (c, b, a));
        }
    }
}
