use super::*;
use crate::regs::{
    CF, DF, ERROR_CODE, FAULT_ADDRESS, FLOAT_MODES, FLOAT_TRAPS, FPU_CONTROL, FPU_OPCODE,
    FPU_STATUS, FPU_TAGS, FPU_TOP, OTHER_FLAGS, ST, TRAP_NUMBER, XMM, YMM_HIGH, ZF,
};
use portolan_linux::personality::Personality;
use portolan_linux::signals::{AlternateStack, Frame, FrameKind, Origin, Restored};
use portolan_machine::float::Flags;
use portolan_machine::guest::Guest;
use portolan_machine::memory::{Access, Cause, Fault, Intent, Memory, Protection};
use portolan_machine::trap::Trap;
use std::sync::Arc;

#[test]
fn numbers_are_those_of_x86_64_and_each_is_known() {
    let personality = Personality::new(&ABI);
    let name = |number| personality.call(number).map(|call| call.name);
    assert_eq!(name(0), Some("read"));
    assert_eq!(name(15), Some("rt_sigreturn"));
    assert_eq!(name(158), Some("arch_prctl"));
    assert_eq!(name(262), Some("newfstatat"));
    assert_eq!(name(435), Some("clone3"));
    assert_eq!(name(400), None);
    for (number, call) in personality.calls() {
        assert!(call.call.is_some(), "{} ({number})", call.name);
    }
}

#[test]
fn a_call_leaves_its_result_and_two_registers_that_it_uses() {
    let mut core = crate::X86.core(memory());
    core.set_pc(0x1000);
    core.set_register(ZF, 1);
    (ABI.set_result)(&mut *core, Err(2));
    assert_eq!(core.register(RAX), 2u64.wrapping_neg());
    assert_eq!(core.register(RCX), 0x1002);
    assert_eq!(
        core.register(R11),
        0x242,
        "ZF, IF, and a bit that is always set"
    );
}

fn memory() -> Arc<Memory> {
    let memory = Arc::new(Memory::new(40).unwrap());
    memory
        .map(0x1000, 0x4000, Protection::READ | Protection::WRITE, "")
        .unwrap();
    memory
}

const STACK: AlternateStack = AlternateStack {
    start: 0x10,
    size: 0x20,
    flags: 0,
};

fn frame() -> Frame {
    Frame {
        kind: FrameKind::Detailed,
        number: 10,
        info: vec![7; 128],
        handler: 0x8888,
        restorer: 0x9999,
        mask: 0x1234_5678_5a5a,
        stack: STACK,
        top: 0x4ff8,
    }
}

/// Everything that a handler must not change, but the trap's number and such.
fn state(core: &dyn Core) -> Vec<u64> {
    let upper = YMM_HIGH..YMM_HIGH + 32;
    let slots = (0..=FPU_OPCODE).chain(upper);
    slots.map(|slot| core.register(slot)).collect()
}

/// A hart whose registers all hold something else.
fn busy() -> Box<dyn Core> {
    let mut core = crate::X86.core(memory());
    start(&mut *core);
    for slot in (0..16)
        .chain(XMM..XMM + 32)
        .chain(ST..ST + 16)
        .chain(YMM_HIGH..YMM_HIGH + 32)
    {
        core.set_register(slot, u64::from(slot) * 0x0101);
    }
    core.set_register(FPU_TAGS, 0x83);
    core.set_register(FPU_TOP, 6);
    core.set_register(FPU_STATUS, 0x4141);
    core.set_register(FPU_CONTROL, 0x300);
    core.set_register(RSP, 0x4ff8);
    core.set_register(CF, 1);
    core.set_register(DF, 1);
    core.set_register(OTHER_FLAGS, 1 << 18);
    core.set_register(FLOAT_MODES, 2);
    core.set_register(FLOAT_TRAPS, Flags::INVALID.bits().into());
    core.set_register(TRAP_NUMBER, 14);
    core.set_register(ERROR_CODE, 6);
    core.set_register(FAULT_ADDRESS, 0xdead);
    core.set_pc(0x4444);
    core
}

