//! MIPS: one harness and one set of scenes for all widths, byte orders and kinds of floating-point
//! registers.

mod deviations;
mod encodings;
mod programs;
mod rows;

use crate::compare::{agree_on, agree_randomly, every_row, states};
use crate::ins;
use crate::qemu::Outcome;
use crate::scene::{self, Scene};
use crate::subject::{Emulator, Subject};
use crate::world::{Ending, State};
use portolan_machine::guest::{Context, Guest};
use portolan_machine::memory::Order;
use portolan_mips::decode::{self, Instruction, NAN2008, Set, WIDE_FLOATS};
use portolan_mips::regs::{
    CAUSE, CONDITIONS, ENABLES, F, FLAGS, FLUSH, HI, LO, R, ROUNDING, USER_LOCAL,
};
use proptest::strategy::Strategy;
use std::path::Path;

/// A MIPS guest, and the processor of QEMU that is most like it.
struct Mips {
    guest: &'static portolan_mips::Mips,
    set: Set,
    order: Order,
    /// The mode of its harts.
    mode: u8,
    emulator: Emulator,
}

const HARNESS: &str = "tests/oracle/mips/harness.S";
const SIGBUS: u64 = 10;

/// States of an instruction, for each of the guests; in delay slots a quarter.
const STATES: u64 = 80;

/// At an address that no scene comes upon.
const TEXT: &str = "-Wl,-Ttext-segment=0x13570000";

