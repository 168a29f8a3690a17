//! RV32I and RV64I: the base integer instruction sets.

use super::{Hart, semantics};
use portolan_machine::domain::{Condition, Domain, Word};
use portolan_machine::memory::Access;
use portolan_machine::trap::Trap;

/// The amount by which a 32-bit shift moves: the low five bits. (Shifts of 64 bits use the low six
/// by themselves.)
#[inline(always)]
fn amount5<D: Domain>(cpu: D, word: D::Word) -> D::Word {
    word & cpu.imm(31)
}

// Integer Register-Immediate Instructions
semantics! {
    addi  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) + cpu.imm(imm));
    slti  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1).lt_s(cpu.imm(imm)).word());
    sltiu |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1).lt_u(cpu.imm(imm)).word());
    xori  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) ^ cpu.imm(imm));
    ori   |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) | cpu.imm(imm));
    andi  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) & cpu.imm(imm));
    slli  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) << cpu.imm(imm));
    srli  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) >> cpu.imm(imm));
    srai  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1).sar(cpu.imm(imm)));
    lui   |cpu, rd, imm|      cpu.set_x(rd, cpu.imm(imm));
    auipc |cpu, rd, imm|      cpu.set_x(rd, cpu.address(relative(cpu.pc(), imm)));
}

// Integer Register-Register Operations
semantics! {
    add  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) + cpu.x(rs2));
    sub  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) - cpu.x(rs2));
    sll  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) << cpu.x(rs2));
    slt  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).lt_s(cpu.x(rs2)).word());
    sltu |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).lt_u(cpu.x(rs2)).word());
    xor  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) ^ cpu.x(rs2));
    srl  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) >> cpu.x(rs2));
    sra  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).sar(cpu.x(rs2)));
    or   |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) | cpu.x(rs2));
    and  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) & cpu.x(rs2));
}

/// An address relative to another.
#[inline(always)]
fn relative(pc: u64, offset: impl Into<i64>) -> u64 {
    pc.wrapping_add(offset.into() as u64)
}

// Control Transfer Instructions
semantics! {
    jal |cpu, rd, imm, length| {
        cpu.set_x(rd, cpu.address(relative(cpu.pc(), length)));
        cpu.jump(cpu.address(relative(cpu.pc(), imm)))?;
    };
    jalr |cpu, rd, rs1, imm, length| {
        let target = (cpu.x(rs1) + cpu.imm(imm)) & cpu.imm(!1);
        cpu.set_x(rd, cpu.address(relative(cpu.pc(), length)));
        cpu.jump(target)?;
    };
    beq  |cpu, rs1, rs2, imm| cpu.branch(cpu.x(rs1).eq(cpu.x(rs2)), relative(cpu.pc(), imm))?;
    bne  |cpu, rs1, rs2, imm| cpu.branch(cpu.x(rs1).ne(cpu.x(rs2)), relative(cpu.pc(), imm))?;
    blt  |cpu, rs1, rs2, imm| cpu.branch(cpu.x(rs1).lt_s(cpu.x(rs2)), relative(cpu.pc(), imm))?;
    bge  |cpu, rs1, rs2, imm| cpu.branch(cpu.x(rs1).ge_s(cpu.x(rs2)), relative(cpu.pc(), imm))?;
    bltu |cpu, rs1, rs2, imm| cpu.branch(cpu.x(rs1).lt_u(cpu.x(rs2)), relative(cpu.pc(), imm))?;
    bgeu |cpu, rs1, rs2, imm| cpu.branch(cpu.x(rs1).ge_u(cpu.x(rs2)), relative(cpu.pc(), imm))?;
}

// Load and Store Instructions
semantics! {
    lb  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::I8, cpu.x(rs1) + cpu.imm(imm))?);
    lh  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::I16, cpu.x(rs1) + cpu.imm(imm))?);
    lw  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::I32, cpu.x(rs1) + cpu.imm(imm))?);
    lbu |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::U8, cpu.x(rs1) + cpu.imm(imm))?);
    lhu |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::U16, cpu.x(rs1) + cpu.imm(imm))?);
    lwu |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::U32, cpu.x(rs1) + cpu.imm(imm))?);
    ld  |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.load(Access::U64, cpu.x(rs1) + cpu.imm(imm))?);
    sb  |cpu, rs1, rs2, imm| cpu.store(Access::U8, cpu.x(rs1) + cpu.imm(imm), cpu.x(rs2))?;
    sh  |cpu, rs1, rs2, imm| cpu.store(Access::U16, cpu.x(rs1) + cpu.imm(imm), cpu.x(rs2))?;
    sw  |cpu, rs1, rs2, imm| cpu.store(Access::U32, cpu.x(rs1) + cpu.imm(imm), cpu.x(rs2))?;
    sd  |cpu, rs1, rs2, imm| cpu.store(Access::U64, cpu.x(rs1) + cpu.imm(imm), cpu.x(rs2))?;
}

// Memory Ordering Instructions; Environment Call and Breakpoints; Zifencei
semantics! {
    fence   |cpu| cpu.fence();
    ecall   |cpu| cpu.trap(Trap::Syscall)?;
    ebreak  |cpu| cpu.trap(Trap::Breakpoint)?;
    fence_i |cpu| cpu.fence_instructions();
}

// RV64I: Integer Computational Instructions
semantics! {
    addiw |cpu, rd, rs1, imm| cpu.set_x(rd, (cpu.x(rs1) + cpu.imm(imm)).sext(32));
    slliw |cpu, rd, rs1, imm| cpu.set_x(rd, (cpu.x(rs1) << cpu.imm(imm)).sext(32));
    srliw |cpu, rd, rs1, imm| cpu.set_x(rd, (cpu.x(rs1).zext(32) >> cpu.imm(imm)).sext(32));
    sraiw |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1).sext(32).sar(cpu.imm(imm)));
    addw  |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) + cpu.x(rs2)).sext(32));
    subw  |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) - cpu.x(rs2)).sext(32));
    sllw  |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) << amount5(cpu, cpu.x(rs2))).sext(32));
    srlw  |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, (cpu.x(rs1).zext(32) >> amount5(cpu, cpu.x(rs2))).sext(32));
    };
    sraw  |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, cpu.x(rs1).sext(32).sar(amount5(cpu, cpu.x(rs2))));
    };
}
