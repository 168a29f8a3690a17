//! CPU Load, Store, and Memory Control Instructions.
//!
//! Loads and stores that are not aligned trap in the processor, and Linux completes them: here
//! they just work. Those of ll and sc do not.

use super::{Hart, semantics};
use crate::decode::Mode;
use crate::regs::{LINKED_ADDRESS, LINKED_BYTES, LINKED_VALUE};
use portolan_machine::domain::{Condition, Domain, Word};
use portolan_machine::memory::{Access, Intent, Order};

semantics! {
    lb   |cpu, base, rt, imm, mode| cpu.set_r(rt, cpu.load(Access::I8, cpu.at(mode, base, imm))?);
    lbu  |cpu, base, rt, imm, mode| cpu.set_r(rt, cpu.load(Access::U8, cpu.at(mode, base, imm))?);
    lh   |cpu, base, rt, imm, mode| cpu.set_r(rt, load(cpu, Access::I16, mode, base, imm)?);
    lhu  |cpu, base, rt, imm, mode| cpu.set_r(rt, load(cpu, Access::U16, mode, base, imm)?);
    ll   |cpu, base, rt, imm, mode| load_linked(cpu, Access::I32, mode, base, rt, imm)?;
    lw   |cpu, base, rt, imm, mode| cpu.set_r(rt, load(cpu, Access::I32, mode, base, imm)?);
    lwl  |cpu, base, rt, imm, mode| {
        cpu.set_word(rt, load_left(cpu, Access::U32, mode, cpu.at(mode, base, imm), cpu.r(rt))?);
    };
    lwr  |cpu, base, rt, imm, mode| {
        cpu.set_word(rt, load_right(cpu, Access::U32, mode, cpu.at(mode, base, imm), cpu.r(rt))?);
    };
    pref |cpu| { let _ = cpu; };
    sb   |cpu, base, rt, imm, mode| cpu.store(Access::U8, cpu.at(mode, base, imm), cpu.r(rt))?;
    sc   |cpu, base, rt, imm, mode| store_conditional(cpu, Access::I32, mode, base, rt, imm)?;
    sh   |cpu, base, rt, imm, mode| store(cpu, Access::U16, mode, base, imm, cpu.r(rt))?;
    sw   |cpu, base, rt, imm, mode| store(cpu, Access::U32, mode, base, imm, cpu.r(rt))?;
    swl  |cpu, base, rt, imm, mode| {
        store_left(cpu, Access::U32, mode, cpu.at(mode, base, imm), cpu.r(rt))?;
    };
    swr  |cpu, base, rt, imm, mode| {
        store_right(cpu, Access::U32, mode, cpu.at(mode, base, imm), cpu.r(rt))?;
    };
    sync |cpu| cpu.fence();
    synci |cpu| cpu.fence_instructions();
}

semantics! {
    ld   |cpu, base, rt, imm, mode| cpu.set_r(rt, load(cpu, Access::U64, mode, base, imm)?);
    ldl  |cpu, base, rt, imm, mode| {
        cpu.set_r(rt, load_left(cpu, Access::U64, mode, cpu.at(mode, base, imm), cpu.r(rt))?);
    };
    ldr  |cpu, base, rt, imm, mode| {
        cpu.set_r(rt, load_right(cpu, Access::U64, mode, cpu.at(mode, base, imm), cpu.r(rt))?);
    };
    lld  |cpu, base, rt, imm, mode| load_linked(cpu, Access::U64, mode, base, rt, imm)?;
    lwu  |cpu, base, rt, imm, mode| cpu.set_r(rt, load(cpu, Access::U32, mode, base, imm)?);
    scd  |cpu, base, rt, imm, mode| store_conditional(cpu, Access::U64, mode, base, rt, imm)?;
    sd   |cpu, base, rt, imm, mode| store(cpu, Access::U64, mode, base, imm, cpu.r(rt))?;
    sdl  |cpu, base, rt, imm, mode| {
        store_left(cpu, Access::U64, mode, cpu.at(mode, base, imm), cpu.r(rt))?;
    };
    sdr  |cpu, base, rt, imm, mode| {
        store_right(cpu, Access::U64, mode, cpu.at(mode, base, imm), cpu.r(rt))?;
    };
}

#[inline(always)]
fn load<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    base: u8,
    offset: i32,
) -> Result<D::Word, D::Leave> {
    cpu.load(access.with_order(mode.order()), cpu.at(mode, base, offset))
}

#[inline(always)]
fn store<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    base: u8,
    offset: i32,
    value: D::Word,
) -> Result<(), D::Leave> {
    cpu.store(
        access.with_order(mode.order()),
        cpu.at(mode, base, offset),
        value,
    )
}

