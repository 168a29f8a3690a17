//! What a listing needs of an ELF file: sections, symbols with their versions, and the symbols
//! that the dynamic linker puts at addresses.

use crate::guests::{GUESTS, LinkageTable, Port};
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader, Rela, SectionHeader, Sym, VersionTable};
use object::read::{Error, SectionIndex, SymbolIndex};
use object::{Endianness, FileKind};
use portolan_machine::guest::Style;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use thiserror::Error as ThisError;

/// An ELF file of a known instruction set.
pub struct ObjectFile<'data> {
    /// What its instruction set brings along.
    pub port: &'static Port,
    /// The sections, by their numbers; segments instead, if it has no sections.
    pub sections: Vec<Section<'data>>,
    /// The symbols that a listing may name, in no order.
    pub symbols: Vec<Symbol>,
    /// The symbols whose addresses the dynamic linker stores, by where it stores them.
    pub dynamic: BTreeMap<u64, Symbol>,
    /// Whether the same addresses mean different things in different sections, as they do before
    /// linking.
    pub is_relocatable: bool,
}

/// A section.
pub struct Section<'data> {
    /// Its name.
    pub name: String,
    /// The address of its first byte.
    pub address: u64,
    /// Its bytes; none if the file does not have them.
    pub data: &'data [u8],
    /// Whether it holds instructions.
    pub is_code: bool,
}

/// A symbol.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// Its version, as in `@@GLIBC_2.27`; empty if it has none.
    pub version: String,
    /// Where it points to.
    pub address: u64,
    /// The number of bytes there, 0 if that is not known.
    pub size: u64,
    /// Where it is defined.
    pub place: Place,
    /// What it names.
    pub kind: SymbolKind,
    /// How far it is seen.
    pub binding: Binding,
    /// Whether the file does not have it, but implies it: an entry of the linkage table.
    pub is_synthetic: bool,
}

/// Where a symbol is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the section of this number.
    Section(usize),
    /// Nowhere: it is a number.
    Absolute,
    /// In another file.
    Undefined,
}

/// What a symbol names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SymbolKind {
    Function,
    Object,
    Other,
    Section,
}

/// How far a symbol is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Binding {
    Global,
    /// Weak or unique.
    Other,
    Local,
}

/// Why a file cannot be listed.
#[derive(Debug, ThisError)]
pub enum ObjectError {
    /// It is no ELF file.
    #[error("this is no ELF file, but {0}")]
    NotElf(String),
    /// It is one, but damaged.
    #[error("the ELF file is damaged: {0}")]
    Damaged(String),
    /// No port has its machine, width and byte order.
    #[error("{0}")]
    Foreign(String),
}

impl From<Error> for ObjectError {
    fn from(error: Error) -> ObjectError {
        ObjectError::Damaged(error.to_string())
    }
}

impl<'data> ObjectFile<'data> {
    /// Reads a file.
    pub fn parse(data: &'data [u8]) -> Result<ObjectFile<'data>, ObjectError> {
        match FileKind::parse(data) {
            Ok(FileKind::Elf32) => Reader::<FileHeader32<Endianness>>::read(data),
            Ok(FileKind::Elf64) => Reader::<FileHeader64<Endianness>>::read(data),
            Ok(other) => Err(ObjectError::NotElf(format!("a file of the kind {other:?}"))),
            Err(_) if data.is_empty() => Err(ObjectError::NotElf("empty".to_owned())),
            Err(_) if data.starts_with(&elf::ELFMAG) => {
                Err(ObjectError::NotElf("only the start of one".to_owned()))
            }
            Err(_) if data.starts_with(b"#!") => Err(ObjectError::NotElf("a script".to_owned())),
            Err(_) => Err(ObjectError::NotElf("of an unknown kind".to_owned())),
        }
    }
}

impl Symbol {
    /// The order in which symbols of one address are preferred, the best first.
    pub fn rank(&self) -> impl Ord + use<> {
        let name = self.name.as_str();
        (
            name.contains("gnu_compiled") || name.contains("gcc2_compiled"),
            // The name of an object file or archive
            name.len() > 2 && (name.ends_with(".o") || name.ends_with(".a")),
            self.kind == SymbolKind::Section,
            self.kind,
            self.binding == Binding::Local,
            self.binding,
            Reverse(if self.is_synthetic { 0 } else { self.size }),
            name.starts_with('.'),
            name.to_owned(),
        )
    }

    /// Whether a listing may show it. Mapping symbols tell code from data, and assemblers leave
    /// labels for themselves.
    pub fn is_shown(&self) -> bool {
        self.mapping().is_none() && self.name != ".L0 "
    }

