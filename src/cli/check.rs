//! `portolan check`: a student's program against a lab.

use super::{Failure, paint, write};
use clap::Args;
use portolan::lab::{self, Job, Judge, Lab, LabError, Run, Trial};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Check a program against a lab: outputs, state, instructions, calling convention
///
/// LAB is a file of TOML; roms/labs has samples, and roms/labs/README.md says what can stand in it. Each case runs in a
/// process and a directory of its own, with neither environment nor files but those that the lab gives. Portolan is no
/// sandbox: a program of Linux may do what you may. Exit status: 0 all passed, 1 something did not, 2 the lab or the
/// program cannot be used.
#[derive(Args)]
pub struct Flags {
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Search DIR for the program's absolute paths before the host's root
    #[arg(short = 'L', long = "sysroot", value_name = "DIR")]
    sysroot: Option<PathBuf>,
    /// Take from N what differs from run to run
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The lab
    #[arg(value_name = "LAB.toml")]
    lab: PathBuf,
    /// The program
    #[arg(value_name = "PROGRAM")]
    program: PathBuf,
}

/// The exit status where lab or program cannot be used.
const UNUSABLE: u8 = 2;
/// More output than this is not kept.
const MOST_OUTPUT: usize = 16 << 20;

fn unusable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure {
        message: format!("{}: {error}", path.display()),
        status: UNUSABLE,
    }
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(&flags.lab).map_err(|error| unusable(&flags.lab, error))?;
    let lab = Lab::parse(&text).map_err(|error| unusable(&flags.lab, error))?;
    let data = std::fs::read(&flags.program).map_err(|error| unusable(&flags.program, error))?;
    let program = std::path::absolute(&flags.program).map_err(Failure::of)?;
    let sysroot = flags.sysroot.as_ref().map(std::path::absolute).transpose();
    let sysroot = sysroot.map_err(Failure::of)?;
    let judge = Judge::new(&lab, &program, &data, sysroot, flags.seed);
    let judge = judge.map_err(|error| match error {
        LabError::Syntax(_) => unusable(&flags.lab, error),
        LabError::Meaning { .. } => Failure {
            message: error.to_string(),
            status: UNUSABLE,
        },
    })?;
    let limit = Duration::from_secs(lab.seconds);
    let verdict = judge.verdict(|job, trial| run(job, trial, limit))?;
    write(|out| {
        match flags.json {
            true => {
                serde_json::to_writer_pretty(&mut *out, &verdict)?;
                writeln!(out)?;
            }
            false => verdict.write(out, paint())?,
        }
        Ok(Ok(()))
    })?;
    Ok(ExitCode::from(u8::from(!verdict.passed)))
}

/// Runs a program in a process and a directory of its own.
fn run(job: &Job, trial: &Trial, limit: Duration) -> Result<Run, Failure> {
    let scratch = Scratch::new().map_err(Failure::of)?;
    let (directory, told) = (scratch.0.join("files"), scratch.0.join("job"));
    prepare(&directory, &told, job, trial).map_err(Failure::of)?;
    let own = std::env::current_exe().map_err(Failure::of)?;
    let mut command = Command::new(own);
    command.arg("examine").arg(&told).current_dir(&directory);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Failure::of)?;
    if let Some(mut stdin) = child.stdin.take() {
        let input = trial.stdin.clone();
        // A program need not read its input.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let stdout = child.stdout.take().map(Collected::new);
    let stderr = child.stderr.take().map(Collected::new);
    let ended = wait(&mut child, limit).map_err(Failure::of)?;
    let bytes = |output: Option<Collected>| output.map_or_else(Vec::new, Collected::bytes);
    let mut run = Run {
        stdout: bytes(stdout),
        stderr: bytes(stderr),
        ..Run::default()
    };
    if run.stdout.len().max(run.stderr.len()) > MOST_OUTPUT {
        let most = MOST_OUTPUT >> 20;
        run.failure = Some(format!(
            "it was stopped after it wrote {most} MiB: does it end?"
        ));
        return Ok(run);
    }
    if !ended {
        let seconds = limit.as_secs();
        run.failure = Some(format!(
            "it was stopped after {seconds} seconds: does it end?"
        ));
        return Ok(run);
    }
    let answer = std::fs::read(&told).unwrap_or_default();
    match serde_json::from_slice(&answer) {
        Ok(Ok(report)) => run.report = Some(report),
        Ok(Err(why)) => {
            let why: String = why;
            return Err(unusable(&job.program, why));
        }
        Err(_) => run.failure = Some("it took the process that ran it down with it".to_owned()),
    }
    for name in trial.written.keys() {
        if let Ok(bytes) = std::fs::read(directory.join(name)) {
            run.files.insert(name.clone(), bytes);
        }
    }
    Ok(run)
}

fn prepare(directory: &Path, told: &Path, job: &Job, trial: &Trial) -> io::Result<()> {
    std::fs::create_dir(directory)?;
    let files: &BTreeMap<String, String> = &trial.files;
    for (name, contents) in files {
        std::fs::write(directory.join(name), contents)?;
    }
    std::fs::write(told, serde_json::to_vec(job)?)
}

/// Waits for a process to end; false: it took too long, and was killed.
fn wait(child: &mut Child, limit: Duration) -> io::Result<bool> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(true)
}

/// What a process writes, up to [`MOST_OUTPUT`].
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: std::thread::JoinHandle<()>,
}

impl Collected {
    fn new(mut from: impl Read + Send + 'static) -> Collected {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&bytes);
        let thread = std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() > MOST_OUTPUT {
                    // The program is told that nobody reads any more.
                    return;
                }
                kept.extend_from_slice(&buffer[..length]);
            }
        });
        Collected { bytes, thread }
    }

    /// All of it, once the process has ended.
    fn bytes(self) -> Vec<u8> {
        let start = Instant::now();
        // What it started may still hold the pipe open.
        while !self.thread.is_finished() && start.elapsed() < Duration::from_secs(1) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A directory of its own, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Scratch> {
        use std::os::unix::fs::DirBuilderExt;
        let mut number = 0;
        loop {
            let name = format!("portolan-check-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever cleans up the directory of temporary files finds it otherwise.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs one case of a lab
#[derive(Args)]
pub struct ExamineFlags {
    /// What is to be run; replaced by what was seen
    file: PathBuf,
}

/// The half of a check that runs a program.
pub fn examine(flags: ExamineFlags) -> Result<ExitCode, Failure> {
    let job = std::fs::read(&flags.file).map_err(|error| unusable(&flags.file, error))?;
    let job: Job = serde_json::from_slice(&job).map_err(|error| unusable(&flags.file, error))?;
    // The program is not to find it.
    std::fs::remove_file(&flags.file).map_err(Failure::of)?;
    let report = lab::examine(&job).transpose();
    if let Some(report) = report {
        let report = serde_json::to_vec(&report).map_err(Failure::of)?;
        std::fs::write(&flags.file, report).map_err(Failure::of)?;
    }
    Ok(ExitCode::SUCCESS)
}
