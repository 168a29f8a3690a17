//! Clocks, sleeping, interval timers.

use super::CLOCK_ID;
use crate::syscalls::Kind::{
    Address, Choice, Flags, Int, IntOut, IntervalIn, IntervalOut, Itimerspec, ItimerspecOut,
    ItimerspecWide, ItimerspecWideOut, SignalEvent, TimesOut, Timespec, TimespecOut, TimespecWide,
    TimespecWideOut, TimevalOut, Unsigned,
};
use crate::syscalls::names::{ITIMER, TIMER};
use crate::syscalls::{Call, call, time, timers};

pub(super) const CALLS: &[Call] = &[
    call(
        "clock_gettime",
        time::clock_gettime,
        &[CLOCK_ID, TimespecOut],
    ),
    call(
        "clock_gettime64",
        time::clock_gettime64,
        &[CLOCK_ID, TimespecWideOut],
    ),
    call("clock_settime", time::clock_settime, &[CLOCK_ID, Timespec]),
    call(
        "clock_settime64",
        time::clock_settime64,
        &[CLOCK_ID, TimespecWide],
    ),
    call("clock_getres", time::clock_getres, &[CLOCK_ID, TimespecOut]),
    call(
        "clock_getres_time64",
        time::clock_getres64,
        &[CLOCK_ID, TimespecWideOut],
    ),
    call(
        "clock_nanosleep",
        time::clock_nanosleep,
        &[CLOCK_ID, Flags(TIMER), Timespec, TimespecOut],
    ),
    call(
        "clock_nanosleep_time64",
        time::clock_nanosleep64,
        &[CLOCK_ID, Flags(TIMER), TimespecWide, TimespecWideOut],
    ),
    call("clock_adjtime", time::clock_adjtime, &[CLOCK_ID, Address]),
    call(
        "clock_adjtime64",
        time::clock_adjtime64,
        &[CLOCK_ID, Address],
    ),
    call("adjtimex", time::adjtimex, &[Address]),
    call("nanosleep", time::nanosleep, &[Timespec, TimespecOut]),
    call("gettimeofday", time::gettimeofday, &[TimevalOut, Address]),
    call("settimeofday", time::settimeofday, &[Address, Address]),
    call("stime", time::stime, &[Address]),
    call("time", time::time, &[Address]),
    call("times", time::times, &[TimesOut]),
    call(
        "setitimer",
        time::setitimer,
        &[Choice(ITIMER), IntervalIn, IntervalOut],
    ),
    call("getitimer", time::getitimer, &[Choice(ITIMER), IntervalOut]),
    call("alarm", time::alarm, &[Unsigned]),
    call(
        "timer_create",
        timers::timer_create,
        &[CLOCK_ID, SignalEvent, IntOut],
    ),
    call(
        "timer_settime",
        timers::timer_settime,
        &[Int, Flags(TIMER), Itimerspec, ItimerspecOut],
    ),
    call(
        "timer_settime64",
        timers::timer_settime64,
        &[Int, Flags(TIMER), ItimerspecWide, ItimerspecWideOut],
    ),
    call(
        "timer_gettime",
        timers::timer_gettime,
        &[Int, ItimerspecOut],
    ),
    call(
        "timer_gettime64",
        timers::timer_gettime64,
        &[Int, ItimerspecWideOut],
    ),
    call("timer_getoverrun", timers::timer_getoverrun, &[Int]),
    call("timer_delete", timers::timer_delete, &[Int]),
];
