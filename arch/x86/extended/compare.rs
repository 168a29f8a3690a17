//! Comparisons, in C3, C2 and C0.

use super::status::{C0, C1, C2, C3, INVALID};
use super::{Answer, Class, Control, Operand, of_denormals};
use std::cmp::Ordering;

/// How a relates to b. Any NaN is invalid.
pub fn compare(a: &Operand, b: &Operand, _: Control) -> Answer {
    relation(a, b, false)
}

/// How a relates to b. Only a signaling NaN is invalid.
pub fn compare_quietly(a: &Operand, b: &Operand, _: Control) -> Answer {
    relation(a, b, true)
}

fn relation(a: &Operand, b: &Operand, quiet: bool) -> Answer {
    let any = |test: fn(&Operand) -> bool| test(a) || test(b);
    let unordered = C3 | C2 | C0;
    if any(|it| matches!(it.class, Class::Signaling | Class::Unsupported)) {
        return Answer::conditions(unordered | INVALID);
    }
    if any(Operand::is_nan) {
        let raised = if quiet { 0 } else { INVALID };
        return Answer::conditions(unordered | raised);
    }
    let conditions = match order(a).cmp(&order(b)) {
        Ordering::Greater => 0,
        Ordering::Less => C0,
        Ordering::Equal => C3,
    };
    Answer::conditions(conditions | of_denormals(&[a, b]))
}

/// Numbers in whose order numbers are.
fn order(it: &Operand) -> i128 {
    let magnitude = match it.class {
        Class::Zero => 0,
        Class::Infinity => i128::MAX,
        _ => i128::from(it.exponent + (1 << 20)) << 64 | i128::from(it.significand),
    };
    if it.negative { -magnitude } else { magnitude }
}

/// The class and the sign of a (FXAM).
pub fn examine(a: &Operand, _: &Operand, _: Control) -> Answer {
    let class = match a.class {
        Class::Unsupported => 0,
        Class::Quiet | Class::Signaling => C0,
        Class::Finite if a.denormal => C3 | C2,
        Class::Finite => C2,
        Class::Infinity => C2 | C0,
        Class::Zero => C3,
    };
    let sign = if a.negative { C1 } else { 0 };
    Answer::conditions(class | sign)
}
