//! `portolan misread`: a file as another machine would take it.

use super::{Failure, paint, write};
use clap::Args;
use portolan::guests;
use portolan::view::misread::{self, MisreadError, Options};
use std::path::PathBuf;
use std::process::ExitCode;

/// Read and run a file as if it were for another machine, and see why that fails
///
/// Any file will do: a program of whatever machine, a picture, a text. It is run on a bare processor, with
/// no operating system around it: it can call nothing and do no harm.
#[derive(Args)]
pub struct Flags {
    /// The instruction set to take it for
    #[arg(long = "as", value_name = "ISA", default_value = "x86_64")]
    isa: String,
    /// List so many lines from the first instruction on
    #[arg(long, value_name = "N", default_value_t = 12)]
    lines: usize,
    /// Stop it after so many instructions
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_insns: u64,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let options = Options {
        lines: flags.lines,
        budget: flags.max_insns,
        json: flags.json,
        paint: paint(),
    };
    let port = guests::port(&flags.isa).ok_or_else(|| {
        let known = guests::names();
        Failure::of(format!(
            "no instruction set is called {:?}; known are: {known}",
            flags.isa
        ))
    })?;
    let name = flags.file.display().to_string();
    let data = super::read(&flags.file)?;
    write(
        |out| match misread::write(out, &name, &data, port, &options) {
            Err(MisreadError::Write(error)) => Err(error),
            Err(MisreadError::Empty) => Ok(Err(Failure {
                message: format!("{name}: {}", MisreadError::Empty),
                status: 126,
            })),
            other => Ok(other.map_err(|error| Failure::of(format!("{name}: {error}")))),
        },
    )
}
