//! The guest's memory as calls see it: strings, numbers, structures and buffers at addresses that
//! a program passed. What cannot be accessed is EFAULT.

use crate::errno::Errno;
use crate::host::{GuestBuffer, Vectors};
use crate::layout::{Layout, Reader, Shape, Writer};
use portolan_machine::memory::{Fault, Intent, Memory};
use std::ffi::CString;

/// `PATH_MAX`: bytes of a path with its final zero.
pub const PATH_MAX: usize = 4096;
/// `MAX_ARG_STRLEN`: bytes of one argument or environment string.
const STRING_MAX: usize = 128 << 10;
/// Arguments and environment strings together.
const STRINGS_MAX: usize = 6 << 20;
/// `IOV_MAX`: entries of a scatter list.
const VECTORS_MAX: u64 = 1024;
/// What read, write and their kin transfer at most.
const TRANSFER_MAX: u64 = 0x7fff_f000;

impl From<Fault> for Errno {
    fn from(_: Fault) -> Errno {
        Errno::EFAULT
    }
}

/// A guest's memory with the layout of its words.
#[derive(Clone, Copy)]
pub struct User<'a> {
    /// The memory.
    pub memory: &'a Memory,
    /// The guest's words.
    pub shape: Shape,
}

impl<'a> User<'a> {
    /// A path.
    pub fn path(&self, address: u64) -> Result<CString, Errno> {
        let bytes = self.memory.read_cstring(address, PATH_MAX)?;
        if bytes.len() >= PATH_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        CString::new(bytes).map_err(|_| Errno::EINVAL)
    }

    /// A string that is no path, such as the name of an attribute, shorter than `max`.
    pub fn string(&self, address: u64, max: usize) -> Result<CString, Errno> {
        let bytes = self.memory.read_cstring(address, max)?;
        if bytes.len() >= max {
            return Err(Errno::ERANGE);
        }
        CString::new(bytes).map_err(|_| Errno::EINVAL)
    }

    /// The strings of an argument vector or environment; none for a null pointer.
    pub fn strings(&self, mut address: u64) -> Result<Vec<CString>, Errno> {
        let (mut out, mut total) = (Vec::new(), 0);
        if address == 0 {
            return Ok(out);
        }
        loop {
            let pointer = self.read_long(address)?;
            if pointer == 0 {
                return Ok(out);
            }
            let bytes = self.memory.read_cstring(pointer, STRING_MAX)?;
            total += bytes.len() + 1 + usize::from(self.shape.word);
            if bytes.len() >= STRING_MAX || total > STRINGS_MAX {
                return Err(Errno::E2BIG);
            }
            out.push(CString::new(bytes).map_err(|_| Errno::EINVAL)?);
            address = address.wrapping_add(u64::from(self.shape.word));
        }
    }

    /// A copy of `length` bytes, which the caller has bounded.
    pub fn bytes(&self, address: u64, length: usize) -> Result<Vec<u8>, Errno> {
        let mut bytes = vec![0; length];
        self.memory.read(address, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes at several places, one after the other: addresses and lengths, which the caller has
    /// bounded.
    pub fn gather(&self, places: &[(u64, u64)]) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        for (address, length) in places {
            bytes.extend(self.bytes(*address, *length as usize)?);
        }
        Ok(bytes)
    }

    /// Stores bytes at several places, as far as there are any.
    pub fn scatter(&self, places: &[(u64, u64)], mut bytes: &[u8]) -> Result<(), Errno> {
        for (address, length) in places {
            let (part, rest) = bytes.split_at(bytes.len().min(*length as usize));
            self.write(*address, part)?;
            bytes = rest;
        }
        Ok(())
    }

    /// Stores bytes.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Errno> {
        Ok(self.memory.write(address, bytes)?)
    }

    /// Stores a structure.
    pub fn put(&self, address: u64, structure: Writer) -> Result<(), Errno> {
        self.write(address, &structure.finish())
    }

