//! What programs for SPIM and MARS may write: every row that is executed, as it is or as disassembled, and what SPIM's
//! manual ("MIPS R2000 Instruction Set") and MARS's help list as pseudo-instructions.
//!
//! Where one needs a register of its own, that is `$at`.

use crate::decode::{Set, belongs, pattern, row};
use crate::disasm::aliases::SPELLINGS;
use crate::disasm::text::{CONDITIONS, field};
use crate::encoding::ROWS;
use crate::regs::FILES_32;
use portolan_machine::assembly::{Assembly, Kind, Notation, Register};
use portolan_machine::encoding::{Field, Pattern, Row};
use std::sync::LazyLock;

/// The assembly of MIPS32.
pub static ASSEMBLY: LazyLock<Assembly> = LazyLock::new(|| {
    let own = (0..ROWS.len()).filter(|index| belongs(Set::Mips32, *index));
    let rows = own.map(|index| (row(index), pattern(index)));
    Assembly::new(rows, SPELLINGS, TEMPLATES, &Mips)
});

/// General registers.
const GENERAL: u8 = 0;
/// Floating-point registers.
const FLOAT: u8 = 1;

struct Mips;

impl Notation for Mips {
    fn kind(&self, _: &Row, pattern: &Pattern, operand: &'static str) -> Option<Kind> {
        let named = |name| pattern.field(name).cloned();
        // An offset counts from the delay slot.
        const SLOT: u64 = 4;
        Some(match operand {
            "zero" => Kind::Fixed(Register {
                file: GENERAL,
                number: 0,
            }),
            "target" => match named("offset") {
                Some(offset) => Kind::Relative(offset, SLOT),
                None => Kind::Region(named("region")?, SLOT),
            },
            "rd|rt" => Kind::Register(GENERAL, vec![named("rd")?, named("rt")?]),
            // Programs write control registers as general ones: `$31`.
            "rs" | "rt" | "rd" | "base" | "index" | "cs" | "cd" | "hwr" => {
                Kind::Register(GENERAL, vec![named(operand)?])
            }
            "fr" | "ft" | "fs" | "fd" => Kind::Register(FLOAT, vec![named(operand)?]),
            "cc" => Kind::Named(named(operand)?, |name| {
                name.strip_prefix("$fcc")?.parse().ok().filter(|it| *it < 8)
            }),
            _ => {
                let (terms, constant) = sum(operand, pattern)?;
                Kind::Sum(terms, constant)
            }
        })
    }

    fn mnemonics(&self, pattern: &Pattern, mnemonic: &'static str) -> Vec<(String, u32)> {
        match pattern.field("cond") {
            None => vec![(mnemonic.to_owned(), 0)],
            Some(field) => (0..)
                .zip(CONDITIONS)
                .map(|(number, name)| (mnemonic.replace(".cond", name), field.insert(number)))
                .collect(),
        }
    }

    fn field(&self, pattern: &Pattern, name: &str) -> Option<Field> {
        field(name, pattern)
    }

    fn optional(&self, _: &Pattern, _: &str) -> Option<u32> {
        None
    }

    fn register(&self, name: &str) -> Option<Register> {
        let bare = name.strip_prefix('$')?;
        let numbered = |text: &str| {
            let number: u8 = text.parse().ok()?;
            (number < 32 && !(text.len() > 1 && text.starts_with('0'))).then_some(number)
        };
        if let Some(number) = bare.strip_prefix('f').and_then(numbered) {
            return Some(Register {
                file: FLOAT,
                number,
            });
        }
        let bare = if bare == "fp" { "s8" } else { bare };
        let registers = FILES_32[0].registers.iter();
        let known = (0..).zip(registers).find(|(_, it)| it.abi == bare);
        let number = known.map(|(number, _)| number).or_else(|| numbered(bare))?;
        Some(Register {
            file: GENERAL,
            number,
        })
    }
}

