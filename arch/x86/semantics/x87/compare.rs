//! Comparison.

use super::transfer::load_operand;
use super::unit::{self, ALL_CONDITIONS, C1, Computed, EMPTY_REGISTER, Format, Unit};
use super::{EXCEPTIONS, Stack, number, semantics};
use crate::decode::{Instruction, Kind};
use crate::regs::{AF, CF, OF, PF, SF, ZF};
use crate::semantics::flags::Flags;
use portolan_machine::domain::{Domain, Helper, Word};

semantics! { out of line:
    fcom    |cpu, it| compare(cpu, it, &unit::COMPARE, 0)?;
    fcomp   |cpu, it| compare(cpu, it, &unit::COMPARE, 1)?;
    fcompp  |cpu, it| compare(cpu, it, &unit::COMPARE, 2)?;
    fucom   |cpu, it| compare(cpu, it, &unit::COMPARE_QUIETLY, 0)?;
    fucomp  |cpu, it| compare(cpu, it, &unit::COMPARE_QUIETLY, 1)?;
    fucompp |cpu, it| compare(cpu, it, &unit::COMPARE_QUIETLY, 2)?;
    ficom   |cpu, it| with_memory(cpu, it, Format::Integer, 0)?;
    ficomp  |cpu, it| with_memory(cpu, it, Format::Integer, 1)?;
    fcomi   |cpu, it| compare_to_flags(cpu, it, &unit::COMPARE, false)?;
    fcomip  |cpu, it| compare_to_flags(cpu, it, &unit::COMPARE, true)?;
    fucomi  |cpu, it| compare_to_flags(cpu, it, &unit::COMPARE_QUIETLY, false)?;
    fucomip |cpu, it| compare_to_flags(cpu, it, &unit::COMPARE_QUIETLY, true)?;
    ftst    |cpu, it| {
        cpu.wait()?;
        let (top, used) = (cpu.st(0), cpu.is_used(0));
        let computed = cpu.compute(&unit::COMPARE, top, cpu.nothing(), Format::Extended, used);
        conclude(cpu, it, computed.raised, 0)?;
    };
    fxam    |cpu, it| {
        cpu.wait()?;
        // Of an empty register, too, the sign is told.
        let [significand, exponent] = cpu.st(0);
        let used = cpu.is_used(0);
        let one = cpu.imm(1);
        let Computed { raised, .. } = cpu.compute(
            &unit::EXAMINE, [significand, exponent], cpu.nothing(), Format::Extended, one,
        );
        let empty = (raised & cpu.imm(C1)) | cpu.imm(ALL_CONDITIONS & !C1 & !C2);
        let raised = cpu.select(used.eq(cpu.imm(0)), empty, raised);
        cpu.note(it, raised, ALL_CONDITIONS)?;
    };
}

/// C2, which an empty register does not have in fxam.
const C2: i64 = crate::extended::status::C2 as i64;

/// A comparison of st(0), and with as many pops.
#[inline(always)]
fn compare<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
    pops: u8,
) -> Result<(), D::Leave> {
    let [first, second, _] = it.operands;
    if first.kind == Kind::Memory {
        return with_memory(cpu, it, Format::of_float(first.bits), pops);
    }
    cpu.wait()?;
    let other = match second.kind {
        Kind::Register => number(second),
        _ => 1,
    };
    let computed = cpu.compute_of(helper, [0, other]);
    conclude(cpu, it, computed.raised, pops)
}

#[inline(always)]
fn with_memory<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    pops: u8,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let operand = load_operand(cpu, it, format)?;
    let (top, used) = (cpu.st(0), cpu.is_used(0));
    let computed = cpu.compute(&unit::COMPARE, top, operand, format, used);
    conclude(cpu, it, computed.raised, pops)
}

#[inline(always)]
fn conclude<D: Domain>(
    cpu: D,
    it: &Instruction,
    raised: D::Word,
    pops: u8,
) -> Result<(), D::Leave> {
    cpu.conclude(it, raised, ALL_CONDITIONS, || {
        for _ in 0..pops {
            cpu.pop();
        }
    })
}

/// A comparison whose result is in the flags.
#[inline(always)]
fn compare_to_flags<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
    pops: bool,
) -> Result<(), D::Leave> {
    cpu.wait()?;
    let other = number(it.operands[1]);
    let used = cpu.is_used(0) & cpu.is_used(other);
    let Computed { raised, .. } =
        cpu.compute(helper, cpu.st(0), cpu.st(other), Format::Extended, used);
    let exceptions = raised & cpu.imm(EMPTY_REGISTER | EXCEPTIONS);
    cpu.clear_c1_unless(used);
    cpu.conclude(it, exceptions, 0, || {
        if pops {
            cpu.pop();
        }
    })?;
    // The flags are set even if something traps.
    for (flag, place) in [(CF, 8), (PF, 10), (ZF, 14)] {
        cpu.write(flag, cpu.bit(raised, place));
    }
    for flag in [OF, SF, AF] {
        cpu.write(flag, cpu.imm(0));
    }
    Ok(())
}
