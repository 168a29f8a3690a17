//! The pictures in the README are what the program prints, kept in `roms/pictures`.
//!
//! `PORTOLAN_BLESS=1 cargo test --release --test pictures` draws them anew.
#![cfg(feature = "host")]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

/// What the program prints for a command line, with the answers to what it is told on standard input, in colours.
fn printed(arguments: &[&str], told: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(arguments)
        .current_dir(support::workspace())
        // The program's stack begins with it.
        .env_clear()
        .env("CLICOLOR_FORCE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Portolan runs");
    // One that prints all it has to say without listening is no failure.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(told.as_bytes());
    let output = child.wait_with_output().expect("its output");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Compares the picture of a terminal with the one that is kept, or replaces that.
fn assert_picture(name: &str, terminal: &str) {
    let lines: Vec<&str> = terminal.lines().map(str::trim_end).collect();
    let svg = anstyle_svg::Term::new().render_svg(&lines.join("\n"));
    let file = Path::new("roms/pictures").join(name);
    let kept = support::workspace().join(&file);
    if env::var_os("PORTOLAN_BLESS").is_some() {
        fs::create_dir_all(kept.parent().expect("a directory")).expect("a directory of pictures");
        fs::write(kept, svg).expect("the picture is written");
        return;
    }
    let kept = fs::read_to_string(kept).unwrap_or_default();
    assert!(
        kept == svg,
        "{} is not what the program prints now. PORTOLAN_BLESS=1 draws it anew:\n{terminal}",
        file.display()
    );
}

/// A command line as it was typed, and what came of it.
fn typed(line: &str, printed: &str) -> String {
    format!("$ {line}\n{printed}")
}

#[test]
fn explain() {
    let line = "portolan explain --arch x86_64 48 83 ec 08";
    let arguments: Vec<&str> = line.split(' ').skip(1).collect();
    assert_picture("explain.svg", &typed(line, &printed(&arguments, "")));
}

#[test]
fn compare() {
    let roms = ["riscv64", "mipsel", "x86_64"].map(|isa| format!("roms/bin/{isa}/fib"));
    let [a, b, c] = roms.each_ref().map(String::as_str);
    let all = printed(&["compare", a, b, c], "");
    let line = format!("portolan compare {a} {b} {c}");
    let first: Vec<&str> = all.lines().take(24).collect();
    assert_picture("compare.svg", &typed(&line, &first.join("\n")));
}

/// What is typed at the prompt does not show in a pipe: each command is shown before what it adds.
#[test]
fn step() {
    let commands = [
        "break fib",
        "continue",
        "stepi",
        "backtrace",
        "explain",
        "reverse-stepi",
        "info registers sp",
    ];
    let rom = "roms/bin/mipsel/fib";
    let after = |told: &[&str]| {
        printed(
            &["step", rom],
            &told.iter().map(|it| format!("{it}\n")).collect::<String>(),
        )
    };
    let mut shown = typed(&format!("portolan step {rom}"), "");
    let mut before = String::new();
    for count in 0..=commands.len() {
        let now = after(&commands[..count]);
        let added = now
            .strip_prefix(&before)
            .expect("a session goes on as it began");
        shown.push_str(added);
        if let Some(next) = commands.get(count) {
            shown.push_str(&format!("(portolan) {next}\n"));
        }
        before = now;
    }
    assert_picture("step.svg", &shown);
}
