//! The console: bytes to and from a terminal, or what a test gives and collects.

use super::Power;
use std::io::{self, BufReader, BufWriter, IsTerminal, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long at most somebody waits for input without looking at the power.
const PATIENCE: Duration = Duration::from_millis(20);

/// Where bytes come from and go to.
pub struct Console {
    output: Mutex<Box<dyn Write + Send>>,
    /// Whether somebody waits for each line.
    is_interactive: bool,
    input: Mutex<Input>,
}

enum Input {
    /// Nobody has asked yet.
    Unread(Box<dyn Read + Send>),
    /// A thread reads it: who asks whether there is a byte does not wait for one.
    Read {
        bytes: Receiver<u8>,
        next: Option<u8>,
    },
    Ended,
}

impl Console {
    /// The console of this process.
    pub fn standard() -> Console {
        Console {
            output: Mutex::new(Box::new(BufWriter::new(io::stdout()))),
            is_interactive: io::stdout().is_terminal(),
            input: Mutex::new(Input::Unread(Box::new(io::stdin()))),
        }
    }

    /// A console of these two.
    pub fn of(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> Console {
        Console {
            output: Mutex::new(Box::new(output)),
            is_interactive: false,
            input: Mutex::new(Input::Unread(Box::new(input))),
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
        let mut input = self.input();
        let Input::Read { bytes, next } = &mut *input else {
            return None;
        };
        if let Some(byte) = next.take() {
            return Some(byte);
        }
        while power.status().is_none() {
            match bytes.recv_timeout(PATIENCE) {
                Ok(byte) => return Some(byte),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    *input = Input::Ended;
                    break;
                }
            }
        }
        None
    }

    /// Whether a byte is there already.
    pub(super) fn is_ready(&self) -> bool {
        let mut input = self.input();
        let Input::Read { bytes, next } = &mut *input else {
            return false;
        };
        if next.is_none() {
            match bytes.try_recv() {
                Ok(byte) => *next = Some(byte),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => {
                    *input = Input::Ended;
                    return false;
                }
            }
        }
        true
    }

    /// Whether no byte will come any more, as far as is known.
    pub(super) fn has_ended(&self) -> bool {
        !self.is_ready() && matches!(*self.input(), Input::Ended)
    }

    /// The input, being read.
    fn input(&self) -> MutexGuard<'_, Input> {
        let mut input = lock(&self.input);
        if matches!(*input, Input::Unread(_)) {
            let (sender, bytes) = channel();
            if let Input::Unread(from) = std::mem::replace(&mut *input, Input::Ended) {
                let read = move || {
                    for byte in BufReader::new(from).bytes() {
                        match byte {
                            Ok(byte) if sender.send(byte).is_ok() => {}
                            _ => break,
                        }
                    }
                };
                if thread::Builder::new().spawn(read).is_ok() {
                    *input = Input::Read { bytes, next: None };
                }
            }
        }
        input
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
