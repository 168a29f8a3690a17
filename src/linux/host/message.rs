//! What calls about sockets pass: names, messages, values of options.

use super::call::{GuestBuffer, HostCall, Pass, Plain, Vectors};
use std::marker::PhantomData;

/// Bytes that a call fills, telling how many there are: a socket's name, the value of an option.
#[derive(Debug)]
pub struct Room {
    bytes: Vec<u8>,
    length: u32,
}

impl Room {
    /// Room for so many bytes.
    pub fn new(length: usize) -> Room {
        Room {
            bytes: vec![0; length],
            length: length as u32,
        }
    }

    /// Room that has contents already, for calls that read before they write.
    pub fn with(bytes: Vec<u8>) -> Room {
        let length = bytes.len() as u32;
        Room { bytes, length }
    }

    /// What the call filled in.
    pub fn filled(&self) -> &[u8] {
        &self.bytes[..self.bytes.len().min(self.length as usize)]
    }
}

impl<'a> Pass<'a> for &'a mut Room {
    fn pass(self, call: &mut HostCall<'a>) {
        (self.bytes.as_mut_ptr() as usize).pass(call);
        (&mut self.length).pass(call);
    }
}

impl<'a> Pass<'a> for Option<&'a mut Room> {
    fn pass(self, call: &mut HostCall<'a>) {
        match self {
            Some(room) => room.pass(call),
            None => {
                0usize.pass(call);
                0usize.pass(call);
            }
        }
    }
}

impl<'a> Pass<'a> for Option<&'a [u8]> {
    fn pass(self, call: &mut HostCall<'a>) {
        match self {
            Some(bytes) => bytes.pass(call),
            None => {
                0usize.pass(call);
                0usize.pass(call);
            }
        }
    }
}

/// `struct msghdr` over memory that it borrows.
pub struct Message<'m> {
    header: libc::msghdr,
    memory: PhantomData<&'m mut [u8]>,
}

// SAFETY: the header only borrows what the lifetime stands for; what it points to belongs to no
// thread.
unsafe impl Send for Message<'_> {}

impl<'m> Message<'m> {
    /// A message with the name of who it comes from or goes to, if that matters, its contents,
    /// and its control messages.
    pub fn new(
        name: Option<&'m mut [u8]>,
        vectors: &'m Vectors<'_>,
        control: &'m mut [u8],
    ) -> Message<'m> {
        // SAFETY: integers and pointers, which may be null.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        if let Some(name) = name {
            header.msg_name = name.as_mut_ptr().cast();
            header.msg_namelen = name.len() as u32;
        }
        (header.msg_iov, header.msg_iovlen) = vectors.list();
        if !control.is_empty() {
            header.msg_control = control.as_mut_ptr().cast();
            header.msg_controllen = control.len() as _;
        }
        Message {
            header,
            memory: PhantomData,
        }
    }

    /// The length of the name, which may be more than there was room for.
    pub fn name_length(&self) -> usize {
        self.header.msg_namelen as usize
    }

    /// The length of the control messages received.
    #[expect(clippy::unnecessary_cast, reason = "narrower in other C libraries")]
    pub fn control_length(&self) -> usize {
        self.header.msg_controllen as usize
    }

    /// `MSG_*` of the message received.
    pub fn flags(&self) -> i32 {
        self.header.msg_flags
    }
}

impl<'a> Pass<'a> for &'a mut Message<'_> {
    fn pass(self, call: &mut HostCall<'a>) {
        (std::ptr::from_mut(&mut self.header) as usize).pass(call);
    }
}

/// `struct sock_fprog`: a packet filter of instructions of eight bytes.
pub struct Filter<'m> {
    program: libc::sock_fprog,
    memory: PhantomData<&'m mut [u64]>,
}

impl<'m> Filter<'m> {
    /// A filter of the host's instructions.
    pub fn new(instructions: &'m mut [u64]) -> Filter<'m> {
        Filter {
            program: libc::sock_fprog {
                len: instructions.len() as u16,
                filter: instructions.as_mut_ptr().cast(),
            },
            memory: PhantomData,
        }
    }
}

impl<'a> Pass<'a> for &'a Filter<'_> {
    fn pass(self, call: &mut HostCall<'a>) {
        (std::ptr::from_ref(&self.program) as usize).pass(call);
        size_of::<libc::sock_fprog>().pass(call);
    }
}

/// `struct ifconf`: room for a list of interfaces, or only the question how long it is.
pub struct InterfaceList<'m> {
    list: libc::ifconf,
    memory: PhantomData<&'m mut [u8]>,
}

impl<'m> InterfaceList<'m> {
    /// Room for the list; without any, its length is asked for.
    pub fn new(room: &'m mut [u8]) -> InterfaceList<'m> {
        let pointer: *mut u8 = match room.is_empty() {
            true => std::ptr::null_mut(),
            false => room.as_mut_ptr(),
        };
        InterfaceList {
            list: libc::ifconf {
                ifc_len: room.len() as i32,
                ifc_ifcu: libc::__c_anonymous_ifc_ifcu {
                    ifcu_buf: pointer.cast(),
                },
            },
            memory: PhantomData,
        }
    }

    /// Bytes of the list.
    pub fn length(&self) -> usize {
        usize::try_from(self.list.ifc_len).unwrap_or(0)
    }
}

impl<'a> Pass<'a> for &'a mut InterfaceList<'_> {
    fn pass(self, call: &mut HostCall<'a>) {
        (std::ptr::from_mut(&mut self.list) as usize).pass(call);
    }
}

/// The kernel's `struct sigevent`: how a process is told of something.
#[derive(Debug)]
#[repr(C)]
pub struct SignalEvent {
    value: u64,
    signal: i32,
    notify: i32,
    thread: i32,
    unused: [i32; 11],
}

// SAFETY: integers.
unsafe impl Plain for SignalEvent {}

impl SignalEvent {
    /// A signal with a value, for a thread if `notify` says so.
    pub fn new(value: u64, signal: i32, notify: i32, thread: i32) -> SignalEvent {
        SignalEvent {
            value,
            signal,
            notify,
            thread,
            unused: [0; 11],
        }
    }

    /// A message of the bytes at `cookie` through the netlink socket `fd`: what a C library asks
    /// for that starts threads. The call copies the cookie.
    pub fn with_cookie(cookie: GuestBuffer<'_>, fd: i32) -> SignalEvent {
        const SIGEV_THREAD: i32 = 2;
        SignalEvent::new(cookie.start(), fd, SIGEV_THREAD, 0)
    }
}

/// Bytes of the host's `struct ifreq`.
pub const INTERFACE_REQUEST: usize = size_of::<libc::ifreq>();

// SAFETY: bytes.
unsafe impl Plain for [u8; INTERFACE_REQUEST] {}
