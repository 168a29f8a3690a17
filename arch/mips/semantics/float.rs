//! FPU Arithmetic and Compare Instructions, and what the other chapters of the floating-point unit
//! have in common.
//!
//! FCSR.Cause holds what the last operation raised. Where FCSR.Enables asks for it, that traps
//! before the result is written; otherwise FCSR.Flags collects it. FCSR.FS, which flushes
//! subnormal results, is kept and has no effect.

use super::{Hart, semantics};
use crate::decode::Mode;
use crate::regs::{CAUSE, CONDITIONS, ENABLES, F, FLAGS, ROUNDING};
use portolan_machine::domain::{Condition, Domain, FloatUnit, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::{Operation as Op, Rounding, Rules};
use portolan_machine::trap::Trap;

/// The floating-point unit with FCSR.NAN2008 = 0.
pub static LEGACY: FloatUnit = FloatUnit {
    rules: Rules::MIPS_LEGACY,
    flags: CAUSE,
    collected: Some(FLAGS),
    modes: &[ROUNDING, ENABLES],
};

/// The floating-point unit with FCSR.NAN2008 = 1.
static NAN2008: FloatUnit = FloatUnit {
    rules: Rules::MIPS_2008,
    flags: CAUSE,
    collected: Some(FLAGS),
    modes: &[ROUNDING, ENABLES],
};

semantics! {
    abs_s  |cpu, fs, fd, mode| cpu.set_s(mode, fd, cpu.s(mode, fs) & cpu.imm(0x7fff_ffff));
    abs_d  |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        cpu.set_d(fd, cpu.d(fs) & cpu.imm(i64::MAX));
    };
    add_s  |cpu, fs, ft, fd, mode| single(cpu, Op::Add, mode, fd, fs, ft)?;
    add_d  |cpu, fs, ft, fd, mode| double(cpu, Op::Add, mode, fd, fs, ft)?;
    div_s  |cpu, fs, ft, fd, mode| single(cpu, Op::Div, mode, fd, fs, ft)?;
    div_d  |cpu, fs, ft, fd, mode| double(cpu, Op::Div, mode, fd, fs, ft)?;
    mul_s  |cpu, fs, ft, fd, mode| single(cpu, Op::Mul, mode, fd, fs, ft)?;
    mul_d  |cpu, fs, ft, fd, mode| double(cpu, Op::Mul, mode, fd, fs, ft)?;
    neg_s  |cpu, fs, fd, mode| cpu.set_s(mode, fd, cpu.s(mode, fs) ^ cpu.imm(0x8000_0000u32));
    neg_d  |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        cpu.set_d(fd, cpu.d(fs) ^ cpu.imm(i64::MIN));
    };
    sqrt_s |cpu, fs, fd, mode| {
        cpu.set_s(mode, fd, cpu.operation(mode, Op::Sqrt, F32, [cpu.s(mode, fs), cpu.imm(0)])?);
    };
    sqrt_d |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        cpu.set_d(fd, cpu.operation(mode, Op::Sqrt, F64, [cpu.d(fs), cpu.imm(0)])?);
    };
    sub_s  |cpu, fs, ft, fd, mode| single(cpu, Op::Sub, mode, fd, fs, ft)?;
    sub_d  |cpu, fs, ft, fd, mode| double(cpu, Op::Sub, mode, fd, fs, ft)?;
}

