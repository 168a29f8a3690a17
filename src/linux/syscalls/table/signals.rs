//! Signals.

use super::NONE;
use crate::syscalls::Kind::{
    Address, Fd, Hex, MaskCommand, OldSigaction, OldSigactionOut, OldSignalSet, OldSignalSetOut,
    Pid, Sigaction, SigactionOut, SiginfoIn, SiginfoOut, Signal, SignalSet, SignalSetOut, Size,
    StackIn, StackOut, Timespec, TimespecWide,
};
use crate::syscalls::{Call, call, call_address, signals};

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
        &[SignalSet, SiginfoOut, TimespecWide, Size],
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
    call(
        "sigaction",
        signals::sigaction,
        &[Signal, OldSigaction, OldSigactionOut],
    ),
    call_address("signal", signals::signal, &[Signal, Address]),
    call(
        "sigprocmask",
        signals::sigprocmask,
        &[MaskCommand, OldSignalSet, OldSignalSetOut],
    ),
    call("sigpending", signals::sigpending, &[OldSignalSetOut]),
    call("sigsuspend", signals::sigsuspend, &[SignalSet]),
    call_address("sgetmask", signals::sgetmask, NONE),
    call_address("ssetmask", signals::ssetmask, &[Hex]),
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
