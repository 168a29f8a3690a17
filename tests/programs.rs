//! The programs of `tests/programs`, compiled by a cross compiler at every level of optimisation, print under Portolan
//! what they print when compiled for this machine.
#![cfg(feature = "host")]

mod support;

use std::collections::{BTreeSet, hash_map::DefaultHasher};
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, process};

use support::{oracle, oracle_dir, portolan, run, workspace};

/// Why these: see `tests/programs/README.md`.
const FLAGS: [&str; 2] = ["-std=gnu11", "-ffp-contract=off"];
const LIBRARIES: [&str; 2] = ["-lm", "-latomic"];

/// The cross compilers, with the name of the ISA they compile for.
const COMPILERS: [(&str, &str); 1] = [("riscv64", "riscv64-linux-gnu-gcc")];

/// Compiles a program statically, once: the result is kept below the oracle directory under the hash of all it depends
/// on, as compiling takes far longer than running.
fn compile(compiler: &Path, source: &Path, level: &str) -> PathBuf {
    let version = run(Command::new(compiler).arg("--version"), b"");
    let mut hasher = DefaultHasher::new();
    (
        compiler,
        version.stdout,
        fs::read(source).expect("its source"),
        level,
        FLAGS,
        LIBRARIES,
    )
        .hash(&mut hasher);
    let cache = oracle_dir().join("cache/programs");
    let name = source.file_stem().and_then(OsStr::to_str).expect("a name");
    let program = cache.join(format!("{name}{level}-{:016x}", hasher.finish()));
    if program.exists() {
        return program;
    }

    fs::create_dir_all(&cache).expect("a directory for what is compiled");
    // Under another name until it is whole: other tests look for it at the same time.
    let unfinished = program.with_extension(process::id().to_string());
    let end = run(
        Command::new(compiler)
            .args(["-static", level])
            .args(FLAGS)
            .arg("-o")
            .arg(&unfinished)
            .arg(source)
            .args(LIBRARIES),
        b"",
    );
    assert!(
        end.status == 0,
        "{} {level} {}:\n{}",
        compiler.display(),
        source.display(),
        String::from_utf8_lossy(&end.stderr)
    );
    fs::rename(&unfinished, &program).expect("a place in the cache");
    program
}

fn same_output_as_here(name: &str) {
    let source = workspace()
        .join("tests/programs")
        .join(name)
        .with_extension("c");
    let Some(native) = oracle("gcc") else { return };
    let expected = run(&mut Command::new(compile(&native, &source, "-O1")), b"");
    assert!(
        expected.status == 0 && !expected.stdout.is_empty(),
        "{name} fails on this machine: {expected:?}"
    );

    for (isa, compiler) in COMPILERS {
        let Some(compiler) = oracle(compiler) else {
            return;
        };
        for level in ["-O0", "-O1", "-O2", "-O3"] {
            let program = compile(&compiler, &source, level);
            let end = run(portolan().arg(&program), b"");
            let told = String::from_utf8_lossy(&end.stderr);
            assert_eq!(
                end.status,
                0,
                "{name} {level} on {isa}: {}\n{told}",
                program.display()
            );
            for (number, (ours, theirs)) in
                end.text().lines().zip(expected.text().lines()).enumerate()
            {
                let line = number + 1;
                assert_eq!(
                    ours,
                    theirs,
                    "{name} {level} on {isa}: line {line} of {}",
                    program.display()
                );
            }
            assert_eq!(
                end.text(),
                expected.text(),
                "{name} {level} on {isa}: {}",
                program.display()
            );
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
    calls echo events signals sockets spawning threads
}
