//! Which accesses are inside the wall around guest memory whatever the program does, so that no address
//! has to be compared.
//!
//! Around guest memory are guard zones, where nothing is ever mapped. A value is *near* if it is inside
//! the wall or at most so far outside of it: an access there is inside, or faults. And where an access
//! did not fault, its address was inside: a pointer that goes through an array stays near from one turn
//! to the next.
//!
//! What a loop needs to be near is compared on the ways into it. If it is not, the program goes on in
//! the code of a region that takes nothing for granted.

use super::flow::{Edge, Slots, loops};
use super::lower::Target;
use super::region::{After, Region, Straight};
use super::step::constant;
use crate::domain::{Binary, Unary};
use crate::graph::{Graph, Id, Node};
use crate::memory::Access;
use crate::registers::{SLOTS, Slot};
use rustc_hash::{FxHashMap, FxHashSet};

/// Accesses that start so far from an address inside the wall, in bytes, are not compared: less than the
/// guard zones.
pub const REACH: u64 = 1 << 20;

/// The most bytes of an access.
const WIDEST: u64 = 16;

/// What is known of a region's accesses.
#[derive(Default)]
pub struct Inside {
    /// Those that need no comparison: the address of the step, and the number of the node.
    unchecked: FxHashSet<(u64, Id)>,
    /// The slots that are compared on ways within the region.
    ways: FxHashMap<Edge, Slots>,
    /// Those that are compared where it is entered.
    pub entry: Slots,
}

impl Inside {
    /// Of a region of this guest's code.
    pub fn of(region: &Region, target: &Target) -> Inside {
        let assumed = match region.entry.halves {
            true => into_loops(region),
            false => FxHashSet::default(),
        };
        let used = used(region);
        let known = forwards(region, target, &assumed, &used);
        let mut inside = Inside::default();
        let mut demanded: FxHashMap<u64, Slots> = FxHashMap::default();
        let mut ways = Vec::new();
        for block in &region.blocks {
            let Some(facts) = known.get(&block.start) else {
                continue;
            };
            let owed = demanded.entry(block.start).or_default();
            let mut walk = Walk::new(facts, target, &used);
            walk.block(region, block, |event, walk| match event {
                Event::Near(pc, id, owes) => {
                    inside.unchecked.insert((pc, id));
                    owed.extend(&owes);
                }
                Event::Way(to) => ways.push(Way::new((block.start, to), walk)),
            });
        }
        spread(&mut demanded, &ways);
        let demanded = |start| demanded.get(&start).copied().unwrap_or_default();
        for way in ways.iter().filter(|way| assumed.contains(&way.edge)) {
            let compared = demanded(way.edge.1).intersection(&way.unknown);
            if compared.len() > 0 {
                inside.ways.entry(way.edge).or_default().extend(&compared);
            }
        }
        if assumed.contains(&entry_of(region)) {
            inside.entry = demanded(region.entry.pc);
        }
        inside
    }

    /// Whether an access of the step at an address needs no comparison.
    pub fn is_unchecked(&self, pc: u64, access: Id) -> bool {
        self.unchecked.contains(&(pc, access))
    }

    /// The slots that are to be compared with the wall on a way.
    pub fn compared(&self, way: &Edge) -> Slots {
        self.ways.get(way).copied().unwrap_or_default()
    }
}

/// The way into a region.
fn entry_of(region: &Region) -> Edge {
    (u64::MAX, region.entry.pc)
}

/// The ways into loops, the way into the region among them if it begins with one.
fn into_loops(region: &Region) -> FxHashSet<Edge> {
    let mut ways = FxHashSet::default();
    for (head, inside) in loops(region) {
        for block in &region.blocks {
            if !inside.contains(&block.start) && region.successors(block).any(|to| to == head) {
                ways.insert((block.start, head));
            }
        }
    }
    let mut blocks = region.blocks.iter();
    if blocks.any(|block| region.successors(block).any(|to| to == region.entry.pc)) {
        ways.insert(entry_of(region));
    }
    ways
}

