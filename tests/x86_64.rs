//! Programs of what only x86-64 has, with this machine's kernel and processor as the oracle: they print under Portolan,
//! interpreted and compiled, what they print without.
#![cfg(all(feature = "host", target_arch = "x86_64"))]

mod support;

use std::path::PathBuf;
use std::process::Command;

use support::{TempDir, oracle, oracle_path, run, workspace};

fn same_as_without(name: &str) {
    same_in(name, &["off", "always"]);
}

/// A program, compiled into a directory.
fn compiled(name: &str, directory: &TempDir) -> Option<PathBuf> {
    let compiler = oracle("x86_64-linux-gnu-gcc")?;
    let program = directory.path().join(name);
    let source = workspace().join("tests/x86_64").join(name);
    let built = run(
        Command::new(compiler)
            .args(["-static", "-O1", "-std=gnu11"])
            .args(has_vsyscalls().then_some("-DVSYSCALLS"))
            .arg("-o")
            .arg(&program)
            .arg(source.with_extension("c")),
        b"",
    );
    let told = String::from_utf8_lossy(&built.stderr);
    assert!(built.status == 0, "{name}: {told}");
    Some(program)
}

fn same_in(name: &str, modes: &[&str]) {
    let directory = TempDir::new();
    let Some(program) = compiled(name, &directory) else {
        return;
    };
    let expected = run(&mut Command::new(&program), b"");
    assert!(expected.status == 0, "{name} without: {expected:?}");
    for jit in modes {
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        let end = run(portolan.args(["run", "--jit", jit]).arg(&program), b"");
        let told = String::from_utf8_lossy(&end.stderr);
        for (number, (ours, theirs)) in (1..).zip(end.text().lines().zip(expected.text().lines())) {
            assert_eq!(ours, theirs, "{name}, line {number}, --jit {jit}\n{told}");
        }
        assert_eq!(
            (end.status, end.text()),
            (0, expected.text()),
            "{name}, --jit {jit}\n{told}"
        );
    }
}

/// Whether this machine's kernel has the page of vsyscalls as Portolan has it: not all have it at all.
fn has_vsyscalls() -> bool {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut lines = maps.lines();
    lines.any(|line| line.ends_with("[vsyscall]") && line.contains("--xp"))
}

#[test]
fn traps() {
    same_as_without("traps");
}

#[test]
fn vectors() {
    same_as_without("vectors");
}

#[test]
fn nans() {
    same_as_without("nans");
}

/// What glibc's dynamic linker makes of cpuid and the auxiliary vector, on each processor.
#[test]
fn processors() {
    let Some(linker) = oracle_path("/lib64/ld-linux-x86-64.so.2") else {
        return;
    };
    let help = |cpu: &str| {
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        run(
            portolan
                .args(["run", "--cpu", cpu])
                .arg(&linker)
                .arg("--help"),
            b"",
        )
    };
    for (cpu, highest) in [
        ("x86-64", 1),
        ("x86-64-v2", 2),
        ("x86-64-v3", 3),
        ("max", 3),
    ] {
        let end = help(cpu);
        for level in 2..=4 {
            let is_supported = end.text().contains(&format!("x86-64-v{level} (supported"));
            assert_eq!(is_supported, level <= highest, "{cpu}: {}", end.text());
        }
    }
    let end = help("x86-64-v9");
    let told = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 126, "{told}");
    let known = "there are max, x86-64-v3, x86-64-v2, x86-64";
    assert!(told.contains(known), "{told}");
}

/// What a processor does not have is refused, and the card names it.
#[test]
fn instructions_of_later_processors() {
    let Some(compiler) = oracle("x86_64-linux-gnu-gcc") else {
        return;
    };
    let directory = TempDir::new();
    let [source, program] = ["later.s", "later"].map(|name| directory.path().join(name));
    let code =
        ".globl _start\n_start: vaddps %ymm0,%ymm1,%ymm2\nmov $60,%eax\nmov $7,%edi\nsyscall\n";
    std::fs::write(&source, code).unwrap();
    let mut assemble = Command::new(compiler);
    run(
        assemble
            .args(["-nostdlib", "-static", "-o"])
            .arg(&program)
            .arg(&source),
        b"",
    );
    for jit in ["off", "always"] {
        for (cpu, status) in [("x86-64-v2", 128 + 4), ("x86-64-v3", 7)] {
            let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
            let end = run(
                portolan
                    .args(["run", "--jit", jit, "--cpu", cpu])
                    .arg(&program),
                b"",
            );
            let told = String::from_utf8_lossy(&end.stderr).into_owned();
            assert_eq!(end.status, status, "{cpu}: {told}");
            assert_eq!(told.contains("vaddps"), status != 7, "{cpu}: {told}");
        }
    }
}

#[test]
fn frames() {
    same_as_without("frames");
}

#[test]
fn calls() {
    same_as_without("calls");
}

#[test]
fn entries() {
    same_as_without("entries");
}

#[test]
fn patching() {
    same_as_without("patching");
}

#[test]
fn litmus() {
    same_in("litmus", &["off", "auto", "always", "baseline"]);
}

/// What threads see of it is seldom: here is the code.
#[test]
fn a_load_is_compiled_though_the_same_was_loaded_before_another() {
    let directory = TempDir::new();
    let Some(program) = compiled("litmus", &directory) else {
        return;
    };
    let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
    let place = ["--at", "load_x_y_x", "--jit", "--intel"];
    let end = run(portolan.arg("dis").arg(program).args(place), b"");
    let listing = end.text();
    // An instruction's line is followed by those of the host that came of it.
    let loads = |line: &str| line.contains(" mov ") && line.contains(",QWORD PTR [");
    let mut of_guest = Vec::new();
    for line in listing.lines().map(|line| line.replace('\t', " ")) {
        let is_guest = line
            .trim_start()
            .split(' ')
            .next()
            .is_some_and(|word| word.ends_with(':'));
        match of_guest.last_mut() {
            _ if is_guest => of_guest.push((loads(&line), 0)),
            // Not what it loads of the hart and the stack.
            Some((_, count))
                if loads(&line) && !line.contains("[rdi") && !line.contains("[rsp") =>
            {
                *count += 1;
            }
            _ => {}
        }
    }
    let compiled = of_guest.iter().filter(|(loads, _)| *loads);
    let compiled: Vec<usize> = compiled.map(|(_, count)| *count).collect();
    assert_eq!(compiled, [1, 1, 1], "{listing}");
}
