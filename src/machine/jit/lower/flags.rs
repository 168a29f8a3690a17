//! Flags: what the state is told of them, see [`flags`](crate::jit::flags).

use super::Lowering;
use crate::graph::{Id, Node};
use crate::jit::flags::{Change, Flags, OPERANDS, OVERRIDDEN, OVERRIDES};
use crate::jit::flow::{Slots, goes_elsewhere};
use crate::jit::frame::{self, frame_offset};
use crate::registers::Slot;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::Variable;

/// What the flags are to be made of, as it is carried along.
pub struct Carried {
    /// The address of [`Flags`]; zero where the state has the flags themselves.
    flags: Variable,
    operands: [Variable; OPERANDS],
    /// The flags that are something else, if the region overrides any.
    overrides: Option<Variable>,
    /// How many operands the flags of this run take, if it has made any.
    used: Option<usize>,
    /// What loads all this where the region is entered.
    loads: Vec<Value>,
    /// The flags that were written since.
    old: Slots,
}

impl Lowering<'_> {
    /// Where the region is entered: the flags themselves are in the state, if it wants them.
    pub(super) fn begin_flags(&mut self, loaded: &Slots, written: &Slots, overrides: bool) {
        let is_flag = |slots: &Slots| slots.iter().any(|slot| self.target.flags.contains(slot));
        let (reads, writes) = (is_flag(loaded), is_flag(written));
        if reads {
            let pending = self.hart_word(frame_offset!(flags));
            let (make, made) = (self.builder.create_block(), self.builder.create_block());
            self.builder.set_cold_block(make);
            self.builder.ins().brif(pending, make, &[], made, &[]);
            self.enter(make);
            let hart = self.whole_hart();
            self.call(frame::make_flags as *const (), &[hart]);
            self.builder.ins().jump(made, &[]);
            self.enter(made);
        }
        if !writes {
            return;
        }
        let variables = [(); OPERANDS].map(|()| self.builder.declare_var(I64));
        let flags = self.builder.declare_var(I64);
        let word = self.hart_word(frame_offset!(flags));
        let mut loads = vec![word];
        self.builder.def_var(flags, word);
        for (place, variable) in (0..).zip(variables) {
            let word = self.hart_word(frame_offset!(operands) + 8 * place);
            self.builder.def_var(variable, word);
            loads.push(word);
        }
        let overrides = overrides.then(|| {
            let variable = self.builder.declare_var(I64);
            let is_overridden = self.builder.ins().band_imm_u(word, OVERRIDDEN as i64);
            let all = self.builder.ins().ineg(is_overridden);
            let overrides = self.hart_word(frame_offset!(overrides));
            let overrides = self.builder.ins().band(overrides, all);
            self.builder.def_var(variable, overrides);
            variable
        });
        self.carried = Some(Carried {
            flags,
            operands: variables,
            overrides,
            loads,
            used: None,
            old: Slots::default(),
        });
    }

    /// Where all is made: what nobody takes is not loaded, as Cranelift would.
    pub(super) fn end_flags(&mut self) {
        let Some(carried) = self.carried.take() else {
            return;
        };
        let function = &mut self.builder.func;
        let mut unused = carried.loads;
        for block in function.layout.blocks() {
            for instruction in function.layout.block_insts(block) {
                for value in function.dfg.inst_values(instruction) {
                    let value = function.dfg.resolve_aliases(value);
                    unused.retain(|load| *load != value);
                }
            }
        }
        for load in unused {
            if let Some(instruction) = function.dfg.value_def(load).inst() {
                function.layout.remove_inst(instruction);
            }
        }
    }

    /// Where a run starts.
    pub(super) fn begin_run_with_flags(&mut self) {
        if let Some(carried) = &mut self.carried {
            (carried.used, carried.old) = (None, Slots::default());
        }
    }

    /// A flag was written.
    pub(super) fn outdate_flag(&mut self, slot: Slot) {
        if let Some(carried) = &mut self.carried {
            carried.old.insert(slot);
        }
    }

    /// Before a node: where code may go on elsewhere then, what the flags are made of is carried there.
    pub(super) fn bring_flags(&mut self, node: &Node) {
        if goes_elsewhere(node) && !self.left {
            self.carry_written();
        }
    }

    /// After an instruction: what the flags are made of from now on.
    pub(super) fn carry_flags(&mut self, change: &Change) {
        if self.left || !self.has_written() {
            return;
        }
        match change {
            Change::All(flags, operands) => self.carry(flags.clone(), operands, None),
            Change::Unless(keeping, flags, operands) => {
                let keeps = self.value(keeping.condition);
                match self.known.get(&keeps) {
                    Some(0) => self.carry(flags.clone(), operands, None),
                    Some(_) => {}
                    None => self.carry(flags.clone(), operands, Some(keeps)),
                }
            }
            _ => self.carry_written(),
        }
        if let Some(carried) = &mut self.carried {
            carried.old = Slots::default();
        }
    }

    fn has_written(&self) -> bool {
        let carried = self.carried.as_ref();
        carried.is_some_and(|carried| carried.old.len() > 0)
    }

    /// Carries what the flags are that were written.
    fn carry_written(&mut self) {
        let Some(carried) = self.carried.as_mut() else {
            return;
        };
        let (slots, overrides, flags) = (self.target.flags, carried.overrides, carried.flags);
        let old = std::mem::take(&mut carried.old);
        if old.len() == 0 {
            return;
        }
        let mut values = self.constant(0);
        let mut which = 0;
        for (bit, slot) in (0..)
            .zip(slots.iter())
            .filter(|(_, slot)| old.contains(*slot))
        {
            let flag = self.read(slot);
            let flag = self.builder.ins().ishl_imm_u(flag, bit);
            values = self.builder.ins().bor(values, flag);
            which |= 1 << bit;
        }
        let Some(overrides) = overrides.filter(|_| old != slots) else {
            return self.carry_values(Flags::packed(&slots), &[values], None);
        };
        let before = self.builder.use_var(overrides);
        let others = self.constant(!(which | which << OVERRIDES));
        let kept = self.builder.ins().band(before, others);
        let values = self.builder.ins().ishl_imm_u(values, i64::from(OVERRIDES));
        let which = self.constant(which);
        let new = self.builder.ins().bor(values, which);
        let all = self.builder.ins().bor(kept, new);
        self.builder.def_var(overrides, all);
        let made = self.builder.use_var(flags);
        let made = self.builder.ins().bor_imm_u(made, OVERRIDDEN as i64);
        self.builder.def_var(flags, made);
    }

    fn carry(&mut self, flags: Flags, operands: &[Id], unless: Option<Value>) {
        let operands: Vec<Value> = operands.iter().map(|id| self.word(*id)).collect();
        self.carry_values(flags, &operands, unless);
    }

    /// The flags are made of these values from now on, unless a condition holds.
    fn carry_values(&mut self, flags: Flags, values: &[Value], unless: Option<Value>) {
        let flags = Box::new(flags);
        let address = self.constant(&raw const *flags as u64);
        self.tables.flags.push(flags);
        let none = self.constant(0);
        let is_always = self.open.is_empty() && unless.is_none();
        let Some(carried) = &mut self.carried else {
            return;
        };
        // What holds in a conditional part alone holds no longer behind it.
        carried.used = is_always.then_some(values.len());
        let overrides = carried.overrides.map(|variable| (variable, none));
        let news = [(carried.flags, address)].into_iter().chain(overrides);
        let operands = carried.operands.iter().copied();
        let news: Vec<_> = news.chain(operands.zip(values.iter().copied())).collect();
        for (variable, new) in news {
            let value = match unless {
                None => new,
                Some(keeps) => {
                    let before = self.builder.use_var(variable);
                    self.builder.ins().select(keeps, before, new)
                }
            };
            self.builder.def_var(variable, value);
        }
    }

    /// Tells the state what the flags are made of, if some of these slots are flags.
    pub(super) fn save_flags(&mut self, slots: &Slots) {
        let is_flag = slots.iter().any(|slot| self.target.flags.contains(slot));
        let Some(carried) = self.carried.as_ref().filter(|_| is_flag) else {
            return;
        };
        let used = carried.used.unwrap_or(OPERANDS);
        let (flags, operands, overrides) = (carried.flags, carried.operands, carried.overrides);
        let flags = self.builder.use_var(flags);
        self.set_hart(frame_offset!(flags), flags);
        for (place, variable) in (0..).zip(&operands[..used]) {
            let value = self.builder.use_var(*variable);
            self.set_hart(frame_offset!(operands) + 8 * place, value);
        }
        if let Some(overrides) = overrides {
            let overrides = self.builder.use_var(overrides);
            self.set_hart(frame_offset!(overrides), overrides);
        }
    }
}
