//! QEMU's user mode as an oracle: one guest process (`harness.S` of the
//! instruction set) that runs one scene after another.

use crate::scene::Scene;
use crate::subject::{Emulator, Subject};
use crate::support;
use crate::world::{CODE, SLOT, State};
use portolan_machine::memory::{Order, PAGE};
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, thread};

/// How many seconds QEMU may think about one batch. They are counted one by one, because a machine that
/// sleeps in between must not use them up at once.
const PATIENCE: u32 = 60;

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
    /// Another signal, and its code.
    Signal(u64, u64),
}

/// A running QEMU.
pub struct Qemu {
    subject: &'static dyn Subject,
    child: Mutex<Child>,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Qemu {
    /// Starts QEMU, if it is there with the tools that build the guest's half.
    ///
    /// # Panics
    /// If the guest's half cannot be built or started.
    pub fn start(subject: &'static dyn Subject) -> Option<Qemu> {
        let emulator = subject.emulator();
        let qemu = support::oracle(emulator.program)?;
        let harness = harness(emulator)?;
        let processor = processor(emulator, &qemu);
        let mut child = Command::new(qemu)
            .args(["-cpu", processor])
            .arg(harness)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A scene that gets out of hand must not send its group's signals to us.
            .process_group(0)
            .spawn()
            .expect("QEMU starts");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        Some(Qemu {
            subject,
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
        let subject = self.subject;
        let (done, waiting) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                for scene in scenes {
                    // An error shows at the other end, as an answer that does not come.
                    let _ = input.write_all(&question(subject, scene));
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
                let mut bytes = vec![0; answer_length(subject, scene)];
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
                answer(subject, scene, &bytes)
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

/// The first of the processors that this QEMU has.
fn processor(emulator: &Emulator, qemu: &Path) -> &'static str {
    let help = Command::new(qemu).args(["-cpu", "help"]).output();
    let help = String::from_utf8_lossy(&help.expect("QEMU starts").stdout).into_owned();
    let known = |name: &str| {
        help.split(|c: char| c.is_whitespace() || c == '\'')
            .any(|word| word == name)
    };
    let mut processors = emulator.processors.iter().copied();
    processors
        .find(|processor| known(processor.split(',').next().unwrap_or_default()))
        .unwrap_or_else(|| panic!("{} has none of {:?}", emulator.program, emulator.processors))
}

/// The guest's half, built once; None without the tools.
fn harness(emulator: &Emulator) -> Option<PathBuf> {
    static BUILT: Mutex<BTreeMap<&str, Option<PathBuf>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built
        .entry(emulator.name)
        .or_insert_with(|| build(emulator))
        .clone()
}

fn build(emulator: &Emulator) -> Option<PathBuf> {
    let compiler = support::oracle(emulator.compiler)?;
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Renamed when finished: another run of the tests may be about to start it.
    let harness = directory.join(format!("{}-harness", emulator.name));
    let unfinished = harness.with_extension(std::process::id().to_string());
    let built = Command::new(compiler)
        .args(["-nostdlib", "-static", "-fno-pic", "-no-pie"])
        .args(emulator.flags)
        .arg("-o")
        .arg(&unfinished)
        .arg(emulator.harness)
        .output()
        .expect("the compiler starts");
    let message = String::from_utf8_lossy(&built.stderr);
    assert!(
        built.status.success(),
        "the harness is not built: {message}"
    );
    fs::rename(unfinished, &harness).expect("the directory is there");
    Some(harness)
}

/// A scene as the harness reads it.
fn question(subject: &dyn Subject, scene: &Scene) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in subject.words(&scene.before) {
        bytes.extend_from_slice(&match scene.guest.order() {
            Order::Little => word.to_le_bytes(),
            Order::Big => word.to_be_bytes(),
        });
    }
    let end = bytes.len() + SLOT;
    bytes.extend_from_slice(&scene.code);
    while bytes.len() < end {
        bytes.extend_from_slice(subject.breakpoint());
    }
    bytes.extend_from_slice(&*scene.before.data);
    bytes
}

fn answer_length(subject: &dyn Subject, scene: &Scene) -> usize {
    (3 + subject.words(&scene.before).len()) * 8 + PAGE as usize
}

/// What the harness wrote: the signal, its code, the address it is about, the registers, the data.
fn answer(subject: &dyn Subject, scene: &Scene, bytes: &[u8]) -> (Outcome, State) {
    let (words, data) = bytes.split_at(bytes.len() - PAGE as usize);
    let word = |word: &[u8]| {
        let word = word.try_into().expect("eight bytes");
        match scene.guest.order() {
            Order::Little => u64::from_le_bytes(word),
            Order::Big => u64::from_be_bytes(word),
        }
    };
    let words: Vec<u64> = words.chunks_exact(8).map(word).collect();
    let (signal, code, address) = (words[0], words[1], words[2]);
    let mut state = subject.state(&words[3..]);
    state.data.copy_from_slice(data);

    let outside = !(CODE..CODE + scene.code.len() as u64).contains(&state.pc);
    // QEMU looks beyond a breakpoint for the mark of a semihosting call, even where the page ends.
    let end = CODE + PAGE;
    let beyond = (end - 8..end).contains(&state.pc) && address == end;
    let outcome = match (signal, code) {
        (SIGTRAP, _) if outside => Outcome::Left,
        (SIGSEGV, _) if outside && (address == state.pc || beyond) => Outcome::Left,
        (SIGILL, _) => Outcome::Illegal,
        (SIGTRAP, TRAP_BRKPT) => Outcome::Breakpoint,
        (SIGSEGV, SEGV_MAPERR) => Outcome::Unmapped(address),
        (SIGSEGV, SEGV_ACCERR) => Outcome::Protected(address),
        (signal, BUS_ADRALN) if signal == subject.emulator().sigbus => Outcome::Misaligned(address),
        _ => Outcome::Signal(signal, code),
    };
    (outcome, state)
}

// The same for every instruction set, but for SIGBUS.
const SIGILL: u64 = 4;
const SIGTRAP: u64 = 5;
const SIGSEGV: u64 = 11;
const TRAP_BRKPT: u64 = 1;
const SEGV_MAPERR: u64 = 1;
const SEGV_ACCERR: u64 = 2;
const BUS_ADRALN: u64 = 1;
