//! What people read.

#[cfg(feature = "host")]
pub mod card;
#[cfg(feature = "host")]
pub mod locate;
pub mod registers;
