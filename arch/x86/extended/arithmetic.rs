//! Sums, products, quotients and roots.

use super::round::{Exact, shift_right};
use super::{Answer, Class, Control, Direction, Extended, Operand, of_denormals, of_nans, status};

/// a + b.
pub fn add(a: &Operand, b: &Operand, control: Control) -> Answer {
    sum(a, b, b.negative, control)
}

/// a - b.
pub fn subtract(a: &Operand, b: &Operand, control: Control) -> Answer {
    sum(a, b, !b.negative, control)
}

/// b - a.
pub fn subtract_from(a: &Operand, b: &Operand, control: Control) -> Answer {
    subtract(b, a, control)
}

/// a + b, where b has another sign than its own.
fn sum(a: &Operand, b: &Operand, b_negative: bool, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let differ = a.negative != b_negative;
    let raised = of_denormals(&[a, b]);
    let answer = match (a.class, b.class) {
        (Class::Infinity, Class::Infinity) if differ => return Answer::invalid(),
        (Class::Infinity, _) => Answer::exact(a.whole),
        (_, Class::Infinity) => Answer::exact(b.with_sign(b_negative)),
        (Class::Zero, Class::Zero) => Answer::exact(Extended::zero(match differ {
            true => control.direction == Direction::Down,
            false => a.negative,
        })),
        (Class::Zero, _) => exact(b, b_negative).round(control),
        (_, Class::Zero) => exact(a, a.negative).round(control),
        _ => {
            // One bit is left for the carry.
            let [large, small] = match a.exponent >= b.exponent {
                true => [(a, a.negative), (b, b_negative)],
                false => [(b, b_negative), (a, a.negative)],
            };
            let distance = (large.0.exponent - small.0.exponent) as u32;
            let of = |it: &Operand| u128::from(it.significand) << 63;
            let (x, y) = (of(large.0), shift_right(of(small.0), distance));
            let exponent = large.0.exponent + 1;
            match differ {
                false => Exact::normalized(large.1, exponent, x + y).round(control),
                true if x == y => {
                    Answer::exact(Extended::zero(control.direction == Direction::Down))
                }
                true if x > y => Exact::normalized(large.1, exponent, x - y).round(control),
                true => Exact::normalized(small.1, exponent, y - x).round(control),
            }
        }
    };
    answer.raising(raised)
}

/// A finite operand as a result.
fn exact(operand: &Operand, negative: bool) -> Exact {
    Exact {
        negative,
        exponent: operand.exponent,
        significand: u128::from(operand.significand) << 64,
    }
}

/// a × b.
pub fn multiply(a: &Operand, b: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let negative = a.negative != b.negative;
    let answer = match (a.class, b.class) {
        (Class::Infinity, Class::Zero) | (Class::Zero, Class::Infinity) => {
            return Answer::invalid();
        }
        (Class::Infinity, _) | (_, Class::Infinity) => Answer::exact(Extended::infinity(negative)),
        (Class::Zero, _) | (_, Class::Zero) => Answer::exact(Extended::zero(negative)),
        _ => {
            let product = u128::from(a.significand) * u128::from(b.significand);
            Exact::normalized(negative, a.exponent + b.exponent + 1, product).round(control)
        }
    };
    answer.raising(of_denormals(&[a, b]))
}

/// a / b.
pub fn divide(a: &Operand, b: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let negative = a.negative != b.negative;
    let answer = match (a.class, b.class) {
        (Class::Infinity, Class::Infinity) | (Class::Zero, Class::Zero) => {
            return Answer::invalid();
        }
        (Class::Infinity, _) => Answer::exact(Extended::infinity(negative)),
        (_, Class::Infinity) | (Class::Zero, _) => Answer::exact(Extended::zero(negative)),
        (_, Class::Zero) => {
            return Answer {
                value: Extended::infinity(negative),
                raised: status::DIVIDE_BY_ZERO,
            };
        }
        _ => {
            // In two steps, each of which fits.
            let divisor = u128::from(b.significand);
            let first = u128::from(a.significand) << 63;
            let second = (first % divisor) << 63;
            let quotient = ((first / divisor) << 63) | (second / divisor);
            let quotient = quotient | u128::from(second % divisor != 0);
            Exact::normalized(negative, a.exponent - b.exponent + 1, quotient).round(control)
        }
    };
    answer.raising(of_denormals(&[a, b]))
}

/// b / a.
pub fn divide_by(a: &Operand, b: &Operand, control: Control) -> Answer {
    divide(b, a, control)
}

/// The square root of a.
pub fn root(a: &Operand, _: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a]) {
        return answer;
    }
    let answer = match a.class {
        Class::Zero => Answer::exact(a.whole),
        _ if a.negative => return Answer::invalid(),
        Class::Infinity => Answer::exact(a.whole),
        _ => {
            // With an even exponent, and as many bits as the root has 64.
            let odd = a.exponent & 1;
            let square = u128::from(a.significand) << (63 + odd);
            let root = square.isqrt();
            let rest = square - root * root;
            // The next bit: whether the root and a half fits as well. Then it does not fit exactly.
            let half = u128::from(rest > root) << 63;
            Exact {
                negative: false,
                exponent: a.exponent >> 1,
                significand: root << 64 | half | u128::from(rest != 0),
            }
            .round(control)
        }
    };
    answer.raising(of_denormals(&[a]))
}
