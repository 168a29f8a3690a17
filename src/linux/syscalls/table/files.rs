//! Files: opening, controlling, reading, writing.

use super::NONE;
use crate::syscalls::Kind::{
    Address, Choice, DescriptorFlags, DirFd, FcntlArgument, FcntlCommand, Fd, Flags, Hex, Input,
    InputVectors, IoctlArgument, IoctlRequest, Long, Mode, OpenFlags, Output, OutputVectors, Path,
    PipeOut, Size, Text, Unsigned, Wide,
};
use crate::syscalls::names::{
    CLOSE_RANGE, FADVISE, FALLOCATE, FLOCK, MEMFD, RANDOM, SPLICE, TRANSFER, WHENCE,
};
use crate::syscalls::{Call, call, call_octal, files, pipes, random, terminal, transfer};

pub(super) const CALLS: &[Call] = &[
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
    call("fcntl", files::fcntl, &[Fd, FcntlCommand, FcntlArgument]),
    call(
        "fcntl64",
        files::fcntl64,
        &[Fd, FcntlCommand, FcntlArgument],
    ),
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
    call_octal("umask", files::umask, &[Mode]),
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
    call("ioctl", terminal::ioctl, &[Fd, IoctlRequest, IoctlArgument]),
    call(
        "getrandom",
        random::getrandom,
        &[Output, Size, Flags(RANDOM)],
    ),
];
