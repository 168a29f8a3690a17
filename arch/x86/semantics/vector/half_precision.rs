//! F16C: numbers of 16 bits, of which 10 are the fraction's, from singles and to them. Their subnormal
//! numbers are not denormal operands, and are never cleared (Volume 1, Section 14.4.1).

use super::control::{Floats, ROUNDINGS};
use super::{Hart, Vector, semantics};
use crate::decode::Kind;
use crate::regs::{FLOAT_FLAGS, FLOAT_MODES};
use portolan_machine::domain::{Domain, Helper, Word};
use portolan_machine::float::{Flags, OPERANDS_ARE_ZERO, Rounding, UNDERFLOW_TRAPS};
use portolan_machine::memory::Access;

semantics! { out of line:
    vcvtph2ps |cpu, it, to, from| {
        let x = cpu.low_elements(it, from, 64)?;
        let before = cpu.begin();
        let all = cpu.each_half(it, |half| {
            cpu.of_lanes(32, |n| {
                let result = cpu.call(&WIDENED, [cpu.lane(&[x[half]], 16, n), cpu.imm(0), cpu.imm(0)]);
                raise(cpu, result >> cpu.imm(32));
                result.zext(32)
            })
        });
        cpu.finish(before)?;
        cpu.set_halves(it, to, all);
    };
    vcvtps2ph |cpu, it, to, from| {
        let x = cpu.halves(it, from);
        let modes = cpu.read(FLOAT_MODES);
        let modes = match it.immediate & 4 {
            0 => {
                let direction = ROUNDINGS[(it.immediate & 3) as usize];
                modes & cpu.imm(!7i64) | cpu.imm(direction.index())
            }
            _ => modes,
        };
        let before = cpu.begin();
        let mut words = [cpu.imm(0), cpu.imm(0)];
        for half in 0..it.form.halves() {
            for n in 0..4 {
                let single = cpu.lane(&x[half], 32, n);
                let result = cpu.call(&NARROWED, [single, modes, cpu.imm(0)]);
                raise(cpu, result >> cpu.imm(32));
                words[half] = words[half] | result.zext(16) << cpu.imm(16 * n);
            }
        }
        cpu.finish(before)?;
        match to.kind {
            Kind::Memory => {
                let at = cpu.at(it);
                cpu.store(Access::U64, at, words[0])?;
                if it.form.halves() == 2 {
                    cpu.store(Access::U64, at + cpu.imm(8), words[1])?;
                }
            }
            _ => cpu.set_xmm(it, to, words),
        }
    };
}

/// Adds exceptions to those raised.
#[inline(always)]
fn raise<D: Domain>(cpu: D, exceptions: D::Word) {
    cpu.write(FLOAT_FLAGS, cpu.read(FLOAT_FLAGS) | exceptions);
}

static WIDENED: Helper = Helper {
    name: "single_of_half",
    arity: 1,
    function: widened,
};

static NARROWED: Helper = Helper {
    name: "half_of_single",
    arity: 2,
    function: narrowed,
};

/// A single, and above it the exceptions.
extern "C" fn widened(half: u64, _: u64, _: u64) -> u64 {
    let (sign, exponent, fraction) = (half >> 15 & 1, half >> 10 & 31, half & 0x3ff);
    let magnitude = match (exponent, fraction) {
        (31, 0) => 0xff << 23,
        (31, _) => 0xff << 23 | 1 << 22 | fraction << 13,
        (0, 0) => 0,
        (0, _) => {
            // Its highest one becomes the one that is not stored.
            let shift = u64::from(fraction.leading_zeros()) - 53;
            (113 - shift) << 23 | (fraction << shift & 0x3ff) << 13
        }
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    let signals = exponent == 31 && fraction != 0 && fraction >> 9 == 0;
    let raised = if signals { Flags::INVALID } else { Flags::NONE };
    u64::from(raised.bits()) << 32 | sign << 31 | magnitude
}

/// A half-precision number, and the exceptions above 32 bits.
extern "C" fn narrowed(single: u64, modes: u64, _: u64) -> u64 {
    let (sign, exponent, fraction) = (single >> 31 & 1, single >> 23 & 0xff, single & 0x7f_ffff);
    let result =
        |raised: Flags, magnitude: u64| u64::from(raised.bits()) << 32 | sign << 15 | magnitude;
    match (exponent, fraction) {
        (0xff, 0) => return result(Flags::NONE, 31 << 10),
        (0xff, _) => {
            let signals = fraction >> 22 == 0;
            let raised = if signals { Flags::INVALID } else { Flags::NONE };
            return result(raised, 31 << 10 | 1 << 9 | fraction >> 13);
        }
        (0, 0) => return result(Flags::NONE, 0),
        (0, _) if modes & OPERANDS_ARE_ZERO != 0 => return result(Flags::NONE, 0),
        _ => {}
    }
    let mut raised = match exponent {
        0 => Flags::DENORMAL,
        _ => Flags::NONE,
    };
    let significand = if exponent == 0 {
        fraction
    } else {
        1 << 23 | fraction
    };
    // By how much the exponent is below that of the least normal number.
    let below = 113_u64.saturating_sub(exponent.max(1));
    let rounding = Rounding::from_index((modes & 7) as u8).unwrap_or_default();
    let rounded = |dropped: u64| {
        let dropped = dropped.min(40);
        let (kept, rest, middle) = (
            significand >> dropped,
            significand & ((1 << dropped) - 1),
            1 << (dropped - 1),
        );
        let up = match rounding {
            Rounding::NearestEven => rest > middle || rest == middle && kept & 1 != 0,
            Rounding::NearestAway => rest >= middle,
            Rounding::TowardZero => false,
            Rounding::Down => sign == 1 && rest != 0,
            Rounding::Up => sign == 0 && rest != 0,
        };
        (kept + u64::from(up), rest != 0)
    };
    let (kept, inexact) = rounded(13 + below);
    // A carry goes into the exponent.
    let magnitude = match below {
        0 => ((exponent - 112) << 10) + kept - (1 << 10),
        _ => kept,
    };
    if magnitude >= 31 << 10 {
        let to_infinity = match rounding {
            Rounding::NearestEven | Rounding::NearestAway => true,
            Rounding::TowardZero => false,
            Rounding::Down => sign == 1,
            Rounding::Up => sign == 0,
        };
        let magnitude = if to_infinity {
            31 << 10
        } else {
            (31 << 10) - 1
        };
        return result(raised | Flags::OVERFLOW | Flags::INEXACT, magnitude);
    }
    // Tiny after rounding with as many digits as a normal number has.
    let tiny = below > 1 || below == 1 && rounded(13).0 < 1 << 11;
    if tiny && (inexact || modes & UNDERFLOW_TRAPS != 0) {
        raised |= Flags::UNDERFLOW;
    }
    if inexact {
        raised |= Flags::INEXACT;
    }
    result(raised, magnitude)
}
