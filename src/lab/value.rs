//! Values of labs as a guest has them: bytes of memory, contents of registers.

use super::file::{Contents, Number};
use portolan_machine::guest::Guest;
use portolan_machine::memory::Order;
use portolan_machine::registers::RegisterFile;

/// Numbers of so many bytes, one after another as the guest has them in memory.
pub fn integers(guest: &dyn Guest, numbers: &[i64], bytes: usize) -> Vec<u8> {
    let each = numbers.iter().flat_map(|number| {
        let little = number.to_le_bytes();
        let mut one = little[..bytes].to_vec();
        if guest.order() == Order::Big {
            one.reverse();
        }
        one
    });
    each.collect()
}

/// A string with the zero byte behind it.
pub fn string(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// A kind of memory contents: the name of its elements, and how they are laid out.
enum Layout {
    Signed(usize),
    Single,
    Double,
    Text,
}

/// The bytes that memory is to hold, and how to show bytes of that kind.
pub struct Expected {
    /// The bytes.
    pub bytes: Vec<u8>,
    layout: Layout,
}

impl Expected {
    /// What a lab says of memory.
    pub fn new(guest: &dyn Guest, contents: &Contents) -> Expected {
        let whole = [
            (&contents.bytes, 1),
            (&contents.halves, 2),
            (&contents.words, 4),
            (&contents.doublewords, 8),
        ];
        let given = whole
            .iter()
            .find_map(|(it, size)| Some((it.as_ref()?, *size)));
        if let Some((numbers, size)) = given {
            return Expected {
                bytes: integers(guest, numbers, size),
                layout: Layout::Signed(size),
            };
        }
        if let Some(floats) = &contents.floats {
            let bits = floats.iter().map(|it| i64::from((*it as f32).to_bits()));
            return Expected {
                bytes: integers(guest, &bits.collect::<Vec<_>>(), 4),
                layout: Layout::Single,
            };
        }
        if let Some(doubles) = &contents.doubles {
            let bits = doubles.iter().map(|it| it.to_bits() as i64);
            return Expected {
                bytes: integers(guest, &bits.collect::<Vec<_>>(), 8),
                layout: Layout::Double,
            };
        }
        Expected {
            bytes: string(contents.string.as_deref().unwrap_or_default()),
            layout: Layout::Text,
        }
    }

    /// Bytes as people read them.
    pub fn show(&self, guest: &dyn Guest, bytes: &[u8]) -> String {
        let numbers = |size: usize| {
            bytes.chunks(size).map(move |chunk| {
                let mut little = chunk.to_vec();
                if guest.order() == Order::Big {
                    little.reverse();
                }
                let mut all = [0; 8];
                all[..little.len()].copy_from_slice(&little);
                let unused = 64 - 8 * size as u32;
                i64::from_le_bytes(all) << unused >> unused
            })
        };
        let listed = |all: Vec<String>| all.join(" ");
        match self.layout {
            Layout::Signed(size) => listed(numbers(size).map(|it| it.to_string()).collect()),
            Layout::Single => {
                let floats = numbers(4).map(|bits| f32::from_bits(bits as u32).to_string());
                listed(floats.collect())
            }
            Layout::Double => {
                let floats = numbers(8).map(|bits| f64::from_bits(bits as u64).to_string());
                listed(floats.collect())
            }
            Layout::Text => text(bytes),
        }
    }
}

/// The string that bytes begin with, quoted.
pub fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    let text = String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]);
    let unended = if end.is_none() { ", without end" } else { "" };
    format!("{text:?}{unended}")
}

/// Whether a register holds a number.
pub fn holds(file: &RegisterFile, contents: u64, number: &Number) -> bool {
    match number {
        Number::Integer(integer) => {
            let unused = 64 - u32::from(file.bits.min(64));
            (contents ^ *integer as u64) << unused == 0
        }
        Number::Double(double) => contents == double.to_bits(),
        Number::Single { single } => contents as u32 == (*single as f32).to_bits(),
    }
}

/// What a register holds, as the number expected of it is written.
pub fn shown(file: &RegisterFile, contents: u64, like: &Number) -> String {
    match like {
        Number::Integer(_) => {
            let unused = 64 - u32::from(file.bits.min(64));
            integer((contents << unused) as i64 >> unused)
        }
        Number::Double(_) => format!("{:?}", f64::from_bits(contents)),
        Number::Single { .. } => format!("{:?}", f32::from_bits(contents as u32)),
    }
}

/// A number expected of a register.
pub fn wanted(number: &Number) -> String {
    match number {
        Number::Integer(it) => integer(*it),
        Number::Double(it) => format!("{it:?}"),
        Number::Single { single } => format!("{:?}", *single as f32),
    }
}

/// An integer, in hexadecimal too where that tells more.
pub fn integer(number: i64) -> String {
    match number {
        -4096..=4096 => number.to_string(),
        _ => format!("{number} ({number:#x})"),
    }
}
