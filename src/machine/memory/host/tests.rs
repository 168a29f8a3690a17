//! What only the host's kernel can show: forks, host calls on guest memory, and its limits.

use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;

use super::*;
use crate::memory::tests::{RW, RWX, in_child, memory};
use crate::memory::{Access, Intent, Memory};

/// Start, end and permissions of all mappings of this process.
fn own_mappings() -> Vec<(u64, u64, String)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let parse = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let number = |digits| u64::from_str_radix(digits, 16).ok();
        Some((number(start)?, number(end)?, rest[..4].to_owned()))
    };
    maps.lines().map(|line| parse(line).unwrap()).collect()
}

/// Checks that the region is mapped throughout, and accessible only where the guest has pages.
fn assert_sealed(memory: &Memory) {
    let base = memory.space.base().addr() as u64;
    let (start, end) = (base - GUARD, base + memory.limit() + GUARD);
    let mut covered = start;
    for (from, to, permissions) in own_mappings() {
        if to <= start || from >= end {
            continue;
        }
        assert!(from <= covered, "a hole at {covered:#x}");
        covered = to;
        assert!(!permissions.contains('x'));
        for page in (from.max(start)..to.min(end)).step_by(PAGE as usize) {
            let guest = page
                .checked_sub(base)
                .and_then(|page| memory.protection_at(page));
            if permissions.contains('r') {
                assert!(guest.is_some_and(|p| p != Protection::NONE), "{page:#x}");
            } else if guest.is_none() && to - page > 64 * PAGE {
                break; // A long sealed stretch; one look is enough.
            }
        }
    }
    assert!(covered >= end);
}

#[test]
fn the_region_has_no_holes_whatever_happens_in_it() {
    let memory = memory();
    assert_sealed(&memory);
    memory.map(0, 64 * PAGE, RW, "").unwrap();
    memory.map(memory.limit() - PAGE, PAGE, RWX, "").unwrap();
    assert_sealed(&memory);
    memory.remap(0, 32 * PAGE, 0x100_0000, 48 * PAGE).unwrap();
    assert_sealed(&memory);
    memory
        .map_shared_anonymous(0x200_0000, 8 * PAGE, RW, "")
        .unwrap();
    memory
        .remap(0x200_0000, 8 * PAGE, 0x300_0000, 4 * PAGE)
        .unwrap();
    memory
        .remap(0x300_0000, 4 * PAGE, 0x300_0000, 8 * PAGE)
        .unwrap();
    let exe = fs::File::open(std::env::current_exe().unwrap()).unwrap();
    let file = std::os::fd::AsFd::as_fd(&exe);
    memory
        .map_file(0x400_0000, 4 * PAGE, RWX, false, file, 0, "")
        .unwrap();
    memory
        .remap(0x400_0000, 4 * PAGE, 0x500_0000, 8 * PAGE)
        .unwrap();
    memory
        .remap(0x500_0000, 8 * PAGE, 0x500_0000, 16 * PAGE)
        .unwrap();
    memory.mark_code(0x500_0000, 4 * PAGE);
    assert_sealed(&memory);
    memory.unmap(0x500_0000, PAGE).unwrap();
    memory
        .map_file(0, 2 * PAGE, RW, true, file, 0, "")
        .unwrap_err();
    memory.unmap(0x300_0000, 6 * PAGE).unwrap();
    assert_sealed(&memory);
}

#[test]
fn forks_share_what_is_shared_and_keep_what_is_private() {
    let memory = memory();
    memory.map(0x1000, PAGE, RW, "").unwrap();
    memory.map_shared_anonymous(0x2000, PAGE, RW, "").unwrap();
    memory.store(Access::U64, 0x1000, 1).unwrap();
    let quiet = memory.quiesce();
    // SAFETY: the child only does what needs no lock but the one held here, and leaves at once.
    let child = unsafe { libc::fork() };
    drop(quiet);
    if child == 0 {
        let seen = memory.load(Access::U64, 0x1000) == Ok(1);
        let stored = memory.store(Access::U64, 0x1000, 2).is_ok()
            && memory.store(Access::U64, 0x2000, 3).is_ok()
            && memory.load(Access::U64, 0x3000).is_err();
        // SAFETY: ends the child.
        unsafe { libc::_exit(i32::from(!(seen && stored))) };
    }
    let mut status = 0;
    // SAFETY: `status` is valid, and the child is ours.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
    assert_eq!(memory.load(Access::U64, 0x1000), Ok(1));
    assert_eq!(memory.load(Access::U64, 0x2000), Ok(3));
}

