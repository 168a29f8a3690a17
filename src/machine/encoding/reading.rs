//! What a row says about an instruction word, for people: its runs of bits, what they select, and
//! everything in an [`Explanation`] that comes from the row.

use super::{Field, Pattern, Piece, Row};
use crate::graph::Graph;
use crate::guest::{Explanation, FieldValue, Line, Style};

/// Adjacent bits with one purpose.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The highest bit.
    pub high: u8,
    /// The lowest bit.
    pub low: u8,
    /// The field and its piece, if the bits are not fixed.
    pub piece: Option<(&'a Field, Piece)>,
}

impl Run<'_> {
    /// The bits of a word that it has.
    pub fn mask(&self) -> u32 {
        (u32::MAX >> (31 - (self.high - self.low))) << self.low
    }

    /// What they hold.
    pub fn value(&self, word: u32) -> u32 {
        (word & self.mask()) >> self.low
    }

    /// Whether the bits are the same in each word of the row.
    pub fn is_fixed(&self) -> bool {
        self.piece.is_none()
    }
}

/// The runs of a row's bits, from the highest one: fixed bits as the row groups them, fields piece
/// by piece.
pub fn runs<'a>(row: &Row, pattern: &'a Pattern) -> Vec<Run<'a>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = pattern.bits;
    for token in row.pattern.split_whitespace() {
        if token.bytes().all(|bit| bit == b'0' || bit == b'1') {
            let high = at - 1;
            at -= token.len() as u8;
            runs.push(Run {
                high,
                low: at,
                piece: None,
            });
            continue;
        }
        let name = token.split(['[', '!']).next().unwrap_or_default();
        let Some(field) = pattern.field(name) else {
            continue;
        };
        let count = 1 + token.matches('|').count();
        let end = at;
        let here = field.pieces.iter().filter(|piece| piece.at < end);
        for &piece in here.take(count) {
            at = piece.at;
            runs.push(Run {
                high: piece.at + piece.width - 1,
                low: piece.at,
                piece: Some((field, piece)),
            });
        }
    }
    runs
}

/// What the fixed bits of `run` select, after those that are looked at before them. `rank` gives
/// that order; `others` are the rows that the word is told apart from.
pub fn selected<'a>(
    run: &Run,
    all: &[Run],
    word: u32,
    name: &str,
    rank: impl Fn(&Run) -> u8,
    others: impl Iterator<Item = (&'a Row, &'a Pattern)>,
) -> String {
    let fixed = || all.iter().filter(|other| other.is_fixed());
    let here = rank(run);
    if fixed().map(&rank).max() == Some(here) {
        return name.to_owned();
    }
    let so_far = fixed()
        .filter(|other| rank(other) <= here)
        .fold(0, |mask, other| mask | other.mask());
    let fits = |pattern: &Pattern| (pattern.value ^ word) & pattern.mask & so_far == 0;
    let names: Vec<&str> = others
        .filter(|(_, pattern)| fits(pattern))
        .map(|(row, _)| row.name)
        .collect();
    match names.as_slice() {
        [name] => (*name).to_owned(),
        [_, ..] if names.len() <= 6 => format!("one of {}", names.join(", ")),
        _ => format!("one of {} instructions", names.len()),
    }
}

impl Row {
    /// What there is to say about an instruction of this row. `line` disassembles it.
    pub fn explain(
        &self,
        bytes: &[u8],
        line: impl Fn(Style) -> Line,
        fields: Vec<FieldValue>,
        graph: Graph,
    ) -> Explanation {
        let assembly = |aliases| {
            let line = Line {
                reference: None,
                ..line(Style {
                    aliases,
                    ..Style::default()
                })
            };
            line.text(&|address| format!("{address:#x}"))
                .replace('\t', " ")
        };
        let (aliased, plain) = (assembly(true), assembly(false));
        Explanation {
            bytes: bytes.to_vec(),
            unit: bytes.len() as u8,
            without_aliases: (plain != aliased).then_some(plain),
            assembly: aliased,
            name: self.name.to_owned(),
            extension: self.extension.to_owned(),
            section: self.section.to_owned(),
            notation: self
                .pattern
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            sentence: self.sentence.to_owned(),
            expansion: None,
            fields,
            graph,
        }
    }
}
