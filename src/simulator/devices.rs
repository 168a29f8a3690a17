//! The keyboard and the display in memory: SPIM's manual, "Input and Output" (`-mapped_io`), and the tool "Keyboard and Display
//! MMIO Simulator" of MARS and RARS.
//!
//! | address | read | write |
//! |---|---|---|
//! | `0xffff0000` | receiver control. Bit 0: a key was pressed that was not read yet; bit 1 as written | bit 1: interrupts |
//! | `0xffff0004` | receiver data: takes the key; if there is none, the last one again | what it reads as until the next key |
//! | `0xffff0008` | transmitter control. Bit 0: always ready; bit 1 as written | bit 1: interrupts |
//! | `0xffff000c` | 0 | transmitter data: shows the lowest byte |
//!
//! There is no kernel to handle interrupts, so there are none, which is said if a program asks for them. Keys are bytes
//! of the same input that services read, and what a window hears. On a terminal a form feed (12) clears the screen, and a
//! bell (7) moves the cursor: to the column of bits 20 to 31, and the row of bits 8 to 19.

use super::Console;
use portolan_machine::memory::Device;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the registers are: of an address of 32 bits, a processor of 64 makes either of these.
pub(super) const PLACES: [u64; 2] = [0xffff_0000, 0xffff_ffff_ffff_0000];
/// How many bytes the page has.
pub(super) const LENGTH: u64 = 0x1000;

/// Ready.
const READY: u64 = 1;
/// Interrupts are wanted.
const INTERRUPTS: u64 = 2;

/// The most keys of a window that wait for the program: later ones are lost then.
const MOST_KEYS: usize = 256;

/// The keyboard and the display.
pub(super) struct Terminal {
    console: Arc<Mutex<Console>>,
    /// Looking for a key waits until there is one or the input ends, so that each run sees the same.
    waits: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Keys of a window.
    pressed: VecDeque<u8>,
    /// What receiver data reads as where no key waits.
    last: u8,
    /// Of the receiver's and the transmitter's control, what was written.
    interrupts: [bool; 2],
    has_told: bool,
}

impl Terminal {
    /// On a console. For a program that is to do the same in each run, it `waits` for keys.
    pub fn new(console: Arc<Mutex<Console>>, waits: bool) -> Terminal {
        Terminal {
            console,
            waits,
            state: Mutex::default(),
        }
    }

    /// A key of a window.
    pub fn press(&self, key: u8) {
        let mut state = lock(&self.state);
        if state.pressed.len() < MOST_KEYS {
            state.pressed.push_back(key);
        }
    }

    fn is_ready(&self) -> bool {
        !lock(&self.state).pressed.is_empty() || lock(&self.console).is_ready(self.waits)
    }

    /// Takes the key that is there, or else tells the last one.
    fn key(&self) -> u8 {
        let pressed = lock(&self.state).pressed.pop_front();
        let key = pressed.or_else(|| {
            let mut console = lock(&self.console);
            match console.is_ready(self.waits) {
                true => console.byte(),
                false => None,
            }
        });
        let mut state = lock(&self.state);
        state.last = key.unwrap_or(state.last);
        state.last
    }

    fn show(&self, value: u64) {
        let mut console = lock(&self.console);
        match value as u8 {
            12 if console.is_interactive() => console.print(b"\x1b[H\x1b[2J"),
            7 if console.is_interactive() => {
                let (column, row) = ((value >> 20) & 0xfff, (value >> 8) & 0xfff);
                console.print(format!("\x1b[{};{}H", row + 1, column + 1).as_bytes());
            }
            byte => console.print(&[byte]),
        }
    }

    /// The control register of the receiver (0) or the transmitter (1) is written.
    fn set_control(&self, which: usize, value: u64) {
        let mut state = lock(&self.state);
        state.interrupts[which] = value & INTERRUPTS != 0;
        if state.interrupts[which] && !state.has_told {
            state.has_told = true;
            let what = ["keyboard", "display"][which];
            eprintln!(
                "portolan: the program asks for interrupts of the {what}, which never come; keys are read by asking 0xffff0000"
            );
        }
    }

    fn control(&self, which: usize, is_ready: bool) -> u64 {
        let interrupts = lock(&self.state).interrupts[which];
        let bit = |is_set, bit| if is_set { bit } else { 0 };
        bit(is_ready, READY) | bit(interrupts, INTERRUPTS)
    }
}

impl Device for Terminal {
    fn read(&self, offset: u64, _: u8) -> Option<u64> {
        Some(match offset {
            0 => self.control(0, self.is_ready()),
            4 => self.key().into(),
            8 => self.control(1, true),
            12 => 0,
            _ => return None,
        })
    }

    fn write(&self, offset: u64, _: u8, value: u64) -> Option<()> {
        match offset {
            0 => self.set_control(0, value),
            4 => lock(&self.state).last = value as u8,
            8 => self.set_control(1, value),
            12 => self.show(value),
            _ => return None,
        }
        Some(())
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
