//! `portolan misread`: files as other machines take them. Any file, and never a panic.

use portolan::guests::{self, GUESTS};
use portolan::view::misread::{self, End, Misread, MisreadError, Options};
use proptest::prelude::*;
use std::fs;

fn misread(data: &[u8], isa: &str) -> Misread {
    let options = Options {
        budget: 20_000,
        ..Options::default()
    };
    Misread::of("file", data, guests::port(isa).unwrap(), &options).unwrap()
}

fn text(data: &[u8], isa: &str) -> String {
    let mut out = Vec::new();
    let port = guests::port(isa).unwrap();
    let options = Options {
        budget: 20_000,
        ..Options::default()
    };
    misread::write(&mut out, "file", data, port, &options).unwrap();
    String::from_utf8(out).unwrap()
}

fn rom(name: &str) -> Vec<u8> {
    fs::read(format!("roms/bin/{name}")).unwrap()
}

#[test]
fn a_program_of_one_machine_is_gibberish_to_another() {
    let it = misread(&rom("mipsel/hello"), "x86_64");
    assert!(it.ending.retired < 1000, "{:?}", it.ending);
    assert_ne!(it.ending.end, End::Budget);
    let first = &it.lines[0];
    assert!(first.misread.is_some() && first.meant.is_some());
    assert_ne!(first.misread, first.meant);
    // x86-64 knows nearly any byte.
    assert!(it.count.instructions * 2 > it.count.pieces);
    // RISC-V does not.
    let it = misread(&rom("x86_64/hello"), "riscv64");
    assert!(it.count.instructions < it.count.pieces);
}

#[test]
fn each_byte_stands_in_one_line() {
    let data = rom("x86_64/sort");
    for port in GUESTS.iter() {
        let it = misread(&data, port.guest.name());
        assert_eq!(it.lines.len(), 12);
        for pair in it.lines.windows(2) {
            let length = pair[0].bytes.split(' ').count() as u64;
            assert_eq!(pair[0].address + length, pair[1].address);
            assert!(pair[0].misread.is_some() || pair[0].meant.is_some());
        }
    }
}

#[test]
#[cfg(feature = "host")]
fn a_system_call_ends_it_and_reaches_nobody() {
    // Read as what it is, a program gets as far as its first call.
    for port in GUESTS.iter().filter(|port| port.abi.is_some()) {
        let name = port.guest.name();
        let it = misread(&rom(&format!("{name}/hello")), name);
        assert_eq!(it.ending.end, End::SystemCall, "{name}: {}", it.ending.what);
        assert!(
            it.ending.what.contains("which is write"),
            "{}",
            it.ending.what
        );
    }
}

/// Bytes that do one thing, and how that ends.
#[test]
fn each_end_is_told() {
    let call = match cfg!(feature = "host") {
        true => "number 0, which is read",
        false => "only an operating system knows",
    };
    for (isa, bytes, end, words) in [
        (
            "riscv64",
            &[0x13, 0x00, 0x00, 0x00][..],
            End::Illegal,
            "no instruction",
        ),
        // lui t0, 0x1234; jr t0
        (
            "riscv64",
            &[0xb7, 0x42, 0x23, 0x01, 0x67, 0x80, 0x02, 0x00],
            End::Nowhere,
            "0x1234000",
        ),
        // mov eax, [0]
        (
            "x86_64",
            &[0x8b, 0x04, 0x25, 0, 0, 0, 0],
            End::WildAccess,
            "read from 0x0",
        ),
        ("x86_64", &[0xeb, 0xfe], End::Budget, "20000 are enough"),
        ("x86_64", &[0xcc], End::Trap, "debugger"),
        ("x86_64", &[0x0f, 0x05], End::SystemCall, call),
        // vaddps zmm0, zmm0, zmm0
        (
            "x86_64",
            &[0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc0],
            End::Illegal,
            "AVX512F",
        ),
    ] {
        let it = misread(bytes, isa);
        assert_eq!(it.ending.end, end, "{isa} {bytes:x?}: {}", it.ending.what);
        assert!(it.ending.what.contains(words), "{}", it.ending.what);
        assert!(!it.ending.why.is_empty());
    }
}

#[test]
fn what_is_no_program_is_named() {
    for (data, words) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "a PNG picture"),
        (b"just words", "text"),
        (b"#!/bin/sh\necho\n", "a script"),
        (b"\x7fELF\x02\x01", "a damaged ELF file"),
        (&[0x90, 0xff, 0x00], "bytes of no known kind"),
    ] {
        for port in GUESTS.iter() {
            let text = text(data, port.guest.name());
            assert!(text.starts_with(&format!("file is {words}.")), "{text}");
        }
    }
    let arm = text(&rom("aarch64/hello"), "x86_64");
    assert!(arm.contains("a machine that is not known here"), "{arm}");
    let port = guests::port("mips").unwrap();
    let empty = Misread::of("file", b"", port, &Options::default());
    assert!(matches!(empty, Err(MisreadError::Empty)));
}

#[test]
fn every_rom_on_every_machine_fits_a_terminal() {
    for own in ["riscv64", "mips", "mips64el", "x86_64", "aarch64"] {
        let data = rom(&format!("{own}/vm"));
        for port in GUESTS.iter() {
            for line in text(&data, port.guest.name()).lines() {
                assert!(line.chars().count() <= 110, "{line}");
                assert_eq!(line.trim_end(), line);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_will_do(data in proptest::collection::vec(any::<u8>(), 1..300)) {
        for port in GUESTS.iter() {
            let _ = text(&data, port.guest.name());
        }
    }

    /// Headers that lie.
    #[test]
    fn a_program_with_changed_bytes_will_do(
        changes in proptest::collection::vec((0..1200usize, any::<u8>()), 1..12),
        cut in 64..12000usize,
    ) {
        for name in ["riscv64/hello", "mips/hello", "x86_64/hello"] {
            let mut data = rom(name);
            for (at, byte) in &changes {
                data[*at] = *byte;
            }
            data.truncate(cut);
            for isa in ["x86_64", "mipsel", "riscv64"] {
                let _ = text(&data, isa);
            }
        }
    }
}
