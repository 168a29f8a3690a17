//! `portolan run --machine spim` and `--machine rars`: programs for teaching simulators.

use super::{FAILED, Failure, board, run};
use clap::Args;
use portolan::assembler::{self, Branches};
use portolan::display::Size;
use portolan::guests;
#[cfg(feature = "window")]
use portolan::simulator::Seat;
use portolan::simulator::{Bitmap, Console, Halt, STATIC_DATA, Simulated};
use portolan::view::locate::Locator;
#[cfg(feature = "window")]
use portolan::{
    Memory,
    display::{Picture, window::Viewer},
};
#[cfg(feature = "window")]
use portolan_machine::memory::Order;
use std::path::Path;
use std::process::ExitCode;
#[cfg(feature = "window")]
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The exit status of a program that an error ended.
const BROKEN: u8 = 1;

/// The flags of teaching simulators.
#[derive(Args)]
#[command(next_help_heading = "Programs for teaching simulators (--machine spim, rars)")]
pub struct SimulatorFlags {
    /// In a source for spim, the instruction behind a branch is in its delay slot, as in MARS and SPIM on request
    ///
    /// Except after `.set reorder`: there, as without this flag, delay slots are filled with a nop.
    #[arg(long)]
    delayed_branches: bool,
    /// Where in memory the display begins that --screenshot writes and --display window shows [default: 0x10010000]
    ///
    /// The choices of MARS and RARS: 0x10000000, 0x10008000 ($gp), 0x10010000 (static data), 0x10040000 (heap). Each
    /// word is a colour, 0x00RRGGBB. The display has 512x256 pixels, or what --framebuffer says.
    #[arg(long, value_name = "ADDRESS", value_parser = board::address)]
    bitmap: Option<u64>,
    /// How many pixels a word is [default: 1x1]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    unit: Option<Size>,
}

impl SimulatorFlags {
    /// Which of these flags were given.
    pub fn given(&self) -> [(bool, &'static str); 3] {
        [
            (self.delayed_branches, "--delayed-branches"),
            (self.bitmap.is_some(), "--bitmap"),
            (self.unit.is_some(), "--unit"),
        ]
    }

    fn branches(&self) -> Branches {
        match self.delayed_branches {
            true => Branches::Delayed,
            false => Branches::Immediate,
        }
    }

    fn display(&self, size: Option<Size>) -> Result<Bitmap, Failure> {
        let size = size.unwrap_or(Size {
            width: 512,
            height: 256,
        });
        let unit = self.unit.unwrap_or(Size {
            width: 1,
            height: 1,
        });
        let base = self.bitmap.unwrap_or(STATIC_DATA);
        Bitmap::new(base, size, unit).map_err(Failure::of)
    }
}

pub fn main(flags: run::Flags, machine: &str) -> Result<ExitCode, Failure> {
    let why = format!("is for programs of Linux, not for --machine {machine}");
    super::refuse(&flags.of_linux(), &why)?;
    let why = format!("is for --machine bare, not for --machine {machine}");
    super::refuse(&flags.bare.given(), &why)?;
    super::refuse(&flags.screen.given_of_frames(), &why)?;
    let display = flags.simulator.display(flags.screen.framebuffer())?;
    let (path, arguments) = flags.program.words();
    if !arguments.is_empty() {
        return Err(Failure::of(
            "programs for teaching simulators take no arguments",
        ));
    }
    let console = Console::standard();
    let branches = flags.simulator.branches();
    let (mut program, place_of) = load(machine, path, branches, console, flags.program.seed())?;
    flags.set_compiling(program.core());
    #[cfg(not(feature = "window"))]
    flags.screen.refuse_window()?;
    #[cfg(feature = "window")]
    let (window, is_over) = {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (person, is_over) = viewer(&mut program, display);
        let window = flags
            .screen
            .show_if_asked(name.into_owned(), display.size(), 1, person)?;
        (window, is_over)
    };
    let budget = flags.budget();
    let halt = program.run(budget);
    // What a program has drawn is there to be seen until somebody closes the window; an error is told at once.
    #[cfg(feature = "window")]
    if let Some(window) = window {
        let has_failed = matches!(
            &halt,
            Halt::Trapped(_) | Halt::Refused(_) | Halt::Stopped(_)
        );
        is_over.store(has_failed, Ordering::Relaxed);
        let _ = window.join();
    }
    let core = program.core();
    let order = core.guest().order();
    flags
        .screen
        .save(|| display.picture(core.memory(), order))?;
    let place = || {
        let (pc, place) = (core.pc(), place_of(core.pc()));
        format!("{pc:#010x} {place}").trim_end().to_owned()
    };
    Ok(ExitCode::from(match &halt {
        Halt::Exited(status) => *status as u8,
        Halt::Returned => 0,
        Halt::RanPastEnd => {
            eprintln!(
                "portolan: the program ran past its last instruction; programs end by a service (10: exit)"
            );
            0
        }
        Halt::Budget => {
            let place = place();
            eprintln!(
                "portolan: stopped after {budget} instructions (--max-insns)\n  where      {place}"
            );
            FAILED
        }
        Halt::Stopped(stop) => return Err(Failure::of(format!("stopped: {stop:?}"))),
        Halt::Trapped(_) | Halt::Refused(_) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let why = halt.error(core).unwrap_or_default();
            let place = place();
            eprintln!(
                "portolan: {name} was ended by an error\n  why        {why}\n  where      {place}"
            );
            BROKEN
        }
    }))
}

