//! The machine core: memory, registers, domains and engine. It knows no instruction set and no
//! operating system.
//!
//! An instruction set implements [`guest::Isa`]. From it the machine makes a [`guest::Guest`],
//! which views read, and [`guest::Core`]s, which run.

pub mod assembly;
pub mod convention;
pub mod cpu_time;
pub mod domain;
pub mod encoding;
pub mod engine;
pub mod float;
pub mod gdb;
pub mod graph;
pub mod guest;
pub mod hart;
#[cfg(all(feature = "jit", target_os = "linux", target_arch = "x86_64"))]
mod jit;
pub mod memory;
pub mod registers;
pub mod run;
pub mod simulator;
pub mod stop;
pub mod trap;
