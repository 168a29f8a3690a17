//! x86-64: repeated string instructions. Where nobody looks, they go ahead by many elements at once: what they
//! do, where they fault, and what is counted is that of one element after the other.

use crate::ins::differences;
use crate::search;
use crate::world::{CODE, DATA, Life, READ_ONLY, State};
use crate::x86_64::tiers;
use portolan_machine::engine::Compiling;
use portolan_machine::guest::Core;
use portolan_machine::memory::{Memory, PAGE, Protection};
use portolan_machine::trap::Stop;
use portolan_x86::GUEST;
use portolan_x86::regs::{DF, RAX, RCX, RDI, RSI};
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;

/// A repeated instruction: its opcode without the size, the size, the prefixes.
#[derive(Clone, Copy, Debug)]
struct Repeated {
    opcode: u8,
    /// 1, 2, 4 or 8 bytes, as a power of two.
    size: u8,
    /// repne instead of rep.
    unequal: bool,
    /// Addresses of 32 bits.
    narrow: bool,
    count: u32,
    /// How far rdi and rsi are moved before.
    moves: [i8; 2],
}

impl Repeated {
    fn assemble(self, code: &mut Vec<u8>) {
        // mov ecx, count; lea rdi, [rdi + move]; lea rsi, [rsi + move]
        code.push(0xb9);
        code.extend(self.count.to_le_bytes());
        code.extend([0x48, 0x8d, 0x7f, self.moves[0] as u8]);
        code.extend([0x48, 0x8d, 0x76, self.moves[1] as u8]);
        code.push(if self.unequal { 0xf2 } else { 0xf3 });
        if self.narrow {
            code.push(0x67);
        }
        match self.size {
            1 => code.push(0x66),
            3 => code.push(0x48),
            _ => {}
        }
        code.push(self.opcode | u8::from(self.size > 0));
    }
}

fn repeated() -> impl Strategy<Value = Repeated> {
    // movs and stos, which go ahead, more often than cmps, lods and scas.
    let opcode = prop_oneof![6 => Just(0xa4), 4 => Just(0xaa), 1 => Just(0xa6), 1 => Just(0xac), 1 => Just(0xae)];
    let count = prop_oneof![2 => 0..4u32, 3 => 0..260u32];
    let narrow = prop::bool::weighted(0.1);
    let moves = [-9..9i8, -9..9i8];
    (opcode, 0..4u8, any::<bool>(), narrow, count, moves).prop_map(
        |(opcode, size, unequal, narrow, count, moves)| Repeated {
            opcode,
            size,
            unequal,
            narrow,
            count,
            moves,
        },
    )
}

/// Where pointers start: mostly so far before the end of a page that what follows faults or does not.
fn pointer() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (0..PAGE).prop_map(|offset| DATA + offset),
        4 => (0..300u64).prop_map(|before| DATA + PAGE - before),
        1 => (0..300u64).prop_map(|before| READ_ONLY + PAGE - before),
        1 => (0..300u64).prop_map(|before| CODE - before),
        1 => (0..300u64).prop_map(|before| (1 << 32) - before),
        1 => any::<u64>(),
    ]
}

