//! Assembly as binutils writes it.

use crate::decode::{decode, find, row};
use portolan_machine::guest::{Disassembler, Line, Style, Undecoded};

/// The disassembler of RV64GC.
pub struct Riscv {
    #[allow(dead_code)]
    style: Style,
}

impl Riscv {
    /// A disassembler that has seen nothing.
    pub fn new(style: Style) -> Riscv {
        Riscv { style }
    }
}

impl Disassembler for Riscv {
    fn line(&mut self, bytes: &[u8], _pc: u64) -> Line {
        let data = |length: u8| Line {
            length,
            unit: length,
            mnemonic: ".insn".to_owned(),
            operands: String::new(),
            target: None,
            reference: None,
            decoded: false,
        };
        match (find(bytes), decode(bytes)) {
            (Ok((index, _)), Ok(instruction)) => Line {
                mnemonic: row(index).name.to_owned(),
                operands: format!("{instruction:?}"),
                decoded: true,
                ..data(instruction.length)
            },
            (Err(Undecoded::Illegal { length }), _) => data(length),
            _ => data(bytes.len() as u8),
        }
    }
}
