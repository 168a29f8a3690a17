//! Opening, closing and controlling files.

use super::{Arguments, Context, Reply, positions};
use crate::constants;
use crate::errno::Errno;
use crate::host::{OwnerEx, calls, constants as host};
use crate::layout::Layout;
use crate::paths::proc_file;
use crate::process::{empty, own_pid};
use crate::scheduler::Wait;
use std::ffi::CStr;

/// openat(dir, path, flags, mode)
pub fn openat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    open(context, a.int(0), a.word(1), a.word(2), a.unsigned(3))
}

/// open(path, flags, mode)
pub fn open_here(context: &mut Context<'_>, a: &Arguments) -> Reply {
    open(context, libc::AT_FDCWD, a.word(0), a.word(1), a.unsigned(2))
}

/// creat(path, mode)
pub fn creat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let named = |name| constants::value(context.personality().abi.constants.open, name);
    let flags = ["O_CREAT", "O_WRONLY", "O_TRUNC"]
        .into_iter()
        .filter_map(named);
    let flags = flags.fold(0, |all, flag| all | flag);
    open(context, libc::AT_FDCWD, a.word(0), flags, a.unsigned(1))
}

fn open(context: &mut Context<'_>, dir: i32, path: u64, flags: u64, mode: u32) -> Reply {
    let flags = context.personality().open.flags_to_host(flags) as i32;
    let path = context.own_proc(context.user().path(path)?);
    if let Some(contents) = own_contents(context, &path) {
        return open_contents(&path, &contents, flags);
    }
    let flags = match context.screen_file(&path) {
        // Devices are neither made nor cut off.
        Some(_) => flags & !(libc::O_CREAT | libc::O_EXCL | libc::O_TRUNC | libc::O_NOFOLLOW),
        None => flags,
    };
    let path = context.host_path(dir, path, follows(flags))?;
    context.block(Wait::Opening, &calls::openat(dir, &path, flags, mode))
}

/// Whether open follows a link at the end of the path.
fn follows(flags: i32) -> bool {
    let creates = libc::O_CREAT | libc::O_EXCL;
    flags & libc::O_NOFOLLOW == 0 && flags & creates != creates
}

/// openat2(dir, path, how, size)
pub fn openat2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const SIZE: u64 = 24;
    if a.word(3) < SIZE {
        return Err(Errno::EINVAL);
    }
    let (flags, mode, resolve) = context
        .user()
        .get(a.word(2), SIZE as usize, |r| (r.u64(), r.u64(), r.u64()))?;
    let flags = context.personality().open.flags_to_host(flags);
    let path = context.path(a.int(0), a.word(1), follows(flags as i32))?;
    let mut how = empty::<libc::open_how>();
    (how.flags, how.mode, how.resolve) = (flags, mode, resolve);
    let call = calls::openat2(a.int(0), &path, &how, size_of_val(&how));
    context.block(Wait::Opening, &call)
}

/// The contents of a file of `/proc` that is about the guest.
fn own_contents(context: &Context<'_>, path: &CStr) -> Option<Vec<u8>> {
    const UUID: &[u8] = b"/proc/sys/kernel/random/uuid";
    if let Some(seeded) = context
        .process
        .seeded
        .as_ref()
        .filter(|_| path.to_bytes() == UUID)
    {
        return Some(super::random::uuid(seeded));
    }
    let file = proc_file(path, own_pid() as u32)?;
    context.process.proc_contents(file)
}

fn open_contents(name: &CStr, contents: &[u8], flags: i32) -> Reply {
    if flags & libc::O_ACCMODE != libc::O_RDONLY {
        return Err(Errno::EACCES);
    }
    let close = if flags & libc::O_CLOEXEC != 0 {
        libc::MFD_CLOEXEC
    } else {
        0
    };
    let fd = calls::memfd_create(name, close).now()?;
    let filled = fill(fd as i32, contents);
    if filled.is_err() {
        calls::close(fd as i32).now()?;
    }
    filled.map(|()| fd)
}

fn fill(fd: i32, mut contents: &[u8]) -> Result<(), Errno> {
    while !contents.is_empty() {
        let written = calls::write_own(fd, contents).now()?;
        contents = &contents[written as usize..];
    }
    calls::lseek(fd, 0, libc::SEEK_SET).now()?;
    Ok(())
}

/// The descriptors that the emulator keeps for itself; to the guest they are closed.
fn own_descriptors(context: &Context<'_>) -> Vec<i32> {
    let tracer = context.process.options.tracer.as_ref();
    tracer.map_or_else(Vec::new, |tracer| tracer.descriptors())
}

