//! The loader against real and damaged files.

use super::*;
use crate::testing::{ABI, rom};
use portolan_machine::memory::{Access, Order};
use proptest::prelude::*;
use std::io::Write;

/// The ROMs of other instruction sets.
fn roms() -> Vec<Vec<u8>> {
    let root = rom().ancestors().nth(2).unwrap().to_owned();
    let isas = ["riscv64", "mips", "mipsel", "mips64el", "x86_64", "aarch64"];
    isas.iter()
        .filter_map(|isa| std::fs::read(root.join(isa).join("hello")).ok())
        .collect()
}

/// A file that only this process has.
fn file(bytes: &[u8]) -> File {
    let fd = calls::memfd_create(c"elf", 0).now().unwrap();
    let mut file = crate::host::own(fd as i32);
    file.write_all(bytes).unwrap();
    file
}

fn load_bytes(bytes: &[u8]) -> Result<(Memory, Loaded), LoadError> {
    let memory = Memory::new(31).unwrap();
    let (file, paths) = (file(bytes), Paths::new(None));
    let request = Request {
        file: &file,
        name: Path::new("/bin/program"),
        started_by: &c"program".to_owned(),
        arguments: &[c"program".to_owned()],
        environment: &[c"HOME=/".to_owned()],
        paths: &paths,
        random: [0; 16],
        processor: None,
    };
    load(&memory, &ABI, &request).map(|loaded| (memory, loaded))
}

/// One segment of a program that [`elf`] makes.
struct Part {
    kind: u32,
    flags: u32,
    offset: u32,
    address: u32,
    file_size: u32,
    memory_size: u32,
}

const LOAD: u32 = 1;

/// A 32-bit big-endian program with a body from byte 0x200 on.
fn elf(kind: u16, entry: u32, parts: &[Part], body: &[u8]) -> Vec<u8> {
    let mut out = b"\x7fELF\x01\x02\x01".to_vec();
    out.resize(16, 0);
    for half in [kind, 8] {
        out.extend(half.to_be_bytes());
    }
    for word in [1, entry, 52, 0, 0] {
        out.extend(u32::to_be_bytes(word));
    }
    for half in [52, 32, parts.len() as u16, 40, 0, 0] {
        out.extend(half.to_be_bytes());
    }
    for part in parts {
        let Part {
            kind,
            flags,
            offset,
            address,
            file_size,
            memory_size,
        } = *part;
        for word in [
            kind,
            offset,
            address,
            address,
            file_size,
            memory_size,
            flags,
            1,
        ] {
            out.extend(word.to_be_bytes());
        }
    }
    out.resize(0x200, 0);
    out.extend(body);
    out
}

fn byte(memory: &Memory, address: u64) -> u64 {
    memory.load(Access::U8, address).unwrap()
}

#[test]
fn a_real_program_is_placed_where_it_says() {
    let bytes = std::fs::read(rom()).unwrap();
    let (memory, loaded) = load_bytes(&bytes).unwrap();
    assert_eq!(loaded.program.bias, 0);
    assert!(
        memory
            .protection_at(loaded.entry)
            .unwrap()
            .contains(Protection::EXEC)
    );
    assert!(loaded.stack.contains(&loaded.stack_pointer));
    assert!(loaded.heap >= loaded.program.end && loaded.mappings.end < loaded.stack.start);
    let argc = memory
        .load(Access::U32.with_order(Order::Big), loaded.stack_pointer)
        .unwrap();
    assert_eq!(argc, 1);
    let guard = loaded.stack.start - 1;
    assert_eq!(memory.protection_at(guard), None, "the stack has a guard");
}

#[test]
fn offsets_that_do_not_fit_pages_and_tails_of_zeros_work() {
    // The file's bytes 0x201.. at 0x10333: no page of the file can be mapped there.
    let part = Part {
        kind: LOAD,
        flags: 6,
        offset: 0x201,
        address: 0x10333,
        file_size: 3,
        memory_size: 0x3000,
    };
    let (memory, loaded) = load_bytes(&elf(2, 0x10333, &[part], b"0abcxyz")).unwrap();
    let mut text = [0; 5];
    memory.read(0x10333, &mut text).unwrap();
    assert_eq!(&text, b"abc\0\0");
    assert_eq!(byte(&memory, 0x13332), 0);
    assert_eq!(loaded.heap, 0x14000);
}

#[test]
fn what_follows_a_mapped_segment_in_its_page_is_zero() {
    let part = Part {
        kind: LOAD,
        flags: 6,
        offset: 0x200,
        address: 0x10200,
        file_size: 2,
        memory_size: 9,
    };
    let (memory, _) = load_bytes(&elf(2, 0x10200, &[part], b"abcdefgh")).unwrap();
    assert_eq!(
        (byte(&memory, 0x10201), byte(&memory, 0x10202)),
        (u64::from(b'b'), 0)
    );
}

