//! Commands about signals.

use super::commands::Given;
use super::{Prompt, Refusal, refuse};
use crate::debug::session::Program;
use crate::debug::signals::Handling;
use portolan_linux::host::signals::INTERRUPT;

/// Signals beyond these have no names of their own.
const NAMED: i32 = 31;

impl Prompt<'_> {
    /// A signal's name, with its prefix.
    pub(super) fn signal_name(&mut self, signal: i32) -> String {
        match self.session.program() {
            Program::Linux(process) => {
                let personality = &process.thread().process().personality;
                personality.signal_name(signal)
            }
            Program::Bare(_) => signal.to_string(),
        }
    }

    /// The signals that a word means: a name, with or without SIG, a number, or `all` but Ctrl-C's.
    fn signals(&mut self, word: &str) -> Result<Vec<i32>, Refusal> {
        if word == "all" {
            return Ok((1..=NAMED).filter(|it| *it != INTERRUPT).collect());
        }
        let upper = word.to_ascii_uppercase();
        let wanted = [upper.clone(), format!("SIG{upper}")];
        let named = (1..=NAMED).find(|it| wanted.contains(&self.signal_name(*it)));
        let numbered = || word.parse().ok().filter(|it| (1..=64).contains(it));
        match named.or_else(numbered) {
            Some(signal) => Ok(vec![signal]),
            None => refuse(format!("{word:?} is no signal; `info signals` lists them")),
        }
    }

    /// `handle SIGNAL.. ACTION..`
    pub(super) fn handle(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let (mut signals, mut actions) = (Vec::new(), Vec::new());
        for word in given.words() {
            match change(word) {
                Some(change) => actions.push(change),
                None => signals.extend(self.signals(word)?),
            }
        }
        if signals.is_empty() || actions.is_empty() {
            return refuse(
                "handle wants signals, and what to do: [no]stop, [no]print, [no]pass; handle SIGUSR1 stop",
            );
        }
        for signal in &signals {
            let mut handling = self.session.handling(*signal);
            actions.iter().for_each(|change| change(&mut handling));
            self.session.handle(*signal, handling);
        }
        self.show_handling(&signals)
    }

    /// `info signals [SIGNAL]`
    pub(super) fn info_signals(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let signals = match given.text {
            "" => (1..=NAMED).collect(),
            word => self.signals(word)?,
        };
        self.show_handling(&signals)
    }

    fn show_handling(&mut self, signals: &[i32]) -> Result<(), Refusal> {
        writeln!(self.out, "Signal        Stop   Print  Pass to program")?;
        for signal in signals {
            let name = self.signal_name(*signal);
            let handling = self.session.handling(*signal);
            let said = |is_so| if is_so { "Yes" } else { "No" };
            writeln!(
                self.out,
                "{name:<13} {:<6} {:<6} {}",
                said(handling.stops),
                said(handling.prints),
                said(handling.passes)
            )?;
        }
        Ok(())
    }

    /// Tells of those that did not stop.
    pub(super) fn tell_passed_signals(&mut self) -> Result<(), Refusal> {
        for signal in self.session.take_passed_signals() {
            let name = self.signal_name(signal);
            match self.session.handling(signal).passes {
                true => writeln!(self.out, "the program gets {name}")?,
                false => writeln!(self.out, "the program does not get {name}")?,
            }
        }
        Ok(())
    }
}

/// What a word of `handle` changes. As with gdb, what stops is told, and what is not told does not stop.
fn change(word: &str) -> Option<fn(&mut Handling)> {
    Some(match word {
        "stop" => |it| (it.stops, it.prints) = (true, true),
        "nostop" => |it| it.stops = false,
        "print" => |it| it.prints = true,
        "noprint" => |it| (it.stops, it.prints) = (false, false),
        "pass" | "noignore" => |it| it.passes = true,
        "nopass" | "ignore" => |it| it.passes = false,
        _ => return None,
    })
}
