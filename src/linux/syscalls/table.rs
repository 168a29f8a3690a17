//! The table of calls: one row each, by subject. What number a call has is the ABI's.

use super::Kind::{self, *};
use super::names::*;
use super::{Call, call, call_address, call_final};
use super::{
    directories as dir, events, execution as exec, files, identity as id, limits, memory as mem,
    metadata as meta, not_offered, pipes, poll, process, random, scheduling as sched, signals,
    sync, terminal, time, transfer, xattr,
};

/// All calls that instruction sets share.
pub fn all() -> impl Iterator<Item = &'static Call> {
    [
        FILES,
        DIRECTORIES,
        METADATA,
        EVENTS,
        MEMORY,
        TIME,
        PROCESSES,
        IDENTITY,
        SIGNALS,
        ABSENT,
    ]
    .into_iter()
    .flatten()
}

const NONE: &[Kind] = &[];
const AT_FLAGS: Kind = Flags(AT);
const CLOCK_ID: Kind = Choice(CLOCK);

const FILES: &[Call] = &[
    call("openat", files::openat, &[DirFd, Path, OpenFlags, Mode]),
    call("open", files::open_here, &[Path, OpenFlags, Mode]),
    call("creat", files::creat, &[Path, Mode]),
    call("openat2", files::openat2, &[DirFd, Path, Address, Size]),
    call("close", files::close, &[Fd]),
    call(
        "close_range",
        files::close_range,
        &[Unsigned, Unsigned, Flags(CLOSE_RANGE)],
    ),
    call("dup", files::dup, &[Fd]),
    call("dup2", files::dup2, &[Fd, Fd]),
    call("dup3", files::dup3, &[Fd, Fd, DescriptorFlags]),
    call("fcntl", files::fcntl, &[Fd, FcntlCommand, Hex]),
    call("fcntl64", files::fcntl64, &[Fd, FcntlCommand, Hex]),
    call("flock", files::flock, &[Fd, Flags(FLOCK)]),
    call("lseek", files::lseek, &[Fd, Long, Choice(WHENCE)]),
    call(
        "_llseek",
        files::llseek,
        &[Fd, Size, Size, Address, Choice(WHENCE)],
    ),
    call("truncate", files::truncate, &[Path, Long]),
    call("truncate64", files::truncate, &[Path, Wide]),
    call("ftruncate", files::ftruncate, &[Fd, Long]),
    call("ftruncate64", files::ftruncate, &[Fd, Wide]),
    call(
        "fallocate",
        files::fallocate,
        &[Fd, Flags(FALLOCATE), Wide, Wide],
    ),
    call(
        "fadvise64",
        files::fadvise,
        &[Fd, Wide, Wide, Choice(FADVISE)],
    ),
    call(
        "fadvise64_64",
        files::fadvise,
        &[Fd, Wide, Wide, Choice(FADVISE)],
    ),
    call("readahead", files::readahead, &[Fd, Wide, Size]),
    call("fsync", files::fsync, &[Fd]),
    call("fdatasync", files::fdatasync, &[Fd]),
    call("syncfs", files::syncfs, &[Fd]),
    call("sync", files::sync, NONE),
    call(
        "sync_file_range",
        files::sync_file_range,
        &[Fd, Wide, Wide, Unsigned],
    ),
    call("memfd_create", files::memfd_create, &[Text, Flags(MEMFD)]),
    call("umask", files::umask, &[Mode]),
    call("read", transfer::read, &[Fd, Output, Size]),
    call("write", transfer::write, &[Fd, Input, Size]),
    call("pread64", transfer::pread, &[Fd, Output, Size, Wide]),
    call("pwrite64", transfer::pwrite, &[Fd, Input, Size, Wide]),
    call("readv", transfer::readv, &[Fd, OutputVectors, Size]),
    call("writev", transfer::writev, &[Fd, InputVectors, Size]),
    call(
        "preadv",
        transfer::preadv,
        &[Fd, OutputVectors, Size, Long, Long],
    ),
    call(
        "pwritev",
        transfer::pwritev,
        &[Fd, InputVectors, Size, Long, Long],
    ),
    call(
        "preadv2",
        transfer::preadv2,
        &[Fd, OutputVectors, Size, Long, Long, Flags(TRANSFER)],
    ),
    call(
        "pwritev2",
        transfer::pwritev2,
        &[Fd, InputVectors, Size, Long, Long, Flags(TRANSFER)],
    ),
    call("sendfile", transfer::sendfile, &[Fd, Fd, Address, Size]),
    call("sendfile64", transfer::sendfile64, &[Fd, Fd, Address, Size]),
    call(
        "copy_file_range",
        transfer::copy_file_range,
        &[Fd, Address, Fd, Address, Size, Hex],
    ),
    call(
        "splice",
        transfer::splice,
        &[Fd, Address, Fd, Address, Size, Flags(SPLICE)],
    ),
    call("tee", transfer::tee, &[Fd, Fd, Size, Flags(SPLICE)]),
    call(
        "vmsplice",
        transfer::vmsplice,
        &[Fd, InputVectors, Size, Flags(SPLICE)],
    ),
    call("pipe2", pipes::pipe2, &[PipeOut, DescriptorFlags]),
    call("pipe", pipes::pipe, &[PipeOut]),
    call("ioctl", terminal::ioctl, &[Fd, IoctlRequest, Address]),
    call(
        "getrandom",
        random::getrandom,
        &[Output, Size, Flags(RANDOM)],
    ),
];

