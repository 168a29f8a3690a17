//! What compiled code and the engine tell each other, beside the registers; and the way in and out.

use super::arena::Ahead;
use super::exceptions::{self, KEPT, Raising};
use super::flags::{self, Flags, OPERANDS, OVERRIDDEN};
use super::flow::Slots;
use super::strays::Stray;
use crate::domain::{FloatUnit, Turns};
use crate::hart::Hart;
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// The part of a [`Hart`] that belongs to compiled code. What is used most comes last: see [`HANDLE`].
#[repr(C)]
pub struct Frame {
    /// Nonzero: compiled code is to be left soon.
    pub stop: Cell<*const AtomicU8>,
    /// How many instructions have retired when code looks at that next.
    pub due: Cell<u64>,
    /// [`SLICE`]. Code that knew it would compute what it counts from what it counted before, and keep
    /// both.
    pub slice: Cell<i64>,
    /// What helpers raised since code was entered, as [`Flags`](crate::float::Flags) bits.
    pub raised: Cell<u64>,
    /// The last floating-point operations, where their exceptions are kept apart, or null.
    pub last: Cell<*const Raising>,
    /// What they are found out from.
    pub kept: [Cell<u64>; KEPT],
    /// A value on its way: see [`anchor`](super::anchor).
    pub way: Cell<u64>,
    /// What the guest's flags are made of by `flags`.
    pub operands: [Cell<u64>; OPERANDS],
    /// Which flags are something else, and what: see [`flags::OVERRIDES`].
    pub overrides: Cell<u64>,
    /// The slots of the flags.
    pub flag_slots: Cell<Slots>,
    /// The computed jump by which a region was left, for [`Exit::Stray`].
    pub stray: Cell<*const Stray>,
    /// The link by which code was left, or null.
    pub link: Cell<*const Link>,
    /// [`HANDLE`], unless a guarded access has faulted since code was entered.
    pub unhurt: Cell<*const u8>,
    /// The table of the blocks entered last.
    pub entered: Cell<*const u8>,
    /// What the guest's flags are to be made of, or null: the state has the flags themselves. With
    /// [`OVERRIDDEN`] where some are what `overrides` says.
    pub flags: Cell<*const Flags>,
    /// The instructions retired less `due`, which is what code counts: negative until it looks.
    pub overdue: Cell<i64>,
    /// The first address outside the guest's memory.
    pub limit: Cell<u64>,
    /// The host address of guest address 0.
    pub base: Cell<*const u8>,
}

/// Where compiled code's pointer to a hart leads, in bytes from the hart's start: what is 128 bytes below or above it is
/// an instruction's three bytes shorter to reach. Those are the frame's last words, the pc, and the first 24 registers.
pub const HANDLE: usize = offset_of!(Hart, registers) + 64;

/// An offset in the hart, in bytes from the [`HANDLE`].
pub const fn from_handle(offset: usize) -> i32 {
    offset as i32 - HANDLE as i32
}

/// How many instructions retire before code looks whether it is to be left: some microseconds.
pub const SLICE: i64 = 1 << 14;

/// Where an exit to a known address leads: to another region's code, once there is one.
#[repr(C)]
pub struct Link {
    code: AtomicUsize,
    /// The address.
    target: u64,
    /// Whether it leads to the code of the same entry that takes nothing for granted.
    cautious: bool,
}

impl Link {
    /// Where compiled code finds the code, in bytes.
    pub const CODE: i32 = offset_of!(Link, code) as i32;

    /// A link to an address that leads out of compiled code.
    pub fn new(target: u64) -> Link {
        Link {
            code: AtomicUsize::new(portolan_jit_unlinked as *const () as usize),
            target,
            cautious: false,
        }
    }

    /// The address that it is for.
    pub fn target(&self) -> u64 {
        self.target
    }

    /// A link from a region's entry to the same entry's code that takes nothing for granted.
    pub fn cautious(target: u64) -> Link {
        Link {
            cautious: true,
            ..Link::new(target)
        }
    }

    /// Whether it was made by [`Link::cautious`].
    pub fn is_cautious(&self) -> bool {
        self.cautious
    }

    /// From now on it leads to a region's code.
    pub fn set(&self, code: usize) {
        self.code.store(code, Ordering::Release);
    }

