//! Integer arithmetic, comparisons, logic and shifts.

use super::{Vector, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{AF, CF, OF, PF, SF, ZF};
use crate::semantics::flags::Flags;
use crate::semantics::mmx::{in_mmx, is_mmx, shift_mmx};
use portolan_machine::domain::Lanes::{self, *};
use portolan_machine::domain::{Domain, Helper, Word};

semantics! { out of line:
    paddb   |cpu, it, to, from| each(cpu, it, Add, 8, to, from)?;
    paddw   |cpu, it, to, from| each(cpu, it, Add, 16, to, from)?;
    paddd   |cpu, it, to, from| each(cpu, it, Add, 32, to, from)?;
    paddq   |cpu, it, to, from| each(cpu, it, Add, 64, to, from)?;
    paddsb  |cpu, it, to, from| each(cpu, it, AddSaturatingSigned, 8, to, from)?;
    paddsw  |cpu, it, to, from| each(cpu, it, AddSaturatingSigned, 16, to, from)?;
    paddusb |cpu, it, to, from| each(cpu, it, AddSaturatingUnsigned, 8, to, from)?;
    paddusw |cpu, it, to, from| each(cpu, it, AddSaturatingUnsigned, 16, to, from)?;
    psubb   |cpu, it, to, from| each(cpu, it, Sub, 8, to, from)?;
    psubw   |cpu, it, to, from| each(cpu, it, Sub, 16, to, from)?;
    psubd   |cpu, it, to, from| each(cpu, it, Sub, 32, to, from)?;
    psubq   |cpu, it, to, from| each(cpu, it, Sub, 64, to, from)?;
    psubsb  |cpu, it, to, from| each(cpu, it, SubSaturatingSigned, 8, to, from)?;
    psubsw  |cpu, it, to, from| each(cpu, it, SubSaturatingSigned, 16, to, from)?;
    psubusb |cpu, it, to, from| each(cpu, it, SubSaturatingUnsigned, 8, to, from)?;
    psubusw |cpu, it, to, from| each(cpu, it, SubSaturatingUnsigned, 16, to, from)?;
    pmullw  |cpu, it, to, from| each(cpu, it, Mul, 16, to, from)?;
    pmulld  |cpu, it, to, from| each(cpu, it, Mul, 32, to, from)?;
    pmulhw  |cpu, it, to, from| each(cpu, it, MulHighSigned, 16, to, from)?;
    pmulhuw |cpu, it, to, from| each(cpu, it, MulHighUnsigned, 16, to, from)?;
    pmulhrsw |cpu, it, to, from| each(cpu, it, MulRounded, 16, to, from)?;
    pmuludq |cpu, it, to, from| words(cpu, it, to, from, |a, b| a.zext(32) * b.zext(32))?;
    pmuldq  |cpu, it, to, from| words(cpu, it, to, from, |a, b| a.sext(32) * b.sext(32))?;
    pmaddwd |cpu, it, to, from| each(cpu, it, MulAddNeighbours, 16, to, from)?;
    pmaddubsw |cpu, it, to, from| each(cpu, it, MulAddNeighboursSaturating, 8, to, from)?;
    pavgb   |cpu, it, to, from| each(cpu, it, Average, 8, to, from)?;
    pavgw   |cpu, it, to, from| each(cpu, it, Average, 16, to, from)?;
    psadbw  |cpu, it, to, from| each(cpu, it, SumOfDifferences, 8, to, from)?;
    pminsb  |cpu, it, to, from| each(cpu, it, MinSigned, 8, to, from)?;
    pminsw  |cpu, it, to, from| each(cpu, it, MinSigned, 16, to, from)?;
    pminsd  |cpu, it, to, from| each(cpu, it, MinSigned, 32, to, from)?;
    pminub  |cpu, it, to, from| each(cpu, it, MinUnsigned, 8, to, from)?;
    pminuw  |cpu, it, to, from| each(cpu, it, MinUnsigned, 16, to, from)?;
    pminud  |cpu, it, to, from| each(cpu, it, MinUnsigned, 32, to, from)?;
    pmaxsb  |cpu, it, to, from| each(cpu, it, MaxSigned, 8, to, from)?;
    pmaxsw  |cpu, it, to, from| each(cpu, it, MaxSigned, 16, to, from)?;
    pmaxsd  |cpu, it, to, from| each(cpu, it, MaxSigned, 32, to, from)?;
    pmaxub  |cpu, it, to, from| each(cpu, it, MaxUnsigned, 8, to, from)?;
    pmaxuw  |cpu, it, to, from| each(cpu, it, MaxUnsigned, 16, to, from)?;
    pmaxud  |cpu, it, to, from| each(cpu, it, MaxUnsigned, 32, to, from)?;
    pabsb   |cpu, it, to, from| absolute(cpu, it, 8, to, from)?;
    pabsw   |cpu, it, to, from| absolute(cpu, it, 16, to, from)?;
    pabsd   |cpu, it, to, from| absolute(cpu, it, 32, to, from)?;
    psignb  |cpu, it, to, from| sign(cpu, it, 8, to, from)?;
    psignw  |cpu, it, to, from| sign(cpu, it, 16, to, from)?;
    psignd  |cpu, it, to, from| sign(cpu, it, 32, to, from)?;
    phaddw  |cpu, it, to, from| both(cpu, it, AddNeighbours, 16, to, from)?;
    phaddd  |cpu, it, to, from| both(cpu, it, AddNeighbours, 32, to, from)?;
    phaddsw |cpu, it, to, from| both(cpu, it, AddNeighboursSaturating, 16, to, from)?;
    phsubw  |cpu, it, to, from| both(cpu, it, SubNeighbours, 16, to, from)?;
    phsubd  |cpu, it, to, from| both(cpu, it, SubNeighbours, 32, to, from)?;
    phsubsw |cpu, it, to, from| both(cpu, it, SubNeighboursSaturating, 16, to, from)?;
    mpsadbw |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |half, a, b| {
            let choice = (it.immediate >> (3 * half)) as u8;
            let (block, start) = (cpu.lane(&b, 32, choice & 3), choice & 4);
            let all = [a[0], a[1], cpu.imm(0)];
            [start, start + 4].map(|byte| {
                let window = super::shuffle::window(cpu, &all, byte);
                cpu.call(&DIFFERENCES, [window, block, cpu.imm(0)])
            })
        })?;
    };
    phminposuw |cpu, it, to, from| {
        let [low, high] = cpu.vector(it, from)?;
        cpu.set_xmm(it, to, [cpu.call(&LEAST, [low, high, cpu.imm(0)]), cpu.imm(0)]);
    };
}

