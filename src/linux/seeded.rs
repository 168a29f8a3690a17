//! `--seed`: what differs from run to run comes from a number instead.
//!
//! | what | where it comes from |
//! |---|---|
//! | `AT_RANDOM`, getrandom, `/dev/random`, `/dev/urandom`, the kernel's `uuid`, rdrand | a generator of the seed |
//! | clocks, the hart's counters, sleeps, timeouts | a clock of the program's own: [`VirtualClock`] |
//! | times that a process used | the same clock; what children used is not known, and told as zero |
//! | numbers of processes, groups, sessions | the seed: [`Pids`] |
//! | addresses | as always: without randomness |
//!
//! A child and a program that execve starts have generators of their own, seeded from their
//! parent's, and go on from its clock. So one process with one thread does the same each time, if
//! what it reads is the same. What is not covered: the order in which several threads or processes
//! come to run, signals and timers, the numbers of threads other than the first, the times of
//! files, and what `/proc` tells of processes beyond their names.

use crate::process::own_pid;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a seeded process starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// What random bytes come from.
    pub number: u64,
    /// What is taken over from the program before, if execve started this one.
    pub inherited: Option<Inherited>,
}

/// What a program takes over from the one before it in the same process; written as text, it is
/// passed on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inherited {
    run: u64,
    slept: u64,
    pids: Vec<(i32, i32)>,
}

impl fmt::Display for Inherited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.run, self.slept)?;
        self.pids
            .iter()
            .try_for_each(|(guest, host)| write!(f, ",{guest}={host}"))
    }
}

impl FromStr for Inherited {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Inherited, &'static str> {
        const WRONG: &str = "not what a seeded program passes on";
        let number = |text: &str| text.parse().map_err(|_| WRONG);
        let mut parts = text.split(',');
        let mut time = || {
            parts
                .next()
                .ok_or(WRONG)
                .and_then(|part| part.parse().map_err(|_| WRONG))
        };
        let (run, slept) = (time()?, time()?);
        let pid = |part: &str| -> Result<(i32, i32), &'static str> {
            let (guest, host) = part.split_once('=').ok_or(WRONG)?;
            Ok((number(guest)?, number(host)?))
        };
        let pids = parts.map(pid).collect::<Result<_, _>>()?;
        Ok(Inherited { run, slept, pids })
    }
}

/// What a seeded process has instead of the host's.
pub(crate) struct Seeded {
    clock: Arc<VirtualClock>,
    /// Timers run by the host's clock: whoever sets one really sleeps.
    timers: AtomicBool,
    state: Mutex<State>,
}

#[derive(Clone)]
pub(crate) struct State {
    generator: ChaCha8Rng,
    pids: Pids,
}

/// A child's share, decided before it is there.
pub(crate) struct Share {
    seed: u64,
    /// Its number for the guest.
    pub(crate) pid: i32,
}

