//! What stands for several instructions.
//!
//! A template has mnemonics, operands and lines. An operand is a word: one that begins with `r` is a register of file 0,
//! with `f` one of file 1, `label` any number, `imm` one that is known by now, and `s16`, `u16`, `s12` and the like are those that fit so many bits
//! with or without a sign, `w32` either way; `rd+1` is the register after `rd`. In its lines these words stand for what was written, `OP` for the mnemonic, and `high(label)` and the
//! like for a [`Part`](super::Part) of it.

use super::{Atom, Expression, Notation, Operation, Part};
use std::collections::HashMap;

/// A template made ready.
#[derive(Clone, Debug)]
pub struct Pseudo {
    operands: Vec<&'static str>,
    syntax: &'static str,
    lines: Vec<(&'static str, Vec<Piece>)>,
}

/// An operand of a template's line.
#[derive(Clone, Debug)]
enum Piece {
    /// What does not depend on what was written.
    Atom(Atom),
    /// The operand of this index.
    Operand(usize),
    /// A part of it, so much further.
    Part(Vec<Part>, usize, i64),
}

/// Templates (mnemonics, operands, lines) by mnemonic.
///
/// # Panics
/// If one is none: templates are part of the program.
pub fn pseudos(
    templates: &[(&'static str, &'static str, &'static str)],
    notation: &dyn Notation,
) -> HashMap<String, Vec<Pseudo>> {
    let mut all: HashMap<String, Vec<Pseudo>> = HashMap::new();
    for (mnemonics, operands, lines) in templates {
        let pseudo = Pseudo::new(operands, lines, notation);
        for mnemonic in mnemonics.split_whitespace() {
            all.entry(mnemonic.to_owned())
                .or_default()
                .push(pseudo.clone());
        }
    }
    all
}

/// Words and parentheses; commas and spaces are between them.
fn words(text: &'static str) -> Vec<&'static str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches([' ', ',']);
    while !rest.is_empty() {
        let end = match rest.find([' ', ',', '(', ')']) {
            Some(0) => 1,
            Some(end) => end,
            None => rest.len(),
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start_matches([' ', ',']);
    }
    words
}

impl Pseudo {
    fn new(operands: &'static str, lines: &'static str, notation: &dyn Notation) -> Pseudo {
        let names = words(operands);
        let line = |line: &'static str| {
            let line = line.trim();
            let (mnemonic, rest) = line.split_once(' ').unwrap_or((line, ""));
            (mnemonic, pieces(&words(rest), &names, notation))
        };
        Pseudo {
            lines: lines.split(';').map(line).collect(),
            syntax: operands,
            operands: names,
        }
    }

    /// How it is written.
    pub fn syntax(&self) -> String {
        format!("... {}", self.syntax)
    }

    /// The instructions that operands make of it; none if it is not for such.
    pub fn expand(&self, mnemonic: &str, atoms: &[Atom]) -> Option<Vec<(String, Vec<Atom>)>> {
        let fits = |(name, atom): (&&str, &Atom)| takes(name, atom);
        if atoms.len() != self.operands.len() || !self.operands.iter().zip(atoms).all(fits) {
            return None;
        }
        let lines = self.lines.iter().map(|(name, pieces)| {
            let name = name.replace("OP", mnemonic);
            (name, pieces.iter().map(|piece| piece.fill(atoms)).collect())
        });
        Some(lines.collect())
    }
}

/// Whether an operand of a name can be what was written.
fn takes(name: &str, atom: &Atom) -> bool {
    match (name, atom) {
        ("(", Atom::Open) | (")", Atom::Close) => true,
        (_, Atom::Register(register)) => {
            name.starts_with('r') && register.file == 0
                || name.starts_with('f') && register.file == 1
        }
        ("label", Atom::Number(_)) => true,
        ("imm", Atom::Number(number)) => number.known().is_some(),
        (_, Atom::Number(number)) => {
            let Some(value) = number.known() else {
                return false;
            };
            let bits: u32 = name[1..].parse().unwrap_or(0);
            match &name[..1] {
                "s" => value << (64 - bits) >> (64 - bits) == value,
                "u" => value >> bits == 0,
                // Either way.
                "w" => value >> bits == 0 || value << (64 - bits) >> (64 - bits) == value,
                _ => false,
            }
        }
        _ => false,
    }
}

fn pieces(words: &[&'static str], names: &[&str], notation: &dyn Notation) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = words;
    while let [word, after @ ..] = rest {
        rest = after;
        // Parts of parts: `low(upperword(imm))`.
        let mut parts = Vec::new();
        let mut inner = *word;
        while let (Some(part), ["(", next, after @ ..]) = (Part::named(inner), rest) {
            parts.push(part);
            inner = next;
            rest = after;
        }
        rest = &rest[parts.len()..];
        let (name, further) = inner.split_once('+').unwrap_or((inner, "0"));
        let index = names.iter().position(|it| *it == name);
        if let (Some(index), Ok(further)) = (index, further.parse())
            && (!parts.is_empty() || inner.contains('+'))
        {
            pieces.push(Piece::Part(parts, index, further));
            continue;
        }
        assert!(parts.is_empty(), "{inner} is no operand");
        pieces.push(match *word {
            "(" => Piece::Atom(Atom::Open),
            ")" => Piece::Atom(Atom::Close),
            _ => match names.iter().position(|it| it == word) {
                Some(index) => Piece::Operand(index),
                None => Piece::Atom(match notation.register(word) {
                    Some(register) => Atom::Register(register),
                    None => Atom::Number(match word.parse() {
                        Ok(number) => Expression::Known(number),
                        Err(_) => Expression::Symbol((*word).to_owned()),
                    }),
                }),
            },
        });
    }
    pieces
}

impl Piece {
    fn fill(&self, atoms: &[Atom]) -> Atom {
        match self {
            Piece::Atom(atom) => atom.clone(),
            Piece::Operand(index) => atoms[*index].clone(),
            Piece::Part(parts, index, further) => match &atoms[*index] {
                Atom::Number(number) => {
                    let further = Expression::Known(*further);
                    let whole = Expression::computed(Operation::Add, number.clone(), further);
                    Atom::Number(
                        parts
                            .iter()
                            .rev()
                            .fold(whole, |of, part| Expression::Part(*part, Box::new(of))),
                    )
                }
                // The next register: the other half of a pair.
                Atom::Register(register) => Atom::Register(super::Register {
                    number: register.number.wrapping_add(*further as u8),
                    ..*register
                }),
                other => other.clone(),
            },
        }
    }
}
