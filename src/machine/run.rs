//! The *run* domain: words are numbers, effects happen at once.

use crate::domain::{
    Binary, Compare, Condition, Counter, Domain, FloatUnit, Helper, Turns, Unary, Word,
};
use crate::float::{self, Format};
use crate::hart::Hart;
use crate::memory::{Access, Fault, Memory, Rmw};
use crate::registers::Slot;
use crate::trap::Trap;

/// One instruction being run on a hart. Two host registers, so that whatever takes it by value
/// leaves it there.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub(crate) hart: &'a Hart,
    /// How far the instruction is from the hart's pc, which is the start of its block until the
    /// block is left. By reference, since few instructions ask.
    pub(crate) offset: &'a u16,
}

/// An instruction left its block. Carrying next to nothing keeps the results of loads in two host
/// registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// For the address that is now the hart's pc.
    Jumped,
    /// By the trap that the hart holds.
    Trapped,
    /// Before a store to code that blocks were made of, perhaps its own: it starts again by itself, and
    /// what follows is decoded anew.
    Stale,
}

/// A number of the *run* domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Number(pub u64);

crate::domain::word_operators!([] Number);

impl Word for Number {
    type Condition = bool;

    #[inline(always)]
    fn unary(self, operation: Unary) -> Self {
        Number(operation.apply(self.0))
    }

    #[inline(always)]
    fn binary(self, operation: Binary, right: Self) -> Self {
        Number(operation.apply(self.0, right.0))
    }

    #[inline(always)]
    fn compare(self, comparison: Compare, right: Self) -> bool {
        comparison.apply(self.0, right.0)
    }
}

impl Condition for bool {
    type Word = Number;

    #[inline(always)]
    fn word(self) -> Number {
        Number(u64::from(self))
    }
}

// Out of line, and on the hart rather than on the instruction: an instruction that no function
// takes the address of lives in host registers.
#[cold]
#[inline(never)]
fn raise(hart: &Hart, trap: Trap) -> Leave {
    hart.trap.set(trap);
    Leave::Trapped
}

/// What follows a store that memory refused at first.
#[cold]
#[inline(never)]
fn refused<T>(
    hart: &Hart,
    address: u64,
    bytes: u8,
    again: impl FnOnce(&Memory) -> Result<T, Fault>,
) -> Result<T, Leave> {
    if hart.memory.unmark_code(address, bytes.into()) {
        return Err(Leave::Stale);
    }
    again(&hart.memory).map_err(|fault| raise(hart, Trap::Fault(fault)))
}

impl Run<'_> {
    #[inline(always)]
    fn access<T>(&self, result: Result<T, Fault>) -> Result<T, Leave> {
        result.map_err(|fault| raise(self.hart, Trap::Fault(fault)))
    }
}

