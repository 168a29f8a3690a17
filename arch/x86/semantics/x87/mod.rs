//! The x87 unit: numbers of 80 bits on a stack of eight registers (Volume 1, Chapter 8).
//!
//! st(0) to st(7) have fixed slots. Pushing and popping move their contents, which costs compiled code
//! nothing; the physical numbers, by which MMX names them, follow from [`FPU_TOP`].
//!
//! An instruction first waits ([`Stack::wait`]): what an earlier one raised traps now. Then it computes
//! (`unit.rs`), and has its effects unless what it raised prevents them, which a handler sees as if it had
//! not begun.

mod arithmetic;
mod compare;
mod control;
mod elementary;
mod image;
mod state;
mod transfer;
mod unit;
mod xsave;

pub use arithmetic::*;
pub use compare::*;
pub use control::*;
pub use elementary::*;
pub use image::*;
pub use state::*;
pub use transfer::*;
pub use xsave::*;

use super::{Hart, access, semantics};
use crate::decode::Operand;
use crate::extended::Extended;
use crate::regs::{FPU_CONTROL, FPU_STATUS, FPU_TAGS, FPU_TOP, ST};
use portolan_machine::domain::{Condition, Word};
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

/// The control word that fninit loads: everything masked, 64 bits of precision, to the nearest.
const INITIAL_CONTROL: i64 = 0x37f;
/// The bits of the control word that can be changed. Bit 6 is always set.
const CONTROL: i64 = 0x1f3f;

// The status word.
/// The exceptions.
const EXCEPTIONS: i64 = 0x3f;
/// The exceptions, stack fault, and conditions.
const STATUS: i64 = 0x477f;
/// ES and B: something is raised that is not masked.
const PENDING: i64 = 0x8080;
/// Where the top is.
const TOP: u8 = 11;

/// The registers of the unit in the manual's words.
pub(super) trait Stack: Hart {
    /// The control word.
    #[inline(always)]
    fn control_word(&self) -> Self::Word {
        self.read(FPU_CONTROL) ^ self.imm(INITIAL_CONTROL)
    }

    /// Replaces the control word.
    #[inline(always)]
    fn set_control_word(&self, value: Self::Word) {
        let difference = (value ^ self.imm(INITIAL_CONTROL)) & self.imm(CONTROL);
        self.write(FPU_CONTROL, difference);
    }

    /// The status word.
    #[inline(always)]
    fn status_word(&self) -> Self::Word {
        let pending = self.pending().ne(self.imm(0)).word();
        self.read(FPU_STATUS) | self.read(FPU_TOP) << self.imm(TOP) | (pending * self.imm(PENDING))
    }

    /// Replaces the status word, and tells the top that it names. What is pending follows from the
    /// exceptions and the masks.
    #[inline(always)]
    fn set_status_word(&self, value: Self::Word) -> Self::Word {
        let top = (value >> self.imm(TOP)) & self.imm(7);
        self.write(FPU_STATUS, value & self.imm(STATUS));
        self.write(FPU_TOP, top);
        top
    }

    /// The exceptions that are raised and not masked, by their bits in the status word.
    #[inline(always)]
    fn pending(&self) -> Self::Word {
        self.read(FPU_STATUS) & self.read(FPU_CONTROL) & self.imm(EXCEPTIONS)
    }

    /// Traps if an earlier instruction raised something that is not masked (#MF).
    #[inline(always)]
    fn wait(&self) -> Result<(), Self::Leave> {
        let pending = self.pending();
        self.when(pending.ne(self.imm(0)), || {
            let raised = self.call(&unit::FLAGS, [pending, self.imm(0), self.imm(0)]);
            self.trap(Trap::Float { raised })
        })
    }

    /// Which registers are in use, by their physical numbers.
    #[inline(always)]
    fn tags_by_number(&self) -> Self::Word {
        let twice = self.read(FPU_TAGS) * self.imm(0x101);
        ((twice << self.read(FPU_TOP)) >> self.imm(8)) & self.imm(0xff)
    }

    /// A register: its significand, and its sign and exponent.
    #[inline(always)]
    fn st(&self, number: u8) -> [Self::Word; 2] {
        [0, 1].map(|part| self.read(ST + 2 * number + part))
    }

    /// Replaces a register, which is in use then.
    #[inline(always)]
    fn set_st(&self, number: u8, [significand, exponent]: [Self::Word; 2]) {
        self.write(ST + 2 * number, significand);
        self.write(ST + 2 * number + 1, exponent);
        let tags = self.read(FPU_TAGS);
        self.write(FPU_TAGS, tags | self.imm(1i64 << number));
    }

    /// One if a register is in use, else zero.
    #[inline(always)]
    fn is_used(&self, number: u8) -> Self::Word {
        (self.read(FPU_TAGS) >> self.imm(number)) & self.imm(1)
    }

    /// A number known now.
    #[inline(always)]
    fn extended(&self, value: Extended) -> [Self::Word; 2] {
        [
            self.constant(value.significand),
            self.constant(value.exponent.into()),
        ]
    }

    /// Moves the top by some registers, 1 to 7 of them: what was st(amount) becomes st(0).
    #[inline(always)]
    fn rotate(&self, amount: u8) {
        let stack: [[Self::Word; 2]; 8] = std::array::from_fn(|number| self.st(number as u8));
        for (number, [significand, exponent]) in (0..8).zip(stack) {
            let place = ST + 2 * ((number + 8 - amount) & 7);
            self.write(place, significand);
            self.write(place + 1, exponent);
        }
        let twice = self.read(FPU_TAGS) * self.imm(0x101);
        self.write(FPU_TAGS, (twice >> self.imm(amount)) & self.imm(0xff));
        let top = self.read(FPU_TOP) + self.imm(amount);
        self.write(FPU_TOP, top & self.imm(7));
    }

    /// Moves the top to a physical register.
    #[inline(always)]
    fn rotate_to(&self, top: Self::Word) -> Result<(), Self::Leave> {
        let amount = (top - self.read(FPU_TOP)) & self.imm(7);
        self.when(amount.ne(self.imm(0)), || {
            for part in [1, 2, 4] {
                let chosen = amount & self.imm(part);
                self.when(chosen.ne(self.imm(0)), || {
                    self.rotate(part);
                    Ok(())
                })?;
            }
            Ok(())
        })
    }

    /// Pushes a number.
    #[inline(always)]
    fn push(&self, value: [Self::Word; 2]) {
        self.rotate(7);
        self.set_st(0, value);
    }

    /// Pops the top.
    #[inline(always)]
    fn pop(&self) {
        let tags = self.read(FPU_TAGS);
        self.write(FPU_TAGS, tags & self.imm(!1i64));
        self.rotate(1);
    }
}

impl<D: Hart> Stack for D {}

/// The number of a stack register that is an operand.
fn number(operand: Operand) -> u8 {
    place(operand.slot)
}

fn place(slot: Slot) -> u8 {
    slot.saturating_sub(ST) / 2
}
