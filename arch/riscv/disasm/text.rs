//! Templates of assembly, made once from the rows and filled in for each instruction.

use super::aliases::SPELLINGS;
use super::csr;
use crate::decode::{Instruction, Member, pattern, row, rows};
use crate::regs::FILES;
use portolan_machine::encoding::{Pattern, Row, Use, operand_names, operand_parts};
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
    /// The bits that `own` does not tell.
    pub silent: u32,
}

/// A spelling made ready.
pub struct SpellingText {
    /// When it is used.
    pub used: Use,
    when: Vec<Term>,
    /// How it is written.
    pub text: Text,
}

/// A mnemonic and its operands.
pub struct Text {
    mnemonic: &'static str,
    /// Whether the bits `aq` and `rl` are added to the mnemonic.
    ordered: bool,
    operands: Vec<Operand>,
    /// Whether an immediate is among the operands.
    pub shows_immediate: bool,
}

/// An instruction to be written.
pub struct Operands<'a> {
    /// The instruction, expanded.
    pub instruction: &'a Instruction,
    /// Its encoding.
    pub word: u32,
}

/// A part of the operands.
#[derive(Clone, Copy)]
enum Operand {
    Punctuation(char),
    Name(&'static str),
    /// An integer register.
    X(Source),
    /// A floating-point register.
    F(Source),
    Decimal(Source),
    Hexadecimal(Source),
    /// The bits of an immediate above its low 12.
    Upper(Source),
    /// The address of a jump or branch: the last operand.
    Target,
    Csr,
    RoundingMode,
    /// A set of accesses.
    Accesses(Source),
}

/// Where a number comes from.
#[derive(Clone, Copy)]
enum Source {
    Member(Member),
    Field { at: u8, width: u8 },
    Constant(i32),
}

/// A condition on an instruction.
struct Term {
    left: Source,
    right: Source,
}

impl RowText {
    fn new(index: usize) -> RowText {
        let (row, pattern) = (row(index), pattern(index));
        let spellings = SPELLINGS.iter().filter(|s| s.row == row.name);
        RowText {
            spellings: spellings
                .map(|s| SpellingText {
                    used: s.used,
                    when: s.terms().map(|sides| Term::new(sides, pattern)).collect(),
                    text: Text::new(s.parts(), pattern),
                })
                .collect(),
            own: Text::of_row(row, pattern),
            silent: silent(row, pattern),
        }
    }
}

/// The bits of fields that neither the operands nor the mnemonic tell.
fn silent(row: &Row, pattern: &Pattern) -> u32 {
    let told = |name: &str| match name {
        "aq" | "rl" => true,
        _ => operand_names(row.operands).any(|operand| {
            let operand = operand.strip_prefix('f').unwrap_or(operand);
            operand == name || operand == "target" && name == "imm"
        }),
    };
    let silent = pattern.fields.iter().filter(|field| !told(field.name));
    silent.fold(0, |bits, field| bits | field.insert(u32::MAX))
}

impl SpellingText {
    /// Whether the instruction is written like this.
    pub fn fits(&self, operands: &Operands) -> bool {
        let holds = |t: &Term| operands.value(t.left) == operands.value(t.right);
        self.when.iter().all(holds)
    }
}

impl Term {
    fn new((left, right): (&str, &str), pattern: &Pattern) -> Term {
        let side = |text| Source::named(text, pattern).unwrap_or_else(|| panic!("term {text:?}"));
        Term {
            left: side(left),
            right: side(right),
        }
    }
}

impl Text {
    /// The text that a row gives.
    fn of_row(row: &'static Row, pattern: &Pattern) -> Text {
        Text {
            mnemonic: row.name,
            ordered: pattern.field("aq").is_some(),
            ..Text::parts("", row.operands, pattern)
        }
    }

    /// The text of a mnemonic and operands.
    fn new((mnemonic, operands): (&'static str, &'static str), pattern: &Pattern) -> Text {
        Text::parts(mnemonic, operands, pattern)
    }

    fn parts(mnemonic: &'static str, operands: &'static str, pattern: &Pattern) -> Text {
        let operands: Vec<Operand> = operand_parts(operands)
            .map(|part| Operand::new(part, pattern))
            .collect();
        let is_immediate = |o: &Operand| matches!(o, Operand::Decimal(_));
        Text {
            mnemonic,
            ordered: false,
            shows_immediate: operands.iter().any(is_immediate),
            operands,
        }
    }

    /// Whether there are no operands.
    pub fn is_bare(&self) -> bool {
        self.operands.is_empty()
    }

    /// The mnemonic, with the ordering of atomic instructions.
    pub fn mnemonic(&self, operands: &Operands) -> String {
        let order = match operands.word >> 25 & 0b11 {
            _ if !self.ordered => "",
            0b01 => ".rl",
            0b10 => ".aq",
            0b11 => ".aqrl",
            _ => "",
        };
        format!("{}{order}", self.mnemonic)
    }

