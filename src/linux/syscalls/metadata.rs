//! What is known about files: stat and its kin, permissions, owners, times.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{HostStatfs, calls};
use crate::layout::Layout;
use crate::process::empty;
use std::ffi::CStr;

const HERE: i32 = libc::AT_FDCWD;

/// The host's answer to any question about a file.
fn ask(
    context: &Context<'_>,
    dir: i32,
    path: &CStr,
    flags: i32,
    mask: u32,
) -> Result<libc::statx, Errno> {
    let mut out = empty::<libc::statx>();
    let screen = context.process.options.screen.as_ref();
    // What the host has for a device is a link.
    let is_device = screen.is_some_and(|screen| screen.has(path));
    let flags = flags
        & !if is_device {
            libc::AT_SYMLINK_NOFOLLOW
        } else {
            0
        };
    calls::statx(dir, path, flags, mask, &mut out).now()?;
    if let Some(screen) = screen {
        screen.as_device(&mut out);
    }
    Ok(out)
}

/// A device number in 32 bits, as the kernel gives it to programs.
fn device(major: u32, minor: u32) -> u64 {
    u64::from(minor & 0xff | major << 8 | (minor & !0xff) << 12)
}

/// Stores a `struct stat` in the guest's layout.
fn store(context: &Context<'_>, address: u64, layout: &Layout, stat: &libc::statx) -> Reply {
    let seconds = |time: &libc::statx_timestamp| time.tv_sec.cast_unsigned();
    let nanoseconds = |time: &libc::statx_timestamp| u64::from(time.tv_nsec);
    let values = [
        ("st_dev", device(stat.stx_dev_major, stat.stx_dev_minor)),
        ("st_ino", stat.stx_ino),
        ("st_ino_low", stat.stx_ino),
        ("st_mode", u64::from(stat.stx_mode)),
        ("st_nlink", u64::from(stat.stx_nlink)),
        ("st_uid", u64::from(stat.stx_uid)),
        ("st_gid", u64::from(stat.stx_gid)),
        ("st_rdev", device(stat.stx_rdev_major, stat.stx_rdev_minor)),
        ("st_size", stat.stx_size),
        ("st_blksize", u64::from(stat.stx_blksize)),
        ("st_blocks", stat.stx_blocks),
        ("st_atime", seconds(&stat.stx_atime)),
        ("st_atime_nsec", nanoseconds(&stat.stx_atime)),
        ("st_mtime", seconds(&stat.stx_mtime)),
        ("st_mtime_nsec", nanoseconds(&stat.stx_mtime)),
        ("st_ctime", seconds(&stat.stx_ctime)),
        ("st_ctime_nsec", nanoseconds(&stat.stx_ctime)),
    ];
    // Times beyond 2038 are cut off instead.
    check_fits(layout, &values, &["st_ino", "st_nlink"], 0)?;
    check_fits(layout, &values, &["st_size"], 1)?;
    let user = context.user();
    user.write(address, &layout.encode(user.shape, &values))?;
    Ok(0)
}

/// Says whether values fit into the fields of a guest's structure, which may keep some bits for a
/// sign.
fn check_fits(
    layout: &Layout,
    values: &[(&str, u64)],
    names: &[&str],
    sign: u32,
) -> Result<(), Errno> {
    for (name, value) in values.iter().filter(|(name, _)| names.contains(name)) {
        let Some(field) = layout.field(name) else {
            continue;
        };
        let most = u64::MAX >> (64 - 8 * u32::from(field.bytes) + sign);
        if *value > most {
            return Err(Errno::EOVERFLOW);
        }
    }
    Ok(())
}

fn stat_at(
    context: &Context<'_>,
    layout: &Layout,
    (dir, path, out, flags): (i32, u64, u64, i32),
) -> Reply {
    let known = libc::AT_SYMLINK_NOFOLLOW | libc::AT_EMPTY_PATH | libc::AT_NO_AUTOMOUNT;
    if flags & !known != 0 {
        return Err(Errno::EINVAL);
    }
    let path = context.path(dir, path, flags & libc::AT_SYMLINK_NOFOLLOW == 0)?;
    let stat = ask(context, dir, &path, flags, libc::STATX_BASIC_STATS)?;
    store(context, out, layout, &stat)
}

/// newfstatat(dir, path, stat, flags)
pub fn newfstatat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.stat;
    stat_at(context, layout, (a.int(0), a.word(1), a.word(2), a.int(3)))
}

/// fstatat64(dir, path, stat, flags)
pub fn fstatat64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.stat64;
    stat_at(context, layout, (a.int(0), a.word(1), a.word(2), a.int(3)))
}

/// stat(path, stat)
pub fn stat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.stat;
    stat_at(context, layout, (HERE, a.word(0), a.word(1), 0))
}

