//! The common case at host speed.
//!
//! Rust promises that `+ - * /`, `sqrt` and `as` on `f32` and `f64` are IEEE 754's operations in the
//! direction [`Rounding::NearestEven`], on every host; only the choice of NaN is left open. So the
//! host's result is the guest's, provided that no NaN is involved and nothing is raised but perhaps
//! inexact: [`Host::is_plain`] checks that. Whether a result *is* inexact the host cannot be asked
//! portably; it is derived, with a proof beside each test, and only if the caller does not know
//! inexact to be raised already. What is not decided here is left to the exact path.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Flags, Format, Operation, Rounding};

/// The result of the operation and its exceptions, if they are found quickly.
#[inline(always)]
pub(super) fn attempt(
    operation: Operation,
    format: Format,
    rounding: Rounding,
    known: Flags,
    args: [u64; 3],
) -> Option<(u64, Flags)> {
    let nearest = rounding == Rounding::NearestEven;
    let ask = !known.contains(Flags::INEXACT);
    match operation {
        Operation::Add
        | Operation::Sub
        | Operation::Mul
        | Operation::Div
        | Operation::Sqrt
        | Operation::MulAdd
        | Operation::MulSub
        | Operation::NegMulSub
        | Operation::NegMulAdd => match format {
            _ if !nearest => None,
            Format::F32 => arithmetic(operation, args.map(as_f32), ask)
                .map(|(r, inexact)| (r.to_bits().into(), inexact_if(inexact))),
            Format::F64 => arithmetic(operation, args.map(f64::from_bits), ask)
                .map(|(r, inexact)| (r.to_bits(), inexact_if(inexact))),
        },
        Operation::EqualQuiet
        | Operation::LessSignaling
        | Operation::LessEqualSignaling
        | Operation::RelationQuiet
        | Operation::RelationSignaling
        | Operation::Lesser
        | Operation::Greater
        | Operation::MinimumNumber
        | Operation::MaximumNumber => compare(operation, format, args),
        Operation::ToSigned32
        | Operation::ToUnsigned32
        | Operation::ToSigned64
        | Operation::ToUnsigned64 => to_integer(operation, as_f64(format, args[0]), rounding),
        Operation::FromSigned32 => from_integer(args[0] as i32 as i64, format, nearest),
        Operation::FromUnsigned32 => from_integer(args[0] as u32 as i64, format, nearest),
        Operation::FromSigned64 => from_integer(args[0] as i64, format, nearest),
        Operation::FromUnsigned64 => from_integer(i64::try_from(args[0]).ok()?, format, nearest),
        Operation::ToF32 => {
            let x = as_f64(format, args[0]);
            let r = x as f32;
            // Back to f64 is exact, so this compares the result with the operand. A NaN is neither.
            let exact = f64::from(r) == x;
            (exact || (nearest && r.is_plain())).then_some((r.to_bits().into(), inexact_if(!exact)))
        }
        Operation::ToF64 => {
            let x = as_f64(format, args[0]);
            (!x.is_nan()).then_some((x.to_bits(), Flags::NONE))
        }
        Operation::RoundToIntegral { .. } | Operation::Classify => None,
    }
}

fn inexact_if(inexact: bool) -> Flags {
    if inexact { Flags::INEXACT } else { Flags::NONE }
}

fn as_f32(bits: u64) -> f32 {
    f32::from_bits(bits as u32)
}

/// The number of this pattern; every F32 number is an F64 number.
fn as_f64(format: Format, bits: u64) -> f64 {
    match format {
        Format::F32 => as_f32(bits).into(),
        Format::F64 => f64::from_bits(bits),
    }
}

/// A host type whose arithmetic is that of a format.
trait Host:
    Copy
    + PartialEq
    + Default
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    fn square_root(self) -> Self;

    fn is_finite(self) -> bool;

    /// Whether a result is finite and greater in magnitude than the least normal number. It was
    /// rounded like any normal number then, and is not tiny, neither before nor after rounding. (The
    /// least normal number itself may be a tiny result rounded up.)
    fn is_plain(self) -> bool;

    /// Whether a = b × c, given numbers other than zero of which that is true but for one rounding.
    fn is_product(a: Self, b: Self, c: Self) -> bool;

    /// x × y + z, as [`arithmetic`] returns it.
    fn multiply_add(x: Self, y: Self, z: Self, ask: bool) -> Option<(Self, bool)>;
}

