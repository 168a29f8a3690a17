//! Everything that an instruction reads and changes besides memory, as slots and as fxsave stores it; it
//! leaves out the upper halves of the YMM registers.

use portolan_machine::guest::Core;
use portolan_x86::regs::{
    AF, CF, DF, FPU_CONTROL, FPU_STATUS, FPU_TAGS, FPU_TOP, GENERAL, OF, PF, SF, ST, XMM, YMM_HIGH,
    ZF,
};
use portolan_x86::semantics::{mxcsr, mxcsr_slots};

/// The flags with their places in rflags.
pub const FLAGS: [(u8, u8); 7] = [
    (CF, 0),
    (PF, 2),
    (AF, 4),
    (ZF, 6),
    (SF, 7),
    (DF, 10),
    (OF, 11),
];

/// The bytes of an image of fxsave.
pub const IMAGE: usize = 512;

/// The registers.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct State {
    pub registers: [u64; 16],
    pub flags: u64,
    pub units: Units,
}

/// What fxsave stores, and the upper halves.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Units {
    pub mxcsr: u32,
    pub vectors: [u64; 32],
    /// The upper halves of the YMM registers.
    pub upper: [u64; 32],
    /// The x87 stack from the top on: significands, and signs and exponents.
    pub stack: [(u64, u16); 8],
    /// Which of them are in use.
    pub tags: u8,
    pub top: u8,
    /// The status word without the top, and without what follows from the masks.
    pub status: u16,
    pub control: u16,
}

/// What fninit makes the control word.
const INITIAL_CONTROL: u16 = 0x37f;

impl State {
    /// Replaces a hart's registers.
    pub fn enter(&self, core: &mut dyn Core) {
        for (slot, value) in (GENERAL..).zip(self.registers) {
            core.set_register(slot, value);
        }
        for (slot, place) in FLAGS {
            core.set_register(slot, self.flags >> place & 1);
        }
        let units = &self.units;
        for (slot, value) in mxcsr_slots(units.mxcsr) {
            core.set_register(slot, value);
        }
        for (slot, value) in (XMM..).zip(units.vectors) {
            core.set_register(slot, value);
        }
        for (slot, value) in (YMM_HIGH..).zip(units.upper) {
            core.set_register(slot, value);
        }
        for (slot, (significand, exponent)) in (ST..).step_by(2).zip(units.stack) {
            core.set_register(slot, significand);
            core.set_register(slot + 1, exponent.into());
        }
        core.set_register(FPU_TAGS, units.tags.into());
        core.set_register(FPU_TOP, units.top.into());
        core.set_register(FPU_STATUS, units.status.into());
        core.set_register(FPU_CONTROL, (units.control ^ INITIAL_CONTROL).into());
    }

    /// What a hart's registers are.
    pub fn of(core: &dyn Core) -> State {
        let slot = |slot| core.register(slot);
        let flag = |(flag, place): (u8, u8)| slot(flag) << place;
        State {
            registers: std::array::from_fn(|n| slot(GENERAL + n as u8)),
            flags: FLAGS.map(flag).iter().fold(0, |all, one| all | one),
            units: Units {
                mxcsr: mxcsr(slot),
                vectors: std::array::from_fn(|n| slot(XMM + n as u8)),
                upper: std::array::from_fn(|n| slot(YMM_HIGH + n as u8)),
                stack: std::array::from_fn(|n| {
                    let first = ST + 2 * n as u8;
                    (slot(first), slot(first + 1) as u16)
                }),
                tags: slot(FPU_TAGS) as u8,
                top: slot(FPU_TOP) as u8,
                status: slot(FPU_STATUS) as u16,
                control: slot(FPU_CONTROL) as u16 ^ INITIAL_CONTROL,
            },
        }
    }

    /// How one state differs from another, in words.
    pub fn differences(&self, ours: &State, theirs: &State) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |name: String, before: u64, ours: u64, theirs: u64| {
            if ours != theirs {
                found.push(format!(
                    "{name}, {before:#x}, becomes {theirs:#x}, ours {ours:#x}"
                ));
            }
        };
        for n in 0..16 {
            let [before, ours, theirs] = [self, ours, theirs].map(|it| it.registers[n]);
            compare(format!("register {n}"), before, ours, theirs);
        }
        compare("flags".to_owned(), self.flags, ours.flags, theirs.flags);
        let [before, ours, theirs] = [self, ours, theirs].map(|it| &it.units);
        for n in 0..32 {
            let [before, ours, theirs] = [before, ours, theirs].map(|it| it.vectors[n]);
            compare(format!("half {n}"), before, ours, theirs);
        }
        for n in 0..32 {
            let [before, ours, theirs] = [before, ours, theirs].map(|it| it.upper[n]);
            compare(format!("upper half {n}"), before, ours, theirs);
        }
        for n in 0..8 {
            let [before, ours, theirs] = [before, ours, theirs].map(|it| it.stack[n]);
            let [high, low] = ["exponent", "significand"].map(|part| format!("{part} {n}"));
            compare(high, before.1.into(), ours.1.into(), theirs.1.into());
            compare(low, before.0, ours.0, theirs.0);
        }
        let words = |it: &Units| {
            let [status, control] = [it.status, it.control].map(u32::from);
            [it.mxcsr, it.tags.into(), it.top.into(), status, control]
        };
        let names = ["MXCSR", "tags", "top", "status", "control"];
        let [before, ours, theirs] = [before, ours, theirs].map(|it| words(it).map(u64::from));
        for (n, name) in names.into_iter().enumerate() {
            compare(name.to_owned(), before[n], ours[n], theirs[n]);
        }
        found
    }
}

impl Units {
    /// As fxrstor64 loads them.
    pub fn image(&self) -> [u8; IMAGE] {
        let mut image = [0; IMAGE];
        let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.control.to_le_bytes());
        put(2, &(self.status | u16::from(self.top) << 11).to_le_bytes());
        put(4, &[self.tags.rotate_left(self.top.into())]);
        put(24, &self.mxcsr.to_le_bytes());
        for (n, (significand, exponent)) in self.stack.iter().enumerate() {
            put(32 + 16 * n, &significand.to_le_bytes());
            put(40 + 16 * n, &exponent.to_le_bytes());
        }
        for (n, word) in self.vectors.iter().enumerate() {
            put(160 + 8 * n, &word.to_le_bytes());
        }
        image
    }

    /// What fxsave64 stored, and after it the upper halves.
    pub fn of(image: &[u8]) -> Units {
        let half = |at: usize| u16::from_le_bytes([image[at], image[at + 1]]);
        let word = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().expect("a word"));
        let status = half(2);
        let top = (status >> 11 & 7) as u8;
        Units {
            mxcsr: word(24) as u32,
            vectors: std::array::from_fn(|n| word(160 + 8 * n)),
            upper: std::array::from_fn(|n| word(IMAGE + 8 * n)),
            stack: std::array::from_fn(|n| (word(32 + 16 * n), half(40 + 16 * n))),
            tags: image[4].rotate_right(top.into()),
            top,
            status: status & 0x477f,
            control: half(0),
        }
    }
}
