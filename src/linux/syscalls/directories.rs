//! Directories: what is in them, and their entries' coming and going.

use super::{Arguments, Context, Reply, positions};
use crate::errno::Errno;
use crate::host::calls;
use crate::layout::{Shape, Writer};
use crate::paths::{self, c_path};
use crate::process::own_pid;
use std::path::Path;

const HERE: i32 = libc::AT_FDCWD;
/// The largest buffer that getdents fills at once.
const ENTRIES_MAX: u64 = 1 << 20;

/// getdents64(fd, buffer, count)
pub fn getdents64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    entries(context, a, encode_entry64)
}

/// getdents(fd, buffer, count)
pub fn getdents(context: &mut Context<'_>, a: &Arguments) -> Reply {
    entries(context, a, encode_entry)
}

type Encode = fn(Shape, &Entry<'_>) -> Vec<u8>;

fn entries(context: &mut Context<'_>, a: &Arguments, encode: Encode) -> Reply {
    let user = context.user();
    let mut bytes = vec![0; u64::from(a.unsigned(2)).min(ENTRIES_MAX) as usize];
    let mut out = Vec::with_capacity(bytes.len());
    // No entries would be the end of the directory.
    while out.is_empty() {
        let length = calls::getdents64(a.int(0), &mut bytes).now()?;
        if length == 0 {
            break;
        }
        for mut entry in Entries(&bytes[..length as usize]) {
            if user.shape.word == 4 {
                entry.next = context.process.positions().number(entry.next);
            }
            if !is_emulators_thread(context, a.int(0), entry.name) {
                out.extend(encode(user.shape, &entry));
            }
        }
    }
    user.write(a.word(1), &out)?;
    Ok(out.len() as u64)
}

/// Whether an entry is that of a thread in this process' directory of them, but of none of the
/// program's: the emulator has one that compiles.
fn is_emulators_thread(context: &Context<'_>, directory: i32, name: &[u8]) -> bool {
    let tid: Option<i32> = std::str::from_utf8(name)
        .ok()
        .and_then(|name| name.parse().ok());
    // The first thread stays there when it has ended.
    if tid.is_none_or(|tid| tid == own_pid() || context.process.threads.has(tid)) {
        return false;
    }
    let path = std::fs::read_link(format!("/proc/self/fd/{directory}"));
    path.is_ok_and(|path| path == Path::new(&format!("/proc/{}/task", own_pid())))
}

/// One entry of a directory.
struct Entry<'a> {
    inode: u64,
    next: u64,
    kind: u8,
    name: &'a [u8],
}

/// The entries as the host's `getdents64` writes them.
struct Entries<'a>(&'a [u8]);

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let number = |at: usize| Some(u64::from_ne_bytes(self.0.get(at..at + 8)?.try_into().ok()?));
        let (inode, next) = (number(0)?, number(8)?);
        let length = u16::from_ne_bytes(self.0.get(16..18)?.try_into().ok()?);
        let kind = *self.0.get(18)?;
        let name = self.0.get(19..usize::from(length))?;
        let end = name
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(name.len());
        let entry = Entry {
            inode,
            next,
            kind,
            name: &name[..end],
        };
        self.0 = &self.0[usize::from(length)..];
        Some(entry)
    }
}

fn encode_entry64(shape: Shape, entry: &Entry<'_>) -> Vec<u8> {
    let length = (19 + entry.name.len() + 1).next_multiple_of(8);
    let head = Writer::new(shape)
        .u64(entry.inode)
        .u64(entry.next)
        .u16(length as u16);
    head.u8(entry.kind).raw(entry.name).pad(length).finish()
}

/// The old layout: words of the guest's width, and the kind in the last byte.
fn encode_entry(shape: Shape, entry: &Entry<'_>) -> Vec<u8> {
    let word = usize::from(shape.word);
    let length = (2 * word + 2 + entry.name.len() + 2).next_multiple_of(word);
    let head = Writer::new(shape)
        .long(entry.inode)
        .long(entry.next)
        .u16(length as u16);
    head.raw(entry.name).pad(length - 1).u8(entry.kind).finish()
}

