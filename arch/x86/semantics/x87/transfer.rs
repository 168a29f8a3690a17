//! Data transfer and constants.

use super::unit::{self, BY_STORES, C1, Computed, EMPTY_REGISTER, FULL_STACK, Format, Unit};
use super::{Stack, access, number, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::extended::{Direction, Extended};
use crate::regs::FPU_STATUS;
use crate::semantics::Hart;
use crate::semantics::flags::Flags;
use portolan_machine::domain::{Domain, Helper, Word};
use portolan_machine::memory::Access;

semantics! { out of line:
    fld   |cpu, it, from| {
        cpu.wait()?;
        match (from.kind, from.bits) {
            (Kind::Register, _) => {
                let used = cpu.is_used(number(from));
                let value = cpu.st(number(from));
                let empty = used.eq(cpu.imm(0));
                let indefinite = cpu.extended(Extended::INDEFINITE);
                let [a, b] = [0, 1].map(|n| cpu.select(empty, indefinite[n], value[n]));
                // An empty register comes before a full stack.
                let raised = cpu.select(empty, cpu.imm(EMPTY_REGISTER), full(cpu));
                let used = empty | raised.eq(cpu.imm(0));
                let [a, b] = [(a, 0), (b, 1)].map(|(value, n)| cpu.select(used, value, indefinite[n]));
                cpu.conclude(it, raised, C1, || cpu.push([a, b]))?;
            }
            (_, 80) => {
                let value = load_extended(cpu, it)?;
                cpu.push_computed(it, Computed { value, raised: cpu.imm(0) })?;
            }
            (_, bits) => {
                push_loaded(cpu, it, &unit::LOAD, Format::of_float(bits))?;
            }
        }
    };
    fild  |cpu, it| {
        cpu.wait()?;
        push_loaded(cpu, it, &unit::LOAD, Format::Integer)?;
    };
    fbld  |cpu, it| {
        cpu.wait()?;
        let value = load_extended(cpu, it)?;
        let computed = cpu.compute(&unit::FROM_DECIMAL, cpu.nothing(), value, Format::Extended, cpu.imm(1));
        cpu.push_computed(it, computed)?;
    };
    fst    |cpu, it, to| store(cpu, it, to, false)?;
    fstp   |cpu, it, to| store(cpu, it, to, true)?;
    fist   |cpu, it, to| store_integer(cpu, it, to, false, false)?;
    fistp  |cpu, it, to| store_integer(cpu, it, to, false, true)?;
    fisttp |cpu, it, to| store_integer(cpu, it, to, true, true)?;
    fbstp  |cpu, it| {
        cpu.wait()?;
        let computed = of_top(cpu, &unit::TO_DECIMAL);
        conclude_store(cpu, it, computed, 80, true)?;
    };
    fxch   |cpu, it, _top, with| {
        cpu.wait()?;
        let other = number(with);
        let indefinite = cpu.extended(Extended::INDEFINITE);
        let [top, below] = [0, other].map(|number| {
            let empty = cpu.is_used(number).eq(cpu.imm(0));
            let value = cpu.st(number);
            [0, 1].map(|n| cpu.select(empty, indefinite[n], value[n]))
        });
        let raised = if_empty(cpu, cpu.is_used(0) & cpu.is_used(other));
        cpu.conclude(it, raised, C1, || {
            cpu.set_st(0, below);
            cpu.set_st(other, top);
        })?;
    };
    fcmovcc |cpu, it, _top, from| {
        cpu.wait()?;
        let used = cpu.is_used(0) & cpu.is_used(number(from));
        let empty = used.eq(cpu.imm(0));
        let indefinite = cpu.extended(Extended::INDEFINITE);
        let holds = cpu.condition(it.condition);
        let (yes, no) = (cpu.st(number(from)), cpu.st(0));
        let [a, b] = [0, 1].map(|n| {
            let moved = cpu.select(holds, yes[n], no[n]);
            cpu.select(empty, indefinite[n], moved)
        });
        cpu.clear_c1_unless(used);
        cpu.conclude(it, if_empty(cpu, used), 0, || cpu.set_st(0, [a, b]))?;
    };
}

// Constants, which are rounded as the control word says
semantics! { out of line:
    fld1   |cpu, it| constant(cpu, it, 0x3fff, 0x8000_0000_0000_0000, 0)?;
    fldz   |cpu, it| constant(cpu, it, 0, 0, 0)?;
    fldpi  |cpu, it| constant(cpu, it, 0x4000, 0xc90f_daa2_2168_c234, 3)?;
    fldl2e |cpu, it| constant(cpu, it, 0x3fff, 0xb8aa_3b29_5c17_f0bb, 3)?;
    fldln2 |cpu, it| constant(cpu, it, 0x3ffe, 0xb172_17f7_d1cf_79ab, 3)?;
    fldl2t |cpu, it| constant(cpu, it, 0x4000, 0xd49a_784b_cd1b_8afe, 1)?;
    fldlg2 |cpu, it| constant(cpu, it, 0x3ffd, 0x9a20_9a84_fbcf_f798, 3)?;
}

/// What an empty register raises.
#[inline(always)]
pub(super) fn if_empty<D: Domain>(cpu: D, used: D::Word) -> D::Word {
    cpu.select(used.eq(cpu.imm(0)), cpu.imm(EMPTY_REGISTER), cpu.imm(0))
}

/// Memory of 80 bits, as registers hold it.
#[inline(always)]
fn load_extended<D: Domain>(cpu: D, it: &Instruction) -> Result<[D::Word; 2], D::Leave> {
    let at = cpu.at(it);
    let significand = cpu.load(Access::U64, at)?;
    Ok([significand, cpu.load(Access::U16, at + cpu.imm(8))?])
}

/// The operand in memory, sign-extended if it is an integer.
#[inline(always)]
pub(super) fn load_operand<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
) -> Result<[D::Word; 2], D::Leave> {
    let access = Access {
        signed: format == Format::Integer,
        ..access(it.operands[0].bits)
    };
    Ok([cpu.load(access, cpu.at(it))?, cpu.imm(0)])
}

