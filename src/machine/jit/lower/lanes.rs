//! Operations on lanes, by the host's vector instructions where they have them: a word goes to the low
//! half of a vector register, and the result comes back from there.

use super::{Lowering, support};
use crate::domain::{Binary, Lanes};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8X16, I16X8, I32, I32X4, I64X2};
use cranelift_codegen::ir::{
    Endianness, InstBuilder, InstructionData, MemFlagsData, Opcode, Type, Value,
};

impl Lowering<'_> {
    pub(super) fn lanes(&mut self, operation: Lanes, bits: u8, a: Value, b: Value) -> Value {
        let kind = match bits {
            8 => I8X16,
            16 => I16X8,
            32 => I32X4,
            _ => I64X2,
        };
        if let Lanes::ShiftLeft | Lanes::ShiftRight | Lanes::ShiftRightArithmetic = operation
            && bits > 8
        {
            return self.shifted(operation, bits, kind, a, b);
        }
        if !has_instruction(operation, bits) {
            let code = self.constant(support::lanes_code(operation, bits));
            return self.call(support::lanes as *const (), &[code, a, b]);
        }
        if let Lanes::PackSigned | Lanes::PackUnsigned = operation {
            // Both words are packed at once.
            let [a, b] = [a, b].map(|word| self.vector(I64X2, word));
            let both = self.shuffle(a, b, |byte| if byte < 8 { byte } else { byte + 8 });
            let both = self.cast(kind, both);
            let ins = self.builder.ins();
            let packed = match operation {
                Lanes::PackSigned => ins.snarrow(both, both),
                _ => ins.unarrow(both, both),
            };
            return self.low_word(packed);
        }
        let [a, b] = [a, b].map(|word| self.vector(kind, word));
        if let Lanes::InterleaveLow | Lanes::InterleaveHigh = operation {
            let (width, start) = (
                bits / 8,
                if operation == Lanes::InterleaveLow {
                    0
                } else {
                    4
                },
            );
            let mixed = self.shuffle(a, b, |byte| {
                let (lane, within) = (byte / width, byte % width);
                let from = (start + lane / 2 * width + within) & 7;
                if lane % 2 == 0 { from } else { 16 + from }
            });
            return self.low_word(mixed);
        }
        let ins = self.builder.ins();
        let result = match operation {
            Lanes::Add => ins.iadd(a, b),
            Lanes::Sub => ins.isub(a, b),
            Lanes::AddSaturatingSigned => ins.sadd_sat(a, b),
            Lanes::AddSaturatingUnsigned => ins.uadd_sat(a, b),
            Lanes::SubSaturatingSigned => ins.ssub_sat(a, b),
            Lanes::SubSaturatingUnsigned => ins.usub_sat(a, b),
            Lanes::Mul => ins.imul(a, b),
            Lanes::Average => ins.avg_round(a, b),
            Lanes::MinSigned => ins.smin(a, b),
            Lanes::MinUnsigned => ins.umin(a, b),
            Lanes::MaxSigned => ins.smax(a, b),
            Lanes::MaxUnsigned => ins.umax(a, b),
            Lanes::Equal => ins.icmp(IntCC::Equal, a, b),
            _ => ins.icmp(IntCC::SignedGreaterThan, a, b),
        };
        self.low_word(result)
    }

    /// A shift of all lanes by a whole word, which may be more than they are wide.
    fn shifted(
        &mut self,
        operation: Lanes,
        bits: u8,
        kind: Type,
        word: Value,
        amount: Value,
    ) -> Value {
        let last = i64::from(bits) - 1;
        let lanes = self.vector(kind, word);
        let known = self.known.get(&amount).copied();
        let near = match known {
            Some(amount) => self.constant(amount.min(last as u64)),
            None => {
                let last = self
                    .builder
                    .ins()
                    .iconst(cranelift_codegen::ir::types::I64, last);
                self.builder.ins().umin(amount, last)
            }
        };
        let near = self.builder.ins().ireduce(I32, near);
        let ins = self.builder.ins();
        let shifted = match operation {
            Lanes::ShiftLeft => ins.ishl(lanes, near),
            Lanes::ShiftRight => ins.ushr(lanes, near),
            _ => ins.sshr(lanes, near),
        };
        let shifted = self.low_word(shifted);
        match (operation, known) {
            (Lanes::ShiftRightArithmetic, _) => shifted,
            (_, Some(amount)) if amount <= last as u64 => shifted,
            (_, Some(_)) => self.constant(0),
            _ => {
                let (zero, within) = (self.constant(0), IntCC::UnsignedLessThanOrEqual);
                let within = self.builder.ins().icmp_imm_u(within, amount, last);
                self.builder.ins().select(within, shifted, zero)
            }
        }
    }

    /// What words that are low halves of vectors have in common, or do not: found out there, as an operation on lanes
    /// often follows.
    pub(super) fn bits_of_lanes(&mut self, operation: Binary, words: [Value; 2]) -> Option<Value> {
        let [Some(a), Some(b)] = words.map(|word| self.low_half_of(word)) else {
            return None;
        };
        let ins = self.builder.ins();
        let vector = match operation {
            Binary::And => ins.band(a, b),
            Binary::Or => ins.bor(a, b),
            Binary::Xor => ins.bxor(a, b),
            _ => return None,
        };
        Some(self.low_word(vector))
    }

    /// A word in the low half of a vector, whose high half may be anything.
    fn vector(&mut self, kind: Type, word: Value) -> Value {
        let vector = match self.low_half_of(word) {
            Some(vector) => vector,
            None => self.builder.ins().scalar_to_vector(I64X2, word),
        };
        self.cast(kind, vector)
    }

    /// The vector that a word was taken out of by [`Lowering::low_word`].
    fn low_half_of(&self, word: Value) -> Option<Value> {
        let dfg = &self.builder.func.dfg;
        let instruction = dfg.value_def(dfg.resolve_aliases(word)).inst()?;
        match dfg.insts[instruction] {
            InstructionData::BinaryImm8 {
                opcode: Opcode::Extractlane,
                arg,
                imm: 0,
            } if dfg.value_type(arg) == I64X2 => Some(dfg.resolve_aliases(arg)),
            _ => None,
        }
    }

    /// The low half of a vector.
    fn low_word(&mut self, vector: Value) -> Value {
        let words = self.cast(I64X2, vector);
        self.builder.ins().extractlane(words, 0)
    }

    fn cast(&mut self, kind: Type, vector: Value) -> Value {
        if self.builder.func.dfg.value_type(vector) == kind {
            return vector;
        }
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.builder.ins().bitcast(kind, flags, vector)
    }

    /// A vector whose bytes are those of two others that a function numbers.
    fn shuffle(&mut self, a: Value, b: Value, from: impl Fn(u8) -> u8) -> Value {
        let mask: Vec<u8> = (0..16).map(from).collect();
        let mask = self.builder.func.dfg.immediates.push(mask.into());
        let [a, b] = [a, b].map(|vector| self.cast(I8X16, vector));
        self.builder.ins().shuffle(a, b, mask)
    }
}

/// Whether a few vector instructions do it.
fn has_instruction(operation: Lanes, bits: u8) -> bool {
    match operation {
        Lanes::Add | Lanes::Sub | Lanes::Equal | Lanes::GreaterSigned => true,
        Lanes::AddSaturatingSigned
        | Lanes::AddSaturatingUnsigned
        | Lanes::SubSaturatingSigned
        | Lanes::SubSaturatingUnsigned
        | Lanes::Average => bits <= 16,
        Lanes::Mul => bits == 16 || bits == 32,
        Lanes::MinSigned | Lanes::MinUnsigned | Lanes::MaxSigned | Lanes::MaxUnsigned => bits <= 32,
        Lanes::InterleaveLow | Lanes::InterleaveHigh => bits <= 32,
        Lanes::PackSigned | Lanes::PackUnsigned => bits == 16 || bits == 32,
        _ => false,
    }
}