semantics! {
    abs_ps  |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, cpu.d(fs) & cpu.constant(0x7fff_ffff_7fff_ffff));
    };
    add_ps  |cpu, fs, ft, fd, mode| pair(cpu, Op::Add, mode, fd, fs, ft)?;
    madd_s  |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F32, Op::Add, false, mode, [fd, fr, fs, ft])?;
    madd_d  |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F64, Op::Add, false, mode, [fd, fr, fs, ft])?;
    madd_ps |cpu, fr, fs, ft, fd, mode| multiply_add_pair(cpu, Op::Add, false, mode, [fd, fr, fs, ft])?;
    msub_s  |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F32, Op::Sub, false, mode, [fd, fr, fs, ft])?;
    msub_d  |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F64, Op::Sub, false, mode, [fd, fr, fs, ft])?;
    msub_ps |cpu, fr, fs, ft, fd, mode| multiply_add_pair(cpu, Op::Sub, false, mode, [fd, fr, fs, ft])?;
    mul_ps  |cpu, fs, ft, fd, mode| pair(cpu, Op::Mul, mode, fd, fs, ft)?;
    neg_ps  |cpu, fs, fd, mode| {
        cpu.wide_floats(mode)?;
        cpu.set_d(fd, cpu.d(fs) ^ cpu.constant(0x8000_0000_8000_0000));
    };
    nmadd_s |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F32, Op::Add, true, mode, [fd, fr, fs, ft])?;
    nmadd_d |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F64, Op::Add, true, mode, [fd, fr, fs, ft])?;
    nmadd_ps |cpu, fr, fs, ft, fd, mode| multiply_add_pair(cpu, Op::Add, true, mode, [fd, fr, fs, ft])?;
    nmsub_s |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F32, Op::Sub, true, mode, [fd, fr, fs, ft])?;
    nmsub_d |cpu, fr, fs, ft, fd, mode| multiply_add(cpu, F64, Op::Sub, true, mode, [fd, fr, fs, ft])?;
    nmsub_ps |cpu, fr, fs, ft, fd, mode| multiply_add_pair(cpu, Op::Sub, true, mode, [fd, fr, fs, ft])?;
    recip_s |cpu, fs, fd, mode| {
        let one = cpu.imm(0x3f80_0000);
        cpu.set_s(mode, fd, cpu.operation(mode, Op::Div, F32, [one, cpu.s(mode, fs)])?);
    };
    recip_d |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        let one = cpu.imm(0x3ff0_0000_0000_0000i64);
        cpu.set_d(fd, cpu.operation(mode, Op::Div, F64, [one, cpu.d(fs)])?);
    };
    rsqrt_s |cpu, fs, fd, mode| {
        cpu.begin();
        let root = cpu.step(mode, Op::Sqrt, F32, [cpu.s(mode, fs), cpu.imm(0)]);
        let result = cpu.step(mode, Op::Div, F32, [cpu.imm(0x3f80_0000), root]);
        cpu.finish()?;
        cpu.set_s(mode, fd, result);
    };
    rsqrt_d |cpu, fs, fd, mode| {
        cpu.doubles(mode, &[fs, fd])?;
        cpu.begin();
        let root = cpu.step(mode, Op::Sqrt, F64, [cpu.d(fs), cpu.imm(0)]);
        let result = cpu.step(mode, Op::Div, F64, [cpu.imm(0x3ff0_0000_0000_0000i64), root]);
        cpu.finish()?;
        cpu.set_d(fd, result);
    };
    sub_ps  |cpu, fs, ft, fd, mode| pair(cpu, Op::Sub, mode, fd, fs, ft)?;
}

// FPU Compare Instructions
semantics! {
    c_cond_s |cpu, fs, ft, cc, imm, mode| {
        let holds = compare(cpu, mode, F32, cpu.s(mode, fs), cpu.s(mode, ft), imm);
        cpu.finish()?;
        set_condition(cpu, cc, holds);
    };
    c_cond_d |cpu, fs, ft, cc, imm, mode| {
        cpu.doubles(mode, &[fs, ft])?;
        let holds = compare(cpu, mode, F64, cpu.d(fs), cpu.d(ft), imm);
        cpu.finish()?;
        set_condition(cpu, cc, holds);
    };
    c_cond_ps |cpu, fs, ft, cc, imm, mode| {
        cpu.wide_floats(mode)?;
        let (fs, ft) = (cpu.d(fs), cpu.d(ft));
        let lower = compare(cpu, mode, F32, fs.zext(32), ft.zext(32), imm);
        let half = cpu.imm(32);
        let relation = cpu.step(mode, relation(imm), F32, [fs >> half, ft >> half]);
        let upper = (relation & cpu.imm(imm & 7)).ne(cpu.imm(0));
        cpu.finish()?;
        set_condition(cpu, cc, lower);
        set_condition(cpu, (cc + 1) & 7, upper);
    };
}

/// Which comparison a condition asks for. Its number says which relations make it hold, as
/// [`Op::RelationQuiet`] numbers them, and in bit 3 whether quiet NaNs signal.
fn relation(condition: i32) -> Op {
    if condition & 8 == 0 {
        Op::RelationQuiet
    } else {
        Op::RelationSignaling
    }
}

/// Whether a condition holds; [`Floats::finish`] follows.
#[inline(always)]
fn compare<D: Domain>(
    cpu: D,
    mode: Mode,
    format: Format,
    a: D::Word,
    b: D::Word,
    condition: i32,
) -> D::Condition {
    cpu.begin();
    let relation = cpu.step(mode, relation(condition), format, [a, b]);
    (relation & cpu.imm(condition & 7)).ne(cpu.imm(0))
}

