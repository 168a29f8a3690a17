//! Futexes, and what goes with them.

use super::time::{self, Width};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{Bare, calls};
use crate::process::Process;
use crate::scheduler::Wait;
use crate::thread::Thread;
use portolan_machine::memory::{Access, Intent};
use std::sync::Arc;

const COMMAND: i32 = 0x7f;
const REALTIME: i32 = 0x100;

/// futex(word, operation, value, timeout, second, third)
pub fn futex(context: &mut Context<'_>, a: &Arguments) -> Reply {
    operate(context, a, Width::Word)
}

/// futex_time64(word, operation, value, timeout, second, third)
pub fn futex64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    operate(context, a, Width::Wide)
}

fn operate(context: &mut Context<'_>, a: &Arguments, width: Width) -> Reply {
    let operation = a.int(1);
    let user = context.user();
    let word = Bare(user.optional(a.word(0), 4, Intent::Write)?);
    let second = |used: bool| -> Result<Bare<'_>, Errno> {
        Ok(Bare(if used {
            user.optional(a.word(4), 4, Intent::Write)?
        } else {
            None
        }))
    };
    let (value, third) = (a.unsigned(2), a.unsigned(5));
    let number = a.word(3);
    match operation & COMMAND {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => {
            let mut timeout = time::read_optional(context, a.word(3), width)?;
            let absolute = operation & COMMAND == libc::FUTEX_WAIT_BITSET;
            let waited = match (absolute, operation & REALTIME) {
                (false, _) => timeout,
                (true, 0) => time::to_host(context, libc::CLOCK_MONOTONIC, &mut timeout)?,
                (true, _) => time::to_host(context, libc::CLOCK_REALTIME, &mut timeout)?,
            };
            let expected = in_memory(context, value);
            let call = calls::futex_wait(
                word,
                operation,
                expected,
                timeout.as_mut(),
                Bare(None),
                third,
            );
            let relative = operation & COMMAND == libc::FUTEX_WAIT && a.word(3) != 0;
            let reply = match relative {
                // Waiting the whole time once more would be too long.
                true => context.block_once(Wait::Futex(a.word(0)), &call),
                false => context.block(Wait::Futex(a.word(0)), &call),
            };
            if let (Err(Errno::ETIMEDOUT), Some(waited)) = (reply, waited) {
                time::passed(context, waited);
            }
            reply
        }
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            calls::futex_wake(word, operation, value, 0, Bare(None), third).now()
        }
        libc::FUTEX_REQUEUE => {
            calls::futex_wake(word, operation, value, number, second(true)?, 0).now()
        }
        libc::FUTEX_CMP_REQUEUE => {
            let expected = in_memory(context, third);
            calls::futex_wake(word, operation, value, number, second(true)?, expected).now()
        }
        libc::FUTEX_WAKE_OP => wake_and_operate(context, a, word),
        libc::FUTEX_LOCK_PI | libc::FUTEX_TRYLOCK_PI | libc::FUTEX_UNLOCK_PI
            if in_memory(context, 1) == 1 =>
        {
            // The kernel keeps thread numbers in the word, in the host's byte order.
            let mut timeout = time::read_optional(context, a.word(3), width)?;
            let waited = time::to_host(context, libc::CLOCK_REALTIME, &mut timeout)?;
            let call = calls::futex_wait(
                word,
                operation,
                value,
                timeout.as_mut(),
                second(false)?,
                third,
            );
            let reply = context.block(Wait::Futex(a.word(0)), &call);
            if let (Err(Errno::ETIMEDOUT), Some(waited)) = (reply, waited) {
                time::passed(context, waited);
            }
            reply
        }
        _ => Err(Errno::ENOSYS),
    }
}

