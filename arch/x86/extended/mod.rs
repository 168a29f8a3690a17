//! Arithmetic of the x87 unit: double extended precision, as the processor has it (Volume 1, Sections
//! 4.8, 8.4 and 8.5).
//!
//! Each operation is a pure function of two operands and the control word. Its answer says what it
//! raised and whether it rounded away from zero (C1), which no library of IEEE 754 arithmetic tells, and
//! depends on what is masked and on the precision of results, which none can be told.

mod arithmetic;
mod compare;
mod convert;
mod elementary;
mod remainder;
mod round;
#[cfg(test)]
mod tests;
mod wide;

pub use arithmetic::{add, divide, divide_by, multiply, root, subtract, subtract_from};
pub use compare::{compare, compare_quietly, examine};
pub use convert::{
    from_decimal, load, to_decimal, to_double, to_int16, to_int16_truncated, to_int32,
    to_int32_truncated, to_int64, to_int64_truncated, to_single,
};
pub use elementary::{arctangent, cosine, exponential, logarithm, logarithm_plus_1, sine, tangent};
pub use remainder::{exponent, integral, remainder, remainder_to_nearest, scale, significand};

/// The bias of exponents.
pub const BIAS: i32 = 0x3fff;
/// The exponent of infinities and NaNs.
const SPECIAL: u16 = 0x7fff;
const SIGN: u16 = 0x8000;
/// The integer bit, which finite numbers have but for subnormal ones.
const INTEGER: u64 = 1 << 63;
/// The bit of NaNs that are quiet.
const QUIET: u64 = 1 << 62;

/// A number as registers hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The integer bit, and 63 bits of fraction.
    pub significand: u64,
    /// The exponent, with its bias, and above it the sign.
    pub exponent: u16,
}

impl Extended {
    /// The NaN that invalid operations give.
    pub const INDEFINITE: Extended = Extended {
        significand: INTEGER | QUIET,
        exponent: SIGN | SPECIAL,
    };

    const fn zero(negative: bool) -> Extended {
        Extended::signed(negative, 0, 0)
    }

    const fn one(negative: bool) -> Extended {
        Extended::signed(negative, BIAS as u16, INTEGER)
    }

    const fn infinity(negative: bool) -> Extended {
        Extended::signed(negative, SPECIAL, INTEGER)
    }

    const fn signed(negative: bool, exponent: u16, significand: u64) -> Extended {
        let sign = if negative { SIGN } else { 0 };
        Extended {
            significand,
            exponent: sign | exponent,
        }
    }
}

/// Bits of the status word: what an operation raised, and the conditions.
pub mod status {
    /// Invalid operation.
    pub const INVALID: u16 = 1;
    /// Denormal operand.
    pub const DENORMAL: u16 = 2;
    /// Division by zero.
    pub const DIVIDE_BY_ZERO: u16 = 4;
    /// Overflow.
    pub const OVERFLOW: u16 = 8;
    /// Underflow.
    pub const UNDERFLOW: u16 = 16;
    /// Inexact result.
    pub const INEXACT: u16 = 32;
    /// A register was used that was empty, or made that was in use.
    pub const STACK_FAULT: u16 = 64;
    /// C0.
    pub const C0: u16 = 1 << 8;
    /// C1: a result was rounded away from zero.
    pub const C1: u16 = 1 << 9;
    /// C2.
    pub const C2: u16 = 1 << 10;
    /// C3.
    pub const C3: u16 = 1 << 14;
}

/// What an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The result: a number, or what is to be stored, in the low bits.
    pub value: Extended,
    /// Bits of [`status`].
    pub raised: u16,
}

impl Answer {
    fn exact(value: Extended) -> Answer {
        Answer { value, raised: 0 }
    }

    fn invalid() -> Answer {
        Answer {
            value: Extended::INDEFINITE,
            raised: status::INVALID,
        }
    }

    /// Of conditions only.
    fn conditions(raised: u16) -> Answer {
        Answer {
            value: Extended::zero(false),
            raised,
        }
    }

    fn raising(mut self, raised: u16) -> Answer {
        self.raised |= raised;
        self
    }
}

/// Where numbers are rounded to, as the control word numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the nearest number; halfway, to the one with an even last digit.
    Nearest,
    /// Toward -∞.
    Down,
    /// Toward +∞.
    Up,
    /// Toward zero.
    Zero,
}

/// What the control word says.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Where results are rounded to.
    pub direction: Direction,
    /// The bits of the significand of sums, products, quotients and roots: 24, 53 or 64.
    pub precision: u32,
    /// The exceptions that trap, as bits of [`status`].
    pub traps: u16,
}

impl Control {
    /// The control word's meaning.
    pub fn of(word: u16) -> Control {
        Control {
            direction: match word >> 10 & 3 {
                0 => Direction::Nearest,
                1 => Direction::Down,
                2 => Direction::Up,
                _ => Direction::Zero,
            },
            precision: match word >> 8 & 3 {
                0 => 24,
                2 => 53,
                // 1 is reserved.
                _ => 64,
            },
            traps: !word & 0x3f,
        }
    }

