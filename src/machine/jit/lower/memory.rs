//! Accesses to guest memory: where they are, and what they carry.

use super::{Lowering, integer};
use crate::domain::{Binary, Unary};
use crate::graph::{Graph, Id, Node};
use crate::jit::frame::frame_offset;
use crate::memory::{Access, Order, Rmw};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F32, F64, I64};
use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, Opcode, Value};

/// Accesses reach this far from an address that was compared with the limit: less than the guard
/// zones around guest memory.
const REACH: i64 = 1 << 20;

impl Lowering<'_> {
    /// The host address of a guest address, and an offset to it. Beyond the wall, the code is left
    /// first.
    pub(super) fn place(&mut self, graph: &Graph, address: Id) -> (Value, i32) {
        let (inside, offset) = self.split(graph, address);
        self.check(inside);
        (self.builder.ins().iadd(self.base, inside), offset)
    }

    /// The same for instructions that take no offset.
    pub(super) fn atomic_place(&mut self, graph: &Graph, address: Id) -> Value {
        match self.place(graph, address) {
            (place, 0) => place,
            (place, offset) => self.builder.ins().iadd_imm_s(place, i64::from(offset)),
        }
    }

    /// An address as another one and a small distance from it, so that accesses around the same
    /// address share a comparison.
    ///
    /// Where addresses wrap at 32 bits, a sum that does so is in a guard zone here, and left to the
    /// interpreter: the other address was found to be inside the wall.
    pub(super) fn split(&mut self, graph: &Graph, address: Id) -> (Value, i32) {
        let address = match graph.nodes[address as usize] {
            Node::Unary(Unary::SignExtend(32), sum) if self.target.limit <= 1 << 31 => sum,
            Node::Unary(Unary::ZeroExtend(32), sum) if self.target.limit <= 1 << 32 => sum,
            _ => address,
        };
        if let Node::Binary(Binary::Add, base, offset) = graph.nodes[address as usize] {
            for (base, offset) in [(base, offset), (offset, base)] {
                let offset = self
                    .known
                    .get(&self.value(offset))
                    .map(|offset| *offset as i64);
                if let Some(offset) = offset
                    && offset.abs() < REACH
                {
                    return (self.address(base), offset as i32);
                }
            }
        }
        (self.address(address), 0)
    }

    /// A word as an address. Where all of them have 31 bits, a sign makes one of those that are beyond
    /// the wall of another.
    fn address(&mut self, id: Id) -> Value {
        let word = self.word(id);
        match self.extended(word) {
            Some((_, half)) if self.target.limit <= 1 << 31 => {
                self.builder.ins().uextend(I64, half)
            }
            _ => word,
        }
    }

    /// Leaves unless the address is inside the wall.
    pub(super) fn check(&mut self, address: Value) {
        let same = match self.extended(address) {
            // Equal ones that were extended in two places. Zero-extended, a half may be inside where it
            // is not sign-extended.
            Some((Opcode::Sextend, half)) => half,
            Some((_, half)) if self.target.limit <= 1 << 31 => half,
            _ => address,
        };
        if !self.checked.insert(same) {
            return;
        }
        if let Some(&address) = self.known.get(&address)
            && address < self.target.limit
        {
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
        let outside = IntCC::UnsignedGreaterThanOrEqual;
        let outside = self.builder.ins().icmp(outside, address, limit);
        let inside = self.builder.create_block();
        self.builder.ins().brif(outside, beyond, &[], inside, &[]);
        self.enter(inside);
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
