//! B: bit manipulation (Zba, Zbb, Zbs).

use super::{Hart, semantics};
use portolan_machine::domain::{Domain, Word};

// Zba: Address Generation Instructions
semantics! {
    add_uw    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).zext(32) + cpu.x(rs2));
    sh1add    |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) << cpu.imm(1)) + cpu.x(rs2));
    sh2add    |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) << cpu.imm(2)) + cpu.x(rs2));
    sh3add    |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) << cpu.imm(3)) + cpu.x(rs2));
    sh1add_uw |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1).zext(32) << cpu.imm(1)) + cpu.x(rs2));
    sh2add_uw |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1).zext(32) << cpu.imm(2)) + cpu.x(rs2));
    sh3add_uw |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1).zext(32) << cpu.imm(3)) + cpu.x(rs2));
    slli_uw   |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1).zext(32) << cpu.imm(imm));
}

// Zbb: Basic Bit-Manipulation
semantics! {
    andn   |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) & !cpu.x(rs2));
    orn    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) | !cpu.x(rs2));
    xnor   |cpu, rd, rs1, rs2| cpu.set_x(rd, !(cpu.x(rs1) ^ cpu.x(rs2)));
    clz    |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).leading_zeros());
    clzw   |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).zext(32).leading_zeros() - cpu.imm(32));
    ctz    |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).trailing_zeros());
    ctzw   |cpu, rd, rs1| cpu.set_x(rd, (cpu.x(rs1) | cpu.imm(1i64 << 32)).trailing_zeros());
    cpop   |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).count_ones());
    cpopw  |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).zext(32).count_ones());
    max    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).max_s(cpu.x(rs2)));
    maxu   |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).max_u(cpu.x(rs2)));
    min    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).min_s(cpu.x(rs2)));
    minu   |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).min_u(cpu.x(rs2)));
    sext_b |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).sext(8));
    sext_h |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).sext(16));
    zext_h |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).zext(16));
    rol    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).rotate_left(cpu.x(rs2)));
    rolw   |cpu, rd, rs1, rs2| {
        cpu.set_x(rd, rotate_right32(cpu, cpu.x(rs1), -cpu.x(rs2)));
    };
    ror    |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1).rotate_right(cpu.x(rs2)));
    rori   |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1).rotate_right(cpu.imm(imm)));
    roriw  |cpu, rd, rs1, imm| cpu.set_x(rd, rotate_right32(cpu, cpu.x(rs1), cpu.imm(imm)));
    rorw   |cpu, rd, rs1, rs2| cpu.set_x(rd, rotate_right32(cpu, cpu.x(rs1), cpu.x(rs2)));
    orc_b  |cpu, rd, rs1| {
        // Bit 7 of each byte that is not zero, then that bit smeared over the byte.
        let low_bits = cpu.constant(0x7f7f_7f7f_7f7f_7f7f);
        let word = cpu.x(rs1);
        let not_zero = (((word & low_bits) + low_bits) | word) & !low_bits;
        cpu.set_x(rd, (not_zero >> cpu.imm(7)) * cpu.imm(255));
    };
    rev8   |cpu, rd, rs1| cpu.set_x(rd, cpu.x(rs1).swap_bytes());
}

/// The low 32 bits rotated right by the low five bits of `amount`, sign-extended. Two copies of
/// the 32 bits make the rotation a shift.
#[inline(always)]
fn rotate_right32<D: Domain>(cpu: D, word: D::Word, amount: D::Word) -> D::Word {
    let twice = word.zext(32) | word << cpu.imm(32);
    (twice >> (amount & cpu.imm(31))).sext(32)
}

// Zbs: Single-Bit Instructions
semantics! {
    bclr  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) & !bit(cpu, cpu.x(rs2)));
    bclri |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) & !bit(cpu, cpu.imm(imm)));
    bext  |cpu, rd, rs1, rs2| cpu.set_x(rd, (cpu.x(rs1) >> cpu.x(rs2)) & cpu.imm(1));
    bexti |cpu, rd, rs1, imm| cpu.set_x(rd, (cpu.x(rs1) >> cpu.imm(imm)) & cpu.imm(1));
    binv  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) ^ bit(cpu, cpu.x(rs2)));
    binvi |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) ^ bit(cpu, cpu.imm(imm)));
    bset  |cpu, rd, rs1, rs2| cpu.set_x(rd, cpu.x(rs1) | bit(cpu, cpu.x(rs2)));
    bseti |cpu, rd, rs1, imm| cpu.set_x(rd, cpu.x(rs1) | bit(cpu, cpu.imm(imm)));
}

/// The word whose one set bit the low six bits of `index` number.
#[inline(always)]
fn bit<D: Domain>(cpu: D, index: D::Word) -> D::Word {
    cpu.imm(1) << index
}
