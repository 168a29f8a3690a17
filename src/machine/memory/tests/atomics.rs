//! Atomic accesses: their results, their faults, and their atomicity.

use proptest::prelude::*;

use super::*;

pub(super) const OPERATIONS: [Rmw; 9] = [
    Rmw::Swap,
    Rmw::Add,
    Rmw::And,
    Rmw::Or,
    Rmw::Xor,
    Rmw::MinSigned,
    Rmw::MaxSigned,
    Rmw::MinUnsigned,
    Rmw::MaxUnsigned,
];

/// What an operation makes of two register values, in the words of its definition.
fn expected(a: Access, op: Rmw, old: u64, operand: u64) -> u64 {
    let unused = 64 - 8 * u32::from(a.bytes);
    let signed = |value: u64| (value << unused) as i64 >> unused;
    let unsigned = |value: u64| value << unused >> unused;
    match op {
        Rmw::Swap => operand,
        Rmw::Add => old.wrapping_add(operand),
        Rmw::And => old & operand,
        Rmw::Or => old | operand,
        Rmw::Xor => old ^ operand,
        Rmw::MinSigned => signed(old).min(signed(operand)) as u64,
        Rmw::MaxSigned => signed(old).max(signed(operand)) as u64,
        Rmw::MinUnsigned => unsigned(old).min(unsigned(operand)),
        Rmw::MaxUnsigned => unsigned(old).max(unsigned(operand)),
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn operations_do_as_defined(old in any::<u64>(), operand in any::<u64>(), slot in 0u64..8) {
        let memory = Memory::new(20).unwrap();
        memory.map(0, PAGE, RW, "").unwrap();
        for a in SHAPES {
            for op in OPERATIONS {
                let address = 64 + slot * u64::from(a.bytes);
                memory.fill(0, 256, 0x77).unwrap();
                memory.store(a, address, old).unwrap();
                prop_assert_eq!(memory.rmw(a, op, address, operand), Ok(a.extend(old)));
                let new = a.extend(expected(a, op, old, operand));
                prop_assert_eq!(memory.load(a, address), Ok(new), "{:?} {:?}", a, op);
                let beside = [address - 1, address + u64::from(a.bytes)];
                for address in beside {
                    prop_assert_eq!(memory.load(Access::U8, address), Ok(0x77));
                }
            }
        }
    }

    #[test]
    fn compare_exchange_compares_the_bytes_accessed(old in any::<u64>(), new in any::<u64>()) {
        let memory = Memory::new(20).unwrap();
        memory.map(0, PAGE, RW, "").unwrap();
        for a in SHAPES {
            memory.store(a, 8, old).unwrap();
            let other = a.extend(old) ^ 1;
            prop_assert_eq!(memory.compare_exchange(a, 8, other, new), Ok(a.extend(old)));
            prop_assert_eq!(memory.load(a, 8), Ok(a.extend(old)));
            // Bits of the expected value beyond the access do not count.
            let expected = if a.bytes == 8 { old } else { old ^ 1 << 63 };
            prop_assert_eq!(memory.compare_exchange(a, 8, expected, new), Ok(a.extend(old)));
            prop_assert_eq!(memory.load(a, 8), Ok(a.extend(new)));
        }
    }
}

#[test]
fn atomics_may_straddle_words_and_pages() {
    let memory = memory();
    memory.map(0, 2 * PAGE, RW, "").unwrap();
    for a in SHAPES.into_iter().filter(|a| a.bytes > 1) {
        for address in [0x11, 0x17, PAGE - 1] {
            memory.store(a, address, 5).unwrap();
            assert_eq!(memory.rmw(a, Rmw::Add, address, 2), Ok(5));
            assert_eq!(memory.compare_exchange(a, address, 5, 1), Ok(7));
            assert_eq!(memory.compare_exchange(a, address, 7, 9), Ok(7));
            assert_eq!(memory.load(a, address), Ok(9));
        }
        let beyond = fault(Intent::Write, Cause::Unmapped, 2 * PAGE);
        assert_eq!(memory.rmw(a, Rmw::Swap, 2 * PAGE - 1, 0), Err(beyond));
    }
}

#[test]
fn a_pair_is_exchanged_if_both_words_are_equal() {
    let memory = memory();
    memory.map(0, PAGE, RW, "").unwrap();
    memory.map(PAGE, PAGE, READ, "").unwrap();
    let pair = || [16, 24].map(|at| memory.load(Access::U64, at).unwrap());
    let exchange = |expected, new| memory.compare_exchange_pair(16, expected, new);
    assert_eq!(exchange([0, 0], [1, 2]), Ok(true));
    assert_eq!(pair(), [1, 2]);
    for other in [[1, 3], [0, 2], [2, 1]] {
        assert_eq!(exchange(other, [8, 9]), Ok(false));
        assert_eq!(pair(), [1, 2]);
    }
    let bus = fault(Intent::Write, Cause::Bus, 24);
    assert_eq!(memory.compare_exchange_pair(24, [0; 2], [0; 2]), Err(bus));
    let forbidden = fault(Intent::Write, Cause::Protection, PAGE);
    assert_eq!(
        memory.compare_exchange_pair(PAGE, [1; 2], [0; 2]),
        Err(forbidden)
    );
}

#[test]
fn atomics_need_write_permission_even_to_fail() {
    let memory = memory();
    memory.map(0, PAGE, READ, "").unwrap();
    memory.map(PAGE, PAGE, Protection::NONE, "").unwrap();
    for a in SHAPES {
        for address in [0, PAGE] {
            let forbidden = fault(Intent::Write, Cause::Protection, address);
            for op in OPERATIONS {
                assert_eq!(memory.rmw(a, op, address, 0), Err(forbidden));
            }
            assert_eq!(memory.compare_exchange(a, address, 1, 2), Err(forbidden));
        }
    }
}

#[test]
fn no_addition_is_lost_between_threads() {
    const TURNS: u64 = 20_000;
    let memory = memory();
    memory.map(0, PAGE, RW, "").unwrap();
    for a in [
        Access::U16,
        Access::U32,
        Access::U64.big(),
        Access::U32.big(),
    ] {
        memory.store(Access::U64, 64, 0).unwrap();
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    for _ in 0..TURNS {
                        memory.rmw(a, Rmw::Add, 64, 1).unwrap();
                    }
                });
            }
        });
        assert_eq!(memory.load(a, 64), Ok(2 * TURNS), "{a:?}");
    }
}

#[test]
fn neighbouring_bytes_are_stored_independently() {
    const TURNS: u64 = 20_000;
    let memory = memory();
    memory.map(0, PAGE, RW, "").unwrap();
    std::thread::scope(|threads| {
        for at in 0..2 {
            let memory = &memory;
            threads.spawn(move || {
                for turn in 0..TURNS {
                    memory.store(Access::U8, at, turn).unwrap();
                    assert_eq!(memory.load(Access::U8, at), Ok(turn & 0xff));
                }
            });
        }
    });
}

#[test]
fn compare_exchange_is_a_lock() {
    const TURNS: u64 = 5_000;
    let memory = memory();
    memory.map(0, PAGE, RW, "").unwrap();
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                for _ in 0..TURNS {
                    while memory.compare_exchange(Access::U32, 0, 0, 1) != Ok(0) {
                        std::thread::yield_now();
                    }
                    // Not atomic, so only the lock makes it right.
                    let count = memory.load(Access::U64, 8).unwrap();
                    memory.store(Access::U64, 8, count + 1).unwrap();
                    memory.rmw(Access::U32, Rmw::Swap, 0, 0).unwrap();
                }
            });
        }
    });
    assert_eq!(memory.load(Access::U64, 8), Ok(2 * TURNS));
}
