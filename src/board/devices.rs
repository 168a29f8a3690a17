//! The devices of a board, and their registers.
//!
//! Registers are numbers of 32 bits, at the offsets given. They may be accessed in fewer bytes, too, at the same offset: a
//! read gives the lowest bytes, and a write is of the number that these make. Those of 64 bits are read whole in 8 bytes, or
//! else by the lower half, which keeps the upper one for the next read. Any other access is a bus error.
//!
//! | device | offset | read | write |
//! |---|---|---|---|
//! | console | 0 | waits for a byte of the input and takes it; all ones where it ends | the lowest byte is printed |
//! | | 4 | bit 0: a byte is there; bit 1: the input has ended | |
//! | timer | 0, 4 | microseconds since the start (64 bits) | |
//! | | 8 | | waits for so many microseconds |
//! | clock | 0, 4 | seconds since 1970-01-01 00:00 UTC (64 bits) | |
//! | keyboard | 0 | takes the next event: bits 0 to 15 the key's code, as of Linux, bit 16 whether it is down now; zero if there is none | |
//! | display | 0 | pixels in a row | |
//! | | 4 | rows | |
//! | | 8 | bytes from one row to the next | |
//! | | 12 | how many frames were shown | shows the framebuffer as it is, when a sixtieth of a second has passed since the last time |
//! | power | 0 | | switches it off; the lowest byte is the exit status |
//!
//! When the power is off, devices read as zero and do nothing more; the hart stops at the end of its block.

use super::{Clock, Console, FRAMEBUFFER, Options};
use crate::display::keys::Script;
use crate::display::{KeyEvent, Picture, Size};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Device, Memory, Order};
use portolan_machine::stop::StopFlag;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// All of them.
pub(super) struct Devices {
    pub console: Console,
    clock: Clock,
    /// The upper halves that the reads of the lower ones kept: of the timer, of the clock.
    upper: [AtomicU32; 2],
    pub keyboard: Keyboard,
    pub display: Display,
    pub power: Power,
}

impl Devices {
    pub fn new(options: Options, core: &dyn Core, order: Order) -> Arc<Devices> {
        let keyboard = Keyboard {
            events: Mutex::default(),
            script: options.keys,
        };
        keyboard.play(0);
        Arc::new(Devices {
            console: options.console,
            clock: options.clock,
            upper: Default::default(),
            keyboard,
            display: Display {
                memory: Arc::downgrade(core.memory()),
                order,
                last: options.frames,
                size: options.size,
                shown: Mutex::new((0, Picture::black(options.size))),
            },
            power: Power {
                status: Mutex::default(),
                stop: core.stop_flag(),
            },
        })
    }

    /// Each by its name, in the order of their pages.
    pub fn all(devices: &Arc<Devices>) -> impl Iterator<Item = (&'static str, Arc<dyn Device>)> {
        let kinds = [
            ("[console]", Kind::Console),
            ("[timer]", Kind::Timer),
            ("[clock]", Kind::Clock),
            ("[keyboard]", Kind::Keyboard),
            ("[display]", Kind::Display),
            ("[power]", Kind::Power),
        ];
        let devices = Arc::clone(devices);
        kinds.into_iter().map(move |(name, kind)| {
            let all = Arc::clone(&devices);
            (name, Arc::new(Registers { kind, all }) as Arc<dyn Device>)
        })
    }

    /// A number of 64 bits, or a half of it.
    fn wide(
        &self,
        which: usize,
        offset: u64,
        bytes: u8,
        value: impl FnOnce() -> u64,
    ) -> Option<u64> {
        match (offset, bytes) {
            (0, _) => {
                let value = value();
                self.upper[which].store((value >> 32) as u32, Ordering::Relaxed);
                Some(value)
            }
            (4, 1..=4) => Some(self.upper[which].load(Ordering::Relaxed).into()),
            _ => None,
        }
    }

    fn show(&self) {
        self.clock.wait_for_frame(&self.power);
        self.console.flush();
        let frames = self.display.show();
        self.keyboard.play(frames);
        if self.display.last == Some(frames) {
            self.power.switch_off(0);
        }
    }
}

/// One device's page.
struct Registers {
    kind: Kind,
    all: Arc<Devices>,
}

#[derive(Clone, Copy)]
enum Kind {
    Console,
    Timer,
    Clock,
    Keyboard,
    Display,
    Power,
}

