//! What a program is made of when it runs: kinds of instructions, mnemonics, hot blocks, branches.

use super::numbers::{fitted, grouped, percent};
use super::words::left_out;
use crate::measure::{Executed, Kind};
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, Write};

/// The instruction mix of a run.
#[derive(Serialize)]
pub struct Mix {
    program: String,
    isa: &'static str,
    /// All that ran: what retired, and system calls.
    instructions: u64,
    retired: u64,
    system_calls: u64,
    /// The same, as counted by the engine and not block by block.
    engine: Engine,
    /// Processes that it forked, of which nothing is here.
    forked: u64,
    kinds: Vec<KindCount>,
    mnemonics: Vec<MnemonicCount>,
    /// The hottest first.
    blocks: Vec<HotBlock>,
    branches: Branches,
}

#[derive(Serialize)]
struct Engine {
    retired: u64,
    system_calls: u64,
}

#[derive(Serialize)]
struct KindCount {
    kind: Kind,
    count: u64,
}

#[derive(Serialize)]
struct MnemonicCount {
    mnemonic: String,
    kind: Kind,
    count: u64,
}

#[derive(Serialize)]
struct HotBlock {
    address: u64,
    bytes: u64,
    entered: u64,
    instructions: u64,
    place: String,
    line: Option<String>,
}

#[derive(Serialize)]
struct Branches {
    executed: u64,
    taken: u64,
    not_taken: u64,
    /// Each of them, the most frequent first.
    sites: Vec<Branch>,
}

#[derive(Serialize)]
struct Branch {
    address: u64,
    mnemonic: String,
    executed: u64,
    taken: u64,
    not_taken: u64,
    place: String,
    line: Option<String>,
}

impl Mix {
    /// Of what a program ran; so many blocks, branches and mnemonics are told at most.
    pub fn new(program: &str, executed: &Executed, most: usize) -> Mix {
        let atlas = &executed.atlas;
        let place = |file, address| atlas.text(&atlas.place(file, address));
        let line = |file, address| {
            let found = atlas.line(file, address);
            found.map(|(file, line)| format!("{file}:{line}"))
        };
        let mut blocks: Vec<_> = executed.blocks.iter().collect();
        blocks.sort_by_key(|block| (std::cmp::Reverse(block.executed), block.start));
        let blocks = blocks.into_iter().take(most);
        let blocks = blocks.map(|block| HotBlock {
            address: block.start,
            bytes: block.bytes,
            entered: block.entered,
            instructions: block.executed,
            place: place(block.file, block.start),
            line: line(block.file, block.start),
        });
        let mut branches: Vec<_> = executed.branches().collect();
        branches.sort_by_key(|branch| (std::cmp::Reverse(branch.executed), branch.address));
        let sum = |count: &dyn Fn(&&crate::measure::Instruction) -> u64| -> u64 {
            branches.iter().map(count).sum()
        };
        let (all, taken) = (sum(&|it| it.executed), sum(&|it| it.taken));
        let sites = branches.iter().take(most).map(|branch| Branch {
            address: branch.address,
            mnemonic: branch.mnemonic.clone(),
            executed: branch.executed,
            taken: branch.taken,
            not_taken: branch.executed.saturating_sub(branch.taken),
            place: place(branch.file, branch.address),
            line: line(branch.file, branch.address),
        });
        let total = executed.total();
        let kinds = executed.kinds().into_iter();
        Mix {
            program: program.to_owned(),
            isa: executed.guest.name(),
            instructions: total,
            retired: total - executed.calls,
            system_calls: executed.calls,
            engine: Engine {
                retired: executed.engine.0,
                system_calls: executed.engine.1,
            },
            forked: executed.forked,
            kinds: kinds
                .filter(|(_, count)| *count > 0)
                .map(|(kind, count)| KindCount { kind, count })
                .collect(),
            mnemonics: mnemonics(executed, most),
            blocks: blocks.collect(),
            branches: Branches {
                executed: all,
                taken,
                not_taken: all.saturating_sub(taken),
                sites: sites.collect(),
            },
        }
    }

