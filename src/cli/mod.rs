//! The command line: one file per subcommand, flags with their documentation beside them.

#[cfg(feature = "host")]
mod board;
#[cfg(feature = "host")]
mod check;
#[cfg(feature = "host")]
mod compare;
#[cfg(feature = "host")]
mod coverage;
mod dis;
#[cfg(feature = "host")]
mod doctor;
mod explain;
mod isa;
#[cfg(feature = "host")]
mod measured;
mod misread;
#[cfg(feature = "host")]
mod mix;
#[cfg(feature = "host")]
mod monitor;
#[cfg(feature = "host")]
mod profile;
#[cfg(feature = "host")]
mod run;
#[cfg(feature = "host")]
mod screen;
#[cfg(feature = "host")]
mod simulated;
#[cfg(feature = "host")]
mod step;
#[cfg(feature = "host")]
mod strace;
#[cfg(feature = "host")]
mod tour;
#[cfg(feature = "host")]
mod trace;

use clap::{Parser, Subcommand};
use portolan::view::dis::DisError;
use portolan::view::paint::Paint;
use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Portolan itself failed: it could not do what was asked, whatever the program.
const FAILED: u8 = 125;

/// Run, step and understand programs of foreign instruction sets.
#[derive(Parser)]
#[command(name = "portolan", version, max_term_width = 100)]
#[command(after_help = "`portolan PROGRAM ARGS..` is short for `portolan run PROGRAM ARGS..`.")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    #[cfg(feature = "host")]
    Tour(tour::Flags),
    #[cfg(feature = "host")]
    Run(Box<run::Flags>),
    #[cfg(feature = "host")]
    Step(step::Flags),
    #[cfg(feature = "host")]
    Doctor(doctor::Flags),
    #[cfg(feature = "host")]
    Mix(mix::Flags),
    #[cfg(feature = "host")]
    Trace(trace::Flags),
    #[cfg(feature = "host")]
    Profile(profile::Flags),
    #[cfg(feature = "host")]
    Coverage(coverage::Flags),
    #[cfg(feature = "host")]
    Compare(compare::Flags),
    #[cfg(feature = "host")]
    Check(check::Flags),
    #[cfg(feature = "host")]
    #[command(hide = true)]
    Examine(check::ExamineFlags),
    #[cfg(feature = "host")]
    #[command(hide = true)]
    Subject(compare::SubjectFlags),
    Dis(dis::Flags),
    Explain(explain::Flags),
    Isa(isa::Flags),
    Misread(misread::Flags),
}

/// What a subcommand reports instead of succeeding.
#[derive(Debug)]
pub struct Failure {
    /// For standard error: what was wrong, where, and what to do.
    pub message: String,
    /// The exit status.
    pub status: u8,
}

impl Failure {
    fn of(error: impl std::fmt::Display) -> Failure {
        Failure {
            message: error.to_string(),
            status: FAILED,
        }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(with_implied_run(std::env::args_os().collect())) {
        Ok(cli) => cli,
        Err(error) => {
            // What cannot be printed cannot be reported either.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { FAILED } else { 0 });
        }
    };
    let result: Result<ExitCode, Failure> = match cli.command {
        #[cfg(feature = "host")]
        Some(Command::Tour(flags)) => tour::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Run(flags)) => run::main(*flags),
        #[cfg(feature = "host")]
        Some(Command::Step(flags)) => step::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Doctor(flags)) => doctor::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Mix(flags)) => mix::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Trace(flags)) => trace::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Profile(flags)) => profile::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Coverage(flags)) => coverage::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Compare(flags)) => compare::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Check(flags)) => check::main(flags),
        #[cfg(feature = "host")]
        Some(Command::Examine(flags)) => check::examine(flags),
        #[cfg(feature = "host")]
        Some(Command::Subject(flags)) => compare::subject(flags),
        Some(Command::Dis(flags)) => dis::main(flags),
        Some(Command::Explain(flags)) => explain::main(flags),
        Some(Command::Isa(flags)) => isa::main(flags),
        Some(Command::Misread(flags)) => misread::main(flags),
        None => {
            print!("{GREETING}");
            Ok(ExitCode::SUCCESS)
        }
    };
    result.unwrap_or_else(|failure| {
        eprintln!("portolan: {}", failure.message);
        ExitCode::from(failure.status)
    })
}

/// A file is not one that can be listed or explained; other failures are Portolan's.
fn refused(file: &str, error: DisError) -> Failure {
    Failure {
        message: format!("{file}: {error}"),
        status: match error {
            DisError::File(_) => 126,
            _ => FAILED,
        },
    }
}

/// Fails for the first of some flags that was given but has no business there.
#[cfg(feature = "host")]
fn refuse(flags: &[(bool, &str)], why: &str) -> Result<(), Failure> {
    match flags.iter().find(|(given, _)| *given) {
        Some((_, flag)) => Err(Failure::of(format!("{flag} {why}"))),
        None => Ok(()),
    }
}

/// The contents of a file.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure {
        message: format!("{}: {error}", path.display()),
        status: match error.kind() {
            ErrorKind::NotFound => 127,
            _ => 126,
        },
    })
}

/// Colours if a person looks at standard output and does not mind them (<https://no-color.org>), or asks for them
/// (<https://bixense.com/clicolors>).
fn paint() -> Paint {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    Paint {
        on: (io::stdout().is_terminal() || is_set("CLICOLOR_FORCE")) && !is_set("NO_COLOR"),
    }
}

/// Lets `view` write to standard output. A reader that has seen enough is no failure.
fn write(
    view: impl FnOnce(&mut dyn Write) -> io::Result<Result<(), Failure>>,
) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match view(&mut out).and_then(|result| out.flush().map(|()| result)) {
        Ok(result) => result.map(|()| ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::of(format!("standard output: {error}"))),
    }
}

const GREETING: &str = "\
Portolan runs, steps and explains programs of foreign instruction sets.

New to all this? Take the tour, about ten minutes:

  portolan tour                                   (--lang zh: 中文)

Three commands to try:

  portolan run roms/bin/riscv64/hello             run a program of another instruction set
  portolan step roms/bin/riscv64/fib              step through it, instruction by instruction
  portolan explain 13 05 15 00 --arch riscv64     what four bytes mean, bit by bit

`portolan help` lists every command, `portolan help COMMAND` its flags.
";

/// Inserts `run` where the command line names a program, or a flag of `run`, in its place.
fn with_implied_run(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_own = |word: &OsString| {
        let known = <Cli as clap::CommandFactory>::command();
        let named = known
            .get_subcommands()
            .any(|command| word == command.get_name());
        named
            || ["help", "-h", "--help", "-V", "--version"]
                .iter()
                .any(|own| word == own)
    };
    if arguments.get(1).is_some_and(|first| !is_own(first)) {
        arguments.insert(1, "run".into());
    }
    arguments
}
