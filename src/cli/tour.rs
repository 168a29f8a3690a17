//! `portolan tour`: a walk for those who are new to all this.

use super::{Failure, paint, write};
use clap::{Args, ValueEnum};
use portolan::view::tour::{Exhibits, Language, Tour};
use std::io::{self, ErrorKind, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

/// Walk through what programs, instruction sets and emulators are: about ten minutes
///
/// For people who know no assembler. What the pages show is made by the program itself as they are turned.
/// Where standard input or output is no terminal, all pages are written one below the other.
#[derive(Args)]
pub struct Flags {
    /// The language
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// Write all pages at once, without questions
    #[arg(long)]
    plain: bool,
    /// Begin at this page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// A directory with a guest's Python (in usr/bin) and its libraries, to be run rather than recorded; may be
    /// repeated
    #[arg(short = 'L', value_name = "SYSROOT")]
    sysroots: Vec<PathBuf>,
}

/// The languages, by their codes.
#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let language = match flags.lang {
        Lang::En => Language::English,
        Lang::Zh => Language::Chinese,
    };
    let exhibits = Exhibits {
        sysroots: flags.sysroots,
        paint: paint(),
    };
    let tour = Tour::new(language, exhibits, paint());
    if flags.plain || !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return write(|out| tour.write(out).map(Ok));
    }
    let first = flags.page as usize - 1;
    match tour.walk(&mut io::stdin().lock(), &mut io::stdout().lock(), first) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::of(error)),
    }
}
