//! Random values that are worth trying: random numbers, bent towards boundaries.
//!
//! Everything is a pure function of *raw* numbers, which the tests draw. The low raw numbers give the
//! plainest values, so that shrinking a raw number makes what it stands for plainer too. The highest
//! four bits choose the kind of value.

/// A number as good as random, made from another: the finaliser of SplitMix64.
pub fn scatter(raw: u64) -> u64 {
    let mut z = raw.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The element that a raw number chooses.
pub fn choose<T: Copy>(raw: u64, from: &[T]) -> T {
    from[(raw % from.len() as u64) as usize]
}

/// An integer.
pub fn integer(raw: u64) -> u64 {
    let rest = scatter(raw);
    let bit = 1u64 << (rest % 64);
    match raw >> 60 {
        0 => raw,
        1 | 2 => rest % 64,
        3 => (rest % 64).wrapping_neg(),
        4 => bit,
        5 => bit.wrapping_sub(1),
        6 => bit.wrapping_neg(),
        7 => bit.wrapping_add(1),
        8 => i64::from(rest as i32) as u64,
        9 => rest & 0xffff_ffff,
        10 => rest | 0xffff_ffff_0000_0000,
        11 => choose(rest, &[0, 1, -1, i64::MAX, i64::MIN, 1 << 31, -1 << 31]) as u64,
        // Words whose upper half lies about the lower one.
        12 => {
            let low = choose(
                rest,
                &[0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff],
            );
            rest & 0xffff_ffff_0000_0000 | low
        }
        // Bytes of zeros and ones.
        13 => (rest & 0x0101_0101_0101_0101) * 0xff,
        _ => rest,
    }
}

/// A double-precision number.
pub fn double(raw: u64) -> u64 {
    let rest = scatter(raw);
    let sign = rest << 63;
    let number = |exponent: i64, fraction: u64| {
        sign | ((1023 + exponent) as u64 & 0x7ff) << 52 | fraction & ((1 << 52) - 1)
    };
    match raw >> 60 {
        0 => raw,
        1 | 2 => sign | choose(rest >> 8, DOUBLES),
        // Where conversions to integers change: halves, and the ends of the integers.
        3 => (f64::from((rest >> 8) as i16) / 4.0).to_bits(),
        4 => {
            let end = choose(rest >> 8, &[31, 32, 63, 64, 52, 53]);
            number(end, 0).wrapping_add_signed((rest >> 40) as i64 % 9 - 4)
        }
        5 => sign | fraction(rest) >> (12 + rest % 52),
        6 | 7 => number((rest >> 8) as i64 % 4 - 2, fraction(rest)),
        8 => number((rest >> 8) as i64 % 2048, fraction(rest)),
        // Where conversions to single precision change: subnormals and overflow, with a fraction that
        // is about half a unit in the last place.
        9 => number(
            choose(
                rest >> 8,
                &[-150, -149, -148, -140, -127, -126, 0, 126, 127, 128],
            ),
            {
                let half = choose(rest >> 16, &[0x0fff_ffff, 0x1000_0000, 0x1000_0001, 0]);
                fraction(rest) & !0x1fff_ffff | half
            },
        ),
        10 => sign | 0x7ff0_0000_0000_0000 | fraction(rest) | 1,
        11 => boxed(single(rest)),
        12 => (integer(rest) as i64 as f64).to_bits(),
        13 | 14 => number((rest >> 8) as i64 % 128 - 64, scatter(rest)),
        _ => rest,
    }
}

/// A single-precision number, without its box.
pub fn single(raw: u64) -> u32 {
    let rest = scatter(raw);
    let sign = (rest as u32) << 31;
    let number = |exponent: i64, fraction: u32| {
        sign | ((127 + exponent) as u32 & 0xff) << 23 | fraction & ((1 << 23) - 1)
    };
    let fraction = |raw: u64| (fraction(raw) >> 29) as u32;
    match raw >> 60 {
        0 => raw as u32,
        1 | 2 => sign | choose(rest >> 8, SINGLES),
        3 => (f32::from((rest >> 8) as i16) / 4.0).to_bits(),
        4 => {
            let end = choose(rest >> 8, &[31, 32, 63, 64, 23, 24]);
            number(end, 0).wrapping_add_signed((rest >> 40) as i32 % 9 - 4)
        }
        5 => sign | fraction(rest) >> (rest % 23),
        6 | 7 => number((rest >> 8) as i64 % 4 - 2, fraction(rest)),
        8 => number((rest >> 8) as i64 % 256, fraction(rest)),
        9 => number((rest >> 8) as i64 % 24 - 126, fraction(rest)),
        10 => sign | 0x7f80_0000 | fraction(rest) | 1,
        11 => (integer(rest) as i64 as f32).to_bits(),
        12..=14 => number((rest >> 8) as i64 % 64 - 32, scatter(rest) as u32),
        _ => rest as u32,
    }
}

/// A single-precision number in its box of ones.
pub fn boxed(single: u32) -> u64 {
    0xffff_ffff_0000_0000 | u64::from(single)
}

/// 52 bits of a fraction, most often with long runs of zeros or ones, which make carries and ties.
fn fraction(raw: u64) -> u64 {
    let rest = scatter(raw ^ 0x0f0f);
    let bits = match rest % 8 {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << ((rest >> 8) % 52),
        3 => u64::MAX << ((rest >> 8) % 52),
        4 => u64::MAX >> ((rest >> 8) % 52 + 12),
        5 => u64::MAX << ((rest >> 8) % 52) ^ 1 << ((rest >> 16) % 52),
        _ => rest >> 12,
    };
    bits & ((1 << 52) - 1)
}

const DOUBLES: &[u64] = &[
    0,
    1,                     // the smallest subnormal number
    0x000f_ffff_ffff_ffff, // the largest
    0x0010_0000_0000_0000, // the smallest normal number
    0x0010_0000_0000_0001,
    0x3fe0_0000_0000_0000, // 0.5
    0x3fef_ffff_ffff_ffff,
    0x3ff0_0000_0000_0000, // 1
    0x3ff0_0000_0000_0001,
    0x3ff8_0000_0000_0000, // 1.5
    0x4000_0000_0000_0000, // 2
    0x7fef_ffff_ffff_ffff, // the largest number
    0x7ff0_0000_0000_0000, // infinity
    0x7ff0_0000_0000_0001, // a signaling NaN
    0x7ff8_0000_0000_0000, // the canonical NaN
    0x7ff8_0000_0000_0001,
];

const SINGLES: &[u32] = &[
    0,
    1,
    0x007f_ffff,
    0x0080_0000,
    0x0080_0001,
    0x3f00_0000,
    0x3f7f_ffff,
    0x3f80_0000,
    0x3f80_0001,
    0x3fc0_0000,
    0x4000_0000,
    0x7f7f_ffff,
    0x7f80_0000,
    0x7f80_0001,
    0x7fc0_0000,
    0x7fc0_0001,
];
