//! The services that teaching simulators give to programs in place of an operating system, as data: SPIM's and MARS's,
//! RARS's. What a service does is told by whoever runs it; here is what they are called by and where their arguments are.

use crate::assembly::Assembly;
use crate::registers::Slot;

/// A teaching simulator of an instruction set.
#[derive(Debug)]
pub struct Simulator {
    /// What `--machine` calls it.
    pub name: &'static str,
    /// Whose services these are, with versions.
    pub title: &'static str,
    /// The register of the service's number.
    pub number: Slot,
    /// The registers of arguments; services that MARS added also return in them.
    pub arguments: [Slot; 4],
    /// The register of the result of the others.
    pub result: Slot,
    /// The register of a floating-point argument.
    pub float_argument: Slot,
    /// The register of a floating-point result.
    pub float_result: Slot,
    /// Whether the upper half of a register that holds a single is all ones. Else it is left alone.
    pub boxes_singles: bool,
    /// The global pointer.
    pub global_pointer: Slot,
    /// What its programs are written in.
    pub assembly: fn() -> &'static Assembly,
    /// The services by number.
    pub services: &'static [(u32, Service)],
}

impl Simulator {
    /// The service of a number.
    pub fn service(&self, number: u32) -> Option<Service> {
        let found = self.services.iter().find(|(known, _)| *known == number);
        found.map(|(_, service)| *service)
    }
}

/// A service. Arguments are numbered as in [`Simulator::arguments`]; "the result" is in [`Simulator::result`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is documented where it is carried out")]
pub enum Service {
    PrintInteger,
    PrintFloat,
    PrintDouble,
    PrintString,
    PrintCharacter,
    PrintHexadecimal,
    PrintBinary,
    PrintUnsigned,
    ReadInteger,
    ReadFloat,
    ReadDouble,
    ReadString,
    ReadCharacter,
    Allocate,
    Exit,
    ExitWith,
    Open,
    Read,
    Write,
    Close,
    Seek,
    WorkingDirectory,
    Time,
    Sleep,
    /// With an argument that says whether it waits for the note's end.
    Midi {
        waits: bool,
    },
    SeedRandom,
    RandomInteger,
    RandomBelow,
    RandomFloat,
    RandomDouble,
    Confirm,
    AskInteger,
    AskFloat,
    AskDouble,
    AskString,
    Message,
    MessageInteger,
    MessageFloat,
    MessageDouble,
    MessageString,
}
