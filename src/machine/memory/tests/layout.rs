//! Changing the mappings: errors, moves, gaps, and what the table shows.

use super::*;

fn shown(memory: &Memory) -> Vec<String> {
    memory.mappings().iter().map(Mapping::to_string).collect()
}

#[test]
fn mappings_show_as_in_the_maps_file() {
    let memory = memory();
    memory.map(0x40_0000, 0x1800, RX, "/bin/true").unwrap();
    memory.map(0x40_2000, PAGE, RW, "").unwrap();
    memory.map(0x40_3000, PAGE, RW, "").unwrap();
    memory.map(0xff00_0000, PAGE, RW, "[stack]").unwrap();
    assert_eq!(
        shown(&memory),
        [
            "00400000-00402000 r-xp 00000000 00:00 0                                  /bin/true",
            "00402000-00404000 rw-p 00000000 00:00 0 ",
            "ff000000-ff001000 rw-p 00000000 00:00 0                                  [stack]",
        ]
    );
    memory.set_name(0x40_3000, PAGE, "[heap]").unwrap();
    assert_eq!(memory.mappings().len(), 4);
    memory.set_name(0x40_3000, PAGE, "").unwrap();
    assert_eq!(memory.mappings().len(), 3);
}

#[test]
fn impossible_ranges_are_refused() {
    let memory = memory();
    let misaligned = Err(MemoryError::Misaligned { address: 0x1001 });
    assert_eq!(memory.map(0x1001, PAGE, RW, ""), misaligned);
    assert_eq!(memory.unmap(0x1001, PAGE), misaligned);
    assert_eq!(memory.protect(0x1001, PAGE, RW), misaligned);
    assert_eq!(memory.remap(0x1001, PAGE, 0x4000, PAGE), misaligned);
    assert_eq!(memory.remap(0x4000, PAGE, 0x1001, PAGE), misaligned);
    memory.map(0x1000, PAGE, RW, "").unwrap();
    let hole = Err(MemoryError::Unmapped { address: 0x2000 });
    assert_eq!(memory.protect(0x1000, 2 * PAGE, READ), hole);
    assert_eq!(memory.protection_at(0x1fff), Some(RW));
    assert_eq!(memory.remap(0x1000, 2 * PAGE, 0x8000, PAGE), hole);
    memory.map(0x2000, PAGE, RW, "").unwrap();
    assert_eq!(
        memory.remap(0x1000, 2 * PAGE, 0x2000, 2 * PAGE),
        Err(MemoryError::Overlap)
    );
    for nothing in [
        memory.map(0x1000, 0, READ, ""),
        memory.unmap(0x1000, 0),
        memory.protect(0, 0, RW),
    ] {
        nothing.unwrap();
    }
    assert_eq!(memory.protection_at(0x1000), Some(RW));
}

#[test]
fn a_new_mapping_is_zero_and_replaces_the_old() {
    let memory = memory();
    memory.map(0x1000, 3 * PAGE, RW, "old").unwrap();
    memory.fill(0x1000, 3 * PAGE, 1).unwrap();
    memory.map(0x2000, PAGE, RW, "new").unwrap();
    assert_eq!(memory.load(Access::U64, 0x2000), Ok(0));
    assert_eq!(memory.load(Access::U8, 0x1fff), Ok(1));
    assert_eq!(memory.load(Access::U8, 0x3000), Ok(1));
    memory.unmap(0x1000, 3 * PAGE).unwrap();
    memory.map(0x1000, 3 * PAGE, RW, "").unwrap();
    assert_eq!(memory.load(Access::U64, 0x1000), Ok(0));
}

#[test]
fn protection_changes_keep_the_bytes() {
    let memory = memory();
    memory.map(0x1000, PAGE, RW, "").unwrap();
    memory.store(Access::U64, 0x1008, 42).unwrap();
    for p in [Protection::NONE, READ, RX, RWX, Protection::NONE, RW] {
        memory.protect(0x1000, PAGE, p).unwrap();
        assert_eq!(
            memory.load(Access::U64, 0x1008).is_ok(),
            p != Protection::NONE
        );
        assert_eq!(memory.protection_at(0x1000), Some(p));
    }
    assert_eq!(memory.load(Access::U64, 0x1008), Ok(42));
}

