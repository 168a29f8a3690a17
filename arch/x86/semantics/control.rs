//! Control transfer instructions.

use super::flag_control::load_flags;
use super::flags::Flags;
use super::transfer::part;
use super::{GENERAL_PROTECTION, Hart, low, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{OTHER_FLAGS, RBP, RCX, RSP, USER_CODE, USER_DATA, ZF};
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
    int1   |cpu| cpu.trap(Trap::Breakpoint)?;
    int3   |cpu| cpu.trap(Trap::Breakpoint)?;
    int    |cpu, it| cpu.trap(match it.immediate {
        // What int3 does, in two bytes.
        3 => Trap::Breakpoint,
        number => Trap::Software { code: number as u32 },
    })?;
}

// Far returns
semantics! {
    retf |cpu, it, size| {
        let [target, selector] = popped(cpu, size.bits)?;
        refuse_other_code(cpu, selector)?;
        let taken = cpu.constant(u64::from(size.bits / 4) + low(it.immediate, 16));
        cpu.write(RSP, cpu.read(RSP) + taken);
        cpu.jump(target)?;
    };
    iret |cpu, _it, size| {
        let nested = cpu.read(OTHER_FLAGS) & cpu.constant(NESTED_TASK);
        cpu.trap_when(nested.ne(cpu.imm(0)), protection())?;
        let [target, selector, flags, stack, stack_selector] = popped(cpu, size.bits)?;
        refuse_other_code(cpu, selector)?;
        cpu.trap_when(stack_selector.ne(cpu.constant(USER_DATA)), protection())?;
        load_flags(cpu, size.bits, flags);
        cpu.write(RSP, stack);
        cpu.jump(target)?;
    };
}

/// NT of rflags: interrupts return to another task then, which there is not in this mode.
pub const NESTED_TASK: u64 = 1 << 14;

/// #GP
fn protection<W>() -> Trap<W> {
    Trap::Software {
        code: GENERAL_PROTECTION,
    }
}

/// The words on top of the stack, the last one pushed first. Selectors have 16 bits, however wide they were pushed.
#[inline(always)]
fn popped<D: Domain, const WORDS: usize>(cpu: D, bits: u8) -> Result<[D::Word; WORDS], D::Leave> {
    /// Which of them are selectors.
    const SELECTORS: [usize; 2] = [1, 4];
    let top = cpu.read(RSP);
    let mut words = [top; WORDS];
    for (index, word) in words.iter_mut().enumerate() {
        let at = top + cpu.constant(index as u64 * u64::from(bits / 8));
        *word = cpu.load(super::access(bits), at)?;
        if SELECTORS.contains(&index) {
            *word = word.zext(16);
        }
    }
    Ok(words)
}

/// Refuses to go on as other than a program's code of 64 bits. Of the others, Linux has one that is allowed: the code
/// of 32 bits, which is another instruction set.
#[inline(always)]
fn refuse_other_code<D: Domain>(cpu: D, selector: D::Word) -> Result<(), D::Leave> {
    const CODE_32: u64 = 0x23;
    cpu.trap_when(selector.eq(cpu.constant(CODE_32)), Trap::Illegal)?;
    cpu.trap_when(selector.ne(cpu.constant(USER_CODE)), protection())
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
