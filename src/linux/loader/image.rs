//! An ELF program's headers, read and checked, in plain numbers.

use super::error::{ElfIdentity, LoadError};
use crate::layout::Shape;
use object::elf;
use object::read::ReadRef;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf::FileHeader32, elf::FileHeader64};
use portolan_machine::memory::{Order, PAGE, Protection};
use std::ops::RangeInclusive;

/// What the program headers may take together, as in the kernel.
const HEADERS_MAX: u64 = 65536;
/// What an interpreter's path may take, as in the kernel.
const INTERPRETER_MAX: u64 = 4096;

/// The types of program headers that are the processor's: `PT_LOPROC` to `PT_HIPROC`.
const PROCESSOR: RangeInclusive<u32> = 0x7000_0000..=0x7fff_ffff;
/// The bytes behind such a header that are of interest.
const PROCESSOR_MAX: u64 = 256;

/// An ELF program.
#[derive(Clone, Debug)]
pub struct Image {
    /// What it is for.
    pub identity: ElfIdentity,
    /// Whether it may be placed anywhere.
    pub relocatable: bool,
    /// The address of its first instruction.
    pub entry: u64,
    /// What is loaded, in the file's order; at least one.
    pub segments: Vec<Segment>,
    /// The program that loads its libraries.
    pub interpreter: Option<Vec<u8>>,
    /// Where its program headers are in memory.
    pub headers: Option<u64>,
    /// Bytes of one program header.
    pub header_size: u16,
    /// How many program headers there are.
    pub header_count: u16,
    /// What the headers point to whose types are the processor's: each type with its bytes.
    pub processor: Vec<(u32, Vec<u8>)>,
    /// Whether it wants an executable stack, if it says so.
    pub stack_executable: Option<bool>,
}

/// A loadable segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it goes.
    pub address: u64,
    /// Its bytes in memory; what the file does not fill is zero.
    pub memory_size: u64,
    /// Where it starts in the file.
    pub offset: u64,
    /// Its bytes in the file.
    pub file_size: u64,
    /// What may be done with it.
    pub protection: Protection,
    /// Its alignment, a power of two.
    pub alignment: u64,
}

impl Image {
    /// The pages that the segments span: first address, and first address after them.
    pub fn span(&self) -> (u64, u64) {
        let first = self
            .segments
            .iter()
            .map(|segment| segment.address)
            .min()
            .unwrap_or(0);
        let last = self.segments.iter().map(Segment::end).max().unwrap_or(0);
        // Ends have been checked to have a page after them.
        (first / PAGE * PAGE, last.next_multiple_of(PAGE))
    }
}

impl Segment {
    /// The first address after it.
    pub fn end(&self) -> u64 {
        self.address + self.memory_size
    }
}

/// What an ELF file is for, by its first bytes. `length` is that of the whole file.
pub fn identity(start: &[u8], length: u64) -> Result<ElfIdentity, LoadError> {
    match start.get(4) {
        Some(1) => identify::<FileHeader32<Endianness>>(start, length),
        Some(2) => identify::<FileHeader64<Endianness>>(start, length),
        Some(class) => Err(LoadError::damaged(format!("ELF class {class} at byte 4"))),
        None => Err(header_truncated(64, length)),
    }
}

fn header_truncated(needed: usize, present: u64) -> LoadError {
    LoadError::Truncated {
        what: "the ELF header".into(),
        needed: needed as u64,
        present,
    }
}

fn header<'data, Elf: FileHeader<Endian = Endianness>, R: ReadRef<'data>>(
    data: R,
    length: u64,
) -> Result<(&'data Elf, Endianness), LoadError> {
    let size = size_of::<Elf>();
    let header: &Elf = data
        .read_at(0)
        .map_err(|()| header_truncated(size, length))?;
    let endian = match header.e_ident().data {
        elf::ELFDATA2LSB => Endianness::Little,
        elf::ELFDATA2MSB => Endianness::Big,
        other => {
            return Err(LoadError::damaged(format!(
                "byte order {} at byte 5",
                other.0
            )));
        }
    };
    Ok((header, endian))
}

