//! One guest address space: its mappings, its wall, and the accesses to it.
//!
//! # The wall
//!
//! A guest address is a plain 64-bit number, and the space is the addresses below
//! [`Memory::limit`]. No access, however wild its address or length, reads or writes anything
//! outside: it fails with a [`Fault`] that carries the original address. Addresses are compared,
//! never masked, so a wild pointer cannot land in valid memory. 32-bit guests zero-extend theirs.
//!
//! # Mappings and pages
//!
//! The table of mappings says which pages exist, what they may be used for, and what they show:
//! memory of their own, or a file. Changing it is as on Linux: ranges are whole pages, and a new
//! mapping replaces what was there. Beside it every page has a byte of *attributes*, its protection
//! and marks, which answers quickly what matters to each access; the mark of translated code is the
//! first of them (see [`Memory::mark_code`]). Pages can also belong to a [`Device`].
//!
//! Two backends hold the bytes. The *host* one (feature `host`, Linux on x86-64) reserves one
//! region of host addresses, to which guest addresses are offsets, and lets the host's memory
//! management check protections: a load costs a compare, the load, and a test. The *portable* one
//! is ordinary Rust and serves every other host. Both stand behind the same interface and give the
//! same faults.
//!
//! # Accesses
//!
//! Byte order belongs to the access, not to the memory: [`Access`] says size, sign and
//! [`Order`]. Misaligned accesses work, except atomic ones. Threads may race as on a real machine:
//! an aligned access is never torn, and orders at least as acquire and release do; nothing beyond
//! that is promised without [`Memory::rmw`], [`Memory::compare_exchange`], or a fence.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

mod access;
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
mod accesses;
mod attributes;
mod bulk;
mod code;
mod device;
mod fault;
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
mod files;
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
mod fixup;
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
mod host;
mod journal;
mod layout;
mod mappings;
#[cfg(not(all(feature = "host", target_os = "linux", target_arch = "x86_64")))]
mod portable;
mod protection;
mod refused;
mod saved;

pub use access::{Access, Order, Rmw};
pub use device::Device;
pub use fault::{Cause, Fault, Intent, MemoryError};
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
pub use files::SEGMENT_DEVICE;
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
pub use fixup::{FaultHandler, chain_fault_handler, set_sent_handler};
pub use journal::Journal;
pub use mappings::Mapping;
pub use protection::Protection;
pub use saved::{Saved, Unsaved};

#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
use host::Space;
use mappings::Mappings;
#[cfg(not(all(feature = "host", target_os = "linux", target_arch = "x86_64")))]
use portable::Space;

/// Size of a guest page in bytes.
pub const PAGE: u64 = 4096;

/// One guest address space; harts and threads share it by reference.
pub struct Memory {
    /// The bytes and attributes of the pages: the backend.
    space: Space,
    table: Mutex<Table>,
    code_version: AtomicU64,
    device_accesses: AtomicU64,
    /// Who is told of changes that no instruction makes.
    journal: OnceLock<Arc<dyn Journal>>,
}

/// What is known of the pages. Whoever changes them in any way holds its lock.
#[derive(Default)]
struct Table {
    mappings: Mappings,
    /// Numbers of the pages whose attributes bear the mark of translated code.
    code: BTreeSet<u64>,
    /// Few: they are looked through where an access was refused.
    devices: Vec<device::Attached>,
    /// How many objects of shared anonymous memory were mapped: their serial numbers.
    #[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
    objects: u64,
}

impl Memory {
    /// An empty space of 2^`address_bits` bytes, or as much of that as the host can reserve: see
    /// [`Memory::limit`].
    ///
    /// # Errors
    ///
    /// [`MemoryError::NoMemory`] if the host refuses even a small space.
    pub fn new(address_bits: u32) -> Result<Memory, MemoryError> {
        Ok(Memory {
            space: Space::reserve(address_bits)?,
            table: Mutex::default(),
            code_version: AtomicU64::new(0),
            device_accesses: AtomicU64::new(0),
            journal: OnceLock::new(),
        })
    }

    /// The first address outside the space, a multiple of [`PAGE`].
    #[inline(always)]
    pub fn limit(&self) -> u64 {
        self.space.limit()
    }

    /// How far from address 0 on host addresses belong to this memory, in bytes: beyond [`Memory::limit`] they
    /// are inaccessible for good.
    #[cfg(feature = "jit")]
    pub(crate) fn reserved(&self) -> u64 {
        self.space.reserved()
    }

