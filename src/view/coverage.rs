//! What of a program ran: as a table, and as the files that other tools read.

use super::numbers::{fitted, percent};
use super::words::left_out;
use crate::measure::coverage::{Coverage, Source, basic_blocks};
use crate::measure::{Executed, File};
use std::io::{self, Write};

/// A table of 80 columns: lines and functions that ran, of each source file, in a process that forked so many.
pub fn write(coverage: &Coverage, forked: u64, out: &mut dyn Write) -> io::Result<()> {
    if let Some(left_out) = left_out(forked) {
        writeln!(out, "{left_out}")?;
    }
    if coverage.sources.is_empty() {
        return writeln!(out, "nothing that ran has debug information with lines");
    }
    writeln!(
        out,
        "    lines                 functions             source"
    )?;
    let mut sums = [0; 4];
    for (path, source) in &coverage.sources {
        let counts = source.counts();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
        row(counts, &tail(path, 36), out)?;
    }
    row(sums, "all", out)
}

fn row(counts: [u64; 4], name: &str, out: &mut dyn Write) -> io::Result<()> {
    let [lines, lines_run, functions, functions_run] = counts;
    let part = |run, all| format!("{run:>6} of {all:<6}{:>5.1} %", percent(run, all));
    let (lines, functions) = (part(lines_run, lines), part(functions_run, functions));
    writeln!(out, "{lines}  {functions}  {name}")
}

/// The end of a path, in so many columns.
fn tail(path: &str, columns: usize) -> String {
    match path.char_indices().rev().nth(columns.saturating_sub(3)) {
        Some((start, _)) if path.chars().count() > columns => format!("..{}", &path[start..]),
        _ => fitted(path, columns),
    }
}

impl Source {
    /// Lines, those that ran, functions, those that ran.
    fn counts(&self) -> [u64; 4] {
        let lines = self.lines.values();
        let functions = self.functions.values();
        [
            lines.len() as u64,
            lines.filter(|count| **count > 0).count() as u64,
            functions.len() as u64,
            functions.filter(|(_, count)| *count > 0).count() as u64,
        ]
    }
}

/// A tracefile, as lcov, genhtml and editors read it.
pub fn write_lcov(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    for (path, source) in &coverage.sources {
        let [lines, lines_run, functions, functions_run] = source.counts();
        writeln!(out, "TN:")?;
        writeln!(out, "SF:{path}")?;
        for (name, (line, _)) in &source.functions {
            writeln!(out, "FN:{line},{name}")?;
        }
        for (name, (_, count)) in &source.functions {
            writeln!(out, "FNDA:{count},{name}")?;
        }
        writeln!(out, "FNF:{functions}")?;
        writeln!(out, "FNH:{functions_run}")?;
        for (line, count) in &source.lines {
            writeln!(out, "DA:{line},{count}")?;
        }
        writeln!(out, "LF:{lines}")?;
        writeln!(out, "LH:{lines_run}")?;
        writeln!(out, "end_of_record")?;
    }
    Ok(())
}

/// DynamoRIO's coverage log, version 2, as Lighthouse and others read it: the files that were mapped and the basic
/// blocks that ran.
pub fn write_drcov(executed: &Executed, out: &mut dyn Write) -> io::Result<()> {
    let files = executed.atlas.files();
    writeln!(out, "DRCOV VERSION: 2")?;
    writeln!(out, "DRCOV FLAVOR: drcov")?;
    writeln!(out, "Module Table: version 2, count {}", files.len())?;
    writeln!(out, "Columns: id, base, end, entry, path")?;
    for (number, file) in files.iter().enumerate() {
        let span = file.span();
        let (start, end, path) = (span.start, span.end, path(file));
        writeln!(
            out,
            "{number:3}, {start:#018x}, {end:#018x}, {:#018x}, {path}",
            0
        )?;
    }
    let mut entries = Vec::new();
    for block in basic_blocks(executed) {
        let base = files[block.file].span().start;
        let offset = u32::try_from(block.start.wrapping_sub(base));
        let file = u16::try_from(block.file);
        // What lies further away than the format can say is left out.
        if let (Ok(offset), Ok(file)) = (offset, file) {
            let bytes = u16::try_from(block.bytes).unwrap_or(u16::MAX);
            entries.push((offset, bytes, file));
        }
    }
    writeln!(out, "BB Table: {} bbs", entries.len())?;
    for (offset, bytes, file) in entries {
        out.write_all(&offset.to_le_bytes())?;
        out.write_all(&bytes.to_le_bytes())?;
        out.write_all(&file.to_le_bytes())?;
    }
    Ok(())
}

/// Where a file is here; what the program knows it by, if it is none.
fn path(file: &File) -> String {
    match &file.host_path {
        Some(path) => path.display().to_string(),
        None => file.name.clone(),
    }
}
