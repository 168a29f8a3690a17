//! Bit and byte instructions.

use super::flags::Flags;
use super::transfer::set_part_if;
use super::{Hart, access, semantics};
use crate::decode::{Instruction, Kind, Operand, Prefix};
use crate::regs::{AF, CF, OF, PF, SF, ZF};
use portolan_machine::domain::{Condition, Domain, Helper, Word};
use portolan_machine::memory::Rmw;

semantics! {
    bt  |cpu, it, to, bit| change_bit(cpu, it, to, bit, None)?;
    bts |cpu, it, to, bit| change_bit(cpu, it, to, bit, Some(Rmw::Or))?;
    btr |cpu, it, to, bit| change_bit(cpu, it, to, bit, Some(Rmw::And))?;
    btc |cpu, it, to, bit| change_bit(cpu, it, to, bit, Some(Rmw::Xor))?;
    bsf |cpu, it, to, from| scan(cpu, it, to, from, |cpu, value| {
        let _ = cpu;
        value.trailing_zeros()
    })?;
    bsr |cpu, it, to, from| scan(cpu, it, to, from, |cpu, value| cpu.imm(63) - value.leading_zeros())?;
    setcc |cpu, it, to| cpu.set(it, to, cpu.condition(it.condition).word())?;
    popcnt |cpu, it, to, from| {
        let value = cpu.get(it, from)?;
        cpu.set(it, to, value.count_ones())?;
        cpu.set_flag(ZF, value.eq(cpu.imm(0)));
        for flag in [CF, PF, AF, SF, OF] {
            cpu.write(flag, cpu.imm(0));
        }
    };
    crc32 |cpu, it, to, from| {
        let (sum, data) = (cpu.part(to), cpu.get(it, from)?);
        cpu.set_part(to, cpu.call(&CRC32, [sum, data, cpu.imm(from.bits)]));
    };
}

/// The bit string instructions. A bit's number in a register reaches beyond an operand in memory.
#[inline(always)]
fn change_bit<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    bit: Operand,
    change: Option<Rmw>,
) -> Result<(), D::Leave> {
    let bits = to.bits;
    let number = cpu.get_like(it, bit, to)?;
    let within = number & cpu.imm(bits - 1);
    let mask = cpu.imm(1) << within;
    let operand = match change {
        Some(Rmw::And) => !mask,
        _ => mask,
    };
    let apply = |old: D::Word| match change {
        None => old,
        Some(Rmw::Or) => old | operand,
        Some(Rmw::And) => old & operand,
        Some(_) => old ^ operand,
    };
    let old = match (to.kind, bit.kind) {
        (Kind::Memory, Kind::Register) => {
            let units = number.sext(bits).sar(cpu.imm(bits.trailing_zeros() as u8));
            let offset = units << cpu.imm((bits / 8).trailing_zeros() as u8);
            let at = cpu.narrow_address(it, cpu.effective_address(it) + offset);
            let at = cpu.in_segment(it, at);
            match (change, it.prefix) {
                (Some(op), Prefix::Lock) => cpu.rmw(access(bits), op, at, operand)?,
                (Some(_), _) => {
                    let old = cpu.load(access(bits), at)?;
                    cpu.store(access(bits), at, apply(old))?;
                    old
                }
                (None, _) => cpu.load(access(bits), at)?,
            }
        }
        _ => match change {
            Some(op) => cpu.modify_by(it, to, op, operand)?.0,
            None => cpu.get(it, to)?,
        },
    };
    cpu.write(CF, (old >> within) & cpu.imm(1));
    Ok(())
}

/// bsf and bsr. Of zero they leave the register as it is, as processors do.
#[inline(always)]
fn scan<D: Domain>(
    cpu: D,
    it: &Instruction,
    to: Operand,
    from: Operand,
    find: impl FnOnce(D, D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    let value = cpu.get(it, from)?;
    let is_zero = value.eq(cpu.imm(0));
    set_part_if(cpu, !is_zero, to, find(cpu, value));
    cpu.set_flag(ZF, is_zero);
    Ok(())
}

static CRC32: Helper = Helper {
    name: "crc32c",
    arity: 3,
    function: crc32c,
};

/// Of the reflected polynomial 0x82f63b78.
extern "C" fn crc32c(sum: u64, data: u64, bits: u64) -> u64 {
    let mut sum = sum as u32;
    for byte in data.to_le_bytes().iter().take(bits as usize / 8) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ (0x82f6_3b78 & (sum & 1).wrapping_neg());
        }
    }
    sum.into()
}
