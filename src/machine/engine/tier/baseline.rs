//! Blocks that are warm: the baseline compiler makes code of each by itself, some at a time.

use super::Tier;
use crate::engine::Compiling;
use crate::engine::block::{Block, Blocks, Entry as BlockEntry};
use crate::guest::{Flow, Isa, record_to_compile};
use crate::hart::Hart;
use crate::jit::{After, Counts, Entry, Request, Step, Straight, without_flags};
use std::time::Instant;

/// How many blocks are compiled together.
const BATCH: usize = 32;
/// What was entered so often waits for no others.
const BOILING: u32 = 4 * super::WARM;
/// How often the code of a hot block is entered between two looks whether there is better code.
const PATIENCE: u32 = 1000;

impl Tier {
    /// The block at the hart's pc is warm: has it compiled by itself, together with others.
    pub(super) fn warm_up<I: Isa>(
        &self,
        guest: &I,
        hart: &Hart,
        blocks: &mut Blocks<I>,
        version: u64,
        heat: u32,
    ) {
        let pc = hart.pc.get();
        let mut warm = self.warm.borrow_mut();
        if !warm.contains(&pc) {
            warm.push(pc);
        }
        let waits = self.compiling == Compiling::Auto && heat < BOILING && warm.len() < BATCH;
        if waits || self.makes_room(hart) {
            return;
        }
        let start = self.shares.as_ref().map(|_| Instant::now());
        let entry = |pc| Entry {
            pc,
            mode: hart.mode,
            halves: true,
            floats: true,
        };
        let mut requests = Vec::new();
        for pc in warm.drain(..) {
            let known = self
                .member
                .look_at_block(version, entry(pc), |code, _| code);
            if let Some(code) = known {
                blocks.set_code(pc, code);
                continue;
            }
            let run = blocks.find(pc, 0).map(|block| run_of(guest, blocks, block));
            match run {
                Some(run) if is_worth_it(&run) => requests.push(Request {
                    entry: entry(pc),
                    run,
                    patience: self.threshold_of_baseline().saturating_sub(heat),
                }),
                // No look before it is hot.
                _ => blocks.set_look(pc, self.threshold()),
            }
        }
        let compiled = self.member.compile_blocks(version, &requests);
        if compiled.is_empty() {
            for request in &requests {
                blocks.set_look(request.entry.pc, self.threshold());
            }
        }
        for (entry, code) in compiled {
            blocks.set_code(entry.pc, code);
        }
        if let (Some(start), Some(shares)) = (start, &self.shares) {
            let spent = shares.compiling.get() + start.elapsed();
            shares.compiling.set(spent);
        }
    }

    /// The code of the block at the hart's pc says that it is hot: puts its compiled region in its place,
    /// or has that compiled.
    #[cold]
    #[inline(never)]
    pub(super) fn hot<I: Isa>(&self, guest: &I, hart: &Hart, blocks: &mut Blocks<I>, version: u64) {
        let entry = Entry {
            pc: hart.pc.get(),
            mode: hart.mode,
            halves: true,
            floats: true,
        };
        let mut better = None;
        if self.threshold() != u32::MAX {
            self.ask(guest, hart, blocks, version, entry);
            better = self.member.find(version, entry);
        }
        let look = |code, counts: &Counts| match better {
            Some(better) => {
                counts.replace(better);
                better
            }
            None => {
                counts.wait(PATIENCE);
                code
            }
        };
        if let Some(code) = self.member.look_at_block(version, entry, look) {
            blocks.set_code(entry.pc, code);
        }
    }
}

/// The fewest steps that are compiled where the interpreter is to go on after them.
const FEWEST: usize = 4;

/// Whether so much of a block can be compiled that it pays.
fn is_worth_it(run: &Straight) -> bool {
    match run.after {
        After::Interpret(_) => run.steps.len() >= FEWEST,
        After::Jump | After::Next(_) => !run.steps.is_empty(),
    }
}

/// What a block does, as far as it is compiled: up to what looks at the flags of floating point, which the host's unit holds
/// while code runs.
fn run_of<I: Isa>(guest: &I, blocks: &Blocks<I>, block: Block) -> Straight {
    let graph_of = |entry: &BlockEntry<I>, pc| {
        let graph = record_to_compile::<I>(&entry.instruction, pc);
        match guest.float_unit() {
            Some(unit) => without_flags(graph, unit, true),
            None => Some(graph),
        }
    };
    let step_of = |first: &BlockEntry<I>, second: Option<&BlockEntry<I>>, pc| {
        let graph = graph_of(first, pc)?;
        match second {
            None => Step::single(graph),
            Some(second) => {
                let second = graph_of(second, graph.next_pc)?;
                Step::pair(&graph, &second, I::CARRIED)
            }
        }
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut pc = block.start;
    let mut entries = blocks.instructions(block, block.count).iter();
    while let Some(first) = entries.next() {
        let step = if I::leads_inside(&first.instruction) == 0 {
            step_of(first, None, pc)
        } else {
            let second = entries.next();
            let second = second.filter(|second| I::leads_inside(&second.instruction) == 0);
            second.and_then(|second| step_of(first, Some(second), pc))
        };
        let Some(step) = step else {
            return Straight {
                start: block.start,
                steps,
                after: After::Interpret(pc),
            };
        };
        pc = step.graph.next_pc;
        steps.push(step);
    }
    let flow = steps.last().map(|step| step.graph.flow);
    let after = match flow {
        Some(Flow::Next | Flow::Branch) => After::Next(pc),
        _ => After::Jump,
    };
    Straight {
        start: block.start,
        steps,
        after,
    }
}
