//! Pictures that programs draw, and keys that people press: what a screen shows, whoever drew it.

pub mod keys;
mod picture;
#[cfg(feature = "window")]
pub mod window;

pub use keys::KeyEvent;
pub use picture::{Picture, Size, SizeError};
