//! Telling somebody of the blocks that a hart runs: a call for each block, not for each instruction, so that
//! counting them costs little more than interpreting them.

use crate::guest::Flow;
use crate::hart::Hart;
use crate::memory::Memory;
use crate::stop::StopFlag;
use crate::trap::Trap;
use std::sync::Arc;

/// Is told what a hart runs.
pub trait BlockObserver: Send {
    /// Whether it wants to be told of blocks, which are then interpreted. If not, only
    /// [`BlockObserver::interrupted`] is called, and code is compiled as ever.
    fn wants_blocks(&self) -> bool {
        true
    }

    /// A block was decoded. The result is the number by which [`BlockObserver::ran`] will speak of it.
    fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        let _ = (block, memory);
        0
    }

    /// The numbers given to blocks so far mean nothing any more: code has changed.
    fn forgotten(&mut self) {}

    /// A block ran, or the beginning of it. The hart's pc is where it goes on, if nobody moves it.
    fn ran(&mut self, run: Ran, hart: &Hart) {
        let _ = (run, hart);
    }

    /// The hart stops since somebody raised its flag; it is between two blocks.
    fn interrupted(&mut self, hart: &Hart) {
        let _ = hart;
    }

    /// One for another hart on the same memory, which will stop when this flag is raised.
    fn fork(&self, stop: &Arc<StopFlag>) -> Box<dyn BlockObserver>;

    /// The hart will not run any more: what was gathered is to be handed in.
    fn finish(&mut self) {}
}

/// A block as it was decoded.
#[derive(Clone, Copy, Debug)]
pub struct Decoded<'a> {
    /// The address of its first instruction.
    pub start: u64,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its instructions; at least one.
    pub instructions: &'a [DecodedInstruction],
}

/// One instruction of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodedInstruction {
    /// Its distance in bytes from the start of the block.
    pub offset: u16,
    /// Its length in bytes.
    pub length: u8,
    /// How it continues.
    pub flow: Flow,
    /// What it is inside of: see [`Context::inside`](crate::guest::Context::inside).
    pub inside: u8,
    /// What the instruction after it is inside of: its delay slot, if it has one.
    pub leads_inside: u8,
}

/// What ran of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The block's number.
    pub block: u32,
    /// How many of its instructions retired, from the first.
    pub retired: u32,
    /// Why no more did.
    pub end: End,
}

/// Why a block was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It goes on after the last instruction that retired.
    Through,
    /// The last one that retired jumped.
    Jumped,
    /// The instruction after those trapped.
    Trapped(Trap),
}

/// An observer, with the numbers that it gave to blocks.
pub(super) struct Observed {
    pub observer: Box<dyn BlockObserver>,
    pub wants_blocks: bool,
    /// By the index of a block's first instruction among all that are decoded.
    numbers: Vec<u32>,
}

impl Observed {
    pub fn new(observer: Box<dyn BlockObserver>) -> Observed {
        Observed {
            wants_blocks: observer.wants_blocks(),
            observer,
            numbers: Vec::new(),
        }
    }

    pub fn fork(&self, stop: &Arc<StopFlag>) -> Observed {
        Observed::new(self.observer.fork(stop))
    }

    pub fn forget(&mut self) {
        self.numbers.clear();
        self.observer.forgotten();
    }

    /// Tells of a block, whose first instruction has an index. What is there cannot have changed since it was
    /// decoded without the hart noticing before it runs.
    pub fn decoded(
        &mut self,
        first: usize,
        start: u64,
        instructions: &[DecodedInstruction],
        memory: &Memory,
    ) {
        if self.wants_blocks {
            self.numbers.resize(self.numbers.len().max(first + 1), 0);
            self.numbers[first] = self.number(start, instructions, memory);
        }
    }

    fn number(&mut self, start: u64, instructions: &[DecodedInstruction], memory: &Memory) -> u32 {
        let length = instructions.last().map_or(0, |last| {
            usize::from(last.offset) + usize::from(last.length)
        });
        let mut bytes = vec![0; length];
        let present = memory.fetch(start, &mut bytes).unwrap_or(0);
        // An instruction may go on in another page.
        if let Some(rest) = bytes.get_mut(present..).filter(|rest| !rest.is_empty()) {
            let _ = memory.fetch(start.wrapping_add(present as u64), rest);
        }
        let block = Decoded {
            start,
            bytes: &bytes,
            instructions,
        };
        self.observer.decoded(&block, memory)
    }

    #[inline]
    pub fn ran(&mut self, first: usize, retired: u64, end: End, hart: &Hart) {
        let run = Ran {
            block: self.numbers[first],
            retired: retired as u32,
            end,
        };
        self.observer.ran(run, hart);
    }

    /// Tells of an instruction that ran without being kept.
    pub fn ran_alone(
        &mut self,
        start: u64,
        instruction: DecodedInstruction,
        end: End,
        hart: &Hart,
    ) {
        if self.wants_blocks {
            let block = self.number(start, &[instruction], &hart.memory);
            let retired = u32::from(!matches!(end, End::Trapped(_)));
            self.observer.ran(
                Ran {
                    block,
                    retired,
                    end,
                },
                hart,
            );
        }
    }
}
