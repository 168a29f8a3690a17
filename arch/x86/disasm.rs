//! Assembly as binutils writes it.
//!
//! iced-x86 writes operands; what binutils writes otherwise is here.

mod att;
mod intel;
mod prefixes;
#[cfg(test)]
mod tests;

use crate::decode::parse;
use crate::explain::opcode_length;
use iced_x86::{
    Code, EncodingKind, FormatMnemonicOptions, Formatter, FormatterOptions, GasFormatter,
    Instruction, IntelFormatter, Mnemonic, OpCodeOperandKind, OpKind, Register,
};
use portolan_machine::guest::{Disassembler, Line, Style};
use prefixes::{hint, is_legacy_prefix, prefixes};

/// The two ways to write x86's assembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// The source first, registers with `%`.
    Att,
    /// The destination first.
    Intel,
}

/// The disassembler of x86-64.
pub struct Writer {
    syntax: Syntax,
}

impl Writer {
    /// A disassembler, of AT&T's syntax unless the style asks for the other one.
    pub fn new(style: Style) -> Writer {
        let syntax = match style.other_syntax {
            true => Syntax::Intel,
            false => Syntax::Att,
        };
        Writer { syntax }
    }

    /// iced-x86's formatter, in the manner of binutils. It cannot be kept: it is not `Send`.
    fn formatter(&self) -> Box<dyn Formatter> {
        let mut formatter: Box<dyn Formatter> = match self.syntax {
            Syntax::Att => Box::new(GasFormatter::new()),
            Syntax::Intel => Box::new(IntelFormatter::new()),
        };
        set_options(formatter.options_mut());
        formatter
    }
}

fn set_options(options: &mut FormatterOptions) {
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_uppercase_hex(false);
    options.set_small_hex_numbers_in_decimal(false);
    options.set_rip_relative_addresses(true);
    options.set_branch_leading_zeros(false);
    options.set_show_useless_prefixes(true);
    options.set_space_after_operand_separator(false);
    options.set_show_branch_size(false);
}

impl Disassembler for Writer {
    fn bytes_per_line(&self, _: u8) -> u8 {
        7
    }

    fn line(&mut self, bytes: &[u8], pc: u64) -> Line {
        let Ok(it) = parse(bytes, pc) else {
            return Line {
                decoded: false,
                ..line("(bad)", 1)
            };
        };
        if it.code() == Code::Wait
            && let Some(after) = waited_for(&bytes[1..], pc.wrapping_add(1))
        {
            let line = self.line(&bytes[1..], after.ip());
            return Line {
                length: 1 + line.length,
                // fnstcw, which waits, is fstcw.
                mnemonic: line.mnemonic.replacen('n', "", 1),
                ..line
            };
        }
        let mut formatter = self.formatter();
        let mnemonic = mnemonic(&mut *formatter, self.syntax, &it);
        let prefixes = prefixes(&bytes[..it.len()], &it, self.syntax);
        let hint = hint(&bytes[..it.len()], &it, self.syntax).unwrap_or_default();
        let target = branch_target(&it);
        let mut operands = String::new();
        if target.is_none() {
            let empty = EmptyIndex::of(&bytes[..it.len()], &it);
            operands = self.operands(&mut *formatter, &it, empty).join(",");
        }
        let reference = it
            .is_ip_rel_memory_operand()
            .then(|| it.ip_rel_memory_address());
        if reference.is_some() {
            // binutils sets the address further apart than elsewhere.
            operands.push_str("       ");
        }
        Line {
            operands,
            target,
            reference,
            ..line(
                &[&prefixes.concat(), &mnemonic, hint].concat(),
                it.len() as u8,
            )
        }
    }
}

impl Writer {
    /// The operands in the order of the syntax.
    fn operands(
        &self,
        formatter: &mut dyn Formatter,
        it: &Instruction,
        empty: Option<EmptyIndex>,
    ) -> Vec<String> {
        let count = formatter.operand_count(it);
        let mut operands = Vec::new();
        for index in 0..count {
            let Ok(number) = formatter.get_instruction_operand(it, index) else {
                continue;
            };
            let is_implied = self.syntax == Syntax::Att && number == Some(1) && shifts_by_one(it);
            if is_implied {
                continue;
            }
            let mut text = String::new();
            let _ = formatter.format_operand(it, &mut text, index);
            if let Some(number) = number
                && is_memory(it.op_kind(number))
            {
                text = match self.syntax {
                    Syntax::Att => att::memory(it, number, &text, empty),
                    Syntax::Intel => intel::memory(it, number, &text, empty),
                };
            }
            operands.push(text);
        }
        // iced-x86 leaves out what goes without saying; binutils says it.
        match self.syntax {
            Syntax::Att => att::operands(it, operands),
            Syntax::Intel => intel::operands(it, operands),
        }
    }
}

/// An index that a SIB byte says there is none of, where the byte is not needed for the base: binutils
/// shows it.
#[derive(Clone, Copy)]
struct EmptyIndex {
    name: &'static str,
    scale: u8,
}

