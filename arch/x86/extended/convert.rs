//! Conversions between the register's format and those of memory.

use super::round::{round_off, rounds_to_infinity, shift_right};
use super::status::{C1, INEXACT, INVALID, OVERFLOW, UNDERFLOW};
use super::{Answer, Class, Control, Direction, Extended, Operand, QUIET, of_denormals, of_nans};

/// An operand as registers hold it.
pub fn load(_: &Operand, b: &Operand, _: Control) -> Answer {
    match of_nans(&[b]) {
        Some(answer) => answer,
        None => Answer::exact(b.whole).raising(of_denormals(&[b])),
    }
}

/// A format that is narrower.
struct Narrow {
    /// Bits of the significand, with the one that is not stored.
    precision: u32,
    /// Bits in all.
    width: u32,
    bias: i32,
}

const SINGLE: Narrow = Narrow {
    precision: 24,
    width: 32,
    bias: 127,
};
const DOUBLE: Narrow = Narrow {
    precision: 53,
    width: 64,
    bias: 1023,
};

/// a in single precision.
pub fn to_single(a: &Operand, _: &Operand, control: Control) -> Answer {
    SINGLE.of(a, control)
}

/// a in double precision.
pub fn to_double(a: &Operand, _: &Operand, control: Control) -> Answer {
    DOUBLE.of(a, control)
}

impl Narrow {
    fn of(&self, a: &Operand, control: Control) -> Answer {
        let special = 2 * self.bias as u64 + 1;
        let fraction = |significand: u64| significand << 1 >> (65 - self.precision);
        match a.class {
            Class::Unsupported => self.answer(true, special, fraction(QUIET), INVALID),
            Class::Quiet => self.answer(a.negative, special, fraction(a.significand), 0),
            Class::Signaling => self.answer(
                a.negative,
                special,
                fraction(a.significand | QUIET),
                INVALID,
            ),
            Class::Infinity => self.answer(a.negative, special, 0, 0),
            Class::Zero => self.answer(a.negative, 0, 0, 0),
            Class::Finite => self.round(a, control),
        }
    }

    fn answer(&self, negative: bool, exponent: u64, fraction: u64, raised: u16) -> Answer {
        let sign = u64::from(negative) << (self.width - 1);
        let bits = sign | exponent << (self.precision - 1) | fraction;
        word(bits, raised)
    }

    fn round(&self, a: &Operand, control: Control) -> Answer {
        let (negative, direction) = (a.negative, control.direction);
        let significand = u128::from(a.significand) << 64;
        let drop = 128 - self.precision;
        let hidden = 1 << (self.precision - 1);
        let least = 1 - self.bias;
        let rounded = round_off(direction, negative, significand, drop);
        let carry = i32::from(rounded.significand >> self.precision != 0);
        let exponent = a.exponent + carry;
        if exponent > self.bias && control.traps(OVERFLOW) {
            return self.answer(negative, 0, 0, OVERFLOW);
        }
        if exponent > self.bias {
            let infinite = rounds_to_infinity(direction, negative);
            let largest = 2 * self.bias as u64;
            return match infinite {
                true => self.answer(negative, largest + 1, 0, OVERFLOW | INEXACT | C1),
                false => self.answer(negative, largest, hidden - 1, OVERFLOW | INEXACT),
            };
        }
        if a.exponent >= least {
            let fraction = (rounded.significand >> carry) & (hidden - 1);
            let exponent = (exponent + self.bias) as u64;
            return self.answer(negative, exponent, fraction, rounded.raised());
        }
        let shift = (least - a.exponent) as u32;
        let is_tiny = exponent < least;
        if is_tiny && control.traps(UNDERFLOW) {
            return self.answer(negative, 0, 0, UNDERFLOW);
        }
        let rounded = round_off(direction, negative, shift_right(significand, shift), drop);
        let underflow = match is_tiny && rounded.inexact {
            true => UNDERFLOW,
            false => 0,
        };
        // What rounds up to the hidden bit is normal: the exponent becomes one by itself.
        self.answer(
            negative,
            0,
            rounded.significand,
            rounded.raised() | underflow,
        )
    }
}

