//! `portolan run --machine spim` and `--machine rars`: programs for teaching simulators.

use super::{FAILED, Failure, board, run};
use clap::Args;
use portolan::assembler;
use portolan::display::Size;
use portolan::guests;
use portolan::simulator::{Bitmap, Console, Halt, STATIC_DATA, Simulated};
use portolan::view::locate::Locator;
use std::path::Path;
use std::process::ExitCode;

/// The exit status of a program that an error ended.
const BROKEN: u8 = 1;

/// The flags of the bitmap display.
#[derive(Args)]
#[command(next_help_heading = "Bitmap display (--machine spim, rars)")]
pub struct BitmapFlags {
    /// Where in memory the display begins that --screenshot writes [default: 0x10010000]
    ///
    /// The choices of MARS and RARS: 0x10000000, 0x10008000 ($gp), 0x10010000 (static data), 0x10040000 (heap). Each
    /// word is a colour, 0x00RRGGBB. The display has 512x256 pixels, or what --framebuffer says.
    #[arg(long, value_name = "ADDRESS", value_parser = board::address)]
    bitmap: Option<u64>,
    /// How many pixels a word is [default: 1x1]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    unit: Option<Size>,
}

impl BitmapFlags {
    /// Which of these flags were given.
    pub fn given(&self) -> [(bool, &'static str); 2] {
        [
            (self.bitmap.is_some(), "--bitmap"),
            (self.unit.is_some(), "--unit"),
        ]
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
    super::refuse(&flags.screen.given_of_devices(), &why)?;
    let display = flags.bitmap.display(flags.screen.framebuffer())?;
    let (path, arguments) = flags.program.words();
    if !arguments.is_empty() {
        return Err(Failure::of(
            "programs for teaching simulators take no arguments",
        ));
    }
    let (mut program, place_of) = load(machine, path, Console::standard(), flags.program.seed())?;
    flags.set_compiling(program.core());
    let budget = flags.budget();
    let halt = program.run(budget);
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

/// Tells where an instruction is in its source.
pub type Places = Box<dyn Fn(u64) -> String>;

/// A program, ready to run, and where its instructions come from.
pub fn load(
    machine: &str,
    path: &Path,
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
        let assembled = assembler::assemble_file(port, simulator, path, &file);
        let assembled = assembled.map_err(|error| Failure {
            message: format!("{} was not assembled\n{error}", path.display()),
            status: 126,
        })?;
        let program = Simulated::of_source(&assembled, console, seed).map_err(refused)?;
        return Ok((program, Box::new(move |address| assembled.place(address))));
    }
    let program = Simulated::of_elf(machine, &file, console, seed).map_err(refused)?;
    let locator = Locator::new(path, 0);
    Ok((
        program,
        Box::new(move |address| locator.place(address).to_string()),
    ))
}
