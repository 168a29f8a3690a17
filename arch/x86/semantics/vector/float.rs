//! Floating-point arithmetic: packed (`ps`, `pd`) and scalar (`ss`, `sd`).

use super::control::{Floats, ROUNDINGS};
use super::{Vector, semantics};
use crate::decode::{Instruction, Operand};
use crate::regs::FLOAT_MODES;
use portolan_machine::domain::{Domain, Helper, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::Operation::{self, Add, Div, Greater, Lesser, Mul, Sqrt, Sub};

semantics! { out of line:
    addps  |cpu, it, to, from| packed(cpu, it, Add, F32, to, from)?;
    addpd  |cpu, it, to, from| packed(cpu, it, Add, F64, to, from)?;
    addss  |cpu, it, to, from| scalar(cpu, it, Add, F32, to, from)?;
    addsd  |cpu, it, to, from| scalar(cpu, it, Add, F64, to, from)?;
    subps  |cpu, it, to, from| packed(cpu, it, Sub, F32, to, from)?;
    subpd  |cpu, it, to, from| packed(cpu, it, Sub, F64, to, from)?;
    subss  |cpu, it, to, from| scalar(cpu, it, Sub, F32, to, from)?;
    subsd  |cpu, it, to, from| scalar(cpu, it, Sub, F64, to, from)?;
    mulps  |cpu, it, to, from| packed(cpu, it, Mul, F32, to, from)?;
    mulpd  |cpu, it, to, from| packed(cpu, it, Mul, F64, to, from)?;
    mulss  |cpu, it, to, from| scalar(cpu, it, Mul, F32, to, from)?;
    mulsd  |cpu, it, to, from| scalar(cpu, it, Mul, F64, to, from)?;
    divps  |cpu, it, to, from| packed(cpu, it, Div, F32, to, from)?;
    divpd  |cpu, it, to, from| packed(cpu, it, Div, F64, to, from)?;
    divss  |cpu, it, to, from| scalar(cpu, it, Div, F32, to, from)?;
    divsd  |cpu, it, to, from| scalar(cpu, it, Div, F64, to, from)?;
    minps  |cpu, it, to, from| packed(cpu, it, Lesser, F32, to, from)?;
    minpd  |cpu, it, to, from| packed(cpu, it, Lesser, F64, to, from)?;
    minss  |cpu, it, to, from| scalar(cpu, it, Lesser, F32, to, from)?;
    minsd  |cpu, it, to, from| scalar(cpu, it, Lesser, F64, to, from)?;
    maxps  |cpu, it, to, from| packed(cpu, it, Greater, F32, to, from)?;
    maxpd  |cpu, it, to, from| packed(cpu, it, Greater, F64, to, from)?;
    maxss  |cpu, it, to, from| scalar(cpu, it, Greater, F32, to, from)?;
    maxsd  |cpu, it, to, from| scalar(cpu, it, Greater, F64, to, from)?;
    sqrtps |cpu, it, to, from| packed_root(cpu, it, F32, to, from)?;
    sqrtpd |cpu, it, to, from| packed_root(cpu, it, F64, to, from)?;
    sqrtss |cpu, it, to, from| scalar_root(cpu, it, F32, to, from)?;
    sqrtsd |cpu, it, to, from| scalar_root(cpu, it, F64, to, from)?;
}

// Approximations
semantics! { out of line:
    rcpps   |cpu, it, to, from| approximated(cpu, it, &RECIPROCAL, to, from)?;
    rcpss   |cpu, it, to, from| {
        let x = cpu.element(it, from, 32)?;
        cpu.set_element(it, to, 32, cpu.call(&RECIPROCAL, [x, cpu.imm(0), cpu.imm(0)]));
    };
    rsqrtps |cpu, it, to, from| approximated(cpu, it, &RECIPROCAL_ROOT, to, from)?;
    rsqrtss |cpu, it, to, from| {
        let x = cpu.element(it, from, 32)?;
        cpu.set_element(it, to, 32, cpu.call(&RECIPROCAL_ROOT, [x, cpu.imm(0), cpu.imm(0)]));
    };
}

// SSE3: neighbours
semantics! { out of line:
    addsubps |cpu, it, to, from| alternating(cpu, it, F32, to, from)?;
    addsubpd |cpu, it, to, from| alternating(cpu, it, F64, to, from)?;
    haddps   |cpu, it, to, from| neighbours(cpu, it, Add, F32, to, from)?;
    haddpd   |cpu, it, to, from| neighbours(cpu, it, Add, F64, to, from)?;
    hsubps   |cpu, it, to, from| neighbours(cpu, it, Sub, F32, to, from)?;
    hsubpd   |cpu, it, to, from| neighbours(cpu, it, Sub, F64, to, from)?;
}

// SSE4.1: rounding and dot products
semantics! { out of line:
    roundps |cpu, it, to, from| {
        let x = cpu.operand(it, from)?;
        let result = rounded(cpu, it, |step| cpu.each_half(it, |half| {
            cpu.of_lanes(32, |n| step(F32, cpu.lane(&x[half], 32, n)))
        }))?;
        cpu.set_halves(it, to, result);
    };
    roundpd |cpu, it, to, from| {
        let x = cpu.operand(it, from)?;
        let result = rounded(cpu, it, |step| {
            cpu.each_half(it, |half| x[half].map(|x| step(F64, x)))
        })?;
        cpu.set_halves(it, to, result);
    };
    roundss |cpu, it, to, from| {
        let x = cpu.element(it, from, 32)?;
        let result = rounded(cpu, it, |step| step(F32, x))?;
        cpu.set_element(it, to, 32, result);
    };
    roundsd |cpu, it, to, from| {
        let x = cpu.element(it, from, 64)?;
        let result = rounded(cpu, it, |step| step(F64, x))?;
        cpu.set_element(it, to, 64, result);
    };
    dpps |cpu, it, to, from| {
        let (a, b) = (cpu.halves(it, to), cpu.operand(it, from)?);
        let before = cpu.begin();
        let result = cpu.each_half(it, |half| {
            let products: [D::Word; 4] = std::array::from_fn(|n| {
                let pair = [a, b].map(|x| cpu.lane(&x[half], 32, n as u8));
                product(cpu, it, F32, n as u8, pair)
            });
            let [p, q, r, s] = products;
            let sums = [cpu.step(Add, F32, [p, q]), cpu.step(Add, F32, [r, s])];
            let sum = cpu.step(Add, F32, sums);
            cpu.of_lanes(32, |n| chosen(cpu, it, n, sum))
        });
        cpu.finish(before)?;
        cpu.set_halves(it, to, result);
    };
    dppd |cpu, it, to, from| {
        let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
        let before = cpu.begin();
        let products: [D::Word; 2] = std::array::from_fn(|n| product(cpu, it, F64, n as u8, [a[n], b[n]]));
        let sum = cpu.step(Add, F64, products);
        cpu.finish(before)?;
        cpu.set_xmm(it, to, [0, 1].map(|n| chosen(cpu, it, n, sum)));
    };
}

/// The bits of a format's elements.
pub(super) fn width(format: Format) -> u8 {
    format.width() as u8
}

/// Each element of the result is made of those in its place in both operands.
#[inline(always)]
pub(super) fn of_elements<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
    element: impl Fn(u8, [D::Word; 2]) -> D::Word,
) -> Result<(), D::Leave> {
    let (a, b) = (cpu.halves(it, to), cpu.operand(it, from)?);
    let bits = width(format);
    let before = cpu.begin();
    let result = cpu.each_half(it, |half| {
        cpu.of_lanes(bits, |n| {
            element(n, [a, b].map(|x| cpu.lane(&x[half], bits, n)))
        })
    });
    cpu.finish(before)?;
    cpu.set_halves(it, to, result);
    Ok(())
}

