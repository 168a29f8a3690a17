//! A line for each instruction: where it is, what it is, what it reads and changes.

use crate::measure::territory::Territory;
use portolan_linux::process::{own_pid, own_tid};
use portolan_machine::engine::InstructionObserver;
use portolan_machine::graph::Graph;
use portolan_machine::graph::evaluate::Effect;
use portolan_machine::guest::{Core, Disassembler, Guest, Style};
use portolan_machine::memory::Memory;
use portolan_machine::registers::{Role, Slot};
use portolan_machine::trap::Trap;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

/// A place in a program, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// An address.
    Address(u64),
    /// The start of a function.
    Function(String),
}

/// Instructions, as a person names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those at these addresses.
    Addresses(Range<u64>),
    /// Those of a function.
    Function(String),
}

/// What is no place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no range of addresses: the first one comes first, in hexadecimal, as in 0x1000-0x2000"
)]
pub struct BadPart(String);

fn address(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

impl From<&str> for Point {
    fn from(text: &str) -> Point {
        match address(text) {
            Some(address) => Point::Address(address),
            None => Point::Function(text.to_owned()),
        }
    }
}

impl FromStr for Part {
    type Err = BadPart;

    fn from_str(text: &str) -> Result<Part, BadPart> {
        if !text.starts_with("0x") {
            return Ok(Part::Function(text.to_owned()));
        }
        let ends = text.split_once('-');
        let ends = ends.and_then(|(first, last)| Some(address(first)?..address(last)?));
        let range = ends.filter(|range| !range.is_empty());
        range
            .map(Part::Addresses)
            .ok_or_else(|| BadPart(text.to_owned()))
    }
}

/// What of a run is told.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Nothing before the program comes here.
    pub from: Option<Point>,
    /// Nothing more when it comes here, until it comes to the other again.
    pub to: Option<Point>,
    /// Nothing but this.
    pub range: Option<Part>,
    /// So many lines at most.
    pub limit: Option<u64>,
}

/// What becomes of processes that the traced one forks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forks {
    /// Nothing is told of them.
    Left,
    /// They are traced as well.
    Followed,
}

/// Applies a filter.
pub(super) struct Gate {
    filter: Filter,
    open: bool,
    left: u64,
}

impl Gate {
    pub(super) fn new(filter: Filter) -> Gate {
        Gate {
            open: filter.from.is_none(),
            left: filter.limit.unwrap_or(u64::MAX),
            filter,
        }
    }

    /// Whether what is at an address is told; `place` is its name, with the distance from a symbol.
    pub(super) fn passes(&mut self, address: u64, place: &str) -> bool {
        let place = place.split(" [").next().unwrap_or(place);
        let is_at = |point: &Option<Point>| match point {
            None => false,
            Some(Point::Address(wanted)) => *wanted == address,
            Some(Point::Function(name)) => name == place,
        };
        if is_at(&self.filter.to) {
            self.open = false;
        }
        if is_at(&self.filter.from) {
            self.open = true;
        }
        let within = match &self.filter.range {
            None => true,
            Some(Part::Addresses(range)) => range.contains(&address),
            Some(Part::Function(name)) => place.split('+').next() == Some(name),
        };
        self.open && within && self.left > 0
    }

    /// A line was told.
    pub(super) fn count(&mut self) {
        self.left -= 1;
    }
}

/// Writes down what instructions do.
pub struct Tracer {
    out: File,
    guest: &'static dyn Guest,
    memory: Arc<Memory>,
    territory: Territory,
    /// What is at addresses, as far as it was asked for.
    places: HashMap<u64, String>,
    disassembler: Box<dyn Disassembler>,
    gate: Gate,
    /// The thread that began; lines tell of their threads once there is another.
    first: i32,
    threads: bool,
    /// The process that began, if no other is told of.
    only: Option<i32>,
    /// The line begun, if it is to be told.
    line: Option<String>,
    reads: String,
    changes: String,
}

/// Places remembered at most.
const PLACES: usize = 1 << 16;

impl Tracer {
    /// Of a process' first hart and all others, to be written to a file.
    pub fn new(
        territory: Territory,
        guest: &'static dyn Guest,
        memory: Arc<Memory>,
        filter: Filter,
        forks: Forks,
        out: File,
    ) -> Tracer {
        Tracer {
            out,
            guest,
            memory,
            territory,
            places: HashMap::new(),
            disassembler: guest.disassembler(Style::default()),
            gate: Gate::new(filter),
            first: own_tid(),
            threads: false,
            only: (forks == Forks::Left).then(own_pid),
            line: None,
            reads: String::new(),
            changes: String::new(),
        }
    }

    /// Lines tell of their threads even while there is only one.
    pub fn tell_threads(&mut self) {
        self.threads = true;
    }

