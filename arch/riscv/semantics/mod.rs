//! What each instruction does, in the order of the manual's chapters.
//!
//! One function per row of [`encoding`](crate::encoding), generic over the domain. The fields of
//! the instruction that a meaning uses stand between the bars.

mod atomic;
mod bits;
mod control_status;
mod double;
mod integer;
mod multiply;
mod single;

pub use atomic::*;
pub use bits::*;
pub use control_status::*;
pub use double::*;
pub use integer::*;
pub use multiply::*;
pub use single::*;

use crate::regs::{F, FFLAGS, FRM, X};
use portolan_machine::domain::{Domain, FloatUnit, Word};
use portolan_machine::float::{Format, Operation, Rules};
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
                $(let $field = instruction.$field;)*
                $meaning;
                Ok(())
            }
        )*
    };
}
use semantics;

/// The register files in the manual's words.
pub(crate) trait Hart: Domain {
    /// The integer register `r`.
    #[inline(always)]
    fn x(&self, r: u8) -> Self::Word {
        self.read(X + r)
    }

    /// Writes an integer register; `x0` stays zero.
    #[inline(always)]
    fn set_x(&self, r: u8, value: Self::Word) {
        if r != 0 {
            self.write(X + r, value);
        }
    }

    /// A double-precision register.
    #[inline(always)]
    fn d(&self, r: u8) -> Self::Word {
        self.read(F + r)
    }

    /// Writes a double-precision register.
    #[inline(always)]
    fn set_d(&self, r: u8, value: Self::Word) {
        self.write(F + r, value);
    }

    /// A single-precision register: the low half of a floating-point register whose high half is
    /// all ones; what is not boxed like this reads as the canonical NaN (D: NaN Boxing of
    /// Narrower Values).
    #[inline(always)]
    fn s(&self, r: u8) -> Self::Word {
        let value = self.d(r);
        let boxed = value.ge_u(self.constant(0xffff_ffff_0000_0000));
        self.select(boxed, value.zext(32), self.constant(0x7fc0_0000))
    }

    /// Writes a single-precision register, boxed.
    #[inline(always)]
    fn set_s(&self, r: u8, value: Self::Word) {
        self.set_d(r, value | self.constant(0xffff_ffff_0000_0000));
    }

    /// The rounding mode that an `rm` field asks for, as a number from 0 to 4.
    #[inline(always)]
    fn rounding(&self, rm: u8) -> Result<Self::Word, Self::Leave> {
        match rm {
            0..=4 => Ok(self.imm(rm)),
            7 => {
                let frm = self.read(FRM);
                self.trap_when(self.imm(4).lt_u(frm), Trap::Illegal)?;
                Ok(frm)
            }
            _ => {
                self.trap(Trap::Illegal)?;
                Ok(self.imm(0))
            }
        }
    }

    /// An operation of one operand that does not round.
    #[inline(always)]
    fn float1(&self, operation: Operation, format: Format, a: Self::Word) -> Self::Word {
        self.float3(
            operation,
            format,
            self.imm(0),
            [a, self.imm(0), self.imm(0)],
        )
    }

    /// An operation of two operands that does not round.
    #[inline(always)]
    fn float2(
        &self,
        operation: Operation,
        format: Format,
        a: Self::Word,
        b: Self::Word,
    ) -> Self::Word {
        self.float3(operation, format, self.imm(0), [a, b, self.imm(0)])
    }

    /// An operation under a rounding mode.
    #[inline(always)]
    fn float3(
        &self,
        operation: Operation,
        format: Format,
        rounding: Self::Word,
        operands: [Self::Word; 3],
    ) -> Self::Word {
        self.float(&UNIT, operation, format, rounding, operands)
    }
}

impl<D: Domain> Hart for D {}

/// The floating-point unit of F and D.
pub static UNIT: FloatUnit = FloatUnit {
    rules: Rules::RISCV,
    flags: FFLAGS,
    collected: None,
    modes: &[FRM],
};
