//! The registers and the slots that hold them.
//!
//! Slots have 64 bits. In a 32-bit guest a general register holds its word sign-extended, as it
//! does in a 64-bit processor: so the same instruction means the same in both.

use portolan_machine::convention::{Convention, Keeper, ReturnAddress};
use portolan_machine::guest::Core;
use portolan_machine::registers::{Kind, Register, RegisterFile, Role, Slot, register};

/// The slot of `$0`; the others follow.
pub const R: Slot = 0;
/// HI.
pub const HI: Slot = 32;
/// LO.
pub const LO: Slot = 33;
/// The slot of `$f0`; the others follow.
///
/// Where registers have 32 bits (Status.FR = 0), an even one and the odd one after it are the
/// lower and the upper word of the even one's slot.
pub const F: Slot = 64;
/// The accrued exceptions, FCSR.Flags, as [`Flags`](portolan_machine::float::Flags) bits.
pub const FLAGS: Slot = 96;
/// The exceptions of the last floating-point operation, FCSR.Cause, as bits of the same order.
pub const CAUSE: Slot = 97;
/// The exceptions that trap, FCSR.Enables, as bits of the same order.
pub const ENABLES: Slot = 98;
/// The rounding mode, FCSR.RM.
pub const ROUNDING: Slot = 99;
/// The floating-point conditions, number n in bit n.
pub const CONDITIONS: Slot = 100;
/// The rest of FCSR that can be written: FS.
pub const FLUSH: Slot = 101;
/// UserLocal, which the operating system sets and rdhwr reads.
pub const USER_LOCAL: Slot = 102;
/// Where the branch before a delay slot goes to.
pub const TARGET: Slot = 103;
/// Whether a load-linked waits for its store-conditional: the number of bytes, or zero.
pub const LINKED_BYTES: Slot = 104;
/// The address of the last load-linked.
pub const LINKED_ADDRESS: Slot = 105;
/// What the last load-linked loaded.
pub const LINKED_VALUE: Slot = 106;

/// State that no instruction names, as explanations call it.
pub const HIDDEN: &[(Slot, &str)] = &[
    (FLUSH, "fcsr.fs"),
    (USER_LOCAL, "userlocal"),
    (TARGET, "branch_target"),
    (LINKED_BYTES, "linked_bytes"),
    (LINKED_ADDRESS, "linked_address"),
    (LINKED_VALUE, "linked_value"),
];

