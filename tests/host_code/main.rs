//! `dis --jit`: what the compiler makes of code, and the code that it makes of hot loops, instruction
//! by instruction, so that every change of it is seen.
//!
//! `PORTOLAN_BLESS=1 cargo test --test host_code` writes the files here anew; git then shows what
//! changed.

#![cfg(all(feature = "jit", target_os = "linux", target_arch = "x86_64"))]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::process::{Command, Output};

fn portolan(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["dis"])
        .args(arguments)
        .output()
        .unwrap()
}

fn shown(arguments: &[&str]) -> String {
    let output = portolan(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The first number before a word.
fn count(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap().trim_end();
    let digits = before.rsplit(' ').next().unwrap();
    digits.parse().unwrap()
}

/// The offset of a line of the host's, and the line without it.
fn host_line(line: &str) -> Option<(usize, &str)> {
    let (offset, rest) = line.trim_start().strip_prefix('+')?.split_once(' ')?;
    Some((usize::from_str_radix(offset, 16).unwrap(), rest))
}

#[test]
fn each_instruction_of_the_host_is_shown_once_below_its_own() {
    let primes = "roms/bin/riscv64/primes";
    let text = shown(&[primes, "--at", "0x11052", "--jit", "--intel"]);
    let heading = text
        .lines()
        .find(|line| line.starts_with("Region"))
        .unwrap();
    assert!(heading.starts_with("Region 11052 <main+0x52>: "), "{text}");
    let host: Vec<usize> = text
        .lines()
        .filter_map(|line| Some(host_line(line)?.0))
        .collect();
    assert_eq!(host.len(), count(heading, "of the host"));
    assert_eq!(host.iter().collect::<BTreeSet<_>>().len(), host.len());
    let guest = text.lines().filter(|line| line.contains(":\t")).count();
    assert_eq!(guest, count(heading, "instructions,"));
    // The instructions that the loop must do, below those of the guest.
    let of = |address: &str| {
        let after = text.split(address).nth(1).expect(address);
        after.split(":\t").next().unwrap().to_owned()
    };
    assert!(of("11038:\t").contains("imul"), "{text}");
    assert!(of("11064:\t").contains("add"), "{text}");
    let mut aside = text.split("Aside, of").skip(1);
    assert!(aside.any(|way_out| way_out.contains("ret")), "{text}");
}

#[test]
fn a_function_is_shown_with_what_follows_its_calls() {
    for guest in ["riscv64", "mips", "mipsel", "mips64el", "x86_64"] {
        let text = shown(&[&format!("roms/bin/{guest}/sort"), "--at", "main", "--jit"]);
        let together = text.lines().last().unwrap();
        let regions = text.lines().filter(|line| line.starts_with("Region "));
        let [guest, host] = ["instructions,", "of the host"].map(|word| {
            let each = regions.clone().map(|region| count(region, word));
            (
                each.sum::<usize>(),
                count(together.split(": ").nth(1).unwrap(), word),
            )
        });
        assert!(regions.count() > 1, "{text}");
        assert_eq!(guest.0, guest.1);
        assert_eq!(host.0, host.1);
        assert!(text.contains("<exit to "), "{text}");
    }
}

#[test]
fn only_code_that_has_run_is_compiled() {
    let arguments = ["roms/bin/riscv64/primes", "--at", "0x11052", "--jit"];
    let all = shown(&arguments);
    let ran = shown(&[&arguments[..], &["--ran", "0x11036..0x1106c"]].concat());
    assert!(
        all.contains("   11090:\t") && !ran.contains("   11090:\t"),
        "{ran}"
    );
    assert!(ran.contains("<exit to 1107c <main+0x7c>>"), "{ran}");
}

#[test]
fn cranelifts_functions_are_shown_beside_addresses() {
    let arguments = [
        "roms/bin/mipsel/primes",
        "--at",
        "0x40019c",
        "--jit",
        "--clif",
    ];
    let text = shown(&arguments);
    assert!(
        text.contains("Cranelift is given:\n          function u0:0"),
        "{text}"
    );
    let optimised = text.split("Optimised:\n").nth(1).unwrap();
    assert!(optimised.contains("  4001a0  "), "{optimised}");
    // What is an address in the process is not shown as one.
    assert!(optimised.contains("iconst.i64 <exit to "), "{optimised}");
    assert_eq!(text, shown(&arguments));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let rom = "roms/bin/riscv64/fib";
    for (arguments, reason) in [
        (&[rom, "--jit"][..], "--at"),
        (&[rom, "--at", "main", "--clif"], "--jit"),
        (&[rom, "--at", "main", "--jit", "--json"], "--json"),
        (
            &[rom, "--at", "main", "--jit", "--ran", "0x5"],
            "0x11036..0x1106c",
        ),
        (&[rom, "--at", "0x10", "--jit"], ".text (0x11000 to "),
    ] {
        let output = portolan(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(reason), "{arguments:?}: {message}");
        assert_eq!(output.status.code(), Some(125), "{arguments:?}");
    }
}

/// Compares what the compiler makes of a rom's hot code, whatever processor this runs on, with the file
/// of that name here. Entries are those at which the rom's own runs make regions; beside them, what
/// counts as run.
fn golden(guest: &str, rom: &str, entries: &[(&str, &str)]) {
    let mut now = String::new();
    for (entry, ran) in entries {
        let program = format!("roms/bin/{guest}/{rom}");
        let cpu = ["--jit", "--intel", "--cpu", "x86-64-v3"];
        let place = [&program, "--at", entry, "--ran", ran];
        let text = shown(&[&place[..], &cpu].concat());
        for line in text.lines().skip(3) {
            // Offsets would make every line after a change differ.
            let line = host_line(line).map_or(line, |(_, rest)| rest);
            writeln!(now, "{}", line.trim_end()).unwrap();
        }
        now.push('\n');
    }
    let path = format!("tests/host_code/{guest}-{rom}.txt");
    if std::env::var_os("PORTOLAN_BLESS").is_some() {
        return fs::write(path, now).unwrap();
    }
    let before = fs::read_to_string(&path).unwrap_or_default();
    let different = before
        .lines()
        .zip(now.lines())
        .position(|(before, now)| before != now)
        .unwrap_or_else(|| before.lines().count().min(now.lines().count()));
    assert!(
        before == now,
        "the code of {path} changed, from line {} on ({} lines now, {} before): it is {:?}. If it \
         is meant to, PORTOLAN_BLESS=1 writes the file anew",
        different + 1,
        now.lines().count(),
        before.lines().count(),
        now.lines().nth(different).unwrap_or_default(),
    );
}

const ALL: &str = "0x0..0xffffffff";

#[test]
fn riscv64_primes() {
    golden("riscv64", "primes", &[("0x11052", "0x11036..0x1106c")]);
}

#[test]
fn riscv64_sort() {
    let entries = ["0x114b4", "0x115e8", "0x115f6"].map(|entry| (entry, ALL));
    golden("riscv64", "sort", &entries);
}

#[test]
fn riscv64_matmul() {
    golden("riscv64", "matmul", &[("0x110ce", "0x110c2..0x110ec")]);
}

#[test]
fn riscv64_vm() {
    let entries = ["0x11034", "0x11050", "0x110ce"].map(|entry| (entry, ALL));
    golden("riscv64", "vm", &entries);
}

#[test]
fn mipsel_primes() {
    golden("mipsel", "primes", &[("0x40019c", "0x400160..0x4001d8")]);
}

#[test]
fn mipsel_sort() {
    let entries = ["0x400860", "0x400a38", "0x400a4c"].map(|entry| (entry, ALL));
    golden("mipsel", "sort", &entries);
}

#[test]
fn mipsel_matmul() {
    golden("mipsel", "matmul", &[("0x400204", "0x4001ec..0x40023c")]);
}

#[test]
fn mipsel_vm() {
    let entries = ["0x400170", "0x400194", "0x40023c"].map(|entry| (entry, ALL));
    golden("mipsel", "vm", &entries);
}

#[test]
fn x86_64_primes() {
    golden("x86_64", "primes", &[("0x4010c0", "0x401038..0x4010dc")]);
}

/// One of its functions begins with an instruction that makes some flags only.
#[test]
fn x86_64_indirect() {
    let entries = ["0x4015e0", "0x40106c"].map(|entry| (entry, ALL));
    golden("x86_64", "indirect", &entries);
}