#[test]
fn moves_take_bytes_and_protections_along() {
    let memory = memory();
    memory.map(0x1000, 3 * PAGE, RW, "moved").unwrap();
    memory.write(0x1000, &[1; 3 * PAGE as usize]).unwrap();
    memory.protect(0x2000, PAGE, READ).unwrap();
    memory.map(0x9000, PAGE, RW, "in the way").unwrap();
    memory.remap(0x1000, 3 * PAGE, 0x8000, 5 * PAGE).unwrap();
    assert!(memory.is_free(0x1000, 3 * PAGE));
    assert_eq!(memory.protection_at(0x9000), Some(READ));
    assert_eq!(memory.protection_at(0xc000), Some(RW));
    let mut bytes = vec![9; 5 * PAGE as usize];
    memory.read(0x8000, &mut bytes).unwrap();
    assert!(bytes[..0x3000].iter().all(|byte| *byte == 1));
    assert!(bytes[0x3000..].iter().all(|byte| *byte == 0));
    // In place: shorter, then longer again.
    memory.remap(0x8000, 5 * PAGE, 0x8000, PAGE).unwrap();
    assert!(memory.is_free(0x9000, 4 * PAGE));
    memory.remap(0x8000, PAGE, 0x8000, 2 * PAGE).unwrap();
    assert_eq!(memory.load(Access::U8, 0x8fff), Ok(1));
    assert_eq!(memory.load(Access::U8, 0x9000), Ok(0));
    // Elsewhere and shorter.
    memory.fill(0x8000, 2 * PAGE, 5).unwrap();
    memory.remap(0x8000, 2 * PAGE, 0x1000, PAGE).unwrap();
    assert_eq!(memory.load(Access::U8, 0x1fff), Ok(5));
    assert_eq!(memory.mappings().len(), 1);
    assert_eq!(memory.mappings()[0].end, 0x2000);
}

#[test]
fn gaps_are_found_from_both_ends() {
    let memory = memory();
    let (limit, most) = (memory.limit(), 1 << 31);
    assert_eq!(memory.find_free(1, 0, limit), Some(limit - PAGE));
    assert_eq!(memory.find_free(0x5000, 0x1000, 0x6000), Some(0x1000));
    assert_eq!(memory.find_free(0x5001, 0x1000, 0x6000), None);
    memory.map(0x4000, PAGE, RW, "").unwrap();
    memory.map(0x8000, PAGE, RW, "").unwrap();
    assert_eq!(memory.find_free(PAGE, 0x4000, 0x9000), Some(0x7000));
    assert_eq!(memory.find_free(4 * PAGE, 0, 0x9000), Some(0));
    assert_eq!(memory.find_free(4 * PAGE, 0, 0xf000), Some(0xb000));
    assert_eq!(memory.find_free(PAGE, 0x8000, 0x8800), None);
    assert_eq!(memory.find_free(limit, 0, u64::MAX), None);
    assert_eq!(memory.find_free(u64::MAX, 0, u64::MAX), None);
    assert_eq!(memory.find_free_above(PAGE, 0x3001), Some(0x5000));
    assert_eq!(memory.find_free_above(4 * PAGE, 0x1000), Some(0x9000));
    assert_eq!(memory.find_free_above(most, 0), Some(0x9000));
    assert_eq!(memory.find_free_above(limit, 0), None);
    assert_eq!(memory.find_free_above(PAGE, u64::MAX), None);
    assert_eq!(memory.find_free_above(PAGE, limit), None);
    assert!(memory.is_free(0x5000, 0x3000) && !memory.is_free(0x5000, 0x3001));
    assert!(!memory.is_free(limit - PAGE, 2 * PAGE));
}

#[test]
fn large_mappings_cost_little_until_used() {
    let memory = Memory::new(38).unwrap();
    let (start, length) = (1 << 32, 1 << 36);
    memory.map(start, length, Protection::NONE, "").unwrap();
    memory.protect(start + (1 << 30), 1 << 26, RW).unwrap();
    memory
        .store(Access::U64, start + (1 << 30) + 0x123, 7)
        .unwrap();
    assert_eq!(memory.load(Access::U64, start + (1 << 30) + 0x123), Ok(7));
    assert!(memory.load(Access::U8, start).is_err());
    memory.unmap(start, length).unwrap();
    assert!(memory.mappings().is_empty());
    memory.map(start + (1 << 30), 1 << 20, RW, "").unwrap();
    assert_eq!(memory.load(Access::U64, start + (1 << 30) + 0x123), Ok(0));
}
