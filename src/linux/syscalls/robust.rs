//! Robust futexes, and whatever else is released when a thread ends.

use super::sync::inherit::{self, OWNER, OWNER_DIED, WAITERS};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{Bare, calls};
use crate::process::Process;
use crate::thread::Thread;
use portolan_machine::memory::{Access, Intent};
use std::sync::Arc;

/// set_robust_list(head, size)
pub fn set_robust_list(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let size = 3 * u64::from(context.user().shape.word);
    if a.word(1) != size {
        return Err(Errno::EINVAL);
    }
    context.thread.robust_list = a.word(0);
    let threads = &context.process.threads;
    threads.set_robust_list(context.thread.tid(), a.word(0));
    Ok(0)
}

/// get_robust_list(tid, head, size)
pub fn get_robust_list(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let head = match a.int(0) {
        0 => context.thread.robust_list,
        tid => match context.process.threads.robust_list(tid) {
            Some(head) => head,
            None if tid > 0 && calls::sched_getscheduler(tid).now().is_ok() => {
                // Another process: its list is not in this one's memory.
                return Err(Errno::EPERM);
            }
            None => return Err(Errno::ESRCH),
        },
    };
    let user = context.user();
    user.write_long(a.word(2), 3 * u64::from(user.shape.word))?;
    user.write_long(a.word(1), head)?;
    Ok(0)
}

/// Tells those who wait for a thread's end, and whoever waits for a mutex that dies with it.
pub(crate) fn release(thread: &mut Thread) {
    let head = std::mem::take(&mut thread.robust_list);
    let address = std::mem::take(&mut thread.clear_tid);
    let process = Arc::clone(thread.process());
    if head != 0 {
        // A list that leads nowhere is the program's own problem.
        let _ = release_robust(&process, thread.guest_tid(), head);
    }
    if address != 0 && process.user().write_u32(address, 0).is_ok() {
        wake_one(&process, address);
    }
}

/// Wakes one thread, of whatever process, that waits at a futex word.
fn wake_one(process: &Process, address: u64) {
    if let Ok(word) = process.user().optional(address, 4, Intent::Write) {
        // Nobody waiting is no error.
        let wake = calls::futex_wake(Bare(word), libc::FUTEX_WAKE, 1, 0, Bare(None), 0);
        let _ = wake.now();
    }
}

/// Walks the list of the mutexes that a thread holds, and marks them.
fn release_robust(process: &Process, tid: i32, head: u64) -> Result<(), Errno> {
    const LONGEST: usize = 2048;
    let user = process.user();
    let word = usize::from(user.shape.word);
    let (mut entry, offset, pending) = user.get(head, 3 * word, |r| {
        (r.long(), r.signed_long().cast_unsigned(), r.long())
    })?;
    // The lowest bit of an address says that the mutex inherits priorities.
    let place = |entry: u64| ((entry & !1).wrapping_add(offset), entry & 1 != 0);
    for _ in 0..LONGEST {
        if entry & !1 == head {
            break;
        }
        // Read before the mutex is given up: its next owner may unlink it.
        let next = user.get(entry & !1, word, |r| r.long());
        if entry & !1 != pending & !1 {
            let (address, inherits) = place(entry);
            release_mutex(process, tid, address, inherits, false)?;
        }
        entry = next?;
    }
    if pending & !1 != 0 {
        let (address, inherits) = place(pending);
        release_mutex(process, tid, address, inherits, true)?;
    }
    Ok(())
}

/// Marks a mutex as one whose owner died, if this thread owns it.
fn release_mutex(
    process: &Process,
    tid: i32,
    address: u64,
    inherits: bool,
    pending: bool,
) -> Result<(), Errno> {
    if !address.is_multiple_of(4) {
        return Err(Errno::EINVAL);
    }
    let (memory, access) = (
        &process.memory,
        Access::U32.with_order(process.shape().order),
    );
    let mut old = memory.load(access, address)? as u32;
    if pending && !inherits && old == 0 {
        // It was given up, and nobody told yet.
        wake_one(process, address);
    }
    while old & OWNER == tid.cast_unsigned() {
        let new = old & WAITERS | OWNER_DIED;
        match memory.compare_exchange(access, address, u64::from(old), u64::from(new))? as u32 {
            seen if seen == old => {
                // Of a mutex that inherits priorities, the host's kernel tells who waits.
                if old & WAITERS != 0 && !(inherits && inherit::hosted(process)) {
                    wake_one(process, address);
                }
                break;
            }
            seen => old = seen,
        }
    }
    Ok(())
}
