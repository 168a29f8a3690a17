//! Asking a running hart to come back.

use std::sync::atomic::{AtomicU8, Ordering};

/// Somebody wants [`Core::run`](crate::guest::Core::run) to return.
const ASKED: u8 = 1;
/// The hart is to look at the version of the code.
#[cfg(feature = "jit")]
const RENEWED: u8 = 2;

/// Makes a hart leave what it runs at the next block boundary. Raising it is async-signal-safe.
#[derive(Debug, Default)]
pub struct StopFlag(AtomicU8);

impl StopFlag {
    /// Has the hart's `run` return, or the next one if it does not run.
    pub fn raise(&self) {
        self.0.fetch_or(ASKED, Ordering::SeqCst);
    }

    /// Has the hart look at the version of the code, and run on.
    #[cfg(feature = "jit")]
    pub(crate) fn renew(&self) {
        self.0.fetch_or(RENEWED, Ordering::SeqCst);
    }

    /// Whether the hart has to look at this: quick.
    #[inline(always)]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Lowers it, and tells whether somebody asked.
    pub fn take(&self) -> bool {
        self.0.swap(0, Ordering::SeqCst) & ASKED != 0
    }

    /// The byte that is not zero while it is raised, for compiled code.
    #[cfg(feature = "jit")]
    pub(crate) fn byte(&self) -> *const AtomicU8 {
        &self.0
    }
}
