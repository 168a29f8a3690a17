//! The baseline compiler: single blocks, straight from their graphs to machine code.
//!
//! Slots stay in the hart, whose registers are true after each step; a step's values are in registers of the
//! host. Nothing is optimised, but what nobody sees is not computed (see [`unseen`]). Compiling an
//! instruction costs about as much as interpreting it a hundred times, a hundredth of what Cranelift
//! takes. So this is for blocks that are warm. They count how often they are entered, and say so when
//! they are hot.
//!
//! Code goes on to other code as regions do: by links, and by the table of blocks entered. Blocks are
//! compiled in *batches*, as code takes whole pages.
//!
//! An access that faults is skipped, like guarded ones of regions: the host goes on in the stub of
//! its step, which leaves the step to the interpreter.

mod assembler;
mod lower;
mod unseen;

pub use lower::UNNOTED;

use super::arena::Code;
use super::exceptions::{Raising, Site};
use super::frame::Link;
use super::lower::{Pinned, Target};
use super::region::{Entry, Straight};
use crate::domain::{Binary, Unary};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

/// A block to be compiled.
pub struct Request {
    /// Where it is entered.
    pub entry: Entry,
    /// What it does.
    pub run: Straight,
    /// After how many entries it is hot.
    pub patience: u32,
}

/// The code of blocks, and what it refers to by address.
pub struct Batch {
    code: Code,
    /// How many bytes it has.
    pub size: usize,
    /// How many instructions of the guest it is for.
    pub instructions: usize,
    /// Of each block, where its code starts in all of it, and what it counts.
    blocks: Vec<(Entry, usize)>,
    counts: Box<[Counts]>,
    /// Where each exit to a known address leads.
    pub links: Pinned<Link>,
    _constants: Constants,
}

/// What functions that code calls are told by address.
#[derive(Default)]
struct Constants {
    unary: Pinned<Unary>,
    binary: Pinned<Binary>,
    sites: Pinned<Site>,
    raising: Pinned<Raising>,
}

/// What the code of a block counts.
#[repr(C)]
pub struct Counts {
    /// How often it will be entered until it is hot.
    left: AtomicI32,
    /// How often its computed jump will be made until the next is to be noted.
    unnoted: AtomicI32,
    /// Other code to be run in its place once it is hot, or 0.
    better: AtomicUsize,
    /// What `left` was at first.
    patience: u32,
}

impl Counts {
    fn new(patience: u32) -> Counts {
        Counts {
            left: AtomicI32::new(i32::try_from(patience).unwrap_or(i32::MAX)),
            unnoted: AtomicI32::new(1),
            better: AtomicUsize::new(0),
            patience,
        }
    }

    /// About how often the block was entered.
    pub fn entered(&self) -> u32 {
        let left = self.left.load(Ordering::Relaxed);
        // Code goes on counting below zero.
        i64::from(self.patience).saturating_sub(i64::from(left)) as u32
    }

    /// The next so many entries need no look.
    pub fn wait(&self, entries: u32) {
        self.left.store(entries as i32, Ordering::Relaxed);
    }

    /// There is better code of the same entry.
    pub fn replace(&self, code: usize) {
        self.better.store(code, Ordering::Release);
        self.left.store(0, Ordering::Relaxed);
    }
}

impl Batch {
    /// Compiles blocks. None if there is no room for them.
    pub fn compile(requests: &[Request], target: &Target) -> Option<Batch> {
        let counts: Box<[Counts]> = requests
            .iter()
            .map(|request| Counts::new(request.patience))
            .collect();
        let lowered = lower::lower(requests, &counts, target);
        let code = Code::new(&lowered.bytes, &lowered.accesses)?;
        let entries = requests.iter().map(|request| request.entry);
        Some(Batch {
            code,
            size: lowered.bytes.len(),
            instructions: lowered.instructions,
            blocks: entries.zip(lowered.starts).collect(),
            counts,
            links: lowered.links,
            _constants: lowered.constants,
        })
    }

    /// How many bytes its pages have.
    pub fn room(&self) -> usize {
        self.code.room()
    }

    /// Where the blocks are entered.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.blocks.iter().map(|(entry, _)| *entry)
    }

    /// The code of one of the blocks, and what it counts.
    pub fn block(&self, number: usize) -> (usize, &Counts) {
        let (_, start) = self.blocks[number];
        (self.code.entry() + start, &self.counts[number])
    }
}
