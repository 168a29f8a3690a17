//! Limits of resources, and resources used.
//!
//! The limits are the host's, which the kernel enforces, but for those on address space: the
//! emulator itself needs more than a guest may have. Those are kept and enforced here.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::layout::Writer;
use crate::process::{empty, own_pid};

/// No limit, in 64 bits.
const INFINITY: u64 = u64::MAX;

/// The limits that are kept here, by the host's number: current and highest value.
#[derive(Clone, Copy, Debug)]
pub struct OwnLimits([(i32, [u64; 2]); 2]);

impl Default for OwnLimits {
    fn default() -> Self {
        let unlimited = [INFINITY; 2];
        OwnLimits([
            (libc::RLIMIT_AS as i32, unlimited),
            (libc::RLIMIT_DATA as i32, unlimited),
        ])
    }
}

impl OwnLimits {
    fn get(&mut self, resource: i32) -> Option<&mut [u64; 2]> {
        self.0
            .iter_mut()
            .find(|(number, _)| *number == resource)
            .map(|(_, limit)| limit)
    }
}

/// Refuses to map more than the limit on address space allows.
pub fn check_space(context: &Context<'_>, more: u64) -> Result<(), Errno> {
    let limit = context
        .process
        .limits()
        .get(libc::RLIMIT_AS as i32)
        .map_or(INFINITY, |l| l[0]);
    if limit == INFINITY {
        return Ok(());
    }
    let mappings = context.process.memory.mappings();
    let used: u64 = mappings
        .iter()
        .map(|mapping| mapping.end - mapping.start)
        .sum();
    if used.saturating_add(more) > limit {
        Err(Errno::ENOMEM)
    } else {
        Ok(())
    }
}

/// Reads and, if there are new values, replaces a limit; the result is what it was.
fn exchange(
    context: &Context<'_>,
    pid: i32,
    resource: i32,
    new: Option<[u64; 2]>,
) -> Result<[u64; 2], Errno> {
    let own = pid == 0 || pid == own_pid();
    if own && let Some(limit) = context.process.limits().get(resource) {
        let old = *limit;
        if let Some(new) = new {
            if new[0] > new[1] {
                return Err(Errno::EINVAL);
            }
            if new[1] > old[1] && calls::geteuid().now()? != 0 {
                return Err(Errno::EPERM);
            }
            *limit = new;
        }
        return Ok(old);
    }
    let new = new.map(|[rlim_cur, rlim_max]| libc::rlimit64 { rlim_cur, rlim_max });
    let mut old = empty::<libc::rlimit64>();
    calls::prlimit64(pid, resource, new.as_ref(), Some(&mut old)).now()?;
    Ok([old.rlim_cur, old.rlim_max])
}

fn resource(context: &Context<'_>, guest: u64) -> Result<i32, Errno> {
    let host = context.personality().limits.number_to_host(guest);
    host.map(|number| number as i32).ok_or(Errno::EINVAL)
}

/// prlimit64(pid, resource, new, old)
pub fn prlimit64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, resource) = (context.user(), resource(context, a.word(1))?);
    let new = match a.word(2) {
        0 => None,
        address => Some(user.get(address, 16, |r| [r.u64(), r.u64()])?),
    };
    let old = exchange(context, a.int(0), resource, new)?;
    user.put_optional(a.word(3), user.writer().u64(old[0]).u64(old[1]))?;
    Ok(0)
}

/// getrlimit(resource, limit)
pub fn getrlimit(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let resource = resource(context, a.word(0))?;
    let most = context.personality().abi.constants.no_limit;
    let old = exchange(context, 0, resource, None)?.map(|value| value.min(most));
    context
        .user()
        .put(a.word(1), context.user().writer().long(old[0]).long(old[1]))?;
    Ok(0)
}

/// setrlimit(resource, limit)
pub fn setrlimit(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, resource) = (context.user(), resource(context, a.word(0))?);
    let most = context.personality().abi.constants.no_limit;
    let wide = |value| if value == most { INFINITY } else { value };
    let word = usize::from(user.shape.word);
    let new = user
        .get(a.word(1), 2 * word, |r| [r.long(), r.long()])?
        .map(wide);
    exchange(context, 0, resource, Some(new))?;
    Ok(0)
}

/// `struct rusage`.
pub fn usage(out: Writer, usage: &libc::rusage) -> Writer {
    let times = [usage.ru_utime, usage.ru_stime];
    let out = times.iter().fold(out, |out, t| {
        out.signed_long(t.tv_sec).signed_long(t.tv_usec)
    });
    [
        usage.ru_maxrss,
        usage.ru_ixrss,
        usage.ru_idrss,
        usage.ru_isrss,
        usage.ru_minflt,
        usage.ru_majflt,
        usage.ru_nswap,
        usage.ru_inblock,
        usage.ru_oublock,
        usage.ru_msgsnd,
        usage.ru_msgrcv,
        usage.ru_nsignals,
        usage.ru_nvcsw,
        usage.ru_nivcsw,
    ]
    .iter()
    .fold(out, |out, number| out.signed_long(*number))
}

/// getrusage(who, usage)
pub fn getrusage(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut used = empty::<libc::rusage>();
    calls::getrusage(a.int(0), &mut used).now()?;
    if let Some((clock, own)) = context.thread.clock() {
        // What a process with the interpreter around it takes of memory says nothing.
        used = empty();
        let time = match a.int(0) {
            libc::RUSAGE_SELF => clock.run(),
            libc::RUSAGE_THREAD => own,
            _ => 0,
        };
        (used.ru_utime.tv_sec, used.ru_utime.tv_usec) = (
            (time / 1_000_000_000) as i64,
            (time % 1_000_000_000 / 1000) as i64,
        );
    }
    context
        .user()
        .put(a.word(1), usage(context.user().writer(), &used))?;
    Ok(0)
}
