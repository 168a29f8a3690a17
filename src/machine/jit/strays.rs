//! Computed jumps that stray: out of their region, to where nobody had seen them go when it was compiled.
//!
//! A program has phases: a sort is given another comparison, a reader meets another kind of record. Regions count the
//! jumps and calls that leave them so; those that do it often are compiled anew, with what is known by then. The code of
//! before is kept as long as the version of the code it belongs to, as a hart may be in it.

use super::baseline::UNNOTED;
use super::region::Entry;
use std::mem::offset_of;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

/// How many jumps that stray are looked at before a region is compiled anew.
const LOOKS: u32 = 32;

/// A computed jump of a region.
#[repr(C)]
pub struct Stray {
    /// How often it will stray until that is told.
    left: AtomicI32,
    /// How often it was told.
    told: AtomicU32,
    /// The address of the jump.
    pub jump: u64,
    /// The region's entry.
    pub entry: Entry,
    /// In how many places it goes on within the region.
    pub ways: usize,
    patience: u32,
}

impl Stray {
    /// Where code counts, in bytes.
    pub const LEFT: i32 = offset_of!(Stray, left) as i32;

    /// A jump that may stray so often before anybody looks.
    pub fn new(jump: u64, entry: Entry, ways: usize, patience: u32) -> Stray {
        let stray = Stray {
            left: AtomicI32::new(0),
            told: AtomicU32::new(0),
            jump,
            entry,
            ways,
            patience,
        };
        stray.wait(patience);
        stray
    }

    /// It was told once more. Whether that was often enough to do something about it.
    pub fn told(&self) -> bool {
        let told = self.told.fetch_add(1, Ordering::Relaxed) + 1;
        let is_enough = told >= LOOKS;
        if is_enough {
            self.told.store(0, Ordering::Relaxed);
        }
        self.wait(if is_enough {
            self.patience
        } else {
            UNNOTED as u32
        });
        is_enough
    }

    /// Nothing can be done about it.
    pub fn give_up(&self) {
        self.wait(u32::MAX);
    }

    fn wait(&self, jumps: u32) {
        let jumps = i32::try_from(jumps).unwrap_or(i32::MAX);
        self.left.store(jumps, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_looks_are_enough() {
        let entry = Entry {
            pc: 0,
            mode: 0,
            halves: true,
            floats: true,
        };
        let stray = Stray::new(8, entry, 1, 1000);
        let left = || stray.left.load(Ordering::Relaxed);
        assert_eq!(left(), 1000);
        for _ in 1..LOOKS {
            assert!(!stray.told());
            assert_eq!(left(), UNNOTED);
        }
        assert!(stray.told());
        assert_eq!(left(), 1000);
        assert!(!stray.told());
        stray.give_up();
        assert_eq!(left(), i32::MAX);
    }
}
