//! Stepping through programs.

#[cfg(feature = "host")]
pub mod gdb;
#[cfg(feature = "host")]
pub mod prompt;
pub mod session;
