//! CPU Logical Instructions, and CPU Insert/Extract Instructions.

use super::{Hart, semantics};
use portolan_machine::domain::{Domain, Word};

semantics! {
    and  |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs) & cpu.r(rt));
    andi |cpu, rs, rt, imm| cpu.set_r(rt, cpu.r(rs) & cpu.imm(imm));
    lui  |cpu, rt, imm| cpu.set_r(rt, cpu.imm(imm << 16));
    nor  |cpu, rs, rt, rd| cpu.set_r(rd, !(cpu.r(rs) | cpu.r(rt)));
    or   |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs) | cpu.r(rt));
    ori  |cpu, rs, rt, imm| cpu.set_r(rt, cpu.r(rs) | cpu.imm(imm));
    xor  |cpu, rs, rt, rd| cpu.set_r(rd, cpu.r(rs) ^ cpu.r(rt));
    xori |cpu, rs, rt, imm| cpu.set_r(rt, cpu.r(rs) ^ cpu.imm(imm));
}

semantics! {
    ext  |cpu, rs, rt, msbd, lsb| {
        cpu.set_word(rt, extract(cpu, cpu.r(rs).zext(32), lsb, msbd + 1));
    };
    ins  |cpu, rs, rt, msb, lsb| {
        if let Some(size) = size(msb, lsb) {
            cpu.set_word(rt, insert(cpu, cpu.r(rt), cpu.r(rs), lsb, size));
        }
    };
    wsbh |cpu, rt, rd| cpu.set_word(rd, swap_in_halfwords(cpu, cpu.r(rt)));
}

semantics! {
    dext  |cpu, rs, rt, msbd, lsb| cpu.set_r(rt, extract(cpu, cpu.r(rs), lsb, msbd + 1));
    dextm |cpu, rs, rt, msbd, lsb| cpu.set_r(rt, extract(cpu, cpu.r(rs), lsb, msbd + 33));
    dextu |cpu, rs, rt, msbd, lsb| cpu.set_r(rt, extract(cpu, cpu.r(rs), lsb + 32, msbd + 1));
    dins  |cpu, rs, rt, msb, lsb| {
        if let Some(size) = size(msb, lsb) {
            cpu.set_r(rt, insert(cpu, cpu.r(rt), cpu.r(rs), lsb, size));
        }
    };
    dinsm |cpu, rs, rt, msb, lsb| {
        if let Some(size) = size(msb + 32, lsb) {
            cpu.set_r(rt, insert(cpu, cpu.r(rt), cpu.r(rs), lsb, size));
        }
    };
    dinsu |cpu, rs, rt, msb, lsb| {
        if let Some(size) = size(msb, lsb) {
            cpu.set_r(rt, insert(cpu, cpu.r(rt), cpu.r(rs), lsb + 32, size));
        }
    };
    dsbh |cpu, rt, rd| cpu.set_r(rd, swap_in_halfwords(cpu, cpu.r(rt)));
    dshd |cpu, rt, rd| cpu.set_r(rd, swap_in_halfwords(cpu, cpu.r(rt).swap_bytes()));
}

/// The size of a field that is inserted. None if it ends before it begins: the result is
/// unpredictable then, and here nothing happens.
fn size(msb: u8, lsb: u8) -> Option<u8> {
    (msb >= lsb).then(|| msb - lsb + 1)
}

/// A field of a value; what lies beyond bit 63 is zero.
#[inline(always)]
fn extract<D: Domain>(cpu: D, value: D::Word, lsb: u8, size: u8) -> D::Word {
    (value >> cpu.imm(lsb)).zext(size.min(64))
}

#[inline(always)]
fn insert<D: Domain>(cpu: D, old: D::Word, value: D::Word, lsb: u8, size: u8) -> D::Word {
    let mask = cpu.constant((u64::MAX >> (64 - size.min(64))) << lsb);
    old & !mask | value << cpu.imm(lsb) & mask
}

#[inline(always)]
fn swap_in_halfwords<D: Domain>(cpu: D, value: D::Word) -> D::Word {
    let low = cpu.constant(0x00ff_00ff_00ff_00ff);
    value >> cpu.imm(8) & low | (value & low) << cpu.imm(8)
}
