//! What the compiler makes of a region, for people: the code, and which guest instruction each part of
//! it came of.

use super::draft::Moves;
use super::flags::OVERRIDDEN;
use super::looks::{Finished, finish};
use super::lower::{Tables, Target, instruction_at};
use super::worker::Compiler;
use super::{Region, exceptions, frame};
use crate::engine::{Compilation, Constant, Cpu, Part};
use crate::graph::Node;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::{Block, Function, Inst, SourceLoc};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Marks a [`SourceLoc`] of the lowering as one of code aside. It leaves this bit alone.
const ASIDE: u32 = 1;

/// Compiles a region whose instructions have these addresses, in its order.
pub fn inspect(region: &Region, target: &Target, cpu: Cpu, of: &[u64]) -> Option<Compilation> {
    let mut compiler = Compiler::new(cpu);
    let mut lowered = String::new();
    let tables = compiler.translate(target, region, |function| {
        mark(function);
        lowered = clif(function, of);
    })?;
    let compiled = compiler.context.compiled_code()?;
    let mut instructions = of.to_vec();
    instructions.sort_unstable();
    let mut leads_to: Vec<u64> = tables.links.iter().map(|link| link.target()).collect();
    leads_to.sort_unstable();
    leads_to.dedup();
    let Finished { code, moves, .. } = finish(compiled);
    let mut parts = parts(compiled, &moves, of);
    let stubs = moves.of(compiled.code_buffer().len())..code.len();
    parts.extend((!stubs.is_empty()).then_some(Part {
        range: stubs,
        of: None,
        aside: true,
    }));
    Some(Compilation {
        instructions,
        code,
        parts,
        constants: constants(region, &tables),
        clif: [lowered, clif(&compiler.context.func, of)],
        leads_to,
    })
}

/// Marks the instructions of blocks that are aside.
fn mark(function: &mut Function) {
    let blocks: Vec<Block> = function.layout.blocks().collect();
    let aside: FxHashSet<Block> = blocks
        .iter()
        .copied()
        .filter(|block| function.layout.is_cold(*block))
        .chain(ways_out(function, &blocks))
        .collect();
    for block in aside {
        let instructions: Vec<Inst> = function.layout.block_insts(block).collect();
        for instruction in instructions {
            let marked = function.srcloc(instruction).bits() | ASIDE;
            function.set_srcloc(instruction, SourceLoc::new(marked));
        }
    }
}

/// The blocks that leave the region beside one that does not.
fn ways_out(function: &Function, blocks: &[Block]) -> Vec<Block> {
    let leaves = |block: Block| {
        let last = function.layout.last_inst(block);
        function.layout.is_cold(block)
            || last.is_some_and(|last| function.dfg.insts[last].opcode().is_return())
    };
    let mut ways = Vec::new();
    for &block in blocks {
        let Some(last) = function.layout.last_inst(block) else {
            continue;
        };
        let (tables, exceptions) = (&function.dfg.jump_tables, &function.dfg.exception_tables);
        let after = function.dfg.insts[last].branch_destination(tables, exceptions);
        let after: Vec<Block> = after
            .iter()
            .map(|call| call.block(&function.dfg.value_lists))
            .collect();
        if after.iter().any(|after| !leaves(*after)) {
            ways.extend(after.into_iter().filter(|after| leaves(*after)));
        }
    }
    ways
}

/// A function as text, with the addresses of guest instructions where Cranelift puts numbers.
fn clif(function: &Function, of: &[u64]) -> String {
    let text = function.to_string();
    let line = |line: &str| {
        let located = line.strip_prefix('@').and_then(|line| line.split_once(' '));
        let (number, rest) = located.unwrap_or(("", line));
        let number = u32::from_str_radix(number, 16).ok();
        match number.and_then(|number| instruction_at(number, of)) {
            Some(address) => format!("{address:8x}  {}\n", rest.trim_start()),
            None => format!("{:8}  {}\n", "", rest.trim_start()),
        }
    };
    text.lines().map(line).collect()
}

/// What each run of code belongs to.
fn parts(compiled: &CompiledCode, moves: &Moves, of: &[u64]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut start = 0;
    for located in compiled.buffer.get_srclocs_sorted() {
        // What Cranelift made anew has no location; it stands before what uses it.
        if located.loc.is_default() {
            continue;
        }
        let end = moves.of(located.end as usize);
        let bits = located.loc.bits();
        let (of, aside) = (instruction_at(bits, of), bits & ASIDE != 0);
        match parts.last_mut() {
            Some(last) if (last.of, last.aside) == (of, aside) => last.range.end = end,
            _ if end > start => parts.push(Part {
                range: start..end,
                of,
                aside,
            }),
            _ => {}
        }
        start = end.max(start);
    }
    let all = compiled.buffer.get_srclocs_sorted().iter();
    if let (Some(last), Some(end)) = (parts.last_mut(), all.map(|at| at.end).max()) {
        last.range.end = moves.of(end as usize);
    }
    parts
}

/// What the code refers to by address.
fn constants(region: &Region, tables: &Tables) -> BTreeMap<u64, Constant> {
    let mut constants = BTreeMap::new();
    let function = Constant::Function("float");
    constants.insert(exceptions::exact_address(), function);
    let function = Constant::Function("make_flags");
    constants.insert(frame::make_flags as *const () as u64, function);
    let function = Constant::Function("make_ahead");
    constants.insert(frame::make_ahead as *const () as u64, function);
    let function = Constant::Function("call");
    constants.insert(exceptions::call as *const () as u64, function);
    for link in &tables.links {
        constants.insert(&raw const **link as u64, Constant::Exit(link.target()));
    }
    for site in &tables.sites {
        let what = format!("{:?} of {:?}", site.operation, site.format);
        constants.insert(&raw const **site as u64, Constant::Argument(what));
    }
    for raising in &tables.raising {
        let what = Constant::Argument(format!("{raising}"));
        constants.insert(&raw const **raising as u64, what);
    }
    for flags in &tables.flags {
        let address = &raw const **flags as u64;
        let all = Constant::Argument(format!("{flags}"));
        constants.insert(address, all);
        let most = Constant::Argument(format!("{flags}, some overridden"));
        constants.insert(address | OVERRIDDEN as u64, most);
    }
    let steps = region.blocks.iter().flat_map(|block| &block.steps);
    for node in steps.flat_map(|step| &step.graph.nodes) {
        if let Node::Call(helper, _) = node {
            let address = helper.function as *const () as u64;
            constants.insert(address, Constant::Function(helper.name));
        }
    }
    constants
}
