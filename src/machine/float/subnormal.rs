//! Subnormal numbers, where an instruction set has more to say of them than IEEE 754: they raise an
//! exception as operands, count as zeros, or are no results.

use super::format::Format;
use super::{Flags, Operation, Rounding, Rules, evaluate};

/// In the modes of [`evaluate_in`]: results that are tiny become zeros. They raise underflow and inexact.
pub const FLUSH_RESULTS: u64 = 1 << 3;
/// In the modes of [`evaluate_in`]: subnormal operands are zeros.
pub const OPERANDS_ARE_ZERO: u64 = 1 << 4;
/// In the modes of [`evaluate_in`]: underflow will trap, and so is raised by exact results, too
/// (IEEE 754-2019 §7.5), which are not flushed.
pub const UNDERFLOW_TRAPS: u64 = 1 << 5;

/// [`evaluate`] in a direction that the low three bits of `modes` number, with perhaps one of the
/// modes above.
#[inline(always)]
pub fn evaluate_in(
    operation: Operation,
    format: Format,
    rules: &Rules,
    modes: u64,
    known: Flags,
    args: [u64; 3],
) -> (u64, Flags) {
    let rounding = Rounding::from_index((modes & 7) as u8).unwrap_or(Rounding::NearestEven);
    if modes & (FLUSH_RESULTS | OPERANDS_ARE_ZERO | UNDERFLOW_TRAPS) == 0 {
        return evaluate(operation, format, rules, rounding, known, args);
    }
    with_modes(operation, format, rules, rounding, modes, args)
}

#[cold]
fn with_modes(
    operation: Operation,
    format: Format,
    rules: &Rules,
    rounding: Rounding,
    modes: u64,
    mut args: [u64; 3],
) -> (u64, Flags) {
    if modes & OPERANDS_ARE_ZERO != 0 && !takes_integer(operation) {
        for operand in &mut args {
            if is_subnormal(format, *operand) {
                *operand &= format.sign_bit();
            }
        }
    }
    let (result, mut flags) = evaluate(operation, format, rules, rounding, Flags::NONE, args);
    let target = match operation {
        Operation::ToF32 => Format::F32,
        Operation::ToF64 => Format::F64,
        _ if gives_rounded(operation) => format,
        _ => return (result, flags),
    };
    let tiny = is_subnormal(target, result) || flags.contains(Flags::UNDERFLOW);
    if tiny && modes & UNDERFLOW_TRAPS != 0 {
        flags |= Flags::UNDERFLOW;
    } else if tiny && modes & FLUSH_RESULTS != 0 {
        return (
            result & target.sign_bit(),
            flags | Flags::UNDERFLOW | Flags::INEXACT,
        );
    }
    (result, flags)
}

/// Whether an operand raises an exception for being subnormal that is not known to be raised.
#[inline(always)]
pub(super) fn raises(
    operation: Operation,
    format: Format,
    rules: &Rules,
    known: Flags,
    args: [u64; 3],
) -> bool {
    rules.denormal_operand
        && !known.contains(Flags::DENORMAL)
        && looks_at_operands(operation)
        && args.iter().any(|&operand| is_subnormal(format, operand))
}

/// Whether subnormal operands are an exception: conversions to integers do not mind.
fn looks_at_operands(operation: Operation) -> bool {
    use Operation::*;
    !takes_integer(operation)
        && !matches!(
            operation,
            ToSigned32
                | ToUnsigned32
                | ToSigned64
                | ToUnsigned64
                | RoundToIntegral { .. }
                | Classify
        )
}

fn takes_integer(operation: Operation) -> bool {
    use Operation::*;
    matches!(
        operation,
        FromSigned32 | FromUnsigned32 | FromSigned64 | FromUnsigned64
    )
}

/// Whether the result is a number that was rounded.
fn gives_rounded(operation: Operation) -> bool {
    use Operation::*;
    matches!(
        operation,
        Add | Sub | Mul | Div | Sqrt | MulAdd | MulSub | NegMulSub | NegMulAdd
    )
}

fn is_subnormal(format: Format, bits: u64) -> bool {
    let magnitude = format.truncate(bits) & !format.sign_bit();
    magnitude.wrapping_sub(1) < format.fraction()
}
