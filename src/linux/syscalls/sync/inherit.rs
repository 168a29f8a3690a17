//! Futexes that inherit priorities, for guests in whose memory the host's kernel would not find a
//! thread's number: those of the other byte order, and those with numbers of their own.
//!
//! Their words are kept here as the kernel keeps them. Priorities are not inherited, which a
//! program can only tell by the clock; and who waits for a thread that ends without giving up a
//! mutex is told only if the mutex is robust.

use super::Limit;
use super::{COMMAND, REALTIME, in_memory, word};
use crate::errno::Errno;
use crate::host::{Bare, calls};
use crate::process::Process;
use crate::scheduler::Wait;
use crate::syscalls::sockets::order::HOST;
use crate::syscalls::time::Width;
use crate::syscalls::{Arguments, Context, Reply};
use portolan_machine::memory::{Access, Intent};

/// Somebody waits.
pub const WAITERS: u32 = 1 << 31;
/// The owner ended.
pub const OWNER_DIED: u32 = 1 << 30;
/// The owner's number.
pub const OWNER: u32 = OWNER_DIED - 1;

const LOCK_PI2: i32 = 13;
const ANYBODY: u32 = u32::MAX;

/// Whether the host's kernel finds the numbers of threads that it needs in a process' memory.
pub fn hosted(process: &Process) -> bool {
    process.seeded.is_none() && process.shape().order == HOST.order
}

/// Carries out an operation, if it is one that inherits priorities.
pub fn operate(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mutex = Mutex {
        address: a.word(0),
        // Whether only this process knows the word.
        flags: a.int(1) & libc::FUTEX_PRIVATE_FLAG,
    };
    let clock = match (a.int(1) & COMMAND, a.int(1) & REALTIME) {
        (libc::FUTEX_LOCK_PI, _) => libc::CLOCK_REALTIME,
        (_, 0) => libc::CLOCK_MONOTONIC,
        _ => libc::CLOCK_REALTIME,
    };
    let limit = || Limit::read(context, a.word(3), width, Some(clock));
    match a.int(1) & COMMAND {
        libc::FUTEX_LOCK_PI | LOCK_PI2 => mutex.lock(context, limit()?, clock),
        libc::FUTEX_TRYLOCK_PI => mutex.try_lock(context, false)?.map_err(|_| Errno::EAGAIN),
        libc::FUTEX_UNLOCK_PI => mutex.unlock(context),
        libc::FUTEX_WAIT_REQUEUE_PI => wait_requeue(context, a, &mutex, limit()?, clock),
        libc::FUTEX_CMP_REQUEUE_PI => requeue(context, a, &mutex),
        _ => Err(Errno::ENOSYS),
    }
}

/// A mutex.
struct Mutex {
    address: u64,
    flags: i32,
}

impl Mutex {
    fn access(context: &Context<'_>) -> Access {
        Access::U32.with_order(context.user().shape.order)
    }

    fn load(&self, context: &Context<'_>) -> Result<u32, Errno> {
        if !self.address.is_multiple_of(4) {
            return Err(Errno::EINVAL);
        }
        let memory = &context.process.memory;
        Ok(memory.load(Mutex::access(context), self.address)? as u32)
    }

    /// Whether the word was `old` and is `new` now.
    fn replace(&self, context: &Context<'_>, old: u32, new: u32) -> Result<bool, Errno> {
        let memory = &context.process.memory;
        let access = Mutex::access(context);
        let seen = memory.compare_exchange(access, self.address, old.into(), new.into())?;
        Ok(seen as u32 == old)
    }

    /// Takes the mutex, or says what its word is while somebody else has it. Who has waited does
    /// not know whether others still do.
    fn try_lock(&self, context: &Context<'_>, waited: bool) -> Result<Result<u64, u32>, Errno> {
        let own = context.thread.guest_tid().cast_unsigned();
        let waiters = if waited { WAITERS } else { 0 };
        loop {
            let old = self.load(context)?;
            match old & OWNER {
                0 => {
                    let new = old & !OWNER | own | waiters;
                    if self.replace(context, old, new)? {
                        return Ok(Ok(0));
                    }
                }
                owner if owner == own => return Err(Errno::EDEADLK),
                _ => return Ok(Err(old)),
            }
        }
    }

