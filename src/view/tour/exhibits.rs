//! What the tour shows: made by the disassembler, `explain`, the compiler and the machines themselves.

use super::python;
use crate::guests::{self, Port};
use crate::view::explain::{self, Elsewhere, Sheet};
use crate::view::misread::{self, Misread};
use crate::view::object_file::ObjectFile;
use crate::view::paint::Paint;
use crate::view::symbols::Symbols;
use crate::view::{dis, words};
use crate::{Machine, Protection};
use portolan_machine::guest::Style;
use portolan_machine::trap::{Stop, Trap};
use std::path::PathBuf;

/// The exhibits, and what they need besides the program itself.
pub struct Exhibits {
    /// Directories with the programs of guests, for what is recorded otherwise.
    pub sysroots: Vec<PathBuf>,
    /// Colours.
    pub paint: Paint,
}

/// The columns that an exhibit has.
const COLUMNS: usize = 76;

impl Exhibits {
    /// The lines of an exhibit: its name and arguments, as the pages have them. What cannot be shown says so.
    pub fn show(&self, exhibit: &str) -> Vec<String> {
        let words: Vec<&str> = exhibit.split(' ').collect();
        let shown = match words.as_slice() {
            ["dump", rom, count] => self.dump(rom, count),
            ["list", rom, symbol, count] => self.list(rom, symbol, count),
            ["bits", byte] => bits(byte),
            ["ribbon", isa, bytes @ ..] => self.sheet(isa, bytes, "ribbon"),
            ["fields", isa, bytes @ ..] => self.sheet(isa, bytes, "fields"),
            ["manual", isa, bytes @ ..] => self.sheet(isa, bytes, "manual"),
            ["effect", isa, bytes @ ..] => self.sheet(isa, bytes, "effect"),
            ["step", isa, register, value, bytes @ ..] => self.step(isa, register, value, bytes),
            ["elsewhere", isa, bytes @ ..] => self.elsewhere(isa, bytes),
            ["sets"] => Some(sets(self.paint)),
            ["machines", rom] => Some(self.machines(rom)),
            ["said", rom] => self.said(rom),
            ["misread", rom, isa, count] => self.misread(rom, isa, count),
            ["ending", rom, isa] => self.ending(rom, isa),
            ["meanings", rom, symbol, count] => self.meanings(rom, symbol, count),
            ["host", rom, place, from, count] => self.host(rom, place, from, count),
            ["python", "source"] => Some(python::source()),
            ["python", "bytecode"] => Some(self.bytecode()),
            ["python", "runs"] => Some(self.python_runs()),
            _ => None,
        };
        shown.unwrap_or_else(|| vec![format!("({exhibit}: not in this build)")])
    }

    /// The first bytes of a file, as xxd shows them.
    fn dump(&self, rom: &str, lines: &str) -> Option<Vec<String>> {
        let (_, data) = file(rom)?;
        let rows = data.chunks(16).take(lines.parse().ok()?);
        let line = |(n, row): (usize, &[u8])| {
            let hex = words::spaced(row);
            let text = row.iter().map(|byte| match byte {
                0x20..=0x7e => char::from(*byte),
                _ => '.',
            });
            let place = self.paint.faint(format_args!("{:04x}", n * 16));
            format!("{place}  {hex}  {}", text.collect::<String>())
        };
        Some(rows.enumerate().map(line).collect())
    }

    /// The first instructions of a function: bytes and mnemonics.
    fn list(&self, rom: &str, symbol: &str, count: &str) -> Option<Vec<String>> {
        let (_, data) = file(rom)?;
        let code = dis::code_at(data, symbol).ok()?;
        let mut disassembler = code.guest.disassembler(INTEL);
        let mut at = 0;
        let mut lines = Vec::new();
        for _ in 0..count.parse().ok()? {
            let bytes = code.bytes.get(at..).filter(|bytes| !bytes.is_empty())?;
            let pc = code.address + at as u64;
            let mut line = disassembler.line(bytes, pc);
            line.operand_column = 1;
            let text = line.text(&|address| named(data, address));
            let own = &bytes[..usize::from(line.length).min(bytes.len())];
            let hex = words::spaced(own);
            lines.push(format!("{hex:<22}  {}", self.paint.verb(text.trim_end())));
            at += usize::from(line.length).max(1);
        }
        Some(lines)
    }

