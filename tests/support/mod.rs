//! What the integration tests share: where the oracles are, and scratch directories.
//!
//! An *oracle* is somebody else's program or file that Portolan is compared with. A machine with nothing but Rust has
//! none: a test whose oracle is missing says so and returns early. With `PORTOLAN_ORACLES=required`, as in CI, it panics
//! instead, so that no test is skipped there unseen.
//!
//! ```ignore
//! let Some(qemu) = support::oracle("qemu-riscv64") else { return };
//! ```
#![allow(dead_code)] // every test file compiles this module for itself, and uses a part of it

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

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

fn found(what: &str, place: Option<PathBuf>) -> Option<PathBuf> {
    if place.is_none() {
        let message = format!("the oracle {what} is missing: tests/oracles/install.sh installs it");
        if env::var_os("PORTOLAN_ORACLES").is_some_and(|value| value == "required") {
            panic!("{message}");
        }
        eprintln!("test skipped: {message}");
    }
    place
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
