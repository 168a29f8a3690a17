//! `portolan run --framebuffer` on Linux: shows what a program draws on `/dev/fb0`, and presses its keys.
//!
//! The program runs in a process of its own, so that it may fork and execute others, which draw on the same screen.

use super::{Failure, run};
#[cfg(feature = "window")]
use portolan::display::KeyEvent;
#[cfg(feature = "window")]
use portolan::display::window::Viewer;
use portolan::display::{Picture, Size};
use portolan_linux::host::signals;
use portolan_linux::screen::Monitor;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What keys of a script are counted in: a sixtieth of a second.
const FRAME: Duration = Duration::from_micros(16_667);

/// A screen, as those share it who look at it.
#[derive(Clone)]
struct Shared {
    monitor: Arc<Mutex<Monitor>>,
    size: Size,
    /// The program has ended.
    is_over: Arc<AtomicBool>,
}

pub fn main(flags: &run::Flags) -> Result<ExitCode, Failure> {
    #[cfg(not(feature = "window"))]
    flags.screen.refuse_window()?;
    let size = flags.screen.size();
    let monitor = Monitor::new(size.width, size.height).map_err(Failure::of)?;
    let mut words = std::env::args_os().skip(1).peekable();
    words.next_if(|word| word == "run");
    let mut child = Command::new("/proc/self/exe")
        .arg0("portolan")
        .args(["run", "--screen", &monitor.name()])
        .args(words)
        .spawn()
        .map_err(Failure::of)?;
    signals::leave_keys_to_others();
    let shared = Shared {
        monitor: Arc::new(Mutex::new(monitor)),
        size,
        is_over: Arc::default(),
    };
    #[cfg(feature = "window")]
    let window = {
        let person = Person {
            shared: shared.clone(),
            program: child.id(),
            shown: None,
        };
        let (path, _) = flags.program.words();
        let shown = flags.screen.show(path.display().to_string(), person);
        shown.inspect_err(|_| hang_up(child.id()))?
    };
    press(flags, &shared);
    let ended = child.wait();
    shared.is_over.store(true, Ordering::Relaxed);
    #[cfg(feature = "window")]
    if let Some(window) = window {
        let _ = window.join();
    }
    flags.screen.save(|| shared.picture())?;
    Ok(end(ended.map_err(Failure::of)?))
}

/// Ends as the program did.
fn end(status: ExitStatus) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitCode::from(code as u8),
        (None, signal) => signals::die_by(signal.unwrap_or(9)),
    }
}

/// Has a thread press the keys of the script, from when the program runs.
fn press(flags: &run::Flags, shared: &Shared) {
    let (script, shared) = (flags.screen.keys(), shared.clone());
    if script.is_empty() {
        return;
    }
    let work = move || {
        let mut frames = 0;
        while !shared.is_over.load(Ordering::Relaxed) {
            let mut monitor = shared.monitor();
            if monitor.has_guest() {
                for event in script.at(frames) {
                    monitor.key(event.code, event.pressed);
                }
                frames += 1;
            }
            drop(monitor);
            thread::sleep(FRAME);
        }
    };
    // Without a thread nothing is pressed.
    let _ = thread::Builder::new().name("keys".to_owned()).spawn(work);
}

/// Tells a program that its screen is gone.
#[cfg(feature = "window")]
fn hang_up(program: u32) {
    signals::hang_up(program as i32);
}

impl Shared {
    fn monitor(&self) -> MutexGuard<'_, Monitor> {
        self.monitor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn picture(&self) -> Picture {
        let monitor = self.monitor();
        Picture {
            size: self.size,
            pixels: monitor.pixels(),
        }
    }
}

/// Somebody in front of the screen.
#[cfg(feature = "window")]
struct Person {
    shared: Shared,
    program: u32,
    shown: Option<Picture>,
}

#[cfg(feature = "window")]
impl Viewer for Person {
    fn picture(&mut self) -> Option<Picture> {
        let picture = self.shared.picture();
        if self.shown.as_ref() == Some(&picture) {
            return None;
        }
        self.shown = Some(picture.clone());
        Some(picture)
    }
    fn key(&mut self, event: KeyEvent) {
        self.shared.monitor().key(event.code, event.pressed);
    }
    fn close(&mut self) {
        hang_up(self.program);
    }
    fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::Relaxed)
    }
}