    /// A part of what `explain` says.
    fn sheet(&self, isa: &str, bytes: &[&str], part: &str) -> Option<Vec<String>> {
        let port = guests::port(isa)?;
        let bytes = hex(bytes)?;
        let it = port.guest.explain(&bytes, 0).ok()?;
        let sheet = Sheet::new(port.guest, 0, &it);
        let mut out = Vec::new();
        match part {
            "ribbon" => sheet.ribbon(&mut out, self.paint),
            "fields" => sheet.fields(&mut out, self.paint),
            "manual" => sheet.manual(&mut out, self.paint),
            _ => sheet.effect(&mut out, self.paint),
        }
        .ok()?;
        let text = String::from_utf8(out).ok()?;
        let lines = text.lines().map(|line| match part {
            "ribbon" => line.strip_prefix("  ").unwrap_or(line).to_owned(),
            // What they are, the page says.
            "fields" => {
                let label = self.paint.name("fields    ");
                let rest = line.strip_prefix(&label);
                let rest = rest.or_else(|| line.strip_prefix(&self.paint.name(" ".repeat(10))));
                rest.map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest))
                    .to_owned()
            }
            _ => line.to_owned(),
        });
        Some(lines.collect())
    }

    /// A register before and after one instruction, carried out.
    fn step(&self, isa: &str, register: &str, value: &str, bytes: &[&str]) -> Option<Vec<String>> {
        const HERE: u64 = 0x1_0000;
        let bytes = hex(bytes)?;
        let mut machine = Machine::new(isa).ok()?;
        machine.load(HERE, &bytes).ok()?;
        machine.set_pc(HERE);
        machine.set_register(register, value.parse().ok()?).ok()?;
        let before = machine.register(register).ok()?;
        let ended = machine.run(1);
        let after = machine.register(register).ok()?;
        let mut line = machine.guest().disassembler(INTEL).line(&bytes, HERE);
        line.operand_column = 1;
        let text = line.text(&|address| format!("{address:#x}"));
        (ended == Stop::Budget).then(|| {
            vec![
                format!("before    {register} = {before}"),
                format!("          {}", self.paint.verb(text)),
                format!("after     {register} = {after}"),
            ]
        })
    }

    /// How every instruction set says something.
    fn elsewhere(&self, isa: &str, bytes: &[&str]) -> Option<Vec<String>> {
        let port = guests::port(isa)?;
        let bytes = hex(bytes)?;
        let it = port.guest.explain(&bytes, 0).ok()?;
        let own = Elsewhere {
            architecture: port.guest.name(),
            bytes: words::spaced(&bytes),
            assembly: it.assembly.clone(),
        };
        let kin = explain::kin(port.guest, &it.graph);
        let all = std::iter::once(own).chain(kin.iter().map(Elsewhere::of));
        let line = |it: Elsewhere| {
            let assembly = self.paint.verb(&it.assembly);
            format!("{:<12}  {:<11}  {assembly}", it.architecture, it.bytes)
        };
        Some(all.map(line).collect())
    }

    /// A rom on every machine: what it did.
    fn machines(&self, rom: &str) -> Vec<String> {
        let head = format!(
            "{:<12} {:>9}  {:>12}  {:<8} {}",
            "machine", "code", "instructions", "status", "output"
        );
        let mut lines = vec![self.paint.faint(head)];
        for (port, run) in runs(rom) {
            let name = port.guest.name();
            match run {
                Ok(run) => {
                    let output = String::from_utf8_lossy(&run.output);
                    let output: String = output.trim_end().chars().take(32).collect();
                    lines.push(format!(
                        "{name:<12} {:>9}  {:>12}  {:<8} {output}",
                        format!("{} bytes", run.code),
                        run.retired,
                        run.status
                    ));
                }
                Err(why) => lines.push(format!("{name:<12} {why}")),
            }
        }
        lines
    }

    /// What a rom says on its machine.
    fn said(&self, rom: &str) -> Option<Vec<String>> {
        let (port, data) = file(rom)?;
        let run = run(port, data).ok()?;
        let output = String::from_utf8_lossy(&run.output);
        Some(output.lines().map(str::to_owned).collect())
    }

    /// The first instructions of a rom, as another machine takes them and as what they are.
    fn misread(&self, rom: &str, isa: &str, lines: &str) -> Option<Vec<String>> {
        let it = misread_as(rom, isa, lines.parse().ok()?)?;
        let mut out = Vec::new();
        it.table(&mut out, self.paint).ok()?;
        Some(
            String::from_utf8(out)
                .ok()?
                .lines()
                .map(str::to_owned)
                .collect(),
        )
    }

    /// How that ends.
    fn ending(&self, rom: &str, isa: &str) -> Option<Vec<String>> {
        let it = misread_as(rom, isa, 1)?;
        let mut out = Vec::new();
        it.end(&mut out, self.paint).ok()?;
        let text = String::from_utf8(out).ok()?;
        let lines = text.lines().flat_map(|line| match line.len() > COLUMNS {
            true => words::wrapped(line, COLUMNS),
            false => vec![line.to_owned()],
        });
        Some(lines.collect())
    }

    /// Instructions and what they do.
    fn meanings(&self, rom: &str, symbol: &str, count: &str) -> Option<Vec<String>> {
        let (_, data) = file(rom)?;
        let code = dis::code_at(data, symbol).ok()?;
        let mut at = 0;
        let mut lines = Vec::new();
        for _ in 0..count.parse().ok()? {
            let bytes = code.bytes.get(at..)?;
            let pc = code.address + at as u64;
            let it = code.guest.explain(bytes, pc).ok()?;
            at += it.bytes.len();
            let effects = portolan_machine::graph::render::effects(&it.graph, code.guest);
            let assembly = self.paint.verb(format_args!("{:<20}", it.assembly));
            let head = format!("{:<12} {assembly}", words::spaced(&it.bytes));
            for (n, effect) in effects.iter().enumerate() {
                let head = if n == 0 { head.clone() } else { " ".repeat(33) };
                lines.push(format!("{head} {effect}"));
            }
        }
        Some(lines)
    }

    /// What the compiler makes of the code at a place, from the first line with some text on.
    fn host(&self, rom: &str, place: &str, from: &str, count: &str) -> Option<Vec<String>> {
        let (_, data) = file(rom)?;
        let options = dis::Options {
            style: INTEL,
            at: Some(place.to_owned()),
            compiled: Some(dis::Compiled {
                // The same code for every reader.
                cpu: portolan_machine::engine::Cpu::X86_64V3,
                ..dis::Compiled::default()
            }),
            ..dis::Options::default()
        };
        let mut out = Vec::new();
        dis::write(&mut out, rom, data, &options).ok()?;
        let text = String::from_utf8(out).ok()?;
        let lines = text.lines().skip_while(|line| !line.contains(from));
        let lines = lines.take(count.parse().ok()?);
        let line = |line: &str| {
            let is_guest = line.trim_start().contains(":\t");
            let tidy = line.replace('\t', "  ").trim_end().to_owned();
            match is_guest {
                true => self.paint.strong(tidy.trim_start()),
                false => format!("      {}", tidy.trim_start()),
            }
        };
        let lines: Vec<String> = lines.map(line).collect();
        (!lines.is_empty()).then_some(lines)
    }

    /// The bytecode that is recorded first, or that the first sysroot's Python makes now.
    fn bytecode(&self) -> Vec<String> {
        let said = match self.sysroots.first() {
            Some(sysroot) => python::live(sysroot),
            None => python::recorded()
                .into_iter()
                .next()
                .ok_or_else(String::new),
        };
        match said {
            Ok(said) => said
                .instructions
                .iter()
                .map(|line| {
                    let (bytes, name) = line.split_at(line.len().min(5));
                    format!("{bytes}  {}", self.paint.verb(name.trim_start()))
                })
                .collect(),
            Err(why) => vec![why],
        }
    }

    /// The same on each machine.
    fn python_runs(&self) -> Vec<String> {
        let all: Vec<Result<python::Said, String>> = match self.sysroots.as_slice() {
            [] => python::recorded().into_iter().map(Ok).collect(),
            sysroots => sysroots.iter().map(|root| python::live(root)).collect(),
        };
        let head = format!(
            "{:<10} {:<7}  {:<14} {}",
            "machine", "Python", "bytecode", "area(6, 7)"
        );
        let mut lines = vec![self.paint.faint(head)];
        lines.extend(all.into_iter().map(|said| match said {
            Ok(said) => format!(
                "{:<10} {:<7}  {:<14} {}",
                said.machine, said.version, said.fingerprint, said.result
            ),
            Err(why) => why,
        }));
        lines
    }
}

