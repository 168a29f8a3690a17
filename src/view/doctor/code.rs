//! What a program's instructions say: which are not known here, and which system calls they make.

use super::super::object_file::{ObjectFile, Place};
use portolan_machine::graph::{Graph, Node};
use portolan_machine::guest::{Flow, Guest, Undecoded};
use portolan_machine::registers::{Role, Slot};
use portolan_machine::trap::Trap;
use std::collections::{BTreeMap, BTreeSet};

/// Addresses of unknown instructions that are told.
const TOLD: usize = 8;

/// What was found in the code.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// Instructions looked at.
    pub(super) instructions: u64,
    /// How many are unknown, by their bytes, with the first addresses.
    pub(super) unknown: BTreeMap<Vec<u8>, (u64, Vec<u64>)>,
    /// Numbers of system calls, where they could be seen.
    pub(super) calls: BTreeSet<u64>,
    /// Calls whose number could not be seen.
    pub(super) unseen: u64,
}

/// The registers that matter.
#[derive(Clone, Copy)]
struct Slots {
    /// The number of a call.
    number: Slot,
    /// The one that is always zero.
    zero: Option<Slot>,
}

/// Reads the code sections of a file, from function to function: what lies behind data mapped as
/// such is passed over.
pub(super) fn read(guest: &dyn Guest, file: &ObjectFile<'_>, number: Slot) -> Code {
    let mut code = Code::default();
    let mut registers = guest.register_files().iter().flat_map(|file| file.iter());
    let zero = registers.find(|(_, register)| register.role == Role::Zero);
    let slots = Slots {
        number,
        zero: zero.map(|(slot, _)| slot),
    };
    for (index, section) in file.sections.iter().enumerate() {
        if !section.is_code {
            continue;
        }
        let data_at: BTreeMap<u64, bool> = file
            .symbols
            .iter()
            .filter(|symbol| symbol.place == Place::Section(index))
            .filter_map(|symbol| Some((symbol.address, symbol.mapping()?)))
            .collect();
        let mut known = None;
        let (mut at, end) = (0, section.data.len());
        while at < end {
            let pc = section.address.wrapping_add(at as u64);
            let is_code = data_at
                .range(..=pc)
                .next_back()
                .is_none_or(|(_, is_code)| *is_code);
            if !is_code {
                let next = data_at.range(pc + 1..).find(|(_, is_code)| **is_code);
                let Some((next, _)) = next else { break };
                (at, known) = ((next - section.address) as usize, None);
                continue;
            }
            let bytes = &section.data[at..end.min(at + 16)];
            match guest.record(bytes, pc) {
                Ok(graph) => {
                    code.instructions += 1;
                    known = step(&mut code, &graph, slots, known);
                    at += (graph.next_pc - pc).max(1) as usize;
                }
                Err(Undecoded::Truncated { .. }) => break,
                Err(Undecoded::Illegal { length } | Undecoded::Unsupported { length, .. }) => {
                    let length = usize::from(length.max(1)).min(bytes.len());
                    let unknown = &bytes[..length];
                    // Zeros fill gaps and mark what cannot be reached.
                    if unknown.iter().any(|byte| *byte != 0) {
                        let (count, places) = code.unknown.entry(unknown.to_vec()).or_default();
                        *count += 1;
                        if places.len() < TOLD {
                            places.push(pc);
                        }
                    }
                    (at, known) = (at + length, None);
                }
            }
        }
    }
    code
}

/// Notes a call, and what is known of the number's register after an instruction.
fn step(code: &mut Code, graph: &Graph, slots: Slots, known: Option<u64>) -> Option<u64> {
    let calls = graph
        .nodes
        .iter()
        .any(|node| matches!(node, Node::Trap(_, Trap::Syscall)));
    if calls {
        match known {
            Some(call) => drop(code.calls.insert(call)),
            None => code.unseen += 1,
        }
    }
    let mut after = known;
    for node in &graph.nodes {
        if let Node::Write(slot, id) = node
            && *slot == slots.number
        {
            after = constant(graph, *id, slots, known);
        }
    }
    match graph.flow {
        // A branch may be joined from elsewhere, but what it leaves is as it was.
        Flow::Next | Flow::Alone | Flow::Branch => after,
        Flow::Trap if calls => after,
        Flow::Jump | Flow::Call | Flow::Return | Flow::Trap => None,
    }
}

/// What a node is, if it is the same each time.
fn constant(graph: &Graph, id: u32, slots: Slots, known: Option<u64>) -> Option<u64> {
    let of = |id| constant(graph, id, slots, known);
    match *graph.nodes.get(id as usize)? {
        Node::Constant(value) | Node::Address(value) => Some(value),
        Node::Read(slot) if slot == slots.number => known,
        Node::Read(slot) if Some(slot) == slots.zero => Some(0),
        Node::Unary(operation, a) => Some(operation.apply(of(a)?)),
        Node::Binary(operation, a, b) => Some(operation.apply(of(a)?, of(b)?)),
        _ => None,
    }
}
