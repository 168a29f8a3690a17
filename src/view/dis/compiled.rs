//! What the compiler makes of a function: its instructions, and below each those of the host that came
//! of it.

use super::listing::{Listing, Part as Function, Sink as _};
use super::{Compiled, DisError, Options, address_of, text};
use crate::guests::{self, Port};
use portolan_machine::engine::{Compilation, Constant, Part};
use portolan_machine::guest::{Flow, Line};
use portolan_machine::memory::{Memory, PAGE, Protection};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::Range;

/// What is to be shown.
pub struct View<'v> {
    pub listing: &'v Listing<'v>,
    pub options: &'v Options,
    pub shown: &'v Compiled,
    /// The mode that the code runs in.
    pub mode: u8,
}

/// The mode in which a program starts.
pub fn mode(port: &Port, data: &[u8]) -> u8 {
    #[cfg(feature = "host")]
    if let Some(abi) = port.abi
        && let Ok(image) = portolan_linux::loader::parse(data)
        && let Ok(mode) = (abi.elf.mode)(&image, None)
    {
        return mode;
    }
    // Without Linux, what a file says of it is not known.
    let _ = data;
    port.guest.mode()
}

/// An instruction of the host.
struct Host {
    /// Where it is in the code.
    at: usize,
    line: Line,
    /// Whether it never goes on to the next.
    leaves: bool,
}

/// How much code there is.
#[derive(Clone, Copy, Default)]
struct Totals {
    regions: usize,
    guest: usize,
    host: usize,
    aside: usize,
    bytes: usize,
}

impl View<'_> {
    /// Shows what is entered at the place asked for: if that is an address, there only.
    pub fn write(
        &self,
        out: &mut dyn Write,
        name: &str,
        function: &Function,
    ) -> Result<(), DisError> {
        let port = self.listing.file.port;
        let memory = self.load(function.section)?;
        let exact = self.options.at.as_deref().and_then(address_of);
        let mut entries = BTreeSet::from([exact.unwrap_or(function.start)]);
        let mut seen = BTreeSet::new();
        let mut totals = Totals::default();
        write!(out, "\n{name}:     file format {}\n", port.elf.name)?;
        while let Some(entry) = entries.pop_first() {
            if !seen.insert(entry) {
                continue;
            }
            let ran = self.shown.ran.as_ref();
            let has_run = |address| ran.is_none_or(|ran| ran.contains(&address));
            let (mode, cpu) = (self.mode, self.shown.cpu);
            let compiled = port.guest.compile(&memory, mode, entry, cpu, &has_run);
            let compiled = compiled.ok_or(DisError::NoCompiler)?;
            let inside = |address: &u64| address.wrapping_sub(function.start) < function.size;
            if exact.is_none() {
                entries.extend(compiled.leads_to.iter().copied().filter(inside));
            }
            seen.extend(&compiled.instructions);
            if !compiled.instructions.is_empty() {
                self.region(out, function.section, entry, &compiled, &mut totals)?;
            }
        }
        if totals.regions == 0 {
            writeln!(out, "\nAll of it is left to the interpreter.")?;
        } else if totals.regions > 1 {
            writeln!(
                out,
                "\nTogether {} regions: {}",
                totals.regions,
                totals.text()
            )?;
        }
        Ok(())
    }

    /// The file's code, at its addresses; before linking, one section's.
    fn load(&self, section: usize) -> Result<Memory, DisError> {
        let file = self.listing.file;
        let memory = Memory::new(file.port.guest.address_bits())?;
        let is_meant = |number: usize| !file.is_relocatable || number == section;
        let sections = file.sections.iter().enumerate();
        let code = sections
            .filter(|(number, section)| section.is_code && is_meant(*number))
            .map(|(_, section)| section);
        for section in code.clone() {
            let start = section.address / PAGE * PAGE;
            let end = section.address.saturating_add(section.data.len() as u64);
            // Sections share pages.
            for page in (start..end).step_by(PAGE as usize) {
                if memory.is_free(page, PAGE) {
                    memory.map(page, PAGE, Protection::READ | Protection::EXEC, "")?;
                }
            }
        }
        for section in code {
            let poked = memory.poke(section.address, section.data);
            poked.map_err(|_| DisError::Outside(section.name.clone()))?;
        }
        Ok(memory)
    }

    fn region(
        &self,
        out: &mut dyn Write,
        section: usize,
        entry: u64,
        compiled: &Compilation,
        totals: &mut Totals,
    ) -> Result<(), DisError> {
        let code = Code::of(self, section, compiled)?;
        let paint = self.options.paint;
        let count = |part: &Part| code.within(part).len();
        let own = Totals {
            regions: 1,
            guest: compiled.instructions.len(),
            host: compiled.parts.iter().map(count).sum(),
            aside: compiled
                .parts
                .iter()
                .filter(|part| part.aside)
                .map(count)
                .sum(),
            bytes: compiled.code.len(),
        };
        totals.add(own);
        let place = self.listing.symbols.address(entry, section);
        writeln!(out, "\nRegion {}: {}", paint.name(place), own.text())?;
        if self.shown.clif {
            for (title, clif) in ["Cranelift is given", "Optimised"]
                .iter()
                .zip(&compiled.clif)
            {
                let clif = code.named(clif, grouped);
                write!(out, "\n{}\n{clif}", paint.strong(format_args!("{title}:")))?;
            }
        }
        writeln!(out)?;
        code.write(out)
    }

    /// The lines of a listing for these instructions, by their addresses.
    fn guest_lines(&self, section: usize, addresses: &[u64]) -> io::Result<Vec<(u64, Vec<u8>)>> {
        let file = self.listing.file;
        let mut disassembler = self.listing.disassembler();
        let mut lines = Vec::new();
        for &address in addresses {
            let offset_in = |number: usize| {
                let section = &file.sections[number];
                let offset = address.wrapping_sub(section.address);
                (section.is_code && offset < section.data.len() as u64).then_some(offset as usize)
            };
            // Jumps may lead to other sections.
            let numbers = std::iter::once(section).chain(0..file.sections.len());
            let Some((number, offset)) = numbers
                .filter_map(|number| Some((number, offset_in(number)?)))
                .next()
            else {
                continue;
            };
            let bytes = &file.sections[number].data[offset..];
            let line = disassembler.line(bytes, address);
            let bytes = &bytes[..usize::from(line.length).min(bytes.len())];
            let mut text = Vec::new();
            let mut sink = text::Sink::new(&mut text, file, self.listing.symbols, self.options);
            sink.enter(number);
            sink.line(address, bytes, &line)?;
            lines.push((address, text));
        }
        Ok(lines)
    }
}

