//! The prefixes that are written as words before the mnemonic.

use super::{Syntax, is_memory};
use iced_x86::{
    EncodingKind, FlowControl, Instruction, MandatoryPrefix, Mnemonic, OpCodeOperandKind, OpKind,
    Register,
};

/// The prefixes that neither the mnemonic nor the operands tell, each followed by a space.
pub fn prefixes(bytes: &[u8], it: &Instruction, syntax: Syntax) -> Vec<&'static str> {
    let code = it.code().op_code();
    let mandatory = match code.mandatory_prefix() {
        MandatoryPrefix::P66 => 0x66,
        MandatoryPrefix::PF3 => 0xf3,
        MandatoryPrefix::PF2 => 0xf2,
        _ => 0,
    };
    let legacy: Vec<u8> = bytes.iter().copied().take_while(is_legacy_prefix).collect();
    let last = |prefix: u8| legacy.iter().rposition(|it| *it == prefix);
    let has_memory = (0..it.op_count()).any(|index| is_memory(it.op_kind(index)));
    let is_told = |(at, &prefix): (usize, &u8)| {
        let counts = last(prefix) == Some(at);
        counts
            && match prefix {
                _ if prefix == mandatory => true,
                0x66 => code.operand_size() == 16,
                0x67 => has_memory || matches!(it.mnemonic(), Mnemonic::Jecxz),
                0x64 | 0x65 => has_memory,
                0x2e | 0x3e => hint(bytes, it, syntax).is_some(),
                _ => false,
            }
    };
    let told: Vec<usize> = (0..legacy.len())
        .filter(|&at| is_told((at, &legacy[at])))
        .collect();
    let rest = legacy
        .iter()
        .enumerate()
        .filter(|(at, _)| !told.contains(at));
    let mut names: Vec<&str> = rest.map(|(_, prefix)| name(*prefix, it)).collect();
    names.extend(bytes.get(legacy.len()).and_then(|rex| unused_rex(*rex, it)));
    names
}

/// What a conditional jump's prefix says of it in AT&T's syntax: that it is probably taken, or not.
pub fn hint(bytes: &[u8], it: &Instruction, syntax: Syntax) -> Option<&'static str> {
    let is_conditional =
        it.is_jcc_short_or_near() || it.is_loop() || it.is_loopcc() || it.is_jcx_short();
    let segments = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];
    let prefixes = bytes.iter().take_while(|byte| is_legacy_prefix(byte));
    let mut segments = prefixes.filter(|byte| segments.contains(*byte));
    if !is_conditional || syntax == Syntax::Intel {
        return None;
    }
    match (segments.next(), segments.next()) {
        (Some(0x3e), None) => Some(",pt"),
        (Some(0x2e), None) => Some(",pn"),
        _ => None,
    }
}

/// The name of a REX prefix, if the instruction makes nothing of one of its bits.
fn unused_rex(rex: u8, it: &Instruction) -> Option<&'static str> {
    let code = it.code().op_code();
    if rex & 0xf0 != 0x40 || code.encoding() != EncodingKind::Legacy {
        return None;
    }
    let kinds = || (0..code.op_count()).map(|index| code.op_kind(index));
    let registers = (0..it.op_count()).filter(|index| it.op_kind(*index) == OpKind::Register);
    let has_byte = registers
        .map(|index| it.op_register(index))
        .any(|it| it.is_gpr8());
    let in_reg = |kind: OpCodeOperandKind| format!("{kind:?}").ends_with("_reg");
    let in_rm = |kind: OpCodeOperandKind| {
        let name = format!("{kind:?}");
        name.ends_with("_or_mem") || name.ends_with("_rm") || name.starts_with("mem")
    };
    let in_opcode = |kind: OpCodeOperandKind| format!("{kind:?}").ends_with("_opcode");
    let has_index = it.memory_index() != Register::None;
    let has_base = it.memory_base() != Register::None && !it.is_ip_rel_memory_operand();
    let has_memory = (0..it.op_count()).any(|index| is_memory(it.op_kind(index)));
    let used = [
        (
            8,
            code.operand_size() == 64 && !code.default_op_size64() && !code.force_op_size64(),
        ),
        (4, kinds().any(in_reg)),
        (2, has_index),
        (
            1,
            kinds().any(in_opcode) || kinds().any(in_rm) && (!has_memory || has_base),
        ),
    ];
    let unused = used.iter().any(|(bit, is_used)| rex & bit != 0 && !is_used);
    let is_bare = rex == 0x40 && !has_byte;
    (unused || is_bare).then(|| REX[usize::from(rex & 15)])
}

const REX: [&str; 16] = [
    "rex ",
    "rex.B ",
    "rex.X ",
    "rex.XB ",
    "rex.R ",
    "rex.RB ",
    "rex.RX ",
    "rex.RXB ",
    "rex.W ",
    "rex.WB ",
    "rex.WX ",
    "rex.WXB ",
    "rex.WR ",
    "rex.WRB ",
    "rex.WRX ",
    "rex.WRXB ",
];

/// Whether a byte is a prefix other than REX and its like.
pub fn is_legacy_prefix(byte: &u8) -> bool {
    matches!(
        byte,
        0x66 | 0x67 | 0xf0 | 0xf2 | 0xf3 | 0x26 | 0x2e | 0x36 | 0x3e | 0x64 | 0x65
    )
}

fn name(prefix: u8, it: &Instruction) -> &'static str {
    let is_branch = !matches!(it.flow_control(), FlowControl::Next | FlowControl::Return);
    match prefix {
        0xf0 => "lock ",
        0xf2 if is_branch || it.flow_control() == FlowControl::Return => "bnd ",
        0xf2 => "repnz ",
        0xf3 if it.is_string_instruction() && !compares(it) => "rep ",
        0xf3 => "repz ",
        0x26 => "es ",
        0x2e => "cs ",
        0x36 => "ss ",
        0x3e if it.is_jmp_near_indirect() || it.is_call_near_indirect() => "notrack ",
        0x3e => "ds ",
        0x64 => "fs ",
        0x65 => "gs ",
        0x66 => "data16 ",
        _ => "addr32 ",
    }
}

/// Whether a string instruction compares: then its repetition depends on the zero flag.
fn compares(it: &Instruction) -> bool {
    use Mnemonic::*;
    matches!(
        it.mnemonic(),
        Cmpsb | Cmpsw | Cmpsd | Cmpsq | Scasb | Scasw | Scasd | Scasq
    )
}
