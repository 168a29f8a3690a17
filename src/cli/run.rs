//! `portolan run`: a program of another instruction set, as if it were native.

use super::screen::ScreenFlags;
use super::strace::StraceFlags;
use super::{Failure, board, monitor, simulated};
use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use portolan::Process;
use portolan::debug::gdb::{self, Listener, Outcome, Place};
use portolan::guests;
use portolan::measure::territory::Territory;
use portolan::view::card::Card;
use portolan::view::trace::{Filter, Forks, Tracer};
use portolan_linux::exec::{Next, Reenter};
use portolan_linux::host;
use portolan_linux::loader::LoadError;
use portolan_linux::process::{Command, Options};
use portolan_linux::seeded::{Inherited, Seed};
use portolan_linux::thread::{Exit, Progress};
use portolan_machine::engine::Compiling;
use portolan_machine::guest::Core;
use std::ffi::{CString, OsStr, OsString};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Run a program of another instruction set
///
/// The exit status is the program's own; a program that a signal ends takes Portolan with it by the
/// same signal (a shell shows 128 + its number). 125: Portolan failed, or --max-insns was reached;
/// 126: not a program that it can run; 127: not found.
#[derive(Args)]
pub struct Flags {
    /// What PROGRAM runs on: Linux, or a machine for students' programs
    #[arg(long, value_name = "MACHINE", value_enum, default_value_t = Machine::Linux)]
    machine: Machine,
    #[command(flatten)]
    pub(super) program: Program,
    #[command(flatten)]
    strace: StraceFlags,
    /// Tell at the end what the engine did
    ///
    /// Instructions and processor time by what they were spent in (not with --trace); the blocks that
    /// the interpreter looked up, and which of them were at hand, had to be searched, or decoded; the
    /// blocks that were compiled by themselves, quickly, and the regions. Processes tell it each for themselves.
    #[arg(long)]
    stats: bool,
    /// What is compiled: what pays, nothing, or all code at once, well or quickly
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Jit::Auto)]
    jit: Jit,
    /// Keep at most N MiB of compiled code: when there is more, drop all of it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jit_size: Option<u16>,
    /// Stop after N instructions of a thread
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_insns: Option<u64>,
    /// Write each instruction that ran to standard error, as `portolan trace` does
    #[arg(long)]
    trace: bool,
    /// Wait for gdb, and let it debug the program from its first instruction
    ///
    /// PORT is one of this machine for this machine, 0 any that is free; HOST:PORT lets others
    /// connect; anything else is the path of a socket to be made. Then, elsewhere:
    /// gdb-multiarch -ex 'target remote :PORT' PROGRAM
    #[arg(
        short = 'g',
        long = "gdb",
        value_name = "PORT|SOCKET",
        conflicts_with = "max_insns"
    )]
    gdb: Option<String>,
    #[command(flatten)]
    pub(super) bare: board::BareFlags,
    #[command(flatten)]
    pub(super) screen: ScreenFlags,
    #[command(flatten)]
    pub(super) simulator: simulated::SimulatorFlags,
}

/// What a program runs on.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Machine {
    /// Linux, as programs of a user see it
    Linux,
    /// The memory and the services of SPIM and MARS: a source in their assembly, or an ELF file for MIPS
    Spim,
    /// The memory and the services of RARS: a source in its assembly, or an ELF file for RISC-V
    Rars,
    /// Nothing but memory and devices: a console, a timer, a clock, a keyboard, a screen
    Bare,
}

/// What is compiled.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Jit {
    Auto,
    Off,
    Always,
    Baseline,
}

