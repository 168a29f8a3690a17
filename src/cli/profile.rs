//! `portolan profile`: where a program spends its instructions or its time.

use super::Failure;
use super::measured::{Measured, write_to};
use clap::{Args, ValueEnum};
use portolan::Process;
use portolan::measure::profile::{Gathered, Profiler, Sampler};
use portolan::view::flame;
use portolan::view::profile::{Report, Unit};
use portolan_machine::engine::BlockObserver;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Tell which functions a program spends its instructions, or its time, in
///
/// By instructions, the program is interpreted and counted exactly, and each function's callers are known: from the
/// calls and returns that happen, so that it needs no frame pointers. By time, it is compiled and runs as ever, and every
/// millisecond each thread's processor time since the last look (the host's part of system calls included) is charged
/// to the function that it is in. Compiled code is looked at where it could be stopped, so a time may count for the
/// loop or the call after it; and there are no callers. `calls` counts tail calls, too. Code without symbols is named
/// by its file and the distance from its start. Processes that the program forks are not profiled; if it executes
/// another program, that one is reported in its place.
///
/// The report comes on standard error when the program has ended, and the exit status is the program's.
#[derive(Args)]
pub struct Flags {
    /// What is counted
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = By::Insns)]
    by: By,
    /// Write the stacks to FILE, as flamegraph.pl and speedscope read them
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// Draw a flame graph to FILE
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write JSON instead of the table
    #[arg(long)]
    json: bool,
    /// List N functions at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    #[command(flatten)]
    measured: Measured,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Insns,
    Time,
}

/// How often time is looked at.
const INTERVAL: Duration = Duration::from_millis(1);

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let absolute = |path: &Option<PathBuf>| {
        let path = path.as_ref().map(std::path::absolute).transpose();
        path.map_err(Failure::of)
    };
    let (folded, svg) = (absolute(&flags.folded)?, absolute(&flags.svg)?);
    let again = again(&flags, &folded, &svg);
    let unit = match flags.by {
        By::Insns => Unit::Instructions,
        By::Time => Unit::Microseconds,
    };
    let name = flags.measured.name();
    let attach = |process: &mut Process| -> Gathered {
        let (observer, gathered): (Box<dyn BlockObserver>, _) = match flags.by {
            By::Insns => {
                let (profiler, gathered) = Profiler::new(process);
                (Box::new(profiler), gathered)
            }
            By::Time => {
                let (sampler, gathered) = Sampler::new(process, INTERVAL);
                (Box::new(sampler), gathered)
            }
        };
        process.core().set_observer(Some(observer));
        gathered
    };
    flags.measured.run(again, attach, |process, gathered, out| {
        let report = Report::new(&name, process, unit, gathered);
        write_to(&folded, |out| report.write_folded(out))?;
        write_to(&svg, |out| {
            flame::write(&report.title(), report.unit().name(), report.stacks(), out)
        })?;
        match flags.json {
            true => report.write_json(out),
            false => report.write(flags.top, out),
        }
    })
}

/// The command and its flags.
fn again(flags: &Flags, folded: &Option<PathBuf>, svg: &Option<PathBuf>) -> Vec<OsString> {
    let mut again: Vec<OsString> = vec!["profile".into()];
    if let Some(by) = flags.by.to_possible_value() {
        again.extend(["--by".into(), by.get_name().into()]);
    }
    again.extend(["--top".into(), flags.top.to_string().into()]);
    if flags.json {
        again.push("--json".into());
    }
    for (name, path) in [("--folded", folded), ("--svg", svg)] {
        if let Some(path) = path {
            again.extend([name.into(), path.into()]);
        }
    }
    again
}
