//! What shows a program's screen, and presses its keys.

use super::Failure;
use clap::{Args, ValueEnum};
use portolan::display::keys::Script;
#[cfg(feature = "window")]
use portolan::display::window::{self, Viewer};
use portolan::display::{Picture, Size};
use portolan_linux::screen::Screen;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
#[cfg(feature = "window")]
use std::thread::JoinHandle;

/// The flags of screens.
#[derive(Args)]
#[command(next_help_heading = "Screen and keyboard")]
pub struct ScreenFlags {
    /// Give the program a screen of so many pixels, and a keyboard [default of --machine bare: 320x240]
    ///
    /// A program of Linux has them as /dev/fb0, of 32 bits a pixel, and /dev/input/event0; so have those that it executes. For
    /// spim and rars it is how large the bitmap display is.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    framebuffer: Option<Size>,
    /// Where the screen is shown [default: window, if there is a desktop, this portolan was built to use it, and
    /// --frames is not given; else none. For spim and rars, none]
    #[arg(long, value_name = "WHERE", value_enum)]
    display: Option<Where>,
    /// Show pixels in the window as squares of N [default: 2; for spim and rars, 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=16))]
    scale: Option<u32>,
    /// Write what the screen shows at the end to FILE, as PNG
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// With --machine bare, end, with status 0, when N frames were shown; time is counted then, and the same in each run
    ///
    /// It starts at 2026-01-01 00:00 UTC. A frame takes a sixtieth of a second, a look at the timer a microsecond,
    /// and nothing else takes any time; --seed counts it so, too.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// Press keys when so many frames were shown: FRAME:KEY, with commas between
    ///
    /// As in 10:left,20:up. A key goes up again with the next frame; FRAME:+KEY only goes down, FRAME:-KEY only
    /// up. Keys have Linux's names: left, right, up, down, space, enter, esc, a to z. For a program of Linux a frame is a
    /// sixtieth of a second.
    #[arg(long, value_name = "KEYS")]
    keys: Option<Script>,
    /// The screen that another process shows
    #[arg(long, hide = true, value_name = "NAME")]
    screen: Option<Screen>,
}

/// Where a screen is shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    /// In a window of the desktop, whose keyboard is the program's; to close it switches the machine off
    Window,
    /// Nowhere
    None,
}

impl ScreenFlags {
    /// Which of these flags were given.
    pub fn given(&self) -> [(bool, &'static str); 6] {
        [
            (self.framebuffer.is_some(), "--framebuffer"),
            (self.display.is_some(), "--display"),
            (self.scale.is_some(), "--scale"),
            (self.screenshot.is_some(), "--screenshot"),
            (self.frames.is_some(), "--frames"),
            (self.keys.is_some(), "--keys"),
        ]
    }

    /// The screen that another process shows.
    pub fn given_screen(&self) -> Option<&Screen> {
        self.screen.as_ref()
    }

    /// Whether a program of Linux is to have a screen that is yet to be made.
    ///
    /// # Errors
    /// For flags that mean nothing there.
    pub fn is_for_linux(&self) -> Result<bool, Failure> {
        let frames = (self.frames.is_some(), "--frames");
        super::refuse(&[frames], "is for --machine bare, not for --machine linux")?;
        if self.framebuffer.is_none() {
            let why = "is for a screen, which --framebuffer WIDTHxHEIGHT gives the program";
            super::refuse(&self.given(), why)?;
        }
        Ok(self.framebuffer.is_some() && self.screen.is_none())
    }

    /// Which flags were given that count frames.
    pub fn given_of_frames(&self) -> [(bool, &'static str); 2] {
        let [_, _, _, _, frames, keys] = self.given();
        [frames, keys]
    }

    /// How large the screen is to be, if that was said.
    pub fn framebuffer(&self) -> Option<Size> {
        self.framebuffer
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

    /// Shows the screen in a window, if it is wanted there; what the result is of is to be joined.
    #[cfg(feature = "window")]
    pub fn show(
        &self,
        title: String,
        viewer: impl Viewer + 'static,
    ) -> Result<Option<JoinHandle<()>>, Failure> {
        let has_desktop = std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty());
        let is_wanted = match self.display {
            Some(display) => display == Where::Window,
            None => has_desktop && self.frames.is_none(),
        };
        if !is_wanted {
            return Ok(None);
        }
        self.open(title, self.size(), 2, viewer).map(Some)
    }

    /// Shows a screen in a window if --display says so, its pixels as squares of `scale` unless --scale says otherwise.
    #[cfg(feature = "window")]
    pub fn show_if_asked(
        &self,
        title: String,
        size: Size,
        scale: u32,
        viewer: impl Viewer + 'static,
    ) -> Result<Option<JoinHandle<()>>, Failure> {
        match self.display {
            Some(Where::Window) => self.open(title, size, scale, viewer).map(Some),
            _ => Ok(None),
        }
    }

    #[cfg(feature = "window")]
    fn open(
        &self,
        title: String,
        size: Size,
        scale: u32,
        viewer: impl Viewer + 'static,
    ) -> Result<JoinHandle<()>, Failure> {
        let scale = self.scale.unwrap_or(scale);
        window::open(title, size, scale, viewer).map_err(Failure::of)
    }

    /// Fails if a window is wanted.
    #[cfg(not(feature = "window"))]
    pub fn refuse_window(&self) -> Result<(), Failure> {
        match self.display {
            Some(Where::Window) => Err(Failure::of(
                "this portolan was built without windows: cargo build --release --features window",
            )),
            _ => Ok(()),
        }
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
