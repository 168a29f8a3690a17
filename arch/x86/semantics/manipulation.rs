//! Bit manipulation: BMI1, BMI2, LZCNT, and the additions of ADX.

use super::flags::Flags;
use super::shift::rotated_right;
use super::{Hart, semantics};
use crate::decode::{Instruction, Operand};
use crate::regs::{CF, OF, RDX, SF, ZF};
use portolan_machine::domain::{Condition, Domain, Helper, Word};

semantics! {
    andn   |cpu, it, to, a, b| {
        let result = !cpu.part(a) & cpu.get(it, b)?;
        set_result(cpu, to, result, cpu.imm(0));
    };
    blsi   |cpu, it, to, from| {
        let x = cpu.get(it, from)?;
        set_result(cpu, to, (x & -x).zext(to.bits), is_set(cpu, x));
    };
    blsr   |cpu, it, to, from| {
        let x = cpu.get(it, from)?;
        set_result(cpu, to, x & (x - cpu.imm(1)), is_clear(cpu, x));
    };
    blsmsk |cpu, it, to, from| {
        let x = cpu.get(it, from)?;
        set_result(cpu, to, (x ^ (x - cpu.imm(1))).zext(to.bits), is_clear(cpu, x));
    };
    bextr  |cpu, it, to, from, control| {
        let (x, control) = (cpu.get(it, from)?, cpu.part(control));
        let (start, length) = (control.zext(8), (control >> cpu.imm(8)).zext(8));
        let field = shifted_out(cpu, start, x >> start, cpu.imm(0));
        let result = lowest(cpu, field, length);
        cpu.set_part(to, result);
        cpu.set_flag(ZF, result.eq(cpu.imm(0)));
        cpu.write(CF, cpu.imm(0));
        cpu.write(OF, cpu.imm(0));
    };
    bzhi   |cpu, it, to, from, index| {
        let (x, index) = (cpu.get(it, from)?, cpu.part(index).zext(8));
        set_result(cpu, to, lowest(cpu, x, index), is_at_least(cpu, index, to.bits));
    };
    tzcnt  |cpu, it, to, from| {
        let x = cpu.get(it, from)?;
        // The bit beyond the operand ends the search.
        let end = match to.bits {
            64 => cpu.imm(0),
            bits => cpu.imm(1i64 << bits),
        };
        set_count(cpu, to, x, (x | end).trailing_zeros());
    };
    lzcnt  |cpu, it, to, from| {
        let x = cpu.get(it, from)?;
        set_count(cpu, to, x, x.leading_zeros() - cpu.imm(64 - to.bits));
    };
    pdep   |cpu, it, to, from, mask| {
        let (x, mask) = (cpu.part(from), cpu.get(it, mask)?);
        cpu.set_part(to, cpu.call(&DEPOSITED, [x, mask, cpu.imm(0)]));
    };
    pext   |cpu, it, to, from, mask| {
        let (x, mask) = (cpu.part(from), cpu.get(it, mask)?);
        cpu.set_part(to, cpu.call(&EXTRACTED, [x, mask, cpu.imm(0)]));
    };
    // The lower half is written first: where both are one register, that has the upper one.
    mulx   |cpu, it, high, low, by| {
        let bits = high.bits;
        let (a, b) = (cpu.read(RDX).zext(bits), cpu.get(it, by)?);
        let upper = match bits {
            64 => a.mul_high_u(b),
            _ => (a * b) >> cpu.imm(bits),
        };
        cpu.set_part(low, (a * b).zext(bits));
        cpu.set_part(high, upper);
    };
    rorx   |cpu, it, to, from| {
        let (x, n) = (cpu.get(it, from)?, cpu.constant(it.immediate));
        cpu.set_part(to, rotated_right(cpu, to.bits, x, n));
    };
    sarx   |cpu, it, to, from, by| {
        let (x, n) = (cpu.get(it, from)?.sext(to.bits), count(cpu, to, by));
        cpu.set_part(to, x.sar(n).zext(to.bits));
    };
    shlx   |cpu, it, to, from, by| {
        let (x, n) = (cpu.get(it, from)?, count(cpu, to, by));
        cpu.set_part(to, (x << n).zext(to.bits));
    };
    shrx   |cpu, it, to, from, by| {
        let (x, n) = (cpu.get(it, from)?, count(cpu, to, by));
        cpu.set_part(to, x >> n);
    };
    adcx   |cpu, it, to, from| add_carry(cpu, it, CF, to, from)?;
    adox   |cpu, it, to, from| add_carry(cpu, it, OF, to, from)?;
}

