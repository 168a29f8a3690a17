//! Accesses with a second way to go on: what Cranelift has no instruction for.
//!
//! Lowering writes a guarded access, and after it a look whether it faulted, with a branch that is never
//! taken otherwise. The host's processor tells of faults by itself: here the look is taken out again, and
//! where its branch led is where a fault leads. Registers are the same at both ends, but for what was
//! computed between the access and the look: a stub does that first.

use super::arena::Guarded;
use super::frame::frame_offset;
use super::lower::GUARDED;
use cranelift_codegen::CompiledCode;
use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, OpKind, Register};
use std::collections::HashSet;
use std::ops::Range;

/// How many instructions there are at most between an access and the look.
const BETWEEN: usize = 6;

/// Machine code whose looks are taken out, and where faults of guarded accesses lead.
pub fn without_looks(compiled: &CompiledCode) -> (Vec<u8>, Vec<Guarded>) {
    let mut code = compiled.code_buffer().to_vec();
    let traps = compiled.buffer.traps();
    let faulting: HashSet<u32> = traps.iter().map(|trap| trap.offset).collect();
    let guarded = traps.iter().filter(|trap| trap.code == GUARDED);
    let mut accesses: Vec<Guarded> = guarded
        .map(|trap| {
            let start = trap.offset;
            let end = at(&code, start as usize).next_ip32();
            let end = match Look::after(&code, end as usize, &faulting) {
                Some(look) => look.take_out(&mut code) as u32 | Guarded::STUB,
                None => end,
            };
            Guarded { start, end }
        })
        .collect();
    accesses.sort_unstable_by_key(|access| access.start);
    (code, accesses)
}

/// A look whether an access faulted.
struct Look {
    /// What comes before it, from the end of the access.
    between: Range<usize>,
    /// The look itself.
    all: Range<usize>,
    /// Where its branch leads.
    target: usize,
}

impl Look {
    /// The look that follows here, unless there is anything else in between than what computes.
    fn after(code: &[u8], access: usize, faulting: &HashSet<u32>) -> Option<Look> {
        let mut start = access;
        for _ in 0..=BETWEEN {
            let first = at(code, start);
            if let Some(look) = Look::at(code, access, &first) {
                return Some(look);
            }
            let repeats = first.flow_control() == FlowControl::Next
                && !first.is_ip_rel_memory_operand()
                && !faulting.contains(&(start as u32));
            if !repeats {
                return None;
            }
            start = first.next_ip() as usize;
        }
        None
    }

    /// The look that begins with this instruction: the hart's mark is loaded, compared with the hart, and
    /// if they differ there is a branch.
    fn at(code: &[u8], access: usize, load: &Instruction) -> Option<Look> {
        let (mark, hart) = (load.op0_register(), load.memory_base());
        let is_load = load.code() == Code::Mov_r64_rm64
            && load.op1_kind() == OpKind::Memory
            && load.memory_index() == Register::None
            && load.memory_displacement64() == frame_offset!(unhurt) as u64;
        if !is_load {
            return None;
        }
        let compare = at(code, load.next_ip() as usize);
        let is_compare = matches!(compare.code(), Code::Cmp_r64_rm64 | Code::Cmp_rm64_r64)
            && compare.op1_kind() == OpKind::Register
            && compare.op0_kind() == OpKind::Register
            && [compare.op0_register(), compare.op1_register()] == [hart, mark];
        let branch = at(code, compare.next_ip() as usize);
        (is_compare && matches!(branch.code(), Code::Jne_rel32_64 | Code::Jne_rel8_64)).then(|| {
            Look {
                between: access..load.ip() as usize,
                all: load.ip() as usize..branch.next_ip() as usize,
                target: branch.near_branch_target() as usize,
            }
        })
    }

    /// Replaces it by nothing. Tells where the access that it is for goes on if it faults.
    fn take_out(self, code: &mut Vec<u8>) -> usize {
        let length = self.all.len();
        for (place, byte) in code[self.all].iter_mut().zip(nothing(length)) {
            *place = byte;
        }
        if self.between.is_empty() {
            return self.target;
        }
        let stub = code.len();
        code.extend_from_within(self.between);
        code.push(JMP_REL32);
        let from = code.len() + size_of::<i32>();
        code.extend((self.target as i32 - from as i32).to_le_bytes());
        stub
    }
}

const JMP_REL32: u8 = 0xe9;

/// Instructions of so many bytes that do nothing, as few as is good for processors.
fn nothing(length: usize) -> impl Iterator<Item = u8> {
    // nop word ptr [rax+rax], and operand-size prefixes ahead of it.
    const LONGEST: [u8; 11] = [0x66, 0x66, 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0];
    const SHORT: [&[u8]; 11] = [
        &[],
        &[0x90],
        &[0x66, 0x90],
        &[0x0f, 0x1f, 0x00],
        &[0x0f, 0x1f, 0x40, 0],
        &[0x0f, 0x1f, 0x44, 0, 0],
        &[0x66, 0x0f, 0x1f, 0x44, 0, 0],
        &[0x0f, 0x1f, 0x80, 0, 0, 0, 0],
        &[0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
        &[0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
        &[0x66, 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
    ];
    let (long, rest) = (length / LONGEST.len(), length % LONGEST.len());
    let long = std::iter::repeat_n(&LONGEST[..], long);
    long.chain([SHORT[rest]]).flatten().copied()
}

/// The instruction at a place in code.
fn at(code: &[u8], place: usize) -> Instruction {
    Decoder::with_ip(
        64,
        &code[place.min(code.len())..],
        place as u64,
        DecoderOptions::NONE,
    )
    .decode()
}