#[test]
fn everything_comes_back_after_a_handler() {
    let mut core = busy();
    let before = state(&*core);
    frame::push(&mut *core, &frame()).unwrap();
    assert_eq!(core.pc(), 0x8888);
    assert_eq!((core.register(RDI), core.register(DF)), (10, 0));
    let others = (XMM..=FPU_OPCODE).chain(YMM_HIGH..YMM_HIGH + 32);
    for slot in (0..16).filter(|slot| *slot != RSP).chain(others) {
        core.set_register(slot, 0);
    }
    // The handler's `ret`.
    core.set_register(RSP, core.register(RSP) + 8);
    let restored = frame::pop(&mut *core, FrameKind::Detailed).unwrap();
    let (mask, stack) = (0x1234_5678_5a5a, Some(STACK));
    assert_eq!(
        restored,
        Restored {
            mask,
            stack,
            refused: None
        }
    );
    assert_eq!((core.pc(), state(&*core)), (0x4444, before));
}

/// Offsets by the kernel's headers, as a C compiler has them.
#[test]
fn the_parts_of_a_frame_are_where_unwinders_look() {
    let mut core = busy();
    frame::push(&mut *core, &frame()).unwrap();
    let start = core.register(RSP);
    let word = |at| core.memory().load(Access::U64, at).unwrap();
    let context = core.register(RDX);
    assert_eq!(start % 16, 8, "as after a call");
    assert_eq!((word(start), context), (0x9999, start + 8));
    assert_eq!(core.register(RSI), start + 8 + 304, "siginfo");
    assert_eq!(word(start + 8 + 304), 0x0707_0707_0707_0707);
    assert_eq!(word(context), 7, "uc_flags");
    assert_eq!(word(context + 32), 0x20, "ss_size");
    let register = |index: u64| word(context + 40 + 8 * index);
    assert_eq!(register(0), 0x808, "r8");
    assert_eq!(register(8), 0x707, "rdi");
    assert_eq!(register(15), 0x4ff8, "rsp");
    assert_eq!(register(16), 0x4444, "rip");
    assert_eq!(register(17), 1 | 2 | 1 << 9 | 1 << 10 | 1 << 18, "rflags");
    assert_eq!(register(18), 0x2b << 48 | 0x33, "cs, gs, fs, ss");
    assert_eq!((register(19), register(20)), (6, 14), "err and trapno");
    assert_eq!(register(22), 0xdead, "cr2");
    assert_eq!(word(context + 296), 0x1234_5678_5a5a, "uc_sigmask");
    let state = register(23);
    assert_eq!(state % 64, 0);
    assert!(state + 836 <= 0x4ff8 - 128, "the red zone stays");
    assert_eq!(word(state) as u16, 0x7f, "x87's control word");
    assert_eq!(
        word(state) >> 16 & 0xffff,
        0x4141 | 6 << 11,
        "its status word"
    );
    assert_eq!(
        word(state) >> 32 & 0xff,
        0xe0,
        "st(0), st(1) and st(7) are in use"
    );
    assert_eq!(
        (word(state + 32), word(state + 40)),
        (0x4444, 0x4545),
        "st(0)"
    );
    assert_eq!(word(state + 24) as u32, 0x1f00 | 1 << 13, "mxcsr: down");
    assert_eq!(word(state + 160 + 16 + 8), 0x2323, "the upper half of xmm1");
    assert_eq!(
        word(state + 464),
        836 << 32 | 0x4650_5853,
        "an area follows"
    );
    assert_eq!((word(state + 472), word(state + 480)), (7, 832), "of this");
    assert_eq!((word(state + 512), word(state + 520)), (7, 0), "XSTATE_BV");
    assert_eq!(word(state + 576 + 16 + 8), 0x8383, "the upper half of ymm1");
    let end = core.memory().load(Access::U32, state + 832);
    assert_eq!(end, Ok(0x4650_5845), "its end");

    let mut core = busy();
    let elsewhere = Frame {
        top: 0x3000,
        ..frame()
    };
    frame::push(&mut *core, &elsewhere).unwrap();
    let state = core
        .memory()
        .load(Access::U64, core.register(RDX) + 40 + 184);
    let area = Ok(0x3000 - 896);
    assert_eq!(state, area, "another stack has no red zone");
}

