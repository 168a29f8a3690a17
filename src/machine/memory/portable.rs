//! The portable backend: pages held in ordinary Rust memory, no operating system, no `unsafe`.
//!
//! A two-level table has one entry a page: its attributes and the number of the *frame* that holds
//! its bytes. Frames are 64-bit words in chunks that never move, so that accesses need no lock; a
//! page gets its frame with its first store and reads as zeros until then. A word's least
//! significant byte is the one at the lowest address, whatever the byte order of the host.
//!
//! Aligned accesses are single-copy atomic, as on real processors: each lies in one word. Where
//! threads exist, some races have weaker outcomes than under the host backend: an access racing with
//! the unmapping of its own page may hit the page its frame serves next, a store racing with
//! `mark_code` of its page may go unnoticed, and what is atomic in two words at once is so beside its
//! like only. None ever leaves the guest's memory.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::attributes::Attributes;
use super::{Access, Mapping, MemoryError, Order, PAGE, Protection, Rmw};

/// Largest space, in bits of address: what the 39-bit virtual memory of RISC-V gives a program.
const MAX_ADDRESS_BITS: u32 = 38;
const PAGES_PER_LEAF: u64 = 1 << 14;
const WORDS_PER_FRAME: usize = PAGE as usize / 8;
const FRAMES_PER_CHUNK: u32 = 256;
/// At most 16 GiB of guest memory in use.
const MAX_CHUNKS: u32 = 1 << 14;
/// Serves every page that was never stored to: all zeros.
const NO_FRAME: u32 = 0;

/// The entry of one page: attributes in the low byte, the number of its frame above.
#[derive(Clone, Copy)]
struct Entry(u32);

impl Entry {
    fn new(attributes: Attributes, frame: u32) -> Entry {
        Entry(frame << 8 | u32::from(attributes.bits()))
    }

    #[inline(always)]
    fn attributes(self) -> Attributes {
        Attributes::from_bits(self.0 as u8)
    }

    #[inline(always)]
    fn frame(self) -> u32 {
        self.0 >> 8
    }

    #[inline(always)]
    fn is_readable(self) -> bool {
        self.attributes().protection() != Protection::NONE
    }

    /// Whether a store needs nothing but its bytes stored.
    #[inline(always)]
    fn is_storable(self) -> bool {
        let attributes = self.attributes();
        attributes.protection().contains(Protection::WRITE)
            && !attributes.has(Attributes::CODE)
            && self.frame() != NO_FRAME
    }
}

/// Where a run of bytes inside one word lies: the word, and its distance from the lowest bit.
#[derive(Clone, Copy)]
struct Place {
    word: usize,
    shift: u32,
}

impl Place {
    /// `None` if the bytes straddle two words.
    #[inline(always)]
    fn of(address: u64, bytes: u8) -> Option<Place> {
        let (offset, in_word) = (address % PAGE, address % 8);
        (in_word + u64::from(bytes) <= 8).then_some(Place {
            word: offset as usize / 8,
            shift: in_word as u32 * 8,
        })
    }
}

/// The low `bytes` bytes set.
#[inline(always)]
fn mask(bytes: u8) -> u64 {
    u64::MAX >> (64 - 8 * u32::from(bytes))
}

/// The pages of one guest and their bytes.
pub(super) struct Space {
    limit: u64,
    leaves: Box<[OnceLock<Box<[AtomicU32]>>]>,
    frames: Frames,
    /// Held by atomic accesses of more than one word.
    wide: Mutex<()>,
}

impl Space {
    pub(super) fn reserve(address_bits: u32) -> Result<Space, MemoryError> {
        let limit = 1u64 << address_bits.clamp(PAGE.trailing_zeros(), MAX_ADDRESS_BITS);
        let leaves = (limit / PAGE).div_ceil(PAGES_PER_LEAF);
        let leaves = (0..leaves).map(|_| OnceLock::new()).collect();
        Ok(Space {
            limit,
            leaves,
            frames: Frames::new(),
            wide: Mutex::new(()),
        })
    }

    #[inline(always)]
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    #[inline(always)]
    fn entry(&self, page: u64) -> Entry {
        let leaf = self
            .leaves
            .get((page / PAGES_PER_LEAF) as usize)
            .and_then(OnceLock::get);
        match leaf.and_then(|leaf| leaf.get((page % PAGES_PER_LEAF) as usize)) {
            Some(entry) => Entry(entry.load(Ordering::Acquire)),
            None => Entry(0),
        }
    }

    /// The words of the page at `address`, if `test` accepts its entry.
    #[inline(always)]
    fn words(&self, address: u64, test: fn(Entry) -> bool) -> Option<&[AtomicU64]> {
        if address >= self.limit {
            return None;
        }
        let entry = self.entry(address / PAGE);
        if test(entry) {
            self.frames.words(entry.frame())
        } else {
            None
        }
    }

