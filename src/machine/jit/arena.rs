//! Executable memory: the pages that compiled code lies in.
//!
//! Invariants, on which every `unsafe` here stands:
//!
//! - The process has one reservation, made once and never given back, so that a signal handler
//!   can tell by two comparisons whether an instruction is compiled code.
//! - Each [`Code`] has whole pages of it for itself. They are written first and executable then,
//!   never both.
//! - Pages that belong to no code are inaccessible.
//! - [`FIRST_PAGE`] tells for every page of a code which its first one is. That begins with the table
//!   of its guarded accesses: their number, and for each where it starts and ends, in bytes from the
//!   code, in order. The code itself follows.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Size in bytes of the reservation. Address space only: pages get memory when code is put there.
pub const RESERVED: usize = 1 << 28;
const PAGE: usize = 4096;

/// Where the reservation starts; 0 as long as there is none.
static START: AtomicUsize = AtomicUsize::new(0);
/// The free runs of pages: the length in bytes of each by its start.
static FREE: OnceLock<Option<Mutex<BTreeMap<usize, usize>>>> = OnceLock::new();

/// The number of the first page of the code that each page belongs to.
static FIRST_PAGE: [AtomicU32; RESERVED / PAGE] = [const { AtomicU32::new(0) }; RESERVED / PAGE];

/// An instruction that may fault: where it starts, and where the host goes on then, in bytes from the
/// start of the code. That is its end, where it is skipped and marked, or a stub for it.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    pub start: u32,
    pub end: u32,
}

impl Guarded {
    /// In `end`: it is a stub's place.
    pub const STUB: u32 = 1 << 31;
}

/// Where the host goes on after an access that faulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// After it, with the hart marked.
    Skip(usize),
    /// In a stub that needs no mark.
    Stub(usize),
}

/// Where to go on after the guarded access at a host address. The code that contains it is running.
/// Async-signal-safe.
pub fn guarded(address: usize) -> Option<Ahead> {
    let start = START.load(Ordering::Acquire);
    let first = FIRST_PAGE
        .get((address - start) / PAGE)?
        .load(Ordering::Relaxed) as usize;
    let table = (start + first * PAGE) as *const u32;
    // SAFETY: the code runs, so that its pages are readable; by the invariants, they begin like this.
    let accesses =
        unsafe { std::slice::from_raw_parts(table.add(TABLE).cast::<Guarded>(), *table as usize) };
    let code = table as usize + code_offset(accesses.len());
    let offset = (address - code) as u32;
    let found = accesses.binary_search_by_key(&offset, |access| access.start);
    let end = accesses[found.ok()?].end;
    let place = code + (end & !Guarded::STUB) as usize;
    Some(match end & Guarded::STUB {
        0 => Ahead::Skip(place),
        _ => Ahead::Stub(place),
    })
}

/// Where the table starts, in words.
const TABLE: usize = 2;

/// Where the code starts behind a table of so many accesses, in bytes.
fn code_offset(accesses: usize) -> usize {
    (TABLE * size_of::<u32>() + accesses * size_of::<Guarded>()).next_multiple_of(16)
}

/// Whether a host address is in the pages that compiled code can lie in. Async-signal-safe.
pub fn contains(address: usize) -> bool {
    let start = START.load(Ordering::Acquire);
    start != 0 && address.wrapping_sub(start) < RESERVED
}

/// One piece of compiled code.
pub struct Code {
    pages: Range<usize>,
    entry: usize,
}

