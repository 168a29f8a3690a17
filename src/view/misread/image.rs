//! What of a file is taken for code, whatever the file is.

use crate::guests::{GUESTS, Port};
use object::read::elf::{ElfFile, FileHeader, SectionHeader};
use object::{
    Endianness, FileKind, Object, ObjectSection, ObjectSegment, SectionFlags, SegmentFlags, elf,
};
use portolan_machine::memory::{Memory, MemoryError, PAGE, Protection};

/// Where bytes are that say no address themselves.
pub const BASE: u64 = 0x1_0000;
/// The most that a segment may add to what the file has, as zeros.
const ZEROS: u64 = 64 << 20;

/// A file, with addresses.
pub struct Image<'data> {
    /// What it is, for people.
    pub what: String,
    /// What it is for, if it is known.
    pub port: Option<&'static Port>,
    /// Pieces with addresses.
    pieces: Vec<Piece<'data>>,
    /// Where it begins.
    pub entry: u64,
    /// The code: as far as it goes from the first instruction that the file has.
    pub code: Code<'data>,
}

/// Bytes that are instructions to somebody.
#[derive(Clone, Copy)]
pub struct Code<'data> {
    /// The address of the first.
    pub address: u64,
    /// What they are.
    pub bytes: &'data [u8],
}

struct Piece<'data> {
    address: u64,
    bytes: &'data [u8],
    size: u64,
    protection: Protection,
}

