//! What an access is: how many bytes, in which byte order, and how they become a 64-bit value.
//!
//! Memory holds bytes and knows no order. Between it and a register stands the *raw* value: the
//! number whose least significant byte lies at the lowest address. [`Access`] turns raw values
//! into register values and back, and it alone knows of byte order and sign.

/// The byte order of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The least significant byte lies at the lowest address.
    Little,
    /// The most significant byte lies at the lowest address.
    Big,
}

/// The shape of one access to memory: its size, and how its bytes become a 64-bit value.
///
/// Made from the constants, so that only the sizes 1, 2, 4 and 8 exist:
/// `Access::I32.big()` is a sign-extended 32-bit big-endian access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Bytes accessed: 1, 2, 4 or 8.
    pub bytes: u8,
    /// Whether a loaded value is sign-extended to 64 bits; otherwise it is zero-extended.
    pub signed: bool,
    /// Byte order.
    pub order: Order,
}

impl Access {
    /// One byte, zero-extended.
    pub const U8: Access = Access::little(1, false);
    /// One byte, sign-extended.
    pub const I8: Access = Access::little(1, true);
    /// Two bytes, little-endian, zero-extended.
    pub const U16: Access = Access::little(2, false);
    /// Two bytes, little-endian, sign-extended.
    pub const I16: Access = Access::little(2, true);
    /// Four bytes, little-endian, zero-extended.
    pub const U32: Access = Access::little(4, false);
    /// Four bytes, little-endian, sign-extended.
    pub const I32: Access = Access::little(4, true);
    /// Eight bytes, little-endian; there is nothing to extend.
    pub const U64: Access = Access::little(8, false);

    const fn little(bytes: u8, signed: bool) -> Access {
        Access {
            bytes,
            signed,
            order: Order::Little,
        }
    }

    /// The same access in byte order `order`.
    #[inline(always)]
    pub const fn with_order(self, order: Order) -> Access {
        Access { order, ..self }
    }

    /// The same access, big-endian.
    #[inline(always)]
    pub const fn big(self) -> Access {
        self.with_order(Order::Big)
    }

    /// The raw value that stores the low bytes of the register value `value`.
    #[inline(always)]
    pub(super) const fn raw(self, value: u64) -> u64 {
        match (self.order, self.bytes) {
            (_, 1) => value as u8 as u64,
            (Order::Little, 2) => value as u16 as u64,
            (Order::Little, 4) => value as u32 as u64,
            (Order::Little, _) => value,
            (Order::Big, 2) => (value as u16).swap_bytes() as u64,
            (Order::Big, 4) => (value as u32).swap_bytes() as u64,
            (Order::Big, _) => value.swap_bytes(),
        }
    }

    /// The register value of the raw value `raw`: ordered and extended to 64 bits.
    #[inline(always)]
    pub(super) const fn value(self, raw: u64) -> u64 {
        self.extend(self.raw(raw))
    }

    /// The low bytes of `value`, extended to 64 bits as this access extends.
    #[inline(always)]
    pub const fn extend(self, value: u64) -> u64 {
        match (self.signed, self.bytes) {
            (true, 1) => value as i8 as u64,
            (true, 2) => value as i16 as u64,
            (true, 4) => value as i32 as u64,
            (false, 1) => value as u8 as u64,
            (false, 2) => value as u16 as u64,
            (false, 4) => value as u32 as u64,
            _ => value,
        }
    }
}

/// What an atomic read-modify-write makes of the old value and its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rmw {
    /// The operand.
    Swap,
    /// Their sum, wrapping at the size of the access.
    Add,
    /// Their bitwise AND.
    And,
    /// Their bitwise OR.
    Or,
    /// Their bitwise exclusive OR.
    Xor,
    /// The smaller one, compared as signed numbers of the size of the access.
    MinSigned,
    /// The greater one, compared as signed numbers of the size of the access.
    MaxSigned,
    /// The smaller one, compared as unsigned numbers of the size of the access.
    MinUnsigned,
    /// The greater one, compared as unsigned numbers of the size of the access.
    MaxUnsigned,
}

impl Rmw {
    /// What replaces the value `old` under an access of shape `a`; both as registers hold them.
    pub fn result(self, a: Access, old: u64, operand: u64) -> u64 {
        a.value(self.apply(a, a.raw(old), operand))
    }

    /// The raw value that replaces the raw value `old` under an access of shape `a`.
    #[inline]
    pub(super) fn apply(self, a: Access, old: u64, operand: u64) -> u64 {
        let unsigned = Access { signed: false, ..a };
        let (old_unsigned, operand_unsigned) = (unsigned.value(old), unsigned.extend(operand));
        let signed = Access { signed: true, ..a };
        let (old_signed, operand_signed) =
            (signed.value(old) as i64, signed.extend(operand) as i64);
        a.raw(match self {
            Rmw::Swap => operand,
            Rmw::Add => old_unsigned.wrapping_add(operand),
            Rmw::And => old_unsigned & operand,
            Rmw::Or => old_unsigned | operand,
            Rmw::Xor => old_unsigned ^ operand,
            Rmw::MinSigned => old_signed.min(operand_signed) as u64,
            Rmw::MaxSigned => old_signed.max(operand_signed) as u64,
            Rmw::MinUnsigned => old_unsigned.min(operand_unsigned),
            Rmw::MaxUnsigned => old_unsigned.max(operand_unsigned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_follows_size_and_sign() {
        assert_eq!(Access::U8.value(0x1_80), 0x80);
        assert_eq!(Access::I8.value(0x80), 0xffff_ffff_ffff_ff80);
        assert_eq!(Access::I16.value(0x7fff), 0x7fff);
        assert_eq!(Access::I32.value(0x8000_0000), 0xffff_ffff_8000_0000);
        assert_eq!(Access::U32.value(0x8000_0000), 0x8000_0000);
        assert_eq!(Access::U64.value(u64::MAX), u64::MAX);
    }

    #[test]
    fn big_endian_values_swap_before_they_extend() {
        assert_eq!(Access::I16.big().value(0x00ff), 0xffff_ffff_ffff_ff00);
        assert_eq!(Access::U32.big().raw(0x1122_3344), 0x4433_2211);
        assert_eq!(Access::U64.big().raw(1), 1 << 56);
        assert_eq!(Access::U8.big().raw(0x12), 0x12);
    }

    #[test]
    fn minima_and_maxima_compare_at_the_size_of_the_access() {
        assert_eq!(Rmw::MinSigned.apply(Access::U8, 0x80, 0x17f), 0x80);
        assert_eq!(Rmw::MaxSigned.apply(Access::U8, 0x80, 0x17f), 0x7f);
        assert_eq!(Rmw::MinUnsigned.apply(Access::I8, 0x80, 0x17f), 0x7f);
        assert_eq!(Rmw::MaxUnsigned.apply(Access::I8, 0x80, 0x17f), 0x80);
        assert_eq!(Rmw::Add.apply(Access::U16.big(), 0xff00, 1), 0x0001);
    }
}
