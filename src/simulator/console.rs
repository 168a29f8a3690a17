//! Where a program reads and writes: a terminal, or what a test gives and collects.

use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Standard input and output of a program.
pub struct Console {
    input: Box<dyn BufRead + Send>,
    output: Box<dyn Write + Send>,
    /// Whether somebody waits for each line.
    is_interactive: bool,
}

impl Console {
    /// The console of this process.
    pub fn standard() -> Console {
        Console {
            input: Box::new(BufReader::new(io::stdin())),
            output: Box::new(BufWriter::new(io::stdout())),
            is_interactive: io::stdout().is_terminal(),
        }
    }

    /// A console with this input, and what will be written to it.
    pub fn of(input: &[u8]) -> (Console, Written) {
        let written = Written::default();
        let console = Console {
            input: Box::new(io::Cursor::new(input.to_vec())),
            output: Box::new(written.clone()),
            is_interactive: false,
        };
        (console, written)
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
        self.flush();
        let mut line = Vec::new();
        let length = self.input.read_until(b'\n', &mut line).ok()?;
        if length == 0 {
            return None;
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
        let byte = self.input.fill_buf().ok()?.first().copied()?;
        self.input.consume(1);
        Some(byte)
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
    pub fn available(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.flush();
        let here = self.input.fill_buf()?;
        let taken = here[..most.min(here.len())].to_vec();
        self.input.consume(taken.len());
        Ok(taken)
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
