//! Stepping through programs.

mod expression;
#[cfg(feature = "host")]
pub mod gdb;
mod history;
#[cfg(feature = "host")]
pub mod prompt;
mod recorder;
pub mod session;
#[cfg(feature = "host")]
pub mod signals;
