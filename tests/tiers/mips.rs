//! MIPS, in both byte orders and widths: above all, delay slots.

use crate::values::{boxed, choose, double, integer, scatter, single};
use crate::world::{CODE, DATA, READ_ONLY, SLOT, State, World};
use crate::{Tiers, search};
use portolan_machine::encoding::{Field, Row};
use portolan_machine::engine::Compiling;
use portolan_machine::guest::{Guest, Style};
use portolan_machine::memory::{Memory, Order, PAGE, Protection};
use portolan_machine::trap::{Stop, Trap};
use portolan_mips::decode::{self, Set, WIDE_FLOATS};
use portolan_mips::encoding::ROWS;
use portolan_mips::regs;
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

/// A guest, and what its tests need to know of it.
#[derive(Clone, Copy)]
pub struct Member {
    pub guest: &'static dyn Guest,
    pub set: Set,
}

pub const MIPS: Member = member(&portolan_mips::MIPS, Set::Mips32);
pub const MIPSEL: Member = member(&portolan_mips::MIPSEL, Set::Mips32);
const MIPS64: Member = member(&portolan_mips::MIPS64, Set::Mips64);
pub const MIPS64EL: Member = member(&portolan_mips::MIPS64EL, Set::Mips64);
const R5900: Member = member(&portolan_mips::R5900, Set::R5900);

const fn member(guest: &'static dyn Guest, set: Set) -> Member {
    Member { guest, set }
}

impl Member {
    pub fn tiers(self) -> Tiers {
        Tiers {
            guest: self.guest,
            world: World::new(self.guest, &self.bytes(0x0000_000d)),
            hidden: &[regs::TARGET],
        }
    }

    fn bytes(self, word: u32) -> [u8; 4] {
        match self.guest.order() {
            Order::Little => word.to_le_bytes(),
            Order::Big => word.to_be_bytes(),
        }
    }

    /// The rows that are executed.
    fn rows(self) -> Vec<usize> {
        let rows = 0..ROWS.len();
        rows.filter(|row| decode::belongs(self.set, *row)).collect()
    }

    /// An instruction by name.
    pub fn encode(self, name: &str, fields: &[(&str, i64)]) -> [u8; 4] {
        let row = ROWS.iter().position(|row| row.name == name);
        let row = row.unwrap_or_else(|| panic!("no instruction is called {name:?}"));
        self.bytes(decode::pattern(row).encode(fields))
    }

    fn runs(self, row: usize, word: u32) -> bool {
        let order = self.guest.order();
        let guest = decode::Guest {
            set: self.set,
            order,
        };
        matches!(decode::find(guest, &self.bytes(word)), Ok((found, _)) if found == row)
    }
}

/// What both tiers are asked to run.
#[derive(Clone)]
struct Scene {
    guest: &'static dyn Guest,
    code: Vec<u8>,
    before: State,
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut disassembler = self.guest.disassembler(Style::default());
        for (at, bytes) in (CODE..).step_by(4).zip(self.code.chunks(4)) {
            let line = disassembler.line(bytes, at);
            writeln!(
                f,
                "{at:x}: {}",
                line.text(&|address| format!("{address:x}"))
            )?;
        }
        let registers = (0u8..).zip(&*self.before.registers);
        for (slot, value) in registers.filter(|(_, value)| **value != 0) {
            write!(f, "{}={value:x} ", self.guest.slot_name(slot))?;
        }
        Ok(())
    }
}

/// One instruction: the raw numbers of its row and its fields.
type Line = (u32, [u32; 8]);

// Registers that no line changes.
/// Near the end of the data.
const SP: u32 = 29;
/// In the middle of the data.
const S0: u32 = 16;
/// A small number.
const S1: u32 = 17;
/// Lines of the program.
const S2: u32 = 18;
const S3: u32 = 19;
const S4: u32 = 20;
const KEPT: [u32; 6] = [SP, S0, S1, S2, S3, S4];

/// Whether a row is a branch or jump.
fn jumps(row: &Row) -> bool {
    row.section.contains("Branch")
}

/// Whether a row may be a line: it must not trap always, or make code anew.
fn fits(row: &Row) -> bool {
    !matches!(
        row.name,
        "break" | "syscall" | "synci" | "jr_hb" | "jr.hb" | "jalr.hb" | "jalr_hb"
    )
}

