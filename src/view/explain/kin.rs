//! The same idea in other instruction sets, found by what instructions do.
//!
//! What an instruction does is a graph. Reduced to an [`Idea`] (flags, the width of registers and which
//! ones they are left out), graphs of different instruction sets can be compared. So no list says which
//! instructions resemble each other.

use crate::guests::GUESTS;
use portolan_machine::domain::{Binary, Compare, Unary};
use portolan_machine::float::Operation;
use portolan_machine::graph::{Graph, Id, Node};
use portolan_machine::guest::Guest;
use portolan_machine::registers::{Kind, Role, Slot};
use portolan_machine::trap::Trap;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// An instruction of another instruction set that does what one does.
pub struct Kin {
    /// Its instruction set.
    pub guest: &'static dyn Guest,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it does, without flags, widths and names.
    pub idea: Idea,
}

/// The instructions with the same idea, at most one of each other instruction set that has one.
pub fn kin(guest: &dyn Guest, graph: &Graph) -> Vec<Kin> {
    let Some(idea) = Idea::of(graph, guest) else {
        return Vec::new();
    };
    let others = GUESTS.iter().map(|port| port.guest);
    let others = others.filter(|other| other.name() != guest.name());
    others.filter_map(|other| closest(&idea, other)).collect()
}

/// The instruction of a guest that is nearest to an idea.
fn closest(idea: &Idea, guest: &'static dyn Guest) -> Option<Kin> {
    let mut best: Option<(Distance, Arc<Index>, usize)> = None;
    for constant in idea.encoded_constants() {
        let index = index(guest, constant);
        for &place in index.by_effects.get(&idea.effects).into_iter().flatten() {
            let instance = &index.instances[place];
            let Some(distance) = idea.distance(&instance.idea, instance.bytes.len()) else {
                continue;
            };
            if best.as_ref().is_none_or(|(least, ..)| distance < *least) {
                best = Some((distance, index.clone(), place));
            }
        }
    }
    let (_, index, place) = best?;
    let Instance { bytes, idea } = index.instances[place].clone();
    Some(Kin { guest, bytes, idea })
}

/// The instances of a guest with a number in them.
struct Index {
    instances: Vec<Instance>,
    by_effects: HashMap<Vec<String>, Vec<usize>>,
}

#[derive(Clone)]
struct Instance {
    bytes: Vec<u8>,
    idea: Idea,
}

/// By guest and number.
type Indexes = HashMap<(&'static str, i64), Arc<Index>>;
/// Those that were asked for lately, as many instructions have few numbers.
static INDEXES: LazyLock<Mutex<Indexes>> = LazyLock::new(Mutex::default);
/// How many are kept.
const KEPT: usize = 100;

fn index(guest: &'static dyn Guest, constant: i64) -> Arc<Index> {
    let indexes = || INDEXES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (guest.name(), constant);
    if let Some(index) = indexes().get(&key) {
        return index.clone();
    }
    let mut index = Index {
        instances: Vec::new(),
        by_effects: HashMap::new(),
    };
    for bytes in guest.instances(constant) {
        let graph = guest.record(&bytes, 0);
        let Some(idea) = graph.ok().and_then(|graph| Idea::of(&graph, guest)) else {
            continue;
        };
        let places = index.by_effects.entry(idea.effects.clone()).or_default();
        places.push(index.instances.len());
        index.instances.push(Instance { bytes, idea });
    }
    let index = Arc::new(index);
    let mut indexes = indexes();
    if indexes.len() >= KEPT {
        indexes.clear();
    }
    indexes.insert(key, index.clone());
    index
}

/// How unlike two instructions of one idea are: what counts most comes first.
type Distance = (usize, bool, bool, bool, usize);

/// What an instruction does, whatever its registers are called and however wide they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idea {
    /// The effects, in order, with `r` for each integer register and `f` for each other one.
    pub effects: Vec<String>,
    /// The registers, in the order in which the effects name them, and whether each is written.
    pub registers: Vec<(Slot, bool)>,
    /// What those are for, where the calling convention gives them one use only.
    roles: Vec<Option<Role>>,
    /// Whether it works on 32 bits.
    pub is_narrow: bool,
    /// Whether it may trap instead.
    may_trap: bool,
    constants: BTreeSet<i64>,
}

