//! Priorities, policies and processors.

use super::time::{self, Width};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{SchedulingAttributes, calls};
use crate::process::empty;

/// sched_yield()
pub fn sched_yield(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::sched_yield().now()
}

/// getpriority(which, who)
pub fn getpriority(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::getpriority(a.int(0), whose(context, a)).now()
}

/// setpriority(which, who, priority)
pub fn setpriority(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setpriority(a.int(0), whose(context, a), a.int(2)).now()
}

/// A process or group, unless it is a user.
fn whose(context: &Context<'_>, a: &Arguments) -> i32 {
    match a.int(0) {
        user if user == libc::PRIO_USER as i32 => a.int(1),
        _ => context.process.host_pid(a.int(1)),
    }
}

/// nice(increment)
pub fn nice(_: &mut Context<'_>, a: &Arguments) -> Reply {
    let process = libc::PRIO_PROCESS as i32;
    // The kernel answers 20 minus the niceness, so that no answer looks like an error.
    let now = 20 - calls::getpriority(process, 0).now()? as i32;
    let wanted = now.saturating_add(a.int(0)).clamp(-20, 19);
    calls::setpriority(process, 0, wanted).now()
}

/// Bits of processor sets: the kernel's words are the host's; the guest's may be narrower or
/// turned around.
fn reorder(context: &Context<'_>, bytes: &[u8], from_guest: bool) -> Vec<u8> {
    let shape = context.user().shape;
    let word = usize::from(shape.word);
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.chunks(word) {
        let little = if from_guest {
            shape.decode(chunk).to_le_bytes()
        } else {
            let mut low = [0; 8];
            low[..chunk.len()].copy_from_slice(chunk);
            shape.encode(u64::from_le_bytes(low), chunk.len())
        };
        out.extend_from_slice(&little[..chunk.len()]);
    }
    out
}

/// The largest set of processors: 8192 of them.
const SET_MAX: usize = 1024;

/// sched_getaffinity(pid, size, set)
pub fn sched_getaffinity(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let word = usize::from(context.user().shape.word);
    if !a.size(1).is_multiple_of(word) {
        return Err(Errno::EINVAL);
    }
    let mut bytes = vec![0; a.size(1).min(SET_MAX).next_multiple_of(8)];
    let length = calls::sched_getaffinity(a.int(0), calls::Sized(&mut bytes)).now()?;
    let length = (length as usize).min(a.size(1));
    context
        .user()
        .write(a.word(2), &reorder(context, &bytes[..length], false))?;
    Ok(length as u64)
}

/// sched_setaffinity(pid, size, set)
pub fn sched_setaffinity(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let bytes = context.user().bytes(a.word(2), a.size(1).min(SET_MAX))?;
    let mut bytes = reorder(context, &bytes, true);
    calls::sched_setaffinity(a.int(0), calls::Sized(&mut bytes)).now()
}

/// sched_getscheduler(pid)
pub fn sched_getscheduler(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::sched_getscheduler(a.int(0)).now()
}

/// sched_setscheduler(pid, policy, parameter)
pub fn sched_setscheduler(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let priority = context.user().read_u32(a.word(2))?.cast_signed();
    calls::sched_setscheduler(a.int(0), a.int(1), &priority).now()
}

/// sched_getparam(pid, parameter)
pub fn sched_getparam(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut priority = 0i32;
    calls::sched_getparam(a.int(0), &mut priority).now()?;
    context
        .user()
        .write_u32(a.word(1), priority.cast_unsigned())?;
    Ok(0)
}

/// sched_setparam(pid, parameter)
pub fn sched_setparam(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let priority = context.user().read_u32(a.word(1))?.cast_signed();
    calls::sched_setparam(a.int(0), &priority).now()
}

/// sched_get_priority_max(policy)
pub fn sched_get_priority_max(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::sched_get_priority_max(a.int(0)).now()
}

/// sched_get_priority_min(policy)
pub fn sched_get_priority_min(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::sched_get_priority_min(a.int(0)).now()
}

/// sched_rr_get_interval(pid, interval)
pub fn sched_rr_get_interval(context: &mut Context<'_>, a: &Arguments) -> Reply {
    interval(context, a, Width::Word)
}

/// sched_rr_get_interval_time64(pid, interval)
pub fn sched_rr_get_interval64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    interval(context, a, Width::Wide)
}

fn interval(context: &Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mut interval = empty::<libc::timespec>();
    calls::sched_rr_get_interval(a.int(0), &mut interval).now()?;
    time::write(context, a.word(1), &interval, width)?;
    Ok(0)
}

/// Bytes of the first version of `struct sched_attr`.
const ATTRIBUTES: u32 = 48;

/// sched_getattr(pid, attributes, size, flags)
pub fn sched_getattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    if a.unsigned(2) < ATTRIBUTES {
        return Err(Errno::EINVAL);
    }
    let mut s = SchedulingAttributes::default();
    calls::sched_getattr(a.int(0), &mut s, ATTRIBUTES, a.unsigned(3)).now()?;
    let user = context.user();
    let out = user
        .writer()
        .u32(ATTRIBUTES)
        .u32(s.policy)
        .u64(s.flags)
        .i32(s.nice);
    let out = s
        .times
        .iter()
        .fold(out.u32(s.priority), |out, time| out.u64(*time));
    user.put(a.word(1), out)?;
    Ok(0)
}

/// sched_setattr(pid, attributes, flags)
pub fn sched_setattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let attributes = context.user().get(a.word(1), ATTRIBUTES as usize, |r| {
        r.u32();
        SchedulingAttributes {
            size: ATTRIBUTES,
            policy: r.u32(),
            flags: r.u64(),
            nice: r.i32(),
            priority: r.u32(),
            times: [r.u64(), r.u64(), r.u64()],
            utilisation: [0; 2],
        }
    })?;
    calls::sched_setattr(a.int(0), &attributes, a.unsigned(2)).now()
}

/// ioprio_get(which, who)
pub fn ioprio_get(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::ioprio_get(a.int(0), a.int(1)).now()
}

/// ioprio_set(which, who, priority)
pub fn ioprio_set(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::ioprio_set(a.int(0), a.int(1), a.int(2)).now()
}

/// getcpu(cpu, node)
pub fn getcpu(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (mut cpu, mut node) = (0u32, 0u32);
    // The scheduler moves threads as it likes.
    if context.process.seeded.is_none() {
        calls::getcpu(&mut cpu, &mut node, 0).now()?;
    }
    let user = context.user();
    user.put_optional(a.word(0), user.writer().u32(cpu))?;
    user.put_optional(a.word(1), user.writer().u32(node))?;
    Ok(0)
}
