//! Portolan runs, steps and explains programs of foreign instruction sets.
//!
//! Three things to hold:
//!
//! * [`Machine`]: a bare hart with its memory; traps and system calls come back to the caller.
//! * `Process`: a Linux program, with the feature `host`.
//! * [`Session`]: either of them under control, stepped and stopped at will.
//!
//! ```
//! use portolan::{Machine, Stop, Trap};
//!
//! // addi a0, a0, 2; ecall
//! let code = [0x13, 0x05, 0x25, 0x00, 0x73, 0x00, 0x00, 0x00];
//! let mut machine = Machine::new("riscv64")?;
//! machine.load(0x1000, &code)?;
//! machine.set_pc(0x1000);
//! machine.set_register("a0", 40)?;
//! machine.on_instruction(|graph| println!("{:#x}", graph.pc));
//! assert_eq!(machine.run(1000), Stop::Trap(Trap::Syscall));
//! assert_eq!(machine.register("a0")?, 42);
//! # Ok::<(), portolan::Error>(())
//! ```
//!
//! The names of all guests are those of [`guests::names`]. Nothing else differs:
//!
//! ```
//! use portolan::{Machine, Stop, Trap};
//!
//! // addiu v0, a0, 2; break: the highest byte first
//! let code = [0x24, 0x82, 0x00, 0x02, 0x00, 0x00, 0x00, 0x0d];
//! let mut machine = Machine::new("mips")?;
//! machine.load(0x1000, &code)?;
//! machine.set_pc(0x1000);
//! machine.set_register("a0", 40)?;
//! assert_eq!(machine.run(1000), Stop::Trap(Trap::Breakpoint));
//! assert_eq!(machine.register("v0")?, 42);
//! # Ok::<(), portolan::Error>(())
//! ```

pub mod assembler;
mod bare;
pub mod board;
pub mod debug;
pub mod display;
pub mod guests;
mod input;
#[cfg(feature = "host")]
pub mod lab;
#[cfg(feature = "host")]
pub mod measure;
#[cfg(feature = "host")]
mod process;
pub mod simulator;
pub mod view;

pub use bare::Machine;
pub use debug::session::{Event, Program, Session};
pub use portolan_machine::engine::{Call, MemoryAccess};
pub use portolan_machine::guest::{Core, Guest};
pub use portolan_machine::memory::{Access, Fault, Intent, Memory, MemoryError, Protection};
pub use portolan_machine::trap::{Stop, Trap};
#[cfg(feature = "host")]
pub use process::Process;

use thiserror::Error;

/// What can go wrong when a machine is built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No instruction set has this name.
    #[error("no instruction set is called {0:?}; known are: {known}", known = guests::names())]
    UnknownGuest(String),
    /// No register has this name.
    #[error("{guest} has no register {name:?}")]
    UnknownRegister {
        /// The name asked for.
        name: String,
        /// The instruction set.
        guest: &'static str,
    },
    /// A mapping could not be made.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Memory that is not mapped was to be filled.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A file is no ELF file, or a damaged one.
    #[error("not a usable ELF file: {0}")]
    Elf(object::read::Error),
    /// A file is of an instruction set that a simulator is not for.
    #[error("--machine {simulator} is not for {guest}; {hint}", hint = guests::simulators())]
    NotSimulated {
        /// The file's instruction set.
        guest: &'static str,
        /// The simulator.
        simulator: String,
    },
    /// A file is of a machine without a guest.
    #[error("it is for a machine that is not known; known are: {known}", known = guests::names())]
    UnknownMachine,
}
