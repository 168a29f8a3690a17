//! Processors of RISC-V and MIPS (`--cpu`): what a program finds out about them, and that what they lack ends it.
//! x86-64's are in `tests/x86_64.rs`.
#![cfg(feature = "host")]

mod support;

use std::path::PathBuf;
use std::process::Command;

use support::{TempDir, guests, oracle, portolan, run, workspace};

/// A static program for a guest's first processor, compiled into a directory.
fn compiled(isa: &str, name: &str, flags: &[&str], directory: &TempDir) -> Option<PathBuf> {
    let triple = guests::named(isa).triple;
    let compiler = oracle(&format!("{triple}-gcc"))?;
    let program = directory.path().join(name);
    let source = workspace().join("tests/processors").join(name);
    let mut command = Command::new(compiler);
    command.args(["-static", "-O1", "-o"]).arg(&program);
    let built = run(command.args(flags).arg(source.with_extension("c")), b"");
    let told = String::from_utf8_lossy(&built.stderr);
    assert!(built.status == 0, "{name}: {told}");
    Some(program)
}

fn told(cpu: &str, program: &PathBuf) -> String {
    let mut text = String::new();
    for jit in ["off", "always"] {
        let mut command = portolan_with(jit);
        let end = run(command.args(["--cpu", cpu]).arg(program), b"");
        assert_eq!(end.status, 0, "{cpu}: {end:?}");
        assert!(
            text.is_empty() || text == end.text(),
            "{cpu}, --jit {jit}: {} not {text}",
            end.text()
        );
        text = end.text();
    }
    text
}

fn portolan_with(jit: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.args(["run", "--jit", jit]);
    command
}

#[test]
fn riscv() {
    let directory = TempDir::new();
    let Some(program) = compiled("riscv64", "riscv64", &[], &directory) else {
        return;
    };
    const ALL: &str = "hwcap IMAFDC\nhwprobe base IMA extensions FD C Zba Zbb Zbs\n\
        sh1add yes\nclz yes\nbset yes\nmul yes\n";
    const RVA20: &str = "hwcap IMAFDC\nhwprobe base IMA extensions FD C\n\
        sh1add SIGILL\nclz SIGILL\nbset SIGILL\nmul yes\n";
    const SOME: &str = "hwcap IMAFDC\nhwprobe base IMA extensions FD C Zbb\n\
        sh1add SIGILL\nclz yes\nbset SIGILL\nmul yes\n";
    for (cpu, expected) in [
        ("max", ALL),
        ("rv64gcb", ALL),
        ("rva20", RVA20),
        ("rv64gc", RVA20),
        ("rv64imafdc_zbb", SOME),
    ] {
        assert_eq!(told(cpu, &program), expected, "{cpu}");
    }

    // What ends it is named.
    let mut command = portolan();
    let end = run(command.args(["--cpu", "rv64i"]).arg(&program), b"");
    let card = String::from_utf8_lossy(&end.stderr);
    assert!(end.status == 128 + 4, "{end:?}");
    assert!(card.contains(" is C, which is not supported"), "{card}");
    let Some(mut qemu) = guests::named("riscv64").qemu() else {
        return;
    };
    qemu.args(["-cpu", "rv64,zba=off,zbs=off"]).arg(&program);
    let theirs = run(&mut qemu, b"").text();
    let comparable = |text: &str| {
        // QEMU 7.2 has no riscv_hwprobe.
        let lines = text.lines().filter(|line| !line.starts_with("hwprobe"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(comparable(&theirs), comparable(SOME), "QEMU");
}

#[test]
fn mips() {
    for (isa, older, newer, older_flags) in [
        ("mips", "mips32", "mips32r2", &["-march=mips32"][..]),
        ("mipsel", "mips32", "mips32r2", &["-march=mips32"]),
        ("mips64", "mips64", "mips64r2", &["-march=mips64"]),
        ("mips64el", "mips64", "mips64r2", &["-march=mips64"]),
    ] {
        let directory = TempDir::new();
        let mut flags = older_flags.to_vec();
        flags.extend(["-nostdlib", "-fno-pic", "-mno-abicalls", "-G0"]);
        let Some(program) = compiled(isa, "mips", &flags, &directory) else {
            return;
        };
        assert_eq!(
            told(newer, &program),
            format!("platform {newer}\next yes\nseb yes\nrotr yes\n"),
            "{isa}"
        );
        assert_eq!(told("max", &program), told(newer, &program));
        assert_eq!(
            told(older, &program),
            format!("platform {older}\next SIGILL\nseb SIGILL\nrotr SIGILL\n"),
            "{isa}"
        );
    }
}

#[test]
fn there_is_a_list() {
    let mut command = portolan();
    let end = run(command.args(["--cpu", "help"]), b"");
    assert_eq!(end.status, 0, "{end:?}");
    for name in [
        "riscv64",
        "rva20",
        "rv64imac_zba",
        "mips64r2",
        "x86-64-v3",
        "host",
    ] {
        assert!(end.text().contains(name), "{}", end.text());
    }
    let rom = workspace().join("roms/bin/riscv64/hello");
    let mut command = portolan();
    let end = run(command.args(["--cpu", "rv64gcv"]).arg(rom), b"");
    let told = String::from_utf8_lossy(&end.stderr);
    assert!(end.status == 125 || end.status == 126, "{end:?}");
    assert!(
        told.contains("no processor \"rv64gcv\"") && told.contains("rva20"),
        "{told}"
    );
}