/// stat64(path, stat)
pub fn stat64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.stat64;
    stat_at(context, layout, (HERE, a.word(0), a.word(1), 0))
}

/// lstat(path, stat)
pub fn lstat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.stat;
    stat_at(
        context,
        layout,
        (HERE, a.word(0), a.word(1), libc::AT_SYMLINK_NOFOLLOW),
    )
}

/// lstat64(path, stat)
pub fn lstat64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.stat64;
    stat_at(
        context,
        layout,
        (HERE, a.word(0), a.word(1), libc::AT_SYMLINK_NOFOLLOW),
    )
}

/// fstat(fd, stat)
pub fn fstat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let stat = ask(
        context,
        a.int(0),
        c"",
        libc::AT_EMPTY_PATH,
        libc::STATX_BASIC_STATS,
    )?;
    store(
        context,
        a.word(1),
        &context.personality().abi.layouts.stat,
        &stat,
    )
}

/// fstat64(fd, stat)
pub fn fstat64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let stat = ask(
        context,
        a.int(0),
        c"",
        libc::AT_EMPTY_PATH,
        libc::STATX_BASIC_STATS,
    )?;
    store(
        context,
        a.word(1),
        &context.personality().abi.layouts.stat64,
        &stat,
    )
}

/// statx(dir, path, flags, mask, statx)
pub fn statx(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = match a.word(1) {
        // A null path means the descriptor itself, on new kernels.
        0 if a.int(2) & libc::AT_EMPTY_PATH != 0 => c"".to_owned(),
        address => context.path(a.int(0), address, a.int(2) & libc::AT_SYMLINK_NOFOLLOW == 0)?,
    };
    let s = ask(context, a.int(0), &path, a.int(2), a.unsigned(3))?;
    let user = context.user();
    let mut out = user
        .writer()
        .u32(s.stx_mask)
        .u32(s.stx_blksize)
        .u64(s.stx_attributes)
        .u32(s.stx_nlink)
        .u32(s.stx_uid)
        .u32(s.stx_gid)
        .u16(s.stx_mode)
        .u64(s.stx_ino)
        .u64(s.stx_size)
        .u64(s.stx_blocks)
        .u64(s.stx_attributes_mask);
    for time in [&s.stx_atime, &s.stx_btime, &s.stx_ctime, &s.stx_mtime] {
        out = out
            .u64(time.tv_sec.cast_unsigned())
            .u32(time.tv_nsec)
            .u32(0);
    }
    let out = out
        .u32(s.stx_rdev_major)
        .u32(s.stx_rdev_minor)
        .u32(s.stx_dev_major)
        .u32(s.stx_dev_minor)
        .u64(s.stx_mnt_id);
    user.put(a.word(4), out.pad(256))?;
    Ok(0)
}

fn store_fs(context: &Context<'_>, address: u64, layout: &Layout, fs: &HostStatfs) -> Reply {
    let bits = |value: i64| value.cast_unsigned();
    let values = [
        ("f_type", bits(fs.kind)),
        ("f_bsize", bits(fs.block)),
        ("f_blocks", fs.counts[0]),
        ("f_bfree", fs.counts[1]),
        ("f_bavail", fs.counts[2]),
        ("f_files", fs.counts[3]),
        ("f_ffree", fs.counts[4]),
        ("f_fsid", u64::from(fs.id[0])),
        ("f_fsid_high", u64::from(fs.id[1])),
        ("f_namelen", bits(fs.name)),
        ("f_frsize", bits(fs.fragment)),
        ("f_flags", bits(fs.flags)),
    ];
    let blocks = ["f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail"];
    check_fits(layout, &values, &blocks, 0)?;
    // Unlimited files are all ones in any width.
    if fs.counts[3] != u64::MAX {
        check_fits(layout, &values, &["f_files", "f_ffree"], 0)?;
    }
    let user = context.user();
    user.write(address, &layout.encode(user.shape, &values))?;
    Ok(0)
}

/// statfs(path, statfs)
pub fn statfs(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut fs = HostStatfs::default();
    calls::statfs(&context.path(HERE, a.word(0), true)?, &mut fs).now()?;
    store_fs(
        context,
        a.word(1),
        &context.personality().abi.layouts.statfs,
        &fs,
    )
}

/// fstatfs(fd, statfs)
pub fn fstatfs(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut fs = HostStatfs::default();
    calls::fstatfs(a.int(0), &mut fs).now()?;
    store_fs(
        context,
        a.word(1),
        &context.personality().abi.layouts.statfs,
        &fs,
    )
}

/// statfs64(path, size, statfs)
pub fn statfs64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.statfs64;
    if a.word(1) != u64::from(layout.size) {
        return Err(Errno::EINVAL);
    }
    let mut fs = HostStatfs::default();
    calls::statfs(&context.path(HERE, a.word(0), true)?, &mut fs).now()?;
    store_fs(context, a.word(2), layout, &fs)
}

