//! Cases: one instruction, or a few, with the state before and after, one statement a line.
//!
//! `tests/cases/README.md` describes the format to those who write cases; this reads it.
#![allow(dead_code)] // every test that includes this module uses a part of it

use super::world::{CODE, DATA, Ending, SLOT, State};
use portolan_machine::float::Flags;
use portolan_machine::guest::Guest;
use portolan_machine::memory::{Cause, Fault, Intent, Order};
use portolan_machine::registers::{Kind, Role};
use portolan_machine::trap::Trap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// One statement.
#[derive(Clone)]
pub struct Case {
    /// Where it stands.
    pub place: Place,
    /// The bytes of its instructions.
    pub code: Vec<u8>,
    /// Each instruction's assembly.
    pub assembly: Vec<String>,
    /// The state before.
    pub before: State,
    /// How it ends.
    pub ending: Ending,
    /// The state after.
    pub after: State,
}

/// A line of a file, printed as compilers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// The cases of all `.ins` files in a directory, in the order of their names; and everything that is
/// wrong with them, one message each.
pub fn read_all(directory: &Path, guest: &dyn Guest) -> (Vec<Case>, Vec<String>) {
    let (mut cases, mut errors) = (Vec::new(), Vec::new());
    let mut files = match fs::read_dir(directory) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) => {
            errors.push(format!("{}: {error}", directory.display()));
            Vec::new()
        }
    };
    files.retain(|file| file.extension().is_some_and(|extension| extension == "ins"));
    files.sort();
    for file in files {
        match fs::read_to_string(&file) {
            Ok(text) => read(&file, &text, guest, &mut cases, &mut errors),
            Err(error) => errors.push(format!("{}: {error}", file.display())),
        }
    }
    (cases, errors)
}

/// The cases of a file's text.
pub fn read(
    file: &Path,
    text: &str,
    guest: &dyn Guest,
    cases: &mut Vec<Case>,
    errors: &mut Vec<String>,
) {
    for (number, line) in (1..).zip(text.lines()) {
        let statement = line.split('#').next().unwrap_or_default().trim();
        if statement.is_empty() {
            continue;
        }
        let file = file.to_owned();
        let place = Place { file, line: number };
        match statement_of(statement, &place, guest) {
            Ok(case) => cases.push(case),
            Err(message) => errors.push(format!("{place}: {message}")),
        }
    }
}

fn statement_of(statement: &str, place: &Place, guest: &dyn Guest) -> Result<Case, String> {
    let parts: Vec<&str> = statement.split('|').map(str::trim).collect();
    let [code, assembly, states] = parts[..] else {
        let found = parts.len();
        return Err(format!(
            "a case has three parts, `code | assembly | before => after`; here are {found}"
        ));
    };
    let (given, expected) = states
        .split_once("=>")
        .ok_or("there is no `=>` between the states before and after")?;

    let code = bytes_of(code, guest)?;
    let mut before = background(guest);
    for word in given.split_whitespace() {
        set(&mut before, word, guest)?;
    }
    if before.pc != CODE {
        return Err(format!("code always starts at {CODE:#x}"));
    }

    let (expected, trap) = match expected.split_once("trap ") {
        Some((state, trap)) => (state, Some(trap_of(trap)?)),
        None => (expected, None),
    };
    let ending = trap.map_or(Ending::Left, Ending::Trap);
    let mut after = before.clone();
    if ending == Ending::Left {
        after.pc += code.len() as u64;
    }
    for word in expected.split_whitespace() {
        set(&mut after, word, guest)?;
    }
    Ok(Case {
        place: place.clone(),
        code,
        assembly: assembly
            .split(';')
            .map(|one| one.trim().to_owned())
            .collect(),
        before,
        ending,
        after,
    })
}

/// What a case starts from that says nothing: registers and data that are unlikely to be right by
/// chance, and the control registers zero.
fn background(guest: &dyn Guest) -> State {
    let mut state = State::new();
    for file in guest.register_files() {
        for (slot, register) in file.iter() {
            let slots = slot..slot + file.stride();
            // The x87 registers move with each push: they are empty.
            let moves = file.bits == 80;
            if file.kind != Kind::Control && register.role != Role::Zero && !moves {
                slots.for_each(|slot| {
                    state.registers[usize::from(slot)] = 0x5a5a_5a5a_5a5a_0000 | u64::from(slot);
                });
            }
        }
    }
    state.data.fill(0xa5);
    state
}

/// Instruction words of eight or four digits as a listing shows them, or single bytes of two digits.
fn bytes_of(text: &str, guest: &dyn Guest) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for digits in text.split_whitespace() {
        let number = u32::from_str_radix(digits, 16)
            .map_err(|_| format!("{digits:?} is no hexadecimal number"))?;
        let length = match digits.len() {
            2 | 4 | 8 => digits.len() / 2,
            _ => {
                return Err(format!(
                    "{digits:?} is no byte (2 digits) and no instruction word (4 or 8)"
                ));
            }
        };
        bytes.extend_from_slice(&in_order(number.into(), length, guest));
    }
    match bytes.len() {
        0 => Err("there is no code".to_owned()),
        1..=SLOT => Ok(bytes),
        more => Err(format!("{more} bytes of code are more than {SLOT}")),
    }
}

