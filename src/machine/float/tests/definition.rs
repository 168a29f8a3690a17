//! The operations against IEEE 754's definitions, taken literally: the result is found among the
//! numbers of the format by comparing them with the true result, in big integers.

use std::cmp::Ordering;
use std::ops::{Add, Mul, Neg};

use num_bigint::BigInt;

use super::{ARITHMETIC, FROM_INTEGER, Operands, TO_INTEGER, agreed};
use crate::float::{Flags, Format, Operation, Rounding};

/// The number `integer` × 2^`exponent`.
#[derive(Clone, Debug)]
struct Dyadic {
    integer: BigInt,
    exponent: i32,
}

impl Dyadic {
    fn new(integer: impl Into<BigInt>, exponent: i32) -> Dyadic {
        Dyadic {
            integer: integer.into(),
            exponent,
        }
    }

    /// What a pattern denotes. That of infinity would, with an exponent more, denote 2^(emax + 1).
    fn of(bits: u64, format: Format) -> Dyadic {
        let magnitude = bits & !format.sign_bit();
        let (field, fraction) = (
            magnitude / format.least_normal(),
            magnitude % format.least_normal(),
        );
        let x = match field {
            0 => Dyadic::new(fraction, format.qmin()),
            _ => Dyadic::new(
                fraction + format.least_normal(),
                field as i32 - 1 + format.qmin(),
            ),
        };
        if bits == magnitude { x } else { -x }
    }

    fn is_negative(&self) -> bool {
        self.integer < BigInt::ZERO
    }

    fn is_zero(&self) -> bool {
        self.integer == BigInt::ZERO
    }

    fn abs(&self) -> Dyadic {
        Dyadic {
            integer: self.integer.magnitude().clone().into(),
            ..*self
        }
    }

    fn cmp(&self, other: &Dyadic) -> Ordering {
        let difference = self.clone() + -other.clone();
        difference.integer.cmp(&BigInt::ZERO)
    }

    /// The integer which, times 2^`exponent`, is this number; its own exponent is no less.
    fn in_units(self, exponent: i32) -> BigInt {
        self.integer << (self.exponent - exponent)
    }

    /// The greatest integer no greater than this number, which is not negative.
    fn floor(&self) -> BigInt {
        match self.exponent {
            0.. => self.integer.clone() << self.exponent,
            _ => self.integer.clone() >> self.exponent.unsigned_abs(),
        }
    }
}

impl Neg for Dyadic {
    type Output = Dyadic;

    fn neg(self) -> Dyadic {
        Dyadic {
            integer: -self.integer,
            ..self
        }
    }
}

impl Add for Dyadic {
    type Output = Dyadic;

    fn add(self, other: Dyadic) -> Dyadic {
        let exponent = self.exponent.min(other.exponent);
        Dyadic {
            integer: self.in_units(exponent) + other.in_units(exponent),
            exponent,
        }
    }
}

impl Mul for Dyadic {
    type Output = Dyadic;

    fn mul(self, other: Dyadic) -> Dyadic {
        Dyadic {
            integer: self.integer * other.integer,
            exponent: self.exponent + other.exponent,
        }
    }
}

/// A real number: its sign, and how its magnitude compares with other numbers.
struct Real<'a> {
    negative: bool,
    compare: Box<dyn Fn(&Dyadic) -> Ordering + 'a>,
}