/// The host's instructions of a region, in two orders: as they are in memory, and as they are shown.
struct Code<'c> {
    view: &'c View<'c>,
    section: usize,
    compiled: &'c Compilation,
    instructions: Vec<Host>,
    shown: Vec<Shown>,
    /// The places that are jumped to, or gone on to elsewhere, with their numbers.
    labels: BTreeMap<usize, usize>,
}

/// What is shown on a line or some.
enum Shown {
    Heading(String),
    Guest(Vec<u8>),
    /// The instruction with this index.
    Host(usize),
}

impl<'c> Code<'c> {
    fn of(view: &'c View, section: usize, compiled: &'c Compilation) -> Result<Self, DisError> {
        let mut code = Code {
            view,
            section,
            compiled,
            instructions: host_instructions(view, compiled)?,
            shown: Vec::new(),
            labels: BTreeMap::new(),
        };
        code.arrange()?;
        let jumps = code.instructions.iter().filter_map(|host| host.line.target);
        let mut labels: BTreeSet<usize> = jumps.map(|target| target as usize).collect();
        let branches = (0..code.shown.len()).filter(|shown| code.branches(*shown));
        labels.extend(branches.filter_map(|shown| code.goes_on_elsewhere(shown)));
        code.labels = labels.into_iter().zip(1..).collect();
        Ok(code)
    }

    /// Decides what is shown below what.
    fn arrange(&mut self) -> io::Result<()> {
        let heading = |text: String| Shown::Heading(text);
        let mut shown = vec![heading("On entry:".to_owned())];
        shown.extend(self.belonging_to(None));
        let addresses = &self.compiled.instructions;
        for (address, text) in self.view.guest_lines(self.section, addresses)? {
            shown.push(Shown::Guest(text));
            shown.extend(self.belonging_to(Some(address)));
        }
        let mut of = None;
        for part in self.compiled.parts.iter().filter(|part| part.aside) {
            if of.replace(part.of) != Some(part.of) {
                let of = part.of.map_or("all".to_owned(), |of| format!("{of:x}"));
                shown.push(heading(format!("Aside, of {of}:")));
            }
            shown.extend(self.within(part).map(Shown::Host));
        }
        self.shown = shown;
        Ok(())
    }

    /// What an instruction became, but for what is aside.
    fn belonging_to(&self, of: Option<u64>) -> impl Iterator<Item = Shown> {
        let parts = self.compiled.parts.iter();
        let own = parts.filter(move |part| part.of == of && !part.aside);
        own.flat_map(|part| self.within(part)).map(Shown::Host)
    }

    /// The indices of the instructions that begin in a part.
    fn within(&self, part: &Part) -> Range<usize> {
        let index = |at: usize| self.instructions.partition_point(|host| host.at < at);
        index(part.range.start)..index(part.range.end)
    }

    /// Where execution goes on after an instruction, if that is not what is shown next.
    fn goes_on_elsewhere(&self, shown: usize) -> Option<usize> {
        let Shown::Host(index) = self.shown[shown] else {
            return None;
        };
        let following = self.shown[shown + 1..]
            .iter()
            .find_map(|shown| match shown {
                Shown::Host(index) => Some(*index),
                _ => None,
            });
        let next = self.instructions.get(index + 1)?;
        (!self.instructions[index].leaves && following != Some(index + 1)).then_some(next.at)
    }