// Comparisons
semantics! { out of line:
    pcmpeqb |cpu, it, to, from| each(cpu, it, Equal, 8, to, from)?;
    pcmpeqw |cpu, it, to, from| each(cpu, it, Equal, 16, to, from)?;
    pcmpeqd |cpu, it, to, from| each(cpu, it, Equal, 32, to, from)?;
    pcmpeqq |cpu, it, to, from| each(cpu, it, Equal, 64, to, from)?;
    pcmpgtb |cpu, it, to, from| each(cpu, it, GreaterSigned, 8, to, from)?;
    pcmpgtw |cpu, it, to, from| each(cpu, it, GreaterSigned, 16, to, from)?;
    pcmpgtd |cpu, it, to, from| each(cpu, it, GreaterSigned, 32, to, from)?;
    pcmpgtq |cpu, it, to, from| each(cpu, it, GreaterSigned, 64, to, from)?;
    ptest   |cpu, it, to, from| {
        tested(cpu, it, u64::MAX, to, from)?;
    };
}

// Logic
semantics! { out of line:
    pand  |cpu, it, to, from| words(cpu, it, to, from, |a, b| a & b)?;
    pandn |cpu, it, to, from| words(cpu, it, to, from, |a, b| !a & b)?;
    por   |cpu, it, to, from| words(cpu, it, to, from, |a, b| a | b)?;
    pxor  |cpu, it, to, from| {
        // Of a register with itself it is zero, whatever that holds.
        if from.kind == Kind::Register && to.source == from.slot && !is_mmx(to) {
            let zero = [cpu.imm(0), cpu.imm(0)];
            cpu.set_halves(it, to, [zero, zero]);
        } else {
            words(cpu, it, to, from, |a, b| a ^ b)?;
        }
    };
}

// Shifts
semantics! { out of line:
    psllw  |cpu, it, to, by| shift(cpu, it, ShiftLeft, 16, to, by)?;
    pslld  |cpu, it, to, by| shift(cpu, it, ShiftLeft, 32, to, by)?;
    psllq  |cpu, it, to, by| shift(cpu, it, ShiftLeft, 64, to, by)?;
    psrlw  |cpu, it, to, by| shift(cpu, it, ShiftRight, 16, to, by)?;
    psrld  |cpu, it, to, by| shift(cpu, it, ShiftRight, 32, to, by)?;
    psrlq  |cpu, it, to, by| shift(cpu, it, ShiftRight, 64, to, by)?;
    psraw  |cpu, it, to, by| shift(cpu, it, ShiftRightArithmetic, 16, to, by)?;
    psrad  |cpu, it, to, by| shift(cpu, it, ShiftRightArithmetic, 32, to, by)?;
}

