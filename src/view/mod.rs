//! What people read.

#[cfg(feature = "host")]
pub mod card;
pub mod dis;
#[cfg(feature = "host")]
pub mod doctor;
pub mod explain;
#[cfg(feature = "host")]
pub mod locate;
pub mod object_file;
pub mod paint;
pub mod registers;
pub mod symbols;
