//! Everything there is to say about one instruction: [`fields`] reads its bits, its row and its
//! recorded meaning say the rest.

mod fields;
#[cfg(test)]
mod tests;

use crate::Riscv64;
use crate::decode::{expand, find, pattern, row, rows};
use crate::disasm::{Riscv, expansion};
use portolan_machine::encoding::{self, Operands};
use portolan_machine::guest::{Disassembler, Explanation, Summary, Undecoded, record};

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

/// Every instruction.
pub fn instructions() -> Vec<Summary> {
    rows().map(|row| row.summary(true)).collect()
}

/// Instructions of every row, with a number.
pub fn instances(constant: i64) -> Vec<Vec<u8>> {
    let operands = Operands {
        is_register: |name| name.trim_end_matches('\'').starts_with('r') && name != "rm",
        // Dynamic rounding; fences of everything.
        modes: &[
            ("rm", 0b111),
            ("pred", 0b1111),
            ("succ", 0b1111),
            ("csr", 0x001),
            ("zimm", 1),
        ],
        // a0 to a3; zero, sp and ra, which have a part of their own.
        registers: &[
            [10, 11, 12, 13],
            [10, 10, 11, 12],
            [10, 0, 11, 12],
            [10, 11, 0, 12],
            [2, 2, 10, 11],
            [10, 2, 11, 12],
            [0, 1, 10, 11],
            [0, 10, 11, 12],
            [1, 10, 11, 12],
        ],
    };
    // A compressed instruction is another way to write one of the others.
    let whole = rows()
        .enumerate()
        .filter(|(index, _)| pattern(*index).bits == 32);
    let words = whole
        .flat_map(|(index, row)| encoding::instances(row, pattern(index), &operands, constant));
    words.map(|word| word.to_le_bytes().to_vec()).collect()
}
