use super::*;
use crate::decode::{DELAY_SLOT, WIDE_FLOATS};
use crate::regs::{CAUSE, CONDITIONS, F, FLAGS, HI, LO, ROUNDING};
use portolan_linux::personality::Personality;
use portolan_linux::signals::{AlternateStack, Frame, FrameKind, Restored};
use portolan_machine::guest::Guest;
use portolan_machine::memory::{Access, Memory, Protection};
use std::sync::Arc;

#[test]
fn numbers_are_those_of_the_two_calling_conventions() {
    let o32 = Personality::new(&MIPS);
    let n64 = Personality::new(&MIPS64EL);
    let name = |personality: &Personality, number| personality.call(number).map(|call| call.name);
    assert_eq!(name(&o32, 4000), Some("syscall"));
    assert_eq!(name(&o32, 4003), Some("read"));
    assert_eq!(name(&o32, 4193), Some("rt_sigreturn"));
    assert_eq!(name(&o32, 4403), Some("clock_gettime64"));
    assert_eq!(name(&o32, 4435), Some("clone3"));
    assert_eq!(name(&o32, 4028), None);
    assert_eq!(name(&n64, 5000), Some("read"));
    assert_eq!(name(&n64, 5211), Some("rt_sigreturn"));
    assert_eq!(name(&n64, 5435), Some("clone3"));
    for (personality, number) in [(&o32, 4283), (&n64, 5242)] {
        let call = personality.call(number).expect("a number of the table's");
        assert_eq!(call.name, "set_thread_area");
        assert!(call.call.is_some());
    }
}

#[test]
fn errors_and_signals_have_numbers_of_their_own() {
    let personality = Personality::new(&MIPSEL);
    let error = |errno| personality.error(errno);
    assert_eq!(error(portolan_linux::Errno::ENOSYS), 89);
    assert_eq!(error(portolan_linux::Errno::EDEADLK), 45);
    assert_eq!(error(portolan_linux::Errno::EAGAIN), 11);
    assert_eq!(error(portolan_linux::Errno::EDQUOT), 1133);
    assert_eq!(personality.host_signal(16), Some(10), "SIGUSR1");
    assert_eq!(personality.guest_signal(17), 18, "SIGCHLD");
    assert_eq!(personality.guest_signal(16), 7, "SIGEMT for SIGSTKFLT");
    assert_eq!(personality.code_to_guest(-2), -3, "SI_TIMER");
    assert_eq!(personality.code_to_host(-2), -4, "SI_ASYNCIO");
}

#[test]
fn a_failed_call_says_so_in_a_register_of_its_own() {
    let mut core = crate::MIPS.core(memory());
    (MIPS.set_result)(&mut *core, Err(89));
    assert_eq!((core.register(V0), core.register(A3)), (89, 1));
    (MIPS.set_result)(&mut *core, Ok(0x8000_0000));
    assert_eq!(
        (core.register(V0), core.register(A3)),
        (0xffff_ffff_8000_0000, 0)
    );
}

