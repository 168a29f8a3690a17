//! What there is to know of a program without running it: its symbols, functions and instructions.

use super::job::Executed;
use crate::assembler::{self, Assembled, Branches, SourceError};
use crate::guests::{self, Port};
use crate::simulator::TEXT;
use crate::view::object_file::{ObjectError, ObjectFile, Place, SymbolKind};
use portolan_machine::graph::{Graph, Node};
use portolan_machine::guest::{Flow, Guest, Style};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;
use thiserror::Error;

/// A program's file, as labs see it.
pub struct Image {
    /// What it is for.
    pub port: &'static Port,
    /// The address of each symbol.
    symbols: HashMap<String, u64>,
    /// The starts of functions, each with the end of its section.
    functions: BTreeMap<u64, (String, u64)>,
    /// Its instructions.
    code: Vec<Code>,
    /// What was added to the file's addresses when it was loaded.
    pub bias: u64,
}

struct Code {
    start: u64,
    bytes: Vec<u8>,
}

/// Why a file cannot be checked.
#[derive(Debug, Error)]
pub enum ImageError {
    /// It is no program.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// It is a source with errors.
    #[error("it was not assembled\n{0}")]
    Source(#[from] SourceError),
    /// It is one that was not linked.
    #[error("it has not been linked")]
    Relocatable,
}

impl Image {
    /// Of a program, and what was made of its source if it is one for a simulator.
    ///
    /// # Errors
    /// If it is neither.
    pub fn of(
        path: &Path,
        data: &[u8],
        simulator: Option<&str>,
        named: &[String],
    ) -> Result<(Image, Option<Assembled>), ImageError> {
        let port = simulator.filter(|_| assembler::is_source(data));
        let port = port.and_then(guests::of_simulator);
        let Some((port, simulator)) = port.and_then(|it| Some((it, it.simulator?))) else {
            return Ok((Image::of_elf(data, named)?, None));
        };
        let assembled = assembler::assemble_file(port, simulator, path, data, Branches::Immediate)?;
        let code = Code {
            start: TEXT,
            bytes: assembled.text.clone(),
        };
        let symbols = assembled.symbols.iter();
        let symbols = symbols.map(|(name, address)| (name.clone(), *address, false));
        let image = Image::new(port, vec![code], symbols.collect(), named);
        Ok((image, Some(assembled)))
    }

    /// Of an ELF file. `named` are functions whether the file says so or not.
    fn of_elf(data: &[u8], named: &[String]) -> Result<Image, ImageError> {
        let file = ObjectFile::parse(data)?;
        if file.is_relocatable {
            return Err(ImageError::Relocatable);
        }
        let code = file.sections.iter().filter(|section| section.is_code);
        let code = code.map(|section| Code {
            start: section.address,
            bytes: section.data.to_vec(),
        });
        let mut symbols: Vec<_> = file.symbols.iter().filter(|it| it.is_shown()).collect();
        symbols.retain(|it| it.place != Place::Undefined);
        // The preferred one comes last, and stays.
        symbols.sort_by_cached_key(|symbol| std::cmp::Reverse(symbol.rank()));
        let is_function = |kind| kind == SymbolKind::Function;
        let symbols = symbols
            .iter()
            .map(|it| (it.name.clone(), it.address, is_function(it.kind)));
        Ok(Image::new(
            file.port,
            code.collect(),
            symbols.collect(),
            named,
        ))
    }

    fn new(
        port: &'static Port,
        code: Vec<Code>,
        symbols: Vec<(String, u64, bool)>,
        named: &[String],
    ) -> Image {
        let called = called(port.guest, &code);
        let mut functions = BTreeMap::new();
        for (name, address, is_function) in &symbols {
            let section = code.iter().find(|code| code.range().contains(address));
            let starts =
                *is_function || called.contains(address) || name == "main" || named.contains(name);
            if let Some(section) = section.filter(|_| starts) {
                functions.insert(*address, (name.clone(), section.range().end));
            }
        }
        let symbols = symbols
            .into_iter()
            .map(|(name, address, _)| (name, address));
        Image {
            port,
            symbols: symbols.collect(),
            functions,
            code,
            bias: 0,
        }
    }

    /// The address of a symbol.
    pub fn symbol(&self, name: &str) -> Option<u64> {
        Some(self.symbols.get(name)?.wrapping_add(self.bias))
    }

    /// The function of the program's own that an address is in, and where that starts.
    pub fn function(&self, address: u64) -> Option<(&str, u64)> {
        let own = address.wrapping_sub(self.bias);
        let (start, (name, end)) = self.functions.range(..=own).next_back()?;
        (own < *end).then(|| (name.as_str(), start.wrapping_add(self.bias)))
    }

