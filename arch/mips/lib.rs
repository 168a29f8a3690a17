//! MIPS as a guest: MIPS32 and MIPS64 release 2, in both byte orders, and by name the R5900 of
//! the PlayStation 2.
//!
//! The crate has one subject per file, in the order of reading: [`regs`], [`encoding`],
//! [`decode`], [`disasm`], [`explain`], [`semantics`], `linux`.

pub mod assembly;
pub mod decode;
pub mod disasm;
pub mod encoding;
pub mod explain;
mod gdb;
#[cfg(feature = "linux")]
pub mod linux;
pub mod regs;
pub mod semantics;
pub mod simulator;

use decode::Set;
use portolan_machine::convention::Convention;
use portolan_machine::domain::{Domain, FloatUnit};
use portolan_machine::gdb::Description;
use portolan_machine::guest::{
    Context, Disassembler, Explanation, Flow, Guest, Isa, Style, Summary, Undecoded,
};
use portolan_machine::memory::Order;
use portolan_machine::registers::{RegisterFile, Slot};

/// A MIPS guest. All share decoder and semantics: width and byte order are values.
#[derive(Debug)]
pub struct Mips {
    name: &'static str,
    title: &'static str,
    variant: decode::Guest,
}

const fn variant(set: Set, order: Order) -> decode::Guest {
    decode::Guest { set, order }
}

/// MIPS32, big-endian.
pub static MIPS: Mips = Mips {
    name: "mips",
    title: "MIPS, 32-bit, big-endian (MIPS32 release 2)",
    variant: variant(Set::Mips32, Order::Big),
};

/// MIPS32, little-endian.
pub static MIPSEL: Mips = Mips {
    name: "mipsel",
    title: "MIPS, 32-bit, little-endian (MIPS32 release 2)",
    variant: variant(Set::Mips32, Order::Little),
};

/// MIPS64, big-endian.
pub static MIPS64: Mips = Mips {
    name: "mips64",
    title: "MIPS, 64-bit, big-endian (MIPS64 release 2)",
    variant: variant(Set::Mips64, Order::Big),
};

/// MIPS64, little-endian.
pub static MIPS64EL: Mips = Mips {
    name: "mips64el",
    title: "MIPS, 64-bit, little-endian (MIPS64 release 2)",
    variant: variant(Set::Mips64, Order::Little),
};

/// The R5900, with the registers of the 32-bit calling convention. What it adds to MIPS III is
/// known by name.
pub static R5900: Mips = Mips {
    name: "mipsr5900el",
    title: "MIPS, the R5900 of the PlayStation 2",
    variant: variant(Set::R5900, Order::Little),
};

/// The guests of this crate.
pub static GUESTS: [&dyn Guest; 5] = [&MIPS, &MIPSEL, &MIPS64, &MIPS64EL, &R5900];

impl Isa for Mips {
    type Instruction = decode::Instruction;

    const ALIGNMENT: u64 = 4;

    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn address_bits(&self) -> u32 {
        match self.variant.set {
            // The upper half is the kernel's.
            Set::Mips32 | Set::R5900 => 31,
            Set::Mips64 => 40,
        }
    }

    fn order(&self) -> Order {
        self.variant.order
    }

    fn register_files(&self) -> &'static [RegisterFile] {
        match self.variant.set {
            Set::Mips32 => regs::FILES_32,
            Set::Mips64 => regs::FILES_64,
            Set::R5900 => regs::FILES_R5900,
        }
    }

    fn stack_pointer(&self) -> Slot {
        regs::R + 29
    }

    fn float_unit(&self) -> Option<&'static FloatUnit> {
        Some(&semantics::float::LEGACY)
    }

    fn hidden_slots(&self) -> &'static [(Slot, &'static str)] {
        regs::HIDDEN
    }

    fn gdb(&self, mode: u8) -> Option<&'static Description> {
        let is_wide = match self.variant.set {
            Set::Mips32 => false,
            Set::Mips64 => true,
            // It has a description of its own, with wider registers.
            Set::R5900 => return None,
        };
        Some(gdb::description(is_wide, self.variant.order, mode))
    }

    const INSIDE: bool = true;

    const CARRIED: &'static [Slot] = &[regs::TARGET];

    fn mode(&self) -> u8 {
        match self.variant.set {
            // What every processor can do.
            Set::Mips32 => 0,
            Set::Mips64 | Set::R5900 => decode::WIDE_FLOATS,
        }
    }

    fn decode(
        &self,
        bytes: &[u8],
        _pc: u64,
        context: Context,
    ) -> Result<Self::Instruction, Undecoded> {
        decode::decode(self.variant, bytes, context)
    }

    fn leads_inside(instruction: &Self::Instruction) -> u8 {
        if decode::has_delay_slot(instruction.op) {
            decode::DELAY_SLOT
        } else {
            0
        }
    }

    fn restarts_before(instruction: &Self::Instruction) -> u8 {
        if instruction.mode.is_in_delay_slot() {
            4
        } else {
            0
        }
    }

    #[inline(always)]
    fn length(_: &Self::Instruction) -> u8 {
        4
    }

    fn flow(instruction: &Self::Instruction) -> Flow {
        decode::flow(instruction)
    }

    #[inline(always)]
    fn execute<D: Domain>(cpu: D, instruction: &Self::Instruction) -> Result<(), D::Leave> {
        semantics::execute(cpu, instruction)
    }

    fn disassembler(&self, style: Style) -> Box<dyn Disassembler> {
        Box::new(disasm::Writer::new(self.variant, style))
    }

    fn explain(&self, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
        explain::explain(self, bytes, pc)
    }

    fn convention(&self) -> &'static Convention {
        match self.variant.set {
            Set::Mips32 | Set::R5900 => &regs::O32,
            Set::Mips64 => &regs::N64,
        }
    }

    fn instructions(&self) -> Vec<Summary> {
        explain::instructions(self.variant)
    }

    fn instances(&self, constant: i64) -> Vec<Vec<u8>> {
        explain::instances(self.variant, constant)
    }
}