/// Somebody in front of the bitmap display, who is shown it until what is returned beside is true.
#[cfg(feature = "window")]
fn viewer(program: &mut Simulated, display: Bitmap) -> (impl Viewer + 'static, Arc<AtomicBool>) {
    struct Person {
        seat: Seat,
        memory: Arc<Memory>,
        order: Order,
        display: Bitmap,
        shown: Option<Picture>,
        is_over: Arc<AtomicBool>,
    }
    impl Viewer for Person {
        fn picture(&mut self) -> Option<Picture> {
            let picture = self.display.picture(&self.memory, self.order);
            if self.shown.as_ref() == Some(&picture) {
                return None;
            }
            self.shown = Some(picture.clone());
            Some(picture)
        }
        fn character(&mut self, character: char) {
            let key = match character {
                // The key is Enter, and programs compare with a newline.
                '\r' => '\n',
                other => other,
            };
            let mut bytes = [0; 4];
            key.encode_utf8(&mut bytes)
                .bytes()
                .for_each(|byte| self.seat.press(byte));
        }
        fn close(&mut self) {
            self.seat.leave();
        }
        fn is_over(&self) -> bool {
            self.is_over.load(Ordering::Relaxed)
        }
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let core = program.core();
    let (memory, order) = (Arc::clone(core.memory()), core.guest().order());
    let person = Person {
        seat: program.seat(),
        memory,
        order,
        display,
        shown: None,
        is_over: Arc::clone(&is_over),
    };
    (person, is_over)
}

/// Tells where an instruction is in its source.
pub type Places = Box<dyn Fn(u64) -> String>;

/// A program, ready to run, and where its instructions come from.
pub fn load(
    machine: &str,
    path: &Path,
    branches: Branches,
    console: Console,
    seed: Option<u64>,
) -> Result<(Simulated, Places), Failure> {
    let file = super::read(path)?;
    let refused = |error: portolan::Error| Failure {
        message: format!("{}: {error}", path.display()),
        status: 126,
    };
    let port = guests::of_simulator(machine).filter(|_| assembler::is_source(&file));
    if let Some(port) = port
        && let Some(simulator) = port.simulator
    {
        let has_slots = simulator.name == "spim";
        if branches == Branches::Delayed && !has_slots {
            return Err(Failure::of(format!(
                "--delayed-branches is for spim: {} has no delay slots",
                port.guest.title()
            )));
        }
        let assembled = assembler::assemble_file(port, simulator, path, &file, branches);
        let assembled = assembled.map_err(|error| Failure {
            message: format!("{} was not assembled\n{error}", path.display()),
            status: 126,
        })?;
        for (file, line, what) in assembled.warnings() {
            eprintln!("portolan: {file}:{line}: {what}");
        }
        let program = Simulated::of_source(&assembled, console, seed).map_err(refused)?;
        return Ok((program, Box::new(move |address| assembled.place(address))));
    }
    if branches == Branches::Delayed {
        return Err(Failure::of(
            "--delayed-branches is for sources: in an ELF file delay slots are as they are",
        ));
    }
    let program = Simulated::of_elf(machine, &file, console, seed).map_err(refused)?;
    let locator = Locator::new(path, 0);
    Ok((
        program,
        Box::new(move |address| locator.place(address).to_string()),
    ))
}
