//! An assembler of the dialect of SPIM, MARS and RARS: from a source to what the memory of a simulator holds.
//!
//! What instructions there are and how they are encoded is the instruction set's ([`Assembly`]); here are labels, directives,
//! macros and included files. Where the processor has delay slots, each is filled with a `nop`, as programs for these
//! simulators know none, unless they are written for [`Branches::Delayed`].

mod directives;
mod lex;
mod operands;
mod source;

use crate::guests::Port;
use crate::simulator::{STATIC_DATA, TEXT};
use directives::{Cell, Data};
use lex::{Spaced, Token};
use portolan_machine::assembly::{Assembly, Part, Refusal, Selected};
use portolan_machine::guest::Guest;
use portolan_machine::memory::Order;
use portolan_machine::simulator::Simulator;
use source::{File, Line, Source};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::path::Path;
use thiserror::Error;

pub use source::Reader;

/// A program that was assembled.
pub struct Assembled {
    /// What it is for.
    pub port: &'static Port,
    simulator: &'static Simulator,
    /// Its instructions, from [`TEXT`] on.
    pub text: Vec<u8>,
    /// Its data, by address.
    pub data: Vec<(u64, Vec<u8>)>,
    /// Where it starts: `main`, or its first instruction.
    pub entry: u64,
    /// Its labels.
    pub symbols: BTreeMap<String, u64>,
    /// What is not as its author may think.
    warnings: Vec<(Origin, String)>,
    /// The line of each instruction.
    lines: BTreeMap<u64, Origin>,
    names: Vec<String>,
}

/// A line of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    file: usize,
    /// Counted from 1.
    line: usize,
}

/// Everything that is wrong with a source.
#[derive(Debug, Error)]
pub struct SourceError {
    /// The file and the line, what is wrong, and the line itself.
    pub errors: Vec<(String, usize, String, String)>,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, line, what, text) in &self.errors {
            writeln!(f, "{file}:{line}: {what}\n{line:>6} | {}", text.trim_end())?;
        }
        match self.errors.len() {
            1 => write!(f, "1 error"),
            count => write!(f, "{count} errors"),
        }
    }
}

/// What the instruction behind a branch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branches {
    /// Carried out only if the branch is not taken: how the simulators come. What `.set noreorder` says changes nothing.
    Immediate,
    /// In its delay slot, as it is for the processor, except after `.set reorder`.
    Delayed,
}

/// What is wrong so far.
#[derive(Default)]
struct Diagnostics(Vec<(Origin, String)>);

impl Diagnostics {
    fn push(&mut self, origin: Origin, what: String) {
        // Errors beyond so many follow from others.
        const MOST: usize = 100;
        if self.0.len() < MOST
            && !self
                .0
                .iter()
                .any(|(at, known)| *at == origin && *known == what)
        {
            self.0.push((origin, what));
        }
    }

    fn told(mut self, files: &[File]) -> SourceError {
        self.0.sort_by_key(|(origin, _)| *origin);
        let told = self.0.into_iter().map(|(origin, what)| {
            let file = &files[origin.file];
            let text = file.lines.get(origin.line - 1).cloned().unwrap_or_default();
            (file.name.clone(), origin.line, what, text)
        });
        SourceError {
            errors: told.collect(),
        }
    }
}

/// Assembles a source. `read` reads the files that it includes.
///
/// # Errors
/// Everything that is wrong with it.
pub fn assemble(
    port: &'static Port,
    simulator: &'static Simulator,
    name: &str,
    text: &str,
    branches: Branches,
    read: Reader<'_>,
) -> Result<Assembled, SourceError> {
    let mut errors = Diagnostics::default();
    let mut source = Source::new(read);
    source.file(name, text, 0, &mut errors);
    let mut layout = Layout::new(port.guest, (simulator.assembly)(), branches);
    for line in &source.lines {
        layout.line(line, &mut errors);
    }
    let assembled = layout.finish(&source.files, port, simulator, &mut errors);
    match errors.0.is_empty() {
        true => Ok(assembled),
        false => Err(errors.told(&source.files)),
    }
}

/// Whether a file is a source, and not a program already.
pub fn is_source(file: &[u8]) -> bool {
    !file.starts_with(b"\x7fELF") && !file.contains(&0)
}

