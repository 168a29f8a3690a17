//! Encoding rows: an instruction stated once, in the manual's notation.
//!
//! A row gives an instruction's bit pattern, operand syntax, place in the manual and one sentence.
//! Decoder, disassembler, explanation, the encoder of the tests and the generators of random
//! instructions are all derived from it. This serves instruction sets whose instructions are
//! words of up to 32 bits.

mod instances;
mod pattern;
pub mod reading;
mod rows;
mod spelling;
mod table;

pub use instances::{Operands, instances};
pub use pattern::{Field, Pattern, Piece};
pub use rows::{named_rows, rows};
pub use spelling::{Spelling, Use, operand_names, operand_parts, spellings};
pub use table::Table;

/// The mnemonic of a row's name: `fence_i` is `fence.i`, `break_` is `break`, which is a word of
/// Rust's.
#[macro_export]
macro_rules! mnemonic {
    ($name:ident) => {{
        const NAME: &[u8] = stringify!($name).as_bytes();
        const DOTTED: [u8; $crate::encoding::mnemonic_length(NAME)] =
            $crate::encoding::dotted(NAME);
        match core::str::from_utf8(&DOTTED) {
            Ok(mnemonic) => mnemonic,
            Err(_) => panic!("a name in ASCII"),
        }
    }};
}
pub use mnemonic;

/// The length of a name without a `_` at its end: for [`mnemonic!`].
#[doc(hidden)]
pub const fn mnemonic_length(name: &[u8]) -> usize {
    match name {
        [start @ .., b'_'] => start.len(),
        _ => name.len(),
    }
}

/// The bytes of a name with `.` for `_`: for [`mnemonic!`].
#[doc(hidden)]
pub const fn dotted<const N: usize>(name: &[u8]) -> [u8; N] {
    let mut dotted = [0; N];
    let mut n = 0;
    while n < N {
        dotted[n] = if name[n] == b'_' { b'.' } else { name[n] };
        n += 1;
    }
    dotted
}

use crate::guest::Summary;

/// One instruction as the manual states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The mnemonic without aliases.
    pub name: &'static str,
    /// The bits from the highest to the lowest, as in the manual: see [`Pattern::parse`].
    pub pattern: &'static str,
    /// The operands in the assembler's order, by the names of the fields.
    pub operands: &'static str,
    /// The extension that the instruction belongs to.
    pub extension: &'static str,
    /// The section of the manual.
    pub section: &'static str,
    /// One sentence on what it does.
    pub sentence: &'static str,
}

impl Row {
    /// What a list of instructions says of it.
    pub fn summary(&self, is_executed: bool) -> Summary {
        let notation: Vec<&str> = self.pattern.split_whitespace().collect();
        Summary {
            name: self.name.to_owned(),
            operands: self.operands.to_owned(),
            notations: vec![notation.join(" ")],
            extension: self.extension.to_owned(),
            section: self.section.to_owned(),
            sentence: self.sentence.to_owned(),
            is_executed,
        }
    }
}
