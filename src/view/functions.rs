//! The functions of a file, by address.

use super::object_file::{ObjectFile, Place, Symbol, SymbolKind};
use std::collections::BTreeMap;
use std::path::Path;

/// The functions that a file's symbols name, at the file's own addresses.
#[derive(Default)]
pub struct Functions(BTreeMap<u64, Symbol>);

impl Functions {
    /// Reads a file's symbols. One without any has no functions.
    pub fn of(path: &Path) -> Functions {
        let Ok(bytes) = std::fs::read(path) else {
            return Functions::default();
        };
        let Ok(file) = ObjectFile::parse(&bytes) else {
            return Functions::default();
        };
        let is_function = |symbol: &Symbol| {
            symbol.kind == SymbolKind::Function && matches!(symbol.place, Place::Section(_))
        };
        let mut symbols: Vec<Symbol> = file.symbols.into_iter().filter(is_function).collect();
        // The preferred one of an address comes last, and stays.
        symbols.sort_by_cached_key(|symbol| std::cmp::Reverse(symbol.rank()));
        let by_address = symbols.into_iter().map(|symbol| (symbol.address, symbol));
        Functions(by_address.collect())
    }

    /// The function at an address: where it starts, and its name. One whose size is not known reaches to the next.
    pub fn at(&self, address: u64) -> Option<(u64, &str)> {
        let (start, function) = self.0.range(..=address).next_back()?;
        let within = function.size == 0 || address - start < function.size;
        within.then_some((*start, function.name.as_str()))
    }

    /// All of them by address: where each starts, its size, and its name.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, &str)> {
        let all = self.0.iter();
        all.map(|(start, function)| (*start, function.size, function.name.as_str()))
    }
}
