//! New host processes.

use crate::errno::Errno;
use std::ffi::{CStr, CString, c_char, c_int, c_void};

/// Forks this process: 0 in the child, its pid in the parent.
///
/// The child has this host thread only. Whoever calls this holds every lock that the child will
/// take and that other threads may hold: see `Process::quiesce`, and `Core::quiesce`, which ends the
/// thread that compiles.
pub fn fork() -> Result<i32, Errno> {
    // SAFETY: the callers hold the locks that the child needs; the C library sees to its own.
    match unsafe { libc::fork() } {
        -1 => Err(Errno::from_io(&std::io::Error::last_os_error())),
        pid => Ok(pid),
    }
}

/// Forks this process, which has this host thread only, with flags of clone(2) and the signal that
/// tells of the child's end.
///
/// The C library does not see it: what it remembers of the thread's number is wrong in the child,
/// and nothing that the emulator uses asks for it.
pub fn fork_alone(flags: i32) -> Result<i32, Errno> {
    // SAFETY: without CLONE_VM the child has a copy of everything, its stack too, and nobody else
    // holds a lock.
    match unsafe { libc::syscall(libc::SYS_clone, i64::from(flags), 0, 0, 0, 0) } {
        -1 => Err(Errno::from_io(&std::io::Error::last_os_error())),
        pid => Ok(pid as i32),
    }
}

/// Bytes of the host stack of a child that shares this process' memory.
const STACK: usize = 1 << 20;

/// Runs `child` in a new process that shares this one's memory, and waits until it executes
/// another program or ends; its status is then `child`'s result. That is what vfork does, except
/// that the child has a stack of its own.
///
/// Everything that the child changes in memory, it changes here: it must work on copies of what
/// the parent goes on using, and it must not unwind. `flags` are others of clone(2), with the signal
/// that tells of the child's end.
pub fn vfork(flags: i32, child: &mut dyn FnMut() -> i32) -> Result<i32, Errno> {
    extern "C" fn start(argument: *mut c_void) -> c_int {
        // SAFETY: `vfork` below passes this very pointer, and waits meanwhile.
        let child = unsafe { &mut *argument.cast::<&mut dyn FnMut() -> i32>() };
        child()
    }
    let mut stack = vec![0u128; STACK / 16];
    let mut argument = child;
    let flags = flags | libc::CLONE_VM | libc::CLONE_VFORK;
    // SAFETY: the stack is the child's alone and outlives it, since CLONE_VFORK suspends this
    // thread until the child is done with this memory; so does the argument.
    let pid = unsafe {
        let top = stack.as_mut_ptr().add(stack.len()).cast();
        libc::clone(start, top, flags, (&raw mut argument).cast())
    };
    match pid {
        -1 => Err(Errno::from_io(&std::io::Error::last_os_error())),
        pid => Ok(pid),
    }
}

/// Strings as execve takes them: with a null-terminated list of pointers, made beforehand.
#[derive(Debug)]
pub struct StringList {
    /// Addresses of the strings, which lie on the heap and do not move with this value.
    pointers: Vec<usize>,
    _strings: Vec<CString>,
}

impl StringList {
    /// Makes the list of pointers.
    pub fn new(strings: Vec<CString>) -> StringList {
        let addresses = strings.iter().map(|string| string.as_ptr() as usize);
        StringList {
            pointers: addresses.chain([0]).collect(),
            _strings: strings,
        }
    }

    fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr().cast()
    }
}

/// Replaces this process by another program; returns only what went wrong.
pub fn execute(program: &CStr, arguments: &StringList, environment: &StringList) -> Errno {
    // SAFETY: both lists are null-terminated and their strings alive.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    Errno::from_io(&std::io::Error::last_os_error())
}
