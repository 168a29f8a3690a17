//! Cryptography: AES, SHA and products without carries.

use super::{Vector, semantics};
use crate::decode::{Instruction, Operand};
use crate::regs::XMM;
use crate::semantics::shift::rotated_right;
use portolan_machine::domain::{Domain, Helper, Word};

// AES: the rounds of FIPS 197, Section 5
semantics! { out of line:
    aesenc     |cpu, it, to, from| rounds(cpu, it, to, from, &ENCRYPTED)?;
    aesenclast |cpu, it, to, from| rounds(cpu, it, to, from, &ENCRYPTED_LAST)?;
    aesdec     |cpu, it, to, from| rounds(cpu, it, to, from, &DECRYPTED)?;
    aesdeclast |cpu, it, to, from| rounds(cpu, it, to, from, &DECRYPTED_LAST)?;
    aesimc     |cpu, it, to, from| {
        let x = cpu.vector(it, from)?;
        cpu.set_xmm(it, to, x.map(|x| cpu.call(&UNMIXED, [x, cpu.imm(0), cpu.imm(0)])));
    };
    aeskeygenassist |cpu, it, to, from| {
        let x = cpu.vector(it, from)?;
        let constant = cpu.imm((it.immediate & 0xff) as i64);
        cpu.set_xmm(it, to, x.map(|x| cpu.call(&KEY_WORDS, [x, constant, cpu.imm(0)])));
    };
}

// SHA-1 and SHA-256: FIPS 180-4, Section 6. Words of 32 bits are zero-extended.
semantics! { out of line:
    sha1rnds4 |cpu, it, to, from| {
        let (state, words) = (cpu.xmm(to), cpu.vector(it, from)?);
        let [mut d, mut c, mut b, mut a] = lanes(cpu, &state);
        let number = (it.immediate & 3) as usize;
        let constant = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6][number];
        let mut e = cpu.imm(0);
        for word in lanes(cpu, &words).into_iter().rev() {
            let mixed = match number {
                0 => b & c ^ !b & d,
                2 => b & c ^ b & d ^ c & d,
                _ => b ^ c ^ d,
            };
            let next = mixed + rotated_left(cpu, a, 5) + word + e + cpu.constant(constant);
            (e, d, c, b, a) = (d, c, rotated_left(cpu, b, 30), a, next.zext(32));
        }
        cpu.set_xmm(it, to, of_words(cpu, [d, c, b, a]));
    };
    sha1nexte |cpu, it, to, from| {
        let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
        let next = rotated_left(cpu, a[1] >> cpu.imm(32), 30);
        cpu.set_xmm(it, to, [b[0], b[1] + (next << cpu.imm(32))]);
    };
    sha1msg1 |cpu, it, to, from| {
        let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
        cpu.set_xmm(it, to, [a[0] ^ b[1], a[1] ^ a[0]]);
    };
    sha1msg2 |cpu, it, to, from| {
        let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
        let ([a0, a1, a2, a3], [b0, b1, b2, _]) = (lanes(cpu, &a), lanes(cpu, &b));
        let w16 = rotated_left(cpu, a3 ^ b2, 1);
        let w17 = rotated_left(cpu, a2 ^ b1, 1);
        let w18 = rotated_left(cpu, a1 ^ b0, 1);
        let w19 = rotated_left(cpu, a0 ^ w16, 1);
        cpu.set_xmm(it, to, of_words(cpu, [w19, w18, w17, w16]));
    };
    sha256rnds2 |cpu, it, to, from| {
        let (low, high) = (cpu.xmm(to), cpu.vector(it, from)?);
        let ([mut h, mut g, mut d, mut c], [mut f, mut e, mut b, mut a]) =
            (lanes(cpu, &low), lanes(cpu, &high));
        let words = cpu.read(XMM);
        for word in [words.zext(32), words >> cpu.imm(32)] {
            let sum = |x, [i, j, k]: [u8; 3]| {
                rotated_left(cpu, x, 32 - i) ^ rotated_left(cpu, x, 32 - j) ^ rotated_left(cpu, x, 32 - k)
            };
            let first = h + sum(e, [6, 11, 25]) + (e & f ^ !e & g) + word;
            let second = sum(a, [2, 13, 22]) + (a & b ^ a & c ^ b & c);
            (h, g, f, e) = (g, f, e, (d + first).zext(32));
            (d, c, b, a) = (c, b, a, (first + second).zext(32));
        }
        let _ = (h, g, d, c);
        cpu.set_xmm(it, to, of_words(cpu, [f, e, b, a]));
    };
    sha256msg1 |cpu, it, to, from| {
        let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
        let ([w0, w1, w2, w3], w4) = (lanes(cpu, &a), b[0].zext(32));
        let next = |w: D::Word, after| (w + schedule(cpu, after, [7, 18, 3])).zext(32);
        cpu.set_xmm(it, to, of_words(cpu, [next(w0, w1), next(w1, w2), next(w2, w3), next(w3, w4)]));
    };
    sha256msg2 |cpu, it, to, from| {
        let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
        let ([a0, a1, a2, a3], [_, _, w14, w15]) = (lanes(cpu, &a), lanes(cpu, &b));
        let next = |a: D::Word, w| (a + schedule(cpu, w, [17, 19, 10])).zext(32);
        let (w16, w17) = (next(a0, w14), next(a1, w15));
        let (w18, w19) = (next(a2, w16), next(a3, w17));
        cpu.set_xmm(it, to, of_words(cpu, [w16, w17, w18, w19]));
    };
}

