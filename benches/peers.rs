//! Programs on Portolan, on QEMU's user mode and built for this machine: `cargo bench --bench peers -- [ISA..] [PROGRAM..]`.
//!
//! They take turns, so that all of them meet the same moments of a machine that does other things too. User and system
//! time of the whole process counts, start-up and compiling included; of that, the fastest turn. Of the peak memory, the
//! largest. What they print must be the same.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::guests::{self, Guest};
use support::{oracle_dir, workspace};

/// Runs of each.
const TURNS: usize = 5;

/// Guests, as QEMU and the roms call them.
const GUESTS: [&str; 3] = ["riscv64", "mipsel", "x86_64"];

/// What kind of program it is: each has a mean of its own.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Integer,
    FloatingPoint,
    /// Ends at once.
    StartUp,
}
use Kind::{FloatingPoint, Integer, StartUp};

const KINDS: [(Kind, &str); 3] = [
    (Integer, "integer"),
    (FloatingPoint, "floating point"),
    (StartUp, "start-up"),
];

/// Where a program comes from.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    /// The roms.
    Roms,
    /// Debian, in the root directories that `tests/oracles/install.sh` unpacks; the native one is this machine's own, if
    /// it has one.
    Debian,
}
use Origin::{Debian, Roms};

struct Program {
    kind: Kind,
    from: Origin,
    name: &'static str,
    arguments: &'static [&'static str],
}

const fn program(
    kind: Kind,
    from: Origin,
    name: &'static str,
    arguments: &'static [&'static str],
) -> Program {
    Program {
        kind,
        from,
        name,
        arguments,
    }
}

/// Roms at scales that keep QEMU busy for about a second on `riscv64`: what it costs to start is measured
/// by itself.
const PROGRAMS: &[Program] = &[
    program(Integer, Roms, "mix", &["24000"]),
    program(Integer, Roms, "fib", &["39"]),
    program(Integer, Roms, "primes", &["100000000"]),
    program(Integer, Roms, "sha256", &["72000"]),
    program(Integer, Roms, "sort", &["1500000"]),
    program(Integer, Roms, "strings", &["72000"]),
    program(Integer, Roms, "list", &["300"]),
    program(Integer, Roms, "vm", &["72000"]),
    program(Integer, Roms, "indirect", &["30000"]),
    program(FloatingPoint, Roms, "matmul", &["500"]),
    program(FloatingPoint, Roms, "nbody", &["1000000"]),
    program(FloatingPoint, Roms, "mandelbrot", &["1800"]),
    program(StartUp, Roms, "hello", &[]),
    program(StartUp, Debian, "lua5.4", &["-e", "print(6 * 7)"]),
    program(
        StartUp,
        Debian,
        "sqlite3",
        &[":memory:", "select sum(value) from json_each('[1, 2]')"],
    ),
    program(StartUp, Debian, "python3", &["-S", "-c", "print(6 * 7)"]),
];

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let asked = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let any_guest = GUESTS.iter().any(|isa| asked(isa));
    let any_program = PROGRAMS.iter().any(|program| asked(program.name));
    println!("milliseconds of user and system time, and peak memory in MiB");
    for isa in GUESTS.iter().filter(|isa| !any_guest || asked(isa)) {
        let programs = PROGRAMS
            .iter()
            .filter(|program| !any_program || asked(program.name));
        compare(guests::named(isa), programs);
    }
}