/// An operation on the lanes of each word.
#[inline(always)]
fn each<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Lanes,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    words(cpu, it, to, from, |a, b| a.lanes(operation, bits, b))
}

/// An operation on each word.
#[inline(always)]
fn words<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
    operation: impl Fn(D::Word, D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    if is_mmx(to) {
        return in_mmx(cpu, it, to, from, operation);
    }
    cpu.by_halves(it, to, from, |_, a, b| {
        [operation(a[0], b[0]), operation(a[1], b[1])]
    })
}

/// ZF if the operands have no bit of a mask in common, CF if the second has none beyond the first.
#[inline(always)]
pub(super) fn tested<D: Domain>(
    cpu: D,
    it: &Instruction,
    mask: u64,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let (a, b) = (cpu.halves(it, to), cpu.operand(it, from)?);
    let mask = cpu.constant(mask);
    let (mut common, mut beyond) = (cpu.imm(0), cpu.imm(0));
    for (half, number) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        if half < it.form.halves() {
            let (a, b) = (a[half][number], b[half][number] & mask);
            common = common | a & b;
            beyond = beyond | !a & b;
        }
    }
    cpu.set_flag(ZF, common.eq(cpu.imm(0)));
    cpu.set_flag(CF, beyond.eq(cpu.imm(0)));
    for flag in [AF, OF, PF, SF] {
        cpu.write(flag, cpu.imm(0));
    }
    Ok(())
}

/// An operation that makes one word of two: of the first operand, then of the second.
#[inline(always)]
pub(super) fn both<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Lanes,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    if is_mmx(to) {
        return in_mmx(cpu, it, to, from, |a, b| a.lanes(operation, bits, b));
    }
    cpu.by_halves(it, to, from, |_, a, b| {
        [a, b].map(|[low, high]| low.lanes(operation, bits, high))
    })
}

#[inline(always)]
fn absolute<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let positive = |x: D::Word| x.lanes(MaxSigned, bits, cpu.imm(0).lanes(Sub, bits, x));
    if is_mmx(to) {
        return in_mmx(cpu, it, to, from, |_, x| positive(x));
    }
    let x = cpu.operand(it, from)?;
    let result = cpu.each_half(it, |half| x[half].map(positive));
    cpu.set_halves(it, to, result);
    Ok(())
}

/// Lanes of the first operand with their signs inverted where the second is negative, and zero where
/// it is zero.
#[inline(always)]
fn sign<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    words(cpu, it, to, from, |a, b| {
        let negative = cpu.imm(0).lanes(GreaterSigned, bits, b);
        let zero = b.lanes(Equal, bits, cpu.imm(0));
        (a ^ negative).lanes(Sub, bits, negative) & !zero
    })
}

/// A shift by the immediate, or by all of the second operand's lower half.
#[inline(always)]
fn shift<D: Domain>(
    cpu: D,
    it: &Instruction,
    operation: Lanes,
    bits: u8,
    to: Operand,
    by: Operand,
) -> Result<(), D::Leave> {
    if is_mmx(to) {
        return shift_mmx(cpu, it, operation, bits, to, by);
    }
    let amount = match by.kind {
        Kind::Immediate => cpu.constant(it.immediate & 0xff),
        _ => cpu.vector(it, by)?[0],
    };
    let x = cpu.halves(it, to);
    let result = cpu.each_half(it, |half| {
        x[half].map(|word| word.lanes(operation, bits, amount))
    });
    cpu.set_halves(it, to, result);
    Ok(())
}

static DIFFERENCES: Helper = Helper {
    name: "sums_of_differences",
    arity: 2,
    function: differences,
};

/// The sums of absolute differences of four bytes and those at bytes 0 to 3 of a window.
extern "C" fn differences(window: u64, block: u64, _: u64) -> u64 {
    let (window, block) = (window.to_le_bytes(), block.to_le_bytes());
    let sum = |start: usize| -> u64 {
        let pairs = window[start..start + 4].iter().zip(&block);
        pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    };
    (0..4).fold(0, |all, n| all | sum(n) << (16 * n))
}

static LEAST: Helper = Helper {
    name: "least_word_and_its_number",
    arity: 2,
    function: least,
};

extern "C" fn least(low: u64, high: u64, _: u64) -> u64 {
    let lane = |n: u64| [low, high][n as usize / 4] >> (16 * (n % 4)) & 0xffff;
    let (value, number) = (0..8).map(|n| (lane(n), n)).min().unwrap_or_default();
    value | number << 16
}
