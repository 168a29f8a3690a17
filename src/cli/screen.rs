//! What shows a program's screen, and presses its keys.

use super::Failure;
use clap::{Args, ValueEnum};
use portolan::display::keys::Script;
use portolan::display::{Picture, Size};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// The flags of screens.
#[derive(Args)]
#[command(next_help_heading = "Screen and keyboard (--machine bare)")]
pub struct ScreenFlags {
    /// How large the screen is, in pixels [default: 320x240]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    framebuffer: Option<Size>,
    /// Where the screen is shown
    #[arg(long, value_name = "WHERE", value_enum)]
    display: Option<Where>,
    /// Write what the screen shows at the end to FILE, as PNG
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// End, with status 0, when N frames were shown; time is counted then, and the same in each run
    ///
    /// It starts at 2026-01-01 00:00 UTC. A frame takes a sixtieth of a second, a look at the timer a microsecond,
    /// and nothing else takes any time; --seed counts it so, too.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// Press keys when so many frames were shown: FRAME:KEY, with commas between
    ///
    /// As in 10:left,20:up. A key goes up again with the next frame; FRAME:+KEY only goes down, FRAME:-KEY only
    /// up. Keys have Linux's names: left, right, up, down, space, enter, esc, a to z.
    #[arg(long, value_name = "KEYS")]
    keys: Option<Script>,
}

/// Where a screen is shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    /// Nowhere
    None,
}

impl ScreenFlags {
    /// Which of these flags were given.
    pub fn given(&self) -> [(bool, &'static str); 5] {
        [
            (self.framebuffer.is_some(), "--framebuffer"),
            (self.display.is_some(), "--display"),
            (self.screenshot.is_some(), "--screenshot"),
            (self.frames.is_some(), "--frames"),
            (self.keys.is_some(), "--keys"),
        ]
    }

    /// How large the screen is.
    pub fn size(&self) -> Size {
        self.framebuffer.unwrap_or(Size {
            width: 320,
            height: 240,
        })
    }

    /// The frame after which the program ends.
    pub fn frames(&self) -> Option<u64> {
        self.frames
    }

    /// What is pressed when.
    pub fn keys(&self) -> Script {
        self.keys.clone().unwrap_or_default()
    }

    /// Writes the picture where it is wanted.
    pub fn save(&self, picture: impl FnOnce() -> Picture) -> Result<(), Failure> {
        let Some(path) = &self.screenshot else {
            return Ok(());
        };
        let failed = |error| Failure::of(format!("--screenshot {}: {error}", path.display()));
        let mut out = BufWriter::new(File::create(path).map_err(failed)?);
        let written = picture().write_png(&mut out);
        written.and_then(|()| out.flush()).map_err(failed)
    }
}
