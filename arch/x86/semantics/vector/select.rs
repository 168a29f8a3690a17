//! Blends: elements of one operand or the other.

use super::{Vector, semantics};
use crate::decode::{Instruction, Operand};
use crate::regs::XMM;
use portolan_machine::domain::{Domain, Lanes, Word};

semantics! { out of line:
    blendps  |cpu, it, to, from| by_immediate(cpu, it, 32, to, from)?;
    blendpd  |cpu, it, to, from| by_immediate(cpu, it, 64, to, from)?;
    pblendw  |cpu, it, to, from| by_immediate(cpu, it, 16, to, from)?;
    blendvps |cpu, it, to, from| by_signs(cpu, it, 32, to, from)?;
    blendvpd |cpu, it, to, from| by_signs(cpu, it, 64, to, from)?;
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
    let mut mask = 0u128;
    for number in (0..128 / bits).filter(|number| it.immediate >> number & 1 != 0) {
        mask |= (u128::MAX >> (128 - bits)) << (number * bits);
    }
    let masks = [mask as u64, (mask >> 64) as u64].map(|mask| cpu.constant(mask));
    blend(cpu, it, masks, to, from)
}

/// The second operand's elements where those of xmm0 are negative.
#[inline(always)]
fn by_signs<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let signs = [XMM, XMM + 1].map(|slot| cpu.read(slot));
    let masks = signs.map(|word| cpu.imm(0).lanes(Lanes::GreaterSigned, bits, word));
    blend(cpu, it, masks, to, from)
}

#[inline(always)]
fn blend<D: Domain>(
    cpu: D,
    it: &Instruction,
    masks: [D::Word; 2],
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let (a, b) = (cpu.xmm(to), cpu.vector(it, from)?);
    let one = |n: usize| a[n] & !masks[n] | b[n] & masks[n];
    cpu.set_xmm(to, [one(0), one(1)]);
    Ok(())
}