// Products without carries
semantics! { out of line:
    pclmulqdq |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, a, b| {
            let a = a[(it.immediate & 1) as usize];
            let b = b[(it.immediate >> 4 & 1) as usize];
            [&PRODUCT, &PRODUCT_HIGH].map(|half| cpu.call(half, [a, b, cpu.imm(0)]))
        })?;
    };
}

/// What a helper makes of the first operand, half of it at a time, exclusive-ored with the round's key.
#[inline(always)]
fn rounds<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
    helper: &'static Helper,
) -> Result<(), D::Leave> {
    cpu.by_halves(it, to, from, |_, [low, high], key| {
        // Rows move by columns: seen from the other half, the halves have changed places.
        let state = [[low, high], [high, low]]
            .map(|[half, other]| cpu.call(helper, [half, other, cpu.imm(0)]));
        [state[0] ^ key[0], state[1] ^ key[1]]
    })
}

#[inline(always)]
fn lanes<D: Domain>(cpu: D, vector: &[D::Word; 2]) -> [D::Word; 4] {
    [0, 1, 2, 3].map(|n| cpu.lane(vector, 32, n))
}

#[inline(always)]
fn of_words<D: Domain>(cpu: D, words: [D::Word; 4]) -> [D::Word; 2] {
    cpu.of_lanes(32, |n| words[usize::from(n)])
}

/// A word of 32 bits, rotated.
#[inline(always)]
fn rotated_left<D: Domain>(cpu: D, x: D::Word, by: u8) -> D::Word {
    rotated_right(cpu, 32, x, cpu.imm(32 - by))
}

/// A word of the message schedule: two rotations and a shift to the right.
#[inline(always)]
fn schedule<D: Domain>(cpu: D, x: D::Word, [i, j, shift]: [u8; 3]) -> D::Word {
    rotated_left(cpu, x, 32 - i) ^ rotated_left(cpu, x, 32 - j) ^ x >> cpu.imm(shift)
}

/// Defines helpers: a name for people, and the function.
macro_rules! helpers {
    ($($helper:ident $name:literal $arity:literal $function:ident;)*) => {
        $(static $helper: Helper = Helper { name: $name, arity: $arity, function: $function };)*
    };
}

helpers! {
    ENCRYPTED "aes_round" 2 encrypted;
    ENCRYPTED_LAST "aes_last_round" 2 encrypted_last;
    DECRYPTED "aes_inverse_round" 2 decrypted;
    DECRYPTED_LAST "aes_last_inverse_round" 2 decrypted_last;
    UNMIXED "aes_unmixed_columns" 1 unmixed;
    KEY_WORDS "aes_key_words" 2 key_words;
    PRODUCT "carryless_product" 2 product;
    PRODUCT_HIGH "carryless_product_high" 2 product_high;
}

// A half of the state is two columns of four bytes. Helpers compute the half that is their first
// argument.

extern "C" fn encrypted(half: u64, other: u64, _: u64) -> u64 {
    columns(half, other, 1, |byte, row| {
        MIXED[usize::from(byte)].rotate_left(8 * row)
    })
}

extern "C" fn encrypted_last(half: u64, other: u64, _: u64) -> u64 {
    columns(half, other, 1, |byte, row| {
        u32::from(SBOX[usize::from(byte)]) << (8 * row)
    })
}

