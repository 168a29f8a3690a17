//! Handles of files, and watching whole file systems.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls::{self, FileHandle};
use crate::process::empty;
use crate::scheduler::Wait;
use crate::syscalls::sockets::order::HOST;

/// Bytes before the handle itself: its length and its type.
const HEAD: u64 = 8;

fn read(context: &Context<'_>, address: u64) -> Result<FileHandle, Errno> {
    let user = context.user();
    let mut handle = empty::<FileHandle>();
    (handle.length, handle.kind) = user.get(address, HEAD as usize, |r| (r.u32(), r.i32()))?;
    if handle.length as usize > handle.bytes.len() {
        return Err(Errno::EINVAL);
    }
    Ok(handle)
}

/// name_to_handle_at(dir, path, handle, mount, flags)
pub fn name_to_handle_at(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const UNIQUE_MOUNT: i32 = 1;
    let (user, flags) = (context.user(), a.int(4));
    let path = context.path(a.int(0), a.word(1), flags & libc::AT_SYMLINK_FOLLOW != 0)?;
    let mut handle = read(context, a.word(2))?;
    let mut mount = 0;
    let reply = calls::name_to_handle_at(a.int(0), &path, &mut handle, &mut mount, flags).now();
    if reply.is_ok() || reply == Err(Errno::EOVERFLOW) {
        // How long it would be is told in any case.
        let head = user.writer().u32(handle.length).i32(handle.kind);
        let length = match reply {
            Ok(_) => (handle.length as usize).min(handle.bytes.len()),
            Err(_) => 0,
        };
        user.put(a.word(2), head.raw(&handle.bytes[..length]))?;
        match flags & UNIQUE_MOUNT {
            0 => user.write_u32(a.word(3), mount as u32)?,
            _ => user.write_u64(a.word(3), mount)?,
        }
    }
    reply
}

/// open_by_handle_at(mount, handle, flags)
pub fn open_by_handle_at(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut handle = read(context, a.word(1))?;
    let length = handle.length as usize;
    let bytes = context.user().bytes(a.word(1).wrapping_add(HEAD), length)?;
    handle.bytes[..length].copy_from_slice(&bytes);
    let flags = context.personality().open.flags_to_host(a.word(2)) as i32;
    let call = calls::open_by_handle_at(a.int(0), &mut handle, flags);
    context.block(Wait::Opening, &call)
}

/// What a fanotify descriptor gives is made of numbers in the host's byte order.
fn offered(context: &Context<'_>) -> Result<(), Errno> {
    match context.user().shape.order == HOST.order {
        true => Ok(()),
        false => Err(Errno::ENOSYS),
    }
}

/// fanotify_init(flags, event_flags)
pub fn fanotify_init(context: &mut Context<'_>, a: &Arguments) -> Reply {
    offered(context)?;
    let events = context.personality().open.flags_to_host(a.word(1));
    calls::fanotify_init(a.unsigned(0), events as u32).now()
}

/// fanotify_mark(fd, flags, mask, dir, path)
pub fn fanotify_mark(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const DONT_FOLLOW: u32 = 4;
    offered(context)?;
    let follow = a.unsigned(1) & DONT_FOLLOW == 0;
    let path = match a.word(4) {
        0 => None,
        address => Some(context.path(a.int(3), address, follow)?),
    };
    calls::fanotify_mark(
        a.int(0),
        a.unsigned(1),
        a.word(2),
        a.int(3),
        path.as_deref(),
    )
    .now()
}
