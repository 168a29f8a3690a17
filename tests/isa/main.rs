//! `portolan isa`: what it says of calls is what programs do.
#![cfg(feature = "host")]

use portolan::guests::{GUESTS, Port};
use portolan::view::isa::{self, IsaError, Options};
use portolan::view::symbols::Symbols;
use portolan::view::{object_file::ObjectFile, paint::Paint};
use portolan::{Machine, Protection, Stop, Trap};
use portolan_machine::convention::Keeper;
use portolan_machine::guest::{Flow, Style};
use portolan_machine::registers::{Role, Slot};
use std::collections::{BTreeSet, HashMap};
use std::fs;

/// The instruction sets that have roms.
fn ports() -> impl Iterator<Item = &'static Port> {
    GUESTS.iter().filter(|port| port.abi.is_some())
}

/// A rom on a bare machine, and its file.
fn rom(port: &Port, name: &str) -> (Machine, Vec<u8>) {
    let file = fs::read(format!("roms/bin/{}/{name}", port.guest.name())).unwrap();
    let mut machine = Machine::new(port.guest.name()).unwrap();
    machine.load_elf(&file).unwrap();
    const STACK: u64 = 0x7000_0000;
    let both = Protection::READ | Protection::WRITE;
    machine.map(STACK - 0x10_0000, 0x10_1000, both).unwrap();
    let pointer = port.guest.stack_pointer();
    machine.core().set_register(pointer, STACK);
    (machine, file)
}

/// What a hart is about to do.
struct Next {
    flow: Flow,
    length: u64,
    has_slot: bool,
    mnemonic: String,
}

/// Runs a rom one instruction at a time, and lets `look` see the machine before each; calls are carried out.
fn walk(port: &Port, machine: &mut Machine, mut look: impl FnMut(&mut Machine, &Next)) {
    let abi = port.abi.unwrap();
    let mut known: HashMap<u64, Next> = HashMap::new();
    for _ in 0..400_000 {
        let pc = machine.pc();
        let next = known.entry(pc).or_insert_with(|| {
            let mut bytes = [0; 16];
            let present = machine.memory().fetch(pc, &mut bytes).unwrap();
            let bytes = &bytes[..present];
            let line = port.guest.disassembler(Style::default()).line(bytes, pc);
            Next {
                flow: port.guest.record(bytes, pc).unwrap().flow,
                length: line.length.into(),
                has_slot: line.has_delay_slot,
                mnemonic: line.mnemonic,
            }
        });
        look(machine, next);
        match machine.run(1) {
            Stop::Budget => {}
            Stop::Trap(Trap::Syscall) => {
                assert_eq!(next.mnemonic, port.guest.convention().kernel_call);
                let number = machine.core().register(abi.registers.number);
                if name(port, number) == "exit_group" {
                    return;
                }
                assert_eq!(name(port, number), "write");
                let argument = |n: usize| abi.registers.arguments[n];
                assert_eq!(machine.core().register(argument(0)), 1, "standard output");
                let length = machine.core().register(argument(2));
                (abi.set_result)(machine.core(), Ok(length));
                machine.set_pc(pc + next.length);
            }
            other => panic!("{}: {other:?} at {pc:#x}", port.guest.name()),
        }
    }
}

fn name(port: &Port, number: u64) -> &'static str {
    let mut all = portolan_linux::personality::numbers(port.abi.unwrap().numbers);
    all.find(|(known, _)| *known == number).unwrap().1
}

/// A call that has not returned.
struct Frame {
    returns_to: u64,
    stack: u64,
    kept: Option<Vec<u64>>,
}

