//! x86-64 beside the host's own processor: random instructions on random states. One program of all of
//! them is assembled, run natively, and its registers, flags and memory are compared with those of every domain.
//!
//! `PORTOLAN_STATES=100000 cargo test --release --test oracle_x86_64` runs more of them than the tests do.
#![cfg(all(feature = "host", target_arch = "x86_64"))]

mod support;

use iced_x86::{Code, Instruction, Mnemonic, OpKind, Register};
use portolan::Machine;
use portolan_machine::engine::Compiling;
use portolan_machine::guest::Flow;
use portolan_machine::memory::Protection;
use portolan_x86::decode::{self, Prefix};
use portolan_x86::encoding::{Op, ROWS};
use portolan_x86::regs::{AF, CF, DF, GENERAL, OF, PF, SF, XMM, ZF};
use portolan_x86::semantics::{mxcsr, mxcsr_slots};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use support::{TempDir, oracle, run};

/// Where the data of the native program is: for each case its input, its output and its memory.
const DATA: u64 = 0x1000_0000;
/// Bytes of a state: 16 registers, the flags, MXCSR, and 16 vectors.
const STATE: usize = WORDS * 8;
const WORDS: usize = 18 + 32;
/// Where its flags, MXCSR and vectors are.
const FLAGS_AT: usize = 16 * 8;
const MXCSR_AT: usize = 17 * 8;
const VECTORS_AT: usize = 18 * 8;
/// Bytes of memory that a case may touch.
const SCRATCH: usize = 2048;
const CASE: usize = 2 * STATE + SCRATCH;

/// The flags with their places in rflags.
const FLAGS: [(u8, u8); 7] = [
    (CF, 0),
    (PF, 2),
    (AF, 4),
    (ZF, 6),
    (SF, 7),
    (DF, 10),
    (OF, 11),
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number, often one at which something changes.
    fn number(&mut self) -> u64 {
        let edge = [
            0,
            1,
            2,
            0x7f,
            0x80,
            0xff,
            0x7fff,
            0x8000,
            0x7fff_ffff,
            0x8000_0000,
            u64::MAX >> 1,
            1 << 63,
            u64::MAX,
        ];
        match self.below(4) {
            0 => edge[self.below(edge.len() as u64) as usize],
            1 => self.next() >> self.below(64),
            _ => self.next(),
        }
    }
}

/// Numbers at which something changes: singles, then doubles.
const SINGLES: [u32; 24] = [
    0,
    1 << 31,
    0x3f80_0000,
    0xbf80_0000,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffc1_2345,
    0x7f80_0001,
    0xffa0_0000,
    1,
    0x807f_ffff,
    0x0080_0000,
    0x8080_0001,
    0x7f7f_ffff,
    0x4f00_0000,
    0xcf00_0000,
    0x4eff_ffff,
    0x5f00_0000,
    0x3f00_0000,
    0x4020_0000,
    0x3400_0000,
    0x2000_0000,
    0x1f80_0000,
];
const DOUBLES: [u64; 24] = [
    0,
    1 << 63,
    0x3ff0_0000_0000_0000,
    0xbff0_0000_0000_0000,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0xfff8_1234_5678_9abc,
    0x7ff0_0000_0000_0001,
    0xfff4_0000_0000_0000,
    1,
    0x800f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x8010_0000_0000_0001,
    0x7fef_ffff_ffff_ffff,
    0x41e0_0000_0000_0000,
    0xc1e0_0000_0020_0000,
    0x43e0_0000_0000_0000,
    0xc3e0_0000_0000_0000,
    0x47ef_ffff_f000_0000,
    0x3810_0000_0000_0000,
    0x36a0_0000_0000_0001,
    0x3fe0_0000_0000_0000,
    0x4004_0000_0000_0000,
];

