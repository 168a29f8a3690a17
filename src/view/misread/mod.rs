//! `portolan misread`: a file's bytes, taken for instructions of another machine than theirs.
//!
//! [`image`] finds the bytes, [`run`] executes them on a bare hart; here is what people read.

mod image;
mod run;

use super::paint::Paint;
use super::words::{spaced, wrapped};
use crate::guests::Port;
use image::{Code, Image};
use portolan_machine::guest::{Guest, Style};
use portolan_machine::memory::MemoryError;
use serde::Serialize;
use std::io::{self, Write};
use thiserror::Error;

pub use run::{End, Ending, Listed};

/// What to show, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Instructions that are listed from the entry on.
    pub lines: usize,
    /// Instructions that are executed at most.
    pub budget: u64,
    /// JSON instead of text.
    pub json: bool,
    /// Colours.
    pub paint: Paint,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            lines: 12,
            budget: 1_000_000,
            json: false,
            paint: Paint::default(),
        }
    }
}

/// Why a file was not misread.
#[derive(Debug, Error)]
pub enum MisreadError {
    /// There are no bytes.
    #[error("it is empty: there is nothing to read in it")]
    Empty,
    /// It could not be put into memory.
    #[error("it could not be put into memory: {0}")]
    Memory(#[from] MemoryError),
    /// The result could not be written.
    #[error("the result could not be written: {0}")]
    Write(#[from] io::Error),
}

/// Writes what comes of a file, called `name`, that is read and run as another instruction set's.
pub fn write(
    out: &mut dyn Write,
    name: &str,
    data: &[u8],
    port: &'static Port,
    options: &Options,
) -> Result<(), MisreadError> {
    let misread = Misread::of(name, data, port, options)?;
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &misread).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        misread.write(out, options.paint)?;
    }
    Ok(out.flush()?)
}

/// A file, as it was meant and as it was taken.
#[derive(Serialize)]
pub struct Misread {
    file: String,
    what: String,
    /// Its own instruction set, if that is known.
    meant_for: Option<&'static str>,
    read_as: &'static str,
    #[serde(skip)]
    title: &'static str,
    is_right: bool,
    /// The first instructions.
    pub lines: Vec<SideBySide>,
    /// All bytes of its code.
    pub count: Count,
    /// How the run ended.
    pub ending: Ending,
}

/// Bytes and what two machines take them for.
#[derive(Serialize)]
pub struct SideBySide {
    /// Where they are.
    pub address: u64,
    /// The bytes, up to the next line's.
    pub bytes: String,
    /// The instruction that begins here, if one does, to the one who misreads; `None` inside of one.
    pub misread: Option<String>,
    /// The same for the one whom it is meant for.
    pub meant: Option<String>,
}

/// How much of the code can be taken for instructions.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Count {
    /// Bytes of code.
    pub bytes: u64,
    /// Pieces that could be instructions, read one after the other.
    pub pieces: u64,
    /// Those that are.
    pub instructions: u64,
}

impl Misread {
    /// Reads and runs a file.
    pub fn of(
        name: &str,
        data: &[u8],
        port: &'static Port,
        options: &Options,
    ) -> Result<Misread, MisreadError> {
        if data.is_empty() {
            return Err(MisreadError::Empty);
        }
        let mut image = Image::of(data);
        let memory = portolan_machine::memory::Memory::new(port.guest.address_bits())?;
        image.fit(memory.limit());
        image.align(port.guest.alignment());
        image.load(&memory)?;
        let own = image.port.map(|own| own.guest);
        Ok(Misread {
            file: name.to_owned(),
            what: image.what.clone(),
            meant_for: own.map(|own| own.name()),
            read_as: port.guest.name(),
            title: port.guest.title(),
            is_right: own.is_some_and(|own| own.name() == port.guest.name()),
            lines: side_by_side(&image, port.guest, own, options.lines),
            count: count(&image.code, port.guest),
            ending: run::run(port, memory, image.entry, options.budget),
        })
    }

    fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let file = paint.strong(&self.file);
        writeln!(out, "{file} is {}.", self.what)?;
        let how = match self.is_right {
            true => "Here it is read as just that",
            false => "Here its bytes are taken for instructions of another machine",
        };
        writeln!(out, "{how}: {}.\n", self.title)?;
        self.table(out, paint)?;
        let count = self.count;
        writeln!(
            out,
            "\nOf its {} bytes of code, {} of {} pieces can be read as instructions: {} %.",
            count.bytes,
            count.instructions,
            count.pieces,
            count.instructions * 100 / count.pieces.max(1)
        )?;
        self.end(out, paint)
    }

    /// The first instructions, side by side with what they truly are.
    pub(super) fn table(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let wide = |of: fn(&SideBySide) -> usize, least: usize| {
            let widths = self.lines.iter().map(of);
            widths.max().unwrap_or(0).max(least)
        };
        let bytes = wide(|line| line.bytes.len(), 5);
        let misread = wide(|line| line.misread.as_ref().map_or(0, String::len), 10).min(36);
        let address = wide(|line| format!("{:x}", line.address).len(), 7);
        let as_what = format!("as {}", self.read_as);
        let meant = match (self.is_right, self.meant_for) {
            (false, Some(own)) => format!("truly, as {own}"),
            _ => String::new(),
        };
        let head = format!(
            "{:>address$}  {:<bytes$}  {as_what:<misread$}  {meant}",
            "address", "bytes"
        );
        writeln!(out, "{}", paint.faint(head.trim_end()))?;
        for line in &self.lines {
            let shown = match &line.misread {
                Some(text) if text.len() > misread => {
                    let cut: String = text.chars().take(misread - 2).collect();
                    format!("{cut}..")
                }
                Some(text) => text.clone(),
                None => String::new(),
            };
            let place = paint.faint(format_args!("{:>address$x}", line.address));
            let shown = paint.verb(format_args!("{shown:<misread$}"));
            let truly = match self.is_right {
                true => "",
                false => line.meant.as_deref().unwrap_or_default(),
            };
            let line = format!("{place}  {:<bytes$}  {shown}  {truly}", line.bytes);
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// How it ended.
    pub(super) fn end(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let ending = &self.ending;
        let ran = match ending.retired {
            0 => "It ran no instruction".to_owned(),
            1 => "It ran 1 instruction, then".to_owned(),
            count => format!("It ran {count} instructions, then"),
        };
        let head = match ending.retired {
            0 => format!("{ran}: {}.", ending.what),
            _ => format!("{ran} {}.", ending.what),
        };
        for line in wrapped(&head, COLUMNS) {
            writeln!(out, "{}", paint.strong(line))?;
        }
        if !ending.last.is_empty() {
            writeln!(out)?;
        }
        let wide = |of: fn(&Listed) -> usize| ending.last.iter().map(of).max().unwrap_or(0);
        let bytes = wide(|it| it.bytes.len());
        let address = wide(|it| format!("{:x}", it.address).len());
        for (n, it) in ending.last.iter().enumerate() {
            let is_end = n + 1 == ending.last.len() && it.address == ending.pc;
            let remark = if is_end { "  <- here" } else { "" };
            let place = paint.faint(format_args!("{:>address$x}", it.address));
            writeln!(
                out,
                "{place}  {:<bytes$}  {}{remark}",
                it.bytes,
                paint.verb(&it.text)
            )?;
        }
        writeln!(out)?;
        for line in wrapped(&ending.why, COLUMNS) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

/// Columns for text.
const COLUMNS: usize = 76;

/// An instruction with its bytes.
fn listed(guest: &dyn Guest, bytes: &[u8], address: u64) -> Listed {
    let (text, length) = text(guest, bytes, address);
    Listed {
        address,
        bytes: spaced(&bytes[..length.min(bytes.len())]),
        text,
    }
}

/// An instruction as text, and its length.
fn text(guest: &dyn Guest, bytes: &[u8], pc: u64) -> (String, usize) {
    // As manuals have it: destinations first.
    let style = Style {
        other_syntax: true,
        ..Style::default()
    };
    let mut line = guest.disassembler(style).line(bytes, pc);
    line.operand_column = 1;
    line.reference = None;
    let text = line.text(&|address| format!("{address:#x}"));
    (text.trim_end().to_owned(), usize::from(line.length).max(1))
}

fn side_by_side(
    image: &Image<'_>,
    guest: &'static dyn Guest,
    own: Option<&'static dyn Guest>,
    most: usize,
) -> Vec<SideBySide> {
    let code = image.code;
    let start = image.entry.wrapping_sub(code.address) as usize;
    let start = if start < code.bytes.len() { start } else { 0 };
    let bytes = &code.bytes[start..];
    let first = code.address.wrapping_add(start as u64);
    let mut lines: Vec<(usize, SideBySide)> = Vec::new();
    let (mut misread_at, mut meant_at, mut at) = (0, 0, 0);
    while at < bytes.len() && lines.len() < most {
        let pc = first.wrapping_add(at as u64);
        let mut line = SideBySide {
            address: pc,
            bytes: String::new(),
            misread: None,
            meant: None,
        };
        if at == misread_at {
            let (text, length) = text(guest, &bytes[at..], pc);
            line.misread = Some(text);
            misread_at += length;
        }
        match own {
            Some(own) if at == meant_at => {
                let (text, length) = text(own, &bytes[at..], pc);
                line.meant = Some(text);
                meant_at += length;
            }
            Some(_) => {}
            None => meant_at = misread_at,
        }
        let next = misread_at.min(meant_at).min(bytes.len());
        line.bytes = spaced(&bytes[at..next]);
        at = next;
        lines.push((at, line));
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

fn count(code: &Code<'_>, guest: &'static dyn Guest) -> Count {
    let mut count = Count {
        bytes: code.bytes.len() as u64,
        ..Count::default()
    };
    let mut at = 0;
    while at < code.bytes.len() {
        let rest = &code.bytes[at..code.bytes.len().min(at + 16)];
        let pc = code.address.wrapping_add(at as u64);
        count.pieces += 1;
        at += match guest.record(rest, pc) {
            Ok(graph) => {
                count.instructions += 1;
                graph.next_pc.wrapping_sub(graph.pc) as usize
            }
            Err(_) => text(guest, rest, pc).1,
        };
    }
    count
}
