//! Regions: what is compiled as one function. A region is entered at one address and follows jumps
//! and branches from there through code that has run, loops included: calls, too, where that is
//! likely to pay. A function is in it once, whoever calls it, and a recursion is a loop.

use super::calls;
use super::step::{Step, constant};
use crate::graph::{Graph, Node};
use crate::guest::Flow;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// The most steps of a region: bounds the time that compiling takes.
const MOST_STEPS: usize = 250;

/// The most steps of a function that is called within a region.
const LONG_FUNCTION: usize = 60;

/// The same of one of several that a computed call leads to, if it is not called often by itself.
const LONG_AMONG_OTHERS: usize = 15;

/// How often a loop of such a function goes round at most.
const LONG_LOOP: u64 = 8;

/// Where a region is entered, and in which mode of the hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The address.
    pub pc: u64,
    /// The mode: see [`Context`](crate::guest::Context). Nothing begins inside anything.
    pub mode: u8,
    /// Whether it is taken for granted that slots hold sign-extended words of 32 bits if the region
    /// writes nothing else to them, and pointers inside the wall where its loops begin. Its code looks,
    /// and goes on to that of an entry which takes nothing for granted if it is not so.
    pub halves: bool,
    /// Whether it is taken for granted that the floating-point unit is in its usual modes, in the same
    /// way. Otherwise floating-point operations are left to the interpreter.
    pub floats: bool,
}

/// Instructions to be compiled together.
#[derive(Debug)]
pub struct Region {
    /// Where it is entered.
    pub entry: Entry,
    /// Straight runs of instructions, in order of their addresses.
    pub blocks: Vec<Straight>,
    /// Where computed jumps may go on within the region, likely ones first: by the address of the step.
    computed: FxHashMap<u64, Vec<u64>>,
    /// How often each of them may [stray](super::strays) before somebody is told, if ever.
    pub patience: Option<u32>,
}

/// What is known of code from running it.
pub trait Profile {
    /// What is compiled at an address, if anything.
    fn step(&mut self, pc: u64) -> Option<Step>;
    /// Whether a jump from one address to another is worth following.
    fn follows(&self, from: u64, to: u64) -> bool;
    /// About how often a run of instructions was entered at an address.
    fn heat(&self, pc: u64) -> u64;
    /// Whether that is often, for a function or for the place after a call of one; or would be, so many times.
    fn is_likely(&self, pc: u64, times: u64) -> bool;
    /// Where the jump at an address was seen to go, most often first.
    fn went(&self, jump: u64) -> Vec<u64>;
    /// Whether this region should have a function, or the place that a computed jump leads to, as well as others do.
    /// If so, it counts as one that has it.
    fn claim(&mut self, place: u64) -> bool;
}

/// Instructions that follow each other, entered at the first only.
#[derive(Debug)]
pub struct Straight {
    /// The address of the first. There may be none: then the interpreter goes on here.
    pub start: u64,
    /// What they do. Branches out are anywhere, a jump is at the end only.
    pub steps: Vec<Step>,
    /// Where execution goes on after the last.
    pub after: After,
}

/// How a run of instructions ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The last instruction jumps.
    Jump,
    /// At this address.
    Next(u64),
    /// At this address, and in the interpreter: what is there cannot be compiled.
    Interpret(u64),
}

impl Region {
    /// The region of an entry.
    pub fn discover(entry: Entry, profile: &mut impl Profile) -> Region {
        let mut gathering = Gathering::default();
        gathering.follow(entry.pc, u64::MAX);
        while let Some((_, _, start)) = gathering.waiting.pop() {
            gathering.run(start, profile);
        }
        gathering.region(entry, profile)
    }

    /// Where a node of an instruction may go on within the region, if it goes elsewhere.
    pub fn targets(&self, graph: &Graph, node: &Node) -> impl Iterator<Item = u64> {
        let known = match *node {
            Node::Branch(_, target) => Some(target),
            Node::Jump(target) => constant(&graph.nodes, target),
            _ => None,
        };
        let computed = match *node {
            Node::Jump(_) if known.is_none() => self.candidates(graph.pc),
            _ => &[],
        };
        known.into_iter().chain(computed.iter().copied())
    }

