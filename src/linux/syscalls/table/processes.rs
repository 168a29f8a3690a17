//! Processes and threads: starting, waiting, limits, scheduling, futexes.

use super::{AT_FLAGS, NONE};
use crate::syscalls::Kind::{
    Address, Choice, CloneFlags, DirFd, Environment, Flags, FutexArgument, FutexOperation, Hex,
    Int, IntOut, Limit, Path, Pid, PrctlArgument, RlimitIn, RlimitOut, SiginfoOut, Size, StatusOut,
    Strings, TimespecOut, TimespecWideOut, Unsigned, UsageOut,
};
use crate::syscalls::names::{ID_TYPE, MEMBARRIER, POLICY, PRCTL, PRIORITY, USAGE, WAIT, WAITID};
use crate::syscalls::{
    Call, call, call_final, call_pid, clone, execution as exec, limits, process, robust,
    scheduling as sched, sync,
};

pub(super) const CALLS: &[Call] = &[
    call_pid(
        "clone",
        clone::clone,
        &[CloneFlags, Address, Address, Address, Address],
    ),
    call_pid("clone3", clone::clone3, &[Address, Size]),
    call_pid("fork", clone::fork, NONE),
    call_pid("vfork", clone::vfork, NONE),
    call("execve", exec::execve, &[Path, Strings, Environment]),
    call(
        "execveat",
        exec::execveat,
        &[DirFd, Path, Strings, Environment, AT_FLAGS],
    ),
    call_final("exit", exec::exit, &[Int]),
    call_final("exit_group", exec::exit_group, &[Int]),
    call_pid(
        "wait4",
        process::wait4,
        &[Pid, StatusOut, Flags(WAIT), UsageOut],
    ),
    call_pid("waitpid", process::waitpid, &[Pid, StatusOut, Flags(WAIT)]),
    call(
        "waitid",
        process::waitid,
        &[Choice(ID_TYPE), Int, SiginfoOut, Flags(WAITID), UsageOut],
    ),
    call_pid("getpid", process::getpid, NONE),
    call_pid("getppid", process::getppid, NONE),
    call_pid("gettid", process::gettid, NONE),
    call_pid("getpgid", process::getpgid, &[Pid]),
    call_pid("getpgrp", process::getpgrp, NONE),
    call("setpgid", process::setpgid, &[Pid, Pid]),
    call_pid("getsid", process::getsid, &[Pid]),
    call_pid("setsid", process::setsid, NONE),
    call_pid("set_tid_address", process::set_tid_address, &[Address]),
    call("pidfd_open", process::pidfd_open, &[Pid, Hex]),
    call("personality", process::personality, &[Hex]),
    call(
        "prctl",
        process::prctl,
        &[
            Choice(PRCTL),
            PrctlArgument,
            PrctlArgument,
            PrctlArgument,
            PrctlArgument,
        ],
    ),
    call(
        "prlimit64",
        limits::prlimit64,
        &[Pid, Limit, RlimitIn, RlimitOut],
    ),
    call("getrlimit", limits::getrlimit, &[Limit, Address]),
    call("ugetrlimit", limits::getrlimit, &[Limit, Address]),
    call("setrlimit", limits::setrlimit, &[Limit, Address]),
    call("getrusage", limits::getrusage, &[Choice(USAGE), UsageOut]),
    call("sched_yield", sched::sched_yield, NONE),
    call("getpriority", sched::getpriority, &[Choice(PRIORITY), Int]),
    call(
        "setpriority",
        sched::setpriority,
        &[Choice(PRIORITY), Int, Int],
    ),
    call("nice", sched::nice, &[Int]),
    call(
        "sched_getaffinity",
        sched::sched_getaffinity,
        &[Pid, Size, Address],
    ),
    call(
        "sched_setaffinity",
        sched::sched_setaffinity,
        &[Pid, Size, Address],
    ),
    call("sched_getscheduler", sched::sched_getscheduler, &[Pid]),
    call(
        "sched_setscheduler",
        sched::sched_setscheduler,
        &[Pid, Choice(POLICY), Address],
    ),
    call("sched_getparam", sched::sched_getparam, &[Pid, IntOut]),
    call("sched_setparam", sched::sched_setparam, &[Pid, Address]),
    call(
        "sched_get_priority_max",
        sched::sched_get_priority_max,
        &[Choice(POLICY)],
    ),
    call(
        "sched_get_priority_min",
        sched::sched_get_priority_min,
        &[Choice(POLICY)],
    ),
    call(
        "sched_rr_get_interval",
        sched::sched_rr_get_interval,
        &[Pid, TimespecOut],
    ),
    call(
        "sched_rr_get_interval_time64",
        sched::sched_rr_get_interval64,
        &[Pid, TimespecWideOut],
    ),
    call(
        "sched_getattr",
        sched::sched_getattr,
        &[Pid, Address, Unsigned, Hex],
    ),
    call("sched_setattr", sched::sched_setattr, &[Pid, Address, Hex]),
    call("ioprio_get", sched::ioprio_get, &[Int, Int]),
    call("ioprio_set", sched::ioprio_set, &[Int, Int, Hex]),
    call("getcpu", sched::getcpu, &[IntOut, IntOut, Address]),
    call(
        "futex",
        sync::futex,
        &[
            Address,
            FutexOperation,
            Unsigned,
            FutexArgument,
            FutexArgument,
            FutexArgument,
        ],
    ),
    call(
        "futex_time64",
        sync::futex64,
        &[
            Address,
            FutexOperation,
            Unsigned,
            FutexArgument,
            FutexArgument,
            FutexArgument,
        ],
    ),
    call(
        "futex_waitv",
        sync::futex_waitv,
        &[Address, Unsigned, Hex, Address, Int],
    ),
    call("set_robust_list", robust::set_robust_list, &[Address, Size]),
    call(
        "get_robust_list",
        robust::get_robust_list,
        &[Pid, Address, Address],
    ),
    call(
        "membarrier",
        sync::membarrier,
        &[Choice(MEMBARRIER), Hex, Int],
    ),
];
