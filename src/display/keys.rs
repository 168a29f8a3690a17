//! Keys by the codes and names of Linux's `input-event-codes.h`, and scripts of what is pressed when.

use std::str::FromStr;
use thiserror::Error;

/// A key went down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// The key's code, never zero: see [`KEYS`].
    pub code: u16,
    /// Whether it is down now.
    pub pressed: bool,
}

/// Names and codes of keys: Linux's, in lower case and without `KEY_`.
pub const KEYS: [(&str, u16); 64] = [
    ("esc", 1),
    ("1", 2),
    ("2", 3),
    ("3", 4),
    ("4", 5),
    ("5", 6),
    ("6", 7),
    ("7", 8),
    ("8", 9),
    ("9", 10),
    ("0", 11),
    ("minus", 12),
    ("equal", 13),
    ("backspace", 14),
    ("tab", 15),
    ("q", 16),
    ("w", 17),
    ("e", 18),
    ("r", 19),
    ("t", 20),
    ("y", 21),
    ("u", 22),
    ("i", 23),
    ("o", 24),
    ("p", 25),
    ("enter", 28),
    ("leftctrl", 29),
    ("a", 30),
    ("s", 31),
    ("d", 32),
    ("f", 33),
    ("g", 34),
    ("h", 35),
    ("j", 36),
    ("k", 37),
    ("l", 38),
    ("semicolon", 39),
    ("apostrophe", 40),
    ("leftshift", 42),
    ("backslash", 43),
    ("z", 44),
    ("x", 45),
    ("c", 46),
    ("v", 47),
    ("b", 48),
    ("n", 49),
    ("m", 50),
    ("comma", 51),
    ("dot", 52),
    ("slash", 53),
    ("rightshift", 54),
    ("leftalt", 56),
    ("space", 57),
    ("f1", 59),
    ("f2", 60),
    ("rightctrl", 97),
    ("home", 102),
    ("up", 103),
    ("pageup", 104),
    ("left", 105),
    ("right", 106),
    ("end", 107),
    ("down", 108),
    ("delete", 111),
];

/// The code of a key.
pub fn code(name: &str) -> Option<u16> {
    let found = KEYS.iter().find(|(known, _)| *known == name);
    found.map(|(_, code)| *code)
}

/// When keys go down and up, counted in frames that were shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script(Vec<(u64, KeyEvent)>);

impl Script {
    /// Whether nothing ever happens.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What happens when so many frames were shown.
    pub fn at(&self, frames: u64) -> impl Iterator<Item = KeyEvent> {
        let events = self.0.iter();
        events
            .filter(move |(at, _)| *at == frames)
            .map(|(_, event)| *event)
    }
}

/// Why a script cannot be read.
#[derive(Debug, Error)]
pub enum ScriptError {
    /// A part of it is not made so.
    #[error(
        "keys are FRAME:KEY, FRAME:+KEY (goes down) or FRAME:-KEY (goes up), with commas between; not {0:?}"
    )]
    Part(String),
    /// No key has the name.
    #[error("no key is called {0:?}; some are left, right, up, down, space, enter, esc, a to z")]
    Key(String),
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Script, ScriptError> {
        let mut events = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let wrong = || ScriptError::Part(part.to_owned());
            let (frame, key) = part.split_once(':').ok_or_else(wrong)?;
            let frame: u64 = frame.parse().map_err(|_| wrong())?;
            let name = key.strip_prefix(['+', '-']).unwrap_or(key);
            let code = code(name).ok_or_else(|| ScriptError::Key(name.to_owned()))?;
            if !key.starts_with('-') {
                events.push((
                    frame,
                    KeyEvent {
                        code,
                        pressed: true,
                    },
                ));
            }
            if !key.starts_with('+') {
                // A key that is only named goes up with the next frame.
                let up = if key.starts_with('-') {
                    frame
                } else {
                    frame.saturating_add(1)
                };
                events.push((
                    up,
                    KeyEvent {
                        code,
                        pressed: false,
                    },
                ));
            }
        }
        Ok(Script(events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(script: &str, frames: u64) -> Vec<(u16, bool)> {
        let script: Script = script.parse().expect(script);
        script
            .at(frames)
            .map(|event| (event.code, event.pressed))
            .collect()
    }

    #[test]
    fn a_key_that_is_only_named_goes_down_and_up() {
        assert_eq!(at("3:left,4:up", 3), [(105, true)]);
        assert_eq!(at("3:left,4:up", 4), [(105, false), (103, true)]);
        assert_eq!(at("3:+a", 4), []);
        assert_eq!(at("3:-a", 3), [(30, false)]);
    }

    #[test]
    fn scripts_that_cannot_be_read_say_what_is_wrong() {
        for (script, part) in [
            ("left", "\"left\""),
            ("x:left", "\"x:left\""),
            ("1:lef", "\"lef\""),
        ] {
            let error = script.parse::<Script>().expect_err(script).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