fn memory() -> Arc<Memory> {
    let memory = Arc::new(Memory::new(31).unwrap());
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

fn frame(kind: FrameKind) -> Frame {
    Frame {
        kind,
        number: 16,
        info: vec![7; 128],
        handler: 0x8888,
        restorer: 0x9000,
        mask: 1 << 127 | 0x1234_5678_5a5a,
        stack: STACK,
        top: 0x4ff8,
    }
}

/// A hart whose registers all hold something else.
fn busy(guest: &'static crate::Mips) -> Box<dyn Core> {
    let mut core = guest.core(memory());
    core.set_mode(WIDE_FLOATS);
    for slot in (R + 1..=R + 31).chain([HI, LO]).chain(F..F + 32) {
        core.set_register(slot, u64::from(slot) * 0x0101);
    }
    core.set_register(R + 5, 0xffff_ffff_8000_0005);
    core.set_register(SP, 0x4ff8);
    core.set_register(FLAGS, 0x11);
    core.set_register(CAUSE, 0x0a);
    core.set_register(ROUNDING, 3);
    core.set_register(CONDITIONS, 0x81);
    core.set_pc(0x4444);
    core
}

fn state(core: &dyn Core) -> Vec<u64> {
    (R..=CONDITIONS).map(|slot| core.register(slot)).collect()
}

fn returns(guest: &'static crate::Mips, abi: &Abi, kind: FrameKind) {
    let mut core = busy(guest);
    let before = state(&*core);
    (abi.signals.push)(&mut *core, &frame(kind)).unwrap();
    assert_eq!(core.pc(), 0x8888);
    assert_eq!(core.register(R + 25), 0x8888, "t9 is the handler");
    assert_eq!(core.register(A0), 16);
    assert!(core.register(SP) <= 0x4ff8 - 32);
    for slot in (R + 1..R + 29).chain([HI, LO]).chain(F..F + 32) {
        core.set_register(slot, 0);
    }
    core.set_register(ROUNDING, 0);
    core.set_register(CONDITIONS, 0);
    let restored = (abi.signals.pop)(&mut *core, kind).unwrap();
    let stack = match kind {
        FrameKind::Plain => None,
        FrameKind::Detailed => Some(STACK),
    };
    let mask = 1 << 127 | 0x1234_5678_5a5a;
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

#[test]
fn everything_comes_back_after_a_handler() {
    for (guest, abi) in [(&crate::MIPS, &MIPS), (&crate::MIPSEL, &MIPSEL)] {
        returns(guest, abi, FrameKind::Plain);
        returns(guest, abi, FrameKind::Detailed);
    }
    for (guest, abi) in [(&crate::MIPS64, &MIPS64), (&crate::MIPS64EL, &MIPS64EL)] {
        returns(guest, abi, FrameKind::Detailed);
    }
}

/// Offsets by the kernel's headers, as a C compiler has them.
#[test]
fn the_parts_of_a_frame_are_where_unwinders_look() {
    let mut core = busy(&crate::MIPS);
    (MIPS.signals.push)(&mut *core, &frame(FrameKind::Detailed)).unwrap();
    let start = core.register(SP);
    let word = |core: &dyn Core, at| core.memory().load(Access::U32.big(), start + at).unwrap();
    let wide = |core: &dyn Core, at| core.memory().load(Access::U64.big(), start + at).unwrap();
    assert_eq!(core.register(A0 + 1), start + 24, "siginfo");
    assert_eq!(core.register(A0 + 2), start + 152, "ucontext");
    assert_eq!(core.register(R + 31), 0x9000);
    assert_eq!(word(&*core, 152 + 12), 0x20, "ss_size");
    assert_eq!(wide(&*core, 152 + 24 + 8), 0x4444, "sc_pc");
    assert_eq!(wide(&*core, 152 + 24 + 16 + 3 * 8), 0x0303, "sc_regs[3]");
    assert_eq!(word(&*core, 152 + 24 + 540), 3, "sc_used_math");
    assert_eq!(wide(&*core, 152 + 24 + 552), 0x2020, "sc_mdhi");
    assert_eq!(word(&*core, 152 + 616), 0x5678_5a5a, "uc_sigmask");

    let mut core = busy(&crate::MIPS);
    (MIPS.signals.push)(&mut *core, &frame(FrameKind::Plain)).unwrap();
    let start = core.register(SP);
    let word = |at| core.memory().load(Access::U32.big(), start + at).unwrap();
    assert_eq!(
        (core.register(A0 + 1), core.register(A0 + 2)),
        (0, start + 24)
    );
    assert_eq!(core.register(R + 31), 0x9008);
    assert_eq!(word(24 + 8 + 4), 0x4444, "sc_pc");
    assert_eq!(word(616), 0x5678_5a5a, "sf_mask");

    let mut core = busy(&crate::MIPS64);
    (MIPS64.signals.push)(&mut *core, &frame(FrameKind::Plain)).unwrap();
    let start = core.register(SP);
    let wide = |at| core.memory().load(Access::U64.big(), start + at).unwrap();
    assert_eq!(core.register(A0 + 2), start + 152, "ucontext");
    assert_eq!(wide(152 + 40 + 3 * 8), 0x0303, "sc_regs[3]");
    assert_eq!(wide(152 + 40 + 576), 0x4444, "sc_pc");
    assert_eq!(wide(152 + 640), 0x1234_5678_5a5a, "uc_sigmask");
}

#[test]
fn a_signal_before_a_delay_slot_goes_back_to_the_branch() {
    let mut core = busy(&crate::MIPSEL);
    core.set_inside(DELAY_SLOT);
    (MIPSEL.signals.push)(&mut *core, &frame(FrameKind::Detailed)).unwrap();
    assert_eq!((core.pc(), core.inside()), (0x8888, 0));
    (MIPSEL.signals.pop)(&mut *core, FrameKind::Detailed).unwrap();
    assert_eq!((core.pc(), core.inside()), (0x4440, 0));
}

#[test]
fn a_frame_that_does_not_fit_is_a_fault() {
    let mut core = crate::MIPS64.core(memory());
    let frame = Frame {
        top: 0x9000,
        ..frame(FrameKind::Plain)
    };
    assert!((MIPS64.signals.push)(&mut *core, &frame).is_err());
}

#[test]
fn traps_raise_the_kernels_signals() {
    let raised =
        |trap| raise(&trap, 0x4000, KERNEL_O32).map(|signal| (signal.number, signal.origin));
    let at = |code, address| Origin::Instruction { code, address };
    let division = Trap::Software { code: 7 };
    assert_eq!(raised(division), Some((8, at(1, 0x4000))));
    assert_eq!(raised(Trap::Software { code: 6 }), Some((8, at(2, 0x4000))));
    let forced = Origin::Other { code: 0x80 };
    assert_eq!(raised(Trap::Software { code: 1 }), Some((5, forced)));
    assert_eq!(raised(Trap::Illegal), Some((4, forced)));
    let fault = |address| {
        Trap::Fault(Fault {
            address,
            intent: portolan_machine::memory::Intent::Read,
            cause: portolan_machine::memory::Cause::Unmapped,
        })
    };
    assert_eq!(raised(fault(0xffff_ffff_8000_0000)), Some((10, forced)));
    assert_eq!(raised(fault(0x10)), None, "as everywhere");
}
