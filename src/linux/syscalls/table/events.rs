//! Waiting for descriptors, and descriptors that stand for events.

use super::CLOCK_ID;
use crate::syscalls::Kind::{
    Address, Choice, EpollEvent, EpollEventsOut, Fd, FdSet, Flags, Int, Itimerspec, ItimerspecOut,
    ItimerspecWide, ItimerspecWideOut, OpenLike, PollList, SignalSet, Size, SizedMask, Timespec,
    TimespecWide, Unsigned,
};
use crate::syscalls::names::{EPOLL_CONTROL, TFD_TIMER};
use crate::syscalls::{Call, call, events, poll};

pub(super) const CALLS: &[Call] = &[
    call("poll", poll::poll, &[PollList, Unsigned, Int]),
    call(
        "ppoll",
        poll::ppoll,
        &[PollList, Unsigned, Timespec, SignalSet, Size],
    ),
    call(
        "ppoll_time64",
        poll::ppoll64,
        &[PollList, Unsigned, TimespecWide, SignalSet, Size],
    ),
    call("select", poll::select, &[Int, FdSet, FdSet, FdSet, Address]),
    call(
        "_newselect",
        poll::select,
        &[Int, FdSet, FdSet, FdSet, Address],
    ),
    call(
        "pselect6",
        poll::pselect6,
        &[Int, FdSet, FdSet, FdSet, Timespec, SizedMask],
    ),
    call(
        "pselect6_time64",
        poll::pselect6_64,
        &[Int, FdSet, FdSet, FdSet, TimespecWide, SizedMask],
    ),
    call("epoll_create1", events::epoll_create1, &[OpenLike("EPOLL")]),
    call("epoll_create", events::epoll_create, &[Int]),
    call(
        "epoll_ctl",
        events::epoll_ctl,
        &[Fd, Choice(EPOLL_CONTROL), Fd, EpollEvent],
    ),
    call(
        "epoll_wait",
        events::epoll_wait,
        &[Fd, EpollEventsOut, Int, Int],
    ),
    call(
        "epoll_pwait",
        events::epoll_pwait,
        &[Fd, EpollEventsOut, Int, Int, SignalSet, Size],
    ),
    call(
        "epoll_pwait2",
        events::epoll_pwait2,
        &[Fd, EpollEventsOut, Int, TimespecWide, SignalSet, Size],
    ),
    call("eventfd2", events::eventfd2, &[Unsigned, OpenLike("EFD")]),
    call("eventfd", events::eventfd, &[Unsigned]),
    call(
        "signalfd4",
        events::signalfd4,
        &[Fd, SignalSet, Size, OpenLike("SFD")],
    ),
    call("signalfd", events::signalfd4, &[Fd, SignalSet, Size]),
    call(
        "timerfd_create",
        events::timerfd_create,
        &[CLOCK_ID, OpenLike("TFD")],
    ),
    call(
        "timerfd_settime",
        events::timerfd_settime,
        &[Fd, Flags(TFD_TIMER), Itimerspec, ItimerspecOut],
    ),
    call(
        "timerfd_settime64",
        events::timerfd_settime64,
        &[Fd, Flags(TFD_TIMER), ItimerspecWide, ItimerspecWideOut],
    ),
    call(
        "timerfd_gettime",
        events::timerfd_gettime,
        &[Fd, ItimerspecOut],
    ),
    call(
        "timerfd_gettime64",
        events::timerfd_gettime64,
        &[Fd, ItimerspecWideOut],
    ),
];
