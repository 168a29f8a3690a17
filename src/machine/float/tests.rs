//! The operations against independent authorities.

use super::{Flags, Format, Operation, Rounding, Rules, evaluate};

/// Numbers at and around every boundary of a format, and everything between, from a seed.
struct Patterns(u64);

impl Patterns {
    fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn number(&mut self, format: Format) -> u64 {
        let word = self.word();
        let exponents = format.infinity() / format.least_normal();
        let fraction = match word >> 8 & 7 {
            0 => 0,
            1 => self.word() & 3,
            2 => self.word() | !3,
            3 => 1 << (self.word() % 52),
            4 => self.word() & self.word() & self.word(),
            _ => self.word(),
        } & format.fraction();
        let exponent = match word & 7 {
            0 => self.word() % 3,
            1 => exponents - self.word() % 3,
            2 | 3 => exponents / 2 - 64 + self.word() % 128,
            4 => exponents / 2 - 2 + self.word() % 4,
            _ => self.word() % (exponents + 1),
        };
        let sign = if word >> 63 == 1 {
            format.sign_bit()
        } else {
            0
        };
        sign | (exponent * format.least_normal()) | fraction
    }
}

/// The host's arithmetic is IEEE 754's in the default direction, but for the choice of NaN.
#[test]
fn nearest_even_agrees_with_the_host() {
    let mut patterns = Patterns(1);
    let evaluate = |operation, format, args| {
        evaluate(
            operation,
            format,
            &Rules::RISCV,
            Rounding::NearestEven,
            Flags::NONE,
            args,
        )
        .0
    };
    for _ in 0..100_000 {
        let args = [0; 3].map(|_| patterns.number(Format::F64));
        let [x, y, z] = args.map(f64::from_bits);
        for (operation, host) in [
            (Operation::Add, x + y),
            (Operation::Sub, x - y),
            (Operation::Mul, x * y),
            (Operation::Div, x / y),
            (Operation::Sqrt, x.sqrt()),
            (Operation::MulAdd, x.mul_add(y, z)),
            (Operation::MulSub, x.mul_add(y, -z)),
            (Operation::NegMulSub, (-x).mul_add(y, z)),
            (Operation::NegMulAdd, (-x).mul_add(y, -z)),
        ] {
            let host = if host.is_nan() {
                0x7ff8 << 48
            } else {
                host.to_bits()
            };
            assert_eq!(
                evaluate(operation, Format::F64, args),
                host,
                "{operation:?} {args:x?}"
            );
        }
        let args = [0; 3].map(|_| patterns.number(Format::F32));
        let [x, y, z] = args.map(|bits| f32::from_bits(bits as u32));
        for (operation, host) in [
            (Operation::Add, x + y),
            (Operation::Sub, x - y),
            (Operation::Mul, x * y),
            (Operation::Div, x / y),
            (Operation::Sqrt, x.sqrt()),
            (Operation::MulAdd, x.mul_add(y, z)),
            (Operation::MulSub, x.mul_add(y, -z)),
            (Operation::NegMulSub, (-x).mul_add(y, z)),
            (Operation::NegMulAdd, (-x).mul_add(y, -z)),
        ] {
            let host = if host.is_nan() {
                0x7fc0_0000
            } else {
                host.to_bits()
            };
            let result = evaluate(operation, Format::F32, args);
            assert_eq!(result, host.into(), "{operation:?} {args:x?}");
        }
    }
}