/// The general registers of a calling convention; only `$8` to `$15` differ.
const fn general(eight: [(&'static str, Role); 8]) -> [Register; 32] {
    [
        register("$0", "zero", Role::Zero),
        register("$1", "at", Role::Temporary),
        register("$2", "v0", Role::Temporary),
        register("$3", "v1", Role::Temporary),
        register("$4", "a0", Role::Argument(0)),
        register("$5", "a1", Role::Argument(1)),
        register("$6", "a2", Role::Argument(2)),
        register("$7", "a3", Role::Argument(3)),
        register("$8", eight[0].0, eight[0].1),
        register("$9", eight[1].0, eight[1].1),
        register("$10", eight[2].0, eight[2].1),
        register("$11", eight[3].0, eight[3].1),
        register("$12", eight[4].0, eight[4].1),
        register("$13", eight[5].0, eight[5].1),
        register("$14", eight[6].0, eight[6].1),
        register("$15", eight[7].0, eight[7].1),
        register("$16", "s0", Role::Saved),
        register("$17", "s1", Role::Saved),
        register("$18", "s2", Role::Saved),
        register("$19", "s3", Role::Saved),
        register("$20", "s4", Role::Saved),
        register("$21", "s5", Role::Saved),
        register("$22", "s6", Role::Saved),
        register("$23", "s7", Role::Saved),
        register("$24", "t8", Role::Temporary),
        register("$25", "t9", Role::Temporary),
        register("$26", "k0", Role::Control),
        register("$27", "k1", Role::Control),
        register("$28", "gp", Role::GlobalPointer),
        register("$29", "sp", Role::StackPointer),
        register("$30", "s8", Role::FramePointer),
        register("$31", "ra", Role::ReturnAddress),
    ]
}

/// As o32 calls them.
const GENERAL_O32: &[Register] = &general([
    ("t0", Role::Temporary),
    ("t1", Role::Temporary),
    ("t2", Role::Temporary),
    ("t3", Role::Temporary),
    ("t4", Role::Temporary),
    ("t5", Role::Temporary),
    ("t6", Role::Temporary),
    ("t7", Role::Temporary),
]);

/// As n64 calls them.
const GENERAL_N64: &[Register] = &general([
    ("a4", Role::Argument(4)),
    ("a5", Role::Argument(5)),
    ("a6", Role::Argument(6)),
    ("a7", Role::Argument(7)),
    ("t0", Role::Temporary),
    ("t1", Role::Temporary),
    ("t2", Role::Temporary),
    ("t3", Role::Temporary),
]);

const MULTIPLIER: &[Register] = &[
    register("hi", "hi", Role::Temporary),
    register("lo", "lo", Role::Temporary),
];

/// The parts of FCSR, from [`FLAGS`] to [`CONDITIONS`].
const STATUS: &[Register] = &[
    register("fcsr.flags", "fcsr.flags", Role::Control),
    register("fcsr.cause", "fcsr.cause", Role::Control),
    register("fcsr.enables", "fcsr.enables", Role::Control),
    register("fcsr.rm", "fcsr.rm", Role::Control),
    register("fcc", "fcc", Role::Control),
];

macro_rules! floats {
    ($($name:literal $role:ident)*) => {
        &[$(register($name, $name, Role::$role)),*]
    };
}

const FLOATS_O32: &[Register] = floats! {
    "$f0" Temporary "$f1" Temporary "$f2" Temporary "$f3" Temporary
    "$f4" Temporary "$f5" Temporary "$f6" Temporary "$f7" Temporary
    "$f8" Temporary "$f9" Temporary "$f10" Temporary "$f11" Temporary
    "$f12" Temporary "$f13" Temporary "$f14" Temporary "$f15" Temporary
    "$f16" Temporary "$f17" Temporary "$f18" Temporary "$f19" Temporary
    "$f20" Saved "$f21" Saved "$f22" Saved "$f23" Saved
    "$f24" Saved "$f25" Saved "$f26" Saved "$f27" Saved
    "$f28" Saved "$f29" Saved "$f30" Saved "$f31" Saved
};

const FLOATS_N64: &[Register] = floats! {
    "$f0" Temporary "$f1" Temporary "$f2" Temporary "$f3" Temporary
    "$f4" Temporary "$f5" Temporary "$f6" Temporary "$f7" Temporary
    "$f8" Temporary "$f9" Temporary "$f10" Temporary "$f11" Temporary
    "$f12" Temporary "$f13" Temporary "$f14" Temporary "$f15" Temporary
    "$f16" Temporary "$f17" Temporary "$f18" Temporary "$f19" Temporary
    "$f20" Temporary "$f21" Temporary "$f22" Temporary "$f23" Temporary
    "$f24" Saved "$f25" Saved "$f26" Saved "$f27" Saved
    "$f28" Saved "$f29" Saved "$f30" Saved "$f31" Saved
};

const fn files(
    general: &'static [Register],
    bits: u16,
    floats: &'static [Register],
) -> [RegisterFile; 4] {
    [
        RegisterFile {
            name: "r",
            title: "general registers",
            first: R,
            bits,
            kind: Kind::Integer,
            registers: general,
        },
        RegisterFile {
            name: "hilo",
            title: "results of multiplications and divisions",
            first: HI,
            bits,
            kind: Kind::Integer,
            registers: MULTIPLIER,
        },
        RegisterFile {
            name: "f",
            title: "floating-point registers",
            first: F,
            bits: 64,
            kind: Kind::Float,
            registers: floats,
        },
        RegisterFile {
            name: "fcsr",
            title: "floating-point control and status, in its parts",
            first: FLAGS,
            bits: 64,
            kind: Kind::Control,
            registers: STATUS,
        },
    ]
}

/// The register files of MIPS32 with the names of o32.
pub const FILES_32: &[RegisterFile] = &files(GENERAL_O32, 32, FLOATS_O32);
/// The register files of MIPS64 with the names of n64.
pub const FILES_64: &[RegisterFile] = &files(GENERAL_N64, 64, FLOATS_N64);
/// The register files of the R5900, as far as other processors have them too.
pub const FILES_R5900: &[RegisterFile] = &files(GENERAL_O32, 64, FLOATS_O32);

/// What a call of the kernel may change besides its results: what C libraries tell their compilers.
const KERNEL_CHANGES: &[Slot] = &[
    R + 1,
    R + 3,
    R + 8,
    R + 9,
    R + 10,
    R + 11,
    R + 12,
    R + 13,
    R + 14,
    R + 15,
    R + 24,
    R + 25,
    HI,
    LO,
];

/// The calling convention of 32-bit programs.
pub const O32: Convention = Convention {
    name: "o32",
    document: "System V Application Binary Interface, MIPS RISC Processor Supplement",
    results: &[R + 2, R + 3],
    float_arguments: &[F + 12, F + 14],
    float_results: &[F, F + 2],
    global_pointer: Keeper::Caller,
    return_address: ReturnAddress::Register,
    function_address: Some(R + 25),
    stack_alignment: 8,
    stack_arguments: 16,
    kernel_call: "syscall",
    kernel_changes: KERNEL_CHANGES,
    remarks: &[
        "The caller leaves room on the stack for the four arguments that travel in registers.",
        "Floating-point arguments use $f12 and $f14 only if no integer comes before them.",
        "t9 holds the address of the function that is called, in code that may be anywhere.",
        "k0 and k1 are the kernel's: they may change at any moment.",
    ],
};

/// The calling convention of 64-bit programs.
pub const N64: Convention = Convention {
    name: "n64",
    document: "MIPSpro N32 ABI Handbook (n64 differs in the width of pointers)",
    results: &[R + 2, R + 3],
    float_arguments: &[
        F + 12,
        F + 13,
        F + 14,
        F + 15,
        F + 16,
        F + 17,
        F + 18,
        F + 19,
    ],
    float_results: &[F, F + 2],
    global_pointer: Keeper::Callee,
    return_address: ReturnAddress::Register,
    function_address: Some(R + 25),
    stack_alignment: 16,
    stack_arguments: 0,
    kernel_call: "syscall",
    kernel_changes: KERNEL_CHANGES,
    remarks: &[
        "The n-th argument uses the n-th register of its kind; the other one is left out.",
        "t9 holds the address of the function that is called, in code that may be anywhere.",
        "k0 and k1 are the kernel's: they may change at any moment.",
    ],
};

/// The bits of FCSR that can be written, put together from their slots.
pub fn fcsr(core: &dyn Core) -> u32 {
    let slot = |slot| core.register(slot) as u32;
    let conditions = slot(CONDITIONS);
    (conditions & 0xfe) << 24
        | slot(FLUSH) << 24
        | (conditions & 1) << 23
        | slot(CAUSE) << 12
        | slot(ENABLES) << 7
        | slot(FLAGS) << 2
        | rounding(slot(ROUNDING))
}

/// Puts the bits of FCSR into their slots, and traps nowhere.
pub fn set_fcsr(core: &mut dyn Core, value: u32) {
    let parts = [
        (CONDITIONS, value >> 24 & 0xfe | value >> 23 & 1),
        (FLUSH, value >> 24 & 1),
        (CAUSE, value >> 12 & 0x1f),
        (ENABLES, value >> 7 & 0x1f),
        (FLAGS, value >> 2 & 0x1f),
        (ROUNDING, rounding(value & 3)),
    ];
    for (slot, part) in parts {
        core.set_register(slot, u64::from(part));
    }
}

/// FCSR.RM for the number of a rounding mode, and back: two of them change places.
fn rounding(number: u32) -> u32 {
    number ^ number >> 1
}
