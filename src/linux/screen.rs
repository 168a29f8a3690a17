//! A screen and a keyboard: `/dev/fb0` and `/dev/input/event0`, if a program is to have them.
//!
//! The framebuffer is a file in memory and the keyboard a pipe, of a host process that shows the one and writes to the
//! other ([`Monitor`]); programs open them below that process' directory in `/proc`. So the host's kernel maps, reads,
//! writes, seeks and polls them, for whatever processes there are, and only their requests are answered here.
//!
//! Pixels and events are as the guest has them. The guest that ran last says what it is, in a third file.

use crate::host::{calls, own};
use crate::layout::{Shape, Writer};
use portolan_machine::memory::Order;
use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use thiserror::Error;

/// Bytes of a pixel: `0x00RRGGBB`.
pub const PIXEL: u32 = 4;

/// Files by device and inode number.
type Identity = (u64, u64);

/// What programs see of a screen and its keyboard.
#[derive(Clone, Debug)]
pub struct Screen {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    framebuffer: (CString, Identity),
    keyboard: (CString, Identity),
    /// How it is told to another process.
    name: String,
}

/// What a descriptor is of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `/dev/fb0`.
    Framebuffer,
    /// `/dev/input/event0`.
    Keyboard,
}

/// Not the name of a screen, or of one that is gone.
#[derive(Debug, Error)]
#[error("there is no screen {0:?}")]
pub struct NoScreen(String);

impl FromStr for Screen {
    type Err = NoScreen;

    /// As [`Screen::name`] says it: width, height, the process that has the files, and their descriptors.
    fn from_str(name: &str) -> Result<Screen, NoScreen> {
        let wrong = || NoScreen(name.to_owned());
        let numbers: Result<Vec<u32>, _> = name.split(',').map(str::parse).collect();
        let Ok([width, height, process, files @ ..]) = numbers.as_deref() else {
            return Err(wrong());
        };
        let file = |index: usize| {
            let descriptor = files.get(index)?;
            let path = format!("/proc/{process}/fd/{descriptor}");
            let file = fs::metadata(&path).ok()?;
            Some((CString::new(path).ok()?, (file.dev(), file.ino())))
        };
        let screen = Screen {
            width: *width,
            height: *height,
            framebuffer: file(0).ok_or_else(wrong)?,
            keyboard: file(1).ok_or_else(wrong)?,
            name: name.to_owned(),
        };
        Ok(screen)
    }
}

impl Screen {
    /// What [`Screen::from_str`] makes it of again, in a child, too.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says which guest the pixels and events are of from now on.
    pub fn is_used_by(&self, shape: Shape) {
        let mut parts = self.name.split(',').skip(2);
        let (process, state) = (parts.next(), parts.nth(2));
        let path = format!("/proc/{}/fd/{}", process.unwrap_or(""), state.unwrap_or(""));
        // If it is gone, nobody looks any more.
        if let Ok(state) = File::options().write(true).open(path) {
            let order = u8::from(shape.order == Order::Big);
            let _ = state.write_all_at(&[order, shape.word], 0);
        }
    }

    /// Where the host has a file of a guest's name, and which it is.
    pub fn file(&self, name: &CStr) -> Option<(Part, &CStr)> {
        match name.to_bytes() {
            b"/dev/fb0" => Some((Part::Framebuffer, &self.framebuffer.0)),
            b"/dev/input/event0" => Some((Part::Keyboard, &self.keyboard.0)),
            _ => None,
        }
    }

    /// Whether a path of the host is of one of its files.
    pub fn has(&self, path: &CStr) -> bool {
        [&self.framebuffer.0, &self.keyboard.0]
            .into_iter()
            .any(|file| **file == *path)
    }

    /// What a descriptor is of it.
    pub fn part(&self, fd: i32) -> Option<Part> {
        let file = fs::metadata(format!("/proc/self/fd/{fd}")).ok()?;
        self.part_of((file.dev(), file.ino()))
    }

    /// What is known of one of its files, as of the device that it is for programs (`Documentation/admin-guide/devices.txt`).
    pub fn as_device(&self, stat: &mut libc::statx) {
        const CHARACTER_DEVICE: u16 = 0o020_660;
        let device = libc::makedev(stat.stx_dev_major, stat.stx_dev_minor);
        let numbers = match self.part_of((device, stat.stx_ino)) {
            Some(Part::Framebuffer) => (29, 0),
            Some(Part::Keyboard) => (13, 64),
            None => return,
        };
        (stat.stx_rdev_major, stat.stx_rdev_minor) = numbers;
        (stat.stx_mode, stat.stx_size, stat.stx_blocks) = (CHARACTER_DEVICE, 0, 0);
    }

