//! Levels: which instructions a processor has (the System V ABI, AMD64 Supplement, Section 3.1.1).
//!
//! A hart's mode is its level. Instructions of higher ones are undefined on it, and `cpuid` does not tell
//! of them.

use iced_x86::{Code, CpuidFeature};
use std::sync::LazyLock;

/// A level; each has what those before it have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// x86-64: what every processor has.
    Baseline,
    /// x86-64-v2: up to SSE4.2.
    V2,
    /// x86-64-v3: up to AVX2.
    V3,
    /// Everything that is executed here.
    Max,
}

impl Level {
    /// Every level.
    pub const ALL: [Level; 4] = [Level::Baseline, Level::V2, Level::V3, Level::Max];

    /// The mode of harts of this level. A hart that nobody gave one has everything.
    pub const fn mode(self) -> u8 {
        match self {
            Level::Max => 0,
            level => 1 + level as u8,
        }
    }

    /// The level of a mode.
    pub const fn of_mode(mode: u8) -> Level {
        match mode {
            1 => Level::Baseline,
            2 => Level::V2,
            3 => Level::V3,
            _ => Level::Max,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Baseline => "x86-64",
            Level::V2 => "x86-64-v2",
            Level::V3 => "x86-64-v3",
            Level::Max => "max",
        }
    }

    /// Whether it has an encoding of an instruction.
    pub fn has(self, code: Code) -> bool {
        self == Level::Max || NEEDED[code as usize] <= self
    }
}

/// The level that each encoding needs.
static NEEDED: LazyLock<Vec<Level>> = LazyLock::new(|| {
    let needed = |code: Code| match code {
        // What has no feature of its own in iced-x86, as processors of 32 bits have them.
        Code::Lahf | Code::Sahf => Level::V2,
        _ => {
            let features = code.cpuid_features().iter();
            features
                .map(|it| with(*it))
                .max()
                .unwrap_or(Level::Baseline)
        }
    };
    Code::values().map(needed).collect()
});

/// The first level that has a feature, of those that are executed.
fn with(feature: CpuidFeature) -> Level {
    use CpuidFeature::*;
    match feature {
        CMPXCHG16B | POPCNT | SSE3 | SSSE3 | SSE4_1 | SSE4_2 => Level::V2,
        AVX | AVX2 | BMI1 | BMI2 | F16C | FMA | LZCNT | MOVBE | XSAVE => Level::V3,
        ADX | AES | CLFLUSHOPT | CLWB | FSGSBASE | PCLMULQDQ | PREFETCHWT1 | RDPID | RDRAND
        | RDSEED | SHA | VAES | VPCLMULQDQ | XSAVEC | XSAVEOPT => Level::Max,
        _ => Level::Baseline,
    }
}

#[cfg(test)]
mod tests {
    use super::Level;
    use crate::GUEST;
    use crate::decode::decode_on;
    use crate::regs::{RAX, RBX, RCX, RDX};
    use portolan_machine::guest::Undecoded;
    use portolan_machine::memory::{Memory, Protection};
    use std::sync::Arc;

    /// What cpuid tells on a level: eax, ebx, ecx, edx.
    fn cpuid(level: Level, leaf: u64) -> [u64; 4] {
        let memory = Arc::new(Memory::new(32).unwrap());
        memory
            .map(0x1000, 0x1000, Protection::READ | Protection::EXEC, "")
            .unwrap();
        memory.poke(0x1000, &[0x0f, 0xa2, 0x0f, 0x0b]).unwrap();
        let mut core = GUEST.core(memory);
        core.set_mode(level.mode());
        core.set_pc(0x1000);
        core.set_register(RAX, leaf);
        core.set_register(RCX, 0);
        core.run(10);
        [RAX, RBX, RCX, RDX].map(|slot| core.register(slot))
    }

