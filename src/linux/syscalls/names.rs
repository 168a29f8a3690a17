//! Constants that are the same for every instruction set, for `--strace` and for handlers that
//! check them.

use crate::constants::{Constant, choice, flag, number};

macro_rules! set {
    ($($(#[$doc:meta])* $set:ident = $kind:ident: $($name:ident $value:expr),* $(,)?;)*) => {
        $($(#[$doc])* pub const $set: &[Constant] = &[$($kind(stringify!($name), $value)),*];)*
    };
}

set! {
    /// Flags of the *at calls.
    AT = flag: AT_SYMLINK_NOFOLLOW 0x100, AT_REMOVEDIR 0x200, AT_SYMLINK_FOLLOW 0x400,
        AT_NO_AUTOMOUNT 0x800, AT_EMPTY_PATH 0x1000, AT_STATX_FORCE_SYNC 0x2000,
        AT_STATX_DONT_SYNC 0x4000;
    /// Flags of faccessat2, where one bit means something else.
    AT_ACCESS = flag: AT_SYMLINK_NOFOLLOW 0x100, AT_EACCESS 0x200, AT_EMPTY_PATH 0x1000;
    /// What lseek starts from.
    WHENCE = number: SEEK_SET 0, SEEK_CUR 1, SEEK_END 2, SEEK_DATA 3, SEEK_HOLE 4;
    /// Clocks.
    CLOCK = number: CLOCK_REALTIME 0, CLOCK_MONOTONIC 1, CLOCK_PROCESS_CPUTIME_ID 2,
        CLOCK_THREAD_CPUTIME_ID 3, CLOCK_MONOTONIC_RAW 4, CLOCK_REALTIME_COARSE 5,
        CLOCK_MONOTONIC_COARSE 6, CLOCK_BOOTTIME 7, CLOCK_REALTIME_ALARM 8,
        CLOCK_BOOTTIME_ALARM 9, CLOCK_TAI 11;
    /// Flags of timers and clock_nanosleep.
    TIMER = flag: TIMER_ABSTIME 1;
    /// Flags of timerfd_settime.
    TFD_TIMER = flag: TFD_TIMER_ABSTIME 1, TFD_TIMER_CANCEL_ON_SET 2;
    /// Events of epoll.
    EPOLL_EVENTS = flag: EPOLLIN 1, EPOLLPRI 2, EPOLLOUT 4, EPOLLRDNORM 0x40, EPOLLRDBAND 0x80,
        EPOLLWRNORM 0x100, EPOLLWRBAND 0x200, EPOLLMSG 0x400, EPOLLERR 8, EPOLLHUP 0x10,
        EPOLLRDHUP 0x2000, EPOLLEXCLUSIVE 0x1000_0000, EPOLLWAKEUP 0x2000_0000,
        EPOLLONESHOT 0x4000_0000, EPOLLET 0x8000_0000;
    /// Flags of an alternate signal stack.
    STACK = flag: SS_ONSTACK 1, SS_DISABLE 2, SS_AUTODISARM 0x8000_0000;
    /// File systems, as statfs tells them.
    FILE_SYSTEM = number: EXT2_SUPER_MAGIC 0xef53, TMPFS_MAGIC 0x0102_1994,
        PROC_SUPER_MAGIC 0x9fa0, SYSFS_MAGIC 0x6265_6572, OVERLAYFS_SUPER_MAGIC 0x794c_7630,
        XFS_SUPER_MAGIC 0x5846_5342, BTRFS_SUPER_MAGIC 0x9123_683e, NFS_SUPER_MAGIC 0x6969,
        DEVPTS_SUPER_MAGIC 0x1cd1, CGROUP2_SUPER_MAGIC 0x6367_7270, RAMFS_MAGIC 0x8584_58f6,
        V9FS_MAGIC 0x0102_1997, MSDOS_SUPER_MAGIC 0x4d44, SQUASHFS_MAGIC 0x7371_7368;
    /// Flags that statfs tells.
    MOUNT = flag: ST_VALID 0x20, ST_RDONLY 1, ST_NOSUID 2, ST_NODEV 4, ST_NOEXEC 8,
        ST_SYNCHRONOUS 0x10, ST_MANDLOCK 0x40, ST_NOATIME 0x400, ST_NODIRATIME 0x800,
        ST_RELATIME 0x1000, ST_NOSYMFOLLOW 0x2000;
    /// Kinds of file locks, by the host's and most guests' numbers.
    LOCK_KIND = number: F_RDLCK 0, F_WRLCK 1, F_UNLCK 2;
    /// Flags of mremap.
    MREMAP = flag: MREMAP_MAYMOVE 1, MREMAP_FIXED 2, MREMAP_DONTUNMAP 4;
    /// Flags of msync.
    MSYNC = flag: MS_SYNC 4, MS_ASYNC 1, MS_INVALIDATE 2;
    /// What madvise announces.
    MADVISE = number: MADV_NORMAL 0, MADV_RANDOM 1, MADV_SEQUENTIAL 2, MADV_WILLNEED 3,
        MADV_DONTNEED 4, MADV_FREE 8, MADV_REMOVE 9, MADV_DONTFORK 10, MADV_DOFORK 11,
        MADV_MERGEABLE 12, MADV_UNMERGEABLE 13, MADV_HUGEPAGE 14, MADV_NOHUGEPAGE 15,
        MADV_DONTDUMP 16, MADV_DODUMP 17, MADV_WIPEONFORK 18, MADV_KEEPONFORK 19, MADV_COLD 20,
        MADV_PAGEOUT 21, MADV_POPULATE_READ 22, MADV_POPULATE_WRITE 23, MADV_DONTNEED_LOCKED 24,
        MADV_COLLAPSE 25;
    /// Flags of wait4.
    WAIT = flag: WNOHANG 1, WUNTRACED 2, WCONTINUED 8, __WNOTHREAD 0x2000_0000,
        __WALL 0x4000_0000, __WCLONE 0x8000_0000;
    /// Flags of waitid.
    WAITID = flag: WNOHANG 1, WSTOPPED 2, WEXITED 4, WCONTINUED 8, WNOWAIT 0x0100_0000,
        __WALL 0x4000_0000;
    /// What waitid waits for.
    ID_TYPE = number: P_ALL 0, P_PID 1, P_PGID 2, P_PIDFD 3;
    /// Whose resources getrusage tells.
    USAGE = number: RUSAGE_SELF 0, RUSAGE_CHILDREN u64::MAX, RUSAGE_THREAD 1;
    /// Whose priority.
    PRIORITY = number: PRIO_PROCESS 0, PRIO_PGRP 1, PRIO_USER 2;
    /// Flags of getrandom.
    RANDOM = flag: GRND_NONBLOCK 1, GRND_RANDOM 2, GRND_INSECURE 4;
    /// Flags of memfd_create.
    MEMFD = flag: MFD_CLOEXEC 1, MFD_ALLOW_SEALING 2, MFD_HUGETLB 4, MFD_NOEXEC_SEAL 8,
        MFD_EXEC 0x10;
    /// Operations of flock.
    FLOCK = flag: LOCK_SH 1, LOCK_EX 2, LOCK_NB 4, LOCK_UN 8;
    /// Operations of epoll_ctl.
    EPOLL_CONTROL = number: EPOLL_CTL_ADD 1, EPOLL_CTL_DEL 2, EPOLL_CTL_MOD 3;
    /// Flags of renameat2.
    RENAME = flag: RENAME_NOREPLACE 1, RENAME_EXCHANGE 2, RENAME_WHITEOUT 4;
    /// Flags of fallocate.
    FALLOCATE = flag: FALLOC_FL_KEEP_SIZE 1, FALLOC_FL_PUNCH_HOLE 2, FALLOC_FL_COLLAPSE_RANGE 8,
        FALLOC_FL_ZERO_RANGE 0x10, FALLOC_FL_INSERT_RANGE 0x20, FALLOC_FL_UNSHARE_RANGE 0x40;
    /// Announcements of posix_fadvise.
    FADVISE = number: POSIX_FADV_NORMAL 0, POSIX_FADV_RANDOM 1, POSIX_FADV_SEQUENTIAL 2,
        POSIX_FADV_WILLNEED 3, POSIX_FADV_DONTNEED 4, POSIX_FADV_NOREUSE 5;
    /// Interval timers.
    ITIMER = number: ITIMER_REAL 0, ITIMER_VIRTUAL 1, ITIMER_PROF 2;
    /// Scheduling policies.
    POLICY = number: SCHED_OTHER 0, SCHED_FIFO 1, SCHED_RR 2, SCHED_BATCH 3, SCHED_IDLE 5,
        SCHED_DEADLINE 6;
    /// Options of prctl.
    PRCTL = number: PR_SET_PDEATHSIG 1, PR_GET_PDEATHSIG 2, PR_GET_DUMPABLE 3,
        PR_SET_DUMPABLE 4, PR_GET_KEEPCAPS 7, PR_SET_KEEPCAPS 8, PR_SET_NAME 15, PR_GET_NAME 16,
        PR_GET_SECCOMP 21, PR_SET_SECCOMP 22, PR_CAPBSET_READ 23, PR_CAPBSET_DROP 24,
        PR_GET_SECUREBITS 27, PR_SET_SECUREBITS 28, PR_SET_TIMERSLACK 29, PR_GET_TIMERSLACK 30,
        PR_GET_TIMING 13, PR_SET_TIMING 14, PR_MCE_KILL 33, PR_MCE_KILL_GET 34, PR_SET_MM 35,
        PR_SET_IO_FLUSHER 57, PR_GET_IO_FLUSHER 58, PR_SET_MDWE 65, PR_GET_MDWE 66,
        PR_GET_AUXV 0x4155_5856,
        PR_SET_CHILD_SUBREAPER 36, PR_GET_CHILD_SUBREAPER 37, PR_SET_NO_NEW_PRIVS 38,
        PR_GET_NO_NEW_PRIVS 39, PR_GET_TID_ADDRESS 40, PR_SET_THP_DISABLE 41,
        PR_GET_THP_DISABLE 42, PR_CAP_AMBIENT 47, PR_SET_VMA 0x5356_4d41,
        PR_SET_PTRACER 0x5961_6d61;
    /// What kcmp compares.
    KCMP = number: KCMP_FILE 0, KCMP_VM 1, KCMP_FILES 2, KCMP_FS 3, KCMP_SIGHAND 4, KCMP_IO 5,
        KCMP_SYSVSEM 6, KCMP_EPOLL_TFD 7;
    /// Flags of mlockall.
    MLOCKALL = flag: MCL_CURRENT 1, MCL_FUTURE 2, MCL_ONFAULT 4;
    /// Commands of membarrier.
    MEMBARRIER = number: MEMBARRIER_CMD_QUERY 0, MEMBARRIER_CMD_GLOBAL 1,
        MEMBARRIER_CMD_GLOBAL_EXPEDITED 2, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED 4,
        MEMBARRIER_CMD_PRIVATE_EXPEDITED 8, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED 16;
    /// Flags of shmget, semget and msgget, whose low bits are permissions.
    IPC_GET = flag: IPC_CREAT 0o1000, IPC_EXCL 0o2000, SHM_HUGETLB 0o4000, SHM_NORESERVE 0o10000;
    /// Flags of shmat.
    IPC_ATTACH = flag: SHM_RDONLY 0o10000, SHM_RND 0o20000, SHM_REMAP 0o40000, SHM_EXEC 0o100000;
    /// Flags of msgsnd and msgrcv.
    IPC_MESSAGE = flag: IPC_NOWAIT 0o4000, MSG_NOERROR 0o10000, MSG_EXCEPT 0o20000,
        MSG_COPY 0o40000;
    /// Commands of shmctl, semctl and msgctl.
    IPC_COMMAND = number: IPC_RMID 0, IPC_SET 1, IPC_STAT 2, IPC_INFO 3;
    /// Commands of shmctl alone.
    SHM_COMMAND = number: SHM_LOCK 11, SHM_UNLOCK 12, SHM_STAT 13, SHM_INFO 14, SHM_STAT_ANY 15;
    /// Commands of semctl alone.
    SEM_COMMAND = number: GETPID 11, GETVAL 12, GETALL 13, GETNCNT 14, GETZCNT 15, SETVAL 16,
        SETALL 17, SEM_STAT 18, SEM_INFO 19, SEM_STAT_ANY 20;
    /// Commands of msgctl alone.
    MSG_COMMAND = number: MSG_STAT 11, MSG_INFO 12, MSG_STAT_ANY 13;
    /// Flags of an operation of semop.
    SEM_OPERATION = flag: IPC_NOWAIT 0o4000, SEM_UNDO 0o10000;
    /// Flags of splice and its kin.
    SPLICE = flag: SPLICE_F_MOVE 1, SPLICE_F_NONBLOCK 2, SPLICE_F_MORE 4, SPLICE_F_GIFT 8;
    /// Flags of preadv2 and pwritev2.
    TRANSFER = flag: RWF_HIPRI 1, RWF_DSYNC 2, RWF_SYNC 4, RWF_NOWAIT 8, RWF_APPEND 0x10;
    /// Flags of setxattr.
    XATTR = flag: XATTR_CREATE 1, XATTR_REPLACE 2;
    /// Flags of close_range.
    CLOSE_RANGE = flag: CLOSE_RANGE_UNSHARE 2, CLOSE_RANGE_CLOEXEC 4;
    /// Clone's flags; the signal in the low byte is written by itself.
    CLONE_BITS = flag: CLONE_VM 0x100, CLONE_FS 0x200, CLONE_FILES 0x400, CLONE_SIGHAND 0x800,
        CLONE_PIDFD 0x1000, CLONE_PTRACE 0x2000, CLONE_VFORK 0x4000, CLONE_PARENT 0x8000,
        CLONE_THREAD 0x1_0000, CLONE_NEWNS 0x2_0000, CLONE_SYSVSEM 0x4_0000,
        CLONE_SETTLS 0x8_0000, CLONE_PARENT_SETTID 0x10_0000, CLONE_CHILD_CLEARTID 0x20_0000,
        CLONE_UNTRACED 0x80_0000, CLONE_CHILD_SETTID 0x100_0000, CLONE_NEWCGROUP 0x200_0000,
        CLONE_NEWUTS 0x400_0000, CLONE_NEWIPC 0x800_0000, CLONE_NEWUSER 0x1000_0000,
        CLONE_NEWPID 0x2000_0000, CLONE_NEWNET 0x4000_0000, CLONE_IO 0x8000_0000;
}

/// Operations on futexes.
pub const FUTEX: &[Constant] = &[
    choice("FUTEX_WAIT", 0, 0xff),
    choice("FUTEX_WAIT_PRIVATE", 128, 0xff),
    choice("FUTEX_WAKE", 1, 0xff),
    choice("FUTEX_WAKE_PRIVATE", 129, 0xff),
    choice("FUTEX_FD", 2, 0xff),
    choice("FUTEX_FD_PRIVATE", 130, 0xff),
    choice("FUTEX_REQUEUE", 3, 0xff),
    choice("FUTEX_REQUEUE_PRIVATE", 131, 0xff),
    choice("FUTEX_CMP_REQUEUE", 4, 0xff),
    choice("FUTEX_CMP_REQUEUE_PRIVATE", 132, 0xff),
    choice("FUTEX_WAKE_OP", 5, 0xff),
    choice("FUTEX_WAKE_OP_PRIVATE", 133, 0xff),
    choice("FUTEX_LOCK_PI", 6, 0xff),
    choice("FUTEX_LOCK_PI_PRIVATE", 134, 0xff),
    choice("FUTEX_UNLOCK_PI", 7, 0xff),
    choice("FUTEX_UNLOCK_PI_PRIVATE", 135, 0xff),
    choice("FUTEX_TRYLOCK_PI", 8, 0xff),
    choice("FUTEX_TRYLOCK_PI_PRIVATE", 136, 0xff),
    choice("FUTEX_WAIT_BITSET", 9, 0xff),
    choice("FUTEX_WAIT_BITSET_PRIVATE", 137, 0xff),
    choice("FUTEX_WAKE_BITSET", 10, 0xff),
    choice("FUTEX_WAKE_BITSET_PRIVATE", 138, 0xff),
    choice("FUTEX_WAIT_REQUEUE_PI", 11, 0xff),
    choice("FUTEX_WAIT_REQUEUE_PI_PRIVATE", 139, 0xff),
    choice("FUTEX_CMP_REQUEUE_PI", 12, 0xff),
    choice("FUTEX_CMP_REQUEUE_PI_PRIVATE", 140, 0xff),
    choice("FUTEX_LOCK_PI2", 13, 0xff),
    choice("FUTEX_LOCK_PI2_PRIVATE", 141, 0xff),
    flag("FUTEX_CLOCK_REALTIME", 256),
];

/// What access asks for.
pub const ACCESS: &[Constant] = &[
    number("F_OK", 0),
    flag("R_OK", 4),
    flag("W_OK", 2),
    flag("X_OK", 1),
];

/// Protections of pages.
pub const PROTECTION: &[Constant] = &[
    number("PROT_NONE", 0),
    flag("PROT_READ", 1),
    flag("PROT_WRITE", 2),
    flag("PROT_EXEC", 4),
    flag("PROT_GROWSDOWN", 0x0100_0000),
    flag("PROT_GROWSUP", 0x0200_0000),
];

/// Flags of statx.
pub const AT_STATX: &[Constant] = &[
    choice("AT_STATX_SYNC_AS_STAT", 0, 0x6000),
    choice("AT_STATX_FORCE_SYNC", 0x2000, 0x6000),
    choice("AT_STATX_DONT_SYNC", 0x4000, 0x6000),
    flag("AT_SYMLINK_NOFOLLOW", 0x100),
    flag("AT_REMOVEDIR", 0x200),
    flag("AT_SYMLINK_FOLLOW", 0x400),
    flag("AT_NO_AUTOMOUNT", 0x800),
    flag("AT_EMPTY_PATH", 0x1000),
];

/// Fields of statx with the names of groups of them.
pub const STATX_MASK: &[Constant] = &[
    choice("STATX_ALL", 0xfff, 0xfff),
    choice("STATX_BASIC_STATS", 0x7ff, 0xfff),
    flag("STATX_TYPE", 1),
    flag("STATX_MODE", 2),
    flag("STATX_NLINK", 4),
    flag("STATX_UID", 8),
    flag("STATX_GID", 0x10),
    flag("STATX_ATIME", 0x20),
    flag("STATX_MTIME", 0x40),
    flag("STATX_CTIME", 0x80),
    flag("STATX_INO", 0x100),
    flag("STATX_SIZE", 0x200),
    flag("STATX_BLOCKS", 0x400),
    flag("STATX_BTIME", 0x800),
    flag("STATX_MNT_ID", 0x1000),
];

/// Types of files in a mode.
pub const FILE_TYPE: &[Constant] = &[
    choice("S_IFSOCK", 0o140000, 0o170000),
    choice("S_IFLNK", 0o120000, 0o170000),
    choice("S_IFREG", 0o100000, 0o170000),
    choice("S_IFBLK", 0o060000, 0o170000),
    choice("S_IFDIR", 0o040000, 0o170000),
    choice("S_IFCHR", 0o020000, 0o170000),
    choice("S_IFIFO", 0o010000, 0o170000),
];