/// fstatfs64(fd, size, statfs)
pub fn fstatfs64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let layout = &context.personality().abi.layouts.statfs64;
    if a.word(1) != u64::from(layout.size) {
        return Err(Errno::EINVAL);
    }
    let mut fs = HostStatfs::default();
    calls::fstatfs(a.int(0), &mut fs).now()?;
    store_fs(context, a.word(2), layout, &fs)
}

/// faccessat(dir, path, mode)
pub fn faccessat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(a.int(0), a.word(1), true)?;
    calls::faccessat(a.int(0), &path, a.int(2)).now()
}

/// access(path, mode)
pub fn access(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::faccessat(HERE, &context.path(HERE, a.word(0), true)?, a.int(1)).now()
}

/// faccessat2(dir, path, mode, flags)
pub fn faccessat2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(
        a.int(0),
        a.word(1),
        a.int(3) & libc::AT_SYMLINK_NOFOLLOW == 0,
    )?;
    calls::faccessat2(a.int(0), &path, a.int(2), a.int(3)).now()
}

/// fchmod(fd, mode)
pub fn fchmod(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fchmod(a.int(0), a.unsigned(1)).now()
}

/// fchmodat(dir, path, mode)
pub fn fchmodat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(a.int(0), a.word(1), true)?;
    calls::fchmodat(a.int(0), &path, a.unsigned(2)).now()
}

/// fchmodat2(dir, path, mode, flags)
pub fn fchmodat2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(
        a.int(0),
        a.word(1),
        a.int(3) & libc::AT_SYMLINK_NOFOLLOW == 0,
    )?;
    calls::fchmodat2(a.int(0), &path, a.unsigned(2), a.int(3)).now()
}

/// chmod(path, mode)
pub fn chmod(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fchmodat(HERE, &context.path(HERE, a.word(0), true)?, a.unsigned(1)).now()
}

/// fchown(fd, user, group)
pub fn fchown(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fchown(a.int(0), a.unsigned(1), a.unsigned(2)).now()
}

/// fchownat(dir, path, user, group, flags)
pub fn fchownat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(
        a.int(0),
        a.word(1),
        a.int(4) & libc::AT_SYMLINK_NOFOLLOW == 0,
    )?;
    calls::fchownat(a.int(0), &path, a.unsigned(2), a.unsigned(3), a.int(4)).now()
}

/// chown(path, user, group)
pub fn chown(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(HERE, a.word(0), true)?;
    calls::fchownat(HERE, &path, a.unsigned(1), a.unsigned(2), 0).now()
}

/// lchown(path, user, group)
pub fn lchown(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, flags) = (
        context.path(HERE, a.word(0), false)?,
        libc::AT_SYMLINK_NOFOLLOW,
    );
    calls::fchownat(HERE, &path, a.unsigned(1), a.unsigned(2), flags).now()
}

/// utimensat(dir, path, times, flags)
pub fn utimensat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let times = super::time::read_pair(context, a.word(2), super::time::Width::Word)?;
    set_times(context, a.int(0), a.word(1), times, a.int(3))
}

/// utimensat_time64(dir, path, times, flags)
pub fn utimensat64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let times = super::time::read_pair(context, a.word(2), super::time::Width::Wide)?;
    set_times(context, a.int(0), a.word(1), times, a.int(3))
}

/// futimesat(dir, path, times)
pub fn futimesat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let times = super::time::read_microseconds(context, a.word(2))?;
    set_times(context, a.int(0), a.word(1), times, 0)
}

/// utimes(path, times)
pub fn utimes(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let times = super::time::read_microseconds(context, a.word(1))?;
    set_times(context, HERE, a.word(0), times, 0)
}

/// utime(path, times)
pub fn utime(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let times = match a.word(1) {
        0 => None,
        address => {
            let length = usize::from(user.shape.word) * 2;
            let seconds = user.get(address, length, |r| [r.signed_long(), r.signed_long()])?;
            Some(seconds.map(|tv_sec| libc::timespec { tv_sec, tv_nsec: 0 }))
        }
    };
    set_times(context, HERE, a.word(0), times, 0)
}

fn set_times(
    context: &Context<'_>,
    dir: i32,
    path: u64,
    times: Option<[libc::timespec; 2]>,
    flags: i32,
) -> Reply {
    let path = match path {
        0 => None,
        address => Some(context.path(dir, address, flags & libc::AT_SYMLINK_NOFOLLOW == 0)?),
    };
    calls::utimensat(dir, path.as_deref(), times.as_ref(), flags).now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_numbers_are_split_as_the_kernel_does() {
        assert_eq!(device(8, 1), 0x801);
        assert_eq!(device(259, 0x12345), 0x1231_0345);
    }
}