#[test]
fn callees_keep_what_the_convention_says_and_change_other_registers() {
    for port in ports() {
        let guest = port.guest;
        let convention = guest.convention();
        let all = || guest.register_files().iter().flat_map(|file| file.iter());
        let of = |keeper| {
            let them = all().filter(move |(_, it)| convention.keeper(it) == keeper);
            them.map(|(slot, _)| slot).collect::<Vec<Slot>>()
        };
        let (kept, lost) = (of(Keeper::Callee), of(Keeper::Caller));
        let stack = guest.stack_pointer();
        assert!(kept.contains(&stack));
        let mut changed: BTreeSet<Slot> = BTreeSet::new();
        let mut checked = 0;
        for rom in ["sort", "nbody", "mix"] {
            let (mut machine, _) = self::rom(port, rom);
            let mut frames: Vec<Frame> = Vec::new();
            let mut before = Vec::new();
            walk(port, &mut machine, |machine, next| {
                let pc = machine.pc();
                let core = machine.core();
                let read = |slots: &[Slot]| -> Vec<u64> {
                    slots.iter().map(|slot| core.register(*slot)).collect()
                };
                if let Some(frame) = frames.last_mut() {
                    if frame.kept.is_none() && core.inside() == 0 {
                        // The callee begins.
                        let mut here = read(&kept);
                        let at = kept.iter().position(|slot| *slot == stack).unwrap();
                        here[at] = frame.stack;
                        frame.kept = Some(here);
                        before = read(&lost);
                    } else if frame.returns_to == pc && core.register(stack) == frame.stack {
                        let names: Vec<String> =
                            kept.iter().map(|it| guest.slot_name(*it)).collect();
                        let here = read(&kept);
                        let was = frame.kept.clone().unwrap();
                        for ((name, was), is) in names.iter().zip(was).zip(here) {
                            assert_eq!(was, is, "{} {rom}: {name} after the call", guest.name());
                        }
                        let after = read(&lost);
                        let both = before.iter().zip(&after).zip(&lost);
                        changed.extend(both.filter(|((a, b), _)| a != b).map(|(_, slot)| *slot));
                        frames.pop();
                        checked += 1;
                    }
                }
                if next.flow == Flow::Call {
                    let pointer = core.register(stack);
                    let alignment = u64::from(convention.stack_alignment);
                    assert_eq!(pointer % alignment, 0, "{} {rom} at {pc:#x}", guest.name());
                    frames.push(Frame {
                        returns_to: pc + next.length * if next.has_slot { 2 } else { 1 },
                        stack: pointer,
                        kept: None,
                    });
                }
            });
        }
        assert!(checked > 1000, "{}: {checked} calls", guest.name());
        for slot in convention.results.iter().take(1) {
            assert!(
                changed.contains(slot),
                "{} is a result",
                guest.slot_name(*slot)
            );
        }
        assert!(changed.len() > 5, "{}: {changed:?}", guest.name());
    }
}

