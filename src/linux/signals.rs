//! Signals as the guest sees them: dispositions, masks, what is put on the handler's stack.
//!
//! The host's kernel routes (see [`host::signals`](crate::host::signals)); here the guest's
//! numbers, structures and rules are kept.

use crate::errno::Errno;
use crate::host::signals::{self as host, Caught, Disposition};
use crate::layout::{Layout, Shape, Writer};
use crate::personality::Personality;
use crate::thread::watch::tells;
use crate::user::User;
use portolan_machine::float::Flags;
use portolan_machine::guest::Core;
use portolan_machine::memory::{Cause, Fault};
use portolan_machine::trap::Trap;

/// A guest's set of signals: bit n - 1 is for signal n. Guests have up to twice the host's signals.
pub type Set = u128;

/// The set of one signal.
pub fn only(signal: i32) -> Set {
    1 << (signal - 1)
}

/// A set in memory: words, the lowest signals first whatever the byte order.
pub fn encode_set(shape: Shape, set: Set, bytes: usize) -> Vec<u8> {
    let word = usize::from(shape.word);
    let words = (0..bytes).step_by(word);
    let words = words.map(|at| (set >> (8 * at)) as u64);
    words.fold(Writer::new(shape), Writer::long).finish()
}

/// The set in these bytes.
pub fn decode_set(shape: Shape, bytes: &[u8]) -> Set {
    let word = usize::from(shape.word);
    let words = bytes.chunks_exact(word).enumerate();
    words.fold(0, |set, (index, bytes)| {
        set | Set::from(shape.decode(bytes)) << (8 * word * index)
    })
}

/// `SIG_DFL`.
pub const DEFAULT: u64 = 0;
/// `SIG_IGN`.
pub const IGNORE: u64 = 1;
/// The alternate stack is disabled.
pub const STACK_DISABLED: u32 = 2;
/// A handler runs on the alternate stack.
pub const STACK_IN_USE: u32 = 1;

/// What the guest does with a signal: `struct sigaction` in the guest's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// The handler's address, or [`DEFAULT`] or [`IGNORE`].
    pub handler: u64,
    /// `SA_*`.
    pub flags: u64,
    /// Signals blocked while the handler runs.
    pub mask: Set,
    /// Where the handler returns to, if `SA_RESTORER` is set.
    pub restorer: u64,
}

impl Action {
    /// Whether a handler of the guest's is called.
    pub fn is_caught(&self) -> bool {
        self.handler > IGNORE
    }

    /// What the host has to do for it.
    pub fn disposition(&self) -> Disposition {
        match self.handler {
            DEFAULT => Disposition::Default,
            IGNORE => Disposition::Ignore,
            _ => Disposition::Catch,
        }
    }
}

/// `stack_t`: the alternate stack of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlternateStack {
    /// The lowest address.
    pub start: u64,
    /// Bytes.
    pub size: u64,
    /// `SS_*`.
    pub flags: u32,
}

impl Default for AlternateStack {
    fn default() -> Self {
        AlternateStack {
            start: 0,
            size: 0,
            flags: STACK_DISABLED,
        }
    }
}

impl AlternateStack {
    /// That of a program that has just begun: there is none, but nobody disabled it, as frames tell.
    pub const NONE: AlternateStack = AlternateStack {
        start: 0,
        size: 0,
        flags: 0,
    };

    /// Reads a guest's `stack_t`.
    pub fn read(user: &User<'_>, layout: &Layout, address: u64) -> Result<AlternateStack, Errno> {
        let bytes = user.structure(address, layout)?;
        Ok(AlternateStack::decode(user.shape, layout, &bytes))
    }

    /// The contents of a guest's `stack_t`.
    pub fn decode(shape: Shape, layout: &Layout, bytes: &[u8]) -> AlternateStack {
        let get = |name| layout.decode(shape, bytes, name);
        AlternateStack {
            start: get("ss_sp"),
            size: get("ss_size"),
            flags: get("ss_flags") as u32,
        }
    }

