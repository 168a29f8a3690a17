//! The interpreter: precise after every instruction, for every host.

use super::block::{Block, Blocks, Entry, MOST_INSTRUCTIONS, fetch};
use super::meter::Meter;
use super::observed::{self, BlockObserver, DecodedInstruction, Observed};
use super::tier::Tier;
use super::watched::{Recorded, Watchpoint};
use super::{Compiling, Quiesced};
use crate::domain::Domain;
use crate::graph::Graph;
use crate::graph::evaluate::Observer;
use crate::guest::{Core, Guest, Isa, Statistics};
use crate::hart::{Clock, Hart, Random};
use crate::memory::Memory;
use crate::registers::Slot;
use crate::run::{Leave, Run};
use crate::stop::StopFlag;
use crate::trap::{Stop, Trap};
use std::sync::Arc;

/// Runs one hart, block by block.
pub struct Interpreter<I: Isa> {
    pub(super) guest: &'static I,
    pub(super) hart: Hart,
    blocks: Blocks<I>,
    /// The version of the code that the blocks were decoded from, and that was recorded.
    pub(super) code_version: u64,
    /// Blocks contain these addresses as their start only, and are not remembered as entered there.
    pub(super) breakpoints: Vec<u64>,
    pub(super) watchpoints: Vec<Watchpoint>,
    /// What runs while there are watchpoints.
    pub(super) recorded: Recorded,
    pub(super) stop: Arc<StopFlag>,
    statistics: Statistics,
    pub(super) tier: Tier,
    /// Who is told of blocks.
    observed: Option<Observed>,
}

impl<I: Isa> Interpreter<I> {
    /// A hart on a memory, all its registers zero.
    pub fn new(guest: &'static I, memory: Arc<Memory>) -> Self {
        let stop = Arc::default();
        let tier = Tier::new(guest, &memory, &stop);
        Self::with(guest, memory, stop, tier)
    }

    fn with(guest: &'static I, memory: Arc<Memory>, stop: Arc<StopFlag>, tier: Tier) -> Self {
        let code_version = memory.code_version();
        Interpreter {
            guest,
            hart: Hart {
                mode: guest.mode(),
                ..Hart::new(memory)
            },
            blocks: Blocks::new(),
            code_version,
            breakpoints: Vec::new(),
            watchpoints: Vec::new(),
            recorded: Recorded::new(),
            stop,
            statistics: Statistics::default(),
            tier,
            observed: None,
        }
    }

    /// The block at `pc`, decoded if need be.
    #[cold]
    #[inline(never)]
    fn enter(&mut self, pc: u64) -> Result<Block, Trap> {
        let context = self.hart.context();
        let block = match self.blocks.find(pc, context.inside) {
            Some(block) => {
                self.statistics.blocks_found += 1;
                block
            }
            None => {
                if self.blocks.is_full() {
                    self.flush(self.code_version);
                }
                let memory = &self.hart.memory;
                let stops = &self.breakpoints;
                let block = self.blocks.decode(self.guest, memory, pc, context, stops)?;
                self.statistics.blocks_decoded += 1;
                self.statistics.instructions_decoded += u64::from(block.count);
                self.tell_of(block, context.inside);
                block
            }
        };
        if context.inside == 0 && !self.breakpoints.contains(&pc) {
            self.blocks.enter(block);
        }
        Ok(block)
    }

    /// Whether an observer is told of blocks.
    fn tells_blocks(&self) -> bool {
        self.observed.as_ref().is_some_and(|it| it.wants_blocks)
    }

    /// Tells the observer, if there is one, of a block whose first instruction is inside something.
    fn tell_of(&mut self, block: Block, mut inside: u8) {
        let Some(observed) = &mut self.observed else {
            return;
        };
        let entries = self.blocks.instructions(block, block.count);
        let describe = |entry: &Entry<I>| {
            let described = described::<I>(&entry.instruction, entry.offset, inside);
            inside = described.leads_inside;
            described
        };
        let instructions: Vec<DecodedInstruction> = entries.iter().map(describe).collect();
        observed.decoded(block.index(), block.start, &instructions, &self.hart.memory);
    }

    #[cold]
    #[inline(never)]
    pub(super) fn flush(&mut self, version: u64) {
        self.code_version = version;
        self.blocks.flush();
        if let Some(observed) = &mut self.observed {
            observed.forget();
        }
        self.recorded.clear();
        self.statistics.flushes += 1;
    }

