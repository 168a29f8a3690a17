//! The one place where guest threads sleep.
//!
//! Every host call that may sleep is handed to a [`Scheduler`] together with what it waits for.
//! Production has [`HostThreads`]: each guest thread is a host thread, and simply sleeps. A
//! debugger's deterministic schedule will instead run other guest threads until what is waited
//! for has happened, and only then make the call, which does not sleep any more.

use crate::errno::Errno;
use crate::host::signals::Mailbox;
use crate::host::{HostCall, interruptible};

/// What a sleeping thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Bytes, a connection or an event to read from a descriptor.
    Readable(i32),
    /// Room to write to a descriptor.
    Writable(i32),
    /// Any of several descriptors.
    Descriptors,
    /// Another end of a file, such as a FIFO's.
    Opening,
    /// A lock on a file.
    Lock(i32),
    /// A child's end or stop.
    Child,
    /// A change of the futex word at a guest address.
    Futex(u64),
    /// A point in time.
    Time,
    /// A semaphore or a message of SysV IPC.
    Object,
    /// A signal.
    Signal,
    /// What comes by itself before long: random bytes after the host has started.
    Soon,
}

/// Makes the host calls that may sleep.
pub trait Scheduler: Send + Sync {
    /// Makes a call on behalf of the guest thread that `mailbox` belongs to, when `wait` has
    /// happened or sleeping until then.
    ///
    /// # Errors
    ///
    /// What the host answers; EINTR if a signal came meanwhile, and [`Errno::RESTART`] if one was
    /// waiting already: then the call was not made.
    fn block(&self, mailbox: &Mailbox, wait: Wait, call: &HostCall<'_>) -> Result<u64, Errno>;
}

/// Each guest thread is a host thread: it sleeps in the host's kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostThreads;

impl Scheduler for HostThreads {
    fn block(&self, mailbox: &Mailbox, _: Wait, call: &HostCall<'_>) -> Result<u64, Errno> {
        interruptible(mailbox, call)
    }
}
