//! The interpreter's blocks are not to be seen from outside: budgets, breakpoints and changes of the code are exact.

use portolan::{Intent, Machine, Protection, Stop, Trap};
use portolan_machine::engine::{Moment, Watchpoint};

const START: u64 = 0x1000;

/// `addi a0, a0, 1`
const COUNT: u32 = 0x0015_0513;
/// `jal zero, -8`: back over two instructions
const BACK: u32 = 0xff9f_f06f;

fn machine(code: &[u32]) -> Machine {
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut machine = Machine::new("riscv64").unwrap();
    let all = Protection::READ | Protection::WRITE | Protection::EXEC;
    machine.map(START, bytes.len() as u64, all).unwrap();
    machine.memory().write(START, &bytes).unwrap();
    machine.set_pc(START);
    machine
}

fn state(machine: &mut Machine) -> (u64, u64, u64) {
    let retired = machine.core().retired();
    (machine.register("a0").unwrap(), machine.pc(), retired)
}

#[test]
fn a_budget_ends_inside_a_block() {
    let mut machine = machine(&[COUNT, COUNT, BACK]);
    assert_eq!(machine.run(0), Stop::Budget);
    assert_eq!(state(&mut machine), (0, START, 0));
    assert_eq!(machine.run(4), Stop::Budget);
    assert_eq!(state(&mut machine), (3, START + 4, 4));
    assert_eq!(machine.run(1), Stop::Budget);
    assert_eq!(state(&mut machine), (4, START + 8, 5));
    assert_eq!(machine.run(1_000_000), Stop::Budget);
    assert_eq!(machine.core().retired(), 1_000_005);
}

#[test]
fn a_breakpoint_stops_in_the_middle_of_what_was_a_block() {
    let mut machine = machine(&[COUNT, COUNT, BACK]);
    machine.run(100);
    machine.core().set_breakpoints(&[START + 4]);
    for _ in 0..3 {
        assert_eq!(machine.run(100), Stop::Breakpoint);
        assert_eq!(machine.pc(), START + 4);
    }
    machine.core().set_breakpoints(&[]);
    assert_eq!(machine.run(100), Stop::Budget);
}

#[test]
fn a_raised_flag_stops_once() {
    let mut machine = machine(&[COUNT, COUNT, BACK]);
    let flag = machine.core().stop_flag();
    flag.raise();
    assert_eq!(machine.run(10), Stop::Requested);
    assert_eq!(machine.run(10), Stop::Budget);
    assert_eq!(machine.core().retired(), 10);
}

#[test]
fn changed_code_is_decoded_again() {
    let mut machine = machine(&[COUNT, COUNT, BACK]);
    machine.run(3);
    assert_eq!(machine.register("a0").unwrap(), 2);
    // addi a0, a0, 16
    let more = 0x0105_0513u32.to_le_bytes();
    machine.memory().write(START, &more).unwrap();
    machine.run(3);
    assert_eq!(machine.register("a0").unwrap(), 2 + 17);
}

#[test]
fn a_jump_to_nowhere_traps_at_its_target() {
    // addi a1, zero, -2; jalr zero, 0(a1)
    let mut machine = machine(&[0xffe0_0593, 0x0005_8067]);
    let Stop::Trap(Trap::Fault(fault)) = machine.run(10) else {
        panic!("a fault");
    };
    assert_eq!(
        (fault.address, fault.intent),
        (-2i64 as u64, Intent::Execute)
    );
    assert_eq!(state(&mut machine), (0, -2i64 as u64, 2));
}

/// Watches the memory behind the code.
fn watchpoint(start: u64, bytes: u64, moment: Moment) -> Watchpoint {
    Watchpoint {
        start,
        bytes,
        reads: false,
        writes: true,
        moment,
    }
}

#[test]
fn watched_accesses_stop_before_or_after_the_instruction() {
    const DATA: u64 = START + 0x100;
    // addi a0, a0, 1; sd a0, 0x100(a1); ld a2, 0x100(a1); jal zero, -12
    let code = [COUNT, 0x10a5_b023, 0x1005_b603, 0xff5f_f06f];
    for (moment, at, stored) in [(Moment::Before, 4, 0), (Moment::After, 8, 1)] {
        let mut machine = machine(&code);
        machine.set_register("a1", START).unwrap();
        // The last of the bytes that are stored.
        let watched = watchpoint(DATA + 7, 100, moment);
        machine.core().set_watchpoints(&[watched]);
        let Stop::Watchpoint(hit) = machine.run(100) else {
            panic!("a hit");
        };
        assert_eq!((hit.watchpoint, hit.address), (watched, DATA + 7));
        assert_eq!(state(&mut machine), (1, START + at, at / 4));
        let mut bytes = [0; 8];
        machine.memory().read(DATA, &mut bytes).unwrap();
        assert_eq!(u64::from_le_bytes(bytes), stored);
        // What ends before the watched bytes, and reads of them, pass.
        machine
            .core()
            .set_watchpoints(&[watchpoint(DATA + 8, 1, moment)]);
        assert_eq!(machine.run(50), Stop::Budget);
        assert_eq!(machine.core().retired(), 50 + at / 4);
    }
}

#[test]
fn with_watchpoints_all_else_is_as_without() {
    let mut machine = machine(&[COUNT, COUNT, BACK]);
    machine
        .core()
        .set_watchpoints(&[watchpoint(0, 8, Moment::After)]);
    machine.core().set_breakpoints(&[START + 4]);
    assert_eq!(machine.run(100), Stop::Breakpoint);
    assert_eq!(state(&mut machine), (1, START + 4, 1));
    assert_eq!(machine.run(100), Stop::Breakpoint);
    assert_eq!(state(&mut machine), (3, START + 4, 4));
    let flag = machine.core().stop_flag();
    flag.raise();
    assert_eq!(machine.run(10), Stop::Requested);
    // What was recorded of code that is changed is not used any more.
    let more = 0x0105_0513u32.to_le_bytes();
    machine.memory().write(START + 4, &more).unwrap();
    machine.core().set_breakpoints(&[]);
    assert_eq!(machine.run(3), Stop::Budget);
    assert_eq!(machine.register("a0").unwrap(), 3 + 16 + 1);
    let mut other = self::machine(&[0]);
    other
        .core()
        .set_watchpoints(&[watchpoint(0, 8, Moment::After)]);
    assert_eq!(other.run(5), Stop::Trap(Trap::Illegal));
    assert_eq!(other.core().retired(), 0);
}
