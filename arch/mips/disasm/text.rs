//! Templates of assembly, made once from the rows and filled in for each instruction.

use super::aliases::SPELLINGS;
use super::registers;
use crate::decode::{Set, pattern, row, rows};
use crate::regs;
use portolan_machine::encoding::{Field, Pattern, Row, Spelling, Use, operand_parts};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// How each row is written.
pub static TEXTS: LazyLock<Vec<RowText>> =
    LazyLock::new(|| (0..rows().count()).map(RowText::new).collect());

/// How the instructions of one row are written.
pub struct RowText {
    /// Its other spellings, in order.
    pub spellings: Vec<SpellingText>,
    /// As the row says.
    pub own: Text,
}

/// A spelling made ready.
pub struct SpellingText {
    /// When it is used.
    pub used: Use,
    /// Fields and what they must be.
    when: Vec<(Field, i64)>,
    /// How it is written.
    pub text: Text,
}

/// A mnemonic and its operands.
pub struct Text {
    mnemonic: &'static str,
    /// The field that tells the part of the mnemonic after the first dot.
    variant: Option<Field>,
    operands: Vec<Operand>,
}

/// What assembly depends on besides the instruction's bits.
pub struct Context {
    /// The guest's instructions.
    pub set: Set,
    /// Whether registers have the calling convention's names.
    pub abi_names: bool,
    /// The address of the instruction.
    pub pc: u64,
}