    /// It leads to a region's new code, if it leads to the old.
    pub fn replace(&self, old: usize, new: usize) {
        // Whoever set it meanwhile knows better.
        let _ = self
            .code
            .compare_exchange(old, new, Ordering::SeqCst, Ordering::Relaxed);
    }

    /// It leads out of compiled code again.
    pub fn unset(&self) {
        let out = portolan_jit_unlinked as *const () as usize;
        self.code.store(out, Ordering::SeqCst);
    }
}

// SAFETY: every `run` of a hart sets the pointers anew before compiled code sees them.
unsafe impl Send for Frame {}

impl Default for Frame {
    fn default() -> Self {
        Frame {
            stop: Cell::new(ptr::null()),
            due: Cell::new(0),
            slice: Cell::new(SLICE),
            raised: Cell::new(0),
            last: Cell::new(ptr::null()),
            kept: Default::default(),
            way: Cell::new(0),
            operands: Default::default(),
            overrides: Cell::new(0),
            flag_slots: Cell::default(),
            stray: Cell::new(ptr::null()),
            link: Cell::new(ptr::null()),
            unhurt: Cell::new(ptr::null()),
            entered: Cell::new(ptr::null()),
            flags: Cell::new(ptr::null()),
            overdue: Cell::new(0),
            limit: Cell::new(0),
            base: Cell::new(ptr::null()),
        }
    }
}

/// Another hart is in no code.
impl Clone for Frame {
    fn clone(&self) -> Self {
        Frame::default()
    }
}

/// Why compiled code was left. The numbers are part of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Exit {
    /// To go on at the pc. [`Frame::link`] may lead there directly from now on.
    Continue = 0,
    /// To interpret the instruction at the pc.
    Interpret = 1,
    /// An access may have faulted: what ran since the checkpoint, which the pc is at, is to be
    /// interpreted.
    Fault = 2,
    /// The block at the pc, where code of the baseline compiler was to go on, is hot.
    Hot = 3,
    /// A computed jump, at the address that code returns beside this, goes to the pc, and is to be noted.
    Note = 4,
    /// The computed jump that is [`Frame::stray`] goes to the pc, out of its region.
    Stray = 5,
}

/// What code returns.
#[repr(C)]
struct Outcome {
    exit: u64,
    /// Only [`Exit::Note`] has one.
    jump: u64,
}

/// Where the hart keeps a field of its frame, in bytes from the [`HANDLE`].
macro_rules! frame_offset {
    ($field:ident) => {
        $crate::jit::frame::from_handle(
            std::mem::offset_of!($crate::hart::Hart, compiled)
                + std::mem::offset_of!($crate::jit::frame::Frame, $field),
        )
    };
}
pub(crate) use frame_offset;

/// Where the frame made by `portolan_jit_enter` has the handle, in bytes below where its rbp leads.
const HANDLE_BELOW: usize = 48;

// Compiled code is given the hart's handle, and by which link it is entered (the handle once more: by none), and
// returns an `Exit`. All of it runs on a frame right below the one made here, to which its rbp leads: so
// a fault anywhere finds the hart, and ends by going back. A link without code leads to
// `portolan_jit_unlinked`.
std::arch::global_asm!(
    ".globl portolan_jit_enter",
    ".hidden portolan_jit_enter",
    ".type portolan_jit_enter, @function",
    "portolan_jit_enter:",
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "push rdi",
    "mov rax, rsi",
    "mov rsi, rdi",
    "call rax",
    "2:",
    "add rsp, 8",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    ".globl portolan_jit_faulted",
    ".hidden portolan_jit_faulted",
    "portolan_jit_faulted:",
    "mov rbp, [rbp]",
    "lea rsp, [rbp - {handle}]",
    "mov eax, {fault}",
    "jmp 2b",
    ".size portolan_jit_enter, . - portolan_jit_enter",
    ".globl portolan_jit_unlinked",
    ".hidden portolan_jit_unlinked",
    ".type portolan_jit_unlinked, @function",
    "portolan_jit_unlinked:",
    "mov rax, [rsi + {target}]",
    "mov [rdi + {pc}], rax",
    "mov [rdi + {link}], rsi",
    "mov eax, {go_on}",
    "ret",
    ".size portolan_jit_unlinked, . - portolan_jit_unlinked",
    fault = const Exit::Fault as u64,
    handle = const HANDLE_BELOW,
    target = const offset_of!(Link, target),
    pc = const from_handle(offset_of!(Hart, pc)),
    link = const frame_offset!(link),
    go_on = const Exit::Continue as u64,
);

