//! An [`Abi`] made ready for use: its tables parsed and indexed once.

use crate::abi::Abi;
use crate::constants::Translation;
use crate::errno::{Errno, Numbering};
use crate::host::constants as host;
use crate::host::signals::{SIGNALS, bit};
use crate::signals::{self, Set};
use crate::syscalls::{Call, table};
use std::collections::HashMap;

/// A call number of the guest's.
#[derive(Clone, Copy)]
pub struct Numbered {
    /// The name.
    pub name: &'static str,
    /// How it is carried out, if it is.
    pub call: Option<&'static Call>,
}

/// An ABI made ready for use.
pub struct Personality {
    /// The ABI.
    pub abi: &'static Abi,
    /// Error numbers.
    pub errors: Numbering,
    /// Flags of open.
    pub open: Translation,
    /// Resources of getrlimit.
    pub limits: Translation,
    /// Events of poll.
    pub poll: Translation,
    /// Types of sockets, and their flags.
    pub socket_types: Translation,
    /// Options of the level `SOL_SOCKET`.
    pub socket_options: Translation,
    /// Modes of termios: input, output, control, local.
    pub terminal: [Translation; 4],
    /// Indexes of termios' control characters.
    pub terminal_characters: Translation,
    /// Requests of ioctl.
    pub ioctl: Translation,
    signals: Translation,
    signal_action: Translation,
    signal_codes: Translation,
    by_name: HashMap<&'static str, &'static Call>,
    calls: Vec<Option<Numbered>>,
    first: u64,
}

/// The call numbers above the first that are worth an array.
const MOST: u64 = 1 << 16;

impl Personality {
    /// Parses and indexes the tables of an ABI.
    pub fn new(abi: &'static Abi) -> Personality {
        let constants = &abi.constants;
        let by_name = table::all()
            .chain(abi.calls)
            .map(|call| (call.name, call))
            .collect();
        let (first, calls) = index(abi, &by_name);
        Personality {
            abi,
            errors: Numbering::new(constants.errors),
            open: Translation::new(constants.open, host::OPEN),
            limits: Translation::new(constants.limits, host::LIMITS),
            poll: Translation::new(constants.poll, host::POLL),
            socket_types: Translation::new(constants.socket_types, host::SOCKET_TYPES),
            socket_options: Translation::new(constants.socket_options, host::SOCKET_OPTIONS),
            terminal: [
                Translation::new(constants.terminal_input, host::TERMINAL_INPUT),
                Translation::new(constants.terminal_output, host::TERMINAL_OUTPUT),
                Translation::new(constants.terminal_control, host::TERMINAL_CONTROL),
                Translation::new(constants.terminal_local, host::TERMINAL_LOCAL),
            ],
            terminal_characters: Translation::new(
                constants.terminal_characters,
                host::TERMINAL_CHARACTERS,
            ),
            ioctl: Translation::new(constants.ioctl, host::IOCTL),
            signals: Translation::new(
                constants.signals,
                &[host::SIGNAL_NUMBERS, &[host::SIGEMT]].concat(),
            ),
            signal_action: Translation::new(constants.signal_action, host::SIGNAL_ACTION),
            signal_codes: Translation::new(constants.signal_codes, host::SIGNAL_CODES),
            by_name,
            calls,
            first,
        }
    }

