//! What each instruction does, in the order of Volume 1, Chapter 5.
//!
//! One function per row of [`encoding`](crate::encoding), generic over the domain. Between the bars
//! stand the domain, the instruction, and what the manual calls its first, second and third operand.
//!
//! Words of an operand's width are held zero-extended.

mod arithmetic;
mod bits;
mod control;
mod flag_control;
mod flags;
mod logical;
mod manipulation;
mod miscellaneous;
mod mmx;
pub(crate) mod processor;
mod shift;
mod string;
#[cfg(test)]
mod tests;
mod transfer;
pub(crate) mod vector;
mod x87;

pub use arithmetic::*;
pub use bits::*;
pub use control::*;
pub use flag_control::*;
pub use logical::*;
pub use manipulation::*;
pub use miscellaneous::*;
pub use mmx::*;
pub use shift::*;
pub use string::*;
pub use transfer::*;
pub use vector::*;
pub use x87::*;

use crate::decode::{Address, Instruction, Kind, Operand, Prefix};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::{Access, Rmw};

/// 128 bits of memory where they have to be aligned.
const ALIGNED: Access = Access {
    bytes: 16,
    ..Access::U64
};

/// #GP, by its number.
const GENERAL_PROTECTION: u32 = 13;

/// Defines the functions of a chapter: `name |cpu, it, operands| meaning;`. Those that are large, and
/// need host registers of their own, are `out of line`.
macro_rules! semantics {
    (out of line: $($rows:tt)*) => {
        semantics! { @inline(never), $($rows)* }
    };
    (@$inline:meta, $($name:ident |$cpu:ident $(, $it:ident $(, $operand:ident)*)?| $meaning:expr;)*) => {
        $(
            #[allow(missing_docs, reason = "the row documents it")]
            #[$inline]
            pub fn $name<D: portolan_machine::domain::Domain>(
                $cpu: D,
                instruction: &crate::decode::Instruction,
            ) -> Result<(), D::Leave> {
                let _ = instruction;
                $(
                    let $it = instruction;
                    let [$($operand,)* ..] = $it.operands;
                )?
                $meaning;
                Ok(())
            }
        )*
    };
    ($($rows:tt)*) => {
        semantics! { @inline(always), $($rows)* }
    };
}
use semantics;

/// Operands and the stack in the manual's words.
pub(crate) trait Hart: Domain {
    /// The address of the operand in memory, without the segment's base: what lea gives.
    #[inline(always)]
    fn effective_address(&self, it: &Instruction) -> Self::Word {
        let Address { index, scale, .. } = it.address;
        let mut sum = self.base_address(it);
        if index != Address::NONE {
            let index = self.read(index);
            sum = sum
                + if scale == 0 {
                    index
                } else {
                    index << self.imm(scale)
                };
        }
        self.narrow_address(it, sum)
    }

    /// The address of the operand in memory as if it had no index.
    #[inline(always)]
    fn base_address(&self, it: &Instruction) -> Self::Word {
        let Address {
            base,
            displacement,
            relative,
            ..
        } = it.address;
        match (relative, base) {
            (true, _) => self.address(displacement),
            (_, Address::NONE) => self.constant(displacement),
            (_, base) if displacement == 0 => self.read(base),
            (_, base) => self.read(base) + self.constant(displacement),
        }
    }

    /// An address as wide as the instruction's addresses are.
    #[inline(always)]
    fn narrow_address(&self, it: &Instruction, address: Self::Word) -> Self::Word {
        match it.address_bits {
            64 => address,
            bits => address.zext(bits),
        }
    }

    /// The address of the operand in memory.
    #[inline(always)]
    fn at(&self, it: &Instruction) -> Self::Word {
        self.in_segment(it, self.effective_address(it))
    }

    /// An address in the segment of the operand in memory.
    #[inline(always)]
    fn in_segment(&self, it: &Instruction, address: Self::Word) -> Self::Word {
        match it.address.segment {
            Address::NONE => address,
            segment => address + self.read(segment),
        }
    }

    /// An operand's value, zero-extended.
    #[inline(always)]
    fn get(&self, it: &Instruction, operand: Operand) -> Result<Self::Word, Self::Leave> {
        Ok(match operand.kind {
            Kind::Register => self.part(operand),
            Kind::Memory => self.load(access(operand.bits), self.at(it))?,
            Kind::Immediate | Kind::None => self.constant(it.immediate),
        })
    }

    /// A register's part, zero-extended.
    #[inline(always)]
    fn part(&self, operand: Operand) -> Self::Word {
        let whole = self.read(operand.slot);
        match (operand.bits, operand.shift) {
            (64, _) => whole,
            (bits, 0) => whole.zext(bits),
            (bits, shift) => (whole >> self.imm(shift)).zext(bits),
        }
    }

