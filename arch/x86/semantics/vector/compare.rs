//! Floating-point comparisons.

use super::control::Floats;
use super::float::{of_elements, of_lowest, width};
use super::{Vector, semantics};
use crate::decode::{Form, Instruction, Operand};
use crate::regs::{AF, CF, OF, PF, SF, ZF};
use crate::semantics::flags::Flags;
use portolan_machine::domain::{Condition, Domain, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::Operation::{self, RelationQuiet, RelationSignaling};

semantics! { out of line:
    cmpps |cpu, it, to, from| packed(cpu, it, F32, to, from)?;
    cmppd |cpu, it, to, from| packed(cpu, it, F64, to, from)?;
    cmpss |cpu, it, to, from| scalar(cpu, it, F32, to, from)?;
    cmpsd |cpu, it, to, from| scalar(cpu, it, F64, to, from)?;
    comiss  |cpu, it, a, b| to_flags(cpu, it, RelationSignaling, F32, a, b)?;
    comisd  |cpu, it, a, b| to_flags(cpu, it, RelationSignaling, F64, a, b)?;
    ucomiss |cpu, it, a, b| to_flags(cpu, it, RelationQuiet, F32, a, b)?;
    ucomisd |cpu, it, a, b| to_flags(cpu, it, RelationQuiet, F64, a, b)?;
}

/// All ones if the predicate that the immediate numbers holds, else zero; as wide as the format.
#[inline(always)]
fn compare<D: Domain>(cpu: D, it: &Instruction, format: Format, operands: [D::Word; 2]) -> D::Word {
    // Without VEX there are eight predicates.
    let predicate = match it.form {
        Form::Legacy => it.immediate & 7,
        _ => it.immediate & 31,
    };
    // The relations of each predicate, as the operation numbers them: unordered is 1, equal 2, less 4.
    let (signals, relations) = match predicate & 3 {
        0 => (false, 2),
        1 => (true, 4),
        2 => (true, 6),
        _ => (false, 1),
    };
    let relations = relations ^ i64::from(predicate & 8 != 0);
    let operation = match signals ^ (predicate & 16 != 0) {
        true => RelationSignaling,
        false => RelationQuiet,
    };
    let relation = cpu.step(operation, format, operands) & cpu.imm(relations);
    let holds = match it.immediate & 4 {
        0 => relation.ne(cpu.imm(0)),
        _ => relation.eq(cpu.imm(0)),
    };
    (-holds.word()).zext(width(format))
}

#[inline(always)]
fn packed<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    of_elements(cpu, it, format, to, from, |_, pair| {
        compare(cpu, it, format, pair)
    })
}

#[inline(always)]
fn scalar<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    of_lowest(cpu, it, format, to, from, |pair| {
        compare(cpu, it, format, pair)
    })
}

/// The relation of the lowest elements in ZF, PF and CF, which are all set if there is none.
#[inline(always)]
fn to_flags<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Operation,
    format: Format,
    a: Operand,
    b: Operand,
) -> Result<(), D::Leave> {
    let bits = width(format);
    let b = cpu.element(it, b, bits)?;
    let a = cpu.read(a.slot).zext(bits);
    let before = cpu.begin();
    let relation = cpu.step(operation, format, [a, b]);
    cpu.finish(before)?;
    for (flag, relations) in [(ZF, 3), (PF, 1), (CF, 5)] {
        cpu.set_flag(flag, (relation & cpu.imm(relations)).ne(cpu.imm(0)));
    }
    for flag in [OF, AF, SF] {
        cpu.write(flag, cpu.imm(0));
    }
    Ok(())
}
