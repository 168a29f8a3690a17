//! Assembly as binutils writes it.
//!
//! How an instruction is written comes from its row; [`aliases`] lists what is written otherwise.
//! [`text`] makes templates of both, and the disassembler fills them in.

pub mod aliases;
pub mod csr;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use crate::decode::{Instruction, expand, find, row};
use crate::encoding::Op;
use portolan_machine::encoding::Use;
use portolan_machine::guest::{Disassembler, Line, Style, Undecoded};
use text::{Operands, TEXTS, Text};

/// The disassembler of RV64GC.
pub struct Riscv {
    style: Style,
    /// What `lui` or `auipc` last put into each register, until an instruction uses it.
    high: [Option<u64>; 32],
    /// The address that the linker keeps in `gp`, if the file tells.
    global_pointer: Option<u64>,
}

impl Riscv {
    /// A disassembler that has seen nothing.
    pub fn new(style: Style) -> Riscv {
        Riscv {
            style,
            high: [None; 32],
            global_pointer: None,
        }
    }

    /// The text of the instruction of a row, or nothing if it cannot be written: bits that are
    /// to be ignored are set.
    fn text(&self, row: usize, instruction: &Instruction, word: u32) -> Option<&'static Text> {
        let operands = Operands { instruction, word };
        let spelling = |row: usize| {
            TEXTS[row]
                .spellings
                .iter()
                .find(|s| (s.used == Use::Always || self.style.aliases) && s.fits(&operands))
                .map(|s| &s.text)
        };
        spelling(row).or_else(|| {
            if self.style.aliases && instruction.length == 2 {
                let expansion = instruction.op as usize;
                return spelling(expansion).or(Some(&TEXTS[expansion].own));
            }
            (word & TEXTS[row].silent == 0).then_some(&TEXTS[row].own)
        })
    }

    /// The address that an instruction computes or accesses, as far as earlier ones tell.
    ///
    /// binutils looks at the immediates that it prints; among the compressed instructions only at
    /// those of c.addi and c.addiw.
    fn reference(&mut self, name: &str, it: &Instruction, text: &Text, pc: u64) -> Option<u64> {
        if it.length == 2 && !matches!(name, "c.addi" | "c.addiw" | "c.lui") {
            return None;
        }
        let offset = sign_extended(it.imm);
        match it.op {
            Op::lui => self.high[usize::from(it.rd)] = Some(offset),
            Op::auipc => self.high[usize::from(it.rd)] = Some(pc.wrapping_add(offset)),
            Op::addi if it.rs1 != 0 && text.shows_immediate => return self.address(it),
            Op::addiw if it.rs1 != 0 && text.shows_immediate => {
                return self.address(it).map(|sum| sign_extended(sum as i32));
            }
            Op::jalr if !text.is_bare() => {
                let address = self.address(it);
                // binutils asks once for the register, and once more for the immediate.
                let again = text.shows_immediate.then(|| self.address(it));
                return again.flatten().or(address);
            }
            op if accesses_memory(op) => return self.address(it),
            _ => {}
        }
        None
    }

    /// What an instruction's base register and immediate add up to.
    fn address(&mut self, it: &Instruction) -> Option<u64> {
        let offset = sign_extended(it.imm);
        let base = match (self.high[usize::from(it.rs1)].take(), it.rs1) {
            (Some(_), 0) => 0,
            (Some(high), _) => high,
            // `gp` points into the small data; offsets from `tp` are into the thread's data.
            (None, 3) => self.global_pointer?,
            (None, 0 | 4) => 0,
            (None, _) => return None,
        };
        Some(base.wrapping_add(offset))
    }
}

impl Disassembler for Riscv {
    fn bytes_per_line(&self, unit: u8) -> u8 {
        if unit == 1 { 6 } else { 8 }
    }

    fn symbol(&mut self, name: &str, address: u64) {
        if name == "__global_pointer$" {
            self.global_pointer = Some(address);
        }
    }

