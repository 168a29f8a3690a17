//! Machine code out of which instructions are taken before it runs: what follows them moves up, and what
//! leads to a place in the code (branches, tables of branches, operands beside the code) is led to where
//! that is then.

use cranelift_codegen::CompiledCode;
use iced_x86::{Code, Decoder, DecoderOptions, Instruction, OpKind};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::ops::Range;

/// Constants behind the code keep their places up to a multiple of this, in bytes.
const ALIGNMENT: usize = 64;

/// Code as Cranelift made it, taken apart.
pub struct Draft {
    code: Vec<u8>,
    /// Its instructions, in order.
    pub instructions: Vec<Instruction>,
    /// In order of where they lead from.
    references: Vec<Reference>,
    /// What is led to.
    targets: FxHashSet<usize>,
    /// Where the constants start.
    constants: usize,
    removed: Vec<Range<usize>>,
}

/// A number that leads from one place in the code to another.
struct Reference {
    /// Where it is, and how many bytes it has.
    field: Range<usize>,
    from: usize,
    to: usize,
}

impl Draft {
    /// Takes code apart. None if it has anything else than what Cranelift is known to make of regions.
    pub fn of(compiled: &CompiledCode) -> Option<Draft> {
        let code = compiled.code_buffer().to_vec();
        let mut draft = Draft {
            constants: code.len(),
            code,
            instructions: Vec::new(),
            references: Vec::new(),
            targets: FxHashSet::default(),
            removed: Vec::new(),
        };
        let mut tables = BTreeSet::new();
        let mut place = 0;
        while place < draft.constants {
            if tables.remove(&place) {
                let starts = compiled.bb_starts.iter().map(|start| *start as usize);
                let end = starts.filter(|start| *start > place).min();
                let end = end.unwrap_or(draft.constants);
                draft.table(place..end)?;
                place = end;
                continue;
            }
            let bytes = &draft.code[place..];
            let mut decoder = Decoder::with_ip(64, bytes, place as u64, DecoderOptions::NONE);
            let instruction = decoder.decode();
            let offsets = decoder.get_constant_offsets(&instruction);
            if instruction.is_invalid() {
                return None;
            }
            let next = instruction.next_ip() as usize;
            let field = |offset: usize, size: usize| place + offset..place + offset + size;
            if instruction.op0_kind() == OpKind::NearBranch64 {
                let to = instruction.near_branch_target() as usize;
                let field = field(offsets.immediate_offset(), offsets.immediate_size());
                draft.refer(field, next, to)?;
            } else if instruction.is_ip_rel_memory_operand() {
                let to = instruction.ip_rel_memory_address() as usize;
                let field = field(offsets.displacement_offset(), offsets.displacement_size());
                draft.refer(field, next, to)?;
                match instruction.code() {
                    Code::Lea_r64_m => _ = tables.insert(to),
                    _ => draft.constants = draft.constants.min(to),
                }
            }
            draft.instructions.push(instruction);
            place = next;
        }
        (place == draft.constants && tables.is_empty()).then_some(draft)
    }

    /// A table of branches: distances from its start.
    fn table(&mut self, all: Range<usize>) -> Option<()> {
        for place in all.clone().step_by(size_of::<i32>()) {
            let field = place..place + size_of::<i32>();
            let distance = self.code.get(field.clone())?.try_into().ok()?;
            let to = all.start as i64 + i64::from(i32::from_le_bytes(distance));
            self.refer(field, all.start, usize::try_from(to).ok()?)?;
        }
        Some(())
    }

    /// None if it leads nowhere.
    fn refer(&mut self, field: Range<usize>, from: usize, to: usize) -> Option<()> {
        self.targets.insert(to);
        self.references.push(Reference { field, from, to });
        (to <= self.code.len()).then_some(())
    }

    /// The bytes of a part of it, as Cranelift made them.
    pub fn bytes(&self, part: Range<usize>) -> &[u8] {
        &self.code[part]
    }

