//! Binary arithmetic instructions.

use super::flags::Flags;
use super::transfer::part;
use super::{Hart, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{AF, CF, OF, RAX, RDX};
use portolan_machine::domain::{Domain, Helper, Word};
use portolan_machine::memory::Rmw;
use portolan_machine::trap::Trap;

semantics! {
    add |cpu, it, to, from| {
        let b = cpu.get_like(it, from, to)?;
        let (a, sum) = cpu.modify_by(it, to, Rmw::Add, b)?;
        cpu.flags_of_sum(to.bits, a, b, sum);
        cpu.set_flag(CF, sum.lt_u(a));
    };
    adc |cpu, it, to, from| {
        let (b, carry) = (cpu.get_like(it, from, to)?, cpu.read(CF));
        let (a, sum) = cpu.modify(it, to, |a| a + b + carry)?;
        cpu.flags_of_sum(to.bits, a, b, sum);
        // Out of the highest bit: where both are set, or one of them and the sum's is not.
        cpu.write(CF, cpu.bit(a & b | (a | b) & !sum, to.bits - 1));
    };
    sub |cpu, it, to, from| {
        let b = cpu.get_like(it, from, to)?;
        let (a, difference) = cpu.modify_by(it, to, Rmw::Add, -b)?;
        cpu.flags_of_difference(to.bits, a, b, difference);
        cpu.set_flag(CF, a.lt_u(b));
    };
    sbb |cpu, it, to, from| {
        let (b, borrow) = (cpu.get_like(it, from, to)?, cpu.read(CF));
        let (a, difference) = cpu.modify(it, to, |a| a - b - borrow)?;
        cpu.flags_of_difference(to.bits, a, b, difference);
        cpu.write(CF, cpu.bit(!a & b | (!a | b) & difference, to.bits - 1));
    };
    cmp |cpu, it, left, right| {
        let (a, b) = (cpu.get(it, left)?, cpu.get_like(it, right, left)?);
        cpu.flags_of_difference(left.bits, a, b, (a - b).zext(left.bits));
        cpu.set_flag(CF, a.lt_u(b));
    };
    inc |cpu, it, to| {
        let one = cpu.imm(1);
        let (a, sum) = cpu.modify_by(it, to, Rmw::Add, one)?;
        cpu.flags_of_sum(to.bits, a, one, sum);
    };
    dec |cpu, it, to| {
        let one = cpu.imm(1);
        let (a, difference) = cpu.modify_by(it, to, Rmw::Add, -one)?;
        cpu.flags_of_difference(to.bits, a, one, difference);
    };
    neg |cpu, it, to| {
        let (a, negated) = cpu.modify(it, to, |a| -a)?;
        cpu.flags_of_difference(to.bits, cpu.imm(0), a, negated);
        cpu.set_flag(CF, a.ne(cpu.imm(0)));
    };
}

// Multiplication and division
semantics! {
    mul  |cpu, it, by| {
        let bits = by.bits;
        let (a, b) = (cpu.part(part(RAX, bits)), cpu.get(it, by)?);
        let (low, high) = match bits {
            64 => (a * b, a.mul_high_u(b)),
            _ => ((a * b).zext(bits), (a * b) >> cpu.imm(bits)),
        };
        set_product(cpu, bits, low, high);
        set_overflow(cpu, bits, high.ne(cpu.imm(0)), low);
    };
    imul |cpu, it, to, from, by| match (from.kind, by.kind) {
        (Kind::None, _) => {
            let bits = to.bits;
            let (a, b) = (cpu.part(part(RAX, bits)).sext(bits), cpu.get(it, to)?.sext(bits));
            let (low, high) = match bits {
                64 => (a * b, a.mul_high_s(b)),
                _ => ((a * b).zext(bits), ((a * b) >> cpu.imm(bits)).zext(bits)),
            };
            set_product(cpu, bits, low, high);
            let sign = low.sext(bits).sar(cpu.imm(63)).zext(bits);
            set_overflow(cpu, bits, high.ne(sign), low);
        }
        (_, Kind::None) => {
            let (a, b) = (cpu.get(it, to)?, cpu.get(it, from)?);
            multiply(cpu, it, to, a, b)?;
        }
        _ => {
            let (a, b) = (cpu.get(it, from)?, cpu.get_like(it, by, to)?);
            multiply(cpu, it, to, a, b)?;
        }
    };
    div  |cpu, it, by| {
        let bits = by.bits;
        let divisor = cpu.get(it, by)?;
        let (low, high) = dividend(cpu, bits);
        // A quotient that does not fit has a high part that is not below the divisor: so does each
        // one by zero.
        cpu.trap_when(high.ge_u(divisor), divide_error())?;
        if bits == 64 {
            // Mostly there is nothing in the upper half.
            let is_wide = high.ne(cpu.imm(0));
            cpu.when(is_wide, || {
                let arguments = [high, low, divisor];
                let quotient = cpu.call(&QUOTIENT, arguments);
                set_product(cpu, bits, quotient, cpu.call(&REMAINDER, arguments));
                Ok(())
            })?;
            return cpu.when(!is_wide, || {
                set_product(cpu, bits, low.div_u(divisor), low.rem_u(divisor));
                Ok(())
            });
        }
        let whole = high << cpu.imm(bits) | low;
        let (quotient, remainder) = (whole.div_u(divisor), whole.rem_u(divisor));
        set_product(cpu, bits, quotient.zext(bits), remainder.zext(bits));
    };
    idiv |cpu, it, by| {
        let bits = by.bits;
        let divisor = cpu.get(it, by)?.sext(bits);
        let (low, high) = dividend(cpu, bits);
        cpu.trap_when(divisor.eq(cpu.imm(0)), divide_error())?;
        if bits == 64 {
            // Mostly the upper half is the sign of the lower one, and the quotient exists.
            let lowest = low.eq(cpu.constant(1 << 63)) & divisor.eq(cpu.imm(-1));
            let is_wide = high.ne(low.sar(cpu.imm(63))) | lowest;
            cpu.when(is_wide, || {
                let arguments = [high, low, divisor];
                let fits = cpu.call(&SIGNED_FITS, arguments);
                cpu.trap_when(fits.eq(cpu.imm(0)), divide_error())?;
                let quotient = cpu.call(&SIGNED_QUOTIENT, arguments);
                set_product(cpu, bits, quotient, cpu.call(&SIGNED_REMAINDER, arguments));
                Ok(())
            })?;
            return cpu.when(!is_wide, || {
                set_product(cpu, bits, low.div_s(divisor), low.rem_s(divisor));
                Ok(())
            });
        }
        let whole = (high << cpu.imm(bits) | low).sext(2 * bits);
        // The one quotient of 64 bits that does not exist is replaced before it is computed.
        let lowest = whole.eq(cpu.constant(1 << 63)) & divisor.eq(cpu.imm(-1));
        let divisor = cpu.select(lowest, cpu.imm(1), divisor);
        let quotient = whole.div_s(divisor);
        cpu.trap_when(quotient.ne(quotient.sext(bits)), divide_error())?;
        let remainder = whole.rem_s(divisor);
        set_product(cpu, bits, quotient.zext(bits), remainder.zext(bits));
    };
}

/// The trap of a division by zero, or whose quotient does not fit: #DE.
pub const DIVIDE_ERROR_CODE: u32 = 0;

fn divide_error<W>() -> Trap<W> {
    Trap::Software {
        code: DIVIDE_ERROR_CODE,
    }
}

/// A product of two operands, cut to their size.
#[inline(always)]
fn multiply<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    a: D::Word,
    b: D::Word,
) -> Result<(), D::Leave> {
    let bits = to.bits;
    let (a, b) = (a.sext(bits), b.sext(bits));
    let product = a * b;
    let overflows = match bits {
        64 => a.mul_high_s(b).ne(product.sar(cpu.imm(63))),
        _ => product.ne(product.sext(bits)),
    };
    let product = product.zext(bits);
    set_overflow(cpu, bits, overflows, product);
    cpu.set(it, to, product)
}