    fn lock(&self, context: &Context<'_>, mut limit: Limit, clock: i32) -> Reply {
        let operation = match clock {
            libc::CLOCK_REALTIME => libc::FUTEX_WAIT_BITSET | REALTIME,
            _ => libc::FUTEX_WAIT_BITSET,
        };
        let mut waited = false;
        loop {
            let old = match self.try_lock(context, waited)? {
                Ok(done) => return Ok(done),
                Err(old) => old,
            };
            let owner = context.process.host_pid((old & OWNER).cast_signed());
            if calls::tkill(owner, 0).now() == Err(Errno::ESRCH) {
                return Err(Errno::ESRCH);
            }
            let expected = old | WAITERS;
            if old != expected && !self.replace(context, old, expected)? {
                continue;
            }
            let reply = {
                let word = word(context, self.address, Intent::Write)?;
                let (expected, time) = (in_memory(context, expected), limit.time.as_mut());
                let operation = operation | self.flags;
                let none = Bare(None);
                let call = calls::futex_wait(word, operation, expected, time, none, ANYBODY);
                context.block(Wait::Futex(self.address), &call)
            };
            match reply {
                Ok(_) => waited = true,
                // The word changed before this thread slept.
                Err(Errno::EAGAIN) => {}
                // Taking a lock goes on after every handler.
                Err(Errno::RESTART) => return Err(Errno::RESTART_ALWAYS),
                Err(errno) => return limit.note(context, Err(errno)),
            }
        }
    }

    fn unlock(&self, context: &Context<'_>) -> Reply {
        let own = context.thread.guest_tid().cast_unsigned();
        loop {
            let old = self.load(context)?;
            if old & OWNER != own {
                return Err(Errno::EPERM);
            }
            if self.replace(context, old, 0)? {
                break;
            }
        }
        self.wake(context, 1).and(Ok(0))
    }

    fn wake(&self, context: &Context<'_>, number: u32) -> Reply {
        let word = word(context, self.address, Intent::Read)?;
        let operation = libc::FUTEX_WAKE | self.flags;
        calls::futex_wake(word, operation, number, 0, Bare(None), 0).now()
    }
}

/// FUTEX_WAIT_REQUEUE_PI: waits at a word until somebody lets this thread wait for a mutex.
fn wait_requeue(
    context: &Context<'_>,
    a: &Arguments,
    condition: &Mutex,
    mut limit: Limit,
    clock: i32,
) -> Reply {
    let mutex = Mutex {
        address: a.word(4),
        flags: condition.flags,
    };
    let operation = libc::FUTEX_WAIT_BITSET | a.int(1) & !COMMAND;
    let reply = {
        let word = word(context, condition.address, Intent::Read)?;
        let (expected, time) = (in_memory(context, a.unsigned(2)), limit.time.as_mut());
        let none = Bare(None);
        let call = calls::futex_wait(word, operation, expected, time, none, ANYBODY);
        context.block(Wait::Futex(condition.address), &call)
    };
    match reply {
        Ok(_) => mutex
            .lock(context, limit, clock)
            .map_err(|errno| match errno {
                // It would wait at the first word again.
                Errno::RESTART_ALWAYS => Errno::EAGAIN,
                other => other,
            }),
        Err(Errno::RESTART) => Err(Errno::RESTART_ALWAYS),
        Err(errno) => limit.note(context, Err(errno)),
    }
}

/// FUTEX_CMP_REQUEUE_PI: all that wait may try to take the mutex.
fn requeue(context: &Context<'_>, a: &Arguments, condition: &Mutex) -> Reply {
    if a.unsigned(2) != 1 {
        return Err(Errno::EINVAL);
    }
    if condition.load(context)? != a.unsigned(5) {
        return Err(Errno::EAGAIN);
    }
    let more = u32::try_from(a.word(3))
        .unwrap_or(u32::MAX)
        .min(i32::MAX as u32 - 1);
    condition.wake(context, more + 1)
}
