//! Elementary functions, from series in [`Wide`] numbers: the results are rounded once, and right but
//! for the rare ones next to the middle between two numbers. Processors may be off by one in the last
//! place (Volume 1, Section 8.3.10).

use super::status::{C2, INEXACT};
use super::wide::Wide;
use super::{Answer, Class, Control, Extended, Operand, of_denormals, of_nans};
use std::sync::LazyLock;

/// Where angles begin that these functions leave alone.
const MOST_BITS: i32 = 63;

/// 2 to the power of a, less 1; of a from -1 to 1.
pub fn exponential(a: &Operand, _: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a]) {
        return answer;
    }
    let raised = of_denormals(&[a]);
    match a.class {
        Class::Zero => return Answer::exact(a.whole),
        Class::Infinity if a.negative => return Answer::exact(Extended::one(true)),
        Class::Infinity => return Answer::exact(a.whole),
        // Of 1 it is 1, which processors call inexact, too. Of what is beyond, nothing is defined: they
        // leave it as it is.
        _ if a.exponent >= 0 && a.whole != Extended::one(true) => {
            return Answer::exact(a.whole).raising(INEXACT | raised);
        }
        _ => {}
    }
    let x = Wide::of(a) * Wide::LN_2;
    let sum = Wide::series(x, |term, number| (term * x).over(number + 1));
    rounded(sum, control).raising(raised)
}

/// b × the logarithm of a to the base of 2.
pub fn logarithm(a: &Operand, b: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let raised = of_denormals(&[a, b]);
    let is_one = a.whole == Extended::one(false);
    let is_below_one = a.class == Class::Zero || a.class == Class::Finite && a.exponent < 0;
    let answer = match (a.class, b.class) {
        (Class::Zero, Class::Zero) => return Answer::invalid(),
        (Class::Zero, Class::Infinity) => Answer::exact(Extended::infinity(!b.negative)),
        (Class::Zero, _) => {
            return Answer {
                value: Extended::infinity(!b.negative),
                raised: super::status::DIVIDE_BY_ZERO,
            };
        }
        _ if a.negative => return Answer::invalid(),
        (Class::Infinity, Class::Zero) => return Answer::invalid(),
        (Class::Infinity, _) => Answer::exact(Extended::infinity(b.negative)),
        (_, Class::Infinity) if is_one => return Answer::invalid(),
        (_, Class::Infinity) => Answer::exact(Extended::infinity(b.negative != is_below_one)),
        (_, Class::Zero) => Answer::exact(Extended::zero(b.negative != is_below_one)),
        _ if is_one => Answer::exact(Extended::zero(b.negative)),
        _ => {
            // Powers of two have logarithms that are exact.
            match a.significand << 1 {
                0 => {
                    let power = Operand::integer(a.exponent.into());
                    super::multiply(b, &power, control.in_full())
                }
                _ => rounded(binary_logarithm(Wide::of(a)) * Wide::of(b), control),
            }
        }
    };
    answer.raising(raised)
}

/// b × the logarithm of a + 1 to the base of 2.
pub fn logarithm_plus_1(a: &Operand, b: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let negative = a.negative != b.negative;
    let answer = match (a.class, b.class) {
        (Class::Zero, Class::Infinity) => return Answer::invalid(),
        (Class::Infinity, _) if a.negative => return Answer::invalid(),
        (Class::Infinity, Class::Zero) => return Answer::invalid(),
        (Class::Infinity, _) | (_, Class::Infinity) => Answer::exact(Extended::infinity(negative)),
        (Class::Zero, _) | (_, Class::Zero) => Answer::exact(Extended::zero(negative)),
        // Of -1 and less nothing is defined.
        _ if a.negative && a.exponent >= 0 => Answer::exact(a.whole).raising(INEXACT),
        _ => {
            let x = Wide::of(a);
            // Next to zero the sum would lose what matters.
            let logarithm = match a.exponent < -2 {
                true => natural(x.divided_by(x + Wide::integer(2))).divided_by(Wide::LN_2),
                false => binary_logarithm(x + Wide::ONE),
            };
            rounded(logarithm * Wide::of(b), control)
        }
    };
    answer.raising(of_denormals(&[a, b]))
}

