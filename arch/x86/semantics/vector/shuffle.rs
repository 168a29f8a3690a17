//! Shuffles, unpacking and packing, insertions and extractions, extensions.

use super::integer::both;
use super::{Hart, Vector, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::semantics::mmx::{extract_from_mmx, in_mmx, insert_into_mmx, is_mmx};
use portolan_machine::domain::Lanes::{InterleaveHigh, InterleaveLow, PackSigned, PackUnsigned};
use portolan_machine::domain::{Domain, Helper, Word};

semantics! { out of line:
    punpcklbw  |cpu, it, to, from| interleave(cpu, it, 8, 0, to, from)?;
    punpcklwd  |cpu, it, to, from| interleave(cpu, it, 16, 0, to, from)?;
    punpckldq  |cpu, it, to, from| interleave(cpu, it, 32, 0, to, from)?;
    punpcklqdq |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, a, b| [a[0], b[0]])?;
    };
    punpckhbw  |cpu, it, to, from| interleave(cpu, it, 8, 1, to, from)?;
    punpckhwd  |cpu, it, to, from| interleave(cpu, it, 16, 1, to, from)?;
    punpckhdq  |cpu, it, to, from| interleave(cpu, it, 32, 1, to, from)?;
    punpckhqdq |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, a, b| [a[1], b[1]])?;
    };
    packsswb |cpu, it, to, from| both(cpu, it, PackSigned, 16, to, from)?;
    packssdw |cpu, it, to, from| both(cpu, it, PackSigned, 32, to, from)?;
    packuswb |cpu, it, to, from| both(cpu, it, PackUnsigned, 16, to, from)?;
    packusdw |cpu, it, to, from| both(cpu, it, PackUnsigned, 32, to, from)?;
}

semantics! { out of line:
    pshufd  |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, _, x| {
            cpu.of_lanes(32, |n| cpu.lane(&x, 32, selected(it, n)))
        })?;
    };
    pshuflw |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, _, [low, high]| {
            [shuffled_words(cpu, it, low), high]
        })?;
    };
    pshufhw |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, _, [low, high]| {
            [low, shuffled_words(cpu, it, high)]
        })?;
    };
    shufps  |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, a, b| cpu.of_lanes(32, |n| {
            cpu.lane(if n < 2 { &a } else { &b }, 32, selected(it, n))
        }))?;
    };
    shufpd  |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |half, a, b| {
            let choice = (it.immediate >> (2 * half)) as usize;
            [a[choice & 1], b[choice >> 1 & 1]]
        })?;
    };
    pshufb  |cpu, it, to, from| if is_mmx(to) {
        // Of a number its lowest three bits count.
        let control = |word| word & cpu.constant(0x8787_8787_8787_8787);
        in_mmx(cpu, it, to, from, |a, b| cpu.call(&BYTES, [a, cpu.imm(0), control(b)]))?;
    } else {
        cpu.by_halves(it, to, from, |_, [low, high], control| {
            control.map(|control| cpu.call(&BYTES, [low, high, control]))
        })?;
    };
    palignr |cpu, it, to, from| if is_mmx(to) {
        in_mmx(cpu, it, to, from, |a, b| window(cpu, &[b, a], it.immediate as u8))?;
    } else {
        cpu.by_halves(it, to, from, |_, [c, d], [a, b]| {
            windows(cpu, &[a, b, c, d], it.immediate as u8)
        })?;
    };
    psrldq  |cpu, it, to| {
        let x = cpu.halves(it, to);
        let result = cpu.each_half(it, |half| windows(cpu, &x[half], it.immediate as u8));
        cpu.set_halves(it, to, result);
    };
    pslldq  |cpu, it, to| {
        let (x, zero) = (cpu.halves(it, to), cpu.imm(0));
        let count = (it.immediate as u8).min(16);
        let result = cpu.each_half(it, |half| {
            let [a, b] = x[half];
            windows(cpu, &[zero, zero, a, b], 16 - count)
        });
        cpu.set_halves(it, to, result);
    };
}

// Insertions and extractions
semantics! { out of line:
    pextrb |cpu, it, to, from| extract(cpu, it, 8, to, from)?;
    pextrw |cpu, it, to, from| extract(cpu, it, 16, to, from)?;
    pextrd |cpu, it, to, from| extract(cpu, it, 32, to, from)?;
    pextrq |cpu, it, to, from| extract(cpu, it, 64, to, from)?;
    pinsrb |cpu, it, to, from| insert(cpu, it, 8, to, from)?;
    pinsrw |cpu, it, to, from| insert(cpu, it, 16, to, from)?;
    pinsrd |cpu, it, to, from| insert(cpu, it, 32, to, from)?;
    pinsrq |cpu, it, to, from| insert(cpu, it, 64, to, from)?;
    insertps |cpu, it, to, from| {
        let choice = it.immediate as u8;
        let value = match from.kind {
            Kind::Memory => cpu.element(it, from, 32)?,
            _ => cpu.lane(&cpu.xmm(from), 32, choice >> 6),
        };
        let mut result = cpu.with_lane(cpu.xmm(to), 32, choice >> 4 & 3, value);
        for number in (0..4).filter(|number| choice >> number & 1 != 0) {
            result = cpu.with_lane(result, 32, number, cpu.imm(0));
        }
        cpu.set_xmm(it, to, result);
    };
}

