//! RISC-V compared with QEMU's user mode, on random states of every instruction and on random
//! programs.
//!
//! ```text
//! cargo test --release --test oracle_riscv64                            200 states an instruction
//! PORTOLAN_STATES=10000 cargo test --release --test oracle_riscv64      10,000
//! PORTOLAN_SEED=7 ...                                                   other ones
//! PORTOLAN_ROW=fmadd.s ...                                              of one instruction
//! ```
//!
//! A disagreement is reported as the plainest scene that still shows it, in the notation of
//! `tests/cases`: it becomes a case there, and then is repaired.

#[path = "../support/ins.rs"]
mod ins;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/world.rs"]
mod world;

mod deviations;
mod encodings;
mod programs;
mod qemu;
mod relations;
mod scene;
mod search;
mod values;

use portolan_riscv::{GUEST, decode};
use proptest::strategy::Strategy;
use scene::Scene;
use search::{Search, Tally};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

/// `c.ebreak`.
const BREAKPOINT: &[u8] = &[0x02, 0x90];

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text:?}")),
        Err(_) => default,
    }
}

fn states() -> u64 {
    setting("PORTOLAN_STATES", 200)
}

fn seed() -> u64 {
    setting("PORTOLAN_SEED", 1)
}

/// Does jobs on all processors, each with a QEMU of its own, and adds up what they compared.
fn on_all_processors(
    jobs: usize,
    job: impl Fn(&mut Search, usize) -> Result<Tally, String> + Sync,
) -> Option<Tally> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut search = Search::start()?;
        let (mut tally, mut complaints) = (Tally::default(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= jobs {
                return Some((tally, complaints));
            }
            match job(&mut search, number) {
                Ok(more) => tally += more,
                Err(complaint) => complaints.push(complaint),
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    let (mut total, mut complaints) = (Tally::default(), Vec::new());
    for result in results {
        let (tally, more) = result?;
        total += tally;
        complaints.extend(more);
    }
    let count = complaints.len();
    assert!(
        complaints.is_empty(),
        "{count} disagreements:\n{}",
        complaints.join("\n")
    );
    Some(total)
}

#[test]
fn every_instruction_agrees_on_random_states() {
    let only = env::var("PORTOLAN_ROW").ok();
    let rows: Vec<(usize, &str)> = decode::rows()
        .map(|row| row.name)
        .enumerate()
        .filter(|(_, name)| only.as_ref().is_none_or(|only| only == name))
        .collect();
    let tally = on_all_processors(rows.len(), |search, number| {
        let (row, name) = rows[number];
        let scenes = scene::dice().prop_map(move |dice| scene::of_row(row, &dice));
        // Each instruction has a seed of its own, so that it can be repeated alone.
        let tally = search.agree(&scenes, states(), seed() << 16 | row as u64)?;
        if tally.agreed < states() {
            return Err(format!(
                "{name}: only {} scenes can be compared",
                tally.agreed
            ));
        }
        Ok(tally)
    });
    if let Some(tally) = tally {
        println!("{} instructions: {tally:?}", rows.len());
    }
}

/// Divides `count` random scenes among all processors.
fn agree_randomly<S>(what: &str, strategy: impl Fn() -> S + Sync, count: u64)
where
    S: Strategy<Value = Option<Scene>>,
{
    const PARTS: u64 = 16;
    let tally = on_all_processors(PARTS as usize, |search, part| {
        search.agree(&strategy(), count / PARTS, seed() << 16 | part as u64)
    });
    if let Some(tally) = tally {
        println!("{what}: {tally:?}");
        assert!(
            tally.agreed >= count / PARTS * PARTS,
            "most cannot be compared: {tally:?}"
        );
    }
}

#[test]
fn random_programs_agree() {
    agree_randomly("programs", || programs::programs(1..=30), 20 * states());
}

#[test]
fn reservations_agree() {
    agree_randomly("reservations", programs::reservations, 5 * states());
}

/// Divides given scenes among all processors.
fn agree_on(what: &str, scenes: &[Scene]) {
    const PART: usize = 1024;
    let parts: Vec<&[Scene]> = scenes.chunks(PART).collect();
    let tally = on_all_processors(parts.len(), |search, part| search.agree_on(parts[part]));
    if let Some(tally) = tally {
        println!("{what}: {tally:?}");
    }
}

#[test]
fn every_halfword_agrees() {
    agree_on("halfwords", &encodings::halfwords());
}

#[test]
fn every_function_code_agrees() {
    for pass in 0..states().div_ceil(200) {
        agree_on("words", &encodings::words(seed() << 8 | pass));
    }
}

#[test]
fn every_control_and_status_register_agrees() {
    agree_on("control and status registers", &encodings::control_status());
}

#[test]
fn cases_agree() {
    let directory = Path::new("tests/cases/riscv64");
    let (cases, errors) = ins::read_all(directory, GUEST);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let scene = |case: ins::Case| Scene {
        code: case.code,
        before: case.before,
    };
    let scenes: Vec<Scene> = cases.into_iter().map(scene).collect();
    agree_on("cases", &scenes);
}
