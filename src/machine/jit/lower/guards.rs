//! Guarded accesses: if one faults it is skipped, and code looks right after it whether it did. Most of
//! these looks are not in the code at last: see [`looks`](crate::jit::looks).

use super::{Lowering, register_offset};
use crate::jit::flow::Slots;
use crate::jit::frame::{Exit, frame_offset};
use crate::registers::Slot;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, TrapCode, Value};

/// Marks the host's instructions that are guarded.
pub const GUARDED: TrapCode = TrapCode::unwrap_user(1);

/// How to go back to before the instruction.
pub struct Guard {
    /// The slots that the state did not have when it began.
    dirty: Slots,
    /// What those of them were that it has changed since.
    before: Vec<(Slot, Value)>,
    /// Where the access goes if it fails.
    failed: Option<Block>,
}

impl Guard {
    pub fn new(dirty: Slots) -> Guard {
        Guard {
            dirty,
            before: Vec::new(),
            failed: None,
        }
    }
}

impl Lowering<'_> {
    /// Where an access beyond the wall goes, if it is guarded.
    pub(super) fn failed(&mut self) -> Option<Block> {
        let guard = self.guard.as_mut()?;
        let failed = guard.failed.get_or_insert_with(|| {
            let block = self.builder.create_block();
            self.builder.set_cold_block(block);
            block
        });
        Some(*failed)
    }

    /// Before a slot changes: keeps what it was, if that is needed to go back.
    pub(super) fn keep(&mut self, slot: Slot) {
        let is_kept = |guard: &Guard| guard.before.iter().any(|(kept, _)| *kept == slot);
        if self
            .guard
            .as_ref()
            .is_some_and(|guard| guard.dirty.contains(slot) && !is_kept(guard))
            && !self.target.flags.contains(slot)
        {
            let value = self.read(slot);
            if let Some(guard) = &mut self.guard {
                guard.before.push((slot, value));
            }
        }
    }

    /// After an access that may be guarded: goes back if it faulted.
    pub(super) fn look_for_fault(&mut self) {
        let Some(failed) = self.failed() else { return };
        // It must be looked at each time.
        self.builder.ins().sequence_point();
        let unhurt = self.hart_word(frame_offset!(unhurt));
        let ins = self.builder.ins();
        let faulted = ins.icmp(IntCC::NotEqual, self.hart, unhurt);
        let went_well = self.builder.create_block();
        let ins = self.builder.ins();
        ins.brif(faulted, failed, &[], went_well, &[]);
        self.enter(failed);
        self.go_back();
        self.enter(went_well);
        self.left = false;
    }

    fn go_back(&mut self) {
        let Some(guard) = &mut self.guard else { return };
        guard.failed = None;
        let (dirty, before) = (guard.dirty, guard.before.clone());
        self.save_flags(&dirty);
        for slot in dirty.without(&self.target.flags).iter() {
            if self.variables[usize::from(slot)].is_none() {
                continue;
            }
            let kept = before.iter().find(|(kept, _)| *kept == slot);
            let value = match kept {
                Some(&(_, value)) => value,
                None => self.read(slot),
            };
            self.set_hart(register_offset(slot), value);
        }
        self.save_raising();
        self.save_count();
        self.set_pc(self.pc);
        self.return_exit(Exit::Interpret);
    }
}
