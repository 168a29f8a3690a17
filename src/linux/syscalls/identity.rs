//! Who runs this, on what system.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls::{self, Groups};
use crate::process::empty;

/// Bytes of each string of `struct utsname`.
const FIELD: usize = 65;

/// uname(name)
pub fn uname(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut host = empty::<libc::utsname>();
    calls::uname(&mut host).now()?;
    let user = context.user();
    let bytes = |field: &[std::ffi::c_char]| -> Vec<u8> {
        field
            .iter()
            .map(|byte| *byte as u8)
            .take_while(|byte| *byte != 0)
            .collect()
    };
    let out = user
        .writer()
        .array(&bytes(&host.sysname), FIELD)
        .array(&bytes(&host.nodename), FIELD)
        .array(&bytes(&host.release), FIELD)
        .array(&bytes(&host.version), FIELD)
        .array(context.personality().abi.machine.as_bytes(), FIELD)
        .array(&bytes(&host.domainname), FIELD);
    user.put(a.word(0), out)?;
    Ok(0)
}

/// sysinfo(info)
pub fn sysinfo(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut s = empty::<libc::sysinfo>();
    calls::sysinfo(&mut s).now()?;
    if let Some((clock, _)) = context.thread.clock() {
        // An idle machine with one process.
        s.uptime = (clock.uptime() / 1_000_000_000) as i64;
        (s.loads, s.procs, s.sharedram, s.bufferram) = ([0; 3], 1, 0, 0);
        (s.freeram, s.freeswap, s.freehigh) = (s.totalram / 2, s.totalswap, 0);
    }
    let user = context.user();
    let word = usize::from(user.shape.word);
    // Counts of bytes that do not fit into a word are given in units of pages, as the kernel does
    // for 32-bit programs.
    let fits = (s.totalram | s.totalswap) <= u64::MAX >> (64 - 8 * word);
    let (shift, unit) = match fits {
        true => (0, s.mem_unit),
        false => (12, s.mem_unit << 12),
    };
    let mut out = user.writer().signed_long(s.uptime);
    for load in s.loads {
        out = out.long(load);
    }
    for amount in [
        s.totalram,
        s.freeram,
        s.sharedram,
        s.bufferram,
        s.totalswap,
        s.freeswap,
    ] {
        out = out.long(amount >> shift);
    }
    let out = out
        .u16(s.procs)
        .u16(0)
        .long(s.totalhigh >> shift)
        .long(s.freehigh >> shift)
        .u32(unit)
        .align(word);
    user.put(a.word(0), out)?;
    Ok(0)
}

/// sethostname(name, length)
pub fn sethostname(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::sethostname(context.user().input(a.word(0), a.word(1))?).now()
}

/// setdomainname(name, length)
pub fn setdomainname(context: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setdomainname(context.user().input(a.word(0), a.word(1))?).now()
}

/// syslog(type, buffer, length)
pub fn syslog(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let length = u64::from(a.unsigned(2));
    calls::syslog(a.int(0), context.user().output(a.word(1), length)?).now()
}

/// getuid()
pub fn getuid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::getuid().now()
}

/// geteuid()
pub fn geteuid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::geteuid().now()
}

/// getgid()
pub fn getgid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::getgid().now()
}

/// getegid()
pub fn getegid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::getegid().now()
}

fn store_three(context: &Context<'_>, a: &Arguments, values: [u32; 3]) -> Reply {
    for (index, value) in values.into_iter().enumerate() {
        context.user().write_u32(a.word(index), value)?;
    }
    Ok(0)
}

/// getresuid(real, effective, saved)
pub fn getresuid(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let [mut real, mut effective, mut saved] = [0u32; 3];
    calls::getresuid(&mut real, &mut effective, &mut saved).now()?;
    store_three(context, a, [real, effective, saved])
}

/// getresgid(real, effective, saved)
pub fn getresgid(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let [mut real, mut effective, mut saved] = [0u32; 3];
    calls::getresgid(&mut real, &mut effective, &mut saved).now()?;
    store_three(context, a, [real, effective, saved])
}

/// setuid(user)
pub fn setuid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setuid(a.unsigned(0)).now()
}

/// setgid(group)
pub fn setgid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setgid(a.unsigned(0)).now()
}

/// setreuid(real, effective)
pub fn setreuid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setreuid(a.unsigned(0), a.unsigned(1)).now()
}

/// setregid(real, effective)
pub fn setregid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setregid(a.unsigned(0), a.unsigned(1)).now()
}

/// setresuid(real, effective, saved)
pub fn setresuid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setresuid(a.unsigned(0), a.unsigned(1), a.unsigned(2)).now()
}

/// setresgid(real, effective, saved)
pub fn setresgid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setresgid(a.unsigned(0), a.unsigned(1), a.unsigned(2)).now()
}

/// setfsuid(user)
pub fn setfsuid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setfsuid(a.unsigned(0)).now()
}

/// setfsgid(group)
pub fn setfsgid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setfsgid(a.unsigned(0)).now()
}

/// More groups than any system has.
const GROUPS_MAX: i32 = 65536;

/// getgroups(size, list)
pub fn getgroups(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let count = calls::getgroups(Groups(&mut [])).now()?;
    if a.int(0) == 0 {
        return Ok(count);
    }
    if a.int(0) < 0 || (a.int(0) as u64) < count {
        return Err(Errno::EINVAL);
    }
    let mut groups = vec![0; count as usize];
    let count = calls::getgroups(Groups(&mut groups)).now()?;
    let user = context.user();
    user.put(
        a.word(1),
        groups
            .iter()
            .fold(user.writer(), |out, group| out.u32(*group)),
    )?;
    Ok(count)
}

/// setgroups(size, list)
pub fn setgroups(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let count = a.int(0);
    if !(0..=GROUPS_MAX).contains(&count) {
        return Err(Errno::EINVAL);
    }
    let mut groups = context.user().get(a.word(1), count as usize * 4, |r| {
        (0..count).map(|_| r.u32()).collect::<Vec<u32>>()
    })?;
    calls::setgroups(Groups(&mut groups)).now()
}

/// capget(header, data): the words have the same layout everywhere but for their order.
pub fn capget(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let mut header = [
        user.read_u32(a.word(0))?,
        user.read_u32(a.word(0).wrapping_add(4))?,
    ];
    let mut data = [0u32; 6];
    let wanted = a.word(1) != 0;
    let reply = calls::capget(&mut header, wanted.then_some(&mut data)).now();
    user.write_u32(a.word(0), header[0])?;
    reply?;
    if wanted {
        const VERSION_1: u32 = 0x1998_0330;
        let words = if header[0] == VERSION_1 { 3 } else { 6 };
        let out = data[..words]
            .iter()
            .fold(user.writer(), |out, word| out.u32(*word));
        user.put(a.word(1), out)?;
    }
    Ok(0)
}

/// capset(header, data)
pub fn capset(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const VERSION_1: u32 = 0x1998_0330;
    let user = context.user();
    let mut header = [
        user.read_u32(a.word(0))?,
        user.read_u32(a.word(0).wrapping_add(4))?,
    ];
    let words = if header[0] == VERSION_1 { 3 } else { 6 };
    let mut data = [0u32; 6];
    for (word, offset) in data.iter_mut().take(words).zip((0..).step_by(4)) {
        *word = user.read_u32(a.word(1).wrapping_add(offset))?;
    }
    calls::capset(&mut header, &data).now()
}