const DIRECTORIES: &[Call] = &[
    call("getdents64", dir::getdents64, &[Fd, Address, Unsigned]),
    call("getdents", dir::getdents, &[Fd, Address, Unsigned]),
    call("getcwd", dir::getcwd, &[OutputText, Size]),
    call("chdir", dir::chdir, &[Path]),
    call("fchdir", dir::fchdir, &[Fd]),
    call("chroot", dir::chroot, &[Path]),
    call("mkdirat", dir::mkdirat, &[DirFd, Path, Mode]),
    call("mkdir", dir::mkdir, &[Path, Mode]),
    call("unlinkat", dir::unlinkat, &[DirFd, Path, AT_FLAGS]),
    call("unlink", dir::unlink, &[Path]),
    call("rmdir", dir::rmdir, &[Path]),
    call(
        "renameat2",
        dir::renameat2,
        &[DirFd, Path, DirFd, Path, Flags(RENAME)],
    ),
    call("renameat", dir::renameat2, &[DirFd, Path, DirFd, Path]),
    call("rename", dir::rename, &[Path, Path]),
    call("linkat", dir::linkat, &[DirFd, Path, DirFd, Path, AT_FLAGS]),
    call("link", dir::link, &[Path, Path]),
    call("symlinkat", dir::symlinkat, &[Path, DirFd, Path]),
    call("symlink", dir::symlink, &[Path, Path]),
    call(
        "readlinkat",
        dir::readlinkat,
        &[DirFd, Path, OutputText, Size],
    ),
    call("readlink", dir::readlink, &[Path, OutputText, Size]),
    call("mknodat", dir::mknodat, &[DirFd, Path, Mode, Hex]),
    call("mknod", dir::mknod, &[Path, Mode, Hex]),
    call("mount", dir::mount, &[Text, Path, Text, Hex, Address]),
    call("umount2", dir::umount2, &[Path, Hex]),
    call("inotify_init1", dir::inotify_init1, &[DescriptorFlags]),
    call(
        "inotify_add_watch",
        dir::inotify_add_watch,
        &[Fd, Path, Hex],
    ),
    call("inotify_rm_watch", dir::inotify_rm_watch, &[Fd, Int]),
];

