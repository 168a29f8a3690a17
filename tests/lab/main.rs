//! `portolan check`: labs, right answers, wrong ones, and dishonest ones.
#![cfg(feature = "host")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod breaches;
mod cheats;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{End, TempDir, guests::Guest, oracle, run, workspace};

fn check(lab: &Path, program: &Path, flags: &[&str]) -> End {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.arg("check").args(flags).arg(lab).arg(program);
    run(&mut command, b"")
}

/// What a check says as JSON, and its exit status.
fn verdict(lab: &Path, program: &Path) -> (Value, i32) {
    let end = check(lab, program, &["--json"]);
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    let parsed = serde_json::from_slice(&end.stdout);
    (
        parsed.unwrap_or_else(|error| panic!("{error}: {errors}")),
        end.status,
    )
}

/// The results that failed: their names.
fn failed(verdict: &Value) -> Vec<&str> {
    let results = verdict["results"].as_array().expect("results");
    let failed = results.iter().filter(|it| it["passed"] == false);
    failed
        .map(|it| it["name"].as_str().expect("a name"))
        .collect()
}

/// What all differences of a result say.
fn differences(verdict: &Value, name: &str) -> String {
    let results = verdict["results"].as_array().expect("results");
    let found = results.iter().find(|it| it["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {verdict}"))["differences"].to_string()
}

/// A lab, in a directory of its own.
fn lab(scratch: &TempDir, text: &str) -> PathBuf {
    let path = scratch.path().join("lab.toml");
    fs::write(&path, text).expect("a lab");
    path
}