impl Random {
    fn chance(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    /// 64 bits of a vector.
    fn vector_word(&mut self) -> u64 {
        match self.below(8) {
            0..3 => self.double(),
            3..6 => u64::from(self.single()) << 32 | u64::from(self.single()),
            _ => self.number(),
        }
    }

    fn single(&mut self) -> u32 {
        let edge = SINGLES[self.below(24) as usize];
        match self.below(4) {
            0 => edge,
            1 => (self.below(2000) as f32 / 8.0 - 100.0).to_bits(),
            // Of like magnitude, so that sums cancel and products stay in range.
            2 => (self.next() as u32 & 0x83ff_ffff) | 0x3c00_0000,
            _ => edge ^ (self.below(8) as u32) << self.below(30),
        }
    }

    fn double(&mut self) -> u64 {
        let edge = DOUBLES[self.below(24) as usize];
        match self.below(4) {
            0 => edge,
            1 => (self.below(20000) as f64 / 8.0 - 1000.0).to_bits(),
            2 => (self.next() & 0x803f_ffff_ffff_ffff) | 0x3fc0_0000_0000_0000,
            _ => edge ^ self.below(8) << self.below(61),
        }
    }

    /// MXCSR, with the exceptions masked but for some.
    fn mxcsr(&mut self) -> u32 {
        let mut mxcsr = 0x1f80;
        if self.chance(2) {
            mxcsr |= self.next() as u32 & 0xe07f;
            if self.chance(2) {
                mxcsr &= !0x8040;
            }
        }
        if self.chance(8) {
            mxcsr &= !(self.next() as u32 & 0x1f80);
        }
        mxcsr
    }
}

/// One instruction on one state.
struct Case {
    bytes: Vec<u8>,
    it: Instruction,
    op: Op,
    registers: [u64; 16],
    flags: u64,
    mxcsr: u32,
    vectors: [u64; 32],
    scratch: Vec<u8>,
}

/// How an instruction is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Interpreted,
    Evaluated,
    Compiled,
}

/// What an instruction made of a state.
#[derive(PartialEq, Eq)]
struct Outcome {
    registers: [u64; 16],
    flags: u64,
    mxcsr: u32,
    vectors: [u64; 32],
    scratch: Vec<u8>,
}

/// Where the memory of a case begins.
fn scratch(index: usize) -> u64 {
    DATA + (index * CASE + 2 * STATE) as u64
}

impl Case {
    /// A random instruction with a state in which it touches only its own memory, if there is one.
    fn new(index: usize, random: &mut Random) -> Option<Case> {
        let bytes = encoding(random);
        let it = decode::parse(&bytes, 0x40_0000).ok()?;
        let decoded = decode::decode(&bytes, 0x40_0000).ok()?;
        let op = decoded.op;
        let is_string = matches!(op, Op::movs | Op::cmps | Op::scas | Op::lods | Op::stos);
        let flow = decode::flow(&decoded);
        let goes_on = flow == Flow::Next || is_string || decoded.prefix == Prefix::Lock;
        if !goes_on || is_left_out(op, &it) {
            return None;
        }
        let start = scratch(index);
        let mut registers = [0; 16];
        registers
            .iter_mut()
            .for_each(|register| *register = random.number());
        let middle = start + SCRATCH as u64 / 2;
        let near = |random: &mut Random| middle + random.below(256);
        registers[4] = near(random) & !7;
        if is_string || matches!(op, Op::leave | Op::enter | Op::maskmovdqu) {
            for number in [5, 6, 7] {
                registers[number] = near(random);
            }
            registers[1] = random.below(20);
        }
        if matches!(op, Op::bt | Op::bts | Op::btr | Op::btc) && it.op1_kind() == OpKind::Register {
            let bit = it.op1_register().full_register();
            if [it.memory_base(), it.memory_index()].contains(&bit) {
                return None;
            }
            registers[bit.number()] = random.below(512);
        }
        let aligned = if random.chance(4) { 0 } else { 15 };
        let target = near(random) & !aligned;
        place_operand(&it, target, &mut registers)?;
        let mut flags = 0x202;
        for (_, place) in FLAGS {
            flags |= random.below(2) << place;
        }
        let mut memory = vec![0; SCRATCH];
        for chunk in memory.chunks_mut(8) {
            chunk.copy_from_slice(&random.vector_word().to_le_bytes());
        }
        if op == Op::ldmxcsr {
            let place = (target - start) as usize;
            memory[place..place + 4].copy_from_slice(&random.mxcsr().to_le_bytes());
        }
        let mut vectors = [0; 32];
        vectors.fill_with(|| random.vector_word());
        let bytes = bytes[..it.len()].to_vec();
        Some(Case {
            bytes,
            it,
            op,
            registers,
            flags,
            mxcsr: random.mxcsr(),
            vectors,
            scratch: memory,
        })
    }

