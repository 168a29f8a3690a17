//! Executable memory: the only place that runs what was compiled.

use crate::lower::Exit;
use crate::support::{Sites, State};
use std::ffi::c_void;
use std::io::Error;
use std::{mem, ptr};

/// One compiled function.
pub struct Code {
    /// Pages of its own: first written, then executable, never both.
    pages: *mut c_void,
    size: usize,
    /// How many bytes the window has.
    window: usize,
    exits: Vec<Exit>,
    /// What the code refers to by address.
    _sites: Sites,
}

impl Code {
    pub(crate) fn new(bytes: &[u8], window: usize, exits: Vec<Exit>, sites: Sites) -> Code {
        let size = bytes.len();
        // SAFETY: new pages, at an address of the kernel's choice; they have room for the bytes, and
        // nothing refers to them yet.
        let pages = unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let pages = libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0);
            assert!(pages != libc::MAP_FAILED, "{}", Error::last_os_error());
            ptr::copy_nonoverlapping(bytes.as_ptr(), pages.cast(), size);
            let done = libc::mprotect(pages, size, libc::PROT_READ | libc::PROT_EXEC);
            assert!(done == 0, "{}", Error::last_os_error());
            pages
        };
        Code {
            pages,
            size,
            window,
            exits,
            _sites: sites,
        }
    }

    /// The size in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Runs the code to an exit. `window` holds the bytes at the addresses of the compiler's window.
    ///
    /// # Panics
    /// If the window is not as large as the compiler's.
    pub fn run(&self, state: &mut State, window: &mut [u8]) -> &Exit {
        assert_eq!(window.len(), self.window, "the size of the window");
        type Function = extern "C" fn(&mut State, *mut u8) -> u64;
        // SAFETY: the pages hold a function of this signature, compiled by us. It accesses the state,
        // and nothing of the window that is not there.
        let exit = unsafe {
            let function = mem::transmute::<*mut c_void, Function>(self.pages);
            function(state, window.as_mut_ptr())
        };
        let exit = &self.exits[exit as usize];
        state.retired += exit.retired;
        exit
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: the pages are ours, and `run` borrows us.
        unsafe { libc::munmap(self.pages, self.size) };
    }
}
