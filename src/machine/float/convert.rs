//! Conversions between formats and to and from integers (IEEE 754-2019 §5.4, §5.8), and rounding to
//! integral values (§5.9).

use super::format::{Class, Format, Operand};
use super::round::Exact;
use super::rules::{NanRule, OutOfRange};
use super::{Evaluation, Flags};

/// A type of integer that a number converts to: its width in bits and whether it is signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Integer {
    pub width: u32,
    pub signed: bool,
}

impl Integer {
    /// The magnitude of the greatest integer.
    fn maximum(self) -> u128 {
        (1 << (self.width - u32::from(self.signed))) - 1
    }

    /// The magnitude of the least integer.
    fn minimum(self) -> u128 {
        if self.signed { self.maximum() + 1 } else { 0 }
    }

    /// The pattern of ±`magnitude` in the low `width` bits.
    fn pattern(self, negative: bool, magnitude: u128) -> u64 {
        let value = if negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        };
        value as u64 & (u64::MAX >> (64 - self.width))
    }
}

impl Evaluation<'_> {
    /// x rounded to an integer (convertToInteger…Exact).
    pub fn convert_to_integer(&mut self, x: &Operand, integer: Integer) -> u64 {
        let (magnitude, inexact) = match x.class {
            Class::Zero => return 0,
            // At least 2^64.
            Class::Finite if x.exponent > 0 => return self.out_of_range(x, integer),
            Class::Finite => {
                self.round_to_integer(x.negative, x.significand.into(), x.exponent.unsigned_abs())
            }
            _ => return self.out_of_range(x, integer),
        };
        let bound = if x.negative {
            integer.minimum()
        } else {
            integer.maximum()
        };
        if magnitude > bound {
            return self.out_of_range(x, integer);
        }
        if inexact {
            self.raise(Flags::INEXACT);
        }
        integer.pattern(x.negative, magnitude)
    }

    fn out_of_range(&mut self, x: &Operand, integer: Integer) -> u64 {
        self.raise(Flags::INVALID);
        let maximum = integer.pattern(false, integer.maximum());
        let minimum = integer.pattern(true, integer.minimum());
        match self.rules.out_of_range {
            OutOfRange::Maximum => maximum,
            OutOfRange::Indefinite => {
                if integer.signed {
                    minimum
                } else {
                    maximum
                }
            }
            OutOfRange::SaturateNanMaximum if x.is_nan() => maximum,
            OutOfRange::SaturateNanZero if x.is_nan() => 0,
            _ => {
                if x.negative {
                    minimum
                } else {
                    maximum
                }
            }
        }
    }

    /// An integer as a number of the format (convertFromInt).
    pub fn convert_from_integer(&mut self, bits: u64, integer: Integer) -> u64 {
        let value = bits & (u64::MAX >> (64 - integer.width));
        let negative = integer.signed && value >> (integer.width - 1) == 1;
        let significand = match (negative, integer.width) {
            (true, 32) => u64::from((value as u32).wrapping_neg()),
            (true, _) => value.wrapping_neg(),
            (false, _) => value,
        };
        match significand {
            0 => 0,
            _ => self.round(
                self.format,
                Exact {
                    negative,
                    significand: significand.into(),
                    exponent: 0,
                },
            ),
        }
    }

    /// x in another format (convertFormat).
    pub fn convert_format(&mut self, x: &Operand, target: Format) -> u64 {
        let sign = if x.negative { target.sign_bit() } else { 0 };
        match x.class {
            Class::Zero => sign,
            Class::Infinite => sign | target.infinity(),
            Class::Finite => self.round(
                target,
                Exact {
                    negative: x.negative,
                    significand: x.significand.into(),
                    exponent: x.exponent,
                },
            ),
            Class::QuietNan | Class::SignalingNan => {
                let quiet = self.nan(&[x]);
                let is_replaced = x.class == Class::SignalingNan && !self.rules.quiet_bit;
                if self.rules.nan == NanRule::Default || is_replaced {
                    return self.rules.default_nan.get(target);
                }
                // The payload keeps its leading bits.
                let fraction = quiet & self.format.fraction();
                let distance = target.precision() as i32 - self.format.precision() as i32;
                let fraction = if distance < 0 {
                    fraction >> -distance
                } else {
                    fraction << distance
                };
                if fraction == 0 {
                    return self.rules.default_nan.get(target);
                }
                sign | target.infinity() | fraction
            }
        }
    }

    /// x rounded to an integral value in its own format (roundToIntegral…), raising inexact only if
    /// `exact`.
    pub fn round_to_integral(&mut self, x: &Operand, exact: bool) -> u64 {
        match x.class {
            _ if x.is_nan() => self.nan(&[x]),
            Class::Finite if x.exponent < 0 => {
                let shift = x.exponent.unsigned_abs();
                let (significand, inexact) =
                    self.round_to_integer(x.negative, x.significand.into(), shift);
                if inexact && exact {
                    self.raise(Flags::INEXACT);
                }
                match significand {
                    0 => self.zero(x.negative),
                    // Exact: the significand has no more bits than x's.
                    _ => self.round(
                        self.format,
                        Exact {
                            negative: x.negative,
                            significand,
                            exponent: 0,
                        },
                    ),
                }
            }
            _ => x.bits,
        }
    }
}
