//! SSE4.2: comparisons of text (Volume 2, Section 4.1).
//!
//! The elements of both operands are compared in pairs, then the results in pairs are put together into
//! one for each place. Both are done for half an operand, or for half with half, at a time: the words of
//! a helper hold no more.

use super::{Vector, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{AF, CF, OF, PF, RAX, RCX, RDX, SF, XMM, ZF};
use crate::semantics::flags::Flags;
use portolan_machine::domain::{Domain, Helper, Word};

semantics! { out of line:
    pcmpistri |cpu, it, to, from| {
        let found = implicit(cpu, it, to, from)?;
        set_index(cpu, it, found);
    };
    pcmpistrm |cpu, it, to, from| {
        let found = implicit(cpu, it, to, from)?;
        set_mask(cpu, it, found);
    };
    pcmpestri |cpu, it, to, from| {
        let found = explicit(cpu, it, to, from)?;
        set_index(cpu, it, found);
    };
    pcmpestrm |cpu, it, to, from| {
        let found = explicit(cpu, it, to, from)?;
        set_mask(cpu, it, found);
    };
}

/// Of texts that end with a zero.
#[inline(always)]
fn implicit<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
) -> Result<D::Word, D::Leave> {
    let (a, b) = (cpu.xmm(to), cpu.unaligned_vector(it, from)?);
    let length = |[low, high]: [D::Word; 2]| cpu.call(&LENGTH, [low, high, control(cpu, it)]);
    Ok(compare(cpu, it, a, b, [length(a), length(b)]))
}

/// Of texts whose lengths are in eax and edx.
#[inline(always)]
fn explicit<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
) -> Result<D::Word, D::Leave> {
    let (a, b) = (cpu.xmm(to), cpu.unaligned_vector(it, from)?);
    let lengths = [RAX, RDX].map(|slot| {
        let length = cpu.read(slot);
        let length = match it.condition {
            WIDE => length,
            _ => length.sext(32),
        };
        let negative = length.lt_s(cpu.imm(0));
        let magnitude = cpu.select(negative, -length, length);
        magnitude.min_u(cpu.imm(elements(it)))
    });
    Ok(compare(cpu, it, a, b, lengths))
}

/// What [`Instruction::condition`] is where lengths have 64 bits.
pub const WIDE: u8 = 1;

/// A bit for each element of the second operand, and the flags.
#[inline(always)]
fn compare<D: Domain>(
    cpu: D,
    it: &Instruction,
    a: [D::Word; 2],
    b: [D::Word; 2],
    [a_length, b_length]: [D::Word; 2],
) -> D::Word {
    let control = control(cpu, it);
    let lengths = a_length << cpu.imm(A_LENGTH) | b_length << cpu.imm(B_LENGTH) | control;
    let halves = [0, 1].map(|half| {
        let pairs = b.map(|b| cpu.call(&PAIRS, [a[half], b, control]));
        let place = cpu.imm((half as i64) << HALF);
        cpu.call(&PLACES, [pairs[0], pairs[1], lengths | place])
    });
    let all = match aggregation(it.immediate) {
        Aggregation::EqualOrdered => halves[0] & halves[1],
        _ => halves[0] | halves[1],
    };
    // Inverted: all of it, or where the text is.
    let inverted = match it.immediate >> 4 & 3 {
        1 => cpu.imm((1i64 << elements(it)) - 1),
        3 => (cpu.imm(1) << b_length) - cpu.imm(1),
        _ => cpu.imm(0),
    };
    let all = all ^ inverted;
    cpu.set_flag(CF, all.ne(cpu.imm(0)));
    cpu.set_flag(ZF, b_length.lt_u(cpu.imm(elements(it))));
    cpu.set_flag(SF, a_length.lt_u(cpu.imm(elements(it))));
    cpu.write(OF, all & cpu.imm(1));
    cpu.write(AF, cpu.imm(0));
    cpu.write(PF, cpu.imm(0));
    all
}

/// ecx becomes the number of the lowest or highest bit; without any, that of the elements.
#[inline(always)]
fn set_index<D: Domain>(cpu: D, it: &Instruction, found: D::Word) {
    let none = cpu.imm(elements(it));
    let index = match it.immediate & 0x40 {
        0 => found.trailing_zeros(),
        _ => cpu.imm(63) - found.leading_zeros(),
    };
    let index = cpu.select(found.eq(cpu.imm(0)), none, index);
    cpu.write(RCX, index);
}

const ZEROTH: Operand = Operand {
    kind: Kind::Register,
    slot: XMM,
    source: XMM,
    bits: 128,
    shift: 0,
};

/// xmm0 becomes the bits, or an element of ones for each.
#[inline(always)]
fn set_mask<D: Domain>(cpu: D, it: &Instruction, found: D::Word) {
    let halves = match it.immediate & 0x40 {
        0 => [found, cpu.imm(0)],
        _ => {
            let half = elements(it) / 2;
            let of = |bits: D::Word| cpu.call(&EXPAND, [bits, control(cpu, it), cpu.imm(0)]);
            [of(found), of(found >> cpu.imm(half))]
        }
    };
    cpu.set_xmm(it, ZEROTH, halves);
}

#[inline(always)]
fn control<D: Domain>(cpu: D, it: &Instruction) -> D::Word {
    cpu.constant(it.immediate & 0xff)
}

