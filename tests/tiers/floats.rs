//! Floating-point operations in loops. Compiled, the host collects what they raise: it must be all of
//! that, and no more.

use crate::mips::{MIPS, MIPS64EL, MIPSEL, Member};
use crate::values::{boxed, double, single};
use crate::world::{DATA, Ending, Life, State, World};
use crate::{Tiers, riscv64, search};
use portolan_machine::engine::Compiling;
use portolan_machine::float::Flags;
use portolan_machine::memory::{Order, PAGE};
use portolan_machine::registers::Slot;
use portolan_mips::decode::{Set, WIDE_FLOATS};
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;

/// A few instructions of a loop. Registers are numbered from 0 on.
#[derive(Clone, Copy, Debug)]
enum Item {
    /// An operation, by its number; of a format; what it writes, and what it reads.
    Compute(u8, bool, u8, [u8; 3]),
    /// A load of a number.
    Load(u8, u8),
    /// A store of a number.
    Store(u8, u8),
    /// Leaves the next item out in the second round, at every turn.
    Skip,
    /// Leaves the next item out every other turn.
    SkipOdd,
    /// Adds what was raised so far to an integer.
    Ask,
    /// Loads from where a pointer is, and moves it on: sooner or later beyond the page.
    Peril(u8),
}

/// The number of floating-point registers in use.
const REGISTERS: u8 = 6;

/// A guest's way to say it. Branches skip whole items.
trait Assembler {
    fn item(&self, item: Item, next: &[[u8; 4]]) -> Vec<[u8; 4]>;
    /// Begins a round: clears the flags, and has all turns ahead.
    fn begin(&self) -> Vec<[u8; 4]>;
    /// Subtracts one from a counter, the turns' or the rounds', and goes back this many bytes if it is
    /// not negative.
    fn again(&self, rounds: bool, back: i64) -> Vec<[u8; 4]>;
    /// The slots of: the base of the data, the turns of a round, the rounds, the pointer, its step.
    fn integers(&self) -> [Slot; 5];
    fn float(&self, number: u8) -> Slot;
    fn flags(&self) -> Slot;
    fn rounding(&self) -> Slot;
    fn single(&self, value: u32) -> u64;
}

struct RiscV;

impl Assembler for RiscV {
    fn item(&self, item: Item, next: &[[u8; 4]]) -> Vec<[u8; 4]> {
        use riscv64::{A0, S0, S1, S2, S3, SP, T0, encode};
        let past = 4 * (next.len() as i64 + 1);
        match item {
            Item::Compute(operation, is_double, to, [a, b, c]) => {
                let operations = [
                    "fadd", "fsub", "fmul", "fdiv", "fsqrt", "fmadd", "fnmsub", "fmin", "fmax",
                    "fle", "feq", "flt", "fcvt.w", "fcvt.lu", "fcvt.wu", "fsgnjn", "fsgnjx",
                    "fsgnj", "convert", "fcvt.l", "from.w", "from.l",
                ];
                let format = if is_double { "d" } else { "s" };
                let [to, a, b, c] = [to, a, b, c].map(i64::from);
                let name = operations[usize::from(operation) % operations.len()];
                let (name, to, a) = match name {
                    "convert" if is_double => ("fcvt.s.d".to_owned(), to, a),
                    "convert" => ("fcvt.d.s".to_owned(), to, a),
                    "from.w" | "from.l" => {
                        (name.replace("from.", &format!("fcvt.{format}.")), to, A0)
                    }
                    "fle" | "feq" | "flt" => (format!("{name}.{format}"), A0, a),
                    _ if name.starts_with("fcvt") => (format!("{name}.{format}"), A0, a),
                    _ => (format!("{name}.{format}"), to, a),
                };
                // Conversions to integers mostly truncate.
                let rm = if to == A0 { 1 } else { 7 * (operation & 1) };
                let fields = [
                    ("rd", to),
                    ("rs1", a),
                    ("rs2", b),
                    ("rs3", c),
                    ("rm", rm.into()),
                ];
                vec![encode(&name, &fields)]
            }
            Item::Load(to, at) => {
                let imm = 8 * i64::from(at);
                vec![encode(
                    "fld",
                    &[("rd", to.into()), ("rs1", S0), ("imm", imm)],
                )]
            }
            Item::Store(from, at) => {
                let imm = 8 * i64::from(at);
                let fields = [("rs2", from.into()), ("rs1", S0), ("imm", imm)];
                vec![encode("fsd", &fields)]
            }
            Item::Skip => vec![encode("beq", &[("rs1", SP), ("rs2", 0), ("imm", past)])],
            Item::SkipOdd => vec![
                encode("andi", &[("rd", T0), ("rs1", S1), ("imm", 1)]),
                encode("beq", &[("rs1", T0), ("rs2", 0), ("imm", past)]),
            ],
            Item::Ask => vec![
                encode("csrrs", &[("rd", T0), ("rs1", 0), ("csr", 1)]),
                encode("add", &[("rd", A0), ("rs1", A0), ("rs2", T0)]),
            ],
            Item::Peril(to) => vec![
                encode("fld", &[("rd", to.into()), ("rs1", S2), ("imm", 0)]),
                encode("add", &[("rd", S2), ("rs1", S2), ("rs2", S3)]),
            ],
        }
    }

