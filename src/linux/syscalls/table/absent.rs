//! Calls that a kernel may be built without or be too old for, and that programs do without: they
//! answer ENOSYS by decision and not for want of a handler.

use crate::syscalls::Kind::{Address, Fd, Hex, Int, Size, Unsigned};
use crate::syscalls::{Call, Kind, call, not_offered};

/// Arguments that nobody looks at.
const ANY: &[Kind] = &[Hex, Hex, Hex, Hex, Hex, Hex];

pub(super) const CALLS: &[Call] = &[
    // A thread would have to be told each time that the host's kernel moves or preempts it.
    call("rseq", not_offered, &[Address, Unsigned, Hex, Hex]),
    // Their rings are memory that the kernel writes at any time, in its own byte order.
    call("io_uring_setup", not_offered, &[Unsigned, Address]),
    call("io_uring_enter", not_offered, ANY),
    call("io_uring_register", not_offered, ANY),
    call("io_setup", not_offered, &[Unsigned, Address]),
    call("io_destroy", not_offered, &[Size]),
    call("io_submit", not_offered, &[Size, Size, Address]),
    call("io_cancel", not_offered, ANY),
    call("io_getevents", not_offered, ANY),
    call("io_pgetevents", not_offered, ANY),
    call("io_pgetevents_time64", not_offered, ANY),
    call("userfaultfd", not_offered, &[Hex]),
    // Programs for the kernel that see its registers and numbers of calls, which are the host's.
    call("bpf", not_offered, &[Int, Address, Unsigned]),
    call("seccomp", not_offered, &[Unsigned, Hex, Address]),
    call(
        "perf_event_open",
        not_offered,
        &[Address, Int, Int, Fd, Hex],
    ),
    call("ptrace", not_offered, ANY),
    // A machine with one node of memory, and without keys for its pages.
    call("mbind", not_offered, ANY),
    call("get_mempolicy", not_offered, ANY),
    call("set_mempolicy", not_offered, ANY),
    call("set_mempolicy_home_node", not_offered, ANY),
    call("migrate_pages", not_offered, ANY),
    call("move_pages", not_offered, ANY),
    call("pkey_mprotect", not_offered, ANY),
    call("pkey_alloc", not_offered, ANY),
    call("pkey_free", not_offered, ANY),
    call("map_shadow_stack", not_offered, ANY),
    call("memfd_secret", not_offered, &[Hex]),
    call("mseal", not_offered, &[Address, Size, Hex]),
    call("remap_file_pages", not_offered, ANY),
    call("process_madvise", not_offered, ANY),
    // Rules and keys of the process, which would bind the emulator.
    call("landlock_create_ruleset", not_offered, ANY),
    call("landlock_add_rule", not_offered, ANY),
    call("landlock_restrict_self", not_offered, ANY),
    call("lsm_get_self_attr", not_offered, ANY),
    call("lsm_set_self_attr", not_offered, ANY),
    call("lsm_list_modules", not_offered, ANY),
    call("add_key", not_offered, ANY),
    call("request_key", not_offered, ANY),
    call("keyctl", not_offered, ANY),
    // mount and statfs do the same.
    call("open_tree", not_offered, ANY),
    call("open_tree_attr", not_offered, ANY),
    call("move_mount", not_offered, ANY),
    call("fsopen", not_offered, ANY),
    call("fsconfig", not_offered, ANY),
    call("fsmount", not_offered, ANY),
    call("fspick", not_offered, ANY),
    call("mount_setattr", not_offered, ANY),
    call("statmount", not_offered, ANY),
    call("listmount", not_offered, ANY),
    // Of the newest kernels, and what they replace is there.
    call("futex_wake", not_offered, ANY),
    call("futex_wait", not_offered, ANY),
    call("futex_requeue", not_offered, ANY),
    call("cachestat", not_offered, ANY),
    call("setxattrat", not_offered, ANY),
    call("getxattrat", not_offered, ANY),
    call("listxattrat", not_offered, ANY),
    call("removexattrat", not_offered, ANY),
    call("file_getattr", not_offered, ANY),
    call("file_setattr", not_offered, ANY),
    // Of kernels of long ago.
    call("lookup_dcookie", not_offered, ANY),
    call("nfsservctl", not_offered, ANY),
    call("ustat", not_offered, &[Unsigned, Address]),
    call("sysfs", not_offered, ANY),
    call("uselib", not_offered, ANY),
    call("_sysctl", not_offered, &[Address]),
    call("bdflush", not_offered, ANY),
    call("create_module", not_offered, ANY),
    call("get_kernel_syms", not_offered, ANY),
    call("query_module", not_offered, ANY),
    call("vserver", not_offered, ANY),
    // Of no kernel at all: they have a number.
    call("afs_syscall", not_offered, ANY),
    call("break", not_offered, ANY),
    call("ftime", not_offered, ANY),
    call("getpmsg", not_offered, ANY),
    call("gtty", not_offered, ANY),
    call("idle", not_offered, ANY),
    call("lock", not_offered, ANY),
    call("mpx", not_offered, ANY),
    call("prof", not_offered, ANY),
    call("profil", not_offered, ANY),
    call("putpmsg", not_offered, ANY),
    call("stty", not_offered, ANY),
    call("timerfd", not_offered, ANY),
    call("ulimit", not_offered, ANY),
    // Of other processors.
    call("ioperm", not_offered, ANY),
    call("iopl", not_offered, ANY),
    call("modify_ldt", not_offered, ANY),
    call("vm86", not_offered, ANY),
];
