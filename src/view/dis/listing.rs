//! Goes through the code of a file as `objdump -d` does: section by section, symbol by symbol.

use super::super::object_file::{ObjectFile, Place, Symbol, SymbolKind};
use super::super::symbols::Symbols;
use portolan_machine::guest::{Disassembler, Line, Style};
use std::io;

/// Runs of zeros from this length on are skipped.
const SKIPPED_ZEROS: usize = 8;
/// At the end of a block, fewer zeros than this are skipped too: padding.
const PADDING: usize = 3;

/// What is to be listed.
pub struct Listing<'f> {
    pub file: &'f ObjectFile<'f>,
    pub symbols: &'f Symbols<'f>,
    pub style: Style,
}

/// A part of a section.
pub struct Part {
    /// The number of the section.
    pub section: usize,
    /// What to call it.
    pub symbol: Option<Symbol>,
    /// Its first address.
    pub start: u64,
    /// Its length in bytes, as far as the section goes.
    pub size: u64,
}

/// Shows what a listing tells.
pub trait Sink {
    /// A section begins.
    fn section(&mut self, section: usize) -> io::Result<()>;
    /// What follows belongs to a symbol.
    fn block(&mut self, address: u64, symbol: Option<&Symbol>) -> io::Result<()>;
    /// An instruction, or data written as a directive.
    fn line(&mut self, address: u64, bytes: &[u8], line: &Line) -> io::Result<()>;
    /// Bytes that a symbol says are no code.
    fn object(&mut self, address: u64, bytes: &[u8]) -> io::Result<()>;
    /// Zeros are left out.
    fn zeros(&mut self, address: u64, count: usize) -> io::Result<()>;
}

impl Listing<'_> {
    /// A disassembler that knows the file's symbols.
    pub fn disassembler(&self) -> Box<dyn Disassembler> {
        let mut disassembler = self.file.port.guest.disassembler(self.style);
        for symbol in &self.file.symbols {
            disassembler.symbol(&symbol.name, symbol.address);
        }
        disassembler
    }

    /// Tells a part of the file, or all its code.
    pub fn write(&self, part: Option<Part>, sink: &mut dyn Sink) -> io::Result<()> {
        let mut walk = Walk {
            listing: self,
            disassembler: self.disassembler(),
            mapping: Vec::new(),
            in_delay_slot: false,
            sink,
        };
        if let Some(part) = part {
            walk.enter(part.section);
            return walk.part(&part);
        }
        for (number, section) in self.file.sections.iter().enumerate() {
            if section.is_code && !section.data.is_empty() {
                walk.enter(number);
                walk.section(number)?;
            }
        }
        Ok(())
    }
}

struct Walk<'l> {
    listing: &'l Listing<'l>,
    disassembler: Box<dyn Disassembler>,
    /// Where code (true) and data (false) begin in this section, by address.
    mapping: Vec<(u64, bool)>,
    /// Whether what comes next is in the delay slot of a branch: never skipped.
    in_delay_slot: bool,
    sink: &'l mut dyn Sink,
}

