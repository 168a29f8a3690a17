//! Everything there is to say about one instruction.

use crate::Riscv64;
use crate::decode::{decode, expansion, find, row};
use crate::disasm::Riscv;
use portolan_machine::guest::{Disassembler, Explanation, Style, Undecoded, record};

/// Explains the instruction that `bytes` starts with.
pub fn explain(bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
    let (index, _) = find(bytes)?;
    let row = row(index);
    let instruction = decode(bytes)?;
    let line = Riscv::new(Style::default()).line(bytes, pc);
    Ok(Explanation {
        bytes: bytes[..usize::from(instruction.length)].to_vec(),
        assembly: format!("{} {}", line.mnemonic, line.operands),
        without_aliases: None,
        name: row.name.to_owned(),
        extension: row.extension.to_owned(),
        section: row.section.to_owned(),
        notation: row.pattern.to_owned(),
        sentence: row.sentence.to_owned(),
        expansion: expansion(index).map(str::to_owned),
        fields: Vec::new(),
        graph: record::<Riscv64>(&instruction, pc),
    })
}
