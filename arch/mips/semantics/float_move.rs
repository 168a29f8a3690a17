//! FPU Load, Store, and Memory Control Instructions, and FPU Move Instructions.

use super::branch::condition;
use super::float::Floats;
use super::{Hart, semantics};
use crate::decode::Mode;
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::Access;

semantics! {
    ldc1  |cpu, base, ft, imm, mode| {
        cpu.doubles(mode, &[ft])?;
        load_double(cpu, mode, ft, cpu.at(mode, base, imm))?;
    };
    lwc1  |cpu, base, ft, imm, mode| load_single(cpu, mode, ft, cpu.at(mode, base, imm))?;
    sdc1  |cpu, base, ft, imm, mode| {
        cpu.doubles(mode, &[ft])?;
        store_double(cpu, mode, ft, cpu.at(mode, base, imm))?;
    };
    swc1  |cpu, base, ft, imm, mode| store_single(cpu, mode, ft, cpu.at(mode, base, imm))?;
    ldxc1 |cpu, base, index, fd, mode| {
        cpu.doubles(mode, &[fd])?;
        load_double(cpu, mode, fd, indexed(cpu, mode, base, index))?;
    };
    luxc1 |cpu, base, index, fd, mode| {
        cpu.wide_floats(mode)?;
        load_double(cpu, mode, fd, indexed(cpu, mode, base, index) & cpu.imm(!7))?;
    };
    lwxc1 |cpu, base, index, fd, mode| {
        load_single(cpu, mode, fd, indexed(cpu, mode, base, index))?;
    };
    prefx |cpu| { let _ = cpu; };
    sdxc1 |cpu, base, index, fs, mode| {
        cpu.doubles(mode, &[fs])?;
        store_double(cpu, mode, fs, indexed(cpu, mode, base, index))?;
    };
    suxc1 |cpu, base, index, fs, mode| {
        cpu.wide_floats(mode)?;
        store_double(cpu, mode, fs, indexed(cpu, mode, base, index) & cpu.imm(!7))?;
    };
    swxc1 |cpu, base, index, fs, mode| {
        store_single(cpu, mode, fs, indexed(cpu, mode, base, index))?;
    };
}

semantics! {
    mfc1   |cpu, rt, fs, mode| cpu.set_word(rt, cpu.s(mode, fs));
    mtc1   |cpu, rt, fs, mode| cpu.set_s(mode, fs, cpu.r(rt));
    mfhc1  |cpu, rt, fs, mode| cpu.set_word(rt, cpu.d(fs & even(mode)) >> cpu.imm(32));
    mthc1  |cpu, rt, fs, mode| cpu.set_upper(fs & even(mode), cpu.r(rt));
    dmfc1  |cpu, rt, fs| cpu.set_r(rt, cpu.d(fs));
    dmtc1  |cpu, rt, fs| cpu.set_d(fs, cpu.r(rt));
    mov_s  |cpu, fs, fd, mode| cpu.set_s(mode, fd, cpu.s(mode, fs));
    mov_d  |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        cpu.set_d(fd, cpu.d(fs));
    };
    mov_ps |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, cpu.d(fs));
    };
}

