//! Bytes that nobody meant as instructions, in random states: nothing of what Portolan does with them
//! may panic, whatever it makes of them.

#[path = "support/world.rs"]
mod world;

use portolan::guests::GUESTS;
use portolan_machine::guest::{Guest, Style, Undecoded};
use portolan_machine::registers::SLOTS;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use std::cell::RefCell;
use world::{Life, State, World};

/// Always the same inputs: a failure comes back.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..Config::default()
    })
}

/// Runs a property, and fails with the plainest input for which it does not hold.
fn check<S: Strategy>(
    cases: u32,
    inputs: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    match runner(cases).run(inputs, property) {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{why}\nfor {input:x?}"),
        Err(error) => panic!("{error}"),
    }
}

/// A few bytes: random ones, and sequences of words with few bits set or with few bits clear.
fn bytes(lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    let random = vec(any::<u8>(), lengths.clone());
    let sparse = vec(any::<(u8, u8)>().prop_map(|(a, b)| a & b), lengths.clone());
    let dense = vec(any::<(u8, u8)>().prop_map(|(a, b)| a | b), lengths);
    prop_oneof![random, sparse, dense]
}

/// Everything that is said about bytes without running them.
fn describe(guest: &'static dyn Guest, bytes: &[u8], pc: u64) -> Result<(), TestCaseError> {
    let recorded = guest.record(bytes, pc);
    let explained = guest.explain(bytes, pc);
    // What is known by name only may be explained and listed, or refused.
    let by_name = matches!(recorded, Err(Undecoded::Unsupported { .. }));
    let agrees = |told: bool| by_name || told == recorded.is_ok();
    prop_assert!(agrees(explained.is_ok()), "explained if decoded");
    for aliases in [false, true] {
        let style = Style {
            aliases,
            ..Style::default()
        };
        let line = guest.disassembler(style).line(bytes, pc);
        prop_assert!(agrees(line.decoded), "disassembled if decoded");
        prop_assert!((1..=bytes.len()).contains(&line.length.into()), "{line:?}");
    }
    Ok(())
}

#[test]
fn random_bytes_are_described() {
    let inputs = (bytes(1..=16), any::<u64>());
    check(20_000, &inputs, |(bytes, pc)| {
        GUESTS
            .iter()
            .try_for_each(|port| describe(port.guest, &bytes, pc))
    });
}

#[test]
fn random_bytes_run() {
    let worlds = GUESTS.iter().map(|port| World::new(port.guest, &[0]));
    let worlds = RefCell::new(worlds.collect::<Vec<_>>());
    let registers = vec(
        prop_oneof![any::<u64>(), 0x1_fff0..0x2_1010u64, 0..64u64],
        SLOTS,
    );
    let inputs = (bytes(1..=64), registers);
    check(5_000, &inputs, |(code, registers)| {
        let mut before = State::new();
        before.registers.copy_from_slice(&registers);
        for world in worlds.borrow_mut().iter_mut() {
            for life in Life::ALL {
                world.run(&code, &before, life);
            }
        }
        Ok(())
    });
}

#[test]
fn any_address_can_be_jumped_to() {
    let worlds = GUESTS.iter().map(|port| World::new(port.guest, &[0]));
    let worlds = RefCell::new(worlds.collect::<Vec<_>>());
    let near = prop_oneof![Just(0u64), Just(u64::MAX), Just(1 << 38), Just(0x4_1000)];
    let near = (near, -16..16i64).prop_map(|(address, delta)| address.wrapping_add_signed(delta));
    check(2_000, &prop_oneof![any::<u64>(), near], |pc| {
        let mut before = State::new();
        before.pc = pc;
        for world in worlds.borrow_mut().iter_mut() {
            for life in Life::ALL {
                world.run(&[0; 4], &before, life);
            }
        }
        Ok(())
    });
}
