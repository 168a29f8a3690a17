//! Rounding (IEEE 754-2019 §4.3) with overflow and underflow (§7.4, §7.5): the one place where exact
//! numbers become bit patterns.

use super::format::Format;
use super::rules::Tininess;
use super::{Evaluation, Flags, Rounding};

/// A real number other than zero: ±`significand` × 2^`exponent`.
///
/// Its lowest bit may be *sticky*: set when something nonzero lies below it. It rounds correctly as
/// long as the significand has at least two bits more than the format's precision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    pub negative: bool,
    pub significand: u128,
    pub exponent: i32,
}

/// `significand` / 2^`shift`, truncated, its lowest bit sticky.
pub(super) fn shift_right_sticky(significand: u128, shift: u32) -> u128 {
    match significand.checked_shr(shift) {
        Some(kept) => kept | u128::from(kept << shift != significand),
        None => u128::from(significand != 0),
    }
}

impl Evaluation<'_> {
    /// ±`significand` / 2^`shift`, rounded to an integer in the current direction: its magnitude,
    /// and whether that differs from the argument.
    pub fn round_to_integer(&self, negative: bool, significand: u128, shift: u32) -> (u128, bool) {
        let kept = significand.checked_shr(shift).unwrap_or(0);
        let rest = match shift {
            0 => 0,
            1..128 => significand << (128 - shift),
            128 => significand,
            // Less than a quarter: any such number rounds alike.
            _ => u128::from(significand != 0),
        };
        const HALF: u128 = 1 << 127;
        let away = match self.rounding {
            Rounding::NearestEven => rest > HALF || (rest == HALF && kept & 1 == 1),
            Rounding::NearestAway => rest >= HALF,
            Rounding::TowardZero => false,
            Rounding::Down => negative && rest != 0,
            Rounding::Up => !negative && rest != 0,
        };
        (kept + u128::from(away), rest != 0)
    }

    /// The pattern in `format` of the exact number `x`, rounded.
    pub fn round(&mut self, format: Format, x: Exact) -> u64 {
        let sign = if x.negative { format.sign_bit() } else { 0 };
        let precision = format.precision() as i32;
        let normalize = x.significand.leading_zeros();
        let significand = x.significand << normalize;
        // |x| lies in [2^magnitude, 2^(magnitude + 1)).
        let magnitude = x.exponent - normalize as i32 + 127;
        // The exponent of the last place, and how many bits of `significand` lie below it.
        let place = magnitude.max(format.emin()) - (precision - 1);
        let below = place - magnitude + 127;
        let (kept, inexact) = self.round_to_integer(x.negative, significand, below as u32);
        // `kept` counts units in the last place. Its bit of weight 2^(precision - 1), absent in
        // subnormal numbers, adds one to the exponent field, and so does a carry out of the rounding.
        let field = (place - format.qmin()) as u64;
        let bits = (field << (precision - 1)) + kept as u64;
        // (Nor does `field` overflow, be it the greatest number divided by the least.)
        if bits >= format.infinity() {
            self.raise(Flags::OVERFLOW | Flags::INEXACT);
            return sign | self.overflowed(format, x.negative);
        }
        if inexact {
            self.raise(Flags::INEXACT);
            if magnitude < format.emin() && self.is_tiny(format, x.negative, significand, magnitude)
            {
                self.raise(Flags::UNDERFLOW);
            }
        }
        sign | bits
    }

    /// What an overflowing result becomes: infinity, unless the rounding direction leads away from
    /// it (IEEE 754-2019 §7.4).
    fn overflowed(&self, format: Format, negative: bool) -> u64 {
        let infinite = match self.rounding {
            Rounding::NearestEven | Rounding::NearestAway => true,
            Rounding::TowardZero => false,
            Rounding::Down => negative,
            Rounding::Up => !negative,
        };
        format.infinity() - u64::from(!infinite)
    }

    /// Whether an inexact number below 2^emin counts as tiny. After rounding it does unless
    /// rounding it to the full precision, with an unbounded exponent, yields 2^emin.
    fn is_tiny(&self, format: Format, negative: bool, significand: u128, magnitude: i32) -> bool {
        match self.rules.tininess {
            Tininess::BeforeRounding => true,
            Tininess::AfterRounding if magnitude < format.emin() - 1 => true,
            Tininess::AfterRounding => {
                let precision = format.precision();
                let (kept, _) = self.round_to_integer(negative, significand, 128 - precision);
                kept < 1 << precision
            }
        }
    }
}
