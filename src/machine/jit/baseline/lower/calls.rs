//! Calls of functions, for what takes too many instructions.

use super::{CHANGED_BY_CALLS, Lowering, ORDER};
use crate::graph::Id;
use crate::jit::baseline::assembler::{Arithmetic, R8, R9, RAX, RCX, RDI, RDX, RSI, Reg};
use crate::jit::frame::HANDLE;

/// Where the host's calling convention has arguments.
const ARGUMENTS: [Reg; 6] = [RDI, RSI, RDX, RCX, R8, R9];

impl Lowering<'_> {
    /// Calls a function of the host's calling convention, with constants and then nodes as its arguments. Its
    /// result is in a register of its own.
    pub(super) fn call(&mut self, function: *const (), first: &[u64], nodes: &[Id]) -> Option<Reg> {
        self.call_by(&ARGUMENTS, function, first, nodes)
    }

    /// The same, with the hart as the first argument of all.
    pub(super) fn call_with_hart(
        &mut self,
        function: *const (),
        first: &[u64],
        nodes: &[Id],
    ) -> Option<Reg> {
        self.call_by(&ARGUMENTS[1..], function, first, nodes)
    }

    fn call_by(
        &mut self,
        arguments: &[Reg],
        function: *const (),
        first: &[u64],
        nodes: &[Id],
    ) -> Option<Reg> {
        let value = self.take_free()?;
        let changed = ORDER[..CHANGED_BY_CALLS].iter().enumerate();
        let saved: Vec<Reg> = changed
            .filter(|(index, reg)| self.free & 1 << index == 0 && **reg != value)
            .map(|(_, reg)| *reg)
            .chain([RDI])
            .collect();
        saved.iter().for_each(|reg| self.code.push(*reg));
        // Code is entered with the stack eight bytes off what calls want.
        let is_off = saved.len().is_multiple_of(2);
        if is_off {
            self.code.push(RDI);
        }
        for node in nodes {
            self.fill(RCX, self.places[*node as usize]);
            self.code.push(RCX);
        }
        for reg in arguments[first.len()..][..nodes.len()].iter().rev() {
            self.code.pop(*reg);
        }
        for (reg, constant) in arguments.iter().zip(first) {
            self.code.constant(*reg, *constant);
        }
        if arguments[0] != RDI {
            self.code
                .arithmetic_constant(Arithmetic::Sub, RDI, HANDLE as i32);
        }
        self.code.constant(RAX, function as u64);
        self.code.call(RAX);
        self.code.mov(value, RAX);
        if is_off {
            self.code.pop(RDI);
        }
        saved.iter().rev().for_each(|reg| self.code.pop(*reg));
        self.has_base = false;
        Some(value)
    }
}
