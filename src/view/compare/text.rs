//! The comparison for a terminal: tables of 80 columns, with so many programs each as fit.

use super::{Comparison, Cost, Row};
use crate::view::numbers::{compact, fitted, grouped, percent};
use std::io::{self, Write};
use std::ops::Range;

/// Columns of what is compared.
const NAMES: usize = 22;
/// Columns of all together.
const WIDTH: usize = 80;
/// Programs in one table.
const MOST: usize = 3;
/// Functions and lines in their tables.
const ROWS: usize = 12;

/// Writes all tables.
pub fn write(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let count = comparison.programs.len();
    writeln!(out, "{} on {count} instruction sets", comparison.title())?;
    let tables = count.div_ceil(MOST).max(1);
    let each = count.div_ceil(tables).max(1);
    for first in (0..count).step_by(each) {
        let table = Table {
            comparison,
            columns: first..count.min(first + each),
        };
        table.write(out)?;
    }
    writeln!(out)?;
    for line in comparison.verdict() {
        writeln!(out, "{}", fitted(&line, WIDTH))?;
    }
    Ok(())
}

struct Table<'c> {
    comparison: &'c Comparison,
    /// The programs in it.
    columns: Range<usize>,
}

impl Table<'_> {
    fn width(&self) -> usize {
        ((WIDTH - NAMES) / self.columns.len().max(1)).min(29)
    }

    fn row(&self, name: &str, values: &[String], out: &mut dyn Write) -> io::Result<()> {
        let width = self.width();
        let name = fitted(name, NAMES - 1);
        let mut line = format!("{name:<NAMES$}");
        for value in &values[self.columns.clone()] {
            let value = fitted(value, width - 1);
            line.push_str(&format!("{value:>width$}"));
        }
        writeln!(out, "{}", line.trim_end())
    }

    /// A row whose values may take several lines.
    fn wrapped(&self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let width = self.width() - 1;
        let wrapped: Vec<Vec<String>> = row.values.iter().map(|value| wrap(value, width)).collect();
        let lines = wrapped[self.columns.clone()]
            .iter()
            .map(Vec::len)
            .max()
            .unwrap_or(1);
        for line in 0..lines {
            let at = |value: &Vec<String>| value.get(line).cloned().unwrap_or_default();
            let values: Vec<String> = wrapped.iter().map(at).collect();
            self.row(if line == 0 { &row.name } else { "" }, &values, out)?;
        }
        Ok(())
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let comparison = self.comparison;
        let names: Vec<String> = comparison
            .programs
            .iter()
            .map(|it| it.subject.isa.clone())
            .collect();
        writeln!(out)?;
        self.row("", &names, out)?;
        for row in comparison.sizes() {
            self.row(&row.name, &row.values, out)?;
        }
        writeln!(out)?;
        for (kind, counts) in comparison.kinds() {
            let values: Vec<String> = comparison
                .programs
                .iter()
                .zip(counts)
                .map(|(run, count)| {
                    let share = percent(count, run.subject.executed);
                    format!("{} {share:>5.1} %", compact(count, self.width() - 9))
                })
                .collect();
            self.row(kind.title(), &values, out)?;
        }
        writeln!(out)?;
        for row in comparison.conventions() {
            self.wrapped(&row, out)?;
        }
        for (name, counts) in comparison.calls() {
            let values: Vec<String> = counts.into_iter().map(grouped).collect();
            self.row(&format!("  {name}"), &values, out)?;
        }
        let accesses = comparison.accesses();
        if !accesses.is_empty() {
            writeln!(out)?;
        }
        for row in accesses {
            self.row(&row.name, &row.values, out)?;
        }
        writeln!(out)?;
        self.row("function: run, in it", &names, out)?;
        for function in comparison.functions.iter().take(ROWS) {
            let value = |cost: &Option<Cost>| match cost {
                None => "-".to_owned(),
                Some(cost) => {
                    let executed = compact(cost.executed, self.width() - 7);
                    format!("{executed} {:>5}", cost.instructions)
                }
            };
            let values: Vec<String> = function.costs.iter().map(value).collect();
            self.row(&function.name, &values, out)?;
        }
        let lines = lines(comparison);
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        self.row("line: run, in it", &names, out)?;
        for (name, costs) in lines {
            let values = costs.iter().enumerate().map(|(number, cost)| {
                let all = comparison.programs[number].subject.executed;
                let heat = heat(percent(cost.executed, all));
                let executed = compact(cost.executed, self.width() - 11);
                format!("{heat} {executed} {:>5}", cost.instructions)
            });
            let values: Vec<String> = values.collect();
            self.row(&name, &values, out)?;
        }
        Ok(())
    }
}

/// The lines that ran most.
fn lines(comparison: &Comparison) -> Vec<(String, Vec<Cost>)> {
    let mut lines: Vec<(String, Vec<Cost>)> = Vec::new();
    for line in comparison.functions.iter().flat_map(|it| &it.lines) {
        if line.file.is_empty() {
            continue;
        }
        let name = format!("{}:{}", line.file, line.line);
        // A line that was inlined is in several functions.
        match lines.iter_mut().find(|(known, _)| *known == name) {
            None => lines.push((name, line.costs.clone())),
            Some((_, costs)) => {
                for (sum, cost) in costs.iter_mut().zip(&line.costs) {
                    sum.bytes += cost.bytes;
                    sum.instructions += cost.instructions;
                    sum.executed += cost.executed;
                }
            }
        }
    }
    let total = |costs: &[Cost]| -> u64 { costs.iter().map(|cost| cost.executed).sum() };
    lines.sort_by(|a, b| total(&b.1).cmp(&total(&a.1)).then_with(|| a.0.cmp(&b.0)));
    lines.truncate(ROWS);
    lines
}

/// How hot a share is.
fn heat(share: f64) -> &'static str {
    match share {
        0.0..1.0 => "   ",
        1.0..5.0 => "  +",
        5.0..20.0 => " ++",
        _ => "+++",
    }
}

/// Words in lines of so many columns at most.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(last) = lines.last_mut() {
            if last.is_empty() {
                last.push_str(word);
                continue;
            }
            if last.chars().count() + 1 + word.chars().count() <= columns {
                last.push(' ');
                last.push_str(word);
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines
}
