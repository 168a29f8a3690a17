//! Sets of semaphores.

use super::{IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, command, get, put};
use crate::errno::Errno;
use crate::host::calls::{self, IPC_BYTES, Operations};
use crate::host::layouts::SEMID;
use crate::scheduler::Wait;
use crate::syscalls::sockets::order::HOST;
use crate::syscalls::time::{self, Width};
use crate::syscalls::{Arguments, Context, Reply};
use portolan_machine::memory::Order;

const GETPID: i32 = 11;
const GETVAL: i32 = 12;
const GETALL: i32 = 13;
const GETNCNT: i32 = 14;
const GETZCNT: i32 = 15;
const SETVAL: i32 = 16;
const SETALL: i32 = 17;
const SEM_STAT: i32 = 18;
const SEM_INFO: i32 = 19;
const SEM_STAT_ANY: i32 = 20;

/// More operations than any kernel is set to take at once.
const OPERATIONS_MAX: usize = 1 << 16;

/// semget(key, count, flags)
pub fn semget(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::semget(a.int(0), a.int(1), a.int(2)).now()
}

/// semop(id, operations, count)
pub fn semop(context: &mut Context<'_>, a: &Arguments) -> Reply {
    operate(context, a, None)
}

/// semtimedop(id, operations, count, timeout)
pub fn semtimedop(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let timeout = time::read_optional(context, a.word(3), Width::Word)?;
    operate(context, a, timeout)
}

/// semtimedop_time64(id, operations, count, timeout)
pub fn semtimedop64(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let timeout = time::read_optional(context, a.word(3), Width::Wide)?;
    operate(context, a, timeout)
}

fn operate(context: &Context<'_>, a: &Arguments, timeout: Option<libc::timespec>) -> Reply {
    let count = a.unsigned(2) as usize;
    if count == 0 || a.int(0) < 0 {
        return Err(Errno::EINVAL);
    }
    if count > OPERATIONS_MAX {
        return Err(Errno::E2BIG);
    }
    let mut list = context.user().get(a.word(1), count * 6, |r| {
        let mut next = || libc::sembuf {
            sem_num: r.u16(),
            sem_op: r.u16().cast_signed(),
            sem_flg: r.u16().cast_signed(),
        };
        (0..count).map(|_| next()).collect::<Vec<_>>()
    })?;
    let call = calls::semtimedop(a.int(0), Operations(&mut list), timeout.as_ref());
    context.block_once(Wait::Object, &call)
}

/// semctl(id, number, command, argument)
pub fn semctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (id, number, command, argument) = (a.int(0), a.int(1), command(a.int(2)), a.word(3));
    let (user, layouts) = (context.user(), &context.personality().abi.layouts);
    match command {
        IPC_RMID | GETVAL | GETNCNT | GETZCNT => calls::semctl(id, number, command, 0).now(),
        GETPID => {
            let pid = calls::semctl(id, number, command, 0).now()?;
            Ok(context.process.guest_pid(pid as i32) as u64)
        }
        SETVAL => {
            // An int in a union with pointers.
            let value = match (user.shape.word, user.shape.order) {
                (8, Order::Big) => argument >> 32,
                _ => argument,
            };
            let value = i64::from(value as i32).cast_unsigned();
            calls::semctl(id, number, command, value).now()
        }
        GETALL | SETALL => all(context, (id, number, command), argument),
        IPC_SET => {
            let mut wanted = get(context, argument, &layouts.semid, &SEMID)?;
            calls::semctl_status(id, number, command, &mut wanted).now()
        }
        IPC_STAT | SEM_STAT | SEM_STAT_ANY => {
            let mut status = [0; IPC_BYTES];
            let reply = calls::semctl_status(id, number, command, &mut status).now()?;
            put(context, argument, (&SEMID, &status), &layouts.semid, &[])?;
            Ok(reply)
        }
        // struct seminfo: ten ints
        IPC_INFO | SEM_INFO => {
            let mut info = [0; IPC_BYTES];
            let reply = calls::semctl_status(id, number, command, &mut info).now()?;
            let out = info[..40]
                .chunks(4)
                .fold(user.writer(), |out, int| out.u32(HOST.decode(int) as u32));
            user.put(argument, out)?;
            Ok(reply)
        }
        _ => Err(Errno::EINVAL),
    }
}

/// The values of all semaphores of a set.
fn all(context: &Context<'_>, (id, number, command): (i32, i32, i32), address: u64) -> Reply {
    let user = context.user();
    let mut status = [0; IPC_BYTES];
    calls::semctl_status(id, 0, IPC_STAT, &mut status).now()?;
    let count = SEMID.decode(HOST, &status, "sem_nsems") as usize;
    let mut values = vec![0u16; count];
    if command == SETALL {
        user.get(address, count * 2, |r| values.fill_with(|| r.u16()))?;
    }
    let room = calls::Values::new(&mut values, count).ok_or(Errno::EINVAL)?;
    let reply = calls::semctl_all(id, number, command, room).now()?;
    if command == GETALL {
        let out = values
            .iter()
            .fold(user.writer(), |out, value| out.u16(*value));
        user.put(address, out)?;
    }
    Ok(reply)
}
