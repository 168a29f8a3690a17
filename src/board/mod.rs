//! A bare machine with devices: what `portolan run --machine bare` runs on. There is no operating system; the program has
//! the machine for itself, and everything is at the same place for every instruction set:
//!
//! | from | to | what |
//! |---|---|---|
//! | `0x00010000` | `0x0fffffff` | memory: programs, their data, and the stack, which begins at the end |
//! | `0x20000000` | as large as it is | the framebuffer: rows of pixels, each a word of 32 bits, `0x00RRGGBB` |
//! | `0x30000000` | `0x30005fff` | registers of devices, a page each: console, timer, clock, keyboard, display, power |
//!
//! Words have the byte order of the instruction set, those of the framebuffer and of registers, too. Nothing is protected: all
//! memory can be written and executed. What is elsewhere does not exist, and an access to it ends the program, as does
//! any other trap. `roms/src/bare.h` has all of this for programs in C; [`devices`] tells what each register does.

mod clock;
mod console;
pub mod devices;
mod halt;
mod load;

pub use clock::Clock;
pub use console::Console;
pub use devices::Power;
pub use halt::why;
pub use load::LoadError;

use crate::Error;
use crate::bare::Machine;
use crate::display::keys::Script;
use crate::display::{KeyEvent, Picture, Size};
use devices::Devices;
use portolan_machine::guest::Core;
use portolan_machine::memory::{PAGE, Protection};
use portolan_machine::trap::{Stop, Trap};
use std::ops::Range;
use std::sync::Arc;

/// Memory.
pub const RAM: Range<u64> = 0x0001_0000..0x1000_0000;
/// What the stack pointer is at first; what is above is for functions that look there for arguments.
pub const STACK_POINTER: u64 = RAM.end - 0x100;
/// Where the framebuffer begins.
pub const FRAMEBUFFER: u64 = 0x2000_0000;
/// Where registers of devices begin.
pub const REGISTERS: u64 = 0x3000_0000;

/// What a board is made with.
pub struct Options {
    /// How large the screen is.
    pub size: Size,
    /// Where the console's bytes come from and go to.
    pub console: Console,
    /// What time it is.
    pub clock: Clock,
    /// Keys that go down and up by themselves.
    pub keys: Script,
    /// The frame after which the power goes off, with status 0.
    pub frames: Option<u64>,
}

/// A bare machine with devices.
pub struct Board {
    machine: Machine,
    devices: Arc<Devices>,
}

/// Why a program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The power is off: the status that the program gave.
    Off(u8),
    /// An instruction trapped; the pc is at it.
    Trapped(Trap),
    /// The instructions granted are used up.
    Budget,
    /// Somebody raised the stop flag, or a breakpoint or watchpoint is met.
    Stopped(Stop),
}

/// What somebody who looks at the screen and has the keyboard can do, from any thread.
#[derive(Clone)]
pub struct Seat(Arc<Devices>);

impl Seat {
    /// The frame that was shown last, if it is another one than `seen`, which it becomes.
    pub fn new_frame(&self, seen: &mut u64) -> Option<Picture> {
        self.0.display.new_frame(seen)
    }

    /// A key goes down or up.
    pub fn key(&self, event: KeyEvent) {
        self.0.keyboard.push(event);
    }

    /// The power.
    pub fn power(&self) -> &Power {
        &self.0.power
    }
}

impl Board {
    /// A board of the instruction set with this name, its memory zero.
    ///
    /// # Errors
    /// If there is no such instruction set, or no memory.
    pub fn new(instruction_set: &str, options: Options) -> Result<Board, Error> {
        let mut machine = Machine::new(instruction_set)?;
        let everything = Protection::READ | Protection::WRITE | Protection::EXEC;
        machine.map(RAM.start, RAM.end - RAM.start, everything)?;
        let writable = Protection::READ | Protection::WRITE;
        machine.map(FRAMEBUFFER, options.size.bytes(), writable)?;
        let guest = machine.guest();
        let core = machine.core();
        core.set_register(guest.stack_pointer(), STACK_POINTER);
        let devices = Devices::new(options, core, guest.order());
        for (at, (name, device)) in (REGISTERS..)
            .step_by(PAGE as usize)
            .zip(Devices::all(&devices))
        {
            machine.memory().map_device(at, PAGE, device, name)?;
        }
        Ok(Board { machine, devices })
    }

    /// The screen and the keyboard.
    pub fn seat(&self) -> Seat {
        Seat(Arc::clone(&self.devices))
    }

    /// The hart.
    pub fn core(&mut self) -> &mut dyn Core {
        self.machine.core()
    }

    /// What the screen shows: the frame that was shown last, or if there was none, what the framebuffer holds.
    pub fn picture(&self) -> Picture {
        self.devices.display.picture()
    }

    /// Runs at most this many instructions. What the program has written to the console is out then.
    pub fn run(&mut self, budget: u64) -> Halt {
        let stop = self.machine.run(budget);
        self.devices.console.flush();
        match (self.devices.power.status(), stop) {
            (Some(status), _) => Halt::Off(status),
            (None, Stop::Trap(trap)) => Halt::Trapped(trap),
            (None, Stop::Budget) => Halt::Budget,
            (None, stop) => Halt::Stopped(stop),
        }
    }
}
