//! Directories and names.

use super::{AT_FLAGS, NONE};
use crate::syscalls::Kind::{
    Address, Device, DirFd, EntriesOut, Fd, Flags, Hex, Int, Mode, OpenLike, OutputPath,
    OutputText, Path, Size, Text, Unsigned,
};
use crate::syscalls::names::RENAME;
use crate::syscalls::{Call, call, directories as dir};

pub(super) const CALLS: &[Call] = &[
    call("getdents64", dir::getdents64, &[Fd, EntriesOut, Unsigned]),
    call("getdents", dir::getdents, &[Fd, EntriesOut, Unsigned]),
    call("readdir", dir::readdir, &[Fd, Address, Unsigned]),
    call("getcwd", dir::getcwd, &[OutputPath, Size]),
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
    call("mknodat", dir::mknodat, &[DirFd, Path, Mode, Device]),
    call("mknod", dir::mknod, &[Path, Mode, Device]),
    call("mount", dir::mount, &[Text, Path, Text, Hex, Address]),
    call("umount", dir::umount, &[Path]),
    call("umount2", dir::umount2, &[Path, Hex]),
    call("inotify_init", dir::inotify_init1, NONE),
    call("inotify_init1", dir::inotify_init1, &[OpenLike("IN")]),
    call(
        "inotify_add_watch",
        dir::inotify_add_watch,
        &[Fd, Path, Hex],
    ),
    call("inotify_rm_watch", dir::inotify_rm_watch, &[Fd, Int]),
];
