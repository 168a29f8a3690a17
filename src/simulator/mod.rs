//! The machines of teaching simulators: what `portolan run --machine spim` and `--machine rars` run on.
//!
//! A hart, memory laid out as MARS, SPIM and RARS have it, and their services instead of an operating system:
//!
//! | from | to | what |
//! |---|---|---|
//! | `0x00400000` | as long as it is | the program |
//! | `0x10000000` | `0x103fffff` | data: `.extern` and what `$gp` points into, `.data` from `0x10010000`, the heap from `0x10040000` |
//! | `0x7fc00000` | `0x7fffffff` | the stack |
//! | `0xffff0000` | `0xffff000f` | registers of the keyboard and the display |
//!
//! A program starts with the stack pointer at [`STACK_POINTER`], the global pointer at [`GLOBAL_POINTER`], all else zero.
//! It ends by a service, by returning from where it started, or by running past its last instruction.
//!
//! Programs are sources, or ELF files that were linked for this layout. Instructions are those of the real processor: in
//! programs of MIPS from another assembler, the instruction after a branch is in its delay slot, as it is with MARS only on
//! request; in those from source, that is a `nop`.

mod bitmap;
mod console;
mod devices;
mod files;
mod halt;
pub mod java;
mod services;

pub use bitmap::{Bitmap, BitmapError};
pub use console::{Console, Written};
pub use halt::Halt;
pub use services::ServiceError;

use crate::assembler::Assembled;
use crate::bare::Machine;
use crate::{Error, guests};
use devices::{LENGTH, PLACES, Terminal, lock};
use portolan_machine::guest::{Core, Guest};
use portolan_machine::memory::{Intent, PAGE, Protection};
use portolan_machine::registers::{Role, Slot};
use portolan_machine::simulator::Simulator;
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::{Stop, Trap};
use services::{Services, Then};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Where programs in source begin.
pub const TEXT: u64 = 0x0040_0000;
/// All of the data.
pub const DATA: Range<u64> = 0x1000_0000..0x1040_0000;
/// Where `.data` begins.
pub const STATIC_DATA: u64 = 0x1001_0000;
/// Where memory is allocated from.
pub const HEAP: Range<u64> = 0x1004_0000..DATA.end;
const HEAP_END: u64 = HEAP.end;
/// The stack.
pub const STACK: Range<u64> = 0x7fc0_0000..0x8000_0000;
/// What the stack pointer is at first.
pub const STACK_POINTER: u64 = 0x7fff_effc;
/// What the global pointer is at first.
pub const GLOBAL_POINTER: u64 = 0x1000_8000;

/// Where a program returns to that returns from its start: nothing is there.
const NOWHERE: u64 = 0;

/// A running program.
pub struct Simulated {
    machine: Machine,
    services: Services,
    seat: Seat,
    /// Behind the last instruction, if it is known where that is.
    end: Option<u64>,
}

/// What somebody at a window can do, from any thread.
#[derive(Clone)]
pub struct Seat {
    terminal: Arc<Terminal>,
    has_gone: Arc<AtomicBool>,
    stop: Arc<StopFlag>,
}

impl Seat {
    /// A key is pressed.
    pub fn press(&self, key: u8) {
        self.terminal.press(key);
    }

    /// Switches the machine off: the program ends, with status 0.
    pub fn leave(&self) {
        self.has_gone.store(true, Ordering::Relaxed);
        self.stop.raise();
    }

    /// Whether it is off.
    pub fn has_gone(&self) -> bool {
        self.has_gone.load(Ordering::Relaxed)
    }
}

impl Simulated {
    /// Loads an ELF file that was linked for this layout.
    ///
    /// # Errors
    /// If it is none, or not of the simulator's instruction set.
    pub fn of_elf(
        name: &str,
        file: &[u8],
        console: Console,
        seed: Option<u64>,
    ) -> Result<Simulated, Error> {
        let port = guests::of_elf(file)?;
        let simulator = port.simulator.filter(|it| it.name == name);
        let simulator = simulator.ok_or_else(|| Error::NotSimulated {
            guest: port.guest.name(),
            simulator: name.to_owned(),
        })?;
        let mut machine = Machine::new(port.guest.name())?;
        lay_out(&mut machine)?;
        machine.load_elf(file)?;
        Simulated::start(machine, simulator, console, seed)
    }

