//! Changing and asking the mappings.

use std::ops::Range;

use super::{Mapping, Memory, MemoryError, PAGE, Protection};

/// Addresses are multiples of [`PAGE`], lengths are bytes and count as the pages they touch; a
/// length of zero does nothing. All changing methods fail with [`MemoryError::Misaligned`] or
/// [`MemoryError::OutsideSpace`] for addresses that cannot be, and with [`MemoryError::NoMemory`]
/// or [`MemoryError::Host`] when the host refuses.
impl Memory {
    /// Maps zeros, private to this space, in place of whatever was there. Host memory is only
    /// spent on the pages that are stored to.
    ///
    /// # Errors
    ///
    /// As described above.
    pub fn map(
        &self,
        start: u64,
        length: u64,
        protection: Protection,
        name: &str,
    ) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        self.tell_maps(&range);
        let mut table = self.table();
        self.disturb_code(&mut table, &range);
        table.detach_devices(&range);
        let mapped = self.space.map(&range, protection);
        // As with mmap, what was there is lost even if nothing can take its place.
        table.mappings.remove(&range);
        mapped?;
        let mapping = Mapping::anonymous(range, protection, name);
        table.mappings.insert(mapping);
        Ok(())
    }

    /// Removes what is mapped in the range; holes in it are fine.
    ///
    /// # Errors
    ///
    /// As described above.
    pub fn unmap(&self, start: u64, length: u64) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        self.tell_maps(&range);
        let mut table = self.table();
        self.disturb_code(&mut table, &range);
        table.detach_devices(&range);
        self.space.unmap(&range)?;
        table.mappings.remove(&range);
        Ok(())
    }

    /// Changes what the guest may do with the pages of the range.
    ///
    /// # Errors
    ///
    /// [`MemoryError::Unmapped`] if there is a hole; then nothing is changed.
    pub fn protect(
        &self,
        start: u64,
        length: u64,
        protection: Protection,
    ) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        self.tell_maps(&range);
        let mut table = self.table();
        if let Some(address) = table.mappings.first_hole(&range) {
            return Err(MemoryError::Unmapped { address });
        }
        self.disturb_code(&mut table, &range);
        table.detach_devices(&range);
        if let Err(error) = self.space.protect(&range, protection) {
            // The host may have changed some of the pages.
            for part in table.mappings.parts(&range) {
                let before = part.start..part.end;
                self.space.protect(&before, part.protection).ok();
            }
            return Err(error);
        }
        table
            .mappings
            .change(&range, |mapping| mapping.protection = protection);
        Ok(())
    }

    /// Moves the pages of `old..old + old_length` to `new`, in place of whatever was there, and
    /// cuts them off or continues them to `new_length` bytes. Where `new` is `old`, they stay and
    /// only the length changes.
    ///
    /// # Errors
    ///
    /// [`MemoryError::Unmapped`] if there is a hole in the old range; [`MemoryError::Overlap`] if
    /// the old and the new range are different but overlap.
    pub fn remap(
        &self,
        old: u64,
        old_length: u64,
        new: u64,
        new_length: u64,
    ) -> Result<(), MemoryError> {
        let source = self.pages(old, old_length)?;
        let target = self.pages(new, new_length)?;
        if old != new && source.start < target.end && target.start < source.end {
            return Err(MemoryError::Overlap);
        }
        self.tell_maps(&source);
        self.tell_maps(&target);
        let mut table = self.table();
        if let Some(address) = table.mappings.first_hole(&source) {
            return Err(MemoryError::Unmapped { address });
        }
        self.disturb_code(&mut table, &source);
        self.disturb_code(&mut table, &target);
        table.detach_devices(&source);
        table.detach_devices(&target);
        let kept = (source.end - source.start).min(target.end - target.start);
        let (moved, cut) = (
            source.start..source.start + kept,
            source.start + kept..source.end,
        );
        self.space.unmap(&cut)?;
        table.mappings.remove(&cut);
        if old != new {
            self.space.unmap(&target)?;
            table.mappings.remove(&target);
            let parts: Vec<Mapping> = table.mappings.parts(&moved).collect();
            for part in parts {
                let target = part.start - moved.start + target.start;
                self.space.relocate(&part, target)?;
                table.mappings.relocate(&(part.start..part.end), target);
            }
        }
        let arrived = target.start..target.start + kept;
        if arrived.end < target.end
            && let Some(last) = table.mappings.parts(&arrived).last()
        {
            self.space.extend(&last, target.end)?;
            table.mappings.insert(Mapping {
                end: target.end,
                ..last
            });
        }
        Ok(())
    }

    /// Renames the mappings in the range; holes in it are fine.
    ///
    /// # Errors
    ///
    /// As described above.
    pub fn set_name(&self, start: u64, length: u64, name: &str) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        self.table()
            .mappings
            .change(&range, |mapping| mapping.name = name.into());
        Ok(())
    }

    /// The highest address where `length` bytes are free that all lie in `low..high`.
    pub fn find_free(&self, length: u64, low: u64, high: u64) -> Option<u64> {
        let within = low.checked_next_multiple_of(PAGE)?..high.min(self.limit()) / PAGE * PAGE;
        let length = length.checked_next_multiple_of(PAGE)?;
        self.table().mappings.highest_gap(length, &within)
    }

    /// The lowest address from `from` on where `length` bytes are free.
    pub fn find_free_above(&self, length: u64, from: u64) -> Option<u64> {
        let within = from.checked_next_multiple_of(PAGE)?..self.limit();
        let length = length.checked_next_multiple_of(PAGE)?;
        self.table().mappings.lowest_gap(length, &within)
    }

    /// Whether the whole range lies inside the space and nothing is mapped in it.
    pub fn is_free(&self, start: u64, length: u64) -> bool {
        let Some(end) = start.checked_add(length) else {
            return false;
        };
        end <= self.limit() && self.table().mappings.is_free(&(start..end))
    }

    /// All mappings in order of address, joined where they continue each other.
    pub fn mappings(&self) -> Vec<Mapping> {
        self.table().mappings.iter().cloned().collect()
    }

    /// The protection of the page that `address` lies in; `None` where nothing is mapped.
    pub fn protection_at(&self, address: u64) -> Option<Protection> {
        self.table()
            .mappings
            .at(address)
            .map(|mapping| mapping.protection)
    }

    /// The whole pages of a range, checked.
    pub(super) fn pages(&self, start: u64, length: u64) -> Result<Range<u64>, MemoryError> {
        if !start.is_multiple_of(PAGE) {
            return Err(MemoryError::Misaligned { address: start });
        }
        let end = length
            .checked_next_multiple_of(PAGE)
            .and_then(|length| start.checked_add(length))
            .filter(|end| *end <= self.limit())
            .ok_or(MemoryError::OutsideSpace { start, length })?;
        Ok(start..end)
    }

    /// The whole pages of a range, if all of it is beyond the wall.
    pub(super) fn pages_beyond(&self, start: u64, length: u64) -> Option<Range<u64>> {
        let end = start.checked_add(length.checked_next_multiple_of(PAGE)?)?;
        (start.is_multiple_of(PAGE) && start >= self.limit()).then_some(start..end)
    }
}
