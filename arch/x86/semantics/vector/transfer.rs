//! Data transfer.

use super::{ALIGNED, Halves, Vector, access, semantics};
use crate::decode::{Form, Instruction, Kind, Operand};
use crate::regs::RDI;
use crate::semantics::Hart;
use crate::semantics::mmx::{is_mmx, move_mmx, signs_of_mmx};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::{Access, Intent};

semantics! { out of line:
    movaps  |cpu, it, to, from| match to.kind {
        Kind::Memory => {
            trap_unless_aligned(cpu, it, Intent::Write)?;
            store(cpu, it, from)?;
        }
        _ => {
            if from.kind == Kind::Memory {
                trap_unless_aligned(cpu, it, Intent::Read)?;
            }
            let value = unaligned(cpu, it, from)?;
            cpu.set_halves(it, to, value);
        }
    };
    movups  |cpu, it, to, from| match to.kind {
        Kind::Memory => store(cpu, it, from)?,
        _ => {
            let value = unaligned(cpu, it, from)?;
            cpu.set_halves(it, to, value);
        }
    };
    movss   |cpu, it, to, from| move_scalar(cpu, it, 32, to, from)?;
    movsd   |cpu, it, to, from| move_scalar(cpu, it, 64, to, from)?;
    movd    |cpu, it, to, from| if is_mmx(to) || is_mmx(from) {
        move_mmx(cpu, it, to, from)?;
    } else {
        let bits = to.bits.min(from.bits).min(64);
        let value = cpu.element(it, from, bits)?;
        match (to.kind, to.bits) {
            (Kind::Memory, _) => cpu.store(access(bits), cpu.at(it), value)?,
            (_, 128) => cpu.set_xmm(it, to, [value, cpu.imm(0)]),
            _ => cpu.set_part(to, value),
        }
    };
    movlps  |cpu, it, to, from| match to.kind {
        Kind::Memory => cpu.store(Access::U64, cpu.at(it), cpu.read(from.slot))?,
        _ => cpu.set_word(it, to, 0, cpu.load(Access::U64, cpu.at(it))?),
    };
    movhps  |cpu, it, to, from| match to.kind {
        Kind::Memory => cpu.store(Access::U64, cpu.at(it), cpu.read(from.slot + 1))?,
        _ => cpu.set_word(it, to, 1, cpu.load(Access::U64, cpu.at(it))?),
    };
    movhlps |cpu, it, to, from| cpu.set_word(it, to, 0, cpu.read(from.slot + 1));
    movlhps |cpu, it, to, from| cpu.set_word(it, to, 1, cpu.read(from.slot));
    movnti  |cpu, it, to, from| cpu.set(it, to, cpu.part(from))?;
    movmskps |cpu, it, to, from| cpu.set_part(to, signs(cpu, it, from, 32));
    movmskpd |cpu, it, to, from| cpu.set_part(to, signs(cpu, it, from, 64));
    pmovmskb |cpu, it, to, from| if is_mmx(from) {
        signs_of_mmx(cpu, to, from)?;
    } else {
        cpu.set_part(to, signs(cpu, it, from, 8));
    };
    maskmovdqu |cpu, it, _to, from| {
        let data = cpu.xmm(from);
        let mask = cpu.xmm(it.operands[2]);
        let start = cpu.in_segment(it, cpu.narrow_address(it, cpu.read(RDI)));
        for number in 0..16 {
            let chosen = cpu.lane(&mask, 8, number) & cpu.imm(0x80);
            cpu.when(chosen.ne(cpu.imm(0)), || {
                let at = start + cpu.imm(number);
                cpu.store(Access::U8, at, cpu.lane(&data, 8, number))
            })?;
        }
    };
    movddup  |cpu, it, to, from| {
        let x = match it.form {
            Form::Vex256 => cpu.operand(it, from)?,
            _ => cpu.lower([cpu.element(it, from, 64)?, cpu.imm(0)]),
        };
        let result = cpu.each_half(it, |half| [x[half][0], x[half][0]]);
        cpu.set_halves(it, to, result);
    };
    movshdup |cpu, it, to, from| {
        let upper = |word: D::Word| {
            let upper = word >> cpu.imm(32);
            upper << cpu.imm(32) | upper
        };
        cpu.by_halves(it, to, from, |_, _, x| x.map(upper))?;
    };
    movsldup |cpu, it, to, from| {
        let lower = |word: D::Word| word << cpu.imm(32) | word.zext(32);
        cpu.by_halves(it, to, from, |_, _, x| x.map(lower))?;
    };
}

/// movss and movsd: from memory they clear the rest of the register, from a register they leave it.
#[inline(always)]
fn move_scalar<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let value = cpu.element(it, from, bits)?;
    match (to.kind, from.kind) {
        (Kind::Memory, _) => cpu.store(access(bits), cpu.at(it), value)?,
        (_, Kind::Memory) => cpu.set_xmm(it, to, [value, cpu.imm(0)]),
        _ => cpu.set_element(it, to, bits, value),
    }
    Ok(())
}

/// The top bits of all elements.
#[inline(always)]
fn signs<D: Domain>(cpu: D, it: &Instruction, from: Operand, bits: u8) -> D::Word {
    let of_word = |word: D::Word| match bits {
        64 => word >> cpu.imm(63),
        32 => (word >> cpu.imm(31) & cpu.imm(1)) | (word >> cpu.imm(62) & cpu.imm(2)),
        // A product that brings each byte's bit to its place in the highest byte.
        _ => {
            let each = word >> cpu.imm(7) & cpu.constant(0x0101_0101_0101_0101);
            (each * cpu.constant(0x0102_0408_1020_4080)) >> cpu.imm(56)
        }
    };
    let x = cpu.halves(it, from);
    let of_half = |[low, high]: [D::Word; 2]| of_word(low) | of_word(high) << cpu.imm(64 / bits);
    match it.form {
        Form::Vex256 => of_half(x[0]) | of_half(x[1]) << cpu.imm(128 / bits),
        _ => of_half(x[0]),
    }
}

/// An operand whose alignment does not matter.
#[inline(always)]
fn unaligned<D: Domain>(
    cpu: D,
    it: &Instruction,
    from: Operand,
) -> Result<Halves<D::Word>, D::Leave> {
    match (from.kind, it.form) {
        (Kind::Memory, Form::Vex256) => cpu.load_halves(cpu.at(it)),
        (Kind::Memory, _) => Ok(cpu.lower(cpu.load_vector(cpu.at(it))?)),
        _ => Ok(cpu.halves(it, from)),
    }
}

/// Stores a register, wherever.
#[inline(always)]
fn store<D: Domain>(cpu: D, it: &Instruction, from: Operand) -> Result<(), D::Leave> {
    let (at, [low, high]) = (cpu.at(it), cpu.halves(it, from));
    cpu.store_vector(at, low)?;
    match it.form {
        Form::Vex256 => cpu.store_vector(at + cpu.imm(16), high),
        _ => Ok(()),
    }
}

/// Traps unless the operand in memory is aligned to its size.
#[inline(always)]
fn trap_unless_aligned<D: Domain>(
    cpu: D,
    it: &Instruction,
    intent: Intent,
) -> Result<(), D::Leave> {
    let bytes = 16 * it.form.halves() as u8;
    cpu.trap_unless_aligned(Access { bytes, ..ALIGNED }, cpu.at(it), intent)
}
