//! The registers and the slots that hold them.

use portolan_machine::convention::{Convention, Keeper, ReturnAddress};
use portolan_machine::registers::{Kind, Register, RegisterFile, Role, Slot, register};

/// The slot of rax; the others follow in the order of their numbers: rcx, rdx, rbx, rsp, rbp, rsi,
/// rdi, r8 to r15.
pub const GENERAL: Slot = 0;
/// rax.
pub const RAX: Slot = GENERAL;
/// rcx.
pub const RCX: Slot = GENERAL + 1;
/// rdx.
pub const RDX: Slot = GENERAL + 2;
/// rbx.
pub const RBX: Slot = GENERAL + 3;
/// rsp.
pub const RSP: Slot = GENERAL + 4;
/// rbp.
pub const RBP: Slot = GENERAL + 5;
/// rsi.
pub const RSI: Slot = GENERAL + 6;
/// rdi.
pub const RDI: Slot = GENERAL + 7;
/// r8.
pub const R8: Slot = GENERAL + 8;
/// r9.
pub const R9: Slot = GENERAL + 9;
/// r10.
pub const R10: Slot = GENERAL + 10;
/// r11.
pub const R11: Slot = GENERAL + 11;

/// The carry flag. Each flag is a slot of its own that holds 0 or 1.
pub const CF: Slot = 16;
/// The parity flag.
pub const PF: Slot = 17;
/// The auxiliary carry flag.
pub const AF: Slot = 18;
/// The zero flag.
pub const ZF: Slot = 19;
/// The sign flag.
pub const SF: Slot = 20;
/// The direction flag.
pub const DF: Slot = 21;
/// The overflow flag.
pub const OF: Slot = 22;
/// The status flags, which arithmetic sets.
pub const FLAGS: [Slot; 6] = [CF, PF, AF, ZF, SF, OF];
/// The other flags that programs can change, in their places in rflags: TF, NT, AC, ID.
pub const OTHER_FLAGS: Slot = 23;

/// The base address of fs.
pub const FS_BASE: Slot = 24;
/// The base address of gs.
pub const GS_BASE: Slot = 25;
/// The selectors of es, cs, ss, ds, fs, gs.
pub const SELECTORS: Slot = 26;
/// The selector of cs.
pub const CODE_SELECTOR: Slot = SELECTORS + 1;
/// The selector of ss.
pub const STACK_SELECTOR: Slot = SELECTORS + 2;
/// The selector of fs.
pub const FS_SELECTOR: Slot = SELECTORS + 4;
/// The selector of gs.
pub const GS_SELECTOR: Slot = SELECTORS + 5;

/// Linux's selector of programs' code of 64 bits, `__USER_CS`.
pub const USER_CODE: u64 = 0x33;
/// Linux's selector of programs' data, `__USER_DS`.
pub const USER_DATA: u64 = 0x2b;

/// The slots of xmm0: its lower half, then its upper one. The others follow.
pub const XMM: Slot = 32;

/// The slots of the upper half of ymm0: its lower half is xmm0. The others follow.
pub const YMM_HIGH: Slot = 128;

// MXCSR. What is zero here is what a program starts with.

/// The exceptions raised so far, as [`Flags`](portolan_machine::float::Flags) bits.
pub const FLOAT_FLAGS: Slot = 64;
/// The rounding direction and the modes of subnormal numbers, as
/// [`evaluate_in`](portolan_machine::float::evaluate_in) takes them.
pub const FLOAT_MODES: Slot = 65;
/// The exceptions that trap, as `Flags` bits: those that MXCSR does not mask.
pub const FLOAT_TRAPS: Slot = 66;

// The x87 unit. What is zero here is what fninit makes.

