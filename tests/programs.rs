//! The programs of `tests/programs`, compiled by each guest's cross compiler, print under Portolan what they print when
//! compiled for this machine: statically and dynamically linked, and for some guests at every level of optimisation and
//! with musl.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::collections::{BTreeSet, hash_map::DefaultHasher};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use support::guests::Guest;
use support::{cached, oracle, portolan, run, workspace};

/// Why these: see `tests/programs/README.md`.
const FLAGS: [&str; 2] = ["-std=gnu11", "-ffp-contract=off"];
const LIBRARIES: [&str; 2] = ["-lm", "-latomic"];

/// What C has for the wide guests only: a type of 128 bits.
const ONLY_WITH_64_BITS: [&str; 1] = ["wide"];

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

    /// Linked with the compiler's C library, running with that of the sysroot, which may be newer.
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
    fn musl(guest: &Guest, compiler: &Path, sysroot: &Path) -> Build {
        let isa = guest.isa;
        let of_compiler = |flag: &str| -> OsString {
            run(Command::new(compiler).arg(flag), b"")
                .text()
                .trim()
                .into()
        };
        let musl = format!("{isa}-linux-musl");
        let mut first = words(&["-w", "-O1", "-fPIE", "-pie", "-nostdinc", "-nostdlib"]);
        let mut directories = vec![
            sysroot.join("usr/include").join(&musl).into_os_string(),
            of_compiler("-print-file-name=include"),
        ];
        directories.extend(guest.kernel_headers().map(OsString::from));
        for directory in directories {
            first.extend(["-isystem".into(), directory]);
        }
        first.push(format!("-Wl,-dynamic-linker,/lib/ld-musl-{isa}.so.1").into());
        let ours = workspace().join("tests/programs/musl");
        first.extend(["-include".into(), ours.join("names.h").into()]);
        let start = Some(ours.join(format!("{isa}.c"))).filter(|file| file.exists());
        let start = start.unwrap_or(sysroot.join("usr/lib").join(&musl).join("Scrt1.o"));
        let library = sysroot.join(format!("lib/ld-musl-{isa}.so.1"));
        Build {
            name: "-musl",
            compiler: compiler.to_owned(),
            arguments: [
                first,
                vec![
                    start.into(),
                    ours.join("names.c").into(),
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
        let name = source.file_stem().and_then(OsStr::to_str).expect("a name");
        let name = format!("programs/{name}{}-{:016x}", self.name, hasher.finish());
        cached(&name, |program| {
            let end = run(
                Command::new(&self.compiler)
                    .args(before)
                    .args(FLAGS)
                    .arg("-o")
                    .arg(program)
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
        })
    }
}

fn same_output_as_here(name: &str, guest: &Guest) {
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

    let (Some(compiler), Some(sysroot)) = (guest.compiler(), guest.libraries()) else {
        return;
    };
    if guest.bits < 64 && ONLY_WITH_64_BITS.contains(&name) {
        return;
    }
    let levels: &[_] = match guest.every_level {
        true => &["-O0", "-O1", "-O2", "-O3"],
        false => &["-O2"],
    };
    let mut builds: Vec<_> = levels
        .iter()
        .map(|level| Build::static_at(level, &compiler))
        .collect();
    builds.push(Build::dynamic(&compiler, &sysroot));
    if guest.musl.is_some_and(|lacks| !lacks.contains(&name)) {
        builds.push(Build::musl(guest, &compiler, &sysroot));
    }
    for build in builds {
        let program = build.compile(&source);
        let mut command = portolan();
        if let Some(sysroot) = &build.sysroot {
            command.arg("-L").arg(sysroot);
        }
        let end = run(command.arg(&program), b"");
        let told = String::from_utf8_lossy(&end.stderr);
        let isa = guest.isa;
        let what = format!("{name} {} on {isa}: {}", build.name, program.display());
        for (number, (ours, theirs)) in (1..).zip(end.text().lines().zip(expected.text().lines())) {
            assert_eq!(ours, theirs, "{what}, line {number}\n{told}");
        }
        assert_eq!(
            (end.status, end.text()),
            (0, expected.text()),
            "{what}\n{told}"
        );
    }
}

/// One test a program and guest, so that they run side by side and a failure has its name.
macro_rules! programs {
    ($($name:ident)*) => {
        each_guest! { $($name: |guest| same_output_as_here(stringify!($name), guest);)* }

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
    calls cloning crowd echo events ipc locks rewriting signals sockets spawning system threads timers
}
