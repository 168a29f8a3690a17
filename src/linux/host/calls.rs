//! The host calls, one row each: what the kernel's manual gives as their prototype.
//!
//! A function here only describes a call; it is made with [`HostCall::now`], or by the scheduler
//! if it may sleep. `*at` forms are used throughout, so that every host has them.

use super::call::{
    Bare, FutexWaiters, GuestBuffer, HostCall, HostStatfs, HostTermios, List, OwnerEx, Pass, Plain,
    SchedulingAttributes, SetSized, Vectors,
};
use super::message::{Filter, INTERFACE_REQUEST, InterfaceList, Message, Room, SignalEvent};
use std::ffi::CStr;

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident<$life:lifetime>($($argument:ident: $type:ty),*) = $number:ident;)*) => {
        $(
            $(#[$doc])*
            #[allow(clippy::too_many_arguments, reason = "they are the kernel's")]
            pub fn $name<$life>($($argument: $type),*) -> HostCall<$life> {
                // SAFETY: the row gives every argument that the kernel takes in its order, with
                // types that stand for exactly the memory that the manual says is accessed. No
                // call of this file changes the host's own memory, signals or threads.
                #[allow(unused_mut, reason = "some calls have no arguments")]
                let mut call = unsafe { HostCall::begin(libc::$number) };
                $($argument.pass(&mut call);)*
                call
            }
        )*
    };
}

// Files.
calls! {
    /// Opens a file.
    openat<'a>(dir: i32, path: &'a CStr, flags: i32, mode: u32) = SYS_openat;
    /// Opens a file with more conditions.
    openat2<'a>(dir: i32, path: &'a CStr, how: &'a libc::open_how, size: usize) = SYS_openat2;
    /// Closes a descriptor.
    close<'a>(fd: i32) = SYS_close;
    /// Closes a range of descriptors.
    close_range<'a>(first: u32, last: u32, flags: u32) = SYS_close_range;
    /// Reads.
    read<'a>(fd: i32, buffer: GuestBuffer<'a>) = SYS_read;
    /// Reads into memory of the emulator's.
    read_own<'a>(fd: i32, buffer: &'a mut [u8]) = SYS_read;
    /// Writes.
    write<'a>(fd: i32, buffer: GuestBuffer<'a>) = SYS_write;
    /// Writes memory of the emulator's.
    write_own<'a>(fd: i32, buffer: &'a [u8]) = SYS_write;
    /// Reads at an offset.
    pread<'a>(fd: i32, buffer: GuestBuffer<'a>, offset: i64) = SYS_pread64;
    /// Writes at an offset.
    pwrite<'a>(fd: i32, buffer: GuestBuffer<'a>, offset: i64) = SYS_pwrite64;
    /// Reads into several buffers.
    readv<'a>(fd: i32, vectors: &'a Vectors<'a>) = SYS_readv;
    /// Writes several buffers.
    writev<'a>(fd: i32, vectors: &'a Vectors<'a>) = SYS_writev;
    /// Reads into several buffers at an offset.
    preadv<'a>(fd: i32, vectors: &'a Vectors<'a>, low: i64, high: i64, flags: i32) = SYS_preadv2;
    /// Writes several buffers at an offset.
    pwritev<'a>(fd: i32, vectors: &'a Vectors<'a>, low: i64, high: i64, flags: i32) = SYS_pwritev2;
    /// Moves a file's position.
    lseek<'a>(fd: i32, offset: i64, whence: i32) = SYS_lseek;
    /// Sets a file's length.
    ftruncate<'a>(fd: i32, length: i64) = SYS_ftruncate;
    /// Sets a file's length.
    truncate<'a>(path: &'a CStr, length: i64) = SYS_truncate;
    /// Allocates space.
    fallocate<'a>(fd: i32, mode: i32, offset: i64, length: i64) = SYS_fallocate;
    /// Announces how a file will be used.
    fadvise<'a>(fd: i32, offset: i64, length: i64, advice: i32) = SYS_fadvise64;
    /// Reads ahead.
    readahead<'a>(fd: i32, offset: i64, count: usize) = SYS_readahead;
    /// Writes a file to its disk.
    fsync<'a>(fd: i32) = SYS_fsync;
    /// Writes a file's data to its disk.
    fdatasync<'a>(fd: i32) = SYS_fdatasync;
    /// Writes a file system to its disk.
    syncfs<'a>(fd: i32) = SYS_syncfs;
    /// Writes all file systems to their disks.
    sync<'a>() = SYS_sync;
    /// Writes a part of a file to its disk.
    sync_file_range<'a>(fd: i32, offset: i64, length: i64, flags: u32) = SYS_sync_file_range;
    /// Copies between files.
    sendfile<'a>(out: i32, input: i32, offset: Option<&'a mut i64>, count: usize) = SYS_sendfile;
    /// Copies between files.
    copy_file_range<'a>(input: i32, from: Option<&'a mut i64>, out: i32, to: Option<&'a mut i64>, length: usize, flags: u32) = SYS_copy_file_range;
    /// Moves bytes between a pipe and a file.
    splice<'a>(input: i32, from: Option<&'a mut i64>, out: i32, to: Option<&'a mut i64>, length: usize, flags: u32) = SYS_splice;
    /// Duplicates a pipe's bytes.
    tee<'a>(input: i32, out: i32, length: usize, flags: u32) = SYS_tee;
    /// Puts guest memory into a pipe.
    vmsplice<'a>(fd: i32, vectors: &'a Vectors<'a>, flags: u32) = SYS_vmsplice;
    /// Duplicates a descriptor.
    dup<'a>(fd: i32) = SYS_dup;
    /// Duplicates a descriptor to a given one.
    dup3<'a>(old: i32, new: i32, flags: i32) = SYS_dup3;
    /// Commands of fcntl with a number.
    fcntl<'a>(fd: i32, command: i32, argument: u64) = SYS_fcntl;
    /// Commands of fcntl about locks.
    fcntl_lock<'a>(fd: i32, command: i32, lock: &'a mut libc::flock64) = SYS_fcntl;
    /// Commands of fcntl about owners.
    fcntl_owner<'a>(fd: i32, command: i32, owner: &'a mut OwnerEx) = SYS_fcntl;
    /// Locks a file.
    flock<'a>(fd: i32, operation: i32) = SYS_flock;
    /// Makes a file in memory.
    memfd_create<'a>(name: &'a CStr, flags: u32) = SYS_memfd_create;
    /// Sets the mask of permissions.
    umask<'a>(mask: u32) = SYS_umask;
}

