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
        store_stack(cpu, it, at)?;
        store_mxcsr(cpu, at)?;
        store_slots(cpu, at, slots(XMM, 32, VECTORS))?;
    };
    fxrstor |cpu, it| {
        let at = cpu.at(it);
        cpu.trap_unless_aligned(ALIGNED, at, Intent::Read)?;
        let mxcsr = cpu.load(Access::U32, at + cpu.imm(MXCSR))?;
        refuse_reserved(cpu, mxcsr)?;
        let stack = Loaded::from(cpu, it, at)?;
        let vectors = load_slots(cpu, at, slots(XMM, 32, VECTORS))?;
        stack.enter(cpu);
        for (slot, value) in vectors {
            cpu.write(slot, value);
        }
        set_mxcsr(cpu, mxcsr);
    };
}

/// Stores the x87 unit's part of the image.
#[inline(always)]
pub(super) fn store_stack<D: Domain>(
    cpu: D,
    it: &Instruction,
    at: D::Word,
) -> Result<(), D::Leave> {
    let store = |access, place, value| cpu.store(access, at + cpu.imm(place), value);
    store(Access::U16, 0, cpu.control_word())?;
    store(Access::U16, STATUS, cpu.status_word())?;
    store(Access::U16, TAGS, cpu.tags_by_number())?;
    store(Access::U16, OPCODE, cpu.read(FPU_OPCODE))?;
    store(
        Access::U64,
        INSTRUCTION,
        pointer(cpu, it, cpu.read(FPU_INSTRUCTION)),
    )?;
    store(Access::U64, DATA, pointer(cpu, it, cpu.read(FPU_DATA)))?;
    for (slot, place) in slots(ST, 16, REGISTERS) {
        let value = cpu.read(slot);
        store(
            Access::U64,
            place,
            if slot % 2 == 0 { value } else { value.zext(16) },
        )?;
    }
    Ok(())
}

/// Stores MXCSR, and which of its bits there are: all but the reserved ones.
#[inline(always)]
pub(super) fn store_mxcsr<D: Domain>(cpu: D, at: D::Word) -> Result<(), D::Leave> {
    let known = cpu.imm((1i64 << MXCSR_RESERVED) - 1);
    cpu.store(Access::U32, at + cpu.imm(MXCSR), mxcsr_word(cpu))?;
    cpu.store(Access::U32, at + cpu.imm(MXCSR_MASK), known)
}

/// Traps if MXCSR would get a bit that it does not have.
#[inline(always)]
pub(super) fn refuse_reserved<D: Domain>(cpu: D, mxcsr: D::Word) -> Result<(), D::Leave> {
    let reserved = mxcsr >> cpu.imm(MXCSR_RESERVED);
    let refused = Trap::Software {
        code: GENERAL_PROTECTION,
    };
    cpu.trap_when(reserved.ne(cpu.imm(0)), refused)
}

#[inline(always)]
pub(super) fn set_mxcsr<D: Domain>(cpu: D, mxcsr: D::Word) {
    for (slot, part) in [(FLOAT_FLAGS, 0i64), (FLOAT_MODES, 1), (FLOAT_TRAPS, 2)] {
        cpu.write(slot, cpu.call(&PART, [mxcsr, cpu.imm(part), cpu.imm(0)]));
    }
}

/// Stores slots to their places.
#[inline(always)]
pub(super) fn store_slots<D: Domain>(
    cpu: D,
    at: D::Word,
    places: impl Iterator<Item = (Slot, i64)>,
) -> Result<(), D::Leave> {
    for (slot, place) in places {
        cpu.store(Access::U64, at + cpu.imm(place), cpu.read(slot))?;
    }
    Ok(())
}

/// What slots are to hold, from their places.
#[inline(always)]
pub(super) fn load_slots<D: Domain>(
    cpu: D,
    at: D::Word,
    places: impl Iterator<Item = (Slot, i64)>,
) -> Result<Vec<(Slot, D::Word)>, D::Leave> {
    let load = |(slot, place)| Ok((slot, cpu.load(Access::U64, at + cpu.imm(place))?));
    places.map(load).collect()
}

/// The x87 unit's part of an image.
pub(super) struct Loaded<W> {
    control: W,
    status: W,
    tags: W,
    opcode: W,
    pointers: [W; 2],
    registers: Vec<(Slot, W)>,
}

impl<W: Word> Loaded<W> {
    #[inline(always)]
    pub(super) fn from<D: Domain<Word = W>>(
        cpu: D,
        it: &Instruction,
        at: W,
    ) -> Result<Loaded<W>, D::Leave> {
        let load = |access, place| cpu.load(access, at + cpu.imm(place));
        let [control, status, tags, opcode] = [
            load(Access::U16, 0)?,
            load(Access::U16, STATUS)?,
            load(Access::U8, TAGS)?,
            load(Access::U16, OPCODE)?,
        ];
        let pointers = [load(Access::U64, INSTRUCTION)?, load(Access::U64, DATA)?];
        let mut registers = Vec::new();
        for (slot, place) in slots(ST, 16, REGISTERS) {
            // What lies above sign and exponent is reserved.
            let access = if slot % 2 == 0 {
                Access::U64
            } else {
                Access::U16
            };
            registers.push((slot, load(access, place)?));
        }
        Ok(Loaded {
            control,
            status,
            tags,
            opcode,
            pointers: pointers.map(|it_is| pointer(cpu, it, it_is)),
            registers,
        })
    }

    /// Replaces the unit's state.
    #[inline(always)]
    pub(super) fn enter<D: Domain<Word = W, Condition = W::Condition>>(self, cpu: D) {
        for (slot, value) in self.registers {
            cpu.write(slot, value);
        }
        cpu.set_control_word(self.control);
        let top = cpu.set_status_word(self.status);
        cpu.write(
            FPU_TAGS,
            ((self.tags * cpu.imm(0x101)) >> top) & cpu.imm(0xff),
        );
        cpu.write(FPU_OPCODE, self.opcode & cpu.imm(0x7ff));
        cpu.write(FPU_INSTRUCTION, self.pointers[0]);
        cpu.write(FPU_DATA, self.pointers[1]);
    }
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
