//! Calls that a kernel may be built without, and that programs do without: they answer ENOSYS by
//! decision and not for want of a handler.

use crate::syscalls::Kind::{Address, Fd, Hex, Int, Unsigned};
use crate::syscalls::{Call, call, not_offered};

pub(super) const CALLS: &[Call] = &[
    // A thread would have to be told each time that the host's kernel moves or preempts it.
    call("rseq", not_offered, &[Address, Unsigned, Hex, Hex]),
    call("io_uring_setup", not_offered, &[Unsigned, Address]),
    call("userfaultfd", not_offered, &[Hex]),
    call("bpf", not_offered, &[Int, Address, Unsigned]),
    call(
        "perf_event_open",
        not_offered,
        &[Address, Int, Int, Fd, Hex],
    ),
];
