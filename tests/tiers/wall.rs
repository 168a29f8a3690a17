//! The wall around guest memory: compiled code compares as few addresses with it as it can, and reads
//! nothing of the host's all the same.
//!
//! Pointers are led to a secret of the host's, by small and large steps. Where a comparison is missing that
//! is needed, a program reads it, or writes over it, instead of trapping.

use crate::riscv64::{A0, S0, S1, S2, S3, SP, T0, T1, encode, tiers};
use crate::search;
use crate::world::{DATA, State};
use portolan_machine::engine::Compiling;
use proptest::prelude::*;
use std::cell::RefCell;

const S4: i64 = 20;

/// A few instructions.
#[derive(Clone, Copy, Debug)]
enum Item {
    /// Adds what is so far from the pointer to a register.
    Read(i64),
    /// Stores a register there.
    Write(i64),
    /// Moves the pointer by a few bytes.
    Add(i64),
    /// Moves it by the contents of a register.
    AddStep,
    /// Has it lead to the data again.
    Reset,
    /// Keeps it in another register, moved by a few bytes.
    Keep(i64),
    /// Takes it from there.
    Take(i64),
    /// Reads as far from it as a byte in memory says, times eight.
    Index,
    /// Leaves the next item out, every other time round.
    Skip,
    /// Keeps it on the stack and takes it from there.
    Spill,
}

impl Item {
    fn code(self) -> Vec<[u8; 4]> {
        let load = |rd, base, imm| encode("ld", &[("rd", rd), ("rs1", base), ("imm", imm)]);
        let store = |base, rs2, imm| encode("sd", &[("rs1", base), ("rs2", rs2), ("imm", imm)]);
        let add = |rd, rs1, rs2| encode("add", &[("rd", rd), ("rs1", rs1), ("rs2", rs2)]);
        let move_by = |rd, rs1, imm| encode("addi", &[("rd", rd), ("rs1", rs1), ("imm", imm)]);
        match self {
            Item::Read(offset) => vec![load(T0, S2, offset), add(A0, A0, T0)],
            Item::Write(offset) => vec![store(S2, A0, offset)],
            Item::Add(offset) => vec![move_by(S2, S2, offset)],
            Item::AddStep => vec![add(S2, S2, S3)],
            Item::Reset => vec![move_by(S2, S0, 0)],
            Item::Keep(offset) => vec![move_by(S4, S2, offset)],
            Item::Take(offset) => vec![move_by(S2, S4, offset)],
            Item::Index => vec![
                encode("lbu", &[("rd", T0), ("rs1", S0), ("imm", 0)]),
                encode("slli", &[("rd", T0), ("rs1", T0), ("shamt", 3)]),
                add(T1, S2, T0),
                load(T1, T1, 0),
                add(A0, A0, T1),
            ],
            Item::Skip => vec![
                encode("andi", &[("rd", T0), ("rs1", S1), ("imm", 1)]),
                encode("beq", &[("rs1", T0), ("rs2", 0), ("imm", 8)]),
            ],
            Item::Spill => vec![store(SP, S2, 0), load(S2, SP, 0)],
        }
    }
}

fn item() -> impl Strategy<Value = Item> {
    let offset = || prop_oneof![Just(8), Just(-8), Just(2040)];
    prop_oneof![
        3 => offset().prop_map(Item::Read),
        1 => offset().prop_map(Item::Write),
        2 => offset().prop_map(Item::Add),
        2 => Just(Item::AddStep),
        1 => Just(Item::Reset),
        1 => offset().prop_map(Item::Keep),
        1 => offset().prop_map(Item::Take),
        1 => Just(Item::Index),
        2 => Just(Item::Skip),
        1 => Just(Item::Spill),
    ]
}

/// Items, others as a loop that `s1` counts down, and others after it.
fn looped(first: &[Item], items: &[Item], last: &[Item]) -> Vec<u8> {
    let code = |items: &[Item]| -> Vec<[u8; 4]> {
        let code = items.iter().flat_map(|item| item.code());
        code.collect()
    };
    let mut body = code(items);
    body.push(encode("addi", &[("rd", S1), ("rs1", S1), ("imm", -1)]));
    let back = -4 * body.len() as i64;
    body.push(encode("bne", &[("rs1", S1), ("rs2", 0), ("imm", back)]));
    [code(first), body, code(last)].concat().concat()
}