impl Device for Registers {
    fn read(&self, offset: u64, bytes: u8) -> Option<u64> {
        let it = &*self.all;
        if it.power.status().is_some() {
            return Some(0);
        }
        match self.kind {
            Kind::Timer => return it.wide(0, offset, bytes, || it.clock.timer()),
            Kind::Clock => return it.wide(1, offset, bytes, || it.clock.unix()),
            _ if bytes > 4 => return None,
            _ => {}
        }
        let size = it.display.size;
        Some(match (self.kind, offset) {
            (Kind::Console, 0) => it.console.receive(&it.power).map_or(u64::MAX, u64::from),
            (Kind::Console, 4) => {
                u64::from(it.console.is_ready()) | u64::from(it.console.has_ended()) << 1
            }
            (Kind::Keyboard, 0) => it.keyboard.take().into(),
            (Kind::Display, 0) => size.width.into(),
            (Kind::Display, 4) => size.height.into(),
            (Kind::Display, 8) => size.stride().into(),
            (Kind::Display, 12) => it.display.shown().0,
            _ => return None,
        })
    }

    fn write(&self, offset: u64, bytes: u8, value: u64) -> Option<()> {
        let it = &*self.all;
        if it.power.status().is_some() {
            return Some(());
        }
        match (self.kind, offset) {
            _ if bytes > 4 => return None,
            (Kind::Console, 0) => it.console.send(value as u8),
            (Kind::Timer, 8) => it.clock.wait(value, &it.power),
            (Kind::Display, 12) => it.show(),
            (Kind::Power, 0) => it.power.switch_off(value as u8),
            _ => return None,
        }
        Some(())
    }
}

/// Keys that went down and up, and were not asked for yet.
pub(super) struct Keyboard {
    events: Mutex<VecDeque<KeyEvent>>,
    script: Script,
}

/// The most events that wait for the program: the oldest are lost then.
const MOST_EVENTS: usize = 256;

impl Keyboard {
    pub fn push(&self, event: KeyEvent) {
        let mut events = lock(&self.events);
        if events.len() == MOST_EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// What is in the script for the moment when so many frames were shown.
    fn play(&self, frames: u64) {
        self.script.at(frames).for_each(|event| self.push(event));
    }

    fn take(&self) -> u32 {
        let event = lock(&self.events).pop_front();
        event.map_or(0, |event| {
            u32::from(event.code) | u32::from(event.pressed) << 16
        })
    }
}

/// The screen.
pub(super) struct Display {
    memory: Weak<Memory>,
    order: Order,
    /// The frame after which the power goes off.
    last: Option<u64>,
    size: Size,
    /// How many frames were shown, and the last one.
    shown: Mutex<(u64, Picture)>,
}

impl Display {
    /// Shows the framebuffer as it is; how many frames were shown then.
    fn show(&self) -> u64 {
        let picture = self.framebuffer();
        let mut shown = self.shown();
        *shown = (shown.0 + 1, picture);
        shown.0
    }

    fn framebuffer(&self) -> Picture {
        let mut bytes = vec![0; self.size.bytes() as usize];
        if let Some(memory) = self.memory.upgrade() {
            // It is mapped for good.
            let _ = memory.read(FRAMEBUFFER, &mut bytes);
        }
        let pixel = |bytes: &[u8; 4]| match self.order {
            Order::Little => u32::from_le_bytes(*bytes),
            Order::Big => u32::from_be_bytes(*bytes),
        };
        Picture {
            size: self.size,
            pixels: bytes.as_chunks().0.iter().map(pixel).collect(),
        }
    }

    pub fn picture(&self) -> Picture {
        match &*self.shown() {
            (0, _) => self.framebuffer(),
            (_, picture) => picture.clone(),
        }
    }

    pub fn new_frame(&self, seen: &mut u64) -> Option<Picture> {
        let shown = self.shown();
        let is_new = shown.0 != *seen;
        *seen = shown.0;
        is_new.then(|| shown.1.clone())
    }

    fn shown(&self) -> MutexGuard<'_, (u64, Picture)> {
        lock(&self.shown)
    }
}

/// Whether the machine is on.
pub struct Power {
    status: Mutex<Option<u8>>,
    stop: Arc<StopFlag>,
}

impl Power {
    /// Switches it off, with an exit status, unless it is off already.
    pub fn switch_off(&self, status: u8) {
        lock(&self.status).get_or_insert(status);
        self.stop.raise();
    }

    /// The exit status; None while it is on.
    pub fn status(&self) -> Option<u8> {
        *lock(&self.status)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