impl Real<'_> {
    fn dyadic(x: Dyadic) -> Real<'static> {
        Real {
            negative: x.is_negative(),
            compare: Box::new(move |c| x.abs().cmp(c)),
        }
    }

    /// Of two numbers around the magnitude, `lower` not being above it, whether rounding chooses the
    /// upper one (§4.3). `odd` is whether the last digit of `lower` is.
    fn rounds_up(&self, lower: &Dyadic, upper: &Dyadic, odd: bool, rounding: Rounding) -> bool {
        if (self.compare)(lower).is_eq() {
            return false;
        }
        let middle = (lower.clone() + upper.clone()) * Dyadic::new(1, -1);
        match rounding {
            Rounding::NearestEven if odd => (self.compare)(&middle).is_ge(),
            Rounding::NearestEven => (self.compare)(&middle).is_gt(),
            Rounding::NearestAway => (self.compare)(&middle).is_ge(),
            Rounding::TowardZero => false,
            Rounding::Down => self.negative,
            Rounding::Up => !self.negative,
        }
    }

    /// The result in a format, with its exceptions (§4.3, §7.4, §7.5, §7.6).
    fn rounded(&self, format: Format, rounding: Rounding) -> (u64, Flags) {
        let sign = if self.negative { format.sign_bit() } else { 0 };
        // The last number not above the magnitude: patterns are ordered as the numbers are.
        let (mut low, mut high) = (0, format.infinity() + 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match (self.compare)(&Dyadic::of(middle, format)) {
                Ordering::Less => high = middle,
                _ => low = middle,
            }
        }
        let number = |bits| Dyadic::of(bits, format);
        let exact = low < format.infinity() && (self.compare)(&number(low)).is_eq();
        if exact {
            return (sign | low, Flags::NONE);
        }
        let up = low < format.infinity()
            && self.rounds_up(&number(low), &number(low + 1), low & 1 == 1, rounding);
        if low + u64::from(up) >= format.infinity() {
            let to_infinity = match rounding {
                Rounding::NearestEven | Rounding::NearestAway => true,
                Rounding::TowardZero => false,
                Rounding::Down => self.negative,
                Rounding::Up => !self.negative,
            };
            let bits = if to_infinity {
                format.infinity()
            } else {
                format.infinity() - 1
            };
            return (sign | bits, Flags::OVERFLOW | Flags::INEXACT);
        }
        // Tiny after rounding (§7.5 a): were the exponent unbounded, the last number before the least
        // normal one would have as many digits as any, all ones.
        let normal = number(format.least_normal());
        let before = normal.clone() + Dyadic::new(-1, format.emin() - format.precision() as i32);
        let tiny = (self.compare)(&normal).is_lt()
            && ((self.compare)(&before).is_lt()
                || !self.rounds_up(&before, &normal, true, rounding));
        let flags = if tiny {
            Flags::INEXACT | Flags::UNDERFLOW
        } else {
            Flags::INEXACT
        };
        (sign | (low + u64::from(up)), flags)
    }
}

/// Whether a pattern denotes a number.
fn is_number(bits: u64, format: Format) -> bool {
    bits & !format.sign_bit() < format.infinity()
}

/// The true result of an arithmetic operation on numbers, unless it is zero or there is none.
fn truth(operation: Operation, [x, y, z]: [Dyadic; 3]) -> Option<Real<'static>> {
    let result = match operation {
        Operation::Add => x + y,
        Operation::Sub => x + -y,
        Operation::Mul => x * y,
        Operation::MulAdd => x * y + z,
        Operation::MulSub => x * y + -z,
        Operation::NegMulSub => -(x * y) + z,
        Operation::NegMulAdd => -(x * y) + -z,
        Operation::Div if !x.is_zero() && !y.is_zero() => {
            let negative = x.is_negative() != y.is_negative();
            let compare = move |c: &Dyadic| x.abs().cmp(&(y.abs() * c.clone()));
            return Some(Real {
                negative,
                compare: Box::new(compare),
            });
        }
        Operation::Sqrt if !x.is_zero() && !x.is_negative() => {
            let compare = move |c: &Dyadic| x.cmp(&(c.clone() * c.clone()));
            return Some(Real {
                negative: false,
                compare: Box::new(compare),
            });
        }
        _ => return None,
    };
    (!result.is_zero()).then(|| Real::dyadic(result))
}

/// Runs a check for every format and direction on operands of which the first three are numbers.
fn for_numbers(
    operations: &[Operation],
    tries: usize,
    check: impl Fn(Operation, Format, Rounding, [u64; 3]),
) {
    let mut operands = Operands::new(3);
    for &operation in operations {
        for format in [Format::F32, Format::F64] {
            for i in 0..tries {
                let args = operands.of(operation, format);
                if args.iter().all(|&bits| is_number(bits, format)) {
                    check(operation, format, Rounding::ALL[i % 5], args);
                }
            }
        }
    }
}

#[test]
fn arithmetic_is_as_defined() {
    for_numbers(&ARITHMETIC, 10_000, |operation, format, rounding, args| {
        if let Some(real) = truth(operation, args.map(|bits| Dyadic::of(bits, format))) {
            let expected = real.rounded(format, rounding);
            let result = agreed(operation, format, rounding, args);
            assert_eq!(
                result, expected,
                "{operation:?} {format:?} {rounding:?} {args:x?}"
            );
        }
    });
}

/// A tiny result may round up to the least normal number, and a result that rounds up to it need not
/// be tiny: that depends on rounding it to the full precision.
#[test]
fn the_least_normal_number_may_be_tiny() {
    for format in [Format::F32, Format::F64] {
        let normal = format.least_normal();
        let one = (format.infinity() / 2) & format.infinity();
        let tiny = Flags::INEXACT | Flags::UNDERFLOW;
        // 2^emin × (1 - 2^-p) fits the precision, and is below.
        // 2^emin × (1 + 2^(1 - p)) × (1 - 2^(1 - p)) does not fit, and rounds to 2^emin.
        for (args, flags) in [
            ([normal, one - 1, 0], tiny),
            ([normal + 1, one - 2, 0], Flags::INEXACT),
        ] {
            let result = agreed(Operation::Mul, format, Rounding::NearestEven, args);
            assert_eq!(result, (normal, flags), "{format:?}");
        }
    }
}

