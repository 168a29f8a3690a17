//! x87 FPU and SIMD state management instructions.

use super::super::vector::{MXCSR_RESERVED, PART, mxcsr_word};
use super::{Stack, semantics};
use crate::decode::Instruction;
use crate::regs::{
    FLOAT_FLAGS, FLOAT_MODES, FLOAT_TRAPS, FPU_DATA, FPU_INSTRUCTION, FPU_OPCODE, FPU_TAGS, ST, XMM,
};
use crate::semantics::{ALIGNED, GENERAL_PROTECTION, Hart};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::memory::{Access, Intent};
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;

// Where the parts of the image are (Volume 2, Table 3-43).
pub(super) const STATUS: i64 = 2;
pub(super) const TAGS: i64 = 4;
pub(super) const OPCODE: i64 = 6;
pub(super) const INSTRUCTION: i64 = 8;
pub(super) const DATA: i64 = 16;
pub(super) const MXCSR: i64 = 24;
pub(super) const MXCSR_MASK: i64 = 28;
pub(super) const REGISTERS: i64 = 32;
pub(super) const VECTORS: i64 = 160;

semantics! { out of line:
    fxsave  |cpu, it| {
        let at = cpu.at(it);
        cpu.trap_unless_aligned(ALIGNED, at, Intent::Write)?;
        let store = |access, place, value| cpu.store(access, at + cpu.imm(place), value);
        store(Access::U16, 0, cpu.control_word())?;
        store(Access::U16, STATUS, cpu.status_word())?;
        store(Access::U16, TAGS, cpu.tags_by_number())?;
        store(Access::U16, OPCODE, cpu.read(FPU_OPCODE))?;
        store(Access::U64, INSTRUCTION, pointer(cpu, it, cpu.read(FPU_INSTRUCTION)))?;
        store(Access::U64, DATA, pointer(cpu, it, cpu.read(FPU_DATA)))?;
        store(Access::U32, MXCSR, mxcsr_word(cpu))?;
        // All but the reserved ones may be set.
        store(Access::U32, MXCSR_MASK, cpu.imm((1i64 << MXCSR_RESERVED) - 1))?;
        for (slot, place) in slots(ST, 16, REGISTERS) {
            let value = cpu.read(slot);
            store(Access::U64, place, if slot % 2 == 0 { value } else { value.zext(16) })?;
        }
        for (slot, place) in slots(XMM, 32, VECTORS) {
            store(Access::U64, place, cpu.read(slot))?;
        }
    };
    fxrstor |cpu, it| {
        let at = cpu.at(it);
        cpu.trap_unless_aligned(ALIGNED, at, Intent::Read)?;
        let load = |access, place| cpu.load(access, at + cpu.imm(place));
        let mxcsr = load(Access::U32, MXCSR)?;
        let reserved = mxcsr >> cpu.imm(MXCSR_RESERVED);
        cpu.trap_when(reserved.ne(cpu.imm(0)), Trap::Software { code: GENERAL_PROTECTION })?;
        let [control, status, tags, opcode] = [
            load(Access::U16, 0)?,
            load(Access::U16, STATUS)?,
            load(Access::U8, TAGS)?,
            load(Access::U16, OPCODE)?,
        ];
        let instruction = pointer(cpu, it, load(Access::U64, INSTRUCTION)?);
        let data = pointer(cpu, it, load(Access::U64, DATA)?);
        let mut values = Vec::new();
        for (slot, place) in slots(ST, 16, REGISTERS) {
            // What lies above sign and exponent is reserved.
            let access = if slot % 2 == 0 { Access::U64 } else { Access::U16 };
            values.push((slot, load(access, place)?));
        }
        for (slot, place) in slots(XMM, 32, VECTORS) {
            values.push((slot, load(Access::U64, place)?));
        }
        for (slot, value) in values {
            cpu.write(slot, value);
        }
        for (slot, part) in [(FLOAT_FLAGS, 0i64), (FLOAT_MODES, 1), (FLOAT_TRAPS, 2)] {
            cpu.write(slot, cpu.call(&PART, [mxcsr, cpu.imm(part), cpu.imm(0)]));
        }
        cpu.set_control_word(control);
        let top = cpu.set_status_word(status);
        cpu.write(FPU_TAGS, ((tags * cpu.imm(0x101)) >> top) & cpu.imm(0xff));
        cpu.write(FPU_OPCODE, opcode & cpu.imm(0x7ff));
        cpu.write(FPU_INSTRUCTION, instruction);
        cpu.write(FPU_DATA, data);
    };
}

/// Slots in a row, with the places of their eight bytes each.
pub(super) fn slots(first: Slot, count: u8, place: i64) -> impl Iterator<Item = (Slot, i64)> {
    (0..count).map(move |n| (first + n, place + 8 * i64::from(n)))
}

/// The address of an instruction or operand as the image has it: with REX.W in 64 bits, else in 32 and a
/// selector, which is zero (deprecated).
#[inline(always)]
fn pointer<D: Domain>(cpu: D, it: &Instruction, pointer: D::Word) -> D::Word {
    let _ = cpu;
    match it.operands[0].bits {
        64 => pointer,
        _ => pointer.zext(32),
    }
}
