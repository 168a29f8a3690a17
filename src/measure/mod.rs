//! What a program did: which instructions ran, how often, of what kind, and in which file and function.
//!
//! A [`Counter`] is told of the blocks that a hart runs and counts how each was left, from which
//! follows how often each of its instructions ran, exactly. [`Executed`] is what all harts of a process
//! did, as views read it.

mod atlas;
pub mod conduct;
mod count;
pub mod coverage;
mod executed;
pub mod follow;
mod kind;
pub mod profile;
pub mod stack;
pub mod subject;
pub mod territory;
pub mod traffic;

pub use atlas::{Atlas, File, Place};
pub use count::{BlockCount, Counter, Counts, InstructionCount};
pub use executed::{Executed, Instruction};
pub use kind::Kind;
