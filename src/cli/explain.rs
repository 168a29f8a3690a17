//! `portolan explain`: what an instruction's bits mean and do.

use super::{Failure, paint, write};
use clap::Args;
use portolan::guests;
use portolan::view::dis;
use portolan::view::explain::{self, ExplainError, Options};
use portolan_machine::memory::Order;
use std::path::Path;
use std::process::ExitCode;

/// Explain instructions: their bits, fields, meaning and effects
///
/// That is: bits and fields, the manual's notation, a sentence, registers, flags and effects; and what has
/// the same effect in the other instruction sets, if that is one instruction there.
///
/// Instructions are given as bytes in hexadecimal, in the order of memory and spaced at will; as
/// whole instruction words after 0x, each apart, which are stored in the instruction set's byte order; or as the name of an ELF file, with --at.
#[derive(Args)]
pub struct Flags {
    /// The instruction set of the bytes
    #[arg(long, value_name = "ISA", default_value = "riscv64")]
    arch: String,
    /// In a file: the symbol to start at, or the address (in hexadecimal, after 0x). With bytes:
    /// the address at which they are
    #[arg(long, value_name = "ADDR|SYMBOL")]
    at: Option<String>,
    /// How many instructions to explain; all of the bytes, but one of a file
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Draw the bits and what they say, for slides: SVG
    #[arg(long, conflicts_with = "json")]
    svg: bool,
    /// The bytes, or the file
    #[arg(value_name = "HEX|FILE", required = true)]
    what: Vec<String>,
}

pub fn main(flags: Flags) -> Result<ExitCode, Failure> {
    let options = Options {
        json: flags.json,
        svg: flags.svg,
        paint: paint(),
    };
    let count = |default| flags.count.map_or(default, |count| count as usize);
    let guest = guests::named(&flags.arch).ok_or_else(|| {
        let known = guests::names();
        Failure::of(format!(
            "no instruction set is called {:?}; known are: {known}",
            flags.arch
        ))
    })?;
    if let Some(words) = parse(&flags.what, guest.order()) {
        let address = flags.at.as_deref().unwrap_or("0x0");
        let address = address
            .strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .ok_or_else(|| {
                Failure::of(format!(
                    "--at {address}: with bytes it takes an address in hexadecimal, after 0x"
                ))
            })?;
        return explain(guest, &words, address, count(usize::MAX), &options);
    }
    let [name] = flags.what.as_slice() else {
        return Err(Failure::of(format!(
            "{:?} is neither one file nor bytes in hexadecimal",
            flags.what.join(" ")
        )));
    };
    let Some(at) = &flags.at else {
        return Err(Failure::of(format!(
            "{name}: a file needs --at SYMBOL or --at ADDRESS"
        )));
    };
    let data = super::read(Path::new(name))?;
    let code = dis::code_at(&data, at).map_err(|error| super::refused(name, error))?;
    explain(code.guest, code.bytes, code.address, count(1), &options)
}

fn explain(
    guest: &'static dyn portolan::Guest,
    bytes: &[u8],
    address: u64,
    count: usize,
    options: &Options,
) -> Result<ExitCode, Failure> {
    write(
        |out| match explain::write(out, guest, bytes, address, count, options) {
            Err(ExplainError::Write(error)) => Err(error),
            other => Ok(other.map_err(Failure::of)),
        },
    )
}

/// The bytes that words in hexadecimal stand for, numbers in a byte order; none if they are
/// something else.
fn parse(words: &[String], order: Order) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for word in words.iter().flat_map(|word| word.split_whitespace()) {
        let (digits, is_number) = match word.strip_prefix("0x") {
            Some(digits) => (digits, true),
            None => (word, false),
        };
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if digits.is_empty() || digits.len() % 2 == 1 || !is_hexadecimal {
            return None;
        }
        let pairs = (0..digits.len()).step_by(2);
        let mut read: Vec<u8> = pairs
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
            .collect::<Option<_>>()?;
        if is_number && order == Order::Little {
            read.reverse();
        }
        bytes.extend(read);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use portolan_machine::memory::Order;

    fn parsed_in(order: Order, words: &[&str]) -> Option<Vec<u8>> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        parse(&words, order)
    }

    fn parsed(words: &[&str]) -> Option<Vec<u8>> {
        parsed_in(Order::Little, words)
    }

    #[test]
    fn numbers_are_stored_in_the_byte_order_of_the_guest() {
        let lw = Some(vec![0x8f, 0xa2, 0xff, 0xfc]);
        assert_eq!(parsed_in(Order::Big, &["0x8fa2fffc"]), lw);
        assert_eq!(parsed_in(Order::Big, &["8fa2", "fffc"]), lw);
    }

    #[test]
    fn bytes_stand_in_the_order_of_memory_and_numbers_do_not() {
        let addi = Some(vec![0x13, 0x05, 0x15, 0x00]);
        assert_eq!(parsed(&["13", "05", "15", "00"]), addi);
        assert_eq!(parsed(&["13051500"]), addi);
        assert_eq!(parsed(&["13 05", "1500"]), addi);
        assert_eq!(parsed(&["0x00150513"]), addi);
        assert_eq!(
            parsed(&["0x0505", "0x8082"]),
            Some(vec![0x05, 0x05, 0x82, 0x80])
        );
    }

    #[test]
    fn anything_else_is_not_taken_for_bytes() {
        for words in [&["a.out"][..], &["123"], &["0x"], &["+1"], &["é"]] {
            assert_eq!(parsed(words), None, "{words:?}");
        }
    }
}
