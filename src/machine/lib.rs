//! The machine core: memory, registers, domains and engine. It knows no instruction set and no
//! operating system.

pub mod float;
pub mod memory;
