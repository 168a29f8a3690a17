//! Which words are instructions: scenes of every halfword, every function code, every register of
//! Zicsr. What no extension of ours defines must be illegal here and there; hints must do nothing.

use super::rows::UNKNOWN_CALL;
use crate::scene::Scene;
use crate::values::scatter;
use crate::world::{DATA, State};
use portolan_machine::memory::PAGE;
use portolan_riscv::GUEST;
use portolan_riscv::regs::{F, X};

/// All encodings of 16 bits.
pub fn halfwords() -> Vec<Scene> {
    let compressed = (0..=u16::MAX).filter(|half| half & 0b11 != 0b11);
    compressed.map(|half| scene(&half.to_le_bytes())).collect()
}

/// Encodings of 32 bits with every opcode, funct3 and funct7. The registers, which sometimes choose
/// the instruction too, are random.
pub fn words(seed: u64) -> Vec<Scene> {
    let all = (0..1u32 << 15).map(|n| {
        let (opcode, funct3, funct7) = (n & 31, n >> 5 & 7, n >> 8);
        let random = scatter(seed << 15 | u64::from(n)) as u32;
        let (rd, rs1) = (random & 31, random >> 5 & 31);
        // Often small: where it is no register, the second one is a function code.
        let rs2 = if random >> 31 == 0 {
            random >> 10 & 31
        } else {
            random >> 10 & 7
        };
        funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode << 2 | 0b11
    });
    all.map(|word| scene(&word.to_le_bytes())).collect()
}

/// Reads and writes of every control and status register.
pub fn control_status() -> Vec<Scene> {
    let numbers = 0..1u32 << 12;
    let instructions = numbers.flat_map(|csr| {
        let csrrs = csr << 20 | 0b010 << 12 | 10 << 7 | 0x73;
        let csrrw = csr << 20 | 11 << 15 | 0b001 << 12 | 10 << 7 | 0x73;
        [csrrs, csrrw]
    });
    instructions
        .map(|word| scene(&word.to_le_bytes()))
        .collect()
}

/// A word on its own, among registers that most loads, stores and calculations can use.
fn scene(code: &[u8]) -> Scene {
    let mut before = State::new();
    for n in 1..32 {
        before.registers[usize::from(X + n)] = DATA + PAGE / 2 + 8 * u64::from(n);
    }
    for n in 0..32 {
        before.registers[usize::from(F + n)] = f64::from(n).to_bits();
    }
    before.registers[usize::from(X + 17)] = UNKNOWN_CALL;
    Scene {
        guest: GUEST,
        code: code.to_vec(),
        before,
    }
}
