//! The roms: what they show is the same on every ISA, in every tier, and is in `roms/expected`.
//!
//! `PORTOLAN_BLESS=1` writes the pictures of the interpreter on RISC-V there.

use super::{TIERS, bare, rom};
use crate::support::{self, guests::Guest};
use crate::support::{TempDir, run, workspace};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Each with flags that say what to do, and how it ends.
const ROMS: [(&str, &[&str], i32); 4] = [
    ("fractal", &["--frames", "1"], 0),
    ("life", &["--frames", "24", "--keys", "12:space"], 0),
    ("plasma", &["--frames", "8"], 0),
    ("snake", &["--frames", "60", "--keys", "19:up,43:left"], 0),
];

/// Width, height, and the pixels of a PNG file.
fn read(path: &Path) -> (u32, u32, Vec<u8>) {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

fn pictures(guest: &Guest) {
    let scratch = TempDir::new();
    for (name, flags, status) in ROMS {
        let expected = workspace().join(format!("roms/expected/bare/{name}.png"));
        for tier in TIERS {
            let shown = scratch.path().join(format!("{name}-{tier}.png"));
            let mut portolan = bare(tier);
            portolan
                .args(["--framebuffer", "160x120", "--screenshot"])
                .arg(&shown);
            let end = run(portolan.args(flags).arg(rom(guest.isa, name)), b"");
            let told = String::from_utf8_lossy(&end.stderr);
            assert_eq!((end.status, &*told), (status, ""), "{name}, --jit {tier}");
            let bless = std::env::var_os("PORTOLAN_BLESS").is_some();
            if bless && guest.isa == "riscv64" && tier == "off" {
                std::fs::copy(&shown, &expected).unwrap();
            }
            let (shown, expected) = (read(&shown), read(&expected));
            assert_eq!((shown.0, shown.1), (160, 120));
            let differing = shown.2.chunks(3).zip(expected.2.chunks(3));
            let differing = differing.filter(|(a, b)| a != b).count();
            assert_eq!(differing, 0, "{name}, --jit {tier}: pixels differ");
        }
    }
}

fn hello(guest: &Guest) {
    for tier in TIERS {
        let end = run(bare(tier).arg(rom(guest.isa, "hello")), b"");
        let line = "Hello from the other side of the instruction set.\n";
        assert_eq!((end.status, &*end.text()), (0, line), "--jit {tier}");
    }
}

/// The snake eats once, dies at the wall, and the best score is the exit status.
fn game(guest: &Guest) {
    for tier in TIERS {
        let mut portolan = bare(tier);
        portolan.args(["--seed", "1", "--framebuffer", "60x45", "--keys"]);
        portolan.arg("19:up,200:space,220:up,400:esc");
        let end = run(portolan.arg(rom(guest.isa, "snake")), b"");
        assert_eq!(
            (end.status, &*end.text()),
            (1, "score 1\nscore 0\n"),
            "--jit {tier}"
        );
    }
}

each_guest! {
    pictures: super::pictures;
    hello: super::hello;
    game: super::game;
}
