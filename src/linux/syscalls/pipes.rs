//! Pipes.

use super::{Arguments, Context, Reply};
use crate::errno::Errno;
use crate::host::calls;
use portolan_machine::registers::Slot;

fn make(context: &mut Context<'_>, address: u64, flags: i32, second: Option<Slot>) -> Reply {
    let mut ends = [0i32; 2];
    calls::pipe2(&mut ends, flags).now()?;
    if let Some(second) = second {
        let result = i64::from(ends[1]).cast_unsigned();
        context.thread.core_mut().set_register(second, result);
        return Ok(ends[0] as u64);
    }
    let user = context.user();
    let stored = user.put(address, user.writer().i32(ends[0]).i32(ends[1]));
    if let Err(errno) = stored {
        for end in ends {
            calls::close(end).now()?;
        }
        return Err(errno);
    }
    Ok(0)
}

/// pipe2(ends, flags)
pub fn pipe2(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let flags = context.personality().open.flags_to_host(a.word(1));
    make(
        context,
        a.word(0),
        i32::try_from(flags).map_err(|_| Errno::EINVAL)?,
        None,
    )
}

/// pipe(ends)
pub fn pipe(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let second = context.personality().abi.registers.second_result;
    make(context, a.word(0), 0, second)
}
