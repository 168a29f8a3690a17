//! What the process that runs a program is told, and what it answers.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A run of a program, and what is to be looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The program, by an absolute path.
    pub program: PathBuf,
    /// The simulator that it runs on; none for Linux.
    pub simulator: Option<String>,
    /// Where absolute paths are searched first.
    pub sysroot: Option<PathBuf>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Instead of the whole program, a function of it.
    pub call: Option<Call>,
    /// It is stopped after so many instructions of a thread.
    pub steps: u64,
    /// What differs from run to run comes from this number.
    pub seed: u64,
    /// Which breaches of the convention are looked for.
    pub conduct: Conduct,
    /// The registers to tell at the end.
    pub registers: Vec<String>,
    /// The bytes of memory to tell at the end.
    pub memory: Vec<Place>,
    /// Whether the result is the address of a string to be told.
    pub wants_text: bool,
}

/// A function, called as the convention says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Its symbol.
    pub function: String,
    /// Its arguments, integers first to last.
    pub arguments: Vec<Passed>,
}

/// An argument as it is passed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Passed {
    /// A number.
    Number(i64),
    /// The address of these bytes.
    Bytes(Vec<u8>),
}

/// What breaches of the calling convention are looked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "see measure::conduct::Rules")]
pub struct Conduct {
    pub saved_registers: bool,
    pub stack_pointer: bool,
    pub return_address: bool,
    pub stack_alignment: bool,
    /// Those of these functions; empty: of the program's own whose names do not start with `_`.
    pub functions: Vec<String>,
}

/// Some bytes of memory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Where they are.
    pub base: Base,
    /// So many bytes further.
    pub offset: u64,
    /// How many.
    pub length: usize,
}

/// What an address is counted from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Base {
    Symbol(String),
    Argument(usize),
}

/// What a run was like.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// The instructions that ran.
    pub steps: u64,
    /// The registers asked for.
    pub registers: Vec<u64>,
    /// The memory asked for; None where nothing is mapped.
    pub memory: Vec<Option<Vec<u8>>>,
    /// The register of a function's result.
    pub result: u64,
    /// That of a floating-point result.
    pub float_result: u64,
    /// The string that the result is the address of.
    pub text: Option<Vec<u8>>,
    /// Breaches of the convention: the function, and what it did.
    pub breaches: Vec<(String, String)>,
    /// What was executed.
    pub executed: Vec<Executed>,
    /// Whether it tried to start another process.
    pub starts_processes: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// With an exit status.
    Exited(i32),
    /// The function that was called returned.
    Returned,
    /// By an error, or a signal.
    Failed(String),
    /// There were no more steps. Where it was.
    OutOfSteps(String),
}

/// Instructions of one name in one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executed {
    /// The manual's names: of a short encoding, its own and that of what it stands for.
    pub names: Vec<String>,
    /// The function; none outside of the program's own code.
    pub function: Option<String>,
    /// Whether they are in a library that the program loaded.
    pub is_library: bool,
    /// Where one of them is.
    pub place: String,
    /// How often they ran.
    pub count: u64,
}