// Extensions
semantics! { out of line:
    pmovsxbw |cpu, it, to, from| extend(cpu, it, (8, 16), true, to, from)?;
    pmovsxbd |cpu, it, to, from| extend(cpu, it, (8, 32), true, to, from)?;
    pmovsxbq |cpu, it, to, from| extend(cpu, it, (8, 64), true, to, from)?;
    pmovsxwd |cpu, it, to, from| extend(cpu, it, (16, 32), true, to, from)?;
    pmovsxwq |cpu, it, to, from| extend(cpu, it, (16, 64), true, to, from)?;
    pmovsxdq |cpu, it, to, from| extend(cpu, it, (32, 64), true, to, from)?;
    pmovzxbw |cpu, it, to, from| extend(cpu, it, (8, 16), false, to, from)?;
    pmovzxbd |cpu, it, to, from| extend(cpu, it, (8, 32), false, to, from)?;
    pmovzxbq |cpu, it, to, from| extend(cpu, it, (8, 64), false, to, from)?;
    pmovzxwd |cpu, it, to, from| extend(cpu, it, (16, 32), false, to, from)?;
    pmovzxwq |cpu, it, to, from| extend(cpu, it, (16, 64), false, to, from)?;
    pmovzxdq |cpu, it, to, from| extend(cpu, it, (32, 64), false, to, from)?;
}

/// The elements of one half of each operand, by turns.
#[inline(always)]
fn interleave<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    half: usize,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    if is_mmx(to) {
        let operation = [InterleaveLow, InterleaveHigh][half];
        return in_mmx(cpu, it, to, from, |a, b| a.lanes(operation, bits, b));
    }
    cpu.by_halves(it, to, from, |_, a, b| {
        let each = |operation| a[half].lanes(operation, bits, b[half]);
        [InterleaveLow, InterleaveHigh].map(each)
    })
}

/// What two bits of the immediate choose for an element.
pub(super) fn selected(it: &Instruction, number: u8) -> u8 {
    (it.immediate >> (2 * number) & 3) as u8
}

#[inline(always)]
fn shuffled_words<D: Domain>(cpu: D, it: &Instruction, word: D::Word) -> D::Word {
    let each = |n| cpu.lane(&[word], 16, selected(it, n)) << cpu.imm(16 * n);
    each(0) | each(1) | each(2) | each(3)
}

/// Eight bytes of words in a row from a byte on; beyond their end there are zeros.
#[inline(always)]
pub(super) fn window<D: Domain>(cpu: D, words: &[D::Word], byte: u8) -> D::Word {
    let word = |n: u8| words.get(usize::from(n)).copied();
    let (low, high) = (word(byte / 8), word(byte / 8 + 1));
    let shift = byte % 8 * 8;
    match (low, high) {
        (None, _) => cpu.imm(0),
        (Some(low), _) if shift == 0 => low,
        (Some(low), None) => low >> cpu.imm(shift),
        (Some(low), Some(high)) => low >> cpu.imm(shift) | high << cpu.imm(64 - shift),
    }
}

/// Sixteen bytes of words in a row from a byte on.
#[inline(always)]
fn windows<D: Domain>(cpu: D, words: &[D::Word], byte: u8) -> [D::Word; 2] {
    let second = byte.saturating_add(8);
    [byte, second].map(|byte| window(cpu, words, byte))
}

#[inline(always)]
fn extract<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    if is_mmx(from) {
        return extract_from_mmx(cpu, it, to, from);
    }
    let value = cpu.lane(&cpu.xmm(from), bits, number(it, bits));
    cpu.set(it, to, value)
}

#[inline(always)]
fn insert<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    if is_mmx(to) {
        return insert_into_mmx(cpu, it, to, from);
    }
    let value = cpu.get(it, from)?;
    let result = cpu.with_lane(cpu.xmm(to), bits, number(it, bits), value);
    cpu.set_xmm(it, to, result);
    Ok(())
}

/// The element that the immediate numbers.
fn number(it: &Instruction, bits: u8) -> u8 {
    it.immediate as u8 & (128 / bits - 1)
}

/// The lowest elements, extended from one width to another.
#[inline(always)]
fn extend<D: Domain>(
    cpu: D,
    it: &Instruction,
    (bits, wide): (u8, u8),
    signed: bool,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let each = 128 / wide;
    let all = cpu.low_elements(it, from, each * bits)?;
    let result = cpu.each_half(it, |half| {
        cpu.of_lanes(wide, |n| {
            let lane = cpu.lane(&all, bits, half as u8 * each + n);
            if signed {
                lane.sext(bits).zext(wide)
            } else {
                lane
            }
        })
    });
    cpu.set_halves(it, to, result);
    Ok(())
}

static BYTES: Helper = Helper {
    name: "bytes",
    arity: 3,
    function: bytes,
};

/// The bytes of two words that each byte of the third numbers; zero where its top bit is set.
extern "C" fn bytes(low: u64, high: u64, control: u64) -> u64 {
    let all = (u128::from(high) << 64 | u128::from(low)).to_le_bytes();
    u64::from_le_bytes(control.to_le_bytes().map(|number| match number >> 7 {
        0 => all[usize::from(number & 15)],
        _ => 0,
    }))
}
