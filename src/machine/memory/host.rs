//! The host backend: one reserved region of host addresses, managed by the host's kernel.
//!
//! Invariants, on which every `unsafe` in this subject stands:
//!
//! - The region is the guest's alone from [`Space::reserve`] to drop: `GUARD` bytes, the space, for a small
//!   space all further addresses of 32 bits if the host has room, and at least `GUARD` bytes again. Guest address `a` is host address `base + a`.
//! - All of it is mapped at every moment, at least as inaccessible pages: what is unmapped for the
//!   guest is *sealed*, never given back, or the host could put something of its own there. Where
//!   the kernel has no single call for a change, pages are made ready elsewhere and moved in.
//! - The guard zones, and what is between the space and them, are never made accessible.
//! - Guest memory is touched by the primitives of `accesses.rs` alone. Pages are never executable
//!   for the host.
//!
//! The host's protection of a page is the guest's without EXEC, and without WRITE while the page is
//! marked as code. After fork(2) the kernel keeps private pages private to each process and shared
//! ones shared, as the guest expects; the region is at the same place in both.

use std::ffi::{c_int, c_void};
use std::io;
use std::mem;
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use super::attributes::Attributes;
use super::{Mapping, MemoryError, PAGE, Protection, fixup};

/// Size in bytes of the inaccessible zones before and behind the space: accesses that start up to
/// this far outside an address inside the space need no check of their own.
pub(super) const GUARD: u64 = 16 << 20;
/// Largest space, in bits of address: what fits several times into a process.
const MAX_ADDRESS_BITS: u32 = 45;
/// Smallest space to fall back to when a larger one is refused.
const MIN_FALLBACK_BITS: u32 = 24;
/// How many addresses of 32 bits there are.
const WORDS: u64 = 1 << 32;
/// Guest and host agree on which addresses a huge page can lie at.
const HUGE_PAGE: u64 = 2 << 20;

/// The region and the page attributes of one guest.
pub(super) struct Space {
    base: *mut u8,
    limit: u64,
    /// One for each page of the space.
    attributes: *const AtomicU8,
    /// Everything reserved around `base`, and its length in bytes.
    region: *mut u8,
    length: u64,
}

// SAFETY: the pointers are to mappings that live as long as the value and that any thread may
// use: the attributes are atomics, and guest memory is touched in assembly only.
unsafe impl Send for Space {}
// SAFETY: as above.
unsafe impl Sync for Space {}