/// Random programs, of which a third of the lines jump.
fn programs(member: Member, lines: usize) -> impl Strategy<Value = Option<Scene>> {
    let (jumping, others): (Vec<usize>, Vec<usize>) = member
        .rows()
        .into_iter()
        .filter(|row| fits(&ROWS[*row]))
        .partition(|row| jumps(&ROWS[*row]));
    (vec(any::<Line>(), 1..lines), any::<u64>()).prop_map(move |(lines, rest)| {
        let rows = lines.iter().map(|(raw, _)| match raw % 3 {
            0 => jumping[(raw / 3) as usize % jumping.len()],
            _ => others[(raw / 3) as usize % others.len()],
        });
        let count = lines.len() as u32;
        let lines: Vec<_> = rows.zip(lines.iter().map(|(_, raw)| raw)).collect();
        let code = lines.iter().enumerate().map(|(index, (row, raw))| {
            let word = place(*row, raw, index as u32, count);
            member.runs(*row, word).then(|| member.bytes(word))
        });
        Some(Scene {
            guest: member.guest,
            code: code.collect::<Option<Vec<_>>>()?.concat(),
            before: start(member, rest, count),
        })
    })
}

/// A row's instruction as one line of many.
fn place(row: usize, raw: &[u32; 8], index: u32, count: u32) -> u32 {
    let pattern = decode::pattern(row);
    let Row { name, operands, .. } = ROWS[row];
    let (at, skipped) = (4 * index, scatter(raw[7].into()) as u32 % 4);
    // Mostly forward; back only to where a loop may end.
    let target = 4 * (index + 1 + skipped).min(count);
    let field = |field: &Field, raw: u32| {
        let rest = scatter(raw.into()) as u32;
        match field.name {
            "base" => choose(raw.into(), &[S0, S0, SP]),
            "index" => S1,
            "rs" if name.starts_with("jr") || name.starts_with("jalr") => {
                choose(raw.into(), &[S2, S3, S4])
            }
            "rs" | "rt" | "rd" => match choose(raw.into(), &[rest % 32, rest % 32, 2, 3, 4, 0, 31])
            {
                kept if KEPT.contains(&kept) => kept - 8,
                register => register,
            },
            "region" => (CODE as u32).wrapping_add(target),
            _ if operands.contains("target") => target.wrapping_sub(at + 4),
            "offset" | "imm" if operands.contains("base") && raw % 8 != 7 => rest % 64,
            "hwr" => choose(raw.into(), &[29, 0, 1, 3]),
            _ => rest,
        }
    };
    let fields = pattern.fields.iter().zip(raw);
    fields.fold(pattern.value, |word, (one, &raw)| {
        word | one.insert(field(one, raw))
    })
}

/// The state that programs of so many lines start in.
fn start(member: Member, seed: u64, lines: u32) -> State {
    let mut state = background(member, seed);
    let line =
        |raw: u64| CODE + 4 * (u64::from(lines) - scatter(raw) % u64::from(lines.min(6) + 1));
    for (register, value) in [
        (SP, DATA + PAGE - 128),
        (S0, DATA + PAGE / 2),
        (S1, scatter(seed) % 64),
        (S2, line(seed ^ 1)),
        (S3, line(seed ^ 2)),
        (S4, line(seed ^ 3)),
    ] {
        state.registers[register as usize] = value;
    }
    state
}

/// Registers and data of random values.
fn background(member: Member, seed: u64) -> State {
    let mut state = State::new();
    for n in 0..32u64 {
        let raw = |file: u64| scatter(seed ^ file << 8 ^ n);
        let value = match member.set {
            Set::Mips32 => i64::from(integer(raw(1)) as i32) as u64,
            _ => integer(raw(1)),
        };
        if n != 0 {
            state.registers[n as usize] = value;
        }
        state.registers[usize::from(regs::F) + n as usize] = match n % 3 {
            0 => double(raw(2)),
            1 => boxed(single(raw(2))),
            _ => u64::from(single(raw(2))) << 32 | u64::from(single(raw(3))),
        };
    }
    for (n, word) in (0u64..).zip(state.data.chunks_exact_mut(8)) {
        word.copy_from_slice(&integer(scatter(seed ^ 3 << 16 ^ n)).to_le_bytes());
    }
    for (slot, value) in [
        (regs::HI, integer(scatter(seed ^ 4))),
        (regs::LO, integer(scatter(seed ^ 5))),
        (regs::FLAGS, seed >> 8 & 31),
        (
            regs::ENABLES,
            if seed >> 16 & 3 == 0 {
                seed >> 24 & 31
            } else {
                0
            },
        ),
        (regs::ROUNDING, choose(seed >> 32, &[0, 0, 0, 1, 2, 3])),
        (regs::CONDITIONS, seed >> 40 & 255),
        (regs::USER_LOCAL, DATA),
    ] {
        state.registers[usize::from(slot)] = value;
    }
    state
}