const METADATA: &[Call] = &[
    call(
        "newfstatat",
        meta::newfstatat,
        &[DirFd, Path, StatOut, AT_FLAGS],
    ),
    call(
        "fstatat64",
        meta::fstatat64,
        &[DirFd, Path, Address, AT_FLAGS],
    ),
    call("stat", meta::stat, &[Path, StatOut]),
    call("stat64", meta::stat64, &[Path, Address]),
    call("lstat", meta::lstat, &[Path, StatOut]),
    call("lstat64", meta::lstat64, &[Path, Address]),
    call("fstat", meta::fstat, &[Fd, StatOut]),
    call("fstat64", meta::fstat64, &[Fd, Address]),
    call(
        "statx",
        meta::statx,
        &[DirFd, Path, AT_FLAGS, Flags(STATX), Address],
    ),
    call("statfs", meta::statfs, &[Path, Address]),
    call("fstatfs", meta::fstatfs, &[Fd, Address]),
    call("statfs64", meta::statfs64, &[Path, Size, Address]),
    call("fstatfs64", meta::fstatfs64, &[Fd, Size, Address]),
    call("faccessat", meta::faccessat, &[DirFd, Path, Flags(ACCESS)]),
    call(
        "faccessat2",
        meta::faccessat2,
        &[DirFd, Path, Flags(ACCESS), Flags(AT_ACCESS)],
    ),
    call("access", meta::access, &[Path, Flags(ACCESS)]),
    call("fchmod", meta::fchmod, &[Fd, Mode]),
    call("fchmodat", meta::fchmodat, &[DirFd, Path, Mode]),
    call("fchmodat2", meta::fchmodat2, &[DirFd, Path, Mode, AT_FLAGS]),
    call("chmod", meta::chmod, &[Path, Mode]),
    call("fchown", meta::fchown, &[Fd, Int, Int]),
    call(
        "fchownat",
        meta::fchownat,
        &[DirFd, Path, Int, Int, AT_FLAGS],
    ),
    call("chown", meta::chown, &[Path, Int, Int]),
    call("lchown", meta::lchown, &[Path, Int, Int]),
    call(
        "utimensat",
        meta::utimensat,
        &[DirFd, Path, TimespecPair, AT_FLAGS],
    ),
    call(
        "utimensat_time64",
        meta::utimensat64,
        &[DirFd, Path, Address, AT_FLAGS],
    ),
    call("utimes", meta::utimes, &[Path, Address]),
    call("utime", meta::utime, &[Path, Address]),
    call(
        "setxattr",
        xattr::setxattr,
        &[Path, Text, Input, Size, Flags(XATTR)],
    ),
    call(
        "lsetxattr",
        xattr::lsetxattr,
        &[Path, Text, Input, Size, Flags(XATTR)],
    ),
    call(
        "fsetxattr",
        xattr::fsetxattr,
        &[Fd, Text, Input, Size, Flags(XATTR)],
    ),
    call("getxattr", xattr::getxattr, &[Path, Text, Output, Size]),
    call("lgetxattr", xattr::lgetxattr, &[Path, Text, Output, Size]),
    call("fgetxattr", xattr::fgetxattr, &[Fd, Text, Output, Size]),
    call("listxattr", xattr::listxattr, &[Path, Output, Size]),
    call("llistxattr", xattr::llistxattr, &[Path, Output, Size]),
    call("flistxattr", xattr::flistxattr, &[Fd, Output, Size]),
    call("removexattr", xattr::removexattr, &[Path, Text]),
    call("lremovexattr", xattr::lremovexattr, &[Path, Text]),
    call("fremovexattr", xattr::fremovexattr, &[Fd, Text]),
];

const EVENTS: &[Call] = &[
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
        &[Fd, Flags(TIMER), Address, Address],
    ),
    call(
        "timerfd_settime64",
        events::timerfd_settime64,
        &[Fd, Flags(TIMER), Address, Address],
    ),
    call("timerfd_gettime", events::timerfd_gettime, &[Fd, Address]),
    call(
        "timerfd_gettime64",
        events::timerfd_gettime64,
        &[Fd, Address],
    ),
];

const MEMORY: &[Call] = &[
    call_address(
        "mmap",
        mem::mmap,
        &[Address, Size, Flags(PROTECTION), MmapFlags, Fd, Hex],
    ),
    call_address(
        "mmap2",
        mem::mmap2,
        &[Address, Size, Flags(PROTECTION), MmapFlags, Fd, Hex],
    ),
    call("munmap", mem::munmap, &[Address, Size]),
    call(
        "mprotect",
        mem::mprotect,
        &[Address, Size, Flags(PROTECTION)],
    ),
    call_address(
        "mremap",
        mem::mremap,
        &[Address, Size, Size, Flags(MREMAP), Address],
    ),
    call_address("brk", mem::brk, &[Address]),
    call("madvise", mem::madvise, &[Address, Size, Choice(MADVISE)]),
    call("msync", mem::msync, &[Address, Size, Flags(MSYNC)]),
    call("mincore", mem::mincore, &[Address, Size, Address]),
    call("mlock", mem::mlock, &[Address, Size]),
    call("mlock2", mem::mlock, &[Address, Size, Hex]),
    call("munlock", mem::munlock, &[Address, Size]),
];

