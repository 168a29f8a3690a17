//! Numbers in assembly that may depend on symbols.

use super::Refusal;

/// A number, or what will be one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number.
    Known(i64),
    /// The address of a symbol.
    Symbol(String),
    /// What is computed of two others.
    Computed(Operation, Box<Expression>, Box<Expression>),
    /// A part of another one.
    Part(Part, Box<Expression>),
}

/// What is computed of two numbers of 64 bits with signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say all")]
pub enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    ShiftLeft,
    /// Copies of the sign come from above.
    ShiftRight,
    And,
    Or,
    ExclusiveOr,
}

impl Operation {
    /// None for a division by zero.
    fn of(self, a: i64, b: i64) -> Option<i64> {
        let shift = u32::try_from(b).unwrap_or(64);
        Some(match self {
            Operation::Add => a.wrapping_add(b),
            Operation::Subtract => a.wrapping_sub(b),
            Operation::Multiply => a.wrapping_mul(b),
            Operation::Divide | Operation::Remainder if b == 0 => return None,
            Operation::Divide => a.wrapping_div(b),
            Operation::Remainder => a.wrapping_rem(b),
            Operation::ShiftLeft => a.checked_shl(shift).unwrap_or(0),
            Operation::ShiftRight => a >> shift.min(63),
            Operation::And => a & b,
            Operation::Or => a | b,
            Operation::ExclusiveOr => a ^ b,
        })
    }
}

/// A part of an address or a number, as instructions have room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The upper 16 of 32 bits.
    High,
    /// The same, if the lower half is added with its sign.
    AdjustedHigh,
    /// The lower 16 bits, without sign.
    Low,
    /// The same with their sign.
    SignedLow,
    /// The upper 20 of 32 bits, if the lower 12 are added with their sign.
    Upper20,
    /// The lower 12 bits with their sign.
    Lower12,
    /// [`Part::Upper20`] of the distance from the instruction.
    RelativeUpper20,
    /// [`Part::Lower12`] of the distance from the instruction before, of 4 bytes.
    RelativeLower12,
    /// The lower word, with its sign.
    Word,
    /// The word above it, with its sign.
    UpperWord,
    /// So many bits from this one on.
    Bits(u8, u8),
}

impl Part {
    /// The part of a name, as templates and sources write it.
    pub fn named(name: &str) -> Option<Part> {
        Some(match name {
            "high" => Part::High,
            "adjusted" => Part::AdjustedHigh,
            "low" => Part::Low,
            "signed" => Part::SignedLow,
            "upper" => Part::Upper20,
            "lower" => Part::Lower12,
            "pcupper" => Part::RelativeUpper20,
            "pclower" => Part::RelativeLower12,
            "word" => Part::Word,
            "upperword" => Part::UpperWord,
            "bits21" => Part::Bits(21, 11),
            "bits10" => Part::Bits(10, 11),
            "bits0" => Part::Bits(0, 10),
            _ => return None,
        })
    }

    fn of(self, value: i64, pc: u64) -> i64 {
        let upper = |value: i64| value.wrapping_add(0x800) >> 12 & 0xf_ffff;
        let lower = |value: i64| value << 52 >> 52;
        let distance = |from: u64| value.wrapping_sub(from as i64);
        match self {
            Part::High => value >> 16 & 0xffff,
            Part::AdjustedHigh => value.wrapping_add(0x8000) >> 16 & 0xffff,
            Part::Low => value & 0xffff,
            Part::SignedLow => i64::from(value as i16),
            Part::Upper20 => upper(value),
            Part::Lower12 => lower(value),
            Part::RelativeUpper20 => upper(distance(pc)),
            Part::RelativeLower12 => lower(distance(pc.wrapping_sub(4))),
            Part::Word => i64::from(value as i32),
            Part::UpperWord => value >> 32,
            Part::Bits(at, width) => value >> at & ((1 << width) - 1),
        }
    }
}

impl Expression {
    /// Its value, if that depends on no symbol.
    pub fn known(&self) -> Option<i64> {
        match self {
            Expression::Known(value) => Some(*value),
            Expression::Symbol(_) => None,
            Expression::Computed(operation, a, b) => operation.of(a.known()?, b.known()?),
            Expression::Part(Part::RelativeUpper20 | Part::RelativeLower12, _) => None,
            Expression::Part(part, of) => Some(part.of(of.known()?, 0)),
        }
    }

    /// One that is computed of two others.
    pub fn computed(operation: Operation, a: Expression, b: Expression) -> Expression {
        Expression::Computed(operation, Box::new(a), Box::new(b))
    }

    /// Whether it fits wherever it is meant to go, whatever the symbols are.
    pub fn is_part(&self) -> bool {
        match self {
            Expression::Part(..) => true,
            // As `label >> 16`.
            Expression::Computed(operation, ..) => {
                matches!(operation, Operation::ShiftRight | Operation::And)
            }
            _ => false,
        }
    }

    /// Its value for an instruction at an address.
    ///
    /// # Errors
    /// If a symbol is not defined.
    pub fn value(&self, pc: u64, symbol: &dyn Fn(&str) -> Option<u64>) -> Result<i64, Refusal> {
        let value = |it: &Expression| it.value(pc, symbol);
        Ok(match self {
            Expression::Known(value) => *value,
            Expression::Symbol(name) => match symbol(name) {
                Some(address) => address as i64,
                None => return Err(Refusal::Undefined(name.clone())),
            },
            Expression::Computed(operation, a, b) => operation
                .of(value(a)?, value(b)?)
                .ok_or_else(|| Refusal::Range("a divisor is zero".to_owned()))?,
            Expression::Part(part, of) => part.of(value(of)?, pc),
        })
    }
}
