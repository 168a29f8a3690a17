//! Registers of devices, as a program's loads and stores see them.

use portolan::board::{Board, Clock, Console, FRAMEBUFFER, Halt, Options, REGISTERS};
use portolan::display::{KeyEvent, Size};
use portolan::{Access, Memory};
use portolan_machine::memory::{Cause, Rmw};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

const CONSOLE: u64 = REGISTERS;
const TIMER: u64 = REGISTERS + 0x1000;
const CLOCK: u64 = REGISTERS + 0x2000;
const KEYBOARD: u64 = REGISTERS + 0x3000;
const DISPLAY: u64 = REGISTERS + 0x4000;
const POWER: u64 = REGISTERS + 0x5000;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn board(isa: &str, input: &'static [u8], frames: Option<u64>) -> (Board, Arc<Memory>, Written) {
    let written = Written::default();
    let options = Options {
        size: Size {
            width: 3,
            height: 2,
        },
        console: Console::of(input, written.clone()),
        clock: Clock::counted(),
        keys: "0:+a,1:space".parse().unwrap(),
        frames,
    };
    let mut board = Board::new(isa, options).unwrap();
    let memory = board.core().memory().clone();
    (board, memory, written)
}

#[test]
fn the_console_gives_and_takes_bytes() {
    let (_board, memory, written) = board("riscv64", b"ab", None);
    memory.store(Access::U8, CONSOLE, 0x48).unwrap();
    memory.store(Access::U32, CONSOLE, 0xffff_ff69).unwrap();
    assert_eq!(*written.0.lock().unwrap(), b"Hi");
    assert_eq!(memory.load(Access::U32, CONSOLE), Ok(0x61));
    assert_eq!(memory.load(Access::U8, CONSOLE), Ok(0x62));
    assert_eq!(memory.load(Access::I32, CONSOLE), Ok(u64::MAX));
    assert_eq!(memory.load(Access::U32, CONSOLE), Ok(0xffff_ffff));
    assert_eq!(memory.load(Access::U32, CONSOLE + 4), Ok(2), "ended");
}

#[test]
fn time_is_counted() {
    let (_board, memory, _) = board("mips64", b"", None);
    let word = Access::U32.big();
    assert_eq!(memory.load(word, TIMER), Ok(0));
    assert_eq!(memory.load(word, TIMER), Ok(1));
    memory.store(word, TIMER + 8, 0xffff_fffd).unwrap();
    memory.store(word, TIMER + 8, 5).unwrap();
    assert_eq!(memory.load(word, TIMER), Ok(4));
    assert_eq!(memory.load(word, TIMER + 4), Ok(1), "the upper half");
    assert_eq!(memory.load(Access::U64.big(), TIMER), Ok(0x1_0000_0005));
    // 2026-01-01, and 4294 seconds.
    assert_eq!(memory.load(word, CLOCK), Ok(1_767_225_600 + 4294));
    assert_eq!(
        memory.load(Access::U64.big(), CLOCK),
        Ok(1_767_225_600 + 4294)
    );
}

#[test]
fn keys_come_in_order() {
    let (board, memory, _) = board("riscv64", b"", None);
    let event = || memory.load(Access::U32, KEYBOARD).unwrap();
    board.seat().key(KeyEvent {
        code: 103,
        pressed: false,
    });
    assert_eq!([event(), event(), event()], [1 << 16 | 30, 103, 0]);
    memory.store(Access::U32, DISPLAY + 12, 1).unwrap();
    assert_eq!([event(), event()], [1 << 16 | 57, 0]);
    memory.store(Access::U32, DISPLAY + 12, 1).unwrap();
    assert_eq!([event(), event()], [57, 0]);
}

#[test]
fn frames_are_shown_when_the_program_says_so() {
    for (isa, word) in [("mipsel", Access::U32), ("mips", Access::U32.big())] {
        let (mut board, memory, _) = board(isa, b"", Some(2));
        let register = |offset| memory.load(word, DISPLAY + offset).unwrap();
        assert_eq!(
            [register(0), register(4), register(8), register(12)],
            [3, 2, 12, 0]
        );
        memory.store(word, FRAMEBUFFER + 16, 0x0012_3456).unwrap();
        assert_eq!(board.picture().pixels, [0, 0, 0, 0, 0x0012_3456, 0]);
        memory.store(word, DISPLAY + 12, 1).unwrap();
        memory.store(word, FRAMEBUFFER + 16, 1).unwrap();
        assert_eq!(board.picture().pixels, [0, 0, 0, 0, 0x0012_3456, 0]);
        let mut seen = 0;
        assert!(board.seat().new_frame(&mut seen).is_some());
        assert!(board.seat().new_frame(&mut seen).is_none());
        memory.store(word, DISPLAY + 12, 1).unwrap();
        assert_eq!(board.picture().pixels[4], 1);
        // The second frame was the last: devices do nothing any more.
        memory.store(word, FRAMEBUFFER + 16, 2).unwrap();
        memory.store(word, DISPLAY + 12, 1).unwrap();
        memory.store(word, POWER, 3).unwrap();
        assert_eq!(board.picture().pixels[4], 1);
        assert_eq!(board.run(1000), Halt::Off(0));
    }
}

#[test]
fn other_accesses_are_bus_errors() {
    let (_board, memory, _) = board("riscv64", b"", None);
    let cause = |access, address| memory.load(access, address).map_err(|fault| fault.cause);
    for (access, address) in [
        (Access::U64, CONSOLE),
        (Access::U32, CONSOLE + 1),
        (Access::U64, TIMER + 4),
        (Access::U32, TIMER + 8),
        (Access::U32, KEYBOARD + 0xffe),
        (Access::U32, POWER),
    ] {
        assert_eq!(cause(access, address), Err(Cause::Bus), "{address:#x}");
    }
    assert_eq!(cause(Access::U32, POWER + 0x1000), Err(Cause::Unmapped));
    let mut byte = [0];
    assert_eq!(
        memory.read(CONSOLE, &mut byte).map_err(|fault| fault.cause),
        Err(Cause::Bus)
    );
    let swapped = memory.rmw(Access::U32, Rmw::Add, POWER, 1);
    assert_eq!(swapped.map_err(|fault| fault.cause), Err(Cause::Bus));
}
