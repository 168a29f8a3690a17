//! Keeping a range of pages as it is, mappings and bytes, and putting it back.

use std::ops::Range;

use super::{Intent, Mapping, Memory, MemoryError, PAGE, Protection, Table};
use thiserror::Error;

/// A range of pages as it was.
pub struct Saved {
    range: Range<u64>,
    parts: Vec<Mapping>,
    /// The pages that are not all zero.
    pages: Vec<(u64, Box<[u8]>)>,
}

impl Saved {
    /// The bytes of the host's memory that it takes.
    pub fn size(&self) -> usize {
        self.pages.len() * (PAGE as usize + 64) + self.parts.len() * size_of::<Mapping>()
    }

    /// The pages.
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }
}

/// Why a range of pages cannot be put back as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unsaved {
    /// Others see the same bytes, or it is a device's.
    #[error("the memory at {0:#x} is shared")]
    Shared(u64),
    /// There is more than was allowed.
    #[error("the mappings at {0:#x} are too large to be kept")]
    TooLarge(u64),
    /// The host refused.
    #[error(transparent)]
    Host(#[from] MemoryError),
}

impl Memory {
    /// Whether [`Memory::save`] can keep these whole pages, at most `most` bytes.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub fn can_save(&self, range: &Range<u64>, most: u64) -> Result<(), Unsaved> {
        Self::savable(&self.table(), range, most)
    }

    fn savable(table: &Table, range: &Range<u64>, most: u64) -> Result<(), Unsaved> {
        let mut mapped = 0;
        for part in table.mappings.parts(range) {
            if part.shared || table.device_at(part.start).is_some() {
                return Err(Unsaved::Shared(part.start));
            }
            mapped += part.end - part.start;
        }
        match mapped > most {
            true => Err(Unsaved::TooLarge(range.start)),
            false => Ok(()),
        }
    }

    /// Keeps the whole pages of a range, at most `most` bytes of which are mapped.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub fn save(&self, range: Range<u64>, most: u64) -> Result<Saved, Unsaved> {
        let mut table = self.table();
        Self::savable(&table, &range, most)?;
        let parts: Vec<Mapping> = table.mappings.parts(&range).collect();
        let mut pages = Vec::new();
        for part in &parts {
            let within = part.start..part.end;
            // What is there comes to light again when the protection changes.
            let hidden = !part.protection.permits(Intent::Read);
            if hidden {
                self.disturb_code(&mut table, &within);
                self.space.protect(&within, Protection::READ)?;
            }
            for page in within.clone().step_by(PAGE as usize) {
                let mut bytes = vec![0; PAGE as usize];
                // Nothing is behind the end of a file.
                let count = self.space.copy_out(page, &mut bytes);
                if count == bytes.len() && bytes.iter().any(|byte| *byte != 0) {
                    pages.push((page, bytes.into_boxed_slice()));
                }
            }
            if hidden {
                self.space.protect(&within, part.protection)?;
            }
        }
        Ok(Saved {
            range,
            parts,
            pages,
        })
    }

    /// Puts pages back as they were. What was a private view of a file is a copy of its bytes from then on, under
    /// the same name.
    ///
    /// # Errors
    ///
    /// What the host refused; then less is mapped than before.
    pub fn put_back(&self, saved: &Saved) -> Result<(), MemoryError> {
        let mut table = self.table();
        self.disturb_code(&mut table, &saved.range);
        self.space.unmap(&saved.range)?;
        table.mappings.remove(&saved.range);
        for part in &saved.parts {
            self.space.map(&(part.start..part.end), part.protection)?;
            table.mappings.insert(part.clone());
        }
        for (page, bytes) in &saved.pages {
            self.space.poke(*page, bytes)?;
        }
        Ok(())
    }
}
