//! Functions within a region: where their returns lead.

use super::region::known_targets;
use super::step::Step;
use crate::guest::Flow;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most ways that the computed jumps of a region have within it, but for a few each: bounds
/// what compiling them costs.
const MOST_WAYS: usize = 300;
/// That few.
const FEW_WAYS: usize = 3;

/// Where the returns of the functions that are called in a region lead to within it: by the
/// address of the return, likely ones first. `computed` says where other computed jumps lead, `heat`
/// how often a place was entered.
pub fn returns(
    steps: &BTreeMap<u64, Step>,
    computed: &FxHashMap<u64, Vec<u64>>,
    heat: impl Fn(u64) -> u64,
) -> FxHashMap<u64, Vec<u64>> {
    let targets = |pc: u64, step: &Step| {
        let known: Vec<u64> = known_targets(step).collect();
        match computed.get(&pc) {
            Some(went) if known.is_empty() => went.clone(),
            _ => known,
        }
    };
    let mut callers: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    for (&pc, step) in steps {
        let after = step.graph.next_pc;
        if step.graph.flow == Flow::Call && steps.contains_key(&after) {
            for callee in targets(pc, step) {
                callers.entry(callee).or_default().push(after);
            }
        }
    }
    let mut returns: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    for (callee, afters) in callers {
        // What a function jumps to is a part of it; what it calls comes back.
        let mut seen = FxHashSet::default();
        let mut waiting = vec![callee];
        while let Some(pc) = waiting.pop() {
            let Some(step) = steps.get(&pc) else {
                continue;
            };
            if !seen.insert(pc) {
                continue;
            }
            let flow = step.graph.flow;
            if matches!(flow, Flow::Next | Flow::Branch | Flow::Call) {
                waiting.push(step.graph.next_pc);
            }
            if matches!(flow, Flow::Branch | Flow::Jump) {
                waiting.extend(targets(pc, step));
            }
            if flow == Flow::Return && known_targets(step).next().is_none() {
                let places = returns.entry(pc).or_default();
                for after in &afters {
                    if !places.contains(after) {
                        places.push(*after);
                    }
                }
            }
        }
    }
    for places in returns.values_mut() {
        places.sort_by_key(|place| (Reverse(heat(*place)), *place));
    }
    returns
}

/// Leaves out unlikely ways of computed jumps, which come last, where all together are many.
pub fn bound(computed: &mut FxHashMap<u64, Vec<u64>>) {
    let most = (MOST_WAYS / computed.len().max(1)).max(FEW_WAYS);
    for places in computed.values_mut() {
        places.truncate(most);
    }
}
