//! The same program on several instruction sets, side by side.

pub mod html;
pub mod text;

use crate::measure::Kind;
use crate::measure::subject::{FunctionCost, ListedInstruction, RegisterUse, Subject};
use crate::measure::traffic::{Accesses, Traffic};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Programs that ran, and what they have in common.
#[derive(Serialize)]
pub struct Comparison {
    /// The programs, in the order in which they were given.
    pub programs: Vec<Run>,
    /// Their functions, those that ran most first.
    pub functions: Vec<Function>,
    /// Where what they wrote differs first.
    pub outputs: Option<Divergence>,
    /// Where their system calls differ first.
    pub system_calls: Option<Divergence>,
}

/// A program that ran.
#[derive(Serialize)]
pub struct Run {
    /// What is known of it.
    #[serde(flatten)]
    pub subject: Subject,
    /// As a shell's `$?`.
    pub status: i32,
    /// What it wrote to standard output.
    #[serde(skip)]
    pub output: Vec<u8>,
    /// Bytes of that.
    pub output_bytes: u64,
}

/// Where programs that should do the same do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// The line, or the call, counted from 1.
    pub at: usize,
    /// What it is in each program; none where that has come to its end.
    pub there: Vec<Option<String>>,
}

/// A function of the programs.
#[derive(Serialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it costs in each program that has it.
    pub costs: Vec<Option<Cost>>,
    /// Its lines, in the sources' order.
    pub lines: Vec<Line>,
}

/// What code costs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cost {
    /// Bytes of code.
    pub bytes: u64,
    /// Instructions of code.
    pub instructions: u64,
    /// Instructions that ran.
    pub executed: u64,
    /// How often it was entered.
    pub entered: u64,
}

/// A source line of a function.
#[derive(Serialize)]
pub struct Line {
    /// The source file, without directories; empty for code of no line.
    pub file: String,
    /// Its number.
    pub line: u32,
    /// The line itself, if the source is there.
    pub text: Option<String>,
    /// What it costs in each program.
    pub costs: Vec<Cost>,
    /// Its instructions in each program.
    #[serde(skip)]
    pub listings: Vec<Vec<ListedInstruction>>,
}

