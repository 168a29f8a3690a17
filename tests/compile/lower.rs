//! From graphs to Cranelift's instructions: one case a node, none an instruction.

use crate::support::{self, Operand, Site, Sites, State};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, AliasRegion, AliasRegionData, AtomicRmwOp, Block, BlockArg, Function, InstBuilder,
    MemFlagsData, Signature, Type, UserFuncName, Value,
};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use portolan_machine::domain::{Binary, Compare, Unary};
use portolan_machine::graph::{Graph, Id, Node};
use portolan_machine::memory::{Access, Order, Rmw};
use portolan_machine::registers::{SLOTS, Slot};
use portolan_machine::trap::Trap;
use std::collections::BTreeSet;
use std::mem::offset_of;
use std::ops::Range;

/// A way out of compiled code.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    /// Why code was left.
    pub reason: Reason,
    /// The instructions retired until there.
    pub retired: u64,
}

/// Why code was left.
#[derive(Clone, Copy, Debug)]
pub enum Reason {
    /// Execution continues at this address.
    Continue(u64),
    /// Execution continues at the address in [`State::word`].
    Computed,
    /// The instruction at this address trapped. A trap's address is in [`State::word`].
    Trap(u64, Trap<()>),
    /// The instruction at this address had the fault in [`State::fault`].
    Fault(u64),
}

/// The window that has no outside: accesses are not checked.
pub const EVERYTHING: Range<u64> = 0..u64::MAX;

/// Fills in `function`, which takes the state and the host address of the window, and returns the
/// index of the exit taken.
pub fn lower(
    graphs: &[Graph],
    function: &mut Function,
    context: &mut FunctionBuilderContext,
    config: TargetFrontendConfig,
    zero: &[bool; SLOTS],
    window: Range<u64>,
) -> (Vec<Exit>, Sites) {
    let convention = config.default_call_conv;
    function.name = UserFuncName::user(0, 0);
    function.signature = Signature::new(convention);
    function.signature.params = vec![AbiParam::new(I64); 2];
    function.signature.returns = vec![AbiParam::new(I64)];
    // State and window are apart, which lets Cranelift order accesses to them freely.
    let mut region = |user_id, description: &'static str| {
        function.dfg.alias_regions.insert(AliasRegionData {
            user_id,
            description: description.into(),
        })
    };
    let regions = [region(0, "state"), region(1, "guest memory")];
    let mut builder = FunctionBuilder::new(function, context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    builder.seal_block(entry);
    let &[state, base] = builder.block_params(entry) else {
        unreachable!("two parameters");
    };
    let mut lowering = Lowering {
        builder,
        zero,
        window,
        state,
        base,
        regions,
        variables: [None; SLOTS],
        dirty: BTreeSet::new(),
        values: Vec::new(),
        open: Vec::new(),
        left: false,
        pc: 0,
        retired: 0,
        exits: Vec::new(),
        sites: Vec::new(),
    };
    lowering.load_registers(graphs);
    for graph in graphs {
        lowering.instruction(graph);
    }
    if let (Some(last), false) = (graphs.last(), lowering.left) {
        lowering.exit(Reason::Continue(last.next_pc));
    }
    lowering.builder.finalize(config);
    (lowering.exits, lowering.sites)
}

struct Lowering<'a> {
    builder: FunctionBuilder<'a>,
    zero: &'a [bool; SLOTS],
    window: Range<u64>,
    state: Value,
    base: Value,
    regions: [AliasRegion; 2],
    /// The slots that the code touches.
    variables: [Option<Variable>; SLOTS],
    /// The slots that may differ from the state's.
    dirty: BTreeSet<Slot>,
    /// What each node of the instruction is, where it is a word.
    values: Vec<Option<Value>>,
    /// Where to go on after each conditional part that is open.
    open: Vec<Block>,
    /// Whether the code here is never reached: all before it has left.
    left: bool,
    /// The instruction's address.
    pc: u64,
    /// The instructions before it.
    retired: u64,
    exits: Vec<Exit>,
    sites: Sites,
}

