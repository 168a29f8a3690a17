//! Writes a graph for people: `a0 <- mem64[sp + 16]`.

use super::{Graph, Id, Node};
use crate::domain::{Binary, Compare, Counter, Unary, rounding_of};
use crate::float::{Format, Operation, Rounding};
use crate::memory::{Access, Rmw};
use crate::registers::Slot;
use crate::trap::Trap;
use std::fmt::Write as _;

/// The effects of an instruction, one line each, in order. `name` names register slots.
pub fn effects(graph: &Graph, name: &dyn Fn(Slot) -> String) -> Vec<String> {
    let writer = Writer { graph, name };
    let mut lines = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let line = match *node {
            Node::When(condition) => {
                conditions.push(writer.expression(condition, Tightness::Loosest));
                continue;
            }
            Node::End => {
                conditions.pop();
                continue;
            }
            _ => match writer.effect(index as Id, node) {
                Some(line) => line,
                None => continue,
            },
        };
        match conditions.as_slice() {
            [] => lines.push(line),
            open => lines.push(format!("if {}: {line}", open.join(" and "))),
        }
    }
    lines
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Loosest,
    Choice,
    Comparison,
    Or,
    Xor,
    And,
    Shift,
    Sum,
    Product,
    Prefix,
    Atom,
}

struct Writer<'a> {
    graph: &'a Graph,
    name: &'a dyn Fn(Slot) -> String,
}

