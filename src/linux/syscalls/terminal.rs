//! ioctl: terminals, and the few requests that other files have.

use super::sockets::interface_request;
use super::{Arguments, Context, Reply};
use crate::constants::name;
use crate::errno::Errno;
use crate::host::{Bare, HostTermios, calls};
use crate::process::empty;

/// What the argument of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A number, or nothing.
    Number,
    /// An `int` that the request reads.
    IntIn,
    /// An `int` that the request writes.
    IntOut,
    /// A group of processes that the request reads.
    PidIn,
    /// A group or session that the request writes.
    PidOut,
    /// A `long` that the request writes.
    LongOut,
    /// Eight bytes that the request writes.
    WideOut,
    /// A byte that the request reads.
    Byte,
    /// `struct termios`, read.
    TermiosIn,
    /// `struct termios`, written.
    TermiosOut,
    /// `struct termios2`, which has speeds behind that, read.
    Termios2In,
    /// `struct termios2`, written.
    Termios2Out,
    /// `struct winsize`, read.
    SizeIn,
    /// `struct winsize`, written.
    SizeOut,
}

/// The requests that are passed on.
const REQUESTS: &[(Shape, &[&str])] = &[
    (
        Shape::Number,
        &[
            "TCSBRK",
            "TCXONC",
            "TCFLSH",
            "TIOCEXCL",
            "TIOCNXCL",
            "TIOCSCTTY",
            "TIOCNOTTY",
            "TCSBRKP",
            "TIOCCONS",
            "FIOCLEX",
            "FIONCLEX",
            "TIOCGPTPEER",
            "BLKRRPART",
            "BLKFLSBUF",
            "FICLONE",
        ],
    ),
    (
        Shape::IntIn,
        &[
            "FIONBIO",
            "FIOASYNC",
            "TIOCSETD",
            "TIOCMBIS",
            "TIOCMBIC",
            "TIOCMSET",
            "TIOCSPTLCK",
            "FS_IOC_SETFLAGS",
            "FIOSETOWN",
            "SIOCSPGRP",
        ],
    ),
    (
        Shape::IntOut,
        &[
            "TIOCOUTQ",
            "FIONREAD",
            "TIOCMGET",
            "TIOCGETD",
            "TIOCGPTN",
            "TIOCGPTLCK",
            "BLKROGET",
            "BLKSSZGET",
            "BLKBSZGET",
            "FS_IOC_GETFLAGS",
            "FS_IOC_GETVERSION",
            "FIOGETOWN",
            "SIOCGPGRP",
            "SIOCATMARK",
        ],
    ),
    (Shape::PidIn, &["TIOCSPGRP"]),
    (Shape::PidOut, &["TIOCGPGRP", "TIOCGSID"]),
    (Shape::LongOut, &["BLKGETSIZE"]),
    (Shape::WideOut, &["BLKGETSIZE64", "FIOQSIZE"]),
    (Shape::Byte, &["TIOCSTI"]),
    (Shape::TermiosIn, &["TCSETS", "TCSETSW", "TCSETSF"]),
    (Shape::TermiosOut, &["TCGETS"]),
    (Shape::Termios2In, &["TCSETS2", "TCSETSW2", "TCSETSF2"]),
    (Shape::Termios2Out, &["TCGETS2"]),
    (Shape::SizeIn, &["TIOCSWINSZ"]),
    (Shape::SizeOut, &["TIOCGWINSZ"]),
];

fn shape_of(request: &str) -> Option<Shape> {
    REQUESTS
        .iter()
        .find(|(_, names)| names.contains(&request))
        .map(|(shape, _)| *shape)
}

