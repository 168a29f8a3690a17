//! What is written must be what is computed: expressions are worked out as people would, and
//! compared with the graph's nodes.

use super::expression::{Builder, Expression};
use crate::domain::{Binary, Compare, Condition, Domain, Unary, Word};
use crate::graph::{Graph, Record, Value};
use crate::guest::Flow;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The registers of the tests: the first is always zero.
const REGISTERS: [u64; 5] = [
    0,
    0x8000_0000_0000_0000,
    0xffff_ffff_3f80_0000,
    0x1234_5678_9abc_def0,
    7,
];

fn register_name(slot: u8) -> Option<String> {
    (slot != 0).then(|| format!("r{slot}"))
}

/// A word to record: a tree.
#[derive(Clone, Debug)]
enum Tree {
    Constant(u64),
    Register(u8),
    Unary(Unary, Box<Tree>),
    Binary(Binary, Box<Tree>, Box<Tree>),
    Compare(Compare, Box<Tree>, Box<Tree>),
    Select(Box<[Tree; 3]>),
    /// The numbers of half a register, in and out.
    Unboxed(Box<Tree>),
    /// A sign and the rest.
    Signed(bool, Box<Tree>, Box<Tree>),
    /// The low half, rotated right: as MIPS and RISC-V do it, with the sign, or as x86-64 does.
    Rotated(bool, Box<Tree>, Box<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let constants = prop::sample::select(vec![
        0,
        1,
        5,
        31,
        63,
        0xff,
        1 << 31,
        1 << 63,
        u64::MAX,
        !1,
        0xffff_ffff_0000_0000,
    ]);
    let leaf = prop_oneof![
        constants.prop_map(Tree::Constant),
        (0..5u8).prop_map(Tree::Register),
        (0..5u8).prop_map(Tree::Register),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let unary = prop_oneof![
            (1..=64u8).prop_map(Unary::SignExtend),
            (1..=64u8).prop_map(Unary::ZeroExtend),
            prop::sample::select(vec![
                Unary::SignExtend(32),
                Unary::ZeroExtend(32),
                Unary::Not,
                Unary::Negate,
                Unary::LeadingZeros,
                Unary::CountOnes,
            ]),
        ];
        let binary = prop::sample::select(vec![
            Binary::Add,
            Binary::Sub,
            Binary::Mul,
            Binary::And,
            Binary::Or,
            Binary::Xor,
            Binary::ShiftLeft,
            Binary::ShiftRight,
            Binary::ShiftRightArithmetic,
            Binary::RotateRight,
            Binary::MinSigned,
            Binary::MaxUnsigned,
            Binary::DivSigned,
            Binary::RemUnsigned,
        ]);
        let compare = prop::sample::select(vec![
            Compare::Equal,
            Compare::NotEqual,
            Compare::LessSigned,
            Compare::LessUnsigned,
            Compare::GreaterEqualSigned,
            Compare::GreaterEqualUnsigned,
        ]);
        let a = || inner.clone().prop_map(Box::new);
        prop_oneof![
            (unary, a()).prop_map(|(op, a)| Tree::Unary(op, a)),
            (binary, a(), a()).prop_map(|(op, a, b)| Tree::Binary(op, a, b)),
            (compare, a(), a()).prop_map(|(op, a, b)| Tree::Compare(op, a, b)),
            [inner.clone(), inner.clone(), inner.clone()].prop_map(|t| Tree::Select(Box::new(t))),
            a().prop_map(Tree::Unboxed),
            (any::<bool>(), a(), a()).prop_map(|(wide, a, b)| Tree::Signed(wide, a, b)),
            (any::<bool>(), a(), a()).prop_map(|(signed, a, b)| Tree::Rotated(signed, a, b)),
        ]
    })
}

/// Records a tree.
fn record<'r>(cpu: &'r Record, tree: &Tree) -> Value<'r> {
    let go = |tree: &Tree| record(cpu, tree);
    let constant = |value| Domain::constant(&cpu, value);
    match tree {
        Tree::Constant(value) => constant(*value),
        Tree::Register(slot) => Domain::read(&cpu, *slot),
        Tree::Unary(operation, a) => go(a).unary(*operation),
        Tree::Binary(operation, a, b) => go(a).binary(*operation, go(b)),
        Tree::Compare(comparison, a, b) => go(a).compare(*comparison, go(b)).word(),
        Tree::Select(parts) => {
            let [condition, yes, no] = &**parts;
            let holds = go(condition).ne(constant(0));
            Domain::select(&cpu, holds, go(yes), go(no))
        }
        Tree::Unboxed(a) => {
            let boxed = go(a).ge_u(constant(0xffff_ffff_0000_0000));
            Domain::select(&cpu, boxed, go(a).zext(32), constant(0x7fc0_0000))
        }
        Tree::Signed(wide, a, b) => {
            let sign = constant(if *wide { 1 << 63 } else { 1 << 31 });
            go(a) & !sign | go(b) & sign
        }
        Tree::Rotated(signed, a, by) => {
            let (low, by) = (go(a).zext(32), go(by) & constant(31));
            match signed {
                true => ((low | go(a) << constant(32)) >> by).sext(32),
                false => ((low << constant(32) | low) >> by).zext(32),
            }
        }
    }
}

