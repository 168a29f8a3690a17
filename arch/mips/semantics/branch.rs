//! CPU Branch and Jump Instructions, and FPU Branch Instructions: what comes after the delay slot.

use super::{Hart, semantics};
use crate::regs::{CONDITIONS, TARGET};
use portolan_machine::domain::{Domain, Word};

/// The register that branch-and-link instructions write.
const RA: u8 = 31;

semantics! {
    beq    |cpu, rs, rt, imm| branch(cpu, cpu.r(rs).eq(cpu.r(rt)), imm);
    bgez   |cpu, rs, imm| branch(cpu, cpu.r(rs).ge_s(cpu.imm(0)), imm);
    bgezal |cpu, rs, imm| {
        branch(cpu, cpu.r(rs).ge_s(cpu.imm(0)), imm);
        link(cpu, RA);
    };
    bgtz   |cpu, rs, imm| branch(cpu, cpu.imm(0).lt_s(cpu.r(rs)), imm);
    blez   |cpu, rs, imm| branch(cpu, cpu.imm(0).ge_s(cpu.r(rs)), imm);
    bltz   |cpu, rs, imm| branch(cpu, cpu.r(rs).lt_s(cpu.imm(0)), imm);
    bltzal |cpu, rs, imm| {
        branch(cpu, cpu.r(rs).lt_s(cpu.imm(0)), imm);
        link(cpu, RA);
    };
    bne    |cpu, rs, rt, imm| branch(cpu, cpu.r(rs).ne(cpu.r(rt)), imm);
    j      |cpu, imm| cpu.write(TARGET, cpu.address(region(cpu.pc(), imm)));
    jal    |cpu, imm| {
        cpu.write(TARGET, cpu.address(region(cpu.pc(), imm)));
        link(cpu, RA);
    };
    jalr   |cpu, rs, rd| {
        cpu.write(TARGET, cpu.r(rs));
        link(cpu, rd);
    };
    jr     |cpu, rs| cpu.write(TARGET, cpu.r(rs));
    jalr_hb |cpu, rs, rd| {
        cpu.write(TARGET, cpu.r(rs));
        link(cpu, rd);
        cpu.fence_instructions();
    };
    jr_hb  |cpu, rs| {
        cpu.write(TARGET, cpu.r(rs));
        cpu.fence_instructions();
    };
}

semantics! {
    beql    |cpu, rs, rt, imm| branch_likely(cpu, cpu.r(rs).eq(cpu.r(rt)), imm)?;
    bgezall |cpu, rs, imm| {
        let taken = cpu.r(rs).ge_s(cpu.imm(0));
        link(cpu, RA);
        branch_likely(cpu, taken, imm)?;
    };
    bgezl   |cpu, rs, imm| branch_likely(cpu, cpu.r(rs).ge_s(cpu.imm(0)), imm)?;
    bgtzl   |cpu, rs, imm| branch_likely(cpu, cpu.imm(0).lt_s(cpu.r(rs)), imm)?;
    blezl   |cpu, rs, imm| branch_likely(cpu, cpu.imm(0).ge_s(cpu.r(rs)), imm)?;
    bltzall |cpu, rs, imm| {
        let taken = cpu.r(rs).lt_s(cpu.imm(0));
        link(cpu, RA);
        branch_likely(cpu, taken, imm)?;
    };
    bltzl   |cpu, rs, imm| branch_likely(cpu, cpu.r(rs).lt_s(cpu.imm(0)), imm)?;
    bnel    |cpu, rs, rt, imm| branch_likely(cpu, cpu.r(rs).ne(cpu.r(rt)), imm)?;
}

semantics! {
    bc1f  |cpu, cc, imm| branch(cpu, condition(cpu, cc).eq(cpu.imm(0)), imm);
    bc1t  |cpu, cc, imm| branch(cpu, condition(cpu, cc).ne(cpu.imm(0)), imm);
    bc1fl |cpu, cc, imm| branch_likely(cpu, condition(cpu, cc).eq(cpu.imm(0)), imm)?;
    bc1tl |cpu, cc, imm| branch_likely(cpu, condition(cpu, cc).ne(cpu.imm(0)), imm)?;
}

/// Where a branch goes to: the offset counts from the delay slot.
#[inline(always)]
fn target(pc: u64, offset: i32) -> u64 {
    pc.wrapping_add(4).wrapping_add(i64::from(offset) as u64)
}

/// Where a jump goes to: in the region of the delay slot.
#[inline(always)]
fn region(pc: u64, index: i32) -> u64 {
    pc.wrapping_add(4) & !0x0fff_ffff | index as u64
}

/// The address after the delay slot.
#[inline(always)]
fn after_slot<D: Domain>(cpu: D) -> u64 {
    cpu.pc().wrapping_add(8)
}

#[inline(always)]
fn branch<D: Domain>(cpu: D, taken: D::Condition, offset: i32) {
    let there = cpu.address(target(cpu.pc(), offset));
    cpu.write(
        TARGET,
        cpu.select(taken, there, cpu.address(after_slot(cpu))),
    );
}

/// A branch that jumps over its delay slot if it is not taken.
#[inline(always)]
fn branch_likely<D: Domain>(cpu: D, taken: D::Condition, offset: i32) -> Result<(), D::Leave> {
    cpu.write(TARGET, cpu.address(target(cpu.pc(), offset)));
    cpu.branch(!taken, after_slot(cpu))
}

#[inline(always)]
fn link<D: Domain>(cpu: D, register: u8) {
    cpu.set_r(register, cpu.address(after_slot(cpu)));
}

/// Zero if a floating-point condition is false.
#[inline(always)]
pub(super) fn condition<D: Domain>(cpu: D, cc: u8) -> D::Word {
    cpu.read(CONDITIONS) & cpu.imm(1 << cc)
}
