//! The engine: runs a hart's instructions.
//!
//! One tier: the [`Interpreter`], over blocks of decoded instructions.

mod block;
mod hooked;
mod interpreter;

pub use hooked::{Call, CallHook, Hooked, Hooks, InstructionHook, MemoryAccess, MemoryHook};
pub use interpreter::Interpreter;
