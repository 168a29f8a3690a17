//! What expressions amount to: constants worked out, and ways of saying things in words that
//! have a shorter name.

use super::expression::{Expression, Sign};
use Expression::{Call, Choice, Infix, Name, Number, Prefix, Slice};

/// The high half of a register that holds a narrower number: all ones.
const BOX: u64 = 0xffff_ffff_0000_0000;
/// What a register without such a number reads as.
const CANONICAL_NAN: u64 = 0x7fc0_0000;

/// An expression, the shorter way.
pub fn known(expression: Expression) -> Expression {
    match expression {
        Infix(a, sign, b) => infix(*a, sign, *b),
        Prefix("~", inner) => match *inner {
            Prefix("~", inner) => *inner,
            Number(value) => Number(!value),
            other => Prefix("~", Box::new(other)),
        },
        other => other,
    }
}

fn infix(a: Expression, sign: Sign, b: Expression) -> Expression {
    match (a, sign.text, b) {
        // Sums and bits with zero
        (a, "+" | "-" | "|" | "^", Number(0)) => a,
        (Number(0), "+" | "|" | "^", b) => b,
        (Number(0), "-", b) => Prefix("-", Box::new(b)),
        (Number(0), "&", _) | (_, "&", Number(0)) => Number(0),
        (a, "<<" | ">>u" | ">>s", Number(0)) => a,
        (a @ Number(_), "+" | "&" | "|" | "^", b) => b.infix(sign, a),

        // One bit
        (Infix(a, Sign::SHIFT_RIGHT, n), "&", Number(1)) if matches!(*n, Number(0..64)) => match *n
        {
            Number(bit) => a.slice(bit as u8, bit as u8),
            _ => a.infix(Sign::SHIFT_RIGHT, *n),
        },

        // Numbers of half a register
        (a @ Name(_), "|", Number(BOX)) => a.slice(31, 0).called("box32"),
        (a, "|", Number(BOX)) => a.truncated_silently(32).called("box32"),
        // The sign of one number and the rest of another
        (Infix(a, Sign::AND, rest), "|", Infix(b, Sign::AND, sign)) if matches!((&*rest, &*sign), (Number(r), Number(s)) if *r == !*s && is_sign(*s)) =>
        {
            let bits = if *sign == Number(1 << 31) { 32 } else { 64 };
            Call(format!("copy_sign{bits}"), vec![*a, *b])
        }

        // Comparisons
        (Number(0), "<u", b) => b.infix(Sign::NOT_EQUAL, Number(0)),
        (a, "<u", Number(1)) => a.infix(Sign::EQUAL, Number(0)),
        (a @ Number(_), _, b) if sign.mirrored().is_some() => {
            let mirrored = sign.mirrored().unwrap_or(sign);
            infix(b, mirrored, a)
        }
        (Infix(a, inner, b), "==", Number(0)) if inner.negated().is_some() => {
            let negated = inner.negated().unwrap_or(inner);
            a.infix(negated, *b)
        }
        (a, "==", Number(0)) if a.is_truth() => Prefix("not ", Box::new(a)),
        (Infix(a, Sign::AND, mask), "==" | "!=", b @ Number(_)) if low_bits(&mask).is_some() => {
            let bits = low_bits(&mask).unwrap_or(64);
            a.slice(bits - 1, 0).infix(sign, b)
        }
        (a, "==", Number(value)) if never_equals(&a, value) => Number(0),

        // Conditions
        (a, "and", Number(1)) | (Number(1), "and", a) => a,
        (a, "or", Number(0)) | (Number(0), "or", a) => a,
        (a, _, b) => a.infix(sign, b),
    }
}

/// A choice, with its condition used inside.
pub fn choice(condition: Expression, yes: Expression, no: Expression) -> Expression {
    match condition {
        Number(0) => return no,
        Number(_) => return yes,
        _ => {}
    }
    if let Infix(a, Sign::GREATER_EQUAL_UNSIGNED, b) = &condition
        && **b == Number(BOX)
        && no == Number(CANONICAL_NAN)
        && yes == (**a).clone().called("zext32")
    {
        return (**a).clone().called("unbox32");
    }
    let no = without(no, &condition);
    Choice(Box::new([condition, yes, no]))
}

/// An expression where a condition is known not to hold.
fn without(expression: Expression, condition: &Expression) -> Expression {
    let go = |e: Expression| without(e, condition);
    match expression {
        e if e == *condition => Number(0),
        Infix(a, sign, b) => match (go(*a), sign, go(*b)) {
            (a, Sign::EITHER, Number(0)) => a,
            (Number(0), Sign::EITHER, b) => b,
            (Number(0), Sign::BOTH, _) | (_, Sign::BOTH, Number(0)) => Number(0),
            (a, sign, b) => a.infix(sign, b),
        },
        Choice(parts) => {
            let [condition, yes, no] = *parts;
            choice(go(condition), go(yes), go(no))
        }
        other => other,
    }
}

