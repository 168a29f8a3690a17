//! QEMU's user mode as an oracle: one guest process (`harness.S`) that runs one scene after another.

use super::scene::Scene;
use crate::support;
use crate::world::{CODE, SLOT, State};
use portolan_machine::memory::PAGE;
use portolan_riscv::regs::{F, FFLAGS, FRM, X};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{fs, thread};

/// The extensions that Portolan has. From version 8.2 on, QEMU has a processor to which they can be
/// added; before, there was only one from which others must be taken away.
const CPU: &str = "rv64i,m=true,a=true,f=true,d=true,c=true,zicsr=true,zifencei=true,zicntr=true,\
                   zba=true,zbb=true,zbs=true";
const OLD_CPU: &str = "rv64,zba=true,zbb=true,zbs=true,zbc=false,h=false";

/// How many seconds QEMU may think about one batch. They are counted one by one, because a machine that
/// sleeps in between must not use them up at once.
const PATIENCE: u32 = 60;

const REGISTERS: usize = 8 * (1 + 31 + 32 + 1);
const OUTPUT: usize = 3 * 8 + REGISTERS + PAGE as usize;

/// How a scene ended, as far as a signal handler can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The code left itself.
    Left,
    /// SIGILL.
    Illegal,
    /// SIGTRAP.
    Breakpoint,
    /// SIGSEGV; nothing is mapped at the address.
    Unmapped(u64),
    /// SIGSEGV; the address may not be accessed so.
    Protected(u64),
    /// SIGBUS; the address is not aligned.
    Misaligned(u64),
    /// Something that should not happen: a signal and its code.
    Other(u64, u64),
}

/// A running QEMU.
pub struct Qemu {
    child: Mutex<Child>,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Qemu {
    /// Starts QEMU, if it is there with the tools that build the guest's half.
    ///
    /// # Panics
    /// If the guest's half cannot be built or started.
    pub fn start() -> Option<Qemu> {
        let qemu = support::oracle("qemu-riscv64")?;
        let harness = harness()?;
        let help = Command::new(&qemu).args(["-cpu", "help"]).output();
        let help = help.expect("QEMU starts").stdout;
        let is_new = String::from_utf8_lossy(&help).contains("rv64i");
        let mut child = Command::new(qemu)
            .args(["-cpu", if is_new { CPU } else { OLD_CPU }])
            .arg(harness)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("QEMU starts");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        Some(Qemu {
            child: Mutex::new(child),
            input: input.expect("it was asked for"),
            output: BufReader::new(output.expect("it was asked for")),
        })
    }

    /// What QEMU makes of each scene.
    ///
    /// # Panics
    /// If QEMU ends or says nothing for a minute.
    pub fn run(&mut self, scenes: &[&Scene]) -> Vec<(Outcome, State)> {
        let (input, output, child) = (&mut self.input, &mut self.output, &self.child);
        let (done, waiting) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                for scene in scenes {
                    // An error shows at the other end, as an answer that does not come.
                    let _ = input.write_all(&question(scene));
                }
                let _ = input.flush();
            });
            scope.spawn(move || {
                let second = || waiting.recv_timeout(Duration::from_secs(1));
                if (0..PATIENCE).all(|_| second() == Err(RecvTimeoutError::Timeout)) {
                    let _ = lock(child).kill();
                }
            });
            let answers = scenes.iter().map(|scene| {
                let mut bytes = [0; OUTPUT];
                if output.read_exact(&mut bytes).is_err() {
                    let end = match lock(child).wait() {
                        Ok(status) => status.to_string(),
                        Err(error) => error.to_string(),
                    };
                    panic!(
                        "instead of an answer, {end} of QEMU to {}",
                        scene.statement()
                    );
                }
                answer(scene, &bytes)
            });
            let answers = answers.collect();
            drop(done);
            answers
        })
    }
}

fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// The guest's half, built once; None without the tools.
fn harness() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(build).as_deref()
}

fn build() -> Option<PathBuf> {
    let compiler = support::oracle("riscv64-linux-gnu-gcc")?;
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Renamed when finished: another run of the tests may be about to start it.
    let unfinished = directory.join(format!("riscv64-harness.{}", std::process::id()));
    let built = Command::new(compiler)
        .args([
            "-nostdlib",
            "-static",
            "-fno-pic",
            "-no-pie",
            "-march=rv64gc",
        ])
        // An address that no scene comes upon.
        .args(["-Wl,-Ttext-segment=0x1357900000", "-o"])
        .arg(&unfinished)
        .arg("tests/oracle_riscv64/harness.S")
        .output()
        .expect("the compiler starts");
    let message = String::from_utf8_lossy(&built.stderr);
    assert!(
        built.status.success(),
        "the harness is not built: {message}"
    );
    let harness = directory.join("riscv64-harness");
    fs::rename(unfinished, &harness).expect("the directory is there");
    Some(harness)
}

/// A scene as the harness reads it.
fn question(scene: &Scene) -> Vec<u8> {
    let state = &scene.before;
    let register = |slot: u8| state.registers[usize::from(slot)];
    let mut bytes = Vec::with_capacity(REGISTERS + SLOT + PAGE as usize);
    let mut word = |value: u64| bytes.extend_from_slice(&value.to_le_bytes());
    word(state.pc);
    (1..32).for_each(|n| word(register(X + n)));
    (0..32).for_each(|n| word(register(F + n)));
    word(register(FRM) << 5 | register(FFLAGS));
    bytes.extend_from_slice(&scene.code);
    while bytes.len() < REGISTERS + SLOT {
        bytes.extend_from_slice(crate::BREAKPOINT);
    }
    bytes.extend_from_slice(&*state.data);
    bytes
}

/// What the harness wrote.
fn answer(scene: &Scene, bytes: &[u8; OUTPUT]) -> (Outcome, State) {
    let (words, data) = bytes.split_at(OUTPUT - PAGE as usize);
    let mut words = words
        .chunks_exact(8)
        .map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")));
    let mut next = || words.next().expect("the length was counted");
    let (signal, code, address) = (next(), next(), next());
    let mut state = State::new();
    state.pc = next();
    let mut set = |slot: u8, value: u64| state.registers[usize::from(slot)] = value;
    (1..32).for_each(|n| set(X + n, next()));
    (0..32).for_each(|n| set(F + n, next()));
    // fcsr has 32 bits; the kernel's structure is padded.
    let fcsr = next() & 0xffff_ffff;
    set(FFLAGS, fcsr & 31);
    set(FRM, fcsr >> 5);
    state.data.copy_from_slice(data);

    let outside = !(CODE..CODE + scene.code.len() as u64).contains(&state.pc);
    // QEMU looks beyond a breakpoint for the mark of a semihosting call, even where the page ends.
    let end = CODE + PAGE;
    let beyond = (end - 8..end).contains(&state.pc) && address == end;
    let outcome = match (signal, code) {
        (5, _) if outside => Outcome::Left,
        (11, _) if outside && (address == state.pc || beyond) => Outcome::Left,
        (4, _) => Outcome::Illegal,
        (5, _) => Outcome::Breakpoint,
        (11, 1) => Outcome::Unmapped(address),
        (11, 2) => Outcome::Protected(address),
        (7, 1) => Outcome::Misaligned(address),
        _ => Outcome::Other(signal, code),
    };
    (outcome, state)
}
