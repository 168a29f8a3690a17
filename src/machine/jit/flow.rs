//! What registers need: which slots a region loads when it is entered, and which ones the state does
//! not have yet at each place where it must be true.
//!
//! The state is true at *checkpoints* and when the region is left. In between, compiled code keeps
//! slots in registers of the host. A slot is *dirty* where the state may be older than it.

use super::flags::Change;
use super::inside::Inside;
use super::lower::Target;
use super::region::{After, Region, Straight};
use super::step::{Step, constant};
use super::unread::{Unread, unread};
use super::widths;
use crate::domain::{Binary, Unary};
use crate::graph::{Graph, Node};
use crate::guest::Flow;
use crate::registers::{SLOTS, Slot};
use rustc_hash::{FxHashMap, FxHashSet};

/// A set of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots([u64; SLOTS / 64]);

impl Slots {
    pub fn contains(&self, slot: Slot) -> bool {
        self.0[usize::from(slot) / 64] >> (slot % 64) & 1 != 0
    }

    pub fn insert(&mut self, slot: Slot) {
        self.0[usize::from(slot) / 64] |= 1 << (slot % 64);
    }

    pub fn remove(&mut self, slot: Slot) {
        self.0[usize::from(slot) / 64] &= !(1 << (slot % 64));
    }

    pub fn extend(&mut self, other: &Slots) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
    }

    pub fn without(mut self, other: &Slots) -> Slots {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= !b);
        self
    }

    pub fn intersection(mut self, other: &Slots) -> Slots {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        self
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(|slots| slots.count_ones() as usize).sum()
    }

    pub fn iter(self) -> impl Iterator<Item = Slot> {
        (0..=Slot::MAX).filter(move |slot| self.contains(*slot))
    }
}

impl FromIterator<Slot> for Slots {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Slots {
        let mut all = Slots::default();
        slots.into_iter().for_each(|slot| all.insert(slot));
        all
    }
}

/// What is true at a point of a region, whichever way it was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The slots that may differ from the state's.
    pub dirty: Slots,
    /// Whether the next access to memory needs a checkpoint first: what ran since the last one
    /// cannot be run again.
    pub unrepeatable: bool,
    /// Whether something was loaded since the last checkpoint: a store may change that.
    loaded: bool,
}

impl Status {
    /// Where a region is entered, which is a checkpoint.
    pub const ENTRY: Status = Status {
        dirty: Slots([0; SLOTS / 64]),
        unrepeatable: false,
        loaded: false,
    };

    /// What an instruction needs first. `ahead` is the number of accesses from here to the next store of
    /// the run: so many would have to be guarded.
    pub fn begin(&mut self, graph: &Graph, ahead: usize) -> Before {
        if !self.unrepeatable || !graph.nodes.iter().any(accesses) {
            return Before::Nothing;
        }
        let saved = self.dirty.len() + 2;
        if ahead < saved && !graph.nodes.iter().any(is_atomic) {
            return Before::Guard;
        }
        *self = Status::ENTRY;
        Before::Checkpoint
    }

    /// What a node changes. `stack` is the slot of the stack pointer.
    ///
    /// A store repeats itself: it may run again if nothing was loaded before it. But meanwhile another
    /// hart may have stored there. It has no business on this one's stack, which therefore is where
    /// stores need no checkpoint among themselves: functions begin with many.
    pub fn step(&mut self, graph: &Graph, node: &Node, stack: Slot) {
        if let Some(slot) = written(node) {
            self.dirty.insert(slot);
        }
        self.loaded |= matches!(node, Node::Load(..));
        if stores(node) {
            self.unrepeatable |= self.loaded || !is_on_stack(graph, node, stack);
        }
    }

    fn merge(&mut self, other: &Status) -> bool {
        let before = *self;
        self.dirty.extend(&other.dirty);
        self.unrepeatable |= other.unrepeatable;
        self.loaded |= other.loaded;
        *self != before
    }
}

/// What makes an instruction's accesses safe to fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// What was there before: what ran since the last checkpoint can run again.
    Nothing,
    /// A checkpoint before it: then the state has every slot.
    Checkpoint,
    /// A look, after each access, whether it faulted: then this instruction is left to the interpreter.
    Guard,
}

/// For each run, by its start, what [`accesses_ahead`] tells of its steps.
pub type Ahead = FxHashMap<u64, Vec<usize>>;