const TIME: &[Call] = &[
    call(
        "clock_gettime",
        time::clock_gettime,
        &[CLOCK_ID, TimespecOut],
    ),
    call(
        "clock_gettime64",
        time::clock_gettime64,
        &[CLOCK_ID, Address],
    ),
    call("clock_settime", time::clock_settime, &[CLOCK_ID, Timespec]),
    call(
        "clock_settime64",
        time::clock_settime64,
        &[CLOCK_ID, Address],
    ),
    call("clock_getres", time::clock_getres, &[CLOCK_ID, TimespecOut]),
    call(
        "clock_getres_time64",
        time::clock_getres64,
        &[CLOCK_ID, Address],
    ),
    call(
        "clock_nanosleep",
        time::clock_nanosleep,
        &[CLOCK_ID, Flags(TIMER), Timespec, Address],
    ),
    call(
        "clock_nanosleep_time64",
        time::clock_nanosleep64,
        &[CLOCK_ID, Flags(TIMER), Address, Address],
    ),
    call("clock_adjtime", time::clock_adjtime, &[CLOCK_ID, Address]),
    call("adjtimex", time::adjtimex, &[Address]),
    call("nanosleep", time::nanosleep, &[Timespec, Address]),
    call("gettimeofday", time::gettimeofday, &[TimevalOut, Address]),
    call("settimeofday", time::settimeofday, &[Address, Address]),
    call("time", time::time, &[Address]),
    call("times", time::times, &[Address]),
    call(
        "setitimer",
        time::setitimer,
        &[Choice(ITIMER), Address, Address],
    ),
    call("getitimer", time::getitimer, &[Choice(ITIMER), Address]),
    call("alarm", time::alarm, &[Unsigned]),
];

const PROCESSES: &[Call] = &[
    call(
        "clone",
        process::clone,
        &[CloneFlags, Address, Address, Address, Address],
    ),
    call("clone3", process::clone3, &[Address, Size]),
    call("fork", process::fork, NONE),
    call("vfork", process::vfork, NONE),
    call("execve", exec::execve, &[Path, Strings, Environment]),
    call(
        "execveat",
        exec::execveat,
        &[DirFd, Path, Strings, Environment, AT_FLAGS],
    ),
    call_final("exit", exec::exit, &[Int]),
    call_final("exit_group", exec::exit_group, &[Int]),
    call(
        "wait4",
        process::wait4,
        &[Int, StatusOut, Flags(WAIT), Address],
    ),
    call("waitpid", process::waitpid, &[Int, StatusOut, Flags(WAIT)]),
    call(
        "waitid",
        process::waitid,
        &[Choice(ID_TYPE), Int, Address, Flags(WAITID), Address],
    ),
    call("getpid", process::getpid, NONE),
    call("getppid", process::getppid, NONE),
    call("gettid", process::gettid, NONE),
    call("getpgid", process::getpgid, &[Int]),
    call("getpgrp", process::getpgrp, NONE),
    call("setpgid", process::setpgid, &[Int, Int]),
    call("getsid", process::getsid, &[Int]),
    call("setsid", process::setsid, NONE),
    call("set_tid_address", process::set_tid_address, &[Address]),
    call("pidfd_open", process::pidfd_open, &[Int, Hex]),
    call("personality", process::personality, &[Hex]),
    call(
        "prctl",
        process::prctl,
        &[Choice(PRCTL), Hex, Hex, Hex, Hex],
    ),
    call(
        "prlimit64",
        limits::prlimit64,
        &[Int, Limit, RlimitIn, RlimitOut],
    ),
    call("getrlimit", limits::getrlimit, &[Limit, Address]),
    call("ugetrlimit", limits::getrlimit, &[Limit, Address]),
    call("setrlimit", limits::setrlimit, &[Limit, Address]),
    call("getrusage", limits::getrusage, &[Choice(USAGE), Address]),
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
        &[Int, Size, Address],
    ),
    call(
        "sched_setaffinity",
        sched::sched_setaffinity,
        &[Int, Size, Address],
    ),
    call("sched_getscheduler", sched::sched_getscheduler, &[Int]),
    call(
        "sched_setscheduler",
        sched::sched_setscheduler,
        &[Int, Choice(POLICY), Address],
    ),
    call("sched_getparam", sched::sched_getparam, &[Int, IntOut]),
    call("sched_setparam", sched::sched_setparam, &[Int, Address]),
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
        &[Int, TimespecOut],
    ),
    call(
        "sched_getattr",
        sched::sched_getattr,
        &[Int, Address, Unsigned, Hex],
    ),
    call("sched_setattr", sched::sched_setattr, &[Int, Address, Hex]),
    call("ioprio_get", sched::ioprio_get, &[Int, Int]),
    call("ioprio_set", sched::ioprio_set, &[Int, Int, Hex]),
    call("getcpu", sched::getcpu, &[IntOut, IntOut, Address]),
    call(
        "futex",
        sync::futex,
        &[Address, Flags(FUTEX), Unsigned, Address, Address, Hex],
    ),
    call(
        "futex_time64",
        sync::futex64,
        &[Address, Flags(FUTEX), Unsigned, Address, Address, Hex],
    ),
    call("set_robust_list", sync::set_robust_list, &[Address, Size]),
    call(
        "get_robust_list",
        sync::get_robust_list,
        &[Int, Address, Address],
    ),
    call(
        "membarrier",
        sync::membarrier,
        &[Choice(MEMBARRIER), Hex, Int],
    ),
];

