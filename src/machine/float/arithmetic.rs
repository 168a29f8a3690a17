//! The arithmetic operations of IEEE 754-2019 §5.4.1: exact first, then rounded once.

use super::format::{Class, Operand};
use super::round::{Exact, shift_right_sticky};
use super::rules::{InvalidProduct, NanRule};
use super::{Evaluation, Flags, Rounding};

/// The product of two finite operands, without a rounding.
fn product(x: &Operand, y: &Operand) -> Exact {
    Exact {
        negative: x.negative != y.negative,
        significand: u128::from(x.significand) * u128::from(y.significand),
        exponent: x.exponent + y.exponent,
    }
}

fn exact(x: &Operand) -> Exact {
    Exact {
        negative: x.negative,
        significand: u128::from(x.significand) << 63,
        exponent: x.exponent - 63,
    }
}

/// The sum of two numbers, its lowest bit sticky; none when it is zero.
///
/// Both are brought to a leading bit 126, which leaves room for a carry. Operands, and products of
/// operands of 62 bits or fewer, end in zeros then, so that nothing is lost of a lesser number whose
/// leading bit is near. Of one far below, which may become sticky, at most one leading bit of the
/// greater number cancels: many more bits remain than any format holds.
fn sum(x: Exact, y: Exact) -> Option<Exact> {
    let (x, y) = (normalized(x), normalized(y));
    let (x, y) = if (x.exponent, x.significand) < (y.exponent, y.significand) {
        (y, x)
    } else {
        (x, y)
    };
    let lesser = shift_right_sticky(y.significand, (x.exponent - y.exponent) as u32);
    let significand = if x.negative == y.negative {
        x.significand + lesser
    } else {
        x.significand - lesser
    };
    (significand != 0).then_some(Exact { significand, ..x })
}

fn normalized(x: Exact) -> Exact {
    match x.significand.leading_zeros() {
        0 => Exact {
            significand: x.significand >> 1,
            exponent: x.exponent + 1,
            ..x
        },
        zeros => Exact {
            significand: x.significand << (zeros - 1),
            exponent: x.exponent - (zeros as i32 - 1),
            ..x
        },
    }
}

