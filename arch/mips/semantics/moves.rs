//! CPU Move Instructions.

use super::branch::condition;
use super::{Hart, semantics};
use crate::regs::{HI, LO, USER_LOCAL};
use portolan_machine::domain::{Counter, Word};
use portolan_machine::trap::Trap;

/// The bytes of a cache line: how far apart addresses for synci may be.
const SYNCI_STEP: u8 = 32;
/// How many clock cycles the counter takes for a step.
const COUNTER_RESOLUTION: u8 = 1;

semantics! {
    mfhi |cpu, rd| cpu.set_r(rd, cpu.read(HI));
    mflo |cpu, rd| cpu.set_r(rd, cpu.read(LO));
    movf |cpu, rs, rd, cc| {
        let moves = condition(cpu, cc).eq(cpu.imm(0));
        cpu.set_r(rd, cpu.select(moves, cpu.r(rs), cpu.r(rd)));
    };
    movn |cpu, rs, rt, rd| {
        let moves = cpu.r(rt).ne(cpu.imm(0));
        cpu.set_r(rd, cpu.select(moves, cpu.r(rs), cpu.r(rd)));
    };
    movt |cpu, rs, rd, cc| {
        let moves = condition(cpu, cc).ne(cpu.imm(0));
        cpu.set_r(rd, cpu.select(moves, cpu.r(rs), cpu.r(rd)));
    };
    movz |cpu, rs, rt, rd| {
        let moves = cpu.r(rt).eq(cpu.imm(0));
        cpu.set_r(rd, cpu.select(moves, cpu.r(rs), cpu.r(rd)));
    };
    mthi |cpu, rs| cpu.write(HI, cpu.r(rs));
    mtlo |cpu, rs| cpu.write(LO, cpu.r(rs));
    rdhwr |cpu, rt, hwr| {
        let value = match hwr {
            // One processor.
            0 => cpu.imm(0),
            1 => cpu.imm(SYNCI_STEP),
            2 => cpu.counter(Counter::Cycles).sext(32),
            3 => cpu.imm(COUNTER_RESOLUTION),
            29 => cpu.read(USER_LOCAL),
            _ => return cpu.trap(Trap::Illegal),
        };
        cpu.set_r(rt, value);
    };
}