    fn begin(&self) -> Vec<[u8; 4]> {
        use riscv64::{S1, T1, encode};
        vec![
            encode("csrrw", &[("rd", 0), ("rs1", 0), ("csr", 1)]),
            encode("addi", &[("rd", S1), ("rs1", T1), ("imm", 0)]),
        ]
    }

    fn again(&self, rounds: bool, back: i64) -> Vec<[u8; 4]> {
        use riscv64::{S1, SP, encode};
        let counter = if rounds { SP } else { S1 };
        vec![
            encode("addi", &[("rd", counter), ("rs1", counter), ("imm", -1)]),
            encode("bge", &[("rs1", counter), ("rs2", 0), ("imm", -back - 4)]),
        ]
    }

    fn integers(&self) -> [Slot; 5] {
        use riscv64::{S0, S2, S3, SP, T1};
        [S0, T1, SP, S2, S3].map(|register| register as Slot)
    }

    fn float(&self, number: u8) -> Slot {
        portolan_riscv::regs::F + number
    }

    fn flags(&self) -> Slot {
        portolan_riscv::regs::FFLAGS
    }

    fn rounding(&self) -> Slot {
        portolan_riscv::regs::FRM
    }

    fn single(&self, value: u32) -> u64 {
        boxed(value)
    }
}

impl Assembler for Member {
    fn item(&self, item: Item, next: &[[u8; 4]]) -> Vec<[u8; 4]> {
        const T0: i64 = 8;
        const A0: i64 = 4;
        let nop = self.encode("sll", &[("rt", 0), ("rd", 0), ("sa", 0)]);
        // With the delay slot.
        let past = 4 * (next.len() as i64 + 1);
        let register = |number: u8| i64::from(2 * number);
        match item {
            Item::Compute(operation, is_double, to, [a, b, c]) => {
                let operations = [
                    "add", "sub", "mul", "div", "sqrt", "madd", "nmsub", "recip", "rsqrt",
                    "c.cond", "c.cond", "movt", "trunc.w", "cvt.l", "trunc.l", "neg", "abs", "mov",
                    "cvt", "cvt.w", "from.w", "from.l",
                ];
                let format = if is_double { "d" } else { "s" };
                let name = operations[usize::from(operation) % operations.len()];
                // Of 64 bits, longs want registers of 64 bits too.
                let name = match name {
                    "cvt.l" | "trunc.l" | "from.l" if self.set != Set::Mips64 => "trunc.w",
                    name => name,
                };
                let name = match name {
                    "cvt" if is_double => "cvt.s.d".to_owned(),
                    "cvt" => "cvt.d.s".to_owned(),
                    "from.w" | "from.l" => name.replace("from", &format!("cvt.{format}")),
                    "movt" => format!("movt.{format}"),
                    _ => format!("{name}.{format}"),
                };
                let fields = [
                    ("fd", register(to)),
                    ("fs", register(a)),
                    ("ft", register(b)),
                    ("fr", register(c)),
                    ("cc", i64::from(b & 1)),
                    ("cond", i64::from(c) * 3 % 16),
                ];
                vec![self.encode(&name, &fields)]
            }
            Item::Load(to, at) => {
                let fields = [
                    ("ft", register(to)),
                    ("base", 16),
                    ("offset", 8 * i64::from(at)),
                ];
                vec![self.encode("ldc1", &fields)]
            }
            Item::Store(from, at) => {
                let fields = [
                    ("ft", register(from)),
                    ("base", 16),
                    ("offset", 8 * i64::from(at)),
                ];
                vec![self.encode("sdc1", &fields)]
            }
            Item::Skip => vec![
                self.encode("beq", &[("rs", 18), ("rt", 0), ("offset", past)]),
                nop,
            ],
            Item::SkipOdd => vec![
                self.encode("andi", &[("rt", T0), ("rs", 17), ("uimm", 1)]),
                self.encode("beq", &[("rs", T0), ("rt", 0), ("offset", past)]),
                nop,
            ],
            Item::Ask => vec![
                self.encode("cfc1", &[("rt", T0), ("cs", 31)]),
                self.encode("addu", &[("rd", A0), ("rs", A0), ("rt", T0)]),
            ],
            Item::Peril(to) => vec![
                self.encode("ldc1", &[("ft", register(to)), ("base", 19), ("offset", 0)]),
                self.encode("addu", &[("rd", 19), ("rs", 19), ("rt", 20)]),
            ],
        }
    }