/// Destinations first, as manuals have it.
const INTEL: Style = Style {
    aliases: true,
    abi_names: true,
    other_syntax: true,
};

/// The rom of a name as in `mipsel/hello`.
fn file(name: &str) -> Option<(&'static Port, &'static [u8])> {
    let (isa, name) = name.split_once('/')?;
    Some((guests::port(isa)?, guests::rom(isa, name)?))
}

fn hex(bytes: &[&str]) -> Option<Vec<u8>> {
    bytes
        .iter()
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}

/// An address with the name of what is there.
fn named(data: &[u8], address: u64) -> String {
    let Ok(file) = ObjectFile::parse(data) else {
        return format!("{address:#x}");
    };
    let symbols = Symbols::of(&file);
    let section = file.sections.iter().position(|section| {
        section.is_code && address.wrapping_sub(section.address) < section.data.len() as u64
    });
    match section.and_then(|section| symbols.in_section(address, section)) {
        Some(symbol) if symbol.address == address => symbol.name.clone(),
        _ => format!("{address:#x}"),
    }
}

/// A byte in hexadecimal, and in bits.
fn bits(byte: &str) -> Option<Vec<String>> {
    let value = u8::from_str_radix(byte, 16).ok()?;
    let (high, low) = (value >> 4, value & 15);
    Some(vec![
        format!("{byte}   =   {high:04b}  {low:04b}"),
        format!("         {high:^4}  {low:^4}   the digits {high:x} and {low:x}"),
    ])
}

