//! The engine: runs a hart's instructions.
//!
//! Two tiers: the [`Interpreter`], over blocks of decoded instructions, and in it, where the host
//! can run them, compiled regions of what is hot.

mod block;
mod compilation;
mod hooked;
mod interpreter;
mod meter;
mod observed;
#[cfg_attr(
    not(all(feature = "jit", target_os = "linux", target_arch = "x86_64")),
    path = "tier/none.rs"
)]
pub(crate) mod tier;
mod watched;

pub use compilation::{Compilation, Constant, Cpu, Part};
pub use hooked::{
    Call, CallHook, Hooked, Hooks, InstructionHook, InstructionObserver, MemoryAccess, MemoryHook,
};
pub use interpreter::Interpreter;
pub use observed::{BlockObserver, Decoded, DecodedInstruction, End, Ran};
pub use watched::{Hit, Moment, Watchpoint};

use std::sync::MutexGuard;

/// What is compiled: nothing on hosts without a compiler, whatever is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compiling {
    /// Nothing.
    Off,
    /// What is hot, by a thread of its own.
    #[default]
    Auto,
    /// What ran a few times, before it runs again: as `Auto` does, but soon, and repeatably.
    Soon,
    /// Everything, before it runs.
    Always,
    /// Everything, before it runs, by the baseline compiler alone.
    Baseline,
}

/// Keeps other harts out of what a hart shares with them: see [`Core::quiesce`].
///
/// [`Core::quiesce`]: crate::guest::Core::quiesce
#[derive(Default)]
pub struct Quiesced<'a> {
    _hooks: Option<MutexGuard<'a, Hooks>>,
    _compiler: Option<tier::Quiesced<'a>>,
}
