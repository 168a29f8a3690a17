//! What one instruction set brings to the personality: an [`Abi`], mostly data.

use crate::constants::Constant;
use crate::layout::{Layout, Shape};
use crate::loader::Image;
use crate::signals::{Frame, FrameKind, Restored, Signal};
use crate::syscalls::{Call, Handler};
use portolan_machine::guest::Core;
use portolan_machine::memory::Fault;
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

/// A processor of an instruction set, with the extensions that it has.
#[derive(Clone, Copy, Debug)]
pub struct Processor {
    /// What it is called.
    pub name: &'static str,
    /// What it has, for people.
    pub has: &'static str,
    /// The bits that it adds to the mode of its harts.
    pub mode: u8,
    /// `AT_HWCAP`.
    pub hwcap: u64,
    /// `AT_HWCAP2`, where the kernel gives one.
    pub hwcap2: Option<u64>,
    /// `AT_BASE_PLATFORM`, where the kernel gives one.
    pub base_platform: Option<&'static str>,
}

/// The processors that programs of an instruction set can be run on.
#[derive(Clone, Copy, Debug)]
pub struct Processors {
    /// Those that have names; first the usual one, which has everything. There is one at least.
    pub named: &'static [Processor],
    /// Others, called by what they have, where there is a notation for that.
    pub notation: Option<Notation>,
    /// The name of the one that has no more than the host's, if that is of this instruction set.
    pub host: fn() -> Option<&'static str>,
}

/// A notation for processors by what they have.
#[derive(Clone, Copy, Debug)]
pub struct Notation {
    /// What is written in it, for people.
    pub form: &'static str,
    /// Reads it.
    pub read: fn(&str) -> Option<Processor>,
}

impl Processors {
    /// The processor of a name, or the usual one, which is `max`, too. `host` is the one that has no more
    /// than the host's. None, if it is none of them.
    pub fn find(&self, name: Option<&str>) -> Option<Processor> {
        let named = |name: &str| self.named.iter().find(|it| it.name == name).copied();
        match name {
            None | Some("max") => self.named.first().copied(),
            Some("host") => (self.host)().and_then(named),
            Some(name) => named(name).or_else(|| (self.notation?.read)(name)),
        }
    }

    /// The names of those that there are, and how others are written.
    pub fn names(&self) -> String {
        let named = self.named.iter().map(|it| it.name);
        let notation = self.notation.map(|it| it.form);
        named.chain(notation).collect::<Vec<_>>().join(", ")
    }
}

/// The Linux ABI of one instruction set. Each `arch/*` crate supplies one `static`.
pub struct Abi {
    /// The name as in a target triple: `riscv64`.
    pub name: &'static str,
    /// What `uname -m` prints.
    pub machine: &'static str,
    /// `AT_PLATFORM`, where the kernel gives one.
    pub platform: Option<&'static str>,
    /// The processors that programs can be run on.
    pub processors: Processors,
    /// How the ELF files of this ABI are marked.
    pub elf: ElfMark,
    /// The words and their order.
    pub shape: Shape,
    /// Where things go in the address space.
    pub space: Space,
    /// The registers that calls use.
    pub registers: CallRegisters,
    /// Sets what registers hold when a program starts, besides the stack pointer.
    pub start: fn(&mut dyn Core),
    /// Puts the result of a call, or the guest's error number, where the program expects it.
    pub set_result: fn(&mut dyn Core, Result<u64, u16>),
    /// Lines of `number name`, and comments after `#`.
    pub numbers: &'static str,
    /// The calls that only this instruction set has; they win over the common ones.
    pub calls: &'static [Call],
    /// Options of prctl that only this instruction set has; others are EINVAL.
    pub prctl: Handler,
    /// The order of clone's last arguments.
    pub clone_order: CloneOrder,
    /// Numbers with names.
    pub constants: Constants,
    /// Structures that differ between instruction sets.
    pub layouts: Layouts,
    /// Code of the kernel's that programs call.
    pub gates: Gates,
    /// Signal delivery.
    pub signals: SignalAbi,
}

/// Calls that programs make by calling addresses of the kernel's, where no memory is.
#[derive(Clone, Copy, Debug)]
pub struct Gates {
    /// Their addresses, and the numbers of the calls.
    pub calls: &'static [(u64, u64)],
    /// Returns to the caller with a result.
    pub leave: fn(&mut dyn Core, u64) -> Result<(), Fault>,
}

impl Gates {
    /// None at all.
    pub const NONE: Gates = Gates {
        calls: &[],
        leave: |_, _| Ok(()),
    };

    /// The number of the call at an address.
    pub(crate) fn of(&self, address: u64) -> Option<u64> {
        let mut calls = self.calls.iter();
        let found = calls.find(|(gate, _)| *gate == address);
        found.map(|(_, number)| *number)
    }
}

/// The contents of a file's sections by their names.
pub type Sections<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// How the ELF files of an ABI are marked.
#[derive(Clone, Copy, Debug)]
pub struct ElfMark {
    /// `e_machine`.
    pub machine: u16,
    /// Says why a file with these `e_flags` cannot run, if it cannot.
    pub refuse: fn(flags: u32) -> Option<&'static str>,
    /// Says what a file with these `e_flags` was compiled for; the function gives the contents of a
    /// section.
    pub describe: fn(flags: u32, section: Sections<'_>) -> Vec<String>,
    /// The [`Context::mode`](portolan_machine::guest::Context::mode) in which a program runs, which
    /// its interpreter may have a say in; or why the two cannot run.
    pub mode: fn(program: &Image, interpreter: Option<&Image>) -> Result<u8, &'static str>,
    /// Whether the stack may be executed when the file has no `PT_GNU_STACK`.
    pub stack_executable: bool,
}

/// Where things go in the address space.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// The first address that user programs cannot have; less if the memory is smaller.
    pub end: u64,
    /// The lowest address that a mapping gets without asking for it.
    pub lowest: u64,
    /// `SHMLBA`: where shared memory may be attached, if one asks for an address.
    pub shared_alignment: u64,
}