/// readdir(fd, entry, 1): one entry, in a layout of its own.
pub fn readdir(context: &mut Context<'_>, a: &Arguments) -> Reply {
    /// An entry with the longest name.
    const ENTRY: usize = 19 + 256 + 5;
    let (fd, user) = (a.int(0), context.user());
    let mut bytes = [0; ENTRY];
    let here = positions::seek(context, fd, 0, libc::SEEK_CUR)?;
    let length = calls::getdents64(fd, &mut bytes).now()?;
    let Some(entry) = Entries(&bytes[..length as usize]).next() else {
        return Ok(0);
    };
    calls::lseek(fd, entry.next.cast_signed(), libc::SEEK_SET).now()?;
    let head = user.writer().long(entry.inode).long(here);
    let head = head.u16(entry.name.len() as u16);
    user.put(a.word(1), head.raw(entry.name).u8(0))?;
    Ok(1)
}

/// getcwd(buffer, size)
pub fn getcwd(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = std::env::current_dir().map_err(|error| Errno::from_io(&error))?;
    let path = c_path(&context.process.paths.guest(&path));
    let bytes = path.as_bytes_with_nul();
    if bytes.len() as u64 > a.word(1) {
        return Err(Errno::ERANGE);
    }
    context.user().write(a.word(0), bytes)?;
    Ok(bytes.len() as u64)
}

/// chdir(path)
pub fn chdir(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::chdir(&context.path(HERE, a.word(0), true)?).now()
}

/// fchdir(fd)
pub fn fchdir(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fchdir(a.int(0)).now()
}

/// chroot(path)
pub fn chroot(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::chroot(&context.path(HERE, a.word(0), true)?).now()
}

/// mkdirat(dir, path, mode)
pub fn mkdirat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(a.int(0), a.word(1), false)?;
    calls::mkdirat(a.int(0), &path, a.unsigned(2)).now()
}

/// mkdir(path, mode)
pub fn mkdir(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(HERE, a.word(0), false)?;
    calls::mkdirat(HERE, &path, a.unsigned(1)).now()
}

/// unlinkat(dir, path, flags)
pub fn unlinkat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(a.int(0), a.word(1), false)?;
    calls::unlinkat(a.int(0), &path, a.int(2)).now()
}

/// unlink(path)
pub fn unlink(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::unlinkat(HERE, &context.path(HERE, a.word(0), false)?, 0).now()
}

/// rmdir(path)
pub fn rmdir(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::unlinkat(
        HERE,
        &context.path(HERE, a.word(0), false)?,
        libc::AT_REMOVEDIR,
    )
    .now()
}

/// renameat2(old_dir, old, new_dir, new, flags) and, without flags, renameat
pub fn renameat2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let from = context.path(a.int(0), a.word(1), false)?;
    let to = context.path(a.int(2), a.word(3), false)?;
    calls::renameat2(a.int(0), &from, a.int(2), &to, a.unsigned(4)).now()
}

/// rename(old, new)
pub fn rename(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let from = context.path(HERE, a.word(0), false)?;
    let to = context.path(HERE, a.word(1), false)?;
    calls::renameat2(HERE, &from, HERE, &to, 0).now()
}

/// linkat(old_dir, old, new_dir, new, flags)
pub fn linkat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let follow = a.int(4) & libc::AT_SYMLINK_FOLLOW != 0;
    let from = context.path(a.int(0), a.word(1), follow)?;
    let to = context.path(a.int(2), a.word(3), false)?;
    calls::linkat(a.int(0), &from, a.int(2), &to, a.int(4)).now()
}

/// link(old, new)
pub fn link(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let from = context.path(HERE, a.word(0), false)?;
    let to = context.path(HERE, a.word(1), false)?;
    calls::linkat(HERE, &from, HERE, &to, 0).now()
}

/// symlinkat(target, dir, path)
pub fn symlinkat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let target = context.user().path(a.word(0))?;
    let path = context.path(a.int(1), a.word(2), false)?;
    calls::symlinkat(&target, a.int(1), &path).now()
}

/// symlink(target, path)
pub fn symlink(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let target = context.user().path(a.word(0))?;
    let path = context.path(HERE, a.word(1), false)?;
    calls::symlinkat(&target, HERE, &path).now()
}

/// mknodat(dir, path, mode, device)
pub fn mknodat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(a.int(0), a.word(1), false)?;
    calls::mknodat(a.int(0), &path, a.unsigned(2), u64::from(a.unsigned(3))).now()
}

/// mknod(path, mode, device)
pub fn mknod(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(HERE, a.word(0), false)?;
    calls::mknodat(HERE, &path, a.unsigned(1), u64::from(a.unsigned(2))).now()
}

