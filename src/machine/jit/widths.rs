//! Which slots a region uses as registers of 32 bits: all that it writes to them are sign-extended
//! words of 32 bits, as 32-bit instruction sets and the 32-bit operations of others leave them.
//!
//! Then the upper half need not be kept, nor made each time round a loop. What such a slot holds when
//! the region is entered is not the region's doing; there, it is looked at.

use super::flow::Slots;
use super::region::Region;
use crate::domain::{Binary, Unary};
use crate::graph::{Graph, Node};
use crate::registers::SLOTS;

/// What is known of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    /// All of it.
    Known(u64),
    /// It is its lower half sign-extended.
    Half,
    /// Nothing.
    Word,
}

impl Width {
    fn is_half(self) -> bool {
        match self {
            Width::Known(value) => value as i32 as u64 == value,
            Width::Half => true,
            Width::Word => false,
        }
    }
}

/// The slots that a region writes sign-extended words of 32 bits to, and nothing else. What the slots
/// `unknown` hold when it is entered may be anything.
pub fn halves(region: &Region, unknown: &Slots, zero: &[bool; SLOTS]) -> Slots {
    let steps = || region.blocks.iter().flat_map(|block| &block.steps);
    let mut halves = Slots::default();
    for node in steps().flat_map(|step| &step.graph.nodes) {
        if let Node::Write(slot, _) = *node {
            halves.insert(slot);
        }
    }
    halves = halves.without(unknown);
    // What is copied from a slot that is none of them after all is none either.
    loop {
        let before = halves;
        for step in steps() {
            let widths = widths(&step.graph, &halves, zero);
            for node in &step.graph.nodes {
                match *node {
                    Node::Write(slot, value) if !widths[value as usize].is_half() => {
                        halves.remove(slot);
                    }
                    Node::Float(unit, ..) => halves.remove(unit.flags),
                    _ => {}
                }
            }
        }
        if halves == before {
            return halves;
        }
    }
}

/// What is known of each node of an instruction.
fn widths(graph: &Graph, halves: &Slots, zero: &[bool; SLOTS]) -> Vec<Width> {
    let mut widths: Vec<Width> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let of = |id: u32| widths[id as usize];
        let half_if = |condition| if condition { Width::Half } else { Width::Word };
        widths.push(match *node {
            Node::Constant(value) | Node::Address(value) => Width::Known(value),
            Node::Read(slot) if zero[usize::from(slot)] => Width::Known(0),
            Node::Read(slot) => half_if(halves.contains(slot)),
            Node::Unary(operation, a) => match (operation, of(a)) {
                (_, Width::Known(a)) => Width::Known(operation.apply(a)),
                (Unary::SignExtend(bits), _) => half_if(bits <= 32),
                (Unary::ZeroExtend(bits), _) => half_if(bits < 32),
                (Unary::Not, a) => half_if(a.is_half()),
                (Unary::LeadingZeros | Unary::TrailingZeros | Unary::CountOnes, _) => Width::Half,
                (Unary::Negate | Unary::SwapBytes, _) => Width::Word,
            },
            Node::Binary(operation, a, b) => binary(operation, of(a), of(b)),
            Node::Compare(..) => Width::Half,
            Node::Select(_, yes, no) => half_if(of(yes).is_half() && of(no).is_half()),
            Node::Load(access, _) | Node::Rmw(access, ..) | Node::CompareExchange(access, ..) => {
                half_if(access.bytes < 4 || access.bytes == 4 && access.signed)
            }
            _ => Width::Word,
        });
    }
    widths
}

fn binary(operation: Binary, a: Width, b: Width) -> Width {
    let is_small = |width| matches!(width, Width::Known(value) if value <= i32::MAX as u64);
    let is_half = match (operation, a, b) {
        (_, Width::Known(a), Width::Known(b)) => return Width::Known(operation.apply(a, b)),
        (Binary::Add | Binary::Sub | Binary::Or | Binary::Xor, a, Width::Known(0))
        | (Binary::Add | Binary::Or | Binary::Xor, Width::Known(0), a)
        | (Binary::ShiftRightArithmetic, a, _) => a.is_half(),
        (Binary::And, ..) => a.is_half() && b.is_half() || is_small(a) || is_small(b),
        (
            Binary::Or
            | Binary::Xor
            | Binary::MinSigned
            | Binary::MaxSigned
            | Binary::MinUnsigned
            | Binary::MaxUnsigned
            | Binary::RemSigned,
            ..,
        ) => a.is_half() && b.is_half(),
        _ => false,
    };
    if is_half { Width::Half } else { Width::Word }
}
