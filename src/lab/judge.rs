//! Compares what a program did with what a lab expects.

mod output;

use super::file::{Answer, Argument, Instructions, Lab, LabError, ResultType, Trial};
use super::image::Image;
use super::job::{self, Base, End, Executed, Job, Passed, Place, Report};
use super::report::{Difference, Outcome, Verdict};
use super::value::{self, Expected};
use crate::guests;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a run of a program left.
#[derive(Debug, Default)]
pub struct Run {
    /// What it was like; None if it was ended from outside.
    pub report: Option<Report>,
    /// Why it could not be looked at, if it could not.
    pub failure: Option<String>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// What is in the files of its directory.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A lab and a program.
pub struct Judge<'a> {
    lab: &'a Lab,
    image: Image,
    program: PathBuf,
    sysroot: Option<PathBuf>,
    seed: u64,
}

impl<'a> Judge<'a> {
    /// Of a lab and a program, whose file has these contents.
    ///
    /// # Errors
    /// If the lab is not for this program, or speaks of what the program's instruction set does not have.
    pub fn new(
        lab: &'a Lab,
        program: &Path,
        data: &[u8],
        sysroot: Option<PathBuf>,
        seed: u64,
    ) -> Result<Judge<'a>, LabError> {
        let place = program.display().to_string();
        let image = Image::of(program, data, lab.machine.simulator(), &lab.functions());
        let (image, _) = image.map_err(|error| LabError::meaning(&place, error.to_string()))?;
        let judge = Judge {
            lab,
            image,
            program: program.to_owned(),
            sysroot,
            seed,
        };
        judge.check_isa(&place)?;
        judge.check_names()?;
        Ok(judge)
    }

    fn check_isa(&self, place: &str) -> Result<(), LabError> {
        let name = self.image.port.guest.name();
        let isas = &self.lab.isas;
        if let Some(unknown) = isas.iter().find(|isa| guests::port(isa).is_none()) {
            let known = guests::names();
            let what = format!("no instruction set is called {unknown:?}; known are: {known}");
            return Err(LabError::meaning("isas", what));
        }
        if !isas.is_empty() && !isas.iter().any(|isa| isa == name) {
            let what = format!("it is for {name}; the lab is for {}", isas.join(", "));
            return Err(LabError::meaning(place, what));
        }
        if let Some(wanted) = self.lab.machine.simulator()
            && self.image.port.simulator.is_none_or(|it| it.name != wanted)
        {
            let what = format!("it is for {name}; {}", guests::simulators());
            return Err(LabError::meaning(place, what));
        }
        Ok(())
    }

    /// Looks up what the lab says of registers and instructions.
    fn check_names(&self) -> Result<(), LabError> {
        let guest = self.image.port.guest;
        for trial in self.lab.trials() {
            let mut names = trial.registers.keys();
            if let Some(name) = names.find(|name| guest.register_named(register(name)).is_none()) {
                let what = format!("{} has no register {name:?}", guest.name());
                return Err(LabError::meaning(trial.title(), what));
            }
        }
        let Some(instructions) = &self.lab.instructions else {
            return Ok(());
        };
        let isas = self.lab.isas.iter().filter_map(|isa| guests::named(isa));
        let all = isas.chain([guest]).flat_map(|guest| guest.instructions());
        let names: Vec<String> = all
            .flat_map(|it| it.name.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let mut patterns = instructions.forbidden.iter().chain(&instructions.required);
        let is_unknown = |pattern: &&String| !names.iter().any(|name| matches(pattern, name));
        match patterns.find(is_unknown) {
            None => Ok(()),
            Some(pattern) => {
                let what = format!(
                    "no instruction is called {pattern:?}; `portolan isa {}` lists them (short forms, such as li, are none)",
                    guest.name()
                );
                Err(LabError::meaning("instructions", what))
            }
        }
    }

    /// Runs everything and says what it came to. `run` carries a job out, with what the trial gives to it.
    ///
    /// # Errors
    /// Those of `run`.
    pub fn verdict<E>(
        &self,
        mut run: impl FnMut(&Job, &Trial) -> Result<Run, E>,
    ) -> Result<Verdict, E> {
        let mut outcomes = Vec::new();
        let mut executed: Vec<Executed> = Vec::new();
        let mut breaches: Vec<(String, String)> = Vec::new();
        for trial in self.lab.trials() {
            let ran = run(&self.job(trial), trial)?;
            let kind = if trial.function.is_some() {
                "call"
            } else {
                "case"
            };
            let differences = self.differences(trial, &ran);
            let hint = trial.hint.as_ref();
            let mut outcome = Outcome::new(kind, trial.title(), trial.points, hint, differences);
            if let Some(report) = ran.report {
                outcome.steps = Some(report.steps);
                executed.extend(report.executed);
                for (function, what) in report.breaches {
                    // The same function does the same wrong with other numbers.
                    let alike = |it: &&(String, String)| {
                        it.0 == function && it.1.split(' ').take(4).eq(what.split(' ').take(4))
                    };
                    if !breaches.iter().any(|it| alike(&it)) {
                        breaches.push((function, what));
                    }
                }
            }
            outcomes.push(outcome);
        }
        if let Some(instructions) = &self.lab.instructions {
            outcomes.push(self.instructions(instructions, &executed));
        }
        if let Some(convention) = &self.lab.convention {
            let differences = breaches.into_iter().map(|(_, what)| Difference::of(what));
            let name = self.image.port.guest.convention().name;
            outcomes.push(Outcome::new(
                "convention",
                format!("the calling convention ({name})"),
                convention.points,
                convention.hint.as_ref(),
                differences.collect(),
            ));
        }
        let program = self.program.file_name().unwrap_or_default();
        let program = program.to_string_lossy().into_owned();
        let isa = self.image.port.guest.name();
        Ok(Verdict::new(&self.lab.title, program, isa, outcomes))
    }

    /// What is to be run for a trial.
    fn job(&self, trial: &Trial) -> Job {
        let guest = self.image.port.guest;
        let passed = |argument: &Argument| match argument {
            Argument::Integer(number) => Passed::Number(*number),
            Argument::Text(text) => Passed::Bytes(value::string(text)),
            Argument::Words(words) => Passed::Bytes(value::integers(guest, words, 4)),
        };
        let call = trial.function.as_ref().map(|function| job::Call {
            function: function.clone(),
            arguments: trial.arguments.iter().map(passed).collect(),
        });
        let word = |argument: &Argument| match argument {
            Argument::Text(text) => text.clone(),
            other => other.text(),
        };
        let arguments = trial.arguments.iter().filter(|_| call.is_none()).map(word);
        let memory = trial.memory.iter().map(|contents| Place {
            base: match (&contents.symbol, contents.argument) {
                (Some(symbol), _) => Base::Symbol(symbol.clone()),
                (None, number) => Base::Argument(number.unwrap_or_default()),
            },
            offset: contents.offset,
            length: Expected::new(guest, contents).bytes.len(),
        });
        let conduct = self.lab.convention.as_ref();
        Job {
            program: self.program.clone(),
            simulator: self.lab.machine.simulator().map(str::to_owned),
            sysroot: self.sysroot.clone(),
            arguments: arguments.collect(),
            steps: trial.steps.unwrap_or(self.lab.steps),
            seed: self.seed,
            conduct: conduct.map_or_else(job::Conduct::default, |it| job::Conduct {
                saved_registers: it.saved_registers,
                stack_pointer: it.stack_pointer,
                return_address: it.return_address,
                stack_alignment: it.stack_alignment,
                functions: it.functions.clone(),
            }),
            registers: trial
                .registers
                .keys()
                .map(|it| register(it).to_owned())
                .collect(),
            memory: memory.collect(),
            wants_text: matches!(trial.result, Some(Answer::Text(_))),
            call,
        }
    }

    fn differences(&self, trial: &Trial, ran: &Run) -> Vec<Difference> {
        let mut found = Vec::new();
        found.extend(ran.failure.iter().map(Difference::of));
        let report = ran.report.as_ref();
        found.extend(report.and_then(|report| self.wrong_end(trial, report)));
        if report.is_some_and(|it| it.starts_processes) && !self.lab.processes {
            let what = "it starts another process, which this lab does not allow";
            found.push(Difference::of(what));
        }
        let outputs = [
            ("standard output", &trial.stdout, &ran.stdout),
            ("standard error", &trial.stderr, &ran.stderr),
        ];
        for (name, expected, got) in outputs {
            let difference =
                |expected: &String| output::difference(name, expected, got, trial.compare);
            found.extend(expected.as_ref().and_then(difference));
        }
        for (name, expected) in &trial.written {
            let what = format!("the file {name}");
            found.extend(match ran.files.get(name) {
                None => Some(Difference::of(format!("{what} is not there"))),
                Some(got) => output::difference(&what, expected, got, trial.compare),
            });
        }
        if let Some(report) = report.filter(|it| matches!(it.end, End::Exited(_) | End::Returned)) {
            found.extend(self.wrong_state(trial, report));
        }
        found
    }

    /// How it ended, if it should have otherwise.
    fn wrong_end(&self, trial: &Trial, report: &Report) -> Option<Difference> {
        let steps = trial.steps.unwrap_or(self.lab.steps);
        match &report.end {
            End::Exited(status) => {
                let expected = trial.status.filter(|expected| expected != status)?;
                let (expected, got) = (expected.to_string(), status.to_string());
                Some(Difference::between("the exit status", expected, got))
            }
            End::Returned => None,
            End::Failed(why) => Some(Difference::of(format!("it ended by an error: {why}"))),
            End::OutOfSteps(place) => Some(Difference::of(format!(
                "it was stopped after {steps} instructions, at {place}: does it end?"
            ))),
        }
    }

    /// Result, registers and memory.
    fn wrong_state(&self, trial: &Trial, report: &Report) -> Vec<Difference> {
        let guest = self.image.port.guest;
        let mut found: Vec<Difference> = Vec::new();
        found.extend(
            trial
                .result
                .as_ref()
                .and_then(|it| wrong_result(it, trial.result_type, report)),
        );
        for ((name, number), got) in trial.registers.iter().zip(&report.registers) {
            let Some((_, file)) = guest.register_named(register(name)) else {
                continue;
            };
            if !value::holds(file, *got, number) {
                let (expected, got) = (value::wanted(number), value::shown(file, *got, number));
                found.push(Difference::between(
                    format!("register {name}"),
                    expected,
                    got,
                ));
            }
        }
        for (contents, got) in trial.memory.iter().zip(&report.memory) {
            let expected = Expected::new(guest, contents);
            let mut what = match (&contents.symbol, contents.argument) {
                (Some(symbol), _) => format!("memory at {symbol}"),
                (None, number) => format!("memory at argument {}", number.unwrap_or_default()),
            };
            if contents.offset > 0 {
                what += &format!("+{}", contents.offset);
            }
            let is_missing = |symbol: &String| self.image.symbol(symbol).is_none();
            found.extend(match got {
                Some(got) if *got == expected.bytes => None,
                Some(got) => {
                    let wanted = expected.show(guest, &expected.bytes);
                    Some(Difference::between(what, wanted, expected.show(guest, got)))
                }
                None if contents.symbol.as_ref().is_some_and(is_missing) => {
                    Some(Difference::of(format!("{what}: there is no such symbol")))
                }
                None => Some(Difference::of(format!("{what} is not mapped"))),
            });
        }
        found
    }

    /// Forbidden and required instructions.
    fn instructions(&self, rules: &Instructions, executed: &[Executed]) -> Outcome {
        let concerned = |it: &&Executed| match &it.function {
            Some(function) => rules.functions.is_empty() || rules.functions.contains(function),
            // Code that a program made, say.
            None => rules.functions.is_empty() || !it.is_library,
        };
        let fits =
            |pattern: &str, it: &Executed| it.names.iter().any(|name| matches(pattern, name));
        let present = self.image.instructions();
        let mut differences = Vec::new();
        for pattern in &rules.forbidden {
            let runs = executed
                .iter()
                .filter(concerned)
                .find(|it| fits(pattern, it));
            let stands = present
                .iter()
                .filter(concerned)
                .find(|it| fits(pattern, it));
            differences.extend(match (runs, stands) {
                (Some(it), _) => Some(Difference::of(format!(
                    "{} is executed (at {}), and forbidden",
                    it.names[0], it.place
                ))),
                (None, Some(it)) => Some(Difference::of(format!(
                    "{} is in the program (at {}), and forbidden",
                    it.names[0], it.place
                ))),
                (None, None) => None,
            });
        }
        for pattern in &rules.required {
            let own = executed
                .iter()
                .filter(concerned)
                .filter(|it| it.function.is_some());
            if !own.into_iter().any(|it| fits(pattern, it)) {
                let what = format!("{pattern} is not executed in any case, and has to be");
                differences.push(Difference::of(what));
            }
        }
        let name = "the instructions used".to_owned();
        let hint = rules.hint.as_ref();
        Outcome::new("instructions", name, rules.points, hint, differences)
    }
}

