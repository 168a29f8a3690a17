//! The calls that only MIPS has: `arch/mips/kernel/syscall.c`.

use crate::decode::{FIRST_RELEASE, WIDE_FLOATS};
use crate::regs::USER_LOCAL;
use portolan_linux::Errno;
use portolan_linux::constants::{Constant, flag, number};
use portolan_linux::syscalls::Kind::{Address, Choice, Flags, Hex, Size};
use portolan_linux::syscalls::{Arguments, Call, Context, Reply, call};
use portolan_machine::memory::Access;

const CACHES: &[Constant] = &[flag("ICACHE", 1), flag("DCACHE", 2)];

const SYSMIPS: &[Constant] = &[
    number("SETNAME", 1),
    number("FLUSH_CACHE", 3),
    number("MIPS_RDNVRAM", 10),
    number("MIPS_ATOMIC_SET", 2001),
    number("MIPS_FIXADE", 2003),
];

pub const CALLS: &[Call] = &[
    call("set_thread_area", set_thread_area, &[Address]),
    call("cacheflush", cacheflush, &[Address, Size, Flags(CACHES)]),
    call("cachectl", cachectl, &[Address, Size, Hex]),
    call("sysmips", sysmips, &[Choice(SYSMIPS), Hex, Hex]),
];

/// set_thread_area(pointer)
fn set_thread_area(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let pointer = match context.user().shape.word {
        4 => i64::from(a.int(0)).cast_unsigned(),
        _ => a.word(0),
    };
    context.thread.core_mut().set_register(USER_LOCAL, pointer);
    Ok(0)
}

/// cacheflush(address, bytes, caches)
fn cacheflush(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (start, length) = (a.word(0), a.word(1));
    if length == 0 {
        return Ok(0);
    }
    let end = start.checked_add(length).ok_or(Errno::EFAULT)?;
    if end > context.personality().abi.space.end {
        return Err(Errno::EFAULT);
    }
    context.process.memory.invalidate_code();
    Ok(0)
}

/// cachectl(address, bytes, operation), which the kernel does not have either.
fn cachectl(_: &mut Context<'_>, _: &Arguments) -> Reply {
    Err(Errno::ENOSYS)
}

/// sysmips(command, ...)
fn sysmips(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const FLUSH_CACHE: i32 = 3;
    const ATOMIC_SET: i32 = 2001;
    const FIXADE: i32 = 2003;
    /// Accesses that are not aligned are mended; each one is logged.
    const MENDED: u64 = 1;
    const LOGGED: u64 = 2;
    match a.int(0) {
        FLUSH_CACHE => {
            context.process.memory.invalidate_code();
            Ok(0)
        }
        ATOMIC_SET => atomic_set(context, a.word(1), a.word(2)),
        FIXADE if a.word(1) & !(MENDED | LOGGED) != 0 => Err(Errno::EINVAL),
        // They are, and nobody can stop that.
        FIXADE if a.word(1) & MENDED != 0 => Ok(0),
        FIXADE => Err(Errno::ENOSYS),
        _ => Err(Errno::EINVAL),
    }
}

/// Exchanges a word of memory as one step. The result is the old value, whatever it is.
fn atomic_set(context: &Context<'_>, address: u64, new: u64) -> Reply {
    if !address.is_multiple_of(4) {
        return Err(Errno::EINVAL);
    }
    let memory = &context.process.memory;
    let access = Access::I32.with_order(context.user().shape.order);
    let mut old = memory.load(access, address)?;
    loop {
        let found = memory.compare_exchange(access, address, old, new)?;
        if found == old {
            return Ok(old);
        }
        old = found;
    }
}

/// prctl(PR_SET_FP_MODE, mode) and prctl(PR_GET_FP_MODE)
pub fn prctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const SET_FP_MODE: i32 = 45;
    const GET_FP_MODE: i32 = 46;
    /// Registers have 64 bits.
    const FR: u64 = 1;
    let mode = context.thread.core().mode();
    let current = match mode & WIDE_FLOATS {
        0 => 0,
        _ => FR,
    };
    match a.int(0) {
        GET_FP_MODE => Ok(current),
        SET_FP_MODE if a.word(1) == current => Ok(0),
        // It changes for all threads at once, which is possible while there is one. 32-bit processors of
        // release 1 have the narrow ones only.
        SET_FP_MODE
            if context.user().shape.word == 4
                && mode & FIRST_RELEASE == 0
                && a.word(1) & !FR == 0
                && context.is_alone() =>
        {
            context.thread.core_mut().set_mode(mode ^ WIDE_FLOATS);
            Ok(0)
        }
        SET_FP_MODE => Err(Errno::EOPNOTSUPP),
        _ => Err(Errno::EINVAL),
    }
}
