//! Places in directories, for 32-bit guests. File systems of 64-bit hosts give them numbers of 64
//! bits, which a 32-bit C library takes for an error; a 32-bit kernel would give shorter ones.

use crate::errno::Errno;
use crate::host::calls;
use crate::process::empty;
use crate::syscalls::Context;
use std::collections::HashMap;

/// The numbers from here on stand for longer ones.
const FIRST: u64 = 1 << 30;
const LAST: u64 = i32::MAX as u64;

/// The short numbers that a process was given.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    places: Vec<u64>,
    numbers: HashMap<u64, u64>,
}

impl Positions {
    /// The short number of a place; the same each time.
    pub fn number(&mut self, place: u64) -> u64 {
        if place < FIRST {
            return place;
        }
        let next = FIRST + self.places.len() as u64;
        if let Some(number) = self.numbers.get(&place) {
            return *number;
        }
        if next > LAST {
            return LAST;
        }
        self.places.push(place);
        self.numbers.insert(place, next);
        next
    }

    /// The place that has a short number.
    fn place(&self, number: u64) -> u64 {
        let index = number.checked_sub(FIRST).map(|index| index as usize);
        let place = index.and_then(|index| self.places.get(index));
        place.copied().unwrap_or(number)
    }
}

fn is_directory(fd: i32) -> bool {
    let mut stat = empty::<libc::statx>();
    let asked = calls::statx(fd, c"", libc::AT_EMPTY_PATH, libc::STATX_TYPE, &mut stat).now();
    asked.is_ok() && u32::from(stat.stx_mode) & libc::S_IFMT == libc::S_IFDIR
}

/// lseek as a guest means it, whose places in directories may be short numbers.
pub fn seek(context: &Context<'_>, fd: i32, offset: i64, whence: i32) -> Result<u64, Errno> {
    let substituted =
        |number: u64| context.user().shape.word == 4 && number >= FIRST && is_directory(fd);
    let wanted = offset.cast_unsigned();
    let offset = match whence {
        libc::SEEK_SET if offset > 0 && substituted(wanted) => {
            context.process.positions().place(wanted).cast_signed()
        }
        _ => offset,
    };
    let reached = calls::lseek(fd, offset, whence).now()?;
    Ok(match substituted(reached) {
        true => context.process.positions().number(reached),
        false => reached,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_have_short_ones_and_come_back() {
        let mut positions = Positions::default();
        assert_eq!(positions.number(77), 77);
        let [first, second] = [1 << 40, u64::MAX].map(|place| positions.number(place));
        assert!(first != second && first <= LAST && second <= LAST);
        assert_eq!(positions.number(1 << 40), first);
        assert_eq!(positions.place(first), 1 << 40);
        assert_eq!(positions.place(second), u64::MAX);
        assert_eq!(positions.place(77), 77);
        assert_eq!(positions.place(LAST), LAST, "never given");
    }
}