/// The low bytes of a number, as a guest stores them.
fn in_order(number: u64, length: usize, guest: &dyn Guest) -> Vec<u8> {
    match guest.order() {
        Order::Little => number.to_le_bytes()[..length].to_vec(),
        Order::Big => number.to_be_bytes()[8 - length..].to_vec(),
    }
}

/// Carries out one `name=value`.
fn set(state: &mut State, word: &str, guest: &dyn Guest) -> Result<(), String> {
    let (name, text) = word
        .split_once('=')
        .ok_or_else(|| format!("{word:?} is no `name=value`"))?;
    if let Some((slot, file)) = guest.register_named(name)
        && text.contains(':')
    {
        let values = wide_value_of(text, file.stride());
        let values = values.ok_or_else(|| format!("{text:?} is no value of {} bits", file.bits))?;
        for (slot, value) in (slot..).zip(values) {
            state.registers[usize::from(slot)] = value;
        }
        return Ok(());
    }
    let value = value_of(text).ok_or_else(|| format!("{text:?} is no value"))?;
    if name == "pc" {
        state.pc = value;
    } else if let Some(place) = name.strip_prefix('[') {
        let (address, size) = place
            .split_once("]:")
            .ok_or_else(|| format!("{name:?} is not of the form `[address]:size`"))?;
        let address = value_of(address).ok_or_else(|| format!("{address:?} is no address"))?;
        let size = match size {
            "1" => 1,
            "2" => 2,
            "4" => 4,
            "8" => 8,
            _ => return Err(format!("{size:?} is no size: it is 1, 2, 4 or 8 bytes")),
        };
        let bytes = state.bytes(address, size).ok_or_else(|| {
            format!("{address:#x} is not in the page of data, which starts at {DATA:#x}")
        })?;
        let fits = |bits| value >> bits == 0 || value as i64 >> (bits - 1) == -1;
        if size < 8 && !fits(8 * size) {
            return Err(format!("{text} does not fit into {size} bytes"));
        }
        bytes.copy_from_slice(&in_order(value, size, guest));
    } else {
        let hidden = guest
            .hidden_slots()
            .iter()
            .find(|(_, hidden)| *hidden == name);
        if let Some((slot, _)) = hidden {
            state.registers[usize::from(*slot)] = value;
            return Ok(());
        }
        let (slot, file) = guest
            .register_named(name)
            .ok_or_else(|| format!("{} has no register {name:?}", guest.name()))?;
        if file
            .at(slot)
            .is_some_and(|register| register.role == Role::Zero)
        {
            return Err(format!("{name} is always zero"));
        }
        state.registers[usize::from(slot)] = value;
    }
    Ok(())
}

/// A number, `s(..)` a single-precision one in a box of ones, `w(..)` one without a box, `d(..)` a
/// double-precision one, or exceptions joined by `+`.
fn value_of(text: &str) -> Option<u64> {
    if let Some(single) = text.strip_prefix("w(").and_then(|t| t.strip_suffix(')')) {
        return Some(single.parse::<f32>().ok()?.to_bits().into());
    }
    if let Some(single) = text.strip_prefix("s(").and_then(|t| t.strip_suffix(')')) {
        let bits = match single {
            "nan" => 0x7fc0_0000,
            bits if bits.starts_with("0x") => number_of(bits)?.try_into().ok()?,
            number => number.parse::<f32>().ok()?.to_bits(),
        };
        return Some(0xffff_ffff_0000_0000 | u64::from(bits));
    }
    if let Some(double) = text.strip_prefix("d(").and_then(|t| t.strip_suffix(')')) {
        return match double {
            "nan" => Some(0x7ff8_0000_0000_0000),
            number => Some(number.parse::<f64>().ok()?.to_bits()),
        };
    }
    number_of(text).or_else(|| exceptions_of(text))
}

/// The words of a register of several, the lowest first: as many equal parts as there are colons
/// between, the highest first.
fn wide_value_of(text: &str, words: u8) -> Option<Vec<u64>> {
    let parts: Vec<&str> = text.split(':').collect();
    let bits = 64 * usize::from(words) / parts.len();
    if !matches!(bits, 8 | 16 | 32 | 64) || parts.len() * bits != 64 * usize::from(words) {
        return None;
    }
    let mut values = vec![0; usize::from(words)];
    for (number, part) in parts.iter().rev().enumerate() {
        let (place, value) = (number * bits, value_of(part)?);
        values[place / 64] |= (value & u64::MAX >> (64 - bits)) << (place % 64);
    }
    Some(values)
}

fn number_of(text: &str) -> Option<u64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let digits = digits.replace('_', "");
    let value = match digits.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative {
        value.wrapping_neg()
    } else {
        value
    })
}

