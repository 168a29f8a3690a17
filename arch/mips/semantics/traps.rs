//! CPU Trap Instructions.

use super::{Hart, semantics};
use portolan_machine::domain::Word;
use portolan_machine::trap::Trap;

/// The codes by which compilers and assemblers tell errors of integer arithmetic: overflow, and
/// division by zero.
const ARITHMETIC_CODES: [u32; 2] = [6, 7];

semantics! {
    break_  |cpu, imm| cpu.trap(break_trap(imm))?;
    syscall |cpu| cpu.trap(Trap::Syscall)?;
    teq   |cpu, rs, rt, imm| cpu.trap_when(cpu.r(rs).eq(cpu.r(rt)), numbered(imm))?;
    teqi  |cpu, rs, imm| cpu.trap_when(cpu.r(rs).eq(cpu.imm(imm)), numbered(0))?;
    tge   |cpu, rs, rt, imm| cpu.trap_when(cpu.r(rs).ge_s(cpu.r(rt)), numbered(imm))?;
    tgei  |cpu, rs, imm| cpu.trap_when(cpu.r(rs).ge_s(cpu.imm(imm)), numbered(0))?;
    tgeiu |cpu, rs, imm| cpu.trap_when(cpu.r(rs).ge_u(cpu.imm(imm)), numbered(0))?;
    tgeu  |cpu, rs, rt, imm| cpu.trap_when(cpu.r(rs).ge_u(cpu.r(rt)), numbered(imm))?;
    tlt   |cpu, rs, rt, imm| cpu.trap_when(cpu.r(rs).lt_s(cpu.r(rt)), numbered(imm))?;
    tlti  |cpu, rs, imm| cpu.trap_when(cpu.r(rs).lt_s(cpu.imm(imm)), numbered(0))?;
    tltiu |cpu, rs, imm| cpu.trap_when(cpu.r(rs).lt_u(cpu.imm(imm)), numbered(0))?;
    tltu  |cpu, rs, rt, imm| cpu.trap_when(cpu.r(rs).lt_u(cpu.r(rt)), numbered(imm))?;
    tne   |cpu, rs, rt, imm| cpu.trap_when(cpu.r(rs).ne(cpu.r(rt)), numbered(imm))?;
    tnei  |cpu, rs, imm| cpu.trap_when(cpu.r(rs).ne(cpu.imm(imm)), numbered(0))?;
}

fn numbered<W>(code: i32) -> Trap<W> {
    Trap::Software { code: code as u32 }
}

/// What break raises. Assemblers put its first number into the upper half of the code.
fn break_trap<W>(code: i32) -> Trap<W> {
    let code = match code as u32 {
        code if code < 1 << 10 => code,
        code => (code & 0x3ff) << 10 | code >> 10,
    };
    if ARITHMETIC_CODES.contains(&code) {
        Trap::Software { code }
    } else {
        Trap::Breakpoint
    }
}
