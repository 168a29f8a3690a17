//! Shared memory. A segment is attached into the guest's address space by the host's kernel, which
//! counts attachments; the table of mappings knows which pages are whose.

use super::{IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, command, get, put};
use crate::errno::Errno;
use crate::host::calls::{self, IPC_BYTES};
use crate::host::layouts::SHMID;
use crate::syscalls::sockets::order::HOST;
use crate::syscalls::{Arguments, Context, Reply, limits};
use portolan_machine::memory::{MemoryError, PAGE, Protection, SEGMENT_DEVICE};

const SHM_RDONLY: u64 = 0o10000;
const SHM_RND: u64 = 0o20000;
const SHM_REMAP: u64 = 0o40000;
const SHM_EXEC: u64 = 0o100000;

const SHM_LOCK: i32 = 11;
const SHM_UNLOCK: i32 = 12;
const SHM_STAT: i32 = 13;
const SHM_INFO: i32 = 14;
const SHM_STAT_ANY: i32 = 15;

/// shmget(key, size, flags)
pub fn shmget(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::shmget(a.int(0), a.size(1), a.int(2)).now()
}

/// What the host tells of a segment.
fn status(id: i32) -> Result<[u8; IPC_BYTES], Errno> {
    let mut status = [0; IPC_BYTES];
    calls::shmctl(id, IPC_STAT, &mut status).now()?;
    Ok(status)
}

/// shmat(id, address, flags)
pub fn shmat(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (id, wanted, flags) = (a.int(0), a.word(1), a.word(2));
    let alignment = context.personality().abi.space.shared_alignment;
    let fixed = match wanted % alignment {
        0 => wanted,
        rest if flags & SHM_RND != 0 => wanted - rest,
        _ => return Err(Errno::EINVAL),
    };
    let remap = flags & SHM_REMAP != 0;
    if remap && fixed == 0 {
        return Err(Errno::EINVAL);
    }
    let status = status(id)?;
    let length = SHMID.decode(HOST, &status, "shm_segsz");
    let length = length.checked_next_multiple_of(PAGE).ok_or(Errno::ENOMEM)?;
    let key = SHMID.decode(HOST, &status, "key") as u32;
    let mut protection = Protection::READ;
    if flags & SHM_RDONLY == 0 {
        protection |= Protection::WRITE;
    }
    if flags & SHM_EXEC != 0 {
        protection |= Protection::EXEC;
    }

    let memory = &context.process.memory;
    let _heap = context.process.heap();
    limits::check_space(context, length)?;
    let range = context.process.mapping_range();
    let address = match wanted {
        0 => memory.find_free(length, range.start, range.end),
        _ if remap || memory.is_free(fixed, length) => Some(fixed),
        _ => return Err(Errno::EINVAL),
    };
    let address = address.ok_or(Errno::ENOMEM)?;
    let name = format!("/SYSV{key:08x} (deleted)");
    match memory.attach_segment(address, length, protection, id, &name) {
        Err(MemoryError::OutsideSpace { .. }) => Err(Errno::EINVAL),
        result => Ok(result.map(|()| address)?),
    }
}

/// shmdt(address)
pub fn shmdt(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (memory, address) = (&context.process.memory, a.word(0));
    let _heap = context.process.heap();
    // Of an attachment whose parts were unmapped or changed, all parts that are left.
    let own = |mapping: &portolan_machine::memory::Mapping| {
        mapping.device == SEGMENT_DEVICE && mapping.start.wrapping_sub(mapping.offset) == address
    };
    let parts: Vec<_> = memory.mappings().into_iter().filter(own).collect();
    let first = parts.first().ok_or(Errno::EINVAL)?;
    for part in parts.iter().filter(|part| part.inode == first.inode) {
        memory.unmap(part.start, part.end - part.start)?;
    }
    Ok(0)
}

/// shmctl(id, command, buffer)
pub fn shmctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (id, command, buffer) = (a.int(0), command(a.int(1)), a.word(2));
    let (user, layouts) = (context.user(), &context.personality().abi.layouts);
    match command {
        IPC_RMID | SHM_LOCK | SHM_UNLOCK => calls::shmctl(id, command, &mut [0; IPC_BYTES]).now(),
        IPC_SET => {
            let mut wanted = get(context, buffer, &layouts.shmid, &SHMID)?;
            calls::shmctl(id, command, &mut wanted).now()
        }
        IPC_STAT | SHM_STAT | SHM_STAT_ANY => {
            let mut status = [0; IPC_BYTES];
            let reply = calls::shmctl(id, command, &mut status).now()?;
            let pids = ["shm_cpid", "shm_lpid"];
            put(context, buffer, (&SHMID, &status), &layouts.shmid, &pids)?;
            Ok(reply)
        }
        // struct shminfo64: nine words of the host's
        IPC_INFO => {
            let mut info = [0; IPC_BYTES];
            let reply = calls::shmctl(id, command, &mut info).now()?;
            let out = info[..72]
                .chunks(8)
                .fold(user.writer(), |out, word| out.long(HOST.decode(word)));
            user.put(buffer, out)?;
            Ok(reply)
        }
        // struct shm_info: an int, and five words
        SHM_INFO => {
            let mut info = [0; IPC_BYTES];
            let reply = calls::shmctl(id, command, &mut info).now()?;
            let ids = user.writer().u32(HOST.decode(&info[..4]) as u32);
            let out = info[8..48]
                .chunks(8)
                .fold(ids, |out, word| out.long(HOST.decode(word)));
            user.put(buffer, out)?;
            Ok(reply)
        }
        _ => Err(Errno::EINVAL),
    }
}
