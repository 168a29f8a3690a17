//! Processes: waiting for them, their groups, what they say about themselves.

use super::limits::usage;
use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use crate::process::empty;
use crate::scheduler::Wait;
use crate::signals::Origin;

/// A child's status, its signals in the guest's numbers.
fn status_to_guest(context: &Context<'_>, status: i32) -> u32 {
    let personality = context.personality();
    let signal = |number: i32| personality.guest_signal(number);
    let status = if libc::WIFSTOPPED(status) {
        signal(libc::WSTOPSIG(status)) << 8 | 0x7f
    } else if libc::WIFSIGNALED(status) {
        status & !0x7f | signal(libc::WTERMSIG(status))
    } else {
        status
    };
    status.cast_unsigned()
}

/// wait4(pid, status, options, usage)
pub fn wait4(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, mut status, mut used) = (context.user(), 0, empty::<libc::rusage>());
    let pid = {
        let call = calls::wait4(a.int(0), &mut status, a.int(2), &mut used);
        context.block(Wait::Child, &call)?
    };
    if pid != 0 {
        if a.word(1) != 0 {
            user.write_u32(a.word(1), status_to_guest(context, status))?;
        }
        let used = unless_seeded(context, used);
        user.put_optional(a.word(3), usage(user.writer(), &used))?;
    }
    Ok(pid)
}

/// What a child used, if that is the same each time.
fn unless_seeded(context: &Context<'_>, used: libc::rusage) -> libc::rusage {
    match context.process.seeded {
        None => used,
        Some(_) => empty(),
    }
}

/// waitpid(pid, status, options)
pub fn waitpid(context: &mut Context<'_>, a: &Arguments) -> Reply {
    wait4(context, &Arguments([a.0[0], a.0[1], a.0[2], 0, 0, 0]))
}

/// waitid(type, id, info, options, usage)
pub fn waitid(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const PIDFD: i32 = 3;
    let user = context.user();
    let id = match a.int(0) {
        PIDFD => a.int(1),
        _ => context.process.host_pid(a.int(1)),
    };
    let (mut info, mut used) = (empty::<libc::siginfo_t>(), empty::<libc::rusage>());
    {
        let call = calls::waitid(a.int(0), id, &mut info, a.int(3), &mut used);
        context.block(Wait::Child, &call)?;
    }
    let caught = crate::host::signals::Caught {
        number: libc::SIGCHLD,
        info,
    };
    let signal = context.process.signal_from_host(&caught);
    if a.word(2) != 0 {
        let bytes = match signal.origin {
            // The kernel does not tell times here.
            Origin::Child {
                code,
                pid,
                uid,
                status,
                ..
            } => Origin::Child {
                code,
                pid,
                uid,
                status,
                times: [0; 2],
            }
            .encode(context.personality(), signal.number),
            _ => vec![0; 128],
        };
        user.write(a.word(2), &bytes)?;
    }
    let used = unless_seeded(context, used);
    user.put_optional(a.word(4), usage(user.writer(), &used))?;
    Ok(0)
}

/// getpid()
pub fn getpid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::getpid().now()
}

/// getppid()
pub fn getppid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::getppid().now()
}

/// gettid()
pub fn gettid(context: &mut Context<'_>, _: &Arguments) -> Reply {
    Ok(context.thread.tid() as u64)
}

/// getpgid(pid)
pub fn getpgid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::getpgid(a.int(0)).now()
}

/// getpgrp()
pub fn getpgrp(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::getpgid(0).now()
}

/// setpgid(pid, group)
pub fn setpgid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::setpgid(a.int(0), a.int(1)).now()
}

/// getsid(pid)
pub fn getsid(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::getsid(a.int(0)).now()
}

/// setsid()
pub fn setsid(_: &mut Context<'_>, _: &Arguments) -> Reply {
    calls::setsid().now()
}

/// set_tid_address(address)
pub fn set_tid_address(context: &mut Context<'_>, a: &Arguments) -> Reply {
    context.thread.clear_tid = a.word(0);
    Ok(context.thread.tid() as u64)
}

/// pidfd_open(pid, flags)
pub fn pidfd_open(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::pidfd_open(a.int(0), a.unsigned(1)).now()
}

/// personality(persona): what other systems' programs need is not offered.
pub fn personality(_: &mut Context<'_>, a: &Arguments) -> Reply {
    const ASK: u32 = u32::MAX;
    const ADDR_NO_RANDOMIZE: u32 = 0x0004_0000;
    match a.unsigned(0) & !ADDR_NO_RANDOMIZE {
        _ if a.unsigned(0) == ASK => Ok(0),
        // Addresses are never random.
        0 => Ok(0),
        _ => Err(Errno::EINVAL),
    }
}

