//! What the benchmarks share: the roms, and enough of a kernel to run them on bare machines.
#![allow(dead_code)] // every benchmark compiles this module for itself, and uses a part of it

pub mod clock;

use crate::handwritten::{self, Handwritten};
use portolan::{Access, Machine, Memory, Protection, Stop, Trap};
use portolan_machine::engine::Compiling;
use std::path::Path;

/// A rom and its scale, for runs of 10 to 20 million instructions.
pub struct Rom {
    pub name: &'static str,
    pub scale: &'static str,
    /// Whether the hand-written interpreter, which has no floating point, can run it.
    pub integer: bool,
}

const fn rom(name: &'static str, scale: &'static str, integer: bool) -> Rom {
    Rom {
        name,
        scale,
        integer,
    }
}

/// Every rom that scales.
pub const ROMS: &[Rom] = &[
    rom("sha256", "160", true),
    rom("vm", "640", true),
    rom("fib", "28", true),
    rom("primes", "600000", true),
    rom("sort", "18000", true),
    rom("strings", "320", true),
    rom("mix", "180", true),
    rom("list", "25", true),
    rom("indirect", "800", true),
    rom("matmul", "110", false),
    rom("nbody", "20000", false),
    rom("mandelbrot", "250", false),
];

impl Rom {
    /// The ELF file.
    pub fn elf(&self) -> Vec<u8> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("roms/bin/riscv64");
        std::fs::read(directory.join(self.name)).expect("the roms are part of the repository")
    }

    /// Loaded with its argument, ready to run.
    pub fn machine(&self, elf: &[u8]) -> Machine {
        let mut machine = Machine::new("riscv64").expect("known");
        // These measure the interpreter.
        machine.core().set_compiling(Compiling::Off);
        machine.load_elf(elf).expect("an ELF file");
        let top = 0x3f_0000_0000;
        let size = 0x10_0000;
        machine
            .map(top - size, size, Protection::READ | Protection::WRITE)
            .expect("free");
        // argc, argv[0], argv[1], the end of argv, the end of the environment
        let (strings, sp) = (top - 64, top - 128);
        let stack = [2, strings + 32, strings, 0, 0];
        let memory = machine.memory();
        memory
            .write(strings, self.scale.as_bytes())
            .expect("mapped");
        for (address, word) in (sp..).step_by(8).zip(stack) {
            memory.store(Access::U64, address, word).expect("mapped");
        }
        machine.set_register("sp", sp).expect("known");
        machine
    }

    /// The same for the hand-written interpreter.
    pub fn handwritten(&self, elf: &[u8]) -> Handwritten {
        let mut machine = self.machine(elf);
        let mut other = Handwritten::new(machine.core().memory().clone(), machine.pc());
        other.x[2] = machine.register("sp").expect("known");
        other
    }
}

/// What a program wrote, and the instructions it retired.
pub type Outcome = (Vec<u8>, u64);

/// Runs to the end.
pub fn run(machine: &mut Machine) -> Outcome {
    let mut output = Vec::new();
    loop {
        let stop = machine.run(u64::MAX);
        assert_eq!(stop, Stop::Trap(Trap::Syscall), "at {:#x}", machine.pc());
        let [number, buffer, length] =
            ["a7", "a1", "a2"].map(|name| machine.register(name).expect("known"));
        if !write(machine.memory(), number, buffer, length, &mut output) {
            return (output, machine.core().retired());
        }
        machine.set_register("a0", length).expect("known");
        machine.set_pc(machine.pc() + 4);
    }
}

/// Runs to the end.
pub fn run_handwritten(other: &mut Handwritten) -> Outcome {
    let mut output = Vec::new();
    loop {
        let stop = other.run();
        assert!(
            matches!(stop, handwritten::Stop::Syscall),
            "{stop:?} at {:#x}",
            other.pc
        );
        let [number, buffer, length] = [17, 11, 12].map(|register| other.x[register]);
        if !write(&other.memory, number, buffer, length, &mut output) {
            return (output, other.retired);
        }
        other.x[10] = length;
        other.pc += 4;
    }
}

/// Appends what the system call `write` writes; false for any other.
fn write(memory: &Memory, number: u64, buffer: u64, length: u64, output: &mut Vec<u8>) -> bool {
    if number != 64 {
        return false;
    }
    let mut bytes = vec![0; length as usize];
    memory.read(buffer, &mut bytes).expect("mapped");
    output.extend(bytes);
    true
}