#[test]
fn a_frame_that_does_not_fit_is_a_fault() {
    let mut core = busy();
    let nowhere = Frame {
        top: 0x9000,
        ..frame()
    };
    assert!(frame::push(&mut *core, &nowhere).is_err());
}

/// The signal of a trap at an instruction, where the thread goes on, and the exception.
fn raised(code: &[u8], trap: Trap) -> (Option<(i32, Origin)>, u64, (u64, u64)) {
    let mut core = crate::X86.core(memory());
    core.memory().poke(0x1000, code).unwrap();
    core.memory()
        .protect(0x1000, 0x1000, Protection::READ | Protection::EXEC)
        .unwrap();
    core.set_pc(0x1000);
    let signal = traps::raise(&mut *core, &trap).map(|signal| (signal.number, signal.origin));
    let exception = (core.register(TRAP_NUMBER), core.register(ERROR_CODE));
    (signal, core.pc() - 0x1000, exception)
}

#[test]
fn traps_raise_the_kernels_signals() {
    let at = |code| Origin::Instruction {
        code,
        address: 0x1000,
    };
    let forced = Origin::Other { code: 0x80 };
    let after_one = Origin::Instruction {
        code: 1,
        address: 0x1001,
    };
    let software = |code| Trap::Software { code };
    let expected = [
        // div ecx
        (&[0xf7, 0xf1][..], software(0), (8, at(1)), 0, (0, 0)),
        // int1, where hypervisors differ from processors: some report it before the instruction
        (&[0xf1], Trap::Breakpoint, (5, after_one), 1, (1, 0)),
        // int3, int 3
        (&[0xcc], Trap::Breakpoint, (5, forced), 1, (3, 0)),
        (&[0xcd, 3], Trap::Breakpoint, (5, forced), 2, (3, 0)),
        // int 4, int 0, int 0x80
        (&[0xcd, 4], software(4), (11, forced), 2, (4, 0)),
        (&[0xcd, 0], software(0), (11, forced), 0, (13, 2)),
        (&[0xcd, 0x80], software(0x80), (11, forced), 0, (13, 0x402)),
        // ud2, hlt
        (&[0x0f, 0x0b], Trap::Illegal, (4, at(2)), 0, (6, 0)),
        (&[0xf4], software(13), (11, forced), 0, (13, 0)),
        // cli
        (&[0xfa], Trap::Illegal, (11, forced), 0, (13, 0)),
    ];
    for (code, trap, signal, moved, exception) in expected {
        let found = raised(code, trap);
        assert_eq!(found, (Some(signal), moved, exception), "{code:02x?}");
    }
}

#[test]
fn faults_tell_the_address_that_the_processor_tells() {
    let fault = |address, intent, cause| {
        Trap::Fault(Fault {
            address,
            intent,
            cause,
        })
    };
    // mov eax, [rcx]; mov eax, [rsp]; push rax
    let (load, load_of_stack, push) = (&[0x8b, 0x01][..], &[0x8b, 0x04, 0x24][..], &[0x50][..]);
    let written = fault(0x1234, Intent::Write, Cause::Protection);
    assert_eq!(raised(load, written), (None, 0, (14, 7)));
    let missing = fault(0x1234, Intent::Read, Cause::Unmapped);
    assert_eq!(raised(load, missing), (None, 0, (14, 4)));
    let kernel = fault(u64::MAX << 40, Intent::Execute, Cause::Unmapped);
    assert_eq!(raised(load, kernel), (None, 0, (14, 0x15)));
    let forced = Origin::Other { code: 0x80 };
    let beyond = fault(1 << 47, Intent::Read, Cause::Unmapped);
    assert_eq!(raised(load, beyond), (Some((11, forced)), 0, (13, 0)));
    for code in [load_of_stack, push] {
        assert_eq!(raised(code, beyond), (Some((7, forced)), 0, (12, 0)));
    }
}