    /// What a machine makes of it, unless the instruction traps.
    fn outcome(&self, machine: &mut Machine, life: Life, index: usize) -> Option<Outcome> {
        let code = 0x40_0000;
        let start = scratch(index);
        // A breakpoint ends compiled code, which has no budget.
        let bytes = [&self.bytes[..], &[0xcc]].concat();
        machine.memory().poke(code, &bytes).unwrap();
        machine.memory().invalidate_code();
        machine.memory().write(start, &self.scratch).unwrap();
        for (slot, value) in (GENERAL..).zip(self.registers) {
            machine.core().set_register(slot, value);
        }
        for (slot, place) in FLAGS {
            machine.core().set_register(slot, self.flags >> place & 1);
        }
        for (slot, value) in mxcsr_slots(self.mxcsr) {
            machine.core().set_register(slot, value);
        }
        for (slot, value) in (XMM..).zip(self.vectors) {
            machine.core().set_register(slot, value);
        }
        machine.set_pc(code);
        // A repeated instruction starts again for each element.
        for _ in 0..64 {
            machine.run(if life == Life::Compiled { u64::MAX } else { 1 });
            if machine.pc() != code || life == Life::Compiled {
                break;
            }
        }
        if machine.pc() != code + self.bytes.len() as u64 {
            return None;
        }
        let mut scratch = vec![0; SCRATCH];
        machine.memory().read(start, &mut scratch).unwrap();
        let mut registers = [0; 16];
        for (slot, value) in (GENERAL..).zip(&mut registers) {
            *value = machine.core().register(slot);
        }
        let flag = |(slot, place): (u8, u8)| machine.core().register(slot) << place;
        let flags = FLAGS.map(flag).iter().fold(0, |all, one| all | one);
        let mut vectors = [0; 32];
        for (slot, value) in (XMM..).zip(&mut vectors) {
            *value = machine.core().register(slot);
        }
        let core = machine.core();
        let mxcsr = mxcsr(|slot| core.register(slot));
        Some(Outcome {
            registers,
            flags,
            mxcsr,
            vectors,
            scratch,
        })
    }

    /// Whether it accesses memory atomically.
    fn is_atomic(&self) -> bool {
        let implied = matches!(self.op, Op::xchg | Op::cmpxchg8b);
        self.it.has_lock_prefix() || implied && self.it.memory_size().size() != 0
    }

    /// What an outcome says that the manual does not leave open.
    fn defined(&self, mut outcome: Outcome) -> Outcome {
        let undefined = undefined_flags(self.op, &self.it, &self.registers);
        outcome.flags &= FLAGS.iter().fold(0, |all, (_, place)| all | 1 << place);
        for flag in undefined {
            let place = FLAGS
                .iter()
                .find(|(slot, _)| slot == flag)
                .expect("a flag")
                .1;
            outcome.flags &= !(1 << place);
        }
        outcome
    }
}

/// The bytes of a random instruction of a random row.
fn encoding(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    if random.chance(2) {
        vector_encoding(random, &mut bytes);
        return bytes;
    }
    for prefix in [0x66, 0xf0, 0xf3, 0xf2] {
        if random.below(8) == 0 {
            bytes.push(prefix);
        }
    }
    if random.below(2) == 0 {
        bytes.push(0x40 | random.below(16) as u8);
    }
    match random.below(8) {
        0..=2 => bytes.push(0x0f),
        3 => bytes.extend([0x0f, 0x38]),
        _ => {}
    }
    while bytes.len() < 15 {
        bytes.push(random.next() as u8);
    }
    bytes
}

/// The same, of an opcode among those of vectors.
fn vector_encoding(random: &mut Random, bytes: &mut Vec<u8>) {
    bytes.extend([&[][..], &[0x66], &[0xf3], &[0xf2]][random.below(4) as usize]);
    if random.chance(2) {
        bytes.push(0x40 | random.below(16) as u8);
    }
    match random.below(6) {
        0 => bytes.extend([0x0f, 0x38, random.below(0x42) as u8]),
        1 => bytes.extend([0x0f, 0x3a, random.below(0x43) as u8]),
        2 => bytes.extend([0x0f, 0x10 + random.below(0x20) as u8]),
        3 => bytes.extend([0x0f, 0x50 + random.below(0x30) as u8]),
        _ => bytes.extend([0x0f, 0xc0 + random.below(0x40) as u8]),
    }
    while bytes.len() < 15 {
        bytes.push(random.next() as u8);
    }
}