    // Accesses. Refused ones (`None`, or a short count) change nothing; the caller finds out why.

    #[inline]
    pub(super) fn load(&self, a: Access, address: u64) -> Option<u64> {
        let Some(place) = Place::of(address, a.bytes) else {
            return self.load_split(a, address);
        };
        let word = self.words(address, Entry::is_readable)?.get(place.word)?;
        Some(a.value(word.load(Ordering::Acquire) >> place.shift & mask(a.bytes)))
    }

    /// A load that straddles two words, and perhaps two pages.
    #[inline(never)]
    fn load_split(&self, a: Access, address: u64) -> Option<u64> {
        let mut raw = [0; 8];
        let bytes = raw.get_mut(..a.bytes.into())?;
        (self.copy_out(address, bytes) == bytes.len()).then(|| a.value(u64::from_le_bytes(raw)))
    }

    #[inline]
    pub(super) fn store(&self, a: Access, address: u64, value: u64) -> Option<()> {
        let Some(place) = Place::of(address, a.bytes) else {
            return self.store_split(a, address, value);
        };
        let word = self.words(address, Entry::is_storable)?.get(place.word)?;
        merge(
            word,
            mask(a.bytes) << place.shift,
            a.raw(value) << place.shift,
        );
        Some(())
    }

    /// A store that straddles two words, and perhaps two pages: both or none.
    #[inline(never)]
    fn store_split(&self, a: Access, address: u64, value: u64) -> Option<()> {
        let last = address.checked_add(u64::from(a.bytes) - 1)?;
        self.words(last, Entry::is_storable)?;
        let raw = a.raw(value).to_le_bytes();
        let bytes = raw.get(..a.bytes.into())?;
        (self.copy_in(address, bytes) == bytes.len()).then_some(())
    }

    /// At any alignment.
    pub(super) fn rmw(&self, a: Access, op: Rmw, address: u64, operand: u64) -> Option<u64> {
        self.update(a, address, |old| Some(op.apply(a, old, operand)))
    }

    /// At any alignment.
    pub(super) fn compare_exchange(
        &self,
        a: Access,
        address: u64,
        expected: u64,
        new: u64,
    ) -> Option<u64> {
        self.update(a, address, |old| {
            (old == a.raw(expected)).then_some(a.raw(new))
        })
    }