impl Walk<'_> {
    fn enter(&mut self, section: usize) {
        let symbols = self.listing.file.symbols.iter();
        let here = symbols.filter(|symbol| symbol.place == Place::Section(section));
        self.mapping = here
            .filter_map(|symbol| Some((symbol.address, symbol.mapping()?)))
            .collect();
        self.mapping.sort_by_key(|&(address, _)| address);
    }

    fn part(&mut self, part: &Part) -> io::Result<()> {
        let section = &self.listing.file.sections[part.section];
        let offset = part.start.wrapping_sub(section.address) as usize;
        let size = usize::try_from(part.size).unwrap_or(usize::MAX);
        let end = offset.saturating_add(size).min(section.data.len());
        self.sink.section(part.section)?;
        self.sink.block(part.start, part.symbol.as_ref())?;
        self.code(part.section, offset, end)
    }

    fn section(&mut self, number: usize) -> io::Result<()> {
        let section = &self.listing.file.sections[number];
        let symbols = self.listing.symbols;
        self.sink.section(number)?;
        let mut symbol = symbols.in_section(section.address, number);
        let mut offset = 0;
        while offset < section.data.len() {
            let address = section.address.wrapping_add(offset as u64);
            self.sink.block(address, symbol)?;
            let next = match symbol {
                Some(ahead) if ahead.address > address => symbol,
                Some(current) => {
                    let own = symbols.of_section(number);
                    let after = own.partition_point(|other| other.address <= current.address);
                    own.get(after).copied()
                }
                None => None,
            };
            let stop = next.map_or(u64::MAX, |next| next.address.wrapping_sub(section.address));
            let stop = usize::try_from(stop).unwrap_or(usize::MAX);
            let end = if stop > offset && stop < section.data.len() {
                stop
            } else {
                section.data.len()
            };
            let is_object =
                |symbol: &Symbol| symbol.kind == SymbolKind::Object && symbol.address <= address;
            if symbol.is_some_and(is_object) {
                self.object(number, offset, end)?;
            } else {
                self.code(number, offset, end)?;
            }
            offset = end;
            symbol = next;
        }
        Ok(())
    }

    /// Instructions, and data where the mapping symbols say so.
    fn code(&mut self, section: usize, from: usize, to: usize) -> io::Result<()> {
        let section = &self.listing.file.sections[section];
        let mut offset = from;
        while offset < to {
            let address = section.address.wrapping_add(offset as u64);
            let rest = &section.data[offset..to];
            let length = match zeros(rest) {
                Some(count) if !self.in_delay_slot => {
                    self.sink.zeros(address, count)?;
                    count
                }
                _ => {
                    let line = match self.data_length(address, rest.len()) {
                        Some(length) => data(&rest[..length], self.big_endian()),
                        None => self.disassembler.line(rest, address),
                    };
                    self.in_delay_slot = line.has_delay_slot;
                    let length = usize::from(line.length).clamp(1, rest.len());
                    self.sink.line(address, &rest[..length], &line)?;
                    length
                }
            };
            offset += length;
        }
        Ok(())
    }

    fn object(&mut self, section: usize, from: usize, to: usize) -> io::Result<()> {
        let section = &self.listing.file.sections[section];
        let mut offset = from;
        while offset < to {
            let address = section.address.wrapping_add(offset as u64);
            let rest = &section.data[offset..to];
            let length = match zeros(rest) {
                Some(count) => {
                    self.sink.zeros(address, count)?;
                    count
                }
                None => {
                    let length = rest.len().min(16);
                    self.sink.object(address, &rest[..length])?;
                    length
                }
            };
            offset += length;
        }
        Ok(())
    }

    fn big_endian(&self) -> bool {
        self.listing.file.port.elf.big_endian
    }

    /// The bytes of a datum at an address, if there is data: at most `room`.
    fn data_length(&self, address: u64, room: usize) -> Option<usize> {
        let after = self.mapping.partition_point(|&(start, _)| start <= address);
        let (_, is_code) = self.mapping[..after].last()?;
        if *is_code {
            return None;
        }
        let next = self.mapping.get(after);
        let next = next.map_or(4, |&(start, _)| (start - address).min(4));
        Some(match room.min(next as usize) {
            3 => 2,
            length => length,
        })
    }
}

/// How many zeros to skip at the start of some bytes, if any.
fn zeros(bytes: &[u8]) -> Option<usize> {
    let count = bytes.iter().take_while(|&&byte| byte == 0).count();
    if count == bytes.len() {
        return (!(PADDING..SKIPPED_ZEROS).contains(&count)).then_some(count);
    }
    // An instruction may begin with zeros, so that the last few are not skipped.
    (count >= SKIPPED_ZEROS).then_some(count & !3)
}

/// Data as a directive.
fn data(bytes: &[u8], big_endian: bool) -> Line {
    let push = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
    let number = if big_endian {
        bytes.iter().fold(0, push)
    } else {
        bytes.iter().rev().fold(0, push)
    };
    let (length, mnemonic) = match bytes.len() {
        4 => (4, ".word"),
        2 => (2, ".short"),
        _ => (1, ".byte"),
    };
    let number = if length == 1 {
        u64::from(bytes[0])
    } else {
        number
    };
    Line {
        length,
        unit: length,
        mnemonic: mnemonic.to_owned(),
        operands: format!("{number:#0width$x}", width = 2 + 2 * usize::from(length)),
        target: None,
        reference: None,
        operand_column: 0,
        has_delay_slot: false,
        decoded: false,
    }
}
