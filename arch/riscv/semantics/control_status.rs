//! Zicsr and Zicntr: control and status registers that user programs see.

use super::{Hart, semantics};
use crate::regs::{FFLAGS, FRM};
use portolan_machine::domain::{Counter, Domain, Word};
use portolan_machine::trap::Trap;

// A source of `x0` or zero changes nothing, and so is allowed on read-only registers; csrrw and
// csrrwi always write.
semantics! {
    csrrw  |cpu, rd, rs1, imm| access(cpu, rd, imm, true, |_| cpu.x(rs1))?;
    csrrs  |cpu, rd, rs1, imm| access(cpu, rd, imm, rs1 != 0, |old| old | cpu.x(rs1))?;
    csrrc  |cpu, rd, rs1, imm| access(cpu, rd, imm, rs1 != 0, |old| old & !cpu.x(rs1))?;
    csrrwi |cpu, rd, rs1, imm| access(cpu, rd, imm, true, |_| cpu.imm(rs1))?;
    csrrsi |cpu, rd, rs1, imm| access(cpu, rd, imm, rs1 != 0, |old| old | cpu.imm(rs1))?;
    csrrci |cpu, rd, rs1, imm| access(cpu, rd, imm, rs1 != 0, |old| old & !cpu.imm(rs1))?;
}

/// The numbers of the registers that exist.
mod csr {
    pub const FFLAGS: i32 = 0x001;
    pub const FRM: i32 = 0x002;
    pub const FCSR: i32 = 0x003;
    pub const CYCLE: i32 = 0xc00;
    pub const TIME: i32 = 0xc01;
    pub const INSTRET: i32 = 0xc02;
}

/// Reads a register into rd and, if the instruction writes, replaces it.
#[inline(always)]
fn access<D: Domain>(
    cpu: D,
    rd: u8,
    number: i32,
    writes: bool,
    new: impl FnOnce(D::Word) -> D::Word,
) -> Result<(), D::Leave> {
    let old = match number {
        csr::FFLAGS => cpu.read(FFLAGS),
        csr::FRM => cpu.read(FRM),
        csr::FCSR => cpu.read(FRM) << cpu.imm(5) | cpu.read(FFLAGS),
        csr::CYCLE => cpu.counter(Counter::Cycles),
        csr::TIME => cpu.counter(Counter::Time),
        csr::INSTRET => cpu.counter(Counter::Retired),
        _ => return cpu.trap(Trap::Illegal),
    };
    if writes {
        let new = new(old);
        match number {
            csr::FFLAGS => cpu.write(FFLAGS, new.zext(5)),
            csr::FRM => cpu.write(FRM, new.zext(3)),
            csr::FCSR => {
                cpu.write(FFLAGS, new.zext(5));
                cpu.write(FRM, (new >> cpu.imm(5)).zext(3));
            }
            _ => return cpu.trap(Trap::Illegal),
        }
    }
    cpu.set_x(rd, old);
    Ok(())
}