// Directories.
calls! {
    /// Reads directory entries; the 64-bit layout is alike on all hosts.
    getdents64<'a>(fd: i32, buffer: &'a mut [u8]) = SYS_getdents64;
    /// Makes a directory.
    mkdirat<'a>(dir: i32, path: &'a CStr, mode: u32) = SYS_mkdirat;
    /// Removes a name.
    unlinkat<'a>(dir: i32, path: &'a CStr, flags: i32) = SYS_unlinkat;
    /// Renames.
    renameat2<'a>(from_dir: i32, from: &'a CStr, to_dir: i32, to: &'a CStr, flags: u32) = SYS_renameat2;
    /// Makes a hard link.
    linkat<'a>(from_dir: i32, from: &'a CStr, to_dir: i32, to: &'a CStr, flags: i32) = SYS_linkat;
    /// Makes a symbolic link.
    symlinkat<'a>(target: &'a CStr, dir: i32, path: &'a CStr) = SYS_symlinkat;
    /// Makes a special file.
    mknodat<'a>(dir: i32, path: &'a CStr, mode: u32, device: u64) = SYS_mknodat;
    /// Changes the current directory.
    chdir<'a>(path: &'a CStr) = SYS_chdir;
    /// Changes the current directory.
    fchdir<'a>(fd: i32) = SYS_fchdir;
    /// Changes the root directory.
    chroot<'a>(path: &'a CStr) = SYS_chroot;
    /// Mounts a file system.
    mount<'a>(source: Option<&'a CStr>, target: &'a CStr, kind: Option<&'a CStr>, flags: u64, data: Option<&'a CStr>) = SYS_mount;
    /// Unmounts a file system.
    umount2<'a>(target: &'a CStr, flags: i32) = SYS_umount2;
    /// Starts watching files.
    inotify_init1<'a>(flags: i32) = SYS_inotify_init1;
    /// Watches a file.
    inotify_add_watch<'a>(fd: i32, path: &'a CStr, mask: u32) = SYS_inotify_add_watch;
    /// Stops watching a file.
    inotify_rm_watch<'a>(fd: i32, watch: i32) = SYS_inotify_rm_watch;
}