    fn begin(&self) -> Vec<[u8; 4]> {
        vec![
            self.encode("ctc1", &[("rt", 0), ("cs", 26)]),
            self.encode("addiu", &[("rt", 17), ("rs", 21), ("imm", 0)]),
        ]
    }

    fn again(&self, rounds: bool, back: i64) -> Vec<[u8; 4]> {
        let counter = if rounds { 18 } else { 17 };
        vec![
            self.encode("addiu", &[("rt", counter), ("rs", counter), ("imm", -1)]),
            self.encode("bgez", &[("rs", counter), ("offset", -back - 8)]),
            self.encode("sll", &[("rt", 0), ("rd", 0), ("sa", 0)]),
        ]
    }

    fn integers(&self) -> [Slot; 5] {
        [16, 21, 18, 19, 20]
    }

    fn float(&self, number: u8) -> Slot {
        portolan_mips::regs::F + 2 * number
    }

    fn flags(&self) -> Slot {
        portolan_mips::regs::FLAGS
    }

    fn rounding(&self) -> Slot {
        portolan_mips::regs::ROUNDING
    }

    fn single(&self, value: u32) -> u64 {
        value.into()
    }
}

struct Sse;

impl Sse {
    /// An instruction on two registers of SSE, in the lower and in the upper form of its prefix.
    fn of_registers(prefix: u8, opcode: u8, register: u8, other: u8) -> [u8; 4] {
        [prefix, 0x0f, opcode, 0xc0 | register << 3 | other]
    }

    /// The same of a register and the data that rbx or rsi leads to.
    fn of_memory(opcode: u8, register: u8, base: u8, at: u8) -> Vec<[u8; 4]> {
        let bytes = [0xf2, 0x0f, opcode, 0x40 | register << 3 | base];
        // And three times nothing.
        vec![bytes, [8 * at, 0x90, 0x90, 0x90]]
    }
}

impl Assembler for Sse {
    fn item(&self, item: Item, next: &[[u8; 4]]) -> Vec<[u8; 4]> {
        const RBX: u8 = 3;
        const RSI: u8 = 6;
        let past = 4 * next.len() as u8;
        match item {
            Item::Compute(operation, is_double, to, [a, b, _]) => {
                let prefix = if is_double { 0xf2 } else { 0xf3 };
                // add, mul, sub, min, div, max, sqrt, cvttsd2si, cvtsd2ss, cvtsi2sd, ucomisd, cmpsd.
                let operations = [
                    0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f, 0x51, 0x2c, 0x5a, 0x2a, 0x2e,
                ];
                match operations[usize::from(operation) % operations.len()] {
                    // To and from edi.
                    0x2c => vec![Sse::of_registers(prefix, 0x2c, 7, a)],
                    0x2a => vec![Sse::of_registers(prefix, 0x2a, to, 7)],
                    0x2e => vec![Sse::of_registers(0x66, 0x2e, a, b)],
                    opcode => vec![Sse::of_registers(prefix, opcode, to, a)],
                }
            }
            Item::Load(to, at) => Sse::of_memory(0x10, to, RBX, at),
            Item::Store(from, at) => Sse::of_memory(0x11, from, RBX, at),
            // test edx, edx; je
            Item::Skip => vec![[0x85, 0xd2, 0x74, past]],
            // test ecx, 1; je
            Item::SkipOdd => vec![[0xf7, 0xc1, 1, 0], [0, 0, 0x74, past]],
            // stmxcsr [rbx + 56]; add edi, [rbx + 56]; nop
            Item::Ask => vec![[0x0f, 0xae, 0x5b, 56], [0x03, 0x7b, 56, 0x90]],
            // movsd; add rsi, 8
            Item::Peril(to) => {
                let mut code = Sse::of_memory(0x10, to, RSI, 0);
                code.push([0x48, 0x83, 0xc6, 8]);
                code
            }
        }
    }

