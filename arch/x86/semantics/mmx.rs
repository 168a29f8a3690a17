//! MMX: vectors of 64 bits in the significands of the x87 registers (Volume 1, Chapter 9).
//!
//! What differs from the same instructions on XMM registers is here: an instruction takes all registers
//! into use, with the first physical one on top of the stack, and marks what it writes as no number.

use super::transfer::part;
use super::vector::Floats;
use super::x87::Stack;
use super::{Hart, access, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{FLOAT_MODES, FPU_TAGS, RDI, ST};
use portolan_machine::domain::{Domain, Lanes, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::Operation::{FromSigned32, ToSigned32};
use portolan_machine::float::Rounding;
use portolan_machine::memory::Access;

semantics! { out of line:
    emms     |cpu| {
        cpu.wait()?;
        cpu.rotate_to(cpu.imm(0))?;
        cpu.write(FPU_TAGS, cpu.imm(0));
    };
    pshufw   |cpu, it, to, from| {
        let chosen = |n: u8| (it.immediate >> (2 * n) & 3) as u8 * 16;
        in_mmx(cpu, it, to, from, |_, b| {
            let word = |n: u8| (b >> cpu.imm(chosen(n))).zext(16) << cpu.imm(16 * n);
            word(0) | word(1) | word(2) | word(3)
        })?;
    };
    maskmovq |cpu, it, _to, from| {
        cpu.wait()?;
        let start = cpu.in_segment(it, cpu.narrow_address(it, cpu.read(RDI)));
        cpu.use_mmx()?;
        let (data, mask) = (cpu.read(from.slot), cpu.read(it.operands[2].slot));
        for number in 0..8 {
            let chosen = mask >> cpu.imm(8 * number + 7) & cpu.imm(1);
            cpu.when(chosen.ne(cpu.imm(0)), || {
                let at = start + cpu.imm(number);
                cpu.store(Access::U8, at, data >> cpu.imm(8 * number))
            })?;
        }
    };
    movq2dq  |cpu, _it, to, from| {
        cpu.wait()?;
        cpu.use_mmx()?;
        cpu.write(to.slot, cpu.read(from.slot));
        cpu.write(to.slot + 1, cpu.imm(0));
    };
    movdq2q  |cpu, _it, to, from| {
        cpu.wait()?;
        cpu.use_mmx()?;
        cpu.set_mm(to, cpu.read(from.slot));
    };
}

// Conversions
semantics! { out of line:
    cvtpi2ps  |cpu, it, to, from| {
        let x = operand(cpu, it, from)?;
        let before = cpu.begin();
        let [low, high] = [0i64, 32].map(|place| {
            let lane = (x >> cpu.imm(place)).zext(32);
            cpu.step(FromSigned32, F32, [lane, cpu.imm(0)])
        });
        cpu.finish(before)?;
        cpu.write(to.slot, high << cpu.imm(32) | low);
    };
    cvtpi2pd  |cpu, it, to, from| {
        let x = operand(cpu, it, from)?;
        // No integer of 32 bits is beyond the precision of a double.
        for place in [0, 1] {
            let lane = (x >> cpu.imm(32 * place)).zext(32);
            let value = cpu.step(FromSigned32, F64, [lane, cpu.imm(0)]);
            cpu.write(to.slot + place, value);
        }
    };
    cvtps2pi  |cpu, it, to, from| to_integers(cpu, it, F32, false, to, from)?;
    cvttps2pi |cpu, it, to, from| to_integers(cpu, it, F32, true, to, from)?;
    cvtpd2pi  |cpu, it, to, from| to_integers(cpu, it, F64, false, to, from)?;
    cvttpd2pi |cpu, it, to, from| to_integers(cpu, it, F64, true, to, from)?;
}

/// The MMX registers.
pub(super) trait Mmx: Stack {
    /// Takes the registers into use. mm0 is st(0) from here on.
    #[inline(always)]
    fn use_mmx(&self) -> Result<(), Self::Leave> {
        self.rotate_to(self.imm(0))?;
        self.write(FPU_TAGS, self.imm(0xff));
        Ok(())
    }

    /// Replaces a register.
    #[inline(always)]
    fn set_mm(&self, to: Operand, value: Self::Word) {
        self.write(to.slot, value);
        self.write(to.slot + 1, self.imm(0xffff));
    }
}

impl<D: Stack> Mmx for D {}

/// Whether an operand is an MMX register.
#[inline(always)]
pub(super) fn is_mmx(operand: Operand) -> bool {
    operand.kind == Kind::Register && operand.bits == 64 && (ST..ST + 16).contains(&operand.slot)
}

/// A register becomes what an operation makes of it and of an operand.
#[inline(always)]
pub(super) fn in_mmx<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
    operation: impl FnOnce(D::Word, D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    let b = operand(cpu, it, from)?;
    cpu.use_mmx()?;
    cpu.set_mm(to, operation(cpu.read(to.slot), b));
    Ok(())
}

/// A second operand, after which the registers are in use if it is one.
#[inline(always)]
fn operand<D: Domain>(cpu: D, it: &Instruction, from: Operand) -> Result<D::Word, D::Leave> {
    cpu.wait()?;
    match from.kind {
        Kind::Memory => cpu.load(access(from.bits), cpu.at(it)),
        Kind::Immediate => Ok(cpu.constant(it.immediate & 0xff)),
        _ => {
            cpu.use_mmx()?;
            Ok(cpu.read(from.slot))
        }
    }
}

/// movd and movq of which one operand is an MMX register.
#[inline(always)]
pub(super) fn move_mmx<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    if !is_mmx(to) {
        cpu.wait()?;
        // The number of the register is a physical one; a store that faults leaves it so.
        cpu.use_mmx()?;
        let value = cpu.read(from.slot).zext(to.bits);
        return cpu.set(it, to, value);
    }
    let value = match from.kind {
        Kind::Register if !is_mmx(from) => {
            cpu.wait()?;
            cpu.part(from)
        }
        _ => operand(cpu, it, from)?,
    };
    cpu.use_mmx()?;
    cpu.set_mm(to, value);
    Ok(())
}

/// The signs of the bytes of an MMX register.
#[inline(always)]
pub(super) fn signs_of_mmx<D: Domain>(cpu: D, to: Operand, from: Operand) -> Result<(), D::Leave> {
    cpu.wait()?;
    cpu.use_mmx()?;
    // A product that brings each byte's bit to its place in the highest byte.
    let each = cpu.read(from.slot) >> cpu.imm(7) & cpu.constant(0x0101_0101_0101_0101);
    let signs = (each * cpu.constant(0x0102_0408_1020_4080)) >> cpu.imm(56);
    cpu.set_part(to, signs);
    Ok(())
}

/// The word of an MMX register that the immediate numbers.
#[inline(always)]
pub(super) fn extract_from_mmx<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    cpu.use_mmx()?;
    let place = (it.immediate & 3) as u8 * 16;
    let value = (cpu.read(from.slot) >> cpu.imm(place)).zext(16);
    cpu.set_part(to, value);
    Ok(())
}