impl EmptyIndex {
    fn of(bytes: &[u8], it: &Instruction) -> Option<EmptyIndex> {
        let code = it.code().op_code();
        let has_index = it.memory_index() != Register::None || it.is_ip_rel_memory_operand();
        if has_index || code.encoding() != EncodingKind::Legacy {
            return None;
        }
        let prefixes = bytes.iter().take_while(|byte| is_legacy_prefix(byte));
        let is_narrow = prefixes.clone().any(|byte| *byte == 0x67);
        let rex = prefixes.count();
        let opcode = rex + usize::from(bytes.get(rex)? >> 4 == 4);
        let [modrm, sib, ..] = *bytes.get(opcode + opcode_length(code)..)? else {
            return None;
        };
        let has_memory = (0..it.op_count()).any(|index| it.op_kind(index) == OpKind::Memory);
        if !has_memory || modrm >> 6 == 3 || modrm & 7 != 4 {
            return None;
        }
        let is_needed = match it.memory_base() {
            Register::None => !is_narrow,
            _ => sib & 7 == 4,
        };
        (!is_needed || sib >> 6 != 0).then_some(EmptyIndex {
            name: if is_narrow { "eiz" } else { "riz" },
            scale: 1 << (sib >> 6),
        })
    }
}

/// The instruction after a wait, if the two have a name together.
fn waited_for(bytes: &[u8], pc: u64) -> Option<Instruction> {
    use Mnemonic::*;
    let it = parse(bytes, pc).ok()?;
    let joins = matches!(
        it.mnemonic(),
        Fnstcw | Fnstsw | Fnstenv | Fnsave | Fnclex | Fninit
    );
    (joins && matches!(bytes[0], 0xd9 | 0xdb | 0xdd | 0xdf)).then_some(it)
}

/// The mnemonic without prefixes.
fn mnemonic(formatter: &mut dyn Formatter, syntax: Syntax, it: &Instruction) -> String {
    let mut text = String::new();
    formatter.format_mnemonic_options(it, &mut text, FormatMnemonicOptions::NO_PREFIXES);
    // The usual operand size of the stack and of jumps goes without saying.
    let bare = ["callq", "jmpq", "pushq", "popq"].contains(&text.as_str());
    if bare && syntax == Syntax::Att {
        text.pop();
    }
    match text.as_str() {
        "lretl" | "lcalll" | "ljmpl" | "iretl" => text.truncate(text.len() - 1),
        "popfq" | "pushfq" | "iretd" if syntax == Syntax::Intel => text.truncate(text.len() - 1),
        "fneni" | "fndisi" => text.push_str("(8087 only)"),
        "fnsetpm" => text.push_str("(287 only)"),
        _ if it.mnemonic() == Mnemonic::Sal => text = text.replacen("sal", "shl", 1),
        _ => {}
    }
    if syntax == Syntax::Intel {
        match it.code() {
            Code::Mov_r64_imm64
            | Code::Mov_AL_moffs8
            | Code::Mov_AX_moffs16
            | Code::Mov_EAX_moffs32
            | Code::Mov_RAX_moffs64
            | Code::Mov_moffs8_AL
            | Code::Mov_moffs16_AX
            | Code::Mov_moffs32_EAX
            | Code::Mov_moffs64_RAX => {
                return "movabs".to_owned();
            }
            _ if it.is_string_instruction() => {
                text.truncate(4);
            }
            _ => {}
        }
    }
    text
}

/// The displacement wherever it is encoded; without base and index, the address.
fn displacement(it: &Instruction) -> String {
    let base = it.memory_base();
    match it.memory_displacement64() {
        _ if it.memory_displ_size() == 0 => String::new(),
        absolute if base == Register::None && it.memory_index() == Register::None => {
            format!("{absolute:#x}")
        }
        target if it.is_ip_rel_memory_operand() => signed(target.wrapping_sub(it.next_ip()), base),
        displacement => signed(displacement, base),
    }
}

/// A displacement in the width of the base.
fn signed(displacement: u64, base: Register) -> String {
    let value = match base.size() {
        4 => i64::from(displacement as i32),
        _ => displacement as i64,
    };
    match value {
        0.. => format!("{value:#x}"),
        _ => format!("-{:#x}", value.unsigned_abs()),
    }
}

/// Whether the count of a shift is the one that its opcode implies.
fn shifts_by_one(it: &Instruction) -> bool {
    let code = it.code().op_code();
    (0..code.op_count()).any(|index| code.op_kind(index) == OpCodeOperandKind::imm8_const_1)
}

fn is_memory(kind: OpKind) -> bool {
    use OpKind::*;
    matches!(
        kind,
        Memory
            | MemorySegSI
            | MemorySegESI
            | MemorySegRSI
            | MemorySegDI
            | MemorySegEDI
            | MemorySegRDI
            | MemoryESDI
            | MemoryESEDI
            | MemoryESRDI
    )
}

/// iced-x86's name of a register or an instruction, as assembly has it.
pub(crate) fn lower_case(name: impl std::fmt::Debug) -> String {
    format!("{name:?}").to_lowercase()
}

fn line(mnemonic: &str, length: u8) -> Line {
    Line {
        length,
        unit: 1,
        mnemonic: mnemonic.to_owned(),
        operands: String::new(),
        operand_column: 7,
        target: None,
        reference: None,
        has_delay_slot: false,
        decoded: true,
    }
}

/// Where a direct jump or call goes to.
fn branch_target(it: &Instruction) -> Option<u64> {
    let is_near = |kind| {
        matches!(
            kind,
            OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64
        )
    };
    (it.op_count() == 1 && is_near(it.op0_kind())).then(|| it.near_branch_target())
}
