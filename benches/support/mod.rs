//! Runs a rom on a bare machine: enough of a kernel for `write` and `exit_group`.

use portolan::{Access, Machine, Protection, Stop, Trap};

/// A rom loaded with its argument, ready to run.
pub fn machine(elf: &[u8], scale: &str) -> Machine {
    let mut machine = Machine::new("riscv64").unwrap();
    machine.load_elf(elf).unwrap();
    let top = 0x3f_0000_0000;
    machine
        .map(
            top - 0x10_0000,
            0x10_0000,
            Protection::READ | Protection::WRITE,
        )
        .unwrap();
    let (strings, sp) = (top - 64, top - 128);
    machine.memory().write(strings, scale.as_bytes()).unwrap();
    for (n, word) in [2, strings + 32, strings, 0, 0].into_iter().enumerate() {
        machine
            .memory()
            .store(Access::U64, sp + 8 * n as u64, word)
            .unwrap();
    }
    machine.set_register("sp", sp).unwrap();
    machine
}

/// Runs to the end; gives what was written and the instructions retired.
pub fn run(machine: &mut Machine) -> (Vec<u8>, u64) {
    let mut output = Vec::new();
    loop {
        match machine.run(u64::MAX) {
            Stop::Trap(Trap::Syscall) if machine.register("a7").unwrap() == 64 => {
                let length = machine.register("a2").unwrap();
                let mut bytes = vec![0; length as usize];
                machine
                    .memory()
                    .read(machine.register("a1").unwrap(), &mut bytes)
                    .unwrap();
                output.extend(bytes);
                machine.set_register("a0", length).unwrap();
                let pc = machine.pc();
                machine.set_pc(pc + 4);
            }
            Stop::Trap(Trap::Syscall) => return (output, machine.core().retired()),
            stop => panic!("{stop:?} at {:#x}", machine.pc()),
        }
    }
}
