//! Queues of messages.

use super::{IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, command, get, put};
use crate::errno::Errno;
use crate::host::calls::{self, IPC_BYTES, MessageBuffer};
use crate::host::layouts::MSQID;
use crate::scheduler::Wait;
use crate::syscalls::sockets::order::HOST;
use crate::syscalls::{Arguments, Context, Reply};

const MSG_STAT: i32 = 11;
const MSG_INFO: i32 = 12;
const MSG_STAT_ANY: i32 = 13;

/// More bytes than a message can have.
const LONGEST: usize = 1 << 24;

/// msgget(key, flags)
pub fn msgget(_: &mut Context<'_>, a: &Arguments) -> Reply {
    calls::msgget(a.int(0), a.int(1)).now()
}

/// The length of a message, as far as it can be one.
fn length(context: &Context<'_>, a: &Arguments) -> Result<usize, Errno> {
    let length = match context.user().shape.word {
        4 => i64::from(a.int(2)),
        _ => a.long(2),
    };
    usize::try_from(length).map_err(|_| Errno::EINVAL)
}

/// Bytes of a message, as the host is set.
fn longest() -> Result<usize, Errno> {
    // The third number of struct msginfo.
    const MSGMAX: std::ops::Range<usize> = 8..12;
    let mut info = [0; IPC_BYTES];
    calls::msgctl(0, IPC_INFO, &mut info).now()?;
    Ok(HOST.decode(&info[MSGMAX]) as usize)
}

/// msgsnd(id, message, length, flags)
pub fn msgsnd(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let word = u64::from(user.shape.word);
    let length = length(context, a)?;
    let kind = user.get(a.word(1), word as usize, |r| r.signed_long())?;
    // The limit comes first, then whether the text can be read at all.
    if length > longest()?.min(LONGEST) {
        return Err(Errno::EINVAL);
    }
    let text = user.bytes(a.word(1).wrapping_add(word), length)?;
    let mut message = MessageBuffer::new(kind, &text);
    let call = calls::msgsnd(a.int(0), &mut message, length, a.int(3));
    context.block_once(Wait::Object, &call)
}

/// msgrcv(id, message, length, type, flags)
pub fn msgrcv(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let user = context.user();
    let length = length(context, a)?.min(LONGEST);
    let kind = match user.shape.word {
        4 => i64::from(a.int(3)),
        _ => a.long(3),
    };
    let mut message = MessageBuffer::new(0, &vec![0; length]);
    let received = {
        let call = calls::msgrcv(a.int(0), &mut message, length, kind, a.int(4));
        context.block_once(Wait::Object, &call)?
    };
    let out = user.writer().signed_long(message.kind());
    user.put(a.word(1), out.raw(message.text(received as usize)))?;
    Ok(received)
}

/// msgctl(id, command, buffer)
pub fn msgctl(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (id, command, buffer) = (a.int(0), command(a.int(1)), a.word(2));
    let (user, layouts) = (context.user(), &context.personality().abi.layouts);
    match command {
        IPC_RMID => calls::msgctl(id, command, &mut [0; IPC_BYTES]).now(),
        IPC_SET => {
            let mut wanted = get(context, buffer, &layouts.msqid, &MSQID)?;
            calls::msgctl(id, command, &mut wanted).now()
        }
        IPC_STAT | MSG_STAT | MSG_STAT_ANY => {
            let mut status = [0; IPC_BYTES];
            let reply = calls::msgctl(id, command, &mut status).now()?;
            let pids = ["msg_lspid", "msg_lrpid"];
            put(context, buffer, (&MSQID, &status), &layouts.msqid, &pids)?;
            Ok(reply)
        }
        // struct msginfo: seven ints and a short
        IPC_INFO | MSG_INFO => {
            let mut info = [0; IPC_BYTES];
            let reply = calls::msgctl(id, command, &mut info).now()?;
            let out = info[..28]
                .chunks(4)
                .fold(user.writer(), |out, int| out.u32(HOST.decode(int) as u32));
            let out = out.u16(HOST.decode(&info[28..30]) as u16).align(4);
            user.put(buffer, out)?;
            Ok(reply)
        }
        _ => Err(Errno::EINVAL),
    }
}
