//! `--stats`: what it tells adds up.

#![cfg(feature = "host")]

use std::collections::HashMap;
use std::process::Command;

/// The number of each line, by its name.
fn stats(arguments: &[&str]) -> HashMap<String, f64> {
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["run", "--stats"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    let line = |line: &str| {
        let at = line.find(|c: char| c.is_ascii_digit()).expect(line);
        let (name, rest) = line.split_at(at);
        let number = rest.split(' ').next().unwrap();
        (name.trim().to_owned(), number.parse().expect(line))
    };
    text.lines().map(line).collect()
}

#[test]
fn instructions_and_times_add_up() {
    for guest in ["riscv64", "mipsel"] {
        let rom = format!("roms/bin/{guest}/sort");
        let [off, auto, always] = ["off", "auto", "always"].map(|jit| {
            let told = stats(&["--jit", jit, &rom]);
            let sum = told["interpreted"] + told["compiled"];
            assert_eq!(sum, told["instructions"], "{told:?}");
            let parts = ["interpreting", "compiled code", "compiling", "system calls"];
            let sum: f64 = parts.iter().map(|part| told[*part]).sum();
            // Each is rounded.
            assert!((sum - told["processor"]).abs() < 0.003, "{told:?}");
            assert!(told["block look-ups"] >= told["blocks decoded"], "{told:?}");
            told
        });
        assert_eq!(off["instructions"], auto["instructions"]);
        assert_eq!(off["instructions"], always["instructions"]);
        assert_eq!((off["compiled"], off["regions"]), (0.0, 0.0));
        assert!(off["block look-ups"] > 1000.0 * off["blocks decoded"]);
        if cfg!(all(
            feature = "jit",
            target_os = "linux",
            target_arch = "x86_64"
        )) {
            assert!(
                always["compiled"] > 0.9 * always["instructions"],
                "{always:?}"
            );
            assert!(always["regions"] > 10.0, "{always:?}");
        }
    }
}

/// The rom sorts by one comparison after the other, which is called by its address.
#[test]
fn code_is_made_anew_for_another_phase() {
    if !cfg!(all(
        feature = "jit",
        target_os = "linux",
        target_arch = "x86_64"
    )) {
        return;
    }
    for guest in ["riscv64", "mipsel", "x86_64"] {
        let rom = format!("roms/bin/{guest}/sort");
        let told = stats(&[&rom, "1000000"]);
        assert!(told["made anew"] > 0.0, "{told:?}");
        assert!(told["made anew"] < told["regions"] / 2.0, "{told:?}");
    }
}

#[test]
fn with_hooks_no_tier_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["run", "--stats", "--trace", "roms/bin/riscv64/hello"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("\ninstructions "), "{text}");
    assert!(!text.contains("interpret"), "{text}");
}
