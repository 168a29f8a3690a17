//! Signals.

use super::NONE;
use crate::syscalls::Kind::{
    Address, Fd, Hex, MaskCommand, Pid, Sigaction, SigactionOut, SiginfoIn, SiginfoOut, Signal,
    SignalSet, SignalSetOut, Size, StackIn, StackOut, Timespec,
};
use crate::syscalls::{Call, call, signals};

pub(super) const CALLS: &[Call] = &[
    call(
        "rt_sigaction",
        signals::rt_sigaction,
        &[Signal, Sigaction, SigactionOut, Size],
    ),
    call(
        "rt_sigprocmask",
        signals::rt_sigprocmask,
        &[MaskCommand, SignalSet, SignalSetOut, Size],
    ),
    call(
        "rt_sigpending",
        signals::rt_sigpending,
        &[SignalSetOut, Size],
    ),
    call("rt_sigsuspend", signals::rt_sigsuspend, &[SignalSet, Size]),
    call(
        "rt_sigtimedwait",
        signals::rt_sigtimedwait,
        &[SignalSet, SiginfoOut, Timespec, Size],
    ),
    call(
        "rt_sigtimedwait_time64",
        signals::rt_sigtimedwait64,
        &[SignalSet, SiginfoOut, Address, Size],
    ),
    call(
        "rt_sigqueueinfo",
        signals::rt_sigqueueinfo,
        &[Pid, Signal, SiginfoIn],
    ),
    call(
        "rt_tgsigqueueinfo",
        signals::rt_tgsigqueueinfo,
        &[Pid, Pid, Signal, Address],
    ),
    call("rt_sigreturn", signals::rt_sigreturn, NONE),
    call("sigreturn", signals::sigreturn, NONE),
    call("sigaltstack", signals::sigaltstack, &[StackIn, StackOut]),
    call("kill", signals::kill, &[Pid, Signal]),
    call("tkill", signals::tkill, &[Pid, Signal]),
    call("tgkill", signals::tgkill, &[Pid, Pid, Signal]),
    call("pause", signals::pause, NONE),
    call(
        "pidfd_send_signal",
        signals::pidfd_send_signal,
        &[Fd, Signal, Address, Hex],
    ),
];
