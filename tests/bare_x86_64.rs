//! The roms of x86-64 on a bare machine, with the two system calls that they make.
#![cfg(feature = "host")]

mod support;

use portolan::Machine;
use portolan_machine::memory::Protection;
use portolan_machine::trap::{Stop, Trap};
use portolan_x86::regs::{GENERAL, RAX, RDI, RDX, RSI, RSP};
use std::fs;
use support::workspace;

/// Where the stack is, with no arguments and no environment on it.
const STACK: u64 = 0x7000_0000;

/// What a rom prints, and how it ends: its status, or the trap.
fn run(name: &str) -> (String, Result<u64, Trap>) {
    let file = fs::read(workspace().join("roms/bin/x86_64").join(name)).expect(name);
    let mut machine = Machine::new("x86_64").unwrap();
    machine.load_elf(&file).unwrap();
    let writable = Protection::READ | Protection::WRITE;
    machine.map(STACK, 0x10_0000, writable).unwrap();
    machine.core().set_register(RSP, STACK + 0xf_0000);
    let mut printed = Vec::new();
    let end = loop {
        match machine.run(u64::MAX) {
            Stop::Trap(Trap::Syscall) => {}
            Stop::Trap(trap) => break Err(trap),
            stop => panic!("{name}: {stop:?}"),
        }
        let [number, status, start, length] =
            [RAX, RDI, RSI, RDX].map(|slot| machine.core().register(slot));
        match number {
            1 => {
                let mut bytes = vec![0; length as usize];
                machine.memory().read(start, &mut bytes).unwrap();
                printed.extend(bytes);
                machine.core().set_register(GENERAL, length);
            }
            231 => break Ok(status),
            other => panic!("{name}: system call {other}"),
        }
        // The trap leaves the pc at the instruction, of two bytes.
        let next = machine.pc() + 2;
        machine.set_pc(next);
    };
    (String::from_utf8(printed).expect("text"), end)
}

#[test]
fn roms_print_what_they_print_everywhere() {
    let roms = workspace().join("roms");
    for name in [
        "hello", "fib", "primes", "sort", "sha256", "matmul", "strings", "vm", "crash", "illegal",
    ] {
        let expected = fs::read_to_string(roms.join(format!("expected/{name}.txt"))).expect(name);
        let (printed, end) = run(name);
        assert_eq!(printed, expected, "{name}");
        match name {
            "crash" => assert!(matches!(end, Err(Trap::Fault(_))), "{name}: {end:?}"),
            "illegal" => assert_eq!(end, Err(Trap::Illegal), "{name}"),
            _ => assert_eq!(end, Ok(0), "{name}"),
        }
    }
}