    /// Whether a branch is shown there, which ends what runs in one go.
    fn branches(&self, shown: usize) -> bool {
        matches!(self.shown[shown], Shown::Host(index) if self.instructions[index].line.target.is_some())
    }

    fn write(&self, out: &mut dyn Write) -> Result<(), DisError> {
        for (index, shown) in self.shown.iter().enumerate() {
            match shown {
                Shown::Heading(text) => writeln!(out, "{}", self.view.options.paint.strong(text))?,
                Shown::Guest(text) => out.write_all(text)?,
                Shown::Host(host) => {
                    let then = self.goes_on_elsewhere(index);
                    let then = then.and_then(|next| self.labels.get(&next));
                    self.line(out, &self.instructions[*host], then)?;
                }
            }
        }
        Ok(())
    }

    /// Writes an instruction, and where execution goes on if that is not below.
    fn line(&self, out: &mut dyn Write, host: &Host, then: Option<&usize>) -> io::Result<()> {
        let paint = self.view.options.paint;
        let label = self.labels.get(&host.at);
        let label = label.map_or(String::new(), |label| format!("L{label}:"));
        let text = host.line.text(&|address| self.place(address));
        let (mnemonic, operands) = text.split_once(['\t', ' ']).unwrap_or((&text, ""));
        let operands = self.named(operands.trim_start(), |number| format!("{number:#x}"));
        let mnemonic = paint.verb(format_args!("{mnemonic:7}"));
        let then = then.map_or(String::new(), |label| {
            paint.faint(format_args!("  then L{label}"))
        });
        let at = paint.faint(format_args!("{:>17}", format!("+{:x}", host.at)));
        let line = format!("{at} {label:>6}  {mnemonic} {operands}{then}");
        writeln!(out, "{}", line.trim_end())
    }

    /// A place in the code, or in the constants behind it.
    fn place(&self, address: u64) -> String {
        let at = address as usize;
        match (self.labels.get(&at), self.compiled.code.get(at..)) {
            (Some(label), _) => format!("L{label}"),
            (None, Some(constant)) if !constant.is_empty() => {
                let bytes: Vec<String> = constant
                    .iter()
                    .take(16)
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                bytes.join(" ")
            }
            _ => format!("{address:#x}"),
        }
    }

    /// A text in which numbers that are addresses in this process are replaced by what they stand for.
    fn named(&self, text: &str, written: impl Fn(u64) -> String) -> String {
        let constants = self.compiled.constants.iter();
        constants.fold(text.to_owned(), |text, (number, constant)| {
            text.replace(&written(*number), &self.constant(constant))
        })
    }

    fn constant(&self, constant: &Constant) -> String {
        match constant {
            Constant::Exit(target) => {
                let target = self.view.listing.symbols.address(*target, self.section);
                format!("<exit to {target}>")
            }
            Constant::Function(name) => format!("<{name}>"),
            Constant::Argument(what) => format!("<{what}>"),
        }
    }
}

/// The host's instructions, as its disassembler writes them.
fn host_instructions(view: &View, compiled: &Compilation) -> Result<Vec<Host>, DisError> {
    let host = guests::of_the_host().ok_or(DisError::NoCompiler)?;
    let mut disassembler = host.disassembler(view.options.style);
    let end = compiled.parts.last().map_or(0, |last| last.range.end);
    let mut instructions: Vec<Host> = Vec::new();
    let mut at = 0;
    while at < end {
        let bytes = &compiled.code[at..end];
        let line = disassembler.line(bytes, at as u64);
        let length = usize::from(line.length.max(1));
        // One whose meaning is not known does not jump.
        let flow = host.record(bytes, at as u64).map(|graph| graph.flow);
        let leaves = matches!(flow, Ok(Flow::Jump | Flow::Return | Flow::Trap));
        instructions.push(Host { at, line, leaves });
        at += length;
    }
    Ok(instructions)
}

/// A number as Cranelift writes it.
fn grouped(number: u64) -> String {
    let digits = format!("{number:x}");
    let width = digits.len().next_multiple_of(4);
    let digits = format!("{digits:0>width$}");
    let groups: Vec<&str> = (0..width)
        .step_by(4)
        .map(|at| &digits[at..at + 4])
        .collect();
    format!("0x{}", groups.join("_"))
}

impl Totals {
    fn add(&mut self, other: Totals) {
        self.regions += other.regions;
        self.guest += other.guest;
        self.host += other.host;
        self.aside += other.aside;
        self.bytes += other.bytes;
    }

    fn text(&self) -> String {
        format!(
            "{} instructions, {} of the host in {} bytes, {} of them aside",
            self.guest, self.host, self.bytes, self.aside
        )
    }
}