impl Comparison {
    /// Of programs that ran. `source` gives the lines of a source file, if it is there.
    pub fn new(programs: Vec<Run>, source: &dyn Fn(&str) -> Option<Vec<String>>) -> Comparison {
        let lines = |run: &Run| {
            let text = String::from_utf8_lossy(&run.output).into_owned();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let outputs: Vec<Vec<String>> = programs.iter().map(lines).collect();
        let calls: Vec<&[String]> = programs
            .iter()
            .map(|it| &it.subject.system_calls[..])
            .collect();
        let mut pairs = programs.windows(2);
        let same = pairs.all(|pair| pair[0].output == pair[1].output);
        let outputs = outputs.iter().map(Vec::as_slice).collect::<Vec<_>>();
        Comparison {
            functions: functions(&programs, source),
            outputs: divergence(&outputs).filter(|_| !same),
            system_calls: divergence(&calls),
            programs,
        }
    }

    /// As JSON.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

/// Where sequences differ first.
fn divergence(sequences: &[&[String]]) -> Option<Divergence> {
    let longest = sequences.iter().map(|sequence| sequence.len()).max()?;
    let there = |at: usize| sequences.iter().map(move |sequence| sequence.get(at));
    let at = (0..longest).find(|&at| {
        let mut there = there(at);
        let first = there.next();
        there.any(|other| Some(other) != first)
    })?;
    Some(Divergence {
        at: at + 1,
        there: there(at).map(|it| it.cloned()).collect(),
    })
}

fn functions(programs: &[Run], source: &dyn Fn(&str) -> Option<Vec<String>>) -> Vec<Function> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for run in programs {
        let ran = run.subject.functions.iter().filter(|it| it.executed > 0);
        names.extend(ran.map(|function| function.name.as_str()));
    }
    let mut sources: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    let mut functions: Vec<Function> = names
        .into_iter()
        .map(|name| {
            let of = |run: &Run| -> Option<FunctionCost> {
                let mut all = run.subject.functions.iter();
                all.find(|function| function.name == name).cloned()
            };
            let found: Vec<Option<FunctionCost>> = programs.iter().map(of).collect();
            let cost = |function: &FunctionCost| Cost {
                bytes: function.bytes,
                instructions: function.instructions,
                executed: function.executed,
                entered: function.entered,
            };
            Function {
                name: name.to_owned(),
                costs: found.iter().map(|it| it.as_ref().map(cost)).collect(),
                lines: lines(&found, &mut |file| {
                    let known = sources.entry(file.to_owned());
                    known.or_insert_with(|| source(file)).clone()
                }),
            }
        })
        .collect();
    let total = |function: &Function| -> u64 {
        function
            .costs
            .iter()
            .flatten()
            .map(|cost| cost.executed)
            .sum()
    };
    functions.sort_by(|a, b| total(b).cmp(&total(a)).then_with(|| a.name.cmp(&b.name)));
    functions
}

/// The lines of a function that has these instructions in the programs.
fn lines(
    found: &[Option<FunctionCost>],
    source: &mut dyn FnMut(&str) -> Option<Vec<String>>,
) -> Vec<Line> {
    /// The path of its file, and its instructions in each program.
    type Listed = (String, Vec<Vec<ListedInstruction>>);
    let mut by_line: BTreeMap<(String, u32), Listed> = BTreeMap::new();
    for (number, function) in found.iter().enumerate() {
        for instruction in function.iter().flat_map(|it| &it.listing) {
            // Compilers may have been told other directories.
            let (path, line) = instruction.line.clone().unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            let (_, listings) = by_line
                .entry((name, line))
                .or_insert_with(|| (path, vec![Vec::new(); found.len()]));
            listings[number].push(instruction.clone());
        }
    }
    by_line
        .into_iter()
        .map(|((file, line), (path, listings))| {
            let cost = |listing: &Vec<ListedInstruction>| Cost {
                bytes: listing.iter().map(|it| it.bytes.len() as u64).sum(),
                instructions: listing.len() as u64,
                executed: listing.iter().map(|it| it.executed).sum(),
                entered: listing.first().map_or(0, |it| it.executed),
            };
            let text = source(&path);
            let text = text.and_then(|lines| lines.get((line as usize).checked_sub(1)?).cloned());
            Line {
                costs: listings.iter().map(cost).collect(),
                text: text.map(|text| text.trim().to_owned()),
                listings,
                file,
                line,
            }
        })
        .collect()
}

/// What looking at each instruction told of a program, if it was done.
fn of_traffic(subject: &Subject, tell: &dyn Fn(&Traffic) -> String) -> String {
    subject
        .traffic
        .as_ref()
        .map_or_else(|| "-".to_owned(), tell)
}

/// Registers, and the share of the calls that each has to do with.
fn in_calls(traffic: &Traffic, registers: &[RegisterUse]) -> String {
    let calls = traffic.direct_calls + traffic.indirect_calls;
    let each = registers.iter().map(|register| {
        let share = super::numbers::percent(register.uses, calls);
        format!("{}:{share:.0}%", register.name)
    });
    let each: Vec<String> = each.collect();
    match each.is_empty() {
        true => "none".to_owned(),
        false => each.join(" "),
    }
}

/// A row of the comparison's first table: what it says, and that of each program.
pub struct Row {
    /// What is compared.
    pub name: String,
    /// What it is in each program.
    pub values: Vec<String>,
}

impl Comparison {
    /// What the programs are called: `fib`, if all are.
    pub fn title(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for run in &self.programs {
            if !names.contains(&run.subject.program.as_str()) {
                names.push(&run.subject.program);
            }
        }
        names.join(", ")
    }