/// What a tree amounts to.
fn compute(tree: &Tree) -> u64 {
    match tree {
        Tree::Constant(value) => *value,
        Tree::Register(slot) => REGISTERS[usize::from(*slot)],
        Tree::Unary(operation, a) => operation.apply(compute(a)),
        Tree::Binary(operation, a, b) => operation.apply(compute(a), compute(b)),
        Tree::Compare(comparison, a, b) => comparison.apply(compute(a), compute(b)).into(),
        Tree::Select(parts) => {
            let [condition, yes, no] = &**parts;
            compute(if compute(condition) != 0 { yes } else { no })
        }
        Tree::Unboxed(a) => match compute(a) {
            boxed @ 0xffff_ffff_0000_0000.. => u64::from(boxed as u32),
            _ => 0x7fc0_0000,
        },
        Tree::Signed(wide, a, b) => {
            let sign = if *wide { 1 << 63 } else { 1 << 31 };
            compute(a) & !sign | compute(b) & sign
        }
        Tree::Rotated(signed, a, by) => {
            let rotated = (compute(a) as u32).rotate_right(compute(by) as u32 & 31);
            match signed {
                true => rotated as i32 as u64,
                false => rotated.into(),
            }
        }
    }
}

/// What a reader would work out.
fn read(expression: &Expression) -> u64 {
    match expression {
        Expression::Number(value) => *value,
        Expression::Name(name) => REGISTERS[name[1..].parse::<usize>().unwrap()],
        Expression::Slice { of, high, low } => {
            Unary::ZeroExtend(high - low + 1).apply(read(of) >> low)
        }
        Expression::Prefix("~", a) => !read(a),
        Expression::Prefix("-", a) => read(a).wrapping_neg(),
        Expression::Infix(a, sign, b) => infix(sign.text, read(a), read(b)),
        Expression::Call(name, arguments) => {
            let arguments: Vec<u64> = arguments.iter().map(read).collect();
            call(name, &arguments)
        }
        Expression::Choice(parts) => {
            let [condition, yes, no] = &**parts;
            read(if read(condition) != 0 { yes } else { no })
        }
        other => panic!("{other:?}"),
    }
}

fn infix(sign: &str, a: u64, b: u64) -> u64 {
    let (signed_a, signed_b) = (a as i64, b as i64);
    match sign {
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/s" => signed_a.checked_div(signed_b).unwrap_or(0) as u64,
        "%u" => a.checked_rem(b).unwrap_or(0),
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        // Only the bits of an amount that count are written.
        "<<" => a << b,
        ">>u" => a >> b,
        ">>s" => (signed_a >> b) as u64,
        "==" => (a == b).into(),
        "!=" => (a != b).into(),
        "<s" => (signed_a < signed_b).into(),
        ">s" => (signed_a > signed_b).into(),
        "<=s" => (signed_a <= signed_b).into(),
        ">=s" => (signed_a >= signed_b).into(),
        "<u" => (a < b).into(),
        ">u" => (a > b).into(),
        "<=u" => (a <= b).into(),
        ">=u" => (a >= b).into(),
        "and" => (a != 0 && b != 0).into(),
        "or" => (a != 0 || b != 0).into(),
        other => panic!("{other}"),
    }
}

fn call(name: &str, arguments: &[u64]) -> u64 {
    let x = arguments[0];
    let y = arguments.get(1).copied().unwrap_or(0);
    if let Some(bits) = name.strip_prefix("sext") {
        return Unary::SignExtend(bits.parse().unwrap()).apply(x);
    }
    if let Some(bits) = name.strip_prefix("zext") {
        return Unary::ZeroExtend(bits.parse().unwrap()).apply(x);
    }
    match name {
        "leading_zeros" => x.leading_zeros().into(),
        "count_ones" => x.count_ones().into(),
        "rotate_right" => x.rotate_right(y as u32),
        "rotate_right32" => (x as u32).rotate_right(y as u32).into(),
        "rotate_left32" => (x as u32).rotate_left(y as u32).into(),
        "min_s" => (x as i64).min(y as i64) as u64,
        "max_u" => x.max(y),
        "unbox32" if x >> 32 == 0xffff_ffff => x & 0xffff_ffff,
        "unbox32" => 0x7fc0_0000,
        "copy_sign32" => x & !(1 << 31) | y & 1 << 31,
        "copy_sign64" => x & !(1 << 63) | y & 1 << 63,
        "box32" => x | 0xffff_ffff_0000_0000,
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4000)
    })]

    #[test]
    fn simplified_expressions_mean_what_was_recorded(tree in tree()) {
        let cpu = Record::new(0, 4);
        Domain::write(&&cpu, 1, record(&cpu, &tree));
        let graph: Graph = cpu.finish(Flow::Next);
        let builder = Builder {
            graph: &graph,
            register_name: &register_name,
            names: &BTreeMap::new(),
        };
        let expression = builder.value(graph.nodes.len() as u32 - 2);
        prop_assert_eq!(read(&expression), compute(&tree), "{}", expression.text());
    }
}
