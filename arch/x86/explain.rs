//! Everything there is to say about one instruction: [`fields`] reads its bytes, iced-x86 has the manual's
//! notation, its row and its recorded meaning say the rest.

mod fields;
mod instances;

pub(crate) use fields::opcode_length;
pub use instances::instances;
#[cfg(test)]
mod tests;

use crate::X86;
use crate::decode::{decode, parse, row, row_of};
use crate::disasm::{Writer, lower_case};
use crate::encoding::{ROWS, Row};
use iced_x86::{Code, EncodingKind, Instruction, OpCodeInfo};
use portolan_machine::domain::Domain;
use portolan_machine::graph::{Graph, Record};
use portolan_machine::guest::{Disassembler, Explanation, Flow, Style, Summary, Undecoded, record};
use portolan_machine::trap::Trap;
use std::collections::HashMap;

/// Explains the instruction that `bytes` starts with, in the syntax of the manual, which is Intel's.
pub fn explain(bytes: &[u8], pc: u64) -> Result<Explanation, Undecoded> {
    let it = parse(bytes, pc)?;
    let bytes = &bytes[..it.len()];
    let graph = match decode(bytes, pc) {
        Ok(instruction) => record::<X86>(&instruction, pc),
        Err(_) => refused(&it),
    };
    let style = Style {
        other_syntax: true,
        ..Style::default()
    };
    let mut line = Writer::new(style).line(bytes, pc);
    line.reference = None;
    line.operand_column = 1;
    let assembly = line.text(&|address| format!("{address:#x}"));
    let features = it.code().cpuid_features().iter();
    let features: Vec<String> = features.map(|feature| format!("{feature:?}")).collect();
    let row = row(&it);
    Ok(Explanation {
        bytes: bytes.to_vec(),
        unit: 1,
        assembly: assembly.trim_end().to_owned(),
        without_aliases: None,
        name: lower_case(it.mnemonic()),
        extension: features.join(" and "),
        section: row.map_or("known by name only", |row| row.group).to_owned(),
        notation: format!(
            "{}  {}",
            notation(&it),
            it.code().op_code().instruction_string()
        ),
        sentence: row.map_or(String::new(), |row| sentence(&it, row)),
        expansion: None,
        fields: fields::fields(bytes, &it),
        graph,
    })
}

/// What the instruction does. A form with VEX does what the legacy one does, of other operands.
fn sentence(it: &Instruction, row: &Row) -> String {
    let is_shared = |name: String| row.mnemonics.iter().any(|it| lower_case(it) == name);
    let name = lower_case(it.mnemonic());
    let legacy = name
        .strip_prefix('v')
        .filter(|name| is_shared((*name).to_owned()));
    match legacy {
        Some(legacy) => format!(
            "{} So does {legacy}, where the first operand is also the second; with VEX what is above the result is cleared.",
            row.sentence
        ),
        None => row.sentence.to_owned(),
    }
}

/// Every row, with all encodings that 64-bit programs can use.
pub fn instructions() -> Vec<Summary> {
    let mut encodings: HashMap<&str, Vec<Code>> = HashMap::new();
    for code in Code::values().filter(|code| code.op_code().mode64()) {
        if let Some(row) = row_of(code) {
            encodings.entry(row.name).or_default().push(code);
        }
    }
    let summary = |row: &Row| {
        let codes = encodings.get(row.name).map_or(&[][..], Vec::as_slice);
        let mut names: Vec<String> = codes
            .iter()
            .map(|code| lower_case(code.mnemonic()))
            .collect();
        names.sort();
        names.dedup();
        let mut features: Vec<String> = Vec::new();
        for feature in codes.iter().flat_map(|code| code.cpuid_features()) {
            let feature = format!("{feature:?}");
            if !features.contains(&feature) {
                features.push(feature);
            }
        }
        let stated = |code: &Code| {
            let code = code.op_code();
            format!("{}  {}", opcode(code), code.instruction_string())
        };
        Summary {
            name: names.join(" "),
            operands: String::new(),
            notations: codes.iter().map(stated).collect(),
            extension: features.join(" "),
            section: row.group.to_owned(),
            sentence: row.sentence.to_owned(),
            is_executed: true,
        }
    };
    ROWS.iter().map(summary).collect()
}

/// The opcode as the manual writes it: `REX.W + 83 /5 ib`.
fn notation(it: &Instruction) -> String {
    opcode(it.code().op_code())
}

fn opcode(code: &OpCodeInfo) -> String {
    let text = code.op_code_string();
    if code.encoding() != EncodingKind::Legacy {
        return text.to_owned();
    }
    let size = |word: &&str| matches!(*word, "o16" | "o32" | "o64" | "a32" | "a64");
    let rest: Vec<&str> = text.split(' ').filter(|word| !size(word)).collect();
    let is_wide = text.contains("o64") && !code.default_op_size64() && !code.force_op_size64();
    match is_wide {
        true => format!("REX.W + {}", rest.join(" ")),
        false => rest.join(" "),
    }
}

/// What happens here at an instruction that is known by name.
fn refused(it: &Instruction) -> Graph {
    let record = Record::new(it.ip(), it.len() as u8);
    let Ok(()) = (&record).trap(Trap::Illegal);
    record.finish(Flow::Trap)
}
