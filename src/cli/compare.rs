//! `portolan compare`: the same program on several instruction sets.

use super::measured::{Measured, write_to};
use super::{Failure, read, write};
use clap::Args;
use portolan::Process;
use portolan::measure::subject::{Subject, Witness};
use portolan::measure::traffic::{Traffic, Watch};
use portolan::view::compare::{Comparison, Run, html, text};
use portolan::view::object_file::ObjectFile;
use serde::de::DeserializeOwned;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Run the same program on several instruction sets, and tell what differs
///
/// Each program runs to its end, with the same arguments and the same standard input, and what it writes is
/// compared. The tables have sizes, what ran, conventions, functions and source lines: for these, the instructions that
/// ran, and of how many. What an instruction is, `portolan mix --help` says. Exit status: 0 if outputs and exit statuses
/// are the same, 1 if not.
///
/// Each program runs a second time, some ten times slower, for its accesses to memory, their sizes and how many are not
/// aligned, and for the registers that bring arguments: those that a function, or what it calls, reads before anything
/// has written to them since the call. An argument that nobody looks at is not seen.
#[derive(Args)]
pub struct Flags {
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Run each program once only, without looking at accesses to memory and registers of arguments
    #[arg(long)]
    quick: bool,
    /// Write a page for browsers to FILE, with the code of each line side by side
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Search DIR for absolute paths before the host's root; {isa} in it is each program's instruction set
    #[arg(short = 'L', long = "sysroot", value_name = "DIR")]
    sysroot: Option<String>,
    /// Take from N what differs from run to run
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Search DIR for source files, whose lines the page shows
    #[arg(long, value_name = "DIR")]
    source: Vec<PathBuf>,
    /// The programs
    #[arg(value_name = "PROGRAM", required = true, num_args = 1..)]
    programs: Vec<PathBuf>,
    /// The arguments of each
    #[arg(value_name = "ARGS", last = true)]
    arguments: Vec<OsString>,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let mut input = Vec::new();
    if !io::stdin().is_terminal() {
        io::stdin().read_to_end(&mut input).map_err(Failure::of)?;
    }
    let runs = flags
        .programs
        .iter()
        .map(|program| run(&flags, program, &input));
    let runs = runs.collect::<Result<Vec<Run>, Failure>>()?;
    let comparison = Comparison::new(runs, &|name| source(&flags, name));
    write_to(&flags.html, |out| html::write(&comparison, out)).map_err(Failure::of)?;
    write(|out| {
        match flags.json {
            true => comparison.write_json(out)?,
            false => text::write(&comparison, out)?,
        }
        Ok(Ok(()))
    })?;
    let mut statuses = comparison.programs.iter().map(|run| run.status);
    let first = statuses.next();
    let same = comparison.outputs.is_none() && statuses.all(|status| Some(status) == first);
    Ok(ExitCode::from(u8::from(!same)))
}

/// Runs a program, and again for what only looking at each instruction tells.
fn run(flags: &Flags, program: &Path, input: &[u8]) -> Result<Run, Failure> {
    let data = read(program)?;
    let file = ObjectFile::parse(&data).map_err(|error| Failure {
        message: format!("{}: {error}", program.display()),
        status: 126,
    })?;
    let isa = file.port.guest.name();
    let (mut subject, status, output) = measure::<Subject>(flags, program, isa, input, &[])?;
    if !flags.quick {
        let (traffic, ..) = measure::<Traffic>(flags, program, isa, input, &["--traffic"])?;
        subject.traffic = Some(traffic);
    }
    Ok(Run {
        subject,
        status: status.unwrap_or(-1),
        output_bytes: output.len() as u64,
        output,
    })
}

/// Runs a program in a process of its own, which writes down what there is to know. Also its status, and what it
/// wrote to standard output.
fn measure<T: DeserializeOwned>(
    flags: &Flags,
    program: &Path,
    isa: &str,
    input: &[u8],
    words: &[&str],
) -> Result<(T, Option<i32>, Vec<u8>), Failure> {
    let report = tempfile(program)?;
    let own = std::env::current_exe().map_err(Failure::of)?;
    let mut command = Command::new(own);
    command.arg("subject").args(words).arg("-o").arg(&report.0);
    command.args(["--seed", &flags.seed.to_string()]);
    if let Some(sysroot) = &flags.sysroot {
        command.arg("-L").arg(sysroot.replace("{isa}", isa));
    }
    // A name without a slash would be searched along PATH.
    let path = std::path::absolute(program).map_err(Failure::of)?;
    command.arg("--").arg(&path).args(&flags.arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(Failure::of)?;
    let (mut stdin, mut stdout) = (child.stdin.take(), child.stdout.take());
    let mut output = Vec::new();
    std::thread::scope(|scope| {
        // A program need not read its input.
        scope.spawn(move || stdin.take().map(|mut stdin| stdin.write_all(input)));
        stdout
            .as_mut()
            .map(|stdout| stdout.read_to_end(&mut output))
    });
    let status = child.wait().map_err(Failure::of)?;
    let status = status.code().or(status.signal().map(|signal| 128 + signal));
    let told = std::fs::read(&report.0).unwrap_or_default();
    let told = serde_json::from_slice(&told)
        .map_err(|_| Failure::of(format!("{}: it could not be measured", program.display())))?;
    Ok((told, status, output))
}

/// A file for a report, removed when dropped.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Whoever cleans up the directory finds it otherwise.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn tempfile(program: &Path) -> Result<Temporary, Failure> {
    let directory = std::env::temp_dir();
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..1000 {
        let path = directory.join(format!("portolan-{}-{number}-{name}", std::process::id()));
        let made = std::fs::File::options()
            .write(true)
            .create_new(true)
            .open(&path);
        match made {
            Ok(_) => return Ok(Temporary(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failure::of(format!("{}: {error}", path.display()))),
        }
    }
    Err(Failure::of("no place for a temporary file"))
}

/// The lines of a source file: where debug information says, or in the directories given.
fn source(flags: &Flags, path: &str) -> Option<Vec<String>> {
    let path = Path::new(path);
    let name = path.file_name()?;
    let elsewhere = flags.source.iter().map(|directory| directory.join(name));
    let mut places = std::iter::once(path.to_owned()).chain(elsewhere);
    let text = places.find_map(|place| std::fs::read(place).ok())?;
    let text = String::from_utf8_lossy(&text).into_owned();
    Some(text.lines().map(str::to_owned).collect())
}

/// Writes down what a comparison wants to know of a program
#[derive(Args)]
pub struct SubjectFlags {
    /// Write what its instructions move, which is slow, and nothing else
    #[arg(long)]
    traffic: bool,
    #[command(flatten)]
    measured: Measured,
}

/// The half of a comparison that runs a program.
pub fn subject(flags: SubjectFlags) -> Result<ExitCode, Failure> {
    let mut again = vec!["subject".into()];
    if flags.traffic {
        again.push("--traffic".into());
        let attach = |process: &mut Process| {
            let (watch, moved) = Watch::new(process);
            process.observe(Box::new(watch));
            moved
        };
        return flags.measured.run(again, attach, |_, moved, out| {
            serde_json::to_writer(&mut *out, &moved.traffic())?;
            writeln!(out)
        });
    }
    let attach = |process: &mut Process| {
        let (witness, seen) = Witness::new(process);
        process.core().set_observer(Some(Box::new(witness)));
        seen
    };
    flags.measured.run(again, attach, |process, seen, out| {
        serde_json::to_writer(&mut *out, &Subject::new(process, seen))?;
        writeln!(out)
    })
}