/// Where a pointer is at first, and the large step.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// At the data, and the step leads to the secret in so many steps.
    Data(u64),
    /// So far from the secret, and the step leads to the data.
    Secret(i64),
    /// At the end of the space, or so far from it, in steps of so many bytes.
    End(i64, u64),
    /// At a pattern of bits.
    Bits(u64),
}

#[test]
fn nothing_of_the_host_is_read() {
    let secret = Box::new([0x5a_u8; 1 << 13]);
    // In the middle, so that what is around it is the secret's too.
    let host = secret.as_ptr() as u64 + (1 << 12);
    let start = prop_oneof![
        (1..4u64).prop_map(Start::Data),
        (-2..2i64).prop_map(|words| Start::Secret(8 * words)),
        (-2..2i64, 0..24u32).prop_map(|(words, log)| Start::End(8 * words, 1 << log)),
        any::<u64>().prop_map(Start::Bits),
    ];
    let items = |least, most| proptest::collection::vec(item(), least..most);
    let inputs = (items(0, 3), items(1, 7), items(0, 3), 1..40u64, start);
    let tiers = RefCell::new(tiers());
    let to_secret = host.wrapping_sub(tiers.borrow().world.host(0));
    let limit = tiers.borrow().world.limit();
    for compiling in [Compiling::Always, Compiling::Soon] {
        tiers.borrow_mut().world.set_compiling(compiling);
        search(&inputs, 2000, 1, |(first, items, last, times, start)| {
            let code = looped(&first, &items, &last);
            if code.len() > crate::world::SLOT {
                return None;
            }
            let way = to_secret.wrapping_sub(DATA);
            let (pointer, step) = match start {
                Start::Data(steps) => (DATA, way / steps),
                Start::Secret(distance) => {
                    (to_secret.wrapping_add_signed(distance), way.wrapping_neg())
                }
                Start::End(distance, step) => (limit.wrapping_add_signed(distance), step),
                Start::Bits(bits) => (bits, bits.rotate_left(11)),
            };
            let mut before = State::new();
            for (slot, value) in [
                (S0, DATA),
                (SP, DATA + 2048),
                (S1, times),
                (S2, pointer),
                (S3, step),
                (S4, pointer),
                (A0, 3),
            ] {
                before.registers[slot as usize] = value;
            }
            before.data[0] = 77;
            Some(tiers.borrow_mut().tell_apart(&code, &before))
        });
    }
    assert!(secret.iter().all(|byte| *byte == 0x5a), "written over");
}

#[test]
fn code_that_never_runs_amid_code_that_does() {
    let branch = |name, rs1, imm| encode(name, &[("rs1", rs1), ("rs2", 0), ("imm", imm)]);
    let add = |rd, rs1, imm| encode("addi", &[("rd", rd), ("rs1", rs1), ("imm", imm)]);
    let count = encode("csrrs", &[("rd", T1), ("csr", 0xc02), ("rs1", 0)]);
    let code = [
        encode("andi", &[("rd", T0), ("rs1", S1), ("imm", 1)]),
        branch("bne", T0, 32),
        // Even: a branch forwards to what never runs, and on in the interpreter.
        branch("blt", S1, 24),
        count,
        add(T1, 0, 0),
        add(S1, S1, -1),
        branch("bne", S1, -24),
        branch("beq", 0, 24),
        // Never.
        add(A0, A0, 1),
        // Odd: a branch back to it.
        encode("ld", &[("rd", T0), ("rs1", S2), ("imm", 0)]),
        branch("blt", S1, -8),
        add(S1, S1, -1),
        branch("bne", S1, -48),
    ];
    let mut tiers = tiers();
    tiers.world.set_compiling(Compiling::Soon);
    let mut before = State::new();
    before.registers[S1 as usize] = 60;
    before.registers[S2 as usize] = DATA;
    let differences = tiers.tell_apart(&code.concat(), &before);
    assert!(differences.is_empty(), "{}", differences.join("; "));
}