/// The logarithm of a positive number to the base of 2.
fn binary_logarithm(x: Wide) -> Wide {
    // From the root of a half to that of two, so that nothing cancels.
    let root_of_two = Wide::normalized(false, 0, 0xb504_f333_f9de_6484_597d_89b3_754a_be9f);
    let mantissa = x.scaled(-x.exponent());
    let power = x.exponent() + i32::from(root_of_two.is_smaller_than(mantissa));
    let mantissa = x.scaled(-power);
    let ratio = (mantissa - Wide::ONE).divided_by(mantissa + Wide::ONE);
    natural(ratio).divided_by(Wide::LN_2) + Wide::integer(power.into())
}

/// The natural logarithm of (1 + z) / (1 - z), for small z.
fn natural(z: Wide) -> Wide {
    let square = z * z;
    let mut power = z;
    let mut sum = z;
    for number in 1.. {
        power = power * square;
        let term = power.over(2 * number + 1);
        if term.is_zero() || term.exponent() < sum.exponent() - 130 {
            break;
        }
        sum = sum + term;
    }
    sum.scaled(1)
}

/// The angle of the point a, b: the arctangent of b / a, from -π to π.
pub fn arctangent(a: &Operand, b: &Operand, control: Control) -> Answer {
    if let Some(answer) = of_nans(&[a, b]) {
        return answer;
    }
    let raised = of_denormals(&[a, b]);
    let pi = Wide::HALF_PI.scaled(1);
    let angle = match (a.class, b.class) {
        (Class::Infinity, Class::Infinity) if a.negative => pi - pi.scaled(-2),
        (Class::Infinity, Class::Infinity) => pi.scaled(-2),
        (_, Class::Infinity) => Wide::HALF_PI,
        (_, Class::Zero) | (Class::Infinity, _) if a.negative => pi,
        (_, Class::Zero) | (Class::Infinity, _) => {
            return Answer::exact(Extended::zero(b.negative)).raising(raised);
        }
        (Class::Zero, _) => Wide::HALF_PI,
        _ => {
            let (x, y) = (Wide::of(a).magnitude(), Wide::of(b).magnitude());
            let first = match x.is_smaller_than(y) {
                true => Wide::HALF_PI - of_tangent(x.divided_by(y)),
                false => of_tangent(y.divided_by(x)),
            };
            if a.negative { pi - first } else { first }
        }
    };
    let angle = if b.negative { -angle } else { angle };
    rounded(angle, control).raising(raised)
}

/// The arctangents of 0/8 to 8/8.
static EIGHTHS: LazyLock<[Wide; 9]> = LazyLock::new(|| {
    let mut angle = Wide::ZERO;
    std::array::from_fn(|n| {
        let n = n as i64;
        if n > 0 {
            // The tangent of the difference of two neighbours.
            let ratio = Wide::integer(8).divided_by(Wide::integer(64 + n * (n - 1)));
            angle = angle + small_angle(ratio);
        }
        angle
    })
});

/// The arctangent of a number from 0 to 1.
fn of_tangent(tangent: Wide) -> Wide {
    let eighths = tangent.scaled(3).nearest();
    if eighths == 0 {
        return small_angle(tangent);
    }
    let near = Wide::integer(eighths.into()).scaled(-3);
    let rest = (tangent - near).divided_by(Wide::ONE + tangent * near);
    EIGHTHS[eighths as usize] + small_angle(rest)
}

/// The arctangent of a small number.
fn small_angle(tangent: Wide) -> Wide {
    if tangent.is_zero() {
        return tangent;
    }
    let square = -(tangent * tangent);
    let (mut power, mut sum) = (tangent, tangent);
    for number in 1.. {
        power = power * square;
        let term = power.over(2 * number + 1);
        if term.is_zero() || term.exponent() < sum.exponent() - 130 {
            break;
        }
        sum = sum + term;
    }
    sum
}

/// The sine of a; C2 if a is too large.
pub fn sine(a: &Operand, _: &Operand, control: Control) -> Answer {
    match reduced(a) {
        Reduced::Answer(answer) => answer,
        Reduced::Angle { rest, quarter } => {
            let value = match quarter & 1 {
                0 => sine_of(rest),
                _ => cosine_of(rest),
            };
            let value = if quarter & 2 != 0 { -value } else { value };
            rounded(value, control).raising(of_denormals(&[a]))
        }
    }
}

