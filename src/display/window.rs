//! A window of the desktop that shows a screen and passes keys on.

use super::{KeyEvent, Picture, Size};
use minifb::{InputCallback, Key, Window, WindowOptions};
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use thiserror::Error;

/// How often keys are looked at and pictures are shown, a second.
const RATE: usize = 60;

/// What a window shows, and who is told what happens in it.
pub trait Viewer: Send {
    /// The picture, if there is another one than last time.
    fn picture(&mut self) -> Option<Picture>;
    /// A key goes down or up.
    fn key(&mut self, _: KeyEvent) {}
    /// A character is typed: a key that stands for one goes down, or is held down.
    fn character(&mut self, _: char) {}
    /// Somebody closes the window.
    fn close(&mut self);
    /// Whether nothing will be shown any more: the window goes away.
    fn is_over(&self) -> bool;
}

/// Why there is no window.
#[derive(Debug, Error)]
pub enum WindowError {
    /// The desktop refuses.
    #[error("no window can be opened: {0}; --display none does without")]
    Desktop(String),
    /// The host refuses a thread.
    #[error("no thread for the window: {0}")]
    Thread(#[from] io::Error),
}

/// Opens a window, whose pixels are squares of `scale`, and lets a thread of its own look after it, until the
/// viewer says that it is over.
///
/// # Errors
/// If there is no window.
pub fn open(
    title: String,
    size: Size,
    scale: u32,
    viewer: impl Viewer + 'static,
) -> Result<JoinHandle<()>, WindowError> {
    let (ready, is_ready) = channel();
    let thread = thread::Builder::new().name("window".to_owned());
    let thread = thread.spawn(move || look_after(&title, size, scale, viewer, &ready))?;
    match is_ready.recv() {
        Ok(Ok(())) => Ok(thread),
        Ok(Err(error)) => Err(WindowError::Desktop(error.to_string())),
        Err(_) => Err(WindowError::Desktop("it ended at once".to_owned())),
    }
}

/// What a window is told of its keyboard.
enum Typed {
    Key(KeyEvent),
    Character(char),
}

/// Passes on what the window is told.
struct Keys(Sender<Typed>);

impl InputCallback for Keys {
    fn add_char(&mut self, character: u32) {
        if let Some(character) = char::from_u32(character) {
            let _ = self.0.send(Typed::Character(character));
        }
    }

    fn set_key_state(&mut self, key: Key, pressed: bool) {
        if let Some(code) = code(key) {
            // The receiver lives as long as the window.
            let _ = self.0.send(Typed::Key(KeyEvent { code, pressed }));
        }
    }
}

fn look_after(
    title: &str,
    size: Size,
    scale: u32,
    mut viewer: impl Viewer,
    ready: &Sender<minifb::Result<()>>,
) {
    let (width, height) = (
        (size.width * scale) as usize,
        (size.height * scale) as usize,
    );
    let mut window = match Window::new(title, width, height, WindowOptions::default()) {
        Ok(window) => window,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    let (sender, events) = channel();
    window.set_input_callback(Box::new(Keys(sender)));
    window.set_target_fps(RATE);
    let _ = ready.send(Ok(()));
    let mut down: Vec<u16> = Vec::new();
    let mut pixels = vec![0; width * height];
    while !viewer.is_over() {
        if let Some(picture) = viewer.picture() {
            enlarge(&picture, scale as usize, &mut pixels);
        }
        let shown = window.update_with_buffer(&pixels, width, height);
        for typed in events.try_iter() {
            let event = match typed {
                Typed::Key(event) => event,
                Typed::Character(character) => {
                    viewer.character(character);
                    continue;
                }
            };
            // A key that is held down is told again and again.
            let was_down = down.contains(&event.code);
            if event.pressed == was_down {
                continue;
            }
            match event.pressed {
                true => down.push(event.code),
                false => down.retain(|code| *code != event.code),
            }
            viewer.key(event);
        }
        if shown.is_err() || !window.is_open() {
            viewer.close();
            break;
        }
    }
}

/// Each pixel as a square.
fn enlarge(picture: &Picture, scale: usize, into: &mut [u32]) {
    let width = picture.size.width as usize;
    let rows = into.chunks_exact_mut(width * scale);
    for (y, row) in rows.enumerate() {
        let from = &picture.pixels[y / scale * width..][..width];
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = from[x / scale];
        }
    }
}

/// Linux's code of a key.
fn code(key: Key) -> Option<u16> {
    let name = match key {
        Key::Escape => "esc",
        Key::Period => "dot",
        Key::Key0 => "0",
        Key::Key1 => "1",
        Key::Key2 => "2",
        Key::Key3 => "3",
        Key::Key4 => "4",
        Key::Key5 => "5",
        Key::Key6 => "6",
        Key::Key7 => "7",
        Key::Key8 => "8",
        Key::Key9 => "9",
        // The others have the same names in another case.
        other => &format!("{other:?}").to_lowercase(),
    };
    super::keys::code(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_codes_of_linux() {
        let codes = [
            Key::Left,
            Key::Escape,
            Key::Key0,
            Key::Q,
            Key::LeftShift,
            Key::Unknown,
        ];
        let expected = [Some(105), Some(1), Some(11), Some(16), Some(42), None];
        assert_eq!(codes.map(code), expected);
    }

    #[test]
    fn pixels_become_squares() {
        let picture = Picture {
            size: Size {
                width: 2,
                height: 1,
            },
            pixels: vec![1, 2],
        };
        let mut pixels = [0; 8];
        enlarge(&picture, 2, &mut pixels);
        assert_eq!(pixels, [1, 1, 2, 2, 1, 1, 2, 2]);
    }
}
