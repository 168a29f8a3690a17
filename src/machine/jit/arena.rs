//! Executable memory: the pages that compiled code lies in.
//!
//! Invariants, on which every `unsafe` here stands:
//!
//! - The process has one reservation, made once and never given back, so that a signal handler
//!   can tell by two comparisons whether an instruction is compiled code.
//! - Each [`Code`] has whole pages of it for itself. They are written first and executable then,
//!   never both.
//! - Pages that belong to no code are inaccessible.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Size in bytes of the reservation. Address space only: pages get memory when code is put there.
const RESERVED: usize = 1 << 28;
const PAGE: usize = 4096;

/// Where the reservation starts; 0 as long as there is none.
static START: AtomicUsize = AtomicUsize::new(0);
/// The free runs of pages: the length in bytes of each by its start.
static FREE: OnceLock<Option<Mutex<BTreeMap<usize, usize>>>> = OnceLock::new();

/// Whether a host address is in the pages that compiled code can lie in. Async-signal-safe.
pub fn contains(address: usize) -> bool {
    let start = START.load(Ordering::Acquire);
    start != 0 && address.wrapping_sub(start) < RESERVED
}

/// One piece of compiled code.
pub struct Code {
    pages: Range<usize>,
}

impl Code {
    /// Copies machine code to where it can run. None if the host has no room.
    pub fn new(bytes: &[u8]) -> Option<Code> {
        let length = bytes.len().next_multiple_of(PAGE);
        let pages = take(&mut *free()?, length)?;
        // From here on, failing gives the pages back.
        let code = Code { pages };
        let start = code.pages.start as *mut libc::c_void;
        // SAFETY: the pages are this code's own and inside the reservation; the bytes fit, and
        // nobody runs them yet.
        unsafe {
            if libc::mprotect(start, length, libc::PROT_READ | libc::PROT_WRITE) != 0 {
                return None;
            }
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast(), bytes.len());
            if libc::mprotect(start, length, libc::PROT_READ | libc::PROT_EXEC) != 0 {
                return None;
            }
        }
        Some(code)
    }

    /// The host addresses that it lies at, whole pages.
    pub fn pages(&self) -> &Range<usize> {
        &self.pages
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
        let code = Code::new(&[0xb8, 42, 0, 0, 0, 0xc3]).expect("pages");
        assert!(
            contains(code.pages().start)
                && !contains(code_is_recognised_while_it_lives_and_runs as *const () as usize)
        );
        // SAFETY: the bytes are a function of this type.
        let answer =
            unsafe { std::mem::transmute::<usize, extern "C" fn() -> i32>(code.pages().start)() };
        assert_eq!(answer, 42);
    }
}
