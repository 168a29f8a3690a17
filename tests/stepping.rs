//! Sessions and hooks, through the library and through the prompt.
#![cfg(feature = "host")]

#[path = "stepping/back.rs"]
mod back;
#[path = "stepping/commands.rs"]
mod commands;
#[path = "stepping/signals.rs"]
mod signals;
mod support;
#[path = "stepping/terminal.rs"]
mod terminal;

use portolan::view::locate::Locator;
use portolan::{Call, Event, Intent, Process, Program, Session, Stop, Trap};
use portolan_linux::process::{Command, Options};
use portolan_linux::seeded::Seed;
use portolan_linux::thread::Exit;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use support::{run, workspace};

fn rom(name: &str) -> PathBuf {
    rom_of("riscv64", name)
}

fn rom_of(isa: &str, name: &str) -> PathBuf {
    workspace().join("roms/bin").join(isa).join(name)
}

fn process(name: &str) -> Process {
    process_of(&rom(name))
}

fn process_of(program: &Path) -> Process {
    let arguments = vec![c"rom".to_owned()];
    let program = program.to_owned();
    Process::start(Command {
        program,
        arguments,
        options: Options {
            // What the kernel puts on the stack is random otherwise.
            seed: Some(Seed {
                number: 1,
                inherited: None,
            }),
            ..Options::default()
        },
        ..Command::default()
    })
    .unwrap()
}

/// A session on a rom, and where its functions are.
fn session(name: &str) -> (Session, Locator) {
    let process = process(name);
    let locator = Locator::of(&process);
    (Session::new(Program::Linux(Box::new(process))), locator)
}

#[test]
fn a_breakpoint_stops_before_the_instruction_each_time() {
    let (mut session, locator) = session("fib");
    let fib = locator.address_of("fib").expect("the rom has symbols");
    let number = session.set_breakpoint(fib);
    for _ in 0..3 {
        assert_eq!(session.run(u64::MAX), Event::Breakpoint(number));
        assert_eq!(session.core().pc(), fib);
    }
    assert!(session.delete_breakpoint(number));
    assert_eq!(session.run(u64::MAX), Event::Ended(Exit::Code(0)));
}

#[test]
fn stepping_over_a_call_comes_back_behind_it() {
    let (mut session, locator) = session("fib");
    let fib = locator.address_of("fib").unwrap();
    session.set_breakpoint(fib);
    session.run(u64::MAX);
    // Where the function returns to.
    let back = session.core().register(1);
    let number = *session.breakpoints().keys().next().unwrap();
    session.delete_breakpoint(number);
    assert_eq!(session.finish(), Event::Stepped);
    assert_eq!(session.core().pc(), back);

    let (mut session, locator) = self::session("fib");
    session.set_breakpoint(locator.address_of("main").unwrap());
    session.run(u64::MAX);
    for _ in 0..200 {
        let next = session.next_instruction().unwrap();
        let call = next.flow == portolan_machine::guest::Flow::Call;
        assert_eq!(session.step_over(), Event::Stepped);
        if call {
            assert_eq!(session.core().pc(), next.next_pc);
            return;
        }
    }
    panic!("main calls nothing");
}

#[test]
fn a_step_tells_its_effects_and_marks_what_changed() {
    let (mut session, _) = session("hello");
    // auipc gp, ...
    let (effects, event) = session.step_observed();
    assert_eq!(event, Event::Stepped);
    let gp = 3;
    let written = effects.iter().any(|effect| {
        matches!(effect, portolan_machine::graph::evaluate::Effect::Write { slot, .. } if *slot == gp)
    });
    assert!(written, "{effects:?}");
    assert!(session.changed(gp) && !session.changed(10));
}

/// What hooks hear must be what happens without them, and complete.
#[test]
fn hooks_hear_instructions_accesses_and_calls() {
    #[derive(Default)]
    struct Heard {
        instructions: u64,
        writes: u64,
        depth: i64,
        deepest: i64,
        system_calls: u64,
    }
    let heard = Arc::new(Mutex::new(Heard::default()));
    let mut process = process("crash");
    let (a, b, c) = (heard.clone(), heard.clone(), heard.clone());
    process.on_instruction(move |_| a.lock().unwrap().instructions += 1);
    process.on_memory(move |access| {
        b.lock().unwrap().writes += u64::from(access.intent == Intent::Write);
    });
    process.on_call(move |call| {
        let mut heard = c.lock().unwrap();
        match call {
            Call::Enter { .. } => heard.depth += 1,
            Call::Leave { .. } => heard.depth -= 1,
            Call::System { .. } => heard.system_calls += 1,
        }
        heard.deepest = heard.deepest.max(heard.depth);
    });
    let Exit::Signal(death) = process.run() else {
        panic!("it crashes")
    };
    assert_eq!(death.name, "SIGSEGV");
    let mut plain = self::process("crash");
    plain.run();
    let heard = heard.lock().unwrap();
    assert_eq!(process.core().retired(), plain.core().retired());
    // The system call and the instruction that crashed began and did not retire.
    assert_eq!(
        heard.instructions,
        plain.core().retired() + 1 + heard.system_calls
    );
    assert_eq!(heard.system_calls, 1);
    assert!(heard.writes > 0 && heard.deepest >= 3);
}

