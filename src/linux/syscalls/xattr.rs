//! Extended attributes.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::{GuestBuffer, calls};
use std::ffi::CString;

const HERE: i32 = libc::AT_FDCWD;
/// `XATTR_NAME_MAX` and the final zero.
const NAME_MAX: usize = 256;

fn name(context: &Context<'_>, address: u64) -> Result<CString, Errno> {
    context.user().string(address, NAME_MAX)
}

fn value<'a>(context: &Context<'a>, a: &Arguments) -> Result<GuestBuffer<'a>, Errno> {
    context.user().output(a.word(2), a.word(3))
}

/// setxattr(path, name, value, size, flags)
pub fn setxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, name) = (
        context.path(HERE, a.word(0), true)?,
        name(context, a.word(1))?,
    );
    let value = context.user().input(a.word(2), a.word(3))?;
    calls::setxattr(&path, &name, value, a.int(4)).now()
}

/// lsetxattr(path, name, value, size, flags)
pub fn lsetxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, name) = (
        context.path(HERE, a.word(0), false)?,
        name(context, a.word(1))?,
    );
    let value = context.user().input(a.word(2), a.word(3))?;
    calls::lsetxattr(&path, &name, value, a.int(4)).now()
}

/// fsetxattr(fd, name, value, size, flags)
pub fn fsetxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let name = name(context, a.word(1))?;
    let value = context.user().input(a.word(2), a.word(3))?;
    calls::fsetxattr(a.int(0), &name, value, a.int(4)).now()
}

/// getxattr(path, name, value, size)
pub fn getxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, name) = (
        context.path(HERE, a.word(0), true)?,
        name(context, a.word(1))?,
    );
    calls::getxattr(&path, &name, value(context, a)?).now()
}

/// lgetxattr(path, name, value, size)
pub fn lgetxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, name) = (
        context.path(HERE, a.word(0), false)?,
        name(context, a.word(1))?,
    );
    calls::lgetxattr(&path, &name, value(context, a)?).now()
}

/// fgetxattr(fd, name, value, size)
pub fn fgetxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let name = name(context, a.word(1))?;
    calls::fgetxattr(a.int(0), &name, value(context, a)?).now()
}

/// listxattr(path, list, size)
pub fn listxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(HERE, a.word(0), true)?;
    calls::listxattr(&path, context.user().output(a.word(1), a.word(2))?).now()
}

/// llistxattr(path, list, size)
pub fn llistxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let path = context.path(HERE, a.word(0), false)?;
    calls::llistxattr(&path, context.user().output(a.word(1), a.word(2))?).now()
}

/// flistxattr(fd, list, size)
pub fn flistxattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::flistxattr(a.int(0), context.user().output(a.word(1), a.word(2))?).now()
}

/// removexattr(path, name)
pub fn removexattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, name) = (
        context.path(HERE, a.word(0), true)?,
        name(context, a.word(1))?,
    );
    calls::removexattr(&path, &name).now()
}

/// lremovexattr(path, name)
pub fn lremovexattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (path, name) = (
        context.path(HERE, a.word(0), false)?,
        name(context, a.word(1))?,
    );
    calls::lremovexattr(&path, &name).now()
}

/// fremovexattr(fd, name)
pub fn fremovexattr(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::fremovexattr(a.int(0), &name(context, a.word(1))?).now()
}
