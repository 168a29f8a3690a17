//! Floating-point operations on the host's unit, which also collects what they raise: see
//! [`exceptions`]. The exact helper computes what the host does not: results that are NaNs or come of
//! them, and other directions than to nearest.
//!
//! Cranelift takes its operations for pure: one without a use it drops, and one whose operands do not
//! change in a loop it carries out before the loop. So the result of each operation that may raise
//! something decides where code goes on, or goes to memory, right after it; and
//! [`anchor`](crate::jit::anchor) sees to those in loops.

use super::Lowering;
use crate::domain::{Binary, FloatUnit};
use crate::float::{Format, Operation, Rounding, Tininess};
use crate::graph::{Graph, Id, Node};
use crate::hart::Hart;
use crate::jit::exceptions::{self, Site};
use crate::jit::frame::{frame_offset, from_handle};
use crate::memory::{Access, Order};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F32, F64, I8, I32, I64};
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, InstructionData, MemFlagsData, Opcode, Type, Value,
};
use cranelift_codegen::isa::CallConv;
use std::mem::offset_of;

/// An operation as the guest's instruction has it.
#[derive(Clone, Copy)]
pub(super) struct Floating {
    pub unit: &'static FloatUnit,
    pub operation: Operation,
    pub format: Format,
    pub rounding: Value,
    pub operands: [Value; 3],
}

impl Floating {
    fn kind(&self) -> Type {
        match self.format {
            Format::F32 => F32,
            Format::F64 => F64,
        }
    }
}

/// A value computed on the host's unit, and whether it is the guest's; None: it is where code has come
/// so far.
struct Attempt {
    value: Value,
    good: Option<Value>,
}