fn identify<Elf: FileHeader<Endian = Endianness>>(
    start: &[u8],
    length: u64,
) -> Result<ElfIdentity, LoadError> {
    let (header, endian) = header::<Elf, _>(start, length)?;
    Ok(identity_of(header, endian))
}

fn identity_of<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
) -> ElfIdentity {
    let order = match endian {
        Endianness::Little => Order::Little,
        Endianness::Big => Order::Big,
    };
    let word = if header.is_type_64() { 8 } else { 4 };
    ElfIdentity {
        machine: header.e_machine(endian).0,
        shape: Shape { word, order },
        flags: header.e_flags(endian).0,
    }
}

/// Reads and checks the headers of an ELF program.
///
/// # Errors
///
/// Files that are cut off, contradict themselves, or are no programs.
pub fn parse<'data, R: ReadRef<'data>>(data: R) -> Result<Image, LoadError> {
    let length = data
        .len()
        .map_err(|()| LoadError::damaged("the file has no length"))?;
    let ident = data
        .read_bytes_at(0, 16)
        .map_err(|()| header_truncated(64, length))?;
    if !ident.starts_with(b"\x7fELF") {
        return Err(LoadError::damaged("the ELF mark is missing"));
    }
    match ident[4] {
        1 => parse_class::<FileHeader32<Endianness>, R>(data, length),
        2 => parse_class::<FileHeader64<Endianness>, R>(data, length),
        class => Err(LoadError::damaged(format!("ELF class {class} at byte 4"))),
    }
}

fn parse_class<'data, Elf, R>(data: R, length: u64) -> Result<Image, LoadError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let (header, endian) = header::<Elf, R>(data, length)?;
    let identity = identity_of(header, endian);
    let relocatable = relocatable(header.e_type(endian))?;
    let (size, count) = (header.e_phentsize(endian), header.e_phnum(endian));
    if count == 0 {
        return Err(LoadError::damaged("it has no program headers"));
    }
    let own = size_of::<Elf::ProgramHeader>();
    if usize::from(size) != own {
        return Err(LoadError::damaged(format!(
            "program headers of {size} bytes; this class has {own}"
        )));
    }
    let offset: u64 = header.e_phoff(endian).into();
    let bytes = u64::from(size) * u64::from(count);
    if bytes > HEADERS_MAX {
        return Err(LoadError::damaged(format!("{count} program headers")));
    }
    let headers: &[Elf::ProgramHeader] =
        data.read_slice_at(offset, usize::from(count))
            .map_err(|()| LoadError::Truncated {
                what: "the table of program headers".into(),
                needed: offset.saturating_add(bytes),
                present: length,
            })?;

    let mut image = Image {
        identity,
        relocatable,
        entry: header.e_entry(endian).into(),
        segments: Vec::new(),
        interpreter: None,
        headers: None,
        header_size: size,
        header_count: count,
        processor: Vec::new(),
        stack_executable: None,
    };
    for (index, header) in headers.iter().enumerate() {
        let offset: u64 = header.p_offset(endian).into();
        let file_size: u64 = header.p_filesz(endian).into();
        match header.p_type(endian) {
            elf::PT_LOAD => {
                if let Some(segment) = segment(header, endian, index, length)? {
                    image.segments.push(segment);
                }
            }
            elf::PT_INTERP if image.interpreter.is_none() => {
                image.interpreter = Some(interpreter(data, offset, file_size, length)?);
            }
            elf::PT_PHDR => image.headers = Some(header.p_vaddr(endian).into()),
            elf::PT_GNU_STACK => {
                image.stack_executable = Some(header.p_flags(endian).contains(elf::PF_X));
            }
            kind if PROCESSOR.contains(&kind.0) && file_size <= PROCESSOR_MAX => {
                // What is cut off is not there.
                if let Ok(bytes) = data.read_bytes_at(offset, file_size) {
                    image.processor.push((kind.0, bytes.to_vec()));
                }
            }
            _ => {}
        }
    }
    if image.segments.is_empty() {
        return Err(LoadError::damaged("it has no segments to load"));
    }
    image.headers = image.headers.or_else(|| {
        let holds = |s: &&Segment| s.offset <= offset && offset - s.offset < s.file_size;
        let segment = image.segments.iter().find(holds)?;
        Some(offset - segment.offset + segment.address)
    });
    Ok(image)
}

