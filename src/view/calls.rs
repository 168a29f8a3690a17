//! The calls of a program, as an indented tree.

use super::trace::{Filter, Gate};
use crate::Process;
use crate::measure::follow::Follower;
use crate::measure::territory::Territory;
use portolan_linux::process::own_tid;
use portolan_machine::engine::{BlockObserver, Decoded, End, Ran};
use portolan_machine::guest::Guest;
use portolan_machine::hart::Hart;
use portolan_machine::memory::Memory;
use portolan_machine::registers::{Kind, Role, Slot};
use portolan_machine::stop::StopFlag;
use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Writes down the calls of one hart.
pub struct CallTracer {
    follower: Follower,
    shared: Arc<Shared>,
    /// What the argument registers held at the last jump.
    arguments: Vec<u64>,
    /// The calls that are open and were told.
    open: Vec<Open>,
    /// The last line, as long as it may be a call that calls nothing.
    pending: Option<String>,
}

/// What the harts of a process share.
struct Shared {
    out: File,
    gate: Mutex<Gate>,
    /// The registers that arguments travel in, and the first of them or another for results.
    arguments: Vec<(Slot, &'static str)>,
    result: Slot,
    first: i32,
}

struct Open {
    /// The number of functions that have not returned, with this one.
    depth: usize,
    name: String,
}

/// The integer arguments told of each call at most.
const ARGUMENTS: usize = 4;

impl CallTracer {
    /// Of a process' first hart.
    pub fn new(process: &Process, filter: Filter, out: File) -> CallTracer {
        let guest = process.guest();
        let shared = Arc::new(Shared {
            out,
            gate: Mutex::new(Gate::new(filter)),
            arguments: arguments(guest),
            result: process.thread().process().abi().registers.result,
            first: own_tid(),
        });
        let territory = Territory::new(process);
        CallTracer::with(Follower::new(&territory, guest.stack_pointer()), shared)
    }

    fn with(follower: Follower, shared: Arc<Shared>) -> CallTracer {
        CallTracer {
            follower,
            shared,
            arguments: Vec::new(),
            open: Vec::new(),
            pending: None,
        }
    }

    /// A function was entered.
    fn entered(&mut self, depth: usize, start: u64, memory: &Memory) {
        let place = self.follower.territory().text(start, memory);
        // The linkage table only leads to the function.
        if place
            .split(' ')
            .next()
            .is_some_and(|name| name.ends_with("@plt"))
        {
            return;
        }
        // A tail call: the function that was there has ended.
        let is_tail = self.open.last().is_some_and(|open| open.depth == depth);
        if is_tail {
            self.close(depth - 1, None);
        }
        let shared = Arc::clone(&self.shared);
        let mut gate = shared.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if !gate.passes(start, &place) {
            return;
        }
        gate.count();
        drop(gate);
        if let Some(pending) = self.pending.take() {
            self.write(&format!("{pending} {{"));
        }
        let frames = self.follower.stack().frames();
        let handler = frames.last().is_some_and(|frame| frame.is_handler);
        let names = self.shared.arguments.iter().map(|(_, name)| name);
        // The kernel makes those of a handler.
        let arguments = names.zip(&self.arguments).filter(|_| !handler);
        let arguments: Vec<String> = arguments
            .map(|(name, value)| format!("{name}={value:#x}"))
            .collect();
        let mark = match (handler, is_tail) {
            (true, _) => "signal: ",
            (_, true) => "instead: ",
            _ => "",
        };
        let indent = "  ".repeat(self.open.len());
        self.pending = Some(format!("{indent}{mark}{place}({})", arguments.join(", ")));
        self.open.push(Open { depth, name: place });
    }

    /// Only so many functions have not returned; the last to do so gave a result.
    fn close(&mut self, depth: usize, result: Option<u64>) {
        while let Some(open) = self.open.pop_if(|open| open.depth > depth) {
            let is_last = self.open.last().is_none_or(|open| open.depth <= depth);
            let result = result.filter(|_| is_last);
            let result = result.map_or(String::new(), |result| format!(" = {result:#x}"));
            match self.pending.take() {
                Some(pending) => self.write(&format!("{pending}{result}")),
                None => {
                    let indent = "  ".repeat(self.open.len());
                    self.write(&format!("{indent}}}{result}  {}", open.name));
                }
            }
        }
    }

    fn write(&self, line: &str) {
        let tid = own_tid();
        let line = match tid == self.shared.first {
            true => format!("{line}\n"),
            false => format!("[pid {tid}] {line}\n"),
        };
        // Nobody may be reading any more; the program goes on.
        let _ = (&self.shared.out).write_all(line.as_bytes());
    }
}

/// The registers of integer arguments, in order.
fn arguments(guest: &dyn Guest) -> Vec<(Slot, &'static str)> {
    let files = guest.register_files().iter();
    let integers = files.filter(|file| file.kind == Kind::Integer);
    let mut found: Vec<(u8, Slot, &'static str)> = integers
        .flat_map(|file| file.iter())
        .filter_map(|(slot, register)| match register.role {
            Role::Argument(number) => Some((number, slot, register.abi)),
            _ => None,
        })
        .collect();
    found.sort_by_key(|(number, ..)| *number);
    let found = found.into_iter().take(ARGUMENTS);
    found.map(|(_, slot, name)| (slot, name)).collect()
}

impl BlockObserver for CallTracer {
    fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        self.follower.decoded(block, memory)
    }

    fn forgotten(&mut self) {
        self.follower.forgotten();
    }

    fn ran(&mut self, run: Ran, hart: &Hart) {
        let before = self.follower.stack().frames().len();
        let is_new = self.follower.enter(run, hart);
        let depth = self.follower.stack().frames().len();
        if depth < before {
            self.close(depth, None);
        }
        if is_new {
            let start = self.follower.start(run);
            self.entered(depth, start, &hart.memory);
        }
        self.follower.leave(run, hart);
        let after = self.follower.stack().frames().len();
        // A call that takes the place of frames that were skipped leaves none of those open.
        let skipped = self.open.last().is_some_and(|open| open.depth > after);
        if skipped || after < depth {
            let result = hart.registers.read(self.shared.result);
            self.close(after, Some(result));
        }
        if run.end == End::Jumped {
            let slots = self.shared.arguments.iter();
            self.arguments.clear();
            self.arguments
                .extend(slots.map(|(slot, _)| hart.registers.read(*slot)));
        }
    }

    fn fork(&self, _: &Arc<StopFlag>) -> Box<dyn BlockObserver> {
        let follower = self.follower.fork();
        Box::new(CallTracer::with(follower, Arc::clone(&self.shared)))
    }

    fn finish(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.write(&pending);
        }
    }
}
