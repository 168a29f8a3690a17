//! Colours, for terminals.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;

/// Paints text, or leaves it alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    /// Whether there are colours.
    pub on: bool,
}

impl Paint {
    /// What a part is called: names of functions, headings.
    pub fn name(self, text: impl Display) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// What is done: mnemonics.
    pub fn verb(self, text: impl Display) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// What belongs together: fields in turn.
    pub fn field(self, number: usize, text: impl Display) -> String {
        const COLOURS: [AnsiColor; 4] = [
            AnsiColor::Cyan,
            AnsiColor::Yellow,
            AnsiColor::Green,
            AnsiColor::Magenta,
        ];
        self.with(COLOURS[number % COLOURS.len()].on_default(), text)
    }

    /// What one seldom looks at: addresses, bytes, remarks.
    pub fn faint(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// The most important line.
    pub fn strong(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    fn with(self, style: Style, text: impl Display) -> String {
        if self.on {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }
}