/// What to run, and what it sees: shared by every command that runs a program.
#[derive(Args)]
#[command(next_line_help = false)]
pub struct Program {
    /// Search DIR for the program's absolute paths before the host's root
    #[arg(short = 'L', long = "sysroot", value_name = "DIR")]
    sysroot: Option<PathBuf>,
    /// Run it on CPU, which does not have the instructions of later ones
    ///
    /// What the program asks for (cpuid, the auxiliary vector, riscv_hwprobe) agrees. `--cpu help` lists them;
    /// the usual one has everything.
    #[arg(long, value_name = "CPU", value_parser = ProcessorName)]
    cpu: Option<String>,
    /// Take from N what differs from run to run, so that the program does the same each time
    ///
    /// Random bytes and process numbers come from N. Time starts at 2026-01-01 00:00 UTC and
    /// advances by a nanosecond an instruction; a program with one thread does not really sleep.
    /// Signals, timers, the order of several threads or processes and the times of files remain as
    /// they come.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// What the program before this one in the same process leaves
    #[arg(long, hide = true, requires = "seed", value_name = "STATE")]
    inherited: Option<Inherited>,
    /// Set an environment variable of the program
    #[arg(short = 'E', long = "env", value_name = "NAME=VALUE")]
    set: Vec<OsString>,
    /// Remove an environment variable of the program
    #[arg(short = 'U', long = "unset", value_name = "NAME")]
    unset: Vec<OsString>,
    /// The program's name for itself, instead of PROGRAM
    #[arg(short = '0', long = "argv0", value_name = "NAME")]
    argv0: Option<OsString>,
    /// What execve named, instead of PROGRAM
    #[arg(long, hide = true, value_name = "NAME")]
    started_by: Option<OsString>,
    /// The program or script, searched along PATH if it has no slash, and its arguments
    #[arg(
        value_name = "PROGRAM [ARGS]",
        required = true,
        trailing_var_arg = true
    )]
    words: Vec<OsString>,
}

impl Program {
    /// What the personality is to load.
    pub fn command(&self) -> Result<Command, Failure> {
        let c_string = |word: &OsStr| {
            CString::new(word.as_bytes()).map_err(|_| {
                Failure::of(format!(
                    "{word:?} contains a zero byte, which no program can receive"
                ))
            })
        };
        let (program, rest) = self.words();
        let argv0 = self.argv0.as_deref().unwrap_or(program.as_os_str());
        let arguments = std::iter::once(argv0).chain(rest.iter().map(OsString::as_os_str));
        Ok(Command {
            program: self.find(program),
            started_by: self.started_by.as_deref().map(c_string).transpose()?,
            arguments: arguments.map(c_string).collect::<Result<_, _>>()?,
            environment: self
                .environment()?
                .iter()
                .map(|variable| c_string(variable))
                .collect::<Result<_, _>>()?,
            options: Options {
                sysroot: self.sysroot.clone(),
                seed: self.seed.map(|number| Seed {
                    number,
                    inherited: self.inherited.clone(),
                }),
                processor: self.cpu.clone(),
                ..Options::default()
            },
        })
    }

    /// The program's file: as named, below the sysroot, or along PATH.
    fn find(&self, named: &Path) -> PathBuf {
        let below = |path: &Path| {
            let root = self.sysroot.as_deref().filter(|_| path.is_absolute())?;
            let below = root.join(path.strip_prefix("/").unwrap_or(path));
            below.exists().then_some(below)
        };
        if let Some(found) = below(named) {
            return found;
        }
        if named.as_os_str().as_bytes().contains(&b'/') || named.exists() {
            return named.to_owned();
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|directory| directory.join(named))
            .find_map(|candidate| below(&candidate).or(Some(candidate).filter(|c| c.is_file())))
            .unwrap_or_else(|| named.to_owned())
    }

    /// The program and its arguments. Parsed as one list, so that a `--` after the program is the
    /// program's.
    pub(super) fn words(&self) -> (&Path, &[OsString]) {
        let (program, rest) = self.words.split_first().expect("clap requires one");
        (Path::new(program), rest)
    }

    fn environment(&self) -> Result<Vec<OsString>, Failure> {
        let mut variables: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        for set in &self.set {
            let (name, value) = split_variable(set).ok_or_else(|| {
                Failure::of(format!(
                    "-E wants NAME=VALUE, not {:?}",
                    set.to_string_lossy()
                ))
            })?;
            variables.retain(|(other, _)| *other != name);
            variables.push((name, value));
        }
        variables.retain(|(name, _)| !self.unset.contains(name));
        let join = |(mut name, value): (OsString, OsString)| {
            name.push("=");
            name.push(value);
            name
        };
        Ok(variables.into_iter().map(join).collect())
    }
}

fn split_variable(text: &OsStr) -> Option<(OsString, OsString)> {
    let bytes = text.as_bytes();
    let at = bytes
        .iter()
        .position(|&byte| byte == b'=')
        .filter(|&at| at > 0)?;
    let part = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
    Some((part(&bytes[..at]), part(&bytes[at + 1..])))
}