    /// Bytes of an instruction, its level, and where cpuid tells of it: leaf, register and bit.
    type Feature = (&'static [u8], Level, (u64, usize, u32));

    /// An instruction of each feature that cpuid tells of.
    const FEATURES: [Feature; 29] = [
        (&[0x66, 0x0f, 0xd0, 0xc1], Level::V2, (1, 2, 0)),
        (&[0x66, 0x0f, 0x38, 0x00, 0xc1], Level::V2, (1, 2, 9)),
        (&[0x48, 0x0f, 0xc7, 0x0e], Level::V2, (1, 2, 13)),
        (&[0x66, 0x0f, 0x38, 0x40, 0xc1], Level::V2, (1, 2, 19)),
        (&[0x66, 0x0f, 0x38, 0x37, 0xc1], Level::V2, (1, 2, 20)),
        (&[0xf3, 0x0f, 0xb8, 0xc1], Level::V2, (1, 2, 23)),
        (&[0xc4, 0xe2, 0xf5, 0xb8, 0xc2], Level::V3, (1, 2, 12)),
        (&[0x0f, 0x38, 0xf0, 0x06], Level::V3, (1, 2, 22)),
        (&[0x0f, 0x01, 0xd0], Level::V3, (1, 2, 26)),
        (&[0xc5, 0xfc, 0x58, 0xc1], Level::V3, (1, 2, 28)),
        (&[0xc4, 0xe2, 0x79, 0x13, 0xc1], Level::V3, (1, 2, 29)),
        (&[0xc4, 0xe2, 0x60, 0xf2, 0xc1], Level::V3, (7, 1, 3)),
        (&[0xc5, 0xfd, 0xfe, 0xc1], Level::V3, (7, 1, 5)),
        (&[0xc4, 0xe2, 0x63, 0xf5, 0xc1], Level::V3, (7, 1, 8)),
        (&[0x66, 0x0f, 0x3a, 0x44, 0xc1, 0], Level::Max, (1, 2, 1)),
        (&[0x66, 0x0f, 0x38, 0xdc, 0xc1], Level::Max, (1, 2, 25)),
        (&[0x0f, 0xc7, 0xf0], Level::Max, (1, 2, 30)),
        (&[0xf3, 0x0f, 0xae, 0xc0], Level::Max, (7, 1, 0)),
        (&[0x0f, 0xc7, 0xf8], Level::Max, (7, 1, 18)),
        (&[0x66, 0x0f, 0x38, 0xf6, 0xc1], Level::Max, (7, 1, 19)),
        (&[0x66, 0x0f, 0xae, 0x3e], Level::Max, (7, 1, 23)),
        (&[0x66, 0x0f, 0xae, 0x36], Level::Max, (7, 1, 24)),
        (&[0x0f, 0x38, 0xc8, 0xc1], Level::Max, (7, 1, 29)),
        (&[0x0f, 0x0d, 0x16], Level::Max, (7, 2, 0)),
        (&[0xc4, 0xe2, 0x75, 0xdc, 0xc2], Level::Max, (7, 2, 9)),
        (&[0xc4, 0xe3, 0x75, 0x44, 0xc2, 0], Level::Max, (7, 2, 10)),
        (&[0xf3, 0x0f, 0xc7, 0xf8], Level::Max, (7, 2, 22)),
        (&[0x9f], Level::V2, (0x8000_0001, 2, 0)),
        (&[0x0f, 0x0d, 0x0e], Level::Baseline, (0x8000_0001, 2, 8)),
    ];

    #[test]
    fn cpuid_promises_what_a_level_has() {
        for level in Level::ALL {
            for (bytes, needed, (leaf, register, bit)) in FEATURES {
                let promised = cpuid(level, leaf)[register] >> bit & 1 == 1;
                let decoded = decode_on(level, bytes, 0);
                assert_eq!(
                    decoded.is_ok(),
                    level >= needed,
                    "{bytes:02x?} on {}",
                    level.name()
                );
                assert_eq!(
                    promised,
                    level >= needed,
                    "{bytes:02x?} on {}",
                    level.name()
                );
                if let Err(error) = decoded {
                    let is_named = matches!(error, Undecoded::Unsupported { .. });
                    assert!(is_named, "{bytes:02x?}: {error}");
                }
            }
        }
    }

    #[test]
    fn counts_of_zeros_are_scans_below_the_third_level() {
        use crate::encoding::Op;
        for (bytes, scan, count) in [
            ([0xf3, 0x0f, 0xbc, 0xc1], Op::bsf, Op::tzcnt),
            ([0xf3, 0x0f, 0xbd, 0xc1], Op::bsr, Op::lzcnt),
        ] {
            let op = |level| decode_on(level, &bytes, 0).map(|it| it.op);
            assert_eq!(op(Level::V2), Ok(scan));
            assert_eq!(op(Level::V3), Ok(count));
        }
    }

    #[test]
    fn modes_are_levels() {
        for level in Level::ALL {
            assert_eq!(Level::of_mode(level.mode()), level);
        }
        assert_eq!(
            Level::Max.mode(),
            0,
            "what a hart has that nobody gave a level"
        );
    }
}