/// A part of the operands.
enum Operand {
    Punctuation(char),
    /// What is the same in each instruction.
    Literal(&'static str),
    /// A general register.
    General(Field),
    /// A general register that two fields name.
    Twice(Field, Field),
    /// A register of a file without names: the prefix, and the number.
    Numbered(&'static str, Field),
    /// A register of coprocessor 2, and which part of it.
    Selected(Field, Field),
    /// A register of coprocessor 0.
    System(Field, Option<Field>),
    FloatControl(Field),
    VectorControl(Field),
    Hardware(Field),
    Decimal(Field),
    /// The sum of fields and a constant.
    Hexadecimal(Vec<(i64, Field)>, i64),
    /// An offset in units of the size of an element.
    Scaled(Field, Field),
    /// The address of a jump or branch: the last operand.
    Target(Field),
}

impl RowText {
    fn new(index: usize) -> RowText {
        let (row, pattern) = (row(index), pattern(index));
        let spellings = SPELLINGS
            .iter()
            .filter(|s| s.row == row.name && suits(s, pattern));
        RowText {
            spellings: spellings
                .map(|s| SpellingText {
                    used: s.used,
                    when: s.terms().map(|sides| term(sides, pattern)).collect(),
                    text: Text::new(s.parts(), row, pattern),
                })
                .collect(),
            own: Text::parts(row.name, row.operands, row, pattern),
        }
    }
}

/// Whether a row has the fields that a spelling asks for: two may have the same name.
fn suits(spelling: &Spelling, pattern: &Pattern) -> bool {
    spelling
        .terms()
        .all(|(name, _)| field(name, pattern).is_some())
}

/// A term such as `rd=31`.
fn term((name, value): (&str, &str), pattern: &Pattern) -> (Field, i64) {
    field(name, pattern)
        .zip(value.parse().ok())
        .unwrap_or_else(|| panic!("the term {name}={value}"))
}

impl SpellingText {
    /// Whether an instruction is written like this.
    pub fn fits(&self, word: u32) -> bool {
        self.when
            .iter()
            .all(|(field, value)| field.extract(word) == *value)
    }
}

/// A field of a row, or a part of one: the two numbers that make up the code of break.
pub fn field(name: &str, pattern: &Pattern) -> Option<Field> {
    let half = |index: usize| {
        let mut field = pattern.field("code")?.clone();
        let piece = &mut field.pieces[0];
        piece.at += 10 * (1 - index as u8);
        piece.width = 10;
        Some(field)
    };
    match name {
        "code1" => half(0),
        "code2" => half(1),
        _ => pattern.field(name).cloned(),
    }
}

impl Text {
    fn new(
        (mnemonic, operands): (&'static str, &'static str),
        row: &Row,
        pattern: &Pattern,
    ) -> Text {
        Text::parts(mnemonic, operands, row, pattern)
    }

    fn parts(mnemonic: &'static str, operands: &'static str, row: &Row, pattern: &Pattern) -> Text {
        let variant = ["cond", "df", "fdf", "hdf"].into_iter();
        Text {
            mnemonic,
            variant: variant
                .filter_map(|name| pattern.field(name))
                .next()
                .cloned(),
            operands: operand_parts(operands)
                .map(|part| Operand::new(part, row, pattern))
                .collect(),
        }
    }

    /// The mnemonic.
    pub fn mnemonic(&self, word: u32) -> String {
        let Some(variant) = &self.variant else {
            return self.mnemonic.to_owned();
        };
        let number = variant.extract(word) as usize;
        let (placeholder, names): (_, &[&str]) = match variant.name {
            "cond" => (".cond", &CONDITIONS),
            "hdf" => (".df", &[".h", ".w"]),
            "fdf" => (".df", &[".w", ".d"]),
            _ => (".df", &[".b", ".h", ".w", ".d"]),
        };
        self.mnemonic.replace(placeholder, names[number])
    }

    /// Whether it is a branch or jump, all of which have a delay slot.
    pub fn is_branch(&self) -> bool {
        let to_register = matches!(self.mnemonic, "jr" | "jalr" | "jr.hb" | "jalr.hb");
        to_register || matches!(self.operands.last(), Some(Operand::Target(_)))
    }

    /// The operands, and the address that follows them.
    pub fn write(&self, word: u32, context: &Context) -> (String, Option<u64>) {
        let mut text = String::new();
        let mut target = None;
        let general = |number: i64| {
            let file = match context.set {
                Set::Mips64 => regs::FILES_64,
                Set::Mips32 | Set::R5900 => regs::FILES_32,
            };
            let register = &file[0].registers[number as usize & 31];
            match context.abi_names {
                true => register.abi,
                false => register.name,
            }
        };
        for operand in &self.operands {
            let _ = match operand {
                Operand::Punctuation(sign) => write!(text, "{sign}"),
                Operand::Literal("zero") => write!(text, "{}", general(0)),
                Operand::Literal(it) => write!(text, "{it}"),
                Operand::General(field) => write!(text, "{}", general(field.extract(word))),
                Operand::Twice(one, other) => match (one.extract(word), other.extract(word)) {
                    (a, b) if a == b || b == 0 => write!(text, "{}", general(a)),
                    (0, b) => write!(text, "{}", general(b)),
                    (a, b) => write!(text, "{} or {}", general(a), general(b)),
                },
                Operand::Numbered(prefix, field) => write!(text, "{prefix}{}", field.extract(word)),
                Operand::Selected(field, select) => match select.extract(word) {
                    0 => write!(text, "${}", field.extract(word)),
                    select => write!(text, "${},{select}", field.extract(word)),
                },
                Operand::System(field, select) => {
                    let select = select.as_ref().map_or(0, |field| field.extract(word));
                    let number = field.extract(word);
                    text += &registers::system(context.set, number as u8, select as u8);
                    Ok(())
                }
                Operand::FloatControl(field) => {
                    text += &registers::float_control(context.set, field.extract(word) as u8);
                    Ok(())
                }
                Operand::VectorControl(field) => {
                    text += &registers::vector_control(field.extract(word) as u8);
                    Ok(())
                }
                Operand::Hardware(field) => {
                    text += &registers::hardware(field.extract(word) as u8);
                    Ok(())
                }
                Operand::Decimal(field) => write!(text, "{}", field.extract(word)),
                Operand::Hexadecimal(terms, constant) => {
                    let value = terms.iter().map(|(sign, field)| sign * field.extract(word));
                    write!(text, "{:#x}", (value.sum::<i64>() + constant) as u32)
                }
                Operand::Scaled(offset, format) => {
                    write!(text, "{}", offset.extract(word) << format.extract(word))
                }
                Operand::Target(field) => {
                    target = Some(destination(field, word, context.set, context.pc));
                    Ok(())
                }
            };
        }
        (text, target)
    }
}

/// Where a jump or branch at an address goes to.
pub fn destination(field: &Field, word: u32, set: Set, pc: u64) -> u64 {
    let slot = pc.wrapping_add(4);
    let target = match field.name {
        "region" => slot & !0x0fff_ffff | field.extract(word) as u64,
        _ => slot.wrapping_add(field.extract(word) as u64),
    };
    match set {
        Set::Mips64 => target,
        Set::Mips32 | Set::R5900 => target & 0xffff_ffff,
    }
}

/// The comparisons of c.cond.fmt.
pub const CONDITIONS: [&str; 16] = [
    ".f", ".un", ".eq", ".ueq", ".olt", ".ult", ".ole", ".ule", ".sf", ".ngle", ".seq", ".ngl",
    ".lt", ".nge", ".le", ".ngt",
];

impl Operand {
    fn new(part: &'static str, row: &Row, pattern: &Pattern) -> Operand {
        let named = |name| field(name, pattern);
        let operand = match part {
            "(" | ")" | "," | "[" | "]" => part.chars().next().map(Operand::Punctuation),
            "zero" | "0" => Some(Operand::Literal(part)),
            "target" => named("offset").or(named("region")).map(Operand::Target),
            "rs" | "rt" | "rd" | "base" | "index" => named(part).map(Operand::General),
            "rd|rt" => named("rd")
                .zip(named("rt"))
                .map(|(rd, rt)| Operand::Twice(rd, rt)),
            "fr" | "ft" | "fs" | "fd" => named(part).map(|it| Operand::Numbered("$f", it)),
            "wt" | "ws" | "wd" => named(part).map(|it| Operand::Numbered("$w", it)),
            "vt" | "vs" | "vd" => named(part).map(|it| Operand::Numbered("$vf", it)),
            "ac" => named(part).map(|it| Operand::Numbered("$ac", it)),
            "cc" if row.name.starts_with("bc2") => {
                named(part).map(|it| Operand::Numbered("$cc", it))
            }
            "cc" => named(part).map(|it| Operand::Numbered("$fcc", it)),
            "cs" | "cd" => named(part).map(|it| coprocessor(row, it, named("sel"))),
            "hwr" => named(part).map(Operand::Hardware),
            "offset" => named(part).map(|offset| match named("df") {
                Some(format) => Operand::Scaled(offset, format),
                None => Operand::Decimal(offset),
            }),
            "imm" | "shift" | "n" | "u" | "h" | "sel" => named(part).map(Operand::Decimal),
            _ => sum(part, pattern),
        };
        operand.unwrap_or_else(|| panic!("operand {part:?} of {}", row.name))
    }
}

/// A register of the coprocessor that an instruction is for.
fn coprocessor(row: &Row, field: Field, select: Option<Field>) -> Operand {
    match row.name {
        "cfc1" | "ctc1" | "cftc1" | "cttc1" => Operand::FloatControl(field),
        "cfcmsa" | "ctcmsa" => Operand::VectorControl(field),
        "cfc2" | "ctc2" | "cfc2.i" | "ctc2.i" if row.extension == "R5900" => {
            Operand::Numbered("$vi", field)
        }
        name if name.ends_with("c0") && !matches!(name, "cfc0" | "ctc0") => {
            Operand::System(field, select)
        }
        _ => match select {
            Some(select) => Operand::Selected(field, select),
            None => Operand::Numbered("$", field),
        },
    }
}

/// A sum such as `msb-lsb+1`.
fn sum(text: &'static str, pattern: &Pattern) -> Option<Operand> {
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
            return Some(Operand::Hexadecimal(terms, constant));
        };
        sign = if next == '+' { 1 } else { -1 };
        rest = &rest[end + 1..];
    }
}
