//! From a region to Cranelift's instructions: one case a node, none an instruction.
//!
//! Slots are variables while the region runs. The state is written at checkpoints and on the way
//! out: see [`flow`](super::flow). An access that may fault is an ordinary load or store; if it does
//! fault, or is beyond the wall, what ran since the checkpoint is interpreted again, which only loads
//! and computes.

mod bounds;
mod computed;
mod conditions;
mod flags;
mod floats;
mod guards;
mod lanes;
mod memory;
mod words;

use super::exceptions::{self, Raising, Site};
use super::flags::{Change, Flags};
use super::flow::{Analysis, Before, Edge, Slots, Status, loops};
use super::frame::{self, Exit, HANDLE, Link, frame_offset, from_handle};
use super::inside::{Inside, REACH};
use super::region::{After, Region, Straight};
use super::step::{Step, constant};
use super::strays::Stray;
use super::support;
use crate::domain::{FloatUnit, Turns, Unary};
use crate::engine::Cpu;
use crate::graph::{Graph, Id, Node};
use crate::guest::Guest;
use crate::hart::Hart;
use crate::memory::Memory;
use crate::registers::{Kind, Registers, Role, SLOTS, Slot};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I8, I16, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, AliasRegion, AliasRegionData, Block, Function, InstBuilder, MemFlagsData, SigRef,
    Signature, SourceLoc, TrapCode, Type, UserFuncName, Value,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use flags::Carried;
use floats::Floating;
use guards::Guard;
use rustc_hash::{FxHashMap, FxHashSet};
use std::mem::offset_of;

/// Values that do not move when others come.
pub type Pinned<T> = Vec<Box<T>>;

/// What the code of a region refers to by address. It lives as long as the code.
#[derive(Default)]
pub struct Tables {
    /// Where each exit to a known address leads.
    pub links: Pinned<Link>,
    /// What helpers are told.
    pub sites: Pinned<Site>,
    /// What code leaves behind of the last floating-point operations.
    pub raising: Pinned<Raising>,
    /// What flags are to be made of.
    pub flags: Pinned<Flags>,
    /// What is made ahead.
    pub turns: Pinned<Turns>,
    /// The computed jumps that may stray.
    pub strays: Pinned<Stray>,
    /// Which way computed jumps go, by their target.
    pub ways: Vec<Box<[u8]>>,
}

/// What all regions of a guest have in common.
pub struct Target {
    /// Which slots always hold zero.
    pub zero: [bool; SLOTS],
    /// How entries are found by address.
    pub entered: EnteredTable,
    /// The slot of the stack pointer.
    pub stack: Slot,
    /// The first address outside the guest's memory.
    pub limit: u64,
    /// Whether all addresses of 32 bits, and the guard zones around them, are the guest's or inaccessible.
    pub holds_words: bool,
    /// Whether the host multiplies and adds with one rounding.
    pub fma: bool,
    /// Whether other harts see a hart's loads and stores in their order.
    pub strongly_ordered: bool,
    /// The guest's floating-point unit.
    pub unit: Option<&'static FloatUnit>,
    /// Which slots are floating-point registers.
    pub floats: Slots,
    /// Which slots are flags.
    pub flags: Slots,
}

impl Target {
    /// For a guest's memory.
    pub fn new(guest: &dyn Guest, memory: &Memory, entered: EnteredTable, cpu: Cpu) -> Target {
        let mut zero = [false; SLOTS];
        let mut floats = Slots::default();
        for file in guest.register_files() {
            for (slot, register) in file.iter() {
                zero[usize::from(slot)] = register.role == Role::Zero;
                if file.kind == Kind::Float {
                    floats.insert(slot);
                }
            }
        }
        Target {
            zero,
            entered,
            stack: guest.stack_pointer(),
            limit: memory.limit(),
            holds_words: memory.reserved() >= (1 << 32) + REACH,
            fma: match cpu {
                Cpu::Host => is_x86_feature_detected!("fma"),
                Cpu::X86_64V3 => true,
            },
            strongly_ordered: guest.is_strongly_ordered(),
            unit: guest.float_unit(),
            floats,
            flags: guest.flags().iter().copied().collect(),
        }
    }