/// An address for data: mostly where some is.
fn data_address(raw: u64) -> u64 {
    let rest = scatter(raw);
    match raw >> 60 {
        0..=5 => DATA + (rest % PAGE) / 8 * 8,
        6..=8 => DATA + rest % PAGE,
        9 => DATA + PAGE - 9 + rest % 16,
        10 => DATA.wrapping_sub(9) + rest % 16,
        11 => READ_ONLY + rest % PAGE,
        12 => i64::from(rest as i32) as u64,
        13 => rest % 16,
        14 => (1u64 << 31).wrapping_add(rest % 16).wrapping_sub(8),
        _ => integer(rest),
    }
}

/// One row's instruction on random operands: alone, or in the delay slot of a branch.
fn of_row(member: Member, row: usize, in_slot: bool) -> impl Strategy<Value = Option<Scene>> {
    let branches: Vec<usize> = (member.rows().into_iter())
        .filter(|row| jumps(&ROWS[*row]) && fits(&ROWS[*row]))
        .collect();
    let draws = (any::<Line>(), any::<[u32; 8]>(), any::<(u64, u64)>());
    draws.prop_map(move |((branch, branch_fields), raw, (seed, address))| {
        let pattern = decode::pattern(row);
        let fields = pattern.fields.iter().zip(raw);
        let word = fields.fold(pattern.value, |word, (field, raw)| {
            let registers = matches!(field.name, "rs" | "rt" | "rd" | "base" | "index");
            let value = match scatter(raw.into()) as u32 {
                rest if registers => choose(raw.into(), &[2, 3, 4, rest]),
                rest => choose(raw.into(), &[rest, rest % 64, (rest % 64).wrapping_neg()]),
            };
            word | field.insert(value)
        });
        let mut code = Vec::new();
        let mut before = background(member, seed);
        if in_slot {
            let branch = branches[branch as usize % branches.len()];
            before = start(member, seed, 4);
            let word = place(branch, &branch_fields, 0, 4);
            if !member.runs(branch, word) {
                return None;
            }
            code.push(member.bytes(word));
        }
        if !member.runs(row, word) {
            return None;
        }
        code.push(member.bytes(word));
        if in_slot {
            // Tells which way it went.
            let tell = |rt| member.encode("addiu", &[("rs", rt), ("rt", rt), ("imm", 1)]);
            code.extend([tell(7), tell(8)]);
        }
        let extract = |name: &str| {
            let field = pattern.field(name)?;
            Some(field.extract(word))
        };
        if let Some(base) = extract("base") {
            let offset = extract("offset").unwrap_or(0);
            let base_is_kept = in_slot && KEPT.contains(&(base as u32));
            if base != 0 && !base_is_kept {
                let value = data_address(address).wrapping_sub(offset as u64);
                before.registers[base as usize] = value;
            }
        }
        Some(Scene {
            guest: member.guest,
            code: code.concat(),
            before,
        })
    })
}

/// Compares the tiers on random scenes.
fn agree(tiers: &mut Tiers, scenes: impl Strategy<Value = Option<Scene>>, count: u32, seed: u64) {
    let tiers = RefCell::new(tiers);
    search(scenes, count, seed, |scene| {
        // Some dice make no scene.
        let scene = scene?;
        Some(tiers.borrow_mut().tell_apart(&scene.code, &scene.before))
    });
}

fn every_instruction(member: Member) {
    let mut tiers = member.tiers();
    for row in member.rows() {
        for in_slot in [false, true] {
            let seed = 2 * row as u64 + u64::from(in_slot);
            agree(&mut tiers, of_row(member, row, in_slot), 8, seed);
        }
    }
}

#[test]
fn every_instruction_mips() {
    every_instruction(MIPS);
}

#[test]
fn every_instruction_mipsel() {
    every_instruction(MIPSEL);
}

#[test]
fn every_instruction_mips64() {
    every_instruction(MIPS64);
}

#[test]
fn every_instruction_mips64el() {
    every_instruction(MIPS64EL);
}

#[test]
fn every_instruction_r5900() {
    every_instruction(R5900);
}

#[test]
fn random_programs() {
    for (member, seed) in [MIPS, MIPSEL, MIPS64, MIPS64EL, R5900].into_iter().zip(0..) {
        agree(&mut member.tiers(), programs(member, 24), 600, seed);
    }
}

#[test]
fn random_programs_with_wide_floats() {
    let mut tiers = MIPSEL.tiers();
    // One after the other: code of one mode is not to be entered in another.
    for seed in 0..40 {
        tiers
            .world
            .set_mode(if seed % 2 == 0 { WIDE_FLOATS } else { 0 });
        agree(&mut tiers, programs(MIPSEL, 24), 10, seed / 2);
    }
}