/// The cosine of a; C2 if a is too large.
pub fn cosine(a: &Operand, _: &Operand, control: Control) -> Answer {
    if a.class == Class::Zero {
        return Answer::exact(Extended::one(false));
    }
    match reduced(a) {
        Reduced::Answer(answer) => answer,
        Reduced::Angle { rest, quarter } => {
            let value = match quarter & 1 {
                0 => cosine_of(rest),
                _ => sine_of(rest),
            };
            let negative = matches!(quarter & 3, 1 | 2);
            let value = if negative { -value } else { value };
            rounded(value, control).raising(of_denormals(&[a]))
        }
    }
}

/// The tangent of a; C2 if a is too large.
pub fn tangent(a: &Operand, _: &Operand, control: Control) -> Answer {
    match reduced(a) {
        Reduced::Answer(answer) => answer,
        Reduced::Angle { rest, quarter } => {
            let (sine, cosine) = (sine_of(rest), cosine_of(rest));
            let value = match quarter & 1 {
                0 => sine.divided_by(cosine),
                _ => -cosine.divided_by(sine),
            };
            rounded(value, control).raising(of_denormals(&[a]))
        }
    }
}

/// What becomes of an angle.
enum Reduced {
    /// It is none, or too large.
    Answer(Answer),
    /// So many quarters of a turn, and a rest of an eighth at most.
    Angle { rest: Wide, quarter: u32 },
}

/// π / 2 with the 66 bits that processors divide by (Volume 1, Section 8.3.8), and the power of two of
/// its last bit.
const QUARTER_TURN: u128 = 0x3_243f_6a88_85a3_08d3;
const LAST_BIT: i32 = -65;

fn reduced(a: &Operand) -> Reduced {
    if let Some(answer) = of_nans(&[a]) {
        return Reduced::Answer(answer);
    }
    match a.class {
        Class::Zero => return Reduced::Answer(Answer::exact(a.whole)),
        Class::Infinity => return Reduced::Answer(Answer::invalid()),
        _ if a.exponent >= MOST_BITS => {
            return Reduced::Answer(Answer::exact(a.whole).raising(C2));
        }
        _ => {}
    }
    let x = Wide::of(a);
    if a.exponent < -1 {
        return Reduced::Angle {
            rest: x,
            quarter: 0,
        };
    }
    // The angle in units of the quarter turn's last bit, and below that as much as it has.
    let unit = a.exponent - 63 - LAST_BIT;
    let below = (-unit).max(0) as u32;
    let significand = u128::from(a.significand);
    let (mut rest, mut quarter) = (significand >> below, 0u32);
    // Bit by bit from the left; of the quotient its lowest bits are enough.
    for shift in 0..=unit.max(0) {
        if shift > 0 {
            rest <<= 1;
            quarter = quarter.wrapping_mul(2);
        }
        quarter = quarter.wrapping_add((rest / QUARTER_TURN) as u32);
        rest %= QUARTER_TURN;
    }
    let low = significand & ((1 << below) - 1);
    let lowest = LAST_BIT - below as i32;
    let mut rest = Wide::normalized(false, lowest + 127, rest << below | low);
    let turn = Wide::normalized(false, LAST_BIT + 127, QUARTER_TURN);
    if turn.scaled(-1).is_smaller_than(rest) {
        rest = rest - turn;
        quarter = quarter.wrapping_add(1);
    }
    match a.negative {
        true => Reduced::Angle {
            rest: -rest,
            quarter: quarter.wrapping_neg(),
        },
        false => Reduced::Angle { rest, quarter },
    }
}

fn sine_of(angle: Wide) -> Wide {
    let square = -(angle * angle);
    Wide::series(angle, |term, number| {
        (term * square).over(2 * number * (2 * number + 1))
    })
}

fn cosine_of(angle: Wide) -> Wide {
    let square = -(angle * angle);
    Wide::series(Wide::ONE, |term, number| {
        (term * square).over((2 * number - 1) * 2 * number)
    })
}

fn rounded(value: Wide, control: Control) -> Answer {
    match value.result() {
        Some(exact) => exact.round(control.in_full()),
        None => Answer::exact(Extended::zero(value.is_negative())),
    }
}
