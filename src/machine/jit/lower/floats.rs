//! Floating-point operations on the host's unit, where its result is the guest's; by the exact helper
//! everywhere else. The conditions are those of the interpreter's fast path (`float/fast.rs` has the
//! proofs): rounding to nearest, inexact raised already, and an ordinary result.
//!
//! Flags only accumulate, so inexact, once it is known to be raised, stays so: the test of it is made
//! once in a run of instructions.

use super::{Lowering, support};
use crate::domain::FloatUnit;
use crate::float::{Flags, Format, Operation, Rounding};
use crate::jit::support::Site;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F32, F64, I32, I64};
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, MemFlagsData, Type, Value};

/// A value computed on the host's unit, and whether it is the guest's; None: it always is.
struct Attempt {
    value: Value,
    good: Option<Value>,
}

/// What an attempt rests on before it is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Premise {
    Nothing,
    /// Rounding to nearest, and inexact raised.
    Rounded,
}

impl Lowering<'_> {
    /// The result of an operation, as a word; its exceptions are accumulated.
    pub(super) fn float(
        &mut self,
        unit: &'static FloatUnit,
        operation: Operation,
        format: Format,
        rounding: Value,
        operands: [Value; 3],
    ) -> Value {
        let known = self.known.get(&rounding).copied();
        let nearest = known.is_none_or(|index| index == Rounding::NearestEven as u64);
        let Some(premise) = self
            .premise(operation, format, known)
            .filter(|_| nearest || !rounds(operation))
        else {
            let (value, flags) = self.exact(unit, operation, format, rounding, operands);
            self.write(unit.flags, flags);
            return value;
        };
        let raised = self.read(unit.flags);
        let merge = self.builder.create_block();
        let slow = self.builder.create_block();
        self.builder.set_cold_block(slow);
        let mut slow_is_reached = false;
        if premise == Premise::Rounded {
            let holds = self.rounds_freely(unit, rounding, raised);
            let fast = self.builder.create_block();
            self.builder.ins().brif(holds, fast, &[], slow, &[]);
            slow_is_reached = true;
            self.enter(fast);
        }
        let mut attempt = self.attempt(operation, format, operands, raised);
        if unit.rules.denormal_operand {
            attempt.good = self.unless_subnormal(operation, format, operands, attempt.good);
        }
        let kind = self.builder.func.dfg.value_type(attempt.value);
        let value = self.builder.append_block_param(merge, kind);
        let flags = self.builder.append_block_param(merge, I64);
        let done = [BlockArg::Value(attempt.value), BlockArg::Value(raised)];
        match attempt.good {
            Some(good) => {
                self.builder.ins().brif(good, merge, &done, slow, &[]);
                slow_is_reached = true;
            }
            None => {
                self.builder.ins().jump(merge, &done);
            }
        }
        self.enter(slow);
        if slow_is_reached {
            let (exact, now) = self.exact(unit, operation, format, rounding, operands);
            let exact = self.typed(kind, exact);
            self.jump_with(merge, exact, now);
        } else {
            let nothing = self.typed(kind, raised);
            self.jump_with(merge, nothing, raised);
        }
        self.enter(merge);
        self.write(unit.flags, flags);
        self.bits(value)
    }

    fn jump_with(&mut self, block: Block, value: Value, flags: Value) {
        let arguments = [BlockArg::Value(value), BlockArg::Value(flags)];
        self.builder.ins().jump(block, &arguments);
    }

    /// The exact result, and all exceptions raised then.
    fn exact(
        &mut self,
        unit: &'static FloatUnit,
        operation: Operation,
        format: Format,
        rounding: Value,
        [a, b, c]: [Value; 3],
    ) -> (Value, Value) {
        let site = self.site(Site {
            unit,
            operation,
            format,
        });
        let raised = self.read(unit.flags);
        let raised = self.builder.ins().ishl_imm_u(raised, 8);
        let modes = self.builder.ins().bor(raised, rounding);
        let function = support::float as *const ();
        let results = self.call(function, &[site, modes, a, b, c], 2);
        (results[0], results[1])
    }

    /// Whether results may be rounded without a look at what it raises. Remembered for the run.
    fn rounds_freely(&mut self, unit: &'static FloatUnit, rounding: Value, raised: Value) -> Value {
        if let Some((slot, mode, holds)) = self.free_rounding
            && slot == unit.flags
            && (mode == rounding
                || self.known.contains_key(&mode) && self.known.contains_key(&rounding))
        {
            return holds;
        }
        let inexact = i64::from(Flags::INEXACT.bits());
        let raised = self.builder.ins().band_imm_u(raised, inexact);
        let mut holds = self.builder.ins().icmp_imm_u(IntCC::NotEqual, raised, 0);
        if !self.known.contains_key(&rounding) {
            let index = Rounding::NearestEven as i64;
            let nearest = self.builder.ins().icmp_imm_u(IntCC::Equal, rounding, index);
            holds = self.builder.ins().band(holds, nearest);
        }
        if self.open.is_empty() {
            self.free_rounding = Some((unit.flags, rounding, holds));
        }
        holds
    }

    /// What has to hold for the host's unit to be tried; None if it is of no use.
    fn premise(
        &self,
        operation: Operation,
        format: Format,
        rounding: Option<u64>,
    ) -> Option<Premise> {
        use Operation::*;
        Some(match operation {
            Add | Sub | Mul | Div | Sqrt => Premise::Rounded,
            MulAdd | MulSub | NegMulSub | NegMulAdd if self.target.fma => Premise::Rounded,
            FromSigned32 | FromUnsigned32 if format == Format::F64 => Premise::Nothing,
            FromSigned32 | FromUnsigned32 | FromSigned64 | ToF32 => Premise::Rounded,
            EqualQuiet | LessSignaling | LessEqualSignaling | MinimumNumber | MaximumNumber
            | Lesser | Greater | ToF64 => Premise::Nothing,
            ToSigned32 | ToSigned64 if rounding == Some(Rounding::TowardZero as u64) => {
                Premise::Nothing
            }
            _ => return None,
        })
    }

    fn attempt(
        &mut self,
        operation: Operation,
        format: Format,
        operands: [Value; 3],
        raised: Value,
    ) -> Attempt {
        use Operation::*;
        let kind = match format {
            Format::F32 => F32,
            Format::F64 => F64,
        };
        match operation {
            FromSigned32 | FromUnsigned32 | FromSigned64 => {
                let low = |lowering: &mut Self| lowering.builder.ins().ireduce(I32, operands[0]);
                let integer = match operation {
                    FromSigned64 => operands[0],
                    FromSigned32 => {
                        let low = low(self);
                        self.builder.ins().sextend(I64, low)
                    }
                    _ => {
                        let low = low(self);
                        self.builder.ins().uextend(I64, low)
                    }
                };
                let value = self.builder.ins().fcvt_from_sint(kind, integer);
                return Attempt { value, good: None };
            }
            _ => {}
        }
        let [x, y, z] = operands.map(|operand| self.typed(kind, operand));
        let ins = self.builder.ins();
        match operation {
            Add => {
                let sum = ins.fadd(x, y);
                self.if_finite(sum)
            }
            Sub => {
                let difference = ins.fsub(x, y);
                self.if_finite(difference)
            }
            Mul => {
                let product = ins.fmul(x, y);
                self.if_plain(product)
            }
            Div => {
                let quotient = ins.fdiv(x, y);
                self.if_plain(quotient)
            }
            Sqrt => {
                let root = ins.sqrt(x);
                self.if_plain(root)
            }
            MulAdd | MulSub | NegMulSub | NegMulAdd => {
                let x = match operation {
                    NegMulSub | NegMulAdd => ins.fneg(x),
                    _ => x,
                };
                let z = match operation {
                    MulSub | NegMulAdd => self.builder.ins().fneg(z),
                    _ => z,
                };
                let sum = self.builder.ins().fma(x, y, z);
                self.if_plain(sum)
            }
            ToF32 if kind == F32 => self.if_ordered(x, x),
            ToF32 => {
                let narrow = ins.fdemote(F32, x);
                self.if_plain(narrow)
            }
            ToF64 if kind == F64 => self.if_ordered(x, x),
            ToF64 => {
                let wide = ins.fpromote(F64, x);
                self.if_ordered(wide, wide)
            }
            EqualQuiet | LessSignaling | LessEqualSignaling => {
                let comparison = match operation {
                    EqualQuiet => FloatCC::Equal,
                    LessSignaling => FloatCC::LessThan,
                    _ => FloatCC::LessThanOrEqual,
                };
                let good = ins.fcmp(FloatCC::Ordered, x, y);
                let truth = self.builder.ins().fcmp(comparison, x, y);
                let value = self.builder.ins().uextend(I64, truth);
                let good = Some(good);
                Attempt { value, good }
            }
            Lesser | Greater => {
                let good = ins.fcmp(FloatCC::Ordered, x, y);
                let (lesser, greater) = match operation {
                    Lesser => (x, y),
                    _ => (y, x),
                };
                let less = self.builder.ins().fcmp(FloatCC::LessThan, lesser, greater);
                let value = self.builder.ins().select(less, x, y);
                let good = Some(good);
                Attempt { value, good }
            }
            MinimumNumber | MaximumNumber => {
                let good = ins.fcmp(FloatCC::OrderedNotEqual, x, y);
                let less = self.builder.ins().fcmp(FloatCC::LessThan, x, y);
                let (yes, no) = match operation {
                    MinimumNumber => (x, y),
                    _ => (y, x),
                };
                let value = self.builder.ins().select(less, yes, no);
                let good = Some(good);
                Attempt { value, good }
            }
            _ => self.truncated(operation, kind, x, raised),
        }
    }

    /// What else has to hold where a subnormal operand may be an exception, or a zero.
    fn unless_subnormal(
        &mut self,
        operation: Operation,
        format: Format,
        operands: [Value; 3],
        mut good: Option<Value>,
    ) -> Option<Value> {
        let unused = 65 - i64::from(format.width());
        let fractions = (1u64 << (format.precision() - 1)) - 1;
        for operand in &operands[..operands_minded(operation)] {
            // Without the sign, in the high bits.
            let magnitude = self.builder.ins().ishl_imm_u(*operand, unused);
            let below = self.builder.ins().iadd_imm_s(magnitude, -1);
            let limit = self.constant(fractions << unused);
            let not_below = IntCC::UnsignedGreaterThanOrEqual;
            let ordinary = self.builder.ins().icmp(not_below, below, limit);
            good = Some(match good {
                Some(good) => self.builder.ins().band(good, ordinary),
                None => ordinary,
            });
        }
        good
    }

    /// A conversion towards zero of a number in range, exact or not if that has been raised.
    fn truncated(&mut self, operation: Operation, kind: Type, x: Value, raised: Value) -> Attempt {
        let integer = self.builder.ins().fcvt_to_sint_sat(I64, x);
        let magnitude = self.builder.ins().fabs(x);
        let limit = self.builder.ins().iconst(I64, f64_bits(kind, 62) as i64);
        let limit = self.typed(kind, limit);
        let mut good = self.builder.ins().fcmp(FloatCC::LessThan, magnitude, limit);
        let back = self.builder.ins().fcvt_from_sint(kind, integer);
        let exact = self.builder.ins().fcmp(FloatCC::Equal, back, x);
        let inexact = i64::from(Flags::INEXACT.bits());
        let raised = self.builder.ins().band_imm_u(raised, inexact);
        let raised = self.builder.ins().icmp_imm_u(IntCC::NotEqual, raised, 0);
        let silent = self.builder.ins().bor(exact, raised);
        good = self.builder.ins().band(good, silent);
        let mut value = integer;
        if operation == Operation::ToSigned32 {
            let low = self.builder.ins().ireduce(I32, integer);
            let wide = self.builder.ins().sextend(I64, low);
            let fits = self.builder.ins().icmp(IntCC::Equal, wide, integer);
            good = self.builder.ins().band(good, fits);
            value = self.builder.ins().uextend(I64, low);
        }
        let good = Some(good);
        Attempt { value, good }
    }

    /// Good unless infinite or a NaN: then the difference from itself is one.
    fn if_finite(&mut self, value: Value) -> Attempt {
        let difference = self.builder.ins().fsub(value, value);
        let ordered = FloatCC::Ordered;
        let good = self.builder.ins().fcmp(ordered, difference, difference);
        let good = Some(good);
        Attempt { value, good }
    }

    fn if_ordered(&mut self, value: Value, other: Value) -> Attempt {
        let good = self.builder.ins().fcmp(FloatCC::Ordered, value, other);
        let good = Some(good);
        Attempt { value, good }
    }

    /// Good if finite and at least twice the least normal number, which is never a tiny result
    /// rounded up.
    fn if_plain(&mut self, value: Value) -> Attempt {
        let (fraction, exponents) = match self.builder.func.dfg.value_type(value) {
            F32 => (23, 0xff),
            _ => (52, 0x7ff),
        };
        let bits = self.bits(value);
        let exponent = self.builder.ins().ushr_imm_u(bits, fraction);
        let exponent = self.builder.ins().band_imm_u(exponent, exponents);
        let above = self.builder.ins().iadd_imm_s(exponent, -2);
        let ordinary = IntCC::UnsignedLessThan;
        let good = self
            .builder
            .ins()
            .icmp_imm_u(ordinary, above, exponents - 2);
        let good = Some(good);
        Attempt { value, good }
    }

    /// A word as a value of another type: its low bits.
    fn typed(&mut self, kind: Type, word: Value) -> Value {
        match kind {
            F32 => {
                let low = self.builder.ins().ireduce(I32, word);
                self.builder.ins().bitcast(F32, MemFlagsData::new(), low)
            }
            F64 => self.builder.ins().bitcast(F64, MemFlagsData::new(), word),
            _ => word,
        }
    }

    /// A value as a word, zero-extended.
    fn bits(&mut self, value: Value) -> Value {
        match self.builder.func.dfg.value_type(value) {
            F32 => {
                let low = self.builder.ins().bitcast(I32, MemFlagsData::new(), value);
                self.builder.ins().uextend(I64, low)
            }
            F64 => self.builder.ins().bitcast(I64, MemFlagsData::new(), value),
            _ => value,
        }
    }
}

/// Whether the rounding direction matters to an operation that is tried.
fn rounds(operation: Operation) -> bool {
    use Operation::*;
    matches!(
        operation,
        Add | Sub
            | Mul
            | Div
            | Sqrt
            | MulAdd
            | MulSub
            | NegMulSub
            | NegMulAdd
            | FromSigned32
            | FromSigned64
            | FromUnsigned32
            | ToF32
    )
}

/// How many operands of an operation are numbers of which it matters whether they are subnormal.
fn operands_minded(operation: Operation) -> usize {
    use Operation::*;
    match operation {
        FromSigned32 | FromUnsigned32 | FromSigned64 | ToSigned32 | ToSigned64 => 0,
        Sqrt | ToF32 | ToF64 => 1,
        MulAdd | MulSub | NegMulSub | NegMulAdd => 3,
        _ => 2,
    }
}

/// The bits of a power of two.
fn f64_bits(kind: Type, exponent: u64) -> u64 {
    match kind {
        F32 => (127 + exponent) << 23,
        _ => (1023 + exponent) << 52,
    }
}
