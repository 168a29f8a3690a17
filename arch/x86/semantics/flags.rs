//! The flags, and the conditions made of them.
//!
//! Each flag is computed where it changes: what no later instruction looks at, the compiler leaves out.
//! Flags that the manual leaves undefined are what processors of Intel's make of them where that is
//! known, or stay.

use crate::regs::{AF, CF, OF, PF, SF, ZF};
use portolan_machine::domain::{Condition, Domain, Word};

pub(crate) trait Flags: Domain {
    /// Sets a flag where a condition holds.
    #[inline(always)]
    fn set_flag(&self, flag: u8, condition: Self::Condition) {
        self.write(flag, condition.word());
    }

    /// Whether a flag is set.
    #[inline(always)]
    fn flag(&self, flag: u8) -> Self::Condition {
        self.read(flag).ne(self.imm(0))
    }

    /// The bit of a word, as 0 or 1.
    #[inline(always)]
    fn bit(&self, value: Self::Word, bit: u8) -> Self::Word {
        (value >> self.imm(bit)) & self.imm(1)
    }

    /// ZF, SF and PF by a result of so many bits.
    #[inline(always)]
    fn flags_of_result(&self, bits: u8, result: Self::Word) {
        self.set_flag(ZF, result.eq(self.imm(0)));
        self.write(SF, self.bit(result, bits - 1));
        // Set if the low byte has an even number of ones: looked up in a table of 16 bits.
        let folded = (result ^ (result >> self.imm(4))) & self.imm(15);
        self.write(PF, (self.imm(0x9669) >> folded) & self.imm(1));
    }

    /// All flags of `result = a + b + carry`.
    #[inline(always)]
    fn flags_of_sum(&self, bits: u8, a: Self::Word, b: Self::Word, result: Self::Word) {
        self.flags_of_result(bits, result);
        self.write(AF, self.bit(a ^ b ^ result, 4));
        self.write(OF, self.bit((a ^ result) & (b ^ result), bits - 1));
    }

    /// All flags but CF of `result = a - b - borrow`.
    #[inline(always)]
    fn flags_of_difference(&self, bits: u8, a: Self::Word, b: Self::Word, result: Self::Word) {
        self.flags_of_result(bits, result);
        self.write(AF, self.bit(a ^ b ^ result, 4));
        self.write(OF, self.bit((a ^ b) & (a ^ result), bits - 1));
    }

    /// The flags of a logical operation. The manual leaves AF undefined.
    #[inline(always)]
    fn flags_of_logic(&self, bits: u8, result: Self::Word) {
        self.flags_of_result(bits, result);
        self.write(CF, self.imm(0));
        self.write(OF, self.imm(0));
        self.write(AF, self.imm(0));
    }

    /// A condition by its number (Appendix B: Condition Test Field).
    #[inline(always)]
    fn condition(&self, number: u8) -> Self::Condition {
        let less = || self.read(SF).ne(self.read(OF));
        let holds = match number >> 1 {
            0 => self.flag(OF),
            1 => self.flag(CF),
            2 => self.flag(ZF),
            3 => self.flag(CF) | self.flag(ZF),
            4 => self.flag(SF),
            5 => self.flag(PF),
            6 => less(),
            _ => self.flag(ZF) | less(),
        };
        if number & 1 == 0 { holds } else { !holds }
    }
}

impl<D: Domain> Flags for D {}