/// close(fd)
pub fn close(context: &mut Context<'_>, a: &Arguments) -> Reply {
    if own_descriptors(context).contains(&a.int(0)) {
        return Err(Errno::EBADF);
    }
    calls::close(a.int(0)).now()
}

/// close_range(first, last, flags)
pub fn close_range(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (mut first, last, flags) = (a.unsigned(0), a.unsigned(1), a.unsigned(2));
    let mut kept: Vec<u32> = own_descriptors(context)
        .into_iter()
        .map(i32::cast_unsigned)
        .collect();
    kept.retain(|own| (first..=last).contains(own));
    kept.sort_unstable();
    for own in kept {
        if first < own {
            calls::close_range(first, own - 1, flags).now()?;
        }
        first = own + 1;
    }
    match first <= last || a.unsigned(0) > last {
        true => calls::close_range(first, last, flags).now(),
        false => Ok(0),
    }
}

/// dup(fd)
pub fn dup(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::dup(a.int(0)).now()
}

/// dup2(old, new)
pub fn dup2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (old, new) = (a.int(0), a.int(1));
    if old == new {
        calls::fcntl(old, libc::F_GETFD, 0).now()?;
        return Ok(new as u64);
    }
    duplicate(context, old, new, 0)
}

/// dup3(old, new, flags)
pub fn dup3(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let flags = context.personality().open.flags_to_host(a.word(2));
    duplicate(context, a.int(0), a.int(1), flags as i32)
}

fn duplicate(context: &Context<'_>, old: i32, new: i32, flags: i32) -> Reply {
    if own_descriptors(context).contains(&new) {
        return Err(Errno::EBUSY);
    }
    calls::dup3(old, new, flags).now()
}

/// fcntl(fd, command, argument)
pub fn fcntl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    control(context, a, false)
}

/// fcntl64(fd, command, argument): locks of files that a 32-bit guest cannot otherwise name all of.
pub fn fcntl64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    control(context, a, true)
}

/// The host's command for a guest's, and the layout of the lock that it is about.
fn command(context: &Context<'_>, number: u64, large: bool) -> Option<(i32, &'static Layout)> {
    let personality = context.personality();
    let layouts = &personality.abi.layouts;
    let name = constants::name(personality.abi.constants.fcntl, number)?;
    let narrow = context.user().shape.word == 4;
    let (plain, wide) = match name.strip_suffix("64") {
        Some(_) if !narrow => return None,
        Some(plain) => (plain, true),
        None => (name, name.starts_with("F_OFD_")),
    };
    if wide && narrow && !large {
        return None;
    }
    let host = constants::value(host::FCNTL, plain)?;
    let layout = match wide {
        true => &layouts.flock64,
        false => &layouts.flock,
    };
    Some((host as i32, layout))
}

fn control(context: &mut Context<'_>, a: &Arguments, large: bool) -> Reply {
    let personality = context.personality();
    let Some((command, flock)) = command(context, a.word(1), large) else {
        calls::fcntl(a.int(0), libc::F_GETFD, 0).now()?;
        return Err(Errno::EINVAL);
    };
    let (fd, argument) = (a.int(0), a.word(2));
    let plain = |argument| calls::fcntl(fd, command, argument).now();
    match command {
        libc::F_GETFL => Ok(personality.open.flags_to_guest(plain(0)?)),
        libc::F_SETFL => plain(personality.open.flags_to_host(argument)),
        libc::F_GETLK | libc::F_OFD_GETLK => lock(context, fd, command, argument, flock),
        libc::F_SETLK | libc::F_OFD_SETLK => lock(context, fd, command, argument, flock),
        libc::F_SETLKW | libc::F_OFD_SETLKW => lock(context, fd, command, argument, flock),
        SETSIG => match argument {
            0 => plain(0),
            signal => {
                let signal = personality
                    .host_signal(signal as i32)
                    .ok_or(Errno::EINVAL)?;
                plain(signal as u64)
            }
        },
        GETSIG => plain(0).map(|signal| personality.guest_signal(signal as i32) as u64),
        SETOWN_EX | GETOWN_EX => owner(context, fd, command, argument),
        libc::F_SETOWN => {
            let pid = context.process.host_pid(argument as i32);
            plain(i64::from(pid).cast_unsigned())
        }
        libc::F_GETOWN => plain(0).map(|pid| context.process.guest_pid(pid as i32) as u64),
        _ => plain(argument),
    }
}

const SETSIG: i32 = 10;
const GETSIG: i32 = 11;
const SETOWN_EX: i32 = 15;
const GETOWN_EX: i32 = 16;