impl Code {
    /// Copies machine code to where it can run. None if the host has no room.
    pub fn new(bytes: &[u8], accesses: &[Guarded]) -> Option<Code> {
        let offset = code_offset(accesses.len());
        let length = (offset + bytes.len()).next_multiple_of(PAGE);
        let pages = take(&mut *free()?, length)?;
        let first = (pages.start - START.load(Ordering::Acquire)) / PAGE;
        for page in &FIRST_PAGE[first..first + length / PAGE] {
            page.store(first as u32, Ordering::Relaxed);
        }
        // From here on, failing gives the pages back.
        let entry = pages.start + offset;
        let code = Code { pages, entry };
        let start = code.pages.start as *mut libc::c_void;
        // SAFETY: the pages are this code's own and inside the reservation; the table and the bytes
        // fit, and nobody runs them yet.
        unsafe {
            if libc::mprotect(start, length, libc::PROT_READ | libc::PROT_WRITE) != 0 {
                return None;
            }
            let table = start.cast::<u32>();
            *table = accesses.len() as u32;
            let places = table.add(TABLE).cast();
            std::ptr::copy_nonoverlapping(accesses.as_ptr(), places, accesses.len());
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), entry as *mut u8, bytes.len());
            if libc::mprotect(start, length, libc::PROT_READ | libc::PROT_EXEC) != 0 {
                return None;
            }
        }
        Some(code)
    }

    /// How many bytes its pages have.
    pub fn room(&self) -> usize {
        self.pages.len()
    }

    /// The host address of the first instruction.
    pub fn entry(&self) -> usize {
        self.entry
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        let length = self.pages.len();
        let start = self.pages.start as *mut libc::c_void;
        // SAFETY: the pages are this code's own; whoever drops it knows that nobody runs it.
        unsafe {
            libc::mprotect(start, length, libc::PROT_NONE);
            libc::madvise(start, length, libc::MADV_DONTNEED);
        }
        if let Some(mut free) = free() {
            give_back(&mut free, self.pages.clone());
        }
    }
}

/// The free runs; None if the host refused the reservation.
fn free() -> Option<MutexGuard<'static, BTreeMap<usize, usize>>> {
    let free = FREE.get_or_init(|| {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a mapping at an address of the kernel's choice replaces nothing.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                RESERVED,
                libc::PROT_NONE,
                flags,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        START.store(start as usize, Ordering::Release);
        Some(Mutex::new(BTreeMap::from([(start as usize, RESERVED)])))
    });
    // A panic elsewhere leaves the map consistent: it never panics half way.
    Some(
        free.as_ref()?
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    )
}

fn take(free: &mut BTreeMap<usize, usize>, length: usize) -> Option<Range<usize>> {
    let (&start, &room) = free.iter().find(|(_, room)| **room >= length)?;
    free.remove(&start);
    if room > length {
        free.insert(start + length, room - length);
    }
    Some(start..start + length)
}

fn give_back(free: &mut BTreeMap<usize, usize>, mut run: Range<usize>) {
    if let Some((&start, &length)) = free.range(..run.start).next_back()
        && start + length == run.start
    {
        free.remove(&start);
        run.start = start;
    }
    if let Some(length) = free.remove(&run.end) {
        run.end += length;
    }
    free.insert(run.start, run.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_pages_are_joined_again() {
        let mut free = BTreeMap::from([(0, 8 * PAGE)]);
        let runs: Vec<_> = [2, 3, 3]
            .map(|pages| take(&mut free, pages * PAGE).expect("room"))
            .into();
        assert_eq!(take(&mut free, PAGE), None);
        for run in [&runs[1], &runs[0], &runs[2]] {
            give_back(&mut free, run.clone());
        }
        assert_eq!(free, BTreeMap::from([(0, 8 * PAGE)]));
    }

    #[test]
    fn code_is_recognised_while_it_lives_and_runs() {
        // mov eax, 42; ret
        let accesses = [(0, 5), (5, 2 | Guarded::STUB)];
        let accesses = accesses.map(|(start, end)| Guarded { start, end });
        let code = Code::new(&[0xb8, 42, 0, 0, 0, 0xc3], &accesses).expect("pages");
        let entry = code.entry();
        assert_eq!(guarded(entry), Some(Ahead::Skip(entry + 5)));
        assert_eq!(guarded(entry + 5), Some(Ahead::Stub(entry + 2)));
        assert_eq!(guarded(entry + 1), None);
        assert!(
            contains(code.entry())
                && !contains(code_is_recognised_while_it_lives_and_runs as *const () as usize)
        );
        // SAFETY: the bytes are a function of this type.
        let answer =
            unsafe { std::mem::transmute::<usize, extern "C" fn() -> i32>(code.entry())() };
        assert_eq!(answer, 42);
    }
}
