//! Random bytes: the host's, or those of a seed.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::process::empty;
use crate::scheduler::Wait;
use crate::seeded::Seeded;

/// getrandom(buffer, length, flags)
pub fn getrandom(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const INSECURE: u32 = 4;
    let buffer = context.user().output(a.word(0), a.word(1))?;
    let Some(seeded) = &context.process.seeded else {
        return context.block(Wait::Soon, &calls::getrandom(buffer, a.unsigned(2)));
    };
    let flags = a.unsigned(2);
    let both = libc::GRND_RANDOM | INSECURE;
    if flags & !(libc::GRND_NONBLOCK | both) != 0 || flags & both == both {
        return Err(Errno::EINVAL);
    }
    fill(context, seeded, &[(a.word(0), a.word(1))])
}

/// In a seeded process, whether a descriptor is one of the random devices.
pub fn device<'a>(context: &Context<'a>, fd: i32) -> Option<&'a Seeded> {
    const MEMORY_DEVICES: u32 = 1;
    const RANDOM: u32 = 8;
    const URANDOM: u32 = 9;
    let seeded = context.process.seeded.as_ref()?;
    let mut status = empty::<libc::statx>();
    let flags = libc::AT_EMPTY_PATH;
    calls::statx(fd, c"", flags, libc::STATX_TYPE, &mut status)
        .now()
        .ok()?;
    let random = u32::from(status.stx_mode) & libc::S_IFMT == libc::S_IFCHR
        && status.stx_rdev_major == MEMORY_DEVICES
        && matches!(status.stx_rdev_minor, RANDOM | URANDOM);
    // What may not be read is refused by the host.
    let flags = calls::fcntl(fd, libc::F_GETFL, 0).now().ok()? as i32;
    (random && flags & libc::O_ACCMODE != libc::O_WRONLY).then_some(seeded)
}

/// Addresses and lengths of a scatter list that was checked.
pub fn parts(context: &Context<'_>, address: u64, count: u64) -> Result<Vec<(u64, u64)>, Errno> {
    let user = context.user();
    let entry = usize::from(user.shape.word) * 2;
    user.get(address, count as usize * entry, |r| {
        (0..count).map(|_| (r.long(), r.long())).collect()
    })
}

/// Fills memory with the seed's bytes; what precedes a bad address is filled.
pub fn fill(context: &Context<'_>, seeded: &Seeded, parts: &[(u64, u64)]) -> Reply {
    /// What read transfers at most.
    const MOST: u64 = 0x7fff_f000;
    const CHUNK: u64 = 4096;
    let mut done = 0;
    for &(start, length) in parts {
        let mut at = 0;
        while at < length && done < MOST {
            let mut bytes = vec![0; CHUNK.min(length - at).min(MOST - done) as usize];
            seeded.fill(&mut bytes);
            match context.user().write(start.wrapping_add(at), &bytes) {
                Err(errno) if done == 0 => return Err(errno),
                Err(_) => return Ok(done),
                Ok(()) => {}
            }
            at += bytes.len() as u64;
            done += bytes.len() as u64;
        }
    }
    Ok(done)
}

/// What the kernel's file `random/uuid` says: a new one each time.
pub fn uuid(seeded: &Seeded) -> Vec<u8> {
    let mut bytes = [0; 16];
    seeded.fill(&mut bytes);
    // RFC 9562, section 5.4: random.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    text.push('\n');
    text.into_bytes()
}
