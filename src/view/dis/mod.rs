//! `portolan dis`: a file's instructions as assembly, in the look of `objdump -d`.
//!
//! [`listing`] goes through the file and tells what is to be shown; [`text`] and [`json`] show it.
//! [`compiled`] shows what the compiler makes of it.

mod compiled;
mod json;
mod listing;
mod text;

use super::object_file::{ObjectError, ObjectFile};
use super::paint::Paint;
use super::symbols::Symbols;
use listing::{Listing, Part};
use portolan_machine::engine::Cpu;
use portolan_machine::guest::{Guest, Style};
use portolan_machine::memory::MemoryError;
use std::io::{self, Write};
use std::ops::Range;
use thiserror::Error;

/// What to show, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How assembly is written.
    pub style: Style,
    /// A symbol, or an address in hexadecimal after `0x`: only the function there.
    pub at: Option<String>,
    /// Beside each line its bytes in the order of memory and as characters, as xxd shows them.
    pub raw: bool,
    /// JSON instead of text.
    pub json: bool,
    /// What the compiler makes of the function, or of the code that is entered at the address.
    pub compiled: Option<Compiled>,
    /// Colours.
    pub paint: Paint,
}

/// What to show of the compiler.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The processor that it compiles for.
    pub cpu: Cpu,
    /// The addresses of the code that counts as run; None for all.
    pub ran: Option<Range<u64>>,
    /// Cranelift's functions too.
    pub clif: bool,
}

/// Why a file was not disassembled.
#[derive(Debug, Error)]
pub enum DisError {
    /// The file is not one that can be.
    #[error(transparent)]
    File(#[from] ObjectError),
    /// Nothing has the name asked for.
    #[error("it has no symbol {name:?}{hint}")]
    NoSymbol {
        /// The name.
        name: String,
        /// What was meant, perhaps.
        hint: String,
    },
    /// A symbol or an address is not in code.
    #[error("{what} is not in a section with instructions; those are: {sections}")]
    NotCode {
        /// The symbol or address.
        what: String,
        /// Where the instructions are.
        sections: String,
    },
    /// The file has no instructions.
    #[error("it has no section with instructions")]
    NoCode,
    /// The code could not be put into memory.
    #[error("its code could not be put into memory: {0}")]
    Memory(#[from] MemoryError),
    /// A section ends outside the guest's memory.
    #[error("section {0} ends outside the memory of its processor")]
    Outside(String),
    /// There is no compiler.
    #[error(
        "nothing is compiled here: the compiler is for Linux on x86-64, with the feature `jit`"
    )]
    NoCompiler,
    /// The listing could not be written.
    #[error("the listing could not be written: {0}")]
    Write(#[from] io::Error),
}

/// Writes the instructions of a file, called `name`.
pub fn write(
    out: &mut dyn Write,
    name: &str,
    data: &[u8],
    options: &Options,
) -> Result<(), DisError> {
    let file = ObjectFile::parse(data)?;
    let symbols = Symbols::of(&file);
    let part = match &options.at {
        Some(place) => Some(find(&file, &symbols, place)?),
        None if file.sections.iter().any(|section| section.is_code) => None,
        None => return Err(DisError::NoCode),
    };
    let listing = Listing {
        file: &file,
        symbols: &symbols,
        style: options.style,
    };
    if let (Some(shown), Some(part)) = (&options.compiled, &part) {
        let view = compiled::View {
            listing: &listing,
            options,
            shown,
            mode: compiled::mode(file.port, data),
        };
        view.write(out, name, part)?;
    } else if options.json {
        let mut sink = json::Sink::new(&symbols);
        listing.write(part, &mut sink)?;
        sink.finish(out, name, &file)?;
    } else {
        let mut sink = text::Sink::new(out, &file, &symbols, options);
        sink.header(name)?;
        listing.write(part, &mut sink)?;
    }
    Ok(out.flush()?)
}

/// Instructions in a file.
pub struct Code<'data> {
    /// Their instruction set.
    pub guest: &'static dyn Guest,
    /// The address of the first.
    pub address: u64,
    /// From the first to the end of the section.
    pub bytes: &'data [u8],
}

/// The instructions from a symbol on, or from an address in hexadecimal after `0x`.
pub fn code_at<'data>(data: &'data [u8], place: &str) -> Result<Code<'data>, DisError> {
    let file = ObjectFile::parse(data)?;
    let part = find(&file, &Symbols::of(&file), place)?;
    let section = &file.sections[part.section];
    let address = address_of(place).unwrap_or(part.start);
    let offset = address.wrapping_sub(section.address) as usize;
    Ok(Code {
        guest: file.port.guest,
        address,
        bytes: section.data.get(offset..).unwrap_or_default(),
    })
}

/// The address that a place is, if it is no name.
fn address_of(place: &str) -> Option<u64> {
    u64::from_str_radix(place.strip_prefix("0x")?, 16).ok()
}

/// The most bytes that are shown from an address that no symbol covers.
const UNNAMED: u64 = 256;

/// The function at a symbol or address.
fn find(file: &ObjectFile, symbols: &Symbols, place: &str) -> Result<Part, DisError> {
    let address = address_of(place);
    match address {
        Some(address) => at_address(file, symbols, address),
        None => at_symbol(file, symbols, place),
    }
    .ok_or_else(|| {
        if address.is_none() && symbols.named(place).next().is_none() {
            let similar = symbols.similar(place);
            return DisError::NoSymbol {
                name: place.to_owned(),
                hint: match similar.as_slice() {
                    [] => "; `portolan dis FILE` lists what it has".to_owned(),
                    names => format!("; did you mean {}?", names.join(", ")),
                },
            };
        }
        let code = file.sections.iter().filter(|section| section.is_code);
        let sections: Vec<String> = code
            .map(|section| {
                let end = section.address.wrapping_add(section.data.len() as u64);
                format!("{} ({:#x} to {end:#x})", section.name, section.address)
            })
            .collect();
        DisError::NotCode {
            what: place.to_owned(),
            sections: sections.join(", "),
        }
    })
}

fn at_symbol(file: &ObjectFile, symbols: &Symbols, name: &str) -> Option<Part> {
    symbols.named(name).find_map(|symbol| {
        let part = at_address(file, symbols, symbol.address)?;
        // The name asked for, not another one of the same address.
        let size = if symbol.size > 0 {
            symbol.size
        } else {
            part.size
        };
        Some(Part {
            symbol: Some(symbol.clone()),
            start: symbol.address,
            size,
            ..part
        })
    })
}

fn at_address(file: &ObjectFile, symbols: &Symbols, address: u64) -> Option<Part> {
    let section = file.sections.iter().position(|section| {
        let offset = address.wrapping_sub(section.address);
        section.is_code && offset < section.data.len() as u64
    })?;
    let own = symbols.of_section(section);
    let before = symbols.in_section(address, section);
    let next = |address: u64| {
        let next = own.iter().find(|symbol| symbol.address > address);
        next.map_or(u64::MAX, |next| next.address - address)
    };
    if let Some(symbol) = before.filter(|symbol| symbol.address <= address) {
        let size = match symbol.size {
            0 => next(symbol.address),
            size => size,
        };
        if address - symbol.address < size {
            return Some(Part {
                section,
                symbol: Some(symbol.clone()),
                start: symbol.address,
                size,
            });
        }
    }
    Some(Part {
        section,
        symbol: before.cloned(),
        start: address,
        size: next(address).min(UNNAMED),
    })
}