    fn line(&mut self, bytes: &[u8], pc: u64) -> Line {
        let (index, word) = match find(bytes) {
            Ok(found) => found,
            Err(Undecoded::Truncated { .. }) => return truncated(bytes),
            Err(Undecoded::Illegal { .. } | Undecoded::Unsupported { .. }) => {
                return illegal(bytes, self.style);
            }
        };
        let name = row(index).name;
        let instruction = expand(index, word);
        let Some(text) = self.text(index, &instruction, word) else {
            return Line {
                decoded: true,
                ..data(&bytes[..usize::from(instruction.length)])
            };
        };
        let operands = Operands {
            instruction: &instruction,
            word,
        };
        let (written, target) = text.write(&operands, self.style.abi_names, pc);
        Line {
            length: instruction.length,
            unit: instruction.length,
            mnemonic: text.mnemonic(&operands),
            operands: written,
            target,
            reference: self.reference(name, &instruction, text, pc),
            operand_column: 0,
            has_delay_slot: false,
            decoded: true,
        }
    }
}

/// An instruction as its row writes it, whatever its length.
pub(crate) fn expansion(instruction: &Instruction, pc: u64) -> String {
    let text = &TEXTS[instruction.op as usize].own;
    let operands = Operands {
        instruction,
        word: 0,
    };
    let (written, target) = text.write(&operands, true, pc);
    let target = target.map(|target| format!("{target:#x}"));
    let mnemonic = text.mnemonic(&operands);
    format!("{mnemonic} {written}{}", target.unwrap_or_default())
        .trim_end()
        .to_owned()
}

fn sign_extended(value: i32) -> u64 {
    i64::from(value) as u64
}

/// Whether it is a load or a store with an offset.
fn accesses_memory(op: Op) -> bool {
    use Op::*;
    matches!(op, lb | lh | lw | lbu | lhu | lwu | ld | flw | fld)
        || matches!(op, sb | sh | sw | sd | fsw | fsd)
}

/// Bytes that are no instruction, as one directive.
fn data(bytes: &[u8]) -> Line {
    let number = bytes
        .iter()
        .rev()
        .fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    let length = bytes.len() as u8;
    let (mnemonic, operands) = match length {
        2 | 4 | 8 => (format!(".{length}byte"), format!("{number:#x}")),
        _ => {
            let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
            (".byte".to_owned(), bytes.join(", "))
        }
    };
    Line {
        length,
        unit: match length {
            _ if length.is_multiple_of(4) => 4,
            _ if length.is_multiple_of(2) => 2,
            _ => 1,
        },
        mnemonic,
        operands,
        target: None,
        reference: None,
        operand_column: 0,
        has_delay_slot: false,
        decoded: false,
    }
}

/// An encoding of no known instruction.
fn illegal(bytes: &[u8], style: Style) -> Line {
    // RV32I: Base Instruction-Length Encoding. All zeros is illegal by definition.
    if bytes[..2] == [0, 0] {
        let mnemonic = if style.aliases { "unimp" } else { "c.unimp" };
        return Line {
            mnemonic: mnemonic.to_owned(),
            operands: String::new(),
            ..data(&bytes[..2])
        };
    }
    let length = encoded_length(bytes);
    bytes.get(..length).map_or_else(|| truncated(bytes), data)
}

/// The length in bytes that the low bits of an encoding announce, as the manual once reserved
/// them for instructions of more than 32 bits.
fn encoded_length(bytes: &[u8]) -> usize {
    let low = u16::from_le_bytes([bytes[0], bytes[1]]);
    match low {
        _ if low & 0b11 != 0b11 => 2,
        _ if low & 0b1_1111 != 0b1_1111 => 4,
        _ if low & 0b11_1111 == 0b01_1111 => 6,
        _ if low & 0b111_1111 == 0b011_1111 => 8,
        _ if low >> 12 & 0b111 != 0b111 => 10 + 2 * usize::from(low >> 12 & 0b111),
        _ => 2,
    }
}

/// The start of an instruction that is cut off.
fn truncated(bytes: &[u8]) -> Line {
    data(&bytes[..bytes.len().min(2)])
}
