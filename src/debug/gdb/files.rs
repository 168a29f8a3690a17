//! Files that gdb reads through the stub, as the program sees them: the sysroot's libraries, and
//! `/proc/PID/maps` of the guest and not of the emulator.

use super::target::Target;
use gdbstub::target::ext::host_io::{
    FsKind, HostIo, HostIoClose, HostIoCloseOps, HostIoErrno, HostIoError, HostIoFstat,
    HostIoFstatOps, HostIoOpen, HostIoOpenFlags, HostIoOpenMode, HostIoOpenOps, HostIoPread,
    HostIoPreadOps, HostIoReadlink, HostIoReadlinkOps, HostIoResult, HostIoSetfs, HostIoSetfsOps,
    HostIoStat,
};
use portolan_linux::Process;
use portolan_linux::paths::{Proc, c_path, path_of, proc_file};
use portolan_linux::process::own_pid;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;

/// More open files than this gdb does not need.
const OPEN_MAX: usize = 256;

/// What gdb has open, by descriptor.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<u32, Opened>);

#[derive(Debug)]
enum Opened {
    File(File),
    /// Contents made up for it.
    Contents(Vec<u8>),
}

type Fallible<T> = Result<T, HostIoErrno>;

fn refused(error: std::io::Error) -> HostIoErrno {
    match HostIoError::<()>::from(error) {
        HostIoError::Errno(errno) => errno,
        HostIoError::Fatal(()) => HostIoErrno::EIO,
    }
}

fn c_string(name: &[u8]) -> Fallible<CString> {
    CString::new(name).map_err(|_| HostIoErrno::EINVAL)
}

/// The host's path of a name that gdb has from the program.
fn host_path(process: &Process, name: &CString, follow: bool) -> Fallible<PathBuf> {
    let name = path_of(name.to_bytes().to_vec());
    let found = process.paths.host(None, &name, follow);
    found.map_err(|_| HostIoErrno::ENOENT)
}

impl Files {
    fn open(&mut self, process: &Process, name: &[u8]) -> Fallible<u32> {
        let name = c_string(name)?;
        let opened = match proc_file(&name, own_pid() as u32) {
            Some(Proc::Exe) => {
                Opened::File(File::open(&process.program.host_path).map_err(refused)?)
            }
            Some(file) => Opened::Contents(process.proc_contents(file).ok_or(HostIoErrno::EACCES)?),
            // What it tells is the emulator's memory.
            None if name.to_bytes().ends_with(b"/smaps") => return Err(HostIoErrno::ENOENT),
            None => {
                let path = host_path(process, &name, true)?;
                // Opening anything else may wait, or do something.
                match fs::metadata(&path).map_err(refused)? {
                    metadata if metadata.is_dir() => return Err(HostIoErrno::EISDIR),
                    metadata if !metadata.is_file() => return Err(HostIoErrno::EACCES),
                    _ => Opened::File(File::open(path).map_err(refused)?),
                }
            }
        };
        let free = (3..).find(|fd| !self.0.contains_key(fd));
        let fd = free.filter(|_| self.0.len() < OPEN_MAX);
        let fd = fd.ok_or(HostIoErrno::EMFILE)?;
        self.0.insert(fd, opened);
        Ok(fd)
    }

    fn get(&self, fd: u32) -> Fallible<&Opened> {
        self.0.get(&fd).ok_or(HostIoErrno::EBADF)
    }

    fn read(&self, fd: u32, offset: u64, into: &mut [u8]) -> Fallible<usize> {
        match self.get(fd)? {
            Opened::File(file) => file.read_at(into, offset).map_err(refused),
            Opened::Contents(contents) => Ok(super::queries::copy(contents, offset, into)),
        }
    }