    /// Loads a program that was assembled.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn of_source(
        program: &Assembled,
        console: Console,
        seed: Option<u64>,
    ) -> Result<Simulated, Error> {
        let guest = program.port.guest;
        let mut machine = Machine::new(guest.name())?;
        lay_out(&mut machine)?;
        // Who runs past the last instruction is met there by a call of the simulator.
        let mut text = program.text.clone();
        text.extend(program.kernel_call());
        machine.load(TEXT, &text)?;
        for (address, bytes) in &program.data {
            machine.memory().poke(*address, bytes)?;
        }
        machine.set_pc(program.entry);
        let mut simulated = Simulated::start(machine, program.simulator(), console, seed)?;
        simulated.end = Some(TEXT + program.text.len() as u64);
        Ok(simulated)
    }

    /// A program whose memory is filled, and whose pc is at its start.
    fn start(
        mut machine: Machine,
        simulator: &'static Simulator,
        console: Console,
        seed: Option<u64>,
    ) -> Result<Simulated, Error> {
        let guest = machine.guest();
        let core = machine.core();
        core.set_register(guest.stack_pointer(), STACK_POINTER);
        core.set_register(simulator.global_pointer, GLOBAL_POINTER);
        if let Some(slot) = return_address(guest) {
            core.set_register(slot, NOWHERE);
        }
        let has_gone = console.has_gone();
        let console = Arc::new(Mutex::new(console));
        let seat = Seat {
            terminal: Arc::new(Terminal::new(Arc::clone(&console), seed.is_some())),
            has_gone,
            stop: core.stop_flag(),
        };
        for place in PLACES {
            let device = Arc::clone(&seat.terminal);
            let memory = core.memory();
            memory.map_device(place, LENGTH, device, "[keyboard and display]")?;
        }
        Ok(Simulated {
            machine,
            services: Services::new(simulator, console, seed),
            seat,
            end: None,
        })
    }

    /// The keyboard, for a window.
    pub fn seat(&self) -> Seat {
        self.seat.clone()
    }

    /// The hart and its memory.
    pub fn machine(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// The hart.
    pub fn core(&mut self) -> &mut dyn Core {
        self.machine.core()
    }

    /// Runs at most this many instructions.
    pub fn run(&mut self, budget: u64) -> Halt {
        let start = self.machine.core().retired();
        // What traps does not retire.
        let mut calls = 0;
        let halt = loop {
            let done = self.machine.core().retired().wrapping_sub(start) + calls;
            let left = match budget {
                u64::MAX => u64::MAX,
                _ if done >= budget => break Halt::Budget,
                _ => budget - done,
            };
            calls += 1;
            match self.machine.run(left) {
                Stop::Budget => break Halt::Budget,
                Stop::Trap(Trap::Syscall) if Some(self.machine.pc()) == self.end => {
                    break Halt::RanPastEnd;
                }
                Stop::Trap(Trap::Syscall) => match self.services.serve(self.machine.core()) {
                    Ok(Then::Next) => self.step_over_call(),
                    Ok(Then::Exit(status)) => break Halt::Exited(status),
                    Err(error) => break Halt::Refused(error),
                },
                Stop::Trap(trap) if is_return(trap) => break Halt::Returned,
                Stop::Trap(trap) => break Halt::Trapped(trap),
                Stop::Requested if self.seat.has_gone() => break Halt::Exited(0),
                stop => break Halt::Stopped(stop),
            }
        };
        lock(&self.services.console).flush();
        halt
    }

    /// Goes on behind the instruction that called.
    fn step_over_call(&mut self) {
        let core = self.machine.core();
        let next = core.pc().wrapping_add(core.instruction_length());
        core.set_pc(next);
    }
}

/// Whether a program went back to where it was not called from.
fn is_return(trap: Trap) -> bool {
    matches!(trap, Trap::Fault(fault) if fault.intent == Intent::Execute && fault.address == NOWHERE)
}

/// The register of the return address.
pub fn return_address(guest: &dyn Guest) -> Option<Slot> {
    let mut registers = guest.register_files().iter().flat_map(|file| file.iter());
    let found = registers.find(|(_, register)| register.role == Role::ReturnAddress);
    found.map(|(slot, _)| slot)
}

/// Maps data and stack.
fn lay_out(machine: &mut Machine) -> Result<(), Error> {
    let writable = Protection::READ | Protection::WRITE;
    for part in [DATA, STACK] {
        machine.map(part.start, part.end - part.start, writable)?;
    }
    debug_assert!(DATA.start.is_multiple_of(PAGE));
    Ok(())
}