    fn part_of(&self, identity: Identity) -> Option<Part> {
        let parts = [
            (Part::Framebuffer, self.framebuffer.1),
            (Part::Keyboard, self.keyboard.1),
        ];
        let found = parts.into_iter().find(|(_, known)| *known == identity);
        found.map(|(part, _)| part)
    }

    /// Bytes from one row to the next.
    pub fn stride(&self) -> u32 {
        self.width * PIXEL
    }
}

/// The side of a screen that somebody looks at.
#[derive(Debug)]
pub struct Monitor {
    width: u32,
    height: u32,
    framebuffer: File,
    /// The guest's byte order and bytes of a word.
    state: File,
    keys: PipeWriter,
    /// Kept open for those who open it below /proc.
    keyboard: PipeReader,
}

impl Monitor {
    /// A black screen.
    ///
    /// # Errors
    /// If the host has no memory.
    pub fn new(width: u32, height: u32) -> io::Result<Monitor> {
        let in_memory = |name: &CStr, length: u64| {
            let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
            let file = calls::memfd_create(name, flags).now();
            let file = own(file
                .map_err(|errno| io::Error::from_raw_os_error(errno.number().into()))?
                as i32);
            file.set_len(length)?;
            // As with a device, no program makes it longer or shorter.
            let seals = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW;
            let sealed = calls::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals as u64).now();
            sealed.map_err(|errno| io::Error::from_raw_os_error(errno.number().into()))?;
            Ok::<_, io::Error>(file)
        };
        let (keyboard, keys) = io::pipe()?;
        let blocking = calls::fcntl(keys.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK as u64).now();
        blocking.map_err(|errno| io::Error::from_raw_os_error(errno.number().into()))?;
        Ok(Monitor {
            width,
            height,
            framebuffer: in_memory(c"fb0", u64::from(width * PIXEL) * u64::from(height))?,
            state: in_memory(c"fb0-state", 2)?,
            keys,
            keyboard,
        })
    }

    /// What [`Screen::from_str`] makes a screen of.
    pub fn name(&self) -> String {
        let files = [
            self.framebuffer.as_raw_fd(),
            self.keyboard.as_raw_fd(),
            self.state.as_raw_fd(),
        ];
        let [framebuffer, keyboard, state] = files;
        let process = std::process::id();
        format!(
            "{},{},{process},{framebuffer},{keyboard},{state}",
            self.width, self.height
        )
    }

    /// The guest that draws; none has said so yet.
    fn shape(&self) -> Option<Shape> {
        let mut state = [0; 2];
        self.state.read_exact_at(&mut state, 0).ok()?;
        let [order, word] = state;
        let order = if order == 0 {
            Order::Little
        } else {
            Order::Big
        };
        (word != 0).then_some(Shape { word, order })
    }

    /// The pixels, row by row; black where the host cannot read them, which it always can.
    pub fn pixels(&self) -> Vec<u32> {
        let mut bytes = vec![0; (self.width * PIXEL) as usize * self.height as usize];
        let _ = self.framebuffer.read_exact_at(&mut bytes, 0);
        let is_big = self.shape().is_some_and(|shape| shape.order == Order::Big);
        let pixel = |bytes: &[u8; 4]| match is_big {
            true => u32::from_be_bytes(*bytes),
            false => u32::from_le_bytes(*bytes),
        };
        let pixels = bytes.as_chunks().0.iter().map(pixel);
        pixels.map(|pixel| pixel & 0x00ff_ffff).collect()
    }

    /// Whether a guest is there that hears of keys.
    pub fn has_guest(&self) -> bool {
        self.shape().is_some()
    }

    /// Tells that a key went down or up; lost if nobody reads, or no guest is there.
    pub fn key(&mut self, code: u16, pressed: bool) {
        const EV_SYN: u16 = 0;
        const EV_KEY: u16 = 1;
        let Some(shape) = self.shape() else { return };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let event = |kind, code, value| {
            let time = Writer::new(shape).long(now.as_secs());
            let time = time.long(u64::from(now.subsec_micros()));
            time.u16(kind).u16(code).u32(value).finish()
        };
        // Together, so that both arrive or none does.
        let events = [event(EV_KEY, code, pressed.into()), event(EV_SYN, 0, 0)].concat();
        let _ = self.keys.write(&events);
    }
}