    /// For a mapping symbol, whether instructions begin at it, or data.
    pub fn mapping(&self) -> Option<bool> {
        if self.kind != SymbolKind::Other {
            return None;
        }
        match self.name.get(..2) {
            Some("$x") => Some(true),
            Some("$d") => Some(false),
            _ => None,
        }
    }
}

struct Reader<'data, Elf: FileHeader<Endian = Endianness>> {
    data: &'data [u8],
    header: &'data Elf,
    endian: Endianness,
    port: &'static Port,
    sections: object::read::elf::SectionTable<'data, Elf>,
    versions: Option<VersionTable<'data, Elf>>,
}

impl<'data, Elf: FileHeader<Endian = Endianness>> Reader<'data, Elf> {
    fn read(data: &'data [u8]) -> Result<ObjectFile<'data>, ObjectError> {
        let header = Elf::parse(data)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, data)?;
        let reader = Reader {
            data,
            header,
            endian,
            port: port::<Elf>(header, endian)?,
            versions: sections.versions(endian, data)?,
            sections,
        };
        let own = reader.symbols(elf::SHT_SYMTAB)?;
        let dynamic = reader.symbols(elf::SHT_DYNSYM)?;
        let named = |symbol: &&Symbol| {
            !symbol.name.is_empty()
                && symbol.place != Place::Undefined
                && (symbol.kind != SymbolKind::Section
                    || symbol.name.starts_with(".plt")
                    || symbol.name.starts_with(".got"))
        };
        let all = if own.is_empty() { &dynamic } else { &own };
        let mut symbols: Vec<Symbol> = all.iter().filter(named).cloned().collect();
        symbols.extend(reader.linkage_table(&dynamic)?);
        Ok(ObjectFile {
            port: reader.port,
            sections: reader.contents()?,
            symbols,
            dynamic: reader.relocated(&dynamic)?,
            is_relocatable: reader.is_relocatable(),
        })
    }

