//! What a teacher writes: the lab file.

use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// An exercise, and how programs that solve it are checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lab {
    /// What it is called.
    pub title: String,
    /// The instruction sets that it is for; empty: any.
    #[serde(default)]
    pub isas: Vec<String>,
    /// What programs run on.
    #[serde(default)]
    pub machine: Machine,
    /// A program is stopped after so many instructions of a thread.
    #[serde(default = "steps")]
    pub steps: u64,
    /// A program is stopped after so many seconds.
    #[serde(default = "seconds")]
    pub seconds: u64,
    /// Whether programs of Linux may start other processes, which are not checked.
    #[serde(default)]
    pub processes: bool,
    /// Which instructions are to be used, or not.
    pub instructions: Option<Instructions>,
    /// That functions keep to the calling convention.
    pub convention: Option<Convention>,
    /// Runs of the whole program.
    #[serde(default, rename = "case")]
    pub cases: Vec<Trial>,
    /// Calls of single functions.
    #[serde(default, rename = "call")]
    pub calls: Vec<Trial>,
}

/// What programs run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Machine {
    #[default]
    Linux,
    Spim,
    Rars,
}

impl Machine {
    /// The name of its simulator, if it is one.
    pub fn simulator(self) -> Option<&'static str> {
        match self {
            Machine::Linux => None,
            Machine::Spim => Some("spim"),
            Machine::Rars => Some("rars"),
        }
    }
}

/// Which instructions are to be used, or not: names of the manual, in which `*` stands for any characters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// None of these is in the program, or executed.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// Each of these is executed in some case.
    #[serde(default)]
    pub required: Vec<String>,
    /// Only these functions are looked at, and code that is outside of the program's own.
    #[serde(default)]
    pub functions: Vec<String>,
    /// What to tell who did otherwise.
    pub hint: Option<String>,
    /// What it is worth.
    #[serde(default = "one")]
    pub points: u32,
}

/// What functions are to do for their callers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// Registers that the callee keeps are after the call what they were before.
    #[serde(default = "yes")]
    pub saved_registers: bool,
    /// So is the stack pointer.
    #[serde(default = "yes")]
    pub stack_pointer: bool,
    /// They return to where they were called.
    #[serde(default = "yes")]
    pub return_address: bool,
    /// The stack pointer is at a multiple of what the convention says where they are called.
    #[serde(default = "yes")]
    pub stack_alignment: bool,
    /// Only these functions; empty: all of the program's own whose names do not start with `_`.
    #[serde(default)]
    pub functions: Vec<String>,
    /// What to tell who did otherwise.
    pub hint: Option<String>,
    /// What it is worth.
    #[serde(default = "one")]
    pub points: u32,
}

/// A run of the whole program, or a call of one of its functions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// What it is called; a call is called after itself otherwise.
    pub name: Option<String>,
    /// Of a call: the function.
    pub function: Option<String>,
    /// The program's arguments, or the function's, which are passed as the convention says.
    #[serde(default)]
    pub arguments: Vec<Argument>,
    /// Of a call: what it returns.
    pub result: Option<Answer>,
    /// What kind of number that is.
    pub result_type: Option<ResultType>,
    /// Of a run: the exit status.
    pub status: Option<i32>,
    /// What registers hold at the end.
    #[serde(default)]
    pub registers: BTreeMap<String, Number>,
    /// What memory holds at the end.
    #[serde(default)]
    pub memory: Vec<Contents>,
    /// What is there to be read.
    #[serde(default)]
    pub stdin: String,
    /// What is to be written to standard output.
    pub stdout: Option<String>,
    /// What is to be written to standard error.
    pub stderr: Option<String>,
    /// How outputs are compared.
    #[serde(default)]
    pub compare: Compare,
    /// The files that are there, by name.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The files that are to be there at the end.
    #[serde(default)]
    pub written: BTreeMap<String, String>,
    /// Instead of the lab's.
    pub steps: Option<u64>,
    /// What it is worth.
    #[serde(default = "one")]
    pub points: u32,
    /// What to tell whose program does otherwise.
    pub hint: Option<String>,
}

/// How outputs are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// White space at the ends of lines, and of the output, does not matter.
    #[default]
    Trimmed,
    /// Every byte matters.
    Exact,
    /// What is expected is a regular expression for all of the output, but for white space around it.
    Regex,
}