/// Why a program could not be started, with the exit status of a shell: 127 not found, 126 found but
/// not to be run.
pub fn not_started(program: &Path, error: LoadError) -> Failure {
    let status = match error {
        LoadError::NotFound(_) => 127,
        LoadError::Memory(_) => super::FAILED,
        _ => 126,
    };
    let message = match foreign(&error) {
        true => {
            let known = guests::names_of_platforms();
            format!("{error}; Portolan runs programs for {known}")
        }
        false => error.to_string(),
    };
    let name = program.display().to_string();
    let message = if message.starts_with(&name) {
        message
    } else {
        format!("{name}: {message}")
    };
    Failure { message, status }
}

/// Whether a program, or a script's interpreter, is of an instruction set without a guest.
fn foreign(error: &LoadError) -> bool {
    match error {
        LoadError::Foreign { .. } => true,
        LoadError::Script { error, .. } => foreign(error),
        _ => false,
    }
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    match flags.machine {
        Machine::Linux => on_linux(flags),
        Machine::Spim => simulated::main(flags, "spim"),
        Machine::Rars => simulated::main(flags, "rars"),
        Machine::Bare => board::main(flags),
    }
}

fn on_linux(flags: Flags) -> Result<ExitCode, Failure> {
    super::refuse(
        &flags.simulator.given(),
        "is for --machine spim and rars, not for --machine linux",
    )?;
    let why = "is for --machine bare, not for --machine linux";
    super::refuse(&flags.bare.given(), why)?;
    if flags.screen.is_for_linux()? {
        return monitor::main(&flags);
    }
    let mut command = flags.program.command()?;
    command.options.tracer = flags.strace.tracer()?.map(Arc::new);
    command.options.reenter = Some(flags.reenter());
    command.options.screen = flags.screen.given_screen().cloned();
    let report = Arc::new(Report {
        stats: flags.stats,
        budget: flags.budget(),
        words: flags.program.shell_words(),
        started: Instant::now(),
    });
    let forked = Arc::clone(&report);
    command.options.finish = Some(Arc::new(move |thread, progress| {
        i32::from(forked.finish(&mut Process::adopt(thread), progress))
    }));
    let program = command.program.clone();
    let mut process = Process::start(command).map_err(|error| not_started(&program, error))?;
    if flags.trace {
        // The program may close its own.
        let out = host::out_of_the_way(std::io::stderr().as_fd()).map_err(Failure::of)?;
        let (guest, memory) = (process.guest(), process.core().memory().clone());
        let territory = Territory::new(&process);
        let tracer = Tracer::new(
            territory,
            guest,
            memory,
            Filter::default(),
            Forks::Followed,
            out,
        );
        process.observe(Box::new(tracer));
    }
    flags.set_compiling(process.core());
    if flags.stats {
        process.thread_mut().measure();
    }
    let budget = report.budget;
    process.thread_mut().set_limit(budget);
    let progress = match &flags.gdb {
        None => process.advance(budget),
        Some(place) => {
            let (freed, progress) = debug(process, place, &program)?;
            process = freed;
            progress
        }
    };
    Ok(ExitCode::from(report.finish(&mut process, progress)))
}

/// What to tell when a program has come to its end.
struct Report {
    stats: bool,
    budget: u64,
    words: String,
    started: Instant,
}

impl Report {
    /// Tells it; the result is the exit status, but after a signal this does not return.
    fn finish(&self, process: &mut Process, progress: Progress) -> u8 {
        if self.stats {
            statistics(process, self.started);
        }
        end(process, progress, self.budget, &self.words)
    }
}

/// Ends as the program did, with a card if it failed: the exit status, but after a signal this does not return.
pub fn end(process: &mut Process, progress: Progress, budget: u64, words: &str) -> u8 {
    match progress {
        Progress::Ended(Exit::Code(code)) => code as u8,
        Progress::Ended(Exit::Signal(death)) => {
            // A program that was killed knows why; one that failed at an instruction may not.
            if death.trap.is_some() {
                eprint!("{}", Card::of_death(process, &death, words));
            }
            death.reraise()
        }
        _ => {
            eprint!("{}", Card::of_budget(process, budget, words));
            super::FAILED
        }
    }
}

/// Lets gdb debug a process.
fn debug(process: Process, place: &str, program: &Path) -> Result<(Process, Progress), Failure> {
    let listener = Listener::new(&Place::parse(place)).map_err(Failure::of)?;
    let remote = format!("target remote {}", listener.remote());
    let program = quote(&program.to_string_lossy());
    eprintln!(
        "portolan: waiting for gdb: gdb-multiarch -ex {} {program}",
        quote(&remote)
    );
    let (mut process, outcome) = gdb::serve(process, listener).map_err(Failure::of)?;
    let progress = match outcome {
        Outcome::Ended(exit) => Progress::Ended(exit),
        Outcome::Released => Progress::Ended(process.run()),
        Outcome::Killed => portolan_linux::host::signals::die_by(9),
    };
    Ok((process, progress))
}

