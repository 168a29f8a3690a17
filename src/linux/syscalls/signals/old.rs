//! The calls about signals that Linux had before there were real-time ones: their sets are one word.

use super::{Temporary, check_installable, set_at, valid};
use crate::errno::Errno;
use crate::host::calls;
use crate::scheduler::Wait;
use crate::signals::{Action, Set};
use crate::syscalls::{Arguments, Context, Reply};

/// The signals that a word has bits for.
fn word(context: &Context<'_>) -> Set {
    Set::from(u64::MAX >> (64 - 8 * u32::from(context.user().shape.word)))
}

/// sigaction(signal, new, old)
pub fn sigaction(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let number = valid(context, a.int(0))?;
    let (user, personality) = (context.user(), context.personality());
    let layout = &personality.abi.layouts.old_sigaction;
    let new = match a.word(1) {
        0 => None,
        address => {
            let bytes = user.structure(address, layout)?;
            let get = |name| layout.decode(user.shape, &bytes, name);
            Some(Action {
                handler: get("sa_handler"),
                flags: get("sa_flags"),
                restorer: get("sa_restorer"),
                mask: get("sa_mask").into(),
            })
        }
    };
    let old = context.process.actions().get(number);
    if let Some(action) = new {
        check_installable(context, number)?;
        context.process.actions().set(personality, number, action)?;
    }
    if a.word(2) != 0 {
        let values = [
            ("sa_handler", old.handler),
            ("sa_flags", old.flags),
            ("sa_restorer", old.restorer),
            ("sa_mask", old.mask as u64),
        ];
        user.write(a.word(2), &layout.encode(user.shape, &values))?;
    }
    Ok(0)
}

/// signal(signal, handler): the handler is called once, and may be interrupted by the same signal.
pub fn signal(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let number = valid(context, a.int(0))?;
    check_installable(context, number)?;
    let personality = context.personality();
    let flag = |name| personality.action_flag(name);
    let old = context.process.actions().get(number);
    let action = Action {
        handler: a.word(1),
        flags: flag("SA_RESETHAND") | flag("SA_NODEFER"),
        ..Action::default()
    };
    context.process.actions().set(personality, number, action)?;
    Ok(old.handler)
}

/// sigprocmask(how, new, old)
pub fn sigprocmask(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let old = context.thread.mask();
    if a.word(1) != 0 {
        let set = Set::from(context.user().read_long(a.word(1))?);
        let names = context.personality().abi.constants.signal_mask;
        let mask = match crate::constants::name(names, a.int(0) as u64) {
            Some("SIG_BLOCK") => old | set,
            Some("SIG_UNBLOCK") => old & !set,
            Some("SIG_SETMASK") => old & !word(context) | set,
            _ => return Err(Errno::EINVAL),
        };
        context.thread.set_mask(mask)?;
    }
    if a.word(2) != 0 {
        context.user().write_long(a.word(2), old as u64)?;
    }
    Ok(0)
}

/// sigpending(set)
pub fn sigpending(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mut set = 0u64;
    calls::rt_sigpending(&mut set, 8).now()?;
    let set = context.personality().mask_to_guest(set);
    context.user().write_long(a.word(0), set as u64)?;
    Ok(0)
}

/// sigsuspend(mask), where the mask is in memory.
pub fn sigsuspend(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let mask = Temporary(set_at(context, a.word(0))?);
    Temporary::during(context, Some(mask), |context, mask| {
        let none = 0;
        let call = calls::rt_sigsuspend(mask.unwrap_or(&none), 8);
        context.block_once(Wait::Signal, &call)
    })
}

/// sgetmask()
pub fn sgetmask(context: &mut Context<'_>, _: &Arguments) -> Reply {
    Ok((context.thread.mask() & word(context)) as u64)
}

/// ssetmask(mask)
pub fn ssetmask(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let (old, word) = (context.thread.mask(), word(context));
    context
        .thread
        .set_mask(old & !word | Set::from(a.word(0)) & word)?;
    Ok((old & word) as u64)
}
