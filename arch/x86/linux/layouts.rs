//! The structures of x86-64 that are not as in asm-generic: the kernel's
//! `arch/x86/include/uapi/asm`.

use portolan_linux::layout::{Layout, field};

/// `struct stat`.
pub const STAT: Layout = Layout {
    size: 144,
    fields: &[
        field("st_dev", 0, 8),
        field("st_ino", 8, 8),
        field("st_nlink", 16, 8),
        field("st_mode", 24, 4),
        field("st_uid", 28, 4),
        field("st_gid", 32, 4),
        field("st_rdev", 40, 8),
        field("st_size", 48, 8),
        field("st_blksize", 56, 8),
        field("st_blocks", 64, 8),
        field("st_atime", 72, 8),
        field("st_atime_nsec", 80, 8),
        field("st_mtime", 88, 8),
        field("st_mtime_nsec", 96, 8),
        field("st_ctime", 104, 8),
        field("st_ctime_nsec", 112, 8),
    ],
};

/// The kernel's `struct sigaction`.
pub const SIGACTION: Layout = Layout {
    size: 32,
    fields: &[
        field("sa_handler", 0, 8),
        field("sa_flags", 8, 8),
        field("sa_restorer", 16, 8),
        field("sa_mask", 24, 8),
    ],
};

/// `struct epoll_event`, packed as the one of i386 is by its alignment.
pub const EPOLL_EVENT: Layout = Layout {
    size: 12,
    fields: &[field("events", 0, 4), field("data", 4, 8)],
};

/// `struct semid64_ds`: each time has room behind it.
pub const SEMID: Layout = Layout {
    size: 104,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("sem_otime", 48, 8),
        field("sem_ctime", 64, 8),
        field("sem_nsems", 80, 8),
    ],
};