    /// Whether an address wraps at 32 bits, and so is inside the wall or between it and the guard zones.
    pub fn wraps_inside(&self, address: &Node) -> bool {
        let wraps = |operation| matches!(operation, Unary::SignExtend(32) | Unary::ZeroExtend(32));
        self.holds_words && matches!(*address, Node::Unary(operation, _) if wraps(operation))
    }
}

/// The shape of the table of blocks entered last, which code looks addresses up in.
#[derive(Clone, Copy)]
pub struct EnteredTable {
    /// The logarithm of the least distance between instructions.
    pub shift: u8,
    /// The number of entries, a power of two.
    pub entries: u64,
    /// Size of an entry in bytes, a power of two.
    pub size: u64,
    /// Where an entry has the address.
    pub start: i32,
    /// Where an entry has the code, or 0.
    pub code: i32,
}

/// The convention of compiled code: regions go on to each other without returning.
pub const CONVENTION: CallConv = CallConv::Tail;

/// Fills in `function`.
pub fn lower(
    region: &Region,
    target: &Target,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
    config: TargetFrontendConfig,
) -> Tables {
    function.name = UserFuncName::user(0, 0);
    function.signature = Signature::new(CONVENTION);
    // The hart, and the link.
    function.signature.params = vec![AbiParam::new(I64); 2];
    function.signature.returns.push(AbiParam::new(I64));
    // Hart and guest memory are apart, which lets Cranelift order accesses to them freely.
    let mut alias = |user_id, description: &'static str| {
        function.dfg.alias_regions.insert(AliasRegionData {
            user_id,
            description: description.into(),
        })
    };
    let (hart_region, guest_region) = (alias(0, "hart"), alias(1, "guest memory"));
    let analysis = Analysis::of(region, target);
    let mut builder = FunctionBuilder::new(function, context);
    let tail = builder.import_signature(builder.func.signature.clone());
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    builder.seal_block(entry);
    let hart = builder.block_params(entry)[0];
    let overdue = builder.declare_var(I64);
    let mut lowering = Lowering {
        region,
        blocks: FxHashMap::default(),
        status: Status::ENTRY,
        prepared: &analysis.prepared,
        turns: turns(region),
        inside: &analysis.inside,
        halves: analysis.halves,
        doubles: analysis.doubles,
        target,
        hart,
        base: hart,
        hart_region,
        guest_region,
        tail,
        variables: [None; SLOTS],
        known: FxHashMap::default(),
        relations: FxHashMap::default(),
        raised: None,
        carried: None,
        guard: None,
        values: Vec::new(),
        open: Vec::new(),
        left: false,
        beyond: None,
        loaded_since_store: true,
        missed: None,
        overdue,
        counted: 0,
        begun: 0,
        tables: Tables::default(),
        start: region.entry.pc,
        pc: region.entry.pc,
        location: 0,
        builder,
    };
    lowering.locate(None);
    lowering.prologue(region, &analysis);
    let mut location = 0;
    for block in &region.blocks {
        lowering.location = location;
        lowering.straight(block, &analysis);
        location += block.steps.iter().map(Step::len).sum::<usize>();
    }
    lowering.locate(None);
    lowering.epilogue();
    lowering.builder.seal_all_blocks();
    lowering.end_flags();
    let Lowering {
        builder, tables, ..
    } = lowering;
    builder.finalize(config);
    tables
}

