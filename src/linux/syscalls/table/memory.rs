//! The address space.

use super::NONE;
use crate::syscalls::Kind::{
    Address, Choice, Fd, Flags, Hex, MmapFlags, MremapAddress, PageOffset, Size,
};
use crate::syscalls::names::{MADVISE, MLOCKALL, MREMAP, MSYNC, PROTECTION};
use crate::syscalls::{Call, call, call_address, memory as mem};

pub(super) const CALLS: &[Call] = &[
    call_address(
        "mmap",
        mem::mmap,
        &[Address, Size, Flags(PROTECTION), MmapFlags, Fd, Hex],
    ),
    call_address(
        "mmap2",
        mem::mmap2,
        &[Address, Size, Flags(PROTECTION), MmapFlags, Fd, PageOffset],
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
        &[Address, Size, Size, Flags(MREMAP), MremapAddress],
    ),
    call_address("brk", mem::brk, &[Address]),
    call("madvise", mem::madvise, &[Address, Size, Choice(MADVISE)]),
    call("msync", mem::msync, &[Address, Size, Flags(MSYNC)]),
    call("mincore", mem::mincore, &[Address, Size, Address]),
    call("mlock", mem::mlock, &[Address, Size]),
    call("mlock2", mem::mlock, &[Address, Size, Hex]),
    call("munlock", mem::munlock, &[Address, Size]),
    call("mlockall", mem::mlockall, &[Flags(MLOCKALL)]),
    call("munlockall", mem::munlockall, NONE),
];