    /// Loads from `address`, at any alignment; the value is extended to 64 bits.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Read`] at the first byte that cannot be read.
    #[inline(always)]
    pub fn load(&self, a: Access, address: u64) -> Result<u64, Fault> {
        match self.space.load(a, address) {
            Some(value) => Ok(value),
            None => self.load_refused(a, address),
        }
    }

    /// Stores the low bytes of `value` at `address`, at any alignment.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Write`] at the first byte that cannot be written; then nothing
    /// is.
    #[inline(always)]
    pub fn store(&self, a: Access, address: u64, value: u64) -> Result<(), Fault> {
        match self.space.store(a, address, value) {
            Some(()) => Ok(()),
            None => self.store_refused(a, address, value),
        }
    }

    /// A store as [`Memory::store`] tries it first. None says that something is in its way.
    #[inline(always)]
    pub(crate) fn try_store(&self, a: Access, address: u64, value: u64) -> Option<()> {
        self.space.store(a, address, value)
    }

    /// The same of [`Memory::rmw`].
    #[inline(always)]
    pub(crate) fn try_rmw(&self, a: Access, op: Rmw, address: u64, operand: u64) -> Option<u64> {
        self.space.rmw(a, op, address, operand)
    }

    /// The same of [`Memory::compare_exchange`].
    #[inline(always)]
    pub(crate) fn try_compare_exchange(
        &self,
        a: Access,
        address: u64,
        expected: u64,
        new: u64,
    ) -> Option<u64> {
        self.space.compare_exchange(a, address, expected, new)
    }

    /// Replaces the value at `address` by what `op` makes of it and `operand`, as one atomic and
    /// sequentially consistent step, at any alignment. The result is the old value, extended to 64
    /// bits.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Write`].
    #[inline]
    pub fn rmw(&self, a: Access, op: Rmw, address: u64, operand: u64) -> Result<u64, Fault> {
        match self.space.rmw(a, op, address, operand) {
            Some(old) => Ok(old),
            None => self.rmw_refused(a, op, address, operand),
        }
    }

    /// Replaces the value at `address` by `new` if its bytes are those of `expected`, as one atomic
    /// and sequentially consistent step. The result is the old value, extended to 64 bits.
    ///
    /// # Errors
    ///
    /// As [`Memory::rmw`], whether or not the values are equal.
    #[inline]
    pub fn compare_exchange(
        &self,
        a: Access,
        address: u64,
        expected: u64,
        new: u64,
    ) -> Result<u64, Fault> {
        match self.space.compare_exchange(a, address, expected, new) {
            Some(old) => Ok(old),
            None => self.compare_exchange_refused(a, address, expected, new),
        }
    }

    /// Replaces the 16 bytes at `address` by the two words of `new`, the lower one first, if they are
    /// those of `expected`, as one atomic and sequentially consistent step. Tells whether they were.
    ///
    /// # Errors
    ///
    /// As [`Memory::rmw`], whether or not they were; of cause [`Cause::Bus`] if `address` is not a
    /// multiple of 16.
    #[inline]
    pub fn compare_exchange_pair(
        &self,
        address: u64,
        expected: [u64; 2],
        new: [u64; 2],
    ) -> Result<bool, Fault> {
        if !address.is_multiple_of(16) {
            return Err(Fault {
                address,
                intent: Intent::Write,
                cause: Cause::Bus,
            });
        }
        match self.space.compare_exchange_pair(address, expected, new) {
            Some(done) => Ok(done),
            None => self.compare_exchange_pair_refused(address, expected, new),
        }
    }

    /// How often translated code may have become stale: see [`Memory::mark_code`].
    #[inline(always)]
    pub fn code_version(&self) -> u64 {
        self.code_version.load(Ordering::Acquire)
    }

    /// Holds back every change of the mappings until the result is dropped. A process that is about
    /// to fork(2) holds this across it, so that the child never inherits a half-made change.
    pub fn quiesce(&self) -> Quiesced<'_> {
        Quiesced {
            _table: self.table(),
        }
    }

    /// The host address of guest address 0.
    #[cfg(all(feature = "jit", target_os = "linux", target_arch = "x86_64"))]
    pub(crate) fn base(&self) -> *const u8 {
        self.space.base()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere does not make the table wrong: it is consistent between calls.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds back changes of the mappings while it lives: see [`Memory::quiesce`].
pub struct Quiesced<'a> {
    _table: MutexGuard<'a, Table>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("limit", &format_args!("{:#x}", self.limit()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Quiesced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quiesced").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
