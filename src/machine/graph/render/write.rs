//! Expressions on paper. Operators of different kinds are set off by parentheses: nobody has to
//! know which binds tighter, except that products come before sums.

use super::expression::{Expression, Family, Sign};

/// Numbers of this magnitude are written in decimal; larger ones are addresses or masks.
const DECIMAL: u64 = 4096;

impl Expression {
    /// The expression in one line.
    pub fn text(&self) -> String {
        match self {
            Expression::Number(value) => number(*value),
            Expression::Relative(0) => "pc".to_owned(),
            Expression::Relative(offset) => format!("pc {}", signed(*offset)),
            Expression::Name(name) | Expression::Truth(name) => name.clone(),
            Expression::Slice { of, high, low } => {
                let of = match &**of {
                    Expression::Prefix(..) => format!("({})", of.text()),
                    of => of.tight(),
                };
                match high == low {
                    true => format!("{of}[{high}]"),
                    false => format!("{of}[{high}:{low}]"),
                }
            }
            Expression::Prefix(sign, a) => format!("{sign}{}", a.tight()),
            Expression::Infix(a, sign, b) => infix(a, *sign, b),
            Expression::Call(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(Expression::text).collect();
                format!("{name}({})", arguments.join(", "))
            }
            Expression::Memory(bits, address) => format!("mem{bits}[{}]", address.text()),
            Expression::Choice(parts) => {
                let [condition, yes, no] = &**parts;
                let arm = |e: &Expression| match e {
                    Expression::Choice(_) | Expression::Float(..) => format!("({})", e.text()),
                    _ => e.text(),
                };
                let condition = match condition {
                    Expression::Choice(_) => format!("({})", condition.text()),
                    _ => condition.text(),
                };
                format!("{condition} ? {} : {}", arm(yes), arm(no))
            }
            Expression::Float(body, format, rounding) => {
                let mut text = body.text();
                if !format.is_empty() {
                    text = format!("{text} in {format}");
                }
                match rounding {
                    Some(rounding) => format!("{text} rounded {rounding}"),
                    None => text,
                }
            }
        }
    }

    /// The expression where a word must be one thing.
    fn tight(&self) -> String {
        match self {
            Expression::Infix(..)
            | Expression::Choice(_)
            | Expression::Float(..)
            | Expression::Relative(_) => format!("({})", self.text()),
            _ => self.text(),
        }
    }

    /// The expression beside a sign.
    fn beside(&self, sign: Sign, is_left: bool) -> String {
        let Expression::Infix(_, own, _) = self else {
            return match self {
                Expression::Prefix(..) if is_left || sign.family != Family::Sum => self.text(),
                _ => self.tight(),
            };
        };
        let plain = match (sign.family, own.family) {
            (Family::Sum, Family::Product) => true,
            (Family::Sum, Family::Sum) | (Family::Product, Family::Product) => is_left,
            (Family::Bits | Family::Logic, _) if own == &sign => true,
            (Family::Comparison, Family::Sum | Family::Product) => true,
            (Family::Logic, Family::Comparison) => true,
            _ => false,
        };
        if plain { self.text() } else { self.tight() }
    }
}

fn infix(a: &Expression, sign: Sign, b: &Expression) -> String {
    let left = a.beside(sign, true);
    match (sign, b) {
        (Sign::ADD, Expression::Number(value)) => format!("{left} {}", signed(*value as i64)),
        // A mask that clears a few bits
        (Sign::AND, Expression::Number(mask)) if !mask < DECIMAL => {
            format!("{left} & ~{}", number(!mask))
        }
        _ => format!("{left} {} {}", sign.text, b.beside(sign, false)),
    }
}

fn number(value: u64) -> String {
    let signed = value as i64;
    if signed.unsigned_abs() <= DECIMAL {
        signed.to_string()
    } else {
        format!("{value:#x}")
    }
}

/// A summand: `+ 5` or `- 0x12000`.
fn signed(value: i64) -> String {
    let sign = if value < 0 { '-' } else { '+' };
    match value.unsigned_abs() {
        small @ 0..=DECIMAL => format!("{sign} {small}"),
        large => format!("{sign} {large:#x}"),
    }
}
