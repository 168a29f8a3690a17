//! What the integration tests share: where the oracles are, running programs, and scratch directories.
//!
//! An *oracle* is somebody else's program or file that Portolan is compared with. A machine with nothing but Rust has
//! none: a test whose oracle is missing says so and returns early. With `PORTOLAN_ORACLES=required`, as in CI, it panics
//! instead, so that no test is skipped there unseen.
//!
//! ```ignore
//! let Some(qemu) = support::oracle("qemu-riscv64") else { return };
//! ```
#![allow(dead_code, unused_macros)] // every test file compiles this module for itself, and uses a part of it

pub mod commands;
#[macro_use]
pub mod guests;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where `tests/oracles/install.sh` unpacks foreign files: one root directory an ISA, `riscv64/bin/busybox` and so on.
/// Tests may keep what is slow to make below its `cache`.
pub fn oracle_dir() -> PathBuf {
    env::var_os("PORTOLAN_ORACLE_DIR")
        .map_or_else(|| workspace().join("target/oracles"), PathBuf::from)
}

/// A tool on `PATH`, such as `qemu-riscv64` or `riscv64-linux-gnu-gcc`.
///
/// # Panics
/// When it is missing and oracles are required; so does [`oracle_file`].
pub fn oracle(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    found(
        name,
        env::split_paths(&path)
            .map(|directory| directory.join(name))
            .find(|file| file.is_file()),
    )
}

/// A file below [`oracle_dir`], such as `riscv64/bin/busybox`.
pub fn oracle_file(relative: &str) -> Option<PathBuf> {
    found(
        relative,
        Some(oracle_dir().join(relative)).filter(|file| file.exists()),
    )
}

/// A file of the system, such as a C library of a cross compiler.
pub fn oracle_path(path: &str) -> Option<PathBuf> {
    found(path, Some(PathBuf::from(path)).filter(|file| file.exists()))
}

/// A file in the cache below [`oracle_dir`], made by `make` under the name it is given unless it is there: for what
/// takes long to make. Its name holds a hash of all that it depends on.
///
/// # Panics
/// When there is no place for it.
pub fn cached(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    static BEING_MADE: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    // Another test that failed to make it says so itself.
    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
    let maker = Arc::clone(lock(&BEING_MADE).entry(name.to_owned()).or_default());
    let _makes_it = lock(&maker);
    let file = oracle_dir().join("cache").join(name);
    if !file.exists() {
        fs::create_dir_all(file.parent().expect("it has one")).expect("a directory of the cache");
        // Under another name until it is whole: another run of the tests looks for it at the same time.
        let unfinished = file.with_extension(process::id().to_string());
        make(&unfinished);
        fs::rename(&unfinished, &file).expect("a place in the cache");
    }
    file
}

fn found(what: &str, place: Option<PathBuf>) -> Option<PathBuf> {
    if place.is_none() {
        let message = format!("the oracle {what} is missing: tests/oracles/install.sh installs it");
        if env::var_os("PORTOLAN_ORACLES").is_some_and(|value| value == "required") {
            panic!("{message}");
        }
        eprintln!("skipped: {message}");
    }
    place
}

/// The command that runs a guest program; the program and its arguments follow. `PORTOLAN_TEST_JIT`
/// says what of it is compiled, as `--jit` does.
pub fn portolan() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.arg("run");
    if let Some(what) = env::var_os("PORTOLAN_TEST_JIT") {
        command.arg("--jit").arg(what);
    }
    command
}

/// How a program ended, and what it wrote.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    /// As a shell's `$?`: the exit status, or 128 and the number of the signal that killed it.
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl End {
    /// Standard output as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Long enough for everything the tests run; a program still running then hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a command to its end, with `input` as its standard input.
///
/// # Panics
/// When it cannot be started, or is not done after [`LIMIT`].
pub fn run(command: &mut Command, input: &[u8]) -> End {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("piped");
    let mut stdout = child.stdout.take().expect("piped");
    let mut stderr = child.stderr.take().expect("piped");
    // All three at once: a program that waits for one of its pipes must not wait for us.
    thread::scope(|scope| {
        scope.spawn(move || {
            let _ = stdin.write_all(input); // a program need not read its input
        });
        let out = scope.spawn(move || all(&mut stdout));
        let err = scope.spawn(move || all(&mut stderr));
        let started = Instant::now();
        let status = loop {
            match child.try_wait().expect("our own child") {
                Some(status) => break status,
                None if started.elapsed() < LIMIT => thread::sleep(Duration::from_millis(1)),
                None => {
                    let _ = child.kill();
                    panic!("{command:?} is not done after {LIMIT:?}");
                }
            }
        };
        End {
            status: status
                .code()
                .or(status.signal().map(|signal| 128 + signal))
                .expect("it ended"),
            stdout: out.join().expect("reading"),
            stderr: err.join().expect("reading"),
        }
    })
}

fn all(from: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes); // what came before an error is what there is to compare
    bytes
}

/// A directory of a test's own, removed with all in it when dropped.
pub struct TempDir(PathBuf);

impl TempDir {
    /// # Panics
    /// When the directory cannot be made.
    pub fn new() -> TempDir {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("portolan-test-{}-{number}", process::id()));
        fs::create_dir_all(&path)
            .unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
        TempDir(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // a test that failed must report its own failure, not this one's
    }
}