#[test]
fn code_of_one_mode_is_not_run_in_another() {
    let memory = Arc::new(Memory::new(MIPSEL.guest.address_bits()).expect("an address space"));
    let protection = Protection::READ | Protection::EXEC;
    memory.map(CODE, PAGE, protection, "").expect("a page");
    // An odd register is the upper half of the even one, or one of its own.
    let code = [
        MIPSEL.encode("mtc1", &[("rt", T0), ("fs", 1)]),
        MIPSEL.bytes(0x0000_000d),
    ];
    memory.poke(CODE, &code.concat()).expect("the page of code");
    let mut core = MIPSEL.guest.core(memory);
    core.set_compiling(Compiling::Always);
    core.set_register(T0 as u8, 7);
    let mut run = |mode| {
        let floats = [regs::F, regs::F + 1];
        for slot in floats {
            core.set_register(slot, 0);
        }
        core.set_mode(mode);
        core.set_pc(CODE);
        assert_eq!(core.run(u64::MAX), Stop::Trap(Trap::Breakpoint));
        floats.map(|slot| core.register(slot))
    };
    for _ in 0..2 {
        assert_eq!(run(0), [7 << 32, 0]);
        assert_eq!(run(WIDE_FLOATS), [0, 7]);
    }
}

// Faults in the middle, some of them in delay slots.

/// A few instructions of a loop.
#[derive(Clone, Copy, Debug)]
enum Item {
    /// Adds one to a number in memory: done twice, it shows.
    Bump(u8),
    /// The same on the stack.
    StackBump(u8),
    /// Puts a register onto the stack.
    Push(u8),
    /// Leaves an instruction out every other time round; what comes first is done always.
    Skip(Slot),
    /// The same, and what comes first is done only if not.
    SkipLikely(Slot),
    /// Goes on a little further, as a call that does not return.
    Call(Slot),
    /// Calls a function twice, and goes round it.
    Function(Slot, Slot),
    /// A loop of its own, that adds to a number in memory.
    Inner(Slot),
    /// What may be in a delay slot, outside of one.
    Plain(Slot),
}

/// One instruction that may be in a delay slot.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// Adds a number in memory to what is gathered.
    Gather(u8),
    /// Reads where a pointer is.
    Peril,
    /// Writes there.
    PerilousWrite,
    /// Moves the pointer on: sooner or later beyond the page.
    Advance,
    /// Multiplies a register.
    Compute,
    /// Adds; traps on overflow.
    Overflow,
    /// Traps if nothing is left to count.
    Check,
    /// Changes what the branch compared.
    Count,
}

const A0: i64 = 4;
const T0: i64 = 8;
const T1: i64 = 9;
const TIMES: i64 = 10;
const POINTER: i64 = 11;
const STEP: i64 = 12;
const T2: i64 = 13;
const RA: i64 = 31;

impl Slot {
    fn code(self, member: Member) -> [u8; 4] {
        let memory = |name, rt, base, offset| {
            member.encode(name, &[("rt", rt), ("base", base), ("offset", offset)])
        };
        let three = |name, rd, rs, rt| member.encode(name, &[("rd", rd), ("rs", rs), ("rt", rt)]);
        match self {
            Slot::Gather(n) => memory("lw", T1, S0.into(), 4 * i64::from(n)),
            Slot::Peril => memory("lw", T0, POINTER, 0),
            Slot::PerilousWrite => memory("sw", A0, POINTER, 0),
            Slot::Advance => three("addu", POINTER, POINTER, STEP),
            Slot::Compute => three("addu", A0, A0, T1),
            Slot::Overflow => three("add", A0, A0, A0),
            Slot::Check => member.encode("teq", &[("rs", TIMES), ("rt", 0)]),
            Slot::Count => member.encode("addiu", &[("rs", TIMES), ("rt", TIMES), ("imm", -1)]),
        }
    }
}

