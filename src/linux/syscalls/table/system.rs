//! Namespaces, other processes, handles of files; what only the administrator may do.

use super::NONE;
use crate::syscalls::Kind::{
    Address, Choice, DirFd, Fd, Hex, Int, OpenFlags, Path, Pid, Size, Unsigned, Wide,
};
use crate::syscalls::names::KCMP;
use crate::syscalls::{Call, Kind, call, handles, multiplex, namespaces as ns, not_permitted};

const NAMESPACES: Kind = Kind::CloneFlags;

pub(super) const CALLS: &[Call] = &[
    call("unshare", ns::unshare, &[NAMESPACES]),
    call("setns", ns::setns, &[Fd, NAMESPACES]),
    call("pivot_root", ns::pivot_root, &[Path, Path]),
    call("vhangup", ns::vhangup, NONE),
    call("kcmp", ns::kcmp, &[Pid, Pid, Choice(KCMP), Hex, Hex]),
    call("pidfd_getfd", ns::pidfd_getfd, &[Fd, Int, Hex]),
    call("process_mrelease", ns::process_mrelease, &[Fd, Hex]),
    call(
        "process_vm_readv",
        ns::process_vm_readv,
        &[Pid, Address, Size, Address, Size, Hex],
    ),
    call(
        "process_vm_writev",
        ns::process_vm_writev,
        &[Pid, Address, Size, Address, Size, Hex],
    ),
    Call {
        member: Some(multiplex::indirect_member),
        ..call(
            multiplex::INDIRECT,
            multiplex::indirect,
            &[Unsigned, Hex, Hex, Hex, Hex, Hex],
        )
    },
    call("restart_syscall", ns::restart_syscall, NONE),
    call(
        "name_to_handle_at",
        handles::name_to_handle_at,
        &[DirFd, Path, Address, Address, Hex],
    ),
    call(
        "open_by_handle_at",
        handles::open_by_handle_at,
        &[Fd, Address, OpenFlags],
    ),
    call("fanotify_init", handles::fanotify_init, &[Hex, OpenFlags]),
    call(
        "fanotify_mark",
        handles::fanotify_mark,
        &[Fd, Hex, Wide, DirFd, Path],
    ),
    // They change the machine that the emulator runs on; a guest is nobody who may.
    call("reboot", not_permitted, &[Hex, Hex, Hex, Address]),
    call("kexec_load", not_permitted, &[Size, Size, Address, Hex]),
    call(
        "kexec_file_load",
        not_permitted,
        &[Fd, Fd, Size, Address, Hex],
    ),
    call("init_module", not_permitted, &[Address, Size, Address]),
    call("finit_module", not_permitted, &[Fd, Address, Hex]),
    call("delete_module", not_permitted, &[Address, Hex]),
    call("swapon", not_permitted, &[Path, Hex]),
    call("swapoff", not_permitted, &[Path]),
    call("acct", not_permitted, &[Path]),
    call("quotactl", not_permitted, &[Hex, Address, Int, Address]),
    call("quotactl_fd", not_permitted, &[Unsigned, Hex, Int, Address]),
];