impl Seeded {
    pub(crate) fn new(seed: &Seed) -> Seeded {
        let mut generator = ChaCha8Rng::seed_from_u64(seed.number);
        let (clock, pids) = match &seed.inherited {
            // Some time in the first second: what is random by the clock alone is by the seed.
            None => {
                let clock = VirtualClock::default();
                clock.sleep(generator.next_u64() % SECOND);
                (clock, Pids::fresh())
            }
            Some(Inherited { run, slept, pids }) => {
                let (run, slept) = (AtomicU64::new(*run), AtomicU64::new(*slept));
                (VirtualClock { run, slept }, Pids(pids.clone()))
            }
        };
        Seeded {
            clock: Arc::new(clock),
            timers: AtomicBool::new(false),
            state: Mutex::new(State { generator, pids }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // What it protects is consistent between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock.
    pub(crate) fn clock(&self) -> &Arc<VirtualClock> {
        &self.clock
    }

    /// The next random bytes.
    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.lock().generator.fill_bytes(bytes);
    }

    /// For the program that execve starts.
    pub(crate) fn for_next(&self) -> Seed {
        let mut state = self.lock();
        let inherited = Inherited {
            run: self.clock.run.load(Ordering::Relaxed),
            slept: self.clock.slept.load(Ordering::Relaxed),
            pids: state.pids.0.clone(),
        };
        Seed {
            number: state.generator.next_u64(),
            inherited: Some(inherited),
        }
    }

    /// What a process that shares nothing starts with: the child of vfork.
    pub(crate) fn twin(&self) -> Seeded {
        let clock = VirtualClock {
            run: AtomicU64::new(self.clock.run.load(Ordering::Relaxed)),
            slept: AtomicU64::new(self.clock.slept.load(Ordering::Relaxed)),
        };
        Seeded {
            clock: Arc::new(clock),
            timers: AtomicBool::new(false),
            state: Mutex::new(self.lock().clone()),
        }
    }

    /// Notes that a timer of the host runs for the guest.
    pub(crate) fn timer_runs(&self) {
        self.timers.store(true, Ordering::Relaxed);
    }

    /// Whether the host has a timer running for the guest.
    pub(crate) fn has_timers(&self) -> bool {
        self.timers.load(Ordering::Relaxed)
    }

    /// The host's number of a process or group that the guest names; negative numbers are groups.
    pub(crate) fn host_pid(&self, guest: i32) -> i32 {
        self.lock().pids.to_host(guest)
    }

    /// The guest's number of a process of the host.
    pub(crate) fn guest_pid(&self, host: i32) -> i32 {
        self.lock().pids.to_guest(host)
    }
}

impl State {
    /// Decides what a child starts with.
    pub(crate) fn share(&mut self) -> Share {
        let seed = self.generator.next_u64();
        let pid = self.pids.free(seed);
        Share { seed, pid }
    }

    /// In the parent: the child is there.
    pub(crate) fn bear(&mut self, share: &Share, host: i32) {
        self.pids.set(share.pid, host);
    }

    /// In the child: it is this process.
    pub(crate) fn become_child(&mut self, share: &Share) {
        self.generator = ChaCha8Rng::seed_from_u64(share.seed);
        self.pids.set(share.pid, own_pid());
    }
}

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// A clock that advances with what the program does: a nanosecond an instruction, and as long as
/// it sleeps.
#[derive(Debug, Default)]
pub(crate) struct VirtualClock {
    /// Nanoseconds that the threads ran.
    run: AtomicU64,
    /// Nanoseconds that they slept.
    slept: AtomicU64,
}

impl VirtualClock {
    /// When programs start, or up to a second before: 2026-01-01 00:00:00 UTC, in seconds of the
    /// epoch.
    const START: u64 = 1_767_225_600;
    /// How long the system has been up then, in seconds.
    const UPTIME: u64 = 3600;

    /// Nanoseconds that the process ran.
    pub(crate) fn run(&self) -> u64 {
        self.run.load(Ordering::Relaxed)
    }

    /// Nanoseconds since the system started.
    pub(crate) fn uptime(&self) -> u64 {
        let passed = self.run() + self.slept.load(Ordering::Relaxed);
        Self::UPTIME * SECOND + passed
    }

    /// Nanoseconds of the epoch.
    pub(crate) fn now(&self) -> u64 {
        self.uptime() + (Self::START - Self::UPTIME) * SECOND
    }

    /// Lets time pass without instructions.
    pub(crate) fn sleep(&self, nanoseconds: u64) {
        self.slept.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

/// Counts a thread's instructions into its process' clock.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    clock: Arc<VirtualClock>,
    counted: Arc<AtomicU64>,
}

impl Meter {
    /// For a hart that has not run yet.
    pub(crate) fn new(clock: &Arc<VirtualClock>) -> Meter {
        Meter {
            clock: Arc::clone(clock),
            counted: Arc::default(),
        }
    }

    /// Brings the clock up to date: the hart has retired so many instructions.
    pub(crate) fn count(&self, retired: u64) -> &VirtualClock {
        let before = self.counted.swap(retired, Ordering::Relaxed);
        self.clock
            .run
            .fetch_add(retired.saturating_sub(before), Ordering::Relaxed);
        &self.clock
    }

    /// Nanoseconds that this thread ran.
    pub(crate) fn run(&self) -> u64 {
        self.counted.load(Ordering::Relaxed)
    }

    /// The wall clock for the hart: ticks of 100 ns.
    pub(crate) fn ticks(&self, retired: u64) -> u64 {
        self.count(retired).now() / 100
    }
}

/// What processes, groups and sessions are called: pairs of the guest's number and the host's.
/// Numbers that are not here are the same on both sides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pids(Vec<(i32, i32)>);

impl Pids {
    /// The number of the program itself, when it was started from outside.
    const OWN: i32 = 1000;
    /// Numbers of children.
    const CHILDREN: std::ops::Range<u64> = 1024..4 << 20;

    fn fresh() -> Pids {
        use crate::host::calls;
        let ask = |call: crate::host::HostCall<'_>| call.now().map_or(0, |pid| pid as i32);
        let outside = [
            own_pid(),
            ask(calls::getppid()),
            ask(calls::getpgid(0)),
            ask(calls::getsid(0)),
        ];
        let mut pids = Pids::default();
        for (guest, host) in (0..).map(|index| Pids::OWN - index).zip(outside) {
            // Zero is whoever is outside of this namespace.
            if host > 0 && pids.to_guest(host) == host {
                pids.set(guest, host);
            }
        }
        pids
    }

    fn set(&mut self, guest: i32, host: i32) {
        // The host reuses numbers of processes that are gone.
        self.0.retain(|known| known.0 != guest && known.1 != host);
        self.0.push((guest, host));
    }

    fn to_host(&self, guest: i32) -> i32 {
        let found = self
            .0
            .iter()
            .find(|known| known.0 == guest.saturating_abs());
        found.map_or(guest, |known| known.1 * guest.signum())
    }

    fn to_guest(&self, host: i32) -> i32 {
        let found = self.0.iter().find(|known| known.1 == host);
        found.map_or(host, |known| known.0)
    }

    /// A number that nobody has, from a random one.
    fn free(&self, random: u64) -> i32 {
        let (first, count) = (
            Self::CHILDREN.start,
            Self::CHILDREN.end - Self::CHILDREN.start,
        );
        (0..count)
            .map(|step| (first + random.wrapping_add(step) % count) as i32)
            .find(|pid| self.0.iter().all(|known| known.0 != *pid))
            .unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inherited_survives_the_command_line() {
        let seeded = Seeded::new(&Seed {
            number: 7,
            inherited: None,
        });
        seeded.clock().sleep(5);
        let next = seeded.for_next();
        let inherited = next.inherited.clone().unwrap();
        assert_eq!(inherited.to_string().parse(), Ok(inherited.clone()));
        let again = Seeded::new(&next);
        assert_eq!(again.clock().now(), seeded.clock().now());
        assert_eq!(again.guest_pid(own_pid()), Pids::OWN);
        for text in ["", "1", "1,2,3", "1,2,3=x", "x,2"] {
            assert!(text.parse::<Inherited>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn children_are_numbered_by_the_seed() {
        let of = |number| {
            Seeded::new(&Seed {
                number,
                inherited: None,
            })
            .lock()
            .share()
            .pid
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn numbers_are_translated_both_ways() {
        let seeded = Seeded::new(&Seed {
            number: 1,
            inherited: None,
        });
        let share = seeded.lock().share();
        seeded.lock().bear(&share, 77);
        assert_eq!(seeded.host_pid(share.pid), 77);
        assert_eq!(seeded.host_pid(-share.pid), -77);
        assert_eq!(seeded.guest_pid(77), share.pid);
        assert_eq!((seeded.host_pid(0), seeded.host_pid(-1)), (0, -1));
        assert_eq!(seeded.host_pid(i32::MIN), i32::MIN);
    }

    #[test]
    fn a_meter_counts_each_instruction_once() {
        let clock = Arc::new(VirtualClock::default());
        let (one, other) = (Meter::new(&clock), Meter::new(&clock));
        one.count(10);
        other.count(5);
        one.count(12);
        assert_eq!(clock.run(), 17);
        assert_eq!(one.run(), 12);
    }
}
