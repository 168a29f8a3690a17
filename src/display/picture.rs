//! A picture, and PNG files of it.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use thiserror::Error;

/// How large a picture is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// The most pixels of a row, and the most rows.
pub const MOST: u32 = 2048;

impl Size {
    /// Bytes of a row, of 32 bits a pixel.
    pub fn stride(self) -> u32 {
        self.width * 4
    }

    /// Bytes of a picture.
    pub fn bytes(self) -> u64 {
        u64::from(self.stride()) * u64::from(self.height)
    }

    /// How many pixels there are.
    pub fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }
}

/// Not the size of a screen.
#[derive(Debug, Error)]
#[error("a size is WIDTHxHEIGHT, each from 1 to {MOST}, as 320x240; not {0:?}")]
pub struct SizeError(String);

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Size, SizeError> {
        let number = |text: &str| text.parse().ok().filter(|it| (1..=MOST).contains(it));
        let (width, height) = text.split_once('x').unwrap_or_default();
        match (number(width), number(height)) {
            (Some(width), Some(height)) => Ok(Size { width, height }),
            _ => Err(SizeError(text.to_owned())),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// What a screen shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// How large it is.
    pub size: Size,
    /// Row by row, from the upper left on: `0x00RRGGBB`.
    pub pixels: Vec<u32>,
}

impl Picture {
    /// All black.
    pub fn black(size: Size) -> Picture {
        Picture {
            size,
            pixels: vec![0; size.pixels()],
        }
    }

    /// Writes it as a PNG file of 8 bits a colour.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write_png(&self, out: impl Write) -> io::Result<()> {
        let mut encoder = png::Encoder::new(out, self.size.width, self.size.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let rgb = |pixel: &u32| {
            let [_, red, green, blue] = pixel.to_be_bytes();
            [red, green, blue]
        };
        let bytes: Vec<u8> = self.pixels.iter().flat_map(rgb).collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        Ok(writer.finish()?)
    }
}