// Metadata.
calls! {
    /// Asks about a file; this layout is alike on all hosts.
    statx<'a>(dir: i32, path: &'a CStr, flags: i32, mask: u32, out: &'a mut libc::statx) = SYS_statx;
    /// Asks about a file system.
    statfs<'a>(path: &'a CStr, out: &'a mut HostStatfs) = SYS_statfs;
    /// Asks about a file system.
    fstatfs<'a>(fd: i32, out: &'a mut HostStatfs) = SYS_fstatfs;
    /// Asks for permission, with the real user.
    faccessat<'a>(dir: i32, path: &'a CStr, mode: i32) = SYS_faccessat;
    /// Asks for permission.
    faccessat2<'a>(dir: i32, path: &'a CStr, mode: i32, flags: i32) = SYS_faccessat2;
    /// Sets permissions.
    fchmod<'a>(fd: i32, mode: u32) = SYS_fchmod;
    /// Sets permissions.
    fchmodat<'a>(dir: i32, path: &'a CStr, mode: u32) = SYS_fchmodat;
    /// Sets permissions.
    fchmodat2<'a>(dir: i32, path: &'a CStr, mode: u32, flags: i32) = SYS_fchmodat2;
    /// Sets the owner.
    fchown<'a>(fd: i32, user: u32, group: u32) = SYS_fchown;
    /// Sets the owner.
    fchownat<'a>(dir: i32, path: &'a CStr, user: u32, group: u32, flags: i32) = SYS_fchownat;
    /// Sets access and modification times.
    utimensat<'a>(dir: i32, path: Option<&'a CStr>, times: Option<&'a [libc::timespec; 2]>, flags: i32) = SYS_utimensat;
    /// Reads a symbolic link.
    readlinkat<'a>(dir: i32, path: &'a CStr, buffer: &'a mut [u8]) = SYS_readlinkat;
    /// Sets an extended attribute.
    setxattr<'a>(path: &'a CStr, name: &'a CStr, value: GuestBuffer<'a>, flags: i32) = SYS_setxattr;
    /// Sets an extended attribute of a link itself.
    lsetxattr<'a>(path: &'a CStr, name: &'a CStr, value: GuestBuffer<'a>, flags: i32) = SYS_lsetxattr;
    /// Sets an extended attribute.
    fsetxattr<'a>(fd: i32, name: &'a CStr, value: GuestBuffer<'a>, flags: i32) = SYS_fsetxattr;
    /// Reads an extended attribute.
    getxattr<'a>(path: &'a CStr, name: &'a CStr, value: GuestBuffer<'a>) = SYS_getxattr;
    /// Reads an extended attribute of a link itself.
    lgetxattr<'a>(path: &'a CStr, name: &'a CStr, value: GuestBuffer<'a>) = SYS_lgetxattr;
    /// Reads an extended attribute.
    fgetxattr<'a>(fd: i32, name: &'a CStr, value: GuestBuffer<'a>) = SYS_fgetxattr;
    /// Lists extended attributes.
    listxattr<'a>(path: &'a CStr, list: GuestBuffer<'a>) = SYS_listxattr;
    /// Lists extended attributes of a link itself.
    llistxattr<'a>(path: &'a CStr, list: GuestBuffer<'a>) = SYS_llistxattr;
    /// Lists extended attributes.
    flistxattr<'a>(fd: i32, list: GuestBuffer<'a>) = SYS_flistxattr;
    /// Removes an extended attribute.
    removexattr<'a>(path: &'a CStr, name: &'a CStr) = SYS_removexattr;
    /// Removes an extended attribute of a link itself.
    lremovexattr<'a>(path: &'a CStr, name: &'a CStr) = SYS_lremovexattr;
    /// Removes an extended attribute.
    fremovexattr<'a>(fd: i32, name: &'a CStr) = SYS_fremovexattr;
}

// Pipes, terminals, waiting for descriptors.
calls! {
    /// Makes a pipe.
    pipe2<'a>(ends: &'a mut [i32; 2], flags: i32) = SYS_pipe2;
    /// Requests with a number or none.
    ioctl<'a>(fd: i32, request: u32, argument: u64) = SYS_ioctl;
    /// Requests about a number.
    ioctl_int<'a>(fd: i32, request: u32, value: &'a mut i32) = SYS_ioctl;
    /// Requests about a long number.
    ioctl_long<'a>(fd: i32, request: u32, value: &'a mut u64) = SYS_ioctl;
    /// Requests about terminal modes.
    ioctl_termios<'a>(fd: i32, request: u32, modes: &'a mut HostTermios) = SYS_ioctl;
    /// Requests about a terminal's size.
    ioctl_size<'a>(fd: i32, request: u32, size: &'a mut libc::winsize) = SYS_ioctl;
    /// Requests about one byte of guest memory.
    ioctl_byte<'a>(fd: i32, request: u32, byte: Bare<'a>) = SYS_ioctl;
    /// Waits for descriptors.
    ppoll<'a>(list: List<'a, libc::pollfd>, timeout: Option<&'a mut libc::timespec>, mask: Option<&'a u64>, size: usize) = SYS_ppoll;
    /// Waits for descriptors; the sets have the host's layout and 1024 bits.
    pselect6<'a>(count: i32, read: Option<&'a mut [u64; 16]>, write: Option<&'a mut [u64; 16]>, except: Option<&'a mut [u64; 16]>, timeout: Option<&'a mut libc::timespec>, mask: &'a SetSized) = SYS_pselect6;
    /// Makes a set of descriptors to wait for.
    epoll_create1<'a>(flags: i32) = SYS_epoll_create1;
    /// Changes a set of descriptors to wait for.
    epoll_ctl<'a>(set: i32, operation: i32, fd: i32, event: Option<&'a mut libc::epoll_event>) = SYS_epoll_ctl;
    /// Waits for a set of descriptors.
    epoll_pwait<'a>(set: i32, events: List<'a, libc::epoll_event>, milliseconds: i32, mask: Option<&'a u64>, size: usize) = SYS_epoll_pwait;
    /// Waits for a set of descriptors.
    epoll_pwait2<'a>(set: i32, events: List<'a, libc::epoll_event>, timeout: Option<&'a mut libc::timespec>, mask: Option<&'a u64>, size: usize) = SYS_epoll_pwait2;
    /// Makes a counter to wait for.
    eventfd2<'a>(initial: u32, flags: i32) = SYS_eventfd2;
    /// Makes a descriptor that reads signals.
    signalfd4<'a>(fd: i32, mask: &'a u64, size: usize, flags: i32) = SYS_signalfd4;
    /// Makes a timer to wait for.
    timerfd_create<'a>(clock: i32, flags: i32) = SYS_timerfd_create;
    /// Starts or stops a timer.
    timerfd_settime<'a>(fd: i32, flags: i32, new: &'a libc::itimerspec, old: &'a mut libc::itimerspec) = SYS_timerfd_settime;
    /// Asks a timer.
    timerfd_gettime<'a>(fd: i32, out: &'a mut libc::itimerspec) = SYS_timerfd_gettime;
}

