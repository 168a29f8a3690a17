//! What a process did, as views read it.

use super::{Atlas, Counts, Kind};
use crate::Process;
use portolan_machine::guest::{Disassembler, Flow, Guest, Style};
use std::collections::BTreeMap;

/// What a process ran.
pub struct Executed {
    /// Its instruction set.
    pub guest: &'static dyn Guest,
    /// The files that its code came from.
    pub atlas: Atlas,
    /// Every instruction that ran, by address.
    pub instructions: Vec<Instruction>,
    /// The blocks that it ran, by address: where they are, how often they were entered, and the instructions that
    /// ran in them.
    pub blocks: Vec<Block>,
    /// System calls made.
    pub calls: u64,
    /// Processes that it forked, of which nothing is here.
    pub forked: u64,
    /// What the engine counted by itself: instructions retired, and system calls.
    pub engine: (u64, u64),
}

/// A run of instructions that was entered at its first.
#[derive(Clone, Debug)]
pub struct Block {
    /// The address of the first.
    pub start: u64,
    /// Its bytes.
    pub bytes: u64,
    /// The number of its file.
    pub file: Option<usize>,
    /// How often it was entered.
    pub entered: u64,
    /// The instructions that ran in it, all together.
    pub executed: u64,
}

/// An instruction that ran.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its address.
    pub address: u64,
    /// The number of the file that it is in.
    pub file: Option<usize>,
    /// Its bytes.
    pub bytes: Box<[u8]>,
    /// What it is for.
    pub kind: Kind,
    /// What it is called in assembly.
    pub mnemonic: String,
    /// Whether it ran in the delay slot of the one before.
    pub is_in_slot: bool,
    /// Whether it has a delay slot.
    pub has_slot: bool,
    /// How often it ran.
    pub executed: u64,
    /// How often it jumped; if it has a delay slot, at the end of that.
    pub taken: u64,
}

/// Instructions at one address by one and another start of a block are the same one.
type Key = (u64, bool, Option<usize>, Box<[u8]>);

#[derive(Default)]
struct Sum {
    executed: u64,
    jumped: u64,
    has_slot: bool,
    is_branch: bool,
}

impl Executed {
    /// Of what the harts of a process have handed in.
    pub fn new(counts: &Counts, process: &Process) -> Executed {
        let guest = process.guest();
        let paths = &process.thread().process().paths;
        let totals = process.thread().totals();
        let atlas = Atlas::new(counts.mappings(), paths);
        let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
        let (mut blocks, mut calls) = (Vec::new(), 0);
        for block in counts.blocks() {
            let file = atlas.file_of(block.mapping);
            for counted in block.instructions.iter().filter(|it| it.executed > 0) {
                let decoded = counted.decoded;
                let first = usize::from(decoded.offset);
                let bytes = &block.bytes[first..first + usize::from(decoded.length)];
                let address = block.start + u64::from(decoded.offset);
                let key = (address, decoded.inside != 0, file, bytes.into());
                let sum = sums.entry(key).or_default();
                sum.executed += counted.executed;
                sum.jumped += counted.jumped;
                sum.has_slot = decoded.leads_inside != 0;
                sum.is_branch = decoded.flow == Flow::Branch;
                calls += counted.calls;
            }
            blocks.push(Block {
                start: block.start,
                bytes: block.bytes.len() as u64,
                file,
                entered: block.entered,
                executed: block.instructions.iter().map(|it| it.executed).sum(),
            });
        }
        blocks.sort_by_key(|block| (block.start, block.bytes));
        let mut reader = Reader::new(guest);
        let instructions = sums
            .iter()
            .map(|((address, is_in_slot, file, bytes), sum)| {
                let (kind, mnemonic) = reader.read(bytes, *address);
                let taken = match sum.has_slot {
                    false => sum.jumped,
                    true => {
                        let slot = address + bytes.len() as u64;
                        let after = (slot, true, None, Box::default())..;
                        let same = |key: &Key| key.0 == slot && key.1 && key.2 == *file;
                        let found = sums.range(after).take_while(|(key, _)| key.0 == slot);
                        found
                            .filter(|(key, _)| same(key))
                            .map(|(_, sum)| sum.jumped)
                            .sum()
                    }
                };
                Instruction {
                    address: *address,
                    file: *file,
                    bytes: bytes.clone(),
                    kind,
                    mnemonic,
                    is_in_slot: *is_in_slot,
                    has_slot: sum.has_slot,
                    executed: sum.executed,
                    taken: if sum.is_branch { taken } else { sum.executed },
                }
            })
            .collect();
        Executed {
            guest,
            atlas,
            instructions,
            blocks,
            calls,
            forked: process.thread().process().forked(),
            engine: (totals.engine.retired, totals.calls),
        }
    }

    /// All instructions that ran, system calls among them.
    pub fn total(&self) -> u64 {
        self.instructions.iter().map(|it| it.executed).sum()
    }

    /// How many instructions of each kind ran, in the order of [`Kind::ALL`].
    pub fn kinds(&self) -> Vec<(Kind, u64)> {
        let count = |kind| {
            let same = self.instructions.iter().filter(|it| it.kind == kind);
            same.map(|it| it.executed).sum()
        };
        Kind::ALL.iter().map(|&kind| (kind, count(kind))).collect()
    }

    /// The conditional branches that ran.
    pub fn branches(&self) -> impl Iterator<Item = &Instruction> {
        self.instructions
            .iter()
            .filter(|it| it.kind == Kind::Branch)
    }
}

/// Tells what instructions are.
pub struct Reader {
    guest: &'static dyn Guest,
    disassembler: Box<dyn Disassembler>,
}

impl Reader {
    /// Of an instruction set.
    pub fn new(guest: &'static dyn Guest) -> Reader {
        Reader {
            guest,
            disassembler: guest.disassembler(Style::default()),
        }
    }

    /// What an instruction is for, and what it is called.
    pub fn read(&mut self, bytes: &[u8], address: u64) -> (Kind, String) {
        let graph = self.guest.record(bytes, address);
        let kind = graph.map_or(Kind::Other, |graph| Kind::of(&graph, self.guest));
        (kind, self.disassembler.line(bytes, address).mnemonic)
    }
}
