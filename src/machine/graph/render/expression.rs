//! Nodes as expressions, with what is known worked out.

use super::super::{Graph, Id, Node};
use super::idioms;
use crate::domain::{Binary, Compare, Counter, Unary};
use crate::float::{Format, Operation, Rounding};
use crate::memory::Access;
use crate::registers::Slot;
use std::collections::BTreeMap;

/// A value as people read it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Number(u64),
    /// The pc plus an offset.
    Relative(i64),
    /// A register or a name.
    Name(String),
    /// The name of a condition.
    Truth(String),
    /// The bits `high` to `low` of a value.
    Slice {
        of: Box<Expression>,
        high: u8,
        low: u8,
    },
    Prefix(&'static str, Box<Expression>),
    Infix(Box<Expression>, Sign, Box<Expression>),
    Call(String, Vec<Expression>),
    /// Memory of a number of bits at an address.
    Memory(u8, Box<Expression>),
    /// The second if the first holds, else the third.
    Choice(Box<[Expression; 3]>),
    /// A floating-point operation in a format, rounded somehow.
    Float(Box<Expression>, &'static str, Option<String>),
}

/// An infix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    pub text: &'static str,
    pub family: Family,
}

/// What an operator is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Sum,
    Product,
    Shift,
    Bits,
    Comparison,
    Logic,
}

impl Sign {
    const fn new(text: &'static str, family: Family) -> Sign {
        Sign { text, family }
    }
    pub const ADD: Sign = Sign::new("+", Family::Sum);
    pub const SUB: Sign = Sign::new("-", Family::Sum);
    pub const MUL: Sign = Sign::new("*", Family::Product);
    pub const DIV: Sign = Sign::new("/", Family::Product);
    pub const SHIFT_LEFT: Sign = Sign::new("<<", Family::Shift);
    pub const SHIFT_RIGHT: Sign = Sign::new(">>u", Family::Shift);
    pub const AND: Sign = Sign::new("&", Family::Bits);
    pub const OR: Sign = Sign::new("|", Family::Bits);
    pub const XOR: Sign = Sign::new("^", Family::Bits);
    pub const EQUAL: Sign = Sign::new("==", Family::Comparison);
    pub const NOT_EQUAL: Sign = Sign::new("!=", Family::Comparison);
    pub const LESS_UNSIGNED: Sign = Sign::new("<u", Family::Comparison);
    pub const GREATER_EQUAL_UNSIGNED: Sign = Sign::new(">=u", Family::Comparison);
    pub const BOTH: Sign = Sign::new("and", Family::Logic);
    pub const EITHER: Sign = Sign::new("or", Family::Logic);

    fn of_binary(operation: Binary) -> Option<Sign> {
        Some(match operation {
            Binary::Add => Sign::ADD,
            Binary::Sub => Sign::SUB,
            Binary::Mul => Sign::MUL,
            Binary::DivSigned => Sign::new("/s", Family::Product),
            Binary::DivUnsigned => Sign::new("/u", Family::Product),
            Binary::RemSigned => Sign::new("%s", Family::Product),
            Binary::RemUnsigned => Sign::new("%u", Family::Product),
            Binary::And => Sign::AND,
            Binary::Or => Sign::OR,
            Binary::Xor => Sign::XOR,
            Binary::ShiftLeft => Sign::SHIFT_LEFT,
            Binary::ShiftRight => Sign::SHIFT_RIGHT,
            Binary::ShiftRightArithmetic => Sign::new(">>s", Family::Shift),
            _ => return None,
        })
    }

    fn of_comparison(comparison: Compare) -> Sign {
        match comparison {
            Compare::Equal => Sign::EQUAL,
            Compare::NotEqual => Sign::NOT_EQUAL,
            Compare::LessSigned => Sign::new("<s", Family::Comparison),
            Compare::LessUnsigned => Sign::LESS_UNSIGNED,
            Compare::GreaterEqualSigned => Sign::new(">=s", Family::Comparison),
            Compare::GreaterEqualUnsigned => Sign::GREATER_EQUAL_UNSIGNED,
        }
    }

