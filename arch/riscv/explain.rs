//! Everything there is to say about one instruction: [`fields`] reads its bits, its row and its
//! recorded meaning say the rest.

mod fields;
#[cfg(test)]
mod tests;

use crate::Riscv64;
use crate::decode::{expand, find, row};
use crate::disasm::{Riscv, expansion};
use portolan_machine::guest::{Disassembler, Explanation, Style, Undecoded, record};

/// Explains the instruction that `bytes` starts with.
pub fn explain(bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
    let (index, word) = find(bytes)?;
    let row = row(index);
    let instruction = expand(index, word);
    let assembly = |aliases| {
        let style = Style {
            aliases,
            ..Style::default()
        };
        let mut line = Riscv::new(style).line(bytes, pc);
        line.reference = None;
        line.text(&|address| format!("{address:#x}"))
            .replace('\t', " ")
    };
    let (aliased, plain) = (assembly(true), assembly(false));
    Ok(Explanation {
        bytes: bytes[..usize::from(instruction.length)].to_vec(),
        without_aliases: (plain != aliased).then_some(plain),
        assembly: aliased,
        name: row.name.to_owned(),
        extension: row.extension.to_owned(),
        section: row.section.to_owned(),
        notation: row.pattern.split_whitespace().collect::<Vec<_>>().join(" "),
        sentence: row.sentence.to_owned(),
        expansion: (instruction.length == 2).then(|| expansion(&instruction, pc)),
        fields: fields::fields(index, word, pc),
        graph: record::<Riscv64>(&instruction, pc),
    })
}
