//! What people read.

#[cfg(feature = "host")]
pub mod calls;
#[cfg(feature = "host")]
pub mod card;
#[cfg(feature = "host")]
pub mod compare;
#[cfg(feature = "host")]
pub mod coverage;
pub mod dis;
#[cfg(feature = "host")]
pub mod doctor;
pub mod explain;
pub mod flame;
pub mod functions;
pub mod isa;
#[cfg(feature = "host")]
pub mod locate;
mod markup;
pub mod misread;
#[cfg(feature = "host")]
pub mod mix;
pub mod numbers;
pub mod object_file;
pub mod objects;
pub mod paint;
#[cfg(feature = "host")]
pub mod profile;
pub mod registers;
pub mod symbols;
#[cfg(feature = "host")]
pub mod tour;
#[cfg(feature = "host")]
pub mod trace;
mod words;