/// The slots that something is made of in a region: of the others nobody asks.
fn used(region: &Region) -> Vec<Slot> {
    let mut used = Slots::default();
    for step in region.blocks.iter().flat_map(|block| &block.steps) {
        for node in &step.graph.nodes {
            if let Node::Read(slot) | Node::Write(slot, _) = *node {
                used.insert(slot);
            }
        }
    }
    used.iter().collect()
}

/// How far each slot is from the wall at most where a run starts: an index of [`DISTANCES`], or [`UNKNOWN`].
type Facts = [u8; SLOTS];

/// In bytes. Few, so that what grows in a loop ends soon.
const DISTANCES: [u64; 4] = [1 << 6, 1 << 10, 1 << 14, 1 << 18];
const UNKNOWN: u8 = DISTANCES.len() as u8;

/// What is known where each run starts, if what is unknown on the ways `assumed` is compared there.
fn forwards(
    region: &Region,
    target: &Target,
    assumed: &FxHashSet<Edge>,
    used: &[Slot],
) -> FxHashMap<u64, Facts> {
    let at_entry = match assumed.contains(&entry_of(region)) {
        true => 0,
        false => UNKNOWN,
    };
    let mut known = FxHashMap::from_iter([(region.entry.pc, [at_entry; SLOTS])]);
    let mut changed = FxHashSet::from_iter([region.entry.pc]);
    let mut goes_on = true;
    while goes_on {
        goes_on = false;
        for block in &region.blocks {
            if !changed.remove(&block.start) {
                continue;
            }
            goes_on = true;
            let facts = known[&block.start];
            let mut walk = Walk::new(&facts, target, used);
            walk.block(region, block, |event, walk| {
                let Event::Way(to) = event else { return };
                let mut is_new = !known.contains_key(&to);
                let there = known.entry(to).or_insert([0; SLOTS]);
                let is_assumed = assumed.contains(&(block.start, to));
                for (slot, fact) in walk.facts() {
                    let fact = if is_assumed && fact == UNKNOWN {
                        0
                    } else {
                        fact
                    };
                    let before = &mut there[usize::from(slot)];
                    is_new |= fact > *before;
                    *before = fact.max(*before);
                }
                if is_new {
                    changed.insert(to);
                }
            });
        }
    }
    known
}

/// A way from one run to another.
struct Way {
    edge: Edge,
    /// The slots that may be far from the wall here.
    unknown: Slots,
    /// The slots that are near if others were where the first run started.
    owing: Vec<(Slot, Slots)>,
}

impl Way {
    fn new(edge: Edge, walk: &Walk) -> Way {
        let mut way = Way {
            edge,
            unknown: Slots::default(),
            owing: Vec::new(),
        };
        for (slot, fact) in walk.facts() {
            let owes = walk.values[walk.slots[usize::from(slot)].base].owes;
            if fact == UNKNOWN {
                way.unknown.insert(slot);
            } else if owes.len() > 0 {
                way.owing.push((slot, owes));
            }
        }
        way
    }
}

/// What is demanded of slots where a run starts is demanded of what they came of where others do.
fn spread(demanded: &mut FxHashMap<u64, Slots>, ways: &[Way]) {
    let mut changed = true;
    while changed {
        changed = false;
        for Way { edge, owing, .. } in ways {
            let there = demanded.get(&edge.1).copied().unwrap_or_default();
            let here = demanded.entry(edge.0).or_default();
            let before = *here;
            for (_, owes) in owing.iter().filter(|(slot, _)| there.contains(*slot)) {
                here.extend(owes);
            }
            changed |= *here != before;
        }
    }
}

/// What happens in a run.
enum Event {
    /// The access of a node of the step at an address is inside, or faults, if these slots were near at
    /// the start.
    Near(u64, Id, Slots),
    /// The run may go on at an address from here.
    Way(u64),
}

/// A walk through a run.
struct Walk<'a> {
    target: &'a Target,
    /// The slots that are asked for.
    used: &'a [Slot],
    /// What the slots hold.
    slots: [Sum; SLOTS],
    values: Vec<Known>,
    /// Those that were computed as addresses are: others may use the same one.
    computed: FxHashMap<Computation, usize>,
    /// What the nodes of the step are.
    nodes: Vec<Sum>,
}