struct Lowering<'a> {
    builder: FunctionBuilder<'a>,
    region: &'a Region,
    target: &'a Target,
    /// The runs of the region.
    blocks: FxHashMap<u64, Block>,
    /// What is true here.
    status: Status,
    /// The ways into loops that have a checkpoint.
    prepared: &'a FxHashSet<Edge>,
    /// The branches that stay in a loop.
    turns: FxHashSet<Edge>,
    inside: &'a Inside,
    /// Where its [`HANDLE`] leads.
    hart: Value,
    /// The host address of guest address 0.
    base: Value,
    hart_region: AliasRegion,
    guest_region: AliasRegion,
    tail: SigRef,
    /// The slots that the region touches: words, or `halves` of words.
    variables: [Option<Variable>; SLOTS],
    /// The slots that hold sign-extended words of 32 bits.
    halves: Slots,
    /// The slots that are kept as floats of 64 bits.
    doubles: Slots,
    /// Values known while compiling.
    known: FxHashMap<Value, u64>,
    /// Words that say how two floats relate, and these.
    relations: FxHashMap<Value, [Value; 2]>,
    /// The last floating-point operations of this run, where their exceptions are kept apart, with the
    /// values that they are found out from; unless the hart has them.
    raised: Option<(Value, Vec<Value>)>,
    /// What the flags are made of, if the region makes any.
    carried: Option<Carried>,
    /// If the accesses of the instruction are guarded.
    guard: Option<Guard>,
    /// What each node of the instruction is, where it is a word or a condition.
    values: Vec<Option<Value>>,
    /// Where to go on after each conditional part that is open.
    open: Vec<Block>,
    /// Whether the code here is never reached: all before it has left.
    left: bool,
    /// Where accesses beyond the wall go.
    beyond: Option<Block>,
    /// Guest memory was loaded after the last store to it, or may have been.
    loaded_since_store: bool,
    /// Where jumps to computed addresses go that are not found, with the address.
    missed: Option<Block>,
    /// The instructions retired, but for the `counted` of this run, less when code is due to look whether
    /// it is to be left.
    overdue: Variable,
    counted: i64,
    /// How many instructions of this step have begun.
    begun: i64,
    tables: Tables,
    /// Where this run starts.
    start: u64,
    /// The step's address.
    pc: u64,
    /// The number of its first instruction, counted in the order of the region.
    location: usize,
}

/// In which order Cranelift has the code that a branch leads to, and the code after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    StayFirst,
    AwayFirst,
    /// Behind everything else.
    AwayLast,
}

/// The branches that stay in a loop where the code after them leaves it. If loops are in one piece, registers are not
/// moved in them for the sake of what comes after.
fn turns(region: &Region) -> FxHashSet<Edge> {
    let mut turns = FxHashSet::default();
    let loops = loops(region);
    for block in &region.blocks {
        let (Some(Step { graph, .. }), After::Next(next)) = (block.steps.last(), block.after)
        else {
            continue;
        };
        for node in &graph.nodes {
            if let Node::Branch(_, target) = *node
                && loops.iter().any(|(_, inside)| {
                    let [here, there, after] =
                        [block.start, target, next].map(|place| inside.contains(&place));
                    here && there && !after
                })
            {
                turns.insert((block.start, target));
            }
        }
    }
    turns
}

/// What a place in Cranelift's functions came of, if it was one of the instructions `of` that a region
/// has, in its order.
pub fn instruction_at(location: u32, of: &[u64]) -> Option<u64> {
    let number = (location >> 1).checked_sub(1)?;
    of.get(number as usize).copied()
}

