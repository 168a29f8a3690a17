//! SysV IPC: shared memory, semaphores, queues of messages. The host has the objects; here their
//! structures are laid out as the guest has them.

mod messages;
mod semaphores;
mod shared_memory;

use super::{Arguments, Context, Reply, multiplex};
use crate::errno::Errno;
use crate::host::calls::IPC_BYTES;
use crate::layout::{Layout, Shape};
use crate::syscalls::sockets::order::HOST;

pub use messages::{msgctl, msgget, msgrcv, msgsnd};
pub use semaphores::{semctl, semget, semop, semtimedop, semtimedop64};
pub use shared_memory::{shmat, shmctl, shmdt, shmget};

/// The version of structures that a 32-bit guest asks for; there is no other one here.
const IPC_64: i32 = 0x100;

/// Commands that all three kinds of objects have.
const IPC_RMID: i32 = 0;
const IPC_SET: i32 = 1;
const IPC_STAT: i32 = 2;
const IPC_INFO: i32 = 3;

/// The command of a call without the version.
fn command(number: i32) -> i32 {
    number & !IPC_64
}

/// A structure laid out another way. What 32-bit guests keep in two halves has `_high` in the
/// name of the second one.
fn translate(from: (&Layout, Shape), bytes: &[u8], to: (&Layout, Shape)) -> Vec<u8> {
    let values: Vec<(&str, u64)> =
        to.0.fields
            .iter()
            .map(|field| match field.name.strip_suffix("_high") {
                Some(name) => (field.name, from.0.decode(from.1, bytes, name) >> 32),
                None => (field.name, from.0.decode(from.1, bytes, field.name)),
            })
            .collect();
    to.0.encode(to.1, &values)
}

/// Stores what the host tells of an object; `pids` are the fields that name processes.
fn put(
    context: &Context<'_>,
    address: u64,
    host: (&Layout, &[u8; IPC_BYTES]),
    guest: &Layout,
    pids: &[&str],
) -> Result<(), Errno> {
    let mut bytes = host.1.to_vec();
    for field in pids.iter().filter_map(|name| host.0.field(name)) {
        let (start, length) = (usize::from(field.offset), usize::from(field.bytes));
        let place = &mut bytes[start..start + length];
        let pid = context.process.guest_pid(HOST.decode(place) as i32);
        place.copy_from_slice(&HOST.encode(u64::from(pid.cast_unsigned()), length)[..length]);
    }
    let shape = context.user().shape;
    let bytes = translate((host.0, HOST), &bytes, (guest, shape));
    context.user().write(address, &bytes)
}

/// Reads what the guest wants an object to be, for the host.
fn get(
    context: &Context<'_>,
    address: u64,
    guest: &Layout,
    host: &Layout,
) -> Result<[u8; IPC_BYTES], Errno> {
    let user = context.user();
    let bytes = user.structure(address, guest)?;
    let bytes = translate((guest, user.shape), &bytes, (host, HOST));
    let mut out = [0; IPC_BYTES];
    out[..bytes.len()].copy_from_slice(&bytes);
    Ok(out)
}

/// The call that ipc(call, first, second, third, pointer, fifth) stands for.
pub fn member(context: &Context<'_>, a: &Arguments) -> Result<multiplex::Member, Errno> {
    let [call, first, second, third, pointer, fifth] = a.0;
    let (version, call) = (call >> 16 & 0xffff, call & 0xffff);
    let (name, list): (_, &[u64]) = match call {
        1 => ("semop", &[first, pointer, second]),
        2 => ("semget", &[first, second, third]),
        3 => {
            let value = context.user().read_long(pointer)?;
            ("semctl", &[first, second, third, value])
        }
        4 => ("semtimedop", &[first, pointer, second, fifth]),
        11 => ("msgsnd", &[first, pointer, second, third]),
        12 if version == 0 => {
            // The arguments that do not fit.
            let word = usize::from(context.user().shape.word);
            let (buffer, kind) = context
                .user()
                .get(pointer, 2 * word, |r| (r.long(), r.long()))?;
            ("msgrcv", &[first, buffer, second, kind, third])
        }
        12 => ("msgrcv", &[first, pointer, second, fifth, third]),
        13 => ("msgget", &[first, second]),
        14 => ("msgctl", &[first, second, pointer]),
        22 => ("shmdt", &[pointer]),
        23 => ("shmget", &[first, second, third]),
        24 => ("shmctl", &[first, second, pointer]),
        _ => return Err(Errno::ENOSYS),
    };
    let mut raw = [0; Arguments::RAW];
    raw[..list.len()].copy_from_slice(list);
    Ok((name, raw))
}

/// ipc(call, first, second, third, pointer, fifth), when it stands for no other call: shmat,
/// whose result is stored.
pub fn ipc(context: &mut Context<'_>, a: &Arguments) -> Reply {
    const SHMAT: u64 = 21;
    let [call, first, second, third, pointer, _] = a.0;
    match call {
        SHMAT => {
            let attached = shmat(context, &Arguments([first, pointer, second, 0, 0, 0]))?;
            context.user().write_long(third, attached)?;
            Ok(0)
        }
        call if call & 0xffff == SHMAT => Err(Errno::EINVAL),
        _ => member(context, a).and(Err(Errno::ENOSYS)),
    }
}
