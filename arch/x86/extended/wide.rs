//! Numbers of 128 bits of precision, in which elementary functions are computed. Each operation is
//! off by at most one in the last place.

use super::round::Exact;
use super::{Class, Operand};
use std::ops::{Add, Mul, Neg, Sub};

/// A number: zero, or one whose significand's highest bit is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide {
    negative: bool,
    /// The power of two of the significand's highest bit.
    exponent: i32,
    significand: u128,
}

impl Wide {
    pub const ZERO: Wide = Wide {
        negative: false,
        exponent: 0,
        significand: 0,
    };
    pub const ONE: Wide = Wide {
        negative: false,
        exponent: 0,
        significand: 1 << 127,
    };
    /// The natural logarithm of 2.
    pub const LN_2: Wide = Wide {
        negative: false,
        exponent: -1,
        significand: 0xb172_17f7_d1cf_79ab_c9e3_b398_03f2_f6af,
    };
    /// π / 2.
    pub const HALF_PI: Wide = Wide {
        negative: false,
        exponent: 0,
        significand: 0xc90f_daa2_2168_c234_c4c6_628b_80dc_1cd1,
    };

    /// An operand that is zero or finite.
    pub fn of(operand: &Operand) -> Wide {
        match operand.class {
            Class::Finite => Wide {
                negative: operand.negative,
                exponent: operand.exponent,
                significand: u128::from(operand.significand) << 64,
            },
            _ => Wide::ZERO,
        }
    }

    pub fn integer(value: i64) -> Wide {
        Wide::normalized(value < 0, 127, value.unsigned_abs().into())
    }

    /// Of a significand whose highest bit may be anywhere; `exponent` is that of bit 127.
    pub fn normalized(negative: bool, exponent: i32, significand: u128) -> Wide {
        if significand == 0 {
            return Wide::ZERO;
        }
        let shift = significand.leading_zeros();
        Wide {
            negative,
            exponent: exponent - shift as i32,
            significand: significand << shift,
        }
    }

    pub fn is_zero(self) -> bool {
        self.significand == 0
    }

    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// The power of two of the highest bit.
    pub fn exponent(self) -> i32 {
        self.exponent
    }

    pub fn magnitude(self) -> Wide {
        Wide {
            negative: false,
            ..self
        }
    }

    /// Times a power of two.
    pub fn scaled(self, power: i32) -> Wide {
        Wide {
            exponent: self.exponent + power,
            ..self
        }
    }

    /// As a result to be rounded: inexact, whatever its bits are. None of zero.
    pub fn result(self) -> Option<Exact> {
        (!self.is_zero()).then_some(Exact {
            negative: self.negative,
            exponent: self.exponent,
            significand: self.significand | 1,
        })
    }

    /// Divided by a small number.
    pub fn over(self, divisor: u32) -> Wide {
        if self.is_zero() {
            return self;
        }
        let divisor = u128::from(divisor);
        // The remainder gives the bits that leading zeros of the quotient leave room for.
        let (quotient, rest) = (self.significand / divisor, self.significand % divisor);
        let room = quotient.leading_zeros();
        let more = (rest << room) / divisor;
        Wide {
            exponent: self.exponent - room as i32,
            significand: quotient << room | more,
            ..self
        }
    }

    /// The quotient, bit by bit. Of a divisor that is not zero.
    pub fn divided_by(self, divisor: Wide) -> Wide {
        if self.is_zero() {
            return self;
        }
        let (mut quotient, mut rest) = (0u128, self.significand);
        let mut carry = false;
        for _ in 0..128 {
            quotient <<= 1;
            if carry || rest >= divisor.significand {
                rest = rest.wrapping_sub(divisor.significand);
                quotient |= 1;
            }
            carry = rest >> 127 != 0;
            rest <<= 1;
        }
        let exponent = self.exponent - divisor.exponent;
        Wide::normalized(self.negative != divisor.negative, exponent, quotient)
    }

    /// The integer nearest to it, if that is small.
    pub fn nearest(self) -> i32 {
        let magnitude = match self.exponent {
            -1 => 1,
            0..31 => {
                let kept = (self.significand >> (126 - self.exponent)) as u32;
                (kept.wrapping_add(1) >> 1) as i32
            }
            _ => 0,
        };
        if self.negative { -magnitude } else { magnitude }
    }

    /// Whether its magnitude is less than another's.
    pub fn is_smaller_than(self, other: Wide) -> bool {
        match (self.significand, other.significand) {
            (_, 0) => false,
            (0, _) => true,
            _ => (self.exponent, self.significand) < (other.exponent, other.significand),
        }
    }

    /// The sum of a first term and others, each made of the one before and its number, as long as they
    /// count.
    pub fn series(first: Wide, next: impl Fn(Wide, u32) -> Wide) -> Wide {
        let (mut sum, mut term) = (first, first);
        for number in 1.. {
            term = next(term, number);
            if term.is_zero() || term.exponent < sum.exponent - 130 {
                break;
            }
            sum = sum + term;
        }
        sum
    }
}

/// The upper half of a product of 256 bits.
fn high_product(a: u128, b: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (low, middle, other) = (a0 * b0, a1 * b0, a0 * b1);
    let carry = (low >> 64) + (middle & LOW) + (other & LOW);
    a1 * b1 + (middle >> 64) + (other >> 64) + (carry >> 64)
}

impl Mul for Wide {
    type Output = Wide;

    fn mul(self, other: Wide) -> Wide {
        if self.is_zero() || other.is_zero() {
            return Wide::ZERO;
        }
        let product = high_product(self.significand, other.significand);
        let exponent = self.exponent + other.exponent + 1;
        Wide::normalized(self.negative != other.negative, exponent, product)
    }
}

impl Neg for Wide {
    type Output = Wide;

    fn neg(self) -> Wide {
        Wide {
            negative: !self.negative,
            ..self
        }
    }
}

impl Sub for Wide {
    type Output = Wide;

    fn sub(self, other: Wide) -> Wide {
        self + -other
    }
}

impl Add for Wide {
    type Output = Wide;

    fn add(self, other: Wide) -> Wide {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let [large, small] = match self.is_smaller_than(other) {
            true => [other, self],
            false => [self, other],
        };
        let distance = (large.exponent - small.exponent) as u32;
        let shifted = small.significand.checked_shr(distance).unwrap_or(0);
        if large.negative != small.negative {
            let difference = large.significand - shifted;
            return Wide::normalized(large.negative, large.exponent, difference);
        }
        match large.significand.overflowing_add(shifted) {
            (sum, false) => Wide {
                significand: sum,
                ..large
            },
            (sum, true) => Wide {
                exponent: large.exponent + 1,
                significand: sum >> 1 | 1 << 127,
                ..large
            },
        }
    }
}
