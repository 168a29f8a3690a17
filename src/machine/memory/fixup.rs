//! Fix-ups: what happens when the host faults in a guest access.
//!
//! Every instruction that touches guest memory (all are in `accesses.rs`) adds an entry to the
//! section `portolan_fixups`: where it is, and where to go on if it faults. The handler of SIGSEGV
//! and SIGBUS looks the faulting instruction up and continues there, so that a fault of the guest
//! becomes an ordinary result. A fault anywhere else is not ours: it goes to the chained handler,
//! then to the handler that was there before.
//!
//! A thread that accesses guest memory must not block these two signals: the kernel kills a process
//! that faults with them blocked.

use std::ffi::{c_int, c_void};
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Once, OnceLock};

use libc::{SIGBUS, SIGSEGV, siginfo_t, ucontext_t};

/// Handles a fault that is not one of a guest access in Rust code; its arguments are those of a
/// signal handler. Returns whether it did: then the context it left is resumed.
pub type FaultHandler = unsafe fn(c_int, *mut siginfo_t, *mut c_void) -> bool;

/// An instruction that may fault and where to continue if it does, both as distances from their own
/// field, as the assembler of `accesses.rs` lays them out.
#[repr(C)]
struct Entry {
    instruction: i32,
    resume: i32,
}

// The linker defines these at the borders of a section whose name is an identifier.
unsafe extern "C" {
    #[link_name = "__start_portolan_fixups"]
    static FIRST: Entry;
    #[link_name = "__stop_portolan_fixups"]
    static END: Entry;
}

/// Addresses of instructions and of where to resume, sorted: the linker leaves them unordered.
static FIXUPS: OnceLock<Box<[(usize, usize)]>> = OnceLock::new();
static CHAINED: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
static SENT: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
static PREVIOUS_SEGV: OnceLock<libc::sigaction> = OnceLock::new();
static PREVIOUS_BUS: OnceLock<libc::sigaction> = OnceLock::new();

/// Has `handler` called for SIGSEGV and SIGBUS that no guest access of Rust code raised, before
/// whatever handled them when the first [`Memory`](super::Memory) was made. It replaces the one
/// set before.
///
/// # Safety
///
/// `handler` runs as a signal handler, on any thread at any instruction: it may only do what is
/// async-signal-safe, and must leave a context that can be resumed if it returns true.
pub unsafe fn chain_fault_handler(handler: FaultHandler) {
    CHAINED.store(handler as *mut c_void, Ordering::Release);
}

/// Has `handler` called for SIGSEGV and SIGBUS that no instruction raised but somebody sent. It
/// replaces the one set before.
///
/// # Safety
///
/// As for [`chain_fault_handler`].
pub unsafe fn set_sent_handler(handler: FaultHandler) {
    SENT.store(handler as *mut c_void, Ordering::Release);
}

/// Puts the handler in place, once in a process.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        FIXUPS.get_or_init(read_table);
        for (signal, previous) in [(SIGSEGV, &PREVIOUS_SEGV), (SIGBUS, &PREVIOUS_BUS)] {
            // SAFETY: both structures are valid for the calls, and all zeros is a valid
            // `sigaction`. `handle` is async-signal-safe; SA_ONSTACK keeps it off a stack that
            // overflowed. What it needs is set before it can be called.
            unsafe {
                let mut old: libc::sigaction = mem::zeroed();
                libc::sigaction(signal, ptr::null(), &mut old);
                previous.get_or_init(|| old);
                let mut new: libc::sigaction = mem::zeroed();
                new.sa_sigaction = handle as *const () as usize;
                new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigaction(signal, &new, ptr::null_mut());
            }
        }
    });
}

fn read_table() -> Box<[(usize, usize)]> {
    let (first, end) = (&raw const FIRST, &raw const END);
    let count = (end.addr() - first.addr()) / size_of::<Entry>();
    let mut fixups: Vec<(usize, usize)> = (0..count)
        .map(|index| {
            // SAFETY: the section is an array of `count` entries, which nothing ever writes.
            let entry = unsafe { &*first.add(index) };
            let target = |field: &i32| {
                ptr::from_ref(field)
                    .addr()
                    .wrapping_add_signed(*field as isize)
            };
            (target(&entry.instruction), target(&entry.resume))
        })
        .collect();
    fixups.sort_unstable();
    fixups.into()
}

/// The handler of SIGSEGV and SIGBUS.
unsafe extern "C" fn handle(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes valid information.
    let was_sent = unsafe { (*info).si_code <= 0 };
    if was_sent {
        // Wherever it arrived: nothing faulted there.
        let sent = SENT.load(Ordering::Acquire);
        // SAFETY: if it is not null, it was a `FaultHandler` when it was stored.
        let handled = !sent.is_null()
            && unsafe { mem::transmute::<*mut c_void, FaultHandler>(sent)(signal, info, context) };
        if !handled {
            // SAFETY: the arguments are those of this handler.
            unsafe { hand_on(signal, info, context) }
        }
        return;
    }
    // SAFETY: the kernel passes a valid context, which is ours until we return.
    let interrupted = unsafe { &mut *context.cast::<ucontext_t>() };
    #[cfg(feature = "jit")]
    if crate::jit::divert(interrupted) {
        return;
    }
    let rip = &mut interrupted.uc_mcontext.gregs[libc::REG_RIP as usize];
    let fixups = FIXUPS.get().map_or(&[][..], |fixups| fixups);
    if let Ok(index) = fixups.binary_search_by_key(&(*rip as usize), |fixup| fixup.0) {
        *rip = fixups[index].1 as i64;
        return;
    }
    let chained = CHAINED.load(Ordering::Acquire);
    if !chained.is_null() {
        // SAFETY: it was a `FaultHandler` when it was stored, whose contract is to be called so.
        let handled =
            unsafe { mem::transmute::<*mut c_void, FaultHandler>(chained)(signal, info, context) };
        if handled {
            return;
        }
    }
    // SAFETY: the arguments are those of this handler.
    unsafe { hand_on(signal, info, context) }
}

