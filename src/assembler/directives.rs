//! Directives, and the data that they make.

use super::lex::{Spaced, Token};
use super::operands::expression;
use super::{Branches, Diagnostics, Layout, Origin};
use crate::simulator::DATA;
use portolan_machine::assembly::Expression;
use std::collections::BTreeMap;

/// The sections that programs are made of.
pub const SECTIONS: [&str; 6] = ["text", "data", "rdata", "sdata", "rodata", "bss"];

/// A number in the data.
pub struct Cell {
    /// Where it stands in the source.
    pub origin: Origin,
    /// How many bytes it has.
    pub bytes: u8,
    /// What it is.
    pub value: Expression,
}

/// The data of a program.
pub struct Data {
    here: u64,
    /// Where `.extern` puts the next symbol.
    external: u64,
    /// Bytes that are known, by address.
    bytes: BTreeMap<u64, Vec<u8>>,
    /// Numbers, by address.
    cells: BTreeMap<u64, Cell>,
    /// Numbers are at multiples of their size.
    aligns: bool,
}

impl Data {
    /// Nothing yet, from an address on.
    pub fn new(start: u64) -> Data {
        Data {
            here: start,
            external: DATA.start,
            bytes: BTreeMap::new(),
            cells: BTreeMap::new(),
            aligns: true,
        }
    }

    /// Where the next thing goes.
    pub fn here(&self) -> u64 {
        self.here
    }

    fn push(&mut self, bytes: Vec<u8>) {
        let length = bytes.len() as u64;
        self.bytes.insert(self.here, bytes);
        self.here += length;
    }

    /// The bytes of everything, by address.
    pub fn parts(&self, mut bytes_of: impl FnMut(&Cell) -> Vec<u8>) -> Vec<(u64, Vec<u8>)> {
        let bytes = self.bytes.iter().map(|(at, bytes)| (*at, bytes.clone()));
        let mut parts: Vec<(u64, Vec<u8>)> = bytes.collect();
        parts.extend(self.cells.iter().map(|(at, cell)| (*at, bytes_of(cell))));
        parts
    }
}

