//! RISC-V.

mod deviations;
mod encodings;
mod programs;
mod rows;

use crate::compare::{agree_on, agree_randomly, every_row, seed, states};
use crate::ins;
use crate::qemu::Outcome;
use crate::scene::{self, Scene};
use crate::subject::{Emulator, Subject};
use crate::world::{Ending, State};
use portolan_machine::guest::Guest;
use portolan_riscv::regs::{F, FFLAGS, FRM, X};
use portolan_riscv::{GUEST, decode};
use proptest::strategy::Strategy;
use std::path::Path;

/// The extensions that Portolan has. From version 8.2 on, QEMU has a processor to which they can be
/// added; before, there was only one from which others must be taken away.
const CPU: &str = "rv64i,m=true,a=true,f=true,d=true,c=true,zicsr=true,zifencei=true,zicntr=true,\
                   zba=true,zbb=true,zbs=true";
const OLD_CPU: &str = "rv64,zba=true,zbb=true,zbs=true,zbc=false,h=false";

static EMULATOR: Emulator = Emulator {
    name: "riscv64",
    program: "qemu-riscv64",
    processors: &[CPU, OLD_CPU],
    compiler: "riscv64-linux-gnu-gcc",
    // Text at an address that no scene comes upon.
    flags: &["-march=rv64gc", "-Wl,-Ttext-segment=0x1357900000"],
    harness: "tests/oracle/riscv64/harness.S",
    sigbus: 7,
};

/// States of an instruction.
const STATES: u64 = 200;

/// RV64GC with what else Portolan has.
struct Riscv64;

impl Subject for Riscv64 {
    fn guest(&self) -> &'static dyn Guest {
        GUEST
    }

    fn breakpoint(&self) -> &'static [u8] {
        &[0x02, 0x90] // c.ebreak
    }

    fn emulator(&self) -> &Emulator {
        &EMULATOR
    }

    /// pc, x1 to x31, f0 to f31, fcsr.
    fn words(&self, state: &State) -> Vec<u64> {
        let register = |slot: u8| state.registers[usize::from(slot)];
        let mut words = vec![state.pc];
        words.extend((1..32).map(|n| register(X + n)));
        words.extend((0..32).map(|n| register(F + n)));
        words.push(register(FRM) << 5 | register(FFLAGS));
        words
    }

    fn state(&self, words: &[u64]) -> State {
        let mut words = words.iter().copied();
        let mut next = || words.next().expect("the length was counted");
        let mut state = State::new();
        state.pc = next();
        let mut set = |slot: u8, value: u64| state.registers[usize::from(slot)] = value;
        (1..32).for_each(|n| set(X + n, next()));
        (0..32).for_each(|n| set(F + n, next()));
        // fcsr has 32 bits; the kernel's structure is padded.
        let fcsr = next() & 0xffff_ffff;
        set(FFLAGS, fcsr & 31);
        set(FRM, fcsr >> 5);
        state
    }

    fn expected(&self, scene: &Scene, ending: Ending, after: State) -> Option<(Outcome, State)> {
        deviations::expected(scene, ending, after)
    }

    fn forgive(&self, scene: &Scene, ours: &mut (Outcome, State), theirs: &mut (Outcome, State)) {
        deviations::forgive(scene, ours, theirs);
    }

    fn forgive_counters(&self, scene: &Scene, here: &mut State, there: &State) {
        deviations::forgive_counters(scene, here, there);
    }
}

#[test]
fn every_instruction_agrees_on_random_states() {
    let rows: Vec<_> = decode::rows().map(|row| row.name).enumerate().collect();
    every_row(&Riscv64, &rows, states(STATES), |row| {
        scene::dice().prop_map(move |dice| rows::of_row(row, &dice))
    });
}

#[test]
fn random_programs_agree() {
    agree_randomly(
        &Riscv64,
        "programs",
        || programs::programs(1..=30),
        20 * states(STATES),
    );
}

#[test]
fn reservations_agree() {
    agree_randomly(
        &Riscv64,
        "reservations",
        programs::reservations,
        5 * states(STATES),
    );
}

#[test]
fn every_halfword_agrees() {
    agree_on(&Riscv64, "halfwords", &encodings::halfwords());
}

#[test]
fn every_function_code_agrees() {
    for pass in 0..states(STATES).div_ceil(200) {
        agree_on(&Riscv64, "words", &encodings::words(seed() << 8 | pass));
    }
}

#[test]
fn every_control_and_status_register_agrees() {
    agree_on(
        &Riscv64,
        "control and status registers",
        &encodings::control_status(),
    );
}

#[test]
fn cases_agree() {
    let directory = Path::new("tests/cases/riscv64");
    let (cases, errors) = ins::read_all(directory, GUEST);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let scene = |case: ins::Case| Scene {
        guest: GUEST,
        code: case.code,
        before: case.before,
    };
    let scenes: Vec<Scene> = cases.into_iter().map(scene).collect();
    agree_on(&Riscv64, "cases", &scenes);
}
