//! FPU Convert Instructions.

use super::float::Floats;
use super::{Hart, semantics};
use crate::decode::Mode;
use portolan_machine::domain::{Domain, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::Operation as Op;
use portolan_machine::float::Rounding::{self, Down, NearestEven, TowardZero, Up};
use portolan_machine::memory::Order;

// To words and doublewords
semantics! {
    ceil_w_s |cpu, fs, fd, mode| to_word(cpu, F32, Some(Up), mode, fd, fs)?;
    ceil_w_d |cpu, fs, fd, mode| to_word(cpu, F64, Some(Up), mode, fd, fs)?;
    ceil_l_s |cpu, fs, fd, mode| to_doubleword(cpu, F32, Some(Up), mode, fd, fs)?;
    ceil_l_d |cpu, fs, fd, mode| to_doubleword(cpu, F64, Some(Up), mode, fd, fs)?;
    floor_w_s |cpu, fs, fd, mode| to_word(cpu, F32, Some(Down), mode, fd, fs)?;
    floor_w_d |cpu, fs, fd, mode| to_word(cpu, F64, Some(Down), mode, fd, fs)?;
    floor_l_s |cpu, fs, fd, mode| to_doubleword(cpu, F32, Some(Down), mode, fd, fs)?;
    floor_l_d |cpu, fs, fd, mode| to_doubleword(cpu, F64, Some(Down), mode, fd, fs)?;
    round_w_s |cpu, fs, fd, mode| to_word(cpu, F32, Some(NearestEven), mode, fd, fs)?;
    round_w_d |cpu, fs, fd, mode| to_word(cpu, F64, Some(NearestEven), mode, fd, fs)?;
    round_l_s |cpu, fs, fd, mode| to_doubleword(cpu, F32, Some(NearestEven), mode, fd, fs)?;
    round_l_d |cpu, fs, fd, mode| to_doubleword(cpu, F64, Some(NearestEven), mode, fd, fs)?;
    trunc_w_s |cpu, fs, fd, mode| to_word(cpu, F32, Some(TowardZero), mode, fd, fs)?;
    trunc_w_d |cpu, fs, fd, mode| to_word(cpu, F64, Some(TowardZero), mode, fd, fs)?;
    trunc_l_s |cpu, fs, fd, mode| to_doubleword(cpu, F32, Some(TowardZero), mode, fd, fs)?;
    trunc_l_d |cpu, fs, fd, mode| to_doubleword(cpu, F64, Some(TowardZero), mode, fd, fs)?;
    cvt_w_s |cpu, fs, fd, mode| to_word(cpu, F32, None, mode, fd, fs)?;
    cvt_w_d |cpu, fs, fd, mode| to_word(cpu, F64, None, mode, fd, fs)?;
    cvt_l_s |cpu, fs, fd, mode| to_doubleword(cpu, F32, None, mode, fd, fs)?;
    cvt_l_d |cpu, fs, fd, mode| to_doubleword(cpu, F64, None, mode, fd, fs)?;
}

// Between formats, and from words and doublewords
semantics! {
    cvt_d_s |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fd])?;
        cpu.set_d(fd, cpu.conversion(mode, Op::ToF64, F32, None, cpu.s(mode, fs))?);
    };
    cvt_d_w |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fd])?;
        cpu.set_d(fd, cpu.conversion(mode, Op::FromSigned32, F64, None, cpu.s(mode, fs))?);
    };
    cvt_d_l |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, cpu.conversion(mode, Op::FromSigned64, F64, None, cpu.d(fs))?);
    };
    cvt_s_d |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs])?;
        cpu.set_s(mode, fd, cpu.conversion(mode, Op::ToF32, F64, None, cpu.d(fs))?);
    };
    cvt_s_w |cpu, fs, fd, mode| {
        cpu.set_s(mode, fd, cpu.conversion(mode, Op::FromSigned32, F32, None, cpu.s(mode, fs))?);
    };
    cvt_s_l |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_s(mode, fd, cpu.conversion(mode, Op::FromSigned64, F32, None, cpu.d(fs))?);
    };
}

// Pairs of singles
semantics! {
    alnv_ps |cpu, rs, fs, ft, fd, mode| {
        cpu.wide_floats(mode)?;
        let alignment = cpu.r(rs) & cpu.imm(7);
        let (first, second) = (cpu.d(fs), cpu.d(ft));
        let between = match mode.order() {
            Order::Big => joined(cpu, first.zext(32), second >> cpu.imm(32)),
            Order::Little => joined(cpu, second.zext(32), first >> cpu.imm(32)),
        };
        let half = cpu.select(alignment.eq(cpu.imm(4)), between, cpu.d(fd));
        cpu.set_d(fd, cpu.select(alignment.eq(cpu.imm(0)), first, half));
    };
    cvt_ps_s |cpu, fs, ft, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, joined(cpu, cpu.s(mode, fs), cpu.s(mode, ft)));
    };
    cvt_s_pl |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_s(mode, fd, lower(cpu, fs));
    };
    cvt_s_pu |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_s(mode, fd, upper(cpu, fs));
    };
    pll_ps |cpu, fs, ft, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, joined(cpu, lower(cpu, fs), lower(cpu, ft)));
    };
    plu_ps |cpu, fs, ft, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, joined(cpu, lower(cpu, fs), upper(cpu, ft)));
    };
    pul_ps |cpu, fs, ft, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, joined(cpu, upper(cpu, fs), lower(cpu, ft)));
    };
    puu_ps |cpu, fs, ft, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, joined(cpu, upper(cpu, fs), upper(cpu, ft)));
    };
}

#[inline(always)]
fn lower<D: Domain>(cpu: D, n: u8) -> D::Word {
    cpu.d(n).zext(32)
}

#[inline(always)]
fn upper<D: Domain>(cpu: D, n: u8) -> D::Word {
    cpu.d(n) >> cpu.imm(32)
}

/// A pair of singles.
#[inline(always)]
fn joined<D: Domain>(cpu: D, upper: D::Word, lower: D::Word) -> D::Word {
    upper << cpu.imm(32) | lower
}

#[inline(always)]
fn to_word<D: Domain>(
    cpu: D,
    format: Format,
    rounding: Option<Rounding>,
    mode: Mode,
    fd: u8,
    fs: u8,
) -> Result<(), D::Leave> {
    let operand = match format {
        F32 => cpu.s(mode, fs),
        F64 => {
            cpu.doubles(mode, &[fs])?;
            cpu.d(fs)
        }
    };
    cpu.set_s(
        mode,
        fd,
        cpu.conversion(mode, Op::ToSigned32, format, rounding, operand)?,
    );
    Ok(())
}

#[inline(always)]
fn to_doubleword<D: Domain>(
    cpu: D,
    format: Format,
    rounding: Option<Rounding>,
    mode: Mode,
    fd: u8,
    fs: u8,
) -> Result<(), D::Leave> {
    cpu.wide_floats(mode)?;
    let operand = match format {
        F32 => cpu.s(mode, fs),
        F64 => cpu.d(fs),
    };
    cpu.set_d(
        fd,
        cpu.conversion(mode, Op::ToSigned64, format, rounding, operand)?,
    );
    Ok(())
}
