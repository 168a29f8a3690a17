//! The protocol by hand: without gdb, a test knows exactly what is asked.

use crate::support::guests::named;
use crate::support::{self, workspace};
use crate::waiting::{Compiled, LIMIT, Waiting, rom};
use object::{Object, ObjectSymbol};
use std::io::{Read, Write};
use std::net::TcpStream;

/// A debugger as small as can be.
struct Wire(TcpStream);

impl Wire {
    fn connect(waiting: &Waiting) -> Wire {
        let stream = TcpStream::connect(format!("127.0.0.1{}", waiting.remote)).expect("a port");
        stream.set_read_timeout(Some(LIMIT)).expect("a timeout");
        Wire(stream)
    }

    fn send(&mut self, packet: &str) {
        let sum = packet.bytes().fold(0u8, u8::wrapping_add);
        write!(self.0, "${packet}#{sum:02x}").expect("sent");
    }

    fn byte(&mut self) -> u8 {
        let mut byte = [0];
        self.0.read_exact(&mut byte).expect("an answer in time");
        byte[0]
    }

    /// The next packet, with its run lengths written out.
    fn answer(&mut self) -> String {
        while self.byte() != b'$' {}
        self.rest()
    }

    /// What follows of a packet that has begun.
    fn rest(&mut self) -> String {
        let mut text = Vec::new();
        loop {
            match self.byte() {
                b'#' => break,
                b'*' => {
                    let count = self.byte() - 29;
                    let last = *text.last().expect("something to repeat");
                    text.extend((0..count).map(|_| last));
                }
                byte => text.push(byte),
            }
        }
        self.byte();
        self.byte();
        self.0.write_all(b"+").expect("sent");
        String::from_utf8_lossy(&text).into_owned()
    }

    fn ask(&mut self, packet: &str) -> String {
        self.send(packet);
        self.answer()
    }

    /// The value of a 64-bit register.
    fn register(&mut self, number: u32) -> u64 {
        let text = self.ask(&format!("p{number:x}"));
        let value = u64::from_str_radix(&text, 16);
        value.unwrap_or_else(|_| panic!("{text:?}")).swap_bytes()
    }
}

const PC: u32 = 32;

#[test]
fn the_protocol_by_hand() {
    let program = rom("fib");
    let waiting = Waiting::start("0", &[program.to_str().unwrap()]);
    let mut wire = Wire::connect(&waiting);
    let features = wire.ask("qSupported:multiprocess+;swbreak+;xmlRegisters=i386");
    for feature in ["swbreak+", "qXfer:features:read+", "qXfer:auxv:read+"] {
        assert!(features.contains(feature), "{features}");
    }
    let xml = wire.ask("qXfer:features:read:target.xml:0,ffb");
    assert!(xml.starts_with("m<?xml"), "{xml}");
    assert!(wire.ask("?").starts_with("T05thread:p"));

    // All registers at once are the same as one by one.
    let entry = wire.register(PC);
    let all = wire.ask("g");
    assert_eq!(all.len(), 2 * (65 * 8 + 3 * 4));
    assert_eq!(
        all[16 * 32..16 * 33],
        format!("{:016x}", entry.swap_bytes())
    );
    assert_eq!(wire.ask("P2=0010000000000000"), "OK");
    assert_eq!(wire.register(2), 0x1000);
    assert_eq!(wire.ask(&format!("G{all}")), "OK");
    assert_eq!(wire.ask("g"), all);
    assert_eq!(wire.ask("P2=00"), "E16", "too short");
    assert_eq!(wire.ask("p200"), "E16", "no such register");

    // Gone without a word: the program does not stay behind.
    drop(wire);
    assert_eq!(waiting.end().status, 128 + 9);
}

