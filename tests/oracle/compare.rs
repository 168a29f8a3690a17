//! How scenes are compared: on all processors, each with a QEMU of its own.

use crate::scene::Scene;
use crate::search::{Search, Tally};
use crate::subject::Subject;
use proptest::strategy::Strategy;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text:?}")),
        Err(_) => default,
    }
}

/// How many states of an instruction are compared, unless somebody asks for more.
pub fn states(default: u64) -> u64 {
    setting("PORTOLAN_STATES", default)
}

/// What random numbers begin with.
pub fn seed() -> u64 {
    setting("PORTOLAN_SEED", 1)
}

/// Does jobs on all processors, each with a QEMU of its own, and adds up what they compared.
fn on_all_processors(
    subject: &'static dyn Subject,
    jobs: usize,
    job: impl Fn(&mut Search, usize) -> Result<Tally, String> + Sync,
) -> Option<Tally> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut search = Search::start(subject)?;
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

/// Compares `count` scenes of each of these rows: an index and the instruction's name.
pub fn every_row<S>(
    subject: &'static dyn Subject,
    rows: &[(usize, &'static str)],
    count: u64,
    strategy: impl Fn(usize) -> S + Sync,
) where
    S: Strategy<Value = Option<Scene>>,
{
    let only = env::var("PORTOLAN_ROW").ok();
    let is_wanted = |(_, name): &&(usize, &str)| only.as_ref().is_none_or(|only| only == name);
    let rows: Vec<_> = rows.iter().filter(is_wanted).collect();
    let tally = on_all_processors(subject, rows.len(), |search, number| {
        let &(row, name) = rows[number];
        // Each instruction has a seed of its own, so that it can be repeated alone.
        let tally = search.agree(&strategy(row), count, seed() << 16 | row as u64)?;
        if tally.agreed < count {
            return Err(format!(
                "{name}: only {} scenes can be compared",
                tally.agreed
            ));
        }
        Ok(tally)
    });
    if let Some(tally) = tally {
        println!(
            "{}: {} instructions: {tally:?}",
            subject.emulator().name,
            rows.len()
        );
    }
}

/// Divides `count` random scenes among all processors.
pub fn agree_randomly<S>(
    subject: &'static dyn Subject,
    what: &str,
    strategy: impl Fn() -> S + Sync,
    count: u64,
) where
    S: Strategy<Value = Option<Scene>>,
{
    const PARTS: u64 = 16;
    let tally = on_all_processors(subject, PARTS as usize, |search, part| {
        search.agree(&strategy(), count / PARTS, seed() << 16 | part as u64)
    });
    if let Some(tally) = tally {
        println!("{}: {what}: {tally:?}", subject.emulator().name);
        assert!(
            tally.agreed >= count / PARTS * PARTS,
            "most cannot be compared: {tally:?}"
        );
    }
}

/// Divides given scenes among all processors.
pub fn agree_on(subject: &'static dyn Subject, what: &str, scenes: &[Scene]) {
    const PART: usize = 1024;
    let parts: Vec<&[Scene]> = scenes.chunks(PART).collect();
    let tally = on_all_processors(subject, parts.len(), |search, part| {
        search.agree_on(parts[part])
    });
    if let Some(tally) = tally {
        println!("{}: {what}: {tally:?}", subject.emulator().name);
    }
}