/// Assembles a file for a simulator, with what it includes from its directory.
///
/// # Errors
/// Everything that is wrong with it.
pub fn assemble_file(
    port: &'static Port,
    simulator: &'static Simulator,
    path: &Path,
    text: &[u8],
    branches: Branches,
) -> Result<Assembled, SourceError> {
    let read = |name: &str| {
        let path = path.parent().unwrap_or(Path::new("")).join(name);
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    assemble(
        port,
        simulator,
        &name,
        &String::from_utf8_lossy(text),
        branches,
        &read,
    )
}

/// Where things are, before all labels are known.
struct Layout<'a> {
    guest: &'static dyn Guest,
    assembly: &'a Assembly,
    branches: Branches,
    /// A `nop` is put into delay slots.
    fills_slots: bool,
    is_text: bool,
    /// What follows is for a kernel, and left out.
    is_kernels: bool,
    /// The directive whose numbers the line before has, and whether that ends with a comma.
    unfinished: Option<(String, bool)>,
    warnings: Vec<(Origin, String)>,
    code: Vec<Instruction<'a>>,
    data: Data,
    symbols: BTreeMap<String, (u64, Origin)>,
    /// Labels that stand before what comes next.
    pending: Vec<(String, Origin)>,
}

struct Instruction<'a> {
    origin: Origin,
    selected: Selected<'a>,
    mnemonic: String,
}

/// Operands as people are told them: numbers of any width are numbers.
fn spoken(syntax: &str) -> String {
    let ends = |c: char| !c.is_alphanumeric();
    let words = syntax.split_inclusive(ends).map(|part| {
        let word = part.trim_end_matches(ends);
        let is_number = match word.split_at_checked(1) {
            Some(("s" | "u" | "w", bits)) => bits.parse::<u8>().is_ok(),
            _ => matches!(word, "imm" | "uimm"),
        };
        match is_number {
            true => part.replacen(word, "number", 1),
            false => part.to_owned(),
        }
    });
    words.collect()
}

/// A word as a guest has it in memory.
fn ordered(guest: &dyn Guest, word: u32) -> [u8; 4] {
    match guest.order() {
        Order::Little => word.to_le_bytes(),
        Order::Big => word.to_be_bytes(),
    }
}

/// Whether a directive says what follows.
fn is_section(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let name = word.strip_prefix('.').unwrap_or_default();
    directives::SECTIONS.contains(&name) || matches!(name, "section" | "ktext" | "kdata")
}

fn is_number(token: &Token) -> bool {
    matches!(
        token,
        Token::Integer(_) | Token::Real(_) | Token::Sign('-' | '+')
    )
}

/// The length of an instruction, in bytes.
const LENGTH: u64 = 4;

