//! Comparisons (IEEE 754-2019 §5.11), minimum and maximum (§9.6), and classification (§5.7.2).

use std::cmp::Ordering;

use super::format::{Class, Operand};
use super::{Evaluation, Flags};

/// An integer that orders numbers as [`f64::total_cmp`] does: -0 below +0.
fn total_order(x: &Operand) -> i128 {
    if x.negative {
        -i128::from(x.bits)
    } else {
        i128::from(x.bits)
    }
}

impl Evaluation<'_> {
    /// x = y; only signaling NaNs are invalid (compareQuietEqual).
    pub fn equal_quiet(&mut self, x: &Operand, y: &Operand) -> u64 {
        if x.class == Class::SignalingNan || y.class == Class::SignalingNan {
            self.raise(Flags::INVALID);
        }
        u64::from(!self.unordered(x, y) && (x.bits == y.bits || (x.is_zero() && y.is_zero())))
    }

    /// x < y; every NaN is invalid (compareSignalingLess).
    pub fn less_signaling(&mut self, x: &Operand, y: &Operand) -> u64 {
        if self.unordered(x, y) {
            self.raise(Flags::INVALID);
            return 0;
        }
        u64::from(total_order(x) < total_order(y) && !(x.is_zero() && y.is_zero()))
    }

    /// x ≤ y; every NaN is invalid (compareSignalingLessEqual).
    pub fn less_equal_signaling(&mut self, x: &Operand, y: &Operand) -> u64 {
        if self.unordered(x, y) {
            self.raise(Flags::INVALID);
            return 0;
        }
        u64::from(total_order(x) <= total_order(y) || (x.is_zero() && y.is_zero()))
    }

    /// How x relates to y, in one bit: see [`Operation::RelationQuiet`](super::Operation).
    pub fn relation(&mut self, x: &Operand, y: &Operand, signaling: bool) -> u64 {
        if self.unordered(x, y) {
            let has_signaling = x.class == Class::SignalingNan || y.class == Class::SignalingNan;
            if signaling || has_signaling {
                self.raise(Flags::INVALID);
            }
            return 1;
        }
        let both_zero = x.is_zero() && y.is_zero();
        match total_order(x).cmp(&total_order(y)) {
            _ if both_zero => 2,
            Ordering::Equal => 2,
            Ordering::Less => 4,
            Ordering::Greater => 0,
        }
    }

    /// x if it relates to y like that, else y; every NaN is invalid.
    pub fn ordered(&mut self, x: &Operand, y: &Operand, order: Ordering) -> u64 {
        let relation = self.relation(x, y, true);
        let wanted = if order == Ordering::Less { 4 } else { 0 };
        if relation == wanted { x.bits } else { y.bits }
    }

    fn unordered(&self, x: &Operand, y: &Operand) -> bool {
        x.is_nan() || y.is_nan()
    }

    /// The lesser operand: a number rather than a NaN, -0 rather than +0 (minimumNumber).
    pub fn minimum_number(&mut self, x: &Operand, y: &Operand) -> u64 {
        self.choose(x, y, total_order(x) <= total_order(y))
    }

    /// The greater operand: a number rather than a NaN, +0 rather than -0 (maximumNumber).
    pub fn maximum_number(&mut self, x: &Operand, y: &Operand) -> u64 {
        self.choose(x, y, total_order(x) >= total_order(y))
    }

    fn choose(&mut self, x: &Operand, y: &Operand, first: bool) -> u64 {
        if x.class == Class::SignalingNan || y.class == Class::SignalingNan {
            self.raise(Flags::INVALID);
        }
        match (x.is_nan(), y.is_nan()) {
            (true, true) => self.nan(&[x, y]),
            (true, false) => y.bits,
            (false, true) => x.bits,
            (false, false) => {
                if first {
                    x.bits
                } else {
                    y.bits
                }
            }
        }
    }

    /// One bit that names the class of x, as RISC-V's FCLASS numbers them.
    pub fn classify(&self, x: &Operand) -> u64 {
        let subnormal = x.bits & self.format.infinity() == 0;
        let positive = match x.class {
            Class::SignalingNan => return 1 << 8,
            Class::QuietNan => return 1 << 9,
            Class::Zero => 4,
            Class::Finite if subnormal => 5,
            Class::Finite => 6,
            Class::Infinite => 7,
        };
        // The negative classes mirror the positive ones.
        1 << if x.negative { 7 - positive } else { positive }
    }
}
