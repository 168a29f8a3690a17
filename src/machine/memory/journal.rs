//! Telling somebody of what is about to change other than by an instruction: by the kernel, the loader or a
//! debugger. Who undoes steps needs it.

use std::ops::Range;
use std::sync::Arc;

use super::Memory;

/// Is told before bytes or mappings change. It may read the memory, and must not change it.
pub trait Journal: Send + Sync {
    /// These bytes, as far as they are mapped, may be about to be written: it is not known how many of them will be.
    fn writes(&self, memory: &Memory, address: u64, length: u64);

    /// The mappings of these whole pages are about to change, or their protection.
    fn maps(&self, memory: &Memory, pages: Range<u64>);
}

impl Memory {
    /// Has somebody told from now on. False: somebody else is told already.
    pub fn set_journal(&self, journal: Arc<dyn Journal>) -> bool {
        self.journal.set(journal).is_ok()
    }

    #[inline]
    pub(super) fn tell_writes(&self, address: u64, length: u64) {
        if let Some(journal) = self.journal.get() {
            journal.writes(self, address, length);
        }
    }

    /// Before the table is locked: the journal reads.
    #[inline]
    pub(super) fn tell_maps(&self, pages: &Range<u64>) {
        if let Some(journal) = self.journal.get()
            && !pages.is_empty()
        {
            journal.maps(self, pages.clone());
        }
    }
}
