//! The registers and the slots that hold them.

use portolan_machine::convention::{Convention, Keeper, ReturnAddress};
use portolan_machine::registers::{Kind, RegisterFile, Role, Slot, register};

/// The slot of `x0`; the others follow.
pub const X: Slot = 0;
/// The slot of `f0`; the others follow.
pub const F: Slot = 32;
/// The accrued exceptions, `fflags`.
pub const FFLAGS: Slot = 64;
/// The dynamic rounding mode, `frm`.
pub const FRM: Slot = 65;
/// The number of bytes that are reserved; zero when nothing is, as in a new hart.
pub const RESERVED_BYTES: Slot = 66;
/// The address of the last load-reserved.
pub const RESERVED_ADDRESS: Slot = 67;
/// What the last load-reserved loaded.
pub const RESERVED_VALUE: Slot = 68;

/// The reservation, as explanations call it.
pub const HIDDEN: &[(Slot, &str)] = &[
    (RESERVED_BYTES, "reserved_bytes"),
    (RESERVED_ADDRESS, "reserved_address"),
    (RESERVED_VALUE, "reserved_value"),
];

/// The register files of RV64GC.
pub const FILES: &[RegisterFile] = &[
    RegisterFile {
        name: "x",
        title: "integer registers",
        first: X,
        bits: 64,
        kind: Kind::Integer,
        registers: &[
            register("x0", "zero", Role::Zero),
            register("x1", "ra", Role::ReturnAddress),
            register("x2", "sp", Role::StackPointer),
            register("x3", "gp", Role::GlobalPointer),
            register("x4", "tp", Role::ThreadPointer),
            register("x5", "t0", Role::Temporary),
            register("x6", "t1", Role::Temporary),
            register("x7", "t2", Role::Temporary),
            register("x8", "s0", Role::FramePointer),
            register("x9", "s1", Role::Saved),
            register("x10", "a0", Role::Argument(0)),
            register("x11", "a1", Role::Argument(1)),
            register("x12", "a2", Role::Argument(2)),
            register("x13", "a3", Role::Argument(3)),
            register("x14", "a4", Role::Argument(4)),
            register("x15", "a5", Role::Argument(5)),
            register("x16", "a6", Role::Argument(6)),
            register("x17", "a7", Role::Argument(7)),
            register("x18", "s2", Role::Saved),
            register("x19", "s3", Role::Saved),
            register("x20", "s4", Role::Saved),
            register("x21", "s5", Role::Saved),
            register("x22", "s6", Role::Saved),
            register("x23", "s7", Role::Saved),
            register("x24", "s8", Role::Saved),
            register("x25", "s9", Role::Saved),
            register("x26", "s10", Role::Saved),
            register("x27", "s11", Role::Saved),
            register("x28", "t3", Role::Temporary),
            register("x29", "t4", Role::Temporary),
            register("x30", "t5", Role::Temporary),
            register("x31", "t6", Role::Temporary),
        ],
    },
    RegisterFile {
        name: "f",
        title: "floating-point registers",
        first: F,
        bits: 64,
        kind: Kind::Float,
        registers: &[
            register("f0", "ft0", Role::Temporary),
            register("f1", "ft1", Role::Temporary),
            register("f2", "ft2", Role::Temporary),
            register("f3", "ft3", Role::Temporary),
            register("f4", "ft4", Role::Temporary),
            register("f5", "ft5", Role::Temporary),
            register("f6", "ft6", Role::Temporary),
            register("f7", "ft7", Role::Temporary),
            register("f8", "fs0", Role::Saved),
            register("f9", "fs1", Role::Saved),
            register("f10", "fa0", Role::Argument(0)),
            register("f11", "fa1", Role::Argument(1)),
            register("f12", "fa2", Role::Argument(2)),
            register("f13", "fa3", Role::Argument(3)),
            register("f14", "fa4", Role::Argument(4)),
            register("f15", "fa5", Role::Argument(5)),
            register("f16", "fa6", Role::Argument(6)),
            register("f17", "fa7", Role::Argument(7)),
            register("f18", "fs2", Role::Saved),
            register("f19", "fs3", Role::Saved),
            register("f20", "fs4", Role::Saved),
            register("f21", "fs5", Role::Saved),
            register("f22", "fs6", Role::Saved),
            register("f23", "fs7", Role::Saved),
            register("f24", "fs8", Role::Saved),
            register("f25", "fs9", Role::Saved),
            register("f26", "fs10", Role::Saved),
            register("f27", "fs11", Role::Saved),
            register("f28", "ft8", Role::Temporary),
            register("f29", "ft9", Role::Temporary),
            register("f30", "ft10", Role::Temporary),
            register("f31", "ft11", Role::Temporary),
        ],
    },
    RegisterFile {
        name: "fcsr",
        title: "floating-point control and status",
        first: FFLAGS,
        bits: 64,
        kind: Kind::Control,
        registers: &[
            register("fflags", "fflags", Role::Control),
            register("frm", "frm", Role::Control),
        ],
    },
];

/// The calling convention of RV64GC.
pub const CONVENTION: Convention = Convention {
    name: "lp64d",
    document: "RISC-V ABIs Specification: Procedure Calling Convention",
    results: &[X + 10, X + 11],
    float_arguments: &[],
    float_results: &[F + 10, F + 11],
    global_pointer: Keeper::Nobody,
    return_address: ReturnAddress::Register,
    function_address: None,
    stack_alignment: 16,
    stack_arguments: 0,
    kernel_call: "ecall",
    kernel_changes: &[],
    remarks: &[
        "Floating-point arguments beyond the eighth travel in the integer registers that are left.",
        "A structure of up to 16 bytes travels in two registers, a larger one by its address.",
    ],
};
