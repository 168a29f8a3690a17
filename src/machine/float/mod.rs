//! IEEE 754 arithmetic as instruction sets define it: pure functions on bit patterns, exact in every
//! rounding direction, with exact exception flags.
//!
//! [`evaluate`] is the one entry. An operation takes an *exact* path: operands are unpacked
//! ([`Format`] says how), the true result is computed in integers, and rounded once. What IEEE 754
//! leaves open (which NaN, when a result is tiny, what an impossible conversion returns) differs
//! between instruction sets and is data: [`Rules`].
//!
//! A pattern of a format narrower than 64 bits sits in the low bits of a `u64`, the others being
//! zero in results and ignored in operands. NaN boxing and sign extension are the business of the
//! instruction set.
//!
//! Section numbers are those of IEEE 754-2019.

mod arithmetic;
mod compare;
mod convert;
mod fast;
mod format;
mod round;
mod rules;
mod subnormal;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::ops::{BitOr, BitOrAssign};

use convert::Integer;
pub use format::Format;
use format::Operand;
pub use rules::{DefaultNan, InvalidProduct, NanRule, OutOfRange, Rules, Tininess};
pub use subnormal::{FLUSH_RESULTS, OPERANDS_ARE_ZERO, UNDERFLOW_TRAPS, evaluate_in};

/// A rounding-direction attribute (IEEE 754-2019 §4.3), numbered as RISC-V's `frm` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Rounding {
    /// To the nearest number; halfway, to the one with an even last digit.
    #[default]
    NearestEven = 0,
    /// To the number nearest to and no greater in magnitude.
    TowardZero = 1,
    /// Toward -∞.
    Down = 2,
    /// Toward +∞.
    Up = 3,
    /// To the nearest number; halfway, to the one greater in magnitude.
    NearestAway = 4,
}

impl Rounding {
    /// Every direction, in the order of their numbers.
    pub const ALL: [Rounding; 5] = [
        Rounding::NearestEven,
        Rounding::TowardZero,
        Rounding::Down,
        Rounding::Up,
        Rounding::NearestAway,
    ];

    /// The direction of this number, 0 to 4; none for any other.
    pub const fn from_index(index: u8) -> Option<Rounding> {
        if index < 5 {
            Some(Rounding::ALL[index as usize])
        } else {
            None
        }
    }

    /// The number of this direction, 0 to 4.
    pub const fn index(self) -> u8 {
        self as u8
    }
}

/// A set of exceptions (IEEE 754-2019 §7), in the bit order of RISC-V's `fflags`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Flags(u8);

impl Flags {
    /// No exception.
    pub const NONE: Flags = Flags(0);
    /// The result differs from the exact one (§7.6).
    pub const INEXACT: Flags = Flags(1);
    /// The result is tiny and inexact (§7.5).
    pub const UNDERFLOW: Flags = Flags(2);
    /// The result exceeds the greatest finite number (§7.4).
    pub const OVERFLOW: Flags = Flags(4);
    /// An infinite result of finite operands (§7.3).
    pub const DIVIDE_BY_ZERO: Flags = Flags(8);
    /// No usefully definable result, or a signaling NaN (§7.2).
    pub const INVALID: Flags = Flags(16);
    /// A subnormal operand, where [`Rules::denormal_operand`] says so. RISC-V has no bit of it.
    pub const DENORMAL: Flags = Flags(32);

    /// The set as a mask.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of a mask; bits that name no exception are dropped.
    pub const fn from_bits(bits: u8) -> Flags {
        Flags(bits & 63)
    }

    /// Whether every exception of `other` is in this set.
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether no exception is in this set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}

/// What [`evaluate`] computes, of operands x, y and z in the format given to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// x + y.
    Add,
    /// x - y.
    Sub,
    /// x × y.
    Mul,
    /// x / y.
    Div,
    /// The square root of x.
    Sqrt,
    /// x × y + z, rounded once.
    MulAdd,
    /// x × y - z, rounded once.
    MulSub,
    /// -(x × y) + z, rounded once.
    NegMulSub,
    /// -(x × y) - z, rounded once. None of the negations touches a NaN.
    NegMulAdd,
    /// The lesser of x and y (§9.6 minimumNumber): a number rather than a NaN, -0 below +0.
    MinimumNumber,
    /// The greater of x and y (§9.6 maximumNumber): a number rather than a NaN, +0 above -0.
    MaximumNumber,
    /// 1 if x = y, else 0. Only a signaling NaN is invalid.
    EqualQuiet,
    /// 1 if x < y, else 0. Any NaN is invalid.
    LessSignaling,
    /// 1 if x ≤ y, else 0. Any NaN is invalid.
    LessEqualSignaling,
    /// x if x < y, else y. Any NaN is invalid.
    Lesser,
    /// x if x > y, else y. Any NaN is invalid.
    Greater,
    /// How x relates to y: 0 if x > y, 1 if unordered, 2 if x = y, 4 if x < y (the bits of the
    /// conditions of MIPS). Only a signaling NaN is invalid.
    RelationQuiet,
    /// The same, where any NaN is invalid.
    RelationSignaling,
    /// x rounded to a signed integer, in the low 32 bits of the result, the others zero.
    ToSigned32,
    /// x rounded to an unsigned integer of 32 bits.
    ToUnsigned32,
    /// x rounded to a signed integer of 64 bits.
    ToSigned64,
    /// x rounded to an unsigned integer of 64 bits.
    ToUnsigned64,
    /// The signed integer in the low 32 bits of x, as a number of the format.
    FromSigned32,
    /// The unsigned integer in the low 32 bits of x, as a number of the format.
    FromUnsigned32,
    /// The signed integer x, as a number of the format.
    FromSigned64,
    /// The unsigned integer x, as a number of the format.
    FromUnsigned64,
    /// x converted to [`Format::F32`].
    ToF32,
    /// x converted to [`Format::F64`].
    ToF64,
    /// x rounded to an integral value (§5.9).
    RoundToIntegral {
        /// Whether the operation raises inexact when the result differs from x.
        exact: bool,
    },
    /// One bit that names the class of x: from bit 0 on, -∞, negative normal, negative subnormal, -0,
    /// +0, positive subnormal, positive normal, +∞, signaling NaN, quiet NaN (RISC-V's FCLASS).
    Classify,
}