/// Does what was done on the signal before [`install`].
///
/// # Safety
///
/// To be called by a signal handler with its own arguments.
unsafe fn hand_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let previous = if signal == SIGSEGV {
        &PREVIOUS_SEGV
    } else {
        &PREVIOUS_BUS
    };
    // SAFETY: `info` is valid. The previous action's handler is called as the kernel would call
    // it, by the kind its flags say it has. The rest are calls that signal handlers may make.
    unsafe {
        let was_sent = (*info).si_code <= 0;
        let action = previous
            .get()
            .map_or(libc::SIG_DFL, |previous| previous.sa_sigaction);
        let takes_info = previous
            .get()
            .is_some_and(|p| p.sa_flags & libc::SA_SIGINFO != 0);
        match action {
            libc::SIG_IGN if was_sent => {}
            libc::SIG_DFL | libc::SIG_IGN => {
                // Returning repeats the fault, and that kills; a signal that was sent must be
                // sent again.
                libc::signal(signal, libc::SIG_DFL);
                if was_sent {
                    libc::raise(signal);
                }
            }
            handler if takes_info => {
                type Action = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
                mem::transmute::<usize, Action>(handler)(signal, info, context);
            }
            handler => mem::transmute::<usize, unsafe extern "C" fn(c_int)>(handler)(signal),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;
    use crate::memory::tests::{in_child, memory, run_in_child};
    use crate::memory::{Access, Memory};

    /// How a process ends that does `body`.
    fn end_of(body: impl FnOnce()) -> ExitStatus {
        let body = || {
            let none = libc::rlimit {
                rlim_cur: 0,
                rlim_max: 0,
            };
            // SAFETY: the structure is valid. The bodies crash; no core files, please.
            unsafe { libc::setrlimit(libc::RLIMIT_CORE, &none) };
            body();
        };
        run_in_child(body).status
    }

    /// Makes a space, has it handle a fault of its own, and then reads where nothing is.
    fn stumble(memory: Memory) {
        memory.load(Access::U8, 0).unwrap_err();
        let nowhere = ptr::without_provenance::<u8>(64);
        // SAFETY: none; it faults, which is what these tests are about.
        unsafe { ptr::read_volatile(nowhere) };
    }

    #[test]
    fn the_table_covers_the_primitives() {
        let fixups = read_table();
        assert!(fixups.len() > 20);
        assert!(fixups.is_sorted());
        assert!(
            fixups
                .iter()
                .all(|(instruction, resume)| instruction.abs_diff(*resume) < 1 << 20)
        );
    }

    #[test]
    fn foreign_faults_kill_as_ever() {
        assert_eq!(end_of(|| stumble(memory())).signal(), Some(SIGSEGV));
    }

    #[test]
    fn foreign_faults_reach_the_chained_handler() {
        unsafe fn leave(_: c_int, info: *mut siginfo_t, _: *mut c_void) -> bool {
            // SAFETY: the kernel passes a valid structure.
            unsafe { libc::_exit((*info).si_addr().addr() as c_int) }
        }
        let end = end_of(|| {
            // SAFETY: `leave` is async-signal-safe.
            unsafe { chain_fault_handler(leave) };
            stumble(memory());
        });
        assert_eq!(end.code(), Some(64));
    }

    #[test]
    fn foreign_faults_reach_the_handler_before_ours() {
        extern "C" fn leave(signal: c_int) {
            // SAFETY: ends the process.
            unsafe { libc::_exit(40 + signal) }
        }
        let end = end_of(|| {
            // SAFETY: `leave` is async-signal-safe.
            unsafe { libc::signal(SIGSEGV, leave as *const () as usize) };
            stumble(memory());
        });
        assert_eq!(end.code(), Some(40 + SIGSEGV));
    }

    #[test]
    fn foreign_faults_reach_the_handler_before_ours_with_their_arguments() {
        extern "C" fn leave(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
            // SAFETY: the kernel passes a valid structure.
            unsafe { libc::_exit((*info).si_addr().addr() as c_int) }
        }
        let end = end_of(|| {
            // SAFETY: the structure is valid, and `leave` async-signal-safe.
            unsafe {
                let mut action: libc::sigaction = mem::zeroed();
                action.sa_sigaction = leave as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO;
                libc::sigaction(SIGSEGV, &action, ptr::null_mut());
            }
            stumble(memory());
        });
        assert_eq!(end.code(), Some(64));
    }

    #[test]
    fn signals_that_were_sent_keep_their_effect() {
        let killed = end_of(|| {
            // SAFETY: a plain call. Rust's own handler would not let the signal kill.
            unsafe { libc::signal(SIGBUS, libc::SIG_DFL) };
            let _memory = memory();
            // SAFETY: a plain call.
            unsafe { libc::raise(SIGBUS) };
        });
        assert_eq!(killed.signal(), Some(SIGBUS));
    }

    #[test]
    fn ignored_signals_stay_ignored() {
        in_child(|| {
            // SAFETY: plain calls.
            unsafe { libc::signal(SIGBUS, libc::SIG_IGN) };
            let memory = memory();
            // SAFETY: as above.
            unsafe { libc::raise(SIGBUS) };
            memory.load(Access::U8, 0).unwrap_err();
        });
    }
}
