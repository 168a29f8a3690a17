//! CPU Shift Instructions.

use super::{Hart, semantics};
use portolan_machine::domain::{Domain, Word};

semantics! {
    sll   |cpu, rt, rd, sa| cpu.set_word(rd, cpu.r(rt) << cpu.imm(sa));
    sllv  |cpu, rs, rt, rd| cpu.set_word(rd, cpu.r(rt) << amount5(cpu, rs));
    sra   |cpu, rt, rd, sa| cpu.set_word(rd, cpu.r(rt).sext(32).sar(cpu.imm(sa)));
    srav  |cpu, rs, rt, rd| cpu.set_word(rd, cpu.r(rt).sext(32).sar(amount5(cpu, rs)));
    srl   |cpu, rt, rd, sa| cpu.set_word(rd, cpu.r(rt).zext(32) >> cpu.imm(sa));
    srlv  |cpu, rs, rt, rd| cpu.set_word(rd, cpu.r(rt).zext(32) >> amount5(cpu, rs));
    rotr  |cpu, rt, rd, sa| cpu.set_word(rd, twice(cpu, rt) >> cpu.imm(sa));
    rotrv |cpu, rs, rt, rd| cpu.set_word(rd, twice(cpu, rt) >> amount5(cpu, rs));
}

semantics! {
    dsll    |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt) << cpu.imm(sa));
    dsll32  |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt) << cpu.imm(sa + 32));
    dsllv   |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rt) << cpu.r(rs));
    dsra    |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt).sar(cpu.imm(sa)));
    dsra32  |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt).sar(cpu.imm(sa + 32)));
    dsrav   |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rt).sar(cpu.r(rs)));
    dsrl    |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt) >> cpu.imm(sa));
    dsrl32  |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt) >> cpu.imm(sa + 32));
    dsrlv   |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rt) >> cpu.r(rs));
    drotr   |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt).rotate_right(cpu.imm(sa)));
    drotr32 |cpu, rt, rd, sa| cpu.set_r(rd, cpu.r(rt).rotate_right(cpu.imm(sa + 32)));
    drotrv  |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rt).rotate_right(cpu.r(rs)));
}

/// The amount by which a 32-bit shift moves: the low five bits. (Shifts of 64 bits use the low six
/// by themselves.)
#[inline(always)]
fn amount5<D: Domain>(cpu: D, rs: u8) -> D::Word {
    cpu.r(rs) & cpu.imm(31)
}

/// A word in both halves: shifting that right rotates the word.
#[inline(always)]
fn twice<D: Domain>(cpu: D, rt: u8) -> D::Word {
    cpu.r(rt) << cpu.imm(32) | cpu.r(rt).zext(32)
}
