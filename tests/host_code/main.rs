//! `dis --jit`: what the compiler makes of code.

#![cfg(all(feature = "jit", target_os = "linux", target_arch = "x86_64"))]

use std::collections::BTreeSet;
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

/// The offset of a line of the host's.
fn offset(line: &str) -> Option<usize> {
    let (offset, _) = line.trim_start().strip_prefix('+')?.split_once(' ')?;
    Some(usize::from_str_radix(offset, 16).unwrap())
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
    let host: Vec<usize> = text.lines().filter_map(offset).collect();
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
    assert!(of("11064:\t").contains("lea"), "{text}");
    let aside = text.split("Aside, of").nth(1).expect("ways out");
    assert!(aside.contains("ret"), "{text}");
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
