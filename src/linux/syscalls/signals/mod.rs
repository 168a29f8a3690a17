//! Signals: dispositions, masks, sending, waiting, and the way back from a handler.

mod old;

use super::time::{self, Width};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::host::signals as host;
use crate::process::{Process, empty, own_pid};
use crate::scheduler::Wait;
use crate::signals::{
    Action, AlternateStack, DefaultAction, FrameKind, IGNORE, Origin, STACK_DISABLED, STACK_IN_USE,
    Set, Signal, decode_set, encode_set, only,
};
use crate::thread::Thread;

pub use old::{sgetmask, sigaction, signal, sigpending, sigprocmask, sigsuspend, ssetmask};

/// Reads a set of signals.
pub fn read_set(context: &Context<'_>, address: u64, size: u64) -> Result<Set, Errno> {
    check_size(context, size)?;
    set_at(context, address)
}

fn check_size(context: &Context<'_>, size: u64) -> Result<(), Errno> {
    let right = u64::from(context.personality().abi.signals.set_bytes);
    if size == right {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

fn set_at(context: &Context<'_>, address: u64) -> Result<Set, Errno> {
    let (user, size) = (context.user(), context.personality().abi.signals.set_bytes);
    let bytes = user.bytes(address, usize::from(size))?;
    Ok(decode_set(user.shape, &bytes))
}

/// The bytes of a set of signals.
fn set_bytes(context: &Context<'_>, set: Set) -> Vec<u8> {
    let size = context.personality().abi.signals.set_bytes;
    encode_set(context.user().shape, set, usize::from(size))
}

/// A mask that holds only while a call sleeps.
#[derive(Clone, Copy, Debug)]
pub struct Temporary(Set);

impl Temporary {
    /// Reads the mask argument of a call; null is none.
    pub fn read(
        context: &Context<'_>,
        address: u64,
        size: u64,
    ) -> Result<Option<Temporary>, Errno> {
        match address {
            0 => Ok(None),
            address => read_set(context, address, size).map(|set| Some(Temporary(set))),
        }
    }

    /// Makes a call with the mask, which the host's kernel sets and resets with it as one step.
    /// If a signal interrupts it, its handler runs with the mask too.
    pub fn during(
        context: &mut Context<'_>,
        mask: Option<Temporary>,
        call: impl FnOnce(&Context<'_>, Option<&u64>) -> Reply,
    ) -> Reply {
        let host = mask
            .map(|Temporary(set)| host::without_reserved(context.personality().mask_to_host(set)));
        let reply = call(context, host.as_ref());
        if let (Err(errno), Some(Temporary(set))) = (reply, mask)
            && errno.is_restart()
        {
            context.thread.keep_mask_for_handler(set);
        }
        reply
    }
}

fn valid(context: &Context<'_>, number: i32) -> Result<i32, Errno> {
    let personality = context.personality();
    match personality.host_signal(number) {
        None if !personality.is_own_signal(number) => Err(Errno::EINVAL),
        _ => Ok(number),
    }
}

/// Refuses a handler for a signal that cannot have one.
fn check_installable(context: &Context<'_>, number: i32) -> Result<(), Errno> {
    match context.personality().host_signal(number) {
        Some(libc::SIGKILL | libc::SIGSTOP) => Err(Errno::EINVAL),
        _ => Ok(()),
    }
}

/// rt_sigaction(signal, new, old, size)
pub fn rt_sigaction(context: &mut Context<'_>, a: &Arguments) -> Reply {
    check_size(context, a.word(3))?;
    let number = valid(context, a.int(0))?;
    let (user, personality) = (context.user(), context.personality());
    let layout = &personality.abi.layouts.sigaction;
    let mask_offset = layout
        .field("sa_mask")
        .map_or(0, |field| u64::from(field.offset));
    let new = match a.word(1) {
        0 => None,
        address => {
            let bytes = user.structure(address, layout)?;
            let get = |name| layout.decode(user.shape, &bytes, name);
            Some(Action {
                handler: get("sa_handler"),
                flags: get("sa_flags"),
                restorer: get("sa_restorer"),
                mask: set_at(context, address.wrapping_add(mask_offset))?,
            })
        }
    };
    let old = context.process.actions().get(number);
    if let Some(action) = new {
        check_installable(context, number)?;
        context.process.actions().set(personality, number, action)?;
    }
    if a.word(2) != 0 {
        let values = [
            ("sa_handler", old.handler),
            ("sa_flags", old.flags),
            ("sa_restorer", old.restorer),
        ];
        let mut bytes = layout.encode(user.shape, &values);
        let (start, mask) = (mask_offset as usize, set_bytes(context, old.mask));
        let room = bytes.len() - start;
        bytes[start..start + mask.len().min(room)].copy_from_slice(&mask[..mask.len().min(room)]);
        user.write(a.word(2), &bytes)?;
    }
    Ok(0)
}

/// rt_sigprocmask(how, new, old, size)
pub fn rt_sigprocmask(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let old = context.thread.mask();
    if a.word(1) != 0 {
        let set = read_set(context, a.word(1), a.word(3))?;
        let names = context.personality().abi.constants.signal_mask;
        let mask = match crate::constants::name(names, a.int(0) as u64) {
            Some("SIG_BLOCK") => old | set,
            Some("SIG_UNBLOCK") => old & !set,
            Some("SIG_SETMASK") => set,
            _ => return Err(Errno::EINVAL),
        };
        context.thread.set_mask(mask)?;
    }
    check_size(context, a.word(3))?;
    if a.word(2) != 0 {
        context.user().write(a.word(2), &set_bytes(context, old))?;
    }
    Ok(0)
}

/// rt_sigpending(set, size)
pub fn rt_sigpending(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let full = usize::from(context.personality().abi.signals.set_bytes);
    if a.size(1) > full {
        return Err(Errno::EINVAL);
    }
    let mut set = 0u64;
    calls::rt_sigpending(&mut set, 8).now()?;
    let own = context.process.threads.waiting(context.thread.tid());
    let set = context.personality().mask_to_guest(set) | own & context.thread.mask();
    let bytes = set_bytes(context, set);
    context.user().write(a.word(0), &bytes[..a.size(1)])?;
    Ok(0)
}

/// rt_sigsuspend(mask, size)
pub fn rt_sigsuspend(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mask = Temporary(read_set(context, a.word(0), a.word(1))?);
    Temporary::during(context, Some(mask), |context, mask| {
        let none = 0;
        let call = calls::rt_sigsuspend(mask.unwrap_or(&none), 8);
        context.block_once(Wait::Signal, &call)
    })
}

/// pause()
pub fn pause(context: &mut Context<'_>, _: &Arguments) -> Reply {
    let mask = host::without_reserved(context.personality().mask_to_host(context.thread.mask()));
    context.block_once(Wait::Signal, &calls::rt_sigsuspend(&mask, 8))
}

/// `siginfo_t` of a signal that the host reports.
fn put_info(
    context: &Context<'_>,
    address: u64,
    number: i32,
    info: libc::siginfo_t,
) -> Result<i32, Errno> {
    let signal = context
        .process
        .signal_from_host(&host::Caught { number, info });
    if address != 0 {
        let bytes = signal.origin.encode(context.personality(), signal.number);
        context.user().write(address, &bytes)?;
    }
    Ok(signal.number)
}

/// rt_sigtimedwait(set, info, timeout, size)
pub fn rt_sigtimedwait(context: &mut Context<'_>, a: &Arguments) -> Reply {
    timed_wait(context, a, Width::Word)
}

/// rt_sigtimedwait_time64(set, info, timeout, size)
pub fn rt_sigtimedwait64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    timed_wait(context, a, Width::Wide)
}

fn timed_wait(context: &mut Context<'_>, a: &Arguments, width: Width) -> Reply {
    let set = read_set(context, a.word(0), a.word(3))?;
    let mut timeout = time::read_optional(context, a.word(2), width)?;
    // Those that did not come through the host; one that comes later makes the call start again.
    let threads = &context.process.threads;
    if let (Some(signal), _) = threads.take(context.thread.tid(), !set) {
        if a.word(1) != 0 {
            let bytes = signal.origin.encode(context.personality(), signal.number);
            context.user().write(a.word(1), &bytes)?;
        }
        return Ok(signal.number as u64);
    }
    let set = context.personality().mask_to_host(set);
    let mut info = empty::<libc::siginfo_t>();
    let number = {
        let waited = timeout;
        let call = calls::rt_sigtimedwait(&set, &mut info, timeout.as_mut(), 8);
        let reply = context.block_once(Wait::Signal, &call);
        if let (Err(Errno::EAGAIN), Some(waited)) = (reply, waited) {
            time::passed(context, waited);
        }
        reply?
    };
    Ok(put_info(context, a.word(1), number as i32, info)? as u64)
}

/// sigaltstack(new, old)
pub fn sigaltstack(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const AUTODISARM: u32 = 1 << 31;
    let (user, personality) = (context.user(), context.personality());
    let layout = &personality.abi.layouts.stack;
    let pointer = context
        .thread
        .core()
        .register(personality.abi.registers.stack_pointer);
    let old = context.thread.alternate;
    if a.word(0) != 0 {
        let new = AlternateStack::read(&user, layout, a.word(0))?;
        if old.contains(pointer) {
            return Err(Errno::EPERM);
        }
        context.thread.alternate = match new.flags & !AUTODISARM {
            STACK_DISABLED => AlternateStack::default(),
            0 | STACK_IN_USE if new.size < personality.abi.signals.minimum_stack => {
                return Err(Errno::ENOMEM);
            }
            0 | STACK_IN_USE => AlternateStack {
                flags: new.flags & AUTODISARM,
                ..new
            },
            _ => return Err(Errno::EINVAL),
        };
    }
    let old = old.reported(pointer);
    if a.word(1) != 0 {
        user.write(a.word(1), &old.encode(user.shape, layout))?;
    }
    Ok(0)
}

/// rt_sigreturn()
pub fn rt_sigreturn(context: &mut Context<'_>, _: &Arguments) -> Reply {
    take_down(context, FrameKind::Detailed)
}

/// sigreturn()
pub fn sigreturn(context: &mut Context<'_>, _: &Arguments) -> Reply {
    take_down(context, FrameKind::Plain)
}

fn take_down(context: &mut Context<'_>, kind: FrameKind) -> Reply {
    let personality = context.personality();
    context.thread.keep_registers = true;
    match (personality.abi.signals.pop)(context.thread.core_mut(), kind) {
        Ok(restored) => {
            context.thread.restore(restored);
            if let Some(fault) = restored.refused {
                context.thread.raise_by_frame(fault);
            }
        }
        Err(fault) => context.thread.raise_by_frame(fault),
    }
    Ok(0)
}

/// What a signal carries besides its number and its sender: `si_code` and `si_value`.
#[derive(Clone, Copy)]
struct Queued {
    code: i32,
    value: u64,
}

impl Queued {
    /// The signal as it arrives when this process sends it.
    fn signal(self, process: &Process, number: i32) -> Signal {
        Signal {
            number,
            origin: Origin::Sent {
                code: self.code,
                pid: process.pid(),
                uid: calls::getuid().now().unwrap_or(0) as u32,
                value: self.value,
            },
        }
    }
}

/// What kill sends.
const KILL: Queued = Queued {
    code: libc::SI_USER,
    value: 0,
};

/// What tkill and tgkill send.
const TKILL: Queued = Queued {
    code: libc::SI_TKILL,
    value: 0,
};

/// Sends a signal to this very process if the host cannot: because it would end the emulator
/// without a word, or because the emulator needs the signal itself.
fn send_to_self(thread: &mut Thread, number: i32, queued: Queued) -> Option<Reply> {
    let process = std::sync::Arc::clone(thread.process());
    let host_signal = process.personality.host_signal(number)?;
    let action = process.actions().get(number);
    let blocked = thread.mask() & only(number) != 0;
    let signal = queued.signal(&process, number);
    let ends = matches!(DefaultAction::of(host_signal), DefaultAction::End { .. });
    let unstoppable = host_signal == libc::SIGKILL;
    if unstoppable || ends && !blocked && action.handler == crate::signals::DEFAULT {
        match thread.is_watched() && !unstoppable {
            true => thread.pending = Some(signal),
            false => thread.end_by(signal, None),
        }
        return Some(Ok(0));
    }
    if host::reserved(host_signal) {
        if action.is_caught() {
            thread.pending = Some(signal);
        }
        return Some(Ok(0));
    }
    None
}

/// Sends a signal that the emulator needs itself to another thread of this process.
fn send_to_other(thread: &mut Thread, tid: i32, number: i32, queued: Queued) -> Option<Reply> {
    let process = std::sync::Arc::clone(thread.process());
    let host_signal = process.personality.host_signal(number)?;
    if !host::reserved(host_signal) || !process.threads.has(tid) {
        return None;
    }
    let signal = queued.signal(&process, number);
    match process.actions().get(number) {
        action if action.is_caught() => {
            process.threads.send(tid, signal);
        }
        action if action.handler == crate::signals::DEFAULT => thread.end_by(signal, None),
        _ => {}
    }
    Some(Ok(0))
}

/// Sends a signal that the host does not have, if it is one: within this process only.
fn send_own(
    context: &mut Context<'_>,
    pid: i32,
    tid: i32,
    number: i32,
    queued: Queued,
) -> Option<Reply> {
    if !context.personality().is_own_signal(number) {
        return None;
    }
    let process = context.process;
    if pid != own_pid() || tid != context.thread.tid() && !process.threads.has(tid) {
        return Some(calls::kill(pid, 0).now().and(Err(Errno::EINVAL)));
    }
    let signal = Signal {
        number,
        origin: Origin::Sent {
            code: queued.code,
            pid: process.pid(),
            uid: calls::getuid().now().unwrap_or(0) as u32,
            value: queued.value,
        },
    };
    if process.actions().get(number).handler != IGNORE && !process.threads.send(tid, signal) {
        // A child of vfork, which has no other threads.
        context.thread.pending = Some(signal);
    }
    Some(Ok(0))
}

/// A signal to be sent, as the host numbers it; 0 only asks.
fn host_number(context: &Context<'_>, number: i32) -> Result<i32, Errno> {
    match number {
        0 => Ok(0),
        number => context
            .personality()
            .host_signal(number)
            .ok_or(Errno::EINVAL),
    }
}

/// kill(pid, signal)
pub fn kill(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let tid = context.thread.tid();
    if let Some(reply) = send_own(context, a.int(0), tid, a.int(1), KILL) {
        return reply;
    }
    let signal = host_number(context, a.int(1))?;
    if a.int(0) == own_pid()
        && signal != 0
        && let Some(reply) = send_to_self(context.thread, a.int(1), KILL)
    {
        return reply;
    }
    calls::kill(a.int(0), signal).now()
}

/// tgkill(pid, tid, signal)
pub fn tgkill(context: &mut Context<'_>, a: &Arguments) -> Reply {
    if let Some(reply) = send_own(context, a.int(0), a.int(1), a.int(2), TKILL) {
        return reply;
    }
    let signal = host_number(context, a.int(2))?;
    if a.int(0) <= 0 || a.int(1) <= 0 {
        return Err(Errno::EINVAL);
    }
    if a.int(1) == context.thread.tid()
        && a.int(0) == own_pid()
        && signal != 0
        && let Some(reply) = send_to_self(context.thread, a.int(2), TKILL)
    {
        return reply;
    }
    if a.int(0) == own_pid()
        && signal != 0
        && let Some(reply) = send_to_other(context.thread, a.int(1), a.int(2), TKILL)
    {
        return reply;
    }
    calls::tgkill(a.int(0), a.int(1), signal).now()
}

/// tkill(tid, signal)
pub fn tkill(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let pid = match context.process.threads.has(a.int(0)) {
        true => own_pid(),
        false => a.int(0),
    };
    if let Some(reply) = send_own(context, pid, a.int(0), a.int(1), TKILL) {
        return reply;
    }
    let signal = host_number(context, a.int(1))?;
    if a.int(0) == context.thread.tid()
        && signal != 0
        && let Some(reply) = send_to_self(context.thread, a.int(1), TKILL)
    {
        return reply;
    }
    if signal != 0
        && let Some(reply) = send_to_other(context.thread, a.int(0), a.int(1), TKILL)
    {
        return reply;
    }
    calls::tkill(a.int(0), signal).now()
}

/// Reads what a program queues with a signal.
fn read_queued(context: &Context<'_>, address: u64) -> Result<Queued, Errno> {
    let user = context.user();
    let word = usize::from(user.shape.word);
    let personality = context.personality();
    user.get(address, 12 + 4 + 8 + word, |r| {
        let (_, second, third) = (r.i32(), r.i32(), r.i32());
        let code = match personality.abi.signals.code_first {
            true => second,
            false => third,
        };
        if word == 8 {
            r.i32();
        }
        r.u32();
        r.u32();
        let value = r.long();
        Queued {
            code: personality.code_to_host(code),
            value,
        }
    })
}

/// rt_sigqueueinfo(pid, signal, info)
pub fn rt_sigqueueinfo(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let queued = read_queued(context, a.word(2))?;
    let tid = context.thread.tid();
    if let Some(reply) = send_own(context, a.int(0), tid, a.int(1), queued) {
        return reply;
    }
    let signal = host_number(context, a.int(1))?;
    if host::reserved(signal)
        && a.int(0) == own_pid()
        && let Some(reply) = send_to_self(context.thread, a.int(1), queued)
    {
        return reply;
    }
    let info = host::queued_info(signal, queued.code, queued.value);
    calls::rt_sigqueueinfo(a.int(0), signal, &info).now()
}

/// rt_tgsigqueueinfo(pid, tid, signal, info)
pub fn rt_tgsigqueueinfo(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let queued = read_queued(context, a.word(3))?;
    if let Some(reply) = send_own(context, a.int(0), a.int(1), a.int(2), queued) {
        return reply;
    }
    if a.int(0) <= 0 || a.int(1) <= 0 {
        return Err(Errno::EINVAL);
    }
    let signal = host_number(context, a.int(2))?;
    if host::reserved(signal) && a.int(0) == own_pid() {
        let reply = match a.int(1) == context.thread.tid() {
            true => send_to_self(context.thread, a.int(2), queued),
            false => send_to_other(context.thread, a.int(1), a.int(2), queued),
        };
        if let Some(reply) = reply {
            return reply;
        }
    }
    let info = host::queued_info(signal, queued.code, queued.value);
    calls::rt_tgsigqueueinfo(a.int(0), a.int(1), signal, &info).now()
}

/// pidfd_send_signal(fd, signal, info, flags)
pub fn pidfd_send_signal(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let signal = host_number(context, a.int(1))?;
    if a.word(2) != 0 {
        return Err(Errno::EINVAL);
    }
    calls::pidfd_send_signal(a.int(0), signal, None, a.unsigned(3)).now()
}