    /// The number of the instruction at a place.
    pub fn at(&self, place: usize) -> Option<usize> {
        let place = place as u64;
        let found = self.instructions.binary_search_by_key(&place, |i| i.ip());
        found.ok()
    }

    /// Takes out a part that consists of whole instructions.
    pub fn remove(&mut self, part: Range<usize>) {
        self.removed.push(part);
    }

    /// Spares tests of results whose operations set the flags themselves.
    pub fn fuse_tests(&mut self) {
        for index in 1..self.instructions.len().saturating_sub(2) {
            let [before, operation, test, branch] =
                [0, 1, 2, 3].map(|i| self.instructions[index - 1 + i]);
            let is_run = |pair: &[Instruction]| {
                let next = pair[1].ip();
                pair[0].next_ip() == next && !self.targets.contains(&(next as usize))
            };
            if ![operation, test, branch].windows(2).all(is_run) {
                continue;
            }
            let copy = [before, operation]
                .windows(2)
                .all(is_run)
                .then_some(&before);
            if let Some(condition) = fuse(copy, &operation, &test, &branch) {
                self.set_condition(&branch, condition);
                self.remove(test.ip() as usize..branch.ip() as usize);
            }
        }
    }

    /// Has loops end with the branch back: a branch that leads away from there, and a jump back behind it,
    /// change places.
    pub fn turn_loops(&mut self) {
        for index in 1..self.instructions.len() {
            let [branch, jump] = [0, 1].map(|i| self.instructions[index - 1 + i]);
            let is_end = branch.is_jcc_near()
                && jump.is_jmp_near()
                && branch.next_ip() == jump.ip()
                && !self.targets.contains(&(jump.ip() as usize))
                && branch.near_branch_target() > jump.ip()
                && jump.near_branch_target() < jump.ip();
            if !is_end {
                continue;
            }
            let of = |from: &Instruction| {
                let from = from.next_ip() as usize;
                let references = &self.references;
                references.binary_search_by_key(&from, |reference| reference.from)
            };
            if let (Ok(away), Ok(back)) = (of(&branch), of(&jump)) {
                let opposite = self.code[branch.ip() as usize + 1] ^ 1;
                self.set_condition(&branch, opposite & 0xf);
                let places = [away, back].map(|index| self.references[index].to);
                [self.references[back].to, self.references[away].to] = places;
            }
        }
    }

    /// Changes a branch's condition: the lower half of its opcode, 7x or 0f 8x.
    fn set_condition(&mut self, branch: &Instruction, condition: u8) {
        let opcode = branch.ip() as usize + usize::from(branch.is_jcc_near());
        self.code[opcode] = self.code[opcode] & 0xf0 | condition;
    }

    /// Puts together what remains. Tells where everything is now.
    pub fn finish(mut self) -> (Vec<u8>, Moves) {
        self.removed.sort_unstable_by_key(|part| part.start);
        let moves = Moves::new(self.removed, self.constants..self.code.len());
        for Reference { field, from, to } in self.references {
            let distance = (moves.of(to) as i64 - moves.of(from) as i64).to_le_bytes();
            let size = field.len();
            self.code[field].copy_from_slice(&distance[..size]);
        }
        let mut code = Vec::with_capacity(self.code.len());
        let mut start = 0;
        for part in &moves.removed {
            code.extend_from_slice(&self.code[start..part.start]);
            start = part.end;
        }
        code.extend_from_slice(&self.code[start..self.constants]);
        code.resize(moves.of(self.constants), INT3);
        code.extend_from_slice(&self.code[self.constants..]);
        (code, moves)
    }
}

const INT3: u8 = 0xcc;

