//! Words, and conditions, which stay a byte until somebody wants a word. What is known already is
//! computed on the way.

use super::{Lowering, integer};
use crate::domain::{Binary, Compare, Unary};
use crate::graph::Id;
use crate::registers::Slot;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I64};
use cranelift_codegen::ir::{InstBuilder, Value};

impl Lowering<'_> {
    /// A node's value: a word of 64 bits, or a condition of 8.
    pub(super) fn value(&self, id: Id) -> Value {
        self.values[id as usize].expect("a node that has a value")
    }

    /// A node's value as a word.
    pub(super) fn word(&mut self, id: Id) -> Value {
        let value = self.value(id);
        match self.builder.func.dfg.value_type(value) {
            I64 => value,
            _ => self.builder.ins().uextend(I64, value),
        }
    }

    pub(super) fn constant(&mut self, value: u64) -> Value {
        let constant = self.builder.ins().iconst(I64, value as i64);
        self.known.insert(constant, value);
        constant
    }

    pub(super) fn read(&mut self, slot: Slot) -> Value {
        match self.variables[usize::from(slot)] {
            Some(variable) => self.builder.use_var(variable),
            None => self.constant(0),
        }
    }

    pub(super) fn write(&mut self, slot: Slot, value: Value) {
        if let Some(variable) = self.variables[usize::from(slot)] {
            self.builder.def_var(variable, value);
        }
    }

    pub(super) fn compare(&mut self, comparison: Compare, a: Id, b: Id) -> Value {
        let (a, b) = (self.value(a), self.value(b));
        // A condition compared with zero stays one.
        if self.builder.func.dfg.value_type(a) == I8
            && comparison == Compare::Equal
            && self.known.get(&b) == Some(&0)
        {
            return self.builder.ins().icmp_imm_u(IntCC::Equal, a, 0);
        }
        let [a, b] = [a, b].map(|value| match self.builder.func.dfg.value_type(value) {
            I64 => value,
            _ => self.builder.ins().uextend(I64, value),
        });
        self.builder.ins().icmp(condition(comparison), a, b)
    }

    pub(super) fn binary_node(&mut self, operation: Binary, a: Id, b: Id) -> Value {
        let types = [a, b].map(|id| self.builder.func.dfg.value_type(self.value(id)));
        if types == [I8, I8] && matches!(operation, Binary::And | Binary::Or | Binary::Xor) {
            return self.binary(operation, self.value(a), self.value(b));
        }
        let (a, b) = (self.word(a), self.word(b));
        match (self.known.get(&a), self.known.get(&b)) {
            (Some(&a), Some(&b)) => self.constant(operation.apply(a, b)),
            _ => self.binary(operation, a, b),
        }
    }

    pub(super) fn unary(&mut self, operation: Unary, a: Value) -> Value {
        let ins = self.builder.ins();
        match operation {
            Unary::SignExtend(64) | Unary::ZeroExtend(64) => a,
            Unary::SignExtend(bits @ (8 | 16 | 32)) => {
                let low = ins.ireduce(integer(bits / 8), a);
                self.builder.ins().sextend(I64, low)
            }
            Unary::SignExtend(bits) => {
                let high = ins.ishl_imm_u(a, 64 - i64::from(bits));
                self.builder.ins().sshr_imm_u(high, 64 - i64::from(bits))
            }
            Unary::ZeroExtend(bits @ (8 | 16 | 32)) => {
                let low = ins.ireduce(integer(bits / 8), a);
                self.builder.ins().uextend(I64, low)
            }
            Unary::ZeroExtend(bits) => ins.band_imm_s(a, (1 << bits) - 1),
            Unary::Not => ins.bnot(a),
            Unary::Negate => ins.ineg(a),
            Unary::LeadingZeros => ins.clz(a),
            Unary::TrailingZeros => ins.ctz(a),
            Unary::CountOnes => ins.popcnt(a),
            Unary::SwapBytes => ins.bswap(a),
        }
    }

    pub(super) fn binary(&mut self, operation: Binary, a: Value, b: Value) -> Value {
        let ins = self.builder.ins();
        match operation {
            Binary::Add => ins.iadd(a, b),
            Binary::Sub => ins.isub(a, b),
            Binary::Mul => ins.imul(a, b),
            Binary::MulHighSigned => ins.smulhi(a, b),
            Binary::MulHighUnsigned => ins.umulhi(a, b),
            Binary::MulHighSignedUnsigned => {
                // A negative factor counts 2^64 too much as an unsigned one.
                let high = ins.umulhi(a, b);
                let negative = self.builder.ins().sshr_imm_u(a, 63);
                let excess = self.builder.ins().band(negative, b);
                self.builder.ins().isub(high, excess)
            }
            // They trap where the host's instruction would, which the semantics have excluded.
            Binary::DivSigned => ins.sdiv(a, b),
            Binary::DivUnsigned => ins.udiv(a, b),
            Binary::RemSigned => ins.srem(a, b),
            Binary::RemUnsigned => ins.urem(a, b),
            Binary::And => ins.band(a, b),
            Binary::Or => ins.bor(a, b),
            Binary::Xor => ins.bxor(a, b),
            Binary::ShiftLeft => ins.ishl(a, b),
            Binary::ShiftRight => ins.ushr(a, b),
            Binary::ShiftRightArithmetic => ins.sshr(a, b),
            Binary::RotateLeft => ins.rotl(a, b),
            Binary::RotateRight => ins.rotr(a, b),
            Binary::MinSigned => ins.smin(a, b),
            Binary::MaxSigned => ins.smax(a, b),
            Binary::MinUnsigned => ins.umin(a, b),
            Binary::MaxUnsigned => ins.umax(a, b),
        }
    }
}

fn condition(comparison: Compare) -> IntCC {
    match comparison {
        Compare::Equal => IntCC::Equal,
        Compare::NotEqual => IntCC::NotEqual,
        Compare::LessSigned => IntCC::SignedLessThan,
        Compare::LessUnsigned => IntCC::UnsignedLessThan,
        Compare::GreaterEqualSigned => IntCC::SignedGreaterThanOrEqual,
        Compare::GreaterEqualUnsigned => IntCC::UnsignedGreaterThanOrEqual,
    }
}