/// Replaces the word of an MMX register that the immediate numbers.
#[inline(always)]
pub(super) fn insert_into_mmx<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let value = match from.kind {
        Kind::Memory => cpu.load(Access::U16, cpu.at(it))?,
        _ => cpu.part(part(from.slot, 16)),
    };
    cpu.use_mmx()?;
    let place = (it.immediate & 3) as u8 * 16;
    let kept = cpu.read(to.slot) & cpu.constant(!(0xffff << place));
    cpu.set_mm(to, kept | value << cpu.imm(place));
    Ok(())
}

/// A shift by an operand or the immediate.
#[inline(always)]
pub(super) fn shift_mmx<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Lanes,
    bits: u8,
    to: Operand,
    by: Operand,
) -> Result<(), D::Leave> {
    in_mmx(cpu, it, to, by, |a, amount| {
        a.lanes(operation, bits, amount)
    })
}

/// Two numbers of an XMM register or memory, as integers of 32 bits.
#[inline(always)]
fn to_integers<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    truncates: bool,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    use super::vector::Vector;
    cpu.wait()?;
    let [low, high] = match format {
        F32 => {
            let both = cpu.element(it, from, 64)?;
            [both.zext(32), both >> cpu.imm(32)]
        }
        _ => cpu.vector(it, from)?,
    };
    let modes = match truncates {
        true => {
            let kept = cpu.read(FLOAT_MODES) & cpu.imm(!7i64);
            kept | cpu.imm(Rounding::TowardZero.index())
        }
        false => cpu.read(FLOAT_MODES),
    };
    let before = cpu.begin();
    let [low, high] = [low, high].map(|x| cpu.step_in(modes, ToSigned32, format, [x, cpu.imm(0)]));
    cpu.finish(before)?;
    cpu.use_mmx()?;
    cpu.set_mm(to, high << cpu.imm(32) | low);
    Ok(())
}
