//! Waiting for descriptors, and descriptors that stand for events.

use super::CLOCK_ID;
use crate::syscalls::Kind::{
    Address, Choice, DescriptorFlags, Fd, Flags, Int, Itimerspec, ItimerspecOut, PollList,
    SignalSet, Size, Timespec, Unsigned,
};
use crate::syscalls::names::{EPOLL_CONTROL, TIMER};
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
        &[PollList, Unsigned, Address, SignalSet, Size],
    ),
    call(
        "select",
        poll::select,
        &[Int, Address, Address, Address, Address],
    ),
    call(
        "_newselect",
        poll::select,
        &[Int, Address, Address, Address, Address],
    ),
    call(
        "pselect6",
        poll::pselect6,
        &[Int, Address, Address, Address, Timespec, Address],
    ),
    call(
        "pselect6_time64",
        poll::pselect6_64,
        &[Int, Address, Address, Address, Address, Address],
    ),
    call("epoll_create1", events::epoll_create1, &[DescriptorFlags]),
    call("epoll_create", events::epoll_create, &[Int]),
    call(
        "epoll_ctl",
        events::epoll_ctl,
        &[Fd, Choice(EPOLL_CONTROL), Fd, Address],
    ),
    call("epoll_wait", events::epoll_wait, &[Fd, Address, Int, Int]),
    call(
        "epoll_pwait",
        events::epoll_pwait,
        &[Fd, Address, Int, Int, SignalSet, Size],
    ),
    call(
        "epoll_pwait2",
        events::epoll_pwait2,
        &[Fd, Address, Int, Address, SignalSet, Size],
    ),
    call("eventfd2", events::eventfd2, &[Unsigned, DescriptorFlags]),
    call("eventfd", events::eventfd, &[Unsigned]),
    call(
        "signalfd4",
        events::signalfd4,
        &[Fd, SignalSet, Size, DescriptorFlags],
    ),
    call(
        "timerfd_create",
        events::timerfd_create,
        &[CLOCK_ID, DescriptorFlags],
    ),
    call(
        "timerfd_settime",
        events::timerfd_settime,
        &[Fd, Flags(TIMER), Itimerspec, ItimerspecOut],
    ),
    call(
        "timerfd_settime64",
        events::timerfd_settime64,
        &[Fd, Flags(TIMER), Address, Address],
    ),
    call(
        "timerfd_gettime",
        events::timerfd_gettime,
        &[Fd, ItimerspecOut],
    ),
    call(
        "timerfd_gettime64",
        events::timerfd_gettime64,
        &[Fd, Address],
    ),
];