impl Idea {
    /// The idea of an instruction; none if it does nothing, or what has no equal elsewhere.
    pub fn of(graph: &Graph, guest: &dyn Guest) -> Option<Idea> {
        Reader {
            graph,
            guest,
            terms: Vec::new(),
            written: BTreeMap::new(),
            is_narrow: false,
            may_trap: false,
        }
        .read()
    }

    /// The numbers that an encoding may have for those that are computed with; the plainest first.
    fn encoded_constants(&self) -> Vec<i64> {
        let mut numbers = Vec::new();
        for &constant in &self.constants {
            // As it is; subtracted instead of added; as the upper part of a word.
            numbers.extend([constant, constant.wrapping_neg()]);
            let upper = [constant >> 12, constant >> 16];
            numbers.extend(upper.iter().filter(|upper| !matches!(upper, -1 | 0)));
        }
        if numbers.is_empty() {
            numbers.push(0);
        }
        let mut seen = BTreeSet::new();
        numbers.retain(|number| seen.insert(*number));
        numbers.sort_by_key(|number| *number < 0);
        numbers
    }

    fn distance(&self, other: &Idea, length: usize) -> Option<Distance> {
        if self.effects != other.effects {
            return None;
        }
        // The same register in two places computes something else than two registers do.
        let sources = |idea: &Idea| pattern(idea.registers.iter().filter(|(_, written)| !written));
        if sources(self) != sources(other) {
            return None;
        }
        let roles = self.roles.iter().zip(&other.roles);
        let roles = roles.filter(|(a, b)| a != b).count();
        let same = pattern(self.registers.iter()) == pattern(other.registers.iter());
        Some((
            roles,
            !same,
            self.is_narrow != other.is_narrow,
            self.may_trap != other.may_trap,
            length,
        ))
    }
}

/// Which registers are the same: the number of each, counted as they appear.
fn pattern<'a>(registers: impl Iterator<Item = &'a (Slot, bool)>) -> Vec<usize> {
    let mut known: Vec<Slot> = Vec::new();
    let number = |(slot, _): &(Slot, bool)| {
        known.iter().position(|it| it == slot).unwrap_or_else(|| {
            known.push(*slot);
            known.len() - 1
        })
    };
    registers.map(number).collect()
}

/// A value, simplified.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Number(i64),
    /// An address that depends on where the instruction is.
    Place,
    Register(Slot),
    Of(String, Vec<Term>),
}

struct Reader<'a> {
    graph: &'a Graph,
    guest: &'a dyn Guest,
    /// What each node comes to.
    terms: Vec<Term>,
    /// What was written to registers so far.
    written: BTreeMap<Slot, Term>,
    is_narrow: bool,
    may_trap: bool,
}