/// How many elements an operand has.
fn elements(it: &Instruction) -> i64 {
    i64::from(128 / Elements::of(it.immediate).bits)
}

/// What the lowest two bits of the immediate say.
#[derive(Clone, Copy)]
struct Elements {
    bits: u32,
    signed: bool,
}

impl Elements {
    fn of(control: u64) -> Elements {
        Elements {
            bits: if control & 1 == 0 { 8 } else { 16 },
            signed: control & 2 != 0,
        }
    }

    /// How many are in a word.
    fn in_word(self) -> u32 {
        64 / self.bits
    }

    fn get(self, word: u64, number: u32) -> i64 {
        let raw = word >> (number * self.bits) << (64 - self.bits);
        match self.signed {
            true => raw.cast_signed() >> (64 - self.bits),
            false => (raw >> (64 - self.bits)) as i64,
        }
    }
}

/// How results in pairs are put together: bits 2 and 3 of the immediate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregation {
    /// Whether it is one of the first operand's elements.
    EqualAny,
    /// Whether it is in one of the ranges that pairs of the first operand's elements are.
    Ranges,
    /// Whether it equals the one in the same place.
    EqualEach,
    /// Whether the first operand's text begins here.
    EqualOrdered,
}

fn aggregation(control: u64) -> Aggregation {
    match control >> 2 & 3 {
        0 => Aggregation::EqualAny,
        1 => Aggregation::Ranges,
        2 => Aggregation::EqualEach,
        _ => Aggregation::EqualOrdered,
    }
}

static LENGTH: Helper = Helper {
    name: "length_of_text",
    arity: 3,
    function: length,
};

/// How many elements come before the first zero.
extern "C" fn length(low: u64, high: u64, control: u64) -> u64 {
    let elements = Elements::of(control);
    let count = elements.in_word();
    let is_zero = |n: &u32| {
        let word = if *n < count { low } else { high };
        elements.get(word, n % count) == 0
    };
    (0..2 * count).find(is_zero).unwrap_or(2 * count).into()
}

static PAIRS: Helper = Helper {
    name: "compared_pairs",
    arity: 3,
    function: pairs,
};

/// A bit for each pair of the elements of a word with those of another: that of a's element i and b's
/// element j is bit 8j + i.
extern "C" fn pairs(a: u64, b: u64, control: u64) -> u64 {
    let elements = Elements::of(control);
    let holds = |i: u32, j: u32| {
        let (a, b) = (elements.get(a, i), elements.get(b, j));
        match aggregation(control) {
            Aggregation::Ranges if i.is_multiple_of(2) => b >= a,
            Aggregation::Ranges => b <= a,
            _ => a == b,
        }
    };
    let count = elements.in_word();
    let mut all = 0;
    for j in 0..count {
        for i in 0..count {
            all |= u64::from(holds(i, j)) << (8 * j + i);
        }
    }
    all
}

/// Where the argument of [`places`] has the length of each text, and which half of a it is.
const A_LENGTH: u8 = 8;
const B_LENGTH: u8 = 16;
const HALF: u8 = 24;

static PLACES: Helper = Helper {
    name: "compared_places",
    arity: 3,
    function: places,
};

/// A bit for each place in b, as far as one half of a decides it, of the pairs of that half with the
/// lower and the upper half of b.
extern "C" fn places(lower: u64, upper: u64, control: u64) -> u64 {
    let count = Elements::of(control).in_word();
    let field = |place: u8| (control >> place & 0xff) as u32;
    let (a_length, b_length) = (field(A_LENGTH), field(B_LENGTH));
    let first = field(HALF) * count;
    let pair = |i: u32, j: u32| {
        let word = if j < count { lower } else { upper };
        word >> (8 * (j % count) + (i - first)) & 1 != 0
    };
    let mine = first..first + count;
    let holds = |place: &u32| {
        let j = *place;
        match aggregation(control) {
            Aggregation::EqualAny => {
                j < b_length && mine.clone().any(|i| i < a_length && pair(i, j))
            }
            Aggregation::Ranges => {
                let mut lows = mine.clone().step_by(2);
                j < b_length && lows.any(|i| i + 1 < a_length && pair(i, j) && pair(i + 1, j))
            }
            Aggregation::EqualEach if !mine.contains(&j) => false,
            Aggregation::EqualEach => match (j < a_length, j < b_length) {
                (true, true) => pair(j, j),
                (false, false) => true,
                _ => false,
            },
            // What of a's text lies beyond the operand is not compared.
            Aggregation::EqualOrdered => mine.clone().all(|i| {
                let k = j + i;
                i >= a_length || k >= 2 * count || k < b_length && pair(i, k)
            }),
        }
    };
    let chosen = (0..2 * count).filter(holds);
    chosen.fold(0, |all, place| all | 1 << place)
}

static EXPAND: Helper = Helper {
    name: "elements_of_ones",
    arity: 2,
    function: expand,
};

extern "C" fn expand(bits: u64, control: u64, _: u64) -> u64 {
    let elements = Elements::of(control);
    let ones = u64::MAX >> (64 - elements.bits);
    let chosen = (0..elements.in_word()).filter(|n| bits >> n & 1 != 0);
    chosen.fold(0, |all, n| all | ones << (n * elements.bits))
}
