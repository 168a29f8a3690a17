//! Which exception a trap is, and what the kernel makes of it: `arch/x86/kernel/traps.c` and
//! `arch/x86/mm/fault.c`.
//!
//! Each signal frame tells the last exception of its thread: number, error code, and cr2.

use super::SPACE_END;
use crate::decode::parse;
use crate::regs::{
    ERROR_CODE, FAULT_ADDRESS, FPU_CONTROL, FPU_STATUS, FS_BASE, GENERAL, GS_BASE, OTHER_FLAGS,
    RAX, RSP, TRAP_NUMBER, USER_CODE,
};
use crate::semantics::{DIVIDE_ERROR_CODE, NESTED_TASK};
use iced_x86::{Code, Mnemonic, OpKind, Register};
use portolan_linux::abi::Gates;
use portolan_linux::signals::{Origin, Signal};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Cause, Fault, Intent, Protection};
use portolan_machine::trap::Trap;

/// Exceptions by their numbers: Volume 3, Section 6.15.
const DIVIDE_ERROR: u64 = 0;
const DEBUG: u64 = 1;
const BREAKPOINT: u64 = 3;
const OVERFLOW: u64 = 4;
const INVALID_OPCODE: u64 = 6;
const STACK_FAULT: u64 = 12;
const GENERAL_PROTECTION: u64 = 13;
const PAGE_FAULT: u64 = 14;
const FLOATING_POINT: u64 = 16;
const SIMD: u64 = 19;

const SIGILL: i32 = 4;
const SIGTRAP: i32 = 5;
const SIGBUS: i32 = 7;
const SIGFPE: i32 = 8;
const SIGSEGV: i32 = 11;
const ILL_ILLOPN: i32 = 2;
const TRAP_BRKPT: i32 = 1;
const FPE_INTDIV: i32 = 1;
const SI_KERNEL: i32 = 0x80;

/// The page of calls that is older than the vDSO: it can be executed and not read (`vsyscall=xonly`), and the kernel
/// carries out what is called. `arch/x86/entry/vsyscall/vsyscall_64.c`
const VSYSCALL_PAGE: u64 = 0xffff_ffff_ff60_0000;

/// gettimeofday, time and getcpu.
pub const VSYSCALL: Gates = Gates {
    calls: &[
        (VSYSCALL_PAGE, 96),
        (VSYSCALL_PAGE + 0x400, 201),
        (VSYSCALL_PAGE + 0x800, 309),
    ],
    leave,
};

/// As `ret` does.
fn leave(core: &mut dyn Core, result: u64) -> Result<(), Fault> {
    let (top, mut caller) = (core.register(RSP), [0; 8]);
    core.memory().read(top, &mut caller)?;
    core.set_register(RSP, top.wrapping_add(8));
    core.set_register(RAX, result);
    core.set_pc(u64::from_le_bytes(caller));
    Ok(())
}

/// Notes the exception for frames, and tells the signal that it raises.
pub fn raise(core: &mut dyn Core, trap: &Trap) -> Option<Signal> {
    let pc = core.pc();
    let at = |code| Origin::Instruction { code, address: pc };
    let forced = Origin::Other { code: SI_KERNEL };
    let it = instruction(core);
    let mnemonic = it.map_or(Mnemonic::INVALID, |it| it.mnemonic());
    let protection = (GENERAL_PROTECTION, 0, SIGSEGV, forced);
    let (number, error, signal, origin) = match *trap {
        // Elsewhere on the page is nothing to call.
        Trap::Fault(fault)
            if fault.intent == Intent::Execute && fault.address & !0xfff == VSYSCALL_PAGE =>
        {
            return Some(Signal {
                number: SIGSEGV,
                origin: forced,
            });
        }
        Trap::Fault(fault) if is_canonical(fault.address) => {
            core.set_register(FAULT_ADDRESS, fault.address);
            let error = page_fault_code(core, &fault);
            note(core, PAGE_FAULT, error);
            return None;
        }
        Trap::Fault(_) if it.is_some_and(|it| uses_stack(&it)) => (STACK_FAULT, 0, SIGBUS, forced),
        Trap::Fault(_) | Trap::Misaligned { .. } => protection,
        Trap::Illegal if it.is_some_and(|it| it.is_privileged()) => protection,
        Trap::Illegal => (INVALID_OPCODE, 0, SIGILL, at(ILL_ILLOPN)),
        Trap::Breakpoint if mnemonic == Mnemonic::Int1 => {
            continue_after(core);
            let address = core.pc();
            let code = TRAP_BRKPT;
            (DEBUG, 0, SIGTRAP, Origin::Instruction { code, address })
        }
        Trap::Breakpoint => {
            continue_after(core);
            (BREAKPOINT, 0, SIGTRAP, forced)
        }
        // Of the gates that programs can call by number, two are theirs.
        Trap::Software { code: 4 } if mnemonic == Mnemonic::Int => {
            continue_after(core);
            (OVERFLOW, 0, SIGSEGV, forced)
        }
        Trap::Software { code } if mnemonic == Mnemonic::Int => {
            /// The error is in the table of interrupts.
            const TABLE: u64 = 2;
            let error = u64::from(code) << 3 | TABLE;
            (GENERAL_PROTECTION, error, SIGSEGV, forced)
        }
        Trap::Software {
            code: DIVIDE_ERROR_CODE,
        } => (DIVIDE_ERROR, 0, SIGFPE, at(FPE_INTDIV)),
        Trap::Software { .. } => {
            let selector = it.and_then(|it| match it.mnemonic() {
                Mnemonic::Retf | Mnemonic::Iret | Mnemonic::Iretd | Mnemonic::Iretq => {
                    popped_selector(core, &it)
                }
                _ => loaded_selector(core, &it),
            });
            let error = u64::from(selector.unwrap_or(0) & !3);
            (GENERAL_PROTECTION, error, SIGSEGV, forced)
        }
        Trap::Float { .. } => {
            // Of the x87 unit, what is raised and not masked traps.
            let pending = core.register(FPU_STATUS) & core.register(FPU_CONTROL) & 0x3f;
            note(core, if pending != 0 { FLOATING_POINT } else { SIMD }, 0);
            return None;
        }
        Trap::Overflow | Trap::Syscall => return None,
    };
    note(core, number, error);
    Some(Signal {
        number: signal,
        origin,
    })
}