/// CF and OF tell whether a product fits. The manual leaves the others undefined.
#[inline(always)]
fn set_overflow<D: Domain>(cpu: D, bits: u8, overflows: D::Condition, low: D::Word) {
    cpu.flags_of_result(bits, low);
    cpu.write(AF, cpu.imm(0));
    cpu.set_flag(CF, overflows);
    cpu.set_flag(OF, overflows);
}

/// Writes rax and rdx of a size; of a byte, al and ah.
#[inline(always)]
fn set_product<D: Domain>(cpu: D, bits: u8, low: D::Word, high: D::Word) {
    cpu.set_part(part(RAX, bits), low);
    match bits {
        8 => cpu.set_part(
            Operand {
                shift: 8,
                ..part(RAX, 8)
            },
            high,
        ),
        _ => cpu.set_part(part(RDX, bits), high),
    }
}

/// What is divided: rax and rdx of a size; of a byte, al and ah.
#[inline(always)]
fn dividend<D: Domain>(cpu: D, bits: u8) -> (D::Word, D::Word) {
    let low = cpu.part(part(RAX, bits));
    let high = match bits {
        8 => cpu.part(Operand {
            shift: 8,
            ..part(RAX, 8)
        }),
        _ => cpu.part(part(RDX, bits)),
    };
    (low, high)
}

static QUOTIENT: Helper = Helper {
    name: "quotient128",
    arity: 3,
    function: quotient,
};
static REMAINDER: Helper = Helper {
    name: "remainder128",
    arity: 3,
    function: remainder,
};
static SIGNED_FITS: Helper = Helper {
    name: "signed_quotient128_fits",
    arity: 3,
    function: signed_fits,
};
static SIGNED_QUOTIENT: Helper = Helper {
    name: "signed_quotient128",
    arity: 3,
    function: signed_quotient,
};
static SIGNED_REMAINDER: Helper = Helper {
    name: "signed_remainder128",
    arity: 3,
    function: signed_remainder,
};

fn whole(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

extern "C" fn quotient(high: u64, low: u64, divisor: u64) -> u64 {
    whole(high, low).checked_div(divisor.into()).unwrap_or(0) as u64
}

extern "C" fn remainder(high: u64, low: u64, divisor: u64) -> u64 {
    whole(high, low).checked_rem(divisor.into()).unwrap_or(0) as u64
}

fn divided(high: u64, low: u64, divisor: u64) -> Option<(i64, i64)> {
    let (whole, divisor) = (whole(high, low) as i128, i128::from(divisor as i64));
    let quotient = whole.checked_div(divisor)?;
    Some((quotient.try_into().ok()?, (whole % divisor) as i64))
}

extern "C" fn signed_fits(high: u64, low: u64, divisor: u64) -> u64 {
    divided(high, low, divisor).is_some().into()
}

extern "C" fn signed_quotient(high: u64, low: u64, divisor: u64) -> u64 {
    divided(high, low, divisor).map_or(0, |(quotient, _)| quotient as u64)
}

extern "C" fn signed_remainder(high: u64, low: u64, divisor: u64) -> u64 {
    divided(high, low, divisor).map_or(0, |(_, remainder)| remainder as u64)
}
