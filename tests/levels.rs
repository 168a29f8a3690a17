//! Debian's programs for x86-64 that have loops for each level of the processor (SSE2 to AVX2 and FMA, AES, SHA): at every
//! `--cpu` they give what they give on this machine, without Portolan.
#![cfg(all(feature = "host", target_arch = "x86_64"))]

mod support;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::commands::commands;
use support::{End, TempDir, guests, portolan, run, workspace};

const LEVELS: [&str; 4] = ["x86-64", "x86-64-v2", "x86-64-v3", "max"];

/// Where the libraries are that Debian chooses when packages are installed, not when they are unpacked.
const LINEAR_ALGEBRA: &str = "usr/lib/x86_64-linux-gnu/openblas-pthread";

/// Debian's root, and commands that run its programs on this machine, without Portolan.
struct Native {
    root: PathBuf,
    commands: PathBuf,
}

impl Native {
    fn new() -> Option<Native> {
        let root = guests::named("x86_64").debian_root()?;
        let commands = commands("native-x86_64", &root, |name, file| {
            let (root, file) = (root.display(), file.display());
            format!(
                "{root}/usr/lib64/ld-linux-x86-64.so.2 --library-path \
                 {root}/usr/lib/x86_64-linux-gnu:{root}/{LINEAR_ALGEBRA} --argv0 {name} {file}"
            )
        });
        Some(Native { root, commands })
    }

    /// A program of the sysroot, by the command that runs it.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.commands.join(name));
        command
            .env_clear()
            .env("PATH", path(&self.commands))
            .env("PYTHONHOME", self.root.join("usr"));
        command
    }

    /// The same program at a level.
    fn at_level(&self, level: &str, name: &str) -> Command {
        let mut command = portolan();
        command
            .args(["--cpu", level, "-0", name, "-L"])
            .arg(&self.root)
            .arg(self.root.join("usr/bin").join(name))
            .env_clear()
            .env("PATH", "/usr/bin")
            .env("LD_LIBRARY_PATH", Path::new("/").join(LINEAR_ALGEBRA));
        command
    }

    /// What a program makes of a script, in a directory of its own.
    fn end(&self, mut program: Command, script: &str) -> (End, TempDir) {
        let here = TempDir::new();
        program
            .arg(workspace().join("tests/levels").join(script))
            .current_dir(here.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("OPENBLAS_NUM_THREADS", "1"); // sums depend on how many there are
        (run(&mut program, b""), here)
    }
}

fn path(commands: &Path) -> OsString {
    let mut path = commands.as_os_str().to_owned();
    path.push(":/usr/bin:/bin"); // for the shell of the commands themselves
    path
}

#[track_caller]
fn same(level: &str, ours: &End, native: &End) {
    let told = String::from_utf8_lossy(&ours.stderr);
    for (number, (ours, native)) in (1..).zip(ours.text().lines().zip(native.text().lines())) {
        assert_eq!(ours, native, "line {number} at {level}\n{told}");
    }
    let ends = |end: &End| (end.status, end.stdout.len());
    assert_eq!(ends(ours), ends(native), "at {level}\n{told}");
}

/// Runs a shell's script at each level. What it does never depends on it.
fn everywhere_as_here(script: &str, made: impl Fn(&Native, &TempDir, &str)) {
    let Some(native) = Native::new() else { return };
    let (here, _) = native.end(native.program("dash"), script);
    assert!(here.status == 0, "{script} without Portolan: {here:?}");
    for level in LEVELS {
        let (ours, directory) = native.end(native.at_level(level, "dash"), script);
        same(level, &ours, &here);
        made(&native, &directory, level);
    }
}

#[test]
fn cryptography() {
    everywhere_as_here("cryptography.dash", |native, directory, level| {
        for name in ["rsa", "p256", "p384", "ed25519", "mldsa"] {
            let mut verify = native.program("openssl");
            verify
                .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-in", "part"])
                .args(["-inkey", &format!("{name}.public")])
                .args(["-sigfile", &format!("{name}.signature")])
                .current_dir(directory.path());
            let end = run(&mut verify, b"");
            assert!(end.status == 0, "{name}, signed at {level}: {end:?}");
        }
    });
}

#[test]
fn compression() {
    everywhere_as_here("compression.dash", |_, _, _| ());
}

/// What NumPy, OpenBLAS and libm compute depends on the level, in the last place: whether products and sums are fused, and
/// in which order vectors are summed. So this machine is told to do without what a level does not have.
#[test]
fn arrays() {
    let Some(native) = Native::new() else { return };
    const AS_V3: &[(&str, &str)] = &[
        (
            "NPY_DISABLE_CPU_FEATURES",
            "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
        ),
        ("OPENBLAS_CORETYPE", "Zen"),
    ];
    const AS_V2: &[(&str, &str)] = &[
        (
            "NPY_DISABLE_CPU_FEATURES",
            "AVX F16C FMA3 AVX2 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
        ),
        ("OPENBLAS_CORETYPE", "Prescott"),
        (
            "GLIBC_TUNABLES",
            "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-F16C",
        ),
    ];
    for (level, variables) in [("x86-64-v2", AS_V2), ("x86-64-v3", AS_V3), ("max", AS_V3)] {
        let mut here = native.program("python3");
        here.envs(variables.iter().copied());
        let (here, _) = native.end(here, "arrays.py");
        assert!(here.status == 0, "without Portolan: {here:?}");
        let (ours, _) = native.end(native.at_level(level, "python3"), "arrays.py");
        same(level, &ours, &here);
    }
    let (refused, _) = native.end(native.at_level("x86-64", "python3"), "arrays.py");
    let text = refused.text();
    assert!(
        text.contains("your machine doesn't support: (SSE3)"),
        "{text}"
    );
}