/// The slots of st(0): its significand, then its sign and exponent in 16 bits. The others follow, in
/// the order of the stack: pushing moves all of them. The significands are the MMX registers, which
/// are named from the first physical register on: mm0 is st(0) while [`FPU_TOP`] is zero.
pub const ST: Slot = 68;
/// Which registers of the stack are in use: bit n is that of st(n).
pub const FPU_TAGS: Slot = 84;
/// The number of the physical register that is st(0).
pub const FPU_TOP: Slot = 85;
/// The status word, without what follows from other slots: the top, and whether anything traps.
pub const FPU_STATUS: Slot = 86;
/// The control word, as its difference from the one that fninit loads. So its low six bits are the
/// exceptions that trap.
pub const FPU_CONTROL: Slot = 87;
/// The address of the last instruction of the unit that was not one of control.
pub const FPU_INSTRUCTION: Slot = 88;
/// The address of its operand in memory, or of that of one before.
pub const FPU_DATA: Slot = 89;
/// Its opcode: three bits of its first byte, and the second.
pub const FPU_OPCODE: Slot = 90;

// The last exception, as an operating system tells of it.

/// Its number.
pub const TRAP_NUMBER: Slot = 96;
/// Its error code.
pub const ERROR_CODE: Slot = 97;
/// cr2: the address of the last page fault.
pub const FAULT_ADDRESS: Slot = 98;

/// State that no instruction names.
pub const HIDDEN: &[(Slot, &str)] = &[(OTHER_FLAGS, "other_flags")];

