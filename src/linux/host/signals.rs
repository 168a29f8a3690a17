//! The host's signals, caught for the guest.
//!
//! The guest's dispositions and masks are mirrored onto the host thread, so that the host's
//! kernel does the routing: to the right thread, held while blocked, kept over execve. A caught
//! signal is put into the thread's [`Mailbox`], and *every* signal stays blocked on the host
//! thread until the personality has taken it out; hence one place is enough, and the rest queues
//! in the kernel in its order.

use super::blocking::leave;
use super::call::Plain;
use crate::errno::Errno;
use portolan_machine::stop::StopFlag;
use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Once};

/// The number of signals of a host that is not MIPS.
pub const SIGNALS: usize = 64;

/// What a person's Ctrl-C sends: SIGINT, which has this number on every guest, too.
pub const INTERRUPT: i32 = libc::SIGINT;

/// The host's bit of a signal in a mask.
pub fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// Signals that the emulator itself needs: the host never blocks, ignores or catches them for
/// the guest.
pub fn reserved(signal: i32) -> bool {
    matches!(signal, libc::SIGSEGV | libc::SIGBUS)
}

fn reserved_bits() -> u64 {
    bit(libc::SIGSEGV) | bit(libc::SIGBUS)
}

/// A mask that keeps the emulator's own signals coming.
pub fn without_reserved(mask: u64) -> u64 {
    mask & !reserved_bits()
}

/// What the host does with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The kernel's default action.
    Default,
    /// Nothing.
    Ignore,
    /// Put it into the mailbox.
    Catch,
}

/// A caught signal.
#[derive(Clone, Copy)]
pub struct Caught {
    /// The host's number.
    pub number: i32,
    /// What the host's kernel says about it.
    pub info: libc::siginfo_t,
}

/// In [`Mailbox::attention`]: a signal was caught.
const CAUGHT: u32 = 1;
/// In [`Mailbox::attention`]: another thread has something to say.
const KICKED: u32 = 2;

/// Where the host's signal handler leaves a signal for one guest thread.
pub struct Mailbox {
    /// Nonzero: there is something to do before the thread may sleep.
    attention: AtomicU32,
    stop: Arc<StopFlag>,
    slot: UnsafeCell<Option<Caught>>,
}

// SAFETY: the slot is written only by the signal handler of the host thread that the mailbox is
// attached to, while `attention` lacks `CAUGHT`, and read only by that same thread while it has it.
unsafe impl Sync for Mailbox {}
// SAFETY: nothing in it belongs to a host thread.
unsafe impl Send for Mailbox {}

thread_local! {
    /// The mailbox of the guest thread that runs on this host thread; plain thread-local storage
    /// without a destructor, hence safe to read in a signal handler.
    static ATTACHED: Cell<*const Mailbox> = const { Cell::new(std::ptr::null()) };
}

impl Mailbox {
    /// An empty mailbox. A signal also raises `stop`.
    pub fn new(stop: Arc<StopFlag>) -> Arc<Mailbox> {
        Arc::new(Mailbox {
            attention: AtomicU32::new(0),
            stop,
            slot: UnsafeCell::new(None),
        })
    }

    /// Signals caught on this host thread go to this mailbox while the result lives.
    pub fn attach(self: &Arc<Mailbox>) -> Attached {
        let before = ATTACHED.with(|attached| attached.replace(Arc::as_ptr(self)));
        Attached {
            before,
            _mailbox: Arc::clone(self),
        }
    }

    /// Nonzero when a signal is waiting.
    pub(super) fn attention(&self) -> &AtomicU32 {
        &self.attention
    }

    /// Whether a signal is waiting.
    pub fn is_full(&self) -> bool {
        self.attention.load(Ordering::SeqCst) & CAUGHT != 0
    }

    /// Takes the signal out. All signals are blocked on the host thread until the next
    /// [`set_mask`].
    pub fn take(&self) -> Option<Caught> {
        if !self.is_full() {
            return None;
        }
        // SAFETY: full, hence the handler does not write; see `Sync`.
        let caught = unsafe { (*self.slot.get()).take() };
        self.attention.fetch_and(!CAUGHT, Ordering::SeqCst);
        caught
    }

    /// Has the thread that it belongs to look around before it runs or sleeps again.
    pub fn raise(&self) {
        self.attention.fetch_or(KICKED, Ordering::SeqCst);
        self.stop.raise();
    }

    /// The same for a thread that may be running or asleep on the host thread `tid`, whatever
    /// signals it blocks.
    pub fn kick(&self, tid: i32) {
        hear_kicks();
        self.raise();
        // SAFETY: a signal that has a handler, which does nothing to a thread that is not
        // asleep.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, KICK) };
    }

    /// Whether there was a kick since the last time.
    pub fn take_kick(&self) -> bool {
        self.attention.load(Ordering::Relaxed) & KICKED != 0
            && self.attention.fetch_and(!KICKED, Ordering::SeqCst) & KICKED != 0
    }
}