    /// A guest's `stack_t`.
    pub fn encode(&self, shape: Shape, layout: &Layout) -> Vec<u8> {
        let values = [
            ("ss_sp", self.start),
            ("ss_size", self.size),
            ("ss_flags", u64::from(self.flags)),
        ];
        layout.encode(shape, &values)
    }

    /// Whether a stack pointer lies on it.
    pub fn contains(&self, pointer: u64) -> bool {
        self.flags & STACK_DISABLED == 0
            && pointer.wrapping_sub(self.start).wrapping_sub(1) < self.size
    }

    /// The flags to report while the stack pointer is `pointer`.
    pub fn reported(&self, pointer: u64) -> AlternateStack {
        let state = match self.size {
            0 => STACK_DISABLED,
            _ if self.contains(pointer) => STACK_IN_USE,
            _ => 0,
        };
        AlternateStack {
            flags: self.flags | state,
            ..*self
        }
    }
}

/// The kinds of frames that an ABI may have; newer ones have one for all handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// For handlers that are told the number of the signal: sigreturn takes it down.
    Plain,
    /// For handlers with `SA_SIGINFO`: rt_sigreturn takes it down.
    Detailed,
}

/// What an ABI needs to build a handler's frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Which kind of frame the handler wants.
    pub kind: FrameKind,
    /// The signal, in the guest's numbers.
    pub number: i32,
    /// `siginfo_t`, 128 bytes in the guest's layout.
    pub info: Vec<u8>,
    /// The handler's address.
    pub handler: u64,
    /// Where the handler returns to.
    pub restorer: u64,
    /// The mask to restore afterwards.
    pub mask: Set,
    /// The alternate stack, to be restored afterwards.
    pub stack: AlternateStack,
    /// The address under which the frame is built.
    pub top: u64,
}

/// What was in a frame besides registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The mask.
    pub mask: Set,
    /// The alternate stack, if the frame has it.
    pub stack: Option<AlternateStack>,
    /// What could not be taken back, after all else was.
    pub refused: Option<Fault>,
}

/// Why a signal was raised: the contents of `siginfo_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An instruction, with the address that it concerns.
    Instruction {
        /// `si_code`.
        code: i32,
        /// `si_addr`.
        address: u64,
    },
    /// A process.
    Sent {
        /// `si_code`.
        code: i32,
        /// Who sent it.
        pid: i32,
        /// The sender's user.
        uid: u32,
        /// `si_value` of sigqueue and timers.
        value: u64,
    },
    /// A child that ended, stopped or went on.
    Child {
        /// `si_code`.
        code: i32,
        /// Which child.
        pid: i32,
        /// Its user.
        uid: u32,
        /// Its exit status or signal, in the guest's numbers.
        status: i32,
        /// Its time in user and system mode, in clock ticks.
        times: [i64; 2],
    },
    /// A file descriptor.
    Descriptor {
        /// `si_code`.
        code: i32,
        /// What happened.
        band: i64,
        /// To which one.
        fd: i32,
    },
    /// A POSIX timer.
    Timer {
        /// `si_code`.
        code: i32,
        /// The timer's number.
        id: i32,
        /// How often it expired besides, until the signal was taken.
        overrun: i32,
        /// `sigev_value`.
        value: u64,
    },
    /// The kernel; nothing more is known.
    Other {
        /// `si_code`.
        code: i32,
    },
}

const SI_USER: i32 = 0;
const SI_KERNEL: i32 = 0x80;

