//! Keeps floating-point operations in loops where they are.
//!
//! Cranelift moves what does not change in a loop out of it, to where it is carried out even if the
//! loop never comes to it. That would raise exceptions that the guest's code never raises. So where all
//! operands of an operation may come from outside of the loop, one of them takes a way through memory
//! that Cranelift does not see through.

use super::frame::frame_offset;
use cranelift_codegen::CodegenResult;
use cranelift_codegen::Context;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    Function, Inst, InstBuilder, InstructionData, MemFlagsData, Opcode, Value, ValueDef,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::loop_analysis::{Loop, LoopAnalysis};
use rustc_hash::FxHashMap;

/// Anchors the operations of a function that is about to be compiled.
pub fn anchor(context: &mut Context, isa: &dyn TargetIsa) -> CodegenResult<()> {
    // As Cranelift itself begins: only then is it clear which values come from where.
    context.compute_cfg();
    context.compute_domtree();
    context.eliminate_unreachable_code(isa)?;
    context.remove_constant_phis(isa)?;
    context.func.dfg.resolve_all_aliases();
    context.compute_loop_analysis();
    let function = &context.func;
    let mut settled = Settled {
        function,
        loops: &context.loop_analysis,
        known: FxHashMap::default(),
    };
    let mut loose = Vec::new();
    for block in function.layout.blocks() {
        let Some(innermost) = settled.loops.innermost_loop(block) else {
            continue;
        };
        for inst in function.layout.block_insts(block) {
            if raises(function.dfg.insts[inst].opcode()) && settled.operands(inst, innermost) {
                loose.push(inst);
            }
        }
    }
    for inst in loose {
        fix(&mut context.func, inst);
    }
    Ok(())
}

/// Whether an operation may raise an exception.
fn raises(opcode: Opcode) -> bool {
    use Opcode::*;
    matches!(
        opcode,
        Fadd | Fsub
            | Fmul
            | Fdiv
            | Sqrt
            | Fma
            | Fdemote
            | Fpromote
            | FcvtFromSint
            | FcvtToSintSat
            | Fcmp
    )
}

/// Has the first operand of an operation go through the hart.
fn fix(function: &mut Function, inst: Inst) {
    let entry = function.layout.entry_block().expect("a function with code");
    let hart = function.dfg.block_params(entry)[0];
    let operand = function.dfg.inst_args(inst)[0];
    let kind = function.dfg.value_type(operand);
    let mut cursor = FuncCursor::new(function).at_inst(inst);
    let flags = MemFlagsData::trusted();
    let offset = frame_offset!(way);
    cursor.ins().store(flags, operand, hart, offset);
    let place = cursor.ins().iadd_imm_s(hart, i64::from(offset));
    let bits = if kind.bits() == 64 { I64 } else { I32 };
    let mut value = cursor.ins().atomic_load(bits, flags, place);
    if kind != bits {
        value = cursor.ins().bitcast(kind, MemFlagsData::new(), value);
    }
    function.dfg.inst_args_mut(inst)[0] = value;
}

/// Which values Cranelift may compute outside of a loop.
struct Settled<'a> {
    function: &'a Function,
    loops: &'a LoopAnalysis,
    known: FxHashMap<(Value, Loop), bool>,
}

impl Settled<'_> {
    fn operands(&mut self, inst: Inst, within: Loop) -> bool {
        let function = self.function;
        let operands = function.dfg.inst_args(inst).iter();
        operands.copied().all(|operand| self.value(operand, within))
    }

    fn value(&mut self, value: Value, within: Loop) -> bool {
        if let Some(&known) = self.known.get(&(value, within)) {
            return known;
        }
        let is_settled = match self.function.dfg.value_def(value) {
            ValueDef::Param(block, _) => !self.loops.is_in_loop(block, within),
            ValueDef::Result(inst, _) => {
                let block = self.function.layout.inst_block(inst);
                let inside = block.is_some_and(|block| self.loops.is_in_loop(block, within));
                !inside || self.is_pure(inst) && self.operands(inst, within)
            }
            ValueDef::Union(..) => true,
        };
        self.known.insert((value, within), is_settled);
        is_settled
    }

    fn is_pure(&self, inst: Inst) -> bool {
        let data = &self.function.dfg.insts[inst];
        let opcode = data.opcode();
        if let InstructionData::Load { flags, .. } = *data {
            let flags = self.function.dfg.mem_flags[flags];
            return flags.readonly() && flags.can_move();
        }
        !opcode.can_load() && !opcode.can_store() && !opcode.other_side_effects()
    }
}
