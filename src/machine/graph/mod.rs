//! The *record* domain: an instruction's meaning as a graph.
//!
//! Recording an instruction gives the list of what it computes and does, in order. Every other
//! use of semantics than running reads this list: [`render`] writes it for people,
//! [`evaluate`](mod@evaluate) carries it out while reporting each effect, a compiler translates it.

pub mod evaluate;
pub mod render;

use crate::domain::{
    Binary, Compare, Condition, Counter, Domain, FloatUnit, Helper, Turns, Unary, Word,
};
use crate::float::{self, Format};
use crate::guest::Flow;
use crate::memory::{Access, Rmw};
use crate::registers::Slot;
use crate::trap::Trap;
use std::cell::RefCell;
use std::convert::Infallible;
use std::ops::{BitAnd, BitOr, Not};

/// The index of a node in its graph.
pub type Id = u32;

/// What one instruction computes and does.
#[derive(Clone, Debug)]
pub struct Graph {
    /// In order of execution. Operands come before their users.
    pub nodes: Vec<Node>,
    /// The address of the instruction.
    pub pc: u64,
    /// The address of the instruction after it in memory.
    pub next_pc: u64,
    /// The address at which execution starts again if the instruction traps: its own, but for one
    /// in a delay slot.
    pub restart_pc: u64,
    /// How it continues.
    pub flow: Flow,
}

/// One step of an instruction. Conditions are words that hold one or zero.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// A value known from the encoding.
    Constant(u64),
    /// An address known from the encoding and the pc.
    Address(u64),
    /// The contents of a register at this point.
    Read(Slot),
    /// An operation of one word.
    Unary(Unary, Id),
    /// An operation of two words.
    Binary(Binary, Id, Id),
    /// A comparison.
    Compare(Compare, Id, Id),
    /// The second word where the first holds, else the third.
    Select(Id, Id, Id),
    /// A load.
    Load(Access, Id),
    /// An atomic update; the value is what was there.
    Rmw(Access, Rmw, Id, Id),
    /// An atomic compare and exchange (address, expected, new); the value is what was there.
    CompareExchange(Access, Id, Id, Id),
    /// An atomic compare and exchange of 16 bytes (address, expected, new); the value tells whether
    /// they were exchanged.
    CompareExchangePair(Id, [Id; 2], [Id; 2]),
    /// An IEEE 754 operation (rounding, operands).
    Float(&'static FloatUnit, float::Operation, Format, Id, [Id; 3]),
    /// A helper's result.
    Call(&'static Helper, [Id; 3]),
    /// A clock or counter.
    Counter(Counter),
    /// Effect: a register changes.
    Write(Slot, Id),
    /// Effect: a store (address, value).
    Store(Access, Id, Id),
    /// Effect: turns made ahead; the value is how many.
    Ahead(Turns, [Id; 3]),
    /// Effect: a memory barrier.
    Fence,
    /// Effect: an instruction barrier.
    FenceInstructions,
    /// Effect: execution continues at a computed address.
    Jump(Id),
    /// Effect: execution continues at an address if the condition holds.
    Branch(Id, u64),
    /// Effect: the instruction ends in a trap if the condition holds.
    Trap(Id, Trap<Id>),
    /// The nodes up to the matching [`Node::End`] happen only if the condition holds.
    When(Id),
    /// Ends the innermost [`Node::When`].
    End,
}

impl Node {
    /// Tells of each operand.
    pub fn each_id(&self, mut visit: impl FnMut(Id)) {
        self.with_ids(|id| {
            visit(id);
            id
        });
    }

    /// The same node, of other operands.
    pub fn with_ids(&self, mut id: impl FnMut(Id) -> Id) -> Node {
        match *self {
            Node::Unary(operation, a) => Node::Unary(operation, id(a)),
            Node::Binary(operation, a, b) => Node::Binary(operation, id(a), id(b)),
            Node::Compare(comparison, a, b) => Node::Compare(comparison, id(a), id(b)),
            Node::Select(condition, yes, no) => Node::Select(id(condition), id(yes), id(no)),
            Node::Load(access, address) => Node::Load(access, id(address)),
            Node::Rmw(access, op, address, operand) => {
                Node::Rmw(access, op, id(address), id(operand))
            }
            Node::CompareExchange(access, address, expected, new) => {
                Node::CompareExchange(access, id(address), id(expected), id(new))
            }
            Node::CompareExchangePair(address, expected, new) => {
                let address = id(address);
                Node::CompareExchangePair(address, expected.map(&mut id), new.map(&mut id))
            }
            Node::Float(unit, operation, format, rounding, operands) => {
                Node::Float(unit, operation, format, id(rounding), operands.map(id))
            }
            Node::Call(helper, arguments) => Node::Call(helper, arguments.map(id)),
            Node::Ahead(turns, operands) => Node::Ahead(turns, operands.map(id)),
            Node::Write(slot, value) => Node::Write(slot, id(value)),
            Node::Store(access, address, value) => Node::Store(access, id(address), id(value)),
            Node::Jump(target) => Node::Jump(id(target)),
            Node::Branch(condition, target) => Node::Branch(id(condition), target),
            Node::Trap(condition, trap) => Node::Trap(id(condition), trap.map(id)),
            Node::When(condition) => Node::When(id(condition)),
            Node::Constant(_)
            | Node::Address(_)
            | Node::Read(_)
            | Node::Counter(_)
            | Node::Fence
            | Node::FenceInstructions
            | Node::End => *self,
        }
    }
}

/// Records one instruction.
pub struct Record {
    nodes: RefCell<Vec<Node>>,
    pc: u64,
    next_pc: u64,
    goes_ahead: bool,
}

impl Record {
    /// Starts the record of an instruction at `pc` of `length` bytes.
    pub fn new(pc: u64, length: u8) -> Record {
        let next_pc = pc.wrapping_add(u64::from(length));
        Record {
            nodes: RefCell::default(),
            pc,
            next_pc,
            goes_ahead: false,
        }
    }

    /// The same for who carries it out and shows nobody how: see [`Domain::ahead`].
    pub fn going_ahead(self) -> Record {
        Record {
            goes_ahead: true,
            ..self
        }
    }

    /// The finished graph of an instruction that continues like this.
    pub fn finish(self, flow: Flow) -> Graph {
        Graph {
            nodes: self.nodes.into_inner(),
            pc: self.pc,
            next_pc: self.next_pc,
            restart_pc: self.pc,
            flow,
        }
    }

    fn push(&self, node: Node) -> Value<'_> {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node);
        Value {
            id: nodes.len() as Id - 1,
            record: self,
        }
    }
}