#[test]
fn host_calls_meet_the_guests_protection() {
    let memory = memory();
    memory.map(0x1000, 2 * PAGE, RWX, "").unwrap();
    memory.map(0x3000, PAGE, Protection::READ, "").unwrap();
    let (source, mut sink) = std::io::pipe().unwrap();
    let read = |address, length| {
        let to = memory.host_pointer(address, length, Intent::Write).unwrap();
        // SAFETY: the kernel writes at most `length` bytes to guest memory.
        unsafe { libc::read(source.as_raw_fd(), to.cast(), length as usize) }
    };
    memory.mark_code(0x1000, 2 * PAGE);
    let version = memory.code_version();
    sink.write_all(b"hello, guest").unwrap();
    // A buffer longer than what is read may reach into pages that are not there.
    assert_eq!(read(0x1ffa, 0x4000), 12);
    assert_ne!(memory.code_version(), version);
    assert_eq!(memory.read_cstring(0x1ffa, 99).unwrap(), b"hello, guest");
    sink.write_all(b"x").unwrap();
    for address in [0x3000, 0x4000] {
        assert_eq!(read(address, 1), -1);
        assert_eq!(
            io::Error::last_os_error().raw_os_error(),
            Some(libc::EFAULT)
        );
    }
    assert!(
        memory
            .host_pointer(memory.limit() - 4, 5, Intent::Read)
            .is_err()
    );
    assert!(memory.host_pointer(4, u64::MAX, Intent::Read).is_err());
    assert!(memory.host_pointer(memory.limit(), 0, Intent::Read).is_ok());
}

#[test]
fn the_largest_space_fits_more_than_once() {
    let memories = [Memory::new(64).unwrap(), Memory::new(48).unwrap()];
    for memory in memories {
        assert_eq!(memory.limit(), 1 << MAX_ADDRESS_BITS);
        let top = memory.limit() - PAGE;
        memory.map(top, PAGE, RW, "").unwrap();
        memory.store(Access::U64, memory.limit() - 8, 5).unwrap();
        assert_eq!(memory.load(Access::U64, memory.limit() - 8), Ok(5));
        assert!(memory.load(Access::U64, memory.limit() - 7).is_err());
    }
}

#[test]
fn a_host_with_little_address_space_gives_a_small_one() {
    in_child(|| {
        let limit = libc::rlimit {
            rlim_cur: 4 << 30,
            rlim_max: 4 << 30,
        };
        // SAFETY: the structure is valid for the call.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
        let memory = Memory::new(45).unwrap();
        assert!(memory.limit() >= 1 << MIN_FALLBACK_BITS && memory.limit() < 4 << 30);
        memory.map(memory.limit() - PAGE, PAGE, RW, "").unwrap();
        memory.store(Access::U8, memory.limit() - 1, 1).unwrap();
    });
}

#[test]
fn marks_outlast_the_hosts_number_of_mappings() {
    in_child(|| {
        let most: u64 = fs::read_to_string("/proc/sys/vm/max_map_count")
            .map_or(65530, |count| count.trim().parse().unwrap());
        if most > 1 << 17 {
            return; // Too many to use up in a test.
        }
        let memory = memory();
        let pages = most + 100;
        memory.map(0, pages * PAGE, RWX, "").unwrap();
        for page in (0..pages).step_by(2) {
            memory.mark_code(page * PAGE, 1);
        }
        for page in [0, 2, pages / 2 * 2 - 2] {
            let version = memory.code_version();
            memory.store(Access::U64, page * PAGE, 1).unwrap();
            assert_ne!(memory.code_version(), version);
        }
        for page in 0..pages {
            memory.store(Access::U64, page * PAGE, 1).unwrap();
        }
    });
}
