//! Futexes and barriers.

pub(crate) mod inherit;

use super::time::{self, Width};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{Bare, FutexWaiter, FutexWaiters, calls};
use crate::scheduler::Wait;
use libc::timespec;
use portolan_machine::memory::{Access, Intent};

const COMMAND: i32 = 0x7f;
const REALTIME: i32 = libc::FUTEX_CLOCK_REALTIME;

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
    let (value, third, number) = (a.unsigned(2), a.unsigned(5), a.word(3));
    match operation & COMMAND {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => {
            let clock = match (operation & COMMAND, operation & REALTIME) {
                (libc::FUTEX_WAIT, _) => None,
                (_, 0) => Some(libc::CLOCK_MONOTONIC),
                _ => Some(libc::CLOCK_REALTIME),
            };
            let mut limit = Limit::read(context, a.word(3), width, clock)?;
            let (word, none) = (word(context, a.word(0), Intent::Read)?, Bare(None));
            let (expected, timed) = (in_memory(context, value), limit.time.is_some());
            let time = limit.time.as_mut();
            let call = calls::futex_wait(word, operation, expected, time, none, third);
            let wait = Wait::Futex(a.word(0));
            let reply = match timed {
                // As in the kernel, which would have to remember how long is left.
                true => context.block_once(wait, &call),
                false => context.block(wait, &call),
            };
            limit.note(context, reply)
        }
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            let word = word(context, a.word(0), Intent::Read)?;
            calls::futex_wake(word, operation, value, 0, Bare(None), third).now()
        }
        libc::FUTEX_REQUEUE | libc::FUTEX_CMP_REQUEUE => {
            let from = word(context, a.word(0), Intent::Read)?;
            let to = word(context, a.word(4), Intent::Read)?;
            let expected = in_memory(context, third);
            calls::futex_wake(from, operation, value, number, to, expected).now()
        }
        libc::FUTEX_WAKE_OP => wake_and_operate(context, a),
        _ if inherit::hosted(context.process) => inherit_priority(context, a, width),
        _ => inherit::operate(context, a, width),
    }
}

/// How long to wait at most.
struct Limit {
    time: Option<timespec>,
    /// What a seeded process' clock has to move by when it is over.
    waited: Option<timespec>,
}

impl Limit {
    /// Reads a timeout: a duration, or a point in time of a clock.
    fn read(
        context: &Context<'_>,
        address: u64,
        width: Width,
        clock: Option<i32>,
    ) -> Result<Limit, Errno> {
        let mut time = time::read_optional(context, address, width)?;
        let waited = match clock {
            None => time,
            Some(clock) => time::to_host(context, clock, &mut time)?,
        };
        Ok(Limit { time, waited })
    }

    fn note(self, context: &Context<'_>, reply: Reply) -> Reply {
        if let (Err(Errno::ETIMEDOUT), Some(waited)) = (reply, self.waited) {
            time::passed(context, waited);
        }
        reply
    }
}

/// The operations on futexes that inherit priorities, where the host's kernel can do them.
fn inherit_priority(context: &mut Context<'_>, a: &Arguments, width: Width) -> Reply {
    const FUTEX_LOCK_PI2: i32 = 13;
    let operation = a.int(1);
    let (value, third, wait) = (a.unsigned(2), a.unsigned(5), Wait::Futex(a.word(0)));
    let first = || word(context, a.word(0), Intent::Write);
    let second = || word(context, a.word(4), Intent::Write);
    let clock = match (operation & COMMAND, operation & REALTIME) {
        (libc::FUTEX_LOCK_PI, _) => libc::CLOCK_REALTIME,
        (_, 0) => libc::CLOCK_MONOTONIC,
        _ => libc::CLOCK_REALTIME,
    };
    let limit = || Limit::read(context, a.word(3), width, Some(clock));
    let reply = match operation & COMMAND {
        libc::FUTEX_LOCK_PI | FUTEX_LOCK_PI2 => {
            let mut limit = limit()?;
            let time = limit.time.as_mut();
            let call = calls::futex_wait(first()?, operation, value, time, Bare(None), third);
            let reply = context.block(wait, &call);
            limit.note(context, reply)
        }
        libc::FUTEX_TRYLOCK_PI | libc::FUTEX_UNLOCK_PI => {
            calls::futex_wake(first()?, operation, value, 0, Bare(None), third).now()
        }
        libc::FUTEX_WAIT_REQUEUE_PI => {
            let mut limit = limit()?;
            let time = limit.time.as_mut();
            let call = calls::futex_wait(first()?, operation, value, time, second()?, third);
            let reply = context.block(wait, &call);
            limit.note(context, reply)
        }
        libc::FUTEX_CMP_REQUEUE_PI => {
            let number = a.word(3);
            calls::futex_wake(first()?, operation, value, number, second()?, third).now()
        }
        _ => Err(Errno::ENOSYS),
    };
    // Taking a lock goes on after every handler.
    reply.map_err(|errno| match errno {
        Errno::RESTART => Errno::RESTART_ALWAYS,
        other => other,
    })
}

/// A futex word for the host's kernel.
fn word<'a>(context: &Context<'a>, address: u64, intent: Intent) -> Result<Bare<'a>, Errno> {
    if !address.is_multiple_of(4) {
        return Err(Errno::EINVAL);
    }
    Ok(Bare(context.user().optional(address, 4, intent)?))
}

/// futex_waitv(waiters, number, flags, timeout, clock)
pub fn futex_waitv(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const MOST: u32 = 128;
    const ENTRY: usize = 24;
    let (number, user) = (a.unsigned(1), context.user());
    if a.unsigned(2) != 0 || !(1..=MOST).contains(&number) || a.word(0) == 0 {
        return Err(Errno::EINVAL);
    }
    let mut limit = Limit::read(context, a.word(3), Width::Wide, Some(a.int(4)))?;
    let mut waiters = FutexWaiters::default();
    let entries = user.get(a.word(0), number as usize * ENTRY, |r| {
        let entry = |_| (r.u64(), r.u64(), r.u32(), r.u32());
        (0..number).map(entry).collect::<Vec<_>>()
    })?;
    for (value, address, flags, reserved) in entries {
        if reserved != 0 || value > u64::from(u32::MAX) {
            return Err(Errno::EINVAL);
        }
        waiters.push(FutexWaiter {
            word: word(context, address, Intent::Read)?,
            value: in_memory(context, value as u32),
            flags,
        });
    }
    let call = calls::futex_waitv(&waiters, 0, limit.time.as_mut(), a.int(4));
    let reply = context.block(Wait::Futex(0), &call);
    limit.note(context, reply)
}

/// A value whose bytes in the host's order are those of the guest's: what the kernel compares.
fn in_memory(context: &Context<'_>, value: u32) -> u32 {
    let bytes = context.user().shape.encode(u64::from(value), 4);
    u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// FUTEX_WAKE_OP: changes the second word, wakes at the first, and at the second if its old value
/// compares. The operation is done here, in the guest's byte order.
fn wake_and_operate(context: &Context<'_>, a: &Arguments) -> Reply {
    let (encoded, flags) = (a.unsigned(5), a.int(1) & !COMMAND & !REALTIME);
    let first = word(context, a.word(0), Intent::Read)?;
    let old = operate_on_word(context, a.word(4), encoded)?;
    let wake = libc::FUTEX_WAKE | flags;
    let woken = calls::futex_wake(first, wake, a.unsigned(2), 0, Bare(None), 0).now()?;
    if !compares(encoded, old)? {
        return Ok(woken);
    }
    let second = word(context, a.word(4), Intent::Write)?;
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