/// The result and, if `ask`, whether it is inexact.
#[inline(always)]
fn arithmetic<T: Host>(operation: Operation, [x, y, z]: [T; 3], ask: bool) -> Option<(T, bool)> {
    let zero = T::default();
    match operation {
        // Small sums need no care: being a multiple of the least subnormal number, a sum less than
        // twice the least normal one is exact.
        Operation::Add => Some(add(x, y, ask)).filter(|(r, _)| r.is_finite()),
        Operation::Sub => Some(add(x, -y, ask)).filter(|(r, _)| r.is_finite()),
        Operation::Mul => {
            let r = x * y;
            if r.is_plain() {
                Some((r, ask && !T::is_product(r, x, y)))
            } else {
                (r == zero && (x == zero || y == zero)).then_some((r, false))
            }
        }
        Operation::Div => {
            let r = x / y;
            if r.is_plain() {
                Some((r, ask && !T::is_product(x, r, y)))
            } else {
                (r == zero && x == zero).then_some((r, false))
            }
        }
        Operation::Sqrt => {
            let r = x.square_root();
            r.is_plain().then(|| (r, ask && !T::is_product(x, r, r)))
        }
        Operation::MulAdd => T::multiply_add(x, y, z, ask),
        Operation::MulSub => T::multiply_add(x, y, -z, ask),
        Operation::NegMulSub => T::multiply_add(-x, y, z, ask),
        Operation::NegMulAdd => T::multiply_add(-x, y, -z, ask),
        _ => None,
    }
}

/// r = x + y, rounded, and if `ask` whether a finite r is inexact.
///
/// If r - x = y and r - y = x as computed, r is exact: say |x| ≥ |y|, then r - x is free of rounding
/// error (T. J. Dekker, A floating-point technique for extending the available precision, 1971), so
/// that the first equation is true of real numbers. Conversely, both hold of an exact sum.
#[inline(always)]
fn add<T: Host>(x: T, y: T, ask: bool) -> (T, bool) {
    let r = x + y;
    (r, ask && !(r - x == y && r - y == x))
}

