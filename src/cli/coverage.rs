//! `portolan coverage`: what of a program ran.

use super::Failure;
use super::measured::{Measured, write_to};
use clap::Args;
use portolan::measure::coverage::Coverage;
use portolan::view::coverage;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Tell which lines, functions and basic blocks of a program run
///
/// The program needs no special compilation: lines come from its debug information (-g), and from that of its
/// libraries that have any; basic blocks are told without. A line's count is how often the most frequent of the pieces
/// of code that begin in it began. Processes that the program forks are not covered; if it executes another program,
/// that one is reported in its place.
///
/// A table comes on standard error when the program has ended, and the exit status is the program's.
#[derive(Args)]
pub struct Flags {
    /// Write lines and functions to FILE, as lcov and genhtml read them
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Write basic blocks to FILE, in DynamoRIO's format drcov, version 2
    #[arg(long, value_name = "FILE")]
    drcov: Option<PathBuf>,
    #[command(flatten)]
    measured: Measured,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let absolute = |path: &Option<PathBuf>| {
        let path = path.as_ref().map(std::path::absolute).transpose();
        path.map_err(Failure::of)
    };
    let (lcov, drcov) = (absolute(&flags.lcov)?, absolute(&flags.drcov)?);
    let mut again: Vec<OsString> = vec!["coverage".into()];
    for (name, path) in [("--lcov", &lcov), ("--drcov", &drcov)] {
        if let Some(path) = path {
            again.extend([name.into(), path.into()]);
        }
    }
    flags.measured.count(again, |executed, out| {
        let covered = Coverage::new(executed);
        write_to(&lcov, |out| coverage::write_lcov(&covered, out))?;
        write_to(&drcov, |out| coverage::write_drcov(executed, out))?;
        coverage::write(&covered, executed.forked, out)
    })
}
