//! What a check came to, for people and for programs that grade.

use crate::view::paint::Paint;
use serde::Serialize;
use std::io::{self, Write};

/// What a check came to.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The lab.
    pub title: String,
    /// The program.
    pub program: String,
    /// Its instruction set.
    pub isa: String,
    /// Whether everything is as the lab wants it.
    pub passed: bool,
    /// What it is worth.
    pub points: u32,
    /// What it could be worth.
    pub possible: u32,
    /// Case by case.
    pub results: Vec<Outcome>,
}

/// What one case, or one demand on all of them, came to.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// `case`, `call`, `instructions` or `convention`.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Whether everything is as the lab wants it.
    pub passed: bool,
    /// What it is worth.
    pub points: u32,
    /// What it could be worth.
    pub possible: u32,
    /// The instructions that ran.
    pub steps: Option<u64>,
    /// What is not.
    pub differences: Vec<Difference>,
    /// What the lab tells whose program does otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is.
    pub what: String,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What there was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
}

impl Difference {
    /// Something that should not be.
    pub fn of(what: impl Into<String>) -> Difference {
        Difference {
            what: what.into(),
            expected: None,
            got: None,
        }
    }

    /// Something that should be something else.
    pub fn between(
        what: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Difference {
        Difference {
            what: what.into(),
            expected: Some(expected.into()),
            got: Some(got.into()),
        }
    }
}

impl Outcome {
    /// Of the differences that were found.
    pub fn new(
        kind: &'static str,
        name: String,
        possible: u32,
        hint: Option<&String>,
        differences: Vec<Difference>,
    ) -> Outcome {
        let passed = differences.is_empty();
        Outcome {
            kind,
            name,
            passed,
            points: if passed { possible } else { 0 },
            possible,
            steps: None,
            differences,
            hint: hint.filter(|_| !passed).cloned(),
        }
    }
}

impl Verdict {
    /// Adds up what cases came to.
    pub fn new(title: &str, program: String, isa: &str, results: Vec<Outcome>) -> Verdict {
        Verdict {
            title: title.to_owned(),
            program,
            isa: isa.to_owned(),
            passed: results.iter().all(|it| it.passed),
            points: results.iter().map(|it| it.points).sum(),
            possible: results.iter().map(|it| it.possible).sum(),
            results,
        }
    }

    /// Writes it for people.
    pub fn write(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        writeln!(
            out,
            "{}: {} ({})",
            paint.strong(&self.title),
            self.program,
            self.isa
        )?;
        for outcome in &self.results {
            let word = match outcome.passed {
                true => paint.verb("passed"),
                false => paint.strong("FAILED"),
            };
            writeln!(out, "  {word}  {}", outcome.name)?;
            for difference in &outcome.differences {
                difference.write(out)?;
            }
            if let Some(hint) = &outcome.hint {
                for (number, line) in hint.trim_end().lines().enumerate() {
                    let label = if number == 0 { "hint" } else { "" };
                    writeln!(out, "          {label:<10}{line}")?;
                }
            }
        }
        let failed = self.results.iter().filter(|it| !it.passed).count();
        let count = match failed {
            0 => "all passed".to_owned(),
            _ => format!("{failed} of {} failed", self.results.len()),
        };
        writeln!(out, "{count}; {} of {} points", self.points, self.possible)
    }
}

impl Difference {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "          {}", self.what)?;
        for (label, text) in [("expected", &self.expected), ("got", &self.got)] {
            let Some(text) = text else { continue };
            for (number, line) in text.split('\n').enumerate() {
                let label = if number == 0 { label } else { "" };
                writeln!(
                    out,
                    "{}",
                    format!("            {label:<10}{line}").trim_end()
                )?;
            }
        }
        Ok(())
    }
}
