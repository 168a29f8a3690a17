//! `portolan tour`: a walk through what programs, instruction sets and emulators are.
//!
//! The words are data (`en.txt`, `zh.txt`); what they show is made by the program itself when a page is turned
//! to ([`Exhibits`]).

mod exhibits;
mod pages;
mod python;

pub use exhibits::Exhibits;
pub use pages::{Language, Page, pages};

use super::paint::Paint;
use std::io::{self, BufRead, Write};

/// The rows and columns that every page fits, its title and the question below included.
pub const SCREEN: (usize, usize) = (24, 80);

/// Where a reader wants to go.
enum Way {
    Next,
    Back,
    To(usize),
    Quit,
}

/// The tour, in a language.
pub struct Tour {
    pages: Vec<Page>,
    language: Language,
    exhibits: Exhibits,
    paint: Paint,
}

impl Tour {
    /// A tour with its exhibits.
    pub fn new(language: Language, exhibits: Exhibits, paint: Paint) -> Tour {
        Tour {
            pages: pages(language),
            language,
            exhibits,
            paint,
        }
    }

    /// How many pages there are.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The lines of a page, counted from 0, without the question below.
    pub fn screen(&self, number: usize) -> Vec<String> {
        let page = &self.pages[number];
        let place = format!("{}/{}", number + 1, self.pages.len());
        let mut lines = vec![
            format!(
                "{}  {}",
                self.paint.faint(place),
                self.paint.strong(&page.title)
            ),
            String::new(),
        ];
        for line in &page.lines {
            match line
                .strip_prefix("{{")
                .and_then(|line| line.strip_suffix("}}"))
            {
                Some(exhibit) => {
                    let shown = self.exhibits.show(exhibit);
                    lines.extend(
                        shown
                            .iter()
                            .map(|line| format!("  {line}").trim_end().to_owned()),
                    );
                }
                None => lines.push(self.prose(line)),
            }
        }
        lines
    }

    /// A line with its terms, which stand between asterisks where they are explained.
    fn prose(&self, line: &str) -> String {
        let mut text = String::new();
        for (n, part) in line.split('*').enumerate() {
            match n % 2 {
                0 => text.push_str(part),
                _ => text.push_str(&self.paint.name(part)),
            }
        }
        text
    }

    /// Writes all pages, one below the other.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for number in 0..self.pages.len() {
            if number > 0 {
                writeln!(out, "\n{}\n", self.paint.faint("-".repeat(SCREEN.1 - 1)))?;
            }
            for line in self.screen(number) {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()
    }

    /// Shows one page after the other, as answers from `input` say.
    pub fn walk(
        &self,
        input: &mut dyn BufRead,
        out: &mut dyn Write,
        first: usize,
    ) -> io::Result<()> {
        let mut number = first.min(self.pages.len() - 1);
        loop {
            // Clears the screen.
            write!(out, "\x1b[2J\x1b[H")?;
            let lines = self.screen(number);
            for line in &lines {
                writeln!(out, "{line}")?;
            }
            // The question is at the bottom.
            for _ in lines.len()..SCREEN.0 - 2 {
                writeln!(out)?;
            }
            let is_last = number + 1 == self.pages.len();
            write!(
                out,
                "\n{}",
                self.paint.faint(self.language.question(is_last))
            )?;
            out.flush()?;
            let mut answer = String::new();
            if input.read_line(&mut answer)? == 0 {
                return writeln!(out);
            }
            match way(answer.trim(), self.pages.len()) {
                Way::Next if is_last => return Ok(()),
                Way::Next => number += 1,
                Way::Back => number = number.saturating_sub(1),
                Way::To(page) => number = page,
                Way::Quit => return Ok(()),
            }
        }
    }
}

/// What an answer means; any other than those that are offered goes on.
fn way(answer: &str, pages: usize) -> Way {
    match answer.to_lowercase().as_str() {
        "b" | "back" | "p" => Way::Back,
        "q" | "quit" | "exit" => Way::Quit,
        number => match number.parse::<usize>() {
            Ok(page) if (1..=pages).contains(&page) => Way::To(page - 1),
            _ => Way::Next,
        },
    }
}