const IDENTITY: &[Call] = &[
    call("uname", id::uname, &[UtsnameOut]),
    call("sysinfo", id::sysinfo, &[Address]),
    call("sethostname", id::sethostname, &[Input, Size]),
    call("setdomainname", id::setdomainname, &[Input, Size]),
    call("syslog", id::syslog, &[Int, Output, Unsigned]),
    call("getuid", id::getuid, NONE),
    call("geteuid", id::geteuid, NONE),
    call("getgid", id::getgid, NONE),
    call("getegid", id::getegid, NONE),
    call("getresuid", id::getresuid, &[IntOut, IntOut, IntOut]),
    call("getresgid", id::getresgid, &[IntOut, IntOut, IntOut]),
    call("setuid", id::setuid, &[Int]),
    call("setgid", id::setgid, &[Int]),
    call("setreuid", id::setreuid, &[Int, Int]),
    call("setregid", id::setregid, &[Int, Int]),
    call("setresuid", id::setresuid, &[Int, Int, Int]),
    call("setresgid", id::setresgid, &[Int, Int, Int]),
    call("setfsuid", id::setfsuid, &[Int]),
    call("setfsgid", id::setfsgid, &[Int]),
    call("getgroups", id::getgroups, &[Int, Address]),
    call("setgroups", id::setgroups, &[Int, Address]),
    call("capget", id::capget, &[Address, Address]),
    call("capset", id::capset, &[Address, Address]),
];

const SIGNALS: &[Call] = &[
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
        &[SignalSet, Address, Timespec, Size],
    ),
    call(
        "rt_sigtimedwait_time64",
        signals::rt_sigtimedwait64,
        &[SignalSet, Address, Address, Size],
    ),
    call(
        "rt_sigqueueinfo",
        signals::rt_sigqueueinfo,
        &[Int, Signal, Address],
    ),
    call("rt_sigreturn", signals::rt_sigreturn, NONE),
    call("sigaltstack", signals::sigaltstack, &[Address, Address]),
    call("kill", signals::kill, &[Int, Signal]),
    call("tkill", signals::tkill, &[Int, Signal]),
    call("tgkill", signals::tgkill, &[Int, Int, Signal]),
    call("pause", signals::pause, NONE),
    call(
        "pidfd_send_signal",
        signals::pidfd_send_signal,
        &[Fd, Signal, Address, Hex],
    ),
];

/// Calls that a kernel may be built without, and that programs do without: they answer ENOSYS by
/// decision and not for want of a handler.
const ABSENT: &[Call] = &[
    // A thread would have to be told each time that the host's kernel moves or preempts it.
    call("rseq", not_offered, &[Address, Unsigned, Hex, Hex]),
    call("io_uring_setup", not_offered, &[Unsigned, Address]),
    call("userfaultfd", not_offered, &[Hex]),
    call("bpf", not_offered, &[Int, Address, Unsigned]),
    call(
        "perf_event_open",
        not_offered,
        &[Address, Int, Int, Fd, Hex],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_call_has_one_row_with_at_most_six_arguments() {
        let mut seen = HashSet::new();
        for call in all() {
            assert!(seen.insert(call.name), "{} twice", call.name);
            assert!(call.arguments.len() <= 6, "{}", call.name);
        }
        assert!(seen.len() > 250, "{}", seen.len());
    }
}
