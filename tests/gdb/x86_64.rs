//! Real gdb on programs of x86-64, where it can run the same program natively, too.

use crate::real::{assert_said, gdb_command};
use crate::support::guests::named;
use crate::support::{self, TempDir, oracle, workspace};
use crate::waiting::{Compiled, Waiting};
use std::process::Command;

/// What gdb says of all registers is the same, whoever runs the program.
#[test]
fn registers_are_shown_as_those_of_the_processor() {
    let Some(program) = Assembled::new() else {
        return;
    };
    let mut commands = vec!["info float".to_owned(), "info registers eflags".to_owned()];
    let general = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags \
         cs ss ds es fs gs fs_base gs_base orig_rax al ah bx r9d r10w mxcsr \
         st0 st1 st2 st3 st4 st5 st6 st7 fctrl fstat ftag fiseg foseg mm0 mm3";
    commands.extend(
        general
            .split_whitespace()
            .map(|name| format!("info registers {name}")),
    );
    let lanes = [
        "v4_float",
        "v2_double",
        "v16_int8",
        "v8_int16",
        "v4_int32",
        "v2_int64",
    ];
    for n in 0..16 {
        commands.extend(lanes.map(|lanes| format!("p $xmm{n}.{lanes}")));
        commands.push(format!("p/x $xmm{n}.uint128"));
    }
    // What is written is read again, and the rest is as before.
    for change in [
        "$eflags = 0x246",
        "$rax = -1",
        "$ax = 2",
        "$xmm5.v4_float[1] = 1.5",
        "$mxcsr = 0x1fa0",
        "$st1 = 2.75",
        "$fstat = 0x2800",
        "$ftag = 0xffff",
        "$fctrl = 0x27f",
        "$fs_base = 0x4000",
    ] {
        commands.push(format!("set var {change}"));
        commands.extend(["info float".to_owned(), "p $xmm5.v2_int64".to_owned()]);
        let names = ["rax", "eflags", "mxcsr", "st1", "ftag", "fs_base"];
        commands.extend(names.map(|name| format!("info registers {name}")));
    }
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();

    let ours = [&["break filled", "continue"][..], &commands].concat();
    let waiting = Waiting::start("0", &[&program.path()]);
    let said = said(&mut gdb_command(
        &waiting,
        Some(program.path().as_ref()),
        &ours,
    ));
    let mut native = Command::new("gdb-multiarch");
    native.args(["-nx", "-batch", "-ex", "break filled", "-ex", "run"]);
    native.args(commands.iter().flat_map(|command| ["-ex", command]));
    let expected = self::said(native.arg(program.path()));
    let (said, expected) = (after_the_stop(&said), after_the_stop(&expected));
    for (ours, native) in said.iter().zip(&expected) {
        assert_eq!(ours, native);
    }
    assert_eq!(said.len(), expected.len());
    assert!(said.len() > 200, "{said:?}");
}

fn said(gdb: &mut Command) -> String {
    let end = support::run(gdb, b"");
    format!("{}{}", end.text(), String::from_utf8_lossy(&end.stderr))
}

/// The lines after that of the breakpoint, but for those of what processors do not keep alike: where the last x87
/// instruction and its operand were.
fn after_the_stop(said: &str) -> Vec<&str> {
    let (_, rest) = said
        .split_once("in filled ()\n")
        .or_else(|| said.split_once("filled ()\n"))
        .unwrap_or_else(|| panic!("it does not stop:\n{said}"));
    let differ = ["Instruction Pointer", "Operand Pointer", "Opcode"];
    rest.lines()
        .filter(|line| !differ.iter().any(|it| line.starts_with(it)))
        .collect()
}

/// `registers.s`.
struct Assembled(TempDir);

impl Assembled {
    fn new() -> Option<Assembled> {
        oracle("gdb-multiarch")?;
        let gcc = named("x86_64").compiler()?;
        let directory = TempDir::new();
        let source = workspace().join("tests/gdb/registers.s");
        let mut compile = Command::new(gcc);
        compile.args(["-nostdlib", "-static", "-o"]);
        compile.arg(directory.path().join("registers")).arg(source);
        let built = support::run(&mut compile, b"");
        assert_eq!(
            built.status,
            0,
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Some(Assembled(directory))
    }

    fn path(&self) -> String {
        let path = self.0.path().join("registers");
        path.to_str().expect("plain").to_owned()
    }
}

#[test]
fn gdb_sees_and_changes_the_registers_of_a_program_in_c() {
    let Some(compiled) = Compiled::new(named("x86_64")) else {
        return;
    };
    let (said, end) = compiled.debug(
        "",
        &[
            "break main",
            "continue",
            "info registers",
            "p $eflags",
            "p $xmm0.v2_double[1] = 2.5",
            "p $xmm0",
            "p $st0 = 1.25",
            "p $st0",
            "p $ax = 0x1234",
            "p $al",
            "p/x $cs",
            "p $orig_rax",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "rax  ",
            "rsp  ",
            "rip  ",
            "<main+",
            "eflags  ",
            " IF ]",
            "gs  ",
            "= [",
            " IF ]",
            "= 2.5",
            "v4_float = {",
            "v2_double = {",
            ", 2.5}",
            "uint128 = ",
            "= 1.25",
            "= 1.25",
            "= 4660",
            "= 52",
            "= 0x33",
            "= -1",
            "052]",
        ],
    );
    assert_eq!(end.status, 42);
}
