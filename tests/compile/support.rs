//! What compiled code works on, and whom it calls.

use portolan_machine::domain::{Counter, FloatUnit};
use portolan_machine::float::{self, Flags, Format, Operation, Rounding};
use portolan_machine::memory::{Access, Fault, Memory, Rmw};
use portolan_machine::registers::SLOTS;
use std::sync::Arc;

/// The state of a hart, as compiled code knows it.
#[repr(C)]
pub struct State {
    /// The registers, by slot. Code keeps them in registers of the host meanwhile.
    pub registers: [u64; SLOTS],
    /// The word that an exit leaves behind: the pc, or the address of a trap.
    pub word: u64,
    /// The fault that a helper met.
    pub fault: Option<Fault>,
    /// Instructions retired.
    pub retired: u64,
    /// All of the guest's memory, but for the window.
    pub memory: Arc<Memory>,
}

/// The constant part of a call for help, which code passes by address.
pub enum Site {
    /// An access to memory.
    Access(Operand),
    /// An operation of floating point.
    Float(&'static FloatUnit, Operation, Format),
    /// The reading of a counter.
    Counter(Counter),
}

/// All that one function's code refers to, each by its address.
pub type Sites = Vec<Box<Site>>;

/// What an access does.
#[derive(Clone, Copy)]
pub enum Operand {
    Load(Access),
    /// The value.
    Store(Access),
    /// The operand.
    Rmw(Access, Rmw),
    /// What is expected, and the new value.
    CompareExchange(Access),
}

/// Two results, which the host's calling convention returns in two registers.
#[repr(C)]
pub struct Pair(u64, u64);

/// An access outside the window: the value, and whether it faulted.
pub extern "C" fn access(state: &mut State, site: &Site, address: u64, a: u64, b: u64) -> Pair {
    let &Site::Access(operand) = site else {
        unreachable!("the site of an access");
    };
    let memory = &state.memory;
    let result = match operand {
        Operand::Load(access) => memory.load(access, address),
        Operand::Store(access) => memory.store(access, address, a).map(|()| 0),
        Operand::Rmw(access, op) => memory.rmw(access, op, address, a),
        Operand::CompareExchange(access) => memory.compare_exchange(access, address, a, b),
    };
    match result {
        Ok(value) => Pair(value, 0),
        Err(fault) => {
            state.fault = Some(fault);
            Pair(0, 1)
        }
    }
}

/// An operation of floating point: the value and the flags. `modes` is the rounding direction, and
/// above its byte the flags already raised.
pub extern "C" fn float(site: &Site, modes: u64, a: u64, b: u64, c: u64) -> Pair {
    let Site::Float(unit, operation, format) = site else {
        unreachable!("the site of an operation");
    };
    let rounding = Rounding::from_index(modes as u8).unwrap_or(Rounding::NearestEven);
    let raised = Flags::from_bits((modes >> 8) as u8);
    let operands = [a, b, c];
    let (value, flags) =
        float::evaluate(*operation, *format, &unit.rules, rounding, raised, operands);
    Pair(value, u64::from((raised | flags).bits()))
}

/// A counter.
pub extern "C" fn counter(state: &State, site: &Site) -> u64 {
    match site {
        Site::Counter(Counter::Time) => state.retired / 10,
        _ => state.retired,
    }
}

/// The instruction barrier.
pub extern "C" fn fence_instructions(state: &State) {
    state.memory.invalidate_code();
}
