//! The Linux ABIs of MIPS: o32 for 32-bit programs, n64 for 64-bit ones.
//!
//! What a register holds in a 32-bit guest is a word that was sign-extended; so is what is written
//! to one here.

mod calls;
mod constants;
mod elf;
mod frame;
mod layouts;

use crate::decode::FIRST_RELEASE;
use crate::regs::{R, USER_LOCAL};
use portolan_linux::abi::{
    Abi, CallRegisters, CloneOrder, Constants, ElfMark, Gates, Layouts, Processor, Processors,
    SignalAbi, Space,
};
use portolan_linux::generic;
use portolan_linux::layout::Shape;
use portolan_linux::signals::{Origin, Signal};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Fault, Order};
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

const V0: Slot = R + 2;
const V1: Slot = R + 3;
const A0: Slot = R + 4;
const A3: Slot = R + 7;
const SP: Slot = R + 29;

/// The Linux ABI of [`MIPS`](crate::MIPS).
pub static MIPS: Abi = o32("mips", Order::Big);
/// The Linux ABI of [`MIPSEL`](crate::MIPSEL).
pub static MIPSEL: Abi = o32("mipsel", Order::Little);
/// The Linux ABI of [`MIPS64`](crate::MIPS64).
pub static MIPS64: Abi = n64("mips64", Order::Big);
/// The Linux ABI of [`MIPS64EL`](crate::MIPS64EL).
pub static MIPS64EL: Abi = n64("mips64el", Order::Little);

/// The processors of 32-bit programs.
const PROCESSORS_O32: Processors = Processors {
    named: &[
        processor("mips32r2", 0, "MIPS32 release 2"),
        processor("mips32", FIRST_RELEASE, "MIPS32 release 1"),
    ],
    notation: None,
    host: || None,
};

/// The processors of 64-bit programs.
const PROCESSORS_N64: Processors = Processors {
    named: &[
        processor("mips64r2", 0, "MIPS64 release 2"),
        processor("mips64", FIRST_RELEASE, "MIPS64 release 1"),
    ],
    notation: None,
    host: || None,
};

/// A processor that the kernel calls by the same name.
const fn processor(name: &'static str, mode: u8, has: &'static str) -> Processor {
    Processor {
        name,
        has,
        mode,
        hwcap: 0,
        hwcap2: None,
        base_platform: Some(name),
    }
}

const fn o32(name: &'static str, order: Order) -> Abi {
    Abi {
        name,
        machine: "mips",
        platform: None,
        processors: PROCESSORS_O32,
        elf: ElfMark {
            machine: elf::MACHINE,
            refuse: elf::refuse_o32,
            describe: elf::describe,
            mode: elf::mode_o32,
            stack_executable: true,
        },
        shape: Shape { word: 4, order },
        space: Space {
            end: 0x7fff_8000,
            lowest: 0x1_0000,
            shared_alignment: 0x4_0000,
        },
        registers: CallRegisters {
            number: V0,
            arguments: &[A0, A0 + 1, A0 + 2, A0 + 3],
            stack_arguments: Some(16),
            even_pairs: true,
            result: V0,
            second_result: Some(V1),
            stack_pointer: SP,
            thread_pointer: USER_LOCAL,
        },
        start: generic::start,
        set_result: set_result_o32,
        numbers: include_str!("syscalls-o32.txt"),
        calls: calls::CALLS,
        prctl: calls::prctl,
        clone_order: CloneOrder::TlsFirst,
        constants: Constants {
            ioctl: constants::IOCTL_O32,
            no_limit: constants::NO_LIMIT_O32,
            ..CONSTANTS
        },
        layouts: Layouts {
            stat: layouts::STAT_O32,
            stat64: layouts::STAT64,
            statfs: layouts::STATFS_O32,
            statfs64: layouts::STATFS64_O32,
            sigaction: layouts::SIGACTION_O32,
            old_sigaction: layouts::OLD_SIGACTION_O32,
            stack: layouts::STACK_O32,
            flock: layouts::FLOCK_O32,
            flock64: generic::FLOCK64BIT,
            termios: layouts::TERMIOS,
            epoll_event: generic::EPOLL_EVENT,
            shmid: layouts::SHMID_O32,
            semid: layouts::SEMID_O32,
            msqid: layouts::MSQID_O32,
        },
        gates: Gates::NONE,
        signals: SignalAbi {
            trampoline: match order {
                Order::Big => &frame::TRAMPOLINES_O32_BIG,
                Order::Little => &frame::TRAMPOLINES_O32_LITTLE,
            },
            raise: raise_o32,
            push: frame::push_o32,
            pop: frame::pop_o32,
            ..SIGNALS
        },
    }
}

