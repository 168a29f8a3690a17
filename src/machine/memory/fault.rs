//! How an access or a change of the mappings fails.

use std::fmt;

use thiserror::Error;

/// What an access was about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Load data.
    Read,
    /// Store data; atomic read-modify-writes are writes.
    Write,
    /// Fetch an instruction.
    Execute,
}

/// Why an access could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Nothing is mapped at the address, or it lies outside the space (SIGSEGV, SEGV_MAPERR).
    Unmapped,
    /// The page's protection forbids it (SIGSEGV, SEGV_ACCERR).
    Protection,
    /// The page is mapped, but has nothing behind it: a file that ends before it, or an atomic
    /// access to a misaligned address (SIGBUS).
    Bus,
}

/// An access that did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("{intent} at {address:#x}: {cause}")]
pub struct Fault {
    /// The guest address of the first byte that could not be accessed, never masked or truncated.
    pub address: u64,
    /// What was to be done there.
    pub intent: Intent,
    /// Why it could not be.
    pub cause: Cause,
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Intent::Read => "read",
            Intent::Write => "write",
            Intent::Execute => "execution",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::Unmapped => "nothing is mapped there",
            Cause::Protection => "the page's protection forbids it",
            Cause::Bus => "bus error",
        })
    }
}

/// Why the mappings could not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// An address that must be a multiple of the page size is not.
    #[error("{address:#x} is not a multiple of the page size")]
    Misaligned {
        /// The address.
        address: u64,
    },
    /// A range reaches outside the address space.
    #[error("{length:#x} bytes at {start:#x} reach outside the address space")]
    OutsideSpace {
        /// First address of the range.
        start: u64,
        /// Its length in bytes.
        length: u64,
    },
    /// A range that must be mapped throughout has a hole.
    #[error("nothing is mapped at {address:#x}")]
    Unmapped {
        /// First address of the hole.
        address: u64,
    },
    /// The source and the target of a move overlap.
    #[error("source and target of the move overlap")]
    Overlap,
    /// The host has no memory or no address space left.
    #[error("the host is out of memory or address space")]
    NoMemory,
    /// The host refused for another reason.
    #[error("the host refused (errno {errno})")]
    Host {
        /// The host's error number.
        errno: i32,
    },
}
