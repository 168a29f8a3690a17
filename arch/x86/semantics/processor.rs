//! What cpuid tells: exactly what is executed.

use portolan_machine::domain::Helper;

/// cpuid's registers: of the leaf and subleaf, the one of the number (eax, ebx, ecx, edx).
pub(super) static CPUID: Helper = Helper {
    name: "cpuid",
    arity: 3,
    function: cpuid,
};

extern "C" fn cpuid(leaf: u64, _subleaf: u64, register: u64) -> u64 {
    let registers = match leaf {
        // The highest leaf, and the vendor's name.
        0 => [1, text(b"Port"), text(b"anCP"), text(b"ol")],
        1 => [0x000f_0000, 0, CRC32 | POPCNT | VECTORS, FEATURES],
        0x8000_0000 => [0x8000_0001, 0, 0, 0],
        0x8000_0001 => [0, 0, LAHF, SYSCALL | LONG_MODE | RDTSCP],
        _ => [0; 4],
    };
    registers
        .get(register as usize)
        .copied()
        .unwrap_or(0)
        .into()
}

/// The features of leaf 1 in edx, which Linux gives to programs as `AT_HWCAP`.
pub const FEATURES: u32 = TSC | CX8 | CMOV | SSE | SSE2;

const fn text(bytes: &[u8]) -> u32 {
    let (mut word, mut at) = (0, 0);
    while at < bytes.len() {
        word |= (bytes[at] as u32) << (8 * at);
        at += 1;
    }
    word
}

// Leaf 1, ecx.
const CRC32: u32 = 1 << 20;
const POPCNT: u32 = 1 << 23;
/// SSE3, SSSE3 and SSE4.1; the strings of SSE4.2 are not executed.
const VECTORS: u32 = 1 << 0 | 1 << 9 | 1 << 19;
// Leaf 1, edx.
const TSC: u32 = 1 << 4;
const CX8: u32 = 1 << 8;
const CMOV: u32 = 1 << 15;
const SSE: u32 = 1 << 25;
const SSE2: u32 = 1 << 26;
// Leaf 0x80000001, ecx and edx.
const LAHF: u32 = 1 << 0;
const SYSCALL: u32 = 1 << 11;
const RDTSCP: u32 = 1 << 27;
const LONG_MODE: u32 = 1 << 29;
