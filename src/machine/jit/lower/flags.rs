//! Flags: what the state is told of them, see [`flags`](crate::jit::flags).

use super::Lowering;
use crate::graph::{Graph, Id, Node};
use crate::jit::flags::{Change, Flags, OPERANDS};
use crate::jit::flow::{Slots, goes_elsewhere};
use crate::jit::frame::{self, frame_offset};
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::Variable;

/// What the flags are to be made of, as it is carried along.
pub struct Carried {
    /// The address of [`Flags`]; zero where the state has the flags themselves.
    flags: Variable,
    operands: [Variable; OPERANDS],
    /// How many operands the flags of this run take, if it has made any.
    used: Option<usize>,
    /// Whether a flag was written since.
    is_old: bool,
}

impl Lowering<'_> {
    /// Where the region is entered: the flags themselves are in the state, if it wants them.
    pub(super) fn begin_flags(&mut self, loaded: &Slots, written: &Slots) {
        let is_flag = |slots: &Slots| slots.iter().any(|slot| self.target.flags.contains(slot));
        let (reads, writes) = (is_flag(loaded), is_flag(written));
        if reads {
            let pending = self.hart_word(frame_offset!(flags));
            let (make, made) = (self.builder.create_block(), self.builder.create_block());
            self.builder.set_cold_block(make);
            self.builder.ins().brif(pending, make, &[], made, &[]);
            self.enter(make);
            self.call(frame::make_flags as *const (), &[self.hart]);
            self.builder.ins().jump(made, &[]);
            self.enter(made);
        }
        if !writes {
            return;
        }
        let variables = [(); OPERANDS].map(|()| self.builder.declare_var(I64));
        let flags = self.builder.declare_var(I64);
        let word = self.hart_word(frame_offset!(flags));
        self.builder.def_var(flags, word);
        for (place, variable) in (0..).zip(variables) {
            let word = self.hart_word(frame_offset!(operands) + 8 * place);
            self.builder.def_var(variable, word);
        }
        self.carried = Some(Carried {
            flags,
            operands: variables,
            used: None,
            is_old: false,
        });
    }

    /// Where a run starts.
    pub(super) fn begin_run_with_flags(&mut self) {
        if let Some(carried) = &mut self.carried {
            (carried.used, carried.is_old) = (None, false);
        }
    }

    /// A flag was written.
    pub(super) fn outdate_flags(&mut self) {
        if let Some(carried) = &mut self.carried {
            carried.is_old = true;
        }
    }

    /// Before a node: where code may go on elsewhere then, what the flags are made of is carried there.
    pub(super) fn bring_flags(&mut self, node: &Node) {
        if goes_elsewhere(node) && !self.left {
            self.carry_packed();
        }
    }

    /// After an instruction: what the flags are made of from now on.
    pub(super) fn carry_flags(&mut self, graph: &Graph) {
        if self.left || !self.carried.as_ref().is_some_and(|carried| carried.is_old) {
            return;
        }
        match Change::of(graph, &self.target.flags) {
            Change::All(flags, operands) if self.are_words(graph, &operands) => {
                let operands: Vec<Value> = operands.iter().map(|id| self.word(*id)).collect();
                self.carry(flags, &operands);
            }
            _ => self.carry_packed(),
        }
    }

    /// Whether the nodes have their values: a relation that is asked for one thing is just that.
    fn are_words(&self, graph: &Graph, nodes: &[Id]) -> bool {
        nodes.iter().all(|id| self.asked(graph, *id).is_none())
    }

    fn carry_packed(&mut self) {
        if !self.carried.as_ref().is_some_and(|carried| carried.is_old) {
            return;
        }
        let slots = self.target.flags;
        let mut all = self.constant(0);
        for (bit, slot) in (0..).zip(slots.iter()) {
            let flag = self.read(slot);
            let flag = self.builder.ins().ishl_imm_u(flag, bit);
            all = self.builder.ins().bor(all, flag);
        }
        self.carry(Flags::packed(&slots), &[all]);
    }

    fn carry(&mut self, flags: Flags, values: &[Value]) {
        let flags = Box::new(flags);
        let address = self.constant(&raw const *flags as u64);
        self.tables.flags.push(flags);
        let Some(carried) = &mut self.carried else {
            return;
        };
        // What holds in a conditional part alone holds no longer behind it.
        carried.used = self.open.is_empty().then_some(values.len());
        carried.is_old = false;
        self.builder.def_var(carried.flags, address);
        for (variable, value) in carried.operands.iter().zip(values) {
            self.builder.def_var(*variable, *value);
        }
    }

    /// Tells the state what the flags are made of, if some of these slots are flags.
    pub(super) fn save_flags(&mut self, slots: &Slots) {
        let is_flag = slots.iter().any(|slot| self.target.flags.contains(slot));
        let Some(carried) = self.carried.as_ref().filter(|_| is_flag) else {
            return;
        };
        let used = carried.used.unwrap_or(OPERANDS);
        let (flags, operands) = (carried.flags, carried.operands);
        let flags = self.builder.use_var(flags);
        self.set_hart(frame_offset!(flags), flags);
        for (place, variable) in (0..).zip(&operands[..used]) {
            let value = self.builder.use_var(*variable);
            self.set_hart(frame_offset!(operands) + 8 * place, value);
        }
    }
}
