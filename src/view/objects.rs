//! The data of a file, by name.

use super::object_file::{ObjectFile, Place, Symbol, SymbolKind};
use std::collections::HashMap;
use std::path::Path;

/// What a file's symbols name that is no code: addresses, which are the file's own, and sizes in bytes.
#[derive(Default)]
pub struct Objects(HashMap<String, (u64, u64)>);

impl Objects {
    /// Reads a file's symbols. One without any has no data that is known.
    pub fn of(path: &Path) -> Objects {
        let Ok(bytes) = std::fs::read(path) else {
            return Objects::default();
        };
        let Ok(file) = ObjectFile::parse(&bytes) else {
            return Objects::default();
        };
        let is_object = |symbol: &Symbol| {
            symbol.kind == SymbolKind::Object && matches!(symbol.place, Place::Section(_))
        };
        let mut symbols: Vec<Symbol> = file.symbols.into_iter().filter(is_object).collect();
        // The preferred one of a name comes last, and stays.
        symbols.sort_by_cached_key(|symbol| std::cmp::Reverse(symbol.rank()));
        let by_name = symbols.into_iter();
        let by_name = by_name.map(|symbol| (symbol.name, (symbol.address, symbol.size)));
        Objects(by_name.collect())
    }

    /// The address and the size of what has a name.
    pub fn named(&self, name: &str) -> Option<(u64, u64)> {
        self.0.get(name).copied()
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
