//! What the commands that measure a program have in common: running it to its end, and writing the report.

use super::Failure;
use super::run::{self, Program, not_started};
use clap::Args;
use portolan::Process;
use portolan::measure::{Counter, Counts, Executed};
use portolan_linux::host;
use portolan_machine::engine::BlockObserver;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// What is run and how long, and where the report goes.
#[derive(Args)]
pub struct Measured {
    /// Write the report to FILE instead of standard error
    #[arg(short = 'o', long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Stop after N instructions of a thread
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_insns: Option<u64>,
    #[command(flatten)]
    program: Program,
}

/// Writes a report.
pub type Report<'r> = dyn FnMut(&Process, &mut dyn Write) -> io::Result<()> + 'r;

impl Measured {
    /// The program's name.
    pub fn name(&self) -> String {
        self.program.name()
    }

    /// Runs the program with an observer, writes the report, and ends as the program did. `again` are the command
    /// and its flags but for those that are here: another program that this one executes is measured in its place.
    pub fn run(
        &self,
        again: Vec<OsString>,
        observer: Box<dyn BlockObserver>,
        report: &mut Report<'_>,
    ) -> Result<ExitCode, Failure> {
        // The program may close standard error, and may change its directory.
        let terminal = host::out_of_the_way(io::stderr().as_fd()).map_err(Failure::of)?;
        let file = self.output.as_ref().map(std::path::absolute).transpose();
        let file = file.map_err(Failure::of)?;
        let mut command = self.program.command()?;
        command.options.reenter = Some(self.reenter(again, file.clone()));
        let budget = self.max_insns.unwrap_or(u64::MAX);
        let words = self.program.shell_words();
        let of_child = words.clone();
        // Children are not measured, and end as they do elsewhere.
        command.options.finish = Some(Arc::new(move |thread, progress| {
            let mut child = Process::adopt(thread);
            i32::from(run::end(&mut child, progress, budget, &of_child))
        }));
        let program = command.program.clone();
        let mut process = Process::start(command).map_err(|error| not_started(&program, error))?;
        process.core().set_observer(Some(observer));
        process.thread_mut().set_limit(budget);
        let measured = std::process::id();
        let progress = process.advance(budget);
        if std::process::id() == measured {
            process.core().finish_observation();
            let mut written = |out: &mut dyn Write| {
                let mut out = BufWriter::new(out);
                report(&process, &mut out)?;
                out.flush()
            };
            let result = match &file {
                None => written(&mut &terminal),
                Some(path) => File::create(path).and_then(|mut file| written(&mut file)),
            };
            if let Err(error) = result {
                let name = file
                    .as_ref()
                    .map_or("standard error".into(), |it| it.display().to_string());
                let mut terminal = &terminal;
                // Where the report cannot be written, this may not be either.
                let _ = writeln!(terminal, "portolan: {name}: {error}");
                if error.kind() != io::ErrorKind::BrokenPipe {
                    return Ok(ExitCode::from(super::FAILED));
                }
            }
        }
        let status = run::end(&mut process, progress, budget, &words);
        Ok(ExitCode::from(status))
    }

    /// As [`Measured::run`], counting everything that runs.
    pub fn count(
        &self,
        again: Vec<OsString>,
        mut report: impl FnMut(&Executed, &mut dyn Write) -> io::Result<()>,
    ) -> Result<ExitCode, Failure> {
        let (counter, counts) = Counter::new();
        self.run(again, Box::new(counter), &mut |process, out| {
            report(&executed(&counts, process), out)
        })
    }

    /// How execve starts Portolan again: for what it measures with the same flags, for children to run.
    fn reenter(
        &self,
        again: Vec<OsString>,
        file: Option<PathBuf>,
    ) -> portolan_linux::exec::Reenter {
        let measured = std::process::id();
        let mut own: Vec<OsString> = vec!["portolan".into()];
        own.extend(again);
        if let Some(file) = file {
            own.extend(["-o".into(), file.into_os_string()]);
        }
        let mut childs: Vec<OsString> = vec!["portolan".into(), "run".into()];
        for words in [&mut own, &mut childs] {
            if let Some(limit) = self.max_insns {
                words.extend(["--max-insns".into(), limit.to_string().into()]);
            }
        }
        self.program
            .reenter(move |_| match std::process::id() == measured {
                true => own.clone(),
                false => childs.clone(),
            })
    }
}

/// What the harts of a process have handed in.
fn executed(counts: &Mutex<Counts>, process: &Process) -> Executed {
    let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    Executed::new(&counts, process)
}
