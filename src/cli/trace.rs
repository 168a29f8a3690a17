//! `portolan trace`: what a program does, line by line.

use super::Failure;
use super::measured::Measured;
use clap::Args;
use portolan::measure::territory::Territory;
use portolan::view::calls::CallTracer;
use portolan::view::trace::{BadPart, Filter, Forks, Part, Point, Tracer};
use std::ffi::OsString;
use std::process::ExitCode;

/// Write down each instruction that a program runs, or each call
///
/// A line has the address, the symbol, the instruction, what it read (registers, memory), and after a bar what it
/// changed: registers with the old value and the new one, memory, the place that it jumped to. Lines of threads other
/// than the first begin with their number.
///
/// The trace comes on standard error as the program runs, and the exit status is the program's.
#[derive(Args)]
pub struct Flags {
    /// Write a tree of the calls instead
    ///
    /// Each with the first four integer argument registers, whether the function looks at them or not, and what
    /// it returned. A tail call is shown as `instead: FUNCTION`, a signal handler as `signal: FUNCTION`.
    #[arg(long)]
    calls: bool,
    /// Trace the processes that the program forks as well, and what they execute, as strace -f does
    ///
    /// All lines begin with the number of their thread then. Each process has the limit of --limit for itself.
    #[arg(short = 'f', long, conflicts_with = "calls")]
    follow_forks: bool,
    /// Begin when the program comes to PLACE: a function or an address, such as 0x11016
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// Pause when it comes to PLACE, until it comes to that of --from again
    #[arg(long, value_name = "PLACE")]
    to: Option<String>,
    /// Nothing but what is in PART: a function, or addresses, such as 0x11000-0x12000
    #[arg(long, value_name = "PART")]
    range: Option<String>,
    /// Write N lines (with --calls: calls) at most; the program goes on
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    measured: Measured,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let range = flags.range.as_deref().map(str::parse::<Part>);
    let filter = Filter {
        from: flags.from.as_deref().map(Point::from),
        to: flags.to.as_deref().map(Point::from),
        range: range.transpose().map_err(|bad: BadPart| Failure::of(bad))?,
        limit: flags.limit,
    };
    let forks = match flags.follow_forks {
        true => Forks::Followed,
        false => Forks::Left,
    };
    flags.measured.trace(again(&flags), forks, |process, out| {
        if flags.calls {
            let tracer = CallTracer::new(process, filter, out);
            process.core().set_observer(Some(Box::new(tracer)));
        } else {
            let (guest, memory) = (process.guest(), process.core().memory().clone());
            let territory = Territory::new(process);
            let mut tracer = Tracer::new(territory, guest, memory, filter, forks, out);
            if flags.follow_forks {
                tracer.tell_threads();
            }
            process.observe(Box::new(tracer));
        }
    })
}

/// The command and its flags.
fn again(flags: &Flags) -> Vec<OsString> {
    let mut again: Vec<OsString> = vec!["trace".into()];
    for (is_given, name) in [
        (flags.calls, "--calls"),
        (flags.follow_forks, "--follow-forks"),
    ] {
        if is_given {
            again.push(name.into());
        }
    }
    let limit = flags.limit.map(|limit| limit.to_string());
    for (name, value) in [
        ("--from", &flags.from),
        ("--to", &flags.to),
        ("--range", &flags.range),
        ("--limit", &limit),
    ] {
        if let Some(value) = value {
            again.extend([name.into(), value.into()]);
        }
    }
    again
}