impl<'data> Image<'data> {
    /// An ELF file by its headers, or else its bytes from the first to the last.
    pub fn of(data: &'data [u8]) -> Image<'data> {
        let elf = match FileKind::parse(data) {
            Ok(FileKind::Elf32) => Image::elf::<elf::FileHeader32<Endianness>>(data),
            Ok(FileKind::Elf64) => Image::elf::<elf::FileHeader64<Endianness>>(data),
            _ => None,
        };
        elf.unwrap_or_else(|| Image::raw(data))
    }

    fn raw(data: &'data [u8]) -> Image<'data> {
        let kinds: [(&[u8], &str); 9] = [
            (&elf::ELFMAG, "a damaged ELF file"),
            (b"\x89PNG", "a PNG picture"),
            (b"\xff\xd8\xff", "a JPEG picture"),
            (b"GIF8", "a GIF picture"),
            (b"PK\x03\x04", "a ZIP archive"),
            (b"\x1f\x8b", "a gzip archive"),
            (b"%PDF", "a PDF document"),
            (b"MZ", "a program of Windows"),
            (b"#!", "a script"),
        ];
        let known = kinds.iter().find(|(magic, _)| data.starts_with(magic));
        let is_text =
            !data.is_empty() && std::str::from_utf8(data).is_ok_and(|text| !text.contains('\0'));
        let what = match known {
            Some((_, name)) => *name,
            None if is_text => "text",
            None => "bytes of no known kind",
        };
        Image {
            what: what.to_owned(),
            port: None,
            pieces: vec![Piece {
                address: BASE,
                bytes: data,
                size: data.len() as u64,
                protection: Protection::READ | Protection::WRITE | Protection::EXEC,
            }],
            entry: BASE,
            code: Code {
                address: BASE,
                bytes: data,
            },
        }
    }

    /// None if nothing in it can be executed.
    fn elf<Header>(data: &'data [u8]) -> Option<Image<'data>>
    where
        Header: FileHeader<Endian = Endianness>,
    {
        let file = ElfFile::<Header>::parse(data).ok()?;
        let header = file.elf_header();
        let machine = header.e_machine(file.endian());
        let bits = if file.is_64() { 64 } else { 32 };
        let port = GUESTS.iter().find(|port| {
            port.elf_machine == machine.0
                && port.elf.bits == bits
                && port.elf.big_endian != file.is_little_endian()
                && port.elf.is_for(header.e_flags(file.endian()).0)
        });
        let mut pieces: Vec<Piece> = file
            .segments()
            .filter_map(|segment| {
                let SegmentFlags::Elf { p_flags, .. } = segment.flags() else {
                    return None;
                };
                let may = |flag, protection| match p_flags.contains(flag) {
                    true => protection,
                    false => Protection::NONE,
                };
                Some(Piece {
                    address: segment.address(),
                    bytes: segment.data().ok()?,
                    size: segment.size(),
                    protection: may(elf::PF_R, Protection::READ)
                        | may(elf::PF_W, Protection::WRITE)
                        | may(elf::PF_X, Protection::EXEC),
                })
            })
            .collect();
        if pieces.is_empty() {
            // Not linked yet: its code, wherever that will be.
            let code = file.sections().filter(|section| match section.flags() {
                SectionFlags::Elf { sh_flags, .. } => sh_flags.contains(elf::SHF_EXECINSTR),
                _ => false,
            });
            let code = code
                .filter(|section| section.elf_section_header().sh_size(file.endian()).into() > 0);
            let bytes = code.filter_map(|section| section.data().ok()).next()?;
            pieces.push(Piece {
                address: BASE,
                bytes,
                size: bytes.len() as u64,
                protection: Protection::READ | Protection::EXEC,
            });
        }
        let is_code =
            |piece: &&Piece| piece.protection.contains(Protection::EXEC) && !piece.bytes.is_empty();
        let inside =
            |piece: &&Piece| file.entry().wrapping_sub(piece.address) < piece.bytes.len() as u64;
        let with_entry = pieces.iter().filter(is_code).find(inside);
        let first = with_entry.or_else(|| pieces.iter().find(is_code))?;
        let entry = if with_entry.is_some() {
            file.entry()
        } else {
            first.address
        };
        let whole = Code {
            address: first.address,
            bytes: first.bytes,
        };
        // The section has no headers and tables in it, as segments may.
        let text = file.section_by_name(".text").and_then(|section| {
            Some(Code {
                address: section.address(),
                bytes: section.data().ok().filter(|bytes| !bytes.is_empty())?,
            })
        });
        let code = text.filter(|text| {
            text.address >= whole.address
                && text.address - whole.address + text.bytes.len() as u64
                    <= whole.bytes.len() as u64
        });
        let what = match port {
            Some(port) => format!("a program for {}", port.guest.title()),
            None => format!(
                "a program for a machine that is not known here (number {})",
                machine.0
            ),
        };
        Some(Image {
            what,
            port,
            entry,
            code: code.unwrap_or(whole),
            pieces,
        })
    }

    /// Moves everything down to where a small address space has it.
    pub fn fit(&mut self, limit: u64) {
        let end = |piece: &Piece| {
            piece
                .address
                .saturating_add(piece.size.max(piece.bytes.len() as u64))
        };
        if self.pieces.iter().all(|piece| end(piece) <= limit / 2) {
            return;
        }
        let lowest = self
            .pieces
            .iter()
            .map(|piece| piece.address)
            .min()
            .unwrap_or(BASE);
        let by = (lowest / PAGE * PAGE).wrapping_sub(BASE);
        for piece in &mut self.pieces {
            piece.address = piece.address.wrapping_sub(by);
        }
        self.entry = self.entry.wrapping_sub(by);
        self.code.address = self.code.address.wrapping_sub(by);
    }

    /// Begins where an instruction may start.
    pub fn align(&mut self, alignment: u64) {
        self.entry -= self.entry % alignment.max(1);
    }

    /// Puts it into memory; what does not fit is left out.
    pub fn load(&self, memory: &Memory) -> Result<(), MemoryError> {
        let mut room = ZEROS;
        for piece in &self.pieces {
            let zeros = piece
                .size
                .saturating_sub(piece.bytes.len() as u64)
                .min(room);
            room -= zeros;
            let start = piece.address / PAGE * PAGE;
            let end = piece
                .address
                .saturating_add(piece.bytes.len() as u64)
                .saturating_add(zeros);
            if end > memory.limit() || start >= end {
                continue;
            }
            let end = end.next_multiple_of(PAGE);
            // Pieces may share pages.
            for page in (start..end).step_by(PAGE as usize) {
                if memory.is_free(page, PAGE) {
                    memory.map(page, PAGE, piece.protection, "")?;
                } else if let Some(other) = memory.protection_at(page) {
                    memory.protect(page, PAGE, other | piece.protection)?;
                }
            }
            // A piece that is cut off at the end of the space was left out above.
            let _ = memory.poke(piece.address, piece.bytes);
        }
        Ok(())
    }
}