impl Lowering<'_> {
    /// Loads what is read before it is written, or only sometimes written. Cranelift keeps every load
    /// that it is given, even if nobody needs it.
    fn load_registers(&mut self, graphs: &[Graph]) {
        for graph in graphs {
            let mut conditions = 0;
            for node in &graph.nodes {
                let (slot, needed) = match *node {
                    Node::When(_) => {
                        conditions += 1;
                        continue;
                    }
                    Node::End => {
                        conditions -= 1;
                        continue;
                    }
                    Node::Read(slot) if self.zero[usize::from(slot)] => continue,
                    Node::Read(slot) => (slot, true),
                    Node::Write(slot, _) => (slot, conditions > 0),
                    Node::Float(unit, ..) => (unit.flags, true),
                    _ => continue,
                };
                if self.variables[usize::from(slot)].is_some() {
                    continue;
                }
                let variable = self.builder.declare_var(I64);
                if needed {
                    let (flags, offset) = (self.state_flags(), register_offset(slot));
                    let value = self.builder.ins().load(I64, flags, self.state, offset);
                    self.builder.def_var(variable, value);
                }
                self.variables[usize::from(slot)] = Some(variable);
            }
        }
    }

    fn instruction(&mut self, graph: &Graph) {
        self.pc = graph.pc;
        self.values.clear();
        for node in &graph.nodes {
            if self.left && !matches!(node, Node::End) {
                self.values.push(None);
                continue;
            }
            let value = self.node(node);
            self.values.push(value);
        }
        self.retired += 1;
    }

    fn node(&mut self, node: &Node) -> Option<Value> {
        Some(match *node {
            Node::Constant(value) | Node::Address(value) => self.constant(value),
            Node::Read(slot) => self.read(slot),
            Node::Unary(operation, a) => self.unary(operation, self.get(a)),
            Node::Binary(operation, a, b) => self.binary(operation, self.get(a), self.get(b)),
            Node::Compare(comparison, a, b) => {
                let condition = condition(comparison);
                let (a, b) = (self.get(a), self.get(b));
                let truth = self.builder.ins().icmp(condition, a, b);
                self.builder.ins().uextend(I64, truth)
            }
            Node::Select(condition, yes, no) => {
                let (condition, yes, no) = (self.get(condition), self.get(yes), self.get(no));
                self.builder.ins().select(condition, yes, no)
            }
            Node::Load(access, address) => self.access(Operand::Load(access), address, &[]),
            Node::Rmw(access, op, address, operand) => {
                self.access(Operand::Rmw(access, op), address, &[operand])
            }
            Node::CompareExchange(access, address, expected, new) => {
                let operand = Operand::CompareExchange(access);
                self.access(operand, address, &[expected, new])
            }
            Node::Float(unit, operation, format, rounding, operands) => {
                let site = self.site(Site::Float(unit, operation, format));
                let raised = self.read(unit.flags);
                let raised = self.builder.ins().ishl_imm_u(raised, 8);
                let rounding = self.get(rounding);
                let modes = self.builder.ins().bor(raised, rounding);
                let [a, b, c] = operands.map(|operand| self.get(operand));
                let results = self.call(support::float as *const (), &[site, modes, a, b, c], 2);
                self.write(unit.flags, results[1]);
                results[0]
            }
            Node::Call(helper, arguments) => {
                let arguments = arguments.map(|argument| self.get(argument));
                self.call(helper.function as *const (), &arguments, 1)[0]
            }
            Node::Counter(counter) => {
                let site = self.site(Site::Counter(counter));
                self.call(support::counter as *const (), &[self.state, site], 1)[0]
            }
            Node::Write(slot, value) => {
                self.write(slot, self.get(value));
                return None;
            }
            Node::Store(access, address, value) => {
                self.access(Operand::Store(access), address, &[value]);
                return None;
            }
            Node::Fence => {
                self.builder.ins().fence();
                return None;
            }
            Node::FenceInstructions => {
                self.call(support::fence_instructions as *const (), &[self.state], 0);
                return None;
            }
            Node::Jump(target) => {
                self.leave_for(target);
                return None;
            }
            Node::Branch(condition, target) => {
                let condition = self.get(condition);
                self.exit_if(condition, false, |lowering| {
                    lowering.retired += 1;
                    lowering.exit(Reason::Continue(target));
                    lowering.retired -= 1;
                });
                return None;
            }
            Node::Trap(condition, trap) => {
                let condition = self.get(condition);
                let pc = self.pc;
                self.exit_if(condition, true, |lowering| {
                    if let Trap::Misaligned { address, .. } = trap {
                        lowering.store_word(lowering.get(address));
                    }
                    lowering.exit(Reason::Trap(pc, trap.map(|_| ())));
                });
                return None;
            }
            Node::When(condition) => {
                let condition = self.get(condition);
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
        })
    }

    fn get(&self, id: Id) -> Value {
        self.values[id as usize].expect("a node that is a word")
    }

    fn constant(&mut self, value: u64) -> Value {
        self.builder.ins().iconst(I64, value as i64)
    }

    fn read(&mut self, slot: Slot) -> Value {
        match self.variables[usize::from(slot)] {
            Some(variable) => self.builder.use_var(variable),
            None => self.constant(0),
        }
    }

    fn write(&mut self, slot: Slot, value: Value) {
        let variable = self.variables[usize::from(slot)].expect("loaded");
        self.builder.def_var(variable, value);
        self.dirty.insert(slot);
    }

    fn unary(&mut self, operation: Unary, a: Value) -> Value {
        let ins = self.builder.ins();
        match operation {
            Unary::SignExtend(64) | Unary::ZeroExtend(64) => a,
            Unary::SignExtend(bits @ (8 | 16 | 32)) => {
                let low = ins.ireduce(integer(bits / 8), a);
                self.builder.ins().sextend(I64, low)
            }
            Unary::SignExtend(bits) => {
                let high = ins.ishl_imm_u(a, 64 - i64::from(bits));
                self.builder.ins().sshr_imm_u(high, 64 - i64::from(bits))
            }
            Unary::ZeroExtend(bits @ (8 | 16 | 32)) => {
                let low = ins.ireduce(integer(bits / 8), a);
                self.builder.ins().uextend(I64, low)
            }
            Unary::ZeroExtend(bits) => ins.band_imm_s(a, (1 << bits) - 1),
            Unary::Not => ins.bnot(a),
            Unary::Negate => ins.ineg(a),
            Unary::LeadingZeros => ins.clz(a),
            Unary::TrailingZeros => ins.ctz(a),
            Unary::CountOnes => ins.popcnt(a),
            Unary::SwapBytes => ins.bswap(a),
        }
    }

    fn binary(&mut self, operation: Binary, a: Value, b: Value) -> Value {
        let ins = self.builder.ins();
        match operation {
            Binary::Add => ins.iadd(a, b),
            Binary::Sub => ins.isub(a, b),
            Binary::Mul => ins.imul(a, b),
            Binary::MulHighSigned => ins.smulhi(a, b),
            Binary::MulHighUnsigned => ins.umulhi(a, b),
            Binary::MulHighSignedUnsigned => {
                // A negative factor counts 2^64 too much as an unsigned one.
                let high = ins.umulhi(a, b);
                let negative = self.builder.ins().sshr_imm_u(a, 63);
                let excess = self.builder.ins().band(negative, b);
                self.builder.ins().isub(high, excess)
            }
            // They trap where the host's instruction would, which the graph has excluded.
            Binary::DivSigned => ins.sdiv(a, b),
            Binary::DivUnsigned => ins.udiv(a, b),
            Binary::RemSigned => ins.srem(a, b),
            Binary::RemUnsigned => ins.urem(a, b),
            Binary::And => ins.band(a, b),
            Binary::Or => ins.bor(a, b),
            Binary::Xor => ins.bxor(a, b),
            Binary::ShiftLeft => ins.ishl(a, b),
            Binary::ShiftRight => ins.ushr(a, b),
            Binary::ShiftRightArithmetic => ins.sshr(a, b),
            Binary::RotateLeft => ins.rotl(a, b),
            Binary::RotateRight => ins.rotr(a, b),
            Binary::MinSigned => ins.smin(a, b),
            Binary::MaxSigned => ins.smax(a, b),
            Binary::MinUnsigned => ins.umin(a, b),
            Binary::MaxUnsigned => ins.umax(a, b),
        }
    }

    // Memory.

    /// An access: by the code itself inside the window, by a helper elsewhere, which may fault.
    fn access(&mut self, operand: Operand, address: Id, operands: &[Id]) -> Value {
        let address = self.get(address);
        let operands: Vec<Value> = operands.iter().map(|&operand| self.get(operand)).collect();
        if self.window == EVERYTHING {
            let place = self.builder.ins().iadd(self.base, address);
            return self.direct(operand, place, &operands);
        }
        let after = self.builder.create_block();
        let value = self.builder.append_block_param(after, I64);
        let helper = self.builder.create_block();
        let (bytes, wide) = size(operand);
        if wide {
            let inside = self.builder.create_block();
            let offset = self
                .builder
                .ins()
                .iadd_imm_s(address, -(self.window.start as i64));
            let last = self.window.end - self.window.start - u64::from(bytes);
            let fits = IntCC::UnsignedLessThanOrEqual;
            let fits = self.builder.ins().icmp_imm_u(fits, offset, last as i64);
            self.builder.ins().brif(fits, inside, &[], helper, &[]);
            self.enter(inside);
            let place = self.builder.ins().iadd(self.base, offset);
            let done = self.direct(operand, place, &operands);
            self.builder.ins().jump(after, &[BlockArg::Value(done)]);
        } else {
            self.builder.ins().jump(helper, &[]);
        }
        self.builder.set_cold_block(helper);
        self.enter(helper);
        let site = self.site(Site::Access(operand));
        let zero = self.constant(0);
        let word = |n: usize| operands.get(n).copied().unwrap_or(zero);
        let arguments = [self.state, site, address, word(0), word(1)];
        let results = self.call(support::access as *const (), &arguments, 2);
        let pc = self.pc;
        self.exit_if(results[1], true, |lowering| {
            lowering.exit(Reason::Fault(pc))
        });
        let done = [BlockArg::Value(results[0])];
        self.builder.ins().jump(after, &done);
        self.enter(after);
        value
    }

    /// An access to a host address.
    fn direct(&mut self, operand: Operand, place: Value, operands: &[Value]) -> Value {
        let flags = MemFlagsData::new().with_alias_region(Some(self.regions[1]));
        match operand {
            Operand::Load(access) => {
                let raw = self
                    .builder
                    .ins()
                    .load(integer(access.bytes), flags, place, 0);
                self.register_value(access, raw)
            }
            Operand::Store(access) => {
                let raw = self.raw_value(access, operands[0]);
                self.builder.ins().store(flags, raw, place, 0);
                operands[0]
            }
            Operand::Rmw(access, op) => {
                let kind = integer(access.bytes);
                let raw = self.raw_value(access, operands[0]);
                let old = self
                    .builder
                    .ins()
                    .atomic_rmw(kind, flags, atomic(op), place, raw);
                self.register_value(access, old)
            }
            Operand::CompareExchange(access) => {
                let expected = self.raw_value(access, operands[0]);
                let new = self.raw_value(access, operands[1]);
                let old = self.builder.ins().atomic_cas(flags, place, expected, new);
                self.register_value(access, old)
            }
        }
    }

    fn register_value(&mut self, access: Access, raw: Value) -> Value {
        let raw = self.ordered(access, raw);
        match (access.bytes, access.signed) {
            (8, _) => raw,
            (_, true) => self.builder.ins().sextend(I64, raw),
            (_, false) => self.builder.ins().uextend(I64, raw),
        }
    }

    fn raw_value(&mut self, access: Access, value: Value) -> Value {
        let low = match access.bytes {
            8 => value,
            bytes => self.builder.ins().ireduce(integer(bytes), value),
        };
        self.ordered(access, low)
    }

    fn ordered(&mut self, access: Access, raw: Value) -> Value {
        match access.order {
            Order::Big if access.bytes > 1 => self.builder.ins().bswap(raw),
            _ => raw,
        }
    }

    // Control.

    fn enter(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        // Every jump to it has been made.
        self.builder.seal_block(block);
    }

    /// Leaves by `exit` if the condition holds.
    fn exit_if(&mut self, condition: Value, rare: bool, exit: impl FnOnce(&mut Self)) {
        let (leave, stay) = (self.builder.create_block(), self.builder.create_block());
        if rare {
            self.builder.set_cold_block(leave);
        }
        self.builder.ins().brif(condition, leave, &[], stay, &[]);
        self.enter(leave);
        exit(self);
        self.enter(stay);
        self.left = false;
    }

    /// The end of an instruction that goes on at a computed address.
    fn leave_for(&mut self, target: Id) {
        self.store_word(self.get(target));
        self.retired += 1;
        self.exit(Reason::Computed);
        self.retired -= 1;
    }

    fn exit(&mut self, reason: Reason) {
        for slot in self.dirty.clone() {
            let value = self.read(slot);
            let (flags, offset) = (self.state_flags(), register_offset(slot));
            self.builder.ins().store(flags, value, self.state, offset);
        }
        let number = self.constant(self.exits.len() as u64);
        self.builder.ins().return_(&[number]);
        self.exits.push(Exit {
            reason,
            retired: self.retired,
        });
        self.left = true;
    }

    fn store_word(&mut self, word: Value) {
        let (flags, offset) = (self.state_flags(), offset_of!(State, word) as i32);
        self.builder.ins().store(flags, word, self.state, offset);
    }

    // Help.

    fn state_flags(&self) -> MemFlagsData {
        MemFlagsData::trusted().with_alias_region(Some(self.regions[0]))
    }

    /// The address of a site that lives as long as the code.
    fn site(&mut self, site: Site) -> Value {
        let site = Box::new(site);
        let address = &raw const *site;
        self.sites.push(site);
        self.constant(address as u64)
    }

    /// Calls a function of the host's calling convention that takes and returns words.
    fn call(&mut self, function: *const (), arguments: &[Value], results: usize) -> Vec<Value> {
        let mut signature = Signature::new(self.builder.func.signature.call_conv);
        signature.params = vec![AbiParam::new(I64); arguments.len()];
        signature.returns = vec![AbiParam::new(I64); results];
        let signature = self.builder.import_signature(signature);
        let function = self.constant(function as u64);
        let call = self
            .builder
            .ins()
            .call_indirect(signature, function, arguments);
        self.builder.inst_results(call).to_vec()
    }
}