/// The result of `operation` and the exceptions it raises.
///
/// `format` is that of the floating-point operands, or of the result where the operand is an integer.
/// Operands beyond those that the operation names are ignored. `known` are exceptions whose report
/// does not matter, because the caller's sticky flags hold them already: the result's flags are exact
/// but for those. With [`Flags::INEXACT`] known, most operations cost one host instruction and a
/// range check; with [`Flags::NONE`] every flag is exact.
#[inline]
pub fn evaluate(
    operation: Operation,
    format: Format,
    rules: &Rules,
    rounding: Rounding,
    known: Flags,
    args: [u64; 3],
) -> (u64, Flags) {
    match fast::attempt(operation, format, rounding, known, args) {
        Some(result) if !subnormal::raises(operation, format, rules, known, args) => result,
        _ => exact(operation, format, rules, rounding, args),
    }
}

/// [`evaluate`] in integers: every operation, direction and flag.
#[inline(never)]
fn exact(
    operation: Operation,
    format: Format,
    rules: &Rules,
    rounding: Rounding,
    args: [u64; 3],
) -> (u64, Flags) {
    const SIGNED_32: Integer = Integer {
        width: 32,
        signed: true,
    };
    const UNSIGNED_32: Integer = Integer {
        width: 32,
        signed: false,
    };
    const SIGNED_64: Integer = Integer {
        width: 64,
        signed: true,
    };
    const UNSIGNED_64: Integer = Integer {
        width: 64,
        signed: false,
    };
    let mut evaluation = Evaluation {
        format,
        rules,
        rounding,
        raised: Flags::NONE,
    };
    let e = &mut evaluation;
    let operand = |i: usize| Operand::unpack(args[i], format, rules);
    let x = &operand(0);
    let result = match operation {
        Operation::Add => e.add(x, &operand(1)),
        Operation::Sub => e.subtract(x, &operand(1)),
        Operation::Mul => e.multiply(x, &operand(1)),
        Operation::Div => e.divide(x, &operand(1)),
        Operation::Sqrt => e.square_root(x),
        Operation::MulAdd => e.multiply_add(x, &operand(1), &operand(2), false, false),
        Operation::MulSub => e.multiply_add(x, &operand(1), &operand(2), false, true),
        Operation::NegMulSub => e.multiply_add(x, &operand(1), &operand(2), true, false),
        Operation::NegMulAdd => e.multiply_add(x, &operand(1), &operand(2), true, true),
        Operation::MinimumNumber => e.minimum_number(x, &operand(1)),
        Operation::MaximumNumber => e.maximum_number(x, &operand(1)),
        Operation::Lesser => e.ordered(x, &operand(1), Ordering::Less),
        Operation::Greater => e.ordered(x, &operand(1), Ordering::Greater),
        Operation::EqualQuiet => e.equal_quiet(x, &operand(1)),
        Operation::LessSignaling => e.less_signaling(x, &operand(1)),
        Operation::LessEqualSignaling => e.less_equal_signaling(x, &operand(1)),
        Operation::RelationQuiet => e.relation(x, &operand(1), false),
        Operation::RelationSignaling => e.relation(x, &operand(1), true),
        Operation::ToSigned32 => e.convert_to_integer(x, SIGNED_32),
        Operation::ToUnsigned32 => e.convert_to_integer(x, UNSIGNED_32),
        Operation::ToSigned64 => e.convert_to_integer(x, SIGNED_64),
        Operation::ToUnsigned64 => e.convert_to_integer(x, UNSIGNED_64),
        Operation::FromSigned32 => e.convert_from_integer(args[0], SIGNED_32),
        Operation::FromUnsigned32 => e.convert_from_integer(args[0], UNSIGNED_32),
        Operation::FromSigned64 => e.convert_from_integer(args[0], SIGNED_64),
        Operation::FromUnsigned64 => e.convert_from_integer(args[0], UNSIGNED_64),
        Operation::ToF32 => e.convert_format(x, Format::F32),
        Operation::ToF64 => e.convert_format(x, Format::F64),
        Operation::RoundToIntegral { exact } => e.round_to_integral(x, exact),
        Operation::Classify => e.classify(x),
    };
    let mut raised = evaluation.raised;
    // Next to a NaN, and in what is invalid or divides by zero, it is of no interest.
    let is_nan = |i: usize| Operand::unpack(args[i], format, rules).is_nan();
    if subnormal::raises(operation, format, rules, Flags::NONE, args)
        && !raised.contains(Flags::INVALID)
        && !raised.contains(Flags::DIVIDE_BY_ZERO)
        && !(0..3).any(is_nan)
    {
        raised |= Flags::DENORMAL;
    }
    (result, raised)
}

/// An operation under way: its surroundings and the exceptions raised so far.
struct Evaluation<'a> {
    format: Format,
    rules: &'a Rules,
    rounding: Rounding,
    raised: Flags,
}

impl Evaluation<'_> {
    fn raise(&mut self, flags: Flags) {
        self.raised |= flags;
    }
}
