//! The prompt of `portolan step`: reads commands, drives a session, shows what changed.

mod commands;
mod editor;
mod frames;
mod looking;
mod memory;
mod running;
mod signals;
mod stops;

use super::expression::{Expression, Names, Value};
use super::session::Session;
use crate::view::locate::Locator;
use commands::{Completed, Given};
use portolan_machine::gdb::Description;
use portolan_machine::guest::Guest;
use portolan_machine::registers::{Role, Slot};
use std::io::{self, BufRead, IsTerminal, Write};
use std::rc::Rc;

/// The bytes of the history at most: some 20 million steps.
pub const HISTORY: usize = 512 << 20;

/// A session with a person in front of it.
pub struct Prompt<'a> {
    session: Session,
    locator: Rc<Locator>,
    /// The command line of the program, for the failure card.
    again: &'a str,
    out: Box<dyn Write>,
    /// Repeated by an empty line.
    last: String,
    ended: bool,
    /// What was printed, as `$1` and so on.
    printed: Vec<Value>,
    /// What is printed at each stop, by number.
    displays: Vec<(u32, String)>,
    next_display: u32,
    /// The frames of the stack here, once somebody asked.
    frames: Option<Vec<u64>>,
    selected: usize,
    /// Where `x` and `list` go on.
    next_examined: Option<(u64, String)>,
    next_listed: Option<(String, u32)>,
}

/// Whether to go on reading commands.
pub(super) enum Then {
    Read,
    Quit,
}

/// Something that cannot be done, for the person to read; the session is as before.
#[derive(Debug)]
pub(super) struct Refusal(String);

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal(error.to_string())
    }
}

impl From<super::expression::BadExpression> for Refusal {
    fn from(error: super::expression::BadExpression) -> Refusal {
        Refusal(error.to_string())
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(message.into()))
}

impl<'a> Prompt<'a> {
    /// A prompt that writes to `out`.
    pub fn new(
        mut session: Session,
        locator: Locator,
        again: &'a str,
        out: Box<dyn Write>,
    ) -> Self {
        session.control_signals();
        Prompt {
            session,
            locator: Rc::new(locator),
            again,
            out,
            last: String::new(),
            ended: false,
            printed: Vec::new(),
            displays: Vec::new(),
            next_display: 1,
            frames: None,
            selected: 0,
            next_examined: None,
            next_listed: None,
        }
    }

    /// Reads commands from standard input until its end, `quit`, or the program's end.
    pub fn run(&mut self) -> io::Result<()> {
        self.show_start()?;
        if io::stdin().is_terminal() {
            editor::run(self)
        } else {
            for line in io::stdin().lock().lines() {
                if let Then::Quit = self.obey(&line?)? {
                    break;
                }
            }
            Ok(())
        }
    }

    /// Carries out one command.
    fn obey(&mut self, line: &str) -> io::Result<Then> {
        let repeated = line.trim().is_empty();
        let line = match repeated {
            true => self.last.clone(),
            false => line.trim().to_owned(),
        };
        if !repeated {
            self.next_examined = None;
            // `list` by itself goes on, too.
            if !matches!(line.as_str(), "l" | "list") {
                self.next_listed = None;
            }
        }
        self.last.clone_from(&line);
        let then = match self.command(&line) {
            Ok(then) => then,
            Err(Refusal(message)) => {
                writeln!(self.out, "{message}")?;
                Then::Read
            }
        };
        self.out.flush()?;
        Ok(then)
    }

    fn command(&mut self, line: &str) -> Result<Then, Refusal> {
        let is_part = |c: char| !c.is_whitespace() && c != '/';
        let end = line.find(|c| !is_part(c)).unwrap_or(line.len());
        let (verb, rest) = line.split_at(end);
        let (format, text) = match rest.strip_prefix('/') {
            Some(rest) => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            None => ("", rest),
        };
        let text = text.trim();
        match verb {
            "" | "#" => Ok(Then::Read),
            _ if commands::QUIT.contains(&verb) => Ok(Then::Quit),
            _ => (commands::find(verb)?.run)(self, &Given { format, text }),
        }
    }

    fn help(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let line = |command: &commands::Command| {
            let usage = format!("{} {}", command.name, command.arguments);
            let short = command.short.join(", ");
            format!("{usage:<28} {short:<12} {}", command.help)
        };
        if !given.text.is_empty() {
            let command = commands::find(given.text)?;
            return Ok(writeln!(self.out, "{}", line(command))?);
        }
        for (section, commands) in commands::SECTIONS {
            writeln!(self.out, "{section}")?;
            for command in *commands {
                writeln!(self.out, "  {}", line(command))?;
            }
        }
        self.out.write_all(
            b"  quit                         q            leave; the program ends\n\
            WHERE is a function, FILE:LINE, a line, *EXPR or an address. An empty line repeats the last command.\n",
        )?;
        Ok(())
    }

