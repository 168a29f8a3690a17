//! Counting what runs, block by block.

use portolan_machine::engine::{BlockObserver, Decoded, DecodedInstruction, End, Ran};
use portolan_machine::hart::Hart;
use portolan_machine::memory::{Mapping, Memory};
use portolan_machine::stop::StopFlag;
use portolan_machine::trap::Trap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all harts of a process ran. Each hands in what it counted when its code changes or it ends.
#[derive(Default)]
pub struct Counts {
    blocks: HashMap<Key, BlockCount>,
    mappings: Vec<Mapping>,
}

/// What tells one block from another: code may change at an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    start: u64,
    inside: u8,
    mapping: Option<usize>,
    bytes: Box<[u8]>,
}

/// How often a block ran.
#[derive(Clone, Debug)]
pub struct BlockCount {
    /// The address of its first instruction.
    pub start: u64,
    /// The number of the mapping that it is in: see [`Counts::mappings`].
    pub mapping: Option<usize>,
    /// Its bytes.
    pub bytes: Box<[u8]>,
    /// How often it was entered.
    pub entered: u64,
    /// Its instructions.
    pub instructions: Vec<InstructionCount>,
}

/// How often an instruction of a block ran.
#[derive(Clone, Copy, Debug)]
pub struct InstructionCount {
    /// What it is.
    pub decoded: DecodedInstruction,
    /// How often it ran: it retired, or it was a system call.
    pub executed: u64,
    /// How often it jumped.
    pub jumped: u64,
    /// How often it was a system call.
    pub calls: u64,
}

impl Counts {
    /// The blocks, in no order.
    pub fn blocks(&self) -> impl Iterator<Item = &BlockCount> {
        self.blocks.values()
    }

    /// The mappings that code was in.
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// The number of the mapping that an address is in now.
    fn mapping(&mut self, address: u64, memory: &Memory) -> Option<usize> {
        let mappings = memory.mappings();
        let found = mappings
            .into_iter()
            .find(|it| (it.start..it.end).contains(&address))?;
        let same = |known: &Mapping| {
            (known.start, known.offset, &known.name) == (found.start, found.offset, &found.name)
        };
        Some(match self.mappings.iter().position(same) {
            Some(known) => known,
            None => {
                self.mappings.push(found);
                self.mappings.len() - 1
            }
        })
    }
}

/// How instructions left their blocks.
#[derive(Clone, Copy, Default)]
struct Ends {
    /// The block was left after it.
    through: u64,
    /// It jumped.
    jumped: u64,
    /// It was a system call.
    call: u64,
}

/// Counts what one hart runs.
pub struct Counter {
    counts: Arc<Mutex<Counts>>,
    /// By the number that the engine knows a block by.
    tallies: Vec<Tally>,
    /// Those of the instructions of all blocks.
    ends: Vec<Ends>,
    /// The mapping found last, and where it is.
    mapping: Option<(std::ops::Range<u64>, usize)>,
}

struct Tally {
    start: u64,
    mapping: Option<usize>,
    bytes: Box<[u8]>,
    instructions: Box<[DecodedInstruction]>,
    /// The index of the first instruction in [`Counter::ends`].
    first: usize,
}

impl Counter {
    /// One for the first hart of a process, and what it and the others will hand in.
    pub fn new() -> (Counter, Arc<Mutex<Counts>>) {
        let counts = Arc::<Mutex<Counts>>::default();
        (Counter::into(&counts), counts)
    }

    fn into(counts: &Arc<Mutex<Counts>>) -> Counter {
        Counter {
            counts: Arc::clone(counts),
            tallies: Vec::new(),
            ends: Vec::new(),
            mapping: None,
        }
    }

    /// One for another hart of the process.
    pub fn another(&self) -> Counter {
        Counter::into(&self.counts)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // A sum that is not complete is one that a panic has made worthless anyway.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_in(&mut self) {
        let tallies = std::mem::take(&mut self.tallies);
        let ends = std::mem::take(&mut self.ends);
        self.mapping = None;
        let mut counts = self.lock();
        for tally in tallies {
            let ends = &ends[tally.first..tally.first + tally.instructions.len()];
            tally.add_to(&mut counts.blocks, ends);
        }
    }
}

impl Tally {
    fn add_to(self, blocks: &mut HashMap<Key, BlockCount>, ends: &[Ends]) {
        // What left the block after an instruction ran all that are before it.
        let mut beyond = 0;
        let mut counted: Vec<InstructionCount> = Vec::with_capacity(ends.len());
        for (decoded, end) in self.instructions.iter().zip(ends).rev() {
            let executed = beyond + end.through + end.jumped + end.call;
            beyond = executed;
            counted.push(InstructionCount {
                decoded: *decoded,
                executed,
                jumped: end.jumped,
                calls: end.call,
            });
        }
        counted.reverse();
        let entered = beyond;
        if entered == 0 {
            return;
        }
        let key = Key {
            start: self.start,
            inside: self.instructions[0].inside,
            mapping: self.mapping,
            bytes: self.bytes.clone(),
        };
        let known = blocks.entry(key).or_insert_with(|| BlockCount {
            start: self.start,
            mapping: self.mapping,
            bytes: self.bytes,
            entered: 0,
            instructions: Vec::new(),
        });
        known.entered += entered;
        // A breakpoint may have made it shorter, but not with the same bytes.
        match known.instructions.is_empty() {
            true => known.instructions = counted,
            false => {
                for (sum, new) in known.instructions.iter_mut().zip(counted) {
                    sum.executed += new.executed;
                    sum.jumped += new.jumped;
                    sum.calls += new.calls;
                }
            }
        }
    }
}

impl BlockObserver for Counter {
    fn decoded(&mut self, block: &Decoded<'_>, memory: &Memory) -> u32 {
        let near = self
            .mapping
            .as_ref()
            .filter(|(range, _)| range.contains(&block.start));
        let mapping = match near {
            Some((_, number)) => Some(*number),
            None => {
                let mut counts = self.lock();
                let number = counts.mapping(block.start, memory);
                let range = number.map(|number| {
                    let mapping = &counts.mappings[number];
                    (mapping.start..mapping.end, number)
                });
                drop(counts);
                self.mapping = range;
                number
            }
        };
        let first = self.ends.len();
        self.ends
            .resize(first + block.instructions.len(), Ends::default());
        self.tallies.push(Tally {
            start: block.start,
            mapping,
            bytes: block.bytes.into(),
            instructions: block.instructions.into(),
            first,
        });
        self.tallies.len() as u32 - 1
    }

    fn forgotten(&mut self) {
        self.hand_in();
    }

    fn ran(&mut self, run: Ran, _: &Hart) {
        let Some(tally) = self.tallies.get(run.block as usize) else {
            return;
        };
        let after = tally.first + run.retired as usize;
        if run.retired > 0 {
            let last = &mut self.ends[after - 1];
            match run.end {
                End::Jumped => last.jumped += 1,
                End::Through => last.through += 1,
                // Counted by what comes after it.
                End::Trapped(Trap::Syscall) => {}
                End::Trapped(_) => last.through += 1,
            }
        }
        if run.end == End::Trapped(Trap::Syscall) {
            self.ends[after].call += 1;
        }
    }

    fn fork(&self, _: &Arc<StopFlag>) -> Box<dyn BlockObserver> {
        Box::new(self.another())
    }

    fn finish(&mut self) {
        self.hand_in();
    }
}
