//! The syntax of AT&T: the source first, registers with `%`.

use super::{EmptyIndex, displacement};
use iced_x86::{Instruction, Mnemonic, OpKind, Register};

/// An operand in memory as `segment:displacement(base,index,scale)`. What iced-x86 writes before and
/// after it stays: that a jump is indirect, and how a vector is masked.
pub fn memory(it: &Instruction, number: u32, formatted: &str, empty: Option<EmptyIndex>) -> String {
    let star = if formatted.starts_with('*') { "*" } else { "" };
    let decorated = formatted.find('{').map_or("", |at| &formatted[at..]);
    let place = match it.op_kind(number) {
        OpKind::Memory => sum(it, empty),
        OpKind::MemorySegESI => "(%esi)".to_owned(),
        OpKind::MemorySegRSI => "(%rsi)".to_owned(),
        OpKind::MemorySegEDI | OpKind::MemoryESEDI => "(%edi)".to_owned(),
        _ => "(%rdi)".to_owned(),
    };
    let segment = match (it.op_kind(number), it.segment_prefix()) {
        (OpKind::MemoryESEDI | OpKind::MemoryESRDI, _) => "%es:",
        (_, Register::FS) => "%fs:",
        (_, Register::GS) => "%gs:",
        (OpKind::Memory, _) => "",
        _ => "%ds:",
    };
    format!("{star}{segment}{place}{decorated}")
}

/// `displacement(base,index,scale)`, with the displacement wherever it is encoded.
fn sum(it: &Instruction, empty: Option<EmptyIndex>) -> String {
    let (base, index) = (it.memory_base(), it.memory_index());
    let displacement = displacement(it);
    let name = |register: Register| match register {
        Register::None => String::new(),
        register => format!("%{register:?}").to_lowercase(),
    };
    if let Some(EmptyIndex { name: index, scale }) = empty {
        return format!("{displacement}({},%{index},{scale})", name(base));
    }
    match (base, index) {
        (Register::None, Register::None) => displacement,
        (base, Register::None) => format!("{displacement}({})", name(base)),
        (base, index) => format!(
            "{displacement}({},{},{})",
            name(base),
            name(index),
            it.memory_index_scale()
        ),
    }
}

/// The operands that binutils writes and iced-x86 does not; `written` is what that wrote.
pub fn operands(it: &Instruction, mut written: Vec<String>) -> Vec<String> {
    match (it.mnemonic(), written.as_slice()) {
        (Mnemonic::Xlatb, _) => written = vec!["%ds:(%rbx)".to_owned()],
        (mnemonic, _) if is_port(mnemonic) => {
            for operand in written.iter_mut().filter(|operand| *operand == "%dx") {
                *operand = "(%dx)".to_owned();
            }
        }
        (_, []) => written = stack_operands(it),
        (Mnemonic::Imul, [_, register]) if it.op_count() == 3 => written.push(register.clone()),
        _ => {}
    }
    written
}

/// Whether it reads or writes a port, whose number is in dx.
fn is_port(mnemonic: Mnemonic) -> bool {
    use Mnemonic::*;
    matches!(
        mnemonic,
        In | Insb | Insw | Insd | Out | Outsb | Outsw | Outsd
    )
}

/// The registers of the floating-point stack, where iced-x86 leaves the usual ones out.
fn stack_operands(it: &Instruction) -> Vec<String> {
    let name = |index| match it.op_register(index) {
        Register::ST0 => "%st".to_owned(),
        register => format!("%st({})", register.number()),
    };
    let is_stack = |index| it.op_kind(index) == OpKind::Register && it.op_register(index).is_st();
    match it.op_count() {
        2 if is_stack(0) && is_stack(1) => match it.mnemonic() {
            Mnemonic::Fxch
            | Mnemonic::Fcom
            | Mnemonic::Fcomp
            | Mnemonic::Fucom
            | Mnemonic::Fucomp => {
                vec![name(1)]
            }
            _ => vec![name(1), name(0)],
        },
        _ => Vec::new(),
    }
}