/// How the parts of an address are put together.
#[derive(PartialEq, Eq, Hash)]
enum Computation {
    Scaled(Sum, u64),
    Added(Sum, Sum),
}

/// One of the values, and what is added to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Sum {
    base: usize,
    offset: i64,
}

/// What is known of a value.
#[derive(Clone, Copy, Default)]
struct Known {
    /// How far it is from the wall at most.
    distance: Option<u64>,
    /// The slots which that was found out from.
    owes: Slots,
    /// The most that it can be, if that is small.
    most: Option<u64>,
}

impl<'a> Walk<'a> {
    fn new(facts: &Facts, target: &'a Target, used: &'a [Slot]) -> Walk<'a> {
        let mut values = vec![Known::default(); SLOTS];
        for &slot in used {
            let index = usize::from(slot);
            let known = &mut values[index];
            if target.zero[index] {
                known.distance = Some(0);
            } else if let Some(&distance) = DISTANCES.get(usize::from(facts[index])) {
                known.distance = Some(distance);
                known.owes.insert(slot);
            }
        }
        Walk {
            target,
            used,
            slots: std::array::from_fn(|base| Sum { base, offset: 0 }),
            values,
            computed: FxHashMap::default(),
            nodes: Vec::new(),
        }
    }

    /// How far the slots are here.
    fn facts(&self) -> impl Iterator<Item = (Slot, u8)> {
        self.used.iter().map(|slot| {
            let sum = self.slots[usize::from(*slot)];
            let distance = self.distance(sum).unwrap_or(u64::MAX);
            let fact = DISTANCES.iter().position(|bound| distance <= *bound);
            (*slot, fact.map_or(UNKNOWN, |fact| fact as u8))
        })
    }

    fn block(
        &mut self,
        region: &Region,
        block: &Straight,
        mut visit: impl FnMut(Event, &mut Walk<'a>),
    ) {
        for step in &block.steps {
            self.nodes.clear();
            // What is known where conditional parts that are open began.
            let mut open = Vec::new();
            for (id, node) in (0..).zip(&step.graph.nodes) {
                match node {
                    Node::When(_) => open.push((self.values.clone(), self.slots)),
                    Node::End => {
                        if let Some((values, slots)) = open.pop() {
                            self.rejoin(&values, &slots);
                        }
                    }
                    _ => {}
                }
                for to in region.targets(&step.graph, node) {
                    visit(Event::Way(to), self);
                }
                let sum = self.node(&step.graph, node);
                self.nodes.push(sum);
                if let Node::Load(access, address)
                | Node::Store(access, address, _)
                | Node::Rmw(access, _, address, _)
                | Node::CompareExchange(access, address, ..) = *node
                    && let Some(owes) = self.access(&step.graph, access, address)
                {
                    visit(Event::Near(step.graph.pc, id, owes), self);
                }
            }
        }
        if let After::Next(next) = block.after {
            visit(Event::Way(next), self);
        }
    }

    /// After what may not have happened.
    fn rejoin(&mut self, values: &[Known], slots: &[Sum; SLOTS]) {
        self.values[..values.len()].copy_from_slice(values);
        self.computed.retain(|_, value| *value < values.len());
        for (slot, before) in slots.iter().enumerate() {
            let now = self.slots[slot];
            if now != *before {
                self.slots[slot] = self.new_value(Known::default());
            }
        }
    }

    /// An access: tells what it owes to if it is near. After it, its address was inside.
    fn access(&mut self, graph: &Graph, access: Access, address: Id) -> Option<Slots> {
        if self.target.wraps_inside(&graph.nodes[address as usize]) {
            return None;
        }
        let sum = self.nodes[address as usize];
        let reached = self
            .distance(sum)
            .filter(|distance| distance + WIDEST <= REACH);
        let known = &mut self.values[sum.base];
        let owes = reached.map(|_| known.owes);
        debug_assert!(u64::from(access.bytes) <= WIDEST);
        known.distance = Some(sum.offset.unsigned_abs() + WIDEST);
        known.owes = Slots::default();
        owes
    }

    fn distance(&self, sum: Sum) -> Option<u64> {
        let distance = self.values[sum.base].distance?;
        distance.checked_add(sum.offset.unsigned_abs())
    }

    fn new_value(&mut self, known: Known) -> Sum {
        self.values.push(known);
        Sum {
            base: self.values.len() - 1,
            offset: 0,
        }
    }

    /// What a node is; of an effect, nothing. What it writes, is written.
    fn node(&mut self, graph: &Graph, node: &Node) -> Sum {
        let of = |id: Id| self.nodes[id as usize];
        let known = |id| constant(&graph.nodes, id);
        let computation = match *node {
            Node::Binary(Binary::ShiftLeft, a, by) => {
                known(by).map(|by| Computation::Scaled(of(a), by))
            }
            Node::Binary(Binary::Add, a, b) if known(a).or(known(b)).is_none() => {
                Some(Computation::Added(of(a), of(b)))
            }
            _ => None,
        };
        let Some(computation) = computation else {
            return self.new_node(graph, node);
        };
        if let Some(&base) = self.computed.get(&computation) {
            return Sum { base, offset: 0 };
        }
        let sum = self.new_node(graph, node);
        self.computed.insert(computation, sum.base);
        sum
    }

    /// What a node is that was not computed before.
    fn new_node(&mut self, graph: &Graph, node: &Node) -> Sum {
        let known = |id| constant(&graph.nodes, id);
        let of = |walk: &Walk, id: Id| walk.nodes[id as usize];
        let mut result = Known::default();
        match *node {
            Node::Constant(value) | Node::Address(value) => {
                result.distance = (value < self.target.limit).then_some(0);
                result.most = (value < REACH).then_some(value);
            }
            Node::Read(slot) => return self.slots[usize::from(slot)],
            Node::Write(slot, value) => self.slots[usize::from(slot)] = of(self, value),
            Node::Load(access, _) if !access.signed && access.bytes <= 2 => {
                result.most = Some(u64::MAX >> (64 - 8 * access.bytes));
            }
            Node::Unary(Unary::ZeroExtend(bits), _) if bits <= 16 => {
                result.most = Some(u64::MAX >> (64 - bits));
            }
            Node::Binary(Binary::And, a, b) => {
                result.most = known(a).or(known(b)).filter(|mask| *mask < REACH);
            }
            Node::Binary(Binary::ShiftLeft, a, b) => {
                let most = self.most(of(self, a));
                let shifted = most.zip(known(b)).map(|(most, by)| most << (by & 31));
                result.most = shifted.filter(|most| *most < REACH);
            }
            Node::Binary(Binary::Add, a, b) => match (known(a), known(b)) {
                (_, Some(offset)) => return self.add(of(self, a), offset),
                (Some(offset), _) => return self.add(of(self, b), offset),
                (None, None) => {
                    let (a, b) = (of(self, a), of(self, b));
                    for (near, small) in [(a, b), (b, a)] {
                        let sum = self.distance(near).zip(self.most(small));
                        if let Some((distance, most)) = sum {
                            result.distance = Some(distance + most);
                            result.owes = self.values[near.base].owes;
                        }
                    }
                }
            },
            Node::Binary(Binary::Sub, a, b) => {
                if let Some(offset) = known(b) {
                    return self.add(of(self, a), offset.wrapping_neg());
                }
            }
            Node::Select(_, yes, no) => {
                let (yes, no) = (of(self, yes), of(self, no));
                let distances = self.distance(yes).zip(self.distance(no));
                result.distance = distances.map(|(yes, no)| yes.max(no));
                result.owes = self.values[yes.base].owes;
                result.owes.extend(&self.values[no.base].owes);
            }
            _ => {}
        }
        self.new_value(result)
    }

    fn most(&self, sum: Sum) -> Option<u64> {
        let most = self.values[sum.base].most?;
        (sum.offset == 0).then_some(most)
    }

    fn add(&mut self, sum: Sum, offset: u64) -> Sum {
        let offset = sum.offset.wrapping_add(offset as i64);
        if offset.unsigned_abs() >= REACH {
            return self.new_value(Known::default());
        }
        Sum {
            base: sum.base,
            offset,
        }
    }
}