impl Origin {
    /// What the host's kernel says about a caught signal.
    fn of(personality: &Personality, caught: &Caught) -> Origin {
        let (info, code) = (&caught.info, caught.info.si_code);
        let words = host_words(info);
        match caught.number {
            libc::SIGCHLD if code > 0 && code < SI_KERNEL => Origin::Child {
                code,
                pid: words[0],
                uid: words[1].cast_unsigned(),
                status: match code {
                    libc::CLD_EXITED => words[2],
                    _ => personality.guest_signal(words[2]),
                },
                times: [long_at(info, 4), long_at(info, 6)],
            },
            // fcntl's F_SETSIG may choose a real-time signal.
            libc::SIGIO | 32.. if code > 0 && code < SI_KERNEL => Origin::Descriptor {
                code,
                band: long_at(info, 0),
                fd: words[2],
            },
            _ if code == SI_USER || code == libc::SI_TKILL || code == libc::SI_QUEUE => {
                Origin::Sent {
                    code,
                    pid: words[0],
                    uid: words[1].cast_unsigned(),
                    value: long_at(info, 2).cast_unsigned(),
                }
            }
            _ if code == libc::SI_TIMER => Origin::Timer {
                code,
                id: words[0],
                overrun: words[1],
                value: long_at(info, 2).cast_unsigned(),
            },
            _ if code < 0 => Origin::Sent {
                code,
                pid: words[0],
                uid: words[1].cast_unsigned(),
                value: long_at(info, 2).cast_unsigned(),
            },
            _ => Origin::Other { code },
        }
    }

    /// `si_code`.
    pub fn code(&self) -> i32 {
        match *self {
            Origin::Instruction { code, .. }
            | Origin::Sent { code, .. }
            | Origin::Child { code, .. }
            | Origin::Descriptor { code, .. }
            | Origin::Timer { code, .. }
            | Origin::Other { code } => code,
        }
    }

    /// `siginfo_t` for the guest.
    pub fn encode(&self, personality: &Personality, number: i32) -> Vec<u8> {
        let (shape, code) = (
            personality.abi.shape,
            personality.code_to_guest(self.code()),
        );
        let head = Writer::new(shape).i32(number);
        let head = match personality.abi.signals.code_first {
            true => head.i32(code).i32(0),
            false => head.i32(0).i32(code),
        };
        let head = head.align(usize::from(shape.word));
        let body = match *self {
            Origin::Instruction { address, .. } => head.long(address),
            Origin::Sent {
                pid, uid, value, ..
            } => head.i32(pid).u32(uid).long(value),
            Origin::Child {
                pid,
                uid,
                status,
                times,
                ..
            } => head
                .i32(pid)
                .u32(uid)
                .i32(status)
                .signed_long(times[0])
                .signed_long(times[1]),
            Origin::Descriptor { band, fd, .. } => head.signed_long(band).i32(fd),
            Origin::Timer {
                id, overrun, value, ..
            } => head.i32(id).i32(overrun).long(value),
            Origin::Other { .. } => head,
        };
        body.pad(128).finish()
    }
}

/// The host's siginfo behind its three leading integers (and padding) as 32-bit words.
fn host_words(info: &libc::siginfo_t) -> [i32; 28] {
    host::info_words(info)
}

fn long_at(info: &libc::siginfo_t, index: usize) -> i64 {
    let words = host_words(info);
    let (low, high) = (
        words[index].cast_unsigned(),
        words[index + 1].cast_unsigned(),
    );
    let (low, high) = if cfg!(target_endian = "big") {
        (high, low)
    } else {
        (low, high)
    };
    (u64::from(high) << 32 | u64::from(low)).cast_signed()
}

/// A signal to be delivered to a guest thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The guest's number.
    pub number: i32,
    /// Why.
    pub origin: Origin,
}

impl Signal {
    /// The guest's view of a signal that the host caught.
    pub fn from_host(personality: &Personality, caught: &Caught) -> Signal {
        Signal {
            number: personality.guest_signal(caught.number),
            origin: Origin::of(personality, caught),
        }
    }

