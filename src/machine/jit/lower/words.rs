//! Words, and conditions, which stay a byte until somebody wants a word. What is known already is
//! computed on the way.

use super::{Lowering, integer};
use crate::domain::{Binary, Compare, Unary};
use crate::graph::{Graph, Id, Node};
use crate::registers::Slot;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I8, I32, I64};
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Value};

impl Lowering<'_> {
    /// A node's value: a word of 64 bits, a condition of 8, or a float.
    pub(super) fn value(&self, id: Id) -> Value {
        self.values[id as usize].expect("a node that has a value")
    }

    /// A node's value as a word.
    pub(super) fn word(&mut self, id: Id) -> Value {
        let value = self.value(id);
        self.bits(value)
    }

    pub(super) fn constant(&mut self, value: u64) -> Value {
        let constant = self.builder.ins().iconst(I64, value as i64);
        self.known.insert(constant, value);
        constant
    }

    pub(super) fn read(&mut self, slot: Slot) -> Value {
        let Some(variable) = self.variables[usize::from(slot)] else {
            return self.constant(0);
        };
        let value = self.builder.use_var(variable);
        if !self.halves.contains(slot) {
            return value;
        }
        match self.immediate(value) {
            Some(known) => self.constant(known),
            None => self.sign_extended(value),
        }
    }

    /// A half as a word, sign-extended. Where no sign can be, the host has extended it with zeros already.
    fn sign_extended(&mut self, half: Value) -> Value {
        match self.has_no_sign(half) {
            true => self.builder.ins().uextend(I64, half),
            false => self.builder.ins().sextend(I64, half),
        }
    }

    /// Whether the uppermost bit of a half is known to be zero.
    fn has_no_sign(&self, half: Value) -> bool {
        let dfg = &self.builder.func.dfg;
        let Some(instruction) = dfg.value_def(dfg.resolve_aliases(half)).inst() else {
            return false;
        };
        let InstructionData::Binary { opcode, args } = dfg.insts[instruction] else {
            return false;
        };
        let [a, b] = args.map(|arg| self.immediate(arg));
        match opcode {
            Opcode::Band => [a, b].into_iter().flatten().any(|mask| mask as i32 >= 0),
            Opcode::Ushr => b.is_some_and(|amount| amount % 32 != 0),
            _ => false,
        }
    }

    /// What a constant of 32 bits is, sign-extended.
    pub(super) fn immediate(&self, value: Value) -> Option<u64> {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(value)).inst()?;
        match dfg.insts[instruction] {
            InstructionData::UnaryImm { imm, .. } => Some(imm.bits() as i32 as u64),
            _ => None,
        }
    }

    pub(super) fn write(&mut self, slot: Slot, value: Value) {
        self.keep(slot);
        if self.target.flags.contains(slot) {
            self.outdate_flag(slot);
        }
        if let Some(variable) = self.variables[usize::from(slot)] {
            let value = match slot {
                slot if self.halves.contains(slot) => {
                    let word = self.bits(value);
                    self.half(word)
                }
                slot if self.doubles.contains(slot) => self.typed(F64, value),
                _ => self.bits(value),
            };
            self.builder.def_var(variable, value);
        }
    }

    pub(super) fn compare(&mut self, comparison: Compare, a: Id, b: Id) -> Value {
        let (a, b) = (self.value(a), self.value(b));
        // A condition compared with zero stays one.
        let a = match self.known.get(&b) {
            Some(0) => self.condition_of(a).unwrap_or(a),
            _ => a,
        };
        if self.builder.func.dfg.value_type(a) == I8 && self.known.get(&b) == Some(&0) {
            match comparison {
                Compare::Equal => return self.builder.ins().icmp_imm_u(IntCC::Equal, a, 0),
                Compare::NotEqual => return a,
                _ => {}
            }
        }
        let [a, b] = [a, b].map(|value| self.bits(value));
        if self.known.get(&b) == Some(&0)
            && let Some(asked) = self.asked_of_relation(comparison, a)
        {
            return asked;
        }
        if let Some(asked) = self.asked_of_difference(comparison, a, b) {
            return asked;
        }
        // The order of words is that of their halves, if these say what the upper ones are.
        let [a, b] = self.halves([a, b]).unwrap_or([a, b]);
        self.builder.ins().icmp(condition(comparison), a, b)
    }

    pub(super) fn unary_node(&mut self, graph: &Graph, operation: Unary, a: Id) -> Value {
        let word = self.word(a);
        if let Some(&word) = self.known.get(&word) {
            return self.constant(operation.apply(word));
        }
        match operation {
            Unary::SignExtend(32) => {
                if let Some(half) = self.half_of_binary(graph, a) {
                    return self.sign_extended(half);
                }
            }
            Unary::ZeroExtend(32) => {
                if let Some(half) = self.rotated(graph, a) {
                    return self.builder.ins().uextend(I64, half);
                }
            }
            _ => {}
        }
        self.unary(operation, word)
    }

    // Words of 32 bits. In their registers they are sign-extended, but most operations want only the
    // lower half, or can have it: then nothing has to be extended in between.

    /// The lower half of a node that is an operation whose lower half depends on lower halves only.
    fn half_of_binary(&mut self, graph: &Graph, id: Id) -> Option<Value> {
        let Node::Binary(operation, a, b) = graph.nodes[id as usize] else {
            return None;
        };
        if let Some(rotated) = self.rotated(graph, id) {
            return Some(rotated);
        }
        match operation {
            Binary::Add | Binary::Sub | Binary::Mul | Binary::And | Binary::Or | Binary::Xor => {}
            Binary::ShiftLeft if self.is_below_32(graph, b) => {}
            Binary::ShiftRight
                if self.is_below_32(graph, b)
                    && matches!(
                        graph.nodes[a as usize],
                        Node::Unary(Unary::ZeroExtend(32), _)
                    ) => {}
            Binary::ShiftRightArithmetic
                if self.is_below_32(graph, b)
                    && matches!(
                        graph.nodes[a as usize],
                        Node::Unary(Unary::SignExtend(32), _)
                    ) => {}
            _ => return None,
        }
        let b = match operation {
            Binary::ShiftLeft | Binary::ShiftRight | Binary::ShiftRightArithmetic => {
                self.unmasked(graph, b)
            }
            _ => b,
        };
        let [a, b] = [a, b].map(|id| self.word(id));
        let [a, b] = [a, b].map(|word| self.half(word));
        Some(self.binary(operation, a, b))
    }

    /// The lower half of a node, if that is half a word rotated.
    fn rotated(&mut self, graph: &Graph, id: Id) -> Option<Value> {
        let Node::Binary(Binary::ShiftRight, twice, amount) = graph.nodes[id as usize] else {
            return None;
        };
        if !self.is_below_32(graph, amount) {
            return None;
        }
        let half = self.doubled(graph, twice)?;
        let amount = self.unmasked(graph, amount);
        let amount = self.word(amount);
        let amount = self.half(amount);
        Some(self.binary(Binary::RotateRight, half, amount))
    }

    /// The lower half of a node, if it has the same upper one: shifted, it is that half rotated.
    fn doubled(&mut self, graph: &Graph, id: Id) -> Option<Value> {
        let Node::Binary(Binary::Or, a, b) = graph.nodes[id as usize] else {
            return None;
        };
        let (high, low) = match graph.nodes[a as usize] {
            Node::Binary(Binary::ShiftLeft, ..) => (a, b),
            _ => (b, a),
        };
        let Node::Binary(Binary::ShiftLeft, above, distance) = graph.nodes[high as usize] else {
            return None;
        };
        if self.known.get(&self.value(distance)) != Some(&32) {
            return None;
        }
        if above == low {
            let word = self.word(low);
            return self.is_zero_extended(word).then(|| self.half(word));
        }
        let Node::Unary(Unary::ZeroExtend(32), below) = graph.nodes[low as usize] else {
            return None;
        };
        let [above, below] = [above, below].map(|id| self.word(id));
        (self.whole(above) == self.whole(below)).then(|| self.half(below))
    }

    /// Whether a node is known to be less than 32.
    fn is_below_32(&self, graph: &Graph, id: Id) -> bool {
        let known = |id| self.known.get(&self.value(id)).copied();
        let masked = match graph.nodes[id as usize] {
            Node::Binary(Binary::And, a, b) => [a, b].map(known).contains(&Some(31)),
            _ => false,
        };
        masked || known(id).is_some_and(|known| known < 32)
    }

    /// The amount of a shift of 32 bits without a mask that such shifts apply anyway.
    fn unmasked(&self, graph: &Graph, amount: Id) -> Id {
        let is_mask = |id| self.known.get(&self.value(id)) == Some(&31);
        match graph.nodes[amount as usize] {
            Node::Binary(Binary::And, amount, mask) if is_mask(mask) => amount,
            Node::Binary(Binary::And, mask, amount) if is_mask(mask) => amount,
            _ => amount,
        }
    }

    /// The lower half of a word.
    pub(super) fn half(&mut self, word: Value) -> Value {
        if let Some(&known) = self.known.get(&word) {
            let low = i64::from(known as u32);
            return self.builder.ins().iconst(I32, low);
        }
        match self.extended(word) {
            Some((_, half)) => half,
            None => self.builder.ins().ireduce(I32, word),
        }
    }

    /// What a word was extended from, if it was of 32 bits, else the word: equal for equal words that were
    /// extended in two places.
    pub(super) fn whole(&self, word: Value) -> Value {
        self.extended(word).map_or(word, |(_, half)| half)
    }

    /// What a word was extended from, if it was of 32 bits, and how.
    pub(super) fn extended(&self, word: Value) -> Option<(Opcode, Value)> {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(word)).inst()?;
        match dfg.insts[instruction] {
            InstructionData::Unary { opcode, arg }
                if matches!(opcode, Opcode::Sextend | Opcode::Uextend)
                    && dfg.value_type(arg) == I32 =>
            {
                Some((opcode, arg))
            }
            _ => None,
        }
    }

    /// Whether the upper half of a word is zero, by the instruction that it comes of.
    fn is_zero_extended(&self, word: Value) -> bool {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(word)).inst();
        instruction.is_some_and(|instruction| match dfg.insts[instruction].opcode() {
            Opcode::Uextend | Opcode::Uload32 | Opcode::Uload16 | Opcode::Uload8 => true,
            _ => self.known.get(&word).is_some_and(|known| known >> 32 == 0),
        })
    }

    /// The lower halves of two words, if these are nothing but their halves sign-extended, and at least
    /// one was extended by an instruction that may be spared.
    fn halves(&mut self, words: [Value; 2]) -> Option<[Value; 2]> {
        let is_signed = |word| match self.extended(word) {
            Some((Opcode::Sextend, _)) => true,
            Some((_, half)) => self.has_no_sign(half),
            None => false,
        };
        let is_loaded = |word| {
            let dfg = &self.builder.func.dfg;
            let instruction = dfg.value_def(dfg.resolve_aliases(word)).inst();
            instruction.is_some_and(|instruction| {
                let opcode = dfg.insts[instruction].opcode();
                matches!(opcode, Opcode::Uload8 | Opcode::Uload16)
            })
        };
        let is_small = |word| {
            let known = self.known.get(&word);
            known.is_some_and(|known| i64::from(*known as i32) as u64 == *known)
        };
        let fits = |word: &Value| is_signed(*word) || is_loaded(*word) || is_small(*word);
        let pays = words.iter().any(|word| is_signed(*word)) && words.iter().all(fits);
        pays.then(|| words.map(|word| self.half(word)))
    }

    pub(super) fn binary_node(&mut self, graph: &Graph, operation: Binary, a: Id, b: Id) -> Value {
        if let Some(value) = self.sign_changed(operation, a, b) {
            return value;
        }
        let types = [a, b].map(|id| self.builder.func.dfg.value_type(self.value(id)));
        if types == [I8, I8]
            && operation == Binary::Or
            && let conditions = [a, b].map(|id| self.value(id))
            && let Some(condition) = self
                .less_or_equal(conditions[0], conditions[1])
                .or_else(|| self.either_of_floats(conditions))
        {
            return condition;
        }
        if types == [I8, I8] && matches!(operation, Binary::And | Binary::Or | Binary::Xor) {
            return self.binary(operation, self.value(a), self.value(b));
        }
        if operation == Binary::ShiftRightArithmetic
            && let shifted = graph.nodes[a as usize]
            && matches!(shifted, Node::Unary(Unary::SignExtend(32), _))
            && self.is_below_32(graph, b)
        {
            let b = self.unmasked(graph, b);
            let [a, b] = [a, b].map(|id| self.word(id));
            let [a, b] = [a, b].map(|word| self.half(word));
            let half = self.binary(operation, a, b);
            return self.sign_extended(half);
        }
        let (a, b) = (self.word(a), self.word(b));
        if let Some(word) = self.bits_of_lanes(operation, [a, b]) {
            return word;
        }
        if matches!(operation, Binary::And | Binary::Or | Binary::Xor)
            && let Some([a, b]) = self.halves([a, b])
        {
            let half = self.binary(operation, a, b);
            return self.sign_extended(half);
        }
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
        if let Binary::Lanes(operation, bits) = operation {
            return self.lanes(operation, bits, a, b);
        }
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
            Binary::Lanes(..) => unreachable!("lowered above"),
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
