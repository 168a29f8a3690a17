//! Waiting for any of several descriptors: poll and select.

use super::signals::Temporary;
use super::time::{self, Width};
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{List, SetSized, calls};
use crate::scheduler::Wait;
use libc::timespec;

/// The most descriptors that poll takes: more than any process can have open.
const DESCRIPTORS_MAX: u64 = 1 << 20;

/// poll(list, count, milliseconds)
pub fn poll(context: &mut Context<'_>, a: &Arguments) -> Reply {
    wait(context, a, time::milliseconds(a.int(2)).as_mut(), None)
}

/// ppoll(list, count, timeout, mask, size)
pub fn ppoll(context: &mut Context<'_>, a: &Arguments) -> Reply {
    timed(context, a, Width::Word)
}

/// ppoll_time64(list, count, timeout, mask, size)
pub fn ppoll64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    timed(context, a, Width::Wide)
}

fn timed(context: &mut Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mut timeout = time::read_optional(context, a.word(2), width)?;
    let mask = Temporary::read(context, a.word(3), a.word(4))?;
    let reply = wait(context, a, timeout.as_mut(), mask);
    if let Some(rest) = timeout {
        // As in the kernel, a timeout that cannot be stored is no error.
        let _ = time::write(context, a.word(2), &rest, width);
    }
    reply
}

fn wait(
    context: &mut Context<'_>,
    a: &Arguments,
    timeout: Option<&mut timespec>,
    mask: Option<Temporary>,
) -> Reply {
    const ENTRY: u64 = 8;
    let (user, count) = (context.user(), u64::from(a.unsigned(1)));
    if count > DESCRIPTORS_MAX {
        return Err(Errno::EINVAL);
    }
    let translation = &context.personality().poll;
    let mut list = user.get(a.word(0), (count * ENTRY) as usize, |r| {
        let read = |_| {
            let (fd, events) = (
                r.i32(),
                translation.flags_to_host(u64::from(r.u16())) as i16,
            );
            r.u16();
            libc::pollfd {
                fd,
                events,
                revents: 0,
            }
        };
        (0..count).map(read).collect::<Vec<_>>()
    })?;
    let waited = timeout.as_deref().copied();
    let reply = Temporary::during(context, mask, |context, mask| {
        if list.is_empty() && waited.is_some_and(|waited| time::skip(context, waited)) {
            return Ok(0);
        }
        let call = calls::ppoll(List(&mut list), timeout, mask, 8);
        timed_out(
            context,
            context.block_once(Wait::Descriptors, &call),
            waited,
        )
    })?;
    for (index, entry) in (0u64..).zip(&list) {
        let events = translation.flags_to_guest(u64::from(entry.revents.cast_unsigned())) as u16;
        let address = a.word(0).wrapping_add(index * ENTRY + 6);
        user.put(address, user.writer().u16(events))?;
    }
    Ok(reply)
}

/// Lets the time pass that a call waited for nothing.
fn timed_out(context: &Context<'_>, reply: Reply, waited: Option<timespec>) -> Reply {
    if let (Ok(0), Some(waited)) = (reply, waited) {
        time::passed(context, waited);
    }
    reply
}

/// A set of descriptors of select: 1024 bits in words of the guest's.
struct Set {
    address: u64,
    words: u64,
    bits: Option<[u64; 16]>,
}

impl Set {
    fn read(context: &Context<'_>, address: u64, count: u64) -> Result<Set, Errno> {
        let user = context.user();
        let width = u64::from(user.shape.word) * 8;
        let words = count.div_ceil(width);
        if address == 0 {
            return Ok(Set {
                address,
                words,
                bits: None,
            });
        }
        let bytes = (words * width / 8) as usize;
        let bits = user.get(address, bytes, |r| {
            let mut bits = [0; 16];
            for word in 0..words {
                let bit = word * width;
                bits[(bit / 64) as usize] |= r.long() << (bit % 64);
            }
            bits
        })?;
        Ok(Set {
            address,
            words,
            bits: Some(bits),
        })
    }

    fn write(&self, context: &Context<'_>) -> Result<(), Errno> {
        let Some(bits) = self.bits else { return Ok(()) };
        let user = context.user();
        let width = u64::from(user.shape.word) * 8;
        let out = (0..self.words).fold(user.writer(), |out, word| {
            let bit = word * width;
            out.long(bits[(bit / 64) as usize] >> (bit % 64))
        });
        user.put(self.address, out)
    }
}

/// pselect6(count, read, write, except, timeout, mask)
pub fn pselect6(context: &mut Context<'_>, a: &Arguments) -> Reply {
    select_timed(context, a, Width::Word)
}

/// pselect6_time64(count, read, write, except, timeout, mask)
pub fn pselect6_64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    select_timed(context, a, Width::Wide)
}

fn select_timed(context: &mut Context<'_>, a: &Arguments, width: Width) -> Reply {
    let mut timeout = time::read_optional(context, a.word(4), width)?;
    let mask = match a.word(5) {
        0 => None,
        address => {
            let word = usize::from(context.user().shape.word);
            let (set, size) = context
                .user()
                .get(address, 2 * word, |r| (r.long(), r.long()))?;
            Temporary::read(context, set, size)?
        }
    };
    let reply = select_sets(context, a, timeout.as_mut(), mask);
    if let Some(rest) = timeout {
        let _ = time::write(context, a.word(4), &rest, width);
    }
    reply
}

/// select(count, read, write, except, timeout)
pub fn select(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut timeout = time::read_optional(context, a.word(4), Width::Word)?;
    if let Some(time) = &mut timeout {
        time.tv_sec += time.tv_nsec / 1_000_000;
        time.tv_nsec = time.tv_nsec % 1_000_000 * 1000;
    }
    let reply = select_sets(context, a, timeout.as_mut(), None);
    if let Some(rest) = timeout {
        let rest = timespec {
            tv_nsec: rest.tv_nsec / 1000,
            ..rest
        };
        let _ = time::write(context, a.word(4), &rest, Width::Word);
    }
    reply
}

fn select_sets(
    context: &mut Context<'_>,
    a: &Arguments,
    timeout: Option<&mut timespec>,
    mask: Option<Temporary>,
) -> Reply {
    // Bits above the host's sets cannot be set: no descriptor is that high there.
    let count = u64::try_from(a.int(0))
        .map_err(|_| Errno::EINVAL)?
        .min(1024);
    let set = |index| Set::read(context, a.word(index), count);
    let (mut read, mut write, mut except) = (set(1)?, set(2)?, set(3)?);
    let waited = timeout.as_deref().copied();
    let reply = Temporary::during(context, mask, |context, mask| {
        if count == 0 && waited.is_some_and(|waited| time::skip(context, waited)) {
            return Ok(0);
        }
        let sized = SetSized {
            pointer: mask.map_or(0, |mask| std::ptr::from_ref(mask) as usize),
            size: 8,
        };
        let call = calls::pselect6(
            count as i32,
            read.bits.as_mut(),
            write.bits.as_mut(),
            except.bits.as_mut(),
            timeout,
            &sized,
        );
        timed_out(
            context,
            context.block_once(Wait::Descriptors, &call),
            waited,
        )
    })?;
    for set in [read, write, except] {
        set.write(context)?;
    }
    Ok(reply)
}
