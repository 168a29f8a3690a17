//! Host calls as values: what to call, with arguments whose types keep the call from touching
//! memory that it may not.

use crate::errno::Errno;
use portolan_machine::memory::{Fault, Intent, Memory};
use std::ffi::{CStr, c_long};
use std::marker::PhantomData;

/// A call of the host's kernel, ready to be made now or to be handed to the scheduler.
///
/// The lifetime is that of the memory behind the arguments. Only `calls.rs` makes these.
#[derive(Debug)]
pub struct HostCall<'a> {
    pub(super) number: c_long,
    pub(super) arguments: [usize; 6],
    used: usize,
    memory: PhantomData<&'a mut [u8]>,
}

impl<'a> HostCall<'a> {
    /// A call without arguments yet.
    ///
    /// # Safety
    ///
    /// With the arguments that are going to be passed the kernel reads and writes only memory
    /// that their types stand for, and the call breaks no rule that Rust code in this process
    /// relies on (it does not unmap or move host memory, say).
    pub(super) unsafe fn begin(number: c_long) -> HostCall<'a> {
        HostCall {
            number,
            arguments: [0; 6],
            used: 0,
            memory: PhantomData,
        }
    }

    fn push(&mut self, argument: usize) {
        self.arguments[self.used] = argument;
        self.used += 1;
    }

    /// Makes the call. It must not be one that sleeps for long: those are the scheduler's.
    pub fn now(&self) -> Result<u64, Errno> {
        let [a, b, c, d, e, f] = self.arguments;
        // SAFETY: promised where the call was begun.
        let result = unsafe { libc::syscall(self.number, a, b, c, d, e, f) };
        if result == -1 {
            return Err(Errno::from_io(&std::io::Error::last_os_error()));
        }
        Ok(result.cast_unsigned() as u64)
    }
}

/// What can be an argument of a host call; it may take two places (pointer and length).
pub trait Pass<'a> {
    /// Appends the argument.
    fn pass(self, call: &mut HostCall<'a>);
}

macro_rules! pass_numbers {
    ($($number:ty),*) => {$(
        impl<'a> Pass<'a> for $number {
            fn pass(self, call: &mut HostCall<'a>) {
                call.push(self as usize);
            }
        }
    )*};
}
pass_numbers!(i32, u32, i64, u64, usize);

impl<'a> Pass<'a> for &'a CStr {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.as_ptr() as usize);
    }
}

impl<'a> Pass<'a> for Option<&'a CStr> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.map_or(0, |string| string.as_ptr() as usize));
    }
}

impl<'a> Pass<'a> for &'a [u8] {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.as_ptr() as usize);
        call.push(self.len());
    }
}

impl<'a> Pass<'a> for &'a mut [u8] {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.as_mut_ptr() as usize);
        call.push(self.len());
    }
}

/// A structure of the host's that the kernel fills or reads as a whole.
///
/// # Safety
///
/// Any bytes are a valid value of the type: it is made of integers only.
pub unsafe trait Plain: Sized {
    /// The value whose bytes are all zero.
    fn zeroed() -> Self {
        // SAFETY: any bytes are a valid value.
        unsafe { std::mem::zeroed() }
    }
}

macro_rules! plain {
    ($($type:ty),* $(,)?) => {$(
        // SAFETY: a C structure or array of integers.
        unsafe impl Plain for $type {}
    )*};
}
plain!(
    i32,
    u32,
    i64,
    u64,
    [i32; 2],
    [i32; 4],
    [u32; 2],
    [u32; 6],
    [u64; 2],
    [u64; 16],
    libc::statx,
    HostStatfs,
    libc::timespec,
    [libc::timespec; 2],
    libc::itimerspec,
    libc::itimerval,
    libc::utsname,
    libc::sysinfo,
    libc::rusage,
    libc::rlimit64,
    libc::flock64,
    libc::tms,
    libc::winsize,
    libc::timex,
    libc::clone_args,
    libc::epoll_event,
    libc::open_how,
    libc::siginfo_t,
    HostTermios,
    SchedulingAttributes,
    OwnerEx,
    SetSized,
    libc::mq_attr,
    [u8; 128],
);

/// The kernel's `struct termios2` of the hosts that follow asm-generic; `struct termios` is all of it but the speeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct HostTermios {
    /// Input, output, control and local modes.
    pub modes: [u32; 4],
    /// Line discipline.
    pub line: u8,
    /// Control characters.
    pub characters: [u8; 19],
    /// Bits per second, in and out.
    pub speeds: [u32; 2],
}

/// The kernel's `struct statfs` of 64-bit hosts.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct HostStatfs {
    /// Kind of file system, and the size of its blocks.
    pub kind: i64,
    /// Bytes of a block.
    pub block: i64,
    /// Blocks: all, free, free for users; files: all, free.
    pub counts: [u64; 5],
    /// Number of the file system.
    pub id: [u32; 2],
    /// Longest name.
    pub name: i64,
    /// Bytes of a fragment.
    pub fragment: i64,
    /// `ST_*`.
    pub flags: i64,
    spare: [i64; 4],
}

/// `struct sched_attr`, version 1.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SchedulingAttributes {
    /// Bytes of the structure.
    pub size: u32,
    /// `SCHED_*`.
    pub policy: u32,
    /// `SCHED_FLAG_*`.
    pub flags: u64,
    /// Niceness.
    pub nice: i32,
    /// Real-time priority.
    pub priority: u32,
    /// Deadline scheduling: runtime, deadline, period.
    pub times: [u64; 3],
    /// Utilisation hints.
    pub utilisation: [u32; 2],
}

