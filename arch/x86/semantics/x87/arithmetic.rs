//! Basic arithmetic.

use super::transfer::{full, if_empty, load_operand, of_top};
use super::unit::{self, ALL_CONDITIONS, C1, Computed, Format, Unit};
use super::{Stack, number, semantics};
use crate::decode::{Instruction, Kind};
use crate::extended::{Extended, status};
use crate::regs::FPU_STATUS;
use portolan_machine::domain::{Domain, Helper, Word};

semantics! { out of line:
    fadd   |cpu, it| arithmetic(cpu, it, &unit::ADD, false)?;
    faddp  |cpu, it| arithmetic(cpu, it, &unit::ADD, true)?;
    fiadd  |cpu, it| with_integer(cpu, it, &unit::ADD)?;
    fsub   |cpu, it| arithmetic(cpu, it, &unit::SUBTRACT, false)?;
    fsubp  |cpu, it| arithmetic(cpu, it, &unit::SUBTRACT, true)?;
    fisub  |cpu, it| with_integer(cpu, it, &unit::SUBTRACT)?;
    fsubr  |cpu, it| arithmetic(cpu, it, &unit::SUBTRACT_FROM, false)?;
    fsubrp |cpu, it| arithmetic(cpu, it, &unit::SUBTRACT_FROM, true)?;
    fisubr |cpu, it| with_integer(cpu, it, &unit::SUBTRACT_FROM)?;
    fmul   |cpu, it| arithmetic(cpu, it, &unit::MULTIPLY, false)?;
    fmulp  |cpu, it| arithmetic(cpu, it, &unit::MULTIPLY, true)?;
    fimul  |cpu, it| with_integer(cpu, it, &unit::MULTIPLY)?;
    fdiv   |cpu, it| arithmetic(cpu, it, &unit::DIVIDE, false)?;
    fdivp  |cpu, it| arithmetic(cpu, it, &unit::DIVIDE, true)?;
    fidiv  |cpu, it| with_integer(cpu, it, &unit::DIVIDE)?;
    fdivr  |cpu, it| arithmetic(cpu, it, &unit::DIVIDE_BY, false)?;
    fdivrp |cpu, it| arithmetic(cpu, it, &unit::DIVIDE_BY, true)?;
    fidivr |cpu, it| with_integer(cpu, it, &unit::DIVIDE_BY)?;
    fsqrt   |cpu, it| replace_top(cpu, it, &unit::ROOT)?;
    frndint |cpu, it| replace_top(cpu, it, &unit::INTEGRAL)?;
    fprem   |cpu, it| divide(cpu, it, &unit::REMAINDER)?;
    fprem1  |cpu, it| divide(cpu, it, &unit::REMAINDER_TO_NEAREST)?;
    fscale  |cpu, it| with_next(cpu, it, &unit::SCALE)?;
    fabs    |cpu, it| change_sign(cpu, it, |cpu, exponent| exponent & cpu.imm(0x7fff))?;
    fchs    |cpu, it| change_sign(cpu, it, |cpu, exponent| exponent ^ cpu.imm(0x8000))?;
    fxtract |cpu, it| {
        cpu.wait()?;
        let [exponent, significand] = [&unit::EXPONENT, &unit::SIGNIFICAND].map(|it| of_top(cpu, it));
        two_results(cpu, it, exponent, significand.value)?;
    };
}

/// An operation on two registers, of which the first is replaced, or on st(0) and memory.
#[inline(always)]
fn arithmetic<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
    pops: bool,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let [to, from, _] = it.operands;
    if to.kind == Kind::Memory {
        return with_memory(cpu, it, helper, Format::of_float(to.bits));
    }
    let (to, from) = (number(to), number(from));
    let Computed { value, raised } = cpu.compute_of(helper, [to, from]);
    cpu.conclude(it, raised, C1, || {
        cpu.set_st(to, value);
        if pops {
            cpu.pop();
        }
    })
}

#[inline(always)]
fn with_integer<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    with_memory(cpu, it, helper, Format::Integer)
}

#[inline(always)]
fn with_memory<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
    format: Format,
) -> Result<(), D::Leave> {
    let operand = load_operand(cpu, it, format)?;
    let (top, used) = (cpu.st(0), cpu.is_used(0));
    let Computed { value, raised } = cpu.compute(helper, top, operand, format, used);
    cpu.conclude(it, raised, C1, || cpu.set_st(0, value))
}

/// st(0) becomes what a helper makes of it.
#[inline(always)]
pub(super) fn replace_top<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let Computed { value, raised } = of_top(cpu, helper);
    cpu.conclude(it, raised, C1, || cpu.set_st(0, value))
}

/// st(0) becomes what a helper makes of it and st(1).
#[inline(always)]
fn with_next<D: Domain>(cpu: D, it: &Instruction, helper: &'static Helper) -> Result<(), D::Leave> {
    cpu.wait()?;
    let Computed { value, raised } = cpu.compute_of(helper, [0, 1]);
    cpu.conclude(it, raised, C1, || cpu.set_st(0, value))
}

/// The remainder of st(0) and st(1). C0, C3 and C1 tell the quotient's low bits, if there is one.
#[inline(always)]
fn divide<D: Domain>(cpu: D, it: &Instruction, helper: &'static Helper) -> Result<(), D::Leave> {
    cpu.wait()?;
    let Computed { value, raised } = cpu.compute_of(helper, [0, 1]);
    let invalid = raised & cpu.imm(status::INVALID);
    let before = cpu.read(FPU_STATUS) & cpu.imm(status::C0 | status::C3);
    let kept = cpu.select(invalid.ne(cpu.imm(0)), before, cpu.imm(0));
    cpu.conclude(it, raised | kept, ALL_CONDITIONS, || cpu.set_st(0, value))
}

/// fabs and fchs, to which all numbers and NaNs are alike.
#[inline(always)]
fn change_sign<D: Domain>(
    cpu: D,
    it: &Instruction,
    change: impl FnOnce(D, D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let used = cpu.is_used(0);
    let empty = used.eq(cpu.imm(0));
    let [significand, exponent] = cpu.st(0);
    let indefinite = cpu.extended(Extended::INDEFINITE);
    let significand = cpu.select(empty, indefinite[0], significand);
    let exponent = cpu.select(empty, indefinite[1], change(cpu, exponent));
    cpu.conclude(it, if_empty(cpu, used), C1, || {
        cpu.set_st(0, [significand, exponent]);
    })
}

/// Replaces st(0) by a first result and pushes a second one; both are indefinite if there is no room.
#[inline(always)]
pub(super) fn two_results<D: Domain>(
    cpu: D,
    it: &Instruction,
    first: Computed<D::Word>,
    second: [D::Word; 2],
) -> Result<(), D::Leave> {
    // An empty register comes before a full stack, and makes the results indefinite already.
    let no_room = cpu.select(cpu.is_used(0).ne(cpu.imm(0)), full(cpu), cpu.imm(0));
    let is_full = no_room.ne(cpu.imm(0));
    let indefinite = cpu.extended(Extended::INDEFINITE);
    let choose = |value: [D::Word; 2]| [0, 1].map(|n| cpu.select(is_full, indefinite[n], value[n]));
    let (below, top) = (choose(first.value), choose(second));
    let raised = cpu.select(is_full, no_room, first.raised);
    cpu.conclude(it, raised, C1, || {
        cpu.set_st(0, below);
        cpu.push(top);
    })
}