fn relocatable(kind: elf::FileType) -> Result<bool, LoadError> {
    let not = |kind: &str, remedy| {
        Err(LoadError::NotProgram {
            kind: kind.into(),
            remedy,
        })
    };
    match kind {
        elf::ET_EXEC => Ok(false),
        elf::ET_DYN => Ok(true),
        elf::ET_REL => not("an object file", "link it first"),
        elf::ET_CORE => not("a core dump", "run the program that left it"),
        other => not(
            &format!("an ELF file of type {}", other.0),
            "build it as an executable",
        ),
    }
}

fn segment<P: ProgramHeader<Endian = Endianness>>(
    header: &P,
    endian: Endianness,
    index: usize,
    length: u64,
) -> Result<Option<Segment>, LoadError> {
    let flags = header.p_flags(endian);
    let mut protection = Protection::NONE;
    for (flag, allowed) in [
        (elf::PF_R, Protection::READ),
        (elf::PF_W, Protection::WRITE),
        (elf::PF_X, Protection::EXEC),
    ] {
        if flags.contains(flag) {
            protection |= allowed;
        }
    }
    let segment = Segment {
        address: header.p_vaddr(endian).into(),
        memory_size: header.p_memsz(endian).into(),
        offset: header.p_offset(endian).into(),
        file_size: header.p_filesz(endian).into(),
        protection,
        alignment: header.p_align(endian).into(),
    };
    let Segment {
        address,
        memory_size,
        offset,
        file_size,
        ..
    } = segment;
    if memory_size == 0 && file_size == 0 {
        return Ok(None);
    }
    let bad = |what: String| {
        Err(LoadError::damaged(format!(
            "program header {index}: {what}"
        )))
    };
    if file_size > memory_size {
        return bad(format!(
            "{file_size} bytes in the file, but {memory_size} in memory"
        ));
    }
    if address
        .checked_add(memory_size)
        .and_then(|end| end.checked_add(PAGE))
        .is_none()
    {
        return bad(format!(
            "{memory_size:#x} bytes at {address:#x} pass the end of all addresses"
        ));
    }
    match offset.checked_add(file_size) {
        _ if file_size == 0 => {}
        Some(end) if end <= length => {}
        end => {
            return Err(LoadError::Truncated {
                what: format!("the segment of program header {index}"),
                needed: end.unwrap_or(u64::MAX),
                present: length,
            });
        }
    }
    let alignment = match segment.alignment {
        0 => 1,
        power if power.is_power_of_two() => power,
        other => return bad(format!("alignment {other:#x} is no power of two")),
    };
    Ok(Some(Segment {
        alignment,
        ..segment
    }))
}

fn interpreter<'data, R: ReadRef<'data>>(
    data: R,
    offset: u64,
    size: u64,
    length: u64,
) -> Result<Vec<u8>, LoadError> {
    if !(2..=INTERPRETER_MAX).contains(&size) {
        return Err(LoadError::damaged(format!(
            "the interpreter's path has {size} bytes"
        )));
    }
    let bytes = data
        .read_bytes_at(offset, size)
        .map_err(|()| LoadError::Truncated {
            what: "the interpreter's path".into(),
            needed: offset.saturating_add(size),
            present: length,
        })?;
    match bytes.split_last() {
        Some((0, path)) if !path.contains(&0) => Ok(path.to_vec()),
        _ => Err(LoadError::damaged("the interpreter's path is no string")),
    }
}