// Sockets.
calls! {
    /// Makes a socket.
    socket<'a>(family: i32, kind: i32, protocol: i32) = SYS_socket;
    /// Makes two sockets that are connected.
    socketpair<'a>(family: i32, kind: i32, protocol: i32, pair: &'a mut [i32; 2]) = SYS_socketpair;
    /// Gives a socket a name.
    bind<'a>(fd: i32, name: &'a [u8]) = SYS_bind;
    /// Lets others connect.
    listen<'a>(fd: i32, backlog: i32) = SYS_listen;
    /// Takes a connection.
    accept4<'a>(fd: i32, name: Option<&'a mut Room>, flags: i32) = SYS_accept4;
    /// Connects.
    connect<'a>(fd: i32, name: &'a [u8]) = SYS_connect;
    /// Own name.
    getsockname<'a>(fd: i32, name: &'a mut Room) = SYS_getsockname;
    /// The other end's name.
    getpeername<'a>(fd: i32, name: &'a mut Room) = SYS_getpeername;
    /// Sends.
    sendto<'a>(fd: i32, buffer: GuestBuffer<'a>, flags: i32, name: Option<&'a [u8]>) = SYS_sendto;
    /// Sends memory of the emulator's.
    sendto_own<'a>(fd: i32, buffer: &'a [u8], flags: i32, name: Option<&'a [u8]>) = SYS_sendto;
    /// Receives.
    recvfrom<'a>(fd: i32, buffer: GuestBuffer<'a>, flags: i32, name: Option<&'a mut Room>) = SYS_recvfrom;
    /// Sends a message.
    sendmsg<'a>(fd: i32, message: &'a mut Message<'_>, flags: i32) = SYS_sendmsg;
    /// Receives a message.
    recvmsg<'a>(fd: i32, message: &'a mut Message<'_>, flags: i32) = SYS_recvmsg;
    /// Sets an option.
    setsockopt<'a>(fd: i32, level: i32, name: i32, value: Option<&'a [u8]>) = SYS_setsockopt;
    /// Sets an option that is a filter.
    setsockopt_filter<'a>(fd: i32, level: i32, name: i32, filter: &'a Filter<'_>) = SYS_setsockopt;
    /// Asks for an option.
    getsockopt<'a>(fd: i32, level: i32, name: i32, value: &'a mut Room) = SYS_getsockopt;
    /// Ends sending, receiving or both.
    shutdown<'a>(fd: i32, how: i32) = SYS_shutdown;
    /// Requests about a network interface.
    ioctl_interface<'a>(fd: i32, request: u32, interface: &'a mut [u8; INTERFACE_REQUEST]) = SYS_ioctl;
    /// Requests about all network interfaces.
    ioctl_interfaces<'a>(fd: i32, request: u32, list: &'a mut InterfaceList<'_>) = SYS_ioctl;
}

