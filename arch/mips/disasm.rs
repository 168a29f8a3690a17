//! Assembly as binutils writes it.
//!
//! How an instruction is written comes from its row; [`aliases`] lists what is written otherwise.
//! [`text`] makes templates of both, and the disassembler fills them in.

pub mod aliases;
pub mod registers;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use crate::decode::{Guest, find};
use portolan_machine::encoding::Use;
use portolan_machine::guest::{Disassembler, Line, Style};
use portolan_machine::memory::Order;
use text::{Context, TEXTS, Text};

/// The disassembler of a guest.
pub struct Writer {
    guest: Guest,
    style: Style,
}

impl Writer {
    /// A disassembler of a guest's instructions.
    pub fn new(guest: Guest, style: Style) -> Writer {
        Writer { guest, style }
    }

    /// How the instruction of a row is written.
    fn text(&self, row: usize, word: u32) -> &'static Text {
        let text = &TEXTS[row];
        let spelling = text
            .spellings
            .iter()
            .find(|s| (s.used == Use::Always || self.style.aliases) && s.fits(word));
        spelling.map_or(&text.own, |spelling| &spelling.text)
    }
}

impl Disassembler for Writer {
    fn bytes_per_line(&self, unit: u8) -> u8 {
        if unit == 1 { 6 } else { 4 }
    }

    fn line(&mut self, bytes: &[u8], pc: u64) -> Line {
        let Ok((row, word)) = find(self.guest, bytes) else {
            return self.data(bytes);
        };
        let text = self.text(row, word);
        let context = Context {
            set: self.guest.set,
            abi_names: self.style.abi_names,
            pc,
        };
        let (operands, target) = text.write(word, &context);
        Line {
            length: 4,
            unit: 4,
            mnemonic: text.mnemonic(word),
            operands,
            target,
            reference: None,
            operand_column: 0,
            has_delay_slot: text.is_branch(),
            decoded: true,
        }
    }
}

impl Writer {
    /// Bytes that are no instruction, as one directive.
    fn data(&self, bytes: &[u8]) -> Line {
        let length = match bytes.len() {
            0..=3 => 1,
            _ => 4,
        };
        let push = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        let number = match self.guest.order {
            Order::Big => bytes[..length].iter().fold(0, push),
            Order::Little => bytes[..length].iter().rev().fold(0, push),
        };
        Line {
            length: length as u8,
            unit: length as u8,
            mnemonic: if length == 4 { ".word" } else { ".byte" }.to_owned(),
            operands: format!("{number:#x}"),
            target: None,
            reference: None,
            operand_column: 0,
            has_delay_slot: false,
            decoded: false,
        }
    }
}