/// The lowest element of the result is made of the lowest ones of both operands; the others stay.
#[inline(always)]
pub(super) fn of_lowest<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
    element: impl Fn([D::Word; 2]) -> D::Word,
) -> Result<(), D::Leave> {
    let bits = width(format);
    let b = cpu.element(it, from, bits)?;
    let a = cpu.read(to.source).zext(bits);
    let before = cpu.begin();
    let result = element([a, b]);
    cpu.finish(before)?;
    cpu.set_element(it, to, bits, result);
    Ok(())
}

/// An operation on each element of both operands.
#[inline(always)]
fn packed<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Operation,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    of_elements(cpu, it, format, to, from, |_, pair| {
        cpu.step(operation, format, pair)
    })
}

/// An operation on the lowest elements.
#[inline(always)]
fn scalar<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Operation,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    of_lowest(cpu, it, format, to, from, |pair| {
        cpu.step(operation, format, pair)
    })
}

#[inline(always)]
fn packed_root<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.operand(it, from)?;
    let bits = width(format);
    let before = cpu.begin();
    let result = cpu.each_half(it, |half| {
        let each = |n| cpu.step(Sqrt, format, [cpu.lane(&x[half], bits, n), cpu.imm(0)]);
        cpu.of_lanes(bits, each)
    });
    cpu.finish(before)?;
    cpu.set_halves(it, to, result);
    Ok(())
}

