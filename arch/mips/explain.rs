//! Everything there is to say about one instruction: [`fields`] reads its bits, its row and its
//! recorded meaning say the rest.

mod fields;
#[cfg(test)]
mod tests;

use crate::Mips;
use crate::decode::{self, belongs, expand, find, pattern, row, rows};
use crate::disasm::Writer;
use crate::encoding::ROWS;
use portolan_machine::domain::Domain;
use portolan_machine::encoding::{self, Operands};
use portolan_machine::graph::Record;
use portolan_machine::guest::{
    Context, Disassembler, Explanation, Flow, Isa, Summary, Undecoded, record,
};
use portolan_machine::memory::Order;
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

/// Every instruction of a guest: the executed ones first.
pub fn instructions(guest: decode::Guest) -> Vec<Summary> {
    let of_guest = rows()
        .enumerate()
        .filter(|(index, _)| belongs(guest.set, *index));
    of_guest
        .map(|(index, row)| row.summary(index < ROWS.len()))
        .collect()
}

/// Instructions of every row that a guest executes, with a number.
pub fn instances(guest: decode::Guest, constant: i64) -> Vec<Vec<u8>> {
    let operands = Operands {
        is_register: |name| {
            const REGISTERS: [&str; 9] =
                ["rs", "rt", "rd", "base", "index", "fr", "ft", "fs", "fd"];
            REGISTERS.contains(&name)
        },
        modes: &[("cond", 2), ("hwr", 29)],
        // v0, a0, a1, a2, of which floating-point registers may be pairs; zero, sp and ra, which have a
        // part of their own.
        registers: &[
            [2, 4, 6, 8],
            [2, 2, 4, 6],
            [2, 0, 4, 6],
            [2, 4, 0, 6],
            [29, 29, 2, 4],
            [2, 29, 4, 6],
            [31, 31, 2, 4],
            [31, 4, 2, 6],
            [0, 0, 2, 4],
        ],
    };
    let executed = ROWS
        .iter()
        .enumerate()
        .filter(|(index, _)| belongs(guest.set, *index));
    let words = executed
        .flat_map(|(index, row)| encoding::instances(row, pattern(index), &operands, constant));
    let bytes = |word: u32| match guest.order {
        Order::Little => word.to_le_bytes(),
        Order::Big => word.to_be_bytes(),
    };
    words.map(|word| bytes(word).to_vec()).collect()
}
