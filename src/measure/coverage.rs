//! Which lines and functions of the sources ran, and which blocks of the files.

use super::{Executed, Kind};
use crate::view::object_file::ObjectFile;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// What of the sources ran, by the paths that debug information has for them.
pub struct Coverage {
    /// The sources.
    pub sources: BTreeMap<String, Source>,
}

/// A source file.
#[derive(Default)]
pub struct Source {
    /// The lines that there is code for, and how often it ran: of a line with several pieces of code, that which
    /// began most often.
    pub lines: BTreeMap<u32, u64>,
    /// The functions by name: the line that each begins in, and how often it was entered.
    pub functions: BTreeMap<String, (u32, u64)>,
}

/// Instructions that always run together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicBlock {
    /// The number of the file.
    pub file: usize,
    /// The first address.
    pub start: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How often they ran.
    pub executed: u64,
}

impl Coverage {
    /// Of all files that ran and have debug information.
    pub fn new(executed: &Executed) -> Coverage {
        let mut counts: HashMap<(usize, u64), u64> = HashMap::new();
        for instruction in &executed.instructions {
            if let Some(file) = instruction.file {
                *counts.entry((file, instruction.address)).or_default() += instruction.executed;
            }
        }
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        for (number, file) in executed.atlas.files().iter().enumerate() {
            let Some(path) = &file.host_path else {
                continue;
            };
            let locator = file.locator();
            let count = |address| counts.get(&(number, address)).copied().unwrap_or(0);
            let mut is_known = false;
            for range in code(path, file.bias) {
                for (start, _, source, line) in locator.lines(range) {
                    is_known = true;
                    let lines = &mut sources.entry(source).or_default().lines;
                    let known = lines.entry(line).or_default();
                    *known = count(start).max(*known);
                }
            }
            if !is_known {
                continue;
            }
            for (start, _, name) in locator.functions() {
                if let Some((source, line)) = locator.place(start).line {
                    let functions = &mut sources.entry(source).or_default().functions;
                    let known = functions.entry(name.to_owned()).or_insert((line, 0));
                    known.1 += count(start);
                }
            }
        }
        // Line 0 is what compilers call code of no line.
        for source in sources.values_mut() {
            source.lines.remove(&0);
        }
        sources.retain(|_, source| !source.lines.is_empty());
        Coverage { sources }
    }
}

/// Where a file's code is in memory.
fn code(path: &std::path::Path, bias: u64) -> Vec<Range<u64>> {
    let Ok(bytes) = std::fs::read(path) else {
        return Vec::new();
    };
    let Ok(file) = ObjectFile::parse(&bytes) else {
        return Vec::new();
    };
    let sections = file.sections.iter().filter(|section| section.is_code);
    sections
        .map(|section| {
            let start = section.address.wrapping_add(bias);
            start..start.saturating_add(section.data.len() as u64)
        })
        .collect()
}

/// The basic blocks that ran, by address: each ends where control may go elsewhere, or came from elsewhere.
pub fn basic_blocks(executed: &Executed) -> Vec<BasicBlock> {
    let mut blocks: Vec<BasicBlock> = Vec::new();
    let mut ends = true;
    for instruction in &executed.instructions {
        let Some(file) = instruction.file else {
            continue;
        };
        let bytes = instruction.bytes.len() as u64;
        let last = blocks.last_mut().filter(|last| {
            // A delay slot may have run without its branch, too.
            let same = last.executed == instruction.executed || instruction.is_in_slot;
            !ends && same && last.file == file && last.start + last.bytes == instruction.address
        });
        match last {
            Some(last) => last.bytes += bytes,
            None => blocks.push(BasicBlock {
                file,
                start: instruction.address,
                bytes,
                executed: instruction.executed,
            }),
        }
        let leads_elsewhere = matches!(
            instruction.kind,
            Kind::Branch | Kind::Jump | Kind::Call | Kind::Return | Kind::System
        );
        ends = (leads_elsewhere && !instruction.has_slot) || instruction.is_in_slot;
    }
    blocks
}
