//! Shift and rotate instructions. A count of zero changes no flag.

use super::flags::Flags;
use super::{Hart, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::encoding::Op;
use crate::regs::{AF, CF, OF, PF, RCX, SF, ZF};
use portolan_machine::domain::{Domain, Word};

semantics! {
    shl  |cpu, it, to, by| shift(cpu, it, to, by, |a, n| (a << n, bit_at(cpu, a, cpu.imm(to.bits) - n)))?;
    shr  |cpu, it, to, by| shift(cpu, it, to, by, |a, n| (a >> n, bit_at(cpu, a, n - cpu.imm(1))))?;
    sar  |cpu, it, to, by| shift(cpu, it, to, by, |a, n| {
        let a = a.sext(to.bits);
        (a.sar(n), bit_at(cpu, a, n - cpu.imm(1)))
    })?;
    shld |cpu, it, to, from| {
        let b = cpu.part(from);
        let bits = cpu.imm(to.bits);
        shift(cpu, it, to, third(it), |a, n| match to.bits {
            // From 17 to 31 the manual leaves the result undefined: the operands follow each other in
            // a circle.
            16 => {
                let all = a << cpu.imm(32) | b << cpu.imm(16) | a;
                (all << n >> cpu.imm(32), bit_at(cpu, all, cpu.imm(48) - n))
            }
            _ => (a << n | b >> (bits - n), bit_at(cpu, a, bits - n)),
        })?;
    };
    shrd |cpu, it, to, from| {
        let b = cpu.part(from);
        let bits = cpu.imm(to.bits);
        shift(cpu, it, to, third(it), |a, n| match to.bits {
            16 => {
                let all = a << cpu.imm(32) | b << cpu.imm(16) | a;
                (all >> n, bit_at(cpu, all, n - cpu.imm(1)))
            }
            _ => (a >> n | b << (bits - n), bit_at(cpu, a, n - cpu.imm(1))),
        })?;
    };
}

semantics! {
    rol  |cpu, it, to, by| rotate(cpu, it, to, by, |a, n| rotated_right(cpu, to.bits, a, -n))?;
    ror  |cpu, it, to, by| rotate(cpu, it, to, by, |a, n| rotated_right(cpu, to.bits, a, n))?;
    rcl  |cpu, it, to, by| rotate_through_carry(cpu, it, to, by, true)?;
    rcr  |cpu, it, to, by| rotate_through_carry(cpu, it, to, by, false)?;
}

fn third(it: &Instruction) -> Operand {
    it.operands[2]
}

/// The count: its low five bits, or six for 64 bits.
#[inline(always)]
fn count<D: Domain>(cpu: D, it: &Instruction, by: Operand, bits: u8) -> D::Word {
    let mask = if bits == 64 { 63 } else { 31 };
    match by.kind {
        Kind::Immediate => cpu.constant(it.immediate & mask),
        _ => cpu.read(RCX) & cpu.constant(mask),
    }
}

/// Whether the count is known not to be zero.
#[inline(always)]
fn is_never_zero(it: &Instruction, by: Operand, bits: u8) -> bool {
    let mask = if bits == 64 { 63 } else { 31 };
    by.kind == Kind::Immediate && it.immediate & mask != 0
}

/// The bit of a word that another one numbers, as 0 or 1.
#[inline(always)]
fn bit_at<D: Domain>(cpu: D, word: D::Word, bit: D::Word) -> D::Word {
    (word >> bit) & cpu.imm(1)
}

/// Writes a flag unless the count is zero.
#[inline(always)]
fn keep<D: Domain>(cpu: D, is_zero: D::Condition, flag: u8, old: D::Word) {
    cpu.write(flag, cpu.select(is_zero, old, cpu.read(flag)));
}

/// A shift: `shifted` gives the result and the last bit that is shifted out, for counts above zero.
#[inline(always)]
fn shift<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    by: Operand,
    shifted: impl FnOnce(D::Word, D::Word) -> (D::Word, D::Word),
) -> Result<(), D::Leave> {
    let bits = to.bits;
    let n = count(cpu, it, by, bits);
    let a = cpu.get(it, to)?;
    let is_zero = n.eq(cpu.imm(0));
    let (result, out) = shifted(a, n);
    let is_plain = is_never_zero(it, by, bits);
    // The other operand of a double shift would be shifted in as a whole.
    let is_double = matches!(it.op, Op::shld | Op::shrd);
    let result = match is_double && !is_plain {
        false => result.zext(bits),
        true => cpu.select(is_zero, a, result.zext(bits)),
    };
    let old = (!is_plain).then(|| [CF, PF, AF, ZF, SF, OF].map(|flag| (flag, cpu.read(flag))));
    cpu.set(it, to, result)?;
    cpu.flags_of_result(bits, result);
    cpu.write(CF, out);
    cpu.write(AF, cpu.imm(0));
    // Defined for a count of one: whether the sign changed. For sar it never does.
    cpu.write(OF, overflow(cpu, it, bits, a, result, out));
    for (flag, old) in old.into_iter().flatten() {
        keep(cpu, is_zero, flag, old);
    }
    Ok(())
}

