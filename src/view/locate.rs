//! Where an address is in a program: its function and source line.

use super::object_file::{ObjectFile, Place, Symbol, SymbolKind};
use crate::Process;
use addr2line::Loader;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Finds functions and lines in the file of a program.
#[derive(Default)]
pub struct Locator {
    functions: BTreeMap<u64, Symbol>,
    lines: Option<Loader>,
    /// What was added to the file's addresses when it was loaded.
    bias: u64,
}

/// Where an address is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The function, and the distance in bytes from its start.
    pub function: Option<(String, u64)>,
    /// The source file and line.
    pub line: Option<(String, u32)>,
}

impl Locator {
    /// Of the program that a process runs.
    pub fn of(process: &Process) -> Locator {
        let program = &process.thread().process().program;
        Locator::new(&program.host_path, program.loaded.program.bias)
    }

    /// Reads a program's symbols and line numbers. A file without any locates nothing.
    pub fn new(program: &Path, bias: u64) -> Locator {
        let Ok(bytes) = std::fs::read(program) else {
            return Locator::default();
        };
        let Ok(file) = ObjectFile::parse(&bytes) else {
            return Locator::default();
        };
        let is_function = |symbol: &Symbol| {
            symbol.kind == SymbolKind::Function && matches!(symbol.place, Place::Section(_))
        };
        let mut symbols: Vec<Symbol> = file.symbols.into_iter().filter(is_function).collect();
        // The preferred one of an address comes last, and stays.
        symbols.sort_by_cached_key(|symbol| std::cmp::Reverse(symbol.rank()));
        let functions = symbols
            .into_iter()
            .map(|symbol| (symbol.address, symbol))
            .collect();
        Locator {
            functions,
            lines: Loader::new(program).ok(),
            bias,
        }
    }

    /// Where an address is.
    pub fn place(&self, address: u64) -> Location {
        let address = address.wrapping_sub(self.bias);
        let before = self.functions.range(..=address).next_back();
        let function = before.and_then(|(start, function)| {
            let offset = address - start;
            (offset < function.size.max(1)).then(|| (function.name.clone(), offset))
        });
        let location = self
            .lines
            .as_ref()
            .and_then(|it| it.find_location(address).ok().flatten());
        let line = location.and_then(|place| Some((place.file?.to_owned(), place.line?)));
        Location { function, line }
    }

    /// The address of a function.
    pub fn address_of(&self, name: &str) -> Option<u64> {
        let (address, _) = self
            .functions
            .iter()
            .find(|(_, function)| function.name == name)?;
        Some(address.wrapping_add(self.bias))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some((name, 0)) => write!(f, "{name}")?,
            Some((name, offset)) => write!(f, "{name}+{offset:#x}")?,
            None => {}
        }
        match &self.line {
            Some((file, line)) if self.function.is_some() => write!(f, " ({file}:{line})"),
            Some((file, line)) => write!(f, "{file}:{line}"),
            None => Ok(()),
        }
    }
}
