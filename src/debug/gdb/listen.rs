//! Where gdb connects to, and the bytes that come from it, also while the program runs.

use super::Error;
use gdbstub::conn::Connection;
use portolan_linux::host;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread::JoinHandle;

/// Where to wait for gdb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A TCP address, `HOST:PORT`.
    Tcp(String),
    /// A socket file.
    Socket(PathBuf),
}

impl Place {
    /// What a person writes: `PORT` (of this machine, for this machine), `HOST:PORT`, or a path.
    pub fn parse(text: &str) -> Place {
        let port = |text: &str| text.parse::<u16>().is_ok();
        match text.rsplit_once(':') {
            _ if port(text) => Place::Tcp(format!("127.0.0.1:{text}")),
            Some(("", number)) if port(number) => Place::Tcp(format!("127.0.0.1:{number}")),
            Some((host, number)) if port(number) && !host.contains('/') => {
                Place::Tcp(text.to_owned())
            }
            _ => Place::Socket(text.into()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Tcp(address) => f.write_str(address),
            Place::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A place that is listened at. It is kept out of the guest's way, whose descriptors are the
/// host's.
#[derive(Debug)]
pub enum Listener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A socket file, removed when gdb has come.
    Socket(UnixListener, PathBuf),
}

impl Listener {
    /// Starts to listen.
    ///
    /// # Errors
    /// If the host refuses.
    pub fn new(place: &Place) -> Result<Listener, Error> {
        let error = |error| Error::Listen(place.clone(), error);
        match place {
            Place::Tcp(address) => {
                let listener = TcpListener::bind(address).map_err(error)?;
                let fd = away(listener.as_fd()).map_err(error)?;
                Ok(Listener::Tcp(fd.into()))
            }
            Place::Socket(path) => {
                let listener = UnixListener::bind(path).map_err(error)?;
                let fd = away(listener.as_fd()).map_err(error)?;
                Ok(Listener::Socket(fd.into(), path.clone()))
            }
        }
    }

    /// What `target remote` takes.
    pub fn remote(&self) -> String {
        match self {
            Listener::Tcp(listener) => match listener.local_addr() {
                Ok(address) if address.ip().is_loopback() => format!(":{}", address.port()),
                Ok(address) => address.to_string(),
                Err(_) => String::new(),
            },
            Listener::Socket(_, path) => path.display().to_string(),
        }
    }

    /// Waits for gdb. Nobody else can connect then.
    pub(super) fn accept(self) -> Result<Stream, Error> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().map_err(Error::Connection)?;
                // Packets are small, and each is waited for.
                stream.set_nodelay(true).map_err(Error::Connection)?;
                let fd = away(stream.as_fd()).map_err(Error::Connection)?;
                Ok(Stream::Tcp(fd.into()))
            }
            Listener::Socket(listener, path) => {
                let accepted = listener.accept();
                // It was made by us, and has served its purpose.
                let _ = std::fs::remove_file(path);
                let (stream, _) = accepted.map_err(Error::Connection)?;
                let fd = away(stream.as_fd()).map_err(Error::Connection)?;
                Ok(Stream::Socket(fd.into()))
            }
        }
    }
}

fn away(fd: std::os::fd::BorrowedFd<'_>) -> io::Result<OwnedFd> {
    host::out_of_the_way(fd).map(OwnedFd::from)
}

/// A connection with gdb.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Socket(UnixStream),
}

impl Stream {
    fn try_clone(&self) -> io::Result<Stream> {
        Ok(match self {
            Stream::Tcp(stream) => Stream::Tcp(away(stream.as_fd())?.into()),
            Stream::Socket(stream) => Stream::Socket(away(stream.as_fd())?.into()),
        })
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(into),
            Stream::Socket(stream) => stream.read(into),
        }
    }

    // Neither raises SIGPIPE when gdb is gone.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => Write::write_all(stream, bytes),
            Stream::Socket(stream) => Write::write_all(stream, bytes),
        }
    }

    fn shutdown(&self) {
        // It may be closed already.
        let _ = match self {
            Stream::Tcp(stream) => stream.shutdown(std::net::Shutdown::Both),
            Stream::Socket(stream) => stream.shutdown(std::net::Shutdown::Both),
        };
    }
}

/// Answers on their way to gdb. Copies share the connection; what they have not sent yet is their own.
pub(super) struct Answers {
    line: Rc<RefCell<Line>>,
    buffer: Vec<u8>,
}

struct Line {
    stream: Stream,
    /// Nothing is sent: gdb has heard it already.
    muted: bool,
    /// What was sent last.
    last: Vec<u8>,
}

impl Connection for Answers {
    type Error = io::Error;