    /// Where a run of the region goes on, inside and outside of it, as far as that is known.
    pub fn successors<'a>(&'a self, block: &'a Straight) -> impl Iterator<Item = u64> + 'a {
        let graphs = block.steps.iter().map(|step| &step.graph);
        let jumps = graphs.flat_map(|graph| {
            let nodes = graph.nodes.iter();
            nodes.flat_map(|node| self.targets(graph, node))
        });
        let next = match block.after {
            After::Next(next) => Some(next),
            After::Jump | After::Interpret(_) => None,
        };
        jumps.chain(next)
    }

    /// Whether it has floating-point operations.
    pub fn computes_with_floats(&self) -> bool {
        let steps = self.blocks.iter().flat_map(|block| &block.steps);
        let mut nodes = steps.flat_map(|step| &step.graph.nodes);
        nodes.any(|node| matches!(node, Node::Float(..)))
    }

    /// Where the computed jump of the step at an address may go on within the region.
    pub fn candidates(&self, pc: u64) -> &[u64] {
        self.computed.get(&pc).map_or(&[], |targets| targets)
    }

    /// The runs that the entry leads to.
    fn reached(&self) -> FxHashSet<u64> {
        let by_start: FxHashMap<u64, &Straight> = self
            .blocks
            .iter()
            .map(|block| (block.start, block))
            .collect();
        let mut reached = FxHashSet::default();
        let mut waiting = vec![self.entry.pc];
        while let Some(start) = waiting.pop() {
            let Some(block) = by_start.get(&start) else {
                continue;
            };
            if !reached.insert(start) {
                continue;
            }
            waiting.extend(self.successors(block));
        }
        reached
    }

    /// How many instructions it has.
    pub fn len(&self) -> usize {
        let steps = self.blocks.iter().flat_map(|block| &block.steps);
        steps.map(Step::len).sum()
    }
}

/// A region in the making.
#[derive(Default)]
struct Gathering {
    steps: BTreeMap<u64, Step>,
    /// What was looked at without being gathered yet.
    seen: FxHashMap<u64, Option<Step>>,
    interpreted: BTreeSet<u64>,
    leaders: BTreeSet<u64>,
    /// Where to go on, the hottest first: how hot, the how manyth to be found, and where.
    waiting: BinaryHeap<(u64, usize, u64)>,
    /// How many were found.
    found: usize,
    /// Where computed jumps went.
    computed: FxHashMap<u64, Vec<u64>>,
}

impl Gathering {
    /// A run of instructions that starts here is worth a look.
    fn follow(&mut self, start: u64, heat: u64) {
        self.leaders.insert(start);
        self.found += 1;
        self.waiting.push((heat, self.found, start));
    }

    /// Gathers the instructions from an address up to a jump.
    fn run(&mut self, start: u64, profile: &mut impl Profile) {
        let mut pc = start;
        while !self.steps.contains_key(&pc) && self.steps.len() < MOST_STEPS {
            let seen = self.seen.remove(&pc);
            let Some(step) = seen.unwrap_or_else(|| profile.step(pc)) else {
                self.interpreted.insert(pc);
                break;
            };
            self.follow_step(&step, profile);
            let (flow, next) = (step.graph.flow, step.graph.next_pc);
            self.steps.insert(pc, step);
            pc = next;
            if flow == Flow::Branch {
                self.leaders.insert(next);
            } else if flow != Flow::Next {
                break;
            }
        }
        self.leaders.insert(pc);
    }