/// The low bits of an expression, sign-extended.
pub fn sign_extended(bits: u8, a: Expression) -> Expression {
    match rotation(bits, a) {
        Call(name, arguments) if name == format!("sext{bits}") => Call(name, arguments),
        other => other.called(&format!("sext{bits}")),
    }
}

/// The low 32 bits of an expression, if it is two copies of a word shifted right: that word rotated. Else the expression.
fn rotation(bits: u8, a: Expression) -> Expression {
    let Infix(twice, Sign::SHIFT_RIGHT, amount) = a else {
        return a;
    };
    let is_within = match *amount {
        Number(amount) => amount < 32,
        Slice { high, low, .. } => high - low < 5,
        _ => false,
    };
    let word = match copied(&twice) {
        Some(word) if bits == 32 && is_within => word,
        _ => return twice.infix(Sign::SHIFT_RIGHT, *amount),
    };
    let (direction, amount) = match *amount {
        Slice { of, high, low } => match *of {
            Prefix("-", of) => ("left", of.slice(high, low)),
            of => ("right", of.slice(high, low)),
        },
        amount => ("right", amount),
    };
    Call(
        format!("rotate_{direction}32"),
        vec![word.truncated(32), amount],
    )
}

fn is_rotation32(name: &str) -> bool {
    matches!(name, "rotate_left32" | "rotate_right32")
}

/// The low bits of an expression, zero-extended. Fields are slices; whole words keep the verb.
pub fn zero_extended(bits: u8, a: Expression) -> Expression {
    if matches!(bits, 8 | 16 | 32) {
        return match rotation(bits, a) {
            // It has no others.
            Call(name, arguments) if bits == 32 && is_rotation32(&name) => Call(name, arguments),
            a => a.called(&format!("zext{bits}")),
        };
    }
    match a {
        Infix(a, Sign::SHIFT_RIGHT, n) => match *n {
            Number(low) if low + u64::from(bits) <= 64 => a.slice(low as u8 + bits - 1, low as u8),
            n => a.infix(Sign::SHIFT_RIGHT, n).slice(bits - 1, 0),
        },
        a => a.slice(bits - 1, 0),
    }
}

/// The amount of a shift of 64 bits, of which the low six bits count.
pub fn amount(amount: Expression) -> Expression {
    match amount {
        Number(amount) => Number(amount & 63),
        Slice { of, high, low } => of.slice(high.min(low + 5), low),
        Infix(a, Sign::AND, mask) if low_bits(&mask).is_some_and(|bits| bits <= 6) => {
            a.slice(low_bits(&mask).unwrap_or(6) - 1, 0)
        }
        other => other.slice(5, 0),
    }
}

impl Expression {
    /// Its low bits where it is plain that the others do not count.
    fn truncated_silently(self, bits: u8) -> Expression {
        match self.clone().truncated(bits) {
            Slice { .. } => self,
            shorter => shorter,
        }
    }
}

/// How many low bits a mask keeps, if that is all it does.
fn low_bits(mask: &Expression) -> Option<u8> {
    match mask {
        Number(mask) if *mask != 0 && mask & mask.wrapping_add(1) == 0 => {
            Some(mask.count_ones() as u8)
        }
        _ => None,
    }
}

fn is_sign(mask: u64) -> bool {
    mask == 1 << 31 || mask == 1 << 63
}

/// The word whose low 32 bits are in both halves of an expression.
fn copied(expression: &Expression) -> Option<Expression> {
    let Infix(a, Sign::OR, b) = expression else {
        return None;
    };
    [(a, b), (b, a)].into_iter().find_map(|(low, high)| {
        let Infix(word, Sign::SHIFT_LEFT, by) = &**high else {
            return None;
        };
        let is_low = **low == (**word).clone().called("zext32")
            || low == word && matches!(&**word, Call(name, _) if name == "zext32");
        (**by == Number(32) && is_low).then(|| (**word).clone())
    })
}

/// Whether an extended value cannot be a number, for its high bits.
fn never_equals(a: &Expression, value: u64) -> bool {
    match a {
        Call(name, _) if name == "sext32" => value as i32 as i64 as u64 != value,
        Call(name, _) if name == "zext32" => value > u64::from(u32::MAX),
        _ => false,
    }
}
