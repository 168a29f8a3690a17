//! Which slots a region uses as something else than words of 64 bits: as floats, or as registers of 32
//! bits.
//!
//! These are slots to which it writes nothing but sign-extended words of 32 bits, as 32-bit instruction
//! sets and the 32-bit operations of others leave them. Then the upper half need not be kept, nor made each time round a loop. What such a slot holds when
//! the region is entered is not the region's doing; there, it is looked at.

use super::flow::Slots;
use super::region::Region;
use crate::domain::{Binary, Unary};
use crate::float::{Format, Operation};
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

/// The slots that a region writes sign-extended words of 32 bits to, and nothing else; and those that it
/// only compares such slots with. What the slots `unknown` hold when it is entered may be anything.
pub fn halves(region: &Region, unknown: &Slots, zero: &[bool; SLOTS]) -> Slots {
    let steps = || region.blocks.iter().flat_map(|block| &block.steps);
    let mut halves = Slots::default();
    for node in steps().flat_map(|step| &step.graph.nodes) {
        if let Node::Write(slot, _) = *node {
            halves.insert(slot);
        }
    }
    let written = halves;
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
                    _ => {}
                }
            }
        }
        if halves == before {
            break;
        }
    }
    let mut compared = Slots::default();
    for step in steps() {
        let widths = widths(&step.graph, &halves, zero);
        let nodes = &step.graph.nodes;
        for node in nodes {
            if let Node::Compare(_, a, b) = *node {
                for (one, other) in [(a, b), (b, a)] {
                    if let Node::Read(slot) = nodes[one as usize]
                        && widths[other as usize] == Width::Half
                    {
                        compared.insert(slot);
                    }
                }
            }
        }
    }
    halves.extend(&compared.without(&written).without(unknown));
    halves
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

/// Which of the slots `floats` are best kept as floats of 64 bits: those that floating-point operations
/// read and write more often than others do.
pub fn doubles(region: &Region, floats: &Slots) -> Slots {
    let mut votes = [0i32; SLOTS];
    for step in region.blocks.iter().flat_map(|block| &block.steps) {
        let nodes = &step.graph.nodes;
        let is_float =
            |id: u32| matches!(nodes[id as usize], Node::Read(slot) if floats.contains(slot));
        for node in nodes {
            let mut vote = |id: u32, vote: i32| {
                if let Node::Read(slot) = nodes[id as usize] {
                    votes[usize::from(slot)] += vote;
                }
            };
            match *node {
                Node::Float(_, _, Format::F64, _, operands) => {
                    operands.iter().for_each(|operand| vote(*operand, 1));
                }
                // They take both alike.
                Node::Store(access, address, _) if access.bytes == 8 => vote(address, -1),
                Node::Write(slot, _) if floats.contains(slot) => {}
                ref other => {
                    other.each_id(|id| {
                        vote(id, -1);
                    });
                }
            }
            if let Node::Write(slot, value) = *node {
                votes[usize::from(slot)] += match nodes[value as usize] {
                    Node::Float(_, operation, format, ..) if is_double(operation, format) => 1,
                    Node::Load(access, _) if access.bytes == 8 => 0,
                    Node::Constant(_) => 0,
                    _ if is_float(value) => 0,
                    _ => -1,
                };
            }
        }
    }
    let mut doubles = Slots::default();
    for slot in floats.iter().filter(|slot| votes[usize::from(*slot)] > 0) {
        doubles.insert(slot);
    }
    doubles
}

/// Whether the result of an operation of this format is a float of 64 bits.
fn is_double(operation: Operation, format: Format) -> bool {
    use Operation::*;
    match operation {
        ToF64 => true,
        Add | Sub | Mul | Div | Sqrt | MulAdd | MulSub | NegMulSub | NegMulAdd | MinimumNumber
        | MaximumNumber | Lesser | Greater | FromSigned32 | FromUnsigned32 | FromSigned64
        | FromUnsigned64 => format == Format::F64,
        _ => false,
    }
}