fn note(core: &mut dyn Core, number: u64, error: u64) {
    core.set_register(TRAP_NUMBER, number);
    core.set_register(ERROR_CODE, error);
}

/// Exceptions of the kind "trap" are reported after the instruction.
fn continue_after(core: &mut dyn Core) {
    let next = core.pc().wrapping_add(core.instruction_length());
    core.set_pc(next);
}

/// Whether an address is in one of the two halves that the processor translates.
fn is_canonical(address: u64) -> bool {
    let upper = address.cast_signed() >> 47;
    upper == 0 || upper == -1
}

/// The error code of a page fault: Volume 3, Section 4.7.
fn page_fault_code(core: &dyn Core, fault: &Fault) -> u64 {
    const PRESENT: u64 = 1 << 0;
    const WRITE: u64 = 1 << 1;
    const USER: u64 = 1 << 2;
    const FETCH: u64 = 1 << 4;
    // Pages that may not be accessed at all are not there for the processor. Where the addresses are
    // its own, the kernel does not tell.
    let is_there = fault.cause == Cause::Protection
        && core.memory().protection_at(fault.address) != Some(Protection::NONE);
    let present = match is_there || fault.address >= SPACE_END {
        true => PRESENT,
        false => 0,
    };
    let intent = match fault.intent {
        Intent::Read => 0,
        Intent::Write => WRITE,
        Intent::Execute => FETCH,
    };
    USER | present | intent
}

/// The instruction at the pc.
fn instruction(core: &dyn Core) -> Option<iced_x86::Instruction> {
    let mut bytes = [0; 16];
    let present = core.memory().fetch(core.pc(), &mut bytes).ok()?;
    parse(&bytes[..present], core.pc()).ok()
}

/// The selector that an instruction loads into a segment register.
fn loaded_selector(core: &dyn Core, it: &iced_x86::Instruction) -> Option<u16> {
    let loads = matches!(it.mnemonic(), Mnemonic::Mov | Mnemonic::Pop);
    if !loads || !it.op0_register().is_segment_register() {
        return None;
    }
    let general = |register: Register| match register {
        Register::RIP => Some(core.pc()),
        _ if register.is_gpr() => {
            let value = core.register(GENERAL + register.full_register().number() as u8);
            let unused = 64 - 8 * register.size();
            Some(value << unused >> unused)
        }
        _ => None,
    };
    let address = match (it.mnemonic(), it.op1_kind()) {
        (Mnemonic::Pop, _) => core.register(RSP),
        (_, OpKind::Memory) => it.virtual_address(1, 0, |register, _, _| match register {
            Register::FS => Some(core.register(FS_BASE)),
            Register::GS => Some(core.register(GS_BASE)),
            _ if register.is_segment_register() => Some(0),
            _ => general(register),
        })?,
        _ => return Some(general(it.op1_register())? as u16),
    };
    let mut selector = [0; 2];
    core.memory().read(address, &mut selector).ok()?;
    Some(u16::from_le_bytes(selector))
}

/// The selector that a far return refuses: that of code, or else that of the stack.
fn popped_selector(core: &dyn Core, it: &iced_x86::Instruction) -> Option<u16> {
    if it.mnemonic() != Mnemonic::Retf && core.register(OTHER_FLAGS) & NESTED_TASK != 0 {
        return None;
    }
    let bytes = match it.code() {
        Code::Retfw | Code::Retfw_imm16 | Code::Iretw => 2,
        Code::Retfd | Code::Retfd_imm16 | Code::Iretd => 4,
        _ => 8,
    };
    let popped = |words: u64| {
        let mut selector = [0; 2];
        let at = core.register(RSP).wrapping_add(words * bytes);
        core.memory().read(at, &mut selector).ok()?;
        Some(u16::from_le_bytes(selector))
    };
    match popped(1)? {
        code if u64::from(code) == USER_CODE => popped(4),
        code => Some(code),
    }
}

/// Whether it accesses memory in the stack's segment.
fn uses_stack(it: &iced_x86::Instruction) -> bool {
    let mut kinds = (0..it.op_count()).map(|index| it.op_kind(index));
    match kinds.any(|kind| kind == OpKind::Memory) {
        true => it.memory_segment() == Register::SS,
        false => it.is_stack_instruction(),
    }
}