#[test]
fn breakpoints_steps_and_memory_by_hand() {
    let program = rom("fib");
    let waiting = Waiting::start("0", &[program.to_str().unwrap()]);
    let mut wire = Wire::connect(&waiting);
    let entry = wire.register(PC);
    let code = wire.ask(&format!("m{entry:x},10"));
    assert_eq!(code.len(), 32);
    assert!(wire.ask("s").starts_with("T05"));
    let second = wire.register(PC);
    assert!((2..=4).contains(&(second - entry)));
    assert!(wire.ask("s").starts_with("T05"));
    let third = wire.register(PC);

    assert_eq!(wire.ask(&format!("P20={:016x}", entry.swap_bytes())), "OK");
    assert_eq!(wire.ask(&format!("Z0,{third:x},2")), "OK");
    assert_eq!(
        wire.ask(&format!("m{entry:x},10")),
        code,
        "memory is as it was"
    );
    let stop = wire.ask("c");
    assert!(
        stop.starts_with("T05") && stop.contains("swbreak"),
        "{stop}"
    );
    assert_eq!(wire.register(PC), third);
    assert_eq!(wire.ask(&format!("z0,{third:x},2")), "OK");
    assert_eq!(
        wire.ask(&format!("z0,{third:x},2")),
        "E16",
        "there is none any more"
    );

    assert_eq!(wire.ask(&format!("M{entry:x},2:0100")), "OK", "code, too");
    assert!(wire.ask(&format!("m{entry:x},2")).starts_with("0100"));
    assert_eq!(wire.ask("m10,4"), "E0e");
    assert_eq!(wire.ask("mffffffffffffffff,4"), "E0e");
    assert_eq!(wire.ask("Mffffffffffffffff,1:00"), "E0e");
    assert_eq!(wire.ask("qNoSuchThing"), "");

    assert_eq!(wire.ask("c"), "W00");
    let end = waiting.end();
    assert_eq!(end.status, 0);
    let expected = std::fs::read(workspace().join("roms/expected/fib.txt")).unwrap();
    assert_eq!(end.stdout, expected);
}

#[test]
fn watchpoints_by_hand() {
    let Some(compiled) = Compiled::new(named("riscv64")) else {
        return;
    };
    let file = std::fs::read(compiled.program()).unwrap();
    let file = object::File::parse(&*file).unwrap();
    let mut symbols = file.symbols();
    let total = symbols.find(|symbol| symbol.name() == Ok("total")).unwrap();
    let total = total.address();
    let waiting = compiled.wait("");
    let mut wire = Wire::connect(&waiting);
    // One byte of the four: it is told where the access meets what is watched.
    let third = total + 2;
    assert_eq!(wire.ask(&format!("Z3,{third:x},1")), "OK");
    let stop = wire.ask("c");
    let told = |stop: &str, kind: &str, address: u64| {
        assert!(stop.starts_with("T05"), "{stop}");
        let (_, rest) = stop.split_once(&format!(";{kind}:")).expect(stop);
        let (digits, _) = rest.split_once(';').unwrap();
        assert_eq!(u64::from_str_radix(digits, 16), Ok(address), "{stop}");
    };
    told(&stop, "rwatch", third);
    assert_eq!(wire.ask(&format!("z3,{third:x},1")), "OK");
    assert_eq!(wire.ask(&format!("z3,{third:x},1")), "E16", "it is gone");
    // Of what is accessed, all is within.
    assert_eq!(wire.ask(&format!("Z2,{:x},10", total - 4)), "OK");
    told(&wire.ask("c"), "watch", total);
    // The access has been made.
    assert_eq!(wire.ask(&format!("m{total:x},4")), "13000000");
    assert_eq!(wire.ask(&format!("z2,{:x},10", total - 4)), "OK");
    assert_eq!(
        wire.ask(&format!("Z4,{total:x},0")),
        "E16",
        "nothing to watch"
    );
    assert_eq!(wire.ask(&format!("Z4,{total:x},8")), "OK");
    assert_eq!(wire.ask("c"), "W2a");
    assert_eq!(waiting.end().status, 42);
}

#[test]
fn a_fault_is_told_before_it_kills() {
    let program = rom("crash");
    let waiting = Waiting::start("0", &[program.to_str().unwrap()]);
    let mut wire = Wire::connect(&waiting);
    assert!(wire.ask("vCont;c").starts_with("T0b"));
    // It is still there to be looked at, and faults again when the signal is swallowed.
    let pc = wire.register(PC);
    assert!(wire.ask("vCont;c").starts_with("T0b"));
    assert_eq!(wire.register(PC), pc);
    let thread = wire.ask("qC").split_off(2);
    assert_eq!(wire.ask(&format!("vCont;C0b:{thread};c")), "X0b");
    assert_eq!(waiting.end().status, 128 + 11);
}