    /// What is known about a call number.
    pub fn call(&self, number: u64) -> Option<Numbered> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        *self.calls.get(index)?
    }

    /// Whether the guest has another byte order or other numbers of signals than the host.
    pub fn is_foreign(&self) -> bool {
        let host = crate::syscalls::sockets::order::HOST;
        self.abi.shape.order != host.order || !self.signals.is_same()
    }

    /// How a call is carried out, whether it has a number of its own or not.
    pub fn call_named(&self, name: &str) -> Option<&'static Call> {
        self.by_name.get(name).copied()
    }

    /// Every call of this ABI with its number.
    pub fn calls(&self) -> impl Iterator<Item = (u64, Numbered)> + '_ {
        (self.first..)
            .zip(&self.calls)
            .filter_map(|(number, call)| Some((number, (*call)?)))
    }

    /// The host's number of a guest's signal.
    pub fn host_signal(&self, guest: i32) -> Option<i32> {
        match guest {
            1..32 => self
                .signals
                .number_to_host(guest as u64)
                .map(|number| number as i32),
            _ if guest >= 32 && guest <= SIGNALS as i32 => Some(guest),
            _ => None,
        }
    }

    /// The guest's number of a host's signal.
    pub fn guest_signal(&self, host: i32) -> i32 {
        match host {
            1..32 => self
                .signals
                .number_to_guest(host as u64)
                .map_or(host, |number| number as i32),
            _ => host,
        }
    }

    /// The name of a guest's signal: `SIGINT`, `SIGRT_1`.
    pub fn signal_name(&self, guest: i32) -> String {
        match crate::constants::name(self.abi.constants.signals, guest as u64) {
            Some(name) => name.to_owned(),
            None if guest == 32 => "SIGRTMIN".to_owned(),
            None if (33..=self.signals()).contains(&guest) => format!("SIGRT_{}", guest - 32),
            None => guest.to_string(),
        }
    }

    /// How many signals the guest has.
    pub fn signals(&self) -> i32 {
        i32::from(self.abi.signals.set_bytes) * 8
    }

    /// Whether the guest has a signal that the host does not have.
    pub fn is_own_signal(&self, guest: i32) -> bool {
        (SIGNALS as i32 + 1..=self.signals()).contains(&guest)
    }

    /// The host's mask of a guest's set of signals.
    pub fn mask_to_host(&self, mask: Set) -> u64 {
        (1..=self.signals())
            .filter(|signal| mask & signals::only(*signal) != 0)
            .filter_map(|signal| self.host_signal(signal))
            .fold(0, |all, signal| all | bit(signal))
    }

    /// The guest's set of signals of a host's mask.
    pub fn mask_to_guest(&self, mask: u64) -> Set {
        (1..=SIGNALS as i32)
            .filter(|signal| mask & bit(*signal) != 0)
            .fold(0, |all, signal| {
                all | signals::only(self.guest_signal(signal))
            })
    }

    /// Flags of sigaction for the host.
    pub fn action_flags_to_host(&self, flags: u64) -> i32 {
        self.signal_action.flags_to_host(flags) as i32
    }

    /// The guest's `si_code` of a host's.
    pub fn code_to_guest(&self, code: i32) -> i32 {
        let number = self.signal_codes.number_to_guest(u64::from(code as u32));
        number.map_or(code, |number| number as i32)
    }

    /// The host's `si_code` of a guest's.
    pub fn code_to_host(&self, code: i32) -> i32 {
        let number = self.signal_codes.number_to_host(u64::from(code as u32));
        number.map_or(code, |number| number as i32)
    }

    /// The guest's bit of a flag of sigaction.
    pub fn action_flag(&self, name: &str) -> u64 {
        crate::constants::value(self.abi.constants.signal_action, name).unwrap_or(0)
    }

    /// The guest's number of an error.
    pub fn error(&self, errno: Errno) -> u16 {
        self.errors.guest(errno)
    }
}

/// Indexes the ABI's calls by number, counted from the lowest.
fn index(
    abi: &'static Abi,
    by_name: &HashMap<&'static str, &'static Call>,
) -> (u64, Vec<Option<Numbered>>) {
    let numbers: Vec<(u64, &'static str)> = numbers(abi.numbers).collect();
    let first = numbers.iter().map(|(number, _)| *number).min().unwrap_or(0);
    let mut calls = Vec::new();
    for (number, name) in numbers {
        let index = number - first;
        if index >= MOST {
            continue;
        }
        let index = index as usize;
        if calls.len() <= index {
            calls.resize(index + 1, None);
        }
        calls[index] = Some(Numbered {
            name,
            call: by_name.get(name).copied(),
        });
    }
    (first, calls)
}

/// The lines of a table of call numbers.
pub fn numbers(text: &'static str) -> impl Iterator<Item = (u64, &'static str)> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_table_has_comments_and_blank_lines() {
        let rows: Vec<_> = numbers("# riscv\n\n63 read\n64   write # out\nbad\n").collect();
        assert_eq!(rows, [(63, "read"), (64, "write")]);
    }
}