    /// The signal that the kernel raises for the trapped instruction at the pc.
    pub fn from_trap(personality: &Personality, trap: &Trap, core: &mut dyn Core) -> Signal {
        const SEGV_MAPERR: i32 = 1;
        const SEGV_ACCERR: i32 = 2;
        const BUS_ADRALN: i32 = 1;
        const BUS_ADRERR: i32 = 2;
        const ILL_ILLOPC: i32 = 1;
        const TRAP_BRKPT: i32 = 1;
        const FPE_INTOVF: i32 = 2;
        if let Some(signal) = (personality.abi.signals.raise)(core, trap) {
            return signal;
        }
        let pc = core.pc();
        let (signal, code, address) = match *trap {
            Trap::Fault(Fault { address, cause, .. }) => match cause {
                Cause::Unmapped => (libc::SIGSEGV, SEGV_MAPERR, address),
                Cause::Protection => (libc::SIGSEGV, SEGV_ACCERR, address),
                Cause::Bus => (libc::SIGBUS, BUS_ADRERR, address),
            },
            Trap::Misaligned { address, .. } => (libc::SIGBUS, BUS_ADRALN, address),
            Trap::Breakpoint => (libc::SIGTRAP, TRAP_BRKPT, pc),
            Trap::Overflow => (libc::SIGFPE, FPE_INTOVF, pc),
            Trap::Float { raised } => (libc::SIGFPE, float_code(raised), pc),
            Trap::Software { .. } => (libc::SIGTRAP, TRAP_BRKPT, pc),
            Trap::Illegal | Trap::Syscall => (libc::SIGILL, ILL_ILLOPC, pc),
        };
        Signal {
            number: personality.guest_signal(signal),
            origin: Origin::Instruction { code, address },
        }
    }

    /// The signal of a frame that could not be stored or loaded: `force_sigsegv`.
    pub fn of_frame(personality: &Personality) -> Signal {
        Signal {
            number: personality.guest_signal(libc::SIGSEGV),
            origin: Origin::Other { code: SI_KERNEL },
        }
    }
}

/// The `si_code` of SIGFPE for floating-point exceptions, the gravest of several.
fn float_code(raised: u64) -> i32 {
    const FPE_FLTDIV: i32 = 3;
    const FPE_FLTOVF: i32 = 4;
    const FPE_FLTUND: i32 = 5;
    const FPE_FLTRES: i32 = 6;
    const FPE_FLTINV: i32 = 7;
    let raised = Flags::from_bits(raised as u8);
    let codes = [
        (Flags::INVALID, FPE_FLTINV),
        (Flags::DIVIDE_BY_ZERO, FPE_FLTDIV),
        (Flags::OVERFLOW, FPE_FLTOVF),
        (Flags::UNDERFLOW, FPE_FLTUND),
        (Flags::DENORMAL, FPE_FLTUND),
    ];
    let gravest = codes.into_iter().find(|(flag, _)| raised.contains(*flag));
    gravest.map_or(FPE_FLTRES, |(_, code)| code)
}

/// What the kernel does with a signal that nobody handles, by the host's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultAction {
    /// The process ends; `core` says whether it would leave a core dump.
    End {
        /// With a core dump.
        core: bool,
    },
    /// The process stops.
    Stop,
    /// A stopped process goes on.
    Continue,
    /// Nothing.
    Nothing,
}

impl DefaultAction {
    /// The default action of a signal, by the host's number.
    pub fn of(signal: i32) -> DefaultAction {
        match signal {
            libc::SIGCHLD | libc::SIGURG | libc::SIGWINCH => DefaultAction::Nothing,
            libc::SIGCONT => DefaultAction::Continue,
            libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU => DefaultAction::Stop,
            libc::SIGQUIT
            | libc::SIGILL
            | libc::SIGTRAP
            | libc::SIGABRT
            | libc::SIGBUS
            | libc::SIGFPE
            | libc::SIGSEGV
            | libc::SIGXCPU
            | libc::SIGXFSZ
            | libc::SIGSYS => DefaultAction::End { core: true },
            _ => DefaultAction::End { core: false },
        }
    }
}

/// All dispositions of a process.
#[derive(Clone, Debug)]
pub struct Actions {
    /// By the guest's number.
    actions: Vec<Action>,
    /// A debugger wants to hear of signals before they end the process, or before they are ignored.
    watched: bool,
}

impl Actions {
    /// The dispositions that a program starts with: those the host was told to ignore are
    /// ignored.
    pub fn inherited(personality: &Personality) -> Actions {
        let mut actions = vec![Action::default(); host::SIGNALS * 2 + 1];
        for signal in 1..=host::SIGNALS as i32 {
            if host::is_ignored(signal) {
                let guest = personality.guest_signal(signal);
                actions[guest as usize].handler = IGNORE;
            }
        }
        Actions {
            actions,
            watched: false,
        }
    }

