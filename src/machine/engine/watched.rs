//! Watchpoints: a hart that has any carries out graphs, one instruction at a time, and looks at each access.
//!
//! The graphs are kept, so that this takes some tens of nanoseconds an instruction.

use super::block::translate;
use super::interpreter::Interpreter;
use crate::graph::Graph;
use crate::graph::evaluate::{Effect, Observer, evaluate};
use crate::guest::{Isa, record};
use crate::memory::Intent;
use crate::trap::{Stop, Trap};
use std::collections::HashMap;

/// More recorded instructions than this are not kept.
const MOST: usize = 1 << 15;

/// Bytes of memory that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchpoint {
    /// The first byte.
    pub start: u64,
    /// How many there are.
    pub bytes: u64,
    /// Whether a read stops the hart.
    pub reads: bool,
    /// Whether a write does.
    pub writes: bool,
    /// When it stops.
    pub moment: Moment,
}

/// When a hart stops at a watched access: debuggers know which it is of each architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the instruction, which does the same again if the watchpoint is still there.
    Before,
    /// After the instruction.
    After,
}

/// An access that a hart stopped at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What was watched.
    pub watchpoint: Watchpoint,
    /// The first byte of it that was accessed.
    pub address: u64,
}

impl Watchpoint {
    /// What an access meets of it.
    pub fn meets(&self, intent: Intent, address: u64, bytes: u8) -> Option<Hit> {
        let is_meant = match intent {
            Intent::Read => self.reads,
            Intent::Write => self.writes,
            Intent::Execute => false,
        };
        // Either begins within the other, also where addresses wrap.
        let (ahead, behind) = (
            self.start.wrapping_sub(address),
            address.wrapping_sub(self.start),
        );
        let meet = ahead < u64::from(bytes) || behind < self.bytes;
        (is_meant && meet).then_some(Hit {
            watchpoint: *self,
            address: if behind < self.bytes {
                address
            } else {
                self.start
            },
        })
    }
}

/// Looks at the accesses of one instruction.
pub(super) struct Watcher<'a> {
    pub watchpoints: &'a [Watchpoint],
    pub hit: Option<Hit>,
}

impl Observer for Watcher<'_> {
    fn allows(&mut self, intent: Intent, address: u64, bytes: u8) -> bool {
        let mut watchpoints = self.watchpoints.iter();
        let hit = watchpoints.find_map(|it| it.meets(intent, address, bytes));
        self.hit = self.hit.or(hit);
        hit.is_none_or(|hit| hit.watchpoint.moment == Moment::After)
    }

    fn effect(&mut self, _: Effect) {}
}

/// What was recorded: by address and by what the instruction is inside of, and what it leads inside of.
pub(super) type Recorded = HashMap<(u64, u8), (Graph, u8)>;

impl<I: Isa> Interpreter<I> {
    /// As `run_tiers`, with watchpoints.
    pub(super) fn run_watched(&mut self, budget: u64) -> Stop {
        for done in 0..budget {
            if self.stop.is_raised() && self.stop.take() {
                return Stop::Requested;
            }
            self.notice_changed_code();
            if done > 0 && self.breakpoints.contains(&self.hart.pc.get()) {
                return Stop::Breakpoint;
            }
            match self.run_one_watched() {
                Ok(None) => {}
                Ok(Some(hit)) => return Stop::Watchpoint(hit),
                Err(trap) => return Stop::Trap(trap),
            }
        }
        Stop::Budget
    }

    fn run_one_watched(&mut self) -> Result<Option<Hit>, Trap> {
        self.record_here()?;
        let mut watcher = Watcher {
            watchpoints: &self.watchpoints,
            hit: None,
        };
        let (graph, leads) = &self.recorded[&(self.hart.pc.get(), self.hart.inside.get())];
        let result = evaluate(graph, &self.hart, &mut watcher);
        Self::after_evaluation(&self.hart, &result, graph, *leads);
        result.map(|_| watcher.hit)
    }

    /// Carries out the instruction at the pc, which an observer is told of.
    pub(super) fn run_one_observed(&mut self, observer: &mut dyn Observer) -> Result<(), Trap> {
        self.notice_changed_code();
        self.record_here()?;
        let (graph, leads) = &self.recorded[&(self.hart.pc.get(), self.hart.inside.get())];
        let result = evaluate(graph, &self.hart, observer);
        Self::after_evaluation(&self.hart, &result, graph, *leads);
        result.map(|_| ())
    }

    /// Sees to it that the instruction at the pc is recorded.
    fn record_here(&mut self) -> Result<(), Trap> {
        let (pc, context) = (self.hart.pc.get(), self.hart.context());
        let key = (pc, context.inside);
        if !self.recorded.contains_key(&key) {
            let instruction = translate(self.guest, &self.hart.memory, pc, context)?;
            let leads = match I::INSIDE {
                true => I::leads_inside(&instruction),
                false => 0,
            };
            if self.recorded.len() >= MOST {
                self.recorded.clear();
            }
            let recorded = (record::<I>(&instruction, pc), leads);
            self.recorded.insert(key, recorded);
        }
        Ok(())
    }

    /// Forgets what was made of code that has changed.
    fn notice_changed_code(&mut self) {
        let version = self.hart.memory.code_version();
        if version != self.code_version {
            self.flush(version);
            self.tier.renew(version);
        }
    }
}
