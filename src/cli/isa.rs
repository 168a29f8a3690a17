//! `portolan isa`: what there is to know of an instruction set.

use super::{Failure, paint, write};
use clap::Args;
use portolan::guests;
use portolan::view::isa::{self, IsaError, Options};
use std::process::ExitCode;

/// List an instruction set: instructions, registers, and how functions and the kernel are called
///
/// Without a name, list the instruction sets.
#[derive(Args)]
pub struct Flags {
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// The instruction set, as in `riscv64`
    #[arg(value_name = "ISA")]
    name: Option<String>,
    /// Only the instructions of this mnemonic, with all their encodings; or of this extension, or of
    /// the sections of the manual with this in their titles
    #[arg(value_name = "MNEMONIC|EXTENSION")]
    filter: Option<String>,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let options = Options {
        json: flags.json,
        paint: paint(),
    };
    let Some(name) = &flags.name else {
        return write(|out| isa::write_all(out, &options).map(Ok));
    };
    let port = guests::port(name).ok_or_else(|| {
        let known = guests::names();
        Failure::of(format!(
            "no instruction set is called {name:?}; known are: {known}"
        ))
    })?;
    let filter = flags.filter.as_deref();
    write(|out| match isa::write(out, port, filter, &options) {
        Err(IsaError::Write(error)) => Err(error),
        other => Ok(other.map_err(Failure::of)),
    })
}