    /// The block at the hart's pc, which was entered from the end of `previous`, may be hot.
    #[cold]
    #[inline(never)]
    fn heat(&mut self, version: u64, previous: Option<u64>) {
        self.tier
            .heat(self.guest, &self.hart, &mut self.blocks, version, previous);
    }

    /// Keeps what blocks keep, after an instruction was evaluated that leads inside something.
    pub(super) fn after_evaluation(
        hart: &Hart,
        result: &Result<bool, Trap>,
        graph: &Graph,
        leads: u8,
    ) {
        let completed = *result == Ok(true);
        if I::INSIDE {
            let went_on = completed && hart.pc.get() == graph.next_pc;
            hart.inside.set(if went_on { leads } else { 0 });
        }
        let retired = hart.retired.get() + u64::from(completed);
        hart.retired.set(retired);
    }

    /// Runs the instruction at the pc, which stores to code, and one inside it: decoded by themselves,
    /// without marking what they are decoded from.
    #[cold]
    #[inline(never)]
    fn store_to_code(&mut self) -> Option<Trap> {
        let hart = &self.hart;
        loop {
            let pc = hart.pc.get();
            let instruction = match fetch(self.guest, &hart.memory, pc, hart.context()) {
                Ok(instruction) => instruction,
                Err(trap) => return Some(trap),
            };
            let cpu = Run { hart, offset: &0 };
            let described = described::<I>(&instruction, 0, hart.inside.get());
            hart.inside.set(0);
            let mut end = observed::End::Through;
            match I::execute(cpu, &instruction) {
                Ok(()) => {
                    let length = u64::from(I::length(&instruction));
                    hart.pc.set(pc.wrapping_add(length));
                    hart.inside.set(I::leads_inside(&instruction));
                }
                Err(Leave::Jumped) => end = observed::End::Jumped,
                Err(leave) => {
                    let before = u64::from(I::restarts_before(&instruction));
                    hart.pc.set(pc.wrapping_sub(before));
                    match leave {
                        // Another hart has just decoded it.
                        Leave::Stale => continue,
                        _ => return Some(hart.trap.get()),
                    }
                }
            }
            hart.retired.set(hart.retired.get() + 1);
            if let Some(observed) = &mut self.observed {
                observed.ran_alone(pc, described, end, hart);
            }
            if hart.inside.get() == 0 {
                return None;
            }
        }
    }

    /// Runs blocks; with `COMPILED`, compiled regions in their place where there are.
    fn run_tiers<const COMPILED: bool>(&mut self, budget: u64) -> Stop {
        let start = self.hart.retired.get();
        let end = start.saturating_add(budget);
        let mut interpret = 0;
        let tells_blocks = self.tells_blocks();
        // Breakpoints and observers want to see each turn.
        let ahead_until = match self.breakpoints.is_empty() && !tells_blocks {
            true => end.saturating_sub(MOST_INSTRUCTIONS as u64),
            false => 0,
        };
        self.hart.ahead_until.set(ahead_until);
        // The block interpreted just now, if it ran to its end.
        let mut previous = None;
        let mut at_hand = 0;
        let stop = loop {
            if self.stop.is_raised() && self.stop.take() {
                break Stop::Requested;
            }
            let version = self.hart.memory.code_version();
            if version != self.code_version {
                self.flush(version);
                self.tier.renew(version);
            }
            let pc = self.hart.pc.get();
            let retired = self.hart.retired.get();
            // Blocks that begin inside something are few, and not among the entered ones.
            let begins_inside = I::INSIDE && self.hart.inside.get() != 0;
            let block = match self.blocks.entered(pc) {
                Some(entered) if !begins_inside => {
                    at_hand += 1;
                    if COMPILED {
                        let code = entered.code;
                        if code != 0 && interpret == 0 {
                            interpret = self.tier.run(
                                self.guest,
                                &self.hart,
                                &mut self.blocks,
                                version,
                                code,
                            );
                            previous = None;
                            continue;
                        }
                        interpret = interpret.saturating_sub(1);
                        entered.heat += 1;
                        let block = entered.block;
                        if entered.heat >= entered.look {
                            self.heat(version, previous);
                        }
                        block
                    } else {
                        entered.block
                    }
                }
                _ if retired != start && self.breakpoints.contains(&pc) => {
                    break Stop::Breakpoint;
                }
                _ => match self.enter(pc) {
                    Ok(block) => {
                        if COMPILED && interpret == 0 && !begins_inside {
                            if self.tier.is_eager() {
                                self.heat(version, previous);
                            }
                            if self.blocks.entered(pc).is_some_and(|block| block.code != 0) {
                                continue;
                            }
                        }
                        interpret = interpret.saturating_sub(1);
                        block
                    }
                    Err(trap) => break Stop::Trap(trap),
                },
            };
            let left = end - retired;
            let count = if u64::from(block.count) <= left {
                block.count
            } else if left > 0 {
                left as u32
            } else {
                break Stop::Budget;
            };
            if begins_inside {
                self.hart.inside.set(0);
            }
            let entries = self.blocks.instructions(block, count);
            let (done, end) = run_block(&self.hart, entries);
            // What was made ahead is counted already.
            self.hart.retired.set(self.hart.retired.get() + done);
            if !COMPILED
                && tells_blocks
                && let Some(observed) = &mut self.observed
            {
                let end = match end {
                    End::Left(jumped) if jumped => observed::End::Jumped,
                    End::Trapped => observed::End::Trapped(self.hart.trap.get()),
                    _ => observed::End::Through,
                };
                observed.ran(block.index(), done, end, &self.hart);
            }
            if COMPILED {
                previous = (done == u64::from(block.count)).then_some(pc);
            }
            let trap = match end {
                End::Left(_) => None,
                End::Trapped => Some(self.hart.trap.get()),
                End::Stale => {
                    self.hart.ahead_until.set(0);
                    let trap = self.store_to_code();
                    self.hart.ahead_until.set(ahead_until);
                    trap
                }
            };
            if let Some(trap) = trap {
                self.tier.trapped();
                break Stop::Trap(trap);
            }
        };
        self.statistics.blocks_at_hand += at_hand;
        self.hart.ahead_until.set(0);
        stop
    }
}

