//! `portolan doctor`: what a program needs, found and missing.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use support::guests::Guest;
use support::{End, TempDir, oracle, run, workspace};

fn doctor(words: &[&Path]) -> End {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    run(command.arg("doctor").args(words), b"")
}

fn contains(end: &End, parts: &[&str]) {
    let text = end.text();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
}

fn rom(isa: &str, name: &str) -> std::path::PathBuf {
    workspace().join("roms/bin").join(isa).join(name)
}

fn a_static_program_that_runs(guest: &Guest) {
    let end = doctor(&[&rom(guest.isa, "hello")]);
    assert_eq!(end.status, 0, "{}", end.text());
    contains(
        &end,
        &[
            &format!("a program for {}", guest.title),
            "write",
            "exit",
            "(an estimate)",
            "It should run.",
        ],
    );
}

#[test]
fn a_program_without_a_guest() {
    let end = doctor(&[&rom("aarch64", "hello")]);
    assert_eq!(end.status, 1);
    contains(
        &end,
        &["a program for AArch64", "It lacks:\n  a guest for it"],
    );
    let end = doctor(&[Path::new("/nonexistent/program")]);
    assert_eq!(end.status, 127);
}

/// Instructions that are none, and a call that Linux does not have.
#[test]
fn what_the_code_says() {
    let Some(compiler) = oracle("riscv64-linux-gnu-gcc") else {
        return;
    };
    let scratch = TempDir::new();
    let (source, program) = (scratch.path().join("p.S"), scratch.path().join("p"));
    fs::write(
        &source,
        "    .globl _start\n_start:\n    li a7, 93\n    ecall\n    .insn r 0x0b, 0, 0, a0, a1, a2\n    \
         .insn r 0x0b, 0, 0, a0, a1, a2\n    li a7, 64\n    beqz a0, 1f\n    ecall\n1:  lw a7, 0(sp)\n    ecall\n    \
         li a7, 4000\n    ecall\n",
    )
    .unwrap();
    let mut compile = Command::new(compiler);
    compile
        .args(["-nostdlib", "-static", "-o"])
        .arg(&program)
        .arg(&source);
    let built = run(&mut compile, b"");
    assert_eq!(
        built.status,
        0,
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let end = doctor(&[&program]);
    assert_eq!(end.status, 1);
    contains(
        &end,
        &[
            "0b 85 c5 00  2 times, at 0x",
            "write exit 4000 (an estimate)",
            "and 1 whose number",
            "not offered   4000: ",
            "2 instructions that riscv64 does not have",
        ],
    );
}

fn libraries_are_followed_and_missed(guest: &Guest) {
    let (Some(compiler), Some(root)) = (guest.compiler(), guest.libraries()) else {
        return;
    };
    let scratch = TempDir::new();
    let at = scratch.path();
    fs::create_dir(at.join("beside")).unwrap();
    fs::write(at.join("l.c"), "int l(void) { return 1; }").unwrap();
    fs::write(at.join("v1"), "V1 { global: l; local: *; };").unwrap();
    fs::write(at.join("v2"), "V2 { global: l; local: *; };").unwrap();
    fs::write(
        at.join("p.c"),
        "#include <stdio.h>\nint l(void);\nint main(void) { return puts(\"\") + l(); }",
    )
    .unwrap();
    let compile = |words: &[&str]| {
        let end = run(Command::new(&compiler).args(words).current_dir(at), b"");
        assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    };
    let library = |script: &str| {
        let script = format!("-Wl,--version-script={script}");
        compile(&["-shared", "-fPIC", "-o", "beside/libl.so", "l.c", &script]);
    };
    library("v2");
    compile(&[
        "-o",
        "p",
        "p.c",
        "-Lbeside",
        "-ll",
        "-Wl,-rpath,$ORIGIN/beside,--enable-new-dtags",
    ]);
    let examined = || doctor(&[Path::new("-L"), &root, &at.join("p")]);
    let end = examined();
    assert_eq!(end.status, 0, "{}", end.text());
    contains(
        &end,
        &[
            &format!("interpreter   {}", guest.interpreter),
            "libl.so => ",
            "/beside/libl.so",
            "libc.so.6 => /",
        ],
    );
    if guest.isa == "riscv64" {
        contains(&end, &["rv64"]); // its attributes
    }
    library("v1");
    let end = examined();
    assert_eq!(end.status, 1);
    contains(&end, &["version V2 in libl.so, needed by "]);
    fs::remove_file(at.join("beside/libl.so")).unwrap();
    contains(
        &examined(),
        &[
            "libl.so is missing",
            "It lacks:\n  the library libl.so, needed by ",
        ],
    );
    // A file of another instruction set is passed over, as the dynamic linker does.
    fs::copy(rom("aarch64", "hello"), at.join("beside/libl.so")).unwrap();
    contains(&examined(), &["libl.so is missing"]);
    let script = at.join("script");
    fs::write(&script, format!("#!{}\n", at.join("p").display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let end = doctor(&[Path::new("--json"), Path::new("-L"), &root, &script]);
    let json: serde_json::Value = serde_json::from_slice(&end.stdout).unwrap();
    assert_eq!(json["scripts"][0], script.to_str().unwrap());
    assert!(
        json["missing"][0].as_str().unwrap().contains("libl.so"),
        "{json}"
    );
    assert_eq!(end.status, 1);
}

/// Debian's programs, which run here.
fn real_programs_lack_nothing(guest: &Guest) {
    let Some(root) = guest.debian_root() else {
        return;
    };
    let end = doctor(&[Path::new("-L"), &root, &root.join("bin/bash")]);
    assert_eq!(end.status, 0, "{}", end.text());
    contains(&end, &["libtinfo.so.6 => /", "It should run."]);
}

each_guest! {
    a_static_program_that_runs: super::a_static_program_that_runs;
    libraries_are_followed_and_missed: super::libraries_are_followed_and_missed;
    real_programs_lack_nothing: super::real_programs_lack_nothing;
}