// Namespaces and handles.
calls! {
    /// Leaves namespaces or what is shared with others.
    unshare<'a>(flags: u64) = SYS_unshare;
    /// Enters a namespace.
    setns<'a>(fd: i32, kind: i32) = SYS_setns;
    /// Exchanges the root directory.
    pivot_root<'a>(new: &'a CStr, old: &'a CStr) = SYS_pivot_root;
    /// Hangs the terminal up.
    vhangup<'a>() = SYS_vhangup;
    /// Compares what two processes have.
    kcmp<'a>(one: i32, other: i32, kind: i32, index: u64, other_index: u64) = SYS_kcmp;
    /// A copy of another process' descriptor.
    pidfd_getfd<'a>(process: i32, fd: i32, flags: u32) = SYS_pidfd_getfd;
    /// Frees the memory of a process that is about to end.
    process_mrelease<'a>(process: i32, flags: u32) = SYS_process_mrelease;
    /// Copies from a process' memory; it is this one, so both lists are of guest memory.
    process_vm_readv<'a>(pid: i32, local: &'a Vectors<'a>, remote: &'a Vectors<'a>, flags: u64) = SYS_process_vm_readv;
    /// Copies to a process' memory; it is this one, so both lists are of guest memory.
    process_vm_writev<'a>(pid: i32, local: &'a Vectors<'a>, remote: &'a Vectors<'a>, flags: u64) = SYS_process_vm_writev;
    /// The handle of a file.
    name_to_handle_at<'a>(dir: i32, path: &'a CStr, handle: &'a mut FileHandle, mount: &'a mut u64, flags: i32) = SYS_name_to_handle_at;
    /// Opens a file by its handle.
    open_by_handle_at<'a>(mount: i32, handle: &'a mut FileHandle, flags: i32) = SYS_open_by_handle_at;
    /// Starts watching file systems.
    fanotify_init<'a>(flags: u32, events: u32) = SYS_fanotify_init;
    /// Watches files or a file system.
    fanotify_mark<'a>(fd: i32, flags: u32, mask: u64, dir: i32, path: Option<&'a CStr>) = SYS_fanotify_mark;
}

/// `struct file_handle` with room for the longest.
#[repr(C)]
pub struct FileHandle {
    /// Bytes of the handle.
    pub length: u32,
    /// What kind of handle it is.
    pub kind: i32,
    /// The handle.
    pub bytes: [u8; 128],
}

// SAFETY: integers.
unsafe impl Plain for FileHandle {}

// SysV IPC and message queues.
calls! {
    /// Finds or makes a shared memory segment.
    shmget<'a>(key: i32, size: usize, flags: i32) = SYS_shmget;
    /// Asks about and changes a shared memory segment.
    shmctl<'a>(id: i32, command: i32, status: &'a mut [u8; IPC_BYTES]) = SYS_shmctl;
    /// Finds or makes a set of semaphores.
    semget<'a>(key: i32, count: i32, flags: i32) = SYS_semget;
    /// Operates on semaphores.
    semtimedop<'a>(id: i32, operations: Operations<'a>, timeout: Option<&'a libc::timespec>) = SYS_semtimedop;
    /// Asks about and changes semaphores with a number.
    semctl<'a>(id: i32, number: i32, command: i32, value: u64) = SYS_semctl;
    /// Asks about and changes a set of semaphores.
    semctl_status<'a>(id: i32, number: i32, command: i32, status: &'a mut [u8; IPC_BYTES]) = SYS_semctl;
    /// The values of all semaphores of a set.
    semctl_all<'a>(id: i32, number: i32, command: i32, values: Values<'a>) = SYS_semctl;
    /// Finds or makes a queue of messages.
    msgget<'a>(key: i32, flags: i32) = SYS_msgget;
    /// Sends a message; the length is that of its text.
    msgsnd<'a>(id: i32, message: &'a mut MessageBuffer, length: usize, flags: i32) = SYS_msgsnd;
    /// Receives a message; the length is that of the room for its text.
    msgrcv<'a>(id: i32, message: &'a mut MessageBuffer, length: usize, kind: i64, flags: i32) = SYS_msgrcv;
    /// Asks about and changes a queue of messages.
    msgctl<'a>(id: i32, command: i32, status: &'a mut [u8; IPC_BYTES]) = SYS_msgctl;
    /// Opens a POSIX message queue.
    mq_open<'a>(name: &'a CStr, flags: i32, mode: u32, attributes: Option<&'a libc::mq_attr>) = SYS_mq_open;
    /// Removes a POSIX message queue.
    mq_unlink<'a>(name: &'a CStr) = SYS_mq_unlink;
    /// Sends to a POSIX message queue.
    mq_timedsend<'a>(queue: i32, message: GuestBuffer<'a>, priority: u32, deadline: Option<&'a libc::timespec>) = SYS_mq_timedsend;
    /// Receives from a POSIX message queue.
    mq_timedreceive<'a>(queue: i32, room: GuestBuffer<'a>, priority: &'a mut u32, deadline: Option<&'a libc::timespec>) = SYS_mq_timedreceive;
    /// Asks to be told of a message.
    mq_notify<'a>(queue: i32, event: Option<&'a SignalEvent>) = SYS_mq_notify;
    /// Asks for and sets the attributes of a POSIX message queue.
    mq_getsetattr<'a>(queue: i32, new: Option<&'a libc::mq_attr>, old: &'a mut libc::mq_attr) = SYS_mq_getsetattr;
}

/// Room for any structure of the host's that tells of IPC objects.
pub const IPC_BYTES: usize = 128;

/// The operations of semop, and their number.
pub struct Operations<'a>(pub &'a mut [libc::sembuf]);

impl<'a> Pass<'a> for Operations<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        (self.0.as_mut_ptr() as usize).pass(call);
        self.0.len().pass(call);
    }
}

