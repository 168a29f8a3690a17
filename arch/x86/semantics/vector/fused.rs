//! FMA: products and sums, rounded once (Volume 1, Section 14.5).

use super::control::{Floats, UNIT};
use super::float::width;
use super::{Vector, semantics};
use crate::decode::Instruction;
use crate::encoding::Op;
use crate::regs::FLOAT_MODES;
use portolan_machine::domain::{Domain, Word};
use portolan_machine::float::Format::{self, F32, F64};
use portolan_machine::float::Operation::{self, MulAdd, MulSub, NegMulAdd, NegMulSub};

semantics! { out of line:
    vfmadd    |cpu, it| fused(cpu, it, [MulAdd, MulAdd])?;
    vfmsub    |cpu, it| fused(cpu, it, [MulSub, MulSub])?;
    vfnmadd   |cpu, it| fused(cpu, it, [NegMulSub, NegMulSub])?;
    vfnmsub   |cpu, it| fused(cpu, it, [NegMulAdd, NegMulAdd])?;
    vfmaddsub |cpu, it| fused(cpu, it, [MulSub, MulAdd])?;
    vfmsubadd |cpu, it| fused(cpu, it, [MulAdd, MulSub])?;
}

/// What tells the instructions of a row apart: which operands are multiplied, the format, and whether
/// all elements are computed or the lowest one.
#[derive(Clone, Copy)]
pub struct Fused(pub u8);

impl Fused {
    /// The operations.
    pub const OPS: [Op; 6] = [
        Op::vfmadd,
        Op::vfmsub,
        Op::vfnmadd,
        Op::vfnmsub,
        Op::vfmaddsub,
        Op::vfmsubadd,
    ];
    const DOUBLE: u8 = 4;
    const SCALAR: u8 = 8;

    /// Of a mnemonic, if it is that of one.
    pub fn of(name: &str) -> Option<Fused> {
        let rest = name.strip_prefix("vf")?;
        let (_, rest) = rest.split_at_checked(rest.find(|it: char| it.is_ascii_digit())?)?;
        let (form, rest) = rest.split_at_checked(3)?;
        let order = ["132", "213", "231"].iter().position(|it| *it == form)?;
        let format = match rest {
            "ps" => 0,
            "pd" => Fused::DOUBLE,
            "ss" => Fused::SCALAR,
            "sd" => Fused::SCALAR | Fused::DOUBLE,
            _ => return None,
        };
        Some(Fused(order as u8 | format))
    }

    /// The numbers of the operands: of both factors, then of the summand.
    fn order(self) -> [usize; 3] {
        match self.0 & 3 {
            0 => [0, 2, 1],
            1 => [1, 0, 2],
            _ => [1, 2, 0],
        }
    }

    fn format(self) -> Format {
        match self.0 & Fused::DOUBLE {
            0 => F32,
            _ => F64,
        }
    }
}

/// An operation for the even elements and one for the odd ones.
#[inline(always)]
fn fused<D: Domain>(cpu: D, it: &Instruction, operations: [Operation; 2]) -> Result<(), D::Leave> {
    let kind = Fused(it.condition);
    let (format, order) = (kind.format(), kind.order());
    let bits = width(format);
    let [to, second, third] = it.operands;
    let modes = cpu.read(FLOAT_MODES);
    let step = |n: u8, numbers: [D::Word; 3]| {
        let numbers = order.map(|operand| numbers[operand]);
        cpu.float(
            &UNIT,
            operations[usize::from(n % 2)],
            format,
            modes,
            numbers,
        )
    };
    if kind.0 & Fused::SCALAR != 0 {
        let c = cpu.element(it, third, bits)?;
        let [a, b] = [to, second].map(|operand| cpu.read(operand.slot).zext(bits));
        let before = cpu.begin();
        let result = step(0, [a, b, c]);
        cpu.finish(before)?;
        cpu.set_element(it, to, bits, result);
        return Ok(());
    }
    let c = cpu.operand(it, third)?;
    let [a, b] = [to, second].map(|operand| cpu.halves(it, operand));
    let before = cpu.begin();
    let result = cpu.each_half(it, |half| {
        cpu.of_lanes(bits, |n| {
            step(n, [a, b, c].map(|x| cpu.lane(&x[half], bits, n)))
        })
    });
    cpu.finish(before)?;
    cpu.set_halves(it, to, result);
    Ok(())
}
