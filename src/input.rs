//! Input that a thread reads, so that who asks whether a byte is there need not wait for one.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

/// How long at most somebody waits for input without being asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);
/// How many bytes are read at once.
const READ: usize = 4096;
/// How many such reads are made ahead of whoever takes the bytes.
const AHEAD: usize = 1;

/// Bytes that come in.
pub struct Input {
    source: Source,
    /// What came, and was not taken yet.
    here: VecDeque<u8>,
}

enum Source {
    /// Nobody has asked yet.
    Unread(Box<dyn Read + Send>),
    /// A thread reads it.
    Read(Receiver<Vec<u8>>),
    Ended,
}

impl Input {
    /// What is read from somewhere, from when somebody first asks for it.
    pub fn from(source: impl Read + Send + 'static) -> Input {
        Input {
            source: Source::Unread(Box::new(source)),
            here: VecDeque::new(),
        }
    }

    /// These bytes.
    pub fn of(bytes: &[u8]) -> Input {
        Input {
            source: Source::Ended,
            here: bytes.iter().copied().collect(),
        }
    }

    /// Whether a byte is here already.
    pub fn is_ready(&mut self) -> bool {
        self.look();
        !self.here.is_empty()
    }

    /// Whether no byte will come any more, as far as is known.
    pub fn has_ended(&mut self) -> bool {
        self.look();
        self.here.is_empty() && matches!(self.source, Source::Ended)
    }

    /// Takes a byte. Waits for it as long as `goes_on`; None where the input has ended, or nobody waits any more.
    pub fn next(&mut self, goes_on: impl Fn() -> bool) -> Option<u8> {
        self.wait(goes_on);
        self.here.pop_front()
    }

    /// Takes at most so many bytes, as many as are here. Waits as [`Input::next`] does if there are none.
    pub fn take(&mut self, most: usize, goes_on: impl Fn() -> bool) -> Vec<u8> {
        self.wait(goes_on);
        self.here.drain(..most.min(self.here.len())).collect()
    }

    /// Waits until a byte is here, the input has ended, or `goes_on` is false.
    pub fn wait(&mut self, goes_on: impl Fn() -> bool) {
        while self.here.is_empty() && goes_on() {
            let Some(bytes) = self.bytes() else { return };
            match bytes.recv_timeout(PATIENCE) {
                Ok(bytes) => self.here.extend(bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.source = Source::Ended,
            }
        }
    }

    /// Takes in what has come meanwhile.
    fn look(&mut self) {
        if !self.here.is_empty() {
            return;
        }
        let Some(bytes) = self.bytes() else { return };
        match bytes.try_recv() {
            Ok(bytes) => self.here.extend(bytes),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => self.source = Source::Ended,
        }
    }

    /// What the thread reads; None if nothing comes any more.
    fn bytes(&mut self) -> Option<&Receiver<Vec<u8>>> {
        if let Source::Unread(_) = self.source
            && let Source::Unread(mut from) = std::mem::replace(&mut self.source, Source::Ended)
        {
            let (sender, bytes) = sync_channel(AHEAD);
            let read = move || {
                let mut buffer = vec![0; READ];
                loop {
                    match from.read(&mut buffer) {
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Ok(0) | Err(_) => break,
                        Ok(count) if sender.send(buffer[..count].to_vec()).is_ok() => {}
                        Ok(_) => break,
                    }
                }
            };
            // Without a thread there is no input.
            if thread::Builder::new()
                .name("input".to_owned())
                .spawn(read)
                .is_ok()
            {
                self.source = Source::Read(bytes);
            }
        }
        match &self.source {
            Source::Read(bytes) => Some(bytes),
            _ => None,
        }
    }
}
