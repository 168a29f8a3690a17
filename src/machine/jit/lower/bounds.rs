//! What words are at most, as far as their making tells: an index of 32 bits into an array at a known address is inside
//! the wall whatever it is.

use super::Lowering;
use cranelift_codegen::ir::{InstructionData, Opcode, Value};

/// How many operations back are looked at.
const DEPTH: u32 = 8;

impl Lowering<'_> {
    /// The greatest number that a word can be.
    pub(super) fn most(&self, word: Value) -> u64 {
        self.most_within(word, DEPTH)
    }

    fn most_within(&self, word: Value, depth: u32) -> u64 {
        let dfg = &self.builder.func.dfg;
        let word = dfg.resolve_aliases(word);
        let any = u64::MAX >> (64 - dfg.value_type(word).bits().min(64));
        if let Some(&known) = self.known.get(&word) {
            return known & any;
        }
        let (Some(instruction), Some(depth)) = (dfg.value_def(word).inst(), depth.checked_sub(1))
        else {
            return any;
        };
        let of = |value: Value| self.most_within(value, depth);
        let most = match dfg.insts[instruction] {
            InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                imm,
            } => Some(imm.bits() as u64 & any),
            InstructionData::Load { opcode, .. } => match opcode {
                Opcode::Uload8 => Some(u8::MAX.into()),
                Opcode::Uload16 => Some(u16::MAX.into()),
                Opcode::Uload32 => Some(u32::MAX.into()),
                _ => None,
            },
            InstructionData::Unary {
                opcode: Opcode::Uextend | Opcode::Ireduce,
                arg,
            } => Some(of(arg)),
            InstructionData::IntCompare { .. } => Some(1),
            InstructionData::Ternary {
                opcode: Opcode::Select,
                args: [_, yes, no],
            } => Some(of(yes).max(of(no))),
            InstructionData::Binary { opcode, args } => {
                let [a, b] = args.map(of);
                // Shifts take their amount within the size.
                let size = u64::from(dfg.value_type(word).bits());
                let amount = || Some(self.constant_of(args[1])? % size);
                match opcode {
                    Opcode::Iadd => a.checked_add(b),
                    Opcode::Imul => a.checked_mul(b),
                    Opcode::Band => Some(a.min(b)),
                    Opcode::Bor | Opcode::Bxor => {
                        Some(u64::MAX.checked_shr((a | b).leading_zeros()).unwrap_or(0))
                    }
                    Opcode::Ushr => Some(amount().map_or(a, |amount| a >> amount)),
                    Opcode::Ishl => amount().and_then(|amount| a.checked_mul(1 << amount)),
                    _ => None,
                }
            }
            _ => None,
        };
        most.filter(|most| *most <= any).unwrap_or(any)
    }

    /// A word that is known while compiling.
    fn constant_of(&self, word: Value) -> Option<u64> {
        let dfg = &self.builder.func.dfg;
        let word = dfg.resolve_aliases(word);
        if let Some(&known) = self.known.get(&word) {
            return Some(known);
        }
        match dfg.insts[dfg.value_def(word).inst()?] {
            InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                imm,
            } => Some(imm.bits() as u64),
            _ => None,
        }
    }
}