impl Reader<'_> {
    fn read(mut self) -> Option<Idea> {
        let mut effects: Vec<(String, Vec<Term>)> = Vec::new();
        let mut targets: Vec<Option<Slot>> = Vec::new();
        for index in 0..self.graph.nodes.len() {
            let node = self.graph.nodes[index];
            let term = self.term(&node);
            self.terms.push(term);
            let (name, terms, target) = match node {
                Node::Write(slot, value) => {
                    let value = self.get(value);
                    self.written.insert(slot, value.clone());
                    match self.write(slot, value) {
                        Some(effect) => effect,
                        None => continue,
                    }
                }
                Node::Store(access, address, value) => {
                    let value = truncated(self.get(value), access.bytes * 8);
                    let name = format!("store{}", access.bytes * 8);
                    (name, vec![self.get(address), value], None)
                }
                Node::Jump(target) => ("jump".to_owned(), vec![even(self.get(target))], None),
                Node::Branch(condition, _) => {
                    ("branch".to_owned(), vec![self.get(condition)], None)
                }
                Node::Trap(condition, trap) if self.get(condition) == Term::Number(1) => {
                    let name = match trap {
                        Trap::Syscall => "system call",
                        Trap::Breakpoint => "breakpoint",
                        _ => return None,
                    };
                    (name.to_owned(), Vec::new(), None)
                }
                Node::Trap(..) => {
                    self.may_trap = true;
                    continue;
                }
                Node::Fence => ("fence".to_owned(), Vec::new(), None),
                // What happens under conditions has no simple name.
                Node::When(_) | Node::CompareExchange(..) | Node::CompareExchangePair(..) => {
                    return None;
                }
                _ => continue,
            };
            effects.push((name, terms));
            targets.push(target);
        }
        if effects.is_empty() {
            return None;
        }
        let mut idea = Idea {
            effects: Vec::new(),
            registers: Vec::new(),
            roles: Vec::new(),
            is_narrow: self.is_narrow,
            may_trap: self.may_trap,
            constants: BTreeSet::new(),
        };
        for ((name, terms), target) in effects.iter().zip(targets) {
            let mut text = name.clone();
            if let Some(slot) = target {
                text.push_str(&format!(" {} =", self.name(slot, true, &mut idea)));
            }
            for term in terms {
                text.push(' ');
                self.text(term, &mut idea, &mut text);
            }
            idea.effects.push(text);
        }
        Some(idea)
    }

    /// The effect of writing a register, if it is one to be told.
    fn write(&mut self, slot: Slot, value: Term) -> Option<(String, Vec<Term>, Option<Slot>)> {
        let Some((file, register)) = self.guest.register(slot) else {
            let is_hidden = self
                .guest
                .hidden_slots()
                .iter()
                .any(|(hidden, _)| *hidden == slot);
            // A branch that waits for its delay slot says where it goes; other slots are parts of registers.
            return match value {
                Term::Of(name, terms)
                    if is_hidden
                        && name == "select"
                        && terms[1..] == [Term::Place, Term::Place] =>
                {
                    match &terms[0] {
                        Term::Number(1) => Some(("jump".to_owned(), vec![Term::Place], None)),
                        condition => Some(("branch".to_owned(), vec![condition.clone()], None)),
                    }
                }
                Term::Place if is_hidden => Some(("jump".to_owned(), vec![Term::Place], None)),
                Term::Register(_) if is_hidden => Some(("jump".to_owned(), vec![value], None)),
                _ => None,
            };
        };
        if file.kind == Kind::Control
            || register.role == Role::Zero
            || value == Term::Register(slot)
        {
            return None;
        }
        Some(("set".to_owned(), vec![value], Some(slot)))
    }

    fn get(&self, id: Id) -> Term {
        self.terms[id as usize].clone()
    }

    fn term(&mut self, node: &Node) -> Term {
        match *node {
            Node::Constant(value) => Term::Number(value as i64),
            Node::Address(_) => Term::Place,
            Node::Read(slot) => {
                let is_zero = self
                    .guest
                    .register(slot)
                    .is_some_and(|(_, register)| register.role == Role::Zero);
                match self.written.get(&slot) {
                    _ if is_zero => Term::Number(0),
                    Some(term) => term.clone(),
                    None => Term::Register(slot),
                }
            }
            Node::Unary(Unary::SignExtend(bits), a) => self.extended(bits, true, a),
            Node::Unary(Unary::ZeroExtend(bits), a) => self.extended(bits, false, a),
            Node::Unary(operation, a) => match self.get(a) {
                // Where high bits count, a number does not tell how it was extended.
                Term::Number(value) if matches!(operation, Unary::Not | Unary::Negate) => {
                    Term::Number(operation.apply(value as u64) as i64)
                }
                a => Term::Of(format!("{operation:?}"), vec![a]),
            },
            Node::Binary(operation, a, b) => binary(operation, self.get(a), self.get(b)),
            Node::Compare(comparison, a, b) => compare(comparison, self.get(a), self.get(b)),
            Node::Select(condition, yes, no) => {
                let terms = [condition, yes, no].map(|id| self.get(id));
                match &terms {
                    [condition, Term::Number(1), Term::Number(0)] => condition.clone(),
                    _ => Term::Of("select".to_owned(), terms.to_vec()),
                }
            }
            Node::Load(access, address) => {
                let bits = access.bytes * 8;
                self.is_narrow |= bits == 32;
                // Registers of 32 bits have no room for a sign above.
                let sign = if access.signed && bits < 32 { "s" } else { "" };
                Term::Of(format!("load{bits}{sign}"), vec![self.get(address)])
            }
            Node::Rmw(access, operation, address, operand) => {
                let name = format!("atomic {operation:?} {}", access.bytes * 8);
                Term::Of(name, vec![self.get(address), self.get(operand)])
            }
            Node::Float(_, operation, format, rounding, operands) => {
                let count = match operation {
                    Operation::Sqrt => 1,
                    Operation::MulAdd
                    | Operation::MulSub
                    | Operation::NegMulSub
                    | Operation::NegMulAdd => 3,
                    _ => 2,
                };
                let operands = operands[..count].iter().map(|id| self.get(*id));
                let rounding = match self.get(rounding) {
                    Term::Number(direction) => format!("{direction}"),
                    _ => "as the mode says".to_owned(),
                };
                let name = format!("{operation:?} {format:?} rounded {rounding}");
                Term::Of(name, operands.collect())
            }
            Node::Call(helper, arguments) => {
                let arguments = arguments[..usize::from(helper.arity)].iter();
                let arguments = arguments.map(|id| self.get(*id)).collect();
                Term::Of(helper.name.to_owned(), arguments)
            }
            Node::Counter(counter) => Term::Of(format!("{counter:?}"), Vec::new()),
            _ => Term::Number(0),
        }
    }

    fn extended(&mut self, bits: u8, is_signed: bool, id: Id) -> Term {
        let inner = self.get(id);
        if bits >= 32 {
            self.is_narrow |= bits == 32;
            return match inner {
                Term::Number(value) => Term::Number(i64::from(value as i32)),
                other => other,
            };
        }
        let sign = if is_signed { "s" } else { "" };
        match inner {
            Term::Number(value) => {
                let operation = match is_signed {
                    true => Unary::SignExtend(bits),
                    false => Unary::ZeroExtend(bits),
                };
                Term::Number(operation.apply(value as u64) as i64)
            }
            Term::Of(name, terms) if name.trim_end_matches('s') == format!("load{bits}") => {
                Term::Of(format!("load{bits}{sign}"), terms)
            }
            inner => Term::Of(format!("low{bits}{sign}"), vec![truncated(inner, bits)]),
        }
    }

    /// How a register is written, with its place among the idea's.
    fn name(&self, slot: Slot, is_written: bool, idea: &mut Idea) -> &'static str {
        let register = self.guest.register(slot);
        idea.registers.push((slot, is_written));
        idea.roles.push(match register {
            Some((_, register)) => match register.role {
                role @ (Role::StackPointer | Role::ReturnAddress) => Some(role),
                _ => None,
            },
            None => None,
        });
        match register {
            Some((file, _)) if file.kind == Kind::Integer => "r",
            Some((file, _)) if file.kind == Kind::Float => "f",
            _ => "other",
        }
    }

    fn text(&self, term: &Term, idea: &mut Idea, out: &mut String) {
        match term {
            Term::Number(value) => {
                idea.constants.insert(*value);
                out.push_str(&value.to_string());
            }
            Term::Place => out.push_str("place"),
            Term::Register(slot) => out.push_str(self.name(*slot, false, idea)),
            Term::Of(name, terms) => {
                out.push_str(name);
                out.push('(');
                for (n, term) in terms.iter().enumerate() {
                    out.push_str(if n == 0 { "" } else { ", " });
                    self.text(term, idea, out);
                }
                out.push(')');
            }
        }
    }
}