/// The condition of a branch that follows a test of an operation's result, if the operation's own flags say
/// it: as the lower half of its opcode. What the operation changes may have been copied before.
fn fuse(
    copy: Option<&Instruction>,
    operation: &Instruction,
    test: &Instruction,
    branch: &Instruction,
) -> Option<u8> {
    use iced_x86::Mnemonic::*;
    let result = operation.op0_register();
    if [operation.op0_kind(), test.op0_kind()] != [OpKind::Register; 2]
        || result.is_vector_register()
    {
        return None;
    }
    let tests_result = matches!(test.code(), Code::Test_rm64_r64 | Code::Test_rm32_r32)
        && [test.op0_register(), test.op1_register()] == [result; 2]
        && matches!(operation.mnemonic(), Add | Sub | And | Or | Xor);
    let does_the_same = || {
        let is_move =
            |copy: &&Instruction| matches!(copy.code(), Code::Mov_r64_rm64 | Code::Mov_rm64_r64);
        let copy = copy.filter(is_move)?;
        let original = test.op0_register();
        let is_copied = copy.op1_kind() == OpKind::Register
            && copy.op0_register() == result.full_register()
            && copy.op1_register() == original.full_register();
        let immediate = |i: &Instruction| {
            let kind = i.op1_kind();
            let is_immediate = matches!(
                kind,
                OpKind::Immediate32
                    | OpKind::Immediate8to32
                    | OpKind::Immediate32to64
                    | OpKind::Immediate8to64
            );
            is_immediate.then(|| i.immediate(1))
        };
        let is_same = operation.mnemonic() == And
            && test.mnemonic() == Test
            && result.size() == original.size()
            && matches!(result.size(), 4 | 8)
            && immediate(operation)? == immediate(test)?;
        (is_copied && is_same).then_some(())
    };
    if !tests_result && does_the_same().is_none() {
        return None;
    }
    // A test leaves no overflow: what is less is negative.
    Some(match branch.mnemonic() {
        Je => 0x4,
        Jne => 0x5,
        Js | Jl => 0x8,
        Jns | Jge => 0x9,
        _ => return None,
    })
}

/// Where places in the code have moved to.
pub struct Moves {
    removed: Vec<Range<usize>>,
    /// How many bytes were removed up to the end of each.
    totals: Vec<usize>,
    /// Where the constants started, and where they start now.
    constants: [usize; 2],
}

impl Moves {
    /// None at all.
    pub fn none() -> Moves {
        Moves::new(Vec::new(), usize::MAX..usize::MAX)
    }

    fn new(removed: Vec<Range<usize>>, constants: Range<usize>) -> Moves {
        let mut total = 0;
        let totals = removed.iter().map(|part| {
            total += part.len();
            total
        });
        let totals = totals.collect();
        let up = match constants.is_empty() {
            true => total,
            false => total - total % ALIGNMENT,
        };
        Moves {
            removed,
            totals,
            constants: [constants.start, constants.start - up],
        }
    }

    /// Where a place is now: that of what follows it, if it is no more.
    pub fn of(&self, place: usize) -> usize {
        let [before, now] = self.constants;
        if place >= before {
            return now + (place - before);
        }
        let index = self.removed.partition_point(|part| part.end <= place);
        let up = index.checked_sub(1).map_or(0, |last| self.totals[last]);
        let inside = self
            .removed
            .get(index)
            .map_or(0, |part| place.saturating_sub(part.start));
        place - up - inside
    }
}

#[cfg(test)]
mod tests {
    use super::Moves;

    #[test]
    fn places_move_up_by_what_is_removed_before_them() {
        let moves = Moves::new(vec![10..20, 20..25, 40..50], 100..120);
        let places = [0, 9, 10, 15, 20, 24, 25, 39, 40, 50, 99];
        let now = [0, 9, 10, 10, 10, 10, 10, 24, 25, 25, 74];
        assert_eq!(places.map(|place| moves.of(place)), now);
    }

    #[test]
    fn constants_stay_aligned() {
        for removed in [0, 1, 63, 64, 65] {
            let moves = Moves::new(vec![0..1, 8..8 + removed], 128..192);
            let now = moves.of(128);
            assert_eq!(now % 64, 0);
            assert!(now >= 128 - 1 - removed, "{removed}");
            assert_eq!(moves.of(150), now + 22);
        }
    }
}
