//! What the guest may do with a page.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign};

use super::Intent;

/// The permissions of a page: any of READ, WRITE and EXEC.
///
/// As with the memory management units of most processors, a page with any permission at all can
/// be read: `WRITE` or `EXEC` alone includes reading. Only [`Protection::NONE`] refuses loads.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Protection(u8);

impl Protection {
    /// No access at all.
    pub const NONE: Protection = Protection(0);
    /// Loads.
    pub const READ: Protection = Protection(1);
    /// Stores.
    pub const WRITE: Protection = Protection(2);
    /// Execution.
    pub const EXEC: Protection = Protection(4);

    /// Every permission.
    pub const ALL: Protection = Protection(7);

    /// The permissions as bits: READ 1, WRITE 2, EXEC 4.
    #[inline]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The permissions in the low three bits of `bits`, numbered as by [`Protection::bits`]; the
    /// others are dropped.
    #[inline]
    pub const fn from_bits(bits: u8) -> Protection {
        Protection(bits & 7)
    }

    /// Whether all of `other` is permitted.
    #[inline]
    pub const fn contains(self, other: Protection) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether an access of this intent is permitted.
    #[inline]
    pub const fn permits(self, intent: Intent) -> bool {
        match intent {
            Intent::Read => self.0 != 0,
            Intent::Write => self.contains(Protection::WRITE),
            Intent::Execute => self.contains(Protection::EXEC),
        }
    }
}

impl BitOr for Protection {
    type Output = Protection;
    #[inline]
    fn bitor(self, other: Protection) -> Protection {
        Protection(self.0 | other.0)
    }
}

impl BitOrAssign for Protection {
    #[inline]
    fn bitor_assign(&mut self, other: Protection) {
        self.0 |= other.0;
    }
}

impl BitAnd for Protection {
    type Output = Protection;
    #[inline]
    fn bitand(self, other: Protection) -> Protection {
        Protection(self.0 & other.0)
    }
}

/// As `/proc/PID/maps` writes them: `r-x`.
impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (permission, letter) in [
            (Protection::READ, "r"),
            (Protection::WRITE, "w"),
            (Protection::EXEC, "x"),
        ] {
            f.write_str(if self.contains(permission) {
                letter
            } else {
                "-"
            })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_as_the_maps_file_does() {
        assert_eq!((Protection::READ | Protection::EXEC).to_string(), "r-x");
        assert_eq!(Protection::NONE.to_string(), "---");
        assert_eq!(Protection::ALL.to_string(), "rwx");
    }

    #[test]
    fn any_permission_permits_reading() {
        for bits in 1..8 {
            assert!(Protection::from_bits(bits).permits(Intent::Read));
        }
        assert!(!Protection::NONE.permits(Intent::Read));
        assert!(!Protection::READ.permits(Intent::Write));
        assert!(!Protection::READ.permits(Intent::Execute));
        assert!(Protection::EXEC.permits(Intent::Execute));
    }
}