#[test]
fn a_bare_machine_returns_system_calls_to_its_owner() {
    let mut machine = portolan::Machine::new("riscv64").unwrap();
    machine
        .load_elf(&std::fs::read(rom("hello")).unwrap())
        .unwrap();
    machine
        .map(
            0x20_0000,
            0x1_0000,
            portolan::Protection::READ | portolan::Protection::WRITE,
        )
        .unwrap();
    machine.set_register("sp", 0x20_8000).unwrap();
    assert_eq!(machine.run(1_000_000), Stop::Trap(Trap::Syscall));
    let (address, length) = (
        machine.register("a1").unwrap(),
        machine.register("a2").unwrap() as usize,
    );
    let mut text = vec![0; length];
    machine.memory().read(address, &mut text).unwrap();
    assert_eq!(text, b"Hello from the other side of the instruction set.\n");
    assert!(portolan::Machine::new("z80").is_err());
    assert!(machine.register("rax").is_err());
}

#[test]
fn the_prompt_is_driven_from_standard_input() {
    let commands = "break fib\ncontinue\nregisters a0\nstep\nx/2xg sp\nset a0 3\nfinish\nno-such\n\
                    delete 1\ncontinue\nstep\nquit\n";
    let mut portolan = std::process::Command::new(env!("CARGO_BIN_EXE_portolan"));
    let end = run(portolan.arg("step").arg(rom("fib")), commands.as_bytes());
    assert_eq!(end.status, 0);
    let said = end.text();
    for words in [
        "breakpoint 1 at ",
        "=> ",
        "a0 = 0x14 = 20",
        "no command is called \"no-such\"",
        "the program exited with 0",
        "the program has ended",
    ] {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
}

#[test]
fn the_prompt_watches_memory_and_shows_wide_registers() {
    let commands = "break main\ncontinue\nawatch sp-8 8\ninfo b\ncontinue\nwhere\ndelete 2\n\
                    set xmm3 0x1234\nregisters xmm3 st0\nregisters float\nquit\n";
    let mut portolan = std::process::Command::new(env!("CARGO_BIN_EXE_portolan"));
    let program = workspace().join("roms/bin/x86_64/fib");
    let end = run(portolan.arg("step").arg(program), commands.as_bytes());
    assert_eq!(end.status, 0);
    let said = end.text();
    // The first instruction of main stores there.
    let mut rest = said.as_str();
    for words in [
        "watchpoint 2 at 0x1",
        "1  0x",
        "main",
        "2  awatch 0x1",
        " 8\n",
        "watchpoint 2: 0x1",
        "main+0x1 ",
        "xmm3 = 0x00000000000000000000000000001234\nst0 = 0x00000000000000000000\n",
        "  xmm3*00000000000000000000000000001234 ",
    ] {
        let at = rest.find(words);
        let at = at.unwrap_or_else(|| panic!("{words:?} is not in its place: {said}"));
        rest = &rest[at + words.len()..];
    }
}

/// Forwards again, a system call is not made again.
#[test]
fn the_prompt_goes_back_and_repeats_no_system_call() {
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let commands = "continue\nrc\ncontinue\nback 40\nrecord\ncontinue\nset sp 0\nrc\nquit\n";
        let mut portolan = std::process::Command::new(env!("CARGO_BIN_EXE_portolan"));
        let end = run(
            portolan.arg("step").arg(rom_of(isa, "hello")),
            commands.as_bytes(),
        );
        let said = end.text();
        assert_eq!(
            said.matches("Hello from the other side").count(),
            1,
            "{said}"
        );
        assert_eq!(
            said.matches("the program exited with 0").count(),
            3,
            "{said}"
        );
        assert_eq!(said.matches("this is where the history begins").count(), 2);
        assert!(
            said.contains(" steps back, 40 forward; 0 of at most 512 MiB"),
            "{said}"
        );
        assert!(
            said.contains("its past can be looked at, not changed"),
            "{said}"
        );
    }
}
