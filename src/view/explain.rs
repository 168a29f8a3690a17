//! `portolan explain`: one instruction, from its bytes to its effects.

mod kin;
mod svg;

pub use kin::{Idea, Kin, kin};

use super::paint::Paint;
use super::words::{spaced, wrapped};
use portolan_machine::graph::render::{Term, effects, terms};
use portolan_machine::graph::{Graph, Node};
use portolan_machine::guest::{Explanation, FieldValue, Guest, Style, Undecoded};
use portolan_machine::registers::{Role, Slot};
use serde::Serialize;
use std::io::{self, Write};
use thiserror::Error;

/// How to show it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// JSON instead of text.
    pub json: bool,
    /// A picture of the bits instead of text: SVG.
    pub svg: bool,
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
    } else if options.svg {
        svg::write(out, &sheets)?;
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
pub(super) struct Sheet<'e> {
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
    #[serde(flatten)]
    touched: Touched,
    effects: Vec<String>,
    elsewhere: Vec<Elsewhere>,
}

/// An instruction of another instruction set with the same idea.
#[derive(Serialize)]
pub(super) struct Elsewhere {
    pub architecture: &'static str,
    pub bytes: String,
    pub assembly: String,
}

impl Elsewhere {
    pub fn of(kin: &Kin) -> Elsewhere {
        let it = kin.guest.explain(&kin.bytes, 0);
        Elsewhere {
            architecture: kin.guest.name(),
            bytes: spaced(&kin.bytes),
            assembly: it.map_or_else(|_| String::new(), |it| it.assembly),
        }
    }
}

/// What an instruction touches, by name.
#[derive(Default, Serialize)]
struct Touched {
    reads: Vec<String>,
    writes: Vec<String>,
    flags_read: Vec<String>,
    flags_written: Vec<String>,
}

impl Touched {
    fn of(graph: &Graph, guest: &dyn Guest) -> Touched {
        let mut touched = Touched::default();
        let mut name = |slot: Slot, is_written: bool| {
            let register = guest.register(slot);
            if register.is_some_and(|(_, it)| it.role == Role::Zero) {
                return;
            }
            let is_flag = guest.flags().contains(&slot);
            let list = match (is_flag, is_written) {
                (true, true) => &mut touched.flags_written,
                (true, false) => &mut touched.flags_read,
                (false, true) => &mut touched.writes,
                (false, false) => &mut touched.reads,
            };
            let name = guest.slot_name(slot);
            if !list.contains(&name) {
                list.push(name);
            }
        };
        let (mut loaded, mut stored) = (0_u32, 0_u32);
        for node in &graph.nodes {
            match *node {
                Node::Read(slot) => name(slot, false),
                Node::Write(slot, _) => name(slot, true),
                Node::Float(unit, ..) => name(unit.flags, true),
                Node::Load(access, _) => loaded += u32::from(access.bytes),
                Node::Store(access, ..) => stored += u32::from(access.bytes),
                Node::Rmw(access, ..) | Node::CompareExchange(access, ..) => {
                    loaded += u32::from(access.bytes);
                    stored += u32::from(access.bytes);
                }
                Node::CompareExchangePair(..) => {
                    loaded += 16;
                    stored += 16;
                }
                _ => {}
            }
        }
        for (list, bytes) in [(&mut touched.reads, loaded), (&mut touched.writes, stored)] {
            match bytes {
                0 => {}
                1 => list.push("1 byte of memory".to_owned()),
                bytes => list.push(format!("{bytes} bytes of memory")),
            }
        }
        touched
    }
}

#[derive(Serialize)]
struct Field<'e> {
    /// The byte that it is in, where bits are counted in each byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    byte: Option<String>,
    name: &'e str,
    high: u8,
    low: u8,
    bits: String,
    meaning: &'e str,
}