impl Lowering<'_> {
    /// What comes now is of the instruction with this number, or of none. See [`instruction_at`];
    /// the lowest bit is for those who look at it.
    fn locate(&mut self, instruction: Option<usize>) {
        let location = instruction.map_or(0, |number| (number as u32 + 1) << 1);
        self.builder.set_srcloc(SourceLoc::new(location));
    }

    fn prologue(&mut self, region: &Region, analysis: &Analysis) {
        for slot in analysis.touched.iter() {
            if !self.target.zero[usize::from(slot)] {
                let kind = match slot {
                    slot if self.halves.contains(slot) => I32,
                    slot if self.doubles.contains(slot) => F64,
                    _ => I64,
                };
                self.variables[usize::from(slot)] = Some(self.builder.declare_var(kind));
            }
        }
        let overrides = analysis.changes.values().any(Change::is_some);
        self.begin_flags(&analysis.loaded, &analysis.written, overrides);
        let mut cautious = None;
        for slot in analysis.loaded.iter() {
            if let Some(variable) = self.variables[usize::from(slot)] {
                let kind = if self.doubles.contains(slot) {
                    F64
                } else {
                    I64
                };
                let mut value = self.hart_value(kind, register_offset(slot));
                if self.halves.contains(slot) {
                    let cautious = *cautious.get_or_insert_with(|| self.builder.create_block());
                    value = self.expect_half(value, cautious);
                }
                self.builder.def_var(variable, value);
            }
        }
        let limit = self.hart_constant(frame_offset!(limit));
        for slot in analysis.inside.entry.iter() {
            let cautious = *cautious.get_or_insert_with(|| self.builder.create_block());
            let value = self.read(slot);
            self.expect_below(value, limit, cautious);
        }
        if region.computes_with_floats()
            && let Some(unit) = self.target.unit
        {
            let cautious = *cautious.get_or_insert_with(|| self.builder.create_block());
            self.expect_zeros(unit.modes, cautious);
        }
        self.base = self.hart_constant(frame_offset!(base));
        let overdue = self.hart_word(OVERDUE);
        self.builder.def_var(self.overdue, overdue);
        self.set_pc(region.entry.pc);
        self.poll(region.entry.pc);
        for block in &region.blocks {
            let place = self.builder.create_block();
            self.blocks.insert(block.start, place);
        }
        match self.blocks.get(&region.entry.pc) {
            Some(&first) => {
                self.builder.ins().jump(first, &[]);
            }
            None => self.interpret(region.entry.pc),
        }
        if let Some(cautious) = cautious {
            self.builder.set_cold_block(cautious);
            self.enter(cautious);
            self.follow(Link::cautious(region.entry.pc));
        }
    }

    /// The lower half of a word which leads elsewhere if it is not that half sign-extended.
    fn expect_half(&mut self, word: Value, elsewhere: Block) -> Value {
        let half = self.builder.ins().ireduce(I32, word);
        let extended = self.builder.ins().sextend(I64, half);
        let differs = self.builder.ins().icmp(IntCC::NotEqual, extended, word);
        let expected = self.builder.create_block();
        let ins = self.builder.ins();
        ins.brif(differs, elsewhere, &[], expected, &[]);
        self.enter(expected);
        half
    }

    /// Leads elsewhere unless a word is below a limit.
    fn expect_below(&mut self, word: Value, limit: Value, elsewhere: Block) {
        let outside = IntCC::UnsignedGreaterThanOrEqual;
        let outside = self.builder.ins().icmp(outside, word, limit);
        let expected = self.builder.create_block();
        let ins = self.builder.ins();
        ins.brif(outside, elsewhere, &[], expected, &[]);
        self.enter(expected);
    }

    /// On the way to a place in the region: goes on there in code that takes nothing for granted, unless
    /// these slots are inside the wall.
    fn expect_inside(&mut self, slots: &Slots, target: u64) {
        let cautious = self.builder.create_block();
        self.builder.set_cold_block(cautious);
        let limit = self.hart_constant(frame_offset!(limit));
        for slot in slots.iter() {
            let value = self.read(slot);
            self.expect_below(value, limit, cautious);
        }
        let here = self.builder.current_block();
        self.enter(cautious);
        self.save_all();
        self.follow(Link::cautious(target));
        if let Some(here) = here {
            self.builder.switch_to_block(here);
        }
        self.left = false;
    }

    /// Leads elsewhere unless all these slots of the state are zero.
    fn expect_zeros(&mut self, slots: &[Slot], elsewhere: Block) {
        let mut any = self.builder.ins().iconst(I64, 0);
        for slot in slots {
            let word = self.hart_word(register_offset(*slot));
            any = self.builder.ins().bor(any, word);
        }
        let expected = self.builder.create_block();
        let ins = self.builder.ins();
        ins.brif(any, elsewhere, &[], expected, &[]);
        self.enter(expected);
    }

    fn straight(&mut self, block: &Straight, analysis: &Analysis) {
        let Some(&status) = analysis.status.get(&block.start) else {
            return self.unreachable(block);
        };
        self.builder.switch_to_block(self.blocks[&block.start]);
        self.loaded_since_store = true;
        (self.status, self.start, self.left) = (status, block.start, false);
        self.counted = 0;
        self.raised = None;
        self.begin_run_with_flags();
        let ahead = &analysis.ahead[&block.start];
        for (step, &ahead) in block.steps.iter().zip(ahead) {
            let unread = analysis
                .unread
                .get(&step.graph.pc)
                .map_or(&[][..], |all| all);
            self.step(step, ahead, unread);
            self.carry_flags(&analysis.changes[&step.graph.pc]);
            // It jumps, or always traps.
            if self.left {
                return;
            }
        }
        match block.after {
            After::Next(next) => self.go(next),
            After::Interpret(pc) => self.interpret(pc),
            After::Jump => unreachable!("a jump leaves"),
        }
    }

    /// A run that nothing in the region leads to.
    fn unreachable(&mut self, block: &Straight) {
        self.builder.switch_to_block(self.blocks[&block.start]);
        self.loaded_since_store = true;
        self.status = Status::ENTRY;
        self.interpret(block.start);
    }

    fn epilogue(&mut self) {
        if let Some(beyond) = self.beyond {
            self.builder.switch_to_block(beyond);
            self.return_exit(Exit::Fault);
        }
        if let Some(missed) = self.missed {
            self.builder.switch_to_block(missed);
            let target = self.builder.block_params(missed)[0];
            self.set_hart(PC, target);
            self.unlinked();
        }
    }

    fn step(&mut self, step: &Step, ahead: usize, unread: &[bool]) {
        let graph = &step.graph;
        self.pc = graph.pc;
        self.locate(Some(self.location));
        let dirty = self.status.dirty;
        self.guard = None;
        match self.status.begin(graph, ahead) {
            Before::Nothing => {}
            Before::Checkpoint => self.checkpoint(&dirty, self.pc),
            Before::Guard => self.guard = Some(Guard::new(dirty)),
        }
        self.values.clear();
        self.begun = 1;
        let is_float = |node: &Node| matches!(node, Node::Float(..));
        let last_float = graph.nodes.iter().rposition(is_float);
        for (index, node) in graph.nodes.iter().enumerate() {
            if step.second == Some(index) {
                self.begun += 1;
            }
            // The first of two decides where both go.
            let second = step.second.is_some_and(|second| second <= index)
                && !matches!(node, Node::Jump(_) | Node::Branch(..));
            self.locate(Some(self.location + usize::from(second)));
            if self.left && !matches!(node, Node::End) {
                self.values.push(None);
                continue;
            }
            self.bring_flags(node);
            let value = match unread.get(index) {
                Some(true) => {
                    if let Node::Write(flag, _) = *node {
                        self.outdate_flag(flag);
                    }
                    None
                }
                _ => self.node(graph, index as Id, node),
            };
            self.status.step(graph, node, self.target.stack);
            self.values.push(value);
            if Some(index) == last_float {
                self.note_raising(graph);
            }
        }
        self.counted += step.len() as i64;
        self.location += step.len();
    }

    /// After the operations of an instruction, if what they raised is kept apart: remembers how to find
    /// out what that was.
    fn note_raising(&mut self, graph: &Graph) {
        let Some(unit) = self.target.unit.filter(|unit| unit.collected.is_some()) else {
            return;
        };
        if let Some(raising) = Raising::of(graph, unit) {
            let kept = raising.kept.iter().map(|id| self.value(*id)).collect();
            let raising = Box::new(raising);
            let address = self.constant(&raw const *raising as u64);
            self.tables.raising.push(raising);
            self.raised = Some((address, kept));
        }
    }

    /// Tells the hart of the last floating-point operations of this run.
    fn save_raising(&mut self) {
        let Some((address, kept)) = self.raised.clone() else {
            return;
        };
        self.set_hart(frame_offset!(last), address);
        for (place, value) in (0..).zip(kept) {
            let field = frame_offset!(kept) + 8 * place;
            self.set_hart(field, value);
        }
    }

    fn node(&mut self, graph: &Graph, id: Id, node: &Node) -> Option<Value> {
        Some(match *node {
            Node::Constant(value) | Node::Address(value) => self.constant(value),
            Node::Read(slot) => self.read(slot),
            Node::Unary(operation, a) => self.unary_node(graph, operation, a),
            Node::Binary(operation, a, b) => self.binary_node(graph, operation, a, b),
            Node::Compare(comparison, a, b) => self.compare(comparison, a, b),
            Node::Select(condition, yes, no) => {
                let condition = self.value(condition);
                let (yes, no) = (self.word(yes), self.word(no));
                match self.known.get(&condition) {
                    Some(0) => no,
                    Some(_) => yes,
                    None => self.builder.ins().select(condition, yes, no),
                }
            }
            Node::Load(access, address) => {
                let (place, offset) = self.place(graph, id, address);
                self.keep_load_in_order();
                let value = match self.is_double(graph, access, id) {
                    true => self.load_double(place, offset),
                    false => self.load(access, place, offset),
                };
                self.look_for_fault();
                value
            }
            Node::Store(access, address, value) => {
                let (place, offset) = self.place(graph, id, address);
                let raw = self.raw_value(access, value);
                let flags = self.guest_flags();
                self.builder.ins().store(flags, raw, place, offset);
                self.loaded_since_store = false;
                self.look_for_fault();
                return None;
            }
            Node::Rmw(access, op, address, operand) => {
                let place = self.atomic_place(graph, id, address);
                let raw = self.raw_value(access, operand);
                let (kind, flags) = (integer(access.bytes), self.guest_flags());
                let ins = self.builder.ins();
                let old = ins.atomic_rmw(kind, flags, memory::atomic(op), place, raw);
                self.register_value(access, old)
            }
            Node::CompareExchange(access, address, expected, new) => {
                let place = self.atomic_place(graph, id, address);
                let expected = self.raw_value(access, expected);
                let new = self.raw_value(access, new);
                let flags = self.guest_flags();
                let old = self.builder.ins().atomic_cas(flags, place, expected, new);
                self.register_value(access, old)
            }
            Node::Float(unit, operation, format, rounding, operands) => {
                let floating = Floating {
                    unit,
                    operation,
                    format,
                    rounding: self.word(rounding),
                    operands: operands.map(|operand| self.value(operand)),
                };
                self.float(&floating)
            }
            Node::Call(helper, arguments) => {
                let [a, b, c] = arguments.map(|argument| self.word(argument));
                let helper = self.constant(helper.function as *const () as u64);
                self.call(exceptions::call as *const (), &[helper, a, b, c])
            }
            Node::Ahead(turns, operands) => {
                let [to, from, most] = operands.map(|operand| self.word(operand));
                let turns = Box::new(turns);
                let address = self.constant(&raw const *turns as u64);
                self.tables.turns.push(turns);
                let arguments = [self.whole_hart(), address, to, from, most];
                let made = self.call(frame::make_ahead as *const (), &arguments);
                // One of them is counted as the instruction.
                let some = self.builder.ins().icmp_imm_u(IntCC::NotEqual, made, 0);
                let some = self.builder.ins().uextend(I64, some);
                let more = self.builder.ins().isub(made, some);
                let before = self.builder.use_var(self.overdue);
                let overdue = self.builder.ins().iadd(before, more);
                self.builder.def_var(self.overdue, overdue);
                made
            }
            Node::Write(slot, value) => {
                let value = self.value(value);
                self.write(slot, value);
                return None;
            }
            Node::Fence => {
                self.builder.ins().fence();
                return None;
            }
            Node::Jump(id) => {
                let target = self.word(id);
                self.counted += self.begun;
                match (constant(&graph.nodes, id), self.known.get(&target)) {
                    (Some(target), _) => self.go(target),
                    // Where it leads within the region was decided before it was known.
                    (None, Some(&target)) if self.region.candidates(graph.pc).contains(&target) => {
                        self.go(target);
                    }
                    (None, Some(&target)) => self.leave(target),
                    (None, None) => self.go_computed(target, graph),
                }
                self.counted -= self.begun;
                return None;
            }
            Node::Branch(condition, target) => {
                let condition = self.value(condition);
                self.counted += self.begun;
                let order = match self.turns.contains(&(self.start, target)) {
                    true => Order::AwayFirst,
                    false => Order::StayFirst,
                };
                self.leave_if(condition, order, |lowering| lowering.go(target));
                self.counted -= self.begun;
                return None;
            }
            Node::Trap(condition, _) => {
                let (condition, pc) = (self.value(condition), self.pc);
                self.leave_if(condition, Order::AwayLast, |lowering| {
                    lowering.interpret(pc);
                });
                return None;
            }
            Node::When(condition) => {
                let condition = self.value(condition);
                let (body, after) = (self.builder.create_block(), self.builder.create_block());
                self.builder.ins().brif(condition, body, &[], after, &[]);
                self.enter(body);
                self.open.push(after);
                return None;
            }
            Node::End => {
                let after = self.open.pop().expect("a conditional part");
                if !self.left {
                    self.builder.ins().jump(after, &[]);
                }
                self.enter(after);
                self.left = false;
                return None;
            }
            Node::Counter(_) | Node::FenceInstructions | Node::CompareExchangePair(..) => {
                unreachable!("such instructions are left to the interpreter")
            }
        })
    }

    // Control.

    /// Continues in a block that every jump to has been made.
    fn enter(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.builder.seal_block(block);
    }

    /// Goes elsewhere by `leave` if the condition holds.
    fn leave_if(&mut self, condition: Value, order: Order, leave: impl FnOnce(&mut Self)) {
        match self.known.get(&condition) {
            Some(0) => return,
            Some(_) => return leave(self),
            None => {}
        }
        let (away, stay) = (self.builder.create_block(), self.builder.create_block());
        if order == Order::AwayLast {
            self.builder.set_cold_block(away);
        }
        // What a branch leads to if it is not made comes first.
        if order == Order::AwayFirst {
            let inverted = self.inverted(condition);
            self.builder.ins().brif(inverted, stay, &[], away, &[]);
        } else {
            self.builder.ins().brif(condition, away, &[], stay, &[]);
        }
        self.enter(away);
        leave(self);
        self.enter(stay);
        self.left = false;
    }

    /// Goes on at a known address: in the region, or in another one.
    fn go(&mut self, target: u64) {
        let Some(&block) = self.blocks.get(&target) else {
            return self.leave(target);
        };
        let counted = self.count();
        // Every loop goes back once at least.
        if target <= self.start {
            self.poll(target);
        }
        self.prepare_for(target);
        self.save_raising();
        self.builder.ins().jump(block, &[]);
        self.counted = counted;
        self.left = true;
    }

    /// Does what is to be done on the way to a place in the region.
    fn prepare_for(&mut self, target: u64) {
        let way = (self.start, target);
        let compared = self.inside.compared(&way);
        if compared.len() > 0 {
            self.expect_inside(&compared, target);
        }
        if self.prepared.contains(&way) {
            let dirty = self.status.dirty;
            self.checkpoint(&dirty, target);
        }
    }

    /// Adds what this run has counted so far, which is returned, to the instructions retired.
    fn count(&mut self) -> i64 {
        let before = self.builder.use_var(self.overdue);
        let overdue = self.builder.ins().iadd_imm_s(before, self.counted);
        self.builder.def_var(self.overdue, overdue);
        std::mem::take(&mut self.counted)
    }

    /// Leaves for a known address if somebody asked.
    fn poll(&mut self, pc: u64) {
        self.poll_with(|lowering| lowering.set_pc(pc));
    }

    /// Leaves if somebody asked, for the pc that `set_pc` sets. That is looked at when it is due only: a
    /// register costs less than memory.
    fn poll_with(&mut self, set_pc: impl FnOnce(&mut Self)) {
        let overdue = self.builder.use_var(self.overdue);
        let is_due = IntCC::SignedGreaterThanOrEqual;
        let is_due = self.builder.ins().icmp_imm_s(is_due, overdue, 0);
        let [look, again, leave, stay] = [(); 4].map(|()| self.builder.create_block());
        for aside in [look, again, leave] {
            self.builder.set_cold_block(aside);
        }
        self.builder.ins().brif(is_due, look, &[], stay, &[]);
        self.enter(look);
        let stop = self.hart_word(frame_offset!(stop));
        let flags = self.hart_flags();
        // Atomic enough; but it must be looked at each time, like what loops load.
        self.builder.ins().sequence_point();
        let stop = self.builder.ins().load(I8, flags, stop, 0);
        self.builder.ins().brif(stop, leave, &[], again, &[]);
        self.enter(again);
        let due = self.hart_word(frame_offset!(due));
        let slice = self.hart_word(frame_offset!(slice));
        let due = self.builder.ins().iadd(due, slice);
        self.set_hart(frame_offset!(due), due);
        let overdue = self.builder.ins().isub(overdue, slice);
        self.builder.def_var(self.overdue, overdue);
        self.builder.ins().jump(stay, &[]);
        self.enter(leave);
        self.save_all();
        set_pc(self);
        self.unlinked();
        self.enter(stay);
        self.left = false;
    }

    /// Leaves the region for a known address.
    fn leave(&mut self, target: u64) {
        self.save_all();
        self.follow(Link::new(target));
    }

    /// Leaves the region by a link.
    fn follow(&mut self, link: Link) {
        let link = Box::new(link);
        let address = self.builder.ins().iconst(I64, &raw const *link as i64);
        self.tables.links.push(link);
        let flags = self.hart_flags();
        let code = self.builder.ins().load(I64, flags, address, Link::CODE);
        self.tail(code, address);
    }

    /// Leaves the region, and the instruction at a known address to the interpreter.
    fn interpret(&mut self, pc: u64) {
        self.save_all();
        self.set_pc(pc);
        self.return_exit(Exit::Interpret);
    }

    /// Goes on in other code, by a link if it asks for one.
    fn tail(&mut self, code: Value, link: Value) {
        let arguments = [self.hart, link];
        self.builder
            .ins()
            .return_call_indirect(self.tail, code, &arguments);
        self.left = true;
    }

    /// Leaves for the pc, by no link.
    fn unlinked(&mut self) {
        let none = self.builder.ins().iconst(I64, 0);
        self.set_hart(frame_offset!(link), none);
        self.return_exit(Exit::Continue);
    }

    fn return_exit(&mut self, exit: Exit) {
        let exit = self.builder.ins().iconst(I64, exit as i64);
        self.builder.ins().return_(&[exit]);
        self.left = true;
    }

    fn set_pc(&mut self, pc: u64) {
        let pc = self.builder.ins().iconst(I64, pc as i64);
        let flags = self.hart_flags();
        self.builder.ins().store(flags, pc, self.hart, PC);
    }

    /// Makes the state true for going on at an address.
    fn checkpoint(&mut self, dirty: &Slots, pc: u64) {
        self.save(dirty);
        self.save_raising();
        self.save_count();
        self.set_pc(pc);
    }

    /// Writes slots to the state.
    fn save(&mut self, slots: &Slots) {
        self.save_flags(slots);
        for slot in slots.without(&self.target.flags).iter() {
            if self.variables[usize::from(slot)].is_some() {
                let value = self.read(slot);
                self.set_hart(register_offset(slot), value);
            }
        }
    }

    fn save_all(&mut self) {
        let dirty = self.status.dirty;
        self.save(&dirty);
        self.save_raising();
        self.save_count();
    }

    fn save_count(&mut self) {
        let overdue = self.builder.use_var(self.overdue);
        let overdue = self.builder.ins().iadd_imm_s(overdue, self.counted);
        self.set_hart(OVERDUE, overdue);
    }

    // The hart, and help.

    fn hart_flags(&self) -> MemFlagsData {
        MemFlagsData::trusted().with_alias_region(Some(self.hart_region))
    }

    fn guest_flags(&self) -> MemFlagsData {
        MemFlagsData::new()
            .with_alias_region(Some(self.guest_region))
            .with_trap_code(Some(match self.guard {
                Some(_) => GUARDED,
                None => TrapCode::HEAP_OUT_OF_BOUNDS,
            }))
    }

    /// The hart's own address, for functions that are called.
    fn whole_hart(&mut self) -> Value {
        let ins = self.builder.ins();
        ins.iadd_imm_s(self.hart, -(HANDLE as i64))
    }

    fn hart_word(&mut self, offset: i32) -> Value {
        self.hart_value(I64, offset)
    }

    fn hart_value(&mut self, kind: Type, offset: i32) -> Value {
        let flags = self.hart_flags();
        self.builder.ins().load(kind, flags, self.hart, offset)
    }

    /// A field that does not change while code runs.
    fn hart_constant(&mut self, offset: i32) -> Value {
        let flags = self.hart_flags().with_readonly().with_can_move();
        self.builder.ins().load(I64, flags, self.hart, offset)
    }

    fn set_hart(&mut self, offset: i32, value: Value) {
        let flags = self.hart_flags();
        self.builder.ins().store(flags, value, self.hart, offset);
    }

    /// The address of a site that lives as long as the code.
    fn site(&mut self, site: Site) -> Value {
        let site = Box::new(site);
        let address = &raw const *site;
        self.tables.sites.push(site);
        self.constant(address as u64)
    }

    /// Calls a function of the host's calling convention that takes words and returns one.
    fn call(&mut self, function: *const (), arguments: &[Value]) -> Value {
        let function = self.constant(function as u64);
        self.call_by(CallConv::SystemV, function, arguments)
    }

    fn call_by(&mut self, convention: CallConv, function: Value, arguments: &[Value]) -> Value {
        let mut signature = Signature::new(convention);
        signature.params = vec![AbiParam::new(I64); arguments.len()];
        signature.returns = vec![AbiParam::new(I64)];
        let signature = self.builder.import_signature(signature);
        let call = self
            .builder
            .ins()
            .call_indirect(signature, function, arguments);
        self.builder.inst_results(call)[0]
    }
}

pub use guards::GUARDED;

const PC: i32 = from_handle(offset_of!(Hart, pc));
const OVERDUE: i32 = frame_offset!(overdue);

fn register_offset(slot: Slot) -> i32 {
    from_handle(offset_of!(Hart, registers) + Registers::offset(slot))
}

fn integer(bytes: u8) -> Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}
