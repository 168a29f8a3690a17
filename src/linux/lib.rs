//! The Linux personality: what a user program sees of a kernel. It knows no instruction set.
//!
//! An instruction set brings an [`Abi`]: numbers, structure layouts, registers, all data but for
//! a few short functions. With it, [`Process::load`] makes a process from an ELF file, and
//! [`Thread::run`] runs it: the hart executes until an instruction traps, the personality does
//! what the kernel would do, and the hart goes on.
//!
//! | module | subject |
//! |---|---|
//! | [`abi`], [`generic`] | what an instruction set brings; the tables that most share |
//! | [`layout`], [`constants`], [`errno`] | structures, flags and errors as data |
//! | [`personality`] | an ABI parsed and indexed |
//! | [`loader`] | from a file to a program in memory |
//! | [`process`], [`thread`], `threads`, [`exec`] | what runs; execve |
//! | [`signals`] | dispositions, masks, delivery |
//! | [`scheduler`] | where threads sleep |
//! | [`seeded`] | what is the same in every run, if wanted |
//! | [`paths`] | the sysroot, and `/proc/self` |
//! | [`screen`] | `/dev/fb0` and `/dev/input/event0` |
//! | [`user`] | the guest's memory as calls see it |
//! | [`syscalls`] | the calls, one handler each |
//! | [`strace`] | the calls written down |
//! | [`host`] | the host's kernel: the only `unsafe` code |

pub mod abi;
pub mod constants;
pub mod errno;
pub mod exec;
pub mod generic;
pub mod host;
pub mod layout;
pub mod loader;
pub mod paths;
pub mod personality;
pub mod process;
pub mod scheduler;
pub mod screen;
pub mod seeded;
pub mod signals;
pub mod strace;
pub mod syscalls;
pub mod thread;
mod threads;
pub mod user;

#[cfg(test)]
mod testing;

pub use abi::Abi;
pub use errno::Errno;
pub use loader::LoadError;
pub use process::{Command, Options, Process};
pub use thread::{Death, Exit, Progress, Thread};
pub use threads::{Order, Orders, Report, Totals};