impl<'e> Sheet<'e> {
    pub(super) fn new(guest: &'static dyn Guest, pc: u64, it: &'e Explanation) -> Sheet<'e> {
        let mut bits_before = 0;
        let field = |field: &'e FieldValue| {
            let (high, low) = field.bits;
            let width = usize::from(high - low) + 1;
            let byte = bits_before / 8;
            bits_before += width;
            // Numbers of several bytes are counted by themselves.
            let bytes = it.bytes.get(byte..bits_before.div_ceil(8));
            Field {
                byte: bytes.filter(|_| it.unit == 1).map(spaced),
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
            touched: Touched::of(&it.graph, guest),
            effects: effects(&it.graph, guest),
            elsewhere: kin(guest, &it.graph).iter().map(Elsewhere::of).collect(),
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
        self.manual(out, paint)?;
        self.fields(out, paint)?;
        self.effect(out, paint)?;
        self.elsewhere(out, paint)
    }

    /// What the manual says.
    pub(super) fn manual(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut label = Labels { out, paint };
        label.write("encoding", self.notation)?;
        label.write(
            "extension",
            &format!("{} ({})", self.extension, self.section),
        )?;
        label.wrapped("meaning", self.sentence)?;
        label.write("short for", self.expansion.unwrap_or_default())
    }

    /// What each field says.
    pub(super) fn fields(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut label = Labels { out, paint };
        let name_width = width(self.fields.iter().map(|field| field.name));
        let bits_width = width(self.fields.iter().map(|field| field.bits.as_str()));
        let byte_width = width(self.fields.iter().filter_map(|field| field.byte.as_deref()));
        let mut byte_before = 0;
        for (n, field) in self.fields.iter().enumerate() {
            let name = paint.field(n, format_args!("{:<name_width$}", field.name));
            let (high, low, bits) = (field.high, field.low, &field.bits);
            // A byte stands beside the first of its fields.
            let is_first = high >= byte_before || high > 7;
            byte_before = low;
            let byte = match &field.byte {
                Some(byte) if is_first || n == 0 => format!("{byte:<byte_width$}  "),
                Some(_) => " ".repeat(byte_width + 2),
                None => String::new(),
            };
            let line = format!(
                "{byte}{name}  {high:>2}:{low:<2}  {bits:<bits_width$}  {}",
                field.meaning
            );
            label.write(if n == 0 { "fields" } else { "" }, &line)?;
        }
        Ok(())
    }

    /// What it reads, writes and does.
    pub(super) fn effect(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut label = Labels { out, paint };
        let touched = &self.touched;
        label.wrapped("reads", &touched.reads.join(", "))?;
        label.wrapped("writes", &touched.writes.join(", "))?;
        let flags = [
            ("reads", &touched.flags_read),
            ("writes", &touched.flags_written),
        ];
        let flags = flags.iter().filter(|(_, names)| !names.is_empty());
        let flags: Vec<String> = flags
            .map(|(what, names)| format!("{what} {}", names.join(", ")))
            .collect();
        label.write("flags", &flags.join("; "))?;
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

    /// What has the same idea.
    fn elsewhere(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let mut label = Labels { out, paint };
        let name_width = width(self.elsewhere.iter().map(|it| it.architecture));
        let bytes_width = width(self.elsewhere.iter().map(|it| it.bytes.as_str()));
        for (n, it) in self.elsewhere.iter().enumerate() {
            let line = format!(
                "{:<name_width$}  {:<bytes_width$}  {}",
                it.architecture,
                it.bytes,
                paint.verb(&it.assembly)
            );
            label.write(if n == 0 { "elsewhere" } else { "" }, &line)?;
        }
        Ok(())
    }

    /// The bits in their fields: numbers of bits above, names below.
    pub(super) fn ribbon(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
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
        for (n, line) in indented(text).iter().enumerate() {
            self.write(if n == 0 { label } else { "" }, line)?;
        }
        Ok(())
    }
}

/// Columns for text after a label.
const COLUMNS: usize = 88;

/// Text in lines, indented from the second on.
fn indented(text: &str) -> Vec<String> {
    let mut lines = wrapped(text, COLUMNS - 2);
    lines
        .iter_mut()
        .skip(1)
        .for_each(|line| line.insert_str(0, "  "));
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
