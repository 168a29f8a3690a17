//! The programs of `tests/programs`, compiled by a cross compiler at every level of optimisation and linked with several
//! C libraries, print under Portolan what they print when compiled for this machine.
#![cfg(feature = "host")]

mod support;

use std::collections::{BTreeSet, hash_map::DefaultHasher};
use std::ffi::{OsStr, OsString};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, process};

use support::{oracle, oracle_dir, oracle_file, portolan, run, workspace};

/// Why these: see `tests/programs/README.md`.
const FLAGS: [&str; 2] = ["-std=gnu11", "-ffp-contract=off"];
const LIBRARIES: [&str; 2] = ["-lm", "-latomic"];

/// The cross compilers, with the name of the ISA they compile for.
const COMPILERS: [(&str, &str); 1] = [("riscv64", "riscv64-linux-gnu-gcc")];

/// What musl does differently, and may: it rounds and prints other digits, and its first real-time signal is another.
/// Its `clone` makes no threads. `calls` crashes with it under QEMU, too, and `sockets` hangs.
const NOT_ON_MUSL: [&str; 7] = [
    "calls", "cloning", "floats", "formats", "mathlib", "signals", "sockets",
];

/// One way to make a program of a source.
struct Build {
    /// For messages and for the name of what is compiled.
    name: &'static str,
    compiler: PathBuf,
    /// Before and after the source.
    arguments: [Vec<OsString>; 2],
    /// Where its libraries are when it runs.
    sysroot: Option<PathBuf>,
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

impl Build {
    fn static_at(level: &'static str, compiler: &Path) -> Build {
        Build {
            name: level,
            compiler: compiler.to_owned(),
            arguments: [words(&["-static", level]), words(&LIBRARIES)],
            sysroot: None,
        }
    }

    /// Linked with the compiler's C library, running with that of a newer Debian.
    fn dynamic(compiler: &Path, sysroot: &Path) -> Build {
        Build {
            name: "-dynamic",
            compiler: compiler.to_owned(),
            arguments: [
                words(&["-O2"]),
                words(&["-Wl,--as-needed", "-lm", "-latomic"]),
            ],
            sysroot: Some(sysroot.to_owned()),
        }
    }

    /// Linked with musl.
    fn musl(isa: &str, compiler: &Path, sysroot: &Path) -> Build {
        let of_compiler = |flag: &str| -> OsString {
            run(Command::new(compiler).arg(flag), b"")
                .text()
                .trim()
                .into()
        };
        let musl = format!("{isa}-linux-musl");
        let mut first = words(&["-w", "-O1", "-fPIE", "-pie", "-nostdinc", "-nostdlib"]);
        for directory in [
            sysroot.join("usr/include").join(&musl).into_os_string(),
            of_compiler("-print-file-name=include"),
            // The kernel's.
            format!("/usr/{isa}-linux-gnu/include").into(),
        ] {
            first.extend(["-isystem".into(), directory]);
        }
        first.push(format!("-Wl,-dynamic-linker,/lib/ld-musl-{isa}.so.1").into());
        let start = workspace().join(format!("tests/programs/musl/{isa}.c"));
        let library = sysroot.join("usr/lib").join(&musl).join("libc.so");
        Build {
            name: "-musl",
            compiler: compiler.to_owned(),
            arguments: [
                first,
                vec![
                    start.into(),
                    library.into(),
                    "-lgcc".into(),
                    of_compiler("-print-file-name=libatomic.a"),
                ],
            ],
            sysroot: Some(sysroot.to_owned()),
        }
    }

    /// Compiles a program, once: the result is kept below the oracle directory under the hash of all it depends on, as
    /// compiling takes far longer than running.
    fn compile(&self, source: &Path) -> PathBuf {
        let version = run(Command::new(&self.compiler).arg("--version"), b"");
        let mut hasher = DefaultHasher::new();
        let [before, after] = &self.arguments;
        let bytes = fs::read(source).expect("its source");
        let others = after.iter().filter_map(|file| fs::read(file).ok());
        let others: Vec<_> = others.collect();
        (
            (&self.compiler, version.stdout),
            (bytes, others),
            (before, after, FLAGS),
        )
            .hash(&mut hasher);
        let cache = oracle_dir().join("cache/programs");
        let name = source.file_stem().and_then(OsStr::to_str).expect("a name");
        let program = cache.join(format!("{name}{}-{:016x}", self.name, hasher.finish()));
        if program.exists() {
            return program;
        }

        fs::create_dir_all(&cache).expect("a directory for what is compiled");
        // Under another name until it is whole: other tests look for it at the same time.
        let unfinished = program.with_extension(process::id().to_string());
        let end = run(
            Command::new(&self.compiler)
                .args(before)
                .args(FLAGS)
                .arg("-o")
                .arg(&unfinished)
                .arg(source)
                .args(after),
            b"",
        );
        assert!(
            end.status == 0,
            "{} {} {}:\n{}",
            self.compiler.display(),
            self.name,
            source.display(),
            String::from_utf8_lossy(&end.stderr)
        );
        fs::rename(&unfinished, &program).expect("a place in the cache");
        program
    }
}

fn same_output_as_here(name: &str) {
    let source = workspace()
        .join("tests/programs")
        .join(name)
        .with_extension("c");
    let Some(native) = oracle("gcc") else { return };
    let native = Build::static_at("-O1", &native).compile(&source);
    let expected = run(&mut Command::new(native), b"");
    assert!(
        expected.status == 0 && !expected.stdout.is_empty(),
        "{name} fails on this machine: {expected:?}"
    );

    for (isa, compiler) in COMPILERS {
        let Some(compiler) = oracle(compiler) else {
            return;
        };
        let mut builds: Vec<_> = ["-O0", "-O1", "-O2", "-O3"]
            .map(|level| Build::static_at(level, &compiler))
            .into();
        if let Some(sysroot) = oracle_file(isa) {
            builds.push(Build::dynamic(&compiler, &sysroot));
            if !NOT_ON_MUSL.contains(&name) {
                builds.push(Build::musl(isa, &compiler, &sysroot));
            }
        }
        for build in builds {
            let program = build.compile(&source);
            let mut command = portolan();
            if let Some(sysroot) = &build.sysroot {
                command.arg("-L").arg(sysroot);
            }
            let end = run(command.arg(&program), b"");
            let told = String::from_utf8_lossy(&end.stderr);
            let what = format!("{name} {} on {isa}: {}", build.name, program.display());
            assert_eq!(end.status, 0, "{what}\n{told}");
            for (number, (ours, theirs)) in
                (1..).zip(end.text().lines().zip(expected.text().lines()))
            {
                assert_eq!(ours, theirs, "{what}, line {number}");
            }
            assert_eq!(end.text(), expected.text(), "{what}");
        }
    }
}

/// One test a program, so that they run side by side and a failure has its name.
macro_rules! programs {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                same_output_as_here(stringify!($name));
            }
        )*

        #[test]
        fn none_is_forgotten() {
            let listed: BTreeSet<_> = [$(stringify!($name).to_owned()),*].into();
            let there: BTreeSet<_> = fs::read_dir(workspace().join("tests/programs"))
                .expect("tests/programs")
                .map(|entry| entry.expect("an entry").path())
                .filter(|path| path.extension() == Some(OsStr::new("c")))
                .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
                .collect();
            assert_eq!(listed, there);
        }
    };
}

programs! {
    atomics bignum bits dijkstra dispatch floats formats integers json jumps
    life lz matching mathlib matrix sorting structs trees varargs wide
    calls cloning echo events ipc locks signals sockets spawning system threads timers
}
