//! The syntax of Intel: the destination first, operands in memory with their size.

use super::{EmptyIndex, displacement, is_memory, shifts_by_one};
use iced_x86::{Instruction, MemorySize, Mnemonic, OpCodeOperandKind, OpKind, Register};

/// An operand in memory as `SIZE PTR segment:[base+index*scale+displacement]`. How a vector is masked
/// stays as iced-x86 writes it.
pub fn memory(it: &Instruction, number: u32, formatted: &str, empty: Option<EmptyIndex>) -> String {
    let decorated = formatted.find('{').map_or("", |at| &formatted[at..]);
    let place = match it.op_kind(number) {
        OpKind::Memory => sum(it, empty),
        OpKind::MemorySegESI => "[esi]".to_owned(),
        OpKind::MemorySegRSI => "[rsi]".to_owned(),
        OpKind::MemorySegEDI | OpKind::MemoryESEDI => "[edi]".to_owned(),
        _ => "[rdi]".to_owned(),
    };
    let segment = match (it.op_kind(number), it.segment_prefix()) {
        (OpKind::MemoryESEDI | OpKind::MemoryESRDI, _) => "es:",
        (_, Register::FS) => "fs:",
        (_, Register::GS) => "gs:",
        (OpKind::Memory, _) if place.starts_with('[') => "",
        _ => "ds:",
    };
    format!("{}{segment}{place}{decorated}", size(it))
}

/// `[base+index*scale+displacement]`, or the bare address.
fn sum(it: &Instruction, empty: Option<EmptyIndex>) -> String {
    let (base, index) = (it.memory_base(), it.memory_index());
    let displacement = match it.is_ip_rel_memory_operand() {
        // Unlike others, as a number of 64 bits.
        true => format!(
            "{:#x}",
            it.memory_displacement64().wrapping_sub(it.next_ip())
        ),
        false => displacement(it),
    };
    if base == Register::None && index == Register::None && empty.is_none() {
        return displacement;
    }
    let name = |register: Register| format!("{register:?}").to_lowercase();
    let mut text = String::from("[");
    if base != Register::None {
        text += &name(base);
    }
    if index != Register::None {
        let plus = if base == Register::None { "" } else { "+" };
        text += &format!("{plus}{}*{}", name(index), it.memory_index_scale());
    }
    if let Some(EmptyIndex { name, scale }) = empty {
        let plus = if base == Register::None { "" } else { "+" };
        text += &format!("{plus}{name}*{scale}");
    }
    if !displacement.is_empty() {
        let plus = if displacement.starts_with('-') {
            ""
        } else {
            "+"
        };
        text += &format!("{plus}{displacement}");
    }
    text + "]"
}

/// The size of the operand in memory, where it has one.
fn size(it: &Instruction) -> &'static str {
    if it.mnemonic() == Mnemonic::Lea || it.memory_size() == MemorySize::Unknown {
        return "";
    }
    let bytes = match it.is_broadcast() {
        true => it.memory_size().element_size(),
        false => it.memory_size().size(),
    };
    match bytes {
        1 => "BYTE PTR ",
        2 => "WORD PTR ",
        4 => "DWORD PTR ",
        6 => "FWORD PTR ",
        8 => "QWORD PTR ",
        10 => "TBYTE PTR ",
        16 => "XMMWORD PTR ",
        32 => "YMMWORD PTR ",
        64 => "ZMMWORD PTR ",
        _ => "",
    }
}

/// The operands that binutils writes and iced-x86 does not, or otherwise; `written` is what that wrote.
pub fn operands(it: &Instruction, mut written: Vec<String>) -> Vec<String> {
    let memory_operand = (0..it.op_count()).find(|index| is_memory(it.op_kind(*index)));
    // Of x87: its mnemonics alone begin so and name the stack.
    let is_float = format!("{:?}", it.mnemonic()).starts_with('F');
    match memory_operand {
        _ if it.is_string_instruction() => (0..it.op_count())
            .map(|index| match is_memory(it.op_kind(index)) {
                true => memory(it, index, "", None),
                false => format!("{:?}", it.op_register(index)).to_lowercase(),
            })
            .collect(),
        _ if shifts_by_one(it) => vec![written[0].clone(), "1".to_owned()],
        // The top of the stack goes without saying.
        Some(_) if is_float => written.into_iter().filter(|text| text != "st").collect(),
        None if is_float => stack_operands(it).unwrap_or(written),
        _ => {
            if it.mnemonic() == Mnemonic::Imul && it.op_count() == 3 && written.len() == 2 {
                written.insert(0, written[0].clone());
            }
            written
        }
    }
}

/// Registers of the floating-point stack. That its top is one goes without saying where nothing else
/// can be.
fn stack_operands(it: &Instruction) -> Option<Vec<String>> {
    let number = |index| format!("st({})", it.op_register(index).number());
    let is_stack = |index| it.op_kind(index) == OpKind::Register && it.op_register(index).is_st();
    let count = it.op_count();
    if count == 0 || !(0..count).all(is_stack) {
        return None;
    }
    let name = format!("{:?}", it.mnemonic());
    let both = ["Fadd", "Fmul", "Fsub", "Fdiv", "Fcmov", "Fucomi", "Fcomi"];
    let says_top = both.iter().any(|start| name.starts_with(start));
    let first_is_top = it.code().op_code().op0_kind() == OpCodeOperandKind::st0;
    Some(match (count, first_is_top) {
        (2, true) if says_top => vec!["st".to_owned(), number(1)],
        (2, false) if says_top => vec![number(0), "st".to_owned()],
        (2, true) => vec![number(1)],
        _ => vec![number(0)],
    })
}