/// An answer that is stored.
fn word(bits: u64, raised: u16) -> Answer {
    let value = Extended {
        significand: bits,
        exponent: 0,
    };
    Answer { value, raised }
}

macro_rules! integers {
    ($($name:ident $truncated:ident $bits:literal;)*) => {$(
        #[doc = concat!("a as a signed integer of ", $bits, " bits.")]
        pub fn $name(a: &Operand, _: &Operand, control: Control) -> Answer {
            to_integer(a, $bits, control.direction)
        }

        #[doc = concat!("a as a signed integer of ", $bits, " bits, rounded toward zero.")]
        pub fn $truncated(a: &Operand, _: &Operand, _: Control) -> Answer {
            to_integer(a, $bits, Direction::Zero)
        }
    )*};
}

integers! {
    to_int16 to_int16_truncated 16;
    to_int32 to_int32_truncated 32;
    to_int64 to_int64_truncated 64;
}

/// A signed integer; what does not fit is invalid, and gives the least one.
fn to_integer(a: &Operand, bits: u32, direction: Direction) -> Answer {
    let least = 1 << (bits - 1);
    let invalid = word(least, INVALID);
    let Some((magnitude, raised)) = magnitude(a, direction) else {
        return invalid;
    };
    let limit = least - u64::from(!a.negative);
    match magnitude {
        _ if magnitude > limit => invalid,
        _ if a.negative => word(magnitude.wrapping_neg(), raised),
        _ => word(magnitude, raised),
    }
}

/// The integer next to a number, without its sign, and what finding it raised; none if it has more than
/// 64 bits.
pub(super) fn magnitude(a: &Operand, direction: Direction) -> Option<(u64, u16)> {
    match a.class {
        Class::Zero => return Some((0, 0)),
        Class::Finite if a.exponent < 64 => {}
        _ => return None,
    }
    // Bit 64 of the significand has the value one.
    let shift = (63 - a.exponent) as u32;
    let significand = shift_right(u128::from(a.significand) << 64, shift);
    let rounded = round_off(direction, a.negative, significand, 64);
    let wraps = rounded.up && rounded.significand == 0;
    (!wraps).then(|| (rounded.significand, rounded.raised()))
}

/// The largest number of 18 digits.
const DIGITS: u64 = 999_999_999_999_999_999;

/// a as a decimal integer: 18 digits of four bits each, and the sign in the highest bit.
pub fn to_decimal(a: &Operand, _: &Operand, control: Control) -> Answer {
    let (mut rest, raised) = match magnitude(a, control.direction) {
        Some((magnitude, raised)) if magnitude <= DIGITS => (magnitude, raised),
        _ => {
            // The packed decimal indefinite.
            let value = Extended {
                significand: 0xc000_0000_0000_0000,
                exponent: 0xffff,
            };
            let raised = INVALID;
            return Answer { value, raised };
        }
    };
    let mut digits: u128 = 0;
    for place in 0..18 {
        digits |= u128::from(rest % 10) << (4 * place);
        rest /= 10;
    }
    let value = Extended {
        significand: digits as u64,
        exponent: (digits >> 64) as u16 | if a.negative { 0x8000 } else { 0 },
    };
    Answer { value, raised }
}

/// The number of 18 decimal digits that a register's format would hold at its place. Whatever else the
/// digits hold, their values count.
pub fn from_decimal(_: &Operand, b: &Operand, _: Control) -> Answer {
    let digits = u128::from(b.whole.exponent & 0xff) << 64 | u128::from(b.whole.significand);
    let value = (0..18).rev().fold(0u64, |sum, place| {
        sum * 10 + (digits >> (4 * place) & 15) as u64
    });
    let magnitude = Operand::integer(value as i64);
    Answer::exact(magnitude.with_sign(b.negative))
}