    /// The operands, and the address that follows them.
    pub fn write(&self, operands: &Operands, abi_names: bool, pc: u64) -> (String, Option<u64>) {
        let mut text = String::new();
        let mut target = None;
        for &operand in &self.operands {
            let value = |source| operands.value(source);
            let _ = match operand {
                Operand::Punctuation(sign) => write!(text, "{sign}"),
                Operand::Name(name) => write!(text, "{name}"),
                Operand::X(number) => write!(text, "{}", register(0, value(number), abi_names)),
                Operand::F(number) => write!(text, "{}", register(1, value(number), abi_names)),
                Operand::Decimal(number) => write!(text, "{}", value(number)),
                Operand::Hexadecimal(number) => write!(text, "{:#x}", value(number)),
                Operand::Upper(number) => write!(text, "{:#x}", value(number) >> 12 & 0xfffff),
                Operand::Target => {
                    let offset = i64::from(operands.instruction.imm) as u64;
                    target = Some(pc.wrapping_add(offset));
                    Ok(())
                }
                Operand::Csr => {
                    let number = operands.instruction.imm as u16;
                    match csr::name(number) {
                        Some(name) => write!(text, "{name}"),
                        None => write!(text, "{number:#x}"),
                    }
                }
                Operand::RoundingMode => match rounding_mode(operands.instruction.rm) {
                    // The dynamic mode goes without saying, and so does its comma.
                    Some("dyn") => {
                        text.truncate(text.trim_end_matches(',').len());
                        Ok(())
                    }
                    mode => write!(text, "{}", mode.unwrap_or("unknown")),
                },
                Operand::Accesses(set) => match value(set) {
                    0 => write!(text, "unknown"),
                    set => write!(text, "{}", accesses(set)),
                },
            };
        }
        (text, target)
    }
}

impl Operand {
    fn new(part: &'static str, pattern: &Pattern) -> Operand {
        let source = || Source::named(part, pattern);
        let is_upper = || {
            let field = pattern.field(part);
            field.is_some_and(|field| field.pieces.iter().all(|piece| piece.to >= 12))
        };
        let operand = match part.trim_end_matches('\'') {
            "(" | ")" | "," => part.chars().next().map(Operand::Punctuation),
            "target" => Some(Operand::Target),
            "csr" => Some(Operand::Csr),
            "rm" => Some(Operand::RoundingMode),
            "dyn" => Some(Operand::Name(part)),
            "zero" => Some(Operand::X(Source::Constant(0))),
            "sp" => Some(Operand::X(Source::Constant(2))),
            "pred" | "succ" => source().map(Operand::Accesses),
            "shamt" | "shamt5" | "shamt6" => source().map(Operand::Hexadecimal),
            name if name.starts_with('r') => source().map(Operand::X),
            name if name.starts_with('f') => source().map(Operand::F),
            _ if is_upper() => source().map(Operand::Upper),
            _ => source().map(Operand::Decimal),
        };
        operand.unwrap_or_else(|| panic!("operand {part:?}"))
    }
}

impl Source {
    /// What a name or number in a row's notation stands for.
    fn named(text: &str, pattern: &Pattern) -> Option<Source> {
        if let Some(member) = Member::named(text) {
            return Some(Source::Member(member));
        }
        if let Some(field) = pattern.field(text) {
            let &[piece] = field.pieces.as_slice() else {
                return None;
            };
            return Some(Source::Field {
                at: piece.at,
                width: piece.width,
            });
        }
        let number = match text.strip_prefix("0x") {
            Some(digits) => i32::from_str_radix(digits, 16),
            None => text.parse(),
        };
        number.ok().map(Source::Constant)
    }
}

impl Operands<'_> {
    fn value(&self, source: Source) -> i32 {
        match source {
            Source::Member(member) => member.of(self.instruction),
            Source::Field { at, width } => (self.word >> at & ((1 << width) - 1)) as i32,
            Source::Constant(value) => value,
        }
    }
}

/// The name of a register of the n-th file.
pub fn register(file: usize, number: i32, abi_names: bool) -> &'static str {
    let register = &FILES[file].registers[number as usize & 31];
    if abi_names {
        register.abi
    } else {
        register.name
    }
}

/// The name of a rounding mode.
pub fn rounding_mode(rm: u8) -> Option<&'static str> {
    const MODES: [&str; 5] = ["rne", "rtz", "rdn", "rup", "rmm"];
    match rm {
        7 => Some("dyn"),
        _ => MODES.get(usize::from(rm)).copied(),
    }
}

/// The letters of a set of accesses: device input and output, memory reads and writes.
pub fn accesses(set: i32) -> String {
    let letters = "wroi".char_indices().rev();
    letters
        .filter(|(bit, _)| set >> bit & 1 == 1)
        .map(|(_, letter)| letter)
        .collect()
}
