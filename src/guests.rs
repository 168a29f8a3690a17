//! Every instruction set that this program knows: the one file that names them.

use portolan_machine::guest::Guest;

/// An instruction set with everything that this build can do with it.
pub struct Port {
    /// The instruction set.
    pub guest: &'static dyn Guest,
    /// Its Linux ABI.
    #[cfg(feature = "host")]
    pub abi: &'static portolan_linux::abi::Abi,
    /// `e_machine` of its ELF files.
    pub elf_machine: u16,
}

/// The guests, in the order in which they are listed to people.
pub static GUESTS: &[Port] = &[Port {
    guest: portolan_riscv::GUEST,
    #[cfg(feature = "host")]
    abi: &portolan_riscv::linux::ABI,
    elf_machine: object::elf::EM_RISCV.0,
}];

/// The guest of a name as in a target triple: `riscv64`.
pub fn named(name: &str) -> Option<&'static dyn Guest> {
    GUESTS
        .iter()
        .map(|port| port.guest)
        .find(|guest| guest.name() == name)
}

/// The names of all guests, to be listed to people.
pub fn names() -> String {
    let names: Vec<&str> = GUESTS.iter().map(|port| port.guest.name()).collect();
    names.join(", ")
}

/// The port that runs a program.
#[cfg(feature = "host")]
pub fn for_program(identity: &portolan_linux::loader::ElfIdentity) -> Option<&'static Port> {
    GUESTS
        .iter()
        .find(|port| port.elf_machine == identity.machine)
}