#[test]
fn nonsense_is_refused_and_the_session_goes_on() {
    let program = rom("fib");
    let nonsense = [
        "vCont;",
        "m,",
        "mzz,4",
        "Z0,zz,q",
        "Z0,11112222333344445555,1",
        "G00",
        "vCont;x:y",
        "vCont;c:pzz",
        "X",
        "vFile:open:",
        "Hg",
        "P",
        "p\u{1}}",
        "",
    ];
    for without_acks in [false, true] {
        let waiting = Waiting::start("0", &[program.to_str().unwrap()]);
        let mut wire = Wire::connect(&waiting);
        let features = "qSupported:multiprocess+;swbreak+";
        assert!(wire.ask(features).contains("multiprocess+"));
        if without_acks {
            assert_eq!(wire.ask("QStartNoAckMode"), "OK");
        }
        let pc = wire.register(PC);
        for packet in nonsense {
            let answer = wire.ask(packet);
            let refused = answer.is_empty() || answer.starts_with(['E', 'F']);
            assert!(refused, "{packet}: {answer}");
            // What was settled before holds.
            assert_eq!(wire.register(PC), pc, "{packet}");
            assert!(wire.ask("?").contains("thread:p"), "{packet}");
        }
        let long = "x".repeat(1 << 17);
        assert_eq!(wire.ask(&long), "E16");
        // Junk between packets, and one that begins within another.
        wire.0.write_all(b"junk$m0,$").unwrap();
        wire.0.write_all(b"p20#d2").unwrap();
        let value = wire.answer();
        assert_eq!(u64::from_str_radix(&value, 16).unwrap().swap_bytes(), pc);
        assert_eq!(wire.ask("c"), "W00");
        assert_eq!(waiting.end().status, 0);
    }
}

#[test]
fn a_garbled_packet_is_asked_for_again_and_so_may_be_an_answer() {
    let program = rom("fib");
    let waiting = Waiting::start("0", &[program.to_str().unwrap()]);
    let mut wire = Wire::connect(&waiting);
    for garbled in ["$p20#d3", "$p20#zz"] {
        wire.0.write_all(garbled.as_bytes()).unwrap();
        assert_eq!(wire.byte(), b'-', "{garbled}");
    }
    let pc = wire.ask("p20");
    wire.0.write_all(b"-").unwrap();
    assert_eq!(wire.byte(), b'$', "without another ack");
    assert_eq!(wire.rest(), pc);
    assert_eq!(wire.ask("QStartNoAckMode"), "OK");
    wire.0.write_all(b"$p20#d3").unwrap();
    assert_eq!(wire.answer(), "E16");
    wire.send("k");
    assert_eq!(waiting.end().status, 128 + 9);
}

/// gdb asks nothing while the program runs, and others can wait.
#[test]
fn what_comes_while_the_program_runs_is_answered_when_it_stops() {
    let Some(compiled) = Compiled::new(named("riscv64")) else {
        return;
    };
    let waiting = compiled.wait("spin");
    let mut wire = Wire::connect(&waiting);
    wire.send("c");
    for packet in ["p20", "vCont;x:y"] {
        wire.send(packet);
    }
    wire.0.write_all(&[3]).unwrap();
    assert!(wire.answer().starts_with("T02"));
    assert_eq!(wire.answer().len(), 16);
    assert_eq!(wire.answer(), "E16");
    wire.send("c");
    wire.send("k");
    assert_eq!(waiting.end().status, 128 + 9);
}

#[test]
fn a_place_that_is_taken_is_refused() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    let mut command = support::portolan();
    let end = support::run(command.args(["-g", &place]).arg(rom("fib")), b"");
    assert_eq!(end.status, 125);
    let said = String::from_utf8_lossy(&end.stderr).into_owned();
    assert!(said.contains(&place), "{said}");
}

/// gdb itself steps over handlers on some instruction sets: by hand.
#[test]
fn a_step_with_a_signal_enters_the_handler() {
    let Some(compiled) = Compiled::new(named("riscv64")) else {
        return;
    };
    let file = std::fs::read(compiled.program()).unwrap();
    let file = object::File::parse(&*file).unwrap();
    let handler = file
        .symbols()
        .find(|symbol| symbol.name() == Ok("on_signal"));
    let waiting = compiled.wait("raise");
    let mut wire = Wire::connect(&waiting);
    let thread = wire.ask("qC").split_off(2);
    // SIGUSR1 is gdb's number 30, whatever the system's.
    assert!(wire.ask("c").starts_with("T1e"));
    assert!(wire.ask(&format!("vCont;S1e:{thread}")).starts_with("T05"));
    assert_eq!(wire.register(PC), handler.unwrap().address());
    assert_eq!(wire.ask("c"), "W2a");
    assert_eq!(waiting.end().status, 42);
}

/// Ctrl-C is a byte without a packet.
#[test]
fn an_endless_loop_is_interrupted_by_hand() {
    let Some(compiled) = Compiled::new(named("riscv64")) else {
        return;
    };
    let waiting = compiled.wait("spin");
    let mut wire = Wire::connect(&waiting);
    for _ in 0..20 {
        wire.send("c");
        wire.0.write_all(&[3]).unwrap();
        assert!(wire.answer().starts_with("T02"));
    }
    wire.send("k");
    assert_eq!(waiting.end().status, 128 + 9);
}