    /// The comparison that holds where this one does not.
    pub fn negated(self) -> Option<Sign> {
        self.counterpart(&[
            ("==", "!="),
            ("<s", ">=s"),
            ("<u", ">=u"),
            (">s", "<=s"),
            (">u", "<=u"),
        ])
    }

    /// The comparison with its sides exchanged.
    pub fn mirrored(self) -> Option<Sign> {
        self.counterpart(&[
            ("==", "=="),
            ("!=", "!="),
            ("<s", ">s"),
            ("<u", ">u"),
            (">=s", "<=s"),
            (">=u", "<=u"),
        ])
    }

    fn counterpart(self, pairs: &[(&'static str, &'static str)]) -> Option<Sign> {
        let other = pairs.iter().find_map(|&(a, b)| match self.text {
            text if text == a => Some(b),
            text if text == b => Some(a),
            _ => None,
        });
        other.map(|text| Sign { text, ..self })
    }
}

/// Makes expressions of a graph's nodes.
pub struct Builder<'a> {
    pub graph: &'a Graph,
    /// The name of a register, none if it is always zero.
    pub register_name: &'a dyn Fn(Slot) -> Option<String>,
    /// Values that have a name.
    pub names: &'a BTreeMap<Id, String>,
}

impl Builder<'_> {
    /// A value: its name, if it has one.
    pub fn value(&self, id: Id) -> Expression {
        match self.names.get(&id) {
            Some(name) if self.unnamed(id).is_truth() => Expression::Truth(name.clone()),
            Some(name) => Expression::Name(name.clone()),
            None => self.unnamed(id),
        }
    }

    /// A value, whether or not it has a name.
    pub fn unnamed(&self, id: Id) -> Expression {
        let made = match self.graph.nodes[id as usize] {
            Node::Constant(value) => Expression::Number(value),
            Node::Address(value) => Expression::relative(self.graph, value),
            Node::Read(slot) => self.register(slot),
            Node::Unary(operation, a) => unary(operation, self.value(a)),
            Node::Binary(operation, a, b) => binary(operation, self.value(a), self.value(b)),
            Node::Compare(comparison, a, b) => compare(comparison, self.value(a), self.value(b)),
            Node::Select(condition, yes, no) => {
                idioms::choice(self.value(condition), self.value(yes), self.value(no))
            }
            Node::Load(access, address) => self.loaded(access, address),
            Node::Float(_, operation, format, rounding, operands) => {
                let operands = operands.map(|operand| self.value(operand));
                let rounding = match self.value(rounding) {
                    Expression::Number(number) => {
                        let rounding = Rounding::from_index(number as u8 & 7);
                        rounding_name(rounding.unwrap_or_default()).to_owned()
                    }
                    mode => format!("by {}", mode.text()),
                };
                float(operation, format, rounding, operands)
            }
            Node::Call(helper, arguments) => {
                let arguments = arguments[..usize::from(helper.arity)].iter();
                let arguments = arguments.map(|&argument| self.value(argument));
                Expression::Call(helper.name.to_owned(), arguments.collect())
            }
            Node::Counter(Counter::Cycles) => Expression::Name("cycles".to_owned()),
            Node::Counter(Counter::Time) => Expression::Name("time".to_owned()),
            Node::Counter(Counter::Random) => Expression::Name("random".to_owned()),
            Node::Counter(Counter::Retired) => Expression::Name("instructions_retired".to_owned()),
            // An effect is not a value; a graph that says otherwise is shown as it is.
            _ => Expression::Name(format!("value{id}")),
        };
        idioms::known(made)
    }

    /// A register.
    pub fn register(&self, slot: Slot) -> Expression {
        (self.register_name)(slot).map_or(Expression::Number(0), Expression::Name)
    }

    /// Memory, as far as an access reaches.
    pub fn memory(&self, access: Access, address: Id) -> Expression {
        Expression::Memory(access.bytes * 8, Box::new(self.value(address)))
    }

    /// What a load gives.
    pub fn loaded(&self, access: Access, address: Id) -> Expression {
        let memory = self.memory(access, address);
        match access.bytes * 8 {
            64 => memory,
            bits if access.signed => unary(Unary::SignExtend(bits), memory),
            bits => unary(Unary::ZeroExtend(bits), memory),
        }
    }
}

