//! `portolan dis`: a file's instructions as assembly.

use super::{Failure, paint, write};
use clap::Args;
use portolan::view::dis::{self, DisError, Options};
use portolan_machine::guest::Style;
use std::path::PathBuf;
use std::process::ExitCode;

/// List the instructions of an ELF file, as objdump -d does
#[derive(Args)]
pub struct Flags {
    /// Only the function of this name, or the one at this address (in hexadecimal, after 0x)
    #[arg(long, value_name = "ADDR|SYMBOL")]
    at: Option<String>,
    /// Show the bytes of each line in the order of memory and as characters too, as xxd does
    #[arg(long)]
    xxd: bool,
    /// Write every instruction as the manual does, without short forms such as `li` and `ret`
    #[arg(long)]
    no_aliases: bool,
    /// Number registers, instead of naming them as the calling convention does
    #[arg(long)]
    numeric: bool,
    /// Write the destination first, as Intel does, where the assembly of the file's processor has two
    /// syntaxes
    #[arg(long)]
    intel: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let options = Options {
        style: Style {
            aliases: !flags.no_aliases,
            abi_names: !flags.numeric,
            other_syntax: flags.intel,
        },
        at: flags.at,
        raw: flags.xxd,
        json: flags.json,
        paint: paint(),
    };
    let name = flags.file.display().to_string();
    let data = super::read(&flags.file)?;
    write(|out| match dis::write(out, &name, &data, &options) {
        Err(DisError::Write(error)) => Err(error),
        other => Ok(other.map_err(|error| super::refused(&name, error))),
    })
}
