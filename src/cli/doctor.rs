//! `portolan doctor`: what a program needs, and what of that is missing.

use super::run::{Program, not_started};
use super::{Failure, write};
use clap::Args;
use portolan::view::doctor::Diagnosis;
use std::process::ExitCode;

/// Say what a program needs to run, and what of that is missing
///
/// Its instruction set, interpreter, shared libraries and their versions, the instructions that are
/// not known here, and, as an estimate, its system calls. Exit status: 0 if it should run, 1 if
/// something is missing.
#[derive(Args)]
pub struct Flags {
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    program: Program,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let command = flags.program.command()?;
    let found = Diagnosis::of(&command).map_err(|error| not_started(&command.program, error))?;
    write(|out| {
        match flags.json {
            true => found.write_json(out)?,
            false => found.write(out)?,
        }
        Ok(Ok(()))
    })?;
    Ok(ExitCode::from(u8::from(!found.runs())))
}
