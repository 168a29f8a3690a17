//! Everything there is to say about one instruction: [`fields`] reads its bits, its row and its
//! recorded meaning say the rest.

mod fields;
#[cfg(test)]
mod tests;

use crate::Mips;
use crate::decode::{expand, find, row};
use crate::disasm::Writer;
use portolan_machine::domain::Domain;
use portolan_machine::graph::Record;
use portolan_machine::guest::{Context, Disassembler, Explanation, Flow, Isa, Undecoded, record};
use portolan_machine::trap::Trap;

/// Explains the instruction that `bytes` starts with.
pub fn explain(guest: &Mips, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
    let (index, word) = find(guest.variant, bytes)?;
    let context = Context {
        mode: guest.mode(),
        inside: 0,
    };
    let graph = match expand(index, word, guest.variant, context) {
        Some(instruction) => record::<Mips>(&instruction, pc),
        None => refused(pc),
    };
    Ok(row(index).explain(
        &bytes[..4],
        |style| Writer::new(guest.variant, style).line(bytes, pc),
        fields::fields(guest.variant.set, index, word, pc),
        graph,
    ))
}

/// What happens here at an instruction that is known by name.
fn refused(pc: u64) -> portolan_machine::graph::Graph {
    let record = Record::new(pc, 4);
    let Ok(()) = (&record).trap(Trap::Illegal);
    record.finish(Flow::Trap)
}