/// Takes the name of a processor, and lists them if it is `help`.
#[derive(Clone)]
struct ProcessorName;

impl TypedValueParser for ProcessorName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        if value == "help" {
            let list = clap::Command::new("portolan").override_help(guests::processors());
            list.try_get_matches_from(["portolan", "--help"])?;
        }
        StringValueParser::new().parse_ref(command, argument, value)
    }
}

impl Flags {
    /// Has a hart compile what is wanted.
    pub(super) fn set_compiling(&self, core: &mut dyn Core) {
        core.set_compiling(match self.jit {
            Jit::Auto => Compiling::Auto,
            Jit::Off => Compiling::Off,
            Jit::Always => Compiling::Always,
            Jit::Baseline => Compiling::Baseline,
        });
        if let Some(mebibytes) = self.jit_size {
            core.set_code_room(usize::from(mebibytes) << 20);
        }
    }

    /// The most instructions to run.
    pub(super) fn budget(&self) -> u64 {
        self.max_insns.unwrap_or(u64::MAX)
    }

    /// The flags that mean nothing without Linux, and whether they were given.
    pub(super) fn of_linux(&self) -> [(bool, &'static str); 9] {
        let program = &self.program;
        [
            (self.strace.is_given(), "--strace"),
            (self.stats, "--stats"),
            (self.trace, "--trace"),
            (self.gdb.is_some(), "--gdb"),
            (program.sysroot.is_some(), "--sysroot"),
            (program.cpu.is_some(), "--cpu"),
            (!program.set.is_empty(), "--env"),
            (!program.unset.is_empty(), "--unset"),
            (program.argv0.is_some(), "--argv0"),
        ]
    }

    /// How execve starts Portolan again: with the same flags.
    fn reenter(&self) -> Reenter {
        let mut flags: Vec<OsString> = vec!["portolan".into(), "run".into()];
        for (given, name) in [(self.stats, "--stats"), (self.trace, "--trace")] {
            if given {
                flags.push(name.into());
            }
        }
        if let Some(jit) = self.jit.to_possible_value() {
            flags.extend(["--jit".into(), jit.get_name().into()]);
        }
        if let Some(mebibytes) = self.jit_size {
            flags.extend(["--jit-size".into(), mebibytes.to_string().into()]);
        }
        if let Some(limit) = self.max_insns {
            flags.extend(["--max-insns".into(), limit.to_string().into()]);
        }
        if let Some(screen) = self.screen.given_screen() {
            flags.extend(["--screen".into(), screen.name().into()]);
        }
        let tracing = self.strace.clone();
        self.program.reenter(move |next| {
            let mut words = flags.clone();
            words.extend(tracing.pass_on(next));
            words
        })
    }
}

impl Program {
    /// How execve starts Portolan again: with words that are the command and its flags, and what is here.
    pub fn reenter(
        &self,
        words: impl Fn(&Next<'_>) -> Vec<OsString> + Send + Sync + 'static,
    ) -> Reenter {
        // The program may change its directory.
        let sysroot = self.sysroot.clone();
        let sysroot = sysroot.map(|path| std::path::absolute(&path).unwrap_or(path));
        let cpu = self.cpu.clone();
        Arc::new(move |next: &Next<'_>| {
            let port = guests::for_program(next.identity)?;
            let mut words = words(next);
            if let Some(sysroot) = &sysroot {
                words.extend(["-L".into(), sysroot.clone().into_os_string()]);
            }
            // A program of another instruction set has other processors.
            let has_it = |cpu: &String| port.abi.processors.find(Some(cpu)).is_some();
            if let Some(cpu) = cpu.as_ref().filter(|cpu| has_it(cpu)) {
                words.extend(["--cpu".into(), cpu.into()]);
            }
            let name = next
                .arguments
                .first()
                .map_or(&b""[..], |name| name.to_bytes());
            words.extend(["-0".into(), OsStr::from_bytes(name).to_owned()]);
            if let Some(seed) = &next.seed {
                words.extend(["--seed".into(), seed.number.to_string().into()]);
                let inherited = seed.inherited.as_ref().map(Inherited::to_string);
                words.extend(["--inherited".into(), inherited.unwrap_or_default().into()]);
            }
            if let Some(name) = next.started_by {
                let name = OsStr::from_bytes(name.to_bytes());
                words.extend(["--started-by".into(), name.to_owned()]);
            }
            words.push("--".into());
            words.push(next.host_path.as_os_str().to_owned());
            let rest = next.arguments.iter().skip(1);
            words.extend(rest.map(|word| OsStr::from_bytes(word.to_bytes()).to_owned()));
            words
                .into_iter()
                .map(|word| CString::new(word.as_bytes()).ok())
                .collect()
        })
    }

