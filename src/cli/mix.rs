//! `portolan mix`: what a program is made of when it runs.

use super::Failure;
use super::measured::Measured;
use clap::Args;
use portolan::view::mix::Mix;
use std::process::ExitCode;

/// Tell which instructions a program runs: kinds, mnemonics, hot blocks, branches
///
/// The program is interpreted, and counted block by block, exactly: all its threads, its libraries, its signal
/// handlers. What an instruction is, is told by its meaning: one that loads and computes, as x86's may, is a load; one
/// that computes with floats is that, wherever they come from; a repeated string instruction of x86 runs once for each
/// element. `instructions` are those that retired and the system calls, which `run --stats` counts apart. Processes
/// that the program forks are not counted; if it executes another program, that one is reported in its place.
///
/// The report comes on standard error when the program has ended, and the exit status is the program's.
#[derive(Args)]
pub struct Flags {
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// List N mnemonics, blocks and branches at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    #[command(flatten)]
    measured: Measured,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let mut again = vec!["mix".into(), "--top".into(), flags.top.to_string().into()];
    if flags.json {
        again.push("--json".into());
    }
    let name = flags.measured.name();
    flags.measured.count(again, |executed, out| {
        let mix = Mix::new(&name, executed, flags.top);
        match flags.json {
            true => mix.write_json(out),
            false => mix.write(out),
        }
    })
}
