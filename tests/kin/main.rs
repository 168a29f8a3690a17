//! The same idea in other instruction sets: what is found computes the same.

use portolan::guests::{self, GUESTS};
use portolan::view::explain::{Idea, Kin, kin};
use portolan::{Machine, Protection};
use portolan_machine::graph::evaluate::{Effect, Observer};
use portolan_machine::guest::Guest;
use portolan_machine::registers::{Kind, Role, Slot};
use std::collections::BTreeMap;

/// The assembly of what has the idea of an instruction, by instruction set.
fn found(isa: &str, bytes: &[u8]) -> BTreeMap<&'static str, String> {
    let guest = guests::named(isa).unwrap();
    let graph = guest.record(bytes, 0).unwrap();
    let named = |kin: &Kin| {
        let it = kin.guest.explain(&kin.bytes, 0).unwrap();
        (kin.guest.name(), it.assembly)
    };
    kin(guest, &graph).iter().map(named).collect()
}

#[test]
fn the_stack_grows_everywhere() {
    let all = found("x86_64", &[0x48, 0x83, 0xec, 0x08]);
    assert_eq!(all["riscv64"], "add sp,sp,-8");
    assert_eq!(all["mips"], "addiu sp,sp,-8");
    assert_eq!(all["mips64el"], "daddiu sp,sp,-8");
    let all = found("riscv64", &[0x13, 0x01, 0x01, 0xff]);
    assert_eq!(all["x86_64"], "sub rsp,0x10");
}

#[test]
fn common_instructions_have_kin_everywhere() {
    for (isa, bytes, others) in [
        // addi a0,a0,1
        (
            "riscv64",
            &[0x13, 0x05, 0x15, 0x00][..],
            [("mipsel", "addiu v0,v0,1"), ("x86_64", "add rax,0x1")],
        ),
        // mul a0,a0,a1
        (
            "riscv64",
            &[0x33, 0x05, 0xb5, 0x02],
            [("mipsel", "mul v0,v0,a0"), ("x86_64", "imul rax,rbx")],
        ),
        // lw a0,8(sp)
        (
            "riscv64",
            &[0x03, 0x25, 0x81, 0x00],
            [
                ("mipsel", "lw v0,8(sp)"),
                ("x86_64", "mov eax,DWORD PTR [rsp+0x8]"),
            ],
        ),
        // sb v0,3(a0)
        (
            "mips",
            &[0xa0, 0x82, 0x00, 0x03],
            [
                ("riscv64", "sb a0,3(a1)"),
                ("x86_64", "mov BYTE PTR [rbx+0x3],al"),
            ],
        ),
        // syscall
        (
            "x86_64",
            &[0x0f, 0x05],
            [("riscv64", "ecall"), ("mips", "syscall")],
        ),
        // beq a0,a1,.+16
        (
            "riscv64",
            &[0x63, 0x08, 0xb5, 0x00],
            [("mips", "beq v0,a0,0x44"), ("mips64", "beq v0,a0,0x44")],
        ),
    ] {
        let all = found(isa, bytes);
        for (other, assembly) in others {
            let it = all.get(other).map(String::as_str);
            assert_eq!(it, Some(assembly), "{isa} {bytes:x?}: {all:?}");
        }
    }
}

#[test]
fn what_differs_has_none() {
    // cpuid; and a multiplication into two registers.
    assert_eq!(found("x86_64", &[0x0f, 0xa2]).len(), 0);
    // add a0,a0,a0 doubles one register, which is not what add a0,a0,a1 does.
    let doubled = found("riscv64", &[0x33, 0x05, 0xa5, 0x00]);
    assert!(
        !doubled.values().any(|it| it == "addu v0,v0,a0"),
        "{doubled:?}"
    );
}

const CODE: u64 = 0x1000;
const DATA: u64 = 0x80_0000;
const SIZE: u64 = 0x800;

/// What an instruction did to registers that programs name, and to memory.
#[derive(Default)]
struct Seen {
    writes: Vec<(Slot, u64)>,
    stores: Vec<(u64, u8, u64)>,
    traps: bool,
}

impl Observer for Seen {
    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Write { slot, new, .. } => self.writes.push((slot, new)),
            Effect::Store {
                access,
                address,
                value,
            } => {
                let mask = u64::MAX >> (64 - 8 * u32::from(access.bytes));
                self.stores.push((address, access.bytes, value & mask));
            }
            Effect::Trap(_) => self.traps = true,
            _ => {}
        }
    }
}

/// A machine for many instructions, one after the other.
struct Bench {
    machine: Machine,
    guest: &'static dyn Guest,
    /// What the slots of a new machine hold.
    blank: Vec<u64>,
    next: u64,
}

impl Bench {
    fn new(guest: &'static dyn Guest) -> Bench {
        let mut machine = Machine::new(guest.name()).unwrap();
        let all = Protection::READ | Protection::WRITE | Protection::EXEC;
        machine.map(CODE, DATA - CODE, all).unwrap();
        machine
            .map(DATA, SIZE, Protection::READ | Protection::WRITE)
            .unwrap();
        let core = machine.core();
        let blank = (0..=Slot::MAX).map(|slot| core.register(slot)).collect();
        Bench {
            machine,
            guest,
            blank,
            next: CODE,
        }
    }