/// A program for a simulator, made by binutils.
fn assembled(tools: &str, source: &Path, scratch: &TempDir) -> Option<PathBuf> {
    let name = source.file_stem().expect("a name").to_string_lossy();
    let (object, program) = (scratch.path().join("object"), scratch.path().join(&*name));
    let mut assemble = Command::new(oracle(&format!("{tools}-as"))?);
    let end = run(assemble.arg("-o").arg(&object).arg(source), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let mut link = Command::new(oracle(&format!("{tools}-ld"))?);
    link.args(["--no-relax", "-Tdata=0x10010000", "-e", "main", "-o"]);
    let end = run(link.arg(&program).arg(&object), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some(program)
}

/// A program of Linux, made by a guest's C compiler.
fn compiled(guest: &Guest, source: &Path, scratch: &TempDir) -> Option<PathBuf> {
    let name = source.file_stem().expect("a name").to_string_lossy();
    let program = scratch.path().join(&*name);
    let mut compile = Command::new(guest.compiler()?);
    compile.args([
        "-O1",
        "-static",
        "-fno-stack-protector",
        "-fno-inline",
        "-o",
    ]);
    let end = run(compile.arg(&program).arg(source), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some(program)
}

fn sample(name: &str) -> PathBuf {
    workspace().join("roms/labs").join(name)
}

/// Checks the answers of a sample: the right one, and what fails of the wrong one.
fn check_sample(name: &str, [solution, wrong]: [PathBuf; 2], failures: &[&str]) {
    let lab = sample(name).join("lab.toml");
    let (right, status) = verdict(&lab, &solution);
    assert_eq!((failed(&right).as_slice(), status), (&[][..], 0), "{right}");
    assert_eq!(right["points"], right["possible"]);
    let (wrong, status) = verdict(&lab, &wrong);
    assert_eq!(
        (failed(&wrong).as_slice(), status),
        (failures, 1),
        "{wrong}"
    );
}

#[test]
fn samples_for_simulators() {
    let factorial: &[&str] = &[
        "asks for a number and prints its factorial",
        "factorial(10)",
        "the calling convention (o32)",
    ];
    let sort: &[&str] = &[
        "prints the numbers in order",
        "sort of two numbers",
        "sort of ten numbers in the wrong order",
        "sort of negative numbers",
        "sort of the first three leaves the rest alone",
    ];
    for (name, tools, failures) in [
        ("factorial", "mipsel-linux-gnu", factorial),
        ("factorial", "mips-linux-gnu", factorial),
        ("sort", "riscv64-linux-gnu", sort),
    ] {
        let sources = ["solution.s", "wrong.s"].map(|it| sample(name).join(it));
        check_sample(name, sources, failures);
        let scratch = TempDir::new();
        let answer = |it| assembled(tools, &sample(name).join(it), &scratch);
        let (Some(solution), Some(wrong)) = (answer("solution.s"), answer("wrong.s")) else {
            return;
        };
        check_sample(name, [solution, wrong], failures);
    }
}

fn check_c_sample(guest: &Guest) {
    let scratch = TempDir::new();
    let answer = |it| compiled(guest, &sample("multiply").join(it), &scratch);
    let (Some(solution), Some(wrong)) = (answer("solution.c"), answer("wrong.c")) else {
        return;
    };
    check_sample("multiply", [solution, wrong], &["the instructions used"]);
}

/// Roms need no compiler.
fn check_rom(guest: &Guest) {
    let scratch = TempDir::new();
    let text = "
        title = 'Fibonacci'
        [[case]]
        name = 'prints fib(20)'
        stdout = 'fib(20) = 6765'
        status = 0
        [[case]]
        name = 'prints another'
        arguments = [10]
        stdout = 'fib\\(10\\) = [56]+'
        compare = 'regex'
        steps = 2
        [[call]]
        function = 'fib'
        arguments = [15]
        result = 610
        [[call]]
        function = 'fib'
        arguments = [2]
        result = 2
        hint = 'Count again.'
        [[call]]
        function = 'fibb'
        [convention]
    ";
    let rom = workspace().join("roms/bin").join(guest.isa).join("fib");
    let (verdict, status) = verdict(&lab(&scratch, text), &rom);
    assert_eq!(status, 1);
    assert_eq!(
        failed(&verdict),
        ["prints another", "fib(2)", "fibb()"],
        "{verdict}"
    );
    let found = differences(&verdict, "prints another");
    assert!(
        found.contains("stopped after 2 instructions, at _start"),
        "{found}"
    );
    assert_eq!(
        differences(&verdict, "fib(2)"),
        r#"[{"expected":"2","got":"1","what":"the result"}]"#
    );
    assert!(differences(&verdict, "fibb()").contains("has no function fibb"));
    assert_eq!(
        (&verdict["points"], &verdict["possible"]),
        (&3.into(), &6.into())
    );
}
each_guest! {
    sample_for_linux: check_c_sample;
    rom_without_a_compiler: check_rom;
}

#[test]
fn a_source_with_errors_cannot_be_checked() {
    let scratch = TempDir::new();
    let path = scratch.path().join("wrong.s");
    fs::write(&path, "main: addd $t0, $t1, $t2\n").expect("a source");
    let end = check(&sample("factorial").join("lab.toml"), &path, &[]);
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 2, "{errors}");
    assert!(
        errors.contains("wrong.s:1: no instruction is called addd"),
        "{errors}"
    );
}

#[test]
fn people_read_what_differs() {
    let scratch = TempDir::new();
    let text = "
        title = 'Fibonacci'
        [[case]]
        name = 'prints it'
        stdout = '''
        fib(20) = 6764
        '''
        status = 1
        hint = '''
        Count again,
        and again.'''
        [[case]]
        name = 'ends'
    ";
    let rom = workspace().join("roms/bin/riscv64/fib");
    let end = check(&lab(&scratch, text), &rom, &[]);
    let expected = "Fibonacci: fib (riscv64)
  FAILED  prints it
          the exit status
            expected  1
            got       0
          standard output, from line 1
            expected          fib(20) = 6764
            got       fib(20) = 6765
          hint              Count again,
                            and again.
  passed  ends
1 of 2 failed; 1 of 2 points
";
    assert_eq!((end.text().as_str(), end.status), (expected, 1));
}

#[test]
fn arguments_of_all_kinds() {
    let text = r#"
        title = 'Arguments'
        [[call]]
        function = 'ninth'
        arguments = [1, 2, 3, 4, 5, 6, 7, 8, -900]
        result = -900
        [[call]]
        function = 'length'
        arguments = ['portolan']
        result = 8
        [[call]]
        function = 'name'
        arguments = [2]
        result = 'two'
        [[call]]
        function = 'half'
        arguments = [5]
        result = 2.5
        [[call]]
        function = 'wide'
        arguments = [1]
        result = 0x7fffffff
        [[call]]
        function = 'reverse'
        arguments = ['abc']
        memory = [
            { argument = 0, string = 'cba' },
            { symbol = 'reversed', words = [1] },
            { symbol = 'table', offset = 2, halves = [7, -8] },
            { symbol = 'ratio', doubles = [0.25] },
        ]
        [[case]]
        name = 'files'
        stdin = 'from'
        files = { 'in.txt' = 'to' }
        written = { 'out.txt' = 'from to' }
        stderr = 'done'
        [[call]]
        name = 'wrong memory'
        function = 'reverse'
        arguments = ['abc']
        memory = [
            { argument = 0, string = 'cbb' },
            { symbol = 'table', halves = [1, 2] },
            { symbol = 'nowhere', bytes = [1] },
        ]
        [convention]
    "#;
    let source = workspace().join("tests/lab/arguments.c");
    for isa in ["riscv64", "mips", "mipsel", "mips64", "x86_64"] {
        let scratch = TempDir::new();
        let Some(program) = compiled(support::guests::named(isa), &source, &scratch) else {
            return;
        };
        let (verdict, _) = verdict(&lab(&scratch, text), &program);
        assert_eq!(failed(&verdict), ["wrong memory"], "{isa}: {verdict}");
        let found = differences(&verdict, "wrong memory");
        assert!(found.contains(r#""got":"\"cba\"""#), "{found}");
        assert!(found.contains(r#""got":"3 7""#), "{found}");
        assert!(found.contains("no such symbol"), "{found}");
    }
}

#[test]
fn what_cannot_be_used_is_refused() {
    let scratch = TempDir::new();
    let rom = |isa: &str| workspace().join("roms/bin").join(isa).join("fib");
    let refused = |text: &str, program: &Path, why: &str| {
        let end = check(&lab(&scratch, text), program, &[]);
        let errors = String::from_utf8_lossy(&end.stderr).into_owned();
        assert_eq!(end.status, 2, "{errors}");
        assert!(errors.contains(why), "{errors}");
        assert!(end.stdout.is_empty(), "{}", end.text());
    };
    let case = "[[case]]\nname = 'a'\n";
    let with = |rest: &str| format!("title = 'x'\n{rest}\n{case}");
    let riscv = rom("riscv64");
    refused(&with("stepps = 1"), &riscv, "line 2");
    refused(
        &with("isas = ['mips']"),
        &riscv,
        "it is for riscv64; the lab is for mips",
    );
    refused(
        &with("isas = ['mpis']"),
        &riscv,
        "no instruction set is called \"mpis\"",
    );
    refused(&with("machine = 'spim'"), &riscv, "spim is for mips");
    refused(
        &with("[instructions]\nforbidden = ['imul']"),
        &riscv,
        "no instruction is called",
    );
    let registers = format!("title = 'x'\n{case}registers = {{ t9 = 1 }}");
    refused(&registers, &riscv, "riscv64 has no register \"t9\"");
    refused(&with(""), Path::new("Cargo.toml"), "no ELF file");
    refused(&with(""), Path::new("/nowhere"), "/nowhere");
    let end = check(Path::new("/nowhere"), &riscv, &[]);
    assert_eq!(end.status, 2);
}
