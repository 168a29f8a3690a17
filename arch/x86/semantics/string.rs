//! String instructions.
//!
//! A repeated one does one element and then starts again, so that between any two elements the state is
//! as the manual has it: an element that faults is the next one. Moves and stores may go ahead by many
//! elements that do not fault.

use super::flags::Flags;
use super::transfer::part;
use super::{Hart, access, semantics};
use crate::decode::{Instruction, Operand, Prefix};
use crate::encoding::Op;
use crate::regs::{CF, DF, RAX, RCX, RDI, RSI, ZF};
use portolan_machine::domain::{Domain, Turns, Word};

semantics! {
    movs |cpu, it, to| repeat(cpu, it, |count| {
        go_ahead(cpu, it, to, Turns::Copy(access(to.bits)), source(cpu, it), count)?;
        let element = cpu.load(access(to.bits), source(cpu, it))?;
        cpu.store(access(to.bits), pointer(cpu, it, RDI), element)?;
        advance(cpu, it, to, &[RSI, RDI]);
        Ok(())
    })?;
    cmps |cpu, it, to| repeat(cpu, it, |_| {
        let a = cpu.load(access(to.bits), source(cpu, it))?;
        let b = cpu.load(access(to.bits), pointer(cpu, it, RDI))?;
        compare(cpu, to.bits, a, b);
        advance(cpu, it, to, &[RSI, RDI]);
        Ok(())
    })?;
    scas |cpu, it, to| repeat(cpu, it, |_| {
        let element = cpu.load(access(to.bits), pointer(cpu, it, RDI))?;
        compare(cpu, to.bits, cpu.read(RAX).zext(to.bits), element);
        advance(cpu, it, to, &[RDI]);
        Ok(())
    })?;
    lods |cpu, it, to| repeat(cpu, it, |_| {
        let element = cpu.load(access(to.bits), source(cpu, it))?;
        cpu.set_part(part(RAX, to.bits), element);
        advance(cpu, it, to, &[RSI]);
        Ok(())
    })?;
    stos |cpu, it, to| repeat(cpu, it, |count| {
        go_ahead(cpu, it, to, Turns::Fill(access(to.bits)), cpu.read(RAX), count)?;
        cpu.store(access(to.bits), pointer(cpu, it, RDI), cpu.read(RAX))?;
        advance(cpu, it, to, &[RDI]);
        Ok(())
    })?;
}

/// Carries one element out, as often as the prefix says. It is told how often that is yet to be.
#[inline(always)]
fn repeat<D: Domain>(
    cpu: D,
    it: &Instruction,
    element: impl FnOnce(Option<D::Word>) -> Result<(), D::Leave>,
) -> Result<(), D::Leave> {
    if it.prefix == Prefix::None {
        return element(None);
    }
    let count = cpu.read(RCX).zext(it.address_bits);
    let some = count.ne(cpu.imm(0));
    cpu.when(some, || {
        element(Some(count))?;
        let rest = count - cpu.imm(1);
        cpu.set_part(part(RCX, it.address_bits), rest);
        let mut again = rest.ne(cpu.imm(0));
        if matches!(it.op, Op::cmps | Op::scas) {
            let equal = cpu.flag(ZF);
            again = again
                & if it.prefix == Prefix::Repne {
                    !equal
                } else {
                    equal
                };
        }
        cpu.when(again, || cpu.jump(cpu.constant(cpu.pc())))
    })
}

/// Carries out as many elements as can be done at once, upwards in addresses that do not wrap.
#[inline(always)]
fn go_ahead<D: Domain>(
    cpu: D,
    it: &Instruction,
    element: Operand,
    turns: Turns,
    from: D::Word,
    count: Option<D::Word>,
) -> Result<(), D::Leave> {
    let Some(count) = count.filter(|_| it.address_bits == 64) else {
        return Ok(());
    };
    let most = cpu.select(cpu.flag(DF), cpu.imm(0), count);
    cpu.ahead(turns, [cpu.read(RDI), from, most], |done| {
        let bytes = done * cpu.imm(element.bits / 8);
        cpu.write(RDI, cpu.read(RDI) + bytes);
        if matches!(turns, Turns::Copy(_)) {
            cpu.write(RSI, cpu.read(RSI) + bytes);
        }
        let rest = count - done;
        cpu.write(RCX, rest);
        let next = cpu.pc().wrapping_add(it.length.into());
        cpu.when(rest.eq(cpu.imm(0)), || cpu.jump(cpu.constant(next)))?;
        cpu.jump(cpu.constant(cpu.pc()))
    })
}

#[inline(always)]
fn pointer<D: Domain>(cpu: D, it: &Instruction, slot: u8) -> D::Word {
    cpu.narrow_address(it, cpu.read(slot))
}

/// The element at rsi, whose segment a prefix may choose.
#[inline(always)]
fn source<D: Domain>(cpu: D, it: &Instruction) -> D::Word {
    cpu.in_segment(it, pointer(cpu, it, RSI))
}

/// Moves the pointers by one element, up or down.
#[inline(always)]
fn advance<D: Domain>(cpu: D, it: &Instruction, element: Operand, pointers: &[u8]) {
    let bytes = cpu.imm(element.bits / 8);
    let step = cpu.select(cpu.flag(DF), -bytes, bytes);
    for &slot in pointers {
        let next = cpu.read(slot) + step;
        cpu.set_part(part(slot, it.address_bits), cpu.narrow_address(it, next));
    }
}

#[inline(always)]
fn compare<D: Domain>(cpu: D, bits: u8, a: D::Word, b: D::Word) {
    cpu.flags_of_difference(bits, a, b, (a - b).zext(bits));
    cpu.set_flag(CF, a.lt_u(b));
}
