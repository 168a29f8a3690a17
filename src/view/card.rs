//! The failure card: the last thing printed when a program ends badly.

use super::locate::Locator;
use super::registers;
use crate::Process;
use portolan_linux::signals::Origin;
use portolan_linux::thread::Death;
use portolan_machine::guest::{Core, Style, Undecoded};
use portolan_machine::memory::{Cause, Fault, Intent};
use portolan_machine::registers::{Kind, Role};
use portolan_machine::trap::Trap;
use std::fmt;

/// Addresses below this are what a null pointer with an offset gives.
const NULL_PAGE: u64 = 0x1_0000;

/// How far below the stack an access still counts as the stack's.
const STACK_GUARD: u64 = 0x10_0000;

/// What happened, where, with which registers, and how to look closer.
pub struct Card {
    what: String,
    /// Labelled lines.
    lines: Vec<(&'static str, String)>,
}

impl Card {
    /// For a program that an instruction ended. `again` is the command line of the program.
    pub fn of_death(process: &mut Process, death: &Death, again: &str) -> Card {
        let program = program_name(process);
        let mut card = Card {
            what: format!("{program} was ended by {}", death.name),
            lines: vec![],
        };
        if let Some(trap) = death.trap {
            card.lines
                .extend(why(process, death, trap).map(|why| ("why", why)));
        }
        card.look_around(process, death.pc, again);
        card
    }

    /// For a program that was stopped after a number of instructions.
    pub fn of_budget(process: &mut Process, budget: u64, again: &str) -> Card {
        let program = program_name(process);
        let what = format!("{program} was stopped after {budget} instructions (--max-insns)");
        let mut card = Card {
            what,
            lines: vec![],
        };
        let pc = process.core().pc();
        card.look_around(process, pc, again);
        card
    }

    /// What about the instruction was wrong, if that is known.
    pub fn why(&self) -> Option<&str> {
        let found = self.lines.iter().find(|(label, _)| *label == "why");
        found.map(|(_, line)| line.as_str())
    }

    /// For a program without an operating system: what happened to it, and why if that is known.
    pub fn of_bare(core: &dyn Core, locator: &Locator, what: String, why: Option<String>) -> Card {
        let lines = why.map(|why| ("why", why)).into_iter().collect();
        let mut card = Card { what, lines };
        card.look_at(core, locator, core.pc());
        card
    }

    fn look_around(&mut self, process: &mut Process, pc: u64, again: &str) {
        let locator = Locator::of(process);
        self.look_at(process.core(), &locator, pc);
        for call in process.thread().process().missing() {
            let name = call.name.unwrap_or("a call without a name");
            let times = if call.count == 1 {
                "once"
            } else {
                "repeatedly"
            };
            let line = format!(
                "{name} (number {}) is not implemented; the program called it {times}, last at {:#x}",
                call.number, call.pc
            );
            self.lines.push(("missing", line));
        }
        self.lines.push(("again", format!("portolan step {again}")));
    }