semantics! {
    movf_s |cpu, fs, fd, cc, mode| {
        move_single(cpu, mode, fd, fs, condition(cpu, cc).eq(cpu.imm(0)));
    };
    movf_d |cpu, fs, fd, cc, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        move_double(cpu, fd, fs, condition(cpu, cc).eq(cpu.imm(0)));
    };
    movn_s |cpu, fs, fd, rt, mode| move_single(cpu, mode, fd, fs, cpu.r(rt).ne(cpu.imm(0)));
    movn_d |cpu, fs, fd, rt, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        move_double(cpu, fd, fs, cpu.r(rt).ne(cpu.imm(0)));
    };
    movt_s |cpu, fs, fd, cc, mode| {
        move_single(cpu, mode, fd, fs, condition(cpu, cc).ne(cpu.imm(0)));
    };
    movt_d |cpu, fs, fd, cc, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        move_double(cpu, fd, fs, condition(cpu, cc).ne(cpu.imm(0)));
    };
    movz_s |cpu, fs, fd, rt, mode| move_single(cpu, mode, fd, fs, cpu.r(rt).eq(cpu.imm(0)));
    movz_d |cpu, fs, fd, rt, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        move_double(cpu, fd, fs, cpu.r(rt).eq(cpu.imm(0)));
    };
    movf_ps |cpu, fs, fd, cc, mode| {
        cpu.wide_floats(mode)?;
        let lower = condition(cpu, cc).eq(cpu.imm(0));
        let upper = condition(cpu, (cc + 1) & 7).eq(cpu.imm(0));
        move_pair(cpu, fd, fs, lower, upper);
    };
    movt_ps |cpu, fs, fd, cc, mode| {
        cpu.wide_floats(mode)?;
        let lower = condition(cpu, cc).ne(cpu.imm(0));
        let upper = condition(cpu, (cc + 1) & 7).ne(cpu.imm(0));
        move_pair(cpu, fd, fs, lower, upper);
    };
    movn_ps |cpu, fs, fd, rt, mode| {
        cpu.wide_floats(mode)?;
        move_double(cpu, fd, fs, cpu.r(rt).ne(cpu.imm(0)));
    };
    movz_ps |cpu, fs, fd, rt, mode| {
        cpu.wide_floats(mode)?;
        move_double(cpu, fd, fs, cpu.r(rt).eq(cpu.imm(0)));
    };
}

#[inline(always)]
fn indexed<D: Domain>(cpu: D, mode: Mode, base: u8, index: u8) -> D::Word {
    cpu.sum(mode, cpu.r(base), cpu.r(index))
}

#[inline(always)]
fn load_single<D: Domain>(
    cpu: D,
    mode: Mode,
    register: u8,
    address: D::Word,
) -> Result<(), D::Leave> {
    let value = cpu.load(Access::U32.with_order(mode.order()), address)?;
    cpu.set_s(mode, register, value);
    Ok(())
}

#[inline(always)]
fn load_double<D: Domain>(
    cpu: D,
    mode: Mode,
    register: u8,
    address: D::Word,
) -> Result<(), D::Leave> {
    let value = cpu.load(Access::U64.with_order(mode.order()), address)?;
    cpu.set_d(register, value);
    Ok(())
}

#[inline(always)]
fn store_single<D: Domain>(
    cpu: D,
    mode: Mode,
    register: u8,
    address: D::Word,
) -> Result<(), D::Leave> {
    let access = Access::U32.with_order(mode.order());
    cpu.store(access, address, cpu.s(mode, register))
}

#[inline(always)]
fn store_double<D: Domain>(
    cpu: D,
    mode: Mode,
    register: u8,
    address: D::Word,
) -> Result<(), D::Leave> {
    let access = Access::U64.with_order(mode.order());
    cpu.store(access, address, cpu.d(register))
}

#[inline(always)]
fn move_single<D: Domain>(cpu: D, mode: Mode, fd: u8, fs: u8, moves: D::Condition) {
    let value = cpu.select(moves, cpu.s(mode, fs), cpu.s(mode, fd));
    cpu.set_s(mode, fd, value);
}

#[inline(always)]
fn move_double<D: Domain>(cpu: D, fd: u8, fs: u8, moves: D::Condition) {
    cpu.set_d(fd, cpu.select(moves, cpu.d(fs), cpu.d(fd)));
}

#[inline(always)]
fn move_pair<D: Domain>(cpu: D, fd: u8, fs: u8, lower: D::Condition, upper: D::Condition) {
    let (new, old) = (cpu.d(fs), cpu.d(fd));
    let half = cpu.imm(32);
    let lower = cpu.select(lower, new.zext(32), old.zext(32));
    let upper = cpu.select(upper, new >> half, old >> half);
    cpu.set_d(fd, upper << half | lower);
}

/// Leaves the even register of a pair where registers have 32 bits.
fn even(mode: Mode) -> u8 {
    if mode.has_wide_floats() { !0 } else { !1 }
}