/// For each step of a run, the number of accesses from there to the next store, that one included: what
/// a checkpoint spares. Outside of loops it is without bound: guards are more code, and pay where that
/// runs again and again.
fn accesses_ahead(block: &Straight, looping: &FxHashSet<u64>) -> Vec<usize> {
    let mut ahead = vec![usize::MAX; block.steps.len()];
    if !looping.contains(&block.start) {
        return ahead;
    }
    let mut count = 0;
    for (ahead, step) in ahead.iter_mut().zip(&block.steps).rev() {
        let nodes = &step.graph.nodes;
        if nodes.iter().any(stores) {
            count = 0;
        }
        count += nodes.iter().filter(|node| accesses(node)).count();
        *ahead = count;
    }
    ahead
}

fn is_atomic(node: &Node) -> bool {
    matches!(node, Node::Rmw(..) | Node::CompareExchange(..))
}

pub fn accesses(node: &Node) -> bool {
    matches!(node, Node::Load(..)) || stores(node)
}

/// Whether a node is a plain store at a fixed distance from the stack pointer.
fn is_on_stack(graph: &Graph, node: &Node, stack: Slot) -> bool {
    let is_stack_pointer =
        |id: u32| matches!(graph.nodes[id as usize], Node::Read(slot) if slot == stack);
    let Node::Store(_, address, _) = *node else {
        return false;
    };
    let sum = match graph.nodes[address as usize] {
        // The wrap of an address of 32 bits.
        Node::Unary(Unary::SignExtend(32) | Unary::ZeroExtend(32), sum) => sum,
        _ => address,
    };
    match graph.nodes[sum as usize] {
        Node::Binary(Binary::Add, base, offset) => {
            is_stack_pointer(base) && constant(&graph.nodes, offset).is_some()
        }
        _ => is_stack_pointer(sum),
    }
}

fn stores(node: &Node) -> bool {
    matches!(
        node,
        Node::Store(..) | Node::Rmw(..) | Node::CompareExchange(..) | Node::Ahead(..)
    )
}

/// Whether code may go on elsewhere there than behind it.
pub fn goes_elsewhere(node: &Node) -> bool {
    matches!(
        node,
        Node::Jump(_) | Node::Branch(..) | Node::When(_) | Node::End
    )
}

fn written(node: &Node) -> Option<Slot> {
    match *node {
        Node::Write(slot, _) => Some(slot),
        _ => None,
    }
}

/// What the instructions of a region do to the flags, by their addresses.
pub type Changes = FxHashMap<u64, Change>;

/// A way from one run of instructions to another: where they start.
pub type Edge = (u64, u64);

/// From where each run of a region is reached within its function: a call is a way to what comes after.
fn predecessors(region: &Region) -> FxHashMap<u64, Vec<u64>> {
    let mut from: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    for block in &region.blocks {
        match block.steps.last().map(|Step { graph, .. }| graph) {
            Some(call) if call.flow == Flow::Call => {
                from.entry(call.next_pc).or_default().push(block.start);
                continue;
            }
            Some(last) if last.flow == Flow::Return => continue,
            _ => {}
        }
        for target in region.successors(block) {
            from.entry(target).or_default().push(block.start);
        }
    }
    from
}

/// The runs that lead back to themselves, through calls and returns too.
fn looping(region: &Region) -> FxHashSet<u64> {
    let blocks = region.blocks.iter();
    let after: FxHashMap<u64, Vec<u64>> = blocks
        .map(|block| (block.start, region.successors(block).collect()))
        .collect();
    let leads_back = |start: &u64| {
        let mut seen = FxHashSet::default();
        let mut waiting = after[start].clone();
        while let Some(place) = waiting.pop() {
            if seen.insert(place) {
                waiting.extend(after.get(&place).into_iter().flatten());
            }
        }
        seen.contains(start)
    };
    after.keys().copied().filter(leads_back).collect()
}

/// The loops of a region: where each starts, and the runs in it, which lead back there.
pub fn loops(region: &Region) -> Vec<(u64, FxHashSet<u64>)> {
    let predecessors = predecessors(region);
    let mut loops = Vec::new();
    for block in &region.blocks {
        let head = block.start;
        let Some(from) = predecessors.get(&head) else {
            continue;
        };
        // What leads back to its head without passing it.
        let mut inside = FxHashSet::from_iter([head]);
        let mut waiting: Vec<u64> = from.iter().copied().filter(|last| *last >= head).collect();
        if waiting.is_empty() {
            continue;
        }
        while let Some(start) = waiting.pop() {
            if inside.insert(start) {
                waiting.extend(predecessors.get(&start).into_iter().flatten());
            }
        }
        loops.push((head, inside));
    }
    loops
}

