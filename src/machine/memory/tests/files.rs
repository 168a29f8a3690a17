//! Mapped files, and memory shared under two addresses.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::AtomicU32;

use super::*;

/// A file of `pages` pages without a name, each filled with its number counted from 1.
fn file(pages: u8) -> File {
    static SERIAL: AtomicU32 = AtomicU32::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let name = format!("portolan-memory-{}-{serial}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    for number in 1..=pages {
        file.write_all(&[number; PAGE as usize]).unwrap();
    }
    file
}

fn byte_of(file: &mut File, at: u64) -> u8 {
    let mut byte = [0];
    file.seek(std::io::SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    byte[0]
}

#[test]
fn private_mappings_show_the_file_and_keep_their_stores() {
    let (memory, mut file) = (memory(), file(3));
    memory
        .map_file(0x1000, 2 * PAGE, RW, false, file.as_fd(), PAGE, "/lib/a")
        .unwrap();
    assert_eq!(memory.load(Access::U8, 0x1000), Ok(2));
    assert_eq!(memory.load(Access::U8, 0x2fff), Ok(3));
    memory.store(Access::U8, 0x1000, 77).unwrap();
    assert_eq!(byte_of(&mut file, PAGE), 2);
    let mapping = &memory.mappings()[0];
    let metadata = file.metadata().unwrap();
    assert_eq!((mapping.offset, mapping.inode), (PAGE, metadata.ino()));
    assert!(mapping.to_string().ends_with(" /lib/a"));
    memory.protect(0x2000, PAGE, READ).unwrap();
    assert_eq!(memory.mappings()[1].offset, 2 * PAGE);
}

#[test]
fn shared_mappings_are_the_file() {
    let (memory, mut file) = (memory(), file(2));
    memory
        .map_file(0x1000, PAGE, RW, true, file.as_fd(), 0, "f")
        .unwrap();
    memory
        .map_file(0x8000, PAGE, RW, true, file.as_fd(), 0, "f")
        .unwrap();
    memory.store(Access::U8, 0x1004, 99).unwrap();
    assert_eq!(memory.load(Access::U8, 0x8004), Ok(99));
    assert_eq!(byte_of(&mut file, 4), 99);
    assert_eq!(memory.rmw(Access::U8, Rmw::Add, 0x8004, 1), Ok(99));
    assert_eq!(memory.load(Access::U8, 0x1004), Ok(100));
}

#[test]
fn pages_behind_the_end_of_a_file_are_bus_faults() {
    for shared in [false, true] {
        let (memory, file) = (memory(), file(3));
        memory
            .map_file(0x1000, 3 * PAGE, RW, shared, file.as_fd(), 0, "")
            .unwrap();
        assert_eq!(memory.load(Access::U8, 0x3000), Ok(3));
        file.set_len(PAGE + 1).unwrap();
        let bus = |intent, address| fault(intent, Cause::Bus, address);
        assert_eq!(
            memory.load(Access::U64, 0x3008),
            Err(bus(Intent::Read, 0x3008))
        );
        assert_eq!(
            memory.load(Access::U64, 0x2ffc),
            Err(bus(Intent::Read, 0x3000))
        );
        assert_eq!(
            memory.store(Access::U64, 0x3008, 1),
            Err(bus(Intent::Write, 0x3008))
        );
        assert_eq!(
            memory.store(Access::U64, 0x2ffc, 1),
            Err(bus(Intent::Write, 0x3000))
        );
        let old = memory.rmw(Access::U32, Rmw::Swap, 0x3000, 1);
        assert_eq!(old, Err(bus(Intent::Write, 0x3000)));
        let mut bytes = [0xee; 2 * PAGE as usize];
        assert_eq!(
            memory.read(0x2000, &mut bytes),
            Err(bus(Intent::Read, 0x3000))
        );
        assert_eq!(
            (bytes[0], bytes[1], bytes[0xfff], bytes[0x1000]),
            (2, 0, 0, 0xee)
        );
        assert_eq!(memory.write(0x3000, &[1]), Err(bus(Intent::Write, 0x3000)));
        assert_eq!(memory.fill(0x2ff0, 32, 1), Err(bus(Intent::Write, 0x3000)));
        assert_eq!(memory.poke(0x3000, &[1]), Err(bus(Intent::Write, 0x3000)));
        memory.protect(0x1000, 3 * PAGE, RX).unwrap();
        let fetched = memory.fetch(0x3000, &mut [0; 16]);
        assert_eq!(fetched, Err(bus(Intent::Execute, 0x3000)));
        assert_eq!(memory.fetch(0x2ffc, &mut [0; 16]), Ok(4));
        file.set_len(3 * PAGE).unwrap();
        assert_eq!(memory.load(Access::U64, 0x3008), Ok(0));
    }
}

#[test]
fn what_a_file_does_not_permit_is_refused() {
    let memory = memory();
    let mut path = std::env::current_exe().unwrap();
    let file = File::open(&path).unwrap();
    let (name, refused) = (
        "exe",
        Err(MemoryError::Host {
            errno: libc::EACCES,
        }),
    );
    memory.map(0x1000, PAGE, RW, "before").unwrap();
    memory.store(Access::U8, 0x1000, 5).unwrap();
    let mapped = memory.map_file(0x1000, PAGE, RW, true, file.as_fd(), 0, name);
    assert_eq!(mapped, refused);
    assert_eq!(
        memory.load(Access::U8, 0x1000),
        Ok(5),
        "what was there remains"
    );
    memory
        .map_file(0x1000, PAGE, RX, true, file.as_fd(), 0, name)
        .unwrap();
    assert_eq!(memory.load(Access::U32.big(), 0x1000), Ok(0x7f45_4c46));
    assert_eq!(memory.protect(0x1000, PAGE, RW), refused);
    assert_eq!(memory.protection_at(0x1000), Some(RX));
    let forbidden = fault(Intent::Write, Cause::Protection, 0x1000);
    assert_eq!(memory.poke(0x1000, &[1]), Err(forbidden));
    memory
        .map_file(0x1000, PAGE, RX, false, file.as_fd(), 0, name)
        .unwrap();
    memory.poke(0x1000, &[1]).unwrap();
    path.pop();
    let directory = File::open(path).unwrap();
    let mapped = memory.map_file(0x1000, PAGE, READ, false, directory.as_fd(), 0, "");
    assert_eq!(
        mapped,
        Err(MemoryError::Host {
            errno: libc::ENODEV
        })
    );
    let mapped = memory.map_file(0x1000, PAGE, READ, false, file.as_fd(), 1, "");
    assert_eq!(mapped, Err(MemoryError::Misaligned { address: 1 }));
}

#[test]
fn moved_files_stay_themselves_and_grow_into_their_bytes() {
    for shared in [false, true] {
        let (memory, file) = (memory(), file(6));
        memory
            .map_file(0x1000, 2 * PAGE, RW, shared, file.as_fd(), PAGE, "f")
            .unwrap();
        memory.store(Access::U8, 0x1001, 50).unwrap();
        memory.remap(0x1000, 2 * PAGE, 0x10000, 3 * PAGE).unwrap();
        assert!(memory.is_free(0x1000, 2 * PAGE));
        assert_eq!(memory.load(Access::U8, 0x10001), Ok(50));
        assert_eq!(memory.load(Access::U8, 0x12000), Ok(4));
        memory.remap(0x10000, 3 * PAGE, 0x10000, 5 * PAGE).unwrap();
        assert_eq!(memory.load(Access::U8, 0x10001), Ok(50));
        assert_eq!(memory.load(Access::U8, 0x14000), Ok(6));
        let mappings = memory.mappings();
        assert_eq!(mappings.len(), 1);
        assert_eq!((mappings[0].offset, mappings[0].end), (PAGE, 0x15000));
        memory.store(Access::U8, 0x14000, 51).unwrap();
        memory
            .map_file(0x20000, PAGE, READ, true, file.as_fd(), 5 * PAGE, "f")
            .unwrap();
        assert_eq!(
            memory.load(Access::U8, 0x20000),
            Ok(if shared { 51 } else { 6 })
        );
    }
}

#[test]
fn code_in_files_is_watched() {
    let (memory, file) = (memory(), file(1));
    memory
        .map_file(0x1000, PAGE, RWX, true, file.as_fd(), 0, "")
        .unwrap();
    memory.mark_code(0x1000, 8);
    let before = memory.code_version();
    memory.store(Access::U8, 0x1000, 3).unwrap();
    assert_ne!(memory.code_version(), before);
    memory.mark_code(0x1000, 8);
    let before = memory.code_version();
    memory
        .map_file(0x1000, PAGE, RWX, true, file.as_fd(), 0, "")
        .unwrap();
    assert_ne!(memory.code_version(), before);
}

#[test]
fn shared_anonymous_mappings_are_objects_of_their_own() {
    let memory = memory();
    memory
        .map_shared_anonymous(0x1000, 2 * PAGE, RW, "")
        .unwrap();
    memory.map_shared_anonymous(0x3000, PAGE, RW, "").unwrap();
    assert_eq!(memory.mappings().len(), 2);
    assert!(memory.mappings().iter().all(|mapping| mapping.shared));
    memory.store(Access::U64, 0x2000, 5).unwrap();
    memory.protect(0x2000, PAGE, READ).unwrap();
    memory.protect(0x2000, PAGE, RW).unwrap();
    assert_eq!(memory.mappings().len(), 2);
    memory.remap(0x1000, 2 * PAGE, 0x8000, 2 * PAGE).unwrap();
    assert_eq!(memory.load(Access::U64, 0x9000), Ok(5));
    // Native objects do not grow with their mappings either.
    memory.remap(0x8000, 2 * PAGE, 0x8000, 3 * PAGE).unwrap();
    assert_eq!(memory.load(Access::U64, 0x9000), Ok(5));
    let bus = fault(Intent::Read, Cause::Bus, 0xa000);
    assert_eq!(memory.load(Access::U64, 0xa000), Err(bus));
}