/// What cannot be run like this: it leaves the program, or what it gives is nobody's.
fn is_left_out(op: Op, it: &Instruction) -> bool {
    let touches_segment = (0..it.op_count()).any(|index| {
        it.op_kind(index) == OpKind::Register && it.op_register(index).is_segment_register()
    });
    let is_absolute = it.op_count() > 0
        && (0..it.op_count()).any(|index| it.op_kind(index) == OpKind::Memory)
        && it.memory_base() == Register::None;
    let narrow = match it.op_count() {
        0 => false,
        _ if it.op_kind(0) == OpKind::Register => it.op0_register().size() == 2,
        _ => it.memory_size().size() == 2,
    };
    touches_segment
        // With REX.B it is xchg, for whatever f3 is worth; iced-x86 takes it for pause all the same.
        || op == Op::pause
        || is_absolute && !matches!(op, Op::lea | Op::nop)
        || it.is_ip_rel_memory_operand()
        || matches!(it.segment_prefix(), Register::FS | Register::GS)
        || matches!(op, Op::cpuid | Op::rdtsc | Op::rdtscp | Op::popf | Op::prefetch | Op::endbr64)
        || op == Op::xlat
        // Each processor has its own approximation.
        || matches!(op, Op::rcpps | Op::rcpss | Op::rsqrtps | Op::rsqrtss)
        // The manual leaves the result open.
        || op == Op::bswap && narrow
        || matches!(it.mnemonic(), Mnemonic::Shld | Mnemonic::Shrd) && narrow
        || matches!(it.code(), Code::Enterw_imm16_imm8 | Code::Leavew)
}

/// Chooses base and index so that the operand is at `target`. Not every one can be.
fn place_operand(it: &Instruction, target: u64, registers: &mut [u64; 16]) -> Option<()> {
    let has_memory = (0..it.op_count()).any(|index| it.op_kind(index) == OpKind::Memory);
    if !has_memory || matches!(it.mnemonic(), Mnemonic::Lea | Mnemonic::Nop) {
        return Some(());
    }
    let (base, index) = (it.memory_base(), it.memory_index());
    if base == index || base.size() != 8 {
        return None;
    }
    let mut rest = target.wrapping_sub(it.memory_displacement64());
    if index != Register::None {
        let number = index.full_register().number();
        rest = rest.wrapping_sub(registers[number].wrapping_mul(it.memory_index_scale().into()));
    }
    let base = base.number();
    // The stack stays where it is.
    let uses_stack = it.is_stack_instruction() || base == 4;
    (!uses_stack).then(|| registers[base] = rest)
}

/// The flags that the manual leaves undefined.
fn undefined_flags(op: Op, it: &Instruction, registers: &[u64; 16]) -> &'static [u8] {
    let bits = match it.op0_kind() {
        OpKind::Register => it.op0_register().size() as u64 * 8,
        _ => it.memory_size().size() as u64 * 8,
    };
    let mask = if bits == 64 { 63 } else { 31 };
    let last = it.op_count().saturating_sub(1);
    let count = mask
        & match it.op_count() {
            0 => 0,
            _ if it.op_kind(last) == OpKind::Register => registers[1],
            _ if it.op_kind(last) == OpKind::Memory => 0,
            _ => it.immediate(last),
        };
    match op {
        Op::and | Op::or | Op::xor | Op::test => &[AF],
        Op::mul | Op::imul => &[SF, ZF, AF, PF],
        Op::div | Op::idiv => &[CF, OF, SF, ZF, AF, PF],
        Op::bsf | Op::bsr => &[CF, OF, SF, AF, PF],
        Op::bt | Op::bts | Op::btr | Op::btc => &[OF, SF, AF, PF],
        Op::shl | Op::shr | Op::sar if count >= bits => &[CF, OF, AF],
        Op::shl | Op::shr | Op::sar | Op::shld | Op::shrd if count > 1 => &[OF, AF],
        Op::shl | Op::shr | Op::sar | Op::shld | Op::shrd if count == 1 => &[AF],
        Op::rol | Op::ror | Op::rcl | Op::rcr if count != 1 && count != 0 => &[OF],
        _ => &[],
    }
}

