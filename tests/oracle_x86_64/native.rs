//! The host's processor: a program of all instructions is assembled and run, and tells their outcomes.

use crate::state::{IMAGE, State, Units};
use crate::support::{TempDir, oracle, run};
use crate::{Case, Outcome, SCRATCH};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// Where its data is: for each case its input, its output and its memory.
pub const DATA: u64 = 0x1000_0000;
/// Bytes of a state: 16 registers, the flags, an image of fxsave, which is aligned, and the upper halves
/// of the YMM registers.
const STATE: usize = UPPER_AT + 32 * 8;
const FLAGS_AT: usize = 16 * 8;
const IMAGE_AT: usize = FLAGS_AT + 16;
const UPPER_AT: usize = IMAGE_AT + IMAGE;
/// Bytes of a case.
pub const CASE: usize = 2 * STATE + SCRATCH;

/// Where the memory of a case begins.
pub fn scratch(index: usize) -> u64 {
    DATA + (index * CASE + 2 * STATE) as u64
}

/// The general-purpose registers in the order of their numbers.
const NAMES: [&str; 16] = [
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15",
];

/// What the host's processor makes of all cases.
pub fn run_natively(cases: &[Case]) -> Option<Vec<Outcome>> {
    let compiler = oracle("gcc")?;
    let directory = TempDir::new();
    let mut source = String::from(".globl _start\n.text\n_start:\n");
    let mut data = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        write_case(&mut source, case, index);
        let state = &case.state;
        for value in state.registers.iter().chain(&[state.flags, 0]) {
            data.extend(value.to_le_bytes());
        }
        data.extend(state.units.image());
        data.extend(state.units.upper.iter().flat_map(|word| word.to_le_bytes()));
        data.extend([0; STATE]);
        data.extend(&case.scratch);
    }
    let length = data.len();
    // All of the data, in as many pieces as it takes.
    let _ = write!(
        source,
        "cld\nmov ${DATA:#x}, %rsi\nmov ${length}, %r8\n\
         1: mov $1, %eax\nmov $1, %edi\nmov %r8, %rdx\nsyscall\ntest %rax, %rax\njle 2f\nadd %rax, %rsi\nsub %rax, %r8\njnz 1b\n\
         2: mov $60, %eax\nxor %edi, %edi\nsyscall\n"
    );
    // What comes with AVX, at the address in rax.
    for (label, load) in [("load_upper", true), ("store_upper", false)] {
        let _ = writeln!(source, "{label}:");
        for n in 0..16 {
            let _ = match load {
                true => writeln!(source, "vinsertf128 $1, 16*{n}(%rax), %ymm{n}, %ymm{n}"),
                false => writeln!(source, "vextractf128 $1, %ymm{n}, 16*{n}(%rax)"),
            };
        }
        source.push_str("ret\n");
    }
    source.push_str(".data\n.incbin \"data\"\n.bss\n.space 256\nstack: .space 64\n");
    fs::write(directory.path().join("data"), &data).unwrap();
    fs::write(directory.path().join("cases.s"), source).unwrap();
    let end = run(
        Command::new(compiler)
            .args(["-nostdlib", "-static", "-no-pie", "-o", "cases", "cases.s"])
            .arg(format!("-Wl,-Tdata={DATA:#x}"))
            .current_dir(directory.path()),
        b"",
    );
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let end = run(&mut Command::new(directory.path().join("cases")), b"");
    assert_eq!(
        (end.status, end.stdout.len()),
        (0, length),
        "the native program failed"
    );
    Some(end.stdout.chunks(CASE).map(outcome).collect())
}

/// Loads the state of a case, runs its instruction, and stores the state.
fn write_case(source: &mut String, case: &Case, index: usize) {
    let input = DATA + (index * CASE) as u64;
    let output = input + STATE as u64;
    let [flags, image, upper] = [FLAGS_AT, IMAGE_AT, UPPER_AT].map(|at| at as u64);
    let _ = writeln!(
        source,
        "mov $stack, %rsp\nmov ${:#x}, %eax\nfxrstor64 {:#x}\ncall load_upper\npushq {:#x}\npopfq",
        input + upper,
        input + image,
        input + flags
    );
    for (number, name) in NAMES.iter().enumerate() {
        let _ = writeln!(source, "mov {:#x}, %{name}", input + 8 * number as u64);
    }
    let bytes: Vec<String> = case.bytes.iter().map(u8::to_string).collect();
    let _ = writeln!(source, ".byte {}", bytes.join(","));
    for (number, name) in NAMES.iter().enumerate() {
        let _ = writeln!(source, "mov %{name}, {:#x}", output + 8 * number as u64);
    }
    let _ = writeln!(
        source,
        "mov $stack, %rsp\npushfq\npopq {:#x}\nfxsave64 {:#x}\nmov ${:#x}, %eax\ncall store_upper",
        output + flags,
        output + image,
        output + upper
    );
}

/// What a case's part of the data says afterwards.
fn outcome(bytes: &[u8]) -> Outcome {
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a word"));
    Outcome {
        state: State {
            registers: std::array::from_fn(|n| number(STATE + 8 * n)),
            flags: number(STATE + FLAGS_AT),
            units: Units::of(&bytes[STATE + IMAGE_AT..2 * STATE]),
        },
        scratch: bytes[2 * STATE..].to_vec(),
    }
}
