//! POSIX timers. The host keeps them, and its kernel's signals say which one expired, how often,
//! and with what value.

use super::events::write_timer;
use super::time::{self, Width, timer_runs};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::host::message::SignalEvent;
use crate::process::empty;

/// `SIGEV_THREAD_ID`, beside `SIGEV_SIGNAL` and `SIGEV_NONE`.
const THREAD_ID: i32 = 4;
const NONE: i32 = 1;
/// Bytes of `struct sigevent`.
pub(super) const EVENT: usize = 64;

/// Reads the `struct sigevent` that says how a process wants to be told.
pub(super) fn read_event(context: &Context<'_>, address: u64) -> Result<SignalEvent, Errno> {
    let (value, signal, notify, thread) = context
        .user()
        .get(address, EVENT, |r| (r.long(), r.i32(), r.i32(), r.i32()))?;
    let signal = match notify {
        NONE => signal,
        _ => context
            .personality()
            .host_signal(signal)
            .ok_or(Errno::EINVAL)?,
    };
    let thread = match notify & THREAD_ID {
        0 => 0,
        _ => context.process.host_pid(thread),
    };
    Ok(SignalEvent::new(value, signal, notify, thread))
}

/// timer_create(clock, event, id)
pub fn timer_create(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let event = match a.word(1) {
        0 => None,
        address => Some(read_event(context, address)?),
    };
    let mut id = 0;
    calls::timer_create(a.int(0), event.as_ref(), &mut id).now()?;
    timer_runs(context);
    if let Err(errno) = context.user().write_u32(a.word(2), id.cast_unsigned()) {
        calls::timer_delete(id).now()?;
        return Err(errno);
    }
    Ok(0)
}

fn set(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    // The kernel looks at what it reads before it looks for the timer.
    let [it_interval, it_value] =
        time::read_pair(context, a.word(2), width)?.ok_or(Errno::EINVAL)?;
    let new = libc::itimerspec {
        it_interval,
        it_value,
    };
    let mut old = empty::<libc::itimerspec>();
    calls::timer_settime(a.int(0), a.int(1), &new, &mut old).now()?;
    if a.word(3) != 0 {
        write_timer(context, a.word(3), &old, width)?;
    }
    Ok(0)
}

fn get(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mut timer = empty::<libc::itimerspec>();
    calls::timer_gettime(a.int(0), &mut timer).now()?;
    write_timer(context, a.word(1), &timer, width)?;
    Ok(0)
}

/// timer_settime(id, flags, new, old)
pub fn timer_settime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    set(context, a, Width::Word)
}

/// timer_settime64(id, flags, new, old)
pub fn timer_settime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    set(context, a, Width::Wide)
}

/// timer_gettime(id, timer)
pub fn timer_gettime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    get(context, a, Width::Word)
}

/// timer_gettime64(id, timer)
pub fn timer_gettime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    get(context, a, Width::Wide)
}

/// timer_getoverrun(id)
pub fn timer_getoverrun(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::timer_getoverrun(a.int(0)).now()
}

/// timer_delete(id)
pub fn timer_delete(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::timer_delete(a.int(0)).now()
}