impl<'a> Layout<'a> {
    fn new(guest: &'static dyn Guest, assembly: &'a Assembly, branches: Branches) -> Layout<'a> {
        Layout {
            guest,
            assembly,
            branches,
            fills_slots: branches == Branches::Immediate,
            is_text: true,
            is_kernels: false,
            unfinished: None,
            warnings: Vec::new(),
            code: Vec::new(),
            data: Data::new(STATIC_DATA),
            symbols: BTreeMap::new(),
            pending: Vec::new(),
        }
    }

    fn here(&self) -> u64 {
        match self.is_text {
            true => TEXT + LENGTH * self.code.len() as u64,
            false => self.data.here(),
        }
    }

    fn line(&mut self, line: &Line, errors: &mut Diagnostics) {
        let origin = line.origin;
        let mut tokens = line.tokens.as_slice();
        while let [label, colon, rest @ ..] = tokens
            && colon.token == Token::Sign(':')
        {
            match &label.token {
                Token::Word(name) if self.assembly.register(name).is_none() => {
                    self.pending.push((name.clone(), origin));
                }
                Token::Word(name) => errors.push(origin, format!("{name} is a register")),
                _ => errors.push(origin, "this is no label".to_owned()),
            }
            tokens = rest;
        }
        let Some((first, rest)) = tokens.split_first() else {
            return;
        };
        let unfinished = self.unfinished.take();
        if self.is_kernels && !matches!(&first.token, Token::Word(word) if is_section(word)) {
            self.pending.clear();
            return;
        }
        if let Some((directive, is_open)) = unfinished
            && (is_open || is_number(&first.token))
            && tokens.len() == line.tokens.len()
        {
            return self.directive(&directive, tokens, origin, errors);
        }
        let Token::Word(word) = &first.token else {
            let what = "a line begins with a label, an instruction or a directive";
            return errors.push(origin, what.to_owned());
        };
        match word.strip_prefix('.') {
            Some(directive) => {
                let directive = directive.to_ascii_lowercase();
                self.directive(&directive, rest, origin, errors);
            }
            // As in MARS, ADD is add.
            None if !self.assembly.knows(word) => {
                let lower = word.to_ascii_lowercase();
                let known = self.assembly.knows(&lower);
                self.instruction(if known { &lower } else { word }, rest, origin, errors);
            }
            None => self.instruction(word, rest, origin, errors),
        }
    }

    fn warn(&mut self, origin: Origin, what: String) {
        if !self.warnings.iter().any(|(_, known)| *known == what) {
            self.warnings.push((origin, what));
        }
    }

    /// Puts the labels that wait here.
    fn place_labels(&mut self, errors: &mut Diagnostics) {
        let here = self.here();
        for (name, origin) in std::mem::take(&mut self.pending) {
            match self.symbols.entry(name) {
                Entry::Vacant(new) => {
                    new.insert((here, origin));
                }
                Entry::Occupied(known) => {
                    let name = known.key();
                    errors.push(origin, format!("the label {name} is there already"));
                }
            }
        }
    }

    fn instruction(
        &mut self,
        mnemonic: &str,
        tokens: &[Spaced],
        origin: Origin,
        errors: &mut Diagnostics,
    ) {
        if !self.is_text {
            self.pending.clear();
            let known = self.assembly.knows(mnemonic);
            let what = match known {
                true => {
                    format!("{mnemonic} is an instruction, but this is .data: is .text missing?")
                }
                false => self.unknown(mnemonic),
            };
            return errors.push(origin, what);
        }
        self.place_labels(errors);
        let atoms = match operands::atoms(self.assembly, mnemonic, tokens) {
            Ok(atoms) => atoms,
            Err(_) if !self.assembly.knows(mnemonic) => {
                return errors.push(origin, self.unknown(mnemonic));
            }
            Err(error) => return errors.push(origin, error),
        };
        match self.assembly.select(mnemonic, &atoms) {
            Ok(all) => {
                for selected in all {
                    let has_slot = self.has_slot(&selected);
                    self.push(selected, mnemonic, origin);
                    if has_slot
                        && self.fills_slots
                        && let Ok(nop) = self.assembly.select("nop", &[])
                    {
                        nop.into_iter()
                            .for_each(|nop| self.push(nop, "nop", origin));
                    }
                }
            }
            Err(refusal) => errors.push(origin, self.told(mnemonic, refusal)),
        }
    }

    fn push(&mut self, selected: Selected<'a>, mnemonic: &str, origin: Origin) {
        self.code.push(Instruction {
            origin,
            selected,
            mnemonic: mnemonic.to_owned(),
        });
    }

    fn has_slot(&self, selected: &Selected<'_>) -> bool {
        self.guest.leads_inside(&self.bytes(selected.kind()), TEXT)
    }

    fn bytes(&self, word: u32) -> [u8; 4] {
        ordered(self.guest, word)
    }

    fn unknown(&self, mnemonic: &str) -> String {
        let likeness = |other: &str| strsim::jaro_winkler(mnemonic, other);
        let mut alike: Vec<&str> = self
            .assembly
            .mnemonics()
            .filter(|it| likeness(it) > 0.8)
            .collect();
        alike.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)).then(a.cmp(b)));
        alike.dedup();
        alike.truncate(3);
        let suggestion = match alike.is_empty() {
            true => String::new(),
            false => format!("; did you mean {}?", alike.join(", ")),
        };
        format!("no instruction is called {mnemonic}{suggestion}")
    }

    fn told(&self, mnemonic: &str, refusal: Refusal) -> String {
        match refusal {
            Refusal::Unknown => self.unknown(mnemonic),
            Refusal::Operands(all) => {
                let spoken = all
                    .iter()
                    .map(|it| spoken(&it.replacen("...", mnemonic, 1)));
                let mut spoken: Vec<String> = spoken.collect();
                spoken.dedup();
                format!("{mnemonic} has other operands: {}", spoken.join("; "))
            }
            Refusal::Range(range) => format!("the number does not fit here: {range}"),
            Refusal::Undefined(name) => {
                if let Some(label) = operands::other_half(&name) {
                    return format!("{label} is not the label of an instruction with %pcrel_hi");
                }
                let likeness = |other: &str| strsim::jaro_winkler(&name, other);
                let near = self.symbols.keys().filter(|it| likeness(it) > 0.8);
                let near = near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
                let suggestion =
                    near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
                let register = self.assembly.register(&format!("${name}")).is_some();
                match register {
                    true => format!("{name} is not defined; the register is ${name}"),
                    false => format!("{name} is not defined{suggestion}"),
                }
            }
        }
    }

    fn address(&self, symbol: &str) -> Option<u64> {
        self.symbols.get(symbol).map(|(address, _)| *address)
    }

    /// The distance of which the instruction at a label has the upper part.
    fn distance_at(&self, label: &str) -> Option<u64> {
        let at = self.address(label)?;
        let index = at.checked_sub(TEXT)? / LENGTH;
        let selected = &self.code.get(index as usize)?.selected;
        let target = selected.whole_of(Part::RelativeUpper20)?;
        let target = target.value(at, &|name| self.address(name)).ok()?;
        Some((target as u64).wrapping_sub(at))
    }

    /// Encodes everything.
    fn finish(
        mut self,
        files: &[File],
        port: &'static Port,
        simulator: &'static Simulator,
        errors: &mut Diagnostics,
    ) -> Assembled {
        self.place_labels(errors);
        let symbol = |name: &str| match operands::other_half(name) {
            None => self.address(name),
            Some(label) => self.distance_at(label),
        };
        let mut text = Vec::new();
        let mut lines = BTreeMap::new();
        for instruction in &self.code {
            let pc = TEXT + text.len() as u64;
            lines.insert(pc, instruction.origin);
            let word = match instruction.selected.encode(pc, &symbol) {
                Ok(word) => word,
                Err(refusal) => {
                    errors.push(
                        instruction.origin,
                        self.told(&instruction.mnemonic, refusal),
                    );
                    0
                }
            };
            text.extend(self.bytes(word));
        }
        let data = self.data.parts(|cell: &Cell| {
            let value = cell.value.value(0, &symbol).unwrap_or_else(|refusal| {
                errors.push(cell.origin, self.told("", refusal));
                0
            });
            let little = value.to_le_bytes();
            let mut bytes = little[..usize::from(cell.bytes)].to_vec();
            if self.guest.order() == Order::Big {
                bytes.reverse();
            }
            bytes
        });
        if self.code.is_empty() && errors.0.is_empty() {
            let origin = Origin { file: 0, line: 1 };
            errors.push(
                origin,
                "there are no instructions: is .text missing?".to_owned(),
            );
        }
        let symbols = self
            .symbols
            .iter()
            .map(|(name, (address, _))| (name.clone(), *address));
        let symbols: BTreeMap<String, u64> = symbols.collect();
        let is_code = |address: &&u64| (TEXT..TEXT + text.len() as u64).contains(*address);
        Assembled {
            port,
            simulator,
            entry: symbols.get("main").filter(is_code).copied().unwrap_or(TEXT),
            text,
            data,
            symbols,
            warnings: self.warnings,
            lines,
            names: files.iter().map(|file| file.name.clone()).collect(),
        }
    }
}