    /// As JSON.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// As tables of 80 columns.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}, {}: what ran", self.program, self.isa)?;
        writeln!(out)?;
        let total = self.instructions;
        writeln!(out, "{:<26}{:>18}", "instructions", grouped(total))?;
        writeln!(out, "{:<26}{:>18}", "  retired", grouped(self.retired))?;
        let calls = grouped(self.system_calls);
        writeln!(out, "{:<26}{calls:>18}", "  system calls")?;
        if let Some(left_out) = left_out(self.forked) {
            writeln!(out, "{left_out}")?;
        }
        writeln!(out)?;
        for KindCount { kind, count } in &self.kinds {
            let (share, count) = (percent(*count, total), grouped(*count));
            let bar = "#".repeat((share * 0.25).round() as usize);
            let line = format!("{:<26}{count:>18}{share:>7.1} %  {bar}", kind.title());
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
        writeln!(out, "{:<26}{:>18}", "mnemonic", "instructions")?;
        for MnemonicCount {
            mnemonic,
            kind,
            count,
        } in &self.mnemonics
        {
            let (share, count) = (percent(*count, total), grouped(*count));
            let name = fitted(mnemonic, 25);
            writeln!(out, "{name:<26}{count:>18}{share:>7.1} %  {}", kind.title())?;
        }
        writeln!(out)?;
        writeln!(out, "  instructions          entered  hot block")?;
        for block in &self.blocks {
            let count = grouped(block.instructions);
            let share = percent(block.instructions, total);
            let entered = grouped(block.entered);
            let place = at(&block.place, &block.line);
            writeln!(
                out,
                "{count:>14}{share:>5.1} %{entered:>12}  {}",
                fitted(&place, 44)
            )?;
        }
        let branches = &self.branches;
        writeln!(out)?;
        let (all, taken) = (grouped(branches.executed), grouped(branches.taken));
        let share = percent(branches.taken, branches.executed);
        writeln!(out, "{all} branches, {taken} of them taken ({share:.1} %)")?;
        writeln!(out)?;
        writeln!(out, "      executed     taken  branch")?;
        for branch in &branches.sites {
            let (count, share) = (
                grouped(branch.executed),
                percent(branch.taken, branch.executed),
            );
            let place = fitted(&at(&branch.place, &branch.line), 46);
            let name = fitted(&branch.mnemonic, 8);
            writeln!(out, "{count:>14}{share:>8.1} %  {name:<8} {place}")?;
        }
        Ok(())
    }
}

/// A place with its line, by the file's own name.
fn at(place: &str, line: &Option<String>) -> String {
    match line {
        Some(line) => format!("{place} ({})", line.rsplit('/').next().unwrap_or(line)),
        None => place.to_owned(),
    }
}

/// The most frequent mnemonics, each with what most instructions of the name are for.
fn mnemonics(executed: &Executed, most: usize) -> Vec<MnemonicCount> {
    let mut counts: HashMap<&str, HashMap<Kind, u64>> = HashMap::new();
    for instruction in &executed.instructions {
        let kinds = counts.entry(&instruction.mnemonic).or_default();
        *kinds.entry(instruction.kind).or_default() += instruction.executed;
    }
    let mut mnemonics: Vec<MnemonicCount> = counts
        .into_iter()
        .map(|(mnemonic, kinds)| MnemonicCount {
            mnemonic: mnemonic.to_owned(),
            count: kinds.values().sum(),
            kind: kinds
                .into_iter()
                .max_by_key(|(kind, count)| (*count, std::cmp::Reverse(*kind)))
                .map_or(Kind::Other, |(kind, _)| kind),
        })
        .collect();
    mnemonics.sort_by(|a, b| b.count.cmp(&a.count).then(a.mnemonic.cmp(&b.mnemonic)));
    mnemonics.truncate(most);
    mnemonics
}