impl Layout<'_> {
    /// A directive, without its point.
    pub(super) fn directive(
        &mut self,
        name: &str,
        tokens: &[Spaced],
        origin: Origin,
        errors: &mut Diagnostics,
    ) {
        let result = match name {
            _ if SECTIONS.contains(&name) => self.section(name, tokens, errors),
            "section" => match tokens.first().map(|it| &it.token) {
                Some(Token::Word(word)) => match word.strip_prefix('.') {
                    Some(name @ ("text" | "data" | "rodata" | "bss" | "sdata")) => {
                        self.section(name, &[], errors)
                    }
                    _ => Err(format!(
                        "there is no section {word}: .text, .data, .rodata, .bss"
                    )),
                },
                _ => Err("a section has a name: .section .data".to_owned()),
            },
            "ktext" | "kdata" => {
                self.place_labels(errors);
                self.is_kernels = true;
                let what = format!(
                    ".{name} is left out: there is no kernel, and no exceptions that a program could handle"
                );
                self.warn(origin, what);
                Ok(())
            }
            "set" => {
                self.set(tokens, origin);
                Ok(())
            }
            // What is known to everybody, and what only debuggers and linkers want to know
            "globl" | "global" | "ent" | "end" | "frame" | "mask" | "type" | "size" | "file"
            | "option" | "ident" | "weak" => Ok(()),
            "extern" | "comm" | "lcomm" => self.external(tokens, origin, errors),
            "align" | "p2align" => self.align(tokens, errors),
            _ if !is_data(name) => Err(format!("no directive is called .{name}")),
            _ if self.is_text => Err(format!(".{name} belongs into .data, and this is .text")),
            "ascii" => self.text(tokens, false, errors),
            "asciiz" | "asciz" | "string" => self.text(tokens, true, errors),
            "space" | "skip" | "zero" => self.space(tokens, errors),
            "float" => self.numbers(name, tokens, 4, Some(true), origin, errors),
            "double" => self.numbers(name, tokens, 8, Some(false), origin, errors),
            "byte" => self.numbers(name, tokens, 1, None, origin, errors),
            "half" | "short" => self.numbers(name, tokens, 2, None, origin, errors),
            "dword" | "quad" => self.numbers(name, tokens, 8, None, origin, errors),
            _ => self.numbers(name, tokens, 4, None, origin, errors),
        };
        let full = self.data.here > DATA.end;
        let result = match result {
            Ok(()) if full => {
                // One error is enough.
                self.data.here = crate::simulator::STATIC_DATA;
                Err("there is no room for so much data".to_owned())
            }
            other => other,
        };
        if let Err(what) = result {
            errors.push(origin, what);
        }
    }

    /// `.set`: what matters is where branches have their slots.
    fn set(&mut self, tokens: &[Spaced], origin: Origin) {
        let what = match tokens.first().map(|it| &it.token) {
            Some(Token::Word(word)) => word.as_str(),
            _ => return,
        };
        match (what, self.branches) {
            ("noreorder", Branches::Immediate) => self.warn(
                origin,
                ".set noreorder changes nothing: branches have no delay slots here, unless --delayed-branches is given"
                    .to_owned(),
            ),
            ("noreorder", Branches::Delayed) => self.fills_slots = false,
            ("reorder", Branches::Delayed) => self.fills_slots = true,
            _ => {}
        }
    }

    fn section(
        &mut self,
        name: &str,
        tokens: &[Spaced],
        errors: &mut Diagnostics,
    ) -> Result<(), String> {
        self.place_labels(errors);
        self.is_kernels = false;
        self.is_text = name == "text";
        let Some(address) = tokens.first().map(|it| &it.token) else {
            return Ok(());
        };
        match address {
            Token::Integer(address) if self.is_text && *address as u64 == self.here() => Ok(()),
            Token::Integer(_) if self.is_text => {
                let what = "instructions follow each other from 0x400000 on: leave the address out";
                Err(what.to_owned())
            }
            Token::Integer(address) if DATA.contains(&(*address as u64)) => {
                self.data.here = *address as u64;
                Ok(())
            }
            Token::Integer(address) => Err(format!(
                "{address:#x} is not in the data, which is from {:#x} to {:#x}",
                DATA.start,
                DATA.end - 1
            )),
            _ => Err("an address is a number".to_owned()),
        }
    }

    /// `.extern name, size`: room behind the global pointer.
    fn external(
        &mut self,
        tokens: &[Spaced],
        origin: Origin,
        errors: &mut Diagnostics,
    ) -> Result<(), String> {
        let wrong = || "it wants a name and a size: .extern name 4".to_owned();
        let Some(Token::Word(name)) = tokens.first().map(|it| &it.token) else {
            return Err(wrong());
        };
        let Some(Token::Integer(size)) = tokens.last().map(|it| &it.token) else {
            return Err(wrong());
        };
        // One that the program has itself is that one.
        if !self.symbols.contains_key(name) {
            let address = self
                .data
                .external
                .next_multiple_of(8.min((*size).max(1) as u64));
            self.data.external = address.saturating_add((*size).max(0) as u64);
            if self.data.external > crate::simulator::STATIC_DATA {
                errors.push(origin, "there is no room for so much".to_owned());
            }
            self.symbols.insert(name.clone(), (address, origin));
        }
        Ok(())
    }

    fn align(&mut self, tokens: &[Spaced], errors: &mut Diagnostics) -> Result<(), String> {
        let power = match tokens {
            [only] => match only.token {
                Token::Integer(power @ 0..=16) => power as u32,
                _ => return Err(".align wants a power of two: 2 for words".to_owned()),
            },
            _ => return Err(".align wants a power of two: 2 for words".to_owned()),
        };
        if self.is_text {
            return match power {
                0..=2 => Ok(()),
                _ => Err("instructions are at multiples of 4".to_owned()),
            };
        }
        self.data.aligns = power > 0;
        self.data.here = self.data.here.next_multiple_of(1 << power);
        let _ = errors;
        Ok(())
    }

    fn text(
        &mut self,
        tokens: &[Spaced],
        ends: bool,
        errors: &mut Diagnostics,
    ) -> Result<(), String> {
        self.place_labels(errors);
        let mut any = false;
        for spaced in tokens {
            match &spaced.token {
                Token::Sign(',') => {}
                Token::Text(text) => {
                    let mut bytes = text.clone();
                    if ends {
                        bytes.push(0);
                    }
                    self.data.push(bytes);
                    any = true;
                }
                _ => return Err("it wants a string in quotation marks".to_owned()),
            }
        }
        match any {
            true => Ok(()),
            false => Err("it wants a string in quotation marks".to_owned()),
        }
    }

    fn space(&mut self, tokens: &[Spaced], errors: &mut Diagnostics) -> Result<(), String> {
        self.place_labels(errors);
        let (size, rest) = expression(tokens, false)?;
        match (size.known(), rest) {
            (Some(size @ 0..=0x100_0000), []) => {
                self.data.here += size as u64;
                Ok(())
            }
            _ => Err("it wants a number of bytes".to_owned()),
        }
    }

    /// Numbers of so many bytes; `is_single` says of floating-point numbers what they are.
    fn numbers(
        &mut self,
        directive: &str,
        tokens: &[Spaced],
        bytes: u8,
        is_single: Option<bool>,
        origin: Origin,
        errors: &mut Diagnostics,
    ) -> Result<(), String> {
        if self.data.aligns {
            self.data.here = self.data.here.next_multiple_of(bytes.into());
        }
        self.place_labels(errors);
        let mut rest = tokens;
        if rest.is_empty() {
            return Err("it wants numbers".to_owned());
        }
        let is_open = tokens.last().is_some_and(|it| it.token == Token::Sign(','));
        self.unfinished = Some((directive.to_owned(), is_open));
        while let Some(first) = rest.first() {
            if first.token == Token::Sign(',') {
                rest = &rest[1..];
                continue;
            }
            let (value, after) = match is_single {
                None => whole(rest)?,
                Some(is_single) => real(rest, is_single)?,
            };
            let bits = 8 * u32::from(bytes);
            if let Some(number) = value.known()
                && bits < 64
                && !(-(1i64 << (bits - 1))..1i64 << bits).contains(&number)
            {
                return Err(format!("{number} does not fit into {bits} bits"));
            }
            rest = after;
            let mut count = 1;
            if let [
                colon,
                Spaced {
                    token: Token::Integer(times),
                    ..
                },
                after @ ..,
            ] = rest
                && colon.token == Token::Sign(':')
            {
                const MOST: i64 = 0x10_0000;
                if !(0..=MOST).contains(times) {
                    return Err(format!("{times} times are too many"));
                }
                (count, rest) = (*times, after);
            }
            for _ in 0..count {
                let cell = Cell {
                    origin,
                    bytes,
                    value: value.clone(),
                };
                self.data.cells.insert(self.data.here, cell);
                self.data.here += u64::from(bytes);
            }
        }
        Ok(())
    }
}