    fn begin(&self) -> Vec<[u8; 4]> {
        // ldmxcsr [rbx + 48]; mov ecx, eax; nop; nop
        vec![[0x0f, 0xae, 0x53, 48], [0x89, 0xc1, 0x90, 0x90]]
    }

    fn again(&self, rounds: bool, back: i64) -> Vec<[u8; 4]> {
        // dec; jns
        let back = -(back + 8) as u8;
        match rounds {
            true => vec![[0xff, 0xca, 0x90, 0x90], [0x90, 0x90, 0x79, back]],
            false => vec![[0xff, 0xc9, 0x90, 0x90], [0x90, 0x90, 0x79, back]],
        }
    }

    fn integers(&self) -> [Slot; 5] {
        use portolan_x86::regs::{RAX, RBX, RDX, RSI};
        // No step.
        [RBX, RAX, RDX, RSI, RAX + 15]
    }

    fn float(&self, number: u8) -> Slot {
        portolan_x86::regs::XMM + 2 * number
    }

    fn flags(&self) -> Slot {
        portolan_x86::regs::FLOAT_FLAGS
    }

    fn rounding(&self) -> Slot {
        portolan_x86::regs::FLOAT_MODES
    }

    fn single(&self, value: u32) -> u64 {
        value.into()
    }
}

/// Items as a loop within a loop: two rounds of many turns, each of which begins without flags.
/// AVX and FMA on 256 bits; what they have no part in is as in [`Sse`].
struct Avx;

impl Avx {
    /// An instruction of VEX with two sources.
    fn of_registers(prefix: u8, opcode: u8, to: u8, [a, b]: [u8; 2]) -> [u8; 4] {
        let second = 0x80 | (!a & 15) << 3 | 4 | prefix;
        [0xc5, second, opcode, 0xc0 | to << 3 | b]
    }
}

impl Assembler for Avx {
    fn item(&self, item: Item, next: &[[u8; 4]]) -> Vec<[u8; 4]> {
        match item {
            Item::Compute(operation, is_double, to, [a, b, _]) => {
                // add, mul, sub, min, div, max; sqrt, which has one source; vpaddd, vpxor, vpcmpgtd;
                // vfmadd213 and its like.
                let operations = [
                    0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f, 0x51, 0xfe, 0xef, 0x66, 0xa8, 0xb6,
                ];
                let prefix = u8::from(is_double);
                match operations[usize::from(operation) % operations.len()] {
                    0x51 => vec![Avx::of_registers(prefix, 0x51, to, [0, b])],
                    opcode @ (0xfe | 0xef | 0x66) => vec![Avx::of_registers(1, opcode, to, [a, b])],
                    opcode @ (0xa8 | 0xb6) => {
                        let second = prefix << 7 | (!a & 15) << 3 | 4 | 1;
                        let bytes = [0xc4, 0xe2, second, opcode];
                        vec![bytes, [0xc0 | to << 3 | b, 0x90, 0x90, 0x90]]
                    }
                    opcode => vec![Avx::of_registers(prefix, opcode, to, [a, b])],
                }
            }
            // vmovupd of 256 bits, from rbx on
            Item::Load(to, at) => {
                let bytes = [0xc5, 0xfd, 0x10, 0x43 | to << 3];
                vec![bytes, [8 * at, 0x90, 0x90, 0x90]]
            }
            item => Sse.item(item, next),
        }
    }

    fn begin(&self) -> Vec<[u8; 4]> {
        Sse.begin()
    }

    fn again(&self, rounds: bool, back: i64) -> Vec<[u8; 4]> {
        Sse.again(rounds, back)
    }