    /// Sizes and counts.
    pub fn sizes(&self) -> Vec<Row> {
        use super::numbers::grouped;
        let row = |name: &str, value: &dyn Fn(&Subject) -> String| Row {
            name: name.to_owned(),
            values: self.programs.iter().map(|it| value(&it.subject)).collect(),
        };
        let ratio = |a: u64, b: u64| match b {
            0 => "-".to_owned(),
            _ => format!("{:.2}", a as f64 / b as f64),
        };
        vec![
            row("bytes of the file", &|it| grouped(it.file_bytes)),
            row("bytes of code", &|it| grouped(it.code_bytes)),
            row("instructions in it", &|it| grouped(it.static_instructions)),
            row("bytes each", &|it| {
                ratio(it.code_bytes, it.static_instructions)
            }),
            row("instructions run", &|it| grouped(it.executed)),
            row("bytes each", &|it| ratio(it.executed_bytes, it.executed)),
        ]
    }

    /// The kinds of instructions that ran, those that none has left out.
    pub fn kinds(&self) -> Vec<(Kind, Vec<u64>)> {
        let count = |run: &Run, kind: Kind| {
            let mut kinds = run.subject.kinds.iter();
            kinds
                .find(|(it, _)| *it == kind)
                .map_or(0, |(_, count)| *count)
        };
        let counts = |kind| self.programs.iter().map(|run| count(run, kind)).collect();
        let all = Kind::ALL.iter().map(|&kind| (kind, counts(kind)));
        all.filter(|(_, counts): &(Kind, Vec<u64>)| counts.iter().any(|it| *it > 0))
            .collect()
    }

    /// Registers, calls, the stack, system calls, byte order.
    pub fn conventions(&self) -> Vec<Row> {
        use super::numbers::grouped;
        let row = |name: &str, value: &dyn Fn(&Subject) -> String| Row {
            name: name.to_owned(),
            values: self.programs.iter().map(|it| value(&it.subject)).collect(),
        };
        let list = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(" "),
        };
        vec![
            row("byte order", &|it| match it.big_endian {
                true => "highest first".into(),
                false => "lowest first".into(),
            }),
            row("bits of an address", &|it| it.address_bits.to_string()),
            row("instructions begin", &|it| match it.instruction_alignment {
                1 => "anywhere".into(),
                bytes => format!("at multiples of {bytes}"),
            }),
            row("registers used", &|it| it.registers.len().to_string()),
            row("used most", &|it| {
                let names: Vec<String> = it
                    .registers
                    .iter()
                    .take(6)
                    .map(|it| it.name.clone())
                    .collect();
                list(&names)
            }),
            row("calls", &|it| grouped(it.calls)),
            row("of these indirect", &|it| {
                of_traffic(it, &|it| grouped(it.indirect_calls))
            }),
            row("nested at most", &|it| grouped(it.deepest)),
            row("arguments in", &|it| list(&it.convention.arguments)),
            row("seen to be read", &|it| {
                of_traffic(it, &|it| in_calls(it, &it.arguments))
            }),
            row(
                "return address in",
                &|it| match &it.convention.return_address {
                    Some(register) => register.clone(),
                    None => "the stack".into(),
                },
            ),
            row("callee keeps", &|it| list(&it.convention.saved)),
            row("seen to be saved", &|it| {
                of_traffic(it, &|it| in_calls(it, &it.saved))
            }),
            row("bytes of stack used", &|it| grouped(it.stack_bytes)),
            row("stack at a call", &|it| match it.stack_alignment {
                0 => "-".into(),
                bytes => format!("a multiple of {bytes}"),
            }),
            row("system calls", &|it| grouped(it.system_calls.len() as u64)),
            row("their number in", &|it| {
                it.convention.system_call_number.clone()
            }),
            row("their arguments in", &|it| {
                list(&it.convention.system_call_arguments)
            }),
        ]
    }

