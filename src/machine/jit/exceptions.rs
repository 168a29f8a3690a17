//! Floating-point exceptions while compiled code runs: the host's own unit collects them, in MXCSR.
//!
//! Compiled code takes for granted that the guest's unit rounds to nearest and traps nothing, and then
//! operations raise on the host what they raise in the guest, with one difference: guests do not agree
//! which NaNs signal. So every operation that may meet a NaN looks whether it did, which is when an
//! exception can be [`Flags::INVALID`]; then the exact helper tells what is raised, and MXCSR's word on
//! *invalid* is not taken. Only where [the guest's NaNs are the host's](nans_are_the_hosts) it is, and
//! arithmetic does not look.
//!
//! The flags of MXCSR are cleared when compiled code is entered, and what they are when it is left is
//! added to the guest's. So all that instructions do to keep the guest's flags falls away. Instructions
//! that want to see these flags, or that change how the unit works, are left to the interpreter.
//!
//! Some guests keep the exceptions of the last operation apart. Code notes where a run of instructions
//! ends which operation that was ([`Raising`]); what it raised is computed again when code is left.
//!
//! What helpers compute with the host's floats must not be seen in MXCSR: see [`quietly`].

use super::frame::Frame;
use crate::domain::FloatUnit;
use crate::float::{self, Flags, Format, Operation, Rounding, Rules};
use crate::graph::{Graph, Id, Node};
use crate::hart::Hart;
use crate::registers::Slot;
use std::arch::asm;
use std::fmt;

/// MXCSR with all exceptions masked, rounding to nearest, and no flag: what Rust's code runs under.
const CLEAR: u32 = 0x1f80;

/// The exceptions in the order of MXCSR's flags.
const IN_MXCSR: [Flags; 6] = [
    Flags::INVALID,
    Flags::DENORMAL,
    Flags::DIVIDE_BY_ZERO,
    Flags::OVERFLOW,
    Flags::UNDERFLOW,
    Flags::INEXACT,
];

fn mxcsr() -> u32 {
    let mut value = 0u32;
    // SAFETY: it stores four bytes there.
    unsafe { asm!("stmxcsr [{}]", in(reg) &mut value, options(nostack, preserves_flags)) };
    value
}

/// Only the flags may change.
fn set_mxcsr(value: u32) {
    // SAFETY: the value is one that was read, but for flags, which no Rust code relies on.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &value, options(nostack, readonly)) };
}

/// Whether the host's unit returns the NaNs that the guest's does, and signals of the same.
pub fn nans_are_the_hosts(unit: &FloatUnit) -> bool {
    unit.rules == Rules::SSE
}

/// Has the host collect exceptions from here on.
pub fn begin() {
    if mxcsr() != CLEAR {
        set_mxcsr(CLEAR);
    }
}

/// Adds what was raised since [`begin`] to the guest's flags.
pub fn settle(hart: &Hart, unit: &FloatUnit) {
    let host = mxcsr();
    let mut raised = Flags::from_bits(hart.compiled.raised.take() as u8);
    for (bit, &flag) in (0..).zip(&IN_MXCSR) {
        let is_known = match flag {
            Flags::INVALID => nans_are_the_hosts(unit),
            Flags::DENORMAL => unit.rules.denormal_operand,
            _ => true,
        };
        if host >> bit & 1 != 0 && is_known {
            raised |= flag;
        }
    }
    if !raised.is_empty() {
        let slot = unit.collected.unwrap_or(unit.flags);
        let before = hart.registers.read(slot);
        hart.registers
            .write(slot, before | u64::from(raised.bits()));
    }
    // SAFETY: compiled code that is alive set it.
    if let Some(last) = unsafe { hart.compiled.last.take().as_ref() } {
        let kept = hart.compiled.kept.each_ref().map(|kept| kept.get());
        let raised = last.raised(kept).bits();
        hart.registers.write(last.unit.flags, raised.into());
    }
}

/// What `function` computes with the host's floats raises nothing.
pub fn quietly<T>(function: impl FnOnce() -> T) -> T {
    // A call, so that no operation can be moved behind what follows.
    #[inline(never)]
    fn call<T>(function: impl FnOnce() -> T) -> T {
        function()
    }
    let before = mxcsr();
    let value = call(function);
    if mxcsr() != before {
        set_mxcsr(before);
    }
    value
}

