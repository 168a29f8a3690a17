//! Programs on Portolan, on QEMU's user mode and built for this machine: `cargo bench --bench peers [ISA..] [ROM..]`.
//!
//! They take turns, so that all of them meet the same moments of a machine that does other things too. User and system
//! time of the whole process counts, start-up and compiling included; of that, the fastest turn.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs of each.
const TURNS: usize = 7;

/// Guests, as QEMU and the roms call them.
const GUESTS: [&str; 2] = ["riscv64", "mipsel"];

/// Roms, at the scale of 200 to 600 million RISC-V instructions.
const ROMS: [(&str, &str); 8] = [
    ("fib", "35"),
    ("primes", "20000000"),
    ("sort", "300000"),
    ("sha256", "6000"),
    ("matmul", "400"),
    ("strings", "8000"),
    ("vm", "20000"),
    ("hello", ""),
];

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let asked = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let chosen = |names: &[&'static str]| -> Vec<&'static str> {
        let any = names.iter().any(|name| asked(name));
        let names = names.iter().copied();
        names.filter(|name| !any || asked(name)).collect()
    };
    let roms = chosen(&ROMS.map(|(name, _)| name));
    println!("milliseconds of user and system time");
    for isa in chosen(&GUESTS) {
        compare(isa, &roms);
    }
}

/// Prints the table of a guest.
fn compare(isa: &str, roms: &[&str]) {
    println!("{isa:9}  portolan      qemu    native  portolan / qemu  portolan / native");
    let mut logarithms = [(0.0, 0); 2];
    for (name, scale) in ROMS.iter().filter(|(name, _)| roms.contains(name)) {
        let mut fastest = [None::<Duration>; 3];
        for _ in 0..TURNS {
            for (time, command) in fastest.iter_mut().zip(commands(isa, name, scale)) {
                let now = run(command);
                *time = now.map(|now| time.map_or(now, |best| best.min(now)));
            }
        }
        let [ours, qemu, native] = fastest.map(|time| time.map(|time| time.as_secs_f64() * 1e3));
        let number = |number: Option<f64>| number.map_or("-".to_owned(), |n| format!("{n:.1}"));
        let ratios = [qemu, native].map(|peer| Some(ours? / peer.filter(|peer| *peer > 0.0)?));
        // What ends at once says nothing of speed.
        if *name != "hello" {
            for ((sum, count), ratio) in logarithms.iter_mut().zip(ratios) {
                *sum += ratio.map_or(0.0, f64::ln);
                *count += i32::from(ratio.is_some());
            }
        }
        let [ours, qemu, native] = [ours, qemu, native].map(number);
        let [to_qemu, to_native] =
            ratios.map(|ratio| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
        println!("{name:9} {ours:>9} {qemu:>9} {native:>9} {to_qemu:>16} {to_native:>18}");
    }
    let means = logarithms.map(|(sum, count)| {
        if count == 0 {
            f64::NAN
        } else {
            (sum / f64::from(count)).exp()
        }
    });
    println!(
        "geometric mean, but for hello {:>25.2} {:>18.2}",
        means[0], means[1]
    );
}

/// A rom on Portolan, on QEMU, and built for this machine.
fn commands(isa: &str, name: &str, scale: &str) -> [Command; 3] {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let rom = |isa: &str| root.join("roms/bin").join(isa).join(name);
    let mut ours = Command::new(env!("CARGO_BIN_EXE_portolan"));
    ours.arg("run").arg(rom(isa));
    let mut qemu = Command::new(format!("qemu-{isa}"));
    qemu.arg(rom(isa));
    let native = Command::new(rom("x86_64"));
    [ours, qemu, native].map(|mut command| {
        command.args(Some(scale).filter(|scale| !scale.is_empty()));
        command.stdout(Stdio::null());
        command
    })
}

/// The time that a command takes; None if there is no such program here.
fn run(mut command: Command) -> Option<Duration> {
    let before = children();
    let status = command.status().ok()?;
    assert!(status.success(), "{command:?}: {status}");
    Some(children() - before)
}

/// User and system time of all children that have ended.
fn children() -> Duration {
    // SAFETY: all zeros is a valid structure, which the call fills in.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage);
        usage
    };
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}
