//! AVX and AVX2: what has no legacy form. Broadcasts, permutations across halves, shifts by a count
//! for each element, accesses under a mask.

use super::integer::tested;
use super::shuffle::selected;
use super::{Hart, Vector, access, semantics};
use crate::decode::{Instruction, Kind, Operand};
use crate::regs::{XMM, YMM_HIGH};
use portolan_machine::domain::{Domain, Word};

semantics! { out of line:
    vbroadcastss   |cpu, it, to, from| broadcast(cpu, it, 32, to, from)?;
    vbroadcastsd   |cpu, it, to, from| broadcast(cpu, it, 64, to, from)?;
    vpbroadcastb   |cpu, it, to, from| broadcast(cpu, it, 8, to, from)?;
    vpbroadcastw   |cpu, it, to, from| broadcast(cpu, it, 16, to, from)?;
    vbroadcastf128 |cpu, it, to| {
        let half = cpu.load_vector(cpu.at(it))?;
        cpu.set_halves(it, to, [half, half]);
    };
    vextractf128   |cpu, it, to, from| {
        let half = cpu.halves(it, from)[(it.immediate & 1) as usize];
        match to.kind {
            Kind::Memory => cpu.store_vector(cpu.at(it), half)?,
            _ => cpu.set_xmm(it, to, half),
        }
    };
    vinsertf128    |cpu, it, to, from| {
        let (mut x, half) = (cpu.halves(it, to), cpu.vector(it, from)?);
        x[(it.immediate & 1) as usize] = half;
        cpu.set_halves(it, to, x);
    };
    vzeroupper     |cpu| for slot in YMM_HIGH..YMM_HIGH + 32 {
        cpu.write(slot, cpu.imm(0));
    };
    vzeroall       |cpu| for slot in (XMM..XMM + 32).chain(YMM_HIGH..YMM_HIGH + 32) {
        cpu.write(slot, cpu.imm(0));
    };
    vtestps        |cpu, it, to, from| tested(cpu, it, 0x8000_0000_8000_0000, to, from)?;
    vtestpd        |cpu, it, to, from| tested(cpu, it, 1 << 63, to, from)?;
}

// Permutations
semantics! { out of line:
    vperm2f128 |cpu, it, to, from| {
        let (a, b) = (cpu.halves(it, to), cpu.operand(it, from)?);
        let zero = [cpu.imm(0), cpu.imm(0)];
        let result = cpu.each_half(it, |half| {
            let choice = (it.immediate >> (4 * half)) as usize;
            match choice & 8 {
                0 => [a[0], a[1], b[0], b[1]][choice & 3],
                _ => zero,
            }
        });
        cpu.set_halves(it, to, result);
    };
    vpermilps  |cpu, it, to, from| match it.operands[2].kind {
        Kind::None => cpu.by_halves(it, to, from, |_, x, control| cpu.of_lanes(32, |n| {
            let number = cpu.lane(&control, 32, n);
            let upper = (number & cpu.imm(2)).ne(cpu.imm(0));
            single_of(cpu, cpu.select(upper, x[1], x[0]), number)
        }))?,
        _ => cpu.by_halves(it, to, from, |_, _, x| {
            cpu.of_lanes(32, |n| cpu.lane(&x, 32, selected(it, n)))
        })?,
    };
    vpermilpd  |cpu, it, to, from| match it.operands[2].kind {
        Kind::None => cpu.by_halves(it, to, from, |_, [low, high], control| {
            control.map(|word| {
                let upper = (word & cpu.imm(2)).ne(cpu.imm(0));
                cpu.select(upper, high, low)
            })
        })?,
        _ => cpu.by_halves(it, to, from, |half, _, x| {
            [0, 1].map(|n| x[(it.immediate >> (2 * half + n) & 1) as usize])
        })?,
    };
    vpermd     |cpu, it, to, from| {
        // The numbers come first, as with VEX the first source does.
        let (numbers, x) = (cpu.halves(it, to), cpu.operand(it, from)?);
        let result = cpu.each_half(it, |half| {
            cpu.of_lanes(32, |n| {
                let number = cpu.lane(&numbers[half], 32, n);
                let bit = |bit: i64| (number & cpu.imm(bit)).ne(cpu.imm(0));
                let [low, high] = x.map(|[low, high]| cpu.select(bit(2), high, low));
                let word = cpu.select(bit(4), high, low);
                single_of(cpu, word, number)
            })
        });
        cpu.set_halves(it, to, result);
    };
    vpermq     |cpu, it, to, from| {
        let [[a, b], [c, d]] = cpu.operand(it, from)?;
        let word = |n: usize| [a, b, c, d][(it.immediate >> (2 * n) & 3) as usize];
        cpu.set_halves(it, to, [[word(0), word(1)], [word(2), word(3)]]);
    };
}

