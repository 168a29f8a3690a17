//! The interpreter: precise after every instruction, for every host.

use super::block::{Block, fetch};
use crate::graph::evaluate::{self, Observer};
use crate::guest::{Core, Guest, Isa, Statistics, record};
use crate::hart::{Clock, Hart};
use crate::memory::Memory;
use crate::registers::Slot;
use crate::run::{Leave, Run};
use crate::trap::{Stop, Trap};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Entries of the jump cache, a power of two.
const JUMP_CACHE: usize = 4096;

/// Runs one hart, block by block.
pub struct Interpreter<I: Isa> {
    guest: &'static I,
    hart: Hart,
    /// Every block decoded since the last flush, by address.
    blocks: HashMap<u64, Arc<Block<I>>>,
    /// The blocks entered last, by the low bits of their address.
    jump_cache: Box<[Option<Arc<Block<I>>>; JUMP_CACHE]>,
    /// The version of the code that the blocks were decoded from.
    code_version: u64,
    /// Blocks neither contain these addresses, but as their start, nor are they entered there
    /// without looking.
    breakpoints: Vec<u64>,
    stop: Arc<AtomicBool>,
    statistics: Statistics,
}

impl<I: Isa> Interpreter<I> {
    /// A hart on a memory, all its registers zero.
    pub fn new(guest: &'static I, memory: Arc<Memory>) -> Self {
        let code_version = memory.code_version();
        Interpreter {
            guest,
            hart: Hart::new(memory),
            blocks: HashMap::new(),
            jump_cache: Box::new([const { None }; JUMP_CACHE]),
            code_version,
            breakpoints: Vec::new(),
            stop: Arc::default(),
            statistics: Statistics::default(),
        }
    }

    fn slot_of(pc: u64) -> usize {
        (pc / I::ALIGNMENT) as usize % JUMP_CACHE
    }

    /// Puts the block at `pc` into its place in the jump cache.
    #[cold]
    #[inline(never)]
    fn find(&mut self, pc: u64) -> Result<(), Trap> {
        let block = match self.blocks.get(&pc) {
            Some(block) => block.clone(),
            None => {
                let block = Arc::new(Block::decode(&self.hart.memory, pc, &self.breakpoints)?);
                self.statistics.blocks_decoded += 1;
                self.statistics.instructions_decoded += block.entries.len() as u64;
                self.blocks.insert(pc, block.clone());
                block
            }
        };
        self.jump_cache[Self::slot_of(pc)] = Some(block);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn breaks(&self, pc: u64) -> bool {
        self.breakpoints.contains(&pc)
    }

    #[cold]
    fn flush(&mut self, version: u64) {
        self.code_version = version;
        self.blocks.clear();
        self.jump_cache.fill(None);
        self.statistics.flushes += 1;
    }
}

/// Runs the first `count` instructions of a block, at least one. Tells how many retired, and what
/// trapped.
#[inline(always)]
fn run_block<I: Isa>(hart: &Hart, block: &Block<I>, count: usize) -> (u64, Option<Trap>) {
    for (index, entry) in block.entries[..count].iter().enumerate() {
        let pc = block.start.wrapping_add(u64::from(entry.offset));
        match I::execute(Run { hart, pc }, &entry.instruction) {
            Ok(()) => {}
            Err(Leave::Jumped) => return (index as u64 + 1, None),
            Err(Leave::Trapped) => {
                hart.pc.set(pc);
                return (index as u64, Some(hart.trap.get()));
            }
        }
    }
    hart.pc.set(match block.entries.get(count) {
        None => block.end,
        Some(next) => block.start.wrapping_add(u64::from(next.offset)),
    });
    (count as u64, None)
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
        self.hart.pc.set(pc);
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

    fn set_breakpoints(&mut self, addresses: &[u64]) {
        self.breakpoints = addresses.to_vec();
        self.flush(self.code_version);
    }

    fn run(&mut self, budget: u64) -> Stop {
        let mut left = budget;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                self.stop.store(false, Ordering::Relaxed);
                return Stop::Requested;
            }
            let version = self.hart.memory.code_version();
            if version != self.code_version {
                self.flush(version);
            }
            let pc = self.hart.pc.get();
            if !self.breakpoints.is_empty() && self.breaks(pc) && left != budget {
                return Stop::Breakpoint;
            }
            let block = match &self.jump_cache[Self::slot_of(pc)] {
                Some(block) if block.start == pc => &**block,
                _ => match self.find(pc) {
                    Ok(()) => continue,
                    Err(trap) => return Stop::Trap(trap),
                },
            };
            let count = if block.entries.len() as u64 <= left {
                block.entries.len()
            } else if left > 0 {
                left as usize
            } else {
                return Stop::Budget;
            };
            let (retired, trap) = run_block(&self.hart, block, count);
            left -= retired;
            self.hart.retired.set(self.hart.retired.get() + retired);
            if let Some(trap) = trap {
                return Stop::Trap(trap);
            }
        }
    }

    fn observe(&mut self, observer: &mut dyn Observer) -> Result<(), Trap> {
        let pc = self.hart.pc.get();
        let instruction = fetch::<I>(&self.hart.memory, pc)?;
        let graph = record::<I>(&instruction, pc);
        evaluate::evaluate(&graph, &self.hart, observer)?;
        self.hart.retired.set(self.hart.retired.get() + 1);
        Ok(())
    }

    fn retired(&self) -> u64 {
        self.hart.retired.get()
    }
    fn statistics(&self) -> Statistics {
        Statistics {
            retired: self.hart.retired.get(),
            ..self.statistics
        }
    }
    fn stop_flag(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }
    fn fork(&self) -> Box<dyn Core> {
        let mut other = Self::new(self.guest, self.hart.memory.clone());
        other.hart = self.hart.clone();
        other.breakpoints = self.breakpoints.clone();
        other.hart.retired.set(0);
        Box::new(other)
    }
    fn instruction_length(&self) -> u64 {
        fetch::<I>(&self.hart.memory, self.hart.pc.get())
            .map_or(0, |instruction| u64::from(I::length(&instruction)))
    }
}
