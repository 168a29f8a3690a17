//! The prompt at a terminal: keys, as somebody types them.

use super::rom_of;
use super::support::TempDir;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for anything that is not wrong.
const LIMIT: Duration = Duration::from_secs(60);
/// What Ctrl-C sends.
const CTRL_C: &str = "\x03";
const PROMPT: &str = "(portolan) ";

/// A pseudo-terminal: the side of whoever types, and that of the program.
fn terminal() -> (OwnedFd, OwnedFd) {
    let (mut ours, mut its) = (-1, -1);
    let size = libc::winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let name = std::ptr::null_mut();
    // SAFETY: the pointers are to what lives here, or null where nothing is wanted; if it succeeds, both descriptors
    // are ours.
    unsafe {
        let result = libc::openpty(&mut ours, &mut its, name, std::ptr::null(), &size);
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
        (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(its))
    }
}

/// A session at a terminal of its own.
struct Screen {
    process: Child,
    keys: File,
    shown: Receiver<String>,
    /// What has been shown so far.
    all: String,
    /// How much of it was looked at.
    seen: usize,
    _home: TempDir,
}

impl Screen {
    fn start(isa: &str, rom: &str) -> Screen {
        let (ours, its) = terminal();
        let home = TempDir::new();
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        portolan.arg("step").arg(rom_of(isa, rom)).arg("100000");
        portolan.env("TERM", "xterm").env("HOME", home.path());
        portolan.env_remove("XDG_STATE_HOME");
        let clone = || its.try_clone().expect("a descriptor");
        portolan.stdin(clone()).stdout(clone()).stderr(clone());
        let raw = its.as_raw_fd();
        // SAFETY: system calls and nothing else; the descriptor is open until the program is started.
        unsafe {
            portolan.pre_exec(move || {
                libc::setsid();
                match libc::ioctl(raw, libc::TIOCSCTTY, 0) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                }
            });
        }
        let process = portolan.spawn().expect("portolan");
        drop((portolan, its));
        let mut screen = File::from(ours);
        let keys = screen.try_clone().expect("a descriptor");
        let (sender, shown) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // When the program is gone, reading fails.
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                if sender.send(text).is_err() {
                    break;
                }
            }
        });
        Screen {
            process,
            keys,
            shown,
            all: String::new(),
            seen: 0,
            _home: home,
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Waits until this is shown, after all that was waited for before.
    fn sees(&mut self, what: &str) {
        let started = Instant::now();
        loop {
            if let Some(at) = self.all[self.seen..].find(what) {
                self.seen += at + what.len();
                return;
            }
            let rest = &self.all[self.seen..];
            assert!(started.elapsed() < LIMIT, "never {what:?}: {rest:?}");
            match self.shown.recv_timeout(Duration::from_millis(50)) {
                Ok(text) => self.all += &text,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("it ended before {what:?}: {rest:?}"),
            }
        }
    }

    /// Waits until the session has ended: its exit status.
    fn end(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("our child") {
                return status.code();
            }
            assert!(started.elapsed() < LIMIT, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the terminal turns keys into signals, as it does while the program runs and not while a line is edited.
    fn makes_signals(&self) -> bool {
        // SAFETY: a structure of numbers, which the call fills.
        let modes = unsafe {
            let mut modes: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(self.keys.as_raw_fd(), &mut modes), 0);
            modes
        };
        modes.c_lflag & libc::ISIG != 0
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// While the program runs, the key comes as a signal from the terminal; it stops, and can be told to go on.
#[test]
fn the_key_stops_a_program_that_runs() {
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let mut screen = Screen::start(isa, "list");
        screen.sees(PROMPT);
        screen.press("tb main\r");
        screen.sees("breakpoint 1");
        screen.sees(PROMPT);
        screen.press("c\r");
        screen.sees("breakpoint 1");
        screen.sees(PROMPT);
        for _ in 0..2 {
            screen.press("c\r");
            let started = Instant::now();
            while !screen.makes_signals() {
                assert!(started.elapsed() < LIMIT, "{isa}: it is never started");
                thread::sleep(Duration::from_millis(1));
            }
            // Long enough for it to run, and it takes far longer to end.
            thread::sleep(Duration::from_millis(200));
            screen.press(CTRL_C);
            screen.sees("signal SIGINT, which the program does not get");
            screen.sees(PROMPT);
        }
        screen.press("p 6 * 7\r");
        screen.sees(" = 42");
        screen.sees(PROMPT);
        screen.press("q\r");
        assert_eq!(screen.end(), Some(0), "{isa}");
    }
}

/// At the prompt it gives up the line, and nothing else.
#[test]
fn the_key_gives_up_a_line_that_is_typed() {
    let mut screen = Screen::start("riscv64", "list");
    screen.sees(PROMPT);
    screen.press("p 6 * 7");
    screen.sees("p 6 * 7");
    screen.press(CTRL_C);
    screen.sees(PROMPT);
    // What follows is a line of its own; an empty one repeats the last command, and there is none.
    screen.press("\r");
    screen.sees(PROMPT);
    screen.press(CTRL_C);
    screen.sees(PROMPT);
    screen.press("p 6 * 8\r");
    screen.sees(" = 48");
    assert!(!screen.all.contains(" = 42"), "{:?}", screen.all);
    screen.sees(PROMPT);
    // Ctrl-D leaves.
    screen.press("\x04");
    assert_eq!(screen.end(), Some(0));
}