/// Pushes what a helper makes of the operand in memory.
#[inline(always)]
fn push_loaded<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
    format: Format,
) -> Result<(), D::Leave> {
    let value = load_operand(cpu, it, format)?;
    let computed = cpu.compute(helper, cpu.nothing(), value, format, cpu.imm(1));
    cpu.push_computed(it, computed)
}

/// What a helper makes of st(0).
#[inline(always)]
pub(super) fn of_top<D: Domain>(cpu: D, helper: &'static Helper) -> Computed<D::Word> {
    let (value, used) = (cpu.st(0), cpu.is_used(0));
    cpu.compute(helper, value, cpu.nothing(), Format::Extended, used)
}

#[inline(always)]
fn store<D: Domain>(cpu: D, it: &Instruction, to: Operand, pops: bool) -> Result<(), D::Leave> {
    cpu.wait()?;
    match (to.kind, to.bits) {
        (Kind::Register, _) => {
            let used = cpu.is_used(0);
            let (value, indefinite) = (cpu.st(0), cpu.extended(Extended::INDEFINITE));
            let empty = used.eq(cpu.imm(0));
            let [a, b] = [0, 1].map(|n| cpu.select(empty, indefinite[n], value[n]));
            cpu.conclude(it, if_empty(cpu, used), C1, || {
                cpu.set_st(number(to), [a, b]);
                if pops {
                    cpu.pop();
                }
            })
        }
        (_, 80) => {
            let used = cpu.is_used(0);
            let (value, indefinite) = (cpu.st(0), cpu.extended(Extended::INDEFINITE));
            let empty = used.eq(cpu.imm(0));
            let value = [0, 1].map(|n| cpu.select(empty, indefinite[n], value[n]));
            let raised = if_empty(cpu, used);
            conclude_store(cpu, it, Computed { value, raised }, 80, pops)
        }
        (_, bits) => {
            let helper = if bits == 32 {
                &unit::TO_SINGLE
            } else {
                &unit::TO_DOUBLE
            };
            conclude_store(cpu, it, of_top(cpu, helper), bits, pops)
        }
    }
}

#[inline(always)]
fn store_integer<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    truncates: bool,
    pops: bool,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let helper = match (to.bits, truncates) {
        (16, false) => &unit::TO_INT16,
        (32, false) => &unit::TO_INT32,
        (_, false) => &unit::TO_INT64,
        (16, true) => &unit::TO_INT16_TRUNCATED,
        (32, true) => &unit::TO_INT32_TRUNCATED,
        (_, true) => &unit::TO_INT64_TRUNCATED,
    };
    conclude_store(cpu, it, of_top(cpu, helper), to.bits, pops)
}

/// Stores a number and perhaps pops, unless what was raised prevents that.
#[inline(always)]
fn conclude_store<D: Domain>(
    cpu: D,
    it: &Instruction,
    computed: Computed<D::Word>,
    bits: u8,
    pops: bool,
) -> Result<(), D::Leave> {
    let Computed { value, raised } = computed;
    // A fault of the store comes before anything is noted.
    let prevented = cpu.prevents(raised, BY_STORES);
    cpu.when(!prevented, || {
        let at = cpu.at(it);
        if bits < 80 {
            return cpu.store(access(bits), at, value[0]);
        }
        cpu.store(Access::U64, at, value[0])?;
        cpu.store(Access::U16, at + cpu.imm(8), value[1])
    })?;
    cpu.note(it, raised, C1)?;
    if !pops {
        return Ok(());
    }
    cpu.when(!prevented, || {
        cpu.pop();
        Ok(())
    })
}

/// Pushes a constant, given rounded down; what it lacks is `more` quarters of its last place.
#[inline(always)]
fn constant<D: Domain>(
    cpu: D,
    it: &Instruction,
    exponent: u64,
    significand: u64,
    more: u8,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let mut value = cpu.constant(significand);
    if more > 0 {
        let direction = (cpu.control_word() >> cpu.imm(10)) & cpu.imm(3);
        let up = direction.eq(cpu.imm(Direction::Up as i64));
        let nearest = direction.eq(cpu.imm(Direction::Nearest as i64));
        let rounds_up = if more > 1 { up | nearest } else { up };
        value = cpu.select(rounds_up, cpu.constant(significand + 1), value);
    }
    let value = [value, cpu.constant(exponent)];
    cpu.push_computed(
        it,
        Computed {
            value,
            raised: cpu.imm(0),
        },
    )
}

/// What a push onto a full stack raises.
#[inline(always)]
pub(super) fn full<D: Domain>(cpu: D) -> D::Word {
    let full = cpu.is_used(7).ne(cpu.imm(0));
    cpu.select(full, cpu.imm(FULL_STACK), cpu.imm(0))
}

/// Clears the condition that tells of rounding.
#[inline(always)]
pub(super) fn clear_c1<D: Domain>(cpu: D) {
    let status = cpu.read(FPU_STATUS);
    cpu.write(FPU_STATUS, status & cpu.imm(!C1));
}
