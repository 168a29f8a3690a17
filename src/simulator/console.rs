//! Where a program reads and writes: a terminal, or what a test gives and collects.

use crate::input::Input;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Standard input and output of a program.
pub struct Console {
    input: Input,
    output: Box<dyn Write + Send>,
    /// Whether somebody waits for each line.
    is_interactive: bool,
    /// Nobody is there any more: nothing is waited for.
    has_gone: Arc<AtomicBool>,
}

impl Console {
    /// The console of this process.
    pub fn standard() -> Console {
        Console {
            input: Input::from(io::stdin()),
            output: Box::new(BufWriter::new(io::stdout())),
            is_interactive: io::stdout().is_terminal(),
            has_gone: Arc::default(),
        }
    }

    /// A console with this input, and what will be written to it.
    pub fn of(input: &[u8]) -> (Console, Written) {
        let written = Written::default();
        let console = Console {
            input: Input::of(input),
            output: Box::new(written.clone()),
            is_interactive: false,
            has_gone: Arc::default(),
        };
        (console, written)
    }

    /// What says, once it is true, that nothing is to be waited for any more.
    pub(super) fn has_gone(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.has_gone)
    }

    /// Whether what is printed is on a terminal, as it is printed.
    pub(super) fn is_interactive(&self) -> bool {
        self.is_interactive
    }

    /// Writes what the program prints. What nobody reads any more is lost, as with Java's `System.out`.
    pub fn print(&mut self, bytes: &[u8]) {
        let _ = self.output.write_all(bytes);
        if self.is_interactive {
            self.flush();
        }
    }

    /// Makes what was printed visible.
    pub fn flush(&mut self) {
        let _ = self.output.flush();
    }

    /// A line without its end; None where the input ends.
    pub fn line(&mut self) -> Option<Vec<u8>> {
        let mut line = vec![self.byte()?];
        while line.last() != Some(&b'\n')
            && let Some(byte) = self.byte()
        {
            line.push(byte);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }

    /// A byte; None where the input ends.
    pub fn byte(&mut self) -> Option<u8> {
        self.flush();
        let has_gone = &self.has_gone;
        self.input.next(|| !has_gone.load(Ordering::Relaxed))
    }

    /// Whether there is a byte; `waits` for one, or for the end of the input.
    pub(super) fn is_ready(&mut self, waits: bool) -> bool {
        if waits {
            self.flush();
            let has_gone = &self.has_gone;
            self.input.wait(|| !has_gone.load(Ordering::Relaxed));
        }
        self.input.is_ready()
    }

    /// At most so many bytes, up to the end of the line, which is one of them: fgets.
    pub fn bytes_of_line(&mut self, most: usize) -> Vec<u8> {
        let mut line = Vec::new();
        while line.len() < most && line.last() != Some(&b'\n') {
            let Some(byte) = self.byte() else { break };
            line.push(byte);
        }
        line
    }

    /// At most so many bytes, as many as there are at once.
    pub fn available(&mut self, most: usize) -> Vec<u8> {
        self.flush();
        let has_gone = &self.has_gone;
        self.input.take(most, || !has_gone.load(Ordering::Relaxed))
    }
}

/// What a program wrote.
#[derive(Clone, Debug, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// All of it so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
