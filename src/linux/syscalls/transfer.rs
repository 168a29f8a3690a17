//! Moving bytes: read and write in all their forms.

use super::records::{self, Records};
use super::{Arguments, Context, Reply, random};
use crate::errno::Errno;
use crate::host::calls;
use crate::scheduler::Wait;
use portolan_machine::memory::Intent;

/// read(fd, buffer, count)
pub fn read(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let buffer = context.user().output(a.word(1), a.word(2))?;
    if let Some(seeded) = random::device(context, a.int(0)) {
        return random::fill(context, seeded, &[(a.word(1), a.word(2))]);
    }
    let records = records::of(context, a.int(0));
    let length = context.block(Wait::Readable(a.int(0)), &calls::read(a.int(0), buffer))?;
    if let Some(records) = records {
        rewrite(context, records, &[(a.word(1), length)])?;
    }
    Ok(length)
}

/// Rewrites what was read into these places, as the guest has it.
fn rewrite(context: &Context<'_>, records: Records, places: &[(u64, u64)]) -> Result<(), Errno> {
    let mut bytes = context.user().gather(places)?;
    records.to_guest(context, &mut bytes);
    context.user().scatter(places, &bytes)
}

/// The first of these places, as far as so many bytes reach.
pub fn filled(places: Vec<(u64, u64)>, mut length: u64) -> Vec<(u64, u64)> {
    let part = |(address, room): (u64, u64)| {
        let taken = room.min(length);
        length -= taken;
        (address, taken)
    };
    places.into_iter().map(part).collect()
}

/// write(fd, buffer, count)
pub fn write(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let buffer = context.user().input(a.word(1), a.word(2))?;
    if let Some(records) = records::of(context, a.int(0)) {
        let mut bytes = context.user().bytes(a.word(1), buffer.len())?;
        records.to_host(context, &mut bytes);
        let call = calls::write_own(a.int(0), &bytes);
        return context.block(Wait::Writable(a.int(0)), &call);
    }
    context.block(Wait::Writable(a.int(0)), &calls::write(a.int(0), buffer))
}

/// pread64(fd, buffer, count, offset)
pub fn pread(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let buffer = context.user().output(a.word(1), a.word(2))?;
    if let Some(seeded) = random::device(context, a.int(0)) {
        return random::fill(context, seeded, &[(a.word(1), a.word(2))]);
    }
    context.block(
        Wait::Readable(a.int(0)),
        &calls::pread(a.int(0), buffer, a.long(3)),
    )
}

/// pwrite64(fd, buffer, count, offset)
pub fn pwrite(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let buffer = context.user().input(a.word(1), a.word(2))?;
    context.block(
        Wait::Writable(a.int(0)),
        &calls::pwrite(a.int(0), buffer, a.long(3)),
    )
}

/// readv(fd, vectors, count)
pub fn readv(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let vectors = context
        .user()
        .vectors(a.word(1), a.word(2), Intent::Write)?;
    if let Some(seeded) = random::device(context, a.int(0)) {
        return random::fill(
            context,
            seeded,
            &random::parts(context, a.word(1), a.word(2))?,
        );
    }
    let records = records::of(context, a.int(0));
    let call = calls::readv(a.int(0), &vectors);
    let length = context.block(Wait::Readable(a.int(0)), &call)?;
    if let Some(records) = records {
        let places = random::parts(context, a.word(1), a.word(2))?;
        rewrite(context, records, &filled(places, length))?;
    }
    Ok(length)
}

/// writev(fd, vectors, count)
pub fn writev(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let vectors = context.user().vectors(a.word(1), a.word(2), Intent::Read)?;
    context.block(Wait::Writable(a.int(0)), &calls::writev(a.int(0), &vectors))
}

/// preadv(fd, vectors, count, low, high) and, with flags, preadv2
pub fn preadv(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let offset = position(context, a);
    if offset < 0 && a.word(5) == 0 {
        return Err(Errno::EINVAL);
    }
    preadv2(context, a)
}

/// preadv2(fd, vectors, count, low, high, flags)
pub fn preadv2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let vectors = context
        .user()
        .vectors(a.word(1), a.word(2), Intent::Write)?;
    if let Some(seeded) = random::device(context, a.int(0)) {
        return random::fill(
            context,
            seeded,
            &random::parts(context, a.word(1), a.word(2))?,
        );
    }
    let call = calls::preadv(a.int(0), &vectors, position(context, a), 0, a.int(5));
    context.block(Wait::Readable(a.int(0)), &call)
}