impl Assembled {
    /// What it runs on.
    pub fn simulator(&self) -> &'static Simulator {
        self.simulator
    }

    /// What is not as its author may think, with the file and the line.
    pub fn warnings(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.warnings
            .iter()
            .map(|(origin, what)| (self.names[origin.file].as_str(), origin.line, what.as_str()))
    }

    /// The bytes of the instruction that calls the simulator.
    pub fn kernel_call(&self) -> Vec<u8> {
        let guest = self.port.guest;
        let call = (self.simulator.assembly)().select(guest.convention().kernel_call, &[]);
        let word = call.ok().and_then(|all| Some(all.first()?.kind()));
        ordered(guest, word.unwrap_or_default()).to_vec()
    }

    /// The file and the line of an instruction, if there is one.
    pub fn line(&self, address: u64) -> Option<(&str, usize)> {
        let origin = self.lines.get(&address)?;
        Some((&self.names[origin.file], origin.line))
    }

    /// An instruction as people read it: `main+0x8 (sort.asm:12)`.
    pub fn place(&self, address: u64) -> String {
        let Some((file, line)) = self.line(address) else {
            return String::new();
        };
        let labels = self
            .symbols
            .iter()
            .filter(|(_, at)| (TEXT..=address).contains(*at));
        let near = labels.max_by_key(|(_, at)| **at);
        let near = near.map_or_else(String::new, |(name, at)| match address - at {
            0 => format!("{name} "),
            distance => format!("{name}+{distance:#x} "),
        });
        format!("{near}({file}:{line})")
    }
}
