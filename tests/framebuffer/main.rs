//! `/dev/fb0` and `/dev/input/event0`, by an ordinary program and by Debian's.
#![cfg(feature = "host")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::guests::Guest;
use support::{TempDir, portolan, run, workspace};

/// `draw.c`, compiled for a guest.
fn program(guest: &Guest, scratch: &TempDir) -> Option<PathBuf> {
    let program = scratch.path().join("draw");
    let mut compile = Command::new(guest.compiler()?);
    compile.args(["-O1", "-static", "-o"]).arg(&program);
    let source = workspace().join("tests/framebuffer/draw.c");
    let end = run(compile.arg(source), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some(program)
}

/// A PNG file: its width, and bytes of red, green and blue.
fn read(path: &Path) -> (u32, Vec<u8>) {
    let file = BufReader::new(File::open(path).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a picture");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("a picture");
    (info.width, bytes)
}

/// What `draw.c` draws on 100 by 50 pixels.
fn drawn() -> Vec<u8> {
    let pixel = |x: u8, y: u8| if y == 10 { [0, 0, 255] } else { [x, y, 64] };
    let row = |y| (0..100).flat_map(move |x| pixel(x, y));
    (0..50).flat_map(row).collect()
}

const TOLD: &str = "\
/dev/fb0: 0 0 1 29:0, the same: 1
/dev/input/event0: 0 0 1 13:64, the same: 1
100x50 of 100x50, 32 bits: red 16+8, green 8+8, blue 0+8
portolan: 20000 bytes, 400 a row, visual 2
the same mode: 0
pan: 0
another mode: -1 Invalid argument
a terminal's request: -1 Inappropriate ioctl for device
version 0 0x10001
id 0 bus 6
name 18 Portolan keyboard
kinds 3, key 1 key 111 grab 0
written: 1
read: 4 050b40, mapped 0000ff
ends at 1
type 1 code 105 value 1 time 1
type 0 code 0 value 0 time 1
type 1 code 105 value 0 time 1
type 0 code 0 value 0 time 1
type 1 code 1 value 1 time 1
type 0 code 0 value 0 time 1
type 1 code 1 value 0 time 1
done
";

/// The command that runs a program with a screen.
fn with_screen(screenshot: &Path) -> Command {
    let mut command = portolan();
    command.args([
        "--framebuffer",
        "100x50",
        "--display",
        "none",
        "--screenshot",
    ]);
    command.arg(screenshot);
    command
}

fn draws(guest: &Guest) {
    let scratch = TempDir::new();
    let Some(program) = program(guest, &scratch) else {
        return;
    };
    let picture = scratch.path().join("drawn.png");
    let mut portolan = with_screen(&picture);
    portolan.args(["--keys", "0:left,2:esc"]);
    let end = run(portolan.arg(&program), b"");
    assert_eq!(end.text(), TOLD, "{}", String::from_utf8_lossy(&end.stderr));
    assert_eq!(end.status, 7);
    assert!(read(&picture) == (100, drawn()), "another picture");

    let without = run(support::portolan().arg(&program), b"");
    assert_eq!(without.status, 1, "a screen that nobody gave it");
}

/// Debian's fbset reads the mode, its shell writes to the device, and fbcat makes a picture of that; each is executed by
/// the one before.
fn debian(guest: &Guest) {
    let Some(root) = guest.debian_root() else {
        return;
    };
    let scratch = TempDir::new();
    let picture = scratch.path().join("picture.png");
    let script = "fbset && printf '\\001\\002\\003\\004' >/dev/fb0 && exec fbcat /dev/fb0";
    let mut portolan = with_screen(&picture);
    portolan
        .arg("-L")
        .arg(&root)
        .args(["-E", "PATH=/usr/bin:/bin:/usr/sbin:/sbin"]);
    let end = run(portolan.args(["/bin/dash", "-c", script]), b"");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 0, "{errors}");
    let start = end
        .stdout
        .windows(3)
        .position(|it| it == b"P6 ")
        .expect("a picture of fbcat's");
    let mode = String::from_utf8_lossy(&end.stdout[..start]).into_owned();
    assert!(mode.contains("mode \"100x50\""), "{mode}");
    assert!(mode.contains("geometry 100 50 100 50 32"), "{mode}");
    assert!(mode.contains("rgba 8/16,8/8,8/0,0/0"), "{mode}");
    let mut pixels = vec![0; 100 * 50 * 3];
    pixels[..3].copy_from_slice(&[3, 2, 1]);
    assert!(
        end.stdout[start..] == [b"P6 100 50 255\n", &pixels[..]].concat(),
        "fbcat's picture"
    );
    assert!(read(&picture) == (100, pixels), "another picture");
}

/// A program that a signal ends takes the one that shows its screen with it, and what it drew is kept.
#[test]
fn a_program_that_crashes_leaves_its_picture() {
    let scratch = TempDir::new();
    let picture = scratch.path().join("picture.png");
    let rom = workspace().join("roms/bin/mips/crash");
    let end = run(
        with_screen(&picture).arg(rom).current_dir(scratch.path()),
        b"",
    );
    assert_eq!(end.status, 128 + 11);
    assert!(read(&picture) == (100, vec![0; 15000]));
}

#[test]
fn a_screen_is_given_before_it_is_used() {
    let rom = workspace().join("roms/bin/mips/hello");
    for (flags, message) in [
        (&["--keys", "1:a"][..], "--keys is for a screen"),
        (
            &["--framebuffer", "9x9", "--frames", "1"],
            "--frames is for --machine bare",
        ),
        (&["--screen", "1,2,3"], "there is no screen \"1,2,3\""),
    ] {
        let end = run(portolan().args(flags).arg(&rom), b"");
        let told = String::from_utf8_lossy(&end.stderr).into_owned();
        assert_eq!(end.status, 125, "{told}");
        assert!(told.contains(message), "{told}");
    }
}

each_guest! {
    draws: super::draws;
    debian: super::debian;
}
