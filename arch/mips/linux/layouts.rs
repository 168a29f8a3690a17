//! The structures of MIPS: the kernel's `arch/mips/include/uapi/asm`.

use portolan_linux::layout::{Layout, field};

/// `struct stat` of o32.
pub const STAT_O32: Layout = Layout {
    size: 144,
    fields: &[
        field("st_dev", 0, 4),
        field("st_ino", 16, 4),
        field("st_mode", 20, 4),
        field("st_nlink", 24, 4),
        field("st_uid", 28, 4),
        field("st_gid", 32, 4),
        field("st_rdev", 36, 4),
        field("st_size", 48, 4),
        field("st_atime", 56, 4),
        field("st_atime_nsec", 60, 4),
        field("st_mtime", 64, 4),
        field("st_mtime_nsec", 68, 4),
        field("st_ctime", 72, 4),
        field("st_ctime_nsec", 76, 4),
        field("st_blksize", 80, 4),
        field("st_blocks", 84, 4),
    ],
};

/// `struct stat64` of o32, which is the `struct stat` of n64.
pub const STAT64: Layout = Layout {
    size: 104,
    fields: &[
        field("st_dev", 0, 4),
        field("st_ino", 16, 8),
        field("st_mode", 24, 4),
        field("st_nlink", 28, 4),
        field("st_uid", 32, 4),
        field("st_gid", 36, 4),
        field("st_rdev", 40, 4),
        field("st_size", 56, 8),
        field("st_atime", 64, 4),
        field("st_atime_nsec", 68, 4),
        field("st_mtime", 72, 4),
        field("st_mtime_nsec", 76, 4),
        field("st_ctime", 80, 4),
        field("st_ctime_nsec", 84, 4),
        field("st_blksize", 88, 4),
        field("st_blocks", 96, 8),
    ],
};

/// `struct statfs` of o32.
pub const STATFS_O32: Layout = Layout {
    size: 68,
    fields: &[
        field("f_type", 0, 4),
        field("f_bsize", 4, 4),
        field("f_frsize", 8, 4),
        field("f_blocks", 12, 4),
        field("f_bfree", 16, 4),
        field("f_files", 20, 4),
        field("f_ffree", 24, 4),
        field("f_bavail", 28, 4),
        field("f_fsid", 32, 4),
        field("f_fsid_high", 36, 4),
        field("f_namelen", 40, 4),
        field("f_flags", 44, 4),
    ],
};

/// `struct statfs64` of o32.
pub const STATFS64_O32: Layout = Layout {
    size: 96,
    fields: &[
        field("f_type", 0, 4),
        field("f_bsize", 4, 4),
        field("f_frsize", 8, 4),
        field("f_blocks", 16, 8),
        field("f_bfree", 24, 8),
        field("f_files", 32, 8),
        field("f_ffree", 40, 8),
        field("f_bavail", 48, 8),
        field("f_fsid", 56, 4),
        field("f_fsid_high", 60, 4),
        field("f_namelen", 64, 4),
        field("f_flags", 68, 4),
    ],
};

/// `struct statfs` of n64.
pub const STATFS_N64: Layout = Layout {
    size: 128,
    fields: &[
        field("f_type", 0, 8),
        field("f_bsize", 8, 8),
        field("f_frsize", 16, 8),
        field("f_blocks", 24, 8),
        field("f_bfree", 32, 8),
        field("f_files", 40, 8),
        field("f_ffree", 48, 8),
        field("f_bavail", 56, 8),
        field("f_fsid", 64, 4),
        field("f_fsid_high", 68, 4),
        field("f_namelen", 72, 8),
        field("f_flags", 80, 8),
    ],
};

/// The kernel's `struct sigaction` of o32.
pub const SIGACTION_O32: Layout = Layout {
    size: 24,
    fields: &[
        field("sa_flags", 0, 4),
        field("sa_handler", 4, 4),
        field("sa_mask", 8, 8),
    ],
};

/// The same for sigaction, which fills the rest of the set with zeros.
pub const OLD_SIGACTION_O32: Layout = Layout {
    size: 24,
    fields: &[
        field("sa_flags", 0, 4),
        field("sa_handler", 4, 4),
        field("sa_mask", 8, 4),
    ],
};

/// The kernel's `struct sigaction` of n64.
pub const SIGACTION_N64: Layout = Layout {
    size: 32,
    fields: &[
        field("sa_flags", 0, 4),
        field("sa_handler", 8, 8),
        field("sa_mask", 16, 8),
    ],
};

/// `stack_t` of o32: the size before the flags, as IRIX has it.
pub const STACK_O32: Layout = Layout {
    size: 12,
    fields: &[
        field("ss_sp", 0, 4),
        field("ss_size", 4, 4),
        field("ss_flags", 8, 4),
    ],
};

/// `stack_t` of n64.
pub const STACK_N64: Layout = Layout {
    size: 24,
    fields: &[
        field("ss_sp", 0, 8),
        field("ss_size", 8, 8),
        field("ss_flags", 16, 4),
    ],
};

/// `struct flock` of o32, as C libraries have it; the headers of Linux 5.18 have the last two fields
/// in the other order.
pub const FLOCK_O32: Layout = Layout {
    size: 36,
    fields: &[
        field("l_type", 0, 2),
        field("l_whence", 2, 2),
        field("l_start", 4, 4),
        field("l_len", 8, 4),
        field("l_sysid", 12, 4),
        field("l_pid", 16, 4),
    ],
};

/// `struct termios`.
pub const TERMIOS: Layout = Layout {
    size: 40,
    fields: &[
        field("c_iflag", 0, 4),
        field("c_oflag", 4, 4),
        field("c_cflag", 8, 4),
        field("c_lflag", 12, 4),
        field("c_line", 16, 1),
        field("c_cc", 17, 1),
    ],
};

/// `struct shmid64_ds` of o32. It begins with `struct ipc64_perm`, like the next ones.
pub const SHMID_O32: Layout = Layout {
    size: 72,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("shm_segsz", 36, 4),
        field("shm_atime", 40, 4),
        field("shm_dtime", 44, 4),
        field("shm_ctime", 48, 4),
        field("shm_cpid", 52, 4),
        field("shm_lpid", 56, 4),
        field("shm_nattch", 60, 4),
        field("shm_atime_high", 64, 2),
        field("shm_dtime_high", 66, 2),
        field("shm_ctime_high", 68, 2),
    ],
};

/// `struct semid64_ds` of o32.
pub const SEMID_O32: Layout = Layout {
    size: 56,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("sem_otime", 36, 4),
        field("sem_ctime", 40, 4),
        field("sem_nsems", 44, 4),
        field("sem_otime_high", 48, 4),
        field("sem_ctime_high", 52, 4),
    ],
};

/// `struct msqid64_ds` of o32. The two halves of a time stand in the byte order's way, as one
/// number that is not aligned.
pub const MSQID_O32: Layout = Layout {
    size: 88,
    fields: &[
        field("key", 0, 4),
        field("uid", 4, 4),
        field("gid", 8, 4),
        field("cuid", 12, 4),
        field("cgid", 16, 4),
        field("mode", 20, 4),
        field("seq", 24, 2),
        field("msg_stime", 36, 8),
        field("msg_rtime", 44, 8),
        field("msg_ctime", 52, 8),
        field("msg_cbytes", 60, 4),
        field("msg_qnum", 64, 4),
        field("msg_qbytes", 68, 4),
        field("msg_lspid", 72, 4),
        field("msg_lrpid", 76, 4),
    ],
};