/// A word of the *record* domain.
#[derive(Clone, Copy)]
pub struct Value<'r> {
    id: Id,
    record: &'r Record,
}

/// A condition of the *record* domain.
#[derive(Clone, Copy)]
pub struct Truth<'r>(Value<'r>);

crate::domain::word_operators!([<'r>] Value<'r>);

impl<'r> Word for Value<'r> {
    type Condition = Truth<'r>;

    fn unary(self, operation: Unary) -> Self {
        // Semantics that are for all widths say so for whole words, too.
        if let Unary::ZeroExtend(64) | Unary::SignExtend(64) = operation {
            return self;
        }
        self.record.push(Node::Unary(operation, self.id))
    }

    fn binary(self, operation: Binary, right: Self) -> Self {
        self.record.push(Node::Binary(operation, self.id, right.id))
    }

    fn compare(self, comparison: Compare, right: Self) -> Truth<'r> {
        Truth(
            self.record
                .push(Node::Compare(comparison, self.id, right.id)),
        )
    }
}

impl<'r> Condition for Truth<'r> {
    type Word = Value<'r>;

    fn word(self) -> Value<'r> {
        self.0
    }
}

impl BitAnd for Truth<'_> {
    type Output = Self;
    fn bitand(self, right: Self) -> Self {
        Truth(self.0 & right.0)
    }
}

impl BitOr for Truth<'_> {
    type Output = Self;
    fn bitor(self, right: Self) -> Self {
        Truth(self.0 | right.0)
    }
}

impl Not for Truth<'_> {
    type Output = Self;
    fn not(self) -> Self {
        let zero = self.0.record.push(Node::Constant(0));
        Truth(
            self.0
                .record
                .push(Node::Compare(Compare::Equal, self.0.id, zero.id)),
        )
    }
}

impl<'r> Domain for &'r Record {
    type Word = Value<'r>;
    type Condition = Truth<'r>;
    type Leave = Infallible;

