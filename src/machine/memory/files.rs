//! What takes a host with an operating system: mapped files, memory shared between processes, and
//! guest memory that host calls read and write directly.

use std::os::fd::BorrowedFd;

use super::host;
use super::{Cause, Fault, Intent, Mapping, Memory, MemoryError, PAGE, Protection};

/// The device that segments of shared memory seem to be files of, as the kernel shows them.
pub const SEGMENT_DEVICE: (u32, u32) = (0, 1);

impl Memory {
    /// Maps zeros that are shared with the processes forked from this one, in place of whatever
    /// was there.
    ///
    /// # Errors
    ///
    /// As [`Memory::map`].
    pub fn map_shared_anonymous(
        &self,
        start: u64,
        length: u64,
        protection: Protection,
        name: &str,
    ) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        self.tell_maps(&range);
        let mut table = self.table();
        self.disturb_code(&mut table, &range);
        table.detach_devices(&range);
        let mapped = self.space.map_shared(&range, protection);
        table.mappings.remove(&range);
        mapped?;
        table.objects += 1;
        let inode = table.objects;
        let mapping = Mapping::anonymous(range, protection, name);
        table.mappings.insert(Mapping {
            shared: true,
            inode,
            ..mapping
        });
        Ok(())
    }

    /// Maps the bytes of a file from `offset` on, in place of whatever was there. Stores go to the
    /// file and all its mappings if `shared`, otherwise to private copies of its pages. Access to
    /// pages behind the end of the file is a fault of cause [`Cause::Bus`].
    ///
    /// # Errors
    ///
    /// As [`Memory::map`]; [`MemoryError::Misaligned`] for an offset that is not a multiple of the
    /// page size, and [`MemoryError::Host`] for a file that cannot be mapped so.
    #[expect(clippy::too_many_arguments, reason = "they are those of mmap")]
    pub fn map_file(
        &self,
        start: u64,
        length: u64,
        protection: Protection,
        shared: bool,
        file: BorrowedFd<'_>,
        offset: u64,
        name: &str,
    ) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        if !offset.is_multiple_of(PAGE) {
            return Err(MemoryError::Misaligned { address: offset });
        }
        let (device, inode) = host::file_identity(file)?;
        self.tell_maps(&range);
        let mut table = self.table();
        self.disturb_code(&mut table, &range);
        table.detach_devices(&range);
        self.space
            .map_file(&range, protection, shared, file, offset)?;
        let mapping = Mapping::anonymous(range, protection, name);
        table.mappings.insert(Mapping {
            shared,
            offset,
            device,
            inode,
            ..mapping
        });
        Ok(())
    }

    /// Attaches a segment of the host's SysV shared memory, in place of whatever was there. It is
    /// shown as a file of [`SEGMENT_DEVICE`]; unmapping the pages detaches it.
    ///
    /// # Errors
    ///
    /// As [`Memory::map`]; [`MemoryError::Host`] for a segment that cannot be attached so.
    pub fn attach_segment(
        &self,
        start: u64,
        length: u64,
        protection: Protection,
        segment: i32,
        name: &str,
    ) -> Result<(), MemoryError> {
        let range = self.pages(start, length)?;
        self.tell_maps(&range);
        let mut table = self.table();
        self.disturb_code(&mut table, &range);
        table.detach_devices(&range);
        self.space.attach_segment(&range, protection, segment)?;
        let mapping = Mapping::anonymous(range, protection, name);
        table.mappings.insert(Mapping {
            shared: true,
            device: SEGMENT_DEVICE,
            // Zero would be private memory.
            inode: u64::from(segment.cast_unsigned()).max(1),
            ..mapping
        });
        Ok(())
    }

    /// The host address of the `length` guest bytes at `address`, for a host call that reads them
    /// (or writes them, by `intent`). Writing counts as a store to translated code at once.
    ///
    /// The wall is checked here. The protection of the pages is left to the host's kernel, which
    /// knows the guest's and fails as the guest expects: with EFAULT, or short where a call may be.
    /// The pointer is for the host's kernel alone: guest memory may change or vanish at any time,
    /// so it must never be dereferenced.
    ///
    /// Where threads run, the engine may mark one of the pages as code while the call is under way,
    /// and the kernel then fails with EFAULT for a buffer that is good: on EFAULT, ask again and
    /// repeat the call before the guest is told.
    ///
    /// # Errors
    ///
    /// A fault of cause [`Cause::Unmapped`] if the bytes are not all inside the space.
    pub fn host_pointer(
        &self,
        address: u64,
        length: u64,
        intent: Intent,
    ) -> Result<*mut u8, Fault> {
        match address.checked_add(length) {
            Some(end) if end <= self.limit() => {
                if intent == Intent::Write {
                    self.tell_writes(address, length);
                    self.disturb_code(&mut self.table(), &(address..end));
                }
                Ok(self.space.base().wrapping_add(address as usize))
            }
            _ => {
                let address = address.max(self.limit());
                Err(Fault {
                    address,
                    intent,
                    cause: Cause::Unmapped,
                })
            }
        }
    }
}