impl Expression {
    /// An address, relative to the instruction of a graph.
    pub fn relative(graph: &Graph, address: u64) -> Expression {
        Expression::Relative(address.wrapping_sub(graph.pc) as i64)
    }

    /// This value with another one to the right of a sign.
    pub fn infix(self, sign: Sign, right: Expression) -> Expression {
        Expression::Infix(Box::new(self), sign, Box::new(right))
    }

    /// A call of a function of one argument.
    pub fn called(self, name: &str) -> Expression {
        Expression::Call(name.to_owned(), vec![self])
    }

    /// The bits `high` to `low`.
    pub fn slice(self, high: u8, low: u8) -> Expression {
        Expression::Slice {
            of: Box::new(self),
            high,
            low,
        }
    }

    /// Whether it is one or zero by nature.
    pub fn is_truth(&self) -> bool {
        match self {
            Expression::Infix(_, sign, _) => {
                matches!(sign.family, Family::Comparison | Family::Logic)
            }
            Expression::Float(body, ..) => body.is_truth(),
            Expression::Truth(_) | Expression::Prefix("not ", _) => true,
            _ => false,
        }
    }

    /// Where a number is expected: a condition gives one or zero.
    pub fn into_number(self) -> Expression {
        if self.is_truth() {
            let [one, zero] = [1, 0].map(Expression::Number);
            Expression::Choice(Box::new([self, one, zero]))
        } else {
            self
        }
    }

    /// Its low bits, where the others are dropped.
    pub fn truncated(self, bits: u8) -> Expression {
        match self {
            _ if bits >= 64 => self,
            Expression::Call(name, mut arguments) if is_extension(&name, bits) => {
                arguments.remove(0).truncated(bits)
            }
            Expression::Memory(width, _) if width <= bits => self,
            Expression::Number(_) => self,
            _ => self.slice(bits - 1, 0),
        }
    }
}

/// Whether a function extends at least this many bits.
fn is_extension(name: &str, bits: u8) -> bool {
    let width = name.strip_prefix("sext").or(name.strip_prefix("zext"));
    width.is_some_and(|width| width.parse::<u8>().is_ok_and(|width| width >= bits))
}

fn unary(operation: Unary, a: Expression) -> Expression {
    match (operation, a) {
        (_, Expression::Number(value)) => Expression::Number(operation.apply(value)),
        (Unary::SignExtend(64) | Unary::ZeroExtend(64), a) => a,
        (Unary::SignExtend(bits), a) => idioms::sign_extended(bits, a),
        (Unary::ZeroExtend(bits), a) => idioms::zero_extended(bits, a),
        (Unary::Not, a) => Expression::Prefix("~", Box::new(a)),
        (Unary::Negate, a) => Expression::Prefix("-", Box::new(a)),
        (Unary::LeadingZeros, a) => a.called("leading_zeros"),
        (Unary::TrailingZeros, a) => a.called("trailing_zeros"),
        (Unary::CountOnes, a) => a.called("count_ones"),
        (Unary::SwapBytes, a) => a.called("swap_bytes"),
    }
}

fn binary(operation: Binary, a: Expression, b: Expression) -> Expression {
    let shifts_one = operation == Binary::ShiftLeft && a == Expression::Number(1);
    if let (&Expression::Number(x), &Expression::Number(y), false) = (&a, &b, shifts_one) {
        return Expression::Number(operation.apply(x, y));
    }
    if a.is_truth() && b.is_truth() {
        match operation {
            Binary::And => return a.infix(Sign::BOTH, b),
            Binary::Or => return a.infix(Sign::EITHER, b),
            _ => {}
        }
    }
    let sign = Sign::of_binary(operation);
    let is_shift = sign.is_some_and(|sign| sign.family == Family::Shift);
    let is_rotation = matches!(operation, Binary::RotateLeft | Binary::RotateRight);
    let b = if is_shift || is_rotation {
        idioms::amount(b)
    } else {
        b
    };
    if let Some(sign) = sign {
        return a.infix(sign, b);
    }
    let name = match operation {
        Binary::Lanes(operation, bits) => {
            let name = format!("{}{bits}", operation.name());
            return Expression::Call(name, vec![a, b]);
        }
        Binary::MulHighSigned => "high64_ss",
        Binary::MulHighUnsigned => "high64_uu",
        Binary::MulHighSignedUnsigned => "high64_su",
        Binary::RotateLeft => "rotate_left",
        Binary::RotateRight => "rotate_right",
        Binary::MinSigned => "min_s",
        Binary::MaxSigned => "max_s",
        Binary::MinUnsigned => "min_u",
        _ => "max_u",
    };
    Expression::Call(name.to_owned(), vec![a, b])
}

