//! The time of a board: the real one, or one that only the program's own accesses advance.

use super::Power;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// How long a frame is shown, in microseconds: a sixtieth of a second.
const FRAME: u64 = 16_667;
/// 2026-01-01 00:00 UTC.
const NEW_YEAR: u64 = 1_767_225_600;
/// How long at most somebody waits without looking at the power.
const PATIENCE: Duration = Duration::from_millis(20);

/// What time it is.
pub struct Clock(Kind);

enum Kind {
    Real {
        start: Instant,
        /// When the next frame may be shown.
        next_frame: Mutex<Instant>,
    },
    /// Microseconds since the start.
    Counted(AtomicU64),
}

impl Clock {
    /// The real time.
    pub fn real() -> Clock {
        let start = Instant::now();
        Clock(Kind::Real {
            start,
            next_frame: Mutex::new(start),
        })
    }

    /// The same in each run: it starts at 2026-01-01 00:00 UTC; a look at the timer takes a microsecond, a frame a
    /// sixtieth of a second, a wait as long as it is to take, and nothing else takes any time.
    pub fn counted() -> Clock {
        Clock(Kind::Counted(AtomicU64::new(0)))
    }

    /// Microseconds since the start, for one who looks at the timer.
    pub fn timer(&self) -> u64 {
        match &self.0 {
            Kind::Real { start, .. } => start.elapsed().as_micros() as u64,
            Kind::Counted(now) => now.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Seconds since 1970-01-01 00:00 UTC.
    pub fn unix(&self) -> u64 {
        match &self.0 {
            Kind::Real { .. } => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                since.map_or(0, |since| since.as_secs())
            }
            Kind::Counted(now) => NEW_YEAR + now.load(Ordering::Relaxed) / 1_000_000,
        }
    }

    /// Waits, unless the power goes off.
    pub(super) fn wait(&self, microseconds: u64, power: &Power) {
        match &self.0 {
            Kind::Real { .. } => {
                let until = Instant::now().checked_add(Duration::from_micros(microseconds));
                wait_until(until, power);
            }
            Kind::Counted(now) => {
                now.fetch_add(microseconds, Ordering::Relaxed);
            }
        }
    }

    /// Waits until the next frame may be shown.
    pub(super) fn wait_for_frame(&self, power: &Power) {
        match &self.0 {
            Kind::Real { next_frame, .. } => {
                let mut next = next_frame.lock().unwrap_or_else(PoisonError::into_inner);
                wait_until(Some(*next), power);
                *next = (*next + Duration::from_micros(FRAME)).max(Instant::now());
            }
            Kind::Counted(now) => {
                now.fetch_add(FRAME, Ordering::Relaxed);
            }
        }
    }
}

/// None: for ever.
fn wait_until(until: Option<Instant>, power: &Power) {
    while power.status().is_none() {
        let left = match until {
            Some(until) => until.saturating_duration_since(Instant::now()),
            None => PATIENCE,
        };
        if left.is_zero() {
            break;
        }
        thread::sleep(left.min(PATIENCE));
    }
}
