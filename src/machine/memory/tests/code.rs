//! Translated code: what raises its version, and what does not.

use super::*;

/// A page at 0x1000 and one at 0x2000, both writable and executable.
fn two_pages() -> Memory {
    let memory = memory();
    memory.map(0x1000, 2 * PAGE, RWX, "").unwrap();
    memory
}

#[test]
fn every_way_to_change_a_marked_page_raises_the_version() {
    type Change = fn(&Memory);
    let changes: &[(&str, Change)] = &[
        ("store", |m| m.store(Access::U8, 0x1800, 1).unwrap()),
        ("straddling store", |m| {
            m.store(Access::U64, 0xffc + PAGE, 1).unwrap()
        }),
        ("rmw", |m| {
            let _ = m.rmw(Access::U32, Rmw::Or, 0x1800, 1).unwrap();
        }),
        ("add", |m| {
            let _ = m.rmw(Access::U32, Rmw::Add, 0x1800, 1).unwrap();
        }),
        ("compare_exchange", |m| {
            let _ = m.compare_exchange(Access::U64, 0x1800, 0, 1).unwrap();
        }),
        ("write", |m| m.write(0x1800, &[1; 0x1000]).unwrap()),
        ("fill", |m| m.fill(0x1800, 1, 1).unwrap()),
        ("poke", |m| m.poke(0x1800, &[1]).unwrap()),
        ("map", |m| m.map(0x1000, PAGE, RWX, "").unwrap()),
        ("unmap", |m| m.unmap(0x1000, PAGE).unwrap()),
        ("protect", |m| m.protect(0x1000, PAGE, RX).unwrap()),
        ("remap from", |m| {
            m.remap(0x1000, PAGE, 0x8000, PAGE).unwrap()
        }),
        ("remap to", |m| m.remap(0x2000, PAGE, 0x1000, PAGE).unwrap()),
        ("invalidate", |m| m.invalidate_code()),
        #[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
        ("host_pointer", |m| {
            let _ = m.host_pointer(0x1ffe, 4, Intent::Write).unwrap();
        }),
    ];
    for (name, change) in changes {
        let memory = two_pages();
        memory.mark_code(0x1400, 16);
        let before = memory.code_version();
        change(&memory);
        assert_ne!(memory.code_version(), before, "{name}");
    }
}

#[test]
fn what_leaves_marked_pages_alone_keeps_the_version() {
    let memory = two_pages();
    memory.mark_code(0x1400, 16);
    let before = memory.code_version();
    memory.store(Access::U64, 0x2000, 1).unwrap();
    memory.load(Access::U64, 0x1400).unwrap();
    memory.read(0x1000, &mut [0; PAGE as usize]).unwrap();
    memory.fetch(0x1400, &mut [0; 16]).unwrap();
    memory.map(0x3000, PAGE, RWX, "").unwrap();
    memory.unmap(0x2000, 2 * PAGE).unwrap();
    memory.set_name(0x1000, PAGE, "jit").unwrap();
    memory.mark_code(0x1400, 32);
    memory.mark_code(0x9000, 32);
    assert!(memory.store(Access::U8, 0x2000, 1).is_err());
    assert_eq!(memory.code_version(), before);
}

#[test]
fn a_mark_counts_once_and_can_be_renewed() {
    let memory = two_pages();
    for turn in 0..3 {
        memory.mark_code(0x1ffc, 8);
        memory.store(Access::U32, 0x1000, turn).unwrap();
        let first = memory.code_version();
        memory.store(Access::U32, 0x1004, turn).unwrap();
        assert_eq!(
            memory.code_version(),
            first,
            "the first store took the mark"
        );
        memory.store(Access::U32, 0x2000, turn).unwrap();
        assert_ne!(memory.code_version(), first, "the other page had its own");
        assert_eq!(memory.load(Access::U32, 0x1004), Ok(turn));
    }
}

#[test]
fn read_only_code_stays_read_only() {
    let memory = memory();
    memory.map(0x1000, PAGE, RX, "").unwrap();
    memory.mark_code(0x1000, 4);
    let before = memory.code_version();
    let forbidden = fault(Intent::Write, Cause::Protection, 0x1000);
    assert_eq!(memory.store(Access::U8, 0x1000, 1), Err(forbidden));
    assert_eq!(memory.code_version(), before);
    memory.poke(0x1000, &[1]).unwrap();
    assert_ne!(memory.code_version(), before);
    assert_eq!(memory.store(Access::U8, 0x1000, 1), Err(forbidden));
}

/// The protocol of `mark_code`: a translation whose version is still current is of current bytes.
/// Only the host backend promises this against racing stores.
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_current_version_means_current_bytes() {
    let memory = two_pages();
    for round in 1..200_u64 {
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for turn in 0..20 {
                    memory
                        .store(Access::U64, 0x1100, round << 32 | turn)
                        .unwrap();
                }
            });
            let translate = || {
                let mut translation = (0, 0);
                for _ in 0..20 {
                    let version = memory.code_version();
                    memory.mark_code(0x1100, 8);
                    translation = (version, memory.load(Access::U64, 0x1100).unwrap());
                }
                translation
            };
            let translator = threads.spawn(translate);
            let (version, bytes) = translator.join().unwrap();
            // Whether or not the stores have ended by now, a translation of old bytes is stale.
            let now = memory.load(Access::U64, 0x1100).unwrap();
            assert!(bytes == now || memory.code_version() != version);
        });
    }
}