    /// Has the host tell of signals that would end the process if it did not handle or ignore them: as for ptrace,
    /// those that it ignores are told, too.
    pub(crate) fn watch(&mut self, personality: &Personality) {
        self.watched = true;
        self.mirror_unhandled(personality);
    }

    /// Undoes [`Actions::watch`], as a program that is about to replace this one needs it: it inherits what the host
    /// ignores. Whether it was watched.
    pub(crate) fn unwatch(&mut self, personality: &Personality) -> bool {
        let was = std::mem::replace(&mut self.watched, false);
        if was {
            self.mirror_unhandled(personality);
        }
        was
    }

    /// Has the host do what it has to with the signals that being watched matters for.
    fn mirror_unhandled(&self, personality: &Personality) {
        for signal in (1..=host::SIGNALS as i32).filter(|&signal| tells(signal)) {
            let action = self.get(personality.guest_signal(signal));
            if !action.is_caught() {
                // SIGKILL cannot be caught.
                let _ = host::set_disposition(signal, self.disposition(signal, action), 0);
            }
        }
    }

    /// What the host has to do with a signal, by the host's number.
    fn disposition(&self, signal: i32, action: Action) -> Disposition {
        match action.disposition() {
            Disposition::Default | Disposition::Ignore if self.watched && tells(signal) => {
                Disposition::Catch
            }
            disposition => disposition,
        }
    }

    /// The disposition of a signal by the guest's number.
    pub fn get(&self, number: i32) -> Action {
        usize::try_from(number)
            .ok()
            .and_then(|n| self.actions.get(n))
            .copied()
            .unwrap_or_default()
    }

    /// The host's mask of the signals that are caught.
    pub fn caught(&self, personality: &Personality) -> u64 {
        (1..=host::SIGNALS as i32)
            .filter(|&signal| {
                let action = self.get(personality.guest_signal(signal));
                self.disposition(signal, action) == Disposition::Catch
            })
            .fold(0, |all, signal| all | host::bit(signal))
    }

    /// Changes the disposition of a signal, on the host too.
    pub fn set(
        &mut self,
        personality: &Personality,
        number: i32,
        action: Action,
    ) -> Result<(), Errno> {
        if let Some(signal) = personality.host_signal(number) {
            let flags = personality.action_flags_to_host(action.flags);
            host::set_disposition(signal, self.disposition(signal, action), flags)?;
        }
        self.actions[number as usize] = action;
        Ok(())
    }

    /// Signals that have a handler get their default action, as at execve.
    pub(crate) fn forget_handlers(&mut self, personality: &Personality) {
        for number in 1..self.actions.len() as i32 {
            if self.get(number).is_caught() {
                // It was set before, hence it can be.
                let _ = self.set(personality, number, Action::default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ABI, WIDE_ABI};

    #[test]
    fn siginfo_has_the_kernels_layout() {
        let origin = Origin::Instruction {
            code: 2,
            address: 0x1122,
        };
        let bytes = origin.encode(&Personality::new(&WIDE_ABI), 11);
        assert_eq!(bytes.len(), 128);
        assert_eq!(bytes[..4], [11, 0, 0, 0]);
        assert_eq!(bytes[8..12], [2, 0, 0, 0]);
        assert_eq!(bytes[16..18], [0x22, 0x11]);
        let sent = Origin::Sent {
            code: 0,
            pid: 7,
            uid: 8,
            value: 9,
        }
        .encode(&Personality::new(&ABI), 10);
        assert_eq!(sent[12..24], [0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9]);
    }

    #[test]
    fn the_alternate_stack_knows_when_it_is_in_use() {
        let stack = AlternateStack {
            start: 0x1000,
            size: 0x1000,
            flags: 0,
        };
        assert!(!stack.contains(0x1000));
        assert!(stack.contains(0x1001) && stack.contains(0x2000));
        assert!(!stack.contains(0x2001));
        assert_eq!(stack.reported(0x1800).flags, STACK_IN_USE);
        assert!(!AlternateStack::default().contains(0));
        let none = AlternateStack::NONE;
        assert_eq!(none.reported(0x1800).flags, STACK_DISABLED);
    }
}