/// Prints the table of a guest.
fn compare<'a>(guest: &Guest, programs: impl Iterator<Item = &'a Program>) {
    println!(
        "\n{:10}  portolan     qemu   native  /qemu  /native   MiB  qemu's",
        guest.isa
    );
    let mut means = KINDS.map(|(kind, name)| (kind, name, [Mean::default(); 2]));
    let root = guest.debian_root();
    for program in programs {
        if program.from == Debian && root.is_none() {
            println!("{:10}  no root directory of Debian's", program.name);
            continue;
        }
        let mut best = [None::<Usage>; 3];
        let mut printed = None;
        for _ in 0..TURNS {
            let commands = commands(guest, program, root.as_deref());
            for (best, command) in best.iter_mut().zip(commands) {
                let Some((usage, output)) = command.and_then(run) else {
                    continue;
                };
                *best = Some(best.map_or(usage, |best| best.min(usage)));
                let first = printed.get_or_insert_with(|| output.clone());
                assert_eq!(*first, output, "{} on {}", program.name, guest.isa);
            }
        }
        let [ours, qemu, native] = best.map(|usage| usage.map(|usage| usage.milliseconds()));
        let ratios = [qemu, native].map(|peer| Some(ours? / peer.filter(|peer| *peer > 0.0)?));
        for (kind, _, means) in &mut means {
            for (mean, ratio) in means.iter_mut().zip(ratios) {
                mean.add(ratio.filter(|_| *kind == program.kind));
            }
        }
        let [ours, qemu, native] = [ours, qemu, native].map(|time| number(time, 1));
        let [to_qemu, to_native] = ratios.map(|ratio| number(ratio, 2));
        let [memory, their_memory] =
            [best[0], best[1]].map(|usage| number(usage.map(|usage| usage.mebibytes()), 0));
        println!(
            "{:10} {ours:>9} {qemu:>8} {native:>8} {to_qemu:>6} {to_native:>8} {memory:>5} {their_memory:>7}",
            program.name
        );
    }
    for (_, name, means) in means {
        if means[0].count + means[1].count > 0 {
            let [to_qemu, to_native] = means.map(|mean| number(mean.value(), 2));
            println!(
                "{:37} {to_qemu:>6} {to_native:>8}",
                format!("geometric mean, {name}")
            );
        }
    }
}

fn number(number: Option<f64>, digits: usize) -> String {
    number.map_or("-".to_owned(), |number| format!("{number:.digits$}"))
}

/// A geometric mean.
#[derive(Clone, Copy, Default)]
struct Mean {
    logarithms: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, ratio: Option<f64>) {
        if let Some(ratio) = ratio {
            self.logarithms += ratio.ln();
            self.count += 1;
        }
    }

    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| (self.logarithms / f64::from(self.count)).exp())
    }
}

/// A program on Portolan, on QEMU, and native; None where there is no such thing here.
fn commands(guest: &Guest, program: &Program, root: Option<&Path>) -> [Option<Command>; 3] {
    let file = |isa: &str| workspace().join("roms/bin").join(isa).join(program.name);
    let (foreign, native) = match (program.from, root) {
        (Debian, Some(root)) => {
            let native = PathBuf::from("/usr/bin").join(program.name);
            (root.join("usr/bin").join(program.name), native)
        }
        _ => (file(guest.isa), file("x86_64")),
    };
    let mut ours = Command::new(env!("CARGO_BIN_EXE_portolan"));
    ours.arg("run");
    let emulated = [Some(ours), guest.qemu()].map(|emulator| {
        let mut command = emulator?;
        if let Some(root) = root {
            command.arg("-L").arg(root);
        }
        command.arg(&foreign);
        Some(command)
    });
    let [ours, qemu] = emulated;
    let native = native.is_file().then(|| Command::new(native));
    [ours, qemu, native].map(|command| {
        let mut command = command?;
        command
            .args(program.arguments)
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            // The first run compiles what Python imports.
            .env("PYTHONPYCACHEPREFIX", oracle_dir().join("cache/python"));
        Some(command)
    })
}

/// What a run took.
#[derive(Clone, Copy)]
struct Usage {
    time: Duration,
    /// The most memory in KiB, as the kernel counts it: not less than what this process itself has, which starts it.
    memory: u64,
}

impl Usage {
    fn min(self, other: Usage) -> Usage {
        Usage {
            time: self.time.min(other.time),
            memory: self.memory.max(other.memory),
        }
    }

    fn milliseconds(self) -> f64 {
        self.time.as_secs_f64() * 1e3
    }

    fn mebibytes(self) -> f64 {
        self.memory as f64 / 1024.0
    }
}

/// Runs a command to its end: what it took, and what it printed. None if there is no such program here.
fn run(mut command: Command) -> Option<(Usage, Vec<u8>)> {
    let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
    let mut output = Vec::new();
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_to_end(&mut output).expect("readable");
    let mut status = 0;
    // SAFETY: all zeros is a valid structure, which the call fills in; the child is waited for nowhere else.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let ended = libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage);
        assert_eq!(ended, child.id() as libc::pid_t);
        usage
    };
    assert_eq!(status, 0, "{command:?} ends by wait status {status:#x}");
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    let usage = Usage {
        time: time(usage.ru_utime) + time(usage.ru_stime),
        memory: usage.ru_maxrss as u64,
    };
    Some((usage, output))
}
