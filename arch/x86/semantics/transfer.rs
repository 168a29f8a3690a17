//! Data transfer instructions.

use super::flags::Flags;
use super::{ALIGNED, GENERAL_PROTECTION, Hart, access, semantics};
use crate::decode::{Instruction, Kind, Operand, Prefix};
use crate::regs::{
    CF, FS_BASE, FS_SELECTOR, GENERAL, GS_BASE, GS_SELECTOR, RAX, RBX, RCX, RDX, RSP,
    STACK_SELECTOR, USER_DATA, ZF,
};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::{Intent, Rmw};
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

semantics! {
    mov     |cpu, it, to, from| {
        let value = cpu.get_like(it, from, to)?.zext(to.bits);
        match is_selector(to) {
            true => load_selector(cpu, to.slot, value)?,
            false => cpu.set(it, to, value)?,
        }
    };
    movzx   |cpu, it, to, from| cpu.set(it, to, cpu.get(it, from)?)?;
    movsx   |cpu, it, to, from| cpu.set(it, to, cpu.get(it, from)?.sext(from.bits).zext(to.bits))?;
    bswap   |cpu, it, to| cpu.set(it, to, cpu.get(it, to)?.swap_bytes() >> cpu.imm(64 - to.bits))?;
    movbe   |cpu, it, to, from| {
        let value = cpu.get(it, from)?.swap_bytes() >> cpu.imm(64 - to.bits);
        cpu.set(it, to, value)?;
    };
    lea     |cpu, it, to| cpu.set(it, to, cpu.effective_address(it).zext(to.bits))?;
    xlat    |cpu, it| {
        let at = cpu.narrow_address(it, cpu.read(RBX) + cpu.read(RAX).zext(8));
        let byte = cpu.load(access(8), cpu.in_segment(it, at))?;
        cpu.set_part(part(RAX, 8), byte);
    };
    cmovcc  |cpu, it, to, from| {
        let (yes, no) = (cpu.get(it, from)?, cpu.get(it, to)?);
        cpu.set(it, to, cpu.select(cpu.condition(it.condition), yes, no))?;
    };
}

// Exchanges
semantics! {
    xchg |cpu, it, one, other| match one.kind {
        // With memory, the lock goes without saying.
        Kind::Memory => {
            let old = cpu.rmw(access(one.bits), Rmw::Swap, cpu.at(it), cpu.part(other))?;
            cpu.set_part(other, old);
        }
        _ => {
            let (a, b) = (cpu.get(it, one)?, cpu.get(it, other)?);
            cpu.set(it, one, b)?;
            cpu.set(it, other, a)?;
        }
    };
    xadd |cpu, it, to, from| {
        let b = cpu.part(from);
        let (a, sum) = cpu.modify_by(it, to, Rmw::Add, b)?;
        cpu.flags_of_sum(to.bits, a, b, sum);
        cpu.set_flag(CF, sum.lt_u(a));
        cpu.set_part(from, a);
        // The sum wins where both are one register.
        if to.kind == Kind::Register {
            cpu.set_part(to, sum);
        }
    };
    cmpxchg |cpu, it, to, from| {
        let accumulator = part(RAX, to.bits);
        let (expected, new) = (cpu.part(accumulator), cpu.part(from));
        let found = match (to.kind, it.prefix) {
            (Kind::Memory, Prefix::Lock) => {
                cpu.compare_exchange(access(to.bits), cpu.at(it), expected, new)?
            }
            (Kind::Memory, _) => {
                let found = cpu.get(it, to)?;
                // Memory is written in any case.
                cpu.set(it, to, cpu.select(found.eq(expected), new, found))?;
                found
            }
            _ => {
                let found = cpu.part(to);
                set_part_if(cpu, found.eq(expected), to, new);
                found
            }
        };
        let equal = found.eq(expected);
        let difference = (expected - found).zext(to.bits);
        cpu.flags_of_difference(to.bits, expected, found, difference);
        cpu.set_flag(CF, expected.lt_u(found));
        set_part_if(cpu, !equal, accumulator, found);
    };
    cmpxchg8b |cpu, it| {
        let pair = |high, low| cpu.read(high) << cpu.imm(32) | cpu.read(low).zext(32);
        let (expected, new) = (pair(RDX, RAX), pair(RCX, RBX));
        let found = cpu.compare_exchange(access(64), cpu.at(it), expected, new)?;
        let equal = found.eq(expected);
        cpu.set_flag(ZF, equal);
        cpu.write(RAX, cpu.select(equal, cpu.read(RAX), found.zext(32)));
        cpu.write(RDX, cpu.select(equal, cpu.read(RDX), found >> cpu.imm(32)));
    };
}