fn binary(operation: Binary, a: Term, b: Term) -> Term {
    use Term::Number;
    let is_shift = matches!(
        operation,
        Binary::ShiftLeft
            | Binary::ShiftRight
            | Binary::ShiftRightArithmetic
            | Binary::RotateLeft
            | Binary::RotateRight
    );
    match (operation, a, b) {
        (
            Binary::Add
            | Binary::Sub
            | Binary::Mul
            | Binary::And
            | Binary::Or
            | Binary::Xor
            | Binary::ShiftLeft,
            Number(a),
            Number(b),
        ) => Number(operation.apply(a as u64, b as u64) as i64),
        (Binary::Sub, a, Number(b)) => binary(Binary::Add, a, Number(b.wrapping_neg())),
        (Binary::Sub, Number(0), b) => Term::Of("Negate".to_owned(), vec![b]),
        (Binary::Add | Binary::Or | Binary::Xor, a, Number(0))
        | (Binary::Add | Binary::Or | Binary::Xor, Number(0), a) => a,
        (Binary::Xor, a, Number(-1)) | (Binary::Xor, Number(-1), a) => {
            Term::Of("Not".to_owned(), vec![a])
        }
        (Binary::And, a, Number(0xff)) => Term::Of("low8".to_owned(), vec![a]),
        (Binary::And, a, Number(0xffff)) => Term::Of("low16".to_owned(), vec![a]),
        (_, a, Number(0)) if is_shift => a,
        // The operation itself looks at no more of the amount.
        (operation, a, Term::Of(name, amount))
            if is_shift && name == "And" && amount[1] == Number(63) =>
        {
            Term::Of(format!("{operation:?}"), vec![a, amount[0].clone()])
        }
        (operation, a, b) => {
            let is_symmetric = matches!(
                operation,
                Binary::Add | Binary::Mul | Binary::And | Binary::Or | Binary::Xor
            );
            // Numbers come last.
            let (a, b) = match (is_symmetric, a, b) {
                (true, a @ Number(_), b) => (b, a),
                (_, a, b) => (a, b),
            };
            Term::Of(format!("{operation:?}"), vec![a, b])
        }
    }
}

