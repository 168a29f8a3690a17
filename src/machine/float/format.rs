//! Interchange formats (IEEE 754-2019 §3.4) and the reading of their bit patterns.

use super::Rules;

/// A binary interchange format: how a bit pattern denotes a number.
///
/// The arithmetic itself works on exact unpacked numbers, so a further format of up to 64 bits
/// needs its parameters here and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// binary32: 24 bits of precision, an exponent of 8 bits.
    F32,
    /// binary64: 53 bits of precision, an exponent of 11 bits.
    F64,
}

impl Format {
    /// The storage width in bits: *k* of IEEE 754-2019 table 3.5.
    pub const fn width(self) -> u32 {
        match self {
            Format::F32 => 32,
            Format::F64 => 64,
        }
    }

    /// The number of significant bits, with the implicit one: *p* of IEEE 754-2019 table 3.5.
    pub const fn precision(self) -> u32 {
        match self {
            Format::F32 => 24,
            Format::F64 => 53,
        }
    }

    /// The greatest exponent of a finite number: *emax* of IEEE 754-2019 table 3.5.
    pub const fn emax(self) -> i32 {
        (1 << (self.width() - self.precision() - 1)) - 1
    }

    /// The least exponent of a normal number: *emin* of IEEE 754-2019 table 3.5.
    pub const fn emin(self) -> i32 {
        1 - self.emax()
    }

    /// The exponent of the last place of subnormal numbers: every finite number is a whole
    /// multiple of two to this power.
    pub(super) const fn qmin(self) -> i32 {
        self.emin() - (self.precision() as i32 - 1)
    }

    /// The bit that says "negative".
    pub const fn sign_bit(self) -> u64 {
        1 << (self.width() - 1)
    }

    /// The pattern of +∞: greater than that of every finite number, less than that of every NaN.
    pub const fn infinity(self) -> u64 {
        self.sign_bit() - self.least_normal()
    }

    /// The pattern of the least positive normal number.
    pub(super) const fn least_normal(self) -> u64 {
        1 << (self.precision() - 1)
    }

    /// The bits of the trailing significand field.
    pub(super) const fn fraction(self) -> u64 {
        self.least_normal() - 1
    }

    /// The first bit of the trailing significand field, which tells quiet NaNs from signaling ones.
    pub(super) const fn quiet_bit(self) -> u64 {
        1 << (self.precision() - 2)
    }

    /// The bits of `bits` that belong to this format.
    pub(super) const fn truncate(self, bits: u64) -> u64 {
        bits & (self.sign_bit() | (self.sign_bit() - 1))
    }
}

/// What kind of datum a pattern denotes (IEEE 754-2019 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Zero,
    /// Normal or subnormal.
    Finite,
    Infinite,
    QuietNan,
    SignalingNan,
}

/// An operand, unpacked. A [`Class::Finite`] one is ±`significand` × 2^`exponent`, with the leading
/// bit of `significand` at bit 63.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub bits: u64,
    pub class: Class,
    pub negative: bool,
    pub significand: u64,
    pub exponent: i32,
}

impl Operand {
    pub fn unpack(bits: u64, format: Format, rules: &Rules) -> Operand {
        let bits = format.truncate(bits);
        let magnitude = bits & !format.sign_bit();
        let negative = bits != magnitude;
        let fraction = magnitude & format.fraction();
        let biased = (magnitude >> (format.precision() - 1)) as i32;
        let mut operand = Operand {
            bits,
            class: Class::Zero,
            negative,
            significand: 0,
            exponent: 0,
        };
        if magnitude > format.infinity() {
            let quiet = (magnitude & format.quiet_bit() != 0) == rules.quiet_bit;
            operand.class = if quiet {
                Class::QuietNan
            } else {
                Class::SignalingNan
            };
        } else if magnitude == format.infinity() {
            operand.class = Class::Infinite;
        } else if magnitude != 0 {
            let significand = if biased == 0 {
                fraction
            } else {
                fraction | format.least_normal()
            };
            let shift = significand.leading_zeros();
            operand.class = Class::Finite;
            operand.significand = significand << shift;
            operand.exponent = format.qmin() + biased.max(1) - 1 - shift as i32;
        }
        operand
    }

    pub fn is_nan(&self) -> bool {
        matches!(self.class, Class::QuietNan | Class::SignalingNan)
    }

    pub fn is_zero(&self) -> bool {
        self.class == Class::Zero
    }

    pub fn is_infinite(&self) -> bool {
        self.class == Class::Infinite
    }
}
