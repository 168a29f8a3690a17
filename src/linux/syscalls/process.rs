//! Processes: their making, waiting for them, their groups, what they say about themselves.

use super::limits::usage;
use super::{Arguments, Context, Reply};
use crate::abi::CloneOrder;
use crate::errno::Errno;
use crate::host::{calls, fork as host_fork};
use crate::process::{empty, own_pid, own_tid};
use crate::scheduler::Wait;
use crate::signals::Origin;
use crate::thread::Thread;
use crate::threads;
use std::sync::Arc;

const SIGNAL: u64 = 0xff;
const VM: u64 = libc::CLONE_VM as u64;
const VFORK: u64 = libc::CLONE_VFORK as u64;
const SHARING: u64 = VM | VFORK;
const THREAD: u64 = libc::CLONE_THREAD as u64;
const SIGHAND: u64 = libc::CLONE_SIGHAND as u64;
/// What the host's threads share.
const SHARED: u64 =
    VM | SIGHAND | THREAD | (libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SYSVSEM) as u64;
const SETTLS: u64 = libc::CLONE_SETTLS as u64;
const PARENT_SETTID: u64 = libc::CLONE_PARENT_SETTID as u64;
const CHILD_SETTID: u64 = libc::CLONE_CHILD_SETTID as u64;
const CHILD_CLEARTID: u64 = libc::CLONE_CHILD_CLEARTID as u64;
/// Flags that mean nothing, or nothing here: tracing, accounting of input and output.
const HARMLESS: u64 =
    (libc::CLONE_PTRACE | libc::CLONE_UNTRACED | libc::CLONE_DETACHED | libc::CLONE_IO) as u32
        as u64;

/// What a call of the clone family asks for.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    flags: u64,
    stack: u64,
    parent_tid: u64,
    child_tid: u64,
    tls: u64,
}

/// fork()
pub fn fork(context: &mut Context<'_>, _: &Arguments) -> Reply {
    make(
        context,
        Wish {
            flags: sigchld(context),
            ..Wish::default()
        },
    )
}

/// vfork()
pub fn vfork(context: &mut Context<'_>, _: &Arguments) -> Reply {
    make(
        context,
        Wish {
            flags: VM | VFORK | sigchld(context),
            ..Wish::default()
        },
    )
}

fn sigchld(context: &Context<'_>) -> u64 {
    context.personality().guest_signal(libc::SIGCHLD) as u64
}

/// clone(flags, stack, parent_tid, ...)
pub fn clone(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (tls, child_tid) = match context.personality().abi.clone_order {
        CloneOrder::TlsFirst => (a.word(3), a.word(4)),
        CloneOrder::TidFirst => (a.word(4), a.word(3)),
    };
    let (flags, stack, parent_tid) = (a.word(0), a.word(1), a.word(2));
    make(
        context,
        Wish {
            flags,
            stack,
            parent_tid,
            child_tid,
            tls,
        },
    )
}

/// clone3(arguments, size)
pub fn clone3(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const FIRST_SIZE: u64 = 64;
    const FULL_SIZE: u64 = 88;
    if a.word(1) < FIRST_SIZE {
        return Err(Errno::EINVAL);
    }
    if a.word(1) > 4096 {
        return Err(Errno::E2BIG);
    }
    let size = a.word(1).min(FULL_SIZE) as usize;
    let words = context
        .user()
        .get(a.word(0), size, |r| [(); 11].map(|()| r.u64()))?;
    let [
        flags,
        _pidfd,
        child_tid,
        parent_tid,
        exit_signal,
        low,
        stack_size,
        tls,
        tids,
        _,
        cgroup,
    ] = words;
    if flags & SIGNAL != 0 || exit_signal > SIGNAL || tids != 0 || cgroup != 0 {
        return Err(Errno::EINVAL);
    }
    let flags = flags | exit_signal;
    make(
        context,
        Wish {
            flags,
            stack: low.wrapping_add(stack_size),
            parent_tid,
            child_tid,
            tls,
        },
    )
}

fn make(context: &mut Context<'_>, wish: Wish) -> Reply {
    let known = SIGNAL | VM | VFORK | SETTLS | PARENT_SETTID | CHILD_SETTID | CHILD_CLEARTID;
    if wish.flags & THREAD != 0 {
        return make_thread(context, wish);
    }
    let ends_with = wish.flags & SIGNAL;
    let shares = wish.flags & (VM | VFORK);
    let usual =
        ends_with == sigchld(context) && (shares == 0 || shares == VM | VFORK || shares == VFORK);
    if wish.flags & !(known | HARMLESS) != 0 || !usual {
        return Err(Errno::EINVAL);
    }
    context.thread.hold_signals()?;
    let reply = match shares {
        SHARING => fork_sharing(context, wish),
        // With a copy of the memory there is nothing that the parent would have to wait for.
        _ => fork_here(context, wish),
    };
    context.thread.release_signals();
    reply
}