extern "C" fn decrypted(half: u64, other: u64, _: u64) -> u64 {
    let inverse = |byte| INVERSE_SBOX[usize::from(byte)];
    columns(half, other, 3, |byte, row| {
        UNMIXED_BYTE[usize::from(inverse(byte))].rotate_left(8 * row)
    })
}

extern "C" fn decrypted_last(half: u64, other: u64, _: u64) -> u64 {
    columns(half, other, 3, |byte, row| {
        u32::from(INVERSE_SBOX[usize::from(byte)]) << (8 * row)
    })
}

/// InvMixColumns.
extern "C" fn unmixed(half: u64, _: u64, _: u64) -> u64 {
    columns(half, 0, 0, |byte, row| {
        UNMIXED_BYTE[usize::from(byte)].rotate_left(8 * row)
    })
}

/// Of a half's upper doubleword: SubWord, and RotWord of that with the round's constant.
extern "C" fn key_words(half: u64, constant: u64, _: u64) -> u64 {
    let bytes = ((half >> 32) as u32).to_le_bytes();
    let word = u32::from_le_bytes(bytes.map(|byte| SBOX[usize::from(byte)]));
    u64::from(word.rotate_right(8) ^ constant as u32) << 32 | u64::from(word)
}

/// Two columns of the result. Each byte of one comes from the column that lies as far to the right as
/// its row, times `step`, says; `part` tells what it adds to the column.
fn columns(half: u64, other: u64, step: usize, part: impl Fn(u8, u32) -> u32) -> u64 {
    let state = (u128::from(other) << 64 | u128::from(half)).to_le_bytes();
    let column = |number: usize| {
        (0..4).fold(0, |all, row| {
            let from = (number + step * row) % 4;
            all ^ part(state[4 * from + row], row as u32)
        })
    };
    u64::from(column(1)) << 32 | u64::from(column(0))
}

/// A product in the field of 256 elements, of the polynomial 0x11b.
const fn field_product(mut a: u8, mut b: u8) -> u8 {
    let mut sum = 0;
    while b != 0 {
        if b & 1 != 0 {
            sum ^= a;
        }
        a = a << 1 ^ if a >> 7 != 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    sum
}

/// SubBytes: the inverse in the field, then an affine map.
const SBOX: [u8; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        // The inverse is the power 254.
        let (mut inverse, mut power) = (1, 0);
        while power < 254 {
            inverse = field_product(inverse, n as u8);
            power += 1;
        }
        let mapped = inverse
            ^ inverse.rotate_left(1)
            ^ inverse.rotate_left(2)
            ^ inverse.rotate_left(3)
            ^ inverse.rotate_left(4);
        table[n] = mapped ^ 0x63;
        n += 1;
    }
    table
};

const INVERSE_SBOX: [u8; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        table[SBOX[n] as usize] = n as u8;
        n += 1;
    }
    table
};

/// What SubBytes and MixColumns make of a byte in the first row: its column.
static MIXED: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        table[n] = column(SBOX[n], [2, 1, 1, 3]);
        n += 1;
    }
    table
};

/// What InvMixColumns makes of a byte in the first row.
static UNMIXED_BYTE: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        table[n] = column(n as u8, [14, 9, 13, 11]);
        n += 1;
    }
    table
};

const fn column(byte: u8, factors: [u8; 4]) -> u32 {
    u32::from_le_bytes([
        field_product(byte, factors[0]),
        field_product(byte, factors[1]),
        field_product(byte, factors[2]),
        field_product(byte, factors[3]),
    ])
}

/// The lower half of a product without carries: of every fourth bit at a time, so that sums of up to
/// fifteen have room between them.
extern "C" fn product(a: u64, b: u64, _: u64) -> u64 {
    const FOURTHS: [u64; 4] = [
        0x1111_1111_1111_1111,
        0x2222_2222_2222_2222,
        0x4444_4444_4444_4444,
        0x8888_8888_8888_8888,
    ];
    (0..4).fold(0, |all, n| {
        let sum = (0..4).fold(0, |sum, i| {
            let (a, b) = (a & FOURTHS[i], b & FOURTHS[(n + 4 - i) % 4]);
            sum ^ a.wrapping_mul(b)
        });
        all | sum & FOURTHS[n]
    })
}

/// The upper half: the lower one of the operands in opposite order of bits.
extern "C" fn product_high(a: u64, b: u64, _: u64) -> u64 {
    product(a.reverse_bits(), b.reverse_bits(), 0).reverse_bits() >> 1
}
