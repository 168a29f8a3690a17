//! Host calls that sleep, and are woken by a signal without a gap.
//!
//! A signal that is caught between "is one waiting?" and the host call would otherwise wait until
//! the call returns by itself. So the check and the `syscall` instruction form a window in
//! assembly: the host's signal handler (`signals.rs`) looks whether it interrupted the window,
//! and if so makes the thread leave it without the call.

use super::call::HostCall;
use super::signals::Mailbox;
use crate::errno::Errno;

/// Makes a host call; [`Errno::RESTART`] if a signal is waiting or comes before it starts,
/// EINTR if one comes while it sleeps.
pub fn interruptible(mailbox: &Mailbox, call: &HostCall<'_>) -> Result<u64, Errno> {
    let result = window::enter(mailbox, call);
    if (-4095..0).contains(&result) {
        return Err(Errno::from_host(-(result as i32)));
    }
    Ok(result.cast_unsigned() as u64)
}

#[cfg(target_arch = "x86_64")]
mod window {
    use super::{HostCall, Mailbox};
    use std::sync::atomic::AtomicU32;

    // attention: *const u32 in rdi, number in rsi, *const [usize; 6] in rdx. The labels are what
    // the signal handler compares the interrupted pc with.
    std::arch::global_asm!(
        ".globl portolan_window_call",
        ".hidden portolan_window_call",
        ".globl portolan_window_start",
        ".hidden portolan_window_start",
        ".globl portolan_window_end",
        ".hidden portolan_window_end",
        ".globl portolan_window_leave",
        ".hidden portolan_window_leave",
        ".type portolan_window_call, @function",
        "portolan_window_call:",
        "mov r11, rdi",
        "mov rax, rsi",
        "mov rcx, rdx",
        "mov rdi, [rcx]",
        "mov rsi, [rcx + 8]",
        "mov rdx, [rcx + 16]",
        "mov r10, [rcx + 24]",
        "mov r8, [rcx + 32]",
        "mov r9, [rcx + 40]",
        "portolan_window_start:",
        "cmp dword ptr [r11], 0",
        "jne portolan_window_leave",
        "syscall",
        "portolan_window_end:",
        "ret",
        "portolan_window_leave:",
        "mov rax, -512",
        "ret",
        ".size portolan_window_call, . - portolan_window_call",
    );

    unsafe extern "C" {
        fn portolan_window_call(
            attention: *const AtomicU32,
            number: libc::c_long,
            arguments: *const [usize; 6],
        ) -> libc::c_long;
        static portolan_window_start: u8;
        static portolan_window_end: u8;
        static portolan_window_leave: u8;
    }

    pub(super) fn enter(mailbox: &Mailbox, call: &HostCall<'_>) -> libc::c_long {
        // SAFETY: the call is as its maker promised; the two pointers are only read, and valid
        // for the duration.
        unsafe { portolan_window_call(mailbox.attention(), call.number, &call.arguments) }
    }

    /// Moves an interrupted pc out of the window.
    pub(in crate::host) fn leave(context: &mut libc::ucontext_t) {
        let pc = &mut context.uc_mcontext.gregs[libc::REG_RIP as usize];
        let address = |label: *const u8| label as libc::greg_t;
        let window =
            address(&raw const portolan_window_start)..address(&raw const portolan_window_end);
        if window.contains(pc) {
            *pc = address(&raw const portolan_window_leave);
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod window {
    use super::{HostCall, Mailbox};
    use std::sync::atomic::AtomicU32;

    std::arch::global_asm!(
        ".globl portolan_window_call",
        ".hidden portolan_window_call",
        ".globl portolan_window_start",
        ".hidden portolan_window_start",
        ".globl portolan_window_end",
        ".hidden portolan_window_end",
        ".globl portolan_window_leave",
        ".hidden portolan_window_leave",
        ".type portolan_window_call, @function",
        "portolan_window_call:",
        "mov x9, x0",
        "mov x8, x1",
        "mov x10, x2",
        "ldp x0, x1, [x10]",
        "ldp x2, x3, [x10, #16]",
        "ldp x4, x5, [x10, #32]",
        "portolan_window_start:",
        "ldr w11, [x9]",
        "cbnz w11, portolan_window_leave",
        "svc #0",
        "portolan_window_end:",
        "ret",
        "portolan_window_leave:",
        "mov x0, #-512",
        "ret",
        ".size portolan_window_call, . - portolan_window_call",
    );

    unsafe extern "C" {
        fn portolan_window_call(
            attention: *const AtomicU32,
            number: libc::c_long,
            arguments: *const [usize; 6],
        ) -> libc::c_long;
        static portolan_window_start: u8;
        static portolan_window_end: u8;
        static portolan_window_leave: u8;
    }

    pub(super) fn enter(mailbox: &Mailbox, call: &HostCall<'_>) -> libc::c_long {
        // SAFETY: the call is as its maker promised; the two pointers are only read, and valid
        // for the duration.
        unsafe { portolan_window_call(mailbox.attention(), call.number, &call.arguments) }
    }

    /// Moves an interrupted pc out of the window.
    pub(in crate::host) fn leave(context: &mut libc::ucontext_t) {
        let pc = &mut context.uc_mcontext.pc;
        let address = |label: *const u8| label as u64;
        let window =
            address(&raw const portolan_window_start)..address(&raw const portolan_window_end);
        if window.contains(pc) {
            *pc = address(&raw const portolan_window_leave);
        }
    }
}

/// Hosts without a window of their own: a signal in the gap waits for the call to return.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod window {
    use super::{HostCall, Mailbox};
    use crate::errno::Errno;
    use std::sync::atomic::Ordering;

    pub(super) fn enter(mailbox: &Mailbox, call: &HostCall<'_>) -> libc::c_long {
        if mailbox.attention().load(Ordering::SeqCst) != 0 {
            return -libc::c_long::from(Errno::RESTART.number());
        }
        match call.now() {
            Ok(result) => result as libc::c_long,
            Err(errno) => -libc::c_long::from(errno.number()),
        }
    }

    pub(in crate::host) fn leave(_: &mut libc::ucontext_t) {}
}

pub(super) use window::leave;
