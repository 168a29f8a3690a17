//! The wall: nothing outside the space is read or written, whatever the address and length.

use proptest::prelude::*;

use super::*;

/// The last page of the space is all there is, so every other address must fault.
fn top_page(bits: u32) -> (Memory, u64) {
    let memory = Memory::new(bits).unwrap();
    let top = memory.limit() - PAGE;
    memory.map(top, PAGE, RWX, "").unwrap();
    memory.fill(top, PAGE, 0xa5).unwrap();
    (memory, top)
}

/// Tries everything at one address. What lies in the space is expected to work there.
fn try_all(memory: &Memory, top: u64, address: u64) {
    let reaches = |bytes: u64| {
        // How many of the bytes exist, counted from the first.
        let inside = address >= top && address < memory.limit();
        if inside {
            bytes.min(memory.limit() - address)
        } else {
            0
        }
    };
    for a in SHAPES {
        let bytes = u64::from(a.bytes);
        let bad = address.wrapping_add(reaches(bytes));
        let good = reaches(bytes) == bytes;
        let expect = |intent, outcome: Result<(), Fault>| {
            let expected = if good {
                Ok(())
            } else {
                Err(fault(intent, Cause::Unmapped, bad))
            };
            assert_eq!(outcome, expected, "{a:?} at {address:#x}");
        };
        expect(Intent::Read, memory.load(a, address).map(drop));
        let same = memory.load(a, address).unwrap_or(0x1234);
        expect(Intent::Write, memory.store(a, address, same));
        if address.is_multiple_of(bytes) {
            for op in atomics::OPERATIONS {
                let operand = if op == Rmw::Add || op == Rmw::Xor {
                    0
                } else {
                    same
                };
                expect(Intent::Write, memory.rmw(a, op, address, operand).map(drop));
            }
            expect(
                Intent::Write,
                memory.compare_exchange(a, address, same, same).map(drop),
            );
        }
    }
    let bad = |length: u64| address.wrapping_add(reaches(length));
    let mut buffer = [0xa5; 3 * PAGE as usize];
    let length = buffer.len() as u64;
    assert_eq!(
        memory.read(address, &mut buffer),
        Err(fault(Intent::Read, Cause::Unmapped, bad(length)))
    );
    assert_eq!(buffer, [0xa5; 3 * PAGE as usize]);
    assert_eq!(
        memory.write(address, &buffer),
        Err(fault(Intent::Write, Cause::Unmapped, bad(length)))
    );
    assert_eq!(
        memory.poke(address, &buffer),
        Err(fault(Intent::Write, Cause::Unmapped, bad(length)))
    );
    for length in [
        2 * PAGE,
        1 << 40,
        u64::MAX - address,
        u64::MAX / 2,
        u64::MAX,
    ] {
        if length > PAGE {
            assert_eq!(
                memory.fill(address, length, 0xa5),
                Err(fault(Intent::Write, Cause::Unmapped, bad(length)))
            );
        }
        memory.mark_code(address, length);
    }
    assert_eq!(
        memory.read_cstring(address, usize::MAX),
        Err(fault(Intent::Read, Cause::Unmapped, bad(PAGE)))
    );
    match memory.fetch(address, &mut [0; 16]) {
        Ok(count) => assert_eq!(count as u64, reaches(16)),
        Err(failure) => {
            assert_eq!(reaches(1), 0);
            assert_eq!(failure, fault(Intent::Execute, Cause::Unmapped, address));
        }
    }
    assert_eq!(memory.protection_at(address).is_some(), reaches(1) == 1);
}

fn unharmed(memory: &Memory, top: u64) {
    let mut bytes = [0; PAGE as usize];
    memory.read(top, &mut bytes).unwrap();
    assert_eq!(bytes, [0xa5; PAGE as usize]);
}

#[test]
fn borders_hold() {
    for bits in [12, 20, 32, 64] {
        let (memory, top) = top_page(bits);
        let limit = memory.limit();
        let near = |border: u64| (0..20).map(move |d| border.wrapping_sub(10).wrapping_add(d));
        let borders = [0, top, limit, u64::MAX, 1 << 63, u64::MAX - (64 << 20)];
        for address in borders.into_iter().flat_map(near) {
            try_all(&memory, top, address);
        }
        // What a masked or truncated address would hit.
        for bit in limit.trailing_zeros()..64 {
            try_all(&memory, top, top | 1 << bit);
            try_all(&memory, top, (limit - 3).wrapping_add(1 << bit));
        }
        unharmed(&memory, top);
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn wild_addresses_fault(addresses in prop::collection::vec(any::<u64>(), 8), shift in 0u32..52) {
        let (memory, top) = top_page(32);
        for address in addresses {
            try_all(&memory, top, address >> shift);
        }
        unharmed(&memory, top);
    }

    #[test]
    fn wild_ranges_are_refused(start in any::<u64>(), length in any::<u64>(), shift in 0u32..52) {
        let (memory, top) = top_page(32);
        let (start, length) = (start >> shift & !(PAGE - 1), (length >> shift).max(PAGE + 1));
        let inside = start.checked_add(length).is_some_and(|end| end <= top);
        prop_assume!(!inside && start != top);
        let outside = Err(MemoryError::OutsideSpace { start, length });
        if start.checked_add(length).is_none_or(|end| end > memory.limit()) {
            prop_assert_eq!(memory.map(start, length, RW, ""), outside);
            prop_assert_eq!(memory.unmap(start, length), outside);
            prop_assert_eq!(memory.protect(start, length, RW), outside);
            prop_assert_eq!(memory.remap(start, length, 0, PAGE), outside);
            prop_assert_eq!(memory.remap(top, PAGE, start, length), outside);
            prop_assert_eq!(memory.set_name(start, length, "x"), outside);
            prop_assert!(!memory.is_free(start, length));
        }
        unharmed(&memory, top);
    }
}

/// Addresses chosen so that an unchecked or wrapping sum would hit a certain host object.
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
#[test]
fn host_objects_are_out_of_reach() {
    let (memory, top) = top_page(32);
    let on_heap = vec![0x5a_u8; 64 << 10];
    let on_stack = [0x5a_u8; 64];
    let base = memory.host_pointer(0, 0, Intent::Read).unwrap().addr() as u64;
    let targets = [
        on_heap.as_ptr().addr(),
        on_stack.as_ptr().addr(),
        (&raw const memory).addr(),
    ];
    for target in targets {
        for offset in 0..16 {
            let address = (target as u64 + offset).wrapping_sub(base);
            try_all(&memory, top, address);
            for length in [1, 8, 1 << 20, u64::MAX] {
                assert!(memory.host_pointer(address, length, Intent::Write).is_err());
            }
        }
    }
    assert!(on_heap.iter().chain(&on_stack).all(|byte| *byte == 0x5a));
    unharmed(&memory, top);
}
