//! Every instruction set that this program knows: the one file that names them.

use crate::Error;
use object::read::elf::{ElfFile, FileHeader};
use object::{Endianness, FileKind, elf};
#[cfg(feature = "host")]
use portolan_linux::{abi::Abi, loader::ElfIdentity};
use portolan_machine::guest::Guest;
#[cfg(feature = "host")]
use portolan_machine::memory::Order;
use portolan_machine::simulator::Simulator;
use std::sync::LazyLock;

/// An instruction set with everything that this build can do with it.
pub struct Port {
    /// The instruction set.
    pub guest: &'static dyn Guest,
    /// Its Linux ABI, if programs of it can be run.
    #[cfg(feature = "host")]
    pub abi: Option<&'static Abi>,
    /// The services of its teaching simulator, if it has one.
    pub simulator: Option<&'static Simulator>,
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
    /// Bits of `e_flags`, and what they are, that tell this processor from others of its kind.
    pub processor: Option<(u32, u32)>,
    /// The procedure linkage table.
    pub linkage_table: LinkageTable,
}

/// How the entries of a procedure linkage table are told.
pub enum LinkageTable {
    /// They follow the relocations' order.
    InOrder {
        /// Bytes before the first entry.
        header: u64,
        /// Bytes of an entry.
        entry: u64,
    },
    /// An instruction of each refers to the word that its relocation fills in.
    ByReference,
}

impl ElfFormat {
    /// Whether the flags of a file are those of this processor.
    pub fn is_for(&self, flags: u32) -> bool {
        self.processor
            .is_none_or(|(mask, value)| flags & mask == value)
    }
}

/// The guests, in the order in which they are listed to people; those that only some files of a
/// kind are for come before the others of their kind.
///
/// Collected at run time: a constant would name each guest's type here, and have its interpreter
/// compiled in this crate too.
pub static GUESTS: LazyLock<[Port; 7]> = LazyLock::new(|| {
    [
        Port {
            guest: portolan_riscv::GUEST,
            #[cfg(feature = "host")]
            abi: Some(&portolan_riscv::linux::ABI),
            simulator: Some(&portolan_riscv::simulator::RARS),
            elf_machine: elf::EM_RISCV.0,
            elf: ElfFormat {
                name: "elf64-littleriscv",
                bits: 64,
                big_endian: false,
                processor: None,
                linkage_table: LinkageTable::InOrder {
                    header: 32,
                    entry: 16,
                },
            },
        },
        Port {
            elf: ElfFormat {
                processor: Some(R5900),
                ..mips(32, false)
            },
            #[cfg(feature = "host")]
            abi: None,
            simulator: None,
            guest: &portolan_mips::R5900,
            elf_machine: elf::EM_MIPS.0,
        },
        Port {
            guest: &portolan_mips::MIPS,
            #[cfg(feature = "host")]
            abi: Some(&portolan_mips::linux::MIPS),
            simulator: Some(&portolan_mips::simulator::SPIM),
            elf_machine: elf::EM_MIPS.0,
            elf: mips(32, true),
        },
        Port {
            guest: &portolan_mips::MIPSEL,
            #[cfg(feature = "host")]
            abi: Some(&portolan_mips::linux::MIPSEL),
            simulator: Some(&portolan_mips::simulator::SPIM),
            elf_machine: elf::EM_MIPS.0,
            elf: mips(32, false),
        },
        Port {
            guest: &portolan_mips::MIPS64,
            #[cfg(feature = "host")]
            abi: Some(&portolan_mips::linux::MIPS64),
            simulator: None,
            elf_machine: elf::EM_MIPS.0,
            elf: mips(64, true),
        },
        Port {
            guest: &portolan_mips::MIPS64EL,
            #[cfg(feature = "host")]
            abi: Some(&portolan_mips::linux::MIPS64EL),
            simulator: None,
            elf_machine: elf::EM_MIPS.0,
            elf: mips(64, false),
        },
        Port {
            guest: portolan_x86::GUEST,
            #[cfg(feature = "host")]
            abi: Some(&portolan_x86::linux::ABI),
            simulator: None,
            elf_machine: elf::EM_X86_64.0,
            elf: ElfFormat {
                name: "elf64-x86-64",
                bits: 64,
                big_endian: false,
                processor: None,
                linkage_table: LinkageTable::ByReference,
            },
        },
    ]
});

/// EF_MIPS_MACH, and EF_MIPS_MACH_5900 there.
const R5900: (u32, u32) = (0x00ff_0000, 0x0092_0000);

fn mips(bits: u8, big_endian: bool) -> ElfFormat {
    ElfFormat {
        name: match (bits, big_endian) {
            (32, true) => "elf32-tradbigmips",
            (32, false) => "elf32-tradlittlemips",
            (_, true) => "elf64-tradbigmips",
            (_, false) => "elf64-tradlittlemips",
        },
        bits,
        big_endian,
        processor: None,
        linkage_table: LinkageTable::InOrder {
            header: 32,
            entry: 16,
        },
    }
}

/// The guest of a name as in a target triple: `riscv64`.
pub fn named(name: &str) -> Option<&'static dyn Guest> {
    port(name).map(|port| port.guest)
}

/// The same, with everything that can be done with it.
pub fn port(name: &str) -> Option<&'static Port> {
    GUESTS.iter().find(|port| port.guest.name() == name)
}

