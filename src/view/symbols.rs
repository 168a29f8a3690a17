//! Which symbol an address is named by: the choices of objdump, which people know.

use super::object_file::{ObjectFile, Place, Symbol};

/// The symbols of a file, for naming addresses.
pub struct Symbols<'f> {
    file: &'f ObjectFile<'f>,
    /// All that may be shown, by address, the preferred ones first.
    all: Vec<&'f Symbol>,
    /// The same, for each section.
    by_section: Vec<Vec<&'f Symbol>>,
    /// The addresses of all symbols, shown or not.
    addresses: Vec<u64>,
}

impl<'f> Symbols<'f> {
    /// Sorts the symbols of a file.
    pub fn of(file: &'f ObjectFile) -> Symbols<'f> {
        let mut all: Vec<&Symbol> = file.symbols.iter().filter(|s| s.is_shown()).collect();
        all.sort_by_cached_key(|symbol| (symbol.address, symbol.rank()));
        let mut by_section = vec![Vec::new(); file.sections.len()];
        for &symbol in &all {
            if let Place::Section(number) = symbol.place {
                by_section[number].push(symbol);
            }
        }
        let mut addresses: Vec<u64> = file.symbols.iter().map(|s| s.address).collect();
        addresses.sort_unstable();
        Symbols {
            file,
            all,
            by_section,
            addresses,
        }
    }

    /// The symbols of a section, by address, the preferred ones first.
    pub fn of_section(&self, section: usize) -> &[&'f Symbol] {
        &self.by_section[section]
    }

    /// The symbols of a name, with or without its version.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &'f Symbol> {
        let all = self.all.iter().copied();
        let full = |symbol: &Symbol| format!("{}{}", symbol.name, symbol.version);
        all.filter(move |symbol| symbol.name == name || full(symbol) == name)
    }

    /// The names that look most like another one.
    pub fn similar(&self, name: &str) -> Vec<&'f str> {
        let likeness = |other: &str| strsim::jaro_winkler(name, other);
        let names = self.all.iter().map(|symbol| symbol.name.as_str());
        let mut alike: Vec<&str> = names.filter(|other| likeness(other) > 0.8).collect();
        alike.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)).then(a.cmp(b)));
        alike.dedup();
        alike.truncate(3);
        alike
    }

    /// The symbol of a section that its address belongs to, or the first one after it.
    pub fn in_section(&self, address: u64, section: usize) -> Option<&'f Symbol> {
        nearest(&self.by_section[section], address)
    }

    /// An address as a listing shows it, seen from a section: `27410 <free@plt+0x4>`.
    pub fn address(&self, address: u64, section: usize) -> String {
        if self.addresses.is_empty() {
            return format!("{address:#x}");
        }
        let symbol = self.find(address, section);
        format!("{address:x} {}", self.name(symbol, address, section))
    }

    /// A symbol and the distance from it, in angle brackets; the section, if there is none.
    pub fn name(&self, symbol: Option<&Symbol>, address: u64, section: usize) -> String {
        let (name, start) = match symbol {
            Some(symbol) if symbol.place == Place::Undefined => {
                return format!("<{}{}>", symbol.name, symbol.version);
            }
            Some(symbol) => (format!("{}{}", symbol.name, symbol.version), symbol.address),
            None => {
                let section = &self.file.sections[section];
                (section.name.clone(), section.address)
            }
        };
        match address.wrapping_sub(start) {
            0 => format!("<{name}>"),
            _ if address > start => format!("<{name}+{:#x}>", address - start),
            _ => format!("<{name}-{:#x}>", start - address),
        }
    }

    /// The symbol that names an address, seen from a section.
    fn find(&self, address: u64, section: usize) -> Option<&'f Symbol> {
        // A symbol of the same section is best, if nothing else comes between.
        let after = self.addresses.partition_point(|&other| other <= address);
        let closest = *self.addresses.get(after.saturating_sub(1))?;
        let here = nearest(&self.by_section[section], address);
        if let Some(best) = here.filter(|symbol| symbol.address == closest) {
            return Some(best);
        }
        // Before linking, addresses of all sections start at zero.
        let start = self.file.sections[section].address;
        let length = self.file.sections[section].data.len() as u64;
        if self.file.is_relocatable && address.wrapping_sub(start) < length {
            return here;
        }
        let mut symbol = nearest(&self.all, address)?;
        if let Some(own) = here.filter(|own| own.address == symbol.address) {
            symbol = own;
        }
        // What the dynamic linker puts at an address tells more than what stands before it. objdump
        // asks for it unless the symbol's distance from its section's start is the address.
        let section_start = match symbol.place {
            Place::Section(number) => self.file.sections[number].address,
            Place::Absolute | Place::Undefined => 0,
        };
        if symbol.address.wrapping_sub(section_start) != address && !symbol.is_synthetic {
            return Some(self.file.dynamic.get(&address).unwrap_or(symbol));
        }
        Some(symbol)
    }
}

/// The preferred symbol at the highest address that is not above `address`; failing that, the
/// lowest one.
fn nearest<'f>(symbols: &[&'f Symbol], address: u64) -> Option<&'f Symbol> {
    let after = symbols.partition_point(|symbol| symbol.address <= address);
    let Some(last) = after.checked_sub(1) else {
        return symbols.first().copied();
    };
    let found = symbols[last].address;
    let first = symbols[..after].partition_point(|symbol| symbol.address < found);
    Some(symbols[first])
}