    /// Accesses to memory by their sizes, and how many of them were not aligned; nothing if nobody looked.
    pub fn accesses(&self) -> Vec<Row> {
        use super::numbers::grouped;
        let traffic = |run: &'_ Run| run.subject.traffic.clone().unwrap_or_default();
        let all: Vec<Traffic> = self.programs.iter().map(traffic).collect();
        let accesses = all.iter().flat_map(|it| &it.accesses);
        let sizes: BTreeSet<u8> = accesses.map(|it| it.bytes).collect();
        let mut rows = Vec::new();
        for (verb, total, count) in [
            (
                "loads",
                "loads not aligned",
                (|it| (it.loads, it.unaligned_loads)) as fn(&Accesses) -> (u64, u64),
            ),
            ("stores", "stores not aligned", |it| {
                (it.stores, it.unaligned_stores)
            }),
        ] {
            for &bytes in &sizes {
                let of = |it: &Traffic| {
                    let same = it.accesses.iter().find(|it| it.bytes == bytes);
                    same.map_or(0, |it| count(it).0)
                };
                let unit = if bytes == 1 { "byte" } else { "bytes" };
                rows.push(Row {
                    name: format!("{verb} of {bytes} {unit}"),
                    values: all.iter().map(|it| grouped(of(it))).collect(),
                });
            }
            let of = |it: &Traffic| it.accesses.iter().map(|it| count(it).1).sum();
            rows.push(Row {
                name: total.to_owned(),
                values: all.iter().map(|it| grouped(of(it))).collect(),
            });
        }
        match sizes.is_empty() {
            true => Vec::new(),
            false => rows,
        }
    }

    /// The system calls by name, and how often each program made them.
    pub fn calls(&self) -> Vec<(String, Vec<u64>)> {
        let mut counts: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for (number, run) in self.programs.iter().enumerate() {
            for name in &run.subject.system_calls {
                let counts = counts
                    .entry(name)
                    .or_insert_with(|| vec![0; self.programs.len()]);
                counts[number] += 1;
            }
        }
        let all = counts.into_iter();
        all.map(|(name, counts)| (name.to_owned(), counts))
            .collect()
    }

    /// What differs, in sentences.
    pub fn verdict(&self) -> Vec<String> {
        let mut verdict = Vec::new();
        let mut tell = |what: &str, unit: &str, divergence: &Option<Divergence>| match divergence {
            None => verdict.push(format!("{what} are the same.")),
            Some(divergence) => {
                verdict.push(format!("{what} differ first in {unit} {}:", divergence.at));
                for (run, there) in self.programs.iter().zip(&divergence.there) {
                    let there = match there {
                        Some(there) => format!("{there:?}"),
                        None => "nothing more".to_owned(),
                    };
                    verdict.push(format!("  {:<10} {there}", run.subject.isa));
                }
            }
        };
        tell("The outputs", "line", &self.outputs);
        tell("The system calls", "call", &self.system_calls);
        let statuses: BTreeSet<i32> = self.programs.iter().map(|run| run.status).collect();
        for run in &self.programs {
            let Subject {
                isa,
                executed,
                traffic,
                forked,
                ..
            } = &run.subject;
            if let Some(left_out) = super::words::left_out(*forked) {
                verdict.push(format!("On {isa}, {left_out}."));
            }
            if let Some(traffic) = traffic.as_ref().filter(|it| it.instructions != *executed) {
                verdict.push(format!(
                    "On {isa}, accesses are those of another run, of {} instructions.",
                    super::numbers::grouped(traffic.instructions)
                ));
            }
        }
        if statuses.len() > 1 {
            let each = self.programs.iter();
            let each: Vec<String> = each
                .map(|it| format!("{} {}", it.subject.isa, it.status))
                .collect();
            verdict.push(format!("The exit statuses differ: {}.", each.join(", ")));
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_first_difference_is_found_wherever_a_sequence_ends() {
        let (one, other, short) = (words("a b c"), words("a x c"), words("a b"));
        assert_eq!(divergence(&[&one, &one]), None);
        assert_eq!(divergence(&[&one, &one, &other]).map(|it| it.at), Some(2));
        let ended = divergence(&[&one, &short]).expect("one is longer");
        assert_eq!((ended.at, ended.there), (3, vec![Some("c".into()), None]));
    }
}
