//! Transcendental functions.

use super::arithmetic::{replace_top, two_results};
use super::transfer::of_top;
use super::unit::{self, C1, Computed, Unit};
use super::{Stack, semantics};
use crate::decode::Instruction;
use crate::extended::{Extended, status};
use crate::regs::FPU_STATUS;
use portolan_machine::domain::{Domain, Helper, Word};

semantics! { out of line:
    f2xm1   |cpu, it| replace_top(cpu, it, &unit::EXPONENTIAL)?;
    fyl2x   |cpu, it| replace_next(cpu, it, &unit::LOGARITHM)?;
    fyl2xp1 |cpu, it| replace_next(cpu, it, &unit::LOGARITHM_PLUS_1)?;
    fpatan  |cpu, it| replace_next(cpu, it, &unit::ARCTANGENT)?;
    fsin    |cpu, it| of_angle(cpu, it, &unit::SINE)?;
    fcos    |cpu, it| of_angle(cpu, it, &unit::COSINE)?;
    fsincos |cpu, it| {
        cpu.wait()?;
        let [sine, cosine] = [&unit::SINE, &unit::COSINE].map(|it| of_top(cpu, it));
        unless_too_large(cpu, it, sine, cosine.value)?;
    };
    fptan   |cpu, it| {
        cpu.wait()?;
        let tangent = of_top(cpu, &unit::TANGENT);
        let one = cpu.extended(Extended { significand: 1 << 63, exponent: 0x3fff });
        // What is no number has no denominator either.
        let [significand, exponent] = tangent.value;
        let is_nan = (exponent & cpu.imm(0x7fff)).eq(cpu.imm(0x7fff));
        let second = [
            cpu.select(is_nan, significand, one[0]),
            cpu.select(is_nan, exponent, one[1]),
        ];
        unless_too_large(cpu, it, tangent, second)?;
    };
}

const C2: i64 = status::C2 as i64;

/// st(1) becomes what a helper makes of both, and st(0) is popped.
#[inline(always)]
fn replace_next<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let Computed { value, raised } = cpu.compute_of(helper, [0, 1]);
    cpu.conclude(it, raised, C1, || {
        cpu.set_st(1, value);
        cpu.pop();
    })
}

/// st(0) becomes a function of it; C2 tells that it is too large.
#[inline(always)]
fn of_angle<D: Domain>(cpu: D, it: &Instruction, helper: &'static Helper) -> Result<(), D::Leave> {
    cpu.wait()?;
    let Computed { value, raised } = of_top(cpu, helper);
    cpu.conclude(it, raised, C1 | C2, || cpu.set_st(0, value))
}

/// Two results, unless the angle is too large.
#[inline(always)]
fn unless_too_large<D: Domain>(
    cpu: D,
    it: &Instruction,
    first: Computed<D::Word>,
    second: [D::Word; 2],
) -> Result<(), D::Leave> {
    // A full stack comes first.
    let too_large = cpu.select(
        cpu.is_used(7).eq(cpu.imm(0)),
        first.raised & cpu.imm(C2),
        cpu.imm(0),
    );
    let first = Computed {
        raised: first.raised & cpu.imm(!C2),
        ..first
    };
    let status = cpu.read(FPU_STATUS);
    cpu.write(FPU_STATUS, (status & cpu.imm(!(C1 | C2))) | too_large);
    cpu.when(too_large.eq(cpu.imm(0)), || {
        two_results(cpu, it, first, second)
    })
}
