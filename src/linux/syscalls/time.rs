//! Clocks, sleeping and interval timers.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{Plain, calls};
use crate::layout::Shape;
use crate::process::empty;
use crate::scheduler::Wait;
use crate::user::User;
use libc::timespec;

/// How wide the numbers of a `struct timespec` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Words of the guest.
    Word,
    /// 64 bits, in the calls that 32-bit guests have for times after 2038.
    Wide,
}

/// Reads a `struct timespec`.
pub fn read(context: &Context<'_>, address: u64, width: Width) -> Result<timespec, Errno> {
    let user = context.user();
    let (tv_sec, tv_nsec) = match (width, user.shape.word) {
        (Width::Word, 4) => user.get(address, 8, |r| (i64::from(r.i32()), i64::from(r.i32())))?,
        // On 32-bit guests the upper half of the nanoseconds is padding.
        (Width::Wide, 4) => user.get(address, 16, |r| {
            let (seconds, rest) = (r.u64().cast_signed(), r.u64());
            (seconds, i64::from(rest as u32))
        })?,
        _ => user.get(address, 16, |r| {
            (r.u64().cast_signed(), r.u64().cast_signed())
        })?,
    };
    Ok(timespec { tv_sec, tv_nsec })
}

/// Reads a `struct timespec` that may be absent.
pub fn read_optional(
    context: &Context<'_>,
    address: u64,
    width: Width,
) -> Result<Option<timespec>, Errno> {
    if address == 0 {
        Ok(None)
    } else {
        read(context, address, width).map(Some)
    }
}

/// Reads two of `struct timespec` that may be absent.
pub fn read_pair(
    context: &Context<'_>,
    address: u64,
    width: Width,
) -> Result<Option<[timespec; 2]>, Errno> {
    if address == 0 {
        return Ok(None);
    }
    let size = if width == Width::Word {
        u64::from(context.user().shape.word) * 2
    } else {
        16
    };
    let second = address.wrapping_add(size);
    Ok(Some([
        read(context, address, width)?,
        read(context, second, width)?,
    ]))
}

/// Reads two of `struct timeval` that may be absent.
pub fn read_microseconds(
    context: &Context<'_>,
    address: u64,
) -> Result<Option<[timespec; 2]>, Errno> {
    let Some(times) = read_pair(context, address, Width::Word)? else {
        return Ok(None);
    };
    if times
        .iter()
        .any(|time| !(0..1_000_000).contains(&time.tv_nsec))
    {
        return Err(Errno::EINVAL);
    }
    Ok(Some(times.map(|time| timespec {
        tv_nsec: time.tv_nsec * 1000,
        ..time
    })))
}

/// A timeout in milliseconds; negative numbers are none.
pub fn milliseconds(number: i32) -> Option<timespec> {
    let number = i64::from(number);
    let time = timespec {
        tv_sec: number / 1000,
        tv_nsec: number % 1000 * 1_000_000,
    };
    (number >= 0).then_some(time)
}

/// Stores a `struct timespec`.
pub fn write(
    context: &Context<'_>,
    address: u64,
    time: &timespec,
    width: Width,
) -> Result<(), Errno> {
    let writer = context.user().writer();
    let writer = match width {
        Width::Word => writer.signed_long(time.tv_sec).signed_long(time.tv_nsec),
        Width::Wide => writer
            .u64(time.tv_sec.cast_unsigned())
            .u64(time.tv_nsec.cast_unsigned()),
    };
    context.user().put(address, writer)
}

const SECOND: u64 = 1_000_000_000;

fn of_nanoseconds(number: u64) -> timespec {
    timespec {
        tv_sec: (number / SECOND).cast_signed(),
        tv_nsec: (number % SECOND).cast_signed(),
    }
}

/// What time it is: by the host's clock, or by that of a seeded process.
fn now(context: &Context<'_>, clock: i32) -> Result<timespec, Errno> {
    let mut time = timespec::zeroed();
    calls::clock_gettime(clock, &mut time).now()?;
    let Some((own, thread)) = context.thread.clock() else {
        return Ok(time);
    };
    Ok(match clock {
        libc::CLOCK_REALTIME
        | libc::CLOCK_REALTIME_COARSE
        | libc::CLOCK_REALTIME_ALARM
        | libc::CLOCK_TAI => of_nanoseconds(own.now()),
        libc::CLOCK_MONOTONIC
        | libc::CLOCK_MONOTONIC_COARSE
        | libc::CLOCK_MONOTONIC_RAW
        | libc::CLOCK_BOOTTIME
        | libc::CLOCK_BOOTTIME_ALARM => of_nanoseconds(own.uptime()),
        libc::CLOCK_PROCESS_CPUTIME_ID => of_nanoseconds(own.run()),
        libc::CLOCK_THREAD_CPUTIME_ID => of_nanoseconds(thread),
        // Another process', or a device's.
        _ => time,
    })
}

