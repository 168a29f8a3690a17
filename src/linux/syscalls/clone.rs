//! The clone family: new processes and threads.

use super::{Arguments, Context, Reply};
use crate::abi::CloneOrder;
use crate::errno::Errno;
use crate::host::{calls, fork as host_fork};
use crate::process::{own_pid, own_tid};
use crate::thread::Thread;
use crate::threads;
use portolan_machine::engine::Compiling;
use std::sync::Arc;

const SIGNAL: u64 = 0xff;
const VM: u64 = libc::CLONE_VM as u64;
const VFORK: u64 = libc::CLONE_VFORK as u64;
const THREAD: u64 = libc::CLONE_THREAD as u64;
const SIGHAND: u64 = libc::CLONE_SIGHAND as u64;
const FS: u64 = libc::CLONE_FS as u64;
const FILES: u64 = libc::CLONE_FILES as u64;
const SYSVSEM: u64 = libc::CLONE_SYSVSEM as u64;
const PARENT: u64 = libc::CLONE_PARENT as u64;
const SETTLS: u64 = libc::CLONE_SETTLS as u64;
const PARENT_SETTID: u64 = libc::CLONE_PARENT_SETTID as u64;
const CHILD_SETTID: u64 = libc::CLONE_CHILD_SETTID as u64;
const CHILD_CLEARTID: u64 = libc::CLONE_CHILD_CLEARTID as u64;
const PIDFD: u64 = libc::CLONE_PIDFD as u64;
const DETACHED: u64 = libc::CLONE_DETACHED as u64;
const NEWNS: u64 = libc::CLONE_NEWNS as u64;
const NEWUSER: u64 = libc::CLONE_NEWUSER as u64;
const CLEAR_SIGHAND: u64 = 1 << 32;
/// What threads share in any case.
const SHARED: u64 = VM | SIGHAND | THREAD;
/// What the host's threads share, and can have for themselves.
const SEPARABLE: u64 = FS | FILES | SYSVSEM;
/// What the host does for a process when it is asked, and only then.
const HOSTED: u64 = FS | FILES | SYSVSEM | PARENT;
/// What is done here, for processes and threads.
const DONE: u64 = SETTLS | PARENT_SETTID | CHILD_SETTID | CHILD_CLEARTID;
/// Flags that mean nothing, or nothing here: tracing, accounting of input and output.
const HARMLESS: u64 =
    (libc::CLONE_PTRACE | libc::CLONE_UNTRACED | libc::CLONE_DETACHED | libc::CLONE_IO) as u32
        as u64;

/// What a call of the clone family asks for.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    flags: u64,
    /// What tells the parent of the child's end, in the guest's numbers; 0 is nothing.
    signal: u64,
    stack: u64,
    parent_tid: u64,
    child_tid: u64,
    tls: u64,
    /// Where the child's descriptor goes.
    pidfd: u64,
}

impl Wish {
    fn asks(&self, flags: u64) -> bool {
        self.flags & flags == flags
    }

    /// What the kernel refuses whoever asks.
    fn check(&self) -> Result<(), Errno> {
        let impossible = self.asks(NEWNS | FS)
            || self.asks(NEWUSER | FS)
            || self.asks(THREAD) && !self.asks(SIGHAND)
            || self.asks(SIGHAND) && !self.asks(VM)
            || self.asks(SIGHAND | CLEAR_SIGHAND)
            || self.asks(PIDFD) && (self.asks(THREAD) || self.asks(DETACHED));
        if impossible {
            return Err(Errno::EINVAL);
        }
        Ok(())
    }
}

/// fork()
pub fn fork(context: &mut Context<'_>, _: &Arguments) -> Reply {
    let signal = sigchld(context);
    make(
        context,
        Wish {
            signal,
            ..Wish::default()
        },
    )
}