    fn place(&mut self, address: u64) -> String {
        if self.places.len() >= PLACES {
            self.places.clear();
        }
        let (territory, memory) = (&self.territory, &self.memory);
        let unknown = || territory.text(address, memory);
        self.places.entry(address).or_insert_with(unknown).clone()
    }

    /// The name of a register, if a person knows it by one; flags that stay as they are are told by nobody.
    fn register(&self, slot: Slot) -> Option<String> {
        let below = || {
            slot.checked_sub(1)
                .and_then(|slot| self.guest.register(slot))
        };
        let (file, _) = self.guest.register(slot).or_else(below)?;
        match file.at(slot) {
            Some(register) if register.role == Role::Zero => None,
            None if file.stride() == 1 => None,
            _ => Some(self.guest.slot_name(slot)),
        }
    }
}

/// One more part of a list.
fn push(list: &mut String, part: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(part);
}

impl InstructionObserver for Tracer {
    fn begin(&mut self, graph: &Graph) {
        self.reads.clear();
        self.changes.clear();
        let place = self.place(graph.pc);
        let is_others = || self.only.is_some_and(|only| own_pid() != only);
        if !self.gate.passes(graph.pc, &place) || is_others() {
            self.line = None;
            return;
        }
        let mut bytes = [0; 16];
        let present = self.memory.fetch(graph.pc, &mut bytes).unwrap_or(0);
        let line = self.disassembler.line(&bytes[..present], graph.pc);
        let text = line.text(&|address| format!("{address:x}"));
        let tid = own_tid();
        self.threads |= tid != self.first;
        let thread = match self.threads {
            true => format!("[pid {tid}] "),
            false => String::new(),
        };
        let text = text.replace('\t', " ");
        self.line = Some(format!("{thread}{:#x}: {place:<24} {text:<28}", graph.pc));
    }

    fn effect(&mut self, effect: Effect) {
        if self.line.is_none() {
            return;
        }
        match effect {
            Effect::Read { slot, value } => {
                if let Some(name) = self.register(slot) {
                    let part = format!("{name}={value:#x}");
                    let mut known = self.reads.split(", ");
                    if !known.any(|known| known == part) {
                        push(&mut self.reads, &part);
                    }
                }
            }
            Effect::Write { slot, old, new } => {
                let wide = self
                    .guest
                    .register(slot)
                    .is_none_or(|(file, _)| file.stride() > 1);
                let is_same = old == new && (wide || self.guest.flags().contains(&slot));
                if !is_same && let Some(name) = self.register(slot) {
                    push(&mut self.changes, &format!("{name} {old:#x} -> {new:#x}"));
                }
            }
            Effect::Load {
                access,
                address,
                value,
            } => {
                let bits = u32::from(access.bytes) * 8;
                push(
                    &mut self.reads,
                    &format!("mem{bits}[{address:#x}]={value:#x}"),
                );
            }
            Effect::Store {
                access,
                address,
                value,
            } => {
                let bits = u32::from(access.bytes) * 8;
                let mask = u64::MAX >> (64 - bits.clamp(1, 64));
                let part = format!("mem{bits}[{address:#x}] <- {:#x}", value & mask);
                push(&mut self.changes, &part);
            }
            Effect::Jump { target } => {
                let place = self.place(target);
                push(&mut self.changes, &format!("to {place}"));
            }
            Effect::Trap(Trap::Syscall) => push(&mut self.changes, "system call"),
            Effect::Trap(trap) => push(&mut self.changes, &format!("trap: {trap:?}")),
        }
    }

    fn end(&mut self, _: &dyn Core) {
        let Some(mut line) = self.line.take() else {
            return;
        };
        for (mark, list) in [("  ", &self.reads), ("  | ", &self.changes)] {
            if !list.is_empty() {
                // A string takes whatever is written to it.
                let _ = write!(line, "{mark}{list}");
            }
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        // Nobody may be reading any more; the program goes on.
        let _ = self.out.write_all(line.as_bytes());
        self.gate.count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_functions_or_ranges() {
        assert_eq!("fib".parse(), Ok(Part::Function("fib".into())));
        assert_eq!("0x10-0x20".parse(), Ok(Part::Addresses(0x10..0x20)));
        assert!("0x20-0x10".parse::<Part>().is_err());
        assert!("0x20".parse::<Part>().is_err());
    }

    #[test]
    fn a_gate_opens_and_closes_again() {
        let mut gate = Gate::new(Filter {
            from: Some(Point::from("f")),
            to: Some(Point::from("0x30")),
            limit: Some(3),
            ..Filter::default()
        });
        let mut told = Vec::new();
        for (address, place) in [
            (0x10, "main"),
            (0x20, "f"),
            (0x24, "f+0x4 [lib.so]"),
            (0x30, "main+0x4"),
            (0x20, "f [lib.so]"),
            (0x24, "f+0x4"),
        ] {
            if gate.passes(address, place) {
                gate.count();
                told.push(address);
            }
        }
        assert_eq!(told, [0x20, 0x24, 0x20]);
    }
}
