//! Any architecture for gdbstub: what it has to know of one is data of the guest, read when a
//! session is under way, so that its types say nothing.

use gdbstub::arch::{Arch, RegId, Registers};
use std::num::NonZeroUsize;

/// Whatever architecture the guest has. Addresses of narrower guests are extended with zeros.
pub enum AnyArch {}

impl Arch for AnyArch {
    type Usize = u64;
    type Registers = AllRegisters;
    type BreakpointKind = usize;
    type RegId = Number;
}

/// gdb's number of a register: its position in the target description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub usize);

impl RegId for Number {
    fn from_raw_id(id: usize) -> Option<(Number, Option<NonZeroUsize>)> {
        Some((Number(id), None))
    }

    fn to_raw_id(&self) -> Option<usize> {
        Some(self.0)
    }
}

/// The bytes of all registers, in the order of the target description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllRegisters(pub Vec<u8>);

impl Registers for AllRegisters {
    type ProgramCounter = u64;

    /// Not asked for: gdb looks it up by its number.
    fn pc(&self) -> u64 {
        0
    }

    fn gdb_serialize(&self, mut write_byte: impl FnMut(Option<u8>)) {
        for &byte in &self.0 {
            write_byte(Some(byte));
        }
    }

    fn gdb_deserialize(&mut self, bytes: &[u8]) -> Result<(), ()> {
        self.0 = bytes.to_vec();
        Ok(())
    }
}
