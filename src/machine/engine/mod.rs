//! The engine: runs a hart's instructions.
//!
//! One tier: the [`Interpreter`], over blocks of decoded instructions.

mod block;
mod interpreter;

pub use interpreter::Interpreter;
