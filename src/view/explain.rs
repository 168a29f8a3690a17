//! `portolan explain`: one instruction, from its bytes to its effects.

use super::paint::Paint;
use portolan_machine::graph::render::{Term, effects, terms};
use portolan_machine::guest::{Explanation, FieldValue, Guest, Style, Undecoded};
use serde::Serialize;
use std::io::{self, Write};
use thiserror::Error;

/// How to show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// JSON instead of text.
    pub json: bool,
    /// Colours.
    pub paint: Paint,
}

/// Why an instruction was not explained.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// The bytes are none, or not all of one.
    #[error("{bytes} at {address:#x}: {error}. {hint} (A disassembler writes `{assembly}`.)")]
    Undecoded {
        /// The bytes.
        bytes: String,
        /// Where they are.
        address: u64,
        /// What is wrong with them.
        error: Undecoded,
        /// What to do.
        hint: String,
        /// What a disassembler writes for them.
        assembly: String,
    },
    /// There is nothing to explain.
    #[error("there are no bytes to explain")]
    Nothing,
    /// The explanation could not be written.
    #[error("the explanation could not be written: {0}")]
    Write(#[from] io::Error),
}

/// Explains the instructions in `bytes`, the first of which is at `address`; at most `count`.
pub fn write(
    out: &mut dyn Write,
    guest: &'static dyn Guest,
    bytes: &[u8],
    address: u64,
    count: usize,
    options: &Options,
) -> Result<(), ExplainError> {
    if bytes.is_empty() {
        return Err(ExplainError::Nothing);
    }
    let mut explained = Vec::new();
    let mut offset = 0;
    while offset < bytes.len() && explained.len() < count {
        let pc = address.wrapping_add(offset as u64);
        let it = explain(guest, &bytes[offset..], pc)?;
        offset += it.bytes.len().max(1);
        explained.push((pc, it));
    }
    let sheets: Vec<Sheet> = explained
        .iter()
        .map(|(pc, it)| Sheet::new(guest, *pc, it))
        .collect();
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &sheets).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        for (n, sheet) in sheets.iter().enumerate() {
            if n > 0 {
                writeln!(out)?;
            }
            sheet.write(out, options.paint)?;
        }
    }
    Ok(out.flush()?)
}

fn explain(guest: &'static dyn Guest, bytes: &[u8], pc: u64) -> Result<Explanation, ExplainError> {
    guest.explain(bytes, pc).map_err(|error| {
        let line = guest.disassembler(Style::default()).line(bytes, pc);
        let shown = &bytes[..usize::from(line.length).min(bytes.len())];
        let hint = match error {
            Undecoded::Truncated { .. } => "Give all of its bytes.".to_owned(),
            Undecoded::Unsupported { .. } => {
                format!("This instruction set is {}.", guest.title())
            }
            Undecoded::Illegal { .. } => {
                format!("Is it data, or for another machine than {}?", guest.title())
            }
        };
        ExplainError::Undecoded {
            bytes: spaced(shown),
            address: pc,
            error,
            hint,
            assembly: line
                .text(&|address| format!("{address:#x}"))
                .replace('\t', " "),
        }
    })
}

/// What is said about one instruction.
#[derive(Serialize)]
struct Sheet<'e> {
    architecture: &'static str,
    address: String,
    assembly: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_aliases: Option<&'e str>,
    /// In the order of memory.
    bytes: String,
    /// All fields as one number, for instructions that are one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    name: &'e str,
    extension: &'e str,
    section: &'e str,
    notation: &'e str,
    sentence: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expansion: Option<&'e str>,
    fields: Vec<Field<'e>>,
    effects: Vec<String>,
}

#[derive(Serialize)]
struct Field<'e> {
    name: &'e str,
    high: u8,
    low: u8,
    bits: String,
    meaning: &'e str,
}