fn lock(context: &mut Context<'_>, fd: i32, command: i32, address: u64, layout: &Layout) -> Reply {
    let user = context.user();
    let bytes = user.structure(address, layout)?;
    // Sign-extended where the guest's fields are narrower than the host's.
    let get = |name| {
        let bits = layout
            .field(name)
            .map_or(8, |field| u32::from(field.bytes) * 8);
        let value = layout.decode(user.shape, &bytes, name);
        (value << (64 - bits)).cast_signed() >> (64 - bits)
    };
    let mut lock = empty::<libc::flock64>();
    lock.l_type = get("l_type") as i16;
    lock.l_whence = get("l_whence") as i16;
    (lock.l_start, lock.l_len) = (get("l_start"), get("l_len"));
    lock.l_pid = get("l_pid") as i32;
    let reply = {
        let call = calls::fcntl_lock(fd, command, &mut lock);
        match command {
            libc::F_SETLKW | libc::F_OFD_SETLKW => context.block(Wait::Lock(fd), &call)?,
            _ => call.now()?,
        }
    };
    if command == libc::F_GETLK || command == libc::F_OFD_GETLK {
        let values = [
            ("l_type", i64::from(lock.l_type)),
            ("l_whence", i64::from(lock.l_whence)),
            ("l_start", lock.l_start),
            ("l_len", lock.l_len),
            ("l_pid", i64::from(lock.l_pid)),
        ]
        .map(|(name, value)| (name, value.cast_unsigned()));
        user.write(address, &layout.encode(user.shape, &values))?;
    }
    Ok(reply)
}

fn owner(context: &mut Context<'_>, fd: i32, command: i32, address: u64) -> Reply {
    let user = context.user();
    let (kind, id) = user.get(address, 8, |r| (r.i32(), r.i32()))?;
    let mut owner = OwnerEx {
        kind,
        id: context.process.host_pid(id),
    };
    let reply = calls::fcntl_owner(fd, command, &mut owner).now()?;
    if command == GETOWN_EX {
        let id = context.process.guest_pid(owner.id);
        user.put(address, user.writer().i32(owner.kind).i32(id))?;
    }
    Ok(reply)
}

/// flock(fd, operation)
pub fn flock(context: &mut Context<'_>, a: &Arguments) -> Reply {
    context.block(Wait::Lock(a.int(0)), &calls::flock(a.int(0), a.int(1)))
}

/// lseek(fd, offset, whence)
pub fn lseek(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let reached = positions::seek(context, a.int(0), a.long(1), a.int(2))?;
    match context.user().shape.word {
        4 if reached > i32::MAX as u64 => Err(Errno::EOVERFLOW),
        _ => Ok(reached),
    }
}

/// _llseek(fd, high, low, result, whence)
pub fn llseek(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let offset = (a.word(1) << 32 | a.word(2) & 0xffff_ffff).cast_signed();
    let position = positions::seek(context, a.int(0), offset, a.int(4))?;
    context.user().write_u64(a.word(3), position)?;
    Ok(0)
}

/// truncate(path, length)
pub fn truncate(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(libc::AT_FDCWD, a.word(0), true)?;
    calls::truncate(&path, a.long(1)).now()
}

/// ftruncate(fd, length)
pub fn ftruncate(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::ftruncate(a.int(0), a.long(1)).now()
}

/// fallocate(fd, mode, offset, length)
pub fn fallocate(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fallocate(a.int(0), a.int(1), a.long(2), a.long(3)).now()
}

/// fadvise64(fd, offset, length, advice)
pub fn fadvise(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fadvise(a.int(0), a.long(1), a.long(2), a.int(3)).now()
}

/// readahead(fd, offset, count)
pub fn readahead(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::readahead(a.int(0), a.long(1), a.size(2)).now()
}

/// fsync(fd)
pub fn fsync(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fsync(a.int(0)).now()
}

/// fdatasync(fd)
pub fn fdatasync(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fdatasync(a.int(0)).now()
}

/// syncfs(fd)
pub fn syncfs(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::syncfs(a.int(0)).now()
}

/// sync()
pub fn sync(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::sync().now()
}

/// sync_file_range(fd, offset, length, flags)
pub fn sync_file_range(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::sync_file_range(a.int(0), a.long(1), a.long(2), a.unsigned(3)).now()
}

/// memfd_create(name, flags)
pub fn memfd_create(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const NAME_MAX: usize = 250;
    let name = context
        .user()
        .string(a.word(0), NAME_MAX)
        .map_err(|errno| match errno {
            Errno::ERANGE => Errno::EINVAL,
            other => other,
        })?;
    calls::memfd_create(&name, a.unsigned(1)).now()
}

/// umask(mask)
pub fn umask(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::umask(a.unsigned(0)).now()
}