/// A thread of the same process, on a host thread of its own. Those share everything with each
/// other; a guest thread that is to have something for itself is refused.
fn make_thread(context: &mut Context<'_>, wish: Wish) -> Reply {
    if wish.flags & SIGHAND == 0 || wish.flags & VM == 0 || wish.flags & VFORK != 0 {
        return Err(Errno::EINVAL);
    }
    let known = SIGNAL | SHARED | SETTLS | PARENT_SETTID | CHILD_SETTID | CHILD_CLEARTID;
    if wish.flags & SHARED != SHARED || wish.flags & !(known | HARMLESS) != 0 {
        let number = context.personality().abi.registers.number;
        let (number, pc) = {
            let core = context.thread.core();
            (core.register(number), core.pc())
        };
        context.process.note_missing(number, pc);
        return Err(Errno::ENOSYS);
    }
    // The host thread starts with the signals held, too.
    context.thread.hold_signals()?;
    let mut thread = context
        .thread
        .copy_into(Arc::clone(context.thread.process()));
    thread.finish_as_child();
    thread.join_process();
    let started = threads::start(thread, move |thread| {
        begin(thread, wish);
        tell_parent_from(thread, wish);
    });
    context.thread.release_signals();
    started.map(|tid| tid as u64)
}

/// Sets a new process' or thread's registers and numbers, in the child.
fn begin(thread: &mut Thread, wish: Wish) {
    let process = Arc::clone(thread.process());
    let registers = &process.abi().registers;
    if wish.stack != 0 {
        thread
            .core_mut()
            .set_register(registers.stack_pointer, wish.stack);
    }
    if wish.flags & SETTLS != 0 {
        thread
            .core_mut()
            .set_register(registers.thread_pointer, wish.tls);
    }
    if wish.flags & CHILD_SETTID != 0 {
        // As in the kernel, a bad address is the child's own problem.
        let _ = process.user().write_u32(wish.child_tid, own_tid() as u32);
    }
    thread.clear_tid = if wish.flags & CHILD_CLEARTID != 0 {
        wish.child_tid
    } else {
        0
    };
}

fn tell_parent(context: &Context<'_>, wish: Wish, pid: i32) {
    if wish.flags & PARENT_SETTID != 0 {
        let _ = context.user().write_u32(wish.parent_tid, pid as u32);
    }
}

/// A child with a copy of the memory: the host's fork.
fn fork_here(context: &mut Context<'_>, wish: Wish) -> Reply {
    let pid = {
        let hooks = context.thread.core().quiesce();
        let mut quiet = context.process.quiesce();
        let pid = host_fork::fork()?;
        if pid == 0 {
            quiet.threads.alone(own_tid(), context.thread.mailbox());
        }
        drop((quiet, hooks));
        pid
    };
    if pid == 0 {
        context.thread.became_child();
        tell_parent(context, wish, own_pid());
        begin(context.thread, wish);
    } else {
        tell_parent(context, wish, pid);
    }
    Ok(pid as u64)
}

/// A child that shares the memory while this thread waits until it executes another program or
/// ends: vfork. So a failed exec is seen by the parent wherever the child notes it.
fn fork_sharing(context: &mut Context<'_>, wish: Wish) -> Reply {
    let twin = Arc::new(context.process.twin());
    let mut child = context.thread.copy_into(twin);
    child.finish_as_child();
    // The host thread is one; when the child is gone, its signals are this thread's again.
    let _attached = child.attach();
    let pid = host_fork::vfork(&mut || {
        begin(&mut child, wish);
        tell_parent_from(&child, wish);
        child.run_as_child()
    })?;
    Ok(pid as u64)
}

fn tell_parent_from(child: &Thread, wish: Wish) {
    if wish.flags & PARENT_SETTID != 0 {
        let _ = child
            .process()
            .user()
            .write_u32(wish.parent_tid, own_tid() as u32);
    }
}

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
        user.put_optional(a.word(3), usage(user.writer(), &used))?;
    }
    Ok(pid)
}

/// waitpid(pid, status, options)
pub fn waitpid(context: &mut Context<'_>, a: &Arguments) -> Reply {
    wait4(context, &Arguments([a.0[0], a.0[1], a.0[2], 0, 0, 0]))
}

/// waitid(type, id, info, options, usage)
pub fn waitid(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (user, personality) = (context.user(), context.personality());
    let (mut info, mut used) = (empty::<libc::siginfo_t>(), empty::<libc::rusage>());
    {
        let call = calls::waitid(a.int(0), a.int(1), &mut info, a.int(3), &mut used);
        context.block(Wait::Child, &call)?;
    }
    let caught = crate::host::signals::Caught {
        number: libc::SIGCHLD,
        info,
    };
    let signal = crate::signals::Signal::from_host(personality, &caught);
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
            .encode(user.shape, signal.number),
            _ => vec![0; 128],
        };
        user.write(a.word(2), &bytes)?;
    }
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
        libc::PR_GET_DUMPABLE
        | libc::PR_SET_DUMPABLE
        | libc::PR_GET_KEEPCAPS
        | libc::PR_SET_KEEPCAPS
        | libc::PR_CAPBSET_READ
        | libc::PR_CAPBSET_DROP
        | libc::PR_CAP_AMBIENT
        | libc::PR_GET_SECUREBITS
        | libc::PR_SET_TIMERSLACK
        | libc::PR_GET_TIMERSLACK
        | libc::PR_SET_CHILD_SUBREAPER
        | libc::PR_SET_NO_NEW_PRIVS
        | libc::PR_GET_NO_NEW_PRIVS
        | libc::PR_GET_SECCOMP
        | libc::PR_SET_PTRACER => plain(),
        _ => Err(Errno::EINVAL),
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
