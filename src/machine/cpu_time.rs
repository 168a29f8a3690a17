//! The processor time that threads take.

use std::time::Duration;

/// What the calling thread has taken so far, in user space and in the kernel; zero where the host does
/// not tell.
#[cfg(all(feature = "host", target_os = "linux"))]
pub fn of_this_thread() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure is there to be filled in.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    match result {
        0 => Duration::new(time.tv_sec as u64, time.tv_nsec as u32),
        _ => Duration::ZERO,
    }
}

/// What the calling thread has taken so far: this host does not tell.
#[cfg(not(all(feature = "host", target_os = "linux")))]
pub fn of_this_thread() -> Duration {
    Duration::ZERO
}
