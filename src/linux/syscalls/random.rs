//! Random bytes.

use super::{Arguments, Context, Reply};
use crate::host::calls;
use crate::scheduler::Wait;

/// getrandom(buffer, length, flags)
pub fn getrandom(context: &mut Context<'_>, a: &Arguments) -> Reply {
    let buffer = context.user().output(a.word(0), a.word(1))?;
    context.block(Wait::Soon, &calls::getrandom(buffer, a.unsigned(2)))
}