/// prctl(option, ...)
pub fn prctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    /// `PR_GET_AUXV`, `PR_SET_IO_FLUSHER`, `PR_GET_IO_FLUSHER`: not in the C library's bindings.
    const AUXILIARY_VECTOR: i32 = 0x4155_5856;
    const IO_FLUSHER: i32 = 57;
    const IO_FLUSHER_GET: i32 = 58;
    let (user, option) = (context.user(), a.int(0));
    let plain = || calls::prctl(option, a.word(1), a.word(2), a.word(3), a.word(4)).now();
    match option {
        libc::PR_SET_NAME => {
            let bytes = context.process.memory.read_cstring(a.word(1), 15)?;
            let name = std::ffi::CString::new(bytes).map_err(|_| Errno::EINVAL)?;
            calls::prctl_name(option, &name).now()
        }
        libc::PR_GET_NAME => {
            let name = std::fs::read("/proc/thread-self/comm").unwrap_or_default();
            user.put(a.word(1), user.writer().array(name.trim_ascii_end(), 16))?;
            Ok(0)
        }
        libc::PR_SET_PDEATHSIG => {
            let signal = match a.int(1) {
                0 => 0,
                number => context
                    .personality()
                    .host_signal(number)
                    .ok_or(Errno::EINVAL)?,
            };
            calls::prctl(option, signal as u64, 0, 0, 0).now()
        }
        libc::PR_GET_PDEATHSIG | libc::PR_GET_CHILD_SUBREAPER => {
            let mut value = 0i32;
            calls::prctl_int(option, &mut value).now()?;
            if option == libc::PR_GET_PDEATHSIG && value != 0 {
                value = context.personality().guest_signal(value);
            }
            user.write_u32(a.word(1), value.cast_unsigned())?;
            Ok(0)
        }
        libc::PR_GET_TID_ADDRESS => {
            user.write_long(a.word(1), context.thread.clear_tid)?;
            Ok(0)
        }
        libc::PR_SET_VMA => name_mapping(context, a),
        AUXILIARY_VECTOR => {
            if a.word(3) != 0 || a.word(4) != 0 {
                return Err(Errno::EINVAL);
            }
            let vector = &context.process.program.loaded.auxiliary;
            let length = vector.len().min(a.size(2));
            user.write(a.word(1), &vector[..length])?;
            Ok(vector.len() as u64)
        }
        libc::PR_GET_DUMPABLE
        | libc::PR_SET_DUMPABLE
        | libc::PR_GET_KEEPCAPS
        | libc::PR_SET_KEEPCAPS
        | libc::PR_CAPBSET_READ
        | libc::PR_CAPBSET_DROP
        | libc::PR_CAP_AMBIENT
        | libc::PR_GET_SECUREBITS
        | libc::PR_SET_SECUREBITS
        | libc::PR_GET_TIMING
        | libc::PR_SET_TIMING
        | libc::PR_MCE_KILL
        | libc::PR_MCE_KILL_GET
        | libc::PR_SET_THP_DISABLE
        | libc::PR_GET_THP_DISABLE
        | IO_FLUSHER
        | IO_FLUSHER_GET
        | libc::PR_SET_TIMERSLACK
        | libc::PR_GET_TIMERSLACK
        | libc::PR_SET_CHILD_SUBREAPER
        | libc::PR_SET_NO_NEW_PRIVS
        | libc::PR_GET_NO_NEW_PRIVS
        | libc::PR_GET_SECCOMP
        | libc::PR_SET_PTRACER => plain(),
        _ => (context.personality().abi.prctl)(context, a),
    }
}

fn name_mapping(context: &Context<'_>, a: &Arguments) -> Reply {
    const ANONYMOUS_NAME: u64 = 0;
    const LONGEST: usize = 80;
    if a.word(1) != ANONYMOUS_NAME {
        return Err(Errno::EINVAL);
    }
    let name = match a.word(4) {
        0 => String::new(),
        address => {
            let text = context
                .user()
                .string(address, LONGEST)
                .map_err(|_| Errno::EINVAL)?;
            format!("[anon:{}]", text.to_string_lossy())
        }
    };
    context
        .process
        .memory
        .set_name(a.word(2), a.word(3), &name)?;
    Ok(0)
}
