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
use portolan_machine::guest::{
    Context, Disassembler, Explanation, Flow, Isa, Style, Undecoded, record,
};
use portolan_machine::trap::Trap;

/// Explains the instruction that `bytes` starts with.
pub fn explain(guest: &Mips, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
    let (index, word) = find(guest.variant, bytes)?;
    let row = row(index);
    let assembly = |aliases| {
        let style = Style {
            aliases,
            ..Style::default()
        };
        let line = Writer::new(guest.variant, style).line(bytes, pc);
        line.text(&|address| format!("{address:#x}"))
            .replace('\t', " ")
    };
    let context = Context {
        mode: guest.mode(),
        inside: 0,
    };
    let graph = match expand(index, word, guest.variant, context) {
        Some(instruction) => record::<Mips>(&instruction, pc),
        None => refused(pc),
    };
    let (aliased, plain) = (assembly(true), assembly(false));
    Ok(Explanation {
        bytes: bytes[..4].to_vec(),
        without_aliases: (plain != aliased).then_some(plain),
        assembly: aliased,
        name: row.name.to_owned(),
        extension: row.extension.to_owned(),
        section: row.section.to_owned(),
        notation: row.pattern.split_whitespace().collect::<Vec<_>>().join(" "),
        sentence: row.sentence.to_owned(),
        expansion: None,
        fields: fields::fields(guest.variant.set, index, word, pc),
        graph,
    })
}

/// What happens here at an instruction that is known by name.
fn refused(pc: u64) -> portolan_machine::graph::Graph {
    let record = Record::new(pc, 4);
    let Ok(()) = (&record).trap(Trap::Illegal);
    record.finish(Flow::Trap)
}
