//! The bitmap display of MARS and RARS: a part of memory as a picture.

use super::DATA;
use crate::display::{Picture, Size};
use portolan_machine::memory::{Memory, Order};
use thiserror::Error;

/// Where the display is in memory, and how its words are shown: row by row, each word a unit of one colour, `0x00RRGGBB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bitmap {
    base: u64,
    size: Size,
    unit: Size,
}

/// Not a display.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BitmapError {
    /// Units do not fill the display.
    #[error("units of {unit} do not fill a display of {size}")]
    Unit {
        /// The unit.
        unit: Size,
        /// The display.
        size: Size,
    },
    /// It is not where programs can write.
    #[error("the display has {bytes} bytes from {base:#x} on, and data is from {start:#x} to {end:#x}", start = DATA.start, end = DATA.end - 1)]
    Place {
        /// Its first byte.
        base: u64,
        /// How many there are.
        bytes: u64,
    },
}

impl Bitmap {
    /// A display of so many pixels, each word of which is a unit of so many.
    ///
    /// # Errors
    /// If units do not fill it, or it is not in the data.
    pub fn new(base: u64, size: Size, unit: Size) -> Result<Bitmap, BitmapError> {
        let fills = |whole: u32, part: u32| part > 0 && whole.is_multiple_of(part);
        if !fills(size.width, unit.width) || !fills(size.height, unit.height) {
            return Err(BitmapError::Unit { unit, size });
        }
        let bitmap = Bitmap { base, size, unit };
        let bytes = 4 * bitmap.units();
        let is_inside = base >= DATA.start && base.saturating_add(bytes) <= DATA.end;
        match is_inside && base.is_multiple_of(4) {
            true => Ok(bitmap),
            false => Err(BitmapError::Place { base, bytes }),
        }
    }

    /// How large it is, in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// How many words it has.
    fn units(&self) -> u64 {
        let columns = self.size.width / self.unit.width;
        u64::from(columns) * u64::from(self.size.height / self.unit.height)
    }

    /// What it shows.
    pub fn picture(&self, memory: &Memory, order: Order) -> Picture {
        let mut bytes = vec![0; 4 * self.units() as usize];
        // Data is mapped for good.
        let _ = memory.read(self.base, &mut bytes);
        let word = |bytes: &[u8; 4]| match order {
            Order::Little => u32::from_le_bytes(*bytes),
            Order::Big => u32::from_be_bytes(*bytes),
        };
        let units: Vec<u32> = bytes.as_chunks().0.iter().map(word).collect();
        let columns = self.size.width / self.unit.width;
        let pixel = |(x, y): (u32, u32)| {
            let unit = y / self.unit.height * columns + x / self.unit.width;
            units[unit as usize] & 0x00ff_ffff
        };
        let Size { width, height } = self.size;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Picture {
            size: self.size,
            pixels: places.map(pixel).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn displays_are_in_the_data_and_filled_by_units() {
        let unit = size(8, 8);
        assert!(Bitmap::new(0x1001_0000, size(512, 256), unit).is_ok());
        let odd = Bitmap::new(0x1001_0000, size(512, 250), unit);
        assert!(matches!(odd, Err(BitmapError::Unit { .. })), "{odd:?}");
        for base in [0x1000_0002, 0x0fff_0000, 0x103f_fff0] {
            let outside = Bitmap::new(base, size(512, 256), size(1, 1));
            assert!(
                matches!(outside, Err(BitmapError::Place { .. })),
                "{base:#x}"
            );
        }
    }
}