    fn integers(&self) -> [Slot; 5] {
        Sse.integers()
    }

    fn float(&self, number: u8) -> Slot {
        Sse.float(number)
    }

    fn flags(&self) -> Slot {
        Sse.flags()
    }

    fn rounding(&self) -> Slot {
        Sse.rounding()
    }

    fn single(&self, value: u32) -> u64 {
        Sse.single(value)
    }
}

fn looped(assembler: &dyn Assembler, items: &[Item]) -> Vec<u8> {
    let mut body: Vec<[u8; 4]> = Vec::new();
    // From the last on, so that it is known how far to skip.
    let mut next: Vec<[u8; 4]> = Vec::new();
    for item in items.iter().rev() {
        let code = assembler.item(*item, &next);
        body = [code.clone(), body].concat();
        next = code;
    }
    let turns = assembler.again(false, 4 * body.len() as i64);
    let mut round = assembler.begin();
    round.extend(body);
    round.extend(turns);
    let again = assembler.again(true, 4 * round.len() as i64);
    round.extend(again);
    round.concat()
}

fn item() -> impl Strategy<Value = Item> {
    let register = || 0..REGISTERS;
    let compute = (
        any::<u8>(),
        any::<bool>(),
        register(),
        [register(), register(), register()],
    );
    prop_oneof![
        8 => compute.prop_map(|(operation, double, to, from)| Item::Compute(operation, double, to, from)),
        1 => (register(), 0..6u8).prop_map(|(to, at)| Item::Load(to, at)),
        1 => (register(), 0..6u8).prop_map(|(from, at)| Item::Store(from, at)),
        2 => Just(Item::Skip),
        1 => Just(Item::SkipOdd),
        1 => Just(Item::Ask),
        1 => register().prop_map(Item::Peril),
    ]
}

/// A plain program comes to its end, and raises what it should: the assembler says what it means.
fn assembles(tiers: &mut Tiers, assembler: &dyn Assembler) {
    let items = [
        Item::Skip,
        Item::Load(1, 1),
        Item::SkipOdd,
        Item::Ask,
        Item::Compute(0, true, 1, [1, 1, 0]),
        Item::Store(1, 1),
    ];
    let mut before = State::new();
    let [base, turn, round, ..] = assembler.integers();
    for (slot, value) in [(base, DATA), (turn, 6), (round, 1)] {
        before.registers[usize::from(slot)] = value;
    }
    // Doubled seven times in each of two rounds, it is too much in the second.
    let (first, last) = (f64::MAX / 1000.0, f64::INFINITY);
    let order = tiers.guest.order();
    let mut put = |at: usize, value: u64| {
        let bytes = match order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        };
        let data = before.bytes(DATA + 8 * at as u64, 8).expect("the data");
        data.copy_from_slice(&bytes);
    };
    put(1, first.to_bits());
    put(6, 0x1f80);
    let (ending, after) = tiers
        .world
        .run(&looped(assembler, &items), &before, Life::Run);
    assert_eq!(ending, Ending::Left);
    let after = |slot: Slot| after.registers[usize::from(slot)];
    assert_eq!(after(round) as i32, -1);
    assert_eq!(f64::from_bits(after(assembler.float(1))), last);
    let raised = after(assembler.flags());
    assert_ne!(raised & u64::from(Flags::OVERFLOW.bits()), 0);
}