// Shifts by a count for each element
semantics! { out of line:
    vpsllvd |cpu, it, to, from| shift(cpu, it, 32, to, from, |x, n| x << n)?;
    vpsllvq |cpu, it, to, from| shift(cpu, it, 64, to, from, |x, n| x << n)?;
    vpsrlvd |cpu, it, to, from| shift(cpu, it, 32, to, from, |x, n| x >> n)?;
    vpsrlvq |cpu, it, to, from| shift(cpu, it, 64, to, from, |x, n| x >> n)?;
    vpsravd |cpu, it, to, from| {
        cpu.by_halves(it, to, from, |_, a, b| cpu.of_lanes(32, |n| {
            let count = cpu.lane(&b, 32, n).min_u(cpu.imm(31));
            cpu.lane(&a, 32, n).sext(32).sar(count).zext(32)
        }))?;
    };
}

// Accesses under a mask
semantics! { out of line:
    vmaskmovps |cpu, it, to, from| masked(cpu, it, 32, to, from)?;
    vmaskmovpd |cpu, it, to, from| masked(cpu, it, 64, to, from)?;
}

#[inline(always)]
fn broadcast<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let x = cpu.element(it, from, bits)?;
    let mut word = x;
    for filled in [8, 16, 32].into_iter().filter(|filled| *filled >= bits) {
        word = word | word << cpu.imm(filled);
    }
    let result = cpu.each_half(it, |_| [word, word]);
    cpu.set_halves(it, to, result);
    Ok(())
}

/// The single of a word that the lowest bit of a number chooses.
#[inline(always)]
fn single_of<D: Domain>(cpu: D, word: D::Word, number: D::Word) -> D::Word {
    (word >> ((number & cpu.imm(1)) << cpu.imm(5))).zext(32)
}

/// Logical shifts; a count that is not less than the width leaves zero.
#[inline(always)]
fn shift<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
    shifted: impl Fn(D::Word, D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    cpu.by_halves(it, to, from, |_, a, b| {
        cpu.of_lanes(bits, |n| {
            let (x, count) = (cpu.lane(&a, bits, n), cpu.lane(&b, bits, n));
            let result = shifted(x, count).zext(bits);
            cpu.select(count.lt_u(cpu.imm(bits)), result, cpu.imm(0))
        })
    })
}

/// A load that leaves zeros where the mask, the second operand, has no top bit, or a store that leaves
/// memory there. Nothing is accessed where it has none.
#[inline(always)]
fn masked<D: Domain>(
    cpu: D,
    it: &Instruction,
    bits: u8,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let stores = to.kind == Kind::Memory;
    let mask = cpu.halves(it, if stores { from } else { to });
    let at = cpu.at(it);
    let each = 128 / bits;
    let places = || (0..it.form.halves()).flat_map(|half| (0..each).map(move |n| (half, n)));
    let address = |half: usize, n: u8| at + cpu.imm(16 * half as i64 + i64::from(n * (bits / 8)));
    let chosen = |half: usize, n: u8| {
        let top = cpu.lane(&mask[half], bits, n) >> cpu.imm(bits - 1);
        top.ne(cpu.imm(0))
    };
    if stores {
        let value = cpu.halves(it, it.operands[2]);
        for (half, n) in places() {
            cpu.when(chosen(half, n), || {
                let element = cpu.lane(&value[half], bits, n);
                cpu.store(access(bits), address(half, n), element)
            })?;
        }
        return Ok(());
    }
    // All faults come before anything changes.
    for (half, n) in places() {
        cpu.when(chosen(half, n), || {
            cpu.load(access(bits), address(half, n)).map(drop)
        })?;
    }
    cpu.set_halves(it, to, cpu.lower([cpu.imm(0), cpu.imm(0)]));
    for (half, n) in places() {
        let (word, place) = (usize::from(n) * usize::from(bits) / 64, n * bits % 64);
        let slot = cpu.slot(to, half, word);
        cpu.when(chosen(half, n), || {
            let element = cpu.load(access(bits), address(half, n))? << cpu.imm(place);
            cpu.write(slot, cpu.read(slot) | element);
            Ok(())
        })?;
    }
    Ok(())
}
