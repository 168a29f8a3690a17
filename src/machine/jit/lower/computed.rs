//! Computed jumps: on within the region if they go where that was foreseen, else out of it.

use super::super::frame::{Exit, frame_offset};
use super::super::strays::Stray;
use super::{Lowering, PC};
use crate::graph::Graph;
use crate::guest::Flow;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, InstBuilder, JumpTableData, MemFlagsData, Value,
};

/// The most ways that are told apart by one comparison after the other.
const FEW: usize = 4;
/// The most addresses that a table of ways spans.
const WIDEST: u64 = 1 << 16;

impl Lowering<'_> {
    /// Goes on at an address in a register, by the jump of an instruction.
    pub(super) fn go_computed(&mut self, target: Value, graph: &Graph) {
        let region = self.region;
        let candidates = region.candidates(graph.pc);
        if candidates.is_empty() {
            self.save_all();
            self.count_stray(target, graph, 0);
            return self.look_up(target);
        }
        let counted = self.count();
        self.save_raising();
        // As in `go`, but only once for all ways.
        if candidates.iter().any(|place| *place <= self.start) {
            self.poll_with(|lowering| lowering.set_hart(PC, target));
        }
        let elsewhere = self.builder.create_block();
        self.builder.set_cold_block(elsewhere);
        let ways = match self.table(candidates) {
            Some((lowest, table)) if candidates.len() > FEW => {
                self.choose(target, candidates, lowest, table, elsewhere);
                candidates.len()
            }
            _ => {
                let few = candidates.len().min(FEW);
                self.compare_all(target, &candidates[..few], elsewhere);
                few
            }
        };
        self.enter(elsewhere);
        self.save_all();
        self.count_stray(target, graph, ways);
        self.look_up(target);
        self.counted = counted;
    }

    /// On the way out of the region by a jump with so many ways within it, the state being saved: counts that, if it is
    /// not to be expected, and from time to time tells.
    fn count_stray(&mut self, target: Value, graph: &Graph, ways: usize) {
        let Some(patience) = self.region.patience else {
            return;
        };
        // A function returns to those outside that call it, too.
        if !matches!(graph.flow, Flow::Jump | Flow::Call) {
            return;
        }
        let stray = Box::new(Stray::new(graph.pc, self.region.entry, ways, patience));
        let address = self.constant(&raw const *stray as u64);
        self.tables.strays.push(stray);
        let flags = MemFlagsData::trusted();
        let ins = self.builder.ins();
        let left = ins.load(I32, flags, address, Stray::LEFT);
        // Other harts may count at the same time: then one is missed.
        let left = self.builder.ins().iadd_imm_s(left, -1);
        let ins = self.builder.ins();
        ins.store(flags, left, address, Stray::LEFT);
        let is_over = IntCC::SignedLessThan;
        let is_over = self.builder.ins().icmp_imm_s(is_over, left, 0);
        let [tell, on] = [(); 2].map(|()| self.builder.create_block());
        self.builder.set_cold_block(tell);
        self.builder.ins().brif(is_over, tell, &[], on, &[]);
        self.enter(tell);
        self.set_hart(PC, target);
        self.set_hart(frame_offset!(stray), address);
        self.return_exit(Exit::Stray);
        self.enter(on);
        self.left = false;
    }

    /// Compares the target with one candidate after the other.
    fn compare_all(&mut self, target: Value, candidates: &[u64], elsewhere: Block) {
        for (index, &place) in candidates.iter().enumerate() {
            let same = self
                .builder
                .ins()
                .icmp_imm_u(IntCC::Equal, target, place as i64);
            let next = match index + 1 == candidates.len() {
                true => elsewhere,
                false => self.builder.create_block(),
            };
            let (way, prepares) = self.way(place);
            self.builder.ins().brif(same, way, &[], next, &[]);
            if prepares {
                self.prepare(way, place);
            }
            if next != elsewhere {
                self.enter(next);
            }
        }
    }

    /// Which candidate each address that may be one is, from the lowest on. None if they are far apart.
    fn table(&self, candidates: &[u64]) -> Option<(u64, Box<[u8]>)> {
        let (lowest, highest) = (candidates.iter().min()?, candidates.iter().max()?);
        let shift = self.target.entered.shift;
        let span = (highest - lowest) >> shift;
        if span >= WIDEST || candidates.len() >= usize::from(u8::MAX) {
            return None;
        }
        let mut table = vec![u8::MAX; span as usize + 1];
        for (way, place) in (0..).zip(candidates) {
            table[((place - lowest) >> shift) as usize] = way;
        }
        Some((*lowest, table.into()))
    }

    /// Looks up in a table which candidate the target is.
    fn choose(
        &mut self,
        target: Value,
        candidates: &[u64],
        lowest: u64,
        table: Box<[u8]>,
        elsewhere: Block,
    ) {
        let shift = i64::from(self.target.entered.shift);
        let lowest = self.builder.ins().iconst(I64, lowest as i64);
        let offset = self.builder.ins().isub(target, lowest);
        // What is between two instructions, or below the lowest, becomes very high.
        let index = self.builder.ins().rotr_imm_u(offset, shift);
        let last = table.len() as i64;
        let within = self
            .builder
            .ins()
            .icmp_imm_u(IntCC::UnsignedLessThan, index, last);
        let look = self.builder.create_block();
        self.builder.ins().brif(within, look, &[], elsewhere, &[]);
        self.enter(look);
        let address = self.builder.ins().iconst(I64, table.as_ptr() as i64);
        self.tables.ways.push(table);
        let place = self.builder.ins().iadd(address, index);
        let flags = MemFlagsData::trusted();
        let way = self.builder.ins().uload8(I32, flags, place, 0);
        let ways: Vec<_> = candidates.iter().map(|place| self.way(*place)).collect();
        let lists = &mut self.builder.func.dfg.value_lists;
        let mut call = |block| BlockCall::new(block, [], lists);
        let calls: Vec<_> = ways.iter().map(|(way, _)| call(*way)).collect();
        let table = JumpTableData::new(call(elsewhere), &calls);
        let table = self.builder.create_jump_table(table);
        self.builder.ins().br_table(way, table);
        for (&place, (way, prepares)) in candidates.iter().zip(ways) {
            if prepares {
                self.prepare(way, place);
            }
        }
    }

    /// The block by which a place in the region is reached, and whether it is one of its own, for what
    /// is to be done on the way.
    fn way(&mut self, place: u64) -> (Block, bool) {
        let way = (self.start, place);
        match self.prepared.contains(&way) || self.inside.compared(&way).len() > 0 {
            true => (self.builder.create_block(), true),
            false => (self.blocks[&place], false),
        }
    }

    /// Fills in the block with what is to be done on the way to a place.
    fn prepare(&mut self, way: Block, place: u64) {
        self.enter(way);
        self.prepare_for(place);
        self.builder.ins().jump(self.blocks[&place], &[]);
    }

    /// Leaves the region, whose state is saved, for an address in a register: for other code, if that was entered
    /// lately.
    fn look_up(&mut self, target: Value) {
        let table = self.target.entered;
        let entered = self.hart_constant(frame_offset!(entered));
        // The place of the entry, still shifted.
        let index = (table.entries - 1) << table.shift;
        let index = self.builder.ins().band_imm_u(target, index as i64);
        let scale = (table.size >> table.shift) as i64;
        let offset = self.builder.ins().imul_imm_u(index, scale);
        let entry = self.builder.ins().iadd(entered, offset);
        let flags = self.hart_flags();
        let start = self.builder.ins().load(I64, flags, entry, table.start);
        let same = self.builder.ins().icmp(IntCC::Equal, start, target);
        let missed = match self.missed {
            Some(missed) => missed,
            None => {
                let block = self.builder.create_block();
                self.builder.set_cold_block(block);
                self.builder.append_block_param(block, I64);
                *self.missed.insert(block)
            }
        };
        let miss = [BlockArg::Value(target)];
        let [known, found] = [(); 2].map(|()| self.builder.create_block());
        self.builder.ins().brif(same, known, &[], missed, &miss);
        self.enter(known);
        let code = self.builder.ins().load(I64, flags, entry, table.code);
        self.builder.ins().brif(code, found, &[], missed, &miss);
        self.enter(found);
        self.tail(code, self.hart);
    }
}
