//! Descriptors that stand for events: epoll, eventfd, timerfd, signalfd.

use super::signals::{Temporary, read_set};
use super::time::{self, Width};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{List, calls};
use crate::process::empty;
use crate::scheduler::Wait;
use libc::timespec;

/// The most events that one call of epoll_wait gives; a caller asks again for more.
const EVENTS_MAX: i32 = 4096;

fn flags(context: &Context<'_>, bits: u64) -> i32 {
    // EPOLL_CLOEXEC, EFD_NONBLOCK and their like are the flags of open in every ABI.
    context.personality().open.flags_to_host(bits) as i32
}

/// epoll_create1(flags)
pub fn epoll_create1(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::epoll_create1(flags(context, a.word(0))).now()
}

/// epoll_create(size)
pub fn epoll_create(_: &mut Context<'_>, a: &Arguments) -> Reply {
    if a.int(0) <= 0 {
        return Err(Errno::EINVAL);
    }
    calls::epoll_create1(0).now()
}

/// epoll_ctl(set, operation, fd, event)
pub fn epoll_ctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, layout) = (
        context.user(),
        &context.personality().abi.layouts.epoll_event,
    );
    let mut event = match (a.int(1), a.word(3)) {
        (libc::EPOLL_CTL_DEL, _) => None,
        (_, address) => {
            let bytes = user.structure(address, layout)?;
            let get = |name| layout.decode(user.shape, &bytes, name);
            Some(libc::epoll_event {
                events: get("events") as u32,
                u64: get("data"),
            })
        }
    };
    calls::epoll_ctl(a.int(0), a.int(1), a.int(2), event.as_mut()).now()
}

/// epoll_wait(set, events, count, milliseconds)
pub fn epoll_wait(context: &mut Context<'_>, a: &Arguments) -> Reply {
    wait(context, a, Timeout::Milliseconds(a.int(3)), None)
}

/// epoll_pwait(set, events, count, milliseconds, mask, size)
pub fn epoll_pwait(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mask = Temporary::read(context, a.word(4), a.word(5))?;
    wait(context, a, Timeout::Milliseconds(a.int(3)), mask)
}

/// epoll_pwait2(set, events, count, timeout, mask, size)
pub fn epoll_pwait2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let timeout = time::read_optional(context, a.word(3), Width::Wide)?;
    let mask = Temporary::read(context, a.word(4), a.word(5))?;
    wait(context, a, Timeout::Exact(timeout), mask)
}

/// How long epoll waits.
enum Timeout {
    /// In the old calls; negative is forever.
    Milliseconds(i32),
    /// In the new one, which old hosts do not have; none is forever.
    Exact(Option<timespec>),
}

fn wait(
    context: &mut Context<'_>,
    a: &Arguments,
    mut timeout: Timeout,
    mask: Option<Temporary>,
) -> Reply {
    let (user, layout) = (
        context.user(),
        &context.personality().abi.layouts.epoll_event,
    );
    let room = usize::try_from(a.int(2).min(EVENTS_MAX))
        .ok()
        .filter(|room| *room > 0);
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; room.ok_or(Errno::EINVAL)?];
    let waited = match &timeout {
        Timeout::Milliseconds(number) => time::milliseconds(*number),
        Timeout::Exact(time) => *time,
    };
    let count = Temporary::during(context, mask, |context, mask| {
        let list = List(&mut events);
        let call = match &mut timeout {
            Timeout::Milliseconds(number) => calls::epoll_pwait(a.int(0), list, *number, mask, 8),
            Timeout::Exact(time) => calls::epoll_pwait2(a.int(0), list, time.as_mut(), mask, 8),
        };
        context.block_once(Wait::Descriptors, &call)
    })?;
    if let (0, Some(waited)) = (count, waited) {
        time::passed(context, waited);
    }
    for (index, event) in (0u64..).zip(&events[..count as usize]) {
        let libc::epoll_event { events, u64: data } = *event;
        let values = [("events", u64::from(events)), ("data", data)];
        let address = a.word(1).wrapping_add(index * u64::from(layout.size));
        user.write(address, &layout.encode(user.shape, &values))?;
    }
    Ok(count)
}

/// eventfd2(initial, flags)
pub fn eventfd2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const SEMAPHORE: u64 = 1;
    let semaphore = (a.word(1) & SEMAPHORE) as i32;
    calls::eventfd2(
        a.unsigned(0),
        flags(context, a.word(1) & !SEMAPHORE) | semaphore,
    )
    .now()
}

/// eventfd(initial)
pub fn eventfd(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::eventfd2(a.unsigned(0), 0).now()
}

/// signalfd(fd, mask, size) and, with flags, signalfd4
pub fn signalfd4(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mask = read_set(context, a.word(1), a.word(2))?;
    let mask = context.personality().mask_to_host(mask);
    calls::signalfd4(a.int(0), &mask, 8, flags(context, a.word(3))).now()
}

/// timerfd_create(clock, flags)
pub fn timerfd_create(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::timerfd_create(a.int(0), flags(context, a.word(1))).now()
}

fn set_timer(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let pair = time::read_pair(context, a.word(2), width)?.ok_or(Errno::EFAULT)?;
    let new = libc::itimerspec {
        it_interval: pair[0],
        it_value: pair[1],
    };
    let mut old = empty::<libc::itimerspec>();
    calls::timerfd_settime(a.int(0), a.int(1), &new, &mut old).now()?;
    if a.word(3) != 0 {
        write_timer(context, a.word(3), &old, width)?;
    }
    Ok(0)
}

fn get_timer(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mut timer = empty::<libc::itimerspec>();
    calls::timerfd_gettime(a.int(0), &mut timer).now()?;
    write_timer(context, a.word(1), &timer, width)?;
    Ok(0)
}

/// Stores a `struct itimerspec`.
pub fn write_timer(
    context: &Context<'_>,
    address: u64,
    timer: &libc::itimerspec,
    width: Width,
) -> Result<(), Errno> {
    let size = if width == Width::Word {
        u64::from(context.user().shape.word) * 2
    } else {
        16
    };
    time::write(context, address, &timer.it_interval, width)?;
    time::write(context, address.wrapping_add(size), &timer.it_value, width)
}

/// timerfd_settime(fd, flags, new, old)
pub fn timerfd_settime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    set_timer(context, a, Width::Word)
}

/// timerfd_settime64(fd, flags, new, old)
pub fn timerfd_settime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    set_timer(context, a, Width::Wide)
}

/// timerfd_gettime(fd, timer)
pub fn timerfd_gettime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    get_timer(context, a, Width::Word)
}

/// timerfd_gettime64(fd, timer)
pub fn timerfd_gettime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    get_timer(context, a, Width::Wide)
}