/// The values of all semaphores of a set; there are as many as the set has.
pub struct Values<'a>(&'a mut [u16]);

impl<'a> Values<'a> {
    /// Values for a set of `count`, if they are enough. Sets do not grow.
    pub fn new(values: &'a mut [u16], count: usize) -> Option<Values<'a>> {
        (values.len() >= count).then_some(Values(values))
    }
}

impl<'a> Pass<'a> for Values<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        (self.0.as_mut_ptr() as usize).pass(call);
    }
}

/// `struct msgbuf`: a message with its type.
pub struct MessageBuffer(Vec<u8>);

impl MessageBuffer {
    /// A message, or room for one as long as `text`.
    pub fn new(kind: i64, text: &[u8]) -> MessageBuffer {
        MessageBuffer([&kind.to_ne_bytes(), text].concat())
    }

    /// The type.
    pub fn kind(&self) -> i64 {
        self.0
            .first_chunk()
            .map_or(0, |bytes| i64::from_ne_bytes(*bytes))
    }

    /// The first bytes of the text.
    pub fn text(&self, length: usize) -> &[u8] {
        let text = self.0.get(size_of::<i64>()..).unwrap_or_default();
        &text[..length.min(text.len())]
    }
}

impl<'a> Pass<'a> for &'a mut MessageBuffer {
    fn pass(self, call: &mut HostCall<'a>) {
        (self.0.as_mut_ptr() as usize).pass(call);
    }
}

// Guest memory.
calls! {
    /// Announces how guest memory will be used, or drops its contents.
    madvise<'a>(pages: GuestBuffer<'a>, advice: i32) = SYS_madvise;
    /// Writes a mapped file's changes.
    msync<'a>(pages: GuestBuffer<'a>, flags: i32) = SYS_msync;
    /// Tells which pages are in memory: a byte for each.
    mincore<'a>(pages: GuestBuffer<'a>, out: PageBytes<'a>) = SYS_mincore;
    /// Keeps pages in memory.
    mlock2<'a>(pages: GuestBuffer<'a>, flags: i32) = SYS_mlock2;
    /// Lets pages be swapped again.
    munlock<'a>(pages: GuestBuffer<'a>) = SYS_munlock;
}

/// A byte for each page of the buffer that is passed before it; there are enough.
pub struct PageBytes<'a>(&'a mut [u8]);

impl<'a> PageBytes<'a> {
    /// Room for the pages of a buffer, if it is enough.
    pub fn new(bytes: &'a mut [u8], pages: &GuestBuffer<'_>) -> Option<PageBytes<'a>> {
        (bytes.len() >= pages.len().div_ceil(4096)).then_some(PageBytes(bytes))
    }
}

impl<'a> Pass<'a> for PageBytes<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        (self.0.as_mut_ptr() as usize).pass(call);
    }
}

// Time.
calls! {
    /// Reads a clock.
    clock_gettime<'a>(clock: i32, out: &'a mut libc::timespec) = SYS_clock_gettime;
    /// Sets a clock.
    clock_settime<'a>(clock: i32, time: &'a libc::timespec) = SYS_clock_settime;
    /// Asks for a clock's resolution.
    clock_getres<'a>(clock: i32, out: &'a mut libc::timespec) = SYS_clock_getres;
    /// Sleeps.
    clock_nanosleep<'a>(clock: i32, flags: i32, time: &'a libc::timespec, rest: &'a mut libc::timespec) = SYS_clock_nanosleep;
    /// Tunes a clock.
    clock_adjtime<'a>(clock: i32, values: &'a mut libc::timex) = SYS_clock_adjtime;
    /// Starts or stops an interval timer.
    setitimer<'a>(which: i32, new: Option<&'a libc::itimerval>, old: &'a mut libc::itimerval) = SYS_setitimer;
    /// Asks an interval timer.
    getitimer<'a>(which: i32, out: &'a mut libc::itimerval) = SYS_getitimer;
    /// Makes a timer.
    timer_create<'a>(clock: i32, event: Option<&'a SignalEvent>, id: &'a mut i32) = SYS_timer_create;
    /// Starts or stops a timer.
    timer_settime<'a>(id: i32, flags: i32, new: &'a libc::itimerspec, old: &'a mut libc::itimerspec) = SYS_timer_settime;
    /// Asks a timer.
    timer_gettime<'a>(id: i32, out: &'a mut libc::itimerspec) = SYS_timer_gettime;
    /// How often a timer expired before its signal was taken.
    timer_getoverrun<'a>(id: i32) = SYS_timer_getoverrun;
    /// Removes a timer.
    timer_delete<'a>(id: i32) = SYS_timer_delete;
    /// Asks for processor times.
    times<'a>(out: &'a mut libc::tms) = SYS_times;
}