#[inline(always)]
fn scalar_root<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let bits = width(format);
    let x = cpu.element(it, from, bits)?;
    let before = cpu.begin();
    let result = cpu.step(Sqrt, format, [x, cpu.imm(0)]);
    cpu.finish(before)?;
    cpu.set_element(it, to, bits, result);
    Ok(())
}

/// Differences in the even elements, sums in the odd ones.
#[inline(always)]
fn alternating<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    of_elements(cpu, it, format, to, from, |n, pair| {
        let operation = if n % 2 == 0 { Sub } else { Add };
        cpu.step(operation, format, pair)
    })
}

/// An operation on the neighbours in the first operand, then in the second.
#[inline(always)]
fn neighbours<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Operation,
    format: Format,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let (first, second) = (cpu.halves(it, to), cpu.operand(it, from)?);
    let bits = width(format);
    let before = cpu.begin();
    let result = cpu.each_half(it, |half| {
        let ([a, b], [c, d]) = (first[half], second[half]);
        cpu.of_lanes(bits, |n| {
            let pair = [2 * n, 2 * n + 1].map(|n| cpu.lane(&[a, b, c, d], bits, n));
            cpu.step(operation, format, pair)
        })
    });
    cpu.finish(before)?;
    cpu.set_halves(it, to, result);
    Ok(())
}

/// Rounds to integral values as the immediate says: in the direction of its low two bits, or of MXCSR;
/// and whether a result that differs is inexact.
#[inline(always)]
fn rounded<D: Domain, R>(
    cpu: D,
    it: &Instruction,
    each: impl FnOnce(&dyn Fn(Format, D::Word) -> D::Word) -> R,
) -> Result<R, D::Leave> {
    let exact = it.immediate & 8 == 0;
    let modes = cpu.read(FLOAT_MODES);
    let modes = match it.immediate & 4 {
        0 => {
            let direction = ROUNDINGS[(it.immediate & 3) as usize];
            modes & cpu.imm(!7i64) | cpu.imm(direction.index())
        }
        _ => modes,
    };
    let before = cpu.begin();
    let result = each(&|format, x| {
        let operation = Operation::RoundToIntegral { exact };
        cpu.step_in(modes, operation, format, [x, cpu.imm(0)])
    });
    cpu.finish(before)?;
    Ok(result)
}

/// A product that the immediate's upper half chooses, else zero.
#[inline(always)]
fn product<D: Domain>(
    cpu: D,
    it: &Instruction,
    format: Format,
    number: u8,
    factors: [D::Word; 2],
) -> D::Word {
    match it.immediate >> (4 + number) & 1 {
        0 => cpu.imm(0),
        _ => cpu.step(Mul, format, factors),
    }
}

/// The sum, in an element that the immediate's lower half chooses.
#[inline(always)]
fn chosen<D: Domain>(cpu: D, it: &Instruction, number: u8, sum: D::Word) -> D::Word {
    match it.immediate >> number & 1 {
        0 => cpu.imm(0),
        _ => sum,
    }
}

#[inline(always)]
fn approximated<D: Domain>(
    cpu: D,
    it: &Instruction,
    helper: &'static Helper,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.operand(it, from)?;
    let result = cpu.each_half(it, |half| {
        let each = |n| cpu.call(helper, [cpu.lane(&x[half], 32, n), cpu.imm(0), cpu.imm(0)]);
        cpu.of_lanes(32, each)
    });
    cpu.set_halves(it, to, result);
    Ok(())
}

static RECIPROCAL: Helper = Helper {
    name: "reciprocal",
    arity: 1,
    function: reciprocal,
};

static RECIPROCAL_ROOT: Helper = Helper {
    name: "reciprocal_root",
    arity: 1,
    function: reciprocal_root,
};

// Processors differ in the error, which is at most 1.5 * 2^-12 of the result: none is one of them.

extern "C" fn reciprocal(x: u64, _: u64, _: u64) -> u64 {
    approximate(x, |x| 1.0 / x)
}

extern "C" fn reciprocal_root(x: u64, _: u64, _: u64) -> u64 {
    approximate(x, |x| 1.0 / x.sqrt())
}

/// A function of a single, where subnormal operands and results are zeros and no exception is raised.
fn approximate(x: u64, f: fn(f64) -> f64) -> u64 {
    let bits = x as u32;
    let single = f32::from_bits(bits);
    let operand = match single {
        _ if single.is_nan() => return (bits | 1 << 22).into(),
        _ if single.is_subnormal() => f32::from_bits(bits & 1 << 31),
        _ => single,
    };
    let result = f(operand.into()) as f32;
    match result {
        _ if result.is_nan() => 0xffc0_0000,
        _ if result.is_subnormal() => (result.to_bits() & 1 << 31).into(),
        _ => result.to_bits().into(),
    }
}
