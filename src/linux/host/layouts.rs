//! The host's structures that are translated field by field.

use crate::generic;
use crate::layout::{Layout, field};

/// `struct shmid64_ds`.
pub const SHMID: Layout = generic::SHMID64BIT;
/// `struct msqid64_ds`.
pub const MSQID: Layout = generic::MSQID64BIT;
/// `struct semid64_ds`, which x86 has in a way of its own.
pub const SEMID: Layout = if cfg!(target_arch = "x86_64") {
    Layout {
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
    }
} else {
    generic::SEMID64BIT
};
