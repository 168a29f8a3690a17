//! Placing an image in the guest's memory.

use super::error::LoadError;
use super::identify::read_at;
use super::image::{Image, Segment};
use crate::host::Plain;
use crate::host::calls;
use portolan_machine::memory::{Memory, MemoryError, PAGE, Protection};
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsFd;

/// Bytes copied at a time where a file cannot be mapped.
const CHUNK: usize = 64 << 10;
/// The largest alignment that is kept; files asking for more get this.
const ALIGNMENT_MAX: u64 = 1 << 30;

/// An image in memory.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// What is added to the image's addresses.
    pub bias: u64,
    /// Where the image's pages start.
    pub start: u64,
    /// The first address after the image.
    pub end: u64,
}

/// Where an image that may go anywhere is put.
#[derive(Clone, Debug)]
pub enum Place {
    /// As low as possible from an address on.
    From(u64),
    /// As high as possible in a range.
    Highest(Range<u64>),
}

/// Maps an image's segments. `name` is what `/proc/self/maps` calls them.
///
/// # Errors
///
/// Images that do not fit, and what the memory refuses.
pub fn place(
    memory: &Memory,
    image: &Image,
    file: &File,
    name: &str,
    place: Place,
) -> Result<Placed, LoadError> {
    let (first, last) = image.span();
    bound(image)?;
    let bias = if image.relocatable {
        choose(memory, image, last - first, place)?.wrapping_sub(first)
    } else {
        0
    };
    let start = first.wrapping_add(bias);
    let end = start
        .checked_add(last - first)
        .filter(|end| *end <= memory.limit());
    let Some(end) = end.filter(|_| start >= PAGE) else {
        let what = format!("addresses {first:#x} to {last:#x} of {:#x}", memory.limit());
        return Err(LoadError::NoRoom { what });
    };
    for segment in &image.segments {
        map_segment(memory, segment, file, name, bias)?;
    }
    Ok(Placed { bias, start, end })
}

/// Refuses what the host could never hold: the guest would be killed later, without a word.
fn bound(image: &Image) -> Result<(), LoadError> {
    let sum = |sum: u64, segment: &Segment| sum.saturating_add(segment.memory_size);
    let needed = image.segments.iter().fold(0, sum);
    let present = total_memory();
    if needed > present {
        return Err(LoadError::TooLarge { needed, present });
    }
    Ok(())
}

/// The host's memory and swap space in bytes.
fn total_memory() -> u64 {
    let mut info = libc::sysinfo::zeroed();
    match calls::sysinfo(&mut info).now() {
        Ok(_) => (info.totalram + info.totalswap).saturating_mul(u64::from(info.mem_unit)),
        Err(_) => u64::MAX,
    }
}

fn choose(memory: &Memory, image: &Image, length: u64, place: Place) -> Result<u64, LoadError> {
    let wanted = image
        .segments
        .iter()
        .map(|segment| segment.alignment)
        .max()
        .unwrap_or(PAGE);
    let alignment = wanted.clamp(PAGE, ALIGNMENT_MAX);
    let room = length.saturating_add(alignment - PAGE);
    let found = match &place {
        Place::From(from) => memory.find_free_above(room, *from),
        Place::Highest(range) => memory.find_free(room, range.start, range.end),
    };
    let what = || format!("{length:#x} bytes anywhere");
    let start = found.ok_or_else(|| LoadError::NoRoom { what: what() })?;
    Ok(start.next_multiple_of(alignment))
}

fn map_segment(
    memory: &Memory,
    segment: &Segment,
    file: &File,
    name: &str,
    bias: u64,
) -> Result<(), LoadError> {
    let address = segment.address.wrapping_add(bias);
    let page = address / PAGE * PAGE;
    let file_end = address + segment.file_size;
    let file_pages_end = if segment.file_size == 0 {
        page
    } else {
        file_end.next_multiple_of(PAGE)
    };
    let end = (address + segment.memory_size).next_multiple_of(PAGE);

    if segment.file_size > 0 {
        let length = file_pages_end - page;
        if !map_from_file(memory, segment, file, name, page..file_pages_end, address)? {
            memory.map(page, length, segment.protection, name)?;
            copy(memory, segment, file, address)?;
        } else if segment.memory_size > segment.file_size {
            let tail = vec![0; (file_pages_end - file_end) as usize];
            memory
                .poke(file_end, &tail)
                .map_err(|_| MemoryError::Unmapped { address: file_end })?;
        }
    }
    if end > file_pages_end {
        memory.map(file_pages_end, end - file_pages_end, segment.protection, "")?;
    }
    Ok(())
}

/// Maps the file's pages where addresses and offsets agree within a page; says whether it did.
fn map_from_file(
    memory: &Memory,
    segment: &Segment,
    file: &File,
    name: &str,
    pages: Range<u64>,
    address: u64,
) -> Result<bool, LoadError> {
    let into_page = address - pages.start;
    if segment.offset % PAGE != into_page {
        return Ok(false);
    }
    let offset = segment.offset - into_page;
    let length = pages.end - pages.start;
    let fd = file.as_fd();
    match memory.map_file(
        pages.start,
        length,
        segment.protection,
        false,
        fd,
        offset,
        name,
    ) {
        Ok(()) => Ok(true),
        // A file system that cannot map files.
        Err(MemoryError::Host { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn copy(memory: &Memory, segment: &Segment, file: &File, address: u64) -> Result<(), LoadError> {
    let mut done = 0;
    while done < segment.file_size {
        let length = CHUNK.min((segment.file_size - done) as usize);
        let bytes = read_at(file, segment.offset + done, length)
            .map_err(|error| LoadError::damaged(format!("reading failed: {error}")))?;
        if bytes.is_empty() {
            return Err(LoadError::damaged(
                "the file became shorter while it was read",
            ));
        }
        memory
            .poke(address + done, &bytes)
            .map_err(|fault| MemoryError::Unmapped {
                address: fault.address,
            })?;
        done += bytes.len() as u64;
    }
    Ok(())
}

/// A page of code that no file has: where signal handlers return to.
pub fn place_code(
    memory: &Memory,
    code: &[u8],
    name: &str,
    range: Range<u64>,
) -> Result<u64, LoadError> {
    let what = || LoadError::NoRoom {
        what: "a page for signal handlers".into(),
    };
    let page = memory
        .find_free(PAGE, range.start, range.end)
        .ok_or_else(what)?;
    memory.map(page, PAGE, Protection::READ | Protection::EXEC, name)?;
    memory
        .poke(page, code)
        .map_err(|fault| MemoryError::Unmapped {
            address: fault.address,
        })?;
    Ok(page)
}