/// Comparisons, and what holds where they do not.
const COMPARISONS: [(Compare, Compare); 6] = [
    (Compare::Equal, Compare::NotEqual),
    (Compare::NotEqual, Compare::Equal),
    (Compare::LessSigned, Compare::GreaterEqualSigned),
    (Compare::LessUnsigned, Compare::GreaterEqualUnsigned),
    (Compare::GreaterEqualSigned, Compare::LessSigned),
    (Compare::GreaterEqualUnsigned, Compare::LessUnsigned),
];

fn compare(comparison: Compare, a: Term, b: Term) -> Term {
    use Term::Number;
    if let (Number(a), Number(b), Compare::Equal | Compare::NotEqual) = (&a, &b, comparison) {
        return Number(i64::from(comparison.apply(*a as u64, *b as u64)));
    }
    // "Not less" is "greater or equal".
    if let (Compare::Equal, Term::Of(name, terms), Number(0)) = (comparison, &a, &b) {
        let negated = COMPARISONS
            .iter()
            .find(|(it, _)| format!("{it:?}") == *name);
        if let Some((_, negated)) = negated {
            return Term::Of(format!("{negated:?}"), terms.clone());
        }
    }
    Term::Of(format!("{comparison:?}"), vec![a, b])
}

/// A value of which only so many bits matter.
fn truncated(term: Term, bits: u8) -> Term {
    match term {
        Term::Of(name, terms) if kept(&name).is_some_and(|kept| kept >= bits) => {
            truncated(terms[0].clone(), bits)
        }
        other => other,
    }
}

/// How many bits of its operand an operation keeps, if it does nothing else.
fn kept(name: &str) -> Option<u8> {
    name.strip_prefix("low")?.trim_end_matches('s').parse().ok()
}

/// A target without the bit that is cleared on the way.
fn even(term: Term) -> Term {
    match term {
        Term::Of(name, terms) if name == "And" && terms[1] == Term::Number(-2) => terms[0].clone(),
        other => other,
    }
}