#[test]
fn a_program_that_may_go_anywhere_goes_where_there_is_room() {
    let part = Part {
        kind: LOAD,
        flags: 5,
        offset: 0,
        address: 0,
        file_size: 0x204,
        memory_size: 0x204,
    };
    let (memory, loaded) = load_bytes(&elf(3, 0x200, &[part], b"code")).unwrap();
    assert_ne!(loaded.program.bias, 0);
    assert_eq!(loaded.entry, loaded.program.bias + 0x200);
    assert_eq!(byte(&memory, loaded.entry), u64::from(b'c'));
    let headers = loaded
        .auxiliary
        .chunks_exact(8)
        .find(|pair| pair[3] == key::PHDR as u8);
    let address = u32::from_be_bytes(headers.unwrap()[4..].try_into().unwrap());
    assert_eq!(u64::from(address), loaded.program.bias + 52);
}

#[test]
fn a_missing_interpreter_is_named() {
    let part = |kind, offset, size| Part {
        kind,
        flags: 4,
        offset,
        address: 0x10000 + offset,
        file_size: size,
        memory_size: size,
    };
    let parts = [part(3, 0x200, 9), part(LOAD, 0, 0x209)];
    let error = load_bytes(&elf(3, 0, &parts, b"/lib/ld1\0")).unwrap_err();
    assert!(matches!(&error, LoadError::NoInterpreter(path) if path == Path::new("/lib/ld1")));
    assert!(error.to_string().contains("-L"), "{error}");
}

#[test]
fn foreign_and_unfit_files_are_told_apart() {
    let part = || Part {
        kind: LOAD,
        flags: 5,
        offset: 0,
        address: 0x10000,
        file_size: 4,
        memory_size: 4,
    };
    let good = elf(2, 0x10000, &[part()], b"");
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        load_bytes(&bytes).unwrap_err()
    };
    assert!(load_bytes(&good).is_ok());
    let foreign = with(19, 62);
    assert!(
        foreign.to_string().contains("for the unknown")
            || matches!(foreign, LoadError::Foreign { .. })
    );
    assert!(
        matches!(with(17, 1), LoadError::NotProgram { .. }),
        "an object file"
    );
    assert!(
        matches!(with(17, 4), LoadError::NotProgram { .. }),
        "a core dump"
    );
    assert!(matches!(with(4, 9), LoadError::Damaged { .. }), "class");
    assert!(
        matches!(with(5, 9), LoadError::Damaged { .. }),
        "byte order"
    );
    assert!(
        matches!(with(45, 0), LoadError::Damaged { .. }),
        "no headers"
    );
    assert!(
        matches!(with(30, 0xff), LoadError::Truncated { .. }),
        "headers beyond the end"
    );
    let cut = load_bytes(&good[..60]).unwrap_err();
    assert!(matches!(cut, LoadError::Truncated { .. }), "{cut}");
    let cut = load_bytes(&good[..20]).unwrap_err();
    assert!(matches!(cut, LoadError::Truncated { .. }), "{cut}");
}

#[test]
fn impossible_segments_are_refused() {
    let error = |address, file_size, memory_size| {
        let part = Part {
            kind: LOAD,
            flags: 6,
            offset: 0,
            address,
            file_size,
            memory_size,
        };
        load_bytes(&elf(2, 0, &[part], b"")).unwrap_err()
    };
    assert!(matches!(error(0x10000, 8, 4), LoadError::Damaged { .. }));
    assert!(matches!(
        error(0x10000, 0x1000_0000, 0x1000_0000),
        LoadError::Truncated { .. }
    ));
    assert!(matches!(
        error(0xffff_f000, 8, 0xfff),
        LoadError::NoRoom { .. }
    ));
    assert!(
        matches!(error(0, 8, 8), LoadError::NoRoom { .. }),
        "the null page"
    );
}

#[test]
fn every_roms_headers_are_understood() {
    for bytes in roms() {
        let image = parse(&bytes[..]).unwrap();
        assert!(
            image
                .segments
                .iter()
                .any(|s| s.protection.contains(Protection::EXEC))
        );
        assert!(image.identity.machine_name().is_some());
    }
}

proptest! {
    #[test]
    fn damaged_headers_never_panic(
        rom in 0usize..6,
        changes in prop::collection::vec((0usize..600, any::<u8>()), 0..8),
        end in prop::option::of(0usize..2000),
    ) {
        let roms = roms();
        let mut bytes = roms[rom % roms.len()].clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(end.unwrap_or(usize::MAX));
        if let Ok(image) = parse(&bytes[..]) {
            prop_assert!(!image.segments.is_empty());
            let (first, last) = image.span();
            prop_assert!(first < last);
        }
    }

    #[test]
    fn damaged_programs_load_or_fail_cleanly(
        changes in prop::collection::vec((16usize..300, any::<u8>()), 0..5),
        end in prop::option::of(0usize..3000),
    ) {
        let mut bytes = std::fs::read(rom()).unwrap();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(end.unwrap_or(usize::MAX));
        if let Ok((memory, loaded)) = load_bytes(&bytes) {
            prop_assert!(loaded.stack.end <= memory.limit());
            prop_assert!(loaded.program.end <= memory.limit());
        }
    }

    #[test]
    fn any_bytes_behind_the_mark_fail_cleanly(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        bytes.splice(..0, *b"\x7fELF");
        let _ = load_bytes(&bytes);
    }
}
