//! Remainders, integral values, and numbers taken apart.

use super::convert::magnitude;
use super::round::Exact;
use super::status::{C0, C1, C2, C3, DIVIDE_BY_ZERO};
use super::{Answer, Class, Control, Direction, Extended, Operand, of_denormals, of_nans};

/// What a leaves when divided by b, with the quotient rounded toward zero (FPREM); or a step towards it,
/// which C2 tells. C0, C3 and C1 are the quotient's low bits, from bit 2 on.
pub fn remainder(a: &Operand, b: &Operand, control: Control) -> Answer {
    divided(a, b, false, control)
}

/// The same, with the quotient rounded to the nearest (FPREM1).
pub fn remainder_to_nearest(a: &Operand, b: &Operand, control: Control) -> Answer {
    divided(a, b, true, control)
}

fn divided(a: &Operand, b: &Operand, to_nearest: bool, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let raised = of_denormals(&[a, b]);
    match (a.class, b.class) {
        (Class::Infinity, _) | (_, Class::Zero) => return Answer::invalid(),
        (Class::Zero, _) | (_, Class::Infinity) => {
            return Answer::exact(a.whole).raising(raised);
        }
        _ => {}
    }
    let control = control.in_full();
    let distance = a.exponent - b.exponent;
    // Below half of b it is the remainder itself.
    if distance < -1 || distance == -1 && !to_nearest {
        return whole(a).round(control).raising(raised);
    }
    // As much as one step does, of quotients that are not known at once.
    let is_last = distance < 64;
    let step = if is_last {
        distance
    } else {
        32 | distance & 31
    };
    let divisor = u128::from(b.significand);
    // Half of b is one bit longer than b: all is in halves of its last place.
    let dividend = match step {
        -1 => u128::from(a.significand),
        _ => u128::from(a.significand) << step,
    };
    let (mut quotient, mut rest) = match step {
        -1 => (0, dividend),
        _ => (dividend / divisor, dividend % divisor),
    };
    let mut negative = a.negative;
    let (twice, unit) = match step {
        -1 => (rest, 2 * divisor),
        _ => (2 * rest, divisor),
    };
    if is_last && to_nearest && (twice > divisor || twice == divisor && quotient & 1 != 0) {
        rest = unit - rest;
        quotient += 1;
        negative = !negative;
    }
    let conditions = match is_last {
        true => {
            let bit = |place: u32, condition| match quotient >> place & 1 {
                0 => 0,
                _ => condition,
            };
            bit(2, C0) | bit(1, C3) | bit(0, C1)
        }
        false => C2,
    };
    let answer = match rest {
        0 => Answer::exact(Extended::zero(a.negative)),
        _ => {
            // The power of two of bit 0 of the remainder.
            let place = match step {
                -1 => a.exponent - 63,
                _ => b.exponent + distance - step - 63,
            };
            Exact::normalized(negative, place + 127, rest).round(control)
        }
    };
    Answer {
        value: answer.value,
        raised: answer.raised & !C1 | conditions | raised,
    }
}

fn whole(a: &Operand) -> Exact {
    Exact {
        negative: a.negative,
        exponent: a.exponent,
        significand: u128::from(a.significand) << 64,
    }
}

/// a as an integral value.
pub fn integral(a: &Operand, _: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a]) {
        return answer;
    }
    let raised = of_denormals(&[a]);
    // From 63 on, all numbers are.
    if a.class != Class::Finite || a.exponent >= 63 {
        return Answer::exact(a.whole).raising(raised);
    }
    let (magnitude, inexact) = magnitude(a, control.direction).unwrap_or((0, 0));
    let value = match magnitude {
        0 => Extended::zero(a.negative),
        _ => {
            let exact = Exact::normalized(a.negative, 127, magnitude.into());
            exact.round(control.in_full()).value
        }
    };
    Answer {
        value,
        raised: inexact | raised,
    }
}

/// a × 2 to the power of b's integer part.
pub fn scale(a: &Operand, b: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let answer = match (a.class, b.class) {
        (Class::Infinity, Class::Infinity) if b.negative => return Answer::invalid(),
        (Class::Zero, Class::Infinity) if !b.negative => return Answer::invalid(),
        (Class::Infinity | Class::Zero, _) => Answer::exact(a.whole),
        (_, Class::Infinity) if b.negative => Answer::exact(Extended::zero(a.negative)),
        (_, Class::Infinity) => Answer::exact(Extended::infinity(a.negative)),
        _ => {
            // More than this is out of range for all numbers.
            let most = 1 << 17;
            let power = match magnitude(b, Direction::Zero) {
                Some((magnitude, _)) => magnitude.min(most) as i32,
                None => most as i32,
            };
            let power = if b.negative { -power } else { power };
            let exact = whole(a);
            Exact {
                exponent: exact.exponent + power,
                ..exact
            }
            .round(control.in_full())
        }
    };
    answer.raising(of_denormals(&[a, b]))
}

/// The exponent of a, as a number (what FXTRACT leaves below the significand).
pub fn exponent(a: &Operand, _: &Operand, _: Control) -> Answer {
    if let Some(answer) = of_nans(&[a]) {
        return answer;
    }
    match a.class {
        Class::Zero => Answer::exact(Extended::infinity(true)).raising(DIVIDE_BY_ZERO),
        Class::Infinity => Answer::exact(Extended::infinity(false)),
        _ => {
            let exponent = Operand::integer(a.exponent.into());
            Answer::exact(exponent.whole).raising(of_denormals(&[a]))
        }
    }
}

/// The significand of a, as a number from 1 on and below 2 (what FXTRACT pushes).
pub fn significand(a: &Operand, _: &Operand, _: Control) -> Answer {
    if let Some(answer) = of_nans(&[a]) {
        return answer;
    }
    Answer::exact(match a.class {
        Class::Finite => Extended {
            significand: a.significand,
            ..Extended::one(a.negative)
        },
        _ => a.whole,
    })
}