/// `struct f_owner_ex`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct OwnerEx {
    /// `F_OWNER_*`.
    pub kind: i32,
    /// The process, thread or group.
    pub id: i32,
}

/// The last argument of pselect6: a pointer to a signal set, and its size.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SetSized {
    /// The pointer, 0 for none.
    pub pointer: usize,
    /// Bytes of the set.
    pub size: usize,
}

impl<'a, T: Plain> Pass<'a> for &'a mut T {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(std::ptr::from_mut(self) as usize);
    }
}

impl<'a, T: Plain> Pass<'a> for &'a T {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(std::ptr::from_ref(self) as usize);
    }
}

impl<'a, T: Plain> Pass<'a> for Option<&'a mut T> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.map_or(0, |value| std::ptr::from_mut(value) as usize));
    }
}

impl<'a, T: Plain> Pass<'a> for Option<&'a T> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.map_or(0, |value| std::ptr::from_ref(value) as usize));
    }
}

/// A list of host structures: pointer and count.
pub struct List<'a, T>(pub &'a mut [T]);

impl<'a> Pass<'a> for List<'a, libc::pollfd> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.0.as_mut_ptr() as usize);
        call.push(self.0.len());
    }
}

impl<'a> Pass<'a> for List<'a, libc::epoll_event> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.0.as_mut_ptr() as usize);
        call.push(self.0.len());
    }
}

/// Guest memory that the host's kernel may read or write itself.
///
/// Rust code never looks through the pointer. That the guest may unmap the memory meanwhile is
/// harmless: the address stays inside the guest's reserved region, and the kernel answers EFAULT.
#[derive(Clone, Copy, Debug)]
pub struct GuestBuffer<'a> {
    pointer: *mut u8,
    length: usize,
    memory: PhantomData<&'a Memory>,
}

impl<'a> GuestBuffer<'a> {
    /// The part of `length` bytes from `address` on that can be accessed: all of it, or what
    /// comes before the first bad address, as the kernel transfers it.
    pub fn new(
        memory: &'a Memory,
        address: u64,
        length: usize,
        intent: Intent,
    ) -> Result<GuestBuffer<'a>, Fault> {
        let buffer = |pointer, length| GuestBuffer {
            pointer,
            length,
            memory: PhantomData,
        };
        if length == 0 {
            return Ok(buffer(std::ptr::null_mut(), 0));
        }
        match memory.host_pointer(address, length as u64, intent) {
            Ok(pointer) => Ok(buffer(pointer, length)),
            Err(fault) if fault.address > address && fault.address - address < length as u64 => {
                let length = (fault.address - address) as usize;
                Ok(buffer(
                    memory.host_pointer(address, length as u64, intent)?,
                    length,
                ))
            }
            Err(fault) => Err(fault),
        }
    }

    /// The host's address.
    pub(super) fn start(&self) -> u64 {
        self.pointer as u64
    }

    /// How many bytes can be accessed.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl<'a> Pass<'a> for GuestBuffer<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.pointer as usize);
        call.push(self.length);
    }
}

/// A guest buffer passed without its length, for calls whose structure size is fixed; it has been
/// checked where the buffer was made.
pub struct Bare<'a>(pub Option<GuestBuffer<'a>>);

impl<'a> Pass<'a> for Bare<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.0.map_or(0, |buffer| buffer.pointer as usize));
    }
}

/// A scatter list over guest memory.
#[derive(Debug, Default)]
pub struct Vectors<'a> {
    list: Vec<libc::iovec>,
    memory: PhantomData<&'a Memory>,
}

impl<'a> Vectors<'a> {
    /// Appends a buffer.
    pub fn push(&mut self, buffer: GuestBuffer<'a>) {
        let (iov_base, iov_len) = (buffer.pointer.cast(), buffer.length);
        self.list.push(libc::iovec { iov_base, iov_len });
    }

    /// The host's list of buffers, and how many there are.
    pub(super) fn list(&self) -> (*mut libc::iovec, usize) {
        (self.list.as_ptr().cast_mut(), self.list.len())
    }

    /// The bytes of all buffers.
    pub fn total(&self) -> usize {
        self.list.iter().map(|vector| vector.iov_len).sum()
    }
}

impl<'a> Pass<'a> for &'a Vectors<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.list.as_ptr() as usize);
        call.push(self.list.len());
    }
}

/// A futex word to wait for among others, and how.
pub struct FutexWaiter<'a> {
    /// The word.
    pub word: Bare<'a>,
    /// What it has to be, its bytes in the host's order.
    pub value: u32,
    /// `FUTEX2_*`.
    pub flags: u32,
}

/// `struct futex_waitv`.
#[repr(C)]
struct HostFutexWaiter {
    value: u64,
    address: u64,
    flags: u32,
    reserved: u32,
}

/// Futex words to wait for.
#[derive(Default)]
pub struct FutexWaiters<'a> {
    list: Vec<HostFutexWaiter>,
    memory: PhantomData<&'a Memory>,
}

impl<'a> FutexWaiters<'a> {
    /// Appends one.
    pub fn push(&mut self, waiter: FutexWaiter<'a>) {
        self.list.push(HostFutexWaiter {
            value: u64::from(waiter.value),
            address: waiter.word.0.map_or(0, |buffer| buffer.start()),
            flags: waiter.flags,
            reserved: 0,
        });
    }
}

impl<'a> Pass<'a> for &'a FutexWaiters<'a> {
    fn pass(self, call: &mut HostCall<'a>) {
        call.push(self.list.as_ptr() as usize);
        call.push(self.list.len());
    }
}