impl Item {
    fn code(self, member: Member) -> Vec<[u8; 4]> {
        let memory = |name, rt, base, offset| {
            member.encode(name, &[("rt", rt), ("base", base), ("offset", offset)])
        };
        let add_immediate =
            |rt, rs, imm| member.encode("addiu", &[("rt", rt), ("rs", rs), ("imm", imm)]);
        let bump = |base: u32, n: u8| {
            let (base, offset) = (i64::from(base), 4 * i64::from(n));
            vec![
                memory("lw", T0, base, offset),
                add_immediate(T0, T0, 1),
                memory("sw", T0, base, offset),
            ]
        };
        let skip = |name, slot: Slot| {
            vec![
                member.encode("andi", &[("rt", T0), ("rs", TIMES), ("imm", 1)]),
                member.encode(name, &[("rs", T0), ("rt", 0), ("offset", 8)]),
                slot.code(member),
                add_immediate(A0, A0, 1),
            ]
        };
        match self {
            Item::Bump(n) => bump(S0, n),
            Item::StackBump(n) => bump(SP, n),
            Item::Push(n) => vec![memory("sw", A0, SP.into(), 4 * i64::from(n))],
            Item::Skip(slot) => skip("beq", slot),
            Item::SkipLikely(slot) => skip("bnel", slot),
            Item::Call(slot) => vec![
                member.encode("bgezal", &[("rs", 0), ("offset", 8)]),
                slot.code(member),
                add_immediate(A0, A0, 7),
                member.encode("sltu", &[("rd", T1), ("rs", RA), ("rt", A0)]),
            ],
            Item::Function(slot, inside) => vec![
                member.encode("bgezal", &[("rs", 0), ("offset", 20)]),
                slot.code(member),
                member.encode("bgezal", &[("rs", 0), ("offset", 12)]),
                slot.code(member),
                member.encode("beq", &[("rs", 0), ("rt", 0), ("offset", 16)]),
                add_immediate(A0, A0, 7),
                inside.code(member),
                member.encode("jr", &[("rs", RA)]),
                slot.code(member),
            ],
            Item::Inner(slot) => {
                let mut code = vec![add_immediate(T2, 0, 3)];
                code.extend(bump(S0, 3));
                code.push(add_immediate(T2, T2, -1));
                let back = -4 * code.len() as i64;
                code.push(member.encode("bne", &[("rs", T2), ("rt", 0), ("offset", back)]));
                code.push(slot.code(member));
                code
            }
            Item::Plain(slot) => vec![slot.code(member)],
        }
    }
}

/// Items, and others as a loop.
fn looped(member: Member, first: &[Item], items: &[Item], last: Slot) -> Vec<u8> {
    let first: Vec<[u8; 4]> = first.iter().flat_map(|item| item.code(member)).collect();
    let mut code: Vec<[u8; 4]> = items.iter().flat_map(|item| item.code(member)).collect();
    code.push(Slot::Count.code(member));
    let back = -4 * (code.len() as i64 + 1);
    code.push(member.encode("bgtz", &[("rs", TIMES), ("offset", back)]));
    code.push(last.code(member));
    [first, code].concat().concat()
}

#[test]
fn faults_in_the_middle_of_loops() {
    let slot = || {
        prop_oneof![
            (0..4u8).prop_map(Slot::Gather),
            Just(Slot::Peril),
            Just(Slot::PerilousWrite),
            Just(Slot::Advance),
            Just(Slot::Compute),
            Just(Slot::Overflow),
            Just(Slot::Check),
            Just(Slot::Count),
        ]
    };
    let item = || {
        prop_oneof![
            (0..4u8).prop_map(Item::Bump),
            (0..4u8).prop_map(Item::StackBump),
            (0..4u8).prop_map(Item::Push),
            slot().prop_map(Item::Skip),
            slot().prop_map(Item::SkipLikely),
            slot().prop_map(Item::Call),
            (slot(), slot()).prop_map(|(slot, inside)| Item::Function(slot, inside)),
            slot().prop_map(Item::Inner),
            slot().prop_map(Item::Plain),
        ]
    };
    let items = (vec(item(), 0..3), vec(item(), 1..6), slot());
    let inputs = (items, 1..40u64, 0..64u64, 1..10u64);
    let members = [MIPS, MIPSEL, MIPS64EL].into_iter().zip(0..);
    let all = [Compiling::Always, Compiling::Soon];
    let all = members.flat_map(|member| all.map(|compiling| (member, compiling)));
    for ((member, seed), compiling) in all {
        let tiers = RefCell::new(member.tiers());
        tiers.borrow_mut().world.set_compiling(compiling);
        search(
            &inputs,
            1000,
            seed,
            |((first, items, last), times, room, step)| {
                let mut before = State::new();
                for (slot, value) in [
                    (S0.into(), DATA),
                    (SP.into(), DATA + 16),
                    (TIMES, times),
                    (POINTER, DATA + PAGE - 4 * room),
                    (STEP, 4 * step),
                    (A0, 3),
                ] {
                    before.registers[slot as usize] = value;
                }
                let code = looped(member, &first, &items, last);
                if code.len() > SLOT {
                    return None;
                }
                Some(tiers.borrow_mut().tell_apart(&code, &before))
            },
        );
    }
}