    /// Sees where a step leads.
    fn follow_step(&mut self, step: &Step, profile: &mut impl Profile) {
        let graph = &step.graph;
        let mut places: Vec<u64> = known_targets(step).collect();
        if places.is_empty() && graph.flow == Flow::Return {
            // Where it leads is known when all calls are.
            return;
        }
        let is_computed = places.is_empty() && matches!(graph.flow, Flow::Jump | Flow::Call);
        if is_computed {
            places = profile.went(graph.pc);
            self.computed.insert(graph.pc, places.clone());
        }
        let is_call = graph.flow == Flow::Call;
        if is_call {
            if !profile.is_likely(graph.next_pc, 1) {
                return;
            }
            let all = places.len() as u64;
            places.retain(|callee| self.is_worth_calling(*callee, all, profile));
        }
        if is_call || is_computed {
            places.retain(|place| self.leaders.contains(place) || profile.claim(*place));
        }
        if is_call && !places.is_empty() {
            places.push(graph.next_pc);
        }
        for place in places {
            if profile.follows(graph.pc, place) {
                self.follow(place, profile.heat(place));
            }
        }
    }

    /// Whether a function should be in the region, one of `all` that a call leads to. A long one would cost
    /// others their registers; one that loops for long does not gain by it.
    fn is_worth_calling(&mut self, callee: u64, all: u64, profile: &mut impl Profile) -> bool {
        let long = match profile.is_likely(callee, 1) {
            true => LONG_FUNCTION,
            false if profile.is_likely(callee, all) => LONG_AMONG_OTHERS,
            false => return false,
        };
        let longest = profile.heat(callee).saturating_mul(LONG_LOOP);
        let mut body = FxHashSet::default();
        let mut waiting = vec![callee];
        while let Some(pc) = waiting.pop() {
            if self.steps.contains_key(&pc) || !body.insert(pc) {
                continue;
            }
            if body.len() > long || profile.heat(pc) > longest {
                return false;
            }
            let step = self.seen.entry(pc).or_insert_with(|| profile.step(pc));
            let Some(step) = step else {
                continue;
            };
            let (flow, next) = (step.graph.flow, step.graph.next_pc);
            if matches!(flow, Flow::Next | Flow::Branch | Flow::Call) {
                waiting.push(next);
            }
            if flow != Flow::Call {
                waiting.extend(known_targets(step).filter(|target| profile.follows(pc, *target)));
            }
        }
        true
    }

    /// What was gathered.
    fn region(mut self, entry: Entry, profile: &impl Profile) -> Region {
        for (jump, places) in calls::returns(&self.steps, &self.computed, |pc| profile.heat(pc)) {
            self.computed.insert(jump, places);
        }
        let steps = &self.steps;
        let inside = |target: &u64| steps.contains_key(target);
        self.computed
            .values_mut()
            .for_each(|places| places.retain(inside));
        calls::bound(&mut self.computed);
        // A branch into the middle of what is here anyway stays here.
        let known = steps.values().flat_map(known_targets).filter(inside);
        self.leaders.extend(known);
        self.leaders.extend(self.computed.values().flatten());
        let blocks = self.blocks(entry);
        let mut region = Region {
            entry,
            blocks,
            computed: self.computed,
            patience: None,
        };
        let reached = region.reached();
        region.blocks.retain(|block| reached.contains(&block.start));
        region
    }

    /// The straight runs between the leaders.
    fn blocks(&mut self, entry: Entry) -> Vec<Straight> {
        let mut blocks = Vec::new();
        for &start in &self.leaders {
            let mut run = Vec::new();
            let mut pc = start;
            while let Some(step) = self.steps.remove(&pc) {
                pc = step.graph.next_pc;
                run.push(step);
                if self.leaders.contains(&pc) {
                    break;
                }
            }
            let jumps = run
                .last()
                .is_some_and(|last| !matches!(last.graph.flow, Flow::Next | Flow::Branch));
            let after = match () {
                () if jumps => After::Jump,
                () if self.interpreted.contains(&pc) => After::Interpret(pc),
                () => After::Next(pc),
            };
            if !run.is_empty() || (start == entry.pc) {
                blocks.push(Straight {
                    start,
                    steps: run,
                    after,
                });
            }
        }
        blocks
    }
}

/// The addresses that a step is known to jump to.
pub fn known_targets(step: &Step) -> impl Iterator<Item = u64> {
    let nodes = &step.graph.nodes;
    nodes.iter().filter_map(|node| match *node {
        Node::Branch(_, target) => Some(target),
        Node::Jump(target) => constant(nodes, target),
        _ => None,
    })
}
