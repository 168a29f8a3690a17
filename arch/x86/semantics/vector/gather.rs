//! AVX2: gathering elements from addresses of their own.

use super::{Hart, Vector, access, semantics};
use crate::decode::{Instruction, Operand};
use portolan_machine::domain::{Domain, Word};

semantics! { out of line:
    vgatherdps |cpu, it, to, _from, mask| gather(cpu, it, (32, 32), to, mask)?;
    vgatherdpd |cpu, it, to, _from, mask| gather(cpu, it, (32, 64), to, mask)?;
    vgatherqps |cpu, it, to, _from, mask| gather(cpu, it, (64, 32), to, mask)?;
    vgatherqpd |cpu, it, to, _from, mask| gather(cpu, it, (64, 64), to, mask)?;
}

/// Loads the elements whose top bit is set in the mask, from the lowest on, and clears each one's mask
/// when it is there: after a fault the instruction goes on where it was.
#[inline(always)]
fn gather<D: Domain>(
    cpu: D,
    it: &Instruction,
    (index_bits, bits): (u8, u8),
    to: Operand,
    mask: Operand,
) -> Result<(), D::Leave> {
    // As many as there are elements and indices.
    let count = (128 * it.form.halves() / usize::from(index_bits.max(bits))) as u8;
    let indices = cpu.halves(
        it,
        Operand {
            source: it.address.index,
            ..to
        },
    );
    let base = cpu.base_address(it);
    // The elements are those of the vector's lower part; what is above them becomes zero.
    let each = 128 / bits;
    let signs = cpu.halves(it, mask);
    for n in 0..count {
        let (half, number) = (usize::from(n / each), n % each);
        let (word, place) = (usize::from(number * bits / 64), number * bits % 64);
        let top = cpu.lane(&signs[half], bits, number) >> cpu.imm(bits - 1);
        let per_half = 128 / index_bits;
        let index = cpu
            .lane(
                &indices[usize::from(n / per_half)],
                index_bits,
                n % per_half,
            )
            .sext(index_bits);
        let [slot, mask_slot] = [to, mask].map(|operand| cpu.slot(operand, half, word));
        let kept = match bits {
            64 => cpu.imm(0),
            _ => cpu.constant(!(0xffff_ffff << place)),
        };
        cpu.when(top.ne(cpu.imm(0)), || {
            let offset = index << cpu.imm(it.address.scale);
            let at = cpu.in_segment(it, cpu.narrow_address(it, base + offset));
            let element = cpu.load(access(bits), at)?;
            cpu.write(slot, cpu.read(slot) & kept | element << cpu.imm(place));
            cpu.write(mask_slot, cpu.read(mask_slot) & kept);
            Ok(())
        })?;
        // Bits below the top one go in any case.
        cpu.write(mask_slot, cpu.read(mask_slot) & kept);
    }
    // Above the elements both registers become zero.
    for word in usize::from(count) * usize::from(bits) / 64..4 {
        for operand in [to, mask] {
            cpu.write(cpu.slot(operand, word / 2, word % 2), cpu.imm(0));
        }
    }
    Ok(())
}
