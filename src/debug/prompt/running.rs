//! Commands that run the program, forward and back.

use super::commands::Given;
use super::{HISTORY, Prompt, Refusal, count, refuse};
use crate::debug::session::{Event, Program, Session};
use crate::view::card::Card;
use portolan_linux::thread::Exit;
use portolan_machine::graph::evaluate::Effect;

/// Instructions shown after each stop.
const LINES_AFTER_STOP: usize = 4;

impl Prompt<'_> {
    pub(super) fn step_instructions(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let steps = given.count()?;
        if steps != 1 {
            return self.go(|session| match session.run(steps) {
                Event::Paused => Event::Stepped,
                event => event,
            });
        }
        self.require_running()?;
        let (effects, event) = self.session.step_observed();
        for effect in effects {
            if let Some(line) = self.effect(effect) {
                writeln!(self.out, "    {line}")?;
            }
        }
        self.report(event)
    }

    pub(super) fn next_instructions(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let steps = given.count()?;
        self.go(|session| repeat(steps, || session.step_over()))
    }

    /// To other source lines; over calls, or into functions whose lines are known.
    pub(super) fn step_lines(&mut self, given: &Given<'_>, over: bool) -> Result<(), Refusal> {
        let steps = given.count()?;
        let locator = self.locator.clone();
        self.go(|session| {
            repeat(steps, || {
                let line = |session: &mut Session| locator.place(session.core().pc()).line;
                let first = line(session);
                let depth = session.stack_depth();
                loop {
                    let event = match over {
                        true => session.step_over(),
                        false => session.step(),
                    };
                    let here = line(session);
                    // A function without lines is left as it was entered.
                    let lost = here.is_none() && first.is_some() && session.stack_depth() < depth;
                    let event = match event {
                        Event::Stepped if lost => session.finish(),
                        event => event,
                    };
                    let here = line(session);
                    if event != Event::Stepped || here != first && here.is_some() || first.is_none()
                    {
                        return event;
                    }
                }
            })
        })
    }

    pub(super) fn finish(&mut self) -> Result<(), Refusal> {
        self.go(Session::finish)
    }

    pub(super) fn until(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        if !given.text.is_empty() {
            return self.advance_to(given.text);
        }
        let locator = self.locator.clone();
        self.go(|session| {
            let start = session.core().pc();
            let first = locator.place(start).line;
            loop {
                let event = session.step_over();
                let pc = session.core().pc();
                let moved = pc > start && (first.is_none() || locator.place(pc).line != first);
                if event != Event::Stepped || moved {
                    return event;
                }
            }
        })
    }

    pub(super) fn advance_to(&mut self, place: &str) -> Result<(), Refusal> {
        let address = self.location(place)?;
        self.go(|session| session.run_to(address))
    }

    pub(super) fn go_on(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let times = given.count()?;
        self.go(|session| {
            for _ in 1..times {
                match session.run(u64::MAX) {
                    Event::Breakpoint(_) | Event::Watchpoint(_) => {}
                    event => return event,
                }
            }
            session.run(u64::MAX)
        })
    }

    pub(super) fn run_program(&mut self) -> Result<(), Refusal> {
        self.expect_beginning()?;
        self.go(|session| session.run(u64::MAX))
    }

    pub(super) fn start(&mut self) -> Result<(), Refusal> {
        self.expect_beginning()?;
        let main = Given {
            format: "",
            text: "main",
        };
        self.add_breakpoint(&main, true)?;
        self.run_program()
    }

    fn expect_beginning(&self) -> Result<(), Refusal> {
        match self.session.history() {
            (0, ..) => Ok(()),
            _ => refuse(
                "the program runs already: continue goes on, reverse-continue goes back to the beginning",
            ),
        }
    }

    pub(super) fn step_back(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let steps = given.count()?;
        self.go_back(|session| session.step_back(steps))
    }

    pub(super) fn next_back(&mut self) -> Result<(), Refusal> {
        self.go_back(Session::step_over_back)
    }

    pub(super) fn finish_back(&mut self) -> Result<(), Refusal> {
        self.go_back(Session::finish_back)
    }

    pub(super) fn run_back(&mut self) -> Result<(), Refusal> {
        self.go_back(Session::run_back)
    }

    /// To the first instruction of the line before, or of this one.
    pub(super) fn line_back(&mut self, over: bool) -> Result<(), Refusal> {
        let locator = self.locator.clone();
        self.go_back(|session| {
            let line = |session: &mut Session| locator.place(session.core().pc()).line;
            let back = |session: &mut Session| match over {
                true => session.step_over_back(),
                false => session.step_back(1),
            };
            let event = back(session);
            let wanted = line(session);
            if event != Event::Stepped || wanted.is_none() {
                return event;
            }
            // As long as what comes before belongs to it.
            loop {
                match back(session) {
                    Event::Stepped if line(session) == wanted => {}
                    Event::Stepped if over => return session.step_over(),
                    Event::Stepped => return session.step(),
                    Event::Beginning(_) => return Event::Stepped,
                    event => return event,
                }
            }
        })
    }

    pub(super) fn record(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        match given.text {
            "stop" => self.session.stop_recording(),
            "" if !self.session.is_recording() => self.session.record(HISTORY),
            "" => {}
            _ => return refuse("record wants nothing, or `stop`"),
        }
        let state = match (self.session.is_recording(), self.session.history()) {
            (false, _) => "nothing is recorded".to_owned(),
            (true, (behind, ahead, size)) => format!(
                "{behind} steps back, {ahead} forward; {} of at most {} MiB",
                size >> 20,
                HISTORY >> 20
            ),
        };
        Ok(writeln!(self.out, "{state}")?)
    }

    /// Runs something and shows where that led.
    fn go(&mut self, run: impl FnOnce(&mut Session) -> Event) -> Result<(), Refusal> {
        self.require_running()?;
        let event = run(&mut self.session);
        self.report(event)
    }

    /// Goes back somewhere and shows where that is.
    fn go_back(&mut self, go: impl FnOnce(&mut Session) -> Event) -> Result<(), Refusal> {
        self.ended = false;
        let event = go(&mut self.session);
        self.report(event)
    }

    fn require_running(&self) -> Result<(), Refusal> {
        if self.ended {
            refuse("the program has ended; go back, or quit and start it again")
        } else {
            Ok(())
        }
    }

    fn report(&mut self, event: Event) -> Result<(), Refusal> {
        self.frames = None;
        self.selected = 0;
        self.tell_passed_signals()?;
        match event {
            Event::Stepped => {}
            Event::Paused => writeln!(self.out, "paused")?,
            Event::Signal(signal) => {
                let name = self.signal_name(signal.number);
                let kept = match self.session.handling(signal.number).passes {
                    true => "",
                    false => ", which the program does not get",
                };
                writeln!(self.out, "signal {name}{kept}")?;
            }
            Event::Breakpoint(number) => {
                writeln!(self.out, "breakpoint {number}")?;
                self.session.passed(number);
            }
            Event::Watchpoint(hit) => self.report_watched(hit)?,
            Event::Beginning(None) => writeln!(self.out, "this is where the history begins")?,
            Event::Beginning(Some(why)) => {
                writeln!(self.out, "this is where the history begins: {why}")?;
            }
            Event::Stuck(why) => {
                writeln!(
                    self.out,
                    "no way from here: the memory cannot be as it was: {why}"
                )?;
            }
            Event::Trapped(trap) => writeln!(self.out, "trapped: {trap:?}")?,
            Event::Ended(exit) => {
                self.ended = true;
                match (exit, self.session.program()) {
                    (Exit::Code(code), _) => writeln!(self.out, "the program exited with {code}")?,
                    (Exit::Signal(death), Program::Linux(process)) => {
                        write!(self.out, "{}", Card::of_death(process, &death, self.again))?;
                    }
                    (Exit::Signal(death), Program::Bare(_)) => {
                        writeln!(self.out, "ended by {}", death.name)?;
                    }
                }
                return Ok(());
            }
        }
        self.show_next(LINES_AFTER_STOP)?;
        self.show_displays()
    }

    pub(super) fn show_start(&mut self) -> std::io::Result<()> {
        self.show_next(LINES_AFTER_STOP)
    }

    /// What an effect did, for the person to read.
    pub(super) fn effect(&mut self, effect: Effect) -> Option<String> {
        let guest = self.session.guest();
        Some(match effect {
            Effect::Write { slot, old, new } => {
                // An upper half, too, is a part of a register.
                let halves = [Some(slot), slot.checked_sub(1)];
                let (file, _) = halves
                    .into_iter()
                    .flatten()
                    .find_map(|it| guest.register(it))?;
                let is_part = file.at(slot).is_some() || file.stride() > 1;
                // Instructions that move a stack of registers write what was there.
                if !is_part || file.stride() > 1 && old == new {
                    return None;
                }
                format!("{} = {new:#x}  (was {old:#x})", guest.slot_name(slot))
            }
            Effect::Load {
                access,
                address,
                value,
            } => {
                let bits = u32::from(access.bytes) * 8;
                format!("read  mem{bits}[{address:#x}] = {value:#x}")
            }
            Effect::Store {
                access,
                address,
                value,
            } => {
                let bits = u32::from(access.bytes) * 8;
                format!("write mem{bits}[{address:#x}] = {value:#x}")
            }
            Effect::Jump { target } => format!("pc = {target:#x} {}", self.locator.place(target)),
            Effect::Read { .. } | Effect::Trap(_) => return None,
        })
    }

    pub(super) fn ignore(&mut self, given: &Given<'_>) -> Result<(), Refusal> {
        let words = given.words();
        let [number, times] = words.as_slice() else {
            return refuse("ignore wants a stop's number and how often: ignore 1 10");
        };
        let times: u64 = times
            .parse()
            .map_err(|_| Refusal(format!("{times:?} is no number")))?;
        let terms = self.session.terms(count(number)? as u32);
        let Some(terms) = terms else {
            return refuse(format!("there is no stop {number}"));
        };
        terms.ignore = times;
        Ok(writeln!(self.out, "stop {number} is passed {times} times")?)
    }
}

/// The last event of several runs, all but the last of which are to be done.
fn repeat(times: u64, mut run: impl FnMut() -> Event) -> Event {
    for _ in 1..times {
        match run() {
            Event::Stepped => {}
            event => return event,
        }
    }
    run()
}
