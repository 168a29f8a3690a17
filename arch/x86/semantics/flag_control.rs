//! Flag control instructions.

use super::transfer::part;
use super::{Hart, semantics};
use crate::decode::Operand;
use crate::regs::{AF, CF, DF, OF, OTHER_FLAGS, PF, RAX, RSP, SF, ZF};
use portolan_machine::domain::Domain;
use portolan_machine::guest::Core;
use portolan_machine::registers::Slot;

semantics! {
    stc |cpu| cpu.write(CF, cpu.imm(1));
    clc |cpu| cpu.write(CF, cpu.imm(0));
    cmc |cpu| cpu.write(CF, cpu.read(CF) ^ cpu.imm(1));
    std |cpu| cpu.write(DF, cpu.imm(1));
    cld |cpu| cpu.write(DF, cpu.imm(0));
    lahf |cpu| cpu.set_part(AH, flags(cpu, LOW) | cpu.imm(2));
    sahf |cpu| {
        let ah = cpu.part(AH);
        set_flags(cpu, LOW, ah);
    };
    pushf |cpu, _it, size| {
        let always = cpu.constant(FIXED);
        let all = flags(cpu, ALL) | cpu.read(OTHER_FLAGS) | always;
        cpu.push_word(size.bits, all)?;
    };
    popf |cpu, _it, size| {
        let (value, top) = cpu.pop_word(size.bits)?;
        cpu.write(RSP, top);
        load_flags(cpu, size.bits, value);
    };
}

const AH: Operand = Operand {
    shift: 8,
    ..part(RAX, 8)
};

/// The flags of the low byte, with their places.
const LOW: &[(Slot, u8)] = &[(CF, 0), (PF, 2), (AF, 4), (ZF, 6), (SF, 7)];
/// All flags that have slots of their own, with their places in rflags.
pub const ALL: &[(Slot, u8)] = &[
    (CF, 0),
    (PF, 2),
    (AF, 4),
    (ZF, 6),
    (SF, 7),
    (DF, 10),
    (OF, 11),
];
/// The other flags that programs can change: TF, NT, AC and ID.
pub const OTHERS: u64 = 1 << 8 | 1 << 14 | 1 << 18 | 1 << 21;
/// What programs find set: the reserved bit 1, and IF.
pub const FIXED: u64 = 1 << 1 | 1 << 9;

/// rflags of a hart.
pub fn rflags(core: &dyn Core) -> u64 {
    let places = ALL.iter();
    let flags = places.fold(0, |all, (slot, place)| all | core.register(*slot) << place);
    flags | core.register(OTHER_FLAGS) | FIXED
}

/// Replaces rflags of a hart, as far as programs can.
pub fn set_rflags(core: &mut dyn Core, flags: u64) {
    for (slot, place) in ALL {
        core.set_register(*slot, flags >> place & 1);
    }
    core.set_register(OTHER_FLAGS, flags & OTHERS);
}

/// Replaces the low bits of rflags, as far as programs can.
#[inline(always)]
pub(super) fn load_flags<D: Domain>(cpu: D, bits: u8, value: D::Word) {
    set_flags(cpu, ALL, value);
    let changed = super::low(OTHERS, bits);
    let kept = cpu.read(OTHER_FLAGS) & cpu.constant(!changed);
    cpu.write(OTHER_FLAGS, kept | value & cpu.constant(changed));
}

#[inline(always)]
fn flags<D: Domain>(cpu: D, places: &[(Slot, u8)]) -> D::Word {
    let mut word = cpu.imm(0);
    for &(slot, place) in places {
        word = word | cpu.read(slot) << cpu.imm(place);
    }
    word
}

#[inline(always)]
fn set_flags<D: Domain>(cpu: D, places: &[(Slot, u8)], value: D::Word) {
    for &(slot, place) in places {
        cpu.write(slot, (value >> cpu.imm(place)) & cpu.imm(1));
    }
}