/// The fields of a sum such as `msb-lsb+1`, with their signs, and the constant.
fn sum(text: &str, pattern: &Pattern) -> Option<(Vec<(i64, Field)>, i64)> {
    let (mut terms, mut constant) = (Vec::new(), 0);
    let mut rest = text;
    let mut sign = 1;
    loop {
        let end = rest.find(['+', '-']).unwrap_or(rest.len());
        match rest[..end].parse::<i64>() {
            Ok(number) => constant += sign * number,
            Err(_) => terms.push((sign, field(&rest[..end], pattern)?)),
        }
        let Some(next) = rest[end..].chars().next() else {
            return Some((terms, constant));
        };
        sign = if next == '+' { 1 } else { -1 };
        rest = &rest[end + 1..];
    }
}

/// Pseudo-instructions: mnemonics, operands, and what they stand for.
const TEMPLATES: &[(&str, &str, &str)] = &[
    // Constants, addresses and moves
    ("li", "rd, w32", "lui rd, high(w32); ori rd, rd, low(w32)"),
    (
        "la",
        "rd, label",
        "lui rd, high(label); ori rd, rd, low(label)",
    ),
    ("la", "rd, (rs)", "addiu rd, rs, 0"),
    (
        "la",
        "rd, label(rs)",
        "lui $at, high(label); ori $at, $at, low(label); addu rd, rs, $at",
    ),
    ("li.s", "fd, w32", "li $at, w32; mtc1 $at, fd"),
    (
        "li.d",
        "fd, imm",
        "li $at, word(imm); mtc1 $at, fd; li $at, upperword(imm); mtc1 $at, fd+1",
    ),
    ("mfc1.d", "rt, fs", "mfc1 rt, fs; mfc1 rt+1, fs+1"),
    ("mtc1.d", "rt, fs", "mtc1 rt, fs; mtc1 rt+1, fs+1"),
    // Arithmetic
    ("add", "rd, rs, s16", "addi rd, rs, s16"),
    ("addu", "rd, rs, s16", "addiu rd, rs, s16"),
    (
        "add addu sub subu mul and or xor nor slt sltu",
        "rd, rs, w32",
        "li $at, w32; OP rd, rs, $at",
    ),
    ("addi", "rd, rs, w32", "li $at, w32; add rd, rs, $at"),
    ("addiu", "rd, rs, w32", "li $at, w32; addu rd, rs, $at"),
    ("subi", "rd, rs, w32", "li $at, w32; sub rd, rs, $at"),
    ("subiu", "rd, rs, w32", "li $at, w32; subu rd, rs, $at"),
    ("andi", "rd, rs, w32", "li $at, w32; and rd, rs, $at"),
    ("ori", "rd, rs, w32", "li $at, w32; or rd, rs, $at"),
    ("xori", "rd, rs, w32", "li $at, w32; xor rd, rs, $at"),
    ("slti", "rd, rs, w32", "li $at, w32; slt rd, rs, $at"),
    ("sltiu", "rd, rs, w32", "li $at, w32; sltu rd, rs, $at"),
    (
        "add addu addi addiu sub subu subi subiu mul and andi or ori xor xori sll srl sra",
        "rd, w32",
        "OP rd, rd, w32",
    ),
    (
        "add addu sub subu mul and or xor",
        "rd, rs",
        "OP rd, rd, rs",
    ),
    ("not", "rd, rs", "nor rd, rs, $zero"),
    ("not neg negu abs", "rd", "OP rd, rd"),
    (
        "abs",
        "rd, rs",
        "sra $at, rs, 31; xor rd, rs, $at; subu rd, rd, $at",
    ),
    ("mulu", "rd, rs, rt", "multu rs, rt; mflo rd"),
    (
        "mulo",
        "rd, rs, rt",
        "mult rs, rt; mflo rd; sra rd, rd, 31; mfhi $at; tne $at, rd; mflo rd",
    ),
    (
        "mulou",
        "rd, rs, rt",
        "multu rs, rt; mfhi $at; tne $at, $zero; mflo rd",
    ),
    ("div divu", "rs, rt", "OP $zero, rs, rt"),
    // A trap with the code 7 says that something was divided by zero.
    (
        "div divu",
        "rd, rs, rt",
        "teq rt, $zero, 7; OP $zero, rs, rt; mflo rd",
    ),
    (
        "rem",
        "rd, rs, rt",
        "teq rt, $zero, 7; div $zero, rs, rt; mfhi rd",
    ),
    (
        "remu",
        "rd, rs, rt",
        "teq rt, $zero, 7; divu $zero, rs, rt; mfhi rd",
    ),
    (
        "mulu mulo mulou div divu rem remu",
        "rd, rs, w32",
        "li $at, w32; OP rd, rs, $at",
    ),
    ("sll", "rd, rs, rt", "sllv rd, rs, rt"),
    ("srl", "rd, rs, rt", "srlv rd, rs, rt"),
    ("sra", "rd, rs, rt", "srav rd, rs, rt"),
    ("ror", "rd, rs, rt", "rotrv rd, rs, rt"),
    (
        "rol",
        "rd, rs, rt",
        "subu $at, $zero, rt; rotrv rd, rs, $at",
    ),
    (
        "rol",
        "rd, rs, u5",
        "li $at, u5; subu $at, $zero, $at; rotrv rd, rs, $at",
    ),
    // Comparisons
    ("slt", "rd, rs, s16", "slti rd, rs, s16"),
    ("sltu", "rd, rs, s16", "sltiu rd, rs, s16"),
    ("seq", "rd, rs, rt", "subu rd, rs, rt; sltiu rd, rd, 1"),
    ("sne", "rd, rs, rt", "subu rd, rs, rt; sltu rd, $zero, rd"),
    ("sge", "rd, rs, rt", "slt rd, rs, rt; xori rd, rd, 1"),
    ("sgeu", "rd, rs, rt", "sltu rd, rs, rt; xori rd, rd, 1"),
    ("sgt", "rd, rs, rt", "slt rd, rt, rs"),
    ("sgtu", "rd, rs, rt", "sltu rd, rt, rs"),
    ("sle", "rd, rs, rt", "slt rd, rt, rs; xori rd, rd, 1"),
    ("sleu", "rd, rs, rt", "sltu rd, rt, rs; xori rd, rd, 1"),
    (
        "seq sne sge sgeu sgt sgtu sle sleu",
        "rd, rs, w32",
        "li $at, w32; OP rd, rs, $at",
    ),
    // Branches and jumps
    (
        "blt",
        "rs, rt, label",
        "slt $at, rs, rt; bne $at, $zero, label",
    ),
    (
        "bltu",
        "rs, rt, label",
        "sltu $at, rs, rt; bne $at, $zero, label",
    ),
    (
        "bge",
        "rs, rt, label",
        "slt $at, rs, rt; beq $at, $zero, label",
    ),
    (
        "bgeu",
        "rs, rt, label",
        "sltu $at, rs, rt; beq $at, $zero, label",
    ),
    (
        "bgt",
        "rs, rt, label",
        "slt $at, rt, rs; bne $at, $zero, label",
    ),
    (
        "bgtu",
        "rs, rt, label",
        "sltu $at, rt, rs; bne $at, $zero, label",
    ),
    (
        "ble",
        "rs, rt, label",
        "slt $at, rt, rs; beq $at, $zero, label",
    ),
    (
        "bleu",
        "rs, rt, label",
        "sltu $at, rt, rs; beq $at, $zero, label",
    ),
    (
        "beq bne blt bltu bge bgeu bgt bgtu ble bleu",
        "rs, w32, label",
        "li $at, w32; OP rs, $at, label",
    ),
    ("j", "rs", "jr rs"),
    ("jal", "rs", "jalr $ra, rs"),
    ("jal", "rd, rs", "jalr rd, rs"),
    // Loads and stores
    (
        "lb lbu lh lhu lw ll lwl lwr sb sh sw sc swl swr",
        "rt, (rs)",
        "OP rt, 0(rs)",
    ),
    (
        "lb lbu lh lhu lw ll lwl lwr sb sh sw sc swl swr",
        "rt, s16",
        "OP rt, s16($zero)",
    ),
    (
        "lb lbu lh lhu lw ll lwl lwr sb sh sw sc swl swr",
        "rt, label",
        "lui $at, adjusted(label); OP rt, signed(label)($at)",
    ),
    (
        "lb lbu lh lhu lw ll lwl lwr sb sh sw sc swl swr",
        "rt, label(rs)",
        "lui $at, adjusted(label); addu $at, $at, rs; OP rt, signed(label)($at)",
    ),
    ("lwc1 swc1 ldc1 sdc1", "ft, (rs)", "OP ft, 0(rs)"),
    ("lwc1 swc1 ldc1 sdc1", "ft, s16", "OP ft, s16($zero)"),
    (
        "lwc1 swc1 ldc1 sdc1",
        "ft, label",
        "lui $at, adjusted(label); OP ft, signed(label)($at)",
    ),
    (
        "lwc1 swc1 ldc1 sdc1",
        "ft, label(rs)",
        "lui $at, adjusted(label); addu $at, $at, rs; OP ft, signed(label)($at)",
    ),
    ("l.s", "ft, label", "lwc1 ft, label"),
    ("l.s", "ft, (rs)", "lwc1 ft, 0(rs)"),
    ("l.s", "ft, label(rs)", "lwc1 ft, label(rs)"),
    ("s.s", "ft, label", "swc1 ft, label"),
    ("s.s", "ft, (rs)", "swc1 ft, 0(rs)"),
    ("s.s", "ft, label(rs)", "swc1 ft, label(rs)"),
    ("l.d", "ft, label", "ldc1 ft, label"),
    ("l.d", "ft, (rs)", "ldc1 ft, 0(rs)"),
    ("l.d", "ft, label(rs)", "ldc1 ft, label(rs)"),
    ("s.d", "ft, label", "sdc1 ft, label"),
    ("s.d", "ft, (rs)", "sdc1 ft, 0(rs)"),
    ("s.d", "ft, label(rs)", "sdc1 ft, label(rs)"),
    (
        "ld",
        "rt, label(rs)",
        "lw rt, label(rs); lw rt+1, label+4(rs)",
    ),
    ("ld", "rt, label", "lw rt, label; lw rt+1, label+4"),
    (
        "sd",
        "rt, label(rs)",
        "sw rt, label(rs); sw rt+1, label+4(rs)",
    ),
    ("sd", "rt, label", "sw rt, label; sw rt+1, label+4"),
    // The lower address has the lower byte.
    (
        "ulw",
        "rt, s15(rs)",
        "lwl $at, s15+3(rs); lwr $at, s15(rs); move rt, $at",
    ),
    (
        "ulw",
        "rt, label(rs)",
        "la $at, label(rs); lwl rt, 3($at); lwr rt, 0($at)",
    ),
    ("usw", "rt, s15(rs)", "swl rt, s15+3(rs); swr rt, s15(rs)"),
    (
        "usw",
        "rt, label(rs)",
        "la $at, label(rs); swl rt, 3($at); swr rt, 0($at)",
    ),
    (
        "ulh",
        "rt, s15(rs)",
        "lb $at, s15+1(rs); lbu rt, s15(rs); sll $at, $at, 8; or rt, rt, $at",
    ),
    (
        "ulh",
        "rt, label(rs)",
        "la $at, label(rs); lb rt, 1($at); lbu $at, 0($at); sll rt, rt, 8; or rt, rt, $at",
    ),
    (
        "ulhu",
        "rt, s15(rs)",
        "lbu $at, s15+1(rs); lbu rt, s15(rs); sll $at, $at, 8; or rt, rt, $at",
    ),
    (
        "ulhu",
        "rt, label(rs)",
        "la $at, label(rs); lbu rt, 1($at); lbu $at, 0($at); sll rt, rt, 8; or rt, rt, $at",
    ),
    (
        "ush",
        "rt, s15(rs)",
        "sb rt, s15(rs); srl $at, rt, 8; sb $at, s15+1(rs)",
    ),
    // There is no register left for the upper byte: the lower one is fetched again.
    (
        "ush",
        "rt, label(rs)",
        "la $at, label(rs); sb rt, 0($at); srl rt, rt, 8; sb rt, 1($at); lbu $at, 0($at); sll rt, rt, 8; or rt, rt, $at",
    ),
    ("ulw ulh ulhu usw ush", "rt, (rs)", "OP rt, 0(rs)"),
    ("ulw ulh ulhu usw ush", "rt, label", "OP rt, label($zero)"),
];