    /// Replaces a raw value by what `change` makes of it, atomically; the old register value.
    fn update(&self, a: Access, address: u64, change: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        let Some(place) = Place::of(address, a.bytes) else {
            return self.update_split(a, address, change);
        };
        let word = self.words(address, Entry::is_storable)?.get(place.word)?;
        let mask = mask(a.bytes);
        let updated = word.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |word| {
            let new = change(word >> place.shift & mask)?;
            Some(word & !(mask << place.shift) | new << place.shift)
        });
        let (Ok(old) | Err(old)) = updated;
        Some(a.value(old >> place.shift & mask))
    }

    /// The same across two words: atomic among its like.
    #[inline(never)]
    fn update_split(
        &self,
        a: Access,
        address: u64,
        change: impl Fn(u64) -> Option<u64>,
    ) -> Option<u64> {
        let _alone = self.wide.lock().unwrap_or_else(PoisonError::into_inner);
        let raw = Access {
            signed: false,
            order: Order::Little,
            ..a
        };
        let old = self.load_split(raw, address)?;
        self.words(address, Entry::is_storable)?;
        // Stored in any case, as a processor does: what may not be written refuses.
        let new = change(old).unwrap_or(old);
        self.store_split(raw, address, new)?;
        Some(a.value(old))
    }

    /// `address` must be a multiple of 16.
    pub(super) fn compare_exchange_pair(
        &self,
        address: u64,
        expected: [u64; 2],
        new: [u64; 2],
    ) -> Option<bool> {
        let _alone = self.wide.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Place::of(address, 8)?;
        let words = self.words(address, Entry::is_storable)?;
        let pair = words.get(place.word..place.word + 2)?;
        let equal = pair
            .iter()
            .zip(expected)
            .all(|(word, expected)| word.load(Ordering::SeqCst) == expected);
        if equal {
            for (word, new) in pair.iter().zip(new) {
                word.store(new, Ordering::SeqCst);
            }
        }
        Some(equal)
    }

    /// Copies bytes from `address` on; how many, which is fewer where one is not readable.
    pub(super) fn copy_out(&self, address: u64, into: &mut [u8]) -> usize {
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let Some(from) = address.checked_add(done as u64) else {
                break;
            };
            let Some(words) = self.words(from, Entry::is_readable) else {
                break;
            };
            let left_in_page = (PAGE - from % PAGE) as usize;
            let count = rest.len().min(left_in_page);
            let mut at = (from % PAGE) as usize;
            let mut page_rest = &mut rest[..count];
            while !page_rest.is_empty() {
                let bytes = words[at / 8].load(Ordering::Acquire).to_le_bytes();
                let here = &bytes[at % 8..];
                let count = here.len().min(page_rest.len());
                page_rest[..count].copy_from_slice(&here[..count]);
                page_rest = &mut page_rest[count..];
                at += count;
            }
            done += count;
        }
        done
    }

    /// Copies bytes to `address` on; how many, which is fewer where one is not storable.
    pub(super) fn copy_in(&self, address: u64, from: &[u8]) -> usize {
        let mut done = 0;
        while let Some(rest) = from.get(done..).filter(|rest| !rest.is_empty()) {
            let Some(to) = address.checked_add(done as u64) else {
                break;
            };
            let Some(words) = self.words(to, Entry::is_storable) else {
                break;
            };
            let count = rest.len().min((PAGE - to % PAGE) as usize);
            store_bytes(words, (to % PAGE) as usize, &rest[..count]);
            done += count;
        }
        done
    }

    /// The interpreter makes each turn by itself.
    pub(super) fn copy_elements(&self, _: Access, _: u64, _: u64, _: u64) -> u64 {
        0
    }

    /// As [`Space::copy_elements`].
    pub(super) fn fill_elements(&self, _: Access, _: u64, _: u64, _: u64) -> u64 {
        0
    }

    /// Sets `length` bytes from `address` on; how many, which is fewer where one is not storable.
    pub(super) fn fill(&self, address: u64, length: u64, byte: u8) -> u64 {
        let bytes = [byte; PAGE as usize];
        let mut done = 0;
        while done < length {
            let count = (length - done).min(PAGE) as usize;
            let Some(to) = address.checked_add(done) else {
                break;
            };
            let stored = self.copy_in(to, &bytes[..count]);
            done += stored as u64;
            if stored < count {
                break;
            }
        }
        done
    }

    // Pages. The caller holds the lock of the mappings and passes aligned ranges inside the space.

    pub(super) fn attributes(&self, page: u64) -> Attributes {
        self.entry(page).attributes()
    }

    /// Sets or clears the mark of pages that hold translated code.
    pub(super) fn set_code(&self, pages: &Range<u64>, marked: bool) -> Result<(), MemoryError> {
        for page in pages.clone() {
            self.replace(page, |entry| {
                let bits = entry.attributes().bits() & !Attributes::CODE;
                let mark = if marked { Attributes::CODE } else { 0 };
                Entry::new(Attributes::from_bits(bits | mark), entry.frame())
            });
        }
        Ok(())
    }

    /// Makes a page ready for stores to its bytes, whatever its protection.
    pub(super) fn prepare_store(&self, page: u64) {
        self.replace(page, |entry| match entry.frame() {
            NO_FRAME => Entry::new(entry.attributes(), self.frames.allocate()),
            _ => entry,
        });
    }

    /// Stores bytes inside one page, whatever its protection.
    pub(super) fn poke(&self, address: u64, from: &[u8]) -> Result<usize, MemoryError> {
        let page = address / PAGE;
        self.prepare_store(page);
        let frame = self.entry(page).frame();
        match self.frames.words(frame) {
            Some(words) if frame != NO_FRAME => {
                store_bytes(words, (address % PAGE) as usize, from);
                Ok(from.len())
            }
            _ => Err(MemoryError::NoMemory),
        }
    }

    pub(super) fn map(&self, range: &Range<u64>, p: Protection) -> Result<(), MemoryError> {
        self.unmap(range)?;
        self.protect(range, p)
    }

    pub(super) fn unmap(&self, range: &Range<u64>) -> Result<(), MemoryError> {
        self.for_each_known_page(range, |page| {
            self.frames.free(self.entry(page).frame());
            self.replace(page, |_| Entry(0));
        });
        Ok(())
    }

    /// Sets the protection of mapped pages, which drops their marks.
    pub(super) fn protect(&self, range: &Range<u64>, p: Protection) -> Result<(), MemoryError> {
        let change = |page| self.replace(page, |e| Entry::new(Attributes::of(p), e.frame()));
        // An absent leaf already says that nothing is permitted.
        if p == Protection::NONE {
            self.for_each_known_page(range, change);
        } else {
            (range.start / PAGE..range.end / PAGE).for_each(change);
        }
        Ok(())
    }

    /// Moves the pages of one mapping to `target`, where nothing is mapped; the ranges do not
    /// overlap.
    pub(super) fn relocate(&self, mapping: &Mapping, target: u64) -> Result<(), MemoryError> {
        self.for_each_known_page(&(mapping.start..mapping.end), |page| {
            let entry = self.entry(page);
            self.replace(page, |_| Entry(0));
            self.replace(page - mapping.start / PAGE + target / PAGE, |_| entry);
        });
        Ok(())
    }

    /// Continues a mapping, up to `end`, over what is there.
    pub(super) fn extend(&self, mapping: &Mapping, end: u64) -> Result<(), MemoryError> {
        self.map(&(mapping.end..end), mapping.protection)
    }

    /// Calls `act` for the pages of `range` whose leaf exists.
    fn for_each_known_page(&self, range: &Range<u64>, act: impl Fn(u64)) {
        let (mut page, end) = (range.start / PAGE, range.end / PAGE);
        while page < end {
            let leaf = page / PAGES_PER_LEAF;
            let leaf_end = end.min((leaf + 1) * PAGES_PER_LEAF);
            if self
                .leaves
                .get(leaf as usize)
                .is_some_and(|leaf| leaf.get().is_some())
            {
                (page..leaf_end).for_each(&act);
            }
            page = leaf_end;
        }
    }

    fn replace(&self, page: u64, change: impl Fn(Entry) -> Entry) {
        let Some(leaf) = self.leaves.get((page / PAGES_PER_LEAF) as usize) else {
            return;
        };
        let leaf = leaf.get_or_init(|| (0..PAGES_PER_LEAF).map(|_| AtomicU32::new(0)).collect());
        if let Some(entry) = leaf.get((page % PAGES_PER_LEAF) as usize) {
            let old = Entry(entry.load(Ordering::Acquire));
            entry.store(change(old).0, Ordering::Release);
        }
    }
}