#[inline(always)]
fn set_condition<D: Domain>(cpu: D, cc: u8, holds: D::Condition) {
    let others = cpu.read(CONDITIONS) & cpu.imm(!(1i64 << cc));
    cpu.write(CONDITIONS, others | holds.word() << cpu.imm(cc));
}

#[inline(always)]
fn single<D: Domain>(
    cpu: D,
    operation: Op,
    mode: Mode,
    fd: u8,
    fs: u8,
    ft: u8,
) -> Result<(), D::Leave> {
    let operands = [cpu.s(mode, fs), cpu.s(mode, ft)];
    cpu.set_s(mode, fd, cpu.operation(mode, operation, F32, operands)?);
    Ok(())
}

#[inline(always)]
fn double<D: Domain>(
    cpu: D,
    operation: Op,
    mode: Mode,
    fd: u8,
    fs: u8,
    ft: u8,
) -> Result<(), D::Leave> {
    cpu.doubles(mode, &[fd, fs, ft])?;
    let operands = [cpu.d(fs), cpu.d(ft)];
    cpu.set_d(fd, cpu.operation(mode, operation, F64, operands)?);
    Ok(())
}

/// An operation on the lower and on the upper singles of two pairs.
#[inline(always)]
fn pair<D: Domain>(
    cpu: D,
    operation: Op,
    mode: Mode,
    fd: u8,
    fs: u8,
    ft: u8,
) -> Result<(), D::Leave> {
    cpu.wide_floats(mode)?;
    let (a, b) = (cpu.d(fs), cpu.d(ft));
    let half = cpu.imm(32);
    cpu.begin();
    let lower = cpu.step(mode, operation, F32, [a.zext(32), b.zext(32)]);
    let upper = cpu.step(mode, operation, F32, [a >> half, b >> half]);
    cpu.finish()?;
    cpu.set_d(fd, upper << half | lower);
    Ok(())
}

/// fs × ft, rounded, plus or minus fr, rounded again; perhaps with its sign inverted.
#[inline(always)]
fn multiply_add<D: Domain>(
    cpu: D,
    format: Format,
    operation: Op,
    negated: bool,
    mode: Mode,
    [fd, fr, fs, ft]: [u8; 4],
) -> Result<(), D::Leave> {
    let is_double = format == F64;
    if is_double {
        cpu.doubles(mode, &[fd, fr, fs, ft])?;
    }
    let value = |n| if is_double { cpu.d(n) } else { cpu.s(mode, n) };
    cpu.begin();
    let product = cpu.step(mode, Op::Mul, format, [value(fs), value(ft)]);
    let sum = cpu.step(mode, operation, format, [product, value(fr)]);
    cpu.finish()?;
    let sign = match (negated, is_double) {
        (false, _) => 0,
        (true, true) => 1 << 63,
        (true, false) => 1 << 31,
    };
    let result = sum ^ cpu.constant(sign);
    if is_double {
        cpu.set_d(fd, result);
    } else {
        cpu.set_s(mode, fd, result);
    }
    Ok(())
}

#[inline(always)]
fn multiply_add_pair<D: Domain>(
    cpu: D,
    operation: Op,
    negated: bool,
    mode: Mode,
    [fd, fr, fs, ft]: [u8; 4],
) -> Result<(), D::Leave> {
    cpu.wide_floats(mode)?;
    let (addend, a, b) = (cpu.d(fr), cpu.d(fs), cpu.d(ft));
    let half = cpu.imm(32);
    cpu.begin();
    let product = cpu.step(mode, Op::Mul, F32, [a.zext(32), b.zext(32)]);
    let lower = cpu.step(mode, operation, F32, [product, addend.zext(32)]);
    let product = cpu.step(mode, Op::Mul, F32, [a >> half, b >> half]);
    let upper = cpu.step(mode, operation, F32, [product, addend >> half]);
    cpu.finish()?;
    let sign = if negated { 0x8000_0000_8000_0000 } else { 0 };
    cpu.set_d(fd, (upper << half | lower) ^ cpu.constant(sign));
    Ok(())
}