impl Host for f32 {
    fn square_root(self) -> f32 {
        self.sqrt()
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn is_plain(self) -> bool {
        let magnitude = self.abs().to_bits();
        (f32::MIN_POSITIVE.to_bits() + 1..f32::INFINITY.to_bits()).contains(&magnitude)
    }

    /// Products of two F32 numbers are exact in F64.
    fn is_product(a: f32, b: f32, c: f32) -> bool {
        f64::from(a) == f64::from(b) * f64::from(c)
    }

    /// The exact product plus z, rounded twice, to F64 and to F32. The first rounding, being
    /// monotonic, changes the outcome of the second only if it ends on a number halfway between two
    /// neighbours in F32. Those end in a one and 28 zeros as F64 numbers.
    #[inline(always)]
    fn multiply_add(x: f32, y: f32, z: f32, ask: bool) -> Option<(f32, bool)> {
        let (sum, inexact) = add(f64::from(x) * f64::from(y), f64::from(z), ask);
        let r = sum as f32;
        let halfway = sum.to_bits() & ((1 << 29) - 1) == 1 << 28;
        (r.is_plain() && !halfway).then(|| (r, ask && (inexact || f64::from(r) != sum)))
    }
}

impl Host for f64 {
    fn square_root(self) -> f64 {
        self.sqrt()
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn is_plain(self) -> bool {
        let magnitude = self.abs().to_bits();
        (f64::MIN_POSITIVE.to_bits() + 1..f64::INFINITY.to_bits()).contains(&magnitude)
    }

    /// If the odd parts of the significands agree, a and b × c differ by a power of two at most, and
    /// one rounding of a normal number does not amount to such a factor unless it is one.
    #[inline(always)]
    fn is_product(a: f64, b: f64, c: f64) -> bool {
        u128::from(odd_part(b)) * u128::from(odd_part(c)) == u128::from(odd_part(a))
    }

    /// The sum of three numbers: the product p + q, exactly, and z.
    ///
    /// With s + t = p + z exactly, too, the result is s + u rounded, where u = t + q. If u is inexact,
    /// so is the result: the last bit of t + q is too far from the first one of s. And then there are
    /// two roundings, which as for `f32` matters only if the first takes s + u to a number halfway
    /// between neighbours of the result. Now t and q are at most half a unit and one unit in the last
    /// place of s: if |s| ≥ |p| / 2 because q is half a unit of p's; and else p and -z are within a
    /// factor of two, so that s is exact (P. H. Sterbenz, Floating-point computation, 1974), t = 0, and
    /// u = q is exact after all. Neighbours of s + u are no closer than half such a unit. So such a u is
    /// a multiple of a quarter of a unit, of few significant bits: it ends in zeros.
    #[inline(always)]
    fn multiply_add(x: f64, y: f64, z: f64, ask: bool) -> Option<(f64, bool)> {
        // Far from overflow and underflow, so that every step is what it says: q is not subnormal, and
        // p less than half a unit in the last place of the greatest number, should that be z.
        const MODERATE: std::ops::Range<f64> = 1e-130..1e130;
        if !(MODERATE.contains(&x.abs()) && MODERATE.contains(&y.abs())) {
            return None;
        }
        let (p, q) = product(x, y);
        let (s, t) = sum(p, z);
        let (u, twice) = add(t, q, true);
        if twice && u.to_bits() & ((1 << 40) - 1) == 0 {
            return None;
        }
        let (r, inexact) = add(s, u, ask);
        r.is_plain().then_some((r, ask && (inexact || twice)))
    }
}

/// The odd number which, times a power of two, is |x|; x is finite and not zero.
#[inline(always)]
fn odd_part(x: f64) -> u64 {
    let magnitude = x.abs().to_bits();
    let fraction = magnitude & ((1 << 52) - 1);
    let significand = if magnitude == fraction {
        fraction
    } else {
        fraction | 1 << 52
    };
    significand >> significand.trailing_zeros()
}

/// p = x × y rounded, and x × y - p, exactly (Dekker 1971, as above).
#[inline(always)]
fn product(x: f64, y: f64) -> (f64, f64) {
    // The leading 26 bits, rounded, and what is left: 26 bits and a sign.
    let split = |x: f64| {
        let high = f64::from_bits((x.to_bits() + (1 << 26)) & !((1 << 27) - 1));
        (high, x - high)
    };
    let p = x * y;
    let ((x_high, x_low), (y_high, y_low)) = (split(x), split(y));
    (
        p,
        x_high * y_high - p + x_high * y_low + x_low * y_high + x_low * y_low,
    )
}

/// s = x + y rounded, and x + y - s, exactly (D. E. Knuth, The Art of Computer Programming, volume 2,
/// 4.2.2, theorem B).
#[inline(always)]
fn sum(x: f64, y: f64) -> (f64, f64) {
    let s = x + y;
    let y_part = s - x;
    let x_part = s - y_part;
    (s, (x - x_part) + (y - y_part))
}

/// Comparisons of numbers; those of NaNs, and the choice between equal numbers, are left open.
#[inline(always)]
fn compare(operation: Operation, format: Format, args: [u64; 3]) -> Option<(u64, Flags)> {
    let (x, y) = (as_f64(format, args[0]), as_f64(format, args[1]));
    let order = x.partial_cmp(&y)?;
    let result = match operation {
        Operation::EqualQuiet => u64::from(order.is_eq()),
        Operation::RelationQuiet | Operation::RelationSignaling => match order {
            Ordering::Less => 4,
            Ordering::Equal => 2,
            Ordering::Greater => 0,
        },
        Operation::LessSignaling => u64::from(order.is_lt()),
        Operation::LessEqualSignaling => u64::from(order.is_le()),
        Operation::Lesser => format.truncate(args[usize::from(!order.is_lt())]),
        Operation::Greater => format.truncate(args[usize::from(!order.is_gt())]),
        _ if order.is_eq() => return None,
        Operation::MinimumNumber => format.truncate(args[usize::from(order.is_gt())]),
        _ => format.truncate(args[usize::from(order.is_lt())]),
    };
    Some((result, Flags::NONE))
}

/// Conversions to integers of numbers in range.
#[inline(always)]
fn to_integer(operation: Operation, x: f64, rounding: Rounding) -> Option<(u64, Flags)> {
    const LIMIT: f64 = (1u64 << 62) as f64;
    if x.is_nan() || x.abs() >= LIMIT {
        return None;
    }
    let integer = x as i64;
    // Exact: a number with a fraction is less than 2^53, and its fraction consists of some of its bits.
    let fraction = x - integer as f64;
    let away = match rounding {
        Rounding::NearestEven => {
            fraction.abs() > 0.5 || (fraction.abs() == 0.5 && integer & 1 == 1)
        }
        Rounding::NearestAway => fraction.abs() >= 0.5,
        Rounding::TowardZero => false,
        Rounding::Down => fraction < 0.0,
        Rounding::Up => fraction > 0.0,
    };
    let rounded = match away {
        true if x < 0.0 => integer - 1,
        true => integer + 1,
        false => integer,
    };
    let bits = match operation {
        Operation::ToSigned32 => i32::try_from(rounded).ok()? as u32 as u64,
        Operation::ToUnsigned32 => u32::try_from(rounded).ok()?.into(),
        Operation::ToSigned64 => rounded as u64,
        _ => u64::try_from(rounded).ok()?,
    };
    Some((bits, inexact_if(fraction != 0.0)))
}

/// Conversions from integers, exact if the significant bits are no more than the format holds.
#[inline(always)]
fn from_integer(x: i64, format: Format, nearest: bool) -> Option<(u64, Flags)> {
    let magnitude = x.unsigned_abs();
    // Of zero, this is negative.
    let significant = 64 - (magnitude.leading_zeros() + magnitude.trailing_zeros()) as i32;
    let exact = significant <= format.precision() as i32;
    let bits = match format {
        Format::F32 => (x as f32).to_bits().into(),
        Format::F64 => (x as f64).to_bits(),
    };
    (exact || nearest).then_some((bits, inexact_if(!exact)))
}