/// The ways into the loops that store nothing, but need checkpoints or guards for what was stored before:
/// a checkpoint on each of these ways spares them. And those into loops of one run where something is
/// dirty that they do not change: what is saved before is not kept for the ways out of the loop.
fn ways_into_loops(
    region: &Region,
    known: &FxHashMap<u64, Status>,
    ahead: &Ahead,
    stack: Slot,
) -> FxHashSet<Edge> {
    let block_at = |start: &u64| region.blocks.iter().find(|block| block.start == *start);
    let needs_something = |start: &u64| {
        let (Some(block), Some(&start)) = (block_at(start), known.get(start)) else {
            return false;
        };
        let mut status = start;
        let ahead = &ahead[&block.start];
        block.steps.iter().zip(ahead).any(|(step, &ahead)| {
            let before = status.begin(&step.graph, ahead);
            let nodes = step.graph.nodes.iter();
            nodes.for_each(|node| status.step(&step.graph, node, stack));
            before != Before::Nothing
        })
    };
    let nodes_of = |start: &u64| {
        let steps = block_at(start).into_iter().flat_map(|block| &block.steps);
        steps.flat_map(|step| &step.graph.nodes)
    };
    let is_quiet = |start: &u64| !nodes_of(start).any(stores);
    let keeps_something = |start: &u64| {
        let Some(status) = known.get(start) else {
            return false;
        };
        let mut kept = status.dirty;
        nodes_of(start)
            .filter_map(written)
            .for_each(|slot| kept.remove(slot));
        kept.len() > 0
    };
    let predecessors = predecessors(region);
    let mut ways = FxHashSet::default();
    for (head, inside) in loops(region) {
        let from = &predecessors[&head];
        let is_spared = inside.iter().all(is_quiet) && inside.iter().any(needs_something);
        if is_spared || inside.len() == 1 && keeps_something(&head) {
            let outside = from.iter().filter(|from| !inside.contains(from));
            ways.extend(outside.map(|from| (*from, head)));
        }
    }
    ways
}

/// What is known of a region before it is compiled.
pub struct Analysis {
    /// The slots that it loads when it is entered.
    pub loaded: Slots,
    /// All slots that it touches.
    pub touched: Slots,
    /// Those that it writes.
    pub written: Slots,
    /// What is true where each run of instructions starts.
    pub status: FxHashMap<u64, Status>,
    /// The ways on which there is a checkpoint.
    pub prepared: FxHashSet<Edge>,
    /// See [`Ahead`].
    pub ahead: Ahead,
    pub changes: Changes,
    /// See [`Unread`].
    pub unread: Unread,
    /// Which accesses need no comparison with the wall.
    pub inside: Inside,
    /// The slots that hold sign-extended words of 32 bits.
    pub halves: Slots,
    /// The slots that are best kept as floats of 64 bits.
    pub doubles: Slots,
}

impl Analysis {
    /// Of a region of this guest's code.
    pub fn of(region: &Region, target: &Target) -> Analysis {
        let stack = target.stack;
        let looping = looping(region);
        let blocks = region.blocks.iter();
        let ahead: Ahead = blocks
            .map(|block| (block.start, accesses_ahead(block, &looping)))
            .collect();
        let status = forwards(region, &FxHashSet::default(), &ahead, stack);
        let prepared = ways_into_loops(region, &status, &ahead, stack);
        let status = forwards(region, &prepared, &ahead, stack);
        let steps = region.blocks.iter().flat_map(|block| &block.steps);
        let changes: Changes = steps
            .map(|step| (step.graph.pc, Change::of(&step.graph, &target.flags)))
            .collect();
        let needs = backwards(region, &status, &ahead, &changes, target);
        let (mut touched, mut changed) = (Slots::default(), Slots::default());
        for step in region.blocks.iter().flat_map(|block| &block.steps) {
            for node in &step.graph.nodes {
                if let Node::Read(slot) = *node {
                    touched.insert(slot);
                }
                if let Some(slot) = written(node) {
                    changed.insert(slot);
                }
            }
        }
        touched.extend(&changed);
        // All of them are made at once.
        if target.flags.iter().any(|flag| changed.contains(flag)) {
            touched.extend(&target.flags);
        }
        let loaded = needs.get(&region.entry.pc).copied().unwrap_or_default();
        // To look at what is loaded pays in a loop only.
        let unknown = match region.entry.halves && !looping.is_empty() {
            true => Slots::default(),
            false => loaded,
        };
        // Flags are compared as what they come of.
        let halves = widths::halves(region, &unknown, &target.zero).without(&target.flags);
        Analysis {
            loaded,
            touched,
            written: changed,
            status,
            prepared,
            ahead,
            unread: unread(region, &needs, &changes, &target.flags),
            changes,
            inside: Inside::of(region, target),
            halves,
            doubles: widths::doubles(region, &target.floats).without(&halves),
        }
    }
}

