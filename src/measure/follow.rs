//! Following the calls of a hart, block by block.

use super::stack::{Left, Stack};
use super::territory::{Spot, Territory};
use portolan_machine::engine::{Decoded, DecodedInstruction, End, Ran};
use portolan_machine::guest::Flow;
use portolan_machine::hart::Hart;
use portolan_machine::memory::Memory;
use portolan_machine::registers::Slot;
use portolan_machine::trap::Trap;
use std::collections::HashMap;

/// Follows the calls of one hart, block by block.
pub struct Follower {
    stack: Stack,
    stack_pointer: Slot,
    territory: Territory,
    blocks: Vec<Block>,
    instructions: Vec<DecodedInstruction>,
    spots: HashMap<u64, Spot>,
}

struct Block {
    start: u64,
    spot: Spot,
    /// The index of its first instruction.
    first: usize,
}

impl Follower {
    /// Of a hart that has this stack pointer.
    pub fn new(territory: &Territory, stack_pointer: Slot) -> Follower {
        Follower {
            stack: Stack::default(),
            stack_pointer,
            territory: territory.clone(),
            blocks: Vec::new(),
            instructions: Vec::new(),
            spots: HashMap::new(),
        }
    }

    /// For another hart.
    pub fn fork(&self) -> Follower {
        Follower::new(&self.territory, self.stack_pointer)
    }

    /// The functions that it met.
    pub fn territory(&self) -> &Territory {
        &self.territory
    }

    /// The stack.
    pub fn stack(&mut self) -> &mut Stack {
        &mut self.stack
    }

    /// See [`BlockObserver::decoded`].
    pub fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        self.blocks.push(Block {
            start: block.start,
            spot: self.territory.find(block.start, memory),
            first: self.instructions.len(),
        });
        self.instructions.extend(block.instructions);
        self.blocks.len() as u32 - 1
    }

    /// See [`BlockObserver::forgotten`].
    pub fn forgotten(&mut self) {
        self.blocks.clear();
        self.instructions.clear();
        self.spots.clear();
    }

    /// Where a block starts.
    pub fn start(&self, run: Ran) -> u64 {
        self.blocks
            .get(run.block as usize)
            .map_or(0, |block| block.start)
    }

    /// A block ran: whether the innermost function is another one now. Before [`Follower::leave`].
    pub fn enter(&mut self, run: Ran, hart: &Hart) -> bool {
        let Some(block) = self.blocks.get(run.block as usize) else {
            return false;
        };
        let stack_pointer = hart.registers.read(self.stack_pointer);
        self.stack.enter(block.start, block.spot, stack_pointer)
    }

    /// The block was left.
    pub fn leave(&mut self, run: Ran, hart: &Hart) {
        let Some(block) = self.blocks.get(run.block as usize) else {
            return;
        };
        let after = block.first + run.retired as usize;
        if run.end == End::Trapped(Trap::Syscall) {
            let length = self.instructions[after].length;
            return self.stack.called_kernel(hart.pc.get(), length);
        }
        let jump = match run.end {
            End::Jumped => self.jump(block, after - 1),
            _ => None,
        };
        let left = Left {
            jump,
            next: hart.pc.get(),
            stack_pointer: hart.registers.read(self.stack_pointer),
        };
        let (territory, spots) = (&self.territory, &mut self.spots);
        let spot = |address| {
            let unknown = || territory.find(address, &hart.memory);
            *spots.entry(address).or_insert_with(unknown)
        };
        self.stack.leave(left, spot);
    }

    /// How a block that ended with this instruction jumped, and the address after what did it: that may be the
    /// instruction before, if this is in its delay slot.
    fn jump(&self, block: &Block, last: usize) -> Option<(Flow, u64)> {
        let end = |index: usize| {
            let instruction = &self.instructions[index];
            block.start + u64::from(instruction.offset) + u64::from(instruction.length)
        };
        let own = self.instructions[last];
        match own.flow {
            Flow::Branch | Flow::Jump | Flow::Call | Flow::Return => Some((own.flow, end(last))),
            _ if own.inside != 0 && last > block.first => {
                Some((self.instructions[last - 1].flow, end(last)))
            }
            _ => None,
        }
    }
}