impl Lab {
    fn trials(&self) -> impl Iterator<Item = &Trial> {
        self.cases.iter().chain(&self.calls)
    }

    /// The functions that it names.
    fn functions(&self) -> Vec<String> {
        let called = self.calls.iter().filter_map(|call| call.function.clone());
        let convention = self.convention.iter().flat_map(|it| it.functions.clone());
        let instructions = self.instructions.iter().flat_map(|it| it.functions.clone());
        called.chain(convention).chain(instructions).collect()
    }
}

/// A register as the machine calls it: programs write `$t0`.
fn register(name: &str) -> &str {
    match name.strip_prefix('$') {
        Some(bare)
            if bare.starts_with(|first: char| first.is_ascii_lowercase())
                && !bare.starts_with('f') =>
        {
            bare
        }
        _ => name,
    }
}

/// Whether an instruction is one of a pattern's, in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

fn wrong_result(answer: &Answer, kind: Option<ResultType>, report: &Report) -> Option<Difference> {
    let bits = report.result;
    let (expected, got) = match answer {
        Answer::Integer(expected) if kind == Some(ResultType::Long) => {
            if *expected as u64 == bits {
                return None;
            }
            (value::integer(*expected), value::integer(bits as i64))
        }
        Answer::Integer(expected) => {
            if *expected as u32 == bits as u32 {
                return None;
            }
            let got = i64::from(bits as i32);
            (value::integer(*expected), value::integer(got))
        }
        Answer::Float(expected) if kind == Some(ResultType::Float) => {
            let (expected, got) = (*expected as f32, f32::from_bits(report.float_result as u32));
            if expected == got {
                return None;
            }
            (format!("{expected:?}"), format!("{got:?}"))
        }
        Answer::Float(expected) => {
            let got = f64::from_bits(report.float_result);
            if *expected == got {
                return None;
            }
            (format!("{expected:?}"), format!("{got:?}"))
        }
        Answer::Text(expected) => {
            let got = match &report.text {
                None => format!("{bits:#x}, which is no string's address"),
                Some(text) if text == expected.as_bytes() => return None,
                Some(text) => format!("{:?}", String::from_utf8_lossy(text)),
            };
            (format!("{expected:?}"), got)
        }
    };
    Some(Difference::between("the result", expected, got))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_stand_for_instructions() {
        assert!(matches("div", "div") && !matches("div", "divu") && !matches("div", "idiv"));
        assert!(matches("div*", "divu") && matches("*div*", "idiv") && matches("MUL*", "mulhu"));
        assert!(matches("c.*.s", "c.lt.s") && !matches("c.*.s", "c.lt.d"));
    }
}
