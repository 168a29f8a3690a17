//! Functions that compiled code calls.

use crate::domain::{FloatUnit, Lanes};
use crate::float::{self, Flags, Format, Operation};

/// The constant part of a floating-point operation, which code passes by address.
pub struct Site {
    pub unit: &'static FloatUnit,
    pub operation: Operation,
    pub format: Format,
}

/// Two results, which the host's calling convention returns in two registers.
#[repr(C)]
pub struct Pair(u64, u64);

/// An operation of floating point: the value and the flags. `modes` is the rounding direction, and
/// above its byte the flags already raised.
pub extern "C" fn float(site: &Site, modes: u64, a: u64, b: u64, c: u64) -> Pair {
    let raised = Flags::from_bits((modes >> 8) as u8);
    let (value, flags) = float::evaluate_in(
        site.operation,
        site.format,
        &site.unit.rules,
        modes & 0xff,
        raised,
        [a, b, c],
    );
    Pair(value, u64::from((raised | flags).bits()))
}

/// How code names an operation on lanes to [`lanes`].
pub fn lanes_code(operation: Lanes, bits: u8) -> u64 {
    operation as u64 | u64::from(bits) << 8
}

/// An operation on lanes.
pub extern "C" fn lanes(code: u64, a: u64, b: u64) -> u64 {
    Lanes::ALL[(code & 0xff) as usize].apply((code >> 8) as u8, a, b)
}
