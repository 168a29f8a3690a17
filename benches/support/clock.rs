//! The clock of all benchmarks: what other programs do meanwhile does not count.

use std::time::Duration;

/// The time that a processor has spent on this thread.
pub fn now() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it writes to `time` only.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0, "the host has such a clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