/// mount(source, target, type, flags, data)
pub fn mount(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let optional = |address| {
        if address == 0 {
            Ok(None)
        } else {
            user.path(address).map(Some)
        }
    };
    let (source, kind, data) = (
        optional(a.word(0))?,
        optional(a.word(2))?,
        optional(a.word(4))?,
    );
    let target = context.path(HERE, a.word(1), true)?;
    calls::mount(
        source.as_deref(),
        &target,
        kind.as_deref(),
        a.word(3),
        data.as_deref(),
    )
    .now()
}

/// umount2(target, flags)
pub fn umount2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::umount2(&context.path(HERE, a.word(0), true)?, a.int(1)).now()
}

/// umount(target)
pub fn umount(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::umount2(&context.path(HERE, a.word(0), true)?, 0).now()
}

/// inotify_init() and, with flags, inotify_init1
pub fn inotify_init1(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::inotify_init1(context.personality().open.flags_to_host(a.word(0)) as i32).now()
}

/// inotify_add_watch(fd, path, mask)
pub fn inotify_add_watch(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(HERE, a.word(1), true)?;
    calls::inotify_add_watch(a.int(0), &path, a.unsigned(2)).now()
}

/// inotify_rm_watch(fd, watch)
pub fn inotify_rm_watch(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::inotify_rm_watch(a.int(0), a.int(1)).now()
}

/// readlinkat(dir, path, buffer, size)
pub fn readlinkat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    read_link(context, a.int(0), a.word(1), a.word(2), a.int(3))
}

/// readlink(path, buffer, size)
pub fn readlink(context: &mut Context<'_>, a: &Arguments) -> Reply {
    read_link(context, HERE, a.word(0), a.word(1), a.int(2))
}

fn read_link(context: &mut Context<'_>, dir: i32, path: u64, buffer: u64, size: i32) -> Reply {
    let size = usize::try_from(size)
        .ok()
        .filter(|size| *size > 0)
        .ok_or(Errno::EINVAL)?;
    let path = context.own_proc(context.user().path(path)?);
    let own = paths::proc_file(&path, crate::process::own_pid() as u32);
    let target = if own == Some(paths::Proc::Exe) {
        c_path(&context.process.program.path).into_bytes()
    } else {
        let in_proc = path.to_bytes().starts_with(b"/proc/");
        let path = context.host_path(dir, path, false)?;
        let mut bytes = vec![0; crate::user::PATH_MAX];
        let length = calls::readlinkat(dir, &path, &mut bytes).now()?;
        bytes.truncate(length as usize);
        match in_proc {
            // Links of the kernel's making name host paths.
            true => c_path(&context.process.paths.guest(&paths::path_of(bytes))).into_bytes(),
            false => bytes,
        }
    };
    let length = target.len().min(size);
    context.user().write(buffer, &target[..length])?;
    Ok(length as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portolan_machine::memory::Order;

    #[test]
    fn entries_have_the_guests_layout() {
        let entry = Entry {
            inode: 5,
            next: 6,
            kind: 4,
            name: b"usr",
        };
        let wide = Shape {
            word: 8,
            order: Order::Little,
        };
        let bytes = encode_entry64(wide, &entry);
        assert_eq!((bytes.len(), bytes[16], bytes[18]), (24, 24, 4));
        assert_eq!(&bytes[19..23], b"usr\0");
        let narrow = Shape {
            word: 4,
            order: Order::Big,
        };
        let bytes = encode_entry(narrow, &entry);
        assert_eq!(
            bytes,
            [0, 0, 0, 5, 0, 0, 0, 6, 0, 16, b'u', b's', b'r', 0, 0, 4]
        );
    }

    #[test]
    fn the_hosts_entries_are_read_to_the_end_and_no_further() {
        let host = Shape {
            word: 8,
            order: if cfg!(target_endian = "big") {
                Order::Big
            } else {
                Order::Little
            },
        };
        let mut bytes = encode_entry64(
            host,
            &Entry {
                inode: 1,
                next: 2,
                kind: 8,
                name: b"a",
            },
        );
        bytes.extend(encode_entry64(
            host,
            &Entry {
                inode: 3,
                next: 4,
                kind: 8,
                name: b"bc",
            },
        ));
        let names: Vec<_> = Entries(&bytes).map(|entry| entry.name.to_vec()).collect();
        assert_eq!(names, [b"a".to_vec(), b"bc".to_vec()]);
        assert_eq!(Entries(&bytes[..30]).count(), 1);
    }
}
