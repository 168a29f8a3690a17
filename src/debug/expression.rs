//! Expressions as gdb's users type them: C's operators over registers (`$a0`), symbols, numbers and memory.
//!
//! There are no types but integers: a function is its address, and so is data that is as large as no integer; data that is
//! as large as one is that integer, `*(int *)p` and `{int}p` are what is at p.

use portolan_machine::gdb::{Contents, Description};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Access, Order};
use portolan_machine::registers::Slot;

/// An integer of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    /// 1, 2, 4 or 8.
    pub bytes: u8,
    /// Whether it has a sign.
    pub signed: bool,
    /// For a pointer, what it points to.
    target: Option<(u8, bool)>,
}

impl Type {
    const LONG: Type = Type::integer(8, true);
    const ADDRESS: Type = Type::integer(8, false);

    const fn integer(bytes: u8, signed: bool) -> Type {
        Type {
            bytes,
            signed,
            target: None,
        }
    }
}

/// A number and how many bytes of it count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// Extended to 64 bits as its type says.
    pub bits: u64,
    /// Its type.
    pub kind: Type,
}

impl Value {
    /// An address, or what nothing is known of.
    pub fn address(bits: u64) -> Value {
        fit(bits, Type::ADDRESS)
    }
}

/// What an expression says.
#[derive(Clone, Debug)]
pub struct Expression(Node);

/// A place that an expression names, which can be changed or watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The program counter.
    Pc,
    /// A register.
    Register(Slot),
    /// Memory.
    Memory(u64, Type),
}

