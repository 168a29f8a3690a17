//! Everything there is to say about one instruction: [`fields`] reads its bits, its row and its
//! recorded meaning say the rest.

mod fields;
#[cfg(test)]
mod tests;

use crate::Riscv64;
use crate::decode::{expand, find, row};
use crate::disasm::{Riscv, expansion};
use portolan_machine::guest::{Disassembler, Explanation, Undecoded, record};

/// Explains the instruction that `bytes` starts with.
pub fn explain(bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
    let (index, word) = find(bytes)?;
    let instruction = expand(index, word);
    let length = usize::from(instruction.length);
    Ok(Explanation {
        expansion: (length == 2).then(|| expansion(&instruction, pc)),
        ..row(index).explain(
            &bytes[..length],
            |style| Riscv::new(style).line(bytes, pc),
            fields::fields(index, word, pc),
            record::<Riscv64>(&instruction, pc),
        )
    })
}
