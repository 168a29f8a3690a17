//! The x87 unit: numbers of 80 bits on a stack of eight registers (Volume 1, Chapter 8).
//!
//! st(0) to st(7) have fixed slots. Pushing and popping move their contents, which costs compiled code
//! nothing; the physical numbers, by which MMX names them, follow from [`FPU_TOP`].

mod image;
mod state;

pub use image::*;
pub use state::*;

use super::{Hart, semantics};
use crate::regs::{FPU_CONTROL, FPU_STATUS, FPU_TAGS, FPU_TOP};
use portolan_machine::domain::{Condition, Word};

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

    /// Which registers are in use, by their physical numbers.
    #[inline(always)]
    fn tags_by_number(&self) -> Self::Word {
        let twice = self.read(FPU_TAGS) * self.imm(0x101);
        (twice << self.read(FPU_TOP) >> self.imm(8)) & self.imm(0xff)
    }
}

impl<D: Hart> Stack for D {}
