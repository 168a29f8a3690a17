//! Floating-point operations: on the host's unit, which also collects what they raise (see
//! [`exceptions`]), or by the exact helper.

use super::{Lowering, Place, frame_word};
use crate::float::{Format, Operation, Rounding, Tininess};
use crate::graph::{Graph, Id, Node};
use crate::jit::baseline::assembler::{
    Arithmetic, Condition, Label, RCX, Reg, Scalar, Shift, XMM0, XMM1, Xmm,
};
use crate::jit::exceptions::{self, Raising, Site};
use crate::jit::frame::frame_offset;
use crate::jit::step::{Step, constant};
use Operation::*;

/// Whether a step has floating-point operations.
pub(super) fn computes_with_floats(step: &Step) -> bool {
    let mut nodes = step.graph.nodes.iter();
    nodes.any(|node| matches!(node, Node::Float(..)))
}

impl Lowering<'_> {
    /// The result of an operation, which is a node of its own.
    pub(super) fn float(&mut self, graph: &Graph, node: &Node) -> Option<Place> {
        let &Node::Float(unit, operation, format, rounding, operands) = node else {
            return None;
        };
        self.keep_operands(operands)?;
        let direction = constant(&graph.nodes, rounding);
        let to_nearest = direction == Some(Rounding::NearestEven as u64)
            && unit.rules.tininess == Tininess::AfterRounding;
        let toward_zero = direction == Some(Rounding::TowardZero as u64);
        let [a, b, _] = operands;
        // What the host's unit does not do as the guest's is done once more by the interpreter, from where the step begins.
        let on_host = !self.has_written;
        let reg = match operation {
            Add | Sub | Mul | Div | Sqrt if on_host && to_nearest => {
                self.arithmetic_of_floats(graph, operation, format, [a, b])?
            }
            ToF32 if on_host && to_nearest && format == Format::F64 => {
                self.converted(graph, format, Format::F32, a)?
            }
            ToF64 if on_host && format == Format::F32 => {
                self.converted(graph, format, Format::F64, a)?
            }
            FromSigned32 | FromSigned64
                if to_nearest || operation == FromSigned32 && format == Format::F64 =>
            {
                let bits = if operation == FromSigned64 { 64 } else { 32 };
                let reg = self.own(a)?;
                let wide = is_wide(format);
                self.code.float_from_integer(XMM0, reg, bits, wide);
                self.code.float_bits(reg, XMM0, wide);
                reg
            }
            ToSigned32 | ToSigned64 if on_host && toward_zero => {
                let bits = if operation == ToSigned64 { 64 } else { 32 };
                self.truncated(graph, format, bits, a)?
            }
            EqualQuiet | LessSignaling | LessEqualSignaling | RelationQuiet | RelationSignaling
                if on_host =>
            {
                self.compared(graph, operation, format, [a, b])?
            }
            _ => self.exact(
                Site {
                    unit,
                    operation,
                    format,
                },
                rounding,
                operands,
            )?,
        };
        if let Some(raising) = &self.raising {
            let address = &raw const **raising as u64;
            self.code.constant(RCX, address);
            self.code.store(frame_word(frame_offset!(last)), RCX, 8);
        }
        Some(Place::Register(reg))
    }

    /// Of a guest whose unit keeps the exceptions of the last operation apart: what they are found out from.
    fn keep_operands(&mut self, operands: [Id; 3]) -> Option<()> {
        let Some(raising) = &self.raising else {
            return Some(());
        };
        let kept = raising.kept.clone();
        for (place, id) in (0..).zip(kept) {
            if operands.contains(&id) {
                let reg = self.register(id)?;
                let word = frame_word(frame_offset!(kept) + 8 * place);
                self.code.store(word, reg, 8);
            }
        }
        Some(())
    }

    /// Puts the float that a node's value has the bits of into a register.
    fn load_float(&mut self, to: Xmm, id: Id, format: Format) -> Option<()> {
        let reg = self.register(id)?;
        self.code.float_from(to, reg, is_wide(format));
        Some(())
    }

    fn arithmetic_of_floats(
        &mut self,
        graph: &Graph,
        operation: Operation,
        format: Format,
        [a, b]: [Id; 2],
    ) -> Option<Reg> {
        let (first, second, scalar) = match operation {
            Add => (a, b, Scalar::Add),
            Sub => (a, b, Scalar::Sub),
            Mul => (a, b, Scalar::Mul),
            Div => (a, b, Scalar::Div),
            _ => (a, a, Scalar::Sqrt),
        };
        self.load_float(XMM0, first, format)?;
        self.load_float(XMM1, second, format)?;
        self.code.scalar(scalar, XMM0, XMM1, is_wide(format));
        self.number(graph, format)
    }

    fn converted(&mut self, graph: &Graph, from: Format, to: Format, a: Id) -> Option<Reg> {
        self.load_float(XMM1, a, from)?;
        self.code.scalar(Scalar::Convert, XMM0, XMM1, is_wide(from));
        self.number(graph, to)
    }

    /// The bits of the float in xmm0, unless it is a NaN: guests do not agree on these. Infinities are left to the
    /// interpreter with them.
    fn number(&mut self, graph: &Graph, format: Format) -> Option<Reg> {
        let interrupted = self.interrupted(graph.pc);
        let reg = self.take_free()?;
        self.code.float_bits(reg, XMM0, is_wide(format));
        let (sign_and_above, exponent_low, all_ones) = match format {
            Format::F32 => (33, 56, 0xff),
            Format::F64 => (1, 53, 0x7ff),
        };
        self.code.mov(RCX, reg);
        self.code.shift_constant(Shift::Shl, RCX, sign_and_above);
        self.code.shift_constant(Shift::Shr, RCX, exponent_low);
        self.code
            .arithmetic_constant(Arithmetic::Cmp, RCX, all_ones);
        self.code.jump_if(Condition::Equal, interrupted);
        Some(reg)
    }

    /// An integer of a float that is in range.
    fn truncated(&mut self, graph: &Graph, format: Format, bits: u8, a: Id) -> Option<Reg> {
        let interrupted = self.interrupted(graph.pc);
        self.load_float(XMM0, a, format)?;
        let reg = self.take_free()?;
        let wide = is_wide(format);
        self.code.integer_from_float(reg, XMM0, bits, wide);
        // The lowest integer, which is what others give, is the one that has no negative.
        self.code.mov(RCX, reg);
        self.code.shift_constant(Shift::Shl, RCX, 64 - bits);
        self.code.negate(RCX);
        self.code.jump_if(Condition::Overflow, interrupted);
        Some(reg)
    }

    /// How two numbers relate.
    fn compared(
        &mut self,
        graph: &Graph,
        operation: Operation,
        format: Format,
        [a, b]: [Id; 2],
    ) -> Option<Reg> {
        let interrupted = self.interrupted(graph.pc);
        self.load_float(XMM0, a, format)?;
        self.load_float(XMM1, b, format)?;
        let wide = is_wide(format);
        match operation {
            EqualQuiet => self.ordered([XMM0, XMM1], wide, Condition::Equal, interrupted),
            LessSignaling => self.ordered([XMM1, XMM0], wide, Condition::Above, interrupted),
            LessEqualSignaling => {
                self.ordered([XMM1, XMM0], wide, Condition::AboveEqual, interrupted)
            }
            _ => {
                let less = self.ordered([XMM1, XMM0], wide, Condition::Above, interrupted)?;
                self.code.shift_constant(Shift::Shl, less, 2);
                // Flags are as the comparison left them no more.
                self.code.compare_floats(XMM0, XMM1, wide);
                self.code.set(RCX, Condition::Equal);
                self.code.shift_constant(Shift::Shl, RCX, 1);
                self.code.arithmetic(Arithmetic::Or, less, RCX);
                Some(less)
            }
        }
    }

    /// Whether a condition holds of two numbers.
    fn ordered(
        &mut self,
        [x, y]: [Xmm; 2],
        wide: bool,
        condition: Condition,
        unordered: Label,
    ) -> Option<Reg> {
        let reg = self.take_free()?;
        self.code.compare_floats(x, y, wide);
        self.code.jump_if(Condition::Unordered, unordered);
        self.code.set(reg, condition);
        Some(reg)
    }

    fn exact(&mut self, site: Site, rounding: Id, operands: [Id; 3]) -> Option<Reg> {
        let site = Box::new(site);
        let address = &raw const *site as u64;
        self.constants.sites.push(site);
        let [a, b, c] = operands;
        let function = exceptions::exact_in as *const ();
        self.call_with_hart(function, &[address], &[rounding, a, b, c])
    }

    /// What is to be found out later of the operations of a step.
    pub(super) fn raising_of(&mut self, step: &Step) -> Option<Box<Raising>> {
        let unit = self.target.unit?;
        unit.collected?;
        Raising::of(&step.graph, unit).map(Box::new)
    }
}

fn is_wide(format: Format) -> bool {
    format == Format::F64
}
