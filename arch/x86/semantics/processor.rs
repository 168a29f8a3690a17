//! What cpuid tells: exactly what is executed.
//!
//! The leaves are AMD's, because of the caches: where libraries cannot learn their sizes they do not
//! know when to copy past them, and some versions of glibc then copy wrongly (its bug 29953).

use super::x87::{AREA, ENABLED, UPPER};
use crate::levels::Level;
use portolan_machine::domain::Helper;

/// cpuid's registers: of the leaf and subleaf, the one of the number (eax, ebx, ecx, edx), above which
/// there is the processor's [`Level`].
pub(super) static CPUID: Helper = Helper {
    name: "cpuid",
    arity: 3,
    function: cpuid,
};

/// Where the level is.
pub(super) const LEVEL: u8 = 8;

extern "C" fn cpuid(leaf: u64, subleaf: u64, which: u64) -> u64 {
    let (register, level) = (which & 3, which >> LEVEL);
    let level = Level::ALL
        .get(level as usize)
        .copied()
        .unwrap_or(Level::Max);
    let features = Features::of(level);
    // The last leaf that tells something.
    let highest = if level < Level::V3 { 7 } else { 0xd };
    const HIGHEST_EXTENDED: u32 = 0x8000_001d;
    let registers = match leaf {
        // The vendor's name is in ebx, edx and ecx.
        0 => [highest, text(b"Auth"), text(b"cAMD"), text(b"enti")],
        1 => [features.signature, FLUSHED_LINE, features.more, FEATURES],
        7 if subleaf == 0 => [0, features.later, features.latest, 0],
        0xd if level >= Level::V3 => match subleaf {
            0 => [ENABLED as u32, AREA as u32, AREA as u32, 0],
            // xsaveopt, xsavec, and xgetbv of what is in use; the size of what is enabled.
            1 => [features.saving, AREA as u32, 0, 0],
            2 => [(AREA - UPPER) as u32, UPPER as u32, 0, 0],
            _ => [0; 4],
        },
        0x8000_0000 => [
            HIGHEST_EXTENDED,
            text(b"Auth"),
            text(b"cAMD"),
            text(b"enti"),
        ],
        0x8000_0001 => [
            features.signature,
            0,
            features.extended,
            COMMON | SYSCALL | LONG_MODE | RDTSCP,
        ],
        0x8000_0002 => [text(b"x86-"), text(b"64 b"), text(b"y Po"), text(b"rtol")],
        0x8000_0003 => [text(b"an"), 0, 0, 0],
        0x8000_0005 => [0, 0, FIRST_LEVEL.in_kilobytes(), FIRST_LEVEL.in_kilobytes()],
        0x8000_0006 => [0, 0, SECOND_LEVEL.of_second_level(), 0],
        0x8000_0007 => [0, 0, 0, CONSTANT_TSC],
        0x8000_0008 => [ADDRESSES, 0, 0, 0],
        0x8000_001d => match subleaf {
            0 => FIRST_LEVEL.described(1, DATA),
            1 => FIRST_LEVEL.described(1, INSTRUCTIONS),
            2 => SECOND_LEVEL.described(2, UNIFIED),
            _ => [0; 4],
        },
        _ => [0; 4],
    };
    registers
        .get(register as usize)
        .copied()
        .unwrap_or(0)
        .into()
}

const fn text(bytes: &[u8]) -> u32 {
    let (mut word, mut at) = (0, 0);
    while at < bytes.len() {
        word |= (bytes[at] as u32) << (8 * at);
        at += 1;
    }
    word
}

/// 40 bits of physical addresses, 48 of virtual ones.
const ADDRESSES: u32 = 48 << 8 | 40;

/// The features of leaf 1 in edx, which Linux gives to programs as `AT_HWCAP`.
pub const FEATURES: u32 = COMMON | CLFLUSH | SSE | SSE2;
/// What Linux gives to programs as `AT_HWCAP2`: they may use wrfsbase and its like.
#[cfg(feature = "linux")]
pub const SEGMENT_BASES: u64 = 1 << 1;
/// Those that leaf 0x80000001 repeats.
const COMMON: u32 = FPU | TSC | CX8 | CMOV | MMX | FXSR;

/// What differs between levels.
struct Features {
    /// Family, model and stepping.
    signature: u32,
    /// Of leaf 1, in ecx.
    more: u32,
    /// Of leaf 7, in ebx.
    later: u32,
    /// Of leaf 7, in ecx.
    latest: u32,
    /// Of leaf 0xd, in eax: xsaveopt, xsavec, and xgetbv of what is in use.
    saving: u32,
    /// Of leaf 0x80000001, in ecx.
    extended: u32,
}