fn whole(tokens: &[Spaced]) -> Result<(Expression, &[Spaced]), String> {
    let is_real = tokens
        .iter()
        .take(2)
        .any(|it| matches!(it.token, Token::Real(_)));
    match is_real {
        true => Err("this is no integer; .float and .double are for such numbers".to_owned()),
        false => expression(tokens, false),
    }
}

/// A floating-point number, with or without a point, as its bits.
fn real(tokens: &[Spaced], is_single: bool) -> Result<(Expression, &[Spaced]), String> {
    let (sign, tokens) = match tokens {
        [first, rest @ ..] if first.token == Token::Sign('-') => (-1.0, rest),
        [first, rest @ ..] if first.token == Token::Sign('+') => (1.0, rest),
        _ => (1.0, tokens),
    };
    let Some((first, rest)) = tokens.split_first() else {
        return Err("a number is missing".to_owned());
    };
    let number = match &first.token {
        Token::Integer(number) => *number as f64,
        Token::Real(number) => *number,
        Token::Word(word) if matches!(word.as_str(), "Inf" | "inf" | "Infinity") => f64::INFINITY,
        Token::Word(word) if matches!(word.as_str(), "NaN" | "nan") => f64::NAN,
        _ => return Err("it wants floating-point numbers".to_owned()),
    };
    let number = sign * number;
    let bits = match is_single {
        true => i64::from((number as f32).to_bits()),
        false => number.to_bits() as i64,
    };
    Ok((Expression::Known(bits), rest))
}

fn is_data(name: &str) -> bool {
    matches!(
        name,
        "ascii"
            | "asciiz"
            | "asciz"
            | "string"
            | "space"
            | "skip"
            | "zero"
            | "float"
            | "double"
            | "byte"
            | "half"
            | "short"
            | "word"
            | "dword"
            | "quad"
            | "long"
    )
}
