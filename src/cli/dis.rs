//! `portolan dis`: a file's instructions as assembly.

use super::{Failure, paint, write};
use clap::{Args, ValueEnum};
use portolan::view::dis::{self, Compiled, DisError, Options};
use portolan_machine::engine::Cpu;
use portolan_machine::guest::Style;
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

/// List the instructions of an ELF file, as objdump -d does
#[derive(Args)]
pub struct Flags {
    /// Only the function of this name, or the one at this address (in hexadecimal, after 0x)
    #[arg(long, value_name = "ADDR|SYMBOL")]
    at: Option<String>,
    /// Show the bytes of each line in the order of memory and as characters too, as xxd does
    #[arg(long)]
    xxd: bool,
    /// Write every instruction as the manual does, without short forms such as `li` and `ret`
    #[arg(long)]
    no_aliases: bool,
    /// Number registers, instead of naming them as the calling convention does
    #[arg(long)]
    numeric: bool,
    /// Write the destination first, as Intel does, where the assembly of the file's processor has two
    /// syntaxes
    #[arg(long)]
    intel: bool,
    /// Show what the compiler makes of it: below each instruction those of the host that came of it
    ///
    /// At a symbol, that is the function, where it is entered first and where it goes on after calls;
    /// at an address, the code that is entered there, such as a loop. What jumps lead to is compiled
    /// with it, if it has run. Slow paths and ways out follow behind. The order that the host's
    /// instructions run in is that of their offsets. --intel is for them too.
    #[arg(long, requires = "at", conflicts_with_all = ["json", "xxd"])]
    jit: bool,
    /// With --jit, the code that counts as run, in hexadecimal [default: all]
    #[arg(long, requires = "jit", value_name = "START..END", value_parser = range)]
    ran: Option<Range<u64>>,
    /// With --jit, show Cranelift's functions too, as made and as optimised
    #[arg(long, requires = "jit")]
    clif: bool,
    /// With --jit, the processor to compile for
    #[arg(long, requires = "jit", value_name = "CPU", value_enum, default_value_t = Processor::Host)]
    cpu: Processor,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What is compiled for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Processor {
    /// This one
    Host,
    /// Any with AVX2, BMI and FMA
    #[value(name = "x86-64-v3")]
    X86_64V3,
}

/// Addresses as in `0x11036..0x1106c`.
fn range(text: &str) -> Result<Range<u64>, String> {
    let address = |text: &str| u64::from_str_radix(text.strip_prefix("0x")?, 16).ok();
    text.split_once("..")
        .and_then(|(start, end)| Some(address(start)?..address(end)?))
        .ok_or_else(|| "two addresses as in 0x11036..0x1106c are wanted".to_owned())
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let options = Options {
        style: Style {
            aliases: !flags.no_aliases,
            abi_names: !flags.numeric,
            other_syntax: flags.intel,
        },
        at: flags.at,
        raw: flags.xxd,
        json: flags.json,
        compiled: flags.jit.then_some(Compiled {
            cpu: match flags.cpu {
                Processor::Host => Cpu::Host,
                Processor::X86_64V3 => Cpu::X86_64V3,
            },
            ran: flags.ran,
            clif: flags.clif,
        }),
        paint: paint(),
    };
    let name = flags.file.display().to_string();
    let data = super::read(&flags.file)?;
    write(|out| match dis::write(out, &name, &data, &options) {
        Err(DisError::Write(error)) => Err(error),
        other => Ok(other.map_err(|error| super::refused(&name, error))),
    })
}