/// The number of bytes between an address and the end of its aligned unit at which the guest keeps
/// the least significant byte.
#[inline(always)]
fn bytes_below<D: Domain>(cpu: D, access: Access, mode: Mode, address: D::Word) -> D::Word {
    let last = cpu.imm(access.bytes - 1);
    match mode.order() {
        Order::Little => address & last,
        Order::Big => !address & last,
    }
}

/// The aligned unit around an address. If it is not there, that is told of the address itself.
#[inline(always)]
fn load_aligned<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    address: D::Word,
) -> Result<D::Word, D::Leave> {
    cpu.load(Access::U8, address)?;
    let start = address & cpu.imm(-i64::from(access.bytes));
    cpu.load(access.with_order(mode.order()), start)
}

/// The byte at the address becomes the most significant one, those below it in the unit follow, and
/// the others stay.
#[inline(always)]
fn load_left<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    address: D::Word,
    old: D::Word,
) -> Result<D::Word, D::Leave> {
    let unit = load_aligned(cpu, access, mode, address)?;
    let above = cpu.imm(access.bytes - 1) - bytes_below(cpu, access, mode, address);
    let shift = above << cpu.imm(3);
    let kept = (cpu.imm(1) << shift) - cpu.imm(1);
    Ok(unit << shift | old & kept)
}

/// The byte at the address becomes the least significant one, those above it in the unit follow,
/// and the others stay.
#[inline(always)]
fn load_right<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    address: D::Word,
    old: D::Word,
) -> Result<D::Word, D::Leave> {
    let unit = load_aligned(cpu, access, mode, address)?;
    let shift = bytes_below(cpu, access, mode, address) << cpu.imm(3);
    let all = cpu.imm(-1).zext(access.bytes * 8);
    Ok(unit >> shift | old & !(all >> shift))
}

/// Stores the most significant byte at the address and the next ones below it, to the end of the
/// unit.
#[inline(always)]
fn store_left<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    address: D::Word,
    value: D::Word,
) -> Result<(), D::Leave> {
    let below = bytes_below(cpu, access, mode, address);
    for n in 0..access.bytes {
        let byte = value >> cpu.imm(8 * (access.bytes - 1 - n));
        let place = match mode.order() {
            Order::Little => address - cpu.imm(n),
            Order::Big => address + cpu.imm(n),
        };
        cpu.when(below.ge_u(cpu.imm(n)), || {
            cpu.store(Access::U8, place, byte)
        })?;
    }
    Ok(())
}

/// Stores the least significant byte at the address and the next ones above it, to the end of the
/// unit.
#[inline(always)]
fn store_right<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    address: D::Word,
    value: D::Word,
) -> Result<(), D::Leave> {
    let last = cpu.imm(access.bytes - 1);
    let above = last - bytes_below(cpu, access, mode, address);
    for n in 0..access.bytes {
        let byte = value >> cpu.imm(8 * n);
        let place = match mode.order() {
            Order::Little => address + cpu.imm(n),
            Order::Big => address - cpu.imm(n),
        };
        cpu.when(above.ge_u(cpu.imm(n)), || {
            cpu.store(Access::U8, place, byte)
        })?;
    }
    Ok(())
}

// Linked accesses must be aligned; the operating system does not help.

#[inline(always)]
fn load_linked<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    base: u8,
    rt: u8,
    offset: i32,
) -> Result<(), D::Leave> {
    let address = cpu.at(mode, base, offset);
    cpu.trap_unless_aligned(access, address, Intent::Read)?;
    let value = cpu.load(access.with_order(mode.order()), address)?;
    cpu.fence();
    cpu.write(LINKED_BYTES, cpu.imm(access.bytes));
    cpu.write(LINKED_ADDRESS, address);
    cpu.write(LINKED_VALUE, value);
    cpu.set_r(rt, value);
    Ok(())
}

/// Stores if memory still holds what the load-linked of the same bytes saw. That is weaker than a
/// link: a value that changed and changed back goes unnoticed (ABA).
#[inline(always)]
fn store_conditional<D: Domain>(
    cpu: D,
    access: Access,
    mode: Mode,
    base: u8,
    rt: u8,
    offset: i32,
) -> Result<(), D::Leave> {
    let address = cpu.at(mode, base, offset);
    cpu.trap_unless_aligned(access, address, Intent::Write)?;
    let value = cpu.r(rt);
    let linked =
        cpu.read(LINKED_BYTES).eq(cpu.imm(access.bytes)) & cpu.read(LINKED_ADDRESS).eq(address);
    let expected = cpu.read(LINKED_VALUE);
    cpu.when(linked, || {
        let access = access.with_order(mode.order());
        let old = cpu.compare_exchange(access, address, expected, value)?;
        cpu.set_r(rt, old.eq(expected).word());
        Ok(())
    })?;
    cpu.when(!linked, || {
        cpu.set_r(rt, cpu.imm(0));
        Ok(())
    })?;
    cpu.write(LINKED_BYTES, cpu.imm(0));
    Ok(())
}