#[derive(Clone, Debug)]
enum Node {
    Number(Value),
    Pc,
    Register(Slot),
    /// A register of gdb's that is made of others, by its number.
    Described(&'static Description, usize),
    Memory(Box<Node>, Type),
    Dereferenced(Box<Node>),
    AddressOf(Box<Node>),
    Cast(Type, Box<Node>),
    Unary(char, Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadExpression(String);

fn bad<T>(message: impl Into<String>) -> Result<T, BadExpression> {
    Err(BadExpression(message.into()))
}

/// What names stand for.
pub trait Names {
    /// A register by its name without the dollar.
    fn register(&self, name: &str) -> Option<Slot>;
    /// A register that gdb shows under a name, by its number.
    fn described(&self, name: &str) -> Option<(&'static Description, usize)>;
    /// A symbol's address.
    fn symbol(&self, name: &str) -> Option<u64>;
    /// The address of data that a symbol names, and how many bytes there are.
    fn object(&self, name: &str) -> Option<(u64, u64)>;
    /// A value printed before.
    fn printed(&self, number: usize) -> Option<Value>;
}

/// Binary operators, those that bind least first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const OPERATORS: [&str; 18] = [
    "||", "&&", "==", "!=", "<=", ">=", "<<", ">>", "|", "^", "&", "<", ">", "+", "-", "*", "/",
    "%",
];

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str, names: &dyn Names) -> Result<Expression, BadExpression> {
        let mut parser = Parser {
            rest: text,
            names,
            depth: 0,
        };
        let node = parser.binary(0)?;
        match parser.rest.trim() {
            "" => Ok(Expression(node)),
            rest => bad(format!("{rest:?} is too much")),
        }
    }

    /// What it is now.
    ///
    /// # Errors
    ///
    /// What cannot be computed, such as memory that cannot be read.
    pub fn evaluate(&self, core: &dyn Core) -> Result<Value, BadExpression> {
        self.0.evaluate(core)
    }

    /// The place that it names.
    ///
    /// # Errors
    ///
    /// That it is none.
    pub fn place(&self, core: &dyn Core) -> Result<Place, BadExpression> {
        match &self.0 {
            Node::Pc => Ok(Place::Pc),
            Node::Register(slot) => Ok(Place::Register(*slot)),
            Node::Described(..) => bad("this register is made of others, which can be set"),
            Node::Memory(address, kind) => Ok(Place::Memory(address.evaluate(core)?.bits, *kind)),
            Node::Dereferenced(address) => {
                let address = address.evaluate(core)?;
                Ok(Place::Memory(address.bits, target(address.kind)))
            }
            Node::Cast(_, inner) => Expression((**inner).clone()).place(core),
            _ => bad("this is a value, not a place: a register, or *(int *)ADDRESS"),
        }
    }
}

/// What a pointer points to; like gdb without types, an int if nobody said.
fn target(kind: Type) -> Type {
    let (bytes, signed) = kind.target.unwrap_or((4, true));
    Type::integer(bytes, signed)
}

fn fit(bits: u64, kind: Type) -> Value {
    let access = Access {
        bytes: kind.bytes,
        signed: kind.signed,
        ..Access::U64
    };
    Value {
        bits: access.extend(bits),
        kind,
    }
}

fn load(core: &dyn Core, address: u64, kind: Type) -> Result<Value, BadExpression> {
    let mut raw = [0; 8];
    let raw = &mut raw[..usize::from(kind.bytes)];
    if core.memory().read(address, raw).is_err() {
        return bad(format!("the memory at {address:#x} cannot be read"));
    }
    let bits = number_of(raw, core.guest().order());
    Ok(fit(bits, kind))
}

/// The number that bytes stand for.
pub fn number_of(bytes: &[u8], order: portolan_machine::memory::Order) -> u64 {
    let append = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    match order {
        portolan_machine::memory::Order::Big => bytes.iter().fold(0, append),
        portolan_machine::memory::Order::Little => bytes.iter().rev().fold(0, append),
    }
}

impl Node {
    fn evaluate(&self, core: &dyn Core) -> Result<Value, BadExpression> {
        Ok(match self {
            Node::Number(value) => *value,
            Node::Pc => fit(core.pc(), Type::ADDRESS),
            Node::Register(slot) => fit(core.register(*slot), Type::LONG),
            Node::Described(description, number) => {
                let mut bytes = description.read(core, *number).unwrap_or_default();
                if description.order == Order::Big {
                    bytes.reverse();
                }
                bytes.resize(8, 0);
                let value = bytes.try_into().map_or(0, u64::from_le_bytes);
                fit(value, Type::LONG)
            }
            Node::Memory(address, kind) => load(core, address.evaluate(core)?.bits, *kind)?,
            Node::Dereferenced(address) => {
                let address = address.evaluate(core)?;
                load(core, address.bits, target(address.kind))?
            }
            Node::AddressOf(inner) => match &**inner {
                Node::Memory(address, _) | Node::Dereferenced(address) => address.evaluate(core)?,
                // A symbol is its address.
                Node::Number(value) => *value,
                _ => return bad("only memory has an address"),
            },
            Node::Cast(kind, inner) => fit(inner.evaluate(core)?.bits, *kind),
            Node::Unary(operator, inner) => {
                let value = inner.evaluate(core)?;
                match operator {
                    '-' => fit(value.bits.wrapping_neg(), value.kind),
                    '~' => fit(!value.bits, value.kind),
                    _ => fit(u64::from(value.bits == 0), Type::LONG),
                }
            }
            Node::Binary(operator, left, right) => {
                let left = left.evaluate(core)?;
                match (*operator, left.bits) {
                    ("&&", 0) => return Ok(fit(0, Type::LONG)),
                    ("||", 1..) => return Ok(fit(1, Type::LONG)),
                    _ => {}
                }
                apply(operator, left, right.evaluate(core)?)?
            }
        })
    }
}

fn apply(operator: &str, left: Value, right: Value) -> Result<Value, BadExpression> {
    let (a, b) = (left.bits, right.bits);
    let signed = left.kind.signed && right.kind.signed;
    let truth = |truth: bool| Ok(fit(u64::from(truth), Type::LONG));
    let order = match signed {
        true => a.cast_signed().cmp(&b.cast_signed()),
        false => a.cmp(&b),
    };
    // A pointer moves by what it points to.
    let scale = |kind: Type| kind.target.map_or(1, |(bytes, _)| u64::from(bytes));
    let bits = match operator {
        "||" => return truth(a != 0 || b != 0),
        "&&" => return truth(a != 0 && b != 0),
        "==" => return truth(a == b),
        "!=" => return truth(a != b),
        "<" => return truth(order.is_lt()),
        "<=" => return truth(order.is_le()),
        ">" => return truth(order.is_gt()),
        ">=" => return truth(order.is_ge()),
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "<<" => a.checked_shl(b as u32).unwrap_or(0),
        ">>" if left.kind.signed => (a.cast_signed() >> b.min(63)).cast_unsigned(),
        ">>" => a.checked_shr(b as u32).unwrap_or(0),
        "+" => a.wrapping_add(b.wrapping_mul(scale(left.kind))),
        "-" => a.wrapping_sub(b.wrapping_mul(scale(left.kind))),
        "*" => a.wrapping_mul(b),
        _ if b == 0 => return bad("division by zero"),
        "/" if signed => a
            .cast_signed()
            .wrapping_div(b.cast_signed())
            .cast_unsigned(),
        "/" => a / b,
        _ if signed => a
            .cast_signed()
            .wrapping_rem(b.cast_signed())
            .cast_unsigned(),
        _ => a % b,
    };
    // As in C, nothing is computed in less than 32 bits; here in 64.
    let kind = match left.kind.target {
        Some(_) => left.kind,
        None => Type::integer(8, signed),
    };
    Ok(fit(bits, kind))
}

/// Deeper expressions are refused, as reading them takes the host's stack.
const DEEPEST: usize = 200;

struct Parser<'a> {
    rest: &'a str,
    names: &'a dyn Names,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn skip(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), BadExpression> {
        match self.skip(token) {
            true => Ok(()),
            false => bad(format!("{token:?} is missing before {:?}", self.rest)),
        }
    }

    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '@' | ':');
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn binary(&mut self, level: usize) -> Result<Node, BadExpression> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            self.rest = self.rest.trim_start();
            // The longest one that is there: `<<` is no `<`.
            let next = OPERATORS.iter().find(|it| self.rest.starts_with(**it));
            let Some(operator) = next.filter(|it| operators.contains(it)) else {
                return Ok(left);
            };
            self.skip(operator);
            let right = self.binary(level + 1)?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Result<Node, BadExpression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return bad("the expression is too deep");
        }
        let node = self.operand();
        self.depth -= 1;
        node
    }

    fn operand(&mut self) -> Result<Node, BadExpression> {
        for operator in ['-', '~', '!'] {
            if self.skip(operator.encode_utf8(&mut [0; 4])) {
                return Ok(Node::Unary(operator, Box::new(self.unary()?)));
            }
        }
        if self.skip("+") {
            return self.unary();
        }
        if self.skip("*") {
            return Ok(Node::Dereferenced(Box::new(self.unary()?)));
        }
        if self.skip("&") {
            return Ok(Node::AddressOf(Box::new(self.unary()?)));
        }
        if self.skip("{") {
            let Some(kind) = self.kind() else {
                return bad("a type is missing after \"{\"");
            };
            self.expect("}")?;
            return Ok(Node::Memory(Box::new(self.unary()?), kind));
        }
        if self.skip("(") {
            if let Some(kind) = self.kind() {
                self.expect(")")?;
                return Ok(Node::Cast(kind, Box::new(self.unary()?)));
            }
            let inner = self.binary(0)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.skip("'") {
            let text = self.rest;
            let mut characters = text.chars();
            let (Some(c), Some('\'')) = (characters.next(), characters.next()) else {
                return bad("a character is written 'c'");
            };
            self.rest = characters.as_str();
            return Ok(Node::Number(fit(u64::from(c), Type::integer(1, false))));
        }
        let word = self.word();
        self.named(word)
    }

    fn named(&self, word: &str) -> Result<Node, BadExpression> {
        if word.is_empty() {
            return bad(match self.rest {
                "" => "something is missing at the end".to_owned(),
                rest => format!("{rest:?} is no value"),
            });
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let number = match word.strip_prefix("0x").or(word.strip_prefix("0X")) {
                Some(digits) => u64::from_str_radix(digits, 16),
                None => word.parse(),
            };
            return match number {
                Ok(number) => Ok(Node::Number(fit(number, Type::LONG))),
                Err(_) => bad(format!("{word:?} is no number")),
            };
        }
        let register = |name: &str| match name {
            "pc" => Some(Node::Pc),
            _ => self.names.register(name).map(Node::Register).or_else(|| {
                let (description, number) = self.names.described(name)?;
                Some(match description.registers[number].contents {
                    Contents::Pc => Node::Pc,
                    Contents::Slot(slot) => Node::Register(slot),
                    _ => Node::Described(description, number),
                })
            }),
        };
        if let Some(name) = word.strip_prefix('$') {
            let printed = name.parse().ok().and_then(|n| self.names.printed(n));
            let found = register(name).or(printed.map(Node::Number));
            return found.ok_or_else(|| BadExpression(format!("there is no register {name:?}")));
        }
        // A symbol hides a register of its name, as `$` is there to name the latter.
        let symbol = self.names.symbol(word);
        let symbol = symbol.map(|address| Node::Number(fit(address, Type::ADDRESS)));
        // Data that is a number is what is there; of other data nothing is known but where it is.
        let object = || {
            let (address, bytes) = self.names.object(word)?;
            let address = Node::Number(fit(address, Type::ADDRESS));
            Some(match bytes {
                1 | 2 | 4 | 8 => Node::Memory(Box::new(address), Type::integer(bytes as u8, true)),
                _ => address,
            })
        };
        let found = symbol.or_else(object).or_else(|| register(word));
        found.ok_or_else(|| BadExpression(format!("{word:?} is no number, register or symbol")))
    }

    /// A type, if one is next.
    fn kind(&mut self) -> Option<Type> {
        let before = self.rest;
        let (mut bytes, mut signed) = (None, None);
        loop {
            let here = self.rest;
            match self.word() {
                "unsigned" => signed = Some(false),
                "signed" => signed = Some(true),
                "char" => bytes = Some(1),
                "short" => bytes = Some(2),
                "long" => bytes = Some(8),
                "int" => bytes = bytes.or(Some(4)),
                "int8_t" => (bytes, signed) = (Some(1), Some(true)),
                "int16_t" => (bytes, signed) = (Some(2), Some(true)),
                "int32_t" => (bytes, signed) = (Some(4), Some(true)),
                "int64_t" => (bytes, signed) = (Some(8), Some(true)),
                "uint8_t" => (bytes, signed) = (Some(1), Some(false)),
                "uint16_t" => (bytes, signed) = (Some(2), Some(false)),
                "uint32_t" => (bytes, signed) = (Some(4), Some(false)),
                "uint64_t" | "size_t" | "uintptr_t" => (bytes, signed) = (Some(8), Some(false)),
                "void" => (bytes, signed) = (Some(1), Some(false)),
                _ => {
                    self.rest = here;
                    break;
                }
            }
        }
        if bytes.is_none() && signed.is_none() {
            self.rest = before;
            return None;
        }
        let plain = Type::integer(bytes.unwrap_or(4), signed.unwrap_or(true));
        let pointer = Type {
            target: Some((plain.bytes, plain.signed)),
            ..Type::ADDRESS
        };
        Some(match self.skip("*") {
            true => pointer,
            false => plain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, Protection};

    struct Known;

    impl Names for Known {
        fn register(&self, name: &str) -> Option<Slot> {
            (name == "a0").then_some(10)
        }
        fn described(&self, _: &str) -> Option<(&'static Description, usize)> {
            None
        }
        fn symbol(&self, name: &str) -> Option<u64> {
            (name == "table").then_some(0x1000)
        }
        fn object(&self, name: &str) -> Option<(u64, u64)> {
            match name {
                "count" => Some((0x1000, 2)),
                "buffer" => Some((0x1000, 3)),
                _ => None,
            }
        }
        fn printed(&self, _: usize) -> Option<Value> {
            None
        }
    }

    #[test]
    fn expressions_mean_what_c_says() {
        let mut machine = Machine::new("riscv64").expect("it is there");
        let rw = Protection::READ | Protection::WRITE;
        machine.map(0x1000, 0x1000, rw).expect("free");
        machine
            .memory()
            .write(0x1000, &[0xff, 0xfe, 3, 4, 5, 6, 7, 8])
            .expect("mapped");
        machine.set_register("a0", 6).expect("a register");
        machine.set_pc(0x1234);
        let core = &*machine.core();
        let value = |text: &str| {
            let expression = Expression::parse(text, &Known).expect(text);
            expression
                .evaluate(core)
                .map(|value| value.bits.cast_signed())
        };
        for (text, expected) in [
            ("1 + 2 * 3", 7),
            ("(1 + 2) * 3 << 1", 18),
            ("7 / 2 - -1 % 3", 4),
            ("$a0 * 2 == 12 && !0", 1),
            ("1 < 2 | 4", 5),
            ("$pc", 0x1234),
            ("table + 2", 0x1002),
            ("*(char *)table", -1),
            ("*(unsigned char *)(table + 1)", 0xfe),
            ("*((short *)table + 1)", 0x0403),
            ("{int}table", 0x0403_feff),
            ("{unsigned long}&table", 0x0807_0605_0403_feff),
            ("(char)0x180", -128),
            ("count", -257),
            ("&count", 0x1000),
            ("buffer + 1", 0x1001),
            ("*(unsigned char *)buffer", 0xff),
            ("'A' + 1", 66),
            ("-1 > 0", 0),
            ("0 && *(int *)0", 0),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
        assert!(value("*(int *)0").is_err() && value("1 / 0").is_err());
        for text in [
            "",
            "1 +",
            "(1",
            "$nothing",
            "1 2",
            "nothing",
            "0xzz",
            &"(".repeat(9999),
        ] {
            assert!(Expression::parse(text, &Known).is_err(), "{text}");
        }
    }
}