/// ioctl(fd, request, argument)
pub fn ioctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (personality, user) = (context.personality(), context.user());
    let (fd, argument) = (a.int(0), a.word(2));
    if let Some(reply) = super::screen::request(context, fd, a.word(1), argument) {
        return reply;
    }
    let request = personality.ioctl.number_to_host(a.word(1));
    let known = name(personality.abi.constants.ioctl, a.word(1)).zip(request);
    if let Some((name, request)) = known
        && let Some(reply) = interface_request(context, (fd, request as u32), name, argument)
    {
        return reply;
    }
    let known = known.and_then(|(name, request)| Some((shape_of(name)?, request)));
    let Some((shape, request)) = known else {
        // A request that no driver knows; but first, the descriptor must be open.
        calls::fcntl(fd, libc::F_GETFD, 0).now()?;
        return Err(Errno::ENOTTY);
    };
    let request = request as u32;
    match shape {
        Shape::Number => calls::ioctl(fd, request, argument).now(),
        Shape::IntIn => {
            let mut value = user.read_u32(argument)?.cast_signed();
            calls::ioctl_int(fd, request, &mut value).now()
        }
        Shape::IntOut => {
            let mut value = 0;
            let reply = calls::ioctl_int(fd, request, &mut value).now()?;
            user.write_u32(argument, value.cast_unsigned())?;
            Ok(reply)
        }
        Shape::PidIn => {
            let group = user.read_u32(argument)?.cast_signed();
            let mut group = context.process.host_pid(group);
            calls::ioctl_int(fd, request, &mut group).now()
        }
        Shape::PidOut => {
            let mut group = 0;
            let reply = calls::ioctl_int(fd, request, &mut group).now()?;
            let group = context.process.guest_pid(group);
            user.write_u32(argument, group.cast_unsigned())?;
            Ok(reply)
        }
        Shape::LongOut | Shape::WideOut => {
            let mut value = 0;
            let reply = calls::ioctl_long(fd, request, &mut value).now()?;
            match shape {
                Shape::LongOut => user.write_long(argument, value)?,
                _ => user.write_u64(argument, value)?,
            }
            Ok(reply)
        }
        Shape::Byte => {
            let byte = user.input(argument, 1)?;
            calls::ioctl_byte(fd, request, Bare(Some(byte))).now()
        }
        Shape::TermiosIn => {
            let mut modes = read_termios(context, argument)?;
            calls::ioctl_termios(fd, request, &mut modes).now()
        }
        Shape::Termios2In => {
            let mut modes = read_termios(context, argument)?;
            let speeds = argument.wrapping_add(size_of_termios(context));
            modes.speeds = user.get(speeds, 8, |r| [r.u32(), r.u32()])?;
            calls::ioctl_termios(fd, request, &mut modes).now()
        }
        Shape::TermiosOut | Shape::Termios2Out => {
            let mut modes = HostTermios::default();
            let reply = calls::ioctl_termios(fd, request, &mut modes).now()?;
            write_termios(context, argument, &modes)?;
            if shape == Shape::Termios2Out {
                let speeds = argument.wrapping_add(size_of_termios(context));
                let [input, output] = modes.speeds;
                user.put(speeds, user.writer().u32(input).u32(output))?;
            }
            Ok(reply)
        }
        Shape::SizeIn => {
            let mut size = user.get(argument, 8, |r| libc::winsize {
                ws_row: r.u16(),
                ws_col: r.u16(),
                ws_xpixel: r.u16(),
                ws_ypixel: r.u16(),
            })?;
            calls::ioctl_size(fd, request, &mut size).now()
        }
        Shape::SizeOut => {
            let mut size = empty::<libc::winsize>();
            let reply = calls::ioctl_size(fd, request, &mut size).now()?;
            let out = user.writer().u16(size.ws_row).u16(size.ws_col);
            user.put(argument, out.u16(size.ws_xpixel).u16(size.ws_ypixel))?;
            Ok(reply)
        }
    }
}

/// Of `struct termios`, and where the speeds of `struct termios2` are, in bytes.
fn size_of_termios(context: &Context<'_>) -> u64 {
    context.personality().abi.layouts.termios.size.into()
}

const MODES: [&str; 4] = ["c_iflag", "c_oflag", "c_cflag", "c_lflag"];

fn read_termios(context: &Context<'_>, address: u64) -> Result<HostTermios, Errno> {
    let (user, personality) = (context.user(), context.personality());
    let layout = &personality.abi.layouts.termios;
    let bytes = user.structure(address, layout)?;
    let get = |name| layout.decode(user.shape, &bytes, name);
    let mut out = HostTermios {
        line: get("c_line") as u8,
        ..HostTermios::default()
    };
    for (index, mode) in out.modes.iter_mut().enumerate() {
        *mode = personality.terminal[index].flags_to_host(get(MODES[index])) as u32;
    }
    let start = layout
        .field("c_cc")
        .map_or(0, |field| usize::from(field.offset));
    for (index, character) in bytes[start..].iter().enumerate() {
        let host = personality.terminal_characters.number_to_host(index as u64);
        if let Some(slot) = host.and_then(|host| out.characters.get_mut(host as usize)) {
            *slot = *character;
        }
    }
    Ok(out)
}

fn write_termios(context: &Context<'_>, address: u64, modes: &HostTermios) -> Result<(), Errno> {
    let (user, personality) = (context.user(), context.personality());
    let layout = &personality.abi.layouts.termios;
    let mut values = vec![("c_line", u64::from(modes.line))];
    for (index, mode) in modes.modes.iter().enumerate() {
        let bits = personality.terminal[index].flags_to_guest(u64::from(*mode));
        values.push((MODES[index], bits));
    }
    let mut bytes = layout.encode(user.shape, &values);
    let start = layout
        .field("c_cc")
        .map_or(0, |field| usize::from(field.offset));
    for (index, character) in modes.characters.iter().enumerate() {
        let guest = personality
            .terminal_characters
            .number_to_guest(index as u64);
        if let Some(slot) = guest.and_then(|guest| bytes.get_mut(start + guest as usize)) {
            *slot = *character;
        }
    }
    user.write(address, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syscalls::sockets::is_interface_request;

    #[test]
    fn every_request_of_the_generic_table_has_a_shape() {
        for constant in crate::generic::IOCTL {
            let known = shape_of(constant.name).is_some() || is_interface_request(constant.name);
            assert!(known, "{}", constant.name);
        }
    }
}
