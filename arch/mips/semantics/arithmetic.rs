//! CPU Arithmetic Instructions.
//!
//! Where the manual calls a result unpredictable for words that are not sign-extended, they are
//! taken as if they were. Division by zero, unpredictable too, gives the dividend and the remainder
//! 0, as QEMU does.

use super::{Hart, semantics};
use crate::regs::{HI, LO};
use portolan_machine::domain::{Condition, Domain, Word};
use portolan_machine::trap::Trap;

semantics! {
    add   |cpu, rs, rt, rd| cpu.set_r(rd, checked_word(cpu, word(cpu, rs) + word(cpu, rt))?);
    addi  |cpu, rs, rt, imm| cpu.set_r(rt, checked_word(cpu, word(cpu, rs) + cpu.imm(imm))?);
    addiu |cpu, rs, rt, imm| cpu.set_word(rt, cpu.r(rs) + cpu.imm(imm));
    addu  |cpu, rs, rt, rd| cpu.set_word(rd, cpu.r(rs) + cpu.r(rt));
    clo   |cpu, rs, rd| cpu.set_r(rd, leading_zeros32(cpu, !cpu.r(rs)));
    clz   |cpu, rs, rd| cpu.set_r(rd, leading_zeros32(cpu, cpu.r(rs)));
    div   |cpu, rs, rt| {
        let (a, b) = (word(cpu, rs), word(cpu, rt));
        let b = cpu.select(b.eq(cpu.imm(0)), cpu.imm(1), b);
        set_hi_lo_words(cpu, a.rem_s(b), a.div_s(b));
    };
    divu  |cpu, rs, rt| {
        let (a, b) = (cpu.r(rs).zext(32), cpu.r(rt).zext(32));
        let b = cpu.select(b.eq(cpu.imm(0)), cpu.imm(1), b);
        set_hi_lo_words(cpu, a.rem_u(b), a.div_u(b));
    };
    madd  |cpu, rs, rt| set_accumulator(cpu, accumulator(cpu) + word(cpu, rs) * word(cpu, rt));
    maddu |cpu, rs, rt| {
        set_accumulator(cpu, accumulator(cpu) + cpu.r(rs).zext(32) * cpu.r(rt).zext(32));
    };
    msub  |cpu, rs, rt| set_accumulator(cpu, accumulator(cpu) - word(cpu, rs) * word(cpu, rt));
    msubu |cpu, rs, rt| {
        set_accumulator(cpu, accumulator(cpu) - cpu.r(rs).zext(32) * cpu.r(rt).zext(32));
    };
    mul   |cpu, rs, rt, rd| cpu.set_word(rd, cpu.r(rs) * cpu.r(rt));
    mult  |cpu, rs, rt| set_accumulator(cpu, word(cpu, rs) * word(cpu, rt));
    multu |cpu, rs, rt| set_accumulator(cpu, cpu.r(rs).zext(32) * cpu.r(rt).zext(32));
    slt   |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs).lt_s(cpu.r(rt)).word());
    slti  |cpu, rs, rt, imm| cpu.set_r(rt, cpu.r(rs).lt_s(cpu.imm(imm)).word());
    sltiu |cpu, rs, rt, imm| cpu.set_r(rt, cpu.r(rs).lt_u(cpu.imm(imm)).word());
    sltu  |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs).lt_u(cpu.r(rt)).word());
    sub   |cpu, rs, rt, rd| cpu.set_r(rd, checked_word(cpu, word(cpu, rs) - word(cpu, rt))?);
    subu  |cpu, rs, rt, rd| cpu.set_word(rd, cpu.r(rs) - cpu.r(rt));
    seb   |cpu, rt, rd| cpu.set_r(rd, cpu.r(rt).sext(8));
    seh   |cpu, rt, rd| cpu.set_r(rd, cpu.r(rt).sext(16));
}

