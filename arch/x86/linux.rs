//! The Linux ABI of x86-64: the kernel's `arch/x86/include/uapi/asm`, and asm-generic.

mod calls;
mod elf;
mod frame;
mod layouts;
mod traps;

use crate::levels::Level;
use crate::regs::{
    CODE_SELECTOR, FS_BASE, R8, R9, R10, R11, RAX, RCX, RDI, RDX, RSI, RSP, STACK_SELECTOR,
    USER_CODE, USER_DATA,
};
use crate::semantics::{processor, rflags};
use portolan_linux::abi::{
    Abi, CallRegisters, CloneOrder, Constants, ElfMark, Layouts, Processor, Processors, SignalAbi,
    Space, negative_error,
};
use portolan_linux::constants::{Constant, choice, flag};
use portolan_linux::generic;
use portolan_linux::layout::Shape;
use portolan_machine::guest::Core;
use portolan_machine::memory::{Order, PAGE};

const SHAPE: Shape = Shape {
    word: 8,
    order: Order::Little,
};

/// The Linux ABI of x86-64.
pub static ABI: Abi = Abi {
    name: "x86_64",
    machine: "x86_64",
    platform: Some("x86_64"),
    processors: Processors {
        named: &[
            on(Level::Max),
            on(Level::V3),
            on(Level::V2),
            on(Level::Baseline),
        ],
        notation: None,
        host: host_processor,
    },
    elf: ElfMark {
        machine: 62,
        refuse: |_| None,
        describe: elf::describe,
        mode: generic::mode,
        stack_executable: false,
    },
    shape: SHAPE,
    space: Space {
        end: SPACE_END,
        lowest: 0x1_0000,
        shared_alignment: PAGE,
    },
    registers: CallRegisters {
        number: RAX,
        arguments: &[RDI, RSI, RDX, R10, R8, R9],
        stack_arguments: None,
        even_pairs: false,
        result: RAX,
        second_result: None,
        stack_pointer: RSP,
        thread_pointer: FS_BASE,
    },
    start,
    set_result,
    numbers: include_str!("syscalls.txt"),
    calls: calls::CALLS,
    prctl: calls::prctl,
    clone_order: CloneOrder::TidFirst,
    constants: Constants {
        mmap: MMAP,
        ..generic::CONSTANTS
    },
    layouts: Layouts {
        stat: layouts::STAT,
        stat64: layouts::STAT,
        sigaction: layouts::SIGACTION,
        old_sigaction: layouts::SIGACTION,
        epoll_event: layouts::EPOLL_EVENT,
        semid: layouts::SEMID,
        ..generic::LAYOUTS64BIT
    },
    gates: traps::VSYSCALL,
    signals: SignalAbi {
        set_bytes: 8,
        minimum_stack: 2048,
        code_first: false,
        // mov eax, 15 (rt_sigreturn); syscall
        trampoline: &[0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05],
        raise: traps::raise,
        push: frame::push,
        pop: frame::pop,
    },
};

/// A processor of a level.
const fn on(level: Level) -> Processor {
    Processor {
        name: level.name(),
        has: match level {
            Level::Baseline => "what every processor has: SSE2",
            Level::V2 => "up to SSE4.2, popcnt and cmpxchg16b",
            Level::V3 => "AVX2, FMA, BMI, F16C, lzcnt and movbe too",
            Level::Max => "all that is executed: ADX, AES, PCLMUL, RDRAND, SHA and VAES too",
        },
        mode: level.mode(),
        hwcap: processor::FEATURES as u64,
        hwcap2: Some(match level {
            Level::Max => processor::SEGMENT_BASES,
            _ => 0,
        }),
        base_platform: None,
    }
}

/// The highest level that the host's processor has.
fn host_processor() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        let features = [
            [
                is_x86_feature_detected!("sse4.2"),
                is_x86_feature_detected!("popcnt"),
            ],
            [
                is_x86_feature_detected!("avx2"),
                is_x86_feature_detected!("fma"),
            ],
            [
                is_x86_feature_detected!("vaes"),
                is_x86_feature_detected!("sha"),
            ],
        ];
        let levels = Level::ALL.into_iter().skip(1).zip(features);
        let has = levels.take_while(|(_, features)| features.iter().all(|has| *has));
        Some(
            has.last()
                .map_or(Level::Baseline, |(level, _)| level)
                .name(),
        )
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

/// `TASK_SIZE_MAX`: the last page below the addresses that are not canonical is nobody's, so that no
/// `syscall` returns there.
const SPACE_END: u64 = (1 << 47) - PAGE;

/// Flags of mmap: those of asm-generic, and where to look for a free place.
const MMAP: &[Constant] = &[
    choice("MAP_SHARED", 1, 0xf),
    choice("MAP_PRIVATE", 2, 0xf),
    choice("MAP_SHARED_VALIDATE", 3, 0xf),
    flag("MAP_FIXED", 0x10),
    flag("MAP_ANONYMOUS", 0x20),
    flag("MAP_32BIT", 0x40),
    flag("MAP_ABOVE4G", 0x80),
    flag("MAP_GROWSDOWN", 0x100),
    flag("MAP_DENYWRITE", 0x800),
    flag("MAP_EXECUTABLE", 0x1000),
    flag("MAP_LOCKED", 0x2000),
    flag("MAP_NORESERVE", 0x4000),
    flag("MAP_POPULATE", 0x8000),
    flag("MAP_NONBLOCK", 0x10000),
    flag("MAP_STACK", 0x20000),
    flag("MAP_HUGETLB", 0x40000),
    flag("MAP_SYNC", 0x80000),
    flag("MAP_FIXED_NOREPLACE", 0x100000),
];

/// The other selectors are zero.
fn start(core: &mut dyn Core) {
    core.set_register(CODE_SELECTOR, USER_CODE);
    core.set_register(STACK_SELECTOR, USER_DATA);
}

/// Besides the result, `syscall` leaves the address after itself and the flags.
fn set_result(core: &mut dyn Core, result: Result<u64, u16>) {
    const SYSCALL_BYTES: u64 = 2;
    core.set_register(RAX, negative_error(result));
    core.set_register(RCX, core.pc().wrapping_add(SYSCALL_BYTES));
    core.set_register(R11, rflags(core));
}

#[cfg(test)]
mod tests;