/// What is true where each run starts, with checkpoints on the ways `prepared`.
fn forwards(
    region: &Region,
    prepared: &FxHashSet<Edge>,
    ahead: &Ahead,
    stack: Slot,
) -> FxHashMap<u64, Status> {
    let mut known = FxHashMap::from_iter([(region.entry.pc, Status::ENTRY)]);
    let mut changed = true;
    while changed {
        changed = false;
        for block in &region.blocks {
            let Some(&start) = known.get(&block.start) else {
                continue;
            };
            let mut status = start;
            let mut reach = |target: u64, status: &Status| {
                let status = match prepared.contains(&(block.start, target)) {
                    true => &Status::ENTRY,
                    false => status,
                };
                match known.get_mut(&target) {
                    Some(other) => changed |= other.merge(status),
                    None => {
                        known.insert(target, *status);
                        changed = true;
                    }
                }
            };
            let ahead = &ahead[&block.start];
            for (Step { graph, .. }, &ahead) in block.steps.iter().zip(ahead) {
                status.begin(graph, ahead);
                for node in &graph.nodes {
                    status.step(graph, node, stack);
                    for target in region.targets(graph, node) {
                        reach(target, &status);
                    }
                }
            }
            if let After::Next(next) = block.after {
                reach(next, &status);
            }
        }
    }
    known
}

/// The slots whose value each run may ask for. What flags are made of is known without asking for these.
fn backwards(
    region: &Region,
    status: &FxHashMap<u64, Status>,
    ahead: &Ahead,
    changes: &Changes,
    target: &Target,
) -> FxHashMap<u64, Slots> {
    let (stack, flags) = (target.stack, &target.flags);
    let mut needs: FxHashMap<u64, Slots> = FxHashMap::default();
    let mut changed = true;
    while changed {
        changed = false;
        for block in region.blocks.iter().rev() {
            let Some(&start) = status.get(&block.start) else {
                continue;
            };
            let (mut used, mut defined) = (Slots::default(), Slots::default());
            let mut state = start;
            let ahead = &ahead[&block.start];
            for (Step { graph, .. }, &ahead) in block.steps.iter().zip(ahead) {
                let keeping = match &changes[&graph.pc] {
                    Change::Unless(keeping, ..) => Some(keeping),
                    _ => None,
                };
                let before = state.dirty;
                // Leaving in the middle, too, wants all that is dirty.
                let leaves = |node: &Node| matches!(node, Node::Trap(..) | Node::Branch(..));
                if state.begin(graph, ahead) != Before::Nothing || graph.nodes.iter().any(leaves) {
                    used.extend(&before.without(&defined).without(flags));
                }
                let mut conditions = 0;
                for (id, node) in (0..).zip(&graph.nodes) {
                    match *node {
                        Node::When(_) => conditions += 1,
                        Node::End => conditions -= 1,
                        // What is kept, if it is kept, is asked for where it is read.
                        Node::Read(_) if keeping.is_some_and(|it| it.reads.contains(&id)) => {}
                        Node::Read(slot) if !defined.contains(slot) => used.insert(slot),
                        Node::Write(slot, _)
                            if flags.contains(slot) && (conditions > 0 || keeping.is_some()) => {}
                        Node::Write(slot, _) if conditions == 0 => defined.insert(slot),
                        Node::Write(slot, _) if !defined.contains(slot) => used.insert(slot),
                        _ => {}
                    }
                    state.step(graph, node, stack);
                    for target in region.targets(graph, node) {
                        if let Some(later) = needs.get(&target) {
                            used.extend(&later.without(&defined));
                        }
                    }
                }
            }
            used.extend(&state.dirty.without(&defined).without(flags));
            if let After::Next(next) = block.after
                && let Some(later) = needs.get(&next)
            {
                used.extend(&later.without(&defined));
            }
            if needs.get(&block.start) != Some(&used) {
                needs.insert(block.start, used);
                changed = true;
            }
        }
    }
    needs
}