impl Lowering<'_> {
    /// The result of an operation: a float, a word, or a condition.
    pub(super) fn float(&mut self, floating: &Floating) -> Value {
        let mut slow = None;
        let Some(Attempt { value, good }) = self.attempt(floating, &mut slow) else {
            return self.exact(floating);
        };
        if good.is_none() && slow.is_none() {
            return value;
        }
        let slow = self.slow(&mut slow);
        let merge = self.builder.create_block();
        let kind = self.builder.func.dfg.value_type(value);
        let result = self.builder.append_block_param(merge, kind);
        let done = [BlockArg::Value(value)];
        match good {
            Some(good) => self.builder.ins().brif(good, merge, &done, slow, &[]),
            None => self.builder.ins().jump(merge, &done),
        };
        self.enter(slow);
        let exact = self.exact(floating);
        let exact = self.typed(kind, exact);
        self.builder.ins().jump(merge, &[BlockArg::Value(exact)]);
        self.enter(merge);
        result
    }

    fn slow(&mut self, slow: &mut Option<Block>) -> Block {
        *slow.get_or_insert_with(|| {
            let block = self.builder.create_block();
            self.builder.set_cold_block(block);
            block
        })
    }

    /// The result by the helper, as a word.
    fn exact(&mut self, floating: &Floating) -> Value {
        let &Floating {
            unit,
            operation,
            format,
            rounding,
            operands,
        } = floating;
        let site = self.site(Site {
            unit,
            operation,
            format,
        });
        let frame = self.builder.ins().iadd_imm_s(self.hart, FRAME);
        let [a, b, c] = operands.map(|operand| self.bits(operand));
        let function = self.constant(exceptions::exact_address());
        let arguments = [site, frame, rounding, a, b, c];
        self.call_by(CallConv::PreserveAll, function, &arguments)
    }

    /// An operation on the host's unit. None if that is of no use; then nothing was done.
    fn attempt(&mut self, floating: &Floating, slow: &mut Option<Block>) -> Option<Attempt> {
        use Operation::*;
        let &Floating {
            unit,
            operation,
            operands,
            rounding,
            ..
        } = floating;
        let kind = floating.kind();
        let rounding = self.known.get(&rounding).copied();
        let to_nearest = rounding == Some(Rounding::NearestEven as u64)
            && unit.rules.tininess == Tininess::AfterRounding;
        let toward_zero = rounding == Some(Rounding::TowardZero as u64);
        let nans_are_the_hosts = exceptions::nans_are_the_hosts(unit);
        let computed = match operation {
            Add | Sub | Mul | Div if to_nearest => {
                let [x, y, _] = operands.map(|operand| self.typed(kind, operand));
                if matches!(operation, Add | Mul) && nans_are_the_hosts {
                    self.keep_order(x);
                }
                let ins = self.builder.ins();
                match operation {
                    Add => ins.fadd(x, y),
                    Sub => ins.fsub(x, y),
                    Mul => ins.fmul(x, y),
                    _ => ins.fdiv(x, y),
                }
            }
            Sqrt if to_nearest => {
                let x = self.typed(kind, operands[0]);
                self.builder.ins().sqrt(x)
            }
            MulAdd | MulSub | NegMulSub | NegMulAdd if to_nearest && self.target.fma => {
                let [mut x, y, mut z] = operands.map(|operand| self.typed(kind, operand));
                if matches!(operation, NegMulSub | NegMulAdd) {
                    x = self.builder.ins().fneg(x);
                }
                if matches!(operation, MulSub | NegMulAdd) {
                    z = self.builder.ins().fneg(z);
                }
                self.builder.ins().fma(x, y, z)
            }
            ToF32 if kind == F64 && to_nearest => {
                let x = self.typed(F64, operands[0]);
                self.builder.ins().fdemote(F32, x)
            }
            ToF64 if kind == F32 => {
                let x = self.typed(F32, operands[0]);
                self.builder.ins().fpromote(F64, x)
            }
            FromSigned32 | FromUnsigned32 | FromSigned64
                if to_nearest || operation != FromSigned64 && kind == F64 =>
            {
                let word = self.bits(operands[0]);
                let low = |lowering: &mut Self| lowering.builder.ins().ireduce(I32, word);
                let integer = match operation {
                    FromSigned64 => word,
                    FromSigned32 => low(self),
                    _ => {
                        let low = low(self);
                        self.builder.ins().uextend(I64, low)
                    }
                };
                let value = self.builder.ins().fcvt_from_sint(kind, integer);
                if kind == F32 || operation == FromSigned64 {
                    self.carry_out(value);
                }
                return Some(Attempt { value, good: None });
            }
            EqualQuiet | LessSignaling | LessEqualSignaling => {
                let comparison = match operation {
                    EqualQuiet => FloatCC::Equal,
                    LessSignaling => FloatCC::LessThan,
                    _ => FloatCC::LessThanOrEqual,
                };
                let [x, y] = self.compared(floating);
                let value = self.builder.ins().fcmp(comparison, x, y);
                return Some(Attempt { value, good: None });
            }
            RelationQuiet | RelationSignaling => {
                let operands = self.compared(floating);
                let value = self.relation(operands);
                return Some(Attempt { value, good: None });
            }
            Lesser | Greater => {
                let [x, y] = self.compared(floating);
                let [first, second] = if operation == Lesser { [x, y] } else { [y, x] };
                let less = self.builder.ins().fcmp(FloatCC::LessThan, first, second);
                let value = self.builder.ins().select(less, x, y);
                return Some(Attempt { value, good: None });
            }
            MinimumNumber | MaximumNumber => {
                let [x, y, _] = operands.map(|operand| self.typed(kind, operand));
                let [first, second] = match operation {
                    MinimumNumber => [x, y],
                    _ => [y, x],
                };
                // Which of two equal numbers they are matters if these are zeros.
                let good = Some(self.builder.ins().fcmp(FloatCC::OrderedNotEqual, x, y));
                let less = self.builder.ins().fcmp(FloatCC::LessThan, first, second);
                let value = self.builder.ins().select(less, x, y);
                return Some(Attempt { value, good });
            }
            ToSigned32 | ToUnsigned32 | ToSigned64 | ToUnsigned64 if toward_zero => {
                let value = self.truncated(operation, kind, operands[0], slow);
                return Some(Attempt { value, good: None });
            }
            _ => return None,
        };
        // Which of its NaNs a fused operation returns depends on how the host's instruction has them.
        let is_fused = matches!(operation, MulAdd | MulSub | NegMulSub | NegMulAdd);
        let good = if nans_are_the_hosts && !is_fused {
            self.carry_out(computed);
            None
        } else {
            Some(self.is_number(unit, computed))
        };
        Some(Attempt {
            value: computed,
            good,
        })
    }

    /// Has an operation carried out here, whether or not its result is of use.
    fn carry_out(&mut self, result: Value) {
        let flags = self.hart_flags();
        let offset = frame_offset!(way);
        self.builder.ins().store(flags, result, self.hart, offset);
    }

    /// Of two operands that are NaNs the first is the result. Cranelift changes their places where it can
    /// have the first from memory: it does not bring a load here from beyond this point.
    fn keep_order(&mut self, first: Value) {
        let dfg = &self.builder.func.dfg;
        let made = dfg.value_def(dfg.resolve_aliases(first)).inst();
        if made.is_some_and(|made| dfg.insts[made].opcode().can_load()) {
            self.builder.ins().sequence_point();
        }
    }

    /// Whether a value is no NaN.
    fn is_number(&mut self, unit: &FloatUnit, value: Value) -> Value {
        if !unit.rules.denormal_operand {
            return self.builder.ins().fcmp(FloatCC::Ordered, value, value);
        }
        // A comparison of floats would raise that they are subnormal.
        let kind = self.builder.func.dfg.value_type(value);
        let bits = self.bits(value);
        let magnitude = self.magnitude(kind, bits);
        let infinity = self.magnitude_of(
            kind,
            match kind {
                F32 => f32::INFINITY.to_bits().into(),
                _ => f64::INFINITY.to_bits(),
            },
        );
        let not_above = IntCC::UnsignedLessThanOrEqual;
        self.builder.ins().icmp(not_above, magnitude, infinity)
    }

    /// The bits of a float but for its sign, in the high bits of a word.
    fn magnitude(&mut self, kind: Type, bits: Value) -> Value {
        let above = 65 - i64::from(kind.bits());
        self.builder.ins().ishl_imm_u(bits, above)
    }

    /// The same of a known one.
    fn magnitude_of(&mut self, kind: Type, bits: u64) -> Value {
        self.constant(bits << (65 - kind.bits()))
    }

    /// The operands of a comparison. If one is a NaN, the exact helper has told what that raises.
    fn compared(&mut self, floating: &Floating) -> [Value; 2] {
        let [x, y, _] = floating
            .operands
            .map(|operand| self.typed(floating.kind(), operand));
        let ordered = self.builder.ins().fcmp(FloatCC::Ordered, x, y);
        let slow = self.slow(&mut None);
        let compared = self.builder.create_block();
        self.builder.ins().brif(ordered, compared, &[], slow, &[]);
        self.enter(slow);
        self.exact(floating);
        self.builder.ins().jump(compared, &[]);
        self.enter(compared);
        [x, y]
    }

    /// How two numbers relate, as [`Operation::RelationQuiet`] says. Who asks whether that is among some compares
    /// them himself: see [`Lowering::asked_of_relation`].
    fn relation(&mut self, operands: [Value; 2]) -> Value {
        let [x, y] = operands;
        let relations = [
            (FloatCC::LessThan, 2),
            (FloatCC::Equal, 1),
            (FloatCC::Unordered, 0),
        ];
        let bits = relations.map(|(condition, bit)| {
            let holds = self.builder.ins().fcmp(condition, x, y);
            let holds = self.builder.ins().uextend(I64, holds);
            self.builder.ins().ishl_imm_u(holds, bit)
        });
        let relation = self.builder.ins().bor(bits[0], bits[1]);
        let relation = self.builder.ins().bor(relation, bits[2]);
        self.relations.insert(relation, operands);
        relation
    }

    /// A conversion towards zero of a number that is in range, which is found out first: what the
    /// host's raises of others differs.
    fn truncated(
        &mut self,
        operation: Operation,
        kind: Type,
        operand: Value,
        slow: &mut Option<Block>,
    ) -> Value {
        use Operation::*;
        let (width, exponent) = match operation {
            ToSigned32 => (I32, 31),
            ToUnsigned32 => (I64, 32),
            _ => (I64, 63),
        };
        let bits = self.bits(operand);
        let limit = power_of_two(kind, exponent);
        let (compared, limit) = match operation {
            ToSigned32 | ToSigned64 => (self.magnitude(kind, bits), self.magnitude_of(kind, limit)),
            // A sign is beyond it.
            _ => (bits, self.constant(limit)),
        };
        let below = IntCC::UnsignedLessThan;
        let inside = self.builder.ins().icmp(below, compared, limit);
        let slow = self.slow(slow);
        let fast = self.builder.create_block();
        self.builder.ins().brif(inside, fast, &[], slow, &[]);
        self.enter(fast);
        let x = self.typed(kind, operand);
        let integer = self.builder.ins().fcvt_to_sint_sat(width, x);
        match width {
            I32 => self.builder.ins().uextend(I64, integer),
            _ => integer,
        }
    }

    /// A float with its sign changed or dropped, as words have it.
    pub(super) fn sign_changed(&mut self, operation: Binary, a: Id, b: Id) -> Option<Value> {
        const SIGN: u64 = 1 << 63;
        let float = self.value(a);
        let &mask = self.known.get(&self.value(b))?;
        if self.builder.func.dfg.value_type(float) != F64 {
            return None;
        }
        match (operation, mask) {
            (Binary::Xor, SIGN) => Some(self.builder.ins().fneg(float)),
            (Binary::And, mask) if mask == !SIGN => Some(self.builder.ins().fabs(float)),
            _ => None,
        }
    }

    /// Whether what a load gives is wanted as a float of 64 bits.
    pub(super) fn is_double(&self, graph: &Graph, access: Access, load: Id) -> bool {
        let takes_float = |(_, node): (Id, &Node)| match *node {
            Node::Write(slot, _) => self.doubles.contains(slot),
            Node::Float(_, _, format, ..) => format == Format::F64,
            _ => false,
        };
        access.bytes == 8 && access.order == Order::Little && users(graph, load).all(takes_float)
    }

    pub(super) fn load_double(&mut self, place: Value, offset: i32) -> Value {
        let flags = self.guest_flags();
        self.builder.ins().load(F64, flags, place, offset)
    }

    // Floats and words.

    /// A value as one of another type: of a word, its low bits.
    pub(super) fn typed(&mut self, kind: Type, value: Value) -> Value {
        let dfg = &self.builder.func.dfg;
        let value = dfg.resolve_aliases(value);
        let is = dfg.value_type(value);
        if is == kind {
            return value;
        }
        match kind {
            F32 | F64 => {
                if let Some(float) = self.cast_from(value)
                    && self.builder.func.dfg.value_type(float) == kind
                {
                    return float;
                }
                let bits = self.bits(value);
                let bits = match kind {
                    F32 => self.builder.ins().ireduce(I32, bits),
                    _ => bits,
                };
                self.builder.ins().bitcast(kind, MemFlagsData::new(), bits)
            }
            I8 => self.builder.ins().ireduce(I8, value),
            _ => self.bits(value),
        }
    }

    /// The float that a word holds the bits of, if it was made so.
    fn cast_from(&self, word: Value) -> Option<Value> {
        let dfg = &self.builder.func.dfg;
        let made = |value| {
            let instruction = dfg.value_def(dfg.resolve_aliases(value)).inst()?;
            match dfg.insts[instruction] {
                InstructionData::Unary { opcode, arg } => Some((opcode, arg)),
                InstructionData::LoadNoOffset { opcode, arg, .. } => Some((opcode, arg)),
                _ => None,
            }
        };
        let value = match made(word)? {
            (Opcode::Uextend, half) => half,
            _ => word,
        };
        match made(value)? {
            (Opcode::Bitcast, float) => Some(dfg.resolve_aliases(float)),
            _ => None,
        }
    }

    /// A value as a word, zero-extended.
    pub(super) fn bits(&mut self, value: Value) -> Value {
        match self.builder.func.dfg.value_type(value) {
            F32 => {
                let low = self.builder.ins().bitcast(I32, MemFlagsData::new(), value);
                self.builder.ins().uextend(I64, low)
            }
            F64 => self.builder.ins().bitcast(I64, MemFlagsData::new(), value),
            I64 => value,
            _ => self.builder.ins().uextend(I64, value),
        }
    }
}

/// The nodes that take a value.
pub(super) fn users(graph: &Graph, value: Id) -> impl Iterator<Item = (Id, &Node)> {
    (0..).zip(&graph.nodes).filter(move |(_, node)| {
        let mut takes = false;
        node.each_id(|id| {
            takes |= id == value;
        });
        takes
    })
}

/// The bits of a power of two.
fn power_of_two(kind: Type, exponent: u64) -> u64 {
    match kind {
        F32 => (127 + exponent) << 23,
        _ => (1023 + exponent) << 52,
    }
}

/// Where a hart has its frame, in bytes from its start.
const FRAME: i64 = from_handle(offset_of!(Hart, compiled)) as i64;