fn exceptions_of(text: &str) -> Option<u64> {
    let mut flags = Flags::NONE;
    for name in text.split('+') {
        flags |= match name {
            "nv" => Flags::INVALID,
            "dz" => Flags::DIVIDE_BY_ZERO,
            "of" => Flags::OVERFLOW,
            "uf" => Flags::UNDERFLOW,
            "nx" => Flags::INEXACT,
            "de" => Flags::DENORMAL,
            _ => return None,
        };
    }
    Some(u64::from(flags.bits()))
}

/// What follows `trap`.
fn trap_of(text: &str) -> Result<Trap, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(match words[..] {
        ["illegal"] => Trap::Illegal,
        ["overflow"] => Trap::Overflow,
        ["float", raised] => Trap::Float {
            raised: exceptions_of(raised).ok_or_else(|| format!("{raised:?} are no exceptions"))?,
        },
        ["software", code] => Trap::Software {
            code: code.parse().map_err(|_| format!("{code:?} is no number"))?,
        },
        ["breakpoint"] => Trap::Breakpoint,
        ["syscall"] => Trap::Syscall,
        [why, intent, address] => {
            let address = value_of(address).ok_or_else(|| format!("{address:?} is no address"))?;
            let intent = match intent {
                "read" => Intent::Read,
                "write" => Intent::Write,
                "execute" => Intent::Execute,
                _ => return Err(format!("{intent:?} is not `read`, `write` or `execute`")),
            };
            let fault = |cause| {
                Trap::Fault(Fault {
                    address,
                    intent,
                    cause,
                })
            };
            match why {
                "unmapped" => fault(Cause::Unmapped),
                "protected" => fault(Cause::Protection),
                "misaligned" => Trap::Misaligned { address, intent },
                _ => {
                    return Err(format!(
                        "{why:?} is not `unmapped`, `protected` or `misaligned`"
                    ));
                }
            }
        }
        _ => return Err(format!("{text:?} is no trap")),
    })
}

/// How two states differ, one message each; the first is what is, the second what should be.
pub fn differences(guest: &dyn Guest, is: &State, should_be: &State) -> Vec<String> {
    if is == should_be {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut compare = |name: &str, is: u64, should_be: u64| {
        if is != should_be {
            found.push(format!("{name} is {is:#x}, not {should_be:#x}"));
        }
    };
    compare("pc", is.pc, should_be.pc);
    for file in guest.register_files() {
        for (slot, _) in file.iter() {
            for slot in slot..slot + file.stride() {
                let slot = usize::from(slot);
                let name = guest.slot_name(slot as u8);
                compare(&name, is.registers[slot], should_be.registers[slot]);
            }
        }
    }
    for (address, (&is, &should_be)) in (DATA..).zip(is.data.iter().zip(&*should_be.data)) {
        let name = format!("[{address:#x}]:1");
        compare(&name, is.into(), should_be.into());
    }
    found
}

/// More than this is too much to read.
const MOST_WORDS: usize = 40;

/// What a state has that another does not, in the words of the format; of a lot, the beginning.
pub fn description(guest: &dyn Guest, state: &State, other: &State) -> String {
    let mut words = Vec::new();
    for file in guest.register_files() {
        for (slot, register) in file.iter() {
            let value = state.registers[usize::from(slot)];
            if value != other.registers[usize::from(slot)] {
                words.push(format!("{}={value:#x}", register.abi));
            }
        }
    }
    let eights = state.data.chunks(8).zip(other.data.chunks(8));
    for (address, (bytes, others)) in (DATA..).step_by(8).zip(eights) {
        if bytes != others {
            let bytes: [u8; 8] = bytes.try_into().expect("eight bytes");
            let value = match guest.order() {
                Order::Little => u64::from_le_bytes(bytes),
                Order::Big => u64::from_be_bytes(bytes),
            };
            words.push(format!("[{address:#x}]:8={value:#x}"));
        }
    }
    if let Some(more) = words.len().checked_sub(MOST_WORDS) {
        words.truncate(MOST_WORDS);
        words.push(format!("and {more} more"));
    }
    words.join(" ")
}

/// An ending in the words of the format.
pub fn ending_name(ending: Ending) -> String {
    match ending {
        Ending::Left => "no trap".to_owned(),
        Ending::Endless => "a loop without end".to_owned(),
        Ending::Trap(trap) => match trap {
            Trap::Illegal => "trap illegal".to_owned(),
            Trap::Overflow => "trap overflow".to_owned(),
            Trap::Float { raised } => format!("trap float {raised:#b}"),
            Trap::Software { code } => format!("trap software {code}"),
            Trap::Breakpoint => "trap breakpoint".to_owned(),
            Trap::Syscall => "trap syscall".to_owned(),
            Trap::Misaligned { address, intent } => {
                format!("trap misaligned {} {address:#x}", intent_name(intent))
            }
            Trap::Fault(fault) => {
                let why = match fault.cause {
                    Cause::Unmapped => "unmapped",
                    Cause::Protection => "protected",
                    Cause::Bus => "bus",
                };
                format!(
                    "trap {why} {} {:#x}",
                    intent_name(fault.intent),
                    fault.address
                )
            }
        },
    }
}

fn intent_name(intent: Intent) -> &'static str {
    match intent {
        Intent::Read => "read",
        Intent::Write => "write",
        Intent::Execute => "execute",
    }
}