#[test]
fn conversions_between_formats_are_as_defined() {
    let targets = [
        (Operation::ToF32, Format::F32),
        (Operation::ToF64, Format::F64),
    ];
    for (operation, target) in targets {
        for_numbers(&[operation], 10_000, |operation, format, rounding, args| {
            let x = Dyadic::of(args[0], format);
            if !x.is_zero() {
                let expected = Real::dyadic(x).rounded(target, rounding);
                let result = agreed(operation, format, rounding, args);
                assert_eq!(
                    result, expected,
                    "{operation:?} {format:?} {rounding:?} {args:x?}"
                );
            }
        });
    }
}

#[test]
fn conversions_from_integers_are_as_defined() {
    let mut operands = Operands::new(4);
    for operation in FROM_INTEGER {
        for format in [Format::F32, Format::F64] {
            for i in 0..10_000 {
                let args = operands.of(operation, format);
                let integer = match operation {
                    Operation::FromSigned32 => BigInt::from(args[0] as i32),
                    Operation::FromUnsigned32 => BigInt::from(args[0] as u32),
                    Operation::FromSigned64 => BigInt::from(args[0] as i64),
                    _ => BigInt::from(args[0]),
                };
                let rounding = Rounding::ALL[i % 5];
                let expected = Real::dyadic(Dyadic::new(integer, 0)).rounded(format, rounding);
                let result = agreed(operation, format, rounding, args);
                assert_eq!(
                    result, expected,
                    "{operation:?} {format:?} {rounding:?} {args:x?}"
                );
            }
        }
    }
}

/// A number rounded to an integer, and whether they differ (§5.8).
fn rounded_to_integer(x: &Dyadic, rounding: Rounding) -> (BigInt, bool) {
    let floor = x.abs().floor();
    let (lower, upper) = (
        Dyadic::new(floor.clone(), 0),
        Dyadic::new(floor.clone() + 1, 0),
    );
    let inexact = x.abs().cmp(&lower).is_ne();
    let up = Real::dyadic(x.clone()).rounds_up(&lower, &upper, floor.bit(0), rounding);
    let magnitude = floor + u32::from(up);
    (
        if x.is_negative() {
            -magnitude
        } else {
            magnitude
        },
        inexact,
    )
}

#[test]
fn conversions_to_integers_are_as_defined() {
    for_numbers(&TO_INTEGER, 10_000, |operation, format, rounding, args| {
        let (integer, inexact) = rounded_to_integer(&Dyadic::of(args[0], format), rounding);
        let (least, greatest) = match operation {
            Operation::ToSigned32 => (i32::MIN.into(), i32::MAX.into()),
            Operation::ToUnsigned32 => (0.into(), u32::MAX.into()),
            Operation::ToSigned64 => (i64::MIN.into(), i64::MAX.into()),
            _ => (BigInt::ZERO, u64::MAX.into()),
        };
        // Saturating, as RISC-V does.
        let expected = integer.clone().clamp(least, greatest);
        let flags = match (expected == integer, inexact) {
            (false, _) => Flags::INVALID,
            (true, true) => Flags::INEXACT,
            (true, false) => Flags::NONE,
        };
        let (bits, raised) = agreed(operation, format, rounding, args);
        let result = match operation {
            Operation::ToSigned32 => BigInt::from(bits as u32 as i32),
            Operation::ToSigned64 => BigInt::from(bits as i64),
            _ => BigInt::from(bits),
        };
        let context = format!("{operation:?} {format:?} {rounding:?} {args:x?}");
        assert_eq!((result, raised), (expected, flags), "{context}");
    });
}

#[test]
fn integral_values_are_as_defined() {
    let operations = [false, true].map(|exact| Operation::RoundToIntegral { exact });
    for_numbers(&operations, 10_000, |operation, format, rounding, args| {
        let (integer, inexact) = rounded_to_integer(&Dyadic::of(args[0], format), rounding);
        let (bits, raised) = agreed(operation, format, rounding, args);
        let context = format!("{operation:?} {format:?} {rounding:?} {args:x?}");
        // The sign remains, even that of zero.
        assert_eq!((bits ^ args[0]) & format.sign_bit(), 0, "{context}");
        assert!(
            Dyadic::of(bits, format)
                .cmp(&Dyadic::new(integer, 0))
                .is_eq(),
            "{context}"
        );
        let exact = operation == Operation::RoundToIntegral { exact: true };
        let flags = if exact && inexact {
            Flags::INEXACT
        } else {
            Flags::NONE
        };
        assert_eq!(raised, flags, "{context}");
    });
}
