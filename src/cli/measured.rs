//! What the commands that measure a program have in common: running it to its end, and writing the report.

use super::Failure;
use super::run::{self, Program, not_started};
use clap::Args;
use portolan::Process;
use portolan::measure::{Counter, Counts, Executed};
use portolan::view::trace::Forks;
use portolan_linux::host;
use portolan_linux::thread::Progress;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
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
    /// The file has what another program of the same process wrote
    #[arg(long, hide = true)]
    continued: bool,
    #[command(flatten)]
    program: Program,
}

/// A program that is about to run.
struct Running {
    process: Process,
    budget: u64,
    words: String,
    /// Where standard error led when it started.
    terminal: File,
    /// Where the report goes, if not there.
    file: Option<PathBuf>,
}

impl Running {
    /// Writes a report. False: it could not be written, which was said.
    fn report(&self, report: impl FnOnce(&Process, &mut dyn Write) -> io::Result<()>) -> bool {
        let written = |out: &mut dyn Write| {
            let mut out = BufWriter::new(out);
            report(&self.process, &mut out)?;
            out.flush()
        };
        let result = match &self.file {
            None => written(&mut &self.terminal),
            Some(path) => File::create(path).and_then(|mut file| written(&mut file)),
        };
        let Err(error) = result else {
            return true;
        };
        let name = self.file.as_ref().map(|it| it.display().to_string());
        let name = name.unwrap_or_else(|| "standard error".into());
        // Where the report cannot be written, this may not be either.
        let _ = writeln!(&self.terminal, "portolan: {name}: {error}");
        error.kind() == io::ErrorKind::BrokenPipe
    }

    fn end(mut self, progress: Progress) -> ExitCode {
        let status = run::end(&mut self.process, progress, self.budget, &self.words);
        ExitCode::from(status)
    }
}

impl Measured {
    /// The program's name.
    pub fn name(&self) -> String {
        self.program.name()
    }

    /// Starts the program. `again` are the command and its flags but for those that are here: another program that
    /// this one executes is measured in its place.
    fn start(&self, again: Vec<OsString>, forks: Forks) -> Result<Running, Failure> {
        // The program may close standard error, and may change its directory.
        let terminal = host::out_of_the_way(io::stderr().as_fd()).map_err(Failure::of)?;
        let file = self.output.as_ref().map(std::path::absolute).transpose();
        let file = file.map_err(Failure::of)?;
        let mut command = self.program.command()?;
        command.options.reenter = Some(self.reenter(again, forks, file.clone()));
        let budget = self.max_insns.unwrap_or(u64::MAX);
        let words = self.program.shell_words();
        let of_child = words.clone();
        // Children end as they do elsewhere.
        command.options.finish = Some(Arc::new(move |thread, progress| {
            let mut child = Process::adopt(thread);
            i32::from(run::end(&mut child, progress, budget, &of_child))
        }));
        let program = command.program.clone();
        let mut process = Process::start(command).map_err(|error| not_started(&program, error))?;
        process.thread_mut().set_limit(budget);
        Ok(Running {
            process,
            budget,
            words,
            terminal,
            file,
        })
    }

    /// Runs the program with what `attach` has observe it, writes the report, and ends as the program did.
    pub fn run<R>(
        &self,
        again: Vec<OsString>,
        attach: impl FnOnce(&mut Process) -> R,
        mut report: impl FnMut(&Process, &R, &mut dyn Write) -> io::Result<()>,
    ) -> Result<ExitCode, Failure> {
        let mut running = self.start(again, Forks::Left)?;
        let process = &mut running.process;
        let gathered = attach(process);
        let measured = std::process::id();
        let progress = process.advance(running.budget);
        if std::process::id() == measured {
            process.core().finish_observation();
            let written = running.report(|process, out| report(process, &gathered, out));
            if !written {
                return Ok(ExitCode::from(super::FAILED));
            }
        }
        Ok(running.end(progress))
    }

    /// Runs the program with something that writes as it runs, which `attach` lets it have. What forked processes
    /// execute has it, too, if those are followed.
    pub fn trace(
        &self,
        again: Vec<OsString>,
        forks: Forks,
        attach: impl FnOnce(&mut Process, File),
    ) -> Result<ExitCode, Failure> {
        let mut running = self.start(again, forks)?;
        let out = match &running.file {
            None => running.terminal.try_clone(),
            // What another program of the same process wrote before stays.
            Some(path) => File::options()
                .create(true)
                .append(true)
                .open(path)
                .and_then(|file| {
                    if !self.continued {
                        file.set_len(0)?;
                    }
                    host::out_of_the_way(file.as_fd())
                })
                .map_err(|error| io::Error::other(format!("{}: {error}", path.display()))),
        };
        attach(&mut running.process, out.map_err(Failure::of)?);
        let measured = std::process::id();
        let progress = running.process.advance(running.budget);
        if std::process::id() == measured {
            running.process.core().finish_observation();
        }
        Ok(running.end(progress))
    }

    /// As [`Measured::run`], counting everything that runs.
    pub fn count(
        &self,
        again: Vec<OsString>,
        mut report: impl FnMut(&Executed, &mut dyn Write) -> io::Result<()>,
    ) -> Result<ExitCode, Failure> {
        let attach = |process: &mut Process| {
            let (counter, counts) = Counter::new();
            process.core().set_observer(Some(Box::new(counter)));
            counts
        };
        self.run(again, attach, |process, counts, out| {
            report(&executed(counts, process), out)
        })
    }

    /// How execve starts Portolan again: for what it measures with the same flags, for children that are not followed to
    /// run.
    fn reenter(
        &self,
        again: Vec<OsString>,
        forks: Forks,
        file: Option<PathBuf>,
    ) -> portolan_linux::exec::Reenter {
        let measured = std::process::id();
        let mut own: Vec<OsString> = vec!["portolan".into()];
        own.extend(again);
        if let Some(file) = file {
            own.extend(["--continued".into(), "-o".into(), file.into_os_string()]);
        }
        let mut childs: Vec<OsString> = match forks {
            Forks::Left => vec!["portolan".into(), "run".into()],
            Forks::Followed => own.clone(),
        };
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

/// Writes a file, if it is wanted.
pub fn write_to(
    path: &Option<PathBuf>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let Some(path) = path else {
        return Ok(());
    };
    let written = |path: &Path| {
        let mut out = BufWriter::new(File::create(path)?);
        write(&mut out)?;
        out.flush()
    };
    written(path).map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}
