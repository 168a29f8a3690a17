//! M: integer multiplication and division.

use super::{Hart, semantics};
use portolan_machine::domain::{Domain, Word};

// Multiplication Operations
semantics! {
    mul    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) * cpu.x(rs2));
    mulh   |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).mul_high_s(cpu.x(rs2)));
    mulhsu |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).mul_high_su(cpu.x(rs2)));
    mulhu  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).mul_high_u(cpu.x(rs2)));
    mulw   |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) * cpu.x(rs2)).sext(32));
}

// Division Operations
semantics! {
    div   |cpu, rd, rs1, rs2| cpu.set_x(rd, quotient_s(cpu, cpu.x(rs1), cpu.x(rs2)));
    divu  |cpu, rd, rs1, rs2| cpu.set_x(rd, quotient_u(cpu, cpu.x(rs1), cpu.x(rs2)));
    rem   |cpu, rd, rs1, rs2| cpu.set_x(rd, remainder_s(cpu, cpu.x(rs1), cpu.x(rs2)));
    remu  |cpu, rd, rs1, rs2| cpu.set_x(rd, remainder_u(cpu, cpu.x(rs1), cpu.x(rs2)));
    divw  |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, quotient_s(cpu, cpu.x(rs1).sext(32), cpu.x(rs2).sext(32)).sext(32));
    };
    divuw |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, quotient_u(cpu, cpu.x(rs1).zext(32), cpu.x(rs2).zext(32)).sext(32));
    };
    remw  |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, remainder_s(cpu, cpu.x(rs1).sext(32), cpu.x(rs2).sext(32)).sext(32));
    };
    remuw |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, remainder_u(cpu, cpu.x(rs1).zext(32), cpu.x(rs2).zext(32)).sext(32));
    };
}

/// Division by zero gives all ones; the one quotient that does not fit is the dividend.
#[inline(always)]
fn quotient_s<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> D::Word {
    let quotient = a.div_s(safe_divisor(cpu, a, b));
    cpu.select(b.eq(cpu.imm(0)), cpu.imm(-1), quotient)
}

/// Division by zero gives all ones.
#[inline(always)]
fn quotient_u<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> D::Word {
    let by_zero = b.eq(cpu.imm(0));
    cpu.select(
        by_zero,
        cpu.imm(-1),
        a.div_u(cpu.select(by_zero, cpu.imm(1), b)),
    )
}

/// Division by zero leaves the dividend; where the quotient does not fit, nothing remains.
#[inline(always)]
fn remainder_s<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> D::Word {
    let remainder = a.rem_s(safe_divisor(cpu, a, b));
    cpu.select(b.eq(cpu.imm(0)), a, remainder)
}

/// Division by zero leaves the dividend.
#[inline(always)]
fn remainder_u<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> D::Word {
    let by_zero = b.eq(cpu.imm(0));
    cpu.select(by_zero, a, a.rem_u(cpu.select(by_zero, cpu.imm(1), b)))
}

/// The divisor, or 1 where dividing would trap on the host: by zero, and the smallest number by
/// -1, whose quotient by 1 is what the manual asks for.
#[inline(always)]
fn safe_divisor<D: Domain>(cpu: D, a: D::Word, b: D::Word) -> D::Word {
    let overflows = a.eq(cpu.imm(i64::MIN)) & b.eq(cpu.imm(-1));
    cpu.select(b.eq(cpu.imm(0)) | overflows, cpu.imm(1), b)
}