    /// What may follow in a line, from the beginning of its last word on.
    fn completions(&mut self, line: &str) -> (usize, Vec<String>) {
        let start = line
            .rfind(|c: char| c.is_whitespace() || "*&(+-=".contains(c))
            .map_or(0, |at| at + 1);
        let begun = &line[start..];
        let verb = line.split_whitespace().next().unwrap_or("");
        let verb = verb.split('/').next().unwrap_or(verb);
        let completed = match line[..start].trim().is_empty() {
            true => Completed::Commands,
            false => commands::find(verb).map_or(Completed::Nothing, |it| it.completed),
        };
        let mut words: Vec<String> = match completed {
            Completed::Nothing => Vec::new(),
            Completed::Topics => looking::TOPICS.iter().map(|it| (*it).to_owned()).collect(),
            Completed::Commands => commands::all().map(|it| it.name.to_owned()).collect(),
            Completed::Places if begun.starts_with('$') => {
                let files = self.session.guest().register_files().iter();
                let names = files.flat_map(|file| file.iter()).map(|(_, it)| it.abi);
                names
                    .chain(["pc", "sp"])
                    .map(|name| format!("${name}"))
                    .collect()
            }
            Completed::Places => {
                let functions = self.locator.functions().map(|(_, _, name)| name);
                let names = functions.chain(self.locator.objects());
                names.map(str::to_owned).collect()
            }
        };
        words.retain(|word| word.starts_with(begun));
        words.sort();
        words.dedup();
        (start, words)
    }

    fn expression(&mut self, text: &str) -> Result<Expression, Refusal> {
        let known = Known {
            guest: self.session.guest(),
            locator: &self.locator,
            printed: &self.printed,
        };
        Ok(Expression::parse(text, &known)?)
    }

    fn evaluate(&mut self, text: &str) -> Result<Value, Refusal> {
        let expression = self.expression(text)?;
        Ok(expression.evaluate(self.session.core())?)
    }

    /// A place in the code: `*EXPR`, a function, FILE:LINE, a line of this file, or an expression.
    fn location(&mut self, text: &str) -> Result<u64, Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(self.session.core().pc());
        }
        if let Some(expression) = text.strip_prefix('*') {
            return Ok(self.evaluate(expression)?.bits);
        }
        let (file, line) = match text.rsplit_once(':') {
            Some((file, line)) => (Some(file.to_owned()), line),
            None => (None, text),
        };
        if let Ok(number) = line.parse::<u32>() {
            let here = self.locator.place(self.session.core().pc()).line;
            let file = file.or(here.map(|(file, _)| file));
            let found = file
                .as_ref()
                .and_then(|file| self.locator.address_of_line(file, number));
            return found.ok_or_else(|| {
                let file = file.unwrap_or("here".to_owned());
                Refusal(format!("no code is known of line {number} of {file}"))
            });
        }
        Ok(self.evaluate(text)?.bits)
    }

    /// After a change: what happens next is another story.
    fn settle(&mut self) -> Result<(), Refusal> {
        self.frames = None;
        match self.session.settle() {
            0 => {}
            steps => writeln!(
                self.out,
                "the {steps} steps that were gone back are forgotten: system calls are made again, and files and \
                 whatever else the kernel keeps are as they were left"
            )?,
        }
        Ok(())
    }
}

/// What names stand for here.
struct Known<'a> {
    guest: &'static dyn Guest,
    locator: &'a Locator,
    printed: &'a [Value],
}

impl Names for Known<'_> {
    fn register(&self, name: &str) -> Option<Slot> {
        match self.guest.register_named(name) {
            Some((slot, _)) => Some(slot),
            None if name == "sp" => Some(self.guest.stack_pointer()),
            None if name == "fp" => {
                let files = self.guest.register_files().iter();
                let mut registers = files.flat_map(|file| file.iter());
                registers
                    .find(|(_, register)| register.role == Role::FramePointer)
                    .map(|(slot, _)| slot)
            }
            None => None,
        }
    }

    fn described(&self, name: &str) -> Option<(&'static Description, usize)> {
        let description = self.guest.gdb(0)?;
        Some((description, description.number_of(name)?))
    }

    fn symbol(&self, name: &str) -> Option<u64> {
        self.locator.address_of(name)
    }

    fn object(&self, name: &str) -> Option<(u64, u64)> {
        self.locator.object(name)
    }

    fn printed(&self, number: usize) -> Option<Value> {
        self.printed.get(number.checked_sub(1)?).copied()
    }
}

fn count(text: &str) -> Result<u64, Refusal> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    number
        .filter(|&n| n > 0)
        .ok_or_else(|| Refusal(format!("{text:?} is not a number from 1")))
}
