//! Instructions on XMM and YMM registers: SSE to SSE4.2, AVX, AVX2 and FMA, by subject.
//!
//! A value of 128 bits is two words, the lower one first; one of 256 is two of those, its halves, which
//! most instructions treat alike. Integer instructions are operations on the
//! [`Lanes`](portolan_machine::domain::Lanes) of words.
//!
//! The forms of an instruction share its meaning: the legacy one, which leaves the upper half of the
//! result's register as it is, and those with VEX, which write all of it (Volume 1, Section 14.1).

mod compare;
pub(crate) mod control;
mod convert;
mod cryptography;
mod float;
mod fused;
mod gather;
mod half_precision;
mod halves;
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
pub use fused::*;
pub use gather::*;
pub use half_precision::*;
pub use halves::*;
pub use integer::*;
pub use select::*;
pub use shuffle::*;
pub use text::*;
pub use transfer::*;

use super::{ALIGNED, GENERAL_PROTECTION, Hart, access, semantics};
use crate::decode::{Form, Instruction, Kind, Operand};
use crate::regs::{XMM, YMM_HIGH};
use portolan_machine::domain::Word;
use portolan_machine::memory::{Access, Intent};
use portolan_machine::registers::Slot;

/// Two halves of 128 bits. Where an instruction has no upper ones, they are zero.
pub(super) type Halves<W> = [[W; 2]; 2];

/// Values of 128 and 256 bits.
pub(super) trait Vector: Hart {
    /// The lower half of a register.
    #[inline(always)]
    fn xmm(&self, operand: Operand) -> [Self::Word; 2] {
        [self.read(operand.source), self.read(operand.source + 1)]
    }

    /// Replaces the lower half of a register; with VEX, the upper one becomes zero.
    #[inline(always)]
    fn set_xmm(&self, it: &Instruction, operand: Operand, [low, high]: [Self::Word; 2]) {
        self.write(operand.slot, low);
        self.write(operand.slot + 1, high);
        if it.form != Form::Legacy {
            let upper = upper(operand.slot);
            self.write(upper, self.imm(0));
            self.write(upper + 1, self.imm(0));
        }
    }

    /// A register, as wide as the instruction's vectors are.
    #[inline(always)]
    fn halves(&self, it: &Instruction, operand: Operand) -> Halves<Self::Word> {
        let upper = upper(operand.source);
        match it.form {
            Form::Vex256 => [self.xmm(operand), [self.read(upper), self.read(upper + 1)]],
            _ => self.lower(self.xmm(operand)),
        }
    }

    /// The slot of a word of a register.
    #[inline(always)]
    fn slot(&self, operand: Operand, half: usize, word: usize) -> Slot {
        let first = if half == 0 {
            operand.slot
        } else {
            upper(operand.slot)
        };
        first + word as Slot
    }

    /// 128 bits, and zeros above them.
    #[inline(always)]
    fn lower(&self, half: [Self::Word; 2]) -> Halves<Self::Word> {
        [half, [self.imm(0), self.imm(0)]]
    }

    /// Replaces a register.
    #[inline(always)]
    fn set_halves(&self, it: &Instruction, operand: Operand, [low, high]: Halves<Self::Word>) {
        self.write(operand.slot, low[0]);
        self.write(operand.slot + 1, low[1]);
        if it.form != Form::Legacy {
            let upper = upper(operand.slot);
            self.write(upper, high[0]);
            self.write(upper + 1, high[1]);
        }
    }

    /// What a function says of each half that the instruction's vectors have.
    #[inline(always)]
    fn each_half(
        &self,
        it: &Instruction,
        half: impl Fn(usize) -> [Self::Word; 2],
    ) -> Halves<Self::Word> {
        let mut halves = self.lower([self.imm(0), self.imm(0)]);
        for number in 0..it.form.halves() {
            halves[number] = half(number);
        }
        halves
    }