#[test]
fn go_ahead_exactly() {
    let apart = prop_oneof![2 => Just(None), 3 => (-40..40i64).prop_map(Some)];
    let inputs = (
        vec(repeated(), 1..4),
        (pointer(), pointer(), apart),
        any::<u64>(),
        prop::bool::weighted(0.2),
        vec(any::<u8>(), 64),
    );
    let tiers = RefCell::new(tiers());
    for compiling in [Compiling::Always, Compiling::Soon] {
        tiers.borrow_mut().world.set_compiling(compiling);
        let check = |(items, (to, from, apart), rax, down, bytes): (Vec<Repeated>, _, _, _, _)| {
            let mut tiers = tiers.borrow_mut();
            let mut before = State::new();
            let mut set = |slot, value| before.registers[usize::from(slot)] = value;
            let apart: Option<i64> = apart;
            set(RDI, to);
            // So near each other that elements are copied again.
            set(
                RSI,
                apart.map_or(from, |apart| to.wrapping_add_signed(apart)),
            );
            set(RAX, rax);
            set(DF, u64::from(down));
            let bytes: Vec<u8> = bytes;
            let data = before.bytes(DATA, PAGE as usize).expect("the data");
            for (index, byte) in data.iter_mut().enumerate() {
                *byte = bytes[index % bytes.len()].wrapping_add((index / bytes.len()) as u8);
            }
            let mut code = Vec::new();
            items.iter().for_each(|item| item.assemble(&mut code));
            let mut found = tiers.tell_apart(&code, &before);
            let mut run = |life| {
                let start = tiers.world.retired(life);
                let (ending, after) = tiers.world.run(&code, &before, life);
                (ending, after, tiers.world.retired(life) - start)
            };
            let (ending, after, retired) = run(Life::Step);
            let at_once = run(Life::Run);
            found.extend(differences(GUEST, &at_once.1, &after));
            if (ending, retired) != (at_once.0, at_once.2) {
                let (ending_at_once, _, retired_at_once) = at_once;
                found.push(format!(
                    "{retired} instructions step by step and {ending:?}, but {retired_at_once} and {ending_at_once:?}"
                ));
            }
            Some(found)
        };
        search(&inputs, 1500, 1, check);
    }
}

/// A memory in which a program writes its own code, and a hart there.
fn rewriting() -> Box<dyn Core> {
    let memory = Memory::new(GUEST.address_bits()).expect("an address space");
    let all = Protection::READ | Protection::WRITE | Protection::EXEC;
    memory.map(DATA, 3 * PAGE, all, "").expect("pages");
    // On the second page: mov ecx, 1064; lea rdi, [rip - 1012 - 12]; mov al, 0x90; rep stosb
    let mut code = vec![0xb9, 0x28, 4, 0, 0, 0x48, 0x8d, 0x3d];
    code.extend((-1012i32 - 12).to_le_bytes());
    code.extend([0xb0, 0x90, 0xf3, 0xaa]);
    // inc rdx, unless it is overwritten; and int3.
    code.resize(80, 0xcc);
    code[30..33].copy_from_slice(&[0x48, 0xff, 0xc2]);
    memory.write(DATA + PAGE, &code).expect("the code");
    let mut core = GUEST.core(Arc::new(memory));
    core.set_pc(DATA + PAGE);
    core
}

/// What is stored comes from the page before, goes over the instruction that stores it, and over those after it.
#[test]
fn code_that_they_overwrite() {
    let end_of = |core: &mut dyn Core, stop: Stop| {
        let mut bytes = [0; 80];
        core.memory().read(DATA + PAGE, &mut bytes).expect("a page");
        let registers = [RAX, RCX, RDI].map(|slot| core.register(slot));
        (stop, core.pc(), core.retired(), registers, bytes)
    };
    let mut core = rewriting();
    let stop = loop {
        match core.run(1) {
            Stop::Budget => {}
            stop => break stop,
        }
    };
    let expected = end_of(&mut *core, stop);
    for compiling in [
        Compiling::Off,
        Compiling::Always,
        Compiling::Baseline,
        Compiling::Soon,
    ] {
        let mut core = rewriting();
        core.set_compiling(compiling);
        let stop = core.run(u64::MAX);
        assert_eq!(end_of(&mut *core, stop), expected, "{compiling:?}");
    }
}

/// A budget ends between two elements.
#[test]
fn budgets_count_elements() {
    for budget in [1, 2, 3, 60, 64, 65, 66, 500, 1011] {
        let mut core = rewriting();
        assert_eq!(core.run(3), Stop::Budget);
        assert_eq!(core.run(budget), Stop::Budget, "{budget}");
        assert_eq!(core.retired(), 3 + budget);
        assert_eq!(core.register(RCX), 1064 - budget);
    }
}