fn register_offset(slot: Slot) -> i32 {
    (offset_of!(State, registers) + 8 * usize::from(slot)) as i32
}

/// The bytes that an access touches, and whether code can do it itself.
fn size(operand: Operand) -> (u8, bool) {
    match operand {
        Operand::Load(access) | Operand::Store(access) | Operand::CompareExchange(access) => {
            (access.bytes, true)
        }
        // Sums and comparisons of numbers in the other byte order are not the host's.
        Operand::Rmw(access, op) => {
            let bitwise = matches!(op, Rmw::Swap | Rmw::And | Rmw::Or | Rmw::Xor);
            let native = access.order == Order::Little || access.bytes == 1;
            (access.bytes, bitwise || native)
        }
    }
}

fn integer(bytes: u8) -> Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}

fn condition(comparison: Compare) -> IntCC {
    match comparison {
        Compare::Equal => IntCC::Equal,
        Compare::NotEqual => IntCC::NotEqual,
        Compare::LessSigned => IntCC::SignedLessThan,
        Compare::LessUnsigned => IntCC::UnsignedLessThan,
        Compare::GreaterEqualSigned => IntCC::SignedGreaterThanOrEqual,
        Compare::GreaterEqualUnsigned => IntCC::UnsignedGreaterThanOrEqual,
    }
}

fn atomic(op: Rmw) -> AtomicRmwOp {
    match op {
        Rmw::Swap => AtomicRmwOp::Xchg,
        Rmw::Add => AtomicRmwOp::Add,
        Rmw::And => AtomicRmwOp::And,
        Rmw::Or => AtomicRmwOp::Or,
        Rmw::Xor => AtomicRmwOp::Xor,
        Rmw::MinSigned => AtomicRmwOp::Smin,
        Rmw::MaxSigned => AtomicRmwOp::Smax,
        Rmw::MinUnsigned => AtomicRmwOp::Umin,
        Rmw::MaxUnsigned => AtomicRmwOp::Umax,
    }
}