    fn status(&self, fd: u32) -> Fallible<HostIoStat> {
        let mut status = HostIoStat {
            st_dev: 0,
            st_ino: 0,
            st_mode: HostIoOpenMode::S_IFREG | HostIoOpenMode::S_IRUSR,
            st_nlink: 1,
            st_uid: 0,
            st_gid: 0,
            st_rdev: 0,
            st_size: 0,
            st_blksize: 4096,
            st_blocks: 0,
            st_atime: 0,
            st_mtime: 0,
            st_ctime: 0,
        };
        match self.get(fd)? {
            Opened::Contents(contents) => status.st_size = contents.len() as u64,
            Opened::File(file) => {
                let metadata = file.metadata().map_err(refused)?;
                // The protocol's fields are narrower than the host's.
                status.st_dev = metadata.dev() as u32;
                status.st_ino = metadata.ino() as u32;
                status.st_mode = HostIoOpenMode::from_bits_truncate(metadata.mode());
                status.st_uid = metadata.uid();
                status.st_gid = metadata.gid();
                status.st_size = metadata.size();
                status.st_blocks = metadata.blocks();
                status.st_mtime = metadata.mtime() as u32;
            }
        }
        Ok(status)
    }
}

/// What a symbolic link says, for the guest.
fn read_link(process: &Process, name: &[u8]) -> Fallible<Vec<u8>> {
    let name = c_string(name)?;
    if proc_file(&name, own_pid() as u32) == Some(Proc::Exe) {
        return Ok(c_path(&process.program.path).into_bytes());
    }
    let path = host_path(process, &name, false)?;
    let target = fs::read_link(path).map_err(refused)?;
    let target = match name.to_bytes().starts_with(b"/proc/") {
        // Links of the kernel's making name host paths.
        true => process.paths.guest(&target),
        false => target,
    };
    Ok(target.into_os_string().into_vec())
}

impl HostIo for Target {
    fn support_open(&mut self) -> Option<HostIoOpenOps<'_, Self>> {
        Some(self)
    }
    fn support_close(&mut self) -> Option<HostIoCloseOps<'_, Self>> {
        Some(self)
    }
    fn support_pread(&mut self) -> Option<HostIoPreadOps<'_, Self>> {
        Some(self)
    }
    fn support_fstat(&mut self) -> Option<HostIoFstatOps<'_, Self>> {
        Some(self)
    }
    fn support_readlink(&mut self) -> Option<HostIoReadlinkOps<'_, Self>> {
        Some(self)
    }
    fn support_setfs(&mut self) -> Option<HostIoSetfsOps<'_, Self>> {
        Some(self)
    }
}

impl HostIoOpen for Target {
    fn open(
        &mut self,
        filename: &[u8],
        flags: HostIoOpenFlags,
        _: HostIoOpenMode,
    ) -> HostIoResult<u32, Self> {
        let writes = HostIoOpenFlags::O_WRONLY
            | HostIoOpenFlags::O_RDWR
            | HostIoOpenFlags::O_CREAT
            | HostIoOpenFlags::O_TRUNC;
        if flags.intersects(writes) {
            return Err(HostIoError::Errno(HostIoErrno::EROFS));
        }
        let opened = self.files.open(&self.process, filename);
        opened.map_err(HostIoError::Errno)
    }
}

impl HostIoClose for Target {
    fn close(&mut self, fd: u32) -> HostIoResult<(), Self> {
        match self.files.0.remove(&fd) {
            Some(_) => Ok(()),
            None => Err(HostIoError::Errno(HostIoErrno::EBADF)),
        }
    }
}

impl HostIoPread for Target {
    fn pread(
        &mut self,
        fd: u32,
        count: usize,
        offset: u64,
        buf: &mut [u8],
    ) -> HostIoResult<usize, Self> {
        let count = count.min(buf.len());
        let read = self.files.read(fd, offset, &mut buf[..count]);
        read.map_err(HostIoError::Errno)
    }
}

impl HostIoFstat for Target {
    fn fstat(&mut self, fd: u32) -> HostIoResult<HostIoStat, Self> {
        self.files.status(fd).map_err(HostIoError::Errno)
    }
}

impl HostIoReadlink for Target {
    fn readlink(&mut self, filename: &[u8], buf: &mut [u8]) -> HostIoResult<usize, Self> {
        let target = read_link(&self.process, filename).map_err(HostIoError::Errno)?;
        Ok(super::queries::copy(&target, 0, buf))
    }
}

impl HostIoSetfs for Target {
    /// There is one file system.
    fn setfs(&mut self, _: FsKind) -> HostIoResult<(), Self> {
        Ok(())
    }
}