/// vfork()
pub fn vfork(context: &mut Context<'_>, _: &Arguments) -> Reply {
    let signal = sigchld(context);
    make(
        context,
        Wish {
            flags: VM | VFORK,
            signal,
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
    // The upper half is clone3's.
    let (flags, stack, parent_tid) = (a.word(0) & u64::from(u32::MAX), a.word(1), a.word(2));
    let wish = Wish {
        flags: flags & !SIGNAL,
        signal: flags & SIGNAL,
        stack,
        parent_tid,
        child_tid,
        tls,
        pidfd: parent_tid,
    };
    if wish.asks(PIDFD | PARENT_SETTID) {
        return Err(Errno::EINVAL);
    }
    make(context, wish)
}

/// clone3(arguments, size)
pub fn clone3(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const FIRST_SIZE: u64 = 64;
    const FULL_SIZE: usize = 88;
    const PAGE: u64 = 4096;
    const SIGNALS: u64 = 64;
    let user = context.user();
    if a.word(1) > PAGE {
        return Err(Errno::E2BIG);
    }
    if a.word(1) < FIRST_SIZE {
        return Err(Errno::EINVAL);
    }
    // What a later kernel knows must not be asked for.
    let given = user.bytes(a.word(0), a.word(1) as usize)?;
    if given.iter().skip(FULL_SIZE).any(|&byte| byte != 0) {
        return Err(Errno::E2BIG);
    }
    let size = given.len().min(FULL_SIZE);
    let [
        flags,
        pidfd,
        child_tid,
        parent_tid,
        signal,
        low,
        stack_size,
        tls,
        tids,
        tids_length,
        cgroup,
    ] = user.get(a.word(0), size, |r| [(); 11].map(|()| r.u64()))?;
    if tids != 0 || tids_length != 0 || cgroup != 0 {
        return Err(Errno::EINVAL);
    }
    let unwanted = flags & (SIGNAL | DETACHED) != 0
        || signal > SIGNALS
        || flags & (THREAD | PARENT) != 0 && signal != 0
        || (low == 0) != (stack_size == 0);
    if unwanted {
        return Err(Errno::EINVAL);
    }
    make(
        context,
        Wish {
            flags,
            signal,
            stack: low.wrapping_add(stack_size),
            parent_tid,
            child_tid,
            tls,
            pidfd,
        },
    )
}

fn make(context: &mut Context<'_>, wish: Wish) -> Reply {
    wish.check()?;
    if wish.asks(THREAD) {
        return make_thread(context, wish);
    }
    let known = VM | VFORK | DONE | HOSTED | PIDFD | CLEAR_SIGHAND | HARMLESS;
    if wish.flags & !known != 0 || wish.asks(VM) != wish.asks(VM | VFORK) {
        return Err(not_offered(context));
    }
    let signal = match wish.signal {
        0 => 0,
        number => context
            .personality()
            .host_signal(number as i32)
            .unwrap_or(0),
    };
    let mut hosted = (wish.flags & HOSTED) as i32 | signal;
    if !wish.asks(VM) {
        hosted |= (wish.flags & VFORK) as i32;
    }
    context.thread.hold_signals()?;
    let reply = Descriptor::reserve(wish).and_then(|descriptor| {
        let made = if wish.asks(VM) {
            fork_sharing(context, wish, hosted)
        } else {
            fork_here(context, wish, hosted)
        };
        descriptor.give(context, wish, made.unwrap_or(0));
        made.map(|pid| pid as u64)
    });
    context.thread.release_signals();
    reply
}

/// Remembers that a guest program asked for something that the kernel does and this does not.
fn not_offered(context: &Context<'_>) -> Errno {
    let number = context.personality().abi.registers.number;
    let core = context.thread.core();
    context
        .process
        .note_missing(core.register(number), core.pc());
    Errno::ENOSYS
}

/// The number that a child's descriptor will have, taken beforehand: when there is none left,
/// there is to be no child either.
struct Descriptor(Option<i32>);

impl Descriptor {
    fn reserve(wish: Wish) -> Result<Descriptor, Errno> {
        Ok(Descriptor(match wish.asks(PIDFD) {
            true => Some(calls::pidfd_open(own_pid(), 0).now()? as i32),
            false => None,
        }))
    }

    /// Makes it the child's, and tells the guest; in the child, and without one, forgets it.
    fn give(self, context: &Context<'_>, wish: Wish, pid: i32) {
        let Some(fd) = self.0 else { return };
        if pid != 0
            && let Ok(child) = calls::pidfd_open(pid, 0).now()
        {
            // The number is taken and the child is there: this cannot fail.
            let _ = calls::dup3(child as i32, fd, libc::O_CLOEXEC).now();
            let _ = calls::close(child as i32).now();
            // As in the kernel, a bad address is the program's own problem.
            let _ = context.user().write_u32(wish.pidfd, fd.cast_unsigned());
        } else {
            let _ = calls::close(fd).now();
        }
    }
}

/// A thread of the same process, on a host thread of its own.
fn make_thread(context: &mut Context<'_>, wish: Wish) -> Reply {
    if wish.flags & !(SHARED | SEPARABLE | DONE | HARMLESS) != 0 {
        return Err(not_offered(context));
    }
    // The host thread starts with the signals held, too.
    context.thread.hold_signals()?;
    let mut thread = context
        .thread
        .copy_into(Arc::clone(context.thread.process()));
    thread.finish_as_child();
    thread.join_process();
    let started = threads::start(thread, move |thread| {
        // What it does not ask to share, it has a copy of from now on.
        let own = SEPARABLE & !wish.flags;
        if own != 0 {
            // Only a host without memory refuses.
            let _ = calls::unshare(own).now();
        }
        begin(thread, wish);
        tell_parent_from(thread, wish);
    });
    context.thread.release_signals();
    started.map(|tid| tid as u64)
}

/// Sets a new process' or thread's registers, numbers and handlers, in the child.
fn begin(thread: &mut Thread, wish: Wish) {
    let process = Arc::clone(thread.process());
    let registers = &process.abi().registers;
    if wish.stack != 0 {
        thread
            .core_mut()
            .set_register(registers.stack_pointer, wish.stack);
    }
    if wish.asks(SETTLS) {
        thread
            .core_mut()
            .set_register(registers.thread_pointer, wish.tls);
    }
    if wish.asks(CHILD_SETTID) {
        // As in the kernel, a bad address is the child's own problem.
        let tid = process.guest_pid(own_tid());
        let _ = process.user().write_u32(wish.child_tid, tid as u32);
    }
    if wish.asks(CLEAR_SIGHAND) {
        process.actions().forget_handlers(&process.personality);
    }
    thread.clear_tid = if wish.asks(CHILD_CLEARTID) {
        wish.child_tid
    } else {
        0
    };
}

fn tell_parent(context: &Context<'_>, wish: Wish, pid: i32) {
    if wish.asks(PARENT_SETTID) {
        let pid = context.process.guest_pid(pid);
        let _ = context.user().write_u32(wish.parent_tid, pid as u32);
    }
}

fn tell_parent_from(child: &Thread, wish: Wish) {
    if wish.asks(PARENT_SETTID) {
        let process = child.process();
        let tid = process.guest_pid(own_tid());
        let _ = process.user().write_u32(wish.parent_tid, tid as u32);
    }
}

/// A child with a copy of the memory: the host's fork.
fn fork_here(context: &mut Context<'_>, wish: Wish, hosted: i32) -> Result<i32, Errno> {
    let pid = {
        let hooks = context.thread.core().quiesce();
        let mut quiet = context.process.quiesce();
        let share = quiet.seeded.as_mut().map(|seeded| seeded.share());
        const UNTIL_EXEC: i32 = libc::SIGCHLD | libc::CLONE_VFORK;
        let pid = match hosted {
            libc::SIGCHLD => host_fork::fork()?,
            // With a copy of the memory there is nothing that the parent has to wait for.
            UNTIL_EXEC if !quiet.threads.is_alone() => host_fork::fork()?,
            _ if quiet.threads.is_alone() => host_fork::fork_alone(hosted)?,
            _ => {
                drop((quiet, hooks));
                return Err(not_offered(context));
            }
        };
        if pid == 0 {
            quiet.threads.alone(own_tid(), context.thread.mailbox());
            if let Some(tracer) = &mut quiet.tracer {
                tracer.become_child();
            }
        }
        if let (Some(seeded), Some(share)) = (&mut quiet.seeded, share) {
            match pid {
                0 => seeded.become_child(&share),
                pid => seeded.bear(&share, pid),
            }
        }
        drop((quiet, hooks));
        pid
    };
    if pid == 0 {
        context.thread.became_child();
        tell_parent(context, wish, own_pid());
        begin(context.thread, wish);
    } else {
        context.process.count_fork();
        tell_parent(context, wish, pid);
    }
    Ok(pid)
}

/// A child that shares the memory while this thread waits until it executes another program or
/// ends: vfork. So a failed exec is seen by the parent wherever the child notes it.
fn fork_sharing(context: &mut Context<'_>, wish: Wish, hosted: i32) -> Result<i32, Errno> {
    let twin = Arc::new(context.process.twin());
    let mut child = context.thread.copy_into(twin);
    // It must not start a thread that would compile for both.
    child.core_mut().set_compiling(Compiling::Off);
    child.core_mut().set_observer(None);
    child.finish_as_child();
    // The host thread is one; when the child is gone, its signals are this thread's again.
    let _attached = child.attach();
    let seeded = context.process.seeded.as_ref();
    let share = seeded.map(|seeded| seeded.lock().share());
    let pid = host_fork::vfork(hosted, &mut || {
        if let (Some(seeded), Some(share)) = (&child.process().seeded, &share) {
            seeded.lock().become_child(share);
        }
        begin(&mut child, wish);
        tell_parent_from(&child, wish);
        child.run_as_child()
    })?;
    if let (Some(seeded), Some(share)) = (seeded, &share) {
        seeded.lock().bear(share, pid);
    }
    context.process.count_fork();
    Ok(pid)
}