// Processes.
calls! {
    /// Waits for a child.
    wait4<'a>(pid: i32, status: &'a mut i32, options: i32, usage: &'a mut libc::rusage) = SYS_wait4;
    /// Waits for a child.
    waitid<'a>(kind: i32, id: i32, info: &'a mut libc::siginfo_t, options: i32, usage: &'a mut libc::rusage) = SYS_waitid;
    /// Asks for resources used.
    getrusage<'a>(who: i32, out: &'a mut libc::rusage) = SYS_getrusage;
    /// Asks for and sets a limit.
    prlimit64<'a>(pid: i32, resource: i32, new: Option<&'a libc::rlimit64>, old: Option<&'a mut libc::rlimit64>) = SYS_prlimit64;
    /// Own process.
    getpid<'a>() = SYS_getpid;
    /// Parent process.
    getppid<'a>() = SYS_getppid;
    /// Own thread.
    gettid<'a>() = SYS_gettid;
    /// Process group.
    getpgid<'a>(pid: i32) = SYS_getpgid;
    /// Sets a process group.
    setpgid<'a>(pid: i32, group: i32) = SYS_setpgid;
    /// Session.
    getsid<'a>(pid: i32) = SYS_getsid;
    /// Starts a session.
    setsid<'a>() = SYS_setsid;
    /// Operations on the process with numbers; only those that leave memory alone.
    prctl<'a>(option: i32, a: u64, b: u64, c: u64, d: u64) = SYS_prctl;
    /// Sets the name of this thread: 16 bytes.
    prctl_name<'a>(option: i32, name: &'a CStr) = SYS_prctl;
    /// Operations on the process that tell a number.
    prctl_int<'a>(option: i32, value: &'a mut i32) = SYS_prctl;
    /// Asks for niceness.
    getpriority<'a>(which: i32, who: i32) = SYS_getpriority;
    /// Sets niceness.
    setpriority<'a>(which: i32, who: i32, priority: i32) = SYS_setpriority;
    /// Lets others run.
    sched_yield<'a>() = SYS_sched_yield;
    /// Processors that a thread may use.
    sched_getaffinity<'a>(pid: i32, set: Sized<'a>) = SYS_sched_getaffinity;
    /// Sets the processors that a thread may use.
    sched_setaffinity<'a>(pid: i32, set: Sized<'a>) = SYS_sched_setaffinity;
    /// Scheduling policy.
    sched_getscheduler<'a>(pid: i32) = SYS_sched_getscheduler;
    /// Sets the scheduling policy; the parameter is the priority.
    sched_setscheduler<'a>(pid: i32, policy: i32, priority: &'a i32) = SYS_sched_setscheduler;
    /// Asks for the priority.
    sched_getparam<'a>(pid: i32, priority: &'a mut i32) = SYS_sched_getparam;
    /// Sets the priority.
    sched_setparam<'a>(pid: i32, priority: &'a i32) = SYS_sched_setparam;
    /// Highest priority of a policy.
    sched_get_priority_max<'a>(policy: i32) = SYS_sched_get_priority_max;
    /// Lowest priority of a policy.
    sched_get_priority_min<'a>(policy: i32) = SYS_sched_get_priority_min;
    /// Time slice.
    sched_rr_get_interval<'a>(pid: i32, out: &'a mut libc::timespec) = SYS_sched_rr_get_interval;
    /// Scheduling attributes.
    sched_getattr<'a>(pid: i32, out: &'a mut SchedulingAttributes, size: u32, flags: u32) = SYS_sched_getattr;
    /// Sets scheduling attributes.
    sched_setattr<'a>(pid: i32, attributes: &'a SchedulingAttributes, flags: u32) = SYS_sched_setattr;
    /// Asks for the priority of input and output.
    ioprio_get<'a>(which: i32, who: i32) = SYS_ioprio_get;
    /// Sets the priority of input and output.
    ioprio_set<'a>(which: i32, who: i32, priority: i32) = SYS_ioprio_set;
    /// Processor and node of this thread.
    getcpu<'a>(cpu: &'a mut u32, node: &'a mut u32, unused: usize) = SYS_getcpu;
    /// A descriptor of a process.
    pidfd_open<'a>(pid: i32, flags: u32) = SYS_pidfd_open;
    /// Barriers between processes' memory.
    membarrier<'a>(command: i32, flags: u32, cpu: i32) = SYS_membarrier;
}

