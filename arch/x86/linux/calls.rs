//! The calls that only x86-64 has: `arch/x86/kernel/process_64.c` and `tls.c`.

use super::SPACE_END;
use crate::regs::{FS_BASE, GS_BASE};
use portolan_linux::Errno;
use portolan_linux::constants::{Constant, number};
use portolan_linux::syscalls::Kind::{Address, Choice};
use portolan_linux::syscalls::{Arguments, Call, Context, Reply, call};
use portolan_machine::registers::Slot;

const SET_GS: i32 = 0x1001;
const SET_FS: i32 = 0x1002;
const GET_FS: i32 = 0x1003;
const GET_GS: i32 = 0x1004;
const GET_CPUID: i32 = 0x1011;
const SET_CPUID: i32 = 0x1012;
const GET_XCOMP_SUPP: i32 = 0x1021;
const GET_XCOMP_PERM: i32 = 0x1022;

const ARCH_PRCTL: &[Constant] = &[
    number("ARCH_SET_GS", SET_GS as u64),
    number("ARCH_SET_FS", SET_FS as u64),
    number("ARCH_GET_FS", GET_FS as u64),
    number("ARCH_GET_GS", GET_GS as u64),
    number("ARCH_GET_CPUID", GET_CPUID as u64),
    number("ARCH_SET_CPUID", SET_CPUID as u64),
    number("ARCH_GET_XCOMP_SUPP", GET_XCOMP_SUPP as u64),
    number("ARCH_GET_XCOMP_PERM", GET_XCOMP_PERM as u64),
    number("ARCH_REQ_XCOMP_PERM", 0x1023),
    number("ARCH_CET_STATUS", 0x3001),
];

pub const CALLS: &[Call] = &[
    call("arch_prctl", arch_prctl, &[Choice(ARCH_PRCTL), Address]),
    call("set_thread_area", thread_area, &[Address]),
    call("get_thread_area", thread_area, &[Address]),
];

/// arch_prctl(option, address)
fn arch_prctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    /// What every x86-64 processor saves: x87 and SSE.
    const FEATURES: u64 = 3;
    let get = |context: &Context<'_>, slot: Slot| context.thread.core().register(slot);
    let tell = |context: &Context<'_>, value| {
        let user = context.user();
        user.put(a.word(1), user.writer().u64(value)).map(|_| 0)
    };
    match a.int(0) {
        SET_FS => set_base(context, FS_BASE, a.word(1)),
        SET_GS => set_base(context, GS_BASE, a.word(1)),
        GET_FS => tell(context, get(context, FS_BASE)),
        GET_GS => tell(context, get(context, GS_BASE)),
        GET_XCOMP_SUPP | GET_XCOMP_PERM => tell(context, FEATURES),
        GET_CPUID => Ok(1),
        // cpuid cannot be made to fault.
        SET_CPUID => Err(Errno::ENODEV),
        _ => Err(Errno::EINVAL),
    }
}

fn set_base(context: &mut Context<'_>, slot: Slot, base: u64) -> Reply {
    if base >= SPACE_END {
        return Err(Errno::EPERM);
    }
    context.thread.core_mut().set_register(slot, base);
    Ok(0)
}

/// set_thread_area(descriptor) and get_thread_area(descriptor), for segments of 32-bit code: a kernel
/// without that has neither.
fn thread_area(_: &mut Context<'_>, _: &Arguments) -> Reply {
    Err(Errno::ENOSYS)
}

/// prctl(PR_GET_TSC, address) and prctl(PR_SET_TSC, what)
pub fn prctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const GET_TSC: i32 = 25;
    const SET_TSC: i32 = 26;
    /// rdtsc reads the counter.
    const ENABLED: u32 = 1;
    let user = context.user();
    match a.int(0) {
        GET_TSC => user.put(a.word(1), user.writer().u32(ENABLED)).map(|_| 0),
        SET_TSC if a.word(1) == u64::from(ENABLED) => Ok(0),
        _ => Err(Errno::EINVAL),
    }
}
