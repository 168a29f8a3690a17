//! Accesses to guest memory: where they are, and what they carry.

use super::{Lowering, integer};
use crate::domain::Binary;
use crate::graph::{Graph, Id, Node};
use crate::jit::frame::frame_offset;
use crate::jit::inside::REACH;
use crate::memory::{Access, Order, Rmw};
use cranelift_codegen::ir::types::{F32, F64, I64};
use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, Value};

impl Lowering<'_> {
    /// The host address of a guest address, and an offset to it. Beyond the wall, the code is left
    /// first.
    pub(super) fn place(&mut self, graph: &Graph, access: Id, address: Id) -> (Value, i32) {
        let (inside, offset) = match graph.nodes[address as usize] {
            // A sum that wraps is in a guard zone here, and left to the interpreter.
            ref node @ Node::Unary(_, sum) if self.target.wraps_inside(node) => {
                let (base, offset) = self.split(graph, sum);
                let half = self.half(base);
                (self.builder.ins().uextend(I64, half), offset)
            }
            _ => {
                let (base, offset) = self.split(graph, address);
                if !self.inside.is_unchecked(graph.pc, access) {
                    self.check(base);
                }
                (base, offset)
            }
        };
        (self.builder.ins().iadd(self.base, inside), offset)
    }

    /// The same for instructions that take no offset.
    pub(super) fn atomic_place(&mut self, graph: &Graph, access: Id, address: Id) -> Value {
        match self.place(graph, access, address) {
            (place, 0) => place,
            (place, offset) => self.builder.ins().iadd_imm_s(place, i64::from(offset)),
        }
    }

    /// An address as another one and a small distance from it.
    fn split(&mut self, graph: &Graph, address: Id) -> (Value, i32) {
        if let Node::Binary(Binary::Add, base, offset) = graph.nodes[address as usize] {
            for (base, offset) in [(base, offset), (offset, base)] {
                let offset = self
                    .known
                    .get(&self.value(offset))
                    .map(|offset| *offset as i64);
                if let Some(offset) = offset
                    && offset.unsigned_abs() < REACH
                {
                    return (self.word(base), offset as i32);
                }
            }
        }
        (self.word(address), 0)
    }

    /// Leaves unless the address is inside the wall.
    fn check(&mut self, address: Value) {
        if self.most(address) < self.target.limit {
            return;
        }
        let beyond = match (self.failed(), self.beyond) {
            (Some(failed), _) => failed,
            (None, Some(beyond)) => beyond,
            (None, None) => {
                let block = self.builder.create_block();
                self.builder.set_cold_block(block);
                *self.beyond.insert(block)
            }
        };
        let limit = self.hart_constant(frame_offset!(limit));
        self.expect_below(address, limit, beyond);
    }

    /// Cranelift takes what was loaded before, if nothing was stored since, for what is loaded again. Where
    /// another load came between, a strongly ordered guest may tell: a reader of a sequence lock would
    /// never learn that it has to read again. Nor may a store be left out then that stores what was loaded.
    /// A sequence point ends what Cranelift knows, and is no code.
    pub(super) fn keep_load_in_order(&mut self) {
        if self.target.strongly_ordered && std::mem::replace(&mut self.loaded_since_store, true) {
            self.builder.ins().sequence_point();
        }
    }

    pub(super) fn load(&mut self, access: Access, place: Value, offset: i32) -> Value {
        let flags = self.guest_flags();
        let ins = self.builder.ins();
        match (access.order, access.bytes, access.signed) {
            (_, 1, false) => ins.uload8(I64, flags, place, offset),
            (_, 1, true) => ins.sload8(I64, flags, place, offset),
            (Order::Little, 2, false) => ins.uload16(I64, flags, place, offset),
            (Order::Little, 2, true) => ins.sload16(I64, flags, place, offset),
            (Order::Little, 4, false) => ins.uload32(flags, place, offset),
            (_, bytes, _) => {
                let raw = ins.load(integer(bytes), flags, place, offset);
                self.register_value(access, raw)
            }
        }
    }

    pub(super) fn register_value(&mut self, access: Access, raw: Value) -> Value {
        let raw = self.ordered(access, raw);
        match (access.bytes, access.signed) {
            (8, _) => raw,
            (_, true) => self.builder.ins().sextend(I64, raw),
            (_, false) => self.builder.ins().uextend(I64, raw),
        }
    }

    pub(super) fn raw_value(&mut self, access: Access, id: Id) -> Value {
        let value = self.value(id);
        // As it is.
        if access.order == Order::Little
            && matches!(
                (access.bytes, self.builder.func.dfg.value_type(value)),
                (8, F64) | (4, F32)
            )
        {
            return value;
        }
        let value = self.bits(value);
        let low = match access.bytes {
            8 => value,
            bytes => self.builder.ins().ireduce(integer(bytes), value),
        };
        self.ordered(access, low)
    }

    pub(super) fn ordered(&mut self, access: Access, raw: Value) -> Value {
        match access.order {
            Order::Big if access.bytes > 1 => self.builder.ins().bswap(raw),
            _ => raw,
        }
    }
}

pub(super) fn atomic(op: Rmw) -> AtomicRmwOp {
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
