//! `portolan run --machine bare`: programs without an operating system.

use super::{FAILED, Failure, run};
use clap::Args;
#[cfg(feature = "window")]
use portolan::board::Seat;
use portolan::board::{self, Board, Clock, Console, Halt, LoadError, Options};
#[cfg(feature = "window")]
use portolan::display::window::Viewer;
#[cfg(feature = "window")]
use portolan::display::{KeyEvent, Picture};
use portolan::guests;
use portolan::view::card::Card;
use portolan::view::locate::Locator;
use std::path::Path;
use std::process::ExitCode;

/// The exit status of a program that an instruction ended.
const BROKEN: u8 = 1;

/// The flags of programs without an operating system.
#[derive(Args)]
#[command(next_help_heading = "Programs without an operating system (--machine bare)")]
pub struct BareFlags {
    /// The instruction set of a PROGRAM that is no ELF file, but bytes as they are
    #[arg(long, value_name = "ARCH")]
    arch: Option<String>,
    /// Where these bytes belong, in hexadecimal after 0x [default: 0x10000]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    base: Option<u64>,
    /// Where to start, instead of at the ELF file's entry or at the first byte
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    entry: Option<u64>,
}

pub fn address(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x");
    let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    number.ok_or_else(|| "an address is in hexadecimal, after 0x, as in 0x10000".to_owned())
}

impl BareFlags {
    /// Which of these flags were given.
    pub fn given(&self) -> [(bool, &'static str); 3] {
        [
            (self.arch.is_some(), "--arch"),
            (self.base.is_some(), "--base"),
            (self.entry.is_some(), "--entry"),
        ]
    }
}

pub fn main(flags: run::Flags) -> Result<ExitCode, Failure> {
    super::refuse(
        &flags.of_linux(),
        "is for programs of Linux, not for --machine bare",
    )?;
    super::refuse(
        &flags.simulator.given(),
        "is for --machine spim and rars; here, --framebuffer says how large the screen is",
    )?;
    let (path, arguments) = flags.program.words();
    if !arguments.is_empty() {
        return Err(Failure::of(
            "programs without an operating system take no arguments",
        ));
    }
    let mut board = load(&flags, path)?;
    flags.set_compiling(board.core());
    let budget = flags.budget();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    #[cfg(not(feature = "window"))]
    flags.screen.refuse_window()?;
    #[cfg(feature = "window")]
    let window = flags
        .screen
        .show(name.clone().into_owned(), viewer(&board))?;
    let halt = board.run(budget);
    flags.screen.save(|| board.picture())?;
    #[cfg(feature = "window")]
    if let Some(window) = window {
        // It goes away with the power.
        board.seat().power().switch_off(0);
        let _ = window.join();
    }
    let core = board.core();
    let (what, why, status) = match halt {
        Halt::Off(status) => return Ok(ExitCode::from(status)),
        Halt::Trapped(trap) => (
            "was ended by an error".to_owned(),
            Some(board::why(trap, core)),
            BROKEN,
        ),
        Halt::Budget => {
            let what = format!("was stopped after {budget} instructions (--max-insns)");
            (what, None, FAILED)
        }
        Halt::Stopped(stop) => return Err(Failure::of(format!("stopped: {stop:?}"))),
    };
    let locator = Locator::new(path, 0);
    eprint!(
        "{}",
        Card::of_bare(core, &locator, format!("{name} {what}"), why)
    );
    Ok(ExitCode::from(status))
}

/// Somebody in front of the board.
#[cfg(feature = "window")]
fn viewer(board: &Board) -> impl Viewer + 'static {
    struct Person {
        seat: Seat,
        seen: u64,
    }
    impl Viewer for Person {
        fn picture(&mut self) -> Option<Picture> {
            self.seat.new_frame(&mut self.seen)
        }
        fn key(&mut self, event: KeyEvent) {
            self.seat.key(event);
        }
        fn close(&mut self) {
            self.seat.power().switch_off(0);
        }
        fn is_over(&self) -> bool {
            self.seat.power().status().is_some()
        }
    }
    Person {
        seat: board.seat(),
        seen: 0,
    }
}

/// A board with a program.
fn load(flags: &run::Flags, path: &Path) -> Result<Board, Failure> {
    let file = super::read(path)?;
    let refused = |message: String| Failure {
        message: format!("{}: {message}", path.display()),
        status: 126,
    };
    let bare = &flags.bare;
    let is_elf = file.starts_with(b"\x7fELF");
    let guest = match (&bare.arch, is_elf) {
        (Some(name), _) => guests::named(name)
            .ok_or_else(|| Failure::of(portolan::Error::UnknownGuest(name.clone())))?,
        (None, true) => {
            let port = guests::of_elf(&file).map_err(|error| refused(error.to_string()))?;
            port.guest
        }
        (None, false) => {
            return Err(refused(format!(
                "no ELF file; if these are instructions as they are, --arch says of which machine: {}",
                guests::names()
            )));
        }
    };
    if is_elf && bare.base.is_some() {
        return Err(Failure::of(
            "--base is for bytes as they are; an ELF file says itself where it belongs",
        ));
    }
    let screen = &flags.screen;
    let is_counted = screen.frames().is_some() || flags.program.seed().is_some();
    let options = Options {
        size: screen.size(),
        console: Console::standard(),
        clock: if is_counted {
            Clock::counted()
        } else {
            Clock::real()
        },
        keys: screen.keys(),
        frames: screen.frames(),
    };
    let mut board = Board::new(guest.name(), options).map_err(Failure::of)?;
    let loaded = if is_elf {
        board.load_elf(&file)
    } else {
        let base = bare.base.unwrap_or(board::RAM.start);
        board.load_raw(&file, base, base)
    };
    loaded.map_err(|error: LoadError| refused(error.to_string()))?;
    if let Some(entry) = bare.entry {
        board.set_entry(entry);
    }
    Ok(board)
}