    /// Stores a structure if the pointer to it is not null.
    pub fn put_optional(&self, address: u64, structure: Writer) -> Result<(), Errno> {
        if address == 0 {
            Ok(())
        } else {
            self.put(address, structure)
        }
    }

    /// An empty structure to be filled.
    pub fn writer(&self) -> Writer {
        Writer::new(self.shape)
    }

    /// Applies `read` to a structure of `length` bytes.
    pub fn get<T>(
        &self,
        address: u64,
        length: usize,
        read: impl FnOnce(&mut Reader<'_>) -> T,
    ) -> Result<T, Errno> {
        let bytes = self.bytes(address, length)?;
        Ok(read(&mut Reader::new(self.shape, &bytes)))
    }

    /// The bytes of a structure that a [`Layout`] describes.
    pub fn structure(&self, address: u64, layout: &Layout) -> Result<Vec<u8>, Errno> {
        self.bytes(address, usize::from(layout.size))
    }

    /// Loads C's `int`.
    pub fn read_u32(&self, address: u64) -> Result<u32, Errno> {
        self.get(address, 4, |r| r.u32())
    }

    /// Stores C's `int`.
    pub fn write_u32(&self, address: u64, value: u32) -> Result<(), Errno> {
        self.put(address, self.writer().u32(value))
    }

    /// Loads eight bytes.
    pub fn read_u64(&self, address: u64) -> Result<u64, Errno> {
        self.get(address, 8, |r| r.u64())
    }

    /// Stores eight bytes.
    pub fn write_u64(&self, address: u64, value: u64) -> Result<(), Errno> {
        self.put(address, self.writer().u64(value))
    }

    /// Loads C's `unsigned long` or a pointer.
    pub fn read_long(&self, address: u64) -> Result<u64, Errno> {
        self.get(address, usize::from(self.shape.word), |r| r.long())
    }

    /// Stores C's `long` or a pointer.
    pub fn write_long(&self, address: u64, value: u64) -> Result<(), Errno> {
        self.put(address, self.writer().long(value))
    }

    /// Memory for the host's kernel to read.
    pub fn input(&self, address: u64, length: u64) -> Result<GuestBuffer<'a>, Errno> {
        self.buffer(address, length, Intent::Read)
    }

    /// Memory for the host's kernel to write.
    pub fn output(&self, address: u64, length: u64) -> Result<GuestBuffer<'a>, Errno> {
        self.buffer(address, length, Intent::Write)
    }

    fn buffer(&self, address: u64, length: u64, intent: Intent) -> Result<GuestBuffer<'a>, Errno> {
        let length = length.min(TRANSFER_MAX) as usize;
        Ok(GuestBuffer::new(self.memory, address, length, intent)?)
    }

    /// Memory for the host's kernel, or null.
    pub fn optional(
        &self,
        address: u64,
        length: u64,
        intent: Intent,
    ) -> Result<Option<GuestBuffer<'a>>, Errno> {
        if address == 0 {
            Ok(None)
        } else {
            self.buffer(address, length, intent).map(Some)
        }
    }

    /// The buffers of a scatter list of `count` entries.
    pub fn vectors(&self, address: u64, count: u64, intent: Intent) -> Result<Vectors<'a>, Errno> {
        if count > VECTORS_MAX {
            return Err(Errno::EINVAL);
        }
        let entry = usize::from(self.shape.word) * 2;
        let bytes = self.bytes(address, count as usize * entry)?;
        let mut reader = Reader::new(self.shape, &bytes);
        let mut vectors = Vectors::default();
        let mut rest = TRANSFER_MAX;
        for _ in 0..count {
            let (start, length) = (reader.long(), reader.signed_long());
            let length = u64::try_from(length).map_err(|_| Errno::EINVAL)?.min(rest);
            rest -= length;
            match self.buffer(start, length, intent) {
                Ok(buffer) => vectors.push(buffer),
                // What precedes a bad buffer is transferred.
                Err(errno) if vectors.total() == 0 => return Err(errno),
                Err(_) => break,
            }
        }
        Ok(vectors)
    }
}
