//! Translated code: noticing that the bytes it was made from change.

use std::ops::Range;
use std::sync::atomic::Ordering;

use super::attributes::Attributes;
use super::{Intent, Mapping, Memory, PAGE, Table};

impl Memory {
    /// Says that the engine is about to translate the `length` bytes at `address`: from now on, a
    /// change of their pages by a store, a poke or a change of the mappings raises
    /// [`Memory::code_version`]. The first change of a page takes its mark away again.
    ///
    /// Whoever keeps a translation takes these steps in this order, so that no change is lost: read
    /// the version; mark; read the bytes; label the translation with the version read; use it only
    /// while that is still the version.
    ///
    /// Stores through *another* mapping of the same file or shared memory are not noticed.
    ///
    /// # Panics
    ///
    /// If the host cannot write-protect the pages, which only an exhausted kernel refuses.
    pub fn mark_code(&self, address: u64, length: u64) {
        let end = address.saturating_add(length).min(self.limit());
        let pages = address / PAGE..end.div_ceil(PAGE);
        if pages
            .clone()
            .all(|page| self.space.attributes(page).has(Attributes::CODE))
        {
            return;
        }
        let mut table = self.table();
        let range = pages.start * PAGE..pages.end * PAGE;
        let parts: Vec<Mapping> = table.mappings.parts(&range).collect();
        for page in parts
            .iter()
            .flat_map(|part| part.start / PAGE..part.end / PAGE)
        {
            if !table.code.contains(&page) {
                self.set_code(&mut table, page, true);
            }
        }
    }

    /// If bytes that are about to be stored to are marked, and the program may store to them, takes the
    /// marks away, makes the translations stale, and tells so.
    pub fn unmark_code(&self, address: u64, length: u64) -> bool {
        let end = address.saturating_add(length).min(self.limit());
        let mut pages = address / PAGE..end.div_ceil(PAGE);
        if !pages.any(|page| self.space.attributes(page).has(Attributes::CODE)) {
            return false;
        }
        let mut table = self.table();
        let writable = self.permitted(&table, address, length, Intent::Write) == length;
        writable && self.disturb_code(&mut table, &(address..end))
    }

    /// Makes all translations stale, as an instruction or a call that flushes the instruction cache
    /// demands.
    pub fn invalidate_code(&self) {
        self.code_version.fetch_add(1, Ordering::AcqRel);
    }

    /// The bytes or the mapping of the pages in `range` are about to change: takes the marks of
    /// translated code away, and makes the translations stale if there were any, which it tells.
    pub(super) fn disturb_code(&self, table: &mut Table, range: &Range<u64>) -> bool {
        let pages = range.start / PAGE..range.end.div_ceil(PAGE);
        let marked: Vec<u64> = table.code.range(pages).copied().collect();
        for page in &marked {
            self.set_code(table, *page, false);
        }
        if !marked.is_empty() {
            self.invalidate_code();
        }
        !marked.is_empty()
    }

    fn set_code(&self, table: &mut Table, page: u64, marked: bool) {
        let mut pages = page..page + 1;
        let mut change = self.space.set_code(&pages, marked);
        if change.is_err()
            && let Some(mapping) = table.mappings.at(page * PAGE)
        {
            // The host may be out of mappings, of which a page on its own takes up to two more;
            // treating all the guest's mapping alike takes none.
            pages = mapping.start / PAGE..mapping.end / PAGE;
            change = self.space.set_code(&pages, marked);
        }
        if let Err(error) = change {
            panic!(
                "cannot change the host's protection of {:#x}: {error}",
                page * PAGE
            );
        }
        for page in pages {
            if marked {
                table.code.insert(page);
            } else {
                table.code.remove(&page);
            }
        }
    }
}