/// Replaces the bits of `mask` in a word.
#[inline(always)]
fn merge(word: &AtomicU64, mask: u64, bits: u64) {
    if mask == u64::MAX {
        return word.store(bits, Ordering::Release);
    }
    let mut old = word.load(Ordering::Relaxed);
    while let Err(seen) =
        word.compare_exchange_weak(old, old & !mask | bits, Ordering::AcqRel, Ordering::Relaxed)
    {
        old = seen;
    }
}

/// Stores bytes into the words of one page, from the byte numbered `at` on.
fn store_bytes(words: &[AtomicU64], mut at: usize, mut from: &[u8]) {
    while !from.is_empty() {
        let count = from.len().min(8 - at % 8);
        let (now, later) = from.split_at(count);
        let mut raw = [0; 8];
        raw[..count].copy_from_slice(now);
        let shift = at % 8 * 8;
        merge(
            &words[at / 8],
            mask(count as u8) << shift,
            u64::from_le_bytes(raw) << shift,
        );
        from = later;
        at += count;
    }
}

/// The bytes of the pages, in chunks that are allocated as needed and never move.
struct Frames {
    chunks: Box<[OnceLock<Box<[AtomicU64]>>]>,
    unused: Mutex<Unused>,
}

struct Unused {
    freed: Vec<u32>,
    /// The lowest frame that was never used.
    next: u32,
}

impl Frames {
    fn new() -> Frames {
        let chunks = (0..MAX_CHUNKS).map(|_| OnceLock::new()).collect();
        let frames = Frames {
            chunks,
            unused: Mutex::new(Unused {
                freed: Vec::new(),
                next: NO_FRAME,
            }),
        };
        frames.allocate(); // NO_FRAME itself
        frames
    }

    #[inline(always)]
    fn words(&self, frame: u32) -> Option<&[AtomicU64]> {
        let chunk = self
            .chunks
            .get((frame / FRAMES_PER_CHUNK) as usize)?
            .get()?;
        let start = (frame % FRAMES_PER_CHUNK) as usize * WORDS_PER_FRAME;
        chunk.get(start..start + WORDS_PER_FRAME)
    }

    /// A frame of zeros; [`NO_FRAME`] when all are in use.
    fn allocate(&self) -> u32 {
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = unused.freed.pop() {
            for word in self.words(frame).into_iter().flatten() {
                word.store(0, Ordering::Relaxed);
            }
            return frame;
        }
        let frame = unused.next;
        let Some(chunk) = self.chunks.get((frame / FRAMES_PER_CHUNK) as usize) else {
            return NO_FRAME;
        };
        let words = FRAMES_PER_CHUNK as usize * WORDS_PER_FRAME;
        chunk.get_or_init(|| (0..words).map(|_| AtomicU64::new(0)).collect());
        unused.next += 1;
        frame
    }

    fn free(&self, frame: u32) {
        if frame != NO_FRAME {
            self.unused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .freed
                .push(frame);
        }
    }
}