// Identity.
calls! {
    /// Real user.
    getuid<'a>() = SYS_getuid;
    /// Effective user.
    geteuid<'a>() = SYS_geteuid;
    /// Real group.
    getgid<'a>() = SYS_getgid;
    /// Effective group.
    getegid<'a>() = SYS_getegid;
    /// All users of the process.
    getresuid<'a>(real: &'a mut u32, effective: &'a mut u32, saved: &'a mut u32) = SYS_getresuid;
    /// All groups of the process.
    getresgid<'a>(real: &'a mut u32, effective: &'a mut u32, saved: &'a mut u32) = SYS_getresgid;
    /// Sets the user.
    setuid<'a>(user: u32) = SYS_setuid;
    /// Sets the group.
    setgid<'a>(group: u32) = SYS_setgid;
    /// Sets real and effective user.
    setreuid<'a>(real: u32, effective: u32) = SYS_setreuid;
    /// Sets real and effective group.
    setregid<'a>(real: u32, effective: u32) = SYS_setregid;
    /// Sets all users.
    setresuid<'a>(real: u32, effective: u32, saved: u32) = SYS_setresuid;
    /// Sets all groups.
    setresgid<'a>(real: u32, effective: u32, saved: u32) = SYS_setresgid;
    /// Sets the user for files.
    setfsuid<'a>(user: u32) = SYS_setfsuid;
    /// Sets the group for files.
    setfsgid<'a>(group: u32) = SYS_setfsgid;
    /// Capabilities of the process.
    capget<'a>(header: &'a mut [u32; 2], data: Option<&'a mut [u32; 6]>) = SYS_capget;
    /// Sets capabilities of the process.
    capset<'a>(header: &'a mut [u32; 2], data: &'a [u32; 6]) = SYS_capset;
    /// Names of the system.
    uname<'a>(out: &'a mut libc::utsname) = SYS_uname;
    /// Load and memory of the system.
    sysinfo<'a>(out: &'a mut libc::sysinfo) = SYS_sysinfo;
    /// Sets the host's name.
    sethostname<'a>(name: GuestBuffer<'a>) = SYS_sethostname;
    /// Sets the domain's name.
    setdomainname<'a>(name: GuestBuffer<'a>) = SYS_setdomainname;
    /// Reads the kernel's log.
    syslog<'a>(kind: i32, buffer: GuestBuffer<'a>) = SYS_syslog;
    /// Random bytes.
    getrandom<'a>(buffer: GuestBuffer<'a>, flags: u32) = SYS_getrandom;
    /// Random bytes for the emulator.
    getrandom_own<'a>(buffer: &'a mut [u8], flags: u32) = SYS_getrandom;
}

// Signals and futexes.
calls! {
    /// Sends a signal to processes.
    kill<'a>(pid: i32, signal: i32) = SYS_kill;
    /// Sends a signal to a thread.
    tgkill<'a>(pid: i32, tid: i32, signal: i32) = SYS_tgkill;
    /// Sends a signal to a thread.
    tkill<'a>(tid: i32, signal: i32) = SYS_tkill;
    /// Sends a signal to a process by descriptor.
    pidfd_send_signal<'a>(fd: i32, signal: i32, info: Option<&'a libc::siginfo_t>, flags: u32) = SYS_pidfd_send_signal;
    /// Sends a signal with information.
    rt_sigqueueinfo<'a>(pid: i32, signal: i32, info: &'a libc::siginfo_t) = SYS_rt_sigqueueinfo;
    /// Sends a signal with information to a thread.
    rt_tgsigqueueinfo<'a>(pid: i32, tid: i32, signal: i32, info: &'a libc::siginfo_t) = SYS_rt_tgsigqueueinfo;
    /// Waits for a caught signal with another mask.
    rt_sigsuspend<'a>(mask: &'a u64, size: usize) = SYS_rt_sigsuspend;
    /// Takes a signal that is blocked.
    rt_sigtimedwait<'a>(set: &'a u64, info: &'a mut libc::siginfo_t, timeout: Option<&'a mut libc::timespec>, size: usize) = SYS_rt_sigtimedwait;
    /// Signals that are blocked and waiting.
    rt_sigpending<'a>(set: &'a mut u64, size: usize) = SYS_rt_sigpending;
    /// Operations on futex words with a timeout.
    futex_wait<'a>(word: Bare<'a>, operation: i32, value: u32, timeout: Option<&'a mut libc::timespec>, second: Bare<'a>, third: u32) = SYS_futex;
    /// Operations on futex words with a second number.
    futex_wake<'a>(word: Bare<'a>, operation: i32, value: u32, number: u64, second: Bare<'a>, third: u32) = SYS_futex;
    /// Waits for several futex words.
    futex_waitv<'a>(waiters: &'a FutexWaiters<'a>, flags: u32, timeout: Option<&'a mut libc::timespec>, clock: i32) = SYS_futex_waitv;
}

calls! {
    /// Supplementary groups; without room, only their number.
    getgroups<'a>(list: Groups<'a>) = SYS_getgroups;
    /// Sets the supplementary groups.
    setgroups<'a>(list: Groups<'a>) = SYS_setgroups;
}

/// A list of groups, its length first.
pub struct Groups<'a>(pub &'a mut [u32]);

impl<'a> Pass<'a> for Groups<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        self.0.len().pass(call);
        (self.0.as_mut_ptr() as usize).pass(call);
    }
}

/// Bytes whose length comes first.
pub struct Sized<'a>(pub &'a mut [u8]);

impl<'a> Pass<'a> for Sized<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        self.0.len().pass(call);
        (self.0.as_mut_ptr() as usize).pass(call);
    }
}
