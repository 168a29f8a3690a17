//! The prompt of `portolan step`: reads commands, drives a session, shows what changed.

use super::session::{Event, Program, Session};
use crate::view::card::Card;
use crate::view::locate::Locator;
use portolan_linux::thread::Exit;
use portolan_machine::engine::{Moment, Watchpoint};
use portolan_machine::graph::evaluate::Effect;
use portolan_machine::guest::Style;
use portolan_machine::registers::{Kind, RegisterFile, Role, Slot};
use std::io::{self, BufRead, IsTerminal, Write};

/// Instructions shown after each stop.
const LINES_AFTER_STOP: usize = 4;

/// The bytes of the history at most: some 20 million steps.
pub const HISTORY: usize = 512 << 20;

/// A session with a person in front of it.
pub struct Prompt<'a> {
    session: Session,
    locator: Locator,
    /// The command line of the program, for the failure card.
    again: &'a str,
    out: Box<dyn Write>,
    /// Repeated by an empty line.
    last: String,
    ended: bool,
}

/// Whether to go on reading commands.
enum Then {
    Read,
    Quit,
}

/// Something that cannot be done, for the person to read; the session is as before.
#[derive(Debug)]
struct Refusal(String);

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal(error.to_string())
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(message.into()))
}

const HELP: &str = "\
step [N], s        run one instruction (or N); a system call counts as one
next, n            the same, but run a called function to its return
finish             run until this function returns
back [N], rsi      go back one instruction (or N), with what system calls did; forward again, they
                   are not repeated
rni, rn            the same, but over a function that returned, to its call
rf, rc             go back to this function's call; to a breakpoint, watched access, or the beginning
record [stop]      what can be gone back; `stop` forgets it and runs at full speed
continue [N], c    run to a breakpoint or the end (or for N instructions)
break WHERE, b     stop before the instruction at WHERE; `break` alone lists
watch WHERE [N]    stop after an instruction that writes any of N bytes (1) at WHERE;
                   rwatch: that reads, awatch: that does either
delete N, d        delete breakpoint or watchpoint N
registers [NAME..], r   registers, those that changed marked with *; `r all`, `r float`
set NAME VALUE     change a register (or pc)
x[/NFU] WHERE      memory: N items, format x d u c s i, unit b h w g; x/4xg sp
dis [WHERE [N]], u instructions from WHERE (here: pc)
where, w           the function and source line at the pc
maps               what is mapped
quit, q            leave; the program ends
WHERE is 0x10000, a symbol, a register, or one of these plus or minus a number: main+8.
An empty line repeats the last command.
";

impl<'a> Prompt<'a> {
    /// A prompt that writes to `out`.
    pub fn new(session: Session, locator: Locator, again: &'a str, out: Box<dyn Write>) -> Self {
        Prompt {
            session,
            locator,
            again,
            out,
            last: String::new(),
            ended: false,
        }
    }

    /// Reads commands from standard input until its end, `quit`, or the program's end.
    pub fn run(&mut self) -> io::Result<()> {
        self.show_next(LINES_AFTER_STOP)?;
        if io::stdin().is_terminal() {
            self.run_interactively()
        } else {
            for line in io::stdin().lock().lines() {
                if let Then::Quit = self.obey(&line?)? {
                    break;
                }
            }
            Ok(())
        }
    }