/// pwritev(fd, vectors, count, low, high)
pub fn pwritev(context: &mut Context<'_>, a: &Arguments) -> Reply {
    if position(context, a) < 0 {
        return Err(Errno::EINVAL);
    }
    pwritev2(context, a)
}

/// pwritev2(fd, vectors, count, low, high, flags)
pub fn pwritev2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let vectors = context.user().vectors(a.word(1), a.word(2), Intent::Read)?;
    let call = calls::pwritev(a.int(0), &vectors, position(context, a), 0, a.int(5));
    context.block(Wait::Writable(a.int(0)), &call)
}

/// The offset of preadv, which comes in two words even where one would do.
fn position(context: &Context<'_>, a: &Arguments) -> i64 {
    match context.user().shape.word {
        4 => (a.word(4) << 32 | a.word(3) & 0xffff_ffff).cast_signed(),
        _ => a.long(3),
    }
}

/// An offset that a call reads and changes.
struct Offset {
    address: u64,
    bytes: u8,
    value: Option<i64>,
}

impl Offset {
    fn read(context: &Context<'_>, address: u64, bytes: u8) -> Result<Offset, Errno> {
        let user = context.user();
        let value = match (address, bytes) {
            (0, _) => None,
            (_, 8) => Some(user.read_u64(address)?.cast_signed()),
            _ => Some(i64::from(user.read_u32(address)?.cast_signed())),
        };
        Ok(Offset {
            address,
            bytes,
            value,
        })
    }

    fn write(&self, context: &Context<'_>) -> Result<(), Errno> {
        match (self.value, self.bytes) {
            (None, _) => Ok(()),
            (Some(value), 8) => context
                .user()
                .write_u64(self.address, value.cast_unsigned()),
            (Some(value), _) => context.user().write_u32(self.address, value as u32),
        }
    }
}

/// sendfile(out, in, offset, count)
pub fn sendfile(context: &mut Context<'_>, a: &Arguments) -> Reply {
    send(context, a, context.user().shape.word)
}

/// sendfile64(out, in, offset, count)
pub fn sendfile64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    send(context, a, 8)
}

fn send(context: &Context<'_>, a: &Arguments, bytes: u8) -> Reply {
    let mut offset = Offset::read(context, a.word(2), bytes)?;
    let call = calls::sendfile(a.int(0), a.int(1), offset.value.as_mut(), a.size(3));
    let reply = context.block(Wait::Writable(a.int(0)), &call)?;
    offset.write(context)?;
    Ok(reply)
}

/// copy_file_range(in, in_offset, out, out_offset, length, flags)
pub fn copy_file_range(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut from = Offset::read(context, a.word(1), 8)?;
    let mut to = Offset::read(context, a.word(3), 8)?;
    let reply = calls::copy_file_range(
        a.int(0),
        from.value.as_mut(),
        a.int(2),
        to.value.as_mut(),
        a.size(4),
        a.unsigned(5),
    )
    .now()?;
    from.write(context)?;
    to.write(context)?;
    Ok(reply)
}

/// splice(in, in_offset, out, out_offset, length, flags)
pub fn splice(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut from = Offset::read(context, a.word(1), 8)?;
    let mut to = Offset::read(context, a.word(3), 8)?;
    let call = calls::splice(
        a.int(0),
        from.value.as_mut(),
        a.int(2),
        to.value.as_mut(),
        a.size(4),
        a.unsigned(5),
    );
    let reply = context.block(Wait::Readable(a.int(0)), &call)?;
    from.write(context)?;
    to.write(context)?;
    Ok(reply)
}

/// tee(in, out, length, flags)
pub fn tee(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let call = calls::tee(a.int(0), a.int(1), a.size(2), a.unsigned(3));
    context.block(Wait::Readable(a.int(0)), &call)
}

/// vmsplice(fd, vectors, count, flags)
pub fn vmsplice(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let vectors = context.user().vectors(a.word(1), a.word(2), Intent::Read)?;
    // Without gifts: the pages stay the guest's.
    const SPLICE_F_GIFT: u32 = 8;
    let call = calls::vmsplice(a.int(0), &vectors, a.unsigned(3) & !SPLICE_F_GIFT);
    context.block(Wait::Writable(a.int(0)), &call)
}
