//! Data transfer.

use super::{ALIGNED, Vector, access, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::RDI;
use crate::semantics::Hart;
use crate::semantics::mmx::{is_mmx, move_mmx, signs_of_mmx};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::{Access, Intent};

semantics! { out of line:
    movaps  |cpu, it, to, from| match to.kind {
        Kind::Memory => {
            let at = cpu.at(it);
            cpu.trap_unless_aligned(ALIGNED, at, Intent::Write)?;
            cpu.store_vector(at, cpu.xmm(from))?;
        }
        _ => cpu.set_xmm(to, cpu.vector(it, from)?),
    };
    movups  |cpu, it, to, from| match to.kind {
        Kind::Memory => cpu.store_vector(cpu.at(it), cpu.xmm(from))?,
        _ => cpu.set_xmm(to, cpu.unaligned_vector(it, from)?),
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
            (_, 128) => cpu.set_xmm(to, [value, cpu.imm(0)]),
            _ => cpu.set_part(to, value),
        }
    };
    movlps  |cpu, it, to, from| match to.kind {
        Kind::Memory => cpu.store(Access::U64, cpu.at(it), cpu.read(from.slot))?,
        _ => cpu.write(to.slot, cpu.load(Access::U64, cpu.at(it))?),
    };
    movhps  |cpu, it, to, from| match to.kind {
        Kind::Memory => cpu.store(Access::U64, cpu.at(it), cpu.read(from.slot + 1))?,
        _ => cpu.write(to.slot + 1, cpu.load(Access::U64, cpu.at(it))?),
    };
    movhlps |cpu, it, to, from| cpu.write(to.slot, cpu.read(from.slot + 1));
    movlhps |cpu, it, to, from| cpu.write(to.slot + 1, cpu.read(from.slot));
    movnti  |cpu, it, to, from| cpu.set(it, to, cpu.part(from))?;
    movmskps |cpu, it, to, from| cpu.set_part(to, signs(cpu, cpu.xmm(from), 32));
    movmskpd |cpu, it, to, from| cpu.set_part(to, signs(cpu, cpu.xmm(from), 64));
    pmovmskb |cpu, it, to, from| if is_mmx(from) {
        signs_of_mmx(cpu, to, from)?;
    } else {
        cpu.set_part(to, signs(cpu, cpu.xmm(from), 8));
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
        let value = cpu.element(it, from, 64)?;
        cpu.set_xmm(to, [value, value]);
    };
    movshdup |cpu, it, to, from| {
        let upper = |word: D::Word| {
            let upper = word >> cpu.imm(32);
            upper << cpu.imm(32) | upper
        };
        cpu.set_xmm(to, cpu.vector(it, from)?.map(upper));
    };
    movsldup |cpu, it, to, from| {
        let lower = |word: D::Word| word << cpu.imm(32) | word.zext(32);
        cpu.set_xmm(to, cpu.vector(it, from)?.map(lower));
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
        (_, Kind::Memory) => cpu.set_xmm(to, [value, cpu.imm(0)]),
        _ => cpu.set_element(to, bits, value),
    }
    Ok(())
}

/// The top bits of all elements.
#[inline(always)]
fn signs<D: Domain>(cpu: D, [low, high]: [D::Word; 2], bits: u8) -> D::Word {
    let of_word = |word: D::Word| match bits {
        64 => word >> cpu.imm(63),
        32 => (word >> cpu.imm(31) & cpu.imm(1)) | (word >> cpu.imm(62) & cpu.imm(2)),
        // A product that brings each byte's bit to its place in the highest byte.
        _ => {
            let each = word >> cpu.imm(7) & cpu.constant(0x0101_0101_0101_0101);
            (each * cpu.constant(0x0102_0408_1020_4080)) >> cpu.imm(56)
        }
    };
    of_word(low) | of_word(high) << cpu.imm(64 / bits)
}
