//! Accesses with a second way to go on: what Cranelift has no instruction for.
//!
//! Lowering writes a guarded access, and after it a look whether it faulted, with a branch that is never
//! taken otherwise. The host's processor tells of faults by itself: here the look is taken out again, and
//! where its branch led is where a fault leads. Registers are the same at both ends, but for what was
//! computed between the access and the look: a stub does that first.

use super::arena::Guarded;
use super::draft::{Draft, Moves};
use super::frame::frame_offset;
use super::lower::GUARDED;
use cranelift_codegen::CompiledCode;
use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, OpKind, Register};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// How many instructions there are at most between an access and the look.
const BETWEEN: usize = 6;

/// Machine code that can run.
pub struct Finished {
    /// The code.
    pub code: Vec<u8>,
    /// Where faults of guarded accesses lead.
    pub accesses: Vec<Guarded>,
    /// Where places of Cranelift's code are in this one.
    pub moves: Moves,
}

/// Cranelift's code without looks, and without tests that say nothing new.
pub fn finish(compiled: &CompiledCode) -> Finished {
    let mut guarded: Vec<u32> = compiled
        .buffer
        .traps()
        .iter()
        .filter(|trap| trap.code == GUARDED)
        .map(|trap| trap.offset)
        .collect();
    guarded.sort_unstable();
    without_looks(compiled, &guarded).unwrap_or_else(|| with_looks(compiled, &guarded))
}

/// None if the code cannot be taken apart.
fn without_looks(compiled: &CompiledCode, guarded: &[u32]) -> Option<Finished> {
    let mut draft = Draft::of(compiled)?;
    let traps = compiled.buffer.traps().iter();
    let faulting: FxHashSet<u64> = traps.map(|trap| u64::from(trap.offset)).collect();
    let accesses = guarded
        .iter()
        .map(|start| Access::at(&draft, *start as usize, &faulting));
    let accesses: Vec<Access> = accesses.collect::<Option<_>>()?;
    for look in accesses.iter().filter_map(|access| access.look.as_ref()) {
        draft.remove(look.all.clone());
    }
    draft.fuse_tests();
    draft.turn_loops();
    let (mut code, moves) = draft.finish();
    let accesses = accesses.iter().map(|access| Guarded {
        start: moves.of(access.start) as u32,
        end: match &access.look {
            Some(look) => look.lead(&mut code, &moves) as u32 | Guarded::STUB,
            None => moves.of(access.end) as u32,
        },
    });
    Some(Finished {
        accesses: accesses.collect(),
        code,
        moves,
    })
}

/// The code as it is: each access marks the hart, and each look looks.
fn with_looks(compiled: &CompiledCode, guarded: &[u32]) -> Finished {
    let code = compiled.code_buffer();
    let accesses = guarded.iter().map(|&start| {
        let bytes = &code[start as usize..];
        let mut decoder = Decoder::with_ip(64, bytes, u64::from(start), DecoderOptions::NONE);
        let end = decoder.decode().next_ip32();
        Guarded { start, end }
    });
    Finished {
        accesses: accesses.collect(),
        code: code.to_vec(),
        moves: Moves::none(),
    }
}

/// A guarded access.
struct Access {
    start: usize,
    end: usize,
    /// The look that is taken out.
    look: Option<Look>,
}

impl Access {
    /// None if no instruction starts there.
    fn at(draft: &Draft, start: usize, faulting: &FxHashSet<u64>) -> Option<Access> {
        let index = draft.at(start)?;
        Some(Access {
            start,
            end: draft.instructions[index].next_ip() as usize,
            look: Look::after(draft, index, faulting),
        })
    }
}

/// A look whether an access faulted.
struct Look {
    /// What comes before it, from the end of the access.
    between: Vec<u8>,
    /// Where the look itself is.
    all: Range<usize>,
    /// Where its branch leads.
    target: usize,
}

impl Look {
    /// The look that follows an access, unless there is anything else in between than what computes.
    fn after(draft: &Draft, access: usize, faulting: &FxHashSet<u64>) -> Option<Look> {
        let start = draft.instructions[access].next_ip() as usize;
        let after = &draft.instructions[access + 1..];
        for (index, first) in after.iter().enumerate().take(BETWEEN + 1) {
            if let [load, compare, branch, ..] = &after[index..]
                && is_look(load, compare, branch)
            {
                let all = load.ip() as usize..branch.next_ip() as usize;
                return Some(Look {
                    between: draft.bytes(start..all.start).to_vec(),
                    all,
                    target: branch.near_branch_target() as usize,
                });
            }
            let repeats = first.flow_control() == FlowControl::Next
                && !first.is_ip_rel_memory_operand()
                && !faulting.contains(&first.ip());
            if !repeats {
                return None;
            }
        }
        None
    }

    /// Where an access goes on that faults: a stub behind the code, unless that has nothing to do.
    fn lead(&self, code: &mut Vec<u8>, moves: &Moves) -> usize {
        let target = moves.of(self.target);
        if self.between.is_empty() {
            return target;
        }
        let stub = code.len();
        code.extend_from_slice(&self.between);
        code.push(JMP_REL32);
        let from = code.len() + size_of::<i32>();
        code.extend((target as i32 - from as i32).to_le_bytes());
        stub
    }
}

const JMP_REL32: u8 = 0xe9;

/// Whether these are a look: the hart's mark is loaded, compared with the hart, and if they differ there is
/// a branch.
fn is_look(load: &Instruction, compare: &Instruction, branch: &Instruction) -> bool {
    let (mark, hart) = (load.op0_register(), load.memory_base());
    let is_load = load.code() == Code::Mov_r64_rm64
        && load.op1_kind() == OpKind::Memory
        && load.memory_index() == Register::None
        && load.memory_displacement64() == frame_offset!(unhurt) as u64;
    let is_compare = matches!(compare.code(), Code::Cmp_r64_rm64 | Code::Cmp_rm64_r64)
        && compare.op1_kind() == OpKind::Register
        && compare.op0_kind() == OpKind::Register
        && [compare.op0_register(), compare.op1_register()] == [hart, mark];
    let is_branch = matches!(branch.code(), Code::Jne_rel32_64 | Code::Jne_rel8_64);
    is_load && is_compare && is_branch
}
