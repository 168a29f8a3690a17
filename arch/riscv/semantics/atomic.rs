//! A: atomic instructions, by the host's atomics. All orderings are sequentially consistent,
//! which is at least what `aq` and `rl` ask for. Accesses must be aligned (Zaamo, Zalrsc).

use super::{Hart, semantics};
use crate::regs::{RESERVED_ADDRESS, RESERVED_BYTES, RESERVED_VALUE};
use portolan_machine::domain::{Condition, Domain, Word};
use portolan_machine::memory::{Access, Intent, Rmw};

// Load-Reserved/Store-Conditional Instructions
semantics! {
    lr_w |cpu, rd, rs1| load_reserved(cpu, Access::I32, rd, rs1)?;
    sc_w |cpu, rd, rs1, rs2| store_conditional(cpu, Access::I32, rd, rs1, rs2)?;
    lr_d |cpu, rd, rs1| load_reserved(cpu, Access::U64, rd, rs1)?;
    sc_d |cpu, rd, rs1, rs2| store_conditional(cpu, Access::U64, rd, rs1, rs2)?;
}

// Atomic Memory Operations
semantics! {
    amoswap_w |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::Swap, rd, rs1, rs2)?;
    amoadd_w  |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::Add, rd, rs1, rs2)?;
    amoxor_w  |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::Xor, rd, rs1, rs2)?;
    amoand_w  |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::And, rd, rs1, rs2)?;
    amoor_w   |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::Or, rd, rs1, rs2)?;
    amomin_w  |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::MinSigned, rd, rs1, rs2)?;
    amomax_w  |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::MaxSigned, rd, rs1, rs2)?;
    amominu_w |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::MinUnsigned, rd, rs1, rs2)?;
    amomaxu_w |cpu, rd, rs1, rs2| amo(cpu, Access::I32, Rmw::MaxUnsigned, rd, rs1, rs2)?;
    amoswap_d |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::Swap, rd, rs1, rs2)?;
    amoadd_d  |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::Add, rd, rs1, rs2)?;
    amoxor_d  |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::Xor, rd, rs1, rs2)?;
    amoand_d  |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::And, rd, rs1, rs2)?;
    amoor_d   |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::Or, rd, rs1, rs2)?;
    amomin_d  |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::MinSigned, rd, rs1, rs2)?;
    amomax_d  |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::MaxSigned, rd, rs1, rs2)?;
    amominu_d |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::MinUnsigned, rd, rs1, rs2)?;
    amomaxu_d |cpu, rd, rs1, rs2| amo(cpu, Access::U64, Rmw::MaxUnsigned, rd, rs1, rs2)?;
}

#[inline(always)]
fn load_reserved<D: Domain>(cpu: D, access: Access, rd: u8, rs1: u8) -> Result<(), D::Leave> {
    let address = cpu.x(rs1);
    cpu.trap_unless_aligned(access, address, Intent::Read)?;
    let value = cpu.load(access, address)?;
    cpu.fence();
    cpu.write(RESERVED_BYTES, cpu.imm(access.bytes));
    cpu.write(RESERVED_ADDRESS, address);
    cpu.write(RESERVED_VALUE, value);
    cpu.set_x(rd, value);
    Ok(())
}

/// Stores if memory still holds what the load-reserved of the same bytes saw. That is weaker than a
/// reservation: a value that changed and changed back goes unnoticed (ABA).
#[inline(always)]
fn store_conditional<D: Domain>(
    cpu: D,
    access: Access,
    rd: u8,
    rs1: u8,
    rs2: u8,
) -> Result<(), D::Leave> {
    let (address, value) = (cpu.x(rs1), cpu.x(rs2));
    cpu.trap_unless_aligned(access, address, Intent::Write)?;
    let reserved =
        cpu.read(RESERVED_BYTES).eq(cpu.imm(access.bytes)) & cpu.read(RESERVED_ADDRESS).eq(address);
    let expected = cpu.read(RESERVED_VALUE);
    cpu.when(reserved, || {
        let old = cpu.compare_exchange(access, address, expected, value)?;
        cpu.set_x(rd, old.ne(expected).word());
        Ok(())
    })?;
    cpu.when(!reserved, || {
        cpu.set_x(rd, cpu.imm(1));
        Ok(())
    })?;
    cpu.write(RESERVED_BYTES, cpu.imm(0));
    Ok(())
}

#[inline(always)]
fn amo<D: Domain>(
    cpu: D,
    access: Access,
    op: Rmw,
    rd: u8,
    rs1: u8,
    rs2: u8,
) -> Result<(), D::Leave> {
    let address = cpu.x(rs1);
    cpu.trap_unless_aligned(access, address, Intent::Write)?;
    let old = cpu.rmw(access, op, address, cpu.x(rs2))?;
    cpu.set_x(rd, old);
    Ok(())
}
