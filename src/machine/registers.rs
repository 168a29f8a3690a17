//! Register files as data, and the slots that hold a hart's registers.

use std::cell::Cell;

/// The index of a 64-bit slot of a hart. An instruction set assigns slots to its registers; a
/// wider register has several in a row.
pub type Slot = u8;

/// The number of slots of every hart: whatever a `Slot` can name, so that no access needs a
/// bounds check.
pub const SLOTS: usize = 256;

/// The registers of one hart: data without meaning, which an instruction set gives.
#[derive(Clone)]
pub struct Registers([Cell<u64>; SLOTS]);

impl Default for Registers {
    fn default() -> Self {
        Registers([const { Cell::new(0) }; SLOTS])
    }
}

impl Registers {
    /// Where a slot is, in bytes from the start.
    #[cfg(feature = "jit")]
    pub(crate) const fn offset(slot: Slot) -> usize {
        size_of::<Cell<u64>>() * slot as usize
    }

    /// The contents of a slot.
    #[inline(always)]
    pub fn read(&self, slot: Slot) -> u64 {
        self.0[usize::from(slot)].get()
    }

    /// Replaces the contents of a slot.
    #[inline(always)]
    pub fn write(&self, slot: Slot, value: u64) {
        self.0[usize::from(slot)].set(value);
    }
}

impl PartialEq for Registers {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl std::fmt::Debug for Registers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let set = (0..=Slot::MAX)
            .map(|slot| (slot, self.read(slot)))
            .filter(|&(_, v)| v != 0);
        f.debug_map().entries(set).finish()
    }
}

/// A family of registers with the same width, as the manual introduces it.
#[derive(Debug)]
pub struct RegisterFile {
    /// A short lower-case name: `x`, `f`, `csr`.
    pub name: &'static str,
    /// What the manual calls it.
    pub title: &'static str,
    /// The slot of the first register; each register takes as many slots as hold its bits.
    pub first: Slot,
    /// Width of each register in bits.
    pub bits: u16,
    /// How values are best shown.
    pub kind: Kind,
    /// The registers in order of their numbers.
    pub registers: &'static [Register],
}

/// How the values of a register file are best shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Integers and addresses.
    Integer,
    /// Floating-point numbers.
    Float,
    /// Flags and modes.
    Control,
}

/// One register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// The manual's name: `x2`.
    pub name: &'static str,
    /// The calling convention's name: `sp`. The same as `name` where it has none.
    pub abi: &'static str,
    /// What the calling convention uses it for.
    pub role: Role,
}

/// A register, as a row of a table.
pub const fn register(name: &'static str, abi: &'static str, role: Role) -> Register {
    Register { name, abi, role }
}

/// What a calling convention uses a register for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Always zero.
    Zero,
    /// Return address.
    ReturnAddress,
    /// Stack pointer.
    StackPointer,
    /// Frame pointer; the callee keeps it.
    FramePointer,
    /// Global pointer.
    GlobalPointer,
    /// Thread pointer.
    ThreadPointer,
    /// The n-th argument, counted from 0; the first ones also return results.
    Argument(u8),
    /// The callee keeps it.
    Saved,
    /// A call may change it.
    Temporary,
    /// Status and control.
    Control,
}

impl RegisterFile {
    /// The slots that one register takes.
    pub const fn stride(&self) -> u8 {
        self.bits.div_ceil(64) as u8
    }

    /// The register whose first slot this is.
    pub fn at(&self, slot: Slot) -> Option<&'static Register> {
        let offset = slot.checked_sub(self.first)?;
        if !offset.is_multiple_of(self.stride()) {
            return None;
        }
        self.registers.get(usize::from(offset / self.stride()))
    }

    /// The registers with the first slot of each.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &'static Register)> + use<> {
        let (first, stride) = (self.first, self.stride());
        (0u8..)
            .zip(self.registers)
            .map(move |(n, register)| (first + n * stride, register))
    }
}