/// In a seeded process, turns a point in time of its clock into one of the host's; the result is
/// how far away it is.
pub fn to_host(
    context: &Context<'_>,
    clock: i32,
    time: &mut Option<timespec>,
) -> Result<Option<timespec>, Errno> {
    let Some(point) = time.filter(|_| context.process.seeded.is_some()) else {
        return Ok(None);
    };
    if !(0..SECOND.cast_signed()).contains(&point.tv_nsec) || point.tv_sec < 0 {
        // The host's kernel says what it thinks of it.
        return Ok(None);
    }
    let number =
        |time: timespec| i128::from(time.tv_sec) * i128::from(SECOND) + i128::from(time.tv_nsec);
    let left = (number(point) - number(now(context, clock)?)).max(0);
    let left = of_nanoseconds(u64::try_from(left).unwrap_or(u64::MAX));
    let mut host = timespec::zeroed();
    calls::clock_gettime(clock, &mut host).now()?;
    let nanoseconds = host.tv_nsec + left.tv_nsec;
    *time = Some(timespec {
        tv_sec: host.tv_sec.saturating_add(left.tv_sec) + nanoseconds / SECOND.cast_signed(),
        tv_nsec: nanoseconds % SECOND.cast_signed(),
    });
    Ok(Some(left))
}

fn nanoseconds(time: timespec) -> u64 {
    let seconds = time.tv_sec.max(0).cast_unsigned();
    seconds
        .saturating_mul(SECOND)
        .saturating_add(time.tv_nsec.max(0).cast_unsigned())
}

/// Lets the clock of a seeded process advance by what was waited for.
pub fn passed(context: &Context<'_>, time: timespec) {
    if let Some((clock, _)) = context.thread.clock() {
        clock.sleep(nanoseconds(time));
    }
}

/// In a seeded process, lets time pass without waiting for it, if nothing can happen meanwhile:
/// there is no other thread, and no timer runs.
pub fn skip(context: &Context<'_>, time: timespec) -> bool {
    let skips = skips(context, time);
    if skips {
        passed(context, time);
    }
    skips
}

fn skips(context: &Context<'_>, time: timespec) -> bool {
    let seeded = context.process.seeded.as_ref();
    let valid = (0..SECOND.cast_signed()).contains(&time.tv_nsec) && time.tv_sec >= 0;
    valid && seeded.is_some_and(|seeded| !seeded.has_timers() && context.process.threads.is_one())
}

/// clock_gettime(clock, time)
pub fn clock_gettime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    write(context, a.word(1), &now(context, a.int(0))?, Width::Word)?;
    Ok(0)
}

/// clock_gettime64(clock, time)
pub fn clock_gettime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    write(context, a.word(1), &now(context, a.int(0))?, Width::Wide)?;
    Ok(0)
}

fn set(context: &Context<'_>, clock: i32, time: &timespec) -> Reply {
    match context.process.seeded {
        None => calls::clock_settime(clock, time).now(),
        // The program has a clock of its own, and no business with the host's.
        Some(_) => Err(Errno::EPERM),
    }
}

/// clock_settime(clock, time)
pub fn clock_settime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    set(context, a.int(0), &read(context, a.word(1), Width::Word)?)
}

/// clock_settime64(clock, time)
pub fn clock_settime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    set(context, a.int(0), &read(context, a.word(1), Width::Wide)?)
}

fn resolution(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mut time = timespec::zeroed();
    calls::clock_getres(a.int(0), &mut time).now()?;
    if a.word(1) != 0 {
        write(context, a.word(1), &time, width)?;
    }
    Ok(0)
}

/// clock_getres(clock, resolution)
pub fn clock_getres(context: &mut Context<'_>, a: &Arguments) -> Reply {
    resolution(context, a, Width::Word)
}

/// clock_getres_time64(clock, resolution)
pub fn clock_getres64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    resolution(context, a, Width::Wide)
}

