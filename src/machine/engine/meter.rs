//! Where a hart's processor time goes, if somebody wants to know.
//!
//! The time of a whole run is the thread's processor time. Within one, tiers may alternate millions of
//! times a second, and to ask the kernel each time would be most of what is measured: the clock on the
//! wall, which costs a tenth of that, tells in what proportion the time is theirs.

use crate::cpu_time;
use crate::guest::Measured;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// One run's time.
pub struct Meter {
    since: Instant,
    taken: Duration,
}

/// What the second tier took of a run, by the clock on the wall.
#[derive(Default)]
pub struct Shares {
    /// Instructions that compiled code retired.
    pub retired: Cell<u64>,
    /// Compiled code.
    pub running: Cell<Duration>,
    /// Compiling, on the hart's own thread.
    pub compiling: Cell<Duration>,
}

impl Meter {
    /// A run begins.
    pub fn start() -> Meter {
        Meter {
            since: Instant::now(),
            taken: cpu_time::of_this_thread(),
        }
    }

    /// It has ended: adds its time.
    pub fn stop(self, shares: &Shares, measured: &mut Measured) {
        let (whole, taken) = (self.since.elapsed(), cpu_time::of_this_thread());
        let taken = taken.saturating_sub(self.taken);
        let share = |part: &Cell<Duration>| {
            let part = part.take().as_secs_f64() / whole.as_secs_f64().max(1e-9);
            taken.mul_f64(part.min(1.0))
        };
        let (compiled, compiling) = (share(&shares.running), share(&shares.compiling));
        measured.compiled_retired += shares.retired.take();
        measured.compiled += compiled;
        measured.interpreting += taken.saturating_sub(compiled + compiling);
    }
}