fn compare(comparison: Compare, a: Expression, b: Expression) -> Expression {
    match (&a, &b) {
        (&Expression::Number(x), &Expression::Number(y)) => {
            Expression::Number(comparison.apply(x, y).into())
        }
        _ => a.infix(Sign::of_comparison(comparison), b),
    }
}

fn float(
    operation: Operation,
    format: Format,
    rounding: String,
    operands: [Expression; 3],
) -> Expression {
    let format = match format {
        Format::F32 => "f32",
        Format::F64 => "f64",
    };
    let [x, y, z] = operands;
    let product = |x: Expression, y| x.infix(Sign::MUL, y);
    let minus = |x| Expression::Prefix("-", Box::new(x));
    let less = |text| Sign::new(text, Family::Comparison);
    let call = |name: &str, arguments: &[Expression]| {
        Expression::Call(name.to_owned(), arguments.to_vec())
    };
    let convert = |to: &str, from: &str, x: Expression| {
        let converted = x.called(&format!("{to}_from_{from}"));
        Expression::Float(Box::new(converted), "", Some(rounding.clone()))
    };
    let (body, rounds) = match operation {
        Operation::Add => (x.infix(Sign::ADD, y), true),
        Operation::Sub => (x.infix(Sign::SUB, y), true),
        Operation::Mul => (product(x, y), true),
        Operation::Div => (x.infix(Sign::DIV, y), true),
        Operation::Sqrt => (call("sqrt", &[x]), true),
        Operation::MulAdd => (product(x, y).infix(Sign::ADD, z), true),
        Operation::MulSub => (product(x, y).infix(Sign::SUB, z), true),
        Operation::NegMulSub => (minus(product(x, y)).infix(Sign::ADD, z), true),
        Operation::NegMulAdd => (minus(product(x, y)).infix(Sign::SUB, z), true),
        Operation::MinimumNumber => (call("min", &[x, y]), false),
        Operation::MaximumNumber => (call("max", &[x, y]), false),
        Operation::EqualQuiet => (x.infix(Sign::EQUAL, y), false),
        Operation::LessSignaling => (x.infix(less("<"), y), false),
        Operation::LessEqualSignaling => (x.infix(less("<="), y), false),
        Operation::Lesser => (call("lesser", &[x, y]), false),
        Operation::Greater => (call("greater", &[x, y]), false),
        Operation::RelationQuiet => (call("relation", &[x, y]), false),
        Operation::RelationSignaling => (call("relation_signaling", &[x, y]), false),
        Operation::RoundToIntegral { .. } => (call("integral", &[x]), true),
        Operation::Classify => (call("class", &[x]), false),
        Operation::ToSigned32 => return convert("s32", format, x),
        Operation::ToUnsigned32 => return convert("u32", format, x),
        Operation::ToSigned64 => return convert("s64", format, x),
        Operation::ToUnsigned64 => return convert("u64", format, x),
        Operation::FromSigned32 => return convert(format, "s32", x.truncated(32)),
        Operation::FromUnsigned32 => return convert(format, "u32", x.truncated(32)),
        Operation::FromSigned64 => return convert(format, "s64", x),
        Operation::FromUnsigned64 => return convert(format, "u64", x),
        Operation::ToF32 => return convert("f32", format, x),
        // Every number of a smaller format is one of the larger.
        Operation::ToF64 => return x.called(&format!("f64_from_{format}")),
    };
    Expression::Float(Box::new(body), format, rounds.then_some(rounding))
}

fn rounding_name(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::NearestEven => "to nearest even",
        Rounding::TowardZero => "towards zero",
        Rounding::Down => "down",
        Rounding::Up => "up",
        Rounding::NearestAway => "to nearest away",
    }
}
