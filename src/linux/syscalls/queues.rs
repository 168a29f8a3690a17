//! POSIX message queues, which are descriptors of the host's.

use super::time::{self, Width};
use super::timers::read_event;
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::host::message::SignalEvent;
use crate::process::empty;
use crate::scheduler::Wait;

/// Bytes of a queue's name.
const NAME_MAX: usize = 4096;

/// `struct mq_attr`: flags, messages, bytes of a message, messages waiting; and four spare words.
const WORDS: usize = 8;

fn read_attributes(context: &Context<'_>, address: u64) -> Result<libc::mq_attr, Errno> {
    let user = context.user();
    let size = WORDS * usize::from(user.shape.word);
    let mut out = empty::<libc::mq_attr>();
    user.get(address, size, |r| {
        let flags = context.personality().open.flags_to_host(r.long());
        out.mq_flags = flags.cast_signed();
        out.mq_maxmsg = r.signed_long();
        out.mq_msgsize = r.signed_long();
        out.mq_curmsgs = r.signed_long();
    })?;
    Ok(out)
}

/// mq_open(name, flags, mode, attributes)
pub fn mq_open(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let name = name(context, a.word(0))?;
    let flags = context.personality().open.flags_to_host(a.word(1)) as i32;
    let attributes = match a.word(3) {
        address if address != 0 && flags & libc::O_CREAT != 0 => {
            Some(read_attributes(context, address)?)
        }
        _ => None,
    };
    calls::mq_open(&name, flags, a.unsigned(2), attributes.as_ref()).now()
}

/// mq_unlink(name)
pub fn mq_unlink(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let name = name(context, a.word(0))?;
    calls::mq_unlink(&name).now()
}

fn name(context: &Context<'_>, address: u64) -> Result<std::ffi::CString, Errno> {
    let name = context.user().string(address, NAME_MAX);
    name.map_err(|errno| match errno {
        Errno::ERANGE => Errno::ENAMETOOLONG,
        other => other,
    })
}

/// When to give up, in the host's time.
fn deadline(
    context: &Context<'_>,
    address: u64,
    width: Width,
) -> Result<Option<libc::timespec>, Errno> {
    let mut time = time::read_optional(context, address, width)?;
    time::to_host(context, libc::CLOCK_REALTIME, &mut time)?;
    Ok(time)
}

fn send(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let deadline = deadline(context, a.word(4), width)?;
    let message = context.user().input(a.word(1), a.word(2))?;
    let call = calls::mq_timedsend(a.int(0), message, a.unsigned(3), deadline.as_ref());
    context.block(Wait::Writable(a.int(0)), &call)
}

fn receive(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let deadline = deadline(context, a.word(4), width)?;
    let room = context.user().output(a.word(1), a.word(2))?;
    let mut priority = 0;
    let received = {
        let call = calls::mq_timedreceive(a.int(0), room, &mut priority, deadline.as_ref());
        context.block(Wait::Readable(a.int(0)), &call)?
    };
    if a.word(3) != 0 {
        context.user().write_u32(a.word(3), priority)?;
    }
    Ok(received)
}

/// mq_timedsend(queue, message, length, priority, deadline)
pub fn mq_timedsend(context: &mut Context<'_>, a: &Arguments) -> Reply {
    send(context, a, Width::Word)
}

/// mq_timedsend_time64(queue, message, length, priority, deadline)
pub fn mq_timedsend64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    send(context, a, Width::Wide)
}

/// mq_timedreceive(queue, message, length, priority, deadline)
pub fn mq_timedreceive(context: &mut Context<'_>, a: &Arguments) -> Reply {
    receive(context, a, Width::Word)
}

/// mq_timedreceive_time64(queue, message, length, priority, deadline)
pub fn mq_timedreceive64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    receive(context, a, Width::Wide)
}

/// mq_notify(queue, event)
pub fn mq_notify(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const THREAD: i32 = 2;
    // What the kernel sends through a netlink socket to the C library's thread.
    const COOKIE: u64 = 32;
    let user = context.user();
    let event = match a.word(1) {
        0 => None,
        address => {
            let word = usize::from(user.shape.word);
            let (value, signal, notify) =
                user.get(address, word + 8, |r| (r.long(), r.i32(), r.i32()))?;
            Some(match notify {
                THREAD => SignalEvent::with_cookie(user.input(value, COOKIE)?, signal),
                _ => read_event(context, address)?,
            })
        }
    };
    calls::mq_notify(a.int(0), event.as_ref()).now()
}

/// mq_getsetattr(queue, new, old)
pub fn mq_getsetattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let new = match a.word(1) {
        0 => None,
        address => Some(read_attributes(context, address)?),
    };
    let mut old = empty::<libc::mq_attr>();
    calls::mq_getsetattr(a.int(0), new.as_ref(), &mut old).now()?;
    if a.word(2) != 0 {
        let flags = context
            .personality()
            .open
            .flags_to_guest(old.mq_flags as u64);
        let out = user.writer().long(flags).signed_long(old.mq_maxmsg);
        let out = out.signed_long(old.mq_msgsize).signed_long(old.mq_curmsgs);
        let size = WORDS * usize::from(user.shape.word);
        user.put(a.word(2), out.pad(size))?;
    }
    Ok(0)
}