/// How the run of a block ended.
enum End {
    /// The hart's pc is where it goes on; whether the last instruction jumped there.
    Left(bool),
    /// By the trap that the hart holds.
    Trapped,
    /// See [`Leave::Stale`].
    Stale,
}

/// Runs the instructions of a block, or the first few of them: at least one, of which the first is
/// at the hart's pc. Tells how many retired.
#[inline(always)]
fn run_block<I: Isa>(hart: &Hart, entries: &[Entry<I>]) -> (u64, End) {
    // Not counted while they run: what is left tells.
    let mut rest = entries.iter();
    while let Some(entry) = rest.next() {
        let cpu = Run {
            hart,
            offset: &entry.offset,
        };
        match I::execute(cpu, &entry.instruction) {
            Ok(()) => {}
            Err(Leave::Jumped) => {
                return ((entries.len() - rest.len()) as u64, End::Left(true));
            }
            Err(leave) => {
                let before = u64::from(I::restarts_before(&entry.instruction));
                hart.pc.set(cpu.pc().wrapping_sub(before));
                let retired = entries.len() - rest.len() - 1;
                let end = match leave {
                    Leave::Stale => End::Stale,
                    _ => End::Trapped,
                };
                return (retired as u64, end);
            }
        }
    }
    if let Some(last) = entries.last() {
        let end = u64::from(last.offset) + u64::from(I::length(&last.instruction));
        hart.pc.set(hart.pc.get().wrapping_add(end));
        if I::INSIDE {
            hart.inside.set(I::leads_inside(&last.instruction));
        }
    }
    (entries.len() as u64, End::Left(false))
}

/// What an observer is told of an instruction.
fn described<I: Isa>(instruction: &I::Instruction, offset: u16, inside: u8) -> DecodedInstruction {
    DecodedInstruction {
        offset,
        length: I::length(instruction),
        flow: I::flow(instruction),
        inside,
        leads_inside: I::leads_inside(instruction),
    }
}

