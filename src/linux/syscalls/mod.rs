//! System calls: one handler each, in the file of its subject; [`table`] has one row per call.

pub mod table;

mod clone;
mod directories;
mod events;
mod execution;
mod files;
mod handles;
mod identity;
mod ipc;
mod limits;
mod memory;
mod metadata;
mod multiplex;
pub(crate) mod names;
mod namespaces;
mod pipes;
mod poll;
mod positions;
mod process;
mod queues;
mod random;
mod records;
pub(crate) mod robust;
mod scheduling;
mod screen;
mod signals;
pub(crate) mod sockets;
mod sync;
mod terminal;
mod time;
mod timers;
mod transfer;
mod xattr;

pub(crate) use limits::OwnLimits;
pub(crate) use positions::Positions;

#[cfg(test)]
mod tests;

use crate::constants::Constant;
use crate::errno::Errno;
use crate::host::HostCall;
use crate::personality::Personality;
use crate::process::Process;
use crate::scheduler::Wait;
use crate::screen::Part;
use crate::thread::Thread;
use crate::user::User;
use portolan_machine::guest::Core;
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// What a call comes to: its result, or why it failed.
pub type Reply = Result<u64, Errno>;

/// The code of a call.
pub type Handler = fn(&mut Context<'_>, &Arguments) -> Reply;

/// One call.
#[derive(Clone, Copy)]
pub struct Call {
    /// The kernel's name.
    pub name: &'static str,
    /// What it does.
    pub handler: Handler,
    /// What its arguments are.
    pub arguments: &'static [Kind],
    /// What its result is.
    pub result: Shown,
    /// The call that it stands for, if it is several behind one number.
    pub member: Option<multiplex::Find>,
}

/// A call whose result is a number.
pub const fn call(name: &'static str, handler: Handler, arguments: &'static [Kind]) -> Call {
    Call {
        name,
        handler,
        arguments,
        result: Shown::Number,
        member: None,
    }
}

/// A call whose result is an address.
pub const fn call_address(
    name: &'static str,
    handler: Handler,
    arguments: &'static [Kind],
) -> Call {
    Call {
        result: Shown::Address,
        ..call(name, handler, arguments)
    }
}

/// A call whose result is permissions.
pub const fn call_octal(name: &'static str, handler: Handler, arguments: &'static [Kind]) -> Call {
    Call {
        result: Shown::Octal,
        ..call(name, handler, arguments)
    }
}

/// A call whose result is a process.
pub const fn call_pid(name: &'static str, handler: Handler, arguments: &'static [Kind]) -> Call {
    Call {
        result: Shown::Pid,
        ..call(name, handler, arguments)
    }
}

/// A call that does not return when it succeeds.
pub const fn call_final(name: &'static str, handler: Handler, arguments: &'static [Kind]) -> Call {
    Call {
        result: Shown::Never,
        ..call(name, handler, arguments)
    }
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// In decimal.
    Number,
    /// In hexadecimal.
    Address,
    /// In octal: permissions.
    Octal,
    /// In decimal, and it names a process.
    Pid,
    /// Not at all: the call does not return.
    Never,
}

/// What an argument of a call is: its width, and how `--strace` writes it.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A signed number, C's `int`.
    Int,
    /// An unsigned number, C's `unsigned int`.
    Unsigned,
    /// A signed number, C's `long`.
    Long,
    /// An unsigned number, C's `size_t`.
    Size,
    /// A number of 64 bits, which 32-bit guests pass in two registers.
    Wide,
    /// A number in hexadecimal.
    Hex,
    /// An address.
    Address,
    /// A process or thread; where the call says so, a negative number is a group.
    Pid,
    /// A file descriptor.
    Fd,
    /// A directory's descriptor, or `AT_FDCWD`.
    DirFd,
    /// A path.
    Path,
    /// Another string.
    Text,
    /// Bytes that the call reads; the next argument is their number.
    Input,
    /// Bytes that the call writes; the result is their number.
    Output,
    /// A string that the call writes; the result is its length.
    OutputText,
    /// A path that the call writes; the result is its length.
    OutputPath,
    /// Buffers that the call reads; the next argument is their number.
    InputVectors,
    /// Buffers that the call writes; the next argument is their number.
    OutputVectors,
    /// A null-terminated list of strings.
    Strings,
    /// A null-terminated list of strings, of which only the number matters.
    Environment,
    /// Permissions.
    Mode,
    /// Flags of open.
    OpenFlags,
    /// Flags of open in calls that make descriptors in other ways: no access mode.
    DescriptorFlags,
    /// Flags of mmap.
    MmapFlags,
    /// An offset in units of 4096 bytes.
    PageOffset,
    /// Flags of clone, with the signal that tells the parent of the end.
    CloneFlags,
    /// A command of fcntl.
    FcntlCommand,
    /// A request of ioctl.
    IoctlRequest,
    /// A resource of getrlimit.
    Limit,
    /// What sigprocmask does.
    MaskCommand,
    /// A signal.
    Signal,
    /// A set of signals that the call reads.
    SignalSet,
    /// A set of signals that the call writes.
    SignalSetOut,
    /// A `struct sigaction` that the call reads.
    Sigaction,
    /// A `struct sigaction` that the call writes.
    SigactionOut,
    /// A set of signals in one word that the call reads.
    OldSignalSet,
    /// A set of signals in one word that the call writes.
    OldSignalSetOut,
    /// The `struct sigaction` of the older call, which it reads.
    OldSigaction,
    /// The `struct sigaction` of the older call, which it writes.
    OldSigactionOut,
    /// Flags of a set that is the same everywhere.
    Flags(&'static [Constant]),
    /// A number of a set that is the same everywhere.
    Choice(&'static [Constant]),
    /// A `struct timespec` that the call reads.
    Timespec,
    /// A `struct timespec` that the call writes.
    TimespecOut,
    /// A `struct timespec` of 64-bit numbers that the call reads.
    TimespecWide,
    /// A `struct timespec` of 64-bit numbers that the call writes.
    TimespecWideOut,
    /// Two of `struct timespec` that the call reads.
    TimespecPair,
    /// Two of `struct timespec` of 64-bit numbers that the call reads.
    TimespecWidePair,
    /// A `struct timeval` that the call writes.
    TimevalOut,
    /// A `struct stat` that the call writes.
    StatOut,
    /// A `struct stat64` that the call writes.
    Stat64Out,
    /// A `struct rlimit` of 64-bit numbers that the call reads.
    RlimitIn,
    /// A `struct rlimit` of 64-bit numbers that the call writes.
    RlimitOut,
    /// Two descriptors that the call writes.
    PipeOut,
    /// A child's status that the call writes.
    StatusOut,
    /// A list of `struct pollfd`; the next argument is their number.
    PollList,
    /// A `struct utsname` that the call writes.
    UtsnameOut,
    /// An `int` that the call writes.
    IntOut,
    /// A `struct itimerspec` that the call reads.
    Itimerspec,
    /// A `struct itimerspec` that the call writes.
    ItimerspecOut,
    /// A `struct itimerspec` of 64-bit numbers that the call reads.
    ItimerspecWide,
    /// A `struct itimerspec` of 64-bit numbers that the call writes.
    ItimerspecWideOut,
    /// A `struct sigevent` that the call reads.
    SignalEvent,
    /// A key of SysV IPC.
    IpcKey,
    /// Flags of shmget, semget and msgget, with permissions.
    IpcFlags,
    /// A command of shmctl, semctl or msgctl: the prefix of its own ones.
    IpcCommand(&'static str),
    /// A list of `struct sembuf`; the next argument is their number.
    SemaphoreOperations,
    /// A `struct mq_attr` that the call reads.
    QueueAttributes,
    /// A `struct mq_attr` that the call writes.
    QueueAttributesOut,
    /// A socket's type with flags, or the flags alone.
    SocketType,
    /// A protocol of the family that is the first argument.
    Protocol,
    /// A socket address that the call reads; the next argument is its length.
    SocketAddress,
    /// A socket address that the call writes; the next argument points to its length.
    SocketAddressOut,
    /// A pointer to a length, which the call reads and changes.
    ValueLength,
    /// The level of a socket's option.
    SocketLevel,
    /// An option of the level before it.
    SocketOption,
    /// The value of the option before it, which the call reads; the next argument is its length.
    SocketValue,
    /// The value of the option before it, which the call writes; the next argument points to its
    /// length.
    SocketValueOut,
    /// A `struct msghdr` that the call reads.
    Message,
    /// A `struct msghdr` that the call fills.
    MessageOut,
    /// A list of `struct mmsghdr`, of which the result says how many were sent or received.
    Messages,
    /// What a command of fcntl, the argument before, is told.
    FcntlArgument,
    /// What a request of ioctl, the argument before, is told or tells.
    IoctlArgument,
    /// Flags like those of open, with this beginning instead of `O`.
    OpenLike(&'static str),
    /// A device's number, if the mode before says that there is one.
    Device,
    /// A `struct statx` that the call writes.
    StatxOut,
    /// A `struct statfs` that the call writes.
    StatfsOut,
    /// A `struct statfs64` that the call writes.
    Statfs64Out,
    /// Directory entries that the call writes.
    EntriesOut,
    /// A `struct itimerval` that the call reads.
    IntervalIn,
    /// A `struct itimerval` that the call writes.
    IntervalOut,
    /// A set of descriptors; the first argument is their number.
    FdSet,
    /// A mask and its size, which the call reads.
    SizedMask,
    /// A `struct epoll_event` that the call reads.
    EpollEvent,
    /// A list of `struct epoll_event` that the call writes; the result is their number.
    EpollEventsOut,
    /// `siginfo_t` that the call reads.
    SiginfoIn,
    /// `siginfo_t` that the call writes.
    SiginfoOut,
    /// A `stack_t` that the call reads.
    StackIn,
    /// A `stack_t` that the call writes.
    StackOut,
    /// A `struct rusage` that the call writes.
    UsageOut,
    /// A `struct tms` that the call writes.
    TimesOut,
    /// An operation on a futex.
    FutexOperation,
    /// An argument of a futex operation that only some have.
    FutexArgument,
    /// An argument of prctl.
    PrctlArgument,
    /// Flags of mremap's last address.
    MremapAddress,
}

impl Kind {
    /// The argument in 64 bits as C would convert it, from its register.
    fn extend(self, raw: u64, word: u8) -> u64 {
        use Kind::*;
        match self {
            Int | Pid | Fd | DirFd | Signal | FcntlCommand | Limit | MaskCommand | Choice(_)
            | SocketType | Protocol | SocketLevel | SocketOption | IpcKey | IpcCommand(_) => {
                i64::from(raw as i32).cast_unsigned()
            }
            FutexOperation => u64::from(raw as u32),
            Unsigned | Mode | OpenFlags | DescriptorFlags | IoctlRequest => u64::from(raw as u32),
            Long if word == 4 => i64::from(raw as i32).cast_unsigned(),
            _ if word == 4 => u64::from(raw as u32),
            _ => raw,
        }
    }
}

/// The arguments of a call, each in 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arguments(pub [u64; 6]);

impl Arguments {
    /// How many registers a call's arguments can take.
    pub const RAW: usize = 8;

    /// Converts the contents of argument registers as a call declares its arguments.
    pub fn decode(
        raw: &[u64; Self::RAW],
        kinds: &[Kind],
        word: u8,
        personality: &Personality,
    ) -> Arguments {
        let mut out = [0; 6];
        let mut next = 0;
        for (value, kind) in out.iter_mut().zip(kinds) {
            let take = |index: usize| raw.get(index).copied().unwrap_or(0);
            if matches!(kind, Kind::Wide) && word == 4 {
                let even = personality.abi.registers.even_pairs;
                next += usize::from(even && next % 2 != 0);
                let (first, second) = (take(next) as u32, take(next + 1) as u32);
                let (low, high) = match personality.abi.shape.order {
                    portolan_machine::memory::Order::Little => (first, second),
                    portolan_machine::memory::Order::Big => (second, first),
                };
                *value = u64::from(high) << 32 | u64::from(low);
                next += 2;
            } else {
                *value = kind.extend(take(next), word);
                next += 1;
            }
        }
        Arguments(out)
    }

    /// An argument as C's `int`.
    pub fn int(&self, index: usize) -> i32 {
        self.0[index] as i32
    }

    /// An argument as C's `unsigned int`.
    pub fn unsigned(&self, index: usize) -> u32 {
        self.0[index] as u32
    }

    /// An argument as C's `long`, or as a 64-bit number.
    pub fn long(&self, index: usize) -> i64 {
        self.0[index].cast_signed()
    }

    /// An argument as an address, a length, or a set of bits.
    pub fn word(&self, index: usize) -> u64 {
        self.0[index]
    }

    /// An argument as a length.
    pub fn size(&self, index: usize) -> usize {
        usize::try_from(self.0[index]).unwrap_or(usize::MAX)
    }
}

/// What a handler works on: the thread that makes the call, and its process.
pub struct Context<'a> {
    /// The process.
    pub process: &'a Arc<Process>,
    /// The thread.
    pub thread: &'a mut Thread,
}

impl<'a> Context<'a> {
    /// The guest's memory.
    pub fn user(&self) -> User<'a> {
        self.process.user()
    }

    /// The ABI with its tables.
    pub fn personality(&self) -> &'a Personality {
        &self.process.personality
    }

    /// Whether the thread is the only one of its process.
    pub fn is_alone(&self) -> bool {
        self.process.threads.lock().is_alone()
    }

    /// Makes a host call that may sleep; see [`Thread::block`]. What waits for a socket that has
    /// a timeout is never restarted after a handler: signal(7).
    fn block(&self, wait: Wait, call: &HostCall<'_>) -> Reply {
        self.thread.block(wait, call).map_err(|errno| {
            let limited = errno == Errno::RESTART
                && match wait {
                    Wait::Readable(fd) => sockets::has_timeout(fd, libc::SO_RCVTIMEO),
                    Wait::Writable(fd) => sockets::has_timeout(fd, libc::SO_SNDTIMEO),
                    _ => false,
                };
            match limited {
                true => Errno::RESTART_UNLESS_HANDLED,
                false => errno,
            }
        })
    }

    /// Makes a host call that may sleep and is never restarted after a handler.
    fn block_once(&self, wait: Wait, call: &HostCall<'_>) -> Reply {
        self.thread.block_once(wait, call)
    }

    /// A path argument, found on the host.
    fn path(&self, dir: i32, address: u64, follow: bool) -> Result<CString, Errno> {
        let path = self.user().path(address)?;
        self.host_path(dir, path, follow)
    }

    /// A path below the guest's own directory of /proc, with the host's number.
    fn own_proc(&self, path: CString) -> CString {
        if self.process.seeded.is_none() {
            return path;
        }
        let own = format!("/proc/{}", self.process.pid());
        match path.to_bytes().strip_prefix(own.as_bytes()) {
            Some(rest) if rest.is_empty() || rest.starts_with(b"/") => {
                let mut host = format!("/proc/{}", crate::process::own_pid()).into_bytes();
                host.extend(rest);
                CString::new(host).unwrap_or(path)
            }
            _ => path,
        }
    }

    /// A file of the guest's screen.
    fn screen_file(&self, path: &CStr) -> Option<(Part, &CStr)> {
        self.process.options.screen.as_ref()?.file(path)
    }

    /// A guest's path as the host's. What the path is relative to does not change.
    fn host_path(&self, dir: i32, path: CString, follow: bool) -> Result<CString, Errno> {
        use crate::paths::{Proc, c_path, directory, proc_file, rust_path};
        use crate::process::own_pid;
        let path = self.own_proc(path);
        if let Some((_, host)) = self.screen_file(&path) {
            return Ok(host.to_owned());
        }
        match proc_file(&path, own_pid() as u32) {
            Some(Proc::Exe) if follow => return Ok(c_path(&self.process.program.host_path)),
            Some(Proc::Memory) => return Err(Errno::EACCES),
            _ => {}
        }
        if !self.process.paths.has_sysroot() {
            return Ok(path);
        }
        let relative = !path.to_bytes().starts_with(b"/");
        let base = if relative { directory(dir) } else { None };
        let found = self
            .process
            .paths
            .host(base.as_deref(), &rust_path(&path), follow)?;
        Ok(c_path(&found))
    }
}

/// The contents of all argument registers, and of the stack where arguments continue there.
pub(crate) fn raw_arguments(core: &dyn Core, process: &Process) -> [u64; Arguments::RAW] {
    let registers = &process.abi().registers;
    let mut raw = [0; Arguments::RAW];
    for (value, slot) in raw.iter_mut().zip(registers.arguments) {
        *value = core.register(*slot);
    }
    if let Some(offset) = registers.stack_arguments {
        let word = u64::from(process.shape().word);
        let mut address = core
            .register(registers.stack_pointer)
            .wrapping_add(u64::from(offset));
        for value in raw.iter_mut().skip(registers.arguments.len()) {
            // A call with fewer arguments has nothing there.
            *value = process.user().read_long(address).unwrap_or(0);
            address = address.wrapping_add(word);
        }
    }
    raw
}

/// Carries out the call that the thread is making.
pub(crate) fn dispatch(context: &mut Context<'_>) -> Reply {
    let personality = context.personality();
    let registers = &personality.abi.registers;
    let number = context.thread.core().register(registers.number);
    let number = if context.user().shape.word == 4 {
        u64::from(number as u32)
    } else {
        number
    };
    let pointer = context.thread.core().register(registers.stack_pointer);
    if registers.stack_arguments.is_some() && pointer > personality.abi.space.end {
        return Err(Errno::EFAULT);
    }
    let raw = context.thread.raw_arguments();
    let tracer = context.process.options.tracer.clone();
    let numbered = personality.call(number);
    let Some(call) = numbered.and_then(|numbered| numbered.call) else {
        let pc = context.thread.core().pc();
        context.process.note_missing(number, pc);
        if let Some(tracer) = &tracer {
            let name = numbered.map(|numbered| numbered.name);
            tracer.unknown(context.thread, number, name, &raw);
        }
        return Err(Errno::ENOSYS);
    };
    let decode = |raw: &[u64; Arguments::RAW], call: &Call| {
        let word = personality.abi.shape.word;
        Arguments::decode(raw, call.arguments, word, personality)
    };
    let (mut call, mut arguments) = (call, decode(&raw, call));
    while let Some(member) = call.member
        && let Ok((name, raw)) = member(context, &arguments)
        && let Some(found) = personality.call_named(name)
    {
        (call, arguments) = (found, decode(&raw, found));
    }
    let Some(tracer) = tracer else {
        return carry_out(context, call, &arguments);
    };
    let Some(begun) = tracer.enter(context.thread, call, &arguments) else {
        return carry_out(context, call, &arguments);
    };
    let reply = carry_out(context, call, &arguments);
    tracer.leave(context.thread, call, &arguments, begun, reply);
    reply
}

/// Makes a call; handlers work with the host's numbers of processes.
fn carry_out(context: &mut Context<'_>, call: &Call, arguments: &Arguments) -> Reply {
    if context.process.seeded.is_none() {
        return (call.handler)(context, arguments);
    }
    let mut arguments = *arguments;
    for (value, kind) in arguments.0.iter_mut().zip(call.arguments) {
        if let Kind::Pid = kind {
            let pid = context.process.host_pid(*value as i32);
            *value = i64::from(pid).cast_unsigned();
        }
    }
    let reply = (call.handler)(context, &arguments);
    match call.result {
        Shown::Pid => reply.map(|pid| context.process.guest_pid(pid as i32) as u64),
        _ => reply,
    }
}

/// A call that the kernel may be built without, and that Portolan deliberately does not have.
fn not_offered(_: &mut Context<'_>, _: &Arguments) -> Reply {
    Err(Errno::ENOSYS)
}

/// A call that needs a privilege that no guest has, whoever runs it.
fn not_permitted(_: &mut Context<'_>, _: &Arguments) -> Reply {
    Err(Errno::EPERM)
}
