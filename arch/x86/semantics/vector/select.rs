//! Blends: elements of one operand or the other.

use super::{Halves, Vector, semantics};
use crate::decode::{Form, Instruction, Operand};
use crate::regs::XMM;
use portolan_machine::domain::{Domain, Lanes, Word};

semantics! { out of line:
    blendps  |cpu, it, to, from| by_immediate(cpu, it, 32, to, from)?;
    blendpd  |cpu, it, to, from| by_immediate(cpu, it, 64, to, from)?;
    pblendw  |cpu, it, to, from| by_immediate(cpu, it, 16, to, from)?;
    blendvps |cpu, it, to, from| by_signs(cpu, it, 32, to, from)?;
    blendvpd |cpu, it, to, from| by_signs(cpu, it, 64, to, from)?;
    vpblendd |cpu, it, to, from| by_immediate(cpu, it, 32, to, from)?;
    pblendvb |cpu, it, to, from| by_signs(cpu, it, 8, to, from)?;
}

/// The second operand's elements where a bit of the immediate is set.
#[inline(always)]
fn by_immediate<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let masks = cpu.each_half(it, |half| {
        // Of words there is a bit for each in one half only.
        let place = if bits == 16 {
            0
        } else {
            half as u8 * (128 / bits)
        };
        let mut mask = 0u128;
        for number in (0..128 / bits).filter(|number| it.immediate >> (place + number) & 1 != 0) {
            mask |= (u128::MAX >> (128 - bits)) << (number * bits);
        }
        [mask as u64, (mask >> 64) as u64].map(|mask| cpu.constant(mask))
    });
    blend(cpu, it, masks, to, from)
}

/// The second operand's elements where those of xmm0 are negative, or with VEX those of the third one.
#[inline(always)]
fn by_signs<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let signs = match it.form {
        Form::Legacy => cpu.lower([cpu.read(XMM), cpu.read(XMM + 1)]),
        _ => cpu.halves(it, it.operands[2]),
    };
    let masks = cpu.each_half(it, |half| {
        signs[half].map(|word| cpu.imm(0).lanes(Lanes::GreaterSigned, bits, word))
    });
    blend(cpu, it, masks, to, from)
}

#[inline(always)]
fn blend<D: Domain>(
    cpu: D,
    it: &Instruction,
    masks: Halves<D::Word>,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    cpu.by_halves(it, to, from, |half, a, b| {
        [0, 1].map(|n| a[n] & !masks[half][n] | b[n] & masks[half][n])
    })
}
