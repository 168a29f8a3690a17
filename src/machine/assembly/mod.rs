//! From assembly to bytes, by the rows of an instruction set.
//!
//! A row's operand syntax is a [`Form`], and so is each of its other spellings: what a disassembler writes, the encoder
//! reads. What stands for several instructions is a [`Pseudo`], which is data: operands, and lines of assembly. Directives,
//! labels and files are the business of whoever reads a source.

mod expression;
mod form;
mod pseudo;

pub use expression::{Expression, Operation, Part};
pub use form::{Form, Kind, Notation, forms};
pub use pseudo::{Pseudo, pseudos};

use crate::encoding::{Pattern, Row};
use std::collections::HashMap;

/// An operand of an instruction, or a part of it. Commas say nothing, and are left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// A register, as an instruction set tells them apart.
    Register(Register),
    /// A number, or what will be one.
    Number(Expression),
    /// `(`
    Open,
    /// `)`
    Close,
}

/// A register: which file it is of, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// The file, as the instruction set numbers them.
    pub file: u8,
    /// Its number.
    pub number: u8,
}

/// What an instruction set's assembly has.
pub struct Assembly {
    notation: &'static dyn Notation,
    forms: HashMap<String, Vec<Form>>,
    pseudos: HashMap<String, Vec<Pseudo>>,
}

/// An instruction that is ready to be encoded once all symbols are known.
#[derive(Clone, Debug)]
pub struct Selected<'a> {
    form: &'a Form,
    atoms: Vec<Atom>,
}

/// Why an instruction cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is called so.
    Unknown,
    /// No form has such operands: those that there are.
    Operands(Vec<String>),
    /// A number does not fit: what would.
    Range(String),
    /// A symbol is not defined.
    Undefined(String),
}

impl Assembly {
    /// Of rows, their other spellings, and what stands for several instructions.
    pub fn new(
        rows: impl Iterator<Item = (&'static Row, &'static Pattern)>,
        spellings: &[crate::encoding::Spelling],
        templates: &[(&'static str, &'static str, &'static str)],
        notation: &'static dyn Notation,
    ) -> Assembly {
        Assembly {
            notation,
            forms: forms(rows, spellings, notation),
            pseudos: pseudos(templates, notation),
        }
    }

    /// The register of a name, as programs write it.
    pub fn register(&self, name: &str) -> Option<Register> {
        self.notation.register(name)
    }

    /// Every mnemonic.
    pub fn mnemonics(&self) -> impl Iterator<Item = &str> {
        self.forms
            .keys()
            .chain(self.pseudos.keys())
            .map(String::as_str)
    }

    /// Whether something is called so.
    pub fn knows(&self, mnemonic: &str) -> bool {
        self.forms.contains_key(mnemonic) || self.pseudos.contains_key(mnemonic)
    }

    /// The instructions that a line of assembly stands for. How many they are depends on numbers that are known by now,
    /// and not on symbols.
    ///
    /// # Errors
    /// If nothing has this mnemonic, or not with such operands.
    pub fn select(&self, mnemonic: &str, atoms: &[Atom]) -> Result<Vec<Selected<'_>>, Refusal> {
        let mut selected = Vec::new();
        self.select_into(mnemonic, atoms, &mut selected, 0)?;
        Ok(selected)
    }

    fn select_into<'a>(
        &'a self,
        mnemonic: &str,
        atoms: &[Atom],
        selected: &mut Vec<Selected<'a>>,
        depth: u8,
    ) -> Result<(), Refusal> {
        let forms = self.forms.get(mnemonic).map_or(&[][..], Vec::as_slice);
        let pseudos = self.pseudos.get(mnemonic).map_or(&[][..], Vec::as_slice);
        if forms.is_empty() && pseudos.is_empty() {
            return Err(Refusal::Unknown);
        }
        let mut refused = None;
        for form in forms {
            match form.fits(atoms) {
                Ok(()) => {
                    let atoms = atoms.to_vec();
                    selected.push(Selected { form, atoms });
                    return Ok(());
                }
                // The first one that says more than that there are other operands.
                Err(refusal) => refused = refused.or(refusal),
            }
        }
        // Templates that stood for themselves would not end.
        const DEEPEST: u8 = 4;
        if depth < DEEPEST {
            for pseudo in pseudos {
                if let Some(lines) = pseudo.expand(mnemonic, atoms) {
                    return lines.iter().try_for_each(|(mnemonic, atoms)| {
                        self.select_into(mnemonic, atoms, selected, depth + 1)
                    });
                }
            }
        }
        Err(refused.unwrap_or_else(|| {
            let own = forms.iter().map(Form::syntax);
            let others = pseudos.iter().map(Pseudo::syntax);
            let mut all: Vec<String> = own.chain(others).collect();
            all.dedup();
            Refusal::Operands(all)
        }))
    }
}

impl Selected<'_> {
    /// The bits that do not depend on operands: they tell what it is.
    pub fn kind(&self) -> u32 {
        self.form.kind()
    }

    /// What it has this part of.
    pub fn whole_of(&self, part: Part) -> Option<&Expression> {
        self.atoms.iter().find_map(|atom| match atom {
            Atom::Number(Expression::Part(it, whole)) if *it == part => Some(&**whole),
            _ => None,
        })
    }

    /// Its bits, at an address; `symbol` tells of symbols.
    ///
    /// # Errors
    /// If a symbol is not defined, or a number does not fit.
    pub fn encode(&self, pc: u64, symbol: &dyn Fn(&str) -> Option<u64>) -> Result<u32, Refusal> {
        self.form.encode(&self.atoms, pc, symbol)
    }
}