impl<I: Isa> Core for Interpreter<I> {
    fn guest(&self) -> &'static dyn Guest {
        self.guest
    }
    fn memory(&self) -> &Arc<Memory> {
        &self.hart.memory
    }
    fn pc(&self) -> u64 {
        self.hart.pc.get()
    }
    fn set_pc(&mut self, pc: u64) {
        if I::INSIDE && pc != self.hart.pc.get() {
            self.hart.inside.set(0);
        }
        self.hart.pc.set(pc);
    }
    fn inside(&self) -> u8 {
        self.hart.inside.get()
    }
    fn set_inside(&mut self, inside: u8) {
        self.hart.inside.set(inside);
    }
    fn mode(&self) -> u8 {
        self.hart.mode
    }
    fn set_mode(&mut self, mode: u8) {
        self.hart.mode = mode;
        self.flush(self.code_version);
    }
    fn register(&self, slot: Slot) -> u64 {
        self.hart.registers.read(slot)
    }
    fn set_register(&mut self, slot: Slot, value: u64) {
        self.hart.registers.write(slot, value);
    }
    fn set_clock(&mut self, clock: Clock) {
        self.hart.clock = Some(clock);
    }
    fn set_random(&mut self, random: Random) {
        self.hart.random = Some(random);
    }

    fn set_compiling(&mut self, compiling: Compiling) {
        self.tier.set_compiling(compiling);
    }

    fn set_code_room(&mut self, bytes: usize) {
        self.tier.set_code_room(bytes);
    }

    fn measure(&mut self) {
        self.tier.measure();
        self.statistics.measured.get_or_insert_default();
    }

    fn set_breakpoints(&mut self, addresses: &[u64]) {
        self.breakpoints = addresses.to_vec();
        self.flush(self.code_version);
    }

    fn set_watchpoints(&mut self, watchpoints: &[Watchpoint]) {
        self.watchpoints = watchpoints.to_vec();
        if watchpoints.is_empty() {
            self.recorded = Recorded::new();
        }
    }

    fn set_observer(&mut self, observer: Option<Box<dyn BlockObserver>>) {
        // Blocks that are decoded already were told to nobody.
        if self.observed.is_some() || observer.is_some() {
            self.observed = observer.map(Observed::new);
            self.flush(self.code_version);
        }
    }

    fn finish_observation(&mut self) {
        if let Some(mut observed) = self.observed.take() {
            observed.observer.finish();
        }
    }

    fn run(&mut self, budget: u64) -> Stop {
        let meter = self.tier.shares().map(|_| Meter::start());
        self.tier.begin(&self.hart, &self.blocks, self.code_version);
        // Compiled code stops neither at an instruction nor after a number of them.
        let unlimited = budget == u64::MAX && self.breakpoints.is_empty();
        let tells_blocks = self.tells_blocks();
        let stop = if !self.watchpoints.is_empty() {
            self.run_watched(budget)
        } else if self.tier.is_on() && unlimited && !tells_blocks {
            self.run_tiers::<true>(budget)
        } else {
            self.run_tiers::<false>(budget)
        };
        self.tier.end();
        if let (Some(meter), Some(shares)) = (meter, self.tier.shares()) {
            let measured = self.statistics.measured.get_or_insert_default();
            meter.stop(shares, measured);
        }
        if let (Stop::Requested, Some(observed)) = (stop, &mut self.observed) {
            observed.observer.interrupted(&self.hart);
        }
        stop
    }

    fn observe(&mut self, observer: &mut dyn Observer) -> Result<(), Trap> {
        self.run_one_observed(observer)
    }

    fn retired(&self) -> u64 {
        self.hart.retired.get()
    }
    fn statistics(&self) -> Statistics {
        Statistics {
            retired: self.hart.retired.get(),
            compiled: self.tier.totals(),
            ..self.statistics
        }
    }
    fn stop_flag(&self) -> Arc<StopFlag> {
        self.stop.clone()
    }
    fn fork(&self) -> Box<dyn Core> {
        let stop = Arc::default();
        let tier = self.tier.fork(&stop);
        let observed = self.observed.as_ref().map(|observed| observed.fork(&stop));
        let mut other = Self::with(self.guest, self.hart.memory.clone(), stop, tier);
        other.observed = observed;
        other.hart = self.hart.clone();
        other.breakpoints = self.breakpoints.clone();
        other.watchpoints = self.watchpoints.clone();
        other.hart.retired.set(0);
        Box::new(other)
    }
    fn quiesce(&self) -> Quiesced<'_> {
        Quiesced {
            _hooks: None,
            _compiler: Some(self.tier.quiesce()),
        }
    }
    fn instruction_length(&self) -> u64 {
        fetch(
            self.guest,
            &self.hart.memory,
            self.hart.pc.get(),
            self.hart.context(),
        )
        .map_or(0, |instruction| u64::from(I::length(&instruction)))
    }
}
