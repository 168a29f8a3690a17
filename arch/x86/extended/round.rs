//! Rounding: from an exact result to a number.

use super::{Answer, BIAS, Control, Direction, Extended, INTEGER, SPECIAL, status};

/// The least and greatest exponents of normal numbers.
const LEAST: i32 = 1 - BIAS;
const GREATEST: i32 = BIAS;
/// What is added to or subtracted from the exponent of a result that is out of range, for a handler of
/// the exception.
const SCALE: i32 = 24576;

/// A result before it is rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    pub negative: bool,
    /// The power of two of the significand's highest bit.
    pub exponent: i32,
    /// Its highest bit is set. The lowest one stands for everything below.
    pub significand: u128,
}

/// A significand of fewer bits.
pub(super) struct Rounded {
    /// In the low bits.
    pub significand: u64,
    pub inexact: bool,
    /// Whether it became larger.
    pub up: bool,
}

impl Rounded {
    /// What an inexact result raises.
    pub fn raised(&self) -> u16 {
        match (self.inexact, self.up) {
            (false, _) => 0,
            (true, false) => status::INEXACT,
            (true, true) => status::INEXACT | status::C1,
        }
    }
}

/// Leaves the low `drop` bits out, which are 1 to 127; what remains has at most 64.
pub(super) fn round_off(
    direction: Direction,
    negative: bool,
    significand: u128,
    drop: u32,
) -> Rounded {
    let kept = (significand >> drop) as u64;
    let rest = significand & ((1 << drop) - 1);
    let half = 1 << (drop - 1);
    let up = match direction {
        Direction::Nearest => rest > half || rest == half && kept & 1 != 0,
        Direction::Down => negative && rest != 0,
        Direction::Up => !negative && rest != 0,
        Direction::Zero => false,
    };
    Rounded {
        significand: kept.wrapping_add(up.into()),
        inexact: rest != 0,
        up,
    }
}

/// Shifts right; a bit that is shifted out leaves its trace in the lowest one.
pub(super) fn shift_right(significand: u128, amount: u32) -> u128 {
    match amount {
        0 => significand,
        1..128 => significand >> amount | u128::from(significand << (128 - amount) != 0),
        _ => u128::from(significand != 0),
    }
}

impl Exact {
    /// Of a significand whose highest bit may be anywhere; `exponent` is that of bit 127.
    pub fn normalized(negative: bool, exponent: i32, significand: u128) -> Exact {
        let shift = significand.leading_zeros();
        Exact {
            negative,
            exponent: exponent - shift as i32,
            significand: significand << shift,
        }
    }

    /// The number in a register's format.
    pub fn round(self, control: Control) -> Answer {
        let Exact {
            negative,
            exponent,
            significand,
        } = self;
        let precision = control.precision;
        let rounded = round_off(control.direction, negative, significand, 128 - precision);
        // Rounding up may give one bit more.
        let carry = match precision {
            64 => rounded.up && rounded.significand == 0,
            _ => rounded.significand >> precision != 0,
        };
        let normal = exponent + i32::from(carry);
        let full = match carry {
            true => INTEGER,
            false => rounded.significand << (64 - precision),
        };
        let scaled = |exponent: i32, raised| Answer {
            value: Extended::signed(negative, (exponent + BIAS) as u16, full),
            raised: raised | rounded.raised(),
        };
        match normal {
            ..LEAST if control.traps(status::UNDERFLOW) => {
                scaled((normal + SCALE).max(LEAST), status::UNDERFLOW)
            }
            _ if exponent < LEAST => self.round_tiny(control, normal < LEAST),
            LEAST..=GREATEST => scaled(normal, 0),
            _ if control.traps(status::OVERFLOW) => {
                scaled((normal - SCALE).min(GREATEST), status::OVERFLOW)
            }
            _ => self.overflowed(control),
        }
    }

    /// A result below the normal numbers, or that rounding alone would make one of them.
    fn round_tiny(self, control: Control, tiny: bool) -> Answer {
        let shift = (LEAST - self.exponent) as u32;
        let significand = shift_right(self.significand, shift);
        let (drop, negative) = (128 - control.precision, self.negative);
        let rounded = round_off(control.direction, negative, significand, drop);
        let significand = rounded.significand << (64 - control.precision);
        let underflow = match tiny && rounded.inexact {
            true => status::UNDERFLOW,
            false => 0,
        };
        Answer {
            value: Extended::signed(negative, u16::from(significand >= INTEGER), significand),
            raised: rounded.raised() | underflow,
        }
    }

    fn overflowed(self, control: Control) -> Answer {
        let infinite = rounds_to_infinity(control.direction, self.negative);
        let raised = status::OVERFLOW | status::INEXACT;
        match infinite {
            true => Answer {
                value: Extended::infinity(self.negative),
                raised: raised | status::C1,
            },
            false => Answer {
                value: Extended::signed(
                    self.negative,
                    SPECIAL - 1,
                    u64::MAX << (64 - control.precision),
                ),
                raised,
            },
        }
    }
}

/// Whether what is too large becomes infinite, rather than the largest number.
pub(super) fn rounds_to_infinity(direction: Direction, negative: bool) -> bool {
    match direction {
        Direction::Nearest => true,
        Direction::Down => negative,
        Direction::Up => !negative,
        Direction::Zero => false,
    }
}