unsafe extern "C" {
    fn portolan_jit_enter(handle: *const c_void, code: usize) -> Outcome;
    fn portolan_jit_faulted();
    fn portolan_jit_unlinked();
}

/// Runs compiled code, of a guest with this floating-point unit. Tells why it was left, and for [`Exit::Note`]
/// the address of the jump.
///
/// # Safety
///
/// `code` is the entry of a region that was compiled for the hart's memory and guest and that lives
/// until this returns; the hart's frame is set up.
pub unsafe fn enter(hart: &Hart, code: usize, unit: Option<&FloatUnit>) -> (Exit, u64) {
    let handle = ptr::from_ref(hart).cast::<u8>().wrapping_add(HANDLE);
    hart.compiled.unhurt.set(handle);
    hart.compiled.overdue.set(-SLICE);
    hart.compiled
        .due
        .set(hart.retired.get().wrapping_add_signed(SLICE));
    exceptions::begin();
    // SAFETY: by the contract above.
    let outcome = unsafe { portolan_jit_enter(handle.cast(), code) };
    let (due, overdue) = (hart.compiled.due.get(), hart.compiled.overdue.get());
    hart.retired.set(due.wrapping_add_signed(overdue));
    make_flags(hart);
    if let Some(unit) = unit {
        exceptions::settle(hart, unit);
    }
    let exit = match outcome.exit {
        0 => Exit::Continue,
        1 => Exit::Interpret,
        2 => Exit::Fault,
        3 => Exit::Hot,
        4 => Exit::Note,
        _ => Exit::Stray,
    };
    (exit, outcome.jump)
}

/// Makes the guest's flags, if compiled code has left word how: the state has them then. The result says nothing.
pub extern "C" fn make_flags(hart: &Hart) -> u64 {
    let frame = &hart.compiled;
    let word = frame.flags.take();
    let flags = word.map_addr(|address| address & !OVERRIDDEN);
    // SAFETY: compiled code that is alive set it: it is null again before code can be dropped.
    if let Some(flags) = unsafe { flags.as_ref() } {
        flags.make(hart, frame.operands.each_ref().map(Cell::get));
    }
    if word.addr() & OVERRIDDEN != 0 {
        flags::set_overridden(hart, frame.overrides.get());
    }
    0
}

/// Makes turns ahead, and tells how many. Compiled code counts them.
pub extern "C" fn make_ahead(hart: &Hart, turns: &Turns, to: u64, from: u64, most: u64) -> u64 {
    hart.memory.ahead(*turns, to, from, most)
}

/// Does what is to be done if the instruction at `rip` is compiled code's and faulted: the context of
/// the signal then goes on where that is foreseen, and with an [`Exit::Fault`] otherwise.
/// Async-signal-safe.
pub fn divert(context: &mut libc::ucontext_t) -> bool {
    let registers = &mut context.uc_mcontext.gregs;
    let rip = registers[libc::REG_RIP as usize] as usize;
    if !super::arena::contains(rip) {
        return false;
    }
    let next = match super::arena::guarded(rip) {
        None => {
            registers[libc::REG_RIP as usize] = portolan_jit_faulted as *const () as i64;
            return true;
        }
        Some(Ahead::Stub(next)) => {
            registers[libc::REG_RIP as usize] = next as i64;
            return true;
        }
        Some(Ahead::Skip(next)) => next,
    };
    let rbp = registers[libc::REG_RBP as usize] as *const usize;
    // SAFETY: in the middle of compiled code, rbp leads to the rbp of `portolan_jit_enter`, whose
    // frame has the handle; the hart outlives the call, and belongs to this thread.
    unsafe {
        let handle = *((*rbp - HANDLE_BELOW) as *const *const u8);
        let hart = handle.sub(HANDLE).cast::<Hart>();
        (*hart).compiled.unhurt.set(ptr::null());
    }
    registers[libc::REG_RIP as usize] = next as i64;
    true
}