/// Says which mailbox this host thread's signals went to before, and lets them go there again
/// when dropped. It stays on its host thread.
pub struct Attached {
    before: *const Mailbox,
    /// Even if this value is leaked, the handler has something to write to.
    _mailbox: Arc<Mailbox>,
}

impl Drop for Attached {
    fn drop(&mut self) {
        ATTACHED.with(|attached| attached.set(self.before));
    }
}

/// What follows the three leading integers of a siginfo, as 32-bit words.
pub fn info_words(info: &libc::siginfo_t) -> [i32; 28] {
    let start = if cfg!(target_pointer_width = "64") {
        16
    } else {
        12
    };
    let mut words = [0; 28];
    for (index, word) in words.iter_mut().enumerate() {
        // SAFETY: siginfo has 128 bytes, all integers; 16 + 28 * 4 is the last one's end.
        *word = unsafe {
            std::ptr::from_ref(info)
                .cast::<u8>()
                .add(start + index * 4)
                .cast::<i32>()
                .read()
        };
    }
    words
}

/// The siginfo of a signal that this process queues.
pub fn queued_info(signal: i32, code: i32, value: u64) -> libc::siginfo_t {
    let mut info = libc::siginfo_t::zeroed();
    (info.si_signo, info.si_code) = (signal, code);
    // SAFETY: pid, user and value follow the three leading integers (and padding); 128 bytes are
    // more than enough.
    unsafe {
        let start = if cfg!(target_pointer_width = "64") {
            16
        } else {
            12
        };
        let body = (&raw mut info).cast::<u8>().add(start);
        body.cast::<i32>().write(libc::getpid());
        body.add(4).cast::<u32>().write(libc::getuid());
        body.add(8).cast::<usize>().write(value as usize);
    }
    info
}

extern "C" fn catch(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let mailbox = ATTACHED.with(Cell::get);
    if mailbox.is_null() || info.is_null() || context.is_null() {
        return;
    }
    // SAFETY: an attached mailbox is alive. The kernel gives valid pointers to the info and
    // the interrupted context, whose signal mask is its first 64 bits in the kernel's frame.
    unsafe {
        let mailbox = &*mailbox;
        if !mailbox.is_full() {
            *mailbox.slot.get() = Some(Caught {
                number,
                info: *info,
            });
            mailbox.attention.fetch_or(CAUGHT, Ordering::SeqCst);
            mailbox.stop.raise();
        }
        let context = &mut *context.cast::<libc::ucontext_t>();
        *(&raw mut context.uc_sigmask).cast::<u64>() = !reserved_bits();
        leave(context);
    }
}

/// What wakes a thread: one of the emulator's own signals, since those are never blocked. That it
/// was sent tells it from a fault.
const KICK: i32 = libc::SIGBUS;

/// Makes [`KICK`] end a sleep, even one that is about to begin.
fn hear_kicks() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: `kicked` is async-signal-safe.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            portolan_machine::memory::set_sent_handler(kicked)
        };
        #[cfg(not(target_arch = "x86_64"))]
        {
            unsafe extern "C" fn handle(
                number: c_int,
                info: *mut libc::siginfo_t,
                context: *mut c_void,
            ) {
                // SAFETY: the arguments are those of this handler.
                unsafe { kicked(number, info, context) };
            }
            let action = KernelAction {
                handler: handle as *const () as usize,
                flags: (libc::SA_SIGINFO | libc::SA_ONSTACK) as usize,
                mask: 0,
            };
            // It cannot fail: the signal exists.
            let _ = action_call(KICK, Some(&action), None);
        }
    });
}

unsafe fn kicked(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) -> bool {
    // SAFETY: the kernel gives valid pointers to the info and the interrupted context.
    unsafe {
        if number != KICK || (*info).si_code != libc::SI_TKILL {
            return false;
        }
        leave(&mut *context.cast::<libc::ucontext_t>());
    }
    true
}

/// The kernel's structure, not the C library's: that one keeps two signals for itself.
#[repr(C)]
#[derive(Clone, Copy)]
struct KernelAction {
    handler: usize,
    flags: usize,
    #[cfg(target_arch = "x86_64")]
    restorer: usize,
    mask: u64,
}

// SAFETY: integers only.
unsafe impl Plain for KernelAction {}

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".globl portolan_signal_return",
    ".hidden portolan_signal_return",
    ".type portolan_signal_return, @function",
    "portolan_signal_return:",
    "mov eax, 15",
    "syscall",
    ".size portolan_signal_return, . - portolan_signal_return",
);

#[cfg(target_arch = "x86_64")]
unsafe extern "C" {
    static portolan_signal_return: u8;
}

fn action_call(
    signal: i32,
    new: Option<&KernelAction>,
    old: Option<&mut KernelAction>,
) -> Result<(), Errno> {
    let new = new.map_or(std::ptr::null(), std::ptr::from_ref);
    let old = old.map_or(std::ptr::null_mut(), std::ptr::from_mut);
    // SAFETY: the pointers are null or to structures of the kernel's layout.
    let result = unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, new, old, 8usize) };
    if result == 0 {
        Ok(())
    } else {
        Err(Errno::from_io(&std::io::Error::last_os_error()))
    }
}