fn agree(mut tiers: Tiers, assembler: &dyn Assembler, count: u32) {
    assembles(&mut tiers, assembler);
    let number = (any::<u64>(), any::<bool>(), any::<bool>());
    let inputs = (
        vec(item(), 1..9),
        2..24u64,
        0..400u64,
        vec(number, usize::from(REGISTERS) + 6),
        (0..32u64, 0..40u64),
    );
    let tiers = RefCell::new(tiers);
    for compiling in [Compiling::Always, Compiling::Soon] {
        tiers.borrow_mut().world.set_compiling(compiling);
        search(
            &inputs,
            count,
            1,
            |(items, turns, room, numbers, (flags, rounding))| {
                let mut before = State::new();
                let mut set = |slot: Slot, value| before.registers[usize::from(slot)] = value;
                let [base, turn, round, pointer, step] = assembler.integers();
                set(base, DATA);
                set(turn, turns);
                set(round, 1);
                set(pointer, DATA + PAGE - 8 * room);
                set(step, 8);
                set(assembler.flags(), flags);
                // Nearly always to nearest.
                set(
                    assembler.rounding(),
                    if rounding < 4 { rounding } else { 0 },
                );
                let values: Vec<u64> = numbers
                    .into_iter()
                    .map(|(raw, is_double, is_plain)| match (is_double, is_plain) {
                        // About the ends of integers.
                        (true, true) if raw % 4 == 0 => {
                            let end = [1u64 << 31, 1 << 32, 1 << 63][raw as usize / 4 % 3] as f64;
                            (end + (raw >> 61) as f64 * 0.25 - 1.0).to_bits()
                        }
                        (true, true) => (1.0 + (raw >> 40) as f64 / 7.0).to_bits(),
                        (true, false) => double(raw),
                        (false, true) => assembler.single(((raw >> 40) as f32 / 3.0).to_bits()),
                        (false, false) => assembler.single(single(raw)),
                    })
                    .collect();
                let (registers, memory) = values.split_at(usize::from(REGISTERS));
                for (number, value) in (0..).zip(registers) {
                    set(assembler.float(number), *value);
                }
                let order = tiers.borrow().guest.order();
                // MXCSR, where there is one: other directions, and subnormal numbers as zeros.
                let mxcsr = 0x1f80
                    | match rounding {
                        0..4 => rounding << 13,
                        4 => 1 << 6,
                        5 => 1 << 15,
                        _ => 0,
                    };
                let memory = [memory, &[mxcsr, 0]].concat();
                let bytes = memory.iter().flat_map(|value| match order {
                    Order::Little => value.to_le_bytes(),
                    Order::Big => value.to_be_bytes(),
                });
                let bytes: Vec<u8> = bytes.collect();
                before
                    .bytes(DATA, bytes.len())
                    .expect("the data")
                    .copy_from_slice(&bytes);
                let code = looped(assembler, &items);
                Some(tiers.borrow_mut().tell_apart(&code, &before))
            },
        );
    }
}

#[test]
fn riscv64_in_loops() {
    agree(riscv64::tiers(), &RiscV, 2500);
}

#[test]
fn x86_64_in_loops() {
    let tiers = Tiers {
        guest: portolan_x86::GUEST,
        world: World::new(portolan_x86::GUEST, &[0xcc]),
        hidden: &[],
    };
    agree(tiers, &Sse, 1500);
}

#[test]
fn x86_64_on_256_bits_in_loops() {
    let tiers = Tiers {
        guest: portolan_x86::GUEST,
        world: World::new(portolan_x86::GUEST, &[0xcc]),
        hidden: &[],
    };
    agree(tiers, &Avx, 500);
}

#[test]
fn mips_in_loops() {
    for member in [MIPS, MIPSEL, MIPS64EL] {
        let mut tiers = member.tiers();
        if member.set == Set::Mips64 {
            tiers.world.set_mode(WIDE_FLOATS);
        }
        agree(tiers, &member, 800);
    }
}

/// In the second round the division is not carried out. It raises what it did in the first one only,
/// though nothing in the loop changes what it divides.
fn left_out(mut tiers: Tiers, assembler: &dyn Assembler) {
    let items = [Item::Skip, Item::Compute(3, true, 0, [1, 2, 0])];
    let code = looped(assembler, &items);
    tiers.world.set_compiling(Compiling::Soon);
    let mut before = State::new();
    let [_, turn, round, ..] = assembler.integers();
    for (slot, value) in [
        (turn, 50),
        (round, 1),
        (assembler.float(1), 1f64.to_bits()),
        (assembler.float(2), 3f64.to_bits()),
    ] {
        before.registers[usize::from(slot)] = value;
    }
    assert_eq!(tiers.tell_apart(&code, &before), Vec::<String>::new());
    let (_, after) = tiers.world.run(&code, &before, Life::Compiled);
    let after = |slot: Slot| after.registers[usize::from(slot)];
    assert_eq!(after(assembler.flags()), 0);
    assert_eq!(f64::from_bits(after(assembler.float(0))), 1.0 / 3.0);
}

#[test]
fn what_is_left_out_raises_nothing() {
    left_out(riscv64::tiers(), &RiscV);
    left_out(MIPSEL.tiers(), &MIPSEL);
}