/// A value whose bytes in the host's order are those of the guest's: what the kernel compares.
fn in_memory(context: &Context<'_>, value: u32) -> u32 {
    let bytes = context.user().shape.encode(u64::from(value), 4);
    u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// FUTEX_WAKE_OP: changes the second word, wakes at the first, and at the second if its old value
/// compares. The operation is done here, in the guest's byte order.
fn wake_and_operate(context: &Context<'_>, a: &Arguments, word: Bare<'_>) -> Reply {
    let (encoded, flags) = (a.unsigned(5), a.int(1) & !COMMAND & !REALTIME);
    let old = operate_on_word(context, a.word(4), encoded)?;
    let wake = libc::FUTEX_WAKE | flags;
    let woken = calls::futex_wake(word, wake, a.unsigned(2), 0, Bare(None), 0).now()?;
    if !compares(encoded, old)? {
        return Ok(woken);
    }
    let second = Bare(context.user().optional(a.word(4), 4, Intent::Write)?);
    let number = a.word(3) as u32;
    Ok(woken + calls::futex_wake(second, wake, number, 0, Bare(None), 0).now()?)
}

/// The upper and lower 12-bit numbers of an encoded operation, sign-extended.
fn operands(encoded: u32) -> (i32, i32) {
    let signed = |bits: u32| (bits << 20).cast_signed() >> 20;
    (signed(encoded >> 12 & 0xfff), signed(encoded & 0xfff))
}

fn operate_on_word(context: &Context<'_>, address: u64, encoded: u32) -> Result<u32, Errno> {
    const SHIFT: u32 = 8;
    if !address.is_multiple_of(4) {
        return Err(Errno::EINVAL);
    }
    let memory = &context.process.memory;
    let access = Access::U32.with_order(context.user().shape.order);
    let operation = encoded >> 28 & 0xf;
    let (argument, _) = operands(encoded);
    let argument = match operation & SHIFT {
        0 => argument.cast_unsigned(),
        _ => 1u32 << (argument & 31),
    };
    let mut old = memory.load(access, address)?;
    loop {
        let value = old as u32;
        let new = match operation & !SHIFT {
            0 => argument,
            1 => value.wrapping_add(argument),
            2 => value | argument,
            3 => value & !argument,
            4 => value ^ argument,
            _ => return Err(Errno::ENOSYS),
        };
        match memory.compare_exchange(access, address, old, u64::from(new))? {
            seen if seen == old => return Ok(value),
            seen => old = seen,
        }
    }
}

fn compares(encoded: u32, old: u32) -> Result<bool, Errno> {
    let (old, (_, argument)) = (old.cast_signed(), operands(encoded));
    Ok(match encoded >> 24 & 0xf {
        0 => old == argument,
        1 => old != argument,
        2 => old < argument,
        3 => old <= argument,
        4 => old > argument,
        5 => old >= argument,
        _ => return Err(Errno::ENOSYS),
    })
}

/// set_robust_list(head, size)
pub fn set_robust_list(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let size = 3 * u64::from(context.user().shape.word);
    if a.word(1) != size {
        return Err(Errno::EINVAL);
    }
    context.thread.robust_list = (a.word(0), size);
    Ok(0)
}

/// get_robust_list(tid, head, size)
pub fn get_robust_list(context: &mut Context<'_>, a: &Arguments) -> Reply {
    if a.int(0) != 0 && a.int(0) != context.thread.tid() {
        return Err(Errno::EPERM);
    }
    let (head, size) = context.thread.robust_list;
    context.user().write_long(a.word(1), head)?;
    context.user().write_long(a.word(2), size)?;
    Ok(0)
}

/// Tells those who wait for a thread's end, and whoever waits for a mutex that dies with it.
pub(crate) fn release(thread: &mut Thread) {
    let (head, _) = std::mem::take(&mut thread.robust_list);
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
    let (mut entry, offset, pending) =
        user.get(head, 3 * word, |r| (r.long(), r.long(), r.long()))?;
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
    const WAITERS: u32 = 1 << 31;
    const OWNER_DIED: u32 = 1 << 30;
    const OWNER: u32 = OWNER_DIED - 1;
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
                if !inherits && old & WAITERS != 0 {
                    wake_one(process, address);
                }
                break;
            }
            seen => old = seen,
        }
    }
    Ok(())
}

/// membarrier(command, flags, cpu)
pub fn membarrier(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::membarrier(a.int(0), a.unsigned(1), a.int(2)).now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_operations_are_taken_apart() {
        let encoded = 1 << 28 | 4 << 24 | 0xfff << 12 | 7;
        assert_eq!(operands(encoded), (-1, 7));
        assert_eq!(compares(encoded, 8), Ok(true));
        assert_eq!(compares(encoded, 7), Ok(false));
        assert_eq!(compares(9 << 24, 0), Err(Errno::ENOSYS));
    }
}
