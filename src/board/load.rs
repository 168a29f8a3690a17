//! Programs into a board's memory: ELF files, and bytes as they are.

use super::{Board, RAM};
use crate::guests;
use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, elf};
use portolan_machine::memory::Fault;
use thiserror::Error;

/// Why a program cannot be loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file is no ELF file, or a damaged one.
    #[error("not a usable ELF file: {0}")]
    Elf(#[from] object::read::Error),
    /// A file ends within a segment.
    #[error("the file ends within what belongs at {address:#x}: is it a part of one?")]
    Short {
        /// Where the segment belongs.
        address: u64,
    },
    /// A file wants to be linked or moved when it is loaded.
    #[error(
        "it is linked dynamically or can be moved (PIE), and nothing here does that: link it with -static -no-pie"
    )]
    Dynamic,
    /// A file is for another instruction set than the board.
    #[error("it is for {file}, not for {board}")]
    Foreign {
        /// The file's instruction set.
        file: &'static str,
        /// The board's.
        board: &'static str,
    },
    /// Something belongs where no memory is.
    #[error("{bytes:#x} bytes belong at {address:#x}, but memory is from {:#x} to {:#x}: link it there, e.g. with -Wl,-Ttext-segment=0x10000", RAM.start, RAM.end - 1)]
    Outside {
        /// Where they belong.
        address: u64,
        /// How many there are.
        bytes: u64,
    },
    /// The memory could not be filled.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Board {
    /// Loads the segments of a static ELF file at their addresses, and continues at its entry.
    ///
    /// # Errors
    /// If it is none, not for this instruction set, or not for this memory.
    pub fn load_elf(&mut self, file: &[u8]) -> Result<(), LoadError> {
        let guest = self.machine.guest();
        if let Ok(port) = guests::of_elf(file)
            && port.guest.name() != guest.name()
        {
            return Err(LoadError::Foreign {
                file: port.guest.name(),
                board: guest.name(),
            });
        }
        match FileKind::parse(file)? {
            FileKind::Elf32 => self.load_segments::<elf::FileHeader32<Endianness>>(file),
            // Any other kind is refused as what it is not.
            _ => self.load_segments::<elf::FileHeader64<Endianness>>(file),
        }
    }

    fn load_segments<Header>(&mut self, file: &[u8]) -> Result<(), LoadError>
    where
        Header: FileHeader<Endian = Endianness>,
    {
        let elf = ElfFile::<Header>::parse(file)?;
        let endian = elf.endian();
        let headers = elf.elf_program_headers();
        let is = |kind| move |header: &&Header::ProgramHeader| header.p_type(endian) == kind;
        let is_executable = elf.elf_header().e_type(endian) == elf::ET_EXEC;
        if !is_executable || headers.iter().any(|header| is(elf::PT_INTERP)(&header)) {
            return Err(LoadError::Dynamic);
        }
        for header in headers.iter().filter(is(elf::PT_LOAD)) {
            // Where the two differ, the program is to move itself, and starts where it is loaded.
            let address: u64 = header.p_paddr(endian).into();
            let bytes: u64 = header.p_memsz(endian).into();
            inside(address, bytes)?;
            let data = header.data(endian, file);
            let data = data.map_err(|()| LoadError::Short { address })?;
            inside(address, data.len() as u64)?;
            self.machine.memory().poke(address, data)?;
        }
        let entry = elf.elf_header().e_entry(endian).into();
        self.machine.set_pc(entry);
        Ok(())
    }

    /// Loads bytes at an address and continues at an entry.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn load_raw(&mut self, bytes: &[u8], base: u64, entry: u64) -> Result<(), LoadError> {
        inside(base, bytes.len() as u64)?;
        self.machine.memory().poke(base, bytes)?;
        self.machine.set_pc(entry);
        Ok(())
    }

    /// Continues elsewhere than where the file begins.
    pub fn set_entry(&mut self, entry: u64) {
        self.machine.set_pc(entry);
    }
}

fn inside(address: u64, bytes: u64) -> Result<(), LoadError> {
    let end = address.checked_add(bytes);
    if address < RAM.start || end.is_none_or(|end| end > RAM.end) {
        return Err(LoadError::Outside { address, bytes });
    }
    Ok(())
}
