//! Where a program spends its instructions or its time: as a table, and as folded stacks.

use super::numbers::{fitted, grouped, percent};
use super::words::left_out;
use crate::Process;
use crate::measure::profile::{Gathered, Profile};
use crate::measure::territory::{Function, FunctionId};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Instructions, with the calls that led to them.
    Instructions,
    /// Microseconds of the processor, without.
    Microseconds,
}

impl Unit {
    /// What a number of them is called.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Instructions => "instructions",
            Unit::Microseconds => "microseconds",
        }
    }
}

/// A profile, as people read it.
#[derive(Serialize)]
pub struct Report {
    program: String,
    isa: &'static str,
    unit: Unit,
    total: u64,
    /// The most expensive first, by what was spent in them alone.
    functions: Vec<FunctionCost>,
    #[serde(skip)]
    stacks: BTreeMap<String, u64>,
    /// Processes that it forked, of which nothing is here.
    forked: u64,
}

/// What a function cost.
#[derive(Clone, Debug, Serialize)]
struct FunctionCost {
    name: String,
    file: String,
    /// In it alone.
    own: u64,
    /// In it and all that it called.
    total: u64,
    /// How often it was called, or, by time, seen.
    calls: u64,
}

impl FunctionCost {
    /// Its name and its file, which may be in the name.
    fn place(&self) -> String {
        let by_file = self.name.trim_start_matches('[').strip_prefix(&self.file);
        match by_file.is_some_and(|rest| rest == "]" || rest.starts_with("+0x")) {
            true => self.name.clone(),
            false => format!("{} [{}]", self.name, self.file),
        }
    }
}

impl Report {
    /// Of what the harts of a program's process handed in.
    pub fn new(program: &str, process: &Process, unit: Unit, gathered: &Gathered) -> Report {
        gathered.look(|profile, functions| Report {
            program: program.to_owned(),
            isa: process.guest().name(),
            unit,
            total: profile.nodes.iter().map(|node| node.own).sum(),
            functions: costs(profile, functions),
            stacks: folded(program, profile, functions),
            forked: process.thread().process().forked(),
        })
    }

    /// As JSON.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// So many functions, in a table of 80 columns.
    pub fn write(&self, most: usize, out: &mut dyn Write) -> io::Result<()> {
        let (total, unit) = (grouped(self.total), self.unit.name());
        let (program, isa) = (&self.program, self.isa);
        writeln!(out, "{program}, {isa}: {total} {unit}")?;
        if let Some(left_out) = left_out(self.forked) {
            writeln!(out, "{left_out}")?;
        }
        writeln!(out)?;
        match self.unit {
            Unit::Instructions => {
                writeln!(
                    out,
                    "          self           total         calls  function"
                )?;
            }
            Unit::Microseconds => writeln!(out, "          self        samples  function")?,
        }
        for cost in self.functions.iter().take(most) {
            let place = cost.place();
            let (own, share) = (grouped(cost.own), percent(cost.own, self.total));
            let calls = grouped(cost.calls);
            if self.unit == Unit::Instructions {
                let whole = percent(cost.total, self.total);
                let place = fitted(&place, 35);
                writeln!(
                    out,
                    "{own:>15}{share:>6.1} %{whole:>6.1} %{calls:>12}  {place}"
                )?;
            } else {
                let place = fitted(&place, 42);
                writeln!(out, "{own:>13}{share:>6.1} %{calls:>9}  {place}")?;
            }
        }
        Ok(())
    }

    /// As flamegraph.pl, speedscope and others read it: functions from the outermost, and what was spent.
    pub fn write_folded(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut stacks = self.stacks.iter();
        stacks.try_for_each(|(stack, cost)| writeln!(out, "{stack} {cost}"))
    }

    /// The stacks and what was spent in each: functions from the outermost, with semicolons between.
    pub fn stacks(&self) -> &BTreeMap<String, u64> {
        &self.stacks
    }

    /// What stands over a picture of it.
    pub fn title(&self) -> String {
        let total = grouped(self.total);
        format!(
            "{}, {}: {total} {}",
            self.program,
            self.isa,
            self.unit.name()
        )
    }

    /// What is counted.
    pub fn unit(&self) -> Unit {
        self.unit
    }
}

fn costs(profile: &Profile, functions: &HashMap<FunctionId, Function>) -> Vec<FunctionCost> {
    let totals = profile.totals();
    let mut costs: HashMap<FunctionId, FunctionCost> = HashMap::new();
    for (node, total) in profile.nodes.iter().zip(totals) {
        let Some(id) = node.function else {
            continue;
        };
        // What a function spends in itself, called by itself, is in the outer one's total already.
        let mut caller = &profile.nodes[node.parent as usize];
        let mut is_inner = false;
        while let Some(function) = caller.function {
            if function == id {
                is_inner = true;
                break;
            }
            caller = &profile.nodes[caller.parent as usize];
        }
        let cost = costs.entry(id).or_insert_with(|| {
            let function = functions.get(&id);
            let text =
                |part: fn(&Function) -> &String| function.map_or("?".into(), |it| part(it).clone());
            FunctionCost {
                name: text(|function| &function.name),
                file: text(|function| &function.file),
                own: 0,
                total: 0,
                calls: 0,
            }
        });
        cost.own += node.own;
        cost.calls += node.calls;
        if !is_inner {
            cost.total += total;
        }
    }
    let mut costs: Vec<FunctionCost> = costs.into_values().collect();
    costs.sort_by(|a, b| b.own.cmp(&a.own).then_with(|| a.name.cmp(&b.name)));
    costs
}

/// What is called deeper is counted for its caller.
const DEEPEST: usize = 500;

fn folded(
    program: &str,
    profile: &Profile,
    functions: &HashMap<FunctionId, Function>,
) -> BTreeMap<String, u64> {
    // Semicolons and ends of lines mean something there.
    let clean = |name: &str| name.replace([';', '\n'], ":");
    let mut paths: Vec<(String, usize)> = Vec::with_capacity(profile.nodes.len());
    let mut stacks = BTreeMap::new();
    for node in &profile.nodes {
        let (above, depth) = match node.function {
            None => (String::new(), 0),
            Some(_) => paths[node.parent as usize].clone(),
        };
        let path = match node.function {
            None => clean(program),
            Some(_) if depth >= DEEPEST => above,
            Some(id) => {
                let name = functions.get(&id).map_or("?", |function| &function.name);
                format!("{above};{}", clean(name))
            }
        };
        if node.own > 0 {
            *stacks.entry(path.clone()).or_default() += node.own;
        }
        paths.push((path, depth + 1));
    }
    stacks
}