    fn constant(&self, value: u64) -> Value<'r> {
        self.push(Node::Constant(value))
    }

    fn address(&self, value: u64) -> Value<'r> {
        self.push(Node::Address(value))
    }

    fn pc(&self) -> u64 {
        self.pc
    }

    fn read(&self, slot: Slot) -> Value<'r> {
        self.push(Node::Read(slot))
    }

    fn write(&self, slot: Slot, value: Value<'r>) {
        self.push(Node::Write(slot, value.id));
    }

    fn load(&self, access: Access, address: Value<'r>) -> Result<Value<'r>, Infallible> {
        Ok(self.push(Node::Load(access, address.id)))
    }

    fn store(
        &self,
        access: Access,
        address: Value<'r>,
        value: Value<'r>,
    ) -> Result<(), Infallible> {
        self.push(Node::Store(access, address.id, value.id));
        Ok(())
    }

    fn rmw(
        &self,
        access: Access,
        op: Rmw,
        address: Value<'r>,
        operand: Value<'r>,
    ) -> Result<Value<'r>, Infallible> {
        Ok(self.push(Node::Rmw(access, op, address.id, operand.id)))
    }

    fn compare_exchange(
        &self,
        access: Access,
        address: Value<'r>,
        expected: Value<'r>,
        new: Value<'r>,
    ) -> Result<Value<'r>, Infallible> {
        Ok(self.push(Node::CompareExchange(
            access,
            address.id,
            expected.id,
            new.id,
        )))
    }

    fn compare_exchange_pair(
        &self,
        address: Value<'r>,
        expected: [Value<'r>; 2],
        new: [Value<'r>; 2],
    ) -> Result<Value<'r>, Infallible> {
        let [expected, new] = [expected, new].map(|pair| pair.map(|word| word.id));
        Ok(self.push(Node::CompareExchangePair(address.id, expected, new)))
    }

    fn fence(&self) {
        self.push(Node::Fence);
    }

    fn fence_instructions(&self) {
        self.push(Node::FenceInstructions);
    }

    fn select(&self, condition: Truth<'r>, yes: Value<'r>, no: Value<'r>) -> Value<'r> {
        self.push(Node::Select(condition.0.id, yes.id, no.id))
    }

    fn when(
        &self,
        condition: Truth<'r>,
        body: impl FnOnce() -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        self.push(Node::When(condition.0.id));
        body()?;
        self.push(Node::End);
        Ok(())
    }

    fn trap(&self, trap: Trap<Value<'r>>) -> Result<(), Infallible> {
        let always = self.push(Node::Constant(1));
        self.trap_when(Truth(always), trap)
    }

    fn trap_when(&self, condition: Truth<'r>, trap: Trap<Value<'r>>) -> Result<(), Infallible> {
        self.push(Node::Trap(condition.0.id, trap.map(|word| word.id)));
        Ok(())
    }

    fn jump(&self, target: Value<'r>) -> Result<(), Infallible> {
        self.push(Node::Jump(target.id));
        Ok(())
    }

    fn branch(&self, condition: Truth<'r>, target: u64) -> Result<(), Infallible> {
        self.push(Node::Branch(condition.0.id, target));
        Ok(())
    }

    fn float(
        &self,
        unit: &'static FloatUnit,
        operation: float::Operation,
        format: Format,
        rounding: Value<'r>,
        operands: [Value<'r>; 3],
    ) -> Value<'r> {
        let operands = operands.map(|operand| operand.id);
        self.push(Node::Float(unit, operation, format, rounding.id, operands))
    }

    fn call(&self, helper: &'static Helper, arguments: [Value<'r>; 3]) -> Value<'r> {
        self.push(Node::Call(helper, arguments.map(|argument| argument.id)))
    }

    fn ahead(
        &self,
        turns: Turns,
        operands: [Value<'r>; 3],
        commit: impl FnOnce(Value<'r>) -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        if !self.goes_ahead {
            return Ok(());
        }
        let made = self.push(Node::Ahead(turns, operands.map(|operand| operand.id)));
        self.when(made.ne(self.constant(0)), || commit(made))
    }

    fn counter(&self, counter: Counter) -> Value<'r> {
        self.push(Node::Counter(counter))
    }
}
