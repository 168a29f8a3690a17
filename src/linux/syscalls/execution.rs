//! Beginning another program, and ending.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::exec::{self, Wanted};
use crate::host::calls;
use crate::paths::{directory, rust_path};
use crate::thread::Exit;
use std::ffi::{CStr, CString};
use std::path::PathBuf;

/// execve(path, arguments, environment)
pub fn execve(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.user().path(a.word(0))?;
    let host_path = exec::host_file(context.process, &path)?;
    let named = Named {
        host_path,
        name: path,
        closes: false,
    };
    begin(context, named, a.word(1), a.word(2))
}

/// execveat(dir, path, arguments, environment, flags)
pub fn execveat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.user().path(a.word(1))?;
    let (dir, flags) = (a.int(0), a.int(4));
    if flags & !(libc::AT_EMPTY_PATH | libc::AT_SYMLINK_NOFOLLOW) != 0 {
        return Err(Errno::EINVAL);
    }
    let by_descriptor =
        path.is_empty() || dir != libc::AT_FDCWD && !path.to_bytes().starts_with(b"/");
    let (host_path, name) = if path.is_empty() {
        if flags & libc::AT_EMPTY_PATH == 0 {
            return Err(Errno::ENOENT);
        }
        let file = directory(dir).ok_or(Errno::EBADF)?;
        (file, text(format!("/dev/fd/{dir}")))
    } else if dir == libc::AT_FDCWD || path.to_bytes().starts_with(b"/") {
        (exec::host_file(context.process, &path)?, path.clone())
    } else {
        let base = directory(dir).ok_or(Errno::EBADF)?;
        let found = context.host_path(dir, path.clone(), true)?;
        (
            base.join(rust_path(&found)),
            text(format!("/dev/fd/{dir}/{}", path.to_string_lossy())),
        )
    };
    if flags & libc::AT_SYMLINK_NOFOLLOW != 0 && host_path.is_symlink() {
        return Err(Errno::ELOOP);
    }
    let named = Named {
        host_path,
        name,
        closes: by_descriptor && closes_on_exec(dir),
    };
    begin(context, named, a.word(2), a.word(3))
}

/// The file that a call asks for: see [`Wanted`].
struct Named {
    host_path: PathBuf,
    name: CString,
    closes: bool,
}

fn closes_on_exec(fd: i32) -> bool {
    let flags = calls::fcntl(fd, libc::F_GETFD, 0).now();
    flags.is_ok_and(|flags| flags & libc::FD_CLOEXEC as u64 != 0)
}

fn text(text: String) -> CString {
    CString::new(text).unwrap_or_default()
}

fn begin(context: &mut Context<'_>, named: Named, arguments: u64, environment: u64) -> Reply {
    let Named {
        host_path,
        name,
        closes,
    } = named;
    let user = context.user();
    let mut arguments = user.strings(arguments)?;
    let environment = user.strings(environment)?;
    if arguments.is_empty() {
        // As the kernel does: programs rely on having a name.
        arguments.push(CStr::to_owned(c""));
    }
    let wanted = Wanted {
        host_path,
        name,
        closes,
        arguments,
        environment,
    };
    context.thread.replacement = Some(exec::prepare(context.process, wanted)?);
    Ok(0)
}

/// exit(status): this thread ends; the process, if it was the last.
pub fn exit(context: &mut Context<'_>, a: &Arguments) -> Reply {
    // A signal that was caught here is handled here; later ones go to other threads.
    context.thread.hold_signals()?;
    context.thread.keep_registers = true;
    context.thread.leave(a.int(0) & 0xff);
    Ok(0)
}

/// exit_group(status)
pub fn exit_group(context: &mut Context<'_>, a: &Arguments) -> Reply {
    context.thread.keep_registers = true;
    context.thread.end(Exit::Code(a.int(0) & 0xff));
    Ok(0)
}
