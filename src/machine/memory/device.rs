//! Devices: pages whose accesses are carried out by somebody else than memory.
//!
//! For the backends such pages are inaccessible, so that every access to them is refused like one that faults, in whatever
//! tier it is: compiled code leaves it to the interpreter, and of what [`Memory`] was refused it asks the device. So
//! devices cost nothing where there are none, and each access to one is carried out once and in the program's order.

use super::{Access, Cause, Fault, Intent, Mapping, Memory, MemoryError, Protection, Rmw, Table};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Registers that a program reaches by loads and stores.
///
/// Values are numbers as the program's registers hold them: the byte order of an access does not matter. No lock of the
/// memory is held meanwhile, and harts may come at the same time.
pub trait Device: Send + Sync {
    /// The value of the 1, 2, 4 or 8 bytes at an offset from the device's first address; None if there is nothing to be
    /// read in this width, which is a bus error.
    fn read(&self, offset: u64, bytes: u8) -> Option<u64>;

    /// Takes the low bytes of a value in; None as for [`Device::read`].
    fn write(&self, offset: u64, bytes: u8, value: u64) -> Option<()>;
}

/// A device and the pages that it has.
pub(super) struct Attached {
    pages: Range<u64>,
    device: Arc<dyn Device>,
}

/// The registers that one access is to.
struct Place {
    device: Arc<dyn Device>,
    offset: u64,
}

impl Memory {
    /// Gives pages to a device, in place of what was there. Any later change of their mapping takes them from it. Pages
    /// beyond the wall may be a device's, too, as no access is carried out there; those are no mapping, and stay.
    ///
    /// # Errors
    ///
    /// As [`Memory::map`], for pages that are neither inside nor beyond.
    pub fn map_device(
        &self,
        start: u64,
        length: u64,
        device: Arc<dyn Device>,
        name: &str,
    ) -> Result<(), MemoryError> {
        if let Some(pages) = self.pages_beyond(start, length) {
            self.table().devices.push(Attached { pages, device });
            return Ok(());
        }
        self.map(start, length, Protection::NONE, "")?;
        let pages = self.pages(start, length)?;
        let mut table = self.table();
        let protection = Protection::READ | Protection::WRITE;
        let mapping = Mapping::anonymous(pages.clone(), protection, name);
        table.mappings.insert(mapping);
        table.devices.push(Attached { pages, device });
        Ok(())
    }

    /// How many accesses were a device's so far, which wraps.
    #[cfg(feature = "jit")]
    pub(crate) fn device_accesses(&self) -> u64 {
        self.device_accesses.load(Ordering::Relaxed)
    }

    /// The device that an access begins in. That it does not end there is a bus error.
    fn device(&self, bytes: u8, address: u64, intent: Intent) -> Option<Result<Place, Fault>> {
        let table = self.table();
        let attached = table.device_at(address)?;
        let is_inside = attached.pages.end - address >= u64::from(bytes);
        self.device_accesses.fetch_add(1, Ordering::Relaxed);
        Some(match is_inside {
            true => Ok(Place {
                device: Arc::clone(&attached.device),
                offset: address - attached.pages.start,
            }),
            false => Err(bus_error(address, intent)),
        })
    }

    /// A load that was refused, if it is a device's.
    pub(super) fn device_load(&self, a: Access, address: u64) -> Option<Result<u64, Fault>> {
        let place = self.device(a.bytes, address, Intent::Read)?;
        Some(place.and_then(|place| {
            let value = place.device.read(place.offset, a.bytes);
            value
                .map(|value| a.extend(value))
                .ok_or(bus_error(address, Intent::Read))
        }))
    }

    /// A store that was refused, if it is a device's.
    pub(super) fn device_store(
        &self,
        a: Access,
        address: u64,
        value: u64,
    ) -> Option<Result<(), Fault>> {
        let unsigned = Access { signed: false, ..a };
        let place = self.device(a.bytes, address, Intent::Write)?;
        Some(place.and_then(|place| {
            let taken = place
                .device
                .write(place.offset, a.bytes, unsigned.extend(value));
            taken.ok_or(bus_error(address, Intent::Write))
        }))
    }

    /// An atomic change that was refused, if it is a device's: then it is a read and a write, which others can come
    /// between.
    pub(super) fn device_change(
        &self,
        a: Access,
        address: u64,
        change: impl FnOnce(u64) -> Option<u64>,
    ) -> Option<Result<u64, Fault>> {
        let old = self.device_load(a, address)?;
        Some(old.and_then(|old| {
            if let Some(new) = change(old) {
                self.device_store(a, address, new).unwrap_or(Ok(()))?;
            }
            Ok(old)
        }))
    }
}

fn bus_error(address: u64, intent: Intent) -> Fault {
    Fault {
        address,
        intent,
        cause: Cause::Bus,
    }
}

impl Table {
    /// The device at an address.
    pub(super) fn device_at(&self, address: u64) -> Option<&Attached> {
        let mut devices = self.devices.iter();
        devices.find(|device| device.pages.contains(&address))
    }

    /// What is mapped in a range is about to change.
    pub(super) fn detach_devices(&mut self, range: &Range<u64>) {
        let overlaps = |pages: &Range<u64>| pages.start < range.end && range.start < pages.end;
        self.devices.retain(|device| !overlaps(&device.pages));
    }
}

impl Rmw {
    /// The value that replaces another one, as [`Memory::device_change`] asks for it.
    pub(super) fn replacement(self, a: Access, operand: u64) -> impl FnOnce(u64) -> Option<u64> {
        move |old| Some(self.result(a, old, operand))
    }
}