impl Domain for Run<'_> {
    type Word = Number;
    type Condition = bool;
    type Leave = Leave;

    #[inline(always)]
    fn constant(&self, value: u64) -> Number {
        Number(value)
    }

    #[inline(always)]
    fn pc(&self) -> u64 {
        self.hart.pc.get().wrapping_add(u64::from(*self.offset))
    }

    #[inline(always)]
    fn read(&self, slot: Slot) -> Number {
        Number(self.hart.registers.read(slot))
    }

    #[inline(always)]
    fn write(&self, slot: Slot, value: Number) {
        self.hart.registers.write(slot, value.0);
    }

    #[inline(always)]
    fn load(&self, access: Access, address: Number) -> Result<Number, Leave> {
        self.access(self.hart.memory.load(access, address.0))
            .map(Number)
    }

    #[inline(always)]
    fn store(&self, access: Access, address: Number, value: Number) -> Result<(), Leave> {
        match self.hart.memory.try_store(access, address.0, value.0) {
            Some(()) => Ok(()),
            None => refused(self.hart, address.0, access.bytes, |memory| {
                memory.store(access, address.0, value.0)
            }),
        }
    }

    #[inline(always)]
    fn rmw(
        &self,
        access: Access,
        op: Rmw,
        address: Number,
        operand: Number,
    ) -> Result<Number, Leave> {
        let memory = &self.hart.memory;
        match memory.try_rmw(access, op, address.0, operand.0) {
            Some(old) => Ok(Number(old)),
            None => refused(self.hart, address.0, access.bytes, |memory| {
                memory.rmw(access, op, address.0, operand.0).map(Number)
            }),
        }
    }

    #[inline(always)]
    fn compare_exchange(
        &self,
        access: Access,
        address: Number,
        expected: Number,
        new: Number,
    ) -> Result<Number, Leave> {
        let memory = &self.hart.memory;
        match memory.try_compare_exchange(access, address.0, expected.0, new.0) {
            Some(old) => Ok(Number(old)),
            None => refused(self.hart, address.0, access.bytes, |memory| {
                let old = memory.compare_exchange(access, address.0, expected.0, new.0);
                old.map(Number)
            }),
        }
    }

    #[inline(always)]
    fn compare_exchange_pair(
        &self,
        address: Number,
        expected: [Number; 2],
        new: [Number; 2],
    ) -> Result<Number, Leave> {
        let [expected, new] = [expected, new].map(|pair| pair.map(|word| word.0));
        let memory = &self.hart.memory;
        if memory.unmark_code(address.0, 16) {
            return Err(Leave::Stale);
        }
        let done = memory.compare_exchange_pair(address.0, expected, new);
        self.access(done).map(|done| Number(done.into()))
    }

    #[inline(always)]
    fn fence(&self) {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    }

    #[inline(always)]
    fn fence_instructions(&self) {
        self.hart.memory.invalidate_code();
    }

    #[inline(always)]
    fn select(&self, condition: bool, yes: Number, no: Number) -> Number {
        if condition { yes } else { no }
    }

    #[inline(always)]
    fn when(&self, condition: bool, body: impl FnOnce() -> Result<(), Leave>) -> Result<(), Leave> {
        if condition { body() } else { Ok(()) }
    }

    #[inline(always)]
    fn trap(&self, trap: Trap<Number>) -> Result<(), Leave> {
        Err(raise(self.hart, trap.map(|word| word.0)))
    }

    #[inline(always)]
    fn trap_when(&self, condition: bool, trap: Trap<Number>) -> Result<(), Leave> {
        if condition { self.trap(trap) } else { Ok(()) }
    }

    #[inline(always)]
    fn jump(&self, target: Number) -> Result<(), Leave> {
        self.hart.pc.set(target.0);
        Err(Leave::Jumped)
    }

    #[inline(always)]
    fn branch(&self, condition: bool, target: u64) -> Result<(), Leave> {
        if condition {
            self.jump(Number(target))
        } else {
            Ok(())
        }
    }

    #[inline(always)]
    fn float(
        &self,
        unit: &'static FloatUnit,
        operation: float::Operation,
        format: Format,
        rounding: Number,
        operands: [Number; 3],
    ) -> Number {
        let raised = float::Flags::from_bits(self.read(unit.flags).0 as u8);
        let operands = operands.map(|operand| operand.0);
        let (value, flags) =
            float::evaluate_in(operation, format, &unit.rules, rounding.0, raised, operands);
        self.write(unit.flags, Number(u64::from((raised | flags).bits())));
        Number(value)
    }

    #[inline(always)]
    fn call(&self, helper: &'static Helper, arguments: [Number; 3]) -> Number {
        let [a, b, c] = arguments;
        Number((helper.function)(a.0, b.0, c.0))
    }

    #[inline(always)]
    fn ahead(
        &self,
        turns: Turns,
        operands: [Number; 3],
        commit: impl FnOnce(Number) -> Result<(), Leave>,
    ) -> Result<(), Leave> {
        match self
            .hart
            .make_ahead(turns, operands.map(|operand| operand.0))
        {
            0 => Ok(()),
            made => commit(Number(made)),
        }
    }

    #[inline(always)]
    fn counter(&self, counter: Counter) -> Number {
        Number(self.hart.counter(counter))
    }
}