impl Writer<'_> {
    fn effect(&self, id: Id, node: &Node) -> Option<String> {
        let value = |id| self.expression(id, Tightness::Loosest);
        Some(match *node {
            Node::Write(slot, new) => format!("{} <- {}", (self.name)(slot), value(new)),
            Node::Store(access, address, new) => {
                format!(
                    "{} <- {}",
                    self.memory(access, address),
                    self.stored(access, new)
                )
            }
            Node::Rmw(access, op, address, operand) => {
                let place = self.memory(access, address);
                format!(
                    "old{id} <- {place}; {place} <- {}(old{id}, {})",
                    rmw_name(op),
                    value(operand)
                )
            }
            Node::CompareExchange(access, address, expected, new) => {
                let place = self.memory(access, address);
                let (expected, new) = (value(expected), value(new));
                format!("old{id} <- {place}; if old{id} == {expected}: {place} <- {new}")
            }
            Node::Float(unit, operation, ..) if operation != Operation::Classify => {
                format!("{} <- {0} | exceptions raised", (self.name)(unit.flags))
            }
            Node::Fence => "earlier memory accesses complete before later ones".to_owned(),
            Node::FenceInstructions => "instruction fetch sees all earlier stores".to_owned(),
            Node::Jump(target) => format!("pc <- {}", value(target)),
            Node::Branch(condition, target) => {
                format!("if {}: pc <- {target:#x}", value(condition))
            }
            Node::Trap(condition, trap) => {
                let trap = match trap {
                    Trap::Fault(fault) => fault.to_string(),
                    Trap::Misaligned { address, .. } => {
                        format!("misaligned access to {}", value(address))
                    }
                    Trap::Illegal => "illegal instruction".to_owned(),
                    Trap::Breakpoint => "breakpoint".to_owned(),
                    Trap::Syscall => "system call".to_owned(),
                };
                match self.graph.nodes[condition as usize] {
                    Node::Constant(1) => format!("trap: {trap}"),
                    _ => format!("if {}: trap: {trap}", value(condition)),
                }
            }
            _ => return None,
        })
    }

    fn memory(&self, access: Access, address: Id) -> String {
        let bits = u32::from(access.bytes) * 8;
        format!(
            "mem{bits}[{}]",
            self.expression(address, Tightness::Loosest)
        )
    }

    /// A value about to be stored, without the extension that the store drops.
    fn stored(&self, access: Access, value: Id) -> String {
        match self.graph.nodes[value as usize] {
            Node::Unary(Unary::ZeroExtend(bits) | Unary::SignExtend(bits), inner)
                if bits >= access.bytes * 8 =>
            {
                self.expression(inner, Tightness::Loosest)
            }
            _ => self.expression(value, Tightness::Loosest),
        }
    }

    fn expression(&self, id: Id, around: Tightness) -> String {
        let (text, tightness) = self.operator(id);
        if tightness < around {
            format!("({text})")
        } else {
            text
        }
    }

    fn operator(&self, id: Id) -> (String, Tightness) {
        use Tightness::*;
        let e = |id, around| self.expression(id, around);
        let infix = |a: Id, operator: &str, b: Id, level: Tightness, right: Tightness| {
            (format!("{} {operator} {}", e(a, level), e(b, right)), level)
        };
        let call = |name: &str, arguments: &[Id]| {
            let mut text = format!("{name}(");
            for (n, &argument) in arguments.iter().enumerate() {
                let comma = if n > 0 { ", " } else { "" };
                let _ = write!(text, "{comma}{}", e(argument, Loosest));
            }
            (text + ")", Atom)
        };
        match self.graph.nodes[id as usize] {
            Node::Constant(value) => (number(value), Atom),
            Node::Read(slot) => ((self.name)(slot), Atom),
            Node::Unary(Unary::SignExtend(bits), a) => call(&format!("sext{bits}"), &[a]),
            Node::Unary(Unary::ZeroExtend(bits), a) => call(&format!("zext{bits}"), &[a]),
            Node::Unary(Unary::Not, a) => (format!("~{}", e(a, Prefix)), Prefix),
            Node::Unary(Unary::Negate, a) => (format!("-{}", e(a, Prefix)), Prefix),
            Node::Unary(Unary::LeadingZeros, a) => call("leading_zeros", &[a]),
            Node::Unary(Unary::TrailingZeros, a) => call("trailing_zeros", &[a]),
            Node::Unary(Unary::CountOnes, a) => call("count_ones", &[a]),
            Node::Unary(Unary::SwapBytes, a) => call("swap_bytes", &[a]),
            Node::Binary(Binary::Add, a, b) => match self.graph.nodes[b as usize] {
                Node::Constant(0) => (e(a, Sum), Sum),
                Node::Constant(c) if (c as i64) < 0 => {
                    let magnitude = number((c as i64).unsigned_abs());
                    (format!("{} - {magnitude}", e(a, Sum)), Sum)
                }
                _ => infix(a, "+", b, Sum, Product),
            },
            Node::Binary(Binary::Sub, a, b) => infix(a, "-", b, Sum, Product),
            Node::Binary(Binary::Mul, a, b) => infix(a, "*", b, Product, Prefix),
            Node::Binary(Binary::DivSigned, a, b) => infix(a, "/s", b, Product, Prefix),
            Node::Binary(Binary::DivUnsigned, a, b) => infix(a, "/u", b, Product, Prefix),
            Node::Binary(Binary::RemSigned, a, b) => infix(a, "%s", b, Product, Prefix),
            Node::Binary(Binary::RemUnsigned, a, b) => infix(a, "%u", b, Product, Prefix),
            Node::Binary(Binary::And, a, b) => infix(a, "&", b, And, Shift),
            Node::Binary(Binary::Or, a, b) => infix(a, "|", b, Or, Xor),
            Node::Binary(Binary::Xor, a, b) => infix(a, "^", b, Xor, And),
            Node::Binary(Binary::ShiftLeft, a, b) => infix(a, "<<", b, Shift, Sum),
            Node::Binary(Binary::ShiftRight, a, b) => infix(a, ">>u", b, Shift, Sum),
            Node::Binary(Binary::ShiftRightArithmetic, a, b) => infix(a, ">>s", b, Shift, Sum),
            Node::Binary(operation, a, b) => call(function_name(operation), &[a, b]),
            Node::Compare(comparison, a, b) => {
                infix(a, comparison_sign(comparison), b, Comparison, Or)
            }
            Node::Select(condition, yes, no) => {
                let text = format!(
                    "{} ? {} : {}",
                    e(condition, Comparison),
                    e(yes, Choice),
                    e(no, Choice)
                );
                (text, Choice)
            }
            Node::Load(access, address) => {
                let sign = if access.signed && access.bytes < 8 {
                    "s"
                } else {
                    ""
                };
                (format!("{sign}{}", self.memory(access, address)), Atom)
            }
            Node::Rmw(..) | Node::CompareExchange(..) => (format!("old{id}"), Atom),
            Node::Float(_, operation, format, rounding, operands) => {
                let (name, count, rounds) = float_function(operation);
                let bits = match format {
                    Format::F32 => 32,
                    Format::F64 => 64,
                };
                let text = call(&format!("{name}_f{bits}"), &operands[..count]).0;
                if !rounds {
                    return (text, Atom);
                }
                let rounding = match self.graph.nodes[rounding as usize] {
                    Node::Constant(number) => rounding_name(rounding_of(number)).to_owned(),
                    _ => format!("mode {}", e(rounding, Loosest)),
                };
                (format!("{text} rounded {rounding}"), Choice)
            }
            Node::Call(helper, arguments) => {
                call(helper.name, &arguments[..usize::from(helper.arity)])
            }
            Node::Counter(Counter::Cycles) => ("cycles".to_owned(), Atom),
            Node::Counter(Counter::Time) => ("time".to_owned(), Atom),
            Node::Counter(Counter::Retired) => ("instructions_retired".to_owned(), Atom),
            _ => unreachable!("an effect is not a value"),
        }
    }
}