fn sleep(
    context: &Context<'_>,
    (clock, flags): (i32, i32),
    (time, rest): (u64, u64),
    width: Width,
) -> Reply {
    let time = read(context, time, width)?;
    let absolute = flags & libc::TIMER_ABSTIME != 0;
    let mut point = Some(time);
    let away = match absolute {
        true => to_host(context, clock, &mut point)?,
        false => point,
    };
    let mut left = timespec::zeroed();
    if let Some(away) = away
        && skips(context, away)
    {
        // The host knows whether one can sleep by this clock.
        calls::clock_nanosleep(clock, 0, &timespec::zeroed(), &mut left).now()?;
        passed(context, away);
        return Ok(0);
    }
    let reply = {
        let call = calls::clock_nanosleep(clock, flags, point.as_ref().unwrap_or(&time), &mut left);
        context.block_once(Wait::Time, &call)
    };
    match (reply, away) {
        (Ok(_), Some(away)) => passed(context, away),
        (Err(_), Some(away)) if !absolute => {
            let rest = nanoseconds(left);
            passed(
                context,
                of_nanoseconds(nanoseconds(away).saturating_sub(rest)),
            );
        }
        _ => {}
    }
    if reply == Err(Errno::RESTART_UNLESS_HANDLED) && !absolute && rest != 0 {
        // Interrupted before it began: everything is left.
        let untouched = left.tv_sec == 0 && left.tv_nsec == 0;
        write(context, rest, if untouched { &time } else { &left }, width)?;
    }
    reply
}

/// nanosleep(time, rest)
pub fn nanosleep(context: &mut Context<'_>, a: &Arguments) -> Reply {
    // The kernel sleeps by the monotonic clock, which nobody can turn back.
    sleep(
        context,
        (libc::CLOCK_MONOTONIC, 0),
        (a.word(0), a.word(1)),
        Width::Word,
    )
}

/// clock_nanosleep(clock, flags, time, rest)
pub fn clock_nanosleep(context: &mut Context<'_>, a: &Arguments) -> Reply {
    sleep(
        context,
        (a.int(0), a.int(1)),
        (a.word(2), a.word(3)),
        Width::Word,
    )
}

/// clock_nanosleep_time64(clock, flags, time, rest)
pub fn clock_nanosleep64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    sleep(
        context,
        (a.int(0), a.int(1)),
        (a.word(2), a.word(3)),
        Width::Wide,
    )
}

/// gettimeofday(time, zone)
pub fn gettimeofday(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, time) = (context.user(), now(context, libc::CLOCK_REALTIME)?);
    let value = user
        .writer()
        .signed_long(time.tv_sec)
        .signed_long(time.tv_nsec / 1000);
    user.put_optional(a.word(0), value)?;
    user.put_optional(a.word(1), user.writer().i32(0).i32(0))?;
    Ok(0)
}

/// settimeofday(time, zone)
pub fn settimeofday(context: &mut Context<'_>, a: &Arguments) -> Reply {
    match a.word(0) {
        0 => Ok(0),
        address => {
            let time = read(context, address, Width::Word)?;
            let tv_nsec = time.tv_nsec * 1000;
            set(context, libc::CLOCK_REALTIME, &timespec { tv_nsec, ..time })
        }
    }
}

/// stime(seconds)
pub fn stime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let word = usize::from(user.shape.word);
    let tv_sec = user.get(a.word(0), word, |r| r.signed_long())?;
    set(
        context,
        libc::CLOCK_REALTIME,
        &timespec { tv_sec, tv_nsec: 0 },
    )
}

/// time(out)
pub fn time(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let seconds = now(context, libc::CLOCK_REALTIME)?.tv_sec.cast_unsigned();
    if a.word(0) != 0 {
        context.user().write_long(a.word(0), seconds)?;
    }
    Ok(seconds)
}

/// times(out)
pub fn times(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, mut t) = (context.user(), empty::<libc::tms>());
    let mut ticks = calls::times(&mut t).now()?;
    if let Some((clock, _)) = context.thread.clock() {
        /// Nanoseconds of a tick.
        const TICK: u64 = SECOND / 100;
        ticks = clock.uptime() / TICK;
        t = empty();
        t.tms_utime = (clock.run() / TICK).cast_signed();
    }
    let out = [t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime]
        .iter()
        .fold(user.writer(), |out, ticks| out.signed_long(*ticks));
    user.put_optional(a.word(0), out)?;
    Ok(ticks)
}

/// adjtimex and clock_adjtime are for daemons that set the host's clock.
pub fn clock_adjtime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    adjust(context, a.int(0), a.word(1), context.user().shape)
}