impl<'e> Sheet<'e> {
    fn new(guest: &'static dyn Guest, pc: u64, it: &'e Explanation) -> Sheet<'e> {
        let field = |field: &'e FieldValue| {
            let (high, low) = field.bits;
            let width = usize::from(high - low) + 1;
            Field {
                name: &field.name,
                high,
                low,
                bits: match width {
                    0..=26 => format!("{:0width$b}", field.value),
                    _ => format!("{:#0width$x}", field.value, width = 2 + width / 4),
                },
                meaning: &field.meaning,
            }
        };
        Sheet {
            architecture: guest.name(),
            address: format!("{pc:#x}"),
            assembly: &it.assembly,
            without_aliases: it.without_aliases.as_deref(),
            bytes: spaced(&it.bytes),
            number: number(it),
            name: &it.name,
            extension: &it.extension,
            section: &it.section,
            notation: &it.notation,
            sentence: &it.sentence,
            expansion: it.expansion.as_deref(),
            fields: it.fields.iter().map(field).collect(),
            effects: effects(&it.graph, guest),
        }
    }

    fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        write!(out, "{}", paint.strong(self.assembly))?;
        if let Some(plain) = self.without_aliases {
            write!(out, "  {}", paint.faint(format_args!("or {plain}")))?;
        }
        let number = self
            .number
            .as_deref()
            .map(|number| format!("the number {number} "));
        let place = format!("{}at {}", number.unwrap_or_default(), self.address);
        writeln!(out, "\n{}  {}\n", self.bytes, paint.faint(place))?;
        self.ribbon(out, paint)?;
        writeln!(out)?;

        let mut label = Labels { out, paint };
        label.write("encoding", self.notation)?;
        label.write(
            "extension",
            &format!("{} ({})", self.extension, self.section),
        )?;
        label.wrapped("meaning", self.sentence)?;
        label.write("short for", self.expansion.unwrap_or_default())?;
        let name_width = width(self.fields.iter().map(|field| field.name));
        let bits_width = width(self.fields.iter().map(|field| field.bits.as_str()));
        for (n, field) in self.fields.iter().enumerate() {
            let name = paint.field(n, format_args!("{:<name_width$}", field.name));
            let (high, low, bits) = (field.high, field.low, &field.bits);
            let line = format!(
                "{name}  {high:>2}:{low:<2}  {bits:<bits_width$}  {}",
                field.meaning
            );
            label.write(if n == 0 { "fields" } else { "" }, &line)?;
        }
        for (n, effect) in self.effects.iter().enumerate() {
            label.wrapped(if n == 0 { "effect" } else { "" }, effect)?;
        }
        if self.effects.is_empty() {
            label.write("effect", "none, but for going on to the next instruction")?;
        }
        let terms: Vec<Term> = terms(&self.effects);
        let term_width = width(terms.iter().map(|(term, _)| *term));
        for (n, (term, meaning)) in terms.iter().enumerate() {
            let line = paint.faint(format_args!("{term:<term_width$}  {meaning}"));
            label.write(if n == 0 { "where" } else { "" }, &line)?;
        }
        Ok(())
    }

    /// The bits in their fields: numbers of bits above, names below.
    fn ribbon(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let rows = self.fields.iter().enumerate().map(|(n, field)| {
            let (high, low) = (field.high.to_string(), field.low.to_string());
            let numbers = if high == low {
                high.len()
            } else {
                high.len() + 1 + low.len()
            };
            let width = field.bits.len().max(field.name.len()).max(numbers);
            let above = match high == low {
                true => format!("{high:<width$}"),
                false => {
                    // Both ends stand over the bits.
                    let ends = field.bits.len().max(numbers);
                    let gap = ends - high.len() - low.len();
                    format!("{:<width$}", format!("{high}{}{low}", " ".repeat(gap)))
                }
            };
            let bits = paint.field(n, format_args!("{:<width$}", field.bits));
            let name = paint.field(n, format_args!("{:<width$}", field.name));
            [paint.faint(above), bits, name]
        });
        let rows: Vec<[String; 3]> = rows.collect();
        for row in 0..3 {
            let cells: Vec<&str> = rows.iter().map(|cells| cells[row].as_str()).collect();
            writeln!(out, "  {}", cells.join(" | ").trim_end())?;
        }
        Ok(())
    }
}

struct Labels<'o> {
    out: &'o mut dyn Write,
    paint: Paint,
}

impl Labels<'_> {
    /// A line after a label; none if there is nothing to say.
    fn write(&mut self, label: &str, line: &str) -> io::Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        let label = self.paint.name(format_args!("{label:<10}"));
        writeln!(self.out, "{label} {line}")
    }

    /// The same, on as many lines as it takes.
    fn wrapped(&mut self, label: &str, text: &str) -> io::Result<()> {
        for (n, line) in wrapped(text).iter().enumerate() {
            self.write(if n == 0 { label } else { "" }, line)?;
        }
        Ok(())
    }
}

/// Columns for text after a label.
const COLUMNS: usize = 88;

/// Text in lines, indented from the second on.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The number that the fields make up, if it is one, of up to 64 bits.
fn number(it: &Explanation) -> Option<String> {
    let bits = it.bytes.len() * 8;
    let widths = it
        .fields
        .iter()
        .map(|field| usize::from(field.bits.0 - field.bits.1) + 1);
    if usize::from(it.unit) != it.bytes.len() || bits > 64 || widths.sum::<usize>() != bits {
        return None;
    }
    let place = |number, field: &FieldValue| number | field.value << field.bits.1;
    let number = it.fields.iter().fold(0, place);
    Some(format!("{number:#0width$x}", width = 2 + bits / 4))
}

fn width<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(str::len).max().unwrap_or(0)
}

fn spaced(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