impl Space {
    pub(super) fn reserve(address_bits: u32) -> Result<Space, MemoryError> {
        fixup::install();
        let most = address_bits.clamp(PAGE.trailing_zeros(), MAX_ADDRESS_BITS);
        let least = most.min(MIN_FALLBACK_BITS);
        let mut refusal = MemoryError::NoMemory;
        for bits in (least..=most).rev() {
            let limit = 1 << bits;
            // Compiled code needs not compare addresses that are all inside.
            let words =
                (limit < WORDS && bits == most).then(|| Space::reserve_exactly(limit, WORDS));
            let space = match words {
                Some(Ok(space)) => Ok(space),
                _ => Space::reserve_exactly(limit, limit),
            };
            match space {
                Ok(space) => return Ok(space),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// With so many bytes between the guard zones.
    fn reserve_exactly(limit: u64, between: u64) -> Result<Space, MemoryError> {
        let length = GUARD + between + GUARD + HUGE_PAGE;
        let region = reserve(length, libc::PROT_NONE)?;
        let pages = limit / PAGE;
        let attributes = match reserve(pages, libc::PROT_READ | libc::PROT_WRITE) {
            Ok(attributes) => attributes,
            Err(error) => {
                // SAFETY: the region was just reserved, and nothing refers to it.
                unsafe { libc::munmap(region.cast(), length as usize) };
                return Err(error);
            }
        };
        let to_base =
            (region.addr() as u64 + GUARD).next_multiple_of(HUGE_PAGE) - region.addr() as u64;
        let base = region.wrapping_add(to_base as usize);
        Ok(Space {
            base,
            limit,
            attributes: attributes.cast(),
            region,
            length,
        })
    }

    #[inline(always)]
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// How many bytes of the region lie behind `base`.
    #[cfg(feature = "jit")]
    pub(super) fn reserved(&self) -> u64 {
        self.length - (self.base.addr() - self.region.addr()) as u64
    }

    /// Host address of guest address 0.
    #[inline(always)]
    pub(super) fn base(&self) -> *mut u8 {
        self.base
    }

    fn host(&self, address: u64) -> *mut c_void {
        self.base.wrapping_add(address as usize).cast()
    }

    // Page attributes. They are written under the lock of the mappings and read without it.

    fn attribute(&self, page: u64) -> Option<&AtomicU8> {
        // SAFETY: there is one for each page of the space, and they live as long as `self`.
        (page < self.limit / PAGE).then(|| unsafe { &*self.attributes.add(page as usize) })
    }

    #[inline]
    pub(super) fn attributes(&self, page: u64) -> Attributes {
        let bits = self
            .attribute(page)
            .map_or(0, |attribute| attribute.load(Ordering::Acquire));
        Attributes::from_bits(bits)
    }

    fn set_attributes(&self, range: &Range<u64>, attributes: Attributes) {
        let mut pages = range.start / PAGE..range.end / PAGE;
        if attributes == Attributes::default() && pages.end - pages.start >= 2 * PAGE {
            // Many zeros: hand their memory back to the kernel, which leaves zeros.
            let whole = pages.start.next_multiple_of(PAGE)..pages.end / PAGE * PAGE;
            // SAFETY: the pages lie inside the table. They are private and anonymous, and so read
            // as zeros afterwards.
            let dropped = unsafe {
                let start = self.attributes.add(whole.start as usize).cast_mut().cast();
                libc::madvise(
                    start,
                    (whole.end - whole.start) as usize,
                    libc::MADV_DONTNEED,
                )
            };
            if dropped == 0 {
                (whole.end..pages.end).for_each(|page| self.set_attribute(page, attributes));
                pages.end = whole.start;
            }
        }
        pages.for_each(|page| self.set_attribute(page, attributes));
    }

    fn set_attribute(&self, page: u64, attributes: Attributes) {
        if let Some(attribute) = self.attribute(page) {
            attribute.store(attributes.bits(), Ordering::Release);
        }
    }

    // Pages. The caller holds the lock of the mappings and passes aligned ranges inside the space.

    /// Sets or clears the mark of pages that hold translated code.
    pub(super) fn set_code(&self, pages: &Range<u64>, marked: bool) -> Result<(), MemoryError> {
        let bits = |page| self.attributes(page).bits() & !Attributes::CODE;
        let protection = Attributes::from_bits(bits(pages.start)).protection();
        if protection.contains(Protection::WRITE) {
            let protection = if marked { Protection::READ } else { protection };
            self.protect_host(&(pages.start * PAGE..pages.end * PAGE), protection)?;
        }
        let mark = if marked { Attributes::CODE } else { 0 };
        for page in pages.clone() {
            self.set_attribute(page, Attributes::from_bits(bits(page) | mark));
        }
        Ok(())
    }

    /// Makes a page ready for stores to its bytes: nothing to do, the kernel does it.
    pub(super) fn prepare_store(&self, _page: u64) {}

    /// Stores bytes inside one page that is not marked as code, whatever its protection.
    pub(super) fn poke(&self, address: u64, from: &[u8]) -> Result<usize, MemoryError> {
        let page = address / PAGE;
        let protection = self.attributes(page).protection();
        if protection.contains(Protection::WRITE) {
            return Ok(self.copy_in(address, from));
        }
        let range = page * PAGE..(page + 1) * PAGE;
        self.protect_host(&range, Protection::READ | Protection::WRITE)?;
        let count = self.copy_in(address, from);
        self.protect_host(&range, protection)?;
        Ok(count)
    }

    pub(super) fn map(&self, range: &Range<u64>, p: Protection) -> Result<(), MemoryError> {
        self.map_anonymous(range, p, libc::MAP_PRIVATE)
    }

    /// Maps zeros that are shared with forked processes.
    pub(super) fn map_shared(&self, range: &Range<u64>, p: Protection) -> Result<(), MemoryError> {
        self.map_anonymous(range, p, libc::MAP_SHARED)
    }

    fn map_anonymous(
        &self,
        range: &Range<u64>,
        p: Protection,
        sharing: c_int,
    ) -> Result<(), MemoryError> {
        if range.is_empty() {
            return Ok(());
        }
        let flags = sharing | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
        let length = (range.end - range.start) as usize;
        // SAFETY: replaces pages of the space, where there is nothing but guest memory.
        let mapped = unsafe {
            libc::mmap(
                self.host(range.start),
                length,
                host_protection(p),
                flags,
                -1,
                0,
            )
        };
        if mapped == libc::MAP_FAILED {
            let error = last_error();
            // The kernel may have removed what was there.
            self.seal(range)?;
            return Err(error);
        }
        self.set_attributes(range, Attributes::of(p));
        Ok(())
    }

    /// Maps a file. If the host refuses the file, nothing changes.
    pub(super) fn map_file(
        &self,
        range: &Range<u64>,
        p: Protection,
        shared: bool,
        file: BorrowedFd<'_>,
        offset: u64,
    ) -> Result<(), MemoryError> {
        if range.is_empty() {
            return Ok(());
        }
        let length = range.end - range.start;
        let sharing = if shared {
            libc::MAP_SHARED
        } else {
            libc::MAP_PRIVATE
        };
        // SAFETY: a mapping at an address of the kernel's choice replaces nothing.
        let elsewhere = unsafe {
            libc::mmap(
                ptr::null_mut(),
                length as usize,
                host_protection(p),
                sharing | libc::MAP_NORESERVE,
                file.as_raw_fd(),
                offset.try_into().map_err(|_| MemoryError::Host {
                    errno: libc::EOVERFLOW,
                })?,
            )
        };
        if elsewhere == libc::MAP_FAILED {
            return Err(last_error());
        }
        // SAFETY: the pages were mapped just now, and nothing refers to them.
        unsafe { self.move_in(elsewhere, length, range.start) }?;
        self.set_attributes(range, Attributes::of(p));
        Ok(())
    }

    /// Attaches a segment of SysV shared memory as long as the range. If the host refuses it,
    /// nothing changes.
    pub(super) fn attach_segment(
        &self,
        range: &Range<u64>,
        p: Protection,
        segment: c_int,
    ) -> Result<(), MemoryError> {
        let length = range.end - range.start;
        let flags = match p.contains(Protection::WRITE) {
            true => 0,
            false => libc::SHM_RDONLY,
        };
        // SAFETY: an attachment at an address of the kernel's choice replaces nothing.
        let elsewhere = unsafe { libc::shmat(segment, ptr::null(), flags) };
        if elsewhere == libc::MAP_FAILED {
            return Err(last_error());
        }
        // SAFETY: the pages were attached just now, and nothing refers to them; a segment keeps its
        // size, and its number is not given out again before long. The kernel goes on counting
        // them as one attachment.
        unsafe { self.move_in(elsewhere, length, range.start) }?;
        self.set_attributes(range, Attributes::of(p));
        Ok(())
    }

    pub(super) fn unmap(&self, range: &Range<u64>) -> Result<(), MemoryError> {
        if range.is_empty() {
            Ok(())
        } else {
            self.seal(range)
        }
    }

    /// Sets the protection of mapped pages, none of which is marked as code.
    pub(super) fn protect(&self, range: &Range<u64>, p: Protection) -> Result<(), MemoryError> {
        self.protect_host(range, p)?;
        self.set_attributes(range, Attributes::of(p));
        Ok(())
    }

    /// Moves the pages of one mapping to `target`; the ranges do not overlap.
    pub(super) fn relocate(&self, mapping: &Mapping, target: u64) -> Result<(), MemoryError> {
        let length = mapping.end - mapping.start;
        // SAFETY: the mapping lies inside the space; it is moved and sealed in the next lines.
        let elsewhere = unsafe { self.move_out(mapping, length) }?;
        self.seal(&(mapping.start..mapping.end))?;
        // SAFETY: the pages came out of the space just now, and nothing refers to them.
        unsafe { self.move_in(elsewhere, length, target) }?;
        self.set_attributes(
            &(target..target + length),
            Attributes::of(mapping.protection),
        );
        Ok(())
    }

    /// Continues a mapping, up to `end`, over what is there.
    pub(super) fn extend(&self, mapping: &Mapping, end: u64) -> Result<(), MemoryError> {
        if !mapping.has_object() {
            return self.map(&(mapping.end..end), mapping.protection);
        }
        let length = end - mapping.start;
        // SAFETY: the mapping lies inside the space, and its longer version soon replaces it.
        let elsewhere = unsafe { self.move_out(mapping, length) }?;
        // SAFETY: the pages came out of the space just now, and nothing refers to them.
        unsafe { self.move_in(elsewhere, length, mapping.start) }?;
        self.set_attributes(&(mapping.end..end), Attributes::of(mapping.protection));
        Ok(())
    }

    /// Moves the pages of a mapping out of the space, to a place of the kernel's choice, and
    /// continues them there to `length` bytes. Their old place stays mapped, without them.
    ///
    /// # Safety
    ///
    /// The result belongs to the caller.
    unsafe fn move_out(&self, mapping: &Mapping, length: u64) -> Result<*mut c_void, MemoryError> {
        let old = self.host(mapping.start);
        let old_length = (mapping.end - mapping.start) as usize;
        let (moving, anywhere) = (libc::MREMAP_MAYMOVE, ptr::null_mut::<c_void>());
        // SAFETY: `old` is one mapping inside the space, and stays mapped: shared pages are mapped
        // a second time (which an old length of zero asks for), private ones by DONTUNMAP.
        let moved = unsafe {
            if mapping.shared {
                libc::mremap(old, 0, length as usize, moving)
            } else {
                let flags = moving | libc::MREMAP_DONTUNMAP;
                libc::mremap(old, old_length, old_length, flags, anywhere)
            }
        };
        if moved == libc::MAP_FAILED {
            return Err(last_error());
        }
        if mapping.shared || length as usize == old_length {
            return Ok(moved);
        }
        // SAFETY: the pages are outside the space now, and nothing refers to them.
        let grown = unsafe { libc::mremap(moved, old_length, length as usize, moving) };
        if grown == libc::MAP_FAILED {
            let error = last_error();
            // SAFETY: as above; this puts them back.
            unsafe { self.move_in(moved, old_length as u64, mapping.start) }?;
            return Err(error);
        }
        Ok(grown)
    }

    /// Moves pages from outside into the space, over what is there.
    ///
    /// # Safety
    ///
    /// The `length` bytes at `pages` must be one mapping outside the region that nothing refers to.
    unsafe fn move_in(
        &self,
        pages: *mut c_void,
        length: u64,
        target: u64,
    ) -> Result<(), MemoryError> {
        let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        let size = length as usize;
        // SAFETY: as the caller promises for the source; the target is inside the space.
        if unsafe { libc::mremap(pages, size, size, flags, self.host(target)) } != libc::MAP_FAILED
        {
            return Ok(());
        }
        let error = last_error();
        // SAFETY: as the caller promises.
        unsafe { libc::munmap(pages, size) };
        // The kernel may have removed what was at the target.
        self.seal(&(target..target + length))?;
        Err(error)
    }

    /// Makes pages of the space inaccessible and forgets their contents.
    fn seal(&self, range: &Range<u64>) -> Result<(), MemoryError> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
        let length = (range.end - range.start) as usize;
        // SAFETY: replaces pages of the space, where there is nothing but guest memory.
        let sealed = unsafe {
            libc::mmap(
                self.host(range.start),
                length,
                libc::PROT_NONE,
                flags,
                -1,
                0,
            )
        };
        if sealed == libc::MAP_FAILED {
            return Err(last_error());
        }
        self.set_attributes(range, Attributes::default());
        Ok(())
    }

    fn protect_host(&self, range: &Range<u64>, p: Protection) -> Result<(), MemoryError> {
        let length = (range.end - range.start) as usize;
        // SAFETY: changes pages of the space, which only accesses with fix-ups touch.
        match unsafe { libc::mprotect(self.host(range.start), length, host_protection(p)) } {
            0 => Ok(()),
            _ => Err(last_error()),
        }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // SAFETY: both were reserved with these lengths, and nothing refers to them any more.
        unsafe {
            libc::munmap(self.region.cast(), self.length as usize);
            libc::munmap(
                self.attributes.cast_mut().cast(),
                (self.limit / PAGE) as usize,
            );
        }
    }
}

/// Fresh pages at an address of the kernel's choice, for which no memory is set aside.
fn reserve(length: u64, protection: c_int) -> Result<*mut u8, MemoryError> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a mapping at an address of the kernel's choice replaces nothing.
    let start = unsafe { libc::mmap(ptr::null_mut(), length as usize, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        Err(last_error())
    } else {
        Ok(start.cast())
    }
}

/// What the host must permit for the guest to have `p`: any permission includes reading, and the
/// host never executes guest code.
fn host_protection(p: Protection) -> c_int {
    if p == Protection::NONE {
        libc::PROT_NONE
    } else if p.contains(Protection::WRITE) {
        libc::PROT_READ | libc::PROT_WRITE
    } else {
        libc::PROT_READ
    }
}

/// The device (major and minor number) and the inode number of a file.
pub(super) fn file_identity(file: BorrowedFd<'_>) -> Result<((u32, u32), u64), MemoryError> {
    // SAFETY: the descriptor is open, and all zeros is a valid `stat`, which the call fills in.
    let (status, stat) = unsafe {
        let mut stat: libc::stat = mem::zeroed();
        (libc::fstat(file.as_raw_fd(), &mut stat), stat)
    };
    match status {
        0 => Ok((
            (libc::major(stat.st_dev), libc::minor(stat.st_dev)),
            stat.st_ino,
        )),
        _ => Err(last_error()),
    }
}

fn last_error() -> MemoryError {
    match io::Error::last_os_error().raw_os_error() {
        Some(libc::ENOMEM) | None => MemoryError::NoMemory,
        Some(errno) => MemoryError::Host { errno },
    }
}

#[cfg(test)]
mod tests;