/// What an ELF file is for.
///
/// # Errors
/// If it is no ELF file, or for a machine without a guest.
pub fn of_elf(file: &[u8]) -> Result<&'static Port, Error> {
    match FileKind::parse(file).map_err(Error::Elf)? {
        FileKind::Elf32 => of_header::<elf::FileHeader32<Endianness>>(file, 32),
        // Any other kind is refused as what it is not.
        _ => of_header::<elf::FileHeader64<Endianness>>(file, 64),
    }
}

fn of_header<Header>(file: &[u8], bits: u8) -> Result<&'static Port, Error>
where
    Header: FileHeader<Endian = Endianness>,
{
    let parsed = ElfFile::<Header>::parse(file).map_err(Error::Elf)?;
    let (header, endian) = (parsed.elf_header(), parsed.endian());
    let mut ports = GUESTS.iter().filter(|port| {
        port.elf_machine == header.e_machine(endian).0
            && port.elf.bits == bits
            && port.elf.big_endian == (endian == Endianness::Big)
    });
    let flags = header.e_flags(endian).0;
    let found = ports.find(|port| port.elf.is_for(flags));
    found.ok_or(Error::UnknownMachine)
}

/// The guest that a simulator assembles programs for: the simulators have the byte order of their hosts.
pub fn of_simulator(name: &str) -> Option<&'static Port> {
    let mut ports = GUESTS.iter().filter(|port| !port.elf.big_endian);
    ports.find(|port| port.simulator.is_some_and(|it| it.name == name))
}

/// Which simulator is for which guests, to be told to people.
pub fn simulators() -> String {
    let ports = GUESTS.iter();
    let known = ports.filter_map(|port| Some((port.simulator?.name, port.guest.name())));
    let known: Vec<String> = known
        .map(|(name, guest)| format!("{name} is for {guest}"))
        .collect();
    known.join(", ")
}

/// The instruction set of the host, if it is one of the guests'.
pub fn of_the_host() -> Option<&'static dyn Guest> {
    named(std::env::consts::ARCH)
}

/// The names of all guests, to be listed to people.
pub fn names() -> String {
    list(GUESTS.iter())
}

/// The names of the guests whose programs can be run.
#[cfg(feature = "host")]
pub fn names_of_platforms() -> String {
    list(GUESTS.iter().filter(|port| port.abi.is_some()))
}

/// The processors that programs can be run on, for each guest, to be listed to people.
#[cfg(feature = "host")]
pub fn processors() -> String {
    let mut text = String::new();
    for (port, abi) in GUESTS.iter().filter_map(|port| Some((port, port.abi?))) {
        text += &format!("{}\n", port.guest.name());
        for (index, it) in abi.processors.named.iter().enumerate() {
            let usual = if index == 0 { " (the usual one)" } else { "" };
            text += &format!("  {:<10}  {}{usual}\n", it.name, it.has);
        }
        if let Some(notation) = abi.processors.notation {
            text += &format!("  {}\n", notation.form);
        }
    }
    text + "all of them\n  max         the usual one\n  host        no more than this machine has, of its own instruction set\n"
}

fn list<'a>(ports: impl Iterator<Item = &'a Port>) -> String {
    let names: Vec<&str> = ports.map(|port| port.guest.name()).collect();
    names.join(", ")
}

/// What a program runs on.
#[cfg(feature = "host")]
#[derive(Clone, Copy)]
pub struct Platform {
    /// Its instruction set.
    pub guest: &'static dyn Guest,
    /// Its Linux ABI.
    pub abi: &'static Abi,
}

/// What a program runs on, if it can be run.
#[cfg(feature = "host")]
pub fn for_program(identity: &ElfIdentity) -> Option<Platform> {
    let bits = identity.shape.word * 8;
    let big_endian = identity.shape.order == Order::Big;
    let port = GUESTS.iter().find(|port| {
        port.elf_machine == identity.machine
            && port.elf.bits == bits
            && port.elf.big_endian == big_endian
            && port.elf.is_for(identity.flags)
    })?;
    Some(Platform {
        guest: port.guest,
        abi: port.abi?,
    })
}

/// The names of all system calls that a guest's kernel has.
#[cfg(feature = "host")]
pub fn call_names() -> impl Iterator<Item = &'static str> {
    let numbers = GUESTS.iter().filter_map(|port| Some(port.abi?.numbers));
    numbers.flat_map(|table| portolan_linux::personality::numbers(table).map(|(_, name)| name))
}

/// Roms that are a part of this program, so that it can show itself anywhere: `hello`, `fib` and `primes` of the instruction
/// sets whose programs it runs.
#[cfg(feature = "host")]
pub fn rom(isa: &str, name: &str) -> Option<&'static [u8]> {
    macro_rules! roms {
        ($($isa:literal)*) => {
            match (isa, name) {
                $(($isa, "hello") => include_bytes!(concat!("../roms/bin/", $isa, "/hello")),)*
                $(($isa, "fib") => include_bytes!(concat!("../roms/bin/", $isa, "/fib")),)*
                $(($isa, "primes") => include_bytes!(concat!("../roms/bin/", $isa, "/primes")),)*
                _ => return None,
            }
        };
    }
    Some(roms!("riscv64" "mips" "mipsel" "mips64" "mips64el" "x86_64"))
}