/// The instruction sets: how many instructions, and how long they are.
fn sets(paint: Paint) -> Vec<String> {
    let head = format!("{:<12} {:>12}  {}", "name", "instructions", "title");
    let mut lines = vec![paint.faint(head)];
    lines.extend(guests::GUESTS.iter().map(|port| {
        let count = port.guest.instructions().len();
        format!(
            "{:<12} {count:>12}  {}",
            port.guest.name(),
            port.guest.title()
        )
    }));
    lines
}

fn misread_as(rom: &str, isa: &str, lines: usize) -> Option<Misread> {
    let (_, data) = file(rom)?;
    let options = misread::Options {
        lines,
        ..misread::Options::default()
    };
    Misread::of(rom, data, guests::port(isa)?, &options).ok()
}

/// What a rom did on a machine.
struct Run {
    output: Vec<u8>,
    status: u64,
    retired: u64,
    /// Bytes of code.
    code: usize,
}

/// A rom on each machine that has it.
fn runs(rom: &str) -> Vec<(&'static Port, Result<Run, String>)> {
    let ports = guests::GUESTS.iter();
    let ported = ports.filter_map(|port| Some((port, guests::rom(port.guest.name(), rom)?)));
    ported.map(|(port, data)| (port, run(port, data))).collect()
}

/// Runs a rom here and now: it calls nothing but write and exit_group, which is all that is done for it.
fn run(port: &'static Port, data: &[u8]) -> Result<Run, String> {
    const STACK: u64 = 0x7000_0000;
    const ROOM: u64 = 0x10_0000;
    const MOST: u64 = 50_000_000;
    let failed = |error: crate::Error| error.to_string();
    let abi = port.abi.ok_or("is no machine of Linux here")?;
    let mut machine = Machine::new(port.guest.name()).map_err(failed)?;
    machine.load_elf(data).map_err(failed)?;
    let both = Protection::READ | Protection::WRITE;
    machine.map(STACK - ROOM, 2 * ROOM, both).map_err(failed)?;
    let pointer = port.guest.stack_pointer();
    machine.core().set_register(pointer, STACK);
    let mut output = Vec::new();
    loop {
        match machine.run(MOST) {
            Stop::Trap(Trap::Syscall) => {}
            other => return Err(format!("ended unexpectedly: {other:?}")),
        }
        let core = machine.core();
        let number = core.register(abi.registers.number);
        let mut known = portolan_linux::personality::numbers(abi.numbers);
        let name = known
            .find(|(known, _)| *known == number)
            .map(|(_, name)| name);
        let argument = |n: usize| core.register(abi.registers.arguments[n]);
        let (first, address, length) = (argument(0), argument(1), argument(2));
        match name {
            Some("write") => {
                let mut bytes = vec![0; length.min(ROOM) as usize];
                let read = core.memory().read(address, &mut bytes);
                read.map_err(|fault| fault.to_string())?;
                output.extend(bytes);
                (abi.set_result)(core, Ok(length));
                let next = core.pc() + core.instruction_length();
                core.set_pc(next);
            }
            Some("exit_group") => {
                let code = ObjectFile::parse(data).map_or(0, |file| {
                    let code = file.sections.iter().filter(|section| section.is_code);
                    code.map(|section| section.data.len()).sum()
                });
                return Ok(Run {
                    output,
                    status: first,
                    retired: core.retired(),
                    code,
                });
            }
            other => return Err(format!("called {}", other.unwrap_or("nothing known"))),
        }
    }
}