/// MIPS32 with floating-point registers of 32 bits.
static MIPS: Mips = Mips {
    guest: &portolan_mips::MIPS,
    set: Set::Mips32,
    order: Order::Big,
    mode: 0,
    emulator: Emulator {
        name: "mips",
        program: "qemu-mips",
        processors: &["24Kf"],
        compiler: "mips-linux-gnu-gcc",
        flags: &["-mno-abicalls", "-mfp32", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

static MIPSEL: Mips = Mips {
    guest: &portolan_mips::MIPSEL,
    set: Set::Mips32,
    order: Order::Little,
    mode: 0,
    emulator: Emulator {
        name: "mipsel",
        program: "qemu-mipsel",
        processors: &["24Kf"],
        compiler: "mipsel-linux-gnu-gcc",
        flags: &["-mno-abicalls", "-mfp32", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

/// MIPS32 with floating-point registers of 64 bits. QEMU takes the width from the file's ABI.
static MIPS_WIDE_FLOATS: Mips = Mips {
    guest: &portolan_mips::MIPS,
    set: Set::Mips32,
    order: Order::Big,
    mode: WIDE_FLOATS,
    emulator: Emulator {
        name: "mips-fp64",
        program: "qemu-mips",
        processors: &["24Kf"],
        compiler: "mips-linux-gnu-gcc",
        flags: &["-mno-abicalls", "-mfp64", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

/// The same, with NaNs as IEEE 754-2008 has them.
static MIPSEL_NAN2008: Mips = Mips {
    guest: &portolan_mips::MIPSEL,
    set: Set::Mips32,
    order: Order::Little,
    mode: WIDE_FLOATS | NAN2008,
    emulator: Emulator {
        name: "mipsel-nan2008",
        program: "qemu-mipsel",
        processors: &["P5600"],
        compiler: "mipsel-linux-gnu-gcc",
        flags: &["-mno-abicalls", "-mfp64", "-mnan=2008", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

// QEMU's default processor with 64 bits never clears the accrued exceptions.
static MIPS64: Mips = Mips {
    guest: &portolan_mips::MIPS64,
    set: Set::Mips64,
    order: Order::Big,
    mode: WIDE_FLOATS,
    emulator: Emulator {
        name: "mips64",
        program: "qemu-mips64",
        processors: &["MIPS64R2-generic"],
        compiler: "mips64-linux-gnuabi64-gcc",
        flags: &["-mno-abicalls", "-mabi=64", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

static MIPS64EL: Mips = Mips {
    guest: &portolan_mips::MIPS64EL,
    set: Set::Mips64,
    order: Order::Little,
    mode: WIDE_FLOATS,
    emulator: Emulator {
        name: "mips64el",
        program: "qemu-mips64el",
        processors: &["MIPS64R2-generic"],
        compiler: "mips64el-linux-gnuabi64-gcc",
        flags: &["-mno-abicalls", "-mabi=64", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

/// The R5900 has registers of more than 32 bits and addresses of 32, as n32 has. QEMU does not know
/// the processor itself, so that only what it shares with others is compared.
static R5900: Mips = Mips {
    guest: &portolan_mips::R5900,
    set: Set::R5900,
    order: Order::Little,
    mode: WIDE_FLOATS,
    emulator: Emulator {
        name: "mipsr5900el",
        program: "qemu-mipsn32el",
        processors: &["MIPS64R2-generic"],
        compiler: "mips64el-linux-gnuabi64-gcc",
        flags: &["-mno-abicalls", "-mabi=n32", TEXT],
        harness: HARNESS,
        sigbus: SIGBUS,
    },
};

impl Mips {
    fn variant(&self) -> decode::Guest {
        decode::Guest {
            set: self.set,
            order: self.order,
        }
    }

    /// Decodes an instruction outside of delay slots.
    fn decode(&self, code: &[u8]) -> Option<Instruction> {
        let context = Context {
            mode: self.mode,
            inside: 0,
        };
        decode::decode(self.variant(), code, context).ok()
    }

    /// The bytes of an instruction.
    fn bytes(&self, word: u32) -> [u8; 4] {
        match self.order {
            Order::Little => word.to_le_bytes(),
            Order::Big => word.to_be_bytes(),
        }
    }

    /// The instruction of four bytes.
    fn word(&self, bytes: &[u8]) -> Option<u32> {
        let bytes = bytes.try_into().ok()?;
        Some(match self.order {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        })
    }

    fn has_wide_registers(&self) -> bool {
        self.set != Set::Mips32
    }

    fn has_wide_floats(&self) -> bool {
        self.mode & WIDE_FLOATS != 0
    }

    /// A value as a general register holds it.
    fn value(&self, value: u64) -> u64 {
        if self.has_wide_registers() {
            value
        } else {
            i64::from(value as i32) as u64
        }
    }

    /// An address as a general register holds it.
    fn pointer(&self, address: u64) -> u64 {
        match self.set {
            Set::Mips64 => address,
            Set::Mips32 | Set::R5900 => i64::from(address as i32) as u64,
        }
    }

    /// An address as the kernel reports it.
    fn address(&self, address: u64) -> u64 {
        match self.set {
            Set::Mips64 => address,
            Set::Mips32 | Set::R5900 => address & 0xffff_ffff,
        }
    }
}

impl Subject for Mips {
    fn guest(&self) -> &'static dyn Guest {
        self.guest
    }

    fn mode(&self) -> Option<u8> {
        Some(self.mode)
    }

    fn breakpoint(&self) -> &'static [u8] {
        match self.order {
            Order::Little => &[0x0d, 0, 0, 0],
            Order::Big => &[0, 0, 0, 0x0d],
        }
    }

    fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// pc, r0 to r31, f0 to f31, hi, lo, fcsr, UserLocal.
    fn words(&self, state: &State) -> Vec<u64> {
        let register = |slot: u8| state.registers[usize::from(slot)];
        let mut words = vec![state.pc];
        words.extend((0..32).map(|n| register(R + n)));
        words.extend((0..32).map(|n| match (self.has_wide_floats(), n % 2) {
            (true, _) => register(F + n),
            // QEMU has the halves of a pair in two places.
            (false, 0) => register(F + n) & 0xffff_ffff,
            (false, _) => register(F + n - 1) >> 32,
        }));
        words.extend([register(HI), register(LO)]);
        let conditions = register(CONDITIONS);
        words.push(
            (conditions & !1) << 24
                | register(FLUSH) << 24
                | (conditions & 1) << 23
                | register(CAUSE) << 12
                | register(ENABLES) << 7
                | register(FLAGS) << 2
                | swapped(register(ROUNDING)),
        );
        words.push(register(USER_LOCAL));
        words
    }

    fn state(&self, words: &[u64]) -> State {
        let mut state = State::new();
        let mut set = |slot: u8, value: u64| state.registers[usize::from(slot)] = value;
        for n in 0..32 {
            set(R + n, self.value(words[usize::from(1 + n)]));
        }
        let floats = &words[33..65];
        for n in 0..32 {
            let float = |n: u8| floats[usize::from(n)];
            match (self.has_wide_floats(), n % 2) {
                (true, _) => set(F + n, float(n)),
                (false, 0) => set(F + n, float(n) & 0xffff_ffff | float(n + 1) << 32),
                (false, _) => {}
            }
        }
        set(HI, self.value(words[65]));
        set(LO, self.value(words[66]));
        let fcsr = words[67];
        set(CONDITIONS, fcsr >> 24 & 0xfe | fcsr >> 23 & 1);
        set(FLUSH, fcsr >> 24 & 1);
        set(CAUSE, fcsr >> 12 & 0x1f);
        set(ENABLES, fcsr >> 7 & 0x1f);
        set(FLAGS, fcsr >> 2 & 0x1f);
        set(ROUNDING, swapped(fcsr & 3));
        state.pc = self.address(words[0]);
        state
    }

    fn expected(&self, scene: &Scene, ending: Ending, after: State) -> Option<(Outcome, State)> {
        deviations::expected(self, scene, ending, after)
    }

    fn forgive(&self, scene: &Scene, ours: &mut (Outcome, State), theirs: &mut (Outcome, State)) {
        deviations::forgive(self, scene, ours, theirs);
    }

    fn forgive_counters(&self, scene: &Scene, here: &mut State, there: &State) {
        deviations::forgive_counters(self, scene, here, there);
    }
}

/// FCSR.RM has rounding up before rounding down, other than the machine.
fn swapped(rounding: u64) -> u64 {
    rounding ^ rounding >> 1
}

/// Compares every instruction, alone and in the delay slot of every branch, and programs.
fn agree(mips: &'static Mips) {
    let rows = rows::compared(mips);
    let states = states(STATES);
    every_row(mips, &rows, states, |row| {
        scene::dice().prop_map(move |dice| rows::of_row(mips, row, &dice))
    });
    let in_slots: Vec<_> = rows
        .into_iter()
        .filter(|&(row, _)| programs::fits_a_slot(row))
        .collect();
    every_row(mips, &in_slots, states / 4, |row| {
        programs::delay_slots(mips, row)
    });
    agree_randomly(
        mips,
        "programs",
        || programs::programs(mips, 1..=30),
        10 * states,
    );
    if programs::has_links(mips) {
        agree_randomly(mips, "links", || programs::links(mips), 5 * states);
    }
}

/// Compares what is an instruction and what is none.
fn agree_on_encodings(mips: &'static Mips) {
    agree_on(mips, "words", &encodings::words(mips));
    agree_on(mips, "names", &encodings::named(mips));
}

/// What the R5900 has alone is refused by name. (QEMU has no such processor to compare with.)
#[test]
fn the_r5900_refuses_by_name() {
    assert!(!encodings::named(&R5900).is_empty());
}

fn agree_on_cases(mips: &'static Mips) {
    let directory = Path::new("tests/cases").join(mips.guest().name());
    let (cases, errors) = ins::read_all(&directory, mips.guest());
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let scene = |case: ins::Case| Scene {
        guest: mips.guest(),
        code: case.code,
        before: rows::possible(mips, case.before),
    };
    let scenes: Vec<Scene> = cases.into_iter().map(scene).collect();
    agree_on(mips, "cases", &scenes);
}

macro_rules! tests {
    ($($name:ident $subject:ident $($what:ident)*;)*) => {
        $(mod $name {
            use super::*;
            $(#[test]
            fn $what() {
                super::$what(&$subject);
            })*
        })*
    };
}

tests! {
    mips MIPS agree agree_on_encodings agree_on_cases;
    mipsel MIPSEL agree agree_on_encodings agree_on_cases;
    mips_wide_floats MIPS_WIDE_FLOATS agree;
    mipsel_nan2008 MIPSEL_NAN2008 agree;
    mips64 MIPS64 agree agree_on_encodings agree_on_cases;
    mips64el MIPS64EL agree agree_on_encodings agree_on_cases;
    mipsr5900el R5900 agree;
}