/// Sets what the host does with a signal. `flags` are the host's `SA_NOCLDSTOP`, `SA_NOCLDWAIT`.
pub fn set_disposition(signal: i32, disposition: Disposition, flags: i32) -> Result<(), Errno> {
    if reserved(signal) {
        return Ok(());
    }
    let (handler, extra) = match disposition {
        Disposition::Default => (libc::SIG_DFL, 0),
        Disposition::Ignore => (libc::SIG_IGN, 0),
        Disposition::Catch => (
            catch as *const () as usize,
            libc::SA_SIGINFO | libc::SA_ONSTACK,
        ),
    };
    let flags = flags & (libc::SA_NOCLDSTOP | libc::SA_NOCLDWAIT) | extra;
    #[cfg(target_arch = "x86_64")]
    let action = KernelAction {
        handler,
        flags: (flags | 0x0400_0000) as usize,
        restorer: &raw const portolan_signal_return as usize,
        mask: !reserved_bits(),
    };
    #[cfg(not(target_arch = "x86_64"))]
    let action = KernelAction {
        handler,
        flags: flags as usize,
        mask: !reserved_bits(),
    };
    action_call(signal, Some(&action), None)
}

/// Whether the host ignores a signal now.
pub fn is_ignored(signal: i32) -> bool {
    let mut old = KernelAction::zeroed();
    action_call(signal, None, Some(&mut old)).is_ok() && old.handler == libc::SIG_IGN
}

/// Whether SIGPIPE was ignored when this program was started, which Rust's runtime hides.
static PIPE_IGNORED: AtomicBool = AtomicBool::new(false);

extern "C" fn remember_pipe() {
    PIPE_IGNORED.store(is_ignored(libc::SIGPIPE), Ordering::Relaxed);
}

/// Runs before `main`, and before Rust's runtime ignores SIGPIPE.
#[used]
#[unsafe(link_section = ".init_array")]
static REMEMBER_PIPE: extern "C" fn() = remember_pipe;

/// Undoes what Rust's runtime does to signals at start.
pub fn restore_inherited() {
    if !PIPE_IGNORED.load(Ordering::Relaxed) {
        // It cannot fail: the signal exists.
        let _ = set_disposition(libc::SIGPIPE, Disposition::Default, 0);
    }
}

/// Blocks these signals on this host thread, and no others; returns those blocked before.
pub fn set_mask(mask: u64) -> u64 {
    let (mask, mut old) = (mask & !reserved_bits(), 0u64);
    // SAFETY: both point to sets of eight bytes.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &mask,
            &mut old,
            8usize,
        );
    }
    old
}

/// The signals blocked on this host thread.
pub fn mask() -> u64 {
    let mut old = 0u64;
    let none = std::ptr::null::<u64>();
    // SAFETY: the second set has eight bytes, the first is not read.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_BLOCK,
            none,
            &mut old,
            8usize,
        );
    }
    old
}

/// Takes a signal that this host thread blocks, and that waits for it or for the process.
pub fn take_waiting(signal: i32) -> Option<Caught> {
    let at_once = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let (set, mut info) = (bit(signal), libc::siginfo_t::zeroed());
    // SAFETY: a set of eight bytes and a time, which are read, and a siginfo, which is written.
    let taken =
        unsafe { libc::syscall(libc::SYS_rt_sigtimedwait, &set, &mut info, &at_once, 8usize) };
    (taken == i64::from(signal)).then_some(Caught {
        number: signal,
        info,
    })
}

/// From now on what a person's keys send at a terminal (SIGINT, SIGQUIT) is for other processes, started before.
pub fn leave_keys_to_others() {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // The kernel lets every process ignore these.
        let _ = set_disposition(signal, Disposition::Ignore, 0);
    }
}

/// Tells a process that its terminal is gone, as far as it still is there: SIGHUP.
pub fn hang_up(process: i32) {
    let _ = super::calls::kill(process, libc::SIGHUP).now();
}

/// Ends this process the way a signal's default action does.
pub fn die_by(signal: i32) -> ! {
    let default = libc::SIG_DFL;
    // A core dump of the emulator would be of no use to anybody.
    let none = libc::rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: resets a disposition and sends a signal to this process; the emulator's own
    // handlers are not needed any more.
    unsafe {
        libc::setrlimit64(libc::RLIMIT_CORE, &none);
        libc::signal(signal, default);
        let mask = !bit(signal);
        let old = std::ptr::null_mut::<u64>();
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &mask,
            old,
            8usize,
        );
        libc::syscall(
            libc::SYS_tgkill,
            libc::getpid(),
            libc::syscall(libc::SYS_gettid),
            signal,
        );
        // A signal whose default is to do nothing, or a disposition that could not be reset.
        libc::_exit(128 + signal)
    }
}
