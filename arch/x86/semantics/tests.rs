//! Control transfer, which tests/oracle_x86_64 cannot run beside the host's processor.

use crate::GUEST;
use crate::regs::{GENERAL, RAX, RCX, RSP};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Memory, Protection};
use portolan_machine::trap::{Stop, Trap};
use std::sync::Arc;

const CODE: u64 = 0x1000;
const STACK: u64 = 0x3000;

/// A hart at this code, with a stack.
fn hart(code: &[u8]) -> Box<dyn Core> {
    let memory = Arc::new(Memory::new(32).unwrap());
    let all = Protection::READ | Protection::WRITE | Protection::EXEC;
    memory.map(CODE, 0x2000, all, "").unwrap();
    memory.poke(CODE, code).unwrap();
    let mut core = GUEST.core(memory);
    core.set_pc(CODE);
    core.set_register(RSP, STACK);
    core
}

/// Runs to the trap that ends it.
fn run(core: &mut dyn Core) -> Trap {
    match core.run(1000) {
        Stop::Trap(trap) => trap,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_loop_adds_up() {
    // mov ecx,5; xor eax,eax; 1: add eax,ecx; loop 1b; ud2
    let code = [
        0xb9, 5, 0, 0, 0, 0x31, 0xc0, 0x01, 0xc8, 0xe2, 0xfc, 0x0f, 0x0b,
    ];
    let mut core = hart(&code);
    assert_eq!(run(&mut *core), Trap::Illegal);
    assert_eq!((core.register(RAX), core.register(RCX)), (15, 0));
    assert_eq!(core.pc(), CODE + 11);
}

#[test]
fn a_call_comes_back() {
    // call 1f; ud2; 1: mov eax,7; ret 16
    let code = [0xe8, 2, 0, 0, 0, 0x0f, 0x0b, 0xb8, 7, 0, 0, 0, 0xc2, 16, 0];
    let mut core = hart(&code);
    run(&mut *core);
    assert_eq!((core.pc(), core.register(RAX)), (CODE + 5, 7));
    assert_eq!(core.register(RSP), STACK + 16);
}

#[test]
fn a_call_through_the_stack_pointer_reads_before_it_pushes() {
    // push 0x1008 (imm32); call [rsp]; at 0x1008: ud2
    let code = [0x68, 8, 0x10, 0, 0, 0xff, 0x14, 0x24, 0x0f, 0x0b];
    let mut core = hart(&code);
    run(&mut *core);
    assert_eq!((core.pc(), core.register(RSP)), (CODE + 8, STACK - 16));
}

#[test]
fn each_condition_and_its_opposite() {
    // cmp eax,ecx; jcc +2; ud2; ud2
    let taken = |condition: u8, a: u64, b: u64| {
        let code = [0x39, 0xc8, 0x70 | condition, 2, 0x0f, 0x0b, 0x0f, 0x0b];
        let mut core = hart(&code);
        core.set_register(RAX, a);
        core.set_register(RCX, b);
        run(&mut *core);
        core.pc() == CODE + 6
    };
    for (a, b) in [
        (0u32, 0u32),
        (1, 2),
        (2, 1),
        (0x8000_0000, 1),
        (1, 0x8000_0000),
        (u32::MAX, 0),
    ] {
        let (signed_a, signed_b) = (a as i32, b as i32);
        let difference = a.wrapping_sub(b);
        let holds = [
            signed_a.checked_sub(signed_b).is_none(),
            a < b,
            a == b,
            a <= b,
            (difference as i32) < 0,
            (difference as u8).count_ones().is_multiple_of(2),
            signed_a < signed_b,
            signed_a <= signed_b,
        ];
        for (number, holds) in (0..).zip(holds) {
            assert_eq!(
                taken(2 * number, a.into(), b.into()),
                holds,
                "{number} {a} {b}"
            );
            assert_eq!(
                taken(2 * number + 1, a.into(), b.into()),
                !holds,
                "{number} {a} {b}"
            );
        }
    }
}

#[test]
fn divisions_that_do_not_fit_trap_and_change_nothing() {
    // div ecx; idiv rcx
    for (code, rax, rdx, rcx) in [
        (&[0xf7, 0xf1][..], 1, 0, 0),
        (&[0xf7, 0xf1], 0, 5, 5),
        (&[0x48, 0xf7, 0xf9], 1 << 63, u64::MAX, u64::MAX),
        (&[0x48, 0xf7, 0xf9], 0, 1, 1),
    ] {
        let mut core = hart(code);
        for (slot, value) in [(RAX, rax), (GENERAL + 2, rdx), (RCX, rcx)] {
            core.set_register(slot, value);
        }
        assert_eq!(
            run(&mut *core),
            Trap::Software {
                code: super::DIVIDE_ERROR_CODE
            }
        );
        assert_eq!((core.pc(), core.register(RAX)), (CODE, rax));
    }
}

#[test]
fn a_repeated_copy_stops_at_the_element_that_faults() {
    // rep movsb, into the end of what is mapped
    let mut core = hart(&[0xf3, 0xa4]);
    let end = CODE + 0x2000;
    for (slot, value) in [(RCX, 8), (GENERAL + 6, CODE), (GENERAL + 7, end - 3)] {
        core.set_register(slot, value);
    }
    assert!(matches!(run(&mut *core), Trap::Fault(fault) if fault.address == end));
    assert_eq!(
        (core.pc(), core.register(RCX), core.register(GENERAL + 7)),
        (CODE, 5, end)
    );
}

#[test]
fn a_store_changes_the_instruction_after_it() {
    // mov byte ptr [rip+1],9; mov eax,7; ud2
    let code = [0xc6, 0x05, 1, 0, 0, 0, 9, 0xb8, 7, 0, 0, 0, 0x0f, 0x0b];
    let mut core = hart(&code);
    assert_eq!(run(&mut *core), Trap::Illegal);
    assert_eq!((core.register(RAX), core.pc()), (9, CODE + 12));
}

#[test]
fn compiled_code_that_changes_itself_runs_as_changed() {
    use portolan_machine::engine::Compiling;
    // mov ecx,200; 1: inc byte ptr [rip+1]; mov eax,0; add edx,eax; loop 1b; int3
    let code = [
        0xb9, 200, 0, 0, 0, 0xfe, 0x05, 1, 0, 0, 0, 0xb8, 0, 0, 0, 0, 0x01, 0xc2, 0xe2, 0xf1, 0xcc,
    ];
    for compiling in [Compiling::Off, Compiling::Always] {
        let mut core = hart(&code);
        core.set_compiling(compiling);
        assert_eq!(core.run(u64::MAX), Stop::Trap(Trap::Breakpoint));
        assert_eq!(core.register(GENERAL + 2), (1..=200).sum::<u64>());
    }
}

#[test]
fn random_numbers_are_the_harts() {
    // rdrand rax; rdseed ecx; rdrand dx; ud2
    let code = [
        0x48, 0x0f, 0xc7, 0xf0, 0x0f, 0xc7, 0xf9, 0x66, 0x0f, 0xc7, 0xf2, 0x0f, 0x0b,
    ];
    let draw = |given: Option<u64>| {
        let mut core = hart(&code);
        core.set_register(crate::regs::RDX, u64::MAX);
        if let Some(given) = given {
            core.set_random(Arc::new(move || given));
        }
        run(&mut *core);
        assert_eq!(core.register(crate::regs::CF), 1);
        [RAX, RCX, crate::regs::RDX].map(|slot| core.register(slot))
    };
    let given = 0x1234_5678_9abc_def0;
    assert_eq!(
        draw(Some(given)),
        [given, 0x9abc_def0, 0xffff_ffff_ffff_def0]
    );
    // A bare machine does the same each time, and draws other numbers each time.
    let [first, second, _] = draw(None);
    assert_eq!(draw(None)[0], first);
    assert_ne!(first as u32, second as u32);
}