/// A result with its flags; the manual leaves AF and PF undefined.
#[inline(always)]
fn set_result<D: Domain>(cpu: D, to: Operand, result: D::Word, carry: D::Word) {
    cpu.set_part(to, result);
    cpu.set_flag(ZF, result.eq(cpu.imm(0)));
    cpu.write(SF, cpu.bit(result, to.bits - 1));
    cpu.write(CF, carry);
    cpu.write(OF, cpu.imm(0));
}

/// A count of zeros; the manual leaves the other flags undefined.
#[inline(always)]
fn set_count<D: Domain>(cpu: D, to: Operand, x: D::Word, zeros: D::Word) {
    cpu.set_part(to, zeros);
    cpu.write(CF, is_clear(cpu, x));
    cpu.set_flag(ZF, zeros.eq(cpu.imm(0)));
}

#[inline(always)]
fn is_set<D: Domain>(cpu: D, x: D::Word) -> D::Word {
    x.ne(cpu.imm(0)).word()
}

#[inline(always)]
fn is_clear<D: Domain>(cpu: D, x: D::Word) -> D::Word {
    x.eq(cpu.imm(0)).word()
}

#[inline(always)]
fn is_at_least<D: Domain>(cpu: D, x: D::Word, least: u8) -> D::Word {
    x.ge_u(cpu.imm(least)).word()
}

/// A word after a shift, or what it is where the shift is by 64 or more.
#[inline(always)]
fn shifted_out<D: Domain>(cpu: D, by: D::Word, shifted: D::Word, beyond: D::Word) -> D::Word {
    cpu.select(by.lt_u(cpu.imm(64)), shifted, beyond)
}

/// The lowest bits of a word: all, from 64 on.
#[inline(always)]
fn lowest<D: Domain>(cpu: D, x: D::Word, count: D::Word) -> D::Word {
    let above = shifted_out(cpu, count, cpu.imm(-1) << count, cpu.imm(0));
    x & !above
}

/// A count of a shift: its low five bits, or six for 64 bits.
#[inline(always)]
fn count<D: Domain>(cpu: D, to: Operand, by: Operand) -> D::Word {
    cpu.read(by.slot) & cpu.imm(to.bits - 1)
}

/// A sum whose carry comes from a flag and goes there; no other flag changes.
#[inline(always)]
fn add_carry<D: Domain>(
    cpu: D,
    it: &Instruction,
    flag: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let (a, b) = (cpu.part(to), cpu.get(it, from)?);
    let sum = (a + b + cpu.read(flag)).zext(to.bits);
    cpu.write(flag, cpu.bit(a & b | (a | b) & !sum, to.bits - 1));
    cpu.set_part(to, sum);
    Ok(())
}

static DEPOSITED: Helper = Helper {
    name: "deposited",
    arity: 2,
    function: deposited,
};

static EXTRACTED: Helper = Helper {
    name: "extracted",
    arity: 2,
    function: extracted,
};

/// The low bits of a word at the places that are set in a mask.
extern "C" fn deposited(x: u64, mut mask: u64, _: u64) -> u64 {
    let (mut result, mut next) = (0, x);
    while mask != 0 {
        let place = mask & mask.wrapping_neg();
        result |= place & (next & 1).wrapping_neg();
        next >>= 1;
        mask ^= place;
    }
    result
}

/// The bits of a word at the places that are set in a mask, in the low bits.
extern "C" fn extracted(x: u64, mut mask: u64, _: u64) -> u64 {
    let (mut result, mut number) = (0, 0);
    while mask != 0 {
        let place = mask & mask.wrapping_neg();
        result |= u64::from(x & place != 0) << number;
        number += 1;
        mask ^= place;
    }
    result
}
