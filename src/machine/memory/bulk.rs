//! Runs of bytes: for the loader, the debugger, and the personality's structures and buffers.
//!
//! A run may touch many pages. On a fault, the bytes before the first bad one are transferred. Registers of devices are
//! bus errors here: what they would say depends on the width of each access.

use super::{Cause, Fault, Intent, Memory, PAGE, Protection};
use crate::domain::Turns;

/// The most bytes of turns that are made ahead: some microseconds.
const MOST_AHEAD: u64 = 1 << 16;

impl Memory {
    /// Reads bytes from `address` on.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Read`]; what precedes its address was read.
    pub fn read(&self, address: u64, into: &mut [u8]) -> Result<(), Fault> {
        let length = into.len() as u64;
        self.transfer(address, length, Intent::Read, |done, count| {
            let part = &mut into[done as usize..(done + count) as usize];
            self.space.copy_out(address + done, part) as u64
        })
    }

    /// Writes bytes from `address` on, as stores of the guest would.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Write`]; what precedes its address was written.
    pub fn write(&self, address: u64, from: &[u8]) -> Result<(), Fault> {
        self.transfer(address, from.len() as u64, Intent::Write, |done, count| {
            let part = &from[done as usize..(done + count) as usize];
            self.space.copy_in(address + done, part) as u64
        })
    }

    /// Sets `length` bytes from `address` on to `byte`, as stores of the guest would.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Write`]; what precedes its address was set.
    pub fn fill(&self, address: u64, length: u64, byte: u8) -> Result<(), Fault> {
        self.transfer(address, length, Intent::Write, |done, count| {
            self.space.fill(address + done, count, byte)
        })
    }

    /// Makes turns as [`Domain::ahead`](crate::domain::Domain::ahead) describes: as many, of at most `most`, as
    /// nothing is in the way of. How many.
    pub(crate) fn ahead(&self, turns: Turns, to: u64, from: u64, most: u64) -> u64 {
        let (Turns::Copy(access) | Turns::Fill(access)) = turns;
        let most = most.min(MOST_AHEAD / u64::from(access.bytes));
        match turns {
            Turns::Copy(access) => self.space.copy_elements(access, to, from, most),
            Turns::Fill(access) => self.space.fill_elements(access, to, from, most),
        }
    }

    /// Writes bytes from `address` on whatever the protection of their pages: for the loader and
    /// the debugger.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Write`] where nothing is mapped, or the host does not let a
    /// shared file be written; what precedes its address was written.
    pub fn poke(&self, address: u64, from: &[u8]) -> Result<(), Fault> {
        self.tell_writes(address, from.len() as u64);
        let mut table = self.table();
        let (mut address, mut rest) = (address, from);
        while !rest.is_empty() {
            let fault = |cause| Fault {
                address,
                intent: Intent::Write,
                cause,
            };
            if address >= self.limit() || table.mappings.at(address).is_none() {
                return Err(fault(Cause::Unmapped));
            }
            if table.device_at(address).is_some() {
                return Err(fault(Cause::Bus));
            }
            let left_in_page = (PAGE - address % PAGE) as usize;
            let (now, later) = rest.split_at(rest.len().min(left_in_page));
            let end = address + now.len() as u64;
            self.disturb_code(&mut table, &(address..end));
            match self.space.poke(address, now) {
                Ok(count) if count == now.len() => (address, rest) = (end, later),
                Ok(_) => return Err(fault(Cause::Bus)),
                Err(_) => return Err(fault(Cause::Protection)),
            }
        }
        Ok(())
    }

    /// The bytes from `address` on up to the first zero, which is not among them, or the first
    /// `max` bytes if none of them is zero.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Read`] that comes before the zero.
    pub fn read_cstring(&self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        let mut string = Vec::new();
        let mut buffer = [0; 256];
        while string.len() < max {
            let from = address.checked_add(string.len() as u64).ok_or(Fault {
                address: u64::MAX,
                intent: Intent::Read,
                cause: Cause::Unmapped,
            })?;
            // Parts end where pages do, so that a string may end before an unmapped page.
            let count = (max - string.len()).min(256 - (from % 256) as usize);
            self.read(from, &mut buffer[..count])?;
            match buffer[..count].iter().position(|byte| *byte == 0) {
                Some(end) => {
                    string.extend_from_slice(&buffer[..end]);
                    break;
                }
                None => string.extend_from_slice(&buffer[..count]),
            }
        }
        Ok(string)
    }

    /// Reads the instruction bytes from `address` on: as many of those wanted as lie in its page and the
    /// next one, as far as these are executable; at least one.
    ///
    /// # Errors
    ///
    /// A fault of intent [`Intent::Execute`] at `address` if there are none.
    pub fn fetch(&self, address: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let is_executable = |page: u64| {
            self.space
                .attributes(page)
                .protection()
                .contains(Protection::EXEC)
                && page < self.limit() / PAGE
        };
        let page = address / PAGE;
        if !is_executable(page) {
            return Err(self.explain(&self.table(), address, Intent::Execute));
        }
        let left_in_page = (PAGE - address % PAGE) as usize;
        let count = if left_in_page < into.len() && !is_executable(page + 1) {
            left_in_page
        } else {
            into.len().min(left_in_page + PAGE as usize)
        };
        match self.space.copy_out(address, &mut into[..count]) {
            0 => Err(Fault {
                address,
                intent: Intent::Execute,
                cause: Cause::Bus,
            }),
            count => Ok(count),
        }
    }

    /// Transfers `length` bytes: `step(done, count)` transfers up to `count` more without regard
    /// for the table of mappings, and returns how many it could.
    fn transfer(
        &self,
        address: u64,
        length: u64,
        intent: Intent,
        mut step: impl FnMut(u64, u64) -> u64,
    ) -> Result<(), Fault> {
        if intent == Intent::Write {
            self.tell_writes(address, length);
        }
        let reachable = self.limit().saturating_sub(address).min(length);
        let mut done = step(0, reachable);
        while done < length {
            let at = address.wrapping_add(done);
            let mut table = self.table();
            let permitted = self.permitted(&table, at, length - done, intent);
            if permitted == 0 {
                return Err(self.explain(&table, at, intent));
            }
            // One page at a time: only pages that are really stored to need preparation.
            let count = permitted.min(PAGE - at % PAGE);
            if intent == Intent::Write {
                self.prepare_stores(&mut table, &(at..at + count));
            }
            match step(done, count) {
                0 => {
                    return Err(Fault {
                        address: at,
                        intent,
                        cause: Cause::Bus,
                    });
                }
                count => done += count,
            }
        }
        Ok(())
    }
}