    fn run_interactively(&mut self) -> io::Result<()> {
        let mut editor = rustyline::DefaultEditor::new().map_err(io::Error::other)?;
        loop {
            match editor.readline("(portolan) ") {
                Ok(line) => {
                    if !line.trim().is_empty() {
                        let _ = editor.add_history_entry(&line);
                    }
                    if let Then::Quit = self.obey(&line)? {
                        return Ok(());
                    }
                }
                // Ctrl-C abandons the line, as in a shell; Ctrl-D leaves.
                Err(rustyline::error::ReadlineError::Interrupted) => {}
                Err(rustyline::error::ReadlineError::Eof) => return Ok(()),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// Carries out one command.
    fn obey(&mut self, line: &str) -> io::Result<Then> {
        let line = if line.trim().is_empty() {
            self.last.clone()
        } else {
            line.trim().to_owned()
        };
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
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((&verb, rest)) = words.split_first() else {
            return Ok(Then::Read);
        };
        let (verb, format) = verb.split_once('/').unwrap_or((verb, ""));
        match verb {
            "step" | "s" | "si" | "stepi" => self.step(rest)?,
            "next" | "n" | "ni" | "nexti" => self.go(Session::step_over)?,
            "finish" | "fin" => self.go(Session::finish)?,
            "reverse-stepi" | "rsi" | "reverse-step" | "rs" | "back" => {
                let steps = rest.first().map_or(Ok(1), |word| count(word))?;
                self.go_back(|session| session.step_back(steps))?;
            }
            "reverse-nexti" | "rni" | "reverse-next" | "rn" => {
                self.go_back(Session::step_over_back)?;
            }
            "reverse-finish" | "rf" => self.go_back(Session::finish_back)?,
            "reverse-continue" | "rc" => self.go_back(Session::run_back)?,
            "record" => self.record(rest)?,
            "continue" | "c" | "run" => {
                let budget = rest.first().map_or(Ok(u64::MAX), |word| count(word))?;
                self.go(|session| session.run(budget))?;
            }
            "break" | "b" if rest.is_empty() => self.list_breakpoints()?,
            "break" | "b" => self.set_breakpoint(&rest.join(""))?,
            "watch" | "rwatch" | "awatch" => self.set_watchpoint(verb, rest)?,
            "delete" | "d" => self.delete_breakpoint(rest)?,
            "registers" | "r" | "regs" => self.registers(rest)?,
            "info" | "i" => match rest.first() {
                Some(&("registers" | "r")) => self.registers(&rest[1..])?,
                Some(&("breakpoints" | "b")) => self.list_breakpoints()?,
                _ => return refuse("info wants `registers` or `breakpoints`"),
            },
            "set" => self.set(&rest.join(" "))?,
            "x" | "memory" | "m" => self.examine(format, &rest.join(""))?,
            "dis" | "disassemble" | "u" => {
                let pc = self.session.core().pc();
                let from = rest.first().map_or(Ok(pc), |word| self.address(word))?;
                let lines = rest.get(1).map_or(Ok(10), |word| count(word))?;
                self.disassemble(from, lines.min(10_000) as usize)?;
            }
            "where" | "w" => {
                let pc = self.session.core().pc();
                writeln!(self.out, "{pc:#x} {}", self.locator.place(pc))?;
            }
            "maps" => {
                for mapping in self.session.core().memory().mappings() {
                    writeln!(self.out, "{mapping}")?;
                }
            }
            "help" | "h" | "?" => self.out.write_all(HELP.as_bytes())?,
            "quit" | "q" | "exit" => return Ok(Then::Quit),
            _ => return refuse(format!("no command is called {verb:?}; `help` lists them")),
        }
        Ok(Then::Read)
    }

    fn step(&mut self, rest: &[&str]) -> Result<(), Refusal> {
        let steps = rest.first().map_or(Ok(1), |word| count(word))?;
        if steps != 1 {
            return self.go(|session| {
                match (1..steps)
                    .map(|_| session.step())
                    .find(|e| *e != Event::Stepped)
                {
                    Some(event) => event,
                    None => session.step(),
                }
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

    fn record(&mut self, rest: &[&str]) -> Result<(), Refusal> {
        match rest {
            ["stop"] => self.session.stop_recording(),
            [] if !self.session.is_recording() => self.session.record(HISTORY),
            [] => {}
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

    fn require_running(&self) -> Result<(), Refusal> {
        if self.ended {
            refuse("the program has ended; quit, and start it again")
        } else {
            Ok(())
        }
    }

    fn report(&mut self, event: Event) -> Result<(), Refusal> {
        match event {
            Event::Stepped => {}
            Event::Paused => writeln!(self.out, "paused")?,
            Event::Signal(signal) => writeln!(self.out, "signal {}", signal.number)?,
            Event::Breakpoint(number) => writeln!(self.out, "breakpoint {number}")?,
            Event::Watchpoint(hit) => {
                let mut watchpoints = self.session.watchpoints().iter();
                let number = watchpoints.find(|(_, it)| **it == hit.watchpoint);
                let number = number.map_or(0, |(number, _)| *number);
                writeln!(self.out, "watchpoint {number}: {:#x}", hit.address)?;
            }
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
        Ok(self.show_next(LINES_AFTER_STOP)?)
    }

    /// What an effect did, for the person to read.
    fn effect(&mut self, effect: Effect) -> Option<String> {
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
                format!(
                    "read  mem{}[{address:#x}] = {value:#x}",
                    u32::from(access.bytes) * 8
                )
            }
            Effect::Store {
                access,
                address,
                value,
            } => {
                format!(
                    "write mem{}[{address:#x}] = {value:#x}",
                    u32::from(access.bytes) * 8
                )
            }
            Effect::Jump { target } => format!("pc = {target:#x} {}", self.locator.place(target)),
            Effect::Read { .. } | Effect::Trap(_) => return None,
        })
    }

    fn show_next(&mut self, lines: usize) -> io::Result<()> {
        let pc = self.session.core().pc();
        let place = self.locator.place(pc).to_string();
        if !place.is_empty() {
            writeln!(self.out, "{place}:")?;
        }
        self.disassemble(pc, lines)
    }

    fn disassemble(&mut self, from: u64, lines: usize) -> io::Result<()> {
        let core = self.session.core();
        let (pc, memory) = (core.pc(), core.memory().clone());
        let mut disassembler = core.guest().disassembler(Style::default());
        let mut address = from;
        for _ in 0..lines {
            let mut bytes = [0; 16];
            let Ok(present) = memory.fetch(address, &mut bytes) else {
                return writeln!(self.out, "   {address:#x}  (nothing to execute here)");
            };
            let line = disassembler.line(&bytes[..present], address);
            let mark = if address == pc { "=>" } else { "  " };
            let text = line.text(&|address| match self.locator.place(address).to_string() {
                place if place.is_empty() => format!("{address:x}"),
                place => format!("{address:x} <{place}>"),
            });
            let (mnemonic, operands) = text.split_once('\t').unwrap_or((&text, ""));
            let raw = &bytes[..usize::from(line.length)];
            let raw: String = raw.iter().map(|byte| format!("{byte:02x} ")).collect();
            writeln!(
                self.out,
                "{mark} {address:#x}  {raw:<12} {mnemonic:<8} {operands}"
            )?;
            address = address.wrapping_add(u64::from(line.length.max(1)));
        }
        Ok(())
    }

    fn set_breakpoint(&mut self, place: &str) -> Result<(), Refusal> {
        let address = self.address(place.strip_prefix('*').unwrap_or(place))?;
        let number = self.session.set_breakpoint(address);
        writeln!(
            self.out,
            "breakpoint {number} at {address:#x} {}",
            self.locator.place(address)
        )?;
        Ok(())
    }

    fn set_watchpoint(&mut self, verb: &str, rest: &[&str]) -> Result<(), Refusal> {
        let Some(place) = rest.first() else {
            return refuse(format!("{verb} wants an address: {verb} sp+8 8"));
        };
        let start = self.address(place)?;
        let bytes = rest.get(1).map_or(Ok(1), |word| count(word))?;
        let number = self.session.set_watchpoint(Watchpoint {
            start,
            bytes,
            reads: verb != "watch",
            writes: verb != "rwatch",
            moment: Moment::After,
        });
        writeln!(self.out, "watchpoint {number} at {start:#x}")?;
        Ok(())
    }

    fn list_breakpoints(&mut self) -> Result<(), Refusal> {
        for (number, &address) in self.session.breakpoints() {
            writeln!(
                self.out,
                "{number}  {address:#x} {}",
                self.locator.place(address)
            )?;
        }
        for (number, watched) in self.session.watchpoints() {
            let verb = match (watched.reads, watched.writes) {
                (true, true) => "awatch",
                (true, false) => "rwatch",
                _ => "watch",
            };
            let Watchpoint { start, bytes, .. } = watched;
            writeln!(self.out, "{number}  {verb} {start:#x} {bytes}")?;
        }
        if self.session.breakpoints().is_empty() && self.session.watchpoints().is_empty() {
            writeln!(self.out, "no breakpoints")?;
        }
        Ok(())
    }

    fn delete_breakpoint(&mut self, rest: &[&str]) -> Result<(), Refusal> {
        let Some(number) = rest.first().and_then(|word| word.parse().ok()) else {
            return refuse("delete wants the number of a breakpoint or watchpoint");
        };
        if self.session.delete_breakpoint(number) || self.session.delete_watchpoint(number) {
            Ok(())
        } else {
            refuse(format!("there is no breakpoint {number}"))
        }
    }

    fn registers(&mut self, names: &[&str]) -> Result<(), Refusal> {
        let guest = self.session.guest();
        if names.is_empty() || names == ["all"] || names == ["float"] {
            for file in guest.register_files() {
                let wanted = match names.first() {
                    None => file.kind == Kind::Integer,
                    Some(&"float") => file.kind != Kind::Integer,
                    Some(_) => true,
                };
                let mut column = 0;
                for (slot, register) in file.iter().filter(|_| wanted) {
                    if register.role == Role::Zero {
                        continue;
                    }
                    let mut slots = slot..slot + file.stride();
                    let changed = slots.any(|slot| self.session.changed(slot));
                    let mark = if changed { '*' } else { ' ' };
                    let value = self.digits(slot, file);
                    write!(self.out, "{:>6}{mark}{value} ", register.abi)?;
                    column += file.stride();
                    if column % 4 == 0 {
                        writeln!(self.out)?;
                    }
                }
                if column % 4 != 0 {
                    writeln!(self.out)?;
                }
            }
            if names.first() != Some(&"float") {
                let pc = self.session.core().pc();
                writeln!(self.out, "    pc {pc:016x} {}", self.locator.place(pc))?;
            }
            return Ok(());
        }
        for name in names {
            let name = name.trim_start_matches('$');
            match guest.register_named(name) {
                Some((slot, file)) if file.stride() > 1 => {
                    let digits = self.digits(slot, file);
                    writeln!(self.out, "{name} = 0x{digits}")?;
                }
                _ => {
                    let none = || Refusal(format!("{} has no register {name:?}", guest.name()));
                    let value = self.register(name).ok_or_else(none)?;
                    writeln!(self.out, "{name} = {value:#x} = {}", value as i64)?;
                }
            }
        }
        Ok(())
    }

    /// A register's value, however wide.
    fn digits(&mut self, first: Slot, file: &RegisterFile) -> String {
        let core = self.session.core();
        let words = (0..file.stride()).rev();
        words
            .map(|n| {
                let bits = (file.bits - 64 * u16::from(n)).min(64);
                let digits = usize::from(bits.div_ceil(4));
                format!("{:0digits$x}", core.register(first + n))
            })
            .collect()
    }

    /// A register's value by name; `pc` and `sp` too, whatever they are called.
    fn register(&mut self, name: &str) -> Option<u64> {
        let core = self.session.core();
        if name == "pc" {
            return Some(core.pc());
        }
        let guest = core.guest();
        let slot = match guest.register_named(name) {
            Some((slot, _)) => slot,
            None if name == "sp" => guest.stack_pointer(),
            None => return None,
        };
        Some(core.register(slot))
    }

    fn set(&mut self, text: &str) -> Result<(), Refusal> {
        let separator = |c: char| c == '=' || c.is_whitespace();
        let Some((name, value)) = text.split_once(separator) else {
            return refuse("set wants a register and a value: set a0 1");
        };
        let name = name.trim().trim_start_matches('$');
        let value = self.address(value.trim_matches(separator))?;
        if self.session.has_ended() {
            return refuse("the program has ended: its past can be looked at, not changed");
        }
        let core = self.session.core();
        if name == "pc" {
            core.set_pc(value);
            return self.settle();
        }
        match core.guest().register_named(name) {
            Some((slot, file)) if file.at(slot).is_some_and(|r| r.role == Role::Zero) => {
                refuse(format!("{name} is always zero"))
            }
            Some((slot, _)) => {
                core.set_register(slot, value);
                self.settle()
            }
            None => refuse(format!("{} has no register {name:?}", core.guest().name())),
        }
    }

    /// After a change: what happens next is another story.
    fn settle(&mut self) -> Result<(), Refusal> {
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

    /// `x/NFU WHERE`.
    fn examine(&mut self, format: &str, place: &str) -> Result<(), Refusal> {
        if place.is_empty() {
            return refuse("x wants an address: x/4xg sp");
        }
        let address = self.address(place)?;
        let letters = format.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &format[..format.len() - letters.len()];
        let items = if digits.is_empty() {
            1
        } else {
            count(digits)?.min(65536)
        };
        let (mut shown, mut bytes) = ('x', 4u64);
        for letter in letters.chars() {
            match letter {
                'x' | 'd' | 'u' | 'c' | 's' | 'i' => shown = letter,
                'b' => bytes = 1,
                'h' => bytes = 2,
                'w' => bytes = 4,
                'g' => bytes = 8,
                _ => {
                    return refuse(format!(
                        "{letter:?} is no format (x d u c s i) or unit (b h w g)"
                    ));
                }
            }
        }
        match shown {
            'i' => Ok(self.disassemble(address, items as usize)?),
            's' => self.strings(address, items),
            'c' => self.items(address, items, 1, shown),
            _ => self.items(address, items, bytes, shown),
        }
    }

    fn items(&mut self, start: u64, items: u64, bytes: u64, shown: char) -> Result<(), Refusal> {
        let memory = self.session.core().memory().clone();
        let per_line = if shown == 'c' || bytes == 1 {
            16
        } else {
            16 / bytes
        };
        for item in 0..items {
            let address = start.wrapping_add(item * bytes);
            let mut raw = [0; 8];
            if let Err(fault) = memory.read(address, &mut raw[..bytes as usize]) {
                writeln!(self.out)?;
                return refuse(fault.to_string());
            }
            if item % per_line == 0 {
                let end = if item == 0 { "" } else { "\n" };
                write!(self.out, "{end}{address:#x}:")?;
            }
            let value = u64::from_le_bytes(raw);
            let unused = 64 - 8 * bytes as u32;
            let signed = ((value << unused) as i64) >> unused;
            match shown {
                'd' => write!(self.out, " {signed}")?,
                'u' => write!(self.out, " {value}")?,
                'c' => write!(self.out, " {:?}", char::from(raw[0]))?,
                _ => write!(self.out, " 0x{value:0width$x}", width = 2 * bytes as usize)?,
            }
        }
        writeln!(self.out)?;
        Ok(())
    }

    fn strings(&mut self, start: u64, items: u64) -> Result<(), Refusal> {
        let memory = self.session.core().memory().clone();
        let mut address = start;
        for _ in 0..items {
            let text = memory
                .read_cstring(address, 4096)
                .map_err(|e| Refusal(e.to_string()))?;
            writeln!(
                self.out,
                "{address:#x}: {:?}",
                String::from_utf8_lossy(&text)
            )?;
            address = address.wrapping_add(text.len() as u64 + 1);
        }
        Ok(())
    }

    /// An address: a number, symbol or register, and possibly an offset.
    fn address(&mut self, text: &str) -> Result<u64, Refusal> {
        let text = text.trim();
        let split = text.rfind(['+', '-']).filter(|&at| at > 0);
        if let Some(at) = split
            && let (Ok(base), Some(offset)) = (self.atom(&text[..at]), number(&text[at + 1..]))
        {
            let minus = text.as_bytes()[at] == b'-';
            return Ok(if minus {
                base.wrapping_sub(offset)
            } else {
                base.wrapping_add(offset)
            });
        }
        self.atom(text)
    }

    fn atom(&mut self, text: &str) -> Result<u64, Refusal> {
        let text = text.trim();
        if let Some(number) = number(text) {
            return Ok(number);
        }
        if let Some(value) = self.register(text.trim_start_matches('$')) {
            return Ok(value);
        }
        let found = self.locator.address_of(text);
        found.ok_or_else(|| Refusal(format!("{text:?} is no number, register or symbol")))
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => match text.strip_prefix('-') {
            Some(digits) => digits.parse::<u64>().ok().map(u64::wrapping_neg),
            None => text.parse().ok(),
        },
    }
}

fn count(text: &str) -> Result<u64, Refusal> {
    number(text)
        .filter(|&n| n > 0)
        .ok_or_else(|| Refusal(format!("{text:?} is not a number from 1")))
}
