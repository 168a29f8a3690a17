//! x86-64 beside the host's own processor: random instructions on random states. One program of all of
//! them is assembled, run natively, and its registers, flags and memory are compared with those of every domain.
//!
//! `PORTOLAN_STATES=100000 cargo test --release --test oracle_x86_64` runs more of them than the tests do.
#![cfg(all(feature = "host", target_arch = "x86_64"))]

mod deviations;
mod native;
mod random;
mod state;
#[path = "../support/mod.rs"]
mod support;

use deviations::{approximate, forget_memory, is_left_out, undefined_flags};
use iced_x86::{Instruction, Mnemonic, OpKind, Register};
use native::{CASE, DATA, run_natively, scratch};
use portolan::Machine;
use portolan_machine::engine::Compiling;
use portolan_machine::guest::Flow;
use portolan_machine::memory::Protection;
use portolan_x86::decode::{self, Prefix};
use portolan_x86::encoding::{Op, ROWS};
use random::{Random, encoding};
use state::{FLAGS, IMAGE, State};

/// Bytes of memory that a case may touch.
const SCRATCH: usize = 2048;

/// One instruction on one state.
struct Case {
    bytes: Vec<u8>,
    it: Instruction,
    op: Op,
    state: State,
    scratch: Vec<u8>,
    /// Where in it the operand is, if there is one.
    target: usize,
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
    state: State,
    scratch: Vec<u8>,
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
        let may_restart = decoded.prefix == Prefix::Lock || op == Op::cmpxchg16b;
        let goes_on = flow == Flow::Next || is_string || may_restart;
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
        if is_string || matches!(op, Op::leave | Op::enter | Op::maskmovdqu | Op::maskmovq) {
            for number in [5, 6, 7] {
                registers[number] = near(random);
            }
            registers[1] = random.below(20);
        }
        if op == Op::enter {
            registers[5] = start + deviations::OUTER_FRAME + random.below(128);
        }
        if matches!(op, Op::bt | Op::bts | Op::btr | Op::btc) && it.op1_kind() == OpKind::Register {
            let bit = it.op1_register().full_register();
            if [it.memory_base(), it.memory_index()].contains(&bit) {
                return None;
            }
            registers[bit.number()] = random.below(512);
        }
        let holds_image = matches!(op, Op::fxsave | Op::fxrstor);
        let aligned = if random.chance(4) && !holds_image {
            0
        } else {
            15
        };
        let target = near(random) & !aligned;
        place_operand(&it, target, &mut registers)?;
        let mut units = random.units();
        if it.is_vsib() {
            let index = 2 * it.memory_index().number();
            for word in [&mut units.vectors, &mut units.upper] {
                for word in &mut word[index..index + 2] {
                    *word = indices(random, it.is_vsib64());
                }
            }
        }
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
        if op == Op::fxrstor {
            let place = (target - start) as usize;
            memory[place..place + IMAGE].copy_from_slice(&random.units().image());
        }
        let place = (target - start) as usize;
        if op == Op::fldenv || op == Op::frstor {
            let units = random.units();
            let narrow = !it.memory_size().size().is_multiple_of(4);
            let step = if narrow { 2 } else { 4 };
            let words = [
                units.control,
                units.status | u16::from(units.top) << 11,
                random.next() as u16,
            ];
            for (n, word) in words.into_iter().enumerate() {
                memory[place + step * n..][..2].copy_from_slice(&word.to_le_bytes());
            }
        }
        if it.memory_size().size() == 10 && random.chance(2) {
            let (significand, exponent) = random.extended();
            memory[place..place + 8].copy_from_slice(&significand.to_le_bytes());
            memory[place + 8..place + 10].copy_from_slice(&exponent.to_le_bytes());
        }
        if op == Op::fbld {
            for byte in &mut memory[place..place + 9] {
                *byte = (random.below(10) << 4 | random.below(10)) as u8;
            }
        }
        if op == Op::cmpxchg16b && random.chance(2) {
            // What is compared is equal.
            let place = (target - start) as usize;
            for (at, number) in [(place, 0), (place + 8, 2)] {
                memory[at..at + 8].copy_from_slice(&registers[number].to_le_bytes());
            }
        }
        let bytes = bytes[..it.len()].to_vec();
        Some(Case {
            bytes,
            it,
            op,
            state: State {
                registers,
                flags,
                units,
            },
            scratch: memory,
            target: (target - start) as usize,
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
        self.state.enter(machine.core());
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
        Some(Outcome {
            state: State::of(machine.core()),
            scratch,
        })
    }

    /// What an outcome says that the manual does not leave open.
    fn defined(&self, mut outcome: Outcome) -> Outcome {
        let undefined = undefined_flags(self.op, &self.it, &self.state.registers);
        outcome.state.flags &= FLAGS.iter().fold(0, |all, (_, place)| all | 1 << place);
        for flag in undefined {
            let place = FLAGS
                .iter()
                .find(|(slot, _)| slot == flag)
                .expect("a flag")
                .1;
            outcome.state.flags &= !(1 << place);
        }
        forget_memory(self, &mut outcome.scratch);
        outcome
    }
}

/// Small indices of a gathering instruction: one of 64 bits, or two of 32.
fn indices(random: &mut Random, are_wide: bool) -> u64 {
    let mut index = || random.below(64) as i64 - 32;
    match are_wide {
        true => index() as u64,
        false => (index() as u64) << 32 | u64::from(index() as u32),
    }
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
    if index != Register::None && !it.is_vsib() {
        let number = index.full_register().number();
        rest = rest.wrapping_sub(registers[number].wrapping_mul(it.memory_index_scale().into()));
    }
    let base = base.number();
    // The stack stays where it is.
    let uses_stack = it.is_stack_instruction() || base == 4;
    (!uses_stack).then(|| registers[base] = rest)
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
        let (mut ours, theirs) = (case.defined(ours), case.defined(theirs));
        approximate(case, &mut ours.state.units, &theirs.state.units);
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
    let state = &case.state;
    let mut found = state.differences(&ours.state, &theirs.state);
    if ours.scratch != theirs.scratch {
        let mut bytes = ours.scratch.iter().zip(&theirs.scratch);
        let at = bytes.position(|(a, b)| a != b).unwrap_or_default();
        let [ours, theirs] = [ours, theirs].map(|it| &it.scratch[at..SCRATCH.min(at + 16)]);
        found.push(format!(
            "memory at {at:#x} becomes {theirs:02x?}, ours {ours:02x?}"
        ));
    }
    let units = &state.units;
    let mut text = format!(
        "{:?} {} ({:02x?}), flags {:#x}: {}; rax {:#x} rcx {:#x} rdx {:#x}",
        case.it.mnemonic(),
        case.it,
        case.bytes,
        state.flags,
        found.join("; "),
        state.registers[0],
        state.registers[1],
        state.registers[2]
    );
    if case.it.op_count() > 1 && case.it.op1_register().is_xmm() {
        let number = 2 * case.it.op1_register().number();
        text += &format!(" second {:x?}", &units.vectors[number..number + 2]);
    }
    let is_fpu = case.bytes.iter().any(|byte| byte >> 3 == 0xd8 >> 3);
    if is_fpu {
        text += &format!(
            " control {:#x} status {:#x} top {} tags {:#x}",
            units.control, units.status, units.top, units.tags
        );
        let stack = units.stack.iter();
        let stack = stack.map(|(significand, exponent)| format!(" {exponent:x}:{significand:x}"));
        text += &stack.collect::<String>();
        if case.it.memory_size().size() != 0 && !matches!(case.op, Op::fxsave | Op::fxrstor) {
            let at = case.target;
            text += &format!(" memory {:02x?}", &case.scratch[at..at + 10]);
        }
    }
    text
}