    /// Whether an address is in the program's own code.
    pub fn is_own(&self, address: u64) -> bool {
        let own = address.wrapping_sub(self.bias);
        self.code.iter().any(|code| code.range().contains(&own))
    }

    /// An address as people read it.
    pub fn place(&self, address: u64) -> String {
        match self.function(address) {
            Some((name, start)) if start == address => name.to_owned(),
            Some((name, start)) => format!("{name}+{:#x}", address - start),
            None => format!("{address:#x}"),
        }
    }

    /// The instructions that the file has, whether they are executed or not.
    pub fn instructions(&self) -> Vec<Executed> {
        let mut census = Census::new(self);
        for code in &self.code {
            each(self.port.guest, code, |bytes, address| {
                census.add(bytes, address.wrapping_add(self.bias), false, 1);
            });
        }
        census.finish()
    }
}

impl Code {
    fn range(&self) -> Range<u64> {
        self.start..self.start + self.bytes.len() as u64
    }
}

/// Tells of each instruction of some code.
fn each(guest: &'static dyn Guest, code: &Code, mut tell: impl FnMut(&[u8], u64)) {
    let mut disassembler = guest.disassembler(Style::default());
    let mut offset = 0;
    while offset < code.bytes.len() {
        let address = code.start + offset as u64;
        let line = disassembler.line(&code.bytes[offset..], address);
        let end = (offset + usize::from(line.length.max(1))).min(code.bytes.len());
        if line.decoded {
            tell(&code.bytes[offset..end], address);
        }
        offset = end;
    }
}

/// The addresses that instructions call.
fn called(guest: &'static dyn Guest, code: &[Code]) -> Vec<u64> {
    let target = |graph: &Graph| match *graph.nodes.last()? {
        Node::Jump(id) => match graph.nodes.get(id as usize)? {
            Node::Constant(address) | Node::Address(address) => Some(*address),
            _ => None,
        },
        _ => None,
    };
    // Where there is a delay slot, the call writes its target into a hidden register.
    let hidden = |graph: &Graph| {
        let written = graph.nodes.iter().filter_map(|node| match node {
            Node::Write(slot, id) => Some((*slot, *id)),
            _ => None,
        });
        let mut hidden = written.filter(|(slot, _)| guest.register(*slot).is_none());
        let (_, id) = hidden.next()?;
        match graph.nodes.get(id as usize)? {
            Node::Constant(address) | Node::Address(address) => Some(*address),
            _ => None,
        }
    };
    let mut all = Vec::new();
    for code in code {
        each(guest, code, |bytes, address| {
            let graph = guest.record(bytes, address).ok();
            if let Some(graph) = graph.filter(|graph| graph.flow == Flow::Call) {
                all.extend(target(&graph).or_else(|| hidden(&graph)));
            }
        });
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// What tells instructions apart in a [`Census`]: names, function, and whether they are in a library.
type Sort = (Vec<String>, Option<String>, bool);

/// Adds instructions up by name and function.
pub struct Census<'a> {
    image: &'a Image,
    names: HashMap<Box<[u8]>, Vec<String>>,
    /// The address of one of each sort, and how often they ran.
    sums: BTreeMap<Sort, (u64, u64)>,
}

impl<'a> Census<'a> {
    /// Nothing yet.
    pub fn new(image: &'a Image) -> Census<'a> {
        Census {
            image,
            names: HashMap::new(),
            sums: BTreeMap::new(),
        }
    }

    /// An instruction that ran so often.
    pub fn add(&mut self, bytes: &[u8], address: u64, is_library: bool, count: u64) {
        let guest = self.image.port.guest;
        let names = self.names.entry(bytes.into()).or_insert_with(|| {
            let Ok(explained) = guest.explain(bytes, address) else {
                return Vec::new();
            };
            let expansion = explained.expansion.as_deref();
            let stands_for = expansion.and_then(|text| text.split_whitespace().next());
            let stands_for = stands_for.map(str::to_owned);
            std::iter::once(explained.name).chain(stands_for).collect()
        });
        let own = self.image.is_own(address);
        let function = self.image.function(address).filter(|_| own);
        let function = match (function, own) {
            (Some((name, _)), _) => Some(name.to_owned()),
            (None, true) => Some(String::new()),
            (None, false) => None,
        };
        let key = (names.clone(), function, is_library && !own);
        let sum = self.sums.entry(key).or_insert((address, 0));
        sum.1 += count;
    }

    /// What there is.
    pub fn finish(self) -> Vec<Executed> {
        let sums = self.sums.into_iter();
        sums.map(
            |((names, function, is_library), (address, count))| Executed {
                names,
                function,
                is_library,
                place: self.image.place(address),
                count,
            },
        )
        .collect()
    }
}
