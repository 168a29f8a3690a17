//! Ways to write one instruction, and what their operands fill in.

use super::{Atom, Expression, Refusal, Register};
use crate::encoding::{Field, Pattern, Row, Spelling, Use, operand_parts};
use std::collections::HashMap;

/// What an operand is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A register of a file; its number goes into each of the fields.
    Register(u8, Vec<Field>),
    /// A register that is always the same one.
    Fixed(Register),
    /// A number that is the sum of fields, each added or subtracted, and a constant.
    Sum(Vec<(i64, Field)>, i64),
    /// A number for the field's upper bits, with zeros below.
    Upper(Field),
    /// An address: its distance from so many bytes behind the instruction goes into the field.
    Relative(Field, u64),
    /// An address: it goes into the field, whose upper bits are those of so many bytes behind the instruction.
    Region(Field, u64),
    /// A name, or a number, for the field.
    Named(Field, fn(&str) -> Option<u32>),
    /// A word that is always the same.
    Word(&'static str),
}

/// What an instruction set says of its assembly.
pub trait Notation: Send + Sync {
    /// What an operand of a row is, by its name; None if it cannot be written.
    fn kind(&self, row: &Row, pattern: &Pattern, operand: &'static str) -> Option<Kind>;

    /// The mnemonics of a row or spelling, each with the bits that it stands for.
    fn mnemonics(&self, pattern: &Pattern, mnemonic: &'static str) -> Vec<(String, u32)>;

    /// The field of a name that a spelling's term has.
    fn field(&self, pattern: &Pattern, name: &str) -> Option<Field> {
        pattern.field(name).cloned()
    }

    /// The last operand, if it may be left out, and the bits that it stands for then.
    fn optional(&self, pattern: &Pattern, operand: &str) -> Option<u32>;

    /// The register of a name.
    fn register(&self, name: &str) -> Option<Register>;
}

/// A way to write an instruction.
#[derive(Clone, Debug)]
pub struct Form {
    syntax: String,
    slots: Vec<Slot>,
    /// The bits that are always so.
    bits: u32,
    /// Fields that hold what others do.
    same: Vec<(Field, Field)>,
    pattern: &'static Pattern,
}

#[derive(Clone, Debug)]
enum Slot {
    Open,
    Close,
    Operand(Kind),
}

/// The forms of rows and of their other spellings, by mnemonic.
pub fn forms(
    rows: impl Iterator<Item = (&'static Row, &'static Pattern)>,
    spellings: &[Spelling],
    notation: &dyn Notation,
) -> HashMap<String, Vec<Form>> {
    let mut forms: HashMap<String, Vec<Form>> = HashMap::new();
    let mut found = Vec::new();
    for (row, pattern) in rows {
        for (mnemonic, form) in of(row, pattern, row.name, row.operands, notation) {
            found.push((1, mnemonic, form));
        }
        for spelling in spellings.iter().filter(|it| it.row == row.name) {
            let (mnemonic, operands) = spelling.parts();
            let Some((bits, same)) = terms(spelling, pattern, notation) else {
                continue;
            };
            for (mnemonic, form) in of(row, pattern, mnemonic, operands, notation) {
                let form = Form {
                    bits: form.bits | bits,
                    same: same.clone(),
                    ..form
                };
                // What is always written so comes first, and what only may be, last.
                let rank = if spelling.used == Use::Always { 0 } else { 2 };
                found.push((rank, mnemonic, form));
            }
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    for (_, mnemonic, form) in found {
        forms.entry(mnemonic).or_default().push(form);
    }
    forms
}

fn of(
    row: &Row,
    pattern: &'static Pattern,
    mnemonic: &'static str,
    operands: &'static str,
    notation: &dyn Notation,
) -> Vec<(String, Form)> {
    let mut slots = Vec::new();
    let mut last = None;
    for part in operand_parts(operands) {
        slots.push(match part {
            "," => continue,
            "(" => Slot::Open,
            ")" => Slot::Close,
            _ => match notation.kind(row, pattern, part) {
                Some(kind) => Slot::Operand(kind),
                None => return Vec::new(),
            },
        });
        last = Some(part);
    }
    let form = |slots: &[Slot], bits| Form {
        syntax: format!("{mnemonic} {operands}").trim_end().to_owned(),
        slots: slots.to_vec(),
        bits: pattern.value | bits,
        same: Vec::new(),
        pattern,
    };
    let mut all = Vec::new();
    for (mnemonic, bits) in notation.mnemonics(pattern, mnemonic) {
        all.push((mnemonic.clone(), form(&slots, bits)));
        if let Some(default) = last.and_then(|name| notation.optional(pattern, name)) {
            let without = &slots[..slots.len() - 1];
            all.push((mnemonic, form(without, bits | default)));
        }
    }
    all
}

/// What a spelling's terms fix.
fn terms(
    spelling: &Spelling,
    pattern: &Pattern,
    notation: &dyn Notation,
) -> Option<(u32, Vec<(Field, Field)>)> {
    let (mut bits, mut same) = (0, Vec::new());
    for (name, value) in spelling.terms() {
        let field = notation.field(pattern, name)?;
        let number = match value.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).ok(),
            None => value.parse().ok(),
        };
        match number {
            Some(number) => bits |= field.insert(number as u32),
            None => same.push((field, notation.field(pattern, value)?)),
        }
    }
    Some((bits, same))
}

impl Form {
    /// The bits that are always so.
    pub fn kind(&self) -> u32 {
        self.bits
    }

    /// How it is written.
    pub fn syntax(&self) -> String {
        self.syntax.clone()
    }

    /// Whether operands can be written so, as far as that is known before symbols are.
    ///
    /// # Errors
    /// None if they are other operands, else what does not fit.
    pub fn fits(&self, atoms: &[Atom]) -> Result<(), Option<Refusal>> {
        if atoms.len() != self.slots.len() {
            return Err(None);
        }
        for (slot, atom) in self.slots.iter().zip(atoms) {
            let fits = match (slot, atom) {
                (Slot::Open, Atom::Open) | (Slot::Close, Atom::Close) => true,
                (Slot::Operand(kind), atom) => kind.takes(atom),
                _ => false,
            };
            if !fits {
                return Err(None);
            }
        }
        let mut word = self.bits;
        for (slot, atom) in self.slots.iter().zip(atoms) {
            if let (Slot::Operand(kind), Atom::Number(number)) = (slot, atom) {
                let is_address = matches!(kind, Kind::Relative(..) | Kind::Region(..));
                match number.known() {
                    _ if is_address => {}
                    Some(value) => word |= kind.number(value, 0, word).map_err(Some)?,
                    None if number.is_part() => {}
                    // What a symbol is will be known too late.
                    None if matches!(kind, Kind::Named(..)) => {}
                    None => return Err(None),
                }
            }
        }
        Ok(())
    }

    /// The bits of an instruction that fits.
    pub fn encode(
        &self,
        atoms: &[Atom],
        pc: u64,
        symbol: &dyn Fn(&str) -> Option<u64>,
    ) -> Result<u32, Refusal> {
        let mut word = self.bits;
        for (slot, atom) in self.slots.iter().zip(atoms) {
            let Slot::Operand(kind) = slot else { continue };
            word |= match (kind, atom) {
                (Kind::Register(_, fields), Atom::Register(register)) => {
                    let number = u32::from(register.number);
                    fields
                        .iter()
                        .fold(0, |bits, field| bits | field.insert(number))
                }
                (Kind::Named(field, named), Atom::Number(Expression::Symbol(name))) => {
                    match named(name) {
                        Some(number) => field.insert(number),
                        None => return Err(Refusal::Undefined(name.clone())),
                    }
                }
                (kind, Atom::Number(number)) => kind.number(number.value(pc, symbol)?, pc, word)?,
                _ => 0,
            };
        }
        for (one, other) in &self.same {
            let number = one.raw(word) | other.raw(word);
            word |= one.insert(number) | other.insert(number);
        }
        match self.pattern.matches(word) {
            true => Ok(word),
            false => Err(Refusal::Range(
                "these registers cannot be used together here".to_owned(),
            )),
        }
    }
}

impl Kind {
    /// Whether an operand is of this kind.
    fn takes(&self, atom: &Atom) -> bool {
        match (self, atom) {
            (Kind::Register(file, fields), Atom::Register(register)) => {
                let number = u32::from(register.number);
                let held = |field: &Field| field.raw(field.insert(number)) == number;
                register.file == *file && fields.iter().all(held)
            }
            (Kind::Fixed(fixed), Atom::Register(register)) => fixed == register,
            (Kind::Word(word), Atom::Number(Expression::Symbol(name))) => word == name,
            (Kind::Named(_, named), Atom::Number(Expression::Symbol(name))) => {
                named(name).is_some()
            }
            (Kind::Register(..) | Kind::Fixed(_) | Kind::Word(_), _) => false,
            (_, Atom::Number(_)) => true,
            _ => false,
        }
    }

    /// The bits of a number. What earlier operands have filled in is in `word`.
    fn number(&self, value: i64, pc: u64, word: u32) -> Result<u32, Refusal> {
        match self {
            Kind::Named(field, _) => fit(field, value),
            Kind::Sum(terms, constant) => {
                // Only the last field is not known by now.
                let Some(((sign, field), before)) = terms.split_first() else {
                    return Ok(0);
                };
                let known = before
                    .iter()
                    .map(|(sign, field)| sign * field.extract(word));
                let rest = value - constant - known.sum::<i64>();
                fit(field, sign * rest)
            }
            Kind::Upper(field) => {
                let bits = field.width - 12;
                match (-(1 << (bits - 1))..1 << bits).contains(&value) {
                    true => Ok(field.insert((value as u32) << 12)),
                    false => Err(Refusal::Range(format!("0 to {:#x}", (1u64 << bits) - 1))),
                }
            }
            Kind::Relative(field, from) => {
                let distance = (value as u64).wrapping_sub(pc.wrapping_add(*from)) as i64;
                // Addresses of 32 bits may wrap.
                fit(field, distance).map_err(|_| {
                    let reach = 1u64 << (field.width - 1);
                    Refusal::Range(format!("an address at most {reach:#x} bytes away"))
                })
            }
            Kind::Region(field, from) => {
                let base = pc.wrapping_add(*from) >> field.width << field.width;
                let offset = (value as u64).wrapping_sub(base);
                fit(field, offset as i64).map_err(|_| {
                    let size = 1u64 << field.width;
                    Refusal::Range(format!("an address in the same {size:#x} bytes"))
                })
            }
            _ => Ok(0),
        }
    }
}

/// The bits of a field that holds a value.
fn fit(field: &Field, value: i64) -> Result<u32, Refusal> {
    let bits = field.insert(value as u32);
    if field.extract(bits) == value {
        return Ok(bits);
    }
    // Programs write negative words as the bits that they are.
    let as_word = i64::from(value as u32 as i32);
    if field.signed && value == i64::from(value as u32) {
        let bits = field.insert(as_word as u32);
        if field.extract(bits) == as_word {
            return Ok(bits);
        }
    }
    let zeros = field.pieces.iter().map(|piece| piece.to).min().unwrap_or(0);
    let multiple = match zeros {
        0 => String::new(),
        _ => format!(", multiples of {}", 1 << zeros),
    };
    let width = u32::from(field.width);
    let (low, high) = match field.signed {
        true => (-(1i64 << (width - 1)), (1i64 << (width - 1)) - 1),
        false => (0, (1i64 << width) - 1),
    };
    Err(Refusal::Range(format!("{low} to {high}{multiple}")))
}
