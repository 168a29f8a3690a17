//! The page attributes: one byte a page that answers what the mappings would answer too slowly.

use super::Protection;

/// What is true of one page: its protection in the low three bits, marks above them.
///
/// Zero for a page that is not mapped, and for one mapped without any permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes(u8);

impl Attributes {
    /// The engine holds translations of bytes of this page: a store must invalidate them.
    pub(super) const CODE: u8 = 1 << 3;
    /// Reserved: a watchpoint lies in this page.
    #[allow(dead_code, reason = "the bit is part of the format")]
    pub(super) const WATCH: u8 = 1 << 4;
    /// Reserved: the page was written since the last snapshot.
    #[allow(dead_code, reason = "the bit is part of the format")]
    pub(super) const DIRTY: u8 = 1 << 6;

    #[inline(always)]
    pub(super) const fn from_bits(bits: u8) -> Attributes {
        Attributes(bits)
    }

    #[inline(always)]
    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    /// An unmarked page of this protection.
    pub(super) const fn of(protection: Protection) -> Attributes {
        Attributes(protection.bits())
    }

    #[inline(always)]
    pub(super) const fn protection(self) -> Protection {
        Protection::from_bits(self.0)
    }

    #[inline(always)]
    pub(super) const fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }
}
