//! What follows an access that the backend refused: find out why, and put right what can be.
//!
//! A backend refuses an access without a reason. The reason is in the table of mappings, and under
//! its lock the two agree: either the table forbids the access too, which is the guest's fault; or
//! the page wanted preparation (it held translated code); or the mappings changed in between and
//! the access now works; or it is a device's, which is asked first; or the page has nothing behind it, which is a bus error.

use std::ops::Range;

use super::{Access, Cause, Fault, Intent, Memory, PAGE, Rmw, Table};

impl Memory {
    #[cold]
    #[inline(never)]
    pub(super) fn load_refused(&self, a: Access, address: u64) -> Result<u64, Fault> {
        if let Some(result) = self.device_load(a, address) {
            return result;
        }
        self.again(a.bytes, address, Intent::Read, || {
            self.space.load(a, address)
        })
    }

    #[cold]
    #[inline(never)]
    pub(super) fn store_refused(&self, a: Access, address: u64, value: u64) -> Result<(), Fault> {
        if let Some(result) = self.device_store(a, address, value) {
            return result;
        }
        self.again(a.bytes, address, Intent::Write, || {
            self.space.store(a, address, value)
        })
    }

    #[cold]
    #[inline(never)]
    pub(super) fn rmw_refused(
        &self,
        a: Access,
        op: Rmw,
        address: u64,
        operand: u64,
    ) -> Result<u64, Fault> {
        if let Some(result) = self.device_change(a, address, op.replacement(a, operand)) {
            return result;
        }
        self.again(a.bytes, address, Intent::Write, || {
            self.space.rmw(a, op, address, operand)
        })
    }

    #[cold]
    #[inline(never)]
    pub(super) fn compare_exchange_refused(
        &self,
        a: Access,
        address: u64,
        expected: u64,
        new: u64,
    ) -> Result<u64, Fault> {
        let change = |old| (old == a.extend(expected)).then_some(new);
        if let Some(result) = self.device_change(a, address, change) {
            return result;
        }
        self.again(a.bytes, address, Intent::Write, || {
            self.space.compare_exchange(a, address, expected, new)
        })
    }

    #[cold]
    #[inline(never)]
    pub(super) fn compare_exchange_pair_refused(
        &self,
        address: u64,
        expected: [u64; 2],
        new: [u64; 2],
    ) -> Result<bool, Fault> {
        self.again(16, address, Intent::Write, || {
            self.space.compare_exchange_pair(address, expected, new)
        })
    }

    /// Makes an access that was refused once again, with everything in its favour.
    fn again<T>(
        &self,
        bytes: u8,
        address: u64,
        intent: Intent,
        access: impl Fn() -> Option<T>,
    ) -> Result<T, Fault> {
        let mut table = self.table();
        let length = u64::from(bytes);
        let permitted = self.permitted(&table, address, length, intent);
        if permitted < length {
            return Err(self.explain(&table, address.wrapping_add(permitted), intent));
        }
        if intent == Intent::Write {
            self.prepare_stores(&mut table, &(address..address + length));
        }
        access().ok_or_else(|| {
            let bytes = (address..address + length).map(|at| (at, self.space.load(Access::U8, at)));
            let bad = bytes.into_iter().find(|(_, byte)| byte.is_none());
            let address = bad.map_or(address, |(at, _)| at);
            Fault {
                address,
                intent,
                cause: Cause::Bus,
            }
        })
    }

    /// How many of the `length` bytes from `address` on the mappings permit to access.
    pub(super) fn permitted(
        &self,
        table: &Table,
        address: u64,
        length: u64,
        intent: Intent,
    ) -> u64 {
        let end = address.saturating_add(length).min(self.limit());
        let mut at = address;
        while at < end {
            match table.mappings.at(at) {
                Some(mapping) if mapping.protection.permits(intent) => at = mapping.end,
                _ => break,
            }
        }
        at.min(end).saturating_sub(address)
    }

    /// The fault of a byte that the mappings do not permit to access.
    pub(super) fn explain(&self, table: &Table, address: u64, intent: Intent) -> Fault {
        let cause = match table.mappings.at(address) {
            Some(_) => Cause::Protection,
            None => Cause::Unmapped,
        };
        Fault {
            address,
            intent,
            cause,
        }
    }

    /// Makes the pages of the bytes in `range`, which are mapped, ready to be stored to.
    pub(super) fn prepare_stores(&self, table: &mut Table, range: &Range<u64>) {
        self.disturb_code(table, range);
        for page in range.start / PAGE..range.end.div_ceil(PAGE) {
            self.space.prepare_store(page);
        }
    }
}