semantics! { out of line:
    cmpxchg16b |cpu, it| {
        let at = cpu.at(it);
        cpu.trap_unless_aligned(ALIGNED, at, Intent::Write)?;
        let expected = [cpu.read(RAX), cpu.read(RDX)];
        let found = [cpu.load(access(64), at)?, cpu.load(access(64), at + cpu.imm(8))?];
        let equal = found[0].eq(expected[0]) & found[1].eq(expected[1]);
        // Memory is written in any case, which shows that both halves were there at one time.
        let new = [(RBX, found[0]), (RCX, found[1])]
            .map(|(slot, found)| cpu.select(equal, cpu.read(slot), found));
        let done = cpu.compare_exchange_pair(at, found, new)?;
        cpu.when(done.eq(cpu.imm(0)), || cpu.jump(cpu.constant(cpu.pc())))?;
        cpu.set_flag(ZF, equal);
        cpu.write(RAX, found[0]);
        cpu.write(RDX, found[1]);
    };
}

// The stack
semantics! {
    push |cpu, it, from| {
        // Segment registers and immediates are pushed as wide as the stack is.
        let bits = if from.bits == 16 && !is_selector(from) { 16 } else { 64 };
        cpu.push_word(bits, cpu.get(it, from)?)?;
    };
    pop  |cpu, it, to| {
        let bits = if to.bits == 16 && !is_selector(to) { 16 } else { 64 };
        let (value, top) = cpu.pop_word(bits)?;
        match to.kind {
            // An address relative to rsp is that after the pop.
            Kind::Memory => {
                let before = cpu.read(RSP);
                cpu.write(RSP, top);
                let at = cpu.at(it);
                cpu.write(RSP, before);
                cpu.store(access(bits), at, value)?;
                cpu.write(RSP, top);
            }
            _ if is_selector(to) => {
                load_selector(cpu, to.slot, value.zext(to.bits))?;
                cpu.write(RSP, top);
            }
            _ => {
                cpu.write(RSP, top);
                cpu.set_part(to, value.zext(to.bits));
            }
        }
    };
}

// The accumulator's sign
semantics! {
    cbw |cpu, it| {
        let bits = accumulator_bits(it);
        cpu.set_part(part(RAX, bits), cpu.read(RAX).sext(bits / 2).zext(bits));
    };
    cwd |cpu, it| {
        let bits = accumulator_bits(it);
        let sign = cpu.read(RAX).sext(bits).sar(cpu.imm(63));
        cpu.set_part(part(RDX, bits), sign.zext(bits));
    };
}

/// Replaces a register's part if the condition holds; otherwise the whole register stays.
#[inline(always)]
pub(super) fn set_part_if<D: Domain>(cpu: D, condition: D::Condition, to: Operand, value: D::Word) {
    let before = cpu.read(to.slot);
    cpu.set_part(to, value);
    cpu.write(to.slot, cpu.select(condition, cpu.read(to.slot), before));
}

/// The low bits of a register, as an operand.
pub(super) const fn part(slot: u8, bits: u8) -> Operand {
    Operand {
        kind: Kind::Register,
        slot,
        source: slot,
        bits,
        shift: 0,
    }
}

/// The operand size of an instruction without operands.
fn accumulator_bits(it: &Instruction) -> u8 {
    it.operands[0].bits
}

/// Loads a segment register (Volume 2, "MOV"). The descriptors that programs may use are those of
/// Linux: code of 32 bits, data, code of 64 bits, and the one whose limit is the processor's number.
#[inline(always)]
fn load_selector<D: Domain>(cpu: D, slot: Slot, selector: D::Word) -> Result<(), D::Leave> {
    const DESCRIBED: u64 =
        1 << (0x20 >> 2) | 1 << (0x28 >> 2) | 1 << (0x30 >> 2) | 1 << (0x78 >> 2);
    let refused = match slot {
        // The stack's is writable data of the program's own ring.
        STACK_SELECTOR => selector.ne(cpu.constant(USER_DATA)),
        _ => {
            // Its number, and which table it is in.
            let descriptor = selector >> cpu.imm(2);
            let is_null = descriptor.eq(cpu.imm(0));
            let is_there = descriptor.lt_u(cpu.imm(64))
                & ((cpu.constant(DESCRIBED) >> (descriptor & cpu.imm(63))) & cpu.imm(1))
                    .ne(cpu.imm(0));
            !(is_null | is_there)
        }
    };
    let protection = Trap::Software {
        code: GENERAL_PROTECTION,
    };
    cpu.trap_when(refused, protection)?;
    cpu.write(slot, selector);
    match slot {
        FS_SELECTOR => cpu.write(FS_BASE, cpu.imm(0)),
        GS_SELECTOR => cpu.write(GS_BASE, cpu.imm(0)),
        _ => {}
    }
    Ok(())
}

fn is_selector(operand: Operand) -> bool {
    operand.kind == Kind::Register && operand.slot >= GENERAL + 16
}