/// An argument of a function.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "an integer, a string, or an array of integers")]
pub enum Argument {
    /// A number.
    Integer(i64),
    /// The address of these bytes, with a zero byte behind them.
    Text(String),
    /// The address of these words of 32 bits.
    Words(Vec<i64>),
}

/// What a function returns.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "an integer, a number, or a string")]
pub enum Answer {
    /// A number.
    Integer(i64),
    /// A floating-point number, `double` unless [`Trial::result_type`] says otherwise.
    Float(f64),
    /// The address of these bytes, with a zero byte behind them.
    Text(String),
}

/// The type of a result, as C calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ResultType {
    Int,
    Long,
    Float,
    Double,
}

/// What a register holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "an integer, a number, or { single = NUMBER }")]
pub enum Number {
    /// A number as wide as the register.
    Integer(i64),
    /// A floating-point number of double precision.
    Double(f64),
    /// One of single precision.
    Single {
        /// Its value.
        single: f64,
    },
}

/// What memory holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Where: a symbol of the program.
    pub symbol: Option<String>,
    /// Or where an argument of the call points to, counted from 0.
    pub argument: Option<usize>,
    /// So many bytes further.
    #[serde(default)]
    pub offset: u64,
    /// Numbers of 8 bits.
    pub bytes: Option<Vec<i64>>,
    /// Numbers of 16 bits.
    pub halves: Option<Vec<i64>>,
    /// Numbers of 32 bits.
    pub words: Option<Vec<i64>>,
    /// Numbers of 64 bits.
    pub doublewords: Option<Vec<i64>>,
    /// Floating-point numbers of single precision.
    pub floats: Option<Vec<f64>>,
    /// Those of double precision.
    pub doubles: Option<Vec<f64>>,
    /// Characters, and a zero byte behind them.
    pub string: Option<String>,
}

