//! Namespaces, and what is known across processes. A guest thread is a host thread, so the host's
//! kernel does these for it.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::process::own_pid;
use portolan_machine::memory::Intent;

/// unshare(flags)
pub fn unshare(_: &mut Context<'_>, a: &Arguments) -> Reply {
    // What threads of a process share, the emulator shares among them too.
    const THREADS: u64 = (libc::CLONE_THREAD | libc::CLONE_SIGHAND | libc::CLONE_VM) as u64;
    if a.word(0) & THREADS != 0 {
        return Err(Errno::EINVAL);
    }
    calls::unshare(a.word(0)).now()
}

/// setns(fd, kind)
pub fn setns(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setns(a.int(0), a.int(1)).now()
}

/// pivot_root(new, old)
pub fn pivot_root(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let new = context.path(libc::AT_FDCWD, a.word(0), true)?;
    let old = context.path(libc::AT_FDCWD, a.word(1), true)?;
    calls::pivot_root(&new, &old).now()
}

/// vhangup()
pub fn vhangup(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::vhangup().now()
}

/// kcmp(one, other, kind, index, other_index)
pub fn kcmp(_: &mut Context<'_>, a: &Arguments) -> Reply {
    // Only descriptors of an epoll set have an index that points to a structure.
    const EPOLL_TARGET: i32 = 7;
    if a.int(2) == EPOLL_TARGET {
        return Err(Errno::EOPNOTSUPP);
    }
    calls::kcmp(a.int(0), a.int(1), a.int(2), a.word(3), a.word(4)).now()
}

/// pidfd_getfd(process, fd, flags)
pub fn pidfd_getfd(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::pidfd_getfd(a.int(0), a.int(1), a.unsigned(2)).now()
}

/// process_mrelease(process, flags)
pub fn process_mrelease(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::process_mrelease(a.int(0), a.unsigned(1)).now()
}

/// process_vm_readv(pid, local, local_count, remote, remote_count, flags)
pub fn process_vm_readv(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    reach(context, a)?;
    let local = user.vectors(a.word(1), a.word(2), Intent::Write)?;
    let remote = user.vectors(a.word(3), a.word(4), Intent::Read)?;
    calls::process_vm_readv(own_pid(), &local, &remote, a.word(5)).now()
}

/// process_vm_writev(pid, local, local_count, remote, remote_count, flags)
pub fn process_vm_writev(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    reach(context, a)?;
    let local = user.vectors(a.word(1), a.word(2), Intent::Read)?;
    let remote = user.vectors(a.word(3), a.word(4), Intent::Write)?;
    calls::process_vm_writev(own_pid(), &local, &remote, a.word(5)).now()
}

/// Whether the memory of a process can be reached: this one's can. Where another one has its
/// guest's memory is not known here.
fn reach(context: &Context<'_>, a: &Arguments) -> Result<(), Errno> {
    if a.word(5) != 0 {
        return Err(Errno::EINVAL);
    }
    let pid = a.int(0);
    if pid == own_pid() || context.process.threads.has(pid) {
        return Ok(());
    }
    if pid <= 0 {
        return Err(Errno::ESRCH);
    }
    calls::kill(pid, 0).now()?;
    Err(Errno::EPERM)
}

/// restart_syscall(): nothing waits to be restarted by it; calls that a signal interrupts start
/// again by themselves.
pub fn restart_syscall(_: &mut Context<'_>, _: &Arguments) -> Reply {
    Err(Errno::EINTR)
}