/// What the host's processor makes of all cases.
fn run_natively(cases: &[Case]) -> Option<Vec<Outcome>> {
    let compiler = oracle("gcc")?;
    let directory = TempDir::new();
    let mut source = String::from(".globl _start\n.text\n_start:\n");
    let names = [
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
        "r13", "r14", "r15",
    ];
    let mut data = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let input = DATA + (index * CASE) as u64;
        let output = input + STATE as u64;
        let _ = writeln!(
            source,
            "mov $stack, %rsp\npushq {:#x}\npopfq\nldmxcsr {:#x}",
            input + FLAGS_AT as u64,
            input + MXCSR_AT as u64
        );
        for number in 0..16 {
            let at = input + VECTORS_AT as u64 + 16 * number;
            let _ = writeln!(source, "movups {at:#x}, %xmm{number}");
        }
        for (number, name) in names.iter().enumerate() {
            let _ = writeln!(source, "mov {:#x}, %{name}", input + 8 * number as u64);
        }
        let bytes: Vec<String> = case.bytes.iter().map(u8::to_string).collect();
        let _ = writeln!(source, ".byte {}", bytes.join(","));
        for (number, name) in names.iter().enumerate() {
            let _ = writeln!(source, "mov %{name}, {:#x}", output + 8 * number as u64);
        }
        let _ = writeln!(
            source,
            "mov $stack, %rsp\npushfq\npopq {:#x}\nstmxcsr {:#x}",
            output + FLAGS_AT as u64,
            output + MXCSR_AT as u64
        );
        for number in 0..16 {
            let at = output + VECTORS_AT as u64 + 16 * number;
            let _ = writeln!(source, "movups %xmm{number}, {at:#x}");
        }
        let control = [case.flags, case.mxcsr.into()];
        for value in case.registers.iter().chain(&control).chain(&case.vectors) {
            data.extend(value.to_le_bytes());
        }
        data.extend([0; STATE]);
        data.extend(&case.scratch);
    }
    let length = data.len();
    // All of the data, in as many pieces as it takes.
    let _ = write!(
        source,
        "cld\nmov ${DATA:#x}, %rsi\nmov ${length}, %r8\n\
         1: mov $1, %eax\nmov $1, %edi\nmov %r8, %rdx\nsyscall\ntest %rax, %rax\njle 2f\nadd %rax, %rsi\nsub %rax, %r8\njnz 1b\n\
         2: mov $60, %eax\nxor %edi, %edi\nsyscall\n\
         .data\n.incbin \"data\"\n.bss\n.space 256\nstack: .space 64\n"
    );
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
    let number =
        |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let outcome = |bytes: &[u8]| Outcome {
        registers: std::array::from_fn(|n| number(bytes, STATE + 8 * n)),
        flags: number(bytes, STATE + FLAGS_AT),
        mxcsr: number(bytes, STATE + MXCSR_AT) as u32,
        vectors: std::array::from_fn(|n| number(bytes, STATE + VECTORS_AT + 8 * n)),
        scratch: bytes[2 * STATE..].to_vec(),
    };
    Some(end.stdout.chunks(CASE).map(outcome).collect())
}

