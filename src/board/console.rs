//! The console: bytes to and from a terminal, or what a test gives and collects.

use super::Power;
use crate::input::Input;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where bytes come from and go to.
pub struct Console {
    output: Mutex<Box<dyn Write + Send>>,
    /// Whether somebody waits for each line.
    is_interactive: bool,
    input: Mutex<Input>,
}

impl Console {
    /// The console of this process.
    pub fn standard() -> Console {
        Console {
            output: Mutex::new(Box::new(BufWriter::new(io::stdout()))),
            is_interactive: io::stdout().is_terminal(),
            input: Mutex::new(Input::from(io::stdin())),
        }
    }

    /// A console of these two.
    pub fn of(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> Console {
        Console {
            output: Mutex::new(Box::new(output)),
            is_interactive: false,
            input: Mutex::new(Input::from(input)),
        }
    }

    /// Writes a byte. What nobody reads any more is lost, as on a line that nobody listens to.
    pub(super) fn send(&self, byte: u8) {
        let mut output = lock(&self.output);
        let _ = output.write_all(&[byte]);
        if self.is_interactive && byte == b'\n' {
            let _ = output.flush();
        }
    }

    /// Makes what was written visible.
    pub(super) fn flush(&self) {
        let _ = lock(&self.output).flush();
    }

    /// Waits for a byte and takes it; None where the input has ended, or the power goes off.
    pub(super) fn receive(&self, power: &Power) -> Option<u8> {
        self.flush();
        lock(&self.input).next(|| power.status().is_none())
    }

    /// Whether a byte is there already.
    pub(super) fn is_ready(&self) -> bool {
        lock(&self.input).is_ready()
    }

    /// Whether no byte will come any more, as far as is known.
    pub(super) fn has_ended(&self) -> bool {
        lock(&self.input).has_ended()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