/// An instruction without what it does to keep the guest's flags, if it computes with floats under
/// `modes` that are those that compiled code counts on. None if it is to be interpreted.
pub fn without_flags(mut graph: Graph, unit: &FloatUnit, modes_are_usual: bool) -> Option<Graph> {
    let is_flags = |slot: Slot| slot == unit.flags || unit.collected == Some(slot);
    let touches = |node: &Node| match *node {
        Node::Read(slot) | Node::Write(slot, _) => is_flags(slot) || unit.modes.contains(&slot),
        _ => false,
    };
    if !graph
        .nodes
        .iter()
        .any(|node| matches!(node, Node::Float(..)))
    {
        return (!graph.nodes.iter().any(touches)).then_some(graph);
    }
    if !modes_are_usual {
        return None;
    }
    for node in &mut graph.nodes {
        match *node {
            Node::Read(slot) | Node::Write(slot, _) if is_flags(slot) => *node = Node::Constant(0),
            Node::Read(slot) if unit.modes.contains(&slot) => *node = Node::Constant(0),
            _ => {}
        }
    }
    fold(&mut graph.nodes);
    let is_plain = unit.collected.is_none() || Raising::of(&graph, unit).is_some();
    is_plain.then_some(graph)
}

/// Computes what depends on constants only, and drops traps that never happen.
fn fold(nodes: &mut [Node]) {
    for index in 0..nodes.len() {
        let known = |id: Id| match nodes[id as usize] {
            Node::Constant(value) => Some(value),
            _ => None,
        };
        let value = match nodes[index] {
            Node::Unary(operation, a) => known(a).map(|a| operation.apply(a)),
            Node::Binary(operation, a, b) => match (known(a), known(b)) {
                (Some(a), Some(b)) => Some(operation.apply(a, b)),
                _ => None,
            },
            Node::Compare(comparison, a, b) => match (known(a), known(b)) {
                (Some(a), Some(b)) => Some(comparison.apply(a, b).into()),
                _ => None,
            },
            Node::Select(condition, yes, no) => match known(condition) {
                Some(0) => known(no),
                Some(_) => known(yes),
                None => None,
            },
            Node::Trap(condition, _) => known(condition).filter(|holds| *holds == 0),
            _ => None,
        };
        if let Some(value) = value {
            nodes[index] = Node::Constant(value);
        }
    }
}

/// How many values the hart keeps of the operands of the last operations.
pub const KEPT: usize = 3;

/// The operations of an instruction, of which it can be found out later what they raised.
pub struct Raising {
    unit: &'static FloatUnit,
    operations: Vec<(Operation, Format, Rounding, [Operand; 3])>,
    /// The nodes whose values are kept.
    pub kept: Vec<Id>,
}

/// An operand of an operation, after the fact.
#[derive(Clone, Copy)]
enum Operand {
    Constant(u64),
    Kept(usize),
    /// The result of an operation before it.
    Result(usize),
}

impl fmt::Display for Raising {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was raised by")?;
        for (operation, format, ..) in &self.operations {
            write!(f, " {operation:?} of {format:?}")?;
        }
        Ok(())
    }
}

impl Raising {
    /// The operations of a graph; None if there are none, or if more than [`KEPT`] values are needed.
    pub fn of(graph: &Graph, unit: &FloatUnit) -> Option<Raising> {
        let mut results: Vec<Id> = Vec::new();
        let mut kept: Vec<Id> = Vec::new();
        let mut operations = Vec::new();
        let mut of = None;
        for (id, node) in (0..).zip(&graph.nodes) {
            let Node::Float(unit, operation, format, rounding, operands) = *node else {
                continue;
            };
            of = Some(unit);
            let Node::Constant(rounding) = graph.nodes[rounding as usize] else {
                return None;
            };
            let operands = operands.map(|operand| match graph.nodes[operand as usize] {
                Node::Constant(value) => Operand::Constant(value),
                _ => match results.iter().position(|result| *result == operand) {
                    Some(result) => Operand::Result(result),
                    None => {
                        let place = kept.iter().position(|kept| *kept == operand);
                        Operand::Kept(place.unwrap_or_else(|| {
                            kept.push(operand);
                            kept.len() - 1
                        }))
                    }
                },
            });
            let rounding = Rounding::from_index(u8::try_from(rounding).ok()?)?;
            operations.push((operation, format, rounding, operands));
            results.push(id);
        }
        let raising = Raising {
            unit: of.filter(|of| of.flags == unit.flags)?,
            operations,
            kept,
        };
        (raising.kept.len() <= KEPT).then_some(raising)
    }