semantics! {
    dadd   |cpu, rs, rt, rd| cpu.set_r(rd, checked_sum(cpu, cpu.r(rs), cpu.r(rt))?);
    daddi  |cpu, rs, rt, imm| cpu.set_r(rt, checked_sum(cpu, cpu.r(rs), cpu.imm(imm))?);
    daddiu |cpu, rs, rt, imm| cpu.set_r(rt, cpu.r(rs) + cpu.imm(imm));
    daddu  |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs) + cpu.r(rt));
    dclo   |cpu, rs, rd| cpu.set_r(rd, (!cpu.r(rs)).leading_zeros());
    dclz   |cpu, rs, rd| cpu.set_r(rd, cpu.r(rs).leading_zeros());
    ddiv   |cpu, rs, rt| {
        let (a, b) = (cpu.r(rs), cpu.r(rt));
        let overflows = a.eq(cpu.imm(i64::MIN)) & b.eq(cpu.imm(-1));
        let b = cpu.select(b.eq(cpu.imm(0)) | overflows, cpu.imm(1), b);
        set_hi_lo(cpu, a.rem_s(b), a.div_s(b));
    };
    ddivu  |cpu, rs, rt| {
        let (a, b) = (cpu.r(rs), cpu.r(rt));
        let b = cpu.select(b.eq(cpu.imm(0)), cpu.imm(1), b);
        set_hi_lo(cpu, a.rem_u(b), a.div_u(b));
    };
    dmult  |cpu, rs, rt| {
        let (a, b) = (cpu.r(rs), cpu.r(rt));
        set_hi_lo(cpu, a.mul_high_s(b), a * b);
    };
    dmultu |cpu, rs, rt| {
        let (a, b) = (cpu.r(rs), cpu.r(rt));
        set_hi_lo(cpu, a.mul_high_u(b), a * b);
    };
    dsub   |cpu, rs, rt, rd| cpu.set_r(rd, checked_difference(cpu, cpu.r(rs), cpu.r(rt))?);
    dsubu  |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs) - cpu.r(rt));
}

/// The low word of a register, signed.
#[inline(always)]
fn word<D: Domain>(cpu: D, n: u8) -> D::Word {
    cpu.r(n).sext(32)
}

/// A sum of words that was computed in 64 bits: it overflows if it is no word.
#[inline(always)]
fn checked_word<D: Domain>(cpu: D, sum: D::Word) -> Result<D::Word, D::Leave> {
    let result = sum.sext(32);
    cpu.trap_when(result.ne(sum), Trap::Overflow)?;
    Ok(result)
}

/// A sum overflows if its sign differs from that of both terms.
#[inline(always)]
fn checked_sum<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> Result<D::Word, D::Leave> {
    let sum = a + b;
    let differs = (a ^ sum) & (b ^ sum);
    cpu.trap_when(differs.lt_s(cpu.imm(0)), Trap::Overflow)?;
    Ok(sum)
}

#[inline(always)]
fn checked_difference<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> Result<D::Word, D::Leave> {
    let difference = a - b;
    let differs = (a ^ b) & (a ^ difference);
    cpu.trap_when(differs.lt_s(cpu.imm(0)), Trap::Overflow)?;
    Ok(difference)
}

#[inline(always)]
fn leading_zeros32<D: Domain>(cpu: D, value: D::Word) -> D::Word {
    value.zext(32).leading_zeros() - cpu.imm(32)
}

#[inline(always)]
fn set_hi_lo<D: Domain>(cpu: D, hi: D::Word, lo: D::Word) {
    cpu.write(HI, hi);
    cpu.write(LO, lo);
}

#[inline(always)]
fn set_hi_lo_words<D: Domain>(cpu: D, hi: D::Word, lo: D::Word) {
    set_hi_lo(cpu, hi.sext(32), lo.sext(32));
}

/// HI and LO as one number of 64 bits.
#[inline(always)]
fn accumulator<D: Domain>(cpu: D) -> D::Word {
    cpu.read(HI) << cpu.imm(32) | cpu.read(LO).zext(32)
}

#[inline(always)]
fn set_accumulator<D: Domain>(cpu: D, value: D::Word) {
    set_hi_lo(cpu, value.sar(cpu.imm(32)), value.sext(32));
}
