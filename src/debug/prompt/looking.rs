//! Commands that show registers, code and where the program is.

use super::commands::Given;
use super::{Prompt, Refusal, count, refuse};
use crate::view::explain;
use portolan_machine::graph::Node;
use portolan_machine::guest::Style;
use portolan_machine::registers::{Kind, RegisterFile, Role, Slot};
use std::io;

/// What `info` tells of.
pub const TOPICS: [&str; 14] = [
    "registers",
    "breakpoints",
    "watchpoints",
    "signals",
    "display",
    "line",
    "symbol",
    "frame",
    "source",
    "maps",
    "proc",
    "sharedlibrary",
    "record",
    "all-registers",
];

/// Lines of `list`.
const LISTED: u32 = 10;

impl Prompt<'_> {
    pub(super) fn info(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let (topic, text) = given
            .text
            .split_once(char::is_whitespace)
            .unwrap_or((given.text, ""));
        let text = text.trim();
        let rest = Given {
            format: given.format,
            text,
        };
        let begun: Vec<_> = TOPICS.iter().filter(|it| it.starts_with(topic)).collect();
        let topic = match begun.as_slice() {
            _ if topic == "b" || topic == "wat" => "breakpoints",
            _ if topic == "r" || topic == "reg" => "registers",
            _ if topic == "f" || topic == "s" => "frame",
            _ if !topic.is_empty() && !begun.is_empty() => begun[0],
            _ => return refuse(format!("info wants one of {}", TOPICS.join(", "))),
        };
        match topic {
            "registers" => self.registers(&rest.words()),
            "all-registers" => self.registers(&["all"]),
            "breakpoints" | "watchpoints" => self.list_stops(),
            "signals" => self.info_signals(&rest),
            "display" => {
                for (number, text) in &self.displays {
                    writeln!(self.out, "{number}: {text}")?;
                }
                Ok(())
            }
            "line" => {
                let address = self.location(text)?;
                let place = self.locator.place(address);
                self.say(match &place.line {
                    Some((file, line)) => format!("{file}:{line} is at {address:#x} {place}"),
                    None => format!("no line is known of {address:#x} {place}"),
                })
            }
            "symbol" => {
                let address = self.evaluate(text)?.bits;
                self.say(match self.locator.place(address).function {
                    Some((name, 0)) => format!("{name} is at {address:#x}"),
                    Some((name, offset)) => format!("{name} + {offset:#x} is at {address:#x}"),
                    None => format!("no symbol is known at {address:#x}"),
                })
            }
            "frame" => self.show_frame(),
            "source" => {
                let pc = self.session.core().pc();
                self.say(match self.locator.place(pc).line {
                    Some((file, line)) => format!("{file}, line {line}"),
                    None => format!("no source is known at {pc:#x}"),
                })
            }
            "sharedlibrary" => self.mapped(|name| name.contains(".so")),
            "record" => self.record(&Given {
                format: "",
                text: "",
            }),
            _ => self.mapped(|_| true),
        }
    }

    fn say(&mut self, line: String) -> Result<(), Refusal> {
        Ok(writeln!(self.out, "{line}")?)
    }

    fn mapped(&mut self, is_meant: impl Fn(&str) -> bool) -> Result<(), Refusal> {
        for mapping in self.session.core().memory().mappings() {
            if is_meant(&mapping.name) {
                writeln!(self.out, "{mapping}")?;
            }
        }
        Ok(())
    }

    pub(super) fn locate(&mut self) -> Result<(), Refusal> {
        let pc = self.session.core().pc();
        Ok(writeln!(self.out, "{pc:#x} {}", self.locator.place(pc))?)
    }

    pub(super) fn show_next(&mut self, lines: usize) -> io::Result<()> {
        let pc = self.session.core().pc();
        let place = self.locator.place(pc).to_string();
        let slot = match self.session.core().inside() {
            0 => String::new(),
            _ => match self.branch_before(pc) {
                Some(branch) => format!(", in the delay slot of {branch}"),
                None => ", in a delay slot".to_owned(),
            },
        };
        if !place.is_empty() || !slot.is_empty() {
            writeln!(self.out, "{place}{slot}:")?;
        }
        if let Some((file, line)) = self.locator.place(pc).line
            && let Some(text) = source(&file).and_then(|text| text.get(line as usize - 1).cloned())
        {
            writeln!(self.out, "{line}\t{text}")?;
        }
        self.disassemble(pc, lines)
    }

    /// The branch in whose delay slot an instruction is.
    fn branch_before(&mut self, pc: u64) -> Option<String> {
        let core = self.session.core();
        let length = core.guest().alignment().max(4);
        let mut bytes = [0; 16];
        let start = pc.wrapping_sub(length);
        let present = core.memory().fetch(start, &mut bytes).ok()?;
        let mut disassembler = core.guest().disassembler(Style::default());
        let line = disassembler.line(&bytes[..present], start);
        let text = line.text(&|address| match self.locator.place(address).function {
            Some((name, 0)) => name,
            Some((name, offset)) => format!("{name}+{offset:#x}"),
            None => format!("{address:#x}"),
        });
        Some(format!("`{}` at {start:#x}", text.replace('\t', " ")))
    }

    pub(super) fn disassemble(&mut self, from: u64, lines: usize) -> io::Result<()> {
        let core = self.session.core();
        let (pc, memory) = (core.pc(), core.memory().clone());
        let mut disassembler = core.guest().disassembler(Style::default());
        let mut address = from;
        for _ in 0..lines {
            let mut bytes = [0; 16];
            let Ok(present) = memory.fetch(address, &mut bytes) else {
                return writeln!(self.out, "   {address:#x}  (nothing to execute here)");
            };
            let line = disassembler.line(&bytes[..present], address);
            let mark = if address == pc { "=>" } else { "  " };
            let text = line.text(&|address| match self.locator.place(address).to_string() {
                place if place.is_empty() => format!("{address:x}"),
                place => format!("{address:x} <{place}>"),
            });
            let (mnemonic, operands) = text.split_once('\t').unwrap_or((&text, ""));
            let raw = &bytes[..usize::from(line.length)];
            let raw: String = raw.iter().map(|byte| format!("{byte:02x} ")).collect();
            writeln!(
                self.out,
                "{mark} {address:#x}  {raw:<12} {mnemonic:<8} {operands}"
            )?;
            address = address.wrapping_add(u64::from(line.length.max(1)));
        }
        self.next_examined = Some((address, "i".to_owned()));
        Ok(())
    }

    /// The function at a place, or so many instructions from there.
    pub(super) fn disassemble_at(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let words = given.words();
        if let [place @ .., lines] = words.as_slice()
            && !place.is_empty()
            && let Ok(lines) = count(lines)
        {
            let from = self.location(&place.join(" "))?;
            return Ok(self.disassemble(from, lines.min(10_000) as usize)?);
        }
        let address = self.location(given.text)?;
        let Some((name, start)) = self.locator.function(address) else {
            return Ok(self.disassemble(address, LISTED as usize)?);
        };
        writeln!(self.out, "{name}:")?;
        let functions = self.locator.functions().find(|(at, ..)| *at == start);
        let end = functions.map_or(0, |(at, size, _)| at.wrapping_add(size));
        let core = self.session.core();
        let mut disassembler = core.guest().disassembler(Style::default());
        let (mut lines, mut at) = (0, start);
        while at < end && lines < 10_000 {
            let mut bytes = [0; 16];
            let Ok(present) = core.memory().fetch(at, &mut bytes) else {
                break;
            };
            at += u64::from(disassembler.line(&bytes[..present], at).length.max(1));
            lines += 1;
        }
        Ok(self.disassemble(start, lines.max(1))?)
    }

    /// The next instruction in full, with what it would read, change and do now.
    pub(super) fn explain(&mut self) -> Result<(), Refusal> {
        let (guest, pc) = (self.session.guest(), self.session.core().pc());
        let mut bytes = [0; 16];
        let present = self.session.core().memory().fetch(pc, &mut bytes);
        let present = present.map_err(|fault| Refusal(fault.to_string()))?;
        let options = explain::Options::default();
        explain::write(&mut self.out, guest, &bytes[..present], pc, 1, &options)
            .map_err(|error| Refusal(error.to_string()))?;
        let Some(graph) = self.session.next_instruction() else {
            return Ok(());
        };
        let mut reads: Vec<Slot> = graph
            .nodes
            .iter()
            .filter_map(|node| match node {
                Node::Read(slot) => Some(*slot),
                _ => None,
            })
            .collect();
        reads.sort_unstable();
        reads.dedup();
        writeln!(self.out, "\nnow")?;
        for slot in reads {
            let value = self.session.core().register(slot);
            writeln!(self.out, "    {} is {value:#x}", guest.slot_name(slot))?;
        }
        let Some(effects) = self.session.peek() else {
            return Ok(writeln!(
                self.out,
                "    what it does is known when it has run"
            )?);
        };
        for effect in effects {
            if let Some(line) = self.effect(effect) {
                writeln!(self.out, "    {line}")?;
            }
        }
        Ok(())
    }

    pub(super) fn list(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let (file, first) = match (&self.next_listed, given.text) {
            (Some(next), _) => next.clone(),
            (None, text) => {
                let address = match text {
                    "" => self.frame_pc()?,
                    text => self.location(text)?,
                };
                let Some((file, line)) = self.locator.place(address).line else {
                    return refuse(format!("no source is known of {address:#x}"));
                };
                (file, line.saturating_sub(LISTED / 2).max(1))
            }
        };
        let Some(lines) = source(&file) else {
            return refuse(format!("{file} cannot be read here"));
        };
        let here = self.locator.place(self.session.core().pc()).line;
        let shown = lines.iter().zip(1u32..).skip(first as usize - 1);
        for (text, line) in shown.take(LISTED as usize) {
            let is_here = here
                .as_ref()
                .is_some_and(|(at, n)| *at == file && *n == line);
            let mark = if is_here { "=>" } else { "  " };
            writeln!(self.out, "{mark} {line}\t{text}")?;
        }
        self.next_listed = Some((file, first + LISTED));
        Ok(())
    }

    pub(super) fn registers(&mut self, names: &[&str]) -> Result<(), Refusal> {
        let guest = self.session.guest();
        if names.is_empty() || names == ["all"] || names == ["float"] {
            for file in guest.register_files() {
                let wanted = match names.first() {
                    None => file.kind == Kind::Integer,
                    Some(&"float") => file.kind != Kind::Integer,
                    Some(_) => true,
                };
                let mut column = 0;
                for (slot, register) in file.iter().filter(|_| wanted) {
                    if register.role == Role::Zero {
                        continue;
                    }
                    let mut slots = slot..slot + file.stride();
                    let changed = slots.any(|slot| self.session.changed(slot));
                    let mark = if changed { '*' } else { ' ' };
                    let value = self.digits(slot, file);
                    write!(self.out, "{:>6}{mark}{value} ", register.abi)?;
                    column += file.stride();
                    if column % 4 == 0 {
                        writeln!(self.out)?;
                    }
                }
                if column % 4 != 0 {
                    writeln!(self.out)?;
                }
            }
            if names.first() != Some(&"float") {
                let pc = self.session.core().pc();
                writeln!(self.out, "    pc {pc:016x} {}", self.locator.place(pc))?;
            }
            return Ok(());
        }
        for name in names {
            let name = name.trim_start_matches('$');
            match guest.register_named(name) {
                Some((slot, file)) if file.stride() > 1 => {
                    let digits = self.digits(slot, file);
                    writeln!(self.out, "{name} = 0x{digits}")?;
                }
                _ => {
                    let none = |_| Refusal(format!("{} has no register {name:?}", guest.name()));
                    let value = self.evaluate(&format!("${name}")).map_err(none)?.bits;
                    writeln!(self.out, "{name} = {value:#x} = {}", value as i64)?;
                }
            }
        }
        Ok(())
    }

    /// A register's value, however wide.
    fn digits(&mut self, first: Slot, file: &RegisterFile) -> String {
        let core = self.session.core();
        let words = (0..file.stride()).rev();
        words
            .map(|n| {
                let bits = (file.bits - 64 * u16::from(n)).min(64);
                let digits = usize::from(bits.div_ceil(4));
                format!("{:0digits$x}", core.register(first + n))
            })
            .collect()
    }
}

/// The lines of a source file, if it is here.
fn source(file: &str) -> Option<Vec<String>> {
    let bytes = std::fs::read(file).ok()?;
    Some(
        String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect(),
    )
}
