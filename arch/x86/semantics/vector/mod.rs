//! Instructions on XMM registers: SSE to SSE4.2, by subject.
//!
//! A register is two words, and so is a value of 128 bits here, the lower one first. Integer
//! instructions are operations on the [`Lanes`](portolan_machine::domain::Lanes) of words.

mod compare;
pub(crate) mod control;
mod convert;
mod cryptography;
mod float;
mod integer;
mod select;
mod shuffle;
mod text;
mod transfer;

pub use compare::*;
pub use control::*;
pub(super) use control::{Floats, MXCSR_RESERVED, PART, mxcsr_word};
pub use convert::*;
pub use cryptography::*;
pub use float::*;
pub use integer::*;
pub use select::*;
pub use shuffle::*;
pub use text::*;
pub use transfer::*;

use super::{ALIGNED, GENERAL_PROTECTION, Hart, access, semantics};
use crate::decode::{Instruction, Kind, Operand};
use portolan_machine::domain::Word;
use portolan_machine::memory::{Access, Intent};

/// Values of 128 bits, as two words.
pub(super) trait Vector: Hart {
    /// A register.
    #[inline(always)]
    fn xmm(&self, operand: Operand) -> [Self::Word; 2] {
        [self.read(operand.slot), self.read(operand.slot + 1)]
    }

    /// Replaces a register.
    #[inline(always)]
    fn set_xmm(&self, operand: Operand, [low, high]: [Self::Word; 2]) {
        self.write(operand.slot, low);
        self.write(operand.slot + 1, high);
    }

    /// An operand: a register, or memory that has to be aligned.
    #[inline(always)]
    fn vector(&self, it: &Instruction, operand: Operand) -> Result<[Self::Word; 2], Self::Leave> {
        match operand.kind {
            Kind::Memory => {
                let at = self.at(it);
                self.trap_unless_aligned(ALIGNED, at, Intent::Read)?;
                self.load_vector(at)
            }
            _ => Ok(self.xmm(operand)),
        }
    }

    /// An operand whose alignment does not matter.
    #[inline(always)]
    fn unaligned_vector(
        &self,
        it: &Instruction,
        operand: Operand,
    ) -> Result<[Self::Word; 2], Self::Leave> {
        match operand.kind {
            Kind::Memory => self.load_vector(self.at(it)),
            _ => Ok(self.xmm(operand)),
        }
    }

    /// Memory.
    #[inline(always)]
    fn load_vector(&self, at: Self::Word) -> Result<[Self::Word; 2], Self::Leave> {
        let low = self.load(Access::U64, at)?;
        Ok([low, self.load(Access::U64, at + self.imm(8))?])
    }

    /// Replaces memory.
    #[inline(always)]
    fn store_vector(
        &self,
        at: Self::Word,
        [low, high]: [Self::Word; 2],
    ) -> Result<(), Self::Leave> {
        self.store(Access::U64, at, low)?;
        self.store(Access::U64, at + self.imm(8), high)
    }

    /// The lowest element of an operand, of 64 bits or fewer, zero-extended: memory has no more of it.
    #[inline(always)]
    fn element(
        &self,
        it: &Instruction,
        operand: Operand,
        bits: u8,
    ) -> Result<Self::Word, Self::Leave> {
        match operand.kind {
            Kind::Memory => self.load(access(bits), self.at(it)),
            _ => Ok(self.read(operand.slot).zext(bits)),
        }
    }

    /// Replaces the lowest element of a register, zero-extended.
    #[inline(always)]
    fn set_element(&self, operand: Operand, bits: u8, value: Self::Word) {
        let value = match bits {
            64 => value,
            _ => (self.read(operand.slot) & self.imm(-1i64 << bits)) | value,
        };
        self.write(operand.slot, value);
    }

    /// The element of a number, zero-extended.
    #[inline(always)]
    fn lane(&self, vector: &[Self::Word], bits: u8, number: u8) -> Self::Word {
        let (word, place) = placed(bits, number);
        match (bits, place) {
            (64, _) => vector[word],
            (_, 0) => vector[word].zext(bits),
            _ if place + bits == 64 => vector[word] >> self.imm(place),
            _ => (vector[word] >> self.imm(place)).zext(bits),
        }
    }

    /// Two words of elements, zero-extended, that a function numbers.
    #[inline(always)]
    fn of_lanes(&self, bits: u8, lane: impl Fn(u8) -> Self::Word) -> [Self::Word; 2] {
        let lanes = 64 / bits;
        [0, lanes].map(|first| {
            let mut word = lane(first);
            for number in 1..lanes {
                word = word | lane(first + number) << self.imm(number * bits);
            }
            word
        })
    }

    /// With one element replaced.
    #[inline(always)]
    fn with_lane(
        &self,
        mut vector: [Self::Word; 2],
        bits: u8,
        number: u8,
        value: Self::Word,
    ) -> [Self::Word; 2] {
        let (word, place) = placed(bits, number);
        vector[word] = match bits {
            64 => value,
            _ => {
                let mask = super::low(u64::MAX, bits) << place;
                vector[word] & self.constant(!mask) | value.zext(bits) << self.imm(place)
            }
        };
        vector
    }
}

impl<D: Hart> Vector for D {}

/// The word that holds an element, and the element's lowest bit there.
fn placed(bits: u8, number: u8) -> (usize, u8) {
    let lanes = 64 / bits;
    (usize::from(number / lanes), number % lanes * bits)
}
