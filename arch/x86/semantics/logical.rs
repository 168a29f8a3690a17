//! Logical instructions.

use super::flags::Flags;
use super::{Hart, semantics};
use crate::decode::{Instruction, Operand};
use portolan_machine::domain::Domain;
use portolan_machine::memory::Rmw;

semantics! {
    and |cpu, it, to, from| logic(cpu, it, Rmw::And, to, from)?;
    or  |cpu, it, to, from| logic(cpu, it, Rmw::Or, to, from)?;
    xor |cpu, it, to, from| logic(cpu, it, Rmw::Xor, to, from)?;
    not |cpu, it, to| cpu.modify_by(it, to, Rmw::Xor, cpu.imm(-1))?;
    test |cpu, it, left, right| {
        let (a, b) = (cpu.get(it, left)?, cpu.get_like(it, right, left)?);
        cpu.flags_of_logic(left.bits, a & b);
    };
}

#[inline(always)]
fn logic<D: Domain>(
    cpu: D,
    it: &Instruction,
    op: Rmw,
    to: Operand,
    from: Operand,
) -> Result<(), D::Leave> {
    let operand = cpu.get_like(it, from, to)?;
    let (_, result) = cpu.modify_by(it, to, op, operand)?;
    cpu.flags_of_logic(to.bits, result);
    Ok(())
}
