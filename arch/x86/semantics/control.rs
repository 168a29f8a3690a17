//! Control transfer instructions.

use super::flags::Flags;
use super::transfer::part;
use super::{Hart, low, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{RBP, RCX, RSP, ZF};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::trap::Trap;

semantics! {
    jmp    |cpu, it, to| cpu.jump(target(cpu, it, to)?)?;
    jcc    |cpu, it| cpu.branch(cpu.condition(it.condition), it.immediate)?;
    jrcxz  |cpu, it| {
        let count = cpu.read(RCX).zext(it.address_bits);
        cpu.branch(count.eq(cpu.imm(0)), it.immediate)?;
    };
    loop_  |cpu, it| {
        let more = count_down(cpu, it);
        cpu.branch(more, it.immediate)?;
    };
    loope  |cpu, it| {
        let more = count_down(cpu, it);
        cpu.branch(more & cpu.flag(ZF), it.immediate)?;
    };
    loopne |cpu, it| {
        let more = count_down(cpu, it);
        cpu.branch(more & !cpu.flag(ZF), it.immediate)?;
    };
    call   |cpu, it, to| {
        let target = target(cpu, it, to)?;
        cpu.push_word(64, cpu.address(cpu.pc().wrapping_add(it.length.into())))?;
        cpu.jump(target)?;
    };
    ret    |cpu, it| {
        let (target, top) = cpu.pop_word(64)?;
        cpu.write(RSP, top + cpu.constant(low(it.immediate, 16)));
        cpu.jump(target)?;
    };
    int3   |cpu| cpu.trap(Trap::Breakpoint)?;
    int    |cpu, it| cpu.trap(match it.immediate {
        // What int3 does, in two bytes.
        3 => Trap::Breakpoint,
        number => Trap::Software { code: number as u32 },
    })?;
}

// Procedures' frames
semantics! {
    enter |cpu, it| {
        let (size, depth) = (low(it.immediate, 16), it.immediate >> 16 & 31);
        let frame = cpu.read(RSP) - cpu.imm(8);
        let before = cpu.read(RBP);
        cpu.store(super::access(64), frame, before)?;
        for level in 1..depth {
            let at = before - cpu.constant(8 * level);
            let outer = cpu.load(super::access(64), at)?;
            cpu.store(super::access(64), frame - cpu.constant(8 * level), outer)?;
        }
        if depth > 0 {
            cpu.store(super::access(64), frame - cpu.constant(8 * depth), frame)?;
        }
        cpu.write(RBP, frame);
        cpu.write(RSP, frame - cpu.constant(8 * depth + size));
    };
    leave |cpu| {
        let frame = cpu.read(RBP);
        let before = cpu.load(super::access(64), frame)?;
        cpu.write(RSP, frame + cpu.imm(8));
        cpu.write(RBP, before);
    };
}

/// Where a jump or call goes to.
#[inline(always)]
fn target<D: Domain>(cpu: D, it: &Instruction, to: Operand) -> Result<D::Word, D::Leave> {
    match to.kind {
        Kind::Immediate => Ok(cpu.address(it.immediate)),
        _ => cpu.get(it, to),
    }
}

/// Counts rcx down, of the width of addresses. Tells whether it is not zero then.
#[inline(always)]
fn count_down<D: Domain>(cpu: D, it: &Instruction) -> D::Condition {
    let count = (cpu.read(RCX) - cpu.imm(1)).zext(it.address_bits);
    cpu.set_part(part(RCX, it.address_bits), count);
    count.ne(cpu.imm(0))
}
