//! Conditions that ask bits of a difference, as flags do: they are orders of what it was taken of. So are those that
//! ask how floats relate.

use super::{Lowering, integer};
use crate::domain::Compare;
use cranelift_codegen::ir::condcodes::{CondCode, FloatCC, IntCC};
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value};

/// What a value is made of, whatever its width.
#[derive(PartialEq)]
enum Root {
    Constant(u64),
    Value(Value),
}

impl Lowering<'_> {
    /// A comparison of words for equality, as one of what these come of.
    pub(super) fn asked_of_difference(
        &mut self,
        comparison: Compare,
        a: Value,
        b: Value,
    ) -> Option<Value> {
        let (differ, equal) = match comparison {
            Compare::NotEqual => (IntCC::SignedLessThan, IntCC::NotEqual),
            Compare::Equal => (IntCC::SignedGreaterThanOrEqual, IntCC::Equal),
            _ => return None,
        };
        if self.known.get(&b) == Some(&0) {
            if let Some((word, bit)) = self.bit(a) {
                // A sign.
                let bits = bit + 1;
                if !matches!(bits, 8 | 16 | 32 | 64) {
                    return None;
                }
                let word = self.low_bits(word, bits);
                return Some(self.builder.ins().icmp_imm_s(differ, word, 0));
            }
            let (left, right, bits) = self.difference(a)?;
            let [left, right] = match [left, right].map(|word| self.is_below(word, bits)) {
                [true, true] => [left, right],
                _ => [left, right].map(|word| self.low_bits(word, bits)),
            };
            return Some(self.builder.ins().icmp(equal, left, right));
        }
        let (left, right, bits) = self.overflow(a, b)?;
        let [left, right] = [left, right].map(|word| self.low_bits(word, bits));
        Some(self.builder.ins().icmp(differ, left, right))
    }

    /// Whether a relation is among some, or is not, by what is left of it when it is masked: as a comparison of the
    /// floats that it is of.
    pub(super) fn asked_of_relation(
        &mut self,
        comparison: Compare,
        masked: Value,
    ) -> Option<Value> {
        let (relation, among) = self.operands(Opcode::Band, masked)?;
        let &[x, y] = self.relations.get(&relation)?;
        let among = self.known.get(&among)? & 7;
        let holds = condition_of(among as u8)?;
        let holds = match comparison {
            Compare::NotEqual => holds,
            Compare::Equal => holds.complement(),
            _ => return None,
        };
        Some(self.builder.ins().fcmp(holds, x, y))
    }

    /// Whether one of two comparisons of the same floats holds.
    pub(super) fn either_of_floats(&mut self, conditions: [Value; 2]) -> Option<Value> {
        let dfg = &self.builder.func.dfg;
        let comparison = |condition| {
            let made_by = dfg.value_def(dfg.resolve_aliases(condition)).inst()?;
            match dfg.insts[made_by] {
                InstructionData::FloatCompare { cond, args, .. } => Some((cond, args)),
                _ => None,
            }
        };
        let [one, other] = conditions.map(comparison);
        let ((one, floats), (other, others)) = (one?, other?);
        let either = condition_of(relations_of(one) | relations_of(other))?;
        (floats == others).then(|| self.builder.ins().fcmp(either, floats[0], floats[1]))
    }

    /// Whether a condition does not hold.
    pub(super) fn inverted(&mut self, condition: Value) -> Value {
        let dfg = &self.builder.func.dfg;
        let made_by = dfg.value_def(dfg.resolve_aliases(condition)).inst();
        let made_by = made_by.map(|instruction| dfg.insts[instruction]);
        match made_by {
            Some(InstructionData::IntCompare { cond, args, .. }) => {
                let ins = self.builder.ins();
                ins.icmp(cond.complement(), args[0], args[1])
            }
            Some(InstructionData::FloatCompare { cond, args, .. }) => {
                let ins = self.builder.ins();
                ins.fcmp(cond.complement(), args[0], args[1])
            }
            _ => {
                let ins = self.builder.ins();
                ins.icmp_imm_u(IntCC::Equal, condition, 0)
            }
        }
    }

    /// Whether something is less, or else equal: as one comparison, if it is one.
    pub(super) fn less_or_equal(&mut self, a: Value, b: Value) -> Option<Value> {
        let (one, other) = (self.comparison(a)?, self.comparison(b)?);
        let (equal, less) = match (one.0, other.0) {
            (IntCC::Equal, _) => (one.1, other),
            (_, IntCC::Equal) => (other.1, one),
            _ => return None,
        };
        let ordered = match less.0 {
            IntCC::SignedLessThan => IntCC::SignedLessThanOrEqual,
            IntCC::UnsignedLessThan => IntCC::UnsignedLessThanOrEqual,
            _ => return None,
        };
        let kind = |value| self.builder.func.dfg.value_type(value);
        let bits = kind(less.1[0]).bits() as u8;
        let has_more = kind(equal[0]) != kind(less.1[0]);
        let is_same = equal.iter().zip(&less.1).all(|(a, b)| {
            (!has_more || self.is_below(*a, bits)) && self.root(*a, bits) == self.root(*b, bits)
        });
        (is_same && kind(equal[0]).bits() >= bits.into())
            .then(|| self.builder.ins().icmp(ordered, less.1[0], less.1[1]))
    }

    /// The bit of a word that a value is, as 0 or 1.
    fn bit(&self, value: Value) -> Option<(Value, u8)> {
        let (word, one) = self.operands(Opcode::Band, value)?;
        let (word, bit) = match self.known.get(&one) {
            Some(1) => self.operands(Opcode::Ushr, word)?,
            _ => return None,
        };
        Some((word, *self.known.get(&bit)? as u8))
    }

    /// What was compared, of so many bits, if the first bit is the sign of its difference and the second says
    /// whether that has overflowed.
    fn overflow(&self, sign: Value, overflow: Value) -> Option<(Value, Value, u8)> {
        let ((difference, top), (both, same)) = (self.bit(sign)?, self.bit(overflow)?);
        let (signs, changed) = self.operands(Opcode::Band, both)?;
        let (left, right) = self.operands(Opcode::Bxor, signs)?;
        let is_of_it = self.operands(Opcode::Bxor, changed) == Some((left, difference));
        let bits = top + 1;
        if top != same || !is_of_it || !matches!(bits, 8 | 16 | 32 | 64) {
            return None;
        }
        let sum = self.cut(difference, bits)?;
        let is_difference = match (
            self.operands(Opcode::Isub, sum),
            self.operands(Opcode::Iadd, sum),
        ) {
            (Some(of), _) => of == (left, right),
            (_, Some((a, negated))) => {
                let known = |value| self.known.get(&value).copied();
                let is_negated = match (known(negated), known(right)) {
                    (Some(negated), Some(right)) => negated == right.wrapping_neg(),
                    _ => self.unary_operand(Opcode::Ineg, negated) == Some(right),
                };
                a == left && is_negated
            }
            _ => false,
        };
        is_difference.then_some((left, right, bits))
    }

    /// What a value is the difference of, cut to so many bits.
    fn difference(&self, value: Value) -> Option<(Value, Value, u8)> {
        let bits = match self.unary_operand(Opcode::Uextend, value) {
            Some(low) => self.builder.func.dfg.value_type(low).bits() as u8,
            None => 64,
        };
        let whole = self.cut(value, bits)?;
        let (left, right) = self.operands(Opcode::Isub, whole)?;
        Some((left, right, bits))
    }

    /// The word that a value has the low bits of.
    fn cut(&self, value: Value, bits: u8) -> Option<Value> {
        if bits == 64 {
            return Some(value);
        }
        let low = self.unary_operand(Opcode::Uextend, value)?;
        let is_cut = self.builder.func.dfg.value_type(low) == integer(bits / 8);
        self.unary_operand(Opcode::Ireduce, low).filter(|_| is_cut)
    }

    /// The low bits of a word.
    fn low_bits(&mut self, word: Value, bits: u8) -> Value {
        let kind: Type = integer(bits / 8);
        if kind == I64 {
            return word;
        }
        if let Some(known) = self.known.get(&word) {
            let known = (*known & u64::MAX >> (64 - bits)) as i64;
            return self.builder.ins().iconst(kind, known);
        }
        match self.unary_operand(Opcode::Uextend, word) {
            Some(low) if self.builder.func.dfg.value_type(low) == kind => low,
            _ => self.builder.ins().ireduce(kind, word),
        }
    }

    /// Whether a word is known to have no more than so many bits.
    fn is_below(&self, word: Value, bits: u8) -> bool {
        if bits == 64 {
            return true;
        }
        if let Some(known) = self.known.get(&word) {
            return known >> bits == 0;
        }
        let dfg = &self.builder.func.dfg;
        let Some(instruction) = dfg.value_def(dfg.resolve_aliases(word)).inst() else {
            return false;
        };
        match dfg.insts[instruction] {
            InstructionData::Unary { opcode, arg } => {
                opcode == Opcode::Uextend && dfg.value_type(arg).bits() <= bits.into()
            }
            InstructionData::Load { opcode, .. } => match opcode {
                Opcode::Uload8 => bits >= 8,
                Opcode::Uload16 => bits >= 16,
                Opcode::Uload32 => bits >= 32,
                _ => false,
            },
            _ => false,
        }
    }

    /// What the low bits of a value are made of.
    fn root(&self, value: Value, bits: u8) -> Root {
        let dfg = &self.builder.func.dfg;
        let mut value = dfg.resolve_aliases(value);
        loop {
            if let Some(known) = self
                .known
                .get(&value)
                .copied()
                .or_else(|| self.immediate(value))
            {
                return Root::Constant(known & u64::MAX >> (64 - bits));
            }
            let wider = [Opcode::Uextend, Opcode::Ireduce]
                .into_iter()
                .find_map(|opcode| self.unary_operand(opcode, value));
            match wider {
                Some(operand) if dfg.value_type(operand).bits() >= bits.into() => {
                    value = dfg.resolve_aliases(operand);
                }
                _ => return Root::Value(value),
            }
        }
    }

    fn comparison(&self, value: Value) -> Option<(IntCC, [Value; 2])> {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(value)).inst()?;
        match dfg.insts[instruction] {
            InstructionData::IntCompare { cond, args, .. } => Some((cond, args)),
            _ => None,
        }
    }

    /// The condition that a word of 0 or 1 was made of.
    pub(super) fn condition_of(&self, word: Value) -> Option<Value> {
        let condition = self.unary_operand(Opcode::Uextend, word)?;
        self.comparison(condition).map(|_| condition)
    }

    fn operands(&self, opcode: Opcode, value: Value) -> Option<(Value, Value)> {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(value)).inst()?;
        match dfg.insts[instruction] {
            InstructionData::Binary { opcode: is, args } if is == opcode => {
                Some((dfg.resolve_aliases(args[0]), dfg.resolve_aliases(args[1])))
            }
            _ => None,
        }
    }

    fn unary_operand(&self, opcode: Opcode, value: Value) -> Option<Value> {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(value)).inst()?;
        match dfg.insts[instruction] {
            InstructionData::Unary { opcode: is, arg } if is == opcode => {
                Some(dfg.resolve_aliases(arg))
            }
            _ => None,
        }
    }
}

