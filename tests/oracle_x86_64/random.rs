//! Random numbers, states and encodings.

use crate::state::Units;

/// A generator of numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// A random number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number, often one at which something changes.
    pub fn number(&mut self) -> u64 {
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
    /// Once in `of` times.
    pub fn chance(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    /// 64 bits of a vector.
    pub fn vector_word(&mut self) -> u64 {
        match self.below(9) {
            // Of few letters, with an end somewhere.
            8 => self.next() & 0x0301_0003_0301_0203,
            0..3 => self.double(),
            3..6 => u64::from(self.single()) << 32 | u64::from(self.single()),
            _ => self.number(),
        }
    }

    /// A single.
    pub fn single(&mut self) -> u32 {
        let edge = SINGLES[self.below(24) as usize];
        match self.below(4) {
            0 => edge,
            1 => (self.below(2000) as f32 / 8.0 - 100.0).to_bits(),
            // Of like magnitude, so that sums cancel and products stay in range.
            2 => (self.next() as u32 & 0x83ff_ffff) | 0x3c00_0000,
            _ => edge ^ (self.below(8) as u32) << self.below(30),
        }
    }

    /// A double.
    pub fn double(&mut self) -> u64 {
        let edge = DOUBLES[self.below(24) as usize];
        match self.below(4) {
            0 => edge,
            1 => (self.below(20000) as f64 / 8.0 - 1000.0).to_bits(),
            2 => (self.next() & 0x803f_ffff_ffff_ffff) | 0x3fc0_0000_0000_0000,
            _ => edge ^ self.below(8) << self.below(61),
        }
    }

    /// MXCSR, with the exceptions masked but for some.
    pub fn mxcsr(&mut self) -> u32 {
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

impl Random {
    /// A number of 80 bits: its significand, and its sign and exponent.
    pub fn extended(&mut self) -> (u64, u16) {
        let sign = (self.next() as u16) & 0x8000;
        let edge = [
            0,
            1 << 63,
            (1 << 63) + 1,
            3 << 62,
            u64::MAX,
            (1 << 63) | 1 << 10,
            (1 << 63) | 1 << 39,
            0xffff_ffff_ffff_fc00,
            0xffff_ff80_0000_0000,
        ];
        let significand = match self.below(3) {
            0 => edge[self.below(edge.len() as u64) as usize],
            1 => self.next() | 1 << 63,
            // Few bits, so that results are exact.
            _ => (1 << 63) | self.next() << self.below(64),
        };
        match self.below(16) {
            0 => (0, sign),
            1 => (significand | 1 << 63, sign | 0x7fff),
            2 => (1 << 63, sign | 0x7fff),
            // Subnormal, or what no processor makes.
            3 => (self.next() >> self.below(64), sign),
            4 => (
                self.next() >> self.below(4),
                sign | self.next() as u16 & 0x7fff,
            ),
            // At the ends of the range.
            5 => (significand | 1 << 63, sign | self.below(80) as u16),
            6 => (
                significand | 1 << 63,
                sign | (0x7ffe - self.below(80) as u16),
            ),
            // Integers.
            7 | 8 => {
                let integer = self.next() >> self.below(64) | 1;
                let zeros = integer.leading_zeros() as u16;
                (integer << zeros, sign | (0x3fff + 63 - zeros))
            }
            9 => (
                significand | 1 << 63,
                sign | (0x3fff - 80 + self.below(160) as u16),
            ),
            _ => (
                significand | 1 << 63,
                sign | (0x3fff - 3 + self.below(6) as u16),
            ),
        }
    }

    /// Vectors, MXCSR and the x87 unit.
    pub fn units(&mut self) -> Units {
        let mut units = Units {
            mxcsr: self.mxcsr(),
            control: 0x37f,
            ..Units::default()
        };
        units.vectors.fill_with(|| self.vector_word());
        units.upper.fill_with(|| self.vector_word());
        units.stack.fill_with(|| self.extended());
        units.tags = match self.below(4) {
            0 => 0,
            1 => self.next() as u8,
            _ => 0xff,
        };
        units.top = self.below(8) as u8;
        if self.chance(2) {
            units.control = self.next() as u16 & 0x0f00 | 0x7f;
            // Of the precisions there are three.
            if units.control & 0x300 == 0x100 {
                units.control |= 0x200;
            }
        }
        if self.chance(6) {
            units.control &= !(self.next() as u16 & 0x3f);
        }
        units.status = self.next() as u16 & 0x477f;
        if !self.chance(8) {
            // Nothing is pending.
            units.status &= !0x3f | units.control;
        }
        units
    }
}

/// The bytes of a random instruction of a random row.
pub fn encoding(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    match random.below(16) {
        0..4 => {
            vex_encoding(random, &mut bytes);
            return bytes;
        }
        4..8 => {
            vector_encoding(random, &mut bytes);
            return bytes;
        }
        8..11 => {
            fpu_encoding(random, &mut bytes);
            return bytes;
        }
        11 => {
            manipulation_encoding(random, &mut bytes);
            return bytes;
        }
        _ => {}
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
        0 if random.chance(4) => bytes.extend([0x0f, 0x38, 0xc8 + random.below(24) as u8]),
        0 => bytes.extend([0x0f, 0x38, random.below(0x42) as u8]),
        1 if random.chance(8) => {
            bytes.extend([0x0f, 0x3a, [0x44, 0xcc, 0xdf][random.below(3) as usize]]);
        }
        1 if random.chance(4) => bytes.extend([0x0f, 0x3a, 0x60 + random.below(4) as u8]),
        1 => bytes.extend([0x0f, 0x3a, random.below(0x43) as u8]),
        2 => bytes.extend([0x0f, 0x10 + random.below(0x20) as u8]),
        3 => bytes.extend([0x0f, 0x50 + random.below(0x30) as u8]),
        _ => bytes.extend([0x0f, 0xc0 + random.below(0x40) as u8]),
    }
    while bytes.len() < 15 {
        bytes.push(random.next() as u8);
    }
}

/// The same, with VEX.
fn vex_encoding(random: &mut Random, bytes: &mut Vec<u8>) {
    let map = 1 + random.below(3) as u8;
    // Where the second register is none, it has to be all ones.
    let register = if random.chance(2) { 0x78 } else { 0 };
    let opcode = match map {
        1 if random.chance(3) => 0xc0 + random.below(0x40) as u8,
        1 => 0x10 + random.below(0x70) as u8,
        2 => random.below(0xe0) as u8,
        _ => random.below(0x70) as u8,
    };
    bytes.extend([
        0xc4,
        (random.next() as u8 & 0xe0) | map,
        random.next() as u8 | register,
        opcode,
    ]);
    while bytes.len() < 15 {
        bytes.push(random.next() as u8);
    }
}

/// The same, of an opcode among those of the x87 unit and of saving all units.
fn fpu_encoding(random: &mut Random, bytes: &mut Vec<u8>) {
    if random.chance(4) {
        bytes.push(0x40 | random.below(16) as u8);
    }
    match random.below(12) {
        0 => bytes.extend([0x0f, 0xae]),
        1 => bytes.extend([0x0f, 0xc7]),
        _ => bytes.push(0xd8 + random.below(8) as u8),
    }
    while bytes.len() < 15 {
        bytes.push(random.next() as u8);
    }
}

/// The same, of an opcode among those of bit manipulation.
fn manipulation_encoding(random: &mut Random, bytes: &mut Vec<u8>) {
    match random.below(4) {
        0 => {
            bytes.extend([&[][..], &[0x66], &[0xf3], &[0xf2]][random.below(4) as usize]);
            bytes.push(0x40 | random.below(16) as u8);
            bytes.extend([0x0f, 0x38, 0xf0 + random.below(8) as u8]);
        }
        1 => {
            bytes.extend([&[0xf3][..], &[0x66, 0xf3]][random.below(2) as usize]);
            bytes.push(0x40 | random.below(16) as u8);
            bytes.extend([0x0f, 0xbc + random.below(2) as u8]);
        }
        _ => {
            let map = 2 + random.below(8) / 7;
            bytes.extend([
                0xc4,
                (random.next() as u8 & 0xe0) | map as u8,
                random.next() as u8 & 0xfb,
                0xf0 + random.below(8) as u8,
            ]);
        }
    }
    while bytes.len() < 15 {
        bytes.push(random.next() as u8);
    }
}