    /// The number that everything which differs from run to run is to come from.
    pub(super) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// What the program is called.
    pub fn name(&self) -> String {
        let (program, _) = self.words();
        let name = program.file_name().unwrap_or(program.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// The flags, the program and its arguments as a shell takes them.
    pub fn shell_words(&self) -> String {
        let mut words: Vec<OsString> = Vec::new();
        if let Some(sysroot) = &self.sysroot {
            words.extend(["-L".into(), sysroot.clone().into_os_string()]);
        }
        if let Some(cpu) = &self.cpu {
            words.extend(["--cpu".into(), cpu.into()]);
        }
        if let Some(seed) = self.seed {
            words.extend(["--seed".into(), seed.to_string().into()]);
        }
        self.set
            .iter()
            .for_each(|set| words.extend(["-E".into(), set.clone()]));
        self.unset
            .iter()
            .for_each(|name| words.extend(["-U".into(), name.clone()]));
        if let Some(name) = &self.argv0 {
            words.extend(["-0".into(), name.clone()]);
        }
        if self.words[0].as_bytes().starts_with(b"-") {
            words.push("--".into());
        }
        words.extend(self.words.iter().cloned());
        let quoted: Vec<String> = words
            .iter()
            .map(|word| quote(&word.to_string_lossy()))
            .collect();
        quoted.join(" ")
    }
}

/// A word as a shell takes it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn statistics(process: &mut Process, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let totals = process.thread().totals();
    let engine = totals.engine;
    let percent = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
    let line = |name: &str, number: u64, remark: String| {
        eprintln!("{}", format!("{name:15}{number:>14}  {remark}").trim_end());
    };
    let time = |name: &str, time: Duration, remark: &str| {
        let text = format!("{name:15}{:>14.3}  {remark}", time.as_secs_f64());
        eprintln!("{}", text.trim_end());
    };
    let speed = engine.retired as f64 / 1e6 / seconds;
    line(
        "instructions",
        engine.retired,
        format!("{speed:.0} million a second"),
    );
    if let Some(measured) = engine.measured {
        let compiled = measured.compiled_retired;
        let interpreted = engine.retired.saturating_sub(compiled);
        for (name, part) in [("  interpreted", interpreted), ("  compiled", compiled)] {
            line(
                name,
                part,
                format!("{:.1} %", percent(part, engine.retired)),
            );
        }
    }
    line("system calls", totals.calls, String::new());
    if totals.threads > 1 {
        line("threads", totals.threads, String::new());
    }
    time("seconds", started.elapsed(), "");
    let compiling = engine.compiled.time;
    if let Some(measured) = engine.measured {
        let all = measured.interpreting + measured.compiled + compiling + totals.call_time;
        time("processor", all, "seconds");
        time("  interpreting", measured.interpreting, "");
        time("  compiled code", measured.compiled, "");
        time("  compiling", compiling, "");
        time("  system calls", totals.call_time, "");
    } else {
        time("compiling", compiling, "seconds of the processor");
    }
    let decoded = format!("{} instructions", engine.instructions_decoded);
    line("blocks decoded", engine.blocks_decoded, decoded);
    let looked_up = engine.blocks_at_hand + engine.blocks_found + engine.blocks_decoded;
    let at_hand = percent(engine.blocks_at_hand, looked_up);
    let found = format!("{at_hand:.1} % at hand, {} found", engine.blocks_found);
    line("block look-ups", looked_up, found);
    let compiled = engine.compiled;
    let code = format!(
        "{} instructions in {} bytes of code",
        compiled.block_instructions, compiled.block_bytes
    );
    line("blocks compiled", compiled.blocks, code);
    let code = format!(
        "{} instructions in {} bytes of code",
        compiled.instructions, compiled.bytes
    );
    line("regions", compiled.regions, code);
    line("  made anew", compiled.anew, String::new());
    line("code changes", engine.flushes, String::new());
}