    /// The instruction, registers, and where it returns to.
    fn look_at(&mut self, core: &dyn Core, locator: &Locator, pc: u64) {
        let guest = core.guest();
        self.lines.push((
            "where",
            format!("{pc:#x} {}", locator.place(pc))
                .trim_end()
                .to_owned(),
        ));
        if let Some((code, next)) = instruction(core, pc) {
            self.lines.push(("code", code));
            // What a jump cannot do, its delay slot did. It has no pc of its own.
            let slot = next.and_then(|slot| instruction(core, slot));
            self.lines
                .extend(slot.map(|(code, _)| ("then", format!("{code}   in its delay slot"))));
        }
        for row in registers::table(guest, &|slot| core.register(slot), Kind::Integer) {
            self.lines.push(("registers", row));
        }
        let return_address = guest.register_files().iter().flat_map(|file| file.iter());
        for (slot, register) in return_address.filter(|(_, r)| r.role == Role::ReturnAddress) {
            let place = locator.place(core.register(slot)).to_string();
            if !place.is_empty() {
                self.lines
                    .push(("returns to", format!("{place}, by {}", register.abi)));
            }
        }
    }
}

/// An instruction, and where the one in its delay slot is.
fn instruction(core: &dyn Core, pc: u64) -> Option<(String, Option<u64>)> {
    let guest = core.guest();
    let mut bytes = [0; 16];
    let present = core.memory().fetch(pc, &mut bytes).ok()?;
    let bytes = &bytes[..present];
    let line = guest.disassembler(Style::default()).line(bytes, pc);
    let raw: String = bytes[..usize::from(line.length)]
        .iter()
        .map(|byte| format!("{byte:02x} "))
        .collect();
    let text = line.text(&|address| format!("{address:x}"));
    let slot = guest.leads_inside(bytes, pc);
    let slot = slot.then(|| pc.wrapping_add(u64::from(line.length)));
    Some((format!("{raw}  {}", text.replace('\t', " ")), slot))
}

fn program_name(process: &Process) -> String {
    let path = &process.thread().process().program.path;
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether an address is where a stack that grows too far gets to.
fn below_stack(process: &Process, address: u64) -> bool {
    let stack = &process.thread().process().program.loaded.stack;
    address < stack.start && stack.start - address <= STACK_GUARD
}

/// Whether the kernel says that an instruction divided an integer by zero.
fn divides_by_zero(death: &Death) -> bool {
    let code = match death.origin {
        Origin::Instruction { code, .. } => code,
        _ => return false,
    };
    const FPE_INTDIV: i32 = 1;
    death.name == "SIGFPE" && code == FPE_INTDIV
}

/// What about the instruction was wrong.
fn why(process: &mut Process, death: &Death, trap: Trap) -> Option<String> {
    let fault = |Fault {
                     address,
                     intent,
                     cause,
                 }| {
        let act = match intent {
            Intent::Read => "reads from",
            Intent::Write => "writes to",
            Intent::Execute => "continues at",
        };
        let memory = &process.thread().process().memory;
        let reason = match cause {
            Cause::Unmapped if address < NULL_PAGE => {
                "where nothing is mapped: a null pointer?".to_owned()
            }
            Cause::Unmapped if below_stack(process, address) => {
                "below the stack: the stack is full; does a function call itself without end?"
                    .to_owned()
            }
            Cause::Unmapped if address >= memory.limit() => {
                "which is outside the guest's address space".to_owned()
            }
            Cause::Unmapped => "where nothing is mapped".to_owned(),
            Cause::Protection => match memory.protection_at(address) {
                Some(protection) => format!("where the mapping only allows {protection}"),
                None => "which is not allowed there".to_owned(),
            },
            Cause::Bus => "beyond the end of the mapped file".to_owned(),
        };
        format!("it {act} {address:#x}, {reason}")
    };
    Some(match trap {
        Trap::Fault(it) => fault(it),
        Trap::Misaligned {
            address,
            intent: Intent::Execute,
        } => format!("it continues at {address:#x}, where no instruction may start"),
        Trap::Misaligned { address, .. } => {
            format!("an access to {address:#x}, which is not aligned as this instruction demands")
        }
        Trap::Illegal => illegal(process, death.pc),
        Trap::Overflow => "the result of an integer operation does not fit".to_owned(),
        Trap::Float { .. } => {
            "a floating-point operation raised an exception that the program traps".to_owned()
        }
        Trap::Software { code } if divides_by_zero(death) => {
            format!("it divides an integer by zero, or the quotient does not fit (trap {code})")
        }
        Trap::Software { code } if death.name == "SIGSEGV" => {
            format!("programs may not do this (exception {code})")
        }
        Trap::Software { code } => {
            format!("it noticed an error itself, and trapped with the number {code}")
        }
        Trap::Breakpoint => "it asked for a debugger, and there is none".to_owned(),
        Trap::Syscall => return None,
    })
}

/// Why what is at an address is no instruction: one of a newer processor may have a name.
fn illegal(process: &mut Process, pc: u64) -> String {
    let guest = process.guest();
    let mut bytes = [0; 16];
    let present = process.core().memory().fetch(pc, &mut bytes).unwrap_or(0);
    let mode = process.core().mode();
    match guest.refusal(&bytes[..present], pc, mode) {
        Some(unsupported @ Undecoded::Unsupported { .. }) => {
            format!("{unsupported} by {}", guest.title())
        }
        _ => format!(
            "the bytes are no instruction of {}; is the program built for a newer processor?",
            guest.title()
        ),
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "portolan: {}", self.what)?;
        let mut last = "";
        for (label, line) in &self.lines {
            let shown = if *label == last { "" } else { label };
            writeln!(f, "  {shown:<10} {line}")?;
            last = label;
        }
        Ok(())
    }
}