#[test]
fn arguments_and_results_are_where_the_convention_says() {
    for port in ports() {
        let (mut machine, data) = rom(port, "fib");
        let file = ObjectFile::parse(&data).unwrap();
        let symbols = Symbols::of(&file);
        let fib = symbols.named("fib").next().unwrap().address;
        let convention = port.guest.convention();
        let argument = convention.arguments(&port.guest.register_files()[0])[0];
        let returns = port
            .guest
            .register_files()
            .iter()
            .flat_map(|file| file.iter());
        let returns = returns.filter(|(_, it)| it.role == Role::ReturnAddress);
        let returns = returns.map(|(slot, _)| slot).next();
        let mut open: Vec<(u64, u64, u64)> = Vec::new();
        let mut seen = 0;
        walk(port, &mut machine, |machine, _| {
            let (pc, core) = (machine.pc(), machine.core());
            let pointer = core.register(port.guest.stack_pointer());
            if let Some((n, back, stack)) = open.last().copied()
                && pc == back
                && pointer == stack
            {
                let expected = (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0;
                assert_eq!(core.register(convention.results[0]), expected, "fib({n})");
                open.pop();
                seen += 1;
            }
            // Where compilers made loops of calls, the address is not the start of one.
            if pc == fib && core.inside() == 0 {
                let n = core.register(argument);
                match returns {
                    Some(slot) => open.push((n, core.register(slot), pointer)),
                    None => {
                        let back = machine.memory();
                        let mut bytes = [0; 8];
                        back.read(pointer, &mut bytes).unwrap();
                        open.push((n, u64::from_le_bytes(bytes), pointer + 8));
                    }
                }
            }
        });
        assert!(seen > 100, "{}: {seen}", port.guest.name());
    }
}

fn shown(name: &str, filter: Option<&str>, options: Options) -> Result<String, IsaError> {
    let port = GUESTS.iter().find(|port| port.guest.name() == name);
    let mut out = Vec::new();
    isa::write(&mut out, port.unwrap(), filter, &options)?;
    Ok(String::from_utf8(out).unwrap())
}

fn plain(name: &str, filter: Option<&str>) -> String {
    shown(name, filter, Options::default()).unwrap()
}

#[test]
fn every_instruction_set_has_a_page_of_a_hundred_columns() {
    for port in GUESTS.iter() {
        let text = plain(port.guest.name(), None);
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert_eq!(line.trim_end(), line, "{line:?}");
        }
        let all = port.guest.instructions();
        for it in &all {
            assert!(!it.name.is_empty() && !it.sentence.is_empty(), "{it:?}");
            assert!(!it.notations.is_empty(), "{it:?}");
            for name in it.name.split(' ') {
                assert!(text.contains(name), "{name}");
            }
        }
        assert!(all.len() > 100);
        assert!(text.contains("Calling functions: "));
        assert_eq!(text.contains("Calling the kernel"), port.abi.is_some());
    }
    let mut out = Vec::new();
    isa::write_all(&mut out, &Options::default()).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap().lines().count(),
        GUESTS.len() + 3
    );
}

#[test]
fn how_the_kernel_tells_of_errors_is_seen_on_a_hart() {
    let x86 = plain("x86_64", None);
    assert!(x86.contains("  number       rax\n  arguments    rdi, rsi, rdx, r10, r8, r9\n"));
    assert!(x86.contains("  error        rax is the error's number, negative: -4095 to -1\n"));
    assert!(x86.contains("  also changes rcx, r11\n"));
    let mips = plain("mips", None);
    assert!(
        mips.contains("  error        a3 is 1, and v0 the error's number; a3 is 0 otherwise\n")
    );
    assert!(mips.contains("read 4003, write 4004"));
}

#[test]
fn a_filter_leaves_some_instructions() {
    let zbb = plain("riscv64", Some("Zbb"));
    assert!(zbb.starts_with("Zbb: "));
    assert!(zbb.contains("andn") && !zbb.contains("addi "), "{zbb}");
    // All encodings of one instruction.
    let sub = plain("x86_64", Some("sub"));
    assert!(sub.contains("REX.W + 83 /5 ib  SUB r/m64, imm8"), "{sub}");
    assert!(sub.lines().count() > 20, "{sub}");
    let jumps = plain("x86_64", Some("jne"));
    assert!(jumps.contains("ja jae jb"), "{jumps}");
    let error = shown("riscv64", Some("Zzz"), Options::default()).unwrap_err();
    assert!(error.to_string().contains("Zba, Zbb, Zbs"), "{error}");
}

#[test]
fn json_says_the_same() {
    let options = Options {
        json: true,
        paint: Paint::default(),
    };
    for port in GUESTS.iter() {
        let text = shown(port.guest.name(), None, options).unwrap();
        let it: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(it["name"], port.guest.name());
        let count = it["instructions"].as_array().unwrap().len();
        assert_eq!(count, port.guest.instructions().len());
        assert_eq!(it["system_calls"].is_object(), port.abi.is_some());
        let registers = it["registers"].as_array().unwrap();
        assert!(registers[0]["registers"][0]["kept_by"].is_string());
    }
}
