//! The operations against the host, and both of their paths against each other.

mod definition;
mod special;
mod subnormal;

use super::{Flags, Format, Operation, Rounding, Rules, evaluate, exact};

pub const ARITHMETIC: [Operation; 9] = [
    Operation::Add,
    Operation::Sub,
    Operation::Mul,
    Operation::Div,
    Operation::Sqrt,
    Operation::MulAdd,
    Operation::MulSub,
    Operation::NegMulSub,
    Operation::NegMulAdd,
];

pub const TO_INTEGER: [Operation; 4] = [
    Operation::ToSigned32,
    Operation::ToUnsigned32,
    Operation::ToSigned64,
    Operation::ToUnsigned64,
];

pub const FROM_INTEGER: [Operation; 4] = [
    Operation::FromSigned32,
    Operation::FromUnsigned32,
    Operation::FromSigned64,
    Operation::FromUnsigned64,
];

const OTHERS: [Operation; 12] = [
    Operation::MinimumNumber,
    Operation::MaximumNumber,
    Operation::EqualQuiet,
    Operation::LessSignaling,
    Operation::LessEqualSignaling,
    Operation::RelationQuiet,
    Operation::RelationSignaling,
    Operation::ToF32,
    Operation::ToF64,
    Operation::RoundToIntegral { exact: false },
    Operation::RoundToIntegral { exact: true },
    Operation::Classify,
];

/// Operands from a seed: at and around the boundaries of a format, and everything between.
pub struct Operands(u64);

impl Operands {
    pub fn new(seed: u64) -> Operands {
        Operands(seed)
    }

    /// Splitmix64.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn number(&mut self, format: Format) -> u64 {
        let word = self.word();
        let exponents = format.infinity() / format.least_normal();
        let fraction = match word & 7 {
            0 => 0,
            1 => self.word() & 3,
            2 => self.word() | !3,
            3 => 1 << (self.word() % 52),
            4 => !(1 << (self.word() % 52)),
            5 => self.word() & self.word() & self.word(),
            _ => self.word(),
        } & format.fraction();
        let exponent = match word >> 8 & 7 {
            0 => self.word() % 3,
            1 => exponents - self.word() % 3,
            2 => self.word() % 60,
            3 => exponents - self.word() % 60,
            4 | 5 => exponents / 2 - 70 + self.word() % 140,
            6 => exponents / 2 - 2 + self.word() % 4,
            _ => self.word() % (exponents + 1),
        };
        let sign = if word >> 63 == 1 {
            format.sign_bit()
        } else {
            0
        };
        sign | (exponent * format.least_normal()) | fraction
    }

    /// An integer of any number of bits.
    fn integer(&mut self) -> u64 {
        let word = self.word() >> (self.word() % 64);
        if self.word() & 1 == 0 {
            word
        } else {
            word.wrapping_neg()
        }
    }

    /// Operands for an operation: often such that they all but cancel.
    pub fn of(&mut self, operation: Operation, format: Format) -> [u64; 3] {
        if FROM_INTEGER.contains(&operation) {
            return [self.integer(), 0, 0];
        }
        let [x, mut y, mut z] = [(); 3].map(|()| self.number(format));
        let word = self.word();
        let mut beside = |bits: u64| {
            let bits = bits.wrapping_add(self.word() % 5).wrapping_sub(2);
            format.truncate(if word >> 8 & 1 == 1 {
                bits ^ format.sign_bit()
            } else {
                bits
            })
        };
        if word & 3 == 0 {
            y = beside(x);
        } else if word & 3 == 1 {
            let args = [x, y, 0];
            z = beside(exact(Operation::Mul, format, &Rules::RISCV, Rounding::Down, args).0);
        }
        [x, y, z]
    }
}

/// What both paths agree on, whether or not inexact is known.
pub fn agreed(
    operation: Operation,
    format: Format,
    rounding: Rounding,
    args: [u64; 3],
) -> (u64, Flags) {
    let rules = &Rules::RISCV;
    let (result, flags) = exact(operation, format, rules, rounding, args);
    let context = || format!("{operation:?} {format:?} {rounding:?} {args:x?}");
    let derived = evaluate(operation, format, rules, rounding, Flags::NONE, args);
    assert_eq!(derived, (result, flags), "{}", context());
    let known = evaluate(operation, format, rules, rounding, Flags::INEXACT, args);
    let known = (known.0, known.1 | Flags::INEXACT);
    assert_eq!(known, (result, flags | Flags::INEXACT), "{}", context());
    (result, flags)
}

#[test]
fn fast_and_exact_paths_agree() {
    let mut operands = Operands::new(1);
    let operations = ARITHMETIC
        .iter()
        .chain(&TO_INTEGER)
        .chain(&FROM_INTEGER)
        .chain(&OTHERS);
    for &operation in operations {
        for format in [Format::F32, Format::F64] {
            for i in 0..50_000 {
                let args = operands.of(operation, format);
                agreed(operation, format, Rounding::ALL[i % 5], args);
                agreed(operation, format, Rounding::NearestEven, args);
            }
        }
    }
}

/// The host's arithmetic is IEEE 754's in the default direction, but for the choice of NaN.
#[test]
fn nearest_even_agrees_with_the_host() {
    let mut operands = Operands::new(2);
    for (i, operation) in (0..200_000).zip(ARITHMETIC.into_iter().cycle()) {
        let args = operands.of(operation, Format::F64);
        let [x, y, z] = args.map(f64::from_bits);
        let host = match i % 9 {
            0 => x + y,
            1 => x - y,
            2 => x * y,
            3 => x / y,
            4 => x.sqrt(),
            5 => x.mul_add(y, z),
            6 => x.mul_add(y, -z),
            7 => (-x).mul_add(y, z),
            _ => (-x).mul_add(y, -z),
        };
        let host = if host.is_nan() {
            Rules::RISCV.default_nan.f64
        } else {
            host.to_bits()
        };
        let (result, _) = agreed(operation, Format::F64, Rounding::NearestEven, args);
        assert_eq!(result, host, "{operation:?} {args:x?}");

        let args = operands.of(operation, Format::F32);
        let [x, y, z] = args.map(|bits| f32::from_bits(bits as u32));
        let host = match i % 9 {
            0 => x + y,
            1 => x - y,
            2 => x * y,
            3 => x / y,
            4 => x.sqrt(),
            5 => x.mul_add(y, z),
            6 => x.mul_add(y, -z),
            7 => (-x).mul_add(y, z),
            _ => (-x).mul_add(y, -z),
        };
        let host = if host.is_nan() {
            Rules::RISCV.default_nan.f32
        } else {
            host.to_bits().into()
        };
        let (result, _) = agreed(operation, Format::F32, Rounding::NearestEven, args);
        assert_eq!(result, host, "{operation:?} {args:x?}");
    }
}
