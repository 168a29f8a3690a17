//! Every instruction set that this program knows: the one file that names them.

use portolan_machine::guest::Guest;
use std::sync::LazyLock;

/// An instruction set with everything that this build can do with it.
pub struct Port {
    /// The instruction set.
    pub guest: &'static dyn Guest,
    /// Its Linux ABI.
    #[cfg(feature = "host")]
    pub abi: &'static portolan_linux::abi::Abi,
    /// `e_machine` of its ELF files.
    pub elf_machine: u16,
    /// What else its ELF files have of their own.
    pub elf: ElfFormat,
}

/// What the ELF files of an instruction set have of their own.
pub struct ElfFormat {
    /// What objdump calls it.
    pub name: &'static str,
    /// The width in bits of its addresses.
    pub bits: u8,
    /// Whether numbers in it have their highest byte first.
    pub big_endian: bool,
    /// The procedure linkage table: its size in bytes before the first entry, and an entry's.
    pub linkage_table: (u64, u64),
}

/// The guests, in the order in which they are listed to people.
///
/// Collected at run time: a constant would name each guest's type here, and have its interpreter
/// compiled in this crate too.
pub static GUESTS: LazyLock<[Port; 1]> = LazyLock::new(|| {
    [Port {
        guest: portolan_riscv::GUEST,
        #[cfg(feature = "host")]
        abi: &portolan_riscv::linux::ABI,
        elf_machine: object::elf::EM_RISCV.0,
        elf: ElfFormat {
            name: "elf64-littleriscv",
            bits: 64,
            big_endian: false,
            linkage_table: (32, 16),
        },
    }]
});

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

/// The names of all system calls that a guest's kernel has.
#[cfg(feature = "host")]
pub fn call_names() -> impl Iterator<Item = &'static str> {
    let numbers = GUESTS.iter().map(|port| port.abi.numbers);
    numbers.flat_map(|table| portolan_linux::personality::numbers(table).map(|(_, name)| name))
}