    fn contents(&self) -> Result<Vec<Section<'data>>, ObjectError> {
        let (endian, data) = (self.endian, self.data);
        if self.sections.is_empty() {
            return self.segments();
        }
        let read = |section: &Elf::SectionHeader| {
            let is_code = section.sh_flags(endian).contains(elf::SHF_EXECINSTR);
            let bytes = section.data(endian, data);
            Ok(Section {
                name: text(
                    self.sections
                        .section_name(endian, section)
                        .unwrap_or_default(),
                ),
                address: section.sh_addr(endian).into(),
                // What is no code may be damaged or stripped.
                data: if is_code {
                    bytes?
                } else {
                    bytes.unwrap_or_default()
                },
                is_code,
            })
        };
        self.sections.iter().map(read).collect()
    }

    /// The executable segments, for files without sections.
    fn segments(&self) -> Result<Vec<Section<'data>>, ObjectError> {
        let segments = self.header.program_headers(self.endian, self.data)?;
        let mut sections = Vec::new();
        for (number, segment) in segments.iter().enumerate() {
            let is_code = segment.p_flags(self.endian).contains(elf::PF_X);
            if is_code && segment.p_type(self.endian) == elf::PT_LOAD {
                let beyond = |()| format!("segment {number} reaches beyond its end");
                let bytes = segment.data(self.endian, self.data);
                sections.push(Section {
                    name: format!("segment{number}"),
                    address: segment.p_vaddr(self.endian).into(),
                    data: bytes.map_err(beyond).map_err(ObjectError::Damaged)?,
                    is_code,
                });
            }
        }
        Ok(sections)
    }

    /// The symbols of a table, by their numbers.
    fn symbols(&self, table: elf::SectionType) -> Result<Vec<Symbol>, Error> {
        let endian = self.endian;
        let symbols = self.sections.symbols(endian, self.data, table)?;
        let read = |(index, symbol): (SymbolIndex, &'data Elf::Sym)| {
            let section = symbols
                .symbol_section(endian, symbol, index)
                .unwrap_or(None);
            let place = match section {
                Some(SectionIndex(number)) if number < self.sections.len() => {
                    Place::Section(number)
                }
                _ if symbol.is_undefined(endian) || symbol.is_common(endian) => Place::Undefined,
                _ => Place::Absolute,
            };
            let section = match place {
                Place::Section(number) => self.sections.section(SectionIndex(number)).ok(),
                _ => None,
            };
            let kind = kind(symbol.st_type());
            let mut name = symbols.symbol_name(endian, symbol).unwrap_or_default();
            if let (SymbolKind::Section, b"", Some(section)) = (kind, name, section) {
                name = self
                    .sections
                    .section_name(endian, section)
                    .unwrap_or_default();
            }
            let start = match (self.header.e_type(endian), section) {
                (elf::ET_REL, Some(section)) => section.sh_addr(endian).into(),
                _ => 0,
            };
            let is_dynamic = table == elf::SHT_DYNSYM;
            Symbol {
                // Names of source files are of no use here.
                name: if symbol.st_type() == elf::STT_FILE {
                    String::new()
                } else {
                    text(name)
                },
                version: if is_dynamic {
                    self.version(index, place)
                } else {
                    String::new()
                },
                address: start.wrapping_add(symbol.st_value(endian).into()),
                size: symbol.st_size(endian).into(),
                place,
                kind,
                binding: match symbol.st_bind() {
                    elf::STB_LOCAL => Binding::Local,
                    elf::STB_GLOBAL => Binding::Global,
                    _ => Binding::Other,
                },
                is_synthetic: false,
            }
        };
        Ok(symbols.enumerate().map(read).collect())
    }

    /// A dynamic symbol's version: `@@` where the file defines it for all, `@` for those who ask.
    fn version(&self, index: SymbolIndex, place: Place) -> String {
        let Some(versions) = &self.versions else {
            return String::new();
        };
        let number = versions.version_index(self.endian, index);
        if number.is_local() {
            return String::new();
        }
        let version = versions.version(number.index()).ok().flatten();
        let name = version.map_or_else(|| "Base".to_owned(), |version| text(version.name()));
        let is_needed = version.is_some_and(|version| version.file().is_some());
        let is_hidden = number.is_hidden() || is_needed || place == Place::Undefined;
        format!("{}{name}", if is_hidden { "@" } else { "@@" })
    }

    /// The relocations of the dynamic linker: of all sections, or of the one of a name.
    fn relocations(&self, name: Option<&[u8]>) -> Result<Vec<Elf::Rela>, Error> {
        let endian = self.endian;
        let is_dynamic = |section: &Elf::SectionHeader| section.sh_type(endian) == elf::SHT_DYNSYM;
        let table = self.sections.iter().position(is_dynamic).unwrap_or(0);
        let mut all = Vec::new();
        for section in self.sections.iter() {
            let own_name = self
                .sections
                .section_name(endian, section)
                .unwrap_or_default();
            if section.sh_link(endian) as usize != table || table == 0 {
                continue;
            }
            if name.is_some_and(|name| name != own_name) {
                continue;
            }
            if let Some((relocations, _)) = section.rela(endian, self.data)? {
                all.extend_from_slice(relocations);
            }
            if let Some((relocations, _)) = section.rel(endian, self.data)? {
                all.extend(relocations.iter().cloned().map(Elf::Rela::from));
            }
        }
        Ok(all)
    }

    /// Whether the parts of relocations stand in the order of little-endian MIPS64, which has its
    /// own.
    fn has_mixed_relocations(&self) -> bool {
        self.header.is_mips64el(self.endian)
    }

    fn relocated(&self, symbols: &[Symbol]) -> Result<BTreeMap<u64, Symbol>, Error> {
        let mut relocated = BTreeMap::new();
        for relocation in self.relocations(None)? {
            let index = relocation.r_sym(self.endian, self.has_mixed_relocations()) as usize;
            let symbol = symbols
                .get(index)
                .filter(|s| index > 0 && s.place != Place::Absolute);
            if let Some(symbol) = symbol {
                let address = relocation.r_offset(self.endian).into();
                relocated.entry(address).or_insert_with(|| symbol.clone());
            }
        }
        Ok(relocated)
    }

    /// The entries of the procedure linkage table, named after what they call.
    fn linkage_table(&self, symbols: &[Symbol]) -> Result<Vec<Symbol>, Error> {
        match self.port.elf.linkage_table {
            LinkageTable::InOrder { header, entry } => {
                self.linkage_in_order(symbols, header, entry)
            }
            LinkageTable::ByReference => self.linkage_by_reference(symbols),
        }
    }

    fn linkage_in_order(
        &self,
        symbols: &[Symbol],
        header: u64,
        entry: u64,
    ) -> Result<Vec<Symbol>, Error> {
        let endian = self.endian;
        let Some((SectionIndex(number), section)) = self.sections.section_by_name(endian, b".plt")
        else {
            return Ok(Vec::new());
        };
        let start: u64 = section.sh_addr(endian).into();
        let mut relocations = self.relocations(Some(b".rela.plt"))?;
        if relocations.is_empty() {
            relocations = self.relocations(Some(b".rel.plt"))?;
        }
        let addresses = (0..).map(|n| start.wrapping_add(header).wrapping_add(entry * n));
        let entries = relocations.iter().zip(addresses);
        Ok(entries
            .map(|(relocation, address)| {
                let name = self.linkage_name(relocation, symbols);
                linkage_entry(name, address, entry, number)
            })
            .collect())
    }

    fn linkage_by_reference(&self, symbols: &[Symbol]) -> Result<Vec<Symbol>, Error> {
        let endian = self.endian;
        let relocations = self.relocations(None)?;
        let by_place: HashMap<u64, &Elf::Rela> = relocations
            .iter()
            .map(|relocation| (relocation.r_offset(endian).into(), relocation))
            .collect();
        let mut entries = Vec::new();
        for (SectionIndex(number), section) in self.sections.enumerate() {
            let name = self.sections.section_name(endian, section)?;
            let size: u64 = section.sh_entsize(endian).into();
            if !name.starts_with(b".plt") || size == 0 {
                continue;
            }
            let start: u64 = section.sh_addr(endian).into();
            let mut rest = section.data(endian, self.data)?;
            let mut address = start;
            let mut disassembler = self.port.guest.disassembler(Style::default());
            while !rest.is_empty() {
                let line = disassembler.line(rest, address);
                let relocation = line.reference.and_then(|place| by_place.get(&place));
                if let Some(relocation) = relocation {
                    let entry = address - (address - start) % size;
                    let name = self.linkage_name(relocation, symbols);
                    entries.push(linkage_entry(name, entry, size, number));
                }
                let length = usize::from(line.length).clamp(1, rest.len());
                rest = &rest[length..];
                address = address.wrapping_add(length as u64);
            }
        }
        Ok(entries)
    }

    fn linkage_name(&self, relocation: &Elf::Rela, symbols: &[Symbol]) -> String {
        let index = relocation.r_sym(self.endian, self.has_mixed_relocations()) as usize;
        let symbol = symbols.get(index).filter(|_| index > 0);
        let name = symbol.map_or("*ABS*", |symbol| symbol.name.as_str());
        match relocation.r_addend(self.endian).into() {
            0 => format!("{name}@plt"),
            addend => format!("{name}+{addend:#x}@plt"),
        }
    }

    /// Whether there are relocations for a linker.
    fn is_relocatable(&self) -> bool {
        let endian = self.endian;
        let for_linker = |section: &Elf::SectionHeader| {
            matches!(section.sh_type(endian), elf::SHT_REL | elf::SHT_RELA)
        };
        self.header.e_type(endian) == elf::ET_REL && self.sections.iter().any(for_linker)
    }
}

