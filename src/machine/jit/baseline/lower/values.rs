//! Values: where they are, and what is computed of them.

use super::{Lowering, ORDER, Place, slot};
use crate::domain::{Binary, Compare, Unary};
use crate::graph::Id;
use crate::jit::baseline::assembler::{Arithmetic, Condition, RCX, Reg, Shift};
use crate::jit::support;
use crate::registers::Slot;

/// A word as a constant of 32 bits, sign-extended.
fn small(value: u64) -> Option<i32> {
    i32::try_from(value as i64).ok()
}

impl Lowering<'_> {
    pub(super) fn take_free(&mut self) -> Option<Reg> {
        let index = self.free.trailing_zeros() as usize;
        let reg = *ORDER.get(index)?;
        self.free &= !(1 << index);
        Some(reg)
    }

    /// Gives a register back that nobody wants any more.
    pub(super) fn release(&mut self, id: Id) {
        if let Place::Register(reg) = self.places[id as usize]
            && self.uses[id as usize] == 0
        {
            self.places[id as usize] = Place::Nothing;
            self.give_back(reg);
        }
    }

    pub(super) fn give_back(&mut self, reg: Reg) {
        self.free |= ORDER
            .iter()
            .position(|other| *other == reg)
            .map_or(0, |index| 1 << index);
    }

    /// Puts a value that is in no register into one. Flags stay as they are.
    pub(super) fn fill(&mut self, reg: Reg, place: Place) {
        match place {
            Place::Constant(value) => self.code.constant(reg, value),
            Place::Slot(number) => self.code.load(reg, slot(number)),
            Place::Register(from) => self.code.mov(reg, from),
            Place::Flags(condition) => self.code.set(reg, condition),
            Place::Nothing => debug_assert!(false, "a value that nobody has"),
        }
    }

    /// A node's value in a register, to be looked at only.
    pub(super) fn register(&mut self, id: Id) -> Option<Reg> {
        let place = self.places[id as usize];
        if let Place::Register(reg) = place {
            return Some(reg);
        }
        let reg = self.take_free()?;
        self.fill(reg, place);
        self.places[id as usize] = Place::Register(reg);
        Some(reg)
    }

    /// A node's value in a register that the caller may change.
    pub(super) fn own(&mut self, id: Id) -> Option<Reg> {
        let place = self.places[id as usize];
        if let Place::Register(reg) = place
            && self.uses[id as usize] == 1
        {
            self.places[id as usize] = Place::Nothing;
            return Some(reg);
        }
        let reg = self.take_free()?;
        self.fill(reg, place);
        Some(reg)
    }

    /// Has the flags tell a condition.
    pub(super) fn flags(&mut self, id: Id) -> Option<Condition> {
        if let Place::Flags(condition) = self.places[id as usize] {
            return Some(condition);
        }
        let reg = self.register(id)?;
        self.code.test(reg, reg);
        Some(Condition::NotEqual)
    }

    /// Computes with a node's value, wherever it is.
    pub(super) fn arithmetic(&mut self, operation: Arithmetic, to: Reg, id: Id) -> Option<()> {
        match self.places[id as usize] {
            Place::Constant(value) => match small(value) {
                Some(value) => self.code.arithmetic_constant(operation, to, value),
                None => {
                    self.code.constant(RCX, value);
                    self.code.arithmetic(operation, to, RCX);
                }
            },
            Place::Slot(number) => self.code.arithmetic_memory(operation, to, slot(number)),
            _ => {
                let from = self.register(id)?;
                self.code.arithmetic(operation, to, from);
            }
        }
        Some(())
    }

    pub(super) fn write(&mut self, number: Slot, value: Id) -> Option<()> {
        if self.target.zero[usize::from(number)] {
            return Some(());
        }
        // Those who have yet to read what was there before.
        for id in 0..self.places.len() {
            if self.places[id] == Place::Slot(number) && self.uses[id] > 0 {
                self.register(id as Id)?;
            }
        }
        match self.places[value as usize] {
            Place::Constant(value) if small(value).is_some() => {
                self.code.store_constant(slot(number), value as i32);
            }
            _ => {
                let from = self.register(value)?;
                self.code.store(slot(number), from, 8);
            }
        }
        Some(())
    }

    pub(super) fn unary(&mut self, operation: Unary, a: Id) -> Option<Place> {
        if let Place::Constant(a) = self.places[a as usize] {
            return Some(Place::Constant(operation.apply(a)));
        }
        if matches!(
            operation,
            Unary::LeadingZeros | Unary::TrailingZeros | Unary::CountOnes
        ) {
            let operation = Box::new(operation);
            let first = &raw const *operation as u64;
            self.constants.unary.push(operation);
            let value = self.call(support::unary as *const (), &[first], &[a])?;
            return Some(Place::Register(value));
        }
        let reg = self.own(a)?;
        match operation {
            Unary::SignExtend(64) | Unary::ZeroExtend(64) => {}
            Unary::SignExtend(bits @ (8 | 16 | 32)) => self.code.extend(reg, reg, bits, true),
            Unary::ZeroExtend(bits @ (8 | 16 | 32)) => self.code.extend(reg, reg, bits, false),
            Unary::SignExtend(bits) => {
                self.code.shift_constant(Shift::Shl, reg, 64 - bits);
                self.code.shift_constant(Shift::Sar, reg, 64 - bits);
            }
            Unary::ZeroExtend(bits) => {
                self.code.shift_constant(Shift::Shl, reg, 64 - bits);
                self.code.shift_constant(Shift::Shr, reg, 64 - bits);
            }
            Unary::Not => self.code.not(reg),
            Unary::Negate => self.code.negate(reg),
            Unary::SwapBytes => self.code.swap_bytes(reg),
            Unary::LeadingZeros | Unary::TrailingZeros | Unary::CountOnes => {
                unreachable!("called above")
            }
        }
        Some(Place::Register(reg))
    }

    pub(super) fn binary(&mut self, operation: Binary, a: Id, b: Id) -> Option<Place> {
        let places = [a, b].map(|id| self.places[id as usize]);
        if let [Place::Constant(a), Place::Constant(b)] = places {
            return Some(Place::Constant(operation.apply(a, b)));
        }
        let reg = match operation {
            Binary::Add => self.sum(Arithmetic::Add, a, b)?,
            Binary::And => self.sum(Arithmetic::And, a, b)?,
            Binary::Or => self.sum(Arithmetic::Or, a, b)?,
            Binary::Xor => self.sum(Arithmetic::Xor, a, b)?,
            Binary::Sub => {
                let reg = self.own(a)?;
                self.arithmetic(Arithmetic::Sub, reg, b)?;
                reg
            }
            Binary::Mul => {
                let reg = self.own(a)?;
                let factor = self.register(b)?;
                self.code.multiply(reg, factor);
                reg
            }
            Binary::ShiftLeft => self.shift(Shift::Shl, a, b)?,
            Binary::ShiftRight => self.shift(Shift::Shr, a, b)?,
            Binary::ShiftRightArithmetic => self.shift(Shift::Sar, a, b)?,
            Binary::RotateLeft => self.shift(Shift::Rol, a, b)?,
            Binary::RotateRight => self.shift(Shift::Ror, a, b)?,
            operation => {
                let operation = Box::new(operation);
                let first = &raw const *operation as u64;
                self.constants.binary.push(operation);
                self.call(support::binary as *const (), &[first], &[a, b])?
            }
        };
        Some(Place::Register(reg))
    }

    /// An operation whose operands may change places.
    fn sum(&mut self, operation: Arithmetic, a: Id, b: Id) -> Option<Reg> {
        let is_constant = matches!(self.places[a as usize], Place::Constant(_));
        let (a, b) = if is_constant { (b, a) } else { (a, b) };
        let reg = self.own(a)?;
        self.arithmetic(operation, reg, b)?;
        Some(reg)
    }

    fn shift(&mut self, shift: Shift, a: Id, amount: Id) -> Option<Reg> {
        let reg = self.own(a)?;
        match self.places[amount as usize] {
            Place::Constant(amount) => self.code.shift_constant(shift, reg, amount as u8 & 63),
            place => {
                self.fill(RCX, place);
                self.code.shift(shift, reg);
            }
        }
        Some(reg)
    }

    pub(super) fn compare(
        &mut self,
        comparison: Compare,
        a: Id,
        b: Id,
        to_flags: bool,
    ) -> Option<Place> {
        let places = [a, b].map(|id| self.places[id as usize]);
        if let [Place::Constant(a), Place::Constant(b)] = places {
            return Some(Place::Constant(u64::from(comparison.apply(a, b))));
        }
        let condition = match comparison {
            Compare::Equal => Condition::Equal,
            Compare::NotEqual => Condition::NotEqual,
            Compare::LessSigned => Condition::Less,
            Compare::LessUnsigned => Condition::Below,
            Compare::GreaterEqualSigned => Condition::GreaterEqual,
            Compare::GreaterEqualUnsigned => Condition::AboveEqual,
        };
        let left = self.register(a)?;
        self.arithmetic(Arithmetic::Cmp, left, b)?;
        if to_flags {
            return Some(Place::Flags(condition));
        }
        let reg = self.take_free()?;
        self.code.set(reg, condition);
        Some(Place::Register(reg))
    }

    pub(super) fn select(&mut self, condition: Id, yes: Id, no: Id) -> Option<Place> {
        if let Place::Constant(known) = self.places[condition as usize] {
            let chosen = if known != 0 { yes } else { no };
            return Some(match self.places[chosen as usize] {
                place @ Place::Constant(_) => place,
                _ => Place::Register(self.own(chosen)?),
            });
        }
        let reg = self.own(no)?;
        let other = self.register(yes)?;
        let condition = self.flags(condition)?;
        self.code.mov_if(condition, reg, other);
        Some(Place::Register(reg))
    }
}
