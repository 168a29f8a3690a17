//! What each instruction does, in the order of the manual's tables.
//!
//! One function per row of [`encoding`](crate::encoding), generic over the domain. The fields of
//! the instruction that a meaning uses stand between the bars.
//!
//! **Delay slots.** A branch or jump writes the address at which execution goes on after its delay
//! slot into a hidden register, [`TARGET`]. The instruction in the slot is decoded as one that is
//! inside it, does what it does, and goes there. So the state between the two is as visible as
//! any other. An instruction that traps in a slot is started again from the branch.

mod arithmetic;
mod branch;
pub(crate) mod float;
mod float_control;
mod float_convert;
mod float_move;
mod logical;
mod memory;
mod moves;
mod shift;
mod traps;

pub use arithmetic::*;
pub use branch::*;
pub use float::*;
pub use float_control::*;
pub use float_convert::*;
pub use float_move::*;
pub use logical::*;
pub use memory::*;
pub use moves::*;
pub use shift::*;
pub use traps::*;

use crate::decode::{Instruction, Mode, has_delay_slot};
use crate::encoding;
use crate::regs::{R, TARGET};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::trap::Trap;

/// Defines the functions of a chapter: `name |cpu, fields| meaning;`.
macro_rules! semantics {
    ($($name:ident |$cpu:ident $(, $field:ident)*| $meaning:expr;)*) => {
        $(
            #[allow(missing_docs, reason = "the row documents it")]
            #[inline(always)]
            pub fn $name<D: portolan_machine::domain::Domain>(
                $cpu: D,
                instruction: &crate::decode::Instruction,
            ) -> Result<(), D::Leave> {
                let _ = instruction;
                $(let $field = $crate::semantics::field!(instruction $field);)*
                $meaning;
                Ok(())
            }
        )*
    };
}
use semantics;

/// A field by any of the manual's names for its place.
macro_rules! field {
    ($instruction:ident base) => {
        $instruction.rs
    };
    ($instruction:ident fr) => {
        $instruction.rs
    };
    ($instruction:ident index) => {
        $instruction.rt
    };
    ($instruction:ident ft) => {
        $instruction.rt
    };
    ($instruction:ident fs) => {
        $instruction.rd
    };
    ($instruction:ident cs) => {
        $instruction.rd
    };
    ($instruction:ident hwr) => {
        $instruction.rd
    };
    ($instruction:ident msb) => {
        $instruction.rd
    };
    ($instruction:ident msbd) => {
        $instruction.rd
    };
    ($instruction:ident fd) => {
        $instruction.sa
    };
    ($instruction:ident lsb) => {
        $instruction.sa
    };
    ($instruction:ident $other:ident) => {
        $instruction.$other
    };
}
use field;

/// Carries out an instruction, and the jump after it if it is in a delay slot.
#[inline(always)]
pub fn execute<D: Domain>(cpu: D, instruction: &Instruction) -> Result<(), D::Leave> {
    if !instruction.mode.is_in_delay_slot() {
        return encoding::execute(cpu, instruction);
    }
    // The manual leaves open what a branch in a delay slot does.
    if has_delay_slot(instruction.op) {
        return cpu.trap(Trap::Illegal);
    }
    encoding::execute(cpu, instruction)?;
    let target = cpu.read(TARGET);
    let next = cpu.address(cpu.pc().wrapping_add(4));
    cpu.when(target.ne(next), || cpu.jump(target))
}

/// The general registers in the manual's words.
pub(crate) trait Hart: Domain {
    /// The general register `n`.
    #[inline(always)]
    fn r(&self, n: u8) -> Self::Word {
        self.read(R + n)
    }

    /// Writes a general register; `$0` stays zero.
    #[inline(always)]
    fn set_r(&self, n: u8, value: Self::Word) {
        if n != 0 {
            self.write(R + n, value);
        }
    }

    /// Writes a general register with a word, sign-extended.
    #[inline(always)]
    fn set_word(&self, n: u8, value: Self::Word) {
        self.set_r(n, value.sext(32));
    }

    /// An address as the guest's width has it.
    #[inline(always)]
    fn sum(&self, mode: Mode, base: Self::Word, offset: Self::Word) -> Self::Word {
        let sum = base + offset;
        if mode.is_wide() { sum } else { sum.sext(32) }
    }

    /// The address that a load or store names.
    #[inline(always)]
    fn at(&self, mode: Mode, base: u8, offset: i32) -> Self::Word {
        self.sum(mode, self.r(base), self.imm(offset))
    }
}

impl<D: Domain> Hart for D {}