fn linkage_entry(name: String, address: u64, size: u64, section: usize) -> Symbol {
    Symbol {
        name,
        version: String::new(),
        address,
        size,
        place: Place::Section(section),
        kind: SymbolKind::Function,
        binding: Binding::Global,
        is_synthetic: true,
    }
}

/// The port of a file.
fn port<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
) -> Result<&'static Port, ObjectError> {
    let machine = header.e_machine(endian).0;
    let bits = if header.is_type_64() { 64 } else { 32 };
    let big_endian = header.is_big_endian();
    let flags = header.e_flags(endian).0;
    let fits = |port: &&Port| {
        port.elf_machine == machine
            && port.elf.bits == bits
            && port.elf.big_endian == big_endian
            && port.elf.is_for(flags)
    };
    GUESTS.iter().find(fits).ok_or_else(|| {
        let known: Vec<&str> = GUESTS.iter().map(|port| port.guest.name()).collect();
        let order = if big_endian { "big" } else { "little" };
        ObjectError::Foreign(format!(
            "this is an ELF file for machine number {machine}, {bits} bits, {order}-endian; \
             known are: {}",
            known.join(", ")
        ))
    })
}

fn kind(kind: elf::SymbolType) -> SymbolKind {
    match kind {
        elf::STT_FUNC => SymbolKind::Function,
        elf::STT_OBJECT | elf::STT_COMMON => SymbolKind::Object,
        elf::STT_SECTION => SymbolKind::Section,
        _ => SymbolKind::Other,
    }
}

/// A name for a terminal: control characters are written as `^A`.
fn text(name: &[u8]) -> String {
    let mut text = String::new();
    for c in String::from_utf8_lossy(name).chars() {
        match c {
            '\0'..='\x1f' => text.extend(['^', char::from(c as u8 + 0x40)]),
            '\x7f' => text.push_str("^?"),
            _ => text.push(c),
        }
    }
    text
}
