//! A listing as text, in the look of `objdump -d`.

use super::super::object_file::{ObjectFile, Symbol};
use super::super::paint::Paint;
use super::super::symbols::Symbols;
use super::{Options, listing};
use portolan_machine::guest::Line;
use std::io::{self, Write};

/// Bytes of data on a line.
const OBJECT_LINE: usize = 16;
/// Bytes that the raw view keeps room for.
const RAW_LINE: usize = 4;

/// Writes lines of text.
pub struct Sink<'o> {
    out: &'o mut dyn Write,
    file: &'o ObjectFile<'o>,
    symbols: &'o Symbols<'o>,
    paint: Paint,
    raw: bool,
    /// Where bytes are printed singly, and in larger units.
    bytes_per_line: (usize, usize),
    section: usize,
    /// How many digits addresses have in this section.
    width: usize,
    /// The bytes that were last printed as one number.
    unit: usize,
}

impl<'o> Sink<'o> {
    pub fn new(
        out: &'o mut dyn Write,
        file: &'o ObjectFile,
        symbols: &'o Symbols,
        options: &Options,
    ) -> Sink<'o> {
        let disassembler = file.port.guest.disassembler(options.style);
        Sink {
            out,
            file,
            symbols,
            paint: options.paint,
            raw: options.raw,
            bytes_per_line: (
                disassembler.bytes_per_line(1).into(),
                disassembler.bytes_per_line(4).into(),
            ),
            section: 0,
            width: 0,
            unit: 1,
        }
    }

    /// Writes what stands above all.
    pub fn header(&mut self, name: &str) -> io::Result<()> {
        let format = self.file.port.elf.name;
        write!(self.out, "\n{name}:     file format {format}\n\n")
    }

    /// What follows is in the section of this number.
    pub fn enter(&mut self, number: usize) {
        self.section = number;
        let section = &self.file.sections[number];
        let digits = usize::from(self.file.port.elf.bits / 4);
        // Leading zeros of the highest address are left out, four at a time.
        let end = section.address.wrapping_add(section.data.len() as u64);
        let significant = (64 - end.leading_zeros() as usize).div_ceil(4);
        let leading = digits.saturating_sub(significant);
        self.width = digits - (leading.saturating_sub(1) & !3);
    }

    fn address(&self, address: u64) -> String {
        let width = self.width;
        self.paint.faint(format_args!("{address:width$x}:"))
    }

    /// Numbers of `unit` bytes, with room for a line of them.
    fn numbers(&self, bytes: &[u8], unit: usize, room: usize) -> String {
        let mut text = String::new();
        for number in bytes.chunks(unit) {
            let digit = |byte: &u8| format!("{byte:02x}");
            let digits: Vec<String> = match self.file.port.elf.big_endian {
                true => number.iter().map(digit).collect(),
                false => number.iter().rev().map(digit).collect(),
            };
            text += &digits.concat();
            text.push(' ');
        }
        // Missing numbers and their spaces
        let missing = (room / unit).saturating_sub(bytes.len().div_ceil(unit));
        let blank = " ".repeat(missing * (2 * unit + 1));
        format!("{}{blank}", self.paint.faint(text))
    }

    /// The bytes one by one and as characters.
    fn raw(&self, bytes: &[u8]) -> String {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        let width = RAW_LINE;
        format!("{digits:<0$} {1:<width$}\t", 3 * width, characters(bytes))
    }

    fn assembly(&self, line: &Line) -> String {
        if !self.paint.on {
            return line.text(&|address| self.symbols.address(address, self.section));
        }
        let text = line.text(&|address| {
            let named = self.symbols.address(address, self.section);
            match named.split_once(' ') {
                Some((digits, name)) => format!("{digits} {}", self.paint.name(name)),
                None => named,
            }
        });
        match text.split_once('\t') {
            Some((mnemonic, operands)) => format!("{}\t{operands}", self.paint.verb(mnemonic)),
            None => self.paint.verb(text),
        }
    }
}

impl listing::Sink for Sink<'_> {
    fn section(&mut self, number: usize) -> io::Result<()> {
        self.enter(number);
        let name = &self.file.sections[number].name;
        writeln!(self.out, "\nDisassembly of section {name}:")
    }

    fn block(&mut self, address: u64, symbol: Option<&Symbol>) -> io::Result<()> {
        let width = usize::from(self.file.port.elf.bits / 4);
        let name = self.symbols.name(symbol, address, self.section);
        writeln!(self.out, "\n{address:0width$x} {}:", self.paint.name(name))
    }

    fn line(&mut self, address: u64, bytes: &[u8], line: &Line) -> io::Result<()> {
        self.unit = usize::from(line.unit);
        let room = match self.unit {
            1 => self.bytes_per_line.0,
            _ => self.bytes_per_line.1,
        };
        let assembly = self.assembly(line);
        for (n, part) in bytes.chunks(room).enumerate() {
            let at = self.address(address.wrapping_add((n * room) as u64));
            let raw = if self.raw {
                self.raw(part)
            } else {
                String::new()
            };
            match n {
                0 => {
                    let numbers = self.numbers(part, self.unit, room);
                    writeln!(self.out, "{at}\t{raw}{numbers}\t{assembly}")?;
                }
                _ => writeln!(self.out, "{at}\t{raw}{}", self.numbers(part, self.unit, 0))?,
            }
        }
        Ok(())
    }

    fn object(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let at = self.address(address);
        let numbers = self.numbers(bytes, self.unit, OBJECT_LINE);
        writeln!(self.out, "{at}\t{numbers}    {}", characters(bytes))
    }

    fn zeros(&mut self, _: u64, _: usize) -> io::Result<()> {
        writeln!(self.out, "\t...")
    }
}

/// Bytes as characters, with dots for those that are none.
fn characters(bytes: &[u8]) -> String {
    let printable = |&byte: &u8| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    };
    bytes.iter().map(printable).collect()
}