/// OF after a shift.
#[inline(always)]
fn overflow<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    before: D::Word,
    result: D::Word,
    out: D::Word,
) -> D::Word {
    match it.op {
        Op::sar => cpu.imm(0),
        Op::shr => cpu.bit(before, bits - 1),
        Op::shl => cpu.bit(result, bits - 1) ^ out,
        _ => cpu.bit(before ^ result, bits - 1),
    }
}

/// So many low bits, the others being zero, rotated right by an amount that counts within the size.
#[inline(always)]
pub(super) fn rotated_right<D: Domain>(cpu: D, bits: u8, a: D::Word, by: D::Word) -> D::Word {
    let by = by & cpu.imm(bits - 1);
    match bits {
        64 => a.rotate_right(by),
        32 => ((a << cpu.imm(32) | a) >> by).zext(32),
        _ => (a >> by | a << (cpu.imm(bits) - by)).zext(bits),
    }
}

/// A rotation by a count.
#[inline(always)]
fn rotate<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    by: Operand,
    rotated: impl FnOnce(D::Word, D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    let bits = to.bits;
    let n = count(cpu, it, by, bits);
    let a = cpu.get(it, to)?;
    let result = rotated(a, n);
    let is_zero = n.eq(cpu.imm(0));
    let old = (!is_never_zero(it, by, bits)).then(|| [CF, OF].map(|flag| (flag, cpu.read(flag))));
    cpu.set(it, to, result)?;
    let high = cpu.bit(result, bits - 1);
    let (carry, other) = match it.op {
        Op::rol => (cpu.bit(result, 0), cpu.bit(result, 0)),
        _ => (high, cpu.bit(result, bits - 2)),
    };
    cpu.write(CF, carry);
    cpu.write(OF, high ^ other);
    for (flag, old) in old.into_iter().flatten() {
        keep(cpu, is_zero, flag, old);
    }
    Ok(())
}

/// A rotation of one bit more than the size, the carry being the highest.
#[inline(always)]
fn rotate_through_carry<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    by: Operand,
    left: bool,
) -> Result<(), D::Leave> {
    let bits = to.bits;
    let around = cpu.imm(bits + 1);
    let n = match bits {
        8 | 16 => count(cpu, it, by, bits).rem_u(around),
        _ => count(cpu, it, by, bits),
    };
    let (a, carry) = (cpu.get(it, to)?, cpu.read(CF));
    let is_zero = n.eq(cpu.imm(0));
    let one = cpu.imm(1);
    // Of 65 bits; shifts by 64 do not exist, so those of one less go first.
    let (result, out) = match left {
        true => (
            a << n | carry << (n - one) | a >> one >> (cpu.imm(bits) - n),
            bit_at(cpu, a, cpu.imm(bits) - n),
        ),
        false => (
            a >> n | carry << (cpu.imm(bits) - n) | a << one << (cpu.imm(bits) - n),
            bit_at(cpu, a, n - one),
        ),
    };
    let result = cpu.select(is_zero, a, result.zext(bits));
    let carry_out = cpu.select(is_zero, carry, out);
    let overflow = match left {
        true => cpu.bit(result, bits - 1) ^ carry_out,
        false => cpu.bit(result, bits - 1) ^ cpu.bit(result, bits - 2),
    };
    let old = cpu.read(OF);
    cpu.set(it, to, result)?;
    cpu.write(CF, carry_out);
    cpu.write(OF, cpu.select(is_zero, old, overflow));
    Ok(())
}
