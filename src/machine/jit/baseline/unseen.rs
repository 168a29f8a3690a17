//! What nobody sees of a block: slots that are written anew before anything reads them or the block may be left. Most
//! are flags.

use crate::graph::Node;
use crate::jit::flow::Slots;
use crate::jit::step::Step;

/// Of each node of a block's steps, one after the other, whether it need not be carried out. `unseen` and `needed` are
/// room that is used again. Returns which slots nobody sees as they were before the block.
pub fn look_for_unseen(steps: &[Step], unseen: &mut Vec<bool>, needed: &mut Vec<bool>) -> Slots {
    unseen.clear();
    unseen.resize(steps.iter().map(|step| step.graph.nodes.len()).sum(), false);
    let mut end = unseen.len();
    // What is written before it is read.
    let mut written = Slots::default();
    for step in steps.iter().rev() {
        let nodes = &step.graph.nodes;
        let unseen = &mut unseen[end - nodes.len()..end];
        end -= nodes.len();
        needed.clear();
        needed.resize(nodes.len(), false);
        let (mut depth, mut may_leave) = (0, false);
        for (index, node) in nodes.iter().enumerate().rev() {
            unseen[index] = match *node {
                Node::Write(slot, _) => written.contains(slot),
                ref node if is_value(node) => !needed[index],
                _ => false,
            };
            if unseen[index] {
                continue;
            }
            match *node {
                Node::End => depth += 1,
                Node::When(_) => depth -= 1,
                Node::Read(slot) => written.remove(slot),
                Node::Write(slot, _) if depth == 0 => written.insert(slot),
                Node::Write(..) => {}
                ref node if is_value(node) => {}
                _ => {
                    // Where it goes then, what was written before it is seen.
                    written = Slots::default();
                    may_leave = true;
                }
            }
            node.each_id(|id| needed[id as usize] = true);
        }
        // The interpreter may begin such a step again.
        if may_leave {
            written = Slots::default();
        }
    }
    written
}

/// Whether a node is nothing but a value.
fn is_value(node: &Node) -> bool {
    matches!(
        node,
        Node::Constant(_)
            | Node::Address(_)
            | Node::Read(_)
            | Node::Unary(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::Select(..)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Binary;
    use crate::graph::Graph;
    use crate::guest::Flow;
    use crate::memory::Access;

    fn unseen_of(steps: &[&[Node]]) -> Vec<bool> {
        let step = |(pc, nodes): (u64, &&[Node])| {
            let graph = Graph {
                nodes: nodes.to_vec(),
                pc,
                next_pc: pc + 1,
                restart_pc: pc,
                flow: Flow::Next,
            };
            Step {
                graph,
                second: None,
            }
        };
        let steps: Vec<Step> = (0..).zip(steps).map(step).collect();
        let (mut unseen, mut needed) = Default::default();
        look_for_unseen(&steps, &mut unseen, &mut needed);
        unseen
    }

    #[test]
    fn what_is_written_anew_is_not_carried_out() {
        // r1 = r2 + 5; r3 = r1
        let sum = [
            Node::Read(2),
            Node::Constant(5),
            Node::Binary(Binary::Add, 0, 1),
            Node::Write(1, 2),
        ];
        let copy = [Node::Read(1), Node::Write(3, 0)];
        let clear = [Node::Constant(0), Node::Write(1, 0)];
        assert_eq!(
            unseen_of(&[&sum, &clear]),
            [true, true, true, true, false, false]
        );
        assert!(!unseen_of(&[&sum, &copy, &clear]).contains(&true));
        assert!(!unseen_of(&[&sum, &copy]).contains(&true));
        // Where the load faults, r1 is to be there.
        let load = [Node::Read(3), Node::Load(Access::U64, 0), Node::Write(4, 1)];
        assert!(!unseen_of(&[&sum, &load, &clear]).contains(&true));
        // Where the branch goes, too.
        let branch = [
            Node::Constant(7),
            Node::Write(1, 0),
            Node::Read(3),
            Node::Branch(2, 64),
        ];
        assert!(!unseen_of(&[&branch, &clear]).contains(&true));
        // It may not be written anew.
        let maybe = [
            Node::Read(3),
            Node::When(0),
            Node::Constant(0),
            Node::Write(1, 2),
            Node::End,
        ];
        assert!(!unseen_of(&[&sum, &maybe]).contains(&true));
        assert_eq!(unseen_of(&[&maybe, &clear])[2..4], [true, true]);
    }
}
