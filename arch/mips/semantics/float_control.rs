//! FPU Move Instructions to and from control registers: FCSR and the registers that are views of it.
//!
//! The parts of FCSR live in slots of their own, and come together here.

use super::{Hart, semantics};
use crate::decode::Mode;
use crate::regs::{CAUSE, CONDITIONS, ENABLES, FLAGS, FLUSH, ROUNDING};
use portolan_machine::domain::{Domain, Word};
use portolan_machine::trap::Trap;

/// FIR: doubleword and word conversions, paired singles, doubles and singles, registers of 64 bits.
const FIR: i64 = 1 << 22 | 1 << 21 | 1 << 20 | 1 << 18 | 1 << 17 | 1 << 16;
/// FIR.Has2008.
const HAS_2008: i64 = 1 << 23;
/// FCSR.NAN2008 and FCSR.ABS2008.
pub(crate) const FCSR_2008: i64 = 1 << 18 | 1 << 19;

semantics! {
    cfc1 |cpu, rt, cs, mode| {
        let value = match cs {
            0 => cpu.imm(fir(mode.has_nan2008())),
            // FCCR
            25 => cpu.read(CONDITIONS),
            // FEXR
            26 => at(cpu, CAUSE, 12) | at(cpu, FLAGS, 2),
            // FENR
            28 => at(cpu, ENABLES, 7) | at(cpu, FLUSH, 2) | rounding(cpu, cpu.read(ROUNDING)),
            _ => status(cpu, mode),
        };
        cpu.set_word(rt, value);
    };
    ctc1 |cpu, rt, cs| {
        let value = cpu.r(rt);
        match cs {
            25 => cpu.write(CONDITIONS, value & cpu.imm(0xff)),
            26 => {
                cpu.write(CAUSE, field(cpu, value, 12, 0x1f));
                cpu.write(FLAGS, field(cpu, value, 2, 0x1f));
            }
            28 => {
                cpu.write(ENABLES, field(cpu, value, 7, 0x1f));
                cpu.write(FLUSH, field(cpu, value, 2, 1));
                cpu.write(ROUNDING, rounding(cpu, value & cpu.imm(3)));
            }
            31 => {
                cpu.write(CAUSE, field(cpu, value, 12, 0x1f));
                cpu.write(FLAGS, field(cpu, value, 2, 0x1f));
                cpu.write(ENABLES, field(cpu, value, 7, 0x1f));
                cpu.write(FLUSH, field(cpu, value, 24, 1));
                cpu.write(ROUNDING, rounding(cpu, value & cpu.imm(3)));
                let others = field(cpu, value, 24, 0xfe);
                cpu.write(CONDITIONS, others | field(cpu, value, 23, 1));
            }
            // The others cannot be written.
            _ => return Ok(()),
        }
        // Writing an exception that is enabled raises it.
        let enabled = cpu.read(CAUSE) & cpu.read(ENABLES);
        cpu.trap_when(enabled.ne(cpu.imm(0)), Trap::Float { raised: enabled })?;
    };
}

/// FIR of a processor with either kind of NaNs.
pub(crate) fn fir(has_nan2008: bool) -> i64 {
    if has_nan2008 { FIR | HAS_2008 } else { FIR }
}

/// FCSR.
#[inline(always)]
fn status<D: Domain>(cpu: D, mode: Mode) -> D::Word {
    let conditions = cpu.read(CONDITIONS);
    let fixed = if mode.has_nan2008() { FCSR_2008 } else { 0 };
    (conditions & cpu.imm(0xfe)) << cpu.imm(24)
        | (conditions & cpu.imm(1)) << cpu.imm(23)
        | at(cpu, FLUSH, 24)
        | at(cpu, CAUSE, 12)
        | at(cpu, ENABLES, 7)
        | at(cpu, FLAGS, 2)
        | rounding(cpu, cpu.read(ROUNDING))
        | cpu.imm(fixed)
}

/// A slot's contents, shifted to their place.
#[inline(always)]
fn at<D: Domain>(cpu: D, slot: u8, place: u8) -> D::Word {
    cpu.read(slot) << cpu.imm(place)
}

#[inline(always)]
fn field<D: Domain>(cpu: D, value: D::Word, place: u8, mask: u8) -> D::Word {
    value >> cpu.imm(place) & cpu.imm(mask)
}

/// FCSR.RM has rounding up before rounding down, other than the machine: in both directions the
/// numbers 2 and 3 change places.
#[inline(always)]
fn rounding<D: Domain>(cpu: D, number: D::Word) -> D::Word {
    number ^ number >> cpu.imm(1)
}