    /// What the operations raised, of the values that were kept.
    fn raised(&self, kept: [u64; KEPT]) -> Flags {
        let mut raised = Flags::NONE;
        let mut results = Vec::with_capacity(self.operations.len());
        for &(operation, format, rounding, operands) in &self.operations {
            let operands = operands.map(|operand| match operand {
                Operand::Constant(value) => value,
                Operand::Kept(place) => kept[place],
                Operand::Result(result) => results[result],
            });
            let rules = &self.unit.rules;
            let modes = rounding.index().into();
            let (value, flags) =
                float::evaluate_in(operation, format, rules, modes, Flags::NONE, operands);
            results.push(value);
            raised |= flags;
        }
        raised
    }
}

/// The constant part of an operation, which code passes to [`exact`] by address.
pub struct Site {
    pub unit: &'static FloatUnit,
    pub operation: Operation,
    pub format: Format,
}

// `exact` for code that keeps all its registers, floats too, across the call: it is rare, and must not
// cost where it does not happen. (What Cranelift calls the convention `preserve_all`.)
std::arch::global_asm!(
    ".globl portolan_jit_exact",
    ".hidden portolan_jit_exact",
    ".type portolan_jit_exact, @function",
    "portolan_jit_exact:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 320",
    "movups [rsp], xmm0",
    "movups [rsp + 16], xmm1",
    "movups [rsp + 32], xmm2",
    "movups [rsp + 48], xmm3",
    "movups [rsp + 64], xmm4",
    "movups [rsp + 80], xmm5",
    "movups [rsp + 96], xmm6",
    "movups [rsp + 112], xmm7",
    "movups [rsp + 128], xmm8",
    "movups [rsp + 144], xmm9",
    "movups [rsp + 160], xmm10",
    "movups [rsp + 176], xmm11",
    "movups [rsp + 192], xmm12",
    "movups [rsp + 208], xmm13",
    "movups [rsp + 224], xmm14",
    "movups [rsp + 240], xmm15",
    "mov [rsp + 256], rcx",
    "mov [rsp + 264], rdx",
    "mov [rsp + 272], rsi",
    "mov [rsp + 280], rdi",
    "mov [rsp + 288], r8",
    "mov [rsp + 296], r9",
    "mov [rsp + 304], r10",
    "mov [rsp + 312], r11",
    "call {exact}",
    "movups xmm0, [rsp]",
    "movups xmm1, [rsp + 16]",
    "movups xmm2, [rsp + 32]",
    "movups xmm3, [rsp + 48]",
    "movups xmm4, [rsp + 64]",
    "movups xmm5, [rsp + 80]",
    "movups xmm6, [rsp + 96]",
    "movups xmm7, [rsp + 112]",
    "movups xmm8, [rsp + 128]",
    "movups xmm9, [rsp + 144]",
    "movups xmm10, [rsp + 160]",
    "movups xmm11, [rsp + 176]",
    "movups xmm12, [rsp + 192]",
    "movups xmm13, [rsp + 208]",
    "movups xmm14, [rsp + 224]",
    "movups xmm15, [rsp + 240]",
    "mov rcx, [rsp + 256]",
    "mov rdx, [rsp + 264]",
    "mov rsi, [rsp + 272]",
    "mov rdi, [rsp + 280]",
    "mov r8, [rsp + 288]",
    "mov r9, [rsp + 296]",
    "mov r10, [rsp + 304]",
    "mov r11, [rsp + 312]",
    "leave",
    "ret",
    ".size portolan_jit_exact, . - portolan_jit_exact",
    exact = sym exact,
);

unsafe extern "C" {
    fn portolan_jit_exact();
}

/// Where code finds [`exact`], called by the convention `preserve_all`.
pub fn exact_address() -> u64 {
    portolan_jit_exact as *const () as u64
}

/// An operation that the host's unit does not do as the guest's: its value. What it raises is noted.
extern "C" fn exact(site: &Site, frame: &Frame, modes: u64, a: u64, b: u64, c: u64) -> u64 {
    let (value, flags) = quietly(|| {
        let (operation, rules) = (site.operation, &site.unit.rules);
        float::evaluate_in(operation, site.format, rules, modes, Flags::NONE, [a, b, c])
    });
    let raised = &frame.raised;
    raised.set(raised.get() | u64::from(flags.bits()));
    value
}

/// The same by the host's own calling convention.
pub extern "C" fn exact_in(hart: &Hart, site: &Site, modes: u64, a: u64, b: u64, c: u64) -> u64 {
    exact(site, &hart.compiled, modes, a, b, c)
}

/// A helper that is called from compiled code.
pub extern "C" fn call(
    function: extern "C" fn(u64, u64, u64) -> u64,
    a: u64,
    b: u64,
    c: u64,
) -> u64 {
    quietly(|| function(a, b, c))
}