    /// The same with results of full precision.
    fn in_full(self) -> Control {
        Control {
            precision: 64,
            ..self
        }
    }

    fn traps(self, exception: u16) -> bool {
        self.traps & exception != 0
    }
}

/// What an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Zero,
    Finite,
    Infinity,
    Quiet,
    Signaling,
    /// What has an exponent but no integer bit: no processor makes it since the 80387.
    Unsupported,
}

/// An operand, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    class: Class,
    negative: bool,
    /// The power of two of the significand's highest bit, of a finite number.
    exponent: i32,
    /// Its highest bit is set, of a finite number; the NaN's, of a NaN.
    significand: u64,
    /// Whether it is subnormal in its format.
    denormal: bool,
    /// As it came, in a register's format.
    whole: Extended,
}

impl Operand {
    /// What a register holds.
    pub fn extended(whole: Extended) -> Operand {
        let (significand, exponent) = (whole.significand, whole.exponent & SPECIAL);
        let class = match (exponent, significand) {
            (0, 0) => Class::Zero,
            (0, _) => Class::Finite,
            (_, 0..INTEGER) => Class::Unsupported,
            (SPECIAL, INTEGER) => Class::Infinity,
            (SPECIAL, _) if significand & QUIET != 0 => Class::Quiet,
            (SPECIAL, _) => Class::Signaling,
            _ => Class::Finite,
        };
        let shift = match class {
            Class::Finite => significand.leading_zeros(),
            _ => 0,
        };
        Operand {
            class,
            negative: whole.exponent & SIGN != 0,
            exponent: i32::from(exponent.max(1)) - BIAS - shift as i32,
            significand: significand << shift,
            denormal: class == Class::Finite && exponent == 0,
            whole,
        }
    }

    /// A number of single precision.
    pub fn single(bits: u32) -> Operand {
        let exponent = bits >> 23 & 0xff;
        let fraction = u64::from(bits & 0x7f_ffff) << 40;
        Operand::narrow(bits >> 31 != 0, exponent, 0xff, 127, fraction)
    }

    /// A number of double precision.
    pub fn double(bits: u64) -> Operand {
        let exponent = (bits >> 52 & 0x7ff) as u32;
        let fraction = (bits & ((1 << 52) - 1)) << 11;
        Operand::narrow(bits >> 63 != 0, exponent, 0x7ff, 1023, fraction)
    }

    fn narrow(negative: bool, exponent: u32, special: u32, bias: i32, fraction: u64) -> Operand {
        let whole = match (exponent, fraction) {
            (0, 0) => Extended::zero(negative),
            (0, _) => {
                let shift = fraction.leading_zeros();
                let exponent = BIAS - bias + 1 - shift as i32;
                Extended::signed(negative, exponent as u16, fraction << shift)
            }
            _ if exponent == special => Extended::signed(negative, SPECIAL, INTEGER | fraction),
            _ => {
                let exponent = exponent as i32 - bias + BIAS;
                Extended::signed(negative, exponent as u16, INTEGER | fraction)
            }
        };
        Operand {
            denormal: exponent == 0 && fraction != 0,
            ..Operand::extended(whole)
        }
    }

    /// An integer.
    pub fn integer(value: i64) -> Operand {
        let magnitude = value.unsigned_abs();
        let shift = magnitude.leading_zeros();
        Operand::extended(match magnitude {
            0 => Extended::zero(false),
            _ => {
                let exponent = BIAS + 63 - shift as i32;
                Extended::signed(value < 0, exponent as u16, magnitude << shift)
            }
        })
    }

    fn is_nan(&self) -> bool {
        matches!(self.class, Class::Quiet | Class::Signaling)
    }

    /// As it came, in a register's format, with a sign.
    fn with_sign(&self, negative: bool) -> Extended {
        Extended::signed(
            negative,
            self.whole.exponent & SPECIAL,
            self.whole.significand,
        )
    }

    /// The NaN that an operation makes of it.
    fn quieted(&self) -> Extended {
        Extended {
            significand: self.whole.significand | QUIET,
            ..self.whole
        }
    }
}

/// The answer that NaNs and unsupported operands decide (Table 4-7).
fn of_nans(operands: &[&Operand]) -> Option<Answer> {
    if operands.iter().any(|it| it.class == Class::Unsupported) {
        return Some(Answer::invalid());
    }
    // A quiet one comes before a signaling one, then the one with the larger significand.
    let nans = operands.iter().filter(|it| it.is_nan());
    let chosen = nans.max_by_key(|it| {
        let quiet = it.class == Class::Quiet;
        (quiet, it.significand, !it.negative)
    })?;
    let signaling = operands.iter().any(|it| it.class == Class::Signaling);
    Some(Answer {
        value: chosen.quieted(),
        raised: if signaling { status::INVALID } else { 0 },
    })
}

/// What subnormal operands raise.
fn of_denormals(operands: &[&Operand]) -> u16 {
    match operands.iter().any(|it| it.denormal) {
        true => status::DENORMAL,
        false => 0,
    }
}
