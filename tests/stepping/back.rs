//! Going back and forth.

use super::{process_of, rom_of};
use portolan::view::locate::Locator;
use portolan::{Event, Machine, Program, Protection, Session, Trap};
use portolan_linux::thread::Exit;
use portolan_machine::engine::{Moment, Watchpoint};
use portolan_machine::graph::evaluate::Effect;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

const MEBIBYTES: usize = 1 << 20;

fn recorded(isa: &str, rom: &str) -> (Session, Locator) {
    let process = process_of(&rom_of(isa, rom));
    let locator = Locator::of(&process);
    let mut session = Session::new(Program::Linux(Box::new(process)));
    session.record(512 * MEBIBYTES);
    (session, locator)
}

/// Everything of the hart and its memory that a program can see, as a number.
fn state(session: &mut Session) -> u64 {
    let mut hasher = DefaultHasher::new();
    let core = session.core();
    (core.pc(), core.inside()).hash(&mut hasher);
    (0..=u8::MAX).for_each(|slot| core.register(slot).hash(&mut hasher));
    let memory = core.memory();
    for mapping in memory.mappings() {
        let whole = (mapping.start, mapping.end, mapping.protection.bits());
        whole.hash(&mut hasher);
        for page in (mapping.start..mapping.end).step_by(4096) {
            let mut bytes = [0; 4096];
            if memory.read(page, &mut bytes).is_ok() && bytes.iter().any(|byte| *byte != 0) {
                (page, bytes).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

#[test]
fn a_million_steps_back_and_forward_lead_to_the_same_state() {
    const STEPS: u64 = 1_000_000;
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let (mut session, _) = recorded(isa, "nbody");
        let start = state(&mut session);
        assert_eq!(session.run(STEPS), Event::Paused);
        let (steps, _, size) = session.history();
        assert_eq!(steps, STEPS, "{isa}");
        assert!(size < 100 * MEBIBYTES, "{isa}: {size} bytes");
        let end = state(&mut session);
        assert_eq!(session.step_back(STEPS), Event::Stepped);
        assert_eq!(state(&mut session), start, "{isa}");
        assert_eq!(session.step_back(1), Event::Beginning(None));
        assert_eq!(session.run(STEPS), Event::Paused);
        assert_eq!(session.history().0, STEPS);
        assert_eq!(state(&mut session), end, "{isa}");
    }
}

/// Against a session that starts from the beginning each time.
#[test]
fn walking_at_random_is_where_counting_steps_leads() {
    const LONGEST: i64 = 100;
    for isa in ["riscv64", "mips", "mips64el", "x86_64"] {
        // What each number of steps leads to, without a history.
        let program = Program::Linux(Box::new(process_of(&rom_of(isa, "sort"))));
        let mut plain = Session::new(program);
        let mut states = vec![state(&mut plain)];
        for _ in 0..2 * LONGEST {
            plain.step();
            states.push(state(&mut plain));
        }
        let config = Config {
            cases: 6,
            failure_persistence: None,
            ..Config::default()
        };
        let walks = prop::collection::vec(-LONGEST..=LONGEST, 1..8);
        let result = TestRunner::new(config).run(&walks, |walk| {
            let (mut session, _) = recorded(isa, "sort");
            let mut at = 0;
            for distance in walk {
                let wanted = (at + distance).clamp(0, 2 * LONGEST);
                match wanted - at {
                    0 => continue,
                    back @ ..0 => prop_assert_eq!(session.step_back(-back as u64), Event::Stepped),
                    1 => prop_assert_eq!(session.step(), Event::Stepped),
                    on => prop_assert_eq!(session.run(on as u64), Event::Paused),
                };
                at = wanted;
                prop_assert_eq!(state(&mut session), states[at as usize], "{} steps", at);
            }
            Ok(())
        });
        assert!(result.is_ok(), "{isa}: {}", result.unwrap_err());
    }
}

#[test]
fn the_end_can_be_gone_back_from_and_comes_again() {
    for (rom, exit) in [("hello", true), ("crash", false)] {
        let (mut session, _) = recorded("riscv64", rom);
        let start = state(&mut session);
        let Event::Ended(end) = session.run(u64::MAX) else {
            panic!("{rom} does not end")
        };
        assert_eq!(end == Exit::Code(0), exit);
        let steps = session.history().0;
        assert_eq!(session.run_back(), Event::Beginning(None));
        assert_eq!(state(&mut session), start);
        assert_eq!(session.history(), (0, steps, session.history().2));
        assert_eq!(session.run(u64::MAX), Event::Ended(end));
    }
}

/// A watched variable, backwards: the instruction that wrote it last is next.
#[test]
fn going_back_to_a_watched_write_finds_who_made_it() {
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let (mut session, _) = recorded(isa, "sort");
        session.run(20_000);
        let watched = loop {
            let (effects, event) = session.step_observed();
            assert_eq!(event, Event::Stepped);
            let store = effects.iter().find_map(|effect| match effect {
                Effect::Store { address, .. } => Some(*address & !7),
                _ => None,
            });
            if let Some(address) = store {
                break address;
            }
        };
        session.run(300);
        // By whom, step by step, without watching.
        let value = |session: &mut Session| {
            let mut bytes = [0; 8];
            session
                .core()
                .memory()
                .read(watched, &mut bytes)
                .expect("the stack");
            bytes
        };
        let last = value(&mut session);
        let writer = loop {
            match session.step_back(1) {
                Event::Stepped if value(&mut session) == last => {}
                Event::Stepped => break session.core().pc(),
                event => panic!("{isa}: {event:?}"),
            }
        };
        let behind = session.history().0;
        session.run(session.ahead());
        session.set_watchpoint(Watchpoint {
            start: watched,
            bytes: 8,
            reads: false,
            writes: true,
            moment: Moment::After,
        });
        // It may have been written again with the same value.
        while session.history().0 > behind {
            let event = session.run_back();
            assert!(matches!(event, Event::Watchpoint(_)), "{isa}: {event:?}");
        }
        assert_eq!(
            (session.history().0, session.core().pc()),
            (behind, writer),
            "{isa}"
        );
        // Forward, it stops behind it.
        assert!(matches!(session.run(u64::MAX), Event::Watchpoint(_)));
        assert_eq!(
            (session.history().0, value(&mut session)),
            (behind + 1, last),
            "{isa}"
        );
    }
}

#[test]
fn stepping_back_over_a_function_comes_to_its_call() {
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let (mut session, locator) = recorded(isa, "fib");
        let main = locator.address_of("main").expect("the rom has symbols");
        let number = session.set_breakpoint(main);
        session.run(u64::MAX);
        session.delete_breakpoint(number);
        let mut way = Vec::new();
        let in_main = |pc| locator.function(pc).is_some_and(|(name, _)| name == "main");
        while way.len() < 60 && in_main(session.core().pc()) {
            way.push((session.core().pc(), state(&mut session)));
            match session.step_over() {
                Event::Stepped => {}
                Event::Ended(_) => break,
                event => panic!("{isa} at {:#x}: {event:?}", session.core().pc()),
            }
        }
        assert!(way.len() > 10, "{isa}");
        // Where it has returned from, the way back leads over all of it.
        while !in_main(session.core().pc()) {
            session.step_back(1);
        }
        for (pc, state) in way.into_iter().rev() {
            // A branch and the instruction in its delay slot are two steps forward, one back.
            while session.core().pc() != pc {
                assert_eq!(session.step_over_back(), Event::Stepped, "{isa} to {pc:#x}");
            }
            assert_eq!(self::state(&mut session), state, "{isa} at {pc:#x}");
        }
    }
}

/// What somebody changes belongs to the moment, and makes what came after it another story.
#[test]
fn a_change_in_the_past_forgets_the_future() {
    let (mut session, locator) = recorded("riscv64", "fib");
    let fib = locator.address_of("fib").expect("the rom has symbols");
    session.set_breakpoint(fib);
    for _ in 0..3 {
        session.run(u64::MAX);
    }
    let a0 = 10;
    assert!(matches!(session.run_back(), Event::Breakpoint(_)));
    let before = session.core().register(a0);
    assert!(session.ahead() > 0);
    session.core().set_register(a0, 1);
    assert!(session.settle() > 0);
    assert_eq!(session.ahead(), 0);
    session.step();
    session.step_back(1);
    assert_eq!(session.core().register(a0), 1);
    session.step_back(1);
    session.step();
    assert_eq!(session.core().register(a0), 1, "{before}");
}

/// The test is the kernel: it maps memory and writes to it between two instructions.
#[test]
fn mappings_are_undone_and_made_again() {
    // ecall, again and again
    let code: Vec<u8> = [0x73, 0, 0, 0].repeat(16);
    let mut machine = Machine::new("riscv64").unwrap();
    machine.load(0x1000, &code).unwrap();
    machine
        .map(0x10_0000, 0x4000, Protection::READ | Protection::WRITE)
        .unwrap();
    machine.memory().write(0x10_1000, b"first").unwrap();
    machine.set_pc(0x1000);
    let mut session = Session::new(Program::Bare(machine));
    session.record(64 * MEBIBYTES);
    let mut states = Vec::new();
    let call = |session: &mut Session, n: usize| {
        let rw = Protection::READ | Protection::WRITE;
        let memory = session.core().memory().clone();
        match n {
            0 => memory.map(0x20_0000, 0x3000, rw, "new").unwrap(),
            1 => memory.write(0x20_0ff0, &[7; 64]).unwrap(),
            2 => memory.unmap(0x10_1000, 0x1000).unwrap(),
            3 => memory.protect(0x20_0000, 0x1000, Protection::NONE).unwrap(),
            4 => memory.remap(0x20_0000, 0x2000, 0x30_0000, 0x5000).unwrap(),
            5 => memory.map(0x10_0000, 0x2000, rw, "other").unwrap(),
            _ => memory.write(0x10_0000, b"last").unwrap(),
        }
        let next = session.core().pc() + 4;
        session.core().set_pc(next);
        session.settle();
    };
    for n in 0..7 {
        states.push(state(&mut session));
        assert_eq!(session.step(), Event::Trapped(Trap::Syscall));
        call(&mut session, n);
    }
    for _ in 0..2 {
        let last = state(&mut session);
        for (n, before) in states.iter().enumerate().rev() {
            assert_eq!(session.step_back(1), Event::Stepped);
            assert_eq!(state(&mut session), *before, "call {n}");
        }
        for state in states.iter().skip(1).chain([&last]) {
            assert_eq!(session.step(), Event::Stepped);
            assert_eq!(self::state(&mut session), *state);
        }
    }
}

#[test]
fn what_is_shared_is_where_the_history_begins() {
    let (mut session, _) = recorded("riscv64", "hello");
    session.run(10);
    let memory = session.core().memory().clone();
    let range = Protection::READ | Protection::WRITE;
    memory
        .map_shared_anonymous(0x7000_0000, 0x1000, range, "")
        .unwrap();
    session.settle();
    let Event::Beginning(Some(why)) = session.step_back(1) else {
        panic!("it was gone back over")
    };
    assert!(why.contains("shared"), "{why}");
    assert_eq!(session.run(5), Event::Paused);
    assert_eq!(session.step_back(5), Event::Stepped);
}
