//! What is known about files, and setting it.

use super::AT_FLAGS;
use crate::syscalls::Kind::{
    Address, DirFd, Fd, Flags, Input, Int, Mode, Output, Path, Size, Stat64Out, StatOut,
    Statfs64Out, StatfsOut, StatxOut, Text, TimespecPair, TimespecWidePair,
};
use crate::syscalls::names::{ACCESS, AT_ACCESS, AT_STATX, STATX_MASK, XATTR};
use crate::syscalls::{Call, call, metadata as meta, xattr};

pub(super) const CALLS: &[Call] = &[
    call(
        "newfstatat",
        meta::newfstatat,
        &[DirFd, Path, StatOut, AT_FLAGS],
    ),
    call(
        "fstatat64",
        meta::fstatat64,
        &[DirFd, Path, Stat64Out, AT_FLAGS],
    ),
    call("stat", meta::stat, &[Path, StatOut]),
    call("stat64", meta::stat64, &[Path, Stat64Out]),
    call("lstat", meta::lstat, &[Path, StatOut]),
    call("lstat64", meta::lstat64, &[Path, Stat64Out]),
    call("fstat", meta::fstat, &[Fd, StatOut]),
    call("fstat64", meta::fstat64, &[Fd, Stat64Out]),
    call(
        "statx",
        meta::statx,
        &[DirFd, Path, Flags(AT_STATX), Flags(STATX_MASK), StatxOut],
    ),
    call("statfs", meta::statfs, &[Path, StatfsOut]),
    call("fstatfs", meta::fstatfs, &[Fd, StatfsOut]),
    call("statfs64", meta::statfs64, &[Path, Size, Statfs64Out]),
    call("fstatfs64", meta::fstatfs64, &[Fd, Size, Statfs64Out]),
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
        &[DirFd, Path, TimespecWidePair, AT_FLAGS],
    ),
    call("futimesat", meta::futimesat, &[DirFd, Path, Address]),
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
