//! What programs for RARS may write: every row, as it is or as disassembled, and the pseudo-instructions of the manual
//! ("RISC-V Assembly Programmer's Handbook") and of RARS.

use crate::decode::{pattern, row};
use crate::disasm::aliases::SPELLINGS;
use crate::disasm::{csr, text};
use crate::encoding::ROWS;
use crate::regs::FILES;
use portolan_machine::assembly::{Assembly, Kind, Notation, Register};
use portolan_machine::encoding::{Pattern, Row};
use std::sync::LazyLock;

/// The assembly of RV64G.
pub static ASSEMBLY: LazyLock<Assembly> = LazyLock::new(|| {
    let rows = (0..ROWS.len()).map(|index| (row(index), pattern(index)));
    Assembly::new(rows, SPELLINGS, TEMPLATES, &Riscv)
});

struct Riscv;

impl Notation for Riscv {
    fn kind(&self, _: &Row, pattern: &Pattern, operand: &'static str) -> Option<Kind> {
        let named = |name| pattern.field(name).cloned();
        let fixed = |number| Kind::Fixed(Register { file: 0, number });
        Some(match operand {
            "target" => Kind::Relative(named("imm")?, 0),
            "zero" => fixed(0),
            "sp" => fixed(2),
            "dyn" => Kind::Word(operand),
            "csr" => Kind::Named(named("csr")?, |name| {
                (0..0x1000)
                    .find(|number| csr::name(*number) == Some(name))
                    .map(u32::from)
            }),
            "rm" => Kind::Named(named("rm")?, |name| {
                (0..8)
                    .find(|mode| text::rounding_mode(*mode) == Some(name))
                    .map(u32::from)
            }),
            "pred" | "succ" => Kind::Named(named(operand)?, |name| {
                (1..16)
                    .find(|set| text::accesses(*set) == name)
                    .map(|set| set as u32)
            }),
            _ if operand.starts_with('r') => Kind::Register(0, vec![named(operand)?]),
            _ if operand.starts_with('f') => Kind::Register(1, vec![named(&operand[1..])?]),
            _ => {
                let field = named(operand)?;
                match field.pieces.iter().all(|piece| piece.to >= 12) {
                    true => Kind::Upper(field),
                    false => Kind::Sum(vec![(1, field)], 0),
                }
            }
        })
    }

    fn mnemonics(&self, pattern: &Pattern, mnemonic: &'static str) -> Vec<(String, u32)> {
        let (Some(aq), Some(rl)) = (pattern.field("aq"), pattern.field("rl")) else {
            return vec![(mnemonic.to_owned(), 0)];
        };
        let orders = [("", 0, 0), (".rl", 0, 1), (".aq", 1, 0), (".aqrl", 1, 1)];
        let spelled = orders.iter().map(|(order, acquires, releases)| {
            let bits = aq.insert(*acquires) | rl.insert(*releases);
            (format!("{mnemonic}{order}"), bits)
        });
        spelled.collect()
    }

    fn optional(&self, pattern: &Pattern, operand: &str) -> Option<u32> {
        /// The rounding mode of the control register.
        const DYNAMIC: u32 = 7;
        let field = pattern.field("rm").filter(|_| operand == "rm")?;
        Some(field.insert(DYNAMIC))
    }

    fn register(&self, name: &str) -> Option<Register> {
        let name = if name == "fp" { "s0" } else { name };
        (0..).zip(&FILES[..2]).find_map(|(file, registers)| {
            let mut all = (0..).zip(registers.registers);
            let (number, _) = all.find(|(_, it)| it.abi == name || it.name == name)?;
            Some(Register { file, number })
        })
    }
}

/// Pseudo-instructions: mnemonics, operands, and what they stand for.
const TEMPLATES: &[(&str, &str, &str)] = &[
    (
        "li",
        "rd, w32",
        "lui rd, upper(w32); addiw rd, rd, lower(w32)",
    ),
    (
        "li",
        "rd, imm",
        "li rd, upperword(imm); slli rd, rd, 11; ori rd, rd, bits21(imm); slli rd, rd, 11; ori rd, rd, bits10(imm); slli rd, rd, 10; ori rd, rd, bits0(imm)",
    ),
    (
        "la lla",
        "rd, label",
        "auipc rd, pcupper(label); addi rd, rd, pclower(label)",
    ),
    (
        "call",
        "label",
        "auipc ra, pcupper(label); jalr ra, pclower(label)(ra)",
    ),
    (
        "tail",
        "label",
        "auipc t1, pcupper(label); jalr zero, pclower(label)(t1)",
    ),
    ("b", "label", "jal zero, label"),
    ("jalr", "rd, rs, s12", "jalr rd, s12(rs)"),
    ("jr", "rs, s12", "jalr zero, s12(rs)"),
    ("bgt", "rs, rt, label", "blt rt, rs, label"),
    ("bgtu", "rs, rt, label", "bltu rt, rs, label"),
    ("ble", "rs, rt, label", "bge rt, rs, label"),
    ("bleu", "rs, rt, label", "bgeu rt, rs, label"),
    ("sgt", "rd, rs, rt", "slt rd, rt, rs"),
    ("sgtu", "rd, rs, rt", "sltu rd, rt, rs"),
    ("lb lbu lh lhu lw lwu ld", "rd, (rs)", "OP rd, 0(rs)"),
    ("lb lbu lh lhu lw lwu ld", "rd, s12", "OP rd, s12(zero)"),
    (
        "lb lbu lh lhu lw lwu ld",
        "rd, label",
        "auipc rd, pcupper(label); OP rd, pclower(label)(rd)",
    ),
    ("sb sh sw sd", "rs, (rt)", "OP rs, 0(rt)"),
    ("sb sh sw sd", "rs, s12", "OP rs, s12(zero)"),
    (
        "sb sh sw sd",
        "rs, label, rt",
        "auipc rt, pcupper(label); OP rs, pclower(label)(rt)",
    ),
    ("flw fld fsw fsd", "fd, (rs)", "OP fd, 0(rs)"),
    (
        "flw fld fsw fsd",
        "fd, label, rt",
        "auipc rt, pcupper(label); OP fd, pclower(label)(rt)",
    ),
    ("fmv.s.x", "fd, rs", "fmv.w.x fd, rs"),
    ("fmv.x.s", "rd, fs", "fmv.x.w rd, fs"),
    ("fgt.s", "rd, fs, ft", "flt.s rd, ft, fs"),
    ("fge.s", "rd, fs, ft", "fle.s rd, ft, fs"),
    ("fgt.d", "rd, fs, ft", "flt.d rd, ft, fs"),
    ("fge.d", "rd, fs, ft", "fle.d rd, ft, fs"),
];
