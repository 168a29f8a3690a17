//! A listing as JSON. Addresses are strings in hexadecimal, as many readers of JSON keep numbers
//! of no more than 53 bits.

use super::super::object_file::{ObjectFile, Symbol};
use super::super::symbols::Symbols;
use super::listing;
use portolan_machine::guest::Line;
use serde::Serialize;
use std::io::{self, Write};

/// Collects a listing.
pub struct Sink<'o> {
    symbols: &'o Symbols<'o>,
    sections: Vec<(usize, Vec<Block>)>,
}

#[derive(Serialize)]
struct Document<'o> {
    file: &'o str,
    format: &'o str,
    architecture: &'o str,
    sections: Vec<Section<'o>>,
}

#[derive(Serialize)]
struct Section<'o> {
    name: &'o str,
    address: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
    address: String,
    symbol: Option<String>,
    lines: Vec<Item>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Item {
    Instruction(Code),
    Data(Code),
    Object { address: String, bytes: String },
    Zeros { address: String, count: usize },
}

#[derive(Serialize)]
struct Code {
    address: String,
    /// In the order of memory.
    bytes: String,
    mnemonic: String,
    operands: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
}

#[derive(Serialize)]
struct Reference {
    address: String,
    symbol: Option<String>,
}

impl<'o> Sink<'o> {
    pub fn new(symbols: &'o Symbols) -> Sink<'o> {
        Sink {
            symbols,
            sections: Vec::new(),
        }
    }

    /// Writes what was collected.
    pub fn finish(self, out: &mut dyn Write, name: &str, file: &ObjectFile) -> io::Result<()> {
        let sections = self.sections.into_iter().map(|(number, blocks)| Section {
            name: &file.sections[number].name,
            address: hexadecimal(file.sections[number].address),
            blocks,
        });
        let document = Document {
            file: name,
            format: file.port.elf.name,
            architecture: file.port.guest.name(),
            sections: sections.collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }

    fn push(&mut self, item: Item) {
        let block = self
            .sections
            .last_mut()
            .and_then(|(_, blocks)| blocks.last_mut());
        if let Some(block) = block {
            block.lines.push(item);
        }
    }

    fn reference(&self, address: u64) -> Reference {
        let section = self.sections.last().map_or(0, |(number, _)| *number);
        let named = self.symbols.address(address, section);
        let symbol = named.split_once(' ').map(|(_, name)| bare(name));
        Reference {
            address: hexadecimal(address),
            symbol,
        }
    }
}

impl listing::Sink for Sink<'_> {
    fn section(&mut self, number: usize) -> io::Result<()> {
        self.sections.push((number, Vec::new()));
        Ok(())
    }

    fn block(&mut self, address: u64, symbol: Option<&Symbol>) -> io::Result<()> {
        if let Some((section, blocks)) = self.sections.last_mut() {
            blocks.push(Block {
                address: hexadecimal(address),
                symbol: symbol.map(|_| bare(&self.symbols.name(symbol, address, *section))),
                lines: Vec::new(),
            });
        }
        Ok(())
    }

    fn line(&mut self, address: u64, bytes: &[u8], line: &Line) -> io::Result<()> {
        let operands = line.operands.trim_end_matches(',').to_owned();
        let code = Code {
            address: hexadecimal(address),
            bytes: digits(bytes),
            mnemonic: line.mnemonic.clone(),
            operands,
            target: line.target.map(|target| self.reference(target)),
            reference: line.reference.map(|reference| self.reference(reference)),
        };
        self.push(if line.decoded {
            Item::Instruction(code)
        } else {
            Item::Data(code)
        });
        Ok(())
    }

    fn object(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        self.push(Item::Object {
            address: hexadecimal(address),
            bytes: digits(bytes),
        });
        Ok(())
    }

    fn zeros(&mut self, address: u64, count: usize) -> io::Result<()> {
        self.push(Item::Zeros {
            address: hexadecimal(address),
            count,
        });
        Ok(())
    }
}

fn hexadecimal(address: u64) -> String {
    format!("{address:#x}")
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name without its angle brackets.
fn bare(name: &str) -> String {
    name.trim_start_matches('<')
        .trim_end_matches('>')
        .to_owned()
}