    /// An operand of 128 bits: a register, or memory that has to be aligned unless the form is VEX.
    #[inline(always)]
    fn vector(&self, it: &Instruction, operand: Operand) -> Result<[Self::Word; 2], Self::Leave> {
        match operand.kind {
            Kind::Memory => {
                let at = self.at(it);
                if it.form == Form::Legacy {
                    self.trap_unless_aligned(ALIGNED, at, Intent::Read)?;
                }
                self.load_vector(at)
            }
            _ => Ok(self.xmm(operand)),
        }
    }

    /// The same, as wide as the instruction's vectors are.
    #[inline(always)]
    fn operand(
        &self,
        it: &Instruction,
        operand: Operand,
    ) -> Result<Halves<Self::Word>, Self::Leave> {
        match (operand.kind, it.form) {
            (Kind::Memory, Form::Vex256) => self.load_halves(self.at(it)),
            (Kind::Memory, _) => Ok(self.lower(self.vector(it, operand)?)),
            _ => Ok(self.halves(it, operand)),
        }
    }

    /// Each half of the result is made of that of both operands.
    #[inline(always)]
    fn by_halves(
        &self,
        it: &Instruction,
        to: Operand,
        from: Operand,
        half: impl Fn(usize, [Self::Word; 2], [Self::Word; 2]) -> [Self::Word; 2],
    ) -> Result<(), Self::Leave> {
        let (a, b) = (self.halves(it, to), self.operand(it, from)?);
        let result = self.each_half(it, |n| half(n, a[n], b[n]));
        self.set_halves(it, to, result);
        Ok(())
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

    /// 256 bits of memory.
    #[inline(always)]
    fn load_halves(&self, at: Self::Word) -> Result<Halves<Self::Word>, Self::Leave> {
        let low = self.load_vector(at)?;
        Ok([low, self.load_vector(at + self.imm(16))?])
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
            _ => Ok(self.read(operand.source).zext(bits)),
        }
    }

    /// The lowest bits of an operand, so many for each half of the result, 64 at most: memory has no
    /// more of it.
    #[inline(always)]
    fn low_elements(
        &self,
        it: &Instruction,
        operand: Operand,
        bits: u8,
    ) -> Result<[Self::Word; 2], Self::Leave> {
        match (it.form, bits, operand.kind) {
            (Form::Vex256, 64, Kind::Memory) => self.load_vector(self.at(it)),
            (Form::Vex256, 64, _) => Ok(self.xmm(operand)),
            (Form::Vex256, ..) => Ok([self.element(it, operand, 2 * bits)?, self.imm(0)]),
            _ => Ok([self.element(it, operand, bits)?, self.imm(0)]),
        }
    }

    /// Replaces the lowest element of a register, zero-extended. The others are the first operand's.
    #[inline(always)]
    fn set_element(&self, it: &Instruction, operand: Operand, bits: u8, value: Self::Word) {
        let value = match bits {
            64 => value,
            _ => (self.read(operand.source) & self.imm(-1i64 << bits)) | value,
        };
        self.set_word(it, operand, 0, value);
    }

    /// Replaces one of the two words of a register. The other is the first operand's.
    #[inline(always)]
    fn set_word(&self, it: &Instruction, operand: Operand, number: u8, value: Self::Word) {
        if it.form == Form::Legacy {
            return self.write(operand.slot + number, value);
        }
        let mut words = self.xmm(operand);
        words[usize::from(number)] = value;
        self.set_xmm(it, operand, words);
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

/// The slots of the upper half of a YMM register, of those of the lower one.
fn upper(slot: Slot) -> Slot {
    slot.wrapping_add(YMM_HIGH - XMM)
}

/// The word that holds an element, and the element's lowest bit there.
fn placed(bits: u8, number: u8) -> (usize, u8) {
    let lanes = 64 / bits;
    (usize::from(number / lanes), number % lanes * bits)
}