    /// The second of two operands, as wide as the first.
    #[inline(always)]
    fn get_like(
        &self,
        it: &Instruction,
        source: Operand,
        like: Operand,
    ) -> Result<Self::Word, Self::Leave> {
        match source.kind {
            Kind::Immediate => Ok(self.constant(low(it.immediate, like.bits))),
            _ => self.get(it, source),
        }
    }

    /// Replaces an operand's value. Writing 32 bits of a register clears the upper half; less leaves
    /// the rest as it is.
    #[inline(always)]
    fn set(
        &self,
        it: &Instruction,
        operand: Operand,
        value: Self::Word,
    ) -> Result<(), Self::Leave> {
        match operand.kind {
            Kind::Memory => self.store(access(operand.bits), self.at(it), value)?,
            _ => self.set_part(operand, value),
        }
        Ok(())
    }

    /// Replaces a register's part; `value` is as wide.
    #[inline(always)]
    fn set_part(&self, operand: Operand, value: Self::Word) {
        let slot = operand.slot;
        match operand.bits {
            64 | 32 => self.write(slot, value),
            bits => {
                let mask = low(u64::MAX, bits) << operand.shift;
                let kept = self.read(slot) & self.constant(!mask);
                let moved = match operand.shift {
                    0 => value,
                    shift => value << self.imm(shift),
                };
                self.write(slot, kept | moved);
            }
        }
    }

    /// Replaces an operand by what `change` makes of it, and gives the old value and the new one. With
    /// the lock prefix that is atomic: if the memory changed meanwhile, the instruction starts again.
    #[inline(always)]
    fn modify(
        &self,
        it: &Instruction,
        operand: Operand,
        change: impl FnOnce(Self::Word) -> Self::Word,
    ) -> Result<(Self::Word, Self::Word), Self::Leave> {
        if operand.kind != Kind::Memory {
            let old = self.get(it, operand)?;
            let new = change(old).zext(operand.bits);
            self.set_part(operand, new);
            return Ok((old, new));
        }
        let (access, at) = (access(operand.bits), self.at(it));
        let old = self.load(access, at)?;
        let new = change(old).zext(operand.bits);
        match it.prefix {
            Prefix::Lock => self.exchange_if(access, at, old, new)?,
            _ => self.store(access, at, new)?,
        }
        Ok((old, new))
    }

    /// Atomically replaces `old` by `new`; starts the instruction again if memory holds something else.
    #[inline(always)]
    fn exchange_if(
        &self,
        access: Access,
        address: Self::Word,
        old: Self::Word,
        new: Self::Word,
    ) -> Result<(), Self::Leave> {
        let found = self.compare_exchange(access, address, old, new)?;
        self.when(found.ne(old), || self.jump(self.constant(self.pc())))
    }

    /// As [`Hart::modify`], for changes that memory can do by itself.
    #[inline(always)]
    fn modify_by(
        &self,
        it: &Instruction,
        operand: Operand,
        op: Rmw,
        value: Self::Word,
    ) -> Result<(Self::Word, Self::Word), Self::Leave> {
        let change = |old: Self::Word| match op {
            Rmw::Add => old + value,
            Rmw::And => old & value,
            Rmw::Or => old | value,
            Rmw::Xor => old ^ value,
            _ => value,
        };
        if it.prefix != Prefix::Lock || operand.kind != Kind::Memory {
            return self.modify(it, operand, change);
        }
        let old = self.rmw(access(operand.bits), op, self.at(it), value)?;
        Ok((old, change(old).zext(operand.bits)))
    }

    /// Stores on the stack.
    #[inline(always)]
    fn push_word(&self, bits: u8, value: Self::Word) -> Result<(), Self::Leave> {
        let top = self.read(crate::regs::RSP) - self.imm(bits / 8);
        self.store(access(bits), top, value)?;
        self.write(crate::regs::RSP, top);
        Ok(())
    }

    /// Loads from the stack, and tells the stack pointer that is to be written then.
    #[inline(always)]
    fn pop_word(&self, bits: u8) -> Result<(Self::Word, Self::Word), Self::Leave> {
        let top = self.read(crate::regs::RSP);
        let value = self.load(access(bits), top)?;
        Ok((value, top + self.imm(bits / 8)))
    }
}

impl<D: Domain> Hart for D {}

/// The access of an operand in memory of so many bits.
#[inline(always)]
pub(crate) fn access(bits: u8) -> Access {
    match bits {
        8 => Access::U8,
        16 => Access::U16,
        32 => Access::U32,
        _ => Access::U64,
    }
}

/// The low bits of a number.
#[inline(always)]
pub(crate) fn low(value: u64, bits: u8) -> u64 {
    value & u64::MAX >> (64 - bits)
}