impl Evaluation<'_> {
    /// x + y.
    pub fn add(&mut self, x: &Operand, y: &Operand) -> u64 {
        match (x.class, y.class) {
            (Class::Finite, Class::Finite) => self.rounded_sum(sum(exact(x), exact(y))),
            (Class::Zero, Class::Zero) if x.negative != y.negative => self.zero_sum(),
            _ if x.is_nan() || y.is_nan() => self.nan(&[x, y]),
            (Class::Infinite, Class::Infinite) if x.negative != y.negative => self.invalid(),
            (Class::Infinite, _) | (_, Class::Zero) => x.bits,
            _ => y.bits,
        }
    }

    /// x - y, which is x + (-y) unless y is a NaN, whose sign is left alone.
    pub fn subtract(&mut self, x: &Operand, y: &Operand) -> u64 {
        if y.is_nan() {
            self.add(x, y)
        } else {
            self.add(x, &self.negated(y))
        }
    }

    /// x × y.
    pub fn multiply(&mut self, x: &Operand, y: &Operand) -> u64 {
        match (x.class, y.class) {
            (Class::Finite, Class::Finite) => self.round(self.format, product(x, y)),
            _ if x.is_nan() || y.is_nan() => self.nan(&[x, y]),
            (Class::Infinite, Class::Zero) | (Class::Zero, Class::Infinite) => self.invalid(),
            (Class::Infinite, _) | (_, Class::Infinite) => self.infinity(x.negative != y.negative),
            _ => self.zero(x.negative != y.negative),
        }
    }

    /// x / y.
    pub fn divide(&mut self, x: &Operand, y: &Operand) -> u64 {
        let negative = x.negative != y.negative;
        match (x.class, y.class) {
            (Class::Finite, Class::Finite) => {
                // The quotient has 64 or 65 bits; the remainder becomes a sticky bit below them.
                let (dividend, divisor) =
                    (u128::from(x.significand) << 64, u128::from(y.significand));
                let (quotient, rest) = (dividend / divisor, dividend % divisor);
                let significand = quotient << 1 | u128::from(rest != 0);
                let exponent = x.exponent - y.exponent - 65;
                self.round(
                    self.format,
                    Exact {
                        negative,
                        significand,
                        exponent,
                    },
                )
            }
            _ if x.is_nan() || y.is_nan() => self.nan(&[x, y]),
            (Class::Zero, Class::Zero) | (Class::Infinite, Class::Infinite) => self.invalid(),
            (Class::Infinite, _) => self.infinity(negative),
            (_, Class::Zero) => {
                self.raise(Flags::DIVIDE_BY_ZERO);
                self.infinity(negative)
            }
            _ => self.zero(negative),
        }
    }

    /// The square root of x.
    pub fn square_root(&mut self, x: &Operand) -> u64 {
        match x.class {
            _ if x.is_nan() => self.nan(&[x]),
            Class::Zero => x.bits,
            _ if x.negative => self.invalid(),
            Class::Finite => {
                // An even exponent, and a radicand of 127 or 128 bits: the root has 64, what is left
                // becomes a sticky bit below them.
                let shift = if x.exponent & 1 == 0 { 64 } else { 63 };
                let radicand = u128::from(x.significand) << shift;
                let root = radicand.isqrt();
                let significand = root << 1 | u128::from(root * root != radicand);
                let exponent = (x.exponent - shift) / 2 - 1;
                self.round(
                    self.format,
                    Exact {
                        negative: false,
                        significand,
                        exponent,
                    },
                )
            }
            _ => x.bits,
        }
    }

    /// ±(x × y) ± z, rounded once (IEEE 754-2019 fusedMultiplyAdd).
    pub fn multiply_add(
        &mut self,
        x: &Operand,
        y: &Operand,
        z: &Operand,
        negate_product: bool,
        negate_addend: bool,
    ) -> u64 {
        let invalid_product = (x.is_infinite() && y.is_zero()) || (x.is_zero() && y.is_infinite());
        if x.is_nan() || y.is_nan() || z.is_nan() {
            if invalid_product && self.rules.invalid_product != InvalidProduct::PropagateSilently {
                self.raise(Flags::INVALID);
            }
            if invalid_product
                && z.class == Class::QuietNan
                && self.rules.invalid_product == InvalidProduct::Default
            {
                return self.default_nan();
            }
            return if self.rules.addend_first {
                self.nan(&[z, x, y])
            } else {
                self.nan(&[x, y, z])
            };
        }
        if invalid_product {
            return self.invalid();
        }
        let negative = (x.negative != y.negative) != negate_product;
        let addend = if negate_addend { self.negated(z) } else { *z };
        if x.is_infinite() || y.is_infinite() {
            return if addend.is_infinite() && addend.negative != negative {
                self.invalid()
            } else {
                self.infinity(negative)
            };
        }
        if addend.is_infinite() {
            return addend.bits;
        }
        if x.is_zero() || y.is_zero() {
            return if addend.is_zero() && addend.negative != negative {
                self.zero_sum()
            } else {
                addend.bits
            };
        }
        let product = Exact {
            negative,
            ..product(x, y)
        };
        if addend.is_zero() {
            return self.round(self.format, product);
        }
        self.rounded_sum(sum(product, exact(&addend)))
    }

    fn negated(&self, x: &Operand) -> Operand {
        Operand {
            negative: !x.negative,
            bits: x.bits ^ self.format.sign_bit(),
            ..*x
        }
    }

    fn rounded_sum(&mut self, sum: Option<Exact>) -> u64 {
        match sum {
            Some(sum) => self.round(self.format, sum),
            None => self.zero_sum(),
        }
    }

    /// The zero that a sum of opposite numbers yields: negative only when rounding down
    /// (IEEE 754-2019 §6.3).
    fn zero_sum(&self) -> u64 {
        self.zero(self.rounding == Rounding::Down)
    }

    pub(super) fn zero(&self, negative: bool) -> u64 {
        if negative { self.format.sign_bit() } else { 0 }
    }

    fn infinity(&self, negative: bool) -> u64 {
        self.zero(negative) | self.format.infinity()
    }

    /// The result of an invalid operation without NaN operands (IEEE 754-2019 §7.2).
    pub(super) fn invalid(&mut self) -> u64 {
        self.raise(Flags::INVALID);
        self.default_nan()
    }

    pub(super) fn default_nan(&self) -> u64 {
        self.rules.default_nan.get(self.format)
    }

    /// The result of an operation with these operands, of which at least one is a NaN
    /// (IEEE 754-2019 §6.2).
    pub(super) fn nan(&mut self, operands: &[&Operand]) -> u64 {
        let signaling = operands.iter().find(|x| x.class == Class::SignalingNan);
        if signaling.is_some() {
            self.raise(Flags::INVALID);
        }
        let first = operands.iter().find(|x| x.is_nan());
        let chosen = match self.rules.nan {
            NanRule::Default => None,
            NanRule::FirstOperand => first,
            NanRule::SignalingFirst => signaling.or(first),
        };
        match chosen {
            Some(x) => self.quieted(x),
            None => self.default_nan(),
        }
    }

    /// A NaN operand made quiet: where a *clear* bit means quiet, clearing it could leave an
    /// infinity, so the default NaN takes its place.
    fn quieted(&self, x: &Operand) -> u64 {
        if x.class == Class::QuietNan {
            x.bits
        } else if self.rules.quiet_bit {
            x.bits | self.format.quiet_bit()
        } else {
            self.default_nan()
        }
    }
}
