//! Conversions. What no integer can hold becomes the "integer indefinite", of which only the top bit
//! is set.

use super::control::Floats;
use super::float::width;
use super::{Halves, Hart, Vector, semantics};
use crate::decode::{Instruction, Operand};
use crate::regs::FLOAT_MODES;
use portolan_machine::domain::{Domain, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::Operation::{
    FromSigned32, FromSigned64, ToF32, ToF64, ToSigned32, ToSigned64,
};
use portolan_machine::float::{OPERANDS_ARE_ZERO, Operation, Rounding};

// Scalars
semantics! { out of line:
    cvtsi2ss  |cpu, it, to, from| from_integer(cpu, it, F32, to, from)?;
    cvtsi2sd  |cpu, it, to, from| from_integer(cpu, it, F64, to, from)?;
    cvtss2si  |cpu, it, to, from| to_integer(cpu, it, F32, false, to, from)?;
    cvtsd2si  |cpu, it, to, from| to_integer(cpu, it, F64, false, to, from)?;
    cvttss2si |cpu, it, to, from| to_integer(cpu, it, F32, true, to, from)?;
    cvttsd2si |cpu, it, to, from| to_integer(cpu, it, F64, true, to, from)?;
    cvtss2sd  |cpu, it, to, from| {
        let x = cpu.element(it, from, 32)?;
        let before = cpu.begin();
        let result = cpu.step(ToF64, F32, [x, cpu.imm(0)]);
        cpu.finish(before)?;
        cpu.set_element(it, to, 64, result);
    };
    cvtsd2ss  |cpu, it, to, from| {
        let x = cpu.element(it, from, 64)?;
        let before = cpu.begin();
        let result = cpu.step(ToF32, F64, [x, cpu.imm(0)]);
        cpu.finish(before)?;
        cpu.set_element(it, to, 32, result);
    };
}

// Vectors
semantics! { out of line:
    cvtps2pd  |cpu, it, to, from| {
        let x = cpu.low_elements(it, from, 64)?;
        let before = cpu.begin();
        let result = cpu.each_half(it, |half| {
            [0, 1].map(|n| cpu.step(ToF64, F32, [cpu.lane(&[x[half]], 32, n), cpu.imm(0)]))
        });
        cpu.finish(before)?;
        cpu.set_halves(it, to, result);
    };
    cvtpd2ps  |cpu, it, to, from| {
        let x = cpu.operand(it, from)?;
        let before = cpu.begin();
        let result = narrowed(cpu, it, x, |x| cpu.step(ToF32, F64, [x, cpu.imm(0)]));
        cpu.finish(before)?;
        cpu.set_xmm(it, to, result);
    };
    cvtdq2pd  |cpu, it, to, from| {
        // No integer of 32 bits is beyond the precision of a double.
        let x = cpu.low_elements(it, from, 64)?;
        let result = cpu.each_half(it, |half| {
            [0, 1].map(|n| cpu.step(FromSigned32, F64, [cpu.lane(&[x[half]], 32, n), cpu.imm(0)]))
        });
        cpu.set_halves(it, to, result);
    };
    cvtdq2ps  |cpu, it, to, from| {
        let x = cpu.operand(it, from)?;
        let before = cpu.begin();
        let result = cpu.each_half(it, |half| {
            cpu.of_lanes(32, |n| cpu.step(FromSigned32, F32, [cpu.lane(&x[half], 32, n), cpu.imm(0)]))
        });
        cpu.finish(before)?;
        cpu.set_halves(it, to, result);
    };
    cvtps2dq  |cpu, it, to, from| singles_to_integers(cpu, it, false, to, from)?;
    cvttps2dq |cpu, it, to, from| singles_to_integers(cpu, it, true, to, from)?;
    cvtpd2dq  |cpu, it, to, from| doubles_to_integers(cpu, it, false, to, from)?;
    cvttpd2dq |cpu, it, to, from| doubles_to_integers(cpu, it, true, to, from)?;
}

#[inline(always)]
fn from_integer<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.get(it, from)?;
    let operation = if from.bits == 64 {
        FromSigned64
    } else {
        FromSigned32
    };
    let before = cpu.begin();
    let result = cpu.step(operation, format, [x, cpu.imm(0)]);
    cpu.finish(before)?;
    cpu.set_element(it, to, width(format), result);
    Ok(())
}

#[inline(always)]
fn to_integer<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    truncates: bool,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.element(it, from, width(format))?;
    let operation = if to.bits == 64 {
        ToSigned64
    } else {
        ToSigned32
    };
    let before = cpu.begin();
    let result = integer(cpu, operation, format, truncates, x);
    cpu.finish(before)?;
    cpu.set_part(to, result);
    Ok(())
}

/// A number as an integer, rounded as MXCSR says or towards zero.
#[inline(always)]
fn integer<D: Domain>(
    cpu: D,
    operation: Operation,
    format: Format,
    truncates: bool,
    x: D::Word,
) -> D::Word {
    if !truncates {
        return cpu.step(operation, format, [x, cpu.imm(0)]);
    }
    // The direction stays one that is known when the instruction is decoded, so that its subnormal
    // operands are cleared here.
    let mode = cpu.read(FLOAT_MODES) & cpu.constant(OPERANDS_ARE_ZERO);
    // Without the sign, in the high bits.
    let unused = 64 - width(format);
    let least_normal = 1u64 << format.precision() << unused;
    let tiny = (x << cpu.imm(unused + 1)).lt_u(cpu.constant(least_normal));
    let x = cpu.select(mode.ne(cpu.imm(0)) & tiny, cpu.imm(0), x);
    let direction = cpu.imm(Rounding::TowardZero.index());
    cpu.step_in(direction, operation, format, [x, cpu.imm(0)])
}

#[inline(always)]
fn singles_to_integers<D: Domain>(
    cpu: D,
    it: &Instruction,
    truncates: bool,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.operand(it, from)?;
    let before = cpu.begin();
    let result = cpu.each_half(it, |half| {
        let each = |n| integer(cpu, ToSigned32, F32, truncates, cpu.lane(&x[half], 32, n));
        cpu.of_lanes(32, each)
    });
    cpu.finish(before)?;
    cpu.set_halves(it, to, result);
    Ok(())
}

#[inline(always)]
fn doubles_to_integers<D: Domain>(
    cpu: D,
    it: &Instruction,
    truncates: bool,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.operand(it, from)?;
    let before = cpu.begin();
    let result = narrowed(cpu, it, x, |x| integer(cpu, ToSigned32, F64, truncates, x));
    cpu.finish(before)?;
    cpu.set_xmm(it, to, result);
    Ok(())
}

/// What doubles become that are half as wide afterwards: a word for each half.
#[inline(always)]
fn narrowed<D: Domain>(
    cpu: D,
    it: &Instruction,
    x: Halves<D::Word>,
    each: impl Fn(D::Word) -> D::Word,
) -> [D::Word; 2] {
    let mut words = [cpu.imm(0), cpu.imm(0)];
    for half in 0..it.form.halves() {
        let [low, high] = x[half].map(&each);
        words[half] = high << cpu.imm(32) | low;
    }
    words
}