/// Why a lab cannot be used.
#[derive(Debug, Error)]
pub enum LabError {
    /// It is not written as it has to be.
    #[error("{}", .0.to_string().trim_end())]
    Syntax(#[from] toml::de::Error),
    /// It says what makes no sense.
    #[error("{place}: {what}")]
    Meaning {
        /// The part of the lab.
        place: String,
        /// What is wrong there, and what to do.
        what: String,
    },
}

impl LabError {
    /// Something makes no sense.
    pub fn meaning(place: impl Into<String>, what: impl Into<String>) -> LabError {
        let (place, what) = (place.into(), what.into());
        LabError::Meaning { place, what }
    }
}

fn steps() -> u64 {
    10_000_000
}

fn seconds() -> u64 {
    10
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

impl Lab {
    /// Reads a lab.
    ///
    /// # Errors
    /// If it is no TOML, has what labs do not have, or contradicts itself.
    pub fn parse(text: &str) -> Result<Lab, LabError> {
        let lab: Lab = toml::from_str(text)?;
        if lab.cases.is_empty() && lab.calls.is_empty() {
            let what = "it has neither a [[case]] nor a [[call]], so there is nothing to check";
            return Err(LabError::meaning("the lab", what));
        }
        if lab.steps == 0 || lab.seconds == 0 {
            return Err(LabError::meaning(
                "the lab",
                "steps and seconds are at least 1",
            ));
        }
        lab.cases
            .iter()
            .try_for_each(|case| case.check_as_case(&lab))?;
        lab.calls.iter().try_for_each(Trial::check_as_call)?;
        Ok(lab)
    }
}

impl Trial {
    /// What it is called.
    pub fn title(&self) -> String {
        match (&self.name, &self.function) {
            (Some(name), _) => name.clone(),
            (None, None) => "a run".to_owned(),
            (None, Some(function)) => {
                let arguments: Vec<String> = self.arguments.iter().map(Argument::text).collect();
                format!("{function}({})", arguments.join(", "))
            }
        }
    }

    fn check_as_case(&self, lab: &Lab) -> Result<(), LabError> {
        let wrong = |what: &str| Err(LabError::meaning(self.title(), what));
        if self.name.is_none() {
            return wrong("each [[case]] has a name");
        }
        if self.function.is_some() || self.result.is_some() || self.result_type.is_some() {
            return wrong("function and result belong to a [[call]]; this is a [[case]]");
        }
        if lab.machine != Machine::Linux && !self.arguments.is_empty() {
            return wrong("programs for simulators take no arguments; use stdin");
        }
        if self
            .arguments
            .iter()
            .any(|it| matches!(it, Argument::Words(_)))
        {
            return wrong("arguments of a program are strings");
        }
        self.check(0)
    }

    fn check_as_call(&self) -> Result<(), LabError> {
        let wrong = |what: &str| Err(LabError::meaning(self.title(), what));
        if self.function.is_none() {
            return wrong("each [[call]] has a function");
        }
        if self.status.is_some() {
            return wrong("a [[call]] has no exit status: give its result");
        }
        let is_float = matches!(self.result, Some(Answer::Float(_)));
        match self.result_type {
            Some(ResultType::Float | ResultType::Double) if !is_float => {
                return wrong("its result_type wants a result with a point, such as 2.0");
            }
            Some(ResultType::Int | ResultType::Long) if is_float => {
                return wrong("its result_type wants a result without a point");
            }
            _ => {}
        }
        let pointed = self.memory.iter().filter_map(|it| it.argument);
        let pointed = pointed.filter_map(|number| self.arguments.get(number));
        if pointed
            .into_iter()
            .any(|it| matches!(it, Argument::Integer(_)))
        {
            return wrong("memory: an argument that is a number points nowhere");
        }
        self.check(self.arguments.len())
    }

    fn check(&self, arguments: usize) -> Result<(), LabError> {
        let wrong = |what: String| Err(LabError::meaning(self.title(), what));
        for expected in [&self.stdout, &self.stderr].into_iter().flatten() {
            if self.compare == Compare::Regex
                && let Err(error) = expression(expected)
            {
                return wrong(error.to_string());
            }
        }
        for name in self.files.keys().chain(self.written.keys()) {
            if name.is_empty() || name.starts_with('.') || name.contains('/') {
                return wrong(format!(
                    "{name:?} is not the plain name of a file in the program's directory"
                ));
            }
        }
        for contents in &self.memory {
            match (&contents.symbol, contents.argument) {
                (Some(_), None) => {}
                (None, Some(argument)) if argument < arguments => {}
                (None, Some(argument)) => {
                    return wrong(format!("memory: there is no argument {argument}"));
                }
                _ => return wrong("memory: give either symbol or argument".to_owned()),
            }
            if contents.parts() != 1 {
                return wrong(
                    "memory: give one of bytes, halves, words, doublewords, floats, doubles, string"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl Argument {
    /// As it is shown.
    pub fn text(&self) -> String {
        match self {
            Argument::Integer(number) => number.to_string(),
            Argument::Text(text) => format!("{text:?}"),
            Argument::Words(words) => format!("{words:?}"),
        }
    }
}

impl Contents {
    fn parts(&self) -> usize {
        let given = [
            self.bytes.is_some(),
            self.halves.is_some(),
            self.words.is_some(),
            self.doublewords.is_some(),
            self.floats.is_some(),
            self.doubles.is_some(),
            self.string.is_some(),
        ];
        given.iter().filter(|it| **it).count()
    }
}

/// A regular expression for all of an output.
pub fn expression(text: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!(r"\A\s*(?:{})\s*\z", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Lab::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn what_labs_do_not_have_is_refused_with_its_line() {
        let text = "title = 'x'\n[[case]]\nname = 'a'\nstdot = 'b'\n";
        let error = refused(text);
        assert!(error.contains("stdot"), "{error}");
        assert!(error.contains("line 4"), "{error}");
        let error = refused("title = 'x'\nstep = 5\n[[case]]\nname = 'a'\n");
        assert!(
            error.contains("line 2") && error.contains("step"),
            "{error}"
        );
        let error = refused("title = 'x'\nmachine = 'mars'\n[[case]]\nname = 'a'\n");
        assert!(error.contains("spim"), "{error}");
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(refused("title = 'x'").contains("nothing to check"));
        let case = |rest: &str| refused(&format!("title = 'x'\n[[case]]\nname = 'a'\n{rest}"));
        assert!(case("compare = 'regex'\nstdout = '('").contains("unclosed"));
        assert!(case("files = { '../x' = '' }").contains("plain name"));
        assert!(case("memory = [{ symbol = 'x' }]").contains("give one of"));
        assert!(case("memory = [{ argument = 0, words = [1] }]").contains("no argument 0"));
        let call = "title = 'x'\n[[call]]\nfunction = 'f'\narguments = [1]\n";
        let call = |rest: &str| refused(&format!("{call}{rest}"));
        assert!(call("memory = [{ argument = 0, words = [1] }]").contains("points nowhere"));
        assert!(call("result = 1\nresult_type = 'double'").contains("with a point"));
    }
}