    /// Puts an instruction where none was.
    fn place(&mut self, bytes: &[u8]) -> u64 {
        let at = self.next;
        self.machine.memory().write(at, bytes).unwrap();
        self.next += 16;
        at
    }

    /// Carries it out, with these values in the registers of its idea.
    fn carry_out(&mut self, at: u64, idea: &Idea, values: &[u64], fill: u8) -> Seen {
        // Whatever the order of bytes.
        self.machine
            .memory()
            .write(DATA, &[fill; SIZE as usize])
            .unwrap();
        self.machine.set_pc(at);
        for ((slot, is_written), value) in idea.registers.iter().zip(values) {
            if !is_written {
                self.machine.core().set_register(*slot, *value);
            }
        }
        let mut seen = Seen::default();
        let _ = self.machine.core().observe(&mut seen);
        // What was changed may be how numbers are rounded, which is nothing to the next one.
        let written = seen.writes.iter().map(|(slot, _)| *slot);
        for slot in written.chain(idea.registers.iter().map(|(slot, _)| *slot)) {
            let blank = self.blank[usize::from(slot)];
            self.machine.core().set_register(slot, blank);
        }
        seen.writes.retain(|(slot, _)| {
            self.guest
                .register(*slot)
                .is_some_and(|(file, it)| file.kind != Kind::Control && it.role != Role::Zero)
        });
        seen
    }
}

#[test]
fn kin_compute_the_same() {
    // A small generator: what is drawn is the same in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let benches = GUESTS
        .iter()
        .map(|port| (port.guest.name(), Bench::new(port.guest)));
    let mut benches: BTreeMap<&str, Bench> = benches.collect();
    let mut pairs = BTreeMap::new();
    for port in GUESTS.iter() {
        let guest = port.guest;
        for bytes in guest.instances(8) {
            let graph = guest.record(&bytes, CODE).unwrap();
            let Some(idea) = Idea::of(&graph, guest) else {
                continue;
            };
            // Jumps go somewhere else in each encoding, and calls to nobody.
            let computes = |it: &String| it.starts_with("set") || it.starts_with("store");
            if !idea.effects.iter().all(computes)
                || idea.effects.iter().any(|it| it.contains("place"))
            {
                continue;
            }
            for other in kin(guest, &graph) {
                *pairs.entry(other.guest.name()).or_insert(0) += 1;
                let is_narrow = idea.is_narrow || other.idea.is_narrow;
                let here = benches.get_mut(guest.name()).unwrap().place(&bytes);
                let there = benches
                    .get_mut(other.guest.name())
                    .unwrap()
                    .place(&other.bytes);
                for _ in 0..4 {
                    let fill = (random() & 0x7f) as u8;
                    // An address, and for all else a number: small enough for 31 bits, and a multiple of eight.
                    let mut drawn = BTreeMap::new();
                    let values: Vec<u64> = idea
                        .registers
                        .iter()
                        .map(|(slot, _)| {
                            *drawn
                                .entry(*slot)
                                .or_insert_with(|| DATA + 0x100 + (random() & 0x3f8))
                        })
                        .collect();
                    let one = benches
                        .get_mut(guest.name())
                        .unwrap()
                        .carry_out(here, &idea, &values, fill);
                    let two = benches.get_mut(other.guest.name()).unwrap().carry_out(
                        there,
                        &other.idea,
                        &values,
                        fill,
                    );
                    let text = |guest: &dyn Guest, bytes: &[u8]| {
                        guest.explain(bytes, CODE).unwrap().assembly
                    };
                    let which = format!(
                        "{} {} and {} {}, of {values:x?}: {:?}",
                        guest.name(),
                        text(guest, &bytes),
                        other.guest.name(),
                        text(other.guest, &other.bytes),
                        idea.effects
                    );
                    let low = |value: u64| {
                        if is_narrow {
                            value & 0xffff_ffff
                        } else {
                            value
                        }
                    };
                    let set = |it: &Seen| it.writes.last().map(|(_, value)| low(*value));
                    // An address that is in the encoding is one where nothing is.
                    assert_eq!(one.traps, two.traps, "{which}");
                    assert_eq!(set(&one), set(&two), "{which}");
                    let stored = |it: &Seen| -> Vec<(u64, u8, u64)> {
                        it.stores
                            .iter()
                            .map(|(address, bytes, value)| (*address, *bytes, low(*value)))
                            .collect()
                    };
                    assert_eq!(stored(&one), stored(&two), "{which}");
                }
            }
        }
    }
    // Every instruction set has some.
    for port in GUESTS.iter() {
        let count = pairs.get(port.guest.name()).copied().unwrap_or(0);
        assert!(count > 0, "{}: {pairs:?}", port.guest.name());
    }
}