const fn n64(name: &'static str, order: Order) -> Abi {
    Abi {
        name,
        machine: "mips64",
        platform: None,
        processors: PROCESSORS_N64,
        elf: ElfMark {
            machine: elf::MACHINE,
            refuse: elf::refuse_n64,
            describe: elf::describe,
            mode: elf::mode_n64,
            stack_executable: true,
        },
        shape: Shape { word: 8, order },
        space: Space {
            end: 1 << 40,
            lowest: 0x1_0000,
            shared_alignment: 0x4_0000,
        },
        registers: CallRegisters {
            number: V0,
            arguments: &[A0, A0 + 1, A0 + 2, A0 + 3, A0 + 4, A0 + 5],
            stack_arguments: None,
            even_pairs: false,
            result: V0,
            second_result: Some(V1),
            stack_pointer: SP,
            thread_pointer: USER_LOCAL,
        },
        start: generic::start,
        set_result: set_result_n64,
        numbers: include_str!("syscalls-n64.txt"),
        calls: calls::CALLS,
        prctl: calls::prctl,
        clone_order: CloneOrder::TlsFirst,
        constants: Constants {
            ioctl: constants::IOCTL_N64,
            no_limit: generic::NO_LIMIT,
            ..CONSTANTS
        },
        layouts: Layouts {
            stat: layouts::STAT64,
            stat64: layouts::STAT64,
            statfs: layouts::STATFS_N64,
            statfs64: layouts::STATFS_N64,
            sigaction: layouts::SIGACTION_N64,
            old_sigaction: layouts::SIGACTION_N64,
            stack: layouts::STACK_N64,
            flock: generic::FLOCK64BIT,
            flock64: generic::FLOCK64BIT,
            termios: layouts::TERMIOS,
            epoll_event: generic::EPOLL_EVENT,
            shmid: generic::SHMID64BIT,
            semid: generic::SEMID64BIT,
            msqid: generic::MSQID64BIT,
        },
        gates: Gates::NONE,
        signals: SignalAbi {
            trampoline: match order {
                Order::Big => &frame::TRAMPOLINE_N64_BIG,
                Order::Little => &frame::TRAMPOLINE_N64_LITTLE,
            },
            raise: raise_n64,
            push: frame::push_n64,
            pop: frame::pop_n64,
            ..SIGNALS
        },
    }
}

const CONSTANTS: Constants = Constants {
    errors: constants::ERRORS,
    open: constants::OPEN,
    fcntl: constants::FCNTL,
    signals: constants::SIGNALS,
    signal_action: constants::SIGNAL_ACTION,
    signal_mask: constants::SIGNAL_MASK,
    signal_codes: constants::SIGNAL_CODES,
    mmap: constants::MMAP,
    limits: constants::LIMITS,
    no_limit: generic::NO_LIMIT,
    poll: constants::POLL,
    socket_types: constants::SOCKET_TYPES,
    socket_level: constants::SOCKET_LEVEL,
    socket_options: constants::SOCKET_OPTIONS,
    ioctl: constants::IOCTL_O32,
    terminal_input: generic::TERMINAL_INPUT,
    terminal_output: generic::TERMINAL_OUTPUT,
    terminal_control: generic::TERMINAL_CONTROL,
    terminal_local: constants::TERMINAL_LOCAL,
    terminal_characters: constants::TERMINAL_CHARACTERS,
};

const SIGNALS: SignalAbi = SignalAbi {
    set_bytes: 16,
    minimum_stack: 2048,
    code_first: true,
    trampoline: &[],
    raise: raise_o32,
    push: frame::push_o32,
    pop: frame::pop_o32,
};

/// A call says in `a3` whether it failed; then its result is the error number.
fn set_result_o32(core: &mut dyn Core, result: Result<u64, u16>) {
    let result = result.map(|value| i64::from(value as i32).cast_unsigned());
    set_result_n64(core, result);
}

fn set_result_n64(core: &mut dyn Core, result: Result<u64, u16>) {
    core.set_register(A3, u64::from(result.is_err()));
    core.set_register(V0, result.unwrap_or_else(u64::from));
}

/// The first address that is the kernel's in every 32-bit processor.
const KERNEL_O32: u64 = 1 << 31;
/// The first address that the processor, having 40 bits of them, does not translate.
const KERNEL_N64: u64 = 1 << 40;

fn raise_o32(core: &mut dyn Core, trap: &Trap) -> Option<Signal> {
    raise(trap, core.pc(), KERNEL_O32)
}

fn raise_n64(core: &mut dyn Core, trap: &Trap) -> Option<Signal> {
    raise(trap, core.pc(), KERNEL_N64)
}

/// What `arch/mips/kernel/traps.c` and `unaligned.c` do otherwise than most kernels: much goes by
/// `force_sig`, which tells no address.
fn raise(trap: &Trap, pc: u64, kernel: u64) -> Option<Signal> {
    const SIGILL: i32 = 4;
    const SIGTRAP: i32 = 5;
    const SIGBUS: i32 = 10;
    const SIGFPE: i32 = 8;
    const TRAP_BRKPT: i32 = 1;
    const FPE_INTDIV: i32 = 1;
    const FPE_INTOVF: i32 = 2;
    /// The codes of break and trap instructions that compilers use: `asm/break.h`.
    const BRK_OVERFLOW: u32 = 6;
    const BRK_DIVZERO: u32 = 7;
    let forced = Origin::Other { code: 0x80 };
    let at = |code, address| Origin::Instruction { code, address };
    let (number, origin) = match *trap {
        Trap::Software { code: BRK_OVERFLOW } => (SIGFPE, at(FPE_INTOVF, pc)),
        Trap::Software { code: BRK_DIVZERO } => (SIGFPE, at(FPE_INTDIV, pc)),
        Trap::Software { .. } => (SIGTRAP, forced),
        Trap::Breakpoint => (SIGTRAP, at(TRAP_BRKPT, 0)),
        Trap::Illegal => (SIGILL, forced),
        // An address error, which the kernel mends only where the address is the program's.
        Trap::Misaligned { .. } => (SIGBUS, forced),
        Trap::Fault(Fault { address, .. }) if address >= kernel => (SIGBUS, forced),
        _ => return None,
    };
    Some(Signal { number, origin })
}

#[cfg(test)]
mod tests;