/// The registers that calls use.
#[derive(Clone, Copy, Debug)]
pub struct CallRegisters {
    /// The number of the call.
    pub number: Slot,
    /// The arguments that travel in registers.
    pub arguments: &'static [Slot],
    /// Where further arguments are: bytes above the stack pointer of the one after the
    /// registers' last.
    pub stack_arguments: Option<u16>,
    /// Whether a 64-bit argument of a 32-bit guest starts at an even argument register.
    pub even_pairs: bool,
    /// The result.
    pub result: Slot,
    /// Where pipe returns its second descriptor, if it returns both instead of storing them.
    pub second_result: Option<Slot>,
    /// The stack pointer.
    pub stack_pointer: Slot,
    /// The thread pointer, which clone sets with `CLONE_SETTLS`.
    pub thread_pointer: Slot,
}

/// The order of clone's arguments after flags, stack and parent's tid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloneOrder {
    /// Thread pointer, child's tid: the kernel's `CONFIG_CLONE_BACKWARDS`.
    TlsFirst,
    /// Child's tid, thread pointer.
    TidFirst,
}

/// Numbers with names; see [`generic`](crate::generic) for the usual ones.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// Error numbers that are not as in asm-generic.
    pub errors: &'static [(&'static str, u16)],
    /// Flags of open.
    pub open: &'static [Constant],
    /// Commands of fcntl.
    pub fcntl: &'static [Constant],
    /// Signals below the real-time ones.
    pub signals: &'static [Constant],
    /// Flags of sigaction.
    pub signal_action: &'static [Constant],
    /// What sigprocmask does.
    pub signal_mask: &'static [Constant],
    /// Flags of mmap.
    pub mmap: &'static [Constant],
    /// The codes of signals that do not come from an instruction, as numbers of 32 bits.
    pub signal_codes: &'static [Constant],
    /// Resources of getrlimit.
    pub limits: &'static [Constant],
    /// `RLIM_INFINITY` of getrlimit.
    pub no_limit: u64,
    /// Events of poll.
    pub poll: &'static [Constant],
    /// Types of sockets, and the flags that go with them.
    pub socket_types: &'static [Constant],
    /// `SOL_SOCKET`; the other levels of options are alike everywhere.
    pub socket_level: i32,
    /// Options of the level `SOL_SOCKET`.
    pub socket_options: &'static [Constant],
    /// Requests of ioctl.
    pub ioctl: &'static [Constant],
    /// Input modes of termios.
    pub terminal_input: &'static [Constant],
    /// Output modes of termios.
    pub terminal_output: &'static [Constant],
    /// Control modes of termios.
    pub terminal_control: &'static [Constant],
    /// Local modes of termios.
    pub terminal_local: &'static [Constant],
    /// Indexes of termios' control characters.
    pub terminal_characters: &'static [Constant],
}

/// Structures that differ between instruction sets.
#[derive(Clone, Copy, Debug)]
pub struct Layouts {
    /// `struct stat` of stat, fstat and newfstatat.
    pub stat: Layout,
    /// `struct stat64` of stat64 and fstatat64; equal to `stat` on 64-bit guests.
    pub stat64: Layout,
    /// `struct statfs`.
    pub statfs: Layout,
    /// `struct statfs64`; equal to `statfs` on 64-bit guests.
    pub statfs64: Layout,
    /// The kernel's `struct sigaction`; `sa_mask` names its first 8 bytes.
    pub sigaction: Layout,
    /// The `struct sigaction` of sigaction, where there is that call besides rt_sigaction; its
    /// `sa_mask` is a word.
    pub old_sigaction: Layout,
    /// `stack_t`.
    pub stack: Layout,
    /// `struct flock`.
    pub flock: Layout,
    /// `struct flock64`; equal to `flock` on 64-bit guests.
    pub flock64: Layout,
    /// The kernel's `struct termios`; `c_cc` names its first byte.
    pub termios: Layout,
    /// `struct epoll_event`.
    pub epoll_event: Layout,
    /// `struct shmid64_ds`. Times of 64 bits in two halves have the second as `shm_atime_high`.
    pub shmid: Layout,
    /// `struct semid64_ds`.
    pub semid: Layout,
    /// `struct msqid64_ds`.
    pub msqid: Layout,
}

/// Signal delivery.
#[derive(Clone, Copy)]
pub struct SignalAbi {
    /// Bytes of a signal set.
    pub set_bytes: u8,
    /// `MINSIGSTKSZ`: the smallest alternate stack.
    pub minimum_stack: u64,
    /// Whether `si_code` comes before `si_errno`.
    pub code_first: bool,
    /// Code that calls rt_sigreturn, and whatever else handlers return to; the loader maps it.
    pub trampoline: &'static [u8],
    /// The signal that the trapped instruction at the pc raises, where the kernel of this instruction
    /// set has an answer of its own. The hart may keep what frames tell of the trap.
    pub raise: fn(&mut dyn Core, &Trap) -> Option<Signal>,
    /// Builds the frame of a handler and lets the hart continue there.
    pub push: fn(&mut dyn Core, &Frame) -> Result<(), Fault>,
    /// Takes the frame down again when the handler has returned.
    pub pop: fn(&mut dyn Core, FrameKind) -> Result<Restored, Fault>,
}

/// The result as most instruction sets return it: error numbers as small negative ones.
pub fn negative_error(result: Result<u64, u16>) -> u64 {
    result.unwrap_or_else(|number| u64::from(number).wrapping_neg())
}
