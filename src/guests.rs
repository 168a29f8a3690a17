//! Every instruction set that this program knows: the one file that names them.

use portolan_machine::guest::Guest;

/// The guests, in the order in which they are listed to people.
pub static GUESTS: &[&dyn Guest] = &[portolan_riscv::GUEST];

/// The guest of a name as in a target triple: `riscv64`.
pub fn named(name: &str) -> Option<&'static dyn Guest> {
    GUESTS.iter().copied().find(|guest| guest.name() == name)
}