/// clock_adjtime64(clock, values), whose structure has 64-bit words everywhere.
pub fn clock_adjtime64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let shape = Shape {
        word: 8,
        ..context.user().shape
    };
    adjust(context, a.int(0), a.word(1), shape)
}

/// adjtimex(values)
pub fn adjtimex(context: &mut Context<'_>, a: &Arguments) -> Reply {
    adjust(
        context,
        libc::CLOCK_REALTIME,
        a.word(0),
        context.user().shape,
    )
}

fn adjust(context: &Context<'_>, clock: i32, address: u64, shape: Shape) -> Reply {
    let user = User {
        shape,
        ..context.user()
    };
    let word = usize::from(shape.word);
    let modes = user.read_u32(address)?;
    // Only asking is possible; setting would need every field converted.
    if modes != 0 {
        return Err(Errno::EPERM);
    }
    let mut t = empty::<libc::timex>();
    let state = calls::clock_adjtime(clock, &mut t).now()?;
    if context.process.seeded.is_some() {
        let time = now(context, clock)?;
        t = empty();
        (t.time.tv_sec, t.time.tv_usec, t.tick) = (time.tv_sec, time.tv_nsec / 1000, 10_000);
    }
    let out = user
        .writer()
        .u32(modes)
        .align(word)
        .signed_long(t.offset)
        .signed_long(t.freq)
        .signed_long(t.maxerror)
        .signed_long(t.esterror)
        .i32(t.status)
        .align(word)
        .signed_long(t.constant)
        .signed_long(t.precision)
        .signed_long(t.tolerance)
        .signed_long(t.time.tv_sec)
        .signed_long(t.time.tv_usec)
        .signed_long(t.tick)
        .signed_long(t.ppsfreq)
        .signed_long(t.jitter)
        .i32(t.shift)
        .align(word)
        .signed_long(t.stabil)
        .signed_long(t.jitcnt)
        .signed_long(t.calcnt)
        .signed_long(t.errcnt)
        .signed_long(t.stbcnt)
        .i32(t.tai);
    user.put(address, out.pad(out_size(word)))?;
    Ok(state)
}

/// Bytes of `struct timex`.
fn out_size(word: usize) -> usize {
    if word == 8 { 208 } else { 128 }
}

fn read_interval(context: &Context<'_>, address: u64) -> Result<Option<libc::itimerval>, Errno> {
    let Some([interval, value]) = read_pair(context, address, Width::Word)? else {
        return Ok(None);
    };
    let time = |t: timespec| libc::timeval {
        tv_sec: t.tv_sec,
        tv_usec: t.tv_nsec,
    };
    Ok(Some(libc::itimerval {
        it_interval: time(interval),
        it_value: time(value),
    }))
}

fn write_interval(
    context: &Context<'_>,
    address: u64,
    timer: &libc::itimerval,
) -> Result<(), Errno> {
    let user = context.user();
    let out = [timer.it_interval, timer.it_value]
        .iter()
        .fold(user.writer(), |out, t| {
            out.signed_long(t.tv_sec).signed_long(t.tv_usec)
        });
    user.put_optional(address, out)
}

/// Notes that the host's clock has something to say: sleeps are real from now on.
pub fn timer_runs(context: &Context<'_>) {
    if let Some(seeded) = &context.process.seeded {
        seeded.timer_runs();
    }
}

/// setitimer(which, new, old)
pub fn setitimer(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let new = read_interval(context, a.word(1))?;
    let mut old = empty::<libc::itimerval>();
    timer_runs(context);
    calls::setitimer(a.int(0), new.as_ref(), &mut old).now()?;
    write_interval(context, a.word(2), &old)?;
    Ok(0)
}

/// getitimer(which, value)
pub fn getitimer(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut timer = empty::<libc::itimerval>();
    calls::getitimer(a.int(0), &mut timer).now()?;
    write_interval(context, a.word(1), &timer)?;
    Ok(0)
}

/// alarm(seconds)
pub fn alarm(context: &mut Context<'_>, a: &Arguments) -> Reply {
    timer_runs(context);
    let mut new = empty::<libc::itimerval>();
    new.it_value.tv_sec = i64::from(a.unsigned(0));
    let mut old = empty::<libc::itimerval>();
    calls::setitimer(libc::ITIMER_REAL, Some(&new), &mut old).now()?;
    let left = old.it_value;
    Ok((left.tv_sec + i64::from(left.tv_usec > 0)).cast_unsigned())
}