#[test]
fn random_instructions_do_what_the_hosts_processor_does() {
    let states = std::env::var("PORTOLAN_STATES").ok();
    let states = states.map_or(6000, |count| count.parse().expect("a number of states"));
    let mut random = Random(0x5eed);
    let machine = || {
        let mut machine = Machine::new("x86_64").unwrap();
        machine.load(0x40_0000, &[0x90; 64]).unwrap();
        let all = Protection::READ | Protection::WRITE;
        machine.map(DATA, (states * CASE) as u64, all).unwrap();
        machine
    };
    let (mut interpreter, mut evaluator, mut compiler) = (machine(), machine(), machine());
    compiler.core().set_compiling(Compiling::Always);
    // With a hook, graphs are evaluated: the other domain.
    evaluator.on_instruction(|_| {});
    let (mut cases, mut expected) = (Vec::new(), Vec::new());
    let mut seen = vec![0; ROWS.len()];
    while cases.len() < states {
        let index = cases.len();
        let Some(case) = Case::new(index, &mut random) else {
            continue;
        };
        // The common rows leave some room for the others.
        if seen[case.op as usize] > 4 * states / ROWS.len() {
            continue;
        }
        // What traps would end the native program.
        let outcome = case.outcome(&mut interpreter, Life::Interpreted, index);
        for (machine, life) in [
            (&mut evaluator, Life::Evaluated),
            (&mut compiler, Life::Compiled),
        ] {
            let other = case.outcome(machine, life, index);
            // The interpreter refuses an atomic access that is not aligned; compiled code makes it.
            if life == Life::Compiled && case.is_atomic() && outcome.is_none() {
                continue;
            }
            assert!(
                outcome == other,
                "{life:?} it differs: {} ({:02x?}) {}",
                case.it,
                case.bytes,
                match (&other, &outcome) {
                    (Some(other), Some(outcome)) => difference(&case, other, outcome),
                    _ => "one of them traps".to_owned(),
                }
            );
        }
        let Some(outcome) = outcome else {
            continue;
        };
        seen[case.op as usize] += 1;
        cases.push(case);
        expected.push(outcome);
    }
    let Some(native) = run_natively(&cases) else {
        return;
    };
    let mut wrong = Vec::new();
    for ((case, ours), theirs) in cases.iter().zip(expected).zip(native) {
        let (ours, theirs) = (case.defined(ours), case.defined(theirs));
        if ours != theirs {
            wrong.push(difference(case, &ours, &theirs));
        }
    }
    let count = wrong.len();
    wrong.sort();
    wrong.dedup_by_key(|text| text.split(' ').next().map(str::to_owned));
    assert!(
        wrong.is_empty(),
        "{count} of {states} differ:\n{}",
        wrong.join("\n")
    );
    let unseen: Vec<&str> = ROWS
        .iter()
        .filter(|row| seen[row.op as usize] == 0)
        .map(|row| row.name)
        .collect();
    println!("rows that were not run: {}", unseen.join(" "));
}

fn difference(case: &Case, ours: &Outcome, theirs: &Outcome) -> String {
    let mut text = format!(
        "{:?} {} ({:02x?}), flags {:#x}:",
        case.it.mnemonic(),
        case.it,
        case.bytes,
        case.flags
    );
    for (number, before) in case.registers.iter().enumerate() {
        let (ours, theirs) = (ours.registers[number], theirs.registers[number]);
        if ours != theirs {
            let _ = write!(
                text,
                " register {number}, {before:#x}, becomes {theirs:#x}, ours {ours:#x};"
            );
        }
    }
    if ours.flags != theirs.flags {
        let _ = write!(text, " flags {:#x}, ours {:#x};", theirs.flags, ours.flags);
    }
    if ours.mxcsr != theirs.mxcsr {
        let before = case.mxcsr;
        let _ = write!(
            text,
            " MXCSR, {before:#x}, becomes {:#x}, ours {:#x};",
            theirs.mxcsr, ours.mxcsr
        );
    }
    for number in 0..32 {
        let (ours, theirs) = (ours.vectors[number], theirs.vectors[number]);
        if ours != theirs {
            let before = case.vectors[number];
            let _ = write!(
                text,
                " half {number}, {before:#x}, becomes {theirs:#x}, ours {ours:#x};"
            );
        }
    }
    if ours.scratch != theirs.scratch {
        let at = ours
            .scratch
            .iter()
            .zip(&theirs.scratch)
            .position(|(a, b)| a != b);
        let _ = write!(text, " memory at {at:?};");
    }
    let _ = write!(
        text,
        " rax {:#x} rcx {:#x} rdx {:#x}",
        case.registers[0], case.registers[1], case.registers[2]
    );
    if case.it.op_count() > 1 && case.it.op1_register().is_xmm() {
        let number = 2 * case.it.op1_register().number();
        let _ = write!(text, " second {:x?}", &case.vectors[number..number + 2]);
    }
    text
}
