//! The host's kernel: the only files of this crate with `unsafe` code.
//!
//! - `call.rs`: [`HostCall`], a host call ready to be made, and what may be passed to it;
//! - `calls.rs`: the host calls, one row each;
//! - `layouts.rs`: the host's structures that are translated field by field;
//! - `message.rs`: what calls about sockets pass;
//! - `blocking.rs`: host calls that a signal interrupts, even at the last instant before;
//! - `signals.rs`: catching the host's signals for the guest;
//! - `fork.rs`: new host processes;
//! - `title.rs`: what the host's lists of processes show;
//! - `constants.rs`: the host's numbers of what [`constants`](crate::constants) names.

mod blocking;
mod call;
pub mod calls;
pub mod constants;
pub(crate) mod fork;
pub mod layouts;
pub mod message;
pub mod signals;
pub(crate) mod title;

pub use blocking::interruptible;
pub use call::{
    Bare, FutexWaiter, FutexWaiters, GuestBuffer, HostCall, HostStatfs, HostTermios, List, OwnerEx,
    Plain, SchedulingAttributes, SetSized, Vectors,
};

/// A guest's descriptor as the standard library wants it; none if it is negative.
///
/// The guest may close it at any time. That is no worse than what any other program of the user's
/// does to its own descriptors: the host then answers EBADF.
pub(crate) fn borrow(fd: i32) -> Option<std::os::fd::BorrowedFd<'static>> {
    // SAFETY: not -1. It may be closed while it is borrowed, which the callers, who only pass it
    // to a host call, do not rely on.
    (fd >= 0).then(|| unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) })
}

/// A descriptor that a host call has just made, and that nobody else knows.
pub(crate) fn own(fd: i32) -> std::fs::File {
    use std::os::fd::FromRawFd;
    // SAFETY: the callers pass what a successful call of theirs returned, once.
    unsafe { std::fs::File::from_raw_fd(fd) }
}

/// Descriptors from here on are out of a program's usual way.
const HIGH: u64 = 900;

/// A copy of a descriptor of the emulator's own, with a number that no guest expects to be free.
///
/// # Errors
///
/// If the descriptor cannot be duplicated.
pub fn out_of_the_way(fd: std::os::fd::BorrowedFd<'_>) -> std::io::Result<std::fs::File> {
    use std::os::fd::AsRawFd;
    match calls::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, HIGH).now() {
        Ok(copy) => Ok(own(copy as i32)),
        // Few descriptors allowed: take any.
        Err(_) => fd.try_clone_to_owned().map(std::fs::File::from),
    }
}
