//! RISC-V as a guest: RV64IMAFDC with Zicsr, Zicntr, Zifencei, Zba, Zbb and Zbs.
//!
//! The crate has one subject per file, in the order of reading: [`regs`], [`encoding`],
//! [`extensions`], [`decode`], [`disasm`], [`explain`], [`semantics`], `linux`.

pub mod assembly;
pub mod decode;
pub mod disasm;
pub mod encoding;
pub mod explain;
pub mod extensions;
mod gdb;
#[cfg(feature = "linux")]
pub mod linux;
pub mod regs;
pub mod semantics;
pub mod simulator;

use portolan_machine::convention::Convention;
use portolan_machine::domain::{Domain, FloatUnit};
use portolan_machine::gdb::Description;
use portolan_machine::guest::{
    self, Context, Disassembler, Explanation, Flow, Guest, Isa, Style, Summary, Undecoded,
};
use portolan_machine::registers::{RegisterFile, Slot};

/// RV64GC, the guest.
#[derive(Debug)]
pub struct Riscv64;

/// The guest that this crate is for.
pub static GUEST: &dyn Guest = &Riscv64;

impl Isa for Riscv64 {
    type Instruction = decode::Instruction;

    const ALIGNMENT: u64 = 2;

    fn name(&self) -> &'static str {
        "riscv64"
    }

    fn title(&self) -> &'static str {
        "RISC-V, 64-bit (RV64GC, Zba, Zbb, Zbs)"
    }

    fn address_bits(&self) -> u32 {
        // Sv39: user programs have the lower half of 39 bits.
        38
    }

    fn register_files(&self) -> &'static [RegisterFile] {
        regs::FILES
    }

    fn stack_pointer(&self) -> Slot {
        regs::X + 2
    }

    fn float_unit(&self) -> Option<&'static FloatUnit> {
        Some(&semantics::UNIT)
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
        _pc: u64,
        context: Context,
    ) -> Result<Self::Instruction, Undecoded> {
        decode::decode_on(bytes, context.mode)
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
        Box::new(disasm::Riscv::new(style))
    }

    fn explain(&self, bytes: &[u8], pc: u64) -> Result<Explanation, guest::Undecoded> {
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