    fn write(&mut self, byte: u8) -> io::Result<()> {
        self.buffer.push(byte);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.send(&buffer)
    }
}

impl Answers {
    /// Another way to the same gdb.
    pub(super) fn another(&self) -> Answers {
        Answers {
            line: Rc::clone(&self.line),
            buffer: Vec::new(),
        }
    }

    /// Whether what is sent from now on goes nowhere.
    pub(super) fn mute(&self, muted: bool) {
        self.line.borrow_mut().muted = muted;
    }

    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut line = self.line.borrow_mut();
        if line.muted || bytes.is_empty() {
            return Ok(());
        }
        line.last = bytes.to_vec();
        line.stream.write_all(bytes)
    }

    /// Sends the last packet again.
    pub(super) fn send_again(&self) -> io::Result<()> {
        let last = self.line.borrow().last.clone();
        let packet = last.iter().position(|byte| *byte == b'$');
        self.send(packet.map_or(&[], |start| &last[start..]))
    }
}

/// gdb is gone.
#[derive(Debug)]
pub(super) struct Gone;

/// Bytes from gdb. A host thread reads them, so that those that come while the program runs, or
/// sleeps in a system call, interrupt it.
pub(super) struct Requests {
    parts: Receiver<Vec<u8>>,
    waiting: VecDeque<u8>,
    running: Arc<AtomicBool>,
    stream: Stream,
    reader: Option<JoinHandle<()>>,
}

/// Both directions of a connection. What arrives while the program runs interrupts it.
pub(super) fn open(
    stream: Stream,
    interrupt: impl Fn() + Send + 'static,
) -> io::Result<(Requests, Answers)> {
    let (mut incoming, outgoing) = (stream.try_clone()?, stream.try_clone()?);
    let (sender, parts) = mpsc::channel();
    let running = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&running);
    let read = move || {
        let mut buffer = [0; 4096];
        loop {
            let count = incoming.read(&mut buffer).unwrap_or(0);
            let done = count == 0 || sender.send(buffer[..count].to_vec()).is_err();
            if done {
                break;
            }
            if flag.load(Ordering::SeqCst) {
                interrupt();
            }
        }
        drop(sender);
        if flag.load(Ordering::SeqCst) {
            interrupt();
        }
    };
    // The program's signals are for the thread that runs it: the new one inherits a full mask.
    let mask = host::signals::set_mask(u64::MAX);
    let spawned = std::thread::Builder::new()
        .name("gdb".to_owned())
        .spawn(read);
    host::signals::set_mask(mask);
    let reader = Some(spawned?);
    let requests = Requests {
        parts,
        waiting: VecDeque::new(),
        running,
        stream,
        reader,
    };
    let line = Line {
        stream: outgoing,
        muted: false,
        last: Vec::new(),
    };
    let answers = Answers {
        line: Rc::new(RefCell::new(line)),
        buffer: Vec::new(),
    };
    Ok((requests, answers))
}

impl Requests {
    /// The next byte, waiting for it.
    pub(super) fn next(&mut self) -> Result<u8, Gone> {
        if self.waiting.is_empty() {
            self.waiting.extend(self.parts.recv().map_err(|_| Gone)?);
        }
        self.waiting.pop_front().ok_or(Gone)
    }

    /// A byte that is here already.
    pub(super) fn here(&mut self) -> Result<Option<u8>, Gone> {
        if self.waiting.is_empty() {
            match self.parts.try_recv() {
                Ok(part) => self.waiting.extend(part),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return Err(Gone),
            }
        }
        Ok(self.waiting.pop_front())
    }

    /// Says whether bytes that come are to interrupt the program.
    pub(super) fn set_running(&self, running: bool) {
        self.running.store(running, Ordering::SeqCst);
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        // The reader shall not sit on the connection, nor interrupt what nobody debugs.
        self.stream.shutdown();
        if let Some(reader) = self.reader.take() {
            // It has nothing to say.
            let _ = reader.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_ports_addresses_or_paths() {
        let tcp = |text: &str| Place::Tcp(text.to_owned());
        assert_eq!(Place::parse("1234"), tcp("127.0.0.1:1234"));
        assert_eq!(Place::parse(":0"), tcp("127.0.0.1:0"));
        assert_eq!(Place::parse("0.0.0.0:99"), tcp("0.0.0.0:99"));
        assert_eq!(Place::parse("[::1]:99"), tcp("[::1]:99"));
        assert_eq!(Place::parse("/tmp/a:9"), Place::Socket("/tmp/a:9".into()));
        assert_eq!(Place::parse("socket"), Place::Socket("socket".into()));
        assert_eq!(Place::parse("70000"), Place::Socket("70000".into()));
    }
}
