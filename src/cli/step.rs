//! `portolan step`: a program under a prompt.

use super::Failure;
use super::run::{Program, not_started};
use clap::Args;
use portolan::Process;
use portolan::debug::prompt::{HISTORY, Prompt};
use portolan::debug::session::{self, Session};
use portolan::view::locate::Locator;
use std::process::ExitCode;

/// Step through a program, instruction by instruction
///
/// Commands are read from a prompt, or from standard input if it is no terminal; `help` lists them.
#[derive(Args)]
pub struct Flags {
    /// Keep no history: nothing can be gone back, and the program runs at full speed
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    program: Program,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let command = flags.program.command()?;
    let program = command.program.clone();
    let process = Process::start(command).map_err(|error| not_started(&program, error))?;
    let locator = Locator::of(&process);
    let again = flags.program.shell_words();
    let mut session = Session::new(session::Program::Linux(Box::new(process)));
    if !flags.no_history {
        session.record(HISTORY);
    }
    let mut prompt = Prompt::new(session, locator, &again, Box::new(std::io::stdout()));
    prompt.run().map_err(Failure::of)?;
    Ok(ExitCode::SUCCESS)
}