/// Small numbers in decimal, addresses and masks in hexadecimal.
fn number(value: u64) -> String {
    let signed = value as i64;
    if (-4096..=4096).contains(&signed) {
        signed.to_string()
    } else {
        format!("{value:#x}")
    }
}

fn function_name(operation: Binary) -> &'static str {
    match operation {
        Binary::MulHighSigned => "high64_ss",
        Binary::MulHighUnsigned => "high64_uu",
        Binary::MulHighSignedUnsigned => "high64_su",
        Binary::RotateLeft => "rotate_left",
        Binary::RotateRight => "rotate_right",
        Binary::MinSigned => "min_s",
        Binary::MaxSigned => "max_s",
        Binary::MinUnsigned => "min_u",
        Binary::MaxUnsigned => "max_u",
        _ => unreachable!("operators have no name"),
    }
}

/// A floating-point operation's name, how many operands it has, and whether its result is rounded.
fn float_function(operation: Operation) -> (&'static str, usize, bool) {
    match operation {
        Operation::Add => ("add", 2, true),
        Operation::Sub => ("sub", 2, true),
        Operation::Mul => ("mul", 2, true),
        Operation::Div => ("div", 2, true),
        Operation::Sqrt => ("sqrt", 1, true),
        Operation::MulAdd => ("mul_add", 3, true),
        Operation::MulSub => ("mul_sub", 3, true),
        Operation::NegMulSub => ("neg_mul_add", 3, true),
        Operation::NegMulAdd => ("neg_mul_sub", 3, true),
        Operation::MinimumNumber => ("min", 2, false),
        Operation::MaximumNumber => ("max", 2, false),
        Operation::EqualQuiet => ("equal", 2, false),
        Operation::LessSignaling => ("less", 2, false),
        Operation::LessEqualSignaling => ("less_equal", 2, false),
        Operation::ToSigned32 => ("to_s32", 1, true),
        Operation::ToUnsigned32 => ("to_u32", 1, true),
        Operation::ToSigned64 => ("to_s64", 1, true),
        Operation::ToUnsigned64 => ("to_u64", 1, true),
        Operation::FromSigned32 => ("from_s32", 1, true),
        Operation::FromUnsigned32 => ("from_u32", 1, true),
        Operation::FromSigned64 => ("from_s64", 1, true),
        Operation::FromUnsigned64 => ("from_u64", 1, true),
        Operation::ToF32 => ("to_f32", 1, true),
        Operation::ToF64 => ("to_f64", 1, false),
        Operation::RoundToIntegral { .. } => ("round_to_integral", 1, true),
        Operation::Classify => ("class", 1, false),
    }
}

fn rmw_name(op: Rmw) -> &'static str {
    match op {
        Rmw::Swap => "second",
        Rmw::Add => "add",
        Rmw::And => "and",
        Rmw::Or => "or",
        Rmw::Xor => "xor",
        Rmw::MinSigned => "min_s",
        Rmw::MaxSigned => "max_s",
        Rmw::MinUnsigned => "min_u",
        Rmw::MaxUnsigned => "max_u",
    }
}

fn rounding_name(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::NearestEven => "to nearest, ties to even",
        Rounding::TowardZero => "towards zero",
        Rounding::Down => "down",
        Rounding::Up => "up",
        Rounding::NearestAway => "to nearest, ties away from zero",
    }
}

fn comparison_sign(comparison: Compare) -> &'static str {
    match comparison {
        Compare::Equal => "==",
        Compare::NotEqual => "!=",
        Compare::LessSigned => "<s",
        Compare::LessUnsigned => "<u",
        Compare::GreaterEqualSigned => ">=s",
        Compare::GreaterEqualUnsigned => ">=u",
    }
}
