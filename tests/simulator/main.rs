//! The machines of teaching simulators, by programs that were written for their services.
#![cfg(feature = "host")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use support::{End, TempDir, oracle, run, workspace};

/// Runs a program with some input, in a directory of its own.
fn simulate(machine: &str, directory: &Path, program: &Path, input: &str) -> End {
    let mut portolan = support::portolan();
    portolan.args(["--machine", machine, "--seed", "1"]);
    run(
        portolan.arg(program).current_dir(directory),
        input.as_bytes(),
    )
}

fn source(name: &str) -> PathBuf {
    workspace().join("tests/simulator").join(name)
}

/// A source assembled and linked by binutils, where they are.
fn linked(tools: &str, name: &str, scratch: &TempDir) -> Option<PathBuf> {
    let (assembler, linker) = (format!("{tools}-as"), format!("{tools}-ld"));
    let (object, program) = (
        scratch.path().join("object"),
        scratch.path().join("program"),
    );
    let mut assemble = Command::new(oracle(&assembler)?);
    let end = run(assemble.arg("-o").arg(&object).arg(source(name)), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let mut link = Command::new(oracle(&linker)?);
    link.args(["--no-relax", "-Tdata=0x10010000", "-e", "main", "-o"]);
    let end = run(link.arg(&program).arg(&object), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some(program)
}

const INPUT: &str = "-17\n2.5\nabcdef\ny\n";

/// What `services.*.s` print, by the documentation of MARS and RARS; the random numbers are those of Java.
const PRINTED: &str = "n? -17
0xffffffef
11111111111111111111111111101111
4294967279
0.1
1.5E10
2.5
abcde
f
8
-1170105035
63
to a file
again? (yes, no, cancel) 0
";

fn check_services(machine: &str, program: &Path, scratch: &TempDir) {
    let end = simulate(machine, scratch.path(), program, INPUT);
    let errors = String::from_utf8_lossy(&end.stderr);
    assert_eq!((end.text().as_str(), &*errors), (PRINTED, ""));
    assert_eq!(end.status, 10, "the bytes written");
    let written = std::fs::read(scratch.path().join("written.txt"));
    assert_eq!(written.expect("it wrote a file"), b"to a file\n");
}

#[test]
fn services_of_programs_that_binutils_made() {
    for (machine, tools, name) in [
        ("spim", "mipsel-linux-gnu", "services.mips.s"),
        ("spim", "mips-linux-gnu", "services.mips.s"),
        ("rars", "riscv64-linux-gnu", "services.riscv.s"),
    ] {
        let scratch = TempDir::new();
        let Some(program) = linked(tools, name, &scratch) else {
            return;
        };
        check_services(machine, &program, &scratch);
    }
}

#[test]
fn a_program_for_something_else_is_refused() {
    let rom = workspace().join("roms/bin/x86_64/hello");
    let end = simulate("spim", workspace(), &rom, "");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 126, "{errors}");
    assert!(
        errors.contains("--machine spim is not for x86_64"),
        "{errors}"
    );
}

/// What a program draws on a display on the heap: its red, green and blue, pixel by pixel.
fn drawn(machine: &str, [size, unit]: [&str; 2], program: &str, input: &str) -> Vec<u8> {
    let scratch = TempDir::new();
    let shown = scratch.path().join("shown.png");
    let mut portolan = support::portolan();
    portolan.args(["--machine", machine, "--bitmap", "0x10040000"]);
    portolan.args(["--framebuffer", size, "--unit", unit, "--screenshot"]);
    portolan.arg(&shown).arg(source(program));
    let end = run(&mut portolan, input.as_bytes());
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let file = std::fs::File::open(&shown).expect("a picture");
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info();
    let mut reader = reader.expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    assert_eq!(format!("{}x{}", info.width, info.height), size);
    pixels
}

#[test]
fn the_bitmap_display_is_a_part_of_memory() {
    let pixels = drawn("spim", ["16x8", "4x2"], "gradient.asm", "");
    for (index, pixel) in pixels.chunks(3).enumerate() {
        let (row, column) = (index / 16 / 2, index % 16 / 4);
        assert_eq!(
            pixel,
            [row as u8 * 64, 0, column as u8 * 64],
            "pixel {index}"
        );
    }
}

#[test]
fn a_display_outside_of_the_data_is_refused() {
    let mut portolan = support::portolan();
    portolan.args(["--machine", "rars", "--bitmap", "0x20000000"]);
    let end = run(portolan.arg(source("gradient.asm")), b"");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 125, "{errors}");
    assert!(
        errors.contains("data is from 0x10000000 to 0x103fffff"),
        "{errors}"
    );
}

/// Keys are polled, in compiled code as well, with and without a seed, and those that are not taken are a service's.
#[test]
fn keys_are_read_and_shown_by_registers_in_memory() {
    for (machine, program) in [("spim", "echo.mars.asm"), ("rars", "echo.rars.asm")] {
        for flags in [
            &["--jit", "off"][..],
            &["--jit", "always"],
            &["--seed", "1"],
        ] {
            let mut portolan = support::portolan();
            portolan.args(["--machine", machine]).args(flags);
            let end = run(portolan.arg(source(program)), b"Hi, there!\n.42\n");
            let errors = String::from_utf8_lossy(&end.stderr);
            let expected = "HI, THERE!\n42460";
            assert_eq!((end.text().as_str(), &*errors), (expected, ""), "{program}");
            assert_eq!(end.status, 0);
        }
    }
}

#[test]
fn keys_move_a_pixel() {
    for (machine, program) in [("spim", "walk.mars.asm"), ("rars", "walk.rars.asm")] {
        let pixels = drawn(machine, ["8x8", "1x1"], program, "wdds\nxaq");
        let trail = [(3, 3), (3, 2), (4, 2), (5, 2), (5, 3), (4, 3)];
        for (index, pixel) in pixels.chunks(3).enumerate() {
            let expected: &[u8] = match trail.contains(&(index % 8, index / 8)) {
                true => &[0x40, 0, 0],
                false => &[0, 0, 0],
            };
            assert_eq!(pixel, expected, "{program}: pixel {index}");
        }
    }
}

/// Interrupts, which there are none of, and registers, which there are no more of, are not passed over in silence.
#[test]
fn what_is_not_there_is_said() {
    let scratch = TempDir::new();
    let path = scratch.path().join("program.asm");
    let text = "main: li $t0, 2\n sw $t0, 0xffff0000\n lw $a0, 0xffff0000\n li $v0, 1\n syscall\n sw $t0, 0xffff0010\n";
    std::fs::write(&path, text).expect("a program");
    let end = simulate("spim", scratch.path(), &path, "");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!((end.text().as_str(), end.status), ("2", 1), "{errors}");
    assert!(
        errors.contains("asks for interrupts of the keyboard"),
        "{errors}"
    );
    assert!(errors.contains("it writes to 0xffff0010"), "{errors}");
}
