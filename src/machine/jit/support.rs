//! Functions that compiled code calls.

use crate::domain::{Binary, Lanes, Unary};

/// How code names an operation on lanes to [`lanes`].
pub fn lanes_code(operation: Lanes, bits: u8) -> u64 {
    operation as u64 | u64::from(bits) << 8
}

/// An operation on lanes.
pub extern "C" fn lanes(code: u64, a: u64, b: u64) -> u64 {
    Lanes::ALL[(code & 0xff) as usize].apply((code >> 8) as u8, a, b)
}

/// An operation of one word.
pub extern "C" fn unary(operation: &Unary, a: u64) -> u64 {
    operation.apply(a)
}

/// An operation of two words.
pub extern "C" fn binary(operation: &Binary, a: u64, b: u64) -> u64 {
    operation.apply(a, b)
}