impl Features {
    const fn of(level: Level) -> Features {
        match level {
            Level::Baseline => Features {
                signature: OLD,
                more: 0,
                later: 0,
                latest: 0,
                saving: 0,
                extended: PREFETCHW | TOPOLOGY,
            },
            Level::V2 => Features {
                more: VECTORS | CX16 | POPCNT,
                extended: LAHF | PREFETCHW | TOPOLOGY,
                ..Features::of(Level::Baseline)
            },
            Level::V3 => {
                let before = Features::of(Level::V2);
                Features {
                    signature: NEW,
                    more: before.more | FMA | MOVBE | XSAVE | OSXSAVE | AVX | F16C,
                    later: BMI1 | AVX2 | BMI2,
                    extended: before.extended | LZCNT,
                    ..before
                }
            }
            Level::Max => {
                let before = Features::of(Level::V3);
                Features {
                    more: before.more | PCLMUL | AES | RDRAND,
                    later: before.later | FSGSBASE | RDSEED | ADX | CLFLUSHOPT | CLWB | SHA,
                    latest: PREFETCHWT1 | UMIP | VAES | VPCLMULQDQ | RDPID,
                    saving: 7,
                    ..before
                }
            }
        }
    }
}

/// Family 19, which was never sold. Libraries take the family for what it does not say: on 15 OpenBLAS
/// uses 3DNow!, on 16 and 18 GMP uses lzcnt. Both have code for a family between these that needs neither.
const OLD: u32 = 0x0040_0f00;
/// Family 25, model 33: a processor with AVX2 and VAES.
const NEW: u32 = 0x00a2_0f10;

// Leaf 1, ecx.
/// SSE3, SSSE3, SSE4.1 and SSE4.2.
const VECTORS: u32 = 1 << 0 | 1 << 9 | 1 << 19 | 1 << 20;
const PCLMUL: u32 = 1 << 1;
const FMA: u32 = 1 << 12;
const CX16: u32 = 1 << 13;
const MOVBE: u32 = 1 << 22;
const POPCNT: u32 = 1 << 23;
const AES: u32 = 1 << 25;
const XSAVE: u32 = 1 << 26;
const OSXSAVE: u32 = 1 << 27;
const AVX: u32 = 1 << 28;
const F16C: u32 = 1 << 29;
const RDRAND: u32 = 1 << 30;
// Leaf 1, ebx: in units of eight bytes.
const FLUSHED_LINE: u32 = (LINE / 8) << 8;
// Leaf 1, edx.
const FPU: u32 = 1 << 0;
const TSC: u32 = 1 << 4;
const CX8: u32 = 1 << 8;
const CMOV: u32 = 1 << 15;
const CLFLUSH: u32 = 1 << 19;
const MMX: u32 = 1 << 23;
const FXSR: u32 = 1 << 24;
const SSE: u32 = 1 << 25;
const SSE2: u32 = 1 << 26;
// Leaf 7, ebx and ecx.
const FSGSBASE: u32 = 1 << 0;
const BMI1: u32 = 1 << 3;
const AVX2: u32 = 1 << 5;
const BMI2: u32 = 1 << 8;
const RDSEED: u32 = 1 << 18;
const ADX: u32 = 1 << 19;
const CLFLUSHOPT: u32 = 1 << 23;
const CLWB: u32 = 1 << 24;
const SHA: u32 = 1 << 29;
const PREFETCHWT1: u32 = 1 << 0;
const UMIP: u32 = 1 << 2;
const VAES: u32 = 1 << 9;
const VPCLMULQDQ: u32 = 1 << 10;
const RDPID: u32 = 1 << 22;
// Leaf 0x80000001, ecx and edx.
const LAHF: u32 = 1 << 0;
const LZCNT: u32 = 1 << 5;
const PREFETCHW: u32 = 1 << 8;
/// Leaf 0x8000001d is there.
const TOPOLOGY: u32 = 1 << 22;
const SYSCALL: u32 = 1 << 11;
const RDTSCP: u32 = 1 << 27;
const LONG_MODE: u32 = 1 << 29;
// Leaf 0x80000007, edx.
const CONSTANT_TSC: u32 = 1 << 8;

/// A cache, of the kind that most processors have: programs choose the sizes of blocks by it.
struct Cache {
    bytes: u32,
    ways: u32,
}

const FIRST_LEVEL: Cache = Cache {
    bytes: 32 << 10,
    ways: 8,
};
const SECOND_LEVEL: Cache = Cache {
    bytes: 512 << 10,
    ways: 8,
};

/// Bytes of a cache line.
const LINE: u32 = 64;

// Kinds of caches.
const DATA: u32 = 1;
const INSTRUCTIONS: u32 = 2;
const UNIFIED: u32 = 3;

impl Cache {
    /// As leaf 0x80000005 has those of the first level.
    const fn in_kilobytes(&self) -> u32 {
        (self.bytes >> 10) << 24 | self.ways << 16 | 1 << 8 | LINE
    }

    /// As leaf 0x80000006 has one of the second level.
    const fn of_second_level(&self) -> u32 {
        const EIGHT_WAYS: u32 = 6;
        (self.bytes >> 10) << 16 | EIGHT_WAYS << 12 | 1 << 8 | LINE
    }

    /// As leaf 0x8000001d has it: kind and level, ways and line, sets.
    const fn described(&self, level: u32, kind: u32) -> [u32; 4] {
        let sets = self.bytes / self.ways / LINE;
        let ways = (self.ways - 1) << 22;
        [1 << 8 | level << 5 | kind, ways | (LINE - 1), sets - 1, 0]
    }
}