/// The floating-point registers and operations in the manual's words.
///
/// With Status.FR = 1 there are 32 registers of 64 bits. With FR = 0 there are 32 of 32 bits: the
/// odd ones are the upper halves of the even ones, which alone hold doubles.
pub(super) trait Floats: Hart {
    /// Traps unless all these registers can hold doubles.
    #[inline(always)]
    fn doubles(&self, mode: Mode, registers: &[u8]) -> Result<(), Self::Leave> {
        if !mode.has_wide_floats() && registers.iter().any(|n| n % 2 == 1) {
            self.trap(Trap::Illegal)?;
        }
        Ok(())
    }

    /// Traps unless all registers have 64 bits: what makes pairs and doublewords possible.
    #[inline(always)]
    fn wide_floats(&self, mode: Mode) -> Result<(), Self::Leave> {
        if !mode.has_wide_floats() {
            self.trap(Trap::Illegal)?;
        }
        Ok(())
    }

    /// A double.
    #[inline(always)]
    fn d(&self, n: u8) -> Self::Word {
        self.read(F + n)
    }

    /// Writes a double.
    #[inline(always)]
    fn set_d(&self, n: u8, value: Self::Word) {
        self.write(F + n, value);
    }

    /// A single, or a word.
    #[inline(always)]
    fn s(&self, mode: Mode, n: u8) -> Self::Word {
        if is_upper_half(mode, n) {
            self.d(n - 1) >> self.imm(32)
        } else {
            self.d(n).zext(32)
        }
    }

    /// Writes a single, or a word; the other half of the register stays.
    #[inline(always)]
    fn set_s(&self, mode: Mode, n: u8, value: Self::Word) {
        if is_upper_half(mode, n) {
            self.set_upper(n - 1, value);
        } else {
            let upper = self.d(n) & self.constant(0xffff_ffff_0000_0000);
            self.set_d(n, upper | value.zext(32));
        }
    }

    /// Writes the upper half of a register.
    #[inline(always)]
    fn set_upper(&self, n: u8, value: Self::Word) {
        self.set_d(n, value << self.imm(32) | self.d(n).zext(32));
    }

    /// Begins an operation: nothing is raised yet.
    #[inline(always)]
    fn begin(&self) {
        self.write(CAUSE, self.imm(0));
    }

    /// A step of an operation, in the rounding mode of FCSR.
    #[inline(always)]
    fn step(
        &self,
        mode: Mode,
        operation: Op,
        format: Format,
        operands: [Self::Word; 2],
    ) -> Self::Word {
        let rounding = self.read(ROUNDING);
        self.rounded(mode, operation, format, rounding, operands)
    }

    /// A step in a rounding mode of its own.
    #[inline(always)]
    fn rounded(
        &self,
        mode: Mode,
        operation: Op,
        format: Format,
        rounding: Self::Word,
        [a, b]: [Self::Word; 2],
    ) -> Self::Word {
        let unit = if mode.has_nan2008() {
            &NAN2008
        } else {
            &LEGACY
        };
        self.float(unit, operation, format, rounding, [a, b, self.imm(0)])
    }

    /// Traps if an exception was raised that is enabled, else collects what was.
    #[inline(always)]
    fn finish(&self) -> Result<(), Self::Leave> {
        let raised = self.read(CAUSE);
        let enabled = raised & self.read(ENABLES);
        self.trap_when(enabled.ne(self.imm(0)), Trap::Float { raised: enabled })?;
        self.write(FLAGS, self.read(FLAGS) | raised);
        Ok(())
    }

    /// An operation of one step.
    #[inline(always)]
    fn operation(
        &self,
        mode: Mode,
        operation: Op,
        format: Format,
        operands: [Self::Word; 2],
    ) -> Result<Self::Word, Self::Leave> {
        self.begin();
        let result = self.step(mode, operation, format, operands);
        self.finish()?;
        Ok(result)
    }

    /// A conversion in a rounding mode of its own, or in that of FCSR.
    #[inline(always)]
    fn conversion(
        &self,
        mode: Mode,
        operation: Op,
        format: Format,
        rounding: Option<Rounding>,
        operand: Self::Word,
    ) -> Result<Self::Word, Self::Leave> {
        let rounding = match rounding {
            Some(rounding) => self.imm(rounding.index()),
            None => self.read(ROUNDING),
        };
        self.begin();
        let result = self.rounded(mode, operation, format, rounding, [operand, self.imm(0)]);
        self.finish()?;
        Ok(result)
    }
}

impl<D: Hart> Floats for D {}

fn is_upper_half(mode: Mode, n: u8) -> bool {
    !mode.has_wide_floats() && n % 2 == 1
}
