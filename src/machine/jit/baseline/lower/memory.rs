//! Accesses to guest memory.

use super::{Lowering, Place, frame_word};
use crate::graph::{Graph, Id};
use crate::jit::baseline::assembler::{Arithmetic, Condition, Label, Memory, R11, RCX, Reg, Shift};
use crate::jit::frame::frame_offset;
use crate::memory::{Access, Order};

impl Lowering<'_> {
    /// Sees to it that an address is inside the wall, and that the base is loaded.
    fn check(&mut self, graph: &Graph, address: Reg) -> (Memory, Label) {
        let interrupted = self.interrupted(graph.pc);
        let limit = frame_word(frame_offset!(limit));
        self.code.arithmetic_memory(Arithmetic::Cmp, address, limit);
        self.code.jump_if(Condition::AboveEqual, interrupted);
        if !self.has_base {
            self.code.load(R11, frame_word(frame_offset!(base)));
            self.has_base = true;
        }
        (Memory::Sum(R11, address), interrupted)
    }

    pub(super) fn load(&mut self, graph: &Graph, access: Access, address: Id) -> Option<Place> {
        let reg = self.own(address)?;
        let (memory, interrupted) = self.check(graph, reg);
        self.accesses.push((self.code.place(), interrupted));
        let is_swapped = access.order == Order::Big && access.bytes > 1;
        let signed = access.signed && !is_swapped;
        self.code.load_extended(reg, memory, access.bytes, signed);
        if is_swapped {
            self.code.swap_bytes(reg);
            let shift = if access.signed {
                Shift::Sar
            } else {
                Shift::Shr
            };
            self.code.shift_constant(shift, reg, 64 - 8 * access.bytes);
        }
        Some(Place::Register(reg))
    }

    pub(super) fn store(
        &mut self,
        graph: &Graph,
        access: Access,
        address: Id,
        value: Id,
    ) -> Option<()> {
        let address = self.register(address)?;
        let is_swapped = access.order == Order::Big && access.bytes > 1;
        let value = match is_swapped {
            false => self.register(value)?,
            true => {
                self.fill(RCX, self.places[value as usize]);
                self.code.swap_bytes(RCX);
                let unused = 64 - 8 * access.bytes;
                self.code.shift_constant(Shift::Shr, RCX, unused);
                RCX
            }
        };
        let (memory, interrupted) = self.check(graph, address);
        self.accesses.push((self.code.place(), interrupted));
        // A prefix comes first: the access is where the instruction starts.
        self.code.store(memory, value, access.bytes);
        Some(())
    }
}