/// The register files.
pub const FILES: &[RegisterFile] = &[
    RegisterFile {
        name: "general",
        title: "general-purpose registers",
        first: GENERAL,
        bits: 64,
        kind: Kind::Integer,
        registers: &[
            register("rax", "rax", Role::Temporary),
            register("rcx", "rcx", Role::Argument(3)),
            register("rdx", "rdx", Role::Argument(2)),
            register("rbx", "rbx", Role::Saved),
            register("rsp", "rsp", Role::StackPointer),
            register("rbp", "rbp", Role::FramePointer),
            register("rsi", "rsi", Role::Argument(1)),
            register("rdi", "rdi", Role::Argument(0)),
            register("r8", "r8", Role::Argument(4)),
            register("r9", "r9", Role::Argument(5)),
            register("r10", "r10", Role::Temporary),
            register("r11", "r11", Role::Temporary),
            register("r12", "r12", Role::Saved),
            register("r13", "r13", Role::Saved),
            register("r14", "r14", Role::Saved),
            register("r15", "r15", Role::Saved),
        ],
    },
    RegisterFile {
        name: "flags",
        title: "flags",
        first: CF,
        bits: 64,
        kind: Kind::Control,
        registers: &[
            flag("cf"),
            flag("pf"),
            flag("af"),
            flag("zf"),
            flag("sf"),
            flag("df"),
            flag("of"),
        ],
    },
    RegisterFile {
        name: "base",
        title: "segment bases",
        first: FS_BASE,
        bits: 64,
        kind: Kind::Control,
        registers: &[
            register("fs_base", "fs_base", Role::ThreadPointer),
            register("gs_base", "gs_base", Role::Control),
        ],
    },
    RegisterFile {
        name: "segment",
        title: "segment registers",
        first: SELECTORS,
        bits: 64,
        kind: Kind::Control,
        registers: &[
            register("es", "es", Role::Control),
            register("cs", "cs", Role::Control),
            register("ss", "ss", Role::Control),
            register("ds", "ds", Role::Control),
            register("fs", "fs", Role::Control),
            register("gs", "gs", Role::Control),
        ],
    },
    RegisterFile {
        name: "xmm",
        title: "XMM registers",
        first: XMM,
        bits: 128,
        kind: Kind::Float,
        registers: &[
            register("xmm0", "xmm0", Role::Temporary),
            register("xmm1", "xmm1", Role::Temporary),
            register("xmm2", "xmm2", Role::Temporary),
            register("xmm3", "xmm3", Role::Temporary),
            register("xmm4", "xmm4", Role::Temporary),
            register("xmm5", "xmm5", Role::Temporary),
            register("xmm6", "xmm6", Role::Temporary),
            register("xmm7", "xmm7", Role::Temporary),
            register("xmm8", "xmm8", Role::Temporary),
            register("xmm9", "xmm9", Role::Temporary),
            register("xmm10", "xmm10", Role::Temporary),
            register("xmm11", "xmm11", Role::Temporary),
            register("xmm12", "xmm12", Role::Temporary),
            register("xmm13", "xmm13", Role::Temporary),
            register("xmm14", "xmm14", Role::Temporary),
            register("xmm15", "xmm15", Role::Temporary),
        ],
    },
    RegisterFile {
        name: "ymmh",
        title: "upper halves of the YMM registers",
        first: YMM_HIGH,
        bits: 128,
        kind: Kind::Float,
        registers: &[
            register("ymm0h", "ymm0h", Role::Temporary),
            register("ymm1h", "ymm1h", Role::Temporary),
            register("ymm2h", "ymm2h", Role::Temporary),
            register("ymm3h", "ymm3h", Role::Temporary),
            register("ymm4h", "ymm4h", Role::Temporary),
            register("ymm5h", "ymm5h", Role::Temporary),
            register("ymm6h", "ymm6h", Role::Temporary),
            register("ymm7h", "ymm7h", Role::Temporary),
            register("ymm8h", "ymm8h", Role::Temporary),
            register("ymm9h", "ymm9h", Role::Temporary),
            register("ymm10h", "ymm10h", Role::Temporary),
            register("ymm11h", "ymm11h", Role::Temporary),
            register("ymm12h", "ymm12h", Role::Temporary),
            register("ymm13h", "ymm13h", Role::Temporary),
            register("ymm14h", "ymm14h", Role::Temporary),
            register("ymm15h", "ymm15h", Role::Temporary),
        ],
    },
    RegisterFile {
        name: "mxcsr",
        title: "floating-point control and status (MXCSR)",
        first: FLOAT_FLAGS,
        bits: 64,
        kind: Kind::Control,
        registers: &[
            register("float_flags", "float_flags", Role::Control),
            register("float_modes", "float_modes", Role::Control),
            register("float_traps", "float_traps", Role::Control),
        ],
    },
    RegisterFile {
        name: "st",
        title: "x87 floating-point stack",
        first: ST,
        bits: 80,
        kind: Kind::Float,
        registers: &[
            register("st0", "st0", Role::Temporary),
            register("st1", "st1", Role::Temporary),
            register("st2", "st2", Role::Temporary),
            register("st3", "st3", Role::Temporary),
            register("st4", "st4", Role::Temporary),
            register("st5", "st5", Role::Temporary),
            register("st6", "st6", Role::Temporary),
            register("st7", "st7", Role::Temporary),
        ],
    },
    RegisterFile {
        name: "fpu",
        title: "x87 control and status",
        first: FPU_TAGS,
        bits: 64,
        kind: Kind::Control,
        registers: &[
            register("fpu_tags", "fpu_tags", Role::Control),
            register("fpu_top", "fpu_top", Role::Control),
            register("fpu_status", "fpu_status", Role::Control),
            register("fpu_control", "fpu_control", Role::Control),
            register("fpu_instruction", "fpu_instruction", Role::Control),
            register("fpu_data", "fpu_data", Role::Control),
            register("fpu_opcode", "fpu_opcode", Role::Control),
        ],
    },
];

const fn flag(name: &'static str) -> Register {
    register(name, name, Role::Control)
}

/// The calling convention of Linux.
pub const CONVENTION: Convention = Convention {
    name: "System V",
    document: "System V Application Binary Interface, AMD64 Architecture Processor Supplement",
    results: &[RAX, RDX],
    float_arguments: &[
        XMM,
        XMM + 2,
        XMM + 4,
        XMM + 6,
        XMM + 8,
        XMM + 10,
        XMM + 12,
        XMM + 14,
    ],
    float_results: &[XMM, XMM + 2],
    global_pointer: Keeper::Nobody,
    return_address: ReturnAddress::Stack,
    function_address: None,
    stack_alignment: 16,
    stack_arguments: 0,
    kernel_call: "syscall",
    kernel_changes: &[RCX, R11],
    remarks: &[
        "The 128 bytes below the stack pointer are the function's too: the red zone.",
        "A function with variable arguments is told in al how many XMM registers have some.",
        "The direction flag is clear, and the x87 stack empty, at each call and return.",
    ],
};