/// The relations, as [`Operation::RelationQuiet`] has them and 8 for greater, for which a comparison holds.
const RELATIONS: [(FloatCC, u8); 14] = [
    (FloatCC::Unordered, 1),
    (FloatCC::Equal, 2),
    (FloatCC::UnorderedOrEqual, 3),
    (FloatCC::LessThan, 4),
    (FloatCC::UnorderedOrLessThan, 5),
    (FloatCC::LessThanOrEqual, 6),
    (FloatCC::UnorderedOrLessThanOrEqual, 7),
    (FloatCC::GreaterThan, 8),
    (FloatCC::UnorderedOrGreaterThan, 9),
    (FloatCC::GreaterThanOrEqual, 10),
    (FloatCC::UnorderedOrGreaterThanOrEqual, 11),
    (FloatCC::OrderedNotEqual, 12),
    (FloatCC::NotEqual, 13),
    (FloatCC::Ordered, 14),
];

fn relations_of(condition: FloatCC) -> u8 {
    let mut all = RELATIONS.iter();
    all.find(|(other, _)| *other == condition)
        .map_or(0, |(_, relations)| *relations)
}

/// The comparison that holds for these relations; None if it always does, or never.
fn condition_of(relations: u8) -> Option<FloatCC> {
    let mut all = RELATIONS.iter();
    all.find(|(_, others)| *others == relations)
        .map(|(condition, _)| *condition)
}
