//! x86-64 as a guest: the *Intel 64 and IA-32 Architectures Software Developer's Manual*, Volume 2.
//!
//! iced-x86 decodes and formats; rows, meanings and explanations are here. The shape is that of every
//! `arch/*` crate: see ARCHITECTURE.md.

pub mod decode;
pub mod disasm;
pub mod encoding;
mod explain;
mod extended;
mod gdb;
pub mod levels;
#[cfg(feature = "linux")]
pub mod linux;
pub mod regs;
pub mod semantics;

use levels::Level;
use portolan_machine::convention::Convention;
use portolan_machine::domain::{Domain, FloatUnit};
use portolan_machine::gdb::Description;
use portolan_machine::guest::{
    Context, Disassembler, Explanation, Flow, Guest, Isa, Style, Summary, Undecoded,
};
use portolan_machine::registers::{RegisterFile, Slot};

/// x86-64.
pub struct X86;

/// x86-64 as the rest of the program sees it.
pub static GUEST: &dyn Guest = &X86;

impl Isa for X86 {
    type Instruction = decode::Instruction;

    const ALIGNMENT: u64 = 1;

    fn name(&self) -> &'static str {
        "x86_64"
    }

    fn title(&self) -> &'static str {
        "x86-64"
    }

    fn address_bits(&self) -> u32 {
        // The upper half is the kernel's.
        47
    }

    fn register_files(&self) -> &'static [RegisterFile] {
        regs::FILES
    }

    fn stack_pointer(&self) -> Slot {
        regs::RSP
    }

    fn flags(&self) -> &'static [Slot] {
        &regs::FLAGS
    }

    fn float_unit(&self) -> Option<&'static FloatUnit> {
        Some(&semantics::vector::control::UNIT)
    }

    fn is_strongly_ordered(&self) -> bool {
        true
    }

    fn hidden_slots(&self) -> &'static [(Slot, &'static str)] {
        regs::HIDDEN
    }

    fn gdb(&self, _: u8) -> Option<&'static Description> {
        Some(&gdb::DESCRIPTION)
    }

    fn decode(
        &self,
        bytes: &[u8],
        pc: u64,
        context: Context,
    ) -> Result<Self::Instruction, Undecoded> {
        decode::decode_on(Level::of_mode(context.mode), bytes, pc)
    }

    #[inline(always)]
    fn length(instruction: &Self::Instruction) -> u8 {
        instruction.length
    }

    fn flow(instruction: &Self::Instruction) -> Flow {
        decode::flow(instruction)
    }

    #[inline(always)]
    fn execute<D: Domain>(cpu: D, instruction: &Self::Instruction) -> Result<(), D::Leave> {
        encoding::execute(cpu, instruction)
    }

    fn disassembler(&self, style: Style) -> Box<dyn Disassembler> {
        Box::new(disasm::Writer::new(style))
    }

    fn explain(&self, bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
        explain::explain(bytes, pc)
    }

    fn convention(&self) -> &'static Convention {
        &regs::CONVENTION
    }

    fn instructions(&self) -> Vec<Summary> {
        explain::instructions()
    }

    fn instances(&self, constant: i64) -> Vec<Vec<u8>> {
        explain::instances(constant)
    }
}
